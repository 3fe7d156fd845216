/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* What a range of samples leaves behind: survivors' indices and the reductions over them, all
 * integers or (value, index) pairs, so that merging is exact and order-free.
 * Backends fill it, host/ merges and stores it. */
#ifndef BL23_KERNELS_RESULTS_H
#define BL23_KERNELS_RESULTS_H

#include "kernels/results/unsorted_survivors.h"
#include "kernels/sample/record.h"

enum {
    BL23_HISTOGRAM_AXES = 7, /* |w1|^2, |w2|^2, |w3|^2, phase12, phase13, phase23, g */
    BL23_BINS_USUAL = 64,
    BL23_BINS_MAX = 254,               /* with underflow and overflow a bin is a byte */
    BL23_BINS_ALL = BL23_BINS_MAX + 2, /* underflow [0], the bins from [1] on, then overflow */
    BL23_HISTOGRAMS_2D = 15
};

/* What to reduce. Edges are in the raw variable (g, not its logarithm), rising. */
struct bl23_reduction {
    uint64_t nearest;       /* samples of least tension, or chi^2, to keep */
    uint64_t profile;       /* 1: keep the least chi^2 of each bin */
    uint64_t max_survivors; /* survivors to keep, those of smallest hash */
    uint64_t cutflow_every; /* bl23_tile_in_cutflow */
    uint64_t n_histograms_2d;
    uint64_t histogram_2d[BL23_HISTOGRAMS_2D][2];        /* pairs of axes */
    uint64_t bins[BL23_HISTOGRAM_AXES];                  /* 1 .. BL23_BINS_MAX */
    double edge[BL23_HISTOGRAM_AXES][BL23_BINS_MAX + 1]; /* [bins + 1] of them are used */
};

/* The cut-flow counts one round in cutflow_every, in each of which every knot has a tile. Samples
 * of a cover have none: it would be that of the cover's cells. */
BL23_INLINE int bl23_tile_in_cutflow(struct bl23_model const *model,
                                     struct bl23_reduction const *reduction, uint64_t tile)
{
    return model->cover_bytes == 0 && tile / model->n_knots % reduction->cutflow_every == 0;
}

/* Bins of an axis with underflow and overflow: the side of a 2-D histogram. */
BL23_INLINE uint64_t bl23_bins_all(struct bl23_reduction const *reduction, uint64_t axis)
{
    return reduction->bins[axis] + 2;
}

/* Number of counters of a 2-D histogram, [x][y] with x and y as above. */
BL23_INLINE uint64_t bl23_histogram_cells(struct bl23_reduction const *reduction, uint64_t h)
{
    uint64_t const *const axis = reduction->histogram_2d[h];
    return bl23_bins_all(reduction, axis[0]) * bl23_bins_all(reduction, axis[1]);
}

/* Where the counters of 2-D histogram h begin among those of all; h may be n_histograms_2d. */
BL23_INLINE uint64_t bl23_histogram_begin(struct bl23_reduction const *reduction, uint64_t h)
{
    uint64_t begin = 0;
    for (uint64_t k = 0; k < h; k++)
        begin += bl23_histogram_cells(reduction, k);
    return begin;
}

/* A value and the sample that has it; ties go to the lower index. */
struct bl23_extremum {
    double value;
    uint64_t index;
};

#define BL23_NO_INDEX UINT64_MAX

/* Counts of one mass knot. */
struct bl23_knot_counts {
    uint64_t drawn, passed;
    uint64_t cutflow_drawn;
    uint64_t passed_sequentially[BL23_CONSTRAINTS_MAX];
    uint64_t passed_alone[BL23_CONSTRAINTS_MAX];
};

/* The part of fixed size, stored as it is. */
struct bl23_tallies {
    uint64_t drawn, passed, passed_1sigma;
    uint64_t histogram_1d[BL23_HISTOGRAM_AXES][BL23_BINS_ALL];
    /* [0]: all survivors, [1]: those of level 1; [column][0: minimum, 1: maximum]; without an index
     * where the survey does not have the column */
    struct bl23_extremum extremum[2][BL23_COLUMNS][2];
};

