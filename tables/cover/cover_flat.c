/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "tables/cover/cover_flat.h"

#include <stdlib.h>
#include <string.h>

#include "kernels/sample/draw.h"
#include "kernels/sample/error.h"
#include "kernels/sample/verdict.h"
#include "tables/cover/cover_shear.h"

/* The leaves that are left in the order of the tree, their depths with those of their strips, and
 * how many have each. */
struct listing {
    struct bl23_cover_problem *problem; /* NULL: not sheared */
    uint64_t cells, room, count[BL23_CELL_CLASSES];
    struct leaf {
        struct bl23_cell cell;
        int depth;
    } * leaf;
    struct bl23_shear *shear;
};

static void list_leaf(struct bl23_cell const *cell, enum bl23_leaf kind, void *data)
{
    struct listing *const l = data;
    if (kind == BL23_LEAF_DISCARDED || l->cells++ >= l->room)
        return;
    struct leaf *const leaf = &l->leaf[l->cells - 1];
    *leaf = (struct leaf){*cell, bl23_cell_depth(cell)};
    if (l->problem) {
        struct bl23_cover_sheared sheared;
        bl23_cover_shear(l->problem, cell, &sheared);
        l->shear[l->cells - 1] = sheared.shear;
        leaf->depth += sheared.extra;
    }
    l->count[leaf->depth]++;
}

/* The leaves by rising depth, and the knot. */
static void sort_leaves(struct listing const *l, struct bl23_cover_flat *flat)
{
    struct bl23_cover_knot knot = {.sheared = l->problem != NULL};
    uint64_t at[BL23_CELL_CLASSES], cells = 0;
    for (uint32_t d = 0; d < BL23_CELL_CLASSES; d++)
        knot.depth = l->count[d] > 0 ? d : knot.depth;
    for (uint32_t d = 0; d < BL23_CELL_CLASSES; d++) {
        knot.cell[d] = at[d] = cells;
        cells += l->count[d];
        if (d <= knot.depth)
            knot.begin[d + 1] = knot.begin[d] + (l->count[d] << (knot.depth - d));
    }
    for (uint64_t n = 0; n < cells; n++) {
        uint64_t const to = at[l->leaf[n].depth]++;
        flat->w[to] = bl23_w_prefixes_of(&l->leaf[n].cell);
        if (flat->g)
            flat->g[to] = l->leaf[n].cell.prefix[BL23_CELL_G];
        if (l->problem)
            flat->shear[to] = l->shear[n];
    }
    flat->knot = knot;
}

enum bl23_status bl23_cover_flatten(struct bl23_model const *model, uint64_t knot,
                                    struct bl23_cover_tree const *tree, uint64_t cells,
                                    struct bl23_cover_flat *flat)
{
    bool const sheared = bl23_cover_tree_is_sheared(tree);
    bool const has_g = model->g_mode == BL23_G_LOG_UNIFORM;
    size_t const n = (size_t)cells + 1;
    struct listing l = {.room = cells, .leaf = malloc(n * sizeof *l.leaf)};
    enum bl23_status status = BL23_ERROR_MEMORY;
    *flat = (struct bl23_cover_flat){.w = malloc(n * sizeof *flat->w),
                                     .g = has_g ? malloc(n * sizeof *flat->g) : NULL};
    if (sheared) {
        l.problem = malloc(sizeof *l.problem);
        l.shear = malloc(n * sizeof *l.shear);
        flat->shear = malloc(n * sizeof *flat->shear);
    }
    if (l.leaf && flat->w && (!has_g || flat->g) &&
        (!sheared || (l.problem && l.shear && flat->shear))) {
        if (sheared)
            bl23_cover_problem_build(model, knot, l.problem);
        bool const whole = bl23_cover_tree_walk(tree, list_leaf, &l);
        status = whole && l.cells == cells ? BL23_OK : BL23_ERROR_FAILED;
        if (status == BL23_OK)
            sort_leaves(&l, flat);
    }
    free(l.problem);
    free(l.shear);
    free(l.leaf);
    if (status != BL23_OK)
        bl23_cover_flat_free(flat);
    return status;
}

void bl23_cover_flat_free(struct bl23_cover_flat *flat)
{
    free(flat->w);
    free(flat->g);
    free(flat->shear);
    flat->w = NULL;
    flat->g = NULL;
    flat->shear = NULL;
}

