/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "host/config/survey_warnings.h"

#include <math.h>
#include <string.h>

#include "host/config/citations.h"
#include "host/config/limited_masses.h"
#include "host/config/output_size.h"
#include "host/config/vain_limits.h"
#include "host/io/allotment.h"
#include "kernels/results/results.h"
#include "kernels/sample/chi2.h"
#include "kernels/sample/plain_text.h"
#include "kernels/sample/verdict.h"
#include "kernels/screen/screen.h"
#include "tables/limits/likelihood.h"
#include "tables/physics/rates.h"

/* ---- masses ---- */

static uint64_t knots_without_sample(struct bl23_config const *c, struct bl23_model const *m)
{
    uint64_t const tiles = (c->samples - 1) / BL23_TILE + 1;
    if (c->draw == BL23_DRAW_COVER) /* masses do not take turns */
        return 0;
    return tiles < m->n_knots ? m->n_knots - tiles : 0;
}

static void warn_of_masses(struct bl23_survey const *s, char const *prefix, FILE *out)
{
    struct bl23_model const *const m = s->model;
    uint64_t const without = knots_without_sample(s->config, m);
    uint64_t const enough = (m->n_knots - 1) * BL23_TILE + 1;
    if (without == 0)
        return;
    if (s->draw) {
        fprintf(out,
                "%s%llu of the %llu pairs of a mass and a draw of the inputs get no sample: %d "
                "samples in a row share a pair, so draw %llu or more to reach all of them\n",
                prefix, (unsigned long long)without, (unsigned long long)m->n_knots, BL23_TILE,
                (unsigned long long)enough);
        return;
    }
    fprintf(out,
            "%s%llu of the %llu masses, from %.6g to %.6g GeV, get no sample: %d samples in a row "
            "share a mass, ",
            prefix, (unsigned long long)without, (unsigned long long)m->n_knots,
            m->knot[m->n_knots - without].mass_gev, m->knot[m->n_knots - 1].mass_gev, BL23_TILE);
    if (s->config->w_mode == BL23_W_ROWS && enough > s->config->n_rows)
        fprintf(out,
                "and %s has %llu rows; use at most %llu of the masses, or 'bl23 points', where "
                "each row has its own mass\n",
                BL23_SHOWN(s->config->rows_file), (unsigned long long)s->config->n_rows,
                ((unsigned long long)s->config->n_rows - 1) / BL23_TILE + 1);
    else
        fprintf(out, "so draw %llu or more to reach all masses\n", (unsigned long long)enough);
}

/* The masses above `opens_gev` where a limit on the rate of an open decay applies that treats every
 * Z' as invisible, or that is a search and counts leptons. */
static unsigned long long count_masses(struct bl23_survey const *s, double opens_gev, bool ignores)
{
    struct bl23_constraints const *const list = &s->config->constraints;
    struct bl23_inputs const *const inputs = &s->config->inputs;
    unsigned long long masses = 0;
    for (uint64_t k = 0; k < bl23_model_masses(s->model); k++) {
        struct bl23_knot const *const knot = &s->model->knot[k];
        bool any = false;
        for (size_t c = 0; c < list->size; c++) {
            struct bl23_constraint const *const item = &list->item[c];
            bool const asked = bl23_constraint_ignores_visible(item, inputs)
                                   ? ignores
                                   : !ignores && item->invisible == BL23_INVISIBLE_YES;
            any = any || (asked && knot->kappa[item->observable] > 0.0 &&
                          bl23_is_limit(knot->limit[s->model->level][c]));
        }
        masses += any && knot->mass_gev > opens_gev;
    }
    return masses;
}

static void warn_of_decays(struct bl23_survey const *s, char const *prefix, FILE *out)
{
    unsigned long long const all = bl23_model_masses(s->model);
    double const muons_gev = bl23_rate_muon_pair_gev(&s->config->inputs);
    double const pions_gev = bl23_rate_pion_pair_gev(&s->config->inputs);
    unsigned long long const muons = count_masses(s, muons_gev, true);
    unsigned long long const pions = count_masses(s, pions_gev, false);
    if (muons > 0)
        fprintf(out,
                "%sZ' -> mu mu is open above %.4g GeV, at %llu of the %llu masses: there, limits "
                "on branching ratios are applied as if the Z' were invisible\n",
                prefix, muons_gev, muons, all);
    if (pions > 0)
        fprintf(out,
                "%sZ' -> hadrons is open above %.4g GeV, at %llu of the %llu masses: there, "
                "BR(Z' -> invisible) counts leptons only, so limits on an invisible Z' are applied "
                "too strongly\n",
                prefix, pions_gev, pions, all);
}

