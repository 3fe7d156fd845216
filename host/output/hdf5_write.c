/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "host/output/hdf5_write.h"

#include <stdlib.h>
#include <string.h>

#include "host/io/file_io.h"
#include "host/output/hdf5_access.h"
#include "host/output/hdf5_errno.h"
#include "kernels/sample/error.h"

/* Keep up to this many links and attributes in the object header, which has a checksum. Elsewhere
 * the library may crash on a damaged name, or fail only for some readers. */
enum { COMPACT_LINKS = 128, COMPACT_ATTRIBUTES = 32 };

static void keep_compact(hid_t create)
{
    H5Pset_obj_track_times(create, 0);
    H5Pset_attr_phase_change(create, COMPACT_ATTRIBUTES, COMPACT_ATTRIBUTES / 2);
}

/* The same of a group; the file's own is created with the file. */
static void keep_group_compact(hid_t create)
{
    keep_compact(create);
    H5Pset_link_phase_change(create, COMPACT_LINKS, COMPACT_LINKS / 2);
}

/* Keep a failure; true if none has happened. */
static bool check(struct bl23_h5 *h5, bool fine)
{
    h5->ok = h5->ok && fine;
    return h5->ok;
}

void bl23_h5_create(struct bl23_h5 *h5, char const *path)
{
    hid_t const access = bl23_h5_access(false); /* nobody else knows the file yet */
    hid_t const create = H5Pcreate(H5P_FILE_CREATE);
    H5Pset_libver_bounds(access, H5F_LIBVER_V18, H5F_LIBVER_V18); /* attributes beyond 64 KiB */
    H5Pset_fclose_degree(access, H5F_CLOSE_STRONG);
    keep_group_compact(create);
    bl23_h5_errno_clear();
    *h5 = (struct bl23_h5){.file = H5Fcreate(path, H5F_ACC_TRUNC, create, access), .ok = true};
    check(h5, h5->file >= 0);
    H5Pclose(create);
    H5Pclose(access);
}

void bl23_h5_reopen(struct bl23_h5 *h5, char const *path)
{
    hid_t const access = bl23_h5_access(false);
    H5Pset_libver_bounds(access, H5F_LIBVER_V18, H5F_LIBVER_V18);
    H5Pset_fclose_degree(access, H5F_CLOSE_STRONG);
    bl23_h5_errno_clear();
    *h5 = (struct bl23_h5){.file = H5Fopen(path, H5F_ACC_RDWR, access), .ok = true};
    check(h5, h5->file >= 0);
    H5Pclose(access);
}

enum bl23_status bl23_h5_close(struct bl23_h5 *h5, char const *path, enum bl23_status status,
                               struct bl23_error *error)
{
    if (h5->file >= 0)
        check(h5, H5Fclose(h5->file) >= 0);
    h5->file = H5I_INVALID_HID;
    if (h5->ok || status != BL23_OK)
        return status;
    if (bl23_h5_errno() == 0)
        return bl23_fail(error, BL23_ERROR_IO, "%s: the HDF5 library could not write it", path);
    return bl23_fail(error, BL23_ERROR_IO, "%s: writing failed (%s)", path,
                     bl23_errno_text(bl23_h5_errno()));
}

void bl23_h5_group(struct bl23_h5 *h5, char const *path)
{
    if (!h5->ok)
        return;
    hid_t const create = H5Pcreate(H5P_GROUP_CREATE);
    keep_group_compact(create);
    hid_t const group = H5Gcreate2(h5->file, path, H5P_DEFAULT, create, H5P_DEFAULT);
    H5Pclose(create);
    check(h5, group >= 0 && H5Gclose(group) >= 0);
}

static void write_attribute(struct bl23_h5 *h5, char const *path, char const *name, hid_t stored,
                            hid_t memory, hid_t space, void const *value)
{
    if (!h5->ok)
        return;
    hid_t const attribute = H5Acreate_by_name(h5->file, path, name, stored, space, H5P_DEFAULT,
                                              H5P_DEFAULT, H5P_DEFAULT);
    check(h5, attribute >= 0 && H5Awrite(attribute, memory, value) >= 0);
    if (attribute >= 0)
        check(h5, H5Aclose(attribute) >= 0);
}

void bl23_h5_attribute(struct bl23_h5 *h5, char const *path, char const *name, hid_t type,
                       hid_t space, void const *value)
{
    write_attribute(h5, path, name, type, type, space, value);
}

static hid_t string_type(size_t size)
{
    hid_t const type = H5Tcopy(H5T_C_S1);
    H5Tset_size(type, size > 0 ? size : 1);
    H5Tset_strpad(type, H5T_STR_NULLPAD);
    H5Tset_cset(type, H5T_CSET_UTF8);
    return type;
}

void bl23_h5_text(struct bl23_h5 *h5, char const *path, char const *name, char const *value)
{
    hid_t const type = string_type(strlen(value)), space = H5Screate(H5S_SCALAR);
    write_attribute(h5, path, name, type, type, space, value);
    H5Sclose(space);
    H5Tclose(type);
}

void bl23_h5_u64(struct bl23_h5 *h5, char const *path, char const *name, uint64_t value)
{
    hid_t const space = H5Screate(H5S_SCALAR);
    write_attribute(h5, path, name, H5T_STD_U64LE, H5T_NATIVE_UINT64, space, &value);
    H5Sclose(space);
}

