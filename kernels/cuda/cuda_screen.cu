/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* The screen on a CUDA device.
 *
 * How it works. sort_tiles_kernel sorts the tiles of a launch: those that the screen serves, those
 * whose samples all go to the verdict (cuda_full.cu), and those that count for the cut-flow. In
 * screen_kernel a warp takes a tile at a time. Each lane applies the first condition, the cheap one
 * (x5 in its range, or the lean condition with one cosine), to 32 samples and gathers the results
 * in one word, so that branches do not diverge. The few that pass are collected in shared memory,
 * and as soon as there are 32 of them, one for each lane, the second, whole condition is applied.
 * What passes both is collected again, and handed over to the launch's list of candidates with one
 * atomic operation for many; where the host has sent edges, only what the two-sided screen leaves
 * of it (cuda_sides.h), and this also serves masses at which no condition pays. The audited sample
 * of a tile becomes a candidate in any case, marked if the screen discards it. */
#include "kernels/cuda/cuda_condition.h"
#include "kernels/cuda/cuda_sides.h"

enum {
    STEPS = BL23_CUDA_STEPS,
    GROUP = WARP * WARP,  /* samples of a warp between two looks at what has passed */
    CANDIDATES = 4 * WARP /* that a warp collects */
};

/* The two-sided screen: none, with g given, with g solved for. */
enum sides { NO_SIDES, SIDES_GIVEN, SIDES_SOLVE };

__global__ void __launch_bounds__(THREADS) sort_tiles_kernel(struct bl23_cuda_launch const launch)
{
    uint32_t const n_tiles = (launch.range.end + BL23_TILE - 1) / BL23_TILE;
    uint32_t const number = blockIdx.x * THREADS + threadIdx.x;
    bool const exists = number < n_tiles;
    struct tile const tile = tile_of(launch, exists ? number : 0);
    struct bl23_screen const &screen = launch.screen[tile.knot];
    bool const sided = launch.sided && launch.sides[tile.knot].on;
    bool const screened = !launch.cover && (screen.n_terms > 0 || screen.has_x5 || sided) &&
                          is_whole(launch.range, number);
    bool const counts = !launch.cover && tile.counts;
    uint32_t const a = reserve(&launch.counts->screened_tiles, exists && screened);
    uint32_t const b = reserve(&launch.counts->full_tiles, exists && !screened);
    uint32_t const c = reserve(&launch.counts->counting_tiles, exists && counts);
    if (exists && screened)
        launch.screened_tiles[a] = number;
    if (exists && !screened)
        launch.full_tiles[b] = number;
    if (exists && counts)
        launch.counting_tiles[c] = number;
}

/* ---- lists of a warp ---- */

/* In shared memory. `passed`: offsets within the tile of what has passed the first condition;
 * `candidate`: offsets within the launch of what has passed both, collected for one atomic. */
struct warp_lists {
    uint32_t candidate[CANDIDATES + WARP];
    uint16_t passed[GROUP + WARP];
};
struct warp_work {
    struct warp_lists *list;
    struct tallies *tallies;     /* of the block, where there are sides */
    unsigned passed, candidates; /* counts; the same in every lane */
};

/* The candidates go to the launch. */
template <enum sides sides>
BL23_DEVICE void hand_over(struct bl23_cuda_launch const &launch, struct warp_work &w)
{
    unsigned const lane = lane_of_thread();
    uint32_t first = 0;
    __syncwarp();
    if (sides != NO_SIDES)
        w.candidates = keep_undecided<sides == SIDES_SOLVE>(launch, *w.tallies, w.list->candidate,
                                                            w.candidates);
    if (lane == 0)
        first = atomicAdd(&launch.counts->candidates, w.candidates);
    first = __shfl_sync(BL23_ALL_LANES, first, 0);
    for (unsigned k = lane; k < w.candidates; k += WARP)
        if (first + k < launch.capacity.candidates)
            launch.candidates[first + k] = w.list->candidate[k];
    w.candidates = 0;
    __syncwarp();
}

