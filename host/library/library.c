/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* The handle: opening, closing, columns, limits and texts. library_points.c and library_samples.c
 * compute with it. */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/config/citations.h"
#include "host/config/shipped_surveys.h"
#include "host/io/allotment.h"
#include "host/library/handle.h"
#include "kernels/lanes/isa.h"
#include "kernels/lanes/parallel_for.h"
#include "kernels/sample/error.h"
#include "kernels/sample/plain_text.h"
#include "version.h"

char const *bl23_version(void)
{
    return BL23_VERSION;
}

/* ---- answers ---- */

static int32_t code_of(enum bl23_status status)
{
    switch (status) {
    case BL23_OK:
        return BL23_CODE_OK;
    case BL23_ERROR_MEMORY:
        return BL23_CODE_MEMORY;
    case BL23_ERROR_IO:
        return BL23_CODE_IO;
    case BL23_ERROR_CONFIG:
    case BL23_ERROR_REFUSED:
        return BL23_CODE_CONFIG;
    case BL23_ERROR_DOMAIN:
        return BL23_CODE_DOMAIN;
    case BL23_ERROR_USAGE:
        return BL23_CODE_ARGUMENT;
    case BL23_INTERRUPTED:
        return BL23_CODE_STOPPED;
    case BL23_ERROR_FAILED:
    case BL23_ERROR_DEVICE:
        break;
    }
    return BL23_CODE_FAILED;
}

int32_t bl23_answer(enum bl23_status status, struct bl23_error const *error, uint64_t row,
                    struct bl23_message *message)
{
    int32_t const code = code_of(status);
    char const *const told = error && error->text[0] ? error->text : bl23_status_text(status);
    if (message) {
        message->code = code;
        message->row = row;
        snprintf(message->text, sizeof message->text, "%s", status == BL23_OK ? "" : told);
    }
    return code;
}

int32_t bl23_refuse(struct bl23_message *message, char const *format, ...)
{
    struct bl23_error error = {BL23_ERROR_USAGE, ""};
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(error.text, sizeof error.text, format, arguments);
    va_end(arguments);
    bl23_text_make_printable(error.text);
    return bl23_answer(BL23_ERROR_USAGE, &error, BL23_NO_ROW, message);
}

/* ---- the thread of the caller ---- */

struct bl23_scope bl23_scope_enter(locale_t locale)
{
    struct bl23_scope scope;
    fegetenv(&scope.environment);
    fesetenv(FE_DFL_ENV);
    scope.locale = uselocale(locale);
    return scope;
}

void bl23_scope_leave(struct bl23_scope const *scope)
{
    uselocale(scope->locale);
    fesetenv(&scope->environment);
}

/* ---- opening ---- */

/* The configuration of a text, or of a shipped survey. */
static enum bl23_status read_config(struct bl23_handle *h, char const *text, size_t length,
                                    char const *path, struct bl23_error *error)
{
    char name[BL23_WORD_SIZE];
    struct bl23_embedded_file const *file;
    if (length == 0 || text[0] != BL23_SHIPPED_MARK)
        return bl23_config_parse_apart(path ? path : "configuration", text, length, &h->config,
                                       error);
    snprintf(name, sizeof name, "%.*s", (int)(length < sizeof name ? length : sizeof name), text);
    BL23_TRY(bl23_shipped_survey_find(name, &file, error));
    return bl23_config_parse_apart(name, (char const *)file->data, file->size, &h->config, error);
}

/* Add the sets that are named. */
static enum bl23_status add_sets(struct bl23_config *c, char const *sets, struct bl23_error *error)
{
    char *const copy = strdup(sets);
    enum bl23_status status = copy ? BL23_OK : BL23_ERROR_MEMORY;
    for (char *rest = copy, *name; status == BL23_OK && (name = strsep(&rest, ","));)
        status = bl23_constraints_add_set(&c->constraints, name, error);
    free(copy);
    return status;
}

