/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "tables/cover/cover_bounds.h"

#include <string.h>

/* Of the sum of the moduli of a row's coefficients: 64 units of rounding for what is computed of
 * it, here and in verdict.h, and 2^-43 for the error of the coefficients themselves, which
 * tests/test_cover.c holds against the error that loop_tables.h states. */
#define MARGIN (0x1p-46 + 0x1p-43)
/* Relative, of g: twice the error of bl23_exp2 and a product. */
#define G_MARGIN 0x1p-48
/* Of what is subtracted in D0 mixing. */
#define MIXING_MARGIN 0x1p-48

enum { AB, X2_Y };

/* ---- the problem ---- */

static void row_build(double const form[BL23_MONOMIALS], struct bl23_cover_row *row)
{
    double sum = 0.0;
    for (int k = 0; k < BL23_MONOMIALS; k++)
        sum += fabs(form[k]);
    row->constant = form[2]; /* a, b - a, 1 - b */
    row->by_a = form[0] - form[1];
    row->by_b = form[1] - form[2];
    for (int p = 0; p < BL23_COVER_PAIRS; p++) {
        row->re[p] = form[3 + 2 * p];
        row->im[p] = form[4 + 2 * p];
        row->amplitude[p] = sqrt(row->re[p] * row->re[p] + row->im[p] * row->im[p]);
    }
    row->margin = MARGIN * sum;
}

/* How many amplitudes of a set stand before one. */
static int count_before(unsigned forms, int form)
{
    int count = 0;
    for (int r = 0; r < form; r++)
        count += (int)(forms >> r & 1u);
    return count;
}

static void quantity_build(struct bl23_knot const *knot, uint64_t level, unsigned forms, int q,
                           struct bl23_cover_quantity *quantity)
{
    struct bl23_form_range const range = bl23_form_range_of(q);
    quantity->q = q;
    quantity->shape = range.shape;
    quantity->first = count_before(forms, range.first);
    quantity->count = range.count;
    quantity->allowed = knot->allowed[level][q];
    for (int r = 0; r < range.count; r++)
        quantity->weight[r] = bl23_weight_of(range, knot->weight, r);
    if (range.shape == BL23_SHAPE_MODULUS || range.shape == BL23_SHAPE_IMAGINARY)
        memcpy(quantity->weight, &knot->weight[range.weight], 2 * sizeof(double));
}

void bl23_cover_problem_build(struct bl23_model const *model, uint64_t knot_index,
                              struct bl23_cover_problem *problem)
{
    struct bl23_knot const *const knot = &model->knot[knot_index];
    unsigned const limited = bl23_limited_at(knot, model->level), forms = bl23_forms_of(limited);
    memset(problem, 0, sizeof *problem);
    problem->model = model;
    problem->knot = knot;
    problem->solve = model->g_mode == BL23_G_SOLVE;
    for (int q = 0; q < BL23_QUANTITIES; q++)
        if (limited >> q & 1u)
            quantity_build(knot, model->level, forms, q, &problem->quantity[problem->quantities++]);
    for (int r = 0; r < BL23_FORMS; r++)
        if (forms >> r & 1u)
            row_build(knot->form[r], &problem->row[problem->rows++]);
    for (uint32_t k = 0; k < BL23_COVER_TURN; k++)
        bl23_sincos_word(k << (32 - BL23_COVER_TURN_BITS), &problem->turn[k][0],
                         &problem->turn[k][1]);
    for (uint32_t k = 1; k <= BL23_CELL_BITS_MAX; k++)
        bl23_sincos_word(0x80000000u >> k, &problem->half[k][0], &problem->half[k][1]);
}

/* ---- the factors of the monomials ---- */

/* Smallest and largest word of a prefix. */
static void words_of(uint32_t prefix, uint32_t *low, uint32_t *high)
{
    *low = bl23_prefix_low(prefix);
    *high = prefix | (prefix - 1u);
}

/* The least and the largest R_ij of the corners q[a][b], of which [1][0] is outside on the
 * diagonal, and how much it changes with a and b. peak: its value where both spacings are equal, on
 * that side of the cell where it is largest; 0 where the cell does not reach it. */
