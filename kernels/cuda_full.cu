/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* Tiles whose samples all go to the verdict: those that count for the cut-flow, those that no
 * screen serves, and the ragged ends of a launch. Survivors and near misses become candidates. */
#include "kernels/cuda_tiles.h"

#include "kernels/record.h"

/* One sample up to its quantities, divided by g^2. */
struct judged {
    double quantity[BL23_QUANTITIES], g;
    struct bl23_verdict verdict;
};

BL23_DEVICE struct judged judge_sample(struct bl23_cuda_launch const &launch,
                                       struct bl23_knot const *knot, uint64_t index)
{
    struct bl23_model const *const model = launch.model;
    struct judged j;
    double drawn[BL23_MONOMIALS], h[BL23_FORMS];
    uint32_t x5 = 0;
    if (model->w_mode == BL23_W_HAAR)
        bl23_draw_monomials(sample_words(launch.range.seed, index, 0), drawn);
    else
        for (int k = 0; k < BL23_MONOMIALS; k++)
            drawn[k] = model->w.monomial[k];
    if (model->g_mode == BL23_G_LOG_UNIFORM)
        x5 = sample_words(launch.range.seed, index, 1).x[1];
    j.g = bl23_draw_g(model, x5);
    bl23_amplitudes(knot, drawn, h);
    bl23_quantities(h, j.quantity);
    j.verdict = bl23_judge(knot, (int)model->level, model->g_mode == BL23_G_SOLVE, j.quantity, j.g);
    return j;
}

/* Quantity q, by a chain of selections: registers cannot be indexed. */
BL23_DEVICE double quantity_of(struct judged const &j, int q)
{
    double value = j.quantity[0];
    BL23_UNROLL
    for (int k = 1; k < BL23_QUANTITIES; k++)
        value = q == k ? j.quantity[k] : value;
    return value;
}

/* Does a constraint alone pass, and with g free, what is left of all up to it? */
BL23_DEVICE bool passes_alone(struct bl23_model const *model, struct bl23_interval limit, int q,
                              struct judged const &j, struct bl23_interval &left)
{
    double const s = quantity_of(j, q);
    if (model->g_mode != BL23_G_SOLVE)
        return bl23_within(limit, bl23_quantity_value(q, s, j.g));
    struct bl23_interval const one = bl23_allowed_g2(limit, q, s);
    left.lo = bl23_max(one.lo, left.lo);
    left.hi = bl23_min(one.hi, left.hi);
    return bl23_has_g2(one);
}

/* The cut-flow of one sample in each lane, added to the warp's counters [2][n_constraints]. */
BL23_DEVICE void count_cutflow(struct bl23_model const *model, struct bl23_knot const *knot,
                               struct judged const &j, bool exists, uint32_t *alone,
                               uint32_t *sequential)
{
    struct bl23_interval left = {0.0, BL23_INFINITY};
    bool so_far = true;
    for (int c = 0; c < (int)model->n_constraints; c++) {
        bool const pass = passes_alone(model, knot->limit[model->level][c],
                                       (int)model->constraint_quantity[c], j, left);
        so_far = model->g_mode == BL23_G_SOLVE ? bl23_has_g2(left) : so_far && pass;
        unsigned const a = __ballot_sync(BL23_ALL_LANES, exists && pass);
        unsigned const b = __ballot_sync(BL23_ALL_LANES, exists && so_far);
        if (lane_of_thread() == 0) {
            alone[c] += (unsigned)__popc(a);
            sequential[c] += (unsigned)__popc(b);
        }
    }
}

/* Counters of a warp for one tile. */
struct cutflow {
    uint32_t alone[BL23_CONSTRAINTS_MAX], sequential[BL23_CONSTRAINTS_MAX];
};

BL23_DEVICE void add_cutflow(struct bl23_cuda_launch const &launch, uint32_t knot,
                             struct cutflow const &c)
{
    struct bl23_knot_counts *const counts = &launch.knot[knot];
    unsigned const lane = lane_of_thread();
    __syncwarp();
    if (lane < launch.model->n_constraints) {
        bl23_atomic_add(&counts->passed_alone[lane], c.alone[lane]);
        bl23_atomic_add(&counts->passed_sequentially[lane], c.sequential[lane]);
    }
    __syncwarp();
}

BL23_DEVICE void full_tile(struct bl23_cuda_launch const &launch, uint32_t number,
                           struct cutflow &c)
{
    struct bl23_cuda_range const &r = launch.range;
    struct bl23_model const *const model = launch.model;
    struct tile const tile = tile_of(launch, number);
    struct bl23_knot const *const knot = &model->knot[tile.knot];
    uint32_t audited = 0;
    bool const has_audited = audited_of_tile(r, number, audited);
    __syncwarp();
    c.alone[lane_of_thread()] = c.sequential[lane_of_thread()] = 0;
    __syncwarp();
    for (uint32_t at = 0; at < BL23_TILE; at += WARP) {
        uint32_t const offset = number * BL23_TILE + at + lane_of_thread();
        bool const exists = offset >= r.begin && offset < r.end;
        struct judged const j = judge_sample(launch, knot, r.base + offset);
        bool const wanted = j.verdict.survives || j.verdict.tension <= r.bounds.tension;
        bool const audit = has_audited && offset == audited;
        if (tile.counts)
            count_cutflow(model, knot, j, exists, c.alone, c.sequential);
        add_candidate(launch, exists && (wanted || audit),
                      wanted ? offset : offset | BL23_CUDA_DISCARDED);
    }
    if (tile.counts)
        add_cutflow(launch, tile.knot, c);
}

__global__ void __launch_bounds__(THREADS) full_kernel(struct bl23_cuda_launch const launch)
{
    BL23_SHARED(struct cutflow, cutflow, [WARPS]);
    uint32_t const n_tiles = launch.counts->full_tiles;
    for (uint32_t k = warp_of_grid(); k < n_tiles; k += gridDim.x * WARPS)
        full_tile(launch, launch.full_tiles[k], cutflow[threadIdx.x / WARP]);
}

cudaError_t bl23_cuda_full_blocks(int processors, unsigned *blocks)
{
    return resident(full_kernel, processors, blocks);
}

cudaError_t bl23_cuda_full(struct bl23_cuda_launch const *launch, unsigned blocks,
                           cudaStream_t stream)
{
    BL23_LAUNCH(full_kernel, blocks, THREADS, stream, *launch);
    return cudaGetLastError();
}
