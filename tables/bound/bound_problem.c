/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "tables/bound/bound_problem.h"

#include <math.h>
#include <string.h>

/* Relative widening that covers the rounding of limits, kappa and Delta a_mu in the model, each
 * rounded to half a unit at most twice, and that of the drawn g. */
#define LIMIT_ROUNDING 0x1p-48
enum { UNIT_EXPONENT = 800 }; /* of 2: limits in such units stay normal numbers */

struct bl23_form_range bl23_bound_rows(int kind)
{
    return bl23_form_range_of(BL23_QUANTITY_OF_FORMS + kind);
}

static struct bl23_interval widened(struct bl23_interval limit)
{
    return (struct bl23_interval){limit.lo * (1.0 - LIMIT_ROUNDING),
                                  limit.hi * (1.0 + LIMIT_ROUNDING)};
}

static void free_g(struct bl23_bound_problem *p)
{
    for (int n = 0; n < BL23_BOUND_POWERS; n++) {
        p->g_lo[n] = 0.0;
        p->g_hi[n] = (double)INFINITY;
    }
}

static void limit_g(struct bl23_bound_problem *p, int power, double lo, double hi)
{
    p->g_lo[power] = fmax(p->g_lo[power], lo);
    p->g_hi[power] = fmin(p->g_hi[power], hi);
}

/* The g that the survey may draw; where it is solved for, its domain is a limit. */
static struct bl23_interval drawn_g(struct bl23_model const *model)
{
    if (model->g_mode == BL23_G_SOLVE)
        return (struct bl23_interval){0.0, (double)INFINITY};
    if (model->g_mode == BL23_G_FIXED)
        return (struct bl23_interval){model->g_min, model->g_min};
    double const g_max = model->g_min * exp2(model->g_log2_ratio);
    struct bl23_interval const drawn = widened((struct bl23_interval){model->g_min, g_max});
    return (struct bl23_interval){drawn.lo, fmin(drawn.hi, BL23_G_MAX)};
}

bool bl23_bound_of_knot(struct bl23_model const *model, struct bl23_loop_table const *tables,
                        size_t knot, struct bl23_bound_problem *p)
{
    struct bl23_interval const *const allowed = model->knot[knot].allowed[model->level];
    for (int q = 0; q < BL23_QUANTITIES; q++)
        if (!(allowed[q].hi > 0.0) || isinf(allowed[q].lo))
            return false;
    memcpy(p->form, model->knot[knot].form, sizeof p->form);
    memcpy(p->form_error, tables[knot].form_error, sizeof p->form_error);
    for (int q = 0; q < BL23_BOUND_KINDS; q++) {
        struct bl23_interval const limit = widened(allowed[BL23_QUANTITY_OF_FORMS + q]);
        p->k2[q] = (struct bl23_bound_limit){limit.lo, limit.hi, 1};
    }
    struct bl23_interval const g2 = widened(allowed[BL23_QUANTITY_G2]);
    struct bl23_interval const g = widened(allowed[BL23_QUANTITY_G]);
    struct bl23_interval const drawn = drawn_g(model);
    free_g(p);
    limit_g(p, 0, drawn.lo, drawn.hi);
    limit_g(p, 1, sqrt(g2.lo), sqrt(g2.hi));
    if (model->g_mode == BL23_G_SOLVE) { /* as the tension of kernels/sample/verdict.h */
        limit_g(p, 1, g.lo, g.hi);
        limit_g(p, 1, 0.0, BL23_G_MAX);
    } else {
        limit_g(p, 2, g.lo, g.hi);
    }
    return true;
}

void bl23_bound_of_largest_g(struct bl23_bound_problem const *tension, struct bl23_bound_problem *p)
{
    *p = *tension;
    for (int q = 0; q < BL23_BOUND_KINDS; q++)
        p->k2[q].lo = 0.0;
    free_g(p);
    limit_g(p, 0, 1.0, 1.0);
}

void bl23_bound_of_quantity(struct bl23_bound_problem const *tension, int kind, double unit,
                            struct bl23_bound_problem *p)
{
    *p = *tension;
    free_g(p);
    for (int q = 0; q < BL23_BOUND_KINDS; q++)
        p->k2[q].power = 0;
    for (int n = 0; n < BL23_BOUND_POWERS; n++)
        limit_g(p, 0, tension->g_lo[n], tension->g_hi[n]);
    p->k2[kind] = (struct bl23_bound_limit){0.0, unit, 1};
}

double bl23_bound_floor(struct bl23_bound_problem const *p)
{
    double floor = 0.0; /* lo/v <= hi v; the limits themselves are widened already */
    for (int kind = 0; kind < BL23_BOUND_KINDS; kind++)
        if (p->k2[kind].power == 1 && p->k2[kind].lo > 0.0)
            floor = fmax(floor, sqrt(p->k2[kind].lo / p->k2[kind].hi) * (1.0 - LIMIT_ROUNDING));
    return floor;
}

void bl23_bound_in_units(struct bl23_bound_problem const *problem, double unit,
                         struct bl23_bound_problem *scaled)
{
    double const root = sqrt(unit), power[BL23_BOUND_POWERS] = {1.0, root, unit};
    *scaled = *problem;
    for (int kind = 0; kind < BL23_BOUND_KINDS; kind++)
        if (scaled->k2[kind].power == 1) {
            scaled->k2[kind].lo /= unit;
            scaled->k2[kind].hi *= unit;
        }
    for (int n = 0; n < BL23_BOUND_POWERS; n++) {
        scaled->g_lo[n] /= power[n];
        scaled->g_hi[n] *= power[n];
    }
}

