/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* The layout of the survey file: its groups, and one row for every dataset and attribute.
 *
 * survey_file.c writes by these rows; survey_open.c, outcome_read.c and tables_file.c read by them;
 * scripts/make_file_format.py makes docs/file-format.md of them. To add a dataset, add its row to
 * layout.c and, if none there serves, the function that finds its values in memory. Writer, reader,
 * the number of members of the group and the page follow. Columns of samples are rows of the list
 * in kernels/sample/record.h instead. */
#ifndef BL23_HOST_LAYOUT_H
#define BL23_HOST_LAYOUT_H

#include "host/config/prepared_survey.h"
#include "host/output/constraints_shown.h"
#include "host/output/hdf5_read.h"
#include "host/output/hdf5_scales.h"
#include "host/output/hdf5_verify.h"
#include "host/run/calls.h"
#include "host/run/sample_range.h"

/* Attributes format and format_version of the file. */
#define BL23_SURVEY_FORMAT "bl23-survey"
enum { BL23_SURVEY_FORMAT_VERSION = 6 };

/* The groups; the list ends with a row without a path. */
extern struct bl23_h5_sealed const bl23_layout_groups[];

/* The call that writes an output: who, when and how fast. The calls that computed its samples are
 * in the merge. */
struct bl23_provenance {
    char const *backend, *device;
    char start[32], end[32]; /* ISO 8601, UTC */
    double wall_s, samples_per_s;
};

/* Attributes that are single values. Texts are owned after bl23_layout_read_head. */
struct bl23_survey_head {
    /* of the file */
    char const *format, *store, *config_hash, *model_hash, *content_hash;
    uint64_t format_version, complete, sampling, seed, sigma;
    uint64_t samples, survey_samples, passed, passed_1sigma, stored, nearest;
    /* of /config, /citations, /constraints and /provenance */
    char const *yaml, *bibtex, *own_bibtex;
    char const *version, *git_revision, *compiler, *flags, *backend, *device, *host, *start, *end;
    double wall_s, samples_per_s;
    /* of /cutflow and /profiles */
    uint64_t cutflow_every, likelihoods;
};

/* What a dimension counts, if it is no fixed number. */
enum bl23_layout_size {
    BL23_SIZE_KNOTS = -1,
    BL23_SIZE_CONSTRAINTS = -2,
    BL23_SIZE_EXTREMA = -3, /* real columns that are written */
    BL23_SIZE_MODEL = -4,   /* bytes */
    BL23_SIZE_ROWS = -5,    /* of all curves */
    BL23_SIZE_RANGES = -6,
    BL23_SIZE_CALLS = -7,
    BL23_SIZE_TREES = -8,  /* bytes of the packed trees of a cover */
    BL23_SIZE_VARIED = -9, /* inputs that vary */
    BL23_SIZE_DRAWS = -10, /* of them */
    BL23_SIZES = 11,
    BL23_SIZE_BINS = -11, /* bins and edges of the axis that an item is of, or of its rows */
    BL23_SIZE_EDGES = -12,
    BL23_SIZE_BINS_Y = -13, /* of its columns */
    BL23_SIZE_EDGES_Y = -14
};

/* A mass of the cover from which samples were drawn. */
struct bl23_cover_row {
    uint64_t cells, nodes, offset; /* offset: of its first byte among the packed trees */
    double volume_upper, volume_inside;
};

/* The draws of the inputs in the form in which /draws has them; all owned. */
struct bl23_draws_shown {
    char const *name[BL23_VARIED_MAX];
    double error[BL23_VARIED_MAX];
    double *value;              /* [draws, varied] */
    uint64_t *number, *of_knot; /* [draws], [knots] */
};

/* Where the values of a file stand in memory while the file is written or read. */
struct bl23_survey_data {
    struct bl23_survey_head head;
    struct bl23_model const *model;
    struct bl23_reduction const *reduction;
    struct bl23_results *results;
    struct bl23_constraints_shown const *constraints; /* for writing only */
    struct bl23_range const *range;            /* for writing only; [size[-BL23_SIZE_RANGES]] */
    struct bl23_call const *call;              /* for writing only; [size[-BL23_SIZE_CALLS]] */
    struct bl23_cover_row const *cover;        /* for writing only; [size[-BL23_SIZE_KNOTS]] */
    uint8_t const *trees;                      /* for writing only; [size[-BL23_SIZE_TREES]] */
    struct bl23_draws_shown const *draws;      /* for writing only */
    double mid[BL23_AXES][BL23_BINS_MAX];      /* for writing only */
    double edge[BL23_AXES][BL23_BINS_MAX + 1]; /* for writing only; as in the file */
    struct bl23_knot *knots;
    struct bl23_loop_table const *tables;
    int extrema[BL23_COLUMNS]; /* columns of /extrema, [size[-BL23_SIZE_EXTREMA]] */
    hsize_t size[BL23_SIZES];  /* by minus the names above */
};