/* ---- constraints ---- */

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
    for (uint64_t k = 0; misses && k < bl23_model_masses(m); k++)
        misses = m->knot[k].mass_gev < range.lo || m->knot[k].mass_gev > range.hi;
    return misses;
}

/* No w of the survey, with a g of the domain, gives more of quantity q. */
static double largest_value(struct bl23_model const *m, struct bl23_knot const *knot, int q)
{
    double s[BL23_QUANTITIES];
    if (m->w_mode == BL23_W_FIXED)
        bl23_quantities_of_row(knot, 1u << q, m->w.monomial, s);
    else
        s[q] = bl23_quantity_largest(knot, q);
    return bl23_quantity_value(q, s[q], BL23_G_MAX);
}

/* Where chi^2 decides who survives: a band or a best fit of a closed decay, which every sample
 * misses alike. */
static void warn_of_closed(struct bl23_survey const *s, size_t c, char const *prefix, FILE *out)
{
    struct bl23_model const *const m = s->model;
    struct bl23_constraint const *const item = &s->config->constraints.item[c];
    unsigned long long closed = 0;
    if (item->likelihood == BL23_LIKELIHOOD_HALF_GAUSS) /* 0 is best */
        return;
    for (uint64_t k = 0; k < bl23_model_masses(m); k++)
        closed += bl23_likelihood_acts(&s->config->constraints, c, &s->config->inputs,
                                       s->config->mass_gev[k]) &&
                  bl23_knot_factor(&m->knot[k], item->observable) == 0.0;
    if (closed > 0)
        fprintf(out,
                "%s%s measures %s, but this decay is closed at %llu of the %llu masses: there it "
                "adds the same to chi^2 of every sample\n",
                prefix, item->name, bl23_observable_name(item->observable), closed,
                (unsigned long long)bl23_model_masses(m));
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
    for (uint64_t k = 0; k < bl23_model_masses(m); k++) {
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
                (unsigned long long)bl23_model_masses(m));
    if (negative > 0)
        fprintf(out,
                "%s%s can never be met: it requires %s of at most %.6g, but no observable is "
                "negative; nothing survives at %llu of the %llu masses\n",
                prefix, item->name, bl23_observable_name(item->observable),
                bl23_dd_round(item->band[m->level][1]), negative,
                (unsigned long long)bl23_model_masses(m));
    if (beyond > 0)
        fprintf(out,
                "%s%s can never be met: it requires g_B-L above %g at %llu of the %llu masses, so "
                "nothing survives there\n",
                prefix, item->name, BL23_G_MAX, beyond, (unsigned long long)bl23_model_masses(m));
}

static void warn_of_vain(struct bl23_survey const *s, size_t c, char const *prefix, FILE *out)
{
    struct bl23_constraint const *const item = &s->config->constraints.item[c];
    struct bl23_vain const vain = bl23_vain_masses(s->config, s->model, c);
    bool const by_closed = item->kind == BL23_BAND || item->likelihood == BL23_LIKELIHOOD_TABULATED;
    bool const told = bl23_chi2_decides(s->model) && by_closed; /* by warn_of_closed */
    if (vain.masses > 0 && !told)
        fprintf(out, "%s%s can exclude nothing at %llu of the %llu masses, %s, where %s\n", prefix,
                item->name, (unsigned long long)vain.masses,
                (unsigned long long)bl23_model_masses(s->model), vain.range, vain.reason);
}

/* Is the observable above zero at this mass for some w, and has it no upper limit there? */
static bool is_unlimited(struct bl23_config const *config, struct bl23_model const *m,
                         struct bl23_knot const *knot, int observable)
{
    struct bl23_constraints const *const list = &config->constraints;
    bool limited = observable < BL23_MODES && knot->kappa[observable] == 0.0;
    for (size_t c = 0; c < list->size; c++)
        limited = limited ||
                  (list->item[c].observable == observable && !isinf(knot->limit[m->level][c].hi));
    return !limited;
}

static bool is_own(struct bl23_config const *config, size_t c)
{
    return c >= config->constraints.size - config->n_extra;
}

/* A constraint that leaves out some masses, by a curve that ends or by its window: told of the
 * user's own, and of others where nothing takes their place. */
