/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include <stdlib.h>

#include "host/bound/bound_file.h"
#include "host/bound/bound_ranges.h"
#include "host/bound/bound_report.h"
#include "host/cli/commands.h"
#include "host/io/file_io.h"
#include "host/io/json_values.h"
#include "host/io/output_check.h"
#include "kernels/sample/error.h"

/* What the options say. */
static struct options {
    char const *config_path, *output, *verify;
    struct bl23_input_options inputs;
    bool json, ranges;
} given;

/* The ranges at every mass, into the objects of `masses`, or printed where that is NULL. */
static enum bl23_status show_ranges(struct bl23_bound_run const *run, json_t *masses,
                                    struct bl23_error *error)
{
    enum bl23_status status = BL23_OK;
    if (!masses)
        printf("\nExact ranges over all W_u\n");
    for (size_t k = 0; k < run->config->n_masses && status == BL23_OK; k++) {
        struct bl23_bound_ranges ranges;
        status = bl23_bound_ranges_find(&run->tables[k], &ranges, error);
        if (status == BL23_OK && masses)
            json_object_set_new(json_array_get(masses, k), "ranges",
                                bl23_bound_ranges_json(&ranges));
        else if (status == BL23_OK)
            bl23_bound_ranges_print(&ranges, run->tables[k].mass_gev, stdout);
    }
    return status;
}

static enum bl23_status show(struct options const *o, struct bl23_bound_run const *run,
                             struct bl23_error *error)
{
    if (!o->json) {
        bl23_bound_print(run, stdout);
        return o->ranges ? show_ranges(run, NULL, error) : BL23_OK;
    }
    json_t *const object = bl23_bound_json(run, false);
    enum bl23_status const status =
        o->ranges ? show_ranges(run, json_object_get(object, "masses"), error) : BL23_OK;
    if (status == BL23_OK)
        return bl23_json_print(object, error);
    json_decref(object);
    return status;
}

/* The answers are printed also where their file cannot be written: they may have taken hours. */
static enum bl23_status write_and_show(struct options const *o, struct bl23_bound_run const *run,
                                       struct bl23_error *error)
{
    enum bl23_status const written =
        o->output ? bl23_bound_file_write(run, o->output, error) : BL23_OK;
    enum bl23_status const shown = show(o, run, error);
    if (written == BL23_OK && shown == BL23_OK && o->output && !o->json)
        printf("\ncertificates in %s; 'bl23 bound --verify %s' checks them\n", o->output,
               o->output);
    return written == BL23_OK ? shown : written;
}

static enum bl23_status bound(struct options const *o, struct bl23_error *error)
{
    struct bl23_bound_run run = {0};
    struct bl23_config *config = NULL;
    enum bl23_status status = bl23_config_load(o->config_path, &config, error);
    if (status != BL23_OK)
        return status;
    status = bl23_input_options_apply(&o->inputs, &config->inputs, error);
    if (status != BL23_OK) {
        bl23_config_free(config);
        return status;
    }
    status = bl23_bound_run_open(config, &run, error);
    if (status == BL23_OK)
        status = bl23_bound_run_ask(&run, error);
    if (status == BL23_OK)
        status = write_and_show(o, &run, error);
    bl23_bound_run_close(&run);
    return status;
}

static enum bl23_status verify(struct options const *o, struct bl23_error *error)
{
    struct bl23_bound_run run = {0};
    enum bl23_status status = bl23_bound_file_read(o->verify, &run, error);
    if (status == BL23_OK)
        status = bl23_bound_run_verify(&run, error);
    size_t parts = 0;
    for (size_t k = 0; status == BL23_OK && k < run.config->n_masses; k++)
        for (int q = 0; q < BL23_BOUND_QUESTIONS; q++)
            parts += run.knot[k].answer[q].n_leaves;
    if (status == BL23_OK && o->json)
        status =
            bl23_json_print(json_pack("{s:o, s:b, s:I, s:I}", "file", bl23_json_text(o->verify),
                                      "verified", 1, "masses", (json_int_t)run.config->n_masses,
                                      "certificates", (json_int_t)parts),
                            error);
    else if (status == BL23_OK)
        printf("%s: verified: %zu certificates at %zu masses hold with the tables of this "
               "program\n",
               o->verify, parts, run.config->n_masses);
    if (run.config)
        bl23_bound_run_close(&run);
    return status;
}

static enum bl23_status run(struct bl23_error *error)
{
    return given.verify ? verify(&given, error) : bound(&given, error);
}

static struct bl23_option const options[] = {
    BL23_OPTION_OUTPUT("FILE.json", &given.output, bl23_path_check_free,
                       "write the certificates of the proofs to a new file"),
    {.name = "verify",
     .value = "FILE.json",
     .help = "check the certificates of such a file from scratch; it holds its own configuration",
     .text = &given.verify,
     .instead = true,
     .excludes = "output inputs set ranges"},
    {.name = "ranges",
     .help = "also the exact ranges of all amplitudes over W_u, at every mass",
     .flag = &given.ranges},
    BL23_OPTIONS_INPUTS(&given.inputs, "that of CONFIG"),
    BL23_OPTION_JSON(&given.json),
    {0}};

struct bl23_command const bl23_command_bound = {
    .name = "bound",
    .summary = "exact statements for all W_u: excluded by proof, or open with a witness",
    .description =
        "Make exact statements for all W_u and all g_B-L at once, at the masses and with the "
        "constraints of a survey's configuration: excluded by proof, or open with a witness; the "
        "least tension; the largest g that upper limits leave; how far one limit would have to "
        "give way. Nothing is drawn.",
    .operand = {.name = "CONFIG",
                .help = "a survey's configuration, a YAML file",
                .one = &given.config_path},
    .option = options,
    .run = run};
