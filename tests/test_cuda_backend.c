/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* The CUDA backend on the shim of tests/cuda_shim against the CPU backend, bit for bit; what it
 * does when memory is short, when the device fails, and when the device is wrong. With the argument
 * `kernels` the former alone and on fewer samples, for other makes of the kernels. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cuda_runtime_api.h>

#include "kernels/backend.h"
#include "kernels/cuda/cuda_intake.h"
#include "tests/check.h"
#include "tests/plain_survey.h"

enum { OTHER_SAMPLES = 40000, FAULT_SAMPLES = 200000, SIDES_SAMPLES = 40 * BL23_TILE };
#if defined(__SANITIZE_ADDRESS__) /* ten times slower */
enum { SHIPPED_SAMPLES = 40000, FAULT_STEP = 801, MODE_STEP = 4, SIDES_STEP = 5, AUDIT_STEP = 5 };
#else
enum { SHIPPED_SAMPLES = 1000000, FAULT_STEP = 23, MODE_STEP = 1, SIDES_STEP = 1, AUDIT_STEP = 1 };
#endif

static uint64_t shipped_samples = SHIPPED_SAMPLES;

static struct bl23_backend const *const cpu = &bl23_backend_cpu, *const cuda = &bl23_backend_cuda;

/* The range in pieces of `step` samples, sorted; *results is initialised here. */
static enum bl23_status run(struct bl23_backend const *backend, struct bl23_survey const *s,
                            struct bl23_backend_options const *options, struct bl23_range range,
                            uint64_t step, struct bl23_results *results, struct bl23_error *error)
{
    struct bl23_backend_state *state = NULL;
    assert_int_equal(bl23_results_init(results, s->model->n_knots, s->model->seed, &s->reduction),
                     BL23_OK);
    enum bl23_status status = backend->open(s->model, &s->reduction, options, &state, error);
    for (uint64_t at = 0; status == BL23_OK && at < range.count; at += step) {
        uint64_t const count = range.count - at < step ? range.count - at : step;
        status = backend->run(state, range.first + at, count, results, error);
    }
    if (state)
        backend->close(state);
    assert_int_equal(bl23_results_sort(results), BL23_OK);
    return status;
}

/* Both backends on a range, the device in pieces. */
static void compare(struct bl23_survey const *s, struct bl23_range range, uint64_t step,
                    char const *name)
{
    struct bl23_backend_options const options = {.threads = 2};
    struct bl23_results expected, found;
    struct bl23_error error = {BL23_OK, ""};
    check_ok(run(cpu, s, &options, range, UINT64_MAX, &expected, &error), &error, "%s", name);
    check_ok(run(cuda, s, &options, range, step, &found, &error), &error, "%s", name);
    plain_survey_compare(&found, &expected, name);
    check_that(shim_memory_in_use() == 0, "%s: %zu bytes of device memory are not freed", name,
               shim_memory_in_use());
    bl23_results_free(&expected);
    bl23_results_free(&found);
}

static void test_shipped(void **state)
{
    (void)state;
    static char const *const names[] = {"fig3", "open_question", "random_g", "today"};
    for (unsigned k = 0; k < sizeof names / sizeof names[0]; k++) {
        struct bl23_survey s;
        plain_survey_load(names[k], &s);
        s.reduction.max_survivors = 5000; /* so that thinning has work to do */
        shim_reset();
        shim_faults.order_seed = k + 1;
        compare(&s, (struct bl23_range){4096 * 100 + 17, shipped_samples}, UINT64_MAX, names[k]);
        bl23_survey_free(&s);
    }
}

static void test_modes(void **state)
{
    (void)state;
    for (size_t k = 0; k < PLAIN_SURVEY_MODES; k += MODE_STEP) {
        struct bl23_survey s;
        plain_survey_parse(plain_survey_modes[k][1], &s);
        shim_reset();
        compare(&s, (struct bl23_range){12345, OTHER_SAMPLES}, 17001, plain_survey_modes[k][0]);
        bl23_survey_free(&s);
    }
}

/* Once extrema and lists of a survey have settled, single precision decides nearly all samples: few
 * of the survivors reach the verdict. Then the upper half of a third part before its lower half. */
