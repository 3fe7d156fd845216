/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* Covers: trees and their codes, and that no survivor of uniform drawing is lost. BL23_SLOW=1 in
 * the environment looks at more samples. Cells are decoded here anew, by what cover_tree.h says. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/config/config.h"
#include "kernels/sample/draw.h"
#include "kernels/sample/verdict.h"
#include "tables/bound/bound_problem.h"
#include "tables/bound/bound_search.h"
#include "tables/cover/cover_bounds.h"
#include "tables/cover/cover_build.h"
#include "tables/cover/cover_flat.h"
#include "tests/check.h"
#include "tests/random_bits.h"

static struct bl23_model *model_of(char const *folder, char const *name)
{
    char path[4096];
    struct bl23_config *config;
    struct bl23_model *model;
    struct bl23_error error = {BL23_OK, ""};
    snprintf(path, sizeof path, "%s/%s.yaml", folder, name);
    check_ok(bl23_config_load(path, &config, &error), &error, "%s", path);
    struct bl23_model_spec const spec = bl23_config_model_spec(config);
    check_ok(bl23_model_build(&spec, &model, NULL, &error), &error, "%s", path);
    bl23_config_free(config);
    return model;
}

static struct bl23_cover_tree tree_of(struct bl23_model const *model, uint64_t knot, uint64_t cells)
{
    struct bl23_cover_tree tree;
    struct bl23_error error = {BL23_OK, ""};
    check_ok(bl23_cover_build(model, knot, (struct bl23_cover_aim){cells, 0.0}, &tree, &error),
             &error, "a cover of %d cells", (int)cells);
    return tree;
}

static int is_slow(void)
{
    return getenv("BL23_SLOW") != NULL;
}

static int survives(struct bl23_model const *model, uint64_t knot, uint32_t const x[4], uint32_t x5)
{
    double m[BL23_MONOMIALS], s[BL23_QUANTITIES];
    bl23_draw_monomials((struct bl23_words){{x[0], x[1], x[2], x[3]}}, m);
    bl23_quantities_of_row(&model->knot[knot], BL23_ALL_QUANTITIES, m, s);
    return bl23_judge(&model->knot[knot], (int)model->level, model->g_mode == BL23_G_SOLVE, s,
                      bl23_draw_g(model, x5))
        .survives;
}

/* ---- a decoder of its own: boxes in a, b, x2, y, x5, and the points in them ---- */

struct box {
    uint64_t low[5], size[5];
};

struct point {
    uint32_t at[5];
};

struct descent {
    struct bl23_cover_tree const *tree;
    size_t next; /* node */
    uint64_t leaves[8], points[8];
    double volume[8];
    struct box *left; /* takes the leaves that are not discarded; NULL: they are not wanted */
};

static int is_diagonal(struct box const *box)
{
    return box->low[0] == box->low[1] && box->size[0] == box->size[1];
}

static int has_point(struct box const *box, struct point const *p)
{
    for (int d = 0; d < 5; d++)
        if (p->at[d] < box->low[d] || p->at[d] - box->low[d] >= box->size[d])
            return 0;
    return 1;
}

static struct box half_box(struct box box, int d, int upper)
{
    box.size[d] /= 2;
    box.low[d] += upper ? box.size[d] : 0;
    return box;
}

/* Goes down with the points of a box, which it reorders. */
static void descend(struct descent *down, struct box const *box, struct point *point, size_t points)
{
    check_that(down->next < down->tree->nodes, "the tree ends at node %zu", down->next);
    int const code = down->tree->node[down->next++];
    struct box child[3];
    int children = 2;
    if (code >= 5) {
        double volume = is_diagonal(box) ? 1.0 : 2.0;
        for (int d = 0; d < 5; d++)
            volume *= (double)box->size[d] * 0x1p-32;
        if (down->left && code > 5)
            down->left[down->leaves[6] + down->leaves[7]] = *box;
        down->leaves[code]++;
        down->points[code] += points;
        down->volume[code] += volume;
        return;
    }
    if (is_diagonal(box) && code == 0) {
        children = 3;
        for (int k = 0; k < 3; k++)
            child[k] = half_box(half_box(*box, 0, k == 2), 1, k > 0);
    } else {
        for (int k = 0; k < 2; k++)
            child[k] = half_box(*box, code, k);
    }
    size_t first = 0;
    for (int k = 0; k < children; k++) {
        size_t end = first;
        for (size_t i = first; i < points; i++)
            if (has_point(&child[k], &point[i])) {
                struct point const moved = point[i];
                point[i] = point[end];
                point[end++] = moved;
            }
        descend(down, &child[k], point + first, end - first);
        first = end;
    }
    check_that(first == points, "%zu points are in no child of a split on %d", points - first,
               code);
}

static struct descent descend_with(struct bl23_cover_tree const *tree, struct point *point,
                                   size_t points, struct box *left)
{
    struct descent down = {tree, tree->node[0] == 1, {0}, {0}, {0}, left}; /* 1: it is sheared */
    struct box const cube = {{0},
                             {UINT64_C(1) << 32, UINT64_C(1) << 32, UINT64_C(1) << 32,
                              UINT64_C(1) << 32, UINT64_C(1) << 32}};
    descend(&down, &cube, point, points);
    check_that(down.next == tree->nodes, "%zu nodes behind the tree", tree->nodes - down.next);
    return down;
}

static struct descent descend_tree(struct bl23_cover_tree const *tree, struct point *point,
                                   size_t points)
{
    return descend_with(tree, point, points, NULL);
}

/* ---- each kind of bound alone ---- */

/* A prefix of so many bits. */
static uint32_t random_prefix(int bits)
{
    uint64_t const word = random_bits() & 0xffffffffu;
    return (uint32_t)((word >> (32 - bits) << (32 - bits)) | (UINT64_C(1) << (31 - bits)));
}

/* Half of the cells are near a corner of the simplex, where roots are steep; some on the diagonal.
 */
static struct bl23_cell random_cell(int bits_max)
{
    struct bl23_cell cell;
    for (int d = 0; d < BL23_CELL_WORDS; d++) {
        cell.prefix[d] = random_prefix((int)(random_bits() % (uint64_t)(bits_max + 1)));
        if (d < BL23_CELL_X2 && random_bits() % 2 == 0) { /* all bits 0, or 1 */
            uint32_t const mark = cell.prefix[d] & (0u - cell.prefix[d]);
            cell.prefix[d] = random_bits() % 2 == 0 ? mark : ~(mark - 1u);
        }
    }
    uint32_t *const a = &cell.prefix[BL23_CELL_A], *const b = &cell.prefix[BL23_CELL_B];
    uint32_t const a_low = bl23_prefix_low(*a), b_low = bl23_prefix_low(*b);
    uint32_t const a_half = *a & (0u - *a), b_half = *b & (0u - *b);
    uint32_t const wide = a_half > b_half ? a_half : b_half;
    if (random_bits() % 4 == 0 || a_low / 2 / wide == b_low / 2 / wide)
        *b = *a; /* the cells would overlap */
    else if (a_low > b_low) {
        uint32_t const other = *a;
        *a = *b;
        *b = other;
    }
    return cell;
}

