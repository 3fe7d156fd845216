/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* Limit curves: what lies between their rows, and every file that is refused. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tables/base/embedded.h"
#include "tables/limits/curve.h"
#include "tests/check.h"

static struct bl23_curve parse(char const *text)
{
    struct bl23_curve curve;
    struct bl23_error error = {BL23_OK, ""};
    check_ok(bl23_curve_parse("a.csv", text, strlen(text), &curve, &error), &error, "'%s'", text);
    return curve;
}

static void check_value(struct bl23_curve const *curve, char const *mass, double expected)
{
    struct bl23_dd upper = bl23_dd(-1.0);
    bool const found = bl23_curve_at(curve, bl23_dd_parse(mass, NULL), &upper);
    check_that(found, "no limit at %s, expected %g", mass, expected);
    check_relative(bl23_dd_round(upper), expected, 1e-15, "the limit at %s", mass);
}

static void check_none(struct bl23_curve const *curve, char const *mass)
{
    struct bl23_dd upper = bl23_dd(-1.0);
    bool const found = bl23_curve_at(curve, bl23_dd_parse(mass, NULL), &upper);
    check_that(!found, "the limit %g at %s, expected none", upper.hi, mass);
}

static void test_interpolation_is_log_linear(void **state)
{
    (void)state;
    struct bl23_curve curve = parse("# a comment\nm_gev,upper\n0.1,1e-8\n0.2,1e-10\n0.4,1e-9\n");
    assert_int_equal(curve.size, 3);
    check_value(&curve, "0.1", 1e-8);
    check_value(&curve, "0.2", 1e-10);
    check_value(&curve, "0.4", 1e-9);
    check_value(&curve, "0.15", 1e-9);
    check_value(&curve, "0.175", 1e-10 * sqrt(10.0));
    check_value(&curve, "0.3", 1e-9 / sqrt(10.0));
    check_none(&curve, "0.0999999999999999999");
    check_none(&curve, "0.4000000000000000001");
    check_none(&curve, "0");
    check_none(&curve, "nan");
    check_none(&curve, "inf");
    bl23_curve_free(&curve);
}

static void test_windows_are_apart(void **state)
{
    (void)state;
    struct bl23_curve curve =
        parse("window,m_gev,upper\n0,0,1e-8\n0,0.1,1e-9\n1,0.2,1e-7\n3,0.3,1e-5\n3,0.4,1e-5\n");
    check_value(&curve, "0", 1e-8);
    check_value(&curve, "0.05", 1e-8 / sqrt(10.0));
    check_value(&curve, "0.1", 1e-9);
    check_none(&curve, "0.1000000000000000001");
    check_none(&curve, "0.15");
    check_value(&curve, "0.2", 1e-7);
    check_none(&curve, "0.25");
    check_value(&curve, "0.35", 1e-5);
    bl23_curve_free(&curve);
}

/* Where windows overlap the tightest limit counts: between rows, at rows, at ends, in any order. */
static void test_the_tightest_window_counts(void **state)
{
    (void)state;
    struct bl23_curve curve =
        parse("window,m_gev,upper\n0,0.1,1e-8\n0,0.3,1e-8\n1,0.2,1e-9\n1,0.4,1e-7\n"
              "2,0.3,1e-10\n3,0.4,1e-6\n3,0.5,1e-6\n4,0.4,1e-5\n");
    check_value(&curve, "0.1999999999999999999", 1e-8);
    check_value(&curve, "0.2", 1e-9);
    check_value(&curve, "0.25", 1e-9 * sqrt(10.0));
    check_value(&curve, "0.275", 1e-9 * sqrt(sqrt(1000.0)));
    check_value(&curve, "0.3", 1e-10);
    check_value(&curve, "0.35", 1e-8 * sqrt(10.0));
    check_value(&curve, "0.4", 1e-7);
    check_value(&curve, "0.4000000000000000001", 1e-6);
    check_value(&curve, "0.5", 1e-6);
    check_none(&curve, "0.5000000000000000001");
    bl23_curve_free(&curve);
}

static void test_layout_is_tolerant(void **state)
{
    (void)state;
    static char const *const texts[] = {
        "m_gev,upper\n0.1,1e-8\n0.2,1e-8", "m_gev,upper\r\n0.1,1e-8\r\n0.2,1e-8\r\n",
        "\n\n#c\nm_gev,upper  \n\n0.1,1e-8\t\n#c\n0.2,1e-8\n\n",
        "m_gev,upper\n0.1, 1e-8\n 0.2,1e-8\n", "upper,m_gev\n1e-8,0.1\n1e-8,0.2\n"};
    for (size_t k = 0; k < sizeof texts / sizeof texts[0]; k++) {
        struct bl23_curve curve = parse(texts[k]);
        check_that(curve.size == 2, "'%s' has %zu rows", texts[k], curve.size);
        check_value(&curve, "0.125", 1e-8);
        bl23_curve_free(&curve);
    }
}

