/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* Histogram bins of survivors without their columns: of |w|^2 and phases from the random words, of
 * g by the leading bits of the number.
 * cpu_backend.c builds the plan, cpu_survivors.h uses it.
 * It must not guess: where rounding could decide, bins.h is asked for the bin of the record. */
#ifndef BL23_KERNELS_CPU_BINS_H
#define BL23_KERNELS_CPU_BINS_H

#include "kernels/results/bins.h"

enum {
    BL23_CELL_SHIFT = 50, /* sign, exponent and two bits of the fraction: a cell */
    BL23_CELLS = 1 << (64 - 1 - BL23_CELL_SHIFT)
};

/* No 2-D histogram has an axis. */
enum { BL23_NO_MARGINAL = -1 };

struct bl23_bin_plan {
    int marginal_of[BL23_HISTOGRAM_AXES]; /* a 2-D histogram with this axis, which counts for it */
    int words_decide;          /* the edges of the first five axes are 64 equal bins of the words */
    int cells_decide;          /* no cell has more than one edge of g inside */
    uint8_t below[BL23_CELLS]; /* edges of g not above the least number of a cell */
};

void bl23_bin_plan_build(struct bl23_reduction const *reduction, struct bl23_bin_plan *plan);

/* The 1-D histograms that were left to their 2-D ones: exact, as these have all bins. *results must
 * hold nothing that was counted otherwise. */
void bl23_bin_plan_finish(struct bl23_reduction const *reduction, struct bl23_bin_plan const *plan,
                          struct bl23_results *results);

/* The bin of g >= 0. */
BL23_INLINE int32_t bl23_bin_of_g(struct bl23_bin_plan const *plan,
                                  double const edge[BL23_BINS + 1], double g)
{
    uint64_t bits;
    memcpy(&bits, &g, sizeof bits);
    int32_t const below = plan->below[bits >> BL23_CELL_SHIFT & (BL23_CELLS - 1)];
    int32_t const next = below < BL23_BINS ? below : BL23_BINS;
    return below + (below <= BL23_BINS && g >= edge[next]) - (g == edge[BL23_BINS]);
}

#endif
