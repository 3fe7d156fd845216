/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* bl23_cell_words on rows of words: where a model has a cover, the words of many samples of a tile.
 * The screen and the batches of the CPU include it, in files that are compiled once per instruction
 * set. */
#ifndef BL23_KERNELS_CELL_LANES_H
#define BL23_KERNELS_CELL_LANES_H

#include "kernels/lanes/philox_lanes.h"

/* Samples whose prefixes are fetched before a loop without gaps uses them. */
enum { BL23_CELLS_AT_ONCE = 256 };

/* Of the cells of samples, the prefixes of a, b, x2 and y, and that of g where it has one. */
struct bl23_prefixes {
    uint32_t of_w[BL23_CELLS_AT_ONCE][BL23_CELL_G], of_g[BL23_CELLS_AT_ONCE];
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

/* The prefixes of the cells that the words x6 and x7 of `count` samples choose. */
BL23_INLINE void bl23_prefixes_fetch(struct bl23_cells cells, unsigned count, uint32_t const *x6,
                                     uint32_t const *x7, struct bl23_prefixes *prefix)
{
    uint64_t place[BL23_CELLS_AT_ONCE], depth[BL23_CELLS_AT_ONCE];
    bl23_places_in_cells(cells.knot, count, x6, x7, place, depth);
    for (unsigned k = 0; k < count; k++) {
        struct bl23_cell const *const cell =
            &cells.cell[bl23_cell_at(cells.knot, place[k], depth[k])];
        memcpy(prefix->of_w[k], cell->prefix, sizeof prefix->of_w[k]); /* at once */
        prefix->of_g[k] = cell->prefix[BL23_CELL_G];
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
    struct bl23_prefixes prefix;
    if (cells.shear) {
        bl23_words_in_sheared_cells(cells, count, x, more);
        return;
    }
    for (unsigned at = 0, n; cells.knot && at < count; at += n) {
        n = count - at < BL23_CELLS_AT_ONCE ? count - at : BL23_CELLS_AT_ONCE;
        uint32_t *const a = x[0] + at, *const b = x[1] + at, *const x2 = x[2] + at;
        uint32_t *const x3 = x[3] + at, *const g = more[1] + at;
        bl23_prefixes_fetch(cells, n, more[2] + at, more[3] + at, &prefix);
        for (unsigned k = 0; k < n; k++) {
            a[k] = bl23_prefix_word(prefix.of_w[k][BL23_CELL_A], a[k]);
            b[k] = bl23_prefix_word(prefix.of_w[k][BL23_CELL_B], b[k]);
            x2[k] = bl23_prefix_word(prefix.of_w[k][BL23_CELL_X2], x2[k]);
            x3[k] = x2[k] + bl23_prefix_word(prefix.of_w[k][BL23_CELL_Y], x3[k]);
        }
        for (unsigned k = 0; k < n; k++)
            g[k] = bl23_prefix_word(prefix.of_g[k], g[k]);
    }
}

/* The same of x5 alone. */
BL23_STAGE void bl23_g_words_in_cells(struct bl23_cells cells, unsigned count,
                                      uint32_t *const more[4])
{
    for (unsigned k = 0; cells.knot && k < count; k++) {
        struct bl23_cell const *const cell = bl23_cell_of_words(cells, more[2][k], more[3][k]);
        more[1][k] = bl23_prefix_word(cell->prefix[BL23_CELL_G], more[1][k]);
    }
}

#endif
