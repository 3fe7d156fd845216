/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* Sheared cells: no survivor is outside of the strips, what is drawn from them is uniform, and the
 * check finds strips that are not right. Strips are decoded here anew, by what
 * kernels/sample/cell.h says. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/config/config.h"
#include "kernels/sample/draw.h"
#include "kernels/sample/verdict.h"
#include "tables/cover/cover_build.h"
#include "tables/cover/cover_flat.h"
#include "tables/cover/cover_shear.h"
#include "tables/cover/cover_strips.h"
#include "tests/check.h"
#include "tests/random_bits.h"

static struct bl23_model *model_of(char const *path)
{
    struct bl23_config *config;
    struct bl23_model *model;
    struct bl23_error error = {BL23_OK, ""};
    check_ok(bl23_config_load(path, &config, &error), &error, "%s", path);
    struct bl23_model_spec const spec = bl23_config_model_spec(config);
    check_ok(bl23_model_build(&spec, &model, NULL, &error), &error, "%s", path);
    bl23_config_free(config);
    return model;
}

/* ---- models with thin layers ---- */

/* Which amplitudes are limited: the layers that they leave have 2, 1, 3, 4 and 2 conditions, or are
 * those of D0 mixing. */
enum { KINDS = 6, MIXING = 5 };

/* A model whose limits leave a thin layer around a row: all amplitudes are drawn, and those that
 * are limited vanish there. Those of mixing are those of a survey. */
static void plant(struct bl23_model *model, int kind, double width, uint32_t const at[4])
{
    static int const limited[KINDS][2] = {{BL23_QUANTITY_ABS_DS2, -1},
                                          {BL23_QUANTITY_IM_DS2, -1},
                                          {BL23_QUANTITY_ABS_DS2, BL23_QUANTITY_IM_DS2},
                                          {BL23_QUANTITY_ABS_DS2, BL23_QUANTITY_ABS_DB2},
                                          {BL23_QUANTITY_DP_RHOP, -1},
                                          {BL23_QUANTITY_X12, BL23_QUANTITY_X12_IM}};
    struct bl23_knot *const knot = &model->knot[0];
    struct bl23_interval const none = {0.0, BL23_INFINITY};
    double m[BL23_MONOMIALS];
    bl23_draw_monomials((struct bl23_words){{at[0], at[1], at[2], at[2] + at[3]}}, m);
    for (int r = 0; r < BL23_FORMS; r++) {
        for (int c = 0; c < BL23_MONOMIALS; c++)
            knot->form[r][c] = random_between(-1.0, 1.0);
        double const h = bl23_amplitude(knot->form[r], m);
        double const wanted = kind != MIXING ? 0.0 : r == BL23_FORM_UC ? 1.0 : r % 2 == 0 ? 2.0 : 0;
        for (int c = 0; c < 3; c++)
            knot->form[r][c] += wanted - h;
    }
    for (int w = 0; w < BL23_WEIGHTS; w++)
        knot->weight[w] = w % 2 == 0 ? 1.0 : 0.5;
    knot->weight[BL23_WEIGHT_MIXING] = -4.0; /* cancels F_A^2, at F_V = 1 and F_A = 2 */
    knot->weight[BL23_WEIGHT_MIXING + 1] = 1.0;
    for (int q = 0; q < BL23_QUANTITIES; q++)
        knot->allowed[model->level][q] = none;
    for (int k = 0; k < 2 && limited[kind][k] >= 0; k++) {
        double const radius = k == 0 ? width : 0.3 * width;
        knot->allowed[model->level][limited[kind][k]].hi =
            kind == MIXING ? radius : radius * radius;
    }
}

static int survives(struct bl23_model const *model, uint32_t const at[4])
{
    double m[BL23_MONOMIALS], s[BL23_QUANTITIES];
    bl23_draw_monomials((struct bl23_words){{at[0], at[1], at[2], at[2] + at[3]}}, m);
    bl23_quantities_of_row(&model->knot[0], BL23_ALL_QUANTITIES, m, s);
    return at[0] <= at[1] &&
           bl23_judge(&model->knot[0], (int)model->level, 0, s, model->g_min).survives;
}

/* ---- a decoder of its own, exact ---- */

