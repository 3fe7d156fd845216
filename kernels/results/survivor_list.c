/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "kernels/results/survivor_list.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { HEAD = BL23_LIST_HEAD, OFFSETS = BL23_TILE - 1 }; /* the bits of an offset */

void bl23_list_clear(struct bl23_survivor_list *list)
{
    list->n = list->words = list->last = 0;
}

void bl23_list_free(struct bl23_survivor_list *list)
{
    free(list->word);
    memset(list, 0, sizeof *list);
}

/* ---- one tile ---- */

static struct bl23_tile_survivors tile_at(struct bl23_survivor_list const *list, uint64_t at)
{
    uint64_t head;
    memcpy(&head, list->word + at, sizeof head);
    struct bl23_tile_survivors const tile = {
        head & ~(uint64_t)OFFSETS, (unsigned)(head & OFFSETS) + 1, list->word + at + HEAD};
    return tile;
}

static void put_head(struct bl23_survivor_list *list, uint64_t at, uint64_t first, unsigned count)
{
    uint64_t const head = first | (count - 1);
    memcpy(list->word + at, &head, sizeof head);
    list->last = at;
}

/* Make room for `more` words; the capacity at least doubles when it grows. */
static enum bl23_status reserve(struct bl23_survivor_list *list, uint64_t more)
{
    uint64_t const wanted = list->words + more;
    if (wanted <= list->capacity)
        return BL23_OK;
    uint64_t const twice = list->capacity ? 2 * list->capacity : 4096;
    uint64_t const capacity = twice > wanted ? twice : wanted;
    uint16_t *const grown = realloc(list->word, capacity * sizeof *grown);
    if (!grown)
        return BL23_ERROR_MEMORY;
    list->word = grown;
    list->capacity = capacity;
    return BL23_OK;
}

/* Does the tile go on where the list ends? */
static bool continues(struct bl23_survivor_list const *list, struct bl23_tile_survivors tile)
{
    if (list->words == 0)
        return false;
    struct bl23_tile_survivors const end = tile_at(list, list->last);
    return end.first == tile.first && end.offset[end.count - 1] < tile.offset[0];
}

/* Append where there is room. */
static void put(struct bl23_survivor_list *list, struct bl23_tile_survivors tile)
{
    if (continues(list, tile)) {
        unsigned const before = tile_at(list, list->last).count;
        memcpy(list->word + list->words, tile.offset, tile.count * sizeof *tile.offset);
        put_head(list, list->last, tile.first, before + tile.count);
    } else {
        memcpy(list->word + list->words + HEAD, tile.offset, tile.count * sizeof *tile.offset);
        put_head(list, list->words, tile.first, tile.count);
        list->words += HEAD;
    }
    list->words += tile.count;
    list->n += tile.count;
}

enum bl23_status bl23_list_append(struct bl23_survivor_list *list, struct bl23_tile_survivors tile)
{
    enum bl23_status const status = reserve(list, HEAD + tile.count);
    if (status == BL23_OK)
        put(list, tile);
    return status;
}

/* How many of the rising index[n] lie in the tile of the first. */
static unsigned in_one_tile(uint64_t const *index, size_t n)
{
    unsigned count = 1;
    while (count < n && (index[count] ^ index[0]) < BL23_TILE)
        count++;
    return count;
}

enum bl23_status bl23_list_append_rising(struct bl23_survivor_list *list, uint64_t const *index,
                                         size_t n)
{
    uint64_t words = n;
    for (size_t k = 0; k < n; k++)
        words += k == 0 || (index[k] ^ index[k - 1]) >= BL23_TILE ? HEAD : 0;
    enum bl23_status const status = reserve(list, words);
    for (size_t k = 0; status == BL23_OK && k < n;) {
        uint16_t offset[BL23_TILE];
        unsigned const count = in_one_tile(index + k, n - k);
        for (unsigned i = 0; i < count; i++)
            offset[i] = (uint16_t)(index[k + i] & OFFSETS);
        put(list, (struct bl23_tile_survivors){index[k] & ~(uint64_t)OFFSETS, count, offset});
        k += count;
    }
    return status;
}

