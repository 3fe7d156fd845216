/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* The CPU backend against the plain loop over bl23_record_of, bit for bit: instruction sets,
 * threads, splits of the range, and its far end. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kernels/backend.h"
#include "kernels/lanes/isa.h"
#include "kernels/lanes/record_rows.h"
#include "tests/check.h"
#include "tests/plain_survey.h"

#if defined(__SANITIZE_ADDRESS__) /* ten times slower */
enum { SAMPLES = 60000 };
#else
enum { SAMPLES = 300000 };
#endif

static char const *const isas[] = {"generic", "avx2", "avx512", "neon"};
enum { ISAS = sizeof isas / sizeof isas[0] };

static struct bl23_backend const *const cpu = &bl23_backend_cpu;

/* Open, or NULL where this processor or build has no such instruction set. */
static struct bl23_backend_state *try_open(struct bl23_survey const *s, char const *isa,
                                           unsigned threads)
{
    struct bl23_backend_options const options = {.threads = threads};
    struct bl23_backend_state *state = NULL;
    struct bl23_error error = {BL23_OK, ""};
    char const *const words[] = {"BL23_ISA must be", isa, NULL};
    enum bl23_status const status = bl23_isa_choose(isa, &error);
    if (status != BL23_OK) {
        check_refused(status, &error, isa, words);
        check_that(strcmp(isa, "generic") != 0, "%s must always be there", isa);
        return NULL;
    }
    check_ok(cpu->open(s->model, &s->reduction, &options, &state, &error), &error, "%s", isa);
    check_that(strcmp(cpu->describe(state), isa) == 0, "asked for %s, got %s", isa,
               cpu->describe(state));
    return state;
}

/* The range in pieces of `step` samples, into one set of results. */
static void run_pieces(struct bl23_backend_state *state, struct bl23_range range, uint64_t step,
                       struct bl23_results *results)
{
    for (uint64_t at = 0; at < range.count; at += step) {
        struct bl23_error error = {BL23_OK, ""};
        uint64_t const count = range.count - at < step ? range.count - at : step;
        check_ok(cpu->run(state, range.first + at, count, results, &error), &error,
                 "samples %llu + %llu", (unsigned long long)(range.first + at),
                 (unsigned long long)count);
    }
}

/* How one comparison runs. */
struct way {
    char const *name, *isa;
    unsigned threads;
    uint64_t step;
};

static void compare(struct bl23_survey const *s, struct bl23_range range,
                    struct bl23_results const *expected, struct way way)
{
    struct bl23_backend_state *const state = try_open(s, way.isa, way.threads);
    struct bl23_results found;
    char what[256];
    if (!state) {
        print_message("[  INFO    ] %s is not here: not compared\n", way.isa);
        return;
    }
    assert_int_equal(bl23_results_init(&found, s->model->n_knots, s->model->seed, &s->reduction),
                     BL23_OK);
    run_pieces(state, range, way.step, &found);
    assert_int_equal(bl23_results_sort(&found), BL23_OK);
    snprintf(what, sizeof what, "%s, %s, %u threads, samples %llu + %llu by %llu", way.name,
             way.isa, way.threads, (unsigned long long)range.first, (unsigned long long)range.count,
             (unsigned long long)way.step);
    plain_survey_compare(&found, expected, what);
    bl23_results_free(&found);
    cpu->close(state);
}

/* Every instruction set, threads 1, 2 and 7, and pieces down to a handful of samples. */
static void compare_all(struct bl23_survey const *s, struct bl23_range range, char const *name)
{
    static uint64_t const steps[2 + ISAS] = {UINT64_MAX, 65536 + 1, 4096, 1000, 37, 129};
    struct bl23_results expected;
    plain_survey_run(s->model, &s->reduction, range, &expected);
    print_message("[  INFO    ] %s: samples %llu + %llu, %llu survivors\n", name,
                  (unsigned long long)range.first, (unsigned long long)range.count,
                  (unsigned long long)expected.tallies.passed);
    for (int k = 0; k < ISAS; k++) {
        compare(s, range, &expected, (struct way){name, isas[k], 1, steps[0]});
        compare(s, range, &expected, (struct way){name, isas[k], 2, steps[1]});
        compare(s, range, &expected, (struct way){name, isas[k], 7, steps[0]});
        compare(s, range, &expected, (struct way){name, isas[k], 1, steps[2 + k]});
    }
    bl23_results_free(&expected);
}

static void test_shipped(void **state)
{
    (void)state;
    static char const *const names[] = {"fig3",  "open_question", "random_g",    "today",
                                        "charm", "scenario1",     "above_charm", "today_charm"};
    for (size_t k = 0; k < sizeof names / sizeof names[0]; k++) {
        struct bl23_survey s;
        plain_survey_load(names[k], &s);
        s.reduction.max_survivors = 5000; /* so that thinning has work to do */
        compare_all(&s, (struct bl23_range){4096 * 100 + 17, SAMPLES}, names[k]);
        bl23_survey_free(&s);
    }
}

