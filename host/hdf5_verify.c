/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "host/hdf5_verify.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/file_io.h"
#include "tables/message.h"

static char const seal_name[] = "seal";

/* ---- digests ---- */

/* One more name and what stands under it. */
static uint64_t digest_with(uint64_t digest, char const *name, uint64_t sum)
{
    uint64_t const parts[3] = {digest, bl23_checksum(name, strlen(name)), sum};
    return bl23_checksum(parts, sizeof parts);
}

/* What values are, without the values. */
static uint64_t form_of(hid_t type, hid_t space)
{
    hsize_t dims[H5S_MAX_RANK] = {0};
    int const rank = H5Sget_simple_extent_dims(space, dims, NULL);
    H5T_class_t const kind = H5Tget_class(type);
    int const sign = kind == H5T_INTEGER ? (int)H5Tget_sign(type) : 0;
    uint64_t const head[4] = {(uint64_t)kind, H5Tget_size(type), (uint64_t)sign, (uint64_t)rank};
    uint64_t const parts[2] = {bl23_checksum(head, sizeof head), bl23_checksum(dims, sizeof dims)};
    return bl23_checksum(parts, sizeof parts);
}

/* Room for all values; NULL also for types whose values lie elsewhere, which are never written. */
static void *room_for(hid_t type, hid_t space, size_t *bytes)
{
    hssize_t const n = H5Sget_simple_extent_npoints(space);
    size_t const size = H5Tget_size(type);
    bool const plain = H5Tdetect_class(type, H5T_VLEN) == 0 && H5Tis_variable_str(type) == 0 &&
                       H5Tdetect_class(type, H5T_REFERENCE) == 0;
    *bytes = n > 0 ? (size_t)n * size : 0;
    return n >= 0 && size > 0 && plain ? calloc(1, *bytes + 1) : NULL;
}

static bool sum_of_attribute(hid_t attribute, uint64_t *sum)
{
    hid_t const type = H5Aget_type(attribute), space = H5Aget_space(attribute);
    size_t bytes;
    void *const value = room_for(type, space, &bytes);
    bool const fine = value && (bytes == 0 || H5Aread(attribute, type, value) >= 0);
    if (fine) {
        uint64_t const parts[2] = {form_of(type, space), bl23_checksum(value, bytes)};
        *sum = bl23_checksum(parts, sizeof parts);
    }
    free(value);
    H5Sclose(space);
    H5Tclose(type);
    return fine;
}

static herr_t add_attribute(hid_t object, char const *name, H5A_info_t const *info, void *context)
{
    (void)info;
    uint64_t *const digest = context, sum = 0;
    if (strcmp(name, seal_name) == 0)
        return 0;
    hid_t const attribute = H5Aopen(object, name, H5P_DEFAULT);
    bool const fine = attribute >= 0 && sum_of_attribute(attribute, &sum);
    if (attribute >= 0)
        H5Aclose(attribute);
    *digest = digest_with(*digest, name, sum);
    return fine ? 0 : -1;
}

/* Can all that the library keeps about the object be read? What is damaged there may change no
 * value, and stop other readers. */
static bool whole(hid_t object)
{
#if H5_VERSION_GE(1, 12, 0)
    H5O_native_info_t info;
    return H5Oget_native_info(object, &info, H5O_NATIVE_INFO_ALL) >= 0;
#else
    H5O_info_t info;
    return H5Oget_info(object, &info) >= 0;
#endif
}

static bool digest_attributes(hid_t object, uint64_t *digest)
{
    hsize_t position = 0;
    return whole(object) &&
           H5Aiterate2(object, H5_INDEX_NAME, H5_ITER_INC, &position, add_attribute, digest) >= 0;
}

static bool digest_dataset(hid_t set, uint64_t *digest)
{
    hid_t const type = H5Dget_type(set), space = H5Dget_space(set);
    *digest = form_of(type, space);
    H5Sclose(space);
    H5Tclose(type);
    return digest_attributes(set, digest);
}

/* By the seal that the member has. */
static herr_t add_member(hid_t group, char const *name, H5L_info_t const *info, void *context)
{
    (void)info;
    uint64_t *const digest = context, seal = 0;
    bool const fine = bl23_h5_read_u64(group, name, seal_name, &seal);
    *digest = digest_with(*digest, name, seal);
    return fine ? 0 : -1;
}

static bool digest_group(hid_t file, char const *path, uint64_t *digest)
{
    hsize_t position = 0;
    *digest = 0;
    hid_t const group = H5Gopen2(file, path, H5P_DEFAULT);
    bool const fine =
        group >= 0 && digest_attributes(group, digest) &&
        H5Literate(group, H5_INDEX_NAME, H5_ITER_INC, &position, add_member, digest) >= 0;
    if (group >= 0)
        H5Gclose(group);
    return fine;
}

/* Of the root its attributes and the groups that are listed: others are not the file's. */
static bool digest_root(hid_t file, struct bl23_h5_sealed const *list, uint64_t *digest)
{
    hid_t const root = H5Gopen2(file, "/", H5P_DEFAULT);
    *digest = 0;
    bool fine = root >= 0 && digest_attributes(root, digest);
    for (; fine && list->path; list++)
        fine = list->varies || add_member(file, list->path, NULL, digest) == 0;
    if (root >= 0)
        H5Gclose(root);
    return fine;
}

/* ---- sealing ---- */

