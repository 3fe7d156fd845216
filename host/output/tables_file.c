/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "host/output/tables_file.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "host/io/file_io.h"
#include "host/output/hdf5_read.h"
#include "kernels/sample/error.h"

/* Between tables of the same inputs by different compilers and libraries. */
static double const rounding = 1e-11;

/* One dataset of /tables: where it lies in a knot or in a loop table, and its shape per knot. */
struct field {
    struct bl23_h5_label label;
    bool in_knot;
    size_t offset;
    int rank;
    hsize_t dims[4];
};

static struct field const fields[] = {
    {{"/tables/mass_gev", "GeV",
      "mass knots; tile i >> 12 of the samples uses knot (i >> 12) mod N"},
     true,
     offsetof(struct bl23_knot, mass_gev),
     0,
     {0}},
    {{"/tables/forms", "1",
      "quadratic forms: rows Re, Im of H_ds, H_db, H_sb; columns |w1|^2, |w2|^2, |w3|^2, Re and Im "
      "of w1* w2, of w1* w3, of w2* w3"},
     true,
     offsetof(struct bl23_knot, form),
     2,
     {BL23_FORMS, BL23_MONOMIALS}},
    {{"/tables/kappa", "1",
      "BR = kappa g^2 s, modes in the order of the columns br_*; 0 where the mode is closed"},
     true,
     offsetof(struct bl23_knot, kappa),
     1,
     {BL23_MODES}},
    {{"/tables/delta_a_mu_per_g2", "1", "contribution to the muon's anomalous moment over g^2"},
     true,
     offsetof(struct bl23_knot, delta_a_mu_per_g2),
     0,
     {0}},
    {{"/tables/c_left", "1", "C_L of channel ds, db, sb; i, j = u, c, t; re, im; printed sign"},
     false,
     offsetof(struct bl23_loop_table, c_left),
     4,
     {BL23_CHANNELS, 3, 3, 2}},
    {{"/tables/c_right", "1", "C_R, as c_left"},
     false,
     offsetof(struct bl23_loop_table, c_right),
     4,
     {BL23_CHANNELS, 3, 3, 2}},
};
enum { FIELDS = sizeof fields / sizeof fields[0] };

static size_t elements(struct field const *f)
{
    size_t count = 1;
    for (int d = 0; d < f->rank; d++)
        count *= f->dims[d];
    return count;
}

void bl23_tables_write(struct bl23_h5 *h5, struct bl23_knot const *knots,
                       struct bl23_loop_table const *tables, size_t n)
{
    bl23_h5_group(h5, "/tables");
    for (int k = 0; k < FIELDS; k++) {
        struct field const *const f = &fields[k];
        size_t const count = elements(f);
        double *const data = calloc(n * count, sizeof *data);
        h5->ok = h5->ok && data;
        for (size_t i = 0; data && i < n; i++) {
            char const *const base =
                f->in_knot ? (char const *)&knots[i] : (char const *)&tables[i];
            memcpy(data + i * count, base + f->offset, count * sizeof *data);
        }
        hsize_t dims[5] = {n};
        memcpy(dims + 1, f->dims, sizeof f->dims);
        bl23_h5_dataset(h5, f->label, H5T_NATIVE_DOUBLE, f->rank + 1, dims, data);
        free(data);
    }
}

/* What the dataset must be for n masses. */
static struct bl23_h5_form form_of(struct field const *f, size_t n)
{
    struct bl23_h5_form form = {.kind = BL23_H5_F64, .rank = f->rank + 1, .dims = {n}};
    memcpy(form.dims + 1, f->dims, sizeof f->dims);
    return form;
}

static enum bl23_status read_field(hid_t file, struct field const *f, struct bl23_knot *knots,
                                   size_t n, struct bl23_error *error)
{
    size_t const count = elements(f);
    uint64_t sum = 0;
    double *const data = calloc(n * count, sizeof *data);
    if (!data)
        return bl23_fail(error, BL23_ERROR_MEMORY, "out of memory for %s", f->label.path);
    enum bl23_status status = bl23_h5_read(file, f->label.path, form_of(f, n), data, error);
    if (status == BL23_OK)
        status = bl23_h5_read_u64(file, f->label.path, "xxh3", &sum, error);
    if (status == BL23_OK && sum != bl23_checksum(data, n * count * sizeof *data))
        status = bl23_fail(error, BL23_ERROR_FAILED, "%s differs from its checksum", f->label.path);
    for (size_t i = 0; status == BL23_OK && i < n; i++)
        memcpy((char *)&knots[i] + f->offset, data + i * count, count * sizeof *data);
    free(data);
    return status;
}