/* floor(x/2^bits) */
static int64_t floor_of(int64_t x, int bits)
{
    int64_t const one = (int64_t)1 << bits;
    int64_t const rest = (x % one + one) % one;
    return (x - rest) / one;
}

static int bits_of(uint32_t prefix)
{
    int bits = 31;
    for (; prefix % 2 == 0; prefix /= 2)
        bits--;
    return bits;
}

static int is_in_cell(struct bl23_cell const *cell, uint32_t const at[4])
{
    for (int d = 0; d < 4; d++) {
        int const shift = 32 - bits_of(cell->prefix[d]);
        if (shift < 32 && at[d] >> shift != cell->prefix[d] >> shift)
            return 0;
    }
    return 1;
}

/* The words that a strip gives: [first, first + count), counted from the first of the cell, which
 * has `size`, where the words before have positions t in 2^-31 of half the cell's width. */
struct words {
    int64_t first, count, size;
};

static struct words words_of_strip(struct bl23_cell const *cell, struct bl23_shear const *shear,
                                   int k, int64_t const t[4])
{
    int const bits = bits_of(cell->prefix[shear->word[k]]), extra = shear->extra[k];
    int64_t sum = 0;
    for (int j = 0; j < k; j++)
        sum += (int64_t)shear->slope[k * (k - 1) / 2 + j] * t[j];
    int64_t const half = (int64_t)1 << 31;
    int64_t const edge = (int64_t)shear->centre[k] * 8 + floor_of(sum, 30) + half;
    struct words w;
    w.first = floor_of(edge - (half >> extra), bits);
    w.count = (int64_t)1 << (32 - bits - extra);
    w.size = (int64_t)1 << (32 - bits);
    return w;
}

/* Is a point of the cell in all strips? */
static int is_in_strips(struct bl23_cell const *cell, struct bl23_shear const *shear,
                        uint32_t const at[4])
{
    int64_t t[4];
    for (int k = 0; k < 4; k++) {
        uint32_t const prefix = cell->prefix[shear->word[k]];
        struct words const w = words_of_strip(cell, shear, k, t);
        int64_t const word = at[shear->word[k]] - (prefix & (prefix - 1u));
        if (word < w.first || word >= w.first + w.count)
            return 0;
        t[k] = word * ((int64_t)1 << bits_of(prefix)) - ((int64_t)1 << 31);
    }
    return 1;
}

/* ---- survivors by walking ---- */

/* From a survivor to another one in a random direction, or to the last one before the edge: bisects
 * between a survivor and a point that is none, or outside of the cell. */
static void step(struct bl23_model const *model, struct bl23_cell const *cell, uint32_t at[4])
{
    double direction[4];
    double const scale = pow(2.0, random_between(-24.0, 1.0));
    for (int d = 0; d < 4; d++)
        direction[d] = random_bits() % 3 == 0
                           ? 0.0
                           : random_between(-1.0, 1.0) * scale *
                                 (double)(cell->prefix[d] & (0u - cell->prefix[d]));
    uint32_t best[4];
    memcpy(best, at, sizeof best);
    double lo = 0.0, hi = 2.0;
    for (int n = 0; n < 40; n++) {
        double const middle = n == 0 ? hi : 0.5 * (lo + hi);
        uint32_t point[4];
        int fits = 1;
        for (int d = 0; d < 4; d++) {
            double const x = floor((double)at[d] + middle * direction[d]);
            fits = fits && x >= 0.0 && x < 0x1p32;
            point[d] = fits ? (uint32_t)x : 0;
        }
        if (fits && is_in_cell(cell, point) && survives(model, point)) {
            memcpy(best, point, sizeof best);
            lo = middle;
            if (n == 0)
                break;
        } else {
            hi = middle;
        }
    }
    memcpy(at, best, sizeof best);
}

static uint32_t random_prefix_at(uint32_t word, int bits)
{
    uint32_t const mark = 0x80000000u >> bits;
    return (word & ~(2 * mark - 1u)) | mark;
}

/* Every survivor that a walk finds in a cell around a planted one is in its strips, and the check
 * proves it. */
