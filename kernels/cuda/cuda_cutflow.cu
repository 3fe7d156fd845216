/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* The cut-flow, on the tiles that count for it: which constraints each sample passes, alone and in
 * their order. What survives is found by the other kernels. */
#include "kernels/cuda/cuda_tiles.h"

/* What a warp keeps in shared memory: the limits of the tile's mass, and the quantities of the
 * sample of each lane, since registers cannot be indexed. */
struct alignas(16) limit {
    struct bl23_interval within;
};
struct warp_cutflow {
    struct limit limit[BL23_CONSTRAINTS_MAX];
    int of[BL23_CONSTRAINTS_MAX]; /* enum bl23_quantity */
    double quantity[BL23_QUANTITIES][WARP];
};

/* What is the same for all samples of a launch. */
struct counting {
    struct warp_cutflow *warp;
    unsigned n_constraints, quantities;
};

/* The limits of a mass, lane c that of constraint c. All lanes call. */
BL23_DEVICE void load_limits(struct counting const &n, struct bl23_model const *model,
                             struct bl23_knot const *knot)
{
    unsigned const c = lane_of_thread();
    __syncwarp(); /* the tile before is counted */
    if (c < n.n_constraints) {
        n.warp->limit[c].within = knot->limit[model->level][c];
        n.warp->of[c] = (int)model->constraint_quantity[c];
    }
    __syncwarp();
}

/* The quantities of a sample, as far as the constraints ask. */
template <bool paper>
BL23_DEVICE void measure(struct bl23_cuda_launch const &launch, struct counting const &n,
                         struct bl23_knot const *knot, uint64_t index)
{
    double m[BL23_MONOMIALS], s[BL23_QUANTITIES];
    monomials_of(launch, index, m);
    quantities_of<paper>(knot, n.quantities, m, s);
    BL23_UNROLL
    for (int q = 0; q < BL23_QUANTITIES; q++)
        if (quantities_among<paper>(1u << q) != 0)
            n.warp->quantity[q][lane_of_thread()] = s[q];
}

/* Counts of a tile: lane c has those of constraint c. */
struct cutflow {
    uint32_t alone, sequential;
};
static_assert((int)BL23_CONSTRAINTS_MAX <= (int)WARP, "a lane for each constraint");

/* The cut-flow of one sample in each lane. */
template <bool solve>
BL23_DEVICE void count_sample(struct counting const &n, double g, bool exists,
                              struct cutflow &count)
{
    struct bl23_passing passing = bl23_passing_begin();
    for (unsigned c = 0; c < n.n_constraints; c++) {
        int const q = n.warp->of[c];
        struct bl23_interval const limit = n.warp->limit[c].within;
        double const s = n.warp->quantity[q][lane_of_thread()];
        bool const pass =
            solve ? bl23_pass_solve(&passing, bl23_narrowed_g2(bl23_domain_g2(), limit, q, s))
                  : bl23_pass_given(&passing, limit, q, s, g);
        unsigned const alone = __ballot_sync(BL23_ALL_LANES, exists && pass);
        unsigned const sequential = __ballot_sync(BL23_ALL_LANES, exists && passing.all);
        if (lane_of_thread() == c) {
            count.alone += (unsigned)__popc(alone);
            count.sequential += (unsigned)__popc(sequential);
        }
    }
}

template <bool solve, bool paper>
BL23_DEVICE void count_tile(struct bl23_cuda_launch const &launch, struct counting const &n,
                            uint32_t number)
{
    struct bl23_cuda_range const &r = launch.range;
    uint32_t const k = tile_of(launch, number).knot;
    struct bl23_knot const *const knot = &launch.model->knot[k];
    struct cutflow count = {0, 0};
    load_limits(n, launch.model, knot);
    for (uint32_t at = 0; at < BL23_TILE; at += WARP) {
        uint32_t const offset = number * BL23_TILE + at + lane_of_thread();
        bool const exists = offset >= r.begin && offset < r.end;
        measure<paper>(launch, n, knot, r.base + offset);
        count_sample<solve>(n, solve ? 0.0 : coupling_of(launch, r.base + offset), exists, count);
    }
    if (lane_of_thread() < n.n_constraints) {
        bl23_atomic_add(&launch.knot[k].passed_alone[lane_of_thread()], count.alone);
        bl23_atomic_add(&launch.knot[k].passed_sequentially[lane_of_thread()], count.sequential);
    }
}

template <bool paper>
BL23_DEVICE void count_tiles(struct bl23_cuda_launch const &launch, struct warp_cutflow *warps)
{
    struct bl23_model const *const model = launch.model;
    struct counting const n = {&warps[threadIdx.x / WARP], (unsigned)model->n_constraints,
                               bl23_constrained_quantities(model)};
    uint32_t const n_tiles = launch.counts->counting_tiles;
    for (uint32_t k = warp_of_grid(); k < n_tiles; k += gridDim.x * WARPS)
        if (model->g_mode == BL23_G_SOLVE)
            count_tile<true, paper>(launch, n, launch.counting_tiles[k]);
        else
            count_tile<false, paper>(launch, n, launch.counting_tiles[k]);
}

/* Six blocks on a multiprocessor: told nothing, the compiler spills registers. */
__global__ void __launch_bounds__(THREADS, 6) cutflow_kernel(struct bl23_cuda_launch const launch)
{
    BL23_SHARED(struct warp_cutflow, warps, [WARPS]);
    count_tiles<true>(launch, warps);
}

/* The same for models that have groups of quantities beside those of the paper. */
__global__ void __launch_bounds__(THREADS)
    cutflow_groups_kernel(struct bl23_cuda_launch const launch)
{
    BL23_SHARED(struct warp_cutflow, warps, [WARPS]);
    count_tiles<false>(launch, warps);
}

cudaError_t bl23_cuda_cutflow_blocks(int processors, unsigned *blocks)
{
    return resident(cutflow_kernel, processors, blocks);
}

cudaError_t bl23_cuda_cutflow(struct bl23_cuda_launch const *launch, unsigned blocks,
                              cudaStream_t stream)
{
    if (launch->groups == BL23_GROUP_PAPER)
        BL23_LAUNCH(cutflow_kernel, blocks, THREADS, stream, *launch);
    else
        BL23_LAUNCH(cutflow_groups_kernel, blocks, THREADS, stream, *launch);
    return cudaGetLastError();
}
