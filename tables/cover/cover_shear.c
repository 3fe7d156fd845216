/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "tables/cover/cover_shear.h"

#include <string.h>

#include "tables/base/monomials.h"

enum {
    WORDS = BL23_SHEAR_WORDS,
    LINES = BL23_FORMS + 2, /* the rows, then Re and Im of M12 */
    MIXING_LINE = BL23_FORMS,
    BALLS_MAX = 5, /* quantities whose sets are tried */
    BALL_LINES = BL23_QUANTITY_FORMS_MAX,
    ROUNDS = 4
};
#define WIDTH_MAX 0.7  /* of a strip, as a part of the cell's width */
#define SHRINKS 0.8    /* another round where the box becomes so much smaller */
#define CENTRE_MAX 7.0 /* of a strip that reaches the cell: 1, three slopes and its width */
/* Relative, of radii and widths: far above the rounding of this file. */
#define ROUNDING 0x1p-30
/* Relative, of the width of a strip: room for a proof by other sums. */
#define ROOM 0x1p-6
/* Of what is subtracted in M12. */
#define MIXING_MARGIN 0x1p-48

/* Words in units of half the cell's width, from its middle. */
struct box {
    double lo[WORDS], hi[WORDS];
};

/* at + by . u, with u as in a box; `size` bounds by . (u - centre of the box), `rest` what is left
 * out; `value` is at the centre of the box. */
struct line {
    double at, by[WORDS], value, size, rest;
};

/* Lines whose 2-norm stays below 1: [WORDS] is the constant column. */
struct ball {
    int quantity, lines;
    double column[WORDS + 1][BALL_LINES];
    double norm2;
};

/* Strips of some words in the order of elimination, in units of half the width. */
struct strips {
    unsigned quantities; /* bits */
    int words, word[WORDS];
    double centre[WORDS], slope[WORDS][WORDS], width[WORDS]; /* by word */
    double part;
};

struct shearing {
    struct bl23_cover_problem const *problem;
    struct bl23_cell const *cell;
    double g2_lo;
    struct box box;
    struct line line[LINES];
    int balls;
    struct ball ball[BL23_QUANTITIES];
    struct strips best;
};

/* ---- rows to first order ---- */

/* The centre of the box on a word, and how far it reaches from there. */
struct centre {
    uint32_t word[WORDS];
    double at[WORDS], reach[WORDS], unit[WORDS]; /* half the width as a part of 1, or a phase */
};

static void centre_of(struct shearing const *s, struct centre *c)
{
    for (int d = 0; d < WORDS; d++) {
        uint32_t const prefix = s->cell->prefix[d];
        double const half = (double)bl23_prefix_half(prefix);
        double const middle = 0.5 * (s->box.lo[d] + s->box.hi[d]);
        uint32_t const word = (uint32_t)((1.0 + middle) * half);
        c->word[d] = bl23_prefix_low(prefix) + word;
        c->at[d] = (double)word / half - 1.0;
        c->reach[d] = bl23_max(s->box.hi[d] - c->at[d], c->at[d] - s->box.lo[d]) + ROUNDING;
        c->unit[d] = half * (d < BL23_CELL_X2 ? BL23_WORD_UNIT : BL23_RAD_PER_WORD);
    }
}

/* R_ij: at the centre, lowered to the middle of its deviations from the tangent plane; its slopes;
 * how far the plane and the deviation reach. */
struct root {
    double value, by[2], size, rest;
};

static double spacing_product(int pair, double a, double b)
{
    double const p[3] = {a, b - a, 1.0 - b};
    return bl23_max(p[bl23_pairs[pair][0]], 0.0) * bl23_max(p[bl23_pairs[pair][1]], 0.0);
}

