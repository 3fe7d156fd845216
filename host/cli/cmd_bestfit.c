/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include <stdlib.h>
#include <string.h>

#include "host/cli/bestfit_draws.h"
#include "host/cli/commands.h"
#include "host/cli/config_source.h"
#include "host/cli/point_report.h"
#include "host/config/statement.h"
#include "host/io/file_io.h"
#include "host/io/item_loop.h"
#include "host/io/json_values.h"
#include "host/output/survey_read.h"
#include "kernels/sample/error.h"
#include "kernels/sample/plain_text.h"
#include "kernels/sample/row.h"
#include "tables/bestfit/chi2_bound.h"
#include "tables/bound/bound_search.h"
#include "tables/limits/likelihood.h"

enum { STARTS = 128, STARTS_MAX = 100000, DRAWS_OF_A_START = 64 };

/* What the options say. */
static struct options {
    char const *config_path;
    struct bl23_input_options inputs;
    uint64_t starts;
    bool json;
} given = {.starts = STARTS};

/* What is found at a mass. */
struct fit {
    enum bl23_status status;
    struct bl23_best_row best;
    double proven, at_zero; /* chi^2 of no row is below; chi^2 without a Z', g = 0 */
    size_t agree;
    size_t terms; /* constraints that chi^2 is made of */
    bool has_centre;
};

struct run {
    struct bl23_statement of;
    struct bl23_chi2 *chi2; /* [n_masses] */
    struct fit *fit;        /* [n_masses] */
    double (*band)[3];      /* of chi^2 over draws of the inputs, [n_masses]; NULL: none varies */
    double *given;          /* rows to begin with, [n_given][6] */
    size_t *given_knot, n_given;
};

static struct bl23_fit_problem problem_of(struct run const *run, size_t k)
{
    return (struct bl23_fit_problem){run->of.model, &run->of.model->knot[k], &run->chi2[k]};
}

/* Of w and, unless it is fixed, of g. */
static size_t parameters(struct run const *run)
{
    return run->of.model->g_mode == BL23_G_FIXED ? 4 : 5;
}

static double p_value(struct run const *run, struct fit const *fit)
{
    return fit->terms > parameters(run)
               ? bl23_chi2_p_value(fit->best.chi2, fit->terms - parameters(run))
               : (double)NAN;
}

/* ---- finding ---- */

static void take_row(struct bl23_model const *model, uint64_t index, double w[6], size_t *knot)
{
    struct bl23_sample const sample = bl23_sample_of(model, index);
    struct bl23_row const row = bl23_draw_row(model, index, sample.block[0], sample.block[1].x[0]);
    for (size_t i = 0; i < 3; i++) {
        w[2 * i] = row.abs[i] * cos(row.phase[i]);
        w[2 * i + 1] = row.abs[i] * sin(row.phase[i]);
    }
    *knot = sample.knot;
}

/* The nearest samples of a survey, as rows to begin with. */
static enum bl23_status take_nearest(struct run *run, char const *path, struct bl23_error *error)
{
    struct bl23_survey_reader reader;
    uint64_t *index = NULL;
    BL23_TRY(bl23_survey_open(path, &reader, error));
    size_t const n = (size_t)reader.head.nearest;
    enum bl23_status status = bl23_survey_indices(&reader, "/nearest/index", n, &index, error);
    run->given = calloc(6 * n + 1, sizeof *run->given);
    run->given_knot = calloc(n + 1, sizeof *run->given_knot);
    bool const room = run->given && run->given_knot;
    if (!room)
        status = bl23_fail(error, BL23_ERROR_MEMORY, "out of memory for %zu rows", n);
    run->n_given = room && status == BL23_OK ? n : 0;
    for (size_t k = 0; room && k < run->n_given; k++)
        take_row(reader.model, index[k], run->given + 6 * k, &run->given_knot[k]);
    free(index);
    bl23_survey_close(&reader);
    return status;
}

/* Does the constraint add anything to chi^2 at the mass, for any row? A limit on a decay that is
 * closed there does not. */
static bool is_term(struct run const *run, size_t constraint, size_t k)
{
    struct bl23_config const *const c = run->of.config;
    struct bl23_likelihood_values const l =
        bl23_likelihood_at(&c->constraints, constraint, &c->inputs, c->mass_gev[k]);
    int const observable = c->constraints.item[constraint].observable;
    return l.kind != BL23_LIKELIHOOD_NONE &&
           (l.central != 0.0 || bl23_knot_factor(&run->of.model->knot[k], observable) != 0.0);
}