static void warn_of_cover(struct bl23_config const *config, struct bl23_model const *m, size_t c,
                          char const *prefix, FILE *out)
{
    struct bl23_constraint const *const item = &config->constraints.item[c];
    char const *const observable = bl23_observable_name(item->observable);
    uint64_t left_out = 0, unlimited = 0;
    for (uint64_t k = 0; k < bl23_model_masses(m); k++) {
        if (bl23_constraint_covers(item, &config->inputs, config->mass_gev[k]))
            continue;
        left_out++;
        unlimited += is_unlimited(config, m, &m->knot[k], item->observable);
    }
    bool const special = item->window_kind == BL23_WINDOW_NEAR_PI0; /* meant for few masses */
    if (left_out == 0 || left_out == bl23_model_masses(m) ||
        (!is_own(config, c) && (unlimited == 0 || special)))
        return;
    struct bl23_limited_masses const limited = bl23_limited_masses(m, c);
    fprintf(out, "%s%s limits %s at %llu of the %llu masses only, %s; ", prefix, item->name,
            observable, (unsigned long long)limited.count, (unsigned long long)bl23_model_masses(m),
            limited.text);
    if (unlimited > 0)
        fprintf(out, "nothing limits it at %llu of the others\n", (unsigned long long)unlimited);
    else
        fprintf(out, "other limits, or a closed decay, take its place at the others\n");
}

/* A limit that no value of its observable can exceed, or a lower edge below all of them: told where
 * cuts decide, and of rates always. */
static void warn_of_weak(struct bl23_config const *config, struct bl23_model const *m, size_t c,
                         char const *prefix, FILE *out)
{
    struct bl23_constraint const *const item = &config->constraints.item[c];
    bool const rate = bl23_observable_is_rate(item->observable);
    double const largest = rate                                       ? 1.0
                           : item->observable == BL23_OBSERVABLE_G_BL ? BL23_G_MAX
                                                                      : (double)INFINITY;
    uint64_t weak = 0;
    double upper = 0.0;
    for (uint64_t k = 0; k < bl23_model_masses(m); k++) {
        struct bl23_dd hi = item->kind == BL23_BAND ? item->band[m->level][1] : item->upper;
        if (!bl23_constraint_covers(item, &config->inputs, config->mass_gev[k]))
            continue;
        if (item->kind == BL23_CURVE)
            bl23_curve_at(&item->curve, config->mass_gev[k], &hi);
        weak += hi.hi >= largest;
        upper = fmax(upper, hi.hi);
    }
    if (weak > 0 && (rate || !bl23_chi2_decides(m)))
        fprintf(out, "%s%s allows %s up to %.6g at %llu of the %llu masses, but %s\n", prefix,
                item->name, bl23_observable_name(item->observable), upper, (unsigned long long)weak,
                (unsigned long long)bl23_model_masses(m),
                rate ? "a branching ratio is at most 1 (limits are plain numbers, not percent or "
                       "units of 1e-10)"
                     : "no survey has a g_B-L above 10, so it excludes nothing there");
    double const lower = item->kind == BL23_BAND ? item->band[m->level][0].hi : 0.0;
    bool const possible = item->kind == BL23_BAND && item->band[m->level][1].hi >= 0.0;
    if (lower < 0.0 && possible && is_own(config, c) && !bl23_chi2_decides(m))
        fprintf(out,
                "%s%s acts as an upper limit: its lower edge, %.6g, is below 0, and no "
                "observable is negative\n",
                prefix, item->name, lower);
}

void bl23_cover_warn(struct bl23_config const *config, struct bl23_model const *model,
                     char const *prefix, FILE *out)
{
    for (size_t c = 0; c < config->constraints.size; c++)
        warn_of_cover(config, model, c, prefix, out);
}

void bl23_curve_file_warn(struct bl23_constraint const *c, char const *prefix, FILE *out)
{
    if (c->curve.unnamed)
        fprintf(out,
                "%s%s has no header: its first column is read as masses in GeV, its second as the "
                "limit of %s\n",
                prefix, BL23_SHOWN(c->curve_name), c->name);
    if (c->curve.falls)
        fprintf(out, "%sthe masses of %s fall down the file; its rows are turned round\n", prefix,
                BL23_SHOWN(c->curve_name));
}

/* Citations of the user's own constraints that have no BibTeX entry. What has no colon, as keys
 * have, may be a text, but is compared with the keys. */
