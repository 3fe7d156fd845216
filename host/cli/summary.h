/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* The summary of a survey on the terminal: what a physicist wants first, in one screen.
 * cmd_survey.c and cmd_merge.c show it. */
#ifndef BL23_HOST_SUMMARY_H
#define BL23_HOST_SUMMARY_H

#include <stdbool.h>

#include "host/output/outcome_read.h"

/* A survey on stdout: for a person, with the name of the output and what the caller remarks on it,
 * or as one JSON object. No remark: the output could not be written. */
enum bl23_status bl23_summary_show(struct bl23_survey const *survey,
                                   struct bl23_survey_outcome const *outcome, bool json,
                                   char const *remark, struct bl23_error *error);

/* The same of an outcome that was read back from a finished output, so that nothing was left to do;
 * the object has finished: true and no speed. */
enum bl23_status bl23_summary_recall(struct bl23_survey const *survey,
                                     struct bl23_survey_outcome const *outcome, bool json,
                                     struct bl23_error *error);

#endif
