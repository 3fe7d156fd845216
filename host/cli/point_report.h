/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* A judged point, as JSON and as a table to read. cmd_point.c and cmd_bestfit.c call it. */
#ifndef BL23_HOST_POINT_REPORT_H
#define BL23_HOST_POINT_REPORT_H

#include <jansson.h>
#include <stdio.h>

#include "host/config/config.h"
#include "kernels/sample/point.h"
#include "tables/physics/loop_tables.h"

/* A point and what it was judged by. */
struct bl23_point {
    struct bl23_config const *config;
    struct bl23_model const *model; /* of this configuration */
    size_t knot;                    /* its mass */
    struct bl23_row row;
    double g; /* 0: solved for */
    struct bl23_point_values values;
};

/* Fill the values. BL23_ERROR_USAGE where g is to be solved for and nothing bounds
 * it from above. */
enum bl23_status bl23_point_judge(struct bl23_point *point, struct bl23_error *error);

/* The whole point as one JSON object with the column names of the output; the caller owns it.
 * NULL when out of memory. */
json_t *bl23_point_json(struct bl23_point const *point);

/* The same as a table for a person. */
void bl23_point_print(struct bl23_point const *point, FILE *out);

#endif
