/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* Many points at once, by the chosen instruction set: the numbers of kernels/sample/point.h. The
 * library calls it. */
#ifndef BL23_KERNELS_POINT_ROWS_H
#define BL23_KERNELS_POINT_ROWS_H

#include "kernels/sample/point.h"

/* Points that somebody gave: n rows. */
struct bl23_point_rows {
    struct bl23_knot const *const *knot; /* [n] */
    struct bl23_chi2 const *const *chi2; /* [n], those of the knots; NULL: not asked for */
    double const *w;                     /* [n, 6]: Re and Im of the three elements, allowed */
    double const *g;                     /* [n]; NULL: it is solved for */
};

/* The points first .. first + n - 1 into point[n]. */
typedef void bl23_point_loop(struct bl23_model const *model, struct bl23_point_rows const *rows,
                             size_t first, size_t n, struct bl23_point_values *point);
bl23_point_loop bl23_points_fill;

#endif
