/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "host/cli/bestfit_draws.h"

#include <stdlib.h>

#include "host/io/item_loop.h"
#include "host/survey/draw_band.h"
#include "kernels/sample/error.h"

enum { DRAWN_ROWS = 512, STARTS = 8 };

/* What the threads share. */
struct job {
    struct bl23_model *model;
    struct bl23_best_row const *central;
    size_t n_masses;
    double *chi2; /* [knots] */
};

static enum bl23_status work(void *context, unsigned worker, uint64_t k, uint64_t count)
{
    struct job const *const job = context;
    struct bl23_best_row const *const central = &job->central[k % job->n_masses];
    struct bl23_fit_problem const problem = {job->model, &job->model->knot[k],
                                             &bl23_model_ranking(job->model)->chi2[k]};
    struct bl23_best_row found, near = bl23_fit_row(&problem, central->w);
    size_t agree;
    (void)worker;
    (void)count; /* 1 */
    job->chi2[k] = central->chi2;
    if (k < job->n_masses)
        return BL23_OK;
    BL23_TRY(bl23_fit_improve(&problem, &near));
    BL23_TRY(
        bl23_fit_search(&problem, (struct bl23_fit_effort){DRAWN_ROWS, STARTS}, &found, &agree));
    job->chi2[k] = found.chi2 < near.chi2 ? found.chi2 : near.chi2;
    return BL23_OK;
}

/* The values of each mass, which are n_masses apart. */
static void find_bands(struct job const *job, size_t n_draws, double *value, double (*band)[3])
{
    for (size_t k = 0; k < job->n_masses; k++) {
        for (size_t b = 0; b < n_draws; b++)
            value[b] = job->chi2[b * job->n_masses + k];
        bl23_band_of(value, n_draws, band[k]);
    }
}

static enum bl23_status fit(struct bl23_model_spec const *spec, struct job *job, double (*band)[3],
                            struct bl23_error *error)
{
    BL23_TRY(bl23_model_build(spec, &job->model, NULL, error));
    double *const value = calloc(spec->n_draws, sizeof *value);
    job->chi2 = calloc(job->model->n_knots, sizeof *job->chi2);
    enum bl23_status status = BL23_ERROR_MEMORY;
    if (value && job->chi2)
        status = bl23_for_items("fits", job->model->n_knots, work, job);
    if (status == BL23_OK)
        find_bands(job, spec->n_draws, value, band);
    else
        bl23_fail(error, status, "out of memory for the fits of %zu draws", spec->n_draws);
    free(value);
    free(job->chi2);
    free(job->model);
    return status;
}

enum bl23_status bl23_bestfit_of_draws(struct bl23_config const *c,
                                       struct bl23_best_row const *central, double (*band)[3],
                                       struct bl23_error *error)
{
    struct job job = {.central = central, .n_masses = c->n_masses};
    struct bl23_inputs *draw;
    BL23_TRY(bl23_inputs_draw(&c->inputs, &c->vary, c->seed, c->n_draws, &draw, error));
    struct bl23_model_spec spec = bl23_config_survey_spec(c, draw);
    spec.ranked = true;
    enum bl23_status const status = fit(&spec, &job, band, error);
    free(draw);
    return status;
}
