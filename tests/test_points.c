/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* Whole points, from inputs through model and verdict to rates, against two independent tables. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kernels/sample/verdict.h"
#include "tests/check.h"
#include "tests/csv_point.h"

#define AMPLITUDE_RELATIVE 1e-10
#define RATE_RELATIVE 1e-9
#define GROSSMAN_NIR 4.3
#define GROSSMAN_NIR_MASS_MAX_GEV 0.22

enum { PAPER_MODES = BL23_MODE_br_bp_kstp + 1 };

static char const *const amplitude_columns[BL23_LOOP_FORMS] = {"h_ds_re", "h_ds_im", "h_db_re",
                                                               "h_db_im", "h_sb_re", "h_sb_im"};
static char const *const mode_columns[BL23_MODES] = {
#define NAME(name, unit, text, quantity) #name,
    BL23_MODE_LIST(NAME)
#undef NAME
};
static enum bl23_quantity const mode_quantities[BL23_MODES] = {
#define QUANTITY(name, unit, text, quantity) BL23_QUANTITY_##quantity,
    BL23_MODE_LIST(QUANTITY)
#undef QUANTITY
};

/* The model of one row, with Ball-Zwicky form factors. */
static struct bl23_model *model_of(struct csv const *csv, size_t row, char const *preset)
{
    struct bl23_error error = {BL23_OK, ""};
    struct bl23_inputs inputs;
    check_ok(bl23_inputs_preset(preset, &inputs, &error), &error, "%s", preset);
    check_ok(bl23_inputs_set(&inputs, "form_factors", "bz2004", &error), &error, "bz2004");
    return csv_point_model(csv, row, &inputs);
}

static void compare_rates(struct csv const *csv, size_t row, struct bl23_model const *model,
                          double const s[BL23_QUANTITIES], double rate[BL23_MODES])
{
    struct bl23_knot const *const knot = &model->knot[0];
    double const g2 = model->g_min * model->g_min;
    for (int mode = 0; mode < PAPER_MODES; mode++) {
        double const expected = csv_double(csv, row, mode_columns[mode]);
        rate[mode] = knot->kappa[mode] * g2 * s[mode_quantities[mode]];
        check_relative(rate[mode], expected, RATE_RELATIVE, "row %zu, m = %s: %s", row,
                       csv_text(csv, row, "m_gev"), mode_columns[mode]);
        if (expected == 0.0)
            check_exact(knot->kappa[mode], 0.0, "row %zu, m = %s: kappa of the closed %s", row,
                        csv_text(csv, row, "m_gev"), mode_columns[mode]);
    }
    check_relative(knot->delta_a_mu_per_g2 * g2, csv_double(csv, row, "delta_a_mu"), RATE_RELATIVE,
                   "row %zu, m = %s: delta_a_mu", row, csv_text(csv, row, "m_gev"));
}

/* BR(K_L) < 4.3 BR(K+) for a light Z'. Above 0.22 GeV the phase space of K+ -> pi+ closes faster,
 * and the factor of a point may be larger (test_rates.c). */
static bool check_grossman_nir(struct csv const *csv, size_t row, double const rate[BL23_MODES])
{
    double const neutral = rate[BL23_MODE_br_kl_pi0], charged = rate[BL23_MODE_br_kp_pip];
    if (csv_double(csv, row, "m_gev") > GROSSMAN_NIR_MASS_MAX_GEV)
        return false;
    check_that(neutral < GROSSMAN_NIR * charged, "row %zu, m = %s: BR(K_L) %g, BR(K+) %g", row,
               csv_text(csv, row, "m_gev"), neutral, charged);
    return true;
}

/* True if the Grossman-Nir bound was tested too. */
static bool compare_row(struct csv const *csv, size_t row, char const *preset)
{
    struct bl23_model *const model = model_of(csv, row, preset);
    double h[BL23_FORMS], s[BL23_QUANTITIES], rate[BL23_MODES];
    bl23_amplitudes(&model->knot[0], BL23_ALL_FORMS, model->w.monomial, h);
    bl23_quantities(&model->knot[0], BL23_ALL_QUANTITIES, h, s);
    for (int r = 0; r < BL23_LOOP_FORMS; r++)
        check_relative(h[r], csv_double(csv, row, amplitude_columns[r]), AMPLITUDE_RELATIVE,
                       "%s, row %zu, m = %s: %s", preset, row, csv_text(csv, row, "m_gev"),
                       amplitude_columns[r]);
    compare_rates(csv, row, model, s, rate);
    bool const light = check_grossman_nir(csv, row, rate);
    free(model);
    return light;
}

static void test_points_of_the_paper(void **state)
{
    (void)state;
    struct csv *const csv = csv_open("points.csv");
    check_that(csv_rows(csv) >= 9, "%zu rows", csv_rows(csv));
    for (size_t row = 0; row < csv_rows(csv); row++)
        check_that(compare_row(csv, row, "pdg2018"), "row %zu is too heavy", row);
    csv_close(csv);
}

static void test_more_points(void **state)
{
    (void)state;
    struct csv *const csv = csv_open("points_more.csv");
    size_t closed = 0, of_2024 = 0, light = 0;
    for (size_t row = 0; row < csv_rows(csv); row++) {
        char const *const preset = csv_text(csv, row, "inputs");
        light += compare_row(csv, row, preset);
        closed += csv_double(csv, row, "br_kl_pi0") == 0.0;
        of_2024 += strcmp(preset, "pdg2024") == 0;
    }
    check_that(closed > 0 && light > 0, "%zu rows have a closed mode, %zu are light", closed,
               light);
    check_that(of_2024 > 0 && of_2024 < csv_rows(csv), "%zu of %zu rows are of pdg2024", of_2024,
               csv_rows(csv));
    csv_close(csv);
}

int main(void)
{
    struct CMUnitTest const tests[] = {
        cmocka_unit_test(test_points_of_the_paper),
        cmocka_unit_test(test_more_points),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