/* A file without a header, and masses that fall: both are read, and told. */
static void test_what_is_told(void **state)
{
    (void)state;
    static struct {
        char const *text;
        bool unnamed, falls;
    } const files[] = {{"m_gev,upper\n0.1,1e-8\n0.2,1e-10\n0.4,1e-9\n", false, false},
                       {"0.1,1e-8\n0.2,1e-10\n0.4,1e-9\n", true, false},
                       {"m_gev,upper\n0.4,1e-9\n0.2,1e-10\n0.1,1e-8\n", false, true},
                       {"0.4;1e-9\n0.2;1e-10\n0.1;1e-8\n", true, true}};
    for (size_t k = 0; k < sizeof files / sizeof files[0]; k++) {
        struct bl23_curve curve = parse(files[k].text);
        check_that(curve.unnamed == files[k].unnamed && curve.falls == files[k].falls,
                   "'%s': unnamed %d, falls %d", files[k].text, curve.unnamed, curve.falls);
        check_value(&curve, "0.1", 1e-8);
        check_value(&curve, "0.15", 1e-9);
        check_value(&curve, "0.3", 1e-9 / sqrt(10.0));
        check_value(&curve, "0.4", 1e-9);
        bl23_curve_free(&curve);
    }
}

/* Two rows of one mass: the limit below it, the one above, and at the mass the tighter, also where
 * the masses fall and at the ends. */
static void test_steps(void **state)
{
    (void)state;
    static char const *const texts[] = {
        "0.1,1e-5\n0.1,1e-6\n0.2,1e-6\n0.2,1e-8\n0.4,1e-6\n0.4,1e-5",
        "0.4,1e-5\n0.4,1e-6\n0.2,1e-8\n0.2,1e-6\n0.1,1e-6\n0.1,1e-5"};
    for (size_t k = 0; k < 2; k++) {
        struct bl23_curve curve = parse(texts[k]);
        check_value(&curve, "0.1", 1e-6);
        check_value(&curve, "0.1999999999999999999", 1e-6);
        check_value(&curve, "0.2", 1e-8);
        check_value(&curve, "0.3", 1e-7);
        check_value(&curve, "0.4", 1e-6);
        check_none(&curve, "0.4000000000000000001");
        bl23_curve_free(&curve);
    }
    struct bl23_curve curve = parse("m_gev,upper\n0.1,1e-5\n0.1,1e-6\n");
    check_value(&curve, "0.1", 1e-6);
    bl23_curve_free(&curve);
}

/* Many rows, past every growth of the arrays. */
static void test_many_rows(void **state)
{
    (void)state;
    enum { ROWS = 1000, ROW_SIZE = 32 };
    char *const text = calloc(ROWS + 1, ROW_SIZE);
    size_t length = (size_t)sprintf(text, "m_gev,upper\n");
    for (int k = 0; k < ROWS; k++)
        length += (size_t)sprintf(text + length, "%d.5,%de-9\n", k, k + 1);
    struct bl23_curve curve = parse(text);
    assert_int_equal(curve.size, ROWS);
    for (int k = 0; k < ROWS; k++) {
        char mass[ROW_SIZE];
        snprintf(mass, sizeof mass, "%d.5", k);
        check_value(&curve, mass, (double)(k + 1) * 1e-9);
    }
    bl23_curve_free(&curve);
    free(text);
}

/* A file that must be refused: text, the line its message names, what it says. */
struct refusal {
    char const *text, *line, *says;
};

static void check_refusal(char const *text, size_t length, char const *line, char const *says)
{
    struct bl23_curve curve;
    struct bl23_error error = {BL23_OK, ""};
    enum bl23_status const status = bl23_curve_parse("bad.csv", text, length, &curve, &error);
    char place[32];
    snprintf(place, sizeof place, "bad.csv:%s:", line);
    char const *const words[] = {place, says, NULL};
    check_refused(status, &error, text, words);
    check_that(curve.size == 0 && !curve.mass_gev && !curve.log_upper && !curve.upper &&
                   !curve.window,
               "'%s': the refused curve still owns memory", text);
}

#define NO_ROWS "the file must hold at least one row of numbers (got no rows)"
#define RISE "masses must rise down the file, or fall throughout (got mass "
#define WINDOW "window must be a whole number from 0 (got "
#define MASS "the mass must be from 0 to 1000 GeV (got "
#define LIMIT "the limit must be from 1e-100 to 1e100, the limit itself and not its logarithm (got "
#define COLUMNS                                                                                    \
    "the columns must be 'm_gev,upper' or 'window,m_gev,upper', named in the first line; "
#define FINITE " must be a finite number (got '"

