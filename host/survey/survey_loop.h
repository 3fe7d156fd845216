/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* One rank's work on a survey: units of samples through a backend, and commits of what they gave.
 * survey_job.c calls it; nothing in here waits for another rank. */
#ifndef BL23_HOST_SURVEY_LOOP_H
#define BL23_HOST_SURVEY_LOOP_H

#include "host/config/prepared_survey.h"
#include "host/ranks/ranks.h"
#include "host/run/merge.h"
#include "host/run/run_folder.h"
#include "host/survey/work.h"
#include "kernels/backend.h"
#include "kernels/results/thinning.h"

/* Samples per call of the backend, and seconds between two commits, unless asked otherwise. */
enum { BL23_SURVEY_RANGE = 1 << 23 };
#define BL23_SURVEY_COMMIT_SECONDS 10.0

/* How to run it. */
struct bl23_survey_options {
    struct bl23_backend const *backend;
    bool fall_back; /* on the CPU, with a sentence on stderr, if this backend cannot be opened */
    struct bl23_backend_options backend_options;
    uint64_t range;         /* samples per call of the backend */
    double commit_seconds;  /* at most so long between two commits */
    struct bl23_range part; /* count 0: all samples, and the output is written */
    bool force, quiet;      /* quiet: no progress and no notes; warnings stay */
};

/* The state of the loop. Everything but survey, options and folder is owned. */
struct bl23_survey_loop {
    struct bl23_survey const *survey;
    struct bl23_survey_options const *options;
    struct bl23_run_folder *folder;
    struct bl23_backend const *backend; /* of this rank; another may run on the CPU */
    struct bl23_backend_state *state;
    struct bl23_work work;           /* what was missing at the begin of this round */
    uint64_t next_unit, end_unit;    /* units of it in hand */
    double units_at_once;            /* to take from the counter */
    struct bl23_results pending;     /* computed, not yet committed */
    struct bl23_range pending_range; /* the samples of pending */
    struct bl23_call call;           /* this process, for what it commits */
    struct bl23_merge_part part;     /* the folder, while its segments are merged */
    struct bl23_thinning thinning;   /* of what this rank has committed in this round */
    uint64_t samples_computed;       /* by this rank, since the loop was opened */
    struct bl23_ranks_totals untold; /* done, and not yet told to the other ranks */
    uint64_t samples_done_before;    /* committed when the loop was opened */
    double begin_s, last_commit_s, last_report_s; /* of bl23_seconds() */
    bool terminal;                                /* stderr is one */
};

/* Open the backend, or the CPU's in its place, and make room for results. After a failure the loop
 * is to be closed, too. */
enum bl23_status bl23_survey_loop_open(struct bl23_survey const *survey,
                                       struct bl23_survey_options const *options,
                                       struct bl23_run_folder *folder,
                                       struct bl23_survey_loop *loop, struct bl23_error *error);
void bl23_survey_loop_close(struct bl23_survey_loop *loop);

/* The samples that the loop is about: those of --first and --count, or all. */
struct bl23_range bl23_survey_loop_samples(struct bl23_survey_loop const *loop);

/* Forget what an earlier round left in memory: loop->work is new, and samples whose segment
 * was rejected are computed and counted again. */
void bl23_survey_loop_begin_round(struct bl23_survey_loop *loop);

/* Take units from the counter of all ranks until none is left, then commit all, unless the whole
 * survey is in memory. After a failure, or when a stop was asked for (BL23_INTERRUPTED), the
 * counter is halted and what was computed is committed. */
enum bl23_status bl23_survey_loop_compute(struct bl23_survey_loop *loop, struct bl23_error *error);

/* Commit results of the pending range, and say in loop->call that it computed them just now. */
enum bl23_status bl23_survey_loop_commit(struct bl23_survey_loop *loop,
                                         struct bl23_results const *results,
                                         struct bl23_error *error);
void bl23_survey_loop_stamp(struct bl23_survey_loop *loop);

/* Is the whole survey in memory, with nothing committed? So it is at the end of a run of one rank
 * that is shorter than the time between two commits: its output follows at once, and a segment
 * would only be written to be read back. */
bool bl23_survey_loop_holds_all(struct bl23_survey_loop const *loop);

#endif
