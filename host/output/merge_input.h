/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* An output of some of the samples of a survey, as a part that is merged with others. cmd_merge.c
 * opens it, merge.c reads it by the functions that this file gives it. */
#ifndef BL23_HOST_MERGE_INPUT_H
#define BL23_HOST_MERGE_INPUT_H

#include "host/config/prepared_survey.h"
#include "host/output/survey_read.h"
#include "host/run/merge.h"

/* One such file; path and survey stay with the caller. */
struct bl23_merge_input {
    char const *path;
    struct bl23_survey const *survey;
    struct bl23_range *range; /* [n_ranges]; owned */
    size_t n_ranges;
};

/* The resolved configuration of the file; the caller frees *yaml. BL23_ERROR_CONFIG where it is no
 * survey of this format, BL23_ERROR_REFUSED where it has all samples. */
enum bl23_status bl23_merge_input_yaml(char const *path, char **yaml, struct bl23_error *error);

/* Verify the whole file, and describe it for a merge. No descriptor stays open; it is opened again
 * whenever the merge reads from it. */
enum bl23_status bl23_merge_input_open(char const *path, struct bl23_survey const *survey,
                                       struct bl23_merge_input *input, struct bl23_merge_file *file,
                                       struct bl23_error *error);
void bl23_merge_input_close(struct bl23_merge_input *input);

#endif
