/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "host/outcome_read.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/columns_file.h"
#include "host/hdf5_read.h"
#include "host/survey_file.h"
#include "host/survey_read.h"
#include "tables/message.h"

/* An open output and the survey it is of. */
struct reading {
    hid_t file;
    struct bl23_survey const *survey;
    struct bl23_survey_totals totals;
    struct bl23_results *results;
    struct bl23_error *error;
};

static enum bl23_status impossible(struct reading const *r, char const *what)
{
    return bl23_fail(r->error, BL23_ERROR_FAILED, "%s: %s", r->survey->config->output, what);
}

static enum bl23_status out_of_memory(struct reading const *r)
{
    return bl23_fail(r->error, BL23_ERROR_MEMORY, "%s: out of memory for the summary",
                     r->survey->config->output);
}

/* Is `total` the sum of counts[n]? No sum that wraps around is. */
static bool add_up(uint64_t const *counts, size_t n, uint64_t total)
{
    uint64_t left = total;
    for (size_t k = 0; k < n; k++) {
        if (counts[k] > left)
            return false;
        left -= counts[k];
    }
    return left == 0;
}

static enum bl23_status read_totals(struct reading *r)
{
    char const *const path = r->survey->config->output;
    struct bl23_tallies *const t = &r->results->tallies;
    enum bl23_status const status = bl23_survey_totals_read(r->file, path, &r->totals, r->error);
    if (status != BL23_OK)
        return status;
    t->drawn = r->totals.samples;
    t->passed = r->totals.passed;
    t->passed_1sigma = r->totals.passed_1sigma;
    if (r->totals.stored > r->survey->reduction.max_survivors)
        return impossible(r, "it says that more survivors are stored than the survey keeps");
    return bl23_h5_expect(r->file, "/survivors/index", bl23_h5_line(BL23_H5_U64, r->totals.stored),
                          r->error);
}

/* A dataset of one counter per mass knot, which stands at `offset` of struct bl23_knot_counts and
 * adds up to `total`. */
static enum bl23_status read_by_mass(struct reading const *r, char const *path, size_t offset,
                                     uint64_t total)
{
    size_t const n = r->results->n_knots;
    uint64_t *const data = calloc(n, sizeof *data);
    if (!data)
        return out_of_memory(r);
    enum bl23_status status =
        bl23_h5_read(r->file, path, bl23_h5_line(BL23_H5_U64, n), data, r->error);
    if (status == BL23_OK && !add_up(data, n, total))
        status = impossible(r, "the counts of its masses do not add up to its totals");
    for (size_t k = 0; status == BL23_OK && k < n; k++)
        memcpy((char *)&r->results->knot[k] + offset, &data[k], sizeof *data);
    free(data);
    return status;
}

/* passed[constraint][knot], as far as the file keeps the masses apart: of a constraint no more than
 * of the one before. */
static enum bl23_status read_sequential(struct reading const *r, size_t constraints)
{
    size_t const n = r->results->n_knots;
    struct bl23_knot_counts *const knot = r->results->knot;
    uint64_t *const data = calloc(constraints * n + 1, sizeof *data);
    if (!data)
        return out_of_memory(r);
    struct bl23_h5_form const form = {.kind = BL23_H5_U64, .rank = 2, .dims = {constraints, n}};
    enum bl23_status status = bl23_h5_read(r->file, "/cutflow/by_mass", form, data, r->error);
    for (size_t c = 0; status == BL23_OK && c < constraints; c++)
        for (size_t k = 0; status == BL23_OK && k < n; k++) {
            uint64_t const count = data[c * n + k];
            if (count > (c > 0 ? data[(c - 1) * n + k] : knot[k].drawn))
                status = impossible(r, "a count of its cut-flow is larger than the one before");
            knot[k].passed_sequentially[c] = count;
        }
    free(data);
    return status;
}

static enum bl23_status read_alone(struct reading const *r, size_t constraints)
{
    struct bl23_knot_counts *const all = &r->results->knot[0];
    enum bl23_status status =
        bl23_h5_read_u64(r->file, "/cutflow", "drawn", &all->cutflow_drawn, r->error);
    if (status == BL23_OK)
        status = bl23_h5_read(r->file, "/cutflow/passed_alone",
                              bl23_h5_line(BL23_H5_U64, constraints), all->passed_alone, r->error);
    bool fine = all->cutflow_drawn <= r->totals.samples;
    for (size_t c = 0; status == BL23_OK && c < constraints; c++) {
        uint64_t in_turn = 0; /* each at most the samples of its mass, which add up to all */
        for (uint64_t k = 0; k < r->results->n_knots; k++)
            in_turn += r->results->knot[k].passed_sequentially[c];
        fine =
            fine && in_turn <= all->passed_alone[c] && all->passed_alone[c] <= all->cutflow_drawn;
    }
    return status != BL23_OK || fine ? status
                                     : impossible(r, "a count of its cut-flow is impossible");
}

