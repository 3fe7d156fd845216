/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "host/output/hdf5_read.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host/io/file_io.h"
#include "host/output/hdf5_access.h"
#include "host/output/hdf5_errno.h"
#include "kernels/sample/error.h"

/* INFLATION: bytes of values that deflate makes of one, at most. */
enum { INFLATION = 1032, DESCRIPTION_SIZE = 160, PATH_SIZE = 512, NAME_SIZE = 512 };

/* ---- forms ---- */

static bool kind_of(hid_t type, enum bl23_h5_kind *kind)
{
    hid_t const written[] = {[BL23_H5_U8] = H5T_STD_U8LE,
                             [BL23_H5_U64] = H5T_STD_U64LE,
                             [BL23_H5_I64] = H5T_STD_I64LE,
                             [BL23_H5_F64] = H5T_IEEE_F64LE};
    for (size_t k = 0; k < sizeof written / sizeof written[0]; k++)
        if (H5Tequal(type, written[k]) > 0) {
            *kind = (enum bl23_h5_kind)k;
            return true;
        }
    *kind = BL23_H5_TEXT;
    return H5Tget_class(type) == H5T_STRING && H5Tis_variable_str(type) == 0;
}

/* A single value, or an array. */
static bool shape_of(hid_t space, struct bl23_h5_form *form)
{
    hsize_t dims[H5S_MAX_RANK];
    H5S_class_t const class = H5Sget_simple_extent_type(space);
    form->rank = 0;
    if (class == H5S_SCALAR)
        return true;
    form->rank = class == H5S_SIMPLE ? H5Sget_simple_extent_dims(space, dims, NULL) : -1;
    if (form->rank < 1 || form->rank > BL23_H5_RANK_MAX)
        return false;
    for (int d = 0; d < form->rank; d++)
        form->dims[d] = dims[d];
    return true;
}

static uint64_t file_bytes(hid_t object)
{
    hsize_t bytes = 0;
    hid_t const file = H5Iget_file_id(object);
    if (file < 0)
        return 0;
    if (H5Fget_filesize(file, &bytes) < 0)
        bytes = 0;
    H5Fclose(file);
    return bytes;
}

/* Fill in count and bytes of the values; false if they take more than `most` bytes. */
static bool measure(struct bl23_h5_found *found, uint64_t most)
{
    uint64_t bytes = found->width;
    bool empty = found->width == 0;
    for (int d = 0; d < found->form.rank; d++)
        empty = empty || found->form.dims[d] == 0;
    found->count = found->bytes = 0;
    if (empty)
        return true;
    for (int d = 0; d < found->form.rank; d++) {
        if (found->form.dims[d] > most / bytes)
            return false;
        bytes *= found->form.dims[d];
    }
    found->bytes = bytes;
    found->count = bytes / found->width;
    return bytes <= most;
}

static char const *form_of(hid_t type, hid_t space, struct bl23_h5_found *found)
{
    *found = (struct bl23_h5_found){.width = type < 0 ? 0 : H5Tget_size(type)};
    if (found->width == 0 || !kind_of(type, &found->form.kind))
        return "is of a type that bl23 never writes";
    if (!shape_of(space, &found->form))
        return "has a shape that bl23 never writes";
    return NULL;
}

static char const claims_more[] = "claims more bytes than the file has";

static char const *attribute_form(hid_t attribute, struct bl23_h5_found *found)
{
    hid_t const type = H5Aget_type(attribute), space = H5Aget_space(attribute);
    char const *fault = form_of(type, space, found);
    if (!fault && !measure(found, file_bytes(attribute)))
        fault = claims_more;
    H5Sclose(space);
    H5Tclose(type);
    return fault;
}

/* Filters of the library itself, and no more than one that inflates. */
static bool has_known_filters(hid_t create, bool *deflated)
{
    int const n = H5Pget_nfilters(create);
    *deflated = false;
    for (int k = 0; k < n; k++) {
        unsigned flags;
        size_t values = 0;
        H5Z_filter_t const filter =
            H5Pget_filter2(create, (unsigned)k, &flags, &values, NULL, 0, NULL, NULL);
        if (filter == H5Z_FILTER_DEFLATE
                ? *deflated
                : filter != H5Z_FILTER_SHUFFLE && filter != H5Z_FILTER_FLETCHER32)
            return false;
        *deflated = *deflated || filter == H5Z_FILTER_DEFLATE;
    }
    return n >= 0;
}

