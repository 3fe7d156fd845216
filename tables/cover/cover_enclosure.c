/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "tables/cover/cover_enclosure.h"

#include <stdbool.h>

#include "tables/base/monomials.h"
#include "tables/bound/bound_interval.h"

/* Of the sum of the moduli of a row's coefficients: the monomials and the sum of a sample are
 * rounded, 20 units of 2^-52 at most, and so is the row itself (tests/test_loop_tables.c holds the
 * bound on its errors, 2^-51 of the largest). */
#define AMPLITUDE_ROOM 0x1p-47
/* Of the terms of D0 mixing, which may cancel. */
#define MIXING_ROOM 0x1p-49
/* Of g: 2^v is rounded by 4 units, v itself by half a unit of its last place, g by another. */
#define G_ROOM 0x1p-50

static struct bl23_interval const pi = {0x1.921fb54442d18p+1, 0x1.921fb54442d19p+1};
static struct bl23_interval const ln2 = {0x1.62e42fefa39efp-1, 0x1.62e42fefa39f0p-1};
static struct bl23_interval const one = {1.0, 1.0}, unit = {0.0, 1.0};

enum {
    SERIES_TERMS = 10, /* of sine and cosine at |t| <= pi/4: the rest is below 1e-20 */
    POWER_TERMS = 16   /* of 2^v at |v| <= 1/2: the rest is below 1e-17 */
};
static uint64_t const whole_turn = (uint64_t)1 << 32;

static struct bl23_interval hull(struct bl23_interval a, struct bl23_interval b)
{
    return (struct bl23_interval){fmin(a.lo, b.lo), fmax(a.hi, b.hi)};
}

static struct bl23_interval negative(struct bl23_interval x)
{
    return (struct bl23_interval){-x.hi, -x.lo};
}

static struct bl23_interval widened(struct bl23_interval x, double room)
{
    return bl23_interval_add(x, (struct bl23_interval){-room, room});
}

/* 1 - t2/(k (k+1)) (1 - t2/((k+2)(k+3)) (1 - ...)): each bracket is between 0 and 1 for t2 < 1. */
static struct bl23_interval alternating(struct bl23_interval t2, int first)
{
    struct bl23_interval sum = unit;
    for (int k = first + 2 * (SERIES_TERMS - 1); k >= first; k -= 2) {
        struct bl23_interval const factor =
            bl23_interval_div(t2, bl23_interval_of((double)(k * (k + 1))));
        sum = bl23_interval_sub(one, bl23_interval_mul(factor, sum));
    }
    return sum;
}

void bl23_cover_turn(uint64_t x, struct bl23_interval *cosine, struct bl23_interval *sine)
{
    uint64_t const quarter = (x + (whole_turn >> 3)) >> 30;
    double const rest = (double)((int64_t)x - (int64_t)(quarter << 30)); /* |rest| <= 2^29 */
    struct bl23_interval const t = bl23_interval_mul(bl23_interval_of(rest * 0x1p-31), pi);
    struct bl23_interval const t2 = bl23_interval_square(t);
    struct bl23_interval const c = alternating(t2, 1);
    struct bl23_interval const s = bl23_interval_mul(t, alternating(t2, 2));
    struct bl23_interval const turned[4] = {c, negative(s), negative(c), s};
    *cosine = turned[quarter & 3];
    *sine = turned[(quarter + 3) & 3];
}

static void set_arc(struct bl23_cover_arc *arc, uint64_t low, uint64_t size)
{
    bool const is_set = arc->parts > 0 || arc->size >= whole_turn;
    if (is_set && arc->size == size && arc->low == low)
        return;
    arc->low = low;
    arc->size = size;
    arc->parts = size >= whole_turn ? 0 : size > whole_turn / 2 ? 2 : 1;
    for (int k = 0; k <= arc->parts; k++) {
        uint64_t const end = k == arc->parts ? size : size / 2;
        bl23_cover_turn(low + (k > 0 ? end : 0), &arc->cosine[k], &arc->sine[k]);
    }
}

