/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* What one launch on a CUDA device takes and leaves: plain structs of device memory, and the
 * launchers of the kernels in the cuda_*.cu files.
 * cuda_slot.c calls them. */
#ifndef BL23_KERNELS_CUDA_SURVEY_H
#define BL23_KERNELS_CUDA_SURVEY_H

#include <cuda_runtime_api.h>

#include "kernels/results/results.h"
#include "kernels/screen/screen.h"
#include "kernels/screen/sides.h"

enum {
    BL23_CUDA_LAUNCH_MAX = 1 << 30, /* samples of a launch: an offset leaves bit 31 for a flag */
    BL23_CUDA_AUDIT_BITS = 20,      /* one sample in 2^20 is judged again by the processor */
    BL23_CUDA_EXTREMA = 4 * BL23_COLUMNS,
    BL23_CUDA_WARP = 32,
    BL23_CUDA_THREADS = 128
};

/* Of an entry: the screen or the first verdict has discarded the sample; it is here for the audit
 * only. */
#define BL23_CUDA_DISCARDED 0x80000000u

/* Number of an extremum in the arrays: sets, columns, minimum and maximum. */
#define BL23_CUDA_EXTREMUM(set, column, side) (2 * (BL23_COLUMNS * (set) + (column)) + (side))

/* The samples of a launch, counted from the first sample of its first tile. */
struct bl23_cuda_range {
    uint64_t seed;       /* of the model: kernels read it with their parameters */
    uint64_t base;       /* a multiple of BL23_TILE */
    uint32_t begin, end; /* base + begin up to base + end, end excluded */
    uint32_t first_knot; /* of the first tile */
    /* With common_w (struct bl23_draws) masses of the model, else 0; rounds of all knots before
     * the first tile. */
    uint32_t n_masses;
    uint64_t first_round;
    /* Rounds of all knots until one counts for the cut-flow, and from one to the next. */
    uint32_t cutflow_wait, cutflow_every;
    uint32_t audit_phase; /* low bits of the indices that are audited */
    struct bl23_bounds bounds;
};

/* Counts of a launch. A list that is longer than its capacity has lost entries. */
struct bl23_cuda_counts {
    uint32_t screened_tiles, full_tiles, counting_tiles;
    uint32_t candidates, nearest, kept, audited, extrema;
    unsigned long long passed, passed_1sigma;
    unsigned long long histogram_1d[BL23_HISTOGRAM_AXES][BL23_BINS_ALL];
};

/* Entries of the lists that go back. Offsets count from base. */
struct bl23_cuda_nearest {
    double rank; /* bl23_record_rank */
    uint64_t digest, offset;
};
struct bl23_cuda_survivor {
    uint64_t digest, offset;
};
struct bl23_cuda_audited {
    uint64_t digest, entry; /* entry: offset, BL23_CUDA_DISCARDED */
};
struct bl23_cuda_new_extremum {
    uint64_t which; /* BL23_CUDA_EXTREMUM */
    struct bl23_extremum best;
};

/* How many entries each list has room for. */
struct bl23_cuda_capacity {
    uint32_t candidates, nearest, kept, audited, extrema;
};

/* Everything a kernel reads or writes; all pointers are device memory. */
struct bl23_cuda_launch {
    struct bl23_cuda_range range;
    struct bl23_cuda_capacity capacity;
    int words_decide; /* the bins of moduli and phases (kernels/results/bins.h) */
    unsigned limited; /* bits of the quantities that any mass limits */
    unsigned groups;  /* of the model */
    int cover;        /* the model has one: nothing is screened, and there is no cut-flow */
    int solve;        /* g */
    int sided;        /* the sides have their edges */
    struct bl23_model const *model;
    struct bl23_reduction const *reduction;
    struct bl23_screen const *screen;          /* [n_knots]; n_terms = 0 and no x5: there is none */
    struct bl23_sides const *sides;            /* [n_knots], where there are cuts */
    struct bl23_side_cuts const *cuts;         /* [n_knots]; NULL: the model has no sides */
    struct bl23_extremum const *extrema;       /* [BL23_CUDA_EXTREMA], known before the launch */
    struct bl23_extremum const *profile_known; /* [bl23_profile_places], before the launch */
    uint32_t *screened_tiles, *full_tiles, *counting_tiles;
    uint32_t *candidates;
    struct bl23_cuda_counts *counts;
    struct bl23_knot_counts *knot;    /* [n_knots] */
    unsigned long long *histogram_2d; /* as in struct bl23_results */
    struct bl23_cuda_nearest *nearest;
    struct bl23_cuda_survivor *kept;
    struct bl23_cuda_audited *audited;
    struct bl23_cuda_new_extremum *new_extrema;
    struct bl23_extremum
        *profile; /* what the launch has found; no index: nothing (cuda_profile.h) */
};

#ifdef __cplusplus
extern "C" {
#endif

/* The number of blocks of each kernel that fills the current device of `processors`
 * multiprocessors. */
cudaError_t bl23_cuda_screen_blocks(int processors, unsigned *blocks);
cudaError_t bl23_cuda_sided_blocks(int processors, unsigned *blocks); /* of screens with sides */
cudaError_t bl23_cuda_full_blocks(int processors, unsigned *blocks);
cudaError_t bl23_cuda_cutflow_blocks(int processors, unsigned *blocks);
cudaError_t bl23_cuda_collect_blocks(int processors, unsigned *blocks);

/* The kernels of a launch on one stream, in this order: sort the tiles, screen, judge tiles that
 * are not screened, count the cut-flow, collect. Each returns the error of its launch. */
cudaError_t bl23_cuda_sort_tiles(struct bl23_cuda_launch const *launch, cudaStream_t stream);
cudaError_t bl23_cuda_screen(struct bl23_cuda_launch const *launch, unsigned blocks,
                             cudaStream_t stream);
cudaError_t bl23_cuda_full(struct bl23_cuda_launch const *launch, unsigned blocks,
                           cudaStream_t stream);
cudaError_t bl23_cuda_cutflow(struct bl23_cuda_launch const *launch, unsigned blocks,
                              cudaStream_t stream);
cudaError_t bl23_cuda_collect(struct bl23_cuda_launch const *launch, unsigned blocks,
                              cudaStream_t stream);

#ifdef __cplusplus
}
#endif

#endif
