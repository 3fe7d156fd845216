/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* The survey of a range on one core, tile by tile: screen, then the verdict in structure-of-arrays
 * batches that compilers vectorise, then the reductions over what is left.
 * Each cpu_range_<isa>.c includes its simd header, then this.
 * It must not know of threads. */
#ifndef BL23_KERNELS_CPU_RANGE_BODY_H
#define BL23_KERNELS_CPU_RANGE_BODY_H

#include "kernels/cpu_range.h"
#include "kernels/reduce.h"
#include "kernels/screen_body.h"

enum { BL23_BATCH = 256 };

/* One batch of samples of one knot, [row][sample]. */
struct bl23_batch {
    struct bl23_knot const *knot;
    size_t count; /* <= BL23_BATCH; the arrays are computed to their end all the same */
    uint64_t index[BL23_BATCH];
    uint32_t word[4][BL23_BATCH];
    double monomial[BL23_MONOMIALS][BL23_BATCH];
    double quantity[BL23_QUANTITIES][BL23_BATCH]; /* divided by g^2 */
    double g[BL23_BATCH];
    double tension[BL23_BATCH];
    double survives[BL23_BATCH]; /* 1 or 0 */
};

BL23_INLINE void bl23_batch_draw(struct bl23_model const *model, struct bl23_batch *b)
{
    uint64_t const seed = model->seed;
    for (size_t k = 0; k < BL23_BATCH; k++) {
        struct bl23_words const words = bl23_sample_words(seed, b->index[k], 0);
        BL23_UNROLL
        for (int w = 0; w < 4; w++)
            b->word[w][k] = words.x[w];
    }
    for (size_t k = 0; k < BL23_BATCH; k++) {
        struct bl23_words const words = {
            {b->word[0][k], b->word[1][k], b->word[2][k], b->word[3][k]}};
        double m[BL23_MONOMIALS];
        bl23_draw_monomials(words, m);
        BL23_UNROLL
        for (int r = 0; r < BL23_MONOMIALS; r++)
            b->monomial[r][k] = m[r];
    }
}

BL23_INLINE void bl23_batch_fixed_w(struct bl23_model const *model, struct bl23_batch *b)
{
    for (int r = 0; r < BL23_MONOMIALS; r++)
        for (size_t k = 0; k < BL23_BATCH; k++)
            b->monomial[r][k] = model->w.monomial[r];
}

BL23_INLINE void bl23_batch_g(struct bl23_model const *model, struct bl23_batch *b)
{
    if (model->g_mode == BL23_G_FIXED)
        for (size_t k = 0; k < BL23_BATCH; k++)
            b->g[k] = model->g_min;
    if (model->g_mode != BL23_G_LOG_UNIFORM)
        return;
    uint64_t const seed = model->seed;
    for (size_t k = 0; k < BL23_BATCH; k++)
        b->word[0][k] = bl23_sample_words(seed, b->index[k], 1).x[1];
    for (size_t k = 0; k < BL23_BATCH; k++)
        b->g[k] = bl23_draw_log_uniform_g(b->word[0][k], model->g_min, model->g_log2_ratio);
}

BL23_INLINE void bl23_batch_quantities(struct bl23_batch *b)
{
    for (size_t k = 0; k < BL23_BATCH; k++) {
        double m[BL23_MONOMIALS], h[BL23_FORMS], s[BL23_QUANTITIES];
        BL23_UNROLL
        for (int r = 0; r < BL23_MONOMIALS; r++)
            m[r] = b->monomial[r][k];
        bl23_amplitudes(b->knot, m, h);
        bl23_quantities(h, s);
        BL23_UNROLL
        for (int q = 0; q < BL23_QUANTITIES; q++)
            b->quantity[q][k] = s[q];
    }
}

