/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* What a user should know about a survey before its first sample: a disk that may be too small,
 * masses that get no sample or let Z' decay into muons, limits that apply at no mass or cannot be
 * met. cmd_check.c and survey_job.c print it; bound_run.c and summary.c print the constraints.
 * Nothing is refused here. */
#ifndef BL23_HOST_SURVEY_WARNINGS_H
#define BL23_HOST_SURVEY_WARNINGS_H

#include <stdio.h>

#include "host/config/prepared_survey.h"

/* One line each, which begin with `prefix`. */
void bl23_survey_warn(struct bl23_survey const *survey, char const *prefix, FILE *out);

/* Masses that no sample of the survey has: it has fewer tiles than masses. */
uint64_t bl23_masses_without_sample(struct bl23_config const *config);

/* Does a constraint limit anything, at any mass? */
bool bl23_constraint_applies(struct bl23_survey const *survey, size_t constraint);

/* The constraints in words: their sets, what was left out of them, and the user's own. */
void bl23_constraints_describe(struct bl23_config const *config, FILE *out);

#endif
