/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include <stdlib.h>
#include <string.h>

#include "host/output/layout.h"
#include "kernels/sample/error.h"

/* The first dimension of a row's values, and the product of the others. */
struct shape {
    size_t first, rest;
};

static struct shape shape_of(struct bl23_h5_form const *form)
{
    struct shape s = {form->rank > 0 ? form->dims[0] : 1, 1};
    for (int d = 1; d < form->rank; d++)
        s.rest *= form->dims[d];
    return s;
}

static uint64_t sum_over_masses(struct bl23_layout_cell at)
{
    uint64_t sum = 0;
    for (at.j = 0; at.j < at.data->results->n_knots; at.j++)
        sum += *(uint64_t *)at.row->value(at);
    return sum;
}

static bool is_sum(struct bl23_layout_row const *row)
{
    return row->use == BL23_USE_SUM || row->use == BL23_USE_TOTAL;
}

/* ---- writing ---- */

/* The values of a row in the order of the file, 8 bytes each; the caller frees them. */
static uint64_t *gather(struct bl23_layout_row const *row, struct bl23_survey_data const *data,
                        size_t item, struct shape s)
{
    uint64_t *const values = calloc(s.first * s.rest + 1, sizeof *values);
    struct bl23_layout_cell at = {.row = row, .data = data, .item = item};
    for (at.i = 0; values && at.i < s.first; at.i++) {
        if (is_sum(row))
            values[at.i] = sum_over_masses(at);
        for (at.j = 0; !is_sum(row) && at.j < s.rest; at.j++)
            memcpy(&values[at.i * s.rest + at.j], row->value(at), sizeof *values);
    }
    return values;
}

static void write_names(struct bl23_h5 *h5, struct bl23_h5_label label,
                        struct bl23_layout_row const *row, struct bl23_survey_data const *data)
{
    struct bl23_layout_cell at = {.row = row, .data = data};
    size_t const count = bl23_layout_form(row, data, 0).dims[0];
    char const **const names = calloc(count + 1, sizeof *names);
    h5->ok = h5->ok && names;
    for (; names && at.i < count; at.i++)
        names[at.i] = row->value(at);
    if (names)
        bl23_h5_names(h5, label, names, count);
    free((void *)names);
}

static void write_head(struct bl23_h5 *h5, struct bl23_layout_row const *row,
                       struct bl23_survey_head const *head)
{
    char const *const value = (char const *)head + row->offset;
    if (row->kind == BL23_H5_TEXT)
        bl23_h5_text(h5, row->path, row->attribute, *(char const *const *)value);
    else if (row->kind == BL23_H5_U64)
        bl23_h5_u64(h5, row->path, row->attribute, *(uint64_t const *)value);
    else
        bl23_h5_f64(h5, row->path, row->attribute, *(double const *)value);
}

static void write_item(struct bl23_h5 *h5, struct bl23_layout_row const *row,
                       struct bl23_survey_data const *data, size_t item)
{
    struct bl23_layout_label const name = bl23_layout_label(row, data, item);
    struct bl23_h5_label const label = {name.path, name.unit, name.text};
    struct bl23_h5_form const form = bl23_layout_form(row, data, item);
    struct shape const s = shape_of(&form);
    if (row->use == BL23_USE_WHOLE) {
        bl23_h5_dataset(h5, label, bl23_h5_type_in_memory(form.kind), form.rank, form.dims,
                        row->value((struct bl23_layout_cell){.row = row, .data = data}));
        return;
    }
    if (row->kind == BL23_H5_TEXT) {
        write_names(h5, label, row, data);
        return;
    }
    uint64_t *const values = gather(row, data, item, s);
    h5->ok = h5->ok && values;
    if (!row->attribute)
        bl23_h5_dataset(h5, label, bl23_h5_type_in_memory(form.kind), form.rank, form.dims, values);
    else if (values && form.rank == 0)
        bl23_h5_u64(h5, name.path, row->attribute, values[0]);
    else if (values)
        bl23_h5_f64s(h5, name.path, row->attribute, (double const *)(void const *)values, s.first);
    free(values);
}

/* Is the row, of this group, in a file of these data? */
static bool is_written(struct bl23_layout_row const *row, char const *group,
                       struct bl23_survey_data const *data)
{
    return bl23_layout_in_group(row, group) && (row->use != BL23_USE_WHOLE || data->model);
}

/* Name the dimensions of all datasets of a group. */
void bl23_layout_attach(struct bl23_h5 *h5, char const *group, struct bl23_survey_data const *data)
{
    size_t n = 0, most = 0;
    for (size_t k = 0; k < bl23_layout_n_rows; k++)
        if (is_written(&bl23_layout_rows[k], group, data))
            most += BL23_H5_RANK_MAX * bl23_layout_items(&bl23_layout_rows[k], data);
    struct bl23_h5_scale_link *const links = calloc(most + 1, sizeof *links);
    h5->ok = h5->ok && links;
    for (size_t k = 0; links && k < bl23_layout_n_rows; k++) {
        struct bl23_layout_row const *const row = &bl23_layout_rows[k];
        if (!row->attribute && is_written(row, group, data))
            for (size_t item = 0; item < bl23_layout_items(row, data); item++)
                n += bl23_layout_scales(row, data, item, links + n);
    }
    if (links)
        bl23_h5_attach_scales(h5, links, n);
    free(links);
}

