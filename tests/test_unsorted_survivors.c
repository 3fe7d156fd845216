/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* Survivors that arrive in any order: cut and put in order like those that come one by one with
 * rising indices, ties and bounds, and what is left when memory runs out. */
#include <stdlib.h>

#include "kernels/results/unsorted_survivors.h"
#include "tests/check.h"

enum { SEED = 5, MANY = 60000, LEFT = 10000 };

/* ---- allocations that fail: the linker sends those of the library here ---- */

static unsigned long allocation, failing; /* calls so far; the one that fails, 0: none */

static bool fails(void)
{
    return ++allocation == failing;
}

void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *old, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *old, size_t size);

void *__wrap_malloc(size_t size)
{
    return fails() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t n, size_t size)
{
    return fails() ? NULL : __real_calloc(n, size);
}

void *__wrap_realloc(void *old, size_t size)
{
    return fails() ? NULL : __real_realloc(old, size);
}

/* ---- what arrives ---- */

static uint64_t random_state = 1;

static uint64_t below(uint64_t n)
{
    random_state = random_state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (random_state >> 33) % n;
}

static void shuffle(struct bl23_hashed_survivor *hashed, size_t n)
{
    for (size_t k = n; k-- > 1;) {
        size_t const other = (size_t)below(k + 1);
        struct bl23_hashed_survivor const swap = hashed[k];
        hashed[k] = hashed[other];
        hashed[other] = swap;
    }
}

/* Survivors with rising indices from `first` on, up to 2 `apart` from each other, and hashes of
 * which only the bits above `shift` are left. */
static struct bl23_hashed_survivor *some(size_t n, uint64_t first, uint64_t apart, unsigned shift)
{
    struct bl23_hashed_survivor *const hashed = calloc(n + 1, sizeof *hashed);
    assert_non_null(hashed);
    for (size_t k = 0; k < n; k++) {
        hashed[k] = (struct bl23_hashed_survivor){bl23_survivor_hash(SEED, first) >> shift, first};
        first += 1 + below(2 * apart);
    }
    return hashed;
}

static int by_hash(void const *a, void const *b)
{
    struct bl23_hashed_survivor const *const x = a, *const y = b;
    if (x->hash != y->hash)
        return x->hash > y->hash ? 1 : -1;
    return (x->index > y->index) - (x->index < y->index);
}

/* The list of them, one at a time. */
static struct bl23_survivor_list plain_list(struct bl23_hashed_survivor const *hashed, size_t n)
{
    struct bl23_survivor_list list = {0};
    for (size_t k = 0; k < n; k++) {
        uint16_t const offset = hashed[k].index % BL23_TILE;
        struct bl23_tile_survivors const one = {hashed[k].index - offset, 1, &offset};
        assert_int_equal(bl23_list_append(&list, one), BL23_OK);
    }
    assert_int_equal(bl23_list_sort(&list), BL23_OK);
    return list;
}

/* Moved to a list they are the expected ones; both are freed. */
static void check_moved(struct bl23_unsorted_survivors *a, struct bl23_survivor_list *expected,
                        char const *what)
{
    struct bl23_survivor_list list = {0};
    assert_int_equal(bl23_unsorted_move(a, &list), BL23_OK);
    check_that(a->n == 0 && bl23_list_is_equal(&list, expected), "%s: %llu in the list, %llu", what,
               (unsigned long long)list.n, (unsigned long long)expected->n);
    bl23_list_free(&list);
    bl23_list_free(expected);
    bl23_unsorted_free(a);
}

/* ---- tests ---- */

static void orders(void **state)
{
    (void)state;
    static size_t const sizes[] = {0, 1, 2, 3, 100, MANY};
    static uint64_t const apart[] = {1, 30, 5000, UINT64_C(1) << 40};
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++)
        for (size_t d = 0; d < sizeof apart / sizeof *apart; d++) {
            size_t const n = sizes[s];
            struct bl23_unsorted_survivors a = {0};
            struct bl23_hashed_survivor *const hashed = some(n, UINT64_C(4294960000), apart[d], 0);
            struct bl23_survivor_list expected = plain_list(hashed, n);
            shuffle(hashed, n);
            assert_int_equal(bl23_unsorted_add(&a, hashed, n / 3, UINT64_MAX), BL23_OK);
            assert_int_equal(bl23_unsorted_add(&a, hashed + n / 3, n - n / 3, UINT64_MAX), BL23_OK);
            check_moved(&a, &expected, "in any order");
            free(hashed);
        }
}

/* A device that returns a survivor twice, or very often, adds it once. */
static void takes_each_once(void **state)
{
    (void)state;
    struct bl23_unsorted_survivors a = {0};
    struct bl23_hashed_survivor *const hashed = some(3, 17, 50, 0);
    struct bl23_survivor_list expected = plain_list(hashed, 3);
    for (int k = 0; k < 3 * BL23_TILE; k++)
        assert_int_equal(bl23_unsorted_add(&a, hashed, 3, UINT64_MAX), BL23_OK);
    check_moved(&a, &expected, "repeated");
    free(hashed);
}

/* They go behind what is in the list. */
static void appends(void **state)
{
    (void)state;
    struct bl23_unsorted_survivors a = {0};
    struct bl23_hashed_survivor *const hashed = some(MANY, 0, 40, 0);
    struct bl23_survivor_list expected = plain_list(hashed, MANY);
    for (size_t at = 0; at < MANY; at += MANY / 4) { /* the parts meet within tiles */
        struct bl23_survivor_list list = plain_list(hashed, at);
        for (size_t k = MANY; k-- > at;) /* falling */
            assert_int_equal(bl23_unsorted_add(&a, &hashed[k], 1, UINT64_MAX), BL23_OK);
        assert_int_equal(bl23_unsorted_move(&a, &list), BL23_OK);
        check_that(bl23_list_is_equal(&list, &expected), "behind %d", (int)at);
        bl23_list_free(&list);
    }
    bl23_list_free(&expected);
    bl23_unsorted_free(&a);
    free(hashed);
}

