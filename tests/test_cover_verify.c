/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* The check of covers: its enclosures hold what they must and are no wider than they need be, its
 * claims hold for samples, and forged trees are refused for the right reason. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tables/cover/cover_build.h"
#include "tables/cover/cover_verify.h"
#include "tests/check.h"
#include "tests/plain_survey.h"
#include "tests/random_bits.h"

static uint32_t const empty = 0x80000000u;

static uint32_t random_word(void)
{
    return (uint32_t)(random_bits() >> 32);
}

static double random_number(void)
{
    return (double)(int64_t)random_bits() * 0x1p-63;
}

/* ---- cells, and the samples in them ---- */

static uint32_t prefix_of(uint32_t word, int bits)
{
    uint32_t const mark = empty >> bits;
    return (word & ~(mark | (mark - 1u))) | mark;
}

/* The cell of some depths around a sample's words. */
static struct bl23_cell cell_around(uint32_t a, uint32_t b, uint32_t x2, uint32_t y, uint32_t g,
                                    int const bits[BL23_CELL_WORDS])
{
    uint32_t const word[BL23_CELL_WORDS] = {a < b ? a : b, a < b ? b : a, x2, y, g};
    struct bl23_cell cell;
    for (int d = 0; d < BL23_CELL_WORDS; d++)
        cell.prefix[d] = prefix_of(word[d], bits[d]);
    int const fewer = bits[0] < bits[1] ? bits[0] : bits[1];
    if (prefix_of(word[0], fewer) == prefix_of(word[1], fewer)) /* one contains the other */
        cell.prefix[BL23_CELL_A] = cell.prefix[BL23_CELL_B] = prefix_of(word[0], fewer);
    return cell;
}

static struct bl23_cell random_cell(int bits_max)
{
    int bits[BL23_CELL_WORDS];
    for (int d = 0; d < BL23_CELL_WORDS; d++)
        bits[d] = (int)(random_bits() % (uint64_t)(bits_max + 1));
    uint32_t const a = random_word(), b = random_bits() % 3
                                              ? random_word()
                                              : a ^ random_word() >> (random_bits() % 32);
    return cell_around(a, b, random_word(), random_word(), random_word(), bits);
}

/* A word of a prefix: at random, or its first or last one. */
static uint32_t word_in(uint32_t prefix)
{
    uint32_t const words[4] = {random_word(), random_word(), 0u, ~0u};
    return bl23_prefix_word(prefix, words[random_bits() % 4]);
}

/* The words x0..x3 and x5 of a sample of a cell; on the diagonal either order of x0 and x1. */
static void words_in(struct bl23_cell const *cell, struct bl23_words block[2])
{
    memset(block, 0, 2 * sizeof *block);
    block[0].x[0] = word_in(cell->prefix[BL23_CELL_A]);
    block[0].x[1] = word_in(cell->prefix[BL23_CELL_B]);
    block[0].x[2] = word_in(cell->prefix[BL23_CELL_X2]);
    block[0].x[3] = block[0].x[2] + word_in(cell->prefix[BL23_CELL_Y]);
    block[1].x[1] = word_in(cell->prefix[BL23_CELL_G]);
}

/* ---- enclosures ---- */

static void test_turns_hold_sine_and_cosine(void **unused)
{
    (void)unused;
    random_state = 1;
    for (int k = 0; k < 40000; k++) {
        uint64_t const eighth = (uint64_t)1 << 29, near = random_bits() % 5;
        uint64_t const x = k % 2 ? random_bits() >> 30 : random_bits() % 33 * eighth + near;
        struct bl23_interval c, s;
        struct bl23_dd sine, cosine;
        bl23_cover_turn(x, &c, &s);
        bl23_dd_sincospi(bl23_dd((double)x * 0x1p-31), &sine, &cosine);
        check_that(c.lo <= bl23_dd_round(cosine) && bl23_dd_round(cosine) <= c.hi &&
                       c.hi - c.lo < 0x1p-47,
                   "cos of word %llu: %.17g in [%.17g, %.17g]", (unsigned long long)x, cosine.hi,
                   c.lo, c.hi);
        check_that(s.lo <= bl23_dd_round(sine) && bl23_dd_round(sine) <= s.hi &&
                       s.hi - s.lo < 0x1p-47,
                   "sin of word %llu: %.17g in [%.17g, %.17g]", (unsigned long long)x, sine.hi,
                   s.lo, s.hi);
    }
}