static void test_refusals(void **state)
{
    (void)state;
    static struct refusal const refusals[] = {
        {"", "1", NO_ROWS},
        {"\n\n", "2", NO_ROWS},
        {"# only a comment\n", "1", NO_ROWS},
        {"m_gev,upper\n", "1", NO_ROWS},
        {"0,0.1,1e-9\n0,0.2,1e-9\n", "1", COLUMNS},
        {"0.1\n0.2\n", "1", COLUMNS},
        {"mass,limit\n0.1,1e-9\n", "1", COLUMNS},
        {"m_gev\n0.1\n", "1", COLUMNS},
        {"m_mev,upper\n100,1e-9\n", "1", COLUMNS},
        {"m_gev,upper,cl\n0.1,1e-9,0.9\n", "1", COLUMNS},
        {"m_gev,upper\nm_gev,upper\n", "2", "m_gev must be a finite number (got 'm_gev')"},
        {"m_gev,upper\n0.1\n", "2",
         "a row must have 2 fields, as line 1 has, separated by commas (got 1)"},
        {"m_gev,upper\n0.1,\n", "2", "upper must be a finite number (got '')"},
        {"m_gev,upper\n,1e-9\n", "2", "m_gev must be a finite number (got '')"},
        {"m_gev,upper\n0.1,1e-9,3\n", "2",
         "a row must have 2 fields, as line 1 has, separated by commas (got 3)"},
        {"m_gev,upper\n0.1,1e-9,\n", "2",
         "a row must have 2 fields, as line 1 has, separated by commas (got 3)"},
        {"m_gev,upper\n0.1;1e-9\n", "2",
         "a row must have 2 fields, as line 1 has, separated by commas (got 1)"},
        {"m_gev,upper\n0.1 1e-9\n", "2",
         "a row must have 2 fields, as line 1 has, separated by commas (got 1)"},
        {"m_gev,upper\n0.1,1e-9x\n", "2", "upper must be a finite number (got '1e-9x')"},
        {"m_gev,upper\n0.1,abc\n", "2", "upper must be a finite number (got 'abc')"},
        {"m_gev,upper\n1,2,3,4,5\n", "2",
         "a row must have 2 fields, as line 1 has, separated by commas (got 5)"},
        {"window,m_gev,upper\n0.1,1e-9\n", "2",
         "a row must have 3 fields, as line 1 has, separated by commas (got 2)"},
        {"window,m_gev,upper\n0,0.1,1e-9,1\n", "2",
         "a row must have 3 fields, as line 1 has, separated by commas (got 4)"},
        {"m_gev,upper\n0.1,1e-9\n0.3,1e-9\n0.2,1e-9\n", "4", RISE "0.2 after 0.3)"},
        {"m_gev,upper\n0.2,1e-9\n0.1,1e-9\n0.15,1e-9\n", "4", RISE "0.15 after 0.1)"},
        {"m_gev,upper\n0.1,1e-9\n0.1,1e-8\n0.1,1e-9\n", "4", "one mass may have two rows"},
        {"m_gev,upper\n0.2,1\n0.1,1e-9\n0.1,1e-8\n0.1,1e-9\n", "5", "one mass may have two"},
        {"window,m_gev,upper\n1,0.1,1e-9\n0,0.2,1e-9\n", "3",
         "the numbers of windows must rise down the file (got 0 after 1)"},
        {"window,m_gev,upper\n1,0.1,1\n1,0.2,1\n1,0.15,1\n", "4", RISE "0.15 after 0.2)"},
        {"window,m_gev,upper\n-1,0.1,1e-9\n", "2", WINDOW},
        {"window,m_gev,upper\n0.5,0.1,1e-9\n", "2", WINDOW},
        {"window,m_gev,upper\nnan,0.1,1e-9\n", "2", "window" FINITE},
        {"window,m_gev,upper\n1e10,0.1,1e-9\n", "2", WINDOW},
        {"m_gev,upper\nnan,1e-9\n", "2", "m_gev" FINITE},
        {"m_gev,upper\n0.1,nan\n", "2", "upper" FINITE},
        {"m_gev,upper\n0.1,-nan\n", "2", "upper" FINITE},
        {"m_gev,upper\ninf,1e-9\n", "2", "m_gev" FINITE},
        {"m_gev,upper\n0.1,inf\n", "2", "upper" FINITE},
        {"m_gev,upper\n0.1,-inf\n", "2", "upper" FINITE},
        {"m_gev,upper\n0.1,1e999\n", "2", "upper" FINITE},
        {"m_gev,upper\n-0.1,1e-9\n", "2", MASS "-0.1)"},
        {"m_gev,upper\n0.1,-5\n", "2", LIMIT "-5)"},
        {"m_gev,upper\n0.1,0\n", "2", LIMIT},
        {"m_gev,upper\n1e99,1e-9\n", "2", MASS},
        {"#1\n#2\nm_gev,upper\n0.1,1e-9\n#5\n0.2,x\n", "6",
         "upper must be a finite number (got 'x')"},
    };
    for (size_t k = 0; k < sizeof refusals / sizeof refusals[0]; k++)
        check_refusal(refusals[k].text, strlen(refusals[k].text), refusals[k].line,
                      refusals[k].says);
}