static void test_survivors_are_in_strips(void **state)
{
    (void)state;
    enum { PLANTS = 900, STEPS = 120 };
    struct bl23_model *const model = model_of(BL23_DATA_DIR "/cover_e.yaml");
    struct bl23_cover_problem *const problem = malloc(sizeof *problem);
    int sheared[KINDS] = {0}, proven = 0, strips = 0, words[5] = {0};
    random_state = 1;
    for (int k = 0; k < PLANTS; k++) {
        uint32_t at[4];
        struct bl23_cell cell = {{0, 0, 0, 0, BL23_CELL_ALL}};
        struct bl23_cover_sheared found;
        for (int d = 0; d < 4; d++)
            at[d] = (uint32_t)random_bits();
        if (at[0] > at[1]) {
            uint32_t const x = at[0];
            at[0] = at[1];
            at[1] = x;
        }
        plant(model, k % KINDS, pow(10.0, random_between(-7.0, -1.5)), at);
        if (!survives(model, at)) /* thinner than the rounding of words */
            continue;
        int const bits = 1 + (int)(random_bits() % 14);
        for (int d = 0; d < 4; d++)
            cell.prefix[d] = random_prefix_at(at[d], bits + (int)(random_bits() % 4));
        if (cell.prefix[0] + (cell.prefix[0] & (0u - cell.prefix[0])) > cell.prefix[1])
            continue; /* on the diagonal, or across it */
        bl23_cover_problem_build(model, 0, problem);
        bl23_cover_shear(problem, &cell, &found);
        check_that(found.judgement.kind != BL23_LEAF_DISCARDED, "plant %d: its cell is discarded",
                   k);
        if (found.extra == 0)
            continue;
        sheared[k % KINDS]++;
        strips++;
        for (int d = 0, n = 0; d < 4; d++) {
            n += found.shear.extra[d] > 0;
            words[d == 3 ? n : 0]++;
        }
        for (int n = 0; n < STEPS; n++) {
            check_that(is_in_strips(&cell, &found.shear, at),
                       "plant %d, kind %d, step %d: %08x %08x %08x %08x is not in the strips", k,
                       k % KINDS, n, at[0], at[1], at[2], at[3]);
            step(model, &cell, at);
        }
        if (proven + 1 <= 200) {
            struct bl23_cover_limits limits = bl23_cover_limits_of(model, 0);
            check_that(bl23_cover_strips_hold(&limits, &cell, &found.shear),
                       "plant %d, kind %d: the strips are not proven", k, k % KINDS);
            proven++;
        }
    }
    print_message("%d cells with strips; of 1, 2, 3, 4 words: %d %d %d %d\n", strips, words[1],
                  words[2], words[3], words[4]);
    for (int kind = 0; kind < KINDS; kind++)
        check_that(sheared[kind] > 20, "kind %d: %d sheared cells", kind, sheared[kind]);
    check_that(words[1] > 0 && words[2] > 0 && words[3] > 0 && words[4] > 0, "not all numbers");
    free(problem);
    free(model);
}

/* ---- draws ---- */

/* Drawn words are in their strips, all of them are drawn alike, and those that a strip has outside
 * of the cell become one in the cell that is not in the strip. */
