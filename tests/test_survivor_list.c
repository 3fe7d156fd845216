/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* The packed list of survivors against a plain set of indices: order, joining, cutting, damage. */
#include <stdlib.h>
#include <string.h>

#include "kernels/lanes/isa.h"
#include "kernels/results/thinning.h"
#include "tests/check.h"

enum { SPAN = 40 * BL23_TILE, SEED = 11 };

static uint64_t random_state = 1;

static uint64_t below(uint64_t n)
{
    random_state = random_state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (random_state >> 33) % n;
}

/* A list and what is in it. `base` is added to every index. */
struct pair {
    uint64_t base;
    bool in[SPAN];
    struct bl23_survivor_list list;
};

/* Append up to `most` new indices of one tile, rising. */
static void append_some(struct pair *p, uint64_t tile, unsigned most)
{
    uint16_t offset[BL23_TILE];
    unsigned n = 0;
    for (unsigned k = 0; k < BL23_TILE && n < most; k++) {
        uint64_t const at = tile * BL23_TILE + k;
        if (p->in[at] || below(BL23_TILE) >= most)
            continue;
        p->in[at] = true;
        offset[n++] = (uint16_t)k;
    }
    struct bl23_tile_survivors const those = {p->base + tile * BL23_TILE, n, offset};
    if (n > 0)
        assert_int_equal(bl23_list_append(&p->list, those), BL23_OK);
}

/* The list holds exactly what it should, in rising order. */
static void check_sorted(struct pair *p, char const *what)
{
    uint64_t *const index = calloc(p->list.n + 1, sizeof *index);
    uint64_t n = 0;
    assert_non_null(index);
    bl23_list_unpack(&p->list, index);
    for (uint64_t k = 0; k < SPAN; k++)
        if (p->in[k]) {
            check_that(n < p->list.n && index[n] == p->base + k, "%s: index %llu is missing", what,
                       (unsigned long long)k);
            n++;
        }
    check_that(n == p->list.n, "%s: %llu indices, expected %llu", what,
               (unsigned long long)p->list.n, (unsigned long long)n);
    check_that(bl23_list_is_whole(&p->list), "%s: heads do not fit", what);
    free(index);
}

/* Equal sets are equal words, however they came. */
static void check_canonical(struct pair const *p)
{
    struct bl23_survivor_list plain = {0};
    for (uint64_t k = 0; k < SPAN; k++) {
        uint16_t const offset = k % BL23_TILE;
        struct bl23_tile_survivors const one = {p->base + k - offset, 1, &offset};
        if (p->in[k])
            assert_int_equal(bl23_list_append(&plain, one), BL23_OK);
    }
    check_that(bl23_list_is_equal(&plain, &p->list), "equal sets are equal lists");
    bl23_list_free(&plain);
}

static void orders(void **state)
{
    (void)state;
    static uint64_t const bases[] = {0, 1 << 20, UINT64_C(1) << 62, UINT64_MAX - SPAN + 1};
    static unsigned const most[] = {1, 3, 200, BL23_TILE};
    for (int round = 0; round < 64; round++) {
        struct pair *const p = calloc(1, sizeof *p);
        assert_non_null(p);
        p->base = bases[round % 4];
        for (int k = 0; k < 300; k++) /* several times the same tile, in no order */
            append_some(p, below(SPAN / BL23_TILE), most[round / 4 % 4]);
        assert_int_equal(bl23_list_sort(&p->list), BL23_OK);
        check_sorted(p, "sorted");
        check_canonical(p);
        bl23_list_free(&p->list);
        free(p);
    }
}

static void joins_lists(void **state)
{
    (void)state;
    struct pair *const p = calloc(1, sizeof *p), *const q = calloc(1, sizeof *q);
    assert_non_null(p);
    assert_non_null(q);
    for (uint64_t k = 0; k < SPAN / BL23_TILE; k++)
        append_some(k % 3 ? p : q, k, 100);
    assert_int_equal(bl23_list_append_list(&p->list, &q->list), BL23_OK);
    for (uint64_t k = 0; k < SPAN; k++) {
        p->in[k] = p->in[k] || q->in[k];
        q->in[k] = p->in[k];
    }
    append_some(p, SPAN / BL23_TILE - 1, 50); /* goes on behind another list's last tile */
    assert_int_equal(bl23_list_sort(&p->list), BL23_OK);
    check_sorted(p, "joined");
    bl23_list_free(&p->list);
    bl23_list_free(&q->list);
    free(p);
    free(q);
}

static int by_hash(void const *a, void const *b)
{
    struct bl23_hashed_survivor const *const x = a, *const y = b;
    return (x->hash > y->hash) - (x->hash < y->hash);
}

