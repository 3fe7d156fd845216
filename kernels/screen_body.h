/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* The screen on the samples of one tile, over the vector words of a simd_<isa>.h.
 * cpu_range.h calls it; each cpu_range_<isa>.c includes its simd header first.
 * It must not decide anything but "certainly not". */
#ifndef BL23_KERNELS_SCREEN_BODY_H
#define BL23_KERNELS_SCREEN_BODY_H

#include "kernels/philox.h"
#include "kernels/screen.h"

/* Offsets within a tile of the samples that remain; room for one vector beyond the tile. */
struct bl23_candidates {
    unsigned count;
    uint32_t offset[BL23_TILE + 16];
};

/* The first sample of the tile and the key. */
struct bl23_tile {
    uint64_t seed, first;
    unsigned count;
};

/* Four words of BL23_LANES samples. */
struct bl23_lane_words {
    bl23_vi x[4];
};

/* Philox4x32-10 on half of the lanes, each word in the low half of a 64-bit lane. What overflows
 * into the high halves is ignored by the next product. */
BL23_INLINE void bl23_philox_lanes(bl23_vq low, uint64_t high, uint32_t block, uint64_t seed,
                                   bl23_vq out[4])
{
    bl23_vq const m0 = bl23_vq_set(BL23_PHILOX_M0), m1 = bl23_vq_set(BL23_PHILOX_M1);
    uint32_t key_0 = (uint32_t)seed, key_1 = (uint32_t)(seed >> 32);
    bl23_vq a = bl23_vq_set(block), b = bl23_vq_set(0), c = low, d = bl23_vq_set(high);
    for (int round = 0; round < 10; round++) {
        bl23_vq const p = bl23_vq_mul32(m0, a), q = bl23_vq_mul32(m1, c);
        a = bl23_vq_xor3(bl23_vq_high(q), b, bl23_vq_set(key_0));
        c = bl23_vq_xor3(bl23_vq_high(p), d, bl23_vq_set(key_1));
        b = q;
        d = p;
        key_0 += BL23_PHILOX_W0;
        key_1 += BL23_PHILOX_W1;
    }
    out[0] = a;
    out[1] = b;
    out[2] = c;
    out[3] = d;
}

/* Words of the samples at the given offsets from the tile's first. A tile never crosses 2^32. */
BL23_INLINE struct bl23_lane_words bl23_words_lanes(struct bl23_tile const *tile, bl23_vq even,
                                                    bl23_vq odd, uint32_t block)
{
    bl23_vq const first = bl23_vq_set(tile->first & 0xffffffffu);
    bl23_vq a[4], b[4];
    struct bl23_lane_words words;
    bl23_philox_lanes(bl23_vq_add(first, even), tile->first >> 32, block, tile->seed, a);
    bl23_philox_lanes(bl23_vq_add(first, odd), tile->first >> 32, block, tile->seed, b);
    for (int w = 0; w < 4; w++)
        words.x[w] = bl23_vi_zip(a[w], b[w]);
    return words;
}

/* cos(2 pi x/2^32) to 1e-4: even minimax polynomial of degree 8 on half a turn (Lawson's
 * iteration; error 4.1e-5). */
BL23_INLINE bl23_vf bl23_cos_lanes(bl23_vi x)
{
    bl23_vf const t = bl23_vf_mul(bl23_vf_of_signed(x), bl23_vf_set(0x1p-32f));
    bl23_vf const v = bl23_vf_mul(t, t);
    bl23_vf p = bl23_vf_set(45.64655773f);
    p = bl23_vf_fma(p, v, bl23_vf_set(-82.40355239f));
    p = bl23_vf_fma(p, v, bl23_vf_set(64.67343176f));
    p = bl23_vf_fma(p, v, bl23_vf_set(-19.73104175f));
    return bl23_vf_fma(p, v, bl23_vf_set(0.9999597964f));
}

/* What the amplitudes are made of. */
struct bl23_lane_sample {
    bl23_vf w2[3];   /* |w_i|^2 */
    bl23_vf root[3]; /* |w_i|, by an approximate inverse root; NaN-free */
    bl23_vi angle[BL23_SCREEN_PAIRS];
};

BL23_INLINE struct bl23_lane_sample bl23_sample_lanes(struct bl23_lane_words words)
{
    struct bl23_lane_sample s;
    bl23_vf const unit = bl23_vf_set(0x1p-32f);
    bl23_vi const a = bl23_vi_min(words.x[0], words.x[1]), b = bl23_vi_max(words.x[0], words.x[1]);
    s.w2[0] = bl23_vf_mul(bl23_vf_of_words(a), unit);
    s.w2[1] = bl23_vf_mul(bl23_vf_of_words(bl23_vi_sub(b, a)), unit);
    s.w2[2] = bl23_vf_sub(bl23_vf_set(1.0f), bl23_vf_mul(bl23_vf_of_words(b), unit));
    for (int i = 0; i < 3; i++) {
        bl23_vf const positive = bl23_vf_max(s.w2[i], bl23_vf_set(1e-12f));
        s.root[i] = bl23_vf_mul(positive, bl23_vf_rsqrt(positive));
    }
    s.angle[0] = words.x[2];
    s.angle[1] = words.x[3];
    s.angle[2] = bl23_vi_sub(words.x[3], words.x[2]);
    return s;
}

