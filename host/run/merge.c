/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "host/run/merge.h"

#include <stdlib.h>
#include <string.h>

#include "host/io/stop.h"
#include "host/run/results_check.h"
#include "kernels/results/thinning.h"
#include "kernels/sample/error.h"

static enum bl23_status list_sources(struct bl23_merge_part *part, size_t n_parts,
                                     struct bl23_merge *m, struct bl23_error *error)
{
    size_t n = 0;
    for (size_t k = 0; k < n_parts; k++)
        n += part[k].folder ? part[k].folder->committed.size : part[k].file.n_ranges;
    m->source = calloc(n + 1, sizeof *m->source);
    m->block = malloc(BL23_MERGE_BLOCK * sizeof *m->block);
    if (!m->source || !m->block) {
        bl23_fail(error, BL23_ERROR_MEMORY, "out of memory for the list of segments");
        return BL23_ERROR_MEMORY;
    }
    for (size_t k = 0; k < n_parts; k++) {
        struct bl23_run_folder const *const f = part[k].folder;
        for (size_t e = 0; f && e < f->committed.size; e++)
            m->source[m->n_sources++] =
                (struct bl23_merge_source){f->committed.entry[e].range, &part[k], true};
        for (size_t r = 0; !f && r < part[k].file.n_ranges; r++)
            m->source[m->n_sources++] =
                (struct bl23_merge_source){part[k].file.range[r], &part[k], r == 0};
    }
    qsort(m->source, m->n_sources, sizeof *m->source, bl23_range_compare_first);
    return BL23_OK;
}

static enum bl23_status join_ranges(struct bl23_merge *m, struct bl23_error *error)
{
    m->range = calloc(m->n_sources + 1, sizeof *m->range);
    if (!m->range)
        return bl23_fail(error, BL23_ERROR_MEMORY, "out of memory for the list of segments");
    for (size_t k = 0; k < m->n_sources; k++) {
        struct bl23_range const next = m->source[k].range;
        struct bl23_range *const last = m->n_ranges ? &m->range[m->n_ranges - 1] : NULL;
        if (last && last->first + last->count == next.first)
            last->count += next.count;
        else
            m->range[m->n_ranges++] = next;
    }
    return BL23_OK;
}

/* The segment of a source into m->segment, its survivors into m->list. */
static enum bl23_status load_segment(struct bl23_merge *m, struct bl23_merge_source const *s,
                                     struct bl23_results *view, struct bl23_calls *calls,
                                     struct bl23_error *error)
{
    enum bl23_status const status =
        bl23_run_folder_load(s->part->folder, s->range, m->shape, &m->segment, view, calls, error);
    m->damaged = m->damaged || status == BL23_ERROR_FAILED;
    if (status == BL23_OK)
        m->list = view->survivors;
    return status;
}

/* The survivors of a source into m->list. */
static enum bl23_status load_survivors(struct bl23_merge *m, size_t number,
                                       struct bl23_error *error)
{
    struct bl23_merge_source const *const s = &m->source[number];
    struct bl23_results view;
    struct bl23_calls calls;
    if (bl23_stop_requested())
        return BL23_INTERRUPTED;
    if (s->part->folder)
        return load_segment(m, s, &view, &calls, error);
    bl23_list_clear(&m->own);
    BL23_TRY(s->part->file.survivors(s->part->file.context, s->range, &m->own, error));
    m->list = m->own;
    return BL23_OK;
}

static enum bl23_status add_results(struct bl23_results *results, struct bl23_results *view,
                                    struct bl23_error *error)
{
    bl23_list_clear(&view->survivors);
    if (bl23_results_merge(results, view) == BL23_OK)
        return BL23_OK;
    return bl23_fail(error, BL23_ERROR_MEMORY, "out of memory while merging the segments");
}

/* All that a segment holds but its survivors, which are m->list then. */
static enum bl23_status add_segment(struct bl23_merge *m, struct bl23_merge_source const *s,
                                    struct bl23_results *results, struct bl23_error *error)
{
    struct bl23_results view;
    struct bl23_calls calls;
    BL23_TRY(load_segment(m, s, &view, &calls, error));
    for (size_t c = 0; c < calls.size; c++)
        BL23_TRY(bl23_calls_add(&m->calls, &calls.call[c], error));
    return add_results(results, &view, error);
}

static enum bl23_status add_file(struct bl23_merge *m, struct bl23_merge_file const *file,
                                 struct bl23_results *results, struct bl23_error *error)
{
    struct bl23_results of_file;
    BL23_TRY(file->load(file->context, &of_file, &m->calls, error));
    enum bl23_status const status = add_results(results, &of_file, error);
    bl23_results_free(&of_file);
    return status;
}

/* First pass: the reductions, and how many survivors there are of which hash. */
static enum bl23_status merge_counts(struct bl23_merge *m, struct bl23_thinning *thinning,
                                     struct bl23_results *results, struct bl23_error *error)
{
    for (size_t k = 0; k < m->n_sources; k++) {
        struct bl23_merge_source const *const s = &m->source[k];
        if (bl23_stop_requested())
            return BL23_INTERRUPTED;
        if (s->part->folder) {
            BL23_TRY(add_segment(m, s, results, error));
        } else {
            if (s->leads)
                BL23_TRY(add_file(m, &s->part->file, results, error));
            BL23_TRY(load_survivors(m, k, error));
        }
        bl23_thinning_count_list(thinning, m->shape->seed, &m->list);
    }
    bl23_calls_sort(&m->calls);
    return BL23_OK;
}

