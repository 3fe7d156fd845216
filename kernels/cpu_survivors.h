/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* The reductions over the survivors of a batch: counts, histograms, extrema, hashes of what is
 * kept. Only what decides is computed: the columns of a survivor are made where one of them may be
 * an extremum, or where rounding could decide on a bin. cpu_range_body.h calls it, after a
 * simd_<isa>.h. It must not know how survivors were found. */
#ifndef BL23_KERNELS_CPU_SURVIVORS_H
#define BL23_KERNELS_CPU_SURVIVORS_H

#include "kernels/cpu_batch.h"
#include "kernels/cpu_range.h"
#include "kernels/record.h"

enum {
    BL23_ROW_ROOM = BL23_BATCH + BL23_BATCH_STEP,
    BL23_RATE_ROWS = BL23_QUANTITY_ABS_SB2, /* IM_DS2 .. ABS_SB2 */
    BL23_WATCHED_MAX = 24
};

/* The survivors of one batch in rising order of index, [row][survivor]; what lies between count and
 * padded repeats the last. */
struct bl23_survivor_rows {
    size_t count, padded;
    uint64_t index[BL23_ROW_ROOM], phase_words[BL23_ROW_ROOM];
    double w2[3][BL23_ROW_ROOM], amplitude[BL23_FORMS][BL23_ROW_ROOM];
    double quantity[BL23_QUANTITIES][BL23_ROW_ROOM]; /* divided by g^2 */
    double g2_lo[BL23_ROW_ROOM], g2_hi[BL23_ROW_ROOM], tension[BL23_ROW_ROOM];
    double g2[BL23_ROW_ROOM], g_bl[BL23_ROW_ROOM], rate[BL23_RATE_ROWS][BL23_ROW_ROOM];
    double phase[3][BL23_ROW_ROOM];
    double one_sigma[BL23_ROW_ROOM]; /* 1 for level 1, else 0 */
    double excluded[BL23_ROW_ROOM];  /* 0 for level 1, else infinity */
    uint32_t offset[BL23_ROW_ROOM], words[4][BL23_ROW_ROOM];
    int32_t bin[BL23_HISTOGRAM_AXES][BL23_ROW_ROOM];
};

/* A row that rises with one or more columns, and between which values none of those can be a new
 * extremum, for all survivors [0] and those of level 1 [1]. */
struct bl23_watched {
    double const *row;
    struct bl23_interval settled[2];
};

/* All watched rows at one knot. */
struct bl23_watch {
    struct bl23_knot const *knot; /* NULL: to be set up */
    int rows, same_levels;        /* bands of level 1 are those of a survivor */
    struct bl23_watched watched[BL23_WATCHED_MAX];
};

/* ---- the rows ---- */

/* Which lanes of a vector of the batch survive, and where they go. */
struct bl23_survivor_lanes {
    size_t from, to;
    unsigned mask;
};

/* The vectors of a batch that have survivors; returns the number of survivors. */
BL23_INLINE size_t bl23_survivor_vectors(struct bl23_batch const *b,
                                         struct bl23_survivor_lanes *vector, size_t *vectors)
{
    size_t n = 0;
    *vectors = 0;
    for (size_t at = 0; at < b->count; at += BL23_DOUBLE_LANES) {
        size_t const left = b->count - at;
        unsigned mask = bl23_vd_nonzero(b->survives + at);
        if (left < BL23_DOUBLE_LANES)
            mask &= (1u << left) - 1u;
        vector[*vectors].from = at;
        vector[*vectors].to = n;
        vector[*vectors].mask = mask;
        *vectors += mask != 0;
        n += (size_t)__builtin_popcount(mask);
    }
    return n;
}

/* The survivors of one row of a batch, side by side, and the last one again up to `padded`. */
BL23_INLINE void bl23_row_collect(struct bl23_survivor_lanes const *vector, size_t vectors,
                                  struct bl23_survivor_rows const *s, void const *from, void *to)
{
    size_t const size = sizeof(double);
    char *const out = (char *)to;
    for (size_t v = 0; v < vectors; v++)
        bl23_keep_lanes(vector[v].mask, (char const *)from + vector[v].from * size,
                        out + vector[v].to * size);
    for (size_t k = s->count; k < s->padded; k++)
        memcpy(out + k * size, out + (s->count - 1) * size, size);
}

