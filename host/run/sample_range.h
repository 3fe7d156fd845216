/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* Which samples of a survey are meant: what is committed, missing, or asked for.
 * Manifests, segments and units of work are told by it. */
#ifndef BL23_HOST_SAMPLE_RANGE_H
#define BL23_HOST_SAMPLE_RANGE_H

#include <stdint.h>

/* Samples [first, first + count). */
struct bl23_range {
    uint64_t first, count;
};

#endif
