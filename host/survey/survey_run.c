/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "host/survey/survey_run.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "host/config/survey_warnings.h"
#include "host/io/clock.h"
#include "host/io/stop.h"
#include "host/output/survey_file.h"
#include "host/ranks/ranks.h"
#include "host/survey/work.h"
#include "kernels/results/thinning.h"
#include "kernels/sample/error.h"

/* A list of survivors is committed when it has about so many words of 16 bits, 64 MiB: a merge has
 * one segment in memory at a time. */
enum { SEGMENT_WORDS = 1 << 25 };

/* Units that a rank takes at once should be computed in this part of the time between two commits,
 * so that they end up in one segment; and a guess may not grow faster than this. */
static double const share_of_commit = 0.75;
static double const growth_of_share = 8.0;

/* Seconds that a call of the backend should last: its overhead is small, a stop is seen soon. */
static double const call_s = 0.5;

/* State of one call of bl23_survey_run. */
struct run {
    struct bl23_survey const *survey;
    struct bl23_survey_options const *options;
    struct bl23_run_folder *folder;
    struct bl23_backend const *backend; /* of this rank; another may run on the CPU */
    struct bl23_backend_state *state;
    struct bl23_work work;          /* what was missing at the begin of this round */
    struct bl23_thinning thinning;  /* of what this rank has committed in this round */
    struct bl23_results pending;    /* computed, not yet committed */
    struct bl23_range range;        /* what pending holds */
    uint64_t next, end;             /* units in hand */
    uint64_t now;                   /* samples this rank has computed */
    struct bl23_ranks_totals since; /* done and not yet told to the others */
    uint64_t done_before;           /* samples that were committed when the call began */
    double wanted;                  /* units to take at once */
    double started, committed, reported;
    char begin[32];
    bool terminal;
};

/* The samples this call is about. */
static struct bl23_range wanted_samples(struct run const *r)
{
    return r->options->part.count > 0 ? r->options->part
                                      : (struct bl23_range){0, r->survey->config->samples};
}

/* ---- progress ---- */

static void report_progress(struct run *r, bool last)
{
    double const now = bl23_seconds(), elapsed = now - r->started;
    double const interval = r->terminal ? 0.2 : 10.0;
    if (r->options->quiet || bl23_ranks_rank() > 0 || (!last && now - r->reported < interval) ||
        (last && !r->terminal && r->reported == r->started))
        return;
    struct bl23_ranks_totals const told = bl23_ranks_progress();
    double const done = (double)(told.done + r->since.done);
    double const total = (double)wanted_samples(r).count;
    double const rate = elapsed > 0.0 ? (done - (double)r->done_before) / elapsed : 0.0;
    double const left = rate > 0.0 ? (total - done) / rate : 0.0;
    uint64_t const passed = told.passed + r->since.passed;
    fprintf(stderr, "%s%.4g of %.4g samples (%.1f %%), %.3g/s, %llu survivors, %.0f s left%s",
            r->terminal ? "\r" : "", done, total, 100.0 * done / total, rate,
            (unsigned long long)passed, left, r->terminal ? "   " : "\n");
    if (last && r->terminal)
        fputc('\n', stderr);
    r->reported = now;
}

/* ---- compute and commit ---- */

/* Seconds between two commits. A long run commits more rarely, at most a hundredth of it is at
 * stake: its segments must not fill the disk. */
static double commit_interval(struct run const *r)
{
    double const wanted = r->options->commit_seconds;
    return wanted > 0.0 ? fmax(wanted, 0.01 * (bl23_seconds() - r->started)) : 0.0;
}

static enum bl23_status sort(struct bl23_results *results, struct bl23_error *error)
{
    enum bl23_status const status = bl23_results_sort(results);
    return status == BL23_OK
               ? status
               : bl23_fail(error, status, "out of memory while sorting the survivors");
}