static void sides_of(char const *name, struct bl23_survey *s)
{
    struct bl23_backend_options const options = {.threads = 1};
    struct bl23_backend_state *device = NULL;
    struct bl23_results found, expected;
    struct bl23_error error = {BL23_OK, ""};
    uint64_t const part = SIDES_SAMPLES, half = part / 2, first[] = {0, part, 2 * part + half};
    uint64_t seen[3], passed[3];
    shim_reset();
    check_ok(run(cpu, s, &options, (struct bl23_range){0, 3 * part}, UINT64_MAX, &expected, &error),
             &error, "%s", name);
    assert_int_equal(bl23_results_init(&found, s->model->n_knots, s->model->seed, &s->reduction),
                     BL23_OK);
    check_ok(cuda->open(s->model, &s->reduction, &options, &device, &error), &error, "%s", name);
    for (int k = 0; k < 3; k++) {
        check_ok(cuda->run(device, first[k], k < 2 ? part : half, &found, &error), &error, "%s",
                 name);
        seen[k] = bl23_cuda_candidates(device);
        passed[k] = found.tallies.passed;
    }
    check_ok(cuda->run(device, 2 * part, half, &found, &error), &error, "%s", name);
    cuda->close(device);
    check_that(4 * (seen[1] - seen[0]) < passed[1] - passed[0],
               "%s: of %llu survivors %llu are judged in double precision", name,
               (unsigned long long)(passed[1] - passed[0]),
               (unsigned long long)(seen[1] - seen[0]));
    assert_int_equal(bl23_results_sort(&found), BL23_OK);
    plain_survey_compare(&found, &expected, name);
    bl23_results_free(&expected);
    bl23_results_free(&found);
}

static void test_sides(void **state)
{
    (void)state;
    static char const *const names[] = {"fig3", "random_g_koto", "random_g_limits", "today"};
    for (unsigned k = 0; k < 2 * sizeof names / sizeof names[0]; k += SIDES_STEP) {
        unsigned const level = k % 2; /* and with or without a cut-flow */
        struct bl23_survey s;
        plain_survey_load(names[k / 2], &s);
        s.model->level = level;
        if (s.model->n_knots > 3) /* the first masses, so that few samples visit them all */
            s.model->n_knots = 3;
        s.reduction.nearest = 10;
        s.reduction.max_survivors = 0;
        s.reduction.cutflow_every = level ? 1 : UINT32_MAX;
        sides_of(names[k / 2], &s);
        bl23_survey_free(&s);
    }
}

/* Up to and including sample 2^63, around 2^32, and ranges of a few samples. */
static void test_edges(void **state)
{
    (void)state;
    static struct bl23_range const ranges[] = {{(UINT64_C(1) << 63) - 20000, 20001},
                                               {(UINT64_C(1) << 32) - 5000, 10000},
                                               {0, 1},
                                               {4095, 2},
                                               {8191, 4098}};
    static char const *const names[] = {"fig3", "random_g"};
    for (size_t k = 0; k < 2; k++)
        for (size_t r = 0; r < sizeof ranges / sizeof ranges[0]; r++) {
            struct bl23_survey s;
            plain_survey_load(names[k], &s);
            shim_reset();
            compare(&s, ranges[r], 4097, names[k]);
            bl23_survey_free(&s);
        }
}

/* The upper half of a range before the lower: where all samples tie, the extrema that are known
 * come from later samples than those that must win. */
static void test_backwards(void **state)
{
    (void)state;
    for (size_t k = 0; k < PLAIN_SURVEY_MODES; k += MODE_STEP) {
        struct bl23_survey s;
        struct bl23_results expected, found;
        struct bl23_backend_options const options = {.threads = 1};
        struct bl23_backend_state *device = NULL;
        struct bl23_error error = {BL23_OK, ""};
        uint64_t const half = OTHER_SAMPLES / 2;
        char const *const name = plain_survey_modes[k][0];
        plain_survey_parse(plain_survey_modes[k][1], &s);
        shim_reset();
        check_ok(
            run(cpu, &s, &options, (struct bl23_range){0, 2 * half}, UINT64_MAX, &expected, &error),
            &error, "%s", name);
        assert_int_equal(bl23_results_init(&found, s.model->n_knots, s.model->seed, &s.reduction),
                         BL23_OK);
        check_ok(cuda->open(s.model, &s.reduction, &options, &device, &error), &error, "%s", name);
        check_ok(cuda->run(device, half, half, &found, &error), &error, "%s", name);
        check_ok(cuda->run(device, 0, half, &found, &error), &error, "%s", name);
        cuda->close(device);
        assert_int_equal(bl23_results_sort(&found), BL23_OK);
        plain_survey_compare(&found, &expected, name);
        bl23_results_free(&expected);
        bl23_results_free(&found);
        bl23_survey_free(&s);
    }
}

