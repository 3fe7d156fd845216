/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* The screen on a block of samples, in vectors of single precision. kernels/cpu/cpu_range.c
 * includes it. It decides nothing but "certainly not". */
#ifndef BL23_KERNELS_SCREEN_LANES_H
#define BL23_KERNELS_SCREEN_LANES_H

#include "kernels/lanes/cell_lanes.h"
#include "kernels/screen/screen.h"

/* Samples that are looked at together, so few that their words stay in the first cache. */
enum { BL23_BLOCK = 1024, BL23_BLOCK_ROOM = BL23_BLOCK + 32, BL23_COS_TERMS = 5 };

/* Samples by their offsets from the tile's first, with the four words of one Philox block each:
 * `first` and those after it, until the block is reduced. There is room for two vectors beyond the
 * last. */
struct bl23_block {
    unsigned first, count;
    int reduced, has_more;
    _Alignas(64) uint32_t offset[BL23_BLOCK_ROOM];
    uint32_t x[4][BL23_BLOCK_ROOM];
    uint32_t more[4][BL23_BLOCK_ROOM]; /* x4..x7 where there are cells; x4, x5 if has_more */
};

BL23_INLINE void bl23_block_words(struct bl23_tile const *tile, uint32_t block,
                                  struct bl23_block *b)
{
    uint32_t *const x[4] = {b->x[0], b->x[1], b->x[2], b->x[3]};
    if (b->reduced)
        bl23_words_of(tile, block, b->offset, b->count, x);
    else
        bl23_words_from(tile, block, b->first, b->count, x);
}

/* Where there are cells: x0..x3 and x4..x7 of a block that has not been reduced. */
BL23_STAGE void bl23_block_words_in_cells(struct bl23_tile const *tile, struct bl23_block *b)
{
    uint32_t *const x[4] = {b->x[0], b->x[1], b->x[2], b->x[3]};
    uint32_t *const more[4] = {b->more[0], b->more[1], b->more[2], b->more[3]};
    bl23_words_from(tile, 0, b->first, b->count, x);
    bl23_words_from(tile, 1, b->first, b->count, more);
    bl23_words_in_cells(tile->cells, b->count, x, more);
}

/* x0..x3 of a block that has not been reduced. */
BL23_INLINE void bl23_block_draw(struct bl23_tile const *tile, struct bl23_block *b)
{
    if (tile->cells.knot)
        bl23_block_words_in_cells(tile, b);
    else
        bl23_block_words(tile, 0, b);
}

/* All samples from offset `first` on, up to the end of the block or the tile. */
BL23_INLINE void bl23_block_fill(struct bl23_tile const *tile, unsigned first, struct bl23_block *b)
{
    unsigned const left = tile->count - first;
    b->count = left < BL23_BLOCK ? left : BL23_BLOCK;
    b->first = first;
    b->reduced = 0;
    b->has_more = 0;
}

/* The offset of the sample at a place. */
BL23_INLINE uint32_t bl23_block_offset(struct bl23_block const *b, uint32_t place)
{
    return b->reduced ? b->offset[place] : b->first + place;
}

/* Only the samples at the given places of a block that has not been reduced, whose words are those
 * of block 1. */