/* A word of a prefix: one of its ends, or any. */
static uint32_t word_in(uint32_t prefix)
{
    uint32_t const any = bl23_prefix_word(prefix, (uint32_t)random_bits());
    switch (random_bits() % 4) {
    case 0:
        return bl23_prefix_word(prefix, 0);
    case 1:
        return bl23_prefix_word(prefix, UINT32_MAX);
    default:
        return any;
    }
}

/* The words a, b, x2, x3 of a sample in a cell. */
static struct bl23_words words_in(struct bl23_cell const *cell)
{
    uint32_t const a = word_in(cell->prefix[BL23_CELL_A]), b = word_in(cell->prefix[BL23_CELL_B]);
    uint32_t const x2 = word_in(cell->prefix[BL23_CELL_X2]);
    return (struct bl23_words){
        {a < b ? a : b, a < b ? b : a, x2, x2 + word_in(cell->prefix[BL23_CELL_Y])}};
}

/* What was seen of a range: samples must lie in it, and must come near to its ends. */
struct seen {
    double lo, hi;
};
static struct seen const nothing_seen = {(double)INFINITY, -(double)INFINITY};

static void see(struct seen *seen, double x)
{
    seen->lo = fmin(seen->lo, x);
    seen->hi = fmax(seen->hi, x);
}

static void check_seen(struct seen seen, struct bl23_interval range, double outward, double near,
                       char const *what, int k)
{
    double const width = range.hi - range.lo;
    check_that(range.lo - outward <= seen.lo && seen.hi <= range.hi + outward,
               "%s %d: %.17g .. %.17g seen outside of %.17g .. %.17g", what, k, seen.lo, seen.hi,
               range.lo, range.hi);
    check_that(seen.lo <= range.lo + near * width && seen.hi >= range.hi - near * width,
               "%s %d: %.17g .. %.17g is all that was seen of %.17g .. %.17g", what, k, seen.lo,
               seen.hi, range.lo, range.hi);
}

static void check_within(double x, struct bl23_interval range, char const *what, int k, int cell)
{
    if (!(range.lo <= x && x <= range.hi)) /* a check_that writes its text before it looks */
        check_that(0, "%s %d, cell %d: %.17g, not in %.17g .. %.17g", what, k, cell, x, range.lo,
                   range.hi);
}

static struct bl23_cover_problem *problem_of(struct bl23_model const *model, uint64_t knot)
{
    struct bl23_cover_problem *const problem = malloc(sizeof *problem);
    assert_non_null(problem);
    bl23_cover_problem_build(model, knot, problem);
    return problem;
}

/* R_ij on a grid over the cell, by long double. */
static void test_roots(void **state)
{
    (void)state;
    enum { CELLS = 3000, GRID = 64 };
    struct bl23_model *const model = model_of(BL23_DATA_DIR, "cover_a");
    struct bl23_cover_problem *const problem = problem_of(model, 0);
    random_state = 1;
    for (int k = 0; k < CELLS; k++) {
        struct bl23_cell const cell = random_cell(20);
        struct bl23_cover_ranges ranges;
        struct seen seen[3] = {nothing_seen, nothing_seen, nothing_seen};
        bl23_cover_ranges_of(problem, &cell, &ranges);
        for (int i = 0; i <= GRID; i++)
            for (int j = 0; j <= GRID; j++) {
                uint32_t const a = bl23_prefix_word(cell.prefix[BL23_CELL_A],
                                                    (uint32_t)(UINT32_MAX / GRID * (uint64_t)i));
                uint32_t const b = bl23_prefix_word(cell.prefix[BL23_CELL_B],
                                                    (uint32_t)(UINT32_MAX / GRID * (uint64_t)j));
                if (a > b)
                    continue;
                long double const p1 = (long double)a * 0x1p-32L;
                long double const p2 = (long double)(b - a) * 0x1p-32L;
                long double const p3 = 1.0L - (long double)b * 0x1p-32L;
                see(&seen[0], (double)sqrtl(p1 * p2));
                see(&seen[1], (double)sqrtl(p1 * p3));
                see(&seen[2], (double)sqrtl(p2 * p3));
            }
        for (int p = 0; p < 3; p++) {
            check_seen(seen[p], ranges.root[p], 0x1p-51, 0.02, "root", 3 * k + p);
            double const by = ranges.root_by[p][0] + ranges.root_by[p][1];
            check_that(by >= (ranges.root[p].hi - ranges.root[p].lo) * (1.0 - 1e-12),
                       "root %d: a and b are blamed for %g of %g", 3 * k + p, by,
                       ranges.root[p].hi - ranges.root[p].lo);
        }
    }
    free(problem);
    free(model);
}

/* A row with the diagonal coefficients alone, and one with those of a pair at fixed a and b. */
static void test_linear_and_harmonic(void **state)
{
    (void)state;
    enum { CELLS = 3000, GRID = 256 };
    struct bl23_model *const model = model_of(BL23_DATA_DIR, "cover_a");
    random_state = 2;
    for (int k = 0; k < CELLS; k++) {
        struct bl23_cell cell = random_cell(12);
        int const pair = k % 4;
        double form[BL23_MONOMIALS] = {0.0};
        int const first = pair < 3 ? 3 + 2 * pair : 0;
        for (int c = first; c < first + (pair < 3 ? 2 : 3); c++)
            form[c] = random_between(-1.0, 1.0);
        if (pair < 3) { /* R_ij all but constant */
            cell.prefix[BL23_CELL_A] = random_prefix(2) / 8 * 4 + 1;
            cell.prefix[BL23_CELL_B] = (UINT32_C(5) << 29) | 1u;
        }
        memcpy(model->knot[0].form[BL23_FORM_DS_RE], form, sizeof form);
        struct bl23_cover_problem *const problem = problem_of(model, 0);
        struct bl23_cover_ranges ranges;
        struct seen seen = nothing_seen;
        bl23_cover_ranges_of(problem, &cell, &ranges);
        struct bl23_cover_range const range = bl23_cover_row_range(&problem->row[0], &ranges);
        for (int i = 0; i <= GRID; i++)
            for (int j = 0; j <= (pair == 0 || pair == 2 ? 0 : 16); j++) {
                uint32_t const at_i = (uint32_t)(UINT32_MAX / GRID * (uint64_t)i);
                uint32_t const at_j = (uint32_t)(UINT32_MAX / 16 * (uint64_t)j);
                uint32_t word[4];
                for (int d = 0; d < 4; d++)
                    word[d] = bl23_prefix_word(cell.prefix[d], d % 2 == 0 ? at_i : at_j);
                if (pair == 2)
                    word[3] = bl23_prefix_word(cell.prefix[3], at_i);
                if (pair == 3 && (i % 16 != 0 || word[0] > word[1]))
                    continue;
                double m[BL23_MONOMIALS];
                bl23_draw_monomials(
                    (struct bl23_words){{word[0], word[1], word[2], word[2] + word[3]}}, m);
                see(&seen, bl23_amplitude(form, m));
            }
        int const whole = pair < 3 && ranges.whole[pair];
        check_seen(seen, range.h, 0.0, whole ? 1.0 : 0.01, pair < 3 ? "harmonic" : "linear", k);
        double part[BL23_CELL_G];
        bl23_cover_blame(&problem->row[0], &ranges, &range, part);
        double const by = part[0] + part[1] + part[2] + part[3];
        check_that(by >= (range.h.hi - range.h.lo - 2.0 * problem->row[0].margin) * (1.0 - 1e-12),
                   "row %d: the words are blamed for %g of %g", k, by, range.h.hi - range.h.lo);
        free(problem);
    }
    free(model);
}

