/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* A plane as an HDF5 file, as CSV, as JSON.
 * cmd_plane.c calls it; scripts/plot_plane.py reads the HDF5 file (docs/planes.md). */
#ifndef BL23_HOST_PLANE_FILE_H
#define BL23_HOST_PLANE_FILE_H

#include <jansson.h>

#include "host/paper/plane.h"

/* Write the whole plane; on failure there is nothing new under PATH. BL23_ERROR_IO. */
enum bl23_status bl23_plane_write_h5(struct bl23_plane const *plane, char const *path,
                                     struct bl23_error *error);
enum bl23_status bl23_plane_write_csv(struct bl23_plane const *plane, char const *path,
                                      struct bl23_error *error);

/* As one JSON object, null for what is not finite; the caller owns it. */
json_t *bl23_plane_json(struct bl23_plane const *plane);

#endif
