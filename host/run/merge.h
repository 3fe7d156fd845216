/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* Committed samples made into the results of a survey with bounded memory. survey_job.c and
 * cmd_merge.c open a merge, survey_file.c reads the survivors from it.
 *
 * How it works. One segment is in memory at a time. The first pass adds up all counters, extrema
 * and nearest samples, and counts the survivors by their hashes. If there are more survivors than
 * max_survivors, a second pass gathers those in the one bin of hashes where the limit falls, and
 * finds the last survivor that is kept. The third pass is the stream: the segments in the order of
 * their samples, each survivor that is not after that last one. Which survivors are kept depends on
 * their hashes alone, not on how the samples were divided into segments.
 *
 * A run leaves out survivors that cannot be among those kept of all that it has committed. Each
 * segment says up to which hash it lists all. Where segments are gone on which it relied, the last
 * survivor that is kept may lie beyond, and the merge is refused.
 *
 * A part may also be an output file that holds some of the samples. It counts as one segment, but
 * its survivors are streamed range by range. No descriptor stays open between two reads, so that
 * any number of parts can be merged.
 *
 * A checksum that fits says only that a segment is what somebody wrote. Therefore extrema, nearest
 * samples and (in survey_file.c) survivors are computed again from their indices; a segment that
 * disagrees is rejected, and its samples are computed again. */
#ifndef BL23_HOST_MERGE_H
#define BL23_HOST_MERGE_H

#include "host/run/run_folder.h"

/* An output file of some of the samples, for whom the caller reads it. */
struct bl23_merge_file {
    void *context;
    struct bl23_range const *range; /* [n_ranges], rising */
    size_t n_ranges;
    uint64_t passed;
    /* Its results without survivors, which are the callee's to initialise and then the caller's,
     * with the bound of hashes; its calls are added. */
    enum bl23_status (*load)(void *context, struct bl23_results *results, struct bl23_calls *calls,
                             struct bl23_error *error);
    /* Add the survivors of a range to the list. */
    enum bl23_status (*survivors)(void *context, struct bl23_range range,
                                  struct bl23_survivor_list *list, struct bl23_error *error);
};

/* What is merged: the folder of a run, or a file. */
struct bl23_merge_part {
    char const *path;
    struct bl23_run_folder *folder; /* NULL: a file */
    struct bl23_merge_file file;
};

/* A segment of a folder, or a range of a file. */
struct bl23_merge_source {
    struct bl23_range range;
    struct bl23_merge_part *part;
    bool leads; /* all but the survivors is taken with it */
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
    struct bl23_range
        *range; /* [n_ranges]: the samples that are merged; they do not touch; owned */
    size_t n_ranges;
    struct bl23_calls calls;        /* that computed the samples, in order; owned */
    struct bl23_buffer segment;     /* in hand; owned */
    struct bl23_survivor_list own;  /* of the range of a file in hand; owned */
    struct bl23_survivor_list list; /* of either, or of results in memory; not owned */
    uint64_t list_at;               /* next tile of the list */
    uint64_t *block;                /* [BL23_MERGE_BLOCK]: indices of some survivors; owned */
};

/* Merge everything but the survivors into *results (initialised, it stays with the caller and must
 * outlive the merge, as the parts must), and find which survivors are kept: at most max_survivors.
 * The parts must hold no range twice. Extrema and nearest samples are judged again by the model.
 * BL23_INTERRUPTED when a stop was asked for; on any failure the merge is closed already, and
 * `damaged` says whether a segment is to blame. */
enum bl23_status bl23_merge_open(struct bl23_merge_part *part, size_t n_parts,
                                 struct bl23_model const *model, struct bl23_results *results,
                                 struct bl23_merge *merge, struct bl23_error *error);

/* The stream of results that are complete and sorted already, computed by one call, and outlive the
 * merge. On failure the merge is closed already. */
enum bl23_status bl23_merge_of_results(struct bl23_results const *results,
                                       struct bl23_call const *call, struct bl23_merge *merge,
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
