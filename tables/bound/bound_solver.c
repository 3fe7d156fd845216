/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "tables/bound/bound_solver.h"

#include <string.h>

#include "tables/bound/bound_barrier.h"

#define GAP_RELATIVE 1e-10L /* of v, where the path ends */
#define GAP_ABSOLUTE 1e-20L /* a smaller v is as good as zero */
#define WEIGHT_STEP 20.0L
#define WEIGHT_STEP_LEAST 1.3L
#define WEIGHT_MAX 1e26L
#define FAR_OUT 0x1p40L
enum {
    DISCS_NEEDED = BL23_BOUND_KINDS_MAX,
    LINES_NEEDED = BL23_BOUND_KINDS_MAX + 2 * BL23_BOUND_POWERS + 3
};
_Static_assert((int)BL23_BARRIER_DISCS >= (int)DISCS_NEEDED &&
                   (int)BL23_BARRIER_LINES >= (int)LINES_NEEDED &&
                   (int)BL23_BARRIER_ROWS >= (int)BL23_BOUND_ROWS_MAX,
               "a program must hold every limit of a problem");
enum { START_QUARTERS = 48 };    /* v is tried at 1, 4, 16, ... */
#define SLACK_GAP_RELATIVE 1e-6L /* a slack known so well is certainly above zero */
#define FIXED_RELATIVE 1e-6      /* a narrower range of g is a fixed g to the barrier */

/* The scaled program: K in units of its limit, g in units of g_unit. line_multiplier, line_unit and
 * disc_kind say which multiplier belongs to a line or disc, and in which unit. */
struct program {
    struct bl23_bound_problem const *problem;
    struct bl23_bound_part const *part;
    struct bl23_bound_multipliers *multipliers; /* of the solution */
    struct bl23_barrier barrier;
    double *line_multiplier[BL23_BARRIER_LINES]; /* NULL: none */
    long double line_unit[BL23_BARRIER_LINES];
    int disc_kind[BL23_BARRIER_DISCS];
    double g_unit, unit[BL23_BOUND_KINDS_MAX];
    bool g_fixed;
};

static struct bl23_barrier_line *add_line(struct program *s, double *multiplier, long double unit)
{
    struct bl23_barrier *const b = &s->barrier;
    s->line_multiplier[b->lines] = multiplier;
    s->line_unit[b->lines] = unit;
    memset(&b->line[b->lines], 0, sizeof b->line[0]);
    return &b->line[b->lines++];
}

/* The middle of the g that are left at v = 1, as a unit. */
static double unit_of_g(struct bl23_bound_problem const *p)
{
    double lo = 0.0, hi = (double)INFINITY;
    for (int n = 0; n < BL23_BOUND_POWERS; n++) {
        lo = fmax(lo, p->g_lo[n]);
        hi = fmin(hi, p->g_hi[n]);
    }
    return lo > 0.0 ? sqrt(lo) * sqrt(hi) : hi;
}

static void add_upper_edges(struct program *s)
{
    struct bl23_bound_problem const *const p = s->problem;
    for (int k = 0; k < p->kinds; k++) {
        struct bl23_bound_kind const *const kind = &p->kind[k];
        if (isinf(kind->k2.hi))
            continue;
        struct bl23_barrier_disc *const disc = &s->barrier.disc[s->barrier.discs];
        s->disc_kind[s->barrier.discs++] = k;
        disc->rows = kind->rows;
        disc->power = kind->k2.power;
        disc->k = disc->power == 0; /* the slack of a limit that does not move with v */
        for (int r = 0; r < kind->rows; r++)
            bl23_barrier_coordinates(kind->form[r], (long double)s->g_unit / s->unit[k],
                                     disc->row[r]);
    }
}

static void add_lower_edges(struct program *s)
{
    struct bl23_bound_problem const *const p = s->problem;
    for (int k = 0; k < p->kinds; k++) {
        struct bl23_bound_kind const *const kind = &p->kind[k];
        double n[BL23_BOUND_ROWS_MAX], cosine, form[BL23_MONOMIALS] = {0.0};
        bl23_bound_direction(s->part, kind->plane, n, &cosine);
        if (!(cosine > 0.0) || kind->k2.lo == 0.0)
            continue;
        for (int r = 0; r < kind->rows; r++)
            for (int i = 0; i < BL23_MONOMIALS; i++)
                form[i] += n[r] * kind->form[r][i];
        struct bl23_barrier_line *const line = add_line(s, &s->multipliers->lower[k], s->unit[k]);
        bl23_barrier_coordinates(form, (long double)s->g_unit / s->unit[k], line->l);
        line->c = -(long double)(cosine * sqrt(kind->k2.lo) / s->unit[k]);
        line->e = -0.5L * kind->k2.power;
        line->k = 1.0L; /* not every w meets it, however large v is */
    }
}

