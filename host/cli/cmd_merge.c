/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "host/cli/commands.h"
#include "host/cli/config_source.h"
#include "host/cli/summary.h"
#include "host/config/config_difference.h"
#include "host/io/clock.h"
#include "host/io/file_io.h"
#include "host/io/output_check.h"
#include "host/io/stop.h"
#include "host/output/given_tables.h"
#include "host/output/merge_input.h"
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
    bool partial, force, json;
} given;

/* One PART: the folder of a run, or an output of some samples. */
struct part {
    char path[BL23_RUN_PATH_SIZE]; /* of the folder; "" for an output */
    struct bl23_run_folder folder;
    struct bl23_merge_input input;
};

/* What the command works on; all owned. */
struct merge_job {
    struct bl23_survey survey;
    enum bl23_output_state state;
    struct part *part;               /* [n_parts of the options] */
    struct bl23_merge_part *merging; /* [n_open]: those that are open */
    size_t n_open;
    bool damaged; /* a segment that was there when the parts were opened is not as it was */
    struct bl23_survey_outcome outcome;
};

/* ---- the survey that the parts belong to ---- */

/* The configuration of a part; the file that it stands in goes to source. A name that leads both to
 * an output of some samples and to the folder of a run stands for the output; else the folder
 * counts: a run that continues a finished output keeps that in place. */
static enum bl23_status read_yaml(char const *name, struct part *part,
                                  char source[BL23_RUN_FILE_PATH_SIZE], char **yaml, size_t *length,
                                  struct bl23_error *error)
{
    struct bl23_error found = {BL23_OK, ""};
    bool exists;
    part->folder = BL23_RUN_FOLDER_CLOSED;
    BL23_TRY(bl23_run_folder_find(name, part->path, error));
    BL23_TRY(bl23_path_look(name, &exists, error));
    enum bl23_status const status =
        exists ? bl23_merge_input_yaml(name, yaml, &found) : BL23_ERROR_CONFIG;
    if (status == BL23_OK) {
        part->path[0] = '\0';
        *length = strlen(*yaml);
        snprintf(source, BL23_RUN_FILE_PATH_SIZE, "%s", name);
        return bl23_input_note(name, error);
    }
    if (part->path[0])
        return bl23_run_folder_yaml(part->path, source, yaml, length, error);
    if (status != BL23_ERROR_CONFIG) {
        bl23_fail(error, status, "%s", found.text);
        return status;
    }
    bl23_fail(error, BL23_ERROR_REFUSED,
              "%s: there is no run here; give the name used with -o in 'bl23 survey', its folder, "
              "which ends in .run, or an output of 'bl23 merge --partial'",
              name);
    return BL23_ERROR_REFUSED;
}

/* The output may not lie in a part: whoever repeated the part's command would find it finished, and
 * lose its folder. */
static enum bl23_status check_place(struct options const *o, struct part const *part,
                                    struct bl23_error *error)
{
    char target[BL23_PATH_BYTES_MAX], output[BL23_PATH_SIZE], run[BL23_RUN_PATH_SIZE];
    bl23_path_target(o->output, target);
    bl23_path_folder(target, output, sizeof output);
    bl23_run_path(o->output, run);
    if (!part->path[0] || (!bl23_path_same(run, part->path) && !bl23_path_same(output, part->path)))
        return BL23_OK;
    return bl23_fail(error, BL23_ERROR_REFUSED,
                     "-o: '%s' is the part %s or lies in it; choose a name outside of the parts",
                     o->output, part->path);
}

