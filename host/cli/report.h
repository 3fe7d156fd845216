/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* A judged point in words: as JSON and as a table to read.
 * `bl23 point` and the survey's summary call it.
 * It must not decide anything. */
#ifndef BL23_HOST_REPORT_H
#define BL23_HOST_REPORT_H

#include <jansson.h>
#include <stdio.h>

#include "kernels/sample/record.h"
#include "tables/limits/constraints.h"
#include "tables/physics/loop_tables.h"

/* A point and what it was judged by. */
struct bl23_point {
    struct bl23_inputs const *inputs;
    struct bl23_constraints const *constraints;
    struct bl23_model const *model; /* one knot, w fixed, g fixed */
    struct bl23_loop_table const *table;
    struct bl23_dd mass_gev;
    struct bl23_record record;
    struct bl23_verdict solved; /* the same w with g free */
};

/* One constraint at the point. */
struct bl23_constraint_report {
    double value, lo, hi; /* of its own observable; lo = 0 and hi = infinity where there is none */
    double ratio;         /* max(value/hi, lo/value) */
    bool applies, pass;
};

/* Value of an observable (constraints.h) of a record. */
double bl23_observable_value(struct bl23_record const *record, int observable);

struct bl23_constraint_report bl23_constraint_report(struct bl23_point const *point, size_t index);

/* The whole point as one JSON object with the column names of the output; the caller owns it.
 * NULL when out of memory. */
json_t *bl23_point_json(struct bl23_point const *point);

/* The same as a table for a person. */
void bl23_point_print(struct bl23_point const *point, FILE *out);

/* A text as JSON, such as the name of a file, which may be any bytes: where it is not UTF-8 its
 * bytes beyond ASCII are question marks. */
json_t *bl23_json_text(char const *text);

/* A real number as JSON; null where it is not finite. */
json_t *bl23_json_number(double value);

/* A count as JSON, exact: 2^63, which no integer of the library holds, as a real number. */
json_t *bl23_json_count(uint64_t value);

/* Let no object be printed that lacks something because memory was short. main() calls it before
 * the first object is made. */
void bl23_json_prepare(void);

/* Print a JSON object with a line end; BL23_ERROR_IO if stdout fails, BL23_ERROR_MEMORY if memory
 * was short for this object or one before. Takes ownership. */
enum bl23_status bl23_json_print(json_t *object, struct bl23_error *error);

/* Names, units and descriptions of the columns. */
char const *bl23_column_name(int column);
char const *bl23_column_unit(int column);
char const *bl23_column_text(int column);

#endif
