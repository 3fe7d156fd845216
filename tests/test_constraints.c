/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* The shipped sets, what they say at chosen masses, and the constraints that are refused. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tables/limits/constraints.h"
#include "tests/check.h"

static struct bl23_inputs preset(void)
{
    struct bl23_inputs inputs;
    struct bl23_error error = {BL23_OK, ""};
    check_ok(bl23_inputs_preset("pdg2018", &inputs, &error), &error, "pdg2018");
    return inputs;
}

static struct bl23_constraints *load(char const *set)
{
    struct bl23_constraints *const list = calloc(1, sizeof *list);
    struct bl23_error error = {BL23_OK, ""};
    check_ok(bl23_constraints_add_set(list, set, &error), &error, "%s", set);
    return list;
}

static void unload(struct bl23_constraints *list)
{
    bl23_constraints_free(list);
    free(list);
}

/* Names and observables in their declared order, ended by NULL. */
static void check_names(char const *set, char const *const *names, int const *observables)
{
    struct bl23_constraints *const list = load(set);
    size_t k = 0;
    for (; names[k]; k++) {
        check_that(k < list->size && strcmp(list->item[k].name, names[k]) == 0,
                   "%s: constraint %zu is not %s", set, k, names[k]);
        check_that(list->item[k].observable == observables[k], "%s: %s limits %s", set, names[k],
                   bl23_observable_name(list->item[k].observable));
        check_that(list->item[k].cite[0] && list->item[k].note[0], "%s: %s has no citation or note",
                   set, names[k]);
    }
    check_that(list->size == k, "%s has %zu constraints, expected %zu", set, list->size, k);
    unload(list);
}

static void test_names_in_order(void **state)
{
    (void)state;
    static char const *const paper[] = {"koto_events", "gm2", "ccfr", "na62_pi0", "e949", NULL};
    static int const paper_observables[] = {BL23_MODE_br_kl_pi0, BL23_OBSERVABLE_DELTA_A_MU,
                                            BL23_OBSERVABLE_G_BL, BL23_MODE_br_kp_pip,
                                            BL23_MODE_br_kp_pip};
    static char const *const b[] = {"b0_pi0_inv",  "bp_pip_inv",  "b0_rho0_inv",
                                    "bp_rhop_inv", "b0_k0_inv",   "bp_kp_inv",
                                    "b0_kst0_inv", "bp_kstp_inv", NULL};
    static int const b_observables[] = {
        BL23_MODE_br_b0_pi0, BL23_MODE_br_bp_pip, BL23_MODE_br_b0_rho0, BL23_MODE_br_bp_rhop,
        BL23_MODE_br_b0_k0,  BL23_MODE_br_bp_kp,  BL23_MODE_br_b0_kst0, BL23_MODE_br_bp_kstp};
    static char const *const world_2025[] = {"gm2_wp2025",     "ccfr",        "na62_2025",
                                             "na62_pi0window", "koto_2018",   "koto_2024_pi0",
                                             "b0_pi0_inv",     "bp_pip_inv",  "b0_rho0_inv",
                                             "bp_rhop_inv",    "b0_k0_inv",   "bp_kp_belle2_recast",
                                             "b0_kst0_inv",    "bp_kstp_inv", NULL};
    static int const world_2025_observables[] = {
        BL23_OBSERVABLE_DELTA_A_MU, BL23_OBSERVABLE_G_BL, BL23_MODE_br_kp_pip, BL23_MODE_br_kp_pip,
        BL23_MODE_br_kl_pi0,        BL23_MODE_br_kl_pi0,  BL23_MODE_br_b0_pi0, BL23_MODE_br_bp_pip,
        BL23_MODE_br_b0_rho0,       BL23_MODE_br_bp_rhop, BL23_MODE_br_b0_k0,  BL23_MODE_br_bp_kp,
        BL23_MODE_br_b0_kst0,       BL23_MODE_br_bp_kstp};
    check_names("paper2020", paper, paper_observables);
    check_names("b_invisible_2021", b, b_observables);
    check_names("world_2025", world_2025, world_2025_observables);
    static char const *world_2026[sizeof world_2025 / sizeof *world_2025];
    memcpy(world_2026, world_2025, sizeof world_2025);
    world_2026[11] = "bp_kp_belle2_light";
    check_names("world_2026", world_2026, world_2025_observables);
    static char const *const tree[][4] = {{"d_life"},
                                          {"dp_pip_loose", "d0_omega_loose"},
                                          {"dp_pip", "d0_omega", "lc_p"},
                                          {"d0_x12", "d0_x12_im"},
                                          {"t_q"}};
    static int const tree_observables[][3] = {
        {BL23_MODE_br_dp_known},
        {BL23_MODE_br_dp_pip, BL23_MODE_br_d0_omega},
        {BL23_MODE_br_dp_pip, BL23_MODE_br_d0_omega, BL23_MODE_br_lc_p},
        {BL23_MODE_x12, BL23_MODE_x12_im},
        {BL23_MODE_br_t_q}};
    static char const *const tree_sets[] = {"charm_known_2026", "charm_loose_2026",
                                            "charm_searches_2026", "charm_mixing_2026", "top_2026"};
    for (size_t k = 0; k < sizeof tree_sets / sizeof tree_sets[0]; k++)
        check_names(tree_sets[k], tree[k], tree_observables[k]);
    assert_string_equal(bl23_constraint_set_names,
                        "paper2020 b_invisible_2021 world_2025 world_2026 charm_known_2026 "
                        "charm_loose_2026 charm_searches_2026 charm_mixing_2026 top_2026");
}

