/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* Compiled once per instruction set: the survey of a range on one core, tile by tile and block by
 * block. */
#include "kernels/cpu/cpu_range.h"

#include "kernels/cpu/chi2_rows.h"
#include "kernels/cpu/plain_survivors.h"
#include "kernels/lanes/isa.h"

/* The screen of the last tile, which the next one of the same knot and bound shares. */
struct tile_screen {
    struct bl23_knot const *knot;
    double bound;
    int n; /* conditions */
    struct bl23_screen screen[BL23_SCREENS];
    struct bl23_screened screened[BL23_SCREENS]; /* of all these tiles */
};

/* The two-sided screen of a tile, and what its edges are made of. */
struct tile_sides {
    struct bl23_knot const *knot;
    double nearest;
    uint64_t changes;
    int waits; /* for the first survivor of the knot, before which none is plain */
    struct bl23_sides sides;
    struct bl23_side_cuts cuts;
    struct bl23_cutflow_counts cutflow;
    struct bl23_block left; /* samples of the tile that wait for the answers */
    struct bl23_sides_block block;
};

/* State of the walk over a range. */
struct walk {
    struct bl23_cpu_context const *context;
    struct bl23_results *results;
    struct bl23_bounds bounds;
    struct bl23_extremum_filter filter;
    struct tile_screen screen;
    struct tile_sides sides;
    struct bl23_kept judged, plain; /* of a tile */
    struct bl23_block block;
    uint32_t place[BL23_BLOCK_ROOM];
    struct bl23_batch candidates, survivors;
    /* Where samples wait for the verdict: among the candidates, or, while all survive, in the place
     * of the survivors, so that their rows need not be moved. */
    struct bl23_batch *waiting;
    struct bl23_survivor_rows rows;
};

/* How a tile is worked on. */
struct tile_plan {
    struct bl23_tile tile;
    struct tile_screen *screen; /* NULL: none is certainly not a survivor */
    struct tile_sides *sides;   /* NULL: every sample that is left gets the verdict */
    int cutflow;
    unsigned quantities; /* that the verdict on candidates reads */
    unsigned forms;      /* that these are made of */
    struct bl23_knot_counts *counts;
};

BL23_INLINE double root_if(int squared, double x)
{
    return squared ? sqrt(x) : x;
}

/* Offer those of a batch that are near enough. Indices rise within the results of a range, so that
 * a sample as far as the farthest of a full list comes too late: there may be very many of them,
 * where one constraint alone decides on the tension. `rank` is chi^2 or the tension, or the square
 * of that. */
BL23_STAGE void batch_nearest(struct bl23_batch const *b, double const *rank, int squared,
                              double bound, struct bl23_results *results)
{
    bl23_vd least = bl23_vd_set(BL23_INFINITY);
    double lane[BL23_DOUBLE_LANES];
    for (size_t k = 0; k < b->padded; k += BL23_DOUBLE_LANES)
        least = bl23_vd_min(bl23_vd_load(rank + k), least);
    bl23_vd_store(lane, least);
    int near = 0;
    double const farthest = bl23_results_nearest_bound(results);
    for (int l = 0; l < BL23_DOUBLE_LANES; l++)
        near |= root_if(squared, lane[l]) <= bound && root_if(squared, lane[l]) < farthest;
    for (size_t k = 0; near && k < b->count; k++) {
        double const x = root_if(squared, rank[k]);
        if (x <= bound && x < bl23_results_nearest_bound(results))
            bl23_results_nearest(results, x, bl23_batch_index(b, k));
    }
}

/* The reductions over the survivors so far, none of which are left then. */
BL23_INLINE void survivors_run(struct walk *w, struct tile_plan const *plan)
{
    struct bl23_batch *const b = &w->survivors;
    if (b->count == 0)
        return;
    bl23_survivors_close(w->context->model, plan->forms, b);
    bl23_survivors_reduce(w->context, &plan->tile, b, w->bounds.hash, &w->rows, &w->filter,
                          &w->judged, w->results);
    plan->counts->passed += b->count;
    b->count = 0;
}

