/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* The vector operations on AVX2 with FMA: 8 lanes of 32 bits, Philox in two times 4 of 64.
 * simd.h includes it for files that are compiled for this set. */
#ifndef BL23_KERNELS_SIMD_H
#define BL23_KERNELS_SIMD_H

#include <immintrin.h>

#include "kernels/sample/device.h"

enum { BL23_LANES = 8 };
typedef __m256 bl23_vf;      /* floats */
typedef __m256i bl23_vi;     /* 32-bit words */
typedef __m256i bl23_vq;     /* 64-bit words, half as many lanes */
typedef unsigned bl23_vmask; /* one bit per lane */

BL23_INLINE bl23_vf bl23_vf_set(float x)
{
    return _mm256_set1_ps(x);
}
BL23_INLINE bl23_vf bl23_vf_add(bl23_vf a, bl23_vf b)
{
    return _mm256_add_ps(a, b);
}
BL23_INLINE bl23_vf bl23_vf_sub(bl23_vf a, bl23_vf b)
{
    return _mm256_sub_ps(a, b);
}
BL23_INLINE bl23_vf bl23_vf_mul(bl23_vf a, bl23_vf b)
{
    return _mm256_mul_ps(a, b);
}
BL23_INLINE bl23_vf bl23_vf_fma(bl23_vf a, bl23_vf b, bl23_vf c)
{
    return _mm256_fmadd_ps(a, b, c);
}
BL23_INLINE bl23_vf bl23_vf_max(bl23_vf a, bl23_vf b)
{
    return _mm256_max_ps(a, b);
}
BL23_INLINE bl23_vf bl23_vf_min(bl23_vf a, bl23_vf b)
{
    return _mm256_min_ps(a, b);
}
BL23_INLINE void bl23_vf_store(float *p, bl23_vf a)
{
    _mm256_storeu_ps(p, a);
}
/* a 2^n, where z is n + 1.5 2^23. */
BL23_INLINE bl23_vf bl23_vf_scaled(bl23_vf a, bl23_vf z)
{
    __m256i const n = _mm256_slli_epi32(_mm256_castps_si256(z), 23);
    return _mm256_castsi256_ps(_mm256_add_epi32(_mm256_castps_si256(a), n));
}
BL23_INLINE bl23_vf bl23_vf_abs(bl23_vf a)
{
    return _mm256_andnot_ps(_mm256_set1_ps(-0.0f), a);
}
BL23_INLINE bl23_vf bl23_vf_rsqrt(bl23_vf a)
{
    return _mm256_rsqrt_ps(a);
}
BL23_INLINE bl23_vf bl23_vf_of_signed(bl23_vi a)
{
    return _mm256_cvtepi32_ps(a);
}
/* Unsigned words: high and low 16 bits apart; the sum rounds once. */
BL23_INLINE bl23_vf bl23_vf_of_words(bl23_vi a)
{
    bl23_vf const high = _mm256_cvtepi32_ps(_mm256_srli_epi32(a, 16));
    bl23_vf const low = _mm256_cvtepi32_ps(_mm256_and_si256(a, _mm256_set1_epi32(0xffff)));
    return _mm256_fmadd_ps(high, _mm256_set1_ps(65536.0f), low);
}
/* Lanes where not a > b, NaN included. */
BL23_INLINE bl23_vmask bl23_vf_not_greater(bl23_vf a, bl23_vf b)
{
    return (unsigned)_mm256_movemask_ps(_mm256_cmp_ps(a, b, _CMP_NGT_UQ));
}

