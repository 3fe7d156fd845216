/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* The presets, the overrides, and the refusal of what lies outside the allowed range. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tables/physics/nuisance.h"
#include "tests/check.h"

/* The table of the physics document: name, pdg2018, pdg2024, written out a second time here. */
static char const *const table[][3] = {
    {"m_u", "2.2e-3", "2.16e-3"},
    {"m_c", "1.275", "1.273"},
    {"m_t", "173.0", "172.57"},
    {"m_w", "80.379", "80.369"},
    {"alpha_inverse", "127.955", "127.951"},
    {"sin2_theta_w", "0.23122", "0.23121"},
    {"ckm_lambda", "0.22453", "0.22501"},
    {"ckm_a", "0.836", "0.826"},
    {"ckm_rhobar", "0.122", "0.1591"},
    {"ckm_etabar", "0.355", "0.3523"},
    {"m_kp", "0.493677", "0.493677"},
    {"m_k0", "0.497611", "0.497611"},
    {"m_pip", "0.13957061", "0.13957039"},
    {"m_pi0", "0.1349770", "0.1349768"},
    {"m_b0", "5.27963", "5.27972"},
    {"m_bp", "5.27932", "5.27941"},
    {"m_rho", "0.77526", "0.77526"},
    {"m_kst0", "0.89555", "0.89555"},
    {"m_kstp", "0.89176", "0.89167"},
    {"gamma_kp", "5.317e-17", "5.317e-17"},
    {"gamma_kl", "1.287e-17", "1.287e-17"},
    {"gamma_b0", "4.330e-13", "4.339e-13"},
    {"gamma_bp", "4.018e-13", "4.018e-13"},
    {"m_mu", "0.1056583745", "0.1056583755"},
    {"f_k0pip", "0.9698", "0.9698"},
    {"f_kppip_ratio", "1.0015", "1.0015"},
    {"f_kppi0_ratio", "1.0238", "1.0238"},
    {"lambda_1", "24.82e-3", "24.82e-3"},
    {"lambda_2", "1.64e-3", "1.64e-3"},
    {"m_dp", "1.86966", "1.86966"},
    {"m_d0", "1.86484", "1.86484"},
    {"m_ds", "1.96835", "1.96835"},
    {"m_lc", "2.28646", "2.28646"},
    {"m_p", "0.93827209", "0.93827209"},
    {"m_omega", "0.78266", "0.78266"},
    {"gamma_dp", "6.37e-13", "6.37e-13"},
    {"gamma_d0", "1.604e-12", "1.604e-12"},
    {"gamma_ds", "1.313e-12", "1.313e-12"},
    {"gamma_lc", "3.248e-12", "3.248e-12"},
    {"gamma_t", "1.42", "1.42"},
    {"f_d", "0.2120", "0.2120"},
    {"mc3", "0.986", "0.986"},
    {"smear_w", "0.5", "0.5"},
    {"o1", "0.0805", "0.0805"},
    {"o2", "-0.1561", "-0.1561"},
    {"o3", "0.0464", "0.0464"},
    {"o4", "0.2747", "0.2747"},
    {"o5", "0.1035", "0.1035"},
    {"dpi_a0", "0.612", "0.612"},
    {"dpi_a1", "-0.9331", "-0.9331"},
    {"dpi_a2", "-3.3364", "-3.3364"},
    {"dv_a1", "0.525", "0.525"},
    {"dv_v", "1.695", "1.695"},
    {"dv_a2", "0.845", "0.845"},
    {"g_f", "1.1663788e-5", "1.1663788e-5"},
    {"f_pi", "0.0921", "0.0921"},
    {"g8", "3.61", "3.61"},
    {"m_tau", "1.77693", "1.77693"},
    {"norm_k_pi", "1", "1"},
    {"norm_b_pi", "1", "1"},
    {"norm_b_rho", "1", "1"},
    {"norm_b_k", "1", "1"},
    {"norm_b_kst", "1", "1"},
    {"norm_d_pi", "1", "1"},
    {"norm_d_v", "1", "1"},
    {"norm_lc_p", "1", "1"},
    {"norm_m12", "1", "1"},
};
enum { ROWS = sizeof table / sizeof table[0] };

static char const *const presets[2] = {"pdg2018", "pdg2024"};

static struct bl23_inputs preset(char const *name)
{
    struct bl23_inputs inputs;
    struct bl23_error error = {BL23_OK, ""};
    check_ok(bl23_inputs_preset(name, &inputs, &error), &error, "%s", name);
    return inputs;
}

