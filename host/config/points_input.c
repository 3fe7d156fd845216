/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "host/config/points_input.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "host/io/file_io.h"
#include "host/io/notes.h"
#include "kernels/sample/error.h"
#include "kernels/sample/row.h"
#include "tables/model_build.h"

static char const *const names[BL23_POINT_INPUTS] = {
#define NAME(name) #name,
    BL23_POINT_INPUT_LIST(NAME)
#undef NAME
};

enum { SHOWN = 40 }; /* characters of a field in a message */

#define COLUMNS                                                                                    \
    "wu11_re,wu11_im,wu12_re,wu12_im,wu13_re,wu13_im, and mass_gev and g_bl where wanted"

static enum bl23_status refuse(struct bl23_points_input const *in, char const *what,
                               struct bl23_error *error)
{
    return bl23_fail(error, BL23_ERROR_CONFIG, "%s:%llu: %s", in->path,
                     (unsigned long long)in->line, what);
}

/* ---- text ---- */

/* The next line that is neither blank nor a comment, without its end; *line NULL at the end. */
static enum bl23_status next_line(struct bl23_points_input *in, char **line,
                                  struct bl23_error *error)
{
    *line = NULL;
    for (;;) {
        errno = 0;
        ssize_t length = getline(&in->buffer, &in->capacity, in->text);
        if (length < 0)
            return feof(in->text) ? BL23_OK : bl23_io_failed("reading", in->path, error);
        in->line++;
        if (memchr(in->buffer, '\0', (size_t)length))
            return refuse(in, "a line must be text (got a NUL byte)", error);
        in->buffer[strcspn(in->buffer, "\r\n")] = '\0';
        *line = in->buffer + (in->line == 1 && strncmp(in->buffer, "\xef\xbb\xbf", 3) == 0 ? 3 : 0);
        *line += strspn(*line, " \t");
        if (**line != '\0' && **line != '#')
            return BL23_OK;
    }
}

/* Cut the next field off; NULL where there is none. Blanks around it are dropped. */
static char *next_field(char **rest)
{
    char *field = strsep(rest, ",");
    if (!field)
        return NULL;
    field += strspn(field, " \t");
    size_t length = strlen(field);
    while (length > 0 && strchr(" \t", field[length - 1]))
        field[--length] = '\0';
    return field;
}

static int find_input(char const *name)
{
    for (int k = 0; k < BL23_POINT_INPUTS; k++)
        if (strcmp(names[k], name) == 0)
            return k;
    return -1;
}

/* Does a header name any column of a point? */
static bool knows_any(char const *line)
{
    char *const copy = strdup(line), *rest = copy;
    bool any = !copy; /* the fields will tell */
    for (char *field; !any && (field = next_field(&rest));)
        any = find_input(field) >= 0;
    free(copy);
    return any;
}

static enum bl23_status read_header(struct bl23_points_input *in, bool apart,
                                    struct bl23_error *error)
{
    char *line;
    BL23_TRY(next_line(in, &line, error));
    if (!line)
        return bl23_fail(
            error, BL23_ERROR_CONFIG,
            "%s is empty; its first line must name the columns, separated by commas: " COLUMNS,
            in->path);
    if (!knows_any(line))
        return bl23_fail(
            error, BL23_ERROR_CONFIG,
            "%s:%llu: the first line must name the columns, separated by commas: " COLUMNS
            " (got '%.*s')",
            in->path, (unsigned long long)in->line, SHOWN, line);
    for (char *field; (field = next_field(&line));) {
        if (in->fields == BL23_POINTS_FIELDS)
            return refuse(in, "a line may have at most 256 columns", error);
        int const input = find_input(field);
        in->column[in->fields++] = input;
        if (input < 0 && !apart)
            bl23_note("note: %s: the column '%.40s' is not used", in->path, field);
        if (input >= 0 && in->has[input])
            return bl23_fail(error, BL23_ERROR_CONFIG, "%s:%llu: the column %s is there twice",
                             in->path, (unsigned long long)in->line, field);
        if (input >= 0)
            in->has[input] = true;
    }
    return BL23_OK;
}