/* Of a batch that has been judged, those that survive become survivors. */
BL23_INLINE void survivors_take(struct walk *w, struct tile_plan const *plan, struct bl23_batch *b)
{
    struct bl23_model const *const model = w->context->model;
    struct bl23_batch *const to = &w->survivors;
    struct bl23_selection passed;
    bl23_batch_select(b, &passed);
    bool const all = passed.count == BL23_BATCH;
    b->count = 0;
    if (to->count + passed.count > BL23_BATCH)
        survivors_run(w, plan);
    if (b != to || !all)
        bl23_survivors_append(model, plan->forms, &passed, b, to);
    else
        to->count = passed.count;
    if (to->count == BL23_BATCH)
        survivors_run(w, plan);
    w->waiting = all && to->count == 0 ? to : &w->candidates;
}

/* The verdict on the candidates so far, none of which are left then. */
BL23_STAGE void candidates_run(struct walk *w, struct tile_plan const *plan)
{
    struct bl23_model const *const model = w->context->model;
    struct bl23_batch *const b = w->waiting;
    if (b->count == 0)
        return;
    bl23_batch_close(b);
    bl23_batch_verdict(model, &plan->tile, plan->quantities, plan->forms, b);
    if (plan->cutflow)
        bl23_batch_cutflow(model, b, plan->counts);
    bool const ranked = (model->groups & BL23_GROUP_CHI2) != 0;
    if (ranked) {
        bl23_batch_chi2(model, b);
        bl23_batch_profile(w->context, &plan->tile, b, &w->rows, w->results);
    }
    batch_nearest(b, ranked ? b->chi2 : b->tension, !ranked && model->g_mode == BL23_G_SOLVE,
                  bl23_min(w->bounds.tension, bl23_results_nearest_bound(w->results)), w->results);
    survivors_take(w, plan, b);
}

/* Add samples of a block, those at place[0 .. count) or the first ones if `place` is NULL, to
 * the candidates, which are judged whenever they fill a batch. */
BL23_INLINE void places_take(struct walk *w, struct tile_plan const *plan,
                             struct bl23_block const *block, uint32_t const *place, size_t count)
{
    for (size_t at = 0; at < count;) {
        struct bl23_batch *const b = w->waiting;
        size_t const room = BL23_BATCH - b->count, left = count - at;
        size_t const taken = left < room ? left : room;
        if (place)
            bl23_batch_gather(block, place + at, taken, b);
        else
            bl23_batch_copy(block, at, taken, b);
        at += taken;
        if (taken == room)
            candidates_run(w, plan);
    }
}

/* Edges for what is known now; they hold as long as it only grows. */
BL23_STAGE void sides_renew(struct walk *w, double nearest, struct tile_sides *t)
{
    struct bl23_model const *const model = w->context->model;
    struct bl23_knot const *const knot = w->candidates.knot;
    struct bl23_extremum(*const extremum)[BL23_COLUMNS][2] = w->results->tallies.extremum;
    struct bl23_seen seen;
    struct bl23_settled settled[2];
    if (w->filter.knot != knot)
        bl23_filter_build(model, knot, &w->results->tallies, &w->survivors, &w->rows, &w->filter);
    if (t->knot == knot && t->changes == w->filter.changes && t->nearest == nearest)
        return;
    if (t->knot != knot)
        bl23_sides_knot(model, knot, &t->sides);
    for (int set = 0; set < 2; set++)
        for (int c = 0; c < BL23_COLUMNS; c++)
            seen.column[set][c] =
                (struct bl23_interval){extremum[set][c][0].value, extremum[set][c][1].value};
    bl23_sides_settled(model, knot, &t->sides, &seen, settled);
    bl23_sides_edges(model, knot, settled, nearest, &t->sides);
    t->knot = knot;
    t->changes = w->filter.changes;
    t->waits = bl23_constant_extremum(knot, w->filter.closed, w->results->tallies.extremum[0]);
    t->nearest = nearest;
}

/* Survivors meet all constraints. */
BL23_INLINE void plain_cutflow(struct bl23_model const *model, unsigned plain,
                               struct bl23_knot_counts *counts)
{
    for (uint64_t c = 0; c < model->n_constraints; c++) {
        counts->passed_alone[c] += plain;
        counts->passed_sequentially[c] += plain;
    }
}

/* The cut-flow of a block of all samples, which has its words: those that are not left are counted
 * in single precision. Returns how many are left. */
