/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "kernels/results/model_check.h"

#include <math.h>
#include <stdbool.h>

#include "kernels/sample/cell.h"
#include "kernels/sample/chi2.h"
#include "kernels/sample/row.h"

/* Far above all that inputs give; below it products of two amplitudes are finite. */
#define LARGEST 1e100
/* bl23_exp2 is made for less. */
#define LARGEST_LOG2 1000.0
/* Of a norm, by rounding. */
#define ROUNDING 1e-12

enum { NEAREST_MAX = 1 << 24 };

/* Is each of them a number of at most this size? NaN is not. */
static bool within(double const *x, size_t n, double largest)
{
    bool fine = true;
    for (size_t k = 0; k < n; k++)
        fine = fine && fabs(x[k]) <= largest;
    return fine;
}

/* ---- the header ---- */

static bool has_coupling(struct bl23_model const *m)
{
    if (m->g_mode == BL23_G_SOLVE || m->g_mode == BL23_G_ROWS)
        return true;
    bool const drawn = m->g_mode == BL23_G_LOG_UNIFORM;
    return m->g_min > 0.0 && m->g_min <= LARGEST &&
           (!drawn || (m->g_log2_ratio >= 0.0 && m->g_log2_ratio < LARGEST_LOG2));
}

static bool has_row(struct bl23_model const *m)
{
    double const pi = 0x1.921fb54442d18p+1;
    double const *const w2 = m->w.monomial;
    if (m->w_mode != BL23_W_FIXED)
        return true;
    return within(w2, BL23_MONOMIALS, 1.0) && within(m->w.abs, 3, 1.0) &&
           within(m->w.phase, 3, pi) && fabs(w2[0] + w2[1] + w2[2] - 1.0) <= ROUNDING;
}

static char const *header_fault(struct bl23_model const *m)
{
    if (m->n_constraints > BL23_CONSTRAINTS_MAX)
        return "it has more constraints than a model can hold";
    if (m->groups >= 2 * BL23_GROUP_DRAWS)
        return "it has groups of columns that do not exist";
    if (m->g_mode > BL23_G_ROWS || m->w_mode > BL23_W_ROWS || m->level >= BL23_LEVELS)
        return "its level, its mode of g or its mode of w is not a known one";
    for (int c = 0; c < BL23_CONSTRAINTS_MAX; c++)
        if (m->constraint_quantity[c] >= BL23_QUANTITIES)
            return "a constraint is on a quantity that does not exist";
    for (uint64_t c = 0; c < m->n_constraints; c++)
        if ((bl23_form_range_of((int)m->constraint_quantity[c]).group & ~m->groups) != 0)
            return "a constraint is on a quantity of a group that it does not have";
    if (!has_coupling(m))
        return "its coupling g is out of range";
    return has_row(m) ? NULL : "its row w does not have norm 1";
}

/* ---- a knot ---- */

/* An interval as kernels/sample/model.h has it; lo > hi is an empty one. */
static bool is_interval(struct bl23_interval x)
{
    return x.lo >= 0.0 && x.hi == x.hi;
}

/* `allowed` must be what the limits leave. */
static bool is_intersection(struct bl23_model const *m, struct bl23_knot const *knot, int level)
{
    struct bl23_interval all[BL23_QUANTITIES];
    bool fine = true;
    for (int q = 0; q < BL23_QUANTITIES; q++)
        all[q] = (struct bl23_interval){0.0, BL23_INFINITY};
    for (uint64_t c = 0; c < m->n_constraints; c++) {
        struct bl23_interval const limit = knot->limit[level][c];
        struct bl23_interval *const a = &all[m->constraint_quantity[c]];
        fine = fine && is_interval(limit);
        a->lo = limit.lo > a->lo ? limit.lo : a->lo;
        a->hi = limit.hi < a->hi ? limit.hi : a->hi;
    }
    for (int q = 0; q < BL23_QUANTITIES; q++) {
        struct bl23_interval const allowed = knot->allowed[level][q];
        fine = fine && allowed.lo == all[q].lo && allowed.hi == all[q].hi;
    }
    return fine;
}

static char const *knot_fault(struct bl23_model const *m, struct bl23_knot const *knot)
{
    if (!(knot->mass_gev > 0.0 && knot->mass_gev <= LARGEST))
        return "a mass is not above 0";
    if (!within(&knot->form[0][0], (size_t)BL23_FORMS * BL23_MONOMIALS, LARGEST) ||
        !within(&knot->delta_a_mu_per_g2, 1, LARGEST))
        return "a coefficient of an amplitude, or Delta a_mu, is not a finite number";
    if (!within(knot->weight, BL23_WEIGHTS, LARGEST))
        return "a weight of an amplitude is not a finite number";
    for (int w = 0; w < BL23_WEIGHT_MIXING; w++)
        if (knot->weight[w] < 0.0)
            return "a weight of an amplitude is negative";
    for (int mode = 0; mode < BL23_MODES; mode++)
        if (!(knot->kappa[mode] >= 0.0 && knot->kappa[mode] < BL23_INFINITY))
            return "a rate is negative or not finite";
    for (int level = 0; level < BL23_LEVELS; level++)
        if (!is_intersection(m, knot, level))
            return "its limits contradict each other";
    return NULL;
}

