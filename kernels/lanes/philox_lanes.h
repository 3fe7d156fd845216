/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* Philox4x32-10 on vectors: the random words of many samples of a tile at once. The files that are
 * compiled once per instruction set include it. */
#ifndef BL23_KERNELS_PHILOX_LANES_H
#define BL23_KERNELS_PHILOX_LANES_H

#include "kernels/lanes/simd.h"
#include "kernels/sample/cell.h"

/* A stage of the work on samples. Stages are not inlined: compilers keep fewer of the many vectors
 * in registers when all stages are one function. */
#define BL23_STAGE static __attribute__((noinline, unused))

/* A tile of samples: the key of the generator, the first sample, the sample whose words it has
 * (bl23_index_of_words), their number, their cells. */
struct bl23_tile {
    uint64_t seed, first, words;
    unsigned count;
    struct bl23_cells cells;
};

/* Words are read and written in steps of two vectors: arrays of words have room for this many
 * beyond the last. */
enum { BL23_WORDS_PAD = 2 * BL23_LANES };

/* What the first two rounds of Philox have in common within a tile, and the keys of all rounds. */
struct bl23_philox_plan {
    uint64_t first_key, second_a, second_c, third_b;
    uint32_t key[10][2];
};

BL23_INLINE struct bl23_philox_plan bl23_philox_prepare(uint64_t seed, uint32_t high,
                                                        uint32_t block)
{
    struct bl23_philox_plan plan;
    for (uint32_t r = 0; r < 10; r++) {
        plan.key[r][0] = (uint32_t)seed + r * BL23_PHILOX_W0;
        plan.key[r][1] = (uint32_t)(seed >> 32) + r * BL23_PHILOX_W1;
    }
    uint64_t const p = (uint64_t)BL23_PHILOX_M0 * block;
    uint64_t const q = (uint64_t)BL23_PHILOX_M1 * ((uint32_t)(p >> 32) ^ high ^ plan.key[0][1]);
    plan.first_key = plan.key[0][0];
    plan.second_a = (uint32_t)(q >> 32) ^ plan.key[1][0];
    plan.second_c = (uint32_t)p ^ plan.key[1][1];
    plan.third_b = (uint32_t)q ^ plan.key[2][0];
    return plan;
}

/* Counters that go through the rounds together: interleaved, they hide the latency of the
 * products. */
enum { BL23_PHILOX_CHAINS = 4 };

struct bl23_philox_chains {
    bl23_vq a[BL23_PHILOX_CHAINS], b[BL23_PHILOX_CHAINS], c[BL23_PHILOX_CHAINS],
        d[BL23_PHILOX_CHAINS];
};

/* The first three rounds, where the words that only depend on block and high are numbers.
 * `product`: M1 times the low words of the counters. */
BL23_INLINE void bl23_philox_begin(struct bl23_philox_plan const *plan,
                                   bl23_vq const product[BL23_PHILOX_CHAINS],
                                   struct bl23_philox_chains *s)
{
    bl23_vq const m0 = bl23_vq_set(BL23_PHILOX_M0), m1 = bl23_vq_set(BL23_PHILOX_M1);
    BL23_UNROLL
    for (int j = 0; j < BL23_PHILOX_CHAINS; j++) {
        s->b[j] = product[j];
        s->a[j] = bl23_vq_xor(bl23_vq_high(s->b[j]), bl23_vq_set(plan->first_key));
    }
    BL23_UNROLL
    for (int j = 0; j < BL23_PHILOX_CHAINS; j++) {
        s->d[j] = bl23_vq_mul32(m0, s->a[j]);
        s->a[j] = bl23_vq_xor(s->b[j], bl23_vq_set(plan->second_a));
        s->c[j] = bl23_vq_xor(bl23_vq_high(s->d[j]), bl23_vq_set(plan->second_c));
    }
    BL23_UNROLL
    for (int j = 0; j < BL23_PHILOX_CHAINS; j++) {
        bl23_vq const p = bl23_vq_mul32(m0, s->a[j]);
        s->b[j] = bl23_vq_mul32(m1, s->c[j]);
        s->a[j] = bl23_vq_xor(bl23_vq_high(s->b[j]), bl23_vq_set(plan->third_b));
        s->c[j] = bl23_vq_xor3(bl23_vq_high(p), s->d[j], bl23_vq_set(plan->key[2][1]));
        s->d[j] = p;
    }
}

/* All rounds but the last of Philox4x32-10 of counters (block, 0, low, high), each word in the low
 * half of a 64-bit lane: what gets into the high halves is ignored by the next product. */
BL23_INLINE void bl23_philox_rounds(struct bl23_philox_plan const *plan,
                                    struct bl23_philox_chains *s)
{
    bl23_vq const m0 = bl23_vq_set(BL23_PHILOX_M0), m1 = bl23_vq_set(BL23_PHILOX_M1);
    BL23_UNROLL
    for (int round = 3; round < 9; round++)
        BL23_UNROLL
    for (int j = 0; j < BL23_PHILOX_CHAINS; j++) {
        bl23_vq const p = bl23_vq_mul32(m0, s->a[j]), q = bl23_vq_mul32(m1, s->c[j]);
        s->a[j] = bl23_vq_xor3(bl23_vq_high(q), s->b[j], bl23_vq_set(plan->key[round][0]));
        s->c[j] = bl23_vq_xor3(bl23_vq_high(p), s->d[j], bl23_vq_set(plan->key[round][1]));
        s->b[j] = q;
        s->d[j] = p;
    }
}

