/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* Compiled once per instruction set. */
#include "kernels/lanes/survivor_hash.h"

#include "kernels/lanes/isa.h"
#include "kernels/lanes/philox_lanes.h"

enum { AT_ONCE = 1024 };

bl23_hash_loop BL23_OF_SET(bl23_hashes);

/* As many at once as lie in one range of 2^32 samples: the high word of the counter is the same. */
void BL23_OF_SET(bl23_hashes)(uint64_t seed, uint64_t const *index, size_t n,
                              struct bl23_hashed_survivor *out)
{
    uint32_t offset[AT_ONCE + BL23_WORDS_PAD], word[4][AT_ONCE + BL23_WORDS_PAD];
    uint32_t *const words[4] = {word[0], word[1], word[2], word[3]};
    unsigned count = 0;
    bl23_isa_count(BL23_SET_ISA, BL23_LOOP_HASHES);
    for (size_t at = 0; at < n; at += count) {
        size_t const most = n - at < AT_ONCE ? n - at : AT_ONCE;
        struct bl23_tile const range = {.seed = seed, .words = index[at] & ~(uint64_t)UINT32_MAX};
        for (count = 0; count < most && index[at + count] - range.words <= UINT32_MAX; count++)
            offset[count] = (uint32_t)index[at + count];
        for (unsigned k = 0; k < BL23_WORDS_PAD; k++)
            offset[count + k] = 0;
        bl23_words_of(&range, BL23_HASH_BLOCK, offset, count, words);
        for (unsigned k = 0; k < count; k++) {
            out[at + k].index = index[at + k];
            out[at + k].hash = bl23_hash_of_pair(word[0][k], word[1][k]);
        }
    }
}
