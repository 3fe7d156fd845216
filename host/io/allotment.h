/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* How many threads and how much memory this process may use: not what the machine has, but what the
 * process was allotted by its affinity, control groups, limits and batch system. Every command that
 * starts threads asks here where --threads does not say. */
#ifndef BL23_HOST_ALLOTMENT_H
#define BL23_HOST_ALLOTMENT_H

struct bl23_allotment {
    unsigned threads;       /* at least 1, at most BL23_THREADS_MAX */
    char const *threads_by; /* what says so: "CPU affinity" */
    double memory_bytes;    /* INFINITY where nothing limits it */
    char const *memory_by;
};

/* The least of all that is said below root (bl23_cgroup_limits) and in the environment. */
struct bl23_allotment bl23_allotment_below(char const *root);

/* That of this machine. */
struct bl23_allotment bl23_allotment(void);

#endif
