/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "host/config/config_loading.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/io/file_io.h"
#include "kernels/sample/error.h"

enum { CONFIG_BYTES_MAX = 1 << 20, CURVE_BYTES_MAX = 16 << 20 };

enum bl23_status bl23_loading_refuse(struct bl23_loading *l, bl23_yaml_node const *node,
                                     char const *key, char const *allowed)
{
    return bl23_yaml_refuse(&l->yaml, node, key, allowed, l->error);
}

bl23_yaml_node *bl23_loading_find(struct bl23_loading *l, bl23_yaml_node *mapping, char const *key)
{
    return bl23_yaml_find(&l->yaml, mapping, key);
}

static enum bl23_status read_whole(struct bl23_loading *l, bl23_yaml_node *node,
                                   struct bl23_loading_key const *key)
{
    char allowed[128];
    snprintf(allowed, sizeof allowed, "a whole number from %llu to %llu",
             (unsigned long long)key->smallest, (unsigned long long)key->largest);
    return bl23_yaml_whole(&l->yaml, node, key->name, key->smallest, key->largest, allowed,
                           (uint64_t *)((char *)l->config + key->offset), l->error);
}

enum bl23_status bl23_loading_section(struct bl23_loading *l, bl23_yaml_node *node,
                                      char const *name, struct bl23_loading_key const *keys,
                                      size_t n)
{
    char names[256] = "";
    for (size_t k = 0; k < n; k++) {
        strcat(names, k ? " " : "");
        strcat(names, keys[k].name);
    }
    BL23_TRY(bl23_yaml_check_keys(&l->yaml, node, name, names, l->error));
    for (size_t k = 0; k < n; k++) {
        bl23_yaml_node *const value = bl23_loading_find(l, node, keys[k].name);
        if (keys[k].is_list && value && !bl23_yaml_is_sequence(value))
            return bl23_loading_refuse(l, value, keys[k].name, "a list");
        for (size_t i = 0; keys[k].is_list && i < bl23_yaml_length(value); i++)
            BL23_TRY(keys[k].reader(l, bl23_yaml_item(&l->yaml, value, i)));
        if (keys[k].is_list)
            continue;
        if (keys[k].reader)
            BL23_TRY(keys[k].reader(l, value));
        else if (value)
            BL23_TRY(read_whole(l, value, &keys[k]));
    }
    return BL23_OK;
}

/* Put file and line before the message of a failure. */
static enum bl23_status located(struct bl23_loading *l, bl23_yaml_node const *node,
                                enum bl23_status status)
{
    char text[BL23_ERROR_TEXT_SIZE];
    if (status == BL23_OK || !node)
        return status;
    memcpy(text, l->error->text, sizeof text);
    snprintf(l->error->text, sizeof l->error->text, "%.255s:%zu: %.700s", l->yaml.name,
             node->start_mark.line + 1, text);
    return status;
}

static enum bl23_status read_override(struct bl23_loading *l, yaml_node_pair_t const *pair)
{
    bl23_yaml_node *const key = yaml_document_get_node(&l->yaml.document, pair->key);
    bl23_yaml_node *const value = yaml_document_get_node(&l->yaml.document, pair->value);
    char const *const name = bl23_yaml_text(key), *const text = bl23_yaml_text(value);
    if (!name || !text)
        return bl23_loading_refuse(l, value, name ? name : "inputs", "a number");
    if (strcmp(name, "preset") == 0)
        return BL23_OK;
    return located(l, value, bl23_inputs_set(&l->config->inputs, name, text, l->error));
}

static enum bl23_status read_inputs(struct bl23_loading *l, bl23_yaml_node *node)
{
    bl23_yaml_node *const preset =
        bl23_yaml_is_mapping(node) ? bl23_loading_find(l, node, "preset") : node;
    char const *const name = preset ? bl23_yaml_text(preset) : "pdg2018";
    if (!name)
        return bl23_loading_refuse(l, node, "inputs",
                                   "pdg2018, pdg2024 or {preset: NAME, VALUE: number, ...}");
    BL23_TRY(located(l, preset, bl23_inputs_preset(name, &l->config->inputs, l->error)));
    if (!node || !bl23_yaml_is_mapping(node))
        return BL23_OK;
    char keys[1024] = "preset form_factors";
    for (size_t row = 0; row < bl23_n_input_rows; row++) {
        strcat(keys, " ");
        strcat(keys, bl23_input_rows[row].name);
    }
    BL23_TRY(bl23_yaml_check_keys(&l->yaml, node, "inputs", keys, l->error));
    for (yaml_node_pair_t const *p = node->data.mapping.pairs.start;
         p < node->data.mapping.pairs.top; p++)
        BL23_TRY(read_override(l, p));
    return BL23_OK;
}

