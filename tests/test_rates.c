/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* Delta a_mu against GSL's quadrature of its integral, thresholds, width and length. */
#include <gsl/gsl_errno.h>
#include <gsl/gsl_integration.h>

#include "tables/physics/rates.h"
#include "tests/check.h"

static struct bl23_inputs preset(char const *name)
{
    struct bl23_inputs inputs;
    struct bl23_error error = {BL23_OK, ""};
    check_ok(bl23_inputs_preset(name, &inputs, &error), &error, "%s", name);
    return inputs;
}

/* The integrand of Delta a_mu in y = 1 - z, where a small mass puts its peak at the origin. */
struct muon {
    double mass, m_mu;
};

static double integrand(double y, void *context)
{
    struct muon const *const p = context;
    double const m2 = p->m_mu * p->m_mu;
    return 2.0 * m2 * (1.0 - y) * y * y / (m2 * y * y + (1.0 - y) * p->mass * p->mass);
}

static double by_quadrature(struct muon p)
{
    enum { INTERVALS = 4000 };
    gsl_set_error_handler_off();
    gsl_integration_workspace *const workspace = gsl_integration_workspace_alloc(INTERVALS);
    gsl_function const function = {integrand, &p};
    double const edge = fmin(0.5, 10.0 * p.mass / p.m_mu);
    double low = 0.0, high = 0.0, error = 0.0;
    int const first = gsl_integration_qag(&function, 0.0, edge, 0.0, 1e-12, INTERVALS,
                                          GSL_INTEG_GAUSS61, workspace, &low, &error);
    int const second = gsl_integration_qag(&function, edge, 1.0, 0.0, 1e-12, INTERVALS,
                                           GSL_INTEG_GAUSS61, workspace, &high, &error);
    gsl_integration_workspace_free(workspace);
    bool const usable = (first == GSL_SUCCESS || first == GSL_EROUND) &&
                        (second == GSL_SUCCESS || second == GSL_EROUND);
    check_that(usable, "GSL at m = %g: %s, %s", p.mass, gsl_strerror(first), gsl_strerror(second));
    return (low + high) / (8.0 * bl23_dd_pi.hi * bl23_dd_pi.hi);
}

static void compare_muon(struct bl23_inputs const *inputs, double mass)
{
    double const found = bl23_dd_round(bl23_rate_delta_a_mu(inputs, bl23_dd(mass)));
    double const expected = by_quadrature((struct muon){mass, bl23_dd_round(inputs->m_mu)});
    check_relative(found, expected, 1e-10, "Delta a_mu / g^2 at m = %.17g", mass);
}

static void test_muon_by_quadrature(void **state)
{
    (void)state;
    struct bl23_inputs const inputs = preset("pdg2018");
    double const low = log(1e-6), high = log(4.7);
    for (int k = 0; k <= 200; k++)
        compare_muon(&inputs, exp(low + (high - low) * (double)k / 200.0));
    compare_muon(&inputs, 4.7);
}

/* r = (m/m_mu)^2 = 4 is where the closed form changes from atan to atanh through a series. */
static void test_muon_near_twice_its_mass(void **state)
{
    (void)state;
    struct bl23_inputs const inputs = preset("pdg2018");
    double const twice = 2.0 * inputs.m_mu.hi;
    compare_muon(&inputs, twice);
    struct bl23_dd const exact = bl23_dd_mul_d(inputs.m_mu, 2.0);
    double const there = bl23_dd_round(bl23_rate_delta_a_mu(&inputs, exact));
    check_relative(there, by_quadrature((struct muon){twice, inputs.m_mu.hi}), 1e-10,
                   "Delta a_mu / g^2 at twice the muon mass");
    for (int k = 1; k <= 50; k++)
        for (int sign = -1; sign <= 1; sign += 2)
            compare_muon(&inputs, twice * (1.0 + (double)sign * ldexp(1.0, -k)));
}

