/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "host/merge.h"

#include <stdlib.h>
#include <string.h>

#include "host/stop.h"
#include "host/thinning.h"
#include "tables/message.h"

static int by_first(void const *a, void const *b)
{
    uint64_t const i = ((struct bl23_merge_source const *)a)->range.first;
    uint64_t const j = ((struct bl23_merge_source const *)b)->range.first;
    return (i > j) - (i < j);
}

static enum bl23_status list_sources(struct bl23_run_folder *folder, size_t n_folders,
                                     struct bl23_merge *m, struct bl23_error *error)
{
    size_t n = 0;
    for (size_t k = 0; k < n_folders; k++)
        n += folder[k].committed.size;
    m->source = calloc(n + 1, sizeof *m->source);
    if (!m->source)
        return bl23_fail(error, BL23_ERROR_MEMORY, "out of memory for the list of segments");
    for (size_t k = 0; k < n_folders; k++)
        for (size_t e = 0; e < folder[k].committed.size; e++)
            m->source[m->n_sources++] =
                (struct bl23_merge_source){&folder[k], folder[k].committed.entry[e].range};
    qsort(m->source, m->n_sources, sizeof *m->source, by_first);
    return BL23_OK;
}

/* The segment of a source into m->segment. */
static enum bl23_status load(struct bl23_merge *m, size_t number, struct bl23_results *view,
                             struct bl23_error *error)
{
    struct bl23_merge_source const *const s = &m->source[number];
    if (bl23_stop_requested())
        return BL23_INTERRUPTED;
    enum bl23_status const status =
        bl23_run_folder_load(s->folder, s->range, m->shape, &m->segment, view, error);
    m->damaged = m->damaged || status == BL23_ERROR_FAILED;
    return status;
}

/* First pass: the reductions, and how many survivors there are of which hash. */
static enum bl23_status merge_counts(struct bl23_merge *m, struct bl23_thinning *thinning,
                                     struct bl23_results *results, struct bl23_error *error)
{
    struct bl23_results view;
    for (size_t k = 0; k < m->n_sources; k++) {
        enum bl23_status const status = load(m, k, &view, error);
        if (status != BL23_OK)
            return status;
        bl23_thinning_count(thinning, view.survivor, view.n_survivors);
        view.n_survivors = 0;
        if (bl23_results_merge(results, &view) != BL23_OK)
            return bl23_fail(error, BL23_ERROR_MEMORY, "out of memory while merging the segments");
    }
    return BL23_OK;
}

/* Second pass, where there are more than are kept: the last of them. */
static enum bl23_status find_last(struct bl23_merge *m, struct bl23_thinning const *thinning,
                                  struct bl23_error *error)
{
    struct bl23_boundary boundary;
    struct bl23_results view;
    enum bl23_status status = BL23_OK;
    m->kept = thinning->total;
    m->thinned = bl23_boundary_find(thinning, &boundary);
    if (!m->thinned)
        return BL23_OK;
    m->kept = thinning->max;
    for (size_t k = 0; status == BL23_OK && m->kept > 0 && k < m->n_sources; k++) {
        status = load(m, k, &view, error);
        if (status == BL23_OK)
            status = bl23_boundary_gather(&boundary, view.survivor, view.n_survivors);
        if (status == BL23_ERROR_MEMORY)
            bl23_fail(error, status, "out of memory while choosing the survivors to keep");
    }
    if (status == BL23_OK)
        m->last = bl23_boundary_last(&boundary);
    bl23_boundary_free(&boundary);
    return status;
}

enum bl23_status bl23_merge_open(struct bl23_run_folder *folder, size_t n_folders,
                                 struct bl23_results *results, struct bl23_merge *m,
                                 struct bl23_error *error)
{
    struct bl23_thinning thinning;
    *m = (struct bl23_merge){.shape = results};
    enum bl23_status status = list_sources(folder, n_folders, m, error);
    if (bl23_thinning_init(&thinning, results->max_survivors) != BL23_OK && status == BL23_OK)
        status = bl23_fail(error, BL23_ERROR_MEMORY, "out of memory for the merge");
    if (status == BL23_OK)
        status = merge_counts(m, &thinning, results, error);
    if (status == BL23_OK)
        status = find_last(m, &thinning, error);
    bl23_thinning_free(&thinning);
    if (status != BL23_OK)
        bl23_merge_close(m);
    return status;
}