/* `solve` is a constant at every call, so that each loop has no branch left. */
BL23_INLINE void bl23_batch_judge(struct bl23_batch *b, int level, int solve)
{
    struct bl23_knot const *const knot = b->knot;
    for (size_t k = 0; k < BL23_BATCH; k++) {
        double s[BL23_QUANTITIES];
        BL23_UNROLL
        for (int q = 0; q < BL23_QUANTITIES; q++)
            s[q] = b->quantity[q][k];
        struct bl23_verdict const v = bl23_judge(knot, level, solve, s, b->g[k]);
        b->tension[k] = v.tension;
        b->survives[k] = v.survives ? 1.0 : 0.0;
    }
}

/* The cut-flow with g given: each constraint alone, and all up to it. */
BL23_INLINE void bl23_batch_cutflow_given(struct bl23_model const *model,
                                          struct bl23_batch const *b, int level,
                                          struct bl23_knot_counts *counts)
{
    double so_far[BL23_BATCH];
    for (size_t k = 0; k < BL23_BATCH; k++)
        so_far[k] = k < b->count ? 1.0 : 0.0;
    for (uint64_t c = 0; c < model->n_constraints; c++) {
        struct bl23_interval const limit = b->knot->limit[level][c];
        int const q = (int)model->constraint_quantity[c];
        double const *const s = b->quantity[q];
        double alone = 0.0, sequential = 0.0;
        for (size_t k = 0; k < b->count; k++) {
            double const x = bl23_quantity_value(q, s[k], b->g[k]);
            double const pass = bl23_within(limit, x) ? 1.0 : 0.0;
            so_far[k] *= pass;
            alone += pass; /* whole numbers below 2^53: exact in any order */
            sequential += so_far[k];
        }
        counts->passed_alone[c] += (uint64_t)alone;
        counts->passed_sequentially[c] += (uint64_t)sequential;
    }
}

/* The cut-flow with g free: is there any g for a constraint alone, and for all up to it? */
BL23_INLINE void bl23_batch_cutflow_solve(struct bl23_model const *model,
                                          struct bl23_batch const *b, int level,
                                          struct bl23_knot_counts *counts)
{
    double lo[BL23_BATCH], hi[BL23_BATCH];
    for (size_t k = 0; k < BL23_BATCH; k++) {
        lo[k] = 0.0;
        hi[k] = BL23_INFINITY;
    }
    for (uint64_t c = 0; c < model->n_constraints; c++) {
        struct bl23_interval const limit = b->knot->limit[level][c];
        int const q = (int)model->constraint_quantity[c];
        double const *const s = b->quantity[q];
        double alone = 0.0, sequential = 0.0;
        for (size_t k = 0; k < b->count; k++) {
            struct bl23_interval const one = bl23_allowed_g2(limit, q, s[k]);
            lo[k] = bl23_max(one.lo, lo[k]);
            hi[k] = bl23_min(one.hi, hi[k]);
            struct bl23_interval const so_far = {lo[k], hi[k]};
            alone += bl23_has_g2(one) ? 1.0 : 0.0;
            sequential += bl23_has_g2(so_far) ? 1.0 : 0.0;
        }
        counts->passed_alone[c] += (uint64_t)alone;
        counts->passed_sequentially[c] += (uint64_t)sequential;
    }
}

/* What the columns of survivors are made of, gathered from the batch. */
struct bl23_gathered {
    double monomial[BL23_MONOMIALS][BL23_SURVIVORS_BATCH];
    double quantity[BL23_QUANTITIES][BL23_SURVIVORS_BATCH];
    double g[BL23_SURVIVORS_BATCH], g2[BL23_SURVIVORS_BATCH];
    uint32_t common[BL23_SURVIVORS_BATCH], phase_12[BL23_SURVIVORS_BATCH],
        phase_13[BL23_SURVIVORS_BATCH];
};

BL23_INLINE void bl23_gather(struct bl23_batch const *b, uint16_t const *place, size_t count,
                             struct bl23_gathered *out)
{
    for (int m = 0; m < BL23_MONOMIALS; m++)
        for (size_t k = 0; k < count; k++)
            out->monomial[m][k] = b->monomial[m][place[k]];
    for (size_t k = 0; k < count; k++) {
        out->g[k] = b->g[place[k]];
        out->phase_12[k] = b->word[2][place[k]];
        out->phase_13[k] = b->word[3][place[k]];
    }
}