/* re cos phi + im sin phi over an arc. */
static struct bl23_interval wave(double const *coefficient, struct bl23_cover_arc const *arc)
{
    struct bl23_interval const re = bl23_interval_of(coefficient[0]);
    struct bl23_interval const im = bl23_interval_of(coefficient[1]);
    double const most =
        bl23_interval_sqrt(bl23_interval_add(bl23_interval_square(re), bl23_interval_square(im)))
            .hi;
    struct bl23_interval range = {-most, most}, value[3], slope[3];
    for (int k = 0; k <= arc->parts; k++) {
        struct bl23_interval const c = arc->cosine[k], s = arc->sine[k];
        value[k] = bl23_interval_add(bl23_interval_mul(re, c), bl23_interval_mul(im, s));
        slope[k] = bl23_interval_sub(bl23_interval_mul(im, c), bl23_interval_mul(re, s));
    }
    for (int k = 0; k < arc->parts; k++) {
        range = hull(k == 0 ? value[0] : range, value[k + 1]);
        if (slope[k].hi >= 0.0 && slope[k + 1].lo <= 0.0)
            range.hi = most;
        if (slope[k].lo <= 0.0 && slope[k + 1].hi >= 0.0)
            range.lo = -most;
    }
    return range;
}

/* ---- the simplex: a and b of a cell in units of 2^-32 ---- */

struct corner {
    uint64_t a, b;
};
struct simplex {
    struct corner corner[4];
    int corners;
    struct bl23_interval r[3]; /* R_12, R_13, R_23 */
};

static uint64_t clamped(uint64_t x, uint64_t low, uint64_t high)
{
    return x < low ? low : x > high ? high : x;
}

/* The root of x/2^64, x up to 2^64 - 1. */
static struct bl23_interval root_of(uint64_t x)
{
    double const rounded = (double)x * 0x1p-64;
    return bl23_interval_sqrt(x >> 53 == 0 ? bl23_interval_of(rounded)
                                           : bl23_interval_outward(rounded, rounded));
}

/* R_ij^2 at a point. */
static uint64_t squared_root(int pair, uint64_t a, uint64_t b)
{
    uint64_t const p[3] = {a, b - a, whole_turn - b};
    return p[bl23_pairs[pair][0]] * p[bl23_pairs[pair][1]];
}

struct bl23_cover_box bl23_cover_box_of(struct bl23_cell const *cell)
{
    struct bl23_cover_box box = {.diagonal = bl23_cell_is_diagonal(cell)};
    for (int d = 0; d < BL23_CELL_WORDS; d++) {
        box.low[d] = bl23_prefix_low(cell->prefix[d]);
        box.size[d] = whole_turn >> bl23_prefix_bits(cell->prefix[d]);
    }
    return box;
}

static void set_simplex(struct simplex *x, struct bl23_cover_box const *box)
{
    bool const diagonal = box->diagonal;
    uint64_t const a0 = box->low[BL23_CELL_A], a1 = a0 + box->size[BL23_CELL_A];
    uint64_t const b0 = box->low[BL23_CELL_B], b1 = b0 + box->size[BL23_CELL_B];
    /* Where R_12 and R_23 are largest, and R_13, for which a <= b matters on the diagonal. */
    uint64_t const half = clamped(whole_turn / 2, a0, a1);
    struct corner const top[3] = {{clamped(b1 / 2, a0, a1), b1},
                                  diagonal ? (struct corner){half, half} : (struct corner){a1, b0},
                                  {a0, clamped((whole_turn + a0) / 2, b0, b1)}};
    x->corners = 0;
    x->corner[x->corners++] = (struct corner){a0, b0};
    x->corner[x->corners++] = (struct corner){a0, b1};
    x->corner[x->corners++] = (struct corner){a1, b1};
    if (!diagonal)
        x->corner[x->corners++] = (struct corner){a1, b0};
    for (int pair = 0; pair < 3; pair++) {
        uint64_t least = UINT64_MAX;
        for (int k = 0; k < x->corners; k++) {
            uint64_t const value = squared_root(pair, x->corner[k].a, x->corner[k].b);
            least = value < least ? value : least;
        }
        x->r[pair].lo = root_of(least).lo;
        x->r[pair].hi = root_of(squared_root(pair, top[pair].a, top[pair].b)).hi;
    }
}

