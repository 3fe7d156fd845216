/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* The hash of a survivor: when there are more survivors than are kept, those of smallest hash are.
 * kernels/results/ and the CUDA kernels call it. */
#ifndef BL23_KERNELS_SURVIVOR_HASH_H
#define BL23_KERNELS_SURVIVOR_HASH_H

#include "kernels/sample/philox.h"

/* The hash is words 0 and 1 of this Philox block, which no sample draws from. */
enum { BL23_HASH_BLOCK = 2 };

BL23_INLINE uint64_t bl23_hash_of_pair(uint32_t x0, uint32_t x1)
{
    return x0 | (uint64_t)x1 << 32;
}

BL23_INLINE uint64_t bl23_hash_of_words(struct bl23_words words)
{
    return bl23_hash_of_pair(words.x[0], words.x[1]);
}

BL23_INLINE uint64_t bl23_survivor_hash(uint64_t seed, uint64_t index)
{
    return bl23_hash_of_words(bl23_sample_words(seed, index, BL23_HASH_BLOCK));
}

struct bl23_hashed_survivor {
    uint64_t hash, index;
};

/* Is `a` after `b` in the order of (hash, index)? */
BL23_INLINE int bl23_hashed_is_after(struct bl23_hashed_survivor a, struct bl23_hashed_survivor b)
{
    return a.hash > b.hash || (a.hash == b.hash && a.index > b.index);
}

#ifdef __cplusplus
extern "C" {
#endif

/* The samples index[n] with their hashes into out[n], by the chosen instruction set. */
typedef void bl23_hash_loop(uint64_t seed, uint64_t const *index, size_t n,
                            struct bl23_hashed_survivor *out);
bl23_hash_loop bl23_hashes;

#ifdef __cplusplus
}
#endif

#endif
