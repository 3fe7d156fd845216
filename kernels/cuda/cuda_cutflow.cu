/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* The cut-flow, on the tiles that count for it: which constraints each sample passes, alone and in
 * their order. What survives is found by the other kernels.
 *
 * How it works. Where the host has sent sides, a warp computes 32 samples in single precision, by
 * the functions of kernels/screen/sides_answer.h. Those for which every answer is certain are
 * counted; the others wait until there are 32 of them, or the tile ends, and are counted in double
 * precision, as all samples are where there are no sides. */
#include "kernels/cuda/cuda_lane.h" /* before sides_answer.h */

#include "kernels/cuda/cuda_tiles.h"
#include "kernels/screen/sides_answer.h"

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

/* ---- single precision ---- */

/* What else a warp keeps in shared memory: values of the sides of the sample of each lane, and
 * log2 g^2 or 1 behind them; and samples, as offsets in the launch, that wait. */
struct warp_sides {
    struct bl23_span value[BL23_SIDES_QUANTITIES + 1][WARP];
    uint32_t waiting[2 * WARP];
};

/* All quantities of the sides but that of the long-distance part, which the paper does not have. */
enum { QUANTITIES = BL23_SIDES_QUANTITIES - 1 };

/* The values of the sides of a sample, as far as the constraints ask. */
template <bool solve>
BL23_DEVICE void measure_sides(struct bl23_cuda_launch const &launch, struct warp_sides &w,
                               struct bl23_sides const &sides, unsigned asked, uint64_t index)
{
    uint64_t const seed = launch.range.seed;
    struct bl23_words const words = sample_words(seed, index, 0);
    float m[BL23_MONOMIALS], log = 1.0f, g2 = 1.0f;
    bl23_monomial_lanes(words.x, m);
    if (!solve) {
        log = bl23_side_log(&sides, sample_words(seed, index, 1).x[1]);
        g2 = bl23_power_lanes(log);
    }
    BL23_UNROLL
    for (int q = 0; q < QUANTITIES; q++)
        if (asked >> q & 1u) {
            whole_warp_branch();
            w.value[q][lane_of_thread()] = bl23_side_cut_value(&sides, q, solve, m, g2);
        }
    struct bl23_span const last = {log, log};
    w.value[BL23_SIDES_QUANTITIES][lane_of_thread()] = last;
}

/* The cut-flow of one sample in each lane, of those that are certain; returns whether this one is.
 * Bit c of a word is constraint c. */
template <bool solve>
BL23_DEVICE bool count_certain(struct warp_sides const &w, struct bl23_side_cuts const &cuts,
                               bool exists, struct cutflow &count)
{
    struct bl23_side_flow flow = bl23_side_flow_begin(&cuts);
    uint32_t alone = 0, all = 0;
    for (int c = 0; c < cuts.n; c++) {
        struct bl23_side_cut const &cut = cuts.cut[c];
        alone |= bl23_side_flow_step(&cut, solve, w.value[cut.side][lane_of_thread()], &flow) << c;
        all |= (flow.all & 1u) << c;
    }
    bool const certain = (flow.unsure & 1u) == 0;
    for (int c = 0; c < cuts.n; c++) {
        unsigned const a = __ballot_sync(BL23_ALL_LANES, exists && certain && (alone >> c & 1u));
        unsigned const s = __ballot_sync(BL23_ALL_LANES, exists && certain && (all >> c & 1u));
        if ((int)lane_of_thread() == c) {
            count.alone += (unsigned)__popc(a);
            count.sequential += (unsigned)__popc(s);
        }
    }
    return certain;
}

/* ---- tiles ---- */

/* The counts of a tile go to the launch. */
BL23_DEVICE void add_counts(struct bl23_cuda_launch const &launch, struct counting const &n,
                            uint32_t knot, struct cutflow count)
{
    if (lane_of_thread() < n.n_constraints) {
        bl23_atomic_add(&launch.knot[knot].passed_alone[lane_of_thread()], count.alone);
        bl23_atomic_add(&launch.knot[knot].passed_sequentially[lane_of_thread()], count.sequential);
    }
}

