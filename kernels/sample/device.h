/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* The one header that asks which compiler reads it: host C or CUDA.
 * Every single-source header of kernels/ marks its functions with BL23_INLINE, and short loops over
 * rows, which must vanish for the loop over samples to be vectorised, with BL23_UNROLL. */
#ifndef BL23_KERNELS_DEVICE_H
#define BL23_KERNELS_DEVICE_H

#include <math.h>
#include <stddef.h>
#include <stdint.h>

#if defined(__CUDACC__)
#define BL23_IS_CUDA 1
#define BL23_INLINE static __host__ __device__ __forceinline__
#else
#define BL23_IS_CUDA 0
#define BL23_INLINE static inline __attribute__((always_inline))
#endif

#if defined(__CUDA_ARCH__)
#define BL23_UNROLL _Pragma("unroll")
#define BL23_NO_UNROLL _Pragma("unroll 1")
#elif BL23_IS_CUDA /* the host's half of a .cu file, where nothing of ours runs */
#define BL23_UNROLL
#define BL23_NO_UNROLL
#else
#define BL23_UNROLL _Pragma("GCC unroll 64")
#define BL23_NO_UNROLL
#endif

#if defined(__FAST_MATH__)
#error "bl23 needs IEEE arithmetic: build without -ffast-math"
#endif

/* Before the first member of a struct of four-byte members: a device reads four of them at once. */
#if defined(__cplusplus)
#define BL23_ALIGN_16 alignas(16)
#else
#define BL23_ALIGN_16 _Alignas(16)
#endif

#define BL23_INFINITY ((double)INFINITY)

/* Maximum and minimum as plain selections: one instruction, and the second operand for NaN. */
BL23_INLINE double bl23_max(double a, double b)
{
    return a > b ? a : b;
}

BL23_INLINE double bl23_min(double a, double b)
{
    return a < b ? a : b;
}

#endif