BL23_INLINE unsigned block_cutflow(struct walk *w, struct tile_plan const *plan)
{
    struct tile_sides *const t = plan->sides;
    struct bl23_block *const b = &w->block;
    struct bl23_side_cuts *const cuts = &t->cuts;
    uint32_t *const more[4] = {b->more[0], b->more[1], b->more[2], b->more[3]};
    if (cuts->knot != t->knot)
        bl23_sides_cuts(w->context->model, t->knot, &t->sides, cuts);
    b->has_more = !t->sides.solve;
    if (b->has_more)
        bl23_words_from(&plan->tile, 1, b->first, b->count, more);
    unsigned const left = t->sides.solve
                              ? bl23_cutflow_solve(&t->sides, cuts, b, &t->cutflow, w->place)
                              : bl23_cutflow_given(&t->sides, cuts, b, &t->cutflow, w->place);
    for (int c = 0; c < cuts->n; c++) {
        plan->counts->passed_alone[c] += t->cutflow.alone[c];
        plan->counts->passed_sequentially[c] += t->cutflow.sequentially[c];
    }
    return left;
}

/* The answers for the samples of a block: plain ones are counted, the others become candidates.
 * Until the first survivors of a knot are known all are, so many do not wait. */
BL23_INLINE void block_sort(struct walk *w, struct tile_plan const *plan, struct bl23_block *b)
{
    struct tile_sides *const t = plan->sides;
    bl23_sides_block(&t->sides, plan->cutflow, &plan->tile, b, &t->block);
    plan->counts->passed += t->block.plain;
    if (plan->cutflow)
        plain_cutflow(w->context->model, t->block.plain, plan->counts);
    bl23_plain_reduce(w->context, &t->sides, &plan->tile, &t->block, w->bounds.hash, &w->rows,
                      &w->plain, w->results);
    places_take(w, plan, b, t->block.ask_place, t->block.ask);
    if (t->waits && t->block.ask >= BL23_BATCH / 4) {
        candidates_run(w, plan);
        survivors_run(w, plan);
    }
}

/* The edges by what is known now. */
BL23_INLINE int sides_on(struct walk *w, struct tile_plan const *plan)
{
    sides_renew(w, bl23_min(w->bounds.tension, bl23_results_nearest_bound(w->results)),
                plan->sides);
    return plan->sides->sides.on;
}

/* All samples of a block. */
BL23_INLINE void block_run(struct walk *w, struct tile_plan const *plan, struct bl23_block *b)
{
    if (b->count == 0)
        return;
    if (sides_on(w, plan))
        block_sort(w, plan, b);
    else
        places_take(w, plan, b, NULL, b->count);
}

/* None wait then. */
BL23_INLINE void left_run(struct walk *w, struct tile_plan const *plan)
{
    struct bl23_block *const left = &plan->sides->left;
    if (left->count > 0)
        bl23_block_close(left);
    block_run(w, plan, left);
    left->count = 0;
}

/* Samples of the block; a few wait until there are so many that the answers are worth their
 * beginning. */
BL23_INLINE void places_sort(struct walk *w, struct tile_plan const *plan, uint32_t const *place,
                             unsigned count)
{
    struct bl23_block *const left = &plan->sides->left;
    int const few = count <= BL23_BLOCK / 4;
    if (!few || left->count + count > BL23_BLOCK / 2)
        left_run(w, plan);
    if (few) {
        bl23_block_append(&w->block, place, count, left);
        return;
    }
    if (count < w->block.count || !w->block.reduced)
        bl23_block_keep(&w->block, place, count);
    block_run(w, plan, &w->block);
}

BL23_INLINE struct tile_screen *screen_that_pays(struct tile_screen *s)
{
    return s && (s->screen->has_x5 || bl23_screen_pays(s->screened, 0)) ? s : NULL;
}

/* The samples of a block whose fate single precision has not settled. */
BL23_INLINE void block_take(struct walk *w, struct tile_plan const *plan)
{
    struct tile_screen *const s = screen_that_pays(plan->screen);
    struct bl23_block *const b = &w->block;
    unsigned count = b->count;
    if (s)
        count = bl23_screen_block(s->screen, s->n, &plan->tile, b, w->place, s->screened);
    else
        bl23_block_draw(&plan->tile, b);
    if (!plan->sides) {
        places_take(w, plan, b, s ? w->place : NULL, count);
        return;
    }
    if (plan->cutflow && sides_on(w, plan))
        count = block_cutflow(w, plan);
    else if (!s)
        bl23_all_places(b, w->place);
    places_sort(w, plan, w->place, count);
}

