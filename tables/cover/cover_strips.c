/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "tables/cover/cover_strips.h"

#include <math.h>
#include <string.h>

#include "tables/bound/bound_interval.h"

enum {
    WORDS = BL23_SHEAR_WORDS,
    LINES = BL23_FORMS + 2, /* amplitudes, then Re M12 and Im M12 */
    MIXING_LINE = BL23_FORMS,
    BALLS_MAX = 6,
    BALL_LINES = BL23_QUANTITY_FORMS_MAX,
    STACK = BALLS_MAX * BALL_LINES,
    BOXES_MAX = 1 << 16, /* of a cell, before the check gives up */
    WAITING_MAX = 160    /* more than the bits of all words */
};
/* Of radii: limits and quantities are rounded by less. */
#define RADIUS_ROOM 0x1p-40
/* Of the terms of M12 as the verdict computes it. */
#define MIXING_ROOM 0x1p-48
/* What is left of a box for another round without division. */
#define SHRINKS 0.7

static struct bl23_interval const pi = {0x1.921fb54442d18p+1, 0x1.921fb54442d19p+1};

/* A quantity whose limit can bound words: the norm of its lines times weights is at most 1. */
struct ball {
    int lines, line[BALL_LINES];
    double weight[BALL_LINES]; /* divided by the radius */
};

/* What lies beyond an edge of a strip, in units of half the cell's width from its middle:
 * by . u >= edge. */
struct beyond {
    double by[WORDS], edge;
};

/* A box under proof, relative to the middle of the cell. */
struct proof {
    struct bl23_cover_limits *limits;
    struct bl23_cover_box cell, box;
    struct bl23_cover_arcs at_centre, over_box;
    struct beyond const *beyond;              /* what of the box counts; NULL: all of it */
    bool at_edge;                             /* of the simplex: a spacing vanishes */
    double centre[WORDS];                     /* of the box */
    struct bl23_interval from[WORDS];         /* of the box, from its centre */
    struct bl23_interval value[LINES];        /* at the centre */
    struct bl23_interval slope[LINES][WORDS]; /* over the box, by u */
    int balls;
    struct ball ball[BALLS_MAX];
};

/* Lines of some balls with orthonormal columns, made of the slopes at the centre. */
struct basis {
    int lines, line[STACK], ball[STACK];
    double weight[STACK];
    int words, word[WORDS];      /* in the order in which they were made orthogonal */
    double column[WORDS][STACK]; /* orthonormal */
    double upper[WORDS][WORDS];  /* [k][d]: column k times the slopes by word d */
};

static struct bl23_interval scaled(double factor, struct bl23_interval x)
{
    return bl23_interval_mul(bl23_interval_of(factor), x);
}

/* ---- strips ---- */

/* What lies beyond both edges of strip k. Of the words that it can give, the first is at its lower
 * edge or before, and the last no more than two words and the rounding of the middle before its
 * upper edge. */
static void decode(struct bl23_cover_box const *cell, struct bl23_shear const *shear, int k,
                   struct beyond beyond[2])
{
    int const d = shear->word[k];
    double const half_width = ldexp(1.0, -shear->extra[k]);
    double const middle = (double)shear->centre[k] * 0x1p-28;
    memset(beyond, 0, 2 * sizeof *beyond);
    beyond[0].by[d] = 1.0;
    for (int j = 0, first = k * (k - 1) / 2; j < k; j++)
        beyond[0].by[shear->word[j]] = -(double)shear->slope[first + j] * 0x1p-30;
    for (int j = 0; j < WORDS; j++)
        beyond[1].by[j] = -beyond[0].by[j];
    beyond[0].edge = middle + half_width - 4.0 / (double)cell->size[d] - 0x1p-30;
    beyond[1].edge = half_width - middle - 0x1p-50;
}

/* ---- lines over a box ---- */

/* Re and Im of weight[0] F_V^2 + weight[1] F_A^2 at the centre, and their derivatives over the box,
 * where the amplitudes are h. */
