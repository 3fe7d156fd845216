/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* Compiled once per instruction set: the survey of a range on one core, tile by tile and block by
 * block. */
#include "kernels/cpu/cpu_range.h"

#include "kernels/cpu/cpu_survivors.h"
#include "kernels/lanes/isa.h"

/* The screen of the last tile, which the next one of the same knot and bound shares. */
struct tile_screen {
    struct bl23_knot const *knot;
    double bound;
    int useful;
    struct bl23_screen screen;
};

/* State of the walk over a range. */
struct walk {
    struct bl23_cpu_context const *context;
    struct bl23_results *results;
    struct bl23_bounds bounds;
    struct bl23_extremum_filter filter;
    struct tile_screen screen;
    struct bl23_block block;
    uint32_t place[BL23_BLOCK_ROOM];
    struct bl23_batch candidates, survivors;
    struct bl23_survivor_rows rows;
};

/* How a tile is worked on. */
struct tile_plan {
    struct bl23_tile tile;
    struct bl23_screen const *screen; /* NULL: every sample gets the verdict */
    int cutflow;
    unsigned quantities; /* that the verdict on candidates reads */
    struct bl23_knot_counts *counts;
};

/* Offer those of a batch that are near enough. Indices rise within the results of a range, so that
 * a sample as far as the farthest of a full list comes too late: there may be very many of them,
 * where one constraint alone decides on the tension. */
BL23_STAGE void batch_nearest(struct bl23_batch const *b, double bound,
                              struct bl23_results *results)
{
    bl23_vd least = bl23_vd_set(BL23_INFINITY);
    double lane[BL23_DOUBLE_LANES];
    for (size_t k = 0; k < b->padded; k += BL23_DOUBLE_LANES)
        least = bl23_vd_min(bl23_vd_load(b->tension + k), least);
    bl23_vd_store(lane, least);
    int near = 0;
    double const farthest = bl23_results_nearest_bound(results);
    for (int l = 0; l < BL23_DOUBLE_LANES; l++)
        near |= lane[l] <= bound && lane[l] < farthest;
    for (size_t k = 0; near && k < b->count; k++)
        if (b->tension[k] <= bound && b->tension[k] < bl23_results_nearest_bound(results))
            bl23_results_nearest(results, b->tension[k], bl23_batch_index(b, k));
}

/* The reductions over the survivors so far, none of which are left then. */
BL23_INLINE enum bl23_status survivors_run(struct walk *w, struct tile_plan const *plan)
{
    struct bl23_batch *const b = &w->survivors;
    if (b->count == 0)
        return BL23_OK;
    bl23_survivors_close(w->context->model, bl23_forms_of(plan->quantities), b);
    enum bl23_status const status = bl23_survivors_reduce(
        w->context, &plan->tile, b, w->bounds.hash, &w->rows, &w->filter, w->results);
    b->count = 0;
    return status;
}

/* The verdict on the candidates so far, none of which are left then. */
BL23_INLINE enum bl23_status candidates_run(struct walk *w, struct tile_plan const *plan)
{
    struct bl23_model const *const model = w->context->model;
    struct bl23_batch *const b = &w->candidates;
    struct bl23_selection passed;
    enum bl23_status status = BL23_OK;
    bl23_batch_close(b);
    bl23_batch_verdict(model, &plan->tile, plan->quantities, b);
    if (plan->cutflow)
        bl23_batch_cutflow(model, b, plan->counts);
    batch_nearest(b, bl23_min(w->bounds.tension, bl23_results_nearest_bound(w->results)),
                  w->results);
    bl23_batch_select(b, &passed);
    if (w->survivors.count + passed.count > BL23_BATCH)
        status = survivors_run(w, plan);
    bl23_survivors_append(model, bl23_forms_of(plan->quantities), &passed, b, &w->survivors);
    b->count = 0;
    return status;
}

/* Add samples of the block, those at place[0 .. count) or the first ones if `place` is NULL, to
 * the candidates, which are judged whenever they fill a batch. */
