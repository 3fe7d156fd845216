/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "host/output/hdf5_content.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <xxhash.h>

#include "host/io/file_io.h"
#include "host/output/hdf5_read.h"
#include "host/output/hdf5_scales.h"
#include "kernels/sample/error.h"

enum { PATH_SIZE = 512 };

/* An iteration over groups, members and attributes, each in the order of names. */
struct hashing {
    XXH3_state_t *digest;
    struct bl23_h5_sealed const *list;
    char const *path; /* of the object whose attributes or members are visited */
    bool compared;    /* its values follow from those of its index */
    enum bl23_status status;
};

static void add(struct hashing *h, void const *bytes, size_t size)
{
    XXH3_128bits_update(h->digest, bytes, size);
}

/* A line of name, type and shape. */
static void add_line(struct hashing *h, char const *path, char const *attribute,
                     struct bl23_h5_found const *found)
{
    static char const *const types[] = {[BL23_H5_U8] = "|u1",
                                        [BL23_H5_U64] = "<u8",
                                        [BL23_H5_I64] = "<i8",
                                        [BL23_H5_F64] = "<f8",
                                        [BL23_H5_TEXT] = "|S"};
    char line[2 * PATH_SIZE], width[32] = "";
    if (found->form.kind == BL23_H5_TEXT)
        snprintf(width, sizeof width, "%zu", found->width);
    int at = snprintf(line, sizeof line, "%s%s%.*s %s%s ", path, attribute ? "@" : "", PATH_SIZE,
                      attribute ? attribute : "", types[found->form.kind], width);
    for (int d = 0; d < found->form.rank; d++)
        at += snprintf(line + at, sizeof line - (size_t)at, "%s%llu", d ? "," : "",
                       (unsigned long long)found->form.dims[d]);
    add(h, line, (size_t)at);
    add(h, "\n", 1);
}

/* Numbers of one dimension without a checksum, which may be very many (indices): in parts, each of
 * which must be the same when it is read again. */
static enum bl23_status add_rows(struct hashing *h, hid_t set, struct bl23_h5_found const *found)
{
    enum { ROWS = 1 << 15 };
    uint64_t *const part = malloc(2 * ROWS * sizeof *part), *const again = part + ROWS;
    enum bl23_status status = part ? BL23_OK : BL23_ERROR_MEMORY;
    for (size_t first = 0, n; status == BL23_OK && first < found->count; first += n) {
        n = found->count - first < ROWS ? found->count - first : ROWS;
        struct bl23_h5_rows const some = {first, n};
        status = bl23_h5_read_rows(set, ".", found->form, some, part, NULL);
        if (status == BL23_OK)
            status = bl23_h5_read_rows(set, ".", found->form, some, again, NULL);
        if (status == BL23_OK && memcmp(part, again, n * sizeof *part) != 0)
            status = BL23_ERROR_FAILED;
        if (status == BL23_OK)
            add(h, part, n * sizeof *part);
    }
    free(part);
    return status;
}

/* Was a dataset read as it was written? It has a checksum, or is read again. */
static enum bl23_status check_values(hid_t set, struct bl23_h5_found const *found,
                                     void const *values)
{
    struct bl23_h5_found second;
    void *again = NULL;
    uint64_t expected;
    if (H5Aexists(set, "xxh3") > 0) {
        BL23_TRY(bl23_h5_read_u64(set, ".", "xxh3", &expected, NULL));
        return bl23_checksum(values, found->bytes) == expected ? BL23_OK : BL23_ERROR_FAILED;
    }
    BL23_TRY(bl23_h5_load(set, &second, &again));
    bool const same = found->bytes == second.bytes && memcmp(values, again, second.bytes) == 0;
    free(again);
    return same ? BL23_OK : BL23_ERROR_FAILED;
}

static bool are_rows(hid_t set, struct bl23_h5_found const *found)
{
    return found->form.rank == 1 && found->width == sizeof(uint64_t) &&
           found->form.kind != BL23_H5_TEXT && H5Aexists(set, "xxh3") <= 0;
}

/* An open attribute or dataset. */
static enum bl23_status add_values(struct hashing *h, hid_t object, char const *path,
                                   char const *attribute, bool skip_values)
{
    struct bl23_h5_found found;
    void *values = NULL;
    if (!attribute && bl23_h5_dataset_form(object, &found))
        return BL23_ERROR_FAILED;
    bool const rows = !attribute && are_rows(object, &found);
    if (!skip_values && !rows)
        BL23_TRY(bl23_h5_load(object, &found, &values));
    enum bl23_status status = attribute || !values ? BL23_OK : check_values(object, &found, values);
    add_line(h, path, attribute, &found);
    if (values)
        add(h, values, found.bytes);
    else if (rows && !skip_values)
        status = add_rows(h, object, &found);
    free(values);
    return status;
}

static bool is_checksum(char const *attribute)
{
    return strcmp(attribute, BL23_CONTENT_HASH) == 0 || strcmp(attribute, "seal") == 0 ||
           strcmp(attribute, "xxh3") == 0;
}

