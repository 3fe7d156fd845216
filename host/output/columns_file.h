/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* Groups of sample columns in an output file, /survivors and /nearest: one 1-D dataset for each row
 * of the column list in kernels/sample/record.h. survey_file.c and survey_read.c write with it. Why
 * survivors are written beside the HDF5 library is explained in survey_file.c. */
#ifndef BL23_HOST_COLUMNS_FILE_H
#define BL23_HOST_COLUMNS_FILE_H

#include "host/output/hdf5_write.h"
#include "kernels/sample/record.h"

/* The integer columns index and level, beside the real ones. */
enum { BL23_COLUMN_INDEX = BL23_COLUMNS, BL23_COLUMN_LEVEL, BL23_COLUMNS_ALL };

/* Where the columns of a group begin in the file, in bytes; HADDR_UNDEF for a column that is not
 * written. */
struct bl23_column_space {
    size_t rows;
    haddr_t offset[BL23_COLUMNS_ALL];
};

/* Is the column in a file of this model? Only those of its groups are, g_min and g_max in
 * solve mode only. */
bool bl23_column_written(struct bl23_model const *model, int column);

/* The real columns that are; returns how many. */
size_t bl23_columns_written(struct bl23_model const *model, int column[BL23_COLUMNS]);

/* Name, unit and description, index and level included. */
struct bl23_h5_label bl23_column_label(int column);

/* Make the group and allocate space for `rows` rows of all columns, or of the index only. */
void bl23_columns_create(struct bl23_h5 *h5, char const *group, struct bl23_model const *model,
                         bool all, size_t rows, struct bl23_column_space *space);

/* All columns of a group, or the index only, are along its index. */
void bl23_columns_attach(struct bl23_h5 *h5, char const *group, struct bl23_model const *model,
                         bool all);

/* Writes rows into the space of a closed file, block by block. */
struct bl23_column_writer {
    char const *path;
    struct bl23_column_space const *space;
    struct bl23_model const *model;
    int descriptor;
    size_t row;                         /* the next one */
    uint64_t no_survivor;               /* after BL23_ERROR_FAILED: a sample that is none */
    size_t unsent;                      /* bytes since the last bl23_system_send */
    uint64_t *column[BL23_COLUMNS_ALL]; /* of one block, in one allocation */
};

/* Open it; path, space and model stay with the caller and must outlive the writer. */
enum bl23_status bl23_columns_open(char const *path, struct bl23_column_space const *space,
                                   struct bl23_model const *model,
                                   struct bl23_column_writer *writer, struct bl23_error *error);

/* Append the rows of index[rows]. BL23_ERROR_FAILED, without a sentence, if a sample is no
 * survivor; where only indices are written, that is not checked. */
enum bl23_status bl23_columns_append(struct bl23_column_writer *writer, uint64_t const *index,
                                     size_t rows, struct bl23_error *error);

/* Close the writer. Returns `status` if it is a failure, else whether closing succeeded. */
enum bl23_status bl23_columns_close(struct bl23_column_writer *writer, enum bl23_status status,
                                    struct bl23_error *error);

/* Open, append all rows, close. */
enum bl23_status bl23_columns_fill(char const *path, struct bl23_column_space const *space,
                                   struct bl23_model const *model, uint64_t const *index,
                                   struct bl23_error *error);

/* Make the group and write its rows through the library, for short lists. */
void bl23_columns_write_small(struct bl23_h5 *h5, char const *group, struct bl23_model const *model,
                              uint64_t const *index, size_t rows);

/* The written columns of the records of index[rows] as arrays: column[c][row], each [rows], the
 * integers as their bits; how many of the first rows are survivors. Used to write and to verify. */
size_t bl23_columns_compute(struct bl23_model const *model, uint64_t const *index, size_t rows,
                            uint64_t *const column[BL23_COLUMNS_ALL]);

#endif
