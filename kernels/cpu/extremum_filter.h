/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* Which survivors may be a new extremum of some column? Only their records are computed.
 *
 * How it works. Most columns rise with a quantity that a batch holds anyway: the branching ratios
 * with g^2 times a quantity, g_bl with g^2, |w| with |w|^2. For every such row the filter keeps an
 * interval of values that are settled: no column of a survivor whose value lies inside can be a new
 * extremum. bl23_filter_build derives the intervals of a knot from the extrema so far. For a batch,
 * bl23_rows_extrema compares the smallest and largest value of each row with its interval, vector
 * by vector; nearly always all lie inside, and nothing more is done. Otherwise the survivors that
 * lie outside are offered in their order: their records are computed, bl23_results_extrema decides,
 * and the intervals grow to hold their values. Columns that are the same for all samples of a knot
 * (the mass, closed modes) are looked at once, at the first survivor. */
#ifndef BL23_KERNELS_EXTREMUM_FILTER_H
#define BL23_KERNELS_EXTREMUM_FILTER_H

#include "kernels/cpu/cpu_batch.h"
#include "kernels/cpu/cpu_range.h"
#include "kernels/sample/record.h"

enum { BL23_FILTER_ROWS_MAX = 42 };

/* What is computed of a batch of survivors, lane by lane. */
struct bl23_survivor_rows {
    _Alignas(64) double one_sigma[BL23_BATCH_ROOM]; /* 1 for survivors of level 1, else 0 */
    double excluded[BL23_BATCH_ROOM];               /* 0 for survivors of level 1, else infinity */
    double g2[BL23_BATCH_ROOM], g_bl[BL23_BATCH_ROOM];
    double x12_im[BL23_BATCH_ROOM]; /* divided by g^2 */
    double phase[3][BL23_BATCH_ROOM];
    uint32_t words[4][BL23_BATCH_ROOM];
    int32_t bin[BL23_HISTOGRAM_AXES][BL23_BATCH_ROOM];
};

/* A row that rises with one or more columns. While its values are settled, none of these columns
 * can be a new extremum: for all survivors [0], and for those of level 1 [1]. */
struct bl23_filter_row {
    double const *row, *factor; /* its values are products with those of the factor; NULL: of 1 */
    struct bl23_interval settled[2];
};

/* All entry rows at one knot. */
struct bl23_extremum_filter {
    struct bl23_knot const *knot; /* NULL: to be set up */
    int rows, same_levels;        /* bands of level 1 are those of a survivor */
    unsigned closed;              /* bits of the modes that are columns and closed */
    uint64_t changes;             /* of what is settled, at this knot or another one */
    struct bl23_filter_row entry[BL23_FILTER_ROWS_MAX];
};

/* Narrow the settled values of x to those at which the column f = scale x, or its root, cannot be a
 * new extremum, with room for the rounding of both. Without an extremum yet, no value is settled.
 */
BL23_INLINE void bl23_narrow(struct bl23_interval *settled, struct bl23_extremum const e[2],
                             double scale, int squared)
{
    double const room = 1e-14, lo = e[0].value, hi = e[1].value;
    double const x_lo = (squared && lo < BL23_INFINITY ? lo * lo : lo) / scale * (1.0 + room);
    double const x_hi = (squared && hi > -BL23_INFINITY ? hi * hi : hi) / scale * (1.0 - room);
    settled->lo = bl23_max(x_lo, settled->lo);
    settled->hi = bl23_min(x_hi, settled->hi);
}

BL23_INLINE struct bl23_filter_row *bl23_filter_add(struct bl23_extremum_filter *w,
                                                    double const *row, double const *factor)
{
    struct bl23_filter_row *const new_row = &w->entry[w->rows++];
    new_row->row = row;
    new_row->factor = factor;
    for (int set = 0; set < 2; set++) {
        new_row->settled[set].lo = -BL23_INFINITY;
        new_row->settled[set].hi = BL23_INFINITY;
    }
    return new_row;
}

BL23_INLINE double bl23_filter_value(struct bl23_filter_row const *entry, size_t k)
{
    return entry->factor ? entry->factor[k] * entry->row[k] : entry->row[k];
}