BL23_INLINE void bl23_row_columns(struct bl23_model const *model, struct bl23_gathered *in,
                                  struct bl23_survivors *s)
{
    double(*const v)[BL23_SURVIVORS_BATCH] = s->value;
    if (model->w_mode == BL23_W_FIXED) {
        for (int i = 0; i < 3; i++)
            for (size_t k = 0; k < s->padded; k++) {
                v[BL23_COLUMN_wu11_abs + 2 * i][k] = model->w.abs[i];
                v[BL23_COLUMN_wu11_abs + 2 * i + 1][k] = model->w.phase[i];
            }
        return;
    }
    for (size_t k = 0; k < s->padded; k++)
        in->common[k] = bl23_sample_words(model->seed, s->index[k], 1).x[0];
    for (size_t k = 0; k < s->padded; k++)
        v[BL23_COLUMN_wu11_phase][k] = bl23_phase_of_word(in->common[k]);
    for (size_t k = 0; k < s->padded; k++)
        v[BL23_COLUMN_wu12_phase][k] = bl23_phase_of_word(in->common[k] + in->phase_12[k]);
    for (size_t k = 0; k < s->padded; k++)
        v[BL23_COLUMN_wu13_phase][k] = bl23_phase_of_word(in->common[k] + in->phase_13[k]);
    for (int i = 0; i < 3; i++)
        for (size_t k = 0; k < s->padded; k++)
            v[BL23_COLUMN_wu11_abs + 2 * i][k] = sqrt(in->monomial[i][k]);
}

/* Amplitudes, verdict and couplings; `solve` is a constant at every call. */
BL23_INLINE void bl23_verdict_columns(struct bl23_knot const *knot, int level, int solve,
                                      struct bl23_gathered *in, struct bl23_survivors *s)
{
    double(*const v)[BL23_SURVIVORS_BATCH] = s->value;
    for (size_t k = 0; k < s->padded; k++) {
        double m[BL23_MONOMIALS], h[BL23_FORMS], q[BL23_QUANTITIES];
        BL23_UNROLL
        for (int r = 0; r < BL23_MONOMIALS; r++)
            m[r] = in->monomial[r][k];
        bl23_amplitudes(knot, m, h);
        bl23_quantities(h, q);
        BL23_UNROLL
        for (int r = 0; r < BL23_FORMS; r++)
            v[BL23_COLUMN_h_ds_re + r][k] = h[r];
        BL23_UNROLL
        for (int r = 0; r < BL23_QUANTITIES; r++)
            in->quantity[r][k] = q[r];
    }
    for (size_t k = 0; k < s->padded; k++) {
        double q[BL23_QUANTITIES];
        BL23_UNROLL
        for (int r = 0; r < BL23_QUANTITIES; r++)
            q[r] = in->quantity[r][k];
        struct bl23_verdict const verdict = bl23_judge(knot, level, solve, q, in->g[k]);
        struct bl23_couplings const c = bl23_record_couplings(verdict, solve, in->g[k]);
        in->g2[k] = c.g2;
        v[BL23_COLUMN_g_bl][k] = c.g_bl;
        v[BL23_COLUMN_g_min][k] = c.g_min;
        v[BL23_COLUMN_g_max][k] = c.g_max;
        v[BL23_COLUMN_tension][k] = verdict.tension;
        s->one_sigma[k] = verdict.level == 1 ? 1.0 : 0.0;
    }
}

