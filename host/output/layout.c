/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "host/output/layout.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "host/output/columns_file.h"

struct bl23_h5_sealed const bl23_layout_groups[] = {
    {.path = "/config", .text = "The resolved configuration: `bl23 survey` reads it again."},
    {.path = "/citations",
     .text = "BibTeX of the model, the inputs and every limit that was used."},
    {.path = "/provenance",
     .text = "Program, machine and time of the computation; the only group that may differ between "
             "equal runs.",
     .varies = true},
    {.path = "/tables", .text = "What was computed before the first sample was drawn."},
    {.path = "/survivors",
     .text = "The stored survivors, ordered by `index`; with `store: index` this column only.",
     .compared = true},
    {.path = "/nearest",
     .text = "The samples of least tension, ordered by tension, then by index; columns as in "
             "`/survivors`.",
     .compared = true},
    {.path = "/cutflow",
     .text = "Counts for each constraint, over the `drawn` samples of every `every`-th tile."},
    {.path = "/histograms", .text = "Histograms of all survivors, stored or not."},
    {.path = "/extrema",
     .text = "Smallest and largest value of each column among all survivors, stored or not."},
    {.path = NULL}};

/* ---- where the values of a row stand in memory ---- */

static void *of_knot(struct bl23_layout_cell at)
{
    return (double *)((char *)&at.data->knots[at.i] + at.row->offset) + at.j;
}

static void *of_loop_table(struct bl23_layout_cell at)
{
    return (double *)((char *)&at.data->tables[at.i] + at.row->offset) + at.j;
}

static void *byte_of_model(struct bl23_layout_cell at)
{
    return (char *)at.data->model + at.i;
}

static void *constraint_name(struct bl23_layout_cell at)
{
    return (char *)at.data->constraints->item[at.i].name;
}

/* A counter of mass i. */
static void *of_mass(struct bl23_layout_cell at)
{
    return (char *)&at.data->results->knot[at.i] + at.row->offset;
}

/* A counter of constraint i at mass j. */
static void *of_constraint(struct bl23_layout_cell at)
{
    return (uint64_t *)((char *)&at.data->results->knot[at.j] + at.row->offset) + at.i;
}

/* Bins of an axis; the offset is that of the first bin, where underflow is bin 0. */
static void *of_axis(struct bl23_layout_cell at)
{
    return (char *)&at.data->results->tallies.histogram_1d[at.item][at.i] + at.row->offset;
}

static void *edge_of_axis(struct bl23_layout_cell at)
{
    return (double *)&at.data->edge[at.item][at.i];
}

static void *of_pair(struct bl23_layout_cell at)
{
    return &at.data->results->histogram_2d[at.item][at.i + 1][at.j + 1];
}

/* The offset is the number of the axis in the pair. */
static void *edge_of_pair(struct bl23_layout_cell at)
{
    uint64_t const axis = at.data->reduction->histogram_2d[at.item][at.row->offset];
    return (double *)&at.data->edge[axis][at.i];
}

static void *extremum_name(struct bl23_layout_cell at)
{
    return (char *)bl23_column_name(at.data->extrema[at.i]);
}

/* The offset is that of the first column's extremum. */
static void *of_extremum(struct bl23_layout_cell at)
{
    struct bl23_tallies *const t = &at.data->results->tallies;
    return (char *)t + at.row->offset + (size_t)at.data->extrema[at.i] * sizeof t->extremum[0][0];
}

/* ---- the rows ---- */

enum {
    N = BL23_SIZE_KNOTS,
    C = BL23_SIZE_CONSTRAINTS,
    COLUMNS = BL23_SIZE_EXTREMA,
    BYTES = BL23_SIZE_MODEL,
    B = BL23_BINS
};

#define U8 BL23_H5_U8
#define U64 BL23_H5_U64
#define F64 BL23_H5_F64
#define TEXT BL23_H5_TEXT

#define SHAPE(...)                                                                                 \
    {                                                                                              \
        __VA_ARGS__                                                                                \
    }
#define ONE SHAPE(0)
#define SAMPLE_TEXT "index of the sample with this value; 2^64 - 1 if there is none"

/* Rows of the list below; HEAD is an attribute that is kept in struct bl23_survey_head. */
#define DATASET(path, kind, shape, unit, text, use, ...)                                           \
    {                                                                                              \
        path, NULL, kind, shape, unit, text, BL23_USE_##use, __VA_ARGS__                           \
    }
