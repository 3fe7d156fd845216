/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* Compiled once per instruction set. */
#include "kernels/lanes/point_rows.h"

#include "kernels/lanes/isa.h"
#include "kernels/lanes/simd.h"
#include "kernels/sample/row.h"

bl23_point_loop BL23_OF_SET(bl23_points_fill);

void BL23_OF_SET(bl23_points_fill)(struct bl23_model const *model,
                                   struct bl23_point_rows const *rows, size_t first, size_t n,
                                   struct bl23_point_values *point)
{
    bl23_isa_count(BL23_SET_ISA, BL23_LOOP_POINTS);
    for (size_t k = first; k < first + n; k++) {
        struct bl23_row row;
        bl23_row_of_complex(rows->w + 6 * k, &row);
        bl23_point_fill(model, rows->knot[k], !rows->g, &row, rows->g ? rows->g[k] : 0.0,
                        &point[k - first]);
    }
}
