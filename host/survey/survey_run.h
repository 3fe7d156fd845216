/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* A prepared survey from its first sample to its output: ranges through a backend, commits, resume,
 * merge.
 * cmd_survey.c calls it.
 * It must not know the output file's layout. */
#ifndef BL23_HOST_SURVEY_RUN_H
#define BL23_HOST_SURVEY_RUN_H

#include "host/config/prepared_survey.h"
#include "host/output/outcome_read.h"
#include "host/run/run_folder.h"
#include "kernels/backend.h"

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
    bool force, quiet;
};

/* Compute what is missing, and for all samples merge everything and write the output; collective
 * over the ranks. BL23_INTERRUPTED after a signal: all that was computed is committed. */
enum bl23_status bl23_survey_run(struct bl23_survey const *survey,
                                 struct bl23_survey_options const *options,
                                 struct bl23_run_folder *folder,
                                 struct bl23_survey_outcome *outcome, struct bl23_error *error);

#endif