/* Two words of two chains side by side after the last round: the high halves of its products with
 * the words before it, and the low halves. */
BL23_INLINE void bl23_words_close(bl23_vq const product[2], bl23_vq const before[2], uint32_t key,
                                  uint32_t *high, uint32_t *low)
{
    bl23_vi const x = bl23_vi_zip(before[0], before[1]);
    bl23_vi_store(high,
                  bl23_vi_xor3(bl23_vi_zip_high(product[0], product[1]), x, bl23_vi_set(key)));
    bl23_vi_store(low, bl23_vi_zip(product[0], product[1]));
}

/* The last round, in which two chains become a vector of each word, and its key is that of words.
 */
BL23_INLINE void bl23_words_store(struct bl23_philox_plan const *plan,
                                  struct bl23_philox_chains const *s, unsigned at,
                                  uint32_t *const x[4])
{
    bl23_vq const m0 = bl23_vq_set(BL23_PHILOX_M0), m1 = bl23_vq_set(BL23_PHILOX_M1);
    BL23_UNROLL
    for (int j = 0; j < BL23_PHILOX_CHAINS; j += 2) {
        unsigned const to = at + (unsigned)j / 2 * BL23_LANES;
        bl23_vq const p[2] = {bl23_vq_mul32(m0, s->a[j]), bl23_vq_mul32(m0, s->a[j + 1])};
        bl23_vq const q[2] = {bl23_vq_mul32(m1, s->c[j]), bl23_vq_mul32(m1, s->c[j + 1])};
        bl23_words_close(q, s->b + j, plan->key[9][0], x[0] + to, x[1] + to);
        bl23_words_close(p, s->d + j, plan->key[9][1], x[2] + to, x[3] + to);
    }
}

/* The counters of two vectors of samples at offsets from `first`, times M1. */
BL23_INLINE void bl23_products_of(bl23_vq first, uint32_t const *offset,
                                  bl23_vq product[BL23_PHILOX_CHAINS])
{
    bl23_vq const m1 = bl23_vq_set(BL23_PHILOX_M1);
    bl23_vq const p = bl23_vq_load_pairs(offset);
    bl23_vq const q = bl23_vq_load_pairs(offset + BL23_LANES);
    product[0] = bl23_vq_mul32(m1, bl23_vq_add(first, p));
    product[1] = bl23_vq_mul32(m1, bl23_vq_add(first, bl23_vq_high(p)));
    product[2] = bl23_vq_mul32(m1, bl23_vq_add(first, q));
    product[3] = bl23_vq_mul32(m1, bl23_vq_add(first, bl23_vq_high(q)));
}

/* Words of one Philox block of samples at offsets from the tile's `words`; a tile never crosses
 * 2^32. Reads and writes up to a multiple of two vectors. */
BL23_STAGE void bl23_words_of(struct bl23_tile const *tile, uint32_t block, uint32_t const *offset,
                              unsigned count, uint32_t *const x[4])
{
    struct bl23_philox_plan const plan =
        bl23_philox_prepare(tile->seed, (uint32_t)(tile->words >> 32), block);
    bl23_vq const first = bl23_vq_set(tile->words & 0xffffffffu);
    for (unsigned at = 0; at < count; at += 2 * BL23_LANES) {
        bl23_vq product[BL23_PHILOX_CHAINS];
        struct bl23_philox_chains s;
        bl23_products_of(first, offset + at, product);
        bl23_philox_begin(&plan, product, &s);
        bl23_philox_rounds(&plan, &s);
        bl23_words_store(&plan, &s, at, x);
    }
}

/* The same of consecutive samples from offset `from` on. */
BL23_STAGE void bl23_words_from(struct bl23_tile const *tile, uint32_t block, unsigned from,
                                unsigned count, uint32_t *const x[4])
{
    static uint32_t const offset[] = {0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10,
                                      11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21,
                                      22, 23, 24, 25, 26, 27, 28, 29, 30, 31};
    struct bl23_philox_plan const plan =
        bl23_philox_prepare(tile->seed, (uint32_t)(tile->words >> 32), block);
    bl23_vq const step = bl23_vq_set((uint64_t)BL23_PHILOX_M1 * 2 * BL23_LANES);
    bl23_vq product[BL23_PHILOX_CHAINS];
    uint32_t *const to[4] = {x[0], x[1], x[2], x[3]}; /* which no store may change */
    bl23_products_of(bl23_vq_set((tile->words & 0xffffffffu) + from), offset, product);
    for (unsigned at = 0; at < count; at += 2 * BL23_LANES) {
        struct bl23_philox_chains s;
        bl23_philox_begin(&plan, product, &s);
        BL23_UNROLL
        for (int j = 0; j < BL23_PHILOX_CHAINS; j++)
            product[j] = bl23_vq_add(product[j], step);
        bl23_philox_rounds(&plan, &s);
        bl23_words_store(&plan, &s, at, to);
    }
}

#endif
