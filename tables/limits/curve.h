/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* A limit curve against mass: read from CSV, straight lines in log(limit) between its rows.
 * constraints.c reads limits with it, `bl23 plane` overlays. */
#ifndef BL23_TABLES_CURVE_H
#define BL23_TABLES_CURVE_H

#include "kernels/sample/model.h"
#include "tables/base/dd.h"

/* size rows; masses rise strictly within a window; nothing is interpolated between windows, which
 * may overlap. */
struct bl23_curve {
    size_t size;
    struct bl23_dd *mass_gev;
    struct bl23_dd *log_upper;
    double *upper;
    int *window;
};

/* Parse CSV text of `length` bytes (csv_reader.h) with the header `m_gev,upper` or
 * `window,m_gev,upper`; masses from 0 to 1000 GeV, limits > 0. `name` is used in messages. On
 * success the caller owns *curve and calls bl23_curve_free. BL23_ERROR_CONFIG names the line, the
 * rule and what was found. */
enum bl23_status bl23_curve_parse(char const *name, char const *text, size_t length,
                                  struct bl23_curve *curve, struct bl23_error *error);

void bl23_curve_free(struct bl23_curve *curve);

/* The limit at a mass, ends of windows included; where windows overlap, the tightest of theirs.
 * False where the curve has none. */
bool bl23_curve_at(struct bl23_curve const *curve, struct bl23_dd mass_gev, struct bl23_dd *upper);

#endif
