/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "tables/base/csv_reader.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kernels/sample/error.h"
#include "kernels/sample/plain_text.h"
#include "tables/base/embedded.h"

static enum bl23_status refuse(struct bl23_csv const *csv, size_t line, char const *rule,
                               struct bl23_error *error)
{
    return bl23_fail(error, BL23_ERROR_CONFIG, "%s:%zu: %s", csv->name, line, rule);
}

/* ---- numbers ---- */

enum { NUMBER_SIZE = 128 };

/* Is all of the text a number? `comma` reads a comma as the decimal point. */
static bool read_number(char const *text, bool comma, struct bl23_dd *value)
{
    char plain[NUMBER_SIZE], *end;
    if (strlen(text) >= sizeof plain)
        return false;
    strcpy(plain, text);
    for (char *p = plain; *p; p++) {
        if (comma && *p == ',')
            *p = '.';
        bool const exponent =
            p > plain && strchr("0123456789.", p[-1]) && p[1] && strchr("+-0123456789", p[1]);
        if ((*p == 'd' || *p == 'D') && exponent) /* Fortran's */
            *p = 'e';
    }
    *value = bl23_dd_parse(plain, &end);
    return end > plain && *end == '\0';
}

/* Could a number with a comma be a whole number with thousands, like 1,234? */
static bool may_be_thousands(char const *text)
{
    size_t const before = strcspn(text, ",");
    return before <= 3 && text[0] != '0' && strspn(text, "0123456789") == before &&
           strspn(text + before + 1, "0123456789") == 3 && strlen(text) == before + 4;
}

static bool find_decimal_comma(struct bl23_csv const *csv)
{
    bool clear = false;
    struct bl23_dd value;
    for (size_t k = 0; csv->separator != ',' && k < csv->rows * csv->columns; k++) {
        char const *const text = csv->field[k] ? csv->field[k] : "";
        bool const comma = strchr(text, ',') != NULL;
        if (!comma && strchr(text, '.') && read_number(text, false, &value))
            return false;
        clear = clear || (comma && read_number(text, true, &value) && !may_be_thousands(text));
    }
    return clear;
}

/* ---- lines and fields ---- */

/* Tabs and blanks beside a comma or at an end only fill. */
static char find_separator(char const *line)
{
    bool quoted = false, comma = false, tab = false, blank = false;
    char before = ','; /* the last character that is no blank */
    for (; *line; line++) {
        quoted ^= *line == '"';
        if (quoted || (*line != ' ' && *line != '\t'))
            before = *line;
        if (quoted)
            continue;
        char const next = line[strspn(line, " \t")];
        bool const between = next != '\0' && next != ',' && before != ',';
        if (*line == ';')
            return ';';
        comma = comma || *line == ',';
        tab = tab || (*line == '\t' && between);
        blank = blank || (*line == ' ' && between);
    }
    return tab ? '\t' : comma || !blank ? ',' : ' ';
}

static char *skip_blanks(char *p, char separator)
{
    while (*p == ' ' || (*p == '\t' && separator != '\t'))
        p++;
    return p;
}

/* Put the end of a text before its blanks. */
static void trim_end(char *text, char separator)
{
    char *end = text + strlen(text);
    while (end > text && (end[-1] == ' ' || (end[-1] == '\t' && separator != '\t')))
        end--;
    *end = '\0';
}

/* The end of the quoted field that begins at p, whose doubled quotes become single ones; NULL if
 * the quotes are not closed. */
static char *unquote(char *p)
{
    char *to = p;
    for (; *p; *to++ = *p++)
        if (*p == '"' && *++p != '"') {
            *to = '\0';
            return p;
        }
    return NULL;
}

/* Cut one field at *p and set *p behind its separator, or to NULL after the last. */
static bool cut_field(char **p, char separator, char **field)
{
    char const stops[] = {separator, separator == ' ' ? '\t' : '\0', '\0'};
    char *const begin = skip_blanks(*p, separator);
    bool const quoted = *begin == '"';
    *field = begin + quoted;
    char *stop = quoted ? unquote(*field) : begin + strcspn(begin, stops);
    if (!stop)
        return false;
    bool const spaced = separator == ' ' && (*stop == ' ' || *stop == '\t'); /* once for a run */
    if (quoted || separator == ' ')
        stop = skip_blanks(stop, separator);
    bool const last = *stop == '\0', fine = last || spaced || *stop == separator;
    *p = last ? NULL : separator == ' ' ? stop : stop + 1;
    if (separator == ' ' && !last)
        stop[-1] = '\0';
    else
        *stop = '\0';
    if (!quoted)
        trim_end(*field, separator);
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
        if (!cut_field(&p, csv->separator, &field[(*count)++]))
            return refuse(csv, line,
                          "a field in double quotes must end with a quote before its separator",
                          error);
    }
    return BL23_OK;
}

static char const *separator_name(char separator)
{
    return separator == ';'    ? "semicolons"
           : separator == '\t' ? "tabs"
           : separator == ','  ? "commas"
                               : "blanks";
}

/* The first line decides what separates fields and how many a row has; it is the header, or a row
 * where it has numbers only. Then there is space for as many rows as there are lines. */
