/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "tables/cover/cover_flat.h"

#include <stdlib.h>
#include <string.h>

#include "kernels/sample/draw.h"
#include "kernels/sample/error.h"
#include "kernels/sample/verdict.h"

/* Counts of cells by depth, then places of the next cell of each depth. */
struct sorting {
    uint64_t at[BL23_CELL_CLASSES];
    struct bl23_cell *cell;
};

static void count_cell(struct bl23_cell const *cell, enum bl23_leaf kind, void *data)
{
    struct sorting *const s = data;
    if (kind != BL23_LEAF_DISCARDED)
        s->at[bl23_cell_depth(cell)]++;
}

static void place_cell(struct bl23_cell const *cell, enum bl23_leaf kind, void *data)
{
    struct sorting *const s = data;
    if (kind != BL23_LEAF_DISCARDED)
        s->cell[s->at[bl23_cell_depth(cell)]++] = *cell;
}

bool bl23_cover_flatten(struct bl23_cover_tree const *tree, struct bl23_cover_knot *knot,
                        struct bl23_cell *cell)
{
    struct sorting s = {{0}, cell};
    if (!bl23_cover_tree_walk(tree, count_cell, &s))
        return false;
    memset(knot, 0, sizeof *knot);
    for (uint64_t d = 0; d < BL23_CELL_CLASSES; d++)
        knot->depth = s.at[d] > 0 ? d : knot->depth;
    uint64_t cells = 0;
    for (uint64_t d = 0; d < BL23_CELL_CLASSES; d++) {
        uint64_t const count = s.at[d];
        knot->cell[d] = s.at[d] = cells;
        cells += count;
        if (d <= knot->depth)
            knot->begin[d + 1] = knot->begin[d] + (count << (knot->depth - d));
    }
    return bl23_cover_tree_walk(tree, place_cell, &s);
}

/* A sum of volumes in units of 2^-60, and 2^64 times its part of the total, rounded down. */
struct wide {
    uint64_t high, low;
};

static void add_wide(struct wide *sum, uint64_t x)
{
    sum->low += x;
    sum->high += sum->low < x;
}

static uint64_t part_of(struct wide sum, struct wide total)
{
    uint64_t part = 0;
    for (int bit = 0; bit < 64; bit++) { /* of sum < total: long division */
        sum.high = sum.high << 1 | sum.low >> 63;
        sum.low <<= 1;
        int const above = sum.high > total.high || (sum.high == total.high && sum.low >= total.low);
        part = part << 1 | (above ? 1u : 0u);
        if (above) {
            sum.high -= total.high + (sum.low < total.low);
            sum.low -= total.low;
        }
    }
    return part;
}

static void share_tiles(struct bl23_cover *cover, uint64_t n_knots)
{
    struct wide total = {0, 0}, sum = {0, 0};
    for (int pass = 0; pass < 2; pass++)
        for (uint64_t k = 0; k < n_knots; k++) {
            struct bl23_cover_knot *const knot = &cover->knot[k];
            uint64_t const units = knot->begin[knot->depth + 1]
                                   << (BL23_CELL_DEPTH_MAX - knot->depth);
            add_wide(pass == 0 ? &total : &sum, units);
            if (pass == 1) {
                int const all = sum.high == total.high && sum.low == total.low;
                knot->until = all ? UINT64_MAX : part_of(sum, total);
            }
        }
}

enum bl23_status bl23_cover_attach(struct bl23_model **model, struct bl23_cover_tree const *trees,
                                   struct bl23_error *error)
{
    uint64_t const n_knots = (*model)->n_knots;
    uint64_t cells = 0;
    for (uint64_t k = 0; k < n_knots; k++) {
        struct bl23_cover_volumes volumes;
        if (!bl23_cover_tree_volumes(&trees[k], &volumes))
            return bl23_fail(error, BL23_ERROR_FAILED, "the cover of mass %g GeV is damaged",
                             (*model)->knot[k].mass_gev);
        cells += volumes.cells;
    }
    if (cells == 0)
        return bl23_fail(error, BL23_ERROR_FAILED,
                         "the cover is empty: no row w and no g meets all constraints, so that "
                         "there is nothing to draw from");
    size_t const before = bl23_model_bytes(n_knots), bytes = bl23_cover_bytes(n_knots, cells);
    struct bl23_model *const grown = realloc(*model, before + bytes);
    if (!grown)
        return bl23_fail(error, BL23_ERROR_MEMORY, "out of memory for a cover of %zu cells",
                         (size_t)cells);
    *model = grown;
    memset((char *)grown + before, 0, bytes);
    grown->cover_bytes = bytes;
    struct bl23_cover *const cover = (struct bl23_cover *)&grown->knot[n_knots];
    struct bl23_cell *cell = (struct bl23_cell *)&cover->knot[n_knots];
    cover->n_cells = cells;
    uint64_t first = 0;
    for (uint64_t k = 0; k < n_knots; k++) {
        struct bl23_cover_knot *const knot = &cover->knot[k];
        bl23_cover_flatten(&trees[k], knot, cell + first);
        knot->first = first;
        for (uint64_t d = 0; d <= knot->depth; d++)
            first += (knot->begin[d + 1] - knot->begin[d]) >> (knot->depth - d);
    }
    share_tiles(cover, n_knots);
    return BL23_OK;
}

uint64_t bl23_cover_survivors(struct bl23_model const *model, uint64_t knot,
                              struct bl23_cells cells, uint64_t seed, uint64_t first,
                              uint64_t count)
{
    struct bl23_knot const *const k = &model->knot[knot];
    unsigned const limited = bl23_limited_at(k, model->level);
    uint64_t survivors = 0;
    for (uint64_t i = first; i < first + count; i++) {
        struct bl23_words block[2] = {bl23_sample_words(seed, i, 0), bl23_sample_words(seed, i, 1)};
        double m[BL23_MONOMIALS], s[BL23_QUANTITIES];
        bl23_cell_words(bl23_cell_of_words(cells, block[1].x[2], block[1].x[3]), block);
        bl23_draw_monomials(block[0], m);
        bl23_quantities_of_row(k, limited, m, s);
        survivors += bl23_judge_limited(k, (int)model->level, model->g_mode == BL23_G_SOLVE,
                                        limited, s, bl23_draw_g(model, block[1].x[1]))
                         .survives != 0;
    }
    return survivors;
}