/* The number of masses, if every field has as many: no more than the file can hold. */
static enum bl23_status count_knots(hid_t file, size_t *n, struct bl23_error *error)
{
    enum bl23_status status = bl23_h5_read_count(file, fields[0].label.path, BL23_H5_F64, n, error);
    for (int k = 0; status == BL23_OK && k < FIELDS; k++)
        if (fields[k].in_knot)
            status = bl23_h5_expect(file, fields[k].label.path, form_of(&fields[k], *n), error);
    if (status == BL23_OK && *n == 0)
        status = bl23_fail(error, BL23_ERROR_FAILED, "%s is empty", fields[0].label.path);
    return status;
}

static enum bl23_status read_knots(hid_t file, struct bl23_knot **knots, size_t *n,
                                   struct bl23_error *error)
{
    enum bl23_status status = count_knots(file, n, error);
    if (status != BL23_OK)
        return status;
    *knots = calloc(*n, sizeof **knots);
    if (!*knots)
        return bl23_fail(error, BL23_ERROR_MEMORY, "out of memory for the tables of %zu masses",
                         *n);
    for (int k = 0; status == BL23_OK && k < FIELDS; k++)
        if (fields[k].in_knot)
            status = read_field(file, &fields[k], *knots, *n, error);
    return status;
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
                         "%s: is no HDF5 file that can be opened, allowed: a file made by 'bl23 "
                         "tables -o' or 'bl23 survey'",
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
    return bl23_fail(
        error, BL23_ERROR_CONFIG,
        "%s: found no complete group /tables as it was written (%s), allowed: a file made by 'bl23 "
        "tables -o' or 'bl23 survey'",
        path, found.text);
}

enum bl23_status bl23_tables_verify(hid_t file, char const *path, struct bl23_model const *model,
                                    struct bl23_error *error)
{
    struct bl23_knot *knots = NULL;
    size_t n;
    enum bl23_status status = read_knots(file, &knots, &n, error);
    if (status == BL23_OK && n != model->n_knots)
        status = bl23_fail(error, BL23_ERROR_FAILED,
                           "%s: /tables has another number of masses "
                           "than /tables/model",
                           path);
    if (status == BL23_OK && bl23_h5_members(file, "/tables") != FIELDS + 1)
        status = bl23_fail(error, BL23_ERROR_FAILED,
                           "%s: /tables has other members than bl23 writes", path);
    for (int k = 0; status == BL23_OK && k < FIELDS; k++) {
        struct field const *const f = &fields[k];
        bool same = true;
        status = bl23_h5_expect(file, f->label.path, form_of(f, n), error);
        for (size_t i = 0; status == BL23_OK && f->in_knot && i < n; i++)
            same = same && memcmp((char const *)&knots[i] + f->offset,
                                  (char const *)&model->knot[i] + f->offset,
                                  elements(f) * sizeof(double)) == 0;
        if (status == BL23_OK && !same)
            status = bl23_fail(error, BL23_ERROR_FAILED, "%s: %s is not that of /tables/model",
                               path, f->label.path);
    }
    free(knots);
    return status;
}

/* The largest difference of an entry, as a part of the largest of its row; NaN never passes. */
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

/* Rows of a matrix apart, all else entry by entry. */
static double field_difference(struct field const *f, struct bl23_knot const *found,
                               struct bl23_knot const *expected)
{
    double const *const a = (double const *)((char const *)found + f->offset);
    double const *const b = (double const *)((char const *)expected + f->offset);
    size_t const count = elements(f), row = f->rank == 2 ? f->dims[1] : 1;
    double difference = 0.0;
    for (size_t k = 0; k < count; k += row)
        difference = fmax(difference, row_difference(a + k, b + k, row));
    return difference;
}

enum bl23_status bl23_tables_compare(char const *path, struct bl23_knot const *found,
                                     struct bl23_knot const *expected, size_t n,
                                     struct bl23_error *error)
{
    for (int k = 0; k < FIELDS; k++)
        for (size_t i = 0; fields[k].in_knot && i < n; i++) {
            double const off = field_difference(&fields[k], &found[i], &expected[i]);
            if (!(off <= rounding))
                return bl23_fail(error, BL23_ERROR_CONFIG,
                                 "%s: %s at %.9g GeV: found entries that differ by %.2g of the "
                                 "largest, allowed: %g, what another compiler's rounding may do: "
                                 "these tables were made with other inputs, or altered",
                                 path, fields[k].label.path, expected[i].mass_gev, off, rounding);
        }
    return BL23_OK;
}
