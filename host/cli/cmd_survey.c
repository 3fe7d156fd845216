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
#include "host/io/stop.h"
#include "host/output/given_tables.h"
#include "host/ranks/ranks.h"
#include "host/survey/backends.h"
#include "host/survey/extend.h"
#include "host/survey/survey_run.h"
#include "kernels/sample/error.h"

/* What the options say. */
static struct options {
    char const *config_path, *backend, *output, *samples, *seed, *model_path, *first, *count;
    struct bl23_dd commit_s;
    struct bl23_survey_options run;
    bool extend, json, no_audit;
} given = {.commit_s = {BL23_SURVEY_COMMIT_SECONDS, 0.0}, .run = {.range = BL23_SURVEY_RANGE}};

/* The configuration with the command line's overrides. */
static enum bl23_status load(struct options const *o, struct bl23_config **config,
                             struct bl23_error *error)
{
    enum bl23_status status = bl23_config_load(o->config_path, config, error);
    if (status == BL23_OK && o->samples)
        status = bl23_config_set_samples(*config, o->samples, error);
    if (status == BL23_OK && o->seed)
        status = bl23_config_set_seed(*config, o->seed, error);
    if (status == BL23_OK && o->output && strlen(o->output) >= sizeof(*config)->output)
        status = bl23_fail(error, BL23_ERROR_USAGE,
                           "-o must be a name of at most %zu bytes (got %zu bytes)",
                           sizeof(*config)->output - 1, strlen(o->output));
    if (status == BL23_OK && o->output)
        snprintf((*config)->output, sizeof(*config)->output, "%s", o->output);
    if (status == BL23_OK && o->model_path)
        status = bl23_input_note(o->model_path, error);
    return status == BL23_OK ? bl23_path_check_writable((*config)->output, error) : status;
}

/* The part of the samples that --first and --count ask for. */
static enum bl23_status read_part(struct options *o, struct bl23_config const *config,
                                  struct bl23_error *error)
{
    struct bl23_range *const part = &o->run.part;
    if (!o->first && !o->count)
        return BL23_OK;
    if (!o->first || !o->count)
        return bl23_fail(error, BL23_ERROR_USAGE, "--%s needs --%s: give both or neither",
                         o->first ? "first" : "count", o->first ? "count" : "first");
    enum bl23_status status = bl23_config_whole("--first", o->first, 0, &part->first, error);
    if (status == BL23_OK)
        status = bl23_config_whole("--count", o->count, 1, &part->count, error);
    if (status == BL23_OK &&
        (part->first >= config->samples || part->count > config->samples - part->first))
        status =
            bl23_fail(error, BL23_ERROR_USAGE,
                      "--first and --count must name samples of the survey, from 0 to %llu (got "
                      "%llu to %llu)",
                      (unsigned long long)(config->samples - 1), (unsigned long long)part->first,
                      (unsigned long long)(part->first + part->count - 1));
    return status;
}

/* Configuration and model, on every rank. */
static enum bl23_status prepare(struct options *o, struct bl23_survey *survey,
                                struct bl23_error *error)
{
    struct bl23_config *config = NULL;
    enum bl23_status status = load(o, &config, error);
    if (status == BL23_OK)
        status = read_part(o, config, error);
    if (status == BL23_OK)
        return bl23_survey_prepare_with_tables(config, o->model_path, survey, error);
    bl23_config_free(config);
    return status;
}

/* Collective: all ranks must compute the same survey. */
static enum bl23_status compare_ranks(struct bl23_survey const *survey, struct bl23_error *error)
{
    uint64_t hash = survey->config_hash;
    enum bl23_status status = BL23_OK;
    bl23_ranks_broadcast(&hash, sizeof hash);
    if (hash != survey->config_hash)
        status = bl23_fail(error, BL23_ERROR_FAILED,
                           "the configuration or the tables differ from those of rank 0; use the "
                           "same program and files on every node");
    return bl23_ranks_agree(status, error);
}

/* What the folder holds, which may be more than this call was asked for. */
static enum bl23_status show_part(struct options const *o, struct bl23_survey const *survey,
                                  struct bl23_run_folder const *folder, uint64_t computed,
                                  struct bl23_error *error)
{
    struct bl23_range const part = o->run.part, all = {0, survey->config->samples};
    uint64_t const held = bl23_manifest_done(&folder->committed, all);
    uint64_t const passed = bl23_manifest_passed(&folder->committed);
    if (o->json)
        return bl23_json_print(
            json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "part", bl23_json_text(folder->path),
                      "first", bl23_json_count(part.first), "count", bl23_json_count(part.count),
                      "samples", bl23_json_count(all.count), "held", bl23_json_count(held),
                      "passed", bl23_json_count(passed), "computed_now", bl23_json_count(computed)),
            error);
    printf("Part: %s holds %llu of the survey's %llu samples; %llu survivors\n"
           "The samples %llu to %llu are in it; %llu of them were computed now\n"
           "When all parts are done: bl23 merge PARTS... -o FILE.h5\n",
           folder->path, (unsigned long long)held, (unsigned long long)all.count,
           (unsigned long long)passed, (unsigned long long)part.first,
           (unsigned long long)(part.first + part.count - 1), (unsigned long long)computed);
    return BL23_OK;
}

