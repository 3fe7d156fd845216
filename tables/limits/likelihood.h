/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* The likelihood of a constraint at a mass, and those of all constraints in the form in which
 * samples read them (kernels/sample/chi2.h). Definitions: docs/fit.md. */
#ifndef BL23_TABLES_LIKELIHOOD_H
#define BL23_TABLES_LIKELIHOOD_H

#include "kernels/sample/chi2.h"
#include "tables/limits/constraints.h"

/* Of the observable, in its own unit: chi^2 = ((value - central)/sigma)^2, sigma being sigma_down
 * below the centre and sigma_up above it. A limit has the centre 0 and no sigma_down. Theory errors
 * are in it. kind is none where the constraint does not act at the mass. */
struct bl23_likelihood_values {
    enum bl23_likelihood kind;
    double central, sigma_down, sigma_up;
};

struct bl23_likelihood_values bl23_likelihood_at(struct bl23_constraints const *list, size_t index,
                                                 struct bl23_inputs const *inputs,
                                                 struct bl23_dd mass_gev);

/* Has the constraint a likelihood at the mass? */
bool bl23_likelihood_acts(struct bl23_constraints const *list, size_t index,
                          struct bl23_inputs const *inputs, struct bl23_dd mass_gev);

/* The pull (value - central)/sigma; 0 where there is no likelihood. */
double bl23_likelihood_pull(struct bl23_likelihood_values likelihood, double value);

/* Half-width of the central interval of a normal distribution in units of its sigma, as papers
 * quote it, to three decimals: 1.645 at 0.90. */
double bl23_normal_width(double confidence_level);

/* All likelihoods at the mass of a knot. */
void bl23_chi2_build(struct bl23_constraints const *list, struct bl23_inputs const *inputs,
                     struct bl23_model const *model, struct bl23_dd mass_gev,
                     struct bl23_knot const *knot, struct bl23_chi2 *chi2);

#endif
