/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "host/outcome_read.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/columns_file.h"
#include "host/hdf5_write.h"
#include "host/survey_file.h"
#include "tables/message.h"

static bool read_totals(hid_t file, struct bl23_survey_outcome *o)
{
    struct bl23_tallies *const t = &o->results.tallies;
    return bl23_h5_read_u64(file, "/", "samples", &t->drawn) &&
           bl23_h5_read_u64(file, "/", "passed", &t->passed) &&
           bl23_h5_read_u64(file, "/", "passed_1sigma", &t->passed_1sigma) &&
           bl23_h5_read_u64(file, "/", "stored", &o->stored);
}

/* A dataset of one counter per mass knot, which stands at `offset` of struct bl23_knot_counts. */
static bool read_by_mass(hid_t file, char const *path, size_t offset, struct bl23_results *r)
{
    uint64_t *const data = calloc(r->n_knots, sizeof *data);
    bool const fine = data && bl23_h5_read(file, path, H5T_NATIVE_UINT64, r->n_knots, data);
    for (uint64_t k = 0; fine && k < r->n_knots; k++)
        memcpy((char *)&r->knot[k] + offset, &data[k], sizeof *data);
    free(data);
    return fine;
}

/* passed[constraint][knot], as far as the file keeps the masses apart. */
static bool read_sequential(hid_t file, size_t constraints, struct bl23_results *r)
{
    uint64_t *const data = calloc(constraints * r->n_knots + 1, sizeof *data);
    bool const fine = data && bl23_h5_read(file, "/cutflow/by_mass", H5T_NATIVE_UINT64,
                                           constraints * r->n_knots, data);
    for (size_t c = 0; fine && c < constraints; c++)
        for (uint64_t k = 0; k < r->n_knots; k++)
            r->knot[k].passed_sequentially[c] = data[c * r->n_knots + k];
    free(data);
    return fine;
}

static bool read_cutflow(hid_t file, struct bl23_survey const *s, struct bl23_results *r)
{
    size_t const n = s->config->constraints.size;
    struct bl23_knot_counts *const all = &r->knot[0];
    return read_by_mass(file, "/cutflow/mass_drawn", offsetof(struct bl23_knot_counts, drawn), r) &&
           read_by_mass(file, "/cutflow/mass_passed", offsetof(struct bl23_knot_counts, passed),
                        r) &&
           read_sequential(file, n, r) &&
           bl23_h5_read_u64(file, "/cutflow", "drawn", &all->cutflow_drawn) &&
           bl23_h5_read(file, "/cutflow/passed_alone", H5T_NATIVE_UINT64, n, all->passed_alone);
}

static bool read_histogram_1d(hid_t file, enum bl23_axis axis, uint64_t counts[BL23_BINS_ALL])
{
    char path[64];
    snprintf(path, sizeof path, "/histograms/%s", bl23_axis_name(axis));
    return bl23_h5_read(file, path, H5T_NATIVE_UINT64, BL23_BINS, counts + 1) &&
           bl23_h5_read_u64(file, path, "underflow", &counts[0]) &&
           bl23_h5_read_u64(file, path, "overflow", &counts[BL23_BINS + 1]);
}

/* What lies outside the edges is in no output. */
static bool read_histogram_2d(hid_t file, enum bl23_axis const axis[2],
                              uint64_t counts[BL23_BINS_ALL][BL23_BINS_ALL])
{
    uint64_t inner[BL23_BINS][BL23_BINS];
    char path[96];
    snprintf(path, sizeof path, "/histograms/%s__%s", bl23_axis_name(axis[0]),
             bl23_axis_name(axis[1]));
    if (!bl23_h5_read(file, path, H5T_NATIVE_UINT64, (size_t)BL23_BINS * BL23_BINS, inner))
        return false;
    for (int i = 0; i < BL23_BINS; i++)
        memcpy(&counts[i + 1][1], inner[i], sizeof inner[i]);
    return true;
}

static bool read_histograms(hid_t file, struct bl23_survey const *s, struct bl23_results *r)
{
    bool fine = true;
    for (int axis = 0; fine && axis < BL23_AXES; axis++)
        fine = read_histogram_1d(file, (enum bl23_axis)axis, r->tallies.histogram_1d[axis]);
    for (size_t h = 0; fine && h < s->config->n_histograms_2d; h++)
        fine = read_histogram_2d(file, s->config->histogram_2d[h], r->histogram_2d[h]);
    return fine;
}

/* The smallest (side 0) or largest values of the written columns, of a set of survivors. */
static bool read_extremum(hid_t file, struct bl23_survey const *s, int set, int side,
                          struct bl23_results *r)
{
    double value[BL23_COLUMNS];
    uint64_t index[BL23_COLUMNS];
    char path[64], index_path[72];
    size_t written = 0, at = 0;
    for (int c = 0; c < BL23_COLUMNS; c++)
        written += bl23_column_written(s->model, c);
    snprintf(path, sizeof path, "/extrema/%s", bl23_extremum_names[set][side]);
    snprintf(index_path, sizeof index_path, "%s_index", path);
    if (!bl23_h5_read(file, path, H5T_NATIVE_DOUBLE, written, value) ||
        !bl23_h5_read(file, index_path, H5T_NATIVE_UINT64, written, index))
        return false;
    for (int c = 0; c < BL23_COLUMNS; c++)
        if (bl23_column_written(s->model, c)) {
            if (index[at] != BL23_NO_INDEX) /* else the file says NaN */
                r->tallies.extremum[set][c][side] = (struct bl23_extremum){value[at], index[at]};
            at++;
        }
    return true;
}

/* Nearest samples, least tension first. */
static bool read_nearest(hid_t file, struct bl23_results *r)
{
    size_t const n = bl23_h5_count(file, "/nearest/index");
    uint64_t *const index = calloc(n + 1, sizeof *index);
    double *const tension = calloc(n + 1, sizeof *tension);
    bool const fine =
        index && tension && n <= r->nearest_capacity &&
        (n == 0 || (bl23_h5_read(file, "/nearest/index", H5T_NATIVE_UINT64, n, index) &&
                    bl23_h5_read(file, "/nearest/tension", H5T_NATIVE_DOUBLE, n, tension)));
    for (size_t k = 0; fine && k < n; k++)
        r->nearest[k] = (struct bl23_extremum){tension[k], index[k]};
    r->n_nearest = fine ? n : 0;
    free(index);
    free(tension);
    return fine;
}

enum bl23_status bl23_outcome_read(struct bl23_survey const *s, struct bl23_survey_outcome *o,
                                   struct bl23_error *error)
{
    *o = (struct bl23_survey_outcome){.stored = 0};
    if (bl23_results_init(&o->results, s->model->n_knots, s->model->seed, &s->reduction) != BL23_OK)
        return bl23_fail(error, BL23_ERROR_MEMORY, "out of memory for the summary");
    hid_t const file = H5Fopen(s->config->output, H5F_ACC_RDONLY, H5P_DEFAULT);
    bool fine = file >= 0 && read_totals(file, o) && read_cutflow(file, s, &o->results) &&
                read_histograms(file, s, &o->results) && read_nearest(file, &o->results);
    for (int set = 0; set < 2; set++)
        for (int side = 0; side < 2; side++)
            fine = fine && read_extremum(file, s, set, side, &o->results);
    if (file >= 0)
        H5Fclose(file);
    if (fine)
        return BL23_OK;
    bl23_results_free(&o->results);
    return bl23_fail(error, BL23_ERROR_FAILED,
                     "%s: its counts, histograms, extrema or nearest cannot be read",
                     s->config->output);
}
