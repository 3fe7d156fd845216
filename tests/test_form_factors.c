/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* The form factors of both sets at points that their authors, or an independent evaluation of their
 * parametrisations, publish. */
#include "tables/physics/form_factors.h"
#include "tests/check.h"

static double plus(enum bl23_form_factors set, enum bl23_mode mode, double q2)
{
    return bl23_dd_round(bl23_form_factor_plus(set, mode, bl23_dd(q2)));
}

/* lambda(a, b, c), not factorised. */
static double triangle(double a, double b, double c)
{
    return a * a + b * b + c * c - 2.0 * (a * b + b * c + c * a);
}

/* Values of a B0 mode with the masses of a preset; a12 as in BSZ. */
struct vector {
    double v, a1, a2, a12;
};

static struct vector vector(enum bl23_form_factors set, bool strange, double q2)
{
    struct bl23_inputs in;
    struct bl23_error error = {BL23_OK, ""};
    check_ok(bl23_inputs_preset("pdg2018", &in, &error), &error, "pdg2018");
    double const mb = in.m_b0.hi, mv = strange ? in.m_kst0.hi : in.m_rho.hi;
    double const lambda = triangle(mb * mb, mv * mv, q2);
    struct bl23_vector_kinematics const k = {bl23_dd(mb), bl23_dd(mv), bl23_dd(q2),
                                             bl23_dd(lambda)};
    struct bl23_vector_form_factors const f =
        bl23_form_factor_vector(set, strange ? BL23_MODE_br_b0_kst0 : BL23_MODE_br_b0_rho0, &k);
    double const sum = mb + mv, a1 = bl23_dd_round(f.a1), la2 = bl23_dd_round(f.lambda_a2);
    double const a12 =
        (sum * sum * (mb * mb - mv * mv - q2) * a1 - la2) / (16.0 * mb * mv * mv * sum);
    return (struct vector){bl23_dd_round(f.v), a1, la2 / lambda, a12};
}

/* LMvD 2021 and HPQCD 2022, evaluated by other programs. */
static void test_pseudoscalar_2022(void **state)
{
    (void)state;
    static double const q2[5] = {0.0, 5.0, 10.0, 15.0, 20.0};
    static double const pion[5] = {0.23467602, 0.31969463, 0.46026432, 0.7264543, 1.37263015};
    static double const kaon[5] = {0.331932, 0.446085, 0.632416, 0.973914, 1.740099};
    static enum bl23_mode const modes[2][2] = {{BL23_MODE_br_b0_pi0, BL23_MODE_br_bp_pip},
                                               {BL23_MODE_br_b0_k0, BL23_MODE_br_bp_kp}};
    for (int k = 0; k < 5; k++)
        for (int c = 0; c < 2; c++) {
            check_absolute(plus(BL23_FORM_FACTORS_ff2022, modes[0][c], q2[k]), pion[k], 2e-8,
                           "f_+ of B -> pi at q2 = %g", q2[k]);
            check_absolute(plus(BL23_FORM_FACTORS_ff2022, modes[1][c], q2[k]), kaon[k], 1e-6,
                           "f_+ of B -> K at q2 = %g", q2[k]);
        }
}

/* BSZ 2015: at q2 = 0 the leading coefficients, elsewhere an independent evaluation. */
static void test_vector_2022(void **state)
{
    (void)state;
    struct vector const kstar = vector(BL23_FORM_FACTORS_ff2022, true, 0.0);
    check_relative(kstar.v, 0.376313, 1e-12, "V of B -> K* at q2 = 0");
    check_relative(kstar.a1, 0.29725, 1e-12, "A1 of B -> K* at q2 = 0");
    check_relative(kstar.a12, 0.265375, 1e-12, "A12 of B -> K* at q2 = 0");
    struct vector const rho = vector(BL23_FORM_FACTORS_ff2022, false, 0.0);
    check_relative(rho.v, 0.327414, 1e-12, "V of B -> rho at q2 = 0");
    check_relative(rho.a1, 0.261755, 1e-12, "A1 of B -> rho at q2 = 0");
    check_relative(rho.a12, 0.296777, 1e-12, "A12 of B -> rho at q2 = 0");
    check_absolute(vector(BL23_FORM_FACTORS_ff2022, false, 5.0).v, 0.43840, 0.5e-5,
                   "V of B -> rho at q2 = 5");
    check_absolute(vector(BL23_FORM_FACTORS_ff2022, false, 10.0).a1, 0.33331, 0.5e-5,
                   "A1 of B -> rho at q2 = 10");
}