/* Monotonous where the forms meet: no step larger than the slope allows. */
static void test_muon_is_smooth(void **state)
{
    (void)state;
    struct bl23_inputs const inputs = preset("pdg2018");
    double const twice = 2.0 * inputs.m_mu.hi;
    double before = INFINITY;
    for (int k = -2000; k <= 2000; k++) {
        double const mass = twice * (1.0 + 1e-13 * (double)k);
        double const value = bl23_dd_round(bl23_rate_delta_a_mu(&inputs, bl23_dd(mass)));
        check_that(value <= before, "Delta a_mu rises at m = %.17g: %.17g after %.17g", mass, value,
                   before);
        before = value;
    }
}

static void test_muon_limits(void **state)
{
    (void)state;
    struct bl23_inputs const inputs = preset("pdg2018");
    double const pi2 = bl23_dd_pi.hi * bl23_dd_pi.hi;
    double const light = bl23_dd_round(bl23_rate_delta_a_mu(&inputs, bl23_dd(1e-12)));
    check_relative(light, 1.0 / (8.0 * pi2), 1e-9, "Delta a_mu / g^2 of a massless boson");
    /* 2/(3 r) - (2/r^2)(ln r - 25/12) for r = (m/m_mu)^2 >> 1 */
    double const mass = 20.0, r = pow(mass / inputs.m_mu.hi, 2.0);
    double const series = 2.0 / (3.0 * r) - 2.0 / (r * r) * (log(r) - 25.0 / 12.0);
    double const heavy = bl23_dd_round(bl23_rate_delta_a_mu(&inputs, bl23_dd(mass)));
    check_relative(heavy, series / (8.0 * pi2), 3e-7, "Delta a_mu / g^2 at %g GeV", mass);
}

/* Parent and daughter of each mode, in the order of the modes. */
static void parents_of(struct bl23_inputs const *in, struct bl23_dd pair[BL23_MODES][2])
{
    struct bl23_dd const all[BL23_MODES][2] = {
        {in->m_k0, in->m_pi0},  {in->m_kp, in->m_pip}, {in->m_b0, in->m_pi0}, {in->m_bp, in->m_pip},
        {in->m_b0, in->m_rho},  {in->m_bp, in->m_rho}, {in->m_b0, in->m_k0},  {in->m_bp, in->m_kp},
        {in->m_b0, in->m_kst0}, {in->m_bp, in->m_kstp}};
    for (int mode = 0; mode <= BL23_MODE_br_bp_kstp; mode++)
        for (int k = 0; k < 2; k++)
            pair[mode][k] = all[mode][k];
}

static void check_threshold(struct bl23_inputs const *inputs, int mode, struct bl23_dd threshold)
{
    double const above[] = {0.0, 1e-30, 1e-15, 1e-6, 0.1, 10.0};
    double const below[] = {1e-15, 1e-9, 1e-3};
    for (int k = 0; k < 6; k++) {
        struct bl23_dd const mass = bl23_dd_add(threshold, bl23_dd(above[k]));
        struct bl23_dd const kappa = bl23_rate_kappa(inputs, (enum bl23_mode)mode, mass);
        check_that(kappa.hi == 0.0 && kappa.lo == 0.0, "%s, mode %d, %g above threshold: kappa %g",
                   inputs->preset, mode, above[k], kappa.hi);
    }
    for (int k = 0; k < 3; k++) {
        struct bl23_dd const mass = bl23_dd_sub(threshold, bl23_dd(below[k]));
        struct bl23_dd const kappa = bl23_rate_kappa(inputs, (enum bl23_mode)mode, mass);
        check_that(kappa.hi > 0.0 && isfinite(kappa.hi),
                   "%s, mode %d, %g below threshold: kappa %g", inputs->preset, mode, below[k],
                   kappa.hi);
    }
}

static void test_thresholds(void **state)
{
    (void)state;
    static char const *const names[2] = {"pdg2018", "pdg2024"};
    for (int p = 0; p < 2; p++) {
        struct bl23_inputs const inputs = preset(names[p]);
        struct bl23_dd pair[BL23_MODES][2];
        parents_of(&inputs, pair);
        for (int mode = 0; mode <= BL23_MODE_br_bp_kstp; mode++)
            check_threshold(&inputs, mode, bl23_dd_sub(pair[mode][0], pair[mode][1]));
    }
}