/* Little memory: shorter lists, shorter launches, the same results. */
static void test_little_memory(void **state)
{
    (void)state;
    struct bl23_survey s;
    plain_survey_load("fig3", &s);
    shim_reset();
    shim_faults.memory_bytes = 12u << 20;
    compare(&s, (struct bl23_range){0, SHIPPED_SAMPLES}, UINT64_MAX, "fig3 in 12 MiB");
    shim_faults.memory_bytes = 1u << 20;
    struct bl23_results results;
    struct bl23_error error = {BL23_OK, ""};
    struct bl23_backend_options const options = {.threads = 1};
    enum bl23_status const status =
        run(cuda, &s, &options, (struct bl23_range){0, 1000}, 1000, &results, &error);
    check_that(status == BL23_ERROR_DEVICE && strstr(error.text, "too little memory"),
               "1 MiB of device memory: %s", error.text);
    bl23_results_free(&results);
    bl23_survey_free(&s);
}

/* A call of the runtime that fails, whichever it is: an error that says so, and results that hold
 * the ranges before it, and nothing of the one that failed. */
static void fail_at(struct bl23_survey const *s, unsigned long call, cudaError_t cause, int sticky,
                    struct bl23_results *found, struct bl23_results *expected)
{
    struct bl23_backend_options const options = {.threads = 1};
    struct bl23_backend_state *state = NULL;
    struct bl23_error error = {BL23_OK, ""};
    uint64_t const step = FAULT_SAMPLES / 2;
    uint64_t done = 0;
    shim_reset();
    shim_faults.fail_at = call;
    shim_faults.error = cause;
    shim_faults.sticky = sticky;
    bl23_results_clear(found);
    bl23_results_clear(expected);
    enum bl23_status status = cuda->open(s->model, &s->reduction, &options, &state, &error);
    for (; status == BL23_OK && done < FAULT_SAMPLES; done += status == BL23_OK ? step : 0) {
        status = cuda->run(state, done, step, found, &error);
        if (status != BL23_OK && !sticky) { /* the device is well again, and the call is repeated */
            error.status = BL23_OK;
            status = cuda->run(state, done, step, found, &error);
        }
    }
    if (state)
        cuda->close(state);
    check_that(status == BL23_OK || (status == BL23_ERROR_DEVICE && error.text[0] != '\0'),
               "call %lu: status %d, %s", call, (int)status, error.text);
    check_that(shim_memory_in_use() == 0, "call %lu: memory is not freed", call);
    shim_reset();
    struct bl23_error plain = {BL23_OK, ""};
    check_ok(cpu->open(s->model, &s->reduction, &options, &state, &plain), &plain, "cpu");
    check_ok(cpu->run(state, 0, done, expected, &plain), &plain, "cpu");
    cpu->close(state);
    assert_int_equal(bl23_results_sort(found), BL23_OK);
    assert_int_equal(bl23_results_sort(expected), BL23_OK);
    char what[64];
    snprintf(what, sizeof what, "call %lu failed", call);
    plain_survey_compare(found, expected, what);
}

/* At every `step`th call of the last 1/part of all. */
static void faults_of(struct bl23_survey *s, unsigned long part, unsigned long step)
{
    struct bl23_results found, expected;
    struct bl23_error error = {BL23_OK, ""};
    struct bl23_backend_options const options = {.threads = 1};
    shim_reset();
    check_ok(run(cuda, s, &options, (struct bl23_range){0, FAULT_SAMPLES}, FAULT_SAMPLES / 2,
                 &found, &error),
             &error, "no fault");
    unsigned long const calls = shim_calls();
    assert_int_equal(bl23_results_init(&expected, s->model->n_knots, s->model->seed, &s->reduction),
                     BL23_OK);
    print_message("[  INFO    ] %lu calls of the runtime\n", calls);
    for (unsigned long call = calls - calls / part + 1; call <= calls; call += step) {
        if (call % 4 == 0)
            fail_at(s, call, cudaErrorIllegalAddress, 1, &found, &expected);
        fail_at(s, call, cudaErrorMemoryAllocation, 0, &found, &expected);
    }
    bl23_results_free(&found);
    bl23_results_free(&expected);
    bl23_survey_free(s);
}

static void load_ranked(struct bl23_survey *s)
{
    for (size_t k = 0; k < PLAIN_SURVEY_MODES; k++)
        if (strcmp(plain_survey_modes[k][0], "chi^2 decides, solve") == 0) {
            plain_survey_parse(plain_survey_modes[k][1], s);
            return;
        }
    fail_msg("there is no such survey");
}

static void test_faults(void **state)
{
    (void)state;
    struct bl23_survey s;
    plain_survey_load("fig3", &s);
    faults_of(&s, 1, FAULT_STEP);
    load_ranked(&s); /* its profile is made anew if the second launch of a call fails */
    faults_of(&s, 8, FAULT_STEP / 2);
}

