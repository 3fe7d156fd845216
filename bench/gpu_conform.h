/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* The CUDA backend against the CPU backend, bit for bit, on exported surveys.
 * gpu_check.c calls it.
 * It must not time anything. */
#ifndef BL23_BENCH_GPU_CONFORM_H
#define BL23_BENCH_GPU_CONFORM_H

#include "bench/gpu_survey.h"

/* Several ranges, with the screen and without, in one call and in pieces; then one large range. A
 * difference or an error is a row FAIL and counts in check->failures; what there was no time for is
 * a row "not run". */
void gpu_conform(struct gpu_check *check, struct gpu_survey const *survey);
void gpu_conform_large(struct gpu_check *check, struct gpu_survey const *survey);

#endif
