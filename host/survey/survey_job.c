/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* How the ranks of a job go through a survey. Every collective step is in this file, in the order
 * in which all ranks reach it (main.c has more, before and after):
 *
 *   1. agree      every rank has prepared the survey; its hash is that of rank 0
 *   2. look       rank 0 finds out what lies at the output, and tells the others
 *   3. folder     rank 0 opens OUT.run, then the others join it
 *   4. extend     rank 0 commits a shorter output as the first segment
 *   5. open       every rank opens its backend
 *   6. round      rank 0 tells what is missing and resets the counter of units; every rank computes
 *                 and commits by itself (survey_loop.c); rank 0 collects what all have committed
 *   7. store      rank 0 merges the segments and writes the output; if one is damaged, 6 again
 *   8. leave      an OUT.run in which no rank has committed anything is removed after a failure
 *                 or an interruption
 *
 * A rank that fails goes on to the next agree: there all ranks take the failure of the lowest one,
 * and return. In a round it halts the counter first, so that the others commit and come, too. */
#include "host/survey/survey_job.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/config/survey_warnings.h"
#include "host/io/allotment.h"
#include "host/io/clock.h"
#include "host/io/file_io.h"
#include "host/io/notes.h"
#include "host/io/output_check.h"
#include "host/io/stop.h"
#include "host/output/survey_file.h"
#include "host/survey/backends.h"
#include "host/survey/extend.h"
#include "kernels/lanes/parallel_for.h"
#include "kernels/sample/error.h"

static bool is_first_rank(void)
{
    return bl23_ranks_rank() == 0;
}

/* ---- 1. agree ---- */

/* Collective: all ranks must compute the same survey. */
static enum bl23_status compare_surveys(struct bl23_survey const *survey, struct bl23_error *error)
{
    uint64_t const mine[2] = {survey->config_hash, BL23_SAMPLING_VERSION};
    uint64_t first[2] = {mine[0], mine[1]};
    enum bl23_status status = BL23_OK;
    bl23_ranks_broadcast(first, sizeof first);
    if (first[0] != mine[0] || first[1] != mine[1])
        status = bl23_fail(error, BL23_ERROR_FAILED,
                           "the configuration or the tables differ from those of rank 0; use the "
                           "same program and files on every node");
    return bl23_ranks_agree(status, error);
}

/* ---- 2. look ---- */

enum bl23_status bl23_survey_job_refuse_part(struct bl23_survey const *survey,
                                             struct bl23_error *error)
{
    return bl23_fail(
        error, BL23_ERROR_REFUSED,
        "%s is a finished survey; choose another name for the part that --first computes",
        survey->config->output);
}

/* The output is there already: read it back, and remove the folder of its run if that was not done
 * any more. */
static enum bl23_status recall_finished(struct bl23_survey_job *job, struct bl23_error *error)
{
    struct bl23_survey const *const survey = &job->survey;
    struct bl23_run_identity const identity = bl23_survey_identity(survey, 0);
    struct bl23_run_folder folder;
    struct bl23_error other = {BL23_OK, ""};
    char path[BL23_RUN_PATH_SIZE];
    uint64_t done;
    if (job->options.part.count > 0)
        return bl23_survey_job_refuse_part(survey, error);
    BL23_TRY(bl23_outcome_read(survey, &job->outcome, error));
    bl23_run_path(survey->config->output, path);
    /* A folder of another survey, such as one that goes on from this output, is not ours. */
    if (!bl23_path_exists(path) ||
        bl23_run_folder_count_samples(&identity, &done, &other) != BL23_OK)
        return BL23_OK;
    if (bl23_run_folder_open(&identity, false, &folder, &other) == BL23_OK) {
        bl23_run_folder_remove(&folder);
        bl23_run_folder_close(&folder);
    } else {
        bl23_note("note: %s is no longer needed but was not removed: %s", path, other.text);
    }
    return BL23_OK;
}

