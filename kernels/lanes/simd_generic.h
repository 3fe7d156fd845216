/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* The vector operations in plain C: 8 lanes as short loops that any compiler may
 * vectorise. simd.h includes it for files that are compiled for this set. */
#ifndef BL23_KERNELS_SIMD_H
#define BL23_KERNELS_SIMD_H

#include <string.h>

#include "kernels/sample/device.h"

enum { BL23_LANES = 8 };
typedef struct {
    float lane[8];
} bl23_vf; /* floats */
typedef struct {
    uint32_t lane[8];
} bl23_vi; /* 32-bit words */
typedef struct {
    uint64_t lane[4];
} bl23_vq;                   /* 64-bit words, half as many lanes */
typedef unsigned bl23_vmask; /* one bit per lane */

/* A function of one, two or three vectors, lane by lane. */
#define BL23_LANEWISE(type, lanes, expression)                                                     \
    type out;                                                                                      \
    for (int k = 0; k < (lanes); k++)                                                              \
        out.lane[k] = (expression);                                                                \
    return out

BL23_INLINE bl23_vf bl23_vf_set(float x)
{
    BL23_LANEWISE(bl23_vf, 8, x);
}
BL23_INLINE bl23_vf bl23_vf_add(bl23_vf a, bl23_vf b)
{
    BL23_LANEWISE(bl23_vf, 8, a.lane[k] + b.lane[k]);
}
BL23_INLINE bl23_vf bl23_vf_sub(bl23_vf a, bl23_vf b)
{
    BL23_LANEWISE(bl23_vf, 8, a.lane[k] - b.lane[k]);
}
BL23_INLINE bl23_vf bl23_vf_mul(bl23_vf a, bl23_vf b)
{
    BL23_LANEWISE(bl23_vf, 8, a.lane[k] * b.lane[k]);
}
/* Not fused: the screen's margins cover both roundings. */
BL23_INLINE bl23_vf bl23_vf_fma(bl23_vf a, bl23_vf b, bl23_vf c)
{
    BL23_LANEWISE(bl23_vf, 8, a.lane[k] * b.lane[k] + c.lane[k]);
}
BL23_INLINE bl23_vf bl23_vf_max(bl23_vf a, bl23_vf b)
{
    BL23_LANEWISE(bl23_vf, 8, a.lane[k] > b.lane[k] ? a.lane[k] : b.lane[k]);
}
BL23_INLINE bl23_vf bl23_vf_min(bl23_vf a, bl23_vf b)
{
    BL23_LANEWISE(bl23_vf, 8, a.lane[k] < b.lane[k] ? a.lane[k] : b.lane[k]);
}
BL23_INLINE void bl23_vf_store(float *p, bl23_vf a)
{
    for (int k = 0; k < 8; k++)
        p[k] = a.lane[k];
}
/* a 2^n, where z is n + 1.5 2^23. */
BL23_INLINE bl23_vf bl23_vf_scaled(bl23_vf a, bl23_vf z)
{
    uint32_t bits[8], n[8];
    memcpy(bits, a.lane, sizeof bits);
    memcpy(n, z.lane, sizeof n);
    for (int k = 0; k < 8; k++)
        bits[k] += n[k] << 23;
    memcpy(a.lane, bits, sizeof bits);
    return a;
}
BL23_INLINE bl23_vf bl23_vf_abs(bl23_vf a)
{
    BL23_LANEWISE(bl23_vf, 8, fabsf(a.lane[k]));
}
BL23_INLINE bl23_vf bl23_vf_rsqrt(bl23_vf a)
{
    BL23_LANEWISE(bl23_vf, 8, 1.0f / sqrtf(a.lane[k]));
}
BL23_INLINE bl23_vf bl23_vf_of_words(bl23_vi a)
{
    BL23_LANEWISE(bl23_vf, 8, (float)a.lane[k]);
}
BL23_INLINE bl23_vf bl23_vf_of_signed(bl23_vi a)
{
    BL23_LANEWISE(bl23_vf, 8, (float)(int32_t)a.lane[k]);
}
/* Lanes where not a > b, NaN included. */
BL23_INLINE bl23_vmask bl23_vf_not_greater(bl23_vf a, bl23_vf b)
{
    bl23_vmask mask = 0;
    for (int k = 0; k < 8; k++)
        mask |= (unsigned)!(a.lane[k] > b.lane[k]) << k;
    return mask;
}

