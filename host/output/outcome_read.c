/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "host/output/outcome_read.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/output/columns_file.h"
#include "host/output/hdf5_read.h"
#include "host/output/survey_file.h"
#include "host/output/survey_read.h"
#include "host/run/results_check.h"
#include "kernels/sample/error.h"

/* An open output, and what it must be. */
struct reading {
    hid_t file;
    char const *path;
    struct bl23_model const *model;
    struct bl23_reduction const *reduction;
    struct bl23_survey_totals totals;
    struct bl23_results *results;
    struct bl23_error *error;
};

static enum bl23_status impossible(struct reading const *r, char const *what)
{
    return bl23_fail(r->error, BL23_ERROR_FAILED, "%s: %s", r->path, what);
}

static enum bl23_status out_of_memory(struct reading const *r)
{
    return bl23_fail(r->error, BL23_ERROR_MEMORY, "%s: out of memory for the summary", r->path);
}

static enum bl23_status read_totals(struct reading *r)
{
    struct bl23_tallies *const t = &r->results->tallies;
    enum bl23_status const status = bl23_survey_totals_read(r->file, r->path, &r->totals, r->error);
    if (status != BL23_OK)
        return status;
    t->drawn = r->totals.samples;
    t->passed = r->totals.passed;
    t->passed_1sigma = r->totals.passed_1sigma;
    if (r->totals.stored > r->reduction->max_survivors)
        return impossible(r, "it says that more survivors are stored than the survey keeps");
    return bl23_h5_expect(r->file, "/survivors/index", bl23_h5_line(BL23_H5_U64, r->totals.stored),
                          r->error);
}

/* A dataset of one counter per mass knot, which stands at `offset` of struct bl23_knot_counts. */
static enum bl23_status read_by_mass(struct reading const *r, char const *path, size_t offset)
{
    size_t const n = r->results->n_knots;
    uint64_t *const data = calloc(n, sizeof *data);
    if (!data)
        return out_of_memory(r);
    enum bl23_status status =
        bl23_h5_read(r->file, path, bl23_h5_line(BL23_H5_U64, n), data, r->error);
    for (size_t k = 0; status == BL23_OK && k < n; k++)
        memcpy((char *)&r->results->knot[k] + offset, &data[k], sizeof *data);
    free(data);
    return status;
}

/* passed[constraint][knot], as far as the file keeps the masses apart, and its sums over them. */
static enum bl23_status read_sequential(struct reading const *r)
{
    size_t const n = r->results->n_knots, constraints = r->model->n_constraints;
    uint64_t sum[BL23_CONSTRAINTS_MAX], *const data = calloc(constraints * n + 1, sizeof *data);
    if (!data)
        return out_of_memory(r);
    struct bl23_h5_form const form = {.kind = BL23_H5_U64, .rank = 2, .dims = {constraints, n}};
    enum bl23_status status = bl23_h5_read(r->file, "/cutflow/by_mass", form, data, r->error);
    if (status == BL23_OK)
        status = bl23_h5_read(r->file, "/cutflow/passed", bl23_h5_line(BL23_H5_U64, constraints),
                              sum, r->error);
    for (size_t c = 0; status == BL23_OK && c < constraints; c++) {
        for (size_t k = 0; k < n; k++) {
            r->results->knot[k].passed_sequentially[c] = data[c * n + k];
            sum[c] -= data[c * n + k];
        }
        if (sum[c] != 0)
            status = impossible(r, "/cutflow/passed is not the sum of /cutflow/by_mass");
    }
    free(data);
    return status;
}

/* How many samples the cut-flow counts: those of tile t where (t / knots) mod every is 0. */
static uint64_t samples_counted(uint64_t samples, uint64_t knots, uint64_t every)
{
    uint64_t const tiles = (samples - 1) / BL23_TILE + 1, rounds = tiles / knots;
    uint64_t const last = (tiles - 1) / knots; /* the round of the last tile */
    uint64_t counted = (rounds / every + (rounds % every > 0)) * knots;
    counted += rounds % every == 0 ? tiles % knots : 0;
    return counted * BL23_TILE - (last % every == 0 ? tiles * BL23_TILE - samples : 0);
}

static enum bl23_status check_every(struct reading const *r, uint64_t drawn)
{
    uint64_t every = 0;
    enum bl23_status const status =
        bl23_h5_read_u64(r->file, "/cutflow", "every", &every, r->error);
    if (status != BL23_OK ||
        (every > 0 && drawn == samples_counted(r->totals.samples, r->model->n_knots, every)))
        return status;
    return impossible(r, "attributes every and drawn of /cutflow contradict each other");
}

static enum bl23_status read_alone(struct reading const *r)
{
    size_t const constraints = r->model->n_constraints;
    struct bl23_knot_counts *const all = &r->results->knot[0];
    enum bl23_status status =
        bl23_h5_read_u64(r->file, "/cutflow", "drawn", &all->cutflow_drawn, r->error);
    if (status == BL23_OK)
        status = bl23_h5_read(r->file, "/cutflow/passed_alone",
                              bl23_h5_line(BL23_H5_U64, constraints), all->passed_alone, r->error);
    if (status == BL23_OK)
        status = bl23_h5_expect(r->file, "/cutflow/name", bl23_h5_line(BL23_H5_TEXT, constraints),
                                r->error);
    return status == BL23_OK ? check_every(r, all->cutflow_drawn) : status;
}