static void check_field(struct bl23_inputs const *inputs, size_t row, char const *expected)
{
    struct bl23_dd const value = bl23_inputs_get(inputs, row);
    check_dd(value, bl23_dd_parse(expected, NULL), 0.0, "%s of %s", bl23_input_rows[row].name,
             inputs->preset);
}

static void test_presets(void **state)
{
    (void)state;
    assert_int_equal(bl23_n_input_rows, ROWS);
    for (int p = 0; p < 2; p++) {
        struct bl23_inputs const inputs = preset(presets[p]);
        assert_string_equal(inputs.preset, presets[p]);
        for (size_t row = 0; row < ROWS; row++) {
            assert_string_equal(bl23_input_rows[row].name, table[row][0]);
            check_field(&inputs, row, table[row][1 + p]);
        }
        char const *const set = bl23_form_factors_name(inputs.form_factors);
        assert_string_equal(set, p == 0 ? "bz2004" : "ff2022");
    }
    check_dd(preset("pdg2018").m_t, bl23_dd(173.0), 0.0, "the field m_t");
    check_dd(preset("pdg2024").lambda_2, bl23_dd_parse("1.64e-3", NULL), 0.0, "the field lambda_2");
}

/* z of mpmath (40 digits) for these doubles. */
static void test_normal_quantile(void **state)
{
    static struct {
        double p;
        char const *z;
    } const table_of_z[] = {{0x1p-33, "-6.3379577545537892525"},
                            {1e-9, "-5.9978070150076868614"},
                            {0.02, "-2.0537489106318230443"},
                            {0.15, "-1.0364333894937896035"},
                            {0.4999999999, "-2.5066284820303539022e-10"},
                            {0.5, "0"},
                            {0.75, "0.6744897501960817432"},
                            {0.975, "1.9599639845400538556"},
                            {0.999999, "4.7534243088170877657"}};
    (void)state;
    for (size_t k = 0; k < sizeof table_of_z / sizeof table_of_z[0]; k++)
        check_dd(bl23_dd(bl23_normal_quantile(table_of_z[k].p)),
                 bl23_dd_parse(table_of_z[k].z, NULL), 5e-16, "z of %g", table_of_z[k].p);
}

/* Each row within the range it allows, with a unit and a text. */
static void test_rows(void **state)
{
    (void)state;
    for (size_t row = 0; row < bl23_n_input_rows; row++) {
        struct bl23_input_row const *const r = &bl23_input_rows[row];
        double const smallest = strtod(r->smallest, NULL), largest = strtod(r->largest, NULL);
        check_that(r->text[0] && r->unit[0] && smallest < largest, "row %s", r->name);
        for (int p = 0; p < 2; p++) {
            double const value = strtod(table[row][1 + p], NULL);
            check_that(smallest <= value && value <= largest, "%s = %g of %s is outside %g .. %g",
                       r->name, value, presets[p], smallest, largest);
        }
    }
}

/* An override changes its row and no other; the edges of the range are inside. */
static void test_overrides(void **state)
{
    (void)state;
    for (size_t row = 0; row < bl23_n_input_rows; row++) {
        char const *const edges[2] = {bl23_input_rows[row].smallest, bl23_input_rows[row].largest};
        for (int k = 0; k < 2; k++) {
            struct bl23_inputs inputs = preset("pdg2018");
            struct bl23_error error = {BL23_OK, ""};
            check_ok(bl23_inputs_set(&inputs, bl23_input_rows[row].name, edges[k], &error), &error,
                     "%s = %s", bl23_input_rows[row].name, edges[k]);
            for (size_t other = 0; other < ROWS; other++)
                check_field(&inputs, other, other == row ? edges[k] : table[other][1]);
        }
    }
    struct bl23_inputs inputs = preset("pdg2018");
    struct bl23_error error = {BL23_OK, ""};
    check_ok(bl23_inputs_set(&inputs, "form_factors", "ff2022", &error), &error, "ff2022");
    assert_int_equal(inputs.form_factors, BL23_FORM_FACTORS_ff2022);
    check_ok(bl23_inputs_set(&inputs, "form_factors", "bz2004", &error), &error, "bz2004");
    assert_int_equal(inputs.form_factors, BL23_FORM_FACTORS_bz2004);
}

/* The choices and their values, written out a second time; the first is the default. */
static char const *const choices[][3] = {{"width", "paper", "two_neutrinos"},
                                         {"br_inv", "leptons", "one"},
                                         {"long_distance", "false", "true"}};

