/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* A model that was read: those that bl23 builds pass, and one wrong field of any kind is found. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "kernels/results/model_check.h"
#include "kernels/sample/cell.h"
#include "tests/check.h"
#include "tests/plain_survey.h"

static double const infinite = (double)INFINITY, not_a_number = (double)NAN;
static char const *const shipped[] = {"fig3",  "open_question", "random_g",    "today",
                                      "charm", "scenario1",     "above_charm", "today_charm"};

/* A copy of the model, and its size. */
struct copy {
    struct bl23_model *model;
    size_t bytes;
};

static struct copy copy_of(struct bl23_model const *model)
{
    struct copy c = {.bytes = bl23_model_size(model)};
    c.model = malloc(c.bytes);
    assert_non_null(c.model);
    memcpy(c.model, model, c.bytes);
    return c;
}

static void check_good(struct bl23_survey *s, char const *name)
{
    char const *const of_model = bl23_model_fault(s->model, bl23_model_size(s->model));
    char const *const of_reduction = bl23_reduction_fault(&s->reduction);
    check_that(!of_model && !of_reduction, "%s: '%s' '%s'", name, of_model ? of_model : "",
               of_reduction ? of_reduction : "");
    bl23_survey_free(s);
}

static void test_good(void **state)
{
    (void)state;
    struct bl23_survey survey;
    for (size_t k = 0; k < sizeof shipped / sizeof shipped[0]; k++) {
        plain_survey_load(shipped[k], &survey);
        check_good(&survey, shipped[k]);
    }
    for (size_t k = 0; k < PLAIN_SURVEY_MODES; k++) {
        plain_survey_parse(plain_survey_modes[k][1], &survey);
        check_good(&survey, plain_survey_modes[k][0]);
    }
}

/* Whole numbers of the header that choose or index something, one beyond the last and far away. */
static void check_whole(struct bl23_model const *good, size_t offset, uint64_t end,
                        char const *what)
{
    uint64_t const values[] = {end, end + 1, UINT64_C(1) << 31, UINT64_C(1) << 63, UINT64_MAX};
    for (size_t k = 0; k < sizeof values / sizeof values[0]; k++) {
        struct copy const c = copy_of(good);
        memcpy((char *)c.model + offset, &values[k], sizeof values[k]);
        check_that(bl23_model_fault(c.model, c.bytes) != NULL, "%s = %llu", what,
                   (unsigned long long)values[k]);
        free(c.model);
    }
}

static void check_real(struct bl23_model const *good, size_t offset, double value, char const *what)
{
    struct copy const c = copy_of(good);
    memcpy((char *)c.model + offset, &value, sizeof value);
    check_that(bl23_model_fault(c.model, c.bytes) != NULL, "%s = %g", what, value);
    free(c.model);
}