BL23_INLINE void bl23_rate_columns(struct bl23_knot const *knot, struct bl23_gathered const *in,
                                   struct bl23_survivors *s)
{
    int const quantity[BL23_MODES] = BL23_MODE_QUANTITIES;
    double(*const v)[BL23_SURVIVORS_BATCH] = s->value;
    for (int mode = 0; mode < BL23_MODES; mode++) {
        double const kappa = knot->kappa[mode];
        double const *const q = in->quantity[quantity[mode]];
        for (size_t k = 0; k < s->padded; k++)
            v[BL23_COLUMN_br_kl_pi0 + mode][k] = bl23_record_rate(kappa, in->g2[k], q[k]);
    }
    for (size_t k = 0; k < s->padded; k++) {
        v[BL23_COLUMN_delta_a_mu][k] = knot->delta_a_mu_per_g2 * in->g2[k];
        v[BL23_COLUMN_mass_gev][k] = knot->mass_gev;
    }
}

/* Survivors leave the batch together. */
BL23_INLINE enum bl23_status
bl23_batch_survivors(struct bl23_cpu_context const *context, struct bl23_batch const *b,
                     struct bl23_knot_counts *counts, struct bl23_gathered *gathered,
                     struct bl23_survivors *s, uint64_t hash_bound, struct bl23_results *results)
{
    struct bl23_model const *const model = context->model;
    uint16_t place[BL23_BATCH + BL23_REDUCE_LANES] = {0};
    s->count = 0;
    for (size_t k = 0; k < b->count; k++) { /* no branch: a store that the next one overwrites */
        place[s->count] = (uint16_t)k;
        s->count += b->survives[k] != 0.0;
    }
    if (s->count == 0)
        return BL23_OK;
    counts->passed += s->count;
    s->padded = (s->count + BL23_REDUCE_LANES - 1) / BL23_REDUCE_LANES * BL23_REDUCE_LANES;
    for (size_t k = s->count; k < s->padded; k++)
        place[k] = place[s->count - 1];
    for (size_t k = 0; k < s->padded; k++)
        s->index[k] = b->index[place[k]];
    bl23_gather(b, place, s->padded, gathered);
    bl23_row_columns(model, gathered, s);
    if (model->g_mode == BL23_G_SOLVE)
        bl23_verdict_columns(b->knot, (int)model->level, 1, gathered, s);
    else
        bl23_verdict_columns(b->knot, (int)model->level, 0, gathered, s);
    bl23_rate_columns(b->knot, gathered, s);
    return bl23_reduce_survivors(s, context->reduction, model->seed, hash_bound, results);
}

/* The verdict on a batch of indices. */
BL23_INLINE void bl23_batch_verdict(struct bl23_model const *model, struct bl23_batch *b)
{
    int const level = (int)model->level;
    if (model->w_mode == BL23_W_HAAR)
        bl23_batch_draw(model, b);
    bl23_batch_g(model, b);
    bl23_batch_quantities(b);
    if (model->g_mode == BL23_G_SOLVE)
        bl23_batch_judge(b, level, 1);
    else
        bl23_batch_judge(b, level, 0);
}

/* State of the walk over a range. */
struct bl23_walk {
    struct bl23_cpu_context const *context;
    struct bl23_results *results;
    struct bl23_bounds bounds;
    struct bl23_batch batch;
    struct bl23_candidates candidates;
    struct bl23_gathered gathered;
    struct bl23_survivors survivors;
};

/* Near misses and survivors leave the batch. */
BL23_INLINE enum bl23_status bl23_batch_collect(struct bl23_walk *w,
                                                struct bl23_knot_counts *counts)
{
    struct bl23_batch const *const b = &w->batch;
    double bound = bl23_min(w->bounds.tension, bl23_results_nearest_bound(w->results));
    for (size_t k = 0; k < b->count; k++)
        if (b->tension[k] <= bound) {
            bl23_results_nearest(w->results, b->tension[k], b->index[k]);
            bound = bl23_min(bound, bl23_results_nearest_bound(w->results));
        }
    return bl23_batch_survivors(w->context, b, counts, &w->gathered, &w->survivors, w->bounds.hash,
                                w->results);
}

