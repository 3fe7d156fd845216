/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "tables/model_build.h"

#include <stdlib.h>
#include <string.h>

#include "kernels/sample/error.h"
#include "kernels/sample/verdict.h"
#include "tables/base/monomials.h"
#include "tables/limits/likelihood.h"
#include "tables/physics/charm.h"
#include "tables/physics/rates.h"

/* An edge of the observable as an edge of the quantity, rounded once. A closed mode (factor 0)
 * can meet no lower edge above zero and breaks no upper edge. */
static double scaled(struct bl23_dd edge, struct bl23_dd factor)
{
    if (isinf(edge.hi))
        return edge.hi;
    if (factor.hi == 0.0)
        return edge.hi > 0.0 ? (double)INFINITY : edge.hi == 0.0 ? 0.0 : -1.0;
    return bl23_dd_round(bl23_dd_div(edge, factor));
}

size_t bl23_spec_knots(struct bl23_model_spec const *spec)
{
    return spec->n_masses * (spec->draw ? spec->n_draws : 1);
}

/* The specification of one draw: its inputs are the only ones. */
static struct bl23_model_spec of_draw(struct bl23_model_spec const *spec, size_t draw)
{
    struct bl23_model_spec one = *spec;
    if (spec->draw)
        one.inputs = &spec->draw[draw];
    return one;
}

/* A constraint at this mass on its quantity. It is divided by the rounded factor, observable =
 * factor * quantity, so that a model pinned to a file gets the same limit. */
static struct bl23_interval limit_of(struct bl23_model_spec const *spec,
                                     struct bl23_constraint const *constraint, struct bl23_dd mass,
                                     int level, struct bl23_knot const *knot)
{
    struct bl23_dd const factor = bl23_dd(bl23_knot_factor(knot, constraint->observable));
    struct bl23_dd lo, hi;
    bl23_constraint_at(constraint, spec->inputs, mass, level, &lo, &hi);
    if (spec->widen && constraint->observable < BL23_MODES) {
        struct bl23_dd const more =
            bl23_rate_norm(spec->widen, (enum bl23_mode)constraint->observable);
        lo = bl23_dd_div(lo, more);
        hi = isinf(hi.hi) ? hi : bl23_dd_mul(hi, more);
    }
    return (struct bl23_interval){scaled(lo, factor), scaled(hi, factor)};
}

/* The constraints, and their intersection `allowed`. */
static void knot_limits(struct bl23_model_spec const *spec, struct bl23_model const *model,
                        struct bl23_dd mass, struct bl23_knot *knot)
{
    struct bl23_interval const all = {0.0, (double)INFINITY};
    for (int level = 0; level < BL23_LEVELS; level++) {
        for (int q = 0; q < BL23_QUANTITIES; q++)
            knot->allowed[level][q] = all;
        for (size_t c = 0; c < BL23_CONSTRAINTS_MAX; c++)
            knot->limit[level][c] = all;
        for (size_t c = 0; c < spec->constraints->size; c++) {
            struct bl23_constraint const *const constraint = &spec->constraints->item[c];
            bool const same = level > 0 && !bl23_constraint_has_levels(constraint);
            struct bl23_interval *const limit = &knot->limit[level][c];
            struct bl23_interval *const left = &knot->allowed[level][model->constraint_quantity[c]];
            *limit = same ? knot->limit[0][c] : limit_of(spec, constraint, mass, level, knot);
            left->lo = fmax(left->lo, limit->lo);
            left->hi = fmin(left->hi, limit->hi);
        }
    }
}

/* theta = pi x brought into (-pi, pi]. */
static double wrapped_phase(struct bl23_dd phase_pi)
{
    double const turns = 2.0 * floor(0.5 * phase_pi.hi + 0.5);
    struct bl23_dd rest = bl23_dd_sub(phase_pi, bl23_dd(turns));
    if (!bl23_dd_less(bl23_dd(-1.0), rest))
        rest = bl23_dd_add(rest, bl23_dd(2.0));
    return bl23_dd_round(bl23_dd_mul(bl23_dd_pi, rest));
}

