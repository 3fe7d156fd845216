/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "tables/bestfit/chi2_bound.h"

#include <string.h>

#include "tables/bound/bound_search.h"

enum { KNOTS_MAX = 40, PARTS_MAX = 300 };
#define AIM 1e-2     /* relative: the search ends this near to what is reached */
#define POOR 0.1     /* relative: a bound below it is not worth the search */
#define NOTHING 1e-3 /* a pull of the limits that is as good as none */

/* Values of u in rising order, and what is proven of f there. */
struct curve {
    size_t n;
    double u[KNOTS_MAX], f[KNOTS_MAX];
};

static double square(double x)
{
    return x * x;
}

/* f at u; the row that the search found improves the best. */
static enum bl23_status ask(struct bl23_fit_problem const *p, struct bl23_loop_table const *tables,
                            double u, struct bl23_best_row *best, double *f)
{
    struct bl23_bound_goal const goal = {0.5 * AIM, NOTHING, NOTHING, PARTS_MAX};
    struct bl23_bound_problem problem;
    struct bl23_bound_answer answer;
    size_t const knot = (size_t)(p->knot - p->model->knot);
    *f = (double)INFINITY;
    if (!bl23_bound_of_pulls(p->model, tables, knot, p->chi2, u, &problem))
        return BL23_OK;
    BL23_TRY(bl23_bound_search(&problem, goal, &answer));
    if (!bl23_bound_is_never(&answer))
        *f = answer.lower * (1.0 - BL23_BOUND_ROUNDING);
    bool const found = !isinf(answer.upper);
    struct bl23_bound_w const w = bl23_bound_row(answer.modulus, answer.phase);
    bl23_bound_answer_free(&answer);
    if (!found)
        return BL23_OK;
    double const row[6] = {w.re[0], w.im[0], w.re[1], w.im[1], w.re[2], w.im[2]};
    struct bl23_best_row there = bl23_fit_row(p, row);
    BL23_TRY(bl23_fit_improve(p, &there));
    if (there.chi2 < best->chi2)
        *best = there;
    return BL23_OK;
}

/* The least of the bounds between two knots, and below which. */
static double weakest(struct curve const *c, size_t *at)
{
    double least = (double)INFINITY;
    for (size_t k = 0; k + 1 < c->n; k++) {
        double const here = square(c->u[k]) + square(c->f[k + 1]);
        if (here < least) {
            least = here;
            *at = k;
        }
    }
    return least;
}

/* What the bound cannot exceed, however many knots there are. */
static double ceiling(struct curve const *c)
{
    double least = (double)INFINITY;
    for (size_t k = 0; k < c->n; k++)
        least = fmin(least, square(c->u[k]) + square(c->f[k]));
    return least;
}

/* Would a knot more be worth while? Not where the bound is as good as what is reached, nor where
 * the knots on both sides are close already, nor where it stays a small part of it anyway. */
static bool can_rise(struct curve const *c, size_t *at, double reached)
{
    return weakest(c, at) < (1.0 - AIM) * reached &&
           square(c->u[*at + 1]) - square(c->u[*at]) > AIM * reached && ceiling(c) > POOR * reached;
}

enum bl23_status bl23_chi2_bound(struct bl23_fit_problem const *p,
                                 struct bl23_loop_table const *tables, struct bl23_best_row *best,
                                 double *proven)
{
    double const constant = p->chi2->constant;
    double const last = sqrt(fmax(best->chi2 - constant, 0.0));
    struct curve c = {2, {0.0, last}, {(double)INFINITY, 0.0}};
    size_t at = 0;
    *proven = constant;
    if (last < NOTHING)
        return BL23_OK;
    BL23_TRY(ask(p, tables, last, best, &c.f[1]));
    while (c.n < KNOTS_MAX && can_rise(&c, &at, best->chi2 - constant)) {
        double const u = 0.5 * (c.u[at] + c.u[at + 1]);
        double f;
        BL23_TRY(ask(p, tables, u, best, &f));
        memmove(&c.u[at + 2], &c.u[at + 1], (c.n - at - 1) * sizeof c.u[0]);
        memmove(&c.f[at + 2], &c.f[at + 1], (c.n - at - 1) * sizeof c.f[0]);
        c.u[at + 1] = u;
        c.f[at + 1] = f;
        c.n++;
    }
    double const least = fmin(weakest(&c, &at), square(last));
    if (least < NOTHING * square(NOTHING)) /* rounding of a u that is 0 */
        return BL23_OK;
    *proven = constant + least * (1.0 - BL23_BOUND_ROUNDING);
    return BL23_OK;
}