static void root_range(double q[2][2], bool diagonal, double peak, int peak_in,
                       struct bl23_interval *root, double by[2])
{
    double const q10 = diagonal ? q[0][0] : q[1][0], q01 = q[0][1];
    double const q00 = q[0][0], q11 = q[1][1];
    double const high = bl23_max(bl23_max(q00, q10), bl23_max(q01, q11));
    root->lo = bl23_min(bl23_min(q00, q10), bl23_min(q01, q11));
    root->hi = bl23_max(high, peak);
    by[0] = bl23_max(fabs(q11 - q01), fabs(q10 - q00));
    by[1] = bl23_max(fabs(q01 - q00), fabs(q11 - q10));
    by[peak_in] += root->hi - high;
}

static void roots_of(struct bl23_cover_ranges *r)
{
    double const a[2] = {r->a.lo, r->a.hi}, b[2] = {r->b.lo, r->b.hi};
    double const first[2] = {sqrt(a[0]), sqrt(a[1])},
                 last[2] = {sqrt(1.0 - b[0]), sqrt(1.0 - b[1])};
    double q12[2][2], q13[2][2], q23[2][2];
    BL23_UNROLL
    for (int i = 0; i < 2; i++) {
        BL23_UNROLL
        for (int j = 0; j < 2; j++) {
            double const middle = sqrt(bl23_max(b[j] - a[i], 0.0));
            q12[i][j] = first[i] * middle;
            q13[i][j] = first[i] * last[j];
            q23[i][j] = middle * last[j];
        }
    }
    double const half_b = 0.5 * b[1], half_a = 0.5 * (1.0 + a[0]);
    double const peak12 = a[0] < half_b && half_b < a[1] ? half_b : 0.0;
    double const peak23 = b[0] < half_a && half_a < b[1] ? 0.5 * (1.0 - a[0]) : 0.0;
    double const peak13 = r->diagonal && a[0] < 0.5 && 0.5 < a[1] ? 0.5 : 0.0;
    root_range(q12, r->diagonal, peak12, 0, &r->root[0], r->root_by[0]);
    root_range(q13, r->diagonal, peak13, 0, &r->root[1], r->root_by[1]);
    root_range(q23, r->diagonal, peak23, 1, &r->root[2], r->root_by[2]);
}

/* Sine and cosine of a phase: a tabulated part of the turn, and Taylor polynomials of the rest,
 * which is below 2 pi/512. Without fma, which is a call on many processors. */
void bl23_cover_sincos(struct bl23_cover_problem const *problem, uint32_t word, double *sine,
                       double *cosine)
{
    uint32_t const part =
        (word + (1u << (31 - BL23_COVER_TURN_BITS))) >> (32 - BL23_COVER_TURN_BITS);
    int32_t const rest = (int32_t)(word - (part << (32 - BL23_COVER_TURN_BITS)));
    double const *const turn = problem->turn[part];
    double const t = (double)rest * BL23_RAD_PER_WORD, t2 = t * t;
    double const s = t * (1.0 - t2 * (1.0 / 6.0 - t2 * (1.0 / 120.0)));
    double const c = 1.0 - t2 * (0.5 - t2 * (1.0 / 24.0 - t2 * (1.0 / 720.0)));
    *sine = turn[0] * c + turn[1] * s;
    *cosine = turn[1] * c - turn[0] * s;
}

/* The phases of the pairs 12, 13, 23 are x2, x2 + y, y. */
static void phases_of(struct bl23_cover_problem const *problem, struct bl23_cell const *cell,
                      struct bl23_cover_ranges *r)
{
    uint32_t const x2 = cell->prefix[BL23_CELL_X2], y = cell->prefix[BL23_CELL_Y];
    uint32_t const half_x2 = x2 & -x2, half_y = y & -y; /* of the width */
    uint64_t const half_sum = (uint64_t)half_x2 + half_y;
    uint32_t const quarter = 0x40000000u;
    bl23_cover_sincos(problem, x2, &r->sine[0], &r->cosine[0]);
    bl23_cover_sincos(problem, x2 + y, &r->sine[1], &r->cosine[1]);
    bl23_cover_sincos(problem, y, &r->sine[2], &r->cosine[2]);
    double const *const h2 = problem->half[bl23_prefix_bits(x2)];
    double const *const hy = problem->half[bl23_prefix_bits(y)];
    r->half_sine[0] = h2[0];
    r->half_cosine[0] = h2[1];
    r->half_sine[1] = h2[0] * hy[1] + h2[1] * hy[0];
    r->half_cosine[1] = h2[1] * hy[1] - h2[0] * hy[0];
    r->half_sine[2] = hy[0];
    r->half_cosine[2] = hy[1];
    r->whole[0] = half_x2 > quarter;
    r->whole[1] = half_sum > quarter;
    r->whole[2] = half_y > quarter;
    double const part = (double)half_x2 / (double)half_sum;
    double const parts[BL23_COVER_PAIRS][2] = {{1.0, 0.0}, {part, 1.0 - part}, {0.0, 1.0}};
    memcpy(r->phase_by, parts, sizeof parts);
}