static bool has_small_chunks(hid_t create, size_t width, uint64_t most)
{
    hsize_t chunk[H5S_MAX_RANK];
    int const rank = H5Pget_chunk(create, H5S_MAX_RANK, chunk);
    uint64_t bytes = width;
    for (int d = 0; d < rank; d++) {
        if (chunk[d] > most / bytes)
            return false;
        bytes *= chunk[d];
    }
    return rank > 0;
}

/* Fill in count and bytes. The values must lie in this file: in one piece, as bl23 writes them, or
 * as h5repack lays them out. */
static char const *measure_set(hid_t set, hid_t create, struct bl23_h5_found *found)
{
    static char const elsewhere[] =
        "is stored in another file, with unknown filters, or as a view of other datasets";
    H5D_layout_t const layout = H5Pget_layout(create);
    uint64_t const all = file_bytes(set);
    bool deflated;
    if (H5Pget_external_count(create) != 0 || !has_known_filters(create, &deflated) ||
        (layout != H5D_CONTIGUOUS && layout != H5D_COMPACT && layout != H5D_CHUNKED))
        return elsewhere;
    uint64_t const ratio = deflated ? INFLATION : 1;
    if (!measure(found, all * ratio))
        return claims_more;
    if (found->bytes == 0)
        return NULL;
    if (layout == H5D_CHUNKED && !has_small_chunks(create, found->width, all * ratio))
        return "has chunks that are larger than the file";
    uint64_t const stored = H5Dget_storage_size(set);
    haddr_t const offset = layout == H5D_CONTIGUOUS ? H5Dget_offset(set) : 0;
    bool const whole =
        layout == H5D_CHUNKED ? found->bytes <= stored * ratio : found->bytes == stored;
    return whole && stored <= all && offset != HADDR_UNDEF && offset <= all - stored
               ? NULL
               : "has values that are not in the file";
}

char const *bl23_h5_dataset_form(hid_t set, struct bl23_h5_found *found)
{
    hid_t const type = H5Dget_type(set), space = H5Dget_space(set);
    hid_t const create = H5Dget_create_plist(set);
    char const *fault = form_of(type, space, found);
    if (!fault)
        fault = measure_set(set, create, found);
    H5Pclose(create);
    H5Sclose(space);
    H5Tclose(type);
    return fault;
}

struct bl23_h5_form bl23_h5_line(enum bl23_h5_kind kind, size_t count)
{
    return (struct bl23_h5_form){.kind = kind, .rank = 1, .dims = {count}};
}

static bool same_form(struct bl23_h5_form const *a, struct bl23_h5_form const *b)
{
    bool same = a->kind == b->kind && a->rank == b->rank;
    for (int d = 0; same && d < a->rank; d++)
        same = a->dims[d] == b->dims[d];
    return same;
}

/* In words: "one double", "doubles [3, 6, 9]". */
static void describe(struct bl23_h5_form const *form, char text[DESCRIPTION_SIZE])
{
    static char const *const names[] = {[BL23_H5_U8] = "unsigned 8-bit number",
                                        [BL23_H5_U64] = "unsigned 64-bit number",
                                        [BL23_H5_I64] = "signed 64-bit number",
                                        [BL23_H5_F64] = "double",
                                        [BL23_H5_TEXT] = "text of fixed length"};
    size_t const room = DESCRIPTION_SIZE;
    size_t at = (size_t)snprintf(text, room, form->rank ? "an array of type %s, [" : "one %s",
                                 names[form->kind]);
    for (int d = 0; d < form->rank; d++)
        at += (size_t)snprintf(text + at, room - at, "%s%llu", d ? ", " : "",
                               (unsigned long long)form->dims[d]);
    if (form->rank)
        snprintf(text + at, room - at, "]");
}

/* ---- loading ---- */