/* A row that is a column. */
BL23_INLINE void bl23_filter_column(struct bl23_extremum_filter *w, struct bl23_tallies const *t,
                                    double const *row, double const *factor, int column)
{
    struct bl23_filter_row *const entry = bl23_filter_add(w, row, factor);
    for (int set = 0; set < 2; set++) {
        entry->settled[set].lo = t->extremum[set][column][0].value;
        entry->settled[set].hi = t->extremum[set][column][1].value;
    }
}

/* A row that is scale^-1 times a column, or its square. */
BL23_INLINE void bl23_filter_function(struct bl23_filter_row *entry, struct bl23_tallies const *t,
                                      int column, double scale, int squared)
{
    for (int set = 0; set < 2; set++)
        bl23_narrow(&entry->settled[set], t->extremum[set][column], scale, squared);
}

/* g^2 times the quantities; x12_im has a sign and is the column itself. */
BL23_INLINE void bl23_filter_rates(struct bl23_extremum_filter *w, unsigned groups,
                                   unsigned quantities, struct bl23_tallies const *t,
                                   struct bl23_batch const *b, struct bl23_survivor_rows const *s)
{
    for (int q = BL23_QUANTITY_OF_FORMS; q < BL23_QUANTITY_G; q++) {
        if (!(quantities >> q & 1u))
            continue;
        if (q == BL23_QUANTITY_X12_IM) {
            bl23_filter_column(w, t, s->x12_im, s->g2, BL23_COLUMN_x12_im);
            continue;
        }
        struct bl23_filter_row *const entry = bl23_filter_add(w, b->quantity[q], s->g2);
        for (int mode = 0; mode < BL23_MODES; mode++)
            if (bl23_mode_quantity(groups, mode) == q && w->knot->kappa[mode] > 0.0)
                bl23_filter_function(entry, t, BL23_COLUMN_br_kl_pi0 + mode, w->knot->kappa[mode],
                                     0);
    }
}

/* Set up for a knot. A row without columns is settled everywhere: [-inf, inf]. */
BL23_STAGE void bl23_filter_build(struct bl23_model const *model, struct bl23_knot const *knot,
                                  struct bl23_tallies const *t, struct bl23_batch const *b,
                                  struct bl23_survivor_rows const *s,
                                  struct bl23_extremum_filter *w)
{
    int const solve = model->g_mode == BL23_G_SOLVE;
    unsigned const groups = (unsigned)model->groups;
    unsigned const quantities = bl23_quantities_of_groups(groups);
    w->knot = knot;
    w->changes++;
    w->rows = 0;
    w->closed = 0;
    for (int mode = 0; mode < BL23_MODES; mode++)
        if ((quantities >> bl23_mode_quantity(groups, mode) & 1u) && !(knot->kappa[mode] > 0.0))
            w->closed |= 1u << mode;
    w->same_levels =
        !bl23_chi2_decides(model) &&
        memcmp(knot->allowed[0], knot->allowed[model->level], sizeof knot->allowed[0]) == 0;
    for (int r = 0; bl23_column_forms(groups) >> r & 1u; r++)
        bl23_filter_column(w, t, b->amplitude[r], NULL, BL23_COLUMN_h_ds_re + r);
    if (solve)
        bl23_filter_function(bl23_filter_add(w, b->tension, NULL), t, BL23_COLUMN_tension, 1.0, 1);
    else
        bl23_filter_column(w, t, b->tension, NULL, BL23_COLUMN_tension);
    bl23_filter_rates(w, groups, quantities, t, b, s);
    struct bl23_filter_row *const g2 = bl23_filter_add(w, s->g2, NULL);
    bl23_filter_function(g2, t, BL23_COLUMN_g_bl, 1.0, 1);
    if (knot->delta_a_mu_per_g2 > 0.0)
        bl23_filter_function(g2, t, BL23_COLUMN_delta_a_mu, knot->delta_a_mu_per_g2, 0);
    if ((groups & BL23_GROUP_CHI2) != 0) {
        bl23_filter_column(w, t, b->chi2, NULL, BL23_COLUMN_chi2); /* and LogLike, its multiple */
        bl23_filter_function(bl23_filter_add(w, b->chi2_g2, NULL), t, BL23_COLUMN_chi2_g, 1.0, 1);
    }
    if (solve) {
        bl23_filter_function(bl23_filter_add(w, b->g2_lo, NULL), t, BL23_COLUMN_g_min, 1.0, 1);
        bl23_filter_function(bl23_filter_add(w, b->g2_hi, NULL), t, BL23_COLUMN_g_max, 1.0, 1);
    }
    for (int i = 0; model->w_mode != BL23_W_FIXED && i < 3; i++) {
        bl23_filter_function(bl23_filter_add(w, b->monomial[i], NULL), t,
                             BL23_COLUMN_wu11_abs + 2 * i, 1.0, 1);
        bl23_filter_column(w, t, s->phase[i], NULL, BL23_COLUMN_wu11_phase + 2 * i);
    }
}

