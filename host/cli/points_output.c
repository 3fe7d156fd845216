/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "host/cli/points_output.h"

#include <errno.h>
#include <math.h>
#include <string.h>
#include <unistd.h>

#include "kernels/sample/error.h"

static bool ends_with(char const *text, char const *end)
{
    size_t const length = strlen(text), wanted = strlen(end);
    return length >= wanted && strcmp(text + length - wanted, end) == 0;
}

enum bl23_points_form bl23_points_form_of(char const *path, bool json)
{
    return json || ends_with(path, ".jsonl") ? BL23_POINTS_JSON
           : ends_with(path, ".h5")          ? BL23_POINTS_HDF5
                                             : BL23_POINTS_CSV;
}

/* Is a column of whole numbers? */
static bool is_whole(char const *name)
{
    return strcmp(name, "level") == 0 || strcmp(name, "survives") == 0;
}

static void begin_hdf5(struct bl23_points_output *out, char const *yaml)
{
    bl23_h5_create(&out->h5, out->temporary.name);
    bl23_h5_text(&out->h5, "/", "format", "bl23-points");
    bl23_h5_u64(&out->h5, "/", "format_version", 1);
    bl23_h5_text(&out->h5, "/", "bl23_version", bl23_version());
    bl23_h5_text(&out->h5, "/", "configuration", yaml);
    for (uint32_t c = 0; c < out->columns->n; c++) {
        struct bl23_column_info const *const info = &out->columns->info[c];
        struct bl23_h5_label const label = {info->name, info->unit, info->text};
        bl23_points_create(&out->h5, label, is_whole(info->name));
    }
}

static enum bl23_status text_failed(struct bl23_points_output const *out, struct bl23_error *error)
{
    return bl23_io_failed("writing", out->path, error);
}

enum bl23_status bl23_points_output_open(char const *path, enum bl23_points_form form,
                                         struct bl23_points_columns const *columns,
                                         char const *yaml, struct bl23_points_output *out,
                                         struct bl23_error *error)
{
    bool const to_stdout = strcmp(path, "-") == 0;
    *out = (struct bl23_points_output){.path = path, .form = form, .columns = columns};
    if (!to_stdout)
        BL23_TRY(bl23_temporary_make(path, &out->temporary, error));
    if (form == BL23_POINTS_HDF5) {
        begin_hdf5(out, yaml);
        return BL23_OK;
    }
    int const descriptor = to_stdout ? STDOUT_FILENO : dup(out->temporary.descriptor);
    out->text = to_stdout ? stdout : descriptor < 0 ? NULL : fdopen(descriptor, "wb");
    if (!out->text)
        return bl23_points_output_close(out, text_failed(out, error), error);
    if (form == BL23_POINTS_CSV) {
        fputs("index", out->text);
        for (uint32_t c = 0; c < columns->n; c++)
            fprintf(out->text, ",%s", columns->info[c].name);
        putc('\n', out->text);
    }
    return BL23_OK;
}

static void print_csv(struct bl23_points_output const *out, size_t row, double *const *values)
{
    uint64_t const index = out->rows + row;
    fprintf(out->text, "%llu", (unsigned long long)index);
    for (uint32_t c = 0; c < out->columns->n; c++)
        fprintf(out->text, ",%.17g", values[c][row]);
    putc('\n', out->text);
}

static void print_json(struct bl23_points_output const *out, size_t row, double *const *values)
{
    uint64_t const index = out->rows + row;
    fprintf(out->text, "{\"index\": %llu", (unsigned long long)index);
    for (uint32_t c = 0; c < out->columns->n; c++)
        if (isfinite(values[c][row]))
            fprintf(out->text, ", \"%s\": %.17g", out->columns->info[c].name, values[c][row]);
        else
            fprintf(out->text, ", \"%s\": null", out->columns->info[c].name);
    fputs("}\n", out->text);
}

enum bl23_status bl23_points_output_append(struct bl23_points_output *out, size_t rows,
                                           double *const *values, struct bl23_error *error)
{
    errno = 0;
    if (out->form == BL23_POINTS_HDF5)
        for (uint32_t c = 0; c < out->columns->n; c++)
            bl23_points_append(&out->h5, out->columns->info[c].name, out->rows, rows, values[c]);
    else
        for (size_t row = 0; row < rows; row++)
            (out->form == BL23_POINTS_CSV ? print_csv : print_json)(out, row, values);
    out->rows += rows;
    return out->text && ferror(out->text) ? text_failed(out, error) : BL23_OK;
}

enum bl23_status bl23_points_output_close(struct bl23_points_output *out, enum bl23_status status,
                                          struct bl23_error *error)
{
    bool const to_stdout = strcmp(out->path, "-") == 0;
    errno = 0;
    if (out->form == BL23_POINTS_HDF5)
        status = bl23_h5_close(&out->h5, out->path, status, error);
    else if (out->text && (to_stdout ? fflush(out->text) : fclose(out->text)) != 0 &&
             status == BL23_OK)
        status = text_failed(out, error);
    return to_stdout ? status : bl23_temporary_finish(&out->temporary, status, error);
}