enum bl23_status bl23_merge_reject_sample(struct bl23_merge *m, uint64_t index,
                                          struct bl23_error *error)
{
    for (size_t k = 0; k < m->n_sources; k++) {
        struct bl23_merge_source const s = m->source[k];
        if (index - s.range.first >= s.range.count || !s.part->folder)
            continue;
        enum bl23_status const status =
            bl23_run_folder_reject(s.part->folder, s.range,
                                   "the segment holds results that its samples do not give", error);
        m->damaged = m->damaged || status == BL23_ERROR_FAILED;
        return status;
    }
    return bl23_fail(error, BL23_ERROR_FAILED, "sample %llu is not what its record shows",
                     (unsigned long long)index);
}

/* Second pass, where there are as many as are kept, or more: the last of them. */
static enum bl23_status find_last(struct bl23_merge *m, struct bl23_thinning const *thinning,
                                  struct bl23_error *error)
{
    struct bl23_boundary boundary;
    enum bl23_status status = BL23_OK;
    m->n_survivors = thinning->total;
    m->thinned = bl23_boundary_find(thinning, &boundary);
    if (!m->thinned)
        return BL23_OK;
    m->n_survivors = thinning->max;
    for (size_t k = 0; status == BL23_OK && m->n_survivors > 0 && k < m->n_sources; k++) {
        status = load_survivors(m, k, error);
        if (status == BL23_OK)
            status = bl23_boundary_gather_list(&boundary, m->shape->seed, &m->list);
        if (status == BL23_ERROR_MEMORY)
            bl23_fail(error, status, "out of memory while choosing the survivors to keep");
    }
    if (status == BL23_OK)
        m->last = bl23_boundary_last(&boundary);
    bl23_boundary_free(&boundary);
    return status;
}

/* Do the segments list every survivor that is kept? */
static enum bl23_status require_all_kept(struct bl23_merge const *m, struct bl23_error *error)
{
    uint64_t const bound = m->shape->hash_bound;
    if (bound == UINT64_MAX || m->shape->max_survivors == 0 ||
        (m->thinned && m->last.hash <= bound))
        return BL23_OK;
    return bl23_fail(error, BL23_ERROR_REFUSED,
                     "which survivors are kept cannot be told: samples that are missing decided "
                     "which survivors of others were stored (max_survivors); compute the missing "
                     "samples of this run first");
}

/* Everything but the stream. */
static enum bl23_status merge_all(struct bl23_merge *m, struct bl23_merge_part *part,
                                  size_t n_parts, struct bl23_thinning *thinning,
                                  struct bl23_results *results, struct bl23_error *error)
{
    uint64_t passed = 0, index;
    for (size_t k = 0; k < n_parts; k++)
        passed +=
            part[k].folder ? bl23_manifest_passed(&part[k].folder->committed) : part[k].file.passed;
    if (bl23_thinning_init(thinning, results->max_survivors, passed) != BL23_OK)
        return bl23_fail(error, BL23_ERROR_MEMORY, "out of memory for the merge");
    BL23_TRY(list_sources(part, n_parts, m, error));
    BL23_TRY(join_ranges(m, error));
    BL23_TRY(merge_counts(m, thinning, results, error));
    if (!bl23_records_agree(m->model, results, &index))
        return bl23_merge_reject_sample(m, index, error);
    BL23_TRY(find_last(m, thinning, error));
    m->list.words = 0; /* the stream begins with the first source */
    return require_all_kept(m, error);
}

enum bl23_status bl23_merge_open(struct bl23_merge_part *part, size_t n_parts,
                                 struct bl23_model const *model, struct bl23_results *results,
                                 struct bl23_merge *m, struct bl23_error *error)
{
    struct bl23_thinning thinning = {0};
    *m = (struct bl23_merge){.shape = results, .model = model};
    enum bl23_status const status = merge_all(m, part, n_parts, &thinning, results, error);
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

enum bl23_status bl23_merge_of_results(struct bl23_results const *results,
                                       struct bl23_call const *call, struct bl23_merge *m,
                                       struct bl23_error *error)
{
    *m = (struct bl23_merge){.shape = results,
                             .list = results->survivors,
                             .n_survivors = results->survivors.n,
                             .range = calloc(1, sizeof *m->range),
                             .n_ranges = 1,
                             .block = malloc(BL23_MERGE_BLOCK * sizeof *m->block)};
    if (m->range)
        m->range[0].count = results->tallies.drawn;
    if (m->block && m->range && bl23_calls_add(&m->calls, call, NULL) == BL23_OK)
        return BL23_OK;
    bl23_merge_close(m);
    return bl23_fail(error, BL23_ERROR_MEMORY, "out of memory for the survivors");
}

enum bl23_status bl23_merge_next(struct bl23_merge *m, uint64_t const **index, size_t *count,
                                 struct bl23_error *error)
{
    *index = m->block;
    *count = m->n_survivors > 0 ? next_block(m) : 0;
    while (*count == 0 && m->n_survivors > 0 && m->at < m->n_sources) {
        BL23_TRY(load_survivors(m, m->at++, error));
        m->list_at = 0;
        *count = next_block(m);
    }
    return BL23_OK;
}

void bl23_merge_close(struct bl23_merge *m)
{
    free(m->source);
    free(m->block);
    free(m->range);
    bl23_buffer_free(&m->segment);
    bl23_calls_free(&m->calls);
    bl23_list_free(&m->own);
    m->source = NULL;
    m->block = NULL;
    m->range = NULL;
    m->n_sources = 0;
}
