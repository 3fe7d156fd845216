/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* Reductions: merging in any order and any partition gives the same bits; ties, thinning, bins. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/check.h"
#include "tests/plain_survey.h"

enum { SAMPLES = 60000, SHUFFLES = 30, PARTS_MAX = 64 };

static uint64_t random_state = 20080997;

static uint64_t below(uint64_t n)
{
    random_state = random_state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (random_state >> 33) % n;
}

/* Results of [first, first + count) of a survey, through the reductions themselves. */
static void reduce(struct bl23_survey const *s, uint64_t first, uint64_t count,
                   struct bl23_results *r)
{
    assert_int_equal(bl23_results_init(r, s->model->n_knots, s->model->seed, &s->reduction),
                     BL23_OK);
    for (uint64_t i = first; i < first + count; i++) {
        struct bl23_record record;
        uint64_t const k = i / BL23_TILE % s->model->n_knots;
        bl23_record_of(s->model, i, &record);
        r->tallies.drawn++;
        r->knot[k].drawn++;
        bl23_results_nearest(r, record.value[BL23_COLUMN_tension], i);
        if (!record.survives)
            continue;
        r->knot[k].passed++;
        assert_int_equal(bl23_results_survivor(r, &s->reduction, &record), BL23_OK);
    }
}

/* The plain results without the cut-flow, which this test does not fill. */
static void expect(struct bl23_survey const *s, struct bl23_results *r)
{
    plain_survey_run(s->model, &s->reduction, (struct bl23_range){0, SAMPLES}, r);
    for (uint64_t k = 0; k < r->n_knots; k++) {
        uint64_t const drawn = r->knot[k].drawn, passed = r->knot[k].passed;
        memset(&r->knot[k], 0, sizeof r->knot[k]);
        r->knot[k].drawn = drawn;
        r->knot[k].passed = passed;
    }
}

/* Cut at random, merge in random order, half of it through a tree. */
static void shuffle_once(struct bl23_survey const *s, struct bl23_results const *expected,
                         int round)
{
    uint64_t const parts = 1 + below(PARTS_MAX - 1);
    struct bl23_results part[PARTS_MAX], whole;
    uint64_t edge[PARTS_MAX + 1] = {0};
    char what[64];
    for (uint64_t p = 1; p < parts; p++)
        edge[p] = edge[p - 1] + below((SAMPLES - edge[p - 1]) / 2 + 1); /* empty parts too */
    edge[parts] = SAMPLES;
    for (uint64_t p = 0; p < parts; p++)
        reduce(s, edge[p], edge[p + 1] - edge[p], &part[p]);
    for (uint64_t p = parts; p-- > 1;) {
        uint64_t const q = below(p + 1);
        struct bl23_results const swap = part[p];
        part[p] = part[q];
        part[q] = swap;
    }
    assert_int_equal(bl23_results_init(&whole, s->model->n_knots, s->model->seed, &s->reduction),
                     BL23_OK);
    for (uint64_t p = 0; p + 1 < parts; p += 2) /* pairs first */
        assert_int_equal(bl23_results_merge(&part[p], &part[p + 1]), BL23_OK);
    for (uint64_t p = 0; p < parts; p += 2)
        assert_int_equal(bl23_results_merge(&whole, &part[p]), BL23_OK);
    assert_int_equal(bl23_results_sort(&whole), BL23_OK);
    snprintf(what, sizeof what, "round %d, %d parts", round, (int)parts);
    plain_survey_compare(&whole, expected, what);
    for (uint64_t p = 0; p < parts; p++)
        bl23_results_free(&part[p]);
    bl23_results_free(&whole);
}

static void test_merge(void **state)
{
    (void)state;
    static char const *const names[] = {"fig3", "today"};
    static uint64_t const hashed[] = {0, 1, 777, 1000000};
    for (size_t n = 0; n < 2; n++)
        for (size_t k = 0; k < sizeof hashed / sizeof hashed[0]; k++) {
            struct bl23_survey s;
            struct bl23_results expected;
            plain_survey_load(names[n], &s);
            s.reduction.max_survivors = hashed[k];
            s.reduction.nearest = k * 50;
            expect(&s, &expected);
            check_that(expected.tallies.passed > 1000, "%s: %llu survivors make a poor test",
                       names[n], (unsigned long long)expected.tallies.passed);
            for (int round = 0; round < SHUFFLES / 4; round++)
                shuffle_once(&s, &expected, round);
            bl23_results_free(&expected);
            bl23_survey_free(&s);
        }
}

enum { BINS = 64 };
static struct bl23_reduction const small = {.nearest = 5,
                                            .max_survivors = 100,
                                            .cutflow_every = 1,
                                            .bins = {BINS, BINS, BINS, BINS, BINS, BINS, BINS}};

