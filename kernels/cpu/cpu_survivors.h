/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* The reductions over survivors that the verdict has found: counts, histograms, extrema, and the
 * list of those that are kept.
 *
 * How it works. Survivors are rare among candidates, so they are first collected:
 * bl23_batch_select finds them in a batch that has been judged, bl23_survivors_append moves their
 * rows into a second batch, and when that one is full, or the tile ends, bl23_survivors_reduce runs
 * all reductions on it. No record is computed for this. Counts come from one row of flags.
 * Histogram bins come from the random words and from the leading bits of g; where these do not
 * decide, they come from the columns. Extrema pass through extremum_filter.h. The kept survivors
 * are those of smallest hash: while none has been dropped no hash is needed, later the hashes of a
 * batch are computed and compared with the bound.
 *
 * A survivor is computed up to three times, on purpose: in single precision by the screens, in
 * double precision as a row of a batch unless it is plain (kernels/screen/sides.h), and as a whole
 * record when a column of it is needed - here, or when the output is written. The list in between
 * holds two bytes a survivor: its index says all.
 */
#ifndef BL23_KERNELS_CPU_SURVIVORS_H
#define BL23_KERNELS_CPU_SURVIVORS_H

#include "kernels/cpu/extremum_filter.h"

/* ---- from the candidates to the survivors ---- */

/* The survivors of a batch: which lanes of which vectors, and where they go. */
struct bl23_selection {
    size_t count, vectors;
    uint32_t lanes[BL23_BATCH / BL23_DOUBLE_LANES];
    size_t from[BL23_BATCH / BL23_DOUBLE_LANES], to[BL23_BATCH / BL23_DOUBLE_LANES];
};

BL23_INLINE void bl23_batch_select(struct bl23_batch const *b, struct bl23_selection *s)
{
    s->count = 0;
    s->vectors = 0;
    for (size_t k = 0; k < b->count; k += BL23_DOUBLE_LANES) { /* no branch: it would be a guess */
        size_t const left = b->count - k;
        unsigned const within = left < BL23_DOUBLE_LANES ? (1u << left) - 1u : ~0u;
        unsigned const lanes = bl23_vd_nonzero(bl23_vd_load(b->survives + k)) & within;
        s->lanes[s->vectors] = lanes;
        s->from[s->vectors] = k;
        s->to[s->vectors] = s->count;
        s->vectors += lanes != 0;
        s->count += (size_t)__builtin_popcount(lanes);
    }
}

enum { BL23_PASSED_ROWS = BL23_MONOMIALS + BL23_FORMS + 5 };

/* The rows of a batch that survivors take with them; returns how many. */
BL23_INLINE int bl23_passed_rows(struct bl23_model const *model, unsigned forms,
                                 struct bl23_batch *b, double *row[BL23_PASSED_ROWS])
{
    int n = 0;
    row[n++] = b->tension;
    if (model->g_mode == BL23_G_SOLVE) {
        row[n++] = b->g2_lo;
        row[n++] = b->g2_hi;
    } else {
        row[n++] = b->g;
    }
    if ((model->groups & BL23_GROUP_CHI2) != 0) {
        row[n++] = b->chi2;
        row[n++] = b->chi2_g2;
    }
    for (int i = 0; model->w_mode != BL23_W_FIXED && i < BL23_MONOMIALS; i++)
        row[n++] = b->monomial[i];
    for (int r = 0; r < BL23_FORMS; r++)
        if (forms >> r & 1u)
            row[n++] = b->amplitude[r];
    return n;
}

