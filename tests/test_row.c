/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* A row of complex numbers, against the arc tangent and the division of tables/base/dd.h, which
 * test_dd compares with 34 digits. */
#include <math.h>

#include "kernels/sample/row.h"
#include "tests/check.h"

#define ANGLE_ULP 0.51 /* stated in kernels/sample/row.h */
#define ROUNDED_ULP 0.5000001

enum { ROWS = 100000 };

static uint64_t state_of_random = 1;

static double uniform(void)
{
    state_of_random = state_of_random * 6364136223846793005u + 1442695040888963407u;
    return (double)(state_of_random >> 11) * 0x1p-53;
}

/* Of either sign, some of them 0, small, or of few digits. */
static double entry(void)
{
    int const kind = (int)(8.0 * uniform());
    double const x = 2.0 * uniform() - 1.0;
    return kind == 0 ? 0.0 : kind == 1 ? x * 0x1p-40 : kind == 2 ? floor(8.0 * x) : 100.0 * x;
}

static double ulps(double found, struct bl23_dd expected)
{
    double const a = fabs(expected.hi);
    double const off = fabs(bl23_dd_sub(bl23_dd(found), expected).hi);
    return off == 0.0 ? 0.0 : off / (nextafter(a, (double)INFINITY) - a);
}

static void check_angle(double y, double x)
{
    double const found = bl23_row_angle(y, x);
    struct bl23_dd const expected = bl23_dd_atan2(bl23_dd(y), bl23_dd(x));
    check_that(ulps(found, expected) <= ANGLE_ULP, "angle of (%a, %a): %a, not %a: %g ulp", x, y,
               found, expected.hi, ulps(found, expected));
}

static void test_angle(void **state)
{
    (void)state;
    double const pi = bl23_dd_pi.hi;
    for (int k = 0; k < ROWS; k++)
        check_angle(entry(), entry());
    for (int k = -16; k <= 16; k++) /* at and next to the nodes, and half-way between them */
        for (int side = -1; side <= 1; side++) {
            double const y = (double)k / 16.0, near = side == 0 ? y : y + side * 0x1p-54;
            check_angle(near, 1.0);
            check_angle(near, -1.0);
            check_angle(1.0, near);
            check_angle(-1.0, near);
        }
    check_exact(bl23_row_angle(0.0, -2.0), pi, "(-2, 0)");
    check_exact(bl23_row_angle(-0.0, -2.0), pi, "(-2, -0)");
    check_exact(bl23_row_angle(3.0, 0.0), 0.5 * pi, "(0, 3)");
    check_exact(bl23_row_angle(-3.0, 0.0), -0.5 * pi, "(0, -3)");
    check_exact(bl23_row_angle(1e6, 1e6), 0.25 * pi, "(1e6, 1e6)");
    check_exact(bl23_row_angle(0.0, 0.0), 0.0, "(0, 0)");
}

/* Each part is the quotient of exact numbers, rounded. */
static void check_row(double const w[6])
{
    struct bl23_row row;
    struct bl23_dd norm2 = bl23_dd(0.0);
    for (int k = 0; k < 6; k++)
        norm2 = bl23_dd_add(norm2, bl23_dd_two_prod(w[k], w[k]));
    bl23_row_of_complex(w, &row);
    for (int i = 0; i < 3; i++) {
        double const *const z = w + 2 * i;
        struct bl23_dd const part = bl23_dd_div(
            bl23_dd_add(bl23_dd_two_prod(z[0], z[0]), bl23_dd_two_prod(z[1], z[1])), norm2);
        check_that(ulps(row.monomial[i], part) <= ROUNDED_ULP, "|w_%d|^2 %a, not %a", i + 1,
                   row.monomial[i], part.hi);
        check_that(ulps(row.abs[i], bl23_dd_sqrt(part)) <= ROUNDED_ULP, "|w_%d| %a", i + 1,
                   row.abs[i]);
    }
    for (int p = 0; p < 3; p++) {
        double const *const a = w + 2 * (p == 2), *const b = w + 2 * (p == 0 ? 1 : 2);
        struct bl23_dd const re = bl23_dd_div(
            bl23_dd_add(bl23_dd_two_prod(a[0], b[0]), bl23_dd_two_prod(a[1], b[1])), norm2);
        struct bl23_dd const im = bl23_dd_div(
            bl23_dd_sub(bl23_dd_two_prod(a[0], b[1]), bl23_dd_two_prod(a[1], b[0])), norm2);
        check_that(ulps(row.monomial[3 + 2 * p], re) <= ROUNDED_ULP, "Re of pair %d: %a, not %a", p,
                   row.monomial[3 + 2 * p], re.hi);
        check_that(ulps(row.monomial[4 + 2 * p], im) <= ROUNDED_ULP, "Im of pair %d: %a, not %a", p,
                   row.monomial[4 + 2 * p], im.hi);
    }
}

static void test_rows(void **state)
{
    (void)state;
    int rows = 0;
    for (int k = 0; k < ROWS; k++) {
        double w[6];
        for (int c = 0; c < 6; c++)
            w[c] = entry();
        if (!bl23_row_is_allowed(w))
            continue;
        check_row(w);
        rows++;
    }
    check_that(rows > ROWS / 2, "%d rows", rows);
}

static void test_allowed(void **state)
{
    (void)state;
    double const good[][6] = {{1, 0, 0, 0, 0, 0}, {0, 1e6, 0, 0, 0, -1e6}, {1e-6, 0, 0, 0, 0, 0}};
    double const bad[][6] = {{0, 0, 0, 0, 0, 0},
                             {(double)NAN, 1, 0, 0, 0, 0},
                             {1, 0, 0, (double)INFINITY, 0, 0},
                             {1, 0, -1.0000001e6, 0, 0, 0},
                             {0, 9e-7, 0, 0, 0, 0}};
    for (size_t k = 0; k < sizeof good / sizeof good[0]; k++)
        check_that(bl23_row_is_allowed(good[k]), "good row %zu", k);
    for (size_t k = 0; k < sizeof bad / sizeof bad[0]; k++)
        check_that(!bl23_row_is_allowed(bad[k]), "bad row %zu", k);
}

int main(void)
{
    struct CMUnitTest const tests[] = {cmocka_unit_test(test_angle), cmocka_unit_test(test_rows),
                                       cmocka_unit_test(test_allowed)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