/* A knot of random rows with some of their terms: which = 0 all, 1 the linear ones, 2 to 4 those of
 * one pair. */
static void plant_forms(struct bl23_knot *knot, int which)
{
    memset(knot, 0, sizeof *knot);
    for (int r = 0; r < BL23_FORMS; r++)
        for (int k = 0; k < BL23_MONOMIALS; k++)
            if (which == 0 || which == (k < 3 ? 1 : 2 + (k - 3) / 2))
                knot->form[r][k] = random_number();
    for (int k = 0; k < BL23_WEIGHTS; k++)
        knot->weight[k] = fabs(random_number());
    knot->weight[BL23_WEIGHT_MIXING] = random_number();
    knot->weight[BL23_WEIGHT_MIXING + 1] = random_number();
}

static void test_amplitudes_hold_samples(void **unused)
{
    (void)unused;
    random_state = 2;
    struct bl23_knot knot;
    struct bl23_cover_arcs arcs = {0};
    for (int k = 0; k < 2500; k++) {
        struct bl23_cell const cell = random_cell(k % 31 + 1);
        struct bl23_cover_box const box = bl23_cover_box_of(&cell);
        struct bl23_interval range[BL23_FORMS], s_range[BL23_QUANTITIES];
        plant_forms(&knot, k % 5);
        bl23_cover_amplitudes(&knot, BL23_ALL_FORMS, &box, &arcs, range);
        bl23_cover_quantities(&knot, BL23_ALL_QUANTITIES, range, s_range);
        for (int i = 0; i < 24; i++) {
            struct bl23_words block[2];
            double m[BL23_MONOMIALS], h[BL23_FORMS], s[BL23_QUANTITIES];
            words_in(&cell, block);
            bl23_draw_monomials(block[0], m);
            bl23_amplitudes(&knot, BL23_ALL_FORMS, m, h);
            bl23_quantities(&knot, BL23_ALL_QUANTITIES, h, s);
            for (int r = 0; r < BL23_FORMS; r++)
                check_that(range[r].lo <= h[r] && h[r] <= range[r].hi,
                           "cell %d, sample %d, form %d: %.17g in [%.17g, %.17g]", k, i, r, h[r],
                           range[r].lo, range[r].hi);
            for (int q = 0; q < BL23_QUANTITIES; q++)
                check_that(s_range[q].lo * (1.0 - 0x1p-48) <= s[q] &&
                               s[q] <= s_range[q].hi * (1.0 + 0x1p-48),
                           "cell %d, sample %d, quantity %d: %.17g in [%.17g, %.17g]", k, i, q,
                           s[q], s_range[q].lo, s_range[q].hi);
        }
    }
}

