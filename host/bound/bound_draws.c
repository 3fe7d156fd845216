/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "host/bound/bound_draws.h"

#include <math.h>
#include <stdlib.h>

#include "host/io/item_loop.h"
#include "host/io/json_values.h"
#include "kernels/sample/error.h"

/* What the threads share. */
struct job {
    struct bl23_model *model;
    struct bl23_loop_table *tables;
    struct answer {
        enum bl23_bound_state state;
        bool in_order;
        double proven, reached;
    } * answer; /* [knots] */
};

static enum bl23_status work(void *context, unsigned worker, uint64_t k, uint64_t count)
{
    struct job const *const job = context;
    struct answer *const a = &job->answer[k];
    struct bl23_bound_knot knot;
    struct bl23_bound_pair pair;
    (void)worker;
    (void)count; /* 1 */
    BL23_TRY(bl23_bound_knot_ask_tension(job->model, job->tables, k, &knot));
    struct bl23_bound_answer const *const tension = &knot.answer[BL23_BOUND_TENSION];
    a->in_order = bl23_bound_knot_in_order(job->model, job->tables, k, &knot, &pair);
    a->state = knot.state;
    a->proven = knot.possible ? tension->lower : (double)INFINITY;
    a->reached = knot.possible ? tension->upper : (double)INFINITY;
    bl23_bound_knot_free(&knot);
    return BL23_OK;
}

static enum bl23_status gather(struct job const *job, struct bl23_bound_draws *draws,
                               struct bl23_error *error)
{
    for (size_t k = 0; k < job->model->n_knots; k++) {
        struct answer const *const a = &job->answer[k];
        struct bl23_bound_of_draws *const m = &draws->mass[k % draws->n_masses];
        size_t const draw = k / draws->n_masses;
        m->mass_gev = job->model->knot[k].mass_gev;
        if (!a->in_order)
            return bl23_fail(error, BL23_ERROR_FAILED,
                             "%.9g GeV, draw %zu of the inputs: the proven tension is above one "
                             "that a row reaches; either the proof or the row is wrong",
                             m->mass_gev, draw);
        m->count[a->state]++;
        if (draw > 0 && !(a->proven < m->proven))
            continue;
        m->worst = draw;
        m->proven = a->proven;
        m->reached = a->reached;
    }
    return BL23_OK;
}

static enum bl23_status ask(struct bl23_model_spec const *spec, struct bl23_bound_draws *draws,
                            struct bl23_error *error)
{
    struct job job = {0};
    BL23_TRY(bl23_model_build(spec, &job.model, &job.tables, error));
    job.answer = calloc(job.model->n_knots, sizeof *job.answer);
    draws->mass = calloc(draws->n_masses, sizeof *draws->mass);
    enum bl23_status status = BL23_ERROR_MEMORY;
    if (job.answer && draws->mass)
        status = bl23_for_items("proofs", job.model->n_knots, work, &job);
    if (status == BL23_OK)
        status = gather(&job, draws, error);
    else
        bl23_fail(error, status, "the bound of %zu draws failed: %s", draws->n_draws,
                  bl23_status_text(status));
    free(job.answer);
    free(job.tables);
    free(job.model);
    return status;
}

enum bl23_status bl23_bound_draws_ask(struct bl23_config const *c, struct bl23_dd within,
                                      struct bl23_bound_draws *draws, struct bl23_error *error)
{
    bool const widens = within.hi > 0.0;
    struct bl23_vary const vary = widens ? bl23_vary_without_factors(&c->vary) : c->vary;
    struct bl23_inputs const wide = bl23_inputs_with_factors(&c->inputs, &c->vary, within);
    struct bl23_inputs *draw = NULL;
    *draws = (struct bl23_bound_draws){.n_masses = c->n_masses,
                                       .n_draws = vary.n > 0 ? c->n_draws : 1,
                                       .n_varied = vary.n,
                                       .n_factors = c->vary.n - vary.n,
                                       .within = within.hi};
    if (vary.n > 0)
        BL23_TRY(bl23_inputs_draw(&c->inputs, &vary, c->seed, c->n_draws, &draw, error));
    struct bl23_model_spec spec = bl23_config_survey_spec(c, draw);
    spec.widen = widens ? &wide : NULL;
    enum bl23_status const status = ask(&spec, draws, error);
    free(draw);
    return status;
}

void bl23_bound_draws_free(struct bl23_bound_draws *draws)
{
    free(draws->mass);
    draws->mass = NULL;
}

void bl23_bound_draws_print(struct bl23_bound_draws const *d, FILE *out)
{
    size_t excluded = 0, open = 0, worst = 0;
    for (size_t k = 0; k < d->n_masses; k++) {
        excluded += d->mass[k].count[BL23_BOUND_excluded] == d->n_draws;
        open += d->mass[k].count[BL23_BOUND_open] == d->n_draws;
        worst = d->mass[k].proven < d->mass[worst].proven ? k : worst;
    }
    fprintf(out, "\nInputs that vary: ");
    if (d->n_varied > 0)
        fprintf(out, "%zu draws of %zu input%s%s", d->n_draws, d->n_varied,
                d->n_varied == 1 ? "" : "s", d->within > 0.0 ? ", and " : "");
    if (d->within > 0.0)
        fprintf(out, "%zu factor%s on rates within %g sigma, whatever the correlations",
                d->n_factors, d->n_factors == 1 ? "" : "s", d->within);
    fprintf(out, "\n  excluded      %s, by proof, at %zu of %zu masses; open %s at %zu\n",
            d->n_varied > 0 ? "at every draw" : "for all of them", excluded, d->n_masses,
            d->within > 0.0 ? "for some of them" : "at every draw", open);
    if (excluded + open < d->n_masses)
        fprintf(out,
                "                at the others it depends on the draw (--json says how often)\n");
    struct bl23_bound_of_draws const *const m = &d->mass[worst];
    bool const same = m->reached - m->proven <= 1e-8 * m->reached;
    fprintf(out, "  least tension %.8g", m->proven);
    if (same)
        fprintf(out, ", proven and reached");
    else
        fprintf(out, " proven, %.8g reached", m->reached);
    fprintf(out, ", at %.6g GeV", m->mass_gev);
    if (d->n_varied > 0)
        fprintf(out, " and draw %zu, the worst", m->worst);
    fprintf(out, "\n");
}

json_t *bl23_bound_draws_json(struct bl23_bound_draws const *d)
{
    json_t *const masses = json_array();
    for (size_t k = 0; k < d->n_masses; k++) {
        struct bl23_bound_of_draws const *const m = &d->mass[k];
        json_t *const object = json_pack(
            "{s:f, s:I, s:{s:o, s:o}}", "mass_gev", m->mass_gev, "worst_draw", (json_int_t)m->worst,
            "tension", "lower", bl23_json_number(m->proven), "upper", bl23_json_number(m->reached));
        for (int state = 0; state < BL23_BOUND_STATES; state++)
            json_object_set_new(object, bl23_bound_state_name((enum bl23_bound_state)state),
                                json_integer((json_int_t)m->count[state]));
        json_array_append_new(masses, object);
    }
    return json_pack("{s:I, s:I, s:f, s:o}", "draws", (json_int_t)d->n_draws, "varied",
                     (json_int_t)d->n_varied, "within_sigma", d->within, "masses", masses);
}
