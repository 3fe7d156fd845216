/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* A row of the file becomes a model of one mass, one row w and the constraints that it names, with
 * g solved for. A value is then a line or two of the model, or the answer of tables/bound/ for all
 * W_u. */
#include "host/paper/charm_values.h"

#include <stdlib.h>
#include <string.h>

#include "kernels/sample/error.h"
#include "kernels/sample/verdict.h"
#include "tables/bound/bound_range.h"
#include "tables/model_build.h"

/* A row, opened: the model and its tables are owned. */
struct row {
    struct bl23_model *model;
    struct bl23_loop_table *table;
    double g, limit; /* NaN: none */
    int mode;        /* BL23_MODES if the observable is none */
};

static char const *const sets[] = {"paper2020", "charm_known_2026", "charm_loose_2026",
                                   "charm_searches_2026", "charm_mixing_2026"};

/* Is the word one of those in the text, separated by blanks? */
static bool has_word(char const *text, char const *word)
{
    size_t const length = strlen(word);
    for (char const *at = strstr(text, word); at; at = strstr(at + 1, word))
        if ((at == text || at[-1] == ' ') && (at[length] == ' ' || at[length] == '\0'))
            return true;
    return false;
}

/* The constraints of the sets that the row names. */
static enum bl23_status choose(char const *names, struct bl23_constraints *list,
                               struct bl23_error *error)
{
    for (size_t s = 0; s < sizeof sets / sizeof sets[0]; s++)
        BL23_TRY(bl23_constraints_add_set(list, sets[s], error));
    for (size_t k = list->size; k-- > 0;)
        if (!has_word(names, list->item[k].name))
            bl23_constraints_remove(list, list->item[k].name);
    return BL23_OK;
}

/* The row w: as the file gives it, or (1, 0, 0). */
static void read_w(char const *text, struct bl23_model_spec *spec)
{
    spec->w_modulus[0] = bl23_dd(1.0);
    for (int k = 0; k < 6 && text[0]; k++) {
        char *end;
        struct bl23_dd const x = bl23_dd_parse(text, &end);
        *(k % 2 ? &spec->w_phase_pi[k / 2] : &spec->w_modulus[k / 2]) = x;
        text = end + (*end == ',');
    }
}

static double number(struct bl23_csv const *csv, size_t row, char const *column)
{
    char const *const text = bl23_csv_text(csv, row, column);
    return text[0] ? strtod(text, NULL) : (double)NAN;
}

static enum bl23_status open_row(struct bl23_paper const *paper, struct bl23_csv const *csv,
                                 size_t row, struct row *r, struct bl23_error *error)
{
    char const *const mass = bl23_csv_text(csv, row, "mass_gev");
    struct bl23_dd const mass_gev =
        strcmp(mass, "m_pi0") == 0 ? paper->inputs.m_pi0 : bl23_dd_parse(mass, NULL);
    struct bl23_constraints *const list = calloc(1, sizeof *list);
    struct bl23_model_spec spec = {.inputs = &paper->inputs,
                                   .constraints = list,
                                   .mass_gev = &mass_gev,
                                   .n_masses = 1,
                                   .sigma = 2,
                                   .g_mode = BL23_G_SOLVE,
                                   .w_mode = BL23_W_FIXED,
                                   .all_columns = true};
    *r = (struct row){.g = number(csv, row, "g_bl"), .limit = number(csv, row, "limit")};
    if (!list)
        return bl23_fail(error, BL23_ERROR_MEMORY, "out of memory");
    read_w(bl23_csv_text(csv, row, "w"), &spec);
    while (r->mode < BL23_MODES &&
           strcmp(bl23_csv_text(csv, row, "observable"), bl23_observable_name(r->mode)) != 0)
        r->mode++;
    enum bl23_status status = choose(bl23_csv_text(csv, row, "constraints"), list, error);
    if (status == BL23_OK)
        status = bl23_model_build(&spec, &r->model, &r->table, error);
    bl23_constraints_free(list);
    free(list);
    return status;
}

/* ---- one row w ---- */

static double rate_per_g2(struct row const *r)
{
    struct bl23_knot const *const knot = &r->model->knot[0];
    int const q = (int)bl23_observable_quantity(r->mode);
    double s[BL23_QUANTITIES];
    bl23_quantities_of_row(knot, 1u << q, r->model->w.monomial, s);
    return knot->kappa[r->mode] * s[q];
}

/* At g, or at the g of scenario I with the wanted BR(K_L -> pi0 Z'). */
static enum bl23_status rate(struct row const *r, double *value)
{
    double const h = r->table->a[BL23_DS][1];
    double const kappa = r->model->knot[0].kappa[BL23_MODE_br_kl_pi0];
    double const g2 = isnan(r->g) ? r->limit / (kappa * h * h) : r->g * r->g;
    *value = rate_per_g2(r) * g2;
    return BL23_OK;
}

static enum bl23_status coupling(struct row const *r, double *value)
{
    *value = sqrt(r->limit / rate_per_g2(r));
    return BL23_OK;
}

