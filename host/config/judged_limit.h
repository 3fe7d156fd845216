/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* What one constraint says of a point. `bl23 point` and the library show it. */
#ifndef BL23_HOST_JUDGED_LIMIT_H
#define BL23_HOST_JUDGED_LIMIT_H

#include "host/config/config.h"
#include "kernels/sample/point.h"
#include "tables/limits/likelihood.h"

/* A point, and the constants it was judged by. */
struct bl23_judged_point {
    struct bl23_config const *config;
    struct bl23_model const *model; /* of this configuration, with or without masses */
    struct bl23_knot const *knot;
    struct bl23_dd mass_gev;
    double const *monomial;                 /* [BL23_MONOMIALS] of its row */
    struct bl23_point_values const *values; /* with chi^2 */
    bool solved;                            /* was g solved for */
};

struct bl23_judged_limit {
    double value, lo, hi; /* of its own observable; lo = 0 and hi = infinity where there is none */
    double ratio;         /* max(value/hi, lo/value) */
    bool applies, pass;
    struct bl23_likelihood_values likelihood;
    double pull; /* at the g of chi^2; 0 where there is no likelihood */
};

/* The value of an observable (constraints.h) in a record. */
double bl23_observable_value(struct bl23_record const *record, int observable);

/* Why nothing can meet this limit of a constraint at a mass, as the end of a sentence; false where
 * something can. */
bool bl23_limit_is_impossible(struct bl23_constraint const *constraint, struct bl23_interval limit,
                              char *text, size_t size);

/* The constraint of that number. */
struct bl23_judged_limit bl23_judge_limit(struct bl23_judged_point const *point, size_t index);

#endif