/* Every open rate is a positive finite number at every mass of the program, in both sets. */
static void test_kappa_is_positive(void **state)
{
    (void)state;
    static char const *const names[2] = {"pdg2018", "pdg2024"};
    for (int p = 0; p < 2; p++) {
        struct bl23_inputs const inputs = preset(names[p]);
        struct bl23_dd pair[BL23_MODES][2];
        parents_of(&inputs, pair);
        for (int mode = 0; mode <= BL23_MODE_br_bp_kstp; mode++)
            for (int k = 1; k <= 470; k++) {
                struct bl23_dd const mass = bl23_dd(0.01 * (double)k);
                double const kappa = bl23_rate_kappa(&inputs, (enum bl23_mode)mode, mass).hi;
                bool const open = bl23_dd_less(bl23_dd_add(mass, pair[mode][1]), pair[mode][0]);
                check_that(open ? kappa > 0.0 && isfinite(kappa) : kappa == 0.0,
                           "%s, mode %d at m = %g: kappa %g", names[p], mode, mass.hi, kappa);
            }
    }
}

/* Grossman-Nir: kappa of K_L over kappa of K+ bounds BR(K_L)/BR(K+), as (Im H)^2 <= |H|^2. It is
 * below 4.3 for a light Z', and above 0.22 GeV phase space lifts it beyond. */
static void test_grossman_nir(void **state)
{
    (void)state;
    struct bl23_inputs const inputs = preset("pdg2018");
    double before = 0.0;
    for (int k = 1; k <= 350; k++) {
        struct bl23_dd const mass = bl23_dd(1e-3 * (double)k);
        double const ratio = bl23_rate_kappa(&inputs, BL23_MODE_br_kl_pi0, mass).hi /
                             bl23_rate_kappa(&inputs, BL23_MODE_br_kp_pip, mass).hi;
        check_that(ratio > before && ratio > 4.0 && (ratio < 4.3) == (k < 220),
                   "m = %g: kappa ratio %g, at the mass before %g", mass.hi, ratio, before);
        before = ratio;
    }
}

/* Gamma = g^2 m/(24 pi) and c tau ~ 1.5e-5 m (1e-4/g)^2 (0.1 GeV/m), Eq. (3.1) and its sentence. */
static void test_width_and_length(void **state)
{
    (void)state;
    double const g = 1e-4, mass = 0.1;
    struct bl23_inputs inputs;
    struct bl23_error error = {BL23_OK, ""};
    check_ok(bl23_inputs_preset("pdg2018", &inputs, &error), &error, "pdg2018");
    double const length = bl23_rate_ctau_m_times_g2(&inputs, mass) / (g * g);
    check_absolute(length, 1.5e-5, 0.05e-5, "c tau at g = %g, m = %g", g, mass);
    for (int k = 1; k <= 47; k++) {
        double const m = 0.1 * (double)k;
        check_relative(bl23_rate_ctau_m_times_g2(&inputs, m) / (g * g), length * (0.1 / m), 1e-14,
                       "c tau at m = %g", m);
        check_relative(bl23_rate_width_gev_per_g2(&inputs, m), m / 75.39822368615503, 1e-15,
                       "width at m = %g", m);
        check_relative(bl23_rate_width_gev_per_g2(&inputs, m) *
                           bl23_rate_ctau_m_times_g2(&inputs, m),
                       1.973269804e-16, 1e-15, "width times length at m = %g", m);
    }
    check_ok(bl23_inputs_set(&inputs, "width", "two_neutrinos", &error), &error, "width");
    check_relative(bl23_rate_width_gev_per_g2(&inputs, mass), mass / 37.69911184307752, 1e-15,
                   "width into two neutrinos");
    check_relative(bl23_rate_ctau_m_times_g2(&inputs, mass) / (g * g), 0.5 * length, 1e-15,
                   "c tau with two neutrinos");
}

int main(void)
{
    struct CMUnitTest const tests[] = {
        cmocka_unit_test(test_muon_by_quadrature), cmocka_unit_test(test_muon_near_twice_its_mass),
        cmocka_unit_test(test_muon_is_smooth),     cmocka_unit_test(test_muon_limits),
        cmocka_unit_test(test_thresholds),         cmocka_unit_test(test_kappa_is_positive),
        cmocka_unit_test(test_grossman_nir),       cmocka_unit_test(test_width_and_length),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
