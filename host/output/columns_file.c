/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "host/output/columns_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "host/io/file_io.h"
#include "host/io/system.h"
#include "host/output/hdf5_scales.h"
#include "kernels/lanes/record_rows.h"
#include "kernels/sample/error.h"
#include "kernels/sample/record.h"

/* Rows in memory at a time, and bytes between two calls of bl23_system_send. */
enum { BLOCK = 16384, SENT_AT_ONCE = 1 << 22 };

bool bl23_column_written(struct bl23_model const *model, int column)
{
    bool const solve = model->g_mode == BL23_G_SOLVE;
    if (column == BL23_COLUMN_g_min || column == BL23_COLUMN_g_max)
        return solve;
    return bl23_has_column((unsigned)model->groups, column);
}

size_t bl23_columns_written(struct bl23_model const *model, int column[BL23_COLUMNS])
{
    size_t n = 0;
    for (int c = 0; c < BL23_COLUMNS; c++)
        if (bl23_column_written(model, c))
            column[n++] = c;
    return n;
}

struct bl23_h5_label bl23_column_label(int column)
{
    if (column == BL23_COLUMN_INDEX)
        return (struct bl23_h5_label){"index", "1", "sample number"};
    if (column == BL23_COLUMN_LEVEL)
        return (struct bl23_h5_label){"level", "1",
                                      "1 if the sample passes with 1-sigma bands, else 2"};
    return (struct bl23_h5_label){bl23_column_name(column), bl23_column_unit(column),
                                  bl23_column_text(column)};
}

static hid_t column_type(int column)
{
    if (column == BL23_COLUMN_INDEX)
        return H5T_NATIVE_UINT64;
    return column == BL23_COLUMN_LEVEL ? H5T_NATIVE_INT64 : H5T_NATIVE_DOUBLE;
}

/* index first, then the real columns, then level. */
static int column_in_order(int position)
{
    if (position == 0)
        return BL23_COLUMN_INDEX;
    return position == BL23_COLUMNS + 1 ? BL23_COLUMN_LEVEL : position - 1;
}

static void create_column(struct bl23_h5 *h5, char const *group, int column, size_t rows,
                          void const *data)
{
    char path[64];
    struct bl23_h5_label label = bl23_column_label(column);
    snprintf(path, sizeof path, "%s/%s", group, label.path);
    label.path = path;
    hsize_t const dims = rows;
    bl23_h5_dataset(h5, label, column_type(column), 1, &dims, data);
}

void bl23_columns_attach(struct bl23_h5 *h5, char const *group, struct bl23_model const *model,
                         bool all)
{
    struct bl23_h5_scale_link links[BL23_COLUMNS_ALL];
    size_t n = 0;
    for (int p = 0; p < BL23_COLUMNS_ALL; p++) {
        int const c = column_in_order(p);
        if (!bl23_column_written(model, c) || (!all && c != BL23_COLUMN_INDEX))
            continue;
        links[n].number = 0;
        snprintf(links[n].set, sizeof links[n].set, "%s/%s", group, bl23_column_label(c).path);
        snprintf(links[n++].scale, sizeof links[0].scale, "%s/%s", group,
                 bl23_column_label(BL23_COLUMN_INDEX).path);
    }
    bl23_h5_attach_scales(h5, links, n);
}

void bl23_columns_create(struct bl23_h5 *h5, char const *group, struct bl23_model const *model,
                         bool all, size_t rows, struct bl23_column_space *space)
{
    bl23_h5_group(h5, group);
    space->rows = rows;
    for (int p = 0; p < BL23_COLUMNS_ALL; p++) {
        int const c = column_in_order(p);
        char path[64];
        space->offset[c] = HADDR_UNDEF;
        if (!bl23_column_written(model, c) || (!all && c != BL23_COLUMN_INDEX))
            continue;
        create_column(h5, group, c, rows, NULL);
        snprintf(path, sizeof path, "%s/%s", group, bl23_column_label(c).path);
        if (rows > 0) {
            space->offset[c] = bl23_h5_offset(h5, path);
            h5->ok = h5->ok && space->offset[c] != HADDR_UNDEF;
        }
    }
    bl23_columns_attach(h5, group, model, all);
}

size_t bl23_columns_compute(struct bl23_model const *model, uint64_t const *index, size_t rows,
                            uint64_t *const column[BL23_COLUMNS_ALL])
{
    enum { AT_ONCE = 64 };
    struct bl23_record record[AT_ONCE];
    int written[BL23_COLUMNS];
    size_t const columns = bl23_columns_written(model, written);
    size_t survivors = 0;
    for (size_t first = 0; first < rows; first += AT_ONCE) {
        size_t const n = rows - first < AT_ONCE ? rows - first : AT_ONCE;
        bl23_records(model, index + first, n, record);
        for (size_t at = 0; at < columns; at++)
            for (size_t k = 0, c = (size_t)written[at]; k < n; k++)
                memcpy(&column[c][first + k], &record[k].value[c], sizeof(double));
        for (size_t k = 0; k < n; k++) {
            column[BL23_COLUMN_INDEX][first + k] = record[k].index;
            column[BL23_COLUMN_LEVEL][first + k] = (uint64_t)record[k].level;
            survivors += survivors == first + k && record[k].survives;
        }
    }
    return survivors;
}