static void check_cut(unsigned shift, size_t max)
{
    struct bl23_unsorted_survivors a = {0};
    struct bl23_hashed_survivor *const hashed = some(MANY, 1, 100, shift),
                                       last = {UINT64_MAX, UINT64_MAX};
    size_t const n = max < MANY ? max : MANY;
    shuffle(hashed, MANY);
    assert_int_equal(bl23_unsorted_add(&a, hashed, MANY, UINT64_MAX), BL23_OK);
    assert_int_equal(bl23_unsorted_cut(&a, max, &last), BL23_OK);
    qsort(hashed, MANY, sizeof *hashed, by_hash);
    check_that(a.n == n, "cut to %d, %d bits: %d are left", (int)max, (int)(64 - shift), (int)a.n);
    if (max > 0 && max < MANY)
        check_that(last.hash == hashed[max - 1].hash && last.index == hashed[max - 1].index,
                   "cut to %d, %d bits: the last", (int)max, (int)(64 - shift));
    check_that(max < MANY || last.hash == UINT64_MAX, "nothing is cut where all are kept");
    struct bl23_survivor_list expected = plain_list(hashed, n);
    check_moved(&a, &expected, "cut");
    free(hashed);
}

/* Those of smallest hash stay; among equal hashes, those of lower index. */
static void cuts(void **state)
{
    (void)state;
    static unsigned const shifts[] = {0, 50, 60, 63}; /* 60: sixteen hashes in all */
    static size_t const max[] = {0, 1, 2, 1000, MANY / 2, MANY - 1, MANY, MANY + 1};
    for (size_t s = 0; s < sizeof shifts / sizeof *shifts; s++)
        for (size_t k = 0; k < sizeof max / sizeof *max; k++)
            check_cut(shifts[s], max[k]);
}

/* A hash may be the bound, and no hash is above the largest. */
static void obeys_bounds(void **state)
{
    (void)state;
    struct bl23_unsorted_survivors a = {0};
    struct bl23_hashed_survivor const hashed[] = {{7, 1}, {8, 2}, {9, 3}, {UINT64_MAX, 4}, {0, 5}};
    assert_int_equal(bl23_unsorted_add(&a, hashed, 5, 8), BL23_OK);
    check_that(a.n == 3 && a.hashed[0].index == 1 && a.hashed[1].index == 2 &&
                   a.hashed[2].index == 5,
               "%d up to the bound", (int)a.n);
    a.n = 0;
    assert_int_equal(bl23_unsorted_add(&a, hashed, 5, UINT64_MAX), BL23_OK);
    check_that(a.n == 5, "%d without a bound", (int)a.n);
    a.n = 0;
    assert_int_equal(bl23_unsorted_add(&a, hashed, 5, 0), BL23_OK);
    check_that(a.n == 1 && a.hashed[0].index == 5, "%d of the least hash", (int)a.n);
    check_that(bl23_unsorted_add(&a, hashed, SIZE_MAX / 4, 0) == BL23_ERROR_MEMORY && a.n == 1,
               "more than can be addressed");
    bl23_unsorted_free(&a);
}

/* Add, cut and move with the n-th allocation failing; was it refused? */
static bool fail_at(struct bl23_hashed_survivor const *hashed, unsigned long number)
{
    struct bl23_unsorted_survivors a = {0};
    struct bl23_survivor_list list = plain_list(hashed, 10);
    struct bl23_hashed_survivor last = {UINT64_MAX, UINT64_MAX};
    uint64_t const words = list.words;
    allocation = 0;
    failing = number;
    enum bl23_status status = bl23_unsorted_add(&a, hashed + 10, MANY - 10, UINT64_MAX);
    check_that(a.n == (status == BL23_OK ? MANY - 10 : 0), "allocation %lu: added", number);
    if (status == BL23_OK) {
        status = bl23_unsorted_cut(&a, LEFT, &last);
        check_that(a.n == (status == BL23_OK ? LEFT : MANY - 10), "allocation %lu: cut", number);
    }
    if (status == BL23_OK)
        status = bl23_unsorted_move(&a, &list);
    failing = 0;
    check_that(status == BL23_OK || (status == BL23_ERROR_MEMORY && list.n == 10 &&
                                     list.words == words && bl23_list_is_whole(&list)),
               "allocation %lu: status %d, %d in the list", number, (int)status, (int)list.n);
    bl23_list_free(&list);
    bl23_unsorted_free(&a);
    return status != BL23_OK;
}

static void runs_out_of_memory(void **state)
{
    (void)state;
    struct bl23_hashed_survivor *const hashed = some(MANY, 0, 10, 0);
    unsigned long refused = 0;
    while (fail_at(hashed, refused + 1))
        refused++;
    check_that(refused >= 5, "%lu allocations: pairs, bins, boundary, indices, list", refused);
    free(hashed);
}

int main(void)
{
    struct CMUnitTest const tests[] = {
        cmocka_unit_test(orders),       cmocka_unit_test(takes_each_once),
        cmocka_unit_test(appends),      cmocka_unit_test(cuts),
        cmocka_unit_test(obeys_bounds), cmocka_unit_test(runs_out_of_memory)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