static double *place_of(struct bl23_point_batch *b, int input)
{
    return input == BL23_POINT_mass_gev ? &b->mass_gev[b->n]
           : input == BL23_POINT_g_bl   ? &b->g_bl[b->n]
                                        : &b->w[b->n][input - BL23_POINT_wu11_re];
}

/* A finite decimal number. */
static bool read_number(char const *text, double *value)
{
    char *end;
    *value = strtod(text, &end);
    return *text != '\0' && text[strspn(text, "0123456789+-.eE")] == '\0' && *end == '\0' &&
           isfinite(*value);
}

static enum bl23_status read_line(struct bl23_points_input *in, char *line,
                                  struct bl23_point_batch *b, struct bl23_error *error)
{
    size_t k = 0;
    for (char *field; (field = next_field(&line)); k++) {
        double value;
        int const input = k < in->fields ? in->column[k] : -1;
        if (input >= 0 && !read_number(field, &value))
            return bl23_fail(error, BL23_ERROR_CONFIG,
                             "%s:%llu: %s must be a decimal number (got '%.*s')", in->path,
                             (unsigned long long)in->line, names[input], SHOWN, field);
        if (input >= 0)
            *place_of(b, input) = value;
    }
    if (k != in->fields)
        return bl23_fail(error, BL23_ERROR_CONFIG,
                         "%s:%llu: a line must have %zu fields, as the header has (got %zu)",
                         in->path, (unsigned long long)in->line, in->fields, k);
    b->line[b->n++] = in->line;
    return BL23_OK;
}

/* ---- HDF5 ---- */

static struct bl23_points_reader const *hdf5; /* NULL: there is none */

void bl23_points_input_take_reader(struct bl23_points_reader const *of_hdf5)
{
    hdf5 = of_hdf5;
}

static enum bl23_status open_hdf5(struct bl23_points_input *in, struct bl23_error *error)
{
    if (!hdf5)
        return bl23_fail(
            error, BL23_ERROR_CONFIG,
            "%s is HDF5, which the library does not read; use CSV, or the program bl23", in->path);
    BL23_TRY(hdf5->open(in->path, &in->source, error));
    for (int k = 0; k < BL23_POINT_INPUTS; k++)
        BL23_TRY(hdf5->find(in->source, names[k], &in->has[k], &in->rows, error));
    return BL23_OK;
}

static enum bl23_status read_hdf5(struct bl23_points_input *in, struct bl23_point_batch *b,
                                  struct bl23_error *error)
{
    double value[BL23_POINTS_AT_ONCE];
    uint64_t const left = in->rows - in->row;
    size_t const n = left < BL23_POINTS_AT_ONCE ? (size_t)left : BL23_POINTS_AT_ONCE;
    for (int k = 0; n > 0 && k < BL23_POINT_INPUTS; k++) {
        if (!in->has[k])
            continue;
        BL23_TRY(hdf5->read(in->source, names[k], in->row, n, value, error));
        for (b->n = 0; b->n < n; b->n++) {
            if (!isfinite(value[b->n]))
                return bl23_fail(error, BL23_ERROR_CONFIG,
                                 "%s: row %llu: %s must be a finite number (got %g)", in->path,
                                 (unsigned long long)in->row + b->n, names[k], value[b->n]);
            *place_of(b, k) = value[b->n];
        }
    }
    for (b->n = 0; b->n < n; b->n++)
        b->line[b->n] = in->row++;
    return BL23_OK;
}

/* ---- both ---- */

