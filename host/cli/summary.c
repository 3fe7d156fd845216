/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "host/cli/summary.h"

#include <stdlib.h>
#include <string.h>

#include "host/config/limited_masses.h"
#include "host/config/mass_order.h"
#include "host/config/survey_warnings.h"
#include "host/cover/cover_report.h"
#include "host/io/file_io.h"
#include "host/io/json_values.h"
#include "host/output/columns_file.h"
#include "host/output/outcome_read.h"
#include "host/run/run_names.h"
#include "host/survey/acceptance.h"
#include "host/survey/draw_band.h"
#include "kernels/sample/chi2.h"
#include "kernels/sample/plain_text.h"
#include "kernels/sample/record.h"

/* Sums over the mass knots of what the cut-flow counted. */
struct cutflow {
    uint64_t drawn, passed[BL23_CONSTRAINTS_MAX], alone[BL23_CONSTRAINTS_MAX];
};

static struct cutflow cutflow_of(struct bl23_results const *r, size_t constraints)
{
    struct cutflow f = {0};
    for (uint64_t k = 0; k < r->n_knots; k++) {
        f.drawn += r->knot[k].cutflow_drawn;
        for (size_t c = 0; c < constraints; c++) {
            f.passed[c] += r->knot[k].passed_sequentially[c];
            f.alone[c] += r->knot[k].passed_alone[c];
        }
    }
    return f;
}

/* Samples of the survey that were drawn, in percent; not 100 before it is finished. */
static double share_in_percent(struct bl23_survey const *s, struct bl23_tallies const *t)
{
    return fmin(100.0 * (double)t->drawn / (double)s->config->samples, 99.9);
}

/* Is there also a number of survivors at 1 sigma? Cuts have levels, chi^2 has none. */
static bool has_levels(struct bl23_survey const *s)
{
    return s->config->sigma == 2 && !bl23_chi2_decides(s->model);
}

/* The 68 % interval of the acceptance. With common_w the draws of the inputs have the same rows,
 * which count once. */
static void find_interval(struct bl23_survey const *s, struct bl23_tallies const *t, double *low,
                          double *high)
{
    uint64_t const draws = s->config->common_w ? s->config->n_draws : 1;
    bl23_acceptance_interval(t->passed / draws, (t->drawn - 1) / draws + 1, BL23_OUTSIDE_68, low,
                             high);
}

static void print_draws(struct bl23_survey const *s, struct bl23_results const *r, FILE *out)
{
    struct bl23_draw_band band;
    if (bl23_draw_band_find(s->model, r, &band, NULL) != BL23_OK)
        return;
    double const *const q = band.quantile;
    fprintf(out,
            "inputs      %zu of them vary: acceptance %.6g at their central values; over %llu ",
            s->config->vary.n, band.central, (unsigned long long)band.draws);
    if (band.draws < s->config->n_draws)
        fprintf(out, "of %llu ", (unsigned long long)s->config->n_draws);
    fprintf(out, "draws\n            mean %.6g, median %.6g, 68 %% within %.6g .. %.6g\n",
            band.mean, q[1], q[0], q[2]);
}

