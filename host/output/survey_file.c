/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "host/output/survey_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "host/config/citations.h"
#include "host/io/file_io.h"
#include "host/output/columns_file.h"
#include "host/output/hdf5_verify.h"
#include "host/output/tables_file.h"
#include "kernels/sample/error.h"
#include "kernels/sample/record.h"
#include "version.h"

/* What the writers of the groups share. */
struct writing {
    struct bl23_h5 h5;
    struct bl23_survey const *survey;
    struct bl23_results const *results;
    uint64_t stored; /* survivors */
    struct bl23_provenance const *provenance;
};

void bl23_provenance_stamp(char out[32])
{
    time_t const now = time(NULL);
    struct tm utc;
    gmtime_r(&now, &utc);
    strftime(out, 32, "%Y-%m-%dT%H:%M:%SZ", &utc);
}

static void write_root(struct writing *w)
{
    struct bl23_survey const *const s = w->survey;
    struct bl23_tallies const *const t = &w->results->tallies;
    char hash[32];
    bl23_h5_text(&w->h5, "/", "format", BL23_SURVEY_FORMAT);
    bl23_h5_u64(&w->h5, "/", "format_version", BL23_SURVEY_FORMAT_VERSION);
    bl23_h5_u64(&w->h5, "/", "seed", s->config->seed);
    bl23_h5_u64(&w->h5, "/", "samples", s->config->samples);
    bl23_h5_u64(&w->h5, "/", "passed", t->passed);
    bl23_h5_u64(&w->h5, "/", "passed_1sigma", t->passed_1sigma);
    bl23_h5_u64(&w->h5, "/", "stored", w->stored);
    bl23_h5_u64(&w->h5, "/", "nearest", w->results->n_nearest);
    bl23_h5_text(&w->h5, "/", "store", bl23_store_name(s->config->store));
    bl23_h5_u64(&w->h5, "/", "sigma", (uint64_t)s->config->sigma);
    snprintf(hash, sizeof hash, "%016llx", (unsigned long long)s->config_hash);
    bl23_h5_text(&w->h5, "/", "config_hash", hash);
    snprintf(hash, sizeof hash, "%016llx", (unsigned long long)s->model_hash);
    bl23_h5_text(&w->h5, "/", "model_hash", hash);
    bl23_h5_u64(&w->h5, "/", "complete", 1);
}

static void write_provenance(struct writing *w)
{
    struct bl23_provenance const *const p = w->provenance;
    char const *const path = "/provenance";
    char host[256] = "";
    gethostname(host, sizeof host - 1);
    bl23_h5_group(&w->h5, path);
    bl23_h5_text(&w->h5, path, "version", BL23_VERSION);
    bl23_h5_text(&w->h5, path, "git_revision", BL23_GIT_REVISION);
    bl23_h5_text(&w->h5, path, "compiler", BL23_COMPILER);
    bl23_h5_text(&w->h5, path, "flags", BL23_FLAGS);
    bl23_h5_text(&w->h5, path, "backend", p->backend);
    bl23_h5_text(&w->h5, path, "device", p->device);
    bl23_h5_text(&w->h5, path, "host", host);
    bl23_h5_text(&w->h5, path, "start", p->start);
    bl23_h5_text(&w->h5, path, "end", p->end);
    bl23_h5_f64(&w->h5, path, "wall_s", p->wall_s);
    bl23_h5_f64(&w->h5, path, "samples_per_s", p->samples_per_s);
}

static enum bl23_status write_texts(struct writing *w, struct bl23_error *error)
{
    char *bibtex;
    enum bl23_status const status = bl23_citations_collect(w->survey->config, &bibtex, error);
    if (status != BL23_OK)
        return status;
    bl23_h5_group(&w->h5, "/config");
    bl23_h5_text(&w->h5, "/config", "yaml", w->survey->yaml);
    bl23_h5_group(&w->h5, "/citations");
    bl23_h5_text(&w->h5, "/citations", "bibtex", bibtex);
    free(bibtex);
    return BL23_OK;
}

