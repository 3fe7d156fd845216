/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* What a block of threads counts of survivors: their numbers and their bins, in shared memory, so
 * that few atomic operations leave the block. Planes of two axes and counts by mass are too many
 * for it; each survivor goes into those of the launch.
 * cuda_collect.cu counts those of the verdict, cuda_sides.h those of single precision. */
#ifndef BL23_KERNELS_CUDA_TALLIES_H
#define BL23_KERNELS_CUDA_TALLIES_H

#include "kernels/cuda/cuda_tiles.h"
#include "kernels/results/bins.h"

/* How bins are numbered. */
struct binning {
    uint32_t bins[BL23_HISTOGRAM_AXES];
    uint32_t n_histograms_2d;
    uint32_t begin[BL23_HISTOGRAMS_2D], side[BL23_HISTOGRAMS_2D]; /* of their cells; of a row */
    uint32_t bits[BL23_HISTOGRAMS_2D][2]; /* where the bins of their axes lie among the packed */
};

struct tallies {
    uint32_t histogram_1d[BL23_HISTOGRAM_AXES][BL23_BINS_ALL];
    uint32_t passed, passed_1sigma;
    struct binning binning;
};

/* All threads of the block call; a barrier follows. */
BL23_DEVICE void binning_init(struct bl23_cuda_launch const &launch, struct binning &b)
{
    if (threadIdx.x < BL23_HISTOGRAM_AXES)
        b.bins[threadIdx.x] = (uint32_t)launch.reduction->bins[threadIdx.x];
    if (threadIdx.x < launch.reduction->n_histograms_2d) {
        uint64_t const *const axis = launch.reduction->histogram_2d[threadIdx.x];
        b.begin[threadIdx.x] = (uint32_t)bl23_histogram_begin(launch.reduction, threadIdx.x);
        b.side[threadIdx.x] = (uint32_t)bl23_bins_all(launch.reduction, axis[1]);
        for (int k = 0; k < 2; k++)
            b.bits[threadIdx.x][k] = 8u * (uint32_t)axis[k];
    }
    if (threadIdx.x == 0)
        b.n_histograms_2d = (uint32_t)launch.reduction->n_histograms_2d;
}

/* The same. */
BL23_DEVICE void tallies_init(struct bl23_cuda_launch const &launch, struct tallies &t)
{
    uint32_t *const bins = &t.histogram_1d[0][0];
    for (unsigned k = threadIdx.x; k < BL23_HISTOGRAM_AXES * BL23_BINS_ALL; k += THREADS)
        bins[k] = 0;
    if (threadIdx.x == 0)
        t.passed = t.passed_1sigma = 0;
    binning_init(launch, t.binning);
}

/* Counts of survivors, of the block and of their knots. All lanes call. */
BL23_DEVICE void count_survivors(struct bl23_cuda_launch const &launch, struct tallies &t,
                                 bool survives, uint32_t knot, bool is_one_sigma)
{
    unsigned const mask = __ballot_sync(BL23_ALL_LANES, survives);
    unsigned const one_sigma = __ballot_sync(BL23_ALL_LANES, survives && is_one_sigma);
    uint32_t const first = __shfl_sync(BL23_ALL_LANES, knot, mask ? __ffs((int)mask) - 1 : 0);
    unsigned const same = __ballot_sync(BL23_ALL_LANES, survives && knot == first);
    if (lane_of_thread() == 0 && mask != 0) {
        atomicAdd(&t.passed, (unsigned)__popc(mask));
        atomicAdd(&t.passed_1sigma, (unsigned)__popc(one_sigma));
        bl23_atomic_add(&launch.knot[first].passed, (unsigned)__popc(same));
    }
    if (survives && knot != first) /* the warp straddles tiles */
        bl23_atomic_add(&launch.knot[knot].passed, 1u);
}

/* ---- bins ---- */

