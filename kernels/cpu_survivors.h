/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* The reductions over the survivors of a batch: counts, histograms, extrema, hashes of what is
 * kept. Only what decides is computed: the columns of a survivor are made where one of them may be
 * an extremum, or where rounding could decide on a bin. cpu_range_body.h calls it, after a
 * simd_<isa>.h. It must not know how survivors were found. */
#ifndef BL23_KERNELS_CPU_SURVIVORS_H
#define BL23_KERNELS_CPU_SURVIVORS_H

#include "kernels/cpu_extrema.h"

/* ---- the rows ---- */

/* The survivors of one row of a batch, side by side at its beginning. */
BL23_INLINE void bl23_row_collect(uint32_t const *place, size_t count, double *row)
{
    for (size_t k = 0; k < count; k++)
        row[k] = row[place[k]];
}

/* Only the survivors stay in the batch. */
BL23_INLINE void bl23_batch_collect(struct bl23_model const *model,
                                    struct bl23_survivor_rows const *s, struct bl23_batch *b)
{
    uint32_t place[BL23_BATCH];
    size_t const n = (s->count + BL23_BATCH_STEP - 1) / BL23_BATCH_STEP * BL23_BATCH_STEP;
    for (size_t k = 0; k < n; k++)
        place[k] = s->place[k < s->count ? k : s->count - 1];
    b->count = s->count;
    b->padded = n;
    for (size_t k = 0; k < n; k++) {
        b->index[k] = b->index[place[k]];
        b->offset[k] = b->offset[place[k]];
        b->word[2][k] = b->word[2][place[k]];
        b->word[3][k] = b->word[3][place[k]];
    }
    bl23_row_collect(place, n, b->tension);
    if (model->g_mode == BL23_G_SOLVE) {
        bl23_row_collect(place, n, b->g2_lo);
        bl23_row_collect(place, n, b->g2_hi);
    } else {
        bl23_row_collect(place, n, b->g);
    }
    for (int i = 0; i < 3; i++)
        bl23_row_collect(place, n, b->monomial[i]);
    for (int r = 0; r < BL23_FORMS; r++)
        bl23_row_collect(place, n, b->amplitude[r]);
    for (int q = BL23_QUANTITY_IM_DS2; q <= BL23_QUANTITY_ABS_SB2; q++)
        bl23_row_collect(place, n, b->quantity[q]);
}

/* Find the survivors. Where they are many they stay where they are, else the batch is packed:
 * moving all rows costs as much as computing a few lanes for nothing. */
BL23_STAGE void bl23_rows_select(struct bl23_model const *model, struct bl23_batch *b,
                                 struct bl23_survivor_rows *s)
{
    size_t n = 0;
    for (size_t k = 0; k < b->count; k++) { /* no branch: a store that the next one overwrites */
        s->place[n] = (uint32_t)k;
        n += b->survives[k] != 0.0;
    }
    s->count = n;
    s->holes = n < b->count && 4 * n >= 3 * b->count;
    if (s->holes)
        for (size_t k = 0; k < b->padded; k++)
            s->excluded[k] = b->survives[k] != 0.0 ? 0.0 : BL23_INFINITY;
    if (n == 0 || n == b->count || s->holes)
        return;
    bl23_batch_collect(model, s, b);
    for (size_t k = 0; k < n; k++)
        s->place[k] = (uint32_t)k;
}

/* g at which the observables are given, and g^2 times the quantities of the rates. */
BL23_STAGE void bl23_rows_couplings(int solve, struct bl23_batch const *b,
                                    struct bl23_survivor_rows *s)
{
    for (size_t k = 0; k < b->padded; k++) {
        double const g = solve ? 0.0 : b->g[k];
        struct bl23_verdict v;
        v.g2_lo = solve ? b->g2_lo[k] : g * g;
        v.g2_hi = solve ? b->g2_hi[k] : g * g;
        struct bl23_couplings const c = bl23_record_couplings(v, solve, g);
        s->g2[k] = c.g2;
        s->g_bl[k] = c.g_bl;
    }
    for (int r = 0; r < BL23_RATE_ROWS; r++)
        for (size_t k = 0; k < b->padded; k++)
            s->rate[r][k] = s->g2[k] * b->quantity[BL23_QUANTITY_IM_DS2 + r][k];
}

/* The phases with the common one, word x4. */
BL23_STAGE void bl23_rows_phases(struct bl23_tile const *tile, struct bl23_batch const *b,
                                 struct bl23_survivor_rows *s)
{
    uint32_t *const words[4] = {s->words[0], s->words[1], s->words[2], s->words[3]};
    bl23_words_of(tile, 1, b->offset, (unsigned)b->padded, words);
    for (size_t k = 0; k < b->padded; k++) {
        uint32_t const common = s->words[0][k];
        s->phase[0][k] = bl23_phase_of_word(common);
        s->phase[1][k] = bl23_phase_of_word(common + b->word[2][k]);
        s->phase[2][k] = bl23_phase_of_word(common + b->word[3][k]);
    }
}