static enum bl23_status fixed_w_build(struct bl23_model_spec const *spec, struct bl23_row *w,
                                      struct bl23_error *error)
{
    struct bl23_dd norm2 = bl23_dd(0.0);
    for (int i = 0; i < 3; i++)
        norm2 = bl23_dd_add(norm2, bl23_dd_sqr(spec->w_modulus[i]));
    if (!(norm2.hi > 0.0) || !isfinite(norm2.hi))
        return bl23_fail(error, BL23_ERROR_DOMAIN,
                         "w must have three finite moduli, at least one above 0 (got the norm %g)",
                         sqrt(norm2.hi));
    struct bl23_dd const norm = bl23_dd_sqrt(norm2);
    for (int i = 0; i < 3; i++) {
        struct bl23_dd const r = spec->w_modulus[i];
        w->abs[i] = fabs(bl23_dd_round(bl23_dd_div(r, norm)));
        w->phase[i] = wrapped_phase(r.hi < 0.0 ? bl23_dd_add(spec->w_phase_pi[i], bl23_dd(1.0))
                                               : spec->w_phase_pi[i]);
        w->monomial[i] = bl23_dd_round(bl23_dd_div(bl23_dd_sqr(r), norm2));
    }
    for (int p = 0; p < 3; p++) {
        int const i = bl23_pairs[p][0], j = bl23_pairs[p][1];
        struct bl23_dd sine, cosine;
        bl23_dd_sincospi(bl23_dd_sub(spec->w_phase_pi[j], spec->w_phase_pi[i]), &sine, &cosine);
        struct bl23_dd const rr =
            bl23_dd_div(bl23_dd_mul(spec->w_modulus[i], spec->w_modulus[j]), norm2);
        w->monomial[3 + 2 * p] = bl23_dd_round(bl23_dd_mul(rr, cosine));
        w->monomial[4 + 2 * p] = bl23_dd_round(bl23_dd_mul(rr, sine));
    }
    return BL23_OK;
}

/* The groups of the observables that constraints are on, or all. */
static uint64_t groups_of(struct bl23_model_spec const *spec)
{
    uint64_t groups = spec->all_columns ? BL23_GROUP_CHARM | BL23_GROUP_TOP : BL23_GROUP_PAPER;
    for (size_t c = 0; c < spec->constraints->size; c++) {
        int const q = bl23_observable_quantity(spec->constraints->item[c].observable);
        groups |= bl23_form_range_of(q).group;
    }
    groups |= spec->ranked ? BL23_GROUP_CHI2 : 0;
    groups |= spec->draw ? BL23_GROUP_DRAWS : 0;
    return spec->inputs->long_distance ? groups | BL23_GROUP_LONG_DISTANCE : groups;
}

static enum bl23_status header_build(struct bl23_model_spec const *spec, struct bl23_model *model,
                                     struct bl23_error *error)
{
    model->seed = spec->seed;
    model->n_knots = bl23_spec_knots(spec);
    model->n_constraints = spec->constraints->size;
    model->g_mode = spec->g_mode;
    model->w_mode = spec->w_mode;
    model->level = (uint64_t)(spec->sigma - 1);
    model->groups = groups_of(spec);
    for (size_t c = 0; c < spec->constraints->size; c++)
        model->constraint_quantity[c] = (uint64_t)bl23_observable_quantity_in(
            (unsigned)model->groups, spec->constraints->item[c].observable);
    if (spec->g_mode != BL23_G_SOLVE)
        model->g_min = bl23_dd_round(spec->g_min);
    if (spec->g_mode == BL23_G_LOG_UNIFORM)
        model->g_log2_ratio = bl23_dd_round(
            bl23_dd_div(bl23_dd_log(bl23_dd_div(spec->g_max, spec->g_min)), bl23_dd_ln2));
    return spec->w_mode == BL23_W_FIXED ? fixed_w_build(spec, &model->w, error) : BL23_OK;
}