/* Ball and Zwicky 2004 at q2 = 0, where every pole is 1. */
static void test_2004_at_zero(void **state)
{
    (void)state;
    enum bl23_form_factors const set = BL23_FORM_FACTORS_bz2004;
    check_relative(plus(set, BL23_MODE_br_b0_pi0, 0.0), 0.258, 1e-15, "f_+ of B0 -> pi0");
    check_relative(plus(set, BL23_MODE_br_bp_pip, 0.0), 0.258, 1e-15, "f_+ of B+ -> pi+");
    check_relative(plus(set, BL23_MODE_br_b0_k0, 0.0), 0.335, 1e-15, "f_+ of B0 -> K0");
    check_relative(plus(set, BL23_MODE_br_bp_kp, 0.0), 0.335, 1e-15, "f_+ of B+ -> K+");
    struct vector const rho = vector(set, false, 0.0), kstar = vector(set, true, 0.0);
    check_relative(rho.v, 0.324, 1e-14, "V of B -> rho");
    check_relative(rho.a1, 0.240, 1e-14, "A1 of B -> rho");
    check_relative(rho.a2, 0.221, 1e-13, "A2 of B -> rho");
    check_relative(kstar.v, 0.412, 1e-14, "V of B -> K*");
    check_relative(kstar.a1, 0.290, 1e-14, "A1 of B -> K*");
    check_relative(kstar.a2, 0.258, 1e-13, "A2 of B -> K*");
}

/* The same formulas in plain doubles at other q2. */
static void test_2004_with_poles(void **state)
{
    (void)state;
    enum bl23_form_factors const set = BL23_FORM_FACTORS_bz2004;
    for (int k = 0; k <= 18; k++) {
        double const q2 = (double)k, b = 1.0 - q2 / (5.32 * 5.32), s = 1.0 - q2 / (5.41 * 5.41);
        check_relative(plus(set, BL23_MODE_br_bp_pip, q2), 0.744 / b - 0.486 / (1.0 - q2 / 40.73),
                       1e-13, "f_+ of B -> pi at q2 = %g", q2);
        check_relative(plus(set, BL23_MODE_br_bp_kp, q2), 0.162 / s + 0.173 / (s * s), 1e-13,
                       "f_+ of B -> K at q2 = %g", q2);
        struct vector const rho = vector(set, false, q2), kstar = vector(set, true, q2);
        check_relative(rho.v, 1.045 / b - 0.721 / (1.0 - q2 / 38.34), 1e-13,
                       "V of B -> rho at q2 = %g", q2);
        check_relative(rho.a1, 0.240 / (1.0 - q2 / 37.51), 1e-13, "A1 of B -> rho at q2 = %g", q2);
        check_relative(rho.a2, 0.009 / (1.0 - q2 / 40.82) + 0.212 / pow(1.0 - q2 / 40.82, 2.0),
                       1e-13, "A2 of B -> rho at q2 = %g", q2);
        check_relative(kstar.v, 0.923 / b - 0.511 / (1.0 - q2 / 49.40), 1e-13,
                       "V of B -> K* at q2 = %g", q2);
        check_relative(kstar.a1, 0.290 / (1.0 - q2 / 40.38), 1e-13, "A1 of B -> K* at q2 = %g", q2);
        check_relative(kstar.a2, -0.084 / (1.0 - q2 / 52.0) + 0.342 / pow(1.0 - q2 / 52.0, 2.0),
                       1e-13, "A2 of B -> K* at q2 = %g", q2);
    }
}

int main(void)
{
    struct CMUnitTest const tests[] = {
        cmocka_unit_test(test_pseudoscalar_2022),
        cmocka_unit_test(test_vector_2022),
        cmocka_unit_test(test_2004_at_zero),
        cmocka_unit_test(test_2004_with_poles),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
