/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* The verdict on a batch of samples of one knot: draw, amplitudes, limits, cut-flow, in
 * structure-of-arrays loops over the functions of draw.h and verdict.h that compilers vectorise.
 * cpu_range.c calls it.
 * It must not know how the samples were chosen, nor what becomes of survivors. */
#ifndef BL23_KERNELS_CPU_BATCH_H
#define BL23_KERNELS_CPU_BATCH_H

#include "kernels/results/results.h"
#include "kernels/sample/draw.h"
#include "kernels/sample/verdict.h"
#include "kernels/screen/screen_lanes.h"

/* So few that all rows stay in the second cache; padded to whole vectors of any instruction set. */
enum { BL23_BATCH = 256, BL23_BATCH_STEP = 16, BL23_BATCH_ROOM = BL23_BATCH + BL23_BATCH_STEP };

/* One batch, [row][sample]. What lies between count and padded repeats the last sample. */
struct bl23_batch {
    struct bl23_knot const *knot;
    uint64_t first; /* sample of the tile */
    size_t count, padded;
    _Alignas(64) uint32_t offset[BL23_BATCH_ROOM]; /* from the tile's first sample */
    uint32_t word[4][BL23_BATCH_ROOM], more[4][BL23_BATCH_ROOM];
    double monomial[BL23_MONOMIALS][BL23_BATCH_ROOM];
    double amplitude[BL23_FORMS][BL23_BATCH_ROOM];
    double quantity[BL23_QUANTITIES][BL23_BATCH_ROOM];     /* divided by g^2 */
    double g[BL23_BATCH_ROOM];                             /* unless it is solved for */
    double g2_lo[BL23_BATCH_ROOM], g2_hi[BL23_BATCH_ROOM]; /* solve */
    double tension[BL23_BATCH_ROOM];
    double survives[BL23_BATCH_ROOM]; /* 1 or 0 */
};

/* Add `count` samples of a block by their places. */
BL23_STAGE void bl23_batch_gather(struct bl23_block const *block, uint32_t const *place,
                                  size_t count, struct bl23_batch *b)
{
    for (size_t k = 0; k < count; k++) {
        size_t const to = b->count + k;
        uint32_t const p = place[k];
        b->offset[to] = bl23_block_offset(block, p);
        b->word[0][to] = block->x[0][p];
        b->word[1][to] = block->x[1][p];
        b->word[2][to] = block->x[2][p];
        b->word[3][to] = block->x[3][p];
    }
    b->count += count;
}

/* Add `count` samples of a block that has not been reduced, from a place on. */
BL23_STAGE void bl23_batch_copy(struct bl23_block const *block, size_t place, size_t count,
                                struct bl23_batch *b)
{
    for (size_t k = 0; k < count; k++)
        b->offset[b->count + k] = bl23_block_offset(block, (uint32_t)(place + k));
    for (int x = 0; x < 4; x++)
        memcpy(b->word[x] + b->count, block->x[x] + place, count * sizeof b->word[x][0]);
    b->count += count;
}

BL23_INLINE uint64_t bl23_batch_index(struct bl23_batch const *b, size_t k)
{
    return b->first + b->offset[k];
}

BL23_INLINE size_t bl23_whole_steps(size_t count)
{
    return (count + BL23_BATCH_STEP - 1) / BL23_BATCH_STEP * BL23_BATCH_STEP;
}

/* Repeat the last word of a row, over all room that `padded` may need. */
BL23_INLINE void bl23_words_pad(uint32_t *row, size_t count)
{
    uint32_t const last = row[count - 1];
    for (size_t k = 0; k < BL23_BATCH_STEP; k++)
        row[count + k] = last;
}

/* What has been gathered, in whole vectors. */
BL23_STAGE void bl23_batch_close(struct bl23_batch *b)
{
    b->padded = bl23_whole_steps(b->count);
    bl23_words_pad(b->offset, b->count);
    for (int x = 0; x < 4; x++)
        bl23_words_pad(b->word[x], b->count);
}

BL23_STAGE void bl23_batch_draw(struct bl23_batch *b)
{
    for (size_t k = 0; k < b->padded; k++) {
        struct bl23_words const words = {
            {b->word[0][k], b->word[1][k], b->word[2][k], b->word[3][k]}};
        double m[BL23_MONOMIALS];
        bl23_draw_monomials(words, m);
        BL23_UNROLL
        for (int r = 0; r < BL23_MONOMIALS; r++)
            b->monomial[r][k] = m[r];
    }
}