static void mixing_lines(struct proof *p, double const weight[2],
                         struct bl23_interval const h[BL23_FORMS])
{
    struct bl23_interval *const value = &p->value[MIXING_LINE];
    struct bl23_interval const two = {2.0, 2.0};
    double room = 0.0;
    value[0] = value[1] = bl23_interval_of(0.0);
    memset(p->slope[MIXING_LINE], 0, 2 * sizeof p->slope[0]);
    for (int f = 0; f < 2; f++) {
        int const x = BL23_FORM_UC + 2 * f, y = x + 1;
        struct bl23_interval const re2 = bl23_interval_square(p->value[x]);
        struct bl23_interval const im2 = bl23_interval_square(p->value[y]);
        struct bl23_interval const im = bl23_interval_mul(p->value[x], p->value[y]);
        value[0] = bl23_interval_add(value[0], scaled(weight[f], bl23_interval_sub(re2, im2)));
        value[1] = bl23_interval_add(value[1], scaled(2.0 * weight[f], im));
        for (int d = 0; d < WORDS; d++) {
            struct bl23_interval const by_x = p->slope[x][d], by_y = p->slope[y][d];
            struct bl23_interval const re =
                bl23_interval_sub(bl23_interval_mul(h[x], by_x), bl23_interval_mul(h[y], by_y));
            struct bl23_interval const cross =
                bl23_interval_add(bl23_interval_mul(h[y], by_x), bl23_interval_mul(h[x], by_y));
            for (int part = 0; part < 2; part++)
                p->slope[MIXING_LINE + part][d] = bl23_interval_add(
                    p->slope[MIXING_LINE + part][d],
                    scaled(weight[f], bl23_interval_mul(two, part == 0 ? re : cross)));
        }
        double const largest =
            fmax(fmax(-h[x].lo, h[x].hi), 0.0) + fmax(fmax(-h[y].lo, h[y].hi), 0.0);
        double const errors = bl23_cover_amplitude_room(p->limits->knot->form[x]) +
                              bl23_cover_amplitude_room(p->limits->knot->form[y]);
        room += fabs(weight[f]) * (4.0 * largest * errors + MIXING_ROOM * largest * largest);
    }
    for (int part = 0; part < 2; part++)
        value[part] = bl23_interval_add(value[part], (struct bl23_interval){-room, room});
}

/* The lines that a quantity bounds, and their weights by its radius. False: it bounds none. */
static bool set_ball(struct proof const *p, int q, double g2, struct ball *ball)
{
    struct bl23_form_range const range = bl23_form_range_of(q);
    double const upper = p->limits->knot->allowed[p->limits->model->level][q].hi;
    double const *const weight = p->limits->knot->weight + range.weight;
    double const squared = upper / g2 * (1.0 + RADIUS_ROOM);
    bool const mixing = range.shape == BL23_SHAPE_MODULUS || range.shape == BL23_SHAPE_IMAGINARY;
    ball->lines = 0;
    if (range.shape == BL23_SHAPE_ONE || !(upper > 0.0) || !(squared < (double)INFINITY))
        return false;
    if (range.shape != BL23_SHAPE_IMAGINARY)
        for (int r = 0; r < (mixing ? 2 : range.count); r++) {
            double const w = range.shape == BL23_SHAPE_WEIGHTED ? weight[r / 2] : 1.0;
            if (!(w > 0.0))
                continue;
            ball->line[ball->lines] = mixing ? MIXING_LINE + r : range.first + r;
            ball->weight[ball->lines++] =
                mixing ? 1.0 / squared : sqrt(w / squared) * (1.0 - RADIUS_ROOM);
        }
    else {
        ball->line[0] = MIXING_LINE + 1;
        ball->weight[ball->lines++] = 1.0 / squared;
    }
    return true;
}

/* A line that a tighter limit bounds alone only loosens the sums of a ball. */
static void drop_lines(struct proof *p)
{
    for (int k = 0; k < p->balls; k++)
        for (int j = 0; j < p->balls; j++) {
            struct ball *const ball = &p->ball[k];
            struct ball const *const alone = &p->ball[j];
            for (int r = ball->lines - 1; ball->lines > 1 && alone->lines == 1 && r >= 0; r--)
                if (ball->line[r] == alone->line[0] && ball->weight[r] <= alone->weight[0]) {
                    ball->lines--;
                    ball->line[r] = ball->line[ball->lines];
                    ball->weight[r] = ball->weight[ball->lines];
                }
        }
}

