/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* The exact ranges of all amplitudes over all w at every mass, with the rows that attain them.
 * cmd_bound.c calls it for --ranges. */
#ifndef BL23_HOST_BOUND_RANGES_H
#define BL23_HOST_BOUND_RANGES_H

#include <stdio.h>

#include <jansson.h>

#include "host/bound/bound_run.h"
#include "tables/bound/bound_range.h"

/* Re, Im of H_ds, H_db, H_sb, then their moduli; the same of F_V and F_A of the pair u, c. */
enum { BL23_BOUND_RANGES = 3 * (BL23_CHANNELS + 2) };

struct bl23_bound_ranges {
    struct bl23_bound_extreme smallest[BL23_BOUND_RANGES], largest[BL23_BOUND_RANGES];
};

/* The ranges at one mass. */
enum bl23_status bl23_bound_ranges_find(struct bl23_knot const *knot,
                                        struct bl23_loop_table const *table,
                                        struct bl23_bound_ranges *ranges, struct bl23_error *error);

/* As a table, and as a JSON object with the rows w. */
void bl23_bound_ranges_print(struct bl23_bound_ranges const *ranges, double mass_gev, FILE *out);
json_t *bl23_bound_ranges_json(struct bl23_bound_ranges const *ranges);

#endif
