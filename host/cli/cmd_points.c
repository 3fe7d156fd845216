/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/cli/commands.h"
#include "host/cli/config_source.h"
#include "host/cli/points_output.h"
#include "host/config/points_input.h"
#include "host/config/statement.h"
#include "host/io/clock.h"
#include "host/io/output_check.h"
#include "kernels/sample/error.h"
#include "kernels/sample/plain_text.h"

/* What the options say. */
static struct options {
    char const *config_path, *input, *output, *columns;
    bool json;
    unsigned threads;
} given;

/* What is between input and output. */
struct points {
    struct bl23_config *config;
    struct bl23_handle *handle;
    char *yaml;
    struct bl23_points_columns columns;
    struct bl23_points_input in;
    struct bl23_points_output out;
    struct bl23_point_batch batch;
    double value[BL23_POINTS_COLUMNS_MAX][BL23_POINTS_AT_ONCE];
    bool solves, foretold;
    double begin_s;
};

static enum bl23_status check_output(char const *path, struct bl23_error *error)
{
    return strcmp(path, "-") == 0 ? BL23_OK : bl23_path_check_free(path, error);
}

/* A failure of the library as one of the program. */
static enum bl23_status failed(struct bl23_message const *message, struct bl23_error *error)
{
    static enum bl23_status const status[] = {
        [BL23_CODE_FAILED] = BL23_ERROR_FAILED, [BL23_CODE_MEMORY] = BL23_ERROR_MEMORY,
        [BL23_CODE_IO] = BL23_ERROR_IO,         [BL23_CODE_CONFIG] = BL23_ERROR_CONFIG,
        [BL23_CODE_DOMAIN] = BL23_ERROR_DOMAIN, [BL23_CODE_ARGUMENT] = BL23_ERROR_USAGE,
        [BL23_CODE_STOPPED] = BL23_INTERRUPTED};
    return bl23_fail(error, status[message->code], "%s", message->text);
}

/* ---- columns ---- */

/* Is a name in a list separated by commas? */
static bool is_listed(char const *list, char const *name)
{
    size_t const length = strlen(name);
    for (char const *p = list; *p; p += p[strcspn(p, ",")] ? strcspn(p, ",") + 1 : strcspn(p, ","))
        if (strcspn(p, ",") == length && strncmp(p, name, length) == 0)
            return true;
    return false;
}

/* Is this one of the names so far? */
static bool is_chosen(struct bl23_points_columns const *chosen, char const *name, size_t length)
{
    bool is = false;
    for (uint32_t k = 0; k < chosen->n && !is; k++)
        is = strlen(chosen->info[k].name) == length &&
             strncmp(chosen->info[k].name, name, length) == 0;
    return is;
}

/* The columns of points that --columns names, or all, in the order of the library. */
static enum bl23_status choose_columns(struct bl23_points_columns *chosen, struct bl23_error *error)
{
    size_t length;
    for (uint32_t k = 0; k < bl23_columns(); k++) {
        struct bl23_column_info *const info = &chosen->info[chosen->n];
        bl23_column(k, info, NULL);
        chosen->n += !given.columns || is_listed(given.columns, info->name);
    }
    for (char const *p = given.columns; p; p = p[length] ? p + length + 1 : NULL) {
        length = strcspn(p, ",");
        if (!is_chosen(chosen, p, length))
            return bl23_fail(error, BL23_ERROR_USAGE,
                             "--columns: there is no column '%.*s'; docs/points.md lists them",
                             (int)(length < 80 ? length : 80), p);
    }
    return BL23_OK;
}

/* ---- rows ---- */

/* Mass and coupling that the configuration fixes, where the input has none. */
static enum bl23_status set_constants(struct points *p, struct bl23_error *error)
{
    struct bl23_config const *const c = p->config;
    bool const has_mass = p->in.has[BL23_POINT_mass_gev], has_g = p->in.has[BL23_POINT_g_bl];
    if (!has_mass && c->n_masses != 1)
        return bl23_fail(error, BL23_ERROR_CONFIG,
                         "%s must have the column mass_gev, because %s has not one mass, but %zu",
                         given.input, c->path, c->n_masses);
    for (size_t k = 0; k < BL23_POINTS_AT_ONCE; k++) {
        p->batch.mass_gev[k] = has_mass ? 0.0 : bl23_dd_round(c->mass_gev[0]);
        p->batch.g_bl[k] = has_g ? 0.0 : bl23_dd_round(c->g_min);
    }
    p->solves = !has_g && c->g_mode != BL23_G_FIXED;
    return BL23_OK;
}

/* Say how long it will take, once, where that is long and can be known: new masses cost most. */
static void foretell(struct points *p)
{
    double const elapsed = bl23_seconds() - p->begin_s, part = bl23_points_input_part(&p->in);
    double const left = part > 0.0 ? elapsed / part - elapsed : 0.0;
    if (p->foretold || elapsed < 2.0)
        return;
    p->foretold = true;
    if (left > 10.0)
        fprintf(stderr, "note: %.3g %% of %s is done; about %.0f s are left\n", 100.0 * part,
                given.input, left);
}

