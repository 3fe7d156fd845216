/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* A survey from configuration to merged results: ranges through a backend, commits, resume.
 * cmd_survey.c calls it; survey_file.c writes what it ends with.
 * It must not know the output file's layout. */
#ifndef BL23_HOST_SURVEY_H
#define BL23_HOST_SURVEY_H

#include "host/config.h"
#include "host/run_folder.h"
#include "kernels/backend.h"

/* Everything that is fixed before the first sample; all owned. */
struct bl23_survey {
    struct bl23_config *config;
    struct bl23_model *model;
    struct bl23_loop_table *tables;
    struct bl23_reduction reduction;
    char *yaml; /* the resolved configuration */
    uint64_t model_hash, config_hash;
};

/* Samples per call of the backend, and seconds between two commits, unless asked otherwise. */
enum { BL23_SURVEY_RANGE = 1 << 23 };
#define BL23_SURVEY_COMMIT_SECONDS 10.0

/* How to run it. */
struct bl23_survey_options {
    struct bl23_backend const *backend;
    struct bl23_backend_options backend_options;
    uint64_t range;        /* samples per call of the backend */
    double commit_seconds; /* at most so long between two commits */
    bool force, quiet;
};

/* What happened, for the provenance and the summary. */
struct bl23_survey_outcome {
    struct bl23_results results; /* merged and sorted; owned by the caller */
    uint64_t samples_now;        /* computed in this call; the rest was resumed */
    double wall_s;               /* of this call's computation */
    char device[128];
};

/* Build the model of a configuration, which the survey takes over (also on failure); model_path may
 * be NULL or a file whose tables are to be used. */
enum bl23_status bl23_survey_prepare(struct bl23_config *config, char const *model_path,
                                     struct bl23_survey *survey, struct bl23_error *error);
void bl23_survey_free(struct bl23_survey *survey);

/* A clock that only goes forward, in seconds. */
double bl23_seconds(void);

/* From here on SIGINT and SIGTERM ask for a stop instead of ending the process. */
void bl23_survey_catch_signals(void);

/* Compute what is missing and merge everything. BL23_INTERRUPTED after SIGINT or SIGTERM: all that
 * was computed is committed. */
enum bl23_status bl23_survey_run(struct bl23_survey const *survey,
                                 struct bl23_survey_options const *options,
                                 struct bl23_run_folder *folder,
                                 struct bl23_survey_outcome *outcome, struct bl23_error *error);

#endif