static enum bl23_status tension_of_row(struct row const *r, double *value)
{
    struct bl23_knot const *const knot = &r->model->knot[0];
    double s[BL23_QUANTITIES];
    bl23_quantities_of_row(knot, BL23_ALL_QUANTITIES, r->model->w.monomial, s);
    *value = bl23_judge(knot, (int)r->model->level, 1, s, 1.0).tension;
    return BL23_OK;
}

static enum bl23_status left_part(struct row const *r, double *value)
{
    *value = hypot(r->table->a[BL23_DS][0], r->table->a[BL23_DS][1]);
    return BL23_OK;
}

/* ---- all W_u ---- */

/* The g at which the row with the largest |Im H_ds| reaches the lower edge of the band. */
static enum bl23_status koto_asks(struct row const *r, double *value)
{
    struct bl23_bound_problem loops;
    struct bl23_bound_extreme low, high;
    bl23_bound_of_loops(r->table, &loops);
    struct bl23_bound_kind const *const im = &loops.kind[BL23_BOUND_IM_DS];
    BL23_TRY(bl23_bound_form_range(im->form[0], im->error[0], &low, &high));
    *value = sqrt(r->model->knot[0].allowed[1][BL23_QUANTITY_IM_DS2].lo) /
             fmax(-low.proven, high.proven);
    return BL23_OK;
}

/* |F_V| + |F_A| >= 2 |L| for every w; the small |F_V|^2 of D0 -> omega is left out. */
static enum bl23_status closed_form(struct row const *r, double *value)
{
    struct bl23_knot const *const knot = &r->model->knot[0];
    double const axial = knot->weight[BL23_WEIGHT_D0_OMEGA + 1];
    double s[BL23_QUANTITIES];
    bl23_quantities_of_row(knot, 1u << BL23_QUANTITY_ABS_FV2, r->model->w.monomial, s);
    *value = (sqrt(knot->allowed[1][BL23_QUANTITY_ABS_FV2].hi) +
              sqrt(knot->allowed[1][BL23_QUANTITY_D0_OMEGA].hi / axial)) /
             (2.0 * sqrt(s[BL23_QUANTITY_ABS_FV2]));
    return BL23_OK;
}

/* The proven least v of the tension, or of 1/g^2. */
static enum bl23_status least(struct row const *r, bool of_g, double *value)
{
    struct bl23_bound_goal const goal = {.tolerance = 1e-3, .decide = 1.0, .enough = 1e-9};
    struct bl23_bound_problem tension, problem;
    struct bl23_bound_answer answer;
    if (!bl23_bound_of_knot(r->model, r->table, 0, &tension))
        return BL23_ERROR_FAILED;
    problem = tension;
    if (of_g)
        bl23_bound_of_largest_g(&tension, &problem);
    BL23_TRY(bl23_bound_search(&problem, goal, &answer));
    *value = answer.lower;
    bl23_bound_answer_free(&answer);
    return BL23_OK;
}

static enum bl23_status tension(struct row const *r, double *value)
{
    return least(r, false, value);
}

static enum bl23_status largest_g(struct row const *r, double *value)
{
    BL23_TRY(least(r, true, value));
    *value = 1.0 / sqrt(*value);
    return BL23_OK;
}

/* The least |H_ds - A_ds|. A is the same for every w: it multiplies |w|^2 = 1. */
static enum bl23_status right_part(struct row const *r, double *value)
{
    struct bl23_bound_problem loops;
    struct bl23_bound_extreme low, high;
    bl23_bound_of_loops(r->table, &loops);
    for (int part = 0; part < 2; part++)
        for (int k = 0; k < 3; k++)
            loops.kind[BL23_BOUND_DS].form[part][k] -= r->table->a[BL23_DS][part];
    BL23_TRY(bl23_bound_modulus_range(&loops, BL23_BOUND_DS, &low, &high));
    *value = low.proven;
    return BL23_OK;
}

static struct {
    char const *name;
    enum bl23_status (*of)(struct row const *, double *);
} const checks[] = {
#define CHECK(name)                                                                                \
    {                                                                                              \
#name, name                                                                                \
    }
    CHECK(rate),        CHECK(coupling), CHECK(tension_of_row), CHECK(left_part),  CHECK(koto_asks),
    CHECK(closed_form), CHECK(tension),  CHECK(largest_g),      CHECK(right_part),
#undef CHECK
};

enum bl23_status bl23_charm_value(struct bl23_paper const *paper, struct bl23_csv const *csv,
                                  size_t row, double *value, struct bl23_error *error)
{
    char const *const check = bl23_csv_text(csv, row, "check");
    enum bl23_status status = BL23_ERROR_FAILED;
    struct row r;
    BL23_TRY(open_row(paper, csv, row, &r, error));
    for (size_t k = 0; k < sizeof checks / sizeof checks[0]; k++)
        if (strcmp(check, checks[k].name) == 0)
            status = checks[k].of(&r, value);
    free(r.model);
    free(r.table);
    if (status != BL23_OK)
        return bl23_fail(error, status, "%s:%zu: '%s' has no value: %s", csv->name, csv->line[row],
                         check, bl23_status_text(status));
    return BL23_OK;
}
