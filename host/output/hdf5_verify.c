/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "host/output/hdf5_verify.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/io/file_io.h"
#include "host/output/hdf5_content.h"
#include "host/output/hdf5_read.h"
#include "host/output/hdf5_scales.h"
#include "kernels/sample/error.h"

static char const seal_name[] = "seal";

/* ---- digests ---- */

/* One more name and what stands under it. */
static uint64_t digest_with(uint64_t digest, char const *name, uint64_t sum)
{
    uint64_t const parts[3] = {digest, bl23_checksum(name, strlen(name)), sum};
    return bl23_checksum(parts, sizeof parts);
}

/* Of type and shape. */
static uint64_t form_digest(struct bl23_h5_found const *found)
{
    static H5T_class_t const classes[] = {[BL23_H5_U8] = H5T_INTEGER,
                                          [BL23_H5_U64] = H5T_INTEGER,
                                          [BL23_H5_I64] = H5T_INTEGER,
                                          [BL23_H5_F64] = H5T_FLOAT,
                                          [BL23_H5_TEXT] = H5T_STRING};
    H5T_sign_t const sign = found->form.kind == BL23_H5_I64 ? H5T_SGN_2 : H5T_SGN_NONE;
    hsize_t dims[H5S_MAX_RANK] = {0};
    memcpy(dims, found->form.dims, sizeof found->form.dims);
    uint64_t const head[4] = {(uint64_t)classes[found->form.kind], found->width, (uint64_t)sign,
                              (uint64_t)found->form.rank};
    uint64_t const parts[2] = {bl23_checksum(head, sizeof head), bl23_checksum(dims, sizeof dims)};
    return bl23_checksum(parts, sizeof parts);
}

/* The digest of an iteration over attributes or members. */
struct digesting {
    uint64_t digest;
    enum bl23_status status; /* of the first failure */
};

static enum bl23_status sum_of_attribute(hid_t object, char const *name, uint64_t *sum)
{
    struct bl23_h5_found found;
    void *values = NULL;
    hid_t const attribute = H5Aopen(object, name, H5P_DEFAULT);
    if (attribute < 0)
        return BL23_ERROR_FAILED;
    enum bl23_status const status = bl23_h5_load(attribute, &found, &values);
    if (status == BL23_OK) {
        uint64_t const parts[2] = {form_digest(&found), bl23_checksum(values, found.bytes)};
        *sum = bl23_checksum(parts, sizeof parts);
    }
    free(values);
    H5Aclose(attribute);
    return status;
}

static herr_t add_attribute(hid_t object, char const *name, H5A_info_t const *info, void *context)
{
    (void)info;
    struct digesting *const d = context;
    uint64_t sum = 0;
    if (strcmp(name, seal_name) == 0 || strcmp(name, BL23_CONTENT_HASH) == 0 ||
        bl23_h5_is_scale_reference(name))
        return 0;
    d->status = sum_of_attribute(object, name, &sum);
    d->digest = digest_with(d->digest, name, sum);
    return d->status == BL23_OK ? 0 : -1;
}

/* Can all metadata of the object be read? Damage there may change no value, but stop other readers.
 */
static bool is_whole(hid_t object)
{
#if H5_VERSION_GE(1, 12, 0)
    H5O_native_info_t info;
    return H5Oget_native_info(object, &info, H5O_NATIVE_INFO_ALL) >= 0;
#else
    H5O_info_t info;
    return H5Oget_info(object, &info) >= 0;
#endif
}

static enum bl23_status digest_attributes(hid_t object, uint64_t *digest)
{
    hsize_t position = 0;
    struct digesting d = {*digest, BL23_OK};
    if (!is_whole(object))
        return BL23_ERROR_FAILED;
    herr_t const done =
        H5Aiterate2(object, H5_INDEX_NAME, H5_ITER_INC, &position, add_attribute, &d);
    *digest = d.digest;
    return done < 0 && d.status == BL23_OK ? BL23_ERROR_FAILED : d.status;
}

static enum bl23_status digest_dataset(hid_t set, uint64_t *digest)
{
    struct bl23_h5_found found;
    if (bl23_h5_dataset_form(set, &found))
        return BL23_ERROR_FAILED;
    *digest = form_digest(&found);
    return digest_attributes(set, digest);
}

