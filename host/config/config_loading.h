/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* What the readers of a configuration share: the document, and how a key is found, refused,
 * counted. config.c reads the whole with it, config_survey.c the section `survey`; nothing else
 * includes it. It must not know what a key means. */
#ifndef BL23_HOST_CONFIG_LOADING_H
#define BL23_HOST_CONFIG_LOADING_H

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

/* A whole number from smallest to largest; without the key *value stays as it is. */
enum bl23_status bl23_loading_count(struct bl23_loading *l, bl23_yaml_node *mapping,
                                    char const *key, uint64_t smallest, uint64_t largest,
                                    uint64_t *value);

/* The section `survey`: samples, seed, masses, g and w. */
enum bl23_status bl23_loading_survey(struct bl23_loading *l, bl23_yaml_node *node);

#endif
