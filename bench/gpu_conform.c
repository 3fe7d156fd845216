/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "bench/gpu_conform.h"

#include <stdbool.h>
#include <string.h>

enum { FIRSTS = 4, VARIANTS = 4, NOTE = 256, CPU_STEP = 1 << 24 };
static char const no_time[] = "not run: time";

/* ---- comparing ---- */

/* A part of the results: 64-bit words of both sides. */
struct part {
    char const *name;
    void const *found, *expected;
    size_t bytes;
};

/* Is the part the same? If not, the note says where it first differs. */
static bool part_is_same(struct part const *part, char note[NOTE])
{
    for (size_t k = 0; k < part->bytes / sizeof(uint64_t); k++) {
        uint64_t found, expected;
        memcpy(&found, (char const *)part->found + k * sizeof found, sizeof found);
        memcpy(&expected, (char const *)part->expected + k * sizeof expected, sizeof expected);
        if (found == expected)
            continue;
        snprintf(note, NOTE, "%s: 64-bit word %zu is %#llx, on the CPU %#llx", part->name, k,
                 (unsigned long long)found, (unsigned long long)expected);
        return false;
    }
    return true;
}

static bool results_are_same(struct bl23_results const *found, struct bl23_results const *expected,
                             char note[NOTE])
{
    if (found->survivors.n != expected->survivors.n || found->n_nearest != expected->n_nearest) {
        snprintf(note, NOTE, "%llu survivors and %llu nearest, on the CPU %llu and %llu",
                 (unsigned long long)found->survivors.n, (unsigned long long)found->n_nearest,
                 (unsigned long long)expected->survivors.n,
                 (unsigned long long)expected->n_nearest);
        return false;
    }
    struct part const parts[] = {
        {"tallies", &found->tallies, &expected->tallies, sizeof found->tallies},
        {"knots", found->knot, expected->knot, found->n_knots * sizeof *found->knot},
        {"2-D histograms", found->histogram_2d, expected->histogram_2d,
         bl23_results_cells(found) * sizeof *found->histogram_2d},
        {"nearest", found->nearest, expected->nearest, found->n_nearest * sizeof *found->nearest},
        {"profile", found->profile, expected->profile, found->n_profile * sizeof *found->profile}};
    bool same = true;
    for (size_t k = 0; same && k < sizeof parts / sizeof parts[0]; k++)
        same = part_is_same(&parts[k], note);
    if (same && !bl23_list_is_equal(&found->survivors, &expected->survivors)) {
        snprintf(note, NOTE, "the survivors are as many, but others than on the CPU");
        return false;
    }
    return same;
}

/* ---- cases ---- */

/* A difference, an error or a success, as a row. */
static void report(struct gpu_check *check, struct gpu_survey const *survey, char const *what,
                   uint64_t samples, char const *result, char const *note)
{
    struct gpu_row const row = {.kind = "check",
                                .survey = survey->name,
                                .what = what,
                                .result = result,
                                .samples = samples,
                                .note = note};
    check->failures += strcmp(result, "FAIL") == 0;
    gpu_report(check, &row);
}

/* The device on a range, against what the CPU found. */
static void compare(struct gpu_check *check, struct gpu_survey const *survey,
                    struct gpu_run const *run, struct bl23_results const *expected,
                    char const *what)
{
    char note[NOTE] = "";
    struct gpu_outcome outcome;
    struct bl23_error error = {BL23_OK, ""};
    bool const ran = gpu_run(survey, run, &outcome, &error) == BL23_OK;
    if (ran)
        snprintf(note, sizeof note, "%llu passed",
                 (unsigned long long)outcome.results.tallies.passed);
    bool const same = ran && results_are_same(&outcome.results, expected, note);
    report(check, survey, what, run->count, same ? "PASS" : "FAIL", ran ? note : error.text);
    bl23_results_free(&outcome.results);
}

/* One range: the CPU once, the device in every variant. */
static void check_range(struct gpu_check *check, struct gpu_survey const *survey, uint64_t first)
{
    static char const *const names[VARIANTS] = {
        "one call", "pieces, last first", "no screen, one call", "no screen, pieces, last first"};
    struct gpu_run const on_cpu = {
        .backend = &bl23_backend_cpu, .first = first, .count = check->samples, .step = CPU_STEP};
    struct gpu_outcome expected = {0};
    struct bl23_error error = {BL23_OK, ""};
    bool const ran =
        gpu_time_left(check) > 0.0 && gpu_run(survey, &on_cpu, &expected, &error) == BL23_OK;
    for (int v = 0; v < VARIANTS; v++) {
        char what[128];
        struct gpu_run const run = {.backend = &bl23_backend_cuda,
                                    .options = {.device = check->device, .no_screen = v / 2},
                                    .first = first,
                                    .count = check->samples,
                                    .step = v % 2 ? check->samples / 5 + 1 : check->samples,
                                    .backwards = v % 2};
        snprintf(what, sizeof what, "from %llu, %s", (unsigned long long)first, names[v]);
        if (ran && gpu_time_left(check) > 0.0)
            compare(check, survey, &run, &expected.results, what);
        else
            report(check, survey, what, check->samples, error.status ? "FAIL" : "not run",
                   error.status ? error.text : no_time);
    }
    bl23_results_free(&expected.results);
}

void gpu_conform(struct gpu_check *check, struct gpu_survey const *survey)
{
    uint64_t const n = check->samples;
    uint64_t const first[FIRSTS] = {0, UINT64_C(100) * BL23_TILE + 17,
                                    (UINT64_C(1) << 32) - n / 2 - 5, (UINT64_C(1) << 63) - n + 1};
    for (int k = 0; k < FIRSTS; k++)
        check_range(check, survey, first[k]);
}

void gpu_conform_large(struct gpu_check *check, struct gpu_survey const *survey)
{
    char const what[] = "from 0, the large range";
    struct gpu_outcome expected = {0};
    struct bl23_error error = {BL23_OK, ""};
    struct gpu_run const on_cpu = {.backend = &bl23_backend_cpu,
                                   .count = check->large,
                                   .step = CPU_STEP,
                                   .deadline = gpu_clock() + gpu_time_left(check)};
    struct gpu_run const on_gpu = {.backend = &bl23_backend_cuda,
                                   .options = {.device = check->device},
                                   .count = check->large,
                                   .step = check->large};
    if (check->large == 0)
        return;
    enum bl23_status const status = gpu_run(survey, &on_cpu, &expected, &error);
    if (status == BL23_OK && expected.in_time)
        compare(check, survey, &on_gpu, &expected.results, what);
    else
        report(check, survey, what, check->large, status == BL23_OK ? "not run" : "FAIL",
               status == BL23_OK ? no_time : error.text);
    bl23_results_free(&expected.results);
}
