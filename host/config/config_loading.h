/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* What the readers of a configuration share: the document, and the tables of keys. config.c reads
 * the whole with it, config_survey.c the section `survey`; nothing else includes it. */
#ifndef BL23_HOST_CONFIG_LOADING_H
#define BL23_HOST_CONFIG_LOADING_H

#include <stddef.h>

#include "host/config/config.h"

/* The document being read and what it is read into. */
struct bl23_loading {
    struct bl23_yaml yaml;
    struct bl23_config *config;
    struct bl23_error *error;
};

/* bl23_yaml_refuse and bl23_yaml_find in this document. */
enum bl23_status bl23_loading_refuse(struct bl23_loading *l, bl23_yaml_node const *node,
                                     char const *key, char const *allowed);
bl23_yaml_node *bl23_loading_find(struct bl23_loading *l, bl23_yaml_node *mapping, char const *key);

/* Reads the value of a key, NULL where the key is missing, or an item of a list. */
typedef enum bl23_status bl23_loading_reader(struct bl23_loading *l, bl23_yaml_node *node);

/* A key of a section: its own reader, of the value or of each item of a list; or a whole number
 * from smallest to largest, which is kept at `offset` of struct bl23_config, a uint64_t, and stays
 * as it is without the key. */
struct bl23_loading_key {
    char const *name;
    bl23_loading_reader *reader;
    bool is_list;
    uint64_t smallest, largest;
    size_t offset;
};

/* Rows of a table of keys. */
#define BL23_KEY(key, read)                                                                        \
    {                                                                                              \
        .name = key, .reader = read                                                                \
    }
#define BL23_KEY_LIST(key, read_item)                                                              \
    {                                                                                              \
        .name = key, .reader = read_item, .is_list = true                                          \
    }
#define BL23_KEY_WHOLE(key, from, to)                                                              \
    {                                                                                              \
        .name = #key, .smallest = from, .largest = to, .offset = offsetof(struct bl23_config, key) \
    }

/* Read the keys in their order from the mapping `node`, called `name` in messages, which may have
 * no other keys. */
enum bl23_status bl23_loading_section(struct bl23_loading *l, bl23_yaml_node *node,
                                      char const *name, struct bl23_loading_key const *keys,
                                      size_t n);

/* The section `survey`: samples, seed, masses, g and w. */
enum bl23_status bl23_loading_survey(struct bl23_loading *l, bl23_yaml_node *node);

#endif
