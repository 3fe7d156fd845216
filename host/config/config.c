/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "host/config/config_loading.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/config/shipped_surveys.h"
#include "host/io/file_io.h"
#include "kernels/sample/error.h"
#include "tables/limits/likelihood.h"

enum bl23_status bl23_loading_refuse(struct bl23_loading *l, bl23_yaml_node const *node,
                                     char const *key, char const *allowed)
{
    return bl23_yaml_refuse(&l->yaml, node, key, allowed, l->error);
}

bl23_yaml_node *bl23_loading_find(struct bl23_loading *l, bl23_yaml_node *mapping, char const *key)
{
    return bl23_yaml_find(&l->yaml, mapping, key);
}

enum bl23_status bl23_loading_number(struct bl23_loading *l, struct bl23_value const *value,
                                     bl23_yaml_node const *node, char const *key,
                                     char const *allowed, struct bl23_dd *number)
{
    return bl23_value_number(value, &l->yaml, node, key, allowed, number, l->error);
}

static enum bl23_status read_key(struct bl23_loading *l, struct bl23_value const *value,
                                 struct bl23_loading_key const *key, bl23_yaml_node *node)
{
    if (!key->reader)
        return node ? bl23_value_whole(value, &l->yaml, node,
                                       (uint64_t *)((char *)l->config + key->offset), l->error)
                    : BL23_OK;
    if (value->kind != BL23_VALUE_LIST)
        return key->reader(l, value, node);
    if (node && !bl23_yaml_is_sequence(node))
        return bl23_loading_refuse(l, node, value->key, "a list");
    for (size_t i = 0; i < bl23_yaml_length(node); i++)
        BL23_TRY(key->reader(l, value, bl23_yaml_item(&l->yaml, node, i)));
    return BL23_OK;
}

enum bl23_status bl23_loading_section(struct bl23_loading *l, struct bl23_value const *section,
                                      bl23_yaml_node *node, char const *name,
                                      struct bl23_loading_key const *keys, size_t n)
{
    char names[BL23_VALUE_KEYS_SIZE];
    bl23_value_keys(section, names);
    BL23_TRY(bl23_yaml_check_keys(&l->yaml, node, name, names, l->error));
    for (size_t v = 0; v < section->parts; v++) {
        struct bl23_value const *const value = &section->part[v];
        size_t k = 0;
        while (k < n && strcmp(keys[k].name, value->key) != 0)
            k++;
        if (k == n)
            return bl23_fail(l->error, BL23_ERROR_FAILED, "the key '%s' has no reader", value->key);
        bl23_yaml_node *found = bl23_loading_find(l, node, value->key);
        if (bl23_yaml_is_null(found) && bl23_value_may_be_empty(value))
            found = NULL;
        BL23_TRY(read_key(l, value, &keys[k], found));
    }
    return BL23_OK;
}