static void add_g_limits(struct program *s)
{
    struct bl23_bound_problem const *const p = s->problem;
    for (int n = 0; n < BL23_BOUND_POWERS; n++) {
        if (n == 0 && s->g_fixed)
            continue;
        if (!isinf(p->g_hi[n])) {
            struct bl23_barrier_line *const line = add_line(s, &s->multipliers->g_hi[n], s->g_unit);
            line->l[0] = -1.0L;
            line->c = (long double)p->g_hi[n] / s->g_unit;
            line->e = 0.5L * n;
        }
        if (p->g_lo[n] > 0.0) {
            struct bl23_barrier_line *const line = add_line(s, &s->multipliers->g_lo[n], s->g_unit);
            line->l[0] = 1.0L;
            line->c = -(long double)p->g_lo[n] / s->g_unit;
            line->e = -0.5L * n;
        }
    }
}

static void add_cut(struct program *s, double *multiplier, double const form[BL23_MONOMIALS])
{
    struct bl23_barrier_line *const line = add_line(s, multiplier, s->g_unit);
    bl23_barrier_coordinates(form, -1.0L, line->l);
}

/* (1 - radius) - |w0^+ w|^2 <= 0. |w0^+ w|^2 has coefficients |w0_i|^2 and twice the monomials. */
static void add_neighbourhood(struct program *s, struct bl23_bound_w const *near, double radius)
{
    double form[BL23_MONOMIALS];
    bl23_bound_monomials(near, form);
    for (int k = 0; k < BL23_MONOMIALS; k++)
        form[k] = k < 3 ? 1.0 - radius - form[k] : -2.0 * form[k];
    add_cut(s, NULL, form);
}

static void build(struct program *s, struct bl23_bound_w const *near, double radius)
{
    struct bl23_bound_problem const *const p = s->problem;
    s->g_unit = unit_of_g(p);
    s->g_fixed = p->g_lo[0] > 0.0 && p->g_hi[0] <= p->g_lo[0] * (1.0 + FIXED_RELATIVE);
    for (int k = 0; k < p->kinds; k++) {
        struct bl23_bound_limit const limit = p->kind[k].k2;
        s->unit[k] = !isinf(limit.hi) ? sqrt(limit.hi) : limit.lo > 0.0 ? sqrt(limit.lo) : 1.0;
    }
    add_upper_edges(s);
    add_lower_edges(s);
    add_g_limits(s);
    for (int disc = 0; s->part->chart >= 0 && disc < 2; disc++) {
        double form[BL23_MONOMIALS];
        bl23_bound_disc(s->part, disc, form);
        add_cut(s, &s->multipliers->disc[disc], form);
    }
    if (near)
        add_neighbourhood(s, near, radius);
}

/* A row in the middle, mixed with a little of everything: inside every disc and neighbourhood. */
static void start_sigma(struct program *s, struct bl23_bound_w const *near, double radius)
{
    struct bl23_bound_w w;
    double m[BL23_MONOMIALS], mix = s->part->chart < 0 ? 1.0 : 0.5;
    bl23_bound_middle(s->part, w.re, w.im);
    for (int side = 0; s->part->chart >= 0 && side < 4; side++)
        mix = fmin(mix, 0.02 * pow(s->part->z_hi[side] - s->part->z_lo[side], 2.0));
    if (near) {
        w = *near;
        mix = fmin(mix, radius);
    }
    bl23_bound_monomials(&w, m);
    for (int k = 0; k < BL23_MONOMIALS; k++)
        m[k] = (1.0 - mix) * m[k] + (k < 3 ? mix / 3.0 : 0.0);
    long double *const x = s->barrier.x;
    for (int k = 1; k < BL23_MONOMIALS; k++)
        x[k] = m[k];
    x[0] = 1.0L;
}

