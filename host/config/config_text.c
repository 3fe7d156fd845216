/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/config/config.h"
#include "kernels/sample/error.h"

static struct {
    char const *name, *unit, *text;
} const axes[BL23_AXES] = {
#define ROW(name, unit, text) {#name, unit, text},
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

#define NUMBER(value) bl23_dd_print_shortest(value, (char[32]){0}, 32)

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

static void print_survey(FILE *f, struct bl23_config const *c)
{
    fprintf(f, "survey:\n  samples: %llu\n  seed: %llu\n", (unsigned long long)c->samples,
            (unsigned long long)c->seed);
    print_masses(f, c);
    if (c->g_mode == BL23_G_SOLVE)
        fprintf(f, "  g_bl: solve\n");
    if (c->g_mode == BL23_G_FIXED)
        fprintf(f, "  g_bl: {fixed: %s}\n", NUMBER(c->g_min));
    if (c->g_mode == BL23_G_LOG_UNIFORM)
        fprintf(f, "  g_bl: {log_uniform: [%s, %s]}\n", NUMBER(c->g_min), NUMBER(c->g_max));
    if (c->w_mode == BL23_W_HAAR)
        fprintf(f, "  w: haar\n");
    else
        fprintf(f, "  w: {fixed: [%s, %s, %s, %s, %s, %s]}\n", NUMBER(c->w_modulus[0]),
                NUMBER(c->w_phase_pi[0]), NUMBER(c->w_modulus[1]), NUMBER(c->w_phase_pi[1]),
                NUMBER(c->w_modulus[2]), NUMBER(c->w_phase_pi[2]));
}

static void print_inputs(FILE *f, struct bl23_inputs const *inputs)
{
    fprintf(f, "inputs:\n  preset: %s\n  form_factors: %s\n", inputs->preset,
            bl23_form_factors_name(inputs->form_factors));
    for (size_t row = 0; row < bl23_n_input_rows; row++)
        fprintf(f, "  %s: %s\n", bl23_input_rows[row].name, NUMBER(bl23_inputs_get(inputs, row)));
}

/* A YAML text in double quotes. */
static void print_quoted(FILE *f, char const *indent, char const *key, char const *text)
{
    fprintf(f, "%s%s: \"", indent, key);
    for (char const *p = text; *p; p++) {
        if (*p == '"' || *p == '\\')
            fputc('\\', f);
        if ((unsigned char)*p < 0x20)
            fprintf(f, "\\x%02x", (unsigned)*p);
        else
            fputc(*p, f);
    }
    fprintf(f, "\"\n");
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
    if (k->kind == BL23_CURVE)
        print_quoted(f, "      ", "curve", k->curve_name);
    if (k->kind == BL23_BAND)
        fprintf(f, "      band_1sigma: [%s, %s]\n      band_2sigma: [%s, %s]\n",
                NUMBER(k->band[0][0]), NUMBER(k->band[0][1]), NUMBER(k->band[1][0]),
                NUMBER(k->band[1][1]));
    if (k->kind != BL23_BAND)
        fprintf(f, "      cl: %s\n", NUMBER(bl23_dd(k->confidence_level)));
    print_window(f, k);
    print_quoted(f, "      ", "cite", k->cite);
    if (k->note[0])
        print_quoted(f, "      ", "note", k->note);
}

static void print_constraints(FILE *f, struct bl23_config const *c)
{
    fprintf(f, "constraints:\n  sets: [%s]\n  without: [%s]\n  sigma: %d\n", c->sets, c->without,
            c->sigma);
    if (c->n_extra == 0)
        return;
    fprintf(f, "  extra:\n");
    for (size_t k = c->constraints.size - c->n_extra; k < c->constraints.size; k++)
        print_extra(f, &c->constraints.item[k]);
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
    print_constraints(f, config);
    print_output(f, config);
    if (with_file) /* the mapping `output` is still open */
        print_quoted(f, "  ", "file", config->output);
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
    return bl23_config_whole("--samples", text, 1, &config->samples, error);
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
                                   .w_mode = c->w_mode};
    memcpy(spec.w_modulus, c->w_modulus, sizeof spec.w_modulus);
    memcpy(spec.w_phase_pi, c->w_phase_pi, sizeof spec.w_phase_pi);
    return spec;
}

enum bl23_status bl23_config_check(struct bl23_config const *c, struct bl23_model const *model,
                                   struct bl23_error *error)
{
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