BL23_INLINE enum bl23_status places_take(struct walk *w, struct tile_plan const *plan,
                                         uint32_t const *place, size_t count)
{
    struct bl23_batch *const b = &w->candidates;
    enum bl23_status status = BL23_OK;
    for (size_t at = 0; status == BL23_OK && at < count;) {
        size_t const room = BL23_BATCH - b->count, left = count - at;
        size_t const taken = left < room ? left : room;
        if (place)
            bl23_batch_gather(&w->block, place + at, taken, b);
        else
            bl23_batch_copy(&w->block, at, taken, b);
        at += taken;
        if (taken == room)
            status = candidates_run(w, plan);
    }
    return status;
}

BL23_INLINE enum bl23_status blocks_run(struct walk *w, struct tile_plan const *plan)
{
    struct bl23_tile const *const tile = &plan->tile;
    enum bl23_status status = BL23_OK;
    for (unsigned first = 0; status == BL23_OK && first < tile->count; first += BL23_BLOCK) {
        bl23_block_fill(tile, first, &w->block);
        if (plan->screen) {
            unsigned const count = bl23_screen_block(plan->screen, tile, &w->block, w->place);
            status = places_take(w, plan, w->place, count);
        } else {
            bl23_block_words(tile, 0, &w->block);
            status = places_take(w, plan, NULL, w->block.count);
        }
    }
    if (status == BL23_OK && w->candidates.count > 0)
        status = candidates_run(w, plan);
    return status == BL23_OK ? survivors_run(w, plan) : status;
}

/* The screen of a knot; NULL where it does not pay. */
BL23_INLINE struct bl23_screen const *tile_screen_of(struct bl23_cpu_context const *context,
                                                     struct bl23_knot const *knot, double bound,
                                                     struct tile_screen *s)
{
    struct bl23_model const *const model = context->model;
    if (s->knot != knot || s->bound != bound) {
        s->knot = knot;
        s->bound = bound;
        s->useful =
            context->screen && bl23_screen_build(model, knot, &context->screen[knot - model->knot],
                                                 context->pilot, bound, &s->screen);
    }
    return s->useful ? &s->screen : NULL;
}

BL23_INLINE enum bl23_status tile_run(struct walk *w, struct bl23_tile const *tile)
{
    struct bl23_cpu_context const *const context = w->context;
    struct bl23_model const *const model = context->model;
    uint64_t const number = tile->first >> BL23_TILE_BITS, knot = number % model->n_knots;
    struct tile_plan plan;
    plan.tile = *tile;
    plan.screen = NULL;
    plan.counts = &w->results->knot[knot];
    plan.cutflow = number / model->n_knots % context->reduction->cutflow_every == 0;
    double const bound = bl23_min(w->bounds.tension, bl23_results_nearest_bound(w->results));
    w->candidates.knot = w->survivors.knot = &model->knot[knot];
    w->candidates.first = w->survivors.first = tile->first;
    plan.quantities = bl23_limited_at(w->candidates.knot, model->level);
    if (plan.cutflow)
        plan.quantities |= bl23_constrained_quantities(model);
    plan.counts->drawn += tile->count;
    w->results->tallies.drawn += tile->count;
    if (plan.cutflow)
        plan.counts->cutflow_drawn += tile->count;
    else
        plan.screen = tile_screen_of(context, &model->knot[knot], bound, &w->screen);
    return blocks_run(w, &plan);
}

bl23_cpu_range BL23_OF_SET(bl23_cpu_range);

/* The range is cut at tiles, as a tile has one knot. */
enum bl23_status BL23_OF_SET(bl23_cpu_range)(struct bl23_cpu_context const *context, uint64_t first,
                                             uint64_t count, struct bl23_bounds bounds,
                                             struct bl23_results *results)
{
    struct walk w; /* large: only what is read before it is written is set */
    bl23_isa_count(BL23_SET_ISA, BL23_LOOP_RANGE);
    w.context = context;
    w.results = results;
    w.bounds = bounds;
    w.filter.knot = w.screen.knot = NULL;
    bl23_batch_open(context->model, &w.candidates);
    bl23_batch_open(context->model, &w.survivors);
    enum bl23_status status = BL23_OK;
    while (status == BL23_OK && count > 0) {
        uint64_t const left_in_tile = BL23_TILE - (first & (BL23_TILE - 1));
        struct bl23_tile tile;
        tile.seed = context->model->seed;
        tile.first = first;
        tile.count = (unsigned)(left_in_tile < count ? left_in_tile : count);
        status = tile_run(&w, &tile);
        first += tile.count;
        count -= tile.count;
    }
    return status;
}