/* g in the middle of its fixed limits, and v so large that all constraints without slack hold. */
static bool start_v(struct program *s)
{
    struct bl23_bound_problem const *const p = s->problem;
    struct bl23_barrier *const b = &s->barrier;
    long double const lo = p->g_lo[0] / s->g_unit, hi = p->g_hi[0] / s->g_unit;
    long double const g =
        s->g_fixed ? lo : fminl(fmaxl(1.0L, 1.1L * lo), 0.5L * (lo + fminl(hi, 1e30L)));
    for (int k = 0; k < BL23_MONOMIALS; k++)
        b->x[k] *= g;
    for (int quarter = 0; quarter < START_QUARTERS; quarter++) {
        bool inside = true;
        long double k[BL23_BARRIER_ROWS];
        b->x[BL23_BARRIER_V] = ldexpl(1.0L, 2 * quarter);
        for (int i = 0; i < b->discs; i++)
            inside = inside &&
                     (b->disc[i].k > 0.0L || bl23_barrier_disc_value(&b->disc[i], b->x, k) > 0.0L);
        for (int i = 0; i < b->lines; i++)
            inside = inside &&
                     (b->line[i].k > 0.0L || bl23_barrier_line_value(&b->line[i], b->x) > 0.0L);
        if (inside)
            return true;
    }
    return false;
}

/* Constraints with slack: the least value of any of them, at most 1. */
static long double worst_value(struct bl23_barrier const *b)
{
    long double worst = 1.0L, k[BL23_BARRIER_ROWS];
    for (int i = 0; i < b->lines; i++)
        if (b->line[i].k > 0.0L)
            worst = fminl(worst, bl23_barrier_line_value(&b->line[i], b->x));
    for (int i = 0; i < b->discs; i++)
        if (b->disc[i].k > 0.0L)
            worst = fminl(worst, bl23_barrier_disc_value(&b->disc[i], b->x, k));
    return worst;
}

/* Minimise the slack at fixed v until all constraints hold without it. */
static bool reach_inside(struct program *s)
{
    struct bl23_barrier *const b = &s->barrier;
    long double *const slack = &b->x[BL23_BARRIER_SLACK];
    *slack = 0.0L;
    long double const worst = worst_value(b);
    if (worst > 0.0L)
        return true;
    *slack = -2.0L * worst + 1e-30L;
    b->objective = BL23_BARRIER_SLACK;
    b->active[BL23_BARRIER_V] = false;
    b->active[BL23_BARRIER_SLACK] = true;
    b->x[BL23_BARRIER_V] *= FAR_OUT; /* what cannot be met there cannot be met at all */
    b->weight = 1.0L / *slack;
    while (*slack >= 0.0L) {
        if (!bl23_barrier_centre(b, true) || b->weight > WEIGHT_MAX ||
            bl23_barrier_gap(b) < SLACK_GAP_RELATIVE * *slack)
            return *slack < 0.0L;
        b->weight *= WEIGHT_STEP;
    }
    return true;
}

/* A centre of the path, to come back to. */
struct centre {
    long double x[BL23_BARRIER_SIZE], step[BL23_BARRIER_SIZE], weight;
};

static struct centre centre_of(struct bl23_barrier const *b)
{
    struct centre c = {.weight = b->weight};
    memcpy(c.x, b->x, sizeof c.x);
    memcpy(c.step, b->step, sizeof c.step);
    return c;
}

static void return_to(struct bl23_barrier *b, struct centre const *c)
{
    b->weight = c->weight;
    memcpy(b->x, c->x, sizeof b->x);
    memcpy(b->step, c->step, sizeof b->step);
}

/* Along the central path to the least v. Where the next centre is out of reach of the arithmetic a
 * nearer one is tried; the last that was reached is kept. */
static bool minimise_v(struct program *s)
{
    struct bl23_barrier *const b = &s->barrier;
    struct centre last = centre_of(b);
    long double factor = WEIGHT_STEP;
    bool reached = false;
    b->objective = BL23_BARRIER_V;
    b->active[BL23_BARRIER_V] = true;
    b->active[BL23_BARRIER_SLACK] = false;
    b->x[BL23_BARRIER_SLACK] = 0.0L;
    b->weight = 1.0L / b->x[BL23_BARRIER_V];
    while (factor > WEIGHT_STEP_LEAST) {
        if (bl23_barrier_centre(b, false)) {
            last = centre_of(b);
            reached = true;
        } else if (reached) {
            return_to(b, &last);
            factor = sqrtl(factor);
        } else {
            return false;
        }
        if (bl23_barrier_gap(b) < fmaxl(GAP_ABSOLUTE, GAP_RELATIVE * b->x[BL23_BARRIER_V]))
            break;
        b->weight *= factor;
    }
    return_to(b, &last);
    return true;
}

