/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* Gaps of a list of commits, cut into numbered units, and the share that a rank takes. */
#include <string.h>

#include "host/run/manifest.h"
#include "host/survey/work.h"
#include "tests/check.h"

/* Every sample of the gaps lies in exactly one unit, in order, and no unit crosses a multiple. */
static void check_units(struct bl23_range const *gap, size_t n, uint64_t unit)
{
    struct bl23_work w;
    assert_int_equal(bl23_work_build(gap, n, unit, &w, NULL), BL23_OK);
    uint64_t number = 0;
    for (size_t k = 0; k < n; k++)
        for (uint64_t at = gap[k].first; at < gap[k].first + gap[k].count;) {
            struct bl23_range const r = bl23_work_range(&w, number++);
            check_that(r.first == at && r.count > 0 && r.count <= unit, "unit %llu of size %llu",
                       (unsigned long long)number - 1, (unsigned long long)unit);
            check_that(r.first / unit == (r.first + r.count - 1) / unit, "unit %llu is aligned",
                       (unsigned long long)number - 1);
            if (r.count == 0)
                break;
            at += r.count;
        }
    check_that(bl23_work_units(&w) == number, "%llu units", (unsigned long long)number);
    check_that(bl23_work_range(&w, number).count == 0, "nothing beyond the last");
    check_that(bl23_work_range(&w, UINT64_MAX).count == 0, "nothing far beyond the last");
    bl23_work_free(&w);
}

static void units_cover_the_gaps(void **state)
{
    (void)state;
    struct bl23_range const gaps[] = {{0, 1}, {7, 3}, {12, 100}, {1000, 24}, {4096, 8192}};
    uint64_t const units[] = {1, 2, 7, 10, 1000, 4096, 1 << 20};
    for (size_t u = 0; u < sizeof units / sizeof *units; u++)
        for (size_t n = 0; n <= sizeof gaps / sizeof *gaps; n++)
            check_units(gaps, n, units[u]);
    struct bl23_range const huge = {(UINT64_C(1) << 63) - 5, 5};
    check_units(&huge, 1, 3);
}

static void add(struct bl23_manifest *m, uint64_t first, uint64_t count)
{
    struct bl23_manifest_entry const e = {.range = {first, count}, .passed = 1};
    assert_int_equal(bl23_manifest_add(m, &e, NULL), BL23_OK);
}

static void gaps_of_a_list(void **state)
{
    (void)state;
    struct bl23_manifest m = {0};
    struct bl23_range const all = {0, 100}, part = {15, 60};
    check_that(bl23_manifest_gap(&m, all).count == 100, "all of an empty list is missing");
    add(&m, 50, 10);
    add(&m, 10, 10);
    add(&m, 12, 3); /* overlaps: forgotten */
    add(&m, 20, 5);
    bl23_manifest_drop_overlaps(&m);
    check_that(m.size == 3, "%zu entries", m.size);
    struct bl23_range g = bl23_manifest_gap(&m, all);
    check_that(g.first == 0 && g.count == 10, "the first gap");
    g = bl23_manifest_gap(&m, part);
    check_that(g.first == 25 && g.count == 25, "the first gap of a part");
    g = bl23_manifest_gap(&m, (struct bl23_range){52, 8});
    check_that(g.count == 0, "a part that is there");
    g = bl23_manifest_gap(&m, (struct bl23_range){30, 10});
    check_that(g.first == 30 && g.count == 10, "a part inside a gap");
    check_that(bl23_manifest_done(&m, all) == 25 && bl23_manifest_done(&m, part) == 20, "done");
    check_that(bl23_manifest_find(&m, 20) && !bl23_manifest_find(&m, 12), "found by its first");
    bl23_manifest_free(&m);
}

/* A line is read back; cut anywhere, or with any one bit flipped, it is none. The checksums begin
 * with zeros, for which scanf would take a space as well. */
static void lines_are_read_back(void **state)
{
    (void)state;
    struct bl23_manifest_entry const e = {{UINT64_MAX / 2, 3}, 4, 5, 0xabcd};
    struct bl23_manifest_entry found;
    char line[BL23_MANIFEST_LINE_SIZE], copy[BL23_MANIFEST_LINE_SIZE];
    struct bl23_manifest_origin from = {.sampling = BL23_SAMPLING_VERSION}, origin;
    size_t length;
    do { /* until its own checksum begins with a zero, too */
        from.config_hash++;
        length = bl23_manifest_line(&e, &from, line);
    } while (strncmp(strstr(line, " line "), " line 0", 7) != 0);
    check_that(line[length - 1] == '\n', "a line ends");
    line[--length] = '\0';
    check_that(bl23_manifest_parse(line, &found, &origin) && memcmp(&e, &found, sizeof e) == 0 &&
                   memcmp(&from, &origin, sizeof from) == 0,
               "the entry is the same");
    for (size_t k = 0; k < length; k++) {
        memcpy(copy, line, length + 1);
        copy[k] = '\0';
        check_that(!bl23_manifest_parse(copy, &found, &origin), "a line cut at %zu", k);
        for (int bit = 0; bit < 8; bit++) {
            copy[k] = (char)(line[k] ^ 1 << bit);
            check_that(!bl23_manifest_parse(copy, &found, &origin), "bit %d of %zu", bit, k);
        }
    }
}

static void shares(void **state)
{
    (void)state;
    check_that(bl23_work_share(1000, 1, 0.0) == 1, "at least one");
    check_that(bl23_work_share(0, 8, 100.0) == 1, "one at the end");
    check_that(bl23_work_share(1000000, 8, 100.5) == 100, "what lasts until the next commit");
    check_that(bl23_work_share(1600, 8, 1e9) == 100, "half a fair share of what is left");
    check_that(bl23_work_share(UINT64_MAX, 1, 1e300) > 0, "no overflow");
}

/* What no survey of 100 samples can have committed. */
static void fits_the_survey(void **state)
{
    (void)state;
    struct {
        uint64_t first, count, passed;
        bool fits;
    } const cases[] = {{0, 100, 100, true},
                       {99, 1, 0, true},
                       {0, 0, 0, false},
                       {100, 1, 0, false},
                       {99, 2, 0, false},
                       {0, 101, 0, false},
                       {50, UINT64_MAX - 49, 0, false},
                       {UINT64_MAX, 2, 0, false},
                       {10, 5, 6, false}};
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        struct bl23_manifest_entry const e = {.range = {cases[k].first, cases[k].count},
                                              .passed = cases[k].passed};
        check_that(bl23_manifest_fits(&e, 100) == cases[k].fits, "%llu samples from %llu on",
                   (unsigned long long)cases[k].count, (unsigned long long)cases[k].first);
    }
}

int main(void)
{
    struct CMUnitTest const tests[] = {
        cmocka_unit_test(fits_the_survey), cmocka_unit_test(units_cover_the_gaps),
        cmocka_unit_test(gaps_of_a_list), cmocka_unit_test(lines_are_read_back),
        cmocka_unit_test(shares)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
