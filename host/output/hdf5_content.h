/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* The content_hash of a file: what two files of the same survey share, on every machine and however
 * they are stored. docs/file-format.md gives the rule. survey_file.c and survey_read.c write it,
 * survey_open.c verifies it. Seals (hdf5_verify.h) find which object is damaged. */
#ifndef BL23_HOST_HDF5_CONTENT_H
#define BL23_HOST_HDF5_CONTENT_H

#include "host/output/hdf5_verify.h"

#define BL23_CONTENT_HASH "content_hash"

/* What stands in the attribute until the file is complete. */
#define BL23_NO_CONTENT_HASH "00000000000000000000000000000000"

/* 32 hexadecimal digits. */
enum { BL23_CONTENT_HASH_TEXT = sizeof BL23_NO_CONTENT_HASH };

/* The hash of an open file over the listed groups. BL23_ERROR_FAILED: something cannot be read;
 * BL23_ERROR_MEMORY. */
enum bl23_status bl23_h5_content_hash(hid_t file, struct bl23_h5_sealed const *list,
                                      char hash[BL23_CONTENT_HASH_TEXT], struct bl23_error *error);

/* Put it into the attribute of the complete file at `path`. */
enum bl23_status bl23_h5_content_seal(char const *path, struct bl23_h5_sealed const *list,
                                      struct bl23_error *error);

#endif