/* Without an output, --extend goes on with a run that it has begun. */
static enum bl23_status require_run(struct bl23_survey const *survey, struct bl23_error *error)
{
    uint64_t done;
    struct bl23_run_identity const identity = bl23_survey_identity(survey, 0);
    BL23_TRY(bl23_run_folder_count_samples(&identity, &done, error));
    if (done > 0)
        return BL23_OK;
    return bl23_fail(error, BL23_ERROR_REFUSED,
                     "%s does not exist; --extend needs this survey, finished with fewer samples",
                     survey->config->output);
}

static enum bl23_status look_at_output(struct bl23_survey_job *job, struct bl23_error *error)
{
    struct bl23_error refusal;
    if (!job->options.force) {
        BL23_TRY(bl23_find_output_state(&job->survey, &job->state, &refusal, error));
        if (job->state == BL23_OUTPUT_OTHER || job->state == BL23_OUTPUT_PARTIAL ||
            (job->state == BL23_OUTPUT_SHORTER && !job->extend))
            return bl23_fail(error, refusal.status, "%s", refusal.text);
        if (job->state == BL23_OUTPUT_FINISHED)
            return recall_finished(job, error);
        if (job->state == BL23_OUTPUT_ABSENT && job->extend)
            BL23_TRY(require_run(&job->survey, error));
    }
    BL23_TRY(bl23_path_check_writable(job->survey.config->output, error));
    return bl23_output_try(job->survey.config->output, error);
}

/* ---- 3. folder ---- */

/* Collective. */
static enum bl23_status open_folder(struct bl23_survey_job *job, struct bl23_error *error)
{
    struct bl23_run_identity const identity = bl23_survey_identity(&job->survey, bl23_ranks_rank());
    enum bl23_status mine = BL23_OK;
    if (is_first_rank())
        mine = bl23_run_folder_open(&identity, job->options.force, &job->folder, error);
    BL23_TRY(bl23_ranks_agree(mine, error));
    if (!is_first_rank())
        mine = bl23_run_folder_join(&identity, &job->folder, error);
    return bl23_ranks_agree(mine, error);
}

/* ---- 6. round ---- */

/* What rank 0's manifest lacks; *gap is the caller's. */
static enum bl23_status list_gaps(struct bl23_survey_loop const *l, struct bl23_range **gap,
                                  uint64_t *n, struct bl23_error *error)
{
    struct bl23_manifest const *const committed = &l->folder->committed;
    struct bl23_range left = bl23_survey_loop_samples(l);
    uint64_t const end = left.first + left.count;
    *gap = calloc(committed->size + 1, sizeof **gap);
    if (!*gap)
        return bl23_fail(error, BL23_ERROR_MEMORY, "out of memory for the list of work");
    for (*n = 0; left.count > 0; (*n)++) {
        struct bl23_range const g = bl23_manifest_gap(committed, left);
        if (g.count == 0)
            break;
        (*gap)[*n] = g;
        left.first = g.first + g.count;
        left.count = end - left.first;
    }
    return BL23_OK;
}

/* Collective: the work of this round, as rank 0 sees it. */
static enum bl23_status share_work(struct bl23_survey_loop *l, struct bl23_error *error)
{
    struct bl23_range *gap = NULL;
    uint64_t n = 0;
    enum bl23_status status = is_first_rank() ? list_gaps(l, &gap, &n, error) : BL23_OK;
    bl23_ranks_broadcast(&n, sizeof n);
    if (!is_first_rank())
        gap = calloc(n + 1, sizeof *gap);
    if (!gap && status == BL23_OK)
        status = bl23_fail(error, BL23_ERROR_MEMORY, "out of memory for the list of work");
    status = bl23_ranks_agree(status, error);
    if (status == BL23_OK) {
        bl23_ranks_broadcast(gap, n * sizeof *gap);
        bl23_work_free(&l->work);
        status = bl23_work_build(gap, n, l->options->range, &l->work, error);
        status = bl23_ranks_agree(status, error);
    }
    free(gap);
    return status;
}

