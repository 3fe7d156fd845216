/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "host/survey/forecast.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "host/config/output_size.h"
#include "host/io/clock.h"
#include "host/output/columns_file.h"
#include "kernels/sample/error.h"

/* The screen sharpens while the list of the nearest samples fills: only the later part of the
 * calibration is taken for the speed. */
static double const calibration_s = 0.6, settling_s = 0.2;
enum { FIRST_STEP = 1 << 16, TIMED_RECORDS = 4096 };

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
        return FIRST_STEP;
    double const affordable = 0.25 * calibration_s * (double)now.samples / now.seconds;
    return affordable < (double)options->range ? (uint64_t)fmax(affordable, FIRST_STEP)
                                               : options->range;
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
        uint64_t const count = step < left ? step : left;
        BL23_TRY(options->backend->run(state, now->samples, count, results, error));
        now->samples += count;
        now->seconds = bl23_seconds() - start;
        if (now->seconds < settling_s)
            *settled = *now;
    }
    if (settled->samples == now->samples)
        *settled = (struct progress){0.0, 0};
    return BL23_OK;
}

/* Run the first samples: what passed of them, and how fast they were. */
static enum bl23_status calibrate(struct bl23_survey const *survey,
                                  struct bl23_survey_options const *options,
                                  struct bl23_forecast *f, struct bl23_error *error)
{
    struct bl23_backend_state *state;
    struct bl23_results results;
    struct progress settled = {0.0, 0}, end = settled;
    BL23_TRY(options->backend->open(survey->model, &survey->reduction, &options->backend_options,
                                    &state, error));
    enum bl23_status status = BL23_OK;
    if (bl23_results_init(&results, survey->model->n_knots, survey->model->seed,
                          &survey->reduction) != BL23_OK)
        status = bl23_fail(error, BL23_ERROR_MEMORY, "out of memory for the results");
    if (status == BL23_OK)
        status = run_some(survey, options, state, &results, &settled, &end, error);
    snprintf(f->device, sizeof f->device, "%s", options->backend->describe(state));
    options->backend->close(state);
    f->passed = results.tallies.passed;
    f->outside = bl23_survivors_outside(&results, BL23_AXIS_log10_g);
    bl23_results_free(&results);
    BL23_TRY(status);
    double const rest = (double)(survey->config->samples - end.samples);
    f->calibration_samples = end.samples;
    f->samples_per_s = (double)(end.samples - settled.samples) / (end.seconds - settled.seconds);
    f->compute_s = end.seconds + rest / f->samples_per_s;
    return BL23_OK;
}

/* Seconds to compute the columns of one record. */
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

/* Survivors of the whole survey, and the size of its output. */
static void expect_output(struct bl23_survey const *survey, struct bl23_forecast *f)
{
    struct bl23_config const *const c = survey->config;
    double const share = (double)f->passed / (double)f->calibration_samples;
    double const most = c->store == BL23_STORE_NONE ? 0.0 : (double)c->max_survivors;
    f->survivors = share * (double)c->samples;
    f->stored = fmin(f->survivors, most);
    f->bytes = bl23_output_bytes(c, survey->model, f->stored);
}

enum bl23_status bl23_forecast_make(struct bl23_survey const *survey,
                                    struct bl23_survey_options const *options, double setup_s,
                                    struct bl23_forecast *f, struct bl23_error *error)
{
    double const start = bl23_seconds();
    double record_s = 0.0;
    *f = (struct bl23_forecast){.setup_s = setup_s};
    BL23_TRY(calibrate(survey, options, f, error));
    expect_output(survey, f);
    if (survey->config->store == BL23_STORE_RECORDS && f->stored > 0.0)
        BL23_TRY(time_record(survey, &record_s, error));
    f->columns_s = f->stored * record_s;
    f->total_s = f->setup_s + f->compute_s + f->columns_s;
    f->calibration_s = bl23_seconds() - start;
    return BL23_OK;
}