/* As parts of 1, up to where the next cell begins: what is proven holds between the words too. */
static struct bl23_interval closed_range(uint32_t prefix)
{
    uint32_t low, high;
    words_of(prefix, &low, &high);
    return (struct bl23_interval){(double)low * BL23_WORD_UNIT,
                                  ((double)high + 1.0) * BL23_WORD_UNIT};
}

void bl23_cover_ranges_of(struct bl23_cover_problem const *problem, struct bl23_cell const *cell,
                          struct bl23_cover_ranges *ranges)
{
    ranges->diagonal = bl23_cell_is_diagonal(cell);
    ranges->a = closed_range(cell->prefix[BL23_CELL_A]);
    ranges->b = closed_range(cell->prefix[BL23_CELL_B]);
    roots_of(ranges);
    phases_of(problem, cell, ranges);
}

/* ---- amplitudes ---- */

/* constant + by_a a + by_b b: extrema at the corners, three of them on the diagonal. */
static struct bl23_interval linear_range(struct bl23_cover_row const *row,
                                         struct bl23_cover_ranges const *r)
{
    double const a0 = row->by_a * r->a.lo, a1 = row->by_a * r->a.hi;
    double const b0 = row->by_b * r->b.lo, b1 = row->by_b * r->b.hi;
    struct bl23_interval linear;
    if (r->diagonal) {
        double const s = a0 + b0, t = a0 + b1, u = a1 + b1;
        linear.lo = row->constant + bl23_min(s, bl23_min(t, u));
        linear.hi = row->constant + bl23_max(s, bl23_max(t, u));
    } else {
        linear.lo = row->constant + bl23_min(a0, a1) + bl23_min(b0, b1);
        linear.hi = row->constant + bl23_max(a0, a1) + bl23_max(b0, b1);
    }
    return linear;
}

/* re cos + im sin over the phase of a pair: value g and slope d at the centre, then at the ends;
 * the amplitude where the slope changes its sign between them. */
static struct bl23_interval harmonic_range(struct bl23_cover_row const *row,
                                           struct bl23_cover_ranges const *r, int p)
{
    double const g = row->re[p] * r->cosine[p] + row->im[p] * r->sine[p];
    double const d = row->im[p] * r->cosine[p] - row->re[p] * r->sine[p];
    double const middle = g * r->half_cosine[p], rise = d * r->half_sine[p];
    double const slope = d * r->half_cosine[p], bend = g * r->half_sine[p];
    struct bl23_interval range = {middle - fabs(rise), middle + fabs(rise)};
    if (r->whole[p] || bend > fabs(slope)) /* it rises at the lower end, falls at the upper one */
        range.hi = row->amplitude[p];
    if (r->whole[p] || -bend > fabs(slope))
        range.lo = -row->amplitude[p];
    return range;
}

struct bl23_cover_range bl23_cover_row_range(struct bl23_cover_row const *row,
                                             struct bl23_cover_ranges const *r)
{
    struct bl23_cover_range range;
    range.h = linear_range(row, r);
    BL23_UNROLL
    for (int p = 0; p < BL23_COVER_PAIRS; p++) {
        struct bl23_interval const f = harmonic_range(row, r, p), root = r->root[p];
        range.h.lo += bl23_min(f.lo * root.lo, f.lo * root.hi);
        range.h.hi += bl23_max(f.hi * root.lo, f.hi * root.hi);
        range.harmonic[p] = f;
    }
    range.h.lo -= row->margin;
    range.h.hi += row->margin;
    return range;
}

