/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* Double-double arithmetic: an unevaluated sum hi + lo with about 104 bits.
 * All of tables/ computes with it and rounds once, so that a table is the same doubles under every
 * compiler, optimisation level and C library: it uses + - * / sqrt fma on doubles and nothing else
 * (Dekker 1971; Hida, Li, Bailey 2001; Joldes, Muller, Popescu 2017).
 * It must not know any physics, nor call a transcendental function of the C library. */
#ifndef BL23_TABLES_DD_H
#define BL23_TABLES_DD_H

#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <stddef.h>

#ifdef __FAST_MATH__
#error "bl23 needs IEEE arithmetic: build without -ffast-math"
#endif
#if FLT_EVAL_METHOD != 0
#error "bl23 needs doubles evaluated as doubles"
#endif

struct bl23_dd {
    double hi, lo;
};

/* A complex number of two double-doubles. */
struct bl23_ddc {
    struct bl23_dd re, im;
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

static inline struct bl23_ddc bl23_ddc_add(struct bl23_ddc a, struct bl23_ddc b)
{
    return (struct bl23_ddc){bl23_dd_add(a.re, b.re), bl23_dd_add(a.im, b.im)};
}

static inline struct bl23_ddc bl23_ddc_sub(struct bl23_ddc a, struct bl23_ddc b)
{
    return (struct bl23_ddc){bl23_dd_sub(a.re, b.re), bl23_dd_sub(a.im, b.im)};
}

static inline struct bl23_ddc bl23_ddc_mul(struct bl23_ddc a, struct bl23_ddc b)
{
    return (struct bl23_ddc){bl23_dd_sub(bl23_dd_mul(a.re, b.re), bl23_dd_mul(a.im, b.im)),
                             bl23_dd_add(bl23_dd_mul(a.re, b.im), bl23_dd_mul(a.im, b.re))};
}

static inline struct bl23_ddc bl23_ddc_scale(struct bl23_ddc a, struct bl23_dd x)
{
    return (struct bl23_ddc){bl23_dd_mul(a.re, x), bl23_dd_mul(a.im, x)};
}

static inline struct bl23_ddc bl23_ddc_conj(struct bl23_ddc a)
{
    return (struct bl23_ddc){a.re, bl23_dd_neg(a.im)};
}

/* Constants to 106 bits (DLMF 3.12.1; OEIS A002162). */
extern struct bl23_dd const bl23_dd_pi;
extern struct bl23_dd const bl23_dd_ln2;

/* Square root, a >= 0. */
struct bl23_dd bl23_dd_sqrt(struct bl23_dd a);

/* Natural logarithm, a > 0 and normal; absolute error below 2^-98 max(1, |log a|). */
struct bl23_dd bl23_dd_log(struct bl23_dd a);

/* Exponential, |a| < 700; relative error below 2^-92. */
struct bl23_dd bl23_dd_exp(struct bl23_dd a);

/* Arc tangent, relative error below 2^-96. */
struct bl23_dd bl23_dd_atan(struct bl23_dd a);

/* Angle of (x, y) in (-pi, pi]; (0, 0) gives 0. */
struct bl23_dd bl23_dd_atan2(struct bl23_dd y, struct bl23_dd x);

/* sin(pi x) and cos(pi x), |x| < 2^40; absolute error below 2^-96. */
void bl23_dd_sincospi(struct bl23_dd x, struct bl23_dd *sine, struct bl23_dd *cosine);

/* The decimal number at the start of text, to 2^-98; *end is set behind it as by strtod, but that
 * 0x10 is a zero and an x. So that 2.2e-3 means 0.0022 and not the double next to it. */
struct bl23_dd bl23_dd_parse(char const *text, char **end);

/* The shortest decimal that reads back as the double nearest to x, as a double-double: what a
 * user's number means when it is printed and read again. NaN and infinity stay as they are. */
struct bl23_dd bl23_dd_shortest(struct bl23_dd x);

/* Its digits into buffer[size >= 32]. */
char const *bl23_dd_print_shortest(struct bl23_dd x, char *buffer, size_t size);

/* a^n for n >= 0. */
struct bl23_dd bl23_dd_pow(struct bl23_dd a, unsigned n);

#endif