static void print_header(struct bl23_survey const *s, struct bl23_survey_outcome const *o,
                         FILE *out)
{
    struct bl23_tallies const *const t = &o->results.tallies;
    struct bl23_model const *const m = s->model;
    double low, high;
    find_interval(s, t, &low, &high);
    fprintf(out, "(B-L)_23 survey: ");
    uint64_t const masses = bl23_model_masses(m);
    if (masses == 1)
        fprintf(out, "m_Z' = %.6g GeV", m->knot[0].mass_gev);
    else {
        double least = m->knot[0].mass_gev, most = least;
        for (uint64_t k = 0; k < masses; k++) { /* a list may have any order */
            least = fmin(least, m->knot[k].mass_gev);
            most = fmax(most, m->knot[k].mass_gev);
        }
        fprintf(out, "%llu masses from %.6g to %.6g GeV", (unsigned long long)masses, least, most);
    }
    unsigned long long without = 0;
    for (uint64_t k = 0; k < m->n_knots; k++)
        without += o->results.knot[k].drawn == 0;
    if (s->draw)
        fprintf(out, ", %llu draws of the inputs", (unsigned long long)s->config->n_draws);
    if (without > 0)
        fprintf(out, " (%llu %s without a sample)", without,
                s->draw ? "pairs of a mass and a draw" : "of them");
    fprintf(out, ", constraints ");
    bl23_constraints_describe(s->config, out);
    if (!bl23_chi2_decides(m))
        fprintf(out, " at %d sigma", s->config->sigma);
    fprintf(out, ", seed %llu\n\n", (unsigned long long)m->seed);
    fprintf(out, "drawn       %llu", (unsigned long long)t->drawn);
    if (t->drawn < s->config->samples)
        fprintf(out, " of %llu: %.3g %% of the samples, the survey is not finished",
                (unsigned long long)s->config->samples, share_in_percent(s, t));
    fprintf(out, "\n");
    fprintf(out, "passed      %llu ", (unsigned long long)t->passed);
    if (bl23_chi2_decides(m))
        fprintf(out, "with chi^2 up to %.6g", s->config->chi2_max.hi);
    else
        fprintf(out, "at %d sigma", s->config->sigma);
    if (has_levels(s))
        fprintf(out, ", %llu of them at 1 sigma", (unsigned long long)t->passed_1sigma);
    fprintf(out, "\nacceptance  %.6g (68 %% interval %.6g .. %.6g)\n",
            (double)t->passed / (double)t->drawn, low, high);
    if (s->draw)
        print_draws(s, &o->results, out);
    if (o->samples_now > 0)
        fprintf(out, "speed       %.4g samples/s (%.4g samples in %.3g s, %s)\n",
                (double)o->samples_now / fmax(o->wall_s, 1e-9), (double)o->samples_now, o->wall_s,
                o->device);
}

static void print_cutflow(struct bl23_survey const *s, struct bl23_results const *r, FILE *out)
{
    struct bl23_constraints const *const list = &s->config->constraints;
    struct cutflow const f = cutflow_of(r, list->size);
    double const drawn = f.drawn ? (double)f.drawn : 1.0;
    bool const alone = s->model->g_mode != BL23_G_SOLVE; /* else some g meets any one limit */
    if (bl23_chi2_decides(s->model))
        fprintf(out, "\nchi^2 decides who survives; the cut-flow is what the cuts would leave.");
    fprintf(out, "\nCut-flow (%llu samples)      passed       of drawn%s\n",
            (unsigned long long)f.drawn, alone ? "     alone        of drawn" : "");
    for (size_t c = 0; c < list->size; c++) {
        char limited[BL23_MASSES_TEXT_SIZE];
        bl23_limited_masses_describe(s->model, c, limited);
        fprintf(out, "  %-21s %12llu  %9.4f %%", list->item[c].name,
                (unsigned long long)f.passed[c], 100.0 * (double)f.passed[c] / drawn);
        if (alone)
            fprintf(out, "  %12llu  %9.4f %%", (unsigned long long)f.alone[c],
                    100.0 * (double)f.alone[c] / drawn);
        if (strcmp(limited, "all masses") != 0)
            fprintf(out, "  limits %s", limited);
        fprintf(out, "\n");
    }
}

/* What the samples say of each mass of a cover. mass and order of the run are owned; it is empty
 * when out of memory. */