#define ATTRIBUTE(path, name, kind, shape, text, use, ...)                                         \
    {                                                                                              \
        path, name, kind, shape, NULL, text, BL23_USE_##use, __VA_ARGS__                           \
    }
#define HEAD(path, name, kind, text, field)                                                        \
    ATTRIBUTE(path, name, kind, ONE, text, HEAD, NULL, offsetof(struct bl23_survey_head, field))

/* Where values stand: a member of a struct per mass, or of the results. */
#define KNOT(field) of_knot, offsetof(struct bl23_knot, field)
#define LOOPS(field) of_loop_table, offsetof(struct bl23_loop_table, field)
#define PER_MASS(field) of_mass, offsetof(struct bl23_knot_counts, field)
#define PER_CONSTRAINT(field) of_constraint, offsetof(struct bl23_knot_counts, field)
#define BIN(k) of_axis, (k) * sizeof(uint64_t)
#define EXTREMUM(set, side, field)                                                                 \
    of_extremum, offsetof(struct bl23_tallies, extremum[set][0][side].field)

struct bl23_layout_row const bl23_layout_rows[] = {
    HEAD("/", "format", TEXT, "`bl23-survey`", format),
    HEAD("/", "format_version", U64, "version of this format; bl23 reads only this one",
         format_version),
    HEAD("/", "seed", U64, "seed of the random numbers", seed),
    HEAD("/", "samples", U64, "number of samples drawn", samples),
    HEAD("/", "passed", U64, "samples that meet all constraints: the survivors", passed),
    HEAD("/", "passed_1sigma", U64, "survivors that also meet the 1-sigma bands", passed_1sigma),
    HEAD("/", "stored", U64, "number of survivors in `/survivors`: S", stored),
    HEAD("/", "nearest", U64, "number of samples in `/nearest`: K", nearest),
    HEAD("/", "store", TEXT, "what is stored of a survivor: `records`, `index` or `none`", store),
    HEAD("/", "sigma", U64, "level of the bands, 1 or 2 sigma", sigma),
    HEAD("/", "config_hash", TEXT,
         "XXH3 over two hashes, the XXH3 of the YAML text in `/config` and `model_hash`; 16 "
         "hexadecimal digits",
         config_hash),
    HEAD("/", "model_hash", TEXT, "XXH3 of `/tables/model`; 16 hexadecimal digits", model_hash),
    HEAD("/", "complete", U64, "1 in a finished survey", complete),

    HEAD("/config", "yaml", TEXT, "the configuration with all defaults filled in", yaml),
    HEAD("/citations", "bibtex", TEXT, "one entry for each source", bibtex),

    HEAD("/provenance", "version", TEXT, "version of bl23", version),
    HEAD("/provenance", "git_revision", TEXT, "commit from which the program was built",
         git_revision),
    HEAD("/provenance", "compiler", TEXT, "compiler and its version", compiler),
    HEAD("/provenance", "flags", TEXT, "flags of the compiler", flags),
    HEAD("/provenance", "backend", TEXT, "`cpu`, `cuda`, or `merge` for parts that were merged",
         backend),
    HEAD("/provenance", "device", TEXT, "name of the processor or GPU", device),
    HEAD("/provenance", "host", TEXT, "name of the machine", host),
    HEAD("/provenance", "start", TEXT, "start of the last call, UTC in ISO 8601", start),
    HEAD("/provenance", "end", TEXT, "end of the last call", end),
    HEAD("/provenance", "wall_s", F64, "duration of the computation in the last call, in seconds",
         wall_s),
    HEAD("/provenance", "samples_per_s", F64, "samples per second in the last call", samples_per_s),

    DATASET("/tables/mass_gev", F64, SHAPE(N), "GeV",
            "mass knots; tile i >> 12 of the samples uses knot (i >> 12) mod N", VALUES,
            KNOT(mass_gev)),
    DATASET("/tables/forms", F64, SHAPE(N, BL23_FORMS, BL23_MONOMIALS), "1",
            "quadratic forms: rows Re, Im of H_ds, H_db, H_sb; columns |w1|^2, |w2|^2, |w3|^2, Re "
            "and Im of w1* w2, of w1* w3, of w2* w3",
            VALUES, KNOT(form)),
    DATASET("/tables/kappa", F64, SHAPE(N, BL23_MODES), "1",
            "BR = kappa g^2 s, modes in the order of the columns br_*; 0 where the mode is closed",
            VALUES, KNOT(kappa)),
    DATASET("/tables/delta_a_mu_per_g2", F64, SHAPE(N), "1",
            "contribution to the muon's anomalous magnetic moment, divided by g^2", VALUES,
            KNOT(delta_a_mu_per_g2)),
    DATASET("/tables/c_left", F64, SHAPE(N, BL23_CHANNELS, 3, 3, 2), "1",
            "C_L: channel ds, db, sb; i = u, c, t; j = u, c, t; re, im; sign as in the paper",
            CHECKED, LOOPS(c_left)),
    DATASET("/tables/c_right", F64, SHAPE(N, BL23_CHANNELS, 3, 3, 2), "1", "C_R, as c_left",
            CHECKED, LOOPS(c_right)),
    DATASET("/tables/model", U8, SHAPE(BYTES), "1",
            "the flat model as the kernels read it (struct bl23_model), for bl23 replay", WHOLE,
            byte_of_model, 0),