/* What is drawn for orientation can be listed, and no survey can name it as a set. */
static void test_overlays(void **state)
{
    (void)state;
    static char const *const names[] = {"na64mu_projection", "borexino_lmutau", "koto_2018"};
    struct bl23_constraints *const list = calloc(1, sizeof *list);
    struct bl23_error error = {BL23_OK, ""};
    check_ok(bl23_constraints_add_overlays(list, &error), &error, "overlays");
    check_that(list->size == 3, "%zu overlays", list->size);
    for (size_t k = 0; k < 3; k++)
        check_that(bl23_constraints_named(list, names[k]) && list->item[k].kind == BL23_CURVE,
                   "%s is no curve among the overlays", names[k]);
    char const *const words[] = {"there is no constraint set '", "'; the sets are paper2020", NULL};
    static char const *const no_sets[] = {"overlays", "paper", "current2", "paper2020 current", ""};
    for (size_t k = 0; k < sizeof no_sets / sizeof no_sets[0]; k++) {
        struct bl23_error refused = {BL23_OK, ""};
        check_refused(bl23_constraints_add_set(list, no_sets[k], &refused), &refused, no_sets[k],
                      words);
    }
    unload(list);
}

/* One expectation: set, constraint, mass, level, edges. */
struct expectation {
    char const *set, *name, *mass;
    int level;
    double lo, hi;
};

#define NONE ((double)INFINITY)