/* Bins of moduli and phases by x0..x3; returns whether a word is on an edge. */
BL23_DEVICE bool word_bins(struct binning const &b, struct bl23_words words,
                           int32_t bin[BL23_HISTOGRAM_AXES])
{
    uint32_t const x0 = words.x[0], x1 = words.x[1];
    uint32_t const low = x0 < x1 ? x0 : x1, high = x0 < x1 ? x1 : x0;
    uint32_t word[BL23_AXIS_G] = {low, high - low, 0u - high}; /* bl23_draw_simplex */
    bl23_phase_words(words.x[2], words.x[3], word + BL23_AXIS_PHASES);
    bool edge = false;
    BL23_UNROLL
    for (int i = 0; i < BL23_AXIS_G; i++) {
        bin[i] = bl23_bin_of_word(word[i], b.bins[i]);
        edge |= bl23_word_on_edge(word[i], b.bins[i]);
    }
    return edge;
}

/* Bin of g by its logarithm. With the default range, 1e-8 to 1, this is right except at an edge;
 * where it is not, the bin is searched by halving. */
BL23_DEVICE int32_t bin_of_g(double const *edge, uint32_t bins, double g)
{
    float const log2_low = -26.575425f, per_octave = (float)bins / -log2_low;
    float const place = (bl23_fast_log2((float)g) - log2_low) * per_octave;
    int const bin = (int)fminf(fmaxf(place, 0.0f), (float)(bins - 1u));
    return edge[bin] <= g && g < edge[bin + 1] ? bin + 1 : bl23_bin_rising(edge, (int32_t)bins, g);
}

/* The bins of a sample with these words of block 0, by the words where they decide. */
BL23_DEVICE void sample_bins(struct bl23_cuda_launch const &launch, struct binning const &b,
                             struct bl23_words words, double const abs[3], double const phase[3],
                             double g, int32_t bin[BL23_HISTOGRAM_AXES])
{
    if (word_bins(b, words, bin) || !launch.words_decide)
        bl23_bins_of_w(launch.reduction, abs, phase, bin);
    bin[BL23_AXIS_G] = bin_of_g(launch.reduction->edge[BL23_AXIS_G], b.bins[BL23_AXIS_G], g);
}

/* A byte for each bin, as registers cannot be indexed. */
BL23_DEVICE uint64_t packed_bins(int32_t const bin[BL23_HISTOGRAM_AXES])
{
    uint64_t packed = 0;
    BL23_UNROLL
    for (int a = 0; a < BL23_HISTOGRAM_AXES; a++)
        packed |= (uint64_t)bin[a] << (8 * a);
    return packed;
}
static_assert(BL23_BINS_ALL <= 256 && BL23_HISTOGRAM_AXES <= 8, "a byte for each bin");

/* The cell of 2-D histogram h among those of all. */
BL23_DEVICE uint32_t cell_of(struct binning const &b, unsigned h, uint64_t packed)
{
    unsigned const x = (packed >> b.bits[h][0]) & 0xffu, y = (packed >> b.bits[h][1]) & 0xffu;
    return b.begin[h] + x * b.side[h] + y;
}

/* A survivor with these bins. */
BL23_DEVICE void count_bins(struct bl23_cuda_launch const &launch, struct tallies &t,
                            int32_t const bin[BL23_HISTOGRAM_AXES])
{
    BL23_UNROLL
    for (int a = 0; a < BL23_HISTOGRAM_AXES; a++)
        atomicAdd(&t.histogram_1d[a][bin[a]], 1u);
    uint64_t const packed = packed_bins(bin);
    for (unsigned h = 0; h < t.binning.n_histograms_2d; h++)
        atomicAdd(launch.histogram_2d + cell_of(t.binning, h, packed), 1ull);
}

/* What a block has counted goes to the launch. All threads call after a barrier. */
BL23_DEVICE void tallies_flush(struct bl23_cuda_launch const &launch, struct tallies const &t)
{
    uint32_t const *const bins = &t.histogram_1d[0][0];
    for (unsigned k = threadIdx.x; k < BL23_HISTOGRAM_AXES * BL23_BINS_ALL; k += THREADS)
        if (bins[k] != 0)
            atomicAdd(&launch.counts->histogram_1d[0][0] + k, (unsigned long long)bins[k]);
    if (threadIdx.x == 0 && t.passed != 0) {
        atomicAdd(&launch.counts->passed, (unsigned long long)t.passed);
        atomicAdd(&launch.counts->passed_1sigma, (unsigned long long)t.passed_1sigma);
    }
}

#endif
