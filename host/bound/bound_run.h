/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* The bounds of a whole configuration: every mass asked, or every claim of a file checked, on all
 * processors.
 * cmd_bound.c calls it; bound_file.c stores what it finds, bound_report.c shows it. */
#ifndef BL23_HOST_BOUND_RUN_H
#define BL23_HOST_BOUND_RUN_H

#include "host/bound/bound_knot.h"
#include "host/config/statement.h"

/* What the bounds are of, and the answers, [n_masses]; all owned. */
struct bl23_bound_run {
    struct bl23_statement of;
    struct bl23_bound_knot *knot;
};

/* Build model and tables; takes the configuration over, also on failure. BL23_ERROR_CONFIG for a
 * configuration of one fixed w. */
enum bl23_status bl23_bound_run_open(struct bl23_config *config, struct bl23_bound_run *run,
                                     struct bl23_error *error);

/* Is no number that is proven at a mass beyond one that is reached? Asked of all answers before
 * they are shown, stored or verified; BL23_ERROR_FAILED names the mass, the question and both
 * numbers. */
enum bl23_status bl23_bound_run_in_order(struct bl23_bound_run const *run, size_t knot,
                                         struct bl23_error *error);

/* Ask every question at every mass. */
enum bl23_status bl23_bound_run_ask(struct bl23_bound_run *run, struct bl23_error *error);

/* Check run->knot from scratch. BL23_ERROR_FAILED names mass and claim that do not hold. */
enum bl23_status bl23_bound_run_verify(struct bl23_bound_run const *run, struct bl23_error *error);

void bl23_bound_run_close(struct bl23_bound_run *run);

#endif
