/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* Computed points as CSV, as lines of JSON or as HDF5, some thousand at a time: into a temporary
 * file that is renamed at the end, or to stdout. cmd_points.c writes with it. */
#ifndef BL23_HOST_POINTS_OUTPUT_H
#define BL23_HOST_POINTS_OUTPUT_H

#include <stdio.h>

#include "host/io/file_io.h"
#include "host/library/bl23.h"
#include "host/output/points_file.h"

enum { BL23_POINTS_COLUMNS_MAX = 128 };

/* The columns that are written, beside the number of the row. */
struct bl23_points_columns {
    uint32_t n;
    struct bl23_column_info info[BL23_POINTS_COLUMNS_MAX];
};

enum bl23_points_form { BL23_POINTS_CSV, BL23_POINTS_JSON, BL23_POINTS_HDF5 };

struct bl23_points_output {
    char const *path; /* "-": stdout */
    enum bl23_points_form form;
    struct bl23_points_columns const *columns;
    struct bl23_temporary temporary;
    FILE *text;
    struct bl23_h5 h5;
    uint64_t rows;
};

/* The form of an output by its name: .h5, .jsonl, else CSV; where `json` is set lines of JSON. */
enum bl23_points_form bl23_points_form_of(char const *path, bool json);

/* Begin. `columns` stays with the caller; `yaml` is the configuration. */
enum bl23_status bl23_points_output_open(char const *path, enum bl23_points_form form,
                                         struct bl23_points_columns const *columns,
                                         char const *yaml, struct bl23_points_output *out,
                                         struct bl23_error *error);

/* Append `rows` rows: values[column][row]. */
enum bl23_status bl23_points_output_append(struct bl23_points_output *out, size_t rows,
                                           double *const *values, struct bl23_error *error);

/* Put the file in its place if `status` is BL23_OK and everything was written; else remove it. */
enum bl23_status bl23_points_output_close(struct bl23_points_output *out, enum bl23_status status,
                                          struct bl23_error *error);

#endif
