/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* The vector operations that kernels/screen/sides_answer.h is made of, on one lane: a thread has
 * one sample. It stands for kernels/lanes/simd_*.h, whose guard it takes.
 * cuda_sides.h includes it. */
#ifndef BL23_KERNELS_SIMD_H
#define BL23_KERNELS_SIMD_H

#include <string.h>

#include "kernels/cuda/cuda_device.h"

typedef float bl23_vf;
typedef uint32_t bl23_vi;
typedef unsigned bl23_vmask; /* bit 0 */

BL23_INLINE bl23_vf bl23_vf_set(float x)
{
    return x;
}
BL23_INLINE bl23_vf bl23_vf_add(bl23_vf a, bl23_vf b)
{
    return a + b;
}
BL23_INLINE bl23_vf bl23_vf_sub(bl23_vf a, bl23_vf b)
{
    return a - b;
}
BL23_INLINE bl23_vf bl23_vf_mul(bl23_vf a, bl23_vf b)
{
    return a * b;
}
BL23_INLINE bl23_vf bl23_vf_fma(bl23_vf a, bl23_vf b, bl23_vf c)
{
    return fmaf(a, b, c);
}
BL23_INLINE bl23_vf bl23_vf_max(bl23_vf a, bl23_vf b)
{
    return fmaxf(a, b);
}
BL23_INLINE bl23_vf bl23_vf_min(bl23_vf a, bl23_vf b)
{
    return fminf(a, b);
}
/* a 2^n, where z is n + 1.5 2^23. */
BL23_INLINE bl23_vf bl23_vf_scaled(bl23_vf a, bl23_vf z)
{
    uint32_t bits, n;
    memcpy(&bits, &a, sizeof bits);
    memcpy(&n, &z, sizeof n);
    bits += n << 23;
    memcpy(&a, &bits, sizeof a);
    return a;
}
BL23_INLINE bl23_vf bl23_vf_abs(bl23_vf a)
{
    return fabsf(a);
}
BL23_INLINE bl23_vf bl23_vf_rsqrt(bl23_vf a)
{
    return bl23_fast_rsqrt(a);
}
BL23_INLINE bl23_vf bl23_vf_of_words(bl23_vi a)
{
    return (float)a;
}
BL23_INLINE bl23_vf bl23_vf_of_signed(bl23_vi a)
{
    return (float)(int32_t)a;
}
/* Not a > b, NaN included. */
BL23_INLINE bl23_vmask bl23_vf_not_greater(bl23_vf a, bl23_vf b)
{
    return !(a > b);
}

BL23_INLINE bl23_vi bl23_vi_set(uint32_t x)
{
    return x;
}
BL23_INLINE bl23_vi bl23_vi_add(bl23_vi a, bl23_vi b)
{
    return a + b;
}
BL23_INLINE bl23_vi bl23_vi_sub(bl23_vi a, bl23_vi b)
{
    return a - b;
}
BL23_INLINE bl23_vi bl23_vi_min(bl23_vi a, bl23_vi b)
{
    return a < b ? a : b;
}
BL23_INLINE bl23_vi bl23_vi_max(bl23_vi a, bl23_vi b)
{
    return a > b ? a : b;
}

#endif