static size_t count_terms(struct run const *run, size_t k)
{
    struct bl23_config const *const c = run->of.config;
    size_t terms = 0;
    for (size_t i = 0; i < c->constraints.size; i++)
        if (is_term(run, i, k))
            terms++;
    return terms;
}

static enum bl23_status fit_knot(struct run const *run, size_t k, struct fit *fit)
{
    struct bl23_fit_problem const problem = problem_of(run, k);
    struct bl23_fit_effort const effort = {DRAWS_OF_A_START * given.starts, given.starts};
    double const none[BL23_QUANTITIES] = {0.0};
    fit->has_centre = bl23_fit_has_centre(&problem);
    fit->at_zero = bl23_chi2_at(run->of.model, &run->chi2[k], none, 0.0);
    BL23_TRY(bl23_fit_search(&problem, effort, &fit->best, &fit->agree));
    double const searched = fit->best.chi2;
    for (size_t n = 0; n < run->n_given; n++) {
        if (run->given_knot[n] != k)
            continue;
        struct bl23_best_row row = bl23_fit_row(&problem, run->given + 6 * n);
        BL23_TRY(bl23_fit_improve(&problem, &row));
        if (row.chi2 < fit->best.chi2)
            fit->best = row;
    }
    BL23_TRY(bl23_chi2_bound(&problem, run->of.tables, &fit->best, &fit->proven));
    if (fit->best.chi2 < searched * (1.0 - BL23_FIT_SAME_CHI2)) /* found from elsewhere */
        fit->agree = 0;
    return BL23_OK;
}

static enum bl23_status work(void *context, unsigned worker, uint64_t k, uint64_t count)
{
    struct run const *const run = context;
    (void)worker;
    (void)count; /* 1 */
    run->fit[k].status = fit_knot(run, k, &run->fit[k]);
    return BL23_OK;
}

static enum bl23_status fit_all(struct run *run, struct bl23_error *error)
{
    struct bl23_config const *const c = run->of.config;
    run->fit = calloc(c->n_masses, sizeof *run->fit);
    run->chi2 = calloc(c->n_masses, sizeof *run->chi2);
    if (!run->fit || !run->chi2)
        return bl23_fail(error, BL23_ERROR_MEMORY, "out of memory for %zu masses", c->n_masses);
    size_t terms = 0;
    for (size_t k = 0; k < c->n_masses; k++) {
        bl23_chi2_build(&c->constraints, &c->inputs, run->of.model, c->mass_gev[k],
                        &run->of.model->knot[k], &run->chi2[k]);
        run->fit[k].terms = count_terms(run, k);
        terms += run->fit[k].terms;
    }
    if (terms == 0)
        return bl23_fail(error, BL23_ERROR_CONFIG,
                         "%s: no constraint has a likelihood at any mass, so that there is nothing "
                         "to fit ('bl23 check' shows the likelihoods)",
                         c->path);
    bl23_for_items("masses", c->n_masses, work, run);
    for (size_t k = 0; k < c->n_masses; k++) {
        struct fit const *const fit = &run->fit[k];
        if (fit->status != BL23_OK)
            return bl23_fail(error, fit->status, "%.9g GeV: out of memory for the fit",
                             run->of.model->knot[k].mass_gev);
        if (!bl23_bound_in_order(fit->proven, fit->best.chi2, fit->best.chi2))
            return bl23_fail(error, BL23_ERROR_FAILED,
                             "%.9g GeV: the proven limit of chi^2 for every W_u is %.9g, but a row "
                             "has %.9g; either the proof or the row is wrong",
                             run->of.model->knot[k].mass_gev, fit->proven, fit->best.chi2);
    }
    return BL23_OK;
}

static enum bl23_status fit_draws(struct run *run, struct bl23_error *error)
{
    struct bl23_config const *const c = run->of.config;
    if (c->n_draws == 0)
        return BL23_OK;
    struct bl23_best_row *const best = calloc(c->n_masses, sizeof *best);
    run->band = calloc(c->n_masses, sizeof *run->band);
    enum bl23_status status = BL23_ERROR_MEMORY;
    for (size_t k = 0; best && k < c->n_masses; k++)
        best[k] = run->fit[k].best;
    if (best && run->band)
        status = bl23_bestfit_of_draws(c, best, run->band, error);
    else
        bl23_fail(error, status, "out of memory for %zu masses", c->n_masses);
    free(best);
    return status;
}

