/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "host/survey.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "host/segment.h"
#include "host/tables_file.h"
#include "tables/message.h"

/* ---- what is fixed before the first sample ---- */

/* 64 equal bins for each |w|^2 and phase, and eighths of a decade of g from 1e-8 to 1. */
static void reduction_build(struct bl23_config const *c, struct bl23_reduction *r)
{
    memset(r, 0, sizeof *r);
    r->nearest = c->nearest;
    r->max_survivors = c->store == BL23_STORE_NONE ? 0 : c->max_survivors;
    r->cutflow_every = c->cutflow_every;
    r->n_histograms_2d = c->n_histograms_2d;
    for (size_t h = 0; h < c->n_histograms_2d; h++)
        for (int k = 0; k < 2; k++)
            r->histogram_2d[h][k] = c->histogram_2d[h][k];
    struct bl23_dd const ln10 = bl23_dd_log(bl23_dd(10.0));
    for (int k = 0; k <= BL23_BINS; k++) {
        double const fraction = k / (double)BL23_BINS;
        for (int axis = BL23_AXIS_wu11_abs2; axis <= BL23_AXIS_wu13_abs2; axis++)
            r->edge[axis][k] = fraction;
        for (int axis = BL23_AXIS_phase12; axis <= BL23_AXIS_phase13; axis++)
            r->edge[axis][k] = (2.0 * fraction - 1.0) * bl23_dd_pi.hi;
        double const log10_g = 8.0 * fraction - 8.0;
        r->edge[BL23_AXIS_log10_g][k] = bl23_dd_round(bl23_dd_exp(bl23_dd_mul_d(ln10, log10_g)));
    }
}

/* The hash of all that the results depend on. */
static uint64_t hash_of(struct bl23_survey const *s)
{
    uint64_t const parts[2] = {bl23_checksum(s->yaml, strlen(s->yaml)), s->model_hash};
    return bl23_checksum(parts, sizeof parts);
}

static enum bl23_status pin(struct bl23_model_spec const *spec, char const *path,
                            struct bl23_model *model, struct bl23_error *error)
{
    struct bl23_knot *knots;
    size_t n;
    enum bl23_status status = bl23_tables_read(path, &knots, &n, error);
    if (status != BL23_OK)
        return status;
    if (n != spec->n_masses)
        status = bl23_fail(error, BL23_ERROR_CONFIG,
                           "%s: found tables for %zu masses, allowed: the %zu masses of the "
                           "configuration",
                           path, n, spec->n_masses);
    if (status == BL23_OK)
        status = bl23_model_pin(spec, knots, model, error);
    free(knots);
    return status;
}

enum bl23_status bl23_survey_prepare(struct bl23_config *config, char const *model_path,
                                     struct bl23_survey *s, struct bl23_error *error)
{
    *s = (struct bl23_survey){.config = config};
    struct bl23_model_spec const spec = bl23_config_model_spec(config);
    enum bl23_status status = bl23_model_build(&spec, &s->model, &s->tables, error);
    if (status == BL23_OK && model_path)
        status = pin(&spec, model_path, s->model, error);
    if (status == BL23_OK)
        status = bl23_config_check(config, s->model, error);
    if (status == BL23_OK)
        status = bl23_config_text(config, &s->yaml, error);
    if (status != BL23_OK) {
        bl23_survey_free(s);
        return status;
    }
    reduction_build(config, &s->reduction);
    s->model_hash = bl23_checksum(s->model, bl23_model_bytes(s->model->n_knots));
    s->config_hash = hash_of(s);
    return BL23_OK;
}

void bl23_survey_free(struct bl23_survey *s)
{
    bl23_config_free(s->config);
    free(s->model);
    free(s->tables);
    free(s->yaml);
    *s = (struct bl23_survey){0};
}

/* ---- signals ---- */

static volatile sig_atomic_t stop_requested;

static void request_stop(int signal_number)
{
    (void)signal_number;
    stop_requested = 1;
}

