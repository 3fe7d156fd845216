/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* The interval of an acceptance: what a number of survivors says of the part that survives.
 * Summaries of surveys and covers call it. */
#ifndef BL23_HOST_ACCEPTANCE_H
#define BL23_HOST_ACCEPTANCE_H

#include <stdint.h>

/* Probability outside of the interval on each side: one standard deviation, and 99.99 %. */
#define BL23_OUTSIDE_68 0.158655253931457
#define BL23_OUTSIDE_9999 5e-5

/* The interval by Clopper and Pearson (1934) for `passed` of `drawn` samples. */
void bl23_acceptance_interval(uint64_t passed, uint64_t drawn, double outside, double *low,
                              double *high);

#endif
