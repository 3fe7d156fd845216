/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "host/survey/survey_loop.h"

#include <math.h>
#include <stdio.h>
#include <unistd.h>

#include "host/io/clock.h"
#include "host/io/stop.h"
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

struct bl23_range bl23_survey_loop_samples(struct bl23_survey_loop const *l)
{
    return l->options->part.count > 0 ? l->options->part
                                      : (struct bl23_range){0, l->survey->config->samples};
}

/* ---- progress ---- */

static void report_progress(struct bl23_survey_loop *l, bool last)
{
    double const now = bl23_seconds(), elapsed = now - l->begin_s;
    double const interval = l->terminal ? 0.2 : 10.0;
    if (l->options->quiet || bl23_ranks_rank() > 0 ||
        (!last && now - l->last_report_s < interval) ||
        (last && !l->terminal && l->last_report_s == l->begin_s))
        return;
    struct bl23_ranks_totals const told = bl23_ranks_progress();
    double const done = (double)(told.done + l->untold.done);
    double const total = (double)bl23_survey_loop_samples(l).count;
    double const rate = elapsed > 0.0 ? (done - (double)l->samples_done_before) / elapsed : 0.0;
    double const left = rate > 0.0 ? (total - done) / rate : 0.0;
    uint64_t const passed = told.passed + l->untold.passed;
    fprintf(stderr, "%s%.4g of %.4g samples (%.1f %%), %.3g/s, %llu survivors, %.0f s left%s",
            l->terminal ? "\r" : "", done, total, 100.0 * done / total, rate,
            (unsigned long long)passed, left, l->terminal ? "   " : "\n");
    if (last && l->terminal)
        fputc('\n', stderr);
    l->last_report_s = now;
}

/* ---- compute and commit ---- */

/* Seconds between two commits. A long run commits more rarely, at most a hundredth of it is at
 * stake: its segments must not fill the disk. */
static double commit_interval(struct bl23_survey_loop const *l)
{
    double const wanted = l->options->commit_seconds;
    return wanted > 0.0 ? fmax(wanted, 0.01 * (bl23_seconds() - l->begin_s)) : 0.0;
}

/* Drop the survivors that cannot be kept, after what this rank committed; return the bound. */
static uint64_t drop_hopeless_survivors(struct bl23_survey_loop *l)
{
    struct bl23_survivor_list *const list = &l->pending.survivors;
    bl23_thinning_count_list(&l->thinning, l->pending.seed, list);
    struct bl23_hashed_survivor const last = {bl23_thinning_bound(&l->thinning), UINT64_MAX};
    if (last.hash < UINT64_MAX)
        bl23_list_drop_after(list, l->pending.seed, last);
    return last.hash;
}

enum bl23_status bl23_survey_loop_commit(struct bl23_survey_loop *l,
                                         struct bl23_results const *results,
                                         struct bl23_error *error)
{
    struct bl23_calls const calls = {.call = &l->call, .size = 1};
    bl23_survey_loop_stamp(l);
    return bl23_run_folder_commit(l->folder, l->pending_range, results, &calls, error);
}

void bl23_survey_loop_stamp(struct bl23_survey_loop *l)
{
    l->call.samples = l->pending_range.count;
    bl23_time_stamp(l->call.end);
}

static enum bl23_status commit_pending(struct bl23_survey_loop *l, struct bl23_error *error)
{
    if (l->pending_range.count == 0)
        return BL23_OK;
    if (bl23_results_sort(&l->pending) != BL23_OK)
        return bl23_fail(error, BL23_ERROR_MEMORY, "out of memory while sorting the survivors");
    uint64_t const bound = drop_hopeless_survivors(l);
    if (bound < l->pending.hash_bound)
        l->pending.hash_bound = bound;
    enum bl23_status const status = bl23_survey_loop_commit(l, &l->pending, error);
    bl23_results_clear(&l->pending);
    l->pending.hash_bound = bound; /* the backend need not return what would be dropped */
    l->pending_range.count = 0;
    l->last_commit_s = bl23_seconds();
    return status;
}

/* Samples a second of this rank, so far. */
static double rate_of(struct bl23_survey_loop const *l)
{
    double const elapsed = bl23_seconds() - l->begin_s;
    return elapsed > 0.0 ? (double)l->samples_computed / elapsed : 0.0;
}

/* Take the next units from the counter. */
static void take_units(struct bl23_survey_loop *l)
{
    double const lasting = share_of_commit * commit_interval(l) * rate_of(l) / (double)l->work.unit;
    uint64_t const units = bl23_work_units(&l->work);
    uint64_t const left = units > l->end_unit ? units - l->end_unit : 0;
    l->units_at_once = fmin(lasting, growth_of_share * fmax(l->units_at_once, 1.0));
    uint64_t const share = bl23_work_share(left, (uint64_t)bl23_ranks_size(), l->units_at_once);
    l->next_unit = bl23_ranks_take(share, l->untold);
    l->end_unit = l->next_unit + share;
    l->untold = (struct bl23_ranks_totals){0, 0};
}

/* The next units in hand that follow each other, as many as a call of the backend should have; at
 * the end of the work none. */
static struct bl23_range next_samples(struct bl23_survey_loop *l)
{
    double const enough = call_s * rate_of(l);
    struct bl23_range units = bl23_work_range(&l->work, l->next_unit);
    l->next_unit += units.count > 0;
    while (l->next_unit < l->end_unit && (double)units.count < enough) {
        struct bl23_range const unit = bl23_work_range(&l->work, l->next_unit);
        if (unit.count == 0 || unit.first != units.first + units.count)
            break;
        units.count += unit.count;
        l->next_unit++;
    }
    return units;
}

