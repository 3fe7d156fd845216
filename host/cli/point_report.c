/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "host/cli/point_report.h"

#include <stdlib.h>
#include <string.h>

#include "host/cli/likelihood_report.h"
#include "host/config/judged_limit.h"
#include "host/io/json_values.h"
#include "kernels/sample/error.h"
#include "kernels/sample/plain_text.h"
#include "tables/physics/charm.h"
#include "tables/physics/rates.h"

/* What the point has of charm, top and the Z' itself. */
static struct {
    char const *name, *unit, *text;
} const tree[BL23_TREE_VALUES] = {
#define ROW(name, unit, text) {#name, unit, text},
    BL23_TREE_LIST(ROW)
#undef ROW
};

static struct bl23_knot const *knot_of(struct bl23_point const *point)
{
    return &point->model->knot[point->knot];
}

static struct bl23_dd mass_of(struct bl23_point const *point)
{
    return point->config->mass_gev[point->knot];
}

static void tree_values(struct bl23_point const *point, double value[BL23_TREE_VALUES])
{
    bl23_tree_values(&point->config->inputs, &point->values.record, knot_of(point),
                     point->row.monomial, value);
}

static bool is_solved(struct bl23_point const *point)
{
    return point->g == 0.0;
}

enum bl23_status bl23_point_judge(struct bl23_point *point, struct bl23_error *error)
{
    struct bl23_model const *const model = point->model;
    struct bl23_chi2 chi2;
    bl23_chi2_build(&point->config->constraints, &point->config->inputs, model, mass_of(point),
                    knot_of(point), &chi2);
    bl23_point_fill(model, knot_of(point), &chi2, is_solved(point), &point->row, point->g,
                    &point->values);
    if (is_solved(point) && !bl23_point_is_bounded(&point->values))
        return bl23_fail(error, BL23_ERROR_USAGE,
                         "no constraint bounds g from above at %.9g GeV; give it with --g G",
                         knot_of(point)->mass_gev);
    return BL23_OK;
}

static struct bl23_judged_limit judge(struct bl23_point const *point, size_t index)
{
    struct bl23_judged_point const judged = {.config = point->config,
                                             .model = point->model,
                                             .knot = knot_of(point),
                                             .mass_gev = mass_of(point),
                                             .monomial = point->row.monomial,
                                             .values = &point->values,
                                             .solved = is_solved(point)};
    return bl23_judge_limit(&judged, index);
}

static char const *const channels[BL23_CHANNELS] = {"ds", "db", "sb"};

/* An effective coupling out of its amplitude: docs/physics.md. */
static double g_eff(double g, double h)
{
    return -g * h / (16.0 * bl23_dd_pi.hi * bl23_dd_pi.hi);
}

static json_t *constraint_json(struct bl23_point const *point, size_t index)
{
    struct bl23_constraint const *const c = &point->config->constraints.item[index];
    struct bl23_judged_limit const r = judge(point, index);
    return json_pack(
        "{s:s, s:s, s:o, s:o, s:o, s:o, s:b, s:b, s:o, s:o, s:o, s:s, s:s}", "name", c->name,
        "observable", bl23_observable_name(c->observable), "value", bl23_json_number(r.value),
        "lower", r.lo > 0.0 ? bl23_json_number(r.lo) : json_null(), "upper", bl23_json_number(r.hi),
        "ratio", r.applies ? bl23_json_number(r.ratio) : json_null(), "applies", r.applies, "pass",
        r.pass, "cl", c->confidence_level > 0.0 ? json_real(c->confidence_level) : json_null(),
        "likelihood", bl23_likelihood_json(r.likelihood), "pull", bl23_json_number(r.pull), "cite",
        c->cite, "note", c->note);
}