static void write_tables(struct writing *w)
{
    struct bl23_model const *const m = w->survey->model;
    bl23_tables_write(&w->h5, m->knot, w->survey->tables, m->n_knots);
    hsize_t const size = bl23_model_bytes(m->n_knots);
    bl23_h5_dataset(&w->h5,
                    (struct bl23_h5_label){"/tables/model", "1",
                                           "the flat model as the kernels read it (struct "
                                           "bl23_model), for bl23 replay"},
                    H5T_NATIVE_UINT8, 1, &size, m);
}

/* A counter of every constraint summed over the knots, or with by_mass kept apart:
 * out[constraint] or out[constraint][knot]. */
static void gather(struct writing const *w, size_t offset, bool by_mass, uint64_t *out)
{
    uint64_t const n = w->results->n_knots, constraints = w->survey->model->n_constraints;
    for (uint64_t c = 0; c < constraints; c++)
        for (uint64_t k = 0; k < n; k++) {
            uint64_t value;
            memcpy(&value, (char const *)&w->results->knot[k] + offset + c * sizeof value,
                   sizeof value);
            out[by_mass ? c * n + k : c] += value;
        }
}

static void write_counts(struct writing *w, char const *path, char const *text, size_t offset,
                         bool by_mass)
{
    uint64_t const n = w->results->n_knots, constraints = w->survey->model->n_constraints;
    uint64_t *const data = calloc(constraints * (by_mass ? n : 1), sizeof *data);
    w->h5.ok = w->h5.ok && data;
    if (data)
        gather(w, offset, by_mass, data);
    hsize_t const dims[2] = {constraints, n};
    bl23_h5_dataset(&w->h5, (struct bl23_h5_label){path, "1", text}, H5T_NATIVE_UINT64,
                    by_mass ? 2 : 1, dims, data);
    free(data);
}

static void write_knot_counts(struct writing *w, char const *path, char const *text, size_t offset)
{
    hsize_t const n = w->results->n_knots;
    uint64_t *const data = calloc(n, sizeof *data);
    w->h5.ok = w->h5.ok && data;
    for (size_t k = 0; data && k < n; k++)
        memcpy(&data[k], (char const *)&w->results->knot[k] + offset, sizeof *data);
    bl23_h5_dataset(&w->h5, (struct bl23_h5_label){path, "1", text}, H5T_NATIVE_UINT64, 1, &n,
                    data);
    free(data);
}

static void write_cutflow(struct writing *w)
{
    struct bl23_constraints const *const list = &w->survey->config->constraints;
    char const *names[BL23_CONSTRAINTS_MAX];
    uint64_t drawn = 0;
    for (size_t k = 0; k < list->size; k++)
        names[k] = list->item[k].name;
    for (uint64_t k = 0; k < w->results->n_knots; k++)
        drawn += w->results->knot[k].cutflow_drawn;
    size_t const sequential = offsetof(struct bl23_knot_counts, passed_sequentially);
    bl23_h5_group(&w->h5, "/cutflow");
    bl23_h5_u64(&w->h5, "/cutflow", "drawn", drawn);
    bl23_h5_u64(&w->h5, "/cutflow", "every", w->survey->config->cutflow_every);
    bl23_h5_names(&w->h5,
                  (struct bl23_h5_label){"/cutflow/name", "1", "constraints in declared order"},
                  names, list->size);
    write_counts(w, "/cutflow/passed", "samples that pass this and all constraints before it",
                 sequential, false);
    write_counts(w, "/cutflow/passed_alone", "samples that pass this constraint alone",
                 offsetof(struct bl23_knot_counts, passed_alone), false);
    write_counts(w, "/cutflow/by_mass", "passed, per constraint and mass knot", sequential, true);
    write_knot_counts(w, "/cutflow/mass_drawn", "all samples drawn per mass knot",
                      offsetof(struct bl23_knot_counts, drawn));
    write_knot_counts(w, "/cutflow/mass_passed", "all survivors per mass knot",
                      offsetof(struct bl23_knot_counts, passed));
}

/* Edges as the file gives them: log10 for g, exact by construction. */
static void file_edges(struct bl23_reduction const *r, enum bl23_axis axis,
                       double edge[BL23_BINS + 1])
{
    for (int k = 0; k <= BL23_BINS; k++)
        edge[k] = axis == BL23_AXIS_log10_g ? 8.0 * k / (double)BL23_BINS - 8.0 : r->edge[axis][k];
}

