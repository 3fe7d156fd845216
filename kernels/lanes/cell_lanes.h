/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* bl23_cell_words on rows of words: where a model has a cover, the words of many samples of a tile.
 * The screen and the batches of the CPU include it, in files that are compiled once per instruction
 * set. */
#ifndef BL23_KERNELS_CELL_LANES_H
#define BL23_KERNELS_CELL_LANES_H

#include "kernels/lanes/philox_lanes.h"

/* Samples whose cells are fetched together. */
enum { BL23_CELLS_AT_ONCE = 128 };

/* The cells of samples, by their numbers, which are on their way from memory. */
struct bl23_cells_found {
    unsigned count;
    uint64_t cell[BL23_CELLS_AT_ONCE];
};

/* The place of `count` samples among the cells, out of their words x6 and x7, and the class of
 * depth that it lies in. */
BL23_INLINE void bl23_places_in_cells(struct bl23_cover_knot const *knot, unsigned count,
                                      uint32_t const *x6, uint32_t const *x7,
                                      uint64_t place[BL23_CELLS_AT_ONCE],
                                      uint64_t depth[BL23_CELLS_AT_ONCE])
{
    uint64_t const volume = knot->begin[knot->depth + 1];
    uint64_t first = 0; /* all are behind these */
    while (first < knot->depth && knot->begin[first + 1] == 0)
        first++;
    for (unsigned k = 0; k < count; k++) {
        place[k] = bl23_high_product((uint64_t)x6[k] << 32 | x7[k], volume);
        depth[k] = first;
    }
    for (uint64_t d = first + 1; d <= knot->depth; d++)
        for (unsigned k = 0; k < count; k++)
            depth[k] += place[k] >= knot->begin[d];
}

/* The cells that the words x6 and x7 of the samples [at, total) choose, as many as are found at
 * once. */
BL23_INLINE void bl23_cells_find(struct bl23_cells cells, unsigned at, unsigned total,
                                 uint32_t const *x6, uint32_t const *x7,
                                 struct bl23_cells_found *found)
{
    uint64_t place[BL23_CELLS_AT_ONCE], depth[BL23_CELLS_AT_ONCE];
    found->count = total - at < BL23_CELLS_AT_ONCE ? total - at : BL23_CELLS_AT_ONCE;
    bl23_places_in_cells(cells.knot, found->count, x6 + at, x7 + at, place, depth);
    for (unsigned k = 0; k < found->count; k++) {
        found->cell[k] = bl23_cell_at(cells.knot, place[k], depth[k]);
        __builtin_prefetch(&cells.w[found->cell[k]]);
    }
}

/* bl23_words_in_cells where the cells are sheared. */
BL23_STAGE void bl23_words_in_sheared_cells(struct bl23_cells cells, unsigned count,
                                            uint32_t *const x[4], uint32_t *const more[4])
{
    for (unsigned k = 0; k < count; k++) {
        struct bl23_words block[2] = {
            {{x[0][k], x[1][k], x[2][k], x[3][k]}},
            {{more[0][k], more[1][k], more[2][k], more[3][k]}},
        };
        bl23_words_of_cells(cells, block);
        for (int d = 0; d < 4; d++)
            x[d][k] = block[0].x[d];
        more[1][k] = block[1].x[1];
    }
}

/* Random words of both blocks, in rows, become those of the samples; no cells: they stay. */
BL23_STAGE void bl23_words_in_cells(struct bl23_cells cells, unsigned count, uint32_t *const x[4],
                                    uint32_t *const more[4])
{
    struct bl23_cells_found found[2];
    struct bl23_w_prefixes w[BL23_CELLS_AT_ONCE];
    if (cells.shear) {
        bl23_words_in_sheared_cells(cells, count, x, more);
        return;
    }
    if (cells.knot)
        bl23_cells_find(cells, 0, count, more[2], more[3], &found[0]);
    for (unsigned at = 0, n, turn = 0; cells.knot && at < count; at += n, turn ^= 1) {
        n = found[turn].count;
        bl23_cells_find(cells, at + n, count, more[2], more[3], &found[turn ^ 1]);
        uint32_t *const a = x[0] + at, *const b = x[1] + at, *const x2 = x[2] + at;
        uint32_t *const x3 = x[3] + at, *const g = more[1] + at;
        for (unsigned k = 0; k < n; k++) /* so that the next loop has no gaps */
            w[k] = cells.w[found[turn].cell[k]];
        for (unsigned k = 0; k < n; k++) {
            a[k] = bl23_prefix_word(w[k].prefix[BL23_CELL_A], a[k]);
            b[k] = bl23_prefix_word(w[k].prefix[BL23_CELL_B], b[k]);
            x2[k] = bl23_prefix_word(w[k].prefix[BL23_CELL_X2], x2[k]);
            x3[k] = x2[k] + bl23_prefix_word(w[k].prefix[BL23_CELL_Y], x3[k]);
        }
        for (unsigned k = 0; cells.g && k < n; k++)
            g[k] = bl23_prefix_word(cells.g[found[turn].cell[k]], g[k]);
    }
}

/* The same of x5 alone. */
BL23_STAGE void bl23_g_words_in_cells(struct bl23_cells cells, unsigned count,
                                      uint32_t *const more[4])
{
    for (unsigned k = 0; cells.g && k < count; k++) {
        uint64_t const bits = (uint64_t)more[2][k] << 32 | more[3][k];
        more[1][k] = bl23_prefix_word(cells.g[bl23_cell_of_bits(cells.knot, bits)], more[1][k]);
    }
}

#endif