json_t *bl23_point_json(struct bl23_point const *point)
{
    struct bl23_record const *const r = &point->values.record;
    double const g = r->value[BL23_COLUMN_g_bl], m = r->value[BL23_COLUMN_mass_gev];
    json_t *const object = json_object();
    for (int k = 0; k < BL23_COLUMNS; k++)
        if (k != BL23_COLUMN_g_min && k != BL23_COLUMN_g_max)
            json_object_set_new(object, bl23_column_name(k), bl23_json_number(r->value[k]));
    json_object_set_new(object, "tension", bl23_json_number(point->values.tension));
    for (int x = 0; x < 2 * BL23_CHANNELS; x++) {
        char name[32];
        snprintf(name, sizeof name, "g_eff_%s_%s", channels[x / 2], x % 2 ? "im" : "re");
        json_object_set_new(object, name,
                            bl23_json_number(g_eff(g, r->value[BL23_COLUMN_h_ds_re + x])));
    }
    double value[BL23_TREE_VALUES];
    tree_values(point, value);
    for (int k = 0; k < BL23_TREE_VALUES; k++)
        json_object_set_new(object, tree[k].name, bl23_json_number(value[k]));
    json_object_set_new(object, "phase_unit", json_string("rad"));
    json_object_set_new(object, "level", json_integer(r->level));
    json_object_set_new(object, "survives", json_boolean(r->survives));
    json_object_set_new(object, "sigma", json_integer((json_int_t)point->model->level + 1));
    json_object_set_new(object, "g_min", bl23_json_number(sqrt(point->values.solved.g2_lo)));
    json_object_set_new(object, "g_max", bl23_json_number(sqrt(point->values.solved.g2_hi)));
    json_object_set_new(object, "tension_g_free", bl23_json_number(point->values.solved.tension));
    json_object_set_new(object, "chi2", bl23_json_number(point->values.chi2));
    json_object_set_new(object, "chi2_g", bl23_json_number(point->values.chi2_g));
    json_object_set_new(object, "LogLike", bl23_json_number(bl23_log_like(point->values.chi2)));
    if (is_solved(point))
        json_object_set_new(object, "note",
                            json_string("value, ratio and pass of a constraint are those at g_bl; "
                                        "pull, chi2 and LogLike are those at chi2_g"));
    json_object_set_new(object, "width_gev",
                        json_real(g * g * bl23_rate_width_gev_per_g2(&point->config->inputs, m)));
    json_object_set_new(
        object, "ctau_m",
        bl23_json_number(bl23_rate_ctau_m_times_g2(&point->config->inputs, m) / (g * g)));
    json_object_set_new(object, "inputs", json_string(point->config->inputs.preset));
    json_object_set_new(object, "form_factors",
                        json_string(bl23_form_factors_name(point->config->inputs.form_factors)));
    json_t *const list = json_array();
    for (size_t k = 0; k < point->config->constraints.size; k++)
        json_array_append_new(list, constraint_json(point, k));
    json_object_set_new(object, "constraints", list);
    return object;
}

static void print_amplitudes(struct bl23_point const *point, FILE *out)
{
    double const g = point->values.record.value[BL23_COLUMN_g_bl];
    double const *const h = &point->values.record.value[BL23_COLUMN_h_ds_re];
    fprintf(out,
            "Amplitudes     Re H           Im H           Re g_eff     Im g_eff     |g_eff|\n");
    for (int x = 0; x < BL23_CHANNELS; x++) {
        double const re = g_eff(g, h[2 * x]), im = g_eff(g, h[2 * x + 1]);
        fprintf(out, "  %s           %+.6e  %+.6e  %+.4e  %+.4e  %.4e\n", channels[x], h[2 * x],
                h[2 * x + 1], re, im, hypot(re, im));
    }
}

/* The strongest upper limit among the constraints on an observable; its index, or size. *named: is
 * a constraint on it at any mass? */
static size_t strongest(struct bl23_point const *point, int observable, double *limit, bool *named)
{
    size_t best = point->config->constraints.size;
    *limit = (double)INFINITY;
    *named = false;
    for (size_t k = 0; k < point->config->constraints.size; k++) {
        if (point->config->constraints.item[k].observable != observable)
            continue;
        *named = true;
        struct bl23_judged_limit const r = judge(point, k);
        if (r.hi < *limit) {
            *limit = r.hi;
            best = k;
        }
    }
    return best;
}

