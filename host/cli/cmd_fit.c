/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include <stdlib.h>
#include <string.h>

#include "host/cli/commands.h"
#include "host/config/config.h"
#include "host/io/file_io.h"
#include "host/io/json_values.h"
#include "host/output/hdf5_read.h"
#include "host/output/survey_read.h"
#include "host/paper/fit.h"
#include "kernels/sample/error.h"
#include "tables/base/csv_reader.h"

enum { STARTS_MAX = 10000, STARTS_DEFAULT = 20, TARGETS_BYTES_MAX = 1 << 20 };
/* Minima of equal chi^2 up to rounding: the first one is taken. */
#define SAME_CHI2 1e-6

/* What the options say. */
static struct options {
    char const *survey, *targets;
    uint64_t starts;
    bool json;
} given = {.starts = STARTS_DEFAULT};

/* A number of a row in [smallest, largest]. */
static enum bl23_status cell(struct bl23_csv const *csv, size_t row, char const *column,
                             double smallest, double largest, struct bl23_dd *value,
                             struct bl23_error *error)
{
    enum bl23_status const status = bl23_csv_number(csv, row, column, value, error);
    if (status != BL23_OK || (value->hi >= smallest && value->hi <= largest))
        return status;
    return bl23_fail(error, BL23_ERROR_CONFIG, "%s:%zu: %s must be a number from %g to %g (got %g)",
                     csv->name, csv->line[row], column, smallest, largest, value->hi);
}

/* One row; the paper's have a print precision and a relative slack instead of an error. */
static enum bl23_status add_target(struct bl23_csv const *csv, size_t row, bool paper,
                                   struct bl23_fit *fit, struct bl23_error *error)
{
    struct bl23_dd g, value, wide, slack = {0.0, 0.0};
    struct bl23_fit_target *const t = &fit->target[fit->n_targets];
    char const *const name = bl23_csv_text(csv, row, "observable");
    if (fit->n_targets == BL23_FIT_TARGETS_MAX)
        return bl23_fail(error, BL23_ERROR_CONFIG, "%s must not have more than %d targets",
                         csv->name, BL23_FIT_TARGETS_MAX);
    if (!name)
        return bl23_fail(error, BL23_ERROR_CONFIG,
                         "%s:%zu: the header must name the column 'observable'", csv->name,
                         csv->header_line);
    t->observable = 0;
    while (t->observable < BL23_OBSERVABLES &&
           strcmp(name, bl23_observable_name(t->observable)) != 0)
        t->observable++;
    if (t->observable == BL23_OBSERVABLES)
        return bl23_fail(error, BL23_ERROR_CONFIG,
                         "%s:%zu: observable must be one of those in docs/configuration.md, such "
                         "as br_kl_pi0 (got '%.80s')",
                         csv->name, csv->line[row], name);
    BL23_TRY(cell(csv, row, "mass_gev", BL23_MASS_MIN_GEV, BL23_MASS_MAX_GEV, &t->mass_gev, error));
    BL23_TRY(cell(csv, row, "g_bl", BL23_G_MIN, BL23_G_MAX, &g, error));
    BL23_TRY(cell(csv, row, paper ? "printed" : "value", 0.0, 1e30, &value, error));
    BL23_TRY(cell(csv, row, paper ? "half_unit" : "error", 1e-100, 1e30, &wide, error));
    if (paper)
        BL23_TRY(cell(csv, row, "slack", 0.0, 1.0, &slack, error));
    t->g_bl = g.hi;
    t->value = value.hi;
    t->error = wide.hi + slack.hi * value.hi;
    fit->n_targets++;
    return BL23_OK;
}

/* The targets of a file, or those of Table I where path is NULL. */
static enum bl23_status read_targets(char const *path, struct bl23_fit *fit,
                                     struct bl23_error *error)
{
    struct bl23_csv csv;
    char *text = NULL;
    size_t length;
    enum bl23_status status;
    if (path) {
        BL23_TRY(bl23_file_read(path, TARGETS_BYTES_MAX, &text, &length, error));
        status = bl23_csv_parse(path, text, length, &csv, error);
        free(text);
    } else {
        status = bl23_csv_shipped("paper_results.csv", &csv, error);
    }
    if (status != BL23_OK)
        return status;
    for (size_t row = 0; status == BL23_OK && row < csv.rows; row++)
        if (path || strcmp(bl23_csv_text(&csv, row, "check"), "benchmark") == 0)
            status = add_target(&csv, row, !path, fit, error);
    bl23_csv_free(&csv);
    return status;
}