static enum bl23_status open_text(struct bl23_points_input *in, bool apart,
                                  struct bl23_error *error)
{
    struct stat info;
    in->text = strcmp(in->path, "-") == 0 ? stdin : fopen(in->path, "rb");
    if (!in->text)
        return bl23_errno_is_machine(errno)
                   ? bl23_io_failed("opening", in->path, error)
                   : bl23_fail(error, BL23_ERROR_CONFIG,
                               "%s cannot be read (%s); name a CSV or HDF5 file of points",
                               in->path, bl23_errno_text(errno));
    if (fstat(fileno(in->text), &info) == 0 && S_ISDIR(info.st_mode))
        return bl23_fail(error, BL23_ERROR_CONFIG, "%s cannot be read (it is a folder)", in->path);
    in->bytes = S_ISREG(info.st_mode) ? (uint64_t)info.st_size : 0;
    return read_header(in, apart, error);
}

enum bl23_status bl23_points_input_open(char const *path, bool apart, struct bl23_points_input *in,
                                        struct bl23_error *error)
{
    *in = (struct bl23_points_input){.path = path};
    if (!apart)
        BL23_TRY(bl23_input_note(path, error));
    BL23_TRY(bl23_file_is_hdf5(path) ? open_hdf5(in, error) : open_text(in, apart, error));
    for (int k = BL23_POINT_wu11_re; k < BL23_POINT_INPUTS; k++)
        if (!in->has[k])
            return bl23_fail(error, BL23_ERROR_CONFIG,
                             "%s must have the column %s; the columns of points are " COLUMNS, path,
                             names[k]);
    return BL23_OK;
}

void bl23_points_input_close(struct bl23_points_input *in)
{
    if (in->source)
        hdf5->close(in->source);
    if (in->text && in->text != stdin)
        fclose(in->text);
    free(in->buffer);
    *in = (struct bl23_points_input){0};
}

enum bl23_status bl23_points_input_read(struct bl23_points_input *in, struct bl23_point_batch *b,
                                        struct bl23_error *error)
{
    char *line;
    b->n = 0;
    if (!in->text)
        return read_hdf5(in, b, error);
    while (b->n < BL23_POINTS_AT_ONCE) {
        BL23_TRY(next_line(in, &line, error));
        if (!line)
            break;
        BL23_TRY(read_line(in, line, b, error));
    }
    return BL23_OK;
}

void bl23_points_input_place(struct bl23_points_input const *in, struct bl23_point_batch const *b,
                             size_t row, char *text, size_t size)
{
    snprintf(text, size, in->text ? "%.256s:%llu" : "%.256s: row %llu", in->path,
             (unsigned long long)b->line[row]);
}

double bl23_points_input_part(struct bl23_points_input const *in)
{
    if (!in->text)
        return in->rows > 0 ? (double)in->row / (double)in->rows : 1.0;
    off_t const at = in->bytes > 0 ? ftello(in->text) : 0;
    return at > 0 ? (double)at / (double)in->bytes : 0.0;
}

enum bl23_status bl23_point_check(double const *mass_gev, double const *g_bl, double const w[6],
                                  struct bl23_error *error)
{
    if (mass_gev && !(*mass_gev >= BL23_MASS_MIN_GEV && *mass_gev <= BL23_MASS_MAX_GEV))
        return bl23_fail(error, BL23_ERROR_DOMAIN,
                         "a mass must be in " BL23_MASS_ALLOWED " (got %g)", *mass_gev);
    if (g_bl && !(*g_bl >= BL23_G_MIN && *g_bl <= BL23_G_MAX))
        return bl23_fail(error, BL23_ERROR_DOMAIN,
                         "a coupling must be in " BL23_G_ALLOWED " (got %g)", *g_bl);
    if (!bl23_row_is_allowed(w))
        return bl23_fail(error, BL23_ERROR_DOMAIN,
                         "w must have " BL23_ROW_ALLOWED " (got %g%+gj, %g%+gj, %g%+gj)", w[0],
                         w[1], w[2], w[3], w[4], w[5]);
    return BL23_OK;
}
