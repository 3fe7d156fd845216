/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* Covers in HDF5: the group /cover, and the file that `bl23 cover -o` writes, which has beside it
 * the resolved configuration in /config. cmd_cover.c calls it. */
#ifndef BL23_HOST_COVER_FILE_H
#define BL23_HOST_COVER_FILE_H

#include "host/output/layout.h"
#include "tables/cover/cover_tree.h"

/* Trees of all masses, and what a file says they are worth, [masses]; all owned. */
struct bl23_cover_stored {
    char *yaml;               /* the resolved configuration */
    struct bl23_model *model; /* of a survey, in its own tables; NULL: that of the configuration */
    size_t masses;
    double *mass_gev;
    struct bl23_cover_tree *tree;
    uint64_t *cells;                      /* that are not discarded */
    double *volume_upper, *volume_inside; /* parts of the cube */
};

/* Write the group /cover, which must not exist (layout.c has its rows). */
void bl23_cover_write(struct bl23_h5 *h5, struct bl23_model const *model,
                      struct bl23_cover_tree const *tree);

/* Read a group /cover into *stored, which must be zero but for yaml and model. BL23_ERROR_FAILED
 * names what is not as bl23 writes it. The caller frees *stored, also on failure. */
enum bl23_status bl23_cover_read(hid_t file, struct bl23_cover_stored *stored,
                                 struct bl23_error *error);

/* Write a file with a cover and its configuration to path at once (host/io/file_io.h). */
enum bl23_status bl23_cover_file_write(char const *path, char const *yaml,
                                       struct bl23_model const *model,
                                       struct bl23_cover_tree const *tree,
                                       struct bl23_error *error);

/* Read the cover out of such a file, or out of the output of a survey with draw: cover. Seals and
 * checksums are verified. BL23_ERROR_CONFIG for a file that is neither. The caller frees *stored,
 * also on failure. */
enum bl23_status bl23_cover_file_read(char const *path, struct bl23_cover_stored *stored,
                                      struct bl23_error *error);

/* Read the group /cover of a survey, whose model was read without it, and attach the trees:
 * *model is allocated anew. BL23_ERROR_FAILED names what is wrong. */
enum bl23_status bl23_cover_read_into_model(hid_t file, struct bl23_model **model,
                                            struct bl23_error *error);

void bl23_cover_stored_free(struct bl23_cover_stored *stored);

#endif
