/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* Datasets against the checksums they were written with (bl23_h5_dataset).
 * survey_read.c calls it.
 * It must not know what the data mean. */
#ifndef BL23_HOST_HDF5_VERIFY_H
#define BL23_HOST_HDF5_VERIFY_H

#include <hdf5.h>

#include "kernels/status.h"

/* Every dataset of a group must have the bytes of its attribute xxh3. *checked grows by the number
 * of elements; BL23_ERROR_FAILED names the file and the dataset. */
enum bl23_status bl23_h5_verify_group(hid_t file, char const *file_name, char const *group,
                                      uint64_t *checked, struct bl23_error *error);

#endif
