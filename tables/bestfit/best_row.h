/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* The row w and the g of the least chi^2 at a mass: quasi-random rows (Sobol 1967), and steps of
 * Levenberg and Marquardt from the best of them. What is found is a local minimum; chi2_bound.h
 * says how far below it any row may be. cmd_bestfit.c calls both. */
#ifndef BL23_TABLES_BEST_ROW_H
#define BL23_TABLES_BEST_ROW_H

#include <stdbool.h>
#include <stddef.h>

#include "kernels/sample/chi2.h"

/* What is fitted at a mass; g is free, fixed or within the range of the model. */
struct bl23_fit_problem {
    struct bl23_model const *model;
    struct bl23_knot const *knot;
    struct bl23_chi2 const *chi2;
};

struct bl23_best_row {
    double w[6]; /* Re and Im, normalised, (W_u)_11 real and not negative */
    double g, chi2;
};

/* Relative: starts whose chi^2 is that near to the best lead to the same minimum. */
#define BL23_FIT_SAME_CHI2 1e-3

/* How thoroughly: rows that are drawn, and how many of them are improved. */
struct bl23_fit_effort {
    size_t draws, starts;
};

/* Is a measurement among the constraints? Without one chi^2 is least for any row at the least g. */
bool bl23_fit_has_centre(struct bl23_fit_problem const *problem);

/* A row of any norm above 0, with the best g for it. */
struct bl23_best_row bl23_fit_row(struct bl23_fit_problem const *problem, double const w[6]);

/* Go down from the row as far as steps lead. Only BL23_ERROR_MEMORY. */
enum bl23_status bl23_fit_improve(struct bl23_fit_problem const *problem,
                                  struct bl23_best_row *row);

/* The best row of all starts; *agree counts the starts that lead to it. */
enum bl23_status bl23_fit_search(struct bl23_fit_problem const *problem,
                                 struct bl23_fit_effort effort, struct bl23_best_row *best,
                                 size_t *agree);

/* How often chi^2 of so many degrees of freedom, from 1, is larger. */
double bl23_chi2_p_value(double chi2, size_t degrees);

#endif
