/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "host/survey/forecast.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "host/io/clock.h"
#include "host/io/file_io.h"
#include "host/output/columns_file.h"
#include "host/output/survey_file.h"
#include "kernels/sample/error.h"

/* The screen sharpens while the list of the nearest samples fills: only the later part of the
 * calibration is taken for the speed. */
static double const calibration_s = 0.6, settling_s = 0.2;
enum { PROBE = 1 << 16, TIMED_RECORDS = 4096, TIMED_BYTES = 1 << 24, TRIAL_BYTES = 1 << 27 };

/* How far the calibration has come. */
struct progress {
    double seconds;
    uint64_t samples;
};

/* Samples of the next call of the backend: those of the survey's own calls, less where one would
 * take too long. */
static uint64_t step_of(struct bl23_survey_options const *options, struct progress now)
{
    if (now.samples == 0)
        return PROBE;
    double const affordable = 0.25 * calibration_s * (double)now.samples / now.seconds;
    return affordable < (double)options->range ? (uint64_t)fmax(affordable, PROBE) : options->range;
}

/* The survey's first samples, from 0 on; *settled is where the speed began to count. */
static enum bl23_status run_some(struct bl23_survey const *survey,
                                 struct bl23_survey_options const *options,
                                 struct bl23_backend_state *state, struct bl23_results *results,
                                 struct progress *settled, struct progress *now,
                                 struct bl23_error *error)
{
    uint64_t const all = survey->config->samples;
    double const start = bl23_seconds();
    *settled = *now = (struct progress){0.0, 0};
    while (now->samples < all && now->seconds < calibration_s) {
        uint64_t const step = step_of(options, *now), left = all - now->samples;
        enum bl23_status const status =
            options->backend->run(state, now->samples, step < left ? step : left, results, error);
        if (status != BL23_OK)
            return status;
        now->samples += step < left ? step : left;
        now->seconds = bl23_seconds() - start;
        if (now->seconds < settling_s)
            *settled = *now;
    }
    if (settled->samples == now->samples)
        *settled = (struct progress){0.0, 0};
    return BL23_OK;
}

/* Run the first samples; their results are the caller's, sorted. */
static enum bl23_status calibrate(struct bl23_survey const *survey,
                                  struct bl23_survey_options const *options,
                                  struct bl23_results *results, struct bl23_forecast *f,
                                  struct bl23_error *error)
{
    struct bl23_backend_state *state;
    struct progress settled, end;
    enum bl23_status status = options->backend->open(survey->model, &survey->reduction,
                                                     &options->backend_options, &state, error);
    if (status != BL23_OK)
        return status;
    if (bl23_results_init(results, survey->model->n_knots, survey->model->seed,
                          &survey->reduction) != BL23_OK)
        status = bl23_fail(error, BL23_ERROR_MEMORY, "out of memory for the results");
    if (status == BL23_OK)
        status = run_some(survey, options, state, results, &settled, &end, error);
    snprintf(f->device, sizeof f->device, "%s", options->backend->describe(state));
    options->backend->close(state);
    if (status != BL23_OK)
        return status;
    if (bl23_results_sort(results) != BL23_OK)
        return bl23_fail(error, BL23_ERROR_MEMORY, "out of memory while sorting the survivors");
    double const rest = (double)(survey->config->samples - end.samples);
    f->passed = results->tallies.passed;
    f->calibration_samples = end.samples;
    f->samples_per_s = (double)(end.samples - settled.samples) / (end.seconds - settled.seconds);
    f->compute_s = end.seconds + rest / f->samples_per_s;
    return BL23_OK;
}

/* Seconds to make the columns of one record. */
static enum bl23_status time_record(struct bl23_survey const *survey, double *seconds,
                                    struct bl23_error *error)
{
    uint64_t *column[BL23_COLUMNS_ALL];
    uint64_t *const all = calloc((size_t)(BL23_COLUMNS_ALL + 1) * TIMED_RECORDS, sizeof *all);
    if (!all)
        return bl23_fail(error, BL23_ERROR_MEMORY, "out of memory for the columns");
    for (int c = 0; c < BL23_COLUMNS_ALL; c++)
        column[c] = all + (size_t)(c + 1) * TIMED_RECORDS;
    for (uint64_t k = 0; k < TIMED_RECORDS; k++)
        all[k] = k;
    double const start = bl23_seconds();
    bl23_columns_compute(survey->model, all, TIMED_RECORDS, column);
    *seconds = (bl23_seconds() - start) / TIMED_RECORDS;
    free(all);
    return BL23_OK;
}

