/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* CSV text cut into fields, and every text that is refused. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tables/base/csv_reader.h"
#include "tests/check.h"

static struct bl23_csv parse(char const *text)
{
    struct bl23_csv csv;
    struct bl23_error error = {BL23_OK, ""};
    check_ok(bl23_csv_parse("a.csv", text, strlen(text), &csv, &error), &error, "'%s'", text);
    return csv;
}

static void check_field(struct bl23_csv const *csv, size_t row, char const *column,
                        char const *expected)
{
    char const *const found = bl23_csv_text(csv, row, column);
    check_that(found && strcmp(found, expected) == 0, "row %zu, column %s: found '%s', expected %s",
               row, column, found ? found : "none", expected);
}

static void test_fields(void **state)
{
    (void)state;
    struct bl23_csv csv =
        parse("# comment\r\n\nname,x,note\r\na,1.5,\"b, \"\"c\"\"\"\n# again\n,,\nz,-2e-3,q");
    check_that(csv.rows == 3 && csv.columns == 3, "%zu rows, %zu columns", csv.rows, csv.columns);
    check_field(&csv, 0, "name", "a");
    check_field(&csv, 0, "note", "b, \"c\"");
    check_field(&csv, 1, "name", "");
    check_field(&csv, 1, "note", "");
    check_field(&csv, 2, "note", "q");
    check_that(bl23_csv_text(&csv, 0, "nothing") == NULL, "a column that is not there");
    check_that(csv.line[0] == 4 && csv.line[2] == 7, "lines %zu and %zu", csv.line[0], csv.line[2]);
    bl23_csv_free(&csv);
}

static void test_numbers(void **state)
{
    (void)state;
    struct bl23_csv csv = parse("x\n1.5\n-2e-3\nnan\ninf\n1.5 m\n\"\"\n1e999\n");
    struct bl23_dd value = {0.0, 0.0};
    check_ok(bl23_csv_number(&csv, 0, "x", &value, NULL), NULL, "1.5");
    check_exact(value.hi, 1.5, "row 0");
    check_ok(bl23_csv_number(&csv, 1, "x", &value, NULL), NULL, "-2e-3");
    check_exact(value.hi, -2e-3, "row 1");
    for (size_t row = 2; row < csv.rows; row++) {
        struct bl23_error error = {BL23_OK, ""};
        char line[16];
        snprintf(line, sizeof line, "a.csv:%zu:", row + 2);
        char const *const words[] = {line, "x must be a finite number (got ", NULL};
        check_refused(bl23_csv_number(&csv, row, "x", &value, &error), &error,
                      bl23_csv_text(&csv, row, "x"), words);
    }
    struct bl23_error error = {BL23_OK, ""};
    char const *const words[] = {"a.csv:1: the header must name the column 'y'", NULL};
    check_refused(bl23_csv_number(&csv, 0, "y", &value, &error), &error, "column y", words);
    bl23_csv_free(&csv);
}

/* One table as others write it: the bytes, and the separator of its fields. */
static void test_files_of_others(void **state)
{
    (void)state;
    static struct {
        char const *what, *text;
    } const files[] = {
        {"plain", "m_gev,upper\n0.125,1.5e-5\n1234,2e-5\n"},
        {"no line end at the end", "m_gev,upper\n0.125,1.5e-5\n1234,2e-5"},
        {"Windows line ends", "m_gev,upper\r\n0.125,1.5e-5\r\n1234,2e-5\r\n"},
        {"old Mac line ends", "#c\r\rm_gev,upper\r0.125,1.5e-5\r1234,2e-5\r"},
        {"byte-order mark", "\xef\xbb\xbfm_gev,upper\n0.125,1.5e-5\n1234,2e-5\n"},
        {"mark before a comment", "\xef\xbb\xbf# c\nm_gev,upper\n0.125,1.5e-5\n1234,2e-5\n"},
        {"blanks after commas", "m_gev, upper\n0.125, 1.5e-5\n1234,\t2e-5\n"},
        {"blanks before commas", "m_gev ,upper\t\n  0.125 ,1.5e-5 \n1234 ,2e-5\n"},
        {"blanks before comments", "  # c\n\t#, ,\nm_gev,upper\n0.125,1.5e-5\n1234,2e-5\n"},
        {"quoted header", "\"m_gev\",\"upper\"\n0.125,1.5e-5\n1234,2e-5\n"},
        {"quoted fields and blanks", "\"m_gev\" , \"upper\" \n\"0.125\",1.5e-5\n1234, \"2e-5\"\n"},
        {"capitals", "M_GeV,Upper\n0.125,1.5E-5\n1234,2E-5\n"},
        {"Fortran exponents", "m_gev,upper\n0.125D0,1.5D-5\n1.234d+3,2d-05\n"},
        {"semicolons", "m_gev;upper\n0.125;1.5e-5\n1234;2e-5\n"},
        {"semicolons and decimal commas", "m_gev;upper\n0,125;1,5e-5\n1234;2e-5\n"},
        {"quoted decimal commas", "\"m_gev\";\"upper\"\n\"0,125\";\"1,5e-5\"\n\"1234\";\"2e-5\"\n"},
        {"tabs", "m_gev\tupper\n0.125\t1.5e-5\n1234\t2e-5\n"},
        {"tabs and decimal commas", "m_gev\tupper\n0,125\t1,5D-5\n1234\t2e-5\n"},
        {"blanks alone", "m_gev  upper\n 0.125   1.5e-5  \n1234 \t 2e-5\n"},
        {"no header", "0.125,1.5e-5\n1234,2e-5\n"},
        {"no header, blanks", "# m_gev upper\n1.25e-01 1.5e-05\n1.234e+03 2.0e-05\n"},
        {"no header, decimal commas", "0,125;1,5e-5\n1234;2e-5\n"},
    };
    for (size_t k = 0; k < sizeof files / sizeof files[0]; k++) {
        struct bl23_csv csv = parse(files[k].text);
        bool const named = strstr(files[k].what, "no header") == NULL;
        check_that(csv.rows == 2 && csv.columns == 2 && csv.has_header == named,
                   "%s: %zu rows, %zu columns, header %d", files[k].what, csv.rows, csv.columns,
                   (int)csv.has_header);
        if (!named) {
            csv.header[0] = "m_gev";
            csv.header[1] = "upper";
        }
        static double const expected[2][2] = {{0.125, 1.5e-5}, {1234.0, 2e-5}};
        for (size_t row = 0; row < 2; row++)
            for (size_t column = 0; column < 2; column++) {
                struct bl23_dd value = {0.0, 0.0};
                struct bl23_error error = {BL23_OK, ""};
                check_ok(bl23_csv_number(&csv, row, csv.header[column], &value, &error), &error,
                         "%s", files[k].what);
                check_exact(value.hi, expected[row][column], "%s: row %zu", files[k].what, row);
            }
        bl23_csv_free(&csv);
    }
}