static enum bl23_status config_of_sets(struct bl23_handle *h, char const *sets, int32_t sigma,
                                       char const *inputs, struct bl23_error *error)
{
    struct bl23_config *const c = h->config = calloc(1, sizeof *c);
    if (!c)
        return BL23_ERROR_MEMORY;
    c->sigma = sigma;
    BL23_TRY(bl23_inputs_preset(inputs ? inputs : "pdg2018", &c->inputs, error));
    return add_sets(c, sets, error);
}

/* What points need beside the masses. */
static enum bl23_status prepare_points(struct bl23_handle *h, struct bl23_error *error)
{
    struct bl23_model_spec spec = bl23_config_model_spec(h->config);
    spec.n_masses = 0;
    spec.mass_gev = NULL;
    spec.g_mode = BL23_G_SOLVE;
    spec.w_mode = BL23_W_HAAR;
    spec.all_columns = true;
    bl23_knot_maker_prepare(&spec, &h->maker);
    return bl23_model_build(&spec, &h->header, NULL, error);
}

/* What is opened: a text, or sets. */
struct source {
    char const *text, *path; /* text NULL: sets */
    uint64_t length;
    char const *sets, *inputs;
    int32_t sigma;
};

static enum bl23_status fill(struct bl23_handle *h, struct source const *from,
                             struct bl23_error *error)
{
    BL23_TRY(bl23_isa_check(error));
    if (from->text) {
        h->is_survey = true;
        BL23_TRY(read_config(h, from->text, (size_t)from->length, from->path, error));
        BL23_TRY(bl23_config_text(h->config, &h->resolved, error));
    } else
        BL23_TRY(config_of_sets(h, from->sets, from->sigma, from->inputs, error));
    return prepare_points(h, error);
}

static int32_t open_source(struct source const *from, struct bl23_handle **handle,
                           struct bl23_message *message)
{
    struct bl23_error error = {BL23_OK, ""};
    struct bl23_handle *const h = calloc(1, sizeof *h);
    if (!h || !(h->locale = newlocale(LC_ALL_MASK, "C", (locale_t)0))) {
        free(h);
        return bl23_answer(BL23_ERROR_MEMORY, NULL, BL23_NO_ROW, message);
    }
    struct bl23_scope const scope = bl23_scope_enter(h->locale);
    enum bl23_status const status = fill(h, from, &error);
    bl23_scope_leave(&scope);
    if (status == BL23_OK)
        *handle = h;
    else
        bl23_close(h);
    return bl23_answer(status, &error, BL23_NO_ROW, message);
}

int32_t bl23_open(char const *text, uint64_t length, char const *path, struct bl23_handle **handle,
                  struct bl23_message *message)
{
    if (!handle)
        return bl23_refuse(message, "handle must not be NULL");
    *handle = NULL;
    if (!text)
        return bl23_refuse(message, "text must not be NULL");
    if (length > BL23_CONFIG_BYTES_MAX)
        return bl23_refuse(message, "a configuration must have at most %d bytes (got %llu)",
                           (int)BL23_CONFIG_BYTES_MAX, (unsigned long long)length);
    struct source const from = {.text = text, .length = length, .path = path};
    return open_source(&from, handle, message);
}

int32_t bl23_open_sets(char const *sets, int32_t sigma, char const *inputs,
                       struct bl23_handle **handle, struct bl23_message *message)
{
    if (!handle)
        return bl23_refuse(message, "handle must not be NULL");
    *handle = NULL;
    if (!sets)
        return bl23_refuse(message, "sets must not be NULL");
    if (sigma != 1 && sigma != 2)
        return bl23_refuse(message, "sigma must be 1 or 2 (got %d)", (int)sigma);
    struct source const from = {.sets = sets, .sigma = sigma, .inputs = inputs};
    return open_source(&from, handle, message);
}

void bl23_close(struct bl23_handle *h)
{
    if (!h)
        return;
    if (h->has_survey)
        bl23_survey_free(&h->survey);
    bl23_mass_cache_free(&h->masses);
    bl23_config_free(h->config);
    free(h->header);
    free(h->resolved);
    free(h->bibtex);
    freelocale(h->locale);
    free(h);
}

