/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* What the readers of a configuration share: the document, and the tables of keys. config.c reads
 * the whole with it, config_survey.c the section `survey`, config_inputs.c the section
 * `inputs`, config_files.c the user's own
 * constraints; nothing else includes it. */
#ifndef BL23_HOST_CONFIG_LOADING_H
#define BL23_HOST_CONFIG_LOADING_H

#include <stddef.h>

#include "host/config/config.h"
#include "host/config/config_values.h"

/* The document being read and what it is read into. */
struct bl23_loading {
    struct bl23_yaml yaml;
    struct bl23_config *config;
    struct bl23_error *error;
    bool apart; /* bl23_config_parse_apart */

    /* What config_files.c needs: the constraint that is read, and a resolved configuration that
     * was stored earlier, looked for when it is first needed. */
    bl23_yaml_node *item;
    struct bl23_config_store *store; /* NULL: none */
    bool looked, has_stored;
    struct bl23_yaml stored;
};

/* bl23_yaml_refuse and bl23_yaml_find in this document. */
enum bl23_status bl23_loading_refuse(struct bl23_loading *l, bl23_yaml_node const *node,
                                     char const *key, char const *allowed);
bl23_yaml_node *bl23_loading_find(struct bl23_loading *l, bl23_yaml_node *mapping, char const *key);

/* Reads the value of a key, NULL where the key is missing, or an item of a list, as the row `value`
 * says (config_values.h). */
typedef enum bl23_status bl23_loading_reader(struct bl23_loading *l, struct bl23_value const *value,
                                             bl23_yaml_node *node);

/* How a key of a section is read: by its own reader, of the value or of each item of a list; or as
 * a whole number that is kept at `offset` of struct bl23_config, a uint64_t, and stays as it is
 * without the key. */
struct bl23_loading_key {
    char const *name;
    bl23_loading_reader *reader;
    size_t offset;
};

/* Rows of a table of keys. */
#define BL23_KEY(key, read)                                                                        \
    {                                                                                              \
        .name = key, .reader = read                                                                \
    }
#define BL23_KEY_WHOLE(key)                                                                        \
    {                                                                                              \
        .name = #key, .offset = offsetof(struct bl23_config, key)                                  \
    }

/* Read the keys of `section`, in the order of its rows, from the mapping `node`, called `name` in
 * messages, which may have no other keys. There is one way to read each of them. */
enum bl23_status bl23_loading_section(struct bl23_loading *l, struct bl23_value const *section,
                                      bl23_yaml_node *node, char const *name,
                                      struct bl23_loading_key const *keys, size_t n);

/* A number in the range of a value, in the words of a rule. */
enum bl23_status bl23_loading_number(struct bl23_loading *l, struct bl23_value const *value,
                                     bl23_yaml_node const *node, char const *key,
                                     char const *allowed, struct bl23_dd *number);

/* Put file and line before the message of a failure. */
enum bl23_status bl23_loading_located(struct bl23_loading *l, bl23_yaml_node const *node,
                                      enum bl23_status status);

/* The section `inputs`, after `survey`: values, and which of them vary. */
bl23_loading_reader bl23_loading_inputs;

/* A constraint of the user's own, with the files that it names; bl23_loading_free_files frees what
 * was found of them. */
bl23_loading_reader bl23_loading_extra;
void bl23_loading_free_files(struct bl23_loading *l);

/* The section `survey`: samples, seed, masses, g and w. */
bl23_loading_reader bl23_loading_survey;

#endif
