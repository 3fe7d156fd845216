/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* A range of the samples of a survey: what is committed, missing, or asked for. Manifests, segments
 * and units of work use it. */
#ifndef BL23_HOST_SAMPLE_RANGE_H
#define BL23_HOST_SAMPLE_RANGE_H

#include <stdint.h>

/* Samples [first, first + count). */
struct bl23_range {
    uint64_t first, count;
};

/* Order of two structs that begin with a range, for qsort and bsearch. */
static inline int bl23_range_compare_first(void const *a, void const *b)
{
    uint64_t const i = ((struct bl23_range const *)a)->first;
    uint64_t const j = ((struct bl23_range const *)b)->first;
    return (i > j) - (i < j);
}

#endif
