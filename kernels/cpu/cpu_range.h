/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* The survey of a range on one core: what cpu_backend.c calls, once per instruction set.
 * cpu_range_<isa>.c define it out of cpu_range_body.h.
 * It must not know of threads. */
#ifndef BL23_KERNELS_CPU_RANGE_H
#define BL23_KERNELS_CPU_RANGE_H

#include "kernels/cpu/cpu_bins.h"
#include "kernels/screen/screen.h"

/* What every range of an open backend needs. */
struct bl23_cpu_context {
    struct bl23_model const *model;
    struct bl23_reduction const *reduction;
    struct bl23_screen_knot *screen; /* [n_knots]; NULL: no screen */
    struct bl23_screen_pilot *pilot;
    struct bl23_bin_plan *bins;
};

/* Add the samples [first, first + count) to *results, whose samples all come before them: among
 * equals the first one wins. Samples beyond the bounds are known to be
 * neither among the nearest nor among the kept survivors, and may be left out of those lists. The
 * histograms want bl23_bin_plan_finish in the end. */
typedef enum bl23_status bl23_cpu_range(struct bl23_cpu_context const *context, uint64_t first,
                                        uint64_t count, struct bl23_bounds bounds,
                                        struct bl23_results *results);
bl23_cpu_range bl23_cpu_range_generic, bl23_cpu_range_avx2, bl23_cpu_range_avx512,
    bl23_cpu_range_neon;

/* `rounds` times 16 vectors of products of 32-bit words, independent of each other: what the rounds
 * of Philox are made of, for the benchmark's bound. Returns how many products that were, one per
 * 64-bit lane; *sink keeps the compiler from leaving them out. */
typedef uint64_t bl23_cpu_products(uint64_t rounds, uint64_t *sink);
bl23_cpu_products bl23_cpu_products_generic, bl23_cpu_products_avx2, bl23_cpu_products_avx512,
    bl23_cpu_products_neon;

/* The records of n samples. */
typedef void bl23_cpu_records_of(struct bl23_model const *model, uint64_t const *index, size_t n,
                                 struct bl23_record *record);
bl23_cpu_records_of bl23_cpu_records_generic, bl23_cpu_records_avx2, bl23_cpu_records_avx512,
    bl23_cpu_records_neon;

/* The samples index[n] with their hashes into kept[n]. */
typedef void bl23_cpu_hashes_of(uint64_t seed, uint64_t const *index, size_t n,
                                struct bl23_kept *kept);
bl23_cpu_hashes_of bl23_cpu_hashes_generic, bl23_cpu_hashes_avx2, bl23_cpu_hashes_avx512,
    bl23_cpu_hashes_neon;

#endif
