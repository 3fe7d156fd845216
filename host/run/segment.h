/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* A segment: the results of one committed range as bytes. Their checksum stands in the manifest.
 * run_folder.c writes and verifies segments; the results are merged at the end. */
#ifndef BL23_HOST_SEGMENT_H
#define BL23_HOST_SEGMENT_H

#include "host/run/calls.h"
#include "host/run/sample_range.h"
#include "kernels/results/results.h"

/* The range a segment holds and the configuration it belongs to. */
struct bl23_segment_header {
    char magic[8]; /* "BL23SEG6" */
    uint64_t config_hash, sampling, first, count;
    uint64_t n_knots, cells, n_nearest, n_profile; /* cells: of all 2-D histograms */
    uint64_t n_calls;
    uint64_t n_survivors, survivor_words; /* of the list, kernels/results/survivor_list.h */
    uint64_t hash_bound;                  /* no survivor is left out whose hash is at most this */
};

/* The results as bytes: header, tallies, knots, histograms, nearest, calls, list of survivors. The
 * calls computed these samples. The caller frees *bytes. */
enum bl23_status bl23_segment_encode(struct bl23_results const *results,
                                     struct bl23_calls const *calls, uint64_t config_hash,
                                     struct bl23_range range, void **bytes, size_t *size,
                                     struct bl23_error *error);

/* What a segment must be to be used. */
struct bl23_segment_claim {
    uint64_t config_hash, first, count;
    uint64_t passed; /* survivors, as its manifest line says */
};

/* The results in `bytes` where they lie, which must be aligned as malloc does: *view and *calls own
 * nothing and live as long as the bytes. BL23_ERROR_FAILED when they are of another shape than
 * `like`, or not what is claimed: then no size, index or count of theirs was used. Counts must
 * agree with each other, indices lie in the range, and lists be in order. */
enum bl23_status bl23_segment_view(void *bytes, size_t size, struct bl23_segment_claim claim,
                                   struct bl23_results const *like, struct bl23_results *view,
                                   struct bl23_calls *calls);

#endif
