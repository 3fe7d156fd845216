/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* Sine, cosine and 2^x of our own: polynomials in explicit fma, the same bits on every processor.
 * draw.h calls them.
 * It must not call a transcendental function of any library. */
#ifndef BL23_KERNELS_ELEMENTARY_H
#define BL23_KERNELS_ELEMENTARY_H

#include <string.h>

#include "kernels/sample/device.h"

#define BL23_RAD_PER_WORD 1.4629180792671596e-09 /* 2 pi / 2^32 */
#define BL23_LN2 0.69314718055994531

/* sin and cos of 2 pi x/2^32, error below 2 units in the last place. The nearest quarter turn is
 * split off on integers, Taylor polynomials of degree 15 and 16 serve |angle| <= pi/4. */
BL23_INLINE void bl23_sincos_word(uint32_t x, double *sine, double *cosine)
{
    uint32_t const quarter = (x + 0x20000000u) >> 30;
    double const t = (double)(int32_t)(x - (quarter << 30)) * BL23_RAD_PER_WORD;
    double const t2 = t * t;
    double s = -1.0 / 1307674368000.0;
    s = fma(s, t2, 1.0 / 6227020800.0);
    s = fma(s, t2, -1.0 / 39916800.0);
    s = fma(s, t2, 1.0 / 362880.0);
    s = fma(s, t2, -1.0 / 5040.0);
    s = fma(s, t2, 1.0 / 120.0);
    s = fma(s, t2, -1.0 / 6.0);
    s = fma(s * t2, t, t);
    double c = 1.0 / 20922789888000.0;
    c = fma(c, t2, -1.0 / 87178291200.0);
    c = fma(c, t2, 1.0 / 479001600.0);
    c = fma(c, t2, -1.0 / 3628800.0);
    c = fma(c, t2, 1.0 / 40320.0);
    c = fma(c, t2, -1.0 / 720.0);
    c = fma(c, t2, 1.0 / 24.0);
    c = fma(c, t2, -0.5);
    c = fma(c, t2, 1.0);
    double const s_side = (quarter & 1u) ? c : s;
    double const c_side = (quarter & 1u) ? s : c;
    *sine = (quarter & 2u) ? -s_side : s_side;
    *cosine = ((quarter + 1u) & 2u) ? -c_side : c_side;
}

/* 2^v for |v| < 1000, relative error below 4 units in the last place. */
BL23_INLINE double bl23_exp2(double v)
{
    double const n = floor(v + 0.5);
    double const x = (v - n) * BL23_LN2; /* |x| <= 0.347 */
    double p = 1.0 / 6227020800.0;
    p = fma(p, x, 1.0 / 479001600.0);
    p = fma(p, x, 1.0 / 39916800.0);
    p = fma(p, x, 1.0 / 3628800.0);
    p = fma(p, x, 1.0 / 362880.0);
    p = fma(p, x, 1.0 / 40320.0);
    p = fma(p, x, 1.0 / 5040.0);
    p = fma(p, x, 1.0 / 720.0);
    p = fma(p, x, 1.0 / 120.0);
    p = fma(p, x, 1.0 / 24.0);
    p = fma(p, x, 1.0 / 6.0);
    p = fma(p, x, 0.5);
    p = fma(p, x, 1.0);
    p = fma(p, x, 1.0);
    uint64_t const bits = (uint64_t)((int64_t)n + 1023) << 52;
    double scale;
    memcpy(&scale, &bits, sizeof scale);
    return p * scale;
}

#endif
