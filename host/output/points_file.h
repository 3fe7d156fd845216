/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* Points in HDF5: columns of doubles at the root, all of one length, read some rows at a time, and
 * written into datasets that grow. `bl23 points` reads and writes with it. */
#ifndef BL23_HOST_POINTS_FILE_H
#define BL23_HOST_POINTS_FILE_H

#include "host/output/hdf5_write.h"

/* A file of columns. All zero is none. */
struct bl23_points_source {
    char const *path;
    hid_t file;
    bool is_open, has_rows;
    size_t rows; /* where has_rows: of every column that was found */
};

/* Open it; path stays with the caller. The caller closes it, also after a failure. */
enum bl23_status bl23_points_source_open(char const *path, struct bl23_points_source *source,
                                         struct bl23_error *error);
void bl23_points_source_close(struct bl23_points_source *source);

/* Is there a column of this name? BL23_ERROR_CONFIG: there is something else, or its length is not
 * that of the columns before. */
enum bl23_status bl23_points_source_find(struct bl23_points_source *source, char const *name,
                                         bool *there, struct bl23_error *error);

/* Rows [first, first + count) of a column, count > 0. */
enum bl23_status bl23_points_source_read(struct bl23_points_source const *source, char const *name,
                                         size_t first, size_t count, double *values,
                                         struct bl23_error *error);

/* A column of doubles, or of whole numbers where `whole` is set, without rows. */
void bl23_points_create(struct bl23_h5 *h5, struct bl23_h5_label label, bool whole);

/* Append rows [first, first + count), which all columns get one after the other. */
void bl23_points_append(struct bl23_h5 *h5, char const *name, size_t first, size_t count,
                        double const *values);

#endif
