/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* What lies at the place of a survey's output, and going on from there: a finished output with
 * fewer samples holds the first samples of the longer survey.
 * cmd_survey.c and cmd_check.c ask it.
 * It must not compute a sample. */
#ifndef BL23_HOST_EXTEND_H
#define BL23_HOST_EXTEND_H

#include "host/survey/survey_run.h"

enum bl23_place {
    BL23_PLACE_FREE,
    BL23_PLACE_FINISHED, /* the output of this survey */
    BL23_PLACE_SHORTER   /* that of the same survey with fewer samples, and `extend` */
};

/* `extend`: to go on from what lies there. BL23_ERROR_REFUSED, which says what is there: a file
 * that is none of these or is not as it was written, a shorter one without `extend`, and none
 * with it. */
enum bl23_status bl23_place_find(struct bl23_survey const *survey, bool extend,
                                 enum bl23_place *place, struct bl23_error *error);

/* Commit all samples of the shorter output at that place as one segment, once; the file is verified
 * before and stays as it is. */
enum bl23_status bl23_extend_commit(struct bl23_survey const *survey,
                                    struct bl23_run_folder *folder, struct bl23_error *error);

#endif
