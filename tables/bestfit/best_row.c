/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "tables/bestfit/best_row.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_multifit_nlinear.h>
#include <gsl/gsl_qrng.h>
#include <stdlib.h>
#include <string.h>

#include "kernels/sample/row.h"
#include "tables/base/dd.h"
#include "tables/bound/bound_form.h"

/* The parameters: Re and Im of w, whose norm counts for nothing but is held near 1, and ln g. */
enum { W_PARAMETERS = 6, LN_G = W_PARAMETERS, FIRST_STEPS = 60, STEPS = 200, WALKS = 10, LAST = 8 };
#define GAIN 1e-9 /* relative: below it no further walk is worth while */

/* The g that may be chosen. */
static struct bl23_interval range_of_g(struct bl23_model const *model)
{
    struct bl23_interval g = {0.0, BL23_G_MAX};
    if (model->g_mode != BL23_G_SOLVE)
        g.lo = g.hi = model->g_min;
    if (model->g_mode == BL23_G_LOG_UNIFORM)
        g.hi = fmin(BL23_G_MAX, model->g_min * exp2(model->g_log2_ratio));
    return g;
}

bool bl23_fit_has_centre(struct bl23_fit_problem const *p)
{
    for (size_t c = 0; c < p->model->n_constraints; c++)
        if (p->chi2->split[c].central > 0.0)
            return true;
    return false;
}

/* Bits of the quantities that chi^2 is made of. */
static unsigned fitted(struct bl23_fit_problem const *p)
{
    unsigned quantities = 0;
    for (int q = 0; q < BL23_QUANTITIES; q++)
        quantities |= p->chi2->half[q] > 0.0 ? 1u << q : 0u;
    for (size_t c = 0; c < p->model->n_constraints; c++)
        if (p->chi2->split[c].above > 0.0)
            quantities |= 1u << p->model->constraint_quantity[c];
    return quantities;
}

/* chi^2 is convex in g^2: the best of a range is the best of all, or the edge next to it. */
struct bl23_best_row bl23_fit_row(struct bl23_fit_problem const *p, double const w[6])
{
    struct bl23_best_row best;
    struct bl23_row row;
    double s[BL23_QUANTITIES];
    bl23_row_of_complex(w, &row);
    for (int i = 0; i < 3; i++) {
        double const phase = row.phase[i] - row.phase[0];
        best.w[2 * i] = row.abs[i] * cos(phase);
        best.w[2 * i + 1] = row.abs[i] * sin(phase);
    }
    bl23_row_of_complex(best.w, &row);
    bl23_quantities_of_row(p->knot, BL23_ALL_QUANTITIES, row.monomial, s);
    struct bl23_interval const g = range_of_g(p->model);
    best.g = fmin(fmax(sqrt(bl23_chi2_minimum(p->model, p->chi2, s).g2), g.lo), g.hi);
    best.chi2 = bl23_chi2_at(p->model, p->chi2, s, best.g * best.g);
    return best;
}

/* The solver, and what each of its steps asks for. */
struct walker {
    struct bl23_fit_problem problem;
    unsigned quantities;
    struct bl23_interval g;
    size_t residuals, parameters;
    gsl_multifit_nlinear_workspace *solver;
};

/* False when out of memory. */
static bool open_walker(struct bl23_fit_problem const *p, struct walker *walker)
{
    gsl_multifit_nlinear_parameters options = gsl_multifit_nlinear_default_parameters();
    options.fdtype = GSL_MULTIFIT_NLINEAR_CTRDIFF;
    options.h_df = 0x1p-20;
    *walker = (struct walker){.problem = *p,
                              .quantities = fitted(p),
                              .g = range_of_g(p->model),
                              .residuals = BL23_QUANTITIES + p->model->n_constraints + 1,
                              .parameters = W_PARAMETERS};
    walker->parameters += walker->g.lo < walker->g.hi; /* g is not fixed */
    walker->solver = gsl_multifit_nlinear_alloc(gsl_multifit_nlinear_trust, &options,
                                                walker->residuals, walker->parameters);
    return walker->solver != NULL;
}

static void close_walker(struct walker *walker)
{
    if (walker->solver)
        gsl_multifit_nlinear_free(walker->solver);
}

/* The terms of chi^2, each with its sign, and what holds the norm. */
static int residuals(gsl_vector const *x, void *context, gsl_vector *f)
{
    struct walker const *const walker = context;
    struct bl23_fit_problem const *const p = &walker->problem;
    double const *const v = x->data; /* stride 1: the solver's own */
    struct bl23_bound_w const w = {{v[0], v[2], v[4]}, {v[1], v[3], v[5]}};
    bool const fixed = walker->parameters == W_PARAMETERS;
    double const g = fixed ? walker->g.lo : fmin(fmax(exp(v[LN_G]), walker->g.lo), walker->g.hi);
    double monomial[BL23_MONOMIALS], s[BL23_QUANTITIES], norm2 = 0.0;
    size_t n = 0;
    bl23_bound_monomials(&w, monomial);
    bl23_quantities_of_row(p->knot, walker->quantities, monomial, s);
    for (int q = 0; q < BL23_QUANTITIES; q++)
        gsl_vector_set(f, n++, sqrt(p->chi2->half[q]) * bl23_quantity_value(q, s[q], g));
    for (size_t c = 0; c < p->model->n_constraints; c++) {
        struct bl23_split_gauss const k = p->chi2->split[c];
        double const miss = g * g * s[p->model->constraint_quantity[c]] - k.central;
        gsl_vector_set(f, n++, sqrt(miss < 0.0 ? k.below : k.above) * miss);
    }
    for (int k = 0; k < W_PARAMETERS; k++)
        norm2 += v[k] * v[k];
    gsl_vector_set(f, n, norm2 - 1.0);
    return GSL_SUCCESS;
}

