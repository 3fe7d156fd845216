/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/config/config_loading.h"
#include "kernels/sample/error.h"

enum { KEYS_SIZE = 2048, DRAWS = 100 };

/* ---- inputs that vary ---- */

/* The place of an input among those that vary, or their number. */
static size_t place_of(struct bl23_vary const *vary, char const *name)
{
    size_t const row = bl23_input_find(name);
    size_t at = 0;
    while (at < vary->n && vary->item[at].row != row)
        at++;
    return at;
}

static enum bl23_status read_error(struct bl23_loading *l, struct bl23_value const *errors,
                                   yaml_node_pair_t const *pair)
{
    bl23_yaml_node *const key = yaml_document_get_node(&l->yaml.document, pair->key);
    bl23_yaml_node *const value = yaml_document_get_node(&l->yaml.document, pair->value);
    size_t const row = bl23_input_find(bl23_yaml_text(key));
    struct bl23_dd error;
    BL23_TRY(bl23_loading_number(l, &errors->part[row], value, bl23_input_rows[row].name,
                                 "its error, from 1e-30 to 1000", &error));
    return bl23_loading_located(l, key, bl23_vary_add(&l->config->vary, row, error, l->error));
}

/* `default`, or errors by name: the rows are in the order of the inputs. */
static enum bl23_status read_vary(struct bl23_loading *l, struct bl23_value const *value,
                                  bl23_yaml_node *node)
{
    struct bl23_value const *const word = &value->part[0], *const errors = &value->part[1];
    struct bl23_config *const c = l->config;
    c->n_draws = DRAWS;
    if (bl23_value_word(word, bl23_yaml_text(node)) == 0) {
        bl23_vary_default(&c->inputs, &c->vary);
        return BL23_OK;
    }
    if (!bl23_yaml_is_mapping(node) ||
        node->data.mapping.pairs.start == node->data.mapping.pairs.top)
        return bl23_loading_refuse(l, node, "vary", "default or {INPUT: its error, ...}");
    char keys[KEYS_SIZE] = "";
    for (size_t k = 0; k < errors->parts; k++)
        snprintf(keys + strlen(keys), sizeof keys - strlen(keys), " %s", errors->part[k].key);
    BL23_TRY(bl23_yaml_check_keys(&l->yaml, node, "vary", keys, l->error));
    for (yaml_node_pair_t const *p = node->data.mapping.pairs.start;
         p < node->data.mapping.pairs.top; p++)
        BL23_TRY(read_error(l, errors, p));
    return BL23_OK;
}

/* {of: [a, b], value: r} */
static enum bl23_status read_correlation(struct bl23_loading *l, struct bl23_value const *value,
                                         bl23_yaml_node *node)
{
    struct bl23_value const *const of = &value->part[0], *const number = &value->part[1];
    struct bl23_vary *const vary = &l->config->vary;
    char const allowed[] = "{of: [INPUT, INPUT], value: r} with r between -1 and 1";
    char keys[BL23_VALUE_KEYS_SIZE];
    bl23_value_keys(value, keys);
    if (!bl23_yaml_is_mapping(node))
        return bl23_loading_refuse(l, node, "correlations", allowed);
    BL23_TRY(bl23_yaml_check_keys(&l->yaml, node, "correlations", keys, l->error));
    bl23_yaml_node *const pair = bl23_loading_find(l, node, of->key);
    struct bl23_dd r;
    if (!bl23_value_has_length(of, pair))
        return bl23_loading_refuse(l, node, "correlations", allowed);
    bl23_yaml_node *const value_of = bl23_loading_find(l, node, number->key);
    if (!value_of)
        return bl23_loading_refuse(l, node, "correlations", allowed);
    BL23_TRY(bl23_loading_number(l, number, value_of, number->key, "a correlation between -1 and 1",
                                 &r));
    size_t at[2];
    for (size_t k = 0; k < 2; k++)
        at[k] = place_of(vary, bl23_yaml_text(bl23_yaml_item(&l->yaml, pair, k)));
    size_t const high = at[0] > at[1] ? at[0] : at[1], low = at[0] > at[1] ? at[1] : at[0];
    if (high == vary->n || high == low)
        return bl23_loading_refuse(l, pair, "of", "two inputs that vary");
    if (vary->correlation[high][low] != 0.0)
        return bl23_loading_refuse(l, pair, "of", "a pair that has no other correlation");
    vary->correlation[high][low] = bl23_dd_round(r);
    return BL23_OK;
}

static enum bl23_status read_correlations(struct bl23_loading *l, struct bl23_value const *value,
                                          bl23_yaml_node *node)
{
    if (!bl23_yaml_is_sequence(node))
        return bl23_loading_refuse(l, node, value->key, "a list");
    for (size_t i = 0; i < bl23_yaml_length(node); i++)
        BL23_TRY(read_correlation(l, value->part, bl23_yaml_item(&l->yaml, node, i)));
    return BL23_OK;
}

static enum bl23_status read_draws(struct bl23_loading *l, struct bl23_value const *value,
                                   bl23_yaml_node *node)
{
    return bl23_value_whole(value, &l->yaml, node, &l->config->n_draws, l->error);
}

static enum bl23_status read_common_w(struct bl23_loading *l, struct bl23_value const *value,
                                      bl23_yaml_node *node)
{
    int const word = bl23_value_word(value, bl23_yaml_text(node));
    if (word < 0)
        return bl23_loading_refuse(l, node, value->key, "false or true");
    l->config->common_w = word == 1;
    return BL23_OK;
}

