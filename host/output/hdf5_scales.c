/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "host/output/hdf5_scales.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

static char const dimension_list[] = "DIMENSION_LIST", reference_list[] = "REFERENCE_LIST";

bool bl23_h5_is_scale_reference(char const *attribute)
{
    return strcmp(attribute, dimension_list) == 0 || strcmp(attribute, reference_list) == 0;
}

bool bl23_h5_is_scale_attribute(char const *attribute)
{
    return bl23_h5_is_scale_reference(attribute) || strcmp(attribute, "CLASS") == 0 ||
           strcmp(attribute, "NAME") == 0;
}

static bool is_scale_itself(struct bl23_h5_scale_link const *link)
{
    return strcmp(link->set, link->scale) == 0;
}

/* Keep a failure, and write an attribute unless there is one. */
static void put(struct bl23_h5 *h5, char const *path, char const *name, hid_t type, size_t count,
                void const *values, bool fine)
{
    hsize_t const dims = count;
    hid_t const space = H5Screate_simple(1, &dims, NULL);
    h5->ok = h5->ok && fine;
    bl23_h5_attribute(h5, path, name, type, space, values);
    H5Sclose(space);
}

/* A text that ends with a NUL, as the readers of scales ask. */
static void put_text(struct bl23_h5 *h5, char const *path, char const *name, char const *value)
{
    hid_t const type = H5Tcopy(H5T_C_S1), space = H5Screate(H5S_SCALAR);
    H5Tset_size(type, strlen(value) + 1);
    bl23_h5_attribute(h5, path, name, type, space, value);
    H5Sclose(space);
    H5Tclose(type);
}

/* The list of a dataset: one scale for each of its n dimensions. */
static void put_dimensions(struct bl23_h5 *h5, struct bl23_h5_scale_link const *links, size_t n)
{
    hobj_ref_t to[BL23_SCALE_RANK];
    hvl_t list[BL23_SCALE_RANK];
    bool fine = n <= BL23_SCALE_RANK;
    for (size_t d = 0; fine && d < n; d++) {
        fine = H5Rcreate(&to[d], h5->file, links[d].scale, H5R_OBJECT, H5I_INVALID_HID) >= 0;
        list[d] = (hvl_t){.len = 1, .p = &to[d]};
    }
    hid_t const type = H5Tvlen_create(H5T_STD_REF_OBJ);
    put(h5, links->set, dimension_list, type, n, list, fine);
    H5Tclose(type);
}

/* What a scale is attached to. */
struct back_reference {
    hobj_ref_t set;
    uint32_t number;
};

static void put_references(struct bl23_h5 *h5, struct bl23_h5_scale_link const *links, size_t n,
                           char const *scale)
{
    struct back_reference *const back = calloc(n, sizeof *back);
    size_t count = 0;
    bool fine = back != NULL;
    for (size_t k = 0; fine && k < n; k++)
        if (strcmp(links[k].scale, scale) == 0 && !is_scale_itself(&links[k])) {
            back[count].number = links[k].number;
            fine = H5Rcreate(&back[count++].set, h5->file, links[k].set, H5R_OBJECT,
                             H5I_INVALID_HID) >= 0;
        }
    hid_t const type = H5Tcreate(H5T_COMPOUND, sizeof *back);
    H5Tinsert(type, "dataset", offsetof(struct back_reference, set), H5T_STD_REF_OBJ);
    H5Tinsert(type, "dimension", offsetof(struct back_reference, number), H5T_STD_U32LE);
    if (count > 0 || !fine)
        put(h5, scale, reference_list, type, count, back, fine);
    H5Tclose(type);
    free(back);
}

void bl23_h5_attach_scales(struct bl23_h5 *h5, struct bl23_h5_scale_link const *links, size_t n)
{
    for (size_t k = 0, dimensions; h5->ok && k < n; k += dimensions) {
        for (dimensions = 1; k + dimensions < n; dimensions++)
            if (strcmp(links[k + dimensions].set, links[k].set) != 0)
                break;
        if (!is_scale_itself(&links[k]))
            put_dimensions(h5, links + k, dimensions);
    }
    for (size_t k = 0; h5->ok && k < n; k++) {
        size_t first = 0;
        while (strcmp(links[first].scale, links[k].scale) != 0)
            first++;
        if (first < k)
            continue;
        put_text(h5, links[k].scale, "CLASS", "DIMENSION_SCALE");
        put_text(h5, links[k].scale, "NAME", strrchr(links[k].scale, '/') + 1);
        put_references(h5, links, n, links[k].scale);
    }
}
