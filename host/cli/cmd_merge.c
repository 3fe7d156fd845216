/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/cli/commands.h"
#include "host/cli/summary.h"
#include "host/config/config_difference.h"
#include "host/io/clock.h"
#include "host/io/file_io.h"
#include "host/io/output_check.h"
#include "host/io/stop.h"
#include "host/output/given_tables.h"
#include "host/output/survey_file.h"
#include "host/output/survey_read.h"
#include "host/run/merge_cover.h"
#include "kernels/sample/error.h"

/* What the options say. */
static struct options {
    char const *output, *config_path, *model_path;
    char **part; /* [n_parts] */
    size_t n_parts;
    bool force, json;
} given;

/* The parts, opened; folders are owned. */
struct parts {
    struct bl23_run_folder *folder;
    size_t n;
};

/* ---- the survey that the parts belong to ---- */

/* Where each part's copy of the configuration lies: none is named twice. */
static enum bl23_status find_twice(struct options const *o, char (*path)[BL23_RUN_FILE_PATH_SIZE],
                                   size_t k, struct bl23_error *error)
{
    for (size_t j = 0; j < k; j++)
        if (bl23_path_same(path[j], path[k]))
            return bl23_fail(error, BL23_ERROR_REFUSED,
                             "%s is a part that was named before; name each part once", o->part[k]);
    return BL23_OK;
}

/* The output must not take the name or the place of a part, whose copy of the configuration lies at
 * yaml_path: whoever repeats the part's command would find it finished, and lose its folder. */
static enum bl23_status refuse_output_at_part(char const *output, char const *yaml_path,
                                              struct bl23_error *error)
{
    char part[BL23_RUN_FILE_PATH_SIZE], place[BL23_PATH_SIZE], run[BL23_RUN_PATH_SIZE];
    bl23_path_folder(yaml_path, part, sizeof part);
    bl23_path_folder(output, place, sizeof place);
    bl23_run_path(output, run);
    if (!bl23_path_same(run, part) && !bl23_path_same(place, part))
        return BL23_OK;
    return bl23_fail(error, BL23_ERROR_REFUSED,
                     "-o: '%s' is the part %s or lies in it; choose a name outside of the parts",
                     output, part);
}

static enum bl23_status refuse_other(struct options const *o, size_t part, char const *yaml,
                                     char const *first_yaml, struct bl23_error *error)
{
    char difference[BL23_DIFFERENCE_SIZE];
    bl23_config_difference(yaml, first_yaml, difference);
    return bl23_fail(
        error, BL23_ERROR_REFUSED,
        "%s is a run of another configuration than %s (%s); merge the parts of one survey",
        o->part[part], o->part[0], difference);
}

/* Every part carries the same configuration as the first. */
static enum bl23_status compare_parts(struct options const *o, char const *first_yaml,
                                      struct bl23_error *error)
{
    char(*const path)[BL23_RUN_FILE_PATH_SIZE] = calloc(o->n_parts, sizeof *path);
    if (!path)
        return bl23_fail(error, BL23_ERROR_MEMORY, "out of memory for the parts");
    enum bl23_status status = BL23_OK;
    for (size_t k = 0; status == BL23_OK && k < o->n_parts; k++) {
        char *yaml = NULL;
        size_t length;
        status = bl23_run_folder_yaml(o->part[k], path[k], &yaml, &length, error);
        if (status == BL23_OK && strcmp(yaml, first_yaml) != 0)
            status = refuse_other(o, k, yaml, first_yaml, error);
        free(yaml);
        if (status == BL23_OK)
            status = find_twice(o, path, k, error);
        if (status == BL23_OK)
            status = refuse_output_at_part(o->output, path[k], error);
    }
    free(path);
    return status;
}

/* Does --config describe the survey of the parts? Its samples and seed are theirs, since options of
 * 'bl23 survey' may have changed them. */
