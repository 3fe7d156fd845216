/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* Which survivors can still be among the max_survivors of smallest hash, from counts of hashes in
 * bins: a bound while a survey runs, the exact cut at its end.
 * results.c cuts its list, survey_loop.c thins what it commits, merge.c what it writes. */
#ifndef BL23_KERNELS_THINNING_H
#define BL23_KERNELS_THINNING_H

#include <stdbool.h>

#include "kernels/results/survivor_list.h"

/* Bins of relative width 2^-10: 1024 for each power of two. */
enum { BL23_HASH_BINS_LOG2 = 10, BL23_HASH_BINS = (64 - BL23_HASH_BINS_LOG2 + 1) << 10 };

struct bl23_thinning {
    uint64_t max;    /* survivors to keep */
    uint64_t total;  /* survivors counted */
    uint64_t *count; /* [BL23_HASH_BINS], or NULL where there cannot be too many; owned */
};

/* The survivors of the bin in which the kept end, gathered; owned. */
struct bl23_boundary {
    uint32_t bin;
    uint64_t wanted; /* how many of this bin are kept */
    size_t size, capacity;
    struct bl23_hashed_survivor *hashed;
};

/* `most`: no more will be counted; where all these can be kept no hash is computed. */
enum bl23_status bl23_thinning_init(struct bl23_thinning *thinning, uint64_t max, uint64_t most);
void bl23_thinning_free(struct bl23_thinning *thinning);

/* Forget all that was counted. */
void bl23_thinning_clear(struct bl23_thinning *thinning);

void bl23_thinning_count(struct bl23_thinning *thinning, struct bl23_hashed_survivor const *hashed,
                         size_t n);
void bl23_thinning_count_list(struct bl23_thinning *thinning, uint64_t seed,
                              struct bl23_survivor_list const *list);

/* The bin of a hash, and the largest hash of a bin. */
uint32_t bl23_hash_bin(uint64_t hash);
uint64_t bl23_hash_bin_last(uint32_t bin);

/* No survivor of a larger hash is among the kept of a survey that has those counted here. */
uint64_t bl23_thinning_bound(struct bl23_thinning const *thinning);

/* The bin to gather for the exact cut; false when fewer were counted than are kept. */
bool bl23_boundary_find(struct bl23_thinning const *thinning, struct bl23_boundary *boundary);

/* Add those of hashed[n] that lie in the bin. */
enum bl23_status bl23_boundary_gather(struct bl23_boundary *boundary,
                                      struct bl23_hashed_survivor const *hashed, size_t n);

enum bl23_status bl23_boundary_gather_list(struct bl23_boundary *boundary, uint64_t seed,
                                           struct bl23_survivor_list const *list);

/* The last survivor that is kept, in the order of (hash, index). */
struct bl23_hashed_survivor bl23_boundary_last(struct bl23_boundary *boundary);
void bl23_boundary_free(struct bl23_boundary *boundary);

/* Cut a list down to the max of smallest hash; *last is the last that is kept. A list of fewer is
 * left alone, and so is *last. */
enum bl23_status bl23_list_cut(struct bl23_survivor_list *list, uint64_t seed, uint64_t max,
                               struct bl23_hashed_survivor *last);

#endif