static void test_no_device(void **state)
{
    (void)state;
    struct bl23_survey s;
    struct bl23_results results;
    struct bl23_error error = {BL23_OK, ""};
    struct bl23_backend_options const options = {.threads = 1};
    plain_survey_load("fig3", &s);
    shim_reset();
    shim_faults.devices = 0;
    enum bl23_status const status =
        run(cuda, &s, &options, (struct bl23_range){0, 10}, 10, &results, &error);
    check_that(status == BL23_ERROR_DEVICE && strstr(error.text, "no CUDA device"), "%s",
               error.text);
    bl23_results_free(&results);
    bl23_survey_free(&s);
}

/* A device that returns a wrong byte in a list is found out, and the sample is named: the last byte
 * of each copy of the two launches in turn, of which the counts of samples cannot be audited. */
static void audit_of(struct bl23_survey *s)
{
    struct bl23_backend_options const options = {.threads = 2};
    unsigned caught = 0, named = 0, tried = 0;
    unsigned long copies = 1;
    for (unsigned long copy = 0; copy <= copies; copy += AUDIT_STEP) {
        struct bl23_results results;
        struct bl23_error error = {BL23_OK, ""};
        shim_reset();
        shim_faults.flip_copy = copy; /* 0: a good device */
        enum bl23_status const status =
            run(cuda, s, &options, (struct bl23_range){0, 1 << 17}, 1 << 17, &results, &error);
        if (copy == 0)
            copies = shim_copies();
        check_that(copy > 0 || status == BL23_OK, "a good device: %s", error.text);
        tried += copy > 0;
        caught += status == BL23_ERROR_DEVICE;
        named += strstr(error.text, "sample ") != NULL;
        bl23_results_free(&results);
    }
    unsigned const of_counts = 3 * 2; /* counts, counts by knot, planes of the histograms */
    unsigned const missed = tried - caught;
    int const right = AUDIT_STEP == 1 ? missed == of_counts : missed <= of_counts;
    check_that(right && named == caught && caught >= 6 / AUDIT_STEP,
               "%u of %u copies caught when wrong, %u samples named", caught, tried, named);
    bl23_survey_free(s);
}

static void test_audit(void **state)
{
    (void)state;
    struct bl23_survey s;
    load_ranked(&s); /* it has a profile, too */
    audit_of(&s);
#if !defined(__SANITIZE_ADDRESS__)
    plain_survey_load("fig3", &s);
    audit_of(&s);
#endif
}

/* An extremum of a column that does not exist is refused, audited or not. */
static void test_extremum_of_nothing(void **state)
{
    (void)state;
    struct bl23_survey s;
    struct bl23_results results;
    plain_survey_load("fig3", &s);
    assert_int_equal(bl23_results_init(&results, s.model->n_knots, s.model->seed, &s.reduction),
                     BL23_OK);
    struct bl23_cuda_counts counts = {.extrema = 1};
    for (uint64_t which = BL23_CUDA_EXTREMA; which != 0; which <<= 8) {
        struct bl23_cuda_new_extremum one = {.which = which, .best = {0.5, 17}};
        struct bl23_cuda_slot const slot = {.host = {.counts = &counts, .new_extrema = &one}};
        struct bl23_error added = {BL23_OK, ""}, audited = {BL23_OK, ""};
        check_that(bl23_cuda_intake_add(s.model, &slot, &results, &added) == BL23_ERROR_DEVICE &&
                       bl23_cuda_intake_audit(s.model, &slot, 1, &audited) == BL23_ERROR_DEVICE &&
                       strstr(added.text, "sample 17: ") && strstr(audited.text, "sample 17: "),
                   "extremum %llu: '%s', '%s'", (unsigned long long)which, added.text,
                   audited.text);
    }
    bl23_results_free(&results);
    bl23_survey_free(&s);
}

int main(int argc, char **argv)
{
    bool const kernels_alone = argc > 1 && strcmp(argv[1], "kernels") == 0;
    struct CMUnitTest const kernels[] = {
        cmocka_unit_test(test_edges), cmocka_unit_test(test_modes), cmocka_unit_test(test_shipped),
        cmocka_unit_test(test_sides), cmocka_unit_test(test_backwards)};
    struct CMUnitTest const host[] = {cmocka_unit_test(test_no_device),
                                      cmocka_unit_test(test_little_memory),
                                      cmocka_unit_test(test_faults), cmocka_unit_test(test_audit),
                                      cmocka_unit_test(test_extremum_of_nothing)};
    if (kernels_alone)
        shipped_samples = SHIPPED_SAMPLES / 4;
    int const failed = cmocka_run_group_tests(kernels, NULL, NULL);
    return kernels_alone ? failed : failed + cmocka_run_group_tests(host, NULL, NULL);
}
