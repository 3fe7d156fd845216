/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "host/cover/cover_run.h"

#include <stdlib.h>
#include <string.h>

#include "host/config/survey_cover.h"
#include "host/io/item_loop.h"
#include "host/survey/acceptance.h"
#include "kernels/sample/error.h"
#include "tables/cover/cover_flat.h"
#include "tables/cover/cover_verify.h"

enum bl23_status bl23_cover_run_open(struct bl23_config *config, struct bl23_cover_run *run,
                                     struct bl23_error *error)
{
    *run = (struct bl23_cover_run){.tree = NULL};
    bl23_statement_note_cuts(config);
    bl23_statement_note_inputs(config);
    return bl23_statement_open(config, "a cover divides all rows", &run->of, error);
}

void bl23_cover_run_close(struct bl23_cover_run *run)
{
    bl23_cover_trees_free(run->tree, run->of.model);
    free(run->mass);
    bl23_statement_close(&run->of);
    *run = (struct bl23_cover_run){.tree = NULL};
}

/* ---- the cover of a mass ---- */

void bl23_cover_mass_estimate(struct bl23_cover_mass *m)
{
    m->acceptance = m->samples > 0 ? (double)m->survivors / (double)m->samples : 0.0;
    bl23_acceptance_interval(m->survivors, m->samples, BL23_OUTSIDE_9999, &m->acceptance_low,
                             &m->acceptance_high);
    m->volume = m->acceptance * m->volume_upper;
    m->volume_low = fmax(m->acceptance_low * m->volume_upper, m->volume_inside);
    m->volume_high = m->acceptance_high * m->volume_upper;
    m->volume = fmin(fmax(m->volume, m->volume_low), m->volume_high);
}

static enum bl23_status draw(struct bl23_cover_run const *run, size_t k, uint64_t samples)
{
    struct bl23_cover_mass *const m = &run->mass[k];
    struct bl23_cover_flat flat;
    BL23_TRY(bl23_cover_flatten(run->of.model, k, &run->tree[k], m->cells, &flat));
    m->samples = samples;
    m->survivors = bl23_cover_survivors(run->of.model, k, bl23_cover_flat_cells(&flat),
                                        run->of.model->seed, k * samples, samples);
    bl23_cover_mass_estimate(m);
    bl23_cover_flat_free(&flat);
    return BL23_OK;
}

struct estimating {
    struct bl23_cover_run *run;
    uint64_t samples;
};

static enum bl23_status estimate(void *context, unsigned worker, uint64_t k, uint64_t count)
{
    struct estimating const *const job = context;
    struct bl23_cover_run *const run = job->run;
    struct bl23_cover_volumes v;
    (void)worker;
    (void)count; /* 1 */
    bl23_cover_tree_volumes(&run->tree[k], &v);
    run->mass[k] = (struct bl23_cover_mass){.mass_gev = run->of.model->knot[k].mass_gev,
                                            .volume_upper = (double)v.upper * 0x1p-60,
                                            .volume_inside = (double)v.inside * 0x1p-60,
                                            .cells = v.cells};
    return v.cells > 0 ? draw(run, k, job->samples) : BL23_OK;
}

enum bl23_status bl23_cover_run_make(struct bl23_cover_run *run, struct bl23_cover_aim aim,
                                     uint64_t samples, struct bl23_error *error)
{
    struct estimating job = {run, samples};
    size_t const n = run->of.config->n_masses;
    run->mass = calloc(n, sizeof *run->mass);
    enum bl23_status status =
        run->mass ? bl23_cover_trees_build(run->of.model, aim, &run->tree) : BL23_ERROR_MEMORY;
    if (status == BL23_OK)
        status = bl23_for_items("masses", n, estimate, &job);
    if (status == BL23_OK)
        return status;
    return bl23_fail(error, status, "out of memory for a cover of %zu masses; use fewer cells", n);
}

/* ---- the check ---- */

