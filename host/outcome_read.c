/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "host/outcome_read.h"

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

static bool read_cutflow(hid_t file, struct bl23_survey const *s, struct bl23_results *r)
{
    struct bl23_knot_counts *const all = &r->knot[0];
    size_t const n = s->config->constraints.size;
    return bl23_h5_read_u64(file, "/cutflow", "drawn", &all->cutflow_drawn) &&
           bl23_h5_read(file, "/cutflow/passed", H5T_NATIVE_UINT64, n, all->passed_sequentially) &&
           bl23_h5_read(file, "/cutflow/passed_alone", H5T_NATIVE_UINT64, n, all->passed_alone);
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
                read_nearest(file, &o->results);
    for (int set = 0; set < 2; set++)
        for (int side = 0; side < 2; side++)
            fine = fine && read_extremum(file, s, set, side, &o->results);
    if (file >= 0)
        H5Fclose(file);
    if (fine)
        return BL23_OK;
    bl23_results_free(&o->results);
    return bl23_fail(error, BL23_ERROR_FAILED, "%s: its counts, extrema or nearest cannot be read",
                     s->config->output);
}