/* d.p over the cell. */
static struct bl23_interval linear(double const d[3], struct simplex const *x)
{
    struct bl23_interval range = {(double)INFINITY, -(double)INFINITY};
    for (int k = 0; k < x->corners; k++) {
        uint64_t const a = x->corner[k].a, b = x->corner[k].b;
        uint64_t const p[3] = {a, b - a, whole_turn - b};
        struct bl23_interval sum = {0.0, 0.0};
        for (int i = 0; i < 3; i++)
            sum = bl23_interval_add(
                sum, bl23_interval_mul(bl23_interval_of(d[i]), bl23_interval_of((double)p[i])));
        range = hull(range, sum);
    }
    return bl23_interval_mul(range, bl23_interval_of(0x1p-32));
}

static void set_arcs(struct bl23_cover_arcs *arcs, struct bl23_cover_box const *box)
{
    uint64_t const x2 = box->low[BL23_CELL_X2], x2_size = box->size[BL23_CELL_X2];
    uint64_t const y = box->low[BL23_CELL_Y], y_size = box->size[BL23_CELL_Y];
    set_arc(&arcs->pair[0], x2, x2_size);
    set_arc(&arcs->pair[1], x2 + y, x2_size + y_size);
    set_arc(&arcs->pair[2], y, y_size);
}

double bl23_cover_amplitude_room(double const form[BL23_MONOMIALS])
{
    double size = 0.0;
    for (int k = 0; k < BL23_MONOMIALS; k++)
        size += fabs(form[k]);
    return AMPLITUDE_ROOM * size;
}

void bl23_cover_amplitudes(struct bl23_knot const *knot, unsigned forms,
                           struct bl23_cover_box const *box, struct bl23_cover_arcs *arcs,
                           struct bl23_interval amplitude[BL23_FORMS])
{
    struct simplex simplex;
    set_simplex(&simplex, box);
    set_arcs(arcs, box);
    for (int r = 0; r < BL23_FORMS; r++) {
        double const *const form = knot->form[r];
        if (!(forms >> r & 1u))
            continue;
        struct bl23_interval sum = linear(form, &simplex);
        for (int pair = 0; pair < 3; pair++)
            sum = bl23_interval_add(
                sum,
                bl23_interval_mul(simplex.r[pair], wave(form + 3 + 2 * pair, &arcs->pair[pair])));
        amplitude[r] = widened(sum, bl23_cover_amplitude_room(form));
    }
}

/* ---- derivatives ---- */

/* Of R_ij = sqrt(p_i p_j) by a and b: (p_i' sqrt(q) + p_j'/sqrt(q))/2, q = p_j/p_i, which has its
 * extremes at corners. False where a spacing may vanish. */
static bool root_slopes(struct simplex const *x, int pair, struct bl23_interval slope[2])
{
    static int const by[2][3] = {{1, -1, 0}, {0, 1, -1}}; /* of a, b - a, 1 - b by a and by b */
    int const i = bl23_pairs[pair][0], j = bl23_pairs[pair][1];
    struct bl23_interval q = {(double)INFINITY, 0.0};
    for (int k = 0; k < x->corners; k++) {
        uint64_t const a = x->corner[k].a, b = x->corner[k].b;
        uint64_t const p[3] = {a, b - a, whole_turn - b};
        if (p[i] == 0 || p[j] == 0)
            return false;
        struct bl23_interval const ratio =
            bl23_interval_div(bl23_interval_of((double)p[j]), bl23_interval_of((double)p[i]));
        q = (struct bl23_interval){fmin(q.lo, ratio.lo), fmax(q.hi, ratio.hi)};
    }
    struct bl23_interval const root = bl23_interval_sqrt(q);
    struct bl23_interval const inverse = bl23_interval_div(one, root);
    for (int d = 0; d < 2; d++)
        slope[d] = bl23_interval_add(bl23_interval_mul(bl23_interval_of(0.5 * by[d][i]), root),
                                     bl23_interval_mul(bl23_interval_of(0.5 * by[d][j]), inverse));
    return true;
}