void bl23_survey_catch_signals(void)
{
    struct sigaction action = {.sa_handler = request_stop};
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

/* ---- the run ---- */

/* State of one call of bl23_survey_run. */
struct run {
    struct bl23_survey const *survey;
    struct bl23_survey_options const *options;
    struct bl23_run_folder *folder;
    struct bl23_backend_state *state;
    struct bl23_results pending; /* computed, not yet committed */
    struct bl23_range range;     /* what pending holds */
    uint64_t done, passed, now;
    double started, committed, reported;
    bool terminal;
};

double bl23_seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void report_progress(struct run *r, bool last)
{
    double const now = bl23_seconds(), elapsed = now - r->started;
    double const interval = r->terminal ? 0.2 : 10.0;
    if (r->options->quiet || (!last && now - r->reported < interval) ||
        (last && !r->terminal && r->reported == r->started))
        return;
    double const total = (double)r->survey->config->samples;
    double const rate = elapsed > 0.0 ? (double)r->now / elapsed : 0.0;
    double const left = rate > 0.0 ? (total - (double)r->done) / rate : 0.0;
    fprintf(stderr, "%s%.4g of %.4g samples (%.1f %%), %.3g/s, %llu survivors, %.0f s left%s",
            r->terminal ? "\r" : "", (double)r->done, total, 100.0 * (double)r->done / total, rate,
            (unsigned long long)r->passed, left, r->terminal ? "   " : "\n");
    if (last && r->terminal)
        fputc('\n', stderr);
    r->reported = now;
}

static enum bl23_status commit(struct run *r, struct bl23_error *error)
{
    if (r->range.count == 0)
        return BL23_OK;
    enum bl23_status const status = bl23_run_folder_commit(r->folder, r->range, &r->pending, error);
    bl23_results_clear(&r->pending);
    r->range.count = 0;
    r->committed = bl23_seconds();
    return status;
}

/* One call of the backend, and a commit if it is time. */
static enum bl23_status step(struct run *r, struct bl23_range gap, struct bl23_error *error)
{
    uint64_t const passed = r->pending.tallies.passed;
    uint64_t const room = r->options->range - gap.first % r->options->range;
    uint64_t const count = gap.count < room ? gap.count : room;
    if (r->range.count == 0)
        r->range.first = gap.first;
    enum bl23_status const status =
        r->options->backend->run(r->state, gap.first, count, &r->pending, error);
    if (status != BL23_OK)
        return status;
    r->range.count += count;
    r->done += count;
    r->now += count;
    r->passed += r->pending.tallies.passed - passed;
    report_progress(r, false);
    double const now = bl23_seconds(), wanted = r->options->commit_seconds;
    /* A long run commits more rarely, at most a hundredth of it is at stake: its segments must not
     * fill the disk. */
    double const interval = wanted > 0.0 ? fmax(wanted, 0.01 * (now - r->started)) : 0.0;
    if (now - r->committed < interval && !stop_requested)
        return BL23_OK;
    return commit(r, error);
}

/* Gap by gap, range by range, until all is committed. */
static enum bl23_status compute(struct run *r, struct bl23_error *error)
{
    uint64_t const samples = r->survey->config->samples;
    for (;;) {
        struct bl23_range gap = bl23_run_folder_next(r->folder, samples);
        if (gap.count == 0)
            return BL23_OK;
        while (gap.count > 0) {
            if (stop_requested)
                return BL23_INTERRUPTED;
            uint64_t const before = r->done;
            enum bl23_status const status = step(r, gap, error);
            if (status != BL23_OK)
                return status;
            gap.first += r->done - before;
            gap.count -= r->done - before;
        }
        enum bl23_status const status = commit(r, error);
        if (status != BL23_OK)
            return status;
    }
}

static uint64_t committed_passed(struct bl23_run_folder const *folder)
{
    uint64_t passed = 0;
    for (size_t k = 0; k < folder->n_entries; k++)
        passed += folder->entry[k].passed;
    return passed;
}

/* Compute what is missing, with a backend open. */
static enum bl23_status run_open(struct run *r, struct bl23_error *error)
{
    r->done = bl23_run_folder_done(r->folder);
    r->passed = committed_passed(r->folder);
    if (r->done > 0 && !r->options->quiet)
        fprintf(stderr, "resuming: %.4g of %.4g samples are done\n", (double)r->done,
                (double)r->survey->config->samples);
    r->started = r->committed = r->reported = bl23_seconds();
    enum bl23_status status = compute(r, error);
    /* An error of the backend loses nothing that was computed before it; only after one of memory
     * the results are worth nothing. */
    if (status != BL23_OK && status != BL23_ERROR_IO && status != BL23_ERROR_MEMORY &&
        r->range.count > 0) {
        struct bl23_error second = {BL23_OK, ""};
        if (commit(r, &second) != BL23_OK && status == BL23_INTERRUPTED)
            status = bl23_fail(error, second.status, "%s", second.text);
    }
    report_progress(r, true);
    return status;
}

/* Merge all segments; a segment damaged meanwhile is computed again. */
static enum bl23_status merge(struct run *r, struct bl23_results *results, struct bl23_error *error)
{
    for (;;) {
        enum bl23_status status = bl23_run_folder_merge(r->folder, results, error);
        if (status != BL23_INTERRUPTED)
            return status;
        bl23_results_clear(results);
        status = compute(r, error);
        if (status != BL23_OK)
            return status;
    }
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
    uint64_t const n_knots = survey->model->n_knots;
    memset(outcome, 0, sizeof *outcome);
    enum bl23_status status = options->backend->open(survey->model, &survey->reduction,
                                                     &options->backend_options, &r.state, error);
    if (status == BL23_OK &&
        (bl23_results_init(&r.pending, n_knots, &survey->reduction) != BL23_OK ||
         bl23_results_init(&outcome->results, n_knots, &survey->reduction) != BL23_OK))
        status = bl23_fail(error, BL23_ERROR_MEMORY, "out of memory for the results");
    if (status == BL23_OK)
        status = run_open(&r, error);
    if (status == BL23_OK)
        status = merge(&r, &outcome->results, error);
    if (status == BL23_OK) {
        bl23_results_sort(&outcome->results);
        outcome->samples_now = r.now;
        outcome->wall_s = bl23_seconds() - r.started;
        snprintf(outcome->device, sizeof outcome->device, "%s",
                 options->backend->describe(r.state));
    }
    if (status != BL23_OK)
        bl23_results_free(&outcome->results);
    bl23_results_free(&r.pending);
    if (r.state)
        options->backend->close(r.state);
    return status;
}
