/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* Tree-level couplings and rates of charm and top, D0 mixing, widths: against sums over
 * polarisations (charm_rates.csv), an independent table of points (points_charm.csv), semileptonic
 * decays and the limits of a light Z'. */
#include <gsl/gsl_integration.h>
#include <stdlib.h>
#include <string.h>

#include "tables/physics/charm.h"
#include "tables/physics/rates.h"
#include "tests/check.h"
#include "tests/csv_point.h"

/* The decays of D and Lambda_c. */
enum { FIRST_MODE = BL23_MODE_br_dp_pip, END_OF_MODES = BL23_MODE_br_lc_p + 1 };

static struct bl23_inputs preset(char const *name)
{
    struct bl23_inputs inputs;
    struct bl23_error error = {BL23_OK, ""};
    check_ok(bl23_inputs_preset(name, &inputs, &error), &error, "%s", name);
    return inputs;
}

static struct bl23_current_rate rate_of(struct bl23_inputs const *in, char const *name,
                                        struct bl23_dd mass)
{
    if (strcmp(name, "br_t_u") == 0)
        return bl23_top_rate(in, BL23_PAIR_UT, mass);
    if (strcmp(name, "br_t_c") == 0)
        return bl23_top_rate(in, BL23_PAIR_CT, mass);
    for (int mode = FIRST_MODE; mode < END_OF_MODES; mode++)
        if (strcmp(name, bl23_observable_name(mode)) == 0)
            return bl23_charm_rate(in, (enum bl23_mode)mode, mass);
    fail_msg("unknown mode %s", name);
    return (struct bl23_current_rate){{0.0, 0.0}, {0.0, 0.0}};
}

static void test_sums_over_polarisations(void **state)
{
    (void)state;
    struct bl23_inputs const in = preset("pdg2018");
    struct csv *const csv = csv_open("charm_rates.csv");
    size_t open = 0;
    for (size_t row = 0; row < csv_rows(csv); row++) {
        char const *const mode = csv_text(csv, row, "mode");
        struct bl23_current_rate const rate = rate_of(&in, mode, csv_decimal(csv, row, "m_gev"));
        char const *const mass = csv_text(csv, row, "m_gev");
        check_relative(bl23_dd_round(rate.vector), csv_double(csv, row, "k_v"), 1e-15,
                       "k_V of %s at %s GeV", mode, mass);
        check_relative(bl23_dd_round(rate.axial), csv_double(csv, row, "k_a"), 1e-15,
                       "k_A of %s at %s GeV", mode, mass);
        open += rate.vector.hi > 0.0;
    }
    check_that(open > 200, "only %zu open rates were compared", open);
    csv_close(csv);
}

/* A line as a record, as every survey makes it: columns of charm and top. */
static void compare_columns(struct csv const *csv, size_t row, struct bl23_record const *record,
                            double left)
{
    for (int c = BL23_COLUMN_f_v_re; c <= BL23_COLUMN_f_a_im; c++)
        check_absolute(record->value[c], csv_double(csv, row, bl23_column_name(c)), 1e-13 * left,
                       "%s in row %zu", bl23_column_name(c), row);
    for (int c = BL23_COLUMN_br_dp_pip; c < BL23_COLUMN_x12_im; c++) {
        double expected;
        if (c == BL23_COLUMN_br_dp_known)
            expected = csv_double(csv, row, "br_dp_pip") + csv_double(csv, row, "br_dp_rhop");
        else if (c == BL23_COLUMN_br_t_q)
            expected = csv_double(csv, row, "br_t_u") + csv_double(csv, row, "br_t_c");
        else
            expected = csv_double(csv, row, bl23_column_name(c));
        check_relative(record->value[c], expected, 1e-12, "%s in row %zu", bl23_column_name(c),
                       row);
    }
    check_absolute(record->value[BL23_COLUMN_x12_im], csv_double(csv, row, "x12_im"),
                   1e-12 * record->value[BL23_COLUMN_x12], "x12_im in row %zu", row);
}

/* Every value of a line of points_charm.csv. gamma_had is a model of hadrons, which the program
 * leaves out; br_inv is compared below the threshold of two pions. */
