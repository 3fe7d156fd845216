/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* The screen may only discard what the verdict would reject and what is farther than the nearest
 * list reaches. BL23_SCREEN_TILES sets how many tiles of each case are looked at (nightly: 100000,
 * which is 4e8 samples a case). With 1, as on an emulator, and in a build with sanitizers, which is
 * slow, the other tests look at fewer tiles too, and plant no bugs. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "host/config/config.h"
#include "kernels/sample/record.h"
#include "tests/plain_survey.h"
#include "tests/screen_check.h"

static char const *const surveys[] = {"fig3",  "open_question", "random_g",
                                      "today", "charm",         "today_charm"};
/* Tiles of the discarding screen, and of what decides on both sides. */
static uint64_t superset_tiles(void)
{
    char const *const wanted = getenv("BL23_SCREEN_TILES");
#ifdef __SANITIZE_ADDRESS__
    return wanted ? strtoull(wanted, NULL, 10) : 1;
#else
    return wanted ? strtoull(wanted, NULL, 10) : 24;
#endif
}

static bool is_brief(void)
{
    return superset_tiles() == 1;
}

static uint64_t sided_tiles(void)
{
    return is_brief() ? 12 : 48;
}

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
        print_message("  monomials %.3g, powers %.3g, inverse roots %.3g\n", e.wave, e.power,
                      e.inverse_root);
        if (!(e.wave < BL23_SIDES_WAVE_ERROR) || !(e.power < BL23_SIDES_POWER_ERROR) ||
            !(e.inverse_root < BL23_SIDES_ROOT_ERROR))
            fail_msg("%s: an error of the two-sided screen exceeds its bound", checks[k]->isa);
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
        struct bl23_screen screen[BL23_SCREENS];
        uint64_t const first = t << BL23_TILE_BITS;
        unsigned const count = BL23_TILE - (unsigned)(t % 3);
        bl23_screen_knot_build(model, knot, &pilot, &forms);
        int const n = bl23_screen_build(model, knot, &forms, &pilot, bound, screen);
        if (n == 0)
            continue;
        check->sieve(screen, n, model->seed, first, count, kept);
        count_tile(model, first, count, bound, kept, &census);
    }
    return census;
}

static void check_case(struct screen_check const *check, char const *survey,
                       struct bl23_model const *model, double bound, uint64_t *rejected)
{
    struct census const c = take_census(check, model, bound, 12345, superset_tiles());
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
            /* A screen that never rejects would pass any test; these bound nothing from below. */
            if (rejected == 0 && (fixed || !strstr("today today_charm", surveys[s])))
                fail_msg("%s, g %s: the screen rejected nothing", surveys[s],
                         fixed ? "fixed" : "as configured");
            free(model);
        }
}

/* ---- the two-sided screen ---- */

static char const *const sided[] = {"fig3", "open_question_koto", "today", "random_g_limits",
                                    "random_g_koto"};

/* What is settled of a set if the extrema are those of survivors that are on the list. */
static void settle(struct bl23_interval *settled, double x)
{
    settled->lo = fmin(settled->lo, x);
    settled->hi = fmax(settled->hi, x);
}

static void settle_record(struct bl23_knot const *knot, struct bl23_record const *r,
                          struct bl23_settled *s)
{
    double const *const v = r->value;
    double const g2 = v[BL23_COLUMN_g_bl] * v[BL23_COLUMN_g_bl];
    for (int k = 0; k < BL23_LOOP_FORMS; k++)
        settle(&s->amplitude[k], v[BL23_COLUMN_h_ds_re + k]);
    for (int k = 0; k < 3; k++) {
        settle(&s->w2[k], v[BL23_COLUMN_wu11_abs + 2 * k] * v[BL23_COLUMN_wu11_abs + 2 * k]);
        settle(&s->phase[k], v[BL23_COLUMN_wu11_phase + 2 * k]);
    }
    int const modes[BL23_SIDES_QUANTITIES] = {BL23_MODE_br_kl_pi0, BL23_MODE_br_kp_pip,
                                              BL23_MODE_br_b0_pi0, BL23_MODE_br_b0_k0,
                                              BL23_MODE_br_kp_pip};
    for (int q = 0; q < BL23_SIDES_QUANTITIES; q++)
        settle(&s->rate[q], v[BL23_COLUMN_br_kl_pi0 + modes[q]] / knot->kappa[modes[q]]);
    settle(&s->g2, g2);
    for (int end = -1; end <= 1; end++) { /* the limits on g^2 that many samples have, too */
        double const near = 1.0 + end * 1e-15;
        settle(&s->g2_lo, v[BL23_COLUMN_g_min] * v[BL23_COLUMN_g_min] * near);
        settle(&s->g2_hi, v[BL23_COLUMN_g_max] * v[BL23_COLUMN_g_max] * near);
    }
    settle(&s->tension, v[BL23_COLUMN_tension]);
}

