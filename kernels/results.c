/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "kernels/results.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "kernels/bins.h"

/* Is (a, i) before (b, j) when smaller values come first and ties go to the lower index? */
static bool before(double a, uint64_t i, double b, uint64_t j)
{
    return a < b || (a == b && i < j);
}

enum bl23_status bl23_results_init(struct bl23_results *r, uint64_t n_knots,
                                   struct bl23_reduction const *reduction)
{
    memset(r, 0, sizeof *r);
    r->n_knots = n_knots;
    r->n_histograms_2d = reduction->n_histograms_2d;
    r->nearest_capacity = reduction->nearest;
    r->max_survivors = reduction->max_survivors;
    r->knot = calloc(n_knots, sizeof *r->knot);
    r->histogram_2d = calloc(r->n_histograms_2d + 1, sizeof *r->histogram_2d);
    r->nearest = calloc(r->nearest_capacity + 1, sizeof *r->nearest);
    if (!r->knot || !r->histogram_2d || !r->nearest) {
        bl23_results_free(r);
        return BL23_ERROR_MEMORY;
    }
    bl23_results_clear(r);
    return BL23_OK;
}

void bl23_results_free(struct bl23_results *r)
{
    free(r->knot);
    free(r->histogram_2d);
    free(r->nearest);
    free(r->survivor);
    memset(r, 0, sizeof *r);
}

void bl23_results_clear(struct bl23_results *r)
{
    memset(&r->tallies, 0, sizeof r->tallies);
    for (int set = 0; set < 2; set++)
        for (int c = 0; c < BL23_COLUMNS; c++) {
            r->tallies.extremum[set][c][0] = (struct bl23_extremum){BL23_INFINITY, BL23_NO_INDEX};
            r->tallies.extremum[set][c][1] = (struct bl23_extremum){-BL23_INFINITY, BL23_NO_INDEX};
        }
    memset(r->knot, 0, r->n_knots * sizeof *r->knot);
    memset(r->histogram_2d, 0, r->n_histograms_2d * sizeof *r->histogram_2d);
    r->n_nearest = 0;
    r->n_survivors = 0;
}

void bl23_counts_add(void *into, void const *from, size_t bytes)
{
    uint64_t *const a = into;
    uint64_t const *const b = from;
    for (size_t k = 0; k < bytes / sizeof *a; k++)
        a[k] += b[k];
}

void bl23_results_extremum(struct bl23_extremum *e, int side, double value, uint64_t index)
{
    bool const better = side == 0 ? before(value, index, e->value, e->index)
                                  : before(-value, index, -e->value, e->index);
    if (better)
        *e = (struct bl23_extremum){value, index};
}

static void merge_tallies(struct bl23_tallies *a, struct bl23_tallies const *b)
{
    a->drawn += b->drawn;
    a->passed += b->passed;
    a->passed_1sigma += b->passed_1sigma;
    bl23_counts_add(a->histogram_1d, b->histogram_1d, sizeof a->histogram_1d);
    for (int set = 0; set < 2; set++)
        for (int c = 0; c < BL23_COLUMNS; c++) {
            struct bl23_extremum const *const e = b->extremum[set][c];
            for (int side = 0; side < 2; side++)
                bl23_results_extremum(&a->extremum[set][c][side], side, e[side].value,
                                      e[side].index);
        }
}

void bl23_results_extrema(struct bl23_tallies *t, struct bl23_record const *record)
{
    for (int set = 0; set < (record->level == 1 ? 2 : 1); set++)
        for (int c = 0; c < BL23_COLUMNS; c++)
            for (int side = 0; side < 2; side++)
                bl23_results_extremum(&t->extremum[set][c][side], side, record->value[c],
                                      record->index);
}

enum bl23_status bl23_results_survivor(struct bl23_results *r,
                                       struct bl23_reduction const *reduction,
                                       struct bl23_record const *record, uint64_t seed)
{
    int32_t bin[BL23_HISTOGRAM_AXES];
    bl23_bins_of_record(reduction, record->value, bin);
    r->tallies.passed++;
    r->tallies.passed_1sigma += record->level == 1;
    bl23_results_extrema(&r->tallies, record);
    for (int a = 0; a < BL23_HISTOGRAM_AXES; a++)
        r->tallies.histogram_1d[a][bin[a]]++;
    for (uint64_t h = 0; h < r->n_histograms_2d; h++)
        r->histogram_2d[h][bin[reduction->histogram_2d[h][0]]]
                       [bin[reduction->histogram_2d[h][1]]]++;
    struct bl23_kept const kept = {bl23_survivor_hash(seed, record->index), record->index};
    return bl23_results_keep(r, kept);
}

