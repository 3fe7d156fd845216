/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "tables/limits/likelihood.h"

#include <math.h>
#include <string.h>

#include "tables/physics/rates.h"

double bl23_normal_width(double confidence_level)
{
    double low = 0.0, high = 40.0;
    for (int k = 0; k < 60; k++) {
        double const middle = 0.5 * (low + high);
        *(erf(middle * sqrt(0.5)) < confidence_level ? &low : &high) = middle;
    }
    double const decimals = low < 0.1 ? 1e9 : 1e3;
    return floor(low * decimals + 0.5) / decimals;
}

/* Two independent errors. */
static double together(double a, double b)
{
    return sqrt(a * a + b * b);
}

/* The theory error is relative: of the centre of a measurement, or of the limit, since the error of
 * a prediction that moves with g would make chi^2 no parabola. */
static struct bl23_likelihood_values with_theory(struct bl23_likelihood_values l, double error)
{
    l.sigma_down = l.sigma_down > 0.0 ? together(l.sigma_down, error) : 0.0;
    l.sigma_up = together(l.sigma_up, error);
    return l;
}

/* The limit of a curve is z sigma above its best fit. What is below the best fit is not published,
 * so that the same sigma counts there. */
static struct bl23_likelihood_values tabulated(struct bl23_constraint const *c,
                                               struct bl23_inputs const *inputs,
                                               struct bl23_dd mass, double theory)
{
    struct bl23_dd central, above;
    bl23_curve_best_fit_at(&c->curve, mass, &central, &above);
    if (c->invisible == BL23_INVISIBLE_YES) {
        struct bl23_dd const br_inv = bl23_rate_br_inv(inputs, mass);
        central = bl23_dd_div(central, br_inv);
        above = bl23_dd_div(above, br_inv);
    }
    double const sigma = bl23_dd_round(above) / bl23_normal_width(c->confidence_level);
    struct bl23_likelihood_values const l = {c->likelihood, bl23_dd_round(central), sigma, sigma};
    return with_theory(l, theory);
}

struct bl23_likelihood_values bl23_likelihood_at(struct bl23_constraints const *list, size_t index,
                                                 struct bl23_inputs const *inputs,
                                                 struct bl23_dd mass)
{
    struct bl23_constraint const *const c = &list->item[index];
    double const theory = bl23_dd_round(list->theory[c->observable]);
    struct bl23_likelihood_values none = {BL23_LIKELIHOOD_NONE, 0.0, 0.0, 0.0};
    struct bl23_dd lo, hi, central = c->central;
    bl23_constraint_at(c, inputs, mass, 0, &lo, &hi);
    if (c->likelihood == BL23_LIKELIHOOD_NONE || isinf(hi.hi))
        return none;
    if (c->likelihood == BL23_LIKELIHOOD_HALF_GAUSS) {
        double const upper = bl23_dd_round(hi);
        struct bl23_likelihood_values const limit = {
            c->likelihood, 0.0, 0.0, upper / bl23_normal_width(c->confidence_level)};
        return with_theory(limit, theory * upper);
    }
    if (c->likelihood == BL23_LIKELIHOOD_TABULATED)
        return tabulated(c, inputs, mass, theory * bl23_dd_round(hi));
    struct bl23_dd edge[2] = {c->band[0][0], c->band[0][1]};
    if (c->invisible == BL23_INVISIBLE_YES) {
        struct bl23_dd const br_inv = bl23_rate_br_inv(inputs, mass);
        central = bl23_dd_div(central, br_inv);
        for (int k = 0; k < 2; k++)
            edge[k] = bl23_dd_div(edge[k], br_inv);
    }
    struct bl23_likelihood_values const measured = {c->likelihood, bl23_dd_round(central),
                                                    bl23_dd_round(bl23_dd_sub(central, edge[0])),
                                                    bl23_dd_round(bl23_dd_sub(edge[1], central))};
    return with_theory(measured, theory * fabs(measured.central));
}

bool bl23_likelihood_acts(struct bl23_constraints const *list, size_t index,
                          struct bl23_inputs const *inputs, struct bl23_dd mass)
{
    return bl23_likelihood_at(list, index, inputs, mass).kind != BL23_LIKELIHOOD_NONE;
}

double bl23_likelihood_pull(struct bl23_likelihood_values l, double value)
{
    if (l.kind == BL23_LIKELIHOOD_NONE)
        return 0.0;
    double const miss = value - l.central;
    return miss / (miss < 0.0 ? l.sigma_down : l.sigma_up);
}

static double inverse_square(double sigma)
{
    return 1.0 / (sigma * sigma);
}

void bl23_chi2_build(struct bl23_constraints const *list, struct bl23_inputs const *inputs,
                     struct bl23_model const *model, struct bl23_dd mass,
                     struct bl23_knot const *knot, struct bl23_chi2 *chi2)
{
    memset(chi2, 0, sizeof *chi2);
    for (size_t c = 0; c < list->size; c++) {
        struct bl23_likelihood_values const l = bl23_likelihood_at(list, c, inputs, mass);
        double const factor = bl23_knot_factor(knot, list->item[c].observable);
        if (l.kind == BL23_LIKELIHOOD_NONE)
            continue;
        if (factor == 0.0) { /* the value is 0 whatever g is */
            double const pull = bl23_likelihood_pull(l, 0.0);
            chi2->constant += pull * pull;
        } else if (l.kind == BL23_LIKELIHOOD_HALF_GAUSS) {
            chi2->half[model->constraint_quantity[c]] += inverse_square(l.sigma_up / factor);
        } else {
            chi2->split[c] =
                (struct bl23_split_gauss){l.central / factor, inverse_square(l.sigma_down / factor),
                                          inverse_square(l.sigma_up / factor)};
        }
    }
}