BL23_INLINE bl23_vi bl23_vi_set(uint32_t x)
{
    return _mm256_set1_epi32((int)x);
}
BL23_INLINE bl23_vi bl23_vi_load(uint32_t const *p)
{
    return _mm256_loadu_si256((__m256i const *)(void const *)p);
}
BL23_INLINE void bl23_vi_store(uint32_t *p, bl23_vi a)
{
    _mm256_storeu_si256((__m256i *)(void *)p, a);
}
BL23_INLINE bl23_vi bl23_vi_add(bl23_vi a, bl23_vi b)
{
    return _mm256_add_epi32(a, b);
}
BL23_INLINE bl23_vi bl23_vi_sub(bl23_vi a, bl23_vi b)
{
    return _mm256_sub_epi32(a, b);
}
BL23_INLINE bl23_vi bl23_vi_min(bl23_vi a, bl23_vi b)
{
    return _mm256_min_epu32(a, b);
}
BL23_INLINE bl23_vi bl23_vi_max(bl23_vi a, bl23_vi b)
{
    return _mm256_max_epu32(a, b);
}
BL23_INLINE bl23_vmask bl23_vi_between(bl23_vi a, bl23_vi low, bl23_vi high)
{
    __m256i const inside = _mm256_and_si256(_mm256_cmpeq_epi32(_mm256_max_epu32(a, low), a),
                                            _mm256_cmpeq_epi32(_mm256_min_epu32(a, high), a));
    return (unsigned)_mm256_movemask_ps(_mm256_castsi256_ps(inside));
}

BL23_INLINE bl23_vq bl23_vq_set(uint64_t x)
{
    return _mm256_set1_epi64x((long long)x);
}
BL23_INLINE bl23_vq bl23_vq_add(bl23_vq a, bl23_vq b)
{
    return _mm256_add_epi64(a, b);
}
/* BL23_LANES words in pairs: even ones in the low halves, odd ones in the high halves. */
BL23_INLINE bl23_vq bl23_vq_load_pairs(uint32_t const *p)
{
    return _mm256_loadu_si256((__m256i const *)(void const *)p);
}
/* Product of the low halves. */
BL23_INLINE bl23_vq bl23_vq_mul32(bl23_vq a, bl23_vq b)
{
    return _mm256_mul_epu32(a, b);
}
/* The high halves in the low ones; what is in the high ones is of no interest. */
BL23_INLINE bl23_vq bl23_vq_high(bl23_vq a)
{
    return _mm256_shuffle_epi32(a, 0xF5);
}
BL23_INLINE bl23_vq bl23_vq_xor(bl23_vq a, bl23_vq b)
{
    return _mm256_xor_si256(a, b);
}
BL23_INLINE bl23_vq bl23_vq_xor3(bl23_vq a, bl23_vq b, bl23_vq c)
{
    return _mm256_xor_si256(_mm256_xor_si256(a, b), c);
}
BL23_INLINE bl23_vi bl23_vi_xor3(bl23_vi a, bl23_vi b, bl23_vi c)
{
    return _mm256_xor_si256(_mm256_xor_si256(a, b), c);
}
/* The low halves of even and odd lanes side by side, and the high ones. */
BL23_INLINE bl23_vi bl23_vi_zip(bl23_vq even, bl23_vq odd)
{
    return _mm256_blend_epi32(even, _mm256_slli_epi64(odd, 32), 0xAA);
}
BL23_INLINE bl23_vi bl23_vi_zip_high(bl23_vq even, bl23_vq odd)
{
    return _mm256_blend_epi32(_mm256_srli_epi64(even, 32), odd, 0xAA);
}

/* The set lanes of a mask of four, from the lowest. */
static uint32_t const bl23_packed_lanes[16][4] = {
    {0}, {0},    {1},    {0, 1},    {2},    {0, 2},    {1, 2},    {0, 1, 2},
    {3}, {0, 3}, {1, 3}, {0, 1, 3}, {2, 3}, {0, 2, 3}, {1, 2, 3}, {0, 1, 2, 3}};
/* Append `first` + lane of every set lane to out; returns how many. Two half vectors are written.
 */