/* One call of the backend, and a commit if it is time. */
static enum bl23_status compute_samples(struct bl23_survey_loop *l, struct bl23_range samples,
                                        struct bl23_error *error)
{
    if (l->pending_range.count > 0 &&
        samples.first != l->pending_range.first + l->pending_range.count)
        BL23_TRY(commit_pending(l, error));
    uint64_t const passed_before = l->pending.tallies.passed;
    if (l->pending_range.count == 0)
        l->pending_range.first = samples.first;
    BL23_TRY(l->backend->run(l->state, samples.first, samples.count, &l->pending, error));
    l->pending_range.count += samples.count;
    l->samples_computed += samples.count;
    l->untold.done += samples.count;
    l->untold.passed += l->pending.tallies.passed - passed_before;
    report_progress(l, false);
    bool const due = bl23_seconds() - l->last_commit_s >= commit_interval(l);
    return due || bl23_results_words(&l->pending) >= SEGMENT_WORDS ? commit_pending(l, error)
                                                                   : BL23_OK;
}

bool bl23_survey_loop_holds_all(struct bl23_survey_loop const *l)
{
    return bl23_ranks_size() == 1 && l->options->part.count == 0 &&
           l->folder->committed.size == 0 && l->pending_range.first == 0 &&
           l->pending_range.count == l->survey->config->samples;
}

/* Unit by unit, until none is left and all is committed, or all is in memory. */
static enum bl23_status compute_units(struct bl23_survey_loop *l, struct bl23_error *error)
{
    for (;;) {
        if (l->next_unit == l->end_unit)
            take_units(l);
        struct bl23_range const samples = next_samples(l);
        if (samples.count == 0)
            break;
        if (bl23_stop_requested() || bl23_ranks_halted())
            return BL23_INTERRUPTED;
        BL23_TRY(compute_samples(l, samples, error));
    }
    if (bl23_ranks_halted())
        return BL23_INTERRUPTED;
    return bl23_survey_loop_holds_all(l) ? BL23_OK : commit_pending(l, error);
}

enum bl23_status bl23_survey_loop_compute(struct bl23_survey_loop *l, struct bl23_error *error)
{
    enum bl23_status status = compute_units(l, error);
    if (status != BL23_OK)
        bl23_ranks_halt();
    /* Only when memory was short the results are worth nothing; where the disk failed, it fails. */
    if (status != BL23_OK && status != BL23_ERROR_IO && status != BL23_ERROR_MEMORY) {
        struct bl23_error second = {BL23_OK, ""};
        if (commit_pending(l, &second) != BL23_OK && status == BL23_INTERRUPTED)
            status = bl23_fail(error, second.status, "%s", second.text);
    }
    report_progress(l, true);
    return status;
}

/* ---- begin and end ---- */

void bl23_survey_loop_begin_round(struct bl23_survey_loop *l)
{
    l->next_unit = l->end_unit = 0;
    l->pending_range.count = 0;
    bl23_results_clear(&l->pending);
    bl23_thinning_clear(&l->thinning);
}

static enum bl23_status open_backend(struct bl23_survey_loop *l, struct bl23_error *error)
{
    struct bl23_survey const *const s = l->survey;
    return l->backend->open(s->model, &s->reduction, &l->options->backend_options, &l->state,
                            error);
}

/* The backend of the options, or the CPU's in its place. Each rank decides for itself: the results
 * are the same. */
static enum bl23_status open_some_backend(struct bl23_survey_loop *l, struct bl23_error *error)
{
    l->backend = l->options->backend;
    enum bl23_status const status = open_backend(l, error);
    if (status == BL23_OK || !l->options->fall_back || l->backend == &bl23_backend_cpu)
        return status;
    fprintf(stderr, "warning: ");
    if (bl23_ranks_size() > 1)
        fprintf(stderr, "rank %d: ", bl23_ranks_rank());
    fprintf(stderr, "%s cannot be used (%s): running on the CPU\n", l->backend->name, error->text);
    *error = (struct bl23_error){BL23_OK, ""};
    l->backend = &bl23_backend_cpu;
    return open_backend(l, error);
}

enum bl23_status bl23_survey_loop_open(struct bl23_survey const *survey,
                                       struct bl23_survey_options const *options,
                                       struct bl23_run_folder *folder, struct bl23_survey_loop *l,
                                       struct bl23_error *error)
{
    struct bl23_reduction const *const reduction = &survey->reduction;
    struct bl23_model const *const model = survey->model;
    *l = (struct bl23_survey_loop){.survey = survey,
                                   .options = options,
                                   .folder = folder,
                                   .terminal = isatty(STDERR_FILENO) != 0};
    BL23_TRY(open_some_backend(l, error));
    if (bl23_results_init(&l->pending, model->n_knots, model->seed, reduction) != BL23_OK ||
        bl23_thinning_init(&l->thinning, reduction->max_survivors, survey->config->samples) !=
            BL23_OK)
        return bl23_fail(error, BL23_ERROR_MEMORY, "out of memory for the results");
    l->samples_done_before = bl23_manifest_done(&folder->committed, bl23_survey_loop_samples(l));
    l->begin_s = l->last_commit_s = l->last_report_s = bl23_seconds();
    return BL23_OK;
}

void bl23_survey_loop_close(struct bl23_survey_loop *l)
{
    bl23_results_free(&l->pending);
    bl23_thinning_free(&l->thinning);
    bl23_work_free(&l->work);
    if (l->state)
        l->backend->close(l->state);
}
