/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* The cover that a survey with draw: cover draws from: the trees of all its masses, made on all
 * processors. prepared_survey.c calls it. */
#ifndef BL23_HOST_SURVEY_COVER_H
#define BL23_HOST_SURVEY_COVER_H

#include "host/config/config.h"

/* Make the trees of all masses, and attach them to the model, which is allocated anew. After a
 * failure there are none: BL23_ERROR_CONFIG says where nothing is left to draw, or that the cells
 * need more memory than there is. */
enum bl23_status bl23_survey_cover_build(struct bl23_config const *config,
                                         struct bl23_model **model, struct bl23_cover_tree **trees,
                                         struct bl23_error *error);

/* Trees of a model's masses, NULL or owned. */
void bl23_survey_cover_free(struct bl23_cover_tree *trees, struct bl23_model const *model);

#endif
