/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "kernels/cpu/cpu_bins.h"

#include "kernels/sample/draw.h"

static int marginal_of(struct bl23_reduction const *reduction, uint64_t axis)
{
    for (uint64_t h = 0; h < reduction->n_histograms_2d; h++)
        if (reduction->histogram_2d[h][0] == axis || reduction->histogram_2d[h][1] == axis)
            return (int)h;
    return BL23_NO_MARGINAL;
}

static uint64_t cell_of(double x)
{
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits >> BL23_CELL_SHIFT;
}

/* The cells rise with the number as the edges do. A cell whose least number is an edge has none
 * inside. */
static void build_cells(double const edge[BL23_BINS_MAX + 1], int bins,
                        struct bl23_bin_cells *cells)
{
    int below = 0;
    memset(cells->below, 0, sizeof cells->below);
    cells->decide = edge[0] >= 0.0 && edge[bins] < BL23_INFINITY;
    if (!cells->decide)
        return;
    for (uint64_t cell = cell_of(edge[0]); cell < BL23_CELLS && below <= bins; cell++) {
        uint64_t const least_bits = cell << BL23_CELL_SHIFT;
        double least;
        memcpy(&least, &least_bits, sizeof least);
        while (below <= bins && edge[below] <= least)
            below++;
        cells->below[cell] = (uint8_t)below;
        if (below < bins && cell_of(edge[below + 1]) == cell)
            cells->decide = 0;
    }
    uint64_t const after = cell_of(edge[bins]) + 1;
    memset(cells->below + after, bins + 1, BL23_CELLS - after);
}

/* Words of rising g: 2^32 of them differ by far more than rounding. */
static void build_words(struct bl23_model const *model, double const edge[BL23_BINS_MAX + 1],
                        struct bl23_bin_plan *plan)
{
    int const bins = plan->bins[BL23_AXIS_G];
    for (int k = 0; k <= bins; k++) {
        uint64_t low = 0, high = (uint64_t)1 << 32;
        while (low < high) {
            uint64_t const middle = (low + high) / 2;
            double const g = bl23_draw_g(model, (uint32_t)middle);
            if (k == bins ? g > edge[k] : g >= edge[k])
                high = middle;
            else
                low = middle + 1;
        }
        plan->edge_x5[k] = low;
    }
    plan->edge_x5[bins + 1] = (uint64_t)1 << 32; /* above all words */
    int below = 0;
    for (uint64_t part = 0; part < (uint64_t)1 << BL23_X5_PART_BITS; part++) {
        while (plan->edge_x5[below] <= part << BL23_X5_PART_SHIFT)
            below++;
        plan->below_x5[part] = (uint8_t)below;
    }
}

void bl23_bin_plan_build(struct bl23_model const *model, struct bl23_reduction const *reduction,
                         struct bl23_bin_plan *plan)
{
    double const *const edge = reduction->edge[BL23_AXIS_G];
    for (int axis = 0; axis < BL23_HISTOGRAM_AXES; axis++) {
        plan->marginal_of[axis] = marginal_of(reduction, (uint64_t)axis);
        plan->bins[axis] = (int32_t)reduction->bins[axis];
    }
    int const bins = plan->bins[BL23_AXIS_G];
    plan->words_decide = bl23_bins_words_decide(reduction);
    for (int k = 0; k <= bins; k++)
        plan->edge_g2[k] = edge[k] < 0.0 ? edge[k] : edge[k] * edge[k];
    plan->edge_g2[bins + 1] = BL23_INFINITY;
    build_cells(edge, bins, &plan->of_g);
    build_cells(plan->edge_g2, bins, &plan->of_g2);
    if (model->g_mode == BL23_G_LOG_UNIFORM)
        build_words(model, edge, plan);
}

void bl23_bin_plan_finish(struct bl23_reduction const *reduction, struct bl23_bin_plan const *plan,
                          struct bl23_results *results)
{
    for (int axis = 0; axis < BL23_HISTOGRAM_AXES; axis++) {
        int const h = plan->marginal_of[axis];
        if (h == BL23_NO_MARGINAL)
            continue;
        uint64_t const *const pair = reduction->histogram_2d[h];
        uint64_t const *cell = results->histogram_2d + bl23_histogram_begin(reduction, (uint64_t)h);
        for (uint64_t x = 0; x < bl23_bins_all(reduction, pair[0]); x++)
            for (uint64_t y = 0; y < bl23_bins_all(reduction, pair[1]); y++)
                results->tallies.histogram_1d[axis][pair[0] == (uint64_t)axis ? x : y] += *cell++;
    }
}
