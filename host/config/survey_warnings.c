/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "host/config/survey_warnings.h"

#include <math.h>

#include "host/config/output_size.h"
#include "kernels/sample/verdict.h"
#include "tables/physics/rates.h"

/* ---- masses ---- */

uint64_t bl23_masses_without_sample(struct bl23_config const *c)
{
    uint64_t const tiles = (c->samples - 1) / BL23_TILE + 1;
    return tiles < c->n_masses ? c->n_masses - tiles : 0;
}

static void warn_of_masses(struct bl23_survey const *s, char const *prefix, FILE *out)
{
    struct bl23_model const *const m = s->model;
    uint64_t const without = bl23_masses_without_sample(s->config);
    uint64_t const enough = (m->n_knots - 1) * BL23_TILE + 1;
    if (without == 0)
        return;
    fprintf(out,
            "%s%llu of the %llu masses, from %.6g to %.6g GeV, get no sample: %d samples in a row "
            "share a mass, so draw %llu or more to reach all masses\n",
            prefix, (unsigned long long)without, (unsigned long long)m->n_knots,
            m->knot[m->n_knots - without].mass_gev, m->knot[m->n_knots - 1].mass_gev, BL23_TILE,
            (unsigned long long)enough);
}

/* Does a limit on the rate of an open decay apply? They are limits on a meson and an invisible Z'.
 */
static bool asks_for_invisible(struct bl23_survey const *s, struct bl23_knot const *knot)
{
    struct bl23_constraints const *const list = &s->config->constraints;
    bool asks = false;
    for (size_t c = 0; c < list->size; c++) {
        int const mode = list->item[c].observable;
        asks = asks || (mode < BL23_MODES && knot->kappa[mode] > 0.0 &&
                        bl23_is_limit(knot->limit[s->model->level][c]));
    }
    return asks;
}

static void warn_of_muons(struct bl23_survey const *s, char const *prefix, FILE *out)
{
    struct bl23_model const *const m = s->model;
    double const opens_gev = bl23_rate_muon_pair_gev(&s->config->inputs);
    uint64_t open = 0;
    for (uint64_t k = 0; k < m->n_knots; k++)
        open += m->knot[k].mass_gev > opens_gev && asks_for_invisible(s, &m->knot[k]);
    if (open > 0)
        fprintf(out,
                "%sZ' -> mu mu is open above %.4g GeV, at %llu of the %llu masses: there, limits "
                "on branching ratios are applied as if the Z' were invisible\n",
                prefix, opens_gev, (unsigned long long)open, (unsigned long long)m->n_knots);
}

/* ---- constraints ---- */

bool bl23_constraint_applies(struct bl23_survey const *s, size_t constraint)
{
    struct bl23_model const *const m = s->model;
    bool applies = false;
    for (uint64_t k = 0; k < m->n_knots; k++)
        applies = applies || bl23_is_limit(m->knot[k].limit[m->level][constraint]);
    return applies;
}

/* From the smallest to the largest mass of a curve; its windows may stand in any order. */
static struct bl23_interval range_gev(struct bl23_curve const *curve)
{
    struct bl23_interval range = {(double)INFINITY, -(double)INFINITY};
    for (size_t k = 0; k < curve->size; k++) {
        range.lo = fmin(range.lo, bl23_dd_round(curve->mass_gev[k]));
        range.hi = fmax(range.hi, bl23_dd_round(curve->mass_gev[k]));
    }
    return range;
}

/* Is there a curve whose range misses all masses? (A window that leaves them out is intended.) */
static bool misses_all(struct bl23_survey const *s, struct bl23_interval range)
{
    struct bl23_model const *const m = s->model;
    bool misses = range.lo <= range.hi;
    for (uint64_t k = 0; misses && k < m->n_knots; k++)
        misses = m->knot[k].mass_gev < range.lo || m->knot[k].mass_gev > range.hi;
    return misses;
}

/* No |w^+ F w| is above this: the rows of a Hermitian matrix bound its eigenvalues (Gershgorin). */
static double largest_amplitude(double const form[BL23_MONOMIALS])
{
    double const pair[3] = {0.5 * hypot(form[3], form[4]), 0.5 * hypot(form[5], form[6]),
                            0.5 * hypot(form[7], form[8])}; /* |F_12|, |F_13|, |F_23| */
    double const row[3] = {fabs(form[0]) + pair[0] + pair[1], fabs(form[1]) + pair[0] + pair[2],
                           fabs(form[2]) + pair[1] + pair[2]};
    return fmax(row[0], fmax(row[1], row[2]));
}

