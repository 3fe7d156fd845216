/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "kernels/results/results.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "kernels/results/bins.h"
#include "kernels/results/thinning.h"

/* Is (a, i) before (b, j) when smaller values come first and ties go to the lower index? */
static bool before(double a, uint64_t i, double b, uint64_t j)
{
    return a < b || (a == b && i < j);
}

enum bl23_status bl23_results_init(struct bl23_results *r, uint64_t n_knots, uint64_t seed,
                                   struct bl23_reduction const *reduction)
{
    memset(r, 0, sizeof *r);
    r->n_knots = n_knots;
    r->seed = seed;
    memcpy(r->bins, reduction->bins, sizeof r->bins);
    r->n_histograms_2d = reduction->n_histograms_2d;
    for (uint64_t h = 0; h < r->n_histograms_2d; h++)
        r->cells[h] = bl23_histogram_cells(reduction, h);
    r->nearest_capacity = reduction->nearest;
    r->max_survivors = reduction->max_survivors;
    r->knot = calloc(n_knots, sizeof *r->knot);
    r->histogram_2d = calloc(bl23_results_cells(r) + 1, sizeof *r->histogram_2d);
    r->nearest = calloc(r->nearest_capacity + 1, sizeof *r->nearest);
    r->n_profile = bl23_profile_places(reduction);
    r->profile = calloc(r->n_profile + 1, sizeof *r->profile);
    if (!r->knot || !r->histogram_2d || !r->nearest || !r->profile) {
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
    free(r->profile);
    bl23_list_free(&r->survivors);
    bl23_unsorted_free(&r->unsorted);
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
    memset(r->histogram_2d, 0, bl23_results_cells(r) * sizeof *r->histogram_2d);
    r->n_nearest = 0;
    for (uint64_t k = 0; k < r->n_profile; k++)
        r->profile[k] = (struct bl23_extremum){BL23_INFINITY, BL23_NO_INDEX};
    r->hash_bound = UINT64_MAX;
    bl23_list_clear(&r->survivors);
    r->unsorted.n = 0;
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

uint64_t bl23_profile_places(struct bl23_reduction const *reduction)
{
    return reduction->profile
               ? BL23_PROFILE_2D + bl23_histogram_begin(reduction, reduction->n_histograms_2d)
               : 0;
}

void bl23_results_profile(struct bl23_results *r, struct bl23_reduction const *reduction,
                          int32_t const bin[BL23_HISTOGRAM_AXES], double chi2, uint64_t index)
{
    for (int a = 0; a < BL23_HISTOGRAM_AXES; a++)
        bl23_results_extremum(&r->profile[a * BL23_BINS_ALL + bin[a]], 0, chi2, index);
    struct bl23_extremum *cells = r->profile + BL23_PROFILE_2D;
    for (uint64_t h = 0; h < r->n_histograms_2d; cells += r->cells[h++]) {
        uint64_t const *const axis = reduction->histogram_2d[h];
        bl23_results_extremum(&cells[(uint64_t)bin[axis[0]] * bl23_bins_all(reduction, axis[1]) +
                                     (uint64_t)bin[axis[1]]],
                              0, chi2, index);
    }
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
            for (int side = 0; side < 2 && bl23_has_column(record->groups, c); side++)
                bl23_results_extremum(&t->extremum[set][c][side], side, record->value[c],
                                      record->index);
}

enum bl23_status bl23_results_survivor(struct bl23_results *r,
                                       struct bl23_reduction const *reduction,
                                       struct bl23_record const *record)
{
    int32_t bin[BL23_HISTOGRAM_AXES];
    bl23_bins_of_record(reduction, record->value, bin);
    r->tallies.passed++;
    r->tallies.passed_1sigma += record->level == 1;
    bl23_results_extrema(&r->tallies, record);
    for (int a = 0; a < BL23_HISTOGRAM_AXES; a++)
        r->tallies.histogram_1d[a][bin[a]]++;
    uint64_t *cells = r->histogram_2d;
    for (uint64_t h = 0; h < r->n_histograms_2d; cells += r->cells[h++]) {
        uint64_t const *const axis = reduction->histogram_2d[h];
        cells[(uint64_t)bin[axis[0]] * bl23_bins_all(reduction, axis[1]) +
              (uint64_t)bin[axis[1]]]++;
    }
    return bl23_results_keep_any(r, &record->index, 1);
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

void bl23_results_nearest(struct bl23_results *r, double rank, uint64_t index)
{
    struct bl23_extremum const sample = {rank, index};
    if (!(rank < BL23_INFINITY) || r->nearest_capacity == 0)
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
    return (struct bl23_bounds){bl23_results_nearest_bound(r), r->hash_bound};
}

void bl23_results_tighten(struct bl23_bounds *bounds, struct bl23_results const *r)
{
    struct bl23_bounds const of_these = bl23_results_bounds(r);
    bounds->tension = bl23_min(bounds->tension, of_these.tension);
    if (of_these.hash < bounds->hash)
        bounds->hash = of_these.hash;
}

/* ---- the kept survivors ---- */

/* Survivors are cut when there are at least twice as many as are kept, and AMPLE more: then the
 * cost of cutting is small for each of them. */
enum { AMPLE = 16384 };

static bool is_ample(struct bl23_results const *r, uint64_t n)
{
    uint64_t const max = r->max_survivors;
    return n > max && n - max >= max && n - max >= AMPLE;
}

static void bound_by(struct bl23_results *r, struct bl23_hashed_survivor last)
{
    if (last.hash < r->hash_bound)
        r->hash_bound = last.hash;
}

static enum bl23_status cut_list(struct bl23_results *r)
{
    struct bl23_hashed_survivor last = {r->hash_bound, 0};
    enum bl23_status const status = bl23_list_cut(&r->survivors, r->seed, r->max_survivors, &last);
    bound_by(r, last);
    return status;
}

static enum bl23_status cut_unsorted(struct bl23_results *r)
{
    struct bl23_hashed_survivor last = {r->hash_bound, 0};
    enum bl23_status const status = bl23_unsorted_cut(&r->unsorted, r->max_survivors, &last);
    bound_by(r, last);
    return status;
}

/* The two lists are cut separately: a bound of some survivors holds for all. */
static enum bl23_status cut_if_ample(struct bl23_results *r)
{
    enum bl23_status status = BL23_OK;
    if (is_ample(r, r->survivors.n))
        status = cut_list(r);
    if (status == BL23_OK && is_ample(r, r->unsorted.n))
        status = cut_unsorted(r);
    return status;
}

enum bl23_status bl23_results_keep(struct bl23_results *r, struct bl23_tile_survivors tile)
{
    if (r->max_survivors == 0 || tile.count == 0)
        return BL23_OK;
    enum bl23_status const status = bl23_list_append(&r->survivors, tile);
    return status == BL23_OK ? cut_if_ample(r) : status;
}

enum bl23_status bl23_results_keep_any(struct bl23_results *r, uint64_t const *index, size_t n)
{
    enum { AT_ONCE = 1024 };
    struct bl23_hashed_survivor hashed[AT_ONCE];
    enum bl23_status status = BL23_OK;
    for (size_t at = 0, count; r->max_survivors > 0 && status == BL23_OK && at < n; at += count) {
        count = n - at < AT_ONCE ? n - at : AT_ONCE;
        bl23_hashes(r->seed, index + at, count, hashed);
        status = bl23_unsorted_add(&r->unsorted, hashed, count, r->hash_bound);
        if (status == BL23_OK)
            status = cut_if_ample(r);
    }
    return status;
}

uint64_t bl23_results_words(struct bl23_results const *r)
{
    return r->survivors.words + (BL23_LIST_HEAD + 1) * (uint64_t)r->unsorted.n;
}

enum bl23_status bl23_results_merge(struct bl23_results *into, struct bl23_results const *from)
{
    merge_tallies(&into->tallies, &from->tallies);
    bl23_counts_add(into->knot, from->knot, from->n_knots * sizeof *from->knot);
    bl23_counts_add(into->histogram_2d, from->histogram_2d,
                    bl23_results_cells(from) * sizeof *from->histogram_2d);
    for (uint64_t k = 0; k < from->n_nearest; k++)
        bl23_results_nearest(into, from->nearest[k].value, from->nearest[k].index);
    for (uint64_t k = 0; k < from->n_profile; k++)
        bl23_results_extremum(&into->profile[k], 0, from->profile[k].value, from->profile[k].index);
    if (from->hash_bound < into->hash_bound)
        into->hash_bound = from->hash_bound;
    enum bl23_status status = bl23_list_append_list(&into->survivors, &from->survivors);
    if (status == BL23_OK)
        status = bl23_unsorted_add(&into->unsorted, from->unsorted.hashed, from->unsorted.n,
                                   into->hash_bound);
    return status == BL23_OK ? cut_if_ample(into) : status;
}

/* ---- order ---- */

static int by_tension(void const *a, void const *b)
{
    struct bl23_extremum const *const x = a, *const y = b;
    return farther(*x, *y) - farther(*y, *x);
}

enum bl23_status bl23_results_sort(struct bl23_results *r)
{
    if (r->n_nearest > 1)
        qsort(r->nearest, r->n_nearest, sizeof *r->nearest, by_tension);
    enum bl23_status status = BL23_OK;
    if (r->unsorted.n > r->max_survivors)
        status = cut_unsorted(r);
    if (status == BL23_OK)
        status = bl23_unsorted_move(&r->unsorted, &r->survivors);
    if (status == BL23_OK && r->survivors.n > r->max_survivors)
        status = cut_list(r);
    return status == BL23_OK ? bl23_list_sort(&r->survivors) : status;
}