/* Each kind of bound alone is the range itself: sampled extremes come close to its ends. */
static void test_each_bound_is_reached(void **unused)
{
    (void)unused;
    random_state = 3;
    struct bl23_knot knot;
    struct bl23_cover_arcs arcs = {0};
    enum { STEPS = 24 };
    for (int k = 0; k < 160; k++) {
        struct bl23_cell cell = random_cell(5);
        struct bl23_interval range[BL23_FORMS];
        int const which = 1 + k % 4;
        plant_forms(&knot, which);
        if (which == 2) /* the phase of pair 13 moves with x2 and y: one of them stays */
            cell.prefix[BL23_CELL_Y] = prefix_of(random_word(), BL23_CELL_BITS_MAX);
        struct bl23_cover_box const box = bl23_cover_box_of(&cell);
        bl23_cover_amplitudes(&knot, BL23_ALL_FORMS, &box, &arcs, range);
        double lo = INFINITY, hi = -INFINITY;
        for (int n = 0; n < STEPS * STEPS * STEPS; n++) {
            int const step[3] = {n % STEPS, n / STEPS % STEPS, n / STEPS / STEPS};
            uint32_t word[3];
            for (int i = 0; i < 3; i++)
                word[i] = (uint32_t)((double)step[i] / (STEPS - 1) * 4294967295.0);
            struct bl23_words block;
            double m[BL23_MONOMIALS];
            block.x[0] = bl23_prefix_word(cell.prefix[BL23_CELL_A], word[0]);
            block.x[1] = bl23_prefix_word(cell.prefix[BL23_CELL_B], word[1]);
            block.x[2] = bl23_prefix_word(cell.prefix[BL23_CELL_X2], word[2]);
            block.x[3] = block.x[2] + bl23_prefix_word(cell.prefix[BL23_CELL_Y], word[2]);
            bl23_draw_monomials(block, m);
            double const h = bl23_amplitude(knot.form[0], m);
            lo = fmin(lo, h);
            hi = fmax(hi, h);
        }
        check_that(lo - range[0].lo <= 0.03 * (hi - lo) + 1e-9 &&
                       range[0].hi - hi <= 0.03 * (hi - lo) + 1e-9,
                   "cell %d, terms %d: [%.9g, %.9g] sampled, [%.9g, %.9g] proven", k, which, lo, hi,
                   range[0].lo, range[0].hi);
    }
}

static void test_g_holds_samples(void **unused)
{
    (void)unused;
    random_state = 4;
    struct bl23_model *const model = calloc(1, bl23_model_bytes(1));
    double const ratio[3] = {1e-3, 4.0, 103.0};
    model->g_mode = BL23_G_LOG_UNIFORM;
    for (int k = 0; k < 30000; k++) {
        struct bl23_cell const cell = random_cell(31);
        struct bl23_words block[2];
        model->g_min = 1e-30;
        model->g_log2_ratio = ratio[k % 3];
        words_in(&cell, block);
        double const g = bl23_draw_g(model, block[1].x[1]);
        struct bl23_cover_box const box = bl23_cover_box_of(&cell);
        struct bl23_interval const g2 = bl23_cover_g2(model, &box);
        check_that(g2.lo <= g * g && g * g <= g2.hi, "cell %d: %.17g in [%.17g, %.17g]", k, g * g,
                   g2.lo, g2.hi);
        double const width = model->g_log2_ratio / pow(2.0, bl23_prefix_bits(cell.prefix[4]));
        check_relative(log2(g2.hi / g2.lo), 2.0 * width, 1e-9 + 1e-12 / width, "cell %d", k);
    }
    free(model);
}

/* ---- claims ---- */

#define HEAD "survey: {samples: 1000, seed: 7, mass_gev: {fixed: 0.14}, g_bl: "
#define KOTO "constraints: {sets: [paper2020], without: [ccfr, na62_pi0, e949"
#define KAON "], extra: [{name: k, observable: br_kp_pip, upper: 1e-9, cl: 0.9, cite: none}"
#define PION ", {name: pi, observable: br_dp_pip, upper: 1, cl: 0.9, cite: none}"
#define MIXING ", {name: mix, observable: x12, upper: 0.1, cl: 0.9, cite: none}"
static char const *const surveys[][2] = {
    {"K and g-2", HEAD "solve}\n" KOTO KAON "]}\n"},
    {"D+ -> pi+ and mixing", HEAD "solve}\n" KOTO ", gm2" KAON PION MIXING "]}\n"},
    {"g drawn", HEAD "{log_uniform: [1e-4, 1e-2]}}\n" KOTO KAON "]}\n"},
    {"g fixed", HEAD "{fixed: 1e-3}}\n" KOTO KAON "]}\n"},
};
enum { SURVEYS = sizeof surveys / sizeof surveys[0] };

