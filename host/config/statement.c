/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "host/config/statement.h"

#include <math.h>
#include <stdlib.h>

#include "host/config/mass_order.h"
#include "host/config/survey_warnings.h"
#include "host/io/notes.h"
#include "kernels/sample/error.h"

static enum bl23_status constraints_text(struct bl23_config const *config, char **text,
                                         struct bl23_error *error)
{
    size_t size;
    FILE *const f = open_memstream(text, &size);
    if (!f)
        return bl23_fail(error, BL23_ERROR_MEMORY, "out of memory");
    bl23_constraints_describe(config, f);
    return fclose(f) == 0 ? BL23_OK : bl23_fail(error, BL23_ERROR_MEMORY, "out of memory");
}

enum bl23_status bl23_statement_open(struct bl23_config *config, char const *reason,
                                     struct bl23_statement *s, struct bl23_error *error)
{
    struct bl23_model_spec const spec = bl23_config_model_spec(config);
    *s = (struct bl23_statement){.config = config};
    if (config->w_mode != BL23_W_HAAR)
        return bl23_fail(error, BL23_ERROR_CONFIG,
                         "%s: w must be haar, because %s (got %s); use 'bl23 point' for a fixed "
                         "row, 'bl23 points' for many",
                         config->path, reason,
                         config->w_mode == BL23_W_FIXED ? "a fixed row" : "a file of rows");
    BL23_TRY(bl23_model_build(&spec, &s->model, &s->tables, error));
    BL23_TRY(bl23_config_check(config, s->model, error));
    BL23_TRY(bl23_config_text(config, &s->yaml, error));
    BL23_TRY(constraints_text(config, &s->constraints, error));
    s->order = bl23_mass_order(s->model);
    return s->order ? BL23_OK
                    : bl23_fail(error, BL23_ERROR_MEMORY, "out of memory for %zu masses",
                                config->n_masses);
}

void bl23_statement_note_cuts(struct bl23_config const *config)
{
    if (!isinf(config->chi2_max.hi))
        bl23_note("note: %s has chi2_max, but this command answers for the cuts, not for chi^2",
                  config->path);
}

void bl23_statement_note_inputs(struct bl23_config const *config)
{
    if (config->n_draws > 0)
        bl23_note("note: inputs vary in %s, but this command takes their central values",
                  config->path);
}

static double mass(struct bl23_statement const *s, size_t place)
{
    return s->model->knot[s->order[place]].mass_gev;
}

void bl23_statement_print(struct bl23_statement const *s, char const *title, char const *drawn,
                          FILE *out)
{
    struct bl23_config const *const c = s->config;
    char inputs[BL23_INPUTS_TEXT_SIZE];
    bl23_inputs_describe(&c->inputs, inputs);
    fprintf(out, "(B-L)_23 %s: ", title);
    if (c->n_masses == 1)
        fprintf(out, "m_Z' = %.6g GeV", mass(s, 0));
    else
        fprintf(out, "%zu masses from %.6g to %.6g GeV", c->n_masses, mass(s, 0),
                mass(s, c->n_masses - 1));
    fprintf(out, ", constraints %s at %d sigma,\ninputs %s, every W_u, ", s->constraints, c->sigma,
            inputs);
    if (c->g_mode == BL23_G_SOLVE)
        fprintf(out, "every g_B-L up to %g\n", BL23_G_MAX);
    else if (c->g_mode == BL23_G_FIXED)
        fprintf(out, "g_B-L = %.6g\n", bl23_dd_round(c->g_min));
    else
        fprintf(out, "%s from %.6g to %.6g\n", drawn, bl23_dd_round(c->g_min),
                bl23_dd_round(c->g_max));
}

void bl23_statement_close(struct bl23_statement *s)
{
    free(s->order);
    free(s->yaml);
    free(s->constraints);
    free(s->tables);
    free(s->model);
    bl23_config_free(s->config);
    *s = (struct bl23_statement){0};
}
