/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* Double-double arithmetic: an unevaluated sum hi + lo with about 104 bits, out of + - * / fma on
 * doubles and nothing else (Dekker 1971; Hida, Li, Bailey 2001; Joldes, Muller, Popescu 2017).
 * tables/base/dd.h adds functions, decimals and complex numbers; row.h normalises with it. */
#ifndef BL23_KERNELS_DD_ARITHMETIC_H
#define BL23_KERNELS_DD_ARITHMETIC_H

#include <float.h>
#include <math.h>
#include <stdbool.h>

#ifdef __FAST_MATH__
#error "bl23 needs IEEE arithmetic: build without -ffast-math"
#endif
#if FLT_EVAL_METHOD != 0
#error "bl23 needs doubles evaluated as doubles"
#endif

struct bl23_dd {
    double hi, lo;
};

/* Relative rounding error of one operation below (all are within 2^-102). */
#define BL23_DD_EPSILON 7.8886090522101181e-31 /* 2^-100 */

static inline struct bl23_dd bl23_dd(double x)
{
    return (struct bl23_dd){x, 0.0};
}

/* Exact sum, |a| >= |b| or a = 0. */
static inline struct bl23_dd bl23_dd_quick_two_sum(double a, double b)
{
    double const s = a + b;
    return (struct bl23_dd){s, b - (s - a)};
}

/* Exact sum of two doubles. */
static inline struct bl23_dd bl23_dd_two_sum(double a, double b)
{
    double const s = a + b;
    double const t = s - a;
    return (struct bl23_dd){s, (a - (s - t)) + (b - t)};
}

/* Exact product of two doubles. */
static inline struct bl23_dd bl23_dd_two_prod(double a, double b)
{
    double const p = a * b;
    return (struct bl23_dd){p, fma(a, b, -p)};
}

static inline struct bl23_dd bl23_dd_add(struct bl23_dd a, struct bl23_dd b)
{
    struct bl23_dd s = bl23_dd_two_sum(a.hi, b.hi);
    struct bl23_dd const t = bl23_dd_two_sum(a.lo, b.lo);
    s = bl23_dd_quick_two_sum(s.hi, s.lo + t.hi);
    return bl23_dd_quick_two_sum(s.hi, s.lo + t.lo);
}

static inline struct bl23_dd bl23_dd_neg(struct bl23_dd a)
{
    return (struct bl23_dd){-a.hi, -a.lo};
}

static inline struct bl23_dd bl23_dd_sub(struct bl23_dd a, struct bl23_dd b)
{
    return bl23_dd_add(a, bl23_dd_neg(b));
}

static inline struct bl23_dd bl23_dd_mul(struct bl23_dd a, struct bl23_dd b)
{
    struct bl23_dd const p = bl23_dd_two_prod(a.hi, b.hi);
    double const cross = fma(a.hi, b.lo, a.lo * b.hi);
    return bl23_dd_quick_two_sum(p.hi, p.lo + cross);
}

static inline struct bl23_dd bl23_dd_mul_d(struct bl23_dd a, double b)
{
    struct bl23_dd const p = bl23_dd_two_prod(a.hi, b);
    return bl23_dd_quick_two_sum(p.hi, fma(a.lo, b, p.lo));
}

static inline struct bl23_dd bl23_dd_sqr(struct bl23_dd a)
{
    return bl23_dd_mul(a, a);
}

static inline struct bl23_dd bl23_dd_div(struct bl23_dd a, struct bl23_dd b)
{
    double const q1 = a.hi / b.hi;
    struct bl23_dd r = bl23_dd_sub(a, bl23_dd_mul_d(b, q1));
    double const q2 = r.hi / b.hi;
    r = bl23_dd_sub(r, bl23_dd_mul_d(b, q2));
    double const q3 = r.hi / b.hi;
    return bl23_dd_add(bl23_dd_quick_two_sum(q1, q2), bl23_dd(q3));
}

static inline bool bl23_dd_less(struct bl23_dd a, struct bl23_dd b)
{
    return a.hi < b.hi || (a.hi == b.hi && a.lo < b.lo);
}

static inline struct bl23_dd bl23_dd_abs(struct bl23_dd a)
{
    return a.hi < 0.0 ? bl23_dd_neg(a) : a;
}

/* The nearest double (the parts never overlap). */
static inline double bl23_dd_round(struct bl23_dd a)
{
    return a.hi + a.lo;
}

#endif