static void test_modes(void **state)
{
    (void)state;
    for (size_t k = 0; k < PLAIN_SURVEY_MODES; k++) {
        struct bl23_survey s;
        plain_survey_parse(plain_survey_modes[k][1], &s);
        compare_all(&s, (struct bl23_range){12345, 40000}, plain_survey_modes[k][0]);
        bl23_survey_free(&s);
    }
}

/* Up to and including sample 2^63, and around 2^32, where the high word of the counter changes. */
static void test_far_ends(void **state)
{
    (void)state;
    static struct bl23_range const ranges[] = {{(UINT64_C(1) << 63) - 100000, 100001},
                                               {(UINT64_C(1) << 32) - 5000, 10000}};
    static char const *const names[] = {"fig3", "random_g"};
    for (size_t k = 0; k < 2; k++)
        for (size_t r = 0; r < 2; r++) {
            struct bl23_survey s;
            plain_survey_load(names[k], &s);
            compare_all(&s, ranges[r], names[k]);
            bl23_survey_free(&s);
        }
}

/* Many survivors at the very limit, with equal rates: the extremum is the first of them. */
static void test_equal_extrema(void **state)
{
    (void)state;
    struct bl23_survey s;
    plain_survey_load("open_question_limits", &s);
    compare_all(&s, (struct bl23_range){0, 40000}, "open_question_limits");
    bl23_survey_free(&s);
}

/* Single samples and pieces around the edges of batches and tiles. */
static void test_splits(void **state)
{
    (void)state;
    static uint64_t const firsts[] = {0, 1, 255, 256, 4095, 4096, 8191, 12288};
    static uint64_t const counts[] = {1, 2, 255, 256, 257, 4095, 4096, 4097, 9000};
    struct bl23_survey s;
    plain_survey_load("fig3", &s);
    for (size_t i = 0; i < sizeof firsts / sizeof firsts[0]; i++)
        for (size_t j = 0; j < sizeof counts / sizeof counts[0]; j++) {
            struct bl23_range const range = {firsts[i], counts[j]};
            struct bl23_results expected;
            plain_survey_run(s.model, &s.reduction, range, &expected);
            for (int k = 0; k < ISAS; k++)
                compare(&s, range, &expected, (struct way){"fig3", isas[k], 2, 4096});
            compare(&s, range, &expected, (struct way){"fig3", "generic", 1, 1});
            bl23_results_free(&expected);
        }
    bl23_survey_free(&s);
}

static void test_unknown_isa(void **state)
{
    (void)state;
    struct bl23_survey s;
    plain_survey_load("fig3", &s);
    check_that(!try_open(&s, "sse9", 1), "sse9 was accepted");
    check_that(!try_open(&s, "", 1), "an empty name was accepted");
    bl23_survey_free(&s);
}

/* The records of many samples are those of the plain function, in every mode. */
static void check_records(char const *isa)
{
    enum { RECORDS = 300 };
    for (size_t k = 0; k < PLAIN_SURVEY_MODES; k++) {
        struct bl23_survey s;
        static struct bl23_record found[RECORDS];
        static uint64_t index[RECORDS];
        plain_survey_parse(plain_survey_modes[k][1], &s);
        for (uint64_t i = 0; i < RECORDS; i++)
            index[i] = i * i * UINT64_C(1000003);
        bl23_records(s.model, index, RECORDS, found);
        for (size_t i = 0; i < RECORDS; i++) {
            struct bl23_record expected;
            memset(&expected, 0, sizeof expected);
            bl23_record_of(s.model, index[i], &expected);
            check_that(memcmp(&found[i], &expected, sizeof expected) == 0,
                       "%s, %s: the record of sample %llu", isa, plain_survey_modes[k][0],
                       (unsigned long long)index[i]);
        }
        bl23_survey_free(&s);
    }
}

static void test_records(void **state)
{
    (void)state;
    for (enum bl23_isa isa = 0; isa < BL23_ISAS; isa++)
        if (bl23_isa_choose(bl23_isa_name(isa), NULL) == BL23_OK)
            check_records(bl23_isa_name(isa));
}

int main(void)
{
    struct CMUnitTest const tests[] = {
        cmocka_unit_test(test_shipped),  cmocka_unit_test(test_modes),
        cmocka_unit_test(test_far_ends), cmocka_unit_test(test_equal_extrema),
        cmocka_unit_test(test_splits),   cmocka_unit_test(test_unknown_isa),
        cmocka_unit_test(test_records)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
