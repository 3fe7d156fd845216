/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* What a finished output says of its survey, read back and judged: its counts agree with each
 * other, and the samples that it names are what it says of them. summary.c shows it again, extend.c
 * goes on from it, survey_read.c verifies it. */
#ifndef BL23_HOST_OUTCOME_READ_H
#define BL23_HOST_OUTCOME_READ_H

#include "host/config/prepared_survey.h"
#include "host/output/survey_read.h"

/* What happened, for the summary; results and stored at rank 0 and without a part only. */
struct bl23_survey_outcome {
    struct bl23_results results; /* merged, without survivors; owned by the caller */
    uint64_t stored;             /* survivors in the output */
    uint64_t samples_now;        /* computed in this call by all ranks; the rest was resumed */
    double wall_s;               /* of this call's computation */
    char device[160];
};

/* The outcome of a survey out of its output: all but the survivors, and as far as the output has
 * it: the counts of the cut-flow that are not kept apart by mass are those of the first knot, 2-D
 * histograms are without what is outside their edges. The caller frees outcome->results;
 * BL23_ERROR_FAILED names a file that lacks any of it. */
enum bl23_status bl23_outcome_read(struct bl23_survey const *survey,
                                   struct bl23_survey_outcome *outcome, struct bl23_error *error);

/* The same of a file alone, for a replay. */
enum bl23_status bl23_outcome_verify(struct bl23_survey_reader const *reader,
                                     struct bl23_error *error);

#endif