static herr_t visit_attribute(hid_t object, char const *name, H5A_info_t const *info, void *context)
{
    (void)info;
    struct hashing *const h = context;
    if (is_checksum(name) || bl23_h5_is_scale_reference(name))
        return 0;
    hid_t const attribute =
        strlen(name) < PATH_SIZE / 2 ? H5Aopen(object, name, H5P_DEFAULT) : H5I_INVALID_HID;
    h->status = attribute < 0 ? BL23_ERROR_FAILED : add_values(h, attribute, h->path, name, false);
    if (attribute >= 0)
        H5Aclose(attribute);
    return h->status == BL23_OK ? 0 : -1;
}

static herr_t visit_member(hid_t group, char const *name, H5L_info_t const *info, void *context);

static void visit_object(struct hashing *h, hid_t object, char const *path)
{
    struct hashing inside = *h;
    hsize_t position = 0;
    inside.path = path;
    herr_t done =
        H5Aiterate2(object, H5_INDEX_NAME, H5_ITER_INC, &position, visit_attribute, &inside);
    position = 0;
    if (done >= 0 && H5Iget_type(object) == H5I_GROUP)
        done = H5Literate(object, H5_INDEX_NAME, H5_ITER_INC, &position, visit_member, &inside);
    h->status = inside.status;
    if (done < 0 && h->status == BL23_OK)
        h->status = BL23_ERROR_FAILED;
}

/* Of the root only the listed groups, without those that vary: a user may have added others. */
static bool is_left_out(struct hashing const *h, char const *name, bool *compared)
{
    struct bl23_h5_sealed const *s = h->list;
    while (s->path && strcmp(s->path + 1, name) != 0)
        s++;
    *compared = s->path && s->compared;
    return !s->path || s->varies;
}

static herr_t visit_member(hid_t group, char const *name, H5L_info_t const *info, void *context)
{
    struct hashing *const h = context;
    bool const root = strcmp(h->path, "/") == 0;
    struct hashing inside = *h;
    char path[PATH_SIZE];
    if (root && is_left_out(h, name, &inside.compared))
        return 0;
    int const length = snprintf(path, sizeof path, "%s/%s", root ? "" : h->path, name);
    hid_t const object = length < PATH_SIZE && info->type == H5L_TYPE_HARD
                             ? H5Oopen(group, name, H5P_DEFAULT)
                             : H5I_INVALID_HID;
    H5I_type_t const type = object < 0 ? H5I_BADID : H5Iget_type(object);
    inside.status = BL23_ERROR_FAILED;
    if (type == H5I_DATASET || (type == H5I_GROUP && root)) {
        inside.status = BL23_OK;
        visit_object(&inside, object, path);
        if (inside.status == BL23_OK && type == H5I_DATASET)
            inside.status = add_values(&inside, object, path, NULL,
                                       inside.compared && strcmp(name, "index") != 0);
    }
    if (object >= 0)
        H5Oclose(object);
    h->status = inside.status;
    return h->status == BL23_OK ? 0 : -1;
}

/* The digest as the library writes it: the high half first. */
static void write_digest(XXH3_state_t const *digest, char hash[BL23_CONTENT_HASH_TEXT])
{
    XXH128_hash_t const value = XXH3_128bits_digest(digest);
    snprintf(hash, BL23_CONTENT_HASH_TEXT, "%016llx%016llx", (unsigned long long)value.high64,
             (unsigned long long)value.low64);
}

static enum bl23_status hash_file(hid_t file, struct bl23_h5_sealed const *list,
                                  XXH3_state_t *digest)
{
    struct hashing h = {.digest = digest, .list = list, .status = BL23_OK};
    hid_t const root = H5Gopen2(file, "/", H5P_DEFAULT);
    if (root < 0)
        return BL23_ERROR_FAILED;
    XXH3_128bits_reset(digest);
    visit_object(&h, root, "/");
    H5Gclose(root);
    return h.status;
}

enum bl23_status bl23_h5_content_hash(hid_t file, struct bl23_h5_sealed const *list,
                                      char hash[BL23_CONTENT_HASH_TEXT], struct bl23_error *error)
{
    XXH3_state_t *const digest = XXH3_createState();
    enum bl23_status const status = digest ? hash_file(file, list, digest) : BL23_ERROR_MEMORY;
    if (status == BL23_OK)
        write_digest(digest, hash);
    XXH3_freeState(digest);
    if (status == BL23_ERROR_MEMORY)
        return bl23_fail(error, status, "out of memory for the content of a file");
    if (status != BL23_OK)
        return bl23_h5_refuse(file, "its content", "cannot be read as it was written", error);
    return BL23_OK;
}

enum bl23_status bl23_h5_content_seal(char const *path, struct bl23_h5_sealed const *list,
                                      struct bl23_error *error)
{
    struct bl23_h5 h5;
    char hash[BL23_CONTENT_HASH_TEXT];
    bl23_h5_reopen(&h5, path);
    enum bl23_status status = h5.ok ? bl23_h5_content_hash(h5.file, list, hash, error) : BL23_OK;
    if (status == BL23_OK && h5.ok) {
        hid_t const attribute = H5Aopen(h5.file, BL23_CONTENT_HASH, H5P_DEFAULT);
        hid_t const type = attribute < 0 ? H5I_INVALID_HID : H5Aget_type(attribute);
        h5.ok = type >= 0 && H5Tget_size(type) == BL23_CONTENT_HASH_TEXT - 1 &&
                H5Awrite(attribute, type, hash) >= 0;
        if (type >= 0)
            H5Tclose(type);
        if (attribute >= 0)
            H5Aclose(attribute);
    }
    return bl23_h5_close(&h5, path, status, error);
}