static struct expectation const expectations[] = {
    {"paper2020", "koto_events", "0.14", 0, 1.0e-9, 4.1e-9},
    {"paper2020", "koto_events", "0.14", 1, 0.4e-9, 6.2e-9},
    {"paper2020", "koto_events", "4.7", 1, 0.4e-9, 6.2e-9},
    {"paper2020", "gm2", "0.14", 0, 203e-11, 355e-11},
    {"paper2020", "gm2", "0.14", 1, 127e-11, 431e-11},
    {"paper2020", "ccfr", "0.001", 0, 7.2063e-04, 7.2063e-04},
    {"paper2020", "ccfr", "0.1", 1, 1.0879e-03, 1.0879e-03},
    {"paper2020", "ccfr", "1", 1, 2.7041e-03, 2.7041e-03},
    {"paper2020", "ccfr", "1.0001", 1, NONE, NONE},
    {"paper2020", "ccfr", "0.0009999", 1, NONE, NONE},
    {"paper2020", "na62_pi0", "0.134977", 0, 0.9e-9, 0.9e-9},
    {"paper2020", "na62_pi0", "0.1387769", 1, 0.9e-9, 0.9e-9},
    {"paper2020", "na62_pi0", "0.1387771", 1, NONE, NONE},
    {"paper2020", "na62_pi0", "0.1311771", 1, 0.9e-9, 0.9e-9},
    {"paper2020", "na62_pi0", "0.1311769", 1, NONE, NONE},
    {"paper2020", "na62_pi0", "0.128", 1, NONE, NONE},
    {"paper2020", "e949", "0", 1, 1.45e-10, 1.45e-10},
    {"paper2020", "e949", "0.1", 1, 5.51e-11, 5.51e-11},
    {"paper2020", "e949", "0.115", 0, 2.47e-10, 2.47e-10},
    {"paper2020", "e949", "0.116", 1, NONE, NONE},
    {"paper2020", "e949", "0.14", 1, NONE, NONE},
    {"paper2020", "e949", "0.152", 1, NONE, NONE},
    {"paper2020", "e949", "0.1545", 1, 5.26e-9, 5.26e-9},
    {"b_invisible_2021", "b0_pi0_inv", "0.14", 1, 0.9e-5, 0.9e-5},
    {"b_invisible_2021", "bp_pip_inv", "0.14", 1, 1.4e-5, 1.4e-5},
    {"b_invisible_2021", "b0_rho0_inv", "0.14", 1, 4.0e-5, 4.0e-5},
    {"b_invisible_2021", "bp_rhop_inv", "0.14", 1, 3.0e-5, 3.0e-5},
    {"b_invisible_2021", "b0_k0_inv", "0.14", 1, 2.6e-5, 2.6e-5},
    {"b_invisible_2021", "bp_kp_inv", "0.14", 1, 1.6e-5, 1.6e-5},
    {"b_invisible_2021", "b0_kst0_inv", "0.14", 1, 1.8e-5, 1.8e-5},
    {"b_invisible_2021", "bp_kstp_inv", "0.14", 1, 4.0e-5, 4.0e-5},
    {"world_2025", "gm2_wp2025", "0.14", 0, 0.0, 101e-11},
    {"world_2025", "gm2_wp2025", "0.14", 1, 0.0, 164e-11},
    {"world_2025", "na62_2025", "0.05", 1, 1.62e-11, 1.62e-11},
    {"world_2025", "na62_2025", "0.135", 1, NONE, NONE},
    {"world_2025", "na62_pi0window", "0.135", 1, 9.29e-10, 9.29e-10},
    {"world_2025", "na62_pi0window", "0.128", 1, 9.97e-10, 9.97e-10},
    {"world_2025", "na62_pi0window", "0.05", 1, NONE, NONE},
    {"world_2025", "koto_2018", "0.1351", 1, 2.37e-9, 2.37e-9},
    {"world_2025", "koto_2024_pi0", "0.135", 1, 1.6e-9, 1.6e-9},
    {"world_2025", "koto_2024_pi0", "0.14", 1, NONE, NONE},
    {"world_2025", "bp_kp_belle2_recast", "0.14", 1, 7.2e-6, 7.2e-6},
    {"world_2026", "bp_kp_belle2_light", "0", 1, 1.4513835e-06, 1.4513835e-06},
    {"world_2026", "bp_kp_belle2_light", "0.14", 0, 1.4485410877891036e-6, 1.4485410877891036e-6},
    {"world_2026", "bp_kp_belle2_light", "4.29733", 1, NONE, 0.00011036476300715381},
    {"world_2026", "koto_2024_pi0", "0.135", 1, NONE, 1.6e-9},
    {"world_2026", "b0_pi0_inv", "0.2113", 1, NONE, 9.0e-6},
    {"world_2026", "b0_pi0_inv", "0.2114", 1, NONE, 9.3787339447494282e-6},
    {"world_2026", "b0_pi0_inv", "0.3", 1, NONE, 1.6973154925697729e-5},
    {"world_2026", "b0_pi0_inv", "4", 1, NONE, 2.3760719384314397e-5},
    {"world_2025", "b0_pi0_inv", "0.3", 1, NONE, 0.9e-5},
    {"charm_known_2026", "d_life", "0.001", 1, NONE, 0.1},
    {"charm_known_2026", "d_life", "1.7", 1, NONE, 0.1},
    {"charm_searches_2026", "dp_pip", "0.001", 0, NONE, 8.0e-6},
    {"charm_searches_2026", "dp_pip", "0.15", 1, NONE, 8.0e-6},
    {"charm_searches_2026", "dp_pip", "0.1500001", 1, NONE, NONE},
    {"charm_searches_2026", "d0_omega", "0.15", 1, NONE, 1.1e-5},
    {"charm_searches_2026", "d0_omega", "0.1500001", 1, NONE, NONE},
    {"charm_searches_2026", "lc_p", "0.15", 1, NONE, 8.0e-5},
    {"charm_searches_2026", "lc_p", "0.1500001", 1, NONE, NONE},
    {"charm_loose_2026", "dp_pip_loose", "0.128", 1, NONE, 1e-3},
    {"charm_loose_2026", "d0_omega_loose", "0.3", 1, NONE, 0.0018859061028553034},
    {"charm_mixing_2026", "d0_x12", "0.3999999", 1, NONE, 0.5e-2},
    {"charm_mixing_2026", "d0_x12", "0.4", 1, NONE, NONE},
    {"charm_mixing_2026", "d0_x12", "2", 1, NONE, NONE},
    {"charm_mixing_2026", "d0_x12", "2.0000001", 1, NONE, 0.5e-2},
    {"charm_mixing_2026", "d0_x12_im", "0.1", 1, NONE, 1.5e-4},
    {"charm_mixing_2026", "d0_x12_im", "1", 1, NONE, NONE},
    {"charm_mixing_2026", "d0_x12_im", "4.7", 1, NONE, 1.5e-4},
    {"top_2026", "t_q", "4.7", 1, NONE, 0.2},
    {"world_2026", "bp_kp_belle2_light", "4.2974", 1, NONE, NONE},
};