/* One sample in each lane, in double precision. */
template <bool solve, bool paper>
BL23_DEVICE void count_judged(struct bl23_cuda_launch const &launch, struct counting const &n,
                              struct bl23_knot const *knot, uint32_t offset, bool exists,
                              struct cutflow &count)
{
    uint64_t const index = launch.range.base + offset;
    measure<paper>(launch, n, knot, index);
    count_sample<solve>(n, solve ? 0.0 : coupling_of(launch, index), exists, count);
}

template <bool solve>
BL23_DEVICE void count_sided_tile(struct bl23_cuda_launch const &launch, struct counting const &n,
                                  struct warp_sides &w, uint32_t number)
{
    struct bl23_cuda_range const &r = launch.range;
    uint32_t const k = tile_of(launch, number).knot;
    struct bl23_knot const *const knot = &launch.model->knot[k];
    struct bl23_side_cuts const &cuts = launch.cuts[k];
    struct cutflow count = {0, 0};
    unsigned waiting = 0;
    load_limits(n, launch.model, knot);
    for (uint32_t at = 0; at < BL23_TILE; at += WARP) {
        uint32_t const offset = number * BL23_TILE + at + lane_of_thread();
        bool const exists = offset >= r.begin && offset < r.end, last = at + WARP == BL23_TILE;
        measure_sides<solve>(launch, w, launch.sides[k], cuts.sides, r.base + offset);
        bool const waits = !count_certain<solve>(w, cuts, exists, count) && exists;
        unsigned const mask = __ballot_sync(BL23_ALL_LANES, waits);
        if (waits)
            w.waiting[waiting + rank_in(mask)] = offset;
        waiting += (unsigned)__popc(mask);
        __syncwarp();
        while (waiting >= WARP || (last && waiting > 0)) {
            unsigned const taken = waiting < WARP ? waiting : (unsigned)WARP;
            bool const mine = lane_of_thread() < taken;
            waiting -= taken;
            count_judged<solve, true>(
                launch, n, knot, w.waiting[waiting + (mine ? lane_of_thread() : 0)], mine, count);
        }
        __syncwarp(); /* all lanes have read what waited */
    }
    add_counts(launch, n, k, count);
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
        count_judged<solve, paper>(launch, n, knot, offset, exists, count);
    }
    add_counts(launch, n, k, count);
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

/* The same where there are sides, of one mode of g. */
struct sided_warp {
    struct warp_cutflow cutflow;
    struct warp_sides sides;
};

template <bool solve>
BL23_DEVICE void count_sided_tiles(struct bl23_cuda_launch const &launch, struct sided_warp *warps)
{
    struct bl23_model const *const model = launch.model;
    struct sided_warp &w = warps[threadIdx.x / WARP];
    struct counting const n = {&w.cutflow, (unsigned)model->n_constraints,
                               bl23_constrained_quantities(model)};
    uint32_t const n_tiles = launch.counts->counting_tiles;
    for (uint32_t k = warp_of_grid(); k < n_tiles; k += gridDim.x * WARPS)
        count_sided_tile<solve>(launch, n, w.sides, launch.counting_tiles[k]);
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

__global__ void __launch_bounds__(THREADS, 6)
    cutflow_given_kernel(struct bl23_cuda_launch const launch)
{
    BL23_SHARED(struct sided_warp, warps, [WARPS]);
    count_sided_tiles<false>(launch, warps);
}

__global__ void __launch_bounds__(THREADS, 6)
    cutflow_solve_kernel(struct bl23_cuda_launch const launch)
{
    BL23_SHARED(struct sided_warp, warps, [WARPS]);
    count_sided_tiles<true>(launch, warps);
}

cudaError_t bl23_cuda_cutflow_blocks(int processors, unsigned *blocks)
{
    return resident(cutflow_kernel, processors, blocks);
}

cudaError_t bl23_cuda_cutflow(struct bl23_cuda_launch const *launch, unsigned blocks,
                              cudaStream_t stream)
{
    if (launch->cuts && launch->solve)
        BL23_LAUNCH(cutflow_solve_kernel, blocks, THREADS, stream, *launch);
    else if (launch->cuts)
        BL23_LAUNCH(cutflow_given_kernel, blocks, THREADS, stream, *launch);
    else if (launch->groups == BL23_GROUP_PAPER)
        BL23_LAUNCH(cutflow_kernel, blocks, THREADS, stream, *launch);
    else
        BL23_LAUNCH(cutflow_groups_kernel, blocks, THREADS, stream, *launch);
    return cudaGetLastError();
}
