/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* The folder OUT.run of a running survey: a lock, closed segments, an append-only manifest.
 * survey.c commits ranges to it and resumes from it; a crash at any instruction loses nothing that
 * was committed.
 * It must not know what a sample is. */
#ifndef BL23_HOST_RUN_FOLDER_H
#define BL23_HOST_RUN_FOLDER_H

#include "host/config.h"
#include "kernels/results.h"

/* Samples [first, first + count). */
struct bl23_range {
    uint64_t first, count;
};

/* One committed segment as its manifest line tells it. */
struct bl23_manifest_entry {
    struct bl23_range range;
    uint64_t passed, bytes, checksum;
};

struct bl23_run_folder {
    char path[BL23_PATH_SIZE + 8]; /* OUT.run */
    uint64_t config_hash;
    int lock;                          /* descriptor of the lock file */
    int manifest;                      /* descriptor, open for appending */
    struct bl23_manifest_entry *entry; /* verified ones, ordered by first, without overlap */
    size_t n_entries;
};

/* Open or create OUT.run, take its lock and verify what is there. Damaged lines and segments are
 * named on stderr and forgotten, so that their ranges are computed again. A folder of another
 * configuration is BL23_ERROR_REFUSED unless force is set, which empties it; a locked one always.
 */
enum bl23_status bl23_run_folder_open(char const *output, uint64_t config_hash, bool force,
                                      struct bl23_run_folder *folder, struct bl23_error *error);

/* Write the results of a range as a segment and enter it in the manifest. */
enum bl23_status bl23_run_folder_commit(struct bl23_run_folder *folder, struct bl23_range range,
                                        struct bl23_results const *results,
                                        struct bl23_error *error);

/* Merge all committed segments into *results. A segment that no longer can be read or was damaged
 * is named on stderr, struck from the list, and BL23_INTERRUPTED asks for another round. */
enum bl23_status bl23_run_folder_merge(struct bl23_run_folder *folder, struct bl23_results *results,
                                       struct bl23_error *error);

/* The first part of [0, samples) that is not committed; count 0 when all is. */
struct bl23_range bl23_run_folder_next(struct bl23_run_folder const *folder, uint64_t samples);

/* Number of committed samples. */
uint64_t bl23_run_folder_done(struct bl23_run_folder const *folder);

/* Remove the folder with everything bl23 put there. */
enum bl23_status bl23_run_folder_remove(struct bl23_run_folder *folder, struct bl23_error *error);

void bl23_run_folder_close(struct bl23_run_folder *folder);

#endif