/* Take the survivors out of a batch. */
BL23_STAGE void bl23_rows_collect(struct bl23_model const *model, struct bl23_batch const *b,
                                  struct bl23_survivor_rows *s)
{
    struct bl23_survivor_lanes v[BL23_BATCH / BL23_DOUBLE_LANES];
    size_t n;
    s->count = bl23_survivor_vectors(b, v, &n);
    s->padded = (s->count + BL23_BATCH_STEP - 1) / BL23_BATCH_STEP * BL23_BATCH_STEP;
    if (s->count == 0)
        return;
    bl23_row_collect(v, n, s, b->index, s->index);
    bl23_row_collect(v, n, s, b->phase_words, s->phase_words);
    bl23_row_collect(v, n, s, b->tension, s->tension);
    if (model->g_mode == BL23_G_SOLVE) {
        bl23_row_collect(v, n, s, b->g2_lo, s->g2_lo);
        bl23_row_collect(v, n, s, b->g2_hi, s->g2_hi);
    } else {
        bl23_row_collect(v, n, s, b->g, s->g_bl);
    }
    for (int i = 0; i < 3; i++)
        bl23_row_collect(v, n, s, b->monomial[i], s->w2[i]);
    for (int r = 0; r < BL23_FORMS; r++)
        bl23_row_collect(v, n, s, b->amplitude[r], s->amplitude[r]);
    for (int q = BL23_QUANTITY_IM_DS2; q <= BL23_QUANTITY_ABS_SB2; q++)
        bl23_row_collect(v, n, s, b->quantity[q], s->quantity[q]);
}

/* g at which the observables are given, and g^2 times the quantities of the rates. */
BL23_STAGE void bl23_rows_couplings(int solve, struct bl23_survivor_rows *s)
{
    for (size_t k = 0; k < s->padded; k++) {
        double const g = solve ? 0.0 : s->g_bl[k];
        struct bl23_verdict v;
        v.g2_lo = solve ? s->g2_lo[k] : g * g;
        v.g2_hi = solve ? s->g2_hi[k] : g * g;
        struct bl23_couplings const c = bl23_record_couplings(v, solve, g);
        s->g2[k] = c.g2;
        s->g_bl[k] = c.g_bl;
    }
    for (int r = 0; r < BL23_RATE_ROWS; r++)
        for (size_t k = 0; k < s->padded; k++)
            s->rate[r][k] = s->g2[k] * s->quantity[BL23_QUANTITY_IM_DS2 + r][k];
}

/* The phases with the common one, word x4. */
BL23_STAGE void bl23_rows_phases(struct bl23_tile const *tile, struct bl23_survivor_rows *s)
{
    uint32_t *const words[4] = {s->words[0], s->words[1], s->words[2], s->words[3]};
    bl23_words_of(tile, 1, s->offset, (unsigned)s->padded, words);
    for (size_t k = 0; k < s->padded; k++) {
        uint32_t const common = s->words[0][k];
        s->phase[0][k] = bl23_phase_of_word(common);
        s->phase[1][k] = bl23_phase_of_word(common + (uint32_t)s->phase_words[k]);
        s->phase[2][k] = bl23_phase_of_word(common + (uint32_t)(s->phase_words[k] >> 32));
    }
}

/* Which survivors pass the 1-sigma bands; returns how many. */
BL23_STAGE uint64_t bl23_rows_levels(struct bl23_model const *model, struct bl23_watch const *w,
                                     struct bl23_survivor_rows *s)
{
    double const *const quantity[BL23_QUANTITIES] = {s->quantity[0], s->quantity[1],
                                                     s->quantity[2], s->quantity[3],
                                                     s->quantity[4], s->quantity[5]};
    struct bl23_interval const *const allowed = w->knot->allowed[0];
    if (w->same_levels)
        return s->count;
    if (model->g_mode == BL23_G_SOLVE) {
        double lo[BL23_ROW_ROOM], hi[BL23_ROW_ROOM];
        bl23_rows_solve_g2(allowed, quantity, s->padded, lo, hi);
        for (size_t k = 0; k < s->padded; k++) {
            struct bl23_interval const g2 = {lo[k], hi[k]};
            s->one_sigma[k] = bl23_has_g2(g2) ? 1.0 : 0.0;
        }
    } else {
        bl23_rows_hold(allowed, quantity, s->g_bl, s->padded, s->one_sigma);
    }
    int64_t n = 0;
    for (size_t k = 0; k < s->count; k++)
        n += s->one_sigma[k] != 0.0;
    for (size_t k = 0; k < s->padded; k++)
        s->excluded[k] = s->one_sigma[k] != 0.0 ? 0.0 : BL23_INFINITY;
    return (uint64_t)n;
}

