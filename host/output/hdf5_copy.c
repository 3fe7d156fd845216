/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "host/output/hdf5_copy.h"

#include <stdio.h>
#include <stdlib.h>

#include "host/output/hdf5_read.h"
#include "host/output/hdf5_scales.h"

/* The context of an iteration that copies. */
struct copying {
    hid_t from;
    char const *path;
    struct bl23_h5 *to;
};

static herr_t copy_attribute(hid_t object, char const *name, H5A_info_t const *info, void *context)
{
    (void)info;
    struct copying const *const c = context;
    struct bl23_h5_found found;
    void *values = NULL;
    if (bl23_h5_is_scale_attribute(name))
        return 0;
    hid_t const attribute = H5Aopen(object, name, H5P_DEFAULT);
    if (attribute < 0)
        return -1;
    bool fine = bl23_h5_load(attribute, &found, &values) == BL23_OK;
    if (fine) {
        hid_t const type = H5Aget_type(attribute), space = H5Aget_space(attribute);
        bl23_h5_attribute(c->to, c->path, name, type, space, values);
        fine = c->to->ok;
        H5Sclose(space);
        H5Tclose(type);
    }
    free(values);
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
    struct bl23_h5_found found;
    void *values = NULL;
    to->ok = bl23_h5_load(set, &found, &values) == BL23_OK && to->ok;
    hid_t const type = H5Dget_type(set);
    if (to->ok)
        bl23_h5_bare_dataset(to, path, type, found.form.rank, found.form.dims, values);
    H5Tclose(type);
    free(values);
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