static void test_draws(void **state)
{
    (void)state;
    enum { CELLS = 20000 };
    int moved = 0;
    random_state = 2;
    for (int k = 0; k < CELLS; k++) {
        struct bl23_cell cell = {{0, 0, 0, 0, BL23_CELL_ALL}};
        struct bl23_shear shear = {.word = {3, 0, 2, 1}};
        uint32_t x[4], given[4];
        int64_t t[4];
        for (int d = 0; d < 4; d++) {
            cell.prefix[d] = random_prefix_at((uint32_t)random_bits(), (int)(random_bits() % 31));
            given[d] = x[d] = random_bits() % 8 == 0 ? UINT32_MAX : (uint32_t)random_bits();
        }
        for (int d = 3; d > 0; d--) { /* in any order */
            int const j = (int)(random_bits() % (unsigned)(d + 1));
            uint8_t const word = shear.word[d];
            shear.word[d] = shear.word[j];
            shear.word[j] = word;
        }
        for (int d = 0; d < 4; d++) {
            int const room = 31 - bits_of(cell.prefix[shear.word[d]]);
            shear.extra[d] = (uint8_t)(d == 0 ? 0 : random_bits() % (unsigned)(room + 1));
            if (shear.extra[d] == 0)
                continue;
            shear.centre[d] = (int32_t)random_between(-0x1p29, 0x1p29);
            for (int j = 0; j < d; j++)
                shear.slope[d * (d - 1) / 2 + j] =
                    (int32_t)(random_bits() % 3 == 0 ? BL23_SLOPE_ONE
                                                     : random_between(-0x1p30, 0x1p30));
        }
        bl23_sheared_words(&cell, &shear, x);
        check_that(is_in_cell(&cell, x), "cell %d: drawn outside", k);
        for (int d = 0; d < 4; d++) {
            uint32_t const prefix = cell.prefix[shear.word[d]];
            struct words const w = words_of_strip(&cell, &shear, d, t);
            int64_t const word = x[shear.word[d]] - (prefix & (prefix - 1u));
            /* the words of a strip have equal shares of the random ones */
            int64_t const wanted =
                w.first + (int64_t)(((uint64_t)given[shear.word[d]] * (uint64_t)w.count) >> 32);
            int const fits = wanted >= 0 && wanted < w.size;
            check_that(fits ? word == wanted : word < w.first || word >= w.first + w.count,
                       "cell %d, word %d: %lld drawn, %lld in the strip", k, d, (long long)word,
                       (long long)wanted);
            moved += !fits;
            t[d] = word * ((int64_t)1 << bits_of(prefix)) - ((int64_t)1 << 31);
        }
    }
    check_that(moved > CELLS / 10, "%d are moved", moved);
}

/* ---- an exact volume ---- */

/* |p1 - p2| <= DIFFERENCE and |R_12 sin x2| <= SINE, for which the volume is an integral:
 * p1 + p2 = s and p1 - p2 = x are uniform on |x| <= s <= 1, with density 1. */
#define DIFFERENCE 3e-6
#define SINE 2e-6
enum { BANDS = 16 }; /* of s */

static double volume_of_band(int band)
{
    enum { STEPS = 2000, ACROSS = 16 };
    double const power = band == 0 ? 12.0 : 1.0; /* the integrand is nearly 1/s */
    double sum = 0.0;
    for (int i = 0; i < STEPS; i++) {
        double const u = (i + 0.5) / STEPS;
        double const s = (band + pow(u, power)) / BANDS;
        double const weight = power * pow(u, power - 1.0) / STEPS / BANDS;
        double const reach = fmin(DIFFERENCE, s);
        for (int j = 0; j < ACROSS; j++) {
            double const x = reach * (2.0 * (j + 0.5) / ACROSS - 1.0);
            double const sine = 2.0 * SINE / sqrt(s * s - x * x);
            sum += weight * 2.0 * reach / ACROSS * (sine < 1.0 ? asin(sine) : asin(1.0)) * 2.0 /
                   acos(-1.0);
        }
    }
    return sum;
}

static struct bl23_model *exact_model(void)
{
    struct bl23_model *const model = model_of(BL23_DATA_DIR "/cover_e.yaml");
    struct bl23_knot *const knot = &model->knot[0];
    memset(knot->form, 0, sizeof knot->form);
    knot->form[BL23_FORM_DS_IM][0] = 1.0;
    knot->form[BL23_FORM_DS_IM][1] = -1.0;
    knot->form[BL23_FORM_DB_RE][4] = 1.0;
    for (int q = 0; q < BL23_QUANTITIES; q++)
        knot->allowed[model->level][q] = (struct bl23_interval){0.0, BL23_INFINITY};
    knot->allowed[model->level][BL23_QUANTITY_IM_DS2].hi = DIFFERENCE * DIFFERENCE;
    knot->allowed[model->level][BL23_QUANTITY_ABS_DB2].hi = SINE * SINE;
    return model;
}

