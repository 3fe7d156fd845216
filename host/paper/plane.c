/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "host/paper/plane.h"

#include <stdlib.h>
#include <string.h>

#include "kernels/sample/error.h"
#include "kernels/sample/verdict.h"
#include "tables/physics/rates.h"

/* H = A for every w: the three monomials |w_i|^2 add to 1. */
static void drop_right(struct bl23_knot *knot, struct bl23_loop_table const *table)
{
    for (int r = 0; r < BL23_FORMS; r++)
        for (int k = 0; k < BL23_MONOMIALS; k++)
            knot->form[r][k] = k < 3 ? table->a[r / 2][r % 2] : 0.0;
}

static enum bl23_status build_model(struct bl23_plane const *plane,
                                    struct bl23_constraints const *constraints,
                                    struct bl23_model **model, struct bl23_error *error)
{
    struct bl23_model_spec spec = bl23_config_model_spec(plane->config);
    struct bl23_loop_table *tables = NULL;
    spec.constraints = constraints;
    if (plane->scenario == BL23_SCENARIO_I) {
        spec.w_mode = BL23_W_FIXED;
        for (int i = 0; i < 3; i++) {
            spec.w_modulus[i] = bl23_dd(i == 0 ? 1.0 : 0.0);
            spec.w_phase_pi[i] = bl23_dd(0.0);
        }
    }
    enum bl23_status const status = bl23_model_build(&spec, model, &tables, error);
    if (status == BL23_OK && plane->scenario == BL23_SCENARIO_I)
        for (size_t k = 0; k < (*model)->n_knots; k++)
            drop_right(&(*model)->knot[k], &tables[k]);
    free(tables);
    return status;
}

/* The shipped overlays that do not cut already, then the user's. */
static enum bl23_status collect_overlays(struct bl23_plane *plane, struct bl23_constraints *user,
                                         struct bl23_error *error)
{
    struct bl23_constraints *const list = &plane->overlays;
    enum bl23_status const status = bl23_constraints_add_overlays(list, error);
    if (status != BL23_OK)
        return status;
    for (size_t c = 0; c < plane->config->constraints.size; c++)
        bl23_constraints_remove(list, plane->config->constraints.item[c].name);
    for (size_t c = 0; c < user->size; c++) {
        char const *const name = user->item[c].name;
        if (bl23_constraints_named(list, name) ||
            bl23_constraints_named(&plane->config->constraints, name) ||
            list->size == BL23_CONSTRAINTS_MAX)
            return bl23_fail(error, BL23_ERROR_USAGE,
                             "the overlay '%s' must have a name that no constraint and no other "
                             "overlay has, and be one of at most %d",
                             name, BL23_CONSTRAINTS_MAX);
        list->item[list->size++] = user->item[c];
        memset(&user->item[c].curve, 0, sizeof user->item[c].curve);
    }
    return BL23_OK;
}

/* A knot and its mass, for sorting. */
struct knot_mass {
    double mass_gev;
    size_t knot;
};

static int by_mass(void const *a, void const *b)
{
    struct knot_mass const *const x = a, *const y = b;
    if (x->mass_gev != y->mass_gev)
        return x->mass_gev > y->mass_gev ? 1 : -1;
    return x->knot > y->knot ? 1 : -1;
}

static enum bl23_status sort_masses(struct bl23_plane *plane, struct bl23_error *error)
{
    size_t const n = plane->model->n_knots;
    struct knot_mass *const pair = calloc(n, sizeof *pair);
    plane->by_mass = calloc(n, sizeof *plane->by_mass);
    if (!pair || !plane->by_mass) {
        free(pair);
        return bl23_fail(error, BL23_ERROR_MEMORY, "out of memory for %zu masses", n);
    }
    for (size_t k = 0; k < n; k++)
        pair[k] = (struct knot_mass){plane->model->knot[k].mass_gev, k};
    qsort(pair, n, sizeof *pair, by_mass);
    for (size_t k = 0; k < n; k++)
        plane->by_mass[k] = pair[k].knot;
    free(pair);
    return BL23_OK;
}

enum bl23_status bl23_plane_build(struct bl23_config const *config, enum bl23_scenario scenario,
                                  struct bl23_constraints *user, struct bl23_plane *plane,
                                  struct bl23_error *error)
{
    memset(plane, 0, sizeof *plane);
    plane->config = config;
    plane->scenario = scenario;
    if (scenario == BL23_SCENARIO_II && config->w_mode != BL23_W_FIXED)
        return bl23_fail(error, BL23_ERROR_CONFIG,
                         "%s: w must be {fixed: [r11, ph11, r12, ph12, r13, ph13]} for a plane "
                         "(got haar); or use --scenario 1, which needs no w",
                         config->path);
    enum bl23_status status = collect_overlays(plane, user, error);
    if (status == BL23_OK)
        status = build_model(plane, &config->constraints, &plane->model, error);
    if (status == BL23_OK)
        status = build_model(plane, &plane->overlays, &plane->overlay_model, error);
    if (status == BL23_OK)
        status = sort_masses(plane, error);
    if (status != BL23_OK)
        bl23_plane_free(plane);
    return status;
}

void bl23_plane_free(struct bl23_plane *plane)
{
    bl23_constraints_free(&plane->overlays);
    free(plane->model);
    free(plane->overlay_model);
    free(plane->by_mass);
    memset(plane, 0, sizeof *plane);
}

void bl23_plane_amplitudes(struct bl23_plane const *plane, size_t k, double h[BL23_FORMS])
{
    bl23_amplitudes(&plane->model->knot[k], plane->model->w.monomial, h);
}

static struct bl23_interval root(struct bl23_interval g2)
{
    return (struct bl23_interval){sqrt(g2.lo), sqrt(g2.hi)};
}

/* Constraint c of a model. */
static struct bl23_interval limit(struct bl23_model const *model, int level, size_t c, size_t k)
{
    struct bl23_knot const *const knot = &model->knot[k];
    int const q = (int)model->constraint_quantity[c];
    double h[BL23_FORMS], s[BL23_QUANTITIES];
    bl23_amplitudes(knot, model->w.monomial, h);
    bl23_quantities(h, s);
    return root(bl23_allowed_g2(knot->limit[level][c], q, s[q]));
}

struct bl23_interval bl23_plane_limit(struct bl23_plane const *plane, int level, size_t c, size_t k)
{
    return limit(plane->model, level, c, k);
}

struct bl23_interval bl23_plane_overlay(struct bl23_plane const *plane, int level, size_t c,
                                        size_t k)
{
    return limit(plane->overlay_model, level, c, k);
}

struct bl23_interval bl23_plane_allowed(struct bl23_plane const *plane, int level, size_t k)
{
    double h[BL23_FORMS], s[BL23_QUANTITIES];
    bl23_plane_amplitudes(plane, k, h);
    bl23_quantities(h, s);
    return root(bl23_solve_g2(&plane->model->knot[k], level, BL23_ALL_QUANTITIES, s));
}

double bl23_plane_ctau_g(double ctau_m, double mass_gev)
{
    return sqrt(bl23_rate_ctau_m_times_g2(mass_gev) / ctau_m);
}