/* What draws of the inputs do not go with, and how many there may be. */
static enum bl23_status check_draws(struct bl23_loading *l, bl23_yaml_node const *node)
{
    struct bl23_config const *const c = l->config;
    size_t const line = node->start_mark.line + 1;
    if (c->w_mode == BL23_W_ROWS)
        return bl23_fail(l->error, BL23_ERROR_CONFIG,
                         "%s:%zu: vary needs rows w that are drawn or fixed, because each row of a "
                         "file would meet one draw of the inputs only",
                         l->yaml.name, line);
    if (c->draw == BL23_DRAW_COVER)
        return bl23_fail(
            l->error, BL23_ERROR_CONFIG,
            "%s:%zu: vary needs draw: uniform, because the cells of a cover are proven "
            "for one set of inputs",
            l->yaml.name, line);
    if (c->n_draws <= BL23_KNOTS_MAX / c->n_masses)
        return BL23_OK;
    return bl23_fail(l->error, BL23_ERROR_CONFIG,
                     "%s:%zu: %llu draws of the inputs at %zu masses are more than %d sets of "
                     "constants; take fewer draws or masses",
                     l->yaml.name, line, (unsigned long long)c->n_draws, c->n_masses,
                     BL23_KNOTS_MAX);
}

/* The keys that say what varies, of which `vary` is the first. */
static struct varying_key {
    char const *name;
    bl23_loading_reader *reader;
} const varying[] = {{"vary", read_vary},
                     {"correlations", read_correlations},
                     {"draws", read_draws},
                     {"common_w", read_common_w}};
enum { VARYING = sizeof varying / sizeof varying[0] };

static bool is_varying(char const *name)
{
    bool found = false;
    for (int k = 0; k < VARYING; k++)
        found = found || strcmp(name, varying[k].name) == 0;
    return found;
}

static enum bl23_status read_varying(struct bl23_loading *l, struct bl23_value const *mapping,
                                     bl23_yaml_node *node)
{
    bl23_yaml_node const *const vary = bl23_loading_find(l, node, varying[0].name);
    for (int k = 0; k < VARYING; k++) {
        bl23_yaml_node *value = bl23_loading_find(l, node, varying[k].name);
        if (bl23_yaml_is_null(value) &&
            bl23_value_may_be_empty(bl23_value_part(mapping, varying[k].name)))
            value = NULL;
        if (value && !vary)
            return bl23_fail(l->error, BL23_ERROR_CONFIG,
                             "%s:%zu: %s is only used with vary; add vary: default, or remove it",
                             l->yaml.name, value->start_mark.line + 1, varying[k].name);
        if (value)
            BL23_TRY(varying[k].reader(l, bl23_value_part(mapping, varying[k].name), value));
    }
    return vary ? check_draws(l, vary) : BL23_OK;
}

/* ---- all inputs ---- */

static enum bl23_status read_override(struct bl23_loading *l, yaml_node_pair_t const *pair)
{
    bl23_yaml_node *const key = yaml_document_get_node(&l->yaml.document, pair->key);
    bl23_yaml_node *const value = yaml_document_get_node(&l->yaml.document, pair->value);
    char const *const name = bl23_yaml_text(key), *const text = bl23_yaml_text(value);
    if (name && is_varying(name))
        return BL23_OK;
    if (!name || !text)
        return bl23_loading_refuse(l, value, name ? name : "inputs", "a single value");
    if (strcmp(name, "preset") == 0)
        return BL23_OK;
    return bl23_loading_located(l, value,
                                bl23_inputs_set(&l->config->inputs, name, text, l->error));
}

enum bl23_status bl23_loading_inputs(struct bl23_loading *l, struct bl23_value const *value,
                                     bl23_yaml_node *node)
{
    bl23_yaml_node *const preset =
        bl23_yaml_is_mapping(node) ? bl23_loading_find(l, node, "preset") : node;
    char const *const name = preset ? bl23_yaml_text(preset) : "pdg2018";
    struct bl23_value const *const mapping = &value->part[1]; /* the other form is a name */
    if (!name)
        return bl23_loading_refuse(l, node, "inputs",
                                   "pdg2018, pdg2024 or {preset: NAME, VALUE: number, ...}");
    BL23_TRY(
        bl23_loading_located(l, preset, bl23_inputs_preset(name, &l->config->inputs, l->error)));
    if (!node || !bl23_yaml_is_mapping(node))
        return BL23_OK;
    char keys[KEYS_SIZE];
    bl23_value_keys(mapping, keys);
    for (size_t row = 0; row < bl23_n_input_rows; row++) {
        strcat(keys, " ");
        strcat(keys, bl23_input_rows[row].name);
    }
    for (size_t row = 0; row < bl23_n_choice_rows; row++) {
        strcat(keys, " ");
        strcat(keys, bl23_choice_rows[row].name);
    }
    BL23_TRY(bl23_yaml_check_keys(&l->yaml, node, "inputs", keys, l->error));
    for (yaml_node_pair_t const *p = node->data.mapping.pairs.start;
         p < node->data.mapping.pairs.top; p++)
        BL23_TRY(read_override(l, p));
    return read_varying(l, mapping, node);
}