static struct bl23_constraint const *named(struct bl23_constraints const *list, char const *name)
{
    for (size_t k = 0; k < list->size; k++)
        if (strcmp(list->item[k].name, name) == 0)
            return &list->item[k];
    fail_msg("there is no constraint '%s'", name);
    return NULL;
}

static void test_values(void **state)
{
    (void)state;
    struct bl23_inputs const inputs = preset();
    for (size_t k = 0; k < sizeof expectations / sizeof expectations[0]; k++) {
        struct expectation const *const e = &expectations[k];
        struct bl23_constraints *const list = load(e->set);
        struct bl23_constraint const *const c = named(list, e->name);
        struct bl23_dd lo, hi;
        bl23_constraint_at(c, &inputs, bl23_dd_parse(e->mass, NULL), e->level, &lo, &hi);
        double const expected_lo = c->kind == BL23_BAND ? e->lo : 0.0;
        check_relative(bl23_dd_round(lo), expected_lo, 1e-15, "%s at %s, level %d: low", e->name,
                       e->mass, e->level);
        check_relative(bl23_dd_round(hi), e->hi, 1e-15, "%s at %s, level %d: high", e->name,
                       e->mass, e->level);
        unload(list);
    }
}

/* A user's constraint: read from a memory file that holds any curve the text names. */
static enum bl23_status read_memory(void *context, char const *key, char const *name, char **text,
                                    size_t *length, struct bl23_error *error)
{
    (void)key;
    (void)name;
    (void)error;
    char const *const content = context;
    *length = strlen(content);
    *text = malloc(*length + 1);
    memcpy(*text, content, *length + 1);
    return BL23_OK;
}

static enum bl23_status add_with(struct bl23_constraints *list, char const *text, char *curve,
                                 struct bl23_error *error)
{
    struct bl23_yaml yaml;
    bl23_yaml_node *root;
    enum bl23_status status = bl23_yaml_parse("my.yaml", text, strlen(text), &yaml, error);
    if (status != BL23_OK)
        return status;
    status = bl23_yaml_root(&yaml, &root, error);
    if (status == BL23_OK)
        status = bl23_constraints_add_yaml(list, &yaml, root,
                                           (struct bl23_file_source){read_memory, curve}, error);
    bl23_yaml_free(&yaml);
    return status;
}

static enum bl23_status add(struct bl23_constraints *list, char const *text,
                            struct bl23_error *error)
{
    static char curve[] = "m_gev,upper\n0.1,1e-9\n0.2,1e-9\n";
    return add_with(list, text, curve, error);
}

/* No constraint acts on D0 mixing from 0.4 to 2 GeV, whatever masses it is given for; as papers
 * write them, its observables are called by their names. */
static void test_mixing(void **state)
{
    (void)state;
    static char const *const masses[] = {"0.39999", "0.4", "1", "2", "2.00001"};
    static char const *const texts[] = {
        "{name: a, observable: x12, upper: 0.5, cl: 0.9, cite: x}",
        "{name: b, observable: x12_im, curve: c.csv, cl: 0.9, cite: x}",
        "{name: c, observable: x12, central: 0.1, sigma: 0.01, cite: x}",
        "{name: d, observable: br_d0_omega, upper: 0.5, cl: 0.9, cite: x}"};
    struct bl23_constraints *const list = calloc(1, sizeof *list);
    struct bl23_inputs const inputs = preset();
    static char curve[] = "m_gev,upper\n0,1e-9\n4,1e-9\n";
    for (size_t k = 0; k < 4; k++) {
        struct bl23_error error = {BL23_OK, ""};
        check_ok(add_with(list, texts[k], curve, &error), &error, "%s", texts[k]);
        for (size_t m = 0; m < 5; m++) {
            struct bl23_dd lo, hi, mass = bl23_dd_parse(masses[m], NULL);
            bool const acts = m == 0 || m == 4 || k == 3;
            bl23_constraint_at(&list->item[k], &inputs, mass, 1, &lo, &hi);
            check_that(isinf(hi.hi) != acts && (lo.hi > 0.0) == (acts && k == 2), "%s at %s",
                       texts[k], masses[m]);
            check_that(bl23_constraint_covers(&list->item[k], &inputs, mass), "%s covers %s",
                       texts[k], masses[m]);
        }
    }
    assert_string_equal(bl23_observable_symbol(BL23_MODE_x12), "x12");
    assert_string_equal(bl23_observable_symbol(BL23_MODE_br_d0_omega), "D0 -> omega Z'");
    assert_string_equal(bl23_observable_symbol(BL23_OBSERVABLE_G_BL), "g_B-L");
    unload(list);
}

/* Edges of a search for an invisible Z' at 0.3 GeV, where it decays into muons as well: both are
 * divided; with br_inv: one, and for a limit on the rate itself, they are not. */
