/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "host/hdf5_copy.h"

#include <stdio.h>
#include <stdlib.h>

/* Where an iteration copies to. */
struct copying {
    hid_t from;
    char const *path;
    struct bl23_h5 *to;
};

/* Room for all elements of a space. */
static void *room_for(hid_t type, hid_t space)
{
    hssize_t const count = H5Sget_simple_extent_npoints(space);
    return count >= 0 ? calloc((size_t)count + 1, H5Tget_size(type)) : NULL;
}

static herr_t copy_attribute(hid_t object, char const *name, H5A_info_t const *info, void *context)
{
    (void)info;
    struct copying const *const c = context;
    hid_t const attribute = H5Aopen(object, name, H5P_DEFAULT);
    if (attribute < 0)
        return -1;
    hid_t const type = H5Aget_type(attribute), space = H5Aget_space(attribute);
    void *const value = room_for(type, space);
    bool fine = value && H5Aread(attribute, type, value) >= 0;
    if (fine) {
        bl23_h5_attribute(c->to, c->path, name, type, space, value);
        fine = c->to->ok;
    }
    free(value);
    H5Sclose(space);
    H5Tclose(type);
    H5Aclose(attribute);
    return fine ? 0 : -1;
}

void bl23_h5_copy_attributes(hid_t from, char const *path, struct bl23_h5 *to)
{
    struct copying c = {from, path, to};
    hsize_t position = 0;
    if (to->ok && H5Aiterate_by_name(from, path, H5_INDEX_NAME, H5_ITER_INC, &position,
                                     copy_attribute, &c, H5P_DEFAULT) < 0)
        to->ok = false;
}

static void copy_dataset(hid_t from, char const *path, struct bl23_h5 *to)
{
    hid_t const set = H5Dopen2(from, path, H5P_DEFAULT);
    if (set < 0) {
        to->ok = false;
        return;
    }
    hid_t const type = H5Dget_type(set), space = H5Dget_space(set);
    hsize_t dims[H5S_MAX_RANK];
    int const rank = H5Sget_simple_extent_dims(space, dims, NULL);
    void *const data = room_for(type, space);
    to->ok =
        to->ok && rank >= 0 && data && H5Dread(set, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, data) >= 0;
    bl23_h5_bare_dataset(to, path, type, rank, dims, data);
    free(data);
    H5Sclose(space);
    H5Tclose(type);
    H5Dclose(set);
    bl23_h5_copy_attributes(from, path, to);
}

static herr_t copy_member(hid_t group, char const *name, H5L_info_t const *info, void *context)
{
    (void)group;
    (void)info;
    struct copying const *const c = context;
    char path[512];
    snprintf(path, sizeof path, "%s/%s", c->path, name);
    copy_dataset(c->from, path, c->to);
    return c->to->ok ? 0 : -1;
}

void bl23_h5_copy_group(hid_t from, char const *path, struct bl23_h5 *to)
{
    struct copying c = {from, path, to};
    hsize_t position = 0;
    bl23_h5_group(to, path);
    bl23_h5_copy_attributes(from, path, to);
    if (to->ok && H5Literate_by_name(from, path, H5_INDEX_NAME, H5_ITER_INC, &position, copy_member,
                                     &c, H5P_DEFAULT) < 0)
        to->ok = false;
}