struct bl23_cells bl23_cover_flat_cells(struct bl23_cover_flat const *flat)
{
    return (struct bl23_cells){&flat->knot, flat->w, flat->g, flat->shear};
}

uint64_t bl23_cover_knot_volume(struct bl23_cover_knot const *knot)
{
    uint64_t const *const begin = knot->begin;
    return begin[knot->depth + 1] << (BL23_CELL_DEPTH_MAX - knot->depth);
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
            add_wide(pass == 0 ? &total : &sum, bl23_cover_knot_volume(knot));
            if (pass == 1) {
                int const all = sum.high == total.high && sum.low == total.low;
                knot->until = all ? UINT64_MAX : part_of(sum, total);
            }
        }
}

/* The covers of all masses behind the knots of a model that has room for them. */
static enum bl23_status fill_cover(struct bl23_model *model, struct bl23_cover_tree const *trees,
                                   struct bl23_error *error)
{
    struct bl23_cover *const cover = (struct bl23_cover *)bl23_model_cover(model);
    struct bl23_w_prefixes *const w = (struct bl23_w_prefixes *)bl23_cover_w(model);
    uint32_t *const g = (uint32_t *)bl23_cover_g(model);
    struct bl23_shear *const shear = (struct bl23_shear *)bl23_cover_shears(model);
    uint64_t first = 0;
    for (uint64_t k = 0; k < model->n_knots; k++) {
        struct bl23_cover_volumes v;
        struct bl23_cover_flat flat;
        bl23_cover_tree_volumes(&trees[k], &v);
        if (bl23_cover_flatten(model, k, &trees[k], v.cells, &flat) != BL23_OK)
            return bl23_fail(error, BL23_ERROR_MEMORY, "out of memory for a cover of %zu cells",
                             (size_t)cover->n_cells);
        cover->knot[k] = flat.knot;
        cover->knot[k].first = first;
        memcpy(w + first, flat.w, (size_t)v.cells * sizeof *w);
        if (g)
            memcpy(g + first, flat.g, (size_t)v.cells * sizeof *g);
        if (flat.shear)
            memcpy(shear + first, flat.shear, (size_t)v.cells * sizeof *shear);
        first += v.cells;
        bl23_cover_flat_free(&flat);
    }
    share_tiles(cover, model->n_knots);
    return BL23_OK;
}

enum bl23_status bl23_cover_attach(struct bl23_model **model, struct bl23_cover_tree const *trees,
                                   struct bl23_error *error)
{
    uint64_t const n_knots = (*model)->n_knots;
    uint64_t cells = 0;
    bool sheared = false;
    for (uint64_t k = 0; k < n_knots; k++) {
        struct bl23_cover_volumes volumes;
        if (!bl23_cover_tree_volumes(&trees[k], &volumes))
            return bl23_fail(error, BL23_ERROR_FAILED, "the cover of mass %g GeV is damaged",
                             (*model)->knot[k].mass_gev);
        cells += volumes.cells;
        sheared = sheared || bl23_cover_tree_is_sheared(&trees[k]);
    }
    if (cells == 0)
        return bl23_fail(error, BL23_ERROR_FAILED,
                         "the cover is empty: no row w and no g meets all constraints, so that "
                         "there is nothing to draw from");
    size_t const before = bl23_ranked_bytes(n_knots, (*model)->groups);
    size_t const bytes =
        bl23_cover_bytes(*model, cells) + (sheared ? (size_t)cells * sizeof(struct bl23_shear) : 0);
    struct bl23_model *const grown = realloc(*model, before + bytes);
    if (!grown)
        return bl23_fail(error, BL23_ERROR_MEMORY, "out of memory for a cover of %zu cells",
                         (size_t)cells);
    *model = grown;
    memset((char *)grown + before, 0, bytes);
    struct bl23_cover *const cover = (struct bl23_cover *)bl23_model_cover(grown);
    cover->n_cells = cells;
    enum bl23_status const status = fill_cover(grown, trees, error);
    grown->cover_bytes = status == BL23_OK ? bytes : 0;
    return status;
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
        bl23_words_of_cells(cells, block);
        bl23_draw_monomials(block[0], m);
        bl23_quantities_of_row(k, limited, m, s);
        survivors += bl23_judge_limited(k, (int)model->level, model->g_mode == BL23_G_SOLVE,
                                        limited, s, bl23_draw_g(model, block[1].x[1]))
                         .survives != 0;
    }
    return survivors;
}
