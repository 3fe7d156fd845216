/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* Points that somebody wrote, as CSV text or HDF5, some thousand at a time: those of `bl23 points`,
 * and the rows of a survey (given_rows.h). docs/points.md describes both forms. */
#ifndef BL23_HOST_POINTS_INPUT_H
#define BL23_HOST_POINTS_INPUT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "kernels/sample/status.h"

/* The columns of a point. */
#define BL23_POINT_INPUT_LIST(X)                                                                   \
    X(mass_gev) X(g_bl) X(wu11_re) X(wu11_im) X(wu12_re) X(wu12_im) X(wu13_re) X(wu13_im)
enum bl23_point_input {
#define BL23_POINT_INPUT_ENUM(name) BL23_POINT_##name,
    BL23_POINT_INPUT_LIST(BL23_POINT_INPUT_ENUM)
#undef BL23_POINT_INPUT_ENUM
        BL23_POINT_INPUTS
};

enum { BL23_POINTS_AT_ONCE = 16384, BL23_POINTS_FIELDS = 256 };

/* Rows in memory. */
struct bl23_point_batch {
    size_t n;
    double mass_gev[BL23_POINTS_AT_ONCE], g_bl[BL23_POINTS_AT_ONCE];
    double w[BL23_POINTS_AT_ONCE][6];
    uint64_t line[BL23_POINTS_AT_ONCE]; /* of the text, from 1; of HDF5 the row, from 0 */
};

/* How files of columns are read that are no text. host/output reads HDF5 so, which libbl23 leaves
 * out. `find`: is there a column of this name, and how many rows has it? BL23_ERROR_CONFIG: there
 * is something else, or its length is not that of the columns before. `read`: rows [first, first +
 * count) of a column, count > 0. */
struct bl23_points_source;
struct bl23_points_reader {
    enum bl23_status (*open)(char const *path, struct bl23_points_source **source,
                             struct bl23_error *error); /* path stays with the caller */
    void (*close)(struct bl23_points_source *source);   /* NULL is nothing */
    enum bl23_status (*find)(struct bl23_points_source *source, char const *name, bool *there,
                             uint64_t *rows, struct bl23_error *error);
    enum bl23_status (*read)(struct bl23_points_source const *source, char const *name,
                             uint64_t first, size_t count, double *values,
                             struct bl23_error *error);
};

/* Read HDF5 from now on; before any thread starts. */
void bl23_points_input_take_reader(struct bl23_points_reader const *of_hdf5);

struct bl23_points_input {
    char const *path;            /* "-": stdin */
    bool has[BL23_POINT_INPUTS]; /* which columns there are */
    FILE *text;                  /* NULL: HDF5 */
    char *buffer;                /* a line */
    size_t capacity, fields;
    int column[BL23_POINTS_FIELDS]; /* which input a field is; -1: none */
    uint64_t line, bytes;           /* lines that were read; size of a file, 0: unknown */
    uint64_t row, rows;             /* of HDF5: the next one, and all */
    struct bl23_points_source *source;
};

/* Open and read the header. The file is registered as an input (host/io/file_io.h), and columns
 * without a use are named on stderr, unless it is read `apart`. The caller closes it, also after a
 * failure. */
enum bl23_status bl23_points_input_open(char const *path, bool apart, struct bl23_points_input *in,
                                        struct bl23_error *error);
void bl23_points_input_close(struct bl23_points_input *in);

/* The next rows, batch->n of them, 0 at the end. Where a column is missing its values are not
 * touched. BL23_ERROR_CONFIG names the line. */
enum bl23_status bl23_points_input_read(struct bl23_points_input *in,
                                        struct bl23_point_batch *batch, struct bl23_error *error);

/* "IN:17" or "IN: row 17" of a row of the batch, for messages. */
void bl23_points_input_place(struct bl23_points_input const *in,
                             struct bl23_point_batch const *batch, size_t row, char *text,
                             size_t size);

/* BL23_ERROR_DOMAIN if a point is outside: its mass [GeV] and its coupling g, each of which may be
 * NULL, or its row w, which is given by three complex numbers. */
enum bl23_status bl23_point_check(double const *mass_gev, double const *g_bl, double const w[6],
                                  struct bl23_error *error);

/* How much of the input has been read, from 0 to 1; 0 where that is not known. */
double bl23_points_input_part(struct bl23_points_input const *in);

#endif