/* ---- extrema ---- */

/* Between which values of x = f^2/scale no column f can be a new extremum: with room for the
 * rounding of both ways. Without any extremum yet, nowhere. */
BL23_INLINE void bl23_narrow(struct bl23_interval *settled, struct bl23_extremum const e[2],
                             double scale, int squared)
{
    double const room = 1e-14, lo = e[0].value, hi = e[1].value;
    double const x_lo = (squared && lo < BL23_INFINITY ? lo * lo : lo) / scale * (1.0 + room);
    double const x_hi = (squared && hi > -BL23_INFINITY ? hi * hi : hi) / scale * (1.0 - room);
    settled->lo = bl23_max(x_lo, settled->lo);
    settled->hi = bl23_min(x_hi, settled->hi);
}

BL23_INLINE struct bl23_watched *bl23_watch_add(struct bl23_watch *w, double const *row)
{
    struct bl23_watched *const new_row = &w->watched[w->rows++];
    new_row->row = row;
    for (int set = 0; set < 2; set++) {
        new_row->settled[set].lo = -BL23_INFINITY;
        new_row->settled[set].hi = BL23_INFINITY;
    }
    return new_row;
}

/* A row that is a column. */
BL23_INLINE void bl23_watch_column(struct bl23_watch *w, struct bl23_tallies const *t,
                                   double const *row, int column)
{
    struct bl23_watched *const watched = bl23_watch_add(w, row);
    for (int set = 0; set < 2; set++) {
        watched->settled[set].lo = t->extremum[set][column][0].value;
        watched->settled[set].hi = t->extremum[set][column][1].value;
    }
}

/* A row that is scale^-1 times a column, or its square. */
BL23_INLINE void bl23_watch_function(struct bl23_watched *watched, struct bl23_tallies const *t,
                                     int column, double scale, int squared)
{
    for (int set = 0; set < 2; set++)
        bl23_narrow(&watched->settled[set], t->extremum[set][column], scale, squared);
}

BL23_INLINE void bl23_watch_rates(struct bl23_watch *w, struct bl23_tallies const *t,
                                  struct bl23_survivor_rows const *s)
{
    int const quantity[BL23_MODES] = BL23_MODE_QUANTITIES;
    for (int r = 0; r < BL23_RATE_ROWS; r++) {
        struct bl23_watched *const watched = bl23_watch_add(w, s->rate[r]);
        for (int mode = 0; mode < BL23_MODES; mode++)
            if (quantity[mode] == BL23_QUANTITY_IM_DS2 + r && w->knot->kappa[mode] > 0.0)
                bl23_watch_function(watched, t, BL23_COLUMN_br_kl_pi0 + mode, w->knot->kappa[mode],
                                    0);
    }
}

/* Set up for a knot. A row without columns is settled everywhere: [-inf, inf]. */
BL23_STAGE void bl23_watch_build(struct bl23_model const *model, struct bl23_knot const *knot,
                                 struct bl23_tallies const *t, struct bl23_survivor_rows const *s,
                                 struct bl23_watch *w)
{
    int const solve = model->g_mode == BL23_G_SOLVE;
    w->knot = knot;
    w->rows = 0;
    w->same_levels =
        memcmp(knot->allowed[0], knot->allowed[model->level], sizeof knot->allowed[0]) == 0;
    for (int r = 0; r < BL23_FORMS; r++)
        bl23_watch_column(w, t, s->amplitude[r], BL23_COLUMN_h_ds_re + r);
    bl23_watch_column(w, t, s->tension, BL23_COLUMN_tension);
    bl23_watch_rates(w, t, s);
    struct bl23_watched *const g2 = bl23_watch_add(w, s->g2);
    bl23_watch_function(g2, t, BL23_COLUMN_g_bl, 1.0, 1);
    if (knot->delta_a_mu_per_g2 > 0.0)
        bl23_watch_function(g2, t, BL23_COLUMN_delta_a_mu, knot->delta_a_mu_per_g2, 0);
    if (solve) {
        bl23_watch_function(bl23_watch_add(w, s->g2_lo), t, BL23_COLUMN_g_min, 1.0, 1);
        bl23_watch_function(bl23_watch_add(w, s->g2_hi), t, BL23_COLUMN_g_max, 1.0, 1);
    }
    for (int i = 0; model->w_mode == BL23_W_HAAR && i < 3; i++) {
        bl23_watch_function(bl23_watch_add(w, s->w2[i]), t, BL23_COLUMN_wu11_abs + 2 * i, 1.0, 1);
        bl23_watch_column(w, t, s->phase[i], BL23_COLUMN_wu11_phase + 2 * i);
    }
}

