/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* A prepared survey made into its output by all ranks together: look, compute, store.
 * cmd_survey.c runs one. */
#ifndef BL23_HOST_SURVEY_JOB_H
#define BL23_HOST_SURVEY_JOB_H

#include "host/output/outcome_read.h"
#include "host/survey/output_state.h"
#include "host/survey/survey_loop.h"

/* The caller fills in the first part; the rest is there when bl23_survey_job_run is back. */
struct bl23_survey_job {
    struct bl23_survey survey;
    struct bl23_survey_options options; /* the job chooses the backend */
    char const *backend_name;           /* as bl23_backend_choose takes it; NULL: auto */
    bool extend;                        /* go on from a shorter output */

    enum bl23_output_state state;       /* of the output when the job began */
    struct bl23_run_folder folder;      /* closed by bl23_survey_job_free */
    struct bl23_survey_outcome outcome; /* at rank 0; its results belong to the job */
};

/* Let signals ask for a stop, and give this rank its device. The ranks were started;
 * before the survey is prepared. */
void bl23_survey_job_begin(struct bl23_survey_job *job);

/* Where no number of threads was given: this rank's share of what the processes may use. */
void bl23_survey_job_choose_threads(struct bl23_survey_job *job);

/* Whichever backend is wanted; who forces an instruction set means the CPU. */
void bl23_survey_job_choose_backend(struct bl23_survey_job *job);

/* What is said of a part whose output is finished: BL23_ERROR_REFUSED. */
enum bl23_status bl23_survey_job_refuse_part(struct bl23_survey const *survey,
                                             struct bl23_error *error);

/* Compute what is missing and write the output; for a part of the samples, compute only. Where the
 * output is finished already it is read back. `prepared` says whether this rank has prepared the
 * survey: all ranks call this, also one that failed. BL23_INTERRUPTED after a signal: all that was
 * computed is committed. */
enum bl23_status bl23_survey_job_run(struct bl23_survey_job *job, enum bl23_status prepared,
                                     struct bl23_error *error);

void bl23_survey_job_free(struct bl23_survey_job *job);

#endif
