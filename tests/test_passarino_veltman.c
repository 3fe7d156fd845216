/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* The loop functions against three independent tables, against GSL's quadrature, and against the
 * errors they report of themselves. */
#include <gsl/gsl_errno.h>
#include <stdlib.h>
#include <string.h>

#include "tables/physics/passarino_veltman.h"
#include "tables/physics/pv_quadrature.h"
#include "tests/check.h"
#include "tests/csv.h"

/* One of pv.csv, pv_more.csv, pv_altered.csv: masses of u, c, t, W as its head states them. */
struct table {
    char const *file;
    char const *mass[4];
    bool decimal; /* else every number is the double nearest to its text */
};

static struct table const tables[3] = {
    {"pv.csv", {"2.2e-3", "1.275", "173.0", "80.379"}, true},
    {"pv_more.csv", {"0.0022", "1.275", "173.0", "80.379"}, false},
    {"pv_altered.csv", {"0.00216", "1.273", "163.0", "80.369"}, false},
};

static struct bl23_dd number(struct table const *t, char const *text)
{
    return t->decimal ? bl23_dd_parse(text, NULL) : bl23_dd(strtod(text, NULL));
}

static struct bl23_dd quark(struct table const *t, char const *name)
{
    return number(t, t->mass[strcmp(name, "u") == 0 ? 0 : strcmp(name, "c") == 0 ? 1 : 2]);
}

static struct bl23_pv_masses masses_of(struct table const *t, struct csv const *csv, size_t row)
{
    return (struct bl23_pv_masses){quark(t, csv_text(csv, row, "qi")),
                                   quark(t, csv_text(csv, row, "qj")), number(t, t->mass[3]),
                                   number(t, csv_text(csv, row, "q_gev"))};
}

/* The four numbers of a row, in one shape. */
struct part {
    char const *column;
    struct bl23_dd value;
    double error;
};

static void parts_of(struct bl23_pv const *pv, struct part part[4])
{
    part[0] = (struct part){"re_c0", pv->c0.re, pv->c0_re_error};
    part[1] = (struct part){"im_c0", pv->c0.im, pv->c0_im_error};
    part[2] = (struct part){"re_s", pv->s.re, pv->s_re_error};
    part[3] = (struct part){"im_s", pv->s.im, pv->s_im_error};
}

/* Half a unit of the last digit that a reference number prints; an exact 0 is exact. */
static double half_unit(char const *text)
{
    char const *const exponent = strchr(text, 'e');
    char const *const point = strchr(text, '.');
    if (!point)
        return 0.0;
    size_t const length = exponent ? (size_t)(exponent - text) : strlen(text);
    double const decimals = (double)(text + length - point - 1);
    return 0.5 * pow(10.0, (exponent ? strtod(exponent + 1, NULL) : 0.0) - decimals);
}

static void compare_row(struct table const *t, struct csv const *csv, size_t row)
{
    struct bl23_pv_masses const masses = masses_of(t, csv, row);
    struct bl23_pv pv;
    enum bl23_status const status = bl23_pv_compute(&masses, &pv);
    char const *const q = csv_text(csv, row, "q_gev"), *const i = csv_text(csv, row, "qi"),
                      *const j = csv_text(csv, row, "qj");
    check_ok(status, NULL, "%s: q = %s, %s-%s", t->file, q, i, j);
    struct part part[4];
    parts_of(&pv, part);
    for (int k = 0; k < 4; k++) {
        struct bl23_dd const expected = csv_decimal(csv, row, part[k].column);
        check_relative(bl23_dd_round(part[k].value), bl23_dd_round(expected), 1e-13,
                       "%s: %s at q = %s, %s-%s", t->file, part[k].column, q, i, j);
        if (expected.hi == 0.0)
            check_exact(part[k].value.hi, 0.0, "%s: %s at q = %s, %s-%s, closed", t->file,
                        part[k].column, q, i, j);
        check_dd(part[k].value, expected,
                 part[k].error + half_unit(csv_text(csv, row, part[k].column)),
                 "%s: %s at q = %s, %s-%s beyond its own error %.3g", t->file, part[k].column, q, i,
                 j, part[k].error);
        check_that(part[k].error >= 0.0 && part[k].error < 1e-20, "%s: error of %s is %g", t->file,
                   part[k].column, part[k].error);
    }
}