/* Part k must carry the configuration of the first, and not lie where the output goes. */
static enum bl23_status check_part(struct options const *o, struct merge_job *m, size_t k,
                                   char const *first_yaml, struct bl23_error *error)
{
    char source[BL23_RUN_FILE_PATH_SIZE], difference[BL23_DIFFERENCE_SIZE], *yaml = NULL;
    size_t length;
    BL23_TRY(read_yaml(o->part[k], &m->part[k], source, &yaml, &length, error));
    bool const same = strcmp(yaml, first_yaml) == 0;
    bl23_config_difference(yaml, first_yaml, difference);
    free(yaml);
    if (same)
        return check_place(o, &m->part[k], error);
    return bl23_fail(error, BL23_ERROR_REFUSED,
                     "%s and %s have different configurations (%s); merge parts of one survey only",
                     o->part[k], o->part[0], difference);
}

/* A part by the file that it is, whatever its name. */
struct place {
    dev_t device;
    ino_t inode;
    size_t number;
};

static int compare_places(void const *x, void const *y)
{
    struct place const *const a = x, *const b = y;
    if (a->device != b->device)
        return a->device < b->device ? -1 : 1;
    if (a->inode != b->inode)
        return a->inode < b->inode ? -1 : 1;
    return (a->number > b->number) - (a->number < b->number);
}

/* Each part may be named once. */
static enum bl23_status check_twice(struct options const *o, struct merge_job const *m,
                                    struct bl23_error *error)
{
    struct place *const place = calloc(o->n_parts, sizeof *place);
    if (!place)
        return bl23_fail(error, BL23_ERROR_MEMORY, "out of memory for the parts");
    enum bl23_status status = BL23_OK;
    for (size_t k = 0; status == BL23_OK && k < o->n_parts; k++) {
        struct stat info;
        char const *const path = m->part[k].path[0] ? m->part[k].path : o->part[k];
        if (stat(path, &info) != 0)
            status = bl23_io_failed("looking at", path, error);
        else
            place[k] = (struct place){info.st_dev, info.st_ino, k};
    }
    if (status == BL23_OK)
        qsort(place, o->n_parts, sizeof *place, compare_places);
    for (size_t k = 1; status == BL23_OK && k < o->n_parts; k++)
        if (place[k].device == place[k - 1].device && place[k].inode == place[k - 1].inode)
            status = bl23_fail(error, BL23_ERROR_REFUSED,
                               "the part %s is named twice; name each part once",
                               o->part[place[k].number]);
    free(place);
    return status;
}

static enum bl23_status check_parts(struct options const *o, struct merge_job *m,
                                    char const *first_yaml, struct bl23_error *error)
{
    for (size_t k = 0; k < o->n_parts; k++)
        BL23_TRY(check_part(o, m, k, first_yaml, error));
    return check_twice(o, m, error);
}

/* The configuration of the parts, as a store of curves and BibTeX. */
static char *find_in_parts(struct bl23_config_store *store, char const *output,
                           char from[BL23_STORE_NAME_SIZE])
{
    char const *const *const part_and_yaml = store->context;
    (void)output;
    snprintf(from, BL23_STORE_NAME_SIZE, "%.255s", part_and_yaml[0]);
    return strdup(part_and_yaml[1]);
}

/* Does --config describe the survey of the parts? Its samples and seed are theirs, since options of
 * 'bl23 survey' may have changed them. */
