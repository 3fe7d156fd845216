/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* The screen may only discard what the verdict would reject and what is farther than the nearest
 * list reaches. BL23_SCREEN_TILES sets how many tiles of each case are looked at (nightly: 100000,
 * which is 4e8 samples a case). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "host/config/config.h"
#include "kernels/sample/record.h"
#include "tests/screen_check.h"

static char const *const surveys[] = {"fig3", "open_question", "random_g", "today"};
static double const bounds[] = {0.0, 1.5, 4.0, 15.0, 100.0};

static struct screen_check const *const checks[] = {
    &screen_check_generic,
#if defined(__x86_64__)
    &screen_check_avx2,
    &screen_check_avx512,
#elif defined(__aarch64__)
    &screen_check_neon,
#endif
#if BL23_TEST_CUDA_SCREEN
    &screen_check_cuda,
#endif
};

static int supported(struct screen_check const *check)
{
    (void)check;
#if defined(__x86_64__)
    if (strcmp(check->isa, "avx2") == 0)
        return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    if (strcmp(check->isa, "avx512") == 0)
        return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq");
#endif
    return 1;
}

static struct bl23_model *model_of(char const *survey, enum bl23_g_mode mode)
{
    char path[512];
    struct bl23_config *config;
    struct bl23_model *model;
    struct bl23_error error = {BL23_OK, ""};
    snprintf(path, sizeof path, "%s/../scripts/surveys/%s.yaml", BL23_TEST_DIR, survey);
    if (bl23_config_load(path, &config, &error) != BL23_OK)
        fail_msg("%s", error.text);
    if (mode == BL23_G_FIXED) {
        config->g_mode = mode;
        config->g_min = bl23_dd(3e-4);
    }
    struct bl23_model_spec const spec = bl23_config_model_spec(config);
    if (bl23_model_build(&spec, &model, NULL, &error) != BL23_OK)
        fail_msg("%s", error.text);
    bl23_config_free(config);
    return model;
}

static void test_margins(void **state)
{
    (void)state;
    for (size_t k = 0; k < sizeof checks / sizeof checks[0]; k++) {
        if (!supported(checks[k])) {
            print_message("skipped: this processor has no %s\n", checks[k]->isa);
            continue;
        }
        struct screen_errors const e = checks[k]->errors();
        print_message("%s: cosine %.3g, roots %.3g, |w|^2 %.3g\n", checks[k]->isa, e.cosine,
                      e.root_product, e.diagonal);
        if (!(e.cosine < BL23_SCREEN_COS_ERROR) || !(e.root_product < BL23_SCREEN_ROOT_ERROR) ||
            !(e.diagonal < 0.25 * BL23_SCREEN_FLOAT_ERROR))
            fail_msg("%s: an error exceeds its bound", checks[k]->isa);
    }
}

/* What became of a number of tiles. */
struct census {
    uint64_t samples, candidates;
    uint64_t wrongly_discarded; /* survivors, or samples within the tension bound */
    uint64_t example;           /* index of one of them */
};

static void count_tile(struct bl23_model const *model, uint64_t first, unsigned count, double bound,
                       unsigned char const kept[BL23_TILE], struct census *census)
{
    census->samples += count;
    for (unsigned k = 0; k < count; k++) {
        struct bl23_record record;
        census->candidates += kept[k];
        if (kept[k])
            continue;
        bl23_record_of(model, first + k, &record);
        if (record.survives || record.value[BL23_COLUMN_tension] <= bound) {
            census->wrongly_discarded++;
            census->example = record.index;
        }
    }
}

static struct census take_census(struct screen_check const *check, struct bl23_model const *model,
                                 double bound, uint64_t first_tile, uint64_t tiles)
{
    static unsigned char kept[BL23_TILE];
    static struct bl23_screen_pilot pilot;
    struct census census = {0, 0, 0, 0};
    bl23_screen_pilot_build(model, &pilot);
    for (uint64_t t = first_tile; t < first_tile + tiles; t++) {
        struct bl23_knot const *const knot = &model->knot[t % model->n_knots];
        struct bl23_screen_knot forms;
        struct bl23_screen screen;
        uint64_t const first = t << BL23_TILE_BITS;
        unsigned const count = BL23_TILE - (unsigned)(t % 3);
        bl23_screen_knot_build(knot, &forms);
        if (!bl23_screen_build(model, knot, &forms, &pilot, bound, &screen))
            continue;
        check->sieve(&screen, model->seed, first, count, kept);
        count_tile(model, first, count, bound, kept, &census);
    }
    return census;
}

static void check_case(struct screen_check const *check, char const *survey,
                       struct bl23_model const *model, double bound, uint64_t *rejected)
{
    char const *const wanted = getenv("BL23_SCREEN_TILES");
    uint64_t const tiles = wanted ? strtoull(wanted, NULL, 10) : 60;
    struct census const c = take_census(check, model, bound, 12345, tiles);
    if (c.wrongly_discarded > 0)
        fail_msg("%s, %s, tension bound %g: %llu of %llu samples wrongly discarded, one is %llu",
                 check->isa, survey, bound, (unsigned long long)c.wrongly_discarded,
                 (unsigned long long)c.samples, (unsigned long long)c.example);
    *rejected += c.samples - c.candidates;
}

static void test_superset(void **state)
{
    (void)state;
    for (size_t s = 0; s < sizeof surveys / sizeof surveys[0]; s++)
        for (int fixed = 0; fixed < 2; fixed++) {
            struct bl23_model *const model =
                model_of(surveys[s], fixed ? BL23_G_FIXED : BL23_G_SOLVE);
            uint64_t rejected = 0;
            for (size_t k = 0; k < sizeof checks / sizeof checks[0]; k++)
                for (size_t b = 0; supported(checks[k]) && b < sizeof bounds / sizeof bounds[0];
                     b++)
                    check_case(checks[k], surveys[s], model, bounds[b], &rejected);
            /* A screen that never rejects would pass any test; `today` bounds nothing from below.
             */
            if (rejected == 0 && (fixed || strcmp(surveys[s], "today") != 0))
                fail_msg("%s, g %s: the screen rejected nothing", surveys[s],
                         fixed ? "fixed" : "as configured");
            free(model);
        }
}

int main(void)
{
    struct CMUnitTest const tests[] = {cmocka_unit_test(test_margins),
                                       cmocka_unit_test(test_superset)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