static void put_seal(struct bl23_h5 *h5, char const *path, uint64_t digest)
{
    if (h5->ok && H5Aexists_by_name(h5->file, path, seal_name, H5P_DEFAULT) > 0)
        h5->ok = H5Adelete_by_name(h5->file, path, seal_name, H5P_DEFAULT) >= 0;
    bl23_h5_u64(h5, path, seal_name, digest);
}

/* Where an iteration seals. */
struct sealing {
    struct bl23_h5 *h5;
    char const *group;
};

static herr_t seal_member(hid_t group, char const *name, H5L_info_t const *info, void *context)
{
    (void)info;
    struct sealing const *const s = context;
    char path[512];
    uint64_t digest = 0;
    hid_t const set = H5Dopen2(group, name, H5P_DEFAULT);
    s->h5->ok = s->h5->ok && set >= 0 && digest_dataset(set, &digest);
    if (set >= 0)
        H5Dclose(set);
    snprintf(path, sizeof path, "%s/%s", s->group, name);
    put_seal(s->h5, path, digest);
    return s->h5->ok ? 0 : -1;
}

static void seal_group(struct bl23_h5 *h5, char const *path)
{
    struct sealing s = {h5, path};
    hsize_t position = 0;
    uint64_t digest = 0;
    h5->ok = h5->ok &&
             H5Literate_by_name(h5->file, path, H5_INDEX_NAME, H5_ITER_INC, &position, seal_member,
                                &s, H5P_DEFAULT) >= 0 &&
             digest_group(h5->file, path, &digest);
    put_seal(h5, path, digest);
}

void bl23_h5_seal(struct bl23_h5 *h5, struct bl23_h5_sealed const *list)
{
    uint64_t digest = 0;
    for (struct bl23_h5_sealed const *s = list; s->path; s++)
        seal_group(h5, s->path);
    h5->ok = h5->ok && digest_root(h5->file, list, &digest);
    put_seal(h5, "/", digest);
}

/* ---- verifying ---- */

/* What the iteration over a group needs. */
struct verification {
    char const *file_name, *group;
    bool compared;
    uint64_t *checked;
    enum bl23_status status;
    struct bl23_error *error;
};

static enum bl23_status differs(struct verification *v, char const *name, char const *what)
{
    v->status = bl23_fail(v->error, BL23_ERROR_FAILED, "%s: %s%s%s is not what was written: %s",
                          v->file_name, v->group, name[0] ? "/" : "", name, what);
    return v->status;
}

/* Does the dataset have the bytes that its attribute xxh3 speaks of, if it has one? */
static bool data_as_written(hid_t set, uint64_t *checked)
{
    uint64_t expected;
    if (!bl23_h5_read_u64(set, ".", "xxh3", &expected))
        return true;
    hid_t const type = H5Dget_type(set), space = H5Dget_space(set);
    size_t bytes;
    void *const data = room_for(type, space, &bytes);
    bool const fine =
        data && (bytes == 0 || H5Dread(set, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, data) >= 0) &&
        bl23_checksum(data, bytes) == expected;
    *checked += bytes / (H5Tget_size(type) + (bytes == 0));
    free(data);
    H5Sclose(space);
    H5Tclose(type);
    return fine;
}

static herr_t verify_member(hid_t group, char const *name, H5L_info_t const *info, void *context)
{
    (void)info;
    struct verification *const v = context;
    uint64_t expected = 0, found = 0;
    hid_t const set = H5Dopen2(group, name, H5P_DEFAULT);
    if (set < 0 || (!v->compared && !data_as_written(set, v->checked)))
        differs(v, name, "its data differ from their checksum");
    else if (!bl23_h5_read_u64(set, ".", seal_name, &expected) || !digest_dataset(set, &found) ||
             found != expected)
        differs(v, name, "its attributes, type or shape differ from their seal");
    if (set >= 0)
        H5Dclose(set);
    return v->status == BL23_OK ? 0 : -1;
}

static enum bl23_status verify_group(hid_t file, struct verification *v)
{
    uint64_t expected = 0, found = 0;
    hsize_t position = 0;
    if (H5Literate_by_name(file, v->group, H5_INDEX_NAME, H5_ITER_INC, &position, verify_member, v,
                           H5P_DEFAULT) < 0 &&
        v->status == BL23_OK)
        return differs(v, "", "it cannot be read");
    if (v->status == BL23_OK && (!bl23_h5_read_u64(file, v->group, seal_name, &expected) ||
                                 !digest_group(file, v->group, &found) || found != expected))
        differs(v, "",
                "an attribute differs from the seal, or a dataset is missing or another "
                "one");
    return v->status;
}

enum bl23_status bl23_h5_verify(hid_t file, char const *file_name,
                                struct bl23_h5_sealed const *list, uint64_t *checked,
                                struct bl23_error *error)
{
    uint64_t expected = 0, found = 0;
    struct verification v = {.file_name = file_name, .checked = checked, .error = error};
    for (struct bl23_h5_sealed const *s = list; v.status == BL23_OK && s->path; s++) {
        v.group = s->path;
        v.compared = s->compared;
        verify_group(file, &v);
    }
    if (v.status != BL23_OK)
        return v.status;
    v.group = "/";
    if (!bl23_h5_read_u64(file, "/", seal_name, &expected) || !digest_root(file, list, &found) ||
        found != expected)
        return differs(&v, "", "an attribute differs from the seal, or a group is another one");
    return BL23_OK;
}
