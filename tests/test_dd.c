/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* Double-double functions against 40 digits of mpmath (reference/dd_values.csv). */
#include <stdlib.h>
#include <string.h>

#include "tables/physics/inputs.h"
#include "tests/check.h"
#include "tests/csv.h"

#define RELATIVE 1e-28

/* "hi:lo", two hexadecimal doubles. */
static struct bl23_dd read_pair(char const *text)
{
    char *end;
    double const hi = strtod(text, &end);
    double const lo = *end == ':' ? strtod(end + 1, NULL) : 0.0;
    return (struct bl23_dd){hi, lo};
}

/* The decimal of a value is read to 2^-98 within 1e-200 .. 1e200, else to a double. */
static double reading_error(double x)
{
    bool const wide = fabs(x) > 1e-200 && fabs(x) < 1e200;
    return (wide ? 0x1p-98 : 0x1p-52) * fabs(x);
}

/* What dd.h promises, beyond the 1e-28 asked of every function here. */
static double promised(char const *function, double value)
{
    if (strcmp(function, "log") == 0)
        return 0x1p-98 * fmax(1.0, fabs(value));
    if (strcmp(function, "exp") == 0)
        return 0x1p-92 * fabs(value);
    if (strcmp(function, "atan") == 0)
        return 0x1p-96 * fabs(value);
    if (strcmp(function, "sinpi") == 0 || strcmp(function, "cospi") == 0)
        return 0x1p-96;
    return RELATIVE * fabs(value);
}

static struct bl23_dd evaluate(char const *function, struct bl23_dd x, struct bl23_dd y)
{
    struct bl23_dd sine, cosine;
    if (strcmp(function, "sqrt") == 0)
        return bl23_dd_sqrt(x);
    if (strcmp(function, "log") == 0)
        return bl23_dd_log(x);
    if (strcmp(function, "exp") == 0)
        return bl23_dd_exp(x);
    if (strcmp(function, "atan") == 0)
        return bl23_dd_atan(x);
    if (strcmp(function, "atan2") == 0)
        return bl23_dd_atan2(y, x);
    bl23_dd_sincospi(x, &sine, &cosine);
    return strcmp(function, "sinpi") == 0 ? sine : cosine;
}

/* Sines and cosines near their zeros keep an absolute precision only. */
static double allowed_error(char const *function, double value)
{
    bool const circular = strstr(function, "pi") != NULL;
    double const relative = circular ? RELATIVE : RELATIVE * fabs(value);
    return fmin(relative, promised(function, value)) + reading_error(value);
}

static void test_functions(void **state)
{
    (void)state;
    struct csv *const csv = csv_open("dd_values.csv");
    size_t compared = 0;
    for (size_t row = 0; row < csv_rows(csv); row++) {
        char const *const function = csv_text(csv, row, "function");
        if (strcmp(function, "parse") == 0)
            continue;
        char const *const x = csv_text(csv, row, "x"), *const y = csv_text(csv, row, "y");
        struct bl23_dd const expected = csv_decimal(csv, row, "value");
        struct bl23_dd const found = evaluate(function, read_pair(x), read_pair(y));
        check_dd(found, expected, allowed_error(function, expected.hi), "%s of x %s, y %s",
                 function, x, y);
        compared++;
    }
    check_that(compared > 800, "only %zu values compared", compared);
    csv_close(csv);
}

static void test_parse(void **state)
{
    (void)state;
    struct csv *const csv = csv_open("dd_values.csv");
    size_t compared = 0;
    for (size_t row = 0; row < csv_rows(csv); row++) {
        if (strcmp(csv_text(csv, row, "function"), "parse") != 0)
            continue;
        char const *const text = csv_text(csv, row, "x");
        struct bl23_dd const expected = read_pair(csv_text(csv, row, "value"));
        char *end;
        struct bl23_dd const found = bl23_dd_parse(text, &end);
        check_dd(found, expected, 0x1p-98 * fabs(expected.hi), "the decimal %s", text);
        check_exact(found.hi, strtod(text, NULL), "the nearest double of %s", text);
        check_that(*end == '\0', "the end of %s", text);
        compared++;
    }
    check_that(compared > 150, "only %zu decimals compared", compared);
    csv_close(csv);
}