#define WHOLE(model, member, end)                                                                  \
    check_whole(model, offsetof(struct bl23_model, member), end, #member)
#define OF_KNOT(at, member)                                                                        \
    (offsetof(struct bl23_model, knot) + (at) * sizeof(struct bl23_knot) +                         \
     offsetof(struct bl23_knot, member))

static void test_whole_numbers(void **state)
{
    (void)state;
    struct bl23_survey s;
    plain_survey_load("fig3", &s);
    WHOLE(s.model, n_knots, s.model->n_knots + 1);
    WHOLE(s.model, n_constraints, BL23_CONSTRAINTS_MAX + 1);
    WHOLE(s.model, g_mode, BL23_G_SOLVE + 1);
    WHOLE(s.model, w_mode, BL23_W_FIXED + 1);
    WHOLE(s.model, level, BL23_LEVELS);
    WHOLE(s.model, groups, 2 * BL23_GROUP_LONG_DISTANCE); /* without the parts of later ones */
    struct copy const charm = copy_of(s.model);
    charm.model->constraint_quantity[0] = BL23_QUANTITY_ABS_FV2;
    check_that(bl23_model_fault(charm.model, charm.bytes) != NULL, "a quantity without its group");
    free(charm.model);
    for (size_t c = 0; c < BL23_CONSTRAINTS_MAX; c++)
        check_whole(s.model, offsetof(struct bl23_model, constraint_quantity) + c * 8,
                    BL23_QUANTITIES, "constraint_quantity");
    for (size_t bytes = 0; bytes < bl23_model_bytes(s.model->n_knots); bytes += 8)
        check_that(bl23_model_fault(s.model, bytes) != NULL, "%zu bytes", bytes);
    bl23_survey_free(&s);
}

/* Masses and common_w of the draws of the inputs. */
static void test_draws(void **state)
{
    (void)state;
    struct bl23_survey s;
    plain_survey_parse("survey: {samples: 1, mass_gev: {list: [0.14, 0.12, 0.3]}}\n"
                       "inputs: {vary: default, draws: 4, common_w: true}\n"
                       "constraints: {sets: [paper2020]}\n",
                       &s);
    size_t const at = bl23_model_size(s.model) - sizeof(struct bl23_draws);
    assert_int_equal(bl23_model_masses(s.model), 3);
    assert_null(bl23_model_fault(s.model, bl23_model_size(s.model)));
    check_whole(s.model, at + offsetof(struct bl23_draws, n_masses), 13, "n_masses");
    check_whole(s.model, at + offsetof(struct bl23_draws, common_w), 2, "common_w");
    bl23_survey_free(&s);
}

static void test_real_numbers(void **state)
{
    (void)state;
    struct bl23_survey s;
    plain_survey_load("today", &s);
    size_t const last = s.model->n_knots - 1;
    for (int k = 0; k < BL23_FORMS * BL23_MONOMIALS; k++) {
        check_real(s.model, OF_KNOT(last, form) + (size_t)k * 8, not_a_number, "form");
        check_real(s.model, OF_KNOT(last, form) + (size_t)k * 8, -infinite, "form");
    }
    for (size_t k = 0; k < BL23_MODES; k++) {
        check_real(s.model, OF_KNOT(last, kappa) + k * 8, not_a_number, "kappa");
        check_real(s.model, OF_KNOT(last, kappa) + k * 8, -1.0, "kappa");
        check_real(s.model, OF_KNOT(last, kappa) + k * 8, infinite, "kappa");
    }
    for (size_t w = 0; w < BL23_WEIGHTS; w++) {
        check_real(s.model, OF_KNOT(last, weight) + w * 8, not_a_number, "weight");
        if (w < BL23_WEIGHT_MIXING)
            check_real(s.model, OF_KNOT(last, weight) + w * 8, -1.0, "weight");
    }
    check_real(s.model, OF_KNOT(last, mass_gev), not_a_number, "mass");
    check_real(s.model, OF_KNOT(last, mass_gev), 0.0, "mass");
    check_real(s.model, OF_KNOT(last, delta_a_mu_per_g2), infinite, "delta_a_mu");
    for (size_t k = 0; k < (size_t)2 * BL23_LEVELS * s.model->n_constraints; k++) {
        size_t const level = k / 2 / s.model->n_constraints, c = k / 2 % s.model->n_constraints;
        size_t const at = (level * BL23_CONSTRAINTS_MAX + c) * 2 + k % 2;
        check_real(s.model, OF_KNOT(last, limit) + at * 8, not_a_number, "limit");
    }
    for (size_t k = 0; k < (size_t)2 * BL23_LEVELS * BL23_QUANTITIES; k++) {
        check_real(s.model, OF_KNOT(last, allowed) + k * 8, not_a_number, "allowed");
        check_real(s.model, OF_KNOT(last, allowed) + k * 8, -1.0, "allowed");
        check_real(s.model, OF_KNOT(last, allowed) + k * 8, 1e-30, "allowed");
    }
    bl23_survey_free(&s);
    plain_survey_load("random_g", &s);
    check_real(s.model, offsetof(struct bl23_model, g_min), 0.0, "g_min");
    check_real(s.model, offsetof(struct bl23_model, g_min), not_a_number, "g_min");
    check_real(s.model, offsetof(struct bl23_model, g_log2_ratio), 1e300, "g_log2_ratio");
    check_real(s.model, offsetof(struct bl23_model, g_log2_ratio), -1.0, "g_log2_ratio");
    bl23_survey_free(&s);
}

static void test_row(void **state)
{
    (void)state;
    struct bl23_survey s;
    for (size_t k = 0; k < PLAIN_SURVEY_MODES; k++) {
        plain_survey_parse(plain_survey_modes[k][1], &s);
        for (size_t i = 0; s.model->w_mode == BL23_W_FIXED && i < sizeof s.model->w / 8; i++) {
            check_real(s.model, offsetof(struct bl23_model, w) + i * 8, not_a_number, "w");
            check_real(s.model, offsetof(struct bl23_model, w) + i * 8, 4.0, "w");
        }
        bl23_survey_free(&s);
    }
}

/* The words of a mass in a cover that choose cells, one beyond what may be and far away. */
static void check_cover_knot(struct bl23_model const *model, uint64_t k)
{
    struct bl23_cover_knot const *const knot = &bl23_model_cover(model)->knot[k];
    size_t const at =
        bl23_model_bytes(model->n_knots) + sizeof(struct bl23_cover) + k * sizeof *knot;
    size_t const begin = at + offsetof(struct bl23_cover_knot, begin);
    size_t const cell = at + offsetof(struct bl23_cover_knot, cell);
    check_whole(model, at + offsetof(struct bl23_cover_knot, depth), knot->depth + 1, "depth");
    check_whole(model, at + offsetof(struct bl23_cover_knot, first), knot->first + 1, "first");
    for (uint64_t d = 0; d <= knot->depth + 1; d++)
        check_whole(model, begin + d * 8, knot->begin[d] + 1, "begin");
    for (uint64_t d = 0; d <= knot->depth; d++)
        check_whole(model, cell + d * 8, knot->cell[d] + 1, "cell");
    struct copy const c = copy_of(model);
    uint64_t const until = k + 1 < model->n_knots ? knot[1].until + 1 : UINT64_MAX - 1;
    memcpy((char *)c.model + at + offsetof(struct bl23_cover_knot, until), &until, sizeof until);
    check_that(until == 0 || bl23_model_fault(c.model, c.bytes) != NULL, "until = %llu",
               (unsigned long long)until);
    free(c.model);
}

static uint32_t *prefix_of(struct bl23_model *model, uint64_t c, int d)
{
    return d == BL23_CELL_G ? (uint32_t *)bl23_cover_g(model) + c
                            : (uint32_t *)bl23_cover_w(model)[c].prefix + d;
}

/* A prefix of a cell without its mark or of another length, and a above b. */
static void check_cell(struct bl23_model const *model, uint64_t c)
{
    uint32_t const wrong[] = {0, 1};
    for (int d = 0; d < (bl23_cover_g(model) ? BL23_CELL_WORDS : BL23_CELL_G); d++)
        for (size_t k = 0; k < sizeof wrong / sizeof wrong[0]; k++) {
            struct copy const copy = copy_of(model);
            uint32_t *const prefix = prefix_of(copy.model, c, d);
            bool const same = *prefix == wrong[k];
            *prefix = wrong[k];
            check_that(same || bl23_model_fault(copy.model, copy.bytes) != NULL,
                       "prefix %d of cell %llu is %#x", d, (unsigned long long)c, wrong[k]);
            free(copy.model);
        }
    struct copy const copy = copy_of(model);
    uint32_t *const a = prefix_of(copy.model, c, BL23_CELL_A);
    uint32_t *const b = prefix_of(copy.model, c, BL23_CELL_B);
    uint32_t const was = *a;
    *a = *b;
    *b = was;
    check_that(*a == *b || bl23_model_fault(copy.model, copy.bytes) != NULL,
               "cell %llu has a above b", (unsigned long long)c);
    free(copy.model);
}

/* Strips of a word that another one has, thinner than the depth of the cell says, too steep. */
static void check_shear(struct bl23_model const *model, uint64_t c)
{
    for (int k = 0; k < 3 * BL23_SHEAR_WORDS; k++) {
        struct copy const copy = copy_of(model);
        struct bl23_shear *const shear = (struct bl23_shear *)bl23_cover_shears(copy.model) + c;
        int const n = k / 3;
        if (k % 3 == 0)
            shear->word[n] = (uint8_t)(n == 0 ? BL23_CELL_G : shear->word[n - 1]);
        else if (k % 3 == 1)
            shear->extra[n]++;
        else
            shear->slope[n] = k % 2 == 0 ? BL23_SLOPE_ONE + 1 : INT32_MIN;
        check_that(bl23_model_fault(copy.model, copy.bytes) != NULL, "fault %d of the strips %llu",
                   k, (unsigned long long)c);
        free(copy.model);
    }
}

static void test_strips(void **state)
{
    (void)state;
    struct bl23_survey s;
    plain_survey_parse("survey: {samples: 1000, seed: 7, mass_gev: {fixed: 0.14}, g_bl: {fixed: 1},"
                       " draw: cover, cover: {cells: 1000}}\nconstraints: {extra: [{name: a, "
                       "observable: br_kp_pip, upper: 1e-6, cl: 0.9, cite: x}]}\n",
                       &s);
    struct bl23_cover const *const cover = bl23_model_cover(s.model);
    size_t const size = bl23_model_size(s.model);
    check_that(bl23_model_fault(s.model, size) == NULL, "strips are refused");
    assert_int_equal(cover->knot[0].sheared, 1);
    size_t const at = bl23_model_bytes(1) + sizeof *cover;
    check_whole(s.model, at, (uint64_t)2 << 32 | cover->knot[0].depth, "sheared");
    check_whole(s.model, at, cover->knot[0].depth, "sheared");
    for (uint64_t c = 0; c < cover->n_cells; c += 17)
        check_shear(s.model, c);
    bl23_survey_free(&s);
}

static void test_cover(void **state)
{
    (void)state;
    int covers = 0;
    for (size_t m = 0; m < PLAIN_SURVEY_MODES; m++) {
        struct bl23_survey s;
        plain_survey_parse(plain_survey_modes[m][1], &s);
        struct bl23_model const *const model = s.model;
        for (uint64_t k = 0; model->cover_bytes > 0 && k < model->n_knots; k++)
            check_cover_knot(model, k);
        for (uint64_t c = 0; model->cover_bytes > 0 && c < bl23_model_cover(model)->n_cells;
             c += 17)
            check_cell(model, c);
        if (model->cover_bytes > 0) {
            WHOLE(model, cover_bytes, model->cover_bytes + 8);
            WHOLE(model, w_mode, BL23_W_FIXED);
            check_whole(model, bl23_model_bytes(model->n_knots),
                        bl23_model_cover(model)->n_cells + 1, "n_cells");
            covers++;
        }
        bl23_survey_free(&s);
    }
    check_that(covers == 3, "%d of the modes have a cover", covers);
}

static void check_reduction(struct bl23_reduction const *good, size_t offset, uint64_t value,
                            char const *what)
{
    struct bl23_reduction r = *good;
    memcpy((char *)&r + offset, &value, sizeof value);
    check_that(bl23_reduction_fault(&r) != NULL, "%s = %llu", what, (unsigned long long)value);
}

static void test_reduction(void **state)
{
    (void)state;
    struct bl23_survey s;
    uint64_t nan_bits, inf_bits;
    memcpy(&nan_bits, &not_a_number, sizeof nan_bits);
    memcpy(&inf_bits, &infinite, sizeof inf_bits);
    plain_survey_load("fig3", &s);
    s.reduction.n_histograms_2d = BL23_HISTOGRAMS_2D;
    assert_null(bl23_reduction_fault(&s.reduction));
    check_reduction(&s.reduction, offsetof(struct bl23_reduction, nearest), UINT64_MAX, "nearest");
    check_reduction(&s.reduction, offsetof(struct bl23_reduction, cutflow_every), 0, "every");
    check_reduction(&s.reduction, offsetof(struct bl23_reduction, n_histograms_2d),
                    BL23_HISTOGRAMS_2D + 1, "n_histograms_2d");
    for (size_t k = 0; k < (size_t)2 * BL23_HISTOGRAMS_2D; k++)
        check_reduction(&s.reduction, offsetof(struct bl23_reduction, histogram_2d) + k * 8,
                        BL23_HISTOGRAM_AXES, "histogram_2d");
    for (size_t axis = 0; axis < BL23_HISTOGRAM_AXES; axis++) {
        size_t const bins = offsetof(struct bl23_reduction, bins) + axis * 8;
        check_reduction(&s.reduction, bins, 0, "bins");
        check_reduction(&s.reduction, bins, BL23_BINS_MAX + 1, "bins");
        check_reduction(&s.reduction, bins, UINT64_MAX, "bins");
        for (size_t k = 0; k <= s.reduction.bins[axis]; k++) {
            size_t const edge = offsetof(struct bl23_reduction, edge[axis]) + k * 8;
            check_reduction(&s.reduction, edge, nan_bits, "edge");
            check_reduction(&s.reduction, edge, inf_bits, "edge");
        }
    }
    bl23_survey_free(&s);
}

int main(void)
{
    struct CMUnitTest const tests[] = {
        cmocka_unit_test(test_good),   cmocka_unit_test(test_whole_numbers),
        cmocka_unit_test(test_draws),  cmocka_unit_test(test_real_numbers),
        cmocka_unit_test(test_row),    cmocka_unit_test(test_cover),
        cmocka_unit_test(test_strips), cmocka_unit_test(test_reduction)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
