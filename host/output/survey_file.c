/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "host/output/survey_file.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "host/config/citations.h"
#include "host/io/file_io.h"
#include "host/output/columns_file.h"
#include "host/output/cover_file.h"
#include "host/output/hdf5_content.h"
#include "kernels/sample/error.h"
#include "tables/limits/likelihood.h"
#include "version.h"

/* Everything in the file but the columns of samples, in the form in which the file has it. */
struct shown {
    struct bl23_survey_data data;
    struct bl23_results results; /* shallow copy; extrema of nothing are NaN */
    char config_hash[32], model_hash[32], host[256];
    char *bibtex, *own_bibtex; /* owned */
    struct bl23_constraints_shown constraints;
    struct bl23_draws_shown draws;
};

static void show_edges(struct bl23_config const *c, struct bl23_survey_data *data)
{
    for (int axis = 0; axis < BL23_AXES; axis++) {
        double *const edge = data->edge[axis];
        for (uint64_t k = 0; k <= c->n_bins[axis]; k++)
            edge[k] = bl23_survey_edge(c, (enum bl23_axis)axis, k);
        for (uint64_t k = 0; k < c->n_bins[axis]; k++)
            data->mid[axis][k] = 0.5 * (edge[k] + edge[k + 1]);
    }
}

static void show_extrema(struct bl23_tallies *t)
{
    for (int set = 0; set < 2; set++)
        for (int c = 0; c < BL23_COLUMNS; c++)
            for (int side = 0; side < 2; side++)
                if (t->extremum[set][c][side].index == BL23_NO_INDEX)
                    t->extremum[set][c][side].value = (double)NAN;
}

static uint64_t count_likelihoods(struct bl23_config const *c)
{
    uint64_t n = 0;
    for (size_t k = 0; k < c->constraints.size; k++) {
        bool acts = false;
        for (size_t m = 0; m < c->n_masses && !acts; m++)
            acts = bl23_likelihood_acts(&c->constraints, k, &c->inputs, c->mass_gev[m]);
        n += acts;
    }
    return n;
}

static enum bl23_status show_draws(struct bl23_survey const *s, struct bl23_draws_shown *shown,
                                   struct bl23_error *error)
{
    struct bl23_config const *const c = s->config;
    struct bl23_vary const *const vary = &c->vary;
    if (!s->draw)
        return BL23_OK;
    shown->value = calloc(c->n_draws * vary->n, sizeof *shown->value);
    shown->number = calloc(c->n_draws, sizeof *shown->number);
    shown->of_knot = calloc(s->model->n_knots, sizeof *shown->of_knot);
    if (!shown->value || !shown->number || !shown->of_knot)
        return bl23_fail(error, BL23_ERROR_MEMORY, "out of memory for /draws");
    for (size_t v = 0; v < vary->n; v++) {
        shown->name[v] = bl23_input_rows[vary->item[v].row].name;
        shown->error[v] = bl23_dd_round(vary->item[v].error);
        for (uint64_t b = 0; b < c->n_draws; b++)
            shown->value[b * vary->n + v] =
                bl23_dd_round(bl23_inputs_get(&s->draw[b], vary->item[v].row));
    }
    for (uint64_t b = 0; b < c->n_draws; b++)
        shown->number[b] = b;
    for (uint64_t k = 0; k < s->model->n_knots; k++)
        shown->of_knot[k] = k / c->n_masses;
    return BL23_OK;
}

static enum bl23_status show(struct shown *w, struct bl23_survey const *s,
                             struct bl23_results const *results, struct bl23_merge const *m,
                             struct bl23_provenance const *p, struct bl23_error *error)
{
    *w = (struct shown){.results = *results};
    gethostname(w->host, sizeof w->host - 1);
    snprintf(w->config_hash, sizeof w->config_hash, "%016llx", (unsigned long long)s->config_hash);
    snprintf(w->model_hash, sizeof w->model_hash, "%016llx", (unsigned long long)s->model_hash);
    BL23_TRY(bl23_citations_collect(s->config, &w->bibtex, error));
    BL23_TRY(bl23_citations_collect_own(s->config, &w->own_bibtex, error));
    BL23_TRY(bl23_constraints_show(s->config, s->draw, &w->constraints, error));
    BL23_TRY(show_draws(s, &w->draws, error));
    w->data =
        (struct bl23_survey_data){.head = {.format = BL23_SURVEY_FORMAT,
                                           .format_version = BL23_SURVEY_FORMAT_VERSION,
                                           .seed = s->config->seed,
                                           .samples = results->tallies.drawn,
                                           .survey_samples = s->config->samples,
                                           .sampling = BL23_SAMPLING_VERSION,
                                           .passed = results->tallies.passed,
                                           .passed_1sigma = results->tallies.passed_1sigma,
                                           .stored = m->n_survivors,
                                           .nearest = results->n_nearest,
                                           .store = bl23_store_name(s->config->store),
                                           .sigma = (uint64_t)s->config->sigma,
                                           .config_hash = w->config_hash,
                                           .model_hash = w->model_hash,
                                           .content_hash = BL23_NO_CONTENT_HASH,
                                           .complete = results->tallies.drawn == s->config->samples,
                                           .yaml = s->yaml,
                                           .bibtex = w->bibtex,
                                           .own_bibtex = w->own_bibtex,
                                           .version = BL23_VERSION,
                                           .git_revision = BL23_GIT_REVISION,
                                           .compiler = BL23_COMPILER,
                                           .flags = BL23_FLAGS,
                                           .backend = p->backend,
                                           .device = p->device,
                                           .host = w->host,
                                           .start = p->start,
                                           .end = p->end,
                                           .wall_s = p->wall_s,
                                           .samples_per_s = p->samples_per_s,
                                           .cutflow_every = s->config->cutflow_every,
                                           .likelihoods = count_likelihoods(s->config)},
                                  .reduction = &s->reduction,
                                  .results = &w->results,
                                  .constraints = &w->constraints,
                                  .draws = &w->draws,
                                  .range = m->range,
                                  .call = m->calls.call,
                                  .knots = s->model->knot,
                                  .tables = s->tables};
    bl23_layout_measure(&w->data, s->model);
    w->data.size[-BL23_SIZE_RANGES] = m->n_ranges;
    w->data.size[-BL23_SIZE_CALLS] = m->calls.size;
    w->data.size[-BL23_SIZE_ROWS] = w->constraints.n_rows;
    w->data.size[-BL23_SIZE_VARIED] = s->config->vary.n;
    w->data.size[-BL23_SIZE_DRAWS] = s->config->n_draws;
    show_edges(s->config, &w->data);
    show_extrema(&w->results.tallies);
    return BL23_OK;
}

