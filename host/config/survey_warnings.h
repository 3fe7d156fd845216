/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* What a user should know about a survey before its first sample: a disk that may be too small,
 * masses that get no sample or let Z' decay into muons, limits that apply at some masses only,
 * exclude nothing or cannot be met, what chi^2 does not count, citations without an entry.
 * cmd_check.c and survey_job.c print it; statement.c and summary.c print the constraints,
 * cmd_check.c and summary.c that bins miss what survives. Nothing is refused here. */
#ifndef BL23_HOST_SURVEY_WARNINGS_H
#define BL23_HOST_SURVEY_WARNINGS_H

#include <stdio.h>

#include "host/config/prepared_survey.h"

/* One line each, which begin with `prefix`. */
void bl23_survey_warn(struct bl23_survey const *survey, char const *prefix, FILE *out);

/* One line if all of the survivors, of which there is at least one, are outside the bins of
 * log10_g, and others would hold them. */
void bl23_bins_warn(struct bl23_config const *config, struct bl23_model const *model,
                    uint64_t survivors, uint64_t outside, char const *prefix, FILE *out);

/* What the file of a curve left to be understood: columns without names, masses that fall. */
void bl23_curve_file_warn(struct bl23_constraint const *constraint, char const *prefix, FILE *out);

/* One line for each constraint that limits some of the masses only: those of the user, and others
 * where nothing takes their place. Part of bl23_survey_warn. */
void bl23_cover_warn(struct bl23_config const *config, struct bl23_model const *model,
                     char const *prefix, FILE *out);

/* The constraints in words: their sets, what was left out of them, and the user's own. */
void bl23_constraints_describe(struct bl23_config const *config, FILE *out);

#endif
