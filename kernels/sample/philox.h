/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* Philox4x32-10, the counter-based generator: a random number is a pure function of (seed, index).
 * draw.h calls it; the CUDA kernels take the same words from cuRAND.
 * It must not know what the words mean. Salmon et al., SC11, doi:10.1145/2063384.2063405. */
#ifndef BL23_KERNELS_PHILOX_H
#define BL23_KERNELS_PHILOX_H

#include "kernels/sample/device.h"

#define BL23_PHILOX_M0 0xD2511F53u /* multipliers and Weyl increments of the paper */
#define BL23_PHILOX_M1 0xCD9E8D57u
#define BL23_PHILOX_W0 0x9E3779B9u
#define BL23_PHILOX_W1 0xBB67AE85u

struct bl23_words {
    uint32_t x[4];
};

/* Ten rounds on a 128-bit counter with a 64-bit key. */
BL23_INLINE struct bl23_words bl23_philox(struct bl23_words counter, uint32_t key_0, uint32_t key_1)
{
    uint32_t a = counter.x[0], b = counter.x[1], c = counter.x[2], d = counter.x[3];
    for (int round = 0; round < 10; round++) {
        uint64_t const p = (uint64_t)BL23_PHILOX_M0 * a;
        uint64_t const q = (uint64_t)BL23_PHILOX_M1 * c;
        uint32_t const a_next = (uint32_t)(q >> 32) ^ b ^ key_0;
        uint32_t const c_next = (uint32_t)(p >> 32) ^ d ^ key_1;
        b = (uint32_t)q;
        d = (uint32_t)p;
        a = a_next;
        c = c_next;
        key_0 += BL23_PHILOX_W0;
        key_1 += BL23_PHILOX_W1;
    }
    struct bl23_words const out = {{a, b, c, d}};
    return out;
}

/* Block b of sample i of a seed: key = seed, counter = (b, 0, low i, high i). These are the words
 * 4 b .. 4 b + 3 of cuRAND's curand_init(seed, i, 0). */
BL23_INLINE struct bl23_words bl23_sample_words(uint64_t seed, uint64_t index, uint32_t block)
{
    struct bl23_words const counter = {{block, 0u, (uint32_t)index, (uint32_t)(index >> 32)}};
    return bl23_philox(counter, (uint32_t)seed, (uint32_t)(seed >> 32));
}

#endif
