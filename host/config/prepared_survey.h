/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* A survey from configuration to its output: ranges through a backend, commits, resume, merge.
 * cmd_survey.c calls it; prepared_survey.c prepares, survey_run.c runs.
 * It must not know the output file's layout. */
#ifndef BL23_HOST_PREPARED_SURVEY_H
#define BL23_HOST_PREPARED_SURVEY_H

#include "host/config/config.h"
#include "host/run/run_folder.h"
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
    bool fall_back; /* on the CPU, with a sentence on stderr, if this backend cannot be opened */
    struct bl23_backend_options backend_options;
    uint64_t range;         /* samples per call of the backend */
    double commit_seconds;  /* at most so long between two commits */
    struct bl23_range part; /* count 0: all samples, and the output is written */
    bool force, quiet;
};

/* What happened, for the summary; results and stored at rank 0 and without a part only. */
struct bl23_survey_outcome {
    struct bl23_results results; /* merged, without survivors; owned by the caller */
    uint64_t stored;             /* survivors in the output */
    uint64_t samples_now;        /* computed in this call by all ranks; the rest was resumed */
    double wall_s;               /* of this call's computation */
    char device[160];
};

/* Build the model of a configuration, which the survey takes over (also on failure); model_path may
 * be NULL or a file whose tables are to be used. */
enum bl23_status bl23_survey_prepare(struct bl23_config *config, char const *model_path,
                                     struct bl23_survey *survey, struct bl23_error *error);

/* The config_hash: of all that the results depend on. */
uint64_t bl23_survey_hash(char const *yaml, uint64_t model_hash);

/* What its folder belongs to, as a rank of its job sees it. */
struct bl23_run_identity bl23_survey_identity(struct bl23_survey const *survey, int rank);

/* Resolved configuration and config_hash of the same survey with another number of samples; the
 * caller frees *yaml. */
enum bl23_status bl23_survey_with(struct bl23_survey const *survey, uint64_t samples, char **yaml,
                                  uint64_t *config_hash, struct bl23_error *error);

void bl23_survey_free(struct bl23_survey *survey);

/* Compute what is missing, and for all samples merge everything and write the output; collective
 * over the ranks. BL23_INTERRUPTED after a signal: all that was computed is committed. */
enum bl23_status bl23_survey_run(struct bl23_survey const *survey,
                                 struct bl23_survey_options const *options,
                                 struct bl23_run_folder *folder,
                                 struct bl23_survey_outcome *outcome, struct bl23_error *error);

#endif