static void test_reference_tables(void **state)
{
    (void)state;
    for (int f = 0; f < 3; f++) {
        struct csv *const csv = csv_open(tables[f].file);
        for (size_t row = 0; row < csv_rows(csv); row++)
            compare_row(&tables[f], csv, row);
        check_that(csv_rows(csv) > 60, "%s has %zu rows", tables[f].file, csv_rows(csv));
        csv_close(csv);
    }
}

/* 36 digits of reference show whether the errors are bounds, and whether they are any use. */
static void test_error_estimates(void **state)
{
    (void)state;
    struct csv *const csv = csv_open("pv_digits.csv");
    for (size_t row = 0; row < csv_rows(csv); row++) {
        struct bl23_pv_masses const m = masses_of(&tables[0], csv, row);
        struct bl23_pv pv;
        check_ok(bl23_pv_compute(&m, &pv), NULL, "row %zu", row);
        struct part part[4];
        parts_of(&pv, part);
        for (int k = 0; k < 4; k++) {
            struct bl23_dd const expected = csv_decimal(csv, row, part[k].column);
            double const reading = 0x1p-98 * fabs(expected.hi);
            check_dd(part[k].value, expected, part[k].error + reading,
                     "%s at q = %s, %s-%s beyond its own error %.3g", part[k].column,
                     csv_text(csv, row, "q_gev"), csv_text(csv, row, "qi"),
                     csv_text(csv, row, "qj"), part[k].error);
            check_that(part[k].error <= 1e-20 * fmax(fabs(expected.hi), 1e-3),
                       "%s, row %zu: the error %.3g is of no use", part[k].column, row,
                       part[k].error);
        }
    }
    check_that(csv_rows(csv) > 70, "%zu rows", csv_rows(csv));
    csv_close(csv);
}

static struct bl23_pv_masses masses(double mi, double mj, double q)
{
    return (struct bl23_pv_masses){bl23_dd(mi), bl23_dd(mj), bl23_dd(80.379), bl23_dd(q)};
}

static double const quarks[3] = {2.2e-3, 1.275, 173.0};

static void test_symmetry(void **state)
{
    (void)state;
    for (int k = 0; k < 40; k++) {
        double const q = 5.19 * (double)k / 39.0;
        for (int pair = 0; pair < 3; pair++) {
            double const mi = quarks[pair], mj = quarks[(pair + 1) % 3];
            struct bl23_pv_masses const m = masses(mi, mj, q), n = masses(mj, mi, q);
            struct bl23_pv a, b;
            check_ok(bl23_pv_compute(&m, &a), NULL, "q = %g, %g-%g", q, mi, mj);
            check_ok(bl23_pv_compute(&n, &b), NULL, "q = %g, %g-%g", q, mj, mi);
            struct part p[4], r[4];
            parts_of(&a, p);
            parts_of(&b, r);
            for (int c = 0; c < 4; c++)
                check_dd(p[c].value, r[c].value, 0.0, "%s at q = %g, %g-%g", p[c].column, q, mi,
                         mj);
        }
    }
}

/* Imaginary parts open at q = mi + mj, are zero at it, and negative then for C0. */
static void test_thresholds(void **state)
{
    (void)state;
    static double const up[2] = {0x1.2p-9, 0x1.46p+0}; /* sums of these are exact */
    for (int i = 0; i < 2; i++)
        for (int j = i; j < 2; j++) {
            double const threshold = up[i] + up[j];
            double const q[3] = {nextafter(threshold, 0.0), threshold, nextafter(threshold, 9.0)};
            for (int k = 0; k < 3; k++) {
                struct bl23_pv_masses const m = masses(up[i], up[j], q[k]);
                struct bl23_pv pv;
                check_ok(bl23_pv_compute(&m, &pv), NULL, "q = %.17g", q[k]);
                bool const open = k == 2;
                check_that((pv.c0.im.hi != 0.0) == open && (pv.s.im.hi != 0.0) == open,
                           "q = %.17g, threshold %.17g: Im C0 %g, Im S %g", q[k], threshold,
                           pv.c0.im.hi, pv.s.im.hi);
                check_that(isfinite(pv.c0.re.hi) && isfinite(pv.s.re.hi), "q = %.17g: %g, %g", q[k],
                           pv.c0.re.hi, pv.s.re.hi);
            }
        }
}

