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
        parse("# comment\r\n\nname,x,note\r\na,1.5,\"b, c\"\n# again\n,,\nz,-2e-3,q");
    check_that(csv.rows == 3 && csv.columns == 3, "%zu rows, %zu columns", csv.rows, csv.columns);
    check_field(&csv, 0, "name", "a");
    check_field(&csv, 0, "note", "b, c");
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
    char const *const words[] = {"a.csv: the header must name the column 'y'", NULL};
    check_refused(bl23_csv_number(&csv, 0, "y", &value, &error), &error, "column y", words);
    bl23_csv_free(&csv);
}

static void test_refused(void **state)
{
    (void)state;
    static struct {
        char const *text, *says;
    } const bad[] = {
        {"", "a header line and at least one row (got no rows)"},
        {"# only\n", "a header line and at least one row (got no rows)"},
        {"a,b\n", "a header line and at least one row (got no rows)"},
        {"a,b\n1\n", "a.csv:2: a row must have 2 fields, as the header has (got 1)"},
        {"a,b\n1,2,3\n", "a.csv:2: a row must have 2 fields, as the header has (got 3)"},
        {"a,b\n\"1,2\n", "a.csv:2: a field in double quotes must end with a quote"},
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
        cmocka_unit_test(test_fields), cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_refused), cmocka_unit_test(test_shipped)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