BL23_INLINE bl23_vi bl23_vi_set(uint32_t x)
{
    BL23_LANEWISE(bl23_vi, 8, x);
}
BL23_INLINE bl23_vi bl23_vi_load(uint32_t const *p)
{
    BL23_LANEWISE(bl23_vi, 8, p[k]);
}
BL23_INLINE void bl23_vi_store(uint32_t *p, bl23_vi a)
{
    for (int k = 0; k < 8; k++)
        p[k] = a.lane[k];
}
BL23_INLINE bl23_vi bl23_vi_add(bl23_vi a, bl23_vi b)
{
    BL23_LANEWISE(bl23_vi, 8, a.lane[k] + b.lane[k]);
}
BL23_INLINE bl23_vi bl23_vi_sub(bl23_vi a, bl23_vi b)
{
    BL23_LANEWISE(bl23_vi, 8, a.lane[k] - b.lane[k]);
}
BL23_INLINE bl23_vi bl23_vi_min(bl23_vi a, bl23_vi b)
{
    BL23_LANEWISE(bl23_vi, 8, a.lane[k] < b.lane[k] ? a.lane[k] : b.lane[k]);
}
BL23_INLINE bl23_vi bl23_vi_max(bl23_vi a, bl23_vi b)
{
    BL23_LANEWISE(bl23_vi, 8, a.lane[k] > b.lane[k] ? a.lane[k] : b.lane[k]);
}
BL23_INLINE bl23_vmask bl23_vi_between(bl23_vi a, bl23_vi low, bl23_vi high)
{
    bl23_vmask mask = 0;
    for (int k = 0; k < 8; k++)
        mask |= (unsigned)((low.lane[k] <= a.lane[k]) & (a.lane[k] <= high.lane[k])) << k;
    return mask;
}

BL23_INLINE bl23_vq bl23_vq_set(uint64_t x)
{
    BL23_LANEWISE(bl23_vq, 4, x);
}
BL23_INLINE bl23_vq bl23_vq_add(bl23_vq a, bl23_vq b)
{
    BL23_LANEWISE(bl23_vq, 4, a.lane[k] + b.lane[k]);
}
/* BL23_LANES words in pairs: even ones in the low halves, odd ones in the high halves. */
BL23_INLINE bl23_vq bl23_vq_load_pairs(uint32_t const *p)
{
    BL23_LANEWISE(bl23_vq, 4, p[2 * k] | (uint64_t)p[2 * k + 1] << 32);
}
/* Product of the low halves. */
BL23_INLINE bl23_vq bl23_vq_mul32(bl23_vq a, bl23_vq b)
{
    BL23_LANEWISE(bl23_vq, 4, (a.lane[k] & 0xffffffffu) * (b.lane[k] & 0xffffffffu));
}
/* The high halves in the low ones; what is in the high ones is of no interest. */
BL23_INLINE bl23_vq bl23_vq_high(bl23_vq a)
{
    BL23_LANEWISE(bl23_vq, 4, a.lane[k] >> 32);
}
BL23_INLINE bl23_vq bl23_vq_xor(bl23_vq a, bl23_vq b)
{
    BL23_LANEWISE(bl23_vq, 4, a.lane[k] ^ b.lane[k]);
}
BL23_INLINE bl23_vq bl23_vq_xor3(bl23_vq a, bl23_vq b, bl23_vq c)
{
    BL23_LANEWISE(bl23_vq, 4, a.lane[k] ^ b.lane[k] ^ c.lane[k]);
}
BL23_INLINE bl23_vi bl23_vi_xor3(bl23_vi a, bl23_vi b, bl23_vi c)
{
    BL23_LANEWISE(bl23_vi, 8, a.lane[k] ^ b.lane[k] ^ c.lane[k]);
}
/* The low halves of even and odd lanes side by side, and the high ones. */
BL23_INLINE bl23_vi bl23_vi_zip(bl23_vq even, bl23_vq odd)
{
    BL23_LANEWISE(bl23_vi, 8, (uint32_t)(k % 2 ? odd.lane[k / 2] : even.lane[k / 2]));
}
BL23_INLINE bl23_vi bl23_vi_zip_high(bl23_vq even, bl23_vq odd)
{
    BL23_LANEWISE(bl23_vi, 8, (uint32_t)((k % 2 ? odd.lane[k / 2] : even.lane[k / 2]) >> 32));
}