/* All rows of a model with every quantity limited, its quantities, and g: samples lie within. */
static void test_samples_of_cells(void **state)
{
    (void)state;
    enum { CELLS = 3000, SAMPLES = 200 };
    struct bl23_model *const model = model_of(BL23_SURVEY_DIR, "random_g");
    struct bl23_knot *const knot = &model->knot[0];
    for (int q = 0; q < BL23_QUANTITIES; q++)
        knot->allowed[model->level][q] = (struct bl23_interval){1e-20, 1.0};
    knot->weight[BL23_WEIGHT_MIXING] *= -1.0;
    struct bl23_cover_problem *const problem = problem_of(model, 0);
    check_that(problem->quantities == BL23_QUANTITIES && problem->rows == BL23_FORMS,
               "%d quantities of %d rows", problem->quantities, problem->rows);
    random_state = 3;
    for (int k = 0; k < CELLS; k++) {
        struct bl23_cell const cell = random_cell(k % 28);
        struct bl23_cover_ranges ranges;
        struct bl23_cover_range row[BL23_FORMS];
        bl23_cover_ranges_of(problem, &cell, &ranges);
        for (int r = 0; r < BL23_FORMS; r++)
            row[r] = bl23_cover_row_range(&problem->row[r], &ranges);
        struct bl23_interval const g_range = bl23_cover_g_range(model, cell.prefix[BL23_CELL_G]);
        for (int n = 0; n < SAMPLES; n++) {
            double m[BL23_MONOMIALS], h[BL23_FORMS], s[BL23_QUANTITIES];
            bl23_draw_monomials(words_in(&cell), m);
            bl23_amplitudes(knot, BL23_ALL_FORMS, m, h);
            bl23_quantities(knot, BL23_ALL_QUANTITIES, h, s);
            double const g = bl23_draw_g(model, word_in(cell.prefix[BL23_CELL_G]));
            check_within(g, g_range, "g of cell", k, 0);
            for (int r = 0; r < BL23_FORMS; r++)
                check_within(h[r], row[r].h, "amplitude", r, k);
            for (int q = 0; q < BL23_QUANTITIES; q++)
                check_within(s[q], bl23_cover_quantity_range(&problem->quantity[q], row),
                             "quantity", q, k);
        }
    }
    free(problem);
    free(model);
}

/* An amplitude at a, b, x2, y as parts of 1, whether or not they are words. */
static double amplitude_at(double const form[BL23_MONOMIALS], long double const at[4])
{
    static int const first[3] = {0, 0, 1}, second[3] = {1, 2, 2};
    long double const p[3] = {at[0], at[1] - at[0], 1.0L - at[1]};
    long double const turn[3] = {at[2], at[2] + at[3], at[3]};
    long double h = 0.0L;
    for (int k = 0; k < 3; k++) {
        long double const phase = turn[k] * 2.0L * acosl(-1.0L);
        long double const root = sqrtl(p[first[k]] * p[second[k]]);
        h += form[k] * p[k];
        h += root * (form[3 + 2 * k] * cosl(phase) + form[4 + 2 * k] * sinl(phase));
    }
    return (double)h;
}

/* The ranges hold up to the faces where the next cells begin, between the words too. */
static void test_faces(void **state)
{
    (void)state;
    enum { CELLS = 3000 };
    struct bl23_model *const model = model_of(BL23_DATA_DIR, "cover_a");
    struct bl23_cover_problem *const problem = problem_of(model, 0);
    double const *const form = model->knot[0].form[BL23_FORM_DS_RE];
    random_state = 7;
    for (int k = 0; k < CELLS; k++) {
        struct bl23_cell const cell = random_cell(28);
        struct bl23_cover_ranges ranges;
        bl23_cover_ranges_of(problem, &cell, &ranges);
        struct bl23_interval const h = bl23_cover_row_range(&problem->row[0], &ranges).h;
        for (int corner = 0; corner < 16; corner++) {
            long double at[4];
            for (int d = 0; d < 4; d++) {
                uint64_t const low = bl23_prefix_low(cell.prefix[d]);
                uint64_t const size = 2 * (uint64_t)bl23_prefix_half(cell.prefix[d]);
                at[d] = (long double)(low + (corner >> d & 1 ? size : 0)) * 0x1p-32L;
            }
            if (at[0] <= at[1])
                check_within(amplitude_at(form, at), h, "corner", corner, k);
        }
    }
    free(problem);
    free(model);
}

/* The same of g, which a word stands for in the middle of its part of the range. */
static void test_faces_of_g(void **state)
{
    (void)state;
    enum { CELLS = 3000 };
    struct bl23_model *const model = model_of(BL23_SURVEY_DIR, "random_g");
    random_state = 8;
    for (int k = 0; k < CELLS; k++) {
        uint32_t const prefix = random_prefix(k % 32);
        struct bl23_interval const range = bl23_cover_g_range(model, prefix);
        uint64_t const low = bl23_prefix_low(prefix);
        uint64_t const word[2] = {low, low + 2 * (uint64_t)bl23_prefix_half(prefix)};
        for (int end = 0; end < 2; end++) {
            long double const part = (long double)word[end] * 0x1p-32L;
            long double const g = model->g_min * exp2l(model->g_log2_ratio * part);
            check_within((double)g, range, "g of end", end, k);
        }
    }
    free(model);
}

/* The shapes, out of amplitudes anywhere in their ranges. */
static void test_shapes(void **state)
{
    (void)state;
    enum { BOXES = 4000, SAMPLES = 600 };
    random_state = 4;
    for (int k = 0; k < BOXES; k++) {
        int const q = BL23_QUANTITY_OF_FORMS + k % BL23_QUANTITIES_OF_FORMS;
        struct bl23_form_range const form = bl23_form_range_of(q);
        struct bl23_knot knot;
        struct bl23_cover_range row[BL23_FORMS];
        struct seen seen = nothing_seen;
        memset(row, 0, sizeof row);
        for (int w = 0; w < BL23_WEIGHTS; w++)
            knot.weight[w] = random_between(w < BL23_WEIGHT_MIXING ? 0.0 : -1.0, 1.0);
        struct bl23_cover_quantity quantity = {.q = q, .shape = form.shape, .count = form.count};
        for (int r = 0; r < form.count; r++)
            quantity.weight[r] = bl23_weight_of(form, knot.weight, r);
        int const mixing = form.shape == BL23_SHAPE_MODULUS || form.shape == BL23_SHAPE_IMAGINARY;
        if (mixing)
            memcpy(quantity.weight, &knot.weight[form.weight], 2 * sizeof(double));
        for (int r = 0; r < form.count; r++) {
            double const x = random_between(-1.0, 1.0),
                         y = x + pow(2.0, random_between(-20.0, 1.0));
            row[r].h = (struct bl23_interval){x, y};
        }
        struct bl23_interval const range = bl23_cover_quantity_range(&quantity, row);
        for (int n = 0; n < SAMPLES; n++) {
            double h[BL23_FORMS] = {0.0}, s[BL23_QUANTITIES];
            for (int r = 0; r < form.count; r++) {
                struct bl23_interval const x = row[r].h;
                uint64_t const choice = n < 256 ? (uint64_t)n >> r & 1u : random_bits() % 4;
                double const zero = x.lo < 0.0 && 0.0 < x.hi ? 0.0 : x.lo;
                h[form.first + r] = choice == 0   ? x.lo
                                    : choice == 1 ? x.hi
                                    : choice == 2 ? zero
                                                  : random_between(x.lo, x.hi);
            }
            bl23_quantities(&knot, 1u << q, h, s);
            see(&seen, s[q]);
        }
        int const box = form.count <= 4 && form.shape != BL23_SHAPE_MODULUS;
        check_seen(seen, range, 0x1p-50 * range.hi, box ? 0.35 : 1.0, "shape of quantity", q);
    }
}

