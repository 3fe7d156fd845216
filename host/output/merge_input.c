/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "host/output/merge_input.h"

#include <stdlib.h>
#include <string.h>

#include "host/io/file_io.h"
#include "host/output/outcome_read.h"
#include "kernels/sample/error.h"

enum bl23_status bl23_merge_input_yaml(char const *path, char **yaml, struct bl23_error *error)
{
    struct bl23_survey_reader r;
    enum bl23_status status = BL23_OK;
    *yaml = NULL;
    BL23_TRY(bl23_survey_open(path, &r, error));
    if (r.head.complete)
        status = bl23_fail(error, BL23_ERROR_REFUSED,
                           "%s is a finished survey of all its samples; there is nothing to merge",
                           path);
    else if (!(*yaml = strdup(r.head.yaml)))
        status = bl23_fail(error, BL23_ERROR_MEMORY, "%s: out of memory", path);
    bl23_survey_close(&r);
    return status;
}

/* Open the file; its samples must be those of the survey, and as they were at first. */
static enum bl23_status open_file(struct bl23_merge_input const *in, struct bl23_survey_reader *r,
                                  struct bl23_error *error)
{
    BL23_TRY(bl23_survey_open(in->path, r, error));
    size_t const size = in->n_ranges * sizeof *in->range;
    enum bl23_status status = BL23_OK;
    if (bl23_survey_hash(r->head.yaml, bl23_checksum(r->model, bl23_model_size(r->model))) !=
        in->survey->config_hash)
        status = bl23_fail(error, BL23_ERROR_REFUSED,
                           "%s: its samples were judged by other tables than those of this call; "
                           "give the --model that it was computed with",
                           in->path);
    else if (in->range && (r->n_ranges != in->n_ranges || memcmp(r->range, in->range, size) != 0))
        status = bl23_fail(error, BL23_ERROR_IO,
                           "%s was replaced while it was read; repeat the "
                           "command",
                           in->path);
    if (status != BL23_OK)
        bl23_survey_close(r);
    return status;
}

static enum bl23_status load(void *context, struct bl23_results *results, struct bl23_calls *calls,
                             struct bl23_error *error)
{
    struct bl23_merge_input const *const in = context;
    struct bl23_survey_reader r;
    BL23_TRY(open_file(in, &r, error));
    enum bl23_status status = bl23_outcome_of(&r, in->survey, results, error);
    if (status == BL23_OK) {
        status = bl23_survey_calls(&r, calls, error);
        if (status != BL23_OK)
            bl23_results_free(results);
    }
    bl23_survey_close(&r);
    return status;
}

static enum bl23_status add_survivors(void *context, struct bl23_range range,
                                      struct bl23_survivor_list *list, struct bl23_error *error)
{
    struct bl23_merge_input const *const in = context;
    struct bl23_survey_reader r;
    BL23_TRY(open_file(in, &r, error));
    size_t begin = 0, end;
    while (begin < r.n_survivors && r.index[begin] < range.first)
        begin++;
    for (end = begin; end < r.n_survivors && r.index[end] - range.first < range.count;)
        end++;
    enum bl23_status status = bl23_list_append_rising(list, r.index + begin, end - begin);
    if (status != BL23_OK)
        bl23_fail(error, status, "%s: out of memory for its survivors", in->path);
    bl23_survey_close(&r);
    return status;
}

enum bl23_status bl23_merge_input_open(char const *path, struct bl23_survey const *survey,
                                       struct bl23_merge_input *in, struct bl23_merge_file *file,
                                       struct bl23_error *error)
{
    struct bl23_survey_reader r;
    uint64_t checked;
    *in = (struct bl23_merge_input){.path = path, .survey = survey};
    BL23_TRY(open_file(in, &r, error));
    enum bl23_status status = bl23_survey_verify(&r, &checked, error);
    if (status == BL23_OK) {
        in->range = r.range; /* the reader's own stays with us */
        in->n_ranges = r.n_ranges;
        r.range = NULL;
        *file = (struct bl23_merge_file){.context = in,
                                         .range = in->range,
                                         .n_ranges = in->n_ranges,
                                         .passed = r.head.passed,
                                         .load = load,
                                         .survivors = add_survivors};
    }
    bl23_survey_close(&r);
    return status;
}

void bl23_merge_input_close(struct bl23_merge_input *in)
{
    free(in->range);
    in->range = NULL;
}
