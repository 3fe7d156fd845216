/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "host/bound/bound_run.h"

#include <stdlib.h>
#include <string.h>

#include "host/io/item_loop.h"
#include "kernels/sample/error.h"

enum bl23_status bl23_bound_run_open(struct bl23_config *config, struct bl23_bound_run *run,
                                     struct bl23_error *error)
{
    memset(run, 0, sizeof *run);
    bl23_statement_note_cuts(config);
    BL23_TRY(bl23_statement_open(config, "a bound holds for every row", &run->of, error));
    run->knot = calloc(config->n_masses, sizeof *run->knot);
    return run->knot ? BL23_OK
                     : bl23_fail(error, BL23_ERROR_MEMORY, "out of memory for %zu masses",
                                 config->n_masses);
}

void bl23_bound_run_close(struct bl23_bound_run *run)
{
    for (size_t k = 0; run->knot && k < run->of.config->n_masses; k++)
        bl23_bound_knot_free(&run->knot[k]);
    free(run->knot);
    bl23_statement_close(&run->of);
    memset(run, 0, sizeof *run);
}

/* What the threads share: what failed at each mass. */
struct job {
    struct bl23_bound_run const *run;
    bool verify;
    enum bl23_status *status;                 /* [n_masses] */
    char (*broken)[BL23_BOUND_QUESTION_SIZE]; /* [n_masses]; empty: every claim holds */
};

static enum bl23_status work(void *context, unsigned worker, uint64_t k, uint64_t count)
{
    struct job *const job = context;
    struct bl23_bound_run const *const r = job->run;
    (void)worker;
    (void)count; /* 1 */
    if (job->verify) {
        if (bl23_bound_knot_verify(r->of.model, r->of.tables, k, &r->knot[k], job->broken[k]))
            job->broken[k][0] = '\0';
    } else {
        job->status[k] = bl23_bound_knot_ask(r->of.model, r->of.tables, k, &r->knot[k]);
    }
    return BL23_OK;
}

enum bl23_status bl23_bound_run_in_order(struct bl23_bound_run const *run, size_t k,
                                         struct bl23_error *error)
{
    struct bl23_bound_pair pair;
    if (bl23_bound_knot_in_order(run->of.model, run->of.tables, k, &run->knot[k], &pair))
        return BL23_OK;
    return bl23_fail(error, BL23_ERROR_FAILED,
                     "%.9g GeV: %s: the proven limit for every W_u is %.9g, but a row reaches "
                     "%.9g; either the proof or the row is wrong",
                     run->of.model->knot[k].mass_gev, pair.question, pair.proven, pair.reached);
}

/* The first failure by mass. */
static enum bl23_status first_failure(struct job const *job, struct bl23_error *error)
{
    for (size_t k = 0; k < job->run->of.config->n_masses; k++) {
        double const mass_gev = job->run->of.model->knot[k].mass_gev;
        if (job->status[k] != BL23_OK)
            return bl23_fail(error, job->status[k], "%.9g GeV: the bound failed: %s", mass_gev,
                             bl23_status_text(job->status[k]));
        BL23_TRY(bl23_bound_run_in_order(job->run, k, error));
        if (job->broken[k][0])
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
    size_t const n = run->of.config->n_masses;
    struct job job = {.run = run,
                      .verify = verify,
                      .status = calloc(n, sizeof *job.status),
                      .broken = calloc(n, sizeof *job.broken)};
    enum bl23_status status = BL23_OK;
    if (job.status && job.broken) {
        bl23_for_items("masses", n, work, &job);
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
