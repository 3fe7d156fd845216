/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* Groups of sample columns in an output file, /survivors and /nearest: 1-D datasets out of the one
 * column list of kernels/sample/record.h.
 * survey_file.c and survey_read.c call it.
 * It must not know the rest of the file. */
#ifndef BL23_HOST_COLUMNS_FILE_H
#define BL23_HOST_COLUMNS_FILE_H

#include "host/output/hdf5_write.h"
#include "kernels/sample/record.h"

/* index and level stand beside the real columns. */
enum { BL23_COLUMN_INDEX = BL23_COLUMNS, BL23_COLUMN_LEVEL, BL23_COLUMNS_ALL };

/* Space of a group's columns in the file: byte offsets, HADDR_UNDEF for a column that is not
 * written. */
struct bl23_column_space {
    size_t rows;
    haddr_t offset[BL23_COLUMNS_ALL];
};

/* Which coupling columns a mode has: g_bl, or in solve mode g_min and g_max. */
bool bl23_column_written(struct bl23_model const *model, int column);

/* Name, unit and description, index and level included. */
struct bl23_h5_label bl23_column_label(int column);

/* Make the group with space for `rows` rows; all columns, or the index only. */
void bl23_columns_create(struct bl23_h5 *h5, char const *group, struct bl23_model const *model,
                         bool all, size_t rows, struct bl23_column_space *space);

/* Rows going into the space of a closed file, block by block. */
struct bl23_column_writer {
    char const *path;
    struct bl23_column_space const *space;
    struct bl23_model const *model;
    int descriptor;
    size_t row;                         /* the next one */
    uint64_t no_survivor;               /* after BL23_ERROR_FAILED: a sample that is none */
    size_t unsent;                      /* bytes of which the disk does not know yet */
    uint64_t *column[BL23_COLUMNS_ALL]; /* of one block, in one allocation */
};

/* Open it; path, space and model stay with the caller and must outlive the writer. */
enum bl23_status bl23_columns_open(char const *path, struct bl23_column_space const *space,
                                   struct bl23_model const *model,
                                   struct bl23_column_writer *writer, struct bl23_error *error);

/* The rows of index[rows] behind those before. BL23_ERROR_FAILED, without a sentence, where the
 * record of a sample is not that of a survivor; an index without a record is not judged. */
enum bl23_status bl23_columns_append(struct bl23_column_writer *writer, uint64_t const *index,
                                     size_t rows, struct bl23_error *error);

/* Close it after `status`, which is returned if it is a failure. */
enum bl23_status bl23_columns_close(struct bl23_column_writer *writer, enum bl23_status status,
                                    struct bl23_error *error);

/* All rows at once. */
enum bl23_status bl23_columns_fill(char const *path, struct bl23_column_space const *space,
                                   struct bl23_model const *model, uint64_t const *index,
                                   struct bl23_error *error);

/* Make the group and write its rows at once, for short lists. */
void bl23_columns_write_small(struct bl23_h5 *h5, char const *group, struct bl23_model const *model,
                              uint64_t const *index, size_t rows);

/* The columns of the records of index[rows] as arrays: column[c][row], each [rows], the integers as
 * their bits; how many of the first rows are survivors. Used to write and to verify. */
size_t bl23_columns_compute(struct bl23_model const *model, uint64_t const *index, size_t rows,
                            uint64_t *const column[BL23_COLUMNS_ALL]);

#endif
