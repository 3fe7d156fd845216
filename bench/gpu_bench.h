/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* Times of the CUDA backend on an exported survey: whole, by kernel, without its screen, and
 * against the bound that its own count of instructions sets. gpu_check.c calls it, after the
 * conformance check has passed. It must not check results. */
#ifndef BL23_BENCH_GPU_BENCH_H
#define BL23_BENCH_GPU_BENCH_H

#include "bench/gpu_survey.h"

/* Rows of kind "time" and "bound". */
void gpu_bench(struct gpu_check *check, struct gpu_survey const *survey);

/* Rows of kind "time" for the kernels alone. */
void gpu_bench_kernels(struct gpu_check *check, struct gpu_survey const *survey);

/* One run of check->timed samples for a profiler that counts, told to when launches have grown. */
void gpu_bench_once(struct gpu_check *check, struct gpu_survey const *survey);

#endif
