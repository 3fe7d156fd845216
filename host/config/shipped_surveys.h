/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* The surveys of scripts/surveys/, built into the program so that '@fig3' in the place of CONFIG
 * works anywhere. config.c reads them; bench, info and help list them. */
#ifndef BL23_HOST_SHIPPED_SURVEYS_H
#define BL23_HOST_SHIPPED_SURVEYS_H

#include "kernels/sample/status.h"
#include "tables/base/embedded.h"
#include "tables/base/words.h"

/* Begins the name of a shipped survey where the path of a configuration may stand. */
#define BL23_SHIPPED_MARK '@'

/* Sorted by their names, which are paths below scripts/surveys/; ended by a row without one. */
extern struct bl23_embedded_file const *const bl23_shipped_surveys;

/* "@fig3", "@answer/known" */
void bl23_shipped_survey_name(struct bl23_embedded_file const *file, char name[BL23_WORD_SIZE]);

/* What the survey asks: its first line, a comment, of some bytes. */
char const *bl23_shipped_survey_question(struct bl23_embedded_file const *file, int *length);

/* The survey of such a name, with or without ".yaml". BL23_ERROR_CONFIG says which names are
 * similar. */
enum bl23_status bl23_shipped_survey_find(char const *name, struct bl23_embedded_file const **file,
                                          struct bl23_error *error);

#endif
