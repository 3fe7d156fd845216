/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "tables/base/csv_reader.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kernels/sample/error.h"
#include "tables/base/embedded.h"

/* The line being cut. */
struct cutting {
    struct bl23_csv *csv;
    size_t line;
    struct bl23_error *error;
};

static enum bl23_status refuse(struct cutting const *c, char const *rule)
{
    return bl23_fail(c->error, BL23_ERROR_CONFIG, "%s:%zu: %s", c->csv->name, c->line, rule);
}

/* Cut one field at *p and set *p behind its comma, or to NULL after the last. */
static bool cut_field(char **p, char **field)
{
    bool const quoted = **p == '"';
    *field = *p + quoted;
    char *const stop = quoted ? strchr(*p + 1, '"') : *p + strcspn(*p, ",");
    if (!stop)
        return false;
    char *const comma = quoted ? stop + 1 : stop;
    bool const last = *comma == '\0', fine = last || *comma == ',';
    *stop = '\0';
    *comma = '\0';
    *p = last ? NULL : comma + 1;
    return fine;
}

static enum bl23_status cut_line(struct cutting const *c, char *text,
                                 char *field[BL23_CSV_COLUMNS_MAX], size_t *count)
{
    *count = 0;
    for (char *p = text; p;) {
        if (*count == BL23_CSV_COLUMNS_MAX)
            return refuse(c, "a row must have at most 32 fields");
        if (!cut_field(&p, &field[(*count)++]))
            return refuse(c, "a field in double quotes must end with a quote before its comma");
    }
    return BL23_OK;
}

static enum bl23_status add_row(struct cutting const *c, char *text)
{
    struct bl23_csv *const csv = c->csv;
    char *field[BL23_CSV_COLUMNS_MAX];
    size_t count;
    enum bl23_status const status = cut_line(c, text, field, &count);
    if (status != BL23_OK)
        return status;
    if (count != csv->columns)
        return bl23_fail(c->error, BL23_ERROR_CONFIG,
                         "%s:%zu: a row must have %zu fields, as the header has (got %zu)",
                         csv->name, c->line, csv->columns, count);
    memcpy(csv->field + csv->rows * csv->columns, field, count * sizeof *field);
    csv->line[csv->rows++] = c->line;
    return BL23_OK;
}

/* Space for as many rows as there are lines. */
static enum bl23_status read_header(struct cutting const *c, char *text, size_t lines)
{
    struct bl23_csv *const csv = c->csv;
    enum bl23_status const status = cut_line(c, text, csv->header, &csv->columns);
    if (status != BL23_OK)
        return status;
    csv->field = calloc(lines * csv->columns, sizeof *csv->field);
    csv->line = calloc(lines, sizeof *csv->line);
    return csv->field && csv->line
               ? BL23_OK
               : bl23_fail(c->error, BL23_ERROR_MEMORY, "%s: out of memory", csv->name);
}

static size_t count_lines(char const *text)
{
    size_t lines = 1;
    for (char const *p = strchr(text, '\n'); p; p = strchr(p + 1, '\n'))
        lines++;
    return lines;
}

static enum bl23_status read_lines(struct bl23_csv *csv, struct bl23_error *error)
{
    size_t const lines = count_lines(csv->text);
    struct cutting c = {.csv = csv, .error = error};
    enum bl23_status status = BL23_OK;
    for (char *line = csv->text, *next; status == BL23_OK && line; line = next) {
        char *const end = line + strcspn(line, "\n");
        next = *end ? end + 1 : NULL;
        *end = '\0';
        line[strcspn(line, "\r")] = '\0';
        c.line++;
        if (line[0] == '#' || line[0] == '\0')
            continue;
        status = csv->columns == 0 ? read_header(&c, line, lines) : add_row(&c, line);
    }
    if (status == BL23_OK && csv->rows == 0)
        status = refuse(&c, "the file must hold a header line and at least one row (got no rows)");
    return status;
}

enum bl23_status bl23_csv_parse(char const *name, char const *text, size_t length,
                                struct bl23_csv *csv, struct bl23_error *error)
{
    memset(csv, 0, sizeof *csv);
    snprintf(csv->name, sizeof csv->name, "%s", name);
    csv->text = malloc(length + 1);
    if (!csv->text)
        return bl23_fail(error, BL23_ERROR_MEMORY, "%s: out of memory", name);
    memcpy(csv->text, text, length);
    csv->text[length] = '\0';
    enum bl23_status const status = read_lines(csv, error);
    if (status != BL23_OK)
        bl23_csv_free(csv);
    return status;
}

enum bl23_status bl23_csv_shipped(char const *name, struct bl23_csv *csv, struct bl23_error *error)
{
    struct bl23_embedded_file const *const file = bl23_embedded_find(name);
    if (!file)
        return bl23_fail(error, BL23_ERROR_FAILED, "%s is not built in", name);
    return bl23_csv_parse(name, (char const *)file->data, file->size, csv, error);
}

void bl23_csv_free(struct bl23_csv *csv)
{
    free(csv->text);
    free((void *)csv->field);
    free(csv->line);
    memset(csv, 0, sizeof *csv);
}

char const *bl23_csv_text(struct bl23_csv const *csv, size_t row, char const *column)
{
    for (size_t c = 0; c < csv->columns; c++)
        if (strcmp(csv->header[c], column) == 0)
            return csv->field[row * csv->columns + c];
    return NULL;
}

enum bl23_status bl23_csv_number(struct bl23_csv const *csv, size_t row, char const *column,
                                 struct bl23_dd *value, struct bl23_error *error)
{
    char const *const text = bl23_csv_text(csv, row, column);
    char *end = NULL;
    if (!text)
        return bl23_fail(error, BL23_ERROR_CONFIG, "%s: the header must name the column '%s'",
                         csv->name, column);
    *value = bl23_dd_shortest(bl23_dd_parse(text, &end));
    if (end == text || *end != '\0' || !isfinite(value->hi))
        return bl23_fail(error, BL23_ERROR_CONFIG,
                         "%s:%zu: %s must be a finite number (got '%.80s')", csv->name,
                         csv->line[row], column, text);
    return BL23_OK;
}