BL23_INLINE void bl23_block_reduce(struct bl23_block *b, uint32_t const *place, unsigned count)
{
    for (unsigned k = 0; k < count; k++)
        b->offset[k] = b->first + place[k];
    for (unsigned k = count; k < BL23_BLOCK_ROOM && k < count + 2 * BL23_LANES; k++)
        b->offset[k] = b->first; /* whole vectors of them are read */
    for (unsigned k = 0; k < count; k++) {
        b->more[0][k] = b->x[0][place[k]];
        b->more[1][k] = b->x[1][place[k]];
    }
    b->count = count;
    b->reduced = b->has_more = 1;
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

/* What the amplitudes are made of, in the unit of words, 2^-32. */
struct bl23_lane_sample {
    bl23_vf w2[2];                   /* |w_1|^2, |w_2|^2; with |w_3|^2 they are 2^32 */
    bl23_vf root[BL23_SCREEN_PAIRS]; /* |w_i| |w_j|; NaN where one is 0, which discards nothing */
    bl23_vi angle[BL23_SCREEN_PAIRS];
};

BL23_INLINE struct bl23_lane_sample bl23_sample_lanes(bl23_vi const x[4])
{
    struct bl23_lane_sample s;
    bl23_vi const a = bl23_vi_min(x[0], x[1]), b = bl23_vi_max(x[0], x[1]);
    bl23_vf root[3] = {bl23_vf_of_words(a), bl23_vf_of_words(bl23_vi_sub(b, a)),
                       bl23_vf_of_words(bl23_vi_sub(bl23_vi_set(0), b))};
    s.w2[0] = root[0];
    s.w2[1] = root[1];
    BL23_UNROLL
    for (int i = 0; i < 3; i++)
        root[i] = bl23_vf_mul(root[i], bl23_vf_rsqrt(root[i]));
    s.root[0] = bl23_vf_mul(root[0], root[1]);
    s.root[1] = bl23_vf_mul(root[0], root[2]);
    s.root[2] = bl23_vf_mul(root[1], root[2]);
    s.angle[0] = x[2];
    s.angle[1] = x[3];
    s.angle[2] = bl23_vi_sub(x[3], x[2]);
    return s;
}

/* One amplitude of the condition, with its cosines multiplied out, in the unit of the sample. */
struct bl23_lane_term {
    struct bl23_screen_term const *term;
    bl23_vf diagonal[3]; /* the first two less the third one */
    bl23_vf margin;
    bl23_vf wave[BL23_SCREEN_PAIRS][BL23_COS_TERMS];
};

BL23_INLINE void bl23_lane_term_of(struct bl23_screen_term const *term, struct bl23_lane_term *t)
{
    float const unit = 0x1p-32f;
    t->term = term;
    for (int i = 0; i < 2; i++)
        t->diagonal[i] = bl23_vf_set(unit * (term->diagonal[i] - term->diagonal[2]));
    t->diagonal[2] = bl23_vf_set(term->diagonal[2]);
    t->margin = bl23_vf_set(term->margin);
    for (int p = 0; p < BL23_SCREEN_PAIRS; p++)
        bl23_cos_coefficients(unit * term->modulus[p], t->wave[p]);
}

/* max(|amplitude| - margin, 0), and 0 for NaN. */
BL23_INLINE bl23_vf bl23_term_lanes(struct bl23_lane_term const *t,
                                    struct bl23_lane_sample const *s)
{
    struct bl23_screen_term const *const term = t->term;
    bl23_vf sum = bl23_vf_fma(t->diagonal[0], s->w2[0], t->diagonal[2]);
    sum = bl23_vf_fma(t->diagonal[1], s->w2[1], sum);
    BL23_UNROLL
    for (int p = 0; p < BL23_SCREEN_PAIRS; p++) {
        if (!bl23_term_has_pair(term, p))
            continue;
        bl23_vi const angle = bl23_vi_sub(s->angle[p], bl23_vi_set(term->phase[p]));
        sum = bl23_vf_fma(s->root[p], bl23_cos_lanes(t->wave[p], angle), sum);
    }
    return bl23_vf_max(bl23_vf_sub(bl23_vf_abs(sum), t->margin), bl23_vf_set(0.0f));
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
    bl23_vf const limit = bl23_vf_set(screen->limit);
    struct bl23_lane_term term[BL23_SCREEN_FORMS];
    unsigned n = 0;
    for (int r = 0; r < terms; r++)
        bl23_lane_term_of(&screen->term[r], &term[r]);
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
        n += bl23_append_lanes(bl23_vf_not_greater(square, limit), at, place + n);
    }
    return bl23_places_within(b, place, n);
}

#define BL23_TERM_PLACES(name, terms)                                                              \
    BL23_STAGE unsigned name(struct bl23_screen const *screen, struct bl23_block const *b,         \
                             uint32_t *place)                                                      \
    {                                                                                              \
        return bl23_amplitude_places(screen, terms, b, place);                                     \
    }
BL23_TERM_PLACES(bl23_one_term_places, 1)
BL23_TERM_PLACES(bl23_two_term_places, 2)
BL23_TERM_PLACES(bl23_four_term_places, 4)
BL23_TERM_PLACES(bl23_eight_term_places, 8)
#undef BL23_TERM_PLACES

/* Places whose x5 lies in the range. */
BL23_INLINE unsigned bl23_x5_places(struct bl23_screen const *screen, struct bl23_block const *b,
                                    uint32_t const *x5, uint32_t *place)
{
    bl23_vi const low = bl23_vi_set(screen->x5_low), high = bl23_vi_set(screen->x5_high);
    unsigned n = 0;
    for (unsigned at = 0; at < b->count; at += BL23_LANES)
        n += bl23_append_lanes(bl23_vi_between(bl23_vi_load(x5 + at), low, high), at, place + n);
    return bl23_places_within(b, place, n);
}

/* The places of all samples of the block. */
BL23_INLINE unsigned bl23_all_places(struct bl23_block const *b, uint32_t *place)
{
    for (unsigned k = 0; k < BL23_BLOCK_ROOM; k++)
        place[k] = k;
    return b->count;
}