static void test_invisible(void **state)
{
    (void)state;
    static char const *const own[] = {"", ", invisible: false", ", invisible: true"};
    double const br_inv = 0.53024909272310963;
    for (int k = 0; k < 3; k++)
        for (int one = 0; one < 2; one++) {
            struct bl23_constraints *const list = calloc(1, sizeof *list);
            struct bl23_inputs inputs = preset();
            struct bl23_error error = {BL23_OK, ""};
            char text[160];
            struct bl23_dd lo, hi;
            snprintf(text, sizeof text,
                     "{name: a, observable: br_bp_kp, band_1sigma: [2, 3], band_2sigma: [1, 4], "
                     "cite: x%s}",
                     own[k]);
            check_ok(add(list, text, &error), &error, "%s", text);
            check_ok(bl23_inputs_set(&inputs, "br_inv", one ? "one" : "leptons", &error), &error,
                     "br_inv");
            bl23_constraint_at(&list->item[0], &inputs, bl23_dd_parse("0.3", NULL), 0, &lo, &hi);
            double const by = k == 2 && !one ? br_inv : 1.0;
            check_relative(bl23_dd_round(lo), 2.0 / by, 1e-15, "%s: low", text);
            check_relative(bl23_dd_round(hi), 3.0 / by, 1e-15, "%s: high", text);
            check_that(bl23_constraint_ignores_visible(&list->item[0], &inputs) ==
                           (k == 0 || (k == 2 && one)),
                       "%s with br_inv %d ignores visible decays", text, one);
            unload(list);
        }
}

/* The loophole stands in the set of 2020 and is closed at about 1e-9 in today's. */
static void test_loophole(void **state)
{
    (void)state;
    struct bl23_inputs const inputs = preset();
    struct bl23_constraints *const then = load("paper2020"), *const now = load("world_2025");
    for (int k = 116; k <= 152; k++) {
        struct bl23_dd const mass = bl23_dd(1e-3 * (double)k);
        struct bl23_dd lo, hi;
        bl23_constraint_at(named(then, "e949"), &inputs, mass, 1, &lo, &hi);
        check_that(isinf(hi.hi), "e949 at %g: %g", mass.hi, hi.hi);
        bl23_constraint_at(named(now, "na62_pi0window"), &inputs, mass, 1, &lo, &hi);
        bool const centre = k >= 128 && k <= 140;
        check_that(hi.hi < (centre ? 1.01e-9 : 5e-8) && hi.hi > 0.9e-9, "NA62 window at %g: %g",
                   mass.hi, hi.hi);
    }
    unload(then);
    unload(now);
}

static void test_duplicates_are_refused(void **state)
{
    (void)state;
    struct bl23_constraints *const list = load("paper2020");
    struct bl23_error error = {BL23_OK, ""};
    enum bl23_status const status = bl23_constraints_add_set(list, "world_2025", &error);
    char const *const words[] = {
        "the constraint sets 'paper2020' and 'world_2025' both hold 'ccfr'; use one", NULL};
    check_refused(status, &error, "paper2020 and world_2025", words);
    error = (struct bl23_error){BL23_OK, ""};
    enum bl23_status const twice = bl23_constraints_add_set(list, "paper2020", &error);
    char const *const again[] = {"the constraint set 'paper2020' is listed twice; list it once",
                                 NULL};
    check_refused(twice, &error, "paper2020 twice", again);
    error = (struct bl23_error){BL23_OK, ""};
    enum bl23_status const unknown = bl23_constraints_add_set(list, "paper2021", &error);
    char const *const names[] = {
        "there is no constraint set 'paper2021'; the sets are paper2020 b_invisible_2021", NULL};
    check_refused(unknown, &error, "paper2021", names);
    unload(list);
}

static void test_remove(void **state)
{
    (void)state;
    struct bl23_constraints *const list = load("paper2020");
    struct bl23_error error = {BL23_OK, ""};
    check_that(bl23_constraints_remove(list, "ccfr"), "ccfr was not there");
    check_that(!bl23_constraints_remove(list, "ccfr"), "ccfr was there twice");
    check_that(!bl23_constraints_remove(list, "nosuch"), "nosuch was there");
    check_that(list->size == 4 && strcmp(list->item[2].name, "na62_pi0") == 0,
               "after ccfr went, %zu remain and the third is %s", list->size, list->item[2].name);
    check_that(bl23_constraints_remove(list, "gm2"), "gm2 was not there");
    check_ok(bl23_constraints_add_set(list, "world_2025", &error), &error,
             "world_2025 after ccfr went");
    struct bl23_inputs const inputs = preset();
    struct bl23_dd lo, hi;
    bl23_constraint_at(named(list, "e949"), &inputs, bl23_dd_parse("0.1", NULL), 1, &lo, &hi);
    check_relative(bl23_dd_round(hi), 5.51e-11, 1e-15, "e949 at 0.1 after removals");
    unload(list);
}