enum bl23_status bl23_h5_load(hid_t object, struct bl23_h5_found *found, void **values)
{
    bool const attribute = H5Iget_type(object) == H5I_ATTR;
    *values = NULL;
    if (attribute ? attribute_form(object, found) : bl23_h5_dataset_form(object, found))
        return BL23_ERROR_FAILED;
    *values = calloc(1, found->bytes + 1);
    if (!*values)
        return BL23_ERROR_MEMORY;
    hid_t const type = attribute ? H5Aget_type(object) : H5Dget_type(object);
    bool const fine = found->bytes == 0 || (attribute ? H5Aread(object, type, *values)
                                                      : H5Dread(object, type, H5S_ALL, H5S_ALL,
                                                                H5P_DEFAULT, *values)) >= 0;
    H5Tclose(type);
    if (fine)
        return BL23_OK;
    free(*values);
    *values = NULL;
    return BL23_ERROR_FAILED;
}

/* ---- files and objects ---- */

#define UNFINISHED "; it is of a run that has not finished: repeat the command that began it"

/* Does the name end as that of the folder of a run? */
static bool is_of_a_run(char const *path)
{
    static char const ending[] = ".run";
    size_t length = strlen(path);
    while (length > 1 && path[length - 1] == '/')
        length--;
    return length >= sizeof ending - 1 &&
           strncmp(path + length - (sizeof ending - 1), ending, sizeof ending - 1) == 0;
}

static hid_t open_to_read(char const *path, bool locks)
{
    hid_t const access = bl23_h5_access(locks);
    bl23_h5_errno_clear();
    hid_t const file = H5Fopen(path, H5F_ACC_RDONLY, access);
    H5Pclose(access);
    return file;
}

enum bl23_status bl23_h5_open(char const *path, hid_t *file, struct bl23_error *error)
{
    struct stat info;
    *file = H5I_INVALID_HID;
    int const descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (descriptor < 0 && (errno == ENOENT || errno == ENOTDIR))
        return bl23_fail(error, BL23_ERROR_FAILED, "%s does not exist", path);
    if (descriptor < 0 && errno == EACCES)
        return bl23_fail(error, BL23_ERROR_IO,
                         "%s cannot be read (%s); permit it, or name another file", path,
                         bl23_errno_text(errno));
    if (descriptor < 0 || fstat(descriptor, &info) != 0) {
        enum bl23_status const status = bl23_io_failed("opening", path, error);
        if (descriptor >= 0)
            close(descriptor);
        return status;
    }
    close(descriptor);
    if (!S_ISREG(info.st_mode))
        return bl23_fail(error, BL23_ERROR_CONFIG, "%s is %s, not an HDF5 file%s", path,
                         bl23_file_kind(info.st_mode), is_of_a_run(path) ? UNFINISHED : "");
    *file = open_to_read(path, true);
    int const number = bl23_h5_errno();
    bool const locked = *file < 0 && (number == EAGAIN || number == EWOULDBLOCK);
    if (*file < 0 && !locked) /* no locks here, or it is open already, and was opened without */
        *file = open_to_read(path, false);
    if (*file >= 0)
        return BL23_OK;
    if (locked)
        return bl23_fail(
            error, BL23_ERROR_IO,
            "%s is locked by another program that has it open; close it there, or set %s=FALSE in "
            "the environment to read it all the same",
            path, BL23_H5_LOCKS);
    if (number != 0)
        return bl23_fail(error, BL23_ERROR_IO, "%s: opening failed (%s)", path,
                         bl23_errno_text(number));
    return bl23_fail(error, BL23_ERROR_FAILED, "%s is truncated or is not an HDF5 file", path);
}

bool bl23_h5_machine_failed(char const *path, char const *object, struct bl23_error *error)
{
    if (bl23_h5_errno() == 0)
        return false;
    bl23_fail(error, BL23_ERROR_IO, "%s: reading %s failed (%s)", path, object,
              bl23_errno_text(bl23_h5_errno()));
    return true;
}

enum bl23_status bl23_h5_refuse(hid_t file, char const *object, char const *what,
                                struct bl23_error *error)
{
    char name[NAME_SIZE] = "";
    if (H5Fget_name(file, name, sizeof name) < 0)
        name[0] = '\0';
    if (bl23_h5_machine_failed(name, object, error))
        return BL23_ERROR_IO;
    return bl23_fail(error, BL23_ERROR_FAILED, "%s: %s %s", name, object, what);
}

