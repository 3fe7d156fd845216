/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* Seals: checksums by which a file is verified. The attribute xxh3 of a dataset covers its data
 * (bl23_h5_dataset), the attribute seal of an object its attributes, type, shape and members.
 * survey_file.c and survey_read.c seal what they write; survey_open.c verifies it. */
#ifndef BL23_HOST_HDF5_VERIFY_H
#define BL23_HOST_HDF5_VERIFY_H

#include "host/output/hdf5_write.h"
#include "kernels/sample/status.h"

/* A group of datasets, or of attributes only. A list of groups ends with one without a path. */
struct bl23_h5_sealed {
    char const *path, *text; /* and what is in it, for docs/file-format.md */
    bool varies;             /* between equal surveys: the seal of the file does not cover it */
    bool compared;           /* with data that are computed again, so that it has no checksum */
    bool optional;           /* only some surveys have it, or another version writes it */
};

/* Is the group missing, and may it be? */
bool bl23_h5_is_left_out(hid_t file, struct bl23_h5_sealed const *group);

/* Seal the listed groups, all their datasets and the file, which must be complete. Older seals are
 * replaced. */
void bl23_h5_seal(struct bl23_h5 *h5, struct bl23_h5_sealed const *list);

/* Compare every dataset with its checksum and every object with its seal. *checked grows by the
 * number of values compared; BL23_ERROR_FAILED names the file and the object that differs. */
enum bl23_status bl23_h5_verify(hid_t file, char const *file_name,
                                struct bl23_h5_sealed const *list, uint64_t *checked,
                                struct bl23_error *error);

/* Compare the dataset at path with its checksum. */
enum bl23_status bl23_h5_verify_dataset(hid_t file, char const *path, struct bl23_error *error);

#endif
