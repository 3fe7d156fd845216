/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "host/bound/bound_run.h"

#include <stdlib.h>
#include <string.h>

#include "host/config/mass_order.h"
#include "host/config/survey_warnings.h"
#include "kernels/lanes/parallel_for.h"
#include "kernels/sample/error.h"

enum { THREADS_MAX = 64 };

static enum bl23_status constraints_text(struct bl23_config const *config, char **text,
                                         struct bl23_error *error)
{
    size_t size;
    FILE *const f = open_memstream(text, &size);
    if (!f)
        return bl23_fail(error, BL23_ERROR_MEMORY, "out of memory");
    bl23_constraints_describe(config, f);
    if (fclose(f) != 0)
        return bl23_fail(error, BL23_ERROR_MEMORY, "out of memory");
    return BL23_OK;
}

enum bl23_status bl23_bound_run_open(struct bl23_config *config, struct bl23_bound_run *run,
                                     struct bl23_error *error)
{
    memset(run, 0, sizeof *run);
    run->config = config;
    struct bl23_model_spec const spec = bl23_config_model_spec(config);
    if (config->w_mode != BL23_W_HAAR)
        return bl23_fail(error, BL23_ERROR_CONFIG,
                         "%s: w must be haar, because a bound holds for every row (got a fixed "
                         "row); use 'bl23 point' for a fixed row",
                         config->path);
    BL23_TRY(bl23_model_build(&spec, &run->model, &run->tables, error));
    BL23_TRY(bl23_config_check(config, run->model, error));
    BL23_TRY(bl23_config_text(config, &run->yaml, error));
    BL23_TRY(constraints_text(config, &run->constraints, error));
    run->knot = calloc(config->n_masses, sizeof *run->knot);
    run->order = bl23_mass_order(run->model);
    if (!run->knot || !run->order)
        return bl23_fail(error, BL23_ERROR_MEMORY, "out of memory for %zu masses",
                         config->n_masses);
    return BL23_OK;
}

void bl23_bound_run_close(struct bl23_bound_run *run)
{
    for (size_t k = 0; run->knot && k < run->config->n_masses; k++)
        bl23_bound_knot_free(&run->knot[k]);
    free(run->knot);
    free(run->order);
    free(run->yaml);
    free(run->constraints);
    free(run->tables);
    free(run->model);
    bl23_config_free(run->config);
    memset(run, 0, sizeof *run);
}

/* What the threads share: what failed at each mass. */
struct job {
    struct bl23_bound_run const *run;
    bool verify;
    enum bl23_status *status; /* [n_masses] */
    char const **broken;      /* [n_masses] */
};

static enum bl23_status work(void *context, unsigned worker, uint64_t k, uint64_t count)
{
    struct job *const job = context;
    struct bl23_bound_run const *const r = job->run;
    (void)worker;
    (void)count; /* 1 */
    if (job->verify)
        job->broken[k] = bl23_bound_knot_verify(r->model, r->tables, k, &r->knot[k]);
    else
        job->status[k] = bl23_bound_knot_ask(r->model, r->tables, k, &r->knot[k]);
    return BL23_OK;
}

enum bl23_status bl23_bound_run_in_order(struct bl23_bound_run const *run, size_t k,
                                         struct bl23_error *error)
{
    struct bl23_bound_pair pair;
    if (bl23_bound_knot_in_order(run->model, run->tables, k, &run->knot[k], &pair))
        return BL23_OK;
    return bl23_fail(error, BL23_ERROR_FAILED,
                     "%.9g GeV: %s: the proven limit for every W_u is %.9g, but a row reaches "
                     "%.9g; either the proof or the row is wrong",
                     run->model->knot[k].mass_gev, pair.question, pair.proven, pair.reached);
}

/* The first failure by mass. */
static enum bl23_status first_failure(struct job const *job, struct bl23_error *error)
{
    for (size_t k = 0; k < job->run->config->n_masses; k++) {
        double const mass_gev = job->run->model->knot[k].mass_gev;
        if (job->status[k] != BL23_OK)
            return bl23_fail(error, job->status[k], "%.9g GeV: the bound failed: %s", mass_gev,
                             bl23_status_text(job->status[k]));
        BL23_TRY(bl23_bound_run_in_order(job->run, k, error));
        if (job->broken[k])
            return bl23_fail(error, BL23_ERROR_FAILED,
                             "%.9g GeV: the claim '%s' does not hold with the tables of this "
                             "program",
                             mass_gev, job->broken[k]);
    }
    return BL23_OK;
}

static enum bl23_status run_knots(struct bl23_bound_run const *run, bool verify,
                                  struct bl23_error *error)
{
    size_t const n = run->config->n_masses;
    struct job job = {.run = run,
                      .verify = verify,
                      .status = calloc(n, sizeof *job.status),
                      .broken = calloc(n, sizeof *job.broken)};
    enum bl23_status status = BL23_OK;
    if (job.status && job.broken) {
        unsigned const processors = bl23_processors();
        bl23_parallel_for(processors < THREADS_MAX ? processors : THREADS_MAX, n, 1, work, &job);
        status = first_failure(&job, error);
    } else {
        status = bl23_fail(error, BL23_ERROR_MEMORY, "out of memory for %zu masses", n);
    }
    free(job.status);
    free(job.broken);
    return status;
}

enum bl23_status bl23_bound_run_ask(struct bl23_bound_run *run, struct bl23_error *error)
{
    return run_knots(run, false, error);
}

enum bl23_status bl23_bound_run_verify(struct bl23_bound_run const *run, struct bl23_error *error)
{
    return run_knots(run, true, error);
}
