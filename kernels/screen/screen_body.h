/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* Random words and the screen on the samples of a block, over the vector words of a simd_<isa>.h.
 * cpu_range_body.h calls it; each cpu_range_<isa>.c includes its simd header first.
 * It must not decide anything but "certainly not". */
#ifndef BL23_KERNELS_SCREEN_BODY_H
#define BL23_KERNELS_SCREEN_BODY_H

#include <string.h>

#include "kernels/sample/philox.h"
#include "kernels/screen/screen.h"

/* A stage of the work on a block: functions of their own, as compilers keep fewer of the many
 * vectors in registers when all stages are one function. */
#define BL23_STAGE static __attribute__((noinline, unused))

/* Samples that are looked at together, so few that their words stay in the first cache. */
enum { BL23_BLOCK = 1024, BL23_BLOCK_ROOM = BL23_BLOCK + 32, BL23_COS_TERMS = 5 };

/* The first sample of the tile and the key. */
struct bl23_tile {
    uint64_t seed, first;
    unsigned count;
};

/* Samples by their offsets from the tile's first, with the four words of one Philox block each:
 * `first` and those after it, until the block is reduced. There is room for two vectors beyond the
 * last. */
struct bl23_block {
    unsigned first, count;
    int reduced;
    _Alignas(64) uint32_t offset[BL23_BLOCK_ROOM];
    uint32_t x[4][BL23_BLOCK_ROOM];
};

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

/* Counters that go through the rounds together, so that one's products are waited for with the
 * others' work. */
enum { BL23_PHILOX_CHAINS = 4 };

struct bl23_philox_chains {
    bl23_vq a[BL23_PHILOX_CHAINS], b[BL23_PHILOX_CHAINS], c[BL23_PHILOX_CHAINS],
        d[BL23_PHILOX_CHAINS];
};