/* What was seen in all surveys. */
struct seen {
    int excluded, inside, survivors;
};

static bool survives(struct bl23_model const *model, struct bl23_knot const *knot,
                     struct bl23_words const block[2])
{
    double m[BL23_MONOMIALS], s[BL23_QUANTITIES];
    bl23_draw_monomials(block[0], m);
    bl23_quantities_of_row(knot, BL23_ALL_QUANTITIES, m, s);
    return bl23_judge(knot, (int)model->level, model->g_mode == BL23_G_SOLVE, s,
                      bl23_draw_g(model, block[1].x[1]))
               .survives != 0;
}

/* A cell around a survivor, if one is found soon; else any. */
static struct bl23_cell likely_cell(struct bl23_model const *model, struct bl23_knot const *knot,
                                    int bits_max)
{
    struct bl23_words block[2] = {{{0}}, {{0}}};
    int bits[BL23_CELL_WORDS];
    for (int k = 0; k < 400 && (k == 0 || !survives(model, knot, block)); k++)
        for (int word = 0; word < 5; word++)
            block[word / 4].x[word < 4 ? word : 1] = random_word();
    for (int d = 0; d < BL23_CELL_WORDS; d++)
        bits[d] = (int)(random_bits() % (uint64_t)(bits_max + 1));
    return cell_around(block[0].x[0], block[0].x[1], block[0].x[2], block[0].x[3] - block[0].x[2],
                       block[1].x[1], bits);
}

static void check_claims(char const *name, struct bl23_model const *model,
                         struct bl23_knot const *knot, struct seen *seen)
{
    struct bl23_cover_limits limits = bl23_cover_limits_of(model, (uint64_t)(knot - model->knot));
    int claimed = 0;
    for (int k = 0; k < 1500; k++) {
        struct bl23_cell const cell =
            k % 4 ? random_cell(k % 25 + 1) : likely_cell(model, knot, k % 30 + 2);
        bool const none = bl23_cover_none_survives(&limits, &cell);
        bool const all = bl23_cover_all_survive(&limits, &cell);
        seen->excluded += none;
        seen->inside += all;
        claimed += none || all;
        for (int i = 0; i < 16; i++) {
            struct bl23_words block[2];
            words_in(&cell, block);
            bool const survivor = survives(model, knot, block);
            seen->survivors += survivor;
            check_that(!(none && survivor) && !(all && !survivor),
                       "%s at %g GeV: cell %d, sample %d %s, but the cell is %s", name,
                       knot->mass_gev, k, i, survivor ? "survives" : "does not survive",
                       none ? "excluded" : "inside");
        }
    }
    check_that(claimed > 0, "%s at %g GeV: nothing is said of any cell", name, knot->mass_gev);
}

static void test_claims_hold_for_samples(void **unused)
{
    (void)unused;
    struct seen seen = {0};
    random_state = 5;
    for (int k = 0; k < SURVEYS + PLAIN_SURVEY_MODES; k++) {
        struct bl23_survey survey;
        char const *const *const text = k < SURVEYS ? surveys[k] : plain_survey_modes[k - SURVEYS];
        plain_survey_parse(text[1], &survey);
        for (uint64_t i = 0; i < survey.model->n_knots; i++)
            if (survey.model->w_mode == BL23_W_HAAR)
                check_claims(text[0], survey.model, &survey.model->knot[i], &seen);
        bl23_survey_free(&survey);
    }
    check_that(seen.excluded > 1000 && seen.inside > 1000 && seen.survivors > 1000,
               "%d cells excluded, %d inside, %d samples survive: too few to test", seen.excluded,
               seen.inside, seen.survivors);
}

/* ---- trees ---- */

enum { DISCARDED = 5, UNDECIDED, INSIDE, NODES_MAX = 200000 }; /* codes of leaves */

struct tree {
    uint8_t node[NODES_MAX];
    size_t nodes;
};

