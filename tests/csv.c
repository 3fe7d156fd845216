/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "tests/csv.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/check.h"

enum { COLUMNS_MAX = 32 };

struct csv {
    char *text; /* cut into fields in place */
    char *header[COLUMNS_MAX];
    size_t columns, rows;
    char **field; /* [rows, columns] */
};

static char *read_file(char const *name)
{
    char path[1024];
    snprintf(path, sizeof path, "%s/reference/%s", BL23_TEST_DIR, name);
    FILE *const file = fopen(path, "rb");
    if (!file)
        fail_msg("%s cannot be opened", path);
    fseek(file, 0, SEEK_END);
    long const size = ftell(file);
    rewind(file);
    char *const text = calloc((size_t)size + 1, 1);
    check_that(text && fread(text, 1, (size_t)size, file) == (size_t)size, "reading %s", path);
    fclose(file);
    return text;
}

/* Cut a line into fields; returns their number. */
static size_t split(char *line, char *field[COLUMNS_MAX])
{
    size_t count = 0;
    for (char *p = line; count < COLUMNS_MAX;) {
        bool const quoted = *p == '"';
        field[count++] = p + quoted;
        char *const stop = quoted ? strchr(p + 1, '"') : p + strcspn(p, ",");
        check_that(stop != NULL, "a quote is not closed in '%s'", line);
        char *const comma = quoted ? stop + 1 : stop;
        bool const last = *comma == '\0';
        *stop = '\0';
        *comma = '\0';
        if (last)
            return count;
        p = comma + 1;
    }
    return COLUMNS_MAX + 1;
}

static void add_row(struct csv *csv, char *line)
{
    char *field[COLUMNS_MAX];
    size_t const count = split(line, field);
    check_that(count == csv->columns, "row %zu has %zu fields, the header %zu", csv->rows, count,
               csv->columns);
    size_t const used = csv->rows * csv->columns;
    csv->field = realloc(csv->field, (used + csv->columns) * sizeof *csv->field);
    memcpy(csv->field + used, field, csv->columns * sizeof *field);
    csv->rows++;
}

struct csv *csv_open(char const *name)
{
    struct csv *const csv = calloc(1, sizeof *csv);
    csv->text = read_file(name);
    char *rest = NULL;
    for (char *line = strtok_r(csv->text, "\r\n", &rest); line;
         line = strtok_r(NULL, "\r\n", &rest)) {
        if (line[0] == '#')
            continue;
        if (csv->columns == 0)
            csv->columns = split(line, csv->header);
        else
            add_row(csv, line);
    }
    check_that(csv->rows > 0, "%s has no rows", name);
    return csv;
}

void csv_close(struct csv *csv)
{
    free(csv->field);
    free(csv->text);
    free(csv);
}

size_t csv_rows(struct csv const *csv)
{
    return csv->rows;
}

char const *csv_text(struct csv const *csv, size_t row, char const *column)
{
    for (size_t c = 0; c < csv->columns; c++)
        if (strcmp(csv->header[c], column) == 0)
            return csv->field[row * csv->columns + c];
    fail_msg("there is no column '%s'", column);
    return NULL;
}

double csv_double(struct csv const *csv, size_t row, char const *column)
{
    return strtod(csv_text(csv, row, column), NULL);
}

struct bl23_dd csv_decimal(struct csv const *csv, size_t row, char const *column)
{
    return bl23_dd_parse(csv_text(csv, row, column), NULL);
}