static struct bl23_cover_run cover_of(struct bl23_survey const *s, struct bl23_results const *r)
{
    struct bl23_cover_run run = {
        .of = {.config = s->config, .model = s->model, .order = bl23_mass_order(s->model)},
        .mass = calloc(r->n_knots, sizeof *run.mass)};
    for (uint64_t k = 0; run.mass && k < r->n_knots; k++) {
        struct bl23_cover_volumes v;
        bl23_cover_tree_volumes(&s->cover[k], &v);
        run.mass[k] = (struct bl23_cover_mass){.mass_gev = s->model->knot[k].mass_gev,
                                               .volume_upper = (double)v.upper * 0x1p-60,
                                               .volume_inside = (double)v.inside * 0x1p-60,
                                               .cells = v.cells,
                                               .samples = r->knot[k].drawn,
                                               .survivors = r->knot[k].passed};
        bl23_cover_mass_estimate(&run.mass[k]);
    }
    return run;
}

static void free_cover(struct bl23_cover_run const *run)
{
    free(run->mass);
    free(run->of.order);
}

static void print_cover(struct bl23_survey const *s, struct bl23_results const *r, FILE *out)
{
    struct bl23_cover_run const run = cover_of(s, r);
    if (run.mass && run.of.order)
        bl23_cover_print_allowed(&run, out);
    free_cover(&run);
    fprintf(out,
            "\nThe samples are of the cover, which holds every survivor. So are the acceptance "
            "above and the\nnearest samples; there is no cut-flow.\n");
}

/* Minimum .. maximum of every column that is worth a line, at both levels. */
static void print_extrema(struct bl23_survey const *s, struct bl23_results const *r, FILE *out)
{
    struct bl23_extremum const(*extremum)[BL23_COLUMNS][2] = r->tallies.extremum;
    int const levels = has_levels(s) ? 2 : 1;
    fprintf(out, "\nAmong survivors");
    if (!bl23_chi2_decides(s->model))
        fprintf(out, "  at %d sigma%s", s->config->sigma,
                levels == 2 ? "                    at 1 sigma" : "");
    fprintf(out, "\n");
    for (int c = 0; c < BL23_COLUMNS; c++) {
        bool const amplitude = c >= BL23_COLUMN_h_ds_re && c <= BL23_COLUMN_f_a_im;
        bool const phase = c == BL23_COLUMN_wu11_phase || c == BL23_COLUMN_wu12_phase ||
                           c == BL23_COLUMN_wu13_phase;
        bool const mass = c == BL23_COLUMN_mass_gev && bl23_model_masses(s->model) == 1;
        if (!bl23_column_written(s->model, c) || amplitude || phase || mass)
            continue;
        fprintf(out, "  %-12s", bl23_column_name(c));
        for (int set = 0; set < levels; set++) {
            struct bl23_extremum const *const e = extremum[set][c];
            if (e[0].index == BL23_NO_INDEX)
                fprintf(out, "  %-27s", "none");
            else
                fprintf(out, "  %.5e .. %.5e", e[0].value, e[1].value);
        }
        fprintf(out, "\n");
    }
}

/* Branching ratios above 1 that no constraint has excluded. */
static void print_large_rates(struct bl23_survey const *s, struct bl23_results const *r, FILE *out)
{
    int large = 0;
    for (int mode = 0; mode < BL23_MODES; mode++) {
        int const column = BL23_COLUMN_br_kl_pi0 + mode;
        struct bl23_extremum const *const e = r->tallies.extremum[0][column];
        if (!bl23_observable_is_rate(mode) || !bl23_column_written(s->model, column) ||
            e[1].index == BL23_NO_INDEX || !(e[1].value > 1.0))
            continue;
        fprintf(out, "%s%s up to %.3g",
                large++ ? ", "
                : bl23_chi2_decides(s->model)
                    ? "\nNote: survivors have branching ratios above 1: "
                    : "\nNote: survivors have branching ratios "
                      "above 1, which no constraint of this survey excludes: ",
                bl23_column_name(column), e[1].value);
    }
    if (large > 0)
        fprintf(out, "\n");
}

