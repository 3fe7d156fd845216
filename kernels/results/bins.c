/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "kernels/results/bins.h"

/* Far below the distance of two neighbouring words of a phase, 2 pi/2^32, and above all rounding
 * of a phase difference. */
static double const phase_rounding = 1e-12;

int bl23_bins_words_decide(struct bl23_reduction const *reduction)
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