/* Drop the survivors that cannot be kept, after what this rank committed; return the bound. */
static uint64_t thin(struct run *r)
{
    struct bl23_survivor_list *const list = &r->pending.survivors;
    bl23_thinning_count_list(&r->thinning, r->pending.seed, list);
    struct bl23_hashed_survivor const last = {bl23_thinning_bound(&r->thinning), UINT64_MAX};
    if (last.hash < UINT64_MAX)
        bl23_list_drop_after(list, r->pending.seed, last);
    return last.hash;
}

static enum bl23_status commit(struct run *r, struct bl23_error *error)
{
    if (r->range.count == 0)
        return BL23_OK;
    enum bl23_status status = sort(&r->pending, error);
    if (status != BL23_OK)
        return status;
    uint64_t const bound = thin(r);
    status = bl23_run_folder_commit(r->folder, r->range, &r->pending, error);
    bl23_results_clear(&r->pending);
    r->pending.hash_bound = bound; /* the backend need not return what would be dropped */
    r->range.count = 0;
    r->committed = bl23_seconds();
    return status;
}

/* Samples a second of this rank, so far. */
static double rate_of(struct run const *r)
{
    double const elapsed = bl23_seconds() - r->started;
    return elapsed > 0.0 ? (double)r->now / elapsed : 0.0;
}

/* Take the next units from the counter. */
static void take(struct run *r)
{
    double const lasting = share_of_commit * commit_interval(r) * rate_of(r) / (double)r->work.unit;
    uint64_t const units = bl23_work_units(&r->work);
    uint64_t const left = units > r->end ? units - r->end : 0;
    r->wanted = fmin(lasting, growth_of_share * fmax(r->wanted, 1.0));
    uint64_t const share = bl23_work_share(left, (uint64_t)bl23_ranks_size(), r->wanted);
    r->next = bl23_ranks_take(share, r->since);
    r->end = r->next + share;
    r->since = (struct bl23_ranks_totals){0, 0};
}

/* The next units in hand that follow each other, as many as a call of the backend should have; at
 * the end of the work none. */
static struct bl23_range next_units(struct run *r)
{
    double const enough = call_s * rate_of(r);
    struct bl23_range units = bl23_work_range(&r->work, r->next);
    r->next += units.count > 0;
    while (r->next < r->end && (double)units.count < enough) {
        struct bl23_range const unit = bl23_work_range(&r->work, r->next);
        if (unit.count == 0 || unit.first != units.first + units.count)
            break;
        units.count += unit.count;
        r->next++;
    }
    return units;
}

/* One call of the backend, and a commit if it is time. */
static enum bl23_status step(struct run *r, struct bl23_range unit, struct bl23_error *error)
{
    if (r->range.count > 0 && unit.first != r->range.first + r->range.count) {
        enum bl23_status const status = commit(r, error);
        if (status != BL23_OK)
            return status;
    }
    uint64_t const passed = r->pending.tallies.passed;
    if (r->range.count == 0)
        r->range.first = unit.first;
    enum bl23_status const status =
        r->backend->run(r->state, unit.first, unit.count, &r->pending, error);
    if (status != BL23_OK)
        return status;
    r->range.count += unit.count;
    r->now += unit.count;
    r->since.done += unit.count;
    r->since.passed += r->pending.tallies.passed - passed;
    report_progress(r, false);
    bool const due = bl23_seconds() - r->committed >= commit_interval(r);
    return due || bl23_results_words(&r->pending) >= SEGMENT_WORDS ? commit(r, error) : BL23_OK;
}

/* Is the whole survey in memory, with nothing committed? So it is at the end of a run of one rank
 * that is shorter than the time between two commits: its output follows at once, and a segment
 * would only be written to be read back. */
static bool whole_in_memory(struct run const *r)
{
    return bl23_ranks_size() == 1 && r->options->part.count == 0 &&
           r->folder->committed.size == 0 && r->range.first == 0 &&
           r->range.count == r->survey->config->samples;
}

static enum bl23_status finish(struct run *r, struct bl23_error *error)
{
    if (bl23_ranks_halted())
        return BL23_INTERRUPTED;
    return whole_in_memory(r) ? BL23_OK : commit(r, error);
}

