/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* Dyadic cells of the cube of random words, and the cover: the cells that a survey draws from where
 * uniform drawing would find nothing. tables/cover/ makes covers; draw, records, backends and
 * replay take a sample's words from them by the functions of this header. It must not know of
 * amplitudes or limits.
 *
 * How it works. The coordinates are a = min(x0, x1), b = max(x0, x1), x2, y = x3 - x2 mod 2^32, and
 * x5 where g is drawn: the map from words is a bijection up to the order of x0 and x1, so that
 * uniform words stay Haar-distributed rows. A cell gives a prefix of bits of each coordinate. Where
 * a and b have the same one it lies on the diagonal and is the half a <= b of a square; elsewhere
 * a < b, and the cell stands for itself and its mirror image, so that its volume counts twice. A
 * sample takes its cell from the words x6 and x7, by volume, and the bits that the cell leaves free
 * from its own words as ever.
 *
 * Sheared cells. Where limits leave a thin tilted layer of each cell, a word is drawn from a strip
 * that follows the layer: its middle is linear in the words that are drawn before it, its width is
 * a part 2^-extra of the cell's. The strips hold every survivor of the cell. A strip may reach out
 * of the cell; a word drawn there is moved to that end of the cell which is farther from the middle
 * of the strip, where nothing survives, so that survivors stay uniform. */
#ifndef BL23_KERNELS_CELL_H
#define BL23_KERNELS_CELL_H

#include "kernels/sample/device.h"
#include "kernels/sample/model.h"
#include "kernels/sample/philox.h"

enum bl23_coordinate {
    BL23_CELL_A,
    BL23_CELL_B,
    BL23_CELL_X2,
    BL23_CELL_Y,
    BL23_CELL_G,
    BL23_CELL_WORDS
};

enum {
    BL23_CELL_BITS_MAX = 31,  /* of a prefix */
    BL23_CELL_DEPTH_MAX = 60, /* a cell is no smaller than 2^-60 of the cube */
    BL23_CELL_CLASSES = BL23_CELL_DEPTH_MAX + 1
};

/* The empty prefix. */
#define BL23_CELL_ALL 0x80000000u

/* Of each coordinate the bits of the prefix, then a 1, then zeros. */
struct bl23_cell {
    uint32_t prefix[BL23_CELL_WORDS];
};

/* Those of a, b, x2 and y, as a cover holds them: read at once, and never in two cache lines. */
struct bl23_w_prefixes {
    BL23_ALIGN_16 uint32_t prefix[BL23_CELL_G];
};

/* The strips of a cell for a, b, x2 and y, in the order in which they are drawn. Position k of a
 * word is in units of 2^-31 of half the cell's width, 0 in its middle. */
enum { BL23_SHEAR_WORDS = BL23_CELL_G, BL23_SHEAR_SLOPES = 6, BL23_SLOPE_ONE = 1 << 30 };
struct bl23_shear {
    int32_t centre[BL23_SHEAR_WORDS]; /* of a strip where the words before it are in the middle, in
                                         2^-28 of half the width */
    int32_t slope[BL23_SHEAR_SLOPES]; /* of word k with word j < k at k (k - 1)/2 + j, in 2^-30 */
    uint8_t word[BL23_SHEAR_WORDS];   /* enum bl23_coordinate */
    uint8_t extra[BL23_SHEAR_WORDS];  /* 0: the whole width, whatever the others are */
};

/* The cells of a mass, by rising depth, to which strips add their extra bits. In units of its
 * smallest cell, 2^-depth of the cube, the cells of depth d begin at begin[d]; begin[depth + 1] is
 * the volume, 0 of an empty cover. */
struct bl23_cover_knot {
    uint32_t depth;
    uint32_t sheared; /* 1: its cells have strips; 0: none has */
    uint64_t first;   /* of its cells among those of all masses */
    uint64_t until; /* its tiles, and those of the masses before it, as a part of 2^64; the last end
                       at 2^64 - 1 */
    uint64_t begin[BL23_CELL_CLASSES + 1];
    uint64_t cell[BL23_CELL_CLASSES]; /* the first cell of a depth, counted from `first` */
};

/* The cover of a model, which follows its knots: this header, [n_knots] of struct bl23_cover_knot,
 * zeros up to a multiple of 16 bytes from the beginning of the model; of each cell struct
 * bl23_w_prefixes, and where g is drawn the prefix of g, zeros up to a multiple of 8 bytes; where a
 * mass is sheared, of each cell struct bl23_shear, those of other masses zero. */
struct bl23_cover {
    uint64_t n_cells;
    struct bl23_cover_knot knot[];
};

/* From the beginning of the cover up to its cells, up to their prefixes of g, and up to their
 * strips. */