static enum bl23_status add_first_line(struct bl23_csv *csv, size_t line, size_t lines,
                                       char *const field[], size_t count, struct bl23_error *error)
{
    struct bl23_dd value;
    csv->columns = count;
    csv->header_line = line;
    csv->field = calloc(lines * count, sizeof *csv->field);
    csv->line = calloc(lines, sizeof *csv->line);
    for (size_t k = 0; k < count; k++) {
        bool const comma = csv->separator != ',' && strchr(field[k], ',');
        csv->has_header = csv->has_header || !read_number(field[k], comma, &value);
    }
    for (size_t k = 0; k < count; k++)
        csv->header[k] = csv->has_header ? field[k] : "";
    return csv->field && csv->line
               ? BL23_OK
               : bl23_fail(error, BL23_ERROR_MEMORY, "%s: out of memory", csv->name);
}

static enum bl23_status add_line(struct bl23_csv *csv, size_t line, char *text, size_t lines,
                                 struct bl23_error *error)
{
    char *field[BL23_CSV_COLUMNS_MAX];
    size_t count;
    bool const first = csv->columns == 0;
    if (first)
        csv->separator = find_separator(text);
    BL23_TRY(cut_line(csv, line, text, field, &count, error));
    if (first)
        BL23_TRY(add_first_line(csv, line, lines, field, count, error));
    if (first && csv->has_header)
        return BL23_OK;
    if (count != csv->columns)
        return bl23_fail(
            error, BL23_ERROR_CONFIG,
            "%s:%zu: a row must have %zu fields, as line %zu has, separated by %s (got "
            "%zu)",
            csv->name, line, csv->columns, csv->header_line, separator_name(csv->separator), count);
    memcpy(csv->field + csv->rows * csv->columns, field, count * sizeof *field);
    csv->line[csv->rows++] = line;
    return BL23_OK;
}

static enum bl23_status read_lines(struct bl23_csv *csv, char *text, char *end,
                                   struct bl23_error *error)
{
    size_t lines = 1, line = 0;
    for (char const *p = text; p < end; p++)
        lines += *p == '\n' || *p == '\r';
    for (char *stop; text < end; text = stop + 1) {
        for (stop = text; stop < end && *stop != '\n' && *stop != '\r';)
            stop++;
        line++;
        if (memchr(text, '\0', (size_t)(stop - text)))
            return refuse(csv, line, "a row must be text (got a NUL byte)", error);
        bool const windows = *stop == '\r' && stop + 1 < end && stop[1] == '\n';
        *stop = '\0';
        stop += windows;
        char const *const begin = text + strspn(text, " \t");
        if (*begin != '\0' && *begin != '#')
            BL23_TRY(add_line(csv, line, text, lines, error));
    }
    csv->decimal_comma = find_decimal_comma(csv);
    return csv->rows > 0
               ? BL23_OK
               : refuse(csv, line > 0 ? line : 1,
                        "the file must hold at least one row of numbers (got no rows)", error);
}

enum bl23_status bl23_csv_parse(char const *name, char const *text, size_t length,
                                struct bl23_csv *csv, struct bl23_error *error)
{
    memset(csv, 0, sizeof *csv);
    snprintf(csv->name, sizeof csv->name, "%s", name);
    if (bl23_text_is_utf16(text, length))
        return refuse(csv, 1, "the file is UTF-16; save it as UTF-8", error);
    csv->text = malloc(length + 1);
    if (!csv->text)
        return bl23_fail(error, BL23_ERROR_MEMORY, "%s: out of memory", name);
    memcpy(csv->text, text, length);
    csv->text[length] = '\0';
    size_t const mark = length >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
    enum bl23_status const status = read_lines(csv, csv->text + mark, csv->text + length, error);
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

/* ---- fields by name ---- */

static bool same_name(char const *a, char const *b)
{
    while (*a && tolower((unsigned char)*a) == tolower((unsigned char)*b))
        a++, b++;
    return *a == *b;
}

char const *bl23_csv_text(struct bl23_csv const *csv, size_t row, char const *column)
{
    for (size_t c = 0; c < csv->columns; c++)
        if (same_name(csv->header[c], column))
            return csv->field[row * csv->columns + c];
    return NULL;
}

enum bl23_status bl23_csv_decimal(struct bl23_csv const *csv, size_t row, char const *column,
                                  struct bl23_dd *value, struct bl23_error *error)
{
    char const *const text = bl23_csv_text(csv, row, column);
    if (!text)
        return bl23_fail(error, BL23_ERROR_CONFIG, "%s:%zu: the header must name the column '%s'%s",
                         csv->name, csv->header_line, column,
                         csv->has_header ? "" : " (the file has no header)");
    if (read_number(text, csv->decimal_comma, value) && isfinite(value->hi))
        return BL23_OK;
    struct bl23_dd other;
    bool const comma = csv->separator != ',' && !csv->decimal_comma && strchr(text, ',') &&
                       read_number(text, true, &other);
    return bl23_fail(error, BL23_ERROR_CONFIG, "%s:%zu: %s must be a finite number (got '%.80s')%s",
                     csv->name, csv->line[row], column, text,
                     comma ? "; a comma is ambiguous in this file, so write a decimal point" : "");
}

enum bl23_status bl23_csv_number(struct bl23_csv const *csv, size_t row, char const *column,
                                 struct bl23_dd *value, struct bl23_error *error)
{
    BL23_TRY(bl23_csv_decimal(csv, row, column, value, error));
    *value = bl23_dd_shortest(*value);
    return BL23_OK;
}
