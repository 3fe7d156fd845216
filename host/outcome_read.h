/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* What a finished output says of its survey, read back.
 * summary.c shows it again, extend.c goes on from it.
 * It must not compute anything. */
#ifndef BL23_HOST_OUTCOME_READ_H
#define BL23_HOST_OUTCOME_READ_H

#include "host/survey.h"

/* The outcome of a survey out of its output: all but the survivors, and as far as the output has
 * it: the counts of the cut-flow that are not kept apart by mass are those of the first knot, 2-D
 * histograms are without what is outside their edges. The caller frees outcome->results;
 * BL23_ERROR_FAILED names a file that lacks any of it. */
enum bl23_status bl23_outcome_read(struct bl23_survey const *survey,
                                   struct bl23_survey_outcome *outcome, struct bl23_error *error);

#endif