/* ---- the ranking ---- */

/* Weights are of squares of what may be large or small, but finite. */
static bool is_weight(double x)
{
    return x >= 0.0 && x < BL23_INFINITY;
}

static char const *ranking_fault(struct bl23_model const *m)
{
    if ((m->groups & BL23_GROUP_CHI2) == 0)
        return NULL;
    struct bl23_ranking const *const r = bl23_model_ranking(m);
    bool fine = r->chi2_max >= 0.0;
    for (uint64_t k = 0; k < m->n_knots; k++) {
        struct bl23_chi2 const *const t = &r->chi2[k];
        fine = fine && is_weight(t->constant);
        for (int q = 0; q < BL23_QUANTITIES; q++)
            fine = fine && is_weight(t->half[q]);
        for (int c = 0; c < BL23_CONSTRAINTS_MAX; c++) {
            struct bl23_split_gauss const s = t->split[c];
            fine = fine && fabs(s.central) < BL23_INFINITY && is_weight(s.below) &&
                   is_weight(s.above) && (s.below > 0.0) == (s.above > 0.0);
        }
    }
    return fine ? NULL : "a likelihood is not one of finite numbers";
}

/* ---- the draws of the inputs ---- */

static char const *draws_fault(struct bl23_model const *m)
{
    if ((m->groups & BL23_GROUP_DRAWS) == 0)
        return NULL;
    struct bl23_draws const *const d = bl23_model_draws(m);
    if (d->n_masses == 0 || d->n_masses > m->n_knots || m->n_knots % d->n_masses != 0)
        return "its masses do not fit its draws of the inputs";
    return d->common_w > 1 || m->cover_bytes > 0 || m->n_rows > 0
               ? "its draws of the inputs are not of rows w that it draws"
               : NULL;
}

/* ---- the rows that the user gives ---- */

static char const *rows_fault(struct bl23_model const *m)
{
    bool const has_g = m->g_mode == BL23_G_ROWS;
    if ((m->w_mode == BL23_W_ROWS) != (m->n_rows > 0) || (has_g && m->n_rows == 0))
        return "it has rows w that its mode of w does not use, or lacks them";
    for (uint64_t k = 0; k < m->n_rows; k++) {
        double const g = has_g ? bl23_given_g(m, k) : 1.0;
        if (!bl23_row_is_allowed(bl23_given_w(m, k)) || !(g > 0.0 && g <= LARGEST))
            return "a row w, or its coupling g, is out of range";
    }
    return NULL;
}

/* ---- the cover ---- */

/* A square on the diagonal, or a <= b everywhere. */
static bool is_cell(struct bl23_cell const *cell)
{
    uint32_t const *const prefix = cell->prefix;
    bool whole = true;
    for (int d = 0; d < BL23_CELL_WORDS; d++)
        whole = whole && prefix[d] != 0;
    if (!whole)
        return false;
    uint64_t const end =
        bl23_prefix_low(prefix[BL23_CELL_A]) + 2 * (uint64_t)bl23_prefix_half(prefix[BL23_CELL_A]);
    return bl23_cell_is_diagonal(cell) || end <= bl23_prefix_low(prefix[BL23_CELL_B]);
}

/* Words in any order, no slope above 1, and no strip below a word. *depth: with the extra bits. */
static bool is_shear(struct bl23_cell const *cell, struct bl23_shear const *shear, uint64_t *depth)
{
    unsigned words = 0;
    for (int k = 0; k < BL23_SHEAR_WORDS; k++) {
        int const d = shear->word[k];
        if (d >= BL23_SHEAR_WORDS ||
            bl23_prefix_bits(cell->prefix[d]) + shear->extra[k] > BL23_CELL_BITS_MAX)
            return false;
        words |= 1u << d;
        *depth += shear->extra[k];
        for (int j = 0; j < k; j++)
            if (shear->slope[k * (k - 1) / 2 + j] > BL23_SLOPE_ONE ||
                shear->slope[k * (k - 1) / 2 + j] < -BL23_SLOPE_ONE)
                return false;
    }
    return words == (1u << BL23_SHEAR_WORDS) - 1u;
}

/* The cells of a mass must be of the depths that it says, as many as its volumes say; *end is that
 * of the cells before it, among all of them. */
