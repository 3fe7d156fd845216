/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* Do the parts of a survey hold all of its samples, and each once? If not: what is missing, and the
 * commands that compute it. cmd_merge.c asks before it merges. */
#ifndef BL23_HOST_MERGE_GAPS_H
#define BL23_HOST_MERGE_GAPS_H

#include <stdio.h>

#include "host/run/merge.h"

/* The survey and its parts, opened; what the user gave to name configuration and tables, or NULL.
 */
struct bl23_merge_gaps {
    struct bl23_merge_part const *part; /* [n_parts] */
    size_t n_parts;
    uint64_t samples, seed;
    char const *config_path, *model_path;
};

/* BL23_ERROR_REFUSED names the first overlap, or else, unless some samples are enough (`partial`),
 * those that are in no part; the commands that compute them go to `out`, a line for each. */
enum bl23_status bl23_merge_gaps_check(struct bl23_merge_gaps const *gaps, bool partial, FILE *out,
                                       struct bl23_error *error);

#endif