/* Can the limit exclude anything in the box? */
static bool is_needed(struct proof const *p, struct ball const *ball)
{
    double sum = 0.0;
    for (int k = 0; k < ball->lines; k++) {
        struct bl23_interval x = p->value[ball->line[k]];
        for (int d = 0; d < WORDS; d++)
            x = bl23_interval_add(x, bl23_interval_mul(p->slope[ball->line[k]][d], p->from[d]));
        double const largest = ball->weight[k] * fmax(-x.lo, x.hi);
        sum += largest * largest;
    }
    return !(sum <= 0.5);
}

/* Values, slopes and limits of the box. A term without bound on its derivatives, at an edge of the
 * simplex, counts as part of the value, by all that it can be in the box. */
static void look_at(struct proof *p)
{
    struct bl23_cover_limits *const limits = p->limits;
    unsigned const forms = bl23_forms_of(limits->limited);
    struct bl23_cover_box point = p->box;
    struct bl23_interval h[BL23_FORMS], term[BL23_FORMS], term_at_centre[BL23_FORMS], unit[WORDS];
    for (int d = 0; d < WORDS; d++) {
        double const half = 0.5 * (double)p->cell.size[d];
        uint64_t const below = p->box.size[d] / 2;
        point.low[d] += below;
        point.size[d] = 0;
        p->centre[d] = (double)(point.low[d] - p->cell.low[d]) / half - 1.0;
        p->from[d].lo = -(double)below / half; /* exact: half is a power of two */
        p->from[d].hi = (double)(p->box.size[d] - below) / half;
        unit[d] = d < BL23_CELL_X2 ? bl23_interval_of(half * 0x1p-32) : scaled(half * 0x1p-31, pi);
    }
    bl23_cover_amplitudes(limits->knot, forms, &point, &p->at_centre, p->value);
    bl23_cover_amplitudes(limits->knot, forms, &p->box, &p->over_box, h);
    unsigned const pairs = bl23_cover_slopes(limits->knot, forms, &p->box, &p->over_box, p->slope);
    p->at_edge = pairs != 0;
    bl23_cover_terms(limits->knot, forms, pairs, &p->box, &p->over_box, term);
    bl23_cover_terms(limits->knot, forms, pairs, &point, &p->at_centre, term_at_centre);
    for (int r = 0; r < BL23_FORMS; r++) {
        if (!(forms >> r & 1u))
            continue;
        p->value[r] = bl23_interval_add(p->value[r], bl23_interval_sub(term[r], term_at_centre[r]));
        for (int d = 0; d < WORDS; d++)
            p->slope[r][d] = bl23_interval_mul(p->slope[r][d], unit[d]);
    }
    if (forms >> BL23_FORM_UC & 1u)
        mixing_lines(p, limits->knot->weight + BL23_WEIGHT_MIXING, h);
    double const g2 = bl23_cover_least_g2(limits, &p->box);
    p->balls = 0;
    for (int q = 0; q < BL23_QUANTITIES; q++)
        if ((limits->limited >> q & 1u) && p->balls < BALLS_MAX &&
            set_ball(p, q, g2, &p->ball[p->balls]) && is_needed(p, &p->ball[p->balls]))
            p->balls++;
    drop_lines(p);
}

/* ---- multipliers ---- */

static double dot(double const *x, double const *y, int n)
{
    double sum = 0.0;
    for (int k = 0; k < n; k++)
        sum += x[k] * y[k];
    return sum;
}