/* ---- columns ---- */

static struct bl23_column_info info_of(int column)
{
    static struct bl23_column_info const rest[] = {
        {"tension_g_free", "1", "tension with g free", 1, 0},
        {"level", "1", "1 if the sample passes with 1-sigma bands, else 2", 1, 1},
        {"survives", "1", "1 if all constraints hold, else 0", 1, 1}};
    if (column >= BL23_COLUMNS)
        return rest[column - BL23_COLUMNS];
    return (struct bl23_column_info){bl23_column_name(column), bl23_column_unit(column),
                                     bl23_column_text(column), 1, 1};
}

uint32_t bl23_columns(void)
{
    return BL23_LIBRARY_COLUMNS;
}

int32_t bl23_column(uint32_t k, struct bl23_column_info *info, struct bl23_message *message)
{
    if (!info || k >= BL23_LIBRARY_COLUMNS)
        return bl23_refuse(message, "a column must be a number below %d (got %u)",
                           (int)BL23_LIBRARY_COLUMNS, (unsigned)k);
    *info = info_of((int)k);
    return bl23_answer(BL23_OK, NULL, BL23_NO_ROW, message);
}

static int find_column(char const *name)
{
    int c = 0;
    while (c < BL23_LIBRARY_COLUMNS && strcmp(info_of(c).name, name) != 0)
        c++;
    return c;
}

/* The number of the column that a request names k-th, or a refusal. */
static int32_t read_column(struct bl23_request const *r, uint32_t k, unsigned groups, bool points,
                           int *column, struct bl23_message *message)
{
    char const *const name = r->columns[k];
    if (!name || !r->values[k])
        return bl23_refuse(message, "%s of column %u is NULL", name ? "the array" : "the name",
                           (unsigned)k);
    *column = find_column(name);
    bool const there = *column < BL23_LIBRARY_COLUMNS;
    if (!there || (!points && !info_of(*column).of_samples))
        return bl23_refuse(message, "there is no column '%.80s' of %s; docs/points.md lists them",
                           name, points ? "points" : "samples");
    unsigned const computed = points ? groups | BL23_GROUP_CHI2 : groups;
    if (*column >= BL23_COLUMN_chi2 && *column < BL23_COLUMNS &&
        !bl23_has_column(computed, *column))
        return bl23_refuse(message,
                           "this survey has no column '%.80s'; output: {rank: chi2} in its "
                           "configuration adds it",
                           name);
    if (*column < BL23_COLUMNS && !bl23_has_column(computed, *column))
        return bl23_refuse(message,
                           "this survey has no column '%.80s'; output: {columns: all} in its "
                           "configuration adds it",
                           name);
    return BL23_CODE_OK;
}

int32_t bl23_request_read(struct bl23_request const *r, unsigned groups, bool points, int **column,
                          struct bl23_message *message)
{
    if (!r || (r->n_columns > 0 && (!r->columns || !r->values)))
        return bl23_refuse(message, "the request, its columns and its values must not be NULL");
    *column = calloc((size_t)r->n_columns + 1, sizeof **column);
    if (!*column)
        return bl23_answer(BL23_ERROR_MEMORY, NULL, BL23_NO_ROW, message);
    int32_t code = BL23_CODE_OK;
    for (uint32_t k = 0; code == BL23_CODE_OK && k < r->n_columns; k++)
        code = read_column(r, k, groups, points, &(*column)[k], message);
    if (code != BL23_CODE_OK) {
        free(*column);
        *column = NULL;
    }
    return code;
}

unsigned bl23_request_threads(struct bl23_request const *r)
{
    unsigned const most = BL23_THREADS_MAX;
    return r->threads == 0 ? bl23_allotment().threads : r->threads < most ? r->threads : most;
}

bool bl23_request_stops(struct bl23_request const *r, uint64_t done, uint64_t total)
{
    return r->progress && r->progress(r->data, done, total) != 0;
}

/* ---- limits ---- */