/* All samples of a tile through the verdict, with the cut-flow if the tile counts for it. */
BL23_INLINE enum bl23_status bl23_tile_full(struct bl23_walk *w, struct bl23_tile const *tile,
                                            int cutflow, struct bl23_knot_counts *counts)
{
    struct bl23_model const *const model = w->context->model;
    struct bl23_batch *const b = &w->batch;
    for (unsigned at = 0; at < tile->count; at += BL23_BATCH) {
        b->count = tile->count - at < BL23_BATCH ? tile->count - at : BL23_BATCH;
        for (size_t k = 0; k < BL23_BATCH; k++)
            b->index[k] = tile->first + at + k;
        bl23_batch_verdict(model, b);
        if (cutflow && model->g_mode == BL23_G_SOLVE)
            bl23_batch_cutflow_solve(model, b, (int)model->level, counts);
        else if (cutflow)
            bl23_batch_cutflow_given(model, b, (int)model->level, counts);
        enum bl23_status const status = bl23_batch_collect(w, counts);
        if (status != BL23_OK)
            return status;
    }
    return BL23_OK;
}

/* Only the candidates of the screen. */
BL23_INLINE enum bl23_status bl23_tile_screened(struct bl23_walk *w,
                                                struct bl23_screen const *screen,
                                                struct bl23_tile const *tile,
                                                struct bl23_knot_counts *counts)
{
    struct bl23_batch *const b = &w->batch;
    bl23_screen_tile(screen, tile, &w->candidates);
    for (unsigned at = 0; at < w->candidates.count; at += BL23_BATCH) {
        unsigned const left = w->candidates.count - at;
        b->count = left < BL23_BATCH ? left : BL23_BATCH;
        for (size_t k = 0; k < b->count; k++)
            b->index[k] = tile->first + w->candidates.offset[at + k];
        bl23_batch_verdict(w->context->model, b);
        enum bl23_status const status = bl23_batch_collect(w, counts);
        if (status != BL23_OK)
            return status;
    }
    return BL23_OK;
}

BL23_INLINE enum bl23_status bl23_tile_run(struct bl23_walk *w, struct bl23_tile const *tile)
{
    struct bl23_cpu_context const *const context = w->context;
    struct bl23_model const *const model = context->model;
    uint64_t const number = tile->first >> BL23_TILE_BITS, knot = number % model->n_knots;
    struct bl23_knot_counts *const counts = &w->results->knot[knot];
    int const cutflow = number / model->n_knots % context->reduction->cutflow_every == 0;
    double const bound = bl23_min(w->bounds.tension, bl23_results_nearest_bound(w->results));
    struct bl23_screen screen;
    w->batch.knot = &model->knot[knot];
    counts->drawn += tile->count;
    w->results->tallies.drawn += tile->count;
    if (cutflow)
        counts->cutflow_drawn += tile->count;
    else if (context->screen && bl23_screen_build(model, w->batch.knot, &context->screen[knot],
                                                  context->pilot, bound, &screen))
        return bl23_tile_screened(w, &screen, tile, counts);
    return bl23_tile_full(w, tile, cutflow, counts);
}

/* The range, cut at tiles: a tile has one knot. */
BL23_INLINE enum bl23_status bl23_range_run(struct bl23_cpu_context const *context, uint64_t first,
                                            uint64_t count, struct bl23_bounds bounds,
                                            struct bl23_results *results)
{
    struct bl23_walk w = {.context = context, .results = results, .bounds = bounds};
    if (context->model->w_mode == BL23_W_FIXED)
        bl23_batch_fixed_w(context->model, &w.batch);
    while (count > 0) {
        uint64_t const left_in_tile = BL23_TILE - (first & (BL23_TILE - 1));
        struct bl23_tile const tile = {.seed = context->model->seed,
                                       .first = first,
                                       .count =
                                           (unsigned)(left_in_tile < count ? left_in_tile : count)};
        enum bl23_status const status = bl23_tile_run(&w, &tile);
        if (status != BL23_OK)
            return status;
        first += tile.count;
        count -= tile.count;
    }
    return BL23_OK;
}

#endif
