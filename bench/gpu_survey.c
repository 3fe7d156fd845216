/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "bench/gpu_survey.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "kernels/results/model_check.h"
#include "kernels/sample/error.h"

/* ---- reading ---- */

/* What is wrong with the header of an image; NULL: nothing. */
static char const *header_fault(struct bl23_model_image const *image)
{
    if (memcmp(image->magic, BL23_MODEL_IMAGE_MAGIC, sizeof image->magic) != 0)
        return "it is not a model exported by this version (bl23 bench --export)";
    if (image->reduction_bytes != sizeof(struct bl23_reduction) ||
        image->model_bytes < bl23_model_bytes(1) || image->model_bytes > SIZE_MAX / 2 ||
        image->survey[sizeof image->survey - 1] != '\0')
        return "its sizes are not those of this version (bl23 bench --export)";
    return NULL;
}

/* Bytes from here to the end of a file; 0 of what has none, such as a pipe. */
static uint64_t bytes_left(FILE *file)
{
    long const here = ftell(file);
    if (here < 0 || fseek(file, 0, SEEK_END) != 0)
        return 0;
    long const end = ftell(file);
    return end >= here && fseek(file, here, SEEK_SET) == 0 ? (uint64_t)(end - here) : 0;
}

/* The parts behind the header, into new memory. */
static char const *read_parts(FILE *file, struct bl23_model_image const *image,
                              struct gpu_survey *s)
{
    uint64_t const left = bytes_left(file), wanted = image->model_bytes + image->reduction_bytes;
    if (left != wanted)
        return left < wanted ? "it is cut short" : "there is more in it than a model";
    s->model = malloc(image->model_bytes);
    if (!s->model)
        return "out of memory";
    if (fread(s->model, image->model_bytes, 1, file) != 1 ||
        fread(&s->reduction, sizeof s->reduction, 1, file) != 1)
        return "it is cut short";
    if (bl23_model_image_digest_of(image, s->model, &s->reduction) != image->digest)
        return "it is damaged: its checksum does not fit";
    char const *const fault = bl23_model_fault(s->model, image->model_bytes);
    return fault ? fault : bl23_reduction_fault(&s->reduction);
}

static char const *read_image(char const *path, struct gpu_survey *s)
{
    struct bl23_model_image image;
    FILE *const file = fopen(path, "rb");
    if (!file)
        return "it cannot be opened";
    char const *why = fread(&image, sizeof image, 1, file) == 1 ? NULL : "it is cut short";
    if (!why)
        why = header_fault(&image);
    if (!why)
        why = read_parts(file, &image, s);
    if (!why)
        memcpy(s->name, image.survey, sizeof s->name);
    fclose(file);
    return why;
}

enum bl23_status gpu_survey_read(char const *folder, char const *name, struct gpu_survey *survey,
                                 struct bl23_error *error)
{
    char path[4096];
    memset(survey, 0, sizeof *survey);
    snprintf(path, sizeof path, "%s/%s" BL23_MODEL_IMAGE_SUFFIX, folder, name);
    char const *const why = read_image(path, survey);
    if (!why)
        return BL23_OK;
    gpu_survey_free(survey);
    return bl23_fail(error, BL23_ERROR_CONFIG, "%s: %s", path, why);
}

void gpu_survey_free(struct gpu_survey *survey)
{
    free(survey->model);
    survey->model = NULL;
}

/* ---- time and rows ---- */

