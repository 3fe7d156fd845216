/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* The library's interface in bad hands: every refusal has a code and a sentence, nothing leaks (the
 * preset `dev` has the sanitizers that see it), and the handle works on. */
#include <fenv.h>
#include <math.h>
#include <string.h>

#include "host/library/bl23.h"
#include "tests/check.h"

static char const yaml[] = "survey: {samples: 1000, mass_gev: {fixed: 0.14}, g_bl: solve}\n"
                           "constraints: {sets: [paper2020]}\n";
static double const mass[3] = {0.14, 0.14, 0.2};
static double const w[18] = {0.6, 0.1, 0.3, -0.4, 0.5, 0.2, 1, 0, 0, 1, 1, 1, 0, 0, 0, 0, 0, 2};

/* A refusal: its code, a sentence without line end, and the same code without a message. */
static void check_refusal(int32_t code, int32_t expected, struct bl23_message const *message)
{
    check_that(code == expected && message->code == code && message->text[0] != '\0' &&
                   !strchr(message->text, '\n'),
               "code %d, not %d: '%s'", (int)code, (int)expected, message->text);
}

static struct bl23_handle *opened(void)
{
    struct bl23_handle *handle;
    struct bl23_message message;
    check_that(bl23_open(yaml, strlen(yaml), NULL, &handle, &message) == BL23_CODE_OK, "%s",
               message.text);
    return handle;
}

static void check_works(struct bl23_handle *handle)
{
    char const *const name = "tension";
    double value[3] = {NAN, NAN, NAN}, *const values = value;
    struct bl23_request const request = {.n_columns = 1, .columns = &name, .values = &values};
    struct bl23_message message;
    check_that(bl23_points(handle, 3, mass, NULL, w, &request, &message) == BL23_CODE_OK, "%s",
               message.text);
    check_that(bl23_samples(handle, 5, 3, &request, &message) == BL23_CODE_OK, "%s", message.text);
    check_that(isfinite(value[0]) && isfinite(value[1]) && isfinite(value[2]), "%g %g %g", value[0],
               value[1], value[2]);
}

static void test_open(void **state)
{
    (void)state;
    struct bl23_handle *handle = (struct bl23_handle *)&handle;
    struct bl23_message m;
    char text[sizeof yaml];
    check_refusal(bl23_open(NULL, 0, NULL, &handle, &m), BL23_CODE_ARGUMENT, &m);
    check_that(!handle, "a handle");
    check_refusal(bl23_open(yaml, strlen(yaml), NULL, NULL, &m), BL23_CODE_ARGUMENT, &m);
    check_refusal(bl23_open(yaml, UINT64_MAX, NULL, &handle, &m), BL23_CODE_ARGUMENT, &m);
    check_refusal(bl23_open_sets(NULL, 2, NULL, &handle, &m), BL23_CODE_ARGUMENT, &m);
    check_refusal(bl23_open_sets("paper2020", 3, NULL, &handle, &m), BL23_CODE_ARGUMENT, &m);
    check_refusal(bl23_open_sets("paper2020", 2, NULL, NULL, &m), BL23_CODE_ARGUMENT, &m);
    check_refusal(bl23_open_sets("paper2020,", 2, NULL, &handle, &m), BL23_CODE_CONFIG, &m);
    check_refusal(bl23_open_sets("paper2020", 2, "x", &handle, &m), BL23_CODE_CONFIG, &m);
    for (size_t length = 0; length < sizeof yaml; length++) { /* every beginning of the text */
        int32_t const code = bl23_open(yaml, length, NULL, &handle, &m);
        check_that(code == m.code && (code == BL23_CODE_OK) == (handle != NULL), "%zu bytes: %s",
                   length, m.text);
        bl23_close(handle);
    }
    for (size_t k = 0; k + 1 < sizeof yaml; k++) { /* every character another one */
        memcpy(text, yaml, sizeof text);
        text[k] = "\0:\xff{"[k % 4];
        int32_t const code = bl23_open(text, strlen(yaml), NULL, &handle, &m);
        check_that(code == m.code && (code == BL23_CODE_OK) == (handle != NULL), "byte %zu: %s", k,
                   m.text);
        bl23_close(handle);
    }
    check_that(bl23_open("@nothing", 8, NULL, &handle, NULL) == BL23_CODE_CONFIG, "@nothing");
    bl23_close(NULL);
}

