/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* Surveys that rank by chi^2: the quantities of a thread's sample, and the least chi^2 of each bin
 * with its sample.
 *
 * How it works. Value and index of an entry of the profile do not fit into one atomic operation, so
 * that the entry is made by two kernels. The first has the chi^2 of every sample: where it beats
 * what the host knows from earlier launches, it goes into the value of the entry, and if it is the
 * least so far, the sample becomes a candidate. Every sample that has the least value of the launch
 * does. The second kernel computes the candidates again, and of those that have the value, which is
 * final now, the lowest index goes into the entry. No order of threads can change that.
 * cuda_full.cu and cuda_collect.cu include it. */
#ifndef BL23_KERNELS_CUDA_PROFILE_H
#define BL23_KERNELS_CUDA_PROFILE_H

#include "kernels/cuda/cuda_tallies.h"
#include "kernels/sample/chi2.h"

/* The quantities of a sample, in shared memory: those of the constraints are found by their number,
 * and registers cannot be indexed. An odd number of them in a row, so that the rows of a warp begin
 * in different banks. */
struct quantity_row {
    double quantity[BL23_QUANTITIES | 1];
};

/* Offer a chi^2 to the value of an entry; returns whether it is the least so far. It is never
 * negative, so that its bits rise with it; those of an entry begin above all numbers. */
BL23_DEVICE bool offer_value(struct bl23_cuda_launch const &launch, uint32_t place, double chi2,
                             uint64_t index)
{
    struct bl23_extremum const known = launch.profile_known[place];
    unsigned long long bits;
    memcpy(&bits, &chi2, sizeof bits);
    if (!(chi2 < known.value || (chi2 == known.value && index < known.index)))
        return false;
    return bits <= atomicMin((unsigned long long *)&launch.profile[place].value, bits);
}

/* The same to those of all bins of a sample; of any. */
BL23_DEVICE bool offer_values(struct bl23_cuda_launch const &launch, struct binning const &b,
                              int32_t const bin[BL23_HISTOGRAM_AXES], double chi2, uint64_t index)
{
    bool is_least = false;
    BL23_UNROLL
    for (int a = 0; a < BL23_HISTOGRAM_AXES; a++)
        is_least |= offer_value(launch, (uint32_t)(a * BL23_BINS_ALL + bin[a]), chi2, index);
    uint64_t const packed = packed_bins(bin);
    for (unsigned h = 0; h < b.n_histograms_2d; h++)
        is_least |= offer_value(launch, BL23_PROFILE_2D + cell_of(b, h, packed), chi2, index);
    return is_least;
}

/* Offer the index of a candidate to an entry, whose value it may have. */
BL23_DEVICE void offer_index(struct bl23_cuda_launch const &launch, uint32_t place, double chi2,
                             uint64_t index)
{
    struct bl23_extremum *const entry = &launch.profile[place];
    if (entry->value == chi2)
        atomicMin((unsigned long long *)&entry->index, (unsigned long long)index);
}

BL23_DEVICE void offer_indices(struct bl23_cuda_launch const &launch, struct binning const &b,
                               int32_t const bin[BL23_HISTOGRAM_AXES], double chi2, uint64_t index)
{
    BL23_UNROLL
    for (int a = 0; a < BL23_HISTOGRAM_AXES; a++)
        offer_index(launch, (uint32_t)(a * BL23_BINS_ALL + bin[a]), chi2, index);
    uint64_t const packed = packed_bins(bin);
    for (unsigned h = 0; h < b.n_histograms_2d; h++)
        offer_index(launch, BL23_PROFILE_2D + cell_of(b, h, packed), chi2, index);
}

#endif