/* A member counts by its seal. */
static herr_t add_member(hid_t group, char const *name, H5L_info_t const *info, void *context)
{
    (void)info;
    struct digesting *const d = context;
    uint64_t seal = 0;
    d->status = bl23_h5_read_u64(group, name, seal_name, &seal, NULL);
    d->digest = digest_with(d->digest, name, seal);
    return d->status == BL23_OK ? 0 : -1;
}

static enum bl23_status digest_group(hid_t file, char const *path, uint64_t *digest)
{
    hsize_t position = 0;
    hid_t const group = H5Gopen2(file, path, H5P_DEFAULT);
    if (group < 0)
        return BL23_ERROR_FAILED;
    *digest = 0;
    enum bl23_status status = digest_attributes(group, digest);
    struct digesting d = {*digest, status};
    if (status == BL23_OK &&
        H5Literate(group, H5_INDEX_NAME, H5_ITER_INC, &position, add_member, &d) < 0)
        status = d.status == BL23_OK ? BL23_ERROR_FAILED : d.status;
    *digest = d.digest;
    H5Gclose(group);
    return status;
}

bool bl23_h5_is_left_out(hid_t file, struct bl23_h5_sealed const *group)
{
    return group->optional && H5Lexists(file, group->path, H5P_DEFAULT) == 0;
}

/* The root: its attributes, and the listed groups. A user may have added others. */
static enum bl23_status digest_root(hid_t file, struct bl23_h5_sealed const *list, uint64_t *digest)
{
    hid_t const root = H5Gopen2(file, "/", H5P_DEFAULT);
    if (root < 0)
        return BL23_ERROR_FAILED;
    *digest = 0;
    struct digesting d = {.status = digest_attributes(root, digest)};
    d.digest = *digest;
    for (; d.status == BL23_OK && list->path; list++)
        if (!list->varies && !bl23_h5_is_left_out(file, list))
            add_member(file, list->path, NULL, &d);
    *digest = d.digest;
    H5Gclose(root);
    return d.status;
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
    s->h5->ok = s->h5->ok && set >= 0 && digest_dataset(set, &digest) == BL23_OK;
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
             digest_group(h5->file, path, &digest) == BL23_OK;
    put_seal(h5, path, digest);
}

