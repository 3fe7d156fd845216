/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* Prepares a survey with tables that were computed before (`--model`). cmd_survey.c and cmd_merge.c
 * call it. */
#ifndef BL23_HOST_GIVEN_TABLES_H
#define BL23_HOST_GIVEN_TABLES_H

#include "host/config/prepared_survey.h"

/* As bl23_survey_prepare, with the tables of the file at path instead of those of the
 * configuration; NULL: with its own. */
enum bl23_status bl23_survey_prepare_with_tables(struct bl23_config *config, char const *path,
                                                 struct bl23_survey *survey,
                                                 struct bl23_error *error);

#endif