/* Is there a column that is the same for all samples of the knot, and not yet an extremum? Before
 * the first survivor of a set every column is. */
BL23_INLINE int bl23_constant_extremum(struct bl23_knot const *knot, struct bl23_extremum (*e)[2])
{
    struct bl23_extremum const *const mass = e[BL23_COLUMN_mass_gev];
    int news = mass[0].index == BL23_NO_INDEX || knot->mass_gev < mass[0].value ||
               knot->mass_gev > mass[1].value;
    for (int mode = 0; mode < BL23_MODES; mode++)
        news |= !(knot->kappa[mode] > 0.0) && 0.0 < e[BL23_COLUMN_br_kl_pi0 + mode][0].value;
    return news;
}

/* One survivor's columns, and from now on its values are settled. */
BL23_STAGE void bl23_watch_offer(struct bl23_cpu_context const *context, size_t k,
                                 struct bl23_survivor_rows const *s, struct bl23_watch *w,
                                 struct bl23_tallies *t)
{
    struct bl23_record record;
    bl23_record_of(context->model, s->index[k], &record);
    bl23_results_extrema(t, &record);
    for (int set = 0; set < (record.level == 1 ? 2 : 1); set++)
        for (int r = 0; r < w->rows; r++) {
            struct bl23_interval *const settled = &w->watched[r].settled[set];
            double const x = w->watched[r].row[k];
            settled->lo = bl23_min(x, settled->lo);
            settled->hi = bl23_max(x, settled->hi);
        }
}

