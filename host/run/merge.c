/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "host/run/merge.h"

#include <stdlib.h>
#include <string.h>

#include "host/io/stop.h"
#include "host/run/results_check.h"
#include "kernels/results/thinning.h"
#include "kernels/sample/error.h"

static enum bl23_status list_sources(struct bl23_run_folder *folder, size_t n_folders,
                                     struct bl23_merge *m, struct bl23_error *error)
{
    size_t n = 0;
    for (size_t k = 0; k < n_folders; k++)
        n += folder[k].committed.size;
    m->source = calloc(n + 1, sizeof *m->source);
    m->block = malloc(BL23_MERGE_BLOCK * sizeof *m->block);
    if (!m->source || !m->block)
        return bl23_fail(error, BL23_ERROR_MEMORY, "out of memory for the list of segments");
    for (size_t k = 0; k < n_folders; k++)
        for (size_t e = 0; e < folder[k].committed.size; e++)
            m->source[m->n_sources++] =
                (struct bl23_merge_source){folder[k].committed.entry[e].range, &folder[k]};
    qsort(m->source, m->n_sources, sizeof *m->source, bl23_range_compare_first);
    return BL23_OK;
}

/* The segment of a source into m->segment. */
static enum bl23_status load_segment(struct bl23_merge *m, size_t number, struct bl23_results *view,
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
        BL23_TRY(load_segment(m, k, &view, error));
        bl23_thinning_count_list(thinning, m->shape->seed, &view.survivors);
        bl23_list_clear(&view.survivors);
        if (bl23_results_merge(results, &view) != BL23_OK)
            return bl23_fail(error, BL23_ERROR_MEMORY, "out of memory while merging the segments");
    }
    return BL23_OK;
}

enum bl23_status bl23_merge_reject_sample(struct bl23_merge *m, uint64_t index,
                                          struct bl23_error *error)
{
    for (size_t k = 0; k < m->n_sources; k++) {
        struct bl23_merge_source const s = m->source[k];
        if (index - s.range.first >= s.range.count)
            continue;
        enum bl23_status const status = bl23_run_folder_reject(
            s.folder, s.range, "the segment holds results that its samples do not give", error);
        m->damaged = m->damaged || status == BL23_ERROR_FAILED;
        return status;
    }
    return bl23_fail(error, BL23_ERROR_FAILED, "sample %llu is not what its record shows",
                     (unsigned long long)index);
}

/* Second pass, where there are more than are kept: the last of them. */
static enum bl23_status find_last(struct bl23_merge *m, struct bl23_thinning const *thinning,
                                  struct bl23_error *error)
{
    struct bl23_boundary boundary;
    struct bl23_results view;
    enum bl23_status status = BL23_OK;
    m->n_survivors = thinning->total;
    m->thinned = bl23_boundary_find(thinning, &boundary);
    if (!m->thinned)
        return BL23_OK;
    m->n_survivors = thinning->max;
    for (size_t k = 0; status == BL23_OK && m->n_survivors > 0 && k < m->n_sources; k++) {
        status = load_segment(m, k, &view, error);
        if (status == BL23_OK)
            status = bl23_boundary_gather_list(&boundary, m->shape->seed, &view.survivors);
        if (status == BL23_ERROR_MEMORY)
            bl23_fail(error, status, "out of memory while choosing the survivors to keep");
    }
    if (status == BL23_OK)
        m->last = bl23_boundary_last(&boundary);
    bl23_boundary_free(&boundary);
    return status;
}