enum bl23_status bl23_loading_located(struct bl23_loading *l, bl23_yaml_node const *node,
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

static enum bl23_status add_set(struct bl23_loading *l, struct bl23_value const *value,
                                bl23_yaml_node *node)
{
    (void)value;
    struct bl23_config *const c = l->config;
    char const *const name = bl23_yaml_text(node);
    if (!name || strlen(name) >= BL23_NAME_SIZE - 8)
        return bl23_loading_refuse(l, node, "each item of sets", "the name of a constraint set");
    BL23_TRY(
        bl23_loading_located(l, node, bl23_constraints_add_set(&c->constraints, name, l->error)));
    return append_name(c->sets, sizeof c->sets, bl23_constraint_set(name))
               ? BL23_OK
               : bl23_loading_refuse(l, node, "each item of sets", "the name of a constraint set");
}

static enum bl23_status drop(struct bl23_loading *l, struct bl23_value const *value,
                             bl23_yaml_node *node)
{
    (void)value;
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

static enum bl23_status read_sigma(struct bl23_loading *l, struct bl23_value const *value,
                                   bl23_yaml_node *node)
{
    uint64_t sigma = 2;
    if (node)
        BL23_TRY(bl23_value_whole(value, &l->yaml, node, &sigma, l->error));
    l->config->sigma = (int)sigma;
    return BL23_OK;
}

/* Relative errors of predictions: the rows are in the order of the observables. */
static enum bl23_status read_theory(struct bl23_loading *l, struct bl23_value const *value,
                                    bl23_yaml_node *node)
{
    if (!node)
        return BL23_OK;
    char keys[BL23_VALUE_KEYS_SIZE];
    bl23_value_keys(value, keys);
    BL23_TRY(bl23_yaml_check_keys(&l->yaml, node, "theory", keys, l->error));
    for (size_t k = 0; k < value->parts; k++) {
        bl23_yaml_node *const error = bl23_loading_find(l, node, value->part[k].key);
        if (error)
            BL23_TRY(bl23_loading_number(l, &value->part[k], error, value->part[k].key,
                                         "a relative error from 0 to 10",
                                         &l->config->constraints.theory[k]));
    }
    return BL23_OK;
}

static enum bl23_status read_constraints(struct bl23_loading *l, struct bl23_value const *value,
                                         bl23_yaml_node *node)
{
    static struct bl23_loading_key const keys[] = {
        BL23_KEY("sets", add_set), BL23_KEY("without", drop), BL23_KEY("extra", bl23_loading_extra),
        BL23_KEY("sigma", read_sigma), BL23_KEY("theory", read_theory)};
    if (node)
        BL23_TRY(
            bl23_loading_section(l, value, node, "constraints", keys, sizeof keys / sizeof *keys));
    if (l->config->constraints.size > 0)
        return BL23_OK;
    if (node && l->config->without[0])
        return bl23_fail(l->error, BL23_ERROR_CONFIG,
                         "%s:%zu: without removes every constraint of the chosen sets; keep one, "
                         "or add one in extra",
                         l->yaml.name, node->start_mark.line + 1);
    return bl23_fail(l->error, BL23_ERROR_CONFIG,
                     "%s:%zu: constraints must name at least one constraint, by sets: [paper2020, "
                     "...] or extra: [...]",
                     l->yaml.name, node ? node->start_mark.line + 1 : 1);
}

static enum bl23_status read_store(struct bl23_loading *l, struct bl23_value const *value,
                                   bl23_yaml_node *node)
{
    int const word = bl23_value_word(value, bl23_yaml_text(node));
    if (node && word < 0)
        return bl23_loading_refuse(l, node, "store", "records, index or none");
    if (node)
        l->config->store = (enum bl23_store)word;
    return BL23_OK;
}

/* chi2_max says nothing without a rank. */
static enum bl23_status refuse_chi2_max(struct bl23_loading *l)
{
    bl23_yaml_node *root;
    BL23_TRY(bl23_yaml_root(&l->yaml, &root, l->error));
    bl23_yaml_node *const survey = bl23_loading_find(l, root, "survey");
    return bl23_fail(l->error, BL23_ERROR_CONFIG,
                     "%s:%zu: chi2_max is only used with output: {rank: chi2}; add that, or remove "
                     "chi2_max",
                     l->yaml.name, bl23_loading_find(l, survey, "chi2_max")->start_mark.line + 1);
}

/* chi^2 needs a constraint to count, at some mass. */
static enum bl23_status require_likelihood(struct bl23_loading *l, bl23_yaml_node const *rank)
{
    struct bl23_config const *const c = l->config;
    for (size_t k = 0; k < c->constraints.size; k++)
        for (size_t m = 0; m < c->n_masses; m++)
            if (bl23_likelihood_acts(&c->constraints, k, &c->inputs, c->mass_gev[m]))
                return BL23_OK;
    return bl23_fail(l->error, BL23_ERROR_CONFIG,
                     "%s:%zu: rank: chi2 needs a constraint that has a likelihood, but none has "
                     "one at any mass of this survey; give a limit its cl, add a constraint, or "
                     "remove rank: chi2",
                     l->yaml.name, rank->start_mark.line + 1);
}

/* A cover holds those that pass the cuts, which says nothing about chi^2. */
static enum bl23_status read_rank(struct bl23_loading *l, struct bl23_value const *value,
                                  bl23_yaml_node *node)
{
    struct bl23_config *const c = l->config;
    int const word = bl23_value_word(value, bl23_yaml_text(node));
    if (node && word < 0)
        return bl23_loading_refuse(l, node, "rank", "tension or chi2");
    if (node)
        c->rank = (enum bl23_rank)word;
    if (c->rank == BL23_RANK_TENSION && !isinf(c->chi2_max.hi))
        return refuse_chi2_max(l);
    if (node && c->rank == BL23_RANK_CHI2 && c->draw == BL23_DRAW_COVER)
        return bl23_fail(l->error, BL23_ERROR_CONFIG,
                         "%s:%zu: rank: chi2 needs draw: uniform, because a cover leaves out "
                         "samples whatever their chi^2 is",
                         l->yaml.name, node->start_mark.line + 1);
    return node && c->rank == BL23_RANK_CHI2 ? require_likelihood(l, node) : BL23_OK;
}

static enum bl23_status read_columns(struct bl23_loading *l, struct bl23_value const *value,
                                     bl23_yaml_node *node)
{
    int const word = bl23_value_word(value, bl23_yaml_text(node));
    if (node && word < 0)
        return bl23_loading_refuse(l, node, "columns", "limited or all");
    if (node)
        l->config->all_columns = word == 1;
    return BL23_OK;
}

static enum bl23_status read_histogram(struct bl23_loading *l, struct bl23_value const *value,
                                       bl23_yaml_node *node)
{
    struct bl23_value const *const pair = value->part;
    struct bl23_config *const c = l->config;
    char allowed[256];
    snprintf(allowed, sizeof allowed, "up to %g pairs [a, b] of%s", value->largest,
             pair->part->words);
    if ((double)c->n_histograms_2d == value->largest || !bl23_value_has_length(pair, node))
        return bl23_loading_refuse(l, node, "histograms", allowed);
    enum bl23_axis *const axis = c->histogram_2d[c->n_histograms_2d++];
    for (size_t k = 0; k < 2; k++) {
        bl23_yaml_node *const item = bl23_yaml_item(&l->yaml, node, k);
        int const word = bl23_value_word(pair->part, bl23_yaml_text(item));
        if (word < 0)
            return bl23_loading_refuse(l, item, "histograms", allowed);
        axis[k] = (enum bl23_axis)word;
    }
    for (size_t h = 0; h + 1 < c->n_histograms_2d; h++)
        if (memcmp(c->histogram_2d[h], axis, 2 * sizeof *axis) == 0)
            return bl23_loading_refuse(l, node, "histograms", "a list that names each pair once");
    return axis[0] == axis[1]
               ? bl23_loading_refuse(l, node, "histograms", "pairs of two different axes")
               : BL23_OK;
}

/* The range of the bins of one axis. Narrower ones would not be told apart by their edges as
 * numbers. */
static enum bl23_status read_range(struct bl23_loading *l, struct bl23_value const *value,
                                   bl23_yaml_node *node, enum bl23_axis axis)
{
    double const narrowest = 1e-6;
    struct bl23_value const *const edge_value = value->part;
    struct bl23_dd edge[2];
    char allowed[128];
    snprintf(allowed, sizeof allowed,
             "[low, high] in [%.16g, %.16g], with high at least %g above "
             "low",
             edge_value->smallest, edge_value->largest, narrowest);
    if (!bl23_value_has_length(value, node))
        return bl23_loading_refuse(l, node, bl23_axis_name(axis), allowed);
    for (size_t k = 0; k < 2; k++)
        BL23_TRY(bl23_loading_number(l, edge_value, bl23_yaml_item(&l->yaml, node, k),
                                     bl23_axis_name(axis), allowed, &edge[k]));
    struct bl23_interval const bins = {bl23_dd_round(edge[0]), bl23_dd_round(edge[1])};
    l->config->bins[axis] = bins;
    return bins.hi - bins.lo >= narrowest
               ? BL23_OK
               : bl23_loading_refuse(l, node, bl23_axis_name(axis), allowed);
}

/* [low, high], or range and number. */
static enum bl23_status read_axis_bins(struct bl23_loading *l, struct bl23_value const *forms,
                                       bl23_yaml_node *node, enum bl23_axis axis)
{
    struct bl23_value const *const pair = &forms->part[0], *const mapping = &forms->part[1];
    char keys[BL23_VALUE_KEYS_SIZE];
    if (!bl23_yaml_is_mapping(node))
        return read_range(l, pair, node, axis);
    bl23_value_keys(mapping, keys);
    BL23_TRY(bl23_yaml_check_keys(&l->yaml, node, forms->key, keys, l->error));
    bl23_yaml_node *const range = bl23_loading_find(l, node, mapping->part[0].key);
    bl23_yaml_node *const number = bl23_loading_find(l, node, mapping->part[1].key);
    if (range)
        BL23_TRY(read_range(l, pair, range, axis));
    return number ? bl23_value_whole(&mapping->part[1], &l->yaml, number, &l->config->n_bins[axis],
                                     l->error)
                  : BL23_OK;
}

static enum bl23_status read_bins(struct bl23_loading *l, struct bl23_value const *value,
                                  bl23_yaml_node *node)
{
    if (!node)
        return BL23_OK;
    char keys[BL23_VALUE_KEYS_SIZE];
    bl23_value_keys(value, keys);
    BL23_TRY(bl23_yaml_check_keys(&l->yaml, node, "bins", keys, l->error));
    for (int axis = 0; axis < BL23_AXES; axis++) { /* the rows are in this order */
        struct bl23_value const *const forms = &value->part[axis];
        bl23_yaml_node *const bins = bl23_loading_find(l, node, forms->key);
        if (bins)
            BL23_TRY(read_axis_bins(l, forms, bins, (enum bl23_axis)axis));
    }
    return BL23_OK;
}

static enum bl23_status read_file(struct bl23_loading *l, struct bl23_value const *value,
                                  bl23_yaml_node *node)
{
    struct bl23_config *const c = l->config;
    char const *const text = bl23_yaml_text(node);
    if (node && (!text || text[0] == '\0' || (double)strlen(text) > value->largest))
        return bl23_loading_refuse(l, node, "file", "the name of a file");
    if (node)
        snprintf(c->output, sizeof c->output, "%s", text);
    return BL23_OK;
}

static enum bl23_status read_output(struct bl23_loading *l, struct bl23_value const *value,
                                    bl23_yaml_node *node)
{
    static struct bl23_loading_key const keys[] = {
        BL23_KEY("file", read_file),       BL23_KEY("store", read_store),
        BL23_KEY("columns", read_columns), BL23_KEY_WHOLE(max_survivors),
        BL23_KEY_WHOLE(nearest),           BL23_KEY("histograms", read_histogram),
        BL23_KEY("bins", read_bins),       BL23_KEY_WHOLE(cutflow_every),
        BL23_KEY("rank", read_rank)};
    return node ? bl23_loading_section(l, value, node, "output", keys, sizeof keys / sizeof *keys)
                : read_rank(l, bl23_value_part(value, "rank"), NULL);
}

/* A file of certificates is JSON, and so it is YAML. */
static enum bl23_status refuse_bounds(struct bl23_loading *l, bl23_yaml_node *root)
{
    char const *const format = bl23_yaml_text(bl23_loading_find(l, root, "format"));
    if (!format || strncmp(format, "bl23-", 5) != 0)
        return BL23_OK;
    return bl23_fail(l->error, BL23_ERROR_CONFIG,
                     "%s is a file of bounds, not a configuration; name the configuration that it "
                     "was made with, a survey's output, or a shipped survey such as @fig3",
                     l->yaml.name);
}

static enum bl23_status read_document(struct bl23_loading *l)
{
    static struct bl23_loading_key const keys[] = {
        BL23_KEY("survey", bl23_loading_survey), BL23_KEY("inputs", bl23_loading_inputs),
        BL23_KEY("constraints", read_constraints), BL23_KEY("output", read_output)};
    bl23_yaml_node *root;
    BL23_TRY(bl23_yaml_root(&l->yaml, &root, l->error));
    BL23_TRY(refuse_bounds(l, root));
    return bl23_loading_section(l, &bl23_config_value, root, "the configuration", keys,
                                sizeof keys / sizeof *keys);
}

static void set_defaults(struct bl23_config *c, char const *path)
{
    snprintf(c->path, sizeof c->path, "%s", path);
    snprintf(c->output, sizeof c->output, "survey.h5");
    if (path[0] == BL23_SHIPPED_MARK) { /* "@answer/known.yaml": known.h5 */
        char const *const slash = strrchr(path, '/'), *const name = slash ? slash : path;
        snprintf(c->output, sizeof c->output, "%.*s.h5", (int)strcspn(name + 1, "."), name + 1);
    }
    c->samples = 1000000;
    c->seed = 1;
    c->g_mode = BL23_G_SOLVE;
    c->w_mode = BL23_W_HAAR;
    c->cover_cells = BL23_COVER_CELLS;
    c->sigma = 2;
    c->chi2_max = bl23_dd((double)INFINITY);
    c->store = BL23_STORE_RECORDS;
    c->max_survivors = 1000000;
    c->nearest = 100;
    c->cutflow_every = 1;
    for (int axis = 0; axis < BL23_AXES; axis++) {
        c->bins[axis] = bl23_axis_default_bins((enum bl23_axis)axis);
        c->n_bins[axis] = BL23_CONFIG_BINS;
    }
}

static enum bl23_status parse_with(char const *path, char const *text, size_t length, bool apart,
                                   struct bl23_config_store *store, struct bl23_config **out,
                                   struct bl23_error *error)
{
    struct bl23_config *const config = calloc(1, sizeof *config);
    struct bl23_error own = {BL23_OK, ""};
    struct bl23_loading l = {
        .config = config, .error = error ? error : &own, .apart = apart, .store = store};
    if (!config)
        return bl23_fail(error, BL23_ERROR_MEMORY, "%s: out of memory", path);
    set_defaults(config, path);
    enum bl23_status status = bl23_yaml_parse(path, text, length, &l.yaml, l.error);
    if (status == BL23_OK) {
        status = read_document(&l);
        bl23_loading_free_files(&l);
        bl23_yaml_free(&l.yaml);
    }
    if (status == BL23_OK)
        *out = config;
    else
        bl23_config_free(config);
    return status;
}

enum bl23_status bl23_config_parse(char const *path, char const *text, size_t length,
                                   struct bl23_config **config, struct bl23_error *error)
{
    return parse_with(path, text, length, false, NULL, config, error);
}

enum bl23_status bl23_config_parse_apart(char const *path, char const *text, size_t length,
                                         struct bl23_config **config, struct bl23_error *error)
{
    return parse_with(path, text, length, true, NULL, config, error);
}

enum bl23_status bl23_config_load_stored(char const *path, struct bl23_config_store *store,
                                         struct bl23_config **config, struct bl23_error *error)
{
    char *text;
    size_t length;
    struct bl23_embedded_file const *file;
    if (path[0] == BL23_SHIPPED_MARK) {
        BL23_TRY(bl23_shipped_survey_find(path, &file, error));
        return parse_with(path, (char const *)file->data, file->size, false, store, config, error);
    }
    char shipped[BL23_WORD_SIZE];
    snprintf(shipped, sizeof shipped, "%c%s", BL23_SHIPPED_MARK, path);
    if (!bl23_path_exists(path) && bl23_shipped_survey_find(shipped, &file, NULL) == BL23_OK)
        return bl23_fail(error, BL23_ERROR_CONFIG,
                         "%s does not exist; the shipped survey is named '%s'", path, shipped);
    BL23_TRY(bl23_file_read(path, BL23_CONFIG_BYTES_MAX, &text, &length, error));
    enum bl23_status const status = parse_with(path, text, length, false, store, config, error);
    free(text);
    return status;
}

enum bl23_status bl23_config_load(char const *path, struct bl23_config **config,
                                  struct bl23_error *error)
{
    return bl23_config_load_stored(path, NULL, config, error);
}

void bl23_config_free(struct bl23_config *config)
{
    if (!config)
        return;
    bl23_constraints_free(&config->constraints);
    free(config->mass_gev);
    free(config->notes);
    free(config);
}