/* The first three rounds, where the words that only depend on block and high are numbers. */
BL23_INLINE void bl23_philox_begin(struct bl23_philox_plan const *plan,
                                   bl23_vq const low[BL23_PHILOX_CHAINS],
                                   struct bl23_philox_chains *s)
{
    bl23_vq const m0 = bl23_vq_set(BL23_PHILOX_M0), m1 = bl23_vq_set(BL23_PHILOX_M1);
    BL23_UNROLL
    for (int j = 0; j < BL23_PHILOX_CHAINS; j++) {
        s->b[j] = bl23_vq_mul32(m1, low[j]);
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

/* Philox4x32-10 of counters (block, 0, low, high), each word in the low half of a 64-bit lane: what
 * gets into the high halves is ignored by the next product. */
BL23_INLINE void bl23_philox_lanes(struct bl23_philox_plan const *plan,
                                   bl23_vq const low[BL23_PHILOX_CHAINS],
                                   struct bl23_philox_chains *s)
{
    bl23_vq const m0 = bl23_vq_set(BL23_PHILOX_M0), m1 = bl23_vq_set(BL23_PHILOX_M1);
    bl23_philox_begin(plan, low, s);
    BL23_UNROLL
    for (int round = 3; round < 10; round++)
        BL23_UNROLL
    for (int j = 0; j < BL23_PHILOX_CHAINS; j++) {
        bl23_vq const p = bl23_vq_mul32(m0, s->a[j]), q = bl23_vq_mul32(m1, s->c[j]);
        s->a[j] = bl23_vq_xor3(bl23_vq_high(q), s->b[j], bl23_vq_set(plan->key[round][0]));
        s->c[j] = bl23_vq_xor3(bl23_vq_high(p), s->d[j], bl23_vq_set(plan->key[round][1]));
        s->b[j] = q;
        s->d[j] = p;
    }
}

/* Two vectors of each word, after the rounds. */
BL23_INLINE void bl23_words_store(struct bl23_philox_chains const *s, unsigned at,
                                  uint32_t *const x[4])
{
    BL23_UNROLL
    for (int v = 0; v < 2; v++) {
        unsigned const to = at + (unsigned)v * BL23_LANES;
        bl23_vi_store(x[0] + to, bl23_vi_zip(s->a[2 * v], s->a[2 * v + 1]));
        bl23_vi_store(x[1] + to, bl23_vi_zip(s->b[2 * v], s->b[2 * v + 1]));
        bl23_vi_store(x[2] + to, bl23_vi_zip(s->c[2 * v], s->c[2 * v + 1]));
        bl23_vi_store(x[3] + to, bl23_vi_zip(s->d[2 * v], s->d[2 * v + 1]));
    }
}

/* The counters of two vectors of samples at offsets from `first`. */
BL23_INLINE void bl23_counters_of(bl23_vq first, uint32_t const *offset,
                                  bl23_vq low[BL23_PHILOX_CHAINS])
{
    bl23_vq const p = bl23_vq_load_pairs(offset);
    bl23_vq const q = bl23_vq_load_pairs(offset + BL23_LANES);
    low[0] = bl23_vq_add(first, p);
    low[1] = bl23_vq_add(first, bl23_vq_high(p));
    low[2] = bl23_vq_add(first, q);
    low[3] = bl23_vq_add(first, bl23_vq_high(q));
}

/* Words of one Philox block of samples at offsets from the tile's first; a tile never crosses 2^32.
 * Reads and writes up to a multiple of two vectors. */
BL23_STAGE void bl23_words_of(struct bl23_tile const *tile, uint32_t block, uint32_t const *offset,
                              unsigned count, uint32_t *const x[4])
{
    struct bl23_philox_plan const plan =
        bl23_philox_prepare(tile->seed, (uint32_t)(tile->first >> 32), block);
    bl23_vq const first = bl23_vq_set(tile->first & 0xffffffffu);
    for (unsigned at = 0; at < count; at += 2 * BL23_LANES) {
        bl23_vq low[BL23_PHILOX_CHAINS];
        struct bl23_philox_chains s;
        bl23_counters_of(first, offset + at, low);
        bl23_philox_lanes(&plan, low, &s);
        bl23_words_store(&s, at, x);
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
        bl23_philox_prepare(tile->seed, (uint32_t)(tile->first >> 32), block);
    bl23_vq const step = bl23_vq_set(2 * BL23_LANES);
    bl23_vq low[BL23_PHILOX_CHAINS];
    bl23_counters_of(bl23_vq_set((tile->first & 0xffffffffu) + from), offset, low);
    for (unsigned at = 0; at < count; at += 2 * BL23_LANES) {
        struct bl23_philox_chains s;
        bl23_philox_lanes(&plan, low, &s);
        bl23_words_store(&s, at, x);
        BL23_UNROLL
        for (int j = 0; j < BL23_PHILOX_CHAINS; j++)
            low[j] = bl23_vq_add(low[j], step);
    }
}

/* `rounds` times 16 vectors of products, in 8 chains. */
BL23_INLINE uint64_t bl23_time_products(uint64_t rounds, uint64_t *sink)
{
    enum { CHAINS = 8, LANES = BL23_LANES / 2 };
    bl23_vq const m0 = bl23_vq_set(BL23_PHILOX_M0 ^ *sink),
                  m1 = bl23_vq_set(BL23_PHILOX_M1 ^ *sink);
    bl23_vq chain[CHAINS];
    for (int j = 0; j < CHAINS; j++)
        chain[j] = bl23_vq_set((uint64_t)j + *sink);
    for (uint64_t r = 0; r < rounds; r++) {
        BL23_UNROLL
        for (int j = 0; j < CHAINS; j++)
            chain[j] = bl23_vq_mul32(chain[j], m0);
        BL23_UNROLL
        for (int j = 0; j < CHAINS; j++)
            chain[j] = bl23_vq_mul32(chain[j], m1);
    }
    for (int j = 1; j < CHAINS; j++)
        chain[0] = bl23_vq_xor(chain[0], chain[j]);
    uint64_t lane[LANES];
    memcpy(lane, &chain[0], sizeof lane);
    for (int l = 0; l < LANES; l++)
        *sink ^= lane[l];
    return rounds * 2 * CHAINS * LANES;
}

BL23_INLINE void bl23_block_words(struct bl23_tile const *tile, uint32_t block,
                                  struct bl23_block *b)
{
    uint32_t *const x[4] = {b->x[0], b->x[1], b->x[2], b->x[3]};
    if (b->reduced)
        bl23_words_of(tile, block, b->offset, b->count, x);
    else
        bl23_words_from(tile, block, b->first, b->count, x);
}

/* All samples from offset `first` on, up to the end of the block or the tile. */
BL23_INLINE void bl23_block_fill(struct bl23_tile const *tile, unsigned first, struct bl23_block *b)
{
    unsigned const left = tile->count - first;
    b->count = left < BL23_BLOCK ? left : BL23_BLOCK;
    b->first = first;
    b->reduced = 0;
}

/* The offset of the sample at a place. */
BL23_INLINE uint32_t bl23_block_offset(struct bl23_block const *b, uint32_t place)
{
    return b->reduced ? b->offset[place] : b->first + place;
}

/* Only the samples at the given places of a block that has not been reduced. */
BL23_INLINE void bl23_block_reduce(struct bl23_block *b, uint32_t const *place, unsigned count)
{
    for (unsigned k = 0; k < count; k++)
        b->offset[k] = b->first + place[k];
    for (unsigned k = count; k < BL23_BLOCK_ROOM && k < count + 2 * BL23_LANES; k++)
        b->offset[k] = b->first; /* whole vectors of them are read */
    b->count = count;
    b->reduced = 1;
}

/* Coefficients of modulus cos(2 pi t) in powers of t^2, |t| <= 1/2: even minimax polynomial of
 * degree 8 (Lawson's iteration; error 4.1e-5). */
BL23_INLINE void bl23_cos_coefficients(float modulus, bl23_vf k[BL23_COS_TERMS])
{
    k[0] = bl23_vf_set(modulus * 0.9999597964f);
    k[1] = bl23_vf_set(modulus * -19.73104175f);
    k[2] = bl23_vf_set(modulus * 64.67343176f);
    k[3] = bl23_vf_set(modulus * -82.40355239f);
    k[4] = bl23_vf_set(modulus * 45.64655773f);
}

/* modulus cos(2 pi x/2^32). */
BL23_INLINE bl23_vf bl23_cos_lanes(bl23_vf const k[BL23_COS_TERMS], bl23_vi x)
{
    bl23_vf const t = bl23_vf_mul(bl23_vf_of_signed(x), bl23_vf_set(0x1p-32f));
    bl23_vf const v = bl23_vf_mul(t, t);
    bl23_vf p = bl23_vf_fma(k[4], v, k[3]);
    p = bl23_vf_fma(p, v, k[2]);
    p = bl23_vf_fma(p, v, k[1]);
    return bl23_vf_fma(p, v, k[0]);
}

/* What the amplitudes are made of. */
struct bl23_lane_sample {
    bl23_vf w2[3];   /* |w_i|^2 */
    bl23_vf root[3]; /* |w_i|, by an approximate inverse root; NaN for 0, which discards nothing */
    bl23_vi angle[BL23_SCREEN_PAIRS];
};

BL23_INLINE struct bl23_lane_sample bl23_sample_lanes(bl23_vi const x[4])
{
    struct bl23_lane_sample s;
    bl23_vf const unit = bl23_vf_set(0x1p-32f);
    bl23_vi const a = bl23_vi_min(x[0], x[1]), b = bl23_vi_max(x[0], x[1]);
    s.w2[0] = bl23_vf_mul(bl23_vf_of_words(a), unit);
    s.w2[1] = bl23_vf_mul(bl23_vf_of_words(bl23_vi_sub(b, a)), unit);
    s.w2[2] = bl23_vf_sub(bl23_vf_set(1.0f), bl23_vf_mul(bl23_vf_of_words(b), unit));
    BL23_UNROLL
    for (int i = 0; i < 3; i++)
        s.root[i] = bl23_vf_mul(s.w2[i], bl23_vf_rsqrt(s.w2[i]));
    s.angle[0] = x[2];
    s.angle[1] = x[3];
    s.angle[2] = bl23_vi_sub(x[3], x[2]);
    return s;
}

/* One amplitude of the condition, with its cosines multiplied out. */
struct bl23_lane_term {
    struct bl23_screen_term const *term;
    bl23_vf wave[BL23_SCREEN_PAIRS][BL23_COS_TERMS];
};

/* max(|amplitude| - margin, 0), and 0 for NaN. */
BL23_INLINE bl23_vf bl23_term_lanes(struct bl23_lane_term const *t,
                                    struct bl23_lane_sample const *s)
{
    static int const pairs[BL23_SCREEN_PAIRS][2] = {{0, 1}, {0, 2}, {1, 2}};
    struct bl23_screen_term const *const term = t->term;
    bl23_vf sum = bl23_vf_mul(bl23_vf_set(term->diagonal[0]), s->w2[0]);
    sum = bl23_vf_fma(bl23_vf_set(term->diagonal[1]), s->w2[1], sum);
    sum = bl23_vf_fma(bl23_vf_set(term->diagonal[2]), s->w2[2], sum);
    BL23_UNROLL
    for (int p = 0; p < BL23_SCREEN_PAIRS; p++) {
        if (!bl23_term_has_pair(term, p))
            continue;
        bl23_vi const angle = bl23_vi_sub(s->angle[p], bl23_vi_set(term->phase[p]));
        bl23_vf const rr = bl23_vf_mul(s->root[pairs[p][0]], s->root[pairs[p][1]]);
        sum = bl23_vf_fma(rr, bl23_cos_lanes(t->wave[p], angle), sum);
    }
    return bl23_vf_max(bl23_vf_sub(bl23_vf_abs(sum), bl23_vf_set(term->margin)), bl23_vf_set(0.0f));
}

/* Places that lie beyond the samples of the block, in the last vector, are dropped. */
BL23_INLINE unsigned bl23_places_within(struct bl23_block const *b, uint32_t const *place,
                                        unsigned count)
{
    while (count > 0 && place[count - 1] >= b->count)
        count--;
    return count;
}

/* Places of the block that meet the condition on the amplitudes; `terms` is a constant at every
 * call. place has BL23_BLOCK_ROOM elements. */
BL23_INLINE unsigned bl23_amplitude_places(struct bl23_screen const *screen, int terms,
                                           struct bl23_block const *b, uint32_t *place)
{
    struct bl23_lane_term term[BL23_SCREEN_FORMS];
    unsigned n = 0;
    for (int r = 0; r < terms; r++) {
        term[r].term = &screen->term[r];
        for (int p = 0; p < BL23_SCREEN_PAIRS; p++)
            bl23_cos_coefficients(screen->term[r].modulus[p], term[r].wave[p]);
    }
    for (unsigned at = 0; at < b->count; at += BL23_LANES) {
        bl23_vi const x[4] = {bl23_vi_load(b->x[0] + at), bl23_vi_load(b->x[1] + at),
                              bl23_vi_load(b->x[2] + at), bl23_vi_load(b->x[3] + at)};
        struct bl23_lane_sample const s = bl23_sample_lanes(x);
        bl23_vf square = bl23_vf_set(0.0f);
        BL23_UNROLL
        for (int r = 0; r < terms; r++) {
            bl23_vf const h = bl23_term_lanes(&term[r], &s);
            square = bl23_vf_fma(h, h, square);
        }
        n += bl23_append_lanes(bl23_vf_not_greater(square, bl23_vf_set(screen->limit)), at,
                               place + n);
    }
    return bl23_places_within(b, place, n);
}

BL23_STAGE unsigned bl23_one_term_places(struct bl23_screen const *screen,
                                         struct bl23_block const *b, uint32_t *place)
{
    return bl23_amplitude_places(screen, 1, b, place);
}

BL23_STAGE unsigned bl23_two_term_places(struct bl23_screen const *screen,
                                         struct bl23_block const *b, uint32_t *place)
{
    return bl23_amplitude_places(screen, 2, b, place);
}

/* Places whose x5, in block 1, lies in the range. */
BL23_INLINE unsigned bl23_x5_places(struct bl23_screen const *screen, struct bl23_block const *b,
                                    uint32_t *place)
{
    bl23_vi const low = bl23_vi_set(screen->x5_low), high = bl23_vi_set(screen->x5_high);
    unsigned n = 0;
    for (unsigned at = 0; at < b->count; at += BL23_LANES)
        n += bl23_append_lanes(bl23_vi_between(bl23_vi_load(b->x[1] + at), low, high), at,
                               place + n);
    return bl23_places_within(b, place, n);
}

/* The places of all samples of the block. */
BL23_INLINE unsigned bl23_all_places(struct bl23_block const *b, uint32_t *place)
{
    for (unsigned k = 0; k < BL23_BLOCK_ROOM; k++)
        place[k] = k;
    return b->count;
}

/* The samples of the block that the screen leaves: their number and places; the block's words
 * become x0..x3. */
BL23_INLINE unsigned bl23_screen_block(struct bl23_screen const *screen,
                                       struct bl23_tile const *tile, struct bl23_block *b,
                                       uint32_t *place)
{
    if (screen->has_x5) {
        bl23_block_words(tile, 1, b);
        bl23_block_reduce(b, place, bl23_x5_places(screen, b, place));
    }
    bl23_block_words(tile, 0, b);
    if (screen->n_terms == 1)
        return bl23_one_term_places(screen, b, place);
    if (screen->n_terms == 2)
        return bl23_two_term_places(screen, b, place);
    return bl23_all_places(b, place);
}

#endif