/* A comma that could be a point or separate thousands is neither. */
static void test_ambiguous_commas(void **state)
{
    (void)state;
    static char const *const texts[] = {"x;y\n1,234;1\n", "x;y\n0,5;1.5\n", "x;y\n1,234;999,000\n",
                                        "x\ty\n1,5\t1.5\n"};
    for (size_t k = 0; k < sizeof texts / sizeof texts[0]; k++) {
        struct bl23_csv csv = parse(texts[k]);
        struct bl23_dd value;
        struct bl23_error error = {BL23_OK, ""};
        char const *const words[] = {
            "a.csv:2: x must be a finite number (got '",
            "; a comma is ambiguous in this file, so write a decimal point", NULL};
        check_refused(bl23_csv_number(&csv, 0, "x", &value, &error), &error, texts[k], words);
        bl23_csv_free(&csv);
    }
}

static void test_utf16(void **state)
{
    (void)state;
    static char const marked[] = "\xff\xfem\0,\0", big[] = "\xfe\xff\0m\0,", bare[] = "m\0_\0g\0";
    static struct {
        char const *text;
        size_t length;
    } const files[] = {{marked, 6}, {big, 6}, {bare, 6}};
    for (size_t k = 0; k < 3; k++) {
        struct bl23_csv csv;
        struct bl23_error error = {BL23_OK, ""};
        char const *const words[] = {"a.csv:1: the file is UTF-16; save it as UTF-8", NULL};
        check_refused(bl23_csv_parse("a.csv", files[k].text, files[k].length, &csv, &error), &error,
                      "UTF-16", words);
    }
}

static void test_refused(void **state)
{
    (void)state;
    static struct {
        char const *text, *says;
    } const bad[] = {
        {"", "the file must hold at least one row of numbers (got no rows)"},
        {"# only\n", "the file must hold at least one row of numbers (got no rows)"},
        {"a,b\n", "the file must hold at least one row of numbers (got no rows)"},
        {"a,b\n1\n",
         "a.csv:2: a row must have 2 fields, as line 1 has, separated by commas (got 1)"},
        {"a,b\n1,2,3\n",
         "a.csv:2: a row must have 2 fields, as line 1 has, separated by commas (got 3)"},
        {"a,b\n\"1,2\n", "a.csv:2: a field in double quotes must end with a quote"},
        {"a b\n\"1\"x 2\n", "a.csv:2: a field in double quotes must end with a quote"},
        {"a;b\n1,2\n", "a.csv:2: a row must have 2 fields, as line 1 has, separated by semicolons"},
        {"a,b\n\"1\"x,2\n", "a.csv:2: a field in double quotes must end with a quote"},
        {"a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p,q,r,s,t,u,v,w,x,y,z,A,B,C,D,E,F,"
         "aa,bb,cc,dd,ee,ff,gg,hh,ii,jj,kk,ll,mm,nn,oo,pp,qq,rr,ss,tt,uu,vv,ww,xx,yy,zz,AA,BB,CC,"
         "DD,EE,FF,GG\n1\n",
         "a.csv:1: a row must have at most 64 fields"}};
    for (size_t k = 0; k < sizeof bad / sizeof bad[0]; k++) {
        struct bl23_csv csv;
        struct bl23_error error = {BL23_OK, ""};
        char const *const words[] = {bad[k].says, NULL};
        check_refused(bl23_csv_parse("a.csv", bad[k].text, strlen(bad[k].text), &csv, &error),
                      &error, bad[k].text, words);
    }
}

static void test_shipped(void **state)
{
    (void)state;
    static char const *const names[] = {"paper_tables.csv", "paper_couplings.csv",
                                        "paper_results.csv"};
    for (size_t k = 0; k < 3; k++) {
        struct bl23_csv csv;
        struct bl23_error error = {BL23_OK, ""};
        check_ok(bl23_csv_shipped(names[k], &csv, &error), &error, "%s", names[k]);
        check_that(csv.rows > 20, "%s has %zu rows", names[k], csv.rows);
        bl23_csv_free(&csv);
    }
    struct bl23_csv csv;
    check_that(bl23_csv_shipped("none.csv", &csv, NULL) == BL23_ERROR_FAILED, "none.csv");
}

int main(void)
{
    struct CMUnitTest const tests[] = {
        cmocka_unit_test(test_fields),          cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_files_of_others), cmocka_unit_test(test_ambiguous_commas),
        cmocka_unit_test(test_utf16),           cmocka_unit_test(test_refused),
        cmocka_unit_test(test_shipped)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
