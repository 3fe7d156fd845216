/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* The kept survivors: indices, packed by tiles. results.c fills a list, thinning.c cuts it, host/
 * stores it and streams it into the output.
 *
 * How it works. A list is a row of 16-bit words: for each tile a head of 64 bits, the index of its
 * first sample plus count - 1 (the low twelve bits are free, a tile has 4096 samples), then the
 * offsets of the survivors in the tile, rising. Where survivors are many one takes two bytes, in
 * memory and in a segment. Threads append tiles in the order in which they finish, and a tile may
 * come in parts; bl23_list_sort brings the tiles into rising order by merging the rising runs that
 * threads leave, and joins the parts of a tile. Equal sets are equal words then. Hashes are not
 * stored: whoever needs them computes them from the indices, a few tiles at a time. */
#ifndef BL23_KERNELS_SURVIVOR_LIST_H
#define BL23_KERNELS_SURVIVOR_LIST_H

#include <stddef.h>

#include "kernels/lanes/survivor_hash.h"
#include "kernels/sample/model.h"

/* Indices of one tile: its first sample's and offsets from it, rising; at least one. */
struct bl23_tile_survivors {
    uint64_t first;
    unsigned count;
    uint16_t const *offset;
};

enum { BL23_LIST_HEAD = 4 }; /* words of a head */

struct bl23_survivor_list {
    uint64_t n;               /* indices */
    uint64_t words, capacity; /* 16-bit words: used, allocated */
    uint64_t last;            /* where the last head is, if there is one */
    uint16_t *word;           /* owned */
};

void bl23_list_clear(struct bl23_survivor_list *list);
void bl23_list_free(struct bl23_survivor_list *list);

/* Append the survivors of a tile, or those of another list. BL23_ERROR_MEMORY changes nothing. */
enum bl23_status bl23_list_append(struct bl23_survivor_list *list, struct bl23_tile_survivors tile);
enum bl23_status bl23_list_append_list(struct bl23_survivor_list *list,
                                       struct bl23_survivor_list const *other);

/* Append index[n], which must rise. BL23_ERROR_MEMORY changes nothing. */
enum bl23_status bl23_list_append_rising(struct bl23_survivor_list *list, uint64_t const *index,
                                         size_t n);

/* The tile at word *at, which begins with 0 and is moved on; 0 at the end. */
int bl23_list_next(struct bl23_survivor_list const *list, uint64_t *at,
                   struct bl23_tile_survivors *tile);

/* Do the heads fit words and n? For words that were read. */
int bl23_list_is_whole(struct bl23_survivor_list const *list);

/* Do all indices of a list that is whole rise, a tile under one head, and lie among the `count`
 * samples from `first` on? For words that were read. */
int bl23_list_is_sorted_within(struct bl23_survivor_list const *list, uint64_t first,
                               uint64_t count);

/* Bring all indices into rising order, a tile under one head. */
enum bl23_status bl23_list_sort(struct bl23_survivor_list *list);

/* All indices into index[list->n], in the order of the list. */
void bl23_list_unpack(struct bl23_survivor_list const *list, uint64_t *index);

int bl23_list_is_equal(struct bl23_survivor_list const *a, struct bl23_survivor_list const *b);

/* The survivors of the next tiles, as many whole ones as there is room for, with their hashes into
 * hashed[BL23_TILE]; how many they are, 0 at the end. *at as in bl23_list_next. */
size_t bl23_list_next_hashes(struct bl23_survivor_list const *list, uint64_t *at, uint64_t seed,
                             struct bl23_hashed_survivor *hashed);

/* Drop the survivors after `last` in the order of (hash, index). */
void bl23_list_drop_after(struct bl23_survivor_list *list, uint64_t seed,
                          struct bl23_hashed_survivor last);

#endif
