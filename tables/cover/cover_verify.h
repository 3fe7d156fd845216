/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* The check of a cover from scratch, independent of the search that made it: the tree of a mass is
 * decoded here a second time, its leaves must tile the cube of words exactly, and what it says of
 * each leaf is proven again in interval arithmetic (docs/cover.md: the argument).
 * `bl23 cover --verify` calls it. */
#ifndef BL23_TABLES_COVER_VERIFY_H
#define BL23_TABLES_COVER_VERIFY_H

#include <stdbool.h>

#include "tables/cover/cover_enclosure.h"

/* The limits at a knot that a cover is checked against. */
struct bl23_cover_limits {
    struct bl23_model const *model;
    struct bl23_knot const *knot;
    unsigned limited; /* bits of the quantities */
    struct bl23_cover_arcs arcs;
};

struct bl23_cover_limits bl23_cover_limits_of(struct bl23_model const *model, uint64_t knot);

/* Is it proven that no sample of the closed cell survives, and that all do? */
bool bl23_cover_none_survives(struct bl23_cover_limits *limits, struct bl23_cell const *cell);
bool bl23_cover_all_survive(struct bl23_cover_limits *limits, struct bl23_cell const *cell);

/* The same of the samples of a box, off the diagonal or all of a cell. */
bool bl23_cover_none_survives_in(struct bl23_cover_limits *limits,
                                 struct bl23_cover_box const *box);

/* No sample of the box survives with a smaller g^2. */
double bl23_cover_least_g2(struct bl23_cover_limits *limits, struct bl23_cover_box const *box);

/* What a tree that was checked is worth: numbers of leaves, and volumes in units of 2^-60 of the
 * cube. `upper` is what is undecided or inside, of sheared cells the strips. */
struct bl23_cover_proof {
    uint64_t discarded, undecided, inside;
    uint64_t upper_volume, inside_volume;
};

/* Check the tree of a mass, [nodes] codes in preorder as in kernels/sample/cell.h. The model draws
 * w, and is without a cover or with any. BL23_ERROR_FAILED names the first leaf that does not hold,
 * or says what is wrong with the tree; *proof is then what was found so far. */
enum bl23_status bl23_cover_verify(struct bl23_model const *model, uint64_t knot,
                                   uint8_t const *node, size_t nodes,
                                   struct bl23_cover_proof *proof, struct bl23_error *error);

#endif