/* No w of the survey, with a g of the domain, gives more of quantity q. */
static double largest_value(struct bl23_model const *m, struct bl23_knot const *knot, int q)
{
    double h[BL23_FORMS], s[BL23_QUANTITIES];
    if (m->w_mode == BL23_W_FIXED)
        bl23_amplitudes(knot, m->w.monomial, h);
    else
        for (int r = 0; r < BL23_FORMS; r++)
            h[r] = largest_amplitude(knot->form[r]);
    bl23_quantities(h, s);
    return bl23_quantity_value(q, s[q], BL23_G_MAX);
}

/* A constraint that nothing can meet at some masses: a lower limit on a closed decay, which is
 * infinite; an upper edge of a band below 0, as no observable is negative; a lower limit that would
 * take a larger g than the domain has. */
static void warn_of_impossible(struct bl23_survey const *s, size_t c, char const *prefix, FILE *out)
{
    struct bl23_model const *const m = s->model;
    struct bl23_constraint const *const item = &s->config->constraints.item[c];
    int const q = (int)m->constraint_quantity[c];
    unsigned long long closed = 0, negative = 0, beyond = 0;
    for (uint64_t k = 0; k < m->n_knots; k++) {
        struct bl23_interval const limit = m->knot[k].limit[m->level][c];
        closed += isinf(limit.lo) != 0;
        negative += limit.hi < 0.0;
        beyond += limit.lo > largest_value(m, &m->knot[k], q) && !isinf(limit.lo);
    }
    if (closed > 0)
        fprintf(out,
                "%s%s requires %s, but this decay is closed at %llu of the %llu masses: nothing "
                "survives there\n",
                prefix, item->name, bl23_observable_name(item->observable), closed,
                (unsigned long long)m->n_knots);
    if (negative > 0)
        fprintf(out,
                "%s%s can never be met: it requires %s of at most %.6g, but no observable is "
                "negative; nothing survives at %llu of the %llu masses\n",
                prefix, item->name, bl23_observable_name(item->observable),
                bl23_dd_round(item->band[m->level][1]), negative, (unsigned long long)m->n_knots);
    if (beyond > 0)
        fprintf(out,
                "%s%s can never be met: it requires g_B-L above %g at %llu of the %llu masses, so "
                "nothing survives there\n",
                prefix, item->name, BL23_G_MAX, beyond, (unsigned long long)m->n_knots);
}

static void warn_of_constraints(struct bl23_survey const *s, char const *prefix, FILE *out)
{
    struct bl23_constraints const *const list = &s->config->constraints;
    for (size_t c = 0; c < list->size; c++) {
        struct bl23_interval const range = range_gev(&list->item[c].curve);
        warn_of_impossible(s, c, prefix, out);
        if (misses_all(s, range))
            fprintf(out,
                    "%s%s has no effect: its curve covers %.6g to %.6g GeV, where this survey has "
                    "no mass\n",
                    prefix, list->item[c].name, range.lo, range.hi);
        else if (c >= list->size - s->config->n_extra && !bl23_constraint_applies(s, c))
            fprintf(out,
                    "%s%s has no effect: it limits nothing at any mass of this survey (masses are "
                    "in GeV)\n",
                    prefix, list->item[c].name);
    }
}

void bl23_constraints_describe(struct bl23_config const *c, FILE *out)
{
    struct bl23_constraints const *const list = &c->constraints;
    fprintf(out, "%s", c->sets);
    if (c->without[0])
        fprintf(out, " without %s", c->without);
    for (size_t k = list->size - c->n_extra; k < list->size; k++)
        fprintf(out, "%s%s",
                k > list->size - c->n_extra ? ", "
                : c->sets[0]                ? " and "
                                            : "",
                list->item[k].name);
}

/* ---- all ---- */

void bl23_survey_warn(struct bl23_survey const *s, char const *prefix, FILE *out)
{
    char disk[BL23_OUTPUT_WARNING_SIZE];
    if (bl23_output_warning(s->config, s->model, disk))
        fprintf(out, "%s%s\n", prefix, disk);
    warn_of_masses(s, prefix, out);
    warn_of_muons(s, prefix, out);
    warn_of_constraints(s, prefix, out);
}
