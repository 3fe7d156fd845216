/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* A random walk comes near the smallest v of its surroundings but not to it, because many limits
 * meet there: few steps lead down between them.
 *
 * A row is improved by sequential convex programming. At the row every limit that is not
 * convex in sigma is replaced by one that is and that agrees with it to first order: a lower edge
 * |K| >= c by n.K >= c with n the direction of K there, a limit on D0 mixing by one on its tangent.
 * The solver then finds the best sigma near the row, and its largest eigenvector is the next row if
 * it is better. The neighbourhood grows while rows get better and shrinks where they do not. */
#include "tables/bound/bound_polish.h"

#include <math.h>
#include <string.h>

#include "tables/bound/bound_solver.h"

#define RADIUS_FIRST 0.1
#define RADIUS_LARGEST 0.5
#define RADIUS_LAST 1e-9
#define BETTER 1e-6 /* relative */
#define ACTIVE 0.25 /* of a limit: from there on its tangent is that of the root */
enum { STEPS_MAX = 40 };
#define STRIDE_FIRST 0.3 /* of a walk, for rows of norm 1 */
#define STRIDE_LAST 1e-9
#define LONGER 1.5
#define SHORTER 0.95
enum { WALK_STEPS = 1000 };

/* From -1 to 1; splitmix64 (Steele, Lea, Flood 2014). */
static double uniform(uint64_t *state)
{
    uint64_t z = (*state += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return (double)((z ^ (z >> 31)) >> 11) * 0x1p-52 - 1.0;
}

/* A row of norm 1 around another, or around none. */
static struct bl23_bound_w around(struct bl23_bound_w w, double stride, uint64_t *state)
{
    double norm2 = 0.0;
    for (int i = 0; i < 3; i++) {
        w.re[i] += stride * uniform(state);
        w.im[i] += stride * uniform(state);
        norm2 += w.re[i] * w.re[i] + w.im[i] * w.im[i];
    }
    for (int i = 0; i < 3; i++) {
        w.re[i] /= sqrt(norm2);
        w.im[i] /= sqrt(norm2);
    }
    return w;
}

static double value_of(struct bl23_bound_problem const *problem, struct bl23_bound_w const *w)
{
    double monomial[BL23_MONOMIALS], g;
    bl23_bound_monomials(w, monomial);
    return bl23_bound_value(problem, monomial, &g);
}

double bl23_bound_walk(struct bl23_bound_problem const *problem, uint64_t *state,
                       struct bl23_bound_w *w)
{
    struct bl23_bound_w const none = {{0.0}, {0.0}};
    *w = around(none, 1.0, state);
    double v = value_of(problem, w), stride = STRIDE_FIRST;
    for (int step = 0; step < WALK_STEPS && stride > STRIDE_LAST; step++) {
        struct bl23_bound_w const next = around(*w, stride, state);
        double const next_v = value_of(problem, &next);
        stride = next_v < v ? fmin(LONGER * stride, STRIDE_FIRST) : SHORTER * stride;
        if (next_v < v) {
            *w = next;
            v = next_v;
        }
    }
    return v;
}

static double applied(double const form[BL23_MONOMIALS], double const monomial[BL23_MONOMIALS])
{
    double h = 0.0;
    for (int k = 0; k < BL23_MONOMIALS; k++)
        h += form[k] * monomial[k];
    return h;
}

static void add_to(double sum[BL23_MONOMIALS], double factor, double const form[BL23_MONOMIALS])
{
    for (int k = 0; k < BL23_MONOMIALS; k++)
        sum[k] += factor * form[k];
}

static struct bl23_bound_kind *add_kind(struct bl23_bound_problem *p, int rows,
                                        enum bl23_bound_plane plane, struct bl23_bound_limit k2)
{
    struct bl23_bound_kind *const kind = &p->kind[p->kinds++];
    memset(kind, 0, sizeof *kind);
    kind->rows = rows;
    kind->plane = plane;
    kind->k2 = k2;
    return kind;
}

/* The lower edge of a kind becomes that of a half-space. */
static void straighten(struct bl23_bound_problem *p, int k, double const monomial[BL23_MONOMIALS])
{
    struct bl23_bound_kind *const kind = &p->kind[k];
    double n[BL23_BOUND_ROWS_MAX], size = 0.0;
    for (int r = 0; r < kind->rows; r++) {
        n[r] = applied(kind->form[r], monomial);
        size = hypot(size, n[r]);
    }
    if (!(kind->k2.lo > 0.0) || size == 0.0)
        return;
    struct bl23_bound_limit const edge = {kind->k2.lo, (double)INFINITY, kind->k2.power};
    struct bl23_bound_kind *const half = add_kind(p, 1, BL23_BOUND_POSITIVE, edge);
    for (int r = 0; r < kind->rows; r++)
        add_to(half->form[0], n[r] / size, kind->form[r]);
    kind->k2.lo = 0.0;
}

/* m = weight[0] F_V^2 + weight[1] F_A^2 at a row: the parts that the quantity is made of, Re and Im
 * or Im alone, and the form of each derivative; value_of(derivative) = 2 part by Euler. */
struct mixing {
    int parts;
    double part[2], derivative[2][BL23_MONOMIALS];
    double size; /* of the parts together */
};

static struct mixing mixing_at(struct bl23_bound_outside const *o,
                               double const monomial[BL23_MONOMIALS])
{
    struct mixing m = {.parts = 0};
    double h[4];
    for (int r = 0; r < 4; r++)
        h[r] = applied(o->form[r], monomial);
    for (int part = o->quantity == BL23_QUANTITY_X12_IM ? 1 : 0; part < 2; part++) {
        double *const d = m.derivative[m.parts];
        for (int f = 0; f < 2; f++) {
            double const re = 2.0 * o->weight[f] * h[2 * f], im = 2.0 * o->weight[f] * h[2 * f + 1];
            add_to(d, part == 0 ? re : im, o->form[2 * f]);
            add_to(d, part == 0 ? -im : re, o->form[2 * f + 1]);
        }
        m.part[m.parts] = 0.5 * applied(d, monomial);
        m.size = hypot(m.size, m.part[m.parts++]);
    }
    return m;
}

/* The tangents of a limit lo v^-p <= |g^2 m| <= hi v^p at a row, its g and v. |m|^1/2 is
 * homogeneous in sigma: its tangent D/(2 |m|^1/2), D being the derivative, has no constant, and
 * agrees also when g and v change. Far below the limit |m| may be zero, and that of m itself stands
 * for it. */
static void add_tangents(struct bl23_bound_problem *p, struct bl23_bound_outside const *o,
                         double const monomial[BL23_MONOMIALS], double g, double v)
{
    struct mixing const m = mixing_at(o, monomial);
    double const scale = o->k2.power == 1 ? v : 1.0, root = 2.0 * sqrt(m.size);
    if (o->k2.lo > 0.0 && m.size > 0.0) {
        struct bl23_bound_limit const edge = {o->k2.lo, (double)INFINITY, o->k2.power};
        struct bl23_bound_kind *const half = add_kind(p, 1, BL23_BOUND_POSITIVE, edge);
        for (int r = 0; r < m.parts; r++)
            add_to(half->form[0], m.part[r] / m.size / root, m.derivative[r]);
    }
    if (isinf(o->k2.hi))
        return;
    bool const active = g * g * m.size >= ACTIVE * o->k2.hi * scale;
    struct bl23_bound_limit edge = {0.0, o->k2.hi, o->k2.power};
    if (!active)
        edge.hi *= o->k2.hi * scale / (g * g);
    struct bl23_bound_kind *const kind = add_kind(p, m.parts, BL23_BOUND_NO_PLANE, edge);
    for (int r = 0; r < m.parts; r++) {
        add_to(kind->form[r], active ? 1.0 / root : 1.0, m.derivative[r]);
        for (int i = 0; i < 3 && !active; i++)
            kind->form[r][i] -= m.part[r];
    }
}

/* The convex problem that agrees with the limits at a row. */
static void tangent_at(struct bl23_bound_problem const *problem,
                       double const monomial[BL23_MONOMIALS], double g, double v,
                       struct bl23_bound_problem *tangent)
{
    *tangent = *problem;
    tangent->outsides = 0;
    for (int k = 0; k < problem->kinds; k++)
        straighten(tangent, k, monomial);
    for (int k = 0; k < problem->outsides; k++)
        add_tangents(tangent, &problem->outside[k], monomial, g, v);
}

/* The best row near *w by the tangents there, and the v that they promise; false if there is none.
 */
static bool next_row(struct bl23_bound_problem const *problem,
                     struct bl23_bound_problem const *provable, double radius,
                     struct bl23_bound_w *w, double *promise)
{
    struct bl23_bound_part const everything = bl23_bound_everything();
    struct bl23_bound_problem tangent, scaled;
    struct bl23_bound_solution solution;
    struct bl23_bound_eigen eigen;
    double monomial[BL23_MONOMIALS], form[BL23_MONOMIALS], g;
    bl23_bound_monomials(w, monomial);
    double v = bl23_bound_value(problem, monomial, &g);
    if (isinf(v))
        v = bl23_bound_value(provable, monomial, &g);
    if (!(v > 0.0) || isinf(v) || !(g > 0.0) || isinf(g))
        return false;
    tangent_at(problem, monomial, g, v, &tangent);
    double const unit = bl23_bound_unit(v);
    bl23_bound_in_units(&tangent, unit, &scaled);
    bl23_bound_solve(&scaled, &everything, w, radius, &solution);
    for (int k = 0; k < BL23_MONOMIALS; k++)
        form[k] = k < 3 ? solution.moment[k] : 2.0 * solution.moment[k];
    if (!solution.found || !solution.feasible || bl23_bound_eigen(form, &eigen) != BL23_OK)
        return false;
    *w = eigen.vector[2];
    *promise = unit * solution.v;
    return true;
}

double bl23_bound_polish(struct bl23_bound_problem const *problem,
                         struct bl23_bound_problem const *provable, struct bl23_bound_w *w)
{
    double v = value_of(problem, w), radius = RADIUS_FIRST;
    for (int step = 0; step < STEPS_MAX && v > 0.0 && radius > RADIUS_LAST; step++) {
        struct bl23_bound_w next = *w;
        double promise = 0.0;
        bool const found = next_row(problem, provable, radius, &next, &promise);
        double const next_v = found ? value_of(problem, &next) : (double)INFINITY;
        if (found && next_v >= v && promise >= v * (1.0 - BETTER) && !isinf(v))
            break; /* nothing better is near */
        bool const better = next_v < v * (1.0 - BETTER), nowhere = isinf(v);
        if (!nowhere || better)
            radius = better ? fmin(2.0 * radius, RADIUS_LARGEST) : 0.1 * radius;
        if (next_v < v || nowhere) {
            *w = next;
            v = next_v;
        }
    }
    return v;
}