/* Equal tensions: the lower indices stay, in whatever order they come. */
static void test_ties(void **state)
{
    (void)state;
    static struct bl23_extremum const all[] = {{2.0, 3}, {1.0, 9}, {1.0, 4}, {1.0, 7}, {1.0, 1},
                                               {1.0, 8}, {0.5, 6}, {3.0, 0}, {1.0, 2}};
    static struct bl23_extremum const want[] = {{0.5, 6}, {1.0, 1}, {1.0, 2}, {1.0, 4}, {1.0, 7}};
    enum { ALL = sizeof all / sizeof all[0] };
    for (int round = 0; round < 1000; round++) {
        struct bl23_results r;
        size_t order[ALL];
        assert_int_equal(bl23_results_init(&r, 1, 1, &small), BL23_OK);
        for (size_t k = 0; k < ALL; k++) {
            size_t const at = (size_t)below(k + 1);
            order[k] = order[at];
            order[at] = k;
        }
        for (size_t k = 0; k < ALL; k++) {
            struct bl23_extremum const e = all[order[k]];
            double const bound = bl23_results_nearest_bound(&r);
            check_that(k >= 5 || isinf(bound), "the list is not full, but its bound is %g", bound);
            bl23_results_nearest(&r, e.value, e.index);
        }
        bl23_results_nearest(&r, (double)INFINITY, 10);
        bl23_results_nearest(&r, (double)NAN, 11);
        check_exact(bl23_results_nearest_bound(&r), 1.0, "bound of a full list");
        assert_int_equal(bl23_results_sort(&r), BL23_OK);
        check_that(r.n_nearest == 5 && memcmp(r.nearest, want, sizeof want) == 0,
                   "round %d: nearest are %d, first sample %d, last %d", round, (int)r.n_nearest,
                   (int)r.nearest[0].index, (int)r.nearest[4].index);
        bl23_results_free(&r);
    }
}

static int by_hash(void const *a, void const *b)
{
    uint64_t const i = ((struct bl23_hashed_survivor const *)a)->hash;
    uint64_t const j = ((struct bl23_hashed_survivor const *)b)->hash;
    return (i > j) - (i < j);
}

/* How survivors come: alone, with their tile; in blocks, in any order; or sometimes so, sometimes
 * so. */
enum coming { BY_TILE, IN_ANY_ORDER, BOTH, COMINGS };

static void offer_survivors(struct bl23_results *r, uint64_t offered, enum coming coming)
{
    uint64_t block[1500];
    size_t n = 0;
    for (uint64_t i = 0; i < offered; i++) { /* 7 and `offered` have no common factor */
        uint64_t const k = 3 * ((7 * i + 1) % offered);
        uint16_t const offset = k % BL23_TILE;
        struct bl23_tile_survivors const one = {k - offset, 1, &offset};
        if (coming == BY_TILE || (coming == BOTH && i % 3 == 0))
            assert_int_equal(bl23_results_keep(r, one), BL23_OK);
        else
            block[n++] = k;
        if (n == sizeof block / sizeof *block || i + 1 == offered) {
            assert_int_equal(bl23_results_keep_any(r, block, n), BL23_OK);
            n = 0;
        }
    }
}

/* The kept survivors are those of smallest hash, in the order of their indices, and a bound that is
 * given on the way keeps all of them. */
static void check_thinning(struct bl23_hashed_survivor *all, uint64_t offered, uint64_t limit,
                           enum coming coming)
{
    struct bl23_reduction reduction = small;
    struct bl23_results r;
    uint64_t const n = limit < offered ? limit : offered;
    uint64_t *const index = calloc(n + 1, sizeof *index);
    bool *const wanted = calloc(3 * offered, sizeof *wanted);
    assert_non_null(index);
    assert_non_null(wanted);
    reduction.max_survivors = limit;
    assert_int_equal(bl23_results_init(&r, 1, 42, &reduction), BL23_OK);
    offer_survivors(&r, offered, coming);
    qsort(all, offered, sizeof *all, by_hash);
    for (uint64_t i = 0; i < n; i++)
        wanted[all[i].index] = true;
    check_that(n == 0 || bl23_results_bounds(&r).hash >= all[n - 1].hash, "the bound for %d",
               (int)limit);
    uint64_t const words = bl23_results_words(&r);
    assert_int_equal(bl23_results_sort(&r), BL23_OK);
    check_that(r.survivors.words <= words && bl23_results_words(&r) == r.survivors.words,
               "limit %d: %d words expected", (int)limit, (int)words);
    check_that(r.survivors.n == n, "limit %d keeps %d", (int)limit, (int)r.survivors.n);
    bl23_list_unpack(&r.survivors, index);
    for (uint64_t i = 0; i < n; i++)
        check_that(wanted[index[i]] && (i == 0 || index[i - 1] < index[i]), "limit %d: row %d",
                   (int)limit, (int)i);
    bl23_results_free(&r);
    free(index);
    free(wanted);
}

