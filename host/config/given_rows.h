/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* The rows w of a survey whose configuration names a file of them (survey: w: {file: ...}): sample
 * i takes row i. config_survey.c reads the file once, to know and check what is in it; the resolved
 * configuration then holds the number and the checksum of its rows, so that the same rows are used
 * whenever the survey is prepared. */
#ifndef BL23_HOST_GIVEN_ROWS_H
#define BL23_HOST_GIVEN_ROWS_H

#include "host/config/config.h"

/* Read the file: the number of its rows and their checksum go into the configuration, and whether
 * they have couplings, unless g_mode_is_given. BL23_ERROR_CONFIG names a row that is wrong, or
 * `by`, the line that names the file, where there is none. `apart` as in bl23_config_parse_apart.
 */
enum bl23_status bl23_given_rows_scan(struct bl23_config *config, char const *by, bool apart,
                                      bool g_mode_is_given, struct bl23_error *error);

/* BL23_ERROR_CONFIG if the configuration asks for more samples than there are rows. `name` is what
 * asks for them, in the message. */
enum bl23_status bl23_given_rows_check_samples(struct bl23_config const *config, char const *name,
                                               struct bl23_error *error);

/* Read the rows into the model, which grows. BL23_ERROR_REFUSED if they are not those of the
 * configuration any more. */
enum bl23_status bl23_given_rows_attach(struct bl23_config const *config, struct bl23_model **model,
                                        struct bl23_error *error);

#endif
