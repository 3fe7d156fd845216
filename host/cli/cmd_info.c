/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include <gsl/gsl_version.h>
#include <jansson.h>
#include <stdlib.h>

#include "host/cli/commands.h"
#include "host/cli/sets_report.h"
#include "host/config/config_schema.h"
#include "host/config/shipped_surveys.h"
#include "host/io/allotment.h"
#include "host/io/json_values.h"
#include "host/io/scripts_folder.h"
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
    json_t *const inputs = json_object(), *const aliases = json_object();
    char const *cuda;
    unsigned const devices = bl23_cuda_devices(&cuda);
    for (size_t row = 0; row < bl23_n_input_rows; row++) {
        json_t *const object = presets_json(row);
        json_object_set_new(object, "unit", json_string(bl23_input_rows[row].unit));
        json_object_set_new(object, "description", json_string(bl23_input_rows[row].text));
        json_object_set_new(inputs, bl23_input_rows[row].name, object);
    }
    for (struct bl23_set_alias const *a = bl23_set_aliases; a->alias; a++)
        json_object_set_new(aliases, a->alias, json_string(a->set));
    struct bl23_allotment const a = bl23_allotment();
    return json_pack("{s:s, s:s, s:s, s:s, s:s, s:i, s:s, s:o, s:s, s:s, s:i, s:s, s:s, s:s, s:o, "
                     "s:o}",
                     "version", BL23_VERSION, "git_revision", BL23_GIT_REVISION, "compiler",
                     BL23_COMPILER, "flags", BL23_FLAGS, "instruction_set",
                     bl23_isa_name(bl23_isa_best()), "threads", (int)a.threads, "threads_by",
                     a.threads_by, "memory_bytes", bl23_json_number(a.memory_bytes), "memory_by",
                     a.memory_by, "cuda", cuda, "cuda_devices", (int)devices, "gsl", GSL_VERSION,
                     "hdf5", bl23_h5_version(), "constraint_sets", bl23_constraint_set_names,
                     "constraint_set_aliases", aliases, "inputs", inputs);
}

static void print_info(void)
{
    char const *cuda; /* the devices, or why there are none */
    bl23_cuda_devices(&cuda);
    printf("bl23 %s (revision %s)\n", BL23_VERSION, BL23_GIT_REVISION);
    printf("compiler         %s, flags %s\n", BL23_COMPILER, BL23_FLAGS);
    printf("libraries        GSL %s, %s\n", GSL_VERSION, bl23_h5_version());
    printf("instruction set  %s\n", bl23_isa_name(bl23_isa_best()));
    struct bl23_allotment const allotted = bl23_allotment();
    printf("threads          %u (%s)\n", allotted.threads, allotted.threads_by);
    printf("memory           %.3g GB (%s)\n", allotted.memory_bytes / 1e9, allotted.memory_by);
    printf("CUDA             %s\n", cuda);
    printf("constraint sets  %s\n\n", bl23_constraint_sets_shown);
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
    printf("\n%-16s %-16s %-16s description\n", "choice", "default", "or");
    for (size_t row = 0; row < bl23_n_choice_rows; row++)
        printf("%-16s %-16s %-16s %s\n", bl23_choice_rows[row].name, bl23_choice_rows[row].value[0],
               bl23_choice_rows[row].value[1], bl23_choice_rows[row].text);
}

static json_t *surveys_json(void)
{
    json_t *const object = json_object();
    for (struct bl23_embedded_file const *s = bl23_shipped_surveys; s->name; s++) {
        char name[BL23_WORD_SIZE];
        int length;
        char const *const question = bl23_shipped_survey_question(s, &length);
        bl23_shipped_survey_name(s, name);
        json_object_set_new(object, name, json_pack("s%", question, (size_t)length));
    }
    return json_pack("{s:o}", "surveys", object);
}

static void print_surveys(void)
{
    for (struct bl23_embedded_file const *s = bl23_shipped_surveys; s->name; s++) {
        char name[BL23_WORD_SIZE];
        int length;
        char const *const question = bl23_shipped_survey_question(s, &length);
        bl23_shipped_survey_name(s, name);
        printf("%-23s %.*s\n", name, length, question);
    }
}

static enum bl23_status show_scripts(bool json, struct bl23_error *error)
{
    char *folder;
    BL23_TRY(bl23_scripts_folder(&folder, error));
    enum bl23_status status = BL23_OK;
    if (json)
        status = bl23_json_print(json_pack("{s:o}", "scripts", bl23_json_text(folder)), error);
    else
        printf("%s\n", folder);
    free(folder);
    return status;
}

static enum bl23_status show_sets(bool json, struct bl23_error *error)
{
    json_t *object;
    if (!json)
        return bl23_sets_print(stdout, error);
    BL23_TRY(bl23_sets_json(&object, error));
    return bl23_json_print(object, error);
}

static bool json, sets, surveys, scripts, schema;
static struct bl23_option const options[] = {
    {.name = "sets",
     .help = "show the shipped sets of constraints with their values",
     .flag = &sets,
     .excludes = "surveys scripts schema"},
    {.name = "surveys",
     .help = "list the shipped surveys, which '@NAME' names in the place of a configuration",
     .flag = &surveys,
     .excludes = "scripts"},
    BL23_OPTION_FLAG("scripts", &scripts,
                     "print the folder of the scripts that draw figures (plot_*.py), of the batch "
                     "scripts for Slurm, and of the files of the shipped surveys"),
    {.name = "schema",
     .help = "print the JSON Schema of a configuration, by which editors complete and check it",
     .flag = &schema,
     .excludes = "scripts surveys"},
    BL23_OPTION_JSON(&json),
    {0}};

static enum bl23_status run(struct bl23_error *error)
{
    if (schema)
        return bl23_json_print(bl23_config_schema(), error);
    if (sets)
        return show_sets(json, error);
    if (scripts)
        return show_scripts(json, error);
    if (surveys && json)
        return bl23_json_print(surveys_json(), error);
    if (surveys) {
        print_surveys();
        return BL23_OK;
    }
    if (json)
        return bl23_json_print(info_json(), error);
    print_info();
    return BL23_OK;
}

struct bl23_command const bl23_command_info = {
    .name = "info",
    .summary = "version, build, instruction sets, devices, inputs, shipped surveys",
    .description = "Show the version, build, instruction sets, devices, and the inputs that --set "
                   "can override, or the shipped sets of constraints.",
    .option = options,
    .run = run};
