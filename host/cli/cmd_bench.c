/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/cli/commands.h"
#include "host/config/prepared_survey.h"
#include "host/config/shipped_surveys.h"
#include "host/io/allotment.h"
#include "host/io/clock.h"
#include "host/io/json_values.h"
#include "host/io/system.h"
#include "host/output/model_export.h"
#include "kernels/backend.h"
#include "kernels/lanes/isa.h"
#include "kernels/lanes/parallel_for.h"
#include "kernels/lanes/philox_products.h"
#include "kernels/sample/error.h"
#include "version.h"

/* The shipped surveys that are timed. */
static char const *const surveys[] = {"fig3.yaml", "open_question.yaml", "random_g.yaml",
                                      "today.yaml"};

enum { SURVEYS = sizeof surveys / sizeof surveys[0], REPEATS = 5, CHECKED = 1 << 20 };

/* Ten rounds of two products each, less the two that all samples of a tile share. */
enum { PHILOX_PRODUCTS = 18, MULTIPLY_ROUNDS = 1 << 18, MULTIPLY_REPEATS = 50 };

/* What the options say, and the table so far. */
struct bench {
    uint64_t samples;
    unsigned threads; /* 0: as many as this process may use */
    bool json;
    char cpu[128];
    double products_per_s[BL23_ISAS]; /* of one core; 0: the instruction set is not here */
    json_t *rows;
};

/* Fastest of some rounds of nothing but products; 0: the instruction set is not here. */
static double measure_products(enum bl23_isa isa)
{
    double best = 0.0;
    if (bl23_isa_choose(bl23_isa_name(isa), NULL) != BL23_OK)
        return 0.0;
    for (int k = 0; k < MULTIPLY_REPEATS; k++) {
        double const start = bl23_seconds();
        uint64_t const products = bl23_products(MULTIPLY_ROUNDS);
        best = fmax(best, (double)products / (bl23_seconds() - start));
    }
    return best;
}

/* Samples per second if products were all there is to do. */
static double bound_of(struct bench const *bench, enum bl23_isa isa)
{
    return bench->products_per_s[isa] / PHILOX_PRODUCTS * bench->threads;
}

static void print_head(struct bench const *bench)
{
    printf(
        "bl23 %s (%s), %s, %s\n%s, %u thread%s, %.4g samples, median of %d (slowest .. fastest)\n",
        BL23_VERSION, BL23_GIT_REVISION, BL23_COMPILER, BL23_FLAGS, bench->cpu, bench->threads,
        bench->threads == 1 ? "" : "s", (double)bench->samples, REPEATS);
    for (enum bl23_isa k = 0; k < BL23_ISAS; k++)
        if (bench->products_per_s[k] > 0.0)
            printf("bound, %-8s %.3g products/s on one core, %d a sample, %u thread%s: %.3g "
                   "samples/s\n",
                   bl23_isa_name(k), bench->products_per_s[k], PHILOX_PRODUCTS, bench->threads,
                   bench->threads == 1 ? "" : "s", bound_of(bench, k));
    printf("\n");
}

/* One run of `samples` on a backend opened for it; its wall time. */
static enum bl23_status run(struct bl23_survey const *s, struct bl23_backend_options const *options,
                            uint64_t samples, struct bl23_results *results, double *wall_s,
                            struct bl23_error *error)
{
    struct bl23_backend_state *state;
    BL23_TRY(bl23_backend_cpu.open(s->model, &s->reduction, options, &state, error));
    bl23_results_clear(results);
    double const start = bl23_seconds();
    enum bl23_status const status = bl23_backend_cpu.run(state, 0, samples, results, error);
    *wall_s = bl23_seconds() - start;
    bl23_backend_cpu.close(state);
    return status == BL23_OK ? bl23_results_sort(results) : status;
}

static bool same_results(struct bl23_results const *a, struct bl23_results const *b)
{
    return memcmp(&a->tallies, &b->tallies, sizeof a->tallies) == 0 &&
           memcmp(a->knot, b->knot, a->n_knots * sizeof *a->knot) == 0 &&
           bl23_list_is_equal(&a->survivors, &b->survivors) && a->n_nearest == b->n_nearest &&
           memcmp(a->nearest, b->nearest, a->n_nearest * sizeof *a->nearest) == 0;
}