enum bl23_status bl23_list_append_list(struct bl23_survivor_list *list,
                                       struct bl23_survivor_list const *other)
{
    if (other->n == 0)
        return BL23_OK;
    enum bl23_status const status = reserve(list, other->words);
    if (status != BL23_OK)
        return status;
    memcpy(list->word + list->words, other->word, other->words * sizeof *other->word);
    list->last = list->words + other->last;
    list->words += other->words;
    list->n += other->n;
    return BL23_OK;
}

int bl23_list_next(struct bl23_survivor_list const *list, uint64_t *at,
                   struct bl23_tile_survivors *tile)
{
    if (*at >= list->words)
        return 0;
    *tile = tile_at(list, *at);
    *at += HEAD + tile->count;
    return 1;
}

int bl23_list_is_whole(struct bl23_survivor_list const *list)
{
    struct bl23_tile_survivors tile;
    uint64_t at = 0, n = 0;
    while (at + HEAD <= list->words && bl23_list_next(list, &at, &tile))
        n += tile.count;
    return at == list->words && n == list->n;
}

static bool offsets_rise(struct bl23_tile_survivors tile)
{
    for (unsigned k = 1; k < tile.count; k++)
        if (tile.offset[k] <= tile.offset[k - 1])
            return false;
    return tile.offset[tile.count - 1] < BL23_TILE;
}

int bl23_list_is_sorted_within(struct bl23_survivor_list const *list, uint64_t first,
                               uint64_t count)
{
    struct bl23_tile_survivors tile;
    for (uint64_t at = 0, next = first; bl23_list_next(list, &at, &tile);) {
        uint64_t const lowest = tile.first + tile.offset[0];
        if (!offsets_rise(tile) || lowest < next)
            return false;
        if (tile.first + tile.offset[tile.count - 1] - first >= count)
            return false;
        next = tile.first + BL23_TILE;
    }
    return true;
}

/* ---- order ---- */

/* A tile of the list, by its number and where it is. */
struct place {
    uint64_t first, at;
};

static bool rises(struct bl23_survivor_list const *list)
{
    struct bl23_tile_survivors before, tile;
    uint64_t at = 0;
    if (!bl23_list_next(list, &at, &before))
        return true;
    while (bl23_list_next(list, &at, &tile)) {
        if (tile.first <= before.first)
            return false;
        before = tile;
    }
    return true;
}

/* End of the rising run that begins at `at`. */
static uint64_t run_end(struct place const *p, uint64_t at, uint64_t n)
{
    for (at++; at < n && p[at - 1].first <= p[at].first; at++)
        continue;
    return at;
}

/* One round over all pairs of neighbouring rising runs. Tiles come in a few long runs, one per
 * thread and range: natural merging reads them a few times, a general sort many times. */
static void merge_runs(struct place const *from, struct place *to, uint64_t n)
{
    for (uint64_t at = 0, out = 0; at < n;) {
        uint64_t const middle = run_end(from, at, n);
        uint64_t const end = middle < n ? run_end(from, middle, n) : n;
        uint64_t left = at, right = middle;
        while (left < middle && right < end)
            to[out++] = from[right].first < from[left].first ? from[right++] : from[left++];
        while (left < middle)
            to[out++] = from[left++];
        while (right < end)
            to[out++] = from[right++];
        at = end;
    }
}

/* The offsets of the `parts` tiles at p, which are one and the same, in rising order. */
static unsigned join_parts(struct bl23_survivor_list const *list, struct place const *p,
                           uint64_t parts, uint16_t offset[BL23_TILE])
{
    uint64_t set[BL23_TILE / 64] = {0};
    unsigned n = 0;
    for (uint64_t k = 0; k < parts; k++) {
        struct bl23_tile_survivors const tile = tile_at(list, p[k].at);
        for (unsigned i = 0; i < tile.count; i++)
            set[tile.offset[i] / 64] |= (uint64_t)1 << tile.offset[i] % 64;
    }
    for (unsigned k = 0; k < BL23_TILE; k++)
        if (set[k / 64] >> k % 64 & 1)
            offset[n++] = (uint16_t)k;
    return n;
}