BL23_INLINE size_t bl23_cover_bytes_before_w(struct bl23_model const *model)
{
    size_t const before = bl23_ranked_bytes(model->n_knots, model->groups);
    size_t const end = before + sizeof(struct bl23_cover) +
                       (size_t)model->n_knots * sizeof(struct bl23_cover_knot);
    return (end + 15) / 16 * 16 - before;
}

BL23_INLINE size_t bl23_cover_bytes_before_g(struct bl23_model const *model, uint64_t n_cells)
{
    return bl23_cover_bytes_before_w(model) + (size_t)n_cells * sizeof(struct bl23_w_prefixes);
}

BL23_INLINE size_t bl23_cover_bytes(struct bl23_model const *model, uint64_t n_cells)
{
    size_t const cells_g = model->g_mode == BL23_G_LOG_UNIFORM ? (size_t)n_cells : 0;
    return bl23_cover_bytes_before_g(model, n_cells) + (cells_g * sizeof(uint32_t) + 7) / 8 * 8;
}

/* The cover of a model that has one: cover_bytes > 0. */
BL23_INLINE struct bl23_cover const *bl23_model_cover(struct bl23_model const *model)
{
    return (struct bl23_cover const *)((char const *)model +
                                       bl23_ranked_bytes(model->n_knots, model->groups));
}

BL23_INLINE struct bl23_w_prefixes const *bl23_cover_w(struct bl23_model const *model)
{
    return (struct bl23_w_prefixes const *)((char const *)bl23_model_cover(model) +
                                            bl23_cover_bytes_before_w(model));
}

/* NULL where g is not drawn. */
BL23_INLINE uint32_t const *bl23_cover_g(struct bl23_model const *model)
{
    struct bl23_cover const *const cover = bl23_model_cover(model);
    return model->g_mode == BL23_G_LOG_UNIFORM
               ? (uint32_t const *)((char const *)cover +
                                    bl23_cover_bytes_before_g(model, cover->n_cells))
               : NULL;
}

/* The strips of a cover that has any. */
BL23_INLINE struct bl23_shear const *bl23_cover_shears(struct bl23_model const *model)
{
    struct bl23_cover const *const cover = bl23_model_cover(model);
    return (struct bl23_shear const *)((char const *)cover +
                                       bl23_cover_bytes(model, cover->n_cells));
}

/* Bits of a prefix. */
BL23_INLINE int bl23_prefix_bits(uint32_t prefix)
{
#if BL23_IS_CUDA
    int bits = BL23_CELL_BITS_MAX;
    for (; (prefix & 1u) == 0; prefix >>= 1)
        bits--;
    return bits;
#else
    return BL23_CELL_BITS_MAX - __builtin_ctz(prefix);
#endif
}

/* The smallest word that has the prefix, and half of the number of words that have it. */
BL23_INLINE uint32_t bl23_prefix_low(uint32_t prefix)
{
    return prefix & (prefix - 1u);
}

BL23_INLINE uint32_t bl23_prefix_half(uint32_t prefix)
{
    return prefix & (0u - prefix);
}

/* The word of a cell out of a random one, which is shifted right by the bits of the prefix. */
BL23_INLINE uint32_t bl23_prefix_word(uint32_t prefix, uint32_t word)
{
    return bl23_prefix_low(prefix) + (uint32_t)(((uint64_t)word * bl23_prefix_half(prefix)) >> 31);
}

/* On the diagonal a = b? */
BL23_INLINE int bl23_cell_is_diagonal(struct bl23_cell const *cell)
{
    return cell->prefix[BL23_CELL_A] == cell->prefix[BL23_CELL_B];
}

/* The volume is 2^-depth of the cube. */
BL23_INLINE int bl23_cell_depth(struct bl23_cell const *cell)
{
    int depth = bl23_cell_is_diagonal(cell) ? 0 : -1;
    for (int d = 0; d < BL23_CELL_WORDS; d++)
        depth += bl23_prefix_bits(cell->prefix[d]);
    return depth;
}

/* The high half of a product. */
BL23_INLINE uint64_t bl23_high_product(uint64_t a, uint64_t b)
{
    uint64_t const a0 = (uint32_t)a, a1 = a >> 32, b0 = (uint32_t)b, b1 = b >> 32;
    uint64_t const middle = a1 * b0 + ((a0 * b0) >> 32), cross = (uint32_t)middle + a0 * b1;
    return a1 * b1 + (middle >> 32) + (cross >> 32);
}

/* The number of the cell, among those of a mass, at a place whose class of depth is known. */
BL23_INLINE uint64_t bl23_cell_at(struct bl23_cover_knot const *k, uint64_t place, uint64_t depth)
{
    return k->cell[depth] + ((place - k->begin[depth]) >> (k->depth - depth));
}

