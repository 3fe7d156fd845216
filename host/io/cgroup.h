/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* The limits of the control groups that a process is in, of either version: batch systems and
 * containers set them on Linux. allotment.c calls it. */
#ifndef BL23_HOST_CGROUP_H
#define BL23_HOST_CGROUP_H

struct bl23_cgroup_limits {
    double processors;   /* the least quota over period of a group and those above it */
    double memory_bytes; /* the least limit */
};

/* The limits of this process; INFINITY where there is none, and on other systems. `root` is put
 * before every path that is read: "" for this machine, the folder of a made-up one in a test. */
struct bl23_cgroup_limits bl23_cgroup_limits(char const *root);

#endif