/* Give the observables of a sample at the g of its chi^2. */
static void move_to_chi2_g(struct bl23_model const *m, struct bl23_record *n)
{
    double s[BL23_QUANTITIES], *const v = n->value;
    struct bl23_sample const sample = bl23_sample_of(m, n->index);
    struct bl23_row const row = bl23_row_of(m, n->index);
    struct bl23_knot const *const knot = &m->knot[sample.knot];
    bl23_quantities_of_row(knot, bl23_quantities_of_groups(n->groups), row.monomial, s);
    v[BL23_COLUMN_g_bl] = v[BL23_COLUMN_chi2_g];
    bl23_record_rates(knot, n->groups, v[BL23_COLUMN_g_bl] * v[BL23_COLUMN_g_bl], s, v);
}

/* What `bl23 point` says of such a sample, too. */
static void print_impossible(struct bl23_model const *m, double const value[BL23_COLUMNS],
                             FILE *out)
{
    bool possible = true;
    for (int mode = 0; mode < BL23_MODES; mode++) {
        int const column = BL23_COLUMN_br_kl_pi0 + mode;
        possible = possible && !(bl23_observable_is_rate(mode) && bl23_column_written(m, column) &&
                                 value[column] > 1.0);
    }
    if (!possible)
        fprintf(out, "  Note: a branching ratio above 1 makes this sample impossible, whatever its "
                     "chi^2 is\n");
}

static void print_nearest(struct bl23_survey const *s, struct bl23_results const *r, FILE *out)
{
    if (r->n_nearest == 0)
        return;
    struct bl23_record n;
    bl23_record_of(s->model, r->nearest[0].index, &n);
    double const *const v = n.value;
    bool const ranked = (n.groups & BL23_GROUP_CHI2) != 0;
    if (ranked) {
        move_to_chi2_g(s->model, &n);
        fprintf(out, "\nLeast chi^2: %.6g, sample %llu, tension %.6g\n", v[BL23_COLUMN_chi2],
                (unsigned long long)n.index, v[BL23_COLUMN_tension]);
    } else {
        fprintf(out, "\n%s: sample %llu, tension %.6g\n",
                n.survives ? "Least tension" : "Nearest miss", (unsigned long long)n.index,
                v[BL23_COLUMN_tension]);
    }
    if (s->draw && bl23_sample_of(s->model, n.index).knot >= s->config->n_masses)
        fprintf(out, "  draw %llu of the inputs\n",
                (unsigned long long)(bl23_sample_of(s->model, n.index).knot / s->config->n_masses));
    fprintf(out, "  m %.6g GeV, |w| = %.6f %.6f %.6f, phases/pi %+.6f %+.6f %+.6f\n",
            v[BL23_COLUMN_mass_gev], v[BL23_COLUMN_wu11_abs], v[BL23_COLUMN_wu12_abs],
            v[BL23_COLUMN_wu13_abs], v[BL23_COLUMN_wu11_phase] / bl23_dd_pi.hi,
            v[BL23_COLUMN_wu12_phase] / bl23_dd_pi.hi, v[BL23_COLUMN_wu13_phase] / bl23_dd_pi.hi);
    if (s->model->g_mode == BL23_G_SOLVE && !n.survives && !ranked)
        fprintf(out, "  its constraints require g >= %.5g and g <= %.5g\n", v[BL23_COLUMN_g_min],
                v[BL23_COLUMN_g_max]);
    else
        fprintf(out, "  g %.5g, BR(K_L) %.3e, BR(K+) %.3e, BR(B+ -> K+) %.3e, Delta a_mu %.3e\n",
                v[BL23_COLUMN_g_bl], v[BL23_COLUMN_br_kl_pi0], v[BL23_COLUMN_br_kp_pip],
                v[BL23_COLUMN_br_bp_kp], v[BL23_COLUMN_delta_a_mu]);
    if ((s->model->groups & BL23_GROUP_CHARM) != 0)
        fprintf(out,
                "  BR(D+ -> pi+) %.3e, BR(D0 -> omega) %.3e, BR(Lambda_c -> p) %.3e, x12 %.3e\n",
                v[BL23_COLUMN_br_dp_pip], v[BL23_COLUMN_br_d0_omega], v[BL23_COLUMN_br_lc_p],
                v[BL23_COLUMN_x12]);
    if (ranked)
        print_impossible(s->model, v, out);
}

