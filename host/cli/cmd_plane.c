/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/cli/commands.h"
#include "host/cli/config_source.h"
#include "host/config/statement.h"
#include "host/config/survey_warnings.h"
#include "host/io/file_io.h"
#include "host/io/json_values.h"
#include "host/io/output_check.h"
#include "host/paper/plane_file.h"
#include "kernels/sample/error.h"
#include "kernels/sample/plain_text.h"

enum { OVERLAY_BYTES_MAX = 16 << 20, COLUMNS = 3, STRETCHES_SHOWN = 6 };

/* What the options say. */
static struct options {
    int scenario; /* 1 or 2 */
    struct bl23_constraints overlays;
    char const *config_path, *output, *csv;
    bool force, json;
} given = {.scenario = 2};

/* NAME=FILE as an upper limit on g. */
static enum bl23_status read_overlay(struct bl23_option const *row, char const *text,
                                     struct bl23_error *error)
{
    struct bl23_constraints *const overlays = row->target;
    char const *const equals = strchr(text, '=');
    size_t const length = equals ? (size_t)(equals - text) : 0;
    if (!bl23_is_name(text, length) || overlays->size == BL23_CONSTRAINTS_MAX)
        return bl23_fail(
            error, BL23_ERROR_USAGE,
            "--overlay must be NAME=FILE.csv, at most %d times, with a NAME of " BL23_NAME_ALLOWED
            " (got '%.80s')",
            BL23_CONSTRAINTS_MAX, text);
    char *csv;
    size_t size;
    BL23_TRY(bl23_file_read(equals + 1, OVERLAY_BYTES_MAX, &csv, &size, error));
    struct bl23_constraint *const c = &overlays->item[overlays->size];
    *c = (struct bl23_constraint){.observable = BL23_OBSERVABLE_G_BL, .kind = BL23_CURVE};
    memcpy(c->name, text, length);
    snprintf(c->curve_name, sizeof c->curve_name, "%.63s", equals + 1);
    snprintf(c->note, sizeof c->note, "%s", "drawn on request (--overlay)");
    enum bl23_status const status = bl23_curve_parse(equals + 1, csv, size, &c->curve, error);
    free(csv);
    if (status != BL23_OK)
        return status;
    bl23_curve_file_warn(c, "warning: ", stderr);
    overlays->size++;
    return BL23_OK;
}

/* A file that is to be made must be free, or with --force no input of this run: they are read. */
static enum bl23_status check_output(char const *path, struct bl23_error *error)
{
    if (!path)
        return BL23_OK;
    if (!given.force)
        return bl23_path_check_free(path, error);
    BL23_TRY(bl23_path_check_writable(path, error));
    return bl23_output_try(path, error);
}

/* Mass k in rising order [GeV], and the g that all constraints leave there. */
static double mass_at(struct bl23_plane const *p, size_t k)
{
    return p->model->knot[p->by_mass[k]].mass_gev;
}

static struct bl23_interval allowed_at(struct bl23_plane const *p, size_t k)
{
    return bl23_plane_allowed(p, p->config->sigma - 1, p->by_mass[k]);
}

/* The masses of the summary: 10 MeV and the two of Table I, or the ends and the middle, and no
 * more than there are. Returns their number. */
static int choose_knots(struct bl23_plane const *p, size_t knot[COLUMNS])
{
    static double const wanted[COLUMNS] = {0.010, 0.128, 0.140};
    size_t const n = p->model->n_knots;
    double const low = mass_at(p, 0), high = mass_at(p, n - 1);
    bool const inside = low <= wanted[0] && high >= wanted[COLUMNS - 1];
    double const ends[COLUMNS] = {low, sqrt(low * high), high};
    int count = 0;
    for (int c = 0; c < COLUMNS; c++) {
        double const at = inside ? wanted[c] : ends[c];
        size_t best = p->by_mass[0];
        for (size_t k = 0; k < n; k++)
            if (fabs(mass_at(p, k) - at) < fabs(p->model->knot[best].mass_gev - at))
                best = p->by_mass[k];
        if (count == 0 || knot[count - 1] != best)
            knot[count++] = best;
    }
    return count;
}

static void print_cell(struct bl23_interval g)
{
    char text[48];
    if (g.lo > g.hi || isinf(g.lo))
        snprintf(text, sizeof text, "none");
    else if (g.lo > 0.0)
        snprintf(text, sizeof text, "%.3e .. %.3e", g.lo, g.hi);
    else if (isinf(g.hi))
        snprintf(text, sizeof text, "no limit");
    else
        snprintf(text, sizeof text, "< %.3e", g.hi);
    printf("  %-22s", text);
}

