/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* Histogram bins of survivors without their columns: of |w|^2 and phases from the random words, of
 * g by the leading bits of the number.
 * cpu_backend.c builds the plan, cpu_survivors.h uses it.
 * It must not guess: where rounding could decide, bins.h is asked for the bin of the record. */
#ifndef BL23_KERNELS_CPU_BINS_H
#define BL23_KERNELS_CPU_BINS_H

#include "kernels/results/bins.h"

/* A cell is exponent and six bits of the fraction of g. */
enum { BL23_CELL_SHIFT = 46, BL23_CELLS = 1 << (63 - BL23_CELL_SHIFT) };

/* No 2-D histogram has an axis. */
enum { BL23_NO_MARGINAL = -1 };

/* The words of g in parts of equal size, so small that few have more than one edge. */
enum { BL23_X5_PART_BITS = 9, BL23_X5_PART_SHIFT = 32 - BL23_X5_PART_BITS };

/* The edges of rising bins. */
struct bl23_bin_cells {
    int decide;                /* no cell has more than one edge inside */
    uint8_t below[BL23_CELLS]; /* edges not above the least number of a cell */
};

struct bl23_bin_plan {
    int marginal_of[BL23_HISTOGRAM_AXES]; /* a 2-D histogram with this axis, which counts for it */
    int words_decide; /* the edges of the axes before that of g are equal bins of words */
    int32_t bins[BL23_HISTOGRAM_AXES];
    struct bl23_bin_cells of_g, of_g2; /* of g, and of squares of the edges */
    double edge_g2[BL23_BINS_MAX + 2]; /* infinity after the last */
    /* g drawn: the words from which on g is not below an edge (2^32: none), above the last one; and
     * how many of them are not above the least word of a part */
    uint64_t edge_x5[BL23_BINS_MAX + 2];
    uint8_t below_x5[1 << BL23_X5_PART_BITS];
};

void bl23_bin_plan_build(struct bl23_model const *model, struct bl23_reduction const *reduction,
                         struct bl23_bin_plan *plan);

/* The 1-D histograms that were left to their 2-D ones: exact, as these have all bins. *results must
 * hold nothing that was counted otherwise. */
void bl23_bin_plan_finish(struct bl23_reduction const *reduction, struct bl23_bin_plan const *plan,
                          struct bl23_results *results);

/* Edges not above the least number of the cell of x >= 0: one more may not be above x. */
BL23_INLINE int32_t bl23_edges_below(struct bl23_bin_cells const *cells, double x)
{
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    return cells->below[bits >> BL23_CELL_SHIFT & (BL23_CELLS - 1)];
}

BL23_INLINE int32_t bl23_bin_of_g(struct bl23_bin_plan const *plan,
                                  double const edge[BL23_BINS_MAX + 1], double g)
{
    int32_t const bins = plan->bins[BL23_AXIS_G], below = bl23_edges_below(&plan->of_g, g);
    int32_t const next = below < bins ? below : bins;
    return below + (below <= bins && g >= edge[next]) - (g == edge[bins]);
}

/* The bin of g by g^2, up to rounding; edge_g2 of the bin is where it ends. */
BL23_INLINE int32_t bl23_bin_of_g2(struct bl23_bin_plan const *plan, double g2)
{
    int32_t const below = bl23_edges_below(&plan->of_g2, g2);
    return below + (g2 >= plan->edge_g2[below]);
}

/* The bin of the g that is drawn by a word. */
BL23_INLINE int32_t bl23_bin_of_x5(struct bl23_bin_plan const *plan, uint32_t x5)
{
    int32_t bin = plan->below_x5[x5 >> BL23_X5_PART_SHIFT];
    bin += x5 >= plan->edge_x5[bin]; /* no branch: it would be a guess */
    while (x5 >= plan->edge_x5[bin])
        bin++;
    return bin;
}

#endif
