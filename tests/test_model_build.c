/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* How constraints collapse to five intervals, and what a model holds besides. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tables/model_build.h"
#include "tests/check.h"

/* A spec and what it points to. */
struct setting {
    struct bl23_inputs inputs;
    struct bl23_constraints *constraints;
    struct bl23_dd mass[4];
    struct bl23_model_spec spec;
};

static void open_setting(struct setting *s, char const *const *sets, char const *const *masses)
{
    struct bl23_error error = {BL23_OK, ""};
    memset(s, 0, sizeof *s);
    check_ok(bl23_inputs_preset("pdg2018", &s->inputs, &error), &error, "pdg2018");
    s->constraints = calloc(1, sizeof *s->constraints);
    for (; *sets; sets++)
        check_ok(bl23_constraints_add_set(s->constraints, *sets, &error), &error, "%s", *sets);
    size_t n = 0;
    for (; masses[n]; n++)
        s->mass[n] = bl23_dd_parse(masses[n], NULL);
    s->spec = (struct bl23_model_spec){.inputs = &s->inputs,
                                       .constraints = s->constraints,
                                       .mass_gev = s->mass,
                                       .n_masses = n,
                                       .seed = 7,
                                       .sigma = 2,
                                       .g_mode = BL23_G_SOLVE,
                                       .w_mode = BL23_W_HAAR};
}

static void close_setting(struct setting *s)
{
    bl23_constraints_free(s->constraints);
    free(s->constraints);
}

static struct bl23_model *build(struct setting const *s)
{
    struct bl23_model *model = NULL;
    struct bl23_error error = {BL23_OK, ""};
    check_ok(bl23_model_build(&s->spec, &model, NULL, &error), &error, "model");
    return model;
}

static char const *const all_2020[] = {"paper2020", "b_invisible_2021", NULL};
static char const *const all_now[] = {"world_2025", NULL};
static char const *const masses[] = {"0.05", "0.134977", "0.5", "4.6", NULL};

/* limit[] is the constraint on its observable divided by kappa or by Delta a_mu / g^2. */
static void check_limits(struct setting const *s, struct bl23_knot const *knot, size_t k, int level)
{
    for (size_t c = 0; c < s->constraints->size; c++) {
        struct bl23_constraint const *const constraint = &s->constraints->item[c];
        int const observable = constraint->observable;
        double const factor = observable < BL23_MODES                    ? knot->kappa[observable]
                              : observable == BL23_OBSERVABLE_DELTA_A_MU ? knot->delta_a_mu_per_g2
                                                                         : 1.0;
        struct bl23_dd lo, hi;
        bl23_constraint_at(constraint, &s->inputs, s->mass[k], level, &lo, &hi);
        double low = lo.hi / factor, high = hi.hi / factor; /* a limit on g stays one on g */
        if (factor == 0.0) {
            low = lo.hi > 0.0 ? (double)INFINITY : 0.0;
            high = (double)INFINITY;
        }
        check_relative(knot->limit[level][c].lo, low, 1e-15, "%s at m = %s: low edge",
                       constraint->name, masses[k]);
        check_relative(knot->limit[level][c].hi, high, 1e-15, "%s at m = %s: high edge",
                       constraint->name, masses[k]);
    }
}

/* allowed[] is exactly the intersection of the limits on each quantity. */
static void check_intersection(struct bl23_model const *model, struct bl23_knot const *knot,
                               int level)
{
    for (int q = 0; q < BL23_QUANTITIES; q++) {
        double lo = 0.0, hi = (double)INFINITY;
        for (size_t c = 0; c < model->n_constraints; c++) {
            if (model->constraint_quantity[c] != (uint64_t)q)
                continue;
            lo = fmax(lo, knot->limit[level][c].lo);
            hi = fmin(hi, knot->limit[level][c].hi);
        }
        check_exact(knot->allowed[level][q].lo, lo, "quantity %d at m = %g: low edge", q,
                    knot->mass_gev);
        check_exact(knot->allowed[level][q].hi, hi, "quantity %d at m = %g: high edge", q,
                    knot->mass_gev);
    }
}

static void test_collapse(void **state)
{
    (void)state;
    char const *const *const sets[2] = {all_2020, all_now};
    for (int k = 0; k < 2; k++) {
        struct setting s;
        open_setting(&s, sets[k], masses);
        struct bl23_model *const model = build(&s);
        assert_int_equal(model->n_constraints, k == 0 ? 13 : 14);
        for (size_t knot = 0; knot < s.spec.n_masses; knot++)
            for (int level = 0; level < BL23_LEVELS; level++) {
                check_limits(&s, &model->knot[knot], knot, level);
                check_intersection(model, &model->knot[knot], level);
            }
        free(model);
        close_setting(&s);
    }
}

/* At 0.5 GeV the K modes are closed: koto_events can never be met, the upper limits never fail. */
static void test_closed_modes(void **state)
{
    (void)state;
    struct setting s;
    open_setting(&s, all_2020, masses);
    struct bl23_model *const model = build(&s);
    struct bl23_knot const *const knot = &model->knot[2];
    for (int level = 0; level < BL23_LEVELS; level++) {
        check_exact(knot->kappa[BL23_MODE_br_kl_pi0], 0.0, "kappa of K_L at %g", knot->mass_gev);
        check_exact(knot->allowed[level][BL23_QUANTITY_IM_DS2].lo, (double)INFINITY,
                    "lower edge of the closed K_L mode, level %d", level);
        check_exact(knot->allowed[level][BL23_QUANTITY_ABS_DS2].hi, (double)INFINITY,
                    "upper edge of the closed K+ mode, level %d", level);
    }
    free(model);
    close_setting(&s);
}