/* Append `first` + lane of every set lane to out; returns how many. */
BL23_INLINE unsigned bl23_append_lanes(bl23_vmask mask, uint32_t first, uint32_t *out)
{
    unsigned n = 0;
    for (int k = 0; k < 8; k++)
        if (mask >> k & 1u)
            out[n++] = first + (uint32_t)k;
    return n;
}

/* Doubles, for the reductions. */
enum { BL23_DOUBLE_LANES = 4 };
typedef struct {
    double lane[4];
} bl23_vd;
BL23_INLINE bl23_vd bl23_vd_set(double x)
{
    BL23_LANEWISE(bl23_vd, 4, x);
}
BL23_INLINE bl23_vd bl23_vd_load(double const *p)
{
    BL23_LANEWISE(bl23_vd, 4, p[k]);
}
BL23_INLINE bl23_vd bl23_vd_add(bl23_vd a, bl23_vd b)
{
    BL23_LANEWISE(bl23_vd, 4, a.lane[k] + b.lane[k]);
}
BL23_INLINE bl23_vd bl23_vd_sub(bl23_vd a, bl23_vd b)
{
    BL23_LANEWISE(bl23_vd, 4, a.lane[k] - b.lane[k]);
}
BL23_INLINE bl23_vd bl23_vd_mul(bl23_vd a, bl23_vd b)
{
    BL23_LANEWISE(bl23_vd, 4, a.lane[k] * b.lane[k]);
}
BL23_INLINE bl23_vd bl23_vd_min(bl23_vd a, bl23_vd b)
{
    BL23_LANEWISE(bl23_vd, 4, bl23_min(a.lane[k], b.lane[k]));
}
BL23_INLINE bl23_vd bl23_vd_max(bl23_vd a, bl23_vd b)
{
    BL23_LANEWISE(bl23_vd, 4, bl23_max(a.lane[k], b.lane[k]));
}
BL23_INLINE void bl23_vd_store(double *p, bl23_vd a)
{
    for (int k = 0; k < 4; k++)
        p[k] = a.lane[k];
}
/* Is a < b in any lane? */
BL23_INLINE int bl23_vd_any_less(bl23_vd a, bl23_vd b)
{
    int less = 0;
    for (int k = 0; k < 4; k++)
        less |= a.lane[k] < b.lane[k];
    return less;
}
/* One bit per lane that is not 0. */
BL23_INLINE unsigned bl23_vd_nonzero(bl23_vd a)
{
    unsigned mask = 0;
    for (int k = 0; k < 4; k++)
        mask |= (unsigned)(a.lane[k] != 0.0) << k;
    return mask;
}
/* Lanes of a mask side by side; a whole vector may be written. */
BL23_INLINE void bl23_pack_doubles(unsigned mask, double const *from, double *to)
{
    for (int k = 0; k < 4; k++) {
        *to = from[k];
        to += mask >> k & 1u;
    }
}
/* The same for as many words. */
BL23_INLINE void bl23_pack_words(unsigned mask, uint32_t const *from, uint32_t *to)
{
    for (int k = 0; k < 4; k++) {
        *to = from[k];
        to += mask >> k & 1u;
    }
}

#undef BL23_LANEWISE

#endif