/* Append ", name" to a list of names. */
static bool append_name(char *list, size_t size, char const *name)
{
    size_t const used = strlen(list);
    int const n = snprintf(list + used, size - used, "%s%s", used ? ", " : "", name);
    return n > 0 && (size_t)n < size - used;
}

/* Is the name in such a list? */
static bool has_name(char const *list, char const *name)
{
    size_t const length = strlen(name);
    for (char const *p = list; *p; p += strspn(p, ", ")) {
        size_t const word = strcspn(p, ",");
        if (word == length && memcmp(p, name, length) == 0)
            return true;
        p += word;
    }
    return false;
}

static enum bl23_status add_set(struct bl23_loading *l, bl23_yaml_node *node)
{
    struct bl23_config *const c = l->config;
    char const *const name = bl23_yaml_text(node);
    if (!name || strlen(name) >= BL23_NAME_SIZE - 8)
        return bl23_loading_refuse(l, node, "each item of sets", "the name of a constraint set");
    BL23_TRY(located(l, node, bl23_constraints_add_set(&c->constraints, name, l->error)));
    return append_name(c->sets, sizeof c->sets, name)
               ? BL23_OK
               : bl23_loading_refuse(l, node, "each item of sets", "the name of a constraint set");
}

static enum bl23_status drop(struct bl23_loading *l, bl23_yaml_node *node)
{
    struct bl23_config *const c = l->config;
    char const *const name = bl23_yaml_text(node);
    if (name && has_name(c->without, name))
        return bl23_fail(l->error, BL23_ERROR_CONFIG,
                         "%s:%zu: without names '%s' twice; name it once", l->yaml.name,
                         node->start_mark.line + 1, name);
    if (!name || !bl23_constraints_remove(&c->constraints, name) ||
        !append_name(c->without, sizeof c->without, name))
        return bl23_loading_refuse(l, node, "each name in without",
                                   "a constraint of the chosen sets");
    return BL23_OK;
}

/* Read a user's curve; its path is relative to the folder of the configuration. */
static enum bl23_status read_user_curve(void *context, char const *name, char **text,
                                        size_t *length, struct bl23_error *error)
{
    struct bl23_loading const *const l = context;
    char folder[BL23_PATH_SIZE], path[2 * BL23_PATH_SIZE];
    bl23_path_folder(l->config->path, folder, sizeof folder);
    snprintf(path, sizeof path, "%s%s%s", name[0] == '/' ? "" : folder, name[0] == '/' ? "" : "/",
             name);
    return bl23_file_read(path, CURVE_BYTES_MAX, text, length, error);
}

static enum bl23_status add_extra(struct bl23_loading *l, bl23_yaml_node *node)
{
    struct bl23_file_source const source = {read_user_curve, l};
    l->config->n_extra++;
    return bl23_constraints_add_yaml(&l->config->constraints, &l->yaml, node, source, l->error);
}

static enum bl23_status read_sigma(struct bl23_loading *l, bl23_yaml_node *node)
{
    uint64_t sigma = 2;
    if (node)
        BL23_TRY(bl23_yaml_whole(&l->yaml, node, "sigma", 1, 2, "a whole number from 1 to 2",
                                 &sigma, l->error));
    l->config->sigma = (int)sigma;
    return BL23_OK;
}

static enum bl23_status read_constraints(struct bl23_loading *l, bl23_yaml_node *node)
{
    static struct bl23_loading_key const keys[] = {
        BL23_KEY_LIST("sets", add_set), BL23_KEY_LIST("without", drop),
        BL23_KEY_LIST("extra", add_extra), BL23_KEY("sigma", read_sigma)};
    if (node)
        BL23_TRY(bl23_loading_section(l, node, "constraints", keys, sizeof keys / sizeof *keys));
    if (l->config->constraints.size > 0)
        return BL23_OK;
    return bl23_fail(l->error, BL23_ERROR_CONFIG,
                     "%s:%zu: constraints must name at least one constraint, by sets: [paper2020, "
                     "...] or extra: [...]",
                     l->yaml.name, node ? node->start_mark.line + 1 : 1);
}

static enum bl23_status read_store(struct bl23_loading *l, bl23_yaml_node *node)
{
    char const *const text = bl23_yaml_text(node);
    if (!node)
        return BL23_OK;
    for (int k = 0; text && k <= BL23_STORE_NONE; k++)
        if (strcmp(text, bl23_store_name((enum bl23_store)k)) == 0) {
            l->config->store = (enum bl23_store)k;
            return BL23_OK;
        }
    return bl23_loading_refuse(l, node, "store", "records, index or none");
}