/* The rows that do not change: quantities that are 1, and w where the user gives it. */
BL23_INLINE void bl23_batch_open(struct bl23_model const *model, struct bl23_batch *b)
{
    b->count = 0;
    for (size_t k = 0; k < BL23_BATCH_ROOM; k++)
        b->quantity[BL23_QUANTITY_G2][k] = b->quantity[BL23_QUANTITY_G][k] = 1.0;
    for (int r = 0; model->w_mode == BL23_W_FIXED && r < BL23_MONOMIALS; r++)
        for (size_t k = 0; k < BL23_BATCH_ROOM; k++)
            b->monomial[r][k] = model->w.monomial[r];
}

/* g of the modes that have one. */
BL23_STAGE void bl23_batch_g(struct bl23_model const *model, struct bl23_tile const *tile,
                             struct bl23_batch *b)
{
    if (model->g_mode == BL23_G_FIXED)
        for (size_t k = 0; k < b->padded; k++)
            b->g[k] = model->g_min;
    if (model->g_mode != BL23_G_LOG_UNIFORM)
        return;
    uint32_t *const more[4] = {b->more[0], b->more[1], b->more[2], b->more[3]};
    bl23_words_of(tile, 1, b->offset, (unsigned)b->padded, more);
    for (size_t k = 0; k < b->padded; k++)
        b->g[k] = bl23_draw_log_uniform_g(b->more[1][k], model->g_min, model->g_log2_ratio);
}

BL23_STAGE void bl23_rows_amplitude(int r, struct bl23_batch *b)
{
    double form[BL23_MONOMIALS];
    memcpy(form, b->knot->form[r], sizeof form);
    for (size_t k = 0; k < b->padded; k++) {
        double m[BL23_MONOMIALS];
        BL23_UNROLL
        for (int i = 0; i < BL23_MONOMIALS; i++)
            m[i] = b->monomial[i][k];
        b->amplitude[r][k] = bl23_amplitude(form, m);
    }
}

BL23_INLINE void bl23_rows_abs2(enum bl23_channel channel, enum bl23_quantity q,
                                struct bl23_batch *b)
{
    double const *const re = b->amplitude[2 * channel], *const im = b->amplitude[2 * channel + 1];
    for (size_t k = 0; k < b->padded; k++)
        b->quantity[q][k] = bl23_abs2(re[k], im[k]);
}

BL23_INLINE void bl23_batch_amplitudes(unsigned forms, struct bl23_batch *b)
{
    for (int r = 0; r < BL23_FORMS; r++)
        if (forms >> r & 1u)
            bl23_rows_amplitude(r, b);
}

/* A set of quantities, out of their amplitudes. */
BL23_STAGE void bl23_batch_quantities(unsigned quantities, struct bl23_batch *b)
{
    if (quantities >> BL23_QUANTITY_IM_DS2 & 1u)
        for (size_t k = 0; k < b->padded; k++)
            b->quantity[BL23_QUANTITY_IM_DS2][k] = b->amplitude[1][k] * b->amplitude[1][k];
    if (quantities >> BL23_QUANTITY_ABS_DS2 & 1u)
        bl23_rows_abs2(BL23_DS, BL23_QUANTITY_ABS_DS2, b);
    if (quantities >> BL23_QUANTITY_ABS_DB2 & 1u)
        bl23_rows_abs2(BL23_DB, BL23_QUANTITY_ABS_DB2, b);
    if (quantities >> BL23_QUANTITY_ABS_SB2 & 1u)
        bl23_rows_abs2(BL23_SB, BL23_QUANTITY_ABS_SB2, b);
}

/* One limit, on a quantity that goes as g^2, on g^2. */
BL23_INLINE void bl23_limit_g2(struct bl23_interval limit, double const *s, size_t count,
                               double *lo, double *hi)
{
    struct bl23_interval const lower = {limit.lo, BL23_INFINITY}, upper = {0.0, limit.hi};
    if (limit.lo > 0.0)
        for (size_t k = 0; k < count; k++)
            lo[k] = bl23_max(bl23_allowed_g2(lower, BL23_QUANTITY_G2, s[k]).lo, lo[k]);
    if (limit.hi < BL23_INFINITY)
        for (size_t k = 0; k < count; k++)
            hi[k] = bl23_min(bl23_allowed_g2(upper, BL23_QUANTITY_G2, s[k]).hi, hi[k]);
}

/* bl23_solve_g2 quantity by quantity: those without a limit cost nothing; limits on g itself and
 * the end of its domain are the same for all. */
