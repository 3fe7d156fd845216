/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* Tiles whose samples all go to the verdict: those that no screen serves, and the ragged ends of a
 * launch. Survivors and near misses become candidates. */
#include "kernels/cuda/cuda_tiles.h"

#include "kernels/sample/verdict.h"

BL23_DEVICE struct bl23_verdict judge_sample(struct bl23_cuda_launch const &launch,
                                             struct bl23_knot const *knot, uint64_t index)
{
    struct bl23_model const *const model = launch.model;
    double m[BL23_MONOMIALS], h[BL23_FORMS], quantity[BL23_QUANTITIES];
    monomials_of(launch, index, m);
    bl23_amplitudes(knot, m, h);
    bl23_quantities(h, quantity);
    return bl23_judge_limited(knot, (int)model->level, model->g_mode == BL23_G_SOLVE,
                              launch.limited, quantity, coupling_of(launch, index));
}

BL23_DEVICE void full_tile(struct bl23_cuda_launch const &launch, uint32_t number)
{
    struct bl23_cuda_range const &r = launch.range;
    struct bl23_knot const *const knot = &launch.model->knot[tile_of(launch, number).knot];
    uint32_t audited = 0;
    bool const has_audited = audited_of_tile(r, number, audited);
    for (uint32_t at = 0; at < BL23_TILE; at += WARP) {
        uint32_t const offset = number * BL23_TILE + at + lane_of_thread();
        bool const exists = offset >= r.begin && offset < r.end;
        struct bl23_verdict const v = judge_sample(launch, knot, r.base + offset);
        bool const wanted = v.survives || v.tension <= r.bounds.tension;
        bool const audit = has_audited && offset == audited;
        add_candidate(launch, exists && (wanted || audit),
                      wanted ? offset : offset | BL23_CUDA_DISCARDED);
    }
}

__global__ void __launch_bounds__(THREADS) full_kernel(struct bl23_cuda_launch const launch)
{
    uint32_t const n_tiles = launch.counts->full_tiles;
    for (uint32_t k = warp_of_grid(); k < n_tiles; k += gridDim.x * WARPS)
        full_tile(launch, launch.full_tiles[k]);
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