uint32_t bl23_limit_count(struct bl23_handle const *h)
{
    return h ? (uint32_t)h->config->constraints.size : 0;
}

int32_t bl23_limit(struct bl23_handle const *h, uint32_t k, struct bl23_limit_info *info,
                   struct bl23_message *message)
{
    if (!h || !info || k >= h->config->constraints.size)
        return bl23_refuse(message, "a limit must be a number below bl23_limit_count (got %u)",
                           (unsigned)k);
    struct bl23_constraint const *const c = &h->config->constraints.item[k];
    *info = (struct bl23_limit_info){.name = c->name,
                                     .observable = bl23_observable_name(c->observable),
                                     .cite = c->cite,
                                     .note = c->note,
                                     .confidence_level = c->confidence_level};
    return bl23_answer(BL23_OK, NULL, BL23_NO_ROW, message);
}

/* All limits at one mass. */
static void limits_at(struct bl23_config const *c, double mass_gev, int level, double *lower,
                      double *upper)
{
    struct bl23_dd const mass = bl23_dd_shortest(bl23_dd(mass_gev));
    for (size_t k = 0; k < c->constraints.size; k++) {
        struct bl23_dd lo, hi;
        bl23_constraint_at(&c->constraints.item[k], &c->inputs, mass, level, &lo, &hi);
        lower[k] = fmax(bl23_dd_round(lo), 0.0);
        upper[k] = hi.hi;
    }
}

int32_t bl23_limits(struct bl23_handle *h, uint64_t rows, double const *mass_gev, int32_t sigma,
                    double *lower, double *upper, struct bl23_message *message)
{
    if (!h || (rows > 0 && (!mass_gev || !lower || !upper)))
        return bl23_refuse(message, "handle, masses, lower and upper must not be NULL");
    if (sigma < 0 || sigma > 2)
        return bl23_refuse(message, "sigma must be 1 or 2, or 0 for that of the handle (got %d)",
                           (int)sigma);
    int const level = (sigma == 0 ? h->config->sigma : (int)sigma) - 1;
    size_t const n = h->config->constraints.size;
    for (uint64_t k = 0; k < rows; k++)
        if (!(mass_gev[k] >= BL23_MASS_MIN_GEV && mass_gev[k] <= BL23_MASS_MAX_GEV)) {
            struct bl23_error error = {BL23_OK, ""};
            bl23_fail(&error, BL23_ERROR_DOMAIN, "a mass must be in " BL23_MASS_ALLOWED " (got %g)",
                      mass_gev[k]);
            return bl23_answer(error.status, &error, k, message);
        }
    struct bl23_scope const scope = bl23_scope_enter(h->locale);
    for (uint64_t k = 0; k < rows; k++)
        limits_at(h->config, mass_gev[k], level, lower + k * n, upper + k * n);
    bl23_scope_leave(&scope);
    return bl23_answer(BL23_OK, NULL, BL23_NO_ROW, message);
}

/* ---- texts ---- */

int32_t bl23_resolved(struct bl23_handle *h, char const **text, struct bl23_message *message)
{
    if (!h || !text)
        return bl23_refuse(message, "handle and text must not be NULL");
    *text = h->resolved;
    return h->resolved ? bl23_answer(BL23_OK, NULL, BL23_NO_ROW, message)
                       : bl23_refuse(message, "a handle of sets has no configuration; open one "
                                              "with bl23_open");
}

int32_t bl23_bibtex(struct bl23_handle *h, char const **text, struct bl23_message *message)
{
    struct bl23_error error = {BL23_OK, ""};
    enum bl23_status status = BL23_OK;
    if (!h || !text)
        return bl23_refuse(message, "handle and text must not be NULL");
    if (!h->bibtex) {
        struct bl23_scope const scope = bl23_scope_enter(h->locale);
        status = bl23_citations_collect(h->config, &h->bibtex, &error);
        bl23_scope_leave(&scope);
    }
    *text = h->bibtex;
    return bl23_answer(status, &error, BL23_NO_ROW, message);
}
