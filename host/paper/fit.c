/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "host/paper/fit.h"

#include <gsl/gsl_multimin.h>
#include <stdlib.h>

#include "kernels/sample/error.h"
#include "tables/base/monomials.h"
#include "tables/model_build.h"

/* Steps of the first simplex [rad], its size at the end, and the size that will do where rounding
 * stops it earlier; restarts, because a simplex may collapse before the minimum. */
#define FIRST_STEP 0.05
#define LAST_SIZE 1e-13
#define ENOUGH_SIZE 1e-6
enum { STEPS_MAX = 20000, RESTARTS = 4 };

enum bl23_status bl23_fit_prepare(struct bl23_inputs const *inputs, struct bl23_fit *fit,
                                  struct bl23_error *error)
{
    struct bl23_constraints const none = {0};
    struct bl23_dd mass[BL23_FIT_TARGETS_MAX];
    for (size_t k = 0; k < fit->n_targets; k++)
        mass[k] = fit->target[k].mass_gev;
    struct bl23_model_spec const spec = {.inputs = inputs,
                                         .constraints = &none,
                                         .mass_gev = mass,
                                         .n_masses = fit->n_targets,
                                         .sigma = 2};
    return bl23_model_build(&spec, &fit->model, NULL, error);
}

void bl23_fit_free(struct bl23_fit *fit)
{
    free(fit->model);
    fit->model = NULL;
}

/* w as the verdict wants it. */
static void monomials_of(double const x[BL23_FIT_COORDINATES], double monomial[BL23_MONOMIALS])
{
    double const r[3] = {cos(x[0]), sin(x[0]) * cos(x[1]), sin(x[0]) * sin(x[1])};
    double const phase[3] = {0.0, x[2], x[3]};
    for (int i = 0; i < 3; i++)
        monomial[i] = r[i] * r[i];
    for (int p = 0; p < 3; p++) {
        int const i = bl23_pairs[p][0], j = bl23_pairs[p][1];
        monomial[3 + 2 * p] = r[i] * r[j] * cos(phase[j] - phase[i]);
        monomial[4 + 2 * p] = r[i] * r[j] * sin(phase[j] - phase[i]);
    }
}

static double value_of(struct bl23_fit const *fit, double const monomial[BL23_MONOMIALS], size_t k)
{
    struct bl23_knot const *const knot = &fit->model->knot[k];
    int const observable = fit->target[k].observable;
    double const g = fit->target[k].g_bl;
    if (observable == BL23_OBSERVABLE_G_BL)
        return g;
    if (observable == BL23_OBSERVABLE_DELTA_A_MU)
        return knot->delta_a_mu_per_g2 * g * g;
    int const q = bl23_mode_quantity((unsigned)fit->model->groups, observable);
    double s[BL23_QUANTITIES];
    bl23_quantities_of_row(knot, 1u << q, monomial, s);
    return bl23_record_rate(knot->kappa[observable], g * g, s[q]);
}

static double chi2_of(struct bl23_fit const *fit, double const x[BL23_FIT_COORDINATES])
{
    double monomial[BL23_MONOMIALS], sum = 0.0;
    monomials_of(x, monomial);
    for (size_t k = 0; k < fit->n_targets; k++) {
        struct bl23_fit_target const *const t = &fit->target[k];
        double const pull = (value_of(fit, monomial, k) - t->value) / t->error;
        sum += pull * pull;
    }
    return sum;
}

double bl23_fit_value(struct bl23_fit const *fit, struct bl23_fit_row const *row, size_t k)
{
    double monomial[BL23_MONOMIALS];
    monomials_of(row->coordinate, monomial);
    return value_of(fit, monomial, k);
}

struct bl23_fit_row bl23_fit_row_of(struct bl23_fit const *fit, double const abs[3],
                                    double const phase[3])
{
    struct bl23_fit_row row = {.coordinate = {atan2(hypot(abs[1], abs[2]), abs[0]),
                                              atan2(abs[2], abs[1]), phase[1] - phase[0],
                                              phase[2] - phase[0]}};
    row.chi2 = chi2_of(fit, row.coordinate);
    return row;
}