static void test_header(void **state)
{
    (void)state;
    struct setting s;
    open_setting(&s, all_2020, masses);
    s.spec.g_mode = BL23_G_LOG_UNIFORM;
    s.spec.g_min = bl23_dd_parse("1e-6", NULL);
    s.spec.g_max = bl23_dd_parse("3e-3", NULL);
    struct bl23_model *const model = build(&s);
    assert_int_equal(model->seed, 7);
    assert_int_equal(model->n_knots, 4);
    assert_int_equal(model->level, 1);
    assert_int_equal(model->g_mode, BL23_G_LOG_UNIFORM);
    check_exact(model->g_min, 1e-6, "g_min");
    check_relative(model->g_log2_ratio, log2(3000.0), 1e-15, "log2 of g_max / g_min");
    free(model);
    close_setting(&s);
}

/* w is normalised; moduli below 0 turn the phase by pi; phases lie in (-pi, pi]. */
static void test_fixed_w(void **state)
{
    (void)state;
    static char const *const phase[3] = {"3", "-1", "0.5"};
    static double const modulus[3] = {3.0, -4.0, 12.0}, wrapped[3] = {1.0, 0.0, 0.5};
    struct setting s;
    open_setting(&s, all_2020, masses);
    s.spec.w_mode = BL23_W_FIXED;
    for (int i = 0; i < 3; i++) {
        s.spec.w_modulus[i] = bl23_dd(modulus[i]);
        s.spec.w_phase_pi[i] = bl23_dd_parse(phase[i], NULL);
    }
    struct bl23_model *const model = build(&s);
    for (int i = 0; i < 3; i++) {
        check_relative(model->w.abs[i], fabs(modulus[i]) / 13.0, 1e-15, "|w_%d|", i + 1);
        check_relative(model->w.monomial[i], modulus[i] * modulus[i] / 169.0, 1e-15, "|w_%d|^2",
                       i + 1);
        check_absolute(model->w.phase[i], wrapped[i] * bl23_dd_pi.hi, 1e-15, "phase of w_%d",
                       i + 1);
    }
    /* w1 = 3 e^{i pi}, w2 = 4, w3 = 12 i, over 13 */
    static double const expected[6] = {-12.0, 0.0, 0.0, -36.0, 0.0, 48.0};
    for (int k = 0; k < 6; k++)
        check_absolute(model->w.monomial[3 + k], expected[k] / 169.0, 1e-16, "monomial %d", 3 + k);
    free(model);
    close_setting(&s);
}

static void test_refusals(void **state)
{
    (void)state;
    static char const *const bad_masses[] = {"0", "-0.1", "4.7000001", "5.3", "nan", "inf"};
    for (size_t k = 0; k < sizeof bad_masses / sizeof bad_masses[0]; k++) {
        char const *const list[] = {"0.1", bad_masses[k], NULL};
        struct setting s;
        open_setting(&s, all_now, list);
        struct bl23_model *model = NULL;
        struct bl23_error error = {BL23_OK, ""};
        enum bl23_status const status = bl23_model_build(&s.spec, &model, NULL, &error);
        check_that(status == BL23_ERROR_DOMAIN && !model &&
                       strstr(error.text, "a mass must be in [1e-12, 4.7] GeV (got "),
                   "mass %s: status %d, '%s'", bad_masses[k], (int)status, error.text);
        close_setting(&s);
    }
    struct setting s;
    open_setting(&s, all_now, masses);
    s.spec.w_mode = BL23_W_FIXED; /* all moduli 0 */
    struct bl23_model *model = NULL;
    struct bl23_error error = {BL23_OK, ""};
    enum bl23_status const status = bl23_model_build(&s.spec, &model, NULL, &error);
    check_that(status == BL23_ERROR_DOMAIN && !model, "w = 0: status %d", (int)status);
    close_setting(&s);
}

/* Pinning a model to its own tables changes no byte; other masses are refused. */
static void test_pin(void **state)
{
    (void)state;
    struct setting s;
    open_setting(&s, all_2020, masses);
    struct bl23_model *const model = build(&s), *const pinned = build(&s);
    struct bl23_error error = {BL23_OK, ""};
    memset(pinned->knot[1].form, 0, sizeof pinned->knot[1].form);
    check_ok(bl23_model_pin(&s.spec, model->knot, pinned, &error), &error, "own tables");
    check_that(memcmp(model, pinned, bl23_model_bytes(model->n_knots)) == 0,
               "a model pinned to its own tables is another");
    struct bl23_knot *const moved = calloc(4, sizeof *moved);
    memcpy(moved, model->knot, 4 * sizeof *moved);
    moved[3].mass_gev = nextafter(moved[3].mass_gev, 0.0);
    char const *const words[] = {"knot 3 of the given tables is at ",
                                 "use tables with the same masses", NULL};
    check_refused(bl23_model_pin(&s.spec, moved, pinned, &error), &error, "another mass", words);
    free(moved);
    free(model);
    free(pinned);
    close_setting(&s);
}

int main(void)
{
    struct CMUnitTest const tests[] = {
        cmocka_unit_test(test_collapse), cmocka_unit_test(test_closed_modes),
        cmocka_unit_test(test_header),   cmocka_unit_test(test_fixed_w),
        cmocka_unit_test(test_refusals), cmocka_unit_test(test_pin),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