static struct root root_of(int pair, struct centre const *c)
{
    static double const by_a[3] = {1.0, -1.0, 0.0}, by_b[3] = {0.0, 1.0, -1.0};
    int const i = bl23_pairs[pair][0], j = bl23_pairs[pair][1];
    double const a = (double)c->word[0] * BL23_WORD_UNIT, b = (double)c->word[1] * BL23_WORD_UNIT;
    double const p[3] = {a, b - a, 1.0 - b}, value = sqrt(spacing_product(pair, a, b));
    double const half = value > 0.0 ? 0.5 / value : BL23_INFINITY;
    struct root r = {.value = value};
    r.by[0] = half * (by_a[i] * p[j] + by_a[j] * p[i]) * c->unit[0];
    r.by[1] = half * (by_b[i] * p[j] + by_b[j] * p[i]) * c->unit[1];
    double const da = c->reach[0], db = c->reach[1];
    double below = 0.0; /* the plane is above R_ij, most at a corner */
    for (int corner = 0; corner < 4; corner++) {
        double const x = corner & 1 ? da : -da, y = corner & 2 ? db : -db;
        double const root = sqrt(spacing_product(pair, a + x * c->unit[0], b + y * c->unit[1]));
        below = bl23_max(below, value + r.by[0] * x + r.by[1] * y - root);
    }
    r.value -= 0.5 * below;
    r.size = fabs(r.by[0]) * da + fabs(r.by[1]) * db;
    r.rest = 0.5 * below + ROUNDING * r.size + 0x1p-50;
    return r;
}

/* The terms of a pair: R (F0 + f1 t + rest), t the phase from the centre. */
static void add_pair(struct bl23_cover_row const *row, int pair, struct root const *root,
                     double const turn[2], struct centre const *c, struct line *line)
{
    double const by_x2 = pair < 2 ? c->unit[BL23_CELL_X2] : 0.0;
    double const by_y = pair > 0 ? c->unit[BL23_CELL_Y] : 0.0;
    double const t = by_x2 * c->reach[BL23_CELL_X2] + by_y * c->reach[BL23_CELL_Y];
    double const f = row->re[pair] * turn[1] + row->im[pair] * turn[0];
    double const f1 = row->im[pair] * turn[1] - row->re[pair] * turn[0];
    double const bend = 0.25 * t * t; /* half of 1 - cos t, at most */
    double const f0 = f * (1.0 - bend);
    double const rest = fabs(f) * bend + fabs(f1) * t * t * t * (1.0 / 6.0);
    line->value += root->value * f0;
    line->by[BL23_CELL_A] += f0 * root->by[0];
    line->by[BL23_CELL_B] += f0 * root->by[1];
    line->by[BL23_CELL_X2] += root->value * f1 * by_x2;
    line->by[BL23_CELL_Y] += root->value * f1 * by_y;
    line->rest += root->size * fabs(f1) * t + root->rest * (fabs(f0) + fabs(f1) * t + rest) +
                  rest * (fabs(root->value) + root->size);
}

/* What follows from value and slopes. */
static void finish_line(struct centre const *c, struct line *line)
{
    line->at = line->value;
    line->size = 0.0;
    for (int d = 0; d < WORDS; d++) {
        line->at -= line->by[d] * c->at[d];
        line->size += fabs(line->by[d]) * c->reach[d];
    }
}

/* sum + weight x y. */
static void add_product(double weight, struct line const *x, struct line const *y, struct line *sum)
{
    double const ends = x == y ? 0.5 * x->size * x->size : 0.0; /* x^2 bends one way only */
    double const value = x->value * y->value + ends;
    double const rest = (x == y ? ends : x->size * y->size) + (fabs(x->value) + x->size) * y->rest +
                        (fabs(y->value) + y->size) * x->rest + x->rest * y->rest;
    sum->value += weight * value;
    for (int d = 0; d < WORDS; d++)
        sum->by[d] += weight * (x->value * y->by[d] + y->value * x->by[d]);
    sum->rest += fabs(weight) * (rest + MIXING_MARGIN * fabs(value));
}

static void lines_of(struct shearing *s)
{
    struct bl23_cover_problem const *const p = s->problem;
    struct centre c;
    struct root root[BL23_COVER_PAIRS];
    double turn[BL23_COVER_PAIRS][2];
    centre_of(s, &c);
    uint32_t const phase[BL23_COVER_PAIRS] = {c.word[2], c.word[2] + c.word[3], c.word[3]};
    for (int pair = 0; pair < BL23_COVER_PAIRS; pair++) {
        root[pair] = root_of(pair, &c);
        bl23_cover_sincos(p, phase[pair], &turn[pair][0], &turn[pair][1]);
    }
    for (int r = 0; r < p->rows; r++) {
        struct bl23_cover_row const *const row = &p->row[r];
        struct line *const line = &s->line[r];
        *line = (struct line){.rest = row->margin};
        line->by[BL23_CELL_A] = row->by_a * c.unit[0];
        line->by[BL23_CELL_B] = row->by_b * c.unit[1];
        line->value = row->constant + row->by_a * ((double)c.word[0] * BL23_WORD_UNIT) +
                      row->by_b * ((double)c.word[1] * BL23_WORD_UNIT);
        for (int pair = 0; pair < BL23_COVER_PAIRS; pair++)
            if (row->amplitude[pair] > 0.0)
                add_pair(row, pair, &root[pair], turn[pair], &c, line);
        finish_line(&c, line);
    }
    for (int k = 0; k < p->quantities; k++) {
        struct bl23_cover_quantity const *const q = &p->quantity[k];
        if (q->shape != BL23_SHAPE_MODULUS && q->shape != BL23_SHAPE_IMAGINARY)
            continue;
        struct line *const m = &s->line[MIXING_LINE];
        m[0] = m[1] = (struct line){.rest = 0.0};
        for (int f = 0; f < 2; f++) {
            struct line const *const x = &s->line[q->first + 2 * f];
            add_product(q->weight[f], x, x, &m[0]);
            add_product(-q->weight[f], x + 1, x + 1, &m[0]);
            add_product(2.0 * q->weight[f], x, x + 1, &m[1]);
        }
        finish_line(&c, &m[0]);
        finish_line(&c, &m[1]);
        break; /* both quantities have the same weights */
    }
}

