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
#include "host/output/outcome_read.h"
#include "host/output/survey_file.h"
#include "host/run/merge_gaps.h"
#include "host/survey/output_state.h"
#include "kernels/sample/error.h"

/* What the options say. */
static struct options {
    char const *output, *config_path, *model_path;
    char **part; /* [n_parts] */
    size_t n_parts;
    bool force, json;
} given;

/* What the command works on; all owned. */
struct merge_job {
    struct bl23_survey survey;
    enum bl23_output_state state;
    struct bl23_run_folder *folder; /* [n_folders]: the parts */
    size_t n_folders;
    struct bl23_survey_outcome outcome;
};

/* ---- the survey that the parts belong to ---- */

/* Part k must carry the configuration of the first, be named once, and not lie where the output
 * goes: whoever repeated the part's command would find it finished, and lose its folder. path[k]
 * becomes the path of its configuration; those before are known. */
static enum bl23_status check_part(struct options const *o, size_t k, char const *first_yaml,
                                   char (*path)[BL23_RUN_FILE_PATH_SIZE], struct bl23_error *error)
{
    char part[BL23_RUN_FILE_PATH_SIZE], output[BL23_PATH_SIZE], run[BL23_RUN_PATH_SIZE];
    char difference[BL23_DIFFERENCE_SIZE], *yaml = NULL;
    size_t length;
    BL23_TRY(bl23_run_folder_yaml(o->part[k], path[k], &yaml, &length, error));
    bool const same = strcmp(yaml, first_yaml) == 0;
    bl23_config_difference(yaml, first_yaml, difference);
    free(yaml);
    if (!same)
        return bl23_fail(
            error, BL23_ERROR_REFUSED,
            "%s and %s have different configurations (%s); merge parts of one survey only",
            o->part[k], o->part[0], difference);
    for (size_t j = 0; j < k; j++)
        if (bl23_path_same(path[j], path[k]))
            return bl23_fail(error, BL23_ERROR_REFUSED,
                             "the part %s is named twice; name each part once", o->part[k]);
    bl23_path_folder(path[k], part, sizeof part);
    bl23_path_folder(o->output, output, sizeof output);
    bl23_run_path(o->output, run);
    if (!bl23_path_same(run, part) && !bl23_path_same(output, part))
        return BL23_OK;
    return bl23_fail(error, BL23_ERROR_REFUSED,
                     "-o: '%s' is the part %s or lies in it; choose a name outside of the parts",
                     o->output, part);
}

static enum bl23_status check_parts(struct options const *o, char const *first_yaml,
                                    struct bl23_error *error)
{
    char(*const path)[BL23_RUN_FILE_PATH_SIZE] = calloc(o->n_parts, sizeof *path);
    if (!path)
        return bl23_fail(error, BL23_ERROR_MEMORY, "out of memory for the parts");
    enum bl23_status status = BL23_OK;
    for (size_t k = 0; status == BL23_OK && k < o->n_parts; k++)
        status = check_part(o, k, first_yaml, path, error);
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
    BL23_TRY(bl23_config_load(o->config_path, &config, error));
    config->samples = of_parts->samples;
    config->seed = of_parts->seed;
    enum bl23_status status = bl23_config_text(config, &text, error);
    if (status == BL23_OK && strcmp(text, yaml) != 0) {
        char difference[BL23_DIFFERENCE_SIZE];
        bl23_config_difference(text, yaml, difference);
        status = bl23_fail(error, BL23_ERROR_REFUSED,
                           "--config: %s differs from the configuration of the part %s (%s); use "
                           "the configuration of the parts",
                           o->config_path, o->part[0], difference);
    }
    free(text);
    bl23_config_free(config);
    return status;
}

static enum bl23_status load_config(struct options const *o, struct bl23_config **config,
                                    struct bl23_error *error)
{
    char path[BL23_RUN_FILE_PATH_SIZE], *yaml;
    size_t length;
    BL23_TRY(bl23_run_folder_yaml(o->part[0], path, &yaml, &length, error));
    char const *const source = o->config_path ? o->config_path : path; /* curves lie beside it */
    enum bl23_status status = check_parts(o, yaml, error);
    if (status == BL23_OK)
        status = bl23_config_parse(source, yaml, length, config, error);
    if (status == BL23_OK && o->config_path)
        status = compare_config(o, *config, yaml, error);
    free(yaml);
    BL23_TRY(status);
    if (o->model_path)
        BL23_TRY(bl23_input_note(o->model_path, error));
    return bl23_path_check_writable(o->output, error);
}

static enum bl23_status prepare(struct options const *o, struct bl23_survey *survey,
                                struct bl23_error *error)
{
    struct bl23_config *config = NULL;
    enum bl23_status const status = load_config(o, &config, error);
    if (status != BL23_OK) {
        bl23_config_free(config);
        return status;
    }
    snprintf(config->output, sizeof config->output, "%s", o->output);
    return bl23_survey_prepare_with_tables(config, o->model_path, survey, error);
}

/* ---- the merge ---- */

