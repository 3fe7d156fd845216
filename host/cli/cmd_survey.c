/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/cli/commands.h"
#include "host/cli/summary.h"
#include "host/io/file_io.h"
#include "host/io/json_values.h"
#include "host/io/output_check.h"
#include "host/output/given_tables.h"
#include "host/ranks/ranks.h"
#include "host/survey/survey_job.h"
#include "kernels/sample/error.h"

/* What the options say. */
static struct options {
    char const *config_path, *output, *samples, *seed, *model_path, *first, *count;
    struct bl23_dd commit_s;
    struct bl23_survey_job job;
    bool json, no_audit;
} given = {.commit_s = {BL23_SURVEY_COMMIT_SECONDS, 0.0},
           .job.options = {.range = BL23_SURVEY_RANGE}};

/* The configuration with the command line's overrides. */
static enum bl23_status load(struct options const *o, struct bl23_config **config,
                             struct bl23_error *error)
{
    BL23_TRY(bl23_config_load(o->config_path, config, error));
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
    return bl23_path_check_writable((*config)->output, error);
}

/* The part of the samples that --first and --count ask for. */
static enum bl23_status read_part(struct options *o, struct bl23_config const *config,
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

/* Configuration and model. */
static enum bl23_status prepare(struct options *o, struct bl23_error *error)
{
    struct bl23_config *config = NULL;
    enum bl23_status status = load(o, &config, error);
    if (status == BL23_OK)
        status = read_part(o, config, error);
    if (status == BL23_OK)
        return bl23_survey_prepare_with_tables(config, o->model_path, &o->job.survey, error);
    bl23_config_free(config);
    return status;
}

/* What the folder holds, which may be more than this call was asked for. */
static enum bl23_status show_part(struct options const *o, struct bl23_error *error)
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
           folder->path, (unsigned long long)held, (unsigned long long)all.count,
           (unsigned long long)passed, (unsigned long long)part.first,
           (unsigned long long)(part.first + part.count - 1), (unsigned long long)computed);
    return BL23_OK;
}

static enum bl23_status show(struct options const *o, struct bl23_error *error)
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
static enum bl23_status run(struct bl23_error *error)
{
    struct options *const o = &given;
    o->job.options.commit_seconds = o->commit_s.hi;
    o->job.options.backend_options.no_audit = o->no_audit;
    o->job.options.backend_options.no_screen = getenv("BL23_NO_SCREEN") != NULL;
    bl23_survey_job_begin(&o->job);
    enum bl23_status status = prepare(o, error);
    status = bl23_survey_job_run(&o->job, status, error); /* also after a failure: see there */
    if (status == BL23_OK)
        status = show(o, error);
    bl23_survey_job_free(&o->job);
    return status;
}

static struct bl23_option const options[] = {
    BL23_OPTION_OUTPUT("FILE.h5", &given.output, NULL,
                       "output file (default: output.file of the configuration)"),
    BL23_OPTION_SAMPLES(&given.samples),
    BL23_OPTION_TEXT("seed", "S", &given.seed,
                     "seed of the random numbers (default: seed of CONFIG)"),
    {.name = "backend",
     .value = "NAME",
     .words = "auto cpu cuda",
     .help = "auto (default: a CUDA device if one can be used), cpu or cuda",
     .text = &given.job.backend_name},
    BL23_OPTION_THREADS(&given.job.options.backend_options.threads),
    BL23_OPTION_FLAG("no-audit", &given.no_audit,
                     "skip the CPU's re-check of the samples that a CUDA device returns"),
    BL23_OPTION_MODEL(&given.model_path),
    {.name = "range",
     .value = "N",
     .help = "samples in each unit of work (default 8388608)",
     .whole = &given.job.options.range,
     .largest = 0x1p40},
    {.name = "commit",
     .value = "S",
     .help = "seconds between two commits to disk (default 10; 0: after each unit)",
     .number = &given.commit_s,
     .largest = 86400.0,
     .allowed = "a number of seconds from 0 to 86400"},
    BL23_OPTION_TEXT("first", "A", &given.first,
                     "with --count B: compute only the samples A to A + B - 1. 'bl23 merge' joins "
                     "the folders FILE.h5.run of such parts"),
    BL23_OPTION_TEXT("count", "B", &given.count,
                     "with --first A: the number of samples to compute"),
    {.name = "extend",
     .help = "continue a finished output of this survey that has fewer samples. The old output "
             "stays in place until the longer one replaces it",
     .flag = &given.job.extend,
     .excludes = "force first count"},
    BL23_OPTION_FORCE(&given.job.options.force,
                      "overwrite an existing output file, whatever it holds. An interrupted run of "
                      "this configuration still continues (remove FILE.h5.run to start over)"),
    BL23_OPTION_JSON(&given.json),
    BL23_OPTION_FLAG("quiet", &given.job.options.quiet,
                     "no progress, notes and warnings on stderr"),
    {0}};

struct bl23_command const bl23_command_survey = {
    .name = "survey",
    .summary = "draw samples, test them, and write the survivors to an HDF5 file",
    .description = "Draw the samples of a configuration, test each against the constraints, and "
                   "write survivors and statistics to one HDF5 file. The same command resumes an "
                   "interrupted run. Under mpirun (if built with MPI) the ranks share the work. "
                   "SIGINT, SIGTERM, SIGUSR1 and SIGHUP stop a run and keep everything computed so "
                   "far. Under nohup the run ignores SIGHUP.",
    .notes = "Environment: BL23_ISA=generic|avx2|avx512|neon forces an instruction set; "
             "BL23_NO_SCREEN=1 judges every sample in full (slower, with the same results).",
    .operand = {.name = "CONFIG",
                .help = "the survey's configuration, a YAML file",
                .one = &given.config_path},
    .option = options,
    .run = run};