/* Refuse to time what is wrong. */
static enum bl23_status check(struct bl23_survey const *s, char const *name, unsigned threads,
                              enum bl23_isa isa, struct bl23_results *a, struct bl23_results *b,
                              struct bl23_error *error)
{
    struct bl23_backend_options const plain = {.threads = threads, .no_screen = 1};
    struct bl23_backend_options const fast = {.threads = threads};
    double wall_s;
    BL23_TRY(bl23_isa_choose("generic", error));
    BL23_TRY(run(s, &plain, CHECKED, a, &wall_s, error));
    BL23_TRY(bl23_isa_choose(bl23_isa_name(isa), error));
    BL23_TRY(run(s, &fast, CHECKED, b, &wall_s, error));
    if (same_results(a, b))
        return BL23_OK;
    return bl23_fail(
        error, BL23_ERROR_FAILED,
        "%s on %s: the fast path differs from the full evaluation, so nothing is timed", name,
        bl23_isa_name(isa));
}

static int ascending(void const *a, void const *b)
{
    double const x = *(double const *)a, y = *(double const *)b;
    return (x > y) - (x < y);
}

/* One row of the table. */
static json_t *row_json(struct bench const *bench, char const *name, enum bl23_isa isa,
                        double acceptance, double const rate[REPEATS])
{
    double const median = rate[REPEATS / 2], bound = bound_of(bench, isa);
    return json_pack(
        "{s:s, s:s, s:s, s:I, s:I, s:f, s:f, s:f, s:f, s:f, s:f, s:f, s:s, s:s, s:s, s:s}",
        "survey", name, "backend", "cpu", "isa", bl23_isa_name(isa), "threads",
        (json_int_t)bench->threads, "samples", (json_int_t)bench->samples, "samples_per_s", median,
        "samples_per_s_min", rate[0], "samples_per_s_max", rate[REPEATS - 1], "ns_per_sample",
        1e9 / median, "acceptance", acceptance, "bound_samples_per_s", bound, "fraction_of_bound",
        median / bound, "git_revision", BL23_GIT_REVISION, "compiler", BL23_COMPILER, "flags",
        BL23_FLAGS, "cpu", bench->cpu);
}

static enum bl23_status measure(struct bench *bench, struct bl23_survey const *s, char const *name,
                                enum bl23_isa isa, struct bl23_results *results,
                                struct bl23_error *error)
{
    struct bl23_backend_options const options = {.threads = bench->threads};
    double rate[REPEATS], wall_s;
    BL23_TRY(run(s, &options, bench->samples / 8 + 1, results, &wall_s, error));
    for (int k = 0; k < REPEATS; k++) {
        BL23_TRY(run(s, &options, bench->samples, results, &wall_s, error));
        rate[k] = (double)bench->samples / wall_s;
    }
    qsort(rate, REPEATS, sizeof rate[0], ascending);
    double const median = rate[REPEATS / 2];
    double const acceptance = (double)results->tallies.passed / (double)bench->samples;
    json_array_append_new(bench->rows, row_json(bench, name, isa, acceptance, rate));
    if (!bench->json)
        printf("%-20s cpu/%-8s %10.4g samples/s  (%.3g .. %.3g)  %7.3f ns/sample  %4.1f %% of the "
               "bound\n",
               name, bl23_isa_name(isa), median, rate[0], rate[REPEATS - 1], 1e9 / median,
               100.0 * median / bound_of(bench, isa));
    return BL23_OK;
}

/* A shipped survey, made ready. */
static enum bl23_status survey_of(char const *name, struct bl23_survey *s, struct bl23_error *error)
{
    struct bl23_config *config;
    char path[64];
    snprintf(path, sizeof path, "%c%s", BL23_SHIPPED_MARK, name);
    BL23_TRY(bl23_config_load(path, &config, error));
    return bl23_survey_prepare(config, s, error);
}