/* Append the selected candidates to the survivors; `forms` are the amplitudes that are there. */
BL23_STAGE void bl23_survivors_append(struct bl23_model const *model, unsigned forms,
                                      struct bl23_selection const *s, struct bl23_batch *from,
                                      struct bl23_batch *to)
{
    double *source[BL23_PASSED_ROWS], *target[BL23_PASSED_ROWS];
    int const rows = bl23_passed_rows(model, forms, from, source);
    bl23_passed_rows(model, forms, to, target);
    for (size_t v = 0; v < s->vectors; v++) {
        size_t const k = s->from[v], at = to->count + s->to[v];
        unsigned const lanes = s->lanes[v];
        bl23_pack_words(lanes, from->offset + k, to->offset + at);
        bl23_pack_words(lanes, from->word[2] + k, to->word[2] + at);
        bl23_pack_words(lanes, from->word[3] + k, to->word[3] + at);
        for (int r = 0; r < rows; r++)
            bl23_pack_doubles(lanes, source[r] + k, target[r] + at);
    }
    to->count += s->count;
}

/* Whole vectors of survivors, and all amplitudes and quantities that the survey has. */
BL23_STAGE void bl23_survivors_close(struct bl23_model const *model, unsigned forms,
                                     struct bl23_batch *b)
{
    double *row[BL23_PASSED_ROWS];
    int const rows = bl23_passed_rows(model, forms, b, row);
    b->padded = bl23_whole_steps(b->count);
    bl23_words_pad(b->offset, b->count);
    bl23_words_pad(b->word[2], b->count);
    bl23_words_pad(b->word[3], b->count);
    for (int r = 0; r < rows; r++)
        for (size_t k = 0; k < BL23_BATCH_STEP; k++)
            row[r][b->count + k] = row[r][b->count - 1];
    unsigned const groups = (unsigned)model->groups;
    unsigned const quantities = bl23_quantities_of_groups(groups);
    bl23_batch_amplitudes((bl23_forms_of(quantities) | bl23_column_forms(groups)) & ~forms, b);
    bl23_batch_quantities(quantities, b);
}

/* ---- the rows ---- */

/* x12_im divided by g^2, with its sign. */
BL23_STAGE void bl23_rows_x12_im(struct bl23_batch const *b, struct bl23_survivor_rows *s)
{
    for (size_t k = 0; k < b->padded; k++) {
        double h[4];
        for (int r = 0; r < 4; r++)
            h[r] = b->amplitude[BL23_FORM_UC + r][k];
        s->x12_im[k] = bl23_mixing_im(h, b->knot->weight + BL23_WEIGHT_MIXING);
    }
}