void bl23_h5_seal(struct bl23_h5 *h5, struct bl23_h5_sealed const *list)
{
    uint64_t digest = 0;
    for (struct bl23_h5_sealed const *s = list; s->path; s++)
        if (!bl23_h5_is_left_out(h5->file, s))
            seal_group(h5, s->path);
    h5->ok = h5->ok && digest_root(h5->file, list, &digest) == BL23_OK;
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

/* Keep a failure; where memory or the machine failed, the file may be fine. */
static enum bl23_status fail(struct verification *v, enum bl23_status status, char const *name,
                             char const *what)
{
    char const *const slash = name[0] ? "/" : "";
    if (status == BL23_ERROR_MEMORY)
        v->status = bl23_fail(v->error, status, "%s: out of memory for %s%s%s", v->file_name,
                              v->group, slash, name);
    else if (bl23_h5_machine_failed(v->file_name, v->group, v->error))
        v->status = BL23_ERROR_IO;
    else
        v->status = bl23_fail(v->error, BL23_ERROR_FAILED, "%s: %s%s%s is not what was written: %s",
                              v->file_name, v->group, slash, name, what);
    return v->status;
}

/* Compare a dataset with its checksum. */
static enum bl23_status verify_data(hid_t set, uint64_t *checked)
{
    struct bl23_h5_found found;
    void *values = NULL;
    uint64_t expected = 0;
    enum bl23_status status = bl23_h5_read_u64(set, ".", "xxh3", &expected, NULL);
    if (status == BL23_OK)
        status = bl23_h5_load(set, &found, &values);
    if (status == BL23_OK) {
        *checked += found.count;
        if (bl23_checksum(values, found.bytes) != expected)
            status = BL23_ERROR_FAILED;
    }
    free(values);
    return status;
}

enum bl23_status bl23_h5_verify_dataset(hid_t file, char const *path, struct bl23_error *error)
{
    uint64_t checked = 0;
    hid_t const set = H5Dopen2(file, path, H5P_DEFAULT);
    enum bl23_status const status = set < 0 ? BL23_ERROR_FAILED : verify_data(set, &checked);
    if (set >= 0)
        H5Dclose(set);
    if (status == BL23_ERROR_MEMORY)
        return bl23_fail(error, status, "out of memory for %s", path);
    return status == BL23_OK ? status
                             : bl23_h5_refuse(file, path, "differs from its checksum", error);
}

static enum bl23_status verify_seal(hid_t object, uint64_t found)
{
    uint64_t expected = 0;
    enum bl23_status const status = bl23_h5_read_u64(object, ".", seal_name, &expected, NULL);
    return status == BL23_OK && found != expected ? BL23_ERROR_FAILED : status;
}

static enum bl23_status verify_dataset(struct verification *v, hid_t set, char const *name)
{
    uint64_t digest = 0;
    enum bl23_status status = v->compared ? BL23_OK : verify_data(set, v->checked);
    if (status != BL23_OK)
        return fail(v, status, name, "its data differ from their checksum");
    status = digest_dataset(set, &digest);
    if (status == BL23_OK)
        status = verify_seal(set, digest);
    return status == BL23_OK
               ? status
               : fail(v, status, name, "its attributes, type or shape differ from their seal");
}

static herr_t verify_member(hid_t group, char const *name, H5L_info_t const *info, void *context)
{
    struct verification *const v = context;
    char const *fault = NULL;
    struct bl23_h5_found found;
    hid_t const set = info->type == H5L_TYPE_HARD ? H5Dopen2(group, name, H5P_DEFAULT) : -1;
    if (set < 0)
        fail(v, BL23_ERROR_FAILED, name, "it is not a dataset of this file");
    else if ((fault = bl23_h5_dataset_form(set, &found)) != NULL)
        fail(v, BL23_ERROR_FAILED, name, fault);
    else
        verify_dataset(v, set, name);
    if (set >= 0)
        H5Dclose(set);
    return v->status == BL23_OK ? 0 : -1;
}

static enum bl23_status verify_group(hid_t file, struct verification *v)
{
    hsize_t position = 0;
    uint64_t digest = 0;
    hid_t const group =
        bl23_h5_has(file, v->group) ? H5Gopen2(file, v->group, H5P_DEFAULT) : H5I_INVALID_HID;
    if (group < 0)
        return fail(v, BL23_ERROR_FAILED, "", "it is missing, or is not a group of this file");
    if (H5Literate(group, H5_INDEX_NAME, H5_ITER_INC, &position, verify_member, v) < 0 &&
        v->status == BL23_OK)
        fail(v, BL23_ERROR_FAILED, "", "it cannot be read");
    if (v->status == BL23_OK) {
        enum bl23_status status = digest_group(file, v->group, &digest);
        if (status == BL23_OK)
            status = verify_seal(group, digest);
        if (status != BL23_OK)
            fail(v, status, "",
                 "an attribute differs from the seal, or a dataset is missing or was replaced");
    }
    H5Gclose(group);
    return v->status;
}

enum bl23_status bl23_h5_verify(hid_t file, char const *file_name,
                                struct bl23_h5_sealed const *list, uint64_t *checked,
                                struct bl23_error *error)
{
    uint64_t digest = 0;
    struct verification v = {.file_name = file_name, .checked = checked, .error = error};
    for (struct bl23_h5_sealed const *s = list; v.status == BL23_OK && s->path; s++) {
        v.group = s->path;
        v.compared = s->compared;
        if (!bl23_h5_is_left_out(file, s))
            verify_group(file, &v);
    }
    if (v.status != BL23_OK)
        return v.status;
    v.group = "/";
    enum bl23_status status = digest_root(file, list, &digest);
    if (status == BL23_OK)
        status = verify_seal(file, digest);
    return status == BL23_OK ? status
                             : fail(&v, status, "",
                                    "an attribute differs from the seal, or a group was replaced");
}
