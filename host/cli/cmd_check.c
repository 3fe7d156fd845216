/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include <stdlib.h>
#include <time.h>

#include "host/cli/commands.h"
#include "host/config/output_size.h"
#include "host/config/survey_warnings.h"
#include "host/io/clock.h"
#include "host/io/file_io.h"
#include "host/io/json_values.h"
#include "host/io/output_check.h"
#include "host/io/stop.h"
#include "host/survey/forecast.h"
#include "host/survey/output_state.h"
#include "kernels/sample/error.h"

/* What the options say. */
static struct options {
    char const *path, *samples;
    struct bl23_survey_options run;
    bool json, no_forecast;
} given = {.run = {.backend = &bl23_backend_cpu,
                   .range = BL23_SURVEY_RANGE,
                   .commit_seconds = BL23_SURVEY_COMMIT_SECONDS}};

static json_t *constraints_json(struct bl23_config const *c)
{
    json_t *const list = json_array();
    for (size_t k = 0; k < c->constraints.size; k++)
        json_array_append_new(
            list, json_pack("{s:s, s:s, s:s}", "name", c->constraints.item[k].name, "observable",
                            bl23_observable_name(c->constraints.item[k].observable), "cite",
                            c->constraints.item[k].cite));
    return list;
}

static json_t *forecast_json(struct bl23_forecast const *f)
{
    return json_pack("{s:s, s:f, s:f, s:f, s:f, s:f, s:f, s:f, s:f, s:I, s:f}", "device", f->device,
                     "total_s", f->total_s, "setup_s", f->setup_s, "compute_s", f->compute_s,
                     "columns_s", f->columns_s, "samples_per_s", f->samples_per_s, "survivors",
                     f->survivors, "stored", f->stored, "bytes", f->bytes, "calibration_samples",
                     (json_int_t)f->calibration_samples, "calibration_s", f->calibration_s);
}

/* What the survey would find at its output. */
struct found {
    struct bl23_error refusal; /* what it would stop at; status BL23_OK: nothing */
    uint64_t done;             /* samples that are there already */
};

/* A run of this survey counts also where --extend has begun it, although the survey without it is
 * refused. */
static struct found find_output(struct bl23_survey const *s)
{
    struct found f = {{BL23_OK, ""}, 0};
    struct bl23_error run = {BL23_OK, ""}, failure = {BL23_OK, ""};
    enum bl23_output_state state;
    struct bl23_run_identity const identity = bl23_survey_identity(s, 0);
    if (bl23_find_output_state(s, &state, &f.refusal, &failure) != BL23_OK)
        f.refusal = failure;
    else if (state == BL23_OUTPUT_FINISHED)
        f.done = s->config->samples;
    if (f.done == 0 && bl23_run_folder_count_samples(&identity, &f.done, &run) != BL23_OK)
        f.refusal = run;
    if (f.done < s->config->samples && f.refusal.status == BL23_OK)
        bl23_output_try(s->config->output, &f.refusal);
    return f;
}

/* What is left to do takes its part of the time. */
static void forecast_rest(struct bl23_survey const *s, uint64_t done, struct bl23_forecast *f)
{
    double const samples = (double)s->config->samples;
    f->total_s -= f->compute_s;
    f->compute_s *= (samples - (double)done) / samples;
    f->total_s += f->compute_s;
}

static enum bl23_status show_json(struct bl23_survey const *s, char const *yaml,
                                  struct found const *found, struct bl23_forecast const *f,
                                  struct bl23_error *error)
{
    struct bl23_config const *const c = s->config;
    json_t *const o = json_pack("{s:s, s:s, s:o, s:I, s:o, s:I, s:f, s:o}", "yaml", yaml, "output",
                                c->output, "samples", bl23_json_count(c->samples), "mass_knots",
                                (json_int_t)c->n_masses, "constraints", constraints_json(c),
                                "model_bytes", (json_int_t)bl23_model_bytes(s->model->n_knots),
                                "output_bytes_max", bl23_output_bytes_max(c, s->model),
                                "output_bytes_free", bl23_json_number(bl23_output_bytes_free(c)));
    if (o)
        json_object_set_new(o, "samples_done", bl23_json_count(found->done));
    if (o && found->refusal.status != BL23_OK)
        json_object_set_new(o, "output_taken", bl23_json_text(found->refusal.text));
    if (o && f)
        json_object_set_new(o, "forecast", forecast_json(f));
    return bl23_json_print(o, error);
}

/* "90 s", "25 min", "3.1 h" or "12 days". */
static void print_time(double seconds)
{
    if (seconds < 100.0)
        printf("%.2g s", seconds);
    else if (seconds < 6000.0)
        printf("%.0f min", seconds / 60.0);
    else if (seconds < 1.8e5)
        printf("%.1f h", seconds / 3600.0);
    else
        printf("%.3g days", seconds / 86400.0);
}

