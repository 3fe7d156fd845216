/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* The check and benchmark of a GPU host, on surveys that `bl23 bench --export` has written.
 * scripts/gpu_check.py runs it, step by step.
 * It must not need more than kernels/. */
#include <getopt.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "bench/gpu_bench.h"
#include "bench/gpu_conform.h"

static char const usage[] =
    "usage: gpu_check info|check|bench|kernels|once|survivors [options]\n"
    "\n"
    "  info              the device, or why there is none\n"
    "  check             the CUDA backend against the CPU backend, bit for bit\n"
    "  bench             times of the CUDA backend\n"
    "  kernels           times of its kernels alone\n"
    "  once              one run of --timed samples, for a profiler that waits to be told when\n"
    "  survivors FILE    the CPU's survivors of fig3 as 64-bit numbers, for the peers\n"
    "\n"
    "  --models DIR      folder of models (default gpu_models)\n"
    "  --only SURVEY     this survey instead of the four shipped ones\n"
    "  --rows FILE       append the rows there, tab-separated\n"
    "  --seconds S       what has not begun by then is not run (default 480)\n"
    "  --samples N       of a case of the check, or of survivors (default 2^24)\n"
    "  --large N         of the large case of the check (default 1e9; 0: none)\n"
    "  --timed N         of a timed run (default: what fills its time)\n"
    "  --device D        which device (default 0)\n"
    "  --instructions X,A,B  of the screen for a sample: by x5, one amplitude, two\n";

enum { MISUSE = 2, SURVEYS = 4 };
static char const *const surveys[SURVEYS] = {"fig3", "open_question", "random_g", "today"};

static int misuse(char const *what)
{
    fprintf(stderr, "gpu_check: %s (gpu_check --help)\n", what);
    return MISUSE;
}

/* ---- options ---- */

struct options {
    struct gpu_check check;
    char const *only, *rows;
};

static int read_count(char const *text, uint64_t *n)
{
    char *end;
    double const value = strtod(text, &end);
    if (end == text || *end != '\0' || !(value >= 0.0) || value > 0x1p62)
        return 0;
    *n = (uint64_t)value;
    return 1;
}

static int read_instructions(char const *text, double value[3])
{
    return sscanf(text, "%lf,%lf,%lf", &value[0], &value[1], &value[2]) == 3;
}

/* One option; 0: its value makes no sense. */
static int take_option(int option, struct options *o)
{
    uint64_t n = 0;
    switch (option) {
    case 'm':
        o->check.models = optarg;
        return 1;
    case 'o':
        o->only = optarg;
        return 1;
    case 'r':
        o->rows = optarg;
        return 1;
    case 's':
        return read_count(optarg, &n) && (o->check.seconds = (double)n, 1);
    case 'n':
        return read_count(optarg, &o->check.samples) && o->check.samples > 0;
    case 'l':
        return read_count(optarg, &o->check.large);
    case 't':
        return read_count(optarg, &o->check.timed);
    case 'd':
        return read_count(optarg, &n) && (o->check.device = (unsigned)n, 1);
    case 'i':
        return read_instructions(optarg, o->check.instructions);
    default:
        return 0;
    }
}

static int read_options(int argc, char **argv, struct options *o)
{
    static struct option const known[] = {{"models", required_argument, 0, 'm'},
                                          {"only", required_argument, 0, 'o'},
                                          {"rows", required_argument, 0, 'r'},
                                          {"seconds", required_argument, 0, 's'},
                                          {"samples", required_argument, 0, 'n'},
                                          {"large", required_argument, 0, 'l'},
                                          {"timed", required_argument, 0, 't'},
                                          {"device", required_argument, 0, 'd'},
                                          {"help", no_argument, 0, 'h'},
                                          {"instructions", required_argument, 0, 'i'},
                                          {0, 0, 0, 0}};
    for (int option; (option = getopt_long(argc, argv, "", known, 0)) != -1;) {
        if (option == 'h') {
            fputs(usage, stdout);
            exit(0);
        }
        if (!take_option(option, o))
            return 0;
    }
    return 1;
}

/* ---- commands ---- */

static int info(struct gpu_check *check)
{
    char const *names;
    struct bl23_cuda_device d;
    char note[512];
    if (bl23_cuda_devices(&names) == 0) {
        fprintf(stderr, "gpu_check: no CUDA device: %s\n", names);
        return 1;
    }
    bl23_cuda_device_read(check->device, &d);
    snprintf(note, sizeof note,
             "%s; compute capability %d.%d, %d multiprocessors, %.0f MHz; driver for CUDA %d.%d, "
             "runtime %d.%d",
             names, d.capability_major, d.capability_minor, d.processors, 1e-3 * d.clock_khz,
             d.driver_version / 1000, d.driver_version % 1000 / 10, d.runtime_version / 1000,
             d.runtime_version % 1000 / 10);
    struct gpu_row const row = {
        .kind = "info", .survey = "", .what = "device", .result = "", .note = note};
    gpu_report(check, &row);
    return 0;
}