unsigned bl23_cover_slopes(struct bl23_knot const *knot, unsigned forms,
                           struct bl23_cover_box const *box, struct bl23_cover_arcs *arcs,
                           struct bl23_interval slope[BL23_FORMS][BL23_CELL_G])
{
    struct simplex simplex;
    struct bl23_interval root[3][2];
    unsigned unbounded = 0;
    set_simplex(&simplex, box);
    set_arcs(arcs, box);
    for (int pair = 0; pair < 3; pair++)
        unbounded |= root_slopes(&simplex, pair, root[pair]) ? 0u : 1u << pair;
    for (int r = 0; r < BL23_FORMS; r++) {
        double const *const form = knot->form[r];
        if (!(forms >> r & 1u))
            continue;
        struct bl23_interval *const s = slope[r];
        s[BL23_CELL_A] = bl23_interval_outward(form[0] - form[1], form[0] - form[1]);
        s[BL23_CELL_B] = bl23_interval_outward(form[1] - form[2], form[1] - form[2]);
        s[BL23_CELL_X2] = s[BL23_CELL_Y] = bl23_interval_of(0.0);
        for (int pair = 0; pair < 3; pair++) {
            double const *const f = form + 3 + 2 * pair;
            if (unbounded >> pair & 1u)
                continue;
            double const turned[2] = {f[1], -f[0]};
            struct bl23_interval const value = wave(f, &arcs->pair[pair]);
            struct bl23_interval const by_phase =
                bl23_interval_mul(simplex.r[pair], wave(turned, &arcs->pair[pair]));
            for (int d = 0; d < 2; d++)
                s[d] = bl23_interval_add(s[d], bl23_interval_mul(root[pair][d], value));
            if (pair < 2)
                s[BL23_CELL_X2] = bl23_interval_add(s[BL23_CELL_X2], by_phase);
            if (pair > 0)
                s[BL23_CELL_Y] = bl23_interval_add(s[BL23_CELL_Y], by_phase);
        }
    }
    return unbounded;
}

void bl23_cover_terms(struct bl23_knot const *knot, unsigned forms, unsigned pairs,
                      struct bl23_cover_box const *box, struct bl23_cover_arcs *arcs,
                      struct bl23_interval term[BL23_FORMS])
{
    struct simplex simplex;
    set_simplex(&simplex, box);
    set_arcs(arcs, box);
    for (int r = 0; r < BL23_FORMS; r++) {
        term[r] = bl23_interval_of(0.0);
        for (int pair = 0; pair < 3; pair++)
            if (forms >> r & pairs >> pair & 1u)
                term[r] = bl23_interval_add(
                    term[r], bl23_interval_mul(simplex.r[pair], wave(knot->form[r] + 3 + 2 * pair,
                                                                     &arcs->pair[pair])));
    }
}

/* ---- quantities ---- */

/* Re and Im/2 of weight[0] F_V^2 + weight[1] F_A^2, and the sum of the moduli of their terms. */
struct mixing {
    struct bl23_interval re, half_im;
    double size;
};

static struct mixing mixing_of(struct bl23_interval const h[4], double const weight[2])
{
    struct mixing m = {{0.0, 0.0}, {0.0, 0.0}, 0.0};
    for (int f = 0; f < 2; f++) {
        struct bl23_interval const w = bl23_interval_of(weight[f]);
        struct bl23_interval const re2 = bl23_interval_square(h[2 * f]);
        struct bl23_interval const im2 = bl23_interval_square(h[2 * f + 1]);
        m.re = bl23_interval_add(m.re, bl23_interval_mul(w, bl23_interval_sub(re2, im2)));
        m.half_im = bl23_interval_add(
            m.half_im, bl23_interval_mul(w, bl23_interval_mul(h[2 * f], h[2 * f + 1])));
        m.size += fabs(weight[f]) * (re2.hi + im2.hi);
    }
    m.re = widened(m.re, MIXING_ROOM * m.size);
    m.half_im = widened(m.half_im, MIXING_ROOM * m.size);
    return m;
}

