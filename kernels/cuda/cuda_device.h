/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* The words of CUDA that the kernels are written in: marks, launches, shared memory, fast
 * intrinsics of the screen. A host build may bring its own <cuda_runtime.h> that defines
 * BL23_LAUNCH, BL23_SHARED and the fast functions; nothing else differs. */
#ifndef BL23_KERNELS_CUDA_DEVICE_H
#define BL23_KERNELS_CUDA_DEVICE_H

#include <cuda_runtime.h>

#include <curand_philox4x32_x.h>

#include "kernels/sample/device.h"

#define BL23_ALL_LANES 0xffffffffu
#define BL23_DEVICE static __device__ __forceinline__

#ifndef BL23_LAUNCH
#define BL23_LAUNCH(kernel, blocks, threads, stream, ...)                                          \
    kernel<<<blocks, threads, 0, stream>>>(__VA_ARGS__)
#define BL23_SHARED(type, name, dimension) __shared__ type name dimension

/* The PTX ISA promises 2^-14.7 for arguments up to 100 pi, and the screen has 2 pi .. 4 pi: with
 * the cut to 23 bits still below BL23_SCREEN_COS_ERROR. */
BL23_DEVICE float bl23_fast_cos(float x)
{
    return __cosf(x);
}

/* Relative error below 2^-22 (PTX ISA: 2^-23); 0 for 0. */
BL23_DEVICE float bl23_fast_sqrt(float x)
{
    float root;
    asm("sqrt.approx.ftz.f32 %0, %1;" : "=f"(root) : "f"(x));
    return root;
}

/* Relative error below 2^-22 (PTX ISA: 2^-22.9). */
BL23_INLINE float bl23_fast_rsqrt(float x)
{
    return rsqrtf(x);
}

/* To about 1e-6; a guess, nothing relies on it. */
BL23_DEVICE float bl23_fast_log2(float x)
{
    return __log2f(x);
}
#endif

/* CUDA's atomics are written for unsigned long long, which is uint64_t by another name. */
BL23_DEVICE void bl23_atomic_add(uint64_t *counter, unsigned long long n)
{
    static_assert(sizeof(uint64_t) == sizeof(unsigned long long), "64-bit atomics");
    atomicAdd((unsigned long long *)counter, n);
}

#endif