/* ---- the nearest list: a heap with the farthest sample on top ---- */

static bool farther(struct bl23_extremum a, struct bl23_extremum b)
{
    return before(b.value, b.index, a.value, a.index);
}

static void nearest_sift_down(struct bl23_extremum *heap, uint64_t n, uint64_t at)
{
    for (uint64_t child; (child = 2 * at + 1) < n; at = child) {
        if (child + 1 < n && farther(heap[child + 1], heap[child]))
            child++;
        if (!farther(heap[child], heap[at]))
            return;
        struct bl23_extremum const swap = heap[at];
        heap[at] = heap[child];
        heap[child] = swap;
    }
}

static void nearest_sift_up(struct bl23_extremum *heap, uint64_t at)
{
    for (uint64_t parent; at > 0 && farther(heap[at], heap[parent = (at - 1) / 2]); at = parent) {
        struct bl23_extremum const swap = heap[at];
        heap[at] = heap[parent];
        heap[parent] = swap;
    }
}

void bl23_results_nearest(struct bl23_results *r, double tension, uint64_t index)
{
    struct bl23_extremum const sample = {tension, index};
    if (!(tension < BL23_INFINITY) || r->nearest_capacity == 0)
        return;
    if (r->n_nearest < r->nearest_capacity) {
        r->nearest[r->n_nearest] = sample;
        nearest_sift_up(r->nearest, r->n_nearest++);
    } else if (farther(r->nearest[0], sample)) {
        r->nearest[0] = sample;
        nearest_sift_down(r->nearest, r->n_nearest, 0);
    }
}

double bl23_results_nearest_bound(struct bl23_results const *r)
{
    if (r->nearest_capacity == 0)
        return -1.0;
    return r->n_nearest < r->nearest_capacity ? BL23_INFINITY : r->nearest[0].value;
}

struct bl23_bounds bl23_results_bounds(struct bl23_results const *r)
{
    bool const full = r->max_survivors > 0 && r->n_survivors == r->max_survivors;
    return (struct bl23_bounds){bl23_results_nearest_bound(r),
                                full ? r->survivor[0].hash : UINT64_MAX};
}

/* ---- the kept survivors: a plain list until full, then a heap with the largest hash on top ----
 */

static bool larger(struct bl23_kept a, struct bl23_kept b)
{
    return a.hash > b.hash || (a.hash == b.hash && a.index > b.index);
}

static void kept_sift_down(struct bl23_kept *heap, uint64_t n, uint64_t at)
{
    for (uint64_t child; (child = 2 * at + 1) < n; at = child) {
        if (child + 1 < n && larger(heap[child + 1], heap[child]))
            child++;
        if (!larger(heap[child], heap[at]))
            return;
        struct bl23_kept const swap = heap[at];
        heap[at] = heap[child];
        heap[child] = swap;
    }
}

/* Room for `wanted` survivors, twice the room there was where that suffices. */
static enum bl23_status reserve(struct bl23_results *r, uint64_t wanted)
{
    if (wanted <= r->survivors_capacity)
        return BL23_OK;
    uint64_t const twice = r->survivors_capacity ? 2 * r->survivors_capacity : 1024;
    uint64_t const ample = twice < r->max_survivors ? twice : r->max_survivors;
    uint64_t const capacity = ample > wanted ? ample : wanted;
    struct bl23_kept *const grown = realloc(r->survivor, capacity * sizeof *grown);
    if (!grown)
        return BL23_ERROR_MEMORY;
    r->survivor = grown;
    r->survivors_capacity = capacity;
    return BL23_OK;
}

/* A list that has just become full is made a heap. */
static void heapify_if_full(struct bl23_results *r)
{
    if (r->n_survivors == r->max_survivors)
        for (uint64_t at = r->n_survivors / 2; at-- > 0;)
            kept_sift_down(r->survivor, r->n_survivors, at);
}