static int by_chi2(void const *a, void const *b)
{
    struct bl23_fit_row const *const x = a, *const y = b;
    return (x->chi2 > y->chi2) - (x->chi2 < y->chi2);
}

/* The inputs the survey was made with. */
static enum bl23_status survey_inputs(struct bl23_survey_reader const *reader,
                                      struct bl23_inputs *inputs, struct bl23_error *error)
{
    char *yaml;
    struct bl23_config *config = NULL;
    enum bl23_status status = bl23_h5_read_text(reader->file, "/config", "yaml", &yaml, error);
    if (status == BL23_OK)
        status = bl23_config_parse(reader->path, yaml, strlen(yaml), &config, error);
    if (status == BL23_OK)
        *inputs = config->inputs;
    bl23_config_free(config);
    free(yaml);
    return status;
}

/* The first of the least minima reached from the best starts. */
static enum bl23_status search(struct bl23_survey_reader const *reader, struct bl23_fit const *fit,
                               uint64_t starts, struct bl23_fit_row *best, struct bl23_error *error)
{
    if (reader->n_survivors == 0)
        return bl23_fail(error, BL23_ERROR_CONFIG,
                         "%s has no survivors to start from; use a survey with survivors",
                         reader->path);
    struct bl23_fit_row *const rows = calloc(reader->n_survivors, sizeof *rows);
    if (!rows)
        return bl23_fail(error, BL23_ERROR_MEMORY, "out of memory");
    for (size_t k = 0; k < reader->n_survivors; k++) {
        struct bl23_row const row = bl23_row_of(reader->model, reader->index[k]);
        rows[k] = bl23_fit_row_of(fit, row.abs, row.phase);
    }
    qsort(rows, reader->n_survivors, sizeof *rows, by_chi2);
    struct bl23_fit_row const start = rows[0];
    best->chi2 = (double)INFINITY;
    for (size_t k = 0; k < starts && k < reader->n_survivors; k++) {
        struct bl23_error own = {BL23_OK, ""};
        if (bl23_fit_minimise(fit, &rows[k], &own) == BL23_OK &&
            rows[k].chi2 < best->chi2 * (1.0 - SAME_CHI2))
            *best = rows[k];
    }
    if (isinf(best->chi2)) {
        fprintf(stderr, "note: the minimiser did not converge from any start, so the best sample "
                        "is shown; a target may be unreachable or independent of w\n");
        *best = start;
    }
    free(rows);
    return BL23_OK;
}

static double pull(struct bl23_fit const *fit, struct bl23_fit_row const *row, size_t k)
{
    return (bl23_fit_value(fit, row, k) - fit->target[k].value) / fit->target[k].error;
}

static void print(struct bl23_fit const *fit, struct bl23_fit_row const *row, bool met)
{
    double abs[3], phase[3];
    bl23_fit_moduli(row, abs, phase);
    printf("observable    m_Z' [GeV]  g_B-L       wanted      +-         found       pull\n");
    for (size_t k = 0; k < fit->n_targets; k++) {
        struct bl23_fit_target const *const t = &fit->target[k];
        printf("  %-11s %-11.6g %-11.5g %-11.4e %-10.1e %.5e %+.2f\n",
               bl23_observable_name(t->observable), t->mass_gev.hi, t->g_bl, t->value, t->error,
               bl23_fit_value(fit, row, k), pull(fit, row, k));
    }
    printf("\n%s: chi^2 %.4g for %zu values\n",
           met ? "All are met" : "NOT all are met within their errors", row->chi2, fit->n_targets);
    printf("  w: {fixed: [%.12f, %.12f, %.12f, %.12f, %.12f, %.12f]}\n", abs[0], phase[0], abs[1],
           phase[1], abs[2], phase[2]);
}