static enum bl23_status read_histogram(struct bl23_loading *l, bl23_yaml_node *node)
{
    static char const allowed[] =
        "up to 15 pairs [a, b] of wu11_abs2 wu12_abs2 wu13_abs2 phase12 phase13 log10_g";
    struct bl23_config *const c = l->config;
    if (c->n_histograms_2d == BL23_HISTOGRAMS_2D_MAX || bl23_yaml_length(node) != 2)
        return bl23_loading_refuse(l, node, "histograms", allowed);
    enum bl23_axis *const axis = c->histogram_2d[c->n_histograms_2d++];
    for (size_t k = 0; k < 2; k++) {
        bl23_yaml_node *const item = bl23_yaml_item(&l->yaml, node, k);
        char const *const name = bl23_yaml_text(item);
        if (!name || !bl23_axis_find(name, &axis[k]))
            return bl23_loading_refuse(l, item, "histograms", allowed);
    }
    for (size_t h = 0; h + 1 < c->n_histograms_2d; h++)
        if (memcmp(c->histogram_2d[h], axis, 2 * sizeof *axis) == 0)
            return bl23_loading_refuse(l, node, "histograms", "a list that names each pair once");
    return axis[0] == axis[1]
               ? bl23_loading_refuse(l, node, "histograms", "pairs of two different axes")
               : BL23_OK;
}

static enum bl23_status read_file(struct bl23_loading *l, bl23_yaml_node *node)
{
    struct bl23_config *const c = l->config;
    char const *const text = bl23_yaml_text(node);
    if (node && (!text || text[0] == '\0' || strlen(text) >= sizeof c->output))
        return bl23_loading_refuse(l, node, "file", "the name of a file");
    if (node)
        snprintf(c->output, sizeof c->output, "%s", text);
    return BL23_OK;
}

static enum bl23_status read_output(struct bl23_loading *l, bl23_yaml_node *node)
{
    static struct bl23_loading_key const keys[] = {
        BL23_KEY("file", read_file),
        BL23_KEY("store", read_store),
        BL23_KEY_WHOLE(max_survivors, 0, BL23_SAMPLES_MAX),
        BL23_KEY_WHOLE(nearest, 0, BL23_NEAREST_MAX),
        BL23_KEY_LIST("histograms", read_histogram),
        BL23_KEY_WHOLE(cutflow_every, 1, BL23_SAMPLES_MAX)};
    return node ? bl23_loading_section(l, node, "output", keys, sizeof keys / sizeof *keys)
                : BL23_OK;
}

static enum bl23_status read_document(struct bl23_loading *l)
{
    static struct bl23_loading_key const keys[] = {
        BL23_KEY("survey", bl23_loading_survey), BL23_KEY("inputs", read_inputs),
        BL23_KEY("constraints", read_constraints), BL23_KEY("output", read_output)};
    bl23_yaml_node *root;
    BL23_TRY(bl23_yaml_root(&l->yaml, &root, l->error));
    return bl23_loading_section(l, root, "the configuration", keys, sizeof keys / sizeof *keys);
}

static void set_defaults(struct bl23_config *c, char const *path)
{
    snprintf(c->path, sizeof c->path, "%s", path);
    snprintf(c->output, sizeof c->output, "survey.h5");
    c->samples = 1000000;
    c->seed = 1;
    c->g_mode = BL23_G_SOLVE;
    c->w_mode = BL23_W_HAAR;
    c->sigma = 2;
    c->store = BL23_STORE_RECORDS;
    c->max_survivors = 1000000;
    c->nearest = 100;
    c->cutflow_every = 1;
}

enum bl23_status bl23_config_parse(char const *path, char const *text, size_t length,
                                   struct bl23_config **out, struct bl23_error *error)
{
    struct bl23_config *const config = calloc(1, sizeof *config);
    struct bl23_error own = {BL23_OK, ""};
    struct bl23_loading l = {.config = config, .error = error ? error : &own};
    if (!config)
        return bl23_fail(error, BL23_ERROR_MEMORY, "%s: out of memory", path);
    set_defaults(config, path);
    enum bl23_status status = bl23_yaml_parse(path, text, length, &l.yaml, l.error);
    if (status == BL23_OK) {
        status = read_document(&l);
        bl23_yaml_free(&l.yaml);
    }
    if (status == BL23_OK)
        *out = config;
    else
        bl23_config_free(config);
    return status;
}

enum bl23_status bl23_config_load(char const *path, struct bl23_config **config,
                                  struct bl23_error *error)
{
    char *text;
    size_t length;
    BL23_TRY(bl23_file_read(path, CONFIG_BYTES_MAX, &text, &length, error));
    enum bl23_status const status = bl23_config_parse(path, text, length, config, error);
    free(text);
    return status;
}

void bl23_config_free(struct bl23_config *config)
{
    if (!config)
        return;
    bl23_constraints_free(&config->constraints);
    free(config->mass_gev);
    free(config);
}
