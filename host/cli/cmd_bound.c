/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include <stdlib.h>

#include "host/bound/bound_file.h"
#include "host/bound/bound_ranges.h"
#include "host/bound/bound_report.h"
#include "host/cli/arguments.h"
#include "host/cli/commands.h"
#include "host/io/file_io.h"
#include "host/io/json_values.h"
#include "host/io/output_check.h"
#include "kernels/sample/error.h"

static char const usage[] =
    "usage: bl23 bound CONFIG [options]\n"
    "       bl23 bound --verify FILE.json [--json]\n"
    "\n"
    "Exact statements for all W_u and all g_B-L at once, at the masses and with the constraints "
    "of\n"
    "a survey's configuration: excluded by proof, or open with a witness; the least tension; the\n"
    "largest g that upper limits leave; how far one limit would have to give way. Nothing is "
    "drawn.\n"
    "\n"
    "  -o FILE.json      write the certificates of the proofs to a new file\n"
    "  --verify FILE     check the certificates of such a file from scratch\n"
    "  --ranges          also the exact ranges of all amplitudes over W_u, at every mass\n"
    "  --inputs PRESET   pdg2018 or pdg2024 instead of the inputs of CONFIG\n"
    "  --set NAME=VALUE  override one input, may be repeated ('bl23 info' lists the names)\n"
    "  --json            one JSON object instead of text\n"
    "  -h, --help        this text\n";

enum { OVERRIDES_MAX = 64 };

/* What the options say. */
struct options {
    char const *config_path, *output, *verify, *preset, *override[OVERRIDES_MAX];
    int overrides;
    bool json, ranges;
};

static enum bl23_status add_override(char const *text, void *options, struct bl23_error *error)
{
    struct options *const o = options;
    if (o->overrides == OVERRIDES_MAX)
        return bl23_fail(error, BL23_ERROR_USAGE, "--set must not be given more than %d times",
                         OVERRIDES_MAX);
    o->override[o->overrides++] = text;
    return BL23_OK;
}

/* The operands, and nothing that --verify has no use for. */
static enum bl23_status check_options(struct options *o, struct bl23_command_line const *line,
                                      struct bl23_error *error)
{
    o->config_path = line->operand[0];
    if (!o->verify)
        return bl23_argument_operands(line, 1, "one CONFIG", error);
    if (o->output || o->preset || o->overrides || o->ranges)
        return bl23_fail(
            error, BL23_ERROR_USAGE,
            "--verify can be combined with --json only: the file holds its own configuration");
    return bl23_argument_operands(line, 0, "--verify FILE without a CONFIG", error);
}

static enum bl23_status apply_overrides(struct options const *o, struct bl23_inputs *inputs,
                                        struct bl23_error *error)
{
    enum bl23_status status = BL23_OK;
    if (o->preset)
        status = bl23_inputs_preset(o->preset, inputs, error);
    for (int k = 0; status == BL23_OK && k < o->overrides; k++)
        status = bl23_argument_override(o->override[k], inputs, error);
    return status;
}

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
    status = apply_overrides(o, &config->inputs, error);
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

enum bl23_status bl23_cmd_bound(int argc, char **argv, struct bl23_error *error)
{
    struct options o = {0};
    struct bl23_option const options[] = {
        {.name = "output", .letter = 'o', .text = &o.output, .check = bl23_path_check_free},
        {.name = "verify", .text = &o.verify},
        {.name = "ranges", .flag = &o.ranges},
        {.name = "inputs", .text = &o.preset},
        {.name = "set", .read = add_override, .target = &o, .repeats = true, .keyed = true},
        {.name = "json", .flag = &o.json},
        {0}};
    struct bl23_command_line line = {.usage = usage, .option = options};
    enum bl23_status status = bl23_arguments_read(argc, argv, &line, error);
    if (status != BL23_OK || line.help)
        return status;
    status = check_options(&o, &line, error);
    if (status != BL23_OK)
        return status;
    return o.verify ? verify(&o, error) : bound(&o, error);
}
