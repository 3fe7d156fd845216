/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* The trees of all masses of a model, made on all processors, and the cover that a survey with
 * draw: cover draws from. prepared_survey.c and cover_run.c call it. */
#ifndef BL23_HOST_SURVEY_COVER_H
#define BL23_HOST_SURVEY_COVER_H

#include "host/config/config.h"

/* Make the trees of all masses, [n_knots], owned: bl23_cover_trees_free. BL23_ERROR_MEMORY, and
 * then there are none. */
enum bl23_status bl23_cover_trees_build(struct bl23_model const *model, struct bl23_cover_aim aim,
                                        struct bl23_cover_tree **trees);

/* Make them for a survey, and attach them to the model, which is allocated anew. After a
 * failure there are none: BL23_ERROR_CONFIG says where nothing is left to draw, or that the cells
 * need more memory than there is. */
enum bl23_status bl23_survey_cover_build(struct bl23_config const *config,
                                         struct bl23_model **model, struct bl23_cover_tree **trees,
                                         struct bl23_error *error);

/* Trees of a model's masses, NULL or owned. */
void bl23_cover_trees_free(struct bl23_cover_tree *trees, struct bl23_model const *model);

#endif