/* The volume, and how survivors are distributed, beside the integral. */
static void test_exact_volume(void **state)
{
    (void)state;
    enum { SAMPLES = 400000 };
    struct bl23_model *const model = exact_model();
    struct bl23_cover_tree tree;
    struct bl23_cover_volumes v;
    struct bl23_cover_flat flat;
    struct bl23_error error = {BL23_OK, ""};
    double expected[BANDS], total = 0.0, chi2 = 0.0;
    uint64_t count[BANDS] = {0}, survivors = 0;
    check_ok(bl23_cover_build(model, 0, (struct bl23_cover_aim){4000, 0.0}, &tree, &error), &error,
             "cover");
    check_that(bl23_cover_tree_is_sheared(&tree), "the cells are not sheared");
    assert_true(bl23_cover_tree_volumes(&tree, &v));
    assert_int_equal(bl23_cover_flatten(model, 0, &tree, v.cells, &flat), BL23_OK);
    check_exact((double)bl23_cover_knot_volume(&flat.knot), (double)v.upper, "volume of strips");
    for (uint64_t i = 0; i < SAMPLES; i++) {
        struct bl23_words block[2] = {bl23_sample_words(3, i, 0), bl23_sample_words(3, i, 1)};
        bl23_words_of_cells(bl23_cover_flat_cells(&flat), block);
        uint32_t const *const x = block[0].x; /* on the diagonal in any order */
        uint32_t const a = x[0] < x[1] ? x[0] : x[1], b = x[0] < x[1] ? x[1] : x[0];
        uint32_t const at[4] = {a, b, x[2], x[3] - x[2]};
        if (survives(model, at)) {
            count[(uint64_t)at[1] * BANDS >> 32]++; /* s is b */
            survivors++;
        }
    }
    double const upper = (double)v.upper * 0x1p-60, part = (double)survivors / SAMPLES;
    double const sigma = sqrt(part * (1.0 - part) / SAMPLES);
    for (int band = 0; band < BANDS; band++)
        total += expected[band] = volume_of_band(band);
    print_message("acceptance %.3f, volume %.5g +- %.2g, integral %.5g\n", part, upper * part,
                  upper * sigma, total);
    check_absolute(upper * part, total, 4.5 * upper * sigma, "volume");
    check_that(part > 0.15, "only %g survive", part);
    for (int band = 0; band < BANDS; band++) {
        double const mean = (double)survivors * expected[band] / total;
        chi2 += ((double)count[band] - mean) * ((double)count[band] - mean) / mean;
    }
    check_that(chi2 < 60.0, "chi-square %g of %d bands", chi2, BANDS); /* p = 1e-6: 57.1 */
    bl23_cover_flat_free(&flat);
    bl23_cover_tree_free(&tree);
    free(model);
}

/* ---- the check ---- */

static void exchange(struct bl23_shear *shear, int j, int k)
{
    uint8_t const word = shear->word[j], extra = shear->extra[j];
    shear->word[j] = shear->word[k];
    shear->extra[j] = shear->extra[k];
    shear->word[k] = word;
    shear->extra[k] = extra;
}

enum { WRONG_SLOPE, WRONG_CENTRE, WRONG_WIDTH, WRONG_ORDER, FAULTS };

/* The slope that tilts its strip by most of its widths changes sign; false: by less than 2. */
static int turn_slope(struct bl23_shear *shear)
{
    double most = 0.0;
    int n = 0;
    for (int k = 1; k < 4; k++)
        for (int j = 0; j < k; j++) {
            int const at = k * (k - 1) / 2 + j;
            double const tilt = ldexp(fabs((double)shear->slope[at]), shear->extra[k] - 30);
            n = tilt > most ? at : n;
            most = fmax(most, tilt);
        }
    shear->slope[n] = -shear->slope[n];
    return most > 2.0;
}

/* One fault in a strip, or in their order; false: there is none to make. */
static int make_fault(struct bl23_shear *shear, int fault)
{
    int32_t *const slope = shear->slope + 3;
    int32_t const step = (int32_t)ldexp(1.0, 29 - shear->extra[3]); /* the width of the strip */
    switch (fault) {
    case WRONG_SLOPE:
        return turn_slope(shear);
    case WRONG_CENTRE:
        shear->centre[3] += shear->centre[3] > 0 ? -step : step;
        return step > 0;
    case WRONG_WIDTH:
        shear->extra[3]++;
        return 1;
    default:
        exchange(shear, 2, 3);
        return shear->extra[2] != shear->extra[3] || slope[2] != 0;
    }
}

/* Strips with a fault are not proven, unless they hold every survivor all the same: then samples of
 * the right strips find none outside. */
