/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* Going on from a shorter output: a finished output with fewer samples holds the first samples of
 * the longer survey. survey_job.c calls it. */
#ifndef BL23_HOST_EXTEND_H
#define BL23_HOST_EXTEND_H

#include "host/config/prepared_survey.h"
#include "host/run/run_folder.h"

/* Commit all samples of the shorter output of this survey as one segment, once; the file is
 * verified before and stays as it is. */
enum bl23_status bl23_extend_commit(struct bl23_survey const *survey,
                                    struct bl23_run_folder *folder, struct bl23_error *error);

#endif