static void test_requests(void **state)
{
    (void)state;
    struct bl23_handle *const h = opened();
    char const *const names[2] = {"tension", "level"}, *const unknown[2] = {"tension", "bogus"};
    char const *const missing[2] = {"tension", NULL};
    double a[3], b[3];
    double *const values[2] = {a, b}, *const none[2] = {a, NULL};
    struct bl23_message m;
    struct bl23_request const good = {2, names, values, 2, NULL, NULL};
    struct bl23_request const bad[] = {{2, unknown, values, 1, NULL, NULL},
                                       {2, missing, values, 1, NULL, NULL},
                                       {2, names, none, 1, NULL, NULL},
                                       {2, NULL, values, 1, NULL, NULL},
                                       {2, names, NULL, 1, NULL, NULL}};
    for (size_t k = 0; k < sizeof bad / sizeof bad[0]; k++) {
        check_refusal(bl23_points(h, 3, mass, NULL, w, &bad[k], &m), BL23_CODE_ARGUMENT, &m);
        check_refusal(bl23_samples(h, 0, 3, &bad[k], &m), BL23_CODE_ARGUMENT, &m);
        check_works(h);
    }
    check_refusal(bl23_points(h, 3, mass, NULL, w, NULL, &m), BL23_CODE_ARGUMENT, &m);
    check_refusal(bl23_points(NULL, 3, mass, NULL, w, &good, &m), BL23_CODE_ARGUMENT, &m);
    check_refusal(bl23_points(h, 3, NULL, NULL, w, &good, &m), BL23_CODE_ARGUMENT, &m);
    check_refusal(bl23_points(h, 3, mass, NULL, NULL, &good, &m), BL23_CODE_ARGUMENT, &m);
    check_refusal(bl23_samples(NULL, 0, 3, &good, &m), BL23_CODE_ARGUMENT, &m);
    check_refusal(bl23_samples(h, UINT64_MAX, 3, &good, &m), BL23_CODE_ARGUMENT, &m);
    check_refusal(bl23_samples(h, 3, UINT64_MAX, &good, &m), BL23_CODE_ARGUMENT, &m);
    check_that(bl23_points(h, 0, NULL, NULL, NULL, &good, &m) == BL23_CODE_OK, "no rows");
    check_that(bl23_samples(h, 7, 0, &good, &m) == BL23_CODE_OK, "no samples");
    struct bl23_request const nothing = {0, NULL, NULL, 0, NULL, NULL};
    check_that(bl23_points(h, 3, mass, NULL, w, &nothing, &m) == BL23_CODE_OK, "no columns");
    check_works(h);
    bl23_close(h);
}

static void test_rows(void **state)
{
    (void)state;
    struct bl23_handle *const h = opened();
    char const *const name = "tension";
    double value[3], *const values = value;
    struct bl23_request const r = {1, &name, &values, 2, NULL, NULL};
    struct bl23_message m;
    double const bad[] = {(double)NAN, (double)INFINITY, -(double)INFINITY, -1.0, 0.0, 1e300};
    for (size_t k = 0; k < sizeof bad / sizeof bad[0]; k++) {
        double const masses[3] = {0.14, bad[k], 0.14}, g[3] = {1e-4, 1e-4, bad[k]};
        double rows[18], lower[64], upper[64];
        struct bl23_limit_value judged[64];
        memcpy(rows, w, sizeof w);
        rows[17] = bad[k];
        check_refusal(bl23_points(h, 3, masses, NULL, w, &r, &m), BL23_CODE_DOMAIN, &m);
        check_that(m.row == 1, "row %llu", (unsigned long long)m.row);
        check_refusal(bl23_points(h, 3, mass, g, w, &r, &m), BL23_CODE_DOMAIN, &m);
        check_that(m.row == 2, "row %llu", (unsigned long long)m.row);
        if (bad[k] != -1.0)
            check_refusal(bl23_points(h, 3, mass, NULL, rows, &r, &m), BL23_CODE_DOMAIN, &m);
        check_refusal(bl23_limits(h, 1, &bad[k], 0, lower, upper, &m), BL23_CODE_DOMAIN, &m);
        check_refusal(bl23_point_limits(h, bad[k], NULL, w, judged, &m), BL23_CODE_DOMAIN, &m);
        check_refusal(bl23_point_limits(h, mass[0], &bad[k], w, judged, &m), BL23_CODE_DOMAIN, &m);
        check_works(h);
    }
    bl23_close(h);
}