/* Bytes that no text has: NUL in the header, in a row, at the end; a line without end. */
static void test_binary_is_refused(void **state)
{
    (void)state;
    static char const header[] = "m_gev,up\0per\n0.1,1e-9\n";
    static char const row[] = "m_gev,upper\n0.1,1\0e-9\n";
    static char const tail[] = "m_gev,upper\n0.1,1e-9\n\0";
    check_refusal(header, sizeof header - 1, "1", "a row must be text (got a NUL byte)");
    check_refusal(row, sizeof row - 1, "2", "a row must be text (got a NUL byte)");
    check_refusal(tail, sizeof tail - 1, "3", "a row must be text (got a NUL byte)");
    enum { HUGE_LINE = 1 << 20 };
    char *const text = malloc(HUGE_LINE + 1);
    memset(text, '7', HUGE_LINE);
    text[HUGE_LINE] = '\0';
    check_refusal(text, HUGE_LINE, "1", NO_ROWS);
    memcpy(text, "m_gev,upper\n", 12);
    check_refusal(text, HUGE_LINE, "2", "a row must have 2 fields, as line 1 has");
    free(text);
}

static void test_a_long_comment_is_no_row(void **state)
{
    (void)state;
    enum { COMMENT = 100000 };
    static char const rest[] = "\nm_gev,upper\n0.125,1e-8\n";
    char *const text = calloc(1, COMMENT + sizeof rest);
    memset(text, '#', COMMENT);
    memcpy(text + COMMENT, rest, sizeof rest);
    struct bl23_curve curve = parse(text);
    check_value(&curve, "0.125", 1e-8);
    bl23_curve_free(&curve);
    free(text);
}

/* The first error of a chain stays; no error record is needed at all. */
static void test_error_record(void **state)
{
    (void)state;
    struct bl23_curve curve;
    struct bl23_error error = {BL23_ERROR_IO, "an earlier error"};
    enum bl23_status const status = bl23_curve_parse("bad.csv", "x", 1, &curve, &error);
    assert_int_equal(status, BL23_ERROR_CONFIG);
    assert_int_equal(error.status, BL23_ERROR_IO);
    assert_string_equal(error.text, "an earlier error");
    assert_int_equal(bl23_curve_parse("bad.csv", "x", 1, &curve, NULL), BL23_ERROR_CONFIG);
}

static void test_shipped_curves(void **state)
{
    (void)state;
    static char const *const names[] = {"g_borexino_lmutau.csv",   "g_ccfr_trident.csv",
                                        "g_na64mu_projection.csv", "kl_pi0_koto_2018.csv",
                                        "kp_pip_e949.csv",         "kp_pip_na62_2020.csv",
                                        "kp_pip_na62_2025.csv",    "kp_pip_na62_pi0window.csv"};
    for (size_t k = 0; k < sizeof names / sizeof names[0]; k++) {
        struct bl23_embedded_file const *const file = bl23_embedded_find(names[k]);
        check_that(file != NULL, "%s is not built in", names[k]);
        struct bl23_curve curve;
        struct bl23_error error = {BL23_OK, ""};
        check_ok(bl23_curve_parse(names[k], (char const *)file->data, file->size, &curve, &error),
                 &error, "%s", names[k]);
        for (size_t row = 0; row < curve.size; row++) {
            struct bl23_dd upper;
            check_that(bl23_curve_at(&curve, curve.mass_gev[row], &upper), "%s, row %zu", names[k],
                       row);
            check_relative(bl23_dd_round(upper), curve.upper[row], 1e-15, "%s, row %zu", names[k],
                           row);
        }
        bl23_curve_free(&curve);
    }
    check_that(!bl23_embedded_find("nosuch.csv"), "nosuch.csv is built in");
}

int main(void)
{
    struct CMUnitTest const tests[] = {
        cmocka_unit_test(test_interpolation_is_log_linear),
        cmocka_unit_test(test_windows_are_apart),
        cmocka_unit_test(test_the_tightest_window_counts),
        cmocka_unit_test(test_layout_is_tolerant),
        cmocka_unit_test(test_what_is_told),
        cmocka_unit_test(test_steps),
        cmocka_unit_test(test_many_rows),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_binary_is_refused),
        cmocka_unit_test(test_a_long_comment_is_no_row),
        cmocka_unit_test(test_error_record),
        cmocka_unit_test(test_shipped_curves),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
