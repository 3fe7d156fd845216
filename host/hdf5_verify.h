/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* Datasets against the checksums they were written with (bl23_h5_dataset), and groups against
 * that of their datasets.
 * survey_file.c seals what it writes, survey_read.c verifies it.
 * It must not know what the data mean. */
#ifndef BL23_HOST_HDF5_VERIFY_H
#define BL23_HOST_HDF5_VERIFY_H

#include "host/hdf5_write.h"
#include "kernels/status.h"

/* Give a group that is complete an attribute xxh3, out of the names and checksums of its datasets.
 */
void bl23_h5_seal_group(struct bl23_h5 *h5, char const *group);

/* Every dataset of a sealed group must have the bytes of its attribute xxh3, and none may be
 * missing. *checked grows by the number of elements; BL23_ERROR_FAILED names the file and the
 * dataset. */
enum bl23_status bl23_h5_verify_group(hid_t file, char const *file_name, char const *group,
                                      uint64_t *checked, struct bl23_error *error);

#endif
