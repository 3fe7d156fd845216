/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* The clock by which a survey is timed, and its pauses between reports and commits. */
#ifndef BL23_HOST_CLOCK_H
#define BL23_HOST_CLOCK_H

/* Seconds of a clock that only goes forward. */
double bl23_seconds(void);

#endif
