/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* The two-sided screen (kernels/screen/sides.h) on the candidates of a warp: it leaves those that
 * the verdict must see.
 *
 * How it works. Once the nearest list is full of survivors, the host sends the edges of each mass
 * with a launch: made of the extrema and bounds that are known from earlier samples. Nothing that a
 * launch finds changes them, and where samples of the launch come before some that are known, no
 * edges are sent: ties would be decided wrongly. A thread computes its sample in single precision
 * by the functions of the CPU, on a vector of one lane. A sample that certainly fails is dropped.
 * A plain one, which changes counts and bins alone, is counted here, by its words and what is known
 * of g^2. All others stay candidates, and collect_kernel counts them: undecided ones, possible
 * extrema and near ones, those to be stored, those whose bin is not certain, and the audited one of
 * a tile.
 * cuda_screen.cu includes it. */
#ifndef BL23_KERNELS_CUDA_SIDES_H
#define BL23_KERNELS_CUDA_SIDES_H

#include "kernels/cuda/cuda_lane.h" /* before sides_answer.h */

#include "kernels/cuda/cuda_tallies.h"
#include "kernels/lanes/survivor_hash.h"
#include "kernels/screen/sides_answer.h"

/* What single precision says of the sample of this thread. */
template <bool solve>
BL23_DEVICE struct bl23_side_answer side_answer(struct bl23_sides const &sides,
                                                struct bl23_words const block[2],
                                                struct bl23_side_rows &rows)
{
    bl23_side_rows_of(&sides, BL23_LOOP_FORMS, solve, block[0].x, block[1].x[0], block[1].x[1],
                      &rows);
    return bl23_side_answer(&sides, bl23_side_quantities_of(BL23_LOOP_FORMS), solve, &rows);
}

/* The bins of a plain sample; returns whether they are certain. A g that is too small for the
 * square in single precision is not. */
BL23_DEVICE bool side_bins(struct bl23_cuda_launch const &launch, struct binning const &b,
                           struct bl23_sides const &sides, struct bl23_words words,
                           struct bl23_span g2, int32_t bin[BL23_HISTOGRAM_AXES])
{
    double const *const edge = launch.reduction->edge[BL23_AXIS_G];
    uint32_t const bins = b.bins[BL23_AXIS_G];
    float const unit = (float)sides.g2_unit;
    double const lo = (1.0 - sides.g2_error) * (double)bl23_fast_sqrt(g2.lo * unit);
    double const hi = (1.0 + sides.g2_error) * (double)bl23_fast_sqrt(g2.hi * unit);
    bool const on_edge = word_bins(b, words, bin);
    int32_t const of_g = bin_of_g(edge, bins, lo);
    bin[BL23_AXIS_G] = of_g;
    return !on_edge && lo > 1e-15 && (of_g > (int32_t)bins || hi < edge[of_g]);
}

/* May a survivor be among those that are kept? */
BL23_DEVICE bool may_be_kept(struct bl23_cuda_launch const &launch, uint64_t index)
{
    uint64_t const bound = launch.range.bounds.hash;
    if (launch.reduction->max_survivors == 0 || bound == UINT64_MAX)
        return launch.reduction->max_survivors != 0;
    return bl23_hash_of_words(sample_words(launch.range.seed, index, BL23_HASH_BLOCK)) <= bound;
}

/* Must the verdict see the candidate of this lane? It is counted if it is plain. All lanes call. */
template <bool solve>
BL23_DEVICE bool is_undecided(struct bl23_cuda_launch const &launch, struct tallies &t, bool exists,
                              uint32_t &entry)
{
    uint32_t const offset = entry & ~BL23_CUDA_DISCARDED;
    uint64_t const index = launch.range.base + offset;
    uint32_t const knot = tile_of(launch, offset / BL23_TILE).knot;
    uint32_t const mask = (1u << BL23_CUDA_AUDIT_BITS) - 1u;
    struct bl23_sides const &sides = launch.sides[knot];
    struct bl23_side_rows rows;
    int32_t bin[BL23_HISTOGRAM_AXES] = {0};
    struct bl23_words block[2];
    words_of_sample<false>(launch, knot, index, block);
    struct bl23_side_answer const answer = side_answer<solve>(sides, block, rows);
    bool const audited = (((uint32_t)index ^ launch.range.audit_phase) & mask) == 0;
    bool const asked = exists && sides.on && (entry & BL23_CUDA_DISCARDED) == 0;
    bool const fails = asked && !answer.possible;
    bool const plain = asked && !audited && (answer.possible & answer.plain) &&
                       side_bins(launch, t.binning, sides, block[0], rows.g2, bin) &&
                       !may_be_kept(launch, index);
    count_survivors(launch, t, plain, knot, answer.one_sigma);
    if (plain)
        count_bins(launch, t, bin);
    if (fails)
        entry = offset | BL23_CUDA_DISCARDED;
    return exists && !plain && (!fails || audited);
}

/* Of `n` candidates of a warp those that the verdict must see stay, side by side; returns how many.
 * All lanes call. */
template <bool solve>
BL23_DEVICE unsigned keep_undecided(struct bl23_cuda_launch const &launch, struct tallies &t,
                                    uint32_t *candidate, unsigned n)
{
    unsigned left = 0;
    for (unsigned at = 0; at < n; at += WARP) {
        bool const exists = at + lane_of_thread() < n;
        uint32_t entry = candidate[exists ? at + lane_of_thread() : at];
        __syncwarp(); /* all lanes have read theirs */
        bool const wanted = is_undecided<solve>(launch, t, exists, entry);
        unsigned const mask = __ballot_sync(BL23_ALL_LANES, wanted);
        if (wanted)
            candidate[left + rank_in(mask)] = entry;
        left += (unsigned)__popc(mask);
        __syncwarp();
    }
    return left;
}

#endif