/* g at which the observables are given. */
BL23_STAGE void bl23_rows_couplings(struct bl23_model const *model, struct bl23_batch const *b,
                                    struct bl23_survivor_rows *s)
{
    int const solve = model->g_mode == BL23_G_SOLVE;
    int const by_chi2 = solve && bl23_chi2_decides(model);
    for (size_t k = 0; by_chi2 && k < b->padded; k++) {
        s->g2[k] = b->chi2_g2[k];
        s->g_bl[k] = sqrt(b->chi2_g2[k]);
    }
    for (size_t k = 0; !by_chi2 && k < b->padded; k++) {
        double const g = solve ? 0.0 : b->g[k];
        struct bl23_verdict v;
        v.g2_lo = solve ? b->g2_lo[k] : g * g;
        v.g2_hi = solve ? b->g2_hi[k] : g * g;
        struct bl23_couplings const c = bl23_record_couplings(v, solve, g);
        s->g2[k] = c.g2;
        s->g_bl[k] = c.g_bl;
    }
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

/* The same of rows that the user gives. */
BL23_STAGE void bl23_rows_given_phases(struct bl23_model const *model, struct bl23_batch const *b,
                                       struct bl23_survivor_rows *s)
{
    for (size_t k = 0; k < b->padded; k++) {
        double const *const w = bl23_given_w(model, bl23_batch_index(b, k));
        for (int i = 0; i < 3; i++)
            s->phase[i][k] = bl23_row_angle(w[2 * i + 1], w[2 * i]);
    }
}

/* Which survivors pass the 1-sigma bands; returns how many. */
BL23_STAGE uint64_t bl23_rows_levels(struct bl23_model const *model,
                                     struct bl23_extremum_filter const *w,
                                     struct bl23_batch const *b, struct bl23_survivor_rows *s)
{
    if (w->same_levels)
        return b->count;
    bl23_batch_level(model, 0, b, s->one_sigma);
    int64_t n = 0;
    for (size_t k = 0; k < b->count; k++)
        n += s->one_sigma[k] != 0.0;
    for (size_t k = 0; k < b->padded; k++)
        s->excluded[k] = s->one_sigma[k] != 0.0 ? 0.0 : BL23_INFINITY;
    return (uint64_t)n;
}

/* ---- histograms ---- */

/* Bins of the axes that the words decide; returns whether rounding could decide instead. */
BL23_INLINE int bl23_rows_word_bins(struct bl23_bin_plan const *plan, struct bl23_batch const *b,
                                    struct bl23_survivor_rows *s)
{
    int32_t edges = 0;
    for (int i = 0; i < BL23_AXIS_PHASES; i++) {
        double const bins = plan->bins[i];
        for (size_t k = 0; k < b->padded; k++) {
            double const square = b->monomial[i][k];
            edges |= bl23_square_on_edge(square, bins);
            s->bin[i][k] = bl23_bin_of_square(square, bins);
        }
    }
    BL23_UNROLL
    for (int i = 0; i < 3; i++) {
        int const axis = BL23_AXIS_PHASES + i;
        uint32_t const bins = (uint32_t)plan->bins[axis];
        for (size_t k = 0; k < b->padded; k++) {
            uint32_t phase[3];
            bl23_phase_words(b->word[2][k], b->word[3][k], phase);
            edges |= bl23_word_on_edge(phase[i], bins);
            s->bin[axis][k] = bl23_bin_of_word(phase[i], bins);
        }
    }
    return edges;
}

/* The same bins from the columns. */
BL23_INLINE void bl23_rows_column_bins(struct bl23_reduction const *reduction,
                                       struct bl23_batch const *b, struct bl23_survivor_rows *s)
{
    for (size_t k = 0; k < b->count; k++) {
        double abs[3], phase[3];
        int32_t bin[BL23_HISTOGRAM_AXES];
        for (int i = 0; i < 3; i++) {
            abs[i] = sqrt(b->monomial[i][k]);
            phase[i] = s->phase[i][k];
        }
        bl23_bins_of_w(reduction, abs, phase, bin);
        for (int a = 0; a < BL23_AXIS_G; a++)
            s->bin[a][k] = bin[a];
    }
}

/* The same of rows that the user gives. */
BL23_INLINE void bl23_rows_given_bins(struct bl23_cpu_context const *context,
                                      struct bl23_batch const *b, struct bl23_survivor_rows *s)
{
    for (size_t k = 0; k < b->count; k++) {
        struct bl23_row row;
        int32_t bin[BL23_HISTOGRAM_AXES];
        bl23_given_row_of(context->model, bl23_batch_index(b, k), &row);
        bl23_bins_of_w(context->reduction, row.abs, row.phase, bin);
        for (int a = 0; a < BL23_AXIS_G; a++)
            s->bin[a][k] = bin[a];
    }
}

/* With w fixed they are the same for all survivors. */
BL23_INLINE void bl23_rows_fixed_bins(struct bl23_cpu_context const *context, size_t count,
                                      struct bl23_survivor_rows *s)
{
    struct bl23_row const *const w = &context->model->w;
    int32_t bin[BL23_HISTOGRAM_AXES];
    bl23_bins_of_w(context->reduction, w->abs, w->phase, bin);
    for (int a = 0; a < BL23_AXIS_G; a++)
        for (size_t k = 0; k < count; k++)
            s->bin[a][k] = bin[a];
}

BL23_STAGE void bl23_rows_bins(struct bl23_cpu_context const *context, struct bl23_batch const *b,
                               struct bl23_survivor_rows *s)
{
    struct bl23_bin_plan const *const plan = context->bins;
    double const *const edge = context->reduction->edge[BL23_AXIS_G];
    int32_t *const bin_of_g = s->bin[BL23_AXIS_G];
    if (context->model->w_mode == BL23_W_FIXED)
        bl23_rows_fixed_bins(context, b->count, s);
    else if (context->model->w_mode == BL23_W_ROWS)
        bl23_rows_given_bins(context, b, s);
    else if (!plan->words_decide || bl23_rows_word_bins(plan, b, s))
        bl23_rows_column_bins(context->reduction, b, s);
    if (plan->of_g.decide)
        for (size_t k = 0; k < b->count; k++)
            bin_of_g[k] = bl23_bin_of_g(plan, edge, s->g_bl[k]);
    else
        for (size_t k = 0; k < b->count; k++)
            bin_of_g[k] = bl23_bin_rising(edge, plan->bins[BL23_AXIS_G], s->g_bl[k]);
}

/* Histograms that are counted in one loop: survivors often share a bin, and each count waits for
 * the one before it. */
enum { BL23_COUNTED = 4 };
struct bl23_counted {
    int n;
    int32_t const *bin[BL23_COUNTED];
    uint64_t *counts[BL23_COUNTED];
    int32_t cell[BL23_COUNTED][BL23_BATCH_ROOM]; /* room for bins of 2-D histograms */
};

BL23_INLINE void bl23_count(struct bl23_counted *c, size_t count)
{
    static int32_t const none[BL23_BATCH_ROOM];
    uint64_t unused[BL23_COUNTED] = {0};
    for (; c->n < BL23_COUNTED; c->n++) {
        c->bin[c->n] = none;
        c->counts[c->n] = &unused[c->n];
    }
    for (size_t k = 0; k < count; k++) {
        BL23_UNROLL
        for (int i = 0; i < BL23_COUNTED; i++)
            c->counts[i][c->bin[i][k]]++;
    }
    c->n = 0;
}

/* One more, whose bins are there. */
BL23_INLINE void bl23_count_too(struct bl23_counted *c, int32_t const *bin, uint64_t *counts,
                                size_t count)
{
    c->bin[c->n] = bin;
    c->counts[c->n] = counts;
    if (++c->n == BL23_COUNTED)
        bl23_count(c, count);
}

/* The 1-D histograms that are no margin of a 2-D one, and the 2-D ones. */
BL23_STAGE void bl23_rows_histograms(struct bl23_cpu_context const *context, size_t count,
                                     struct bl23_survivor_rows const *s, struct bl23_results *r)
{
    struct bl23_counted c;
    c.n = 0;
    for (int a = 0; a < BL23_HISTOGRAM_AXES; a++)
        if (context->bins->marginal_of[a] == BL23_NO_MARGINAL)
            bl23_count_too(&c, s->bin[a], r->tallies.histogram_1d[a], count);
    uint64_t *cells = r->histogram_2d;
    for (uint64_t h = 0; h < r->n_histograms_2d; cells += r->cells[h++]) {
        uint64_t const *const axis = context->reduction->histogram_2d[h];
        int32_t const *const x = s->bin[axis[0]], *const y = s->bin[axis[1]];
        int32_t const side = context->bins->bins[axis[1]] + 2;
        int32_t *const cell = c.cell[c.n];
        for (size_t k = 0; k < count; k++)
            cell[k] = x[k] * side + y[k];
        bl23_count_too(&c, cell, cells, count);
    }
    if (c.n > 0)
        bl23_count(&c, count);
}

/* ---- what is kept ---- */

/* Offsets of survivors within their whole tile, rising; room for what is written and dropped. */
struct bl23_kept {
    unsigned n;
    uint16_t offset[BL23_TILE + 1];
};

BL23_INLINE void bl23_keep_all(struct bl23_tile const *tile, uint32_t const *offset, size_t count,
                               struct bl23_kept *kept)
{
    uint32_t const base = tile->first % BL23_TILE;
    for (size_t k = 0; k < count; k++)
        kept->offset[kept->n + k] = (uint16_t)(base + offset[k]);
    kept->n += (unsigned)count;
}

/* The same of those with a hash up to the bound. */
BL23_INLINE void bl23_keep_below(struct bl23_tile const *tile, uint32_t const *offset, size_t count,
                                 uint64_t bound, struct bl23_kept *kept)
{
    uint32_t word[4][BL23_BATCH_ROOM];
    uint32_t *const words[4] = {word[0], word[1], word[2], word[3]};
    uint32_t const base = tile->first % BL23_TILE;
    unsigned n = kept->n;
    struct bl23_tile const own = {.seed = tile->seed, .words = tile->first};
    bl23_words_of(&own, BL23_HASH_BLOCK, offset, (unsigned)count, words);
    for (size_t k = 0; k < count; k++) { /* no branch: what is above is overwritten */
        kept->offset[n] = (uint16_t)(base + offset[k]);
        n += bl23_hash_of_pair(word[0][k], word[1][k]) <= bound;
    }
    kept->n = n;
}

/* Keep survivors by their hash, up to BL23_BATCH of them; most of a long survey are above the
 * largest that is kept. While none has been dropped no hash is needed. */
BL23_STAGE void bl23_rows_keep(struct bl23_tile const *tile, uint32_t const *offset, size_t count,
                               uint64_t hash_bound, struct bl23_kept *kept,
                               struct bl23_results const *r)
{
    uint64_t const bound = r->hash_bound < hash_bound ? r->hash_bound : hash_bound;
    if (bound < UINT64_MAX)
        bl23_keep_below(tile, offset, count, bound, kept);
    else if (r->max_survivors > 0)
        bl23_keep_all(tile, offset, count, kept);
}

/* What was kept of a tile by two ways, of which nothing is left then. */
BL23_STAGE enum bl23_status bl23_tile_keep(struct bl23_tile const *tile, struct bl23_kept *a,
                                           struct bl23_kept *b, struct bl23_results *r)
{
    uint16_t offset[BL23_TILE];
    unsigned n = 0, i = 0;
    for (unsigned j = 0; j < b->n; j++) {
        while (i < a->n && a->offset[i] < b->offset[j])
            offset[n++] = a->offset[i++];
        offset[n++] = b->offset[j];
    }
    memcpy(offset + n, a->offset + i, (a->n - i) * sizeof *offset);
    struct bl23_tile_survivors const those = {tile->first - tile->first % BL23_TILE, a->n + b->n,
                                              offset};
    a->n = b->n = 0;
    return bl23_results_keep(r, those);
}

/* All reductions over a batch of survivors, of which there is at least one; those of a hash above
 * the bound are known not to be among the kept. */
BL23_INLINE void bl23_survivors_reduce(struct bl23_cpu_context const *context,
                                       struct bl23_tile const *tile, struct bl23_batch *b,
                                       uint64_t hash_bound, struct bl23_survivor_rows *s,
                                       struct bl23_extremum_filter *filter, struct bl23_kept *kept,
                                       struct bl23_results *r)
{
    struct bl23_model const *const model = context->model;
    if (filter->knot != b->knot)
        bl23_filter_build(model, b->knot, &r->tallies, b, s, filter);
    bl23_rows_couplings(model, b, s);
    if (bl23_quantities_of_groups((unsigned)model->groups) >> BL23_QUANTITY_X12_IM & 1u)
        bl23_rows_x12_im(b, s);
    if (model->w_mode == BL23_W_HAAR)
        bl23_rows_phases(tile, b, s);
    if (model->w_mode == BL23_W_ROWS)
        bl23_rows_given_phases(model, b, s);
    uint64_t const one_sigma = bl23_rows_levels(model, filter, b, s);
    r->tallies.passed += b->count;
    r->tallies.passed_1sigma += one_sigma;
    bl23_rows_extrema(context, one_sigma, b, s, filter, &r->tallies);
    bl23_rows_bins(context, b, s);
    bl23_rows_histograms(context, b->count, s, r);
    bl23_rows_keep(tile, b->offset, b->count, hash_bound, kept, r);
}

#endif
