/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* The survey of a range on one core. cpu_backend.c calls it on each of its threads. */
#ifndef BL23_KERNELS_CPU_RANGE_H
#define BL23_KERNELS_CPU_RANGE_H

#include "kernels/cpu/cpu_bins.h"
#include "kernels/screen/screen.h"

/* What every range of an open backend needs. */
struct bl23_cpu_context {
    struct bl23_model const *model;
    struct bl23_reduction const *reduction;
    struct bl23_screen_knot *screen; /* [n_knots]; NULL: no screen */
    struct bl23_screen_pilot *pilot;
    int two_sided; /* may single precision decide that a sample survives? */
    struct bl23_bin_plan *bins;
};

/* Add the samples [first, first + count) to *results, whose samples all come before them: among
 * equals the first one wins. Samples beyond the bounds are known to be
 * neither among the nearest nor among the kept survivors, and may be left out of those lists. The
 * histograms want bl23_bin_plan_finish in the end. */
typedef enum bl23_status bl23_cpu_range(struct bl23_cpu_context const *context, uint64_t first,
                                        uint64_t count, struct bl23_bounds bounds,
                                        struct bl23_results *results);

#endif