static void print_observables(struct bl23_point const *point, FILE *out)
{
    fprintf(out, "\nObservable    value        upper limit  value/limit  set by\n");
    for (int k = 0; k < BL23_OBSERVABLES; k++) {
        bool named;
        double limit, value = bl23_observable_value(&point->values.record, k);
        size_t const best = strongest(point, k, &limit, &named);
        bool const closed = k < BL23_MODES && knot_of(point)->kappa[k] == 0.0;
        fprintf(out, "  %-11s %.5e", bl23_observable_name(k), value);
        if (best < point->config->constraints.size)
            fprintf(out, "  %.4e   %9.3g    %s", limit, fabs(value) / limit,
                    point->config->constraints.item[best].name);
        else
            fprintf(out, "  %s",
                    closed  ? "closed at this mass"
                    : named ? "no limit at this mass"
                            : "no limit in these sets");
        fprintf(out, "\n");
    }
}

static void print_tree(struct bl23_point const *point, FILE *out)
{
    double value[BL23_TREE_VALUES];
    tree_values(point, value);
    fprintf(out, "\nCharm, top and the Z' beside the observables\n");
    for (int k = BL23_COLUMN_f_v_re; k <= BL23_COLUMN_f_a_im; k++)
        fprintf(out, "  %-13s %+.5e      %s\n", bl23_column_name(k), point->values.record.value[k],
                bl23_column_text(k));
    for (int k = 0; k < BL23_TREE_VALUES; k++)
        fprintf(out, "  %-13s %+.5e %-4s %s\n", tree[k].name, value[k],
                strcmp(tree[k].unit, "1") == 0 ? "" : tree[k].unit, tree[k].text);
    bool possible = true;
    for (int mode = 0; mode < BL23_MODE_x12; mode++)
        possible = possible && bl23_observable_value(&point->values.record, mode) <= 1.0;
    if (!possible)
        fprintf(out, "Note: a branching ratio above 1 makes this point impossible, whatever the "
                     "constraints below say\n");
}

static void print_constraints(struct bl23_point const *point, FILE *out)
{
    fprintf(
        out,
        "\nConstraint              observable    allowed                    by      pull   cited"
        "\n");
    for (size_t k = 0; k < point->config->constraints.size; k++) {
        struct bl23_constraint const *const c = &point->config->constraints.item[k];
        struct bl23_judged_limit const r = judge(point, k);
        char allowed[64];
        if (r.lo > 0.0)
            snprintf(allowed, sizeof allowed, "%.3e .. %.3e", r.lo, r.hi);
        else if (c->observable == BL23_MODE_x12_im)
            snprintf(allowed, sizeof allowed, "modulus < %.3e", r.hi);
        else
            snprintf(allowed, sizeof allowed, "< %.3e", r.hi);
        fprintf(out, "  %s %-21s %-11s %-24s",
                !r.applies ? " -- "
                : r.pass   ? "PASS"
                           : "FAIL",
                c->name, bl23_observable_name(c->observable),
                r.applies ? allowed : "no limit at this mass");
        if (r.applies)
            fprintf(out, "%8.3g", r.ratio);
        else
            fprintf(out, "        ");
        if (r.likelihood.kind != BL23_LIKELIHOOD_NONE)
            fprintf(out, "%+10.3g", r.pull);
        else
            fprintf(out, "%10s", "");
        fprintf(out, "  [%s]\n", BL23_SHOWN(c->cite));
    }
}

/* With g solved for the pulls are those at the g of the least chi^2. */
static void print_chi2(struct bl23_point const *point, FILE *out)
{
    int terms = 0;
    for (size_t k = 0; k < point->config->constraints.size; k++)
        terms += judge(point, k).likelihood.kind != BL23_LIKELIHOOD_NONE;
    if (terms == 0)
        return;
    fprintf(out, "chi^2 of the %d constraint%s a likelihood here: %.5g at g = %.5g%s\n", terms,
            terms == 1 ? " that has" : "s that have", point->values.chi2, point->values.chi2_g,
            is_solved(point) ? ", where it is least; the pulls are those there" : "");
}