static void test_the_rest(void **state)
{
    (void)state;
    struct bl23_handle *const h = opened(), *sets;
    struct bl23_message m;
    struct bl23_column_info column;
    struct bl23_limit_info limit;
    struct bl23_limit_value judged[64];
    char const *text;
    uint64_t samples;
    double lower[64], upper[64];
    check_that(strlen(bl23_version()) >= 5 && bl23_columns() > 40, "%s", bl23_version());
    check_refusal(bl23_column(bl23_columns(), &column, &m), BL23_CODE_ARGUMENT, &m);
    check_refusal(bl23_column(0, NULL, &m), BL23_CODE_ARGUMENT, &m);
    check_refusal(bl23_limit(h, bl23_limit_count(h), &limit, &m), BL23_CODE_ARGUMENT, &m);
    check_refusal(bl23_limit(NULL, 0, &limit, &m), BL23_CODE_ARGUMENT, &m);
    check_refusal(bl23_point_limits(NULL, 0.1, NULL, w, judged, &m), BL23_CODE_ARGUMENT, &m);
    check_refusal(bl23_point_limits(h, 0.1, NULL, NULL, judged, &m), BL23_CODE_ARGUMENT, &m);
    check_refusal(bl23_point_limits(h, 0.1, NULL, w, NULL, &m), BL23_CODE_ARGUMENT, &m);
    check_refusal(bl23_limits(h, 1, mass, 3, lower, upper, &m), BL23_CODE_ARGUMENT, &m);
    check_refusal(bl23_limits(h, 1, mass, 2, NULL, upper, &m), BL23_CODE_ARGUMENT, &m);
    check_that(bl23_limit_count(NULL) == 0, "limits of nothing");
    check_refusal(bl23_resolved(h, NULL, &m), BL23_CODE_ARGUMENT, &m);
    check_refusal(bl23_bibtex(NULL, &text, &m), BL23_CODE_ARGUMENT, &m);
    check_that(bl23_sample_count(h, &samples, &m) == BL23_CODE_OK && samples == 1000, "samples");
    check_that(bl23_bibtex(h, &text, &m) == BL23_CODE_OK && strstr(text, "Kang"), "BibTeX");
    check_that(bl23_open_sets("paper2020", 2, NULL, &sets, &m) == BL23_CODE_OK, "%s", m.text);
    struct bl23_request const nothing = {0, NULL, NULL, 0, NULL, NULL};
    check_refusal(bl23_samples(sets, 0, 1, &nothing, &m), BL23_CODE_ARGUMENT, &m);
    check_refusal(bl23_resolved(sets, &text, &m), BL23_CODE_ARGUMENT, &m);
    check_refusal(bl23_sample_count(sets, &samples, &m), BL23_CODE_ARGUMENT, &m);
    check_that(bl23_bibtex(sets, &text, &m) == BL23_CODE_OK && strstr(text, "Kang"), "BibTeX");
    bl23_close(sets);
    check_works(h);
    bl23_close(h);
}

/* A survey that no sample can be drawn of: g is solved for, and nothing bounds it. */
static void test_survey_that_cannot_be_prepared(void **state)
{
    (void)state;
    static char const unbounded[] = "survey: {mass_gev: {fixed: 4.5}, g_bl: solve}\n"
                                    "constraints: {sets: [charm_known]}\n";
    struct bl23_handle *h;
    struct bl23_message m;
    struct bl23_request const nothing = {0, NULL, NULL, 0, NULL, NULL};
    check_that(bl23_open(unbounded, strlen(unbounded), NULL, &h, &m) == BL23_CODE_OK, "%s", m.text);
    for (int twice = 0; twice < 2; twice++)
        check_refusal(bl23_samples(h, 0, 1, &nothing, &m), BL23_CODE_CONFIG, &m);
    double const heavy = 4.5;
    check_refusal(bl23_points(h, 1, &heavy, NULL, w, &nothing, &m), BL23_CODE_DOMAIN, &m);
    check_that(m.row == 0, "row %llu", (unsigned long long)m.row);
    bl23_close(h);
}

/* Another rounding mode of the caller changes nothing, and is still there afterwards. */
static void test_rounding_mode(void **state)
{
    (void)state;
    char const *const name = "br_kp_pip";
    double usual[3], odd[3], *values = usual;
    struct bl23_request request = {1, &name, &values, 2, NULL, NULL};
    struct bl23_handle *h = opened();
    check_that(bl23_points(h, 3, mass, NULL, w, &request, NULL) == BL23_CODE_OK, "points");
    bl23_close(h);
    fesetround(FE_UPWARD);
    values = odd;
    h = opened();
    int32_t const code = bl23_points(h, 3, mass, NULL, w, &request, NULL);
    int const mode = fegetround();
    fesetround(FE_TONEAREST);
    bl23_close(h);
    check_that(code == BL23_CODE_OK && mode == FE_UPWARD, "code %d, mode %d", (int)code, mode);
    for (int k = 0; k < 3; k++)
        check_exact(odd[k], usual[k], "row %d", k);
}

int main(void)
{
    struct CMUnitTest const tests[] = {cmocka_unit_test(test_open),
                                       cmocka_unit_test(test_requests),
                                       cmocka_unit_test(test_rows),
                                       cmocka_unit_test(test_the_rest),
                                       cmocka_unit_test(test_survey_that_cannot_be_prepared),
                                       cmocka_unit_test(test_rounding_mode)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
