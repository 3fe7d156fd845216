/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "kernels/cpu/cpu_bins.h"

/* Edges of g that are not above x. */
static uint8_t edges_below(double const edge[BL23_BINS + 1], double x)
{
    uint8_t below = 0;
    while (below <= BL23_BINS && edge[below] <= x)
        below++;
    return below;
}

static int marginal_of(struct bl23_reduction const *reduction, uint64_t axis)
{
    for (uint64_t h = 0; h < reduction->n_histograms_2d; h++)
        if (reduction->histogram_2d[h][0] == axis || reduction->histogram_2d[h][1] == axis)
            return (int)h;
    return BL23_NO_MARGINAL;
}

void bl23_bin_plan_build(struct bl23_reduction const *reduction, struct bl23_bin_plan *plan)
{
    double const *const edge = reduction->edge[BL23_AXIS_G];
    for (int axis = 0; axis < BL23_HISTOGRAM_AXES; axis++)
        plan->marginal_of[axis] = marginal_of(reduction, (uint64_t)axis);
    plan->words_decide = bl23_bins_words_decide(reduction);
    plan->cells_decide = 1;
    for (uint64_t cell = 0; cell < BL23_CELLS; cell++) {
        uint64_t const first = cell << BL23_CELL_SHIFT;
        uint64_t const last = first + (((uint64_t)1 << BL23_CELL_SHIFT) - 1);
        double least, largest;
        memcpy(&least, &first, sizeof least);
        memcpy(&largest, &last, sizeof largest);
        plan->below[cell] = edges_below(edge, least);
        if (largest == largest && edges_below(edge, largest) > plan->below[cell] + 1)
            plan->cells_decide = 0;
    }
}

void bl23_bin_plan_finish(struct bl23_reduction const *reduction, struct bl23_bin_plan const *plan,
                          struct bl23_results *results)
{
    for (int axis = 0; axis < BL23_HISTOGRAM_AXES; axis++) {
        int const h = plan->marginal_of[axis];
        if (h == BL23_NO_MARGINAL)
            continue;
        int const rows = reduction->histogram_2d[h][0] == (uint64_t)axis;
        for (int x = 0; x < BL23_BINS_ALL; x++)
            for (int y = 0; y < BL23_BINS_ALL; y++)
                results->tallies.histogram_1d[axis][rows ? x : y] += results->histogram_2d[h][x][y];
    }
}
