/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* Committed segments made into the results of a survey with bounded memory. survey_job.c and
 * cmd_merge.c open a merge, survey_file.c reads the survivors from it.
 *
 * How it works. One segment is in memory at a time. The first pass adds up all counters, extrema
 * and nearest samples, and counts the survivors by their hashes. If there are more survivors than
 * max_survivors, a second pass gathers those in the one bin of hashes where the limit falls, and
 * finds the last survivor that is kept. The third pass is the stream: the segments in the order of
 * their samples, each survivor that is not after that last one. Which survivors are kept depends on
 * their hashes alone, not on how the samples were divided into segments.
 *
 * A checksum that fits says only that a segment is what somebody wrote. Therefore extrema, nearest
 * samples and (in survey_file.c) survivors are computed again from their indices; a segment that
 * disagrees is rejected, and its samples are computed again. */
#ifndef BL23_HOST_MERGE_H
#define BL23_HOST_MERGE_H

#include "host/run/run_folder.h"

/* One segment of one of the folders. */
struct bl23_merge_source {
    struct bl23_range range;
    struct bl23_run_folder *folder;
};

enum { BL23_MERGE_BLOCK = 16384 };

struct bl23_merge {
    struct bl23_merge_source *source; /* [n_sources], by range; owned */
    size_t n_sources;
    struct bl23_results const *shape; /* what every segment must look like */
    struct bl23_model const *model;   /* what its samples are judged by; NULL: they are not */
    uint64_t n_survivors;             /* that the stream will give */
    bool thinned;
    struct bl23_hashed_survivor last; /* thinned: the last survivor that is kept */
    bool damaged;                     /* a segment was rejected */
    size_t at;                        /* next source of the stream */
    struct bl23_buffer segment;       /* in hand; owned */
    struct bl23_survivor_list list;   /* of it, or of results in memory; not owned */
    uint64_t list_at;                 /* next tile of the list */
    uint64_t *block;                  /* [BL23_MERGE_BLOCK]: indices of some survivors; owned */
};

/* Merge everything but the survivors into *results (initialised, it stays with the caller and must
 * outlive the merge), and find which survivors are kept: at most max_survivors. The folders must
 * hold no range twice. Extrema and nearest samples are judged again by the model. BL23_INTERRUPTED
 * when a stop was asked for; on any failure the merge is closed already, and `damaged` says whether
 * a segment is to blame. */
enum bl23_status bl23_merge_open(struct bl23_run_folder *folder, size_t n_folders,
                                 struct bl23_model const *model, struct bl23_results *results,
                                 struct bl23_merge *merge, struct bl23_error *error);

/* The stream of results that are complete and sorted already, and outlive the merge. On failure the
 * merge is closed already. */
enum bl23_status bl23_merge_of_results(struct bl23_results const *results, struct bl23_merge *merge,
                                       struct bl23_error *error);

/* The next kept survivors: rising indices that go on where the last ended, valid until the next
 * call; *count = 0 at the end. */
enum bl23_status bl23_merge_next(struct bl23_merge *merge, uint64_t const **index, size_t *count,
                                 struct bl23_error *error);

/* A sample of the stream is no survivor, as its record shows: reject the segment that it came from.
 * Where it came from none, BL23_ERROR_FAILED: the results are wrong. */
enum bl23_status bl23_merge_reject_sample(struct bl23_merge *merge, uint64_t index,
                                          struct bl23_error *error);

void bl23_merge_close(struct bl23_merge *merge);

#endif
