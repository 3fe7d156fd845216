/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* Interval arithmetic on doubles, each operation rounded outward by one unit in the last place:
 * the exact result lies between lo and hi whatever the rounding was.
 * The check of certificates is made of it (Moore, Kearfott, Cloud 2009, ch. 2).
 * It must not know what is checked. */
#ifndef BL23_TABLES_BOUND_INTERVAL_H
#define BL23_TABLES_BOUND_INTERVAL_H

#include <math.h>

/* All numbers x with lo <= x <= hi. */
struct bl23_range {
    double lo, hi;
};

static inline struct bl23_range bl23_range(double x)
{
    return (struct bl23_range){x, x};
}

/* One unit outward on both sides; NaN stays, and fails every comparison. */
static inline struct bl23_range bl23_range_outward(double lo, double hi)
{
    return (struct bl23_range){nextafter(lo, -HUGE_VAL), nextafter(hi, HUGE_VAL)};
}

static inline struct bl23_range bl23_range_add(struct bl23_range a, struct bl23_range b)
{
    return bl23_range_outward(a.lo + b.lo, a.hi + b.hi);
}

static inline struct bl23_range bl23_range_sub(struct bl23_range a, struct bl23_range b)
{
    return bl23_range_outward(a.lo - b.hi, a.hi - b.lo);
}

static inline struct bl23_range bl23_range_mul(struct bl23_range a, struct bl23_range b)
{
    double const p = a.lo * b.lo, q = a.lo * b.hi, r = a.hi * b.lo, s = a.hi * b.hi;
    return bl23_range_outward(fmin(fmin(p, q), fmin(r, s)), fmax(fmax(p, q), fmax(r, s)));
}

/* b > 0. */
static inline struct bl23_range bl23_range_div(struct bl23_range a, struct bl23_range b)
{
    return bl23_range_outward(a.lo / (a.lo < 0.0 ? b.lo : b.hi), a.hi / (a.hi < 0.0 ? b.hi : b.lo));
}

/* x^2, x of either sign. */
static inline struct bl23_range bl23_range_square(struct bl23_range x)
{
    double const far = fmax(fabs(x.lo), fabs(x.hi));
    double const near = x.lo > 0.0 ? x.lo : x.hi < 0.0 ? -x.hi : 0.0;
    struct bl23_range const square = bl23_range_outward(near * near, far * far);
    return (struct bl23_range){fmax(square.lo, 0.0), square.hi};
}

/* x >= 0. */
static inline struct bl23_range bl23_range_sqrt(struct bl23_range x)
{
    struct bl23_range const root = bl23_range_outward(sqrt(x.lo), sqrt(x.hi));
    return (struct bl23_range){fmax(root.lo, 0.0), root.hi};
}

#endif
