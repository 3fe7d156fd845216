/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "kernels/lanes/simd_avx2.h"

#include "kernels/cpu/cpu_range_body.h"

enum bl23_status bl23_cpu_range_avx2(struct bl23_cpu_context const *context, uint64_t first,
                                     uint64_t count, struct bl23_bounds bounds,
                                     struct bl23_results *results)
{
    return bl23_range_run(context, first, count, bounds, results);
}

uint64_t bl23_cpu_products_avx2(uint64_t rounds, uint64_t *sink)
{
    return bl23_time_products(rounds, sink);
}

void bl23_cpu_records_avx2(struct bl23_model const *model, uint64_t const *index, size_t n,
                           struct bl23_record *record)
{
    for (size_t k = 0; k < n; k++)
        bl23_record_of(model, index[k], &record[k]);
}

void bl23_cpu_hashes_avx2(uint64_t seed, uint64_t const *index, size_t n, struct bl23_kept *kept)
{
    bl23_hashes_of(seed, index, n, kept);
}