/* max(|amplitude| - margin, 0). */
BL23_INLINE bl23_vf bl23_term_lanes(struct bl23_screen_term const *term,
                                    struct bl23_lane_sample const *s)
{
    static int const pairs[BL23_SCREEN_PAIRS][2] = {{0, 1}, {0, 2}, {1, 2}};
    bl23_vf sum = bl23_vf_mul(bl23_vf_set(term->diagonal[0]), s->w2[0]);
    sum = bl23_vf_fma(bl23_vf_set(term->diagonal[1]), s->w2[1], sum);
    sum = bl23_vf_fma(bl23_vf_set(term->diagonal[2]), s->w2[2], sum);
    for (int p = 0; p < BL23_SCREEN_PAIRS; p++) {
        if (!term->explicit_pair[p])
            continue;
        bl23_vf const cosine =
            bl23_cos_lanes(bl23_vi_sub(s->angle[p], bl23_vi_set(term->phase[p])));
        bl23_vf const rr = bl23_vf_mul(s->root[pairs[p][0]], s->root[pairs[p][1]]);
        sum = bl23_vf_fma(bl23_vf_mul(rr, bl23_vf_set(term->modulus[p])), cosine, sum);
    }
    return bl23_vf_max(bl23_vf_sub(bl23_vf_abs(sum), bl23_vf_set(term->margin)), bl23_vf_set(0.0f));
}

BL23_INLINE bl23_vmask bl23_amplitude_mask(struct bl23_screen const *screen,
                                           struct bl23_tile const *tile, bl23_vq even, bl23_vq odd)
{
    struct bl23_lane_sample const s = bl23_sample_lanes(bl23_words_lanes(tile, even, odd, 0));
    bl23_vf square = bl23_vf_set(0.0f);
    for (int r = 0; r < screen->n_terms; r++) {
        bl23_vf const h = bl23_term_lanes(&screen->term[r], &s);
        square = bl23_vf_fma(h, h, square);
    }
    return bl23_vf_not_greater(square, bl23_vf_set(screen->limit));
}

BL23_INLINE bl23_vmask bl23_x5_mask(struct bl23_screen const *screen, struct bl23_tile const *tile,
                                    bl23_vq even, bl23_vq odd)
{
    struct bl23_lane_words const words = bl23_words_lanes(tile, even, odd, 1);
    return bl23_vi_between(words.x[1], bl23_vi_set(screen->x5_low), bl23_vi_set(screen->x5_high));
}

/* One condition on all samples of the tile. */
BL23_INLINE void bl23_screen_all(struct bl23_screen const *screen, struct bl23_tile const *tile,
                                 int x5, struct bl23_candidates *out)
{
    bl23_vq const one = bl23_vq_set(1), step = bl23_vq_set(BL23_LANES);
    bl23_vq even = bl23_vq_even();
    unsigned n = 0;
    for (uint32_t at = 0; at < tile->count; at += BL23_LANES) {
        bl23_vq const odd = bl23_vq_add(even, one);
        bl23_vmask const mask = x5 ? bl23_x5_mask(screen, tile, even, odd)
                                   : bl23_amplitude_mask(screen, tile, even, odd);
        n += bl23_append_lanes(mask, at, out->offset + n);
        even = bl23_vq_add(even, step);
    }
    while (n > 0 && out->offset[n - 1] >= tile->count) /* lanes beyond a short tile */
        n--;
    out->count = n;
}

/* The amplitude condition on the candidates that are left, in place, lane by lane of a scratch. */
BL23_INLINE void bl23_screen_again(struct bl23_screen const *screen, struct bl23_tile const *tile,
                                   struct bl23_candidates *c)
{
    unsigned n = 0;
    for (unsigned at = 0; at < c->count; at += BL23_LANES) {
        uint64_t even[BL23_LANES / 2], odd[BL23_LANES / 2];
        uint32_t lane[BL23_LANES + 16], kept[BL23_LANES];
        for (unsigned k = 0; k < BL23_LANES; k++) {
            unsigned const from = at + k < c->count ? at + k : c->count - 1;
            kept[k] = c->offset[from];
            (k % 2 ? odd : even)[k / 2] = kept[k];
        }
        bl23_vq e, o;
        memcpy(&e, even, sizeof e);
        memcpy(&o, odd, sizeof o);
        unsigned const found = bl23_append_lanes(bl23_amplitude_mask(screen, tile, e, o), 0, lane);
        for (unsigned k = 0; k < found; k++)
            if (at + lane[k] < c->count)
                c->offset[n++] = kept[lane[k]];
    }
    c->count = n;
}

BL23_INLINE void bl23_screen_tile(struct bl23_screen const *screen, struct bl23_tile const *tile,
                                  struct bl23_candidates *out)
{
    bl23_screen_all(screen, tile, screen->has_x5, out);
    if (screen->has_x5 && screen->n_terms > 0)
        bl23_screen_again(screen, tile, out);
}

#endif