/* H_ds of K+, with its long-distance part where the inputs ask for it. */
static void kaon_forms(struct bl23_model_spec const *spec, struct bl23_ckm const *ckm,
                       struct bl23_dd mass, struct bl23_knot *knot)
{
    struct bl23_dd row[BL23_MONOMIALS];
    memcpy(knot->form[BL23_FORM_KP], knot->form[BL23_FORM_DS_RE], 2 * sizeof knot->form[0]);
    if (!spec->inputs->long_distance)
        return;
    bl23_long_distance_row(spec->inputs, ckm, mass, row);
    for (int k = 0; k < BL23_MONOMIALS; k++) {
        double *const re = &knot->form[BL23_FORM_KP][k];
        *re = bl23_dd_round(bl23_dd_add(row[k], bl23_dd(*re)));
    }
}

void bl23_knot_maker_prepare(struct bl23_model_spec const *spec, struct bl23_knot_maker *maker)
{
    maker->spec = *spec;
    bl23_loop_context_build(spec->inputs, 1.0, &maker->context);
    bl23_ckm_build(spec->inputs, &maker->ckm);
    bl23_charm_forms(&maker->ckm, maker->charm);
}

enum bl23_status bl23_knot_make(struct bl23_knot_maker const *maker, struct bl23_model const *model,
                                struct bl23_dd mass, struct bl23_knot *knot,
                                struct bl23_loop_table *table, struct bl23_error *error)
{
    struct bl23_model_spec const *const spec = &maker->spec;
    bool const inside = mass.hi >= BL23_MASS_MIN_GEV && mass.hi <= BL23_MASS_MAX_GEV;
    if (!inside || bl23_loop_table_compute(&maker->context, mass, table) != BL23_OK)
        return bl23_fail(error, BL23_ERROR_DOMAIN,
                         "a mass must be in " BL23_MASS_ALLOWED " (got %g GeV)", mass.hi);
    knot->mass_gev = bl23_dd_round(mass);
    memcpy(knot->form, maker->charm, sizeof maker->charm);
    memcpy(knot->form, table->form, sizeof table->form);
    kaon_forms(spec, &maker->ckm, mass, knot);
    for (int mode = 0; mode < BL23_MODE_br_dp_pip; mode++)
        knot->kappa[mode] =
            bl23_dd_round(bl23_rate_kappa(spec->inputs, (enum bl23_mode)mode, mass));
    bl23_charm_factors(spec->inputs, mass, knot->kappa, knot->weight);
    knot->delta_a_mu_per_g2 = bl23_dd_round(bl23_rate_delta_a_mu(spec->inputs, mass));
    knot_limits(spec, model, mass, knot);
    return BL23_OK;
}

/* The knots of a model as threads make them, which need what the knots of a draw share. */
struct making {
    struct bl23_model_spec const *spec;
    struct bl23_model *model;
    struct bl23_loop_table *tables;
    struct maker_of_worker {
        size_t draw;
        bool made;
        struct bl23_knot_maker maker;
    } * worker;               /* [threads] */
    struct bl23_error *error; /* [threads] */
};

static enum bl23_status make_knots(void *context, unsigned worker, uint64_t first, uint64_t count)
{
    struct making const *const m = context;
    struct maker_of_worker *const w = &m->worker[worker];
    for (uint64_t k = first; k < first + count; k++) {
        size_t const draw = k / m->spec->n_masses, mass = k % m->spec->n_masses;
        if (!w->made || w->draw != draw) {
            struct bl23_model_spec const spec = of_draw(m->spec, draw);
            bl23_knot_maker_prepare(&spec, &w->maker);
            w->draw = draw;
            w->made = true;
        }
        BL23_TRY(bl23_knot_make(&w->maker, m->model, m->spec->mass_gev[mass], &m->model->knot[k],
                                &m->tables[k], &m->error[worker]));
    }
    return BL23_OK;
}

/* The knots by all threads; the error is that of the first of them that has one. */
static enum bl23_status share_knots(struct making *m, unsigned threads, struct bl23_error *error)
{
    enum bl23_status const status =
        m->spec->share ? m->spec->share(threads, m->model->n_knots, 16, make_knots, m)
                       : make_knots(m, 0, 0, m->model->n_knots);
    for (unsigned t = threads; error && status != BL23_OK && t > 0; t--)
        if (m->error[t - 1].status != BL23_OK)
            *error = m->error[t - 1];
    return status;
}