static void test_thinning(void **state)
{
    (void)state;
    enum { OFFERED = 50000 };
    static uint64_t const limits[] = {0,     1,     2,     10,    1023,  1024,  1025,
                                      16384, 16385, 20000, 49999, 50000, 50001, 1000000};
    static struct bl23_hashed_survivor all[OFFERED];
    for (uint64_t i = 0; i < OFFERED; i++)
        all[i] = (struct bl23_hashed_survivor){bl23_survivor_hash(42, 3 * i), 3 * i};
    for (size_t k = 0; k < sizeof limits / sizeof limits[0]; k++)
        for (int coming = 0; coming < COMINGS; coming++)
            check_thinning(all, OFFERED, limits[k], (enum coming)coming);
}

/* Which bin a value of |w1|^2 falls into: 0 under, 65 over. */
static void check_bin(struct bl23_reduction const *reduction, double w, size_t bin)
{
    struct bl23_results r;
    struct bl23_record record = {.index = 1, .level = 2, .survives = 1};
    assert_int_equal(bl23_results_init(&r, 1, 1, reduction), BL23_OK);
    record.value[BL23_COLUMN_wu11_abs] = w;
    assert_int_equal(bl23_results_survivor(&r, reduction, &record), BL23_OK);
    uint64_t total = 0;
    for (size_t k = 0; k < BL23_BINS_ALL; k++)
        total += r.tallies.histogram_1d[0][k];
    check_that(total == 1 && r.tallies.histogram_1d[0][bin] == 1,
               "|w1| = %.17g: not in bin %d of %d in all", w, (int)bin, (int)total);
    check_that(r.histogram_2d[bin * (BINS + 2)] == 1, "|w1| = %.17g: not in the 2-D bin", w);
    bl23_results_free(&r);
}

static void test_bins(void **state)
{
    (void)state;
    struct bl23_reduction reduction = small;
    reduction.n_histograms_2d = 1;
    reduction.histogram_2d[0][1] = 1;
    for (int a = 0; a < BL23_HISTOGRAM_AXES; a++)
        for (int k = 0; k <= BINS; k++)
            reduction.edge[a][k] = a == 0 ? 1.0 + k : 1e9 + k; /* the other axes underflow */
    check_bin(&reduction, 0.0, 0);
    check_bin(&reduction, nextafter(1.0, 0.0), 0);
    check_bin(&reduction, 1.0, 1);
    check_bin(&reduction, sqrt(2.0) * (1 - 1e-15), 1);
    for (int k = 1; k < 8; k++) /* squares that are edges */
        check_bin(&reduction, k, (size_t)(k * k));
    check_bin(&reduction, sqrt(64.5), 64);
    check_bin(&reduction, sqrt(65.0) * (1 - 1e-15), 64);
    check_bin(&reduction, sqrt(65.0) * (1 + 1e-15), 65);
    check_bin(&reduction, 1e100, 65);
    check_bin(&reduction, (double)INFINITY, 65);
    for (int k = 0; k <= BINS; k++)
        reduction.edge[0][k] = k; /* the last edge belongs to the last bin */
    check_bin(&reduction, 8.0, 64);
    check_bin(&reduction, nextafter(8.0, 9.0), 65);
}

/* Phases are differences brought into (-pi, pi]. */
static void test_phase(void **state)
{
    (void)state;
    double const pi = 0x1.921fb54442d18p+1;
    static double const turns[][3] = {{0.9, -0.9, 0.2}, {-0.9, 0.9, -0.2}, {0.25, 0.75, 0.5}};
    for (size_t k = 0; k < 3; k++) {
        struct bl23_reduction reduction = small;
        struct bl23_results r;
        struct bl23_record record = {.index = 1, .level = 1, .survives = 1};
        for (int a = 0; a < BL23_HISTOGRAM_AXES; a++)
            for (int b = 0; b <= BINS; b++)
                reduction.edge[a][b] = (b / 32.0 - 1.0) * pi;
        record.value[BL23_COLUMN_wu11_phase] = turns[k][0] * pi;
        record.value[BL23_COLUMN_wu12_phase] = turns[k][1] * pi;
        assert_int_equal(bl23_results_init(&r, 1, 1, &reduction), BL23_OK);
        assert_int_equal(bl23_results_survivor(&r, &reduction, &record), BL23_OK);
        size_t const bin = 1 + (size_t)floor((turns[k][2] + 1.0) * 32.0);
        check_that(r.tallies.histogram_1d[3][bin] == 1, "phases %g and %g of pi: not in bin %d",
                   turns[k][0], turns[k][1], (int)bin);
        check_that(r.tallies.passed_1sigma == 1 && r.tallies.extremum[1][0][0].index == 1,
                   "a survivor of level 1 counts at both levels");
        bl23_results_free(&r);
    }
}

int main(void)
{
    struct CMUnitTest const tests[] = {cmocka_unit_test(test_merge), cmocka_unit_test(test_ties),
                                       cmocka_unit_test(test_thinning), cmocka_unit_test(test_bins),
                                       cmocka_unit_test(test_phase)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
