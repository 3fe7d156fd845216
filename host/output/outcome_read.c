/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "host/output/outcome_read.h"

#include <stdlib.h>
#include <string.h>

#include "host/run/results_check.h"
#include "kernels/sample/error.h"

/* An open output, and what it is read into. */
struct reading {
    hid_t file;
    char const *path;
    struct bl23_range const *range; /* [n_ranges]: its samples */
    size_t n_ranges;
    struct bl23_survey_data data;
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

/* Number of the first samples in the cut-flow, by bl23_tile_in_cutflow. */
static uint64_t samples_counted(uint64_t samples, uint64_t knots, uint64_t every)
{
    if (samples == 0)
        return 0;
    uint64_t const tiles = (samples - 1) / BL23_TILE + 1, rounds = tiles / knots;
    uint64_t const last = (tiles - 1) / knots; /* the round of the last tile */
    uint64_t counted = (rounds / every + (rounds % every > 0)) * knots;
    counted += rounds % every == 0 ? tiles % knots : 0;
    return counted * BL23_TILE - (last % every == 0 ? tiles * BL23_TILE - samples : 0);
}

static enum bl23_status check_cutflow(struct reading const *r)
{
    struct bl23_survey_head const *const head = &r->data.head;
    uint64_t const drawn = r->results->knot[0].cutflow_drawn, every = head->cutflow_every;
    uint64_t counted = 0;
    bool const counts = every > 0 && r->data.model->cover_bytes == 0;
    for (size_t k = 0; counts && k < r->n_ranges; k++) {
        uint64_t const first = r->range[k].first, knots = r->data.model->n_knots;
        counted += samples_counted(first + r->range[k].count, knots, every) -
                   samples_counted(first, knots, every);
    }
    if (every > 0 && drawn == counted)
        return BL23_OK;
    return impossible(r, "attributes every and drawn of /cutflow contradict each other");
}

/* An empty set of survivors has no extrema: the file has NaN for them, the results what they began
 * with. */
static enum bl23_status check_extrema(struct reading const *r, struct bl23_tallies const *empty)
{
    struct bl23_tallies *const t = &r->results->tallies;
    for (int set = 0; set < 2; set++) {
        bool const any = (set ? t->passed_1sigma : t->passed) > 0;
        for (hsize_t k = 0; k < r->data.size[-BL23_SIZE_EXTREMA]; k++)
            for (int side = 0; side < 2; side++)
                if (any != (t->extremum[set][r->data.extrema[k]][side].index != BL23_NO_INDEX))
                    return impossible(
                        r, "an extremum is stored although nothing survives, or is missing");
        if (!any)
            memcpy(t->extremum[set], empty->extremum[set], sizeof t->extremum[set]);
    }
    return BL23_OK;
}

/* The nearest samples, in the order of the file: least tension, or chi^2, first. */
static enum bl23_status read_nearest(struct reading const *r)
{
    struct bl23_extremum *const nearest = r->results->nearest;
    size_t const n = r->data.head.nearest;
    if (n > r->results->nearest_capacity)
        return impossible(r, "it stores more nearest samples than the survey keeps");
    uint64_t *const index = calloc(n + 1, sizeof *index);
    double *const rank = calloc(n + 1, sizeof *rank);
    if (!index || !rank) {
        free(index);
        free(rank);
        return out_of_memory(r);
    }
    enum bl23_status status =
        bl23_h5_read(r->file, "/nearest/index", bl23_h5_line(BL23_H5_U64, n), index, r->error);
    if (status == BL23_OK)
        status =
            bl23_h5_read(r->file, r->results->n_profile > 0 ? "/nearest/chi2" : "/nearest/tension",
                         bl23_h5_line(BL23_H5_F64, n), rank, r->error);
    for (size_t k = 0; status == BL23_OK && k < n; k++)
        nearest[k] = (struct bl23_extremum){rank[k], index[k]};
    r->results->n_nearest = status == BL23_OK ? n : 0;
    free(index);
    free(rank);
    return status;
}

/* Each group must have as many datasets as its rows. */
static enum bl23_status count_members(struct reading const *r)
{
    for (struct bl23_h5_sealed const *g = bl23_layout_groups; g->path; g++)
        if (!g->compared && bl23_layout_has_group(g, r->data.model) &&
            bl23_h5_members(r->file, g->path) != bl23_layout_members(g->path, &r->data))
            return bl23_h5_machine_failed(r->path, g->path, r->error)
                       ? BL23_ERROR_IO
                       : bl23_fail(
                             r->error, BL23_ERROR_FAILED,
                             "%s: %s does not have the members that bl23 writes, or cannot be "
                             "read to its end",
                             r->path, g->path);
    return BL23_OK;
}

/* Counts must agree with each other, and named samples with their records. */
static enum bl23_status judge(struct reading const *r)
{
    uint64_t index;
    struct bl23_range const survey = {0, r->data.head.survey_samples};
    if (!bl23_counts_agree(r->results, survey, r->data.head.samples))
        return impossible(r, "its counts, extrema and nearest samples contradict each other");
    if (bl23_records_agree(r->data.model, r->results, &index))
        return BL23_OK;
    return bl23_fail(r->error, BL23_ERROR_FAILED,
                     "%s: /extrema, /nearest or /profiles is wrong about sample %llu", r->path,
                     (unsigned long long)index);
}

static enum bl23_status read_all(struct reading *r)
{
    struct bl23_survey_head *const head = &r->data.head;
    struct bl23_tallies *const t = &r->results->tallies, empty = *t;
    t->drawn = head->samples;
    t->passed = head->passed;
    t->passed_1sigma = head->passed_1sigma;
    if (head->stored > r->data.reduction->max_survivors)
        return impossible(r, "it stores more survivors than the survey keeps");
    BL23_TRY(bl23_h5_expect(r->file, "/survivors/index", bl23_h5_line(BL23_H5_U64, head->stored),
                            r->error));
    BL23_TRY(bl23_layout_read_head(r->file, "/cutflow", head, r->error));
    if (r->results->n_profile > 0)
        BL23_TRY(bl23_layout_read_head(r->file, "/profiles", head, r->error));
    for (struct bl23_h5_sealed const *g = bl23_layout_groups; g->path; g++)
        if (!g->compared && bl23_layout_has_group(g, r->data.model) &&
            strcmp(g->path, "/cover") != 0 && /* it is in the model */
            strcmp(g->path, "/tables") != 0)  /* tables_file.c reads these */
            BL23_TRY(bl23_layout_read(r->file, g->path, &r->data, r->error));
    BL23_TRY(check_cutflow(r));
    BL23_TRY(read_nearest(r));
    BL23_TRY(count_members(r));
    BL23_TRY(check_extrema(r, &empty));
    return judge(r);
}

/* Read r->file into new results, which are owned after success. */
static enum bl23_status read_into(struct reading *r, struct bl23_model const *model)
{
    size_t rows;
    bl23_layout_measure(&r->data, model);
    BL23_TRY(bl23_h5_read_count(r->file, bl23_layout_find("/constraints/row_upper")->path,
                                BL23_H5_F64, &rows, r->error));
    r->data.size[-BL23_SIZE_ROWS] = rows;
    r->data.results = r->results;
    if (bl23_results_init(r->results, model->n_knots, model->seed, r->data.reduction) != BL23_OK)
        return out_of_memory(r);
    enum bl23_status const status = read_all(r);
    if (status != BL23_OK)
        bl23_results_free(r->results);
    return status;
}

enum bl23_status bl23_outcome_read(struct bl23_survey const *s, struct bl23_survey_outcome *o,
                                   struct bl23_error *error)
{
    struct reading r = {.path = s->config->output,
                        .data.reduction = &s->reduction,
                        .results = &o->results,
                        .error = error};
    *o = (struct bl23_survey_outcome){.stored = 0};
    BL23_TRY(bl23_h5_open(r.path, &r.file, error));
    enum bl23_status status = bl23_survey_head_read(r.file, r.path, &r.data.head, error);
    struct bl23_range const all = {0, r.data.head.samples};
    r.range = &all;
    r.n_ranges = 1;
    if (status == BL23_OK)
        status = read_into(&r, s->model);
    o->stored = r.data.head.stored;
    bl23_layout_free_head(&r.data.head);
    H5Fclose(r.file);
    return status;
}

/* The largest hash of the survivors that a file stores. */
static uint64_t last_hash(struct bl23_survey_reader const *r)
{
    uint64_t last = 0;
    for (size_t k = 0; k < r->n_survivors; k++) {
        uint64_t const hash = bl23_survivor_hash(r->head.seed, r->index[k]);
        last = hash > last ? hash : last;
    }
    return last;
}

enum bl23_status bl23_outcome_of(struct bl23_survey_reader const *reader,
                                 struct bl23_survey const *s, struct bl23_results *results,
                                 struct bl23_error *error)
{
    struct reading r = {.file = reader->file,
                        .path = reader->path,
                        .range = reader->range,
                        .n_ranges = reader->n_ranges,
                        .data = {.head = reader->head, .reduction = &s->reduction},
                        .results = results,
                        .error = error};
    BL23_TRY(read_into(&r, s->model));
    if (reader->head.stored < reader->head.passed)
        results->hash_bound = last_hash(reader);
    return BL23_OK;
}

/* How many bins the axes of a file have. */
static enum bl23_status read_bins(struct bl23_survey_reader const *reader, uint64_t bins[BL23_AXES],
                                  struct bl23_error *error)
{
    struct bl23_layout_row const *const row = bl23_layout_find("/histograms/<axis>");
    for (size_t axis = 0; axis < BL23_AXES; axis++) {
        struct bl23_layout_label const label = bl23_layout_label(row, NULL, axis);
        size_t count;
        BL23_TRY(bl23_h5_read_count(reader->file, label.path, BL23_H5_U64, &count, error));
        if (count < 1 || count > BL23_BINS_MAX)
            return bl23_fail(error, BL23_ERROR_FAILED, "%s: %s has %zu bins, not 1 to %d",
                             reader->path, label.path, count, BL23_BINS_MAX);
        bins[axis] = count;
    }
    return BL23_OK;
}

enum bl23_status bl23_outcome_reduction(struct bl23_survey_reader const *reader,
                                        struct bl23_reduction *reduction, struct bl23_error *error)
{
    struct bl23_reduction all = {.n_histograms_2d = 1};
    struct bl23_survey_data const data = {.reduction = &all};
    struct bl23_layout_row const *const row = bl23_layout_find("/histograms/<axis>__<axis>");
    *reduction = (struct bl23_reduction){.nearest = reader->head.nearest,
                                         .profile = (reader->model->groups & BL23_GROUP_CHI2) != 0,
                                         .max_survivors = UINT64_MAX};
    for (uint64_t pair = 0; pair < BL23_AXES * BL23_AXES; pair++) {
        all.histogram_2d[0][0] = pair / BL23_AXES;
        all.histogram_2d[0][1] = pair % BL23_AXES;
        if (reduction->n_histograms_2d < BL23_HISTOGRAMS_2D &&
            bl23_h5_has(reader->file, bl23_layout_label(row, &data, 0).path))
            memcpy(reduction->histogram_2d[reduction->n_histograms_2d++], all.histogram_2d[0],
                   sizeof all.histogram_2d[0]);
    }
    return read_bins(reader, reduction->bins, error);
}

enum bl23_status bl23_outcome_verify(struct bl23_survey_reader const *reader,
                                     struct bl23_error *error)
{
    struct bl23_results results;
    struct bl23_reduction reduction;
    struct reading r = {.file = reader->file,
                        .path = reader->path,
                        .range = reader->range,
                        .n_ranges = reader->n_ranges,
                        .data = {.head = reader->head, .reduction = &reduction},
                        .results = &results,
                        .error = error};
    BL23_TRY(bl23_outcome_reduction(reader, &reduction, error));
    BL23_TRY(read_into(&r, reader->model));
    bl23_results_free(&results);
    return BL23_OK;
}