/* What names the content of the output; NULL if it cannot be read. The caller frees it. */
static char *content_hash_of(struct bl23_survey const *survey)
{
    char *hash;
    bl23_output_content_hash(survey->config->output, &hash, NULL);
    return hash;
}

static void print_summary(struct bl23_survey const *survey,
                          struct bl23_survey_outcome const *outcome, FILE *out)
{
    struct bl23_results const *const r = &outcome->results;
    print_header(survey, outcome, out);
    if (survey->cover)
        print_cover(survey, r, out);
    else
        print_cutflow(survey, r, out);
    if (r->tallies.passed > 0)
        print_extrema(survey, r, out);
    else
        fprintf(out, "\nNo sample survives.\n");
    print_large_rates(survey, r, out);
    print_nearest(survey, r, out);
    bl23_bins_warn(survey->config, survey->model, r->tallies.passed,
                   bl23_survivors_outside(r, BL23_AXIS_log10_g), "\nWarning: ", out);
}

static json_t *cutflow_json(struct bl23_survey const *s, struct bl23_results const *r)
{
    struct bl23_constraints const *const list = &s->config->constraints;
    struct cutflow const f = cutflow_of(r, list->size);
    json_t *const rows = json_array();
    for (size_t c = 0; c < list->size; c++)
        json_array_append_new(rows,
                              json_pack("{s:s, s:o, s:o, s:o}", "name", list->item[c].name,
                                        "passed", bl23_json_count(f.passed[c]), "passed_alone",
                                        bl23_json_count(f.alone[c]), "masses",
                                        bl23_json_count(bl23_limited_masses(s->model, c).count)));
    return json_pack("{s:o, s:o}", "drawn", bl23_json_count(f.drawn), "constraints", rows);
}

static json_t *cover_json(struct bl23_survey const *s, struct bl23_results const *r)
{
    struct bl23_cover_run const run = cover_of(s, r);
    json_t *const object = run.mass ? bl23_cover_json(&run) : json_null();
    free_cover(&run);
    return object;
}

static json_t *extrema_json(struct bl23_survey const *s, struct bl23_results const *r, int set)
{
    json_t *const object = json_object();
    for (int c = 0; c < BL23_COLUMNS; c++) {
        struct bl23_extremum const *const e = r->tallies.extremum[set][c];
        if (bl23_column_written(s->model, c) && e[0].index != BL23_NO_INDEX)
            json_object_set_new(
                object, bl23_column_name(c),
                json_pack("[o, o]", bl23_json_number(e[0].value), bl23_json_number(e[1].value)));
    }
    return object;
}

/* What the draws of the inputs do to the acceptance. */
static json_t *draws_json(struct bl23_survey const *s, struct bl23_results const *r)
{
    struct bl23_draw_band b;
    if (bl23_draw_band_find(s->model, r, &b, NULL) != BL23_OK)
        return json_null();
    return json_pack(
        "{s:o, s:o, s:b, s:o, s:o, s:[o, o, o]}", "draws", bl23_json_count(s->config->n_draws),
        "draws_with_samples", bl23_json_count(b.draws), "common_w", s->config->common_w,
        "acceptance_central", bl23_json_number(b.central), "acceptance_mean",
        bl23_json_number(b.mean), "acceptance_16_50_84", bl23_json_number(b.quantile[0]),
        bl23_json_number(b.quantile[1]), bl23_json_number(b.quantile[2]));
}

