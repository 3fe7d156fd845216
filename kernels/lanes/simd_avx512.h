/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* The vector operations on AVX-512: 16 lanes of 32 bits, Philox in two times 8 lanes
 * of 64. simd.h includes it for files that are compiled for this set. */
#ifndef BL23_KERNELS_SIMD_H
#define BL23_KERNELS_SIMD_H

#include <immintrin.h>

#include "kernels/sample/device.h"

enum { BL23_LANES = 16 };
typedef __m512 bl23_vf;       /* floats */
typedef __m512i bl23_vi;      /* 32-bit words */
typedef __m512i bl23_vq;      /* 64-bit words, half as many lanes */
typedef __mmask16 bl23_vmask; /* one bit per lane */

BL23_INLINE bl23_vf bl23_vf_set(float x)
{
    return _mm512_set1_ps(x);
}
BL23_INLINE bl23_vf bl23_vf_add(bl23_vf a, bl23_vf b)
{
    return _mm512_add_ps(a, b);
}
BL23_INLINE bl23_vf bl23_vf_sub(bl23_vf a, bl23_vf b)
{
    return _mm512_sub_ps(a, b);
}
BL23_INLINE bl23_vf bl23_vf_mul(bl23_vf a, bl23_vf b)
{
    return _mm512_mul_ps(a, b);
}
BL23_INLINE bl23_vf bl23_vf_fma(bl23_vf a, bl23_vf b, bl23_vf c)
{
    return _mm512_fmadd_ps(a, b, c);
}
BL23_INLINE bl23_vf bl23_vf_max(bl23_vf a, bl23_vf b)
{
    return _mm512_max_ps(a, b);
}
BL23_INLINE bl23_vf bl23_vf_min(bl23_vf a, bl23_vf b)
{
    return _mm512_min_ps(a, b);
}
BL23_INLINE void bl23_vf_store(float *p, bl23_vf a)
{
    _mm512_storeu_ps(p, a);
}
/* a 2^n, where z is n + 1.5 2^23. */
BL23_INLINE bl23_vf bl23_vf_scaled(bl23_vf a, bl23_vf z)
{
    __m512i const n = _mm512_slli_epi32(_mm512_castps_si512(z), 23);
    return _mm512_castsi512_ps(_mm512_add_epi32(_mm512_castps_si512(a), n));
}
BL23_INLINE bl23_vf bl23_vf_abs(bl23_vf a)
{
    return _mm512_abs_ps(a);
}
BL23_INLINE bl23_vf bl23_vf_rsqrt(bl23_vf a)
{
    return _mm512_rsqrt14_ps(a);
}
BL23_INLINE bl23_vf bl23_vf_of_words(bl23_vi a)
{
    return _mm512_cvtepu32_ps(a);
}
BL23_INLINE bl23_vf bl23_vf_of_signed(bl23_vi a)
{
    return _mm512_cvtepi32_ps(a);
}
/* Lanes where not a > b, NaN included. */
BL23_INLINE bl23_vmask bl23_vf_not_greater(bl23_vf a, bl23_vf b)
{
    return _mm512_cmp_ps_mask(a, b, _CMP_NGT_UQ);
}

BL23_INLINE bl23_vi bl23_vi_set(uint32_t x)
{
    return _mm512_set1_epi32((int)x);
}
BL23_INLINE bl23_vi bl23_vi_load(uint32_t const *p)
{
    return _mm512_loadu_si512(p);
}
BL23_INLINE void bl23_vi_store(uint32_t *p, bl23_vi a)
{
    _mm512_storeu_si512(p, a);
}
BL23_INLINE bl23_vi bl23_vi_add(bl23_vi a, bl23_vi b)
{
    return _mm512_add_epi32(a, b);
}
BL23_INLINE bl23_vi bl23_vi_sub(bl23_vi a, bl23_vi b)
{
    return _mm512_sub_epi32(a, b);
}
BL23_INLINE bl23_vi bl23_vi_min(bl23_vi a, bl23_vi b)
{
    return _mm512_min_epu32(a, b);
}
BL23_INLINE bl23_vi bl23_vi_max(bl23_vi a, bl23_vi b)
{
    return _mm512_max_epu32(a, b);
}
BL23_INLINE bl23_vmask bl23_vi_between(bl23_vi a, bl23_vi low, bl23_vi high)
{
    return _mm512_cmple_epu32_mask(low, a) & _mm512_cmple_epu32_mask(a, high);
}

