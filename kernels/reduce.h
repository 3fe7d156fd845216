/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* The reductions over survivors, a batch at a time, in loops that compilers vectorise: counts,
 * extrema, histograms, hashes of what is kept.
 * cpu_range_body.h calls it per instruction set, results.c for single records; each includes a
 * simd_<isa>.h first.
 * It must not know how survivors were found. */
#ifndef BL23_KERNELS_REDUCE_H
#define BL23_KERNELS_REDUCE_H

#include "kernels/results.h"

enum { BL23_SURVIVORS_BATCH = 256, BL23_REDUCE_LANES = 8 }; /* a multiple of BL23_DOUBLE_LANES */

/* Survivors of one batch, [row][survivor], in rising order of index. Rows are padded to whole lanes
 * by repeating the last survivor. */
struct bl23_survivors {
    size_t count, padded;
    uint64_t index[BL23_SURVIVORS_BATCH];
    double one_sigma[BL23_SURVIVORS_BATCH];   /* 1 for level 1, else 0 */
    double excluded[2][BL23_SURVIVORS_BATCH]; /* per set: 0 for its members, else infinity */
    double value[BL23_COLUMNS][BL23_SURVIVORS_BATCH];
    uint64_t hash[BL23_SURVIVORS_BATCH];
};

/* The first survivor of a batch whose row has this value; of level 1 if asked for. */
BL23_INLINE size_t bl23_find_value(struct bl23_survivors const *s, double const *row, int set,
                                   double value)
{
    size_t k = 0;
    while (k + 1 < s->count && !(row[k] == value && (set == 0 || s->one_sigma[k] != 0.0)))
        k++;
    return k;
}

/* Smallest and largest value of a row over the survivors of a set; +-infinity without any. */
BL23_INLINE struct bl23_interval bl23_row_range(struct bl23_survivors const *s, double const *row,
                                                int set)
{
    double const *const excluded = s->excluded[set];
    double lowest[BL23_DOUBLE_LANES], highest[BL23_DOUBLE_LANES];
    bl23_vd lo = bl23_vd_set(BL23_INFINITY), hi = bl23_vd_set(-BL23_INFINITY);
    for (size_t k = 0; k < s->padded; k += BL23_DOUBLE_LANES) {
        bl23_vd const value = bl23_vd_load(row + k), out = bl23_vd_load(excluded + k);
        lo = bl23_vd_min(bl23_vd_add(value, out), lo);
        hi = bl23_vd_max(bl23_vd_sub(value, out), hi);
    }
    bl23_vd_store(lowest, lo);
    bl23_vd_store(highest, hi);
    struct bl23_interval range = {lowest[0], highest[0]};
    for (size_t l = 1; l < BL23_DOUBLE_LANES; l++) {
        range.lo = bl23_min(lowest[l], range.lo);
        range.hi = bl23_max(highest[l], range.hi);
    }
    return range;
}

/* A value of the batch that may be an extremum: `better` says whether it beats what is there. */
BL23_INLINE void bl23_reduce_extremum(struct bl23_survivors const *s, double const *row, int set,
                                      double found, int better, struct bl23_extremum *e)
{
    if (!better && found != e->value)
        return;
    size_t const k = bl23_find_value(s, row, set, found);
    if (better || s->index[k] < e->index) {
        e->value = row[k];
        e->index = s->index[k];
    }
}

BL23_INLINE void bl23_reduce_extrema(struct bl23_survivors *s, int sets,
                                     struct bl23_tallies *tallies)
{
    for (size_t k = 0; k < s->padded; k++) {
        s->excluded[0][k] = 0.0;
        s->excluded[1][k] = s->one_sigma[k] != 0.0 ? 0.0 : BL23_INFINITY;
    }
    for (int set = 0; set < sets; set++)
        for (int c = 0; c < BL23_COLUMNS; c++) {
            struct bl23_interval const range = bl23_row_range(s, s->value[c], set);
            struct bl23_extremum *const e = tallies->extremum[set][c];
            bl23_reduce_extremum(s, s->value[c], set, range.lo, range.lo < e[0].value, &e[0]);
            bl23_reduce_extremum(s, s->value[c], set, range.hi, range.hi > e[1].value, &e[1]);
        }
}

/* Phase difference in (-pi, pi]. */
BL23_INLINE double bl23_phase_difference(double a, double b)
{
    double const pi = 0x1.921fb54442d18p+1;
    double const d = a - b;
    return d > pi ? d - 2.0 * pi : d <= -pi ? d + 2.0 * pi : d;
}

/* Bins of a row: 0 below the first edge, BL23_BINS + 1 above the last, which the last bin takes in.
 * The guess for equal bins is at most one off; other edges are counted. */