static void test_faults_are_found(void **state)
{
    (void)state;
    enum { CELLS = 150, SAMPLES = 3000 };
    struct bl23_model *const model = exact_model();
    struct bl23_cover_tree tree;
    struct bl23_cover_volumes v;
    struct bl23_cover_flat flat;
    struct bl23_error error = {BL23_OK, ""};
    int made[FAULTS] = {0}, found[FAULTS] = {0};
    check_ok(bl23_cover_build(model, 0, (struct bl23_cover_aim){600, 0.0}, &tree, &error), &error,
             "cover");
    assert_true(bl23_cover_tree_volumes(&tree, &v));
    assert_int_equal(bl23_cover_flatten(model, 0, &tree, v.cells, &flat), BL23_OK);
    struct bl23_cover_limits limits = bl23_cover_limits_of(model, 0);
    for (uint64_t c = 0; c < v.cells; c += v.cells / CELLS) {
        struct bl23_cell const cell = bl23_cell_numbered(bl23_cover_flat_cells(&flat), c);
        for (int fault = 0; fault < FAULTS; fault++) {
            struct bl23_shear shear = flat.shear[c];
            int outside = 0;
            if (shear.extra[3] == 0 || !make_fault(&shear, fault))
                continue;
            for (uint64_t i = 0; i < SAMPLES; i++) {
                struct bl23_words const w = bl23_sample_words(5, i, 0);
                uint32_t at[4] = {w.x[0], w.x[1], w.x[2], w.x[3]};
                bl23_sheared_words(&cell, &flat.shear[c], at);
                outside += survives(model, at) && !is_in_strips(&cell, &shear, at);
            }
            int const holds = bl23_cover_strips_hold(&limits, &cell, &shear);
            made[fault]++;
            found[fault] += !holds;
            check_that(!holds || outside == 0, "cell %d, fault %d: proven, with %d outside", (int)c,
                       fault, outside);
        }
    }
    print_message("faults found: slope %d of %d, centre %d of %d, width %d of %d, order %d of %d\n",
                  found[0], made[0], found[1], made[1], found[2], made[2], found[3], made[3]);
    for (int fault = 0; fault < FAULTS; fault++)
        check_that(made[fault] > 50 && 10 * found[fault] > 8 * made[fault],
                   "fault %d: %d of %d are found", fault, found[fault], made[fault]);
    bl23_cover_flat_free(&flat);
    bl23_cover_tree_free(&tree);
    free(model);
}

/* A sheared tree is proven whole, with the volume of its strips; as one whose cells are not sheared
 * it has another volume; with a leaf discarded it is refused. */
static void test_trees_are_checked(void **state)
{
    (void)state;
    struct bl23_model *const model = exact_model();
    struct bl23_cover_tree tree;
    struct bl23_cover_volumes v;
    struct bl23_cover_proof proof;
    struct bl23_error error = {BL23_OK, ""};
    check_ok(bl23_cover_build(model, 0, (struct bl23_cover_aim){600, 0.0}, &tree, &error), &error,
             "cover");
    assert_true(bl23_cover_tree_volumes(&tree, &v));
    check_ok(bl23_cover_verify(model, 0, tree.node, tree.nodes, &proof, &error), &error, "check");
    assert_true(proof.upper_volume == v.upper && proof.undecided + proof.inside == v.cells);
    check_that(bl23_cover_verify(model, 0, tree.node + 1, tree.nodes - 1, &proof, &error) ==
                       BL23_ERROR_FAILED ||
                   proof.upper_volume > 2 * v.upper,
               "without strips the cells have the volume of the strips");
    int refused = 0;
    for (size_t n = 1; n < tree.nodes && refused < 40; n++)
        if (tree.node[n] == BL23_LEAF_UNDECIDED) {
            tree.node[n] = BL23_LEAF_DISCARDED;
            refused += bl23_cover_verify(model, 0, tree.node, tree.nodes, &proof, &error) ==
                       BL23_ERROR_FAILED;
            tree.node[n] = BL23_LEAF_UNDECIDED;
            n += 15;
        }
    check_that(refused > 10, "%d forged leaves are refused", refused);
    bl23_cover_tree_free(&tree);
    free(model);
}

int main(void)
{
    struct CMUnitTest const tests[] = {
        cmocka_unit_test(test_survivors_are_in_strips), cmocka_unit_test(test_draws),
        cmocka_unit_test(test_exact_volume), cmocka_unit_test(test_faults_are_found),
        cmocka_unit_test(test_trees_are_checked)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
