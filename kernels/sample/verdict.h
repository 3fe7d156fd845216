/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* The whole decision on one sample: amplitudes, quantities, constraints, tension, level.
 * Every backend, `bl23 point` and the replay call it; nothing else decides.
 * It must not know where w came from, nor of storage. */
#ifndef BL23_KERNELS_VERDICT_H
#define BL23_KERNELS_VERDICT_H

#include "kernels/sample/device.h"
#include "kernels/sample/model.h"

/* What the constraints leave. In solve mode [lo, hi] is the interval of g^2; else lo = hi = g^2. */
struct bl23_verdict {
    double g2_lo, g2_hi;
    double tension; /* <= 1 up to rounding for a survivor */
    int survives;   /* with the bands of model->level */
    int level;      /* 1 if it also passes the 1-sigma bands, else 2 */
};

/* One amplitude out of its row of the matrix (kernels/sample/model.h: form). */
BL23_INLINE double bl23_amplitude(double const form[BL23_MONOMIALS], double const m[BL23_MONOMIALS])
{
    double sum = form[0] * m[0];
    BL23_UNROLL
    for (int k = 1; k < BL23_MONOMIALS; k++)
        sum = fma(form[k], m[k], sum);
    return sum;
}

/* The six amplitudes h = Re, Im of H_ds, H_db, H_sb. */
BL23_INLINE void bl23_amplitudes(struct bl23_knot const *knot, double const m[BL23_MONOMIALS],
                                 double h[BL23_FORMS])
{
    BL23_UNROLL
    for (int r = 0; r < BL23_FORMS; r++)
        h[r] = bl23_amplitude(knot->form[r], m);
}

/* |h|^2 of a complex amplitude. */
BL23_INLINE double bl23_abs2(double re, double im)
{
    return fma(re, re, im * im);
}

/* The quantities divided by g^2: 1, (Im H_ds)^2, |H_ds|^2, |H_db|^2, |H_sb|^2; and g by g: 1. */
BL23_INLINE void bl23_quantities(double const h[BL23_FORMS], double s[BL23_QUANTITIES])
{
    s[BL23_QUANTITY_G2] = 1.0;
    s[BL23_QUANTITY_IM_DS2] = h[1] * h[1];
    s[BL23_QUANTITY_ABS_DS2] = bl23_abs2(h[0], h[1]);
    s[BL23_QUANTITY_ABS_DB2] = bl23_abs2(h[2], h[3]);
    s[BL23_QUANTITY_ABS_SB2] = bl23_abs2(h[4], h[5]);
    s[BL23_QUANTITY_G] = 1.0;
}

/* Bits of a set of quantities, and of the amplitudes that these are made of. */
enum { BL23_ALL_QUANTITIES = (1 << BL23_QUANTITIES) - 1, BL23_ALL_FORMS = (1 << BL23_FORMS) - 1 };

BL23_INLINE unsigned bl23_forms_of(unsigned quantities)
{
    unsigned const forms[BL23_QUANTITIES] = {0x00u, 0x02u, 0x03u, 0x0cu, 0x30u, 0x00u};
    unsigned all = 0;
    BL23_UNROLL
    for (int q = 0; q < BL23_QUANTITIES; q++)
        all |= quantities >> q & 1u ? forms[q] : 0u;
    return all;
}

/* Does an interval exclude anything? */
BL23_INLINE int bl23_is_limit(struct bl23_interval limit)
{
    return limit.lo > 0.0 || limit.hi < BL23_INFINITY;
}

/* Bits of the quantities that a mass limits at any level: the others change no verdict. */
BL23_INLINE unsigned bl23_limited_of(struct bl23_knot const *knot)
{
    unsigned limited = 0;
    for (int level = 0; level < BL23_LEVELS; level++)
        for (int q = 0; q < BL23_QUANTITIES; q++)
            limited |= bl23_is_limit(knot->allowed[level][q]) ? 1u << q : 0u;
    return limited;
}

/* The value of a quantity at g, out of s. */
BL23_INLINE double bl23_quantity_value(int q, double s, double g)
{
    return q == BL23_QUANTITY_G ? g : g * g * s;
}

/* The interval of g^2 in which a limit on quantity q holds. */
BL23_INLINE struct bl23_interval bl23_allowed_g2(struct bl23_interval limit, int q, double s)
{
    struct bl23_interval g2;
    if (q == BL23_QUANTITY_G) { /* q is a constant at every call that is vectorised */
        g2.lo = limit.lo * limit.lo;
        g2.hi = limit.hi * limit.hi;
        return g2;
    }
    g2.lo = limit.lo > 0.0 ? limit.lo / s : 0.0;
    g2.hi = limit.hi < BL23_INFINITY ? limit.hi / s : BL23_INFINITY;
    return g2;
}

/* Is there a g^2 in the interval? A lower edge at infinity is one that cannot be met. */
BL23_INLINE int bl23_has_g2(struct bl23_interval g2)
{
    return (g2.lo <= g2.hi) & (g2.lo < BL23_INFINITY);
}