/* Collective: what the other ranks have committed goes into rank 0's manifest. */
static enum bl23_status collect_manifests(struct bl23_manifest *mine, struct bl23_error *error)
{
    size_t const sent = is_first_rank() ? 0 : mine->size * sizeof *mine->entry;
    void *all;
    size_t size;
    enum bl23_status status = bl23_ranks_gather(mine->entry, sent, &all, &size, error);
    struct bl23_manifest_entry const *const entry = all;
    for (size_t k = 0; status == BL23_OK && k < size / sizeof *entry; k++)
        status = bl23_manifest_add(mine, &entry[k], error);
    if (is_first_rank())
        bl23_manifest_drop_overlaps(mine);
    else
        mine->size = 0;
    free(all);
    return bl23_ranks_agree(status, error);
}

/* Collective. */
static enum bl23_status compute_round(struct bl23_survey_loop *l, struct bl23_error *error)
{
    struct bl23_ranks_totals begin = {0, 0};
    BL23_TRY(share_work(l, error));
    if (is_first_rank()) {
        begin.done = bl23_manifest_done(&l->folder->committed, bl23_survey_loop_samples(l));
        begin.passed = bl23_manifest_passed(&l->folder->committed);
    }
    bl23_survey_loop_begin_round(l);
    bl23_ranks_reset(begin);
    BL23_TRY(bl23_ranks_agree(bl23_survey_loop_compute(l, error), error));
    return collect_manifests(&l->folder->committed, error);
}

/* ---- 7. store ---- */

/* The results of the survey: those in memory, or out of the segments. */
static enum bl23_status merge_results(struct bl23_survey_loop *l, struct bl23_results *results,
                                      struct bl23_merge *merge, struct bl23_error *error)
{
    bool const in_memory = bl23_survey_loop_holds_all(l);
    if (in_memory) {
        struct bl23_results const empty = *results;
        *results = l->pending;
        l->pending = empty;
        *merge = (struct bl23_merge){.shape = results};
    } else {
        bl23_results_clear(results);
        l->part = (struct bl23_merge_part){.folder = l->folder};
        BL23_TRY(bl23_merge_open(&l->part, 1, l->survey->model, results, merge, error));
    }
    if (bl23_results_sort(results) != BL23_OK)
        return bl23_fail(error, BL23_ERROR_MEMORY, "out of memory while sorting the survivors");
    bl23_survey_loop_stamp(l);
    return in_memory ? bl23_merge_of_results(results, &l->call, merge, error) : BL23_OK;
}

/* Rank 0 merges and writes the output. *damaged: a segment is to blame for the failure. */
static enum bl23_status store_output(struct bl23_survey_loop *l,
                                     struct bl23_survey_outcome *outcome,
                                     struct bl23_provenance *provenance, bool *damaged,
                                     struct bl23_error *error)
{
    bool const in_memory = bl23_survey_loop_holds_all(l);
    struct bl23_merge merge;
    enum bl23_status status = merge_results(l, &outcome->results, &merge, error);
    outcome->answered = status == BL23_OK;
    if (status == BL23_OK) {
        outcome->stored = merge.n_survivors;
        outcome->wall_s = provenance->wall_s = bl23_seconds() - l->begin_s;
        provenance->samples_per_s = (double)outcome->samples_now / fmax(outcome->wall_s, 1e-9);
        bl23_time_stamp(provenance->end);
        status = bl23_survey_file_write(l->survey->config->output, l->survey, &outcome->results,
                                        &merge, provenance, error);
        bl23_merge_close(&merge);
    }
    *damaged = status == BL23_ERROR_FAILED && merge.damaged;
    outcome->answered = outcome->answered && !*damaged;
    if (status != BL23_OK && in_memory) /* what was never committed is not lost either */
        bl23_survey_loop_commit(l, &outcome->results, NULL);
    return status;
}

/* ---- 5. to 7. ---- */

static void describe_device(struct bl23_survey_loop const *l, char *out, size_t size)
{
    char const *const device = l->backend->describe(l->state);
    int const ranks = bl23_ranks_size(), nodes = bl23_ranks_nodes();
    if (ranks == 1)
        snprintf(out, size, "%s", device);
    else
        snprintf(out, size, "%s, %d ranks on %d node%s", device, ranks, nodes,
                 nodes == 1 ? "" : "s");
}

