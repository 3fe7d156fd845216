/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* What the kernels have in common: words, places in lists, tiles of a launch. Work is dealt out by
 * warps, which never wait for each other before the end of a block.
 * The cuda_*.cu files include it. */
#ifndef BL23_KERNELS_CUDA_TILES_H
#define BL23_KERNELS_CUDA_TILES_H

#include "kernels/cuda/cuda_device.h"
#include "kernels/cuda/cuda_survey.h"
#include "kernels/sample/cell.h"
#include "kernels/sample/draw.h"
#include "kernels/sample/verdict.h"

/* What `scripts/gpu_check.py --tune` varies: samples of a lane side by side in the screen, and
 * blocks on a multiprocessor that the registers of a kernel must leave room for. */
#ifndef BL23_CUDA_STEPS
#define BL23_CUDA_STEPS 4
#endif
#ifndef BL23_CUDA_SCREEN_BLOCKS
#define BL23_CUDA_SCREEN_BLOCKS 6
#endif
#ifndef BL23_CUDA_COLLECT_BLOCKS
#define BL23_CUDA_COLLECT_BLOCKS 4
#endif

enum { WARP = BL23_CUDA_WARP, THREADS = BL23_CUDA_THREADS, WARPS = THREADS / WARP };

/* ---- words, warps, lists ---- */

/* Block b of a sample, from cuRAND's generator: the words of bl23_sample_words. */
BL23_DEVICE struct bl23_words sample_words(uint64_t seed, uint64_t index, uint32_t block)
{
    uint4 const counter = make_uint4(block, 0u, (unsigned)index, (unsigned)(index >> 32));
    uint4 const x =
        curand_Philox4x32_10(counter, make_uint2((unsigned)seed, (unsigned)(seed >> 32)));
    struct bl23_words const words = {{x.x, x.y, x.z, x.w}};
    return words;
}

BL23_DEVICE unsigned lane_of_thread(void)
{
    return threadIdx.x % WARP;
}

BL23_DEVICE unsigned warp_of_grid(void)
{
    return blockIdx.x * WARPS + threadIdx.x / WARP;
}

/* Set bits of a mask below this lane. */
BL23_DEVICE unsigned rank_in(unsigned mask)
{
    return (unsigned)__popc(mask & ((1u << lane_of_thread()) - 1u));
}

/* A place in a list for every lane that wants one; one atomic for the warp. All lanes call. */
BL23_DEVICE uint32_t reserve(uint32_t *counter, bool wanted)
{
    unsigned const mask = __ballot_sync(BL23_ALL_LANES, wanted);
    if (mask == 0)
        return 0;
    uint32_t first = 0;
    if (lane_of_thread() == 0)
        first = atomicAdd(counter, (unsigned)__popc(mask));
    return __shfl_sync(BL23_ALL_LANES, first, 0) + rank_in(mask);
}

/* ---- tiles ---- */

/* What is known of a tile of the launch where there is no cover. */
struct tile {
    uint32_t knot;
    bool counts; /* for the cut-flow */
};

BL23_DEVICE struct tile tile_of(struct bl23_cuda_launch const &launch, uint32_t number)
{
    struct bl23_cuda_range const &r = launch.range;
    uint32_t const n_knots = (uint32_t)launch.model->n_knots;
    uint32_t const place = r.first_knot + number, round = place / n_knots;
    struct tile tile;
    tile.knot = place - round * n_knots;
    tile.counts = round >= r.cutflow_wait && (round - r.cutflow_wait) % r.cutflow_every == 0;
    return tile;
}

/* The knot of a tile; `cover`: the model has one. */
template <bool cover>
BL23_DEVICE uint32_t knot_of(struct bl23_cuda_launch const &launch, uint32_t number)
{
    if (!cover)
        return tile_of(launch, number).knot;
    uint64_t const tile = (launch.range.base >> BL23_TILE_BITS) + number;
    return (uint32_t)bl23_knot_by_cover(launch.model, tile);
}

/* bl23_index_of_words of a sample of the launch. */
BL23_DEVICE uint64_t index_of_words(struct bl23_cuda_launch const &launch, uint64_t index)
{
    struct bl23_cuda_range const &r = launch.range;
    if (r.n_masses == 0)
        return index;
    uint32_t const n_knots = (uint32_t)launch.model->n_knots;
    uint32_t const place = r.first_knot + (uint32_t)((index - r.base) >> BL23_TILE_BITS);
    uint32_t const round = place / n_knots, knot = place - round * n_knots;
    uint64_t const tile = (r.first_round + round) * r.n_masses + knot % r.n_masses;
    return tile << BL23_TILE_BITS | (index & (BL23_TILE - 1));
}