static bool knot_covers(struct bl23_model const *m, struct bl23_cover_knot const *k, uint64_t *end)
{
    struct bl23_cover const *const cover = bl23_model_cover(m);
    uint64_t n = 0;
    bool const has_strips = m->cover_bytes > bl23_cover_bytes(m, cover->n_cells);
    if (k->sheared > (has_strips ? 1u : 0u) || k->depth > BL23_CELL_DEPTH_MAX || k->first != *end ||
        k->begin[0] != 0 || k->begin[k->depth + 1] > UINT64_C(1) << k->depth)
        return false;
    struct bl23_cells const cells = bl23_cells_of_cover(m, (uint64_t)(k - cover->knot));
    for (uint64_t depth = 0; depth <= k->depth; depth++) {
        uint64_t const one = UINT64_C(1) << (k->depth - depth);
        uint64_t const volume = k->begin[depth + 1] - k->begin[depth];
        if (k->begin[depth + 1] < k->begin[depth] || volume % one != 0 || k->cell[depth] != n ||
            volume / one > cover->n_cells - k->first - n)
            return false;
        for (uint64_t c = 0; c < volume / one; c++, n++) {
            struct bl23_cell const cell = bl23_cell_numbered(cells, n);
            if (!is_cell(&cell))
                return false;
            uint64_t cell_depth = (uint64_t)bl23_cell_depth(&cell);
            if (cells.shear && !is_shear(&cell, &cells.shear[n], &cell_depth))
                return false;
            if (cell_depth != depth)
                return false;
        }
    }
    *end += n;
    return true;
}

/* A mass has tiles only if it has cells, and the shares of all are the whole. */
static bool shares_fit(struct bl23_model const *m)
{
    struct bl23_cover_knot const *const knot = bl23_model_cover(m)->knot;
    uint64_t until = 0;
    for (uint64_t k = 0; k < m->n_knots; k++) {
        bool const empty = knot[k].begin[knot[k].depth + 1] == 0;
        if (knot[k].until < until || (empty && knot[k].until != until))
            return false;
        until = knot[k].until;
    }
    return until == UINT64_MAX;
}

static char const *cover_fault(struct bl23_model const *m)
{
    struct bl23_cover const *const cover = bl23_model_cover(m);
    uint64_t end = 0;
    if (m->cover_bytes == 0)
        return NULL;
    if (m->w_mode != BL23_W_HAAR)
        return "it has a cover, but its rows w are not drawn";
    if (m->cover_bytes < bl23_cover_bytes(m, 0) ||
        cover->n_cells > m->cover_bytes / sizeof(struct bl23_w_prefixes) ||
        (m->cover_bytes != bl23_cover_bytes(m, cover->n_cells) &&
         m->cover_bytes !=
             bl23_cover_bytes(m, cover->n_cells) + cover->n_cells * sizeof(struct bl23_shear)))
        return "the number of cells of its cover does not fit its size";
    for (uint64_t k = 0; k < m->n_knots; k++)
        if (!knot_covers(m, &cover->knot[k], &end))
            return "the cells of its cover are not those of its volumes";
    if (end != cover->n_cells)
        return "its cover has cells of no mass";
    return shares_fit(m) ? NULL : "the shares of the masses in its cover do not fit";
}

char const *bl23_model_fault(struct bl23_model const *m, size_t bytes)
{
    size_t const knot = sizeof(struct bl23_knot);
    if (bytes < sizeof *m + knot || m->n_knots == 0 || m->n_knots > (bytes - sizeof *m) / knot ||
        bl23_ranked_bytes(m->n_knots, m->groups) > bytes || m->cover_bytes > bytes ||
        m->n_rows > bytes / bl23_row_bytes(m->g_mode) || bl23_model_size(m) != bytes)
        return "its number of masses does not fit its size";
    char const *fault = header_fault(m);
    for (uint64_t k = 0; !fault && k < m->n_knots; k++)
        fault = knot_fault(m, &m->knot[k]);
    if (!fault)
        fault = ranking_fault(m);
    if (!fault)
        fault = draws_fault(m);
    if (!fault)
        fault = rows_fault(m);
    return fault ? fault : cover_fault(m);
}

/* ---- the reduction ---- */

static bool is_rising(double const edge[BL23_BINS_MAX + 1], uint64_t bins)
{
    bool rising = within(edge, bins + 1, LARGEST);
    for (uint64_t k = 0; k < bins; k++)
        rising = rising && edge[k] < edge[k + 1];
    return rising;
}

char const *bl23_reduction_fault(struct bl23_reduction const *r)
{
    if (r->nearest > NEAREST_MAX)
        return "it keeps more nearest samples than the limit";
    if (r->profile > 1)
        return "its profile is not 0 or 1";
    if (r->cutflow_every == 0)
        return "its cut-flow counts every 0th tile";
    if (r->n_histograms_2d > BL23_HISTOGRAMS_2D)
        return "it has more histograms than the limit";
    for (uint64_t h = 0; h < r->n_histograms_2d; h++)
        if (r->histogram_2d[h][0] >= BL23_HISTOGRAM_AXES ||
            r->histogram_2d[h][1] >= BL23_HISTOGRAM_AXES)
            return "a histogram is of an axis that does not exist";
    for (int axis = 0; axis < BL23_HISTOGRAM_AXES; axis++) {
        if (r->bins[axis] < 1 || r->bins[axis] > BL23_BINS_MAX)
            return "an axis has no bins, or more than the limit";
        if (!is_rising(r->edge[axis], r->bins[axis]))
            return "the edges of its bins do not rise";
    }
    return NULL;
}
