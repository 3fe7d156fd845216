/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "host/config/config_loading.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/config/given_rows.h"
#include "kernels/sample/error.h"

#define MASS_ALLOWED                                                                               \
    "{fixed: m}, {uniform: [low, high], knots: N}, {log_uniform: [low, high], knots: N} or "       \
    "{list: [m, ...]} with masses in " BL23_MASS_ALLOWED
#define MASS_EDGES_ALLOWED "[low, high] with low < high, two masses in " BL23_MASS_ALLOWED
#define G_ALLOWED                                                                                  \
    "solve, rows, {fixed: g} or {log_uniform: [low, high]} with g in " BL23_G_ALLOWED              \
    " and low < high"
#define W_ALLOWED                                                                                  \
    "haar, {file: name} or {fixed: [r11, ph11, r12, ph12, r13, ph13]} with moduli r from 0 and "   \
    "phases in units of pi"

static enum bl23_status read_mass(struct bl23_loading *l, struct bl23_value const *value,
                                  bl23_yaml_node const *node, struct bl23_dd *mass)
{
    return bl23_loading_number(l, value, node, "mass_gev", MASS_ALLOWED, mass);
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

static enum bl23_status read_spaced(struct bl23_loading *l, struct bl23_value const *form,
                                    bl23_yaml_node *node, enum bl23_mass_mode mode)
{
    struct bl23_config *const c = l->config;
    struct bl23_value const *const pair = &form->part[0], *const knots = &form->part[1];
    bl23_yaml_node *const edges = bl23_loading_find(l, node, pair->key);
    uint64_t n;
    if (!bl23_value_has_length(pair, edges))
        return bl23_loading_refuse(l, edges, pair->key, MASS_EDGES_ALLOWED);
    BL23_TRY(read_mass(l, pair->part, bl23_yaml_item(&l->yaml, edges, 0), &c->mass_low));
    BL23_TRY(read_mass(l, pair->part, bl23_yaml_item(&l->yaml, edges, 1), &c->mass_high));
    if (!bl23_dd_less(c->mass_low, c->mass_high))
        return bl23_loading_refuse(l, edges, pair->key, MASS_EDGES_ALLOWED);
    BL23_TRY(
        bl23_value_whole(knots, &l->yaml, bl23_loading_find(l, node, knots->key), &n, l->error));
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

static enum bl23_status read_mass_list(struct bl23_loading *l, struct bl23_value const *value,
                                       bl23_yaml_node *list)
{
    size_t const n = bl23_yaml_length(list);
    if (!bl23_value_has_length(value, list))
        return bl23_loading_refuse(l, list, "list",
                                   "[m, ...] with 1 to 65536 masses in " BL23_MASS_ALLOWED);
    BL23_TRY(allocate_masses(l, n));
    for (size_t k = 0; k < n; k++)
        BL23_TRY(
            read_mass(l, value->part, bl23_yaml_item(&l->yaml, list, k), &l->config->mass_gev[k]));
    l->config->mass_mode = BL23_MASS_LIST;
    return refuse_twice(l, list);
}

static enum bl23_status read_masses(struct bl23_loading *l, struct bl23_value const *value,
                                    bl23_yaml_node *node)
{
    char keys[BL23_VALUE_KEYS_SIZE];
    if (!node || !bl23_yaml_is_mapping(node))
        return bl23_loading_refuse(l, node, value->key, MASS_ALLOWED);
    bl23_value_keys(value, keys);
    BL23_TRY(bl23_yaml_check_keys(&l->yaml, node, value->key, keys, l->error));
    struct bl23_value const *const form = bl23_value_form(value, &l->yaml, node);
    if (!form)
        return bl23_loading_refuse(l, node, value->key, MASS_ALLOWED);
    enum bl23_mass_mode const mode = (enum bl23_mass_mode)(form - value->part); /* in this order */
    if (mode == BL23_MASS_UNIFORM || mode == BL23_MASS_LOG_UNIFORM)
        return read_spaced(l, form, node, mode);
    bl23_yaml_node *const masses = bl23_loading_find(l, node, form->part->key);
    if (mode == BL23_MASS_LIST)
        return read_mass_list(l, form->part, masses);
    l->config->mass_mode = BL23_MASS_FIXED;
    BL23_TRY(allocate_masses(l, 1));
    return read_mass(l, form->part, masses, l->config->mass_gev);
}

static enum bl23_status read_g_number(struct bl23_loading *l, struct bl23_value const *value,
                                      bl23_yaml_node *node, struct bl23_dd *g)
{
    return bl23_loading_number(l, value, node, "g_bl", G_ALLOWED, g);
}

static enum bl23_status read_g(struct bl23_loading *l, struct bl23_value const *value,
                               bl23_yaml_node *node)
{
    struct bl23_config *const c = l->config;
    int const word = bl23_value_word(&value->part[0], bl23_yaml_text(node));
    if (word == 1) /* the words are in this order: solve, rows */
        c->g_mode = BL23_G_ROWS;
    if (!node || word >= 0)
        return BL23_OK;
    struct bl23_value const *const form = bl23_value_form(value, &l->yaml, node);
    if (!form)
        return bl23_loading_refuse(l, node, value->key, G_ALLOWED);
    struct bl23_value const *const part = form->part;
    bl23_yaml_node *const g = bl23_loading_find(l, node, part->key);
    c->g_mode = part->kind == BL23_VALUE_LIST ? BL23_G_LOG_UNIFORM : BL23_G_FIXED;
    if (c->g_mode == BL23_G_FIXED)
        return read_g_number(l, part, g, &c->g_min);
    if (!bl23_value_has_length(part, g))
        return bl23_loading_refuse(l, g, value->key, G_ALLOWED);
    BL23_TRY(read_g_number(l, part->part, bl23_yaml_item(&l->yaml, g, 0), &c->g_min));
    BL23_TRY(read_g_number(l, part->part, bl23_yaml_item(&l->yaml, g, 1), &c->g_max));
    return bl23_dd_less(c->g_min, c->g_max) ? BL23_OK
                                            : bl23_loading_refuse(l, g, value->key, G_ALLOWED);
}

/* {file: name}, with number and checksum of the rows where the configuration was resolved. */
static enum bl23_status read_rows(struct bl23_loading *l, struct bl23_value const *form,
                                  bl23_yaml_node *node)
{
    struct bl23_config *const c = l->config;
    bl23_yaml_node *const file = bl23_loading_find(l, node, form->part[0].key);
    char const *const name = bl23_yaml_text(file);
    if (!name || name[0] == '\0' || (double)strlen(name) > form->part[0].largest)
        return bl23_loading_refuse(l, file, "w", "{file: name} with the name of a file");
    c->w_mode = BL23_W_ROWS;
    snprintf(c->rows_file, sizeof c->rows_file, "%s", name);
    if (form->parts == 1)
        return BL23_OK;
    bl23_yaml_node *const sum = bl23_loading_find(l, node, form->part[2].key);
    char const *const digits = bl23_yaml_text(sum);
    if (!digits || strlen(digits) != 16 || strspn(digits, "0123456789abcdef") != 16)
        return bl23_loading_refuse(l, sum, form->part[2].key, "16 digits from 0 to f");
    c->rows_checksum = strtoull(digits, NULL, 16);
    return bl23_value_whole(&form->part[1], &l->yaml, bl23_loading_find(l, node, form->part[1].key),
                            &c->n_rows, l->error);
}

static enum bl23_status read_w(struct bl23_loading *l, struct bl23_value const *value,
                               bl23_yaml_node *node)
{
    struct bl23_config *const c = l->config;
    if (!node || bl23_value_word(&value->part[0], bl23_yaml_text(node)) >= 0)
        return BL23_OK;
    struct bl23_value const *const form = bl23_value_form(value, &l->yaml, node);
    if (!form)
        return bl23_loading_refuse(l, node, value->key, W_ALLOWED);
    if (form->part->kind == BL23_VALUE_TEXT)
        return read_rows(l, form, node);
    struct bl23_value const *const size = form->part->part;
    bl23_yaml_node *const fixed = bl23_loading_find(l, node, form->part->key);
    struct bl23_dd number[6];
    BL23_TRY(bl23_yaml_numbers(&l->yaml, fixed, "w", 6, W_ALLOWED, number, l->error));
    double norm = 0.0;
    for (int k = 0; k < 3; k++) {
        double const modulus = number[2 * k].hi, phase = number[2 * k + 1].hi;
        c->w_modulus[k] = number[2 * k];
        c->w_phase_pi[k] = number[2 * k + 1];
        norm += modulus;
        if (!(modulus >= 0.0 && modulus <= size->largest) ||
            !(phase >= size->smallest && phase <= size->largest))
            return bl23_loading_refuse(l, fixed, "w", W_ALLOWED ", each at most 1e6 in size");
    }
    if (!(norm > 1e-6))
        return bl23_loading_refuse(l, fixed, "w", W_ALLOWED ", not all moduli zero");
    c->w_mode = BL23_W_FIXED;
    return BL23_OK;
}

static enum bl23_status read_draw(struct bl23_loading *l, struct bl23_value const *value,
                                  bl23_yaml_node *node)
{
    struct bl23_config *const c = l->config;
    int const word = bl23_value_word(value, bl23_yaml_text(node));
    if (node && word < 0)
        return bl23_loading_refuse(l, node, "draw", "uniform or cover");
    if (!node)
        return BL23_OK;
    c->draw = (enum bl23_draw)word;
    if (c->draw == BL23_DRAW_COVER && c->w_mode != BL23_W_HAAR)
        return bl23_fail(l->error, BL23_ERROR_CONFIG,
                         "%s:%zu: draw: cover needs rows w that are drawn; remove 'w: {...}', or "
                         "use draw: uniform",
                         l->yaml.name, node->start_mark.line + 1);
    return BL23_OK;
}

static enum bl23_status read_cover(struct bl23_loading *l, struct bl23_value const *value,
                                   bl23_yaml_node *node)
{
    struct bl23_config *const c = l->config;
    char allowed[96];
    snprintf(allowed, sizeof allowed,
             "{cells: N} with N from 1 to %d, or {accept: A} with A from 1e-6 to 0.99",
             BL23_COVER_CELLS_MAX);
    if (!node)
        return BL23_OK;
    struct bl23_value const *const form = bl23_value_form(value, &l->yaml, node);
    if (!form)
        return bl23_loading_refuse(l, node, "cover", allowed);
    if (c->draw != BL23_DRAW_COVER)
        return bl23_fail(l->error, BL23_ERROR_CONFIG,
                         "%s:%zu: cover is only used with draw: cover; add that, or remove cover",
                         l->yaml.name, node->start_mark.line + 1);
    bl23_yaml_node *const number = bl23_loading_find(l, node, form->part->key);
    if (form->part->kind == BL23_VALUE_WHOLE)
        return bl23_value_whole(form->part, &l->yaml, number, &c->cover_cells, l->error);
    c->cover_cells = 0;
    return bl23_loading_number(l, form->part, number, "accept", "a number from 1e-6 to 0.99",
                               &c->cover_accept);
}

static enum bl23_status read_chi2_max(struct bl23_loading *l, struct bl23_value const *value,
                                      bl23_yaml_node *node)
{
    return node ? bl23_loading_number(l, value, node, "chi2_max", "a number from 0 to 1e100",
                                      &l->config->chi2_max)
                : BL23_OK;
}

/* What a file of rows decides, when all keys have been read. */
static enum bl23_status finish_rows(struct bl23_loading *l, bl23_yaml_node *survey)
{
    struct bl23_config *const c = l->config;
    bl23_yaml_node *const g = bl23_loading_find(l, survey, "g_bl");
    bl23_yaml_node *const samples = bl23_loading_find(l, survey, "samples");
    if (c->w_mode != BL23_W_ROWS)
        return c->g_mode != BL23_G_ROWS
                   ? BL23_OK
                   : bl23_fail(l->error, BL23_ERROR_CONFIG,
                               "%s:%zu: g_bl: rows needs rows; add 'w: {file: name}'", l->yaml.name,
                               g->start_mark.line + 1);
    char place[BL23_PATH_SIZE + 32];
    bl23_yaml_node *const w = bl23_loading_find(l, survey, "w");
    snprintf(place, sizeof place, "%s:%zu: w", l->yaml.name, w->start_mark.line + 1);
    if (c->n_rows == 0)
        BL23_TRY(bl23_given_rows_scan(c, place, l->apart, g != NULL, l->error));
    if (!samples) {
        c->samples = c->n_rows;
        return BL23_OK;
    }
    snprintf(place, sizeof place, "%s:%zu: samples", l->yaml.name, samples->start_mark.line + 1);
    return bl23_given_rows_check_samples(c, place, l->error);
}

enum bl23_status bl23_loading_survey(struct bl23_loading *l, struct bl23_value const *value,
                                     bl23_yaml_node *node)
{
    static struct bl23_loading_key const keys[] = {BL23_KEY_WHOLE(samples),
                                                   BL23_KEY_WHOLE(seed),
                                                   BL23_KEY("mass_gev", read_masses),
                                                   BL23_KEY("g_bl", read_g),
                                                   BL23_KEY("w", read_w),
                                                   BL23_KEY("draw", read_draw),
                                                   BL23_KEY("cover", read_cover),
                                                   BL23_KEY("chi2_max", read_chi2_max)};
    char names[BL23_VALUE_KEYS_SIZE], allowed[BL23_VALUE_KEYS_SIZE + 32];
    bl23_value_keys(value, names);
    snprintf(allowed, sizeof allowed, "a mapping with the keys %s", names);
    if (!node)
        return bl23_loading_refuse(l, NULL, "survey", allowed);
    BL23_TRY(bl23_loading_section(l, value, node, "survey", keys, sizeof keys / sizeof *keys));
    return finish_rows(l, node);
}