/* Collective. */
static enum bl23_status run_and_show(struct options const *o, struct bl23_survey const *survey,
                                     struct bl23_run_folder *folder, struct bl23_error *error)
{
    struct bl23_survey_outcome outcome;
    bool const part = o->run.part.count > 0;
    enum bl23_status status = bl23_survey_run(survey, &o->run, folder, &outcome, error);
    if (status == BL23_INTERRUPTED)
        return bl23_fail(error, status,
                         "interrupted; all that was computed is kept in %s, and the same command "
                         "goes on from there",
                         folder->path);
    if (status != BL23_OK)
        return status;
    if (bl23_ranks_rank() == 0) {
        if (!part)
            bl23_run_folder_remove(folder);
        status = part ? show_part(o, survey, folder, outcome.samples_now, error)
                      : bl23_summary_show(survey, &outcome, o->json, "", error);
    }
    bl23_results_free(&outcome.results);
    return bl23_ranks_agree(status, error);
}

/* A finished output whose folder was not removed any more. */
static enum bl23_status tidy(struct options const *o, struct bl23_survey const *survey,
                             struct bl23_error *error)
{
    if (o->run.part.count > 0)
        return bl23_fail(
            error, BL23_ERROR_REFUSED,
            "%s is the finished survey; with --first, choose another name for the part",
            survey->config->output);
    struct bl23_run_identity const identity = bl23_survey_identity(survey, bl23_ranks_rank());
    struct bl23_run_folder folder;
    char path[BL23_RUN_PATH_SIZE];
    bl23_run_path(survey->config->output, path);
    enum bl23_status status = bl23_summary_recall(survey, o->json, error);
    uint64_t done;
    struct bl23_error other = {BL23_OK, ""}; /* what goes on from this output, say, is not ours */
    if (status != BL23_OK || !bl23_path_exists(path) ||
        bl23_run_folder_look(&identity, &done, &other) != BL23_OK)
        return status;
    if (bl23_run_folder_open(&identity, false, &folder, &other) == BL23_OK) {
        bl23_run_folder_remove(&folder);
        bl23_run_folder_close(&folder);
    } else {
        fprintf(stderr, "note: %s is no longer needed, but %s\n", path, other.text);
    }
    return BL23_OK;
}

/* Collective: rank 0 opens the folder, then the others join it. */
static enum bl23_status open_folder(struct bl23_survey const *survey, bool force,
                                    struct bl23_run_folder *folder, struct bl23_error *error)
{
    struct bl23_run_identity const identity = bl23_survey_identity(survey, bl23_ranks_rank());
    bool const first = identity.rank == 0;
    enum bl23_status opened = BL23_OK;
    if (first)
        opened = bl23_run_folder_open(&identity, force, folder, error);
    enum bl23_status status = bl23_ranks_agree(opened, error);
    if (status != BL23_OK)
        return status;
    if (!first)
        opened = bl23_run_folder_join(&identity, folder, error);
    status = bl23_ranks_agree(opened, error);
    if (status != BL23_OK && opened == BL23_OK)
        bl23_run_folder_close(folder);
    return status;
}

/* Whichever backend is wanted; who forces an instruction set means the CPU. */
static struct bl23_backend const *backend_of(struct options const *o)
{
    bool const quiet = o->run.quiet || bl23_ranks_rank() > 0;
    return bl23_backend_choose(o->backend || !getenv("BL23_ISA") ? o->backend : "cpu", quiet);
}

/* Collective. */
static enum bl23_status carry_out(struct options *o, struct bl23_survey const *survey,
                                  struct bl23_error *error)
{
    enum bl23_place place = BL23_PLACE_FREE;
    struct bl23_run_folder folder;
    enum bl23_status status = BL23_OK;
    bool const first = bl23_ranks_rank() == 0;
    if (first && !o->run.force)
        status = bl23_place_find(survey, o->extend, &place, error);
    if (status == BL23_OK && place == BL23_PLACE_FINISHED)
        status = tidy(o, survey, error);
    status = bl23_ranks_agree(status, error);
    bl23_ranks_broadcast(&place, sizeof place);
    if (status != BL23_OK || place == BL23_PLACE_FINISHED)
        return status;
    status =
        bl23_ranks_agree(first ? bl23_output_try(survey->config->output, error) : BL23_OK, error);
    if (status != BL23_OK)
        return status;
    status = open_folder(survey, o->run.force, &folder, error);
    if (status != BL23_OK)
        return status;
    o->run.backend = backend_of(o);
    o->run.fall_back = !o->backend || strcmp(o->backend, "auto") == 0;
    if (first && place == BL23_PLACE_SHORTER)
        status = bl23_extend_commit(survey, &folder, error);
    status = bl23_ranks_agree(status, error);
    if (status == BL23_OK)
        status = run_and_show(o, survey, &folder, error);
    size_t const seeded = first && place == BL23_PLACE_SHORTER; /* lies in the output, too */
    bool const bare = bl23_ranks_sum(folder.committed.size > seeded) == 0;
    if (first && bare && status != BL23_OK && status != BL23_INTERRUPTED) /* leave nothing */
        bl23_run_folder_remove(&folder);
    bl23_run_folder_close(&folder);
    return status;
}