BL23_INLINE void blocks_run(struct walk *w, struct tile_plan const *plan)
{
    struct bl23_tile const *const tile = &plan->tile;
    for (unsigned first = 0; first < tile->count; first += BL23_BLOCK) {
        bl23_block_fill(tile, first, &w->block);
        block_take(w, plan);
    }
    if (plan->sides)
        left_run(w, plan);
    candidates_run(w, plan);
    survivors_run(w, plan);
}

/* The screen of a knot; NULL where it does not pay. */
BL23_INLINE struct tile_screen *tile_screen_of(struct bl23_cpu_context const *context,
                                               struct bl23_knot const *knot, double bound,
                                               struct tile_screen *s)
{
    struct bl23_model const *const model = context->model;
    if (s->knot != knot || s->bound != bound) {
        s->knot = knot;
        s->bound = bound;
        memset(s->screened, 0, sizeof s->screened);
        s->n = context->screen
                   ? bl23_screen_build(model, knot, &context->screen[knot - model->knot],
                                       context->pilot, bound, s->screen)
                   : 0;
    }
    return s->n > 0 ? s : NULL;
}

/* So many that it pays to know which are plain, by what has been found so far? */
BL23_INLINE int survivors_are_many(struct bl23_results const *results)
{
    return results->tallies.passed > results->tallies.drawn / 64;
}

BL23_INLINE enum bl23_status tile_run(struct walk *w, struct bl23_tile const *tile)
{
    struct bl23_cpu_context const *const context = w->context;
    struct bl23_model const *const model = context->model;
    uint64_t const number = tile->first >> BL23_TILE_BITS;
    uint64_t const knot = bl23_knot_of_tile(model, number);
    struct tile_plan plan;
    plan.tile = *tile;
    plan.tile.cells = bl23_cells_of(model, knot);
    plan.screen = NULL;
    plan.counts = &w->results->knot[knot];
    plan.cutflow = bl23_tile_in_cutflow(model, context->reduction, number);
    double const bound = bl23_min(w->bounds.tension, bl23_results_nearest_bound(w->results));
    w->candidates.knot = w->survivors.knot = &model->knot[knot];
    w->candidates.first = w->survivors.first = tile->first;
    plan.quantities = bl23_limited_at(w->candidates.knot, model->level);
    if (plan.cutflow || (model->groups & BL23_GROUP_CHI2) != 0)
        plan.quantities |= bl23_constrained_quantities(model);
    plan.forms = bl23_forms_of(plan.quantities);
    plan.counts->drawn += tile->count;
    w->results->tallies.drawn += tile->count;
    if (plan.cutflow) {
        plan.counts->cutflow_drawn += tile->count;
    } else {
        plan.screen = tile_screen_of(context, &model->knot[knot], bound, &w->screen);
    }
    plan.sides = context->two_sided && survivors_are_many(w->results) &&
                         bl23_sides_apply_at(model, &model->knot[knot])
                     ? &w->sides
                     : NULL;
    blocks_run(w, &plan);
    return bl23_tile_keep(tile, &w->judged, &w->plain, w->results);
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
    w.filter.knot = w.screen.knot = w.sides.knot = w.sides.cuts.knot = NULL;
    w.sides.left.count = 0;
    w.filter.changes = 0;
    w.judged.n = w.plain.n = 0;
    memset(w.screen.screened, 0, sizeof w.screen.screened);
    bl23_batch_open(context->model, &w.candidates);
    bl23_batch_open(context->model, &w.survivors);
    w.waiting = &w.candidates;
    enum bl23_status status = BL23_OK;
    while (status == BL23_OK && count > 0) {
        uint64_t const left_in_tile = BL23_TILE - (first & (BL23_TILE - 1));
        struct bl23_tile tile;
        tile.seed = context->model->seed;
        tile.first = first;
        tile.words = bl23_index_of_words(context->model, first);
        tile.count = (unsigned)(left_in_tile < count ? left_in_tile : count);
        status = tile_run(&w, &tile);
        first += tile.count;
        count -= tile.count;
    }
    return status;
}