static enum bl23_status knots_build(struct bl23_model_spec const *spec, struct bl23_model *model,
                                    struct bl23_loop_table *tables, struct bl23_error *error)
{
    unsigned const threads = spec->share ? spec->threads : 1;
    struct making m = {spec, model, tables, calloc(threads, sizeof *m.worker),
                       calloc(threads, sizeof *m.error)};
    enum bl23_status status;
    if (m.worker && m.error)
        status = share_knots(&m, threads, error);
    else
        status = bl23_fail(error, BL23_ERROR_MEMORY, "out of memory");
    free(m.worker);
    free(m.error);
    return status;
}

/* The likelihoods of all masses, which depend on the factors of the knots. */
static void ranking_build(struct bl23_model_spec const *spec, struct bl23_model *model)
{
    struct bl23_ranking *const ranking = (struct bl23_ranking *)bl23_model_ranking(model);
    if (!spec->ranked)
        return;
    ranking->chi2_max = spec->chi2_max;
    for (size_t k = 0; k < model->n_knots; k++) {
        struct bl23_model_spec const one = of_draw(spec, k / spec->n_masses);
        bl23_chi2_build(spec->constraints, one.inputs, model, spec->mass_gev[k % spec->n_masses],
                        &model->knot[k], &ranking->chi2[k]);
    }
}

static void draws_build(struct bl23_model_spec const *spec, struct bl23_model *model)
{
    if (spec->draw)
        *(struct bl23_draws *)bl23_model_draws(model) =
            (struct bl23_draws){spec->n_masses, spec->common_w};
}

enum bl23_status bl23_model_build(struct bl23_model_spec const *spec, struct bl23_model **model_out,
                                  struct bl23_loop_table **tables_out, struct bl23_error *error)
{
    size_t const knots = bl23_spec_knots(spec);
    struct bl23_model *model = calloc(1, bl23_ranked_bytes(knots, groups_of(spec)));
    struct bl23_loop_table *tables = calloc(knots + 1, sizeof *tables);
    if (!model || !tables) {
        free(model);
        free(tables);
        return bl23_fail(error, BL23_ERROR_MEMORY, "out of memory for %zu masses", knots);
    }
    enum bl23_status status = header_build(spec, model, error);
    if (status == BL23_OK)
        status = knots_build(spec, model, tables, error);
    if (status == BL23_OK) {
        ranking_build(spec, model);
        draws_build(spec, model);
    }
    if (status == BL23_OK) {
        *model_out = model;
        model = NULL;
    }
    if (status == BL23_OK && tables_out) {
        *tables_out = tables;
        tables = NULL;
    }
    free(model);
    free(tables);
    return status;
}

enum bl23_status bl23_model_pin(struct bl23_model_spec const *spec, struct bl23_knot const *pinned,
                                struct bl23_model *model, struct bl23_error *error)
{
    for (size_t k = 0; k < model->n_knots; k++) {
        struct bl23_model_spec const one = of_draw(spec, k / spec->n_masses);
        struct bl23_knot *const knot = &model->knot[k];
        if (pinned[k].mass_gev != knot->mass_gev)
            return bl23_fail(error, BL23_ERROR_CONFIG,
                             "knot %zu of the given tables is at %.17g GeV, but that knot of the "
                             "configuration is at %.17g GeV; use tables with the same masses",
                             k, pinned[k].mass_gev, knot->mass_gev);
        memcpy(knot->form, pinned[k].form, sizeof knot->form);
        memcpy(knot->kappa, pinned[k].kappa, sizeof knot->kappa);
        memcpy(knot->weight, pinned[k].weight, sizeof knot->weight);
        knot->delta_a_mu_per_g2 = pinned[k].delta_a_mu_per_g2;
        knot_limits(&one, model, spec->mass_gev[k % spec->n_masses], knot);
    }
    ranking_build(spec, model);
    return BL23_OK;
}
