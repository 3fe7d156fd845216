/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* CUDA's header of this name, which would bring the toolkit's types along: what bl23 calls of it is
 * declared with the rest of the shim's runtime. kernels/cuda/cuda_backend.c includes it.
 * It must not know of surveys. */
#ifndef BL23_TESTS_CUDA_PROFILER_API_H
#define BL23_TESTS_CUDA_PROFILER_API_H

#include <cuda_runtime_api.h>

#endif
