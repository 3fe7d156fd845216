/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "host/cli/survey_arguments.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/cli/config_source.h"
#include "host/io/file_io.h"
#include "host/io/output_check.h"
#include "host/output/given_tables.h"
#include "host/ranks/ranks.h"
#include "host/survey/stored_config.h"
#include "kernels/sample/error.h"

/* The configuration with the command line's overrides. */
static enum bl23_status load(struct bl23_survey_arguments const *o, struct bl23_config **config,
                             struct bl23_error *error)
{
    struct bl23_config_store store = {.find = bl23_stored_config_find,
                                      .output = o->output,
                                      .extends = o->job.extend,
                                      .prefers_files = o->job.options.force};
    bool const silent = bl23_ranks_rank() > 0;
    BL23_TRY(bl23_config_source_read(o->config_path, &store, silent, config, error));
    if (o->samples)
        BL23_TRY(bl23_config_set_samples(*config, o->samples, error));
    if (o->seed)
        BL23_TRY(bl23_config_set_seed(*config, o->seed, error));
    if (o->output && strlen(o->output) >= sizeof(*config)->output)
        return bl23_fail(error, BL23_ERROR_USAGE,
                         "-o must be a name of at most %zu bytes (got %zu bytes)",
                         sizeof(*config)->output - 1, strlen(o->output));
    if (o->output)
        snprintf((*config)->output, sizeof(*config)->output, "%s", o->output);
    if (o->model_path)
        BL23_TRY(bl23_input_note(o->model_path, error));
    return bl23_path_check_name((*config)->output, error);
}

/* The part of the samples that --first and --count ask for. */
static enum bl23_status read_part(struct bl23_survey_arguments *o, struct bl23_config const *config,
                                  struct bl23_error *error)
{
    struct bl23_range *const part = &o->job.options.part;
    if (!o->first && !o->count)
        return BL23_OK;
    if (!o->first || !o->count)
        return bl23_fail(error, BL23_ERROR_USAGE, "--%s needs --%s: give both or neither",
                         o->first ? "first" : "count", o->first ? "count" : "first");
    BL23_TRY(bl23_config_whole("--first", o->first, 0, &part->first, error));
    BL23_TRY(bl23_config_whole("--count", o->count, 1, &part->count, error));
    if (part->first < config->samples && part->count <= config->samples - part->first)
        return BL23_OK;
    return bl23_fail(error, BL23_ERROR_USAGE,
                     "--first and --count must name samples of the survey, from 0 to %llu (got "
                     "%llu to %llu)",
                     (unsigned long long)(config->samples - 1), (unsigned long long)part->first,
                     (unsigned long long)(part->first + part->count - 1));
}

/* Is a variable of the environment set, to anything but nothing or 0? */
static bool is_on(char const *name)
{
    char const *const text = getenv(name);
    return text && *text && strcmp(text, "0") != 0;
}

enum bl23_status bl23_survey_arguments_prepare(struct bl23_survey_arguments *o,
                                               struct bl23_error *error)
{
    struct bl23_config *config = NULL;
    o->job.options.commit_seconds = o->commit_s.hi;
    o->job.options.backend_options.no_audit = o->no_audit;
    o->job.options.backend_options.no_screen = is_on("BL23_NO_SCREEN");
    if (!o->model_path && bl23_file_is_hdf5(o->config_path))
        o->model_path = o->config_path; /* a survey is repeated with the tables of its output */
    bl23_survey_job_choose_threads(&o->job);
    enum bl23_status status = load(o, &config, error);
    if (status == BL23_OK)
        status = read_part(o, config, error);
    if (status == BL23_OK)
        return bl23_survey_prepare_with_tables(config, o->model_path, &o->job.survey, error);
    bl23_config_free(config);
    return status;
}