/* The margin of a row covers the error that its table states. */
static void test_margin(void **state)
{
    (void)state;
    struct bl23_config *config;
    struct bl23_error error = {BL23_OK, ""};
    check_ok(bl23_config_load(BL23_SURVEY_DIR "/open_question.yaml", &config, &error), &error,
             "open_question");
    for (size_t k = 0; k < config->n_masses; k++) /* all masses of the program */
        config->mass_gev[k] = bl23_dd(4.7 * pow((double)(k + 1) / (double)config->n_masses, 3.0));
    struct bl23_model_spec const spec = bl23_config_model_spec(config);
    struct bl23_model *model;
    struct bl23_loop_table *tables;
    check_ok(bl23_model_build(&spec, &model, &tables, &error), &error, "open_question");
    for (uint64_t k = 0; k < model->n_knots; k++)
        for (int r = 0; r < BL23_LOOP_FORMS; r++) {
            double sum = 0.0;
            for (int c = 0; c < BL23_MONOMIALS; c++)
                sum += fabs(model->knot[k].form[r][c]);
            /* the monomials' moduli are at most 1 + sqrt(2) together */
            check_that(2.5 * tables[k].form_error[r] <= 0x1p-43 * sum,
                       "%g GeV, row %d: error %g of each coefficient, of %g",
                       model->knot[k].mass_gev, r, tables[k].form_error[r], sum);
        }
    free(tables);
    free(model);
    bl23_config_free(config);
}

/* ---- trees ---- */

static void test_codes(void **state)
{
    (void)state;
    struct bl23_model *const model = model_of(BL23_DATA_DIR, "cover_a");
    struct bl23_error error = {BL23_OK, ""};
    struct bl23_cover_tree const tree = tree_of(model, 0, 10000);
    size_t const bytes = bl23_cover_tree_packed_bytes(tree.nodes);
    check_that(bytes == (3 * tree.nodes + 7) / 8, "%zu bytes of %zu nodes", bytes, tree.nodes);
    uint8_t *const packed = malloc(bytes);
    assert_non_null(packed);
    bl23_cover_tree_pack(&tree, packed);
    for (size_t n = 0; n < tree.nodes; n++) {
        unsigned code = 0;
        for (size_t bit = 0; bit < 3; bit++)
            code |= ((unsigned)packed[(3 * n + bit) / 8] >> (3 * n + bit) % 8 & 1u) << bit;
        check_that(code == tree.node[n], "node %zu is %u, packed %u", n, tree.node[n], code);
    }
    struct bl23_cover_tree again;
    check_ok(bl23_cover_tree_unpack(packed, tree.nodes, &again, &error), &error, "unpack");
    assert_int_equal(again.nodes, tree.nodes);
    assert_memory_equal(again.node, tree.node, tree.nodes);
    bl23_cover_tree_free(&again);
    struct bl23_cover_volumes volumes;
    assert_true(bl23_cover_tree_volumes(&tree, &volumes));
    struct descent const down = descend_tree(&tree, NULL, 0);
    check_exact(down.volume[5] + down.volume[6] + down.volume[7], 1.0, "all leaves");
    check_exact((double)volumes.upper * 0x1p-60, down.volume[6] + down.volume[7], "upper");
    check_exact((double)volumes.inside * 0x1p-60, down.volume[7], "inside");
    assert_int_equal(volumes.cells, down.leaves[6] + down.leaves[7]);
    assert_int_equal(volumes.cells, 10000);
    free(packed);
    bl23_cover_tree_free((struct bl23_cover_tree *)&tree);
    free(model);
}

static void check_malformed(char const *what, uint8_t const *code, size_t nodes)
{
    struct bl23_cover_tree tree = {(uint8_t *)code, nodes, 0};
    struct bl23_cover_volumes volumes;
    struct bl23_error error = {BL23_OK, ""};
    uint8_t packed[256] = {0};
    check_that(!bl23_cover_tree_volumes(&tree, &volumes), "%s: taken", what);
    bl23_cover_tree_pack(&tree, packed);
    check_that(bl23_cover_tree_unpack(packed, nodes, &tree, &error) == BL23_ERROR_FAILED,
               "%s: unpacked", what);
    check_that(strstr(error.text, "one whole tree") != NULL, "%s: %s", what, error.text);
}

static void test_malformed(void **state)
{
    (void)state;
    uint8_t deep[32];
    memset(deep, 3, sizeof deep);
    check_malformed("nothing", deep, 0);
    check_malformed("a split without children", (uint8_t const[]){2}, 1);
    check_malformed("one child of two", (uint8_t const[]){2, 5}, 2);
    check_malformed("two children of three", (uint8_t const[]){0, 5, 6}, 3);
    check_malformed("a node too many", (uint8_t const[]){6, 6}, 2);
    check_malformed("b alone on the diagonal", (uint8_t const[]){1, 5, 5}, 3);
    check_malformed("a prefix of 32 bits", deep, sizeof deep);
    uint8_t chain[150]; /* the volume ends at 2^-60: 31 of x2, 29 of y */
    for (size_t n = 0; n < sizeof chain; n++)
        chain[n] = n < 31 ? 2 : n < 61 ? 3 : 5;
    check_malformed("a cell below 2^-60", chain, 123);
    chain[60] = 5;
    struct bl23_cover_tree const tree = {chain, 121, 0};
    struct bl23_cover_volumes volumes;
    check_that(bl23_cover_tree_volumes(&tree, &volumes), "a cell of 2^-60 is refused");
    struct bl23_error error = {BL23_OK, ""};
    struct bl23_cover_tree root;
    uint8_t const behind[1] = {6 | 1 << 3};
    check_that(bl23_cover_tree_unpack(behind, 1, &root, &error) == BL23_ERROR_FAILED,
               "bits behind the last code are taken");
}

/* ---- survivors ---- */

