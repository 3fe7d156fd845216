/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include <stdlib.h>

#include "host/bound/bound_draws.h"
#include "host/bound/bound_file.h"
#include "host/bound/bound_ranges.h"
#include "host/bound/bound_report.h"
#include "host/cli/commands.h"
#include "host/cli/config_source.h"
#include "host/io/file_io.h"
#include "host/io/json_values.h"
#include "host/io/output_check.h"
#include "kernels/sample/error.h"
#include "kernels/sample/plain_text.h"

/* What the options say. */
static struct options {
    char const *config_path, *output, *verify;
    struct bl23_input_options inputs;
    struct bl23_dd within;
    bool json, ranges;
} given;

/* The exact ranges at every mass, into the objects of `masses`, or printed where that is NULL. */
static enum bl23_status show_ranges(struct bl23_bound_run const *run, json_t *masses,
                                    struct bl23_error *error)
{
    if (!masses)
        printf("\nExact ranges over all W_u\n");
    for (size_t k = 0; k < run->of.config->n_masses; k++) {
        struct bl23_bound_ranges ranges;
        BL23_TRY(
            bl23_bound_ranges_find(&run->of.model->knot[k], &run->of.tables[k], &ranges, error));
        if (masses)
            json_object_set_new(json_array_get(masses, k), "ranges",
                                bl23_bound_ranges_json(&ranges));
        else
            bl23_bound_ranges_print(&ranges, run->of.tables[k].mass_gev, stdout);
    }
    return BL23_OK;
}

/* What becomes of it if the inputs vary, into the object, or printed where that is NULL. */
static enum bl23_status show_draws(struct bl23_bound_run const *run, json_t *object,
                                   struct bl23_error *error)
{
    struct bl23_config const *const c = run->of.config;
    struct bl23_bound_draws draws;
    if (c->n_draws == 0)
        return BL23_OK;
    enum bl23_status const status = bl23_bound_draws_ask(c, given.within, &draws, error);
    if (status == BL23_OK && object)
        json_object_set_new(object, "inputs_that_vary", bl23_bound_draws_json(&draws));
    else if (status == BL23_OK)
        bl23_bound_draws_print(&draws, stdout);
    bl23_bound_draws_free(&draws);
    return status;
}

static enum bl23_status show(struct bl23_bound_run const *run, struct bl23_error *error)
{
    json_t *const object = given.json ? bl23_bound_json(run, false) : NULL;
    enum bl23_status status = BL23_OK;
    if (!given.json)
        bl23_bound_print(run, stdout);
    if (given.ranges)
        status = show_ranges(run, json_object_get(object, "masses"), error);
    if (status == BL23_OK)
        status = show_draws(run, object, error);
    if (status == BL23_OK && given.json)
        return bl23_json_print(object, error);
    json_decref(object);
    return status;
}

/* The answers are printed also where their file cannot be written: they may have taken hours. */
static enum bl23_status ask(struct bl23_bound_run *run, struct bl23_error *error)
{
    struct bl23_config *config = NULL;
    BL23_TRY(bl23_config_source_read(given.config_path, NULL, false, &config, error));
    enum bl23_status status = bl23_input_options_apply(&given.inputs, &config->inputs, error);
    if (status == BL23_OK && given.within.hi > 0.0 &&
        bl23_vary_without_factors(&config->vary).n == config->vary.n)
        status = bl23_fail(error, BL23_ERROR_CONFIG,
                           "%s: --within needs factors on rates (norm_...) that vary; add inputs: "
                           "{vary: default} to it",
                           BL23_SHOWN(config->path));
    if (status != BL23_OK) {
        bl23_config_free(config);
        return status;
    }
    BL23_TRY(bl23_bound_run_open(config, run, error));
    BL23_TRY(bl23_bound_run_ask(run, error));
    if (given.output)
        status = bl23_bound_file_write(run, given.output, error);
    enum bl23_status const shown = show(run, error);
    if (status == BL23_OK && shown == BL23_OK && given.output && !given.json)
        printf("\ncertificates in %s; 'bl23 bound --verify %s' checks them\n",
               BL23_SHOWN(given.output), BL23_SHOWN(given.output));
    return status == BL23_OK ? shown : status;
}

static enum bl23_status verify(struct bl23_bound_run *run, struct bl23_error *error)
{
    size_t certificates = 0;
    BL23_TRY(bl23_bound_file_read(given.verify, run, error));
    BL23_TRY(bl23_bound_run_verify(run, error));
    size_t const masses = run->of.config->n_masses;
    for (size_t k = 0; k < masses; k++)
        for (int q = 0; q < BL23_BOUND_QUESTIONS; q++)
            certificates += run->knot[k].answer[q].n_leaves;
    if (given.json)
        return bl23_json_print(
            json_pack("{s:o, s:b, s:I, s:I}", "file", bl23_json_text(given.verify), "verified", 1,
                      "masses", (json_int_t)masses, "certificates", (json_int_t)certificates),
            error);
    printf(
        "%s: verified: all %zu certificates at %zu masses hold with the tables of this program\n",
        given.verify, certificates, masses);
    return BL23_OK;
}

static enum bl23_status run_bound(struct bl23_error *error)
{
    struct bl23_bound_run run = {0};
    enum bl23_status const status = given.verify ? verify(&run, error) : ask(&run, error);
    bl23_bound_run_close(&run);
    return status;
}

static struct bl23_option const options[] = {
    BL23_OPTION_OUTPUT("FILE.json", &given.output, bl23_path_check_free,
                       "write the certificates of the proofs to a new file"),
    {.name = "verify",
     .value = "FILE.json",
     .help = "check the certificates in this file from scratch, with the configuration that the "
             "file holds",
     .text = &given.verify,
     .instead = true,
     .excludes = "output inputs set ranges within"},
    BL23_OPTION_FLAG("ranges", &given.ranges,
                     "also show the exact range of every amplitude over all W_u, at each mass"),
    {.name = "within",
     .value = "K",
     .help = "where inputs vary, prove it for all factors on rates (norm_...) within K errors, and "
             "draw the other inputs only",
     .number = &given.within,
     .smallest = 1e-3,
     .largest = 10.0,
     .allowed = "a number of errors from 0.001 to 10"},
    BL23_OPTIONS_INPUTS(&given.inputs, "preset of CONFIG"),
    BL23_OPTION_JSON(&given.json),
    {0}};

struct bl23_command const bl23_command_bound = {
    .name = "bound",
    .summary = "exact statements for all W_u: excluded by proof, or open with an example",
    .description = "Make exact statements for all W_u and all g_B-L at once, with the masses and "
                   "constraints of a survey's configuration. Each mass is either excluded, with a "
                   "proof, or open, with an example. The command also gives the least tension, the "
                   "largest g that upper limits allow, and the factor by which one limit would "
                   "have to be relaxed to open an excluded mass. It draws no samples.",
    .operand = {.name = "CONFIG", .help = BL23_HELP_CONFIG, .one = &given.config_path},
    .option = options,
    .run = run_bound};
