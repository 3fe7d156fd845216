/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* The whole decision on one sample: amplitudes, quantities, limits, tension, level, cut-flow.
 * bl23_judge decides on a single sample (records, CUDA, `bl23 point`); kernels/cpu/cpu_batch.h
 * decides on rows of samples. Both are made of the steps of this header, and
 * tests/test_cpu_backend.c holds their results equal, bit for bit. */
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

/* Some of the amplitudes h, by their bits; the others become 0. */
BL23_INLINE void bl23_amplitudes(struct bl23_knot const *knot, unsigned forms,
                                 double const m[BL23_MONOMIALS], double h[BL23_FORMS])
{
    BL23_UNROLL
    for (int r = 0; r < BL23_FORMS; r++) {
        h[r] = 0.0;
        if (forms >> r & 1u)
            h[r] = bl23_amplitude(knot->form[r], m);
    }
}

/* What a quantity is made of: the amplitudes [first, first + count), and its first weight. */
struct bl23_form_range {
    enum bl23_shape shape;
    int first, count, weight;
    unsigned group;
};

BL23_INLINE struct bl23_form_range bl23_form_range_of(int q)
{
#define BL23_QUANTITY(name, shape, first, count, weight, group)                                    \
    {BL23_SHAPE_##shape, first, count, BL23_WEIGHT_##weight, BL23_GROUP_##group},
    struct bl23_form_range const ranges[BL23_QUANTITIES] = {BL23_QUANTITY_LIST(BL23_QUANTITY)};
#undef BL23_QUANTITY
    return ranges[q];
}

enum { BL23_QUANTITY_FORMS_MAX = 8 };

/* The weight of amplitude first + r in a sum of squares; 0 where the quantity is none. */
BL23_INLINE double bl23_weight_of(struct bl23_form_range range, double const weight[BL23_WEIGHTS],
                                  int r)
{
    if (range.shape == BL23_SHAPE_WEIGHTED)
        return weight[range.weight + r / 2];
    return range.shape == BL23_SHAPE_SQUARES ? 1.0 : 0.0;
}

/* ---- the shapes: a quantity divided by g^2 out of its `count` amplitudes h and its weights ----
 */

BL23_INLINE double bl23_shape_ONE(double const *h, int count, double const *weight)
{
    (void)h;
    (void)count;
    (void)weight;
    return 1.0;
}

BL23_INLINE double bl23_shape_SQUARES(double const *h, int count, double const *weight)
{
    (void)weight;
    double sum = h[count - 1] * h[count - 1];
    BL23_UNROLL
    for (int r = count - 2; r >= 0; r--)
        sum = fma(h[r], h[r], sum);
    return sum;
}

BL23_INLINE double bl23_shape_WEIGHTED(double const *h, int count, double const *weight)
{
    double sum = 0.0;
    BL23_UNROLL
    for (int f = count / 2 - 1; f >= 0; f--)
        sum = fma(weight[f], bl23_shape_SQUARES(h + 2 * f, 2, weight), sum);
    return sum;
}

/* Re and Im of weight[0] F_V^2 + weight[1] F_A^2. */
BL23_INLINE double bl23_mixing_re(double const h[4], double const weight[2])
{
    double const v = (h[0] - h[1]) * (h[0] + h[1]), a = (h[2] - h[3]) * (h[2] + h[3]);
    return fma(weight[0], v, weight[1] * a);
}

BL23_INLINE double bl23_mixing_im(double const h[4], double const weight[2])
{
    double const v = h[0] * h[1], a = h[2] * h[3];
    return 2.0 * fma(weight[0], v, weight[1] * a);
}

BL23_INLINE double bl23_shape_MODULUS(double const *h, int count, double const *weight)
{
    (void)count;
    double const re = bl23_mixing_re(h, weight), im = bl23_mixing_im(h, weight);
    return sqrt(fma(re, re, im * im));
}

BL23_INLINE double bl23_shape_IMAGINARY(double const *h, int count, double const *weight)
{
    (void)count;
    return fabs(bl23_mixing_im(h, weight));
}

/* Some of the quantities divided by g^2, by their bits, and g divided by g; the others become 0. */
BL23_INLINE void bl23_quantities(struct bl23_knot const *knot, unsigned quantities,
                                 double const h[BL23_FORMS], double s[BL23_QUANTITIES])
{
#define BL23_QUANTITY(name, shape, first, count, weight_name, group)                               \
    s[BL23_QUANTITY_##name] = 0.0;                                                                 \
    if (quantities >> BL23_QUANTITY_##name & 1u)                                                   \
        s[BL23_QUANTITY_##name] =                                                                  \
            bl23_shape_##shape(h + (first), count, knot->weight + BL23_WEIGHT_##weight_name);
    BL23_QUANTITY_LIST(BL23_QUANTITY)
#undef BL23_QUANTITY
}

/* Bits of a set of quantities, and of the amplitudes that these are made of. */
enum { BL23_ALL_QUANTITIES = (1 << BL23_QUANTITIES) - 1, BL23_ALL_FORMS = (1 << BL23_FORMS) - 1 };

BL23_INLINE unsigned bl23_forms_of(unsigned quantities)
{
    unsigned forms = 0;
#define BL23_QUANTITY(name, shape, first, count, weight, group)                                    \
    forms |= quantities >> BL23_QUANTITY_##name & 1u ? ((1u << (count)) - 1u) << (first) : 0u;
    BL23_QUANTITY_LIST(BL23_QUANTITY)
#undef BL23_QUANTITY
    return forms;
}

/* Bits of the quantities that a survey with these groups has. */
BL23_INLINE unsigned bl23_quantities_of_groups(unsigned groups)
{
    unsigned quantities = 0;
#define BL23_QUANTITY(name, shape, first, count, weight, group)                                    \
    quantities |= (BL23_GROUP_##group & ~groups) == 0 ? 1u << BL23_QUANTITY_##name : 0u;
    BL23_QUANTITY_LIST(BL23_QUANTITY)
#undef BL23_QUANTITY
    return quantities;
}

/* Some of the quantities of a row, by its monomials. */
BL23_INLINE void bl23_quantities_of_row(struct bl23_knot const *knot, unsigned quantities,
                                        double const m[BL23_MONOMIALS], double s[BL23_QUANTITIES])
{
    double h[BL23_FORMS];
    bl23_amplitudes(knot, bl23_forms_of(quantities), m, h);
    bl23_quantities(knot, quantities, h, s);
}

/* Does an interval exclude anything? */
BL23_INLINE int bl23_is_limit(struct bl23_interval limit)
{
    return limit.lo > 0.0 || limit.hi < BL23_INFINITY;
}

/* Bits of the quantities that a mass limits at a level. */
BL23_INLINE unsigned bl23_limited_at(struct bl23_knot const *knot, uint64_t level)
{
    unsigned limited = 0;
    for (int q = 0; q < BL23_QUANTITIES; q++)
        limited |= bl23_is_limit(knot->allowed[level][q]) ? 1u << q : 0u;
    return limited;
}

/* The same at any level: other quantities change no verdict. */
BL23_INLINE unsigned bl23_limited_of(struct bl23_knot const *knot)
{
    return bl23_limited_at(knot, 0) | bl23_limited_at(knot, 1);
}

/* Bits of the quantities that the cut-flow reads. */
BL23_INLINE unsigned bl23_constrained_quantities(struct bl23_model const *model)
{
    unsigned constrained = 0;
    for (int c = 0; c < (int)model->n_constraints; c++)
        constrained |= 1u << model->constraint_quantity[c];
    return constrained;
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
    if (q == BL23_QUANTITY_G2) /* q is a constant at every call that is vectorised */
        return limit;
    if (q == BL23_QUANTITY_G) {
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

/* What one more limit leaves of an interval of g^2. */
BL23_INLINE double bl23_raised_lo(struct bl23_interval limit, int q, double s, double lo)
{
    return bl23_max(bl23_allowed_g2(limit, q, s).lo, lo);
}

BL23_INLINE double bl23_lowered_hi(struct bl23_interval limit, int q, double s, double hi)
{
    return bl23_min(bl23_allowed_g2(limit, q, s).hi, hi);
}

BL23_INLINE struct bl23_interval bl23_narrowed_g2(struct bl23_interval g2,
                                                  struct bl23_interval limit, int q, double s)
{
    g2.lo = bl23_raised_lo(limit, q, s, g2.lo);
    g2.hi = bl23_lowered_hi(limit, q, s, g2.hi);
    return g2;
}

/* All limits of one level at once, as an interval of g^2 within the domain. */
BL23_INLINE struct bl23_interval bl23_solve_g2(struct bl23_knot const *knot, int level,
                                               unsigned limited, double const s[BL23_QUANTITIES])
{
    struct bl23_interval all = bl23_domain_g2();
    BL23_UNROLL
    for (int q = 0; q < BL23_QUANTITIES; q++)
        if (limited >> q & 1u)
            all = bl23_narrowed_g2(all, knot->allowed[level][q], q, s[q]);
    return all;
}

/* lo/hi of an interval of g^2. */
BL23_INLINE double bl23_solve_ratio(struct bl23_interval g2)
{
    return g2.hi > 0.0 && g2.lo < BL23_INFINITY ? g2.lo / g2.hi : BL23_INFINITY;
}

/* Its root: the factor by which a miss misses. */
BL23_INLINE double bl23_solve_tension(struct bl23_interval g2)
{
    return sqrt(bl23_solve_ratio(g2));
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

/* The largest tension, and whether all limits hold, after one more limit with g given. */
struct bl23_given {
    double tension;
    int holds;
};

BL23_INLINE struct bl23_given bl23_given_step(struct bl23_given so_far, struct bl23_interval limit,
                                              int q, double s, double g)
{
    double const x = bl23_quantity_value(q, s, g);
    so_far.tension = bl23_max(bl23_limit_tension(limit, x), so_far.tension);
    so_far.holds &= bl23_within(limit, x);
    return so_far;
}

/* ---- the cut-flow ---- */

/* What the constraints so far leave of a sample: with g given whether all hold, in solve mode the
 * g^2 at which all hold. */
struct bl23_passing {
    struct bl23_interval g2;
    int all;
};

BL23_INLINE struct bl23_passing bl23_passing_begin(void)
{
    struct bl23_passing const all = {bl23_domain_g2(), 1};
    return all;
}

/* One more constraint with g given: does the sample pass it alone? */
BL23_INLINE int bl23_pass_given(struct bl23_passing *p, struct bl23_interval limit, int q, double s,
                                double g)
{
    int const pass = bl23_within(limit, bl23_quantity_value(q, s, g));
    p->all &= pass;
    return pass;
}

/* One more constraint in solve mode, which alone leaves some g^2 of the domain: any at all? */
BL23_INLINE int bl23_pass_solve(struct bl23_passing *p, struct bl23_interval alone)
{
    p->g2.lo = bl23_max(alone.lo, p->g2.lo);
    p->g2.hi = bl23_min(alone.hi, p->g2.hi);
    p->all = bl23_has_g2(p->g2);
    return bl23_has_g2(alone);
}

/* ---- the verdict ---- */

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
    struct bl23_given given = {0.0, 1}, one_sigma = {0.0, 1};
    BL23_UNROLL
    for (int q = 0; q < BL23_QUANTITIES; q++) {
        if (!(limited >> q & 1u))
            continue;
        given = bl23_given_step(given, knot->allowed[level][q], q, s[q], g);
        one_sigma = bl23_given_step(one_sigma, knot->allowed[0][q], q, s[q], g);
    }
    struct bl23_verdict v;
    v.g2_lo = g * g;
    v.g2_hi = g * g;
    v.tension = given.tension;
    v.survives = given.holds;
    v.level = one_sigma.holds ? 1 : 2;
    return v;
}

/* The verdict on quantities s at a knot. `limited` are the quantities whose limits count; it must
 * hold all that exclude anything. g is ignored in solve mode. */
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

/* bl23_reference_g2 of a verdict whose edges have the roots g_lo and g_hi. */
BL23_INLINE double bl23_reference_of(struct bl23_verdict v, double g_lo, double g_hi)
{
    double const within = v.g2_lo > 0.0 ? g_lo * g_hi : v.g2_hi;
    return v.g2_lo == v.g2_hi ? v.g2_lo : within;
}

/* The value of g^2 at which the observables of a sample are given: g^2 itself, the geometric mean
 * of the interval in solve mode, or its upper edge when nothing bounds g from below. */
BL23_INLINE double bl23_reference_g2(struct bl23_verdict v)
{
    return bl23_reference_of(v, sqrt(v.g2_lo), sqrt(v.g2_hi));
}

#endif