    ATTRIBUTE("/cutflow", "drawn", U64, ONE, "samples that were counted", SUM,
              PER_CONSTRAINT(cutflow_drawn)),
    HEAD("/cutflow", "every", U64, "tile t was counted if floor(t/N) is a multiple of `every`",
         cutflow_every),
    DATASET("/cutflow/name", TEXT, SHAPE(C), "1", "constraints in declared order", CHECKED,
            constraint_name, 0),
    DATASET("/cutflow/passed", U64, SHAPE(C), "1",
            "samples that pass this constraint and all before it", TOTAL,
            PER_CONSTRAINT(passed_sequentially)),
    DATASET("/cutflow/passed_alone", U64, SHAPE(C), "1",
            "samples that pass this constraint by itself", SUM, PER_CONSTRAINT(passed_alone)),
    DATASET("/cutflow/by_mass", U64, SHAPE(C, N), "1", "as `passed`, for each mass knot", VALUES,
            PER_CONSTRAINT(passed_sequentially)),
    DATASET("/cutflow/mass_drawn", U64, SHAPE(N), "1", "all samples drawn at each mass knot",
            VALUES, PER_MASS(drawn)),
    DATASET("/cutflow/mass_passed", U64, SHAPE(N), "1", "all survivors at each mass knot", VALUES,
            PER_MASS(passed)),

    DATASET("/histograms/<axis>", U64, SHAPE(B), NULL, NULL, VALUES, BIN(1)),
    ATTRIBUTE("/histograms/<axis>", "edges", F64, SHAPE(B + 1), "edges of the bins, rising", SEALED,
              edge_of_axis, 0),
    ATTRIBUTE("/histograms/<axis>", "underflow", U64, ONE, "survivors below the first edge", VALUES,
              BIN(0)),
    ATTRIBUTE("/histograms/<axis>", "overflow", U64, ONE, "survivors above the last edge", VALUES,
              BIN(B + 1)),
    DATASET("/histograms/<axis>__<axis>", U64, SHAPE(B, B), "1", NULL, VALUES, of_pair, 0),
    ATTRIBUTE("/histograms/<axis>__<axis>", "edges_x", F64, SHAPE(B + 1), "edges of the rows",
              SEALED, edge_of_pair, 0),
    ATTRIBUTE("/histograms/<axis>__<axis>", "edges_y", F64, SHAPE(B + 1), "edges of the columns",
              SEALED, edge_of_pair, 1),

    DATASET("/extrema/name", TEXT, SHAPE(COLUMNS), "1", "columns of /survivors", CHECKED,
            extremum_name, 0),
    DATASET("/extrema/min", F64, SHAPE(COLUMNS), "as the column",
            "smallest value of each column among all survivors; NaN if there is none", VALUES,
            EXTREMUM(0, 0, value)),
    DATASET("/extrema/min_index", U64, SHAPE(COLUMNS), "1", SAMPLE_TEXT, VALUES,
            EXTREMUM(0, 0, index)),
    DATASET("/extrema/max", F64, SHAPE(COLUMNS), "as the column",
            "largest value of each column among all survivors; NaN if there is none", VALUES,
            EXTREMUM(0, 1, value)),
    DATASET("/extrema/max_index", U64, SHAPE(COLUMNS), "1", SAMPLE_TEXT, VALUES,
            EXTREMUM(0, 1, index)),
    DATASET("/extrema/min_1sigma", F64, SHAPE(COLUMNS), "as the column",
            "smallest value of each column among survivors of level 1; NaN if there is none",
            VALUES, EXTREMUM(1, 0, value)),
    DATASET("/extrema/min_1sigma_index", U64, SHAPE(COLUMNS), "1", SAMPLE_TEXT, VALUES,
            EXTREMUM(1, 0, index)),
    DATASET("/extrema/max_1sigma", F64, SHAPE(COLUMNS), "as the column",
            "largest value of each column among survivors of level 1; NaN if there is none", VALUES,
            EXTREMUM(1, 1, value)),
    DATASET("/extrema/max_1sigma_index", U64, SHAPE(COLUMNS), "1", SAMPLE_TEXT, VALUES,
            EXTREMUM(1, 1, index)),
};
size_t const bl23_layout_n_rows = sizeof bl23_layout_rows / sizeof bl23_layout_rows[0];