/* A command on the surveys; those that cannot be read count as failures. */
static int for_surveys(struct options *o,
                       void (*command)(struct gpu_check *, struct gpu_survey const *))
{
    for (int k = 0; k < SURVEYS; k++) {
        struct gpu_survey survey;
        struct bl23_error error = {BL23_OK, ""};
        if (o->only && strcmp(o->only, surveys[k]) != 0)
            continue;
        if (gpu_survey_read(o->check.models, surveys[k], &survey, &error) == BL23_OK) {
            command(&o->check, &survey);
            gpu_survey_free(&survey);
            continue;
        }
        struct gpu_row const row = {.kind = "check",
                                    .survey = surveys[k],
                                    .what = "reading the model",
                                    .result = "FAIL",
                                    .note = error.text};
        gpu_report(&o->check, &row);
        o->check.failures++;
    }
    return o->check.failures > 0;
}

/* All ranges of all surveys first, the large ones after them. */
static int conform(struct options *o)
{
    int const failed = for_surveys(o, gpu_conform);
    return o->check.large > 0 && !failed ? for_surveys(o, gpu_conform_large) : failed;
}

/* Survivors that the CPU finds among the first samples of fig3, in rising order. */
static int survivors(struct options *o, char const *path)
{
    struct gpu_survey survey;
    struct gpu_outcome outcome = {0};
    struct bl23_error error = {BL23_OK, ""};
    struct gpu_run const run = {
        .backend = &bl23_backend_cpu, .count = o->check.samples, .step = o->check.samples};
    enum bl23_status status = gpu_survey_read(o->check.models, surveys[0], &survey, &error);
    if (status == BL23_OK) {
        survey.reduction.max_survivors = o->check.samples;
        status = gpu_run(&survey, &run, &outcome, &error);
        gpu_survey_free(&survey);
    }
    FILE *const out = status == BL23_OK ? fopen(path, "wb") : NULL;
    int good = out != NULL;
    uint64_t const n = outcome.results.survivors.n;
    uint64_t *const index = good ? malloc((n + 1) * sizeof *index) : NULL;
    if (index)
        bl23_list_unpack(&outcome.results.survivors, index);
    good = index && fwrite(index, sizeof *index, n, out) == n;
    free(index);
    if (out && fclose(out) != 0)
        good = 0;
    bl23_results_free(&outcome.results);
    if (!good)
        fprintf(stderr, "gpu_check: %s: %s\n", path,
                status == BL23_OK ? "it cannot be written" : error.text);
    return !good;
}

/* The commands that go from survey to survey. */
static struct {
    char const *name;
    void (*of_survey)(struct gpu_check *, struct gpu_survey const *);
} const commands[] = {{"check", gpu_conform},
                      {"bench", gpu_bench},
                      {"kernels", gpu_bench_kernels},
                      {"once", gpu_bench_once}};

/* -1: there is none of this name. */
static int command_number(char const *name)
{
    for (size_t k = 0; k < sizeof commands / sizeof commands[0]; k++)
        if (strcmp(name, commands[k].name) == 0)
            return (int)k;
    return -1;
}

static int run_command(struct options *o, int argc, char **argv)
{
    char const *const command = argc > optind ? argv[optind] : "";
    int const wants_file = strcmp(command, "survivors") == 0;
    if (argc != optind + 1 + wants_file)
        return misuse("one command is wanted, and survivors wants a file");
    if (strcmp(command, "info") == 0)
        return info(&o->check);
    if (wants_file)
        return survivors(o, argv[optind + 1]);
    int const which = command_number(command);
    if (which < 0)
        return misuse("the commands are info, check, bench, kernels, once and survivors");
    char const *names;
    if (bl23_cuda_devices(&names) == 0) {
        fprintf(stderr, "gpu_check: no CUDA device: %s\n", names);
        return 1;
    }
    return which == 0 ? conform(o) : for_surveys(o, commands[which].of_survey);
}

static int is_shipped(char const *name)
{
    for (int k = 0; k < SURVEYS; k++)
        if (strcmp(name, surveys[k]) == 0)
            return 1;
    return 0;
}

int main(int argc, char **argv)
{
    struct options o = {.check = {.models = "gpu_models",
                                  .samples = 1 << 24,
                                  .large = 1000000000,
                                  .seconds = 480.0,
                                  .start = gpu_clock()}};
    if (!read_options(argc, argv, &o))
        return misuse("an option is not known, or its value makes no sense");
    if (o.only && !is_shipped(o.only))
        return misuse("--only wants fig3, open_question, random_g or today");
    if (o.rows && !(o.check.rows = fopen(o.rows, "a")))
        return misuse("the file of --rows cannot be written");
    int const code = run_command(&o, argc, argv);
    if (o.check.rows && fclose(o.check.rows) != 0)
        return 1;
    return code;
}
