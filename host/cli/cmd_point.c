/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include <stdlib.h>
#include <string.h>

#include "host/cli/arguments.h"
#include "host/cli/commands.h"
#include "host/cli/report.h"
#include "host/io/json_values.h"
#include "kernels/sample/error.h"
#include "tables/model_build.h"

static char const usage[] =
    "usage: bl23 point --mass M --g G --w R11,PH11,R12,PH12,R13,PH13 [options]\n"
    "\n"
    "Every amplitude, rate, limit and verdict of one point.\n"
    "\n"
    "  --mass M            mass of the Z', in " BL23_MASS_ALLOWED "\n"
    "  --g G               coupling g_B-L, in " BL23_G_ALLOWED "\n"
    "  --w LIST            the row (W_u)_1i: modulus and phase/pi of each element; it is "
    "normalised\n"
    "  --constraints SETS  shipped sets separated by commas: paper2020, b_invisible_2021, current\n"
    "                      (default paper2020,b_invisible_2021)\n"
    "  --sigma N           1 or 2: the bands that must hold (default 2)\n"
    "  --inputs PRESET     pdg2018 (default) or pdg2024\n"
    "  --set NAME=VALUE    override one input, may be repeated ('bl23 info' lists the names)\n"
    "  --json              one JSON object instead of the table\n"
    "  -h, --help          this text\n";

/* What the options say. */
struct options {
    struct bl23_inputs inputs;
    struct bl23_constraints *constraints;
    struct bl23_dd mass, g, w[6];
    bool has_w, json;
    int sigma;
};

static enum bl23_status read_w(char const *text, void *options, struct bl23_error *error)
{
    struct options *const o = options;
    static char const allowed[] = "six numbers r11,ph11,r12,ph12,r13,ph13 up to 1e6: moduli r from "
                                  "0, not all zero, and phases "
                                  "in units of pi";
    size_t count;
    enum bl23_status const status =
        bl23_argument_numbers("--w", text, 6, -1e6, 1e6, allowed, o->w, &count, error);
    if (status != BL23_OK)
        return status;
    double const *const r[3] = {&o->w[0].hi, &o->w[2].hi, &o->w[4].hi};
    bool const negative = *r[0] < 0.0 || *r[1] < 0.0 || *r[2] < 0.0;
    if (count != 6 || negative || !(*r[0] + *r[1] + *r[2] > 1e-6))
        return bl23_fail(error, BL23_ERROR_USAGE, "--w must be %s (got '%.80s')", allowed, text);
    o->has_w = true;
    return BL23_OK;
}

static enum bl23_status read_sigma(char const *text, void *target, struct bl23_error *error)
{
    int *const sigma = target;
    if (strcmp(text, "1") != 0 && strcmp(text, "2") != 0)
        return bl23_fail(error, BL23_ERROR_USAGE, "--sigma must be 1 or 2 (got '%.80s')", text);
    *sigma = text[0] - '0';
    return BL23_OK;
}

/* All that a point needs is there, or has a default; what was read is never 0. */
static enum bl23_status complete(struct options *o, struct bl23_error *error)
{
    bool const has_mass = o->mass.hi > 0.0, has_g = o->g.hi > 0.0;
    if (!has_mass || !has_g || !o->has_w)
        return bl23_fail(error, BL23_ERROR_USAGE,
                         "bl23 point needs --mass, --g and --w (%s is missing)",
                         !has_mass ? "--mass"
                         : !has_g  ? "--g"
                                   : "--w");
    if (o->constraints->size > 0)
        return BL23_OK;
    return bl23_argument_sets("paper2020,b_invisible_2021", o->constraints, error);
}

/* *help: it was asked for, and nothing else is wanted. */
static enum bl23_status read_options(int argc, char **argv, struct options *o, bool *help,
                                     struct bl23_error *error)
{
    struct bl23_option const options[] = {
        {.name = "mass",
         .number = &o->mass,
         .smallest = BL23_MASS_MIN_GEV,
         .largest = BL23_MASS_MAX_GEV,
         .allowed = "a mass in " BL23_MASS_ALLOWED},
        {.name = "g",
         .number = &o->g,
         .smallest = BL23_G_MIN,
         .largest = BL23_G_MAX,
         .allowed = "a coupling in " BL23_G_ALLOWED},
        {.name = "w", .read = read_w, .target = o},
        {.name = "constraints",
         .read = bl23_argument_sets,
         .target = o->constraints,
         .repeats = true},
        {.name = "sigma", .read = read_sigma, .target = &o->sigma},
        {.name = "inputs", .read = bl23_argument_preset, .target = &o->inputs},
        {.name = "set",
         .read = bl23_argument_override,
         .target = &o->inputs,
         .repeats = true,
         .keyed = true},
        {.name = "json", .flag = &o->json},
        {0}};
    struct bl23_command_line line = {.usage = usage, .option = options};
    enum bl23_status status = bl23_inputs_preset("pdg2018", &o->inputs, error);
    if (status == BL23_OK)
        status = bl23_arguments_read(argc, argv, &line, error);
    *help = line.help;
    if (status == BL23_OK && !line.help)
        status = complete(o, error);
    if (status != BL23_OK || line.help)
        return status;
    return bl23_argument_operands(&line, 0, "options only", error);
}

static void judge(struct bl23_point *point)
{
    struct bl23_model const *const model = point->model;
    double s[BL23_QUANTITIES];
    bl23_record_of(model, 0, &point->record);
    bl23_quantities(&point->record.value[BL23_COLUMN_h_ds_re], s);
    point->solved = bl23_judge(&model->knot[0], (int)model->level, 1, s, 0.0);
}

static enum bl23_status show(struct options const *o, struct bl23_error *error)
{
    struct bl23_model_spec spec = {.inputs = &o->inputs,
                                   .constraints = o->constraints,
                                   .mass_gev = &o->mass,
                                   .n_masses = 1,
                                   .sigma = o->sigma,
                                   .g_mode = BL23_G_FIXED,
                                   .g_min = o->g,
                                   .w_mode = BL23_W_FIXED};
    for (int k = 0; k < 3; k++) {
        spec.w_modulus[k] = o->w[2 * k];
        spec.w_phase_pi[k] = o->w[2 * k + 1];
    }
    struct bl23_model *model = NULL;
    struct bl23_loop_table *table = NULL;
    enum bl23_status status = bl23_model_build(&spec, &model, &table, error);
    if (status == BL23_OK) {
        struct bl23_point point = {.inputs = &o->inputs,
                                   .constraints = o->constraints,
                                   .model = model,
                                   .table = table,
                                   .mass_gev = o->mass};
        judge(&point);
        if (o->json)
            status = bl23_json_print(bl23_point_json(&point), error);
        else
            bl23_point_print(&point, stdout);
    }
    free(model);
    free(table);
    return status;
}

enum bl23_status bl23_cmd_point(int argc, char **argv, struct bl23_error *error)
{
    struct options o = {.sigma = 2, .constraints = calloc(1, sizeof *o.constraints)};
    if (!o.constraints)
        return bl23_fail(error, BL23_ERROR_MEMORY, "out of memory");
    bool help;
    enum bl23_status status = read_options(argc, argv, &o, &help, error);
    if (status == BL23_OK && !help)
        status = show(&o, error);
    bl23_constraints_free(o.constraints);
    free(o.constraints);
    return status;
}
