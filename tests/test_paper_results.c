/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* The results printed in the text of the paper, Eqs. (4.10)-(4.12), (4.15), (A4), out of
 * paper_results.csv. Scenario I drops g_R, so that H_ds = A_ds. */
#include <math.h>
#include <string.h>

#include "tests/check.h"
#include "tests/csv.h"

#include "kernels/sample/verdict.h"
#include "tables/physics/loop_tables.h"
#include "tables/physics/rates.h"

static struct bl23_inputs inputs;

static struct bl23_loop_table table_at(struct bl23_dd mass)
{
    struct bl23_loop_context context;
    struct bl23_loop_table table;
    bl23_loop_context_build(&inputs, 1.0, &context);
    if (bl23_loop_table_compute(&context, mass, &table) != BL23_OK)
        fail_msg("no table at %g GeV", mass.hi);
    return table;
}

/* BR/g^2 in scenario I. */
static double rate(enum bl23_mode mode, struct bl23_dd mass)
{
    struct bl23_loop_table const t = table_at(mass);
    double const im = t.a[BL23_DS][1], re = t.a[BL23_DS][0];
    double const s = mode == BL23_MODE_br_kl_pi0 ? im * im : re * re + im * im;
    return bl23_dd_round(bl23_rate_kappa(&inputs, mode, mass)) * s;
}

/* |found - printed| in half units of the last printed digit. */
static double half_units(struct csv const *csv, size_t row, double found)
{
    return fabs(found - csv_double(csv, row, "printed")) / csv_double(csv, row, "half_unit");
}

static void check_row(struct csv const *csv, size_t row, char const *equation, double found)
{
    check_that(strstr(csv_text(csv, row, "equation"), equation) != NULL, "row %zu is no %s", row,
               equation);
    check_that(half_units(csv, row, found) <= 1.0, "(%s), row %zu: found %.6g, printed %s",
               equation, row, found, csv_text(csv, row, "printed"));
}

static void test_scenario_1(void **state)
{
    (void)state;
    struct csv *const csv = csv_open("paper_results.csv");
    struct bl23_dd const m_pi0 = inputs.m_pi0, loophole = bl23_dd_parse("0.128", NULL);
    double const br = rate(BL23_MODE_br_kl_pi0, m_pi0) * 1e-6;
    check_that(br > csv_double(csv, 0, "low") && br < csv_double(csv, 0, "high"),
               "(4.10): found %.6g, expected %s to %s", br, csv_text(csv, 0, "low"),
               csv_text(csv, 0, "high"));
    check_row(csv, 1, "4.11", sqrt(0.9e-9 / rate(BL23_MODE_br_kp_pip, m_pi0)));
    check_row(csv, 2, "4.11", sqrt(5.6e-8 / rate(BL23_MODE_br_kp_pip, m_pi0)));
    static double const koto[4] = {1.0e-9, 0.4e-9, 4.1e-9, 6.2e-9};
    for (size_t k = 0; k < 4; k++)
        check_row(csv, 3 + k, "4.12", sqrt(koto[k] / rate(BL23_MODE_br_kl_pi0, loophole)));
    csv_close(csv);
}

/* BR(K_L) of w = (0, 1, e^{i theta})/sqrt 2 at 128 MeV and g = 1e-3. */
static double br_at_angle(double theta_pi)
{
    struct bl23_dd const mass = bl23_dd_parse("0.128", NULL);
    struct bl23_loop_table const t = table_at(mass);
    double const phase = theta_pi * bl23_dd_pi.hi;
    double const *const im = t.form[1];
    double const h = 0.5 * (im[1] + im[2] + im[7] * cos(phase) + im[8] * sin(phase));
    return bl23_dd_round(bl23_rate_kappa(&inputs, BL23_MODE_br_kl_pi0, mass)) * 1e-6 * h * h;
}

static void test_benchmark_angle(void **state)
{
    (void)state;
    struct csv *const csv = csv_open("paper_results.csv");
    double const printed = csv_double(csv, 7, "printed"), half = csv_double(csv, 7, "half_unit");
    double const below = br_at_angle(printed - half), above = br_at_angle(printed + half);
    check_that((below - 2.1e-9) * (above - 2.1e-9) < 0.0,
               "(4.15): BR(K_L) is %.4g at %.4g pi and %.4g at %.4g pi, and never 2.1e-9 between",
               below, printed - half, above, printed + half);
    csv_close(csv);
}

static void test_dark_photon_check(void **state)
{
    (void)state;
    struct csv *const csv = csv_open("paper_results.csv");
    struct bl23_loop_table const t = table_at(inputs.m_pi0);
    double const re = t.left_diagonal[BL23_DS][0] + t.right_diagonal[BL23_DS][0];
    double const im = t.left_diagonal[BL23_DS][1] + t.right_diagonal[BL23_DS][1];
    check_row(csv, 8, "A4", hypot(re, im) / (16.0 * bl23_dd_pi.hi * bl23_dd_pi.hi));
    csv_close(csv);
}

int main(void)
{
    if (bl23_inputs_preset("pdg2018", &inputs, NULL) != BL23_OK)
        return 1;
    struct CMUnitTest const tests[] = {cmocka_unit_test(test_scenario_1),
                                       cmocka_unit_test(test_benchmark_angle),
                                       cmocka_unit_test(test_dark_photon_check)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
