/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* Reads the results of a finished survey back and checks them: counts must agree with each other,
 * and the named samples must have the values that stand beside them. summary.c shows the results
 * again, extend.c continues from them, survey_read.c verifies them. */
#ifndef BL23_HOST_OUTCOME_READ_H
#define BL23_HOST_OUTCOME_READ_H

#include "host/config/prepared_survey.h"
#include "host/output/survey_read.h"

/* What a call of `survey` did. `results` and `stored` are filled at rank 0 only, and not by a part
 * of a survey. */
struct bl23_survey_outcome {
    struct bl23_results results; /* merged, without survivors; owned by the caller */
    uint64_t stored;             /* survivors in the output */
    uint64_t samples_now;        /* computed in this call by all ranks; the rest was resumed */
    double wall_s;               /* of this call's computation */
    bool answered; /* the results are complete, whether or not they could be written */
    char device[160];
};

/* Read the outcome of a survey from its output, without the survivors. Counts of the cut-flow that
 * the file does not keep apart by mass are put at the first knot; 2-D histograms lack what is
 * outside their edges. The caller frees outcome->results. BL23_ERROR_FAILED names a file that lacks
 * anything.
 */
enum bl23_status bl23_outcome_read(struct bl23_survey const *survey,
                                   struct bl23_survey_outcome *outcome, struct bl23_error *error);

/* The same of an open file, complete or not, into *results, which the caller frees. */
enum bl23_status bl23_outcome_of(struct bl23_survey_reader const *reader,
                                 struct bl23_survey const *survey, struct bl23_results *results,
                                 struct bl23_error *error);

/* The reduction of an open file, as far as it can be read from it. */
enum bl23_status bl23_outcome_reduction(struct bl23_survey_reader const *reader,
                                        struct bl23_reduction *reduction, struct bl23_error *error);

/* Check the results of an open file in the same way, for a replay. */
enum bl23_status bl23_outcome_verify(struct bl23_survey_reader const *reader,
                                     struct bl23_error *error);

#endif
