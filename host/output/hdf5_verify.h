/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* Groups against the seals they were written with: data by the checksum of each dataset
 * (bl23_h5_dataset), and by an attribute `seal` of every object its attributes, type, shape and
 * members.
 * survey_file.c and survey_read.c seal what they write, survey_read.c verifies it.
 * It must not know what the data mean. */
#ifndef BL23_HOST_HDF5_VERIFY_H
#define BL23_HOST_HDF5_VERIFY_H

#include "host/output/hdf5_write.h"
#include "kernels/sample/status.h"

/* A group of datasets, or of attributes only. A list of them ends with a row without a path. */
struct bl23_h5_sealed {
    char const *path, *text; /* and what is in it, for docs/file-format.md */
    bool varies;   /* between files that are equal otherwise: the seal of the file leaves it out */
    bool compared; /* its data are compared in another way, not by a checksum */
};

/* Give every dataset of the listed groups, which are complete, the groups and the file an attribute
 * seal, in the place of any they have. */
void bl23_h5_seal(struct bl23_h5 *h5, struct bl23_h5_sealed const *list);

/* Every dataset with an attribute xxh3 must have the bytes it speaks of, and every object its seal.
 * *checked grows by the number of elements compared with a checksum; BL23_ERROR_FAILED names the
 * file and the object. */
enum bl23_status bl23_h5_verify(hid_t file, char const *file_name,
                                struct bl23_h5_sealed const *list, uint64_t *checked,
                                struct bl23_error *error);

/* The dataset at path must have the bytes that its attribute xxh3 speaks of. */
enum bl23_status bl23_h5_verify_dataset(hid_t file, char const *path, struct bl23_error *error);

#endif
