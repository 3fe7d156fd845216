/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* The survey of a range on one core, in structure-of-arrays batches that compilers vectorise.
 * cpu_range_<isa>.c compile it once per instruction set; cpu_backend.c calls those.
 * It must not know of threads. */
#ifndef BL23_KERNELS_CPU_RANGE_H
#define BL23_KERNELS_CPU_RANGE_H

#include "kernels/results.h"

typedef enum bl23_status bl23_cpu_range(struct bl23_model const *model,
                                        struct bl23_reduction const *reduction, uint64_t first,
                                        uint64_t count, struct bl23_results *results);
bl23_cpu_range bl23_cpu_range_generic, bl23_cpu_range_avx2, bl23_cpu_range_avx512;

enum { BL23_BATCH = 256 };

/* One batch of samples of one knot, [row][sample]. */
struct bl23_batch {
    struct bl23_knot const *knot;
    uint64_t first;
    size_t count; /* <= BL23_BATCH; the arrays are computed to their end all the same */
    uint32_t word[4][BL23_BATCH];
    double monomial[BL23_MONOMIALS][BL23_BATCH];
    double quantity[BL23_QUANTITIES][BL23_BATCH]; /* divided by g^2 */
    double g[BL23_BATCH];
    double tension[BL23_BATCH];
    double survives[BL23_BATCH]; /* 1 or 0 */
};

BL23_INLINE void bl23_batch_draw(struct bl23_model const *model, struct bl23_batch *b)
{
    uint64_t const seed = model->seed, first = b->first;
    for (size_t k = 0; k < BL23_BATCH; k++) {
        struct bl23_words const words = bl23_sample_words(seed, first + k, 0);
        for (int w = 0; w < 4; w++)
            b->word[w][k] = words.x[w];
    }
    for (size_t k = 0; k < BL23_BATCH; k++) {
        struct bl23_words const words = {
            {b->word[0][k], b->word[1][k], b->word[2][k], b->word[3][k]}};
        double m[BL23_MONOMIALS];
        bl23_draw_monomials(words, m);
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
    uint64_t const seed = model->seed, first = b->first;
    for (size_t k = 0; k < BL23_BATCH; k++)
        b->word[0][k] = bl23_sample_words(seed, first + k, 1).x[1];
    for (size_t k = 0; k < BL23_BATCH; k++)
        b->g[k] = bl23_draw_log_uniform_g(b->word[0][k], model->g_min, model->g_log2_ratio);
}

BL23_INLINE void bl23_batch_quantities(struct bl23_batch *b)
{
    for (size_t k = 0; k < BL23_BATCH; k++) {
        double m[BL23_MONOMIALS], h[BL23_FORMS], s[BL23_QUANTITIES];
        for (int r = 0; r < BL23_MONOMIALS; r++)
            m[r] = b->monomial[r][k];
        bl23_amplitudes(b->knot, m, h);
        bl23_quantities(h, s);
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
        double const *const s = b->quantity[model->constraint_quantity[c]];
        double alone = 0.0, sequential = 0.0;
        for (size_t k = 0; k < b->count; k++) {
            double const x = b->g[k] * b->g[k] * s[k];
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
        double const *const s = b->quantity[model->constraint_quantity[c]];
        double alone = 0.0, sequential = 0.0;
        for (size_t k = 0; k < b->count; k++) {
            struct bl23_interval const one = bl23_allowed_g2(limit, s[k]);
            lo[k] = bl23_max(one.lo, lo[k]);
            hi[k] = bl23_min(one.hi, hi[k]);
            alone += one.lo <= one.hi ? 1.0 : 0.0;
            sequential += lo[k] <= hi[k] ? 1.0 : 0.0;
        }
        counts->passed_alone[c] += (uint64_t)alone;
        counts->passed_sequentially[c] += (uint64_t)sequential;
    }
}

/* Survivors and near misses leave the batch one by one. */
BL23_INLINE enum bl23_status bl23_batch_collect(struct bl23_model const *model,
                                                struct bl23_reduction const *reduction,
                                                struct bl23_batch const *b,
                                                struct bl23_knot_counts *counts,
                                                struct bl23_results *results)
{
    enum bl23_status status = BL23_OK;
    for (size_t k = 0; k < b->count; k++) {
        if (b->tension[k] <= bl23_results_nearest_bound(results))
            bl23_results_nearest(results, b->tension[k], b->first + k);
        if (b->survives[k] == 0.0)
            continue;
        struct bl23_record record;
        bl23_record_of(model, b->first + k, &record);
        counts->passed++;
        status = bl23_results_survivor(results, reduction, &record, model->seed);
        if (status != BL23_OK)
            return status;
    }
    return status;
}

/* One batch, from words to results. */
BL23_INLINE enum bl23_status bl23_batch_run(struct bl23_model const *model,
                                            struct bl23_reduction const *reduction,
                                            struct bl23_batch *b, struct bl23_results *results)
{
    int const level = (int)model->level, solve = model->g_mode == BL23_G_SOLVE;
    uint64_t const tile = b->first >> BL23_TILE_BITS;
    struct bl23_knot_counts *const counts = &results->knot[tile % model->n_knots];
    if (model->w_mode == BL23_W_HAAR)
        bl23_batch_draw(model, b);
    bl23_batch_g(model, b);
    bl23_batch_quantities(b);
    if (solve)
        bl23_batch_judge(b, level, 1);
    else
        bl23_batch_judge(b, level, 0);
    counts->drawn += b->count;
    results->tallies.drawn += b->count;
    if (tile / model->n_knots % reduction->cutflow_every == 0) {
        counts->cutflow_drawn += b->count;
        if (solve)
            bl23_batch_cutflow_solve(model, b, level, counts);
        else
            bl23_batch_cutflow_given(model, b, level, counts);
    }
    return bl23_batch_collect(model, reduction, b, counts, results);
}

/* The range, cut at tiles (a tile has one knot) and into batches. */
BL23_INLINE enum bl23_status bl23_range_run(struct bl23_model const *model,
                                            struct bl23_reduction const *reduction, uint64_t first,
                                            uint64_t count, struct bl23_results *results)
{
    struct bl23_batch b = {0};
    if (model->w_mode == BL23_W_FIXED)
        bl23_batch_fixed_w(model, &b);
    while (count > 0) {
        uint64_t const left_in_tile = BL23_TILE - (first & (BL23_TILE - 1));
        uint64_t const size = left_in_tile < BL23_BATCH ? left_in_tile : BL23_BATCH;
        b.knot = &model->knot[bl23_knot_of(first, model->n_knots)];
        b.first = first;
        b.count = (size_t)(size < count ? size : count);
        enum bl23_status const status = bl23_batch_run(model, reduction, &b, results);
        if (status != BL23_OK)
            return status;
        first += b.count;
        count -= b.count;
    }
    return BL23_OK;
}

#endif