/* The tiles of the list at p[n] one after the other into `sorted`, which has room for all. */
static void put_in_order(struct bl23_survivor_list const *list, struct place const *p, uint64_t n,
                         struct bl23_survivor_list *sorted)
{
    for (uint64_t k = 0, parts; k < n; k += parts) {
        uint16_t offset[BL23_TILE];
        struct bl23_tile_survivors tile = tile_at(list, p[k].at);
        for (parts = 1; k + parts < n && p[k + parts].first == p[k].first; parts++)
            continue;
        if (parts > 1) {
            tile.count = join_parts(list, p + k, parts, offset);
            tile.offset = offset;
        }
        put(sorted, tile);
    }
}

static uint64_t count_tiles(struct bl23_survivor_list const *list)
{
    struct bl23_tile_survivors tile;
    uint64_t at = 0, n = 0;
    while (bl23_list_next(list, &at, &tile))
        n++;
    return n;
}

enum bl23_status bl23_list_sort(struct bl23_survivor_list *list)
{
    if (list->words == 0 || rises(list))
        return BL23_OK;
    uint64_t const n = count_tiles(list);
    struct bl23_survivor_list sorted = {0};
    struct bl23_tile_survivors tile;
    struct place *const places = calloc(2 * n, sizeof *places), *p = places;
    if (!places || reserve(&sorted, list->words) != BL23_OK) {
        free(places);
        return BL23_ERROR_MEMORY;
    }
    for (uint64_t k = 0, at = 0, next = 0; bl23_list_next(list, &next, &tile); k++, at = next)
        places[k] = (struct place){tile.first, at};
    while (run_end(p, 0, n) < n) {
        struct place *const other = p == places ? places + n : places;
        merge_runs(p, other, n);
        p = other;
    }
    put_in_order(list, p, n, &sorted);
    free(places);
    bl23_list_free(list);
    *list = sorted;
    return BL23_OK;
}

/* ---- indices and hashes ---- */

void bl23_list_unpack(struct bl23_survivor_list const *list, uint64_t *index)
{
    struct bl23_tile_survivors tile;
    for (uint64_t at = 0; bl23_list_next(list, &at, &tile);)
        for (unsigned k = 0; k < tile.count; k++)
            *index++ = tile.first + tile.offset[k];
}

int bl23_list_is_equal(struct bl23_survivor_list const *a, struct bl23_survivor_list const *b)
{
    return a->n == b->n && a->words == b->words &&
           (a->n == 0 || memcmp(a->word, b->word, a->words * sizeof *a->word) == 0);
}

size_t bl23_list_next_hashes(struct bl23_survivor_list const *list, uint64_t *at, uint64_t seed,
                             struct bl23_hashed_survivor *hashed)
{
    uint64_t index[BL23_TILE], next = *at;
    struct bl23_tile_survivors tile;
    size_t n = 0;
    while (bl23_list_next(list, &next, &tile) && n + tile.count <= BL23_TILE) {
        for (unsigned k = 0; k < tile.count; k++)
            index[n + k] = tile.first + tile.offset[k];
        n += tile.count;
        *at = next;
    }
    bl23_hashes(seed, index, n, hashed);
    return n;
}

/* Append those of a tile that are not after `last`, where there is room. */
static void put_up_to(struct bl23_survivor_list *list, struct bl23_tile_survivors tile,
                      struct bl23_hashed_survivor const *hashed, struct bl23_hashed_survivor last)
{
    uint16_t offset[BL23_TILE];
    unsigned n = 0;
    for (unsigned k = 0; k < tile.count; k++) {
        offset[n] = tile.offset[k];
        n += !bl23_hashed_is_after(hashed[k], last);
    }
    if (n > 0)
        put(list, (struct bl23_tile_survivors){tile.first, n, offset});
}

void bl23_list_drop_after(struct bl23_survivor_list *list, uint64_t seed,
                          struct bl23_hashed_survivor last)
{
    struct bl23_tile_survivors tile = {0};
    struct bl23_survivor_list const all = *list;
    struct bl23_hashed_survivor hashed[BL23_TILE];
    bl23_list_clear(list);
    for (uint64_t end = 0, at = 0; bl23_list_next_hashes(&all, &end, seed, hashed) > 0;)
        for (struct bl23_hashed_survivor const *k = hashed; at < end; k += tile.count) {
            bl23_list_next(&all, &at, &tile);
            put_up_to(list, tile, k, last); /* never more words than have been read */
        }
}
