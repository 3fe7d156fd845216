/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "host/extend.h"

#include "host/outcome_read.h"
#include "host/survey_read.h"
#include "tables/message.h"

/* ---- what is there ---- */

/* *samples: those of the output there, if it is the same survey with fewer; else 0. */
static enum bl23_status find_shorter(struct bl23_survey const *s, uint64_t *samples,
                                     struct bl23_error *error)
{
    uint64_t found, wanted, n;
    *samples = 0;
    if (!bl23_output_identity(s->config->output, &found, &n) || n >= s->config->samples)
        return BL23_OK;
    enum bl23_status const status = bl23_survey_hash_with(s, n, &wanted, error);
    if (status == BL23_OK && found == wanted)
        *samples = n;
    return status;
}

static enum bl23_status refuse_shorter(struct bl23_survey const *s, uint64_t samples,
                                       struct bl23_error *error)
{
    return bl23_fail(error, BL23_ERROR_REFUSED,
                     "%s: found this survey with %llu samples, not %llu, allowed: --extend to go "
                     "on from it, --force to compute it again, or another name",
                     s->config->output, (unsigned long long)samples,
                     (unsigned long long)s->config->samples);
}

enum bl23_status bl23_place_find(struct bl23_survey const *s, bool extend, enum bl23_place *place,
                                 struct bl23_error *error)
{
    uint64_t shorter;
    enum bl23_output_state state;
    *place = BL23_PLACE_SHORTER;
    enum bl23_status status = find_shorter(s, &shorter, error);
    if (status == BL23_OK && shorter > 0)
        return extend ? BL23_OK : refuse_shorter(s, shorter, error);
    if (status == BL23_OK)
        status = bl23_output_probe(s->config->output, s->config_hash, s->yaml, &state, error);
    if (status != BL23_OK)
        return status;
    *place = state == BL23_OUTPUT_FINISHED ? BL23_PLACE_FINISHED : BL23_PLACE_FREE;
    if (extend && *place == BL23_PLACE_FREE)
        return bl23_fail(error, BL23_ERROR_REFUSED,
                         "%s: found no file, allowed with --extend: this survey, finished, with "
                         "fewer samples",
                         s->config->output);
    return BL23_OK;
}

/* ---- going on from it ---- */

/* The survivors of the file become those of the results, which have all else. */
static enum bl23_status take_survivors(struct bl23_survey_reader const *r,
                                       struct bl23_results *results, struct bl23_error *error)
{
    enum bl23_status status =
        bl23_list_append_rising(&results->survivors, r->index, r->n_survivors);
    if (status == BL23_OK)
        status = bl23_results_sort(results);
    return status == BL23_OK
               ? status
               : bl23_fail(error, status, "%s: out of memory for its survivors", r->path);
}

static enum bl23_status commit_file(struct bl23_survey const *s, struct bl23_survey_reader const *r,
                                    struct bl23_run_folder *folder, struct bl23_error *error)
{
    struct bl23_survey_outcome outcome;
    struct bl23_range const range = {0, r->samples};
    uint64_t checked;
    enum bl23_status status = bl23_survey_verify(r, &checked, error);
    if (status == BL23_OK)
        status = bl23_outcome_read(s, &outcome, error);
    if (status != BL23_OK)
        return status;
    status = take_survivors(r, &outcome.results, error);
    if (status == BL23_OK)
        status = bl23_run_folder_commit(folder, range, &outcome.results, error);
    bl23_results_free(&outcome.results);
    return status;
}

enum bl23_status bl23_extend_commit(struct bl23_survey const *s, struct bl23_run_folder *folder,
                                    struct bl23_error *error)
{
    struct bl23_survey_reader reader;
    enum bl23_status status = bl23_survey_open(s->config->output, &reader, error);
    if (status != BL23_OK)
        return status;
    struct bl23_range const range = {0, reader.samples};
    if (bl23_manifest_done(&folder->committed, range) == 0)
        status = commit_file(s, &reader, folder, error);
    bl23_survey_close(&reader);
    return status;
}