/* Everything but the stream. */
static enum bl23_status merge_all(struct bl23_merge *m, struct bl23_run_folder *folder,
                                  size_t n_folders, struct bl23_thinning *thinning,
                                  struct bl23_results *results, struct bl23_error *error)
{
    uint64_t passed = 0, index;
    for (size_t k = 0; k < n_folders; k++)
        passed += bl23_manifest_passed(&folder[k].committed);
    if (bl23_thinning_init(thinning, results->max_survivors, passed) != BL23_OK)
        return bl23_fail(error, BL23_ERROR_MEMORY, "out of memory for the merge");
    BL23_TRY(list_sources(folder, n_folders, m, error));
    BL23_TRY(merge_counts(m, thinning, results, error));
    if (!bl23_records_agree(m->model, results, &index))
        return bl23_merge_reject_sample(m, index, error);
    /* A survivor is left out of a segment only where max_survivors others are better. */
    if (thinning->total < (passed < results->max_survivors ? passed : results->max_survivors))
        return bl23_fail(error, BL23_ERROR_IO,
                         "%s: the segments list %llu survivors, and their manifest says that %llu "
                         "passed; start over with --force",
                         m->n_sources ? m->source[0].folder->path : "",
                         (unsigned long long)thinning->total, (unsigned long long)passed);
    return find_last(m, thinning, error);
}

enum bl23_status bl23_merge_open(struct bl23_run_folder *folder, size_t n_folders,
                                 struct bl23_model const *model, struct bl23_results *results,
                                 struct bl23_merge *m, struct bl23_error *error)
{
    struct bl23_thinning thinning = {0};
    *m = (struct bl23_merge){.shape = results, .model = model};
    enum bl23_status const status = merge_all(m, folder, n_folders, &thinning, results, error);
    bl23_thinning_free(&thinning);
    if (status != BL23_OK)
        bl23_merge_close(m);
    return status;
}

/* ---- the stream ---- */

/* The next indices of the list in hand that are kept, up to a tile of them, into index[BL23_TILE];
 * how many. */
static size_t next_indices(struct bl23_merge *m, uint64_t *index)
{
    struct bl23_tile_survivors tile;
    struct bl23_hashed_survivor kept[BL23_TILE];
    size_t n = 0;
    if (!m->thinned) {
        bl23_list_next(&m->list, &m->list_at, &tile);
        for (; n < tile.count; n++)
            index[n] = tile.first + tile.offset[n];
        return n;
    }
    size_t const count = bl23_list_next_hashes(&m->list, &m->list_at, m->shape->seed, kept);
    for (size_t k = 0; k < count; k++) {
        index[n] = kept[k].index;
        n += !bl23_hashed_is_after(kept[k], m->last);
    }
    return n;
}

/* The next block of the list in hand. */
static size_t next_block(struct bl23_merge *m)
{
    size_t n = 0;
    while (n + BL23_TILE <= BL23_MERGE_BLOCK && m->list_at < m->list.words)
        n += next_indices(m, m->block + n);
    return n;
}

enum bl23_status bl23_merge_of_results(struct bl23_results const *results, struct bl23_merge *m,
                                       struct bl23_error *error)
{
    *m = (struct bl23_merge){.shape = results,
                             .list = results->survivors,
                             .n_survivors = results->survivors.n,
                             .block = malloc(BL23_MERGE_BLOCK * sizeof *m->block)};
    return m->block ? BL23_OK
                    : bl23_fail(error, BL23_ERROR_MEMORY, "out of memory for the survivors");
}

enum bl23_status bl23_merge_next(struct bl23_merge *m, uint64_t const **index, size_t *count,
                                 struct bl23_error *error)
{
    *index = m->block;
    *count = m->n_survivors > 0 ? next_block(m) : 0;
    while (*count == 0 && m->n_survivors > 0 && m->at < m->n_sources) {
        struct bl23_results view;
        BL23_TRY(load_segment(m, m->at++, &view, error));
        m->list = view.survivors;
        m->list_at = 0;
        *count = next_block(m);
    }
    return BL23_OK;
}

void bl23_merge_close(struct bl23_merge *m)
{
    free(m->source);
    free(m->block);
    bl23_buffer_free(&m->segment);
    m->source = NULL;
    m->block = NULL;
    m->n_sources = 0;
}
