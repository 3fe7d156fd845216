/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

#include "kernels/backend.h"
#include "kernels/cpu/cpu_range.h"
#include "kernels/cpu/threads.h"
#include "kernels/lanes/isa.h"
#include "kernels/sample/error.h"

enum { THREADS_MAX = 1024, CHUNK = 16 * BL23_TILE };

#define DECLARE(name) bl23_cpu_range bl23_cpu_range_##name;
BL23_ISA_LIST(DECLARE)
#undef DECLARE

static bl23_cpu_range *const ranges[BL23_ISAS] = {
#define ROW(name) bl23_cpu_range_##name,
    BL23_ISA_LIST(ROW)
#undef ROW
};

struct worker {
    struct job *job;
    struct bl23_results results;
    enum bl23_status status;
};

struct bl23_backend_state {
    struct bl23_cpu_context context;
    enum bl23_isa isa;
    unsigned threads;
    struct bl23_bounds bounds; /* from all samples seen so far */
    struct worker *worker;     /* [threads] */
};

/* What the threads of one range share. */
struct job {
    struct bl23_backend_state *state;
    uint64_t first, count;
    atomic_uint_fast64_t next; /* first sample of the next chunk, relative to first */
};

static void cpu_close(struct bl23_backend_state *state)
{
    if (!state)
        return;
    for (unsigned t = 0; state->worker && t < state->threads; t++)
        bl23_results_free(&state->worker[t].results);
    free(state->context.screen);
    free(state->context.pilot);
    free(state->context.bins);
    free(state->worker);
    free(state);
}

static unsigned thread_count(unsigned wanted)
{
    long const processors = sysconf(_SC_NPROCESSORS_ONLN);
    unsigned const threads = wanted ? wanted : processors > 0 ? (unsigned)processors : 1;
    return threads < THREADS_MAX ? threads : THREADS_MAX;
}

static enum bl23_status screen_open(struct bl23_cpu_context *c)
{
    c->screen = calloc(c->model->n_knots, sizeof *c->screen);
    c->pilot = calloc(1, sizeof *c->pilot);
    if (!c->screen || !c->pilot)
        return BL23_ERROR_MEMORY;
    for (uint64_t k = 0; k < c->model->n_knots; k++)
        bl23_screen_knot_build(&c->model->knot[k], &c->screen[k]);
    bl23_screen_pilot_build(c->model, c->pilot);
    return BL23_OK;
}

static enum bl23_status cpu_open(struct bl23_model const *model,
                                 struct bl23_reduction const *reduction,
                                 struct bl23_backend_options const *options,
                                 struct bl23_backend_state **out, struct bl23_error *error)
{
    *out = NULL;
    BL23_TRY(bl23_isa_check(error));
    struct bl23_backend_state *const state = calloc(1, sizeof *state);
    if (!state)
        return bl23_fail(error, BL23_ERROR_MEMORY, "out of memory for the CPU backend");
    *state = (struct bl23_backend_state){.context = {.model = model, .reduction = reduction},
                                         .isa = bl23_isa_chosen(),
                                         .threads = thread_count(options->threads),
                                         .bounds = {BL23_INFINITY, UINT64_MAX}};
    state->worker = calloc(state->threads, sizeof *state->worker);
    state->context.bins = calloc(1, sizeof *state->context.bins);
    enum bl23_status status = state->worker && state->context.bins ? BL23_OK : BL23_ERROR_MEMORY;
    if (status == BL23_OK)
        bl23_bin_plan_build(reduction, state->context.bins);
    if (status == BL23_OK && !options->no_screen)
        status = screen_open(&state->context);
    for (unsigned t = 0; status == BL23_OK && t < state->threads; t++)
        status =
            bl23_results_init(&state->worker[t].results, model->n_knots, model->seed, reduction);
    if (status != BL23_OK) {
        cpu_close(state);
        return bl23_fail(error, status, "out of memory for the results of the threads");
    }
    *out = state;
    return BL23_OK;
}

/* Chunks until there are none left. */
static void *work(void *argument)
{
    struct worker *const w = argument;
    struct job *const job = w->job;
    struct bl23_backend_state const *const state = job->state;
    while (w->status == BL23_OK) {
        uint64_t const at = atomic_fetch_add(&job->next, CHUNK);
        if (at >= job->count)
            break;
        uint64_t const left = job->count - at;
        w->status = ranges[state->isa](&state->context, job->first + at,
                                       left < CHUNK ? left : CHUNK, state->bounds, &w->results);
    }
    return NULL;
}

static enum bl23_status cpu_run(struct bl23_backend_state *state, uint64_t first, uint64_t count,
                                struct bl23_results *results, struct bl23_error *error)
{
    struct job job = {.state = state, .first = first, .count = count};
    atomic_init(&job.next, 0);
    bl23_results_tighten(&state->bounds, results);
    for (unsigned t = 0; t < state->threads; t++) {
        state->worker[t].job = &job;
        state->worker[t].status = BL23_OK;
        bl23_results_clear(&state->worker[t].results);
    }
    bl23_threads_run(state->threads, work, state->worker, sizeof *state->worker);
    enum bl23_status status = BL23_OK;
    for (unsigned t = 0; status == BL23_OK && t < state->threads; t++) {
        struct worker *const w = &state->worker[t];
        bl23_bin_plan_finish(state->context.reduction, state->context.bins, &w->results);
        status = w->status != BL23_OK ? w->status : bl23_results_merge(results, &w->results);
    }
    bl23_results_tighten(&state->bounds, results);
    return status == BL23_OK ? status : bl23_fail(error, status, "out of memory for survivors");
}

static char const *cpu_describe(struct bl23_backend_state const *state)
{
    return bl23_isa_name(state->isa);
}

struct bl23_backend const bl23_backend_cpu = {
    .name = "cpu", .open = cpu_open, .run = cpu_run, .describe = cpu_describe, .close = cpu_close};
