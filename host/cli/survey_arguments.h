/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* The options of 'bl23 survey', which 'bl23 check' takes too: a command is checked by one word. */
#ifndef BL23_HOST_SURVEY_ARGUMENTS_H
#define BL23_HOST_SURVEY_ARGUMENTS_H

#include "host/cli/arguments.h"
#include "host/survey/survey_job.h"

/* What the options say. */
struct bl23_survey_arguments {
    char const *config_path, *output, *samples, *seed, *model_path, *first, *count;
    struct bl23_dd commit_s;
    struct bl23_survey_job job;
    bool json, no_audit;
};

#define BL23_SURVEY_ARGUMENTS                                                                      \
    {                                                                                              \
        .commit_s = {BL23_SURVEY_COMMIT_SECONDS, 0.0}, .job.options = {                            \
            .range = BL23_SURVEY_RANGE                                                             \
        }                                                                                          \
    }

#define BL23_OPTIONS_SURVEY(into)                                                                  \
    BL23_OPTION_OUTPUT("FILE.h5", &(into)->output, NULL,                                           \
                       "output file (default: output.file of the configuration)"),                 \
        BL23_OPTION_SAMPLES(&(into)->samples),                                                     \
        BL23_OPTION_TEXT("seed", "S", &(into)->seed,                                               \
                         "seed of the random numbers (default: seed of CONFIG)"),                  \
        {.name = "backend",                                                                        \
         .value = "NAME",                                                                          \
         .words = "auto cpu cuda",                                                                 \
         .help = "auto (default: a CUDA device if one can be used), cpu or cuda",                  \
         .text = &(into)->job.backend_name},                                                       \
        BL23_OPTION_THREADS(&(into)->job.options.backend_options.threads),                         \
        BL23_OPTION_FLAG("no-audit", &(into)->no_audit,                                            \
                         "skip the CPU's re-check of the samples that a CUDA device returns"),     \
        BL23_OPTION_MODEL(&(into)->model_path),                                                    \
        {.name = "range",                                                                          \
         .value = "N",                                                                             \
         .help = "samples in each unit of work (default 8388608)",                                 \
         .whole = &(into)->job.options.range,                                                      \
         .largest = 0x1p40},                                                                       \
        {.name = "commit",                                                                         \
         .value = "S",                                                                             \
         .help = "seconds between two commits to disk (default 10; 0: after each unit)",           \
         .number = &(into)->commit_s,                                                              \
         .largest = 86400.0,                                                                       \
         .allowed = "a number of seconds from 0 to 86400"},                                        \
        BL23_OPTION_TEXT(                                                                          \
            "first", "A", &(into)->first,                                                          \
            "with --count B: compute only the samples A to A + B - 1. 'bl23 merge' joins "         \
            "the folders FILE.h5.run of such parts"),                                              \
        BL23_OPTION_TEXT("count", "B", &(into)->count,                                             \
                         "with --first A: the number of samples to compute"),                      \
        {.name = "extend",                                                                         \
         .help =                                                                                   \
             "continue a finished output of this survey that has fewer samples. The old output "   \
             "stays in place until the longer one replaces it",                                    \
         .flag = &(into)->job.extend,                                                              \
         .excludes = "force first count"},                                                         \
        BL23_OPTION_FORCE(                                                                         \
            &(into)->job.options.force,                                                            \
            "overwrite an existing output file, whatever it holds. An interrupted run of "         \
            "this configuration still continues (remove FILE.h5.run to start over)"),              \
        BL23_OPTION_JSON(&(into)->json),                                                           \
        BL23_OPTION_FLAG(                                                                          \
            "quiet", &(into)->job.options.quiet,                                                   \
            "no progress and no notes on stderr; warnings, errors and the result stay")

/* Load the configuration, apply the options to it and to the job, and prepare the survey of the
 * job. */
enum bl23_status bl23_survey_arguments_prepare(struct bl23_survey_arguments *arguments,
                                               struct bl23_error *error);

#endif
