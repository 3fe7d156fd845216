/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include <stdlib.h>
#include <string.h>

#include "host/cli/commands.h"
#include "host/cli/point_report.h"
#include "host/io/json_values.h"
#include "kernels/sample/error.h"
#include "tables/model_build.h"

/* What the options say. */
static struct options {
    struct bl23_input_options inputs;
    struct bl23_constraints constraints;
    struct bl23_dd mass, g, w[6];
    size_t n_w;
    bool json;
    int sigma;
} given = {.inputs = {.preset = "pdg2018"}, .sigma = 2};

#define W_ALLOWED                                                                                  \
    "six numbers r11,ph11,r12,ph12,r13,ph13 up to 1e6: moduli r from 0, not all zero, and phases " \
    "in units of pi"

static enum bl23_status check_w(char const *text, struct bl23_error *error)
{
    struct bl23_dd const *const w = given.w;
    bool const negative = w[0].hi < 0.0 || w[2].hi < 0.0 || w[4].hi < 0.0;
    if (given.n_w != 6 || negative || !(w[0].hi + w[2].hi + w[4].hi > 1e-6))
        return bl23_fail(error, BL23_ERROR_USAGE, "--w must be " W_ALLOWED " (got '%.80s')", text);
    return BL23_OK;
}

static struct bl23_option const options[] = {
    {.name = "mass",
     .value = "M",
     .help = "mass of the Z', in " BL23_MASS_ALLOWED,
     .number = &given.mass,
     .smallest = BL23_MASS_MIN_GEV,
     .largest = BL23_MASS_MAX_GEV,
     .allowed = "a mass in " BL23_MASS_ALLOWED,
     .required = true},
    {.name = "g",
     .value = "G",
     .help = "coupling g_B-L, in " BL23_G_ALLOWED,
     .number = &given.g,
     .smallest = BL23_G_MIN,
     .largest = BL23_G_MAX,
     .allowed = "a coupling in " BL23_G_ALLOWED,
     .required = true},
    {.name = "w",
     .value = "R11,PH11,R12,PH12,R13,PH13",
     .help = "the row (W_u)_1i: modulus and phase/pi of each element; the row is normalised",
     .number = given.w,
     .capacity = 6,
     .count = &given.n_w,
     .smallest = -1e6,
     .largest = 1e6,
     .allowed = W_ALLOWED,
     .check = check_w,
     .required = true},
    {.name = "constraints",
     .value = "SETS",
     .words = bl23_constraint_set_names,
     .help = "shipped sets separated by commas: paper2020, b_invisible_2021, current (default: "
             "paper2020,b_invisible_2021)",
     .read = bl23_argument_sets,
     .target = &given.constraints,
     .repeats = true},
    {.name = "sigma",
     .value = "N",
     .words = "1 2",
     .help = "apply the bands at 1 or 2 sigma (default 2)",
     .word = &given.sigma},
    BL23_OPTIONS_INPUTS(&given.inputs, "pdg2018"),
    BL23_OPTION_JSON(&given.json),
    {0}};

/* The point as a survey of one sample with fixed mass, g and w. */
static enum bl23_status judge_and_show(struct bl23_error *error)
{
    struct bl23_inputs inputs;
    struct bl23_model *model = NULL;
    struct bl23_loop_table *table = NULL;
    struct bl23_model_spec spec = {.inputs = &inputs,
                                   .constraints = &given.constraints,
                                   .mass_gev = &given.mass,
                                   .n_masses = 1,
                                   .sigma = given.sigma,
                                   .g_mode = BL23_G_FIXED,
                                   .g_min = given.g,
                                   .w_mode = BL23_W_FIXED};
    for (int k = 0; k < 3; k++) {
        spec.w_modulus[k] = given.w[2 * k];
        spec.w_phase_pi[k] = given.w[2 * k + 1];
    }
    BL23_TRY(bl23_input_options_apply(&given.inputs, &inputs, error));
    BL23_TRY(bl23_model_build(&spec, &model, &table, error));
    struct bl23_point point = {.inputs = &inputs,
                               .constraints = &given.constraints,
                               .model = model,
                               .table = table,
                               .mass_gev = given.mass};
    double s[BL23_QUANTITIES];
    bl23_record_of(model, 0, &point.record);
    bl23_quantities(&point.record.value[BL23_COLUMN_h_ds_re], s);
    point.solved = bl23_judge(&model->knot[0], (int)model->level, 1, s, 0.0);
    enum bl23_status status = BL23_OK;
    if (given.json)
        status = bl23_json_print(bl23_point_json(&point), error);
    else
        bl23_point_print(&point, stdout);
    free(model);
    free(table);
    return status;
}

static enum bl23_status run(struct bl23_error *error)
{
    static char const *const standard[] = {"paper2020", "b_invisible_2021"};
    bool const none = given.constraints.size == 0;
    enum bl23_status status = BL23_OK;
    for (size_t k = 0; none && status == BL23_OK && k < 2; k++)
        status = bl23_constraints_add_set(&given.constraints, standard[k], error);
    if (status == BL23_OK)
        status = judge_and_show(error);
    bl23_constraints_free(&given.constraints);
    return status;
}

struct bl23_command const bl23_command_point = {
    .name = "point",
    .summary = "every amplitude, rate and limit of one point, and whether it survives",
    .description = "Show every amplitude, rate and limit of one point, and whether it survives.",
    .option = options,
    .run = run};
