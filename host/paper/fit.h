/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* The row (W_u)_1i that gives wanted values of observables, by GSL's simplex minimiser.
 * cmd_fit.c calls it; the benchmark of Table I was found with it. */
#ifndef BL23_HOST_FIT_H
#define BL23_HOST_FIT_H

#include "kernels/sample/record.h"
#include "tables/limits/constraints.h"

enum { BL23_FIT_TARGETS_MAX = 256 };

/* An observable (constraints.h) that is wanted at a mass and a coupling: value +- error > 0. */
struct bl23_fit_target {
    int observable;
    struct bl23_dd mass_gev;
    double g_bl, value, error;
};

/* What is minimised: chi^2 = sum ((found - value)/error)^2 over the targets. All owned. */
struct bl23_fit {
    size_t n_targets;
    struct bl23_fit_target target[BL23_FIT_TARGETS_MAX];
    struct bl23_model *model; /* one knot per target */
};

/* A row w in the coordinates of the minimiser: |w1| = cos a, |w2| = sin a cos b, |w3| = sin a sin
 * b, and the phases of w2 and w3 against w1, all in rad and free to run. */
enum { BL23_FIT_COORDINATES = 4 };
struct bl23_fit_row {
    double coordinate[BL23_FIT_COORDINATES];
    double chi2;
};

/* Tables at the masses of fit->target[n_targets], which the caller has filled in. */
enum bl23_status bl23_fit_prepare(struct bl23_inputs const *inputs, struct bl23_fit *fit,
                                  struct bl23_error *error);
void bl23_fit_free(struct bl23_fit *fit);

/* The coordinates of a row of moduli and phases [rad], and its chi^2. */
struct bl23_fit_row bl23_fit_row_of(struct bl23_fit const *fit, double const abs[3],
                                    double const phase[3]);

/* Moduli and phases [units of pi, the first 0, in (-1, 1]] of a row. */
void bl23_fit_moduli(struct bl23_fit_row const *row, double abs[3], double phase_pi[3]);

/* The value of target k at a row. */
double bl23_fit_value(struct bl23_fit const *fit, struct bl23_fit_row const *row, size_t k);

/* Go down from a row to the next minimum of chi^2 (Nelder and Mead, gsl_multimin nmsimplex2).
 * BL23_ERROR_FAILED if it does not converge. */
enum bl23_status bl23_fit_minimise(struct bl23_fit const *fit, struct bl23_fit_row *row,
                                   struct bl23_error *error);

#endif
