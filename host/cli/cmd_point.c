/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include <stdlib.h>
#include <string.h>

#include "host/cli/commands.h"
#include "host/cli/config_source.h"
#include "host/cli/point_report.h"
#include "host/config/config.h"
#include "host/config/statement.h"
#include "host/io/json_values.h"
#include "kernels/sample/error.h"
#include "kernels/sample/row.h"
#include "tables/model_build.h"

/* What the options say. */
static struct options {
    char const *config_path;
    struct bl23_input_options inputs;
    struct bl23_constraints constraints;
    struct bl23_dd mass, g;                     /* 0: not given */
    struct bl23_dd w_modulus[3], w_phase_pi[3]; /* of six numbers */
    double w[6];                                /* Re and Im, of three */
    bool has_w, is_complex, json;
    int sigma;
} given = {.inputs = {.preset = "pdg2018"}, .sigma = 2};

#define W_ALLOWED                                                                                  \
    "three complex numbers like 0.1+0.2j, or six numbers r11,ph11,r12,ph12,r13,ph13 with moduli "  \
    "r from 0 and phases in units of pi; all up to 1e6, and not all zero"

/* "a", "bj", "a+bj", also in brackets as Python prints it; false: it is none of them. */
static bool read_complex(char const *text, struct bl23_ddc *z)
{
    char *end;
    bool const bracket = *text == '(';
    struct bl23_dd const first = bl23_dd_shortest(bl23_dd_parse(text + bracket, &end));
    if (end == text + bracket)
        return false;
    *z = (struct bl23_ddc){first, bl23_dd(0.0)};
    if (*end == '+' || *end == '-') {
        char const *const sign = end;
        z->im = bl23_dd_shortest(bl23_dd_parse(sign, &end));
        if (end == sign || *end != 'j')
            return false;
    } else if (*end == 'j')
        *z = (struct bl23_ddc){bl23_dd(0.0), first};
    end += *end == 'j';
    return bracket ? strcmp(end, ")") == 0 : *end == '\0';
}

static bool is_small(struct bl23_dd x)
{
    return fabs(x.hi) <= 1e6;
}

/* The row out of its entries, separated by commas. */
static bool read_row(char *text, struct options *o)
{
    struct bl23_ddc z[6];
    int n = 0;
    for (char *rest = text, *entry; (entry = strsep(&rest, ","));)
        if (n == 6 || !read_complex(entry, &z[n]) || !is_small(z[n].re) || !is_small(z[n++].im))
            return false;
    o->is_complex = n == 3;
    for (int k = 0; n == 3 && k < 3; k++) {
        o->w[2 * k] = bl23_dd_round(z[k].re);
        o->w[2 * k + 1] = bl23_dd_round(z[k].im);
    }
    if (n == 3)
        return bl23_row_is_allowed(o->w);
    for (int k = 0; n == 6 && k < 3; k++) {
        o->w_modulus[k] = z[2 * k].re;
        o->w_phase_pi[k] = z[2 * k + 1].re;
        if (z[2 * k].re.hi < 0.0 || z[2 * k].im.hi != 0.0 || z[2 * k + 1].im.hi != 0.0)
            return false;
    }
    return n == 6 && o->w_modulus[0].hi + o->w_modulus[1].hi + o->w_modulus[2].hi > 1e-6;
}

static enum bl23_status read_w(struct bl23_option const *row, char const *text,
                               struct bl23_error *error)
{
    struct options *const o = row->target;
    char *const copy = strdup(text);
    if (!copy)
        return bl23_fail(error, BL23_ERROR_MEMORY, "out of memory for --%s", row->name);
    o->has_w = read_row(copy, o);
    free(copy);
    if (!o->has_w)
        return bl23_fail(error, BL23_ERROR_USAGE, "--w must be " W_ALLOWED " (got '%.80s')", text);
    return BL23_OK;
}