/* Cut down to `max`: those of smallest hash stay. */
static void check_cut(uint64_t max)
{
    struct pair *const p = calloc(1, sizeof *p);
    struct bl23_hashed_survivor *const all = calloc(SPAN, sizeof *all),
                                       last = {UINT64_MAX, UINT64_MAX};
    uint64_t n = 0;
    assert_non_null(p);
    assert_non_null(all);
    for (int k = 0; k < 100; k++)
        append_some(p, below(SPAN / BL23_TILE), 60);
    for (uint64_t k = 0; k < SPAN; k++)
        if (p->in[k])
            all[n++] = (struct bl23_hashed_survivor){bl23_survivor_hash(SEED, k), k};
    qsort(all, n, sizeof *all, by_hash);
    for (uint64_t k = max; k < n; k++)
        p->in[all[k].index] = false;
    assert_int_equal(bl23_list_cut(&p->list, SEED, max, &last), BL23_OK);
    if (max > 0 && max < n)
        check_that(last.index == all[max - 1].index, "the last of %llu", (unsigned long long)max);
    check_that(max < n || last.hash == UINT64_MAX, "nothing is cut where all are kept");
    check_that(bl23_list_is_whole(&p->list), "cut to %llu: heads", (unsigned long long)max);
    assert_int_equal(bl23_list_sort(&p->list), BL23_OK);
    if (max > 0)
        check_sorted(p, "cut");
    bl23_list_free(&p->list);
    free(all);
    free(p);
}

static void cuts(void **state)
{
    (void)state;
    static uint64_t const max[] = {1, 2, 100, 1000, 4000, 1 << 20};
    for (size_t k = 0; k < sizeof max / sizeof *max; k++)
        check_cut(max[k]);
}

/* Vectors of every width give the hash of the plain function, for any number of survivors. */
static void check_hashes(uint64_t first, unsigned count)
{
    static uint64_t index[BL23_TILE];
    static struct bl23_hashed_survivor hashed[BL23_TILE];
    for (unsigned k = 0; k < count; k++)
        index[k] = first + (k * 77u % count) * (2 * BL23_TILE / count);
    bl23_hashes(SEED, index, count, hashed);
    for (unsigned k = 0; k < count; k++)
        check_that(hashed[k].index == index[k] &&
                       hashed[k].hash == bl23_survivor_hash(SEED, index[k]),
                   "%s: survivor %u of %u from %llu", bl23_isa_name(bl23_isa_chosen()), k, count,
                   (unsigned long long)first);
}

static void hashes(void **state)
{
    (void)state;
    static uint64_t const first[] = {0, UINT64_C(0xfffff000), UINT64_C(1) << 32, UINT64_C(7) << 60};
    static unsigned const count[] = {1, 2, 15, 16, 17, 31, 33, 64, 1000, BL23_TILE - 1, BL23_TILE};
    for (enum bl23_isa isa = 0; isa < BL23_ISAS; isa++) {
        if (bl23_isa_choose(bl23_isa_name(isa), NULL) != BL23_OK)
            continue;
        for (size_t f = 0; f < sizeof first / sizeof *first; f++)
            for (size_t c = 0; c < sizeof count / sizeof *count; c++)
                check_hashes(first[f], count[c]);
    }
}

/* Heads that do not fit the number of words, or of indices. */
static void finds_damage(void **state)
{
    (void)state;
    struct pair *const p = calloc(1, sizeof *p);
    assert_non_null(p);
    for (uint64_t k = 0; k < 8; k++)
        append_some(p, k, 100);
    check_that(bl23_list_is_whole(&p->list), "a list is whole");
    uint64_t const words = p->list.words, n = p->list.n;
    for (p->list.words = words - 1; p->list.words > words - 120; p->list.words--)
        check_that(!bl23_list_is_whole(&p->list), "%llu words less",
                   (unsigned long long)(words - p->list.words));
    p->list.words = words;
    p->list.n = n + 1;
    check_that(!bl23_list_is_whole(&p->list), "another number of indices");
    p->list.n = n;
    p->list.word[0] ^= 1;
    check_that(!bl23_list_is_whole(&p->list), "a head with another count");
    bl23_list_free(&p->list);
    check_that(bl23_list_is_whole(&p->list), "an empty list is whole");
    free(p);
}

/* Two tiles of the samples [4096, 12288): each word changed must be noticed where it breaks the
 * order or leaves the range. */
static void lies_within(void **state)
{
    (void)state;
    struct bl23_survivor_list list = {0};
    uint64_t const index[] = {4096, 4100, 8191, 8192, 12287};
    assert_int_equal(bl23_list_append_rising(&list, index, 5), BL23_OK);
    check_that(bl23_list_is_sorted_within(&list, 4096, 8192), "the list as it is");
    check_that(!bl23_list_is_sorted_within(&list, 4097, 8191), "the first is below");
    check_that(!bl23_list_is_sorted_within(&list, 4096, 8191), "the last is beyond");
    uint16_t *const offset = list.word + BL23_LIST_HEAD;
    offset[1] = 0;
    check_that(!bl23_list_is_sorted_within(&list, 0, UINT64_MAX), "a sample twice");
    offset[1] = 4;
    offset[2] = 4096;
    check_that(!bl23_list_is_sorted_within(&list, 0, UINT64_MAX), "an offset of the next tile");
    offset[2] = 4095;
    uint64_t const head = 4096 | 1; /* the second tile begins where the first does */
    memcpy(list.word + BL23_LIST_HEAD + 3, &head, sizeof head);
    check_that(!bl23_list_is_sorted_within(&list, 0, UINT64_MAX), "a tile twice");
    bl23_list_free(&list);
    check_that(bl23_list_is_sorted_within(&list, 0, 1), "an empty list");
}

int main(void)
{
    struct CMUnitTest const tests[] = {
        cmocka_unit_test(orders), cmocka_unit_test(joins_lists),  cmocka_unit_test(cuts),
        cmocka_unit_test(hashes), cmocka_unit_test(finds_damage), cmocka_unit_test(lies_within)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
