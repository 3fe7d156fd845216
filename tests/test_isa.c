/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* Every loop runs on the instruction set that was asked for, and on no other: by the calls that the
 * compiled copies count, not by results, which are the same on all. */
#include <stdlib.h>

#include "kernels/backend.h"
#include "kernels/lanes/isa.h"
#include "kernels/lanes/philox_products.h"
#include "kernels/lanes/point_rows.h"
#include "kernels/lanes/record_rows.h"
#include "tests/check.h"
#include "tests/plain_survey.h"

/* The choice by BL23_ISA, before anything else of the process has made one. */
static void test_environment(void **state)
{
    (void)state;
    struct bl23_error error = {BL23_OK, ""};
    char const *const words[] = {"BL23_ISA must be", "generic", "got 'mmx'", NULL};
    assert_int_equal(setenv("BL23_ISA", "mmx", 1), 0);
    check_refused(bl23_isa_check(&error), &error, "mmx", words);
    check_that(bl23_isa_chosen() == bl23_isa_best(), "mmx counts as none");
    assert_int_equal(setenv("BL23_ISA", "generic", 1), 0);
    check_that(bl23_isa_chosen() == BL23_ISA_generic, "BL23_ISA=generic gives %s",
               bl23_isa_name(bl23_isa_chosen()));
    check_that(bl23_isa_check(NULL) == BL23_OK, "generic is always there");
    assert_int_equal(setenv("BL23_ISA", "mmx", 1), 0);
    check_that(bl23_isa_check(NULL) == BL23_OK, "the choice is made once");
}

/* A survey that drops survivors by their hash, then records, points and products. */
static void use_every_loop(struct bl23_survey const *s)
{
    struct bl23_backend_options const options = {.threads = 2};
    struct bl23_backend_state *state;
    struct bl23_results results;
    struct bl23_error error = {BL23_OK, ""};
    struct bl23_record record[2];
    uint64_t const index[2] = {1, 1 << 20};
    assert_int_equal(bl23_results_init(&results, s->model->n_knots, s->model->seed, &s->reduction),
                     BL23_OK);
    check_ok(bl23_backend_cpu.open(s->model, &s->reduction, &options, &state, &error), &error,
             "open");
    check_ok(bl23_backend_cpu.run(state, 0, 1 << 20, &results, &error), &error, "run");
    bl23_backend_cpu.close(state);
    check_that(results.tallies.passed > s->reduction.max_survivors,
               "too few survivors to drop any");
    assert_int_equal(bl23_results_sort(&results), BL23_OK);
    bl23_results_free(&results);
    bl23_records(s->model, index, 2, record);
    struct bl23_knot const *const knot[1] = {s->model->knot};
    double const w[1][6] = {{1.0, 0.0, 0.0, 0.0, 0.0, 0.0}};
    struct bl23_point_values point[1];
    bl23_points_fill(s->model, &(struct bl23_point_rows){.knot = knot, .w = w[0]}, 0, 1, point);
    assert_true(bl23_products(1) > 0);
}

static void test_loops(void **state)
{
    (void)state;
    static char const *const loops[BL23_LOOPS] = {"ranges", "hashes", "records", "products",
                                                  "points"};
    struct bl23_survey s;
    plain_survey_load("today", &s);
    s.reduction.max_survivors = 100;
    for (enum bl23_isa asked = 0; asked < BL23_ISAS; asked++) {
        uint64_t before[BL23_ISAS][BL23_LOOPS];
        if (bl23_isa_choose(bl23_isa_name(asked), NULL) != BL23_OK) {
            print_message("[  INFO    ] %s is not here\n", bl23_isa_name(asked));
            continue;
        }
        for (enum bl23_isa isa = 0; isa < BL23_ISAS; isa++)
            for (enum bl23_isa_loop loop = 0; loop < BL23_LOOPS; loop++)
                before[isa][loop] = bl23_isa_calls(isa, loop);
        use_every_loop(&s);
        for (enum bl23_isa isa = 0; isa < BL23_ISAS; isa++)
            for (enum bl23_isa_loop loop = 0; loop < BL23_LOOPS; loop++) {
                uint64_t const calls = bl23_isa_calls(isa, loop) - before[isa][loop];
                check_that((calls > 0) == (isa == asked), "asked for %s: %s by %s: %llu calls",
                           bl23_isa_name(asked), loops[loop], bl23_isa_name(isa),
                           (unsigned long long)calls);
            }
    }
    bl23_survey_free(&s);
}

int main(void)
{
    struct CMUnitTest const tests[] = {cmocka_unit_test(test_environment),
                                       cmocka_unit_test(test_loops)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