BL23_INLINE void bl23_reduce_bins(double const edge[BL23_BINS + 1], int equal, size_t count,
                                  double const *row, int32_t *bin)
{
    double const per_bin = BL23_BINS / (edge[BL23_BINS] - edge[0]);
    if (equal) {
        for (size_t k = 0; k < count; k++) {
            double const x = (row[k] - edge[0]) * per_bin;
            int32_t const guess = (int32_t)bl23_min(bl23_max(x, 0.0), BL23_BINS - 1.0);
            bin[k] = guess + 1 + (row[k] >= edge[guess + 1]) - !(row[k] >= edge[guess]);
        }
    } else {
        for (size_t k = 0; k < count; k++)
            bin[k] = 0;
        for (int j = 0; j <= BL23_BINS; j++)
            for (size_t k = 0; k < count; k++)
                bin[k] += row[k] >= edge[j] ? 1 : 0;
    }
    for (size_t k = 0; k < count; k++)
        bin[k] -= row[k] == edge[BL23_BINS] ? 1 : 0;
}

BL23_INLINE void bl23_reduce_histograms(struct bl23_survivors const *s,
                                        struct bl23_reduction const *reduction,
                                        struct bl23_results *r)
{
    int32_t bin[BL23_HISTOGRAM_AXES][BL23_SURVIVORS_BATCH];
    double axis[BL23_SURVIVORS_BATCH];
    double const(*v)[BL23_SURVIVORS_BATCH] = s->value;
    for (int i = 0; i < 3; i++) { /* |w_i|^2 */
        double const *const abs = v[BL23_COLUMN_wu11_abs + 2 * i];
        for (size_t k = 0; k < s->padded; k++)
            axis[k] = abs[k] * abs[k];
        bl23_reduce_bins(reduction->edge[i], 1, s->padded, axis, bin[i]);
    }
    for (int i = 0; i < 2; i++) { /* phases of w2 and w3 against w1 */
        double const *const phase = v[BL23_COLUMN_wu12_phase + 2 * i];
        for (size_t k = 0; k < s->padded; k++)
            axis[k] = bl23_phase_difference(phase[k], v[BL23_COLUMN_wu11_phase][k]);
        bl23_reduce_bins(reduction->edge[3 + i], 1, s->padded, axis, bin[3 + i]);
    }
    bl23_reduce_bins(reduction->edge[5], 0, s->padded, v[BL23_COLUMN_g_bl], bin[5]);
    for (int a = 0; a < BL23_HISTOGRAM_AXES; a++)
        for (size_t k = 0; k < s->count; k++)
            r->tallies.histogram_1d[a][bin[a][k]]++;
    for (uint64_t h = 0; h < r->n_histograms_2d; h++) {
        int32_t const *const x = bin[reduction->histogram_2d[h][0]];
        int32_t const *const y = bin[reduction->histogram_2d[h][1]];
        for (size_t k = 0; k < s->count; k++)
            r->histogram_2d[h][x[k]][y[k]]++;
    }
}

/* Keep survivors by their hash; most of a long survey are above the largest that is kept. */
BL23_INLINE enum bl23_status bl23_reduce_kept(struct bl23_survivors *s, uint64_t seed,
                                              uint64_t hash_bound, struct bl23_results *r)
{
    if (r->max_survivors == 0)
        return BL23_OK;
    for (size_t k = 0; k < s->padded; k++)
        s->hash[k] = bl23_survivor_hash(seed, s->index[k]);
    enum bl23_status status = BL23_OK;
    for (size_t k = 0; status == BL23_OK && k < s->count; k++)
        if (s->hash[k] <= hash_bound &&
            (r->n_survivors < r->max_survivors || s->hash[k] <= r->survivor[0].hash))
            status = bl23_results_keep(r, (struct bl23_kept){s->hash[k], s->index[k]});
    return status;
}

/* All reductions over a batch of survivors; those of a hash above the bound are known not to be
 * among the kept. */
BL23_INLINE enum bl23_status bl23_reduce_survivors(struct bl23_survivors *s,
                                                   struct bl23_reduction const *reduction,
                                                   uint64_t seed, uint64_t hash_bound,
                                                   struct bl23_results *r)
{
    uint64_t one_sigma = 0;
    for (size_t k = 0; k < s->count; k++)
        one_sigma += s->one_sigma[k] != 0.0;
    r->tallies.passed += s->count;
    r->tallies.passed_1sigma += one_sigma;
    bl23_reduce_extrema(s, one_sigma > 0 ? 2 : 1, &r->tallies);
    bl23_reduce_histograms(s, reduction, r);
    return bl23_reduce_kept(s, seed, hash_bound, r);
}

#endif