/* With g fixed its multiplier is free: the least that lets M = matrix + x 1 be >= 0. */
static void multiplier_of_fixed_g(struct program const *s, long double const matrix[BL23_MONOMIALS])
{
    struct bl23_bound_eigen eigen;
    double form[BL23_MONOMIALS];
    for (int k = 0; k < BL23_MONOMIALS; k++)
        form[k] = (double)matrix[k];
    if (bl23_bound_eigen(form, &eigen) == BL23_OK)
        *(eigen.value[0] < 0.0 ? s->multipliers->g_hi : s->multipliers->g_lo) =
            fabs(eigen.value[0]) / s->g_unit;
}

/* At the centre, 1/(weight f) is the multiplier of f > 0; the Newton step that is left corrects it
 * to first order, which makes the sum of multipliers times gradients exact to rounding although f
 * itself has lost most of its digits. */
static void read_multipliers(struct program const *s)
{
    struct bl23_barrier const *const b = &s->barrier;
    long double matrix[9] = {0.0L}; /* minus the sum of multipliers times gradients */
    long double k[BL23_BARRIER_ROWS], dk[BL23_BARRIER_ROWS];
    for (int i = 0; i < b->lines; i++) {
        long double const l = (1.0L - bl23_barrier_line_change(b, i)) /
                              (b->weight * bl23_barrier_line_value(&b->line[i], b->x));
        if (s->line_multiplier[i])
            *s->line_multiplier[i] = fmax((double)(l / s->line_unit[i]), 0.0);
        for (int c = 0; c < 9; c++)
            matrix[c] -= l * b->line[i].l[c];
    }
    for (int i = 0; i < b->discs; i++) {
        int const kind = s->disc_kind[i];
        long double const change = bl23_barrier_disc_change(b, i, dk);
        long double const l = 2.0L / (b->weight * bl23_barrier_disc_value(&b->disc[i], b->x, k));
        for (int r = 0; r < b->disc[i].rows; r++) {
            long double const y = l * ((1.0L - change) * k[r] + dk[r]);
            s->multipliers->upper[kind][r] = (double)(y / s->unit[kind]);
            for (int c = 0; c < 9; c++)
                matrix[c] += y * b->disc[i].row[r][c];
        }
    }
    matrix[1] += matrix[0]; /* from coordinates back to coefficients of a form */
    matrix[2] += matrix[0];
    if (s->g_fixed)
        multiplier_of_fixed_g(s, matrix);
}

void bl23_bound_solve(struct bl23_bound_problem const *problem, struct bl23_bound_part const *part,
                      struct bl23_bound_w const *near, double radius,
                      struct bl23_bound_solution *solution)
{
    struct program s = {.problem = problem, .part = part, .multipliers = &solution->multipliers};
    memset(solution, 0, sizeof *solution);
    if (problem->g_lo[0] > problem->g_hi[0]) { /* no g at all: the two limits prove it */
        solution->found = true;
        solution->multipliers.g_hi[0] = 1.0;
        solution->multipliers.g_lo[0] = 1.0 - 0x1p-40;
        return;
    }
    build(&s, near, radius);
    for (int k = 0; k < 9; k++)
        s.barrier.active[k] = k > 0 || !s.g_fixed;
    start_sigma(&s, near, radius);
    if (!start_v(&s))
        return;
    solution->feasible = reach_inside(&s);
    solution->found = !solution->feasible || minimise_v(&s);
    read_multipliers(&s);
    solution->v = (double)s.barrier.x[BL23_BARRIER_V];
    long double moment[BL23_MONOMIALS];
    bl23_barrier_moments(s.barrier.x, moment);
    for (int k = 0; k < BL23_MONOMIALS; k++)
        solution->moment[k] = (double)(moment[k] / s.barrier.x[0]);
}
