/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "host/hdf5_verify.h"

#include <stdlib.h>
#include <string.h>

#include "host/file_io.h"
#include "tables/message.h"

/* What the iteration over a group needs. */
struct verification {
    hid_t file;
    char const *file_name, *group;
    uint64_t *checked, digest;
    enum bl23_status status;
    struct bl23_error *error;
};

/* XXH3 of a dataset as it is stored; false if it cannot be read. */
static bool checksum_of(hid_t set, uint64_t *sum, size_t *count)
{
    hid_t const type = H5Dget_type(set), space = H5Dget_space(set);
    hssize_t const n = H5Sget_simple_extent_npoints(space);
    size_t const size = H5Tget_size(type);
    *count = n > 0 ? (size_t)n : 0;
    void *const data = calloc(*count + 1, size);
    bool const fine = n >= 0 && size > 0 && data &&
                      (n == 0 || H5Dread(set, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, data) >= 0);
    if (fine)
        *sum = bl23_checksum(data, *count * size);
    free(data);
    H5Sclose(space);
    H5Tclose(type);
    return fine;
}

/* One more dataset of a group. */
static uint64_t digest_with(uint64_t digest, char const *name, uint64_t sum)
{
    uint64_t const parts[3] = {digest, bl23_checksum(name, strlen(name)), sum};
    return bl23_checksum(parts, sizeof parts);
}

static herr_t seal_member(hid_t group, char const *name, H5L_info_t const *info, void *context)
{
    (void)info;
    uint64_t *const digest = context, sum = 0;
    hid_t const set = H5Dopen2(group, name, H5P_DEFAULT);
    bool const fine = set >= 0 && bl23_h5_read_u64(set, ".", "xxh3", &sum);
    if (set >= 0)
        H5Dclose(set);
    *digest = digest_with(*digest, name, sum);
    return fine ? 0 : -1;
}

void bl23_h5_seal_group(struct bl23_h5 *h5, char const *group)
{
    uint64_t digest = 0;
    hsize_t position = 0;
    h5->ok = h5->ok && H5Literate_by_name(h5->file, group, H5_INDEX_NAME, H5_ITER_INC, &position,
                                          seal_member, &digest, H5P_DEFAULT) >= 0;
    bl23_h5_u64(h5, group, "xxh3", digest);
}

static herr_t verify_member(hid_t group, char const *name, H5L_info_t const *info, void *context)
{
    (void)info;
    struct verification *const v = context;
    uint64_t expected = 0, found = 0;
    size_t count = 0;
    hid_t const set = H5Dopen2(group, name, H5P_DEFAULT);
    bool const fine = set >= 0 && bl23_h5_read_u64(set, ".", "xxh3", &expected) &&
                      checksum_of(set, &found, &count) && found == expected;
    if (set >= 0)
        H5Dclose(set);
    if (!fine)
        v->status = bl23_fail(v->error, BL23_ERROR_FAILED,
                              "%s: %s/%s is not what was written: its checksum differs",
                              v->file_name, v->group, name);
    *v->checked += count;
    v->digest = digest_with(v->digest, name, expected);
    return fine ? 0 : -1;
}

enum bl23_status bl23_h5_verify_group(hid_t file, char const *file_name, char const *group,
                                      uint64_t *checked, struct bl23_error *error)
{
    struct verification v = {file, file_name, group, checked, 0, BL23_OK, error};
    uint64_t expected = 0;
    hsize_t position = 0;
    if (H5Literate_by_name(file, group, H5_INDEX_NAME, H5_ITER_INC, &position, verify_member, &v,
                           H5P_DEFAULT) < 0 &&
        v.status == BL23_OK)
        return bl23_fail(error, BL23_ERROR_FAILED, "%s: %s/ cannot be read", file_name, group);
    if (v.status == BL23_OK &&
        (!bl23_h5_read_u64(file, group, "xxh3", &expected) || v.digest != expected))
        return bl23_fail(error, BL23_ERROR_FAILED,
                         "%s: %s/ is not what was written: a dataset is missing or another one",
                         file_name, group);
    return v.status;
}
