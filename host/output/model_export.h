/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* Writes the model of a survey to a file, for programs that have only kernels/ (bench/gpu_check.c).
 * `bl23 bench --export` calls it. */
#ifndef BL23_HOST_MODEL_EXPORT_H
#define BL23_HOST_MODEL_EXPORT_H

#include "host/config/prepared_survey.h"

/* May FOLDER/NAME.model be written? The folder is made if it is not there; a file of that name is
 * replaced only where it is such a model. BL23_ERROR_CONFIG or BL23_ERROR_REFUSED says why not. */
enum bl23_status bl23_model_export_check(char const *folder, char const *name,
                                         struct bl23_error *error);

/* Write FOLDER/NAME.model (kernels/results/model_image.h), where `name` may end in .yaml.
 * BL23_ERROR_IO names what failed. */
enum bl23_status bl23_model_export(char const *folder, char const *name,
                                   struct bl23_survey const *survey, struct bl23_error *error);

#endif