/* Results; all arrays are owned. */
struct bl23_results {
    struct bl23_tallies tallies;
    uint64_t n_knots;
    struct bl23_knot_counts *knot;      /* [n_knots] */
    uint64_t bins[BL23_HISTOGRAM_AXES]; /* as in the reduction */
    uint64_t n_histograms_2d, cells[BL23_HISTOGRAMS_2D];
    uint64_t *histogram_2d; /* [cells of all], one after the other */
    uint64_t nearest_capacity, n_nearest;
    struct bl23_extremum *nearest; /* a heap, worst first */
    /* the least chi^2 of all samples in each bin: [axis][BL23_BINS_ALL], then the cells of the 2-D
     * histograms; the bin of g is that of chi2_g */
    uint64_t n_profile; /* 0: none is kept */
    struct bl23_extremum *profile;
    uint64_t seed, max_survivors;
    uint64_t hash_bound; /* a survivor of larger hash is not kept */
    /* those that may be kept; bl23_results_sort leaves the max_survivors of smallest hash */
    struct bl23_survivor_list survivors;
    struct bl23_unsorted_survivors unsorted; /* more of them, until bl23_results_sort */
};

/* Counters of all 2-D histograms. */
static inline uint64_t bl23_results_cells(struct bl23_results const *results)
{
    uint64_t cells = 0;
    for (uint64_t h = 0; h < results->n_histograms_2d; h++)
        cells += results->cells[h];
    return cells;
}

/* Survivors outside the bins of an axis. */
static inline uint64_t bl23_survivors_outside(struct bl23_results const *results, int axis)
{
    uint64_t const *const count = results->tallies.histogram_1d[axis];
    return count[0] + count[results->bins[axis] + 1];
}

/* BL23_ERROR_MEMORY leaves *results empty; free takes that too. */
enum bl23_status bl23_results_init(struct bl23_results *results, uint64_t n_knots, uint64_t seed,
                                   struct bl23_reduction const *reduction);
void bl23_results_free(struct bl23_results *results);
void bl23_results_clear(struct bl23_results *results);

/* Add `from` (of the same shape) to `into`. Exact, commutative and associative up to the order of
 * the lists, and up to survivors that bl23_results_sort drops. */
enum bl23_status bl23_results_merge(struct bl23_results *into, struct bl23_results const *from);

/* Add counters to counters: `bytes` of uint64_t and nothing else. */
void bl23_counts_add(void *into, void const *from, size_t bytes);

/* Count one survivor in every reduction. */
enum bl23_status bl23_results_survivor(struct bl23_results *results,
                                       struct bl23_reduction const *reduction,
                                       struct bl23_record const *record);

/* Offer a value to a minimum (side 0) or a maximum (side 1); ties go to the lower index. */
void bl23_results_extremum(struct bl23_extremum *e, int side, double value, uint64_t index);

/* Offer the columns that one survivor has to the extrema. */
void bl23_results_extrema(struct bl23_tallies *tallies, struct bl23_record const *record);

/* The places of a profile; 0 without one. Those of axes come first. */
enum { BL23_PROFILE_2D = BL23_HISTOGRAM_AXES * BL23_BINS_ALL };
uint64_t bl23_profile_places(struct bl23_reduction const *reduction);

/* Offer a sample, survivor or not, to the bins of a profile. */
void bl23_results_profile(struct bl23_results *results, struct bl23_reduction const *reduction,
                          int32_t const bin[BL23_HISTOGRAM_AXES], double chi2, uint64_t index);

/* Offer a sample to the nearest list; cheap when it is too far. */
void bl23_results_nearest(struct bl23_results *results, double rank, uint64_t index);

/* The tension, or chi^2, above which a sample certainly is not among the nearest: infinity until
 * the list is full. */
double bl23_results_nearest_bound(struct bl23_results const *results);

/* What a sample must not exceed to be among the nearest, or among the kept survivors. Bounds of any
 * part of a survey hold for all of it. */
struct bl23_bounds {
    double tension;
    uint64_t hash;
};
struct bl23_bounds bl23_results_bounds(struct bl23_results const *results);

/* Bring bounds of a survey down to those of results of it. */
void bl23_results_tighten(struct bl23_bounds *bounds, struct bl23_results const *results);

/* Keep a tile's survivors, up to max_survivors in all. */
enum bl23_status bl23_results_keep(struct bl23_results *results, struct bl23_tile_survivors tile);

/* The same of the survivors index[n], which come in any order. */
enum bl23_status bl23_results_keep_any(struct bl23_results *results, uint64_t const *index,
                                       size_t n);

/* Words of the list that bl23_results_sort will make of the survivors, at most. */
uint64_t bl23_results_words(struct bl23_results const *results);

/* Sort survivors by index into one list, no more than are kept, and the nearest by tension, then
 * index. */
enum bl23_status bl23_results_sort(struct bl23_results *results);

#endif
