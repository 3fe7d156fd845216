/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* Reads YAML documents by libyaml. Every refusal names file, line and key, the rule and what was
 * found. constraints.c and host/config/config.c walk documents with it. */
#ifndef BL23_TABLES_YAML_READER_H
#define BL23_TABLES_YAML_READER_H

#include <yaml.h>

#include "kernels/sample/model.h"
#include "tables/base/dd.h"

/* One document, and the name that messages give it. */
struct bl23_yaml {
    yaml_document_t document;
    char name[256];
};

typedef yaml_node_t bl23_yaml_node; /* libyaml's own type under our prefix */

/* Parse `length` bytes; on success the caller calls bl23_yaml_free. */
enum bl23_status bl23_yaml_parse(char const *name, char const *text, size_t length,
                                 struct bl23_yaml *yaml, struct bl23_error *error);
void bl23_yaml_free(struct bl23_yaml *yaml);

/* The top mapping. */
enum bl23_status bl23_yaml_root(struct bl23_yaml *yaml, bl23_yaml_node **root,
                                struct bl23_error *error);

/* "NAME:LINE: KEY must be ALLOWED (got ...)" with status BL23_ERROR_CONFIG; where node is NULL,
 * "NAME:1: KEY is missing; it must be ALLOWED". */
enum bl23_status bl23_yaml_refuse(struct bl23_yaml const *yaml, bl23_yaml_node const *node,
                                  char const *key, char const *allowed, struct bl23_error *error);

/* The same about a key of a mapping, with the line of the mapping where the key is missing. */
enum bl23_status bl23_yaml_refuse_key(struct bl23_yaml *yaml, bl23_yaml_node *mapping,
                                      char const *key, char const *allowed,
                                      struct bl23_error *error);

/* Check that node is a mapping without duplicates whose keys are all in the list, which is one
 * string of names separated by single blanks. */
enum bl23_status bl23_yaml_check_keys(struct bl23_yaml *yaml, bl23_yaml_node *node,
                                      char const *where, char const *keys,
                                      struct bl23_error *error);

/* Value of a key of a mapping; NULL if it is not there. */
bl23_yaml_node *bl23_yaml_find(struct bl23_yaml *yaml, bl23_yaml_node *mapping, char const *key);

/* Entries of a sequence, NULL past its end; length of a sequence, 0 for anything else. */
bl23_yaml_node *bl23_yaml_item(struct bl23_yaml *yaml, bl23_yaml_node *sequence, size_t index);
size_t bl23_yaml_length(bl23_yaml_node const *sequence);

bool bl23_yaml_is_mapping(bl23_yaml_node const *node);
bool bl23_yaml_is_sequence(bl23_yaml_node const *node);

/* Is it an empty value, "~" or "null", as a key has whose value was left out? */
bool bl23_yaml_is_null(bl23_yaml_node const *node);

/* Text of a scalar without NUL bytes, NULL for anything else. Owned by the document. */
char const *bl23_yaml_text(bl23_yaml_node const *node);

/* A finite number in [smallest, largest]; `allowed` is the same in words, to follow "must be".
 * Digits beyond a double's are dropped (bl23_dd_shortest), so that a printed number reads back the
 * same. */
enum bl23_status bl23_yaml_number(struct bl23_yaml const *yaml, bl23_yaml_node const *node,
                                  char const *key, double smallest, double largest,
                                  char const *allowed, struct bl23_dd *value,
                                  struct bl23_error *error);

/* A list of exactly `count` such numbers. */
enum bl23_status bl23_yaml_numbers(struct bl23_yaml *yaml, bl23_yaml_node *node, char const *key,
                                   size_t count, char const *allowed, struct bl23_dd *values,
                                   struct bl23_error *error);

/* The whole number from 0 to 2^63 in a text, also written like 1e9; false for any other text. */
bool bl23_text_whole(char const *text, uint64_t *value);

/* A whole number from smallest to largest (<= 2^63), also written like 1e9. */
enum bl23_status bl23_yaml_whole(struct bl23_yaml const *yaml, bl23_yaml_node const *node,
                                 char const *key, uint64_t smallest, uint64_t largest,
                                 char const *allowed, uint64_t *value, struct bl23_error *error);

#endif
