/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "host/arguments.h"
#include "host/commands.h"
#include "host/file_io.h"
#include "host/report.h"
#include "host/summary.h"
#include "host/survey_file.h"
#include "host/survey_read.h"
#include "tables/message.h"

static char const usage[] =
    "usage: bl23 survey CONFIG [options]\n"
    "\n"
    "Draw the samples of a configuration, judge each, and write survivors and statistics to one\n"
    "HDF5 file. The same command resumes an interrupted run.\n"
    "\n"
    "  -o FILE.h5        output file (default: output.file of the configuration)\n"
    "  --samples N       number of samples, like 1e9, up to 2^63\n"
    "  --seed S          seed of the random numbers\n"
    "  --backend NAME    auto (default), cpu or cuda\n"
    "  --threads T       threads of the CPU backend (default: one per processor)\n"
    "  --model FILE.h5   use the tables of this file (made by 'bl23 tables -o' or a survey)\n"
    "  --range N         samples per unit of work (default 8388608)\n"
    "  --commit S        seconds between two commits to disk (default 10; 0: after each unit)\n"
    "  --force           start over, whatever is there under the name of the output\n"
    "  --json            the summary as one JSON object\n"
    "  --quiet           no progress on stderr\n"
    "  --help            this text\n"
    "\n"
    "Environment: BL23_ISA=generic|avx2|avx512 forces an instruction set; BL23_NO_SCREEN=1 sends\n"
    "every sample through the verdict (slower, the same results).\n";

/* What the options say. */
struct options {
    char const *config_path, *output, *samples, *seed, *model_path;
    struct bl23_survey_options run;
    bool json, help;
};

static enum bl23_status read_backend(char const *name, struct bl23_error *error)
{
    if (strcmp(name, "auto") == 0 || strcmp(name, "cpu") == 0)
        return BL23_OK;
    if (strcmp(name, "cuda") == 0)
        return bl23_fail(error, BL23_ERROR_CONFIG,
                         "option --backend: found 'cuda', which is not part of this version, "
                         "allowed: auto or cpu");
    return bl23_fail(error, BL23_ERROR_USAGE,
                     "option --backend: found '%.80s', allowed: auto, cpu "
                     "or cuda",
                     name);
}

static enum bl23_status read_number_option(int option, struct options *o, struct bl23_error *error)
{
    struct bl23_dd number;
    uint64_t whole = 0;
    enum bl23_status status;
    switch (option) {
    case 't':
        status = bl23_argument_whole("--threads", optarg, 1024.0, "a whole number from 1 to 1024",
                                     &whole, error);
        o->run.backend_options.threads = (unsigned)whole;
        return status;
    case 'r':
        return bl23_argument_whole("--range", optarg, 0x1p40, "a whole number from 1 to 2^40",
                                   &o->run.range, error);
    default:
        status = bl23_argument_number("--commit", optarg, 0.0, 86400.0, "seconds from 0 to 86400",
                                      &number, error);
        o->run.commit_seconds = number.hi;
        return status;
    }
}

static enum bl23_status read_option(int option, char **argv, struct options *o,
                                    struct bl23_error *error)
{
    switch (option) {
    case 'o':
        o->output = optarg;
        return BL23_OK;
    case 'n':
        o->samples = optarg;
        return BL23_OK;
    case 's':
        o->seed = optarg;
        return BL23_OK;
    case 'b':
        return read_backend(optarg, error);
    case 'm':
        o->model_path = optarg;
        return BL23_OK;
    case 't':
    case 'r':
    case 'c':
        return read_number_option(option, o, error);
    case 'f':
        o->run.force = true;
        return BL23_OK;
    case 'j':
        o->json = true;
        return BL23_OK;
    case 'q':
        o->run.quiet = true;
        return BL23_OK;
    case 'h':
        o->help = true;
        return BL23_OK;
    default:
        return bl23_argument_unknown(argv, error);
    }
}

static enum bl23_status read_options(int argc, char **argv, struct options *o,
                                     struct bl23_error *error)
{
    static struct option const known[] = {{"output", required_argument, 0, 'o'},
                                          {"samples", required_argument, 0, 'n'},
                                          {"seed", required_argument, 0, 's'},
                                          {"backend", required_argument, 0, 'b'},
                                          {"threads", required_argument, 0, 't'},
                                          {"model", required_argument, 0, 'm'},
                                          {"range", required_argument, 0, 'r'},
                                          {"commit", required_argument, 0, 'c'},
                                          {"force", no_argument, 0, 'f'},
                                          {"json", no_argument, 0, 'j'},
                                          {"quiet", no_argument, 0, 'q'},
                                          {"help", no_argument, 0, 'h'},
                                          {0, 0, 0, 0}};
    enum bl23_status status = BL23_OK;
    for (int option;
         status == BL23_OK && (option = getopt_long(argc, argv, ":o:", known, 0)) != -1;)
        status = read_option(option, argv, o, error);
    if (status != BL23_OK || o->help)
        return status;
    status = bl23_argument_operands(argc, argv, 1, "one CONFIG", error);
    o->config_path = argv[optind];
    return status;
}

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
                           "option -o: found a name of %zu bytes, allowed: "
                           "up to %zu",
                           strlen(o->output), sizeof(*config)->output - 1);
    if (status == BL23_OK && o->output)
        snprintf((*config)->output, sizeof(*config)->output, "%s", o->output);
    if (status == BL23_OK)
        status = bl23_path_check_writable((*config)->output, error);
    bool const input =
        status == BL23_OK && (bl23_path_same((*config)->output, o->config_path) ||
                              (o->model_path && bl23_path_same((*config)->output, o->model_path)));
    if (input)
        status =
            bl23_fail(error, BL23_ERROR_REFUSED,
                      "output file: found '%s', which is an input of this run, allowed: another "
                      "name",
                      (*config)->output);
    return status;
}

