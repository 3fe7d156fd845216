/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "bench/gpu_bench.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "kernels/screen/screen.h"

enum {
    REPEATS = 5,
    FEW_REPEATS = 3,
    PROBE = 1 << 26,      /* samples of the run that says how many fill the time */
    PROBES = 4,           /* at most so many runs to find out */
    LANES_PER_CLOCK = 128 /* of a multiprocessor that issues four warps a clock */
};
/* What a timed run is to fill: a whole one begins with small launches, which should not count for
 * much. */
static double const fill_s = 0.5, fill_whole_s = 2.0;
static double const largest = 0x1p42;
/* Before a run that a profiler counts, so many times its samples: by then launches are as large as
 * they get. A profiler replays a kernel, so that a launch seems long and would not grow. */
static uint64_t const ramp_share = 4;

/* What is timed, and how. */
struct timing {
    char const *what;
    struct bl23_backend const *backend;
    struct bl23_backend_options options;
    double fill_s;
    int repeats;
};

/* Medians of the repeats. */
struct times {
    uint64_t samples;
    double open_s, run_s, spread, kernel_s[BL23_CUDA_KERNELS], counted;
};

static int ascending(void const *a, void const *b)
{
    double const x = *(double const *)a, y = *(double const *)b;
    return (x > y) - (x < y);
}

static double median(double *value, int n)
{
    qsort(value, (size_t)n, sizeof *value, ascending);
    return value[n / 2];
}

/* A row without figures: FAIL, or why it was not run. */
static void report_no_figure(struct gpu_check *check, struct gpu_survey const *survey,
                             char const *what, struct bl23_error const *error)
{
    bool const failed = error->status != BL23_OK;
    struct gpu_row const row = {.kind = "time",
                                .survey = survey->name,
                                .what = what,
                                .result = failed ? "FAIL" : "not run",
                                .note = failed ? error->text : "not run: time"};
    check->failures += failed;
    gpu_report(check, &row);
}

static void report_time(struct gpu_check *check, struct gpu_survey const *survey, char const *what,
                        double samples, double seconds, double spread)
{
    struct gpu_row const row = {.kind = "time",
                                .survey = survey->name,
                                .what = what,
                                .result = "done",
                                .samples = (uint64_t)samples,
                                .seconds = seconds,
                                .spread = spread,
                                .samples_per_s = seconds > 0.0 ? samples / seconds : 0.0,
                                .note = ""};
    gpu_report(check, &row);
}

/* One run on a backend that is opened for it. */
static bool run_once(struct gpu_survey const *survey, struct timing const *t, uint64_t samples,
                     struct gpu_outcome *o, struct bl23_error *error)
{
    struct gpu_run const run = {
        .backend = t->backend, .options = t->options, .count = samples, .step = samples};
    bool const ran = gpu_run(survey, &run, o, error) == BL23_OK;
    if (!ran)
        bl23_results_free(&o->results);
    return ran;
}

/* Samples that fill the time, or half of it and more. A short run is slow on the device, so that
 * the first guesses are too few. */
static bool fit_samples(struct gpu_check const *check, struct gpu_survey const *survey,
                        struct timing const *t, uint64_t *samples, struct bl23_error *error)
{
    struct gpu_outcome o;
    *samples = check->timed ? check->timed : PROBE;
    for (int k = 0; k < PROBES; k++) {
        if (!run_once(survey, t, *samples, &o, error)) /* also warms up */
            return false;
        bl23_results_free(&o.results);
        if (check->timed > 0 || o.run_s >= 0.5 * t->fill_s)
            break;
        *samples = (uint64_t)fmin((double)*samples * t->fill_s / o.run_s, largest);
    }
    return true;
}

/* Samples that counted for the cut-flow. */
static double counted_samples(struct bl23_results const *results)
{
    double n = 0.0;
    for (uint64_t k = 0; k < results->n_knots; k++)
        n += (double)results->knot[k].cutflow_drawn;
    return n;
}