/* The call, as it stands beside what it computes. */
static void name_call(struct bl23_survey_loop *l, char const *start)
{
    unsigned const threads = l->options->backend_options.threads;
    l->call = bl23_call_of(l->backend->name, l->backend->describe(l->state), start);
    l->call.threads = threads ? threads : bl23_processors();
    l->call.ranks = (uint64_t)bl23_ranks_size();
}

/* What a user should know before the first sample. */
static void announce(struct bl23_survey_loop const *l)
{
    int const ranks = bl23_ranks_size(), nodes = bl23_ranks_nodes();
    bool const quiet = l->options->quiet;
    if (!is_first_rank())
        return;
    if (l->options->part.count == 0)
        bl23_survey_warn(l->survey, "warning: ", stderr);
    if (bl23_ranks_advice())
        fprintf(stderr, "warning: %s\n", bl23_ranks_advice());
    if (ranks > 1 && !quiet)
        fprintf(stderr, "%d ranks on %d node%s\n", ranks, nodes, nodes == 1 ? "" : "s");
    if (l->samples_done_before > 0 && !quiet)
        fprintf(stderr, "resuming: %.4g of %.4g samples are done\n", (double)l->samples_done_before,
                (double)bl23_survey_loop_samples(l).count);
}

/* Collective: usually one round; another when a segment turns out damaged. */
static enum bl23_status compute_and_store(struct bl23_survey_loop *l,
                                          struct bl23_survey_outcome *outcome,
                                          struct bl23_provenance *provenance,
                                          struct bl23_error *error)
{
    bool damaged;
    do {
        BL23_TRY(compute_round(l, error));
        enum bl23_status status = BL23_OK;
        damaged = false;
        outcome->samples_now = bl23_ranks_sum(l->samples_computed);
        outcome->wall_s = bl23_seconds() - l->begin_s;
        if (is_first_rank() && l->options->part.count == 0)
            status = store_output(l, outcome, provenance, &damaged, error);
        BL23_TRY(bl23_ranks_agree(damaged ? BL23_OK : status, error));
        bl23_ranks_broadcast(&damaged, sizeof damaged);
        if (damaged)
            *error = (struct bl23_error){BL23_OK, ""};
    } while (damaged);
    return BL23_OK;
}

void bl23_survey_job_choose_backend(struct bl23_survey_job *job)
{
    bool const forced = !job->backend_name && getenv("BL23_ISA");
    bool const quiet = job->options.quiet || !is_first_rank();
    job->options.backend = bl23_backend_choose(forced ? "cpu" : job->backend_name, quiet);
    job->options.fall_back = !job->backend_name || strcmp(job->backend_name, "auto") == 0;
}

/* Collective: steps 5 to 7. */
static enum bl23_status run_survey(struct bl23_survey_job *job, struct bl23_error *error)
{
    struct bl23_survey_loop loop;
    struct bl23_survey_outcome *const outcome = &job->outcome;
    struct bl23_model const *const model = job->survey.model;
    struct bl23_provenance provenance = {.device = outcome->device};
    bl23_time_stamp(provenance.start);
    bl23_ranks_broadcast(provenance.start, sizeof provenance.start); /* one call, one start */
    bl23_survey_job_choose_backend(job);
    enum bl23_status status =
        bl23_survey_loop_open(&job->survey, &job->options, &job->folder, &loop, error);
    if (status == BL23_OK && bl23_results_init(&outcome->results, model->n_knots, model->seed,
                                               &job->survey.reduction) != BL23_OK)
        status = bl23_fail(error, BL23_ERROR_MEMORY, "out of memory for the results");
    status = bl23_ranks_agree(status, error);
    if (status == BL23_OK) {
        provenance.backend = loop.backend->name;
        describe_device(&loop, outcome->device, sizeof outcome->device);
        name_call(&loop, provenance.start);
        announce(&loop);
        status = compute_and_store(&loop, outcome, &provenance, error);
    }
    bl23_survey_loop_close(&loop);
    return status;
}

