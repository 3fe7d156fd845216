/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "kernels/cpu_bins.h"

/* Far below the distance of two neighbouring words of a phase, 2 pi/2^32, and above all rounding
 * of a phase difference. */
static double const phase_rounding = 1e-12;

static int words_decide(struct bl23_reduction const *reduction)
{
    double const pi = 0x1.921fb54442d18p+1;
    int decide = 1;
    for (int k = 0; k <= BL23_BINS; k++) {
        double const fraction = k / (double)BL23_BINS, phase = (2.0 * fraction - 1.0) * pi;
        for (int axis = 0; axis < BL23_AXIS_PHASES; axis++)
            decide &= reduction->edge[axis][k] == fraction;
        for (int axis = BL23_AXIS_PHASES; axis < BL23_AXIS_G; axis++)
            decide &= fabs(reduction->edge[axis][k] - phase) < phase_rounding;
    }
    return decide;
}

/* Edges of g that are not above x. */
static uint8_t edges_below(double const edge[BL23_BINS + 1], double x)
{
    uint8_t below = 0;
    while (below <= BL23_BINS && edge[below] <= x)
        below++;
    return below;
}

void bl23_bin_plan_build(struct bl23_reduction const *reduction, struct bl23_bin_plan *plan)
{
    double const *const edge = reduction->edge[BL23_AXIS_G];
    plan->words_decide = words_decide(reduction);
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