/* Samples of uniform words that survive, as points of the cells' coordinates. */
static size_t survivors_of(struct bl23_model const *model, uint64_t knot, uint64_t samples,
                           struct point **points)
{
    size_t count = 0, room = 0;
    *points = NULL;
    for (uint64_t i = 0; i < samples; i++) {
        struct bl23_words const x = bl23_sample_words(20260101, i, 0);
        uint32_t const x5 = bl23_sample_words(20260101, i, 1).x[1];
        if (!survives(model, knot, x.x, x5))
            continue;
        if (count == room) {
            room = room > 0 ? 2 * room : 1024;
            *points = realloc(*points, room * sizeof **points);
            assert_non_null(*points);
        }
        uint32_t const a = x.x[0] < x.x[1] ? x.x[0] : x.x[1];
        uint32_t const b = x.x[0] < x.x[1] ? x.x[1] : x.x[0];
        (*points)[count++] = (struct point){{a, b, x.x[2], x.x[3] - x.x[2], x5}};
    }
    return count;
}

static void test_uniform_survivors(void **state)
{
    (void)state;
    struct {
        char const *folder, *name;
        uint64_t knot, cells, least;
    } const cases[] = {{BL23_DATA_DIR, "cover_a", 0, 20000, 20},
                       {BL23_SURVEY_DIR, "fig3", 0, 100000, 8000},
                       {BL23_SURVEY_DIR, "today", 0, 20000, 50},
                       {BL23_SURVEY_DIR, "random_g_koto", 100, 20000, 20},
                       {BL23_SURVEY_DIR, "random_g_limits", 100, 20000, 100}};
    for (size_t k = 0; k < sizeof cases / sizeof cases[0]; k++) {
        struct bl23_model *const model = model_of(cases[k].folder, cases[k].name);
        struct point *point;
        size_t const points =
            survivors_of(model, cases[k].knot, is_slow() ? 10000000 : 200000, &point);
        struct bl23_cover_tree tree = tree_of(model, cases[k].knot, cases[k].cells);
        struct descent const down = descend_tree(&tree, point, points);
        print_message("%s: %zu survivors, %zu in inside leaves\n", cases[k].name, points,
                      (size_t)down.points[7]);
        check_that(points >= cases[k].least, "%s: only %zu survivors", cases[k].name, points);
        check_that(down.points[5] == 0, "%s: %d of %zu survivors are in discarded leaves",
                   cases[k].name, (int)down.points[5], points);
        free(point);
        bl23_cover_tree_free(&tree);
        free(model);
    }
}

/* ---- planted survivors ---- */

/* H_ds and H_db vanish at a row, which is then planted. */
static void plant(struct bl23_model *model, struct bl23_words const *words)
{
    struct bl23_knot *const knot = &model->knot[0];
    double m[BL23_MONOMIALS];
    bl23_draw_monomials(*words, m);
    for (int r = BL23_FORM_DS_RE; r <= BL23_FORM_DB_IM; r++) {
        for (int c = 0; c < BL23_MONOMIALS; c++)
            knot->form[r][c] = random_between(-1e-4, 1e-4);
        double const h = bl23_amplitude(knot->form[r], m);
        for (int c = 0; c < 3; c++)
            knot->form[r][c] -= h;
    }
}

static void test_planted_survivors(void **state)
{
    (void)state;
    static uint32_t const special[] = {0,          1,          2,          0x3fffffff,
                                       0x40000000, 0x7fffffff, 0x80000000, 0x80000001,
                                       0xc0000000, 0xfffffffe, 0xffffffff};
    enum { SPECIAL = sizeof special / sizeof special[0], PLANTS = 200, NEAR = 300 };
    struct bl23_model *const model = model_of(BL23_DATA_DIR, "cover_e");
    size_t planted = 0;
    random_state = 5;
    for (int k = 0; k < PLANTS; k++) {
        struct bl23_words center;
        struct point point[NEAR];
        size_t points = 0;
        for (int d = 0; d < 4; d++)
            center.x[d] =
                random_bits() % 4 == 0 ? (uint32_t)random_bits() : special[random_bits() % SPECIAL];
        if (k % 4 == 0) /* on the diagonal */
            center.x[1] = center.x[0] + (uint32_t)(random_bits() % 3);
        if (k % 3 == 0) /* the phase of pair 23 is nearly 0 */
            center.x[3] = center.x[2] + (uint32_t)(random_bits() % 3) - 1u;
        plant(model, &center);
        for (int n = 0; n < NEAR; n++) {
            struct bl23_words x = center;
            for (int d = 0; n > 0 && d < 4; d++) {
                uint32_t const step = (uint32_t)(random_bits() >> (33 + random_bits() % 31));
                x.x[d] += random_bits() % 2 == 0 ? step : 0u - step;
            }
            if (!survives(model, 0, x.x, 0))
                continue;
            uint32_t const a = x.x[0] < x.x[1] ? x.x[0] : x.x[1];
            uint32_t const b = x.x[0] < x.x[1] ? x.x[1] : x.x[0];
            point[points++] = (struct point){{a, b, x.x[2], x.x[3] - x.x[2], 0}};
        }
        check_that(points > 0, "plant %d does not survive", k);
        planted += points;
        struct bl23_cover_tree tree = tree_of(model, 0, 2000);
        struct descent const down = descend_tree(&tree, point, points);
        check_that(down.points[5] == 0,
                   "plant %d at %08x %08x %08x %08x: %d of %zu survivors are in discarded leaves",
                   k, center.x[0], center.x[1], center.x[2], center.x[3], (int)down.points[5],
                   points);
        bl23_cover_tree_free(&tree);
    }
    print_message("%zu survivors near %d plants\n", planted, PLANTS);
    free(model);
}

/* ---- samples of a cover ---- */

struct flat {
    struct bl23_cover_flat cover;
    struct bl23_cover_volumes volumes;
};

static struct flat flat_of(struct bl23_model const *model, struct bl23_cover_tree const *tree)
{
    struct flat flat;
    assert_true(bl23_cover_tree_volumes(tree, &flat.volumes));
    assert_int_equal(bl23_cover_flatten(model, 0, tree, flat.volumes.cells, &flat.cover), BL23_OK);
    return flat;
}

static int sample_survives(struct bl23_model const *model, uint64_t knot, struct flat const *flat,
                           uint64_t i)
{
    struct bl23_words block[2] = {bl23_sample_words(7, i, 0), bl23_sample_words(7, i, 1)};
    bl23_words_of_cells(bl23_cover_flat_cells(&flat->cover), block);
    return survives(model, knot, block[0].x, block[1].x[1]);
}

