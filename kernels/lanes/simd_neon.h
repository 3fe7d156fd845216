/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* The vector operations on 64-bit ARM: 4 lanes of 32 bits, Philox in two times 2 of 64.
 * simd.h includes it for files that are compiled for this set. */
#ifndef BL23_KERNELS_SIMD_H
#define BL23_KERNELS_SIMD_H

#include <arm_neon.h>

#include "kernels/sample/device.h"

enum { BL23_LANES = 4 };
typedef float32x4_t bl23_vf; /* floats */
typedef uint32x4_t bl23_vi;  /* 32-bit words */
typedef uint64x2_t bl23_vq;  /* 64-bit words, half as many lanes */
typedef unsigned bl23_vmask; /* one bit per lane */

/* One bit per lane of a comparison. */
BL23_INLINE bl23_vmask bl23_mask_of(uint32x4_t lanes)
{
    static uint32_t const bit[4] = {1, 2, 4, 8};
    return vaddvq_u32(vandq_u32(lanes, vld1q_u32(bit)));
}

BL23_INLINE bl23_vf bl23_vf_set(float x)
{
    return vdupq_n_f32(x);
}
BL23_INLINE bl23_vf bl23_vf_add(bl23_vf a, bl23_vf b)
{
    return vaddq_f32(a, b);
}
BL23_INLINE bl23_vf bl23_vf_sub(bl23_vf a, bl23_vf b)
{
    return vsubq_f32(a, b);
}
BL23_INLINE bl23_vf bl23_vf_mul(bl23_vf a, bl23_vf b)
{
    return vmulq_f32(a, b);
}
BL23_INLINE bl23_vf bl23_vf_fma(bl23_vf a, bl23_vf b, bl23_vf c)
{
    return vfmaq_f32(c, a, b);
}
/* The number of the two where the other one is NaN. */
BL23_INLINE bl23_vf bl23_vf_max(bl23_vf a, bl23_vf b)
{
    return vmaxnmq_f32(a, b);
}
BL23_INLINE bl23_vf bl23_vf_min(bl23_vf a, bl23_vf b)
{
    return vminnmq_f32(a, b);
}
BL23_INLINE void bl23_vf_store(float *p, bl23_vf a)
{
    vst1q_f32(p, a);
}
/* a 2^n, where z is n + 1.5 2^23. */
BL23_INLINE bl23_vf bl23_vf_scaled(bl23_vf a, bl23_vf z)
{
    uint32x4_t const n = vshlq_n_u32(vreinterpretq_u32_f32(z), 23);
    return vreinterpretq_f32_u32(vaddq_u32(vreinterpretq_u32_f32(a), n));
}
BL23_INLINE bl23_vf bl23_vf_abs(bl23_vf a)
{
    return vabsq_f32(a);
}
/* An estimate of 8 bits and one step of Newton's method; infinite for 0. */
BL23_INLINE bl23_vf bl23_vf_rsqrt(bl23_vf a)
{
    bl23_vf const x = vrsqrteq_f32(a);
    return vmulq_f32(x, vrsqrtsq_f32(vmulq_f32(a, x), x));
}
BL23_INLINE bl23_vf bl23_vf_of_words(bl23_vi a)
{
    return vcvtq_f32_u32(a);
}
BL23_INLINE bl23_vf bl23_vf_of_signed(bl23_vi a)
{
    return vcvtq_f32_s32(vreinterpretq_s32_u32(a));
}
/* Lanes where not a > b, NaN included. */
BL23_INLINE bl23_vmask bl23_vf_not_greater(bl23_vf a, bl23_vf b)
{
    return bl23_mask_of(vmvnq_u32(vcgtq_f32(a, b)));
}

BL23_INLINE bl23_vi bl23_vi_set(uint32_t x)
{
    return vdupq_n_u32(x);
}
BL23_INLINE bl23_vi bl23_vi_load(uint32_t const *p)
{
    return vld1q_u32(p);
}
BL23_INLINE void bl23_vi_store(uint32_t *p, bl23_vi a)
{
    vst1q_u32(p, a);
}
BL23_INLINE bl23_vi bl23_vi_add(bl23_vi a, bl23_vi b)
{
    return vaddq_u32(a, b);
}
BL23_INLINE bl23_vi bl23_vi_sub(bl23_vi a, bl23_vi b)
{
    return vsubq_u32(a, b);
}
BL23_INLINE bl23_vi bl23_vi_min(bl23_vi a, bl23_vi b)
{
    return vminq_u32(a, b);
}
BL23_INLINE bl23_vi bl23_vi_max(bl23_vi a, bl23_vi b)
{
    return vmaxq_u32(a, b);
}
BL23_INLINE bl23_vmask bl23_vi_between(bl23_vi a, bl23_vi low, bl23_vi high)
{
    return bl23_mask_of(vandq_u32(vcgeq_u32(a, low), vcleq_u32(a, high)));
}

