/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* A limit curve against mass: read from CSV or from rows of numbers, straight lines in log(limit)
 * between its rows. A curve may also have the best fit of the search, with straight lines between
 * its values, and in the logarithm of what the limit is above them.
 * constraints.c reads limits with it, `bl23 plane` overlays. */
#ifndef BL23_TABLES_CURVE_H
#define BL23_TABLES_CURVE_H

#include "kernels/sample/model.h"
#include "tables/base/dd.h"

/* size rows; masses rise within a window, but for a step, which has two rows of one mass: the limit
 * below it and the one above. Nothing is interpolated between windows, which may overlap. Masses
 * and limits have no more digits than a double, so that what is printed of them gives the same
 * curve again. */
enum { BL23_CURVE_ROWS_MAX = 65536 };
struct bl23_curve {
    size_t size;
    struct bl23_dd *mass_gev;
    struct bl23_dd *log_upper;
    double *upper;
    struct bl23_dd *best_fit, *log_above; /* where has_best_fit */
    int *window;
    bool has_best_fit;
    bool unnamed; /* the file had no header: two columns were taken for masses and limits */
    bool falls;   /* masses fell in the file, and were turned round */
};

/* Parse CSV text of `length` bytes (csv_reader.h) with the columns m_gev, upper and perhaps window
 * and best_fit, or with two columns and no header; masses from 0 to 1000 GeV, limits > 0. `name` is
 * used in messages. On success the caller owns *curve and calls bl23_curve_free. BL23_ERROR_CONFIG
 * names the line, the rule and what was found. */
enum bl23_status bl23_curve_parse(char const *name, char const *text, size_t length,
                                  struct bl23_curve *curve, struct bl23_error *error);

/* The same from rows of numbers: space for them first, then one after another (best_fit: NULL where
 * there is none, which then is so in every row), then bl23_curve_order with the line of each. Name
 * and line stand in messages. */
enum bl23_status bl23_curve_reserve(char const *where, size_t rows, struct bl23_curve *curve,
                                    struct bl23_error *error);
enum bl23_status bl23_curve_add(char const *name, size_t line, double window,
                                struct bl23_dd mass_gev, struct bl23_dd upper,
                                struct bl23_dd const *best_fit, struct bl23_curve *curve,
                                struct bl23_error *error);
enum bl23_status bl23_curve_order(char const *name, size_t const *line, struct bl23_curve *curve,
                                  struct bl23_error *error);

/* Do both give the same limits? *row becomes the first row that differs, or that one of them
 * lacks. */
bool bl23_curve_same(struct bl23_curve const *a, struct bl23_curve const *b, size_t *row);

/* Is a row in another window than the first one? */
bool bl23_curve_has_windows(struct bl23_curve const *curve);

void bl23_curve_free(struct bl23_curve *curve);

/* The limit at a mass, ends of windows included; where windows overlap, the tightest of theirs; at
 * a step the tighter of its two.
 * False where the curve has none. */
bool bl23_curve_at(struct bl23_curve const *curve, struct bl23_dd mass_gev, struct bl23_dd *upper);

/* Has it one? */
bool bl23_curve_covers(struct bl23_curve const *curve, struct bl23_dd mass_gev);

/* There, the best fit that belongs to this limit, and what the limit is above it. */
void bl23_curve_best_fit_at(struct bl23_curve const *curve, struct bl23_dd mass_gev,
                            struct bl23_dd *best_fit, struct bl23_dd *above);

#endif