/* All columns of up to `rows` rows in one allocation. */
static uint64_t *allocate_columns(size_t rows, uint64_t *column[BL23_COLUMNS_ALL])
{
    uint64_t *const all = calloc((rows + 1) * BL23_COLUMNS_ALL, sizeof *all);
    for (int c = 0; c < BL23_COLUMNS_ALL; c++)
        column[c] = all ? all + (size_t)c * (rows + 1) : NULL;
    return all;
}

static enum bl23_status write_failed(struct bl23_column_writer const *w, struct bl23_error *error)
{
    return bl23_fail(error, BL23_ERROR_IO, "%s: writing the survivors failed (%s)", w->path,
                     strerror(errno));
}

enum bl23_status bl23_columns_open(char const *path, struct bl23_column_space const *space,
                                   struct bl23_model const *model, struct bl23_column_writer *w,
                                   struct bl23_error *error)
{
    *w =
        (struct bl23_column_writer){.path = path, .space = space, .model = model, .descriptor = -1};
    if (!allocate_columns(BLOCK, w->column))
        return bl23_fail(error, BL23_ERROR_MEMORY, "%s: out of memory for the columns", path);
    if (space->rows == 0)
        return BL23_OK;
    w->descriptor = open(path, O_WRONLY | O_CLOEXEC);
    if (w->descriptor >= 0)
        return BL23_OK;
    enum bl23_status const status = write_failed(w, error);
    return bl23_columns_close(w, status, error);
}

/* Write the rows of one column of a block. */
static bool write_column(struct bl23_column_writer *w, int column, uint64_t const *data,
                         size_t rows)
{
    haddr_t const begin = w->space->offset[column];
    if (begin == HADDR_UNDEF)
        return true;
    w->unsent += rows * sizeof *data;
    return bl23_file_write(w->descriptor, data, rows * sizeof *data,
                           (off_t)(begin + w->row * sizeof *data));
}

/* Write a block of rows. If only indices are stored, no record is computed. */
static enum bl23_status write_block(struct bl23_column_writer *w, uint64_t const *index,
                                    size_t rows, struct bl23_error *error)
{
    if (w->space->offset[BL23_COLUMN_LEVEL] == HADDR_UNDEF)
        return write_column(w, BL23_COLUMN_INDEX, index, rows) ? BL23_OK : write_failed(w, error);
    size_t const survivors = bl23_columns_compute(w->model, index, rows, w->column);
    if (survivors < rows) {
        w->no_survivor = index[survivors];
        return BL23_ERROR_FAILED;
    }
    for (int c = 0; c < BL23_COLUMNS_ALL; c++)
        if (!write_column(w, c, w->column[c], rows))
            return write_failed(w, error);
    return BL23_OK;
}

enum bl23_status bl23_columns_append(struct bl23_column_writer *w, uint64_t const *index,
                                     size_t rows, struct bl23_error *error)
{
    if (rows > w->space->rows - w->row)
        return bl23_fail(error, BL23_ERROR_IO, "%s: there are more survivors than were counted",
                         w->path);
    for (size_t first = 0; first < rows; first += BLOCK) {
        size_t const block = rows - first < BLOCK ? rows - first : BLOCK;
        BL23_TRY(write_block(w, index + first, block, error));
        w->row += block;
        if (w->unsent >= SENT_AT_ONCE) {
            bl23_system_send(w->descriptor);
            w->unsent = 0;
        }
    }
    return BL23_OK;
}

enum bl23_status bl23_columns_close(struct bl23_column_writer *w, enum bl23_status status,
                                    struct bl23_error *error)
{
    if (w->descriptor >= 0 && close(w->descriptor) != 0 && status == BL23_OK)
        status =
            bl23_fail(error, BL23_ERROR_IO, "%s: closing failed (%s)", w->path, strerror(errno));
    free(w->column[0]);
    w->column[0] = NULL;
    return status;
}

enum bl23_status bl23_columns_fill(char const *path, struct bl23_column_space const *space,
                                   struct bl23_model const *model, uint64_t const *index,
                                   struct bl23_error *error)
{
    struct bl23_column_writer writer;
    BL23_TRY(bl23_columns_open(path, space, model, &writer, error));
    enum bl23_status const status = bl23_columns_append(&writer, index, space->rows, error);
    if (status == BL23_ERROR_FAILED)
        bl23_fail(error, status, "%s: sample %llu does not survive", path,
                  (unsigned long long)writer.no_survivor);
    return bl23_columns_close(&writer, status, error);
}

void bl23_columns_write_small(struct bl23_h5 *h5, char const *group, struct bl23_model const *model,
                              uint64_t const *index, size_t rows)
{
    uint64_t *column[BL23_COLUMNS_ALL];
    uint64_t *const all = allocate_columns(rows, column);
    h5->ok = h5->ok && all;
    bl23_h5_group(h5, group);
    if (all)
        bl23_columns_compute(model, index, rows, column);
    for (int p = 0; all && p < BL23_COLUMNS_ALL; p++) {
        int const c = column_in_order(p);
        if (bl23_column_written(model, c))
            create_column(h5, group, c, rows, column[c]);
    }
    bl23_columns_attach(h5, group, model, true);
    free(all);
}