static void print_regions(struct bl23_plane const *p)
{
    struct bl23_constraints const *const list = &p->config->constraints;
    int const level = p->config->sigma - 1;
    size_t knot[COLUMNS];
    int const columns = choose_knots(p, knot);
    printf("g_B-L allowed at %d sigma", p->config->sigma);
    for (int c = 0; c < columns; c++) {
        char mass[32];
        snprintf(mass, sizeof mass, "%.4g MeV", 1e3 * p->model->knot[knot[c]].mass_gev);
        printf("  %-22s", mass);
    }
    printf("\n");
    for (size_t i = 0; i < list->size; i++) {
        printf("  %-22s", list->item[i].name);
        for (int c = 0; c < columns; c++)
            print_cell(bl23_plane_limit(p, level, i, knot[c]));
        printf("\n");
    }
    printf("  %-22s", "all of them");
    for (int c = 0; c < columns; c++)
        print_cell(bl23_plane_allowed(p, level, knot[c]));
    printf("\n  overlays, drawn but not applied:\n");
    for (size_t i = 0; i < p->overlays.size; i++) {
        printf("  %-22s", p->overlays.item[i].name);
        for (int c = 0; c < columns; c++)
            print_cell(bl23_plane_overlay(p, level, i, knot[c]));
        printf("\n");
    }
}

static bool is_some(struct bl23_interval g)
{
    return g.lo <= g.hi && !isinf(g.lo);
}

/* The mass at which least is missing. */
static void print_nearest(struct bl23_plane const *p)
{
    size_t best = 0;
    double least = (double)INFINITY;
    for (size_t k = 0; k < p->model->n_knots; k++) {
        struct bl23_interval const g = allowed_at(p, k);
        if (g.lo / g.hi < least) {
            least = g.lo / g.hi;
            best = k;
        }
    }
    struct bl23_interval const g = allowed_at(p, best);
    printf("\nNo g_B-L meets all constraints at %d sigma at any mass.\n", p->config->sigma);
    if (!isinf(least))
        printf("Nearest: %.4g MeV, where the constraints require g >= %.4g and g <= %.4g (tension "
               "%.4g)\n",
               1e3 * mass_at(p, best), g.lo, g.hi, least);
}

/* The stretches of neighbouring masses that leave some g, and the g that one or the other of their
 * masses leaves. */
static void print_allowed(struct bl23_plane const *p)
{
    size_t const n = p->model->n_knots;
    size_t stretches = 0, masses = 0;
    for (size_t k = 0; k < n; k++)
        masses += is_some(allowed_at(p, k));
    if (masses == 0) {
        print_nearest(p);
        return;
    }
    printf("\nSome g_B-L meets all constraints at %d sigma at %zu of %zu masses:\n",
           p->config->sigma, masses, n);
    for (size_t k = 0; k < n; k++) {
        struct bl23_interval g = allowed_at(p, k), hull = g;
        size_t const first = k;
        if (!is_some(g))
            continue;
        for (; k + 1 < n && is_some(g = allowed_at(p, k + 1)); k++) {
            hull.lo = fmin(hull.lo, g.lo);
            hull.hi = fmax(hull.hi, g.hi);
        }
        if (++stretches > STRETCHES_SHOWN)
            continue;
        printf("  %.4g", 1e3 * mass_at(p, first));
        if (k > first)
            printf(" to %.4g", 1e3 * mass_at(p, k));
        printf(" MeV: g between %.4g and %.4g%s\n", hull.lo, hull.hi,
               k > first ? " over these masses" : "");
    }
    if (stretches > STRETCHES_SHOWN)
        printf("  and %zu more ranges of mass\n", stretches - STRETCHES_SHOWN);
}

static void print_summary(struct bl23_plane const *p)
{
    struct bl23_config const *const c = p->config;
    size_t const n = p->model->n_knots;
    printf("(B-L)_23 plane, scenario %s, ",
           p->scenario == BL23_SCENARIO_I ? "I (g_R dropped)" : "II");
    if (n == 1)
        printf("m_Z' = %.4g GeV", mass_at(p, 0));
    else
        printf("%zu masses from %.4g to %.4g GeV", n, mass_at(p, 0), mass_at(p, n - 1));
    char inputs[BL23_INPUTS_TEXT_SIZE];
    bl23_inputs_describe(&c->inputs, inputs);
    printf(", inputs %s, form factors %s\n", inputs,
           bl23_form_factors_name(c->inputs.form_factors));
    if (p->scenario == BL23_SCENARIO_II) {
        printf("(W_u)_1i:");
        for (int i = 0; i < 3; i++)
            printf("  %.6f at %+.6f pi", p->model->w.abs[i], p->model->w.phase[i] / bl23_dd_pi.hi);
        printf("\n");
    }
    printf("\n");
    print_regions(p);
    print_allowed(p);
}