/* Every step of the path must lead on inside the file, by a hard link. */
bool bl23_h5_has(hid_t file, char const *path)
{
    char part[PATH_SIZE];
    H5L_info_t info;
    if (strcmp(path, "/") == 0 || strcmp(path, ".") == 0)
        return true;
    for (char const *end = path; *end;) {
        end += strcspn(end + 1, "/") + 1;
        size_t const length = (size_t)(end - path);
        if (length >= sizeof part)
            return false;
        memcpy(part, path, length);
        part[length] = '\0';
        if (H5Lexists(file, part, H5P_DEFAULT) <= 0 ||
            H5Lget_info(file, part, &info, H5P_DEFAULT) < 0 || info.type != H5L_TYPE_HARD)
            return false;
    }
    return true;
}

static enum bl23_status refuse_form(hid_t file, char const *object,
                                    struct bl23_h5_form const *found,
                                    struct bl23_h5_form const *expected, struct bl23_error *error)
{
    char there[DESCRIPTION_SIZE], wanted[DESCRIPTION_SIZE], what[2 * DESCRIPTION_SIZE + 16];
    describe(found, there);
    describe(expected, wanted);
    snprintf(what, sizeof what, "is %s, not %s", there, wanted);
    return bl23_h5_refuse(file, object, what, error);
}

/* ---- attributes ---- */

/* Load the single value of an attribute, which must be of that kind; the caller frees *value, which
 * is NULL after a failure. */
static enum bl23_status load_single(hid_t file, char const *path, char const *name,
                                    enum bl23_h5_kind kind, struct bl23_h5_found *found,
                                    void **value, struct bl23_error *error)
{
    char label[2 * DESCRIPTION_SIZE];
    struct bl23_h5_form const expected = {.kind = kind};
    *value = NULL;
    snprintf(label, sizeof label, "attribute %s of %s", name, path);
    hid_t const attribute = bl23_h5_has(file, path)
                                ? H5Aopen_by_name(file, path, name, H5P_DEFAULT, H5P_DEFAULT)
                                : H5I_INVALID_HID;
    if (attribute < 0)
        return bl23_h5_refuse(file, label, "is missing", error);
    char const *const fault = attribute_form(attribute, found);
    enum bl23_status status = BL23_OK;
    if (fault)
        status = bl23_h5_refuse(file, label, fault, error);
    else if (!same_form(&found->form, &expected))
        status = refuse_form(file, label, &found->form, &expected, error);
    else if ((status = bl23_h5_load(attribute, found, value)) == BL23_ERROR_MEMORY)
        bl23_fail(error, status, "out of memory for %s", label);
    else if (status != BL23_OK)
        status = bl23_h5_refuse(file, label, "cannot be read", error);
    H5Aclose(attribute);
    return status;
}

enum bl23_status bl23_h5_read_u64(hid_t file, char const *path, char const *name, uint64_t *value,
                                  struct bl23_error *error)
{
    struct bl23_h5_found found = {.count = 0};
    void *bytes;
    enum bl23_status const status =
        load_single(file, path, name, BL23_H5_U64, &found, &bytes, error);
    if (!bytes)
        return status;
    memcpy(value, bytes, sizeof *value); /* little-endian, as this program's processors are */
    free(bytes);
    return BL23_OK;
}

enum bl23_status bl23_h5_read_text(hid_t file, char const *path, char const *name, char **text,
                                   struct bl23_error *error)
{
    struct bl23_h5_found found = {.count = 0};
    void *bytes;
    *text = NULL;
    enum bl23_status const status =
        load_single(file, path, name, BL23_H5_TEXT, &found, &bytes, error);
    if (!bytes)
        return status;
    *text = bytes;
    /* fixed text fills its width; an empty one is a NUL */
    if (strlen(*text) == found.width || (found.width == 1 && (*text)[0] == '\0'))
        return BL23_OK;
    free(bytes);
    *text = NULL;
    return bl23_h5_refuse(file, name, "is a text with a NUL in it", error);
}

/* ---- datasets ---- */