/* Unit by unit, until there are none left and all is committed, or all is in memory. */
static enum bl23_status compute(struct run *r, struct bl23_error *error)
{
    for (;;) {
        if (bl23_stop_requested() || bl23_ranks_halted())
            return BL23_INTERRUPTED;
        if (r->next == r->end)
            take(r);
        struct bl23_range const units = next_units(r);
        if (units.count == 0)
            return finish(r, error);
        enum bl23_status const status = step(r, units, error);
        if (status != BL23_OK)
            return status;
    }
}

/* compute(), and after a failure the others are told, and nothing is lost that was computed; only
 * when memory was short the results are worth nothing. */
static enum bl23_status compute_or_halt(struct run *r, struct bl23_error *error)
{
    enum bl23_status status = compute(r, error);
    if (status == BL23_OK)
        return BL23_OK;
    bl23_ranks_halt();
    if (status != BL23_ERROR_IO && status != BL23_ERROR_MEMORY && r->range.count > 0) {
        struct bl23_error second = {BL23_OK, ""};
        if (commit(r, &second) != BL23_OK && status == BL23_INTERRUPTED)
            status = bl23_fail(error, second.status, "%s", second.text);
    }
    return status;
}

/* ---- rounds: usually one; another when a segment turned out damaged ---- */

/* The gaps of rank 0's list. */
static enum bl23_status list_gaps(struct run const *r, struct bl23_range **gap, uint64_t *n,
                                  struct bl23_error *error)
{
    struct bl23_range const wanted = wanted_samples(r);
    struct bl23_range left = wanted;
    *gap = calloc(r->folder->committed.size + 1, sizeof **gap);
    if (!*gap)
        return bl23_fail(error, BL23_ERROR_MEMORY, "out of memory for the list of work");
    for (*n = 0; left.count > 0; (*n)++) {
        struct bl23_range const g = bl23_manifest_gap(&r->folder->committed, left);
        if (g.count == 0)
            break;
        (*gap)[*n] = g;
        left.first = g.first + g.count;
        left.count = wanted.first + wanted.count - left.first;
    }
    return BL23_OK;
}

/* Collective: the work of this round, as rank 0 sees it. */
static enum bl23_status share_work(struct run *r, struct bl23_error *error)
{
    struct bl23_range *gap = NULL;
    uint64_t n = 0;
    bool const first = bl23_ranks_rank() == 0;
    enum bl23_status status = first ? list_gaps(r, &gap, &n, error) : BL23_OK;
    bl23_ranks_broadcast(&n, sizeof n);
    if (!first)
        gap = calloc(n + 1, sizeof *gap);
    if (!gap && status == BL23_OK)
        status = bl23_fail(error, BL23_ERROR_MEMORY, "out of memory for the list of work");
    status = bl23_ranks_agree(status, error);
    if (status == BL23_OK) {
        bl23_ranks_broadcast(gap, n * sizeof *gap);
        bl23_work_free(&r->work);
        status = bl23_work_build(gap, n, r->options->range, &r->work, error);
        status = bl23_ranks_agree(status, error);
    }
    free(gap);
    return status;
}

/* Collective: what the other ranks committed goes into rank 0's list. */
static enum bl23_status collect(struct run *r, struct bl23_error *error)
{
    struct bl23_manifest *const mine = &r->folder->committed;
    bool const first = bl23_ranks_rank() == 0;
    void *all;
    size_t size;
    enum bl23_status status = bl23_ranks_gather(
        mine->entry, first ? 0 : mine->size * sizeof *mine->entry, &all, &size, error);
    if (!first)
        mine->size = 0;
    struct bl23_manifest_entry const *const entry = all;
    for (size_t k = 0; first && status == BL23_OK && k < size / sizeof *entry; k++)
        status = bl23_manifest_add(mine, &entry[k], error);
    if (first)
        bl23_manifest_settle(mine);
    free(all);
    return bl23_ranks_agree(status, error);
}

/* What was struck since an earlier round is computed and counted again. */
static void begin_round(struct run *r)
{
    r->next = r->end = 0;
    r->range.count = 0;
    bl23_results_clear(&r->pending);
    bl23_thinning_clear(&r->thinning);
}