static enum bl23_status export_surveys(char const *folder, struct bl23_error *error)
{
    for (int k = 0; k < SURVEYS; k++)
        BL23_TRY(bl23_model_export_check(folder, surveys[k], error));
    for (int k = 0; k < SURVEYS; k++) {
        struct bl23_survey s;
        BL23_TRY(survey_of(surveys[k], &s, error));
        enum bl23_status const status = bl23_model_export(folder, surveys[k], &s, error);
        bl23_survey_free(&s);
        BL23_TRY(status);
    }
    return BL23_OK;
}

static enum bl23_status bench_survey(struct bench *bench, char const *name,
                                     struct bl23_error *error)
{
    struct bl23_survey s;
    struct bl23_results a, b;
    enum bl23_status status = BL23_OK;
    memset(&a, 0, sizeof a);
    memset(&b, 0, sizeof b);
    BL23_TRY(survey_of(name, &s, error));
    s.reduction.cutflow_every = 1024; /* the fast path, not the counting of every constraint */
    if (bl23_results_init(&a, s.model->n_knots, s.model->seed, &s.reduction) != BL23_OK ||
        bl23_results_init(&b, s.model->n_knots, s.model->seed, &s.reduction) != BL23_OK)
        status = bl23_fail(error, BL23_ERROR_MEMORY, "out of memory");
    for (enum bl23_isa isa = 0; status == BL23_OK && isa < BL23_ISAS; isa++) {
        if (bl23_isa_choose(bl23_isa_name(isa), NULL) != BL23_OK)
            continue;
        status = check(&s, name, bench->threads, isa, &a, &b, error);
        if (status == BL23_OK)
            status = measure(bench, &s, name, isa, &a, error);
    }
    bl23_results_free(&a);
    bl23_results_free(&b);
    bl23_survey_free(&s);
    return status;
}

/* Everything on every instruction set that is here. */
static enum bl23_status bench_all(struct bench *bench, struct bl23_error *error)
{
    enum bl23_status status = BL23_OK;
    bench->rows = json_array();
    bl23_system_processor_name(bench->cpu, sizeof bench->cpu);
    for (enum bl23_isa isa = 0; isa < BL23_ISAS; isa++)
        bench->products_per_s[isa] = measure_products(isa);
    if (!bench->json)
        print_head(bench);
    for (int k = 0; status == BL23_OK && k < SURVEYS; k++)
        status = bench_survey(bench, surveys[k], error);
    if (status == BL23_OK && bench->json)
        return bl23_json_print(json_pack("{s:s, s:s, s:s, s:s, s:s, s:I, s:o}", "version",
                                         BL23_VERSION, "git_revision", BL23_GIT_REVISION,
                                         "compiler", BL23_COMPILER, "flags", BL23_FLAGS, "cpu",
                                         bench->cpu, "threads", (json_int_t)bench->threads, "rows",
                                         bench->rows),
                               error);
    json_decref(bench->rows);
    return status;
}

static struct bench bench = {.samples = 1 << 25};
static char const *export_folder;

static enum bl23_status run_bench(struct bl23_error *error)
{
    if (bench.threads == 0)
        bench.threads = bl23_allotment().threads;
    return export_folder ? export_surveys(export_folder, error) : bench_all(&bench, error);
}

static struct bl23_option const options[] = {
    {.name = "samples",
     .value = "N",
     .help = "samples of one measurement (default 33554432)",
     .whole = &bench.samples,
     .largest = 0x1p40},
    BL23_OPTION_THREADS(&bench.threads),
    BL23_OPTION_JSON(&bench.json),
    BL23_OPTION_TEXT(
        "export", "DIR", &export_folder,
        "only write the models of the shipped surveys to this folder, for scripts/gpu_check.py; "
        "models already in the folder are replaced, other files are not"),
    {0}};

struct bl23_command const bl23_command_bench = {
    .name = "bench",
    .summary = "throughput of the shipped surveys on each instruction set of this processor",
    .description = "Measure the throughput of the shipped surveys on every instruction set of this "
                   "processor. The results are checked first: the fast path must agree bit for bit "
                   "with the full evaluation.\n\nThe bound is the throughput of one core (or of T "
                   "threads) that does nothing but the 32-bit multiplications that Philox4x32-10 "
                   "needs to make four random words.",
    .option = options,
    .run = run_bench};