static json_t *summary_json(struct bl23_survey const *s, struct bl23_survey_outcome const *o)
{
    struct bl23_tallies const *const t = &o->results.tallies;
    double low, high;
    find_interval(s, t, &low, &high);
    json_t *const object = json_object();
    json_object_set_new(object, "output", bl23_json_text(s->config->output));
    json_object_set_new(object, "drawn", bl23_json_count(t->drawn));
    json_object_set_new(object, "survey_samples", bl23_json_count(s->config->samples));
    json_object_set_new(object, "complete", json_boolean(t->drawn == s->config->samples));
    json_object_set_new(object, "passed", bl23_json_count(t->passed));
    if (!bl23_chi2_decides(s->model))
        json_object_set_new(object, "passed_1sigma", bl23_json_count(t->passed_1sigma));
    json_object_set_new(object, "acceptance", json_real((double)t->passed / (double)t->drawn));
    json_object_set_new(object, "acceptance_68", json_pack("[f, f]", low, high));
    if (s->draw)
        json_object_set_new(object, "inputs", draws_json(s, &o->results));
    json_object_set_new(object, "samples_per_s",
                        json_real((double)o->samples_now / fmax(o->wall_s, 1e-9)));
    char *const hash = content_hash_of(s);
    if (hash)
        json_object_set_new(object, "content_hash", json_string(hash));
    free(hash);
    if (s->cover)
        json_object_set_new(object, "cover", cover_json(s, &o->results));
    else
        json_object_set_new(object, "cutflow", cutflow_json(s, &o->results));
    json_object_set_new(object, "extrema", extrema_json(s, &o->results, 0));
    if (!bl23_chi2_decides(s->model))
        json_object_set_new(object, "extrema_1sigma", extrema_json(s, &o->results, 1));
    bool const ranked = (s->model->groups & BL23_GROUP_CHI2) != 0;
    if (o->results.n_nearest > 0)
        json_object_set_new(object, ranked ? "least_chi2" : "least_tension",
                            bl23_json_number(o->results.nearest[0].value));
    return object;
}

static void print_content_hash(struct bl23_survey const *survey)
{
    char *const hash = content_hash_of(survey);
    if (hash)
        printf("content_hash %s\n", hash);
    free(hash);
}

/* What became of the samples is said too. */
static void print_not_written(char const *output)
{
    char run[BL23_RUN_PATH_SIZE];
    bl23_run_path(output, run);
    printf("\nNot written: %s\n", BL23_SHOWN(output));
    if (bl23_path_exists(run))
        printf("What has been computed is kept in %s, and the same command goes on from there.\n",
               BL23_SHOWN(run));
    else
        printf("Nothing has been kept: the same command begins anew.\n");
}

enum bl23_status bl23_summary_show(struct bl23_survey const *survey,
                                   struct bl23_survey_outcome const *outcome, bool json,
                                   char const *remark, struct bl23_error *error)
{
    if (json) {
        json_t *const object = summary_json(survey, outcome);
        if (!remark) {
            json_object_set_new(object, "output", json_null());
            json_object_del(object, "content_hash");
        }
        return bl23_json_print(object, error);
    }
    print_summary(survey, outcome, stdout);
    if (remark) {
        printf("\nWritten: %s (%llu survivors stored)%s\n", BL23_SHOWN(survey->config->output),
               (unsigned long long)outcome->stored, remark);
        print_content_hash(survey);
    } else {
        print_not_written(survey->config->output);
    }
    return BL23_OK;
}

enum bl23_status bl23_summary_recall(struct bl23_survey const *survey,
                                     struct bl23_survey_outcome const *outcome, bool json,
                                     struct bl23_error *error)
{
    if (json) {
        json_t *const object = summary_json(survey, outcome);
        json_object_del(object, "samples_per_s");
        json_object_set_new(object, "finished", json_true());
        return bl23_json_print(object, error);
    }
    print_summary(survey, outcome, stdout);
    printf(
        "\n%s is finished: %llu samples of this configuration. Nothing to do.\nIts counts and "
        "tables are unchanged since they were written; 'bl23 replay' also checks its survivors.\n",
        BL23_SHOWN(survey->config->output), (unsigned long long)survey->config->samples);
    print_content_hash(survey);
    return BL23_OK;
}
