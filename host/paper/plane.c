/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "host/paper/plane.h"

#include <stdlib.h>
#include <string.h>

#include "host/config/mass_order.h"
#include "kernels/sample/error.h"
#include "kernels/sample/verdict.h"
#include "tables/physics/rates.h"

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
    BL23_TRY(bl23_model_build(&spec, model, &tables, error));
    /* scenario I has H = A for every w: the three monomials |w_i|^2 add to 1. The couplings F of
     * up-type quarks have R = 0 with the row (1, 0, 0). */
    for (size_t k = 0; plane->scenario == BL23_SCENARIO_I && k < (*model)->n_knots; k++) {
        struct bl23_knot *const knot = &(*model)->knot[k];
        for (int r = 0; r < BL23_LOOP_FORMS; r++)
            for (int m = 0; m < BL23_MONOMIALS; m++)
                knot->form[r][m] = m < 3 ? tables[k].a[r / 2][r % 2] : 0.0;
        memcpy(knot->form[BL23_FORM_KP], knot->form[BL23_FORM_DS_RE], 2 * sizeof knot->form[0]);
    }
    free(tables);
    return BL23_OK;
}

/* The shipped overlays that do not cut already, then the user's. */
static enum bl23_status collect_overlays(struct bl23_plane *plane, struct bl23_constraints *user,
                                         struct bl23_error *error)
{
    struct bl23_constraints *const list = &plane->overlays;
    BL23_TRY(bl23_constraints_add_overlays(list, error));
    for (size_t c = 0; c < plane->config->constraints.size; c++)
        bl23_constraints_remove(list, plane->config->constraints.item[c].name);
    for (size_t c = 0; c < user->size; c++) {
        char const *const name = user->item[c].name;
        if (list->size == BL23_CONSTRAINTS_MAX)
            return bl23_fail(error, BL23_ERROR_USAGE,
                             "a plane has at most %d overlays; leave out the overlay '%s'",
                             BL23_CONSTRAINTS_MAX, name);
        if (bl23_constraints_named(list, name) ||
            bl23_constraints_named(&plane->config->constraints, name))
            return bl23_fail(error, BL23_ERROR_USAGE,
                             "the overlay '%s' has the name of a constraint or of another overlay; "
                             "choose another name",
                             name);
        list->item[list->size++] = user->item[c];
        memset(&user->item[c].curve, 0, sizeof user->item[c].curve);
    }
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
    if (status == BL23_OK && !(plane->by_mass = bl23_mass_order(plane->model)))
        status =
            bl23_fail(error, BL23_ERROR_MEMORY, "out of memory for %zu masses", config->n_masses);
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
    bl23_amplitudes(&plane->model->knot[k], BL23_ALL_FORMS, plane->model->w.monomial, h);
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
    double s[BL23_QUANTITIES];
    bl23_quantities_of_row(knot, 1u << q, model->w.monomial, s);
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
    struct bl23_knot const *const knot = &plane->model->knot[k];
    double s[BL23_QUANTITIES];
    bl23_quantities_of_row(knot, BL23_ALL_QUANTITIES, plane->model->w.monomial, s);
    return root(bl23_solve_g2(knot, level, BL23_ALL_QUANTITIES, s));
}

double bl23_plane_ctau_g(struct bl23_inputs const *inputs, double ctau_m, double mass_gev)
{
    return sqrt(bl23_rate_ctau_m_times_g2(inputs, mass_gev) / ctau_m);
}
