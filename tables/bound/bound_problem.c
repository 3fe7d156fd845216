/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "tables/bound/bound_problem.h"

#include <math.h>
#include <string.h>

/* Relative widening that covers the rounding of limits, kappa and Delta a_mu in the model, each
 * rounded to half a unit at most twice, and that of the drawn g. */
#define LIMIT_ROUNDING 0x1p-48
/* Of a coefficient: it is rounded to half a unit once. A row times the root of its weight is
 * rounded with it, as are weight and root. */
#define FORM_ROUNDING 0x1p-53
#define WEIGHTED_ROUNDING 0x1p-51
#define LARGEST_SIGMA_OF_G (0x1p40 * BL23_G_MAX) /* of a limit that excludes nothing */
enum { UNIT_EXPONENT = 800 }; /* of 2: limits in such units stay normal numbers */

static struct bl23_interval widened(struct bl23_interval limit)
{
    return (struct bl23_interval){limit.lo * (1.0 - LIMIT_ROUNDING),
                                  limit.hi * (1.0 + LIMIT_ROUNDING)};
}

static struct bl23_bound_limit limit_of(struct bl23_interval allowed)
{
    struct bl23_interval const limit = widened(allowed);
    return (struct bl23_bound_limit){limit.lo, limit.hi, 1};
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

void bl23_bound_of_loops(struct bl23_loop_table const *table, struct bl23_bound_problem *p)
{
    memset(p, 0, sizeof *p);
    free_g(p);
    for (int plane = 0; plane <= BL23_BOUND_SB; plane++) {
        struct bl23_bound_kind *const kind = &p->kind[p->kinds++];
        kind->quantity = (enum bl23_quantity)(BL23_QUANTITY_IM_DS2 + plane);
        kind->plane = (enum bl23_bound_plane)plane;
        struct bl23_form_range const rows = bl23_form_range_of(kind->quantity);
        kind->rows = rows.count;
        memcpy(kind->form, table->form[rows.first], (size_t)rows.count * sizeof kind->form[0]);
        for (int r = 0; r < rows.count; r++)
            kind->error[r] = table->form_error[rows.first + r];
        kind->k2 = (struct bl23_bound_limit){0.0, (double)INFINITY, 1};
    }
}

static double largest_coefficient(double const form[BL23_MONOMIALS])
{
    double largest = 0.0;
    for (int k = 0; k < BL23_MONOMIALS; k++)
        largest = fmax(largest, fabs(form[k]));
    return largest;
}

enum shape { ONE, SQUARES, WEIGHTED, MODULUS, IMAGINARY };
static enum shape const shapes[BL23_QUANTITIES] = {
#define SHAPE(name, shape, first, count, weight, group) shape,
    BL23_QUANTITY_LIST(SHAPE)
#undef SHAPE
};

/* The rows of a sum of squares beside those of H, or of a weighted one, without those of weight 0.
 * H_ds of K+ is that of all decays and a row that was rounded for itself. */
static void add_rows(struct bl23_knot const *knot, struct bl23_loop_table const *table,
                     struct bl23_bound_kind *kind)
{
    struct bl23_form_range const range = bl23_form_range_of(kind->quantity);
    bool const weighted = shapes[kind->quantity] == WEIGHTED;
    for (int r = 0; r < range.count; r++) {
        double const root = weighted ? sqrt(knot->weight[range.weight + r / 2]) : 1.0;
        double const *const form = knot->form[range.first + r];
        if (root == 0.0)
            continue;
        double *const row = kind->form[kind->rows];
        for (int k = 0; k < BL23_MONOMIALS; k++)
            row[k] = root * form[k];
        double error = (weighted ? WEIGHTED_ROUNDING : FORM_ROUNDING) * largest_coefficient(row);
        if (kind->quantity == BL23_QUANTITY_KP_DS2)
            error = table->form_error[BL23_FORM_DS_RE + r] + 2.0 * error +
                    FORM_ROUNDING * largest_coefficient(table->form[BL23_FORM_DS_RE + r]);
        kind->error[kind->rows++] = error;
    }
}

/* A limited quantity beside those of H. One without rows is that of a closed decay: it meets any
 * upper edge. */
static void add_quantity(struct bl23_knot const *knot, struct bl23_loop_table const *table, int q,
                         struct bl23_bound_problem *p)
{
    if (shapes[q] == SQUARES || shapes[q] == WEIGHTED) {
        struct bl23_bound_kind *const kind = &p->kind[p->kinds];
        kind->quantity = (enum bl23_quantity)q;
        kind->plane = q == BL23_QUANTITY_ABS_FV2  ? BL23_BOUND_FV
                      : q == BL23_QUANTITY_KP_DS2 ? BL23_BOUND_KP
                                                  : BL23_BOUND_NO_PLANE;
        add_rows(knot, table, kind);
        p->kinds += kind->rows > 0;
    } else {
        struct bl23_form_range const range = bl23_form_range_of(q);
        struct bl23_bound_outside *const outside = &p->outside[p->outsides++];
        outside->quantity = (enum bl23_quantity)q;
        memcpy(outside->form, knot->form[range.first], sizeof outside->form);
        memcpy(outside->weight, &knot->weight[range.weight], sizeof outside->weight);
    }
}

void bl23_bound_of_currents(struct bl23_knot const *knot, struct bl23_bound_problem *p)
{
    memset(p, 0, sizeof *p);
    free_g(p);
    for (int f = 0; f < 2; f++) {
        struct bl23_bound_kind *const kind = &p->kind[p->kinds++];
        kind->plane = BL23_BOUND_NO_PLANE;
        kind->rows = 2;
        kind->k2 = (struct bl23_bound_limit){0.0, (double)INFINITY, 1};
        for (int r = 0; r < 2; r++) {
            memcpy(kind->form[r], knot->form[BL23_FORM_UC + 2 * f + r], sizeof kind->form[r]);
            kind->error[r] = FORM_ROUNDING * largest_coefficient(kind->form[r]);
        }
    }
}

bool bl23_bound_leaves_out(struct bl23_interval limit, int quantity)
{
    enum shape const shape = shapes[quantity];
    if (shape == MODULUS || shape == IMAGINARY)
        return bl23_is_limit(limit);
    return shape == WEIGHTED && limit.lo > 0.0;
}

int bl23_bound_kind_of(struct bl23_bound_problem const *p, int quantity)
{
    for (int k = 0; k < p->kinds; k++)
        if ((int)p->kind[k].quantity == quantity)
            return k;
    return -1;
}

bool bl23_bound_provable(struct bl23_bound_problem const *problem, struct bl23_bound_problem *p)
{
    bool any = problem->outsides > 0;
    *p = *problem;
    p->outsides = 0;
    for (int k = 0; k < p->kinds; k++) {
        if (p->kind[k].plane != BL23_BOUND_NO_PLANE)
            continue;
        any = any || p->kind[k].k2.lo > 0.0;
        p->kind[k].k2.lo = 0.0;
    }
    return any;
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
    bl23_bound_of_loops(&tables[knot], p);
    for (int q = BL23_QUANTITY_ABS_SB2 + 1; q < BL23_QUANTITY_G; q++)
        if (bl23_is_limit(allowed[q]))
            add_quantity(&model->knot[knot], &tables[knot], q, p);
    for (int k = 0; k < p->kinds; k++)
        p->kind[k].k2 = limit_of(allowed[p->kind[k].quantity]);
    for (int k = 0; k < p->outsides; k++)
        p->outside[k].k2 = limit_of(allowed[p->outside[k].quantity]);
    struct bl23_interval const g2 = widened(allowed[BL23_QUANTITY_G2]);
    struct bl23_interval const g = widened(allowed[BL23_QUANTITY_G]);
    struct bl23_interval const drawn = drawn_g(model);
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

/* The values of a quantity within so many sigma of all its measurements. */
static struct bl23_interval measured(struct bl23_model const *model, struct bl23_chi2 const *chi2,
                                     int quantity, double within)
{
    struct bl23_interval in = {0.0, (double)INFINITY};
    for (size_t c = 0; c < model->n_constraints; c++) {
        struct bl23_split_gauss const k = chi2->split[c];
        double const slack = LIMIT_ROUNDING * fabs(k.central);
        if (k.above == 0.0 || (int)model->constraint_quantity[c] != quantity)
            continue;
        in.lo = fmax(in.lo, k.central - within / sqrt(k.below) - slack);
        in.hi = fmin(in.hi, k.central + within / sqrt(k.above) + slack);
    }
    return in;
}

bool bl23_bound_of_pulls(struct bl23_model const *model, struct bl23_loop_table const *tables,
                         size_t knot, struct bl23_chi2 const *chi2, double within,
                         struct bl23_bound_problem *p)
{
    struct bl23_bound_limit k2[BL23_QUANTITIES];
    bl23_bound_of_loops(&tables[knot], p);
    for (int q = 0; q < BL23_QUANTITIES; q++) {
        double const sigma = chi2->half[q] > 0.0 ? 1.0 / sqrt(chi2->half[q]) : (double)INFINITY;
        struct bl23_interval const in = measured(model, chi2, q, within);
        if (!(in.hi > 0.0) || in.lo > in.hi)
            return false;
        k2[q] = bl23_is_limit(in)
                    ? limit_of((struct bl23_interval){in.lo, fmin(in.hi, within * sigma)})
                    : limit_of((struct bl23_interval){0.0, sigma});
        k2[q].power = !bl23_is_limit(in);
        if (q > BL23_QUANTITY_ABS_SB2 && q < BL23_QUANTITY_G && !isinf(k2[q].hi))
            add_quantity(&model->knot[knot], &tables[knot], q, p);
    }
    for (int k = 0; k < p->kinds; k++)
        p->kind[k].k2 = k2[p->kind[k].quantity];
    for (int k = 0; k < p->outsides; k++)
        p->outside[k].k2 = k2[p->outside[k].quantity];
    struct bl23_interval const drawn = drawn_g(model);
    struct bl23_bound_limit const g2 = k2[BL23_QUANTITY_G2], g = k2[BL23_QUANTITY_G];
    limit_g(p, 0, drawn.lo, fmin(drawn.hi, BL23_G_MAX));
    limit_g(p, g2.power, sqrt(g2.lo), sqrt(g2.hi));
    limit_g(p, 2, 0.0, fmin(g.hi, LARGEST_SIGMA_OF_G)); /* so that v is always defined */
    return true;
}

void bl23_bound_of_largest_g(struct bl23_bound_problem const *tension, struct bl23_bound_problem *p)
{
    *p = *tension;
    for (int k = 0; k < p->kinds; k++)
        p->kind[k].k2.lo = 0.0;
    for (int k = 0; k < p->outsides; k++)
        p->outside[k].k2.lo = 0.0;
    free_g(p);
    limit_g(p, 0, 1.0, 1.0);
}

void bl23_bound_of_smallest_g(struct bl23_bound_problem const *tension,
                              struct bl23_bound_problem *p)
{
    *p = *tension;
    for (int k = 0; k < p->kinds; k++)
        p->kind[k].k2 = (struct bl23_bound_limit){p->kind[k].k2.lo, (double)INFINITY, 0};
    for (int k = 0; k < p->outsides; k++)
        p->outside[k].k2 = (struct bl23_bound_limit){p->outside[k].k2.lo, (double)INFINITY, 0};
    free_g(p);
    limit_g(p, 1, 0.0, 1.0);
}

void bl23_bound_of_quantity(struct bl23_bound_problem const *tension, int kind, double unit,
                            struct bl23_bound_problem *p)
{
    *p = *tension;
    free_g(p);
    for (int k = 0; k < p->kinds; k++)
        p->kind[k].k2.power = 0;
    for (int k = 0; k < p->outsides; k++)
        p->outside[k].k2.power = 0;
    for (int n = 0; n < BL23_BOUND_POWERS; n++)
        limit_g(p, 0, tension->g_lo[n], tension->g_hi[n]);
    p->kind[kind].k2 = (struct bl23_bound_limit){0.0, unit, 1};
}

/* The limit of a kind, or behind the kinds of an outside. */
static struct bl23_bound_limit limit_at(struct bl23_bound_problem const *p, int k)
{
    return k < p->kinds ? p->kind[k].k2 : p->outside[k - p->kinds].k2;
}

double bl23_bound_floor(struct bl23_bound_problem const *p)
{
    double floor = 0.0; /* lo/v <= hi v; the limits themselves are widened already */
    for (int k = 0; k < p->kinds + p->outsides; k++) {
        struct bl23_bound_limit const k2 = limit_at(p, k);
        if (k2.power == 1 && k2.lo > 0.0)
            floor = fmax(floor, sqrt(k2.lo / k2.hi) * (1.0 - LIMIT_ROUNDING));
    }
    return floor;
}

void bl23_bound_in_units(struct bl23_bound_problem const *problem, double unit,
                         struct bl23_bound_problem *scaled)
{
    double const root = sqrt(unit), power[BL23_BOUND_POWERS] = {1.0, root, unit};
    *scaled = *problem;
    for (int k = 0; k < scaled->kinds + scaled->outsides; k++) {
        struct bl23_bound_limit *const k2 =
            k < scaled->kinds ? &scaled->kind[k].k2 : &scaled->outside[k - scaled->kinds].k2;
        if (k2->power == 1) {
            k2->lo /= unit;
            k2->hi *= unit;
        }
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
enum {
    SQUARES_MAX = BL23_BOUND_KINDS_MAX + BL23_BOUND_OUTSIDES_MAX,
    EDGES_MAX = BL23_BOUND_POWERS + SQUARES_MAX
};

static double applied(double const form[BL23_MONOMIALS], double const monomial[BL23_MONOMIALS])
{
    double h = 0.0;
    for (int k = 0; k < BL23_MONOMIALS; k++)
        h += form[k] * monomial[k];
    return h;
}

/* s of the kinds for a row, |H|^2 and (Im H_ds)^2 of PHYSICS 4 and the like, then of the outsides.
 */
static void squares(struct bl23_bound_problem const *p, double const monomial[BL23_MONOMIALS],
                    double s[SQUARES_MAX])
{
    for (int k = 0; k < p->kinds; k++) {
        s[k] = 0.0;
        for (int r = 0; r < p->kind[k].rows; r++) {
            double const h = applied(p->kind[k].form[r], monomial);
            s[k] += h * h;
        }
    }
    for (int k = 0; k < p->outsides; k++) {
        struct bl23_bound_outside const *const o = &p->outside[k];
        double h[4];
        for (int r = 0; r < 4; r++)
            h[r] = applied(o->form[r], monomial);
        s[p->kinds + k] = o->quantity == BL23_QUANTITY_X12_IM
                              ? bl23_shape_IMAGINARY(h, 4, o->weight)
                              : bl23_shape_MODULUS(h, 4, o->weight);
    }
}

/* All lower and upper limits on g of a row; a K of zero cannot meet a lower edge. */
static int edges_of(struct bl23_bound_problem const *p, double const s[SQUARES_MAX], bool upper,
                    struct edge edges[EDGES_MAX])
{
    int count = 0;
    for (int n = 0; n < BL23_BOUND_POWERS; n++)
        edges[count++] = (struct edge){upper ? p->g_hi[n] : p->g_lo[n], n};
    for (int k = 0; k < p->kinds + p->outsides; k++) {
        struct bl23_bound_limit const k2 = limit_at(p, k);
        double const limit = upper ? k2.hi : k2.lo;
        double const g2 = limit > 0.0 && !isinf(limit) ? limit / s[k] : limit;
        edges[count++] = (struct edge){sqrt(g2), k2.power};
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
    struct edge lo[EDGES_MAX], hi[EDGES_MAX];
    double s[SQUARES_MAX] = {0.0}, v = 0.0, g_lo = 0.0, g_hi = (double)INFINITY;
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
    struct edge lo[EDGES_MAX], hi[EDGES_MAX];
    double s[SQUARES_MAX] = {0.0}, v = 0.0;
    squares(p, monomial, s);
    int const n_lo = edges_of(p, s, false, lo), n_hi = edges_of(p, s, true, hi);
    for (int i = 0; i < n_lo; i++)
        v = fmax(v, passing(lo[i].g / g, lo[i].halves));
    for (int j = 0; j < n_hi; j++)
        v = fmax(v, passing(g / hi[j].g, hi[j].halves));
    return v;
}