/* What a rank may use of its node. */
static void take_share(struct bl23_backend_options *options)
{
    options->device = (unsigned)bl23_ranks_local_rank();
    if (options->threads == 0)
        options->threads = bl23_ranks_threads();
}

static enum bl23_status run(struct bl23_error *error)
{
    struct options *const o = &given;
    struct bl23_survey survey = {0};
    o->run.commit_seconds = o->commit_s.hi;
    o->run.backend_options.no_audit = o->no_audit;
    o->run.backend_options.no_screen = getenv("BL23_NO_SCREEN") != NULL;
    bl23_stop_catch_signals();
    take_share(&o->run.backend_options);
    enum bl23_status status = bl23_ranks_agree(prepare(o, &survey, error), error);
    if (status == BL23_OK)
        status = compare_ranks(&survey, error);
    if (status == BL23_OK && survey.config)
        status = carry_out(o, &survey, error);
    bl23_survey_free(&survey);
    return status;
}

static struct bl23_option const options[] = {
    BL23_OPTION_OUTPUT("FILE.h5", &given.output, NULL,
                       "output file (default: output.file of the configuration)"),
    BL23_OPTION_SAMPLES(&given.samples),
    BL23_OPTION_TEXT("seed", "S", &given.seed,
                     "seed of the random numbers (default: that of CONFIG)"),
    {.name = "backend",
     .value = "NAME",
     .words = "auto cpu cuda",
     .help = "auto (default: a CUDA device if one can be used), cpu or cuda",
     .text = &given.backend},
    BL23_OPTION_THREADS(&given.run.backend_options.threads),
    BL23_OPTION_FLAG("no-audit", &given.no_audit,
                     "do not judge on the CPU again what a CUDA device returns"),
    BL23_OPTION_MODEL(&given.model_path),
    {.name = "range",
     .value = "N",
     .help = "samples per unit of work (default 8388608)",
     .whole = &given.run.range,
     .largest = 0x1p40},
    {.name = "commit",
     .value = "S",
     .help = "seconds between two commits to disk (default 10; 0: after each unit)",
     .number = &given.commit_s,
     .largest = 86400.0,
     .allowed = "a number of seconds from 0 to 86400"},
    BL23_OPTION_TEXT(
        "first", "A", &given.first,
        "with --count: compute only the samples A to A + B - 1; the folder FILE.h5.run is "
        "then a part for 'bl23 merge'"),
    BL23_OPTION_TEXT("count", "B", &given.count, "with --first: the number of samples of the part"),
    {.name = "extend",
     .help = "continue the finished output of the same survey with fewer samples; it stays in "
             "place until the longer one replaces it",
     .flag = &given.extend,
     .excludes = "force first count"},
    BL23_OPTION_FORCE(&given.run.force,
                      "replace whatever lies at the name of the output; an interrupted run of "
                      "this configuration still continues (remove FILE.h5.run to start over)"),
    BL23_OPTION_JSON(&given.json),
    BL23_OPTION_FLAG("quiet", &given.run.quiet, "no progress on stderr"),
    {0}};

struct bl23_command const bl23_command_survey = {
    .name = "survey",
    .summary = "draw samples, judge them, write the survivors to an HDF5 file",
    .description =
        "Draw the samples of a configuration, judge each, and write survivors and statistics to "
        "one HDF5 file. The same command resumes an interrupted run. Under mpirun (if built with "
        "MPI) the ranks share the work. SIGINT, SIGTERM, SIGUSR1 and SIGHUP (unless it is ignored, "
        "as by nohup) stop a run, which keeps what it has computed.",
    .notes = "Environment: BL23_ISA=generic|avx2|avx512|neon forces an instruction set; "
             "BL23_NO_SCREEN=1 sends every sample through the verdict (slower, the same results).",
    .operand = {.name = "CONFIG",
                .help = "the survey's configuration, a YAML file",
                .one = &given.config_path},
    .option = options,
    .run = run};
