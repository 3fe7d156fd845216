/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include <gsl/gsl_version.h>
#include <jansson.h>
#include <stdlib.h>

#include "host/cli/commands.h"
#include "host/io/json_values.h"
#include "host/output/hdf5_library.h"
#include "kernels/cuda/cuda_diagnostics.h"
#include "kernels/lanes/isa.h"
#include "kernels/sample/error.h"
#include "version.h"

static json_t *presets_json(size_t row)
{
    static char const *const names[] = {"pdg2018", "pdg2024"};
    json_t *const object = json_object();
    for (int p = 0; p < 2; p++) {
        struct bl23_inputs inputs;
        bl23_inputs_preset(names[p], &inputs, NULL);
        json_object_set_new(object, names[p], json_real(bl23_inputs_get(&inputs, row).hi));
    }
    return object;
}

static json_t *info_json(void)
{
    json_t *const inputs = json_object();
    char const *cuda;
    unsigned const devices = bl23_cuda_devices(&cuda);
    for (size_t row = 0; row < bl23_n_input_rows; row++) {
        json_t *const object = presets_json(row);
        json_object_set_new(object, "unit", json_string(bl23_input_rows[row].unit));
        json_object_set_new(object, "description", json_string(bl23_input_rows[row].text));
        json_object_set_new(inputs, bl23_input_rows[row].name, object);
    }
    return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:i, s:s, s:s, s:s, s:o}", "version",
                     BL23_VERSION, "git_revision", BL23_GIT_REVISION, "compiler", BL23_COMPILER,
                     "flags", BL23_FLAGS, "instruction_set", bl23_isa_name(bl23_isa_best()), "cuda",
                     cuda, "cuda_devices", (int)devices, "gsl", GSL_VERSION, "hdf5",
                     bl23_h5_version(), "constraint_sets", bl23_constraint_set_names, "inputs",
                     inputs);
}

static void print_info(void)
{
    char const *cuda; /* the devices, or why there are none */
    bl23_cuda_devices(&cuda);
    printf("bl23 %s (revision %s)\n", BL23_VERSION, BL23_GIT_REVISION);
    printf("compiler         %s, flags %s\n", BL23_COMPILER, BL23_FLAGS);
    printf("libraries        GSL %s, %s\n", GSL_VERSION, bl23_h5_version());
    printf("instruction set  %s\n", bl23_isa_name(bl23_isa_best()));
    printf("CUDA             %s\n", cuda);
    printf("constraint sets  %s\n\n", bl23_constraint_set_names);
    printf("%-16s %-4s %14s %14s  description\n", "input", "unit", "pdg2018", "pdg2024");
    struct bl23_inputs a, b;
    bl23_inputs_preset("pdg2018", &a, NULL);
    bl23_inputs_preset("pdg2024", &b, NULL);
    for (size_t row = 0; row < bl23_n_input_rows; row++)
        printf("%-16s %-4s %14.10g %14.10g  %s\n", bl23_input_rows[row].name,
               bl23_input_rows[row].unit, bl23_inputs_get(&a, row).hi, bl23_inputs_get(&b, row).hi,
               bl23_input_rows[row].text);
    printf("%-16s %-4s %14s %14s  set of B form factors\n", "form_factors", "",
           bl23_form_factors_name(a.form_factors), bl23_form_factors_name(b.form_factors));
}

static bool json;
static struct bl23_option const options[] = {BL23_OPTION_JSON(&json), {0}};

static enum bl23_status run(struct bl23_error *error)
{
    if (json)
        return bl23_json_print(info_json(), error);
    print_info();
    return BL23_OK;
}

struct bl23_command const bl23_command_info = {
    .name = "info",
    .summary = "version, build, instruction sets, devices, inputs",
    .description = "Show the version, build, instruction sets, devices, and the inputs that --set "
                   "can override.",
    .option = options,
    .run = run};