static enum bl23_status open_parts(struct options const *o, struct merge_job *m,
                                   struct bl23_error *error)
{
    struct bl23_run_identity const identity = bl23_survey_identity(&m->survey, 0);
    m->folder = calloc(o->n_parts, sizeof *m->folder);
    if (!m->folder)
        return bl23_fail(error, BL23_ERROR_MEMORY, "out of memory for the parts");
    for (; m->n_folders < o->n_parts; m->n_folders++)
        BL23_TRY(bl23_run_folder_open_part(o->part[m->n_folders], &identity,
                                           &m->folder[m->n_folders], error));
    struct bl23_merge_gaps const parts = {.folder = m->folder,
                                          .n_folders = m->n_folders,
                                          .samples = m->survey.config->samples,
                                          .seed = m->survey.config->seed,
                                          .config_path = o->config_path,
                                          .model_path = o->model_path};
    return bl23_merge_gaps_check(&parts, stderr, error);
}

static enum bl23_status write_merged(struct merge_job *m, struct bl23_error *error)
{
    struct bl23_survey_outcome *const outcome = &m->outcome;
    struct bl23_model const *const model = m->survey.model;
    struct bl23_provenance provenance = {.backend = "merge", .device = outcome->device};
    struct bl23_merge merge;
    if (bl23_results_init(&outcome->results, model->n_knots, model->seed, &m->survey.reduction) !=
        BL23_OK)
        return bl23_fail(error, BL23_ERROR_MEMORY, "out of memory for the results");
    double const begin = bl23_seconds();
    bl23_provenance_stamp(provenance.start);
    snprintf(outcome->device, sizeof outcome->device, "%zu parts", m->n_folders);
    BL23_TRY(bl23_merge_open(m->folder, m->n_folders, model, &outcome->results, &merge, error));
    bl23_results_sort(&outcome->results); /* the nearest: survivors come as a stream */
    outcome->stored = merge.n_survivors;
    outcome->wall_s = provenance.wall_s = bl23_seconds() - begin;
    bl23_provenance_stamp(provenance.end);
    enum bl23_status const status = bl23_survey_file_write(
        m->survey.config->output, &m->survey, &outcome->results, &merge, &provenance, error);
    bl23_merge_close(&merge);
    return status;
}

static enum bl23_status merge(struct options const *o, struct merge_job *m,
                              struct bl23_error *error)
{
    struct bl23_error refusal = {BL23_OK, ""};
    BL23_TRY(prepare(o, &m->survey, error));
    if (!o->force)
        BL23_TRY(bl23_find_output_state(&m->survey, &m->state, &refusal, error));
    if (refusal.status != BL23_OK)
        return bl23_fail(error, refusal.status, "%s", refusal.text);
    if (m->state == BL23_OUTPUT_FINISHED)
        return bl23_outcome_read(&m->survey, &m->outcome, error);
    BL23_TRY(bl23_output_try(o->output, error));
    BL23_TRY(open_parts(o, m, error));
    return write_merged(m, error);
}

static enum bl23_status show(struct options const *o, struct merge_job const *m,
                             struct bl23_error *error)
{
    char remark[sizeof m->outcome.device + 64];
    if (m->state == BL23_OUTPUT_FINISHED)
        return bl23_summary_recall(&m->survey, &m->outcome, o->json, error);
    snprintf(remark, sizeof remark, " out of %s; they can be removed", m->outcome.device);
    return bl23_summary_show(&m->survey, &m->outcome, o->json, remark, error);
}

static enum bl23_status run(struct bl23_error *error)
{
    struct options *const o = &given;
    struct merge_job m = {.state = BL23_OUTPUT_ABSENT};
    while (o->part[o->n_parts])
        o->n_parts++;
    bl23_stop_catch_signals();
    enum bl23_status status = merge(o, &m, error);
    if (status == BL23_INTERRUPTED)
        bl23_fail(
            error, status,
            "interrupted; the parts are unchanged, and the same command starts the merge again");
    if (status == BL23_OK)
        status = show(o, &m, error);
    bl23_results_free(&m.outcome.results);
    for (size_t k = 0; k < m.n_folders; k++)
        bl23_run_folder_close(&m.folder[k]);
    free(m.folder);
    bl23_survey_free(&m.survey);
    return status;
}

static struct bl23_option const options[] = {
    {.name = "output",
     .letter = 'o',
     .value = "FILE.h5",
     .help = "output file",
     .text = &given.output,
     .required = true,
     .check = bl23_path_check_writable},
    BL23_OPTION_TEXT("config", "CONFIG", &given.config_path,
                     "the survey's configuration; needed only if it names curves that do not lie "
                     "beside the first part's copy of the configuration"),
    BL23_OPTION_MODEL(&given.model_path),
    BL23_OPTION_FORCE(&given.force, "overwrite an existing output file, whatever it holds"),
    BL23_OPTION_JSON(&given.json),
    {0}};

struct bl23_command const bl23_command_merge = {
    .name = "merge",
    .summary = "make one output file from parts of a survey that were computed separately",
    .description =
        "Make one output file from parts of a survey that 'bl23 survey --first A --count B' "
        "computed separately. The file equals that of a single run. An unfinished part contributes "
        "the samples it has. Parts that overlap, leave gaps or belong to another survey are "
        "refused, and the message names them. The parts stay unchanged.",
    .operand = {.name = "PART",
                .help = "the name given with -o to 'bl23 survey', or the folder NAME.run",
                .list = &given.part},
    .option = options,
    .run = run};