/* Which survivors pass the 1-sigma bands; returns how many. */
BL23_STAGE uint64_t bl23_rows_levels(struct bl23_model const *model, struct bl23_watch const *w,
                                     struct bl23_batch const *b, struct bl23_survivor_rows *s)
{
    double const *const quantity[BL23_QUANTITIES] = {b->quantity[0], b->quantity[1],
                                                     b->quantity[2], b->quantity[3],
                                                     b->quantity[4], b->quantity[5]};
    struct bl23_interval const *const allowed = w->knot->allowed[0];
    if (w->same_levels)
        return s->count;
    if (model->g_mode == BL23_G_SOLVE) {
        double lo[BL23_BATCH], hi[BL23_BATCH];
        bl23_rows_solve_g2(allowed, quantity, b->padded, lo, hi);
        for (size_t k = 0; k < b->padded; k++) {
            struct bl23_interval const g2 = {lo[k], hi[k]};
            s->one_sigma[k] = bl23_has_g2(g2) ? 1.0 : 0.0;
        }
    } else {
        bl23_rows_hold(allowed, quantity, b->g, b->padded, s->one_sigma);
    }
    for (size_t k = 0; s->holes && k < b->padded; k++)
        s->one_sigma[k] = s->excluded[k] > 0.0 ? 0.0 : s->one_sigma[k];
    int64_t n = 0;
    for (size_t k = 0; k < b->count; k++)
        n += s->one_sigma[k] != 0.0;
    for (size_t k = 0; k < b->padded; k++)
        s->excluded1[k] = s->one_sigma[k] != 0.0 ? 0.0 : BL23_INFINITY;
    return (uint64_t)n;
}

/* ---- histograms ---- */

/* Bins of the axes that the words decide; returns whether rounding could decide instead. */
BL23_INLINE int bl23_rows_word_bins(struct bl23_batch const *b, struct bl23_survivor_rows *s)
{
    int32_t edges = 0;
    for (int i = 0; i < BL23_AXIS_PHASES; i++)
        for (size_t k = 0; k < b->padded; k++) {
            double const place = b->monomial[i][k] * BL23_BINS; /* exact */
            int32_t const bin = (int32_t)place;
            s->bin[i][k] = bin + 1;
            edges |= place == (double)bin;
        }
    uint32_t const half = 0x80000000u, within = (1u << 26) - 1u; /* 2^32 = 64 bins of 2^26 */
    for (size_t k = 0; k < b->padded; k++) {
        uint32_t const x2 = b->word[2][k] + half;
        uint32_t const x3 = b->word[3][k] + half;
        s->bin[3][k] = (int32_t)(x2 >> 26) + 1;
        s->bin[4][k] = (int32_t)(x3 >> 26) + 1;
        edges |= ((x2 & within) == 0) | ((x3 & within) == 0);
    }
    return edges;
}

/* The bins of one survivor's columns. */
BL23_INLINE void bl23_rows_exact_bins(struct bl23_cpu_context const *context, uint64_t index,
                                      size_t k, struct bl23_survivor_rows *s)
{
    struct bl23_record record;
    int32_t bin[BL23_HISTOGRAM_AXES];
    bl23_record_of(context->model, index, &record);
    bl23_bins_of_record(context->reduction, record.value, bin);
    for (int a = 0; a < BL23_HISTOGRAM_AXES; a++)
        s->bin[a][k] = bin[a];
}

/* With w fixed all but the bins of g are those of the first survivor. */
BL23_INLINE int bl23_rows_fixed_bins(struct bl23_cpu_context const *context,
                                     struct bl23_batch const *b, struct bl23_survivor_rows *s)
{
    size_t const first = s->place[0];
    bl23_rows_exact_bins(context, b->index[first], first, s);
    for (int a = 0; a < BL23_AXIS_G; a++)
        for (size_t k = 0; k < b->count; k++)
            s->bin[a][k] = s->bin[a][first];
    return 0;
}

BL23_STAGE void bl23_rows_bins(struct bl23_cpu_context const *context, struct bl23_batch const *b,
                               struct bl23_survivor_rows *s)
{
    struct bl23_bin_plan const *const plan = context->bins;
    double const *const edge = context->reduction->edge[BL23_AXIS_G];
    int exact = !plan->words_decide || !plan->cells_decide;
    if (!exact)
        exact = context->model->w_mode == BL23_W_FIXED ? bl23_rows_fixed_bins(context, b, s)
                                                       : bl23_rows_word_bins(b, s);
    for (size_t k = 0; !exact && k < b->count; k++)
        s->bin[BL23_AXIS_G][k] = bl23_bin_of_g(plan, edge, s->g_bl[k]);
    for (size_t i = 0; exact && i < s->count; i++)
        bl23_rows_exact_bins(context, b->index[s->place[i]], s->place[i], s);
}