void bl23_layout_write(struct bl23_h5 *h5, char const *group, struct bl23_survey_data const *data)
{
    if (strcmp(group, "/") != 0)
        bl23_h5_group(h5, group);
    for (size_t k = 0; k < bl23_layout_n_rows; k++) {
        struct bl23_layout_row const *const row = &bl23_layout_rows[k];
        if (!is_written(row, group, data))
            continue;
        if (row->use == BL23_USE_HEAD)
            write_head(h5, row, &data->head);
        for (size_t item = 0; row->use != BL23_USE_HEAD && item < bl23_layout_items(row, data);
             item++)
            write_item(h5, row, data, item);
    }
    bl23_layout_attach(h5, group, data);
}

/* ---- reading ---- */

/* The file has a sum over masses only: what no other row has read of it goes to the first mass. */
static enum bl23_status scatter_sum(hid_t file, struct bl23_layout_cell at, uint64_t value,
                                    struct bl23_error *error)
{
    uint64_t const rest = value - sum_over_masses(at);
    if (at.row->use == BL23_USE_TOTAL && rest != 0)
        return bl23_h5_refuse(file, at.row->path, "is not the sum over the masses", error);
    at.j = 0;
    *(uint64_t *)at.row->value(at) += rest;
    return BL23_OK;
}

static enum bl23_status read_item(hid_t file, struct bl23_layout_row const *row,
                                  struct bl23_survey_data *data, size_t item,
                                  struct bl23_error *error)
{
    struct bl23_layout_label const name = bl23_layout_label(row, data, item);
    struct bl23_h5_form const form = bl23_layout_form(row, data, item);
    struct shape const s = shape_of(&form);
    struct bl23_layout_cell at = {.row = row, .data = data, .item = item};
    if (row->use == BL23_USE_CHECKED)
        return bl23_h5_expect(file, name.path, form, error);
    uint64_t *const values = calloc(s.first * s.rest + 1, sizeof *values);
    if (!values)
        return bl23_fail(error, BL23_ERROR_MEMORY, "out of memory for %s", name.path);
    enum bl23_status status = row->attribute
                                  ? bl23_h5_read_u64(file, name.path, row->attribute, values, error)
                                  : bl23_h5_read(file, name.path, form, values, error);
    for (; status == BL23_OK && at.i < s.first; at.i++) {
        if (is_sum(row))
            status = scatter_sum(file, at, values[at.i], error);
        for (at.j = 0; !is_sum(row) && at.j < s.rest; at.j++)
            memcpy(row->value(at), &values[at.i * s.rest + at.j], sizeof *values);
    }
    free(values);
    return status;
}

enum bl23_status bl23_layout_read_row(hid_t file, struct bl23_layout_row const *row,
                                      struct bl23_survey_data *data, struct bl23_error *error)
{
    bool const read = is_sum(row) || row->use == BL23_USE_VALUES || row->use == BL23_USE_CHECKED;
    for (size_t item = 0; read && item < bl23_layout_items(row, data); item++)
        BL23_TRY(read_item(file, row, data, item, error));
    return BL23_OK;
}

enum bl23_status bl23_layout_read(hid_t file, char const *group, struct bl23_survey_data *data,
                                  struct bl23_error *error)
{
    for (int sums = 0; sums < 2; sums++)
        for (size_t k = 0; k < bl23_layout_n_rows; k++) {
            struct bl23_layout_row const *const row = &bl23_layout_rows[k];
            if (bl23_layout_in_group(row, group) && is_sum(row) == (sums == 1))
                BL23_TRY(bl23_layout_read_row(file, row, data, error));
        }
    return BL23_OK;
}

enum bl23_status bl23_layout_read_head(hid_t file, char const *group, struct bl23_survey_head *head,
                                       struct bl23_error *error)
{
    enum bl23_status first = BL23_OK;
    for (size_t k = 0; k < bl23_layout_n_rows; k++) {
        struct bl23_layout_row const *const row = &bl23_layout_rows[k];
        void *const value = (char *)head + row->offset;
        if (row->use != BL23_USE_HEAD || strcmp(row->path, group) != 0)
            continue;
        enum bl23_status const status =
            row->kind == BL23_H5_TEXT ? bl23_h5_read_text(file, group, row->attribute, value, error)
                                      : bl23_h5_read_u64(file, group, row->attribute, value, error);
        if (first == BL23_OK)
            first = status;
    }
    return first;
}

void bl23_layout_free_head(struct bl23_survey_head *head)
{
    for (size_t k = 0; k < bl23_layout_n_rows; k++) {
        struct bl23_layout_row const *const row = &bl23_layout_rows[k];
        if (row->use == BL23_USE_HEAD && row->kind == BL23_H5_TEXT)
            free(*(char **)((char *)head + row->offset));
    }
    *head = (struct bl23_survey_head){0};
}