/* Is every sample of the tile in the launch? */
BL23_DEVICE bool is_whole(struct bl23_cuda_range const &r, uint32_t number)
{
    return number * BL23_TILE >= r.begin && (number + 1) * BL23_TILE <= r.end;
}

/* A lane's entry joins the candidates. All lanes call. */
BL23_DEVICE void add_candidate(struct bl23_cuda_launch const &launch, bool wanted, uint32_t entry)
{
    uint32_t const at = reserve(&launch.counts->candidates, wanted);
    if (wanted && at < launch.capacity.candidates)
        launch.candidates[at] = entry;
}

/* Offset of the sample of a tile that is audited, if there is one. */
BL23_DEVICE bool audited_of_tile(struct bl23_cuda_range const &r, uint32_t number, uint32_t &offset)
{
    uint32_t const first = number * BL23_TILE;
    uint32_t const low = (uint32_t)r.base + first, mask = (1u << BL23_CUDA_AUDIT_BITS) - 1u;
    offset = first + ((r.audit_phase - low) & mask);
    return offset - first < BL23_TILE && offset >= r.begin && offset < r.end;
}

/* ---- one sample ---- */

/* A branch on what is the same for the whole warp: without it the compiler computes both sides for
 * every sample and selects. All lanes take it, or none. */
BL23_DEVICE void whole_warp_branch(void)
{
    __syncwarp();
}

/* The words of a sample at its knot: blocks 0 and 1. */
template <bool cover>
BL23_DEVICE void words_of_sample(struct bl23_cuda_launch const &launch, uint32_t knot,
                                 uint64_t index, struct bl23_words block[2])
{
    uint64_t const words = cover ? index : index_of_words(launch, index);
    block[0] = sample_words(launch.range.seed, words, 0);
    block[1] = sample_words(launch.range.seed, words, 1);
    if (cover)
        bl23_words_by_cover(launch.model, knot, block);
}

/* All lanes call. */
BL23_DEVICE void monomials_of(struct bl23_cuda_launch const &launch, uint64_t index,
                              double m[BL23_MONOMIALS])
{
    struct bl23_model const *const model = launch.model;
    if (model->w_mode == BL23_W_HAAR) {
        bl23_draw_monomials(sample_words(launch.range.seed, index_of_words(launch, index), 0), m);
    } else {
        whole_warp_branch();
        for (int k = 0; k < BL23_MONOMIALS; k++)
            m[k] = model->w.monomial[k];
    }
}

BL23_DEVICE double coupling_of(struct bl23_cuda_launch const &launch, uint64_t index)
{
    bool const drawn = launch.model->g_mode == BL23_G_LOG_UNIFORM;
    uint64_t const words = index_of_words(launch, index);
    return bl23_draw_g(launch.model, drawn ? sample_words(launch.range.seed, words, 1).x[1] : 0u);
}

/* Those of some quantities that a model may have: `paper`: it has no group beside that of the
 * paper, and the compiler leaves out all others. */
template <bool paper> BL23_DEVICE unsigned quantities_among(unsigned quantities)
{
    return quantities &
           (paper ? bl23_quantities_of_groups(BL23_GROUP_PAPER) : (unsigned)BL23_ALL_QUANTITIES);
}

/* The quantities of a sample that are asked for, which are the same for the whole warp; the others
 * become 0. All lanes call. */
template <bool paper>
BL23_DEVICE void quantities_of(struct bl23_knot const *knot, unsigned asked,
                               double const m[BL23_MONOMIALS], double s[BL23_QUANTITIES])
{
    unsigned const quantities = quantities_among<paper>(asked), forms = bl23_forms_of(quantities);
    double h[BL23_FORMS];
    BL23_UNROLL
    for (int r = 0; r < BL23_FORMS; r++) {
        h[r] = 0.0;
        if (forms >> r & 1u) {
            whole_warp_branch();
            h[r] = bl23_amplitude(knot->form[r], m);
        }
    }
    bl23_quantities(knot, quantities, h, s);
}

/* ---- launches ---- */

/* Blocks of a kernel that are resident on the whole device. */
template <class Kernel> static cudaError_t resident(Kernel kernel, int processors, unsigned *blocks)
{
    int per_processor = 0;
    cudaError_t const error =
        cudaOccupancyMaxActiveBlocksPerMultiprocessor(&per_processor, kernel, THREADS, 0);
    *blocks = (unsigned)(per_processor > 0 ? per_processor * processors : processors);
    return error;
}

#endif
