/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "host/output/tables_file.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "host/output/layout.h"
#include "kernels/sample/error.h"

/* Relative difference allowed between tables that other compilers and libraries made of the same
 * inputs. */
static double const rounding = 1e-11;

/* Is it a dataset of /tables that belongs to struct bl23_knot? */
static bool is_of_knots(struct bl23_layout_row const *row)
{
    return bl23_layout_in_group(row, "/tables") && row->use == BL23_USE_VALUES;
}

/* Number of values per mass. */
static size_t elements(struct bl23_layout_row const *row)
{
    size_t count = 1;
    for (int d = 1; d < BL23_H5_RANK_MAX && row->dims[d] > 0; d++)
        count *= (size_t)row->dims[d];
    return count;
}

/* The values of the row at one knot. */
static double const *values_of(struct bl23_layout_row const *row, struct bl23_knot const *knot)
{
    return (double const *)((char const *)knot + row->offset);
}

void bl23_tables_write(struct bl23_h5 *h5, struct bl23_knot const *knots,
                       struct bl23_loop_table const *tables, size_t n)
{
    struct bl23_survey_data const data = {.knots = (struct bl23_knot *)knots, /* only written */
                                          .tables = tables,
                                          .size[-BL23_SIZE_KNOTS] = n};
    bl23_layout_write(h5, "/tables", &data);
}

/* The number of masses, which every dataset must have; the size of the file bounds it. */
static enum bl23_status count_knots(hid_t file, struct bl23_survey_data *data, size_t *n,
                                    struct bl23_error *error)
{
    char const *const path = bl23_layout_find("/tables/mass_gev")->path;
    BL23_TRY(bl23_h5_read_count(file, path, BL23_H5_F64, n, error));
    if (*n == 0)
        return bl23_fail(error, BL23_ERROR_FAILED, "%s is empty", path);
    data->size[-BL23_SIZE_KNOTS] = *n;
    for (size_t k = 0; k < bl23_layout_n_rows; k++) {
        struct bl23_layout_row const *const row = &bl23_layout_rows[k];
        if (is_of_knots(row))
            BL23_TRY(bl23_h5_expect(file, row->path, bl23_layout_form(row, data, 0), error));
    }
    return BL23_OK;
}

/* The tables of a file, verified against the checksums of their datasets; *knots is owned, also
 * after a failure. */
static enum bl23_status read_knots(hid_t file, struct bl23_knot **knots, size_t *n,
                                   struct bl23_error *error)
{
    struct bl23_survey_data data = {.knots = NULL};
    BL23_TRY(count_knots(file, &data, n, error));
    *knots = data.knots = calloc(*n + 1, sizeof **knots);
    if (!*knots)
        return bl23_fail(error, BL23_ERROR_MEMORY, "out of memory for the tables of %zu masses",
                         *n);
    for (size_t k = 0; k < bl23_layout_n_rows; k++) {
        struct bl23_layout_row const *const row = &bl23_layout_rows[k];
        if (!is_of_knots(row))
            continue;
        BL23_TRY(bl23_layout_read_row(file, row, &data, error));
        BL23_TRY(bl23_h5_verify_dataset(file, row->path, error));
    }
    return BL23_OK;
}

enum bl23_status bl23_tables_read(char const *path, struct bl23_knot **knots, size_t *n,
                                  struct bl23_error *error)
{
    struct bl23_error found = {BL23_OK, ""};
    hid_t file;
    *knots = NULL;
    *n = 0;
    enum bl23_status status = bl23_h5_open(path, &file, &found);
    if (status == BL23_ERROR_FAILED)
        return bl23_fail(error, BL23_ERROR_CONFIG,
                         "%s is not an HDF5 file that can be opened; use one made by 'bl23 tables "
                         "-o' or 'bl23 survey'",
                         path);
    if (status != BL23_OK)
        return bl23_fail(error, status, "%s", found.text);
    status = read_knots(file, knots, n, &found);
    H5Fclose(file);
    if (status == BL23_OK)
        return status;
    free(*knots);
    *knots = NULL;
    if (status != BL23_ERROR_FAILED)
        return bl23_fail(error, status, "%s", found.text);
    return bl23_fail(error, BL23_ERROR_CONFIG,
                     "%s does not hold a complete group /tables as it was written (%s); use a file "
                     "made by 'bl23 tables -o' or 'bl23 survey'",
                     path, found.text);
}

enum bl23_status bl23_tables_verify(hid_t file, char const *path, struct bl23_model const *model,
                                    struct bl23_error *error)
{
    struct bl23_knot *knots = NULL;
    struct bl23_survey_data data = {.knots = NULL};
    size_t n = 0;
    enum bl23_status status = read_knots(file, &knots, &n, error);
    if (status == BL23_OK && n != model->n_knots)
        status = bl23_fail(error, BL23_ERROR_FAILED,
                           "%s: /tables and /tables/model have different numbers of masses", path);
    data.size[-BL23_SIZE_KNOTS] = n;
    for (size_t k = 0; status == BL23_OK && k < bl23_layout_n_rows; k++) {
        struct bl23_layout_row const *const row = &bl23_layout_rows[k];
        bool same = true;
        for (size_t i = 0; is_of_knots(row) && i < n; i++)
            same = same && memcmp(values_of(row, &knots[i]), values_of(row, &model->knot[i]),
                                  elements(row) * sizeof(double)) == 0;
        if (!same)
            status = bl23_fail(error, BL23_ERROR_FAILED,
                               "%s: %s differs from that of /tables/model", path, row->path);
        else if (bl23_layout_in_group(row, "/tables") && row->use == BL23_USE_CHECKED)
            status = bl23_layout_read_row(file, row, &data, error);
    }
    free(knots);
    return status;
}

/* The largest difference of an entry, relative to the largest entry of its row; infinite for NaN.
 */
static double row_difference(double const *found, double const *expected, size_t count)
{
    double largest = 0.0, difference = 0.0;
    bool finite = true;
    for (size_t k = 0; k < count; k++) {
        largest = fmax(largest, fabs(expected[k]));
        difference = fmax(difference, fabs(found[k] - expected[k]));
        finite = finite && isfinite(found[k]);
    }
    return difference > 0.0 || !finite ? (finite ? difference / largest : INFINITY) : 0.0;
}

enum bl23_status bl23_tables_compare(char const *path, struct bl23_knot const *found,
                                     struct bl23_knot const *expected, size_t n,
                                     struct bl23_error *error)
{
    for (size_t k = 0; k < bl23_layout_n_rows; k++) {
        struct bl23_layout_row const *const row = &bl23_layout_rows[k];
        size_t const length = row->dims[2] > 0 ? (size_t)row->dims[2] : 1; /* of a matrix' row */
        for (size_t i = 0; is_of_knots(row) && i < n; i++) {
            double const *const a = values_of(row, &found[i]);
            double const *const b = values_of(row, &expected[i]);
            double off = 0.0;
            for (size_t j = 0; j < elements(row); j += length)
                off = fmax(off, row_difference(a + j, b + j, length));
            if (!(off <= rounding))
                return bl23_fail(
                    error, BL23_ERROR_CONFIG,
                    "%s: %s at %.9g GeV differs from the tables of this configuration by %.2g of "
                    "its largest entry, more than the %g that another compiler's rounding may "
                    "cause; use tables that were made with the same inputs",
                    path, row->path, expected[i].mass_gev, off, rounding);
        }
    }
    return BL23_OK;
}