/* Gram and Schmidt, the longest column first. A column that all but vanishes is left out. */
static void set_basis(struct proof const *p, unsigned set, struct basis *b)
{
    double slope[WORDS][STACK];
    bool left[WORDS] = {true, true, true, true};
    b->lines = b->words = 0;
    for (int k = 0; k < p->balls; k++)
        for (int r = 0; (set >> k & 1u) && r < p->ball[k].lines; r++, b->lines++) {
            int const line = p->ball[k].line[r];
            b->line[b->lines] = line;
            b->ball[b->lines] = k;
            b->weight[b->lines] = p->ball[k].weight[r];
            for (int d = 0; d < WORDS; d++)
                slope[d][b->lines] =
                    0.5 * p->ball[k].weight[r] * (p->slope[line][d].lo + p->slope[line][d].hi);
        }
    memset(b->upper, 0, sizeof b->upper);
    for (; b->words < WORDS; b->words++) {
        double longest = 1e-6;
        int d = -1;
        for (int j = 0; j < WORDS; j++) {
            double const norm = left[j] ? sqrt(dot(slope[j], slope[j], b->lines)) : 0.0;
            d = norm > longest ? j : d;
            longest = fmax(norm, longest);
        }
        if (d < 0)
            return;
        double *const unit = b->column[b->words];
        for (int r = 0; r < b->lines; r++)
            unit[r] = slope[d][r] / longest;
        b->upper[b->words][d] = longest;
        b->word[b->words] = d;
        left[d] = false;
        for (int j = 0; j < WORDS; j++) {
            double const along = left[j] ? dot(unit, slope[j], b->lines) : 0.0;
            if (left[j])
                b->upper[b->words][j] = along;
            for (int r = 0; r < b->lines; r++)
                slope[j][r] -= along * unit[r];
        }
    }
}

/* The shortest multipliers for which the derivatives at the centre are the target, as far as the
 * basis can. */
static void multipliers_for(struct basis const *b, double const target[WORDS], double m[STACK])
{
    double y[WORDS];
    memset(m, 0, STACK * sizeof *m);
    for (int k = 0; k < b->words; k++) {
        double rest = target[b->word[k]];
        for (int j = 0; j < k; j++)
            rest -= b->upper[j][b->word[k]] * y[j];
        y[k] = rest / b->upper[k][b->word[k]];
        for (int r = 0; r < b->lines; r++)
            m[r] += y[k] * b->column[k][r];
    }
}

/* sum_r m_r L_r: its value at the centre, its derivatives over the box, and what it is at most for
 * a survivor. */
struct sum {
    struct bl23_interval value, slope[WORDS];
    double most;
};

static struct sum sum_of(struct proof const *p, struct basis const *b, double const m[STACK])
{
    struct sum s = {{0.0, 0.0}, {{0.0, 0.0}}, 0.0};
    double squares[BALLS_MAX] = {0.0};
    for (int r = 0; r < b->lines; r++) {
        double const factor = m[r] * b->weight[r];
        s.value = bl23_interval_add(s.value, scaled(factor, p->value[b->line[r]]));
        for (int d = 0; d < WORDS; d++)
            s.slope[d] = bl23_interval_add(s.slope[d], scaled(factor, p->slope[b->line[r]][d]));
        squares[b->ball[r]] += m[r] * m[r];
    }
    for (int k = 0; k < p->balls; k++)
        s.most += sqrt(squares[k]);
    s.most *= 1.0 + RADIUS_ROOM; /* and the rounding of factors */
    return s;
}

/* ---- the proof of a box ---- */

/* by . u of the centre. */
static struct bl23_interval at_centre(struct proof const *p, struct beyond const *beyond)
{
    struct bl23_interval x = {0.0, 0.0};
    for (int d = 0; d < WORDS; d++)
        x = bl23_interval_add(x, scaled(beyond->by[d], bl23_interval_of(p->centre[d])));
    return x;
}

/* Is no survivor beyond the edge? By a sum whose derivatives are near those of by . u. */
static bool keeps_within(struct proof const *p, struct sum const *s)
{
    struct bl23_interval x = bl23_interval_sub((struct bl23_interval){-s->most, s->most}, s->value);
    x = bl23_interval_add(x, at_centre(p, p->beyond));
    for (int d = 0; d < WORDS; d++) {
        struct bl23_interval const by = bl23_interval_of(p->beyond->by[d]);
        x = bl23_interval_add(x, bl23_interval_mul(bl23_interval_sub(by, s->slope[d]), p->from[d]));
    }
    return x.hi < p->beyond->edge;
}