void bl23_cover_blame(struct bl23_cover_row const *row, struct bl23_cover_ranges const *r,
                      struct bl23_cover_range const *range, double by[BL23_CELL_G])
{
    by[BL23_CELL_A] = fabs(row->by_a) * (r->a.hi - r->a.lo);
    by[BL23_CELL_B] = fabs(row->by_b) * (r->b.hi - r->b.lo);
    by[BL23_CELL_X2] = by[BL23_CELL_Y] = 0.0;
    BL23_UNROLL
    for (int p = 0; p < BL23_COVER_PAIRS; p++) {
        struct bl23_interval const f = range->harmonic[p];
        /* NOLINTNEXTLINE(clang-analyzer-core.CallAndMessage): every row has a range */
        double const size = bl23_max(-f.lo, f.hi), turn = r->root[p].hi * (f.hi - f.lo);
        by[BL23_CELL_A] += size * r->root_by[p][0];
        by[BL23_CELL_B] += size * r->root_by[p][1];
        by[BL23_CELL_X2] += turn * r->phase_by[p][0];
        by[BL23_CELL_Y] += turn * r->phase_by[p][1];
    }
}

/* ---- quantities ---- */

/* |x| of an interval. */
static struct bl23_interval modulus_of(struct bl23_interval x)
{
    return (struct bl23_interval){bl23_max(bl23_max(x.lo, -x.hi), 0.0), bl23_max(-x.lo, x.hi)};
}

static struct bl23_interval square_of(struct bl23_interval x)
{
    struct bl23_interval const m = modulus_of(x);
    return (struct bl23_interval){m.lo * m.lo, m.hi * m.hi};
}

static struct bl23_interval product_of(struct bl23_interval x, struct bl23_interval y)
{
    double const p = x.lo * y.lo, q = x.lo * y.hi, r = x.hi * y.lo, s = x.hi * y.hi;
    return (struct bl23_interval){bl23_min(bl23_min(p, q), bl23_min(r, s)),
                                  bl23_max(bl23_max(p, q), bl23_max(r, s))};
}

/* sum + weight x, and the rounding that may be in it. */
static void add_weighted(struct bl23_interval *sum, double weight, struct bl23_interval x)
{
    double const p = weight * x.lo, q = weight * x.hi;
    double const rounding = MIXING_MARGIN * bl23_max(fabs(p), fabs(q));
    sum->lo += bl23_min(p, q) - rounding;
    sum->hi += bl23_max(p, q) + rounding;
}

static struct bl23_interval mixing_range(struct bl23_cover_range const *row, double const *weight,
                                         bool imaginary)
{
    struct bl23_interval re = {0.0, 0.0}, im = {0.0, 0.0};
    for (int f = 0; f < 2; f++) {
        struct bl23_interval const x = row[2 * f].h, y = row[2 * f + 1].h;
        add_weighted(&im, 2.0 * weight[f], product_of(x, y));
        add_weighted(&re, weight[f], square_of(x));
        add_weighted(&re, -weight[f], square_of(y));
    }
    struct bl23_interval range = modulus_of(im);
    if (!imaginary) {
        struct bl23_interval const u = square_of(re), v = square_of(im);
        range.lo = sqrt(u.lo + v.lo) * (1.0 - MIXING_MARGIN);
        range.hi = sqrt(u.hi + v.hi) * (1.0 + MIXING_MARGIN);
    }
    return range;
}

struct bl23_interval bl23_cover_quantity_range(struct bl23_cover_quantity const *quantity,
                                               struct bl23_cover_range const *row)
{
    row += quantity->first;
    if (quantity->shape == BL23_SHAPE_ONE)
        return (struct bl23_interval){1.0, 1.0};
    if (quantity->shape == BL23_SHAPE_MODULUS || quantity->shape == BL23_SHAPE_IMAGINARY)
        return mixing_range(row, quantity->weight, quantity->shape == BL23_SHAPE_IMAGINARY);
    struct bl23_interval sum = {0.0, 0.0};
    for (int r = 0; r < quantity->count; r++) {
        struct bl23_interval const square = square_of(row[r].h);
        sum.lo += quantity->weight[r] * square.lo;
        sum.hi += quantity->weight[r] * square.hi;
    }
    return sum;
}

struct bl23_interval bl23_cover_g_range(struct bl23_model const *model, uint32_t prefix)
{
    if (model->g_mode == BL23_G_SOLVE)
        return (struct bl23_interval){1.0, 1.0};
    if (model->g_mode == BL23_G_FIXED)
        return (struct bl23_interval){model->g_min, model->g_min};
    uint32_t low, high;
    words_of(prefix, &low, &high);
    /* half a word more on both sides, to where the next cell begins */
    double const margin = G_MARGIN + 0.5 * BL23_WORD_UNIT * model->g_log2_ratio;
    return (struct bl23_interval){bl23_draw_g(model, low) * (1.0 - margin),
                                  bl23_draw_g(model, high) * (1.0 + margin)};
}

