/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* Points in HDF5: columns of doubles at the root, all of one length, read some rows at a time, and
 * written into datasets that grow. main.c registers the reader; `bl23 points` writes with it. */
#ifndef BL23_HOST_POINTS_FILE_H
#define BL23_HOST_POINTS_FILE_H

#include "host/config/points_input.h"
#include "host/output/hdf5_write.h"

/* How host/config/points_input.h reads such files. */
extern struct bl23_points_reader const bl23_points_hdf5;

/* A column of doubles, or of whole numbers where `whole` is set, without rows. */
void bl23_points_create(struct bl23_h5 *h5, struct bl23_h5_label label, bool whole);

/* Append rows [first, first + count), which all columns get one after the other. */
void bl23_points_append(struct bl23_h5 *h5, char const *name, size_t first, size_t count,
                        double const *values);

#endif
