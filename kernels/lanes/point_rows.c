/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* Compiled once per instruction set. */
#include "kernels/lanes/point_rows.h"

#include "kernels/lanes/isa.h"
#include "kernels/lanes/simd.h"
#include "kernels/sample/row.h"

/* Bring what a point reads of its knot near: all but the limits one by one. Where there are many
 * masses the knots fill no cache, and waiting for them would take longer than the point itself. */
BL23_INLINE void knot_prefetch(struct bl23_knot const *knot)
{
    enum { LINE = 64 };
    char const *const begin = (char const *)knot;
    for (size_t at = 0; at < offsetof(struct bl23_knot, limit); at += LINE)
        __builtin_prefetch(begin + at);
    for (size_t at = offsetof(struct bl23_knot, allowed); at < sizeof *knot; at += LINE)
        __builtin_prefetch(begin + at);
}

bl23_point_loop BL23_OF_SET(bl23_points_fill);

void BL23_OF_SET(bl23_points_fill)(struct bl23_model const *model,
                                   struct bl23_point_rows const *rows, size_t first, size_t n,
                                   struct bl23_point_values *point)
{
    bl23_isa_count(BL23_SET_ISA, BL23_LOOP_POINTS);
    for (size_t k = first; k < first + n; k++) {
        struct bl23_row row;
        if (k + 1 < first + n && rows->knot[k + 1] != rows->knot[k])
            knot_prefetch(rows->knot[k + 1]);
        bl23_row_of_complex(rows->w + 6 * k, &row);
        bl23_point_fill(model, rows->knot[k], rows->chi2 ? rows->chi2[k] : NULL, !rows->g, &row,
                        rows->g ? rows->g[k] : 0.0, &point[k - first]);
    }
}
