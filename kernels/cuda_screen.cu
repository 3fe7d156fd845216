/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* The screen on a CUDA device: tiles are sorted into those that it serves and those whose samples
 * all go to the verdict; of the former it leaves candidates. It only discards. */
#include "kernels/cuda_tiles.h"

enum {
    STEPS = 4, /* samples of a lane between two looks at what is left */
    QUEUE = STEPS * WARP + WARP
};

__global__ void __launch_bounds__(THREADS) sort_tiles_kernel(struct bl23_cuda_launch const launch)
{
    uint32_t const n_tiles = (launch.range.end + BL23_TILE - 1) / BL23_TILE;
    uint32_t const number = blockIdx.x * THREADS + threadIdx.x;
    bool const exists = number < n_tiles;
    struct tile const tile = tile_of(launch, exists ? number : 0);
    struct bl23_screen const &screen = launch.screen[tile.knot];
    bool const screened =
        (screen.n_terms > 0 || screen.has_x5) && !tile.counts && is_whole(launch.range, number);
    uint32_t const a = reserve(&launch.counts->screened_tiles, exists && screened);
    uint32_t const b = reserve(&launch.counts->full_tiles, exists && !screened);
    if (exists && screened)
        launch.screened_tiles[a] = number;
    if (exists && !screened)
        launch.full_tiles[b] = number;
}

/* ---- the screen, in single precision ---- */

/* A number in [1, 2) from the upper 23 bits of a word: x/2^32 + 1 to 1.2e-7. */
BL23_DEVICE float float_of_word(uint32_t x)
{
    return __uint_as_float((x >> 9) + 0x3f800000u);
}

/* |w_i|^2 and the roots of their products, within BL23_SCREEN_ROOT_ERROR/2 of the product's
 * largest value 1/2: cutting words to 23 bits moves sqrt(|wi|^2 |wj|^2) by at most 3.5e-4. */
struct sample {
    float w2[3], root[BL23_SCREEN_PAIRS];
    uint32_t angle[BL23_SCREEN_PAIRS];
};

BL23_DEVICE struct sample sample_of(struct bl23_words words)
{
    uint32_t const x0 = words.x[0], x1 = words.x[1];
    uint32_t const a = x0 < x1 ? x0 : x1, b = x0 < x1 ? x1 : x0;
    struct sample s;
    s.w2[0] = float_of_word(a) - 1.0f;
    s.w2[1] = float_of_word(b - a) - 1.0f;
    s.w2[2] = 2.0f - float_of_word(b);
    s.root[0] = bl23_fast_sqrt(s.w2[0] * s.w2[1]);
    s.root[1] = bl23_fast_sqrt(s.w2[0] * s.w2[2]);
    s.root[2] = bl23_fast_sqrt(s.w2[1] * s.w2[2]);
    s.angle[0] = words.x[2];
    s.angle[1] = words.x[3];
    s.angle[2] = words.x[3] - words.x[2];
    return s;
}

/* cos(2 pi x/2^32) within BL23_SCREEN_COS_ERROR. */
BL23_DEVICE float cosine_of_word(uint32_t x)
{
    return bl23_fast_cos(float_of_word(x) * 6.2831853f);
}

/* max(|amplitude| - margin, 0). */
BL23_DEVICE float term_of(struct bl23_screen_term const &term, struct sample const &s)
{
    float sum = term.diagonal[0] * s.w2[0];
    sum = fmaf(term.diagonal[1], s.w2[1], sum);
    sum = fmaf(term.diagonal[2], s.w2[2], sum);
    BL23_UNROLL
    for (int p = 0; p < BL23_SCREEN_PAIRS; p++)
        if (term.explicit_pair[p])
            sum =
                fmaf(term.modulus[p] * s.root[p], cosine_of_word(s.angle[p] - term.phase[p]), sum);
    return fmaxf(fabsf(sum) - term.margin, 0.0f);
}

/* May a sample with these words of block 0 be needed? */
template <int terms>
BL23_DEVICE bool amplitude_passes(struct bl23_screen const &screen, struct bl23_words words)
{
    struct sample const s = sample_of(words);
    float square = 0.0f;
    BL23_UNROLL
    for (int t = 0; t < terms; t++) {
        float const h = term_of(screen.term[t], s);
        square = fmaf(h, h, square);
    }
    return !(square > screen.limit);
}

/* The first condition, on all samples: the range of x5 if there is one (terms = 0), else the
 * amplitudes. */
template <int terms>
BL23_DEVICE bool first_passes(struct bl23_cuda_range const &r, struct bl23_screen const &screen,
                              uint64_t index)
{
    if (terms > 0)
        return amplitude_passes<terms>(screen, sample_words(r.seed, index, 0));
    uint32_t const x5 = sample_words(r.seed, index, 1).x[1];
    return screen.x5_low <= x5 && x5 <= screen.x5_high;
}

