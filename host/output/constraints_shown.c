/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "host/output/constraints_shown.h"

#include <math.h>
#include <stdlib.h>

#include "kernels/sample/error.h"

static struct bl23_constraint_shown show(struct bl23_config const *config,
                                         struct bl23_constraint const *c)
{
    struct bl23_constraint_shown s = {
        .name = c->name,
        .observable = bl23_observable_name(c->observable),
        .kind = bl23_constraint_kind_name(c->kind),
        .likelihood = bl23_likelihood_name(c->likelihood),
        .set = c->set[0] ? c->set : "extra",
        .cite = c->cite,
        .note = c->note,
        .invisible = bl23_invisible_name(c->invisible),
        .curve = c->curve_name,
        .window = bl23_window_name(c->window_kind),
        .cl = c->confidence_level > 0.0 ? c->confidence_level : (double)NAN,
        .central = c->kind == BL23_BAND ? bl23_dd_round(c->central) : (double)NAN,
        .window_gev = {(double)NAN, (double)NAN},
        .covers_gev = {(double)NAN, (double)NAN}};
    for (int k = 0; c->window_kind != BL23_WINDOW_ALL && k < 2; k++)
        s.window_gev[k] = bl23_dd_round(c->window[k]);
    if (c->window_kind == BL23_WINDOW_NEAR_PI0)
        for (int k = 0; k < 2; k++)
            s.window_gev[k] = bl23_dd_round(k ? bl23_dd_add(config->inputs.m_pi0, c->window[0])
                                              : bl23_dd_sub(config->inputs.m_pi0, c->window[0]));
    for (size_t k = 0; k < config->n_masses; k++)
        if (bl23_constraint_covers(c, &config->inputs, config->mass_gev[k])) {
            double const mass = bl23_dd_round(config->mass_gev[k]);
            s.covers_gev[0] = fmin(s.covers_gev[0], mass); /* of a NaN and a number: the number */
            s.covers_gev[1] = fmax(s.covers_gev[1], mass);
        }
    return s;
}

/* The edges of a constraint at mass m of all draws, or of the one without draws. */
static struct bl23_interval edges_of(struct bl23_config const *config,
                                     struct bl23_inputs const *draw,
                                     struct bl23_constraint const *c, size_t m, int level)
{
    struct bl23_dd lo, hi;
    bl23_constraint_at(c, draw ? &draw[m / config->n_masses] : &config->inputs,
                       config->mass_gev[m % config->n_masses], level, &lo, &hi);
    return (struct bl23_interval){bl23_dd_round(lo), bl23_dd_round(hi)};
}

enum bl23_status bl23_constraints_show(struct bl23_config const *config,
                                       struct bl23_inputs const *draw,
                                       struct bl23_constraints_shown *shown,
                                       struct bl23_error *error)
{
    struct bl23_constraints const *const list = &config->constraints;
    size_t const knots = config->n_masses * (draw ? config->n_draws : 1);
    size_t rows = 0, used = 0, limits = 0;
    *shown = (struct bl23_constraints_shown){.n_rows = 0};
    for (size_t k = 0; k < list->size; k++) {
        shown->item[k] = show(config, &list->item[k]);
        rows += list->item[k].curve.size;
    }
    shown->n_rows = rows;
    shown->row = calloc(rows + 1, sizeof *shown->row);
    shown->limit = calloc(list->size * BL23_LEVELS * knots + 1, sizeof *shown->limit);
    if (!shown->row || !shown->limit)
        return bl23_fail(error, BL23_ERROR_MEMORY, "out of memory for /constraints");
    for (size_t k = 0; k < list->size; k++)
        for (int level = 0; level < BL23_LEVELS; level++) {
            bool const same = level > 0 && !bl23_constraint_has_levels(&list->item[k]);
            for (size_t m = 0; m < knots; m++, limits++)
                shown->limit[limits] = same ? shown->limit[limits - knots]
                                            : edges_of(config, draw, &list->item[k], m, level);
        }
    for (size_t k = 0; k < list->size; k++) {
        struct bl23_curve const *const c = &list->item[k].curve;
        for (size_t j = 0; j < c->size; j++)
            shown->row[used++] = (struct bl23_curve_row){
                .constraint = k,
                .window = (uint64_t)c->window[j],
                .mass_gev = bl23_dd_round(c->mass_gev[j]),
                .upper = c->upper[j],
                .best_fit = c->has_best_fit ? bl23_dd_round(c->best_fit[j]) : (double)NAN};
    }
    return BL23_OK;
}

void bl23_constraints_shown_free(struct bl23_constraints_shown *shown)
{
    free(shown->row);
    free(shown->limit);
    shown->row = NULL;
    shown->limit = NULL;
}