BL23_INLINE unsigned bl23_append_lanes(bl23_vmask mask, uint32_t first, uint32_t *out)
{
    if (mask == 0) /* most vectors of a condition that rejects nearly all */
        return 0;
    unsigned const low = mask & 15u, high = mask >> 4, n = (unsigned)__builtin_popcount(low);
    __m128i const a = _mm_loadu_si128((__m128i const *)(void const *)bl23_packed_lanes[low]);
    __m128i const b = _mm_loadu_si128((__m128i const *)(void const *)bl23_packed_lanes[high]);
    _mm_storeu_si128((__m128i *)(void *)out, _mm_add_epi32(a, _mm_set1_epi32((int)first)));
    _mm_storeu_si128((__m128i *)(void *)(out + n),
                     _mm_add_epi32(b, _mm_set1_epi32((int)first + 4)));
    return n + (unsigned)__builtin_popcount(high);
}

/* Doubles, for the reductions. */
enum { BL23_DOUBLE_LANES = 4 };
typedef __m256d bl23_vd;
BL23_INLINE bl23_vd bl23_vd_set(double x)
{
    return _mm256_set1_pd(x);
}
BL23_INLINE bl23_vd bl23_vd_load(double const *p)
{
    return _mm256_loadu_pd(p);
}
BL23_INLINE bl23_vd bl23_vd_add(bl23_vd a, bl23_vd b)
{
    return _mm256_add_pd(a, b);
}
BL23_INLINE bl23_vd bl23_vd_sub(bl23_vd a, bl23_vd b)
{
    return _mm256_sub_pd(a, b);
}
BL23_INLINE bl23_vd bl23_vd_mul(bl23_vd a, bl23_vd b)
{
    return _mm256_mul_pd(a, b);
}
BL23_INLINE bl23_vd bl23_vd_min(bl23_vd a, bl23_vd b)
{
    return _mm256_min_pd(a, b);
}
BL23_INLINE bl23_vd bl23_vd_max(bl23_vd a, bl23_vd b)
{
    return _mm256_max_pd(a, b);
}
BL23_INLINE void bl23_vd_store(double *p, bl23_vd a)
{
    _mm256_storeu_pd(p, a);
}
/* Is a < b in any lane? */
BL23_INLINE int bl23_vd_any_less(bl23_vd a, bl23_vd b)
{
    return _mm256_movemask_pd(_mm256_cmp_pd(a, b, _CMP_LT_OQ)) != 0;
}
/* One bit per lane that is not 0. */
BL23_INLINE unsigned bl23_vd_nonzero(bl23_vd a)
{
    return (unsigned)_mm256_movemask_pd(_mm256_cmp_pd(a, _mm256_setzero_pd(), _CMP_NEQ_UQ));
}
/* Lanes of a mask side by side; a whole vector is written. */
BL23_INLINE void bl23_pack_doubles(unsigned mask, double const *from, double *to)
{
    __m128i const lanes = _mm_loadu_si128((__m128i const *)(void const *)bl23_packed_lanes[mask]);
    __m256i const twice = _mm256_slli_epi64(_mm256_cvtepu32_epi64(lanes), 1);
    __m256i const halves = _mm256_or_si256(
        twice, _mm256_slli_epi64(_mm256_add_epi64(twice, _mm256_set1_epi64x(1)), 32));
    __m256 const values = _mm256_castpd_ps(_mm256_loadu_pd(from));
    _mm256_storeu_pd(to, _mm256_castps_pd(_mm256_permutevar8x32_ps(values, halves)));
}
/* The same for as many words. */
BL23_INLINE void bl23_pack_words(unsigned mask, uint32_t const *from, uint32_t *to)
{
    __m128i const lanes = _mm_loadu_si128((__m128i const *)(void const *)bl23_packed_lanes[mask]);
    __m128 const words = _mm_castsi128_ps(_mm_loadu_si128((__m128i const *)(void const *)from));
    _mm_storeu_si128((__m128i *)(void *)to, _mm_castps_si128(_mm_permutevar_ps(words, lanes)));
}

#endif