enum bl23_status bl23_results_keep(struct bl23_results *r, struct bl23_kept kept)
{
    if (r->n_survivors == r->max_survivors) {
        if (r->max_survivors > 0 && larger(r->survivor[0], kept)) {
            r->survivor[0] = kept;
            kept_sift_down(r->survivor, r->n_survivors, 0);
        }
        return BL23_OK;
    }
    enum bl23_status const status = reserve(r, r->n_survivors + 1);
    if (status != BL23_OK)
        return status;
    r->survivor[r->n_survivors++] = kept;
    heapify_if_full(r);
    return BL23_OK;
}

enum bl23_status bl23_results_keep_all(struct bl23_results *r, struct bl23_kept const *kept,
                                       uint64_t n)
{
    enum bl23_status status = BL23_OK;
    if (n > 0 && n <= r->max_survivors - r->n_survivors) {
        status = reserve(r, r->n_survivors + n);
        if (status != BL23_OK)
            return status;
        memcpy(r->survivor + r->n_survivors, kept, n * sizeof *kept);
        r->n_survivors += n;
        heapify_if_full(r);
        return BL23_OK;
    }
    for (uint64_t k = 0; status == BL23_OK && k < n; k++)
        status = bl23_results_keep(r, kept[k]);
    return status;
}

enum bl23_status bl23_results_merge(struct bl23_results *into, struct bl23_results const *from)
{
    merge_tallies(&into->tallies, &from->tallies);
    bl23_counts_add(into->knot, from->knot, from->n_knots * sizeof *from->knot);
    bl23_counts_add(into->histogram_2d, from->histogram_2d,
                    from->n_histograms_2d * sizeof *from->histogram_2d);
    for (uint64_t k = 0; k < from->n_nearest; k++)
        bl23_results_nearest(into, from->nearest[k].value, from->nearest[k].index);
    return bl23_results_keep_all(into, from->survivor, from->n_survivors);
}

/* ---- order ---- */

/* End of the rising run that begins at `at`. */
static uint64_t run_end(struct bl23_kept const *s, uint64_t at, uint64_t n)
{
    for (at++; at < n && s[at - 1].index < s[at].index; at++)
        continue;
    return at;
}

/* One round over all pairs of neighbouring rising runs; returns how many runs are left. */
static uint64_t merge_runs(struct bl23_kept const *from, struct bl23_kept *to, uint64_t n)
{
    uint64_t runs = 0;
    for (uint64_t at = 0, out = 0; at < n; runs++) {
        uint64_t const middle = run_end(from, at, n);
        uint64_t const end = middle < n ? run_end(from, middle, n) : n;
        uint64_t left = at, right = middle;
        while (left < middle && right < end)
            to[out++] = from[left].index < from[right].index ? from[left++] : from[right++];
        while (left < middle)
            to[out++] = from[left++];
        while (right < end)
            to[out++] = from[right++];
        at = end;
    }
    return runs;
}

static int by_index(void const *a, void const *b)
{
    uint64_t const i = ((struct bl23_kept const *)a)->index;
    uint64_t const j = ((struct bl23_kept const *)b)->index;
    return (i > j) - (i < j);
}

/* Survivors come in a few long rising runs, one per thread and range, or as one: natural merging
 * reads them a few times, a general sort many times. */
static void sort_survivors(struct bl23_results *r)
{
    uint64_t const n = r->n_survivors;
    if (n < 2 || run_end(r->survivor, 0, n) == n)
        return;
    struct bl23_kept *other = malloc(n * sizeof *other), *sorted = r->survivor;
    if (!other) {
        qsort(r->survivor, n, sizeof *r->survivor, by_index);
        return;
    }
    for (uint64_t runs = n; runs > 1;) {
        runs = merge_runs(sorted, other, n);
        struct bl23_kept *const swap = sorted;
        sorted = other;
        other = swap;
    }
    free(other);
    r->survivor = sorted;
    r->survivors_capacity = n;
}

static int by_tension(void const *a, void const *b)
{
    struct bl23_extremum const *const x = a, *const y = b;
    return farther(*x, *y) - farther(*y, *x);
}

void bl23_results_sort(struct bl23_results *r)
{
    sort_survivors(r);
    if (r->n_nearest > 1)
        qsort(r->nearest, r->n_nearest, sizeof *r->nearest, by_tension);
}