BL23_INLINE bl23_vq bl23_vq_set(uint64_t x)
{
    return vdupq_n_u64(x);
}
BL23_INLINE bl23_vq bl23_vq_add(bl23_vq a, bl23_vq b)
{
    return vaddq_u64(a, b);
}
/* BL23_LANES words in pairs: even ones in the low halves, odd ones in the high halves. */
BL23_INLINE bl23_vq bl23_vq_load_pairs(uint32_t const *p)
{
    return vreinterpretq_u64_u32(vld1q_u32(p));
}
/* Product of the low halves. */
BL23_INLINE bl23_vq bl23_vq_mul32(bl23_vq a, bl23_vq b)
{
    return vmull_u32(vmovn_u64(a), vmovn_u64(b));
}
/* The high halves in the low ones; what is in the high ones is of no interest. */
BL23_INLINE bl23_vq bl23_vq_high(bl23_vq a)
{
    return vshrq_n_u64(a, 32);
}
BL23_INLINE bl23_vq bl23_vq_xor(bl23_vq a, bl23_vq b)
{
    return veorq_u64(a, b);
}
BL23_INLINE bl23_vq bl23_vq_xor3(bl23_vq a, bl23_vq b, bl23_vq c)
{
    return veorq_u64(veorq_u64(a, b), c);
}
BL23_INLINE bl23_vi bl23_vi_xor3(bl23_vi a, bl23_vi b, bl23_vi c)
{
    return veorq_u32(veorq_u32(a, b), c);
}
/* The low halves of even and odd lanes side by side, and the high ones. */
BL23_INLINE bl23_vi bl23_vi_zip(bl23_vq even, bl23_vq odd)
{
    return vtrn1q_u32(vreinterpretq_u32_u64(even), vreinterpretq_u32_u64(odd));
}
BL23_INLINE bl23_vi bl23_vi_zip_high(bl23_vq even, bl23_vq odd)
{
    return vtrn2q_u32(vreinterpretq_u32_u64(even), vreinterpretq_u32_u64(odd));
}

/* The set lanes of a mask of four, from the lowest. */
static uint32_t const bl23_packed_lanes[16][4] = {
    {0}, {0},    {1},    {0, 1},    {2},    {0, 2},    {1, 2},    {0, 1, 2},
    {3}, {0, 3}, {1, 3}, {0, 1, 3}, {2, 3}, {0, 2, 3}, {1, 2, 3}, {0, 1, 2, 3}};
/* Append `first` + lane of every set lane to out; returns how many. A whole vector is written. */
BL23_INLINE unsigned bl23_append_lanes(bl23_vmask mask, uint32_t first, uint32_t *out)
{
    vst1q_u32(out, vaddq_u32(vdupq_n_u32(first), vld1q_u32(bl23_packed_lanes[mask])));
    return (unsigned)__builtin_popcount(mask);
}

/* Doubles, for the reductions. */
enum { BL23_DOUBLE_LANES = 2 };
typedef float64x2_t bl23_vd;
BL23_INLINE bl23_vd bl23_vd_set(double x)
{
    return vdupq_n_f64(x);
}
BL23_INLINE bl23_vd bl23_vd_load(double const *p)
{
    return vld1q_f64(p);
}
BL23_INLINE bl23_vd bl23_vd_add(bl23_vd a, bl23_vd b)
{
    return vaddq_f64(a, b);
}
BL23_INLINE bl23_vd bl23_vd_sub(bl23_vd a, bl23_vd b)
{
    return vsubq_f64(a, b);
}
BL23_INLINE bl23_vd bl23_vd_mul(bl23_vd a, bl23_vd b)
{
    return vmulq_f64(a, b);
}
/* Selections like bl23_min and bl23_max, which the minimum of the processor is not for NaN and -0.
 */
BL23_INLINE bl23_vd bl23_vd_min(bl23_vd a, bl23_vd b)
{
    return vbslq_f64(vcltq_f64(a, b), a, b);
}
BL23_INLINE bl23_vd bl23_vd_max(bl23_vd a, bl23_vd b)
{
    return vbslq_f64(vcgtq_f64(a, b), a, b);
}
BL23_INLINE void bl23_vd_store(double *p, bl23_vd a)
{
    vst1q_f64(p, a);
}
/* Is a < b in any lane? */
BL23_INLINE int bl23_vd_any_less(bl23_vd a, bl23_vd b)
{
    return vmaxvq_u32(vreinterpretq_u32_u64(vcltq_f64(a, b))) != 0;
}
/* One bit per lane that is not 0. */
BL23_INLINE unsigned bl23_vd_nonzero(bl23_vd a)
{
    uint64x2_t const zero = vceqzq_f64(a);
    return (unsigned)(~vgetq_lane_u64(zero, 0) & 1u) | (unsigned)(~vgetq_lane_u64(zero, 1) & 2u);
}
/* Lanes of a mask side by side; a whole vector is written. */
BL23_INLINE void bl23_pack_doubles(unsigned mask, double const *from, double *to)
{
    double const first = from[mask == 2], second = from[1];
    to[0] = first;
    to[1] = second;
}
/* The same for as many words. */
BL23_INLINE void bl23_pack_words(unsigned mask, uint32_t const *from, uint32_t *to)
{
    uint32_t const first = from[mask == 2], second = from[1];
    to[0] = first;
    to[1] = second;
}

#endif
