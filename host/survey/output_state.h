/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* What lies at the name of a survey's output. The commands survey, check and merge ask before they
 * compute; nothing else decides what an output may replace. */
#ifndef BL23_HOST_OUTPUT_STATE_H
#define BL23_HOST_OUTPUT_STATE_H

#include "host/config/prepared_survey.h"

enum bl23_output_state {
    BL23_OUTPUT_ABSENT,
    BL23_OUTPUT_FINISHED, /* the output of this survey, as it was written */
    BL23_OUTPUT_PARTIAL,  /* of this survey, but with some of its samples only */
    BL23_OUTPUT_SHORTER,  /* that of the same survey with fewer samples, not verified */
    BL23_OUTPUT_OTHER     /* anything else, which only --force replaces */
};

/* Find the state of survey->config->output. *refusal: what to say of a shorter one that is not gone
 * on from, of a partial one, and of any other. BL23_ERROR_IO where it cannot be told what lies
 * there. */
enum bl23_status bl23_find_output_state(struct bl23_survey const *survey,
                                        enum bl23_output_state *state, struct bl23_error *refusal,
                                        struct bl23_error *error);

#endif
