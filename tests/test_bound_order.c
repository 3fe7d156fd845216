/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* What is proven and what is reached: planted contradictions are errors, and rounding is none. */
#include <math.h>
#include <string.h>

#include "host/bound/bound_ranges.h"
#include "tests/check.h"

static double const infinite = (double)INFINITY, no_number = (double)NAN;

/* (g-2)_mu excludes what the limits on B mesons leave, and a K_L is asked for: all questions but
 * the relief of some K. */
static char const config_text[] =
    "survey: {samples: 1, mass_gev: {list: [0.13, 0.14]}}\n"
    "constraints: {sets: [b_invisible_2021], extra: [{name: muon, observable: delta_a_mu, "
    "central: 250e-11, sigma: 30e-11, cite: x}, {name: kaon, observable: br_kl_pi0, "
    "band_1sigma: [1e-9, 2e-9], band_2sigma: [4e-10, 6e-9], cite: x}]}\n";

static void test_order_of_numbers(void **state)
{
    (void)state;
    struct {
        double lower, upper, size;
        bool holds;
    } const cases[] = {{1.0, 2.0, 2.0, true},
                       {1.0, 1.0, 1.0, true},
                       {1.0 + 5e-13, 1.0, 1.0, true},
                       {1.0 + 2e-12, 1.0, 1.0, false},
                       {2e-12, 0.0, 1.0, false},
                       {5e-13, 0.0, 1.0, true},
                       {1e-300, 0.0, 0.0, false},
                       {2.0, 1.0, 1.0, false},
                       {1e30, infinite, infinite, true},
                       {infinite, 1.0, 1.0, false},
                       {no_number, 1.0, 1.0, false},
                       {1.0, no_number, no_number, false}};
    for (size_t k = 0; k < sizeof cases / sizeof cases[0]; k++)
        check_that(bl23_bound_in_order(cases[k].lower, cases[k].upper, cases[k].size) ==
                       cases[k].holds,
                   "case %zu: %g, %g of size %g", k, cases[k].lower, cases[k].upper, cases[k].size);
}

static void check_extremes(double low, double low_reached, double high_reached, double high,
                           bool holds)
{
    struct bl23_bound_extreme const smallest = {.proven = low, .reached = low_reached};
    struct bl23_bound_extreme const largest = {.proven = high, .reached = high_reached};
    check_that(bl23_bound_extremes_in_order(&smallest, &largest) == holds,
               "proven %g .. %g, reached %g .. %g", low, high, low_reached, high_reached);
}

static void test_order_of_ranges(void **state)
{
    (void)state;
    check_extremes(-2.0, -1.0, 3.0, 4.0, true);
    check_extremes(-2.0, -2.0 - 1e-13, 4.0 + 1e-13, 4.0, true);
    check_extremes(-2.0, -2.1, 3.0, 4.0, false);
    check_extremes(-2.0, -1.0, 4.1, 4.0, false);
    check_extremes(-2.0, 3.0, 1.0, 4.0, false);
    check_extremes(-2.0, no_number, 1.0, 4.0, false);
}

static void open_run(struct bl23_bound_run *run)
{
    struct bl23_config *config = NULL;
    struct bl23_error error = {BL23_OK, ""};
    check_ok(bl23_config_parse("text", config_text, strlen(config_text), &config, &error), &error,
             "configuration");
    check_ok(bl23_bound_run_open(config, run, &error), &error, "open");
    check_ok(bl23_bound_run_ask(run, &error), &error, "ask");
}

/* Refused with mass and question, by the one check and so by the verification that asks it. */
static void check_contradiction(struct bl23_bound_run const *run, char const *question)
{
    struct bl23_error error = {BL23_OK, ""};
    check_that(bl23_bound_run_in_order(run, 1, &error) == BL23_ERROR_FAILED &&
                   strstr(error.text, "0.14 GeV") && strstr(error.text, question),
               "%s: '%s'", question, error.text);
    error = (struct bl23_error){BL23_OK, ""}; /* the first one is kept */
    check_that(bl23_bound_run_verify(run, &error) == BL23_ERROR_FAILED &&
                   strstr(error.text, question) && strstr(error.text, "but a row reaches"),
               "%s verified: '%s'", question, error.text);
}

static void test_planted_contradictions(void **state)
{
    (void)state;
    static char const *const questions[BL23_BOUND_QUESTIONS] = {
        [BL23_BOUND_TENSION] = "least tension",
        [BL23_BOUND_LARGEST_G] = "largest g",
        [BL23_BOUND_SMALLEST_G] = "smallest g",
        [BL23_BOUND_RELIEF + BL23_QUANTITY_IM_DS2] = "relief of Im H_ds",
        [BL23_BOUND_RELIEF + BL23_QUANTITY_ABS_DS2] = "relief of H_ds",
        [BL23_BOUND_RELIEF + BL23_QUANTITY_ABS_DB2] = "relief of H_db",
        [BL23_BOUND_RELIEF + BL23_QUANTITY_ABS_SB2] = "relief of H_sb"};
    struct bl23_bound_run run;
    struct bl23_error error = {BL23_OK, ""};
    int asked = 0;
    open_run(&run);
    check_that(run.knot[1].state == BL23_BOUND_excluded, "the mass is excluded");
    for (int q = 0; q < BL23_BOUND_QUESTIONS; q++) {
        struct bl23_bound_answer *const a = &run.knot[1].answer[q];
        double const lower = a->lower;
        if (!run.knot[1].asked[q] || isinf(a->upper))
            continue;
        asked++;
        check_that(lower > 0.0 && lower <= a->upper * (1.0 + 1e-12), "%s: %.17g, %.17g",
                   questions[q], lower, a->upper);
        a->lower = a->upper * (1.0 + 1e-9);
        check_contradiction(&run, questions[q]);
        a->lower = no_number;
        check_contradiction(&run, questions[q]);
        a->lower = lower;
        check_ok(bl23_bound_run_in_order(&run, 1, &error), &error, "%s again", questions[q]);
    }
    check_that(asked >= 4, "%d questions make a poor test", asked);
    check_ok(bl23_bound_run_verify(&run, &error), &error, "as they were");
    bl23_bound_run_close(&run);
}

int main(void)
{
    struct CMUnitTest const tests[] = {cmocka_unit_test(test_order_of_numbers),
                                       cmocka_unit_test(test_order_of_ranges),
                                       cmocka_unit_test(test_planted_contradictions)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
