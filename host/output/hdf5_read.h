/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* Reads HDF5 files that may have been altered, damaged or made by somebody else. Tables and survey
 * files are read, verified and copied with it.
 *
 * Nothing in a file is trusted. Every read states the kind and the shape that it expects. They are
 * compared with what the file holds before any memory is written, and every size is compared with
 * the size of the file before any memory is allocated. What bl23 never writes is refused: other
 * types (compound, enumeration, reference, text of variable length), data in other files, links
 * that are not hard. Storage is the exception: chunks and the library's own filters are read, so
 * that a file that h5repack has written is what it was. */
#ifndef BL23_HOST_HDF5_READ_H
#define BL23_HOST_HDF5_READ_H

#include <hdf5.h>
#include <stdbool.h>

#include "kernels/sample/model.h"

/* The types that bl23 writes: whole numbers, doubles, all little-endian, and text of fixed length.
 */
enum bl23_h5_kind { BL23_H5_U8, BL23_H5_U64, BL23_H5_I64, BL23_H5_F64, BL23_H5_TEXT };

enum { BL23_H5_RANK_MAX = 5 };

/* Kind and shape of values; rank 0 is one value. */
struct bl23_h5_form {
    enum bl23_h5_kind kind;
    int rank;
    hsize_t dims[BL23_H5_RANK_MAX];
};

/* Form and size of what a file holds; never larger than the file. */
struct bl23_h5_found {
    struct bl23_h5_form form;
    size_t width; /* bytes of one value */
    size_t count, bytes;
};

/* Fill in the form of a dataset and return NULL, or return what is wrong with it, as a predicate
 * ("is stored in another file ..."). */
char const *bl23_h5_dataset_form(hid_t set, struct bl23_h5_found *found);

/* Read all values of an open attribute or dataset into new memory of found->bytes, and one byte
 * more, which is 0; the caller frees *values. BL23_ERROR_FAILED: it has another form than bl23
 * writes, or cannot be read; BL23_ERROR_MEMORY. */
enum bl23_status bl23_h5_load(hid_t object, struct bl23_h5_found *found, void **values);

/* Open a file for reading: BL23_ERROR_FAILED if nothing or no HDF5 is there,
 * BL23_ERROR_CONFIG if it is a folder or another kind of file, BL23_ERROR_IO with the system's
 * reason if it cannot be opened. The caller closes *file with
 * H5Fclose. */
enum bl23_status bl23_h5_open(char const *path, hid_t *file, struct bl23_error *error);

/* Has the machine failed (an I/O error, no descriptor, ...) since the file was opened? Then *error
 * says so (BL23_ERROR_IO), and what was read or found missing says nothing about the file. */
bool bl23_h5_machine_failed(char const *path, char const *object, struct bl23_error *error);

/* The native type of a kind; none for text, which has a length. */
hid_t bl23_h5_type_in_memory(enum bl23_h5_kind kind);

/* BL23_ERROR_FAILED: "FILE: OBJECT WHAT"; BL23_ERROR_IO where the machine failed. */
enum bl23_status bl23_h5_refuse(hid_t file, char const *object, char const *what,
                                struct bl23_error *error);

/* The reads below return BL23_ERROR_FAILED with a sentence that names the file and the object, and
 * what it is instead; BL23_ERROR_MEMORY where they allocate. Paths begin with '/', or are "." for
 * the object `file` itself. */

/* A single unsigned 64-bit number of an object. */
enum bl23_status bl23_h5_read_u64(hid_t file, char const *path, char const *name, uint64_t *value,
                                  struct bl23_error *error);

/* A single text of an object, without a NUL in it; the caller frees *text. */
enum bl23_status bl23_h5_read_text(hid_t file, char const *path, char const *name, char **text,
                                   struct bl23_error *error);

/* The number of values of a dataset of one dimension. */
enum bl23_status bl23_h5_read_count(hid_t file, char const *path, enum bl23_h5_kind kind,
                                    size_t *count, struct bl23_error *error);

/* A whole dataset of exactly this form; out has room for it. */
enum bl23_status bl23_h5_read(hid_t file, char const *path, struct bl23_h5_form form, void *out,
                              struct bl23_error *error);

/* Is there a dataset of exactly this form? */
enum bl23_status bl23_h5_expect(hid_t file, char const *path, struct bl23_h5_form form,
                                struct bl23_error *error);

/* Some rows of a dataset of one dimension. */
struct bl23_h5_rows {
    size_t first, count; /* count > 0 */
};

/* Read them from a dataset of exactly this form, of one dimension. */
enum bl23_status bl23_h5_read_rows(hid_t file, char const *path, struct bl23_h5_form form,
                                   struct bl23_h5_rows some, void *out, struct bl23_error *error);

/* Does the path lead to something of this file, by hard links alone? */
bool bl23_h5_has(hid_t file, char const *path);

/* Number of members of a group; 0 if it is not there. */
size_t bl23_h5_members(hid_t file, char const *path);

/* One dimension of `count` values. */
struct bl23_h5_form bl23_h5_line(enum bl23_h5_kind kind, size_t count);

#endif
