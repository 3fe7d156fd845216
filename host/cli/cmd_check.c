/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "host/cli/commands.h"
#include "host/cli/likelihood_report.h"
#include "host/cli/survey_arguments.h"
#include "host/config/limited_masses.h"
#include "host/config/output_size.h"
#include "host/config/survey_warnings.h"
#include "host/io/clock.h"
#include "host/io/json_values.h"
#include "host/io/output_check.h"
#include "host/io/stop.h"
#include "host/survey/forecast.h"
#include "host/survey/output_state.h"
#include "kernels/cuda/cuda_diagnostics.h"
#include "kernels/sample/error.h"
#include "kernels/sample/plain_text.h"

/* What the options say. */
static struct bl23_survey_arguments given = BL23_SURVEY_ARGUMENTS;
static bool no_forecast, show_yaml;

/* The likelihood of a constraint at the first mass at which it acts. */
static struct bl23_likelihood_values first_likelihood(struct bl23_config const *c, size_t index)
{
    struct bl23_likelihood_values l = {BL23_LIKELIHOOD_NONE, 0.0, 0.0, 0.0};
    for (size_t k = 0; k < c->n_masses && l.kind == BL23_LIKELIHOOD_NONE; k++)
        l = bl23_likelihood_at(&c->constraints, index, &c->inputs, c->mass_gev[k]);
    return l;
}

