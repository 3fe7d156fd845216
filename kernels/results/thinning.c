/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "kernels/results/thinning.h"

#include <stdlib.h>
#include <string.h>

enum { IN_OCTAVE = 1 << BL23_HASH_BINS_LOG2 };

enum bl23_status bl23_thinning_init(struct bl23_thinning *t, uint64_t max, uint64_t most)
{
    *t = (struct bl23_thinning){.max = max};
    if (most <= max)
        return BL23_OK;
    t->count = calloc(BL23_HASH_BINS, sizeof *t->count);
    return t->count ? BL23_OK : BL23_ERROR_MEMORY;
}

void bl23_thinning_free(struct bl23_thinning *t)
{
    free(t->count);
    *t = (struct bl23_thinning){0};
}

void bl23_thinning_clear(struct bl23_thinning *t)
{
    t->total = 0;
    if (t->count)
        memset(t->count, 0, BL23_HASH_BINS * sizeof *t->count);
}

uint32_t bl23_hash_bin(uint64_t hash)
{
    if (hash < IN_OCTAVE)
        return (uint32_t)hash;
    unsigned const shift = 63u - (unsigned)__builtin_clzll(hash) - BL23_HASH_BINS_LOG2;
    return (uint32_t)((shift + 1) << BL23_HASH_BINS_LOG2) +
           (uint32_t)((hash >> shift) & (IN_OCTAVE - 1));
}

uint64_t bl23_hash_bin_last(uint32_t bin)
{
    if (bin < IN_OCTAVE)
        return bin;
    unsigned const shift = (bin >> BL23_HASH_BINS_LOG2) - 1;
    uint64_t const mantissa = IN_OCTAVE | (bin & (IN_OCTAVE - 1));
    return (mantissa << shift) + ((UINT64_C(1) << shift) - 1);
}

void bl23_thinning_count(struct bl23_thinning *t, struct bl23_hashed_survivor const *hashed,
                         size_t n)
{
    t->total += n;
    for (size_t k = 0; t->count && k < n; k++)
        t->count[bl23_hash_bin(hashed[k].hash)]++;
}

void bl23_thinning_count_list(struct bl23_thinning *t, uint64_t seed,
                              struct bl23_survivor_list const *list)
{
    struct bl23_hashed_survivor hashed[BL23_TILE];
    if (!t->count)
        t->total += list->n;
    for (uint64_t at = 0; t->count && at < list->words;)
        bl23_thinning_count(t, hashed, bl23_list_next_hashes(list, &at, seed, hashed));
}

/* The bin in which the max-th of the counted lies, and how many lie in those before it. */
static uint32_t last_bin(struct bl23_thinning const *t, uint64_t *before)
{
    uint32_t bin = 0;
    *before = 0;
    while (*before + t->count[bin] < t->max)
        *before += t->count[bin++];
    return bin;
}

uint64_t bl23_thinning_bound(struct bl23_thinning const *t)
{
    uint64_t before;
    return t->total < t->max || !t->count ? UINT64_MAX : bl23_hash_bin_last(last_bin(t, &before));
}

bool bl23_boundary_find(struct bl23_thinning const *t, struct bl23_boundary *b)
{
    uint64_t before = 0;
    *b = (struct bl23_boundary){0};
    if (t->total < t->max || !t->count)
        return false;
    b->bin = last_bin(t, &before);
    b->wanted = t->max - before;
    return true;
}

enum bl23_status bl23_boundary_gather(struct bl23_boundary *b,
                                      struct bl23_hashed_survivor const *hashed, size_t n)
{
    for (size_t k = 0; k < n; k++) {
        if (bl23_hash_bin(hashed[k].hash) != b->bin)
            continue;
        if (b->size == b->capacity) {
            size_t const capacity = 2 * b->capacity + 1024;
            void *const grown = realloc(b->hashed, capacity * sizeof *b->hashed);
            if (!grown)
                return BL23_ERROR_MEMORY;
            b->hashed = grown;
            b->capacity = capacity;
        }
        b->hashed[b->size++] = hashed[k];
    }
    return BL23_OK;
}

enum bl23_status bl23_boundary_gather_list(struct bl23_boundary *b, uint64_t seed,
                                           struct bl23_survivor_list const *list)
{
    struct bl23_hashed_survivor hashed[BL23_TILE];
    enum bl23_status status = BL23_OK;
    for (uint64_t at = 0; status == BL23_OK && at < list->words;)
        status = bl23_boundary_gather(b, hashed, bl23_list_next_hashes(list, &at, seed, hashed));
    return status;
}

static int by_hash(void const *a, void const *b)
{
    struct bl23_hashed_survivor const *const x = a, *const y = b;
    return bl23_hashed_is_after(*x, *y) - bl23_hashed_is_after(*y, *x);
}

struct bl23_hashed_survivor bl23_boundary_last(struct bl23_boundary *b)
{
    if (b->wanted == 0 || b->size == 0) /* max_survivors: 0 keeps none */
        return (struct bl23_hashed_survivor){0, 0};
    qsort(b->hashed, b->size, sizeof *b->hashed, by_hash);
    return b->hashed[b->wanted - 1];
}

void bl23_boundary_free(struct bl23_boundary *b)
{
    free(b->hashed);
    *b = (struct bl23_boundary){0};
}

enum bl23_status bl23_list_cut(struct bl23_survivor_list *list, uint64_t seed, uint64_t max,
                               struct bl23_hashed_survivor *last)
{
    struct bl23_thinning thinning;
    struct bl23_boundary boundary;
    if (bl23_thinning_init(&thinning, max, list->n) != BL23_OK)
        return BL23_ERROR_MEMORY;
    enum bl23_status status = BL23_OK;
    bl23_thinning_count_list(&thinning, seed, list);
    if (bl23_boundary_find(&thinning, &boundary)) {
        status = bl23_boundary_gather_list(&boundary, seed, list);
        if (status == BL23_OK) {
            *last = bl23_boundary_last(&boundary);
            bl23_list_drop_after(list, seed, *last);
        }
        bl23_boundary_free(&boundary);
    }
    bl23_thinning_free(&thinning);
    return status;
}
