/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* Thin wrappers around HDF5 for writing: groups, attributes, datasets with units and long_name.
 * Survey, tables and plane files are written with them. */
#ifndef BL23_HOST_HDF5_WRITE_H
#define BL23_HOST_HDF5_WRITE_H

#include <hdf5.h>
#include <stdbool.h>

#include "kernels/sample/model.h"

/* A file being written. After the first failure every call is a no-op, and ok is false. */
struct bl23_h5 {
    hid_t file;
    bool ok;
};

/* Path, unit (NULL: none) and description of a dataset, as udunits and the CF conventions have them
 * in the attributes units and long_name. */
struct bl23_h5_label {
    char const *path, *unit, *text;
};

/* Create or truncate a file. No times are stored, so that equal data give equal bytes. */
void bl23_h5_create(struct bl23_h5 *h5, char const *path);

/* Open a complete file to change an attribute, which needs no more room. */
void bl23_h5_reopen(struct bl23_h5 *h5, char const *path);

/* Close the file at path. Returns `status` if it is a failure, else BL23_ERROR_IO if anything
 * failed since the file was created. */
enum bl23_status bl23_h5_close(struct bl23_h5 *h5, char const *path, enum bl23_status status,
                               struct bl23_error *error);

void bl23_h5_group(struct bl23_h5 *h5, char const *path);

/* Attributes of the object at path ("/" for the file). */
void bl23_h5_text(struct bl23_h5 *h5, char const *path, char const *name, char const *value);
void bl23_h5_u64(struct bl23_h5 *h5, char const *path, char const *name, uint64_t value);
void bl23_h5_f64(struct bl23_h5 *h5, char const *path, char const *name, double value);
void bl23_h5_f64s(struct bl23_h5 *h5, char const *path, char const *name, double const *values,
                  size_t count);

/* An attribute of any type and space, stored with this type. */
void bl23_h5_attribute(struct bl23_h5 *h5, char const *path, char const *name, hid_t type,
                       hid_t space, void const *value);

/* A dataset without attributes. data may be NULL. */
void bl23_h5_bare_dataset(struct bl23_h5 *h5, char const *path, hid_t type, int rank,
                          hsize_t const *dims, void const *data);

/* A dataset of the given shape [dims], written whole; type is a native memory type, stored
 * little-endian, with the XXH3 of its bytes as attribute xxh3. data may be NULL: then only the
 * space is allocated, and there is no checksum. */
void bl23_h5_dataset(struct bl23_h5 *h5, struct bl23_h5_label label, hid_t type, int rank,
                     hsize_t const *dims, void const *data);

/* The same of doubles, a vector and a matrix, for rooms that do not include hdf5.h. */
void bl23_h5_doubles(struct bl23_h5 *h5, struct bl23_h5_label label, size_t n, double const *data);
void bl23_h5_matrix(struct bl23_h5 *h5, struct bl23_h5_label label, size_t rows, size_t columns,
                    double const *data);

/* A one-dimensional dataset of fixed-length strings out of NUL-terminated ones. */
void bl23_h5_names(struct bl23_h5 *h5, struct bl23_h5_label label, char const *const *names,
                   size_t count);

/* Where the raw data of an allocated dataset lie in the file; HADDR_UNDEF on failure. */
haddr_t bl23_h5_offset(struct bl23_h5 *h5, char const *path);

#endif