static enum bl23_status read_cutflow(struct reading const *r)
{
    enum bl23_status status =
        read_by_mass(r, "/cutflow/mass_drawn", offsetof(struct bl23_knot_counts, drawn));
    if (status == BL23_OK)
        status = read_by_mass(r, "/cutflow/mass_passed", offsetof(struct bl23_knot_counts, passed));
    if (status == BL23_OK)
        status = read_sequential(r);
    return status == BL23_OK ? read_alone(r) : status;
}

static enum bl23_status read_histogram_1d(struct reading const *r, enum bl23_axis axis)
{
    uint64_t *const counts = r->results->tallies.histogram_1d[axis];
    char path[64];
    snprintf(path, sizeof path, "/histograms/%s", bl23_axis_name(axis));
    enum bl23_status status =
        bl23_h5_read(r->file, path, bl23_h5_line(BL23_H5_U64, BL23_BINS), counts + 1, r->error);
    if (status == BL23_OK)
        status = bl23_h5_read_u64(r->file, path, "underflow", &counts[0], r->error);
    if (status == BL23_OK)
        status = bl23_h5_read_u64(r->file, path, "overflow", &counts[BL23_BINS + 1], r->error);
    return status;
}

static void path_of_2d(uint64_t const axis[2], char *path, size_t size)
{
    snprintf(path, size, "/histograms/%s__%s", bl23_axis_name((enum bl23_axis)axis[0]),
             bl23_axis_name((enum bl23_axis)axis[1]));
}

/* What lies outside the edges is in no output. */
static enum bl23_status read_histogram_2d(struct reading const *r, size_t h)
{
    uint64_t inner[BL23_BINS][BL23_BINS];
    struct bl23_h5_form const form = {
        .kind = BL23_H5_U64, .rank = 2, .dims = {BL23_BINS, BL23_BINS}};
    char path[96];
    path_of_2d(r->reduction->histogram_2d[h], path, sizeof path);
    enum bl23_status const status = bl23_h5_read(r->file, path, form, inner, r->error);
    for (int i = 0; status == BL23_OK && i < BL23_BINS; i++)
        memcpy(&r->results->histogram_2d[h][i + 1][1], inner[i], sizeof inner[i]);
    return status;
}

static enum bl23_status read_histograms(struct reading const *r)
{
    enum bl23_status status = BL23_OK;
    for (int axis = 0; status == BL23_OK && axis < BL23_AXES; axis++)
        status = read_histogram_1d(r, (enum bl23_axis)axis);
    for (size_t h = 0; status == BL23_OK && h < r->reduction->n_histograms_2d; h++)
        status = read_histogram_2d(r, h);
    return status;
}

/* The smallest (side 0) or largest values of the written columns, of a set of survivors. */
static enum bl23_status read_extremum(struct reading const *r, int set, int side)
{
    bool const any = (set ? r->totals.passed_1sigma : r->totals.passed) > 0;
    double value[BL23_COLUMNS];
    uint64_t index[BL23_COLUMNS];
    char path[64], index_path[72];
    size_t written = 0, at = 0;
    for (int c = 0; c < BL23_COLUMNS; c++)
        written += bl23_column_written(r->model, c);
    snprintf(path, sizeof path, "/extrema/%s", bl23_extremum_names[set][side]);
    snprintf(index_path, sizeof index_path, "%s_index", path);
    enum bl23_status status =
        bl23_h5_read(r->file, path, bl23_h5_line(BL23_H5_F64, written), value, r->error);
    if (status == BL23_OK)
        status =
            bl23_h5_read(r->file, index_path, bl23_h5_line(BL23_H5_U64, written), index, r->error);
    for (int c = 0; status == BL23_OK && c < BL23_COLUMNS; c++)
        if (bl23_column_written(r->model, c)) {
            struct bl23_extremum const e = {value[at], index[at]};
            if (any != (e.index != BL23_NO_INDEX))
                status = impossible(r, "an extremum is there without a survivor, or missing");
            if (any)
                r->results->tallies.extremum[set][c][side] = e;
            at++;
        }
    return status;
}

/* Nearest samples, least tension first. */
static enum bl23_status read_nearest(struct reading const *r)
{
    struct bl23_extremum *const nearest = r->results->nearest;
    size_t const n = r->totals.nearest;
    if (n > r->results->nearest_capacity)
        return impossible(r, "it says that more of the nearest are stored than the survey keeps");
    uint64_t *const index = calloc(n + 1, sizeof *index);
    double *const tension = calloc(n + 1, sizeof *tension);
    if (!index || !tension) {
        free(index);
        free(tension);
        return out_of_memory(r);
    }
    enum bl23_status status =
        bl23_h5_read(r->file, "/nearest/index", bl23_h5_line(BL23_H5_U64, n), index, r->error);
    if (status == BL23_OK)
        status = bl23_h5_read(r->file, "/nearest/tension", bl23_h5_line(BL23_H5_F64, n), tension,
                              r->error);
    for (size_t k = 0; status == BL23_OK && k < n; k++)
        nearest[k] = (struct bl23_extremum){tension[k], index[k]};
    r->results->n_nearest = status == BL23_OK ? n : 0;
    free(index);
    free(tension);
    return status;
}