/* A survey and the tree that the search makes of it; both are freed by the caller. */
static struct tree *grown(struct bl23_survey *survey, int number, uint64_t cells)
{
    struct bl23_cover_aim const aim = {.cells = cells};
    struct bl23_cover_tree found;
    struct bl23_error error = {BL23_OK, ""};
    struct tree *const tree = calloc(1, sizeof *tree);
    plain_survey_parse(surveys[number][1], survey);
    check_ok(bl23_cover_build(survey->model, 0, aim, &found, &error), &error, "%s",
             surveys[number][0]);
    check_that(found.nodes <= NODES_MAX, "%zu nodes", found.nodes);
    memcpy(tree->node, found.node, found.nodes);
    tree->nodes = found.nodes;
    bl23_cover_tree_free(&found);
    return tree;
}

static enum bl23_status verify(struct bl23_survey const *survey, struct tree const *tree,
                               struct bl23_cover_proof *proof, struct bl23_error *error)
{
    *error = (struct bl23_error){BL23_OK, ""};
    return bl23_cover_verify(survey->model, 0, tree->node, tree->nodes, proof, error);
}

static void check_fails(struct bl23_survey const *survey, struct tree const *tree,
                        char const *reason)
{
    struct bl23_cover_proof proof;
    struct bl23_error error;
    enum bl23_status const status = verify(survey, tree, &proof, &error);
    check_that(status == BL23_ERROR_FAILED && strstr(error.text, reason) != NULL,
               "status %d, '%s' in place of '%s'", (int)status, error.text, reason);
}

static void test_right_trees_hold(void **unused)
{
    (void)unused;
    for (int number = 0; number < SURVEYS; number++) {
        struct bl23_survey survey;
        struct tree *const tree = grown(&survey, number, 20000);
        struct bl23_cover_proof proof;
        struct bl23_error error;
        check_ok(verify(&survey, tree, &proof, &error), &error, "%s", surveys[number][0]);
        check_that(proof.discarded > 10 && proof.undecided > 10 &&
                       proof.inside_volume <= proof.upper_volume &&
                       proof.upper_volume < (uint64_t)1 << 60,
                   "%s: %llu discarded, %llu undecided", surveys[number][0],
                   (unsigned long long)proof.discarded, (unsigned long long)proof.undecided);
        /* The part of uniform samples that survives lies between the volumes. */
        random_state = 11;
        int survivors = 0;
        enum { SAMPLES = 400000 };
        for (int k = 0; k < SAMPLES; k++) {
            struct bl23_words block[2] = {{{0}}, {{0}}};
            for (int word = 0; word < 5; word++)
                block[word / 4].x[word < 4 ? word : 1] = random_word();
            survivors += survives(survey.model, &survey.model->knot[0], block);
        }
        double const part = (double)survivors / SAMPLES, room = 6.0 * sqrt(part / SAMPLES);
        double const upper = (double)proof.upper_volume * 0x1p-60;
        double const inside = (double)proof.inside_volume * 0x1p-60;
        check_that(part - room <= upper && inside <= part + room, "%s: %g survive, volume %g to %g",
                   surveys[number][0], part, inside, upper);
        bl23_survey_free(&survey);
        free(tree);
    }
}

/* The cells of the leaves, [NODES_MAX]. */
struct leaves {
    struct bl23_cell *cell;
    size_t count;
};

static void note_leaf(struct bl23_cell const *cell, enum bl23_leaf kind, void *data)
{
    struct leaves *const leaves = data;
    (void)kind;
    leaves->cell[leaves->count++] = *cell;
}

/* How many of some samples of a cell survive. */
enum { TRIED = 64 };
static int count_survivors(struct bl23_survey const *survey, struct bl23_cell const *cell)
{
    int survivors = 0;
    for (int i = 0; i < TRIED; i++) {
        struct bl23_words block[2];
        words_in(cell, block);
        survivors += survives(survey->model, &survey->model->knot[0], block);
    }
    return survivors;
}

