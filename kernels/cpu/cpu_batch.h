/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* The verdict on a batch of samples of one knot: draw, amplitudes, limits, cut-flow, in
 * structure-of-arrays loops over the functions of draw.h and verdict.h that compilers vectorise.
 * cpu_range.c calls it. */
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
    double quantity[BL23_QUANTITIES][BL23_BATCH_ROOM];      /* divided by g^2 */
    double g[BL23_BATCH_ROOM];                              /* unless it is solved for */
    double g2_lo[BL23_BATCH_ROOM], g2_hi[BL23_BATCH_ROOM];  /* solve */
    double tension[BL23_BATCH_ROOM];                        /* solve: its square */
    double survives[BL23_BATCH_ROOM];                       /* 1 or 0 */
    double chi2[BL23_BATCH_ROOM], chi2_g2[BL23_BATCH_ROOM]; /* if samples have them */
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

/* The monomials of the rows that the user gives. */
BL23_STAGE void bl23_batch_rows(struct bl23_model const *model, struct bl23_batch *b)
{
    for (size_t k = 0; k < b->padded; k++) {
        struct bl23_row row;
        bl23_row_of_complex(bl23_given_w(model, bl23_batch_index(b, k)), &row);
        for (int r = 0; r < BL23_MONOMIALS; r++)
            b->monomial[r][k] = row.monomial[r];
    }
}

/* What does not change: quantities that are 1, and w where it is fixed. */
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
    if (model->g_mode == BL23_G_ROWS)
        for (size_t k = 0; k < b->padded; k++)
            b->g[k] = bl23_given_g(model, bl23_batch_index(b, k));
    if (model->g_mode != BL23_G_LOG_UNIFORM)
        return;
    uint32_t *const more[4] = {b->more[0], b->more[1], b->more[2], b->more[3]};
    bl23_words_of(tile, 1, b->offset, (unsigned)b->padded, more);
    bl23_g_words_in_cells(tile->cells, (unsigned)b->padded, more);
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

BL23_INLINE void bl23_batch_amplitudes(unsigned forms, struct bl23_batch *b)
{
    for (int r = 0; r < BL23_FORMS; r++)
        if (forms >> r & 1u)
            bl23_rows_amplitude(r, b);
}