/* Is a column of the record a new extremum, or as far as one? */
static int is_news(struct bl23_knot const *knot, struct bl23_record const *r,
                   struct bl23_settled const *s)
{
    struct bl23_settled one = *s;
    settle_record(knot, r, &one);
    return memcmp(&one, s, sizeof one) != 0;
}

/* A limit of the knot becomes what sample k of the tile just meets: upper edges of all levels are
 * its value, and in solve mode its largest g^2 is its smallest. */
static void limit_by(struct bl23_model const *model, struct bl23_knot *knot, uint64_t sample, int q)
{
    struct bl23_record record;
    double m[BL23_QUANTITIES];
    struct bl23_row const row = bl23_row_of(model, sample);
    bl23_record_of(model, sample, &record);
    bl23_quantities_of_row(knot, 1u << q, row.monomial, m);
    double const g =
        record.value[model->g_mode == BL23_G_SOLVE ? BL23_COLUMN_g_min : BL23_COLUMN_g_bl];
    for (int level = 0; level < BL23_LEVELS && g * g * m[q] > 0.0; level++)
        knot->allowed[level][q].hi = g * g * m[q];
}

struct answers {
    uint64_t asked, not, plain, one_sigma, wrong, example;
};

/* The answers for a tile against its records. A planted bug: amplitudes are taken to be exact. */
static void count_answers(struct screen_check const *check, struct bl23_model const *model,
                          uint64_t tile, int planted, struct answers *n)
{
    static struct bl23_record record[BL23_TILE];
    static unsigned char answer[BL23_TILE];
    struct bl23_knot const *const knot = &model->knot[bl23_knot_of_tile(model, tile)];
    struct bl23_interval const none = {BL23_INFINITY, -BL23_INFINITY};
    struct bl23_settled settled[2];
    struct bl23_sides sides;
    for (size_t k = 0; k < sizeof settled / (sizeof none); k++)
        ((struct bl23_interval *)settled)[k] = none;
    for (unsigned k = 0; k < BL23_TILE; k++) {
        bl23_record_of(model, (tile << BL23_TILE_BITS) + k, &record[k]);
        for (int set = 0; k % 8 != 0 && record[k].survives && set < 3 - record[k].level; set++)
            settle_record(knot, &record[k], &settled[set]);
    }
    double const nearest = tile % 2 ? -1.0 : fmin(1.0, 1.5 * settled[0].tension.lo);
    bl23_sides_knot(model, knot, &sides);
    bl23_sides_edges(model, knot, settled, nearest, &sides);
    if (!sides.on)
        return;
    for (int r = 0; planted && r < BL23_SIDES_FORMS; r++)
        sides.error[r] = 0.0f;
    check->answer(&sides, model->seed, tile << BL23_TILE_BITS, BL23_TILE, answer);
    for (unsigned k = 0; k < BL23_TILE; k++) {
        struct bl23_record const *const r = &record[k];
        double const tension = r->value[BL23_COLUMN_tension];
        int wrong = 0;
        n->asked += answer[k] == SCREEN_ASK;
        n->not += answer[k] == SCREEN_NOT;
        n->plain += answer[k] >= SCREEN_PLAIN;
        n->one_sigma += answer[k] == SCREEN_PLAIN_1SIGMA;
        if (answer[k] == SCREEN_NOT)
            wrong = r->survives || tension <= nearest;
        if (answer[k] >= SCREEN_PLAIN)
            wrong = !r->survives || (r->level == 1) != (answer[k] == SCREEN_PLAIN_1SIGMA) ||
                    tension < nearest || is_news(knot, r, &settled[0]) ||
                    (r->level == 1 && is_news(knot, r, &settled[1]));
        if (wrong) {
            n->wrong++;
            n->example = r->index;
        }
    }
}