/* What strtod reads and where it stops, for texts that are no plain decimal number. */
static void test_parse_stops_like_strtod(void **state)
{
    (void)state;
    static char const *const texts[] = {"1.5abc", "1e",    "1e+",      "2.5e-", "x",      "",
                                        " 7.25 ", "1e400", "inf",      "-inf",  "1e-400", "1,000",
                                        "1.2.3",  "--1",   "+",        ".",     "-.e1",   "3.e2x",
                                        "\t4",    "1e5e5", "infinity", "1e308", "4e-320", "-0.0"};
    for (size_t k = 0; k < sizeof texts / sizeof texts[0]; k++) {
        char *expected_end, *end;
        double const expected = strtod(texts[k], &expected_end);
        struct bl23_dd const found = bl23_dd_parse(texts[k], &end);
        check_exact(found.hi, expected, "'%s'", texts[k]);
        check_that(signbit(found.hi) == signbit(expected), "the sign of '%s'", texts[k]);
        check_that(end == expected_end, "'%s' is read up to byte %td, expected %td", texts[k],
                   end - texts[k], expected_end - texts[k]);
    }
    check_that(isnan(bl23_dd_parse("nan", NULL).hi), "'nan' is a number");
}

/* Decimal only: of 0x10 the zero is read, and the x is left for the caller to refuse. */
static void test_parse_is_decimal(void **state)
{
    (void)state;
    static char const *const texts[] = {"0x10", "0X10", "0x", "0x.8", "0x1p-3", " +0x1", "-0x10"};
    for (size_t k = 0; k < sizeof texts / sizeof texts[0]; k++) {
        char *end;
        struct bl23_dd const found = bl23_dd_parse(texts[k], &end);
        check_exact(found.hi, 0.0, "'%s'", texts[k]);
        check_that(end == strpbrk(texts[k], "xX"), "'%s' is read up to byte %td", texts[k],
                   end - texts[k]);
    }
}

/* Every value and edge of the inputs is the decimal it is printed as. */
static void test_parse_of_inputs(void **state)
{
    (void)state;
    for (size_t row = 0; row < bl23_n_input_rows; row++) {
        char const *const edges[2] = {bl23_input_rows[row].smallest, bl23_input_rows[row].largest};
        for (int k = 0; k < 2; k++)
            check_exact(bl23_dd_parse(edges[k], NULL).hi, strtod(edges[k], NULL), "%s: '%s'",
                        bl23_input_rows[row].name, edges[k]);
    }
}

/* 0 and NaN at the borders of the domains. */
static void test_borders(void **state)
{
    (void)state;
    struct bl23_dd const zero = bl23_dd(0.0), one = bl23_dd(1.0);
    check_exact(bl23_dd_atan2(zero, zero).hi, 0.0, "atan2(0, 0)");
    check_dd(bl23_dd_atan2(zero, bl23_dd_neg(one)), bl23_dd_pi, 0.0, "atan2(0, -1)");
    check_dd(bl23_dd_exp(bl23_dd_log(bl23_dd_pi)), bl23_dd_pi, RELATIVE * 4.0, "exp(log(pi))");
    check_exact(bl23_dd_pow(bl23_dd_pi, 0).hi, 1.0, "pi^0");
    check_dd(bl23_dd_pow(bl23_dd_pi, 3),
             bl23_dd_parse("31.006276680299820175476315067101395", NULL), RELATIVE * 32.0, "pi^3");
    check_dd(bl23_dd_div(one, bl23_dd(3.0)),
             bl23_dd_parse("0.33333333333333333333333333333333", NULL), 1e-30, "1/3");
}

int main(void)
{
    struct CMUnitTest const tests[] = {
        cmocka_unit_test(test_functions),
        cmocka_unit_test(test_parse),
        cmocka_unit_test(test_parse_stops_like_strtod),
        cmocka_unit_test(test_parse_is_decimal),
        cmocka_unit_test(test_parse_of_inputs),
        cmocka_unit_test(test_borders),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