/* One quantity out of its amplitudes. */
#define BL23_ROWS_QUANTITY(name, shape, first, count, weight_name, group)                          \
    BL23_STAGE void bl23_rows_quantity_##name(struct bl23_batch *b)                                \
    {                                                                                              \
        double weight[BL23_QUANTITY_FORMS_MAX / 2];                                                \
        memcpy(weight, b->knot->weight + BL23_WEIGHT_##weight_name,                                \
               (count) / 2 * sizeof weight[0]);                                                    \
        for (size_t k = 0; k < b->padded; k++) {                                                   \
            double h[BL23_QUANTITY_FORMS_MAX];                                                     \
            BL23_UNROLL                                                                            \
            for (int r = 0; r < (count); r++)                                                      \
                h[r] = b->amplitude[(first) + r][k];                                               \
            b->quantity[BL23_QUANTITY_##name][k] = bl23_shape_##shape(h, count, weight);           \
        }                                                                                          \
    }
BL23_QUANTITY_LIST(BL23_ROWS_QUANTITY)
#undef BL23_ROWS_QUANTITY

/* A set of quantities; those without amplitudes are 1 from the start. */
BL23_STAGE void bl23_batch_quantities(unsigned quantities, struct bl23_batch *b)
{
#define BL23_ROW(name, shape, first, count, weight, group)                                         \
    if ((count) > 0 && (quantities >> BL23_QUANTITY_##name & 1u))                                  \
        bl23_rows_quantity_##name(b);
    BL23_QUANTITY_LIST(BL23_ROW)
#undef BL23_ROW
}

/* ---- limits, each on all samples at once ---- */

/* A quantity whose limit is on g^2 s; which one makes no difference to the arithmetic. */
enum { BL23_ANY_OF_FORMS = BL23_QUANTITY_OF_FORMS };

/* One limit on g^2; for an edge that is not there nothing is computed. */
BL23_INLINE void bl23_rows_narrow(struct bl23_interval limit, double const *s, size_t count,
                                  double *lo, double *hi)
{
    if (limit.lo > 0.0)
        for (size_t k = 0; k < count; k++)
            lo[k] = bl23_raised_lo(limit, BL23_ANY_OF_FORMS, s[k], lo[k]);
    if (limit.hi < BL23_INFINITY)
        for (size_t k = 0; k < count; k++)
            hi[k] = bl23_lowered_hi(limit, BL23_ANY_OF_FORMS, s[k], hi[k]);
}

/* bl23_solve_g2 of a batch. The limits on g^2 and g are the same for all samples. */
BL23_STAGE void bl23_rows_solve_g2(struct bl23_interval const allowed[BL23_QUANTITIES],
                                   struct bl23_batch const *b, double *lo, double *hi)
{
    int const same[2] = {BL23_QUANTITY_G2, BL23_QUANTITY_G};
    struct bl23_interval all = bl23_domain_g2();
    for (int i = 0; i < 2; i++)
        all = bl23_narrowed_g2(all, allowed[same[i]], same[i], 1.0);
    for (size_t k = 0; k < b->padded; k++) {
        lo[k] = all.lo;
        hi[k] = all.hi;
    }
    for (int q = BL23_QUANTITY_OF_FORMS; q < BL23_QUANTITY_G; q++)
        bl23_rows_narrow(allowed[q], b->quantity[q], b->padded, lo, hi);
}

/* One limit with g given; q is a constant at every call. tension = NULL: only whether it holds. */
BL23_INLINE void bl23_rows_step(struct bl23_interval limit, int q, struct bl23_batch const *b,
                                double const *s, double *tension, double *holds)
{
    for (size_t k = 0; k < b->padded; k++) {
        struct bl23_given v = {tension ? tension[k] : 0.0, holds[k] != 0.0};
        v = bl23_given_step(v, limit, q, s[k], b->g[k]);
        holds[k] = v.holds ? 1.0 : 0.0;
        if (tension)
            tension[k] = v.tension;
    }
}

/* The limits of bl23_judge_given on a batch. */
BL23_INLINE void bl23_rows_given(struct bl23_interval const allowed[BL23_QUANTITIES],
                                 struct bl23_batch const *b, double *tension, double *holds)
{
    for (size_t k = 0; k < b->padded; k++)
        holds[k] = 1.0;
    for (size_t k = 0; tension && k < b->padded; k++)
        tension[k] = 0.0;
    for (int q = 0; q < BL23_QUANTITIES; q++) {
        struct bl23_interval const upper = {0.0, allowed[q].hi};
        double const *const s = b->quantity[q];
        if (q == BL23_QUANTITY_G && bl23_is_limit(allowed[q]))
            bl23_rows_step(allowed[q], BL23_QUANTITY_G, b, s, tension, holds);
        else if (allowed[q].lo > 0.0)
            bl23_rows_step(allowed[q], BL23_ANY_OF_FORMS, b, s, tension, holds);
        else if (bl23_is_limit(allowed[q])) /* no division for the lower edge */
            bl23_rows_step(upper, BL23_ANY_OF_FORMS, b, s, tension, holds);
    }
}

BL23_STAGE void bl23_batch_judge(struct bl23_model const *model, struct bl23_batch *b)
{
    struct bl23_interval const *const allowed = b->knot->allowed[model->level];
    if (model->g_mode != BL23_G_SOLVE) {
        bl23_rows_given(allowed, b, b->tension, b->survives);
        return;
    }
    bl23_rows_solve_g2(allowed, b, b->g2_lo, b->g2_hi);
    for (size_t k = 0; k < b->padded; k++) {
        struct bl23_interval const g2 = {b->g2_lo[k], b->g2_hi[k]};
        b->tension[k] = bl23_solve_ratio(g2);
        b->survives[k] = bl23_has_g2(g2) ? 1.0 : 0.0;
    }
}

/* Which samples a level leaves; 1 or 0. */
BL23_STAGE void bl23_batch_level(struct bl23_model const *model, int level,
                                 struct bl23_batch const *b, double *survives)
{
    struct bl23_interval const *const allowed = b->knot->allowed[level];
    double lo[BL23_BATCH_ROOM], hi[BL23_BATCH_ROOM];
    if (model->g_mode != BL23_G_SOLVE) {
        bl23_rows_given(allowed, b, NULL, survives);
        return;
    }
    bl23_rows_solve_g2(allowed, b, lo, hi);
    for (size_t k = 0; k < b->padded; k++) {
        struct bl23_interval const g2 = {lo[k], hi[k]};
        survives[k] = bl23_has_g2(g2) ? 1.0 : 0.0;
    }
}

/* The verdict on a batch that has been gathered, out of the quantities it needs and their
 * amplitudes. */
BL23_INLINE void bl23_batch_verdict(struct bl23_model const *model, struct bl23_tile const *tile,
                                    unsigned quantities, unsigned forms, struct bl23_batch *b)
{
    if (model->w_mode == BL23_W_HAAR)
        bl23_batch_draw(b);
    if (model->w_mode == BL23_W_ROWS)
        bl23_batch_rows(model, b);
    bl23_batch_g(model, tile, b);
    bl23_batch_amplitudes(forms, b);
    bl23_batch_quantities(quantities, b);
    bl23_batch_judge(model, b);
}

/* ---- the cut-flow ---- */

/* What the constraints so far leave, as in struct bl23_passing; how many samples pass one more
 * constraint alone, and all up to it. */
struct bl23_passing_rows {
    double lo[BL23_BATCH_ROOM], hi[BL23_BATCH_ROOM];
    int64_t all[BL23_BATCH_ROOM];
};
struct bl23_passed {
    int64_t alone, all;
};

/* q is a constant at every call. */
BL23_INLINE struct bl23_passed bl23_rows_pass_given(struct bl23_interval limit, int q,
                                                    struct bl23_batch const *b, double const *s,
                                                    struct bl23_passing_rows *rows)
{
    struct bl23_passed n = {0, 0};
    for (size_t k = 0; k < b->count; k++) {
        struct bl23_passing p = bl23_passing_begin();
        p.all = rows->all[k] != 0;
        n.alone += bl23_pass_given(&p, limit, q, s[k], b->g[k]);
        n.all += p.all;
        rows->all[k] = p.all;
    }
    return n;
}

BL23_INLINE struct bl23_passed bl23_rows_pass_solve(struct bl23_interval limit, int q,
                                                    struct bl23_batch const *b,
                                                    struct bl23_passing_rows *rows)
{
    double lo[BL23_BATCH_ROOM], hi[BL23_BATCH_ROOM];
    int const same = q == BL23_QUANTITY_G || q == BL23_QUANTITY_G2; /* for all samples */
    struct bl23_interval begin = bl23_domain_g2();
    struct bl23_passed n = {0, 0};
    if (same)
        begin = bl23_narrowed_g2(begin, limit, q, 1.0);
    for (size_t k = 0; k < b->padded; k++) {
        lo[k] = begin.lo;
        hi[k] = begin.hi;
    }
    if (!same)
        bl23_rows_narrow(limit, b->quantity[q], b->padded, lo, hi);
    for (size_t k = 0; k < b->count; k++) {
        struct bl23_interval const alone = {lo[k], hi[k]};
        struct bl23_passing p = {{rows->lo[k], rows->hi[k]}, 1};
        n.alone += bl23_pass_solve(&p, alone);
        n.all += p.all;
        rows->lo[k] = p.g2.lo;
        rows->hi[k] = p.g2.hi;
    }
    return n;
}

/* The cut-flow of a batch: each constraint alone, and all up to it. */
BL23_STAGE void bl23_batch_cutflow(struct bl23_model const *model, struct bl23_batch const *b,
                                   struct bl23_knot_counts *counts)
{
    struct bl23_passing const begin = bl23_passing_begin();
    struct bl23_passing_rows rows;
    struct bl23_passed n = {0, (int64_t)b->count};
    for (size_t k = 0; k < b->count; k++) {
        rows.lo[k] = begin.g2.lo;
        rows.hi[k] = begin.g2.hi;
        rows.all[k] = begin.all;
    }
    for (uint64_t c = 0; c < model->n_constraints; c++) {
        struct bl23_interval const limit = b->knot->limit[model->level][c];
        int const q = (int)model->constraint_quantity[c];
        double const *const s = b->quantity[q];
        if (!bl23_is_limit(limit)) /* at this mass: it leaves what is left */
            n.alone = (int64_t)b->count;
        else if (model->g_mode == BL23_G_SOLVE)
            n = bl23_rows_pass_solve(limit, q, b, &rows);
        else if (q == BL23_QUANTITY_G)
            n = bl23_rows_pass_given(limit, BL23_QUANTITY_G, b, s, &rows);
        else
            n = bl23_rows_pass_given(limit, BL23_ANY_OF_FORMS, b, s, &rows);
        counts->passed_alone[c] += (uint64_t)n.alone;
        counts->passed_sequentially[c] += (uint64_t)n.all;
    }
}

#endif