static bool take_times(struct gpu_check *check, struct gpu_survey const *survey,
                       struct timing const *t, struct times *times, struct bl23_error *error)
{
    double open_s[REPEATS], run_s[REPEATS], kernel_s[BL23_CUDA_KERNELS][REPEATS];
    int n = 0;
    memset(times, 0, sizeof *times);
    if (!fit_samples(check, survey, t, &times->samples, error))
        return false;
    for (; n < t->repeats && (n == 0 || gpu_time_left(check) > 0.0); n++) {
        struct gpu_outcome o;
        if (!run_once(survey, t, times->samples, &o, error))
            return false;
        open_s[n] = o.open_s;
        run_s[n] = o.run_s;
        for (int k = 0; k < BL23_CUDA_KERNELS; k++)
            kernel_s[k][n] = o.kernel_s[k];
        times->counted = counted_samples(&o.results);
        bl23_results_free(&o.results);
    }
    times->open_s = median(open_s, n);
    times->run_s = median(run_s, n);
    times->spread = (run_s[n - 1] - run_s[0]) / times->run_s;
    for (int k = 0; k < BL23_CUDA_KERNELS; k++)
        times->kernel_s[k] = median(kernel_s[k], n);
    return true;
}

/* A row of its own, where there is time for it. */
static bool time_row(struct gpu_check *check, struct gpu_survey const *survey,
                     struct timing const *t, struct times *times)
{
    struct bl23_error error = {BL23_OK, ""};
    if (gpu_time_left(check) <= 0.0 || !take_times(check, survey, t, times, &error)) {
        report_no_figure(check, survey, t->what, &error);
        return false;
    }
    report_time(check, survey, t->what, (double)times->samples, times->run_s, times->spread);
    return true;
}

/* ---- by kernel ---- */

/* Which loop of the screen serves a survey, by its first knot at tension 1: 0 by x5, 1 or 2 by the
 * number of amplitudes, -1 none. */
static int screen_variant(struct gpu_survey const *survey)
{
    struct bl23_screen_knot forms;
    struct bl23_screen screen[BL23_SCREENS];
    struct bl23_screen_pilot *const pilot = malloc(sizeof *pilot);
    if (!pilot)
        return -1;
    bl23_screen_pilot_build(survey->model, pilot);
    bl23_screen_knot_build(survey->model, &survey->model->knot[0], pilot, &forms);
    int const some =
        bl23_screen_build(survey->model, &survey->model->knot[0], &forms, pilot, 1.0, screen);
    free(pilot);
    return !some ? -1 : screen->has_x5 ? 0 : screen->n_terms;
}

static void report_kernels(struct gpu_check *check, struct gpu_survey const *survey,
                           struct times const *times)
{
    static char const *const names[BL23_CUDA_KERNELS] = {
        "kernel: sort tiles", "kernel: screen", "kernel: verdict without screen",
        "kernel: cut-flow", "kernel: verdict on candidates"};
    double const n = (double)times->samples;
    bool const screened = screen_variant(survey) >= 0;
    double const of_kernel[BL23_CUDA_KERNELS] = {n, screened ? n : 0.0, screened ? 0.0 : n,
                                                 times->counted, n};
    double all = 0.0;
    for (int k = 0; k < BL23_CUDA_KERNELS; k++) {
        report_time(check, survey, names[k], of_kernel[k], times->kernel_s[k], 0.0);
        all += times->kernel_s[k];
    }
    report_time(check, survey, "all kernels", n, all, 0.0);
}

/* ---- against the bound ---- */

/* Instructions of the loop that every sample passes, against what the device can issue. The time
 * is that of the whole kernel, so that the part that is reached is a lower bound: what the kernel
 * does besides (the whole condition, ends of tiles) is not counted. */
