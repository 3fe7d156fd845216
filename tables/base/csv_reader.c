/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "tables/base/csv_reader.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kernels/sample/error.h"
#include "tables/base/embedded.h"

static enum bl23_status refuse(struct bl23_csv const *csv, size_t line, char const *rule,
                               struct bl23_error *error)
{
    return bl23_fail(error, BL23_ERROR_CONFIG, "%s:%zu: %s", csv->name, line, rule);
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

static enum bl23_status cut_line(struct bl23_csv const *csv, size_t line, char *text,
                                 char *field[BL23_CSV_COLUMNS_MAX], size_t *count,
                                 struct bl23_error *error)
{
    *count = 0;
    for (char *p = text; p;) {
        if (*count == BL23_CSV_COLUMNS_MAX)
            return refuse(csv, line, "a row must have at most 64 fields", error);
        if (!cut_field(&p, &field[(*count)++]))
            return refuse(csv, line,
                          "a field in double quotes must end with a quote before its comma", error);
    }
    return BL23_OK;
}

/* The first line is the header, and makes space for as many rows as there are lines. */
static enum bl23_status add_line(struct bl23_csv *csv, size_t line, char *text, size_t lines,
                                 struct bl23_error *error)
{
    char *field[BL23_CSV_COLUMNS_MAX];
    size_t count;
    BL23_TRY(cut_line(csv, line, text, field, &count, error));
    if (csv->columns == 0) {
        memcpy(csv->header, field, count * sizeof *field);
        csv->columns = count;
        csv->header_line = line;
        csv->field = calloc(lines * count, sizeof *csv->field);
        csv->line = calloc(lines, sizeof *csv->line);
        return csv->field && csv->line
                   ? BL23_OK
                   : bl23_fail(error, BL23_ERROR_MEMORY, "%s: out of memory", csv->name);
    }
    if (count != csv->columns)
        return bl23_fail(error, BL23_ERROR_CONFIG,
                         "%s:%zu: a row must have %zu fields, as the header has (got %zu)",
                         csv->name, line, csv->columns, count);
    memcpy(csv->field + csv->rows * csv->columns, field, count * sizeof *field);
    csv->line[csv->rows++] = line;
    return BL23_OK;
}

static enum bl23_status read_lines(struct bl23_csv *csv, size_t length, struct bl23_error *error)
{
    char *const end = csv->text + length;
    size_t lines = 1, line = 0;
    for (char const *p = csv->text; p < end; p++)
        lines += *p == '\n';
    for (char *text = csv->text, *stop; text < end; text = stop + 1) {
        char *const feed = memchr(text, '\n', (size_t)(end - text));
        stop = feed ? feed : end;
        line++;
        if (text[0] == '#')
            continue;
        if (memchr(text, '\0', (size_t)(stop - text)))
            return refuse(csv, line, "a row must be text (got a NUL byte)", error);
        char *last = stop;
        while (last > text && strchr(" \t\r", last[-1]))
            last--;
        *last = '\0';
        if (last > text)
            BL23_TRY(add_line(csv, line, text, lines, error));
    }
    return csv->rows > 0
               ? BL23_OK
               : refuse(csv, line > 0 ? line : 1,
                        "the file must hold a header line and at least one row (got no rows)",
                        error);
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
    enum bl23_status const status = read_lines(csv, length, error);
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