static void warn_of_citations(struct bl23_config const *c, char const *prefix, FILE *out)
{
    struct bl23_constraints const *const list = &c->constraints;
    for (size_t k = list->size - c->n_extra; k < list->size; k++) {
        char const *cite = list->item[k].cite;
        for (struct bl23_slice key; (key = bl23_bibtex_key(&cite)).length > 0;) {
            char nearest[BL23_WORD_SIZE];
            bool const known = bl23_citations_know(c, key);
            bool const similar = !known && bl23_citations_nearest(c, key, nearest);
            if (known || (!similar && !memchr(key.text, ':', key.length)))
                continue;
            fprintf(out, "%s%s cites '%.*s', which no BibTeX entry has; %s%s%s\n", prefix,
                    list->item[k].name, (int)key.length, key.text,
                    similar ? "did you mean '" : "give the entry by the key bibtex",
                    similar ? nearest : "", similar ? "'?" : "");
        }
    }
}

static void warn_of_constraints(struct bl23_survey const *s, char const *prefix, FILE *out)
{
    struct bl23_constraints const *const list = &s->config->constraints;
    for (size_t c = 0; c < list->size; c++) {
        struct bl23_interval const range = range_gev(&list->item[c].curve);
        bl23_curve_file_warn(&list->item[c], prefix, out);
        if (bl23_chi2_decides(s->model))
            warn_of_closed(s, c, prefix, out);
        else
            warn_of_impossible(s, c, prefix, out);
        warn_of_vain(s, c, prefix, out);
        warn_of_weak(s->config, s->model, c, prefix, out);
        if (misses_all(s, range))
            fprintf(out,
                    "%s%s has no effect: its curve covers %.6g to %.6g GeV, where this survey has "
                    "no mass (masses are in GeV)\n",
                    prefix, list->item[c].name, range.lo, range.hi);
        else if (is_own(s->config, c) && bl23_limited_masses(s->model, c).count == 0)
            fprintf(out,
                    "%s%s has no effect: it limits nothing at any mass of this survey (masses are "
                    "in GeV)\n",
                    prefix, list->item[c].name);
    }
    bl23_cover_warn(s->config, s->model, prefix, out);
}

/* ---- chi^2 ---- */

/* The masses at which a constraint on the observable counts in chi^2, or any constraint does. */
static unsigned long long count_likelihoods(struct bl23_survey const *s, int observable)
{
    struct bl23_config const *const c = s->config;
    unsigned long long masses = 0;
    for (size_t k = 0; k < c->n_masses; k++) {
        bool counts = false;
        for (size_t i = 0; i < c->constraints.size && !counts; i++)
            counts = (observable < 0 || c->constraints.item[i].observable == observable) &&
                     bl23_likelihood_acts(&c->constraints, i, &c->inputs, c->mass_gev[k]);
        masses += counts;
    }
    return masses;
}

static void warn_of_theory(struct bl23_survey const *s, char const *prefix, FILE *out)
{
    struct bl23_dd const *const theory = s->config->constraints.theory;
    for (int k = 0; k < BL23_OBSERVABLES; k++)
        if (theory[k].hi > 0.0 && count_likelihoods(s, k) == 0)
            fprintf(out,
                    "%sthe theory error of %s has no effect: no constraint on it has a likelihood "
                    "at any mass of this survey\n",
                    prefix, bl23_observable_name(k));
}

/* The constraints that have no likelihood at all, and the masses at which none has one. */
static void warn_of_unranked(struct bl23_survey const *s, char const *prefix, FILE *out)
{
    struct bl23_constraints const *const list = &s->config->constraints;
    unsigned long long const all = bl23_model_masses(s->model), ranked = count_likelihoods(s, -1);
    size_t n = 0;
    for (size_t c = 0; c < list->size; c++)
        if (list->item[c].likelihood == BL23_LIKELIHOOD_NONE)
            fprintf(out, "%s%s", n++ == 0 ? prefix : ", ", list->item[c].name);
    if (n > 0)
        fprintf(out, " %s no likelihood, so chi^2 does not count %s (docs/fit.md)\n",
                n == 1 ? "has" : "have", n == 1 ? "it" : "them");
    if (ranked < all)
        fprintf(out,
                "%sno constraint has a likelihood at %llu of the %llu masses: chi^2 is 0 there\n",
                prefix, all - ranked, all);
}

/* With only upper limits the least chi^2 over g is at g = 0. */
static bool is_best_without_g(struct bl23_config const *c, struct bl23_model const *m)
{
    bool without = c->g_mode == BL23_G_SOLVE && (m->groups & BL23_GROUP_CHI2) != 0;
    for (size_t i = 0; i < c->constraints.size && without; i++)
        for (uint64_t k = 0; k < bl23_model_masses(m) && without; k++) {
            struct bl23_likelihood_values const l =
                bl23_likelihood_at(&c->constraints, i, &c->inputs, c->mass_gev[k]);
            without = !(l.central > 0.0) ||
                      bl23_knot_factor(&m->knot[k], c->constraints.item[i].observable) == 0.0;
        }
    return without;
}

