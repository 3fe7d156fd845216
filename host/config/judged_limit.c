/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "host/config/judged_limit.h"

#include <math.h>
#include <stdio.h>

double bl23_observable_value(struct bl23_record const *record, int observable)
{
    if (observable == BL23_OBSERVABLE_G_BL)
        return record->value[BL23_COLUMN_g_bl];
    return record->value[BL23_COLUMN_br_kl_pi0 + observable]; /* delta_a_mu follows the modes */
}

bool bl23_limit_is_impossible(struct bl23_constraint const *constraint, struct bl23_interval limit,
                              char *text, size_t size)
{
    if (limit.hi > 0.0 && !isinf(limit.lo))
        return false;
    snprintf(text, size,
             isinf(limit.lo) ? "%s asks for %s, closed at this mass" : "%s leaves no %s above zero",
             constraint->name, bl23_observable_symbol(constraint->observable));
    return true;
}

struct bl23_judged_limit bl23_judge_limit(struct bl23_judged_point const *point, size_t index)
{
    struct bl23_constraint const *const c = &point->config->constraints.item[index];
    struct bl23_model const *const model = point->model;
    struct bl23_dd lo, hi;
    double s[BL23_QUANTITIES];
    int const q = (int)model->constraint_quantity[index];
    struct bl23_interval const limit = point->knot->limit[model->level][index];
    bl23_constraint_at(c, &point->config->inputs, point->mass_gev, (int)model->level, &lo, &hi);
    bl23_quantities_of_row(point->knot, 1u << q, point->monomial, s);
    struct bl23_record const *const record = &point->values->record;
    double const x = bl23_quantity_value(q, s[q], record->value[BL23_COLUMN_g_bl]);
    double const fitted = bl23_knot_factor(point->knot, c->observable) *
                          bl23_quantity_value(q, s[q], point->values->chi2_g);
    struct bl23_likelihood_values const likelihood = bl23_likelihood_at(
        &point->config->constraints, index, &point->config->inputs, point->mass_gev);
    return (struct bl23_judged_limit){.value = bl23_observable_value(record, c->observable),
                                      .lo = bl23_dd_round(lo),
                                      .hi = hi.hi,
                                      .ratio = bl23_limit_tension(limit, x),
                                      .applies = lo.hi > 0.0 || !isinf(hi.hi),
                                      .pass = bl23_within(limit, x) || /* g may be an edge */
                                              (point->solved && record->survives),
                                      .likelihood = likelihood,
                                      .pull = bl23_likelihood_pull(likelihood, fitted)};
}