double gpu_clock(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

double gpu_time_left(struct gpu_check const *check)
{
    return check->start + check->seconds - gpu_clock();
}

void gpu_report(struct gpu_check *check, struct gpu_row const *row)
{
    printf("%-8s %-14s %-36s %-8s", row->kind, row->survey, row->what, row->result);
    if (row->samples > 0)
        printf(" %8.3g samples", (double)row->samples);
    if (row->samples_per_s > 0.0)
        printf(" %9.4g /s  spread %4.1f %%", row->samples_per_s, 100.0 * row->spread);
    printf("%s%s\n", row->note[0] ? "  " : "", row->note);
    fflush(stdout);
    if (!check->rows)
        return;
    fprintf(check->rows, "%s\t%s\t%s\t%s\t%llu\t%.9g\t%.4g\t%.6g\t%s\n", row->kind, row->survey,
            row->what, row->result, (unsigned long long)row->samples, row->seconds, row->spread,
            row->samples_per_s, row->note);
    fflush(check->rows);
}

/* ---- running ---- */

/* The k-th call of a run. */
static enum bl23_status run_call(struct bl23_backend_state *state, struct gpu_run const *run,
                                 uint64_t k, struct bl23_results *results, struct bl23_error *error)
{
    uint64_t const calls = (run->count - 1) / run->step + 1;
    uint64_t const at = (run->backwards ? calls - 1 - k : k) * run->step;
    uint64_t const left = run->count - at;
    return run->backend->run(state, run->first + at, left < run->step ? left : run->step, results,
                             error);
}

/* Samples behind those of the run. What they teach the backend stays, so that what is recorded
 * afterwards is of use for its time only. */
static enum bl23_status run_ramp(struct bl23_backend_state *state, struct gpu_run const *run,
                                 struct bl23_results *results, struct bl23_error *error)
{
    if (run->ramp == 0)
        return BL23_OK;
    enum bl23_status const status =
        run->backend->run(state, run->first + run->count, run->ramp, results, error);
    bl23_results_clear(results);
    return status;
}

/* All calls of a run; its clock and its profiler are on. */
static enum bl23_status run_calls(struct bl23_backend_state *state, struct gpu_run const *run,
                                  struct gpu_outcome *o, struct bl23_error *error)
{
    enum bl23_status status = BL23_OK;
    for (uint64_t k = 0; status == BL23_OK && k * run->step < run->count; k++) {
        o->in_time = run->deadline == 0.0 || gpu_clock() < run->deadline;
        if (!o->in_time)
            break;
        status = run_call(state, run, k, &o->results, error);
    }
    return status;
}

/* Seconds of the kernels; of a backend that has none, 0. */
static void read_kernels(struct gpu_run const *run, struct bl23_backend_state const *state,
                         double seconds[BL23_CUDA_KERNELS])
{
    memset(seconds, 0, sizeof(double[BL23_CUDA_KERNELS]));
    if (run->backend == &bl23_backend_cuda)
        bl23_cuda_seconds(state, seconds);
}

/* The run on an open backend. */
static enum bl23_status run_timed(struct bl23_backend_state *state, struct gpu_run const *run,
                                  struct gpu_outcome *o, struct bl23_error *error)
{
    double before[BL23_CUDA_KERNELS];
    enum bl23_status status = run_ramp(state, run, &o->results, error);
    if (status != BL23_OK)
        return status;
    read_kernels(run, state, before);
    if (run->profiled)
        bl23_cuda_profile(1);
    double const start = gpu_clock();
    status = run_calls(state, run, o, error);
    o->run_s = gpu_clock() - start;
    if (run->profiled)
        bl23_cuda_profile(0);
    read_kernels(run, state, o->kernel_s);
    for (int k = 0; k < BL23_CUDA_KERNELS; k++)
        o->kernel_s[k] -= before[k];
    return status;
}

enum bl23_status gpu_run(struct gpu_survey const *survey, struct gpu_run const *run,
                         struct gpu_outcome *o, struct bl23_error *error)
{
    struct bl23_backend_state *state = NULL;
    memset(o, 0, sizeof *o);
    if (bl23_results_init(&o->results, survey->model->n_knots, survey->model->seed,
                          &survey->reduction) != BL23_OK)
        return bl23_fail(error, BL23_ERROR_MEMORY, "out of memory");
    double const start = gpu_clock();
    enum bl23_status status =
        run->backend->open(survey->model, &survey->reduction, &run->options, &state, error);
    o->open_s = gpu_clock() - start;
    o->in_time = 1;
    if (status == BL23_OK)
        status = run_timed(state, run, o, error);
    if (state)
        run->backend->close(state);
    return status == BL23_OK ? bl23_results_sort(&o->results) : status;
}
