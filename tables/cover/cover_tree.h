/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* The tree of cells of one mass: what a cover is made, stored and checked as. cover_build.c makes
 * trees, cover_flat.c draws from them, host/ stores them.
 *
 * How it is written. Nodes stand in preorder, each a code of 3 bits: a split by its word (0 to 4,
 * enum bl23_coordinate), or what is known of a leaf. Children come in the order low, high. A cell
 * on the diagonal a = b is halved in a and b at once: code 0, children (low, low), (low, high),
 * (high, high); code 1 is not used there. A tree whose cells are sheared begins with that code. */
#ifndef BL23_TABLES_COVER_TREE_H
#define BL23_TABLES_COVER_TREE_H

#include <stdbool.h>

#include "kernels/sample/cell.h"

enum bl23_leaf {
    BL23_LEAF_DISCARDED = BL23_CELL_WORDS, /* no sample in it survives */
    BL23_LEAF_UNDECIDED,
    BL23_LEAF_INSIDE /* every sample in it survives */
};

/* Owned; bl23_cover_tree_free. */
struct bl23_cover_tree {
    uint8_t *node; /* codes in preorder, one a byte */
    size_t nodes;
    uint64_t strips; /* of a sheared tree that was just made: the volume of its strips, 2^-60 */
};

/* Volumes in units of 2^-60 of the cube. */
struct bl23_cover_volumes {
    uint64_t upper, inside; /* undecided + inside, inside */
    uint64_t cells;         /* leaves that are not discarded */
};

typedef void bl23_leaf_visit(struct bl23_cell const *cell, enum bl23_leaf kind, void *data);

/* The whole cube, which the root stands for. */
struct bl23_cell bl23_cell_root(void);

/* The number of children of a cell that is split on a word: 2, or 3 on the diagonal; 0 where it
 * cannot be split so: a prefix or the volume is at its limit, or code 1 on the diagonal. */
int bl23_cell_children(struct bl23_cell const *cell, int word);

/* The children themselves; returns their number. */
int bl23_cell_split(struct bl23_cell const *cell, int word, struct bl23_cell child[3]);

/* Its volume in units of 2^-60 of the cube. */
uint64_t bl23_cell_volume(struct bl23_cell const *cell);

/* Do its cells have strips? */
bool bl23_cover_tree_is_sheared(struct bl23_cover_tree const *tree);

/* Calls visit for every leaf in preorder. False where the codes are not one whole tree of cells
 * that can be split so; the leaves before the fault have been visited then. */
bool bl23_cover_tree_walk(struct bl23_cover_tree const *tree, bl23_leaf_visit *visit, void *data);

/* False as bl23_cover_tree_walk. All leaves together are 2^60. `upper` of a sheared tree is what
 * its member `strips` says. */
bool bl23_cover_tree_volumes(struct bl23_cover_tree const *tree,
                             struct bl23_cover_volumes *volumes);

/* The bytes of packed codes: 3 bits a node, the lowest bits first, zeros behind the last. */
size_t bl23_cover_tree_packed_bytes(size_t nodes);

/* Into bl23_cover_tree_packed_bytes(tree->nodes) bytes. */
void bl23_cover_tree_pack(struct bl23_cover_tree const *tree, uint8_t *packed);

/* The tree of packed codes. BL23_ERROR_FAILED where they are not one whole tree of cells, or bits
 * behind the last code are set. */
enum bl23_status bl23_cover_tree_unpack(uint8_t const *packed, size_t nodes,
                                        struct bl23_cover_tree *tree, struct bl23_error *error);

void bl23_cover_tree_free(struct bl23_cover_tree *tree);

#endif