static enum bl23_status compare_config(struct options const *o, struct bl23_config const *of_parts,
                                       char const *yaml, struct bl23_error *error)
{
    struct bl23_config *config;
    char *text = NULL;
    enum bl23_status status = bl23_config_load(o->config_path, &config, error);
    if (status != BL23_OK)
        return status;
    config->samples = of_parts->samples;
    config->seed = of_parts->seed;
    status = bl23_config_text(config, &text, error);
    if (status == BL23_OK && strcmp(text, yaml) != 0) {
        char difference[BL23_DIFFERENCE_SIZE];
        bl23_config_difference(text, yaml, difference);
        status = bl23_fail(error, BL23_ERROR_REFUSED,
                           "--config: %s is another configuration than that of the part %s (%s); "
                           "use the configuration of the parts",
                           o->config_path, o->part[0], difference);
    }
    free(text);
    bl23_config_free(config);
    return status;
}

static enum bl23_status prepare(struct options const *o, struct bl23_survey *survey,
                                struct bl23_error *error)
{
    char path[BL23_RUN_FILE_PATH_SIZE], *yaml;
    size_t length;
    struct bl23_config *config = NULL;
    enum bl23_status status = bl23_run_folder_yaml(o->part[0], path, &yaml, &length, error);
    if (status != BL23_OK)
        return status;
    status = compare_parts(o, yaml, error);
    if (status == BL23_OK) /* curves lie beside o->config_path */
        status =
            bl23_config_parse(o->config_path ? o->config_path : path, yaml, length, &config, error);
    if (status == BL23_OK && o->config_path)
        status = compare_config(o, config, yaml, error);
    free(yaml);
    if (status == BL23_OK && o->model_path)
        status = bl23_input_note(o->model_path, error);
    if (status == BL23_OK)
        status = bl23_path_check_writable(o->output, error);
    if (status == BL23_OK) {
        snprintf(config->output, sizeof config->output, "%s", o->output);
        return bl23_survey_prepare_with_tables(config, o->model_path, survey, error);
    }
    bl23_config_free(config);
    return status;
}

/* ---- the merge ---- */

static enum bl23_status open_parts(struct options const *o, struct bl23_survey const *survey,
                                   struct parts *p, struct bl23_error *error)
{
    struct bl23_run_identity const identity = bl23_survey_identity(survey, 0);
    p->folder = calloc(o->n_parts, sizeof *p->folder);
    if (!p->folder)
        return bl23_fail(error, BL23_ERROR_MEMORY, "out of memory for the parts");
    enum bl23_status status = BL23_OK;
    while (status == BL23_OK && p->n < o->n_parts) {
        status = bl23_run_folder_open_part(o->part[p->n], &identity, &p->folder[p->n], error);
        p->n += status == BL23_OK;
    }
    return status;
}

static void close_parts(struct parts *p)
{
    for (size_t k = 0; k < p->n; k++)
        bl23_run_folder_close(&p->folder[k]);
    free(p->folder);
}

static enum bl23_status check_cover(struct options const *o, struct bl23_config const *config,
                                    struct parts const *p, struct bl23_error *error)
{
    struct bl23_merge_cover const cover = {.folder = p->folder,
                                           .n_folders = p->n,
                                           .samples = config->samples,
                                           .seed = config->seed,
                                           .config_path = o->config_path,
                                           .model_path = o->model_path};
    return bl23_merge_cover_check(&cover, stderr, error);
}

static enum bl23_status write_merged(struct parts *p, struct bl23_survey const *survey,
                                     struct bl23_survey_outcome *outcome, struct bl23_error *error)
{
    struct bl23_provenance provenance = {.backend = "merge", .device = outcome->device};
    struct bl23_merge merge;
    double const begin = bl23_seconds();
    bl23_provenance_stamp(provenance.start);
    snprintf(outcome->device, sizeof outcome->device, "%zu parts", p->n);
    enum bl23_status status =
        bl23_merge_open(p->folder, p->n, survey->model, &outcome->results, &merge, error);
    if (status != BL23_OK)
        return status;
    bl23_results_sort(&outcome->results); /* the nearest: survivors come as a stream */
    outcome->stored = merge.kept;
    outcome->wall_s = provenance.wall_s = bl23_seconds() - begin;
    bl23_provenance_stamp(provenance.end);
    status = bl23_survey_file_write(survey->config->output, survey, &outcome->results, &merge,
                                    &provenance, error);
    bl23_merge_close(&merge);
    return status;
}

