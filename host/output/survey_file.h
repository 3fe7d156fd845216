/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* The output file of a survey, written whole and put in place by one rename.
 * survey_run.c and cmd_merge.c call it; survey_read.c reads it back.
 * It must not know how the results were computed. */
#ifndef BL23_HOST_SURVEY_FILE_H
#define BL23_HOST_SURVEY_FILE_H

#include "host/config/prepared_survey.h"
#include "host/output/hdf5_verify.h"
#include "host/run/merge.h"

/* Attributes format and format_version of the file. */
#define BL23_SURVEY_FORMAT "bl23-survey"
enum { BL23_SURVEY_FORMAT_VERSION = 3 };

/* All groups: sealed when the file is written, verified by a replay, which computes the columns of
 * two again. */
extern struct bl23_h5_sealed const bl23_survey_file_groups[];

/* Datasets of /extrema: of all survivors and of those of level 1, smallest and largest; each has
 * another one NAME_index beside it. */
extern char const *const bl23_extremum_names[2][2];

/* Who computed it, when and how fast: the only group that may differ between equal runs. */
struct bl23_provenance {
    char const *backend, *device;
    char start[32], end[32]; /* ISO 8601, UTC */
    double wall_s, samples_per_s;
};

/* This moment as the provenance gives it. */
void bl23_provenance_stamp(char out[32]);

/* Write PATH by way of a temporary file, with bounded memory: the reductions of *results, and the
 * survivors as they stream from the merge. BL23_ERROR_IO leaves PATH as it was. */
enum bl23_status bl23_survey_file_write(char const *path, struct bl23_survey const *survey,
                                        struct bl23_results const *results,
                                        struct bl23_merge *survivors,
                                        struct bl23_provenance const *provenance,
                                        struct bl23_error *error);

#endif
