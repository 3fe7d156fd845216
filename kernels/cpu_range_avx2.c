/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "kernels/simd_avx2.h"

#include "kernels/cpu_range_body.h"

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