static struct bl23_interval modulus(struct bl23_interval x)
{
    return bl23_interval_sqrt(bl23_interval_square(x));
}

static struct bl23_interval quantity(struct bl23_form_range range, double const *weight,
                                     struct bl23_interval const *h)
{
    struct bl23_interval const two = {2.0, 2.0};
    if (range.shape == BL23_SHAPE_ONE)
        return one;
    if (range.shape == BL23_SHAPE_MODULUS || range.shape == BL23_SHAPE_IMAGINARY) {
        struct mixing const m = mixing_of(h, weight);
        struct bl23_interval const im = bl23_interval_mul(two, m.half_im);
        if (range.shape == BL23_SHAPE_IMAGINARY)
            return modulus(im);
        return bl23_interval_sqrt(
            bl23_interval_add(bl23_interval_square(m.re), bl23_interval_square(im)));
    }
    struct bl23_interval sum = {0.0, 0.0};
    for (int r = 0; r < range.count; r++) {
        double const w = range.shape == BL23_SHAPE_WEIGHTED ? weight[r / 2] : 1.0;
        sum = bl23_interval_add(sum,
                                bl23_interval_mul(bl23_interval_of(w), bl23_interval_square(h[r])));
    }
    return (struct bl23_interval){fmax(sum.lo, 0.0), sum.hi};
}

void bl23_cover_quantities(struct bl23_knot const *knot, unsigned quantities,
                           struct bl23_interval const amplitude[BL23_FORMS],
                           struct bl23_interval s[BL23_QUANTITIES])
{
    for (int q = 0; q < BL23_QUANTITIES; q++) {
        struct bl23_form_range const range = bl23_form_range_of(q);
        if (quantities >> q & 1u)
            s[q] = quantity(range, knot->weight + range.weight, amplitude + range.first);
    }
}

/* ---- g ---- */

/* 2^v, |v| < 1000: the Taylor series of exp(x ln 2) at the rest of v to a whole number. */
static struct bl23_interval power_of_two(struct bl23_interval v)
{
    double const n = floor(v.lo + 0.5);
    struct bl23_interval const x =
        bl23_interval_mul(bl23_interval_sub(v, bl23_interval_of(n)), ln2);
    struct bl23_interval sum = one;
    for (int k = POWER_TERMS; k >= 1; k--)
        sum = bl23_interval_add(
            one, bl23_interval_mul(sum, bl23_interval_div(x, bl23_interval_of((double)k))));
    sum = widened(sum, 0x1p-56);
    return (struct bl23_interval){ldexp(sum.lo, (int)n), ldexp(sum.hi, (int)n)};
}

/* g at a word, or between two: g_min 2^(u R). */
static struct bl23_interval drawn_g(struct bl23_model const *model, uint64_t word)
{
    struct bl23_interval const v = bl23_interval_mul(bl23_interval_of((double)word * 0x1p-32),
                                                     bl23_interval_of(model->g_log2_ratio));
    struct bl23_interval const g =
        bl23_interval_mul(bl23_interval_of(model->g_min), power_of_two(v));
    double const room = G_ROOM + v.hi * 0x1p-53;
    return bl23_interval_mul(g, (struct bl23_interval){1.0 - room, 1.0 + room});
}

struct bl23_interval bl23_cover_g2(struct bl23_model const *model, struct bl23_cover_box const *box)
{
    if (model->g_mode == BL23_G_SOLVE)
        return bl23_domain_g2();
    if (model->g_mode == BL23_G_FIXED)
        return bl23_interval_square(bl23_interval_of(model->g_min));
    uint64_t const low = box->low[BL23_CELL_G], size = box->size[BL23_CELL_G];
    return bl23_interval_square(hull(drawn_g(model, low), drawn_g(model, low + size)));
}
