/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* The axes of the histograms: their values for one sample, and the bin of a value.
 * results.c and the backends call it. */
#ifndef BL23_KERNELS_BINS_H
#define BL23_KERNELS_BINS_H

#include "kernels/results/results.h"

enum { BL23_AXIS_PHASES = 3, BL23_AXIS_G = 6 }; /* first axes of phases and of g */

/* Phase difference in (-pi, pi]. */
BL23_INLINE double bl23_phase_difference(double a, double b)
{
    double const pi = 0x1.921fb54442d18p+1;
    double const d = a - b;
    return d > pi ? d - 2.0 * pi : d <= -pi ? d + 2.0 * pi : d;
}

/* Bin of x among equal bins: 0 below the first edge, bins + 1 above the last, which the last bin
 * takes in. The guess is at most one off. */
BL23_INLINE int32_t bl23_bin_equal(double const edge[BL23_BINS_MAX + 1], int32_t bins, double x)
{
    double const place = (x - edge[0]) * (bins / (edge[bins] - edge[0]));
    int32_t const guess = (int32_t)bl23_min(bl23_max(place, 0.0), bins - 1.0);
    int32_t const bin = guess + 1 + (x >= edge[guess + 1]) - !(x >= edge[guess]);
    return bin - (x == edge[bins]);
}

/* The same among bins of any rising edges, by halving. */
BL23_INLINE int32_t bl23_bin_rising(double const edge[BL23_BINS_MAX + 1], int32_t bins, double x)
{
    int32_t low = 0, high = bins + 1; /* edge[low - 1] <= x < edge[high] */
    while (low < high) {
        int32_t const middle = (low + high) / 2;
        if (x >= edge[middle])
            low = middle + 1;
        else
            high = middle;
    }
    return low - (x == edge[bins]);
}

/* ---- bins that the words decide ---- */

/* Can the bins of moduli and phases be read from the random words, except exactly at a bin edge? */
int bl23_bins_words_decide(struct bl23_reduction const *reduction);

/* Bin of x/2^32 among equal bins of [0, 1), and whether it is on an edge of theirs; so it is with
 * 0, which may stand for 1. */
BL23_INLINE int32_t bl23_bin_of_word(uint32_t x, uint32_t bins)
{
    return (int32_t)(((uint64_t)x * bins) >> 32) + 1;
}

BL23_INLINE int bl23_word_on_edge(uint32_t x, uint32_t bins)
{
    return x * bins == 0;
}

/* The same of |w_i|^2 as a number; the product is exact. */
BL23_INLINE int32_t bl23_bin_of_square(double square, double bins)
{
    return (int32_t)(square * bins) + 1;
}

BL23_INLINE int bl23_square_on_edge(double square, double bins)
{
    double const place = square * bins;
    return place == (double)(int32_t)place;
}

/* The phase differences 12, 13 and 23 as words of 2 pi/2^32, counted from -pi on, out of x2 and x3.
 */
BL23_INLINE void bl23_phase_words(uint32_t x2, uint32_t x3, uint32_t phase[3])
{
    phase[0] = x2 + 0x80000000u;
    phase[1] = x3 + 0x80000000u;
    phase[2] = x3 - x2 + 0x80000000u;
}

/* ---- bins of any record ---- */

/* The bins of a row w, of moduli abs[3] and phases [rad], on the axes before that of g. */
BL23_INLINE void bl23_bins_of_w(struct bl23_reduction const *reduction, double const abs[3],
                                double const phase[3], int32_t bin[BL23_HISTOGRAM_AXES])
{
    double axis[BL23_AXIS_G];
    BL23_UNROLL
    for (int i = 0; i < BL23_AXIS_PHASES; i++)
        axis[i] = abs[i] * abs[i];
    BL23_UNROLL
    for (int i = 0; i < 3; i++)
        axis[BL23_AXIS_PHASES + i] =
            bl23_phase_difference(phase[i == 0 ? 1 : 2], phase[i == 2 ? 1 : 0]);
    BL23_UNROLL
    for (int i = 0; i < BL23_AXIS_G; i++)
        bin[i] = bl23_bin_equal(reduction->edge[i], (int32_t)reduction->bins[i], axis[i]);
}

/* The bins of a record on every axis. */
BL23_INLINE void bl23_bins_of_record(struct bl23_reduction const *reduction,
                                     double const value[BL23_COLUMNS],
                                     int32_t bin[BL23_HISTOGRAM_AXES])
{
    double abs[3], phase[3];
    BL23_UNROLL
    for (int i = 0; i < 3; i++) {
        abs[i] = value[BL23_COLUMN_wu11_abs + 2 * i];
        phase[i] = value[BL23_COLUMN_wu11_phase + 2 * i];
    }
    bl23_bins_of_w(reduction, abs, phase, bin);
    bin[BL23_AXIS_G] =
        bl23_bin_rising(reduction->edge[BL23_AXIS_G], (int32_t)reduction->bins[BL23_AXIS_G],
                        value[BL23_COLUMN_g_bl]);
}

#endif
