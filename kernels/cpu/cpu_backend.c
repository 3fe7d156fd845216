/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include <stdlib.h>

#include "kernels/backend.h"
#include "kernels/cpu/cpu_range.h"
#include "kernels/lanes/isa.h"
#include "kernels/lanes/parallel_for.h"
#include "kernels/sample/error.h"
#include "kernels/screen/sides.h"

enum { CHUNK = 16 * BL23_TILE }; /* samples that a thread takes at a time */

#define DECLARE(name) bl23_cpu_range bl23_cpu_range_##name;
BL23_ISA_LIST(DECLARE)
#undef DECLARE

static bl23_cpu_range *const ranges[BL23_ISAS] = {
#define ROW(name) bl23_cpu_range_##name,
    BL23_ISA_LIST(ROW)
#undef ROW
};

struct bl23_backend_state {
    struct bl23_cpu_context context;
    enum bl23_isa isa;
    unsigned threads;
    struct bl23_bounds bounds;    /* from all samples seen so far */
    uint64_t first;               /* of the range that is being run */
    struct bl23_results *partial; /* [threads] */
};

static void cpu_close(struct bl23_backend_state *state)
{
    if (!state)
        return;
    for (unsigned t = 0; state->partial && t < state->threads; t++)
        bl23_results_free(&state->partial[t]);
    free(state->context.screen);
    free(state->context.pilot);
    free(state->context.bins);
    free(state->partial);
    free(state);
}

static enum bl23_status screen_open(struct bl23_cpu_context *c)
{
    c->screen = calloc(c->model->n_knots, sizeof *c->screen);
    c->pilot = calloc(1, sizeof *c->pilot);
    if (!c->screen || !c->pilot)
        return BL23_ERROR_MEMORY;
    c->two_sided = bl23_sides_apply(c->model) && c->bins->words_decide && c->bins->of_g2.decide;
    bl23_screen_pilot_build(c->model, c->pilot);
    for (uint64_t k = 0; k < c->model->n_knots; k++)
        bl23_screen_knot_build(c->model, &c->model->knot[k], c->pilot, &c->screen[k]);
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
    unsigned const threads = options->threads ? options->threads : bl23_processors();
    *state = (struct bl23_backend_state){.context = {.model = model, .reduction = reduction},
                                         .isa = bl23_isa_chosen(),
                                         .threads = threads < BL23_THREADS_MAX ? threads
                                                                               : BL23_THREADS_MAX,
                                         .bounds = {BL23_INFINITY, UINT64_MAX}};
    state->partial = calloc(state->threads, sizeof *state->partial);
    state->context.bins = calloc(1, sizeof *state->context.bins);
    enum bl23_status status = state->partial && state->context.bins ? BL23_OK : BL23_ERROR_MEMORY;
    if (status == BL23_OK)
        bl23_bin_plan_build(model, reduction, state->context.bins);
    bool const ranked = (model->groups & BL23_GROUP_CHI2) != 0; /* all samples are looked at */
    if (status == BL23_OK && !options->no_screen && !ranked)
        status = screen_open(&state->context);
    for (unsigned t = 0; status == BL23_OK && t < state->threads; t++)
        status = bl23_results_init(&state->partial[t], model->n_knots, model->seed, reduction);
    if (status != BL23_OK) {
        cpu_close(state);
        return bl23_fail(error, status, "out of memory for the results of the threads");
    }
    *out = state;
    return BL23_OK;
}

static enum bl23_status run_chunk(void *context, unsigned worker, uint64_t first, uint64_t count)
{
    struct bl23_backend_state *const state = context;
    return ranges[state->isa](&state->context, state->first + first, count, state->bounds,
                              &state->partial[worker]);
}

static enum bl23_status cpu_run(struct bl23_backend_state *state, uint64_t first, uint64_t count,
                                struct bl23_results *results, struct bl23_error *error)
{
    state->first = first;
    bl23_results_tighten(&state->bounds, results);
    for (unsigned t = 0; t < state->threads; t++)
        bl23_results_clear(&state->partial[t]);
    enum bl23_status status = bl23_parallel_for(state->threads, count, CHUNK, run_chunk, state);
    for (unsigned t = 0; status == BL23_OK && t < state->threads; t++) {
        bl23_bin_plan_finish(state->context.reduction, state->context.bins, &state->partial[t]);
        status = bl23_results_merge(results, &state->partial[t]);
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