/* A lane's entry joins the candidates, among which there is room for a warp's. All lanes call. */
BL23_DEVICE void keep_candidate(struct warp_work &w, bool wanted, uint32_t entry)
{
    unsigned const mask = __ballot_sync(BL23_ALL_LANES, wanted);
    if (wanted)
        w.list->candidate[w.candidates + rank_in(mask)] = entry;
    w.candidates += (unsigned)__popc(mask);
}

/* Add what a lane has found in a group: bit k is the sample at first + k WARP. All lanes call. */
BL23_DEVICE void keep_passed(struct warp_work &w, uint32_t found, unsigned first)
{
    unsigned const mine = (unsigned)__popc(found), lane = lane_of_thread();
    unsigned up_to = mine; /* found by this lane and those below */
    BL23_UNROLL
    for (unsigned step = 1; step < WARP; step *= 2) {
        unsigned const below = __shfl_up_sync(BL23_ALL_LANES, up_to, step);
        up_to += lane >= step ? below : 0;
    }
    for (unsigned at = w.passed + up_to - mine; found != 0; found &= found - 1u, at++)
        w.list->passed[at] = (uint16_t)(first + ((unsigned)__ffs((int)found) - 1u) * WARP);
    w.passed += __shfl_sync(BL23_ALL_LANES, up_to, WARP - 1);
}

/* Take up to 32 entries from the end; lanes beyond get none. */
BL23_DEVICE bool take_passed(struct warp_work &w, uint32_t &offset)
{
    __syncwarp();
    unsigned const taken = w.passed < WARP ? w.passed : (unsigned)WARP;
    w.passed -= taken;
    bool const mine = lane_of_thread() < taken;
    if (mine)
        offset = w.list->passed[w.passed + lane_of_thread()];
    __syncwarp();
    return mine;
}

/* ---- the conditions on a tile ---- */

enum { NO_CONDITION = -1 };

/* What is the same for all samples of a tile. */
struct tile_screen {
    struct bl23_screen const *screen;
    uint64_t seed;
    uint32_t high, low; /* of index_of_words of the tile's first sample: none crosses 2^32 */
    uint32_t offset;    /* of that sample in the launch */
    bool lean_is_whole;
};

template <int pair, bool paper>
BL23_DEVICE struct tile_screen tile_screen_of(struct bl23_cuda_launch const &launch,
                                              struct bl23_screen const &screen, uint32_t number)
{
    struct tile_screen tile;
    tile.offset = number * BL23_TILE;
    uint64_t const first = index_of_words(launch, launch.range.base + tile.offset);
    tile.screen = &screen;
    tile.seed = launch.range.seed;
    tile.high = (uint32_t)(first >> 32);
    tile.low = (uint32_t)first;
    tile.lean_is_whole = lean_is_whole<pair, paper>(screen);
    return tile;
}

BL23_DEVICE struct bl23_words words_of(struct tile_screen const &tile, uint32_t offset,
                                       uint32_t block)
{
    return sample_words(tile.seed, ((uint64_t)tile.high << 32) | (tile.low + offset), block);
}

/* On all samples: the range of x5 if there is one (terms = 0), else the lean condition; where
 * there is none (NO_CONDITION) all pass. */
template <int terms, int pair>
BL23_DEVICE bool first_passes(struct tile_screen const &tile, struct lean_condition const &lean,
                              uint32_t offset)
{
    if (terms == NO_CONDITION)
        return true;
    if (terms > 0)
        return lean_passes<terms, pair>(lean, words_of(tile, offset, 0));
    uint32_t const x5 = words_of(tile, offset, 1).x[1];
    return lean.x5_low <= x5 && x5 <= lean.x5_high;
}

/* On those that passed the first: the whole condition, unless that was all of it; behind x5 the
 * lean one of two terms where it says as much. */