static void stamp(char out[32])
{
    time_t const now = time(NULL);
    struct tm utc;
    gmtime_r(&now, &utc);
    strftime(out, 32, "%Y-%m-%dT%H:%M:%SZ", &utc);
}

static enum bl23_status show(struct options const *o, struct bl23_survey const *survey,
                             struct bl23_survey_outcome const *outcome, struct bl23_error *error)
{
    if (o->json)
        return bl23_json_print(bl23_summary_json(survey, outcome), error);
    bl23_summary_print(survey, outcome, stdout);
    printf("\nWritten: %s (%llu survivors stored)\n", survey->config->output,
           (unsigned long long)outcome->results.n_survivors);
    return BL23_OK;
}

static enum bl23_status run_and_write(struct options const *o, struct bl23_survey const *survey,
                                      struct bl23_run_folder *folder, struct bl23_error *error)
{
    struct bl23_survey_outcome outcome;
    struct bl23_provenance provenance = {.backend = o->run.backend->name, .device = outcome.device};
    stamp(provenance.start);
    enum bl23_status status = bl23_survey_run(survey, &o->run, folder, &outcome, error);
    if (status == BL23_INTERRUPTED)
        return bl23_fail(error, status,
                         "interrupted; all that was computed is kept in %s: the same command goes "
                         "on from there",
                         folder->path);
    if (status != BL23_OK)
        return status;
    stamp(provenance.end);
    provenance.wall_s = outcome.wall_s;
    provenance.samples_per_s = (double)outcome.samples_now / fmax(outcome.wall_s, 1e-9);
    status = bl23_survey_file_write(survey->config->output, survey, &outcome.results, &provenance,
                                    error);
    if (status == BL23_OK)
        status = bl23_run_folder_remove(folder, error);
    else if (folder->n_entries == 0) /* a short run that was all in memory is not lost either */
        bl23_run_folder_commit(folder, (struct bl23_range){0, survey->config->samples},
                               &outcome.results, NULL);
    if (status == BL23_OK)
        status = show(o, survey, &outcome, error);
    bl23_results_free(&outcome.results);
    return status;
}

/* A finished output whose folder was not removed any more. */
static enum bl23_status tidy(struct bl23_survey const *survey, struct bl23_error *error)
{
    struct bl23_run_folder folder;
    char path[BL23_PATH_SIZE + 8];
    snprintf(path, sizeof path, "%.4090s.run", survey->config->output);
    printf("%s is finished: %llu samples of this configuration. Nothing to do.\n",
           survey->config->output, (unsigned long long)survey->config->samples);
    if (!bl23_path_exists(path))
        return BL23_OK;
    enum bl23_status status =
        bl23_run_folder_open(survey->config->output, survey->config_hash, false, &folder, error);
    if (status == BL23_OK) {
        status = bl23_run_folder_remove(&folder, error);
        bl23_run_folder_close(&folder);
    }
    return status;
}

static enum bl23_status carry_out(struct options const *o, struct bl23_survey const *survey,
                                  struct bl23_error *error)
{
    enum bl23_output_state state = BL23_OUTPUT_ABSENT;
    struct bl23_run_folder folder;
    enum bl23_status status = BL23_OK;
    if (!o->run.force)
        status = bl23_output_probe(survey->config->output, survey->config_hash, &state, error);
    if (status != BL23_OK)
        return status;
    if (state == BL23_OUTPUT_FINISHED)
        return tidy(survey, error);
    status = bl23_run_folder_open(survey->config->output, survey->config_hash, o->run.force,
                                  &folder, error);
    if (status != BL23_OK)
        return status;
    status = run_and_write(o, survey, &folder, error);
    if (status == BL23_ERROR_CONFIG && folder.n_entries == 0) /* nothing was begun: leave nothing */
        bl23_run_folder_remove(&folder, NULL);
    bl23_run_folder_close(&folder);
    return status;
}

enum bl23_status bl23_cmd_survey(int argc, char **argv, struct bl23_error *error)
{
    struct options o = {.run = {.backend = &bl23_backend_cpu,
                                .backend_options = {.isa = getenv("BL23_ISA"),
                                                    .no_screen = getenv("BL23_NO_SCREEN") != NULL},
                                .range = BL23_SURVEY_RANGE,
                                .commit_seconds = BL23_SURVEY_COMMIT_SECONDS}};
    struct bl23_config *config = NULL;
    struct bl23_survey survey;
    enum bl23_status status = read_options(argc, argv, &o, error);
    if (status == BL23_OK && o.help) {
        bl23_print_help(usage);
        return BL23_OK;
    }
    bl23_survey_catch_signals();
    if (status == BL23_OK)
        status = load(&o, &config, error);
    if (status != BL23_OK) {
        bl23_config_free(config);
        return status;
    }
    status = bl23_survey_prepare(config, o.model_path, &survey, error);
    if (status != BL23_OK)
        return status;
    status = carry_out(&o, &survey, error);
    bl23_survey_free(&survey);
    return status;
}