static void test_choices(void **state)
{
    (void)state;
    size_t const n = sizeof choices / sizeof choices[0];
    struct bl23_error error = {BL23_OK, ""};
    assert_int_equal(bl23_n_choice_rows, n);
    for (size_t row = 0; row < n; row++) {
        struct bl23_inputs inputs = preset(presets[row % 2]);
        for (int k = 2; k >= 0; k--) { /* second, first, and the preset again */
            check_ok(bl23_inputs_set(&inputs, choices[row][0], choices[row][k ? k : 2], &error),
                     &error, "%s", choices[row][0]);
            if (k == 0)
                inputs = preset(presets[row % 2]);
            for (size_t other = 0; other < n; other++)
                check_that(bl23_inputs_choice(&inputs, other) == (other == row && k == 2),
                           "%s after %s = %s", choices[other][0], choices[row][0],
                           choices[row][k ? k : 2]);
        }
        assert_string_equal(bl23_choice_rows[row].name, choices[row][0]);
    }
    struct bl23_inputs inputs = preset("pdg2018");
    check_ok(bl23_inputs_set(&inputs, "width", "two_neutrinos", &error), &error, "width");
    check_ok(bl23_inputs_set(&inputs, "br_inv", "one", &error), &error, "br_inv");
    check_that(inputs.two_neutrinos && inputs.br_inv_is_one && !inputs.long_distance,
               "the fields of the choices");
}

static void check_set_refused(char const *name, char const *text, char const *says)
{
    struct bl23_inputs inputs = preset("pdg2018");
    struct bl23_error error = {BL23_OK, ""};
    char input[128];
    snprintf(input, sizeof input, "%s = %s", name, text);
    char const *const words[] = {name, says, NULL};
    check_refused(bl23_inputs_set(&inputs, name, text, &error), &error, input, words);
    for (size_t row = 0; row < ROWS; row++)
        check_field(&inputs, row, table[row][1]);
    check_that(inputs.form_factors == BL23_FORM_FACTORS_bz2004, "'%s' changed the form factors",
               input);
}

static void test_out_of_range(void **state)
{
    (void)state;
    static char const *const never[] = {"nan",     "inf", "-inf", "1e999", "",   "x",
                                        "1.0 GeV", "1,0", "-1e9", "1e9",   "0x", "[1]"};
    for (size_t row = 0; row < bl23_n_input_rows; row++) {
        struct bl23_input_row const *const r = &bl23_input_rows[row];
        bool const pure = strcmp(r->unit, "1") == 0;
        char says[160];
        snprintf(says, sizeof says, "%s (%s) must be a number from %s to %s%s%s (got '", r->name,
                 r->text, r->smallest, r->largest, pure ? "" : " ", pure ? "" : r->unit);
        for (size_t k = 0; k < sizeof never / sizeof never[0]; k++)
            check_set_refused(r->name, never[k], says);
        char outside[2][40];
        double const smallest = strtod(r->smallest, NULL), largest = strtod(r->largest, NULL);
        snprintf(outside[0], sizeof outside[0], "%.17g", nextafter(smallest, -INFINITY));
        snprintf(outside[1], sizeof outside[1], "%.17g", nextafter(largest, INFINITY));
        for (int k = 0; k < 2; k++)
            check_set_refused(r->name, outside[k], says);
    }
}

static void test_unknown_names(void **state)
{
    (void)state;
    check_set_refused("m_x", "1", "'m_x' is not an input; 'bl23 info' lists");
    check_set_refused("", "1", "'' is not an input; 'bl23 info' lists");
    check_set_refused("M_T", "173", "'M_T' is not an input; 'bl23 info' lists");
    check_set_refused("form_factors", "bz2005", "must be bz2004 or ff2022 (got 'bz2005')");
    check_set_refused("form_factors", "", "must be bz2004 or ff2022 (got '')");
    check_set_refused("width", "textbook", "must be paper or two_neutrinos (got 'textbook')");
    check_set_refused("br_inv", "1", "must be leptons or one (got '1')");
    check_set_refused("long_distance", "yes", "must be false or true (got 'yes')");
    static char const *const unknown[] = {"pdg2020", "", "PDG2018", "pdg2018 "};
    for (size_t k = 0; k < sizeof unknown / sizeof unknown[0]; k++) {
        struct bl23_inputs inputs;
        struct bl23_error error = {BL23_OK, ""};
        char const *const words[] = {unknown[k], "must be pdg2018 or pdg2024 (got '", NULL};
        check_refused(bl23_inputs_preset(unknown[k], &inputs, &error), &error, unknown[k], words);
    }
}

int main(void)
{
    struct CMUnitTest const tests[] = {
        cmocka_unit_test(test_presets),         cmocka_unit_test(test_rows),
        cmocka_unit_test(test_normal_quantile), cmocka_unit_test(test_overrides),
        cmocka_unit_test(test_out_of_range),    cmocka_unit_test(test_unknown_names),
        cmocka_unit_test(test_choices),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
