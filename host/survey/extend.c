/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "host/survey/extend.h"

#include "host/output/outcome_read.h"
#include "kernels/sample/error.h"

/* Results without survivors take those of the file. */
static enum bl23_status add_survivors(struct bl23_survey_reader const *r,
                                      struct bl23_results *results, struct bl23_error *error)
{
    if (bl23_list_append_rising(&results->survivors, r->index, r->n_survivors) == BL23_OK &&
        bl23_results_sort(results) == BL23_OK)
        return BL23_OK;
    return bl23_fail(error, BL23_ERROR_MEMORY, "%s: out of memory for its survivors", r->path);
}

static enum bl23_status commit_file(struct bl23_survey const *s, struct bl23_survey_reader const *r,
                                    struct bl23_run_folder *folder, struct bl23_error *error)
{
    struct bl23_results results;
    struct bl23_calls calls = {0};
    struct bl23_range const range = {0, r->head.samples};
    uint64_t checked;
    char foreign[64];
    if (bl23_survey_find_foreign(r, foreign))
        return bl23_fail(error, BL23_ERROR_REFUSED,
                         "%s holds '%s', which is not bl23's and would be lost with --extend; "
                         "extend a copy of the file without it",
                         r->path, foreign);
    BL23_TRY(bl23_survey_verify(r, &checked, error));
    BL23_TRY(bl23_outcome_of(r, s, &results, error));
    enum bl23_status status = add_survivors(r, &results, error);
    if (status == BL23_OK)
        status = bl23_survey_calls(r, &calls, error);
    if (status == BL23_OK)
        status = bl23_run_folder_commit(folder, range, &results, &calls, error);
    bl23_results_free(&results);
    bl23_calls_free(&calls);
    return status;
}

enum bl23_status bl23_extend_commit(struct bl23_survey const *s, struct bl23_run_folder *folder,
                                    struct bl23_error *error)
{
    struct bl23_survey_reader reader;
    enum bl23_status status = BL23_OK;
    BL23_TRY(bl23_survey_open(s->config->output, &reader, error));
    struct bl23_range const range = {0, reader.head.samples};
    if (bl23_manifest_done(&folder->committed, range) == 0)
        status = commit_file(s, &reader, folder, error);
    bl23_survey_close(&reader);
    return status;
}