/* ---- showing ---- */

/* The best mass. */
static size_t best_of(struct run const *run)
{
    size_t best = 0;
    for (size_t k = 1; k < run->of.config->n_masses; k++)
        if (run->fit[k].best.chi2 < run->fit[best].best.chi2)
            best = k;
    return best;
}

static enum bl23_status judge(struct run const *run, size_t k, struct bl23_point *point,
                              struct bl23_error *error)
{
    *point = (struct bl23_point){
        .config = run->of.config, .model = run->of.model, .knot = k, .g = run->fit[k].best.g};
    bl23_row_of_complex(run->fit[k].best.w, &point->row);
    return bl23_point_judge(point, error);
}

static enum bl23_status mass_json(struct run const *run, size_t k, json_t *list,
                                  struct bl23_error *error)
{
    struct fit const *const fit = &run->fit[k];
    double const *const w = fit->best.w;
    struct bl23_point point;
    json_t *shown = json_null();
    if (fit->best.g > 0.0) {
        BL23_TRY(judge(run, k, &point, error));
        shown = bl23_point_json(&point);
    }
    json_t *const object = json_pack(
        "{s:f, s:f, s:f, s:f, s:f, s:[[ff][ff][ff]], s:I, s:I, s:o, s:I, s:I, s:o}", "mass_gev",
        run->of.model->knot[k].mass_gev, "chi2", fit->best.chi2, "chi2_proven", fit->proven,
        "chi2_no_zprime", fit->at_zero, "chi2_g", fit->best.g, "w", w[0], w[1], w[2], w[3], w[4],
        w[5], "terms", (json_int_t)fit->terms, "parameters", (json_int_t)parameters(run), "p_value",
        bl23_json_number(p_value(run, fit)), "starts", (json_int_t)given.starts,
        "starts_that_agree", (json_int_t)fit->agree, "point", shown);
    if (run->band)
        json_object_set_new(
            object, "chi2_16_50_84",
            json_pack("[f, f, f]", run->band[k][0], run->band[k][1], run->band[k][2]));
    json_array_append_new(list, object);
    return BL23_OK;
}

static enum bl23_status show_json(struct run const *run, struct bl23_error *error)
{
    json_t *const list = json_array();
    for (size_t n = 0; n < run->of.config->n_masses; n++)
        BL23_TRY(mass_json(run, run->of.order[n], list, error));
    return bl23_json_print(json_pack("{s:f, s:o}", "best_mass_gev",
                                     run->of.model->knot[best_of(run)].mass_gev, "masses", list),
                           error);
}

static void print_masses(struct run const *run)
{
    printf("\n  mass [GeV]      chi^2   proven above   without Z'   g_B-L       |W_u|_11, _12, _13"
           "         agree\n");
    for (size_t n = 0; n < run->of.config->n_masses; n++) {
        size_t const k = run->of.order[n];
        struct fit const *const fit = &run->fit[k];
        double const *const w = fit->best.w;
        printf("  %-11.6g %10.5g %14.5g %12.5g   %.4e  %.6f %.6f %.6f  %zu of %llu\n",
               run->of.model->knot[k].mass_gev, fit->best.chi2, fit->proven, fit->at_zero,
               fit->best.g, hypot(w[0], w[1]), hypot(w[2], w[3]), hypot(w[4], w[5]), fit->agree,
               (unsigned long long)given.starts);
    }
}

static void print_quality(struct run const *run, size_t k)
{
    struct fit const *const fit = &run->fit[k];
    struct bl23_config const *const c = run->of.config;
    printf("%zu %s at this mass; %zu parameters are fitted\n", fit->terms,
           fit->terms == 1 ? "constraint counts" : "constraints count", parameters(run));
    for (size_t i = 0; i < c->constraints.size; i++)
        if (c->constraints.item[i].likelihood == BL23_LIKELIHOOD_NONE)
            printf("%s has no likelihood, so the fit does not know it\n",
                   c->constraints.item[i].name);
    if (!isnan(p_value(run, fit)))
        printf("p = %.3g for %zu degrees of freedom, if every limit counts as a measurement of 0\n",
               p_value(run, fit), fit->terms - parameters(run));
    printf("Without a Z' chi^2 is %.5g\n", fit->at_zero);
}

