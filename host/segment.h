/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* A segment: the results of one committed range as bytes with a checksum.
 * run_folder.c writes and verifies segments; the results are merged at the end.
 * It must not know of manifests or the final file. */
#ifndef BL23_HOST_SEGMENT_H
#define BL23_HOST_SEGMENT_H

#include "kernels/results.h"

/* The range a segment holds and the configuration it belongs to. */
struct bl23_segment_header {
    char magic[8]; /* "BL23SEG2" */
    uint64_t config_hash, first, count;
    uint64_t n_knots, n_histograms_2d, n_nearest;
    uint64_t n_survivors, survivor_words; /* of the list, kernels/survivor_list.h */
};

/* The results as bytes: header, tallies, knots, histograms, nearest, list of survivors, XXH3 of all
 * that. The caller frees *bytes. */
enum bl23_status bl23_segment_encode(struct bl23_results const *results, uint64_t config_hash,
                                     uint64_t first, uint64_t count, void **bytes, size_t *size,
                                     struct bl23_error *error);

/* The results in `bytes` where they lie, which must be aligned as malloc does: *view owns nothing
 * and lives as long as the bytes. BL23_ERROR_FAILED when they are damaged, or of another
 * configuration, range or shape than `like`. */
enum bl23_status bl23_segment_view(void *bytes, size_t size, uint64_t config_hash, uint64_t first,
                                   uint64_t count, struct bl23_results const *like,
                                   struct bl23_results *view);

#endif
