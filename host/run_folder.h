/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* The folder OUT.run of a running survey: a lock, the configuration, closed segments, and one
 * append-only manifest for each rank.
 * survey_run.c commits ranges to it and resumes from it, merge.c reads it; a crash at any
 * instruction loses nothing that was committed.
 * It must not know what a sample is. */
#ifndef BL23_HOST_RUN_FOLDER_H
#define BL23_HOST_RUN_FOLDER_H

#include "host/config.h"
#include "host/file_io.h"
#include "host/manifest.h"
#include "host/run_locks.h"
#include "kernels/results.h"

/* The resolved configuration in a folder. */
#define BL23_RUN_FOLDER_YAML "config.yaml"

/* What a folder belongs to. */
struct bl23_run_identity {
    char const *output; /* of the survey: the folder is OUTPUT.run */
    char const *yaml;   /* the resolved configuration */
    uint64_t config_hash;
    int rank; /* of this process in its job: it writes a manifest of its own */
};

struct bl23_run_folder {
    char path[BL23_PATH_SIZE + 8]; /* OUT.run */
    uint64_t config_hash;
    char const *yaml; /* of this run, the identity's; NULL for a part */
    int rank;
    bool parts; /* opened to be merged: nothing in it is changed */
    bool looks; /* opened to be asked: it is not locked or verified either */
    struct bl23_run_locks locks;
    int manifest;                   /* descriptor, open for appending */
    struct bl23_manifest committed; /* verified: of all ranks, or of this one since it joined */
    struct bl23_buffer scratch;     /* while segments are verified */
};

/* Open or create OUT.run, take its locks and verify what is there. Damaged lines and segments are
 * named on stderr and forgotten, so that their ranges are computed again. A folder of another
 * configuration is BL23_ERROR_REFUSED unless force is set, which empties it; a locked one always.
 */
enum bl23_status bl23_run_folder_open(struct bl23_run_identity const *identity, bool force,
                                      struct bl23_run_folder *folder, struct bl23_error *error);

/* How many samples OUT.run holds, as its manifests say; 0 where there is no run. Nothing is locked,
 * changed or verified. A run of another configuration is BL23_ERROR_REFUSED. */
enum bl23_status bl23_run_folder_look(struct bl23_run_identity const *identity, uint64_t *done,
                                      struct bl23_error *error);

/* Join the folder that rank 0 of the same job has open: `committed` holds what this rank adds. */
enum bl23_status bl23_run_folder_join(struct bl23_run_identity const *identity,
                                      struct bl23_run_folder *folder, struct bl23_error *error);

/* Open the folder PART or PART.run to be merged. Damage is named on stderr, and its samples are
 * missing. BL23_ERROR_REFUSED when there is no run or another process holds it. */
enum bl23_status bl23_run_folder_open_part(char const *part, uint64_t config_hash,
                                           struct bl23_run_folder *folder,
                                           struct bl23_error *error);

/* The resolved configuration that PART or PART.run was made with, and where it lies; the caller
 * frees *yaml. */
enum bl23_status bl23_run_folder_yaml(char const *part, char path[BL23_PATH_SIZE], char **yaml,
                                      size_t *length, struct bl23_error *error);

/* Write the results of a range as a segment and enter it in the manifest. */
enum bl23_status bl23_run_folder_commit(struct bl23_run_folder *folder, struct bl23_range range,
                                        struct bl23_results const *results,
                                        struct bl23_error *error);

/* Read the segment of a committed range: *view points into the buffer.
 * BL23_ERROR_FAILED: it no longer can be read or was damaged; it is named, and struck from
 * `committed`. */
enum bl23_status bl23_run_folder_load(struct bl23_run_folder *folder, struct bl23_range range,
                                      struct bl23_results const *like, struct bl23_buffer *buffer,
                                      struct bl23_results *view, struct bl23_error *error);

/* Remove the folder with everything bl23 put there. */
enum bl23_status bl23_run_folder_remove(struct bl23_run_folder *folder, struct bl23_error *error);

void bl23_run_folder_close(struct bl23_run_folder *folder);

#endif