/* Open a dataset of the kind and of exactly the shape of *form, or with form->rank = 0 of one
 * dimension, whose size is filled in. The caller closes *set after success. */
static enum bl23_status open_set(hid_t file, char const *path, struct bl23_h5_form *form,
                                 hid_t *set, struct bl23_error *error)
{
    struct bl23_h5_found found = {.count = 0};
    *set = bl23_h5_has(file, path) ? H5Dopen2(file, path, H5P_DEFAULT) : H5I_INVALID_HID;
    if (*set < 0)
        return bl23_h5_refuse(file, path, "is missing, or is not a dataset of this file", error);
    char const *const fault = bl23_h5_dataset_form(*set, &found);
    if (form->rank == 0)
        *form = bl23_h5_line(form->kind, found.count);
    if (!fault && same_form(&found.form, form))
        return BL23_OK;
    enum bl23_status const status = fault ? bl23_h5_refuse(file, path, fault, error)
                                          : refuse_form(file, path, &found.form, form, error);
    H5Dclose(*set);
    return status;
}

enum bl23_status bl23_h5_read_count(hid_t file, char const *path, enum bl23_h5_kind kind,
                                    size_t *count, struct bl23_error *error)
{
    hid_t set;
    struct bl23_h5_form form = {.kind = kind};
    *count = 0;
    BL23_TRY(open_set(file, path, &form, &set, error));
    *count = form.dims[0];
    H5Dclose(set);
    return BL23_OK;
}

enum bl23_status bl23_h5_expect(hid_t file, char const *path, struct bl23_h5_form form,
                                struct bl23_error *error)
{
    hid_t set;
    BL23_TRY(open_set(file, path, &form, &set, error));
    H5Dclose(set);
    return BL23_OK;
}

hid_t bl23_h5_type_in_memory(enum bl23_h5_kind kind)
{
    hid_t const types[] = {[BL23_H5_U8] = H5T_NATIVE_UINT8,
                           [BL23_H5_U64] = H5T_NATIVE_UINT64,
                           [BL23_H5_I64] = H5T_NATIVE_INT64,
                           [BL23_H5_F64] = H5T_NATIVE_DOUBLE,
                           [BL23_H5_TEXT] = H5I_INVALID_HID};
    return types[kind];
}

enum bl23_status bl23_h5_read(hid_t file, char const *path, struct bl23_h5_form form, void *out,
                              struct bl23_error *error)
{
    hid_t set;
    bool empty = false;
    for (int d = 0; d < form.rank; d++)
        empty = empty || form.dims[d] == 0;
    BL23_TRY(open_set(file, path, &form, &set, error));
    bool const fine = empty || H5Dread(set, bl23_h5_type_in_memory(form.kind), H5S_ALL, H5S_ALL,
                                       H5P_DEFAULT, out) >= 0;
    H5Dclose(set);
    return fine ? BL23_OK : bl23_h5_refuse(file, path, "cannot be read", error);
}

enum bl23_status bl23_h5_read_rows(hid_t file, char const *path, struct bl23_h5_form form,
                                   struct bl23_h5_rows some, void *out, struct bl23_error *error)
{
    hid_t set;
    BL23_TRY(open_set(file, path, &form, &set, error));
    hsize_t const first = some.first, count = some.count;
    hid_t const from = H5Dget_space(set), to = H5Screate_simple(1, &count, NULL);
    bool const fine =
        form.rank == 1 && from >= 0 && to >= 0 && first <= form.dims[0] &&
        count <= form.dims[0] - first &&
        H5Sselect_hyperslab(from, H5S_SELECT_SET, &first, NULL, &count, NULL) >= 0 &&
        H5Dread(set, bl23_h5_type_in_memory(form.kind), to, from, H5P_DEFAULT, out) >= 0;
    H5Sclose(to);
    H5Sclose(from);
    H5Dclose(set);
    return fine ? BL23_OK : bl23_h5_refuse(file, path, "cannot be read", error);
}

size_t bl23_h5_members(hid_t file, char const *path)
{
    H5G_info_t info = {0};
    return bl23_h5_has(file, path) && H5Gget_info_by_name(file, path, &info, H5P_DEFAULT) >= 0
               ? (size_t)info.nlinks
               : 0;
}