/* Tiles as they are, and with a limit that falls next to a sample: every third quantity, at samples
 * of many values. */
static struct answers ask_tiles(struct screen_check const *check, struct bl23_model *model,
                                int adversary, int planted)
{
    struct answers n = {0, 0, 0, 0, 0, 0};
    for (uint64_t tile = 0; tile < sided_tiles(); tile++) {
        struct bl23_knot *const knot = &model->knot[bl23_knot_of_tile(model, tile)];
        struct bl23_knot const before = *knot;
        for (int q = 0; adversary && q < BL23_SIDES_QUANTITIES - 1; q++)
            if ((tile + (uint64_t)q) % 3 == 0)
                limit_by(model, knot, (tile << BL23_TILE_BITS) + tile * 37,
                         bl23_side_quantity(q).quantity);
        count_answers(check, model, tile, planted, &n);
        *knot = before;
    }
    return n;
}

static void test_sides(void **state)
{
    (void)state;
    uint64_t planted = 0;
    for (size_t s = 0; s < sizeof sided / sizeof sided[0]; s++) {
        struct bl23_model *const model = model_of(sided[s], BL23_G_SOLVE);
        for (size_t k = 0; k < sizeof checks / sizeof checks[0]; k++)
            for (int adversary = 0; checks[k]->answer && supported(checks[k]) && adversary < 2;
                 adversary++) {
                struct answers const n = ask_tiles(checks[k], model, adversary, 0);
                print_message(
                    "%s, %s: %llu not, %llu plain, %llu of these at 1 sigma, %llu asked\n",
                    checks[k]->isa, sided[s], (unsigned long long)n.not,
                    (unsigned long long)n.plain, (unsigned long long)n.one_sigma,
                    (unsigned long long)n.asked);
                if (n.wrong > 0)
                    fail_msg("%s, %s: %llu answers are wrong, one is of sample %llu",
                             checks[k]->isa, sided[s], (unsigned long long)n.wrong,
                             (unsigned long long)n.example);
                if (!adversary && (n.plain == 0 || n.asked > n.not +n.plain))
                    fail_msg("%s, %s: it does not decide", checks[k]->isa, sided[s]);
                if (!is_brief())
                    planted += ask_tiles(checks[k], model, adversary, 1).wrong;
            }
        free(model);
    }
    if (planted == 0 && !is_brief())
        fail_msg("without the margins of amplitudes no answer was wrong");
}

/* ---- the cut-flow ---- */

/* Constraint c becomes one that a sample just meets, alone with those before it: with g given by
 * its value, in solve mode where its largest g^2 is the smallest so far. */
static void cut_by(struct bl23_model const *model, struct bl23_knot *knot, uint64_t sample,
                   uint64_t c)
{
    struct bl23_record record;
    double s[BL23_QUANTITIES];
    struct bl23_row const row = bl23_row_of(model, sample);
    struct bl23_interval *const limit = knot->limit[model->level];
    int const quantity = (int)model->constraint_quantity[c];
    bl23_record_of(model, sample, &record);
    bl23_quantities_of_row(knot, BL23_ALL_QUANTITIES, row.monomial, s);
    double const g = record.value[BL23_COLUMN_g_bl];
    double g2 = 0.0;
    for (uint64_t k = 0; k < c; k++)
        g2 = fmax(g2, bl23_allowed_g2(limit[k], (int)model->constraint_quantity[k],
                                      s[model->constraint_quantity[k]])
                          .lo);
    if (model->g_mode != BL23_G_SOLVE)
        g2 = g * g;
    limit[c].hi = quantity == BL23_QUANTITY_G ? sqrt(g2) : g2 * s[quantity];
}

struct flows {
    uint64_t left, wrong;
};

/* The cut-flow of a tile against the definition. A planted bug: amplitudes are taken to be exact.
 */
