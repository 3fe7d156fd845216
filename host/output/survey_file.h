/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* Writes the output file of a survey, which is put in place by one rename. survey_job.c and
 * cmd_merge.c call it; survey_open.c and outcome_read.c read the file back. Its layout: layout.h.
 */
#ifndef BL23_HOST_SURVEY_FILE_H
#define BL23_HOST_SURVEY_FILE_H

#include "host/output/layout.h"
#include "host/run/merge.h"

/* Write PATH by way of a temporary file, in bounded memory: the reductions of *results, and the
 * survivors as they stream from the merge. It is complete where the merge has all samples. After a
 * failure PATH is as it was. */
enum bl23_status bl23_survey_file_write(char const *path, struct bl23_survey const *survey,
                                        struct bl23_results const *results,
                                        struct bl23_merge *survivors,
                                        struct bl23_provenance const *provenance,
                                        struct bl23_error *error);

#endif
