/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "host/config/config_difference.h"

#include <stdio.h>
#include <string.h>

#include "tables/base/yaml_reader.h"

/* Keys that are named, and bytes of a value and of the path to it that are shown. */
enum { NAMED = 3, VALUE = 44, PATH = 160 };

typedef bl23_yaml_node node;

static int pairs_of(node const *mapping)
{
    return bl23_yaml_is_mapping(mapping)
               ? (int)(mapping->data.mapping.pairs.top - mapping->data.mapping.pairs.start)
               : 0;
}

static node *value_at(struct bl23_yaml *yaml, node const *mapping, int pair, char const **key)
{
    yaml_node_pair_t const *const p = mapping->data.mapping.pairs.start + pair;
    char const *const text = bl23_yaml_text(yaml_document_get_node(&yaml->document, p->key));
    *key = text ? text : "";
    return yaml_document_get_node(&yaml->document, p->value);
}

/* Where two configurations differ: the path to it below a key, and what stands there. */
struct difference {
    struct bl23_yaml *yaml[2];
    char path[PATH];
    node *value[2]; /* NULL: not given, so that it is the default */
    bool rows;      /* those of a file have changed */
};

/* The first difference between two values, as deep in them as it can be named. */
static bool differ(struct difference *d, node *x, node *y)
{
    size_t const used = strlen(d->path);
    d->value[0] = x;
    d->value[1] = y;
    if (!x || !y || x->type != y->type)
        return x != y;
    if (x->type == YAML_SCALAR_NODE)
        return x->data.scalar.length != y->data.scalar.length ||
               memcmp(x->data.scalar.value, y->data.scalar.value, x->data.scalar.length) != 0;
    size_t const n = bl23_yaml_length(x);
    if (n != bl23_yaml_length(y) || pairs_of(x) != pairs_of(y))
        return true;
    for (size_t k = 0; k < n; k++) {
        snprintf(d->path + used, PATH - used, "[%zu]", k + 1);
        if (differ(d, bl23_yaml_item(d->yaml[0], x, k), bl23_yaml_item(d->yaml[1], y, k)))
            return true;
    }
    for (int k = 0; k < pairs_of(x); k++) {
        char const *key;
        node *const child = value_at(d->yaml[0], x, k, &key);
        snprintf(d->path + used, PATH - used, ".%s", key);
        if (differ(d, child, bl23_yaml_find(d->yaml[1], y, key)))
            return true;
    }
    d->path[used] = '\0';
    return false;
}

/* A value on one line. What has no room is left out. */
static void print(struct bl23_yaml *yaml, node *value, char *out, size_t size)
{
    size_t const n = bl23_yaml_length(value);
    char item[VALUE + 1];
    size_t used = 0;
    if (!value || value->type == YAML_SCALAR_NODE) {
        snprintf(out, size, "%s", value ? (char const *)value->data.scalar.value : "its default");
        return;
    }
    bool const list = bl23_yaml_is_sequence(value);
    for (int k = 0; k < (list ? (int)n : pairs_of(value)) && used < size; k++) {
        char const *key = "";
        node *const child =
            list ? bl23_yaml_item(yaml, value, (size_t)k) : value_at(yaml, value, k, &key);
        print(yaml, child, item, sizeof item);
        used += (size_t)snprintf(out + used, size - used, "%s%s%s%s",
                                 k      ? ", "
                                 : list ? "["
                                        : "{",
                                 key, list ? "" : ": ", item);
    }
    if (used < size)
        snprintf(out + used, size - used, "%s", used == 0 ? "[]" : list ? "]" : "}");
}

/* Say how the key differs at d->path, whose value is x on side 0. */
static void say(struct difference *d, node *x, char *text, size_t room)
{
    char values[2][VALUE + 1];
    bool const rows =
        strcmp(d->path, "survey.w.rows") == 0 || strcmp(d->path, "survey.w.xxh3") == 0;
    for (int v = 0; v < 2; v++)
        print(d->yaml[v], d->value[v], values[v], sizeof values[v]);
    d->rows = d->rows || rows;
    if (rows)
        snprintf(text, room, "the rows of %s have changed since the survey began",
                 bl23_yaml_text(bl23_yaml_find(d->yaml[0], x, "file")));
    else if (strcmp(values[0], values[1]) == 0) /* as far as they are shown */
        snprintf(text, room, "%s differs", d->path);
    else
        snprintf(text, room, "%s is %s, not %s", d->path, values[0], values[1]);
}

/* Name the keys of one configuration (side 0 or 1) that differ in the other; of side 1 only the
 * keys that side 0 lacks. Returns how many differ, after `named` before. */
static int name_keys(struct difference *d, int side, char *text, int named)
{
    struct bl23_yaml *const mine = d->yaml[side], *const other = d->yaml[1 - side];
    node *const root = yaml_document_get_root_node(&mine->document);
    node *const other_root = yaml_document_get_root_node(&other->document);
    for (int s = 0; s < pairs_of(root); s++) {
        char const *name, *key;
        node *const section = value_at(mine, root, s, &name);
        node *const other_section = bl23_yaml_find(other, other_root, name);
        for (int k = 0; k < pairs_of(section); k++) {
            node *const x = value_at(mine, section, k, &key);
            node *const y = bl23_yaml_find(other, other_section, key);
            snprintf(d->path, PATH, "%s.%s", name, key);
            if ((side == 1 && y) || !(side ? differ(d, y, x) : differ(d, x, y)) || ++named > NAMED)
                continue;
            size_t const used = strlen(text), and = used ? 2 : 0;
            snprintf(text + used, BL23_DIFFERENCE_SIZE - used, "%s", used ? "; " : "");
            if (used + and < BL23_DIFFERENCE_SIZE)
                say(d, side ? y : x, text + used + and, BL23_DIFFERENCE_SIZE - used - and);
        }
    }
    return named;
}

bool bl23_config_difference(char const *found, char const *wanted, char text[BL23_DIFFERENCE_SIZE])
{
    struct bl23_yaml yaml[2];
    struct difference d = {.yaml = {&yaml[0], &yaml[1]}};
    snprintf(text, BL23_DIFFERENCE_SIZE, "it is no YAML");
    if (bl23_yaml_parse("", found, strlen(found), &yaml[0], NULL) != BL23_OK)
        return false;
    if (bl23_yaml_parse("", wanted, strlen(wanted), &yaml[1], NULL) == BL23_OK) {
        text[0] = '\0';
        int const named = name_keys(&d, 1, text, name_keys(&d, 0, text, 0));
        size_t const used = strlen(text);
        if (named > NAMED)
            snprintf(text + used, BL23_DIFFERENCE_SIZE - used, "; and %d more key%s", named - NAMED,
                     named - NAMED == 1 ? "" : "s");
        if (named == 0)
            snprintf(text, BL23_DIFFERENCE_SIZE, "%s",
                     strcmp(found, wanted) == 0 ? "the same keys, other tables"
                                                : "its text differs beside the keys");
        bl23_yaml_free(&yaml[1]);
    }
    bl23_yaml_free(&yaml[0]);
    return d.rows;
}