BL23_STAGE void bl23_rows_histograms(struct bl23_reduction const *reduction,
                                     struct bl23_survivor_rows const *s, struct bl23_results *r)
{
    for (int a = 0; a < BL23_HISTOGRAM_AXES; a++)
        for (size_t i = 0; i < s->count; i++)
            r->tallies.histogram_1d[a][s->bin[a][s->place[i]]]++;
    for (uint64_t h = 0; h < r->n_histograms_2d; h++) {
        int32_t const *const x = s->bin[reduction->histogram_2d[h][0]];
        int32_t const *const y = s->bin[reduction->histogram_2d[h][1]];
        for (size_t i = 0; i < s->count; i++)
            r->histogram_2d[h][x[s->place[i]]][y[s->place[i]]]++;
    }
}

/* ---- what is kept ---- */

/* Offsets of the survivors in their tile. */
BL23_INLINE unsigned bl23_rows_offsets(struct bl23_batch const *b,
                                       struct bl23_survivor_rows const *s, uint16_t *offset)
{
    for (size_t i = 0; i < s->count; i++)
        offset[i] = (uint16_t)(b->index[s->place[i]] % BL23_TILE);
    return (unsigned)s->count;
}

/* Those of a hash up to the bound. */
BL23_INLINE unsigned bl23_rows_below(struct bl23_tile const *tile, struct bl23_batch const *b,
                                     uint64_t bound, struct bl23_survivor_rows *s, uint16_t *offset)
{
    uint32_t *const words[4] = {s->words[0], s->words[1], s->words[2], s->words[3]};
    unsigned n = 0;
    bl23_words_of(tile, BL23_HASH_BLOCK, b->offset, (unsigned)b->padded, words);
    for (size_t i = 0; i < s->count; i++) { /* no branch: what is above is overwritten */
        size_t const k = s->place[i];
        offset[n] = (uint16_t)(b->index[k] % BL23_TILE);
        n += (s->words[0][k] | (uint64_t)s->words[1][k] << 32) <= bound;
    }
    return n;
}

/* Keep survivors by their hash; most of a long survey are above the largest that is kept. While
 * none has been dropped no hash is needed. */
BL23_STAGE enum bl23_status bl23_rows_keep(struct bl23_tile const *tile, struct bl23_batch const *b,
                                           uint64_t hash_bound, struct bl23_survivor_rows *s,
                                           struct bl23_results *r)
{
    uint16_t kept[BL23_BATCH + 1];
    uint64_t const bound = r->hash_bound < hash_bound ? r->hash_bound : hash_bound;
    unsigned const n = bound < UINT64_MAX ? bl23_rows_below(tile, b, bound, s, kept)
                                          : bl23_rows_offsets(b, s, kept);
    struct bl23_tile_survivors const those = {tile->first - tile->first % BL23_TILE, n, kept};
    return bl23_results_keep(r, those);
}

/* All reductions over the survivors of a batch; those of a hash above the bound are known not to be
 * among the kept. */
BL23_INLINE enum bl23_status bl23_batch_survivors(struct bl23_cpu_context const *context,
                                                  struct bl23_tile const *tile,
                                                  struct bl23_batch *b, uint64_t hash_bound,
                                                  struct bl23_survivor_rows *s,
                                                  struct bl23_watch *watch, struct bl23_results *r)
{
    struct bl23_model const *const model = context->model;
    bl23_rows_select(model, b, s);
    if (s->count == 0)
        return BL23_OK;
    if (watch->knot != b->knot)
        bl23_watch_build(model, b->knot, &r->tallies, b, s, watch);
    bl23_rows_couplings(model->g_mode == BL23_G_SOLVE, b, s);
    if (model->w_mode == BL23_W_HAAR)
        bl23_rows_phases(tile, b, s);
    uint64_t const one_sigma = bl23_rows_levels(model, watch, b, s);
    r->tallies.passed += s->count;
    r->tallies.passed_1sigma += one_sigma;
    r->knot[(tile->first >> BL23_TILE_BITS) % r->n_knots].passed += s->count;
    bl23_rows_extrema(context, one_sigma, b, s, watch, &r->tallies);
    bl23_rows_bins(context, b, s);
    bl23_rows_histograms(context->reduction, s, r);
    return bl23_rows_keep(tile, b, hash_bound, s, r);
}

#endif
