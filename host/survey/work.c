/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "host/survey/work.h"

#include <stdlib.h>

#include "kernels/sample/error.h"

/* Units that a gap touches. */
static uint64_t units_of(struct bl23_range gap, uint64_t unit)
{
    return gap.count == 0 ? 0 : (gap.first + gap.count - 1) / unit - gap.first / unit + 1;
}

enum bl23_status bl23_work_build(struct bl23_range const *gap, size_t n_gaps, uint64_t unit,
                                 struct bl23_work *w, struct bl23_error *error)
{
    *w = (struct bl23_work){.gap = calloc(n_gaps + 1, sizeof *w->gap),
                            .before = calloc(n_gaps + 1, sizeof *w->before),
                            .n_gaps = n_gaps,
                            .unit = unit};
    if (!w->gap || !w->before) {
        bl23_work_free(w);
        return bl23_fail(error, BL23_ERROR_MEMORY, "out of memory for the list of work");
    }
    for (size_t k = 0; k < n_gaps; k++) {
        w->gap[k] = gap[k];
        w->before[k + 1] = w->before[k] + units_of(gap[k], unit);
    }
    return BL23_OK;
}

void bl23_work_free(struct bl23_work *w)
{
    free(w->gap);
    free(w->before);
    *w = (struct bl23_work){0};
}

uint64_t bl23_work_units(struct bl23_work const *w)
{
    return w->n_gaps ? w->before[w->n_gaps] : 0;
}

struct bl23_range bl23_work_range(struct bl23_work const *w, uint64_t number)
{
    if (number >= bl23_work_units(w))
        return (struct bl23_range){0, 0};
    size_t low = 0, high = w->n_gaps;
    while (high - low > 1) {
        size_t const middle = low + (high - low) / 2;
        if (w->before[middle] <= number)
            low = middle;
        else
            high = middle;
    }
    struct bl23_range const gap = w->gap[low];
    uint64_t const tile = gap.first / w->unit + (number - w->before[low]);
    uint64_t const gap_end = gap.first + gap.count;
    uint64_t const first = tile * w->unit > gap.first ? tile * w->unit : gap.first;
    uint64_t const room = w->unit - first % w->unit;
    return (struct bl23_range){first, gap_end - first < room ? gap_end - first : room};
}

uint64_t bl23_work_share(uint64_t left, uint64_t ranks, double wanted)
{
    uint64_t const fair = left / (2 * ranks);
    double const most = fair > 1 ? (double)fair : 1.0;
    return wanted > 1.0 ? (uint64_t)(wanted < most ? wanted : most) : 1;
}
