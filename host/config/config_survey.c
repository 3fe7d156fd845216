/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "host/config/config_loading.h"

#include <stdlib.h>
#include <string.h>

#include "kernels/sample/error.h"

#define MASS_ALLOWED                                                                               \
    "{fixed: m}, {uniform: [low, high], knots: N}, {log_uniform: [low, high], knots: N} or "       \
    "{list: [m, ...]} with masses in " BL23_MASS_ALLOWED
#define MASS_EDGES_ALLOWED "[low, high] with low < high, two masses in " BL23_MASS_ALLOWED
#define G_ALLOWED                                                                                  \
    "solve, {fixed: g} or {log_uniform: [low, high]} with g in " BL23_G_ALLOWED " and low < high"
#define W_ALLOWED                                                                                  \
    "haar or {fixed: [r11, ph11, r12, ph12, r13, ph13]} with moduli r from 0 and phases in units " \
    "of pi"

/* Is it a mapping with that many keys? */
static bool has_keys(bl23_yaml_node *node, int keys)
{
    return bl23_yaml_is_mapping(node) &&
           node->data.mapping.pairs.top - node->data.mapping.pairs.start == keys;
}

static enum bl23_status read_mass(struct bl23_loading *l, bl23_yaml_node const *node,
                                  struct bl23_dd *mass)
{
    return bl23_yaml_number(&l->yaml, node, "mass_gev", BL23_MASS_MIN_GEV, BL23_MASS_MAX_GEV,
                            MASS_ALLOWED, mass, l->error);
}

static enum bl23_status allocate_masses(struct bl23_loading *l, size_t count)
{
    struct bl23_config *const c = l->config;
    c->mass_gev = calloc(count, sizeof *c->mass_gev);
    c->n_masses = count;
    return c->mass_gev ? BL23_OK : bl23_fail(l->error, BL23_ERROR_MEMORY, "out of memory");
}

/* If a mass differs only by rounding from the number that is printed for it, take that number. So
 * it lies on the end of a curve or a window just as it would in a list. */
static struct bl23_dd as_printed(struct bl23_dd mass)
{
    double const rounding = 1e-28; /* relative; above that of the logarithm and below any step */
    char text[32];
    bl23_dd_print_shortest(bl23_dd(bl23_dd_round(mass)), text, sizeof text);
    struct bl23_dd const printed = bl23_dd_parse(text, NULL);
    bool const same =
        bl23_dd_less(bl23_dd_abs(bl23_dd_sub(printed, mass)), bl23_dd_mul_d(mass, rounding));
    return same ? printed : mass;
}

/* N masses with equal steps, or with equal ratios (log_uniform), both ends included. */
static void space_masses(struct bl23_config *c)
{
    bool const log = c->mass_mode == BL23_MASS_LOG_UNIFORM;
    struct bl23_dd const span = log ? bl23_dd_log(bl23_dd_div(c->mass_high, c->mass_low))
                                    : bl23_dd_sub(c->mass_high, c->mass_low);
    struct bl23_dd const step = bl23_dd_div(span, bl23_dd((double)(c->n_masses - 1)));
    for (size_t k = 0; k < c->n_masses; k++) {
        struct bl23_dd const way = bl23_dd_mul_d(step, (double)k);
        c->mass_gev[k] = as_printed(log ? bl23_dd_mul(c->mass_low, bl23_dd_exp(way))
                                        : bl23_dd_add(c->mass_low, way));
    }
    c->mass_gev[c->n_masses - 1] = c->mass_high;
}