/* Up to so many steps of the solver. It may stop for any reason: what counts is where it stands. */
static void walk(struct walker *walker, size_t steps, struct bl23_best_row *row)
{
    double x[W_PARAMETERS + 1];
    memcpy(x, row->w, sizeof row->w);
    x[LN_G] = log(fmax(row->g, 1e-300));
    gsl_vector_const_view const start = gsl_vector_const_view_array(x, walker->parameters);
    gsl_multifit_nlinear_fdf system = {
        .f = residuals, .n = walker->residuals, .p = walker->parameters, .params = walker};
    int info;
    if (gsl_multifit_nlinear_init(&start.vector, &system, walker->solver) == GSL_SUCCESS)
        gsl_multifit_nlinear_driver(steps, 1e-13, 1e-15, 0.0, NULL, NULL, &info, walker->solver);
    gsl_vector const *const at = gsl_multifit_nlinear_position(walker->solver);
    double const w[6] = {at->data[0], at->data[1], at->data[2],
                         at->data[3], at->data[4], at->data[5]};
    if (!bl23_row_is_allowed(w))
        return;
    struct bl23_best_row const there = bl23_fit_row(&walker->problem, w);
    if (there.chi2 < row->chi2)
        *row = there;
}

static void improve(struct walker *walker, struct bl23_best_row *row)
{
    for (int k = 0; k < WALKS; k++) {
        double const before = row->chi2;
        walk(walker, STEPS, row);
        if (!(row->chi2 < before * (1.0 - GAIN)))
            break;
    }
}

enum bl23_status bl23_fit_improve(struct bl23_fit_problem const *p, struct bl23_best_row *row)
{
    struct walker walker;
    if (!open_walker(p, &walker))
        return BL23_ERROR_MEMORY;
    improve(&walker, row);
    close_walker(&walker);
    return BL23_OK;
}

/* A row of the Haar measure out of four numbers from 0 to 1. */
static struct bl23_best_row drawn_row(struct bl23_fit_problem const *p, double const u[4])
{
    double const root = sqrt(u[0]), part[3] = {1.0 - root, root * u[1], root * (1.0 - u[1])};
    double w[6];
    for (int i = 0; i < 3; i++) {
        double const phase = i == 0 ? 0.0 : 2.0 * bl23_dd_pi.hi * u[1 + i];
        w[2 * i] = sqrt(part[i]) * cos(phase);
        w[2 * i + 1] = sqrt(part[i]) * sin(phase);
    }
    return bl23_fit_row(p, w);
}

static int by_chi2(void const *a, void const *b)
{
    double const x = ((struct bl23_best_row const *)a)->chi2;
    double const y = ((struct bl23_best_row const *)b)->chi2;
    return (x > y) - (x < y);
}

/* The best of the drawn rows begin half of the first walks, and the first ones of the sequence,
 * which lie everywhere, the others. The best of those go on. */
static void search(struct walker *walker, struct bl23_fit_effort effort, gsl_qrng *sequence,
                   struct bl23_best_row *row)
{
    size_t const first = effort.starts / 2;
    for (size_t k = 0; k < effort.draws; k++) {
        double u[4];
        gsl_qrng_get(sequence, u);
        row[k] = drawn_row(&walker->problem, u);
    }
    qsort(row + first, effort.draws - first, sizeof *row, by_chi2);
    for (size_t k = 0; k < effort.starts; k++)
        walk(walker, FIRST_STEPS, &row[k]);
    qsort(row, effort.starts, sizeof *row, by_chi2);
    for (size_t k = 0; k < effort.starts && k < LAST; k++)
        improve(walker, &row[k]);
    qsort(row, effort.starts, sizeof *row, by_chi2);
}

enum bl23_status bl23_fit_search(struct bl23_fit_problem const *p, struct bl23_fit_effort effort,
                                 struct bl23_best_row *best, size_t *agree)
{
    gsl_qrng *const sequence = gsl_qrng_alloc(gsl_qrng_sobol, 4);
    struct bl23_best_row *const row = calloc(effort.draws, sizeof *row);
    struct walker walker;
    bool const room = open_walker(p, &walker) && sequence && row;
    if (room) {
        search(&walker, effort, sequence, row);
        *best = row[0];
        for (*agree = 0; *agree < effort.starts; (*agree)++)
            if (row[*agree].chi2 > best->chi2 * (1.0 + BL23_FIT_SAME_CHI2))
                break;
    }
    if (sequence)
        gsl_qrng_free(sequence);
    close_walker(&walker);
    free(row);
    return room ? BL23_OK : BL23_ERROR_MEMORY;
}

double bl23_chi2_p_value(double chi2, size_t degrees)
{
    return gsl_cdf_chisq_Q(chi2, (double)degrees);
}
