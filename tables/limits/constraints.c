/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "tables/limits/constraints.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kernels/sample/error.h"
#include "tables/base/embedded.h"

#define BRANCHING "branching ratio of " /* what the text of every mode begins with */

static struct {
    char const *name;
    enum bl23_quantity quantity;
    char const *symbol;
} const observables[BL23_OBSERVABLES] = {
#define ROW(name, unit, text, quantity)                                                            \
    {#name, BL23_QUANTITY_##quantity, &(text)[sizeof BRANCHING - 1]},
    BL23_MODE_LIST(ROW)
#undef ROW
        {"delta_a_mu", BL23_QUANTITY_G2, "Delta a_mu"},
    {"g_bl", BL23_QUANTITY_G, "g_B-L"},
};

char const bl23_constraint_set_names[] = "paper2020 b_invisible_2021 current";

static char const constraint_keys[] =
    "name observable upper curve band_1sigma band_2sigma central sigma cl mass_near_pi0_gev "
    "mass_inside_gev mass_outside_gev cite note";

char const *bl23_observable_name(int observable)
{
    return observables[observable].name;
}

char const *bl23_observable_symbol(int observable)
{
    return observables[observable].symbol;
}

enum bl23_quantity bl23_observable_quantity(int observable)
{
    return observables[observable].quantity;
}

/* The constraint that is read, its YAML node, and where its curve comes from. */
struct reading {
    struct bl23_yaml *yaml;
    bl23_yaml_node *node;
    struct bl23_file_source source;
    struct bl23_error *error;
    struct bl23_constraint *c;
};

static bl23_yaml_node *find(struct reading *r, char const *key)
{
    return bl23_yaml_find(r->yaml, r->node, key);
}

static enum bl23_status refuse(struct reading *r, char const *key, char const *allowed)
{
    return bl23_yaml_refuse_key(r->yaml, r->node, key, allowed, r->error);
}

/* Too few or too many of the listed keys are there. */
static enum bl23_status refuse_choice(struct reading *r, char const *keys, char const *allowed)
{
    char found[128] = "", key[32];
    for (char const *p = keys; *p; p += strspn(p, " ")) {
        size_t const length = strcspn(p, " "), used = strlen(found);
        snprintf(key, sizeof key, "%.*s", (int)length, p);
        if (find(r, key))
            snprintf(found + used, sizeof found - used, "%s%s", used ? ", " : "", key);
        p += length;
    }
    return bl23_fail(r->error, BL23_ERROR_CONFIG, "%s:%zu: constraint '%s' must have %s (got %s)",
                     r->yaml->name, r->node->start_mark.line + 1, r->c->name, allowed,
                     found[0] ? found : "none of them");
}

static bool printable(char const *text)
{
    for (char const *p = text; *p; p++)
        if ((unsigned char)*p < 0x20 || *p == 0x7f)
            return false;
    return true;
}

static enum bl23_status read_text(struct reading *r, char const *key, char *out, size_t size,
                                  bool required)
{
    bl23_yaml_node *const node = find(r, key);
    if (!node && !required)
        return BL23_OK;
    char const *const text = bl23_yaml_text(node);
    if (!text || text[0] == '\0' || strlen(text) >= size || !printable(text)) {
        char allowed[64];
        snprintf(allowed, sizeof allowed, "a printable text of 1 to %zu bytes", size - 1);
        return refuse(r, key, allowed);
    }
    snprintf(out, size, "%s", text);
    return BL23_OK;
}

bool bl23_is_name(char const *text, size_t length)
{
    static char const allowed[] = "abcdefghijklmnopqrstuvwxyz"
                                  "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+.";
    return length < BL23_NAME_SIZE && strspn(text, allowed) >= length && strspn(text, ".") < length;
}

static enum bl23_status read_name(struct reading *r)
{
    char const *const text = bl23_yaml_text(find(r, "name"));
    if (!text || !bl23_is_name(text, strlen(text)))
        return refuse(r, "name", BL23_NAME_ALLOWED);
    snprintf(r->c->name, sizeof r->c->name, "%s", text);
    return BL23_OK;
}

static enum bl23_status read_observable(struct reading *r)
{
    bl23_yaml_node *const node = find(r, "observable");
    char const *const text = bl23_yaml_text(node);
    for (int k = 0; text && k < BL23_OBSERVABLES; k++)
        if (strcmp(text, observables[k].name) == 0) {
            r->c->observable = k;
            return BL23_OK;
        }
    char allowed[256] = "one of";
    for (int k = 0; k < BL23_OBSERVABLES; k++) {
        strcat(allowed, " ");
        strcat(allowed, observables[k].name);
    }
    return refuse(r, "observable", allowed);
}

#define POSITIVE "a number from 1e-100 to 1e100"

static enum bl23_status read_positive(struct reading *r, char const *key, struct bl23_dd *value)
{
    return bl23_yaml_number(r->yaml, find(r, key), key, 1e-100, 1e100, POSITIVE, value, r->error);
}

static enum bl23_status read_curve(struct reading *r)
{
    char *text = NULL;
    size_t length;
    BL23_TRY(read_text(r, "curve", r->c->curve_name, sizeof r->c->curve_name, true));
    BL23_TRY(r->source.read(r->source.context, r->c->curve_name, &text, &length, r->error));
    enum bl23_status const status =
        bl23_curve_parse(r->c->curve_name, text, length, &r->c->curve, r->error);
    free(text);
    return status;
}

static enum bl23_status read_edges(struct reading *r, char const *key, struct bl23_dd edge[2])
{
    bl23_yaml_node *const node = find(r, key);
    char const *const allowed = "[low, high] with low < high";
    if (!node)
        return refuse(r, key, allowed);
    BL23_TRY(bl23_yaml_numbers(r->yaml, node, key, 2, allowed, edge, r->error));
    return bl23_dd_less(edge[0], edge[1]) ? BL23_OK
                                          : bl23_yaml_refuse(r->yaml, node, key, allowed, r->error);
}

/* central +- 1 and 2 sigma, with no more digits than a resolved configuration writes of them, so
 * that both give the same limits. */
static enum bl23_status read_measurement(struct reading *r)
{
    struct bl23_dd central, sigma;
    BL23_TRY(bl23_yaml_number(r->yaml, find(r, "central"), "central", -1e100, 1e100,
                              "a number from -1e100 to 1e100", &central, r->error));
    if (!find(r, "sigma"))
        return refuse(r, "sigma", POSITIVE);
    BL23_TRY(read_positive(r, "sigma", &sigma));
    for (int level = 0; level < BL23_LEVELS; level++) {
        struct bl23_dd const half = bl23_dd_mul_d(sigma, level + 1.0);
        r->c->band[level][0] = bl23_dd_shortest(bl23_dd_sub(central, half));
        r->c->band[level][1] = bl23_dd_shortest(bl23_dd_add(central, half));
    }
    if (!bl23_dd_less(r->c->band[0][0], r->c->band[0][1]))
        return refuse(r, "sigma", "a number large enough that central +- sigma differ as doubles");
    return BL23_OK;
}

/* The band at 1 sigma must lie inside the one at 2 sigma. */
static enum bl23_status read_bands(struct reading *r)
{
    struct bl23_dd(*const band)[2] = r->c->band;
    BL23_TRY(read_edges(r, "band_1sigma", band[0]));
    BL23_TRY(read_edges(r, "band_2sigma", band[1]));
    if (!bl23_dd_less(band[0][0], band[1][0]) && !bl23_dd_less(band[1][1], band[0][1]))
        return BL23_OK;
    char edge[4][32];
    for (int k = 0; k < 4; k++)
        bl23_dd_print_shortest(band[k / 2][k % 2], edge[k], sizeof edge[k]);
    return bl23_fail(r->error, BL23_ERROR_CONFIG,
                     "%s:%zu: constraint '%s' must have its band_1sigma [%s, %s] inside its "
                     "band_2sigma [%s, %s]",
                     r->yaml->name, find(r, "band_1sigma")->start_mark.line + 1, r->c->name,
                     edge[0], edge[1], edge[2], edge[3]);
}

static enum bl23_status read_kind(struct reading *r)
{
    bool const upper = find(r, "upper"), curve = find(r, "curve"), central = find(r, "central");
    bool const band = find(r, "band_1sigma") || find(r, "band_2sigma");
    if (upper + curve + central + band != 1 || (find(r, "sigma") && !central))
        return refuse_choice(r, "upper curve band_1sigma band_2sigma central sigma",
                             "exactly one of upper | curve | band_1sigma and band_2sigma | "
                             "central and sigma");
    r->c->kind = upper ? BL23_UPPER : curve ? BL23_CURVE : BL23_BAND;
    if (upper)
        return read_positive(r, "upper", &r->c->upper);
    if (curve)
        return read_curve(r);
    if (central)
        return read_measurement(r);
    return read_bands(r);
}

static enum bl23_status read_window(struct reading *r)
{
    bool const near = find(r, "mass_near_pi0_gev"), inside = find(r, "mass_inside_gev"),
               outside = find(r, "mass_outside_gev");
    if (near + inside + outside > 1)
        return refuse_choice(r, "mass_near_pi0_gev mass_inside_gev mass_outside_gev",
                             "at most one of mass_near_pi0_gev mass_inside_gev mass_outside_gev");
    if (near) {
        r->c->window_kind = BL23_WINDOW_NEAR_PI0;
        return read_positive(r, "mass_near_pi0_gev", &r->c->window[0]);
    }
    if (!inside && !outside)
        return BL23_OK;
    r->c->window_kind = inside ? BL23_WINDOW_INSIDE : BL23_WINDOW_OUTSIDE;
    return read_edges(r, inside ? "mass_inside_gev" : "mass_outside_gev", r->c->window);
}

static enum bl23_status read_confidence_level(struct reading *r)
{
    bl23_yaml_node *const node = find(r, "cl");
    bool const limit = r->c->kind != BL23_BAND;
    if (!node && !limit)
        return BL23_OK;
    char const *const allowed = limit ? "a confidence level from 1e-6 to 1 - 1e-9"
                                      : "absent beside a band, whose levels are 1 and 2 sigma";
    if (!node || !limit)
        return refuse(r, "cl", allowed);
    struct bl23_dd value;
    BL23_TRY(bl23_yaml_number(r->yaml, node, "cl", 1e-6, 1.0 - 1e-9, allowed, &value, r->error));
    r->c->confidence_level = value.hi;
    return BL23_OK;
}

static enum bl23_status read_constraint(struct reading *r)
{
    struct bl23_constraint *const c = r->c;
    BL23_TRY(bl23_yaml_check_keys(r->yaml, r->node, "a constraint", constraint_keys, r->error));
    BL23_TRY(read_name(r));
    BL23_TRY(read_observable(r));
    BL23_TRY(read_kind(r));
    BL23_TRY(read_window(r));
    BL23_TRY(read_confidence_level(r));
    BL23_TRY(read_text(r, "cite", c->cite, sizeof c->cite, true));
    return read_text(r, "note", c->note, sizeof c->note, false);
}

bool bl23_constraints_named(struct bl23_constraints const *list, char const *name)
{
    for (size_t k = 0; k < list->size; k++)
        if (strcmp(list->item[k].name, name) == 0)
            return true;
    return false;
}

enum bl23_status bl23_constraints_add_yaml(struct bl23_constraints *list, struct bl23_yaml *yaml,
                                           bl23_yaml_node *node, struct bl23_file_source source,
                                           struct bl23_error *error)
{
    if (list->size == BL23_CONSTRAINTS_MAX)
        return bl23_fail(error, BL23_ERROR_CONFIG,
                         "%s:%zu: this constraint exceeds the maximum of %d constraints; remove "
                         "this or another one",
                         yaml->name, node->start_mark.line + 1, BL23_CONSTRAINTS_MAX);
    struct bl23_constraint *const c = &list->item[list->size];
    *c = (struct bl23_constraint){0};
    struct reading r = {yaml, node, source, error, c};
    enum bl23_status status = read_constraint(&r);
    if (status == BL23_OK && bl23_constraints_named(list, c->name))
        status = bl23_yaml_refuse(yaml, bl23_yaml_find(yaml, node, "name"), "name",
                                  "a name that no other constraint has", error);
    if (status == BL23_OK)
        list->size++;
    else
        bl23_curve_free(&c->curve);
    return status;
}

static enum bl23_status read_embedded(void *context, char const *name, char **text, size_t *length,
                                      struct bl23_error *error)
{
    (void)context;
    struct bl23_embedded_file const *const file = bl23_embedded_find(name);
    if (!file)
        return bl23_fail(error, BL23_ERROR_CONFIG, "%s: no such file is built in", name);
    *text = malloc(file->size + 1);
    if (!*text)
        return bl23_fail(error, BL23_ERROR_MEMORY, "%s: out of memory", name);
    memcpy(*text, file->data, file->size);
    *length = file->size;
    return BL23_OK;
}

/* Refuse an item of a set whose name another set has. */
static enum bl23_status refuse_clash(struct bl23_constraints const *list, char const *set,
                                     char const *name, struct bl23_error *error)
{
    for (size_t k = 0; k < list->size; k++) {
        char const *const other = list->item[k].set;
        if (!name || strcmp(list->item[k].name, name) != 0 || other[0] == '\0')
            continue;
        if (strcmp(other, set) == 0)
            return bl23_fail(error, BL23_ERROR_CONFIG,
                             "the constraint set '%s' is listed twice; list it once", set);
        return bl23_fail(
            error, BL23_ERROR_CONFIG,
            "the constraint sets '%s' and '%s' both hold '%s'; use one of the two sets", other, set,
            name);
    }
    return BL23_OK;
}

static enum bl23_status add_document(struct bl23_constraints *list, char const *set,
                                     struct bl23_yaml *yaml, struct bl23_error *error)
{
    struct bl23_file_source const embedded = {read_embedded, NULL};
    bl23_yaml_node *root;
    BL23_TRY(bl23_yaml_root(yaml, &root, error));
    BL23_TRY(
        bl23_yaml_check_keys(yaml, root, "a constraint set", "description constraints", error));
    bl23_yaml_node *const items = bl23_yaml_find(yaml, root, "constraints");
    size_t const n = bl23_yaml_length(items);
    for (size_t k = 0; k < n; k++) {
        bl23_yaml_node *const item = bl23_yaml_item(yaml, items, k);
        BL23_TRY(
            refuse_clash(list, set, bl23_yaml_text(bl23_yaml_find(yaml, item, "name")), error));
    }
    for (size_t k = 0; k < n; k++) {
        BL23_TRY(
            bl23_constraints_add_yaml(list, yaml, bl23_yaml_item(yaml, items, k), embedded, error));
        struct bl23_constraint *const added = &list->item[list->size - 1];
        snprintf(added->set, sizeof added->set, "%s", set);
    }
    return BL23_OK;
}

static enum bl23_status add_file(struct bl23_constraints *list, char const *set,
                                 struct bl23_embedded_file const *file, struct bl23_error *error)
{
    struct bl23_yaml yaml;
    BL23_TRY(bl23_yaml_parse(file->name, (char const *)file->data, file->size, &yaml, error));
    enum bl23_status const status = add_document(list, set, &yaml, error);
    bl23_yaml_free(&yaml);
    return status;
}

/* Is the name one of bl23_constraint_set_names, whole? */
static bool is_set(char const *name)
{
    size_t const length = strlen(name);
    for (char const *p = bl23_constraint_set_names; *p;) {
        size_t const size = strcspn(p, " ");
        if (size == length && memcmp(p, name, length) == 0)
            return true;
        p += size + strspn(p + size, " ");
    }
    return false;
}

enum bl23_status bl23_constraints_add_set(struct bl23_constraints *list, char const *set,
                                          struct bl23_error *error)
{
    char name[BL23_NAME_SIZE];
    snprintf(name, sizeof name, "%s.yaml", set);
    struct bl23_embedded_file const *const file = is_set(set) ? bl23_embedded_find(name) : NULL;
    if (!file)
        return bl23_fail(error, BL23_ERROR_CONFIG,
                         "there is no constraint set '%s'; the sets are %s", set,
                         bl23_constraint_set_names);
    return add_file(list, set, file, error);
}

enum bl23_status bl23_constraints_add_overlays(struct bl23_constraints *list,
                                               struct bl23_error *error)
{
    struct bl23_embedded_file const *const file = bl23_embedded_find("overlays.yaml");
    return file ? add_file(list, "overlays", file, error)
                : bl23_fail(error, BL23_ERROR_FAILED, "overlays.yaml is not built in");
}

bool bl23_constraints_remove(struct bl23_constraints *list, char const *name)
{
    for (size_t k = 0; k < list->size; k++) {
        if (strcmp(list->item[k].name, name) != 0)
            continue;
        bl23_curve_free(&list->item[k].curve);
        list->size--;
        memmove(&list->item[k], &list->item[k + 1], (list->size - k) * sizeof list->item[0]);
        return true;
    }
    return false;
}

void bl23_constraints_free(struct bl23_constraints *list)
{
    for (size_t k = 0; k < list->size; k++)
        bl23_curve_free(&list->item[k].curve);
    list->size = 0;
}

static bool applies(struct bl23_constraint const *c, struct bl23_inputs const *inputs,
                    struct bl23_dd mass)
{
    switch (c->window_kind) {
    case BL23_WINDOW_NEAR_PI0:
        return bl23_dd_less(bl23_dd_abs(bl23_dd_sub(mass, inputs->m_pi0)), c->window[0]);
    case BL23_WINDOW_INSIDE:
        return !bl23_dd_less(mass, c->window[0]) && !bl23_dd_less(c->window[1], mass);
    case BL23_WINDOW_OUTSIDE:
        return bl23_dd_less(mass, c->window[0]) || bl23_dd_less(c->window[1], mass);
    case BL23_WINDOW_ALL:
    default:
        return true;
    }
}

void bl23_constraint_at(struct bl23_constraint const *c, struct bl23_inputs const *inputs,
                        struct bl23_dd mass, int level, struct bl23_dd *lo, struct bl23_dd *hi)
{
    *lo = bl23_dd(0.0);
    *hi = bl23_dd((double)INFINITY);
    if (!applies(c, inputs, mass))
        return;
    if (c->kind == BL23_UPPER)
        *hi = c->upper;
    if (c->kind == BL23_CURVE)
        bl23_curve_at(&c->curve, mass, hi);
    if (c->kind == BL23_BAND) {
        *lo = c->band[level][0].hi > 0.0 ? c->band[level][0] : bl23_dd(0.0);
        *hi = c->band[level][1];
    }
}
