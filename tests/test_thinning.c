/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* Bins of hashes, the bound while a survey runs and the exact cut at its end, against sorting. */
#include <stdlib.h>
#include <string.h>

#include "kernels/results/thinning.h"
#include "kernels/sample/philox.h"
#include "tests/check.h"

enum { MANY = 300000 };

static void bins_cover(void **state)
{
    (void)state;
    uint64_t last = 0;
    check_that(bl23_hash_bin(0) == 0, "the bin of 0");
    for (uint32_t bin = 0; bin < BL23_HASH_BINS; bin++) {
        uint64_t const end = bl23_hash_bin_last(bin);
        check_that(bl23_hash_bin(end) == bin, "bin %u holds its last hash", bin);
        check_that(bin == 0 || end > last, "bins rise at %u", bin);
        check_that(end == UINT64_MAX || bl23_hash_bin(end + 1) == bin + 1, "bin %u ends", bin);
        check_that(bin < 1024 || (double)(end - last) <= (double)end / 1024.0, "width of bin %u",
                   bin);
        last = end;
    }
    check_that(last == UINT64_MAX, "the last bin ends at the largest hash");
}

static int by_hash(void const *a, void const *b)
{
    struct bl23_hashed_survivor const *const x = a, *const y = b;
    if (x->hash != y->hash)
        return x->hash > y->hash ? 1 : -1;
    return (x->index > y->index) - (x->index < y->index);
}

/* Hashes of a survey, shifted so that they are also small and equal ones. */
static struct bl23_hashed_survivor *many(unsigned shift)
{
    struct bl23_hashed_survivor *const hashed = calloc(MANY, sizeof *hashed);
    assert_non_null(hashed);
    for (uint64_t k = 0; k < MANY; k++)
        hashed[k] = (struct bl23_hashed_survivor){bl23_survivor_hash(7, k) >> shift, k};
    return hashed;
}

static void check_cut(struct bl23_hashed_survivor const *hashed,
                      struct bl23_hashed_survivor const *sorted, uint64_t max)
{
    struct bl23_thinning t;
    struct bl23_boundary b;
    assert_int_equal(bl23_thinning_init(&t, max, UINT64_MAX), BL23_OK);
    bl23_thinning_count(&t, hashed, MANY / 2);
    bl23_thinning_count(&t, hashed + MANY / 2, MANY - MANY / 2);
    bool const cut = bl23_boundary_find(&t, &b);
    check_that(cut == (max <= MANY), "a cut is needed for %llu", (unsigned long long)max);
    if (max > 0 && max <= MANY)
        check_that(bl23_thinning_bound(&t) >= sorted[max - 1].hash, "the bound for %llu keeps all",
                   (unsigned long long)max);
    if (max > MANY)
        check_that(bl23_thinning_bound(&t) == UINT64_MAX, "no bound before there are enough");
    if (cut && max > 0) {
        assert_int_equal(bl23_boundary_gather(&b, hashed, MANY), BL23_OK);
        struct bl23_hashed_survivor const last = bl23_boundary_last(&b);
        check_that(last.hash == sorted[max - 1].hash && last.index == sorted[max - 1].index,
                   "the last of %llu", (unsigned long long)max);
    }
    bl23_boundary_free(&b);
    bl23_thinning_free(&t);
}

static void cuts_are_exact(void **state)
{
    (void)state;
    uint64_t const limits[] = {0, 1, 2, 1000, MANY / 3, MANY - 1, MANY, MANY + 1};
    unsigned const shifts[] = {0, 40, 50, 60, 63};
    for (size_t s = 0; s < sizeof shifts / sizeof *shifts; s++) {
        struct bl23_hashed_survivor *const hashed = many(shifts[s]), *const sorted =
                                                                         many(shifts[s]);
        qsort(sorted, MANY, sizeof *sorted, by_hash);
        for (size_t k = 0; k < sizeof limits / sizeof *limits; k++)
            check_cut(hashed, sorted, limits[k]);
        free(hashed);
        free(sorted);
    }
}

static void nothing_is_hashed_in_vain(void **state)
{
    (void)state;
    struct bl23_thinning t;
    struct bl23_boundary b;
    struct bl23_hashed_survivor const hashed[] = {{5, 1}, {9, 2}, {7, 3}};
    assert_int_equal(bl23_thinning_init(&t, 3, 3), BL23_OK);
    bl23_thinning_count(&t, hashed, 3);
    check_that(t.count == NULL && t.total == 3, "counted without their hashes");
    check_that(bl23_thinning_bound(&t) == UINT64_MAX, "no bound where all are kept");
    check_that(!bl23_boundary_find(&t, &b), "no cut where all are kept");
    bl23_thinning_free(&t);
}

int main(void)
{
    struct CMUnitTest const tests[] = {cmocka_unit_test(bins_cover),
                                       cmocka_unit_test(cuts_are_exact),
                                       cmocka_unit_test(nothing_is_hashed_in_vain)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