BL23_INLINE bl23_vq bl23_vq_set(uint64_t x)
{
    return _mm512_set1_epi64((long long)x);
}
BL23_INLINE bl23_vq bl23_vq_add(bl23_vq a, bl23_vq b)
{
    return _mm512_add_epi64(a, b);
}
/* BL23_LANES words in pairs: even ones in the low halves, odd ones in the high halves. */
BL23_INLINE bl23_vq bl23_vq_load_pairs(uint32_t const *p)
{
    return _mm512_loadu_si512(p);
}
/* Product of the low halves. */
BL23_INLINE bl23_vq bl23_vq_mul32(bl23_vq a, bl23_vq b)
{
    return _mm512_mul_epu32(a, b);
}
/* The high halves in the low ones; what is in the high ones is of no interest. */
BL23_INLINE bl23_vq bl23_vq_high(bl23_vq a)
{
    return _mm512_shuffle_epi32(a, (_MM_PERM_ENUM)0xF5);
}
BL23_INLINE bl23_vq bl23_vq_xor(bl23_vq a, bl23_vq b)
{
    return _mm512_xor_si512(a, b);
}
BL23_INLINE bl23_vq bl23_vq_xor3(bl23_vq a, bl23_vq b, bl23_vq c)
{
    return _mm512_ternarylogic_epi64(a, b, c, 0x96);
}
BL23_INLINE bl23_vi bl23_vi_xor3(bl23_vi a, bl23_vi b, bl23_vi c)
{
    return _mm512_ternarylogic_epi32(a, b, c, 0x96);
}
/* The low halves of even and odd lanes side by side, and the high ones. */
BL23_INLINE bl23_vi bl23_vi_zip(bl23_vq even, bl23_vq odd)
{
    return _mm512_mask_shuffle_epi32(even, 0xAAAA, odd, (_MM_PERM_ENUM)0xA0);
}
BL23_INLINE bl23_vi bl23_vi_zip_high(bl23_vq even, bl23_vq odd)
{
    return _mm512_mask_shuffle_epi32(odd, 0x5555, even, (_MM_PERM_ENUM)0xF5);
}

/* Append `first` + lane of every set lane to out; returns how many. */
BL23_INLINE unsigned bl23_append_lanes(bl23_vmask mask, uint32_t first, uint32_t *out)
{
    __m512i const lanes =
        _mm512_add_epi32(_mm512_set1_epi32((int)first),
                         _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15));
    _mm512_storeu_si512(out, _mm512_maskz_compress_epi32(mask, lanes));
    return (unsigned)__builtin_popcount(mask);
}

/* Doubles, for the reductions. */
enum { BL23_DOUBLE_LANES = 8 };
typedef __m512d bl23_vd;
BL23_INLINE bl23_vd bl23_vd_set(double x)
{
    return _mm512_set1_pd(x);
}
BL23_INLINE bl23_vd bl23_vd_load(double const *p)
{
    return _mm512_loadu_pd(p);
}
BL23_INLINE bl23_vd bl23_vd_add(bl23_vd a, bl23_vd b)
{
    return _mm512_add_pd(a, b);
}
BL23_INLINE bl23_vd bl23_vd_sub(bl23_vd a, bl23_vd b)
{
    return _mm512_sub_pd(a, b);
}
BL23_INLINE bl23_vd bl23_vd_mul(bl23_vd a, bl23_vd b)
{
    return _mm512_mul_pd(a, b);
}
BL23_INLINE bl23_vd bl23_vd_min(bl23_vd a, bl23_vd b)
{
    return _mm512_min_pd(a, b);
}
BL23_INLINE bl23_vd bl23_vd_max(bl23_vd a, bl23_vd b)
{
    return _mm512_max_pd(a, b);
}
BL23_INLINE void bl23_vd_store(double *p, bl23_vd a)
{
    _mm512_storeu_pd(p, a);
}
/* Is a < b in any lane? */
BL23_INLINE int bl23_vd_any_less(bl23_vd a, bl23_vd b)
{
    return _mm512_cmp_pd_mask(a, b, _CMP_LT_OQ) != 0;
}
/* One bit per lane that is not 0. */
BL23_INLINE unsigned bl23_vd_nonzero(bl23_vd a)
{
    return _mm512_cmp_pd_mask(a, _mm512_setzero_pd(), _CMP_NEQ_UQ);
}
/* Lanes of a mask side by side; a whole vector is written. Permuting is faster than compressing,
 * and the order is the same for all rows. */
BL23_INLINE void bl23_pack_doubles(unsigned mask, double const *from, double *to)
{
    __m512i const lanes =
        _mm512_maskz_compress_epi64((__mmask8)mask, _mm512_setr_epi64(0, 1, 2, 3, 4, 5, 6, 7));
    _mm512_storeu_pd(to, _mm512_permutexvar_pd(lanes, _mm512_loadu_pd(from)));
}
/* The same for as many words. */
BL23_INLINE void bl23_pack_words(unsigned mask, uint32_t const *from, uint32_t *to)
{
    __m256i const lanes = _mm256_loadu_si256((__m256i const *)(void const *)from);
    _mm256_storeu_si256((__m256i *)(void *)to, _mm256_maskz_compress_epi32((__mmask8)mask, lanes));
}

#endif