/* The constraints that no g meets. */
static void print_impossible(struct bl23_point const *point, FILE *out)
{
    struct bl23_interval const *const limit = knot_of(point)->limit[point->model->level];
    char why[BL23_NOTE_SIZE];
    fprintf(out, "With this w and mass no g passes");
    for (size_t k = 0, named = 0; k < point->config->constraints.size; k++) {
        struct bl23_constraint const *const c = &point->config->constraints.item[k];
        struct bl23_judged_limit const r = judge(point, k);
        if (!bl23_limit_is_impossible(c, limit[k], why, sizeof why)) {
            if (!(r.lo > 0.0 && r.value == 0.0 && isinf(point->values.solved.g2_lo)))
                continue;
            snprintf(why, sizeof why, "%s asks for %s, which this w does not have", c->name,
                     bl23_observable_symbol(c->observable));
        }
        fprintf(out, "%s %s", named++ == 0 ? ":" : ";", why);
    }
    fprintf(out, "\n");
}

static void print_verdict(struct bl23_point const *point, FILE *out)
{
    struct bl23_record const *const r = &point->values.record;
    int const sigma = (int)point->model->level + 1;
    double const g = r->value[BL23_COLUMN_g_bl], m = r->value[BL23_COLUMN_mass_gev];
    fprintf(out, "\nVerdict at %d sigma: %s\n", sigma,
            r->survives ? (r->level == 1 ? "SURVIVES, also at 1 sigma" : "SURVIVES") : "EXCLUDED");
    fprintf(out, "Tension at this g %.4g, g free %.4g (a survivor has at most 1)\n",
            point->values.tension, point->values.solved.tension);
    double const g_min = sqrt(point->values.solved.g2_lo), g_max = sqrt(point->values.solved.g2_hi);
    if (point->values.solved.survives)
        fprintf(out, "With this w and mass every g from %.5g to %.5g passes\n", g_min, g_max);
    else if (isinf(g_min) || g_max == 0.0)
        print_impossible(point, out);
    else
        fprintf(out, "With this w and mass no g passes: g >= %.4g and g <= %.4g are required\n",
                g_min, g_max);
    print_chi2(point, out);
    fprintf(out, "Z' width %.4e GeV %s; c tau %.4e m\n",
            g * g * bl23_rate_width_gev_per_g2(&point->config->inputs, m),
            point->config->inputs.two_neutrinos ? "into two neutrinos"
                                                : "by Eq. (3.1), which counts one neutrino",
            bl23_rate_ctau_m_times_g2(&point->config->inputs, m) / (g * g));
    bool ignores = false;
    for (size_t k = 0; k < point->config->constraints.size; k++)
        ignores = ignores || bl23_constraint_ignores_visible(&point->config->constraints.item[k],
                                                             &point->config->inputs);
    double const muons_gev = bl23_rate_muon_pair_gev(&point->config->inputs);
    if (m > muons_gev)
        fprintf(out, "Note: Z' -> mu mu is open above %.4g GeV, but %s\n", muons_gev,
                ignores ? "these numbers ignore it: the width counts only neutrinos, and limits on "
                          "branching ratios treat the Z' as invisible"
                        : "the width counts only neutrinos; limits on an invisible Z' are divided "
                          "by BR(Z' -> invisible), which leaves out hadrons");
}

void bl23_point_print(struct bl23_point const *point, FILE *out)
{
    double const *const v = point->values.record.value;
    char inputs[BL23_INPUTS_TEXT_SIZE];
    bl23_inputs_describe(&point->config->inputs, inputs);
    fprintf(out, "(B-L)_23 point: m_Z' = %.9g GeV, g_B-L = %.9g%s, inputs %s, form factors %s\n",
            v[BL23_COLUMN_mass_gev], v[BL23_COLUMN_g_bl],
            !is_solved(point) ? ""
            : v[BL23_COLUMN_g_min] == 0.0 || isinf(v[BL23_COLUMN_g_min])
                ? " (the largest that upper limits allow)"
                : " (solved for)",
            inputs, bl23_form_factors_name(point->config->inputs.form_factors));
    fprintf(out, "(W_u)_1i:");
    for (int k = 0; k < 3; k++)
        fprintf(out, "  %.6f at %+.6f pi", v[BL23_COLUMN_wu11_abs + 2 * k],
                v[BL23_COLUMN_wu11_phase + 2 * k] / bl23_dd_pi.hi);
    fprintf(out, "\n\n");
    print_amplitudes(point, out);
    print_observables(point, out);
    print_tree(point, out);
    print_constraints(point, out);
    print_verdict(point, out);
}