/* ---- the stream ---- */

enum { DIGIT_BITS = 11, DIGITS = 1 << DIGIT_BITS };

static void radix_pass(uint64_t const *from, uint64_t *to, size_t n, uint64_t origin,
                       unsigned shift)
{
    size_t start[DIGITS] = {0}, sum = 0;
    for (size_t k = 0; k < n; k++)
        start[(from[k] - origin) >> shift & (DIGITS - 1)]++;
    for (size_t d = 0; d < DIGITS; d++) {
        size_t const count = start[d];
        start[d] = sum;
        sum += count;
    }
    for (size_t k = 0; k < n; k++)
        to[start[(from[k] - origin) >> shift & (DIGITS - 1)]++] = from[k];
}

/* Sort index[n] of the range in place; the scratch has room for n, too. Threads leave them in
 * rising pieces. */
static void sort_indices(uint64_t *index, uint64_t *scratch, size_t n, struct bl23_range range)
{
    bool rising = true;
    for (size_t k = 1; rising && k < n; k++)
        rising = index[k - 1] < index[k];
    if (rising)
        return;
    uint64_t *from = index, *to = scratch;
    for (unsigned shift = 0; shift < 64 && (range.count - 1) >> shift > 0; shift += DIGIT_BITS) {
        radix_pass(from, to, n, range.first, shift);
        uint64_t *const swap = from;
        from = to;
        to = swap;
    }
    if (from != index)
        memcpy(index, from, n * sizeof *index);
}

/* The indices of the kept, written over the survivors' own place: the first half of it, whose
 * second half is then free. */
static size_t keep_indices(struct bl23_merge const *m, struct bl23_kept *survivor, size_t n,
                           struct bl23_range range)
{
    uint64_t *const index = (uint64_t *)(void *)survivor;
    size_t kept = 0;
    for (size_t k = 0; k < n; k++) {
        struct bl23_kept const s = survivor[k];
        bool const above = s.hash > m->last.hash ||
                           (s.hash == m->last.hash && s.index > m->last.index) || m->kept == 0;
        if (!m->thinned || !above)
            index[kept++] = s.index;
    }
    sort_indices(index, index + n, kept, range);
    return kept;
}

void bl23_merge_of_results(struct bl23_results const *results, struct bl23_merge *m)
{
    *m = (struct bl23_merge){.shape = results, .in_memory = true, .kept = results->n_survivors};
}

/* The next block of the survivors in memory. */
static size_t next_in_memory(struct bl23_merge *m)
{
    size_t const room = sizeof m->block / sizeof m->block[0], left = m->kept - m->at;
    size_t const n = left < room ? left : room;
    for (size_t k = 0; k < n; k++)
        m->block[k] = m->shape->survivor[m->at + k].index;
    m->at += n;
    return n;
}

enum bl23_status bl23_merge_next(struct bl23_merge *m, uint64_t const **index, size_t *count,
                                 struct bl23_error *error)
{
    *count = 0;
    if (m->in_memory) {
        *index = m->block;
        *count = next_in_memory(m);
        return BL23_OK;
    }
    while (*count == 0 && m->at < m->n_sources) {
        struct bl23_results view;
        enum bl23_status const status = load(m, m->at, &view, error);
        if (status != BL23_OK)
            return status;
        *count = keep_indices(m, view.survivor, view.n_survivors, m->source[m->at].range);
        *index = (uint64_t const *)(void const *)view.survivor;
        m->at++;
    }
    return BL23_OK;
}

void bl23_merge_close(struct bl23_merge *m)
{
    free(m->source);
    bl23_buffer_free(&m->segment);
    m->source = NULL;
    m->n_sources = 0;
}