/* ---- the judgement ---- */

/* A cell under judgement. */
struct cell_state {
    struct bl23_cover_problem const *problem;
    unsigned spared; /* bits of quantities that blame nothing */
    struct bl23_interval g;
    struct bl23_cover_range row[BL23_FORMS];
    struct bl23_interval s[BL23_QUANTITIES]; /* of the quantities of the problem */
    double undecided[BL23_FORMS];            /* of the rows */
};

/* The g^2 that some sample may allow, or (all) that every sample does allow. */
static struct bl23_interval allowed_g2(struct cell_state const *c, bool all)
{
    struct bl23_interval g2 = bl23_domain_g2();
    if (!c->problem->solve)
        g2 = (struct bl23_interval){c->g.lo * c->g.lo, c->g.hi * c->g.hi};
    for (int k = 0; k < c->problem->quantities; k++) {
        struct bl23_cover_quantity const *const quantity = &c->problem->quantity[k];
        struct bl23_interval const s = c->s[k];
        g2.lo = bl23_raised_lo(quantity->allowed, quantity->q, all ? s.lo : s.hi, g2.lo);
        g2.hi = bl23_lowered_hi(quantity->allowed, quantity->q, all ? s.hi : s.lo, g2.hi);
    }
    return g2;
}

/* The values of a quantity at the least and the largest g. */
static struct bl23_interval values_of(struct cell_state const *c, int k)
{
    int const q = c->problem->quantity[k].q;
    /* NOLINTNEXTLINE(clang-analyzer-core.CallAndMessage): every quantity has a range */
    return (struct bl23_interval){bl23_quantity_value(q, c->s[k].lo, c->g.lo),
                                  bl23_quantity_value(q, c->s[k].hi, c->g.hi)};
}

/* Does every sample survive? */
static bool is_inside(struct cell_state const *c)
{
    if (c->problem->solve)
        return bl23_has_g2(allowed_g2(c, true));
    for (int k = 0; k < c->problem->quantities; k++) {
        struct bl23_interval const allowed = c->problem->quantity[k].allowed;
        struct bl23_interval const x = values_of(c, k);
        if (!bl23_within(allowed, x.lo) || !bl23_within(allowed, x.hi))
            return false;
    }
    return true;
}

/* The part of [x.lo, x.hi] that lies in a window. */
static double part_within(struct bl23_interval x, double lo, double hi)
{
    double const from = bl23_max(x.lo, lo), to = bl23_min(x.hi, hi), width = x.hi - x.lo;
    return width > 0.0 ? bl23_max(to - from, 0.0) / width : 1.0;
}

/* Upper limit: the part of each amplitude that keeps below it alone. */
static double upper_part(struct cell_state *c, struct bl23_cover_quantity const *quantity,
                         double upper)
{
    double part = 1.0;
    for (int r = quantity->first; r < quantity->first + quantity->count; r++) {
        double const weight = quantity->weight[r - quantity->first];
        if (!(weight > 0.0))
            continue;
        struct bl23_interval const h = c->row[r].h;
        double const radius = sqrt(upper / weight);
        struct bl23_interval const k = {bl23_min(h.lo * c->g.lo, h.lo * c->g.hi),
                                        bl23_max(h.hi * c->g.lo, h.hi * c->g.hi)};
        double const kept = part_within(k, -radius, radius);
        c->undecided[r] += 1.0 - kept;
        part *= kept;
    }
    return part;
}

/* Any limit: the part of the range of the quantity that keeps it, for which its amplitudes are
 * undecided by how much they count. */
static double quantity_part(struct cell_state *c, int k, struct bl23_interval window, double *by_g)
{
    struct bl23_cover_quantity const *const quantity = &c->problem->quantity[k];
    struct bl23_cover_range const *const row = &c->row[quantity->first];
    double const part = part_within(values_of(c, k), window.lo, window.hi), u = 1.0 - part;
    bool const mixing =
        quantity->shape == BL23_SHAPE_MODULUS || quantity->shape == BL23_SHAPE_IMAGINARY;
    double counts[BL23_QUANTITY_FORMS_MAX], total = 0.0;
    for (int r = 0; r < quantity->count; r++) {
        counts[r] = modulus_of(row[r].h).hi * (row[r].h.hi - row[r].h.lo) *
                    fabs(quantity->weight[mixing ? r / 2 : r]);
        total += counts[r];
    }
    for (int r = 0; r < quantity->count; r++)
        c->undecided[quantity->first + r] += total > 0.0 ? u * counts[r] / total : 0.0;
    if (quantity->count == 0)
        *by_g += u;
    return part;
}