static struct bl23_option const options[] = {
    {.name = "mass",
     .value = "M",
     .help = "mass of the Z', in " BL23_MASS_ALLOWED " (default: that of --config, if it has one)",
     .number = &given.mass,
     .smallest = BL23_MASS_MIN_GEV,
     .largest = BL23_MASS_MAX_GEV,
     .allowed = "a mass in " BL23_MASS_ALLOWED},
    {.name = "g",
     .value = "G",
     .help = "coupling g_B-L, in " BL23_G_ALLOWED " (default: that of --config, if it is fixed "
             "there; otherwise it is solved for: the geometric mean of the least and the largest "
             "that pass, or the largest if nothing asks for a least one)",
     .number = &given.g,
     .smallest = BL23_G_MIN,
     .largest = BL23_G_MAX,
     .allowed = "a coupling in " BL23_G_ALLOWED},
    {.name = "w",
     .value = "W11,W12,W13",
     .help = "the row (W_u)_1i: three complex numbers like 0.1+0.2j, or six numbers, the modulus "
             "and phase/pi of each element; the row is normalised (default: that of --config, if "
             "it is fixed there)",
     .read = read_w,
     .target = &given},
    {.name = "config",
     .value = "CONFIG",
     .help = "take constraints, bands and inputs from a survey's configuration, and what it fixes "
             "of mass, g and w",
     .text = &given.config_path,
     .excludes = "constraints sigma inputs set"},
    {.name = "constraints",
     .value = "SETS",
     .words = bl23_constraint_set_words,
     .help = "shipped sets, separated by commas, that 'bl23 info --sets' lists (default: "
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

/* What the options say of the model, without mass, g and w. */
static enum bl23_status take_options(struct bl23_config *c, struct bl23_error *error)
{
    static char const *const standard[] = {"paper2020", "b_invisible_2021"};
    BL23_TRY(bl23_input_options_apply(&given.inputs, &c->inputs, error));
    for (int k = 0; given.constraints.size == 0 && k < 2; k++)
        BL23_TRY(bl23_constraints_add_set(&c->constraints, standard[k], error));
    if (given.constraints.size > 0)
        c->constraints = given.constraints;
    given.constraints = (struct bl23_constraints){0};
    c->sigma = given.sigma;
    c->g_mode = BL23_G_SOLVE;
    return BL23_OK;
}

/* The configuration of the point: one mass, w fixed, g fixed or to be solved for. */
static enum bl23_status take_point(struct bl23_config *c, struct bl23_error *error)
{
    if (given.mass.hi > 0.0)
        c->n_masses = 1;
    if (c->n_masses == 0 || (!given.has_w && c->w_mode != BL23_W_FIXED && !given.config_path))
        return bl23_fail(error, BL23_ERROR_USAGE, "bl23 point needs %s (see 'bl23 point --help')",
                         c->n_masses == 0 ? "--mass M" : "--w W11,W12,W13");
    if (c->n_masses > 1)
        return bl23_fail(error, BL23_ERROR_USAGE, "bl23 point needs --mass M: %s has %zu masses",
                         c->path, c->n_masses);
    if (!given.has_w && c->w_mode != BL23_W_FIXED)
        return bl23_fail(error, BL23_ERROR_USAGE, "bl23 point needs --w W11,W12,W13: %s draws w",
                         c->path);
    if (given.mass.hi > 0.0 && c->mass_gev)
        c->mass_gev[0] = given.mass;
    if (given.has_w && given.is_complex)
        c->w_modulus[0] = bl23_dd(1.0); /* of any row: bl23_model_build needs one */
    else if (given.has_w) {
        memcpy(c->w_modulus, given.w_modulus, sizeof c->w_modulus);
        memcpy(c->w_phase_pi, given.w_phase_pi, sizeof c->w_phase_pi);
    }
    if (given.g.hi > 0.0)
        c->g_min = given.g;
    c->g_mode = given.g.hi > 0.0 || c->g_mode == BL23_G_FIXED ? BL23_G_FIXED : BL23_G_SOLVE;
    c->w_mode = BL23_W_FIXED;
    c->all_columns = true;
    return BL23_OK;
}

static enum bl23_status judge_and_show(struct bl23_config const *c, struct bl23_error *error)
{
    struct bl23_point point = {.config = c};
    struct bl23_model *model = NULL;
    struct bl23_model_spec const spec = bl23_config_model_spec(c);
    enum bl23_status status = bl23_model_build(&spec, &model, NULL, error);
    if (status == BL23_OK) {
        point.model = model;
        point.row = model->w;
        if (given.is_complex)
            bl23_row_of_complex(given.w, &point.row);
        point.g = c->g_mode == BL23_G_FIXED ? model->g_min : 0.0;
        status = bl23_point_judge(&point, error);
    }
    if (status == BL23_OK && given.json)
        status = bl23_json_print(bl23_point_json(&point), error);
    else if (status == BL23_OK)
        bl23_point_print(&point, stdout);
    free(model);
    return status;
}

/* A configuration without file, for what the options say. */
static enum bl23_status empty_config(struct bl23_config **config, struct bl23_error *error)
{
    *config = calloc(1, sizeof **config);
    struct bl23_dd *const mass = calloc(1, sizeof *mass);
    if (!*config || !mass) {
        free(mass);
        return bl23_fail(error, BL23_ERROR_MEMORY, "out of memory for a point");
    }
    (*config)->mass_gev = mass;
    return take_options(*config, error);
}

static enum bl23_status run(struct bl23_error *error)
{
    struct bl23_config *config = NULL;
    enum bl23_status status =
        given.config_path ? bl23_config_source_read(given.config_path, NULL, false, &config, error)
                          : empty_config(&config, error);
    if (status == BL23_OK) {
        bl23_statement_note_inputs(config);
        status = take_point(config, error);
    }
    if (status == BL23_OK)
        status = judge_and_show(config, error);
    bl23_config_free(config);
    bl23_constraints_free(&given.constraints);
    return status;
}

struct bl23_command const bl23_command_point = {
    .name = "point",
    .summary = "every amplitude, rate and limit of one point, and whether it survives",
    .description = "Show every amplitude, rate and limit of one point, and whether it survives. "
                   "Without --g the coupling is solved for: 'bl23 point' says which g this w and "
                   "mass allow.",
    .option = options,
    .run = run};