static enum bl23_status read_spaced(struct bl23_loading *l, bl23_yaml_node *edges,
                                    bl23_yaml_node *knots, enum bl23_mass_mode mode)
{
    struct bl23_config *const c = l->config;
    char const *const key = mode == BL23_MASS_UNIFORM ? "uniform" : "log_uniform";
    uint64_t n;
    if (bl23_yaml_length(edges) != 2)
        return bl23_loading_refuse(l, edges, key, MASS_EDGES_ALLOWED);
    BL23_TRY(read_mass(l, bl23_yaml_item(&l->yaml, edges, 0), &c->mass_low));
    BL23_TRY(read_mass(l, bl23_yaml_item(&l->yaml, edges, 1), &c->mass_high));
    if (!bl23_dd_less(c->mass_low, c->mass_high))
        return bl23_loading_refuse(l, edges, key, MASS_EDGES_ALLOWED);
    BL23_TRY(bl23_yaml_whole(&l->yaml, knots, "knots", 2, BL23_KNOTS_MAX,
                             "a whole number from 2 to 65536", &n, l->error));
    BL23_TRY(allocate_masses(l, n));
    c->mass_mode = mode;
    space_masses(c);
    return BL23_OK;
}

static int by_mass(void const *a, void const *b)
{
    struct bl23_dd const *const x = a, *const y = b;
    return bl23_dd_less(*y, *x) - bl23_dd_less(*x, *y);
}

/* A repeated mass would get twice the samples. */
static enum bl23_status refuse_twice(struct bl23_loading *l, bl23_yaml_node *list)
{
    struct bl23_config const *const c = l->config;
    struct bl23_dd *const sorted = malloc(c->n_masses * sizeof *sorted);
    if (!sorted)
        return bl23_fail(l->error, BL23_ERROR_MEMORY, "out of memory");
    memcpy(sorted, c->mass_gev, c->n_masses * sizeof *sorted);
    qsort(sorted, c->n_masses, sizeof *sorted, by_mass);
    size_t k = 1;
    while (k < c->n_masses && bl23_dd_less(sorted[k - 1], sorted[k]))
        k++;
    struct bl23_dd const twice = sorted[k < c->n_masses ? k : 0];
    free(sorted);
    if (k >= c->n_masses)
        return BL23_OK;
    size_t last = c->n_masses - 1;
    while (by_mass(&c->mass_gev[last], &twice) != 0)
        last--;
    bl23_yaml_node const *const item = bl23_yaml_item(&l->yaml, list, last);
    return bl23_fail(l->error, BL23_ERROR_CONFIG,
                     "%s:%zu: list must hold each mass once (got %s twice)", l->yaml.name,
                     item->start_mark.line + 1, bl23_yaml_text(item));
}

static enum bl23_status read_mass_list(struct bl23_loading *l, bl23_yaml_node *list)
{
    size_t const n = bl23_yaml_length(list);
    if (n < 1 || n > BL23_KNOTS_MAX)
        return bl23_loading_refuse(l, list, "list",
                                   "[m, ...] with 1 to 65536 masses in " BL23_MASS_ALLOWED);
    BL23_TRY(allocate_masses(l, n));
    for (size_t k = 0; k < n; k++)
        BL23_TRY(read_mass(l, bl23_yaml_item(&l->yaml, list, k), &l->config->mass_gev[k]));
    l->config->mass_mode = BL23_MASS_LIST;
    return refuse_twice(l, list);
}

static enum bl23_status read_masses(struct bl23_loading *l, bl23_yaml_node *node)
{
    if (!node || !bl23_yaml_is_mapping(node))
        return bl23_loading_refuse(l, node, "mass_gev", MASS_ALLOWED);
    BL23_TRY(bl23_yaml_check_keys(&l->yaml, node, "mass_gev",
                                  "fixed uniform log_uniform knots list", l->error));
    bl23_yaml_node *const fixed = bl23_loading_find(l, node, "fixed");
    bl23_yaml_node *const list = bl23_loading_find(l, node, "list");
    bl23_yaml_node *const uniform = bl23_loading_find(l, node, "uniform");
    bl23_yaml_node *const log_uniform = bl23_loading_find(l, node, "log_uniform");
    bl23_yaml_node *const knots = bl23_loading_find(l, node, "knots");
    if (uniform && knots && has_keys(node, 2))
        return read_spaced(l, uniform, knots, BL23_MASS_UNIFORM);
    if (log_uniform && knots && has_keys(node, 2))
        return read_spaced(l, log_uniform, knots, BL23_MASS_LOG_UNIFORM);
    if (list && has_keys(node, 1))
        return read_mass_list(l, list);
    if (!fixed || !has_keys(node, 1))
        return bl23_loading_refuse(l, node, "mass_gev", MASS_ALLOWED);
    l->config->mass_mode = BL23_MASS_FIXED;
    BL23_TRY(allocate_masses(l, 1));
    return read_mass(l, fixed, l->config->mass_gev);
}