/* A leaf that holds a survivor is not discarded, and one with a sample that is none not inside. */
static void test_forged_leaves_are_refused(void **unused)
{
    (void)unused;
    struct bl23_survey survey;
    struct tree *const tree = grown(&survey, 0, 8000);
    struct leaves leaves = {calloc(NODES_MAX, sizeof *leaves.cell), 0};
    struct bl23_cover_tree const walked = {tree->node, tree->nodes, 0};
    check_that(bl23_cover_tree_walk(&walked, note_leaf, &leaves), "no tree");
    int discarded = 0, inside = 0;
    random_state = 12;
    for (size_t n = 0, leaf = 0; n < tree->nodes; n++) {
        uint8_t const code = tree->node[n];
        if (code < DISCARDED)
            continue;
        struct bl23_cell const *const cell = &leaves.cell[leaf++];
        int const survivors = leaf % 64 || code == DISCARDED ? 0 : count_survivors(&survey, cell);
        if (survivors > 0) {
            tree->node[n] = DISCARDED;
            check_fails(&survey, tree, "is discarded, but the limits do not exclude all of it");
            discarded++;
        }
        if (leaf % 64 == 0 && survivors < TRIED) {
            tree->node[n] = INSIDE;
            check_fails(&survey, tree, "is inside, but the limits do not allow all of it");
            inside++;
        }
        tree->node[n] = code;
    }
    check_that(discarded > 8 && inside > 8, "%d and %d leaves forged", discarded, inside);
    tree->node[0] = DISCARDED;
    tree->nodes = 1;
    check_fails(&survey, tree, "leaf 1 is discarded");
    tree->node[0] = INSIDE;
    check_fails(&survey, tree, "leaf 1 is inside");
    bl23_survey_free(&survey);
    free(leaves.cell);
    free(tree);
}

static void test_trees_that_are_none_are_refused(void **unused)
{
    (void)unused;
    struct bl23_survey survey;
    struct tree *const tree = grown(&survey, 0, 100);
    size_t const nodes = tree->nodes;
    tree->nodes = nodes - 1;
    check_fails(&survey, tree, "ends before its last leaf");
    tree->nodes = 0;
    check_fails(&survey, tree, "ends before its last leaf");
    tree->nodes = nodes + 1;
    tree->node[nodes] = UNDECIDED;
    check_fails(&survey, tree, "nodes behind its last leaf");
    tree->nodes = nodes;
    tree->node[nodes - 1] = 8;
    check_fails(&survey, tree, "no such code");
    tree->node[0] = BL23_CELL_A;
    tree->node[1] = BL23_CELL_B; /* of a cell on the diagonal */
    check_fails(&survey, tree, "splits a word");
    tree->node[0] = BL23_CELL_G; /* g is solved for */
    check_fails(&survey, tree, "splits a word");
    memset(tree->node, BL23_CELL_Y, NODES_MAX); /* the low half again and again */
    tree->nodes = 40;
    check_fails(&survey, tree, "splits a word");
    for (int k = 0; k < 61; k++) /* 31 and 29 bits, and then one more */
        tree->node[k] = k < 31 ? BL23_CELL_Y : BL23_CELL_X2;
    tree->nodes = 61;
    check_fails(&survey, tree, "splits a word");
    tree->nodes = 60; /* 60 bits are a cell */
    check_fails(&survey, tree, "ends before its last leaf");
    bl23_survey_free(&survey);
    free(tree);
}

int main(void)
{
    struct CMUnitTest const tests[] = {cmocka_unit_test(test_turns_hold_sine_and_cosine),
                                       cmocka_unit_test(test_amplitudes_hold_samples),
                                       cmocka_unit_test(test_each_bound_is_reached),
                                       cmocka_unit_test(test_g_holds_samples),
                                       cmocka_unit_test(test_claims_hold_for_samples),
                                       cmocka_unit_test(test_right_trees_hold),
                                       cmocka_unit_test(test_forged_leaves_are_refused),
                                       cmocka_unit_test(test_trees_that_are_none_are_refused)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
