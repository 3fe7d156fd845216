/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "kernels/results/unsorted_survivors.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "kernels/results/thinning.h"

void bl23_unsorted_free(struct bl23_unsorted_survivors *a)
{
    free(a->hashed);
    *a = (struct bl23_unsorted_survivors){0};
}

/* Make room for `more` survivors; the capacity at least doubles when it grows. */
static enum bl23_status reserve(struct bl23_unsorted_survivors *a, size_t more)
{
    size_t const most = SIZE_MAX / 2 / sizeof *a->hashed;
    if (more <= a->capacity - a->n)
        return BL23_OK;
    if (a->capacity > most / 2 || more > most / 2)
        return BL23_ERROR_MEMORY;
    size_t const wanted = a->n + more, twice = 2 * a->capacity;
    size_t const capacity = twice > wanted ? twice : wanted;
    void *const grown = realloc(a->hashed, capacity * sizeof *a->hashed);
    if (!grown)
        return BL23_ERROR_MEMORY;
    a->hashed = grown;
    a->capacity = capacity;
    return BL23_OK;
}

enum bl23_status bl23_unsorted_add(struct bl23_unsorted_survivors *a,
                                   struct bl23_hashed_survivor const *hashed, size_t n,
                                   uint64_t bound)
{
    enum bl23_status const status = reserve(a, n);
    for (size_t k = 0; status == BL23_OK && k < n; k++) { /* what is above is overwritten */
        a->hashed[a->n] = hashed[k];
        a->n += hashed[k].hash <= bound;
    }
    return status;
}

static void drop_after(struct bl23_unsorted_survivors *a, struct bl23_hashed_survivor last)
{
    size_t n = 0;
    for (size_t k = 0; k < a->n; k++) {
        struct bl23_hashed_survivor const each = a->hashed[k];
        a->hashed[n] = each;
        n += !bl23_hashed_is_after(each, last);
    }
    a->n = n;
}

enum bl23_status bl23_unsorted_cut(struct bl23_unsorted_survivors *a, uint64_t max,
                                   struct bl23_hashed_survivor *last)
{
    struct bl23_thinning thinning;
    struct bl23_boundary boundary;
    if (max == 0)
        a->n = 0;
    if (bl23_thinning_init(&thinning, max, a->n) != BL23_OK)
        return BL23_ERROR_MEMORY;
    enum bl23_status status = BL23_OK;
    bl23_thinning_count(&thinning, a->hashed, a->n);
    if (bl23_boundary_find(&thinning, &boundary)) {
        status = bl23_boundary_gather(&boundary, a->hashed, a->n);
        if (status == BL23_OK) {
            *last = bl23_boundary_last(&boundary);
            drop_after(a, *last);
        }
        bl23_boundary_free(&boundary);
    }
    bl23_thinning_free(&thinning);
    return status;
}

/* ---- order ---- */

enum { DIGIT = 11, DIGITS = 1 << DIGIT };

/* One pass of a radix sort, by the digit of index - least that begins at bit `shift`. */
static void sort_by_digit(uint64_t const *from, uint64_t *to, size_t n, uint64_t least,
                          unsigned shift)
{
    size_t place[DIGITS + 1] = {0};
    for (size_t k = 0; k < n; k++)
        place[1 + ((from[k] - least) >> shift) % DIGITS]++;
    for (size_t d = 1; d < DIGITS; d++)
        place[d] += place[d - 1];
    for (size_t k = 0; k < n; k++)
        to[place[((from[k] - least) >> shift) % DIGITS]++] = from[k];
}

/* index[n] in rising order: there, or in spare[n], which is returned then. */
static uint64_t *sort_indices(uint64_t *index, uint64_t *spare, size_t n)
{
    uint64_t least = UINT64_MAX, largest = 0;
    bool rises = true;
    for (size_t k = 0; k < n; k++) {
        rises = rises && index[k] >= largest;
        least = index[k] < least ? index[k] : least;
        largest = index[k] > largest ? index[k] : largest;
    }
    for (unsigned shift = 0; !rises && shift < 64 && (largest - least) >> shift; shift += DIGIT) {
        sort_by_digit(index, spare, n, least, shift);
        uint64_t *const sorted = spare;
        spare = index;
        index = sorted;
    }
    return index;
}

/* Each of the sorted index[n] once; how many are left. */
static size_t drop_repeated(uint64_t *index, size_t n)
{
    size_t left = 0;
    for (size_t k = 0; k < n; k++)
        if (k == 0 || index[k] != index[k - 1])
            index[left++] = index[k];
    return left;
}

enum bl23_status bl23_unsorted_move(struct bl23_unsorted_survivors *a,
                                    struct bl23_survivor_list *list)
{
    size_t const n = a->n;
    a->n = 0;
    if (n == 0)
        return BL23_OK;
    uint64_t *const index = malloc(n * sizeof *index);
    if (!index)
        return BL23_ERROR_MEMORY;
    for (size_t k = 0; k < n; k++)
        index[k] = a->hashed[k].index;
    uint64_t *const spare = (void *)a->hashed; /* the pairs are not read again */
    uint64_t *const sorted = sort_indices(index, spare, n);
    enum bl23_status const status = bl23_list_append_rising(list, sorted, drop_repeated(sorted, n));
    free(index);
    return status;
}
