/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* Tiles whose samples all go to the verdict: those that no screen serves, and the ragged ends of a
 * launch, and all where the model has a cover. Survivors and near misses become candidates. */
#include "kernels/cuda/cuda_tiles.h"

/* `paper`: the model has no groups beside those of the paper; `cover`: it has a cover. */
template <bool paper, bool cover>
BL23_DEVICE struct bl23_verdict judge_sample(struct bl23_cuda_launch const &launch, uint32_t number,
                                             uint64_t index)
{
    struct bl23_model const *const model = launch.model;
    struct bl23_knot const *const knot = &model->knot[number];
    double m[BL23_MONOMIALS], quantity[BL23_QUANTITIES], g;
    if (cover) { /* a row w that is drawn */
        struct bl23_words block[2];
        words_of_sample<cover>(launch, number, index, block);
        bl23_draw_monomials(block[0], m);
        g = bl23_draw_g(model, block[1].x[1]);
    } else {
        monomials_of(launch, index, m);
        g = coupling_of(launch, index);
    }
    quantities_of<paper>(knot, launch.limited, m, quantity);
    return bl23_judge_limited(knot, (int)model->level, model->g_mode == BL23_G_SOLVE,
                              quantities_among<paper>(launch.limited), quantity, g);
}

template <bool paper, bool cover>
BL23_DEVICE void full_tile(struct bl23_cuda_launch const &launch, uint32_t number)
{
    struct bl23_cuda_range const &r = launch.range;
    uint32_t const knot = knot_of<cover>(launch, number);
    uint32_t audited = 0;
    bool const has_audited = audited_of_tile(r, number, audited);
    for (uint32_t at = 0; at < BL23_TILE; at += WARP) {
        uint32_t const offset = number * BL23_TILE + at + lane_of_thread();
        bool const exists = offset >= r.begin && offset < r.end;
        struct bl23_verdict const v = judge_sample<paper, cover>(launch, knot, r.base + offset);
        bool const wanted = v.survives || v.tension <= r.bounds.tension;
        bool const audit = has_audited && offset == audited;
        add_candidate(launch, exists && (wanted || audit),
                      wanted ? offset : offset | BL23_CUDA_DISCARDED);
    }
}

template <bool paper, bool cover> BL23_DEVICE void full_tiles(struct bl23_cuda_launch const &launch)
{
    uint32_t const n_tiles = launch.counts->full_tiles;
    for (uint32_t k = warp_of_grid(); k < n_tiles; k += gridDim.x * WARPS)
        full_tile<paper, cover>(launch, launch.full_tiles[k]);
}

__global__ void __launch_bounds__(THREADS) full_kernel(struct bl23_cuda_launch const launch)
{
    full_tiles<true, false>(launch);
}

/* The same for models that have groups of quantities beside those of the paper. */
__global__ void __launch_bounds__(THREADS) full_groups_kernel(struct bl23_cuda_launch const launch)
{
    full_tiles<false, false>(launch);
}

/* The same for models that have a cover. */
__global__ void __launch_bounds__(THREADS) full_cover_kernel(struct bl23_cuda_launch const launch)
{
    full_tiles<false, true>(launch);
}

cudaError_t bl23_cuda_full_blocks(int processors, unsigned *blocks)
{
    return resident(full_kernel, processors, blocks);
}

cudaError_t bl23_cuda_full(struct bl23_cuda_launch const *launch, unsigned blocks,
                           cudaStream_t stream)
{
    if (launch->cover)
        BL23_LAUNCH(full_cover_kernel, blocks, THREADS, stream, *launch);
    else if (launch->groups == BL23_GROUP_PAPER)
        BL23_LAUNCH(full_kernel, blocks, THREADS, stream, *launch);
    else
        BL23_LAUNCH(full_groups_kernel, blocks, THREADS, stream, *launch);
    return cudaGetLastError();
}
