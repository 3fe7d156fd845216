/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* The summary of a survey on the terminal: what a physicist wants first, in one screen.
 * cmd_survey.c prints it.
 * It must not compute anything but the acceptance interval. */
#ifndef BL23_HOST_SUMMARY_H
#define BL23_HOST_SUMMARY_H

#include <jansson.h>
#include <stdio.h>

#include "host/survey.h"

/* Two-sided 68.27 % Clopper-Pearson interval of passed out of drawn > 0. */
void bl23_acceptance_interval(uint64_t passed, uint64_t drawn, double *low, double *high);

void bl23_summary_print(struct bl23_survey const *survey, struct bl23_survey_outcome const *outcome,
                        FILE *out);

/* The same as one JSON object; the caller owns it. */
json_t *bl23_summary_json(struct bl23_survey const *survey,
                          struct bl23_survey_outcome const *outcome);

/* A finished output that nothing is left to do for: a sentence on stdout, or one JSON object. */
enum bl23_status bl23_finished_print(char const *output, uint64_t samples, bool json,
                                     struct bl23_error *error);

#endif