/* Of the issue: allowed volume, and the acceptance at 1e5 cells. */
static void test_cases(void **state)
{
    (void)state;
    struct {
        char const *folder, *name;
        double volume, tolerance, acceptance;
    } const cases[] = {{BL23_DATA_DIR, "cover_a", 2.612e-4, 0.01, 0.30},
                       {BL23_DATA_DIR, "cover_b", 1.551e-13, 0.10, 0.35},
                       {BL23_SURVEY_DIR, "fig3", 0.0454, 0.01, 0.55},
                       {BL23_DATA_DIR, "cover_e", 6.19e-12, 0.01, 0.55}};
    uint64_t const samples = is_slow() ? 4000000 : 400000;
    for (size_t k = 0; k < sizeof cases / sizeof cases[0]; k++) {
        struct bl23_model *const model = model_of(cases[k].folder, cases[k].name);
        struct bl23_cover_tree tree = tree_of(model, 0, 100000);
        struct flat flat = flat_of(model, &tree);
        uint64_t survivors = 0;
        for (uint64_t i = 0; i < samples; i++)
            survivors += (uint64_t)sample_survives(model, 0, &flat, i);
        double const acceptance = (double)survivors / (double)samples;
        double const upper = (double)flat.volumes.upper * 0x1p-60;
        double const error = sqrt(acceptance * (1.0 - acceptance) / (double)samples);
        print_message("%s: acceptance %.4f, volume %.5g +- %.2g\n", cases[k].name, acceptance,
                      upper * acceptance, upper * error);
        check_that(acceptance >= cases[k].acceptance, "%s: acceptance %g, not %g", cases[k].name,
                   acceptance, cases[k].acceptance);
        check_relative(upper * acceptance, cases[k].volume, cases[k].tolerance, "%s: volume",
                       cases[k].name);
        if (cases[k].tolerance < 0.1) /* 3.9 errors, and the last digit of the table */
            check_absolute(upper * acceptance, cases[k].volume,
                           3.9 * upper * error + 0.0012 * cases[k].volume,
                           "%s: volume in its interval", cases[k].name);
        check_that((double)flat.volumes.inside * 0x1p-60 <= upper * (acceptance + 5.0 * error),
                   "%s: more inside than survives", cases[k].name);
        bl23_cover_flat_free(&flat.cover);
        bl23_cover_tree_free(&tree);
        free(model);
    }
}

/* Every sample of an inside leaf survives. */
static void see_inside(struct bl23_cell const *cell, enum bl23_leaf kind, void *data)
{
    struct {
        struct bl23_model const *model;
        uint64_t knot, samples;
    } *const seen = data;
    if (kind != BL23_LEAF_INSIDE)
        return;
    for (int n = 0; n < 200; n++) {
        struct bl23_words const x = words_in(cell);
        uint32_t const x5 = word_in(cell->prefix[BL23_CELL_G]);
        check_that(survives(seen->model, seen->knot, x.x, x5),
                   "%08x %08x %08x %08x, x5 %08x does not survive inside", x.x[0], x.x[1], x.x[2],
                   x.x[3], x5);
        seen->samples++;
    }
}

static void test_inside(void **state)
{
    (void)state;
    static struct {
        char const *folder, *name;
        uint64_t knot, cells;
    } const cases[] = {{BL23_SURVEY_DIR, "fig3", 0, 100000},
                       {BL23_DATA_DIR, "cover_e", 0, 30000},
                       {BL23_DATA_DIR, "cover_b", 0, 100000},
                       {BL23_SURVEY_DIR, "today", 0, 10000},
                       {BL23_SURVEY_DIR, "today_charm", 200, 10000},
                       {BL23_SURVEY_DIR, "random_g_koto", 100, 10000}};
    random_state = 6;
    for (size_t k = 0; k < sizeof cases / sizeof cases[0]; k++) {
        struct bl23_model *const model = model_of(cases[k].folder, cases[k].name);
        struct bl23_cover_tree tree = tree_of(model, cases[k].knot, cases[k].cells);
        struct {
            struct bl23_model const *model;
            uint64_t knot, samples;
        } seen = {model, cases[k].knot, 0};
        assert_true(bl23_cover_tree_walk(&tree, see_inside, &seen));
        print_message("%s: %d samples in inside leaves\n", cases[k].name, (int)seen.samples);
        check_that(seen.samples > 0, "%s: no inside leaf", cases[k].name);
        bl23_cover_tree_free(&tree);
        free(model);
    }
}

/* An aim of acceptance is reached, with fewer cells than there may be. */
static void test_aim(void **state)
{
    (void)state;
    struct bl23_model *const model = model_of(BL23_SURVEY_DIR, "fig3");
    struct bl23_cover_tree tree;
    struct bl23_error error = {BL23_OK, ""};
    check_ok(bl23_cover_build(model, 0, (struct bl23_cover_aim){0, 0.4}, &tree, &error), &error,
             "an acceptance of 0.4");
    struct flat flat = flat_of(model, &tree);
    uint64_t survivors = 0;
    for (uint64_t i = 0; i < 100000; i++)
        survivors += (uint64_t)sample_survives(model, 0, &flat, i);
    check_that(survivors > 38000 && flat.volumes.cells < 10000, "%d of 100000 survive, %d cells",
               (int)survivors, (int)flat.volumes.cells);
    bl23_cover_flat_free(&flat.cover);
    bl23_cover_tree_free(&tree);
    free(model);
}

/* ---- splitting ---- */

/* The volume that is left when the cells are split in turn on a, b, x2, y, the largest ones first.
 */
static double volume_in_turn(struct bl23_model const *model, uint64_t cells)
{
    struct bl23_cover_problem *const problem = problem_of(model, 0);
    size_t const room = 8 * (size_t)cells;
    struct bl23_cell *const queue = malloc(room * sizeof *queue);
    assert_non_null(queue);
    size_t first = 0, end = 1;
    double volume = 1.0;
    queue[0] = bl23_cell_root();
    while (first < end && end - first < cells) { /* breadth first is by volume, but for diagonals */
        struct bl23_cell const cell = queue[first++];
        struct bl23_cell child[3];
        int const diagonal = bl23_cell_is_diagonal(&cell);
        int word = 0, fewest = 99;
        for (int d = 0; d < BL23_CELL_G; d++)
            if (bl23_prefix_bits(cell.prefix[d]) < fewest && !(diagonal && d == BL23_CELL_B)) {
                fewest = bl23_prefix_bits(cell.prefix[d]);
                word = d;
            }
        int const children = bl23_cell_split(&cell, word, child);
        assert_true(children > 0);
        volume -= (double)bl23_cell_volume(&cell) * 0x1p-60;
        for (int c = 0; c < children; c++) {
            if (bl23_cover_judge(problem, &child[c], 0).kind == BL23_LEAF_DISCARDED)
                continue;
            assert_true(end < room);
            queue[end++] = child[c];
            volume += (double)bl23_cell_volume(&child[c]) * 0x1p-60;
        }
    }
    free(queue);
    free(problem);
    return volume;
}

/* Splitting on the word to blame leaves less volume than splitting in turn. */
static void test_splitting(void **state)
{
    (void)state;
    struct {
        char const *folder, *name;
        double gain;
    } const cases[] = {{BL23_DATA_DIR, "cover_a", 3.0},
                       {BL23_SURVEY_DIR, "fig3", 1.5},
                       {BL23_DATA_DIR, "cover_b", 20.0},
                       {BL23_DATA_DIR, "cover_e", 3.0}};
    for (size_t k = 0; k < sizeof cases / sizeof cases[0]; k++) {
        struct bl23_model *const model = model_of(cases[k].folder, cases[k].name);
        struct bl23_cover_tree tree = tree_of(model, 0, 10000);
        struct bl23_cover_volumes volumes;
        assert_true(bl23_cover_tree_volumes(&tree, &volumes));
        double const left = (double)volumes.upper * 0x1p-60;
        double const in_turn = volume_in_turn(model, 10000);
        print_message("%s: %g left by 10000 cells, %g in turn: %.1f times more\n", cases[k].name,
                      left, in_turn, in_turn / left);
        check_that(in_turn > cases[k].gain * left, "%s: %g left, in turn only %g", cases[k].name,
                   left, in_turn);
        bl23_cover_tree_free(&tree);
        free(model);
    }
}