/* Turns of pi in (-1, 1]. */
static double wrapped(double phase_pi)
{
    return phase_pi - 2.0 * ceil(0.5 * (phase_pi - 1.0));
}

void bl23_fit_moduli(struct bl23_fit_row const *row, double abs[3], double phase_pi[3])
{
    double const *const x = row->coordinate;
    double const r[3] = {cos(x[0]), sin(x[0]) * cos(x[1]), sin(x[0]) * sin(x[1])};
    double const phase[3] = {0.0, x[2] / bl23_dd_pi.hi, x[3] / bl23_dd_pi.hi};
    double const turn = r[0] < 0.0 ? 1.0 : 0.0; /* a sign is a phase of pi */
    for (int i = 0; i < 3; i++) {
        abs[i] = fabs(r[i]);
        phase_pi[i] = wrapped(phase[i] + (r[i] < 0.0 ? 1.0 : 0.0) - turn);
    }
}

static double gsl_chi2(gsl_vector const *x, void *context)
{
    struct bl23_fit const *const fit = context;
    double coordinate[BL23_FIT_COORDINATES];
    for (size_t k = 0; k < BL23_FIT_COORDINATES; k++)
        coordinate[k] = gsl_vector_get(x, k);
    return chi2_of(fit, coordinate);
}

/* One simplex from the row to where it collapses. */
static bool descend(gsl_multimin_fminimizer *minimiser, gsl_multimin_function *function,
                    gsl_vector *x, gsl_vector *step, struct bl23_fit_row *row)
{
    for (size_t k = 0; k < BL23_FIT_COORDINATES; k++)
        gsl_vector_set(x, k, row->coordinate[k]);
    gsl_vector_set_all(step, FIRST_STEP);
    if (gsl_multimin_fminimizer_set(minimiser, function, x, step) != 0)
        return false;
    for (int k = 0; k < STEPS_MAX && gsl_multimin_fminimizer_size(minimiser) > LAST_SIZE; k++)
        if (gsl_multimin_fminimizer_iterate(minimiser) != 0)
            break; /* rounding leaves it no step */
    for (size_t k = 0; k < BL23_FIT_COORDINATES; k++)
        row->coordinate[k] = gsl_vector_get(gsl_multimin_fminimizer_x(minimiser), k);
    row->chi2 = gsl_multimin_fminimizer_minimum(minimiser);
    return gsl_multimin_fminimizer_size(minimiser) <= ENOUGH_SIZE;
}

enum bl23_status bl23_fit_minimise(struct bl23_fit const *fit, struct bl23_fit_row *row,
                                   struct bl23_error *error)
{
    struct bl23_fit copy = *fit; /* GSL passes its context on as not const */
    gsl_multimin_function function = {gsl_chi2, BL23_FIT_COORDINATES, &copy};
    gsl_multimin_fminimizer *const minimiser =
        gsl_multimin_fminimizer_alloc(gsl_multimin_fminimizer_nmsimplex2, BL23_FIT_COORDINATES);
    gsl_vector *const x = gsl_vector_alloc(BL23_FIT_COORDINATES);
    gsl_vector *const step = gsl_vector_alloc(BL23_FIT_COORDINATES);
    bool converged = minimiser && x && step;
    for (int k = 0; converged && k < RESTARTS; k++)
        converged = descend(minimiser, &function, x, step, row);
    if (minimiser)
        gsl_multimin_fminimizer_free(minimiser);
    gsl_vector_free(x);
    gsl_vector_free(step);
    return converged
               ? BL23_OK
               : bl23_fail(error, BL23_ERROR_FAILED,
                           "the minimiser did not converge from this start (chi^2 %g)", row->chi2);
}
