/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* chi^2 of a sample, and its minimum over g in closed form. Points, surveys that rank by chi^2 and
 * `bl23 bestfit` call it.
 *
 * Each constraint adds ((y - central)/sigma)^2, y being the value of its quantity, with one sigma
 * below the centre and another above (docs/fit.md). Every quantity but g itself is x s with
 * x = g^2, and a limit on g adds g^2/sigma^2, so that chi^2(x) is convex and a parabola between
 * the break points central/s. Half its slope rises with x: of the break points, the last at which
 * it is not above zero begins the parabola that holds the minimum. Nothing is sorted, and every sum
 * goes over the constraints in their order, so that the result is the same wherever it is computed.
 */
#ifndef BL23_KERNELS_CHI2_H
#define BL23_KERNELS_CHI2_H

#include "kernels/sample/verdict.h"

/* The ranking of a model of the group CHI2. */
BL23_INLINE struct bl23_ranking const *bl23_model_ranking(struct bl23_model const *model)
{
    return (struct bl23_ranking const *)&model->knot[model->n_knots];
}

/* Does chi^2 decide who survives? */
BL23_INLINE int bl23_chi2_decides(struct bl23_model const *model)
{
    return (model->groups & BL23_GROUP_CHI2) != 0 &&
           bl23_model_ranking(model)->chi2_max < BL23_INFINITY;
}

/* Never -0. */
BL23_INLINE double bl23_log_like(double chi2)
{
    return 0.0 - 0.5 * chi2;
}

struct bl23_chi2_least {
    double chi2, g2;
};

/* chi^2 at x = g^2, out of the quantities s divided by g^2. */
BL23_INLINE double bl23_chi2_at(struct bl23_model const *model, struct bl23_chi2 const *t,
                                double const s[BL23_QUANTITIES], double x)
{
    double sum = fma(t->half[BL23_QUANTITY_G], x, t->constant);
    for (int q = 0; q < BL23_QUANTITY_G; q++) {
        double const y = x * s[q];
        sum = fma(t->half[q] * y, y, sum);
    }
    for (int c = 0; c < (int)model->n_constraints; c++) {
        struct bl23_split_gauss const k = t->split[c];
        double const miss = fma(x, s[model->constraint_quantity[c]], -k.central);
        sum = fma((miss < 0.0 ? k.below : k.above) * miss, miss, sum);
    }
    return sum;
}

/* The parabola a x^2 - 2 b x + ... on which chi^2 lies just above `x`: the terms beyond their break
 * points there are on their upper side. */
struct bl23_parabola {
    double a, b;
};

BL23_INLINE double bl23_break_point(struct bl23_split_gauss k, double s)
{
    return k.central > 0.0 ? k.central / s : 0.0; /* infinity where s is 0 */
}

BL23_INLINE struct bl23_parabola bl23_parabola_above(struct bl23_model const *model,
                                                     struct bl23_chi2 const *t,
                                                     double const s[BL23_QUANTITIES], double x)
{
    struct bl23_parabola p = {0.0, -0.5 * t->half[BL23_QUANTITY_G]};
    for (int q = 0; q < BL23_QUANTITY_G; q++)
        p.a = fma(t->half[q] * s[q], s[q], p.a);
    for (int c = 0; c < (int)model->n_constraints; c++) {
        struct bl23_split_gauss const k = t->split[c];
        double const value = s[model->constraint_quantity[c]];
        double const weight = bl23_break_point(k, value) <= x ? k.above : k.below;
        p.a = fma(weight * value, value, p.a);
        p.b = fma(weight * value, k.central, p.b);
    }
    return p;
}

/* The least chi^2 over g^2 from 0 to the end of the domain, and where it is; 0 where only limits
 * act. */
BL23_INLINE struct bl23_chi2_least bl23_chi2_minimum(struct bl23_model const *model,
                                                     struct bl23_chi2 const *t,
                                                     double const s[BL23_QUANTITIES])
{
    double const end = bl23_domain_g2().hi;
    double from = 0.0;
    for (int c = 0; c < (int)model->n_constraints; c++) {
        struct bl23_split_gauss const k = t->split[c];
        double const x = bl23_break_point(k, s[model->constraint_quantity[c]]);
        if (k.below == 0.0 || !(x > from && x < end))
            continue;
        struct bl23_parabola const p = bl23_parabola_above(model, t, s, x);
        if (fma(p.a, x, -p.b) <= 0.0)
            from = x;
    }
    struct bl23_parabola const p = bl23_parabola_above(model, t, s, from);
    double const x = p.a > 0.0 ? p.b / p.a : p.b > 0.0 ? end : 0.0;
    struct bl23_chi2_least least;
    least.g2 = bl23_min(bl23_max(x, from), end);
    least.chi2 = bl23_chi2_at(model, t, s, least.g2);
    return least;
}

/* chi^2 at a given g, or the least one. */
BL23_INLINE struct bl23_chi2_least bl23_chi2_of(struct bl23_model const *model,
                                                struct bl23_chi2 const *t, int solve,
                                                double const s[BL23_QUANTITIES], double g)
{
    struct bl23_chi2_least at;
    if (solve)
        return bl23_chi2_minimum(model, t, s);
    at.g2 = g * g;
    at.chi2 = bl23_chi2_at(model, t, s, at.g2);
    return at;
}

#endif