template <int terms, bool paper>
BL23_DEVICE bool second_passes(struct tile_screen const &tile, uint32_t offset)
{
    struct bl23_screen const &screen = *tile.screen;
    if (terms == NO_CONDITION)
        return true;
    if (terms > 0 ? tile.lean_is_whole : screen.n_terms == 0)
        return true;
    struct bl23_words const words = words_of(tile, offset, 0);
    if (terms == 0 && tile.lean_is_whole && screen.n_terms == 2)
        return lean_passes<2, 2>(lean_condition_of<2>(screen), words);
    return terms == 1 ? whole_passes<1>(screen, words) : whole_passes_of<paper>(screen, words);
}

/* The first condition on 32 samples a lane; bit k of the result is sample first + k WARP. */
template <int terms, int pair>
BL23_DEVICE uint32_t first_condition(struct tile_screen const &tile,
                                     struct lean_condition const &lean, uint32_t first)
{
    uint32_t found = 0;
    for (unsigned step = 0; step < WARP; step += STEPS) {
        uint32_t some = 0;
        BL23_UNROLL
        for (unsigned s = 0; s < STEPS; s++)
            some |= first_passes<terms, pair>(tile, lean, first + (step + s) * WARP) ? 1u << s : 0u;
        found |= some << step;
    }
    return found;
}

/* What has passed the first condition, through the second: all but `leave` at most. */
template <int terms, bool paper, enum sides sides>
BL23_DEVICE void second_condition(struct bl23_cuda_launch const &launch,
                                  struct tile_screen const &tile, unsigned leave,
                                  struct warp_work &w)
{
    while (w.passed > leave) {
        uint32_t offset = 0;
        bool const mine = take_passed(w, offset);
        bool const passes = mine && second_passes<terms, paper>(tile, offset);
        keep_candidate(w, passes, tile.offset + offset);
        if (w.candidates >= CANDIDATES)
            hand_over<sides>(launch, w);
    }
}

/* The audited sample of a tile becomes a candidate even if the screen discards it. */
template <int terms, int pair, bool paper>
BL23_DEVICE void screen_audited(struct bl23_cuda_launch const &launch,
                                struct tile_screen const &tile, struct lean_condition const &lean,
                                uint32_t number, struct warp_work &w)
{
    uint32_t entry = 0;
    if (!audited_of_tile(launch.range, number, entry))
        return;
    uint32_t const offset = entry - tile.offset;
    bool const passes =
        first_passes<terms, pair>(tile, lean, offset) && second_passes<terms, paper>(tile, offset);
    keep_candidate(w, lane_of_thread() == 0 && !passes, entry | BL23_CUDA_DISCARDED);
}

template <int terms, int pair, bool paper, enum sides sides>
BL23_DEVICE void screen_tile(struct bl23_cuda_launch const &launch,
                             struct bl23_screen const &screen, uint32_t number, struct warp_work &w)
{
    struct tile_screen const tile = tile_screen_of<pair, paper>(launch, screen, number);
    struct lean_condition const lean = lean_condition_of<pair>(screen);
    for (uint32_t at = 0; at < BL23_TILE; at += GROUP) {
        uint32_t const first = at + lane_of_thread();
        keep_passed(w, first_condition<terms, pair>(tile, lean, first), first);
        second_condition<terms, paper, sides>(launch, tile, at + GROUP < BL23_TILE ? WARP - 1 : 0,
                                              w);
    }
    screen_audited<terms, pair, paper>(launch, tile, lean, number, w);
}

/* Conditions on H have up to two terms, whose pair is 23; others may have any. Where g is solved
 * for there is no x5; where it is given, words of any x5 pass if there is no range of it. */