struct bl23_layout_row const *bl23_layout_find(char const *path)
{
    struct bl23_layout_row const *row = bl23_layout_rows;
    while (row->attribute || strcmp(row->path, path) != 0)
        row++;
    return row;
}

bool bl23_layout_in_group(struct bl23_layout_row const *row, char const *group)
{
    size_t const length = strlen(group);
    return strncmp(row->path, group, length) == 0 &&
           (row->path[length] == '\0' || row->path[length] == '/');
}

/* ---- sizes and names ---- */

void bl23_layout_measure(struct bl23_survey_data *data, struct bl23_model const *model)
{
    hsize_t *const columns = &data->size[-BL23_SIZE_EXTREMA];
    data->model = model;
    data->size[-BL23_SIZE_KNOTS] = model->n_knots;
    data->size[-BL23_SIZE_CONSTRAINTS] = model->n_constraints;
    data->size[-BL23_SIZE_MODEL] = bl23_model_bytes(model->n_knots);
    *columns = 0;
    for (int c = 0; c < BL23_COLUMNS; c++)
        if (bl23_column_written(model, c))
            data->extrema[(*columns)++] = c;
}

/* Is the row one for each axis, or one for each pair of axes? */
static bool is_per_axis(struct bl23_layout_row const *row)
{
    return strchr(row->path, '<') != NULL;
}

static bool is_per_pair(struct bl23_layout_row const *row)
{
    return strstr(row->path, "__<") != NULL;
}

size_t bl23_layout_items(struct bl23_layout_row const *row, struct bl23_survey_data const *data)
{
    if (is_per_pair(row))
        return data->reduction->n_histograms_2d;
    return is_per_axis(row) ? BL23_AXES : 1;
}

struct bl23_layout_label bl23_layout_label(struct bl23_layout_row const *row,
                                           struct bl23_survey_data const *data, size_t item)
{
    struct bl23_layout_label label = {.unit = row->unit};
    enum bl23_axis const axis = (enum bl23_axis)item;
    int const before = (int)strcspn(row->path, "<");
    if (is_per_pair(row)) {
        uint64_t const *const pair = data->reduction->histogram_2d[item];
        enum bl23_axis const x = (enum bl23_axis)pair[0], y = (enum bl23_axis)pair[1];
        snprintf(label.path, sizeof label.path, "%.*s%s__%s", before, row->path, bl23_axis_name(x),
                 bl23_axis_name(y));
        snprintf(label.text, sizeof label.text, "survivors in bins of %s (rows) and %s (columns)",
                 bl23_axis_text(x), bl23_axis_text(y));
    } else if (is_per_axis(row)) {
        label.unit = bl23_axis_unit(axis);
        snprintf(label.path, sizeof label.path, "%.*s%s", before, row->path, bl23_axis_name(axis));
        snprintf(label.text, sizeof label.text, "%s", bl23_axis_text(axis));
    } else {
        snprintf(label.path, sizeof label.path, "%s", row->path);
        snprintf(label.text, sizeof label.text, "%s", row->text);
    }
    return label;
}

struct bl23_h5_form bl23_layout_form(struct bl23_layout_row const *row,
                                     struct bl23_survey_data const *data)
{
    struct bl23_h5_form form = {.kind = row->kind};
    for (; form.rank < BL23_H5_RANK_MAX && row->dims[form.rank] != 0; form.rank++) {
        int const dim = row->dims[form.rank];
        form.dims[form.rank] = dim > 0 ? (hsize_t)dim : data->size[-dim];
    }
    return form;
}

size_t bl23_layout_members(char const *group, struct bl23_survey_data const *data)
{
    size_t members = 0;
    for (size_t k = 0; k < bl23_layout_n_rows; k++)
        if (!bl23_layout_rows[k].attribute && bl23_layout_in_group(&bl23_layout_rows[k], group))
            members += bl23_layout_items(&bl23_layout_rows[k], data);
    return members;
}