/* The number of the cell, among those of a mass, that 64 random bits choose: the probability of a
 * cell is its part of the volume, but for 2^-64. The search has no branches, which would be
 * guessed. */
BL23_INLINE uint64_t bl23_cell_of_bits(struct bl23_cover_knot const *k, uint64_t bits)
{
    uint64_t const place = bl23_high_product(bits, k->begin[k->depth + 1]);
    uint64_t depth = 0; /* the largest with begin[depth] <= place */
    BL23_UNROLL
    for (uint64_t step = 32; step > 0; step /= 2) {
        uint64_t const next = depth + step < k->depth ? depth + step : k->depth;
        depth = place >= k->begin[next] ? next : depth;
    }
    return bl23_cell_at(k, place, depth);
}

/* The cover as the samples of one mass see it; knot is NULL where there is none. */
struct bl23_cells {
    struct bl23_cover_knot const *knot;
    struct bl23_w_prefixes const *w; /* of its first cell and those behind it */
    uint32_t const *g;               /* NULL: none has a prefix of g */
    struct bl23_shear const *shear;  /* NULL: the cells are not sheared */
};

BL23_INLINE struct bl23_w_prefixes bl23_w_prefixes_of(struct bl23_cell const *cell)
{
    struct bl23_w_prefixes w;
    BL23_UNROLL
    for (int d = 0; d < BL23_CELL_G; d++)
        w.prefix[d] = cell->prefix[d];
    return w;
}

BL23_INLINE struct bl23_cell bl23_cell_numbered(struct bl23_cells cells, uint64_t n)
{
    struct bl23_w_prefixes const w = cells.w[n];
    struct bl23_cell cell;
    BL23_UNROLL
    for (int d = 0; d < BL23_CELL_G; d++)
        cell.prefix[d] = w.prefix[d];
    cell.prefix[BL23_CELL_G] = cells.g ? cells.g[n] : BL23_CELL_ALL;
    return cell;
}

/* Those of a model that has a cover. */
BL23_INLINE struct bl23_cells bl23_cells_of_cover(struct bl23_model const *model, uint64_t knot)
{
    struct bl23_cells cells;
    cells.knot = &bl23_model_cover(model)->knot[knot];
    cells.w = bl23_cover_w(model) + cells.knot->first;
    cells.g = bl23_cover_g(model);
    cells.g = cells.g ? cells.g + cells.knot->first : NULL;
    cells.shear = cells.knot->sheared ? bl23_cover_shears(model) + cells.knot->first : NULL;
    return cells;
}

BL23_INLINE struct bl23_cells bl23_cells_of(struct bl23_model const *model, uint64_t knot)
{
    struct bl23_cells const none = {NULL, NULL, NULL, NULL};
    return model->cover_bytes > 0 ? bl23_cells_of_cover(model, knot) : none;
}

/* A word of a sheared cell, counted from the cell's first one, out of a random one; the middle of
 * its strip is `middle`. */
BL23_INLINE uint32_t bl23_strip_word(uint32_t prefix, int extra, int64_t middle, uint32_t word)
{
    int const bits = bl23_prefix_bits(prefix);
    int64_t const size = 2 * (int64_t)bl23_prefix_half(prefix), half = (int64_t)1 << 31;
    int64_t const first = (middle + half - (half >> extra)) >> bits;
    int64_t const at = first + (int64_t)((uint64_t)word >> (bits + extra));
    int64_t const far_end = middle > 0 ? 0 : size - 1;
    return (uint32_t)(at >= 0 && at < size ? at : far_end);
}

/* One of four words by its number, without an address: GPUs keep them in registers. */
BL23_INLINE uint32_t bl23_word_at(uint32_t const x[BL23_SHEAR_WORDS], int d)
{
    uint32_t word = x[0];
    BL23_UNROLL
    for (int i = 1; i < BL23_SHEAR_WORDS; i++)
        word = i == d ? x[i] : word;
    return word;
}

BL23_INLINE void bl23_set_word_at(uint32_t x[BL23_SHEAR_WORDS], int d, uint32_t word)
{
    BL23_UNROLL
    for (int i = 0; i < BL23_SHEAR_WORDS; i++)
        x[i] = i == d ? word : x[i];
}

