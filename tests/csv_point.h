/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* The points of tests/reference: a line with m_gev, g_bl and a row w becomes a model. */
#ifndef BL23_TESTS_CSV_POINT_H
#define BL23_TESTS_CSV_POINT_H

#include "tables/model_build.h"
#include "tests/csv.h"

/* One knot, w and g fixed, no constraints, with the columns of charm and top; the caller frees it.
 */
struct bl23_model *csv_point_model(struct csv const *csv, size_t row,
                                   struct bl23_inputs const *inputs);

#endif