static enum bl23_status compute_round(struct run *r, struct bl23_error *error)
{
    enum bl23_status status = share_work(r, error);
    if (status != BL23_OK)
        return status;
    struct bl23_ranks_totals begin = {0, 0};
    if (bl23_ranks_rank() == 0) {
        begin.done = bl23_manifest_done(&r->folder->committed, wanted_samples(r));
        begin.passed = bl23_manifest_passed(&r->folder->committed);
    }
    begin_round(r);
    bl23_ranks_reset(begin);
    status = compute_or_halt(r, error);
    report_progress(r, true);
    status = bl23_ranks_agree(status, error);
    return status == BL23_OK ? collect(r, error) : status;
}

/* ---- the end ---- */

static void describe(struct run const *r, char *out, size_t size)
{
    char const *const device = r->backend->describe(r->state);
    int const ranks = bl23_ranks_size(), nodes = bl23_ranks_nodes();
    if (ranks == 1)
        snprintf(out, size, "%s", device);
    else
        snprintf(out, size, "%s, %d ranks on %d node%s", device, ranks, nodes,
                 nodes == 1 ? "" : "s");
}

/* The results of the survey: those in memory, or out of the segments. */
static enum bl23_status merge_all(struct run *r, struct bl23_results *results,
                                  struct bl23_merge *merge, struct bl23_error *error)
{
    if (!whole_in_memory(r)) {
        bl23_results_clear(results);
        BL23_TRY(bl23_merge_open(r->folder, 1, r->survey->model, results, merge, error));
        return sort(results, error);
    }
    struct bl23_results const empty = *results;
    *results = r->pending;
    r->pending = empty;
    *merge = (struct bl23_merge){.shape = results};
    enum bl23_status const status = sort(results, error);
    return status == BL23_OK ? bl23_merge_of_results(results, merge, error) : status;
}

static enum bl23_status write_output(struct run *r, struct bl23_survey_outcome *outcome,
                                     struct bl23_merge *merge, struct bl23_error *error)
{
    struct bl23_provenance provenance = {.backend = r->backend->name, .device = outcome->device};
    outcome->stored = merge->kept;
    outcome->wall_s = bl23_seconds() - r->started;
    provenance.wall_s = outcome->wall_s;
    provenance.samples_per_s = (double)outcome->samples_now / fmax(outcome->wall_s, 1e-9);
    memcpy(provenance.start, r->begin, sizeof provenance.start);
    bl23_provenance_stamp(provenance.end);
    return bl23_survey_file_write(r->survey->config->output, r->survey, &outcome->results, merge,
                                  &provenance, error);
}

/* Rank 0 merges and writes the output. *damaged: a segment is to blame for the failure. */
static enum bl23_status conclude(struct run *r, struct bl23_survey_outcome *outcome, bool *damaged,
                                 struct bl23_error *error)
{
    struct bl23_merge merge;
    enum bl23_status status = merge_all(r, &outcome->results, &merge, error);
    if (status == BL23_OK) {
        status = write_output(r, outcome, &merge, error);
        bl23_merge_close(&merge);
    }
    *damaged = status == BL23_ERROR_FAILED && merge.damaged;
    if (status != BL23_OK && whole_in_memory(r)) /* what was never committed is not lost either */
        bl23_run_folder_commit(r->folder, r->range, &outcome->results, NULL);
    return status;
}

/* Collective: compute and conclude until no segment is found damaged. */
static enum bl23_status run_rounds(struct run *r, struct bl23_survey_outcome *outcome,
                                   struct bl23_error *error)
{
    for (;;) {
        bool damaged = false;
        enum bl23_status status = compute_round(r, error);
        if (status != BL23_OK)
            return status;
        outcome->samples_now = bl23_ranks_sum(r->now);
        outcome->wall_s = bl23_seconds() - r->started;
        if (bl23_ranks_rank() == 0 && r->options->part.count == 0)
            status = conclude(r, outcome, &damaged, error);
        status = bl23_ranks_agree(damaged ? BL23_OK : status, error);
        bl23_ranks_broadcast(&damaged, sizeof damaged);
        if (!damaged)
            return status;
        *error = (struct bl23_error){BL23_OK, ""};
    }
}