void bl23_h5_f64(struct bl23_h5 *h5, char const *path, char const *name, double value)
{
    hid_t const space = H5Screate(H5S_SCALAR);
    write_attribute(h5, path, name, H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE, space, &value);
    H5Sclose(space);
}

void bl23_h5_f64s(struct bl23_h5 *h5, char const *path, char const *name, double const *values,
                  size_t count)
{
    hsize_t const dims = count;
    hid_t const space = H5Screate_simple(1, &dims, NULL);
    write_attribute(h5, path, name, H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE, space, values);
    H5Sclose(space);
}

/* The little-endian type in the file for a native type. */
static hid_t stored_type(hid_t type)
{
    if (H5Tequal(type, H5T_NATIVE_DOUBLE) > 0)
        return H5T_IEEE_F64LE;
    if (H5Tequal(type, H5T_NATIVE_UINT64) > 0)
        return H5T_STD_U64LE;
    if (H5Tequal(type, H5T_NATIVE_UINT8) > 0)
        return H5T_STD_U8LE;
    if (H5Tequal(type, H5T_NATIVE_INT64) > 0)
        return H5T_STD_I64LE;
    return type;
}

void bl23_h5_bare_dataset(struct bl23_h5 *h5, char const *path, hid_t type, int rank,
                          hsize_t const *dims, void const *data)
{
    if (!h5->ok)
        return;
    hsize_t const one = 1, unlimited = H5S_UNLIMITED;
    bool const none = rank == 1 && dims[0] == 0; /* may grow: h5repack cannot filter others */
    hid_t const space = H5Screate_simple(rank, dims, none ? &unlimited : NULL);
    hid_t const create = H5Pcreate(H5P_DATASET_CREATE);
    if (none)
        H5Pset_chunk(create, 1, &one);
    else
        H5Pset_layout(create, H5D_CONTIGUOUS);
    H5Pset_alloc_time(create, H5D_ALLOC_TIME_EARLY);
    H5Pset_fill_time(create, H5D_FILL_TIME_NEVER);
    keep_compact(create);
    hid_t const set =
        H5Dcreate2(h5->file, path, stored_type(type), space, H5P_DEFAULT, create, H5P_DEFAULT);
    check(h5, set >= 0);
    bool const empty = H5Sget_simple_extent_npoints(space) == 0;
    if (h5->ok && data && !empty)
        check(h5, H5Dwrite(set, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, data) >= 0);
    if (set >= 0)
        check(h5, H5Dclose(set) >= 0);
    H5Pclose(create);
    H5Sclose(space);
}

/* Of the stored bytes: little-endian, as are the processors this program runs on. */
static uint64_t checksum(hid_t type, int rank, hsize_t const *dims, void const *data)
{
    size_t size = H5Tget_size(type);
    for (int k = 0; k < rank; k++)
        size *= dims[k];
    return bl23_checksum(data, size);
}

void bl23_h5_dataset(struct bl23_h5 *h5, struct bl23_h5_label label, hid_t type, int rank,
                     hsize_t const *dims, void const *data)
{
    bl23_h5_bare_dataset(h5, label.path, type, rank, dims, data);
    if (label.unit)
        bl23_h5_text(h5, label.path, "units", label.unit);
    bl23_h5_text(h5, label.path, "long_name", label.text);
    if (data)
        bl23_h5_u64(h5, label.path, "xxh3", checksum(type, rank, dims, data));
}

void bl23_h5_doubles(struct bl23_h5 *h5, struct bl23_h5_label label, size_t n, double const *data)
{
    hsize_t const dims = n;
    bl23_h5_dataset(h5, label, H5T_NATIVE_DOUBLE, 1, &dims, data);
}

void bl23_h5_matrix(struct bl23_h5 *h5, struct bl23_h5_label label, size_t rows, size_t columns,
                    double const *data)
{
    hsize_t const dims[2] = {rows, columns};
    bl23_h5_dataset(h5, label, H5T_NATIVE_DOUBLE, 2, dims, data);
}

void bl23_h5_names(struct bl23_h5 *h5, struct bl23_h5_label label, char const *const *names,
                   size_t count)
{
    size_t width = 1;
    for (size_t k = 0; k < count; k++)
        width = strlen(names[k]) > width ? strlen(names[k]) : width;
    char *const flat = calloc(count ? count : 1, width);
    check(h5, flat != NULL);
    for (size_t k = 0; flat && k < count; k++)
        memcpy(flat + k * width, names[k], strlen(names[k]));
    hid_t const type = string_type(width);
    hsize_t const dims = count;
    bl23_h5_dataset(h5, label, type, 1, &dims, flat);
    H5Tclose(type);
    free(flat);
}

haddr_t bl23_h5_offset(struct bl23_h5 *h5, char const *path)
{
    hid_t const set = h5->ok ? H5Dopen2(h5->file, path, H5P_DEFAULT) : H5I_INVALID_HID;
    if (!check(h5, set >= 0))
        return HADDR_UNDEF;
    haddr_t const offset = H5Dget_offset(set);
    check(h5, H5Dclose(set) >= 0);
    return offset;
}
