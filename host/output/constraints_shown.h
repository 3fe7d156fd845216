/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* The constraints of a survey in the form in which /constraints of its file has them.
 * survey_file.c makes them, layout.c finds the values there. */
#ifndef BL23_HOST_CONSTRAINTS_SHOWN_H
#define BL23_HOST_CONSTRAINTS_SHOWN_H

#include "host/config/config.h"

/* One constraint; texts point into the configuration or are constant. */
struct bl23_constraint_shown {
    char const *name, *observable, *kind, *likelihood, *set, *cite, *note, *invisible, *curve;
    char const *window;
    double cl, central;                  /* NaN where there is none */
    double window_gev[2], covers_gev[2]; /* the same */
};

/* One row of a curve, own or shipped. */
struct bl23_curve_row {
    uint64_t constraint, window;
    double mass_gev, upper, best_fit; /* NaN: there is none */
};

/* All of them; limits and rows are owned. */
struct bl23_constraints_shown {
    struct bl23_constraint_shown item[BL23_CONSTRAINTS_MAX];
    struct bl23_interval *limit; /* on the observable: [constraints, BL23_LEVELS, knots] */
    struct bl23_curve_row *row;  /* [n_rows] */
    size_t n_rows;
};

/* draw: of the inputs [config->n_draws], or NULL. */
enum bl23_status bl23_constraints_show(struct bl23_config const *config,
                                       struct bl23_inputs const *draw,
                                       struct bl23_constraints_shown *shown,
                                       struct bl23_error *error);
void bl23_constraints_shown_free(struct bl23_constraints_shown *shown);

#endif
