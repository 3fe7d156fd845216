/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "host/survey/extend.h"

#include <stdlib.h>

#include "host/config/config_difference.h"
#include "host/output/outcome_read.h"
#include "host/output/survey_read.h"
#include "kernels/sample/error.h"

/* ---- what is there ---- */

/* What lies there, beside this survey: is it the same but for its samples? *difference: why not. */
static enum bl23_status compare(struct bl23_survey const *s,
                                struct bl23_output_identity const *there, bool *same,
                                char difference[BL23_DIFFERENCE_SIZE], struct bl23_error *error)
{
    char *yaml;
    uint64_t hash;
    enum bl23_status const status = bl23_survey_with(s, there->samples, &yaml, &hash, error);
    *same = status == BL23_OK && hash == there->config_hash;
    if (status == BL23_OK && !*same)
        bl23_config_difference(there->yaml, yaml, difference);
    free(yaml);
    return status;
}

static enum bl23_status refuse_samples(struct bl23_survey const *s, uint64_t samples,
                                       struct bl23_error *error)
{
    char const *const path = s->config->output;
    unsigned long long const there = samples, asked = s->config->samples;
    if (there > asked)
        return bl23_fail(error, BL23_ERROR_REFUSED,
                         "%s is this survey with %llu samples, more than the %llu asked for; use "
                         "--samples %llu or more, --force to replace it, or another name",
                         path, there, asked, there);
    return bl23_fail(error, BL23_ERROR_REFUSED,
                     "%s is this survey with %llu samples, not %llu; use --extend to go on from "
                     "it, --force to compute it again, or another name",
                     path, there, asked);
}

/* A finished survey with other samples than ours. *shorter: ours can go on from it. */
static enum bl23_status meet_other(struct bl23_survey const *s,
                                   struct bl23_output_identity const *there, bool extend,
                                   bool *shorter, struct bl23_error *error)
{
    bool same;
    char difference[BL23_DIFFERENCE_SIZE] = "";
    enum bl23_status const status = compare(s, there, &same, difference, error);
    *shorter = same && there->samples < s->config->samples;
    if (status != BL23_OK || (*shorter && extend))
        return status;
    if (same)
        return refuse_samples(s, there->samples, error);
    if (!extend)
        return BL23_OK; /* whoever probes it says what differs */
    return bl23_fail(error, BL23_ERROR_REFUSED,
                     "%s is the output of another configuration (%s); --extend needs this survey, "
                     "finished with fewer samples",
                     s->config->output, difference);
}

/* Nothing to go on from but what a run has left that was begun so. */
static enum bl23_status require_run(struct bl23_survey const *s, struct bl23_error *error)
{
    uint64_t done;
    struct bl23_run_identity const identity = bl23_survey_identity(s, 0);
    enum bl23_status const status = bl23_run_folder_look(&identity, &done, error);
    if (status != BL23_OK || done > 0)
        return status;
    return bl23_fail(error, BL23_ERROR_REFUSED,
                     "%s does not exist; --extend needs this survey, finished with fewer samples",
                     s->config->output);
}

enum bl23_status bl23_place_find(struct bl23_survey const *s, bool extend, enum bl23_place *place,
                                 struct bl23_error *error)
{
    struct bl23_output_identity there;
    enum bl23_output_state state = BL23_OUTPUT_ABSENT;
    bool shorter = false;
    enum bl23_status status = bl23_output_identify(s->config->output, &there, error);
    if (status == BL23_OK && there.yaml && there.samples != s->config->samples)
        status = meet_other(s, &there, extend, &shorter, error);
    free(there.yaml);
    *place = BL23_PLACE_SHORTER;
    if (status != BL23_OK || shorter)
        return status;
    status = bl23_output_probe(s->config->output, s->config_hash, s->yaml, &state, error);
    *place = state == BL23_OUTPUT_FINISHED ? BL23_PLACE_FINISHED : BL23_PLACE_FREE;
    return status == BL23_OK && extend && *place == BL23_PLACE_FREE ? require_run(s, error)
                                                                    : status;
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
    struct bl23_range const range = {0, r->head.samples};
    uint64_t checked;
    char foreign[64];
    if (bl23_survey_find_foreign(r, foreign))
        return bl23_fail(error, BL23_ERROR_REFUSED,
                         "%s holds '%s', which is not bl23's and would be lost with --extend; "
                         "extend a copy of the file without it",
                         r->path, foreign);
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
    struct bl23_range const range = {0, reader.head.samples};
    if (bl23_manifest_done(&folder->committed, range) == 0)
        status = commit_file(s, &reader, folder, error);
    bl23_survey_close(&reader);
    return status;
}
