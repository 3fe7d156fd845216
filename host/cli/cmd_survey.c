/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include <stdio.h>

#include "host/cli/commands.h"
#include "host/cli/summary.h"
#include "host/cli/survey_arguments.h"
#include "host/io/file_io.h"
#include "host/io/json_values.h"
#include "host/ranks/ranks.h"
#include "kernels/sample/error.h"
#include "kernels/sample/plain_text.h"

static struct bl23_survey_arguments given = BL23_SURVEY_ARGUMENTS;

/* What the folder holds, which may be more than this call was asked for. */
static enum bl23_status show_part(struct bl23_survey_arguments const *o, struct bl23_error *error)
{
    struct bl23_run_folder const *const folder = &o->job.folder;
    struct bl23_range const part = o->job.options.part, all = {0, o->job.survey.config->samples};
    uint64_t const computed = o->job.outcome.samples_now;
    uint64_t const held = bl23_manifest_done(&folder->committed, all);
    uint64_t const passed = bl23_manifest_passed(&folder->committed);
    if (o->json)
        return bl23_json_print(
            json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "part", bl23_json_text(folder->path),
                      "first", bl23_json_count(part.first), "count", bl23_json_count(part.count),
                      "samples", bl23_json_count(all.count), "held", bl23_json_count(held),
                      "passed", bl23_json_count(passed), "computed_now", bl23_json_count(computed)),
            error);
    printf("Part: %s holds %llu of the survey's %llu samples; %llu survivors\nIt holds the samples "
           "%llu to %llu; this run computed %llu of them\nWhen all parts are done: bl23 merge "
           "PARTS... -o FILE.h5\n",
           BL23_SHOWN(folder->path), (unsigned long long)held, (unsigned long long)all.count,
           (unsigned long long)passed, (unsigned long long)part.first,
           (unsigned long long)(part.first + part.count - 1), (unsigned long long)computed);
    return BL23_OK;
}

static enum bl23_status show(struct bl23_survey_arguments const *o, struct bl23_error *error)
{
    if (bl23_ranks_rank() > 0)
        return BL23_OK;
    if (o->job.options.part.count > 0)
        return show_part(o, error);
    if (o->job.state == BL23_OUTPUT_FINISHED)
        return bl23_summary_recall(&o->job.survey, &o->job.outcome, o->json, error);
    return bl23_summary_show(&o->job.survey, &o->job.outcome, o->json, "", error);
}

/* The options are read: prepare, compute and store, show. */
/* An output that is repeated names no output. */
static enum bl23_status require_name(struct bl23_survey_arguments const *o,
                                     struct bl23_error *error)
{
    if (o->output || !bl23_file_is_hdf5(o->config_path))
        return BL23_OK;
    return bl23_fail(error, BL23_ERROR_USAGE,
                     "-o is required where CONFIG is an output: %s stays as it is", o->config_path);
}

static enum bl23_status run(struct bl23_error *error)
{
    struct bl23_survey_arguments *const o = &given;
    bl23_survey_job_begin(&o->job);
    enum bl23_status status = require_name(o, error);
    if (status == BL23_OK)
        status = bl23_survey_arguments_prepare(o, error);
    status = bl23_survey_job_run(&o->job, status, error); /* also after a failure: see there */
    if (status == BL23_OK)
        status = show(o, error);
    else if (o->job.outcome.answered) /* at rank 0: what was found, although it is not written */
        bl23_summary_show(&o->job.survey, &o->job.outcome, o->json, NULL, NULL);
    bl23_survey_job_free(&o->job);
    return status;
}

static struct bl23_option const options[] = {BL23_OPTIONS_SURVEY(&given), {0}};

struct bl23_command const bl23_command_survey = {
    .name = "survey",
    .summary = "draw samples, test them, and write the survivors to an HDF5 file",
    .description = "Draw the samples of a configuration, test each against the constraints, and "
                   "write survivors and statistics to one HDF5 file. The same command resumes an "
                   "interrupted run. Under mpirun (if built with MPI) the ranks share the work. "
                   "SIGINT, SIGTERM, SIGUSR1, SIGUSR2, SIGXCPU, SIGALRM and SIGHUP stop a run and "
                   "keep everything computed so far. Under nohup the run ignores SIGHUP.",
    .notes = "Environment: BL23_ISA=generic|avx2|avx512|neon forces an instruction set; "
             "BL23_NO_SCREEN=1 judges every sample in full (slower, with the same results).",
    .operand = {.name = "CONFIG", .help = BL23_HELP_CONFIG, .one = &given.config_path},
    .option = options,
    .run = run};
