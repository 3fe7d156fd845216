/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* Dimension scales, by which xarray, netCDF and others name the dimensions of a dataset: attributes
 * CLASS and NAME of a scale, references to scales in DIMENSION_LIST of a dataset, and back in
 * REFERENCE_LIST. layout_io.c and columns_file.c write them; bl23 itself never reads the
 * references, because the library could crash on forged ones. */
#ifndef BL23_HOST_HDF5_SCALES_H
#define BL23_HOST_HDF5_SCALES_H

#include "host/output/hdf5_write.h"

enum { BL23_SCALE_PATH = 96, BL23_SCALE_RANK = 5 };

/* Dimension `number` of a dataset, counted from 0, has this scale. A dataset is a scale itself
 * where the two are the same. */
struct bl23_h5_scale_link {
    char set[BL23_SCALE_PATH], scale[BL23_SCALE_PATH];
    uint32_t number;
};

/* Attach scales. The links of a dataset follow each other, all its dimensions in order. */
void bl23_h5_attach_scales(struct bl23_h5 *h5, struct bl23_h5_scale_link const *links, size_t n);

/* Does it belong to scales? */
bool bl23_h5_is_scale_attribute(char const *attribute);

/* Is it an attribute of references, which differ between equal files? */
bool bl23_h5_is_scale_reference(char const *attribute);

#endif
