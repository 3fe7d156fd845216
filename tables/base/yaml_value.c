/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "tables/base/yaml_value.h"

#include <stdio.h>
#include <string.h>

#include "tables/base/words.h"

struct bl23_value const *bl23_value_part(struct bl23_value const *mapping, char const *key)
{
    for (size_t k = 0; k < mapping->parts; k++)
        if (mapping->part[k].key && strcmp(mapping->part[k].key, key) == 0)
            return &mapping->part[k];
    return NULL;
}

bool bl23_value_may_be_empty(struct bl23_value const *value)
{
    return value->key && !value->required &&
           (value->kind == BL23_VALUE_MAPPING || value->kind == BL23_VALUE_LIST ||
            value->kind == BL23_VALUE_FORMS);
}

struct bl23_value const *bl23_value_form(struct bl23_value const *forms, struct bl23_yaml *yaml,
                                         bl23_yaml_node *node)
{
    for (size_t f = 0; f < forms->parts && bl23_yaml_is_mapping(node); f++) {
        struct bl23_value const *const form = &forms->part[f];
        size_t const pairs =
            (size_t)(node->data.mapping.pairs.top - node->data.mapping.pairs.start);
        bool fits = form->kind == BL23_VALUE_MAPPING && form->parts == pairs;
        for (size_t k = 0; fits && k < form->parts; k++)
            fits = bl23_yaml_find(yaml, node, form->part[k].key) != NULL;
        if (fits)
            return form;
    }
    return NULL;
}

static void add_keys(struct bl23_value const *mapping, char keys[BL23_VALUE_KEYS_SIZE])
{
    for (size_t k = 0; k < mapping->parts; k++) {
        size_t const used = strlen(keys);
        if (bl23_find_word(keys, mapping->part[k].key) < 0)
            snprintf(keys + used, BL23_VALUE_KEYS_SIZE - used, "%s%s", used > 0 ? " " : "",
                     mapping->part[k].key);
    }
}

void bl23_value_keys(struct bl23_value const *value, char keys[BL23_VALUE_KEYS_SIZE])
{
    keys[0] = '\0';
    if (value->kind == BL23_VALUE_MAPPING)
        add_keys(value, keys);
    for (size_t f = 0; value->kind == BL23_VALUE_FORMS && f < value->parts; f++)
        if (value->part[f].kind == BL23_VALUE_MAPPING)
            add_keys(&value->part[f], keys);
}

int bl23_value_word(struct bl23_value const *value, char const *text)
{
    return text ? bl23_find_word(value->words, text) : -1;
}

enum bl23_status bl23_value_number(struct bl23_value const *value, struct bl23_yaml const *yaml,
                                   bl23_yaml_node const *node, char const *key, char const *allowed,
                                   struct bl23_dd *number, struct bl23_error *error)
{
    return bl23_yaml_number(yaml, node, key, value->smallest, value->largest, allowed, number,
                            error);
}

enum bl23_status bl23_value_whole(struct bl23_value const *value, struct bl23_yaml const *yaml,
                                  bl23_yaml_node const *node, uint64_t *number,
                                  struct bl23_error *error)
{
    char allowed[128];
    uint64_t const smallest = (uint64_t)value->smallest, largest = (uint64_t)value->largest;
    snprintf(allowed, sizeof allowed, "a whole number from %llu to %llu",
             (unsigned long long)smallest, (unsigned long long)largest);
    return bl23_yaml_whole(yaml, node, value->key, smallest, largest, allowed, number, error);
}

bool bl23_value_has_length(struct bl23_value const *value, bl23_yaml_node const *node)
{
    double const length = (double)bl23_yaml_length(node);
    return bl23_yaml_is_sequence(node) && length >= value->smallest && length <= value->largest;
}