static void print_forecast(struct bl23_forecast const *f)
{
    printf("# expected: ");
    print_time(f->total_s);
    printf(" (%.3g samples/s, %s); %.3g survivors, %.3g of them stored, output %.3g MB\n",
           f->samples_per_s, f->device, f->survivors, f->stored, f->bytes / 1e6);
    printf("#   measured with %.3g samples of this survey in %.2g s on this machine;\n#   start "
           "%.2g s, samples %.3g s, columns %.2g s\n",
           (double)f->calibration_samples, f->calibration_s, f->setup_s, f->compute_s,
           f->columns_s);
}

static void show_text(struct bl23_survey const *s, char const *yaml, struct found const *found,
                      struct bl23_forecast const *f)
{
    struct bl23_config const *const c = s->config;
    printf("%s is valid. With all defaults filled in:\n\n%s", c->path, yaml);
    printf("\n# constraints in the order they are applied\n");
    for (size_t k = 0; k < c->constraints.size; k++)
        printf("#   %-20s %-12s [%s]\n", c->constraints.item[k].name,
               bl23_observable_name(c->constraints.item[k].observable),
               c->constraints.item[k].cite);
    printf("# %.4g samples, %zu mass knot%s; model %.3g MB; output %s, at most %.3g MB\n",
           (double)c->samples, c->n_masses, c->n_masses == 1 ? "" : "s",
           (double)bl23_model_bytes(s->model->n_knots) / 1e6, c->output,
           bl23_output_bytes_max(c, s->model) / 1e6);
    bl23_survey_warn(s, "# warning: ", stdout);
    if (found->refusal.status != BL23_OK)
        printf("# warning: the survey would stop: %s\n", found->refusal.text);
    if (found->done > 0)
        printf("# %.4g of these samples are done: %s\n", (double)found->done,
               found->done == c->samples ? "there is nothing left to compute"
                                         : "the survey continues from there");
    if (f)
        print_forecast(f);
}

/* Processor time of this process so far, its loading included. */
static double process_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static enum bl23_status prepare(struct options const *o, struct bl23_survey *survey,
                                struct bl23_error *error)
{
    struct bl23_config *config = NULL;
    enum bl23_status status = bl23_config_load(o->path, &config, error);
    if (status == BL23_OK && o->samples)
        status = bl23_config_set_samples(config, o->samples, error);
    if (status == BL23_OK)
        status = bl23_path_check_writable(config->output, error);
    if (status == BL23_OK)
        return bl23_survey_prepare(config, survey, error);
    bl23_config_free(config);
    return status;
}

static enum bl23_status check(struct options const *o, struct bl23_survey *survey,
                              struct bl23_error *error)
{
    struct bl23_forecast forecast;
    char *yaml = NULL;
    double const start = bl23_seconds();
    bl23_stop_catch_signals(); /* the file that tries the disk must not stay behind */
    BL23_TRY(prepare(o, survey, error));
    struct found const found = find_output(survey);
    bool const wanted =
        !o->no_forecast && found.done < survey->config->samples && !bl23_stop_requested();
    if (wanted)
        BL23_TRY(bl23_forecast_make(survey, &o->run, fmax(bl23_seconds() - start, process_s()),
                                    &forecast, error));
    if (bl23_stop_requested())
        return bl23_fail(error, BL23_INTERRUPTED,
                         "interrupted during the forecast; no file was kept");
    if (wanted)
        forecast_rest(survey, found.done, &forecast);
    BL23_TRY(bl23_config_text_with_file(survey->config, &yaml, error));
    enum bl23_status status = BL23_OK;
    if (o->json)
        status = show_json(survey, yaml, &found, wanted ? &forecast : NULL, error);
    else
        show_text(survey, yaml, &found, wanted ? &forecast : NULL);
    free(yaml);
    return status;
}

static enum bl23_status run(struct bl23_error *error)
{
    struct bl23_survey survey = {0};
    given.run.backend_options.no_screen = getenv("BL23_NO_SCREEN") != NULL;
    enum bl23_status const status = check(&given, &survey, error);
    bl23_survey_free(&survey);
    return status;
}

static struct bl23_option const options[] = {
    BL23_OPTION_SAMPLES(&given.samples),
    BL23_OPTION_THREADS(&given.run.backend_options.threads),
    BL23_OPTION_FLAG("no-forecast", &given.no_forecast,
                     "do not run any samples and do not predict the time"),
    BL23_OPTION_JSON(&given.json),
    {0}};

struct bl23_command const bl23_command_check = {
    .name = "check",
    .summary = "validate a configuration and show it with all defaults and its cost",
    .description =
        "Validate a configuration and show it with all defaults filled in and its estimated cost. "
        "To predict the time, it first runs samples for 0.6 s. It keeps no file.",
    .operand = {.name = "CONFIG",
                .help = "a survey's configuration, a YAML file",
                .one = &given.path},
    .option = options,
    .run = run};