/* Places of the block, whose words are x0..x3, that meet the condition on the amplitudes. */
BL23_INLINE unsigned bl23_condition_places(struct bl23_screen const *screen,
                                           struct bl23_block const *b, uint32_t *place)
{
    if (screen->n_terms == 1)
        return bl23_one_term_places(screen, b, place);
    if (screen->n_terms == 2)
        return bl23_two_term_places(screen, b, place);
    if (screen->n_terms == 4)
        return bl23_four_term_places(screen, b, place);
    if (screen->n_terms == 8)
        return bl23_eight_term_places(screen, b, place);
    return bl23_all_places(b, place);
}

/* Only the samples at the given rising places of a block that has its words. */
BL23_STAGE void bl23_block_keep(struct bl23_block *b, uint32_t const *place, unsigned count)
{
    for (unsigned k = 0; k < count; k++) { /* one loop: few are left, and its end is a guess */
        uint32_t const p = place[k];
        b->offset[k] = bl23_block_offset(b, p);
        BL23_UNROLL
        for (int x = 0; x < 4; x++)
            b->x[x][k] = b->x[x][p];
    }
    for (int x = 0; b->has_more && x < 2; x++)
        for (unsigned k = 0; k < count; k++)
            b->more[x][k] = b->more[x][place[k]];
    b->count = count;
    b->reduced = 1;
}

/* Add the samples at the given rising places of a block that has its words to another one, in which
 * there is room for them. */
BL23_STAGE void bl23_block_append(struct bl23_block const *from, uint32_t const *place,
                                  unsigned count, struct bl23_block *to)
{
    for (unsigned k = 0; k < count; k++) {
        uint32_t const p = place[k];
        to->offset[to->count + k] = bl23_block_offset(from, p);
        BL23_UNROLL
        for (int x = 0; x < 4; x++)
            to->x[x][to->count + k] = from->x[x][p];
    }
    for (int x = 0; from->has_more && x < 2; x++)
        for (unsigned k = 0; k < count; k++)
            to->more[x][to->count + k] = from->more[x][place[k]];
    to->has_more = from->has_more;
    to->reduced = 1;
    to->count += count;
}

/* Whole vectors, two at a time, of a block that has been reduced: the last sample is repeated. */
BL23_INLINE void bl23_block_close(struct bl23_block *b)
{
    unsigned const last = b->count - 1;
    for (unsigned k = b->count; k < b->count + 2 * BL23_LANES; k++) {
        b->offset[k] = b->offset[last];
        for (int x = 0; x < 4; x++)
            b->x[x][k] = b->x[x][last];
        for (int x = 0; b->has_more && x < 2; x++)
            b->more[x][k] = b->more[x][last];
    }
}

/* What a condition has been asked so far, and what it has left: the margins of single precision may
 * leave more than the pilot. Where it leaves most, it costs more than it saves: a second one of the
 * few that the first has left, the first one of all. */
struct bl23_screened {
    uint64_t asked, left;
};

BL23_INLINE int bl23_screen_pays(struct bl23_screened const *s, int condition)
{
    uint64_t const most = condition == 0 ? 4 * s->asked / 5 : s->asked / 2;
    return s->asked < 4096 || s->left < most;
}

/* The samples of the block that the screens leave: their number and places; the block's words
 * become x0..x3. `n` is of bl23_screen_build. */
BL23_INLINE unsigned bl23_screen_block(struct bl23_screen const *screen, int n,
                                       struct bl23_tile const *tile, struct bl23_block *b,
                                       uint32_t *place, struct bl23_screened screened[BL23_SCREENS])
{
    if (tile->cells.knot) {
        bl23_block_words_in_cells(tile, b);
        if (screen->has_x5)
            bl23_block_keep(b, place, bl23_x5_places(screen, b, b->more[1], place));
    } else if (screen->has_x5) {
        bl23_block_words(tile, 1, b);
        bl23_block_reduce(b, place, bl23_x5_places(screen, b, b->x[1], place));
        bl23_block_words(tile, 0, b);
    } else {
        bl23_block_words(tile, 0, b);
    }
    unsigned count = b->count;
    for (int k = 0; k < n && count > 0; k++) {
        if (k > 0 && !bl23_screen_pays(&screened[k], k))
            break;
        if (k > 0)
            bl23_block_keep(b, place, count);
        screened[k].asked += count;
        count = bl23_condition_places(&screen[k], b, place);
        screened[k].left += count;
    }
    return count;
}

#endif
