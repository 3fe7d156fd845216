/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* The cut-flow, on the tiles that count for it: which constraints each sample passes, alone and in
 * their order. What survives is found by the other kernels. */
#include "kernels/cuda_tiles.h"

#include "kernels/verdict.h"

/* One sample, as far as the constraints ask. */
struct measured {
    double quantity[BL23_QUANTITIES], g;
};

/* The amplitudes that the constraints ask for, as bits. */
BL23_DEVICE unsigned forms_wanted(struct bl23_model const *model)
{
    unsigned quantities = 0;
    for (int c = 0; c < (int)model->n_constraints; c++)
        quantities |= 1u << model->constraint_quantity[c];
    return bl23_forms_of(quantities);
}

BL23_DEVICE struct measured measure(struct bl23_cuda_launch const &launch,
                                    struct bl23_knot const *knot, unsigned forms, uint64_t index)
{
    struct measured j;
    double m[BL23_MONOMIALS], h[BL23_FORMS];
    monomials_of(launch, index, m);
    BL23_UNROLL
    for (int r = 0; r < BL23_FORMS; r++) {
        h[r] = 0.0;
        if (forms >> r & 1u)
            h[r] = bl23_amplitude(knot->form[r], m);
    }
    bl23_quantities(h, j.quantity);
    j.g = coupling_of(launch, index);
    return j;
}

/* Quantity q, by a chain of selections: registers cannot be indexed. */
BL23_DEVICE double quantity_of(struct measured const &j, int q)
{
    double value = j.quantity[0];
    BL23_UNROLL
    for (int k = 1; k < BL23_QUANTITIES; k++)
        value = q == k ? j.quantity[k] : value;
    return value;
}

/* Does a constraint alone pass, and with g free, what is left of all up to it? */
BL23_DEVICE bool passes_alone(struct bl23_model const *model, struct bl23_interval limit, int q,
                              struct measured const &j, struct bl23_interval &left)
{
    double const s = quantity_of(j, q);
    if (model->g_mode != BL23_G_SOLVE)
        return bl23_within(limit, bl23_quantity_value(q, s, j.g));
    struct bl23_interval const one = bl23_allowed_g2(limit, q, s);
    left.lo = bl23_max(one.lo, left.lo);
    left.hi = bl23_min(one.hi, left.hi);
    return bl23_has_g2(one);
}

/* Counts of a tile: lane c has those of constraint c. */
struct cutflow {
    uint32_t alone, sequential;
};
static_assert((int)BL23_CONSTRAINTS_MAX <= (int)WARP, "a lane for each constraint");

/* The cut-flow of one sample in each lane. */
BL23_DEVICE void count_cutflow(struct bl23_model const *model, struct bl23_knot const *knot,
                               struct measured const &j, bool exists, struct cutflow &count)
{
    struct bl23_interval left = {0.0, BL23_INFINITY};
    bool so_far = true;
    for (unsigned c = 0; c < (unsigned)model->n_constraints; c++) {
        bool const pass = passes_alone(model, knot->limit[model->level][c],
                                       (int)model->constraint_quantity[c], j, left);
        so_far = model->g_mode == BL23_G_SOLVE ? bl23_has_g2(left) : so_far && pass;
        unsigned const alone = __ballot_sync(BL23_ALL_LANES, exists && pass);
        unsigned const sequential = __ballot_sync(BL23_ALL_LANES, exists && so_far);
        if (lane_of_thread() == c) {
            count.alone += (unsigned)__popc(alone);
            count.sequential += (unsigned)__popc(sequential);
        }
    }
}

BL23_DEVICE void count_tile(struct bl23_cuda_launch const &launch, uint32_t number, unsigned forms)
{
    struct bl23_cuda_range const &r = launch.range;
    uint32_t const k = tile_of(launch, number).knot;
    struct bl23_knot const *const knot = &launch.model->knot[k];
    struct cutflow count = {0, 0};
    for (uint32_t at = 0; at < BL23_TILE; at += WARP) {
        uint32_t const offset = number * BL23_TILE + at + lane_of_thread();
        bool const exists = offset >= r.begin && offset < r.end;
        struct measured const j = measure(launch, knot, forms, r.base + offset);
        count_cutflow(launch.model, knot, j, exists, count);
    }
    if (lane_of_thread() < launch.model->n_constraints) {
        bl23_atomic_add(&launch.knot[k].passed_alone[lane_of_thread()], count.alone);
        bl23_atomic_add(&launch.knot[k].passed_sequentially[lane_of_thread()], count.sequential);
    }
}

__global__ void __launch_bounds__(THREADS) cutflow_kernel(struct bl23_cuda_launch const launch)
{
    uint32_t const n_tiles = launch.counts->counting_tiles;
    unsigned const forms = forms_wanted(launch.model);
    for (uint32_t k = warp_of_grid(); k < n_tiles; k += gridDim.x * WARPS)
        count_tile(launch, launch.counting_tiles[k], forms);
}

cudaError_t bl23_cuda_cutflow_blocks(int processors, unsigned *blocks)
{
    return resident(cutflow_kernel, processors, blocks);
}

cudaError_t bl23_cuda_cutflow(struct bl23_cuda_launch const *launch, unsigned blocks,
                              cudaStream_t stream)
{
    BL23_LAUNCH(cutflow_kernel, blocks, THREADS, stream, *launch);
    return cudaGetLastError();
}