/* ---- as a proof ---- */

static uint64_t cells_with_upper_edges(struct bl23_model *model, uint64_t knot, double tension)
{
    struct bl23_interval kept[BL23_QUANTITIES];
    struct bl23_interval *const allowed = model->knot[knot].allowed[model->level];
    memcpy(kept, allowed, sizeof kept);
    for (int q = 0; q < BL23_QUANTITIES; q++)
        allowed[q].hi *= q == BL23_QUANTITY_G ? tension : tension * tension;
    struct bl23_cover_tree tree = tree_of(model, knot, 0);
    struct bl23_cover_volumes volumes;
    assert_true(bl23_cover_tree_volumes(&tree, &volumes));
    bl23_cover_tree_free(&tree);
    memcpy(allowed, kept, sizeof kept);
    return volumes.cells;
}

/* The open question is excluded at every mass, and up to nearly the tension of `bound`. */
static void test_open_question(void **state)
{
    (void)state;
    struct bl23_config *config;
    struct bl23_error error = {BL23_OK, ""};
    check_ok(bl23_config_load(BL23_SURVEY_DIR "/open_question.yaml", &config, &error), &error,
             "open_question");
    struct bl23_model_spec const spec = bl23_config_model_spec(config);
    struct bl23_model *model;
    struct bl23_loop_table *tables;
    check_ok(bl23_model_build(&spec, &model, &tables, &error), &error, "open_question");
    bl23_config_free(config);
    uint64_t const step = is_slow() ? 1 : 85;
    for (uint64_t k = 0; k < model->n_knots; k++) {
        check_that(cells_with_upper_edges(model, k, 1.0) == 0, "%g GeV is not excluded",
                   model->knot[k].mass_gev);
        if (k % step != 0)
            continue;
        struct bl23_bound_problem problem;
        struct bl23_bound_answer answer;
        assert_true(bl23_bound_of_knot(model, tables, k, &problem));
        check_ok(bl23_bound_search(&problem, (struct bl23_bound_goal){1e-3, 1.0, 1e-9, 0}, &answer),
                 &error, "bound");
        uint64_t const below = cells_with_upper_edges(model, k, 0.99 * answer.lower);
        print_message("%g GeV: tension %.7g, %d cells below\n", model->knot[k].mass_gev,
                      answer.lower, (int)below);
        check_that(below == 0, "%g GeV: %d cells are left at 0.99 of the tension %g",
                   model->knot[k].mass_gev, (int)below, answer.lower);
        bl23_bound_answer_free(&answer);
    }
    free(tables);
    free(model);
    model = model_of(BL23_DATA_DIR, "cover_open_question");
    check_that(cells_with_upper_edges(model, 0, 15.1) == 0, "0.140 GeV is open at 15.1");
    check_that(cells_with_upper_edges(model, 0, 15.16) > 0, "0.140 GeV is excluded at 15.16");
    free(model);
}

/* The flat cover has every cell of the trees, and each class where it says. */
static void test_attach(void **state)
{
    (void)state;
    struct bl23_model *model = model_of(BL23_SURVEY_DIR, "random_g_koto");
    struct bl23_error error = {BL23_OK, ""};
    uint64_t const n = model->n_knots = 5;
    struct bl23_cover_tree trees[5];
    uint64_t cells = 0;
    double sum = 0.0, total = 0.0;
    struct bl23_cover_volumes volumes[5];
    uint8_t none[1] = {BL23_LEAF_DISCARDED};
    for (uint64_t k = 0; k < n; k++) {
        trees[k] = k % 4 == 0 ? (struct bl23_cover_tree){none, 1, 0} : tree_of(model, k, 500 * k);
        bl23_cover_tree_volumes(&trees[k], &volumes[k]);
        cells += volumes[k].cells;
        total += (double)volumes[k].upper;
    }
    check_ok(bl23_cover_attach(&model, trees, &error), &error, "attach");
    struct bl23_cover const *const cover = bl23_model_cover(model);
    assert_int_equal(model->cover_bytes, bl23_cover_bytes(model, cells));
    assert_int_equal(cover->n_cells, cells);
    for (uint64_t k = 0; k < n; k++) {
        struct bl23_cover_knot const *const knot = &cover->knot[k];
        uint64_t const volume = knot->begin[knot->depth + 1];
        assert_int_equal(volume << (60 - knot->depth), volumes[k].upper);
        sum += (double)volumes[k].upper;
        check_relative((double)knot->until * 0x1p-64, sum / total, 1e-15, "tiles up to mass %d",
                       (int)k);
        if (volume == 0)
            continue;
        uint64_t place = 0;
        for (uint64_t c = 0; c < volumes[k].cells; c++) {
            struct bl23_cell const cell = bl23_cell_numbered(bl23_cells_of(model, k), c);
            uint64_t const units = UINT64_C(1) << ((int)knot->depth - bl23_cell_depth(&cell));
            double const middle = ((double)place + 0.5 * (double)units) / (double)volume;
            uint64_t const bits = (uint64_t)(middle * 0x1p64);
            check_that(bl23_cell_of_bits(knot, bits) == c, "mass %d: cell %d is found as %d",
                       (int)k, (int)c, (int)bl23_cell_of_bits(knot, bits));
            place += units;
        }
        assert_int_equal(place, volume);
    }
    for (uint64_t k = 1; k < 4; k++)
        bl23_cover_tree_free(&trees[k]);
    struct bl23_cover_tree const empty[5] = {
        {none, 1, 0}, {none, 1, 0}, {none, 1, 0}, {none, 1, 0}, {none, 1, 0}};
    check_that(bl23_cover_attach(&model, empty, &error) == BL23_ERROR_FAILED, "an empty cover");
    check_that(strstr(error.text, "the cover is empty") != NULL, "%s", error.text);
    free(model);
}

/* ---- the distribution of samples ---- */

/* Fails where counts exceed what a multinomial distribution of these shares gives with p = 1e-6, by
 * the transformation of Wilson and Hilferty. Classes that expect less than 10 are put together. */
static void check_shares(uint64_t const *count, double const *share, size_t classes,
                         char const *what, int k)
{
    double total = 0.0, chi2 = 0.0, rare = 0.0, expected_rare = 0.0;
    int degrees = -1;
    for (size_t c = 0; c < classes; c++)
        total += (double)count[c];
    for (size_t c = 0; c < classes; c++) {
        double const expected = total * share[c], off = (double)count[c] - expected;
        if (expected < 10.0) {
            rare += (double)count[c];
            expected_rare += expected;
            continue;
        }
        chi2 += off * off / expected;
        degrees++;
    }
    if (expected_rare >= 10.0) {
        chi2 += (rare - expected_rare) * (rare - expected_rare) / expected_rare;
        degrees++;
    }
    check_that(degrees > 0, "%s %d: no degree of freedom", what, k);
    double const ninth = 2.0 / (9.0 * degrees);
    double const sigmas = (cbrt(chi2 / degrees) - 1.0 + ninth) / sqrt(ninth);
    check_that(sigmas < 4.75, "%s %d: chi-square %g of %d degrees of freedom: %g sigma", what, k,
               chi2, degrees, sigmas);
}