/* The words a, b, x2 and y of a sheared cell out of random ones. */
BL23_INLINE void bl23_sheared_words(struct bl23_cell const *cell, struct bl23_shear const *shear,
                                    uint32_t x[BL23_SHEAR_WORDS])
{
    int64_t at[BL23_SHEAR_WORDS] = {0, 0, 0, 0};
    BL23_UNROLL
    for (int k = 0; k < BL23_SHEAR_WORDS; k++) {
        int const d = shear->word[k];
        uint32_t const prefix = bl23_word_at(cell->prefix, d);
        int64_t sum = 0;
        BL23_UNROLL
        for (int j = 0; j < k; j++)
            sum += (int64_t)shear->slope[k * (k - 1) / 2 + j] * at[j];
        int64_t const middle = (int64_t)shear->centre[k] * 8 + (sum >> 30);
        uint32_t const word = bl23_strip_word(prefix, shear->extra[k], middle, bl23_word_at(x, d));
        at[k] = ((int64_t)word << bl23_prefix_bits(prefix)) - ((int64_t)1 << 31);
        bl23_set_word_at(x, d, bl23_prefix_low(prefix) + word);
    }
}

/* The words of a sample in its cell, out of random ones: x0..x3 of block 0, x5 of block 1. shear:
 * NULL, or of the cell. */
BL23_INLINE void bl23_cell_words(struct bl23_cell const *cell, struct bl23_shear const *shear,
                                 struct bl23_words block[2])
{
    uint32_t *const x = block[0].x;
    uint32_t const *const prefix = cell->prefix;
    if (shear) {
        bl23_sheared_words(cell, shear, x);
    } else {
        x[0] = bl23_prefix_word(prefix[BL23_CELL_A], x[0]);
        x[1] = bl23_prefix_word(prefix[BL23_CELL_B], x[1]);
        x[2] = bl23_prefix_word(prefix[BL23_CELL_X2], x[2]);
        x[3] = bl23_prefix_word(prefix[BL23_CELL_Y], x[3]);
    }
    x[3] += x[2];
    block[1].x[1] = bl23_prefix_word(prefix[BL23_CELL_G], block[1].x[1]);
}

/* The same of the cell that the sample chooses. */
BL23_INLINE void bl23_words_of_cells(struct bl23_cells cells, struct bl23_words block[2])
{
    uint64_t const bits = (uint64_t)block[1].x[2] << 32 | block[1].x[3];
    uint64_t const n = bl23_cell_of_bits(cells.knot, bits);
    struct bl23_cell const cell = bl23_cell_numbered(cells, n);
    bl23_cell_words(&cell, cells.shear ? &cells.shear[n] : NULL, block);
}

/* ---- what a model makes of random words ---- */

/* The block of Philox, of the number of a tile, that chooses its mass where there is a cover. No
 * sample uses it. */
enum { BL23_TILE_BLOCK = 3 };

/* The mass that random bits choose: the probability is its share of the tiles, but for 2^-64. */
BL23_INLINE uint64_t bl23_knot_of_bits(struct bl23_model const *model, uint64_t bits)
{
    struct bl23_cover_knot const *const k = bl23_model_cover(model)->knot;
    uint64_t const place = bits < UINT64_MAX ? bits : UINT64_MAX - 1; /* the last ends there */
    uint64_t low = 0, high = model->n_knots - 1;
    while (low < high) { /* the first that ends behind the place */
        uint64_t const middle = low + (high - low) / 2;
        if (place < k[middle].until)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

/* The knot of a tile where there is a cover. */
BL23_INLINE uint64_t bl23_knot_by_cover(struct bl23_model const *model, uint64_t tile)
{
    struct bl23_words const words = bl23_sample_words(model->seed, tile, BL23_TILE_BLOCK);
    return bl23_knot_of_bits(model, (uint64_t)words.x[0] << 32 | words.x[1]);
}

/* The knot of a tile: all samples of a tile have the same. Without a cover masses take turns; with
 * one each has as many as its volume asks, whatever the number of samples. */
BL23_INLINE uint64_t bl23_knot_of_tile(struct bl23_model const *model, uint64_t tile)
{
    return model->cover_bytes > 0 ? bl23_knot_by_cover(model, tile) : tile % model->n_knots;
}

/* The words of a sample at its knot, out of the random ones of blocks 0 and 1, where there is a
 * cover. */
BL23_INLINE void bl23_words_by_cover(struct bl23_model const *model, uint64_t knot,
                                     struct bl23_words block[2])
{
    bl23_words_of_cells(bl23_cells_of_cover(model, knot), block);
}

/* A sample of a model. */
struct bl23_sample {
    uint64_t knot;
    struct bl23_words block[2]; /* x0..x3, x4..x7 */
};

BL23_INLINE struct bl23_sample bl23_sample_of(struct bl23_model const *model, uint64_t index)
{
    struct bl23_sample sample;
    sample.knot = bl23_knot_of_tile(model, index >> BL23_TILE_BITS);
    uint64_t const words = bl23_index_of_words(model, index);
    sample.block[0] = bl23_sample_words(model->seed, words, 0);
    sample.block[1] = bl23_sample_words(model->seed, words, 1);
    if (model->cover_bytes > 0)
        bl23_words_by_cover(model, sample.knot, sample.block);
    return sample;
}

#endif