static void warn_of_chi2(struct bl23_survey const *s, char const *prefix, FILE *out)
{
    if ((s->model->groups & BL23_GROUP_CHI2) == 0)
        return;
    warn_of_unranked(s, prefix, out);
    if (is_best_without_g(s->config, s->model))
        fprintf(out,
                "%schi^2 is least at g = 0 for every sample, because nothing that it counts asks "
                "for a larger g; draw g by g_bl: {log_uniform: [low, high]}\n",
                prefix);
}

/* A whole set without effect: nothing is left of it, or it acts at no mass. */
static void warn_of_sets(struct bl23_survey const *s, char const *prefix, FILE *out)
{
    struct bl23_constraints const *const list = &s->config->constraints;
    for (char const *set = s->config->sets; *set; set += strspn(set, ", ")) {
        size_t const length = strcspn(set, ",");
        size_t left = 0, acting = 0;
        for (size_t c = 0; c < list->size; c++) {
            char const *const from = list->item[c].set;
            bool const of_set = strlen(from) == length && memcmp(from, set, length) == 0;
            left += of_set;
            acting += of_set && bl23_limited_masses(s->model, c).count > 0;
        }
        if (left == 0)
            fprintf(out, "%sthe set %.*s has no effect: 'without' removes all of it\n", prefix,
                    (int)length, set);
        else if (acting == 0)
            fprintf(out,
                    "%sthe set %.*s has no effect: it limits nothing at any mass of this "
                    "survey (masses are in GeV)\n",
                    prefix, (int)length, set);
        set += length;
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

/* ---- bins ---- */

void bl23_bins_warn(struct bl23_config const *c, struct bl23_model const *m, uint64_t survivors,
                    uint64_t outside, char const *prefix, FILE *out)
{
    struct bl23_interval const bins = c->bins[BL23_AXIS_log10_g];
    bool const told = bl23_chi2_decides(m) && is_best_without_g(c, m); /* warn_of_chi2 */
    if (survivors > 0 && outside == survivors && !told)
        fprintf(out,
                "%sthe bins of log10_g, from %g to %g, contain none of the survivors; choose a "
                "range that does by output.bins.log10_g\n",
                prefix, bins.lo, bins.hi);
}

/* ---- memory ---- */

/* Results that exist at the same time: of each thread, pending, of the whole, of a segment. */
static double memory_needed(struct bl23_survey const *s, unsigned threads)
{
    struct bl23_reduction const *const r = &s->reduction;
    double const list_max = 0x1p26; /* of survivors, before they are committed */
    double const cells = (double)bl23_histogram_begin(r, r->n_histograms_2d);
    double const results = (double)sizeof(struct bl23_results) + 8.0 * cells +
                           (double)s->model->n_knots * (double)sizeof(struct bl23_knot_counts) +
                           (double)r->nearest * (double)sizeof(struct bl23_extremum);
    double const list =
        fmin(list_max, 10.0 * fmin((double)s->config->samples, (double)s->config->max_survivors));
    return (double)bl23_model_size(s->model) + (threads + 3) * results + 3.0 * list;
}

static void warn_of_memory(struct bl23_survey const *s, char const *prefix, FILE *out)
{
    struct bl23_allotment const a = bl23_allotment();
    double const needed = memory_needed(s, a.threads);
    if (needed > a.memory_bytes)
        fprintf(out,
                "%sthis survey may take %.3g MB of memory with %u threads, but may use only %.3g "
                "MB (%s); fewer --threads, or a smaller output.nearest, take less\n",
                prefix, needed / 1e6, a.threads, a.memory_bytes / 1e6, a.memory_by);
}

/* ---- all ---- */

void bl23_survey_warn(struct bl23_survey const *s, char const *prefix, FILE *out)
{
    char disk[BL23_OUTPUT_WARNING_SIZE];
    if (bl23_output_warning(s->config, s->model, disk))
        fprintf(out, "%s%s\n", prefix, disk);
    warn_of_memory(s, prefix, out);
    warn_of_masses(s, prefix, out);
    warn_of_decays(s, prefix, out);
    warn_of_sets(s, prefix, out);
    warn_of_constraints(s, prefix, out);
    warn_of_theory(s, prefix, out);
    warn_of_chi2(s, prefix, out);
    warn_of_citations(s->config, prefix, out);
}
