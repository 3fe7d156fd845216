/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* The folder OUT.run of a running survey: survey_loop.c commits to it, survey_job.c resumes from
 * it, merge.c reads it.
 *
 * How it works. It holds a lock, the configuration, segments, and one append-only manifest for each
 * rank. A commit writes the results of a range of samples as a segment, by way of a temporary file,
 * and then appends its line, with length and checksum, to the manifest of the rank; both are synced
 * to the disk. What has no line does not count: a crash at any instruction loses nothing that was
 * committed. Whoever opens the folder locks it, reads all manifests into `committed`, compares
 * every segment with its line, and removes files of its own that no line vouches for. When the
 * output is complete the folder is removed.
 *
 * How damage and failure differ. A segment that can be read and is not what its line says, or is
 * gone, is damaged: it is named, removed from `committed`, and its samples are computed again. A
 * segment that the machine cannot read (an I/O error, no descriptor, no memory) may be whole: the
 * call fails with that reason, and nothing is removed. So it is with anything that has the name of
 * a file of bl23's and is no regular file. */
#ifndef BL23_HOST_RUN_FOLDER_H
#define BL23_HOST_RUN_FOLDER_H

#include "host/io/own_file.h"
#include "host/run/calls.h"
#include "host/run/manifest.h"
#include "host/run/run_locks.h"
#include "host/run/run_names.h"
#include "kernels/results/results.h"

struct bl23_survey;

/* What a folder belongs to. */
struct bl23_run_identity {
    char const *output; /* of the survey: the folder is OUTPUT.run */
    char const *yaml;   /* the resolved configuration */
    uint64_t config_hash;
    uint64_t samples; /* of the survey: no segment holds others */
    int rank;         /* of this process in its job: it writes a manifest of its own */
};

/* What the folder of a survey belongs to, as a rank of its job sees it. */
struct bl23_run_identity bl23_survey_identity(struct bl23_survey const *survey, int rank);

/* What a folder is opened for. */
enum bl23_run_purpose {
    BL23_RUN_COMPUTE,
    BL23_RUN_MERGE,   /* nothing in it is changed; damage is reported as missing samples */
    BL23_RUN_PARTIAL, /* the same of a run that may go on meanwhile: it is not locked */
    BL23_RUN_COUNT    /* it is not locked or verified either, and nothing is reported */
};

struct bl23_run_folder {
    char path[BL23_RUN_PATH_SIZE]; /* OUT.run */
    uint64_t config_hash, samples;
    char const *yaml; /* of this run, the identity's; NULL for a part */
    int rank;
    enum bl23_run_purpose purpose;
    struct bl23_run_locks locks;
    int manifest;                   /* descriptor, open for appending */
    int64_t manifest_bytes;         /* its size, as far as this process has written it */
    uint64_t lines;                 /* checksum of the manifests when they were read */
    struct bl23_manifest committed; /* verified: of all ranks, or of this one since it joined */
    struct bl23_manifest rejected;  /* what was found damaged since the folder was opened */
};

#define BL23_RUN_FOLDER_CLOSED                                                                     \
    ((struct bl23_run_folder){.locks = BL23_RUN_LOCKS_NONE, .manifest = -1})

/* Open or create OUT.run, take its locks and verify what is there. Damaged lines and segments are
 * named on stderr and forgotten, so that their ranges are computed again. A folder with lines of
 * another configuration, with lines that cannot be of this survey, or with something that is no
 * regular file under a name of bl23's is BL23_ERROR_REFUSED unless force is set, which removes all
 * that has such names; a locked one, and one that is not bl23's, always. */
enum bl23_status bl23_run_folder_open(struct bl23_run_identity const *identity, bool force,
                                      struct bl23_run_folder *folder, struct bl23_error *error);

/* How many samples OUT.run holds, as its manifests say; 0 where there is no run. A run of another
 * configuration is BL23_ERROR_REFUSED. */
enum bl23_status bl23_run_folder_count_samples(struct bl23_run_identity const *identity,
                                               uint64_t *samples, struct bl23_error *error);

/* Join the folder that rank 0 of the same job has open: `committed` holds what this rank adds. */
enum bl23_status bl23_run_folder_join(struct bl23_run_identity const *identity,
                                      struct bl23_run_folder *folder, struct bl23_error *error);

/* The folder of a part that is to be merged: PART, or PART.run; "" where neither is the folder of a
 * run. */
enum bl23_status bl23_run_folder_find(char const *part, char path[BL23_RUN_PATH_SIZE],
                                      struct bl23_error *error);

/* Open such a folder, which may be read-only, for BL23_RUN_MERGE or BL23_RUN_PARTIAL. Nothing in it
 * stays open or locked. Damage is named on stderr, and its samples are missing. BL23_ERROR_REFUSED
 * when another process works in it, or for BL23_RUN_PARTIAL when it has vanished meanwhile. */
enum bl23_status bl23_run_folder_open_part(char const *path,
                                           struct bl23_run_identity const *identity,
                                           enum bl23_run_purpose purpose,
                                           struct bl23_run_folder *folder,
                                           struct bl23_error *error);

/* The resolved configuration of such a folder, and the path of the file; the caller frees *yaml. */
enum bl23_status bl23_run_folder_yaml(char const *path, char file[BL23_RUN_FILE_PATH_SIZE],
                                      char **yaml, size_t *length, struct bl23_error *error);

/* The resolved configuration in the folder of an output in which something is committed, and its
 * path; NULL: there is none. The caller frees it. */
char *bl23_run_folder_stored_yaml(char const *output, char path[BL23_RUN_FILE_PATH_SIZE]);

/* Write the results of a range as a segment and enter it in the manifest; the calls computed it. */
enum bl23_status bl23_run_folder_commit(struct bl23_run_folder *folder, struct bl23_range range,
                                        struct bl23_results const *results,
                                        struct bl23_calls const *calls, struct bl23_error *error);

/* Read the segment of a committed range: *view and *calls point into the buffer. BL23_ERROR_FAILED:
 * it is damaged or gone, and was rejected as below. Any other failure is final. */
enum bl23_status bl23_run_folder_load(struct bl23_run_folder *folder, struct bl23_range range,
                                      struct bl23_results const *like, struct bl23_buffer *buffer,
                                      struct bl23_results *view, struct bl23_calls *calls,
                                      struct bl23_error *error);

/* The segment of a committed range is damaged, for the reason `why`: name it on stderr and remove
 * it from `committed`, so that its samples are computed again. BL23_ERROR_FAILED, or for samples
 * that were rejected once before BL23_ERROR_IO. */
enum bl23_status bl23_run_folder_reject(struct bl23_run_folder *folder, struct bl23_range range,
                                        char const *why, struct bl23_error *error);

/* Remove everything that bl23 put there, and the folder, after its output is complete or where it
 * holds nothing. What cannot be removed stays, with a note on stderr: it costs nothing but space.
 */
void bl23_run_folder_remove(struct bl23_run_folder *folder);

void bl23_run_folder_close(struct bl23_run_folder *folder);

#endif