static enum bl23_status merge_parts(struct options const *o, struct bl23_survey const *survey,
                                    struct bl23_error *error)
{
    struct parts parts = {NULL, 0};
    struct bl23_survey_outcome outcome = {.stored = 0};
    enum bl23_status status = bl23_output_try(o->output, error);
    if (status == BL23_OK)
        status = open_parts(o, survey, &parts, error);
    if (status == BL23_OK)
        status = check_cover(o, survey->config, &parts, error);
    if (status == BL23_OK && bl23_results_init(&outcome.results, survey->model->n_knots,
                                               survey->model->seed, &survey->reduction) != BL23_OK)
        status = bl23_fail(error, BL23_ERROR_MEMORY, "out of memory for the results");
    if (status == BL23_OK)
        status = write_merged(&parts, survey, &outcome, error);
    if (status == BL23_INTERRUPTED)
        bl23_fail(error, status,
                  "interrupted; the parts are unchanged, and the same command merges them");
    char remark[sizeof outcome.device + 64];
    snprintf(remark, sizeof remark, " out of %s; they can be removed", outcome.device);
    if (status == BL23_OK)
        status = bl23_summary_show(survey, &outcome, o->json, remark, error);
    bl23_results_free(&outcome.results);
    close_parts(&parts);
    return status;
}

static enum bl23_status merge(struct options const *o, struct bl23_error *error)
{
    struct bl23_survey survey = {.config = NULL};
    enum bl23_output_state state = BL23_OUTPUT_ABSENT;
    enum bl23_status status = prepare(o, &survey, error);
    if (status != BL23_OK)
        return status;
    if (!o->force)
        status = bl23_output_probe(o->output, survey.config_hash, survey.yaml, &state, error);
    if (status == BL23_OK && state == BL23_OUTPUT_FINISHED)
        status = bl23_summary_recall(&survey, o->json, error);
    else if (status == BL23_OK)
        status = merge_parts(o, &survey, error);
    bl23_survey_free(&survey);
    return status;
}

static enum bl23_status run(struct bl23_error *error)
{
    while (given.part[given.n_parts])
        given.n_parts++;
    bl23_stop_catch_signals();
    return merge(&given, error);
}

static struct bl23_option const options[] = {
    {.name = "output",
     .letter = 'o',
     .value = "FILE.h5",
     .help = "output file",
     .text = &given.output,
     .required = true,
     .check = bl23_path_check_writable},
    BL23_OPTION_TEXT(
        "config", "CONFIG", &given.config_path,
        "the survey's configuration, where it names curves of your own that do not lie beside "
        "the first part's copy of it"),
    BL23_OPTION_MODEL(&given.model_path),
    BL23_OPTION_FORCE(&given.force, "replace whatever lies at the name of the output"),
    BL23_OPTION_JSON(&given.json),
    {0}};

struct bl23_command const bl23_command_merge = {
    .name = "merge",
    .summary = "make one output out of parts of a survey that were computed apart",
    .description =
        "Make one output file out of parts of a survey that were computed apart, by 'bl23 survey "
        "--first A --count B': the same file that one run would have made. An unfinished run "
        "counts with what it has. Parts that overlap, leave samples out or belong to another "
        "survey are named and refused. The parts stay as they are.",
    .operand = {.name = "PART",
                .help = "the name that 'bl23 survey' was given with -o, or its folder, which ends "
                        "in .run",
                .list = &given.part},
    .option = options,
    .run = run};