/* Is there a column that is the same for all samples of the knot, and not yet an extremum? Before
 * the first survivor of a set every column is. */
BL23_INLINE int bl23_constant_extremum(struct bl23_knot const *knot, unsigned closed,
                                       struct bl23_extremum (*e)[2])
{
    struct bl23_extremum const *const mass = e[BL23_COLUMN_mass_gev];
    int news = mass[0].index == BL23_NO_INDEX || knot->mass_gev < mass[0].value ||
               knot->mass_gev > mass[1].value;
    for (; closed != 0; closed &= closed - 1)
        news |= 0.0 < e[BL23_COLUMN_br_kl_pi0 + __builtin_ctz(closed)][0].value;
    return news;
}

/* The columns of the survivor in lane k, whose values are settled from now on. */
BL23_STAGE void bl23_filter_offer(struct bl23_cpu_context const *context, uint64_t index, size_t k,
                                  struct bl23_extremum_filter *w, struct bl23_tallies *t)
{
    struct bl23_record record;
    bl23_record_of(context->model, index, &record);
    bl23_results_extrema(t, &record);
    w->changes++;
    for (int set = 0; set < (record.level == 1 ? 2 : 1); set++)
        for (int r = 0; r < w->rows; r++) {
            struct bl23_interval *const settled = &w->entry[r].settled[set];
            double const x = bl23_filter_value(&w->entry[r], k);
            settled->lo = bl23_min(x, settled->lo);
            settled->hi = bl23_max(x, settled->hi);
        }
}

/* Smallest and largest values of a row, lane by lane of a vector. */
struct bl23_row_range {
    bl23_vd lo, hi;
};

BL23_INLINE struct bl23_row_range bl23_empty_row(void)
{
    return (struct bl23_row_range){bl23_vd_set(BL23_INFINITY), bl23_vd_set(-BL23_INFINITY)};
}

BL23_INLINE struct bl23_row_range bl23_joined_row(struct bl23_row_range a, struct bl23_row_range b)
{
    return (struct bl23_row_range){bl23_vd_min(a.lo, b.lo), bl23_vd_max(a.hi, b.hi)};
}

/* The ranges of a row, or of its products with a factor that is not NULL, over all survivors [0]
 * and over those of level 1 [1], whose `excluded` is zero and not infinity; NULL: only over all.
 * Two vectors at a time: each waits for the last. */
BL23_INLINE void bl23_ranges_of_row(double const *row, double const *factor, double const *excluded,
                                    size_t padded, struct bl23_row_range range[2])
{
    struct bl23_row_range part[2][2];
    for (int set = 0; set < 2; set++)
        part[set][0] = part[set][1] = bl23_empty_row();
    for (size_t k = 0; k < padded; k += 2 * BL23_DOUBLE_LANES)
        BL23_UNROLL
    for (size_t i = 0; i < 2; i++) {
        size_t const at = k + i * BL23_DOUBLE_LANES;
        bl23_vd const y = bl23_vd_load(row + at);
        bl23_vd const x = factor ? bl23_vd_mul(bl23_vd_load(factor + at), y) : y;
        part[0][i] = bl23_joined_row((struct bl23_row_range){x, x}, part[0][i]);
        if (excluded) {
            bl23_vd const out = bl23_vd_load(excluded + at);
            struct bl23_row_range const left = {bl23_vd_add(x, out), bl23_vd_sub(x, out)};
            part[1][i] = bl23_joined_row(left, part[1][i]);
        }
    }
    for (int set = 0; set < 2; set++)
        range[set] = bl23_joined_row(part[set][0], part[set][1]);
}