static double volume_of(struct box const *box)
{
    double volume = is_diagonal(box) ? 1.0 : 2.0;
    for (int d = 0; d < 5; d++)
        volume *= (double)box->size[d] * 0x1p-32;
    return volume;
}

/* The part of a word in its box, out of `parts`. */
static size_t part_of(struct box const *box, struct point const *p, int d, uint64_t parts)
{
    return (size_t)((p->at[d] - box->low[d]) * parts / box->size[d]);
}

enum { LEFT_MAX = 400, PARTS = 8, PAIRS = 25 };

/* What the samples of a mass are: in which box, and where in it, one by one and by pairs. */
struct seen_samples {
    uint64_t box[LEFT_MAX], within[LEFT_MAX][5][PARTS], pair[PAIRS][PARTS * PARTS];
};

static void see_sample(struct seen_samples *seen, struct box const *box, size_t boxes,
                       struct bl23_sample const *sample)
{
    uint32_t const *const x = sample->block[0].x;
    struct point const p = {{x[0], x[1], x[2], x[3] - x[2], sample->block[1].x[1]}};
    size_t found = boxes, part[5];
    for (size_t k = 0; k < boxes && found == boxes; k++)
        found = has_point(&box[k], &p) ? k : boxes;
    check_that(found < boxes, "a sample is in no cell: %08x %08x %08x %08x", x[0], x[1], x[2],
               x[3]);
    seen->box[found]++;
    for (int d = 0; d < 5; d++) {
        part[d] = part_of(&box[found], &p, d, PARTS);
        seen->within[found][d][part[d]]++;
    }
    for (int d = 0; d < 5; d++)
        for (int e = 0; e < d; e++)
            seen->pair[5 * d + e][part[d] * PARTS + part[e]]++;
}

/* A cell is chosen by its volume, and in it every word is uniform, whatever the cell and the other
 * words. The cells are decoded from the tree by this test. */
static void test_distribution(void **state)
{
    (void)state;
    enum { MASSES = 3, SAMPLES = 1 << 20 };
    struct bl23_model *model = model_of(BL23_SURVEY_DIR, "random_g_koto");
    struct bl23_error error = {BL23_OK, ""};
    struct bl23_cover_tree trees[MASSES];
    struct box left[MASSES][LEFT_MAX];
    size_t boxes[MASSES];
    struct seen_samples *const seen = calloc(MASSES, sizeof *seen);
    double uniform[PARTS * PARTS], share[LEFT_MAX];
    assert_non_null(seen);
    model->n_knots = MASSES;
    for (uint64_t k = 0; k < MASSES; k++) {
        trees[k] = tree_of(model, k, 60 * (k + 1));
        struct descent const down = descend_with(&trees[k], NULL, 0, left[k]);
        boxes[k] = (size_t)(down.leaves[6] + down.leaves[7]);
    }
    check_ok(bl23_cover_attach(&model, trees, &error), &error, "attach");
    for (uint64_t i = 0; i < SAMPLES; i++) {
        struct bl23_sample const sample = bl23_sample_of(model, i);
        see_sample(&seen[sample.knot], left[sample.knot], boxes[sample.knot], &sample);
    }
    for (int k = 0; k < MASSES; k++) {
        double volume = 0.0;
        for (size_t c = 0; c < boxes[k]; c++)
            volume += share[c] = volume_of(&left[k][c]);
        for (size_t c = 0; c < boxes[k]; c++)
            share[c] /= volume;
        check_shares(seen[k].box, share, boxes[k], "cells of mass", k);
        for (size_t c = 0; c < PARTS * PARTS; c++)
            uniform[c] = 1.0 / PARTS;
        for (size_t c = 0; c < boxes[k]; c++)
            for (int d = 0; d < 5 && seen[k].box[c] >= 10 * PARTS; d++)
                check_shares(seen[k].within[c][d], uniform, PARTS, "words of cell", (int)c);
        for (size_t c = 0; c < PARTS * PARTS; c++)
            uniform[c] = 1.0 / (PARTS * PARTS);
        for (int d = 0; d < 5; d++)
            for (int e = 0; e < d; e++)
                check_shares(seen[k].pair[5 * d + e], uniform, PARTS * PARTS, "pair of words",
                             5 * d + e);
        bl23_cover_tree_free(&trees[k]);
    }
    free(seen);
    free(model);
}

/* Tiles of masses whose volumes together exceed 64 bits: whole cubes, halves, and nothing. */
static void test_tiles(void **state)
{
    (void)state;
    enum { MASSES = 100 };
    static uint8_t whole[] = {BL23_LEAF_INSIDE}, half[] = {2, 6, 5}, none[] = {5};
    static struct bl23_cover_tree const kinds[] = {{half, 3, 0}, {none, 1, 0}, {whole, 1, 0}};
    static long double const units[] = {1.0L, 0.0L, 2.0L};
    struct bl23_model *model = model_of(BL23_SURVEY_DIR, "random_g_koto");
    struct bl23_error error = {BL23_OK, ""};
    struct bl23_cover_tree trees[MASSES];
    long double sum = 0.0L, total = 0.0L;
    model->n_knots = MASSES;
    for (int k = 0; k < MASSES; k++) {
        trees[k] = kinds[k * k % 7 % 3];
        total += units[k * k % 7 % 3];
    }
    check_ok(bl23_cover_attach(&model, trees, &error), &error, "attach");
    for (int k = 0; k < MASSES; k++) {
        sum += units[k * k % 7 % 3];
        uint64_t const until = bl23_model_cover(model)->knot[k].until;
        long double const expected = sum / total * 0x1p64L;
        check_that(fabsl((long double)until - expected) <= 2.0L,
                   "mass %d: tiles until %016llx, expected %.0Lf", k, (unsigned long long)until,
                   expected);
    }
    free(model);
}

int main(void)
{
    struct CMUnitTest const tests[] = {
        cmocka_unit_test(test_roots),
        cmocka_unit_test(test_linear_and_harmonic),
        cmocka_unit_test(test_samples_of_cells),
        cmocka_unit_test(test_faces),
        cmocka_unit_test(test_faces_of_g),
        cmocka_unit_test(test_shapes),
        cmocka_unit_test(test_margin),
        cmocka_unit_test(test_codes),
        cmocka_unit_test(test_malformed),
        cmocka_unit_test(test_attach),
        cmocka_unit_test(test_distribution),
        cmocka_unit_test(test_tiles),
        cmocka_unit_test(test_uniform_survivors),
        cmocka_unit_test(test_planted_survivors),
        cmocka_unit_test(test_inside),
        cmocka_unit_test(test_cases),
        cmocka_unit_test(test_aim),
        cmocka_unit_test(test_splitting),
        cmocka_unit_test(test_open_question),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
