/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* Makes the cover of a mass: splits the cube into cells, discards those in which nothing survives,
 * and goes on with the most promising one until an aim is reached. host/ calls it once per mass,
 * for several masses at a time. */
#ifndef BL23_TABLES_COVER_BUILD_H
#define BL23_TABLES_COVER_BUILD_H

#include "tables/cover/cover_tree.h"

enum { BL23_COVER_CELLS_MAX = 1000000 }; /* of a mass */

/* When to stop: at so many cells that are not discarded, or one more (0: BL23_COVER_CELLS_MAX), or
 * before that where so large a part of the samples of the cover survives (0: never), as far as a
 * pilot of 4096 samples tells. */
struct bl23_cover_aim {
    uint64_t cells;
    double accept;
};

/* The tree of a mass: a function of its arguments alone, the same on every machine. The caller
 * frees it. BL23_ERROR_MEMORY. */
enum bl23_status bl23_cover_build(struct bl23_model const *model, uint64_t knot,
                                  struct bl23_cover_aim aim, struct bl23_cover_tree *tree,
                                  struct bl23_error *error);

#endif