/* ---- limits ---- */

/* Has the imaginary part of a quantity a limit of its own that is tighter? */
static bool has_tighter_part(struct shearing const *s, struct bl23_cover_quantity const *q)
{
    for (int k = 0; k < s->problem->quantities; k++) {
        struct bl23_cover_quantity const *const part = &s->problem->quantity[k];
        bool const is_part = q->shape == BL23_SHAPE_MODULUS
                                 ? part->shape == BL23_SHAPE_IMAGINARY && part->first == q->first
                                 : q->shape == BL23_SHAPE_SQUARES &&
                                       part->shape == BL23_SHAPE_SQUARES && q->count == 2 &&
                                       part->count == 1 && part->first == q->first + 1;
        if (is_part)
            return part->allowed.hi <= q->allowed.hi;
    }
    return false;
}

/* The lines of a quantity with their weights, and the largest norm that its limit allows. */
static int limited_lines(struct shearing const *s, struct bl23_cover_quantity const *q,
                         struct line const *line[BALL_LINES], double weight[BALL_LINES],
                         double *radius)
{
    double const upper = q->allowed.hi / s->g2_lo;
    bool const real_only = has_tighter_part(s, q); /* the other line would only widen sums */
    int lines = 0;
    *radius = upper * (1.0 + ROUNDING);
    if (q->shape == BL23_SHAPE_MODULUS)
        line[lines++] = &s->line[MIXING_LINE];
    if ((q->shape == BL23_SHAPE_MODULUS && !real_only) || q->shape == BL23_SHAPE_IMAGINARY)
        line[lines++] = &s->line[MIXING_LINE + 1];
    for (int k = 0; k < lines; k++)
        weight[k] = 1.0;
    if (q->shape != BL23_SHAPE_SQUARES && q->shape != BL23_SHAPE_WEIGHTED)
        return lines;
    *radius = sqrt(upper) * (1.0 + ROUNDING);
    for (int r = 0; r < (real_only ? 1 : q->count); r++)
        if (q->weight[r] > 0.0) {
            weight[lines] = sqrt(q->weight[r]);
            line[lines++] = &s->line[q->first + r];
        }
    return lines;
}

/* The ball of a quantity. 0: it cannot bound the box; -1: nothing in the box keeps the limit. */
static int ball_of(struct shearing const *s, struct bl23_cover_quantity const *q, struct ball *ball)
{
    struct line const *line[BALL_LINES];
    double weight[BALL_LINES], radius, largest = 0.0, rest = 0.0;
    if (!(q->allowed.hi < BL23_INFINITY) || !(s->g2_lo > 0.0))
        return 0;
    ball->lines = limited_lines(s, q, line, weight, &radius);
    for (int k = 0; k < ball->lines; k++) {
        double const w = weight[k], reach = line[k]->size + line[k]->rest;
        double const most = w * (fabs(line[k]->value) + reach);
        if (w * (fabs(line[k]->value) - reach) > radius)
            return -1;
        largest += most * most;
        rest += w * w * line[k]->rest * line[k]->rest;
    }
    if (largest <= radius * radius)
        return 0;
    double const scale = 1.0 / (radius + sqrt(rest) * (1.0 + ROUNDING));
    if (!(scale > 0.0)) /* a rest without bound */
        return 0;
    ball->norm2 = 0.0;
    for (int k = 0; k < ball->lines; k++) {
        for (int d = 0; d < WORDS; d++) {
            double const by = weight[k] * scale * line[k]->by[d];
            ball->column[d][k] = by;
            ball->norm2 += by * by;
        }
        ball->column[WORDS][k] = weight[k] * scale * line[k]->at;
    }
    return ball->norm2 < BL23_INFINITY;
}

