/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "kernels/cpu_range.h"

enum bl23_status bl23_cpu_range_avx2(struct bl23_model const *model,
                                     struct bl23_reduction const *reduction, uint64_t first,
                                     uint64_t count, struct bl23_results *results)
{
    return bl23_range_run(model, reduction, first, count, results);
}