static void report_bound(struct gpu_check *check, struct gpu_survey const *survey,
                         struct times const *times)
{
    int const variant = screen_variant(survey);
    double const instructions = variant < 0 ? 0.0 : check->instructions[variant];
    double const seconds = times->kernel_s[BL23_CUDA_SCREEN];
    double const screened = (double)times->samples;
    struct bl23_cuda_device device;
    char note[256];
    bl23_cuda_device_read(check->device, &device);
    double const issue = (double)device.processors * LANES_PER_CLOCK * 1e3 * device.clock_khz;
    struct gpu_row row = {.kind = "bound",
                          .survey = survey->name,
                          .what = "issue slots / instructions a sample",
                          .result = "not run",
                          .note = "the count of instructions is not known (no cuobjdump)"};
    if (variant < 0)
        row.note = "this survey has no screen";
    if (instructions > 0.0 && issue > 0.0 && seconds > 0.0) {
        double const bound = issue / instructions;
        snprintf(
            note, sizeof note,
            "%.1f instructions a sample in the loop that every sample passes, %d multiprocessors x "
            "%d x %.0f MHz; the whole screen kernel, with what else it does, reaches %.1f %% of it",
            instructions, device.processors, LANES_PER_CLOCK, 1e-3 * device.clock_khz,
            100.0 * screened / seconds / bound);
        row.result = "done";
        row.samples_per_s = bound;
        row.note = note;
    }
    gpu_report(check, &row);
}

/* One launch at a time, so that each kernel has the device for itself. */
static bool time_kernels(struct gpu_check *check, struct gpu_survey const *survey,
                         struct times *times)
{
    struct timing const apart = {"one launch at a time",
                                 &bl23_backend_cuda,
                                 {.device = check->device, .one_launch = 1},
                                 fill_s,
                                 FEW_REPEATS};
    if (!time_row(check, survey, &apart, times))
        return false;
    report_kernels(check, survey, times);
    return true;
}

void gpu_bench_kernels(struct gpu_check *check, struct gpu_survey const *survey)
{
    struct times times;
    time_kernels(check, survey, &times);
}

void gpu_bench_once(struct gpu_check *check, struct gpu_survey const *survey)
{
    uint64_t const samples = check->timed ? check->timed : PROBE;
    struct gpu_run const run = {.backend = &bl23_backend_cuda,
                                .options = {.device = check->device, .no_audit = 1},
                                .count = samples,
                                .step = samples,
                                .ramp = ramp_share * samples,
                                .profiled = 1};
    char const what[] = "one run";
    struct bl23_error error = {BL23_OK, ""};
    struct gpu_outcome o;
    if (gpu_run(survey, &run, &o, &error) == BL23_OK)
        report_time(check, survey, what, (double)samples, o.run_s, 0.0);
    else
        report_no_figure(check, survey, what, &error);
    bl23_results_free(&o.results);
}

void gpu_bench(struct gpu_check *check, struct gpu_survey const *survey)
{
    struct bl23_backend_options const plain = {.device = check->device};
    struct bl23_backend_options no_audit = plain, no_screen = plain;
    struct times times;
    no_audit.no_audit = 1;
    no_screen.no_screen = 1;
    struct timing const whole = {"whole, in memory", &bl23_backend_cuda, plain, fill_whole_s,
                                 REPEATS};
    struct timing const bare = {"whole, no audit", &bl23_backend_cuda, no_audit, fill_whole_s,
                                FEW_REPEATS};
    struct timing const doubles = {"no screen: all in double precision", &bl23_backend_cuda,
                                   no_screen, fill_s, FEW_REPEATS};
    struct timing const cpu = {"the CPU backend, all threads", &bl23_backend_cpu, plain, fill_s,
                               FEW_REPEATS};
    if (time_row(check, survey, &whole, &times))
        report_time(check, survey, "opening the backend (not in the rows)", 0.0, times.open_s, 0.0);
    time_row(check, survey, &bare, &times);
    if (time_kernels(check, survey, &times))
        report_bound(check, survey, &times);
    time_row(check, survey, &doubles, &times);
    time_row(check, survey, &cpu, &times);
}