/* The balls of all quantities that bound the box, the thinnest first; false: nothing is left. */
static bool balls_of(struct shearing *s)
{
    s->balls = 0;
    for (int q = 0; q < s->problem->quantities; q++) {
        struct ball ball;
        int const found = ball_of(s, &s->problem->quantity[q], &ball);
        ball.quantity = q;
        if (found < 0)
            return false;
        int at = found ? s->balls++ : -1;
        for (; at > 0 && s->ball[at - 1].norm2 < ball.norm2; at--)
            s->ball[at] = s->ball[at - 1];
        if (at >= 0)
            s->ball[at] = ball;
    }
    s->balls = s->balls < BALLS_MAX ? s->balls : BALLS_MAX;
    return true;
}

/* ---- elimination ---- */

static double dot(double const *x, double const *y, int n)
{
    double sum = 0.0;
    for (int k = 0; k < n; k++)
        sum += x[k] * y[k];
    return sum;
}

/* The lines of some balls together. */
struct stack {
    int balls, first[BALLS_MAX + 1];
    double column[WORDS + 1][BALLS_MAX * BALL_LINES];
};

static int stack_balls(struct shearing const *s, unsigned set, struct stack *stack)
{
    int n = 0;
    stack->balls = 0;
    for (int b = 0; b < s->balls; b++) {
        struct ball const *const ball = &s->ball[b];
        if (!(set >> b & 1u))
            continue;
        stack->first[stack->balls++] = n;
        for (int d = 0; d <= WORDS; d++)
            memcpy(stack->column[d] + n, ball->column[d], (size_t)ball->lines * sizeof(double));
        n += ball->lines;
    }
    stack->first[stack->balls] = n;
    return n;
}

/* The largest value of a column times the lines: each ball gives its part of the column. */
static double largest_product(struct stack const *stack, double const *column)
{
    double sum = 0.0;
    for (int b = 0; b < stack->balls; b++) {
        double const *const part = column + stack->first[b];
        sum += sqrt(dot(part, part, stack->first[b + 1] - stack->first[b]));
    }
    return sum;
}

static void eliminate(struct shearing const *s, unsigned set, struct strips *strips)
{
    struct stack stack;
    int const n = stack_balls(s, set, &stack);
    bool left[WORDS] = {true, true, true, true};
    memset(strips, 0, sizeof *strips);
    strips->part = 1.0;
    for (int b = 0; b < s->balls; b++)
        strips->quantities |= set >> b & 1u ? 1u << s->ball[b].quantity : 0u;
    while (strips->words < WORDS) {
        double largest = 0.0;
        int d = 0;
        for (int j = 0; j < WORDS; j++) {
            double const norm2 = left[j] ? dot(stack.column[j], stack.column[j], n) : 0.0;
            d = norm2 > largest ? j : d;
            largest = bl23_max(norm2, largest);
        }
        double const *const pivot = stack.column[d];
        double const width = largest_product(&stack, pivot) / largest * (1.0 + ROUNDING);
        if (!(width < WIDTH_MAX))
            return;
        left[d] = false;
        strips->word[strips->words++] = d;
        strips->width[d] = width;
        strips->part *= width;
        for (int j = 0; j <= WORDS; j++) {
            if (j < WORDS && !left[j])
                continue;
            double const along = dot(pivot, stack.column[j], n) / largest;
            if (j == WORDS)
                strips->centre[d] = -along;
            else
                strips->slope[d][j] = -along;
            for (int k = 0; k < n; k++)
                stack.column[j][k] -= along * pivot[k];
        }
    }
}

/* The box within the strips; false: nothing of it. */
static bool contract(struct strips const *strips, struct box *box)
{
    for (int k = 0; k < strips->words; k++) {
        int const d = strips->word[k];
        double const c = strips->centre[d];
        double lo = c - strips->width[d], hi = c + strips->width[d];
        for (int j = 0; j < WORDS; j++) {
            double const slope = strips->slope[d][j];
            double const p = slope * box->lo[j], q = slope * box->hi[j];
            lo += bl23_min(p, q);
            hi += bl23_max(p, q);
        }
        double const room = ROUNDING * (1.0 + fabs(c));
        box->lo[d] = bl23_max(box->lo[d], lo - room);
        box->hi[d] = bl23_min(box->hi[d], hi + room);
        if (box->lo[d] > box->hi[d])
            return false;
    }
    return true;
}

