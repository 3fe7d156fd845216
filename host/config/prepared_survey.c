/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "host/config/prepared_survey.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "host/config/given_rows.h"
#include "host/config/survey_cover.h"
#include "host/io/file_io.h"
#include "kernels/sample/error.h"

static_assert((int)BL23_CONFIG_BINS_MAX == BL23_BINS_MAX &&
                  (int)BL23_CONFIG_BINS == BL23_BINS_USUAL && (int)BL23_AXES == BL23_HISTOGRAM_AXES,
              "the bins of the configuration are those of the kernels");

double bl23_survey_edge(struct bl23_config const *c, enum bl23_axis axis, uint64_t k)
{
    struct bl23_interval const bins = c->bins[axis];
    struct bl23_dd const width = bl23_dd_sub(bl23_dd(bins.hi), bl23_dd(bins.lo));
    double const fraction = (double)k / (double)c->n_bins[axis];
    return bl23_dd_round(bl23_dd_add(bl23_dd(bins.lo), bl23_dd_mul_d(width, fraction)));
}

/* The edges are those of the file, but of g instead of its logarithm. */
static void reduction_build(struct bl23_config const *c, struct bl23_reduction *r)
{
    memset(r, 0, sizeof *r);
    r->nearest = c->nearest;
    r->profile = c->rank == BL23_RANK_CHI2;
    r->max_survivors = c->store == BL23_STORE_NONE ? 0 : c->max_survivors;
    r->cutflow_every = c->cutflow_every;
    r->n_histograms_2d = c->n_histograms_2d;
    for (size_t h = 0; h < c->n_histograms_2d; h++)
        for (int k = 0; k < 2; k++)
            r->histogram_2d[h][k] = c->histogram_2d[h][k];
    struct bl23_dd const ln10 = bl23_dd_log(bl23_dd(10.0));
    for (int axis = 0; axis < BL23_AXES; axis++) {
        r->bins[axis] = c->n_bins[axis];
        for (uint64_t k = 0; k <= r->bins[axis]; k++)
            r->edge[axis][k] = bl23_survey_edge(c, (enum bl23_axis)axis, k);
    }
    for (uint64_t k = 0; k <= r->bins[BL23_AXIS_log10_g]; k++) {
        double *const g = &r->edge[BL23_AXIS_log10_g][k];
        *g = bl23_dd_round(bl23_dd_exp(bl23_dd_mul_d(ln10, *g)));
    }
}

uint64_t bl23_survey_hash(char const *yaml, uint64_t model_hash)
{
    uint64_t const parts[2] = {bl23_checksum(yaml, strlen(yaml)), model_hash};
    return bl23_checksum(parts, sizeof parts);
}

enum bl23_status bl23_survey_build_model(struct bl23_config *config, struct bl23_survey *s,
                                         struct bl23_error *error)
{
    *s = (struct bl23_survey){.config = config};
    enum bl23_status status = BL23_OK;
    if (config->n_draws > 0)
        status = bl23_inputs_draw(&config->inputs, &config->vary, config->seed, config->n_draws,
                                  &s->draw, error);
    struct bl23_model_spec const spec = bl23_config_survey_spec(config, s->draw);
    if (status == BL23_OK)
        status = bl23_model_build(&spec, &s->model, &s->tables, error);
    if (status != BL23_OK)
        bl23_survey_free(s);
    return status;
}

enum bl23_status bl23_survey_complete(struct bl23_survey *s, struct bl23_error *error)
{
    enum bl23_status status = bl23_config_check(s->config, s->model, error);
    if (status == BL23_OK)
        status = bl23_config_text(s->config, &s->yaml, error);
    if (status == BL23_OK && s->config->draw == BL23_DRAW_COVER)
        status = bl23_survey_cover_build(s->config, &s->model, &s->cover, error);
    if (status == BL23_OK && s->config->w_mode == BL23_W_ROWS)
        status = bl23_given_rows_attach(s->config, &s->model, error);
    if (status != BL23_OK) {
        bl23_survey_free(s);
        return status;
    }
    reduction_build(s->config, &s->reduction);
    s->model_hash = bl23_checksum(s->model, bl23_model_size(s->model));
    s->config_hash = bl23_survey_hash(s->yaml, s->model_hash);
    return BL23_OK;
}

enum bl23_status bl23_survey_prepare(struct bl23_config *config, struct bl23_survey *s,
                                     struct bl23_error *error)
{
    BL23_TRY(bl23_survey_build_model(config, s, error));
    return bl23_survey_complete(s, error);
}

enum bl23_status bl23_survey_with(struct bl23_survey const *s, uint64_t samples, char **yaml,
                                  uint64_t *config_hash, struct bl23_error *error)
{
    struct bl23_config other = *s->config;
    other.samples = samples;
    *yaml = NULL;
    BL23_TRY(bl23_config_text(&other, yaml, error));
    *config_hash = bl23_survey_hash(*yaml, s->model_hash);
    return BL23_OK;
}

void bl23_survey_free(struct bl23_survey *s)
{
    bl23_cover_trees_free(s->cover, s->model);
    bl23_config_free(s->config);
    free(s->draw);
    free(s->model);
    free(s->tables);
    free(s->yaml);
    *s = (struct bl23_survey){0};
}