/* Each word to where something of the box is beyond the edge; false: nothing is. */
static bool narrow_to_beyond(struct proof *p)
{
    for (int d = 0; d < WORDS; d++) {
        double const by = p->beyond->by[d];
        struct bl23_interval rest = at_centre(p, p->beyond);
        for (int j = 0; j < WORDS; j++)
            if (j != d)
                rest = bl23_interval_add(rest, scaled(p->beyond->by[j], p->from[j]));
        double const needed = bl23_interval_sub(bl23_interval_of(p->beyond->edge), rest).lo;
        if (fabs(by) < 1e-9)
            continue;
        double const least = fabs(needed / by) * (needed < 0.0 ? -1.0 - 0x1p-50 : 1.0 - 0x1p-50);
        if (by > 0.0)
            p->from[d].lo = fmax(p->from[d].lo, least);
        else
            p->from[d].hi = fmin(p->from[d].hi, -least);
        if (p->from[d].lo > p->from[d].hi)
            return false;
    }
    return true;
}

/* One word by a sum whose derivative by it is near 1; false: nothing of the box is left. */
static bool narrow(struct proof *p, int d, struct sum const *s)
{
    struct bl23_interval x = bl23_interval_sub((struct bl23_interval){-s->most, s->most}, s->value);
    if (!(s->slope[d].lo > 0.5 && s->slope[d].hi < 2.0))
        return true;
    for (int j = 0; j < WORDS; j++)
        if (j != d)
            x = bl23_interval_sub(x, bl23_interval_mul(s->slope[j], p->from[j]));
    x = bl23_interval_div(x, s->slope[d]);
    if (x.lo > p->from[d].hi || x.hi < p->from[d].lo)
        return false;
    p->from[d].lo = fmax(p->from[d].lo, x.lo);
    p->from[d].hi = fmin(p->from[d].hi, x.hi);
    return true;
}

/* The word that the lines themselves, as they are at the centre, bound best. */
static bool narrow_by_values(struct proof *p, struct basis const *b)
{
    double m[STACK], largest = 0.0;
    int word = 0;
    for (int r = 0; r < b->lines; r++) {
        struct bl23_interval const x = p->value[b->line[r]];
        m[r] = b->weight[r] * 0.5 * (x.lo + x.hi);
    }
    struct sum const all = sum_of(p, b, m);
    for (int d = 0; d < WORDS; d++) {
        double const slope = 0.5 * (all.slope[d].lo + all.slope[d].hi);
        word = fabs(slope) > fabs(largest) ? d : word;
        largest = fabs(slope) > fabs(largest) ? slope : largest;
    }
    for (int r = 0; r < b->lines; r++)
        m[r] /= largest;
    struct sum const s = sum_of(p, b, m);
    return !(fabs(largest) > 0.0) || narrow(p, word, &s);
}

/* By the sums of one set of quantities; false: nothing of what counts survives. */
static bool try_set(struct proof *p, unsigned set)
{
    struct basis b;
    double m[STACK];
    set_basis(p, set, &b);
    if (p->beyond) {
        multipliers_for(&b, p->beyond->by, m);
        struct sum const s = sum_of(p, &b, m);
        if (keeps_within(p, &s))
            return false;
    }
    for (int k = 0; k < b.words; k++) {
        for (int r = 0; r < b.lines; r++)
            m[r] = b.column[k][r] / b.upper[k][b.word[k]];
        struct sum const s = sum_of(p, &b, m);
        if (!narrow(p, b.word[k], &s))
            return false;
    }
    return narrow_by_values(p, &b);
}

