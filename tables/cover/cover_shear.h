/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* The strips of a cell (kernels/sample/cell.h: sheared cells): where upper limits leave a thin
 * tilted layer of a cell, the words that the layer bounds to first order. cover_build.c and
 * cover_flat.c call it; cover_strips.c proves what it finds.
 *
 * How it works. To first order a row is linear in the four words of a cell: R_ij is replaced by its
 * tangent plane, from which it deviates in one direction only, most at a corner, and the wave by
 * its value and slope at the centre. All else, the products too, goes into a rest that bounds the
 * deviation. A quantity with an upper limit keeps its rows in a ball of known radius. The rows of
 * several such quantities, each divided by its radius and rest, make a linear map. Its value times
 * the column a_d of a word is at most R, the sum of the norms of the column's parts by quantity,
 * and bounds the word: u_d = centre - sum_j (a_d.a_j/a_d^2) u_j within R/a_d^2. The largest column
 * goes first, so that slopes are at most 1, and is projected out of the others. Strips bound the
 * words, and bounds of the words give a smaller box with smaller rests: a few rounds, after which
 * the box may be empty. Of all sets of quantities that one is taken whose strips have the least
 * volume. */
#ifndef BL23_TABLES_COVER_SHEAR_H
#define BL23_TABLES_COVER_SHEAR_H

#include "tables/cover/cover_bounds.h"

/* What is known of a sheared cell. */
struct bl23_cover_sheared {
    struct bl23_cover_judgement judgement; /* discarded also where the strips leave nothing */
    struct bl23_shear shear;
    unsigned quantities; /* bits of those of the problem that make the strips */
    int extra;           /* all extra bits: the strips have 2^-extra of the cell's volume */
    double part;         /* of the volume, before widths become powers of two */
};

/* A function of its arguments alone, the same on every machine. A cell that is inside or discarded,
 * or on the diagonal, has no strips. */
void bl23_cover_shear(struct bl23_cover_problem const *problem, struct bl23_cell const *cell,
                      struct bl23_cover_sheared *sheared);

#endif