/* The strips of least volume in the smallest box; false: nothing is left of it. */
static bool find_strips(struct shearing *s)
{
    for (int d = 0; d < WORDS; d++) {
        s->box.lo[d] = -1.0;
        s->box.hi[d] = 1.0;
    }
    for (int round = 0; round < ROUNDS; round++) {
        double before = 1.0, after = 1.0;
        for (int d = 0; d < WORDS; d++)
            before *= s->box.hi[d] - s->box.lo[d];
        lines_of(s);
        if (!balls_of(s))
            return false;
        s->best = (struct strips){.part = 1.0};
        for (unsigned set = 1; set < 1u << s->balls; set++) {
            struct strips strips;
            eliminate(s, set, &strips);
            if (!contract(&strips, &s->box))
                return false;
            if (strips.part < s->best.part)
                s->best = strips;
        }
        for (int d = 0; d < WORDS; d++)
            after *= s->box.hi[d] - s->box.lo[d];
        if (!(after < SHRINKS * before))
            break;
    }
    return true;
}

/* ---- whole numbers ---- */

/* x times 2^bits, rounded. */
static int32_t fixed_point(double x, int bits)
{
    double const scaled = x * (double)(INT64_C(1) << bits);
    return (int32_t)(scaled < 0.0 ? scaled - 0.5 : scaled + 0.5);
}

/* The strip of a word as wide as a power of two, with room for what drawing rounds: centre, slopes
 * and position in their last bits, and one word. */
static int extra_of(uint32_t prefix, double width, int most)
{
    int const bits = bl23_prefix_bits(prefix);
    double const needed = width * (1.0 + ROOM) + 0x1p-26 + 2.0 / (double)bl23_prefix_half(prefix);
    int extra = 0;
    most = most < BL23_CELL_BITS_MAX - bits ? most : BL23_CELL_BITS_MAX - bits;
    for (double wide = 0.5; extra < most && needed <= wide; wide *= 0.5)
        extra++;
    return extra;
}

static void round_strips(struct strips const *strips, struct bl23_cell const *cell,
                         struct bl23_cover_sheared *sheared)
{
    struct bl23_shear *const shear = &sheared->shear;
    bool in_strip[WORDS] = {false};
    int n = 0;
    for (int k = 0; k < strips->words; k++)
        in_strip[strips->word[k]] = true;
    for (int d = 0; d < WORDS; d++)
        if (!in_strip[d])
            shear->word[n++] = (uint8_t)d;
    for (int k = strips->words - 1; k >= 0; k--, n++) {
        int const d = strips->word[k];
        int const most = BL23_CELL_DEPTH_MAX - bl23_cell_depth(cell) - sheared->extra;
        int const extra = fabs(strips->centre[d]) < CENTRE_MAX
                              ? extra_of(cell->prefix[d], strips->width[d], most)
                              : 0;
        shear->word[n] = (uint8_t)d;
        shear->extra[n] = (uint8_t)extra;
        sheared->extra += extra;
        if (extra == 0)
            continue;
        shear->centre[n] = fixed_point(strips->centre[d], 28);
        for (int j = 0; j < n; j++)
            shear->slope[n * (n - 1) / 2 + j] = fixed_point(strips->slope[d][shear->word[j]], 30);
    }
}

void bl23_cover_shear(struct bl23_cover_problem const *problem, struct bl23_cell const *cell,
                      struct bl23_cover_sheared *sheared)
{
    memset(sheared, 0, sizeof *sheared);
    sheared->judgement = bl23_cover_judge(problem, cell, 0);
    sheared->part = 1.0;
    for (int d = 0; d < WORDS; d++)
        sheared->shear.word[d] = (uint8_t)d;
    if (sheared->judgement.kind != BL23_LEAF_UNDECIDED || bl23_cell_is_diagonal(cell))
        return;
    struct shearing s;
    s.problem = problem;
    s.cell = cell;
    s.g2_lo = sheared->judgement.g2_lo;
    if (!find_strips(&s)) {
        sheared->judgement.kind = BL23_LEAF_DISCARDED;
        return;
    }
    sheared->part = s.best.part;
    sheared->quantities = s.best.quantities;
    round_strips(&s.best, cell, sheared);
}