/* Seconds to write and sync one byte beside the output. */
static enum bl23_status time_byte(char const *path, double *seconds, struct bl23_error *error)
{
    char *const data = calloc(TIMED_BYTES, 1);
    if (!data)
        return bl23_fail(error, BL23_ERROR_MEMORY, "out of memory for %d bytes", (int)TIMED_BYTES);
    double const start = bl23_seconds();
    enum bl23_status const status = bl23_file_replace(path, data, TIMED_BYTES, error);
    *seconds = (bl23_seconds() - start) / TIMED_BYTES;
    unlink(path);
    free(data);
    return status;
}

/* Only the first survivors, about `rows` of them: the file of a trial must not fill a disk. */
static void shorten(struct bl23_survivor_list *list, uint64_t rows)
{
    struct bl23_tile_survivors tile;
    uint64_t at = 0, n = 0;
    while (n < rows && bl23_list_next(list, &at, &tile))
        n += tile.count;
    list->words = at;
    list->n = n;
}

/* Seconds to write the file of what the calibration found. */
static enum bl23_status time_file(char const *path, struct bl23_survey const *survey,
                                  struct bl23_results const *results, double *seconds,
                                  struct bl23_error *error)
{
    struct bl23_provenance const provenance = {.backend = "", .device = ""};
    struct bl23_merge survivors;
    double const start = bl23_seconds();
    enum bl23_status status = bl23_merge_of_results(results, &survivors, error);
    if (status != BL23_OK)
        return status;
    status = bl23_survey_file_write(path, survey, results, &survivors, &provenance, error);
    bl23_merge_close(&survivors);
    *seconds = bl23_seconds() - start;
    unlink(path);
    return status;
}

/* What is in the file and, of a run that commits on its way, in its segments. */
static void expect(struct bl23_survey const *survey, struct bl23_survey_options const *options,
                   struct bl23_forecast *f)
{
    struct bl23_config const *const c = survey->config;
    double const column = 8.0, columns = c->store == BL23_STORE_RECORDS ? BL23_COLUMNS_ALL : 1.0;
    double const share = (double)f->passed / (double)f->calibration_samples;
    double const kept = c->store == BL23_STORE_NONE ? 0.0 : (double)c->max_survivors;
    f->survivors = share * (double)c->samples;
    f->stored = fmin(f->survivors, kept);
    double const commits = floor(f->compute_s / fmax(options->commit_seconds, 1.0));
    double const listed = commits > 0.0 ? fmin(f->survivors, kept * commits) : 0.0;
    f->segment_bytes = 2.0 * listed + 8.0 * fmin(listed, (double)c->samples / BL23_TILE);
    f->bytes = column * (columns * f->stored + BL23_COLUMNS_ALL * (double)c->nearest) +
               (double)bl23_model_bytes(survey->model->n_knots) +
               column * BL23_BINS * BL23_BINS * (double)c->n_histograms_2d;
}

/* The file of the calibration, and what the survey's has beyond it; segments are written and read
 * again. */
static enum bl23_status time_store(struct bl23_survey const *survey, struct bl23_results *results,
                                   struct bl23_forecast *f, struct bl23_error *error)
{
    char path[BL23_PATH_SIZE + 32];
    double file_s = 0.0, record_s = 0.0, byte_s = 0.0;
    bool const records = survey->config->store == BL23_STORE_RECORDS;
    uint64_t const row = 8 * (records ? BL23_COLUMNS_ALL : 1);
    shorten(&results->survivors, TRIAL_BYTES / row);
    double const more = fmax(f->stored - (double)results->survivors.n, 0.0);
    double const bytes = more * (double)row + 2.0 * f->segment_bytes;
    snprintf(path, sizeof path, "%.4070s.speed-%ld", survey->config->output, (long)getpid());
    enum bl23_status status = time_file(path, survey, results, &file_s, error);
    if (status == BL23_OK && records && more > 0.0)
        status = time_record(survey, &record_s, error);
    if (status == BL23_OK && bytes > 0.0)
        status = time_byte(path, &byte_s, error);
    f->store_s = file_s + more * record_s + bytes * byte_s;
    return status;
}

enum bl23_status bl23_forecast_make(struct bl23_survey const *survey,
                                    struct bl23_survey_options const *options, double setup_s,
                                    struct bl23_forecast *f, struct bl23_error *error)
{
    double const start = bl23_seconds();
    struct bl23_results results = {.n_knots = 0};
    *f = (struct bl23_forecast){.setup_s = setup_s};
    enum bl23_status status = calibrate(survey, options, &results, f, error);
    if (status == BL23_OK) {
        expect(survey, options, f);
        status = time_store(survey, &results, f, error);
    }
    bl23_results_free(&results);
    f->total_s = f->setup_s + f->compute_s + f->store_s;
    f->calibration_s = bl23_seconds() - start;
    return status;
}