static void compare_point(struct bl23_inputs const *in, struct csv const *csv, size_t row)
{
    static char const *const names[] = {
#define NAME(name, unit, text) #name,
        BL23_TREE_LIST(NAME)
#undef NAME
    };
    struct bl23_model *const model = csv_point_model(csv, row, in);
    struct bl23_record record;
    struct bl23_ckm ckm;
    double value[BL23_TREE_VALUES];
    bl23_ckm_build(in, &ckm);
    struct bl23_ddc const left = bl23_left_coupling(&ckm, BL23_PAIR_UC);
    bl23_record_of(model, 0, &record);
    compare_columns(csv, row, &record, hypot(left.re.hi, left.im.hi));
    bl23_tree_values(in, &record, &model->knot[0], model->w.monomial, value);
    double const m12 = hypot(value[BL23_TREE_m12_re], value[BL23_TREE_m12_im]);
    for (int k = 0; k < BL23_TREE_VALUES; k++) {
        if (k == BL23_TREE_br_inv && model->knot[0].mass_gev > 2.0 * in->m_pip.hi)
            continue;
        double const expected = csv_double(csv, row, names[k]);
        if (k == BL23_TREE_m12_re || k == BL23_TREE_m12_im)
            check_absolute(value[k], expected, 1e-12 * m12, "%s in row %zu", names[k], row);
        else
            check_relative(value[k], expected, 1e-12, "%s in row %zu", names[k], row);
    }
    free(model);
}

static void test_points(void **state)
{
    (void)state;
    struct bl23_inputs const in = preset("pdg2018");
    struct csv *const csv = csv_open("points_charm.csv");
    check_that(csv_rows(csv) > 20, "points_charm.csv has %zu rows", csv_rows(csv));
    for (size_t row = 0; row < csv_rows(csv); row++)
        compare_point(&in, csv, row);
    csv_close(csv);
}

/* dGamma/dq^2 of D -> h e nu over |V|^2 = G_F^2 q^2/(3 pi^2) Gamma(D -> h Z' of mass q) with
 * F_V = -F_A = 1 and g = 1: the current of the W, half of it left-handed. */
struct semileptonic {
    struct bl23_inputs in;
    enum bl23_mode mode;
};

static double semileptonic_slope(double q2, void *context)
{
    struct semileptonic const *const s = context;
    struct bl23_current_rate const rate = bl23_charm_rate(&s->in, s->mode, bl23_dd(sqrt(q2)));
    double const g_f = s->in.g_f.hi;
    return g_f * g_f * q2 / (3.0 * bl23_dd_pi.hi * bl23_dd_pi.hi) *
           (rate.vector.hi + rate.axial.hi);
}

/* BR/|V|^2 of parent -> daughter e nu. */
static double semileptonic(struct semileptonic *s, double parent, double daughter)
{
    enum { INTERVALS = 1000 };
    gsl_integration_workspace *const workspace = gsl_integration_workspace_alloc(INTERVALS);
    gsl_function const function = {semileptonic_slope, s};
    double const end = (parent - daughter) * (parent - daughter);
    double sum = 0.0, error = 0.0;
    int const code =
        gsl_integration_qags(&function, 1e-12, end, 0.0, 1e-9, INTERVALS, workspace, &sum, &error);
    gsl_integration_workspace_free(workspace);
    check_that(code == 0, "GSL: code %d", code);
    return sum;
}

/* Published: Gamma(Lambda_c -> n e nu)/|V_cd|^2 = 0.405 /ps (arXiv:1712.05783, with the neutron's
 * mass); BR(D0 -> rho- e nu) = 1.445e-3 (BESIII, arXiv:1809.06496). These form factors give
 * BR(D0 -> pi- e nu) = 2.63e-3, where 2.91e-3 is measured. */
static void test_semileptonic_decays(void **state)
{
    (void)state;
    double const hbar_gev_ps = 6.582119569e-13;
    struct semileptonic s = {preset("pdg2018"), BL23_MODE_br_lc_p};
    struct bl23_ckm ckm;
    bl23_ckm_build(&s.in, &ckm);
    double const v_cd2 = pow(ckm.element[1][0].re.hi, 2.0) + pow(ckm.element[1][0].im.hi, 2.0);
    s.in.m_p = bl23_dd_parse("0.9395654", NULL);
    double const lambda_c =
        semileptonic(&s, s.in.m_lc.hi, s.in.m_p.hi) * s.in.gamma_lc.hi / hbar_gev_ps;
    check_absolute(lambda_c, 0.4049, 0.00005, "Lambda_c -> n e nu, 1/ps over |V_cd|^2");

    s.in.m_dp = s.in.m_d0; /* charged daughters of the D0 */
    s.in.gamma_dp = s.in.gamma_d0;
    s.mode = BL23_MODE_br_dp_rhop;
    double const rho = v_cd2 * semileptonic(&s, s.in.m_d0.hi, s.in.m_rho.hi);
    check_absolute(rho, 1.448e-3, 0.5e-6, "BR(D0 -> rho- e nu)");
    s.mode = BL23_MODE_br_dp_pip;
    double const pion = v_cd2 * semileptonic(&s, s.in.m_d0.hi, s.in.m_pip.hi);
    check_absolute(pion, 2.63e-3, 0.5e-5, "BR(D0 -> pi- e nu)");
}

/* m -> 0: only a current that is not conserved emits the longitudinal Z'. k_V m^2 of D -> P and
 * k_A m^2 of D -> V tend to constants, and k_V/k_A of D -> V goes as m^2. */