/* With the number of masses that each limits, and the lowest and the highest of them. */
static json_t *constraints_json(struct bl23_survey const *s)
{
    struct bl23_config const *const c = s->config;
    json_t *const list = json_array();
    for (size_t k = 0; k < c->constraints.size; k++) {
        struct bl23_limited_masses const m = bl23_limited_masses(s->model, k);
        json_t *const range =
            m.count > 0 ? json_pack("[f, f]", m.low_gev, m.high_gev) : json_null();
        json_array_append_new(
            list,
            json_pack("{s:s, s:s, s:s, s:o, s:o, s:o}", "name", c->constraints.item[k].name,
                      "observable", bl23_observable_name(c->constraints.item[k].observable), "cite",
                      c->constraints.item[k].cite, "masses", bl23_json_count(m.count), "range_gev",
                      range, "likelihood", bl23_likelihood_json(first_likelihood(c, k))));
    }
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

/* The samples that this call is about. */
static struct bl23_range samples_of(struct bl23_survey_job const *job)
{
    struct bl23_range const all = {0, job->survey.config->samples};
    return job->options.part.count > 0 ? job->options.part : all;
}

/* Samples of the finished survey in a file; 0: it holds none. */
static uint64_t samples_of_file(char const *path)
{
    struct bl23_survey_reader reader;
    if (bl23_survey_open(path, &reader, NULL) != BL23_OK)
        return 0;
    uint64_t const samples = reader.head.samples;
    bl23_survey_close(&reader);
    return samples;
}

/* A run of this survey counts also where --extend has begun it, although the survey without it is
 * refused. */
static struct found find_output(struct bl23_survey_job const *job)
{
    struct bl23_survey const *const s = &job->survey;
    struct found f = {{BL23_OK, ""}, 0};
    struct bl23_error run = {BL23_OK, ""}, failure = {BL23_OK, ""};
    enum bl23_output_state state = BL23_OUTPUT_ABSENT;
    struct bl23_run_identity const identity = bl23_survey_identity(s, 0);
    if (!job->options.force && bl23_find_output_state(s, &state, &f.refusal, &failure) != BL23_OK)
        f.refusal = failure;
    else if (state == BL23_OUTPUT_FINISHED && job->options.part.count > 0)
        bl23_survey_job_refuse_part(s, &f.refusal);
    else if (state == BL23_OUTPUT_FINISHED)
        f.done = s->config->samples;
    if (f.done == 0 && bl23_run_folder_count_samples(&identity, &f.done, &run) != BL23_OK)
        f.refusal = run;
    if (state == BL23_OUTPUT_SHORTER && job->extend)
        f.refusal = (struct bl23_error){BL23_OK, ""};
    if (state == BL23_OUTPUT_SHORTER && job->extend && f.done == 0)
        f.done = samples_of_file(s->config->output);
    if (f.done > samples_of(job).count)
        f.done = samples_of(job).count;
    if (f.done < samples_of(job).count && f.refusal.status == BL23_OK &&
        bl23_path_check_writable(s->config->output, &f.refusal) == BL23_OK)
        bl23_output_try(s->config->output, &f.refusal);
    return f;
}

/* What is left of this call's samples takes its part of the time. */
static void forecast_rest(struct bl23_survey_job const *job, uint64_t done, struct bl23_forecast *f)
{
    double const left = (double)(samples_of(job).count - done);
    f->total_s -= f->compute_s;
    f->compute_s *= left / (double)job->survey.config->samples;
    f->total_s += f->compute_s;
    if (job->options.part.count > 0) { /* merge writes the output */
        f->survivors *= (double)job->options.part.count / (double)job->survey.config->samples;
        f->total_s -= f->columns_s;
        f->stored = f->bytes = f->columns_s = 0.0;
    }
}

static enum bl23_status show_json(struct bl23_survey const *s, char const *yaml,
                                  struct found const *found, struct bl23_forecast const *f,
                                  struct bl23_error *error)
{
    struct bl23_config const *const c = s->config;
    json_t *const o =
        json_pack("{s:o, s:o, s:o, s:I, s:o, s:I, s:f, s:o}", "yaml", bl23_json_text(yaml),
                  "output", bl23_json_text(c->output), "samples", bl23_json_count(c->samples),
                  "mass_knots", (json_int_t)c->n_masses, "constraints", constraints_json(s),
                  "model_bytes", (json_int_t)bl23_model_size(s->model), "output_bytes_max",
                  bl23_output_bytes_max(c, s->model), "output_bytes_free",
                  bl23_json_number(bl23_output_bytes_free(c)));
    if (o && s->draw)
        json_object_set_new(o, "draws", bl23_json_count(c->n_draws));
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

static void print_forecast(struct bl23_forecast const *f, char const *mark)
{
    printf("%sexpected: ", mark);
    print_time(f->total_s);
    printf(" (%.3g samples/s, %s); %.3g survivors", f->samples_per_s, f->device, f->survivors);
    if (f->bytes > 0.0)
        printf(", %.3g of them stored, output %.3g MB\n", f->stored, f->bytes / 1e6);
    else
        printf(" in this part, which 'bl23 merge' makes an output of\n");
    printf("%smeasured with %.3g samples of this survey in %.2g s on this machine; start %.2g s, "
           "samples %.3g s, columns %.2g s\n",
           mark, (double)f->calibration_samples, f->calibration_s, f->setup_s, f->compute_s,
           f->columns_s);
}

/* Where uniform drawing finds nothing. */
static void print_recommendation(struct bl23_config const *c, struct bl23_forecast const *f,
                                 char const *mark)
{
    if (f->passed > 0 || c->w_mode != BL23_W_HAAR || c->draw == BL23_DRAW_COVER)
        return;
    if (!isinf(c->chi2_max.hi))
        printf("%snone of these samples survives: none has chi^2 up to %.6g; 'bl23 bestfit %s' "
               "finds the least\n",
               mark, c->chi2_max.hi, BL23_SHOWN(c->path));
    else
        printf("%snone of these samples survives: 'bl23 cover %s' says how much can survive at "
               "all%s\n",
               mark, BL23_SHOWN(c->path),
               c->rank == BL23_RANK_CHI2 ? "" : ", and draw: cover finds it");
}

static void print_constraints(struct bl23_survey const *s, char const *mark)
{
    struct bl23_constraints const *const list = &s->config->constraints;
    printf("\n%sconstraints in the order they are applied\n", mark);
    for (size_t k = 0; k < list->size; k++) {
        char limited[BL23_MASSES_TEXT_SIZE];
        bl23_limited_masses_describe(s->model, k, limited);
        printf("%s  %-20s %-12s %-11s [%s], limits %s\n", mark, list->item[k].name,
               bl23_observable_name(list->item[k].observable),
               bl23_likelihood_name(list->item[k].likelihood), BL23_SHOWN(list->item[k].cite),
               limited);
    }
}

/* With the resolved YAML all other lines are comments, so that the whole is a configuration. */
static void show_text(struct bl23_survey const *s, char const *yaml, struct found const *found,
                      struct bl23_forecast const *f)
{
    struct bl23_config const *const c = s->config;
    char const *const mark = show_yaml ? "# " : "";
    char warning[32];
    snprintf(warning, sizeof warning, "%swarning: ", mark);
    printf("%s%s is valid\n", mark, BL23_SHOWN(c->path));
    printf("%s%.4g samples, %zu mass knot%s", mark, (double)c->samples, c->n_masses,
           c->n_masses == 1 ? "" : "s");
    if (s->draw)
        printf(" with %llu draws of %zu inputs each", (unsigned long long)c->n_draws, c->vary.n);
    printf("; model %.3g MB; output %s, at most %.3g MB\n", (double)bl23_model_size(s->model) / 1e6,
           BL23_SHOWN(c->output), bl23_output_bytes_max(c, s->model) / 1e6);
    if (f) {
        print_forecast(f, mark);
        print_recommendation(c, f, mark);
    }
    bl23_survey_warn(s, warning, stdout);
    if (f)
        bl23_bins_warn(c, s->model, f->passed, f->outside, warning, stdout);
    if (found->refusal.status != BL23_OK)
        printf("%sthe survey would stop: %s\n", warning, found->refusal.text);
    if (found->done > 0)
        printf("%s%.4g of these samples are done: %s\n", mark, (double)found->done,
               found->done == c->samples ? "there is nothing left to compute"
                                         : "the survey continues from there");
    print_constraints(s, mark);
    if (show_yaml)
        printf("\n%s", yaml);
}

/* Processor time of this process so far, its loading included. */
static double process_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static enum bl23_status check(struct bl23_survey_arguments *o, struct bl23_error *error)
{
    struct bl23_survey *const survey = &o->job.survey;
    struct bl23_forecast forecast;
    char *yaml = NULL;
    double const start = bl23_seconds();
    o->job.folder = BL23_RUN_FOLDER_CLOSED;
    bl23_stop_catch_signals(); /* the file that tries the disk must not stay behind */
    BL23_TRY(bl23_survey_arguments_prepare(o, error));
    if (o->job.backend_name && strcmp(o->job.backend_name, "cuda") == 0)
        BL23_TRY(bl23_cuda_takes(survey->model, error)); /* whether there is a forecast or not */
    struct found const found = find_output(&o->job);
    bool const wanted =
        !no_forecast && found.done < samples_of(&o->job).count && !bl23_stop_requested();
    if (wanted) {
        bl23_survey_job_choose_backend(&o->job);
        BL23_TRY(bl23_forecast_make(survey, &o->job.options,
                                    fmax(bl23_seconds() - start, process_s()), &forecast, error));
    }
    if (bl23_stop_requested())
        return bl23_fail(error, BL23_INTERRUPTED,
                         "interrupted during the forecast; no file was kept");
    if (wanted)
        forecast_rest(&o->job, found.done, &forecast);
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
    enum bl23_status const status = check(&given, error);
    bl23_survey_job_free(&given.job);
    return status;
}

static struct bl23_option const options[] = {
    BL23_OPTION_FLAG("show", &show_yaml,
                     "also print the configuration with all defaults filled in, as YAML"),
    BL23_OPTION_FLAG("no-forecast", &no_forecast,
                     "do not run any samples and do not predict the time"),
    BL23_OPTIONS_SURVEY(&given),
    {0}};

struct bl23_command const bl23_command_check = {
    .name = "check",
    .summary = "validate a configuration and predict the time and size of its survey",
    .description = "Validate a configuration, and predict how long its survey takes and how large "
                   "its output is. To predict the time, it first runs samples for 0.6 s. It keeps "
                   "no file. It takes all options of 'bl23 survey', so that a command can be "
                   "checked as it stands.",
    .operand = {.name = "CONFIG", .help = BL23_HELP_CONFIG, .one = &given.config_path},
    .option = options,
    .run = run};