/* The box becomes the words within `from`; returns the part of it that is left. */
static double cut_box(struct proof *p)
{
    double part = 1.0;
    for (int d = 0; d < WORDS; d++) {
        double const half = 0.5 * (double)p->cell.size[d], size = (double)p->box.size[d];
        uint64_t const to_centre = p->box.size[d] / 2;
        double const first = fmax(floor((double)to_centre + p->from[d].lo * half), 0.0);
        double const last = fmin(ceil((double)to_centre + p->from[d].hi * half), size);
        if (!(size > 0.0) || !(last - first < size))
            continue;
        p->box.low[d] += (uint64_t)first;
        p->box.size[d] = (uint64_t)(last - first);
        part *= (last - first) / size;
    }
    return part;
}

/* a or b: the one with a face where a spacing vanishes, or the wider one where b - a does. */
static int word_at_edge(struct bl23_cover_box const *box)
{
    uint64_t const *const size = box->size;
    if (box->low[BL23_CELL_A] == 0 && size[BL23_CELL_A] > 1)
        return BL23_CELL_A;
    if (box->low[BL23_CELL_B] + size[BL23_CELL_B] == (uint64_t)1 << 32 && size[BL23_CELL_B] > 1)
        return BL23_CELL_B;
    return size[BL23_CELL_A] > size[BL23_CELL_B] ? BL23_CELL_A : BL23_CELL_B;
}

/* How much the lines vary in the box by one word, or (WORDS) what their values leave open. */
static double variation(struct proof const *p, int d)
{
    double sum = 0.0;
    for (int k = 0; k < p->balls; k++)
        for (int r = 0; r < p->ball[k].lines; r++) {
            int const line = p->ball[k].line[r];
            struct bl23_interval const x = d < WORDS ? p->slope[line][d] : p->value[line];
            double const reach = d < WORDS ? p->from[d].hi - p->from[d].lo : 1.0;
            sum += p->ball[k].weight[r] * (x.hi - x.lo) * reach;
        }
    return sum;
}

/* The word by which the lines are least linear; -1: none can be divided. */
static int word_to_divide(struct proof const *p)
{
    double worst = -1.0;
    int word = -1;
    for (int d = 0; d < WORDS; d++) {
        double const sum = variation(p, d);
        if (p->box.size[d] > 1 && sum > worst) {
            worst = sum;
            word = d;
        }
    }
    return p->at_edge && variation(p, WORDS) > worst ? word_at_edge(&p->box) : word;
}

/* Does nothing of what counts in the box survive? Where that is not proven, what may survive is
 * left. */
static bool prove_box(struct proof *p)
{
    do {
        if (bl23_cover_none_survives_in(p->limits, &p->box))
            return true;
        look_at(p);
        if (p->beyond && !narrow_to_beyond(p))
            return true;
        for (unsigned set = 1; set < 1u << p->balls; set++)
            if (!try_set(p, set))
                return true;
    } while (cut_box(p) < SHRINKS);
    return false;
}

/* The same of the whole cell, which is divided. */
static bool prove_cell(struct proof *p)
{
    struct bl23_cover_box waiting[WAITING_MAX] = {p->cell};
    int count = 1;
    for (int boxes = 0; count > 0; boxes++) {
        p->box = waiting[--count];
        if (prove_box(p))
            continue;
        int const d = word_to_divide(p);
        if (boxes >= BOXES_MAX || d < 0 || count + 2 > WAITING_MAX)
            return false;
        struct bl23_cover_box *const half = &waiting[count];
        half[0] = half[1] = p->box;
        half[0].size[d] /= 2;
        half[1].low[d] += half[0].size[d];
        half[1].size[d] -= half[0].size[d];
        count += 2;
    }
    return true;
}

bool bl23_cover_strips_hold(struct bl23_cover_limits *limits, struct bl23_cell const *cell,
                            struct bl23_shear const *shear)
{
    struct proof p;
    memset(&p, 0, sizeof p);
    p.limits = limits;
    p.cell = bl23_cover_box_of(cell);
    if (!shear)
        return prove_cell(&p);
    for (int k = 0; k < WORDS; k++) {
        struct beyond beyond[2];
        decode(&p.cell, shear, k, beyond);
        for (int side = 0; shear->extra[k] > 0 && side < 2; side++) {
            p.beyond = &beyond[side];
            if (!prove_cell(&p))
                return false;
        }
    }
    return true;
}
