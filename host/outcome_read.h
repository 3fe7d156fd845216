/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* What a finished output says of its survey, read back for the summary.
 * summary.c calls it.
 * It must not compute anything. */
#ifndef BL23_HOST_OUTCOME_READ_H
#define BL23_HOST_OUTCOME_READ_H

#include "host/survey.h"

/* The outcome of a survey out of its output, as far as the summary needs it: totals, the cut-flow
 * of all masses together (at the first knot), extrema, nearest samples. The caller frees
 * outcome->results; BL23_ERROR_FAILED names a file that lacks any of it. */
enum bl23_status bl23_outcome_read(struct bl23_survey const *survey,
                                   struct bl23_survey_outcome *outcome, struct bl23_error *error);

#endif
