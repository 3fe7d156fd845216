/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* What is left to compute as numbered units of work, and how many of them a rank takes at a time.
 * survey_loop.c takes them by a counter that all ranks share.
 * It must not know of ranks, time or samples' meaning. */
#ifndef BL23_HOST_WORK_H
#define BL23_HOST_WORK_H

#include <stddef.h>

#include "host/run/sample_range.h"
#include "kernels/sample/status.h"

/* Gaps cut at multiples of `unit` samples, numbered through; owned. */
struct bl23_work {
    struct bl23_range *gap; /* [n_gaps], rising */
    uint64_t *before;       /* [n_gaps + 1]: units before each gap, and all of them */
    size_t n_gaps;
    uint64_t unit;
};

/* The gaps of a list, which is copied. */
enum bl23_status bl23_work_build(struct bl23_range const *gap, size_t n_gaps, uint64_t unit,
                                 struct bl23_work *work, struct bl23_error *error);
void bl23_work_free(struct bl23_work *work);

uint64_t bl23_work_units(struct bl23_work const *work);

/* The samples of a unit; count 0 beyond the last. */
struct bl23_range bl23_work_range(struct bl23_work const *work, uint64_t number);

/* Units to take at once when `left` are left among so many ranks and `wanted` would last until the
 * next commit: at least 1, and less towards the end, so that all ranks end together. */
uint64_t bl23_work_share(uint64_t left, uint64_t ranks, double wanted);

#endif