/* The names of the extrema's columns. */
static enum bl23_status read_names(struct reading const *r)
{
    size_t written = 0;
    for (int c = 0; c < BL23_COLUMNS; c++)
        written += bl23_column_written(r->model, c);
    return bl23_h5_expect(r->file, "/extrema/name", bl23_h5_line(BL23_H5_TEXT, written), r->error);
}

/* No group has more in it than was read. */
static enum bl23_status count_members(struct reading const *r)
{
    struct {
        char const *group;
        size_t members;
    } const groups[] = {
        {"/cutflow", 6},   {"/histograms", BL23_AXES + r->reduction->n_histograms_2d},
        {"/extrema", 9},   {"/config", 0},
        {"/citations", 0}, {"/provenance", 0}};
    for (size_t k = 0; k < sizeof groups / sizeof groups[0]; k++)
        if (bl23_h5_members(r->file, groups[k].group) != groups[k].members)
            return bl23_fail(r->error, BL23_ERROR_FAILED,
                             "%s: %s has other members than bl23 writes", r->path, groups[k].group);
    return BL23_OK;
}

/* Counts against each other, and samples that are named against their records. */
static enum bl23_status judge(struct reading const *r)
{
    uint64_t index;
    if (!bl23_counts_agree(r->results, 0, r->totals.samples))
        return impossible(r, "its counts, extrema and nearest samples contradict each other");
    if (bl23_records_agree(r->model, r->results, &index))
        return BL23_OK;
    return bl23_fail(r->error, BL23_ERROR_FAILED,
                     "%s: what /extrema or /nearest says of sample %llu is not so", r->path,
                     (unsigned long long)index);
}

static enum bl23_status read_all(struct reading *r)
{
    enum bl23_status status = read_totals(r);
    if (status == BL23_OK)
        status = read_cutflow(r);
    if (status == BL23_OK)
        status = read_histograms(r);
    if (status == BL23_OK)
        status = read_nearest(r);
    if (status == BL23_OK)
        status = read_names(r);
    if (status == BL23_OK)
        status = count_members(r);
    for (int set = 0; set < 2; set++)
        for (int side = 0; status == BL23_OK && side < 2; side++)
            status = read_extremum(r, set, side);
    return status == BL23_OK ? judge(r) : status;
}

enum bl23_status bl23_outcome_read(struct bl23_survey const *s, struct bl23_survey_outcome *o,
                                   struct bl23_error *error)
{
    struct reading r = {.path = s->config->output,
                        .model = s->model,
                        .reduction = &s->reduction,
                        .results = &o->results,
                        .error = error};
    *o = (struct bl23_survey_outcome){.stored = 0};
    if (bl23_results_init(&o->results, s->model->n_knots, s->model->seed, &s->reduction) != BL23_OK)
        return out_of_memory(&r);
    enum bl23_status status = bl23_h5_open(r.path, &r.file, error);
    if (status == BL23_OK) {
        status = read_all(&r);
        H5Fclose(r.file);
    }
    o->stored = r.totals.stored;
    if (status != BL23_OK)
        bl23_results_free(&o->results);
    return status;
}

/* What a file holds, as far as its reduction can be told from it. */
static struct bl23_reduction reduction_of(struct bl23_survey_reader const *reader)
{
    struct bl23_reduction reduction = {.nearest = reader->totals.nearest,
                                       .max_survivors = UINT64_MAX};
    for (uint64_t pair = 0; pair < BL23_AXES * BL23_AXES; pair++) {
        uint64_t const axis[2] = {pair / BL23_AXES, pair % BL23_AXES};
        char path[96];
        path_of_2d(axis, path, sizeof path);
        if (reduction.n_histograms_2d < BL23_HISTOGRAMS_2D && bl23_h5_has(reader->file, path))
            memcpy(reduction.histogram_2d[reduction.n_histograms_2d++], axis, sizeof axis);
    }
    return reduction;
}

enum bl23_status bl23_outcome_verify(struct bl23_survey_reader const *reader,
                                     struct bl23_error *error)
{
    struct bl23_results results;
    struct bl23_reduction const reduction = reduction_of(reader);
    struct reading r = {.file = reader->file,
                        .path = reader->path,
                        .model = reader->model,
                        .reduction = &reduction,
                        .results = &results,
                        .error = error};
    if (bl23_results_init(&results, r.model->n_knots, r.model->seed, &reduction) != BL23_OK)
        return out_of_memory(&r);
    enum bl23_status const status = read_all(&r);
    bl23_results_free(&results);
    return status;
}