/* All groups; of the survivors' columns only the space. */
static void write_groups(struct bl23_h5 *h5, struct shown const *w, struct bl23_survey const *s,
                         struct bl23_column_space *survivors)
{
    struct bl23_results const *const r = &w->results;
    bl23_layout_write(h5, "/", &w->data);
    for (struct bl23_h5_sealed const *g = bl23_layout_groups; g->path; g++)
        if (!g->compared && bl23_layout_has_group(g, s->model) && strcmp(g->path, "/cover") != 0)
            bl23_layout_write(h5, g->path, &w->data);
    if (s->cover)
        bl23_cover_write(h5, s->model, s->cover);
    bl23_columns_create(h5, "/survivors", s->model, s->config->store == BL23_STORE_RECORDS,
                        w->data.head.stored, survivors);
    uint64_t *const nearest = calloc(r->n_nearest + 1, sizeof *nearest);
    h5->ok = h5->ok && nearest;
    for (uint64_t k = 0; nearest && k < r->n_nearest; k++)
        nearest[k] = r->nearest[k].index;
    bl23_columns_write_small(h5, "/nearest", s->model, nearest, r->n_nearest);
    free(nearest);
    bl23_h5_seal(h5, bl23_layout_groups);
}

/* Two writers make the file. The HDF5 library writes everything but the survivors, of which it only
 * allocates the columns. When it has closed the file, columns_file.c writes them with pwrite.
 * - Survivors may need more memory than there is. They stream from the merge in blocks of rows, and
 *   each block has a piece of some thirty datasets: for the library that would be a selection and
 * an H5Dwrite for every piece.
 * - A failed write of the library leaves a file that it cannot close; a failed pwrite has an errno
 *   ("no space left on device"), and the temporary file is removed.
 * - The file is closed first, because the library may keep parts of an open file in its caches.
 * It is safe because a column is contiguous, little-endian and allocated when it is created, so
 * that H5Dget_offset knows where it begins. Seals cover type and shape of a column, not its data,
 * which a replay computes again; so they are complete before. The file gets its name after both
 * writers. */
static enum bl23_status fill_survivors(char const *path, struct bl23_column_space const *space,
                                       struct bl23_model const *model, struct bl23_merge *survivors,
                                       struct bl23_error *error)
{
    struct bl23_column_writer writer = {.row = 0};
    uint64_t const *index = NULL;
    size_t count;
    enum bl23_status status = BL23_OK;
    BL23_TRY(bl23_columns_open(path, space, model, &writer, error));
    do {
        status = bl23_merge_next(survivors, &index, &count, error);
        if (status != BL23_OK)
            break;
        status = bl23_columns_append(&writer, index, count, error);
        if (status == BL23_ERROR_FAILED)
            status = bl23_merge_reject_sample(survivors, writer.no_survivor, error);
    } while (status == BL23_OK && count > 0);
    if (status == BL23_OK && writer.row < space->rows)
        status = bl23_fail(error, BL23_ERROR_IO, "%s: there are fewer survivors than were counted",
                           path);
    return bl23_columns_close(&writer, status, error);
}

enum bl23_status bl23_survey_file_write(char const *path, struct bl23_survey const *survey,
                                        struct bl23_results const *results,
                                        struct bl23_merge *survivors,
                                        struct bl23_provenance const *provenance,
                                        struct bl23_error *error)
{
    struct bl23_h5 h5;
    struct shown shown;
    struct bl23_column_space space = {.rows = 0};
    struct bl23_temporary temporary;
    enum bl23_status status = show(&shown, survey, results, survivors, provenance, error);
    if (status == BL23_OK)
        status = bl23_temporary_make(path, &temporary, error);
    if (status == BL23_OK) {
        bl23_h5_create(&h5, temporary.name);
        write_groups(&h5, &shown, survey, &space);
        status = bl23_h5_close(&h5, temporary.name, BL23_OK, error);
        if (status == BL23_OK)
            status = fill_survivors(temporary.name, &space, survey->model, survivors, error);
        if (status == BL23_OK)
            status = bl23_h5_content_seal(temporary.name, bl23_layout_groups, error);
        status = bl23_temporary_finish(&temporary, status, error);
    }
    free(shown.bibtex);
    free(shown.own_bibtex);
    bl23_constraints_shown_free(&shown.constraints);
    free(shown.draws.value);
    free(shown.draws.number);
    free(shown.draws.of_knot);
    return status;
}