static void count_flow(struct screen_check const *check, struct bl23_model const *model,
                       uint64_t tile, int planted, struct flows *n)
{
    static unsigned char left[BL23_TILE];
    struct bl23_knot const *const knot = &model->knot[bl23_knot_of_tile(model, tile)];
    struct bl23_knot_counts found, expected;
    struct bl23_sides sides;
    struct bl23_side_cuts cuts;
    memset(&found, 0, sizeof found);
    memset(&expected, 0, sizeof expected);
    bl23_sides_knot(model, knot, &sides);
    bl23_sides_cuts(model, knot, &sides, &cuts);
    for (int r = 0; planted && r < BL23_SIDES_FORMS; r++)
        sides.error[r] = 0.0f;
    check->cutflow(&sides, &cuts, model->seed, tile << BL23_TILE_BITS, BL23_TILE, &found, left);
    for (unsigned k = 0; k < BL23_TILE; k++) {
        struct bl23_record record;
        bl23_record_of(model, (tile << BL23_TILE_BITS) + k, &record);
        plain_survey_cuts(model, knot, &record, &expected);
        if (left[k])
            plain_survey_cuts(model, knot, &record, &found);
        n->left += left[k];
    }
    n->wrong += memcmp(found.passed_alone, expected.passed_alone, sizeof found.passed_alone) != 0 ||
                memcmp(found.passed_sequentially, expected.passed_sequentially,
                       sizeof found.passed_sequentially) != 0;
}

/* Tiles as they are, and tiles each of which has one constraint that falls next to a sample. */
static struct flows flow_tiles(struct screen_check const *check, struct bl23_model *model,
                               int adversary, int planted)
{
    struct flows n = {0, 0};
    for (uint64_t tile = 0; tile < 8 * model->n_constraints && tile < sided_tiles(); tile++) {
        struct bl23_knot *const knot = &model->knot[bl23_knot_of_tile(model, tile)];
        struct bl23_knot const before = *knot;
        if (adversary)
            cut_by(model, knot, (tile << BL23_TILE_BITS) + tile * 37, tile % model->n_constraints);
        count_flow(check, model, tile, planted, &n);
        *knot = before;
    }
    return n;
}

static void test_cutflow(void **state)
{
    (void)state;
    uint64_t planted = 0;
    for (size_t s = 0; s < sizeof sided / sizeof sided[0]; s++) {
        struct bl23_model *const model = model_of(sided[s], BL23_G_SOLVE);
        for (size_t k = 0; k < sizeof checks / sizeof checks[0]; k++) {
            if (!checks[k]->cutflow || !supported(checks[k]))
                continue;
            struct flows const usual = flow_tiles(checks[k], model, 0, 0);
            struct flows const next = flow_tiles(checks[k], model, 1, 0);
            print_message("%s, %s: %llu samples left\n", checks[k]->isa, sided[s],
                          (unsigned long long)usual.left);
            if (usual.wrong + next.wrong > 0)
                fail_msg("%s, %s: the cut-flow of %llu tiles is wrong", checks[k]->isa, sided[s],
                         (unsigned long long)(usual.wrong + next.wrong));
            if (!is_brief())
                planted += flow_tiles(checks[k], model, 1, 1).wrong;
        }
        free(model);
    }
    if (planted == 0 && !is_brief())
        fail_msg("without the margins of amplitudes no cut-flow was wrong");
}

/* Arithmetic on subnormal numbers is slow on some processors. */
static void test_subnormal(void **state)
{
    (void)state;
    for (size_t s = 0; s < sizeof sided / sizeof sided[0]; s++) {
        struct bl23_model *const model = model_of(sided[s], BL23_G_SOLVE);
        for (uint64_t k = 0; k < model->n_knots; k++) {
            struct bl23_sides sides;
            bl23_sides_knot(model, &model->knot[k], &sides);
            for (int r = 0; r < BL23_SIDES_FORMS; r++)
                for (int i = 0; i < BL23_MONOMIALS; i++)
                    if (fpclassify(sides.form[r][i]) == FP_SUBNORMAL)
                        fail_msg("%s: coefficient %d of amplitude %d at mass %llu is %g", sided[s],
                                 i, r, (unsigned long long)k, (double)sides.form[r][i]);
        }
        free(model);
    }
}

int main(void)
{
    struct CMUnitTest const tests[] = {cmocka_unit_test(test_margins),
                                       cmocka_unit_test(test_superset),
                                       cmocka_unit_test(test_sides), cmocka_unit_test(test_cutflow),
                                       cmocka_unit_test(test_subnormal)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
