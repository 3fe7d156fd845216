/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* What the parts of gpu_check share: exported surveys, one run of a backend, rows of the report.
 * gpu_check.c, gpu_conform.c and gpu_bench.c call it.
 * It must not know what is checked or timed. */
#ifndef BL23_BENCH_GPU_SURVEY_H
#define BL23_BENCH_GPU_SURVEY_H

#include <stdio.h>

#include "kernels/cuda/cuda_diagnostics.h"
#include "kernels/results/model_image.h"

/* An exported survey; the model is owned. */
struct gpu_survey {
    char name[sizeof((struct bl23_model_image *)0)->survey];
    struct bl23_model *model;
    struct bl23_reduction reduction;
};

/* Read FOLDER/NAME.model; BL23_ERROR_CONFIG says what is wrong with it. */
enum bl23_status gpu_survey_read(char const *folder, char const *name, struct gpu_survey *survey,
                                 struct bl23_error *error);
void gpu_survey_free(struct gpu_survey *survey);

/* What was asked for, and how it goes. */
struct gpu_check {
    char const *models;     /* folder */
    uint64_t samples;       /* of a case of the conformance check */
    uint64_t large;         /* of the large case; 0: none */
    uint64_t timed;         /* of a timed run; 0: as many as fill its time */
    double seconds;         /* the budget of this call */
    double instructions[3]; /* a sample of the screen: by x5, one amplitude, two; 0: not known */
    unsigned device;
    double start; /* of this call */
    FILE *rows;   /* NULL: no file */
    int failures;
};

/* A clock that only goes forward, and what is left of the budget; seconds. */
double gpu_clock(void);
double gpu_time_left(struct gpu_check const *check);

/* One row of the report: what was done, and how it ended. */
struct gpu_row {
    char const *kind, *survey, *what, *result;
    uint64_t samples;
    double seconds, spread, samples_per_s; /* 0: nothing was timed */
    char const *note;
};
void gpu_report(struct gpu_check *check, struct gpu_row const *row);

/* One run of a backend on samples [first, first + count), in calls of at most `step` samples; the
 * last ones first if backwards is set. */
struct gpu_run {
    struct bl23_backend const *backend;
    struct bl23_backend_options options;
    uint64_t first, count, step;
    uint64_t ramp; /* samples that go before them, neither timed nor recorded: launches grow */
    int backwards;
    int profiled;    /* a profiler counts what is timed */
    double deadline; /* on gpu_clock; 0: none. After it no further call is made. */
};

/* What it left; results are initialised here, sorted, and owned by the caller. */
struct gpu_outcome {
    struct bl23_results results;
    double open_s, run_s, kernel_s[BL23_CUDA_KERNELS];
    int in_time; /* 0: the deadline came first, and the results are of a part */
};
enum bl23_status gpu_run(struct gpu_survey const *survey, struct gpu_run const *run,
                         struct gpu_outcome *outcome, struct bl23_error *error);

#endif