/* `done` samples are kept, or nothing of this run. */
static void say_interrupted(struct bl23_survey_job const *job, uint64_t done,
                            struct bl23_error *error)
{
    struct bl23_range const part = job->options.part;
    char const *const folder = job->folder.path;
    if (done == 0)
        bl23_fail(error, BL23_INTERRUPTED,
                  "interrupted before anything was computed; the same command starts again");
    else if (done < (part.count > 0 ? part.count : job->survey.config->samples))
        bl23_fail(error, BL23_INTERRUPTED,
                  "interrupted; %s keeps everything computed so far, and the same command "
                  "continues from there; 'bl23 merge --partial %s -o OUT.h5' writes what is there",
                  folder, folder);
    else
        bl23_fail(error, BL23_INTERRUPTED,
                  "interrupted; all samples are computed and kept in %s, and the same command "
                  "writes the output",
                  folder);
}

static uint64_t count_done(struct bl23_survey_job const *job)
{
    struct bl23_range const part = job->options.part, all = {0, job->survey.config->samples};
    return bl23_manifest_done(&job->folder.committed, part.count > 0 ? part : all);
}

/* ---- the way of a survey ---- */

void bl23_survey_job_begin(struct bl23_survey_job *job)
{
    struct bl23_backend_options *const options = &job->options.backend_options;
    job->folder = BL23_RUN_FOLDER_CLOSED;
    bl23_stop_catch_signals();
    options->device = (unsigned)bl23_ranks_local_rank();
}

void bl23_survey_job_choose_threads(struct bl23_survey_job *job)
{
    unsigned *const threads = &job->options.backend_options.threads;
    unsigned const share = bl23_ranks_threads(), allotted = bl23_allotment().threads;
    if (*threads == 0)
        *threads = share > 0 && share < allotted ? share : allotted;
}

enum bl23_status bl23_survey_job_run(struct bl23_survey_job *job, enum bl23_status prepared,
                                     struct bl23_error *error)
{
    enum bl23_status status = BL23_OK;
    BL23_TRY(bl23_ranks_agree(prepared, error)); /* 1. agree */
    BL23_TRY(compare_surveys(&job->survey, error));

    if (is_first_rank()) /* 2. look */
        status = look_at_output(job, error);
    BL23_TRY(bl23_ranks_agree(status, error));
    bl23_ranks_broadcast(&job->state, sizeof job->state);
    if (job->state == BL23_OUTPUT_FINISHED)
        return BL23_OK;

    BL23_TRY(open_folder(job, error)); /* 3. folder */

    bool const seeds = is_first_rank() && job->state == BL23_OUTPUT_SHORTER;
    if (seeds) /* 4. extend */
        status = bl23_extend_commit(&job->survey, &job->folder, error);
    status = bl23_ranks_agree(status, error);
    if (status == BL23_OK)
        status = run_survey(job, error); /* 5. open, 6. round, 7. store */

    /* 8. leave: what a shorter output gave lies in that output, too */
    bool const commits = job->folder.committed.size > (size_t)seeds;
    uint64_t const done = bl23_ranks_sum(count_done(job));
    if (!is_first_rank()) /* what rank 0 removes is no longer open */
        bl23_run_folder_close(&job->folder);
    bool const bare = bl23_ranks_sum(commits) == 0;
    bool const stored = status == BL23_OK && job->options.part.count == 0;
    if (is_first_rank() && (stored || (bare && status != BL23_OK)))
        bl23_run_folder_remove(&job->folder);
    if (status == BL23_INTERRUPTED)
        say_interrupted(job, bare ? 0 : done, error);
    return status;
}

void bl23_survey_job_free(struct bl23_survey_job *job)
{
    bl23_results_free(&job->outcome.results);
    bl23_run_folder_close(&job->folder);
    bl23_survey_free(&job->survey);
}
