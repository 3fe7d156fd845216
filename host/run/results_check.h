/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* Results that were read from segments, judged again sample by sample: a checksum that fits says
 * only that bytes are what somebody wrote. merge.c calls it before results go into an output. */
#ifndef BL23_HOST_RESULTS_CHECK_H
#define BL23_HOST_RESULTS_CHECK_H

#include <stdbool.h>

#include "host/run/sample_range.h"
#include "kernels/results/results.h"

/* Can these be the results of `drawn` samples of the range? Counts must agree with each
 * other, indices lie among the samples, and the nearest list be in order. Of an output that is read
 * back, the cut-flow of all masses may stand at the first one, and what is outside the edges of 2-D
 * histograms be missing. Survivors are not looked at. */
bool bl23_counts_agree(struct bl23_results const *results, struct bl23_range range, uint64_t drawn);

/* Do the samples of all extrema and of the nearest list have the values that the results say, bit
 * for bit, and are those of the extrema survivors? If not, *index is the first that does not. */
bool bl23_records_agree(struct bl23_model const *model, struct bl23_results const *results,
                        uint64_t *index);

#endif
