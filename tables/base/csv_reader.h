/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* Reads CSV text into rows of named fields, as spreadsheets, digitisers and Fortran write it.
 * Limit curves, `bl23 reproduce`, `bl23 fit` and the tests read their tables with it.
 *
 * A byte-order mark is skipped, lines may end as on Unix, Windows or an old Mac, and lines that
 * begin with '#' are comments. The first line decides what separates fields: semicolons if it has
 * any outside quotes, else tabs, else commas, else blanks. Blanks around a field are dropped. A
 * first line of numbers alone is a row, and the file has no header. */
#ifndef BL23_TABLES_CSV_READER_H
#define BL23_TABLES_CSV_READER_H

#include <stdbool.h>

#include "kernels/sample/model.h"
#include "tables/base/dd.h"

enum { BL23_CSV_COLUMNS_MAX = 64 };

/* text is cut into fields in place; all owned. */
struct bl23_csv {
    char name[256]; /* in messages */
    char *text;
    char const *header[BL23_CSV_COLUMNS_MAX]; /* empty names where there is no header */
    size_t columns, rows, header_line;
    char separator;
    bool has_header;
    bool decimal_comma; /* numbers are written 0,1 */
    char **field;       /* [rows, columns] */
    size_t *line;       /* [rows] where in the text, from 1 */
};

/* Parse `length` bytes; fields may stand in double quotes. On success the caller calls
 * bl23_csv_free. BL23_ERROR_CONFIG names the line and the rule. */
enum bl23_status bl23_csv_parse(char const *name, char const *text, size_t length,
                                struct bl23_csv *csv, struct bl23_error *error);
void bl23_csv_free(struct bl23_csv *csv);

/* The same for a file of tables/data by its name. */
enum bl23_status bl23_csv_shipped(char const *name, struct bl23_csv *csv, struct bl23_error *error);

/* A field of a row (from 0) by the name of its column, in capitals or not; NULL if there is no such
 * column. */
char const *bl23_csv_text(struct bl23_csv const *csv, size_t row, char const *column);

/* The finite decimal number in a field; BL23_ERROR_CONFIG names line and column where there is
 * none. The exponent may be Fortran's (1D-5), and the point a comma where that is unambiguous: the
 * separator is no comma, no number of the file has a point, and not all could be thousands. */
enum bl23_status bl23_csv_decimal(struct bl23_csv const *csv, size_t row, char const *column,
                                  struct bl23_dd *value, struct bl23_error *error);

/* The same without digits beyond a double's (bl23_dd_shortest). */
enum bl23_status bl23_csv_number(struct bl23_csv const *csv, size_t row, char const *column,
                                 struct bl23_dd *value, struct bl23_error *error);

#endif