/* Not where inputs are given beside CONFIG, which the other command does not take. */
static void print_command(struct bl23_best_row const *best, double mass_gev)
{
    double const *const w = best->w;
    printf("\nThe same point: bl23 point --config %s --mass %.17g --g %.17g --w "
           "%.17g%+.17gj,%.17g%+.17gj,%.17g%+.17gj\n",
           BL23_SHOWN(given.config_path), mass_gev, best->g, w[0], w[1], w[2], w[3], w[4], w[5]);
}

static enum bl23_status show(struct run const *run, struct bl23_error *error)
{
    size_t const best = best_of(run);
    struct fit const *const fit = &run->fit[best];
    struct bl23_point point;
    bl23_statement_print(&run->of, "best fit", "g_B-L", stdout);
    printf("\nLeast chi^2 %.5g at %.9g GeV; no W_u has less than %.5g there: proven\n",
           fit->best.chi2, run->of.model->knot[best].mass_gev, fit->proven);
    print_quality(run, best);
    if (run->band)
        printf(
            "Over %llu draws of %zu inputs: 68 %% of the least chi^2 within %.5g .. %.5g, median "
            "%.5g\n",
            (unsigned long long)run->of.config->n_draws, run->of.config->vary.n, run->band[best][0],
            run->band[best][2], run->band[best][1]);
    if (run->of.config->n_masses > 1)
        print_masses(run);
    if (!fit->has_centre)
        printf("\nNo Z' brings a measurement nearer there, so that chi^2 is least at the least g, "
               "for every W_u\n");
    if (fit->best.g == 0.0)
        return BL23_OK;
    BL23_TRY(judge(run, best, &point, error));
    printf("\n");
    bl23_point_print(&point, stdout);
    if (!given.inputs.preset && given.inputs.overrides == 0)
        print_command(&fit->best, run->of.model->knot[best].mass_gev);
    return BL23_OK;
}

static enum bl23_status read_config(struct bl23_config **config, struct bl23_error *error)
{
    BL23_TRY(bl23_config_source_read(given.config_path, NULL, false, config, error));
    (*config)->all_columns = true;
    return bl23_input_options_apply(&given.inputs, &(*config)->inputs, error);
}

static enum bl23_status run_bestfit(struct bl23_error *error)
{
    struct run run = {0};
    struct bl23_config *config = NULL;
    enum bl23_status status = read_config(&config, error);
    if (status == BL23_OK)
        status = bl23_statement_open(config, "a fit is over all rows", &run.of, error);
    else
        bl23_config_free(config);
    if (status == BL23_OK && bl23_file_is_hdf5(given.config_path))
        status = take_nearest(&run, given.config_path, error);
    if (status == BL23_OK)
        status = fit_all(&run, error);
    if (status == BL23_OK)
        status = fit_draws(&run, error);
    if (status == BL23_OK)
        status = given.json ? show_json(&run, error) : show(&run, error);
    free(run.chi2);
    free(run.fit);
    free(run.band);
    free(run.given);
    free(run.given_knot);
    bl23_statement_close(&run.of);
    return status;
}

static struct bl23_option const options[] = {
    {.name = "starts",
     .value = "N",
     .help = "go down from N rows at each mass: half of them the best of 64 N drawn ones (default "
             "128)",
     .whole = &given.starts,
     .largest = STARTS_MAX},
    BL23_OPTIONS_INPUTS(&given.inputs, "preset of CONFIG"),
    BL23_OPTION_JSON(&given.json),
    {0}};

struct bl23_command const bl23_command_bestfit = {
    .name = "bestfit",
    .summary = "the row and the coupling of the least chi^2, with a proven lower bound",
    .description =
        "Find the row (W_u)_1i and the coupling g_B-L of the least chi^2 at each mass of a "
        "survey's configuration. Where CONFIG is an output, the search also begins at its nearest "
        "samples. What is found is a local minimum; next to it stands the number that chi^2 of no "
        "row and no g is below, which is proven. docs/fit.md says what a chi^2 is here.",
    .operand = {.name = "CONFIG", .help = BL23_HELP_CONFIG, .one = &given.config_path},
    .option = options,
    .run = run_bestfit};
