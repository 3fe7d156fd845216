/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "host/cli/commands.h"
#include "host/cli/config_source.h"
#include "host/cover/cover_report.h"
#include "host/io/json_values.h"
#include "host/io/output_check.h"
#include "kernels/sample/error.h"
#include "kernels/sample/plain_text.h"

enum { SAMPLES_IN_ALL = 1000000, SAMPLES_MIN = 4096 };
#define SAMPLES_MAX 1e12

/* What the options say. */
static struct options {
    char const *config_path, *output, *verify;
    uint64_t cells, samples;
    struct bl23_dd accept;
    size_t has_accept;
    bool json;
} given;

/* The samples of a mass, where the options do not say. */
static uint64_t samples_of(size_t masses)
{
    uint64_t const share = SAMPLES_IN_ALL / masses;
    return share > SAMPLES_MIN ? share : SAMPLES_MIN;
}

static enum bl23_status show(struct bl23_cover_run const *run, struct bl23_error *error)
{
    if (given.json)
        return bl23_json_print(bl23_cover_json(run), error);
    bl23_cover_print(run, stdout);
    return BL23_OK;
}

/* The answers are printed also where their file cannot be written. */
static enum bl23_status make(struct bl23_cover_run *run, struct bl23_error *error)
{
    struct bl23_config *config = NULL;
    BL23_TRY(bl23_config_source_read(given.config_path, NULL, false, &config, error));
    BL23_TRY(bl23_cover_run_open(config, run, error));
    struct bl23_cover_aim aim = bl23_config_cover_aim(config);
    if (given.cells > 0 || given.has_accept)
        aim = (struct bl23_cover_aim){given.cells,
                                      given.has_accept ? bl23_dd_round(given.accept) : 0.0};
    uint64_t const samples = given.samples > 0 ? given.samples : samples_of(config->n_masses);
    enum bl23_status status = BL23_OK;
    BL23_TRY(bl23_cover_run_make(run, aim, samples, error));
    if (given.output)
        status = bl23_cover_file_write(given.output, run->of.yaml, run->of.model, run->tree, error);
    enum bl23_status const shown = show(run, error);
    if (status == BL23_OK && shown == BL23_OK && given.output && !given.json)
        printf("\ncells in %s; 'bl23 cover --verify %s' checks them\n", BL23_SHOWN(given.output),
               BL23_SHOWN(given.output));
    return status == BL23_OK ? shown : status;
}

static enum bl23_status verify(struct bl23_error *error)
{
    struct bl23_cover_checked c;
    BL23_TRY(bl23_cover_run_verify(given.verify, &c, error));
    if (given.json)
        return bl23_json_print(
            json_pack("{s:o, s:b, s:I, s:I, s:o, s:o, s:o}", "file", bl23_json_text(given.verify),
                      "verified", 1, "masses", (json_int_t)c.masses, "excluded",
                      (json_int_t)c.excluded, "leaves", bl23_json_count(c.leaves), "discarded",
                      bl23_json_count(c.discarded), "inside", bl23_json_count(c.inside)),
            error);
    printf("%s: verified: at %zu mass%s the leaves tile the cube; nothing survives in %llu of %llu "
           "leaves,\neverything in %llu; excluded at %zu of the masses, with the tables of this "
           "program\n",
           BL23_SHOWN(given.verify), c.masses, c.masses == 1 ? "" : "es",
           (unsigned long long)c.discarded, (unsigned long long)c.leaves,
           (unsigned long long)c.inside, c.excluded);
    return BL23_OK;
}

static enum bl23_status run_cover(struct bl23_error *error)
{
    struct bl23_cover_run run = {0};
    if (given.verify)
        return verify(error);
    enum bl23_status const status = make(&run, error);
    bl23_cover_run_close(&run);
    return status;
}

static struct bl23_option const options[] = {
    BL23_OPTION_OUTPUT("FILE.h5", &given.output, bl23_path_check_free,
                       "write the cells and their proven volumes to a new file"),
    {.name = "verify",
     .value = "FILE.h5",
     .help = "check the cover in this file, of 'bl23 cover -o' or of a survey with draw: cover, "
             "from scratch: the cells tile everything, and nothing survives in those that were "
             "discarded",
     .text = &given.verify,
     .instead = true,
     .excludes = "output cells accept samples"},
    {.name = "cells",
     .value = "N",
     .help = "divide until so many cells at each mass are not discarded, up to 1e6 (default: "
             "as CONFIG says for draw: cover, else 1e4)",
     .whole = &given.cells,
     .largest = BL23_COVER_CELLS_MAX},
    {.name = "accept",
     .value = "A",
     .help = "divide until this part of the samples survives, or 1e6 cells, or N of --cells, are "
             "reached",
     .number = &given.accept,
     .capacity = 1,
     .count = &given.has_accept,
     .smallest = 1e-6,
     .largest = 0.99,
     .allowed = "a number from 1e-6 to 0.99"},
    {.name = "samples",
     .value = "N",
     .help = "draw so many samples at each mass, for the part that survives (default: 1e6 in all, "
             "4096 at least)",
     .whole = &given.samples,
     .largest = SAMPLES_MAX},
    BL23_OPTION_JSON(&given.json),
    {0}};

struct bl23_command const bl23_command_cover = {
    .name = "cover",
    .summary = "how much of all W_u is allowed: proven bounds, and a volume with its interval",
    .description =
        "Divide all W_u (and g_B-L, where it is drawn) into cells, discard those in which no "
        "sample can meet the constraints of a survey's configuration, by proof, and say at each "
        "mass how much is left: excluded by proof, or the allowed part of the Haar measure. It is "
        "proven to lie between the volume of the cells in which everything survives and the "
        "volume of all cells that are left; samples drawn from these give its value, with an "
        "interval of 99.99 %.",
    .operand = {.name = "CONFIG", .help = BL23_HELP_CONFIG, .one = &given.config_path},
    .option = options,
    .run = run_cover};
