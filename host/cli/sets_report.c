/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "host/cli/sets_report.h"

#include <math.h>
#include <string.h>

#include "host/io/json_values.h"
#include "tables/base/words.h"
#include "tables/limits/constraints.h"

enum { TEXT_SIZE = 96 };

/* What is done with every set. */
typedef void set_visitor(char const *name, char const *alias,
                         struct bl23_constraints const *constraints, void *context);

static char const *alias_of(char const *set)
{
    for (struct bl23_set_alias const *a = bl23_set_aliases; a->alias; a++)
        if (strcmp(a->set, set) == 0)
            return a->alias;
    return NULL;
}

static enum bl23_status visit_sets(set_visitor *visit, void *context, struct bl23_error *error)
{
    char name[BL23_WORD_SIZE];
    for (char const *p = bl23_constraint_set_names; bl23_next_word(&p, name);) {
        struct bl23_constraints set = {0};
        enum bl23_status const status = bl23_constraints_add_set(&set, name, error);
        if (status == BL23_OK)
            visit(name, alias_of(name), &set, context);
        bl23_constraints_free(&set);
        if (status != BL23_OK)
            return status;
    }
    return BL23_OK;
}

/* The smallest and largest of a curve's limits and masses. */
struct extent {
    double low, high, first_gev, last_gev;
};

static struct extent extent_of(struct bl23_curve const *curve)
{
    struct extent e = {INFINITY, 0.0, INFINITY, 0.0};
    for (size_t k = 0; k < curve->size; k++) {
        e.low = fmin(e.low, curve->upper[k]);
        e.high = fmax(e.high, curve->upper[k]);
        e.first_gev = fmin(e.first_gev, curve->mass_gev[k].hi);
        e.last_gev = fmax(e.last_gev, curve->mass_gev[k].hi);
    }
    return e;
}

/* The values at 2 sigma, as "< 9e-06", "1.27e-09 .. 4.31e-09" or "< 1e-10 .. 2e-09" of a curve. */
static void describe_values(struct bl23_constraint const *c, char text[TEXT_SIZE])
{
    struct extent const e = extent_of(&c->curve);
    if (c->kind == BL23_UPPER)
        snprintf(text, TEXT_SIZE, "< %.4g", c->upper.hi);
    else if (c->kind == BL23_BAND)
        snprintf(text, TEXT_SIZE, "%.4g .. %.4g", c->band[1][0].hi, c->band[1][1].hi);
    else
        snprintf(text, TEXT_SIZE, "< %.2g .. %.2g", e.low, e.high);
}

/* Where it applies: the masses of its curve, and its window. */
static void describe_masses(struct bl23_constraint const *c, char text[TEXT_SIZE])
{
    struct extent const e = extent_of(&c->curve);
    double const a = c->window[0].hi, b = c->window[1].hi;
    char window[TEXT_SIZE] = "";
    if (c->window_kind == BL23_WINDOW_NEAR_PI0)
        snprintf(window, sizeof window, "within %.4g GeV of m_pi0", a);
    else if (c->window_kind != BL23_WINDOW_ALL)
        snprintf(window, sizeof window, "%s %.4g .. %.4g GeV",
                 c->window_kind == BL23_WINDOW_INSIDE ? "in" : "outside", a, b);
    if (c->kind == BL23_CURVE)
        snprintf(text, TEXT_SIZE, "%.3g .. %.3g GeV%s%s", e.first_gev, e.last_gev,
                 *window ? ", " : "", window);
    else
        snprintf(text, TEXT_SIZE, "%s", *window ? window : "all");
}

static void print_set(char const *name, char const *alias, struct bl23_constraints const *set,
                      void *context)
{
    FILE *const out = context;
    fprintf(out, "%s%s%s%s\n", name, alias ? " (" : "", alias ? alias : "", alias ? ")" : "");
    for (size_t k = 0; k < set->size; k++) {
        struct bl23_constraint const *const c = &set->item[k];
        char values[TEXT_SIZE], masses[TEXT_SIZE], level[16] = "2 sigma";
        describe_values(c, values);
        describe_masses(c, masses);
        if (c->kind != BL23_BAND)
            snprintf(level, sizeof level, c->confidence_level > 0.0 ? "%.0f %% CL" : "no CL",
                     100.0 * c->confidence_level);
        fprintf(out, "  %-22s %-12s %-24s %-8s %s [%s]\n", c->name,
                bl23_observable_name(c->observable), values, level, masses, c->cite);
    }
    fprintf(out, "\n");
}

enum bl23_status bl23_sets_print(FILE *out, struct bl23_error *error)
{
    fprintf(out, "Shipped sets of constraints; an alias in parentheses. A set never changes: new "
                 "limits are a new set.\nFor each: observable, limit (of a curve: its smallest and "
                 "largest), level, masses, citation\n\n");
    return visit_sets(print_set, out, error);
}

static json_t *band_json(struct bl23_dd const edge[2])
{
    return json_pack("[o, o]", bl23_json_number(edge[0].hi), bl23_json_number(edge[1].hi));
}

static json_t *curve_json(struct bl23_curve const *curve)
{
    json_t *const rows = json_array();
    for (size_t k = 0; k < curve->size; k++)
        json_array_append_new(rows, json_pack("[i, o, o]", curve->window[k],
                                              bl23_json_number(curve->mass_gev[k].hi),
                                              bl23_json_number(curve->upper[k])));
    return rows;
}

static json_t *constraint_json(struct bl23_constraint const *c)
{
    char masses[TEXT_SIZE];
    describe_masses(c, masses);
    json_t *const object = json_pack(
        "{s:s, s:s, s:s, s:s, s:o, s:s, s:s}", "name", c->name, "observable",
        bl23_observable_name(c->observable), "kind", bl23_constraint_kind_name(c->kind), "masses",
        masses, "cl", c->confidence_level > 0.0 ? json_real(c->confidence_level) : json_null(),
        "cite", c->cite, "note", c->note);
    if (c->kind == BL23_UPPER)
        json_object_set_new(object, "upper", bl23_json_number(c->upper.hi));
    if (c->kind == BL23_CURVE)
        json_object_set_new(object, "window_mass_gev_upper", curve_json(&c->curve));
    if (c->kind == BL23_BAND) {
        json_object_set_new(object, "band_1sigma", band_json(c->band[0]));
        json_object_set_new(object, "band_2sigma", band_json(c->band[1]));
    }
    return object;
}

static void add_set(char const *name, char const *alias, struct bl23_constraints const *set,
                    void *context)
{
    json_t *const list = json_array();
    for (size_t k = 0; k < set->size; k++)
        json_array_append_new(list, constraint_json(&set->item[k]));
    json_array_append_new(
        context, json_pack("{s:s, s:s?, s:o}", "name", name, "alias", alias, "constraints", list));
}

enum bl23_status bl23_sets_json(json_t **object, struct bl23_error *error)
{
    json_t *const sets = json_array();
    enum bl23_status const status = visit_sets(add_set, sets, error);
    *object = json_pack("{s:o}", "sets", sets);
    return status;
}