struct checking {
    struct bl23_model const *model;
    struct bl23_cover_stored const *stored;
    struct bl23_cover_proof *proof; /* [masses] */
    struct bl23_error *error;       /* [masses] */
};

static enum bl23_status check(void *context, unsigned worker, uint64_t k, uint64_t count)
{
    struct checking const *const job = context;
    struct bl23_cover_stored const *const s = job->stored;
    struct bl23_cover_proof *const p = &job->proof[k];
    struct bl23_error *const error = &job->error[k];
    double const mass_gev = job->model->knot[k].mass_gev;
    (void)worker;
    (void)count; /* 1 */
    if (bl23_cover_verify(job->model, k, s->tree[k].node, s->tree[k].nodes, p, error) != BL23_OK)
        return BL23_OK; /* the other masses are checked too: the first failure by mass is told */
    char const *claim = NULL;
    if (s->mass_gev[k] != mass_gev)
        claim = "mass_gev";
    else if (s->cells[k] != p->undecided + p->inside)
        claim = "cells";
    else if (s->volume_upper[k] != (double)p->upper_volume * 0x1p-60)
        claim = "volume_upper";
    else if (s->volume_inside[k] != (double)p->inside_volume * 0x1p-60)
        claim = "volume_inside";
    if (claim)
        bl23_fail(error, BL23_ERROR_FAILED, "/cover/%s does not belong to the tree at %.9g GeV",
                  claim, mass_gev);
    return BL23_OK;
}

/* The first failure by mass, or the sums. */
static enum bl23_status sum_up(char const *path, struct checking const *job,
                               struct bl23_cover_checked *checked, struct bl23_error *error)
{
    *checked = (struct bl23_cover_checked){.masses = job->stored->masses};
    for (size_t k = 0; k < job->stored->masses; k++) {
        struct bl23_cover_proof const *const p = &job->proof[k];
        if (job->error[k].status != BL23_OK)
            return bl23_fail(error, job->error[k].status, "%s: %s", path, job->error[k].text);
        checked->excluded += p->upper_volume == 0;
        checked->leaves += p->discarded + p->undecided + p->inside;
        checked->discarded += p->discarded;
        checked->inside += p->inside;
    }
    return BL23_OK;
}

static enum bl23_status check_all(char const *path, struct bl23_cover_run const *run,
                                  struct bl23_cover_stored const *stored,
                                  struct bl23_cover_checked *checked, struct bl23_error *error)
{
    size_t const n = stored->masses;
    struct checking job = {.model = stored->model ? stored->model : run->of.model,
                           .stored = stored};
    if (n != run->of.config->n_masses || n != job.model->n_knots)
        return bl23_fail(error, BL23_ERROR_FAILED,
                         "%s has covers of %zu masses, and its configuration has %zu masses", path,
                         n, run->of.config->n_masses);
    job.proof = calloc(n, sizeof *job.proof);
    job.error = calloc(n, sizeof *job.error);
    enum bl23_status status = BL23_ERROR_MEMORY;
    if (job.proof && job.error) {
        bl23_for_items("masses", n, check, &job);
        status = sum_up(path, &job, checked, error);
    } else {
        bl23_fail(error, status, "out of memory for %zu masses", n);
    }
    free(job.proof);
    free(job.error);
    return status;
}

enum bl23_status bl23_cover_run_verify(char const *path, struct bl23_cover_checked *checked,
                                       struct bl23_error *error)
{
    struct bl23_cover_stored stored;
    struct bl23_cover_run run = {.tree = NULL};
    struct bl23_config *config = NULL;
    enum bl23_status status = bl23_cover_file_read(path, &stored, error);
    if (status == BL23_OK)
        status = bl23_config_parse(path, stored.yaml, strlen(stored.yaml), &config, error);
    if (status == BL23_OK)
        status = bl23_cover_run_open(config, &run, error);
    if (status == BL23_OK)
        status = check_all(path, &run, &stored, checked, error);
    bl23_cover_run_close(&run);
    bl23_cover_stored_free(&stored);
    return status;
}