static enum bl23_status compute_batch(struct points *p, struct bl23_error *error)
{
    struct bl23_point_batch const *const b = &p->batch;
    char const *name[BL23_POINTS_COLUMNS_MAX];
    double *value[BL23_POINTS_COLUMNS_MAX];
    char place[512];
    for (uint32_t c = 0; c < p->columns.n; c++) {
        name[c] = p->columns.info[c].name;
        value[c] = p->value[c];
    }
    struct bl23_message message;
    struct bl23_request const request = {
        .n_columns = p->columns.n, .columns = name, .values = value, .threads = given.threads};
    int32_t const code = bl23_points(p->handle, b->n, b->mass_gev, p->solves ? NULL : b->g_bl,
                                     &b->w[0][0], &request, &message);
    if (code == BL23_CODE_OK)
        return bl23_points_output_append(&p->out, b->n, value, error);
    if (message.row == BL23_NO_ROW)
        return failed(&message, error);
    bl23_points_input_place(&p->in, b, (size_t)message.row, place, sizeof place);
    return bl23_fail(error, BL23_ERROR_CONFIG, "%s: %s", place, message.text);
}

static enum bl23_status compute(struct points *p, struct bl23_error *error)
{
    do {
        BL23_TRY(bl23_points_input_read(&p->in, &p->batch, error));
        if (p->batch.n > 0)
            BL23_TRY(compute_batch(p, error));
        foretell(p);
    } while (p->batch.n > 0);
    return BL23_OK;
}

/* ---- the command ---- */

static enum bl23_status open_model(struct points *p, struct bl23_error *error)
{
    struct bl23_message message;
    BL23_TRY(bl23_config_source_read(given.config_path, NULL, false, &p->config, error));
    bl23_statement_note_inputs(p->config);
    BL23_TRY(bl23_config_text(p->config, &p->yaml, error));
    return bl23_open(p->yaml, strlen(p->yaml), given.config_path, &p->handle, &message) ==
                   BL23_CODE_OK
               ? BL23_OK
               : failed(&message, error);
}

static enum bl23_status run_points(struct points *p, struct bl23_error *error)
{
    enum bl23_points_form const form = bl23_points_form_of(given.output, given.json);
    p->begin_s = bl23_seconds();
    BL23_TRY(choose_columns(&p->columns, error));
    BL23_TRY(open_model(p, error));
    BL23_TRY(bl23_points_input_open(given.input, false, &p->in, error));
    BL23_TRY(set_constants(p, error));
    BL23_TRY(bl23_points_output_open(given.output, form, &p->columns, p->yaml, &p->out, error));
    BL23_TRY(bl23_points_output_close(&p->out, compute(p, error), error));
    if (p->out.rows == 0)
        fprintf(stderr, "note: %s holds 0 points\n", BL23_SHOWN(given.input));
    if (strcmp(given.output, "-") != 0)
        fprintf(stderr, "Written: %s (%llu point%s)\n", BL23_SHOWN(given.output),
                (unsigned long long)p->out.rows, p->out.rows == 1 ? "" : "s");
    return BL23_OK;
}

static enum bl23_status run(struct bl23_error *error)
{
    struct points *const p = calloc(1, sizeof *p);
    if (!p)
        return bl23_fail(error, BL23_ERROR_MEMORY, "out of memory for points");
    enum bl23_status const status = run_points(p, error);
    bl23_points_input_close(&p->in);
    bl23_close(p->handle);
    bl23_config_free(p->config);
    free(p->yaml);
    free(p);
    return status;
}

static struct bl23_option const options[] = {
    {.name = "output",
     .letter = 'o',
     .value = "FILE",
     .help = "where the points go: FILE.h5 is HDF5, FILE.jsonl lines of JSON, any other name CSV; "
             "'-' is stdout",
     .text = &given.output,
     .check = check_output,
     .required = true},
    BL23_OPTION_TEXT("columns", "NAMES", &given.columns,
                     "write these columns, separated by commas (default: all)"),
    BL23_OPTION_FLAG("json", &given.json, "write a line of JSON for each point"),
    BL23_OPTION_THREADS(&given.threads),
    {0}};

static struct bl23_operand const input = {
    .name = "IN",
    .help = "the points: CSV or HDF5 with the columns wu11_re, wu11_im, wu12_re, ... of the row "
            "(W_u)_1i, of any norm, mass_gev and g_bl; '-' is stdin",
    .one = &given.input};

struct bl23_command const bl23_command_points = {
    .name = "points",
    .summary = "all columns of points of your own, from a file or a pipe",
    .description = "Compute all columns of points of your own, one a line, with the constraints "
                   "and inputs of a survey's configuration. Without the column mass_gev the mass "
                   "is that of CONFIG. Without g_bl the coupling is that of CONFIG, if it is fixed "
                   "there; otherwise it is solved for, as by 'bl23 point'. The output appears "
                   "when all points are done.",
    .operand = {.name = "CONFIG",
                .help = BL23_HELP_CONFIG,
                .one = &given.config_path,
                .second = &input},
    .option = options,
    .run = run};