static json_t *json_of(struct bl23_fit const *fit, struct bl23_fit_row const *row, bool met)
{
    double abs[3], phase[3];
    json_t *const list = json_array(), *const w = json_array();
    bl23_fit_moduli(row, abs, phase);
    for (int i = 0; i < 3; i++) {
        json_array_append_new(w, json_real(abs[i]));
        json_array_append_new(w, json_real(phase[i]));
    }
    for (size_t k = 0; k < fit->n_targets; k++) {
        struct bl23_fit_target const *const t = &fit->target[k];
        json_array_append_new(list, json_pack("{s:s, s:f, s:f, s:f, s:f, s:o, s:o}", "observable",
                                              bl23_observable_name(t->observable), "mass_gev",
                                              t->mass_gev.hi, "g_bl", t->g_bl, "value", t->value,
                                              "error", t->error, "found",
                                              bl23_json_number(bl23_fit_value(fit, row, k)), "pull",
                                              bl23_json_number(pull(fit, row, k))));
    }
    return json_pack("{s:o, s:f, s:b, s:o}", "w", w, "chi2", row->chi2, "met", met, "targets",
                     list);
}

static enum bl23_status report(struct bl23_fit const *fit, struct bl23_fit_row const *row,
                               struct bl23_error *error)
{
    double worst = 0.0;
    for (size_t k = 0; k < fit->n_targets; k++)
        worst = fmax(worst, fabs(pull(fit, row, k)));
    bool const met = worst <= 1.0;
    enum bl23_status status = BL23_OK;
    if (given.json)
        status = bl23_json_print(json_of(fit, row, met), error);
    else
        print(fit, row, met);
    if (status == BL23_OK && !met)
        status = bl23_fail(
            error, BL23_ERROR_FAILED,
            "the best row misses at least one target value: the largest deviation is %.3g errors; "
            "try more --starts or another survey (perhaps no row gives these values)",
            worst);
    return status;
}

/* Fit to the inputs of the survey that is open, from its survivors. */
static enum bl23_status fit_survey(struct bl23_survey_reader const *reader, struct bl23_fit *fit,
                                   struct bl23_error *error)
{
    struct bl23_inputs inputs;
    uint64_t checked;
    struct bl23_fit_row best = {.chi2 = (double)INFINITY};
    BL23_TRY(bl23_survey_verify(reader, &checked, error));
    BL23_TRY(survey_inputs(reader, &inputs, error));
    BL23_TRY(bl23_fit_prepare(&inputs, fit, error));
    BL23_TRY(search(reader, fit, given.starts, &best, error));
    return report(fit, &best, error);
}

static enum bl23_status run(struct bl23_error *error)
{
    static struct bl23_fit fit;
    struct bl23_survey_reader reader;
    BL23_TRY(read_targets(given.targets, &fit, error));
    BL23_TRY(bl23_survey_open(given.survey, &reader, error));
    enum bl23_status const status = fit_survey(&reader, &fit, error);
    bl23_survey_close(&reader);
    bl23_fit_free(&fit);
    return status;
}

static struct bl23_option const options[] = {
    BL23_OPTION_TEXT("targets", "FILE.csv", &given.targets,
                     "target values, with columns observable,mass_gev,g_bl,value,error (default: "
                     "Table I of the paper)"),
    {.name = "starts",
     .value = "N",
     .help = "number of survivors to start from (default 20)",
     .whole = &given.starts,
     .largest = STARTS_MAX},
    BL23_OPTION_JSON(&given.json),
    {0}};

struct bl23_command const bl23_command_fit = {
    .name = "fit",
    .summary = "the row (W_u)_1i that gives target rates: Table I of the paper, or your own",
    .description = "Find the row (W_u)_1i that gives the target values of observables. GSL's "
                   "simplex minimiser (Nelder and Mead) starts from the survivors of a survey that "
                   "come nearest to them. The default targets are Table I of the paper, which does "
                   "not print its benchmark row.",
    .notes = "Exit 0 when every target is met within its error, else 1.",
    .operand = {.name = "SURVEY.h5", .help = "the output of a survey", .one = &given.survey},
    .option = options,
    .run = run};