BL23_STAGE void bl23_rows_solve_g2(struct bl23_interval const allowed[BL23_QUANTITIES],
                                   double const *const s[BL23_QUANTITIES], size_t count, double *lo,
                                   double *hi)
{
    struct bl23_interval const g2 =
        bl23_allowed_g2(allowed[BL23_QUANTITY_G2], BL23_QUANTITY_G2, 1.0);
    struct bl23_interval const g = bl23_allowed_g2(allowed[BL23_QUANTITY_G], BL23_QUANTITY_G, 1.0);
    struct bl23_interval const all = {bl23_max(g.lo, g2.lo),
                                      bl23_min(bl23_domain_g2().hi, bl23_min(g.hi, g2.hi))};
    for (size_t k = 0; k < count; k++) {
        lo[k] = all.lo;
        hi[k] = all.hi;
    }
    for (int q = BL23_QUANTITY_IM_DS2; q <= BL23_QUANTITY_ABS_SB2; q++)
        bl23_limit_g2(allowed[q], s[q], count, lo, hi);
}

/* Whether one limit on quantity q holds with g given; q is a constant at every call. */
BL23_INLINE void bl23_limit_holds(struct bl23_interval limit, int q, double const *s,
                                  double const *g, size_t count, double *holds)
{
    for (size_t k = 0; k < count; k++)
        holds[k] = bl23_within(limit, bl23_quantity_value(q, s[k], g[k])) ? holds[k] : 0.0;
}

/* `survives` of bl23_judge_given, quantity by quantity. */
BL23_STAGE void bl23_rows_hold(struct bl23_interval const allowed[BL23_QUANTITIES],
                               double const *const s[BL23_QUANTITIES], double const *g,
                               size_t count, double *holds)
{
    for (size_t k = 0; k < count; k++)
        holds[k] = 1.0;
    for (int q = 0; q < BL23_QUANTITIES; q++)
        if (q == BL23_QUANTITY_G && bl23_is_limit(allowed[q]))
            bl23_limit_holds(allowed[q], BL23_QUANTITY_G, s[q], g, count, holds);
        else if (bl23_is_limit(allowed[q]))
            bl23_limit_holds(allowed[q], BL23_QUANTITY_G2, s[q], g, count, holds);
}

/* The tension of one limit; q is a constant at every call. Of max(x/hi, lo/x) only the edge that
 * there is is divided for. */
BL23_INLINE void bl23_limit_tensions(struct bl23_interval limit, int q, double const *s,
                                     double const *g, size_t count, double *tension)
{
    struct bl23_interval const upper = {0.0, limit.hi};
    if (limit.lo > 0.0)
        for (size_t k = 0; k < count; k++)
            tension[k] =
                bl23_max(bl23_limit_tension(limit, bl23_quantity_value(q, s[k], g[k])), tension[k]);
    else
        for (size_t k = 0; k < count; k++)
            tension[k] =
                bl23_max(bl23_limit_tension(upper, bl23_quantity_value(q, s[k], g[k])), tension[k]);
}

/* `tension` of bl23_judge_given, quantity by quantity. */
BL23_STAGE void bl23_rows_tension(struct bl23_interval const allowed[BL23_QUANTITIES],
                                  double const *const s[BL23_QUANTITIES], double const *g,
                                  size_t count, double *tension)
{
    for (size_t k = 0; k < count; k++)
        tension[k] = 0.0;
    for (int q = 0; q < BL23_QUANTITIES; q++)
        if (q == BL23_QUANTITY_G && bl23_is_limit(allowed[q]))
            bl23_limit_tensions(allowed[q], BL23_QUANTITY_G, s[q], g, count, tension);
        else if (bl23_is_limit(allowed[q]))
            bl23_limit_tensions(allowed[q], BL23_QUANTITY_G2, s[q], g, count, tension);
}

BL23_STAGE void bl23_batch_judge(struct bl23_model const *model, struct bl23_batch *b)
{
    struct bl23_interval const *const allowed = b->knot->allowed[model->level];
    double const *const s[BL23_QUANTITIES] = {b->quantity[0], b->quantity[1], b->quantity[2],
                                              b->quantity[3], b->quantity[4], b->quantity[5]};
    if (model->g_mode != BL23_G_SOLVE) {
        bl23_rows_hold(allowed, s, b->g, b->padded, b->survives);
        bl23_rows_tension(allowed, s, b->g, b->padded, b->tension);
        return;
    }
    bl23_rows_solve_g2(allowed, s, b->padded, b->g2_lo, b->g2_hi);
    for (size_t k = 0; k < b->padded; k++) {
        struct bl23_interval const g2 = {b->g2_lo[k], b->g2_hi[k]};
        b->tension[k] = bl23_solve_tension(g2);
        b->survives[k] = bl23_has_g2(g2) ? 1.0 : 0.0;
    }
}