/* The g^2 of the domain: where g is solved for its end is one more upper limit, at both levels. */
BL23_INLINE struct bl23_interval bl23_domain_g2(void)
{
    struct bl23_interval const domain = {0.0, BL23_G_MAX * BL23_G_MAX};
    return domain;
}

/* All limits of one level at once, as an interval of g^2 within the domain. */
BL23_INLINE struct bl23_interval bl23_solve_g2(struct bl23_knot const *knot, int level,
                                               unsigned limited, double const s[BL23_QUANTITIES])
{
    struct bl23_interval all = bl23_domain_g2();
    BL23_UNROLL
    for (int q = 0; q < BL23_QUANTITIES; q++) {
        if (!(limited >> q & 1u))
            continue;
        struct bl23_interval const one = bl23_allowed_g2(knot->allowed[level][q], q, s[q]);
        all.lo = bl23_max(one.lo, all.lo);
        all.hi = bl23_min(one.hi, all.hi);
    }
    return all;
}

/* sqrt(lo/hi) of an interval of g^2: the factor by which a miss misses. */
BL23_INLINE double bl23_solve_tension(struct bl23_interval g2)
{
    double const ratio = g2.hi > 0.0 && g2.lo < BL23_INFINITY ? g2.lo / g2.hi : BL23_INFINITY;
    return sqrt(ratio);
}

/* One limit on the value x of a quantity. */
BL23_INLINE int bl23_within(struct bl23_interval limit, double x)
{
    return (limit.lo <= x) & (x <= limit.hi);
}

/* max(x/hi, lo/x) of one limit, 0 where there is none. */
BL23_INLINE double bl23_limit_tension(struct bl23_interval limit, double x)
{
    double const above = limit.hi > 0.0 ? x / limit.hi : BL23_INFINITY;
    double const below = limit.lo > 0.0 ? limit.lo / x : 0.0;
    return bl23_max(above, below);
}

BL23_INLINE struct bl23_verdict bl23_judge_solve(struct bl23_knot const *knot, int level,
                                                 unsigned limited, double const s[BL23_QUANTITIES])
{
    struct bl23_interval const g2 = bl23_solve_g2(knot, level, limited, s);
    struct bl23_interval const g2_1sigma = bl23_solve_g2(knot, 0, limited, s);
    struct bl23_verdict v;
    v.g2_lo = g2.lo;
    v.g2_hi = g2.hi;
    v.tension = bl23_solve_tension(g2);
    v.survives = bl23_has_g2(g2);
    v.level = bl23_has_g2(g2_1sigma) ? 1 : 2;
    return v;
}

BL23_INLINE struct bl23_verdict bl23_judge_given(struct bl23_knot const *knot, int level,
                                                 unsigned limited, double const s[BL23_QUANTITIES],
                                                 double g)
{
    double tension = 0.0;
    int survives = 1, one_sigma = 1;
    BL23_UNROLL
    for (int q = 0; q < BL23_QUANTITIES; q++) {
        if (!(limited >> q & 1u))
            continue;
        double const x = bl23_quantity_value(q, s[q], g);
        tension = bl23_max(bl23_limit_tension(knot->allowed[level][q], x), tension);
        survives &= bl23_within(knot->allowed[level][q], x);
        one_sigma &= bl23_within(knot->allowed[0][q], x);
    }
    struct bl23_verdict v;
    v.g2_lo = g * g;
    v.g2_hi = g * g;
    v.tension = tension;
    v.survives = survives;
    v.level = one_sigma ? 1 : 2;
    return v;
}

/* The verdict on quantities s at a knot, by those limits that it is told to look at, which must be
 * all that exclude anything; g is ignored in solve mode. */
BL23_INLINE struct bl23_verdict bl23_judge_limited(struct bl23_knot const *knot, int level,
                                                   int solve, unsigned limited,
                                                   double const s[BL23_QUANTITIES], double g)
{
    return solve ? bl23_judge_solve(knot, level, limited, s)
                 : bl23_judge_given(knot, level, limited, s, g);
}

/* The same by all limits. */
BL23_INLINE struct bl23_verdict bl23_judge(struct bl23_knot const *knot, int level, int solve,
                                           double const s[BL23_QUANTITIES], double g)
{
    return bl23_judge_limited(knot, level, solve, BL23_ALL_QUANTITIES, s, g);
}

/* The next one, out of the roots of the edges. */
BL23_INLINE double bl23_reference_of(struct bl23_verdict v, double g_lo, double g_hi)
{
    if (v.g2_lo == v.g2_hi)
        return v.g2_lo;
    return v.g2_lo > 0.0 ? g_lo * g_hi : v.g2_hi;
}

/* The value of g^2 at which the observables of a sample are given: g^2 itself, the geometric mean
 * of the interval in solve mode, or its upper edge when nothing bounds g from below. */
BL23_INLINE double bl23_reference_g2(struct bl23_verdict v)
{
    return bl23_reference_of(v, sqrt(v.g2_lo), sqrt(v.g2_hi));
}

#endif