static enum bl23_status read_cutflow(struct reading const *r)
{
    size_t const n = r->survey->config->constraints.size;
    enum bl23_status status = read_by_mass(
        r, "/cutflow/mass_drawn", offsetof(struct bl23_knot_counts, drawn), r->totals.samples);
    if (status == BL23_OK)
        status = read_by_mass(r, "/cutflow/mass_passed", offsetof(struct bl23_knot_counts, passed),
                              r->totals.passed);
    if (status == BL23_OK)
        status = read_sequential(r, n);
    return status == BL23_OK ? read_alone(r, n) : status;
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
    if (status == BL23_OK && !add_up(counts, BL23_BINS_ALL, r->totals.passed))
        status = impossible(r, "a histogram does not add up to its survivors");
    return status;
}

/* What lies outside the edges is in no output. */
static enum bl23_status read_histogram_2d(struct reading const *r, size_t h)
{
    enum bl23_axis const *const axis = r->survey->config->histogram_2d[h];
    uint64_t inner[BL23_BINS][BL23_BINS], left = r->totals.passed;
    struct bl23_h5_form const form = {
        .kind = BL23_H5_U64, .rank = 2, .dims = {BL23_BINS, BL23_BINS}};
    char path[96];
    snprintf(path, sizeof path, "/histograms/%s__%s", bl23_axis_name(axis[0]),
             bl23_axis_name(axis[1]));
    enum bl23_status status = bl23_h5_read(r->file, path, form, inner, r->error);
    for (int i = 0; status == BL23_OK && i < BL23_BINS; i++)
        for (int j = 0; status == BL23_OK && j < BL23_BINS; j++) {
            if (inner[i][j] > left)
                status = impossible(r, "a histogram has more than its survivors");
            left -= inner[i][j];
            r->results->histogram_2d[h][i + 1][j + 1] = inner[i][j];
        }
    return status;
}

static enum bl23_status read_histograms(struct reading const *r)
{
    enum bl23_status status = BL23_OK;
    for (int axis = 0; status == BL23_OK && axis < BL23_AXES; axis++)
        status = read_histogram_1d(r, (enum bl23_axis)axis);
    for (size_t h = 0; status == BL23_OK && h < r->survey->config->n_histograms_2d; h++)
        status = read_histogram_2d(r, h);
    return status;
}

/* One column's; `any`: is there a survivor of its set? If not, the file says NaN and no index. */
static bool is_extremum(struct bl23_extremum e, uint64_t samples, bool any)
{
    return any ? e.index < samples && e.value == e.value : e.index == BL23_NO_INDEX;
}

/* The smallest (side 0) or largest values of the written columns, of a set of survivors. */
static enum bl23_status read_extremum(struct reading const *r, int set, int side)
{
    struct bl23_survey const *const s = r->survey;
    bool const any = (set ? r->totals.passed_1sigma : r->totals.passed) > 0;
    double value[BL23_COLUMNS];
    uint64_t index[BL23_COLUMNS];
    char path[64], index_path[72];
    size_t written = 0, at = 0;
    for (int c = 0; c < BL23_COLUMNS; c++)
        written += bl23_column_written(s->model, c);
    snprintf(path, sizeof path, "/extrema/%s", bl23_extremum_names[set][side]);
    snprintf(index_path, sizeof index_path, "%s_index", path);
    enum bl23_status status =
        bl23_h5_read(r->file, path, bl23_h5_line(BL23_H5_F64, written), value, r->error);
    if (status == BL23_OK)
        status =
            bl23_h5_read(r->file, index_path, bl23_h5_line(BL23_H5_U64, written), index, r->error);
    for (int c = 0; status == BL23_OK && c < BL23_COLUMNS; c++)
        if (bl23_column_written(s->model, c)) {
            struct bl23_extremum const e = {value[at], index[at]};
            if (!is_extremum(e, r->totals.samples, any))
                status = impossible(r, "an extremum is of no sample of the survey");
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
    for (size_t k = 0; status == BL23_OK && k < n; k++) {
        nearest[k] = (struct bl23_extremum){tension[k], index[k]};
        if (index[k] >= r->totals.samples || !(tension[k] >= (k > 0 ? tension[k - 1] : 0.0)))
            status = impossible(r, "its nearest samples are not in order");
    }
    r->results->n_nearest = status == BL23_OK ? n : 0;
    free(index);
    free(tension);
    return status;
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
    for (int set = 0; set < 2; set++)
        for (int side = 0; status == BL23_OK && side < 2; side++)
            status = read_extremum(r, set, side);
    return status;
}

enum bl23_status bl23_outcome_read(struct bl23_survey const *s, struct bl23_survey_outcome *o,
                                   struct bl23_error *error)
{
    struct reading r = {.survey = s, .results = &o->results, .error = error};
    *o = (struct bl23_survey_outcome){.stored = 0};
    if (bl23_results_init(&o->results, s->model->n_knots, s->model->seed, &s->reduction) != BL23_OK)
        return bl23_fail(error, BL23_ERROR_MEMORY, "out of memory for the summary");
    enum bl23_status status = bl23_h5_open(s->config->output, &r.file, error);
    if (status == BL23_OK) {
        status = read_all(&r);
        H5Fclose(r.file);
    }
    o->stored = r.totals.stored;
    if (status != BL23_OK)
        bl23_results_free(&o->results);
    return status;
}