static void test_users_own(void **state)
{
    (void)state;
    static char const *const good[] = {
        "{name: a, observable: br_bp_kp, upper: 1.0e-5, cl: 0.9, cite: x}",
        "{name: b, observable: g_bl, curve: c.csv, cl: 0.95, cite: x, note: y}",
        "{name: c, observable: delta_a_mu, central: 1e-9, sigma: 2e-9, cite: x}",
        "{name: d, observable: br_kl_pi0, band_1sigma: [2, 3], band_2sigma: [1, 4], cite: x}",
        "{name: e, observable: br_kl_pi0, upper: 1, cl: 0.9, mass_inside_gev: [0.1, 0.2], cite: x}",
    };
    struct bl23_constraints *const list = calloc(1, sizeof *list);
    for (size_t k = 0; k < sizeof good / sizeof good[0]; k++) {
        struct bl23_error error = {BL23_OK, ""};
        check_ok(add(list, good[k], &error), &error, "%s", good[k]);
    }
    struct bl23_inputs const inputs = preset();
    struct bl23_dd lo, hi;
    bl23_constraint_at(named(list, "c"), &inputs, bl23_dd(0.1), 1, &lo, &hi);
    check_exact(lo.hi, 0.0, "the lower edge of a band around 0");
    check_relative(bl23_dd_round(hi), 5e-9, 1e-15, "its upper edge");
    static char const *const inside[] = {"0.1", "0.15", "0.2"};
    for (int k = 0; k < 3; k++) {
        bl23_constraint_at(named(list, "e"), &inputs, bl23_dd_parse(inside[k], NULL), 0, &lo, &hi);
        check_exact(hi.hi, 1.0, "e at %s", inside[k]);
    }
    bl23_constraint_at(named(list, "e"), &inputs, bl23_dd_parse("0.2000000000000000000001", NULL),
                       0, &lo, &hi);
    check_that(isinf(hi.hi), "e above its window: %g", hi.hi);
    unload(list);
}

/* Edges on masses that are exact in binary: near is open, inside is closed, outside is open. */
/* A measurement of many digits and the bands that a resolved configuration writes of it are the
 * same limits, to the last digit of a double-double. */
static void test_measurement_reads_back(void **state)
{
    (void)state;
    static char const measured[] = "{name: a, observable: br_bp_kstp, central: 158.69155248049972, "
                                   "sigma: 413.5506317734344, cite: x}";
    struct bl23_constraints *const list = calloc(1, sizeof *list);
    struct bl23_error error = {BL23_OK, ""};
    char text[256], edge[4][32];
    check_ok(add(list, measured, &error), &error, "%s", measured);
    for (int k = 0; k < 4; k++)
        bl23_dd_print_shortest(list->item[0].band[k / 2][k % 2], edge[k], sizeof edge[k]);
    snprintf(text, sizeof text,
             "{name: b, observable: br_bp_kstp, band_1sigma: [%s, %s], band_2sigma: [%s, %s], "
             "cite: x}",
             edge[0], edge[1], edge[2], edge[3]);
    check_ok(add(list, text, &error), &error, "%s", text);
    for (int k = 0; k < 4; k++) {
        struct bl23_dd const a = list->item[0].band[k / 2][k % 2];
        struct bl23_dd const b = list->item[1].band[k / 2][k % 2];
        check_that(a.hi == b.hi && a.lo == b.lo, "edge %d, %s: %.17g + %.17g and %.17g + %.17g", k,
                   edge[k], a.hi, a.lo, b.hi, b.lo);
    }
    bl23_constraints_free(list);
    free(list);
}

static void test_window_edges(void **state)
{
    (void)state;
    static char const *const texts[3] = {
        "{name: n, observable: g_bl, upper: 1, cl: 0.9, mass_near_pi0_gev: 0.03125, cite: x}",
        "{name: i, observable: g_bl, upper: 1, cl: 0.9, mass_inside_gev: [0.09375, 0.15625], "
        "cite: x}",
        "{name: o, observable: g_bl, upper: 1, cl: 0.9, mass_outside_gev: [0.09375, 0.15625], "
        "cite: x}"};
    static double const masses[2] = {0.09375, 0.15625};
    static bool const applies[3][3] = {/* inwards, on the edge, outwards */
                                       {true, false, false},
                                       {true, true, false},
                                       {false, false, true}};
    struct bl23_constraints *const list = calloc(1, sizeof *list);
    struct bl23_inputs inputs = preset();
    struct bl23_error error = {BL23_OK, ""};
    check_ok(bl23_inputs_set(&inputs, "m_pi0", "0.125", &error), &error, "m_pi0");
    for (int k = 0; k < 3; k++)
        check_ok(add(list, texts[k], &error), &error, "%s", texts[k]);
    for (int k = 0; k < 3; k++)
        for (int edge = 0; edge < 2; edge++)
            for (int side = 0; side < 3; side++) {
                double const step = (double)(side - 1) * (edge == 0 ? -1e-15 : 1e-15);
                struct bl23_dd lo, hi;
                bl23_constraint_at(&list->item[k], &inputs, bl23_dd(masses[edge] + step), 0, &lo,
                                   &hi);
                check_exact(hi.hi, applies[k][side] ? 1.0 : NONE, "%s at %.17g", list->item[k].name,
                            masses[edge] + step);
            }
    unload(list);
}