static void write_histogram_1d(struct writing *w, enum bl23_axis axis)
{
    char path[64];
    double edge[BL23_BINS + 1];
    hsize_t const bins = BL23_BINS;
    uint64_t const *const counts = w->results->tallies.histogram_1d[axis];
    snprintf(path, sizeof path, "/histograms/%s", bl23_axis_name(axis));
    file_edges(&w->survey->reduction, axis, edge);
    bl23_h5_dataset(&w->h5,
                    (struct bl23_h5_label){path, bl23_axis_unit(axis), bl23_axis_text(axis)},
                    H5T_NATIVE_UINT64, 1, &bins, counts + 1);
    bl23_h5_f64s(&w->h5, path, "edges", edge, BL23_BINS + 1);
    bl23_h5_u64(&w->h5, path, "underflow", counts[0]);
    bl23_h5_u64(&w->h5, path, "overflow", counts[BL23_BINS + 1]);
}

static void write_histogram_2d(struct writing *w, size_t h)
{
    enum bl23_axis const *const axis = w->survey->config->histogram_2d[h];
    uint64_t inner[BL23_BINS][BL23_BINS];
    double edge[BL23_BINS + 1];
    char path[64], text[128];
    hsize_t const dims[2] = {BL23_BINS, BL23_BINS};
    for (int i = 0; i < BL23_BINS; i++)
        memcpy(inner[i], &w->results->histogram_2d[h][i + 1][1], sizeof inner[i]);
    snprintf(path, sizeof path, "/histograms/%s__%s", bl23_axis_name(axis[0]),
             bl23_axis_name(axis[1]));
    snprintf(text, sizeof text, "survivors in bins of %s (rows) and %s (columns)",
             bl23_axis_text(axis[0]), bl23_axis_text(axis[1]));
    bl23_h5_dataset(&w->h5, (struct bl23_h5_label){path, "1", text}, H5T_NATIVE_UINT64, 2, dims,
                    inner);
    file_edges(&w->survey->reduction, axis[0], edge);
    bl23_h5_f64s(&w->h5, path, "edges_x", edge, BL23_BINS + 1);
    file_edges(&w->survey->reduction, axis[1], edge);
    bl23_h5_f64s(&w->h5, path, "edges_y", edge, BL23_BINS + 1);
}

static void write_histograms(struct writing *w)
{
    bl23_h5_group(&w->h5, "/histograms");
    for (int axis = 0; axis < BL23_AXES; axis++)
        write_histogram_1d(w, (enum bl23_axis)axis);
    for (size_t h = 0; h < w->survey->config->n_histograms_2d; h++)
        write_histogram_2d(w, h);
}

char const *const bl23_extremum_names[2][2] = {{"min", "max"}, {"min_1sigma", "max_1sigma"}};

/* One of min, max, min_1sigma, max_1sigma over the written columns, and its index. */
static void write_extremum(struct writing *w, int set, int which)
{
    double value[BL23_COLUMNS];
    uint64_t index[BL23_COLUMNS];
    hsize_t n = 0;
    char path[64], text[96];
    for (int c = 0; c < BL23_COLUMNS; c++) {
        struct bl23_extremum const e = w->results->tallies.extremum[set][c][which];
        if (!bl23_column_written(w->survey->model, c))
            continue;
        value[n] = e.index == BL23_NO_INDEX ? (double)NAN : e.value;
        index[n++] = e.index;
    }
    snprintf(path, sizeof path, "/extrema/%s", bl23_extremum_names[set][which]);
    snprintf(text, sizeof text, "%s of each column among %s; NaN without any",
             which ? "largest value" : "smallest value",
             set ? "survivors of level 1" : "all survivors");
    bl23_h5_dataset(&w->h5, (struct bl23_h5_label){path, "as the column", text}, H5T_NATIVE_DOUBLE,
                    1, &n, value);
    snprintf(path, sizeof path, "/extrema/%s_index", bl23_extremum_names[set][which]);
    bl23_h5_dataset(&w->h5,
                    (struct bl23_h5_label){path, "1", "the sample that has it; 2^64 - 1 for none"},
                    H5T_NATIVE_UINT64, 1, &n, index);
}