static enum bl23_status read_g_number(struct bl23_loading *l, bl23_yaml_node *node,
                                      struct bl23_dd *g)
{
    return bl23_yaml_number(&l->yaml, node, "g_bl", BL23_G_MIN, BL23_G_MAX, G_ALLOWED, g, l->error);
}

static enum bl23_status read_g(struct bl23_loading *l, bl23_yaml_node *node)
{
    struct bl23_config *const c = l->config;
    char const *const text = bl23_yaml_text(node);
    if (!node || (text && strcmp(text, "solve") == 0))
        return BL23_OK;
    bl23_yaml_node *const fixed = bl23_loading_find(l, node, "fixed");
    bl23_yaml_node *const range = bl23_loading_find(l, node, "log_uniform");
    if (!has_keys(node, 1) || (!fixed && !range))
        return bl23_loading_refuse(l, node, "g_bl", G_ALLOWED);
    if (fixed) {
        c->g_mode = BL23_G_FIXED;
        return read_g_number(l, fixed, &c->g_min);
    }
    c->g_mode = BL23_G_LOG_UNIFORM;
    if (bl23_yaml_length(range) != 2)
        return bl23_loading_refuse(l, range, "g_bl", G_ALLOWED);
    BL23_TRY(read_g_number(l, bl23_yaml_item(&l->yaml, range, 0), &c->g_min));
    BL23_TRY(read_g_number(l, bl23_yaml_item(&l->yaml, range, 1), &c->g_max));
    return bl23_dd_less(c->g_min, c->g_max) ? BL23_OK
                                            : bl23_loading_refuse(l, range, "g_bl", G_ALLOWED);
}

static enum bl23_status read_w(struct bl23_loading *l, bl23_yaml_node *node)
{
    struct bl23_config *const c = l->config;
    char const *const text = bl23_yaml_text(node);
    if (!node || (text && strcmp(text, "haar") == 0))
        return BL23_OK;
    bl23_yaml_node *const fixed = bl23_loading_find(l, node, "fixed");
    if (!has_keys(node, 1) || !fixed)
        return bl23_loading_refuse(l, node, "w", W_ALLOWED);
    struct bl23_dd value[6];
    BL23_TRY(bl23_yaml_numbers(&l->yaml, fixed, "w", 6, W_ALLOWED, value, l->error));
    double norm = 0.0;
    for (int k = 0; k < 3; k++) {
        c->w_modulus[k] = value[2 * k];
        c->w_phase_pi[k] = value[2 * k + 1];
        norm += value[2 * k].hi;
        if (!(value[2 * k].hi >= 0.0 && value[2 * k].hi <= 1e6) ||
            !(fabs(value[2 * k + 1].hi) <= 1e6))
            return bl23_loading_refuse(l, fixed, "w", W_ALLOWED ", each at most 1e6 in size");
    }
    if (!(norm > 1e-6))
        return bl23_loading_refuse(l, fixed, "w", W_ALLOWED ", not all moduli zero");
    c->w_mode = BL23_W_FIXED;
    return BL23_OK;
}

enum bl23_status bl23_loading_survey(struct bl23_loading *l, bl23_yaml_node *node)
{
    static struct bl23_loading_key const keys[] = {
        BL23_KEY_WHOLE(samples, 1, BL23_SAMPLES_MAX), BL23_KEY_WHOLE(seed, 0, BL23_SAMPLES_MAX),
        BL23_KEY("mass_gev", read_masses), BL23_KEY("g_bl", read_g), BL23_KEY("w", read_w)};
    if (!node)
        return bl23_loading_refuse(l, NULL, "survey",
                                   "a mapping with the keys samples seed mass_gev g_bl w");
    return bl23_loading_section(l, node, "survey", keys, sizeof keys / sizeof *keys);
}
