/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/config/config.h"
#include "host/config/given_rows.h"
#include "host/config/vain_limits.h"
#include "host/io/allotment.h"
#include "kernels/lanes/parallel_for.h"
#include "kernels/sample/error.h"
#include "kernels/sample/plain_text.h"

static struct {
    char const *name, *unit, *text;
    struct bl23_interval domain, bins;
} const axes[BL23_AXES] = {
#define ROW(name, unit, text, least, largest, low, high)                                           \
    {#name, unit, text, {least, largest}, {low, high}},
    BL23_AXIS_LIST(ROW)
#undef ROW
};

char const *bl23_axis_name(enum bl23_axis axis)
{
    return axes[axis].name;
}

char const *bl23_axis_unit(enum bl23_axis axis)
{
    return axes[axis].unit;
}

char const *bl23_axis_text(enum bl23_axis axis)
{
    return axes[axis].text;
}

struct bl23_interval bl23_axis_domain(enum bl23_axis axis)
{
    return axes[axis].domain;
}

struct bl23_interval bl23_axis_default_bins(enum bl23_axis axis)
{
    return axes[axis].bins;
}

bool bl23_axis_find(char const *name, enum bl23_axis *axis)
{
    for (int k = 0; k < BL23_AXES; k++)
        if (strcmp(name, axes[k].name) == 0) {
            *axis = (enum bl23_axis)k;
            return true;
        }
    return false;
}

char const *bl23_store_name(enum bl23_store store)
{
    static char const *const names[] = {"records", "index", "none"};
    return names[store];
}

enum { NUMBER_SIZE = 40 };

/* A number that every reader of YAML takes for one: YAML 1.1 wants a point before an exponent. */
static char const *print_number(struct bl23_dd value, char text[NUMBER_SIZE])
{
    bl23_dd_print_shortest(value, text, NUMBER_SIZE - 2);
    char *const exponent = strchr(text, 'e');
    if (exponent && !strchr(text, '.')) {
        memmove(exponent + 2, exponent, strlen(exponent) + 1);
        exponent[0] = '.';
        exponent[1] = '0';
    }
    return text;
}

#define NUMBER(value) print_number(value, (char[NUMBER_SIZE]){0})

static void print_masses(FILE *f, struct bl23_config const *c)
{
    if (c->mass_mode == BL23_MASS_FIXED)
        fprintf(f, "  mass_gev: {fixed: %s}\n", NUMBER(c->mass_gev[0]));
    if (c->mass_mode == BL23_MASS_UNIFORM || c->mass_mode == BL23_MASS_LOG_UNIFORM)
        fprintf(f, "  mass_gev: {%suniform: [%s, %s], knots: %zu}\n",
                c->mass_mode == BL23_MASS_UNIFORM ? "" : "log_", NUMBER(c->mass_low),
                NUMBER(c->mass_high), c->n_masses);
    if (c->mass_mode != BL23_MASS_LIST)
        return;
    fprintf(f, "  mass_gev:\n    list:\n");
    for (size_t k = 0; k < c->n_masses; k++)
        fprintf(f, "      - %s\n", NUMBER(c->mass_gev[k]));
}

static void print_vary(FILE *f, struct bl23_config const *c)
{
    struct bl23_vary const *const v = &c->vary;
    size_t correlated = 0;
    if (c->n_draws == 0)
        return;
    fprintf(f, "  vary:\n");
    for (size_t k = 0; k < v->n; k++)
        fprintf(f, "    %s: %s\n", bl23_input_rows[v->item[k].row].name, NUMBER(v->item[k].error));
    for (size_t i = 0; i < v->n; i++)
        for (size_t j = 0; j < i; j++)
            if (v->correlation[i][j] != 0.0)
                fprintf(f, "%s    - {of: [%s, %s], value: %s}\n",
                        correlated++ ? "" : "  correlations:\n",
                        bl23_input_rows[v->item[j].row].name, bl23_input_rows[v->item[i].row].name,
                        NUMBER(bl23_dd(v->correlation[i][j])));
    fprintf(f, "  draws: %llu\n  common_w: %s\n", (unsigned long long)c->n_draws,
            c->common_w ? "true" : "false");
}

/* A choice or a factor is written where it is not the default, so that surveys without one keep
 * their text. */
static void print_inputs(FILE *f, struct bl23_inputs const *inputs)
{
    fprintf(f, "inputs:\n  preset: %s\n  form_factors: %s\n", inputs->preset,
            bl23_form_factors_name(inputs->form_factors));
    for (size_t row = 0; row < bl23_n_input_rows; row++)
        if (!bl23_input_rows[row].factor || bl23_inputs_get(inputs, row).hi != 1.0)
            fprintf(f, "  %s: %s\n", bl23_input_rows[row].name,
                    NUMBER(bl23_inputs_get(inputs, row)));
    for (size_t row = 0; row < bl23_n_choice_rows; row++)
        if (bl23_inputs_choice(inputs, row))
            fprintf(f, "  %s: %s\n", bl23_choice_rows[row].name, bl23_choice_rows[row].value[1]);
}

/* May the character of this number stand in a YAML text as it is? Others are controls, ends of
 * lines and what readers refuse or drop. */
static bool is_plain(unsigned c)
{
    return (c >= 0x20 && c < 0x7f) ||
           (c >= 0xa0 && c < 0xfffe && c != 0x2028 && c != 0x2029 && c != 0xfeff) || c >= 0x10000;
}

/* The number of a character of so many bytes. */
static unsigned number_of(char const *text, int length)
{
    unsigned c = (unsigned char)text[0] & (length == 1 ? 0x7fu : 0x7fu >> length);
    for (int k = 1; k < length; k++)
        c = c << 6 | ((unsigned char)text[k] & 0x3fu);
    return c;
}

/* A YAML text in double quotes, all of it printable, as YAML 1.1 and 1.2 require; one of several
 * lines is written so. A byte that is not UTF-8, which no YAML has, stands as the four characters
 * \xNN. */
static void print_quoted(FILE *f, char const *indent, char const *key, char const *text)
{
    fprintf(f, "%s%s: \"", indent, key);
    for (char const *p = text, *next; *p; p = next) {
        int const length = bl23_utf8_length(p);
        unsigned const c = number_of(p, length);
        next = p + (length > 0 ? length : 1);
        if (length == 0)
            fprintf(f, "\\\\x%02x", (unsigned)(unsigned char)*p);
        else if (c == '\n' && *next)
            fprintf(f, "\\n\\\n%s  %s", indent, *next == ' ' ? "\\" : "");
        else if (is_plain(c))
            fprintf(f, "%s%.*s", c == '"' || c == '\\' ? "\\" : "", length, p);
        else
            fprintf(f, c < 0x100 ? "\\x%02x" : c < 0x10000 ? "\\u%04x" : "\\U%08x", c);
    }
    fprintf(f, "\"\n");
}

/* A choice is written as in print_inputs. */
static void print_draw(FILE *f, struct bl23_config const *c)
{
    if (c->draw == BL23_DRAW_UNIFORM)
        return;
    fprintf(f, "  draw: cover\n");
    if (c->cover_cells > 0)
        fprintf(f, "  cover: {cells: %llu}\n", (unsigned long long)c->cover_cells);
    else
        fprintf(f, "  cover: {accept: %s}\n", NUMBER(c->cover_accept));
}

static void print_survey(FILE *f, struct bl23_config const *c)
{
    fprintf(f, "survey:\n  samples: %llu\n  seed: %llu\n", (unsigned long long)c->samples,
            (unsigned long long)c->seed);
    print_masses(f, c);
    if (c->g_mode == BL23_G_SOLVE)
        fprintf(f, "  g_bl: solve\n");
    if (c->g_mode == BL23_G_ROWS)
        fprintf(f, "  g_bl: rows\n");
    if (c->g_mode == BL23_G_FIXED)
        fprintf(f, "  g_bl: {fixed: %s}\n", NUMBER(c->g_min));
    if (c->g_mode == BL23_G_LOG_UNIFORM)
        fprintf(f, "  g_bl: {log_uniform: [%s, %s]}\n", NUMBER(c->g_min), NUMBER(c->g_max));
    if (c->w_mode == BL23_W_HAAR)
        fprintf(f, "  w: haar\n");
    if (c->w_mode == BL23_W_ROWS) {
        fprintf(f, "  w:\n");
        print_quoted(f, "    ", "file", c->rows_file);
        fprintf(f, "    rows: %llu\n    xxh3: \"%016llx\"\n", (unsigned long long)c->n_rows,
                (unsigned long long)c->rows_checksum);
    }
    if (c->w_mode == BL23_W_FIXED)
        fprintf(f, "  w: {fixed: [%s, %s, %s, %s, %s, %s]}\n", NUMBER(c->w_modulus[0]),
                NUMBER(c->w_phase_pi[0]), NUMBER(c->w_modulus[1]), NUMBER(c->w_phase_pi[1]),
                NUMBER(c->w_modulus[2]), NUMBER(c->w_phase_pi[2]));
    print_draw(f, c);
    if (!isinf(c->chi2_max.hi))
        fprintf(f, "  chi2_max: %s\n", NUMBER(c->chi2_max));
}

static void print_rows(FILE *f, struct bl23_curve const *c)
{
    bool const windows = bl23_curve_has_windows(c) || c->has_best_fit;
    fprintf(f, "      curve_rows:\n");
    for (size_t k = 0; k < c->size; k++) {
        fprintf(f, "        - [");
        if (windows)
            fprintf(f, "%d, ", c->window[k]);
        fprintf(f, "%s, %s", NUMBER(c->mass_gev[k]), NUMBER(bl23_dd(c->upper[k])));
        if (c->has_best_fit)
            fprintf(f, ", %s", NUMBER(c->best_fit[k]));
        fprintf(f, "]\n");
    }
}

static void print_window(FILE *f, struct bl23_constraint const *k)
{
    if (k->window_kind == BL23_WINDOW_NEAR_PI0)
        fprintf(f, "      mass_near_pi0_gev: %s\n", NUMBER(k->window[0]));
    if (k->window_kind == BL23_WINDOW_INSIDE || k->window_kind == BL23_WINDOW_OUTSIDE)
        fprintf(f, "      mass_%s_gev: [%s, %s]\n",
                k->window_kind == BL23_WINDOW_INSIDE ? "inside" : "outside", NUMBER(k->window[0]),
                NUMBER(k->window[1]));
}

static void print_extra(FILE *f, struct bl23_constraint const *k)
{
    fprintf(f, "    -\n");
    print_quoted(f, "      ", "name", k->name);
    fprintf(f, "      observable: %s\n", bl23_observable_name(k->observable));
    if (k->kind == BL23_UPPER)
        fprintf(f, "      upper: %s\n", NUMBER(k->upper));
    if (k->kind == BL23_CURVE && k->curve_name[0])
        print_quoted(f, "      ", "curve", k->curve_name);
    if (k->kind == BL23_CURVE)
        print_rows(f, &k->curve);
    if (k->kind == BL23_BAND)
        fprintf(f, "      band_1sigma: [%s, %s]\n      band_2sigma: [%s, %s]\n",
                NUMBER(k->band[0][0]), NUMBER(k->band[0][1]), NUMBER(k->band[1][0]),
                NUMBER(k->band[1][1]));
    struct bl23_dd const off = bl23_dd_sub(k->central, bl23_constraint_middle(k));
    if (k->kind == BL23_BAND && off.hi != 0.0)
        fprintf(f, "      central: %s\n", NUMBER(k->central));
    if (k->confidence_level > 0.0)
        fprintf(f, "      cl: %s\n", NUMBER(bl23_dd(k->confidence_level)));
    if (k->likelihood != bl23_constraint_likelihood(k) || k->likelihood == BL23_LIKELIHOOD_NONE)
        fprintf(f, "      likelihood: %s\n", bl23_likelihood_name(k->likelihood));
    print_window(f, k);
    if (k->invisible != BL23_INVISIBLE_NOT_SAID)
        fprintf(f, "      invisible: %s\n", bl23_invisible_name(k->invisible));
    print_quoted(f, "      ", "cite", k->cite);
    if (k->bibtex)
        print_quoted(f, "      ", "bibtex", k->bibtex);
    if (k->note[0])
        print_quoted(f, "      ", "note", k->note);
}

/* The theory errors that are given. */
static void print_theory(FILE *f, struct bl23_constraints const *list)
{
    int given = 0;
    for (int k = 0; k < BL23_OBSERVABLES; k++)
        if (list->theory[k].hi > 0.0)
            fprintf(f, "%s%s: %s", given++ ? ", " : "  theory: {", bl23_observable_name(k),
                    NUMBER(list->theory[k]));
    if (given)
        fprintf(f, "}\n");
}

static void print_constraints(FILE *f, struct bl23_config const *c)
{
    fprintf(f, "constraints:\n  sets: [%s]\n  without: [%s]\n  sigma: %d\n", c->sets, c->without,
            c->sigma);
    print_theory(f, &c->constraints);
    if (c->n_extra == 0)
        return;
    fprintf(f, "  extra:\n");
    for (size_t k = c->constraints.size - c->n_extra; k < c->constraints.size; k++)
        print_extra(f, &c->constraints.item[k]);
}

/* The bins that were chosen. */
static void print_bins(FILE *f, struct bl23_config const *c)
{
    int chosen = 0;
    for (int axis = 0; axis < BL23_AXES; axis++) {
        struct bl23_interval const x = c->bins[axis], usual = axes[axis].bins;
        bool const number = c->n_bins[axis] != BL23_CONFIG_BINS;
        if (x.lo == usual.lo && x.hi == usual.hi && !number)
            continue;
        fprintf(f, "%s%s: %s[%s, %s]", chosen++ ? ", " : "  bins: {", axes[axis].name,
                number ? "{range: " : "", NUMBER(bl23_dd(x.lo)), NUMBER(bl23_dd(x.hi)));
        if (number)
            fprintf(f, ", number: %llu}", (unsigned long long)c->n_bins[axis]);
    }
    if (chosen)
        fprintf(f, "}\n");
}

static void print_output(FILE *f, struct bl23_config const *c)
{
    fprintf(f,
            "output:\n  store: %s\n  max_survivors: %llu\n  nearest: %llu\n  cutflow_every: %llu\n"
            "  histograms: [",
            bl23_store_name(c->store), (unsigned long long)c->max_survivors,
            (unsigned long long)c->nearest, (unsigned long long)c->cutflow_every);
    for (size_t h = 0; h < c->n_histograms_2d; h++)
        fprintf(f, "%s[%s, %s]", h ? ", " : "", axes[c->histogram_2d[h][0]].name,
                axes[c->histogram_2d[h][1]].name);
    fprintf(f, "]\n");
    print_bins(f, c);
    if (c->all_columns)
        fprintf(f, "  columns: all\n");
    if (c->rank == BL23_RANK_CHI2)
        fprintf(f, "  rank: chi2\n");
}

static enum bl23_status print_all(struct bl23_config const *config, bool with_file, char **text,
                                  struct bl23_error *error)
{
    size_t size;
    FILE *const f = open_memstream(text, &size);
    if (!f)
        return bl23_fail(error, BL23_ERROR_MEMORY, "out of memory");
    print_survey(f, config);
    print_inputs(f, &config->inputs);
    print_vary(f, config);
    print_constraints(f, config);
    print_output(f, config);
    if (with_file && bl23_utf8_is_valid(config->output)) /* the mapping `output` is still open */
        print_quoted(f, "  ", "file", config->output);
    else if (with_file)
        fprintf(f, "  # file: its name is not UTF-8, so that YAML cannot hold it; give it by -o\n");
    if (fclose(f) != 0)
        return bl23_fail(error, BL23_ERROR_MEMORY, "out of memory");
    return BL23_OK;
}

enum bl23_status bl23_config_text(struct bl23_config const *config, char **text,
                                  struct bl23_error *error)
{
    return print_all(config, false, text, error);
}

enum bl23_status bl23_config_text_with_file(struct bl23_config const *config, char **text,
                                            struct bl23_error *error)
{
    return print_all(config, true, text, error);
}

enum bl23_status bl23_config_whole(char const *option, char const *text, uint64_t smallest,
                                   uint64_t *value, struct bl23_error *error)
{
    if (bl23_text_whole(text, value) && *value >= smallest)
        return BL23_OK;
    return bl23_fail(error, BL23_ERROR_USAGE,
                     "%s must be a whole number from %d to 2^63 (got '%.80s')", option,
                     (int)smallest, text);
}

enum bl23_status bl23_config_set_samples(struct bl23_config *config, char const *text,
                                         struct bl23_error *error)
{
    BL23_TRY(bl23_config_whole("--samples", text, 1, &config->samples, error));
    return bl23_given_rows_check_samples(config, "--samples", error);
}

enum bl23_status bl23_config_set_seed(struct bl23_config *config, char const *text,
                                      struct bl23_error *error)
{
    return bl23_config_whole("--seed", text, 0, &config->seed, error);
}

struct bl23_model_spec bl23_config_model_spec(struct bl23_config const *c)
{
    struct bl23_model_spec spec = {.inputs = &c->inputs,
                                   .constraints = &c->constraints,
                                   .mass_gev = c->mass_gev,
                                   .n_masses = c->n_masses,
                                   .seed = c->seed,
                                   .sigma = c->sigma,
                                   .g_mode = c->g_mode,
                                   .g_min = c->g_min,
                                   .g_max = c->g_max,
                                   .w_mode = c->w_mode,
                                   .all_columns = c->all_columns};
    memcpy(spec.w_modulus, c->w_modulus, sizeof spec.w_modulus);
    memcpy(spec.w_phase_pi, c->w_phase_pi, sizeof spec.w_phase_pi);
    return spec;
}

struct bl23_model_spec bl23_config_survey_spec(struct bl23_config const *c,
                                               struct bl23_inputs const *draw)
{
    struct bl23_model_spec spec = bl23_config_model_spec(c);
    spec.draw = draw;
    spec.n_draws = c->n_draws;
    spec.common_w = c->common_w;
    spec.share = bl23_parallel_for;
    spec.threads = bl23_allotment().threads;
    spec.ranked = c->rank == BL23_RANK_CHI2;
    spec.chi2_max = bl23_dd_round(c->chi2_max);
    return spec;
}

struct bl23_cover_aim bl23_config_cover_aim(struct bl23_config const *c)
{
    double const accept = c->cover_cells > 0 ? 0.0 : bl23_dd_round(c->cover_accept);
    return (struct bl23_cover_aim){.cells = c->cover_cells, .accept = accept};
}

static enum bl23_status refuse_vain_limits(struct bl23_config const *c,
                                           struct bl23_model const *model, struct bl23_error *error)
{
    for (size_t k = c->constraints.size - c->n_extra; k < c->constraints.size; k++) {
        struct bl23_constraint const *const item = &c->constraints.item[k];
        struct bl23_vain const vain = bl23_vain_masses(c, model, k);
        if (vain.masses > 0 && vain.masses == vain.covered)
            return bl23_fail(
                error, BL23_ERROR_CONFIG,
                "%s: constraint '%s' can exclude nothing: at all masses that it covers, %s, %s; "
                "remove it, or choose other masses",
                c->path, item->name, vain.range, vain.reason);
    }
    return BL23_OK;
}

enum bl23_status bl23_config_check(struct bl23_config const *c, struct bl23_model const *model,
                                   struct bl23_error *error)
{
    BL23_TRY(refuse_vain_limits(c, model, error));
    if (c->g_mode != BL23_G_SOLVE)
        return BL23_OK;
    for (uint64_t k = 0; k < model->n_knots; k++) {
        int bounds = 0;
        for (int q = 0; q < BL23_QUANTITIES; q++) {
            double const hi = model->knot[k].allowed[c->sigma - 1][q].hi;
            bounds += !isinf(hi);
        }
        if (bounds == 0)
            return bl23_fail(error, BL23_ERROR_CONFIG,
                             "%s: g_bl: solve needs a constraint that bounds g from above at every "
                             "mass, but no constraint does so at %.9g GeV; add such a constraint, "
                             "or use g_bl: {fixed: g} or {log_uniform: [low, high]}",
                             c->path, model->knot[k].mass_gev);
    }
    return BL23_OK;
}