/* A file that cannot be written costs neither the other one nor what is printed. The first failure
 * is returned, and error keeps its sentence. */
static enum bl23_status write_and_show(struct bl23_plane const *plane, struct bl23_error *error)
{
    char const *const h5 = given.output, *const csv = given.csv;
    enum bl23_status written = BL23_OK, shown = BL23_OK;
    if (h5)
        written = bl23_plane_write_h5(plane, h5, error);
    if (csv) {
        enum bl23_status const status = bl23_plane_write_csv(plane, csv, error);
        written = written == BL23_OK ? status : written;
    }
    if (given.json)
        shown = bl23_json_print(bl23_plane_json(plane), error);
    else
        print_summary(plane);
    if ((h5 || csv) && !given.json && written == BL23_OK)
        printf("\nWritten: %s%s%s\n", h5 ? BL23_SHOWN(h5) : "", h5 && csv ? ", " : "",
               csv ? BL23_SHOWN(csv) : "");
    return written == BL23_OK ? shown : written;
}

static enum bl23_status make_plane(struct bl23_config const *config, struct bl23_error *error)
{
    struct bl23_plane plane;
    enum bl23_scenario const scenario = given.scenario == 1 ? BL23_SCENARIO_I : BL23_SCENARIO_II;
    BL23_TRY(check_output(given.output, error));
    BL23_TRY(check_output(given.csv, error));
    BL23_TRY(bl23_plane_build(config, scenario, &given.overlays, &plane, error));
    enum bl23_status const status = write_and_show(&plane, error);
    bl23_plane_free(&plane);
    return status;
}

static enum bl23_status run(struct bl23_error *error)
{
    struct bl23_config *config = NULL;
    enum bl23_status status;
    if (given.output && given.csv && strcmp(given.output, given.csv) == 0)
        status = bl23_fail(error, BL23_ERROR_USAGE,
                           "-o and --csv must name two different files (got '%s' for both)",
                           given.output);
    else
        status = bl23_config_source_read(given.config_path, NULL, false, &config, error);
    if (status == BL23_OK) {
        bl23_statement_note_cuts(config);
        bl23_statement_note_inputs(config);
        status = make_plane(config, error);
    }
    bl23_config_free(config);
    bl23_constraints_free(&given.overlays);
    return status;
}

static struct bl23_option const options[] = {
    {.name = "scenario",
     .value = "N",
     .words = "1 2",
     .help =
         "1: without right-handed couplings, for any w; 2 (default): with the fixed w of CONFIG",
     .word = &given.scenario},
    BL23_OPTION_OUTPUT("FILE.h5", &given.output, NULL,
                       "write everything to a new HDF5 file (for scripts/plot_plane.py)"),
    BL23_OPTION_TEXT("csv", "FILE.csv", &given.csv,
                     "write the same as a CSV table with one row per mass"),
    {.name = "overlay",
     .value = "NAME=FILE",
     .help =
         "a curve in g (CSV with m_gev,upper) that is drawn but never used as a cut; may be "
         "repeated. The curves of NA64mu, of Borexino and of KOTO's earlier limit are always drawn",
     .read = read_overlay,
     .target = &given.overlays,
     .repeats = true},
    BL23_OPTION_FORCE(&given.force, "overwrite output files that exist"),
    BL23_OPTION_JSON(&given.json),
    {0}};

struct bl23_command const bl23_command_plane = {
    .name = "plane",
    .summary = "regions of the (m_Z', g) plane that each constraint allows",
    .description =
        "Show the regions of the (m_Z', g_B-L) plane. For each mass of CONFIG the command "
        "computes, in closed form, the range of g that each constraint allows, the range that all "
        "of them allow, and contours of c tau. It uses the fixed w of CONFIG (scenario II of the "
        "paper) or drops the right-handed couplings (scenario I). @benchmark "
        "gives the paper's Fig. 2 with --scenario 1 and Fig. 4 with --scenario 2.",
    .operand = {.name = "CONFIG", .help = BL23_HELP_CONFIG, .one = &given.config_path},
    .option = options,
    .run = run};
