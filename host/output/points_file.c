/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "host/output/points_file.h"

#include <stdio.h>
#include <stdlib.h>

#include "host/output/hdf5_read.h"
#include "kernels/sample/error.h"

enum { CHUNK = 16384, PATH_SIZE = 64, TEXT_SIZE = 80 };

/* A file of columns. */
struct bl23_points_source {
    char const *path;
    hid_t file;
    bool has_rows;
    uint64_t rows; /* where has_rows: of every column that was found */
};

static enum bl23_status source_open(char const *path, struct bl23_points_source **source,
                                    struct bl23_error *error)
{
    hid_t file;
    *source = NULL;
    BL23_TRY(bl23_h5_open(path, &file, error));
    *source = calloc(1, sizeof **source);
    if (*source) {
        **source = (struct bl23_points_source){.path = path, .file = file};
        return BL23_OK;
    }
    H5Fclose(file);
    return bl23_fail(error, BL23_ERROR_MEMORY, "%s: out of memory", path);
}

static void source_close(struct bl23_points_source *source)
{
    if (source)
        H5Fclose(source->file);
    free(source);
}

/* The values of a dataset in words, or NULL: they are doubles of one dimension. */
static char const *what_is(hid_t file, char const *place, char text[TEXT_SIZE])
{
    hid_t const set = H5Dopen2(file, place, H5P_DEFAULT);
    hid_t const type = set < 0 ? H5I_INVALID_HID : H5Dget_type(set);
    hid_t const space = set < 0 ? H5I_INVALID_HID : H5Dget_space(set);
    H5T_class_t const class = type < 0 ? H5T_NO_CLASS : H5Tget_class(type);
    unsigned long long const bits = type < 0 ? 0 : 8 * (unsigned long long)H5Tget_size(type);
    bool const is_double = type >= 0 && H5Tequal(type, H5T_IEEE_F64LE) > 0;
    int const rank = space < 0 ? 1 : H5Sget_simple_extent_ndims(space);
    text[0] = '\0';
    if (type < 0)
        snprintf(text, TEXT_SIZE, "something else than a dataset of this file");
    else if (is_double && rank != 1)
        snprintf(text, TEXT_SIZE, "doubles of %d dimensions", rank);
    else if (class == H5T_FLOAT && !is_double)
        snprintf(text, TEXT_SIZE, "%s %llu-bit floating-point numbers",
                 H5Tget_order(type) == H5T_ORDER_BE ? "big-endian" : "little-endian", bits);
    else if (class == H5T_INTEGER)
        snprintf(text, TEXT_SIZE, "%llu-bit whole numbers", bits);
    else if (!is_double)
        snprintf(text, TEXT_SIZE, class == H5T_STRING ? "text" : "values of another kind");
    if (space >= 0)
        H5Sclose(space);
    if (type >= 0)
        H5Tclose(type);
    if (set >= 0)
        H5Dclose(set);
    return text[0] ? text : NULL;
}

static enum bl23_status refuse_column(struct bl23_points_source const *source, char const *name,
                                      struct bl23_error const *why, struct bl23_error *error)
{
    char place[PATH_SIZE], text[TEXT_SIZE];
    snprintf(place, sizeof place, "/%s", name);
    if (why->status == BL23_ERROR_FAILED && what_is(source->file, place, text))
        return bl23_fail(error, BL23_ERROR_CONFIG,
                         "%s: %s must be doubles in one dimension: little-endian 64-bit "
                         "floating-point numbers, numpy's '<f8' (got %s)",
                         source->path, name, text);
    return bl23_fail(error, why->status == BL23_ERROR_FAILED ? BL23_ERROR_CONFIG : why->status,
                     "%s", why->text);
}

static enum bl23_status source_find(struct bl23_points_source *source, char const *name,
                                    bool *there, uint64_t *rows, struct bl23_error *error)
{
    char place[PATH_SIZE];
    size_t n;
    struct bl23_error own = {BL23_OK, ""};
    snprintf(place, sizeof place, "/%s", name);
    *there = bl23_h5_has(source->file, place);
    if (!*there)
        return BL23_OK;
    if (bl23_h5_read_count(source->file, place, BL23_H5_F64, &n, &own) != BL23_OK)
        return refuse_column(source, name, &own, error);
    if (source->has_rows && n != source->rows)
        return bl23_fail(error, BL23_ERROR_CONFIG,
                         "%s: its columns must have one length (%s has %zu rows, another %llu)",
                         source->path, name, n, (unsigned long long)source->rows);
    source->has_rows = true;
    source->rows = *rows = n;
    return BL23_OK;
}

static enum bl23_status source_read(struct bl23_points_source const *source, char const *name,
                                    uint64_t first, size_t count, double *values,
                                    struct bl23_error *error)
{
    char place[PATH_SIZE];
    snprintf(place, sizeof place, "/%s", name);
    return bl23_h5_read_rows(source->file, place, bl23_h5_line(BL23_H5_F64, source->rows),
                             (struct bl23_h5_rows){first, count}, values, error);
}

struct bl23_points_reader const bl23_points_hdf5 = {
    .open = source_open, .close = source_close, .find = source_find, .read = source_read};

void bl23_points_create(struct bl23_h5 *h5, struct bl23_h5_label label, bool whole)
{
    hsize_t const none = 0, unlimited = H5S_UNLIMITED, chunk = CHUNK;
    if (!h5->ok)
        return;
    hid_t const space = H5Screate_simple(1, &none, &unlimited);
    hid_t const create = H5Pcreate(H5P_DATASET_CREATE);
    H5Pset_obj_track_times(create, false);
    H5Pset_chunk(create, 1, &chunk);
    hid_t const set = H5Dcreate2(h5->file, label.path, whole ? H5T_STD_I64LE : H5T_IEEE_F64LE,
                                 space, H5P_DEFAULT, create, H5P_DEFAULT);
    h5->ok = set >= 0 && H5Dclose(set) >= 0;
    H5Pclose(create);
    H5Sclose(space);
    bl23_h5_text(h5, label.path, "units", label.unit);
    bl23_h5_text(h5, label.path, "long_name", label.text);
}

void bl23_points_append(struct bl23_h5 *h5, char const *name, size_t first, size_t count,
                        double const *values)
{
    hsize_t const begin = first, more = count, rows = first + count;
    if (!h5->ok || count == 0)
        return;
    hid_t const set = H5Dopen2(h5->file, name, H5P_DEFAULT);
    bool ok = set >= 0 && H5Dset_extent(set, &rows) >= 0;
    hid_t const memory = H5Screate_simple(1, &more, NULL);
    hid_t const file = ok ? H5Dget_space(set) : H5I_INVALID_HID;
    ok = ok && H5Sselect_hyperslab(file, H5S_SELECT_SET, &begin, NULL, &more, NULL) >= 0 &&
         H5Dwrite(set, H5T_NATIVE_DOUBLE, memory, file, H5P_DEFAULT, values) >= 0;
    if (file >= 0)
        H5Sclose(file);
    H5Sclose(memory);
    h5->ok = (set < 0 || H5Dclose(set) >= 0) && ok;
}