static void test_domain(void **state)
{
    (void)state;
    double const nan = (double)NAN, inf = (double)INFINITY;
    struct bl23_pv_masses const bad[] = {
        masses(2.2e-3, 1.275, 5.1962),
        masses(2.2e-3, 1.275, 6.0),
        masses(2.2e-3, 1.275, -1e-9),
        masses(2.2e-3, 1.275, nan),
        masses(2.2e-3, 1.275, inf),
        masses(nan, 1.275, 1.0),
        masses(2.2e-3, nan, 1.0),
        masses(0.0, 1.275, 1.0),
        masses(2.2e-3, 0.0, 1.0),
        masses(-2.2e-3, 1.275, 1.0),
        masses(2.2e-3, -1.275, 1.0),
        masses(80.379, 80.379, 1.0),
        {bl23_dd(1.0), bl23_dd(1.0), bl23_dd(nan), bl23_dd(1.0)},
        {bl23_dd(1.0), bl23_dd(1.0), bl23_dd(-80.0), bl23_dd(1.0)},
        {bl23_dd(1.0), bl23_dd(1.0), bl23_dd(0.0), bl23_dd(1.0)},
    };
    for (size_t k = 0; k < sizeof bad / sizeof bad[0]; k++) {
        struct bl23_pv pv;
        enum bl23_status const status = bl23_pv_compute(&bad[k], &pv);
        check_that(status == BL23_ERROR_DOMAIN, "mi %g, mj %g, mW %g, q %g: status %d",
                   bad[k].mass_i_gev.hi, bad[k].mass_j_gev.hi, bad[k].mass_w_gev.hi,
                   bad[k].q_gev.hi, (int)status);
    }
    struct bl23_pv_masses const edge = masses(2.2e-3, 1.275, 5.196);
    struct bl23_pv pv;
    check_ok(bl23_pv_compute(&edge, &pv), NULL, "q = 5.196, inside");
}

/* GSL's estimate counts truncation only: at its rounding floor 1e-11 of the value stands for it.
 * Exactly on a threshold the integrand is singular inside an interval that GSL cannot know, and
 * 1e-7 of the value is all it reaches. */
static double quadrature_error(double value, double error, bool on_threshold)
{
    return fmax(error, (on_threshold ? 1e-7 : 1e-11) * fabs(value));
}

static void compare_quadrature(double mi, double mj, double q)
{
    struct bl23_pv_masses const m = masses(mi, mj, q);
    struct bl23_pv pv;
    struct bl23_pv_quadrature g;
    check_ok(bl23_pv_compute(&m, &pv), NULL, "q = %g, %g-%g", q, mi, mj);
    check_ok(bl23_pv_quadrature_compute(mi, mj, 80.379, q, &g), NULL, "quadrature at q = %g, %g-%g",
             q, mi, mj);
    double const value[4] = {g.c0_re, g.c0_im, g.s_re, g.s_im};
    double const error[4] = {g.c0_re_error, g.c0_im_error, g.s_re_error, g.s_im_error};
    bool const on_threshold = fabs(q - (mi + mj)) <= 0x1p-52 * q;
    struct part part[4];
    parts_of(&pv, part);
    for (int c = 0; c < 4; c++)
        check_absolute(value[c], bl23_dd_round(part[c].value),
                       quadrature_error(value[c], error[c], on_threshold) + part[c].error,
                       "%s at q = %g, %g-%g by quadrature", part[c].column, q, mi, mj);
}

static void test_quadrature(void **state)
{
    (void)state;
    static double const q[] = {0.0,      1e-3, 4.3e-3, 0.0044, 4.5e-3, 0.01, 0.1,
                               0.134977, 0.5,  1.2,    1.2772, 1.28,   1.5,  2.0,
                               2.549,    2.55, 2.551,  3.0,    4.0,    4.7,  5.19};
    for (size_t k = 0; k < sizeof q / sizeof q[0]; k++)
        for (int i = 0; i < 3; i++)
            for (int j = i; j < 3; j++)
                compare_quadrature(quarks[i], quarks[j], q[k]);
    for (int k = 0; k <= 100; k++)
        for (int i = 0; i < 3; i++)
            compare_quadrature(quarks[i], quarks[(i + 1) % 3], 0.0519 * (double)k);
}

int main(void)
{
    struct CMUnitTest const tests[] = {
        cmocka_unit_test(test_reference_tables), cmocka_unit_test(test_error_estimates),
        cmocka_unit_test(test_symmetry),         cmocka_unit_test(test_thresholds),
        cmocka_unit_test(test_domain),           cmocka_unit_test(test_quadrature),
    };
    gsl_set_error_handler_off();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
