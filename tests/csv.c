/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "tests/csv.h"

#include <stdio.h>
#include <stdlib.h>

#include "tables/base/csv_reader.h"
#include "tests/check.h"

struct csv {
    struct bl23_csv csv;
};

/* The text of tests/reference/NAME; NULL if there is no such file. */
static char *read_file(char const *name, size_t *length)
{
    char path[1024];
    snprintf(path, sizeof path, "%s/reference/%s", BL23_TEST_DIR, name);
    FILE *const file = fopen(path, "rb");
    if (!file)
        return NULL;
    fseek(file, 0, SEEK_END);
    long const size = ftell(file);
    rewind(file);
    char *const text = calloc((size_t)size + 1, 1);
    check_that(text && fread(text, 1, (size_t)size, file) == (size_t)size, "reading %s", path);
    fclose(file);
    *length = (size_t)size;
    return text;
}

struct csv *csv_open(char const *name)
{
    struct csv *const csv = calloc(1, sizeof *csv);
    struct bl23_error error = {BL23_OK, ""};
    size_t length = 0;
    char *const text = read_file(name, &length);
    enum bl23_status const status = text ? bl23_csv_parse(name, text, length, &csv->csv, &error)
                                         : bl23_csv_shipped(name, &csv->csv, &error);
    check_ok(status, &error, "%s", name);
    free(text);
    return csv;
}

void csv_close(struct csv *csv)
{
    bl23_csv_free(&csv->csv);
    free(csv);
}

size_t csv_rows(struct csv const *csv)
{
    return csv->csv.rows;
}

char const *csv_text(struct csv const *csv, size_t row, char const *column)
{
    char const *const text = bl23_csv_text(&csv->csv, row, column);
    if (!text)
        fail_msg("there is no column '%s'", column);
    return text;
}

double csv_double(struct csv const *csv, size_t row, char const *column)
{
    return strtod(csv_text(csv, row, column), NULL);
}

struct bl23_dd csv_decimal(struct csv const *csv, size_t row, char const *column)
{
    return bl23_dd_parse(csv_text(csv, row, column), NULL);
}