/* The quantities that the verdict reads at a knot, and the cut-flow if it is counted. */
BL23_INLINE unsigned bl23_limited_quantities(struct bl23_model const *model,
                                             struct bl23_knot const *knot, int cutflow)
{
    unsigned quantities = 0;
    for (int q = 0; q < BL23_QUANTITIES; q++)
        quantities |= (unsigned)bl23_is_limit(knot->allowed[model->level][q]) << q;
    for (uint64_t c = 0; cutflow && c < model->n_constraints; c++)
        quantities |= 1u << model->constraint_quantity[c];
    return quantities;
}

/* The verdict on a batch that has been gathered, out of the quantities it needs. */
BL23_INLINE void bl23_batch_verdict(struct bl23_model const *model, struct bl23_tile const *tile,
                                    unsigned quantities, struct bl23_batch *b)
{
    if (model->w_mode == BL23_W_HAAR)
        bl23_batch_draw(b);
    bl23_batch_g(model, tile, b);
    bl23_batch_amplitudes(bl23_forms_of(quantities), b);
    bl23_batch_quantities(quantities, b);
    bl23_batch_judge(model, b);
}

/* The cut-flow with g given: each constraint alone, and all up to it. */
BL23_STAGE void bl23_batch_cutflow_given(struct bl23_model const *model, struct bl23_batch const *b,
                                         struct bl23_knot_counts *counts)
{
    int64_t so_far[BL23_BATCH];
    for (size_t k = 0; k < b->padded; k++)
        so_far[k] = k < b->count;
    for (uint64_t c = 0; c < model->n_constraints; c++) {
        struct bl23_interval const limit = b->knot->limit[model->level][c];
        int const q = (int)model->constraint_quantity[c];
        double const *const s = b->quantity[q];
        int64_t alone = 0, sequential = 0;
        for (size_t k = 0; k < b->count; k++) {
            double const x = bl23_quantity_value(q, s[k], b->g[k]);
            int64_t const pass = bl23_within(limit, x);
            so_far[k] &= pass;
            alone += pass;
            sequential += so_far[k];
        }
        counts->passed_alone[c] += (uint64_t)alone;
        counts->passed_sequentially[c] += (uint64_t)sequential;
    }
}

/* Samples of a batch that have a g^2 left. */
BL23_INLINE uint64_t bl23_count_g2(double const *lo, double const *hi, size_t count)
{
    int64_t n = 0;
    for (size_t k = 0; k < count; k++) {
        struct bl23_interval const g2 = {lo[k], hi[k]};
        n += bl23_has_g2(g2);
    }
    return (uint64_t)n;
}

/* The cut-flow with g free: is there any g of the domain for a constraint alone, and for all up to
 * it? */
BL23_STAGE void bl23_batch_cutflow_solve(struct bl23_model const *model, struct bl23_batch const *b,
                                         struct bl23_knot_counts *counts)
{
    double lo[BL23_BATCH], hi[BL23_BATCH], one_lo[BL23_BATCH], one_hi[BL23_BATCH];
    struct bl23_interval const domain = bl23_domain_g2();
    for (size_t k = 0; k < b->padded; k++) {
        lo[k] = domain.lo;
        hi[k] = domain.hi;
    }
    for (uint64_t c = 0; c < model->n_constraints; c++) {
        struct bl23_interval const limit = b->knot->limit[model->level][c];
        int const q = (int)model->constraint_quantity[c];
        int const same = q == BL23_QUANTITY_G || q == BL23_QUANTITY_G2; /* for all samples */
        struct bl23_interval const start = same ? bl23_allowed_g2(limit, q, 1.0) : domain;
        for (size_t k = 0; k < b->padded; k++) {
            one_lo[k] = start.lo;
            one_hi[k] = bl23_min(start.hi, domain.hi);
        }
        if (!same)
            bl23_limit_g2(limit, b->quantity[q], b->padded, one_lo, one_hi);
        for (size_t k = 0; k < b->padded; k++) {
            lo[k] = bl23_max(one_lo[k], lo[k]);
            hi[k] = bl23_min(one_hi[k], hi[k]);
        }
        counts->passed_alone[c] += bl23_count_g2(one_lo, one_hi, b->count);
        counts->passed_sequentially[c] += bl23_count_g2(lo, hi, b->count);
    }
}

BL23_INLINE void bl23_batch_cutflow(struct bl23_model const *model, struct bl23_batch const *b,
                                    struct bl23_knot_counts *counts)
{
    if (model->g_mode == BL23_G_SOLVE)
        bl23_batch_cutflow_solve(model, b, counts);
    else
        bl23_batch_cutflow_given(model, b, counts);
}

#endif