static void write_extrema(struct writing *w)
{
    char const *names[BL23_COLUMNS];
    size_t n = 0;
    for (int c = 0; c < BL23_COLUMNS; c++)
        if (bl23_column_written(w->survey->model, c))
            names[n++] = bl23_column_name(c);
    bl23_h5_group(&w->h5, "/extrema");
    bl23_h5_names(&w->h5, (struct bl23_h5_label){"/extrema/name", "1", "columns of /survivors"},
                  names, n);
    for (int set = 0; set < 2; set++)
        for (int which = 0; which < 2; which++)
            write_extremum(w, set, which);
}

/* All groups; the survivors' columns get their space only. */
static enum bl23_status write_groups(struct writing *w, struct bl23_column_space *survivors,
                                     struct bl23_error *error)
{
    struct bl23_survey const *const s = w->survey;
    struct bl23_results const *const r = w->results;
    bool const columns = s->config->store == BL23_STORE_RECORDS;
    enum bl23_status status = write_texts(w, error);
    if (status != BL23_OK)
        return status;
    write_root(w);
    write_provenance(w);
    write_tables(w);
    write_cutflow(w);
    write_histograms(w);
    write_extrema(w);
    bl23_columns_create(&w->h5, "/survivors", s->model, columns, w->stored, survivors);
    uint64_t *const nearest = calloc(r->n_nearest + 1, sizeof *nearest);
    w->h5.ok = w->h5.ok && nearest;
    for (uint64_t k = 0; nearest && k < r->n_nearest; k++)
        nearest[k] = r->nearest[k].index;
    bl23_columns_write_small(&w->h5, "/nearest", s->model, nearest, r->n_nearest);
    free(nearest);
    bl23_h5_seal(&w->h5, bl23_survey_file_groups);
    return BL23_OK;
}

/* The survivors into the space of the closed file. */
static enum bl23_status fill_survivors(char const *path, struct bl23_column_space const *space,
                                       struct bl23_model const *model, struct bl23_merge *survivors,
                                       struct bl23_error *error)
{
    struct bl23_column_writer writer = {.row = 0};
    uint64_t const *index = NULL;
    size_t count;
    enum bl23_status status = bl23_columns_open(path, space, model, &writer, error);
    if (status != BL23_OK)
        return status;
    do {
        status = bl23_merge_next(survivors, &index, &count, error);
        if (status != BL23_OK)
            break;
        status = bl23_columns_append(&writer, index, count, error);
        if (status == BL23_ERROR_FAILED)
            status = bl23_merge_blame(survivors, writer.no_survivor, error);
    } while (status == BL23_OK && count > 0);
    if (status == BL23_OK && writer.row < space->rows)
        status = bl23_fail(error, BL23_ERROR_IO, "%s: there are fewer survivors than were counted",
                           path);
    return bl23_columns_close(&writer, status, error);
}

struct bl23_h5_sealed const bl23_survey_file_groups[] = {{.path = "/config"},
                                                         {.path = "/citations"},
                                                         {.path = "/provenance", .varies = true},
                                                         {.path = "/tables"},
                                                         {.path = "/survivors", .compared = true},
                                                         {.path = "/nearest", .compared = true},
                                                         {.path = "/cutflow"},
                                                         {.path = "/histograms"},
                                                         {.path = "/extrema"},
                                                         {.path = NULL}};

enum bl23_status bl23_survey_file_write(char const *path, struct bl23_survey const *survey,
                                        struct bl23_results const *results,
                                        struct bl23_merge *survivors,
                                        struct bl23_provenance const *provenance,
                                        struct bl23_error *error)
{
    struct writing w = {
        .survey = survey, .results = results, .stored = survivors->kept, .provenance = provenance};
    struct bl23_column_space space = {.rows = 0};
    struct bl23_temporary temporary;
    enum bl23_status status = bl23_temporary_make(path, &temporary, error);
    if (status != BL23_OK)
        return status;
    bl23_h5_create(&w.h5, temporary.name);
    status = write_groups(&w, &space, error);
    status = bl23_h5_close(&w.h5, temporary.name, status, error);
    if (status == BL23_OK)
        status = fill_survivors(temporary.name, &space, survey->model, survivors, error);
    return bl23_temporary_finish(&temporary, status, error);
}
