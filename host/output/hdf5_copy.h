/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* Copies groups of one file to another by reading and writing, because the library's own H5Ocopy
 * crashes on a full disk. survey_read.c calls it. */
#ifndef BL23_HOST_HDF5_COPY_H
#define BL23_HOST_HDF5_COPY_H

#include "host/output/hdf5_write.h"

/* Attributes, but those of dimension scales, of the object at path in `from` to the object of that
 * path in *to. */
void bl23_h5_copy_attributes(hid_t from, char const *path, struct bl23_h5 *to);

/* A group with its datasets (no groups within) and all attributes. */
void bl23_h5_copy_group(hid_t from, char const *path, struct bl23_h5 *to);

#endif
