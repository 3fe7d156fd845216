/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* The axes of the histograms: their values for one sample, and the bin of a value.
 * results.c and the backends call it. */
#ifndef BL23_KERNELS_BINS_H
#define BL23_KERNELS_BINS_H

#include "kernels/results/results.h"

enum { BL23_AXIS_PHASES = 3, BL23_AXIS_G = 5 }; /* first axes of phases and of g */

/* Phase difference in (-pi, pi]. */
BL23_INLINE double bl23_phase_difference(double a, double b)
{
    double const pi = 0x1.921fb54442d18p+1;
    double const d = a - b;
    return d > pi ? d - 2.0 * pi : d <= -pi ? d + 2.0 * pi : d;
}

/* Bin of x among equal bins: 0 below the first edge, BL23_BINS + 1 above the last, which the last
 * bin takes in. The guess is at most one off; per_bin = BL23_BINS / (last - first edge). */
BL23_INLINE int32_t bl23_bin_equal(double const edge[BL23_BINS + 1], double per_bin, double x)
{
    double const place = (x - edge[0]) * per_bin;
    int32_t const guess = (int32_t)bl23_min(bl23_max(place, 0.0), BL23_BINS - 1.0);
    int32_t const bin = guess + 1 + (x >= edge[guess + 1]) - !(x >= edge[guess]);
    return bin - (x == edge[BL23_BINS]);
}

/* The same among bins of any rising edges, by halving. */
BL23_INLINE int32_t bl23_bin_rising(double const edge[BL23_BINS + 1], double x)
{
    int32_t low = 0, high = BL23_BINS + 1; /* edge[low - 1] <= x < edge[high] */
    while (low < high) {
        int32_t const middle = (low + high) / 2;
        if (x >= edge[middle])
            low = middle + 1;
        else
            high = middle;
    }
    return low - (x == edge[BL23_BINS]);
}

/* ---- bins that the words decide ---- */

/* Can the bins of moduli and phases be read from the random words, except exactly at a bin edge? */
int bl23_bins_words_decide(struct bl23_reduction const *reduction);

/* Bin of x/2^32 among 64 of [0, 1), and whether it is on an edge of theirs; so it is with 0, which
 * may stand for 1. */
BL23_INLINE int32_t bl23_bin_of_word(uint32_t x)
{
    return (int32_t)(x >> 26) + 1;
}

BL23_INLINE int bl23_word_on_edge(uint32_t x)
{
    return (x & ((1u << 26) - 1u)) == 0;
}

/* The same of |w_i|^2 as a number; the product is exact. */
BL23_INLINE int32_t bl23_bin_of_square(double square)
{
    return (int32_t)(square * BL23_BINS) + 1;
}

BL23_INLINE int bl23_square_on_edge(double square)
{
    double const place = square * BL23_BINS;
    return place == (double)(int32_t)place;
}

/* Bin of the phase 2 pi x/2^32 among 64 of 2^26 words, from -pi on. */
BL23_INLINE int32_t bl23_bin_of_phase_word(uint32_t x)
{
    return bl23_bin_of_word(x + 0x80000000u);
}

BL23_INLINE int bl23_phase_word_on_edge(uint32_t x)
{
    return bl23_word_on_edge(x); /* pi is an edge itself */
}

/* ---- bins of any record ---- */

/* The bins of a record on every axis. */
BL23_INLINE void bl23_bins_of_record(struct bl23_reduction const *reduction,
                                     double const value[BL23_COLUMNS],
                                     int32_t bin[BL23_HISTOGRAM_AXES])
{
    double axis[BL23_HISTOGRAM_AXES];
    BL23_UNROLL
    for (int i = 0; i < BL23_AXIS_PHASES; i++)
        axis[i] = value[BL23_COLUMN_wu11_abs + 2 * i] * value[BL23_COLUMN_wu11_abs + 2 * i];
    BL23_UNROLL
    for (int i = BL23_AXIS_PHASES; i < BL23_AXIS_G; i++)
        axis[i] = bl23_phase_difference(value[BL23_COLUMN_wu12_phase + 2 * (i - BL23_AXIS_PHASES)],
                                        value[BL23_COLUMN_wu11_phase]);
    BL23_UNROLL
    for (int i = 0; i < BL23_AXIS_G; i++) {
        double const *const edge = reduction->edge[i];
        bin[i] = bl23_bin_equal(edge, BL23_BINS / (edge[BL23_BINS] - edge[0]), axis[i]);
    }
    bin[BL23_AXIS_G] = bl23_bin_rising(reduction->edge[BL23_AXIS_G], value[BL23_COLUMN_g_bl]);
}

#endif