template <bool paper, enum sides sides>
BL23_DEVICE void screen_tiles(struct bl23_cuda_launch const &launch, struct warp_lists *lists,
                              struct tallies *tallies)
{
    struct warp_work w = {&lists[threadIdx.x / WARP], tallies, 0, 0};
    uint32_t const n_tiles = launch.counts->screened_tiles;
    for (uint32_t k = warp_of_grid(); k < n_tiles; k += gridDim.x * WARPS) {
        uint32_t const number = launch.screened_tiles[k];
        struct bl23_screen const &screen = launch.screen[tile_of(launch, number).knot];
        if (sides != NO_SIDES && screen.n_terms == 0 && !screen.has_x5)
            screen_tile<NO_CONDITION, 2, paper, sides>(launch, screen, number, w);
        else if (sides == SIDES_GIVEN || (sides == NO_SIDES && screen.has_x5))
            screen_tile<0, 2, paper, sides>(launch, screen, number, w);
        else if (screen.n_terms == 1)
            screen_tile<1, 2, paper, sides>(launch, screen, number, w);
        else if (!paper && screen.pair == 0)
            screen_tile<2, 0, paper, sides>(launch, screen, number, w);
        else if (!paper && screen.pair == 1)
            screen_tile<2, 1, paper, sides>(launch, screen, number, w);
        else
            screen_tile<2, 2, paper, sides>(launch, screen, number, w);
    }
    hand_over<sides>(launch, w);
}

__global__ void __launch_bounds__(THREADS, BL23_CUDA_SCREEN_BLOCKS)
    screen_kernel(struct bl23_cuda_launch const launch)
{
    BL23_SHARED(struct warp_lists, lists, [WARPS]);
    screen_tiles<true, NO_SIDES>(launch, lists, nullptr);
}

/* The same for models that have groups of quantities beside those of the paper. */
__global__ void __launch_bounds__(THREADS, BL23_CUDA_SCREEN_BLOCKS)
    screen_groups_kernel(struct bl23_cuda_launch const launch)
{
    BL23_SHARED(struct warp_lists, lists, [WARPS]);
    screen_tiles<false, NO_SIDES>(launch, lists, nullptr);
}

/* The same with the two-sided screen behind it. */
struct sided_block {
    struct warp_lists lists[WARPS];
    struct tallies tallies;
};

template <enum sides sides>
BL23_DEVICE void screen_sided_tiles(struct bl23_cuda_launch const &launch, struct sided_block &b)
{
    tallies_init(launch, b.tallies);
    __syncthreads();
    screen_tiles<true, sides>(launch, b.lists, &b.tallies);
    __syncthreads();
    tallies_flush(launch, b.tallies);
}

__global__ void __launch_bounds__(THREADS, BL23_CUDA_COLLECT_BLOCKS)
    screen_given_kernel(struct bl23_cuda_launch const launch)
{
    BL23_SHARED(struct sided_block, shared, [1]);
    screen_sided_tiles<SIDES_GIVEN>(launch, shared[0]);
}

__global__ void __launch_bounds__(THREADS, BL23_CUDA_COLLECT_BLOCKS)
    screen_solve_kernel(struct bl23_cuda_launch const launch)
{
    BL23_SHARED(struct sided_block, shared, [1]);
    screen_sided_tiles<SIDES_SOLVE>(launch, shared[0]);
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

cudaError_t bl23_cuda_sided_blocks(int processors, unsigned *blocks)
{
    return resident(screen_solve_kernel, processors, blocks);
}

cudaError_t bl23_cuda_screen(struct bl23_cuda_launch const *launch, unsigned blocks,
                             cudaStream_t stream)
{
    if (launch->sided && launch->solve)
        BL23_LAUNCH(screen_solve_kernel, blocks, THREADS, stream, *launch);
    else if (launch->sided)
        BL23_LAUNCH(screen_given_kernel, blocks, THREADS, stream, *launch);
    else if (launch->groups == BL23_GROUP_PAPER)
        BL23_LAUNCH(screen_kernel, blocks, THREADS, stream, *launch);
    else
        BL23_LAUNCH(screen_groups_kernel, blocks, THREADS, stream, *launch);
    return cudaGetLastError();
}