/* Smallest and largest value of a row, over level 1 only if asked for. */
BL23_INLINE struct bl23_interval bl23_row_range(struct bl23_survivor_rows const *s,
                                                double const *row, int level_1)
{
    double lowest[BL23_DOUBLE_LANES], highest[BL23_DOUBLE_LANES];
    bl23_vd lo = bl23_vd_set(BL23_INFINITY), hi = bl23_vd_set(-BL23_INFINITY);
    for (size_t k = 0; k < s->padded; k += BL23_DOUBLE_LANES) {
        bl23_vd const value = bl23_vd_load(row + k);
        if (level_1) {
            bl23_vd const out = bl23_vd_load(s->excluded + k);
            lo = bl23_vd_min(bl23_vd_add(value, out), lo);
            hi = bl23_vd_max(bl23_vd_sub(value, out), hi);
        } else {
            lo = bl23_vd_min(value, lo);
            hi = bl23_vd_max(value, hi);
        }
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

/* Offer what is not settled of a row. */
BL23_STAGE void bl23_watch_row(struct bl23_cpu_context const *context, int r, int set, int level_1,
                               struct bl23_survivor_rows const *s, struct bl23_watch *w,
                               struct bl23_tallies *t)
{
    struct bl23_interval const *const settled = &w->watched[r].settled[set];
    double const *const row = w->watched[r].row;
    for (size_t k = 0; k < s->count; k++)
        if ((row[k] < settled->lo || row[k] > settled->hi) && (!level_1 || s->one_sigma[k] != 0.0))
            bl23_watch_offer(context, k, s, w, t);
}

BL23_INLINE int bl23_is_settled(struct bl23_interval settled, struct bl23_interval range)
{
    return range.lo >= settled.lo && range.hi <= settled.hi;
}

/* Survivors that may be an extremum, row by row. What is settled for level 1 lies within what is
 * settled for all; where both levels are the same all survivors are of level 1. */
BL23_STAGE void bl23_watch_rows(struct bl23_cpu_context const *context, uint64_t one_sigma,
                                struct bl23_survivor_rows const *s, struct bl23_watch *w,
                                struct bl23_tallies *t)
{
    int const some = !w->same_levels && one_sigma > 0;
    for (int r = 0; r < w->rows; r++) {
        struct bl23_interval const *const settled = w->watched[r].settled;
        double const *const row = w->watched[r].row;
        struct bl23_interval const range = bl23_row_range(s, row, 0);
        if (bl23_is_settled(settled[1], range))
            continue;
        if (w->same_levels)
            bl23_watch_row(context, r, 1, 0, s, w, t);
        else if (!bl23_is_settled(settled[0], range))
            bl23_watch_row(context, r, 0, 0, s, w, t);
        if (some && !bl23_is_settled(settled[1], bl23_row_range(s, row, 1)))
            bl23_watch_row(context, r, 1, 1, s, w, t);
    }
}

/* The first survivor of a set, where a column is constant and new. */
BL23_INLINE void bl23_watch_constants(struct bl23_cpu_context const *context, int set,
                                      struct bl23_survivor_rows const *s, struct bl23_watch *w,
                                      struct bl23_tallies *t)
{
    if (!bl23_constant_extremum(w->knot, t->extremum[set]))
        return;
    size_t k = 0;
    while (set == 1 && !w->same_levels && k < s->count && s->one_sigma[k] == 0.0)
        k++;
    if (k < s->count)
        bl23_watch_offer(context, k, s, w, t);
}

BL23_INLINE void bl23_rows_extrema(struct bl23_cpu_context const *context, uint64_t one_sigma,
                                   struct bl23_survivor_rows const *s, struct bl23_watch *w,
                                   struct bl23_tallies *t)
{
    bl23_watch_constants(context, 0, s, w, t);
    if (one_sigma > 0)
        bl23_watch_constants(context, 1, s, w, t);
    bl23_watch_rows(context, one_sigma, s, w, t);
}

/* ---- histograms ---- */

/* Bins of the axes that the words decide; returns whether rounding could decide instead. */
BL23_INLINE int bl23_rows_word_bins(struct bl23_survivor_rows *s)
{
    int32_t edges = 0;
    for (int i = 0; i < BL23_AXIS_PHASES; i++)
        for (size_t k = 0; k < s->padded; k++) {
            double const place = s->w2[i][k] * BL23_BINS; /* exact */
            int32_t const bin = (int32_t)place;
            s->bin[i][k] = bin + 1;
            edges |= place == (double)bin;
        }
    uint32_t const half = 0x80000000u, within = (1u << 26) - 1u; /* 2^32 = 64 bins of 2^26 */
    for (size_t k = 0; k < s->padded; k++) {
        uint32_t const x2 = (uint32_t)s->phase_words[k] + half;
        uint32_t const x3 = (uint32_t)(s->phase_words[k] >> 32) + half;
        s->bin[3][k] = (int32_t)(x2 >> 26) + 1;
        s->bin[4][k] = (int32_t)(x3 >> 26) + 1;
        edges |= ((x2 & within) == 0) | ((x3 & within) == 0);
    }
    return edges;
}

/* The bins of one survivor's columns. */
BL23_INLINE void bl23_rows_exact_bins(struct bl23_cpu_context const *context, size_t k,
                                      struct bl23_survivor_rows *s)
{
    struct bl23_record record;
    int32_t bin[BL23_HISTOGRAM_AXES];
    bl23_record_of(context->model, s->index[k], &record);
    bl23_bins_of_record(context->reduction, record.value, bin);
    for (int a = 0; a < BL23_HISTOGRAM_AXES; a++)
        s->bin[a][k] = bin[a];
}

/* With w fixed all but the bins of g are those of the first survivor. */
BL23_INLINE int bl23_rows_fixed_bins(struct bl23_cpu_context const *context,
                                     struct bl23_survivor_rows *s)
{
    bl23_rows_exact_bins(context, 0, s);
    for (int a = 0; a < BL23_AXIS_G; a++)
        for (size_t k = 1; k < s->count; k++)
            s->bin[a][k] = s->bin[a][0];
    return 0;
}

BL23_STAGE void bl23_rows_bins(struct bl23_cpu_context const *context, struct bl23_survivor_rows *s)
{
    struct bl23_bin_plan const *const plan = context->bins;
    double const *const edge = context->reduction->edge[BL23_AXIS_G];
    int exact = !plan->words_decide || !plan->cells_decide;
    if (!exact)
        exact = context->model->w_mode == BL23_W_FIXED ? bl23_rows_fixed_bins(context, s)
                                                       : bl23_rows_word_bins(s);
    for (size_t k = 0; !exact && k < s->count; k++)
        s->bin[BL23_AXIS_G][k] = bl23_bin_of_g(plan, edge, s->g_bl[k]);
    for (size_t k = 0; exact && k < s->count; k++)
        bl23_rows_exact_bins(context, k, s);
}

BL23_STAGE void bl23_rows_histograms(struct bl23_reduction const *reduction,
                                     struct bl23_survivor_rows const *s, struct bl23_results *r)
{
    for (int a = 0; a < BL23_HISTOGRAM_AXES; a++)
        for (size_t k = 0; k < s->count; k++)
            r->tallies.histogram_1d[a][s->bin[a][k]]++;
    for (uint64_t h = 0; h < r->n_histograms_2d; h++) {
        int32_t const *const x = s->bin[reduction->histogram_2d[h][0]];
        int32_t const *const y = s->bin[reduction->histogram_2d[h][1]];
        for (size_t k = 0; k < s->count; k++)
            r->histogram_2d[h][x[k]][y[k]]++;
    }
}

/* ---- what is kept ---- */

/* Keep survivors by their hash; most of a long survey are above the largest that is kept. */
BL23_STAGE enum bl23_status bl23_rows_keep(struct bl23_tile const *tile, uint64_t hash_bound,
                                           struct bl23_survivor_rows *s, struct bl23_results *r)
{
    struct bl23_kept kept[BL23_ROW_ROOM];
    uint32_t *const words[4] = {s->words[0], s->words[1], s->words[2], s->words[3]};
    if (r->max_survivors == 0)
        return BL23_OK;
    uint64_t const bound =
        bl23_results_bounds(r).hash < hash_bound ? bl23_results_bounds(r).hash : hash_bound;
    bl23_words_of(tile, 2, s->offset, (unsigned)s->padded, words);
    uint64_t n = 0;
    for (size_t k = 0; k < s->count; k++) { /* no branch: what is above is overwritten */
        kept[n].hash = s->words[0][k] | (uint64_t)s->words[1][k] << 32;
        kept[n].index = s->index[k];
        n += kept[n].hash <= bound;
    }
    return bl23_results_keep_all(r, kept, n);
}

/* All reductions over the survivors of a batch; those of a hash above the bound are known not to be
 * among the kept. */
BL23_INLINE enum bl23_status bl23_batch_survivors(struct bl23_cpu_context const *context,
                                                  struct bl23_tile const *tile,
                                                  struct bl23_batch const *b, uint64_t hash_bound,
                                                  struct bl23_survivor_rows *s,
                                                  struct bl23_watch *watch, struct bl23_results *r)
{
    struct bl23_model const *const model = context->model;
    bl23_rows_collect(model, b, s);
    if (s->count == 0)
        return BL23_OK;
    if (watch->knot != b->knot)
        bl23_watch_build(model, b->knot, &r->tallies, s, watch);
    for (size_t k = 0; k < s->padded; k++)
        s->offset[k] = (uint32_t)(s->index[k] - tile->first);
    bl23_rows_couplings(model->g_mode == BL23_G_SOLVE, s);
    if (model->w_mode == BL23_W_HAAR)
        bl23_rows_phases(tile, s);
    uint64_t const one_sigma = bl23_rows_levels(model, watch, s);
    r->tallies.passed += s->count;
    r->tallies.passed_1sigma += one_sigma;
    r->knot[(tile->first >> BL23_TILE_BITS) % r->n_knots].passed += s->count;
    bl23_rows_extrema(context, one_sigma, s, watch, &r->tallies);
    bl23_rows_bins(context, s);
    bl23_rows_histograms(context->reduction, s, r);
    return bl23_rows_keep(tile, hash_bound, s, r);
}

#endif
