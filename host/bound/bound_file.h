/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* The file of certificates: one JSON object with the resolved configuration and the answers at
 * every mass, sealed by a checksum of its bytes (docs/bound.md: the file).
 * cmd_bound.c calls it; scripts/plot_bound.py reads what it writes. */
#ifndef BL23_HOST_BOUND_FILE_H
#define BL23_HOST_BOUND_FILE_H

#include <jansson.h>

#include "host/bound/bound_run.h"

/* All answers as one JSON object, with or without certificates; NULL when out of memory. */
json_t *bl23_bound_json(struct bl23_bound_run const *run, bool certificates);

/* Write the answers with their certificates to path at once (host/io/file_io.h). */
enum bl23_status bl23_bound_file_write(struct bl23_bound_run const *run, char const *path,
                                       struct bl23_error *error);

/* Read a file back: *run is opened from the configuration in it, run->knot holds the claims. A file
 * that was altered since it was written is BL23_ERROR_FAILED; one that is none, BL23_ERROR_CONFIG.
 * The caller closes *run in any case. */
enum bl23_status bl23_bound_file_read(char const *path, struct bl23_bound_run *run,
                                      struct bl23_error *error);

#endif
