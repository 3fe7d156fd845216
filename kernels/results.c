/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "kernels/results.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

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

/* All counters of a struct made of uint64_t only. */
static void add_counts(void *into, void const *from, size_t bytes)
{
    uint64_t *const a = into;
    uint64_t const *const b = from;
    for (size_t k = 0; k < bytes / sizeof *a; k++)
        a[k] += b[k];
}

static void offer_minimum(struct bl23_extremum *e, double value, uint64_t index)
{
    if (before(value, index, e->value, e->index))
        *e = (struct bl23_extremum){value, index};
}

static void offer_maximum(struct bl23_extremum *e, double value, uint64_t index)
{
    if (before(-value, index, -e->value, e->index))
        *e = (struct bl23_extremum){value, index};
}

static void merge_tallies(struct bl23_tallies *a, struct bl23_tallies const *b)
{
    a->drawn += b->drawn;
    a->passed += b->passed;
    a->passed_1sigma += b->passed_1sigma;
    add_counts(a->histogram_1d, b->histogram_1d, sizeof a->histogram_1d);
    for (int set = 0; set < 2; set++)
        for (int c = 0; c < BL23_COLUMNS; c++) {
            struct bl23_extremum const *const e = b->extremum[set][c];
            offer_minimum(&a->extremum[set][c][0], e[0].value, e[0].index);
            offer_maximum(&a->extremum[set][c][1], e[1].value, e[1].index);
        }
}

enum bl23_status bl23_results_merge(struct bl23_results *into, struct bl23_results const *from)
{
    merge_tallies(&into->tallies, &from->tallies);
    add_counts(into->knot, from->knot, from->n_knots * sizeof *from->knot);
    add_counts(into->histogram_2d, from->histogram_2d,
               from->n_histograms_2d * sizeof *from->histogram_2d);
    for (uint64_t k = 0; k < from->n_nearest; k++)
        bl23_results_nearest(into, from->nearest[k].value, from->nearest[k].index);
    for (uint64_t k = 0; k < from->n_survivors; k++) {
        enum bl23_status const status = bl23_results_keep(into, from->survivor[k]);
        if (status != BL23_OK)
            return status;
    }
    return BL23_OK;
}

/* Bin of a value: 0 below the first edge, BL23_BINS + 1 at and above the last (which the last bin
 * takes in). */
static size_t bin_of(double const edge[BL23_BINS + 1], double value)
{
    if (!(value >= edge[0]))
        return 0;
    if (value > edge[BL23_BINS])
        return BL23_BINS + 1;
    size_t low = 0, high = BL23_BINS; /* edge[low] <= value */
    while (high - low > 1) {
        size_t const middle = (low + high) / 2;
        if (value >= edge[middle])
            low = middle;
        else
            high = middle;
    }
    return low + 1;
}

/* Phase difference in (-pi, pi]. */
static double phase_difference(double a, double b)
{
    double const pi = 0x1.921fb54442d18p+1;
    double const d = a - b;
    return d > pi ? d - 2.0 * pi : d <= -pi ? d + 2.0 * pi : d;
}

static void count_histograms(struct bl23_results *r, struct bl23_reduction const *reduction,
                             double const *v)
{
    double const axis[BL23_HISTOGRAM_AXES] = {
        v[BL23_COLUMN_wu11_abs] * v[BL23_COLUMN_wu11_abs],
        v[BL23_COLUMN_wu12_abs] * v[BL23_COLUMN_wu12_abs],
        v[BL23_COLUMN_wu13_abs] * v[BL23_COLUMN_wu13_abs],
        phase_difference(v[BL23_COLUMN_wu12_phase], v[BL23_COLUMN_wu11_phase]),
        phase_difference(v[BL23_COLUMN_wu13_phase], v[BL23_COLUMN_wu11_phase]),
        v[BL23_COLUMN_g_bl]};
    size_t bin[BL23_HISTOGRAM_AXES];
    for (int a = 0; a < BL23_HISTOGRAM_AXES; a++) {
        bin[a] = bin_of(reduction->edge[a], axis[a]);
        r->tallies.histogram_1d[a][bin[a]]++;
    }
    for (uint64_t h = 0; h < r->n_histograms_2d; h++)
        r->histogram_2d[h][bin[reduction->histogram_2d[h][0]]]
                       [bin[reduction->histogram_2d[h][1]]]++;
}

enum bl23_status bl23_results_survivor(struct bl23_results *r,
                                       struct bl23_reduction const *reduction,
                                       struct bl23_record const *record, uint64_t seed)
{
    int const sets = record->level == 1 ? 2 : 1;
    r->tallies.passed++;
    r->tallies.passed_1sigma += record->level == 1;
    for (int set = 0; set < sets; set++)
        for (int c = 0; c < BL23_COLUMNS; c++) {
            offer_minimum(&r->tallies.extremum[set][c][0], record->value[c], record->index);
            offer_maximum(&r->tallies.extremum[set][c][1], record->value[c], record->index);
        }
    count_histograms(r, reduction, record->value);
    if (r->max_survivors == 0)
        return BL23_OK;
    return bl23_results_keep(
        r, (struct bl23_kept){bl23_survivor_hash(seed, record->index), record->index});
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

/* ---- the kept survivors: a plain list until full, then a heap with the largest hash on top ----
 */

uint64_t bl23_survivor_hash(uint64_t seed, uint64_t index)
{
    struct bl23_words const words = bl23_sample_words(seed, index, 2);
    return words.x[0] | (uint64_t)words.x[1] << 32;
}

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

static enum bl23_status grow(struct bl23_results *r)
{
    uint64_t const wanted = r->survivors_capacity ? 2 * r->survivors_capacity : 1024;
    uint64_t const capacity = wanted < r->max_survivors ? wanted : r->max_survivors;
    struct bl23_kept *const grown = realloc(r->survivor, capacity * sizeof *grown);
    if (!grown)
        return BL23_ERROR_MEMORY;
    r->survivor = grown;
    r->survivors_capacity = capacity;
    return BL23_OK;
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
    if (r->n_survivors == r->survivors_capacity) {
        enum bl23_status const status = grow(r);
        if (status != BL23_OK)
            return status;
    }
    r->survivor[r->n_survivors++] = kept;
    if (r->n_survivors == r->max_survivors) /* full: make it a heap */
        for (uint64_t at = r->n_survivors / 2; at-- > 0;)
            kept_sift_down(r->survivor, r->n_survivors, at);
    return BL23_OK;
}

static int by_index(void const *a, void const *b)
{
    uint64_t const i = ((struct bl23_kept const *)a)->index;
    uint64_t const j = ((struct bl23_kept const *)b)->index;
    return (i > j) - (i < j);
}

static int by_tension(void const *a, void const *b)
{
    struct bl23_extremum const *const x = a, *const y = b;
    return farther(*x, *y) - farther(*y, *x);
}

void bl23_results_sort(struct bl23_results *r)
{
    if (r->n_survivors > 1)
        qsort(r->survivor, r->n_survivors, sizeof *r->survivor, by_index);
    if (r->n_nearest > 1)
        qsort(r->nearest, r->n_nearest, sizeof *r->nearest, by_tension);
}
