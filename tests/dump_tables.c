/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* Prints every double of the tables as hexadecimal text, at 64 masses, for both presets and both
 * sets of form factors, and the codes of covers; check_same_doubles.sh compares what differently
 * compiled programs print. BL23_SLOW=1 in the environment: all covers. */
#include <stdio.h>
#include <stdlib.h>

#include "kernels/sample/verdict.h"
#include "tables/cover/cover_build.h"
#include "tables/model_build.h"

enum { MASSES = 64, COVER_STEP = 12, COVER_MASSES = (MASSES - 3 + COVER_STEP - 1) / COVER_STEP };

static char const *const presets[2] = {"pdg2018", "pdg2024"};
static char const *const form_factors[2] = {"bz2004", "ff2022"};
static char const *const sets[2][3] = {{"paper2020", "b_invisible_2021", NULL},
                                       {"world_2025", NULL, NULL}};

static void print(char const *name, size_t row, double const *value, size_t size)
{
    for (size_t k = 0; k < size; k++)
        printf("%s %zu %zu %a\n", name, row, k, value[k]);
}

/* 4.7 GeV (k/64)^3: from the u-u threshold to the largest mass, without a library function. */
static void fill_masses(struct bl23_dd mass[MASSES])
{
    struct bl23_dd const largest = bl23_dd_parse("4.7", NULL);
    for (int k = 0; k < MASSES; k++) {
        double const t = (double)(k + 1) / MASSES;
        mass[k] = bl23_dd_mul_d(largest, t * t * t);
    }
}

/* Limits on all quantities that the model's row w meets at g = 1e-4. */
static void limit_near_row(struct bl23_model *model, struct bl23_knot *knot)
{
    double s[BL23_QUANTITIES];
    bl23_quantities_of_row(knot, BL23_ALL_QUANTITIES, model->w.monomial, s);
    for (int q = 0; q < BL23_QUANTITIES; q++) {
        double const x = bl23_quantity_value(q, s[q], 1e-4);
        knot->allowed[model->level][q] = (struct bl23_interval){x * (q % 3) / 4.0, x * 1.5};
    }
}

/* Covers of some masses, with g drawn and solved for. Building them is nearly all of the time:
 * where not all are wanted, each setting and way of g has one mass, and together they have every
 * mass. */
static enum bl23_status dump_covers(struct bl23_model *model, int setting, struct bl23_error *error)
{
    static uint64_t const modes[2] = {BL23_G_LOG_UNIFORM, BL23_G_SOLVE};
    int const all = getenv("BL23_SLOW") != NULL;
    for (uint64_t k = 3; k < model->n_knots; k += COVER_STEP)
        for (int mode = 0; mode < 2; mode++) {
            struct bl23_cover_tree tree;
            if (!all && k / COVER_STEP != (uint64_t)(setting + 3 * mode) % COVER_MASSES)
                continue;
            limit_near_row(model, &model->knot[k]);
            model->g_mode = modes[mode];
            BL23_TRY(bl23_cover_build(model, k, (struct bl23_cover_aim){2000, 0.0}, &tree, error));
            printf("cover %d %d ", (int)k, mode);
            for (size_t n = 0; n < tree.nodes; n++)
                putchar('0' + tree.node[n]);
            putchar('\n');
            bl23_cover_tree_free(&tree);
        }
    return BL23_OK;
}

static enum bl23_status dump(struct bl23_inputs const *inputs,
                             struct bl23_constraints const *constraints, int setting,
                             struct bl23_error *error)
{
    struct bl23_dd mass[MASSES];
    fill_masses(mass);
    struct bl23_model_spec spec = {.inputs = inputs,
                                   .constraints = constraints,
                                   .mass_gev = mass,
                                   .n_masses = MASSES,
                                   .sigma = 2,
                                   .g_mode = BL23_G_LOG_UNIFORM,
                                   .g_min = bl23_dd_parse("1e-6", NULL),
                                   .g_max = bl23_dd_parse("3e-3", NULL),
                                   .w_mode = BL23_W_FIXED};
    for (int i = 0; i < 3; i++) {
        spec.w_modulus[i] = bl23_dd((double)(i + 1));
        spec.w_phase_pi[i] = bl23_dd_div(bl23_dd((double)i), bl23_dd(7.0));
    }
    struct bl23_model *model;
    struct bl23_loop_table *tables;
    enum bl23_status const status = bl23_model_build(&spec, &model, &tables, error);
    if (status != BL23_OK)
        return status;
    print("g", 0, &model->g_min, 2);
    print("w", 0, (double const *)&model->w, sizeof model->w / sizeof(double));
    for (size_t k = 0; k < MASSES; k++) {
        print("knot", k, (double const *)&model->knot[k], sizeof model->knot[k] / sizeof(double));
        print("table", k, (double const *)&tables[k], sizeof tables[k] / sizeof(double));
    }
    enum bl23_status const covered = dump_covers(model, setting, error);
    free(tables);
    free(model);
    return covered;
}

static enum bl23_status dump_setting(int preset, int set, struct bl23_error *error)
{
    static struct bl23_constraints constraints;
    struct bl23_inputs inputs;
    enum bl23_status status = bl23_inputs_preset(presets[preset], &inputs, error);
    if (status == BL23_OK)
        status = bl23_inputs_set(&inputs, "form_factors", form_factors[set], error);
    for (int k = 0; status == BL23_OK && sets[preset][k]; k++)
        status = bl23_constraints_add_set(&constraints, sets[preset][k], error);
    printf("# %s %s\n", presets[preset], form_factors[set]);
    if (status == BL23_OK)
        status = dump(&inputs, &constraints, 2 * preset + set, error);
    bl23_constraints_free(&constraints);
    return status;
}

int main(void)
{
    struct bl23_error error = {BL23_OK, ""};
    for (int k = 0; k < 4; k++)
        if (dump_setting(k / 2, k % 2, &error) != BL23_OK) {
            fprintf(stderr, "dump_tables: %s\n", error.text);
            return 1;
        }
    return 0;
}