double bl23_bound_unit(double v)
{
    int exponent;
    if (!(v > 0.0) || isinf(v))
        return 1.0;
    frexp(v, &exponent);
    exponent = exponent > UNIT_EXPONENT ? UNIT_EXPONENT : exponent;
    exponent = exponent < -UNIT_EXPONENT ? -UNIT_EXPONENT : exponent;
    return ldexp(1.0, exponent - exponent % 2);
}

/* A limit x <= edge v^power or x >= edge v^-power on g, powers of v in halves. */
struct edge {
    double g;
    int halves;
};

/* s of the kinds for a row: |H|^2 and (Im H_ds)^2 of PHYSICS 4, as the verdict forms them. */
static void squares(struct bl23_bound_problem const *p, double const monomial[BL23_MONOMIALS],
                    double s[BL23_BOUND_KINDS])
{
    for (int kind = 0; kind < BL23_BOUND_KINDS; kind++) {
        struct bl23_form_range const rows = bl23_bound_rows(kind);
        s[kind] = 0.0;
        for (int r = rows.first; r < rows.first + rows.count; r++) {
            double h = 0.0;
            for (int k = 0; k < BL23_MONOMIALS; k++)
                h += p->form[r][k] * monomial[k];
            s[kind] += h * h;
        }
    }
}

/* All lower and upper limits on g of a row; a K of zero cannot meet a lower edge. */
static int edges_of(struct bl23_bound_problem const *p, double const s[BL23_BOUND_KINDS],
                    bool upper, struct edge edges[BL23_BOUND_POWERS + BL23_BOUND_KINDS])
{
    int count = 0;
    for (int n = 0; n < BL23_BOUND_POWERS; n++)
        edges[count++] = (struct edge){upper ? p->g_hi[n] : p->g_lo[n], n};
    for (int q = 0; q < BL23_BOUND_KINDS; q++) {
        double const limit = upper ? p->k2[q].hi : p->k2[q].lo;
        double const g2 = limit > 0.0 && !isinf(limit) ? limit / s[q] : limit;
        edges[count++] = (struct edge){sqrt(g2), p->k2[q].power};
    }
    return count;
}

/* The v at which a lower edge meets an upper one. */
static double meeting(struct edge lo, struct edge hi)
{
    int const halves = lo.halves + hi.halves;
    if (lo.g == 0.0 || isinf(hi.g))
        return 0.0;
    if (halves == 0 || isinf(lo.g))
        return lo.g <= hi.g && !isinf(lo.g) ? 0.0 : (double)INFINITY;
    return pow(lo.g / hi.g, 2.0 / halves);
}

double bl23_bound_value(struct bl23_bound_problem const *p, double const monomial[BL23_MONOMIALS],
                        double *g)
{
    struct edge lo[BL23_BOUND_POWERS + BL23_BOUND_KINDS], hi[BL23_BOUND_POWERS + BL23_BOUND_KINDS];
    double s[BL23_BOUND_KINDS], v = 0.0, g_lo = 0.0, g_hi = (double)INFINITY;
    squares(p, monomial, s);
    int const n_lo = edges_of(p, s, false, lo), n_hi = edges_of(p, s, true, hi);
    for (int i = 0; i < n_lo; i++)
        for (int j = 0; j < n_hi; j++)
            v = fmax(v, meeting(lo[i], hi[j]));
    double const root = v > 0.0 ? sqrt(v) : 1.0;
    for (int i = 0; i < n_lo; i++)
        g_lo = fmax(g_lo, lo[i].g > 0.0 ? lo[i].g * pow(root, -lo[i].halves) : 0.0);
    for (int j = 0; j < n_hi; j++)
        g_hi = fmin(g_hi, isinf(hi[j].g) ? hi[j].g : hi[j].g * pow(root, hi[j].halves));
    *g = g_lo > 0.0 ? fmin(sqrt(g_lo) * sqrt(g_hi), g_hi) : g_hi;
    return v;
}

/* The v that lets g pass a limit: x = g over an upper edge, or a lower edge over g. */
static double passing(double x, int halves)
{
    if (halves > 0)
        return pow(x, 2.0 / halves);
    return x <= 1.0 + LIMIT_ROUNDING ? 0.0 : (double)INFINITY;
}

double bl23_bound_value_at(struct bl23_bound_problem const *p,
                           double const monomial[BL23_MONOMIALS], double g)
{
    struct edge lo[BL23_BOUND_POWERS + BL23_BOUND_KINDS], hi[BL23_BOUND_POWERS + BL23_BOUND_KINDS];
    double s[BL23_BOUND_KINDS], v = 0.0;
    squares(p, monomial, s);
    int const n_lo = edges_of(p, s, false, lo), n_hi = edges_of(p, s, true, hi);
    for (int i = 0; i < n_lo; i++)
        v = fmax(v, passing(lo[i].g / g, lo[i].halves));
    for (int j = 0; j < n_hi; j++)
        v = fmax(v, passing(g / hi[j].g, hi[j].halves));
    return v;
}
