/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* Interval arithmetic on doubles, each operation rounded outward by one unit in the last place:
 * the exact result lies between lo and hi whatever the rounding was.
 * The check of certificates is made of it (Moore, Kearfott, Cloud 2009, ch. 2).
 * It must not know what is checked. */
#ifndef BL23_TABLES_BOUND_INTERVAL_H
#define BL23_TABLES_BOUND_INTERVAL_H

#include <math.h>

#include "kernels/sample/model.h"

/* The number x alone. */
static inline struct bl23_interval bl23_interval_of(double x)
{
    return (struct bl23_interval){x, x};
}

/* One unit outward on both sides; NaN stays, and fails every comparison. */
static inline struct bl23_interval bl23_interval_outward(double lo, double hi)
{
    return (struct bl23_interval){nextafter(lo, -HUGE_VAL), nextafter(hi, HUGE_VAL)};
}

static inline struct bl23_interval bl23_interval_add(struct bl23_interval a, struct bl23_interval b)
{
    return bl23_interval_outward(a.lo + b.lo, a.hi + b.hi);
}

static inline struct bl23_interval bl23_interval_sub(struct bl23_interval a, struct bl23_interval b)
{
    return bl23_interval_outward(a.lo - b.hi, a.hi - b.lo);
}

static inline struct bl23_interval bl23_interval_mul(struct bl23_interval a, struct bl23_interval b)
{
    double const p = a.lo * b.lo, q = a.lo * b.hi, r = a.hi * b.lo, s = a.hi * b.hi;
    return bl23_interval_outward(fmin(fmin(p, q), fmin(r, s)), fmax(fmax(p, q), fmax(r, s)));
}

/* b > 0. */
static inline struct bl23_interval bl23_interval_div(struct bl23_interval a, struct bl23_interval b)
{
    return bl23_interval_outward(a.lo / (a.lo < 0.0 ? b.lo : b.hi),
                                 a.hi / (a.hi < 0.0 ? b.hi : b.lo));
}

/* x^2, x of either sign. */
static inline struct bl23_interval bl23_interval_square(struct bl23_interval x)
{
    double const far = fmax(fabs(x.lo), fabs(x.hi));
    double const near = x.lo > 0.0 ? x.lo : x.hi < 0.0 ? -x.hi : 0.0;
    struct bl23_interval const square = bl23_interval_outward(near * near, far * far);
    return (struct bl23_interval){fmax(square.lo, 0.0), square.hi};
}

/* x >= 0. */
static inline struct bl23_interval bl23_interval_sqrt(struct bl23_interval x)
{
    struct bl23_interval const root = bl23_interval_outward(sqrt(x.lo), sqrt(x.hi));
    return (struct bl23_interval){fmax(root.lo, 0.0), root.hi};
}

#endif