static void test_refusals(void **state)
{
    (void)state;
    static char const *const bad[][2] = {
        {"{observable: g_bl, upper: 1, cl: 0.9, cite: x}", "name is missing; it must be 1 to 63"},
        {"{name: '', observable: g_bl, upper: 1, cl: 0.9, cite: x}",
         "name must be 1 to 63 letters"},
        {"{name: [a], observable: g_bl, upper: 1, cl: 0.9, cite: x}",
         "name must be 1 to 63 letters"},
        {"{name: a, upper: 1, cl: 0.9, cite: x}", "observable is missing; it must be one of br_"},
        {"{name: a, observable: br_d0, upper: 1, cl: 0.9, cite: x}",
         "observable must be one of br_kl_pi0"},
        {"{name: a, observable: g_bl, cl: 0.9, cite: x}",
         "constraint 'a' must have exactly one of upper | curve"},
        {"{name: a, observable: g_bl, upper: 1, curve: c.csv, cl: 0.9, cite: x}",
         "constraint 'a' must have exactly one of upper | curve"},
        {"{name: a, observable: g_bl, upper: 1, sigma: 1, cl: 0.9, cite: x}",
         "constraint 'a' must have exactly one of upper | curve"},
        {"{name: a, observable: g_bl, upper: nan, cl: 0.9, cite: x}",
         "upper must be a number from 1e-100 to 1e100 (got "},
        {"{name: a, observable: g_bl, upper: inf, cl: 0.9, cite: x}",
         "upper must be a number from 1e-100 to 1e100 (got "},
        {"{name: a, observable: g_bl, upper: -1, cl: 0.9, cite: x}",
         "upper must be a number from 1e-100 to 1e100 (got "},
        {"{name: a, observable: g_bl, upper: 0, cl: 0.9, cite: x}",
         "upper must be a number from 1e-100 to 1e100 (got "},
        {"{name: a, observable: g_bl, upper: [1], cl: 0.9, cite: x}",
         "upper must be a number from 1e-100 to 1e100 (got "},
        {"{name: a, observable: g_bl, upper: 1, cite: x}",
         "cl is missing; it must be a confidence level"},
        {"{name: a, observable: g_bl, upper: 1, cl: 90, cite: x}",
         "cl must be a confidence level from 1e-6 to 1 - 1e-9 (got "},
        {"{name: a, observable: g_bl, upper: 1, cl: 0, cite: x}",
         "cl must be a confidence level from 1e-6 to 1 - 1e-9 (got "},
        {"{name: a, observable: x12_im, band_1sigma: [1, 2], band_2sigma: [0, 3], cite: x}",
         "constraint 'a' must have upper or curve, since a limit on x12_im acts on its modulus "
         "(got band_1sigma, band_2sigma)"},
        {"{name: a, observable: x12_im, central: 0, sigma: 1, cite: x}",
         "must have upper or curve, since a limit on x12_im acts on its modulus (got central, "},
        {"{name: a, observable: x12, upper: 1, cl: 0.9, invisible: true, cite: x}",
         "invisible must be absent unless the observable is a branching ratio (got 'true')"},
        {"{name: a, observable: br_bp_kp, upper: 1, cl: 0.9, invisible: yes, cite: x}",
         "invisible must be true or false (got 'yes')"},
        {"{name: a, observable: br_bp_kp, upper: 1, cl: 0.9, invisible: [true], cite: x}",
         "invisible must be true or false (got "},
        {"{name: a, observable: g_bl, upper: 1, cl: 0.9, invisible: true, cite: x}",
         "invisible must be absent unless the observable is a branching ratio (got 'true')"},
        {"{name: a, observable: delta_a_mu, upper: 1, cl: 0.9, invisible: false, cite: x}",
         "invisible must be absent unless the observable is a branching ratio (got 'false')"},
        {"{name: a, observable: g_bl, upper: 1, cl: 0.9}",
         "cite is missing; it must be a printable text of 1 to"},
        {"{name: a, observable: g_bl, upper: 1, cl: 0.9, cite: x, colour: red}",
         "a constraint has no key 'colour'; its keys are name"},
        {"{name: a, name: b, observable: g_bl, upper: 1, cl: 0.9, cite: x}",
         "a constraint has the key 'name' twice; write it once"},
        {"{name: a, observable: g_bl, central: 1, cite: x}",
         "sigma is missing; it must be a number from 1e-100"},
        {"{name: a, observable: g_bl, central: nan, sigma: 1, cite: x}",
         "central must be a number from -1e100 to 1e100 (got "},
        {"{name: a, observable: g_bl, central: 1, sigma: -1, cite: x}",
         "sigma must be a number from 1e-100 to 1e100 (got "},
        {"{name: a, observable: g_bl, central: 1, sigma: 1e-20, cite: x}",
         "sigma must be a number large enough"},
        {"{name: a, observable: g_bl, central: 1, sigma: 1, cl: 0.9, cite: x}",
         "cl must be absent beside a band"},
        {"{name: a, observable: g_bl, band_1sigma: [1, 2], cite: x}",
         "band_2sigma is missing; it must be [low, high] with"},
        {"{name: a, observable: g_bl, band_1sigma: [2, 1], band_2sigma: [1, 2], cite: x}",
         "band_1sigma must be [low, high] with low < high (got "},
        {"{name: a, observable: g_bl, band_1sigma: [1, 1], band_2sigma: [1, 2], cite: x}",
         "band_1sigma must be [low, high] with low < high (got "},
        {"{name: a, observable: g_bl, band_1sigma: [1], band_2sigma: [1, 2], cite: x}",
         "band_1sigma must be [low, high] with low < high (got "},
        {"{name: a, observable: g_bl, band_1sigma: [1, 2, 3], band_2sigma: [1, 2], cite: x}",
         "band_1sigma must be [low, high] with low < high (got "},
        {"{name: a, observable: g_bl, band_1sigma: 1, band_2sigma: [1, 2], cite: x}",
         "band_1sigma must be [low, high] with low < high (got "},
        {"{name: a, observable: g_bl, band_1sigma: [1, nan], band_2sigma: [1, 2], cite: x}",
         "band_1sigma must be [low, high] with low < high (got "},
        {"{name: a, observable: g_bl, upper: 1, cl: 0.9, mass_inside_gev: [1, 0], cite: x}",
         "mass_inside_gev must be [low, high] with low < high"},
        {"{name: a, observable: g_bl, upper: 1, cl: 0.9, mass_near_pi0_gev: 0, cite: x}",
         "mass_near_pi0_gev must be a number from 1e-100 to 1e100 (got "},
        {"{name: a, observable: g_bl, upper: 1, cl: 0.9, mass_near_pi0_gev: 1, "
         "mass_inside_gev: [0, 1], cite: x}",
         "constraint 'a' must have at most one of mass_near_pi0_gev"},
    };
    for (size_t k = 0; k < sizeof bad / sizeof bad[0]; k++) {
        struct bl23_constraints *const list = calloc(1, sizeof *list);
        struct bl23_error error = {BL23_OK, ""};
        enum bl23_status const status = add(list, bad[k][0], &error);
        char const *const words[] = {"my.yaml:1: ", bad[k][1], NULL};
        check_refused(status, &error, bad[k][0], words);
        check_that(list->size == 0, "'%s': the list holds %zu", bad[k][0], list->size);
        unload(list);
    }
}

