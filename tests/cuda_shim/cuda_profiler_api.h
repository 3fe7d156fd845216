/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* The two calls of a program that tells a profiler when to count. kernels/cuda_backend.c is built
 * against them by the shim tests.
 * It must not know of surveys. */
#ifndef BL23_TESTS_CUDA_PROFILER_API_H
#define BL23_TESTS_CUDA_PROFILER_API_H

#include <cuda_runtime_api.h>

#ifdef __cplusplus
extern "C" {
#endif

cudaError_t cudaProfilerStart(void);
cudaError_t cudaProfilerStop(void);

#ifdef __cplusplus
}
#endif

#endif
