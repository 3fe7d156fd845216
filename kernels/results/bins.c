/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "kernels/results/bins.h"

/* A word that is on no edge is at least 2 pi/2^32/BL23_BINS_MAX away from it, far above this, which
 * is above all rounding of a phase difference. */
static double const phase_rounding = 1e-12;

int bl23_bins_words_decide(struct bl23_reduction const *reduction)
{
    double const pi = 0x1.921fb54442d18p+1;
    int decide = 1;
    for (int axis = 0; axis < BL23_AXIS_G; axis++)
        for (uint64_t k = 0; k <= reduction->bins[axis]; k++) {
            double const fraction = (double)k / (double)reduction->bins[axis];
            double const edge = reduction->edge[axis][k], phase = (2.0 * fraction - 1.0) * pi;
            decide &=
                axis < BL23_AXIS_PHASES ? edge == fraction : fabs(edge - phase) < phase_rounding;
        }
    return decide;
}