static void test_at_most_32(void **state)
{
    (void)state;
    struct bl23_constraints *const list = calloc(1, sizeof *list);
    for (int k = 0; k <= BL23_CONSTRAINTS_MAX; k++) {
        char text[128];
        struct bl23_error error = {BL23_OK, ""};
        snprintf(text, sizeof text, "{name: a%d, observable: g_bl, upper: 1, cl: 0.9, cite: x}", k);
        enum bl23_status const status = add(list, text, &error);
        char const *const words[] = {"this constraint exceeds the maximum of 32 constraints", NULL};
        if (k < BL23_CONSTRAINTS_MAX)
            check_ok(status, &error, "%s", text);
        else
            check_refused(status, &error, text, words);
    }
    unload(list);
}

int main(void)
{
    struct CMUnitTest const tests[] = {
        cmocka_unit_test(test_names_in_order),
        cmocka_unit_test(test_overlays),
        cmocka_unit_test(test_values),
        cmocka_unit_test(test_loophole),
        cmocka_unit_test(test_duplicates_are_refused),
        cmocka_unit_test(test_remove),
        cmocka_unit_test(test_users_own),
        cmocka_unit_test(test_mixing),
        cmocka_unit_test(test_invisible),
        cmocka_unit_test(test_measurement_reads_back),
        cmocka_unit_test(test_window_edges),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_at_most_32),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
