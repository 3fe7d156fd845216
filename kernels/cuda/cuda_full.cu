/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* Tiles whose samples all go to the verdict: those that no screen serves, and the ragged ends of a
 * launch, and all where the model has a cover or ranks by chi^2. Survivors and near misses become
 * candidates, and what may be the least chi^2 of a bin. */
#include "kernels/cuda/cuda_profile.h"

/* Must a sample become a candidate? `paper`: the model has no groups beside those of the paper;
 * `cover`: it has a cover. All lanes call. */
template <bool paper, bool cover>
BL23_DEVICE bool is_wanted_by_cuts(struct bl23_cuda_launch const &launch, uint32_t number,
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
    struct bl23_verdict const v =
        bl23_judge_limited(knot, (int)model->level, model->g_mode == BL23_G_SOLVE,
                           quantities_among<paper>(launch.limited), quantity, g);
    return v.survives || v.tension <= launch.range.bounds.tension;
}

/* Where the model ranks by chi^2. */
struct ranked_block {
    struct quantity_row row[THREADS];
    struct binning binning;
};

/* Must a sample become a candidate? All lanes call. */
BL23_DEVICE bool is_wanted_by_chi2(struct bl23_cuda_launch const &launch, struct ranked_block &b,
                                   uint32_t number, bool exists, uint64_t index)
{
    struct bl23_model const *const model = launch.model;
    struct bl23_knot const *const knot = &model->knot[number];
    struct bl23_ranking const *const ranking = bl23_model_ranking(model);
    bool const solve = model->g_mode == BL23_G_SOLVE;
    double *const quantity = b.row[threadIdx.x].quantity;
    struct bl23_words block[2];
    int32_t bin[BL23_HISTOGRAM_AXES];
    words_of_sample<false>(launch, number, index, block);
    struct bl23_row const row = bl23_draw_row(model, index, block[0], block[1].x[0]);
    double const g = bl23_draw_g(model, block[1].x[1]);
    quantities_of<false>(knot, launch.limited | bl23_constrained_quantities(model), row.monomial,
                         quantity);
    struct bl23_chi2_least const least =
        bl23_chi2_of(model, &ranking->chi2[number], solve, quantity, g);
    sample_bins(launch, b.binning, block[0], row.abs, row.phase, solve ? sqrt(least.g2) : g, bin);
    bool const is_least = exists && offer_values(launch, b.binning, bin, least.chi2, index);
    bool const survives =
        bl23_chi2_decides(model)
            ? least.chi2 <= ranking->chi2_max
            : bl23_judge_limited(knot, (int)model->level, solve, launch.limited, quantity, g)
                  .survives;
    return is_least || survives || least.chi2 <= launch.range.bounds.tension;
}

/* `block`: NULL where the model does not rank by chi^2. */
template <bool paper, bool cover, bool ranked>
BL23_DEVICE void full_tile(struct bl23_cuda_launch const &launch, struct ranked_block *block,
                           uint32_t number)
{
    struct bl23_cuda_range const &r = launch.range;
    uint32_t const knot = knot_of<cover>(launch, number);
    uint32_t audited = 0;
    bool const has_audited = audited_of_tile(r, number, audited);
    for (uint32_t at = 0; at < BL23_TILE; at += WARP) {
        uint32_t const offset = number * BL23_TILE + at + lane_of_thread();
        bool const exists = offset >= r.begin && offset < r.end;
        bool const wanted = ranked
                                ? is_wanted_by_chi2(launch, *block, knot, exists, r.base + offset)
                                : is_wanted_by_cuts<paper, cover>(launch, knot, r.base + offset);
        bool const audit = has_audited && offset == audited;
        add_candidate(launch, exists && (wanted || audit),
                      wanted ? offset : offset | BL23_CUDA_DISCARDED);
    }
}

template <bool paper, bool cover, bool ranked>
BL23_DEVICE void full_tiles(struct bl23_cuda_launch const &launch, struct ranked_block *block)
{
    uint32_t const n_tiles = launch.counts->full_tiles;
    for (uint32_t k = warp_of_grid(); k < n_tiles; k += gridDim.x * WARPS)
        full_tile<paper, cover, ranked>(launch, block, launch.full_tiles[k]);
}

__global__ void __launch_bounds__(THREADS) full_kernel(struct bl23_cuda_launch const launch)
{
    full_tiles<true, false, false>(launch, nullptr);
}

/* The same for models that have groups of quantities beside those of the paper. */
__global__ void __launch_bounds__(THREADS) full_groups_kernel(struct bl23_cuda_launch const launch)
{
    full_tiles<false, false, false>(launch, nullptr);
}

/* The same for models that have a cover. */
__global__ void __launch_bounds__(THREADS) full_cover_kernel(struct bl23_cuda_launch const launch)
{
    full_tiles<false, true, false>(launch, nullptr);
}

/* The same for models that rank by chi^2. */
__global__ void __launch_bounds__(THREADS) full_ranked_kernel(struct bl23_cuda_launch const launch)
{
    BL23_SHARED(struct ranked_block, shared, [1]);
    binning_init(launch, shared[0].binning);
    __syncthreads();
    full_tiles<false, false, true>(launch, &shared[0]);
}

cudaError_t bl23_cuda_full_blocks(int processors, unsigned *blocks)
{
    return resident(full_kernel, processors, blocks);
}

cudaError_t bl23_cuda_full(struct bl23_cuda_launch const *launch, unsigned blocks,
                           cudaStream_t stream)
{
    if ((launch->groups & BL23_GROUP_CHI2) != 0)
        BL23_LAUNCH(full_ranked_kernel, blocks, THREADS, stream, *launch);
    else if (launch->cover)
        BL23_LAUNCH(full_cover_kernel, blocks, THREADS, stream, *launch);
    else if (launch->groups == BL23_GROUP_PAPER)
        BL23_LAUNCH(full_kernel, blocks, THREADS, stream, *launch);
    else
        BL23_LAUNCH(full_groups_kernel, blocks, THREADS, stream, *launch);
    return cudaGetLastError();
}