/* How much of the cell seems not to survive, for one quantity after the other as if they did not
 * depend on each other. */
static double undecided_part(struct cell_state *c, struct bl23_interval g2, double *by_g)
{
    double part = 1.0;
    for (int k = 0; k < c->problem->quantities; k++) {
        struct bl23_cover_quantity const *const quantity = &c->problem->quantity[k];
        struct bl23_interval window = quantity->allowed;
        if (c->spared >> k & 1u)
            continue;
        if (c->problem->solve) {
            if (quantity->shape == BL23_SHAPE_ONE)
                continue;
            window.lo = window.lo / g2.hi;
            window.hi = g2.lo > 0.0 ? window.hi / g2.lo : BL23_INFINITY;
        }
        bool const is_sum =
            quantity->shape == BL23_SHAPE_SQUARES || quantity->shape == BL23_SHAPE_WEIGHTED;
        double kept = 1.0;
        if (is_sum && window.hi < BL23_INFINITY) {
            kept = upper_part(c, quantity, window.hi);
            if (kept < 1.0)
                window.hi = BL23_INFINITY; /* else only the sum may be too large */
        }
        bool const corner = is_sum && window.hi < BL23_INFINITY;
        if (window.lo > 0.0 || window.hi < BL23_INFINITY) {
            double const within = quantity_part(c, k, window, by_g), outside = 1.0 - within;
            kept *= corner ? 1.0 - outside * outside : within; /* a corner of a box is small */
        }
        part *= kept;
    }
    return 1.0 - part;
}

/* Each amplitude blames the words by their parts in its width, as far as it is undecided. */
static void blame(struct cell_state *c, struct bl23_cover_ranges const *ranges,
                  struct bl23_interval g2, struct bl23_cover_judgement *j)
{
    double const g_width = (c->g.hi - c->g.lo) / c->g.hi;
    memset(c->undecided, 0, sizeof c->undecided);
    j->undecided = undecided_part(c, g2, &j->by[BL23_CELL_G]);
    for (int r = 0; c->spared == 0 && !(j->undecided > 0.0) && r < c->problem->rows; r++)
        c->undecided[r] = 1.0; /* only several quantities together can fail */
    for (int r = 0; r < c->problem->rows; r++) {
        double by[BL23_CELL_G];
        if (!(c->undecided[r] > 0.0))
            continue;
        bl23_cover_blame(&c->problem->row[r], ranges, &c->row[r], by);
        double const by_g = modulus_of(c->row[r].h).hi * g_width;
        double const width = c->row[r].h.hi - c->row[r].h.lo + by_g;
        double const factor = c->undecided[r] / width;
        for (int d = 0; d < BL23_CELL_G; d++)
            j->by[d] += factor * by[d];
        j->by[BL23_CELL_G] += factor * by_g;
    }
}

struct bl23_cover_judgement bl23_cover_judge(struct bl23_cover_problem const *problem,
                                             struct bl23_cell const *cell, unsigned spared)
{
    struct bl23_cover_judgement j = {BL23_LEAF_DISCARDED, 0.0, 0.0, {0.0}};
    struct bl23_cover_ranges ranges;
    struct cell_state c;
    c.problem = problem;
    c.spared = spared;
    c.g = bl23_cover_g_range(problem->model, cell->prefix[BL23_CELL_G]);
    bl23_cover_ranges_of(problem, cell, &ranges);
    for (int r = 0; r < problem->rows; r++)
        c.row[r] = bl23_cover_row_range(&problem->row[r], &ranges);
    for (int k = 0; k < problem->quantities; k++)
        c.s[k] = bl23_cover_quantity_range(&problem->quantity[k], c.row);
    struct bl23_interval const g2 = allowed_g2(&c, false);
    if (!bl23_has_g2(g2))
        return j;
    j.g2_lo = g2.lo;
    j.kind = is_inside(&c) ? BL23_LEAF_INSIDE : BL23_LEAF_UNDECIDED;
    if (j.kind == BL23_LEAF_UNDECIDED)
        blame(&c, &ranges, g2, &j);
    return j;
}