/* What a user should know before the first sample. */
static void announce(struct run *r)
{
    double const wanted = (double)wanted_samples(r).count;
    r->done_before = bl23_manifest_done(&r->folder->committed, wanted_samples(r));
    if (r->options->quiet || bl23_ranks_rank() > 0)
        return;
    if (bl23_ranks_size() > 1)
        fprintf(stderr, "%d ranks on %d node%s\n", bl23_ranks_size(), bl23_ranks_nodes(),
                bl23_ranks_nodes() == 1 ? "" : "s");
    if (bl23_ranks_advice())
        fprintf(stderr, "note: %s\n", bl23_ranks_advice());
    if (r->options->part.count == 0)
        bl23_survey_warn(r->survey, "warning: ", stderr);
    if (r->done_before > 0)
        fprintf(stderr, "resuming: %.4g of %.4g samples are done\n", (double)r->done_before,
                wanted);
}

static enum bl23_status open_backend(struct run *r, struct bl23_error *error)
{
    struct bl23_survey const *const s = r->survey;
    return r->backend->open(s->model, &s->reduction, &r->options->backend_options, &r->state,
                            error);
}

/* The backend of the options, or the CPU's in its place. Each rank decides for itself: the results
 * are the same. */
static enum bl23_status open_some_backend(struct run *r, struct bl23_error *error)
{
    r->backend = r->options->backend;
    enum bl23_status const status = open_backend(r, error);
    if (status == BL23_OK || !r->options->fall_back || r->backend == &bl23_backend_cpu)
        return status;
    if (!r->options->quiet && bl23_ranks_size() > 1)
        fprintf(stderr, "rank %d: ", bl23_ranks_rank());
    if (!r->options->quiet)
        fprintf(stderr, "%s cannot be used (%s): running on the CPU\n", r->backend->name,
                error->text);
    *error = (struct bl23_error){BL23_OK, ""};
    r->backend = &bl23_backend_cpu;
    return open_backend(r, error);
}

static enum bl23_status open_run(struct run *r, struct bl23_survey_outcome *outcome,
                                 struct bl23_error *error)
{
    struct bl23_model const *const model = r->survey->model;
    struct bl23_reduction const *const reduction = &r->survey->reduction;
    enum bl23_status const status = open_some_backend(r, error);
    if (status != BL23_OK)
        return status;
    uint64_t const n = model->n_knots, seed = model->seed;
    if (bl23_results_init(&r->pending, n, seed, reduction) != BL23_OK ||
        bl23_results_init(&outcome->results, n, seed, reduction) != BL23_OK ||
        bl23_thinning_init(&r->thinning, reduction->max_survivors, r->survey->config->samples) !=
            BL23_OK)
        return bl23_fail(error, BL23_ERROR_MEMORY, "out of memory for the results");
    describe(r, outcome->device, sizeof outcome->device);
    return BL23_OK;
}

enum bl23_status bl23_survey_run(struct bl23_survey const *survey,
                                 struct bl23_survey_options const *options,
                                 struct bl23_run_folder *folder,
                                 struct bl23_survey_outcome *outcome, struct bl23_error *error)
{
    struct run r = {.survey = survey,
                    .options = options,
                    .folder = folder,
                    .terminal = isatty(STDERR_FILENO) != 0};
    memset(outcome, 0, sizeof *outcome);
    bl23_provenance_stamp(r.begin);
    enum bl23_status status = open_run(&r, outcome, error);
    status = bl23_ranks_agree(status, error);
    if (status == BL23_OK) {
        announce(&r);
        r.started = r.committed = r.reported = bl23_seconds();
        status = run_rounds(&r, outcome, error);
    }
    if (status != BL23_OK)
        bl23_results_free(&outcome->results);
    bl23_results_free(&r.pending);
    bl23_thinning_free(&r.thinning);
    bl23_work_free(&r.work);
    if (r.state)
        r.backend->close(r.state);
    return status;
}