/* Fill in model, size and extrema. */
void bl23_layout_measure(struct bl23_survey_data *data, struct bl23_model const *model);

struct bl23_layout_row;

/* The value [i][j] of a row: j runs over all dimensions but the first, `item` over the objects of a
 * row that describes several. */
struct bl23_layout_cell {
    struct bl23_layout_row const *row;
    struct bl23_survey_data const *data;
    size_t item, i, j;
};

/* Where the value stands in memory; for a dataset of names, the text itself. */
typedef void *bl23_layout_value(struct bl23_layout_cell cell);

/* How the values of a row are written and read. */
enum bl23_layout_use {
    BL23_USE_HEAD,    /* a single value at `offset` of struct bl23_survey_head */
    BL23_USE_VALUES,  /* written from memory, read into memory */
    BL23_USE_SUM,     /* written: the sum of [i][j] over the masses j; read: into the first mass */
    BL23_USE_TOTAL,   /* the same sum of values that another row reads; reading compares */
    BL23_USE_CHECKED, /* written; reading checks type and shape only */
    BL23_USE_SEALED,  /* written; only its seal is checked */
    BL23_USE_WHOLE    /* the same, of values in one piece of memory; not in a tables file */
};

/* One dataset or attribute, or one for each of several objects. */
struct bl23_layout_row {
    char const *path;      /* of the dataset, or of the object that has the attribute */
    char const *attribute; /* NULL: a dataset */
    enum bl23_h5_kind kind;
    int dims[BL23_H5_RANK_MAX]; /* numbers and enum bl23_layout_size; ends with 0 */
    char const *scales;      /* of a dataset: names of the scales of its dimensions, in its group */
    char const *unit, *text; /* unit: NULL for that of the axis, or none; text: before the axis' */
    enum bl23_layout_use use;
    bl23_layout_value *value;
    size_t offset; /* of the value in the struct where `value` looks */
};
extern struct bl23_layout_row const bl23_layout_rows[];
extern size_t const bl23_layout_n_rows;

/* The dataset of that path. */
struct bl23_layout_row const *bl23_layout_find(char const *path);

/* Has a file of the model the group? Optional ones are those of a cover, and of a profile. */
bool bl23_layout_has_group(struct bl23_h5_sealed const *group, struct bl23_model const *model);

/* Is the row an attribute or a dataset of the group, or an attribute of such a dataset? */
bool bl23_layout_in_group(struct bl23_layout_row const *row, char const *group);

/* Number of objects that the row describes: "<axis>" in its path stands for every axis,
 * "<axis>__<axis>" for every pair of axes in the reduction. */
size_t bl23_layout_items(struct bl23_layout_row const *row, struct bl23_survey_data const *data);

/* Path, unit and description of one of them. */
struct bl23_layout_label {
    char path[96], text[192];
    char const *unit;
};
struct bl23_layout_label bl23_layout_label(struct bl23_layout_row const *row,
                                           struct bl23_survey_data const *data, size_t item);

/* The scales of the dimensions of an item, at most BL23_H5_RANK_MAX; returns how many. */
size_t bl23_layout_scales(struct bl23_layout_row const *row, struct bl23_survey_data const *data,
                          size_t item, struct bl23_h5_scale_link *links);

/* Kind and shape of the values of an item. */
struct bl23_h5_form bl23_layout_form(struct bl23_layout_row const *row,
                                     struct bl23_survey_data const *data, size_t item);

/* Number of datasets in a group. */
size_t bl23_layout_members(char const *group, struct bl23_survey_data const *data);

/* ---- layout_io.c ---- */

/* Make a group and write all its rows. Without data->model, /tables becomes that of a tables file.
 */
void bl23_layout_write(struct bl23_h5 *h5, char const *group, struct bl23_survey_data const *data);

/* Name the dimensions of all datasets of a group; bl23_layout_write does it. */
void bl23_layout_attach(struct bl23_h5 *h5, char const *group, struct bl23_survey_data const *data);

/* Read the attributes of a group into *head, all that can be read, and return the first failure.
 * Texts are owned. */
enum bl23_status bl23_layout_read_head(hid_t file, char const *group, struct bl23_survey_head *head,
                                       struct bl23_error *error);
void bl23_layout_free_head(struct bl23_survey_head *head);

/* Read everything else of a group, sums over masses last. BL23_ERROR_FAILED names what differs from
 * what bl23 writes. */
enum bl23_status bl23_layout_read(hid_t file, char const *group, struct bl23_survey_data *data,
                                  struct bl23_error *error);

/* Read one row, or only check its type and shape, as its use says. */
enum bl23_status bl23_layout_read_row(hid_t file, struct bl23_layout_row const *row,
                                      struct bl23_survey_data *data, struct bl23_error *error);

#endif