/* The second, on those that passed it: the amplitudes, if x5 came first. */
BL23_DEVICE bool second_passes(struct bl23_cuda_range const &r, struct bl23_screen const &screen,
                               uint64_t index)
{
    if (!screen.has_x5 || screen.n_terms == 0)
        return true;
    struct bl23_words const words = sample_words(r.seed, index, 0);
    return screen.n_terms == 1 ? amplitude_passes<1>(screen, words)
                               : amplitude_passes<2>(screen, words);
}

/* ---- queues: what a warp has found, handed on 32 at a time ---- */

struct queue {
    uint32_t *entry; /* [QUEUE], of this warp */
    unsigned count;  /* the same in every lane */
};

/* Append the offsets of the lanes that found something. */
BL23_DEVICE void queue_append(struct queue &q, bool found, uint32_t offset)
{
    unsigned const mask = __ballot_sync(BL23_ALL_LANES, found);
    if (found)
        q.entry[q.count + rank_in(mask)] = offset;
    q.count += (unsigned)__popc(mask);
}

/* Take up to 32 entries from the end; lanes beyond get none. */
BL23_DEVICE bool queue_take(struct queue &q, uint32_t &offset)
{
    __syncwarp();
    unsigned const taken = q.count < WARP ? q.count : (unsigned)WARP;
    q.count -= taken;
    bool const mine = lane_of_thread() < taken;
    if (mine)
        offset = q.entry[q.count + lane_of_thread()];
    __syncwarp();
    return mine;
}

/* Entries of the queue to the candidates, through the second condition: whole warps of them, or
 * all that are left. */
BL23_DEVICE void queue_drain(struct bl23_cuda_launch const &launch,
                             struct bl23_screen const &screen, unsigned keep, struct queue &q)
{
    while (q.count > keep) {
        uint32_t offset = 0;
        bool const mine = queue_take(q, offset);
        bool const passes = mine && second_passes(launch.range, screen, launch.range.base + offset);
        add_candidate(launch, passes, offset);
    }
}

/* The audited sample of a tile becomes a candidate even if the screen discards it. */
template <int terms>
BL23_DEVICE void screen_audited(struct bl23_cuda_launch const &launch,
                                struct bl23_screen const &screen, uint32_t number)
{
    struct bl23_cuda_range const &r = launch.range;
    uint32_t offset = 0;
    if (!audited_of_tile(r, number, offset))
        return;
    uint64_t const index = r.base + offset;
    bool const passes = first_passes<terms>(r, screen, index) && second_passes(r, screen, index);
    add_candidate(launch, lane_of_thread() == 0 && !passes, offset | BL23_CUDA_DISCARDED);
}

template <int terms>
BL23_DEVICE void screen_tile(struct bl23_cuda_launch const &launch,
                             struct bl23_screen const &screen, uint32_t number, struct queue &q)
{
    struct bl23_cuda_range const &r = launch.range;
    uint32_t const first = number * BL23_TILE + lane_of_thread();
    for (uint32_t at = 0; at < BL23_TILE; at += STEPS * WARP) {
        bool found[STEPS];
        BL23_UNROLL
        for (uint32_t s = 0; s < STEPS; s++)
            found[s] = first_passes<terms>(r, screen, r.base + (first + at + s * WARP));
        BL23_UNROLL
        for (uint32_t s = 0; s < STEPS; s++)
            queue_append(q, found[s], first + at + s * WARP);
        if (q.count >= WARP)
            queue_drain(launch, screen, WARP - 1, q);
    }
    queue_drain(launch, screen, 0, q);
    screen_audited<terms>(launch, screen, number);
}

__global__ void __launch_bounds__(THREADS) screen_kernel(struct bl23_cuda_launch const launch)
{
    BL23_SHARED(uint32_t, entries, [WARPS * QUEUE]);
    struct queue q = {entries + (threadIdx.x / WARP) * QUEUE, 0};
    uint32_t const n_tiles = launch.counts->screened_tiles;
    for (uint32_t k = warp_of_grid(); k < n_tiles; k += gridDim.x * WARPS) {
        uint32_t const number = launch.screened_tiles[k];
        struct bl23_screen const screen = launch.screen[tile_of(launch, number).knot];
        if (screen.has_x5)
            screen_tile<0>(launch, screen, number, q);
        else if (screen.n_terms == 1)
            screen_tile<1>(launch, screen, number, q);
        else
            screen_tile<2>(launch, screen, number, q);
    }
}

cudaError_t bl23_cuda_sort_tiles(struct bl23_cuda_launch const *launch, cudaStream_t stream)
{
    uint32_t const n_tiles = (launch->range.end + BL23_TILE - 1) / BL23_TILE;
    BL23_LAUNCH(sort_tiles_kernel, (n_tiles + THREADS - 1) / THREADS, THREADS, stream, *launch);
    return cudaGetLastError();
}

cudaError_t bl23_cuda_screen_blocks(int processors, unsigned *blocks)
{
    return resident(screen_kernel, processors, blocks);
}

cudaError_t bl23_cuda_screen(struct bl23_cuda_launch const *launch, unsigned blocks,
                             cudaStream_t stream)
{
    BL23_LAUNCH(screen_kernel, blocks, THREADS, stream, *launch);
    return cudaGetLastError();
}