BL23_INLINE int bl23_is_settled(struct bl23_interval settled, struct bl23_row_range range)
{
    return !bl23_vd_any_less(range.lo, bl23_vd_set(settled.lo)) &&
           !bl23_vd_any_less(bl23_vd_set(settled.hi), range.hi);
}

/* The rows with values that are not settled, a bit for each. What is settled for level 1 lies
 * within what is settled for all; where both levels are the same all survivors are of level 1. */
BL23_INLINE uint64_t bl23_rows_with_news(uint64_t one_sigma, size_t padded,
                                         struct bl23_survivor_rows const *s,
                                         struct bl23_extremum_filter const *w)
{
    double const *const excluded = w->same_levels || one_sigma == 0 ? NULL : s->excluded;
    int const first = w->same_levels ? 1 : 0;
    uint64_t rows = 0;
    for (int r = 0; r < w->rows; r++) {
        struct bl23_interval const *const settled = w->entry[r].settled;
        struct bl23_row_range range[2];
        if (w->entry[r].factor)
            bl23_ranges_of_row(w->entry[r].row, w->entry[r].factor, excluded, padded, range);
        else
            bl23_ranges_of_row(w->entry[r].row, NULL, excluded, padded, range);
        int const news = !bl23_is_settled(settled[first], range[0]) ||
                         (excluded && !bl23_is_settled(settled[1], range[1]));
        rows |= (uint64_t)news << r;
    }
    return rows;
}

/* May the survivor in lane k be an extremum, by one of these rows? */
BL23_INLINE int bl23_lane_is_news(struct bl23_extremum_filter const *w, uint64_t rows, size_t k,
                                  int one_sigma)
{
    int news = 0;
    for (; rows != 0; rows &= rows - 1) {
        struct bl23_filter_row const *const entry = &w->entry[__builtin_ctzll(rows)];
        struct bl23_interval const *const settled = entry->settled;
        double const x = bl23_filter_value(entry, k);
        news |= x < settled[0].lo || x > settled[0].hi;
        news |= one_sigma && (x < settled[1].lo || x > settled[1].hi);
    }
    return news;
}

/* Offer the survivors that may be an extremum, in their order: the first of equals is the one. */
BL23_STAGE void bl23_filter_rows(struct bl23_cpu_context const *context, uint64_t one_sigma,
                                 struct bl23_batch const *b, struct bl23_survivor_rows const *s,
                                 struct bl23_extremum_filter *w, struct bl23_tallies *t)
{
    uint64_t const rows = bl23_rows_with_news(one_sigma, b->padded, s, w);
    for (size_t k = 0; rows != 0 && k < b->count; k++)
        if (bl23_lane_is_news(w, rows, k, w->same_levels || s->one_sigma[k] != 0.0))
            bl23_filter_offer(context, bl23_batch_index(b, k), k, w, t);
}

/* The first survivor of a set, where a column is constant and new. */
BL23_INLINE void bl23_filter_constants(struct bl23_cpu_context const *context, int set,
                                       struct bl23_batch const *b,
                                       struct bl23_survivor_rows const *s,
                                       struct bl23_extremum_filter *w, struct bl23_tallies *t)
{
    if (!bl23_constant_extremum(w->knot, w->closed, t->extremum[set]))
        return;
    size_t k = 0;
    while (set == 1 && !w->same_levels && k < b->count && s->one_sigma[k] == 0.0)
        k++;
    if (k < b->count)
        bl23_filter_offer(context, bl23_batch_index(b, k), k, w, t);
}

BL23_INLINE void bl23_rows_extrema(struct bl23_cpu_context const *context, uint64_t one_sigma,
                                   struct bl23_batch const *b, struct bl23_survivor_rows const *s,
                                   struct bl23_extremum_filter *w, struct bl23_tallies *t)
{
    bl23_filter_constants(context, 0, b, s, w, t);
    if (one_sigma > 0)
        bl23_filter_constants(context, 1, b, s, w, t);
    bl23_filter_rows(context, one_sigma, b, s, w, t);
}

#endif
