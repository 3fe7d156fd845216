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
 * from its own words as ever. */
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

/* The cells of a mass, by rising depth. In units of its smallest cell, 2^-depth of the cube, the
 * cells of depth d begin at begin[d]; begin[depth + 1] is the volume, 0 of an empty cover. */
struct bl23_cover_knot {
    uint64_t depth;
    uint64_t first; /* of its cells among those of all masses */
    uint64_t until; /* its tiles, and those of the masses before it, as a part of 2^64; the last end
                       at 2^64 - 1 */
    uint64_t begin[BL23_CELL_CLASSES + 1];
    uint64_t cell[BL23_CELL_CLASSES]; /* the first cell of a depth, counted from `first` */
};

/* The cover of a model, which follows its knots: this header, [n_knots] of struct bl23_cover_knot,
 * [n_cells] of struct bl23_cell, zeros up to a multiple of 8 bytes. */
struct bl23_cover {
    uint64_t n_cells;
    struct bl23_cover_knot knot[];
};

static inline size_t bl23_cover_bytes(uint64_t n_knots, uint64_t n_cells)
{
    size_t const cells = (size_t)n_cells * sizeof(struct bl23_cell);
    return sizeof(struct bl23_cover) + (size_t)n_knots * sizeof(struct bl23_cover_knot) +
           (cells + 7) / 8 * 8;
}

/* The cover of a model that has one: cover_bytes > 0. */
BL23_INLINE struct bl23_cover const *bl23_model_cover(struct bl23_model const *model)
{
    return (struct bl23_cover const *)&model->knot[model->n_knots];
}

BL23_INLINE struct bl23_cell const *bl23_cover_cells(struct bl23_model const *model)
{
    return (struct bl23_cell const *)&bl23_model_cover(model)->knot[model->n_knots];
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
    return k->cell[depth] + ((place - k->begin[depth]) >> (k->depth - depth));
}

/* The cover as the samples of one mass see it; knot is NULL where there is none. */
struct bl23_cells {
    struct bl23_cover_knot const *knot;
    struct bl23_cell const *cell; /* its first */
};

BL23_INLINE struct bl23_cells bl23_cells_of(struct bl23_model const *model, uint64_t knot)
{
    struct bl23_cells cells = {NULL, NULL};
    if (model->cover_bytes == 0)
        return cells;
    cells.knot = &bl23_model_cover(model)->knot[knot];
    cells.cell = bl23_cover_cells(model) + cells.knot->first;
    return cells;
}

/* The cell that the words x6 and x7 of a sample choose. */
BL23_INLINE struct bl23_cell const *bl23_cell_of_words(struct bl23_cells cells, uint32_t x6,
                                                       uint32_t x7)
{
    return &cells.cell[bl23_cell_of_bits(cells.knot, (uint64_t)x6 << 32 | x7)];
}

/* The words of a sample in its cell, out of random ones: x0..x3 of block 0, x5 of block 1. */
BL23_INLINE void bl23_cell_words(struct bl23_cell const *cell, struct bl23_words block[2])
{
    uint32_t *const x = block[0].x;
    uint32_t const *const prefix = cell->prefix;
    x[0] = bl23_prefix_word(prefix[BL23_CELL_A], x[0]);
    x[1] = bl23_prefix_word(prefix[BL23_CELL_B], x[1]);
    x[2] = bl23_prefix_word(prefix[BL23_CELL_X2], x[2]);
    x[3] = x[2] + bl23_prefix_word(prefix[BL23_CELL_Y], x[3]);
    block[1].x[1] = bl23_prefix_word(prefix[BL23_CELL_G], block[1].x[1]);
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
    struct bl23_cover_knot const *const k = &bl23_model_cover(model)->knot[knot];
    struct bl23_cells const cells = {k, bl23_cover_cells(model) + k->first};
    bl23_cell_words(bl23_cell_of_words(cells, block[1].x[2], block[1].x[3]), block);
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
    sample.block[0] = bl23_sample_words(model->seed, index, 0);
    sample.block[1] = bl23_sample_words(model->seed, index, 1);
    if (model->cover_bytes > 0)
        bl23_words_by_cover(model, sample.knot, sample.block);
    return sample;
}

#endif
