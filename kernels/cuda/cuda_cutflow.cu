/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* The cut-flow, on the tiles that count for it: which constraints each sample passes, alone and in
 * their order. What survives is found by the other kernels. */
#include "kernels/cuda/cuda_tiles.h"

#include "kernels/sample/verdict.h"

/* What a warp keeps in shared memory: the limits of the tile's mass, and the quantities of the
 * sample of each lane, since registers cannot be indexed. */
struct alignas(16) limit {
    struct bl23_interval within; /* in solve mode of g^2 s, also where the limit is on g */
};
struct warp_cutflow {
    struct limit limit[BL23_CONSTRAINTS_MAX];
    int of[BL23_CONSTRAINTS_MAX]; /* enum bl23_quantity */
    double quantity[BL23_QUANTITIES][WARP];
};

/* What is the same for all samples of a launch. */
struct counting {
    struct warp_cutflow *warp;
    unsigned n_constraints, forms;
};

/* The amplitudes that the constraints ask for, as bits. */
BL23_DEVICE unsigned forms_wanted(struct bl23_model const *model)
{
    unsigned quantities = 0;
    for (int c = 0; c < (int)model->n_constraints; c++)
        quantities |= 1u << model->constraint_quantity[c];
    return bl23_forms_of(quantities);
}

/* The limits of a mass, lane c that of constraint c. All lanes call. */
template <bool solve>
BL23_DEVICE void load_limits(struct counting const &n, struct bl23_model const *model,
                             struct bl23_knot const *knot)
{
    unsigned const c = lane_of_thread();
    __syncwarp(); /* the tile before is counted */
    if (c < n.n_constraints) {
        int const q = (int)model->constraint_quantity[c];
        struct bl23_interval const limit = knot->limit[model->level][c];
        n.warp->limit[c].within =
            solve && q == BL23_QUANTITY_G ? bl23_allowed_g2(limit, q, 1.0) : limit;
        n.warp->of[c] = q;
    }
    __syncwarp();
}

/* The quantities of a sample, as far as the constraints ask. */
BL23_DEVICE void measure(struct bl23_cuda_launch const &launch, struct counting const &n,
                         struct bl23_knot const *knot, uint64_t index)
{
    double m[BL23_MONOMIALS], h[BL23_FORMS], s[BL23_QUANTITIES];
    monomials_of(launch, index, m);
    BL23_UNROLL
    for (int r = 0; r < BL23_FORMS; r++) {
        h[r] = 0.0;
        if (n.forms >> r & 1u) {
            whole_warp_branch();
            h[r] = bl23_amplitude(knot->form[r], m);
        }
    }
    bl23_quantities(h, s);
    BL23_UNROLL
    for (int q = 0; q < BL23_QUANTITIES; q++)
        n.warp->quantity[q][lane_of_thread()] = s[q];
}

/* Does a constraint alone pass, with g free by some g of the domain? Then `left` is what is left of
 * all up to it, within the domain from the start. */
template <bool solve>
BL23_DEVICE bool passes_alone(struct counting const &n, unsigned c, double g,
                              struct bl23_interval &left)
{
    int const q = n.warp->of[c];
    struct bl23_interval one = n.warp->limit[c].within;
    double const s = n.warp->quantity[q][lane_of_thread()];
    if (!solve)
        return bl23_within(one, bl23_quantity_value(q, s, g));
    if (q != BL23_QUANTITY_G && q != BL23_QUANTITY_G2)
        one = bl23_allowed_g2(one, q, s);
    left.lo = bl23_max(one.lo, left.lo);
    left.hi = bl23_min(one.hi, left.hi);
    one.hi = bl23_min(one.hi, bl23_domain_g2().hi);
    return bl23_has_g2(one);
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
    struct bl23_interval left = bl23_domain_g2();
    bool so_far = true;
    for (unsigned c = 0; c < n.n_constraints; c++) {
        bool const pass = passes_alone<solve>(n, c, g, left);
        so_far = solve ? bl23_has_g2(left) : so_far && pass;
        unsigned const alone = __ballot_sync(BL23_ALL_LANES, exists && pass);
        unsigned const sequential = __ballot_sync(BL23_ALL_LANES, exists && so_far);
        if (lane_of_thread() == c) {
            count.alone += (unsigned)__popc(alone);
            count.sequential += (unsigned)__popc(sequential);
        }
    }
}

template <bool solve>
BL23_DEVICE void count_tile(struct bl23_cuda_launch const &launch, struct counting const &n,
                            uint32_t number)
{
    struct bl23_cuda_range const &r = launch.range;
    uint32_t const k = tile_of(launch, number).knot;
    struct bl23_knot const *const knot = &launch.model->knot[k];
    struct cutflow count = {0, 0};
    load_limits<solve>(n, launch.model, knot);
    for (uint32_t at = 0; at < BL23_TILE; at += WARP) {
        uint32_t const offset = number * BL23_TILE + at + lane_of_thread();
        bool const exists = offset >= r.begin && offset < r.end;
        measure(launch, n, knot, r.base + offset);
        count_sample<solve>(n, solve ? 0.0 : coupling_of(launch, r.base + offset), exists, count);
    }
    if (lane_of_thread() < n.n_constraints) {
        bl23_atomic_add(&launch.knot[k].passed_alone[lane_of_thread()], count.alone);
        bl23_atomic_add(&launch.knot[k].passed_sequentially[lane_of_thread()], count.sequential);
    }
}

/* Six blocks on a multiprocessor: told nothing, the compiler spills registers. */
__global__ void __launch_bounds__(THREADS, 6) cutflow_kernel(struct bl23_cuda_launch const launch)
{
    BL23_SHARED(struct warp_cutflow, warps, [WARPS]);
    struct bl23_model const *const model = launch.model;
    struct counting const n = {&warps[threadIdx.x / WARP], (unsigned)model->n_constraints,
                               forms_wanted(model)};
    uint32_t const n_tiles = launch.counts->counting_tiles;
    for (uint32_t k = warp_of_grid(); k < n_tiles; k += gridDim.x * WARPS)
        if (model->g_mode == BL23_G_SOLVE)
            count_tile<true>(launch, n, launch.counting_tiles[k]);
        else
            count_tile<false>(launch, n, launch.counting_tiles[k]);
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
