/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* From trees to the flat cover that samples are drawn from (kernels/sample/cell.h).
 * host/ calls it once per survey; cover_build.c draws its pilot samples from one mass. */
#ifndef BL23_TABLES_COVER_FLAT_H
#define BL23_TABLES_COVER_FLAT_H

#include "tables/cover/cover_tree.h"

/* The model with the cover of its trees, one for each mass, behind its knots: *model is allocated
 * anew. Tiles are shared over the masses in proportion to the volumes: a mass has those words
 * below its `until` that are not below that of the mass before it. The last mass that has cells
 * ends at UINT64_MAX, which belongs to it too. Strips are made anew, by the tables of the model.
 * BL23_ERROR_FAILED where no mass has a cell, or a
 * tree is malformed. On any error *model is as it was. */
enum bl23_status bl23_cover_attach(struct bl23_model **model, struct bl23_cover_tree const *trees,
                                   struct bl23_error *error);

/* The cover of one mass alone, owned. */
struct bl23_cover_flat {
    struct bl23_cover_knot knot; /* but for `first` and `until` */
    struct bl23_w_prefixes *w;   /* of the cells, by rising depth */
    uint32_t *g;                 /* NULL: not drawn */
    struct bl23_shear *shear;    /* NULL: not sheared */
};

/* The cells of a tree of a mass that has `cells`. BL23_ERROR_FAILED where the tree is malformed,
 * BL23_ERROR_MEMORY; there is nothing to free then. */
enum bl23_status bl23_cover_flatten(struct bl23_model const *model, uint64_t knot,
                                    struct bl23_cover_tree const *tree, uint64_t cells,
                                    struct bl23_cover_flat *flat);

void bl23_cover_flat_free(struct bl23_cover_flat *flat);

/* As samples see it. */
struct bl23_cells bl23_cover_flat_cells(struct bl23_cover_flat const *flat);

/* The volume in units of 2^-60 of the cube. */
uint64_t bl23_cover_knot_volume(struct bl23_cover_knot const *knot);

/* How many of the samples `first` to `first` + `count` of a seed survive at a mass, drawn from its
 * cells, of which there is one at least. */
uint64_t bl23_cover_survivors(struct bl23_model const *model, uint64_t knot,
                              struct bl23_cells cells, uint64_t seed, uint64_t first,
                              uint64_t count);

#endif