static void test_light_limits(void **state)
{
    (void)state;
    struct bl23_inputs const in = preset("pdg2018");
    for (int mode = FIRST_MODE; mode < END_OF_MODES; mode++) {
        bool const vector_daughter = mode >= BL23_MODE_br_dp_rhop && mode <= BL23_MODE_br_d0_omega;
        double scaled[2], ratio[2];
        for (int k = 0; k < 2; k++) {
            double const m = k == 0 ? 1e-4 : 1e-6;
            struct bl23_current_rate const rate =
                bl23_charm_rate(&in, (enum bl23_mode)mode, bl23_dd(m));
            scaled[k] = (vector_daughter ? rate.axial.hi : rate.vector.hi) * m * m;
            ratio[k] = vector_daughter ? rate.vector.hi / rate.axial.hi / (m * m) : 1.0;
        }
        check_relative(scaled[0], scaled[1], 1e-6, "m^2 k of %s", bl23_observable_name(mode));
        check_relative(ratio[0], ratio[1], 1e-6, "k_V/(k_A m^2) of %s", bl23_observable_name(mode));
    }
}

/* |F_V|^2 + |F_A|^2 = 2 (|L|^2 + |R|^2) whatever the row, so that both cannot vanish. */
static void test_currents_never_vanish_together(void **state)
{
    (void)state;
    struct bl23_inputs const in = preset("pdg2024");
    struct bl23_ckm ckm;
    bl23_ckm_build(&in, &ckm);
    struct csv *const csv = csv_open("points_charm.csv");
    for (size_t row = 0; row < csv_rows(csv); row++) {
        struct bl23_model *const model = csv_point_model(csv, row, &in);
        double const *const m = model->w.monomial;
        double h[BL23_FORMS];
        bl23_amplitudes(&model->knot[0], BL23_ALL_FORMS, m, h);
        for (int pair = 0; pair < BL23_PAIRS; pair++) {
            double const *const f = &h[BL23_FORM_UC + 4 * pair];
            struct bl23_ddc const l = bl23_left_coupling(&ckm, (enum bl23_pair)pair);
            double const r_re = m[3 + 2 * pair] / 3.0, r_im = m[4 + 2 * pair] / 3.0;
            double const sum = f[0] * f[0] + f[1] * f[1] + f[2] * f[2] + f[3] * f[3];
            double const left2 = l.re.hi * l.re.hi + l.im.hi * l.im.hi;
            check_relative(sum, 2.0 * (left2 + r_re * r_re + r_im * r_im), 1e-13,
                           "row %zu, pair %d", row, pair);
            check_that(sum >= 2.0 * left2, "row %zu, pair %d: %g", row, pair, sum);
        }
        free(model);
    }
    csv_close(csv);
}

/* Every rate is finite and positive where it is open, and 0 above its threshold. */
static void test_thresholds(void **state)
{
    (void)state;
    static char const *const names[2] = {"pdg2018", "pdg2024"};
    for (int p = 0; p < 2; p++) {
        struct bl23_inputs const in = preset(names[p]);
        struct bl23_dd const decay[END_OF_MODES - FIRST_MODE][2] = {
            {in.m_dp, in.m_pip}, {in.m_d0, in.m_pi0},   {in.m_ds, in.m_kp}, {in.m_dp, in.m_rho},
            {in.m_d0, in.m_rho}, {in.m_d0, in.m_omega}, {in.m_lc, in.m_p}};
        for (int mode = FIRST_MODE; mode < END_OF_MODES; mode++) {
            struct bl23_dd const end =
                bl23_dd_sub(decay[mode - FIRST_MODE][0], decay[mode - FIRST_MODE][1]);
            double const shift[] = {-0.5, -1e-3, -1e-9, -1e-15, 1e-30, 1e-15, 1e-3, 2.0};
            for (size_t k = 0; k < sizeof shift / sizeof shift[0]; k++) {
                struct bl23_current_rate const rate =
                    bl23_charm_rate(&in, (enum bl23_mode)mode, bl23_dd_add(end, bl23_dd(shift[k])));
                double const sum = rate.vector.hi + rate.axial.hi;
                check_that(shift[k] < 0.0 ? sum > 0.0 && isfinite(sum) : sum == 0.0,
                           "%s, %s, %g from its threshold: %g", names[p],
                           bl23_observable_name(mode), shift[k], sum);
            }
        }
    }
}

int main(void)
{
    struct CMUnitTest const tests[] = {
        cmocka_unit_test(test_sums_over_polarisations),
        cmocka_unit_test(test_points),
        cmocka_unit_test(test_semileptonic_decays),
        cmocka_unit_test(test_light_limits),
        cmocka_unit_test(test_currents_never_vanish_together),
        cmocka_unit_test(test_thresholds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
