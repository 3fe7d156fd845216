/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* One of the two launches that may be under way: its stream, its device memory, and the host memory
 * that its counts and lists come back to.
 * cuda_backend.c opens two, submits and collects.
 * It must not know what the results mean. */
#ifndef BL23_KERNELS_CUDA_SLOT_H
#define BL23_KERNELS_CUDA_SLOT_H

#include "kernels/cuda/cuda_diagnostics.h"
#include "kernels/cuda/cuda_survey.h"

/* Blocks of the kernels of a launch. */
struct bl23_cuda_grid {
    unsigned screen, sided, full, cutflow, collect;
};

/* Blocks that fill a device. */
cudaError_t bl23_cuda_grid_of(int device, struct bl23_cuda_grid *grid);

/* What is the same in every launch of an open backend. */
struct bl23_cuda_shape {
    struct bl23_model const *d_model;
    struct bl23_reduction const *d_reduction;
    struct bl23_side_cuts const *d_cuts; /* [n_knots]; NULL: the model has no sides */
    uint64_t n_knots, cells;             /* of all 2-D histograms */
    uint64_t places;                     /* of the profile; 0: there is none */
    int words_decide;                    /* the bins of moduli and phases */
    unsigned limited;                    /* bits of the quantities that any mass limits */
    unsigned groups;                     /* of the model */
    int cover;                           /* the model has one */
    int solve;                           /* g */
    struct bl23_cuda_capacity capacity;
    uint32_t tiles; /* most tiles of a launch */
    struct bl23_cuda_grid grid;
};

/* Counts and lists on the host (page-locked); lists hold min(count, capacity) entries. */
struct bl23_cuda_host {
    struct bl23_screen *screen;
    struct bl23_sides *sides;
    struct bl23_extremum *extrema;
    struct bl23_extremum *profile_known;
    struct bl23_cuda_counts *counts;
    struct bl23_knot_counts *knot;
    uint64_t *histogram_2d;
    struct bl23_cuda_nearest *nearest;
    struct bl23_cuda_survivor *kept;
    struct bl23_cuda_audited *audited;
    struct bl23_cuda_new_extremum *new_extrema;
    struct bl23_extremum *profile;
    uint64_t *news, n_news; /* places of the profile where the launch has found a sample */
};

struct bl23_cuda_slot {
    cudaStream_t stream;
    cudaEvent_t event[BL23_CUDA_KERNELS + 1]; /* before the first kernel, and after each */
    struct bl23_cuda_launch launch;           /* its pointers are this slot's device memory */
    struct bl23_cuda_host host;
};

/* Take all memory; cudaErrorMemoryAllocation leaves the slot closed. */
cudaError_t bl23_cuda_slot_open(struct bl23_cuda_shape const *shape, struct bl23_cuda_slot *slot);
void bl23_cuda_slot_close(struct bl23_cuda_slot *slot);

/* Send the host's screens, extrema, sides and profile, run the kernels on `range`, ask for the
 * counts; returns at once. */
cudaError_t bl23_cuda_slot_submit(struct bl23_cuda_shape const *shape, struct bl23_cuda_slot *slot,
                                  struct bl23_cuda_range const *range);

/* Wait for the counts; the time of each kernel. */
cudaError_t bl23_cuda_slot_wait(struct bl23_cuda_slot *slot, float milliseconds[BL23_CUDA_KERNELS]);

/* Fetch the lists, which must not have overflowed. */
cudaError_t bl23_cuda_slot_fetch(struct bl23_cuda_shape const *shape, struct bl23_cuda_slot *slot);

/* Has a list lost entries? */
int bl23_cuda_slot_overflowed(struct bl23_cuda_slot const *slot);

#endif