static enum bl23_status compare_config(struct options const *o, struct bl23_config const *of_parts,
                                       char const *yaml, struct bl23_error *error)
{
    struct bl23_config *config;
    char *text = NULL;
    char const *parts[2] = {o->part[0], yaml};
    struct bl23_config_store store = {.find = find_in_parts, .context = (void *)parts};
    BL23_TRY(bl23_config_source_read(o->config_path, &store, false, &config, error));
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

static enum bl23_status load_config(struct options const *o, struct merge_job *m,
                                    struct bl23_config **config, struct bl23_error *error)
{
    char path[BL23_RUN_FILE_PATH_SIZE], *yaml;
    size_t length;
    BL23_TRY(read_yaml(o->part[0], &m->part[0], path, &yaml, &length, error));
    char const *const source = o->config_path ? o->config_path : path; /* curves lie beside it */
    enum bl23_status status = check_parts(o, m, yaml, error);
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

static enum bl23_status prepare(struct options const *o, struct merge_job *m,
                                struct bl23_error *error)
{
    struct bl23_config *config = NULL;
    m->part = calloc(o->n_parts, sizeof *m->part);
    m->merging = calloc(o->n_parts, sizeof *m->merging);
    if (!m->part || !m->merging) {
        bl23_fail(error, BL23_ERROR_MEMORY, "out of memory for the parts");
        return BL23_ERROR_MEMORY;
    }
    enum bl23_status const status = load_config(o, m, &config, error);
    if (status != BL23_OK) {
        bl23_config_free(config);
        return status;
    }
    snprintf(config->output, sizeof config->output, "%s", o->output);
    return bl23_survey_prepare_with_tables(config, o->model_path, &m->survey, error);
}

/* ---- the merge ---- */

static enum bl23_status open_part(struct options const *o, struct merge_job *m, size_t k,
                                  struct bl23_error *error)
{
    struct bl23_run_identity const identity = bl23_survey_identity(&m->survey, 0);
    struct part *const p = &m->part[k];
    struct bl23_merge_part *const merging = &m->merging[m->n_open++];
    if (!p->path[0]) {
        *merging = (struct bl23_merge_part){.path = o->part[k]};
        return bl23_merge_input_open(o->part[k], &m->survey, &p->input, &merging->file, error);
    }
    *merging = (struct bl23_merge_part){.path = p->path, .folder = &p->folder};
    return bl23_run_folder_open_part(
        p->path, &identity, o->partial ? BL23_RUN_PARTIAL : BL23_RUN_MERGE, &p->folder, error);
}

static void close_parts(struct merge_job *m)
{
    for (size_t k = 0; k < m->n_open; k++) {
        bl23_run_folder_close(&m->part[k].folder);
        bl23_merge_input_close(&m->part[k].input);
    }
    m->n_open = 0;
}

static enum bl23_status open_parts(struct options const *o, struct merge_job *m,
                                   struct bl23_error *error)
{
    for (size_t k = 0; k < o->n_parts; k++)
        BL23_TRY(open_part(o, m, k, error));
    struct bl23_merge_gaps const parts = {.part = m->merging,
                                          .n_parts = m->n_open,
                                          .samples = m->survey.config->samples,
                                          .seed = m->survey.config->seed,
                                          .config_path = o->config_path,
                                          .model_path = o->model_path};
    return bl23_merge_gaps_check(&parts, o->partial, stderr, error);
}

/* The output is one of some samples: only what holds these, too, replaces it. */
static enum bl23_status check_replaced(struct merge_job const *m, struct bl23_merge const *merge,
                                       struct bl23_error *error)
{
    struct bl23_survey_reader old;
    enum bl23_status status = BL23_OK;
    if (m->state != BL23_OUTPUT_PARTIAL)
        return BL23_OK;
    BL23_TRY(bl23_survey_open(m->survey.config->output, &old, error));
    for (size_t k = 0, j = 0; status == BL23_OK && k < old.n_ranges; k++) {
        struct bl23_range const s = old.range[k];
        while (j < merge->n_ranges && merge->range[j].first + merge->range[j].count <= s.first)
            j++;
        if (j == merge->n_ranges || merge->range[j].first > s.first ||
            merge->range[j].first + merge->range[j].count < s.first + s.count)
            status = bl23_fail(error, BL23_ERROR_REFUSED,
                               "%s holds the samples %llu to %llu of this survey, which the parts "
                               "do not hold; choose another name",
                               m->survey.config->output, (unsigned long long)s.first,
                               (unsigned long long)(s.first + s.count - 1));
    }
    bl23_survey_close(&old);
    return status;
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
    bl23_time_stamp(provenance.start);
    snprintf(outcome->device, sizeof outcome->device, "%zu part%s", m->n_open,
             m->n_open == 1 ? "" : "s");
    enum bl23_status status =
        bl23_merge_open(m->merging, m->n_open, model, &outcome->results, &merge, error);
    m->damaged = merge.damaged;
    BL23_TRY(status);
    bl23_results_sort(&outcome->results); /* the nearest: survivors come as a stream */
    outcome->stored = merge.n_survivors;
    outcome->wall_s = provenance.wall_s = bl23_seconds() - begin;
    bl23_time_stamp(provenance.end);
    status = check_replaced(m, &merge, error);
    outcome->answered = status == BL23_OK;
    if (status == BL23_OK)
        status = bl23_survey_file_write(m->survey.config->output, &m->survey, &outcome->results,
                                        &merge, &provenance, error);
    m->damaged = merge.damaged;
    outcome->answered = outcome->answered && !m->damaged;
    bl23_merge_close(&merge);
    return status;
}

/* A run that goes on may replace or remove a segment after the parts were opened: then they are
 * opened again, as they are now. */
static enum bl23_status merge_parts(struct options const *o, struct merge_job *m,
                                    struct bl23_error *error)
{
    enum { TRIES = 5 };
    enum bl23_status status = BL23_OK;
    for (int k = 0; k < TRIES; k++) {
        *error = (struct bl23_error){BL23_OK, ""};
        status = open_parts(o, m, error);
        if (status == BL23_OK)
            status = write_merged(m, error);
        if (status != BL23_ERROR_FAILED || !o->partial || !m->damaged)
            break;
        close_parts(m);
        bl23_results_free(&m->outcome.results);
    }
    return status;
}

static enum bl23_status merge(struct options const *o, struct merge_job *m,
                              struct bl23_error *error)
{
    struct bl23_error refusal = {BL23_OK, ""};
    BL23_TRY(prepare(o, m, error));
    if (!o->force)
        BL23_TRY(bl23_find_output_state(&m->survey, &m->state, &refusal, error));
    if (m->state != BL23_OUTPUT_PARTIAL && refusal.status != BL23_OK) {
        bl23_fail(error, refusal.status, "%s", refusal.text);
        return refusal.status;
    }
    if (m->state == BL23_OUTPUT_FINISHED)
        return bl23_outcome_read(&m->survey, &m->outcome, error);
    BL23_TRY(bl23_output_try(o->output, error));
    return merge_parts(o, m, error);
}

static enum bl23_status show(struct options const *o, struct merge_job const *m,
                             struct bl23_error *error)
{
    char remark[sizeof m->outcome.device + 64];
    if (m->state == BL23_OUTPUT_FINISHED)
        return bl23_summary_recall(&m->survey, &m->outcome, o->json, error);
    bool const complete = m->outcome.results.tallies.drawn == m->survey.config->samples;
    snprintf(remark, sizeof remark, " out of %s%s", m->outcome.device,
             !complete       ? ""
             : m->n_open > 1 ? "; they can be removed"
                             : "; it can be removed");
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
    else if (m.outcome.answered)
        bl23_summary_show(&m.survey, &m.outcome, o->json, NULL, NULL);
    bl23_results_free(&m.outcome.results);
    close_parts(&m);
    free(m.part);
    free(m.merging);
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
                     "compare the survey's configuration with that of the parts"),
    BL23_OPTION_MODEL(&given.model_path),
    BL23_OPTION_FLAG("partial", &given.partial,
                     "write the samples that are there, also of a run that was stopped or still "
                     "goes on: an unfinished output, which can be plotted, replayed, and merged "
                     "with other parts"),
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
        "refused, and the message names them. With --partial gaps are allowed, and a run may go on "
        "while it is read. The parts stay unchanged, and may be read-only.",
    .operand = {.name = "PART",
                .help =
                    "the name given with -o to 'bl23 survey', the folder NAME.run, or an output "
                    "of 'bl23 merge --partial'",
                .list = &given.part},
    .option = options,
    .run = run};
