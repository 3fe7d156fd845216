/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* The CKM matrix is unitary, and has the moduli, the phase convention and the invariant it must. */
#include <complex.h>

#include "tables/physics/ckm.h"
#include "tests/check.h"

static char const *const presets[2] = {"pdg2018", "pdg2024"};

static struct bl23_ckm build(char const *preset, struct bl23_inputs *inputs)
{
    struct bl23_error error = {BL23_OK, ""};
    check_ok(bl23_inputs_preset(preset, inputs, &error), &error, "%s", preset);
    struct bl23_ckm ckm;
    bl23_ckm_build(inputs, &ckm);
    return ckm;
}

static double complex rounded(struct bl23_ddc z)
{
    return bl23_dd_round(z.re) + bl23_dd_round(z.im) * I;
}

/* Row i of V times row j of V^*, or columns, in double-doubles. */
static struct bl23_ddc product(struct bl23_ckm const *ckm, int i, int j, bool rows)
{
    struct bl23_ddc sum = {{0.0, 0.0}, {0.0, 0.0}};
    for (int k = 0; k < 3; k++) {
        struct bl23_ddc const a = rows ? ckm->element[i][k] : ckm->element[k][i];
        struct bl23_ddc const b = rows ? ckm->element[j][k] : ckm->element[k][j];
        sum = bl23_ddc_add(sum, bl23_ddc_mul(a, bl23_ddc_conj(b)));
    }
    return sum;
}

static void test_unitary_in_double_doubles(void **state)
{
    (void)state;
    for (int p = 0; p < 2; p++) {
        struct bl23_inputs inputs;
        struct bl23_ckm const ckm = build(presets[p], &inputs);
        double norm2 = 0.0;
        for (int i = 0; i < 3; i++)
            for (int j = 0; j < 3; j++) {
                struct bl23_ddc z = product(&ckm, i, j, true);
                z.re = bl23_dd_sub(z.re, bl23_dd(i == j ? 1.0 : 0.0));
                norm2 += z.re.hi * z.re.hi + z.im.hi * z.im.hi;
                struct bl23_ddc const c = product(&ckm, i, j, false);
                check_absolute(bl23_dd_round(bl23_dd_sub(c.re, bl23_dd(i == j ? 1.0 : 0.0))), 0.0,
                               1e-30, "%s: Re of columns %d, %d", presets[p], i, j);
                check_absolute(c.im.hi, 0.0, 1e-30, "%s: Im of columns %d, %d", presets[p], i, j);
            }
        check_absolute(sqrt(norm2), 0.0, 1e-30, "%s: ||V V^+ - 1||", presets[p]);
    }
}

static void test_unitary_as_doubles(void **state)
{
    (void)state;
    for (int p = 0; p < 2; p++) {
        struct bl23_inputs inputs;
        struct bl23_ckm const ckm = build(presets[p], &inputs);
        double norm2 = 0.0;
        for (int i = 0; i < 3; i++)
            for (int j = 0; j < 3; j++) {
                double complex sum = i == j ? -1.0 : 0.0;
                for (int k = 0; k < 3; k++)
                    sum += rounded(ckm.element[i][k]) * conj(rounded(ckm.element[j][k]));
                norm2 += creal(sum) * creal(sum) + cimag(sum) * cimag(sum);
            }
        check_absolute(sqrt(norm2), 0.0, 1e-15, "%s: ||V V^+ - 1|| of doubles", presets[p]);
    }
}

/* rhobar + i etabar = - V_ud V*_ub / (V_cd V*_cb), to all orders in lambda; lambda and A are
 * |V_us| / sqrt(|V_ud|^2 + |V_us|^2) and |V_cb| / (lambda |V_us|) (PDG, CKM review, Eq. 12.4). */
static void test_wolfenstein_parameters_return(void **state)
{
    (void)state;
    for (int p = 0; p < 2; p++) {
        struct bl23_inputs inputs;
        struct bl23_ckm const ckm = build(presets[p], &inputs);
        double complex v[3][3];
        for (int i = 0; i < 3; i++)
            for (int a = 0; a < 3; a++)
                v[i][a] = rounded(ckm.element[i][a]);
        double complex const apex = -v[0][0] * conj(v[0][2]) / (v[1][0] * conj(v[1][2]));
        check_relative(creal(apex), inputs.ckm_rhobar.hi, 1e-13, "%s: rhobar", presets[p]);
        check_relative(cimag(apex), inputs.ckm_etabar.hi, 1e-13, "%s: etabar", presets[p]);
        double const lambda = cabs(v[0][1]) / hypot(cabs(v[0][0]), cabs(v[0][1]));
        check_relative(lambda, inputs.ckm_lambda.hi, 1e-14, "%s: lambda", presets[p]);
        check_relative(cabs(v[1][2]) / (lambda * cabs(v[0][1])), inputs.ckm_a.hi, 1e-14, "%s: A",
                       presets[p]);
    }
}

/* The phase convention: V_ud, V_us, V_cb, V_tb real and positive; the Jarlskog invariant is the
 * same from any quartet and has the size of A^2 lambda^6 etabar. */
static void test_convention_and_jarlskog(void **state)
{
    (void)state;
    static int const real_elements[4][2] = {{0, 0}, {0, 1}, {1, 2}, {2, 2}};
    for (int p = 0; p < 2; p++) {
        struct bl23_inputs inputs;
        struct bl23_ckm const ckm = build(presets[p], &inputs);
        for (int k = 0; k < 4; k++) {
            double complex const z = rounded(ckm.element[real_elements[k][0]][real_elements[k][1]]);
            check_that(creal(z) > 0.0 && cimag(z) == 0.0, "%s: element %d is %g%+gi", presets[p], k,
                       creal(z), cimag(z));
        }
        double complex const us = rounded(ckm.element[0][1]), cb = rounded(ckm.element[1][2]),
                             ub = rounded(ckm.element[0][2]), cs = rounded(ckm.element[1][1]),
                             td = rounded(ckm.element[2][0]), tb = rounded(ckm.element[2][2]),
                             ud = rounded(ckm.element[0][0]);
        double const j = cimag(us * cb * conj(ub) * conj(cs));
        double const other = cimag(ud * tb * conj(ub) * conj(td));
        check_absolute(other, j, 1e-18, "%s: Im(V_ud V_tb V*_ub V*_td)", presets[p]);
        double const estimate = pow(inputs.ckm_a.hi, 2) * pow(inputs.ckm_lambda.hi, 6);
        check_relative(j, estimate * inputs.ckm_etabar.hi, 0.05, "%s: Jarlskog", presets[p]);
    }
}

int main(void)
{
    struct CMUnitTest const tests[] = {
        cmocka_unit_test(test_unitary_in_double_doubles),
        cmocka_unit_test(test_unitary_as_doubles),
        cmocka_unit_test(test_wolfenstein_parameters_return),
        cmocka_unit_test(test_convention_and_jarlskog),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
