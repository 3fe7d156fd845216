/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* Rows that say what a value of a YAML file may be. The readers of configurations and constraints
 * take their keys, ranges and words from these rows, and host/config/config_schema.c writes the
 * JSON Schema from them. */
#ifndef BL23_TABLES_YAML_VALUE_H
#define BL23_TABLES_YAML_VALUE_H

#include "tables/base/yaml_reader.h"

enum bl23_value_kind {
    BL23_VALUE_WHOLE,   /* a whole number from smallest to largest */
    BL23_VALUE_NUMBER,  /* a number from smallest to largest */
    BL23_VALUE_WORD,    /* one of `words`, which blanks separate */
    BL23_VALUE_TEXT,    /* of smallest to largest bytes */
    BL23_VALUE_LIST,    /* of smallest to largest items, each as part[0] says */
    BL23_VALUE_MAPPING, /* with keys of `part` and no others */
    BL23_VALUE_FORMS    /* one of the forms `part` */
};

struct bl23_value {
    char const *key; /* in the mapping that it is a part of; NULL in lists and forms */
    enum bl23_value_kind kind;
    double smallest, largest;
    char const *words, *pattern; /* pattern: of a text, a regular expression */
    struct bl23_value const *part;
    size_t parts;
    bool required;    /* its key */
    bool distinct;    /* the items of a list */
    char const *text; /* what it is, for people */
};

/* `.part` and `.parts` of an array, and of one value in its place. */
#define BL23_VALUE_PARTS(array) .part = (array), .parts = sizeof(array) / sizeof *(array)
#define BL23_VALUE_PART(...) .part = &(struct bl23_value const){__VA_ARGS__}, .parts = 1

/* The part of a mapping with that key; NULL if there is none. */
struct bl23_value const *bl23_value_part(struct bl23_value const *mapping, char const *key);

/* May its key stand without a value, which is as if it were not there? So may sections and lists
 * whose lines are commented out. */
bool bl23_value_may_be_empty(struct bl23_value const *value);

/* The first of the forms whose keys are those of the node, all of them and no others; NULL if it
 * has none of these forms. */
struct bl23_value const *bl23_value_form(struct bl23_value const *forms, struct bl23_yaml *yaml,
                                         bl23_yaml_node *node);

/* The keys of a mapping, or of all forms, each once, separated by blanks. */
enum { BL23_VALUE_KEYS_SIZE = 512 };
void bl23_value_keys(struct bl23_value const *value, char keys[BL23_VALUE_KEYS_SIZE]);

/* The number of a word among the words of a value; -1 if it is none of them. text may be NULL. */
int bl23_value_word(struct bl23_value const *value, char const *text);

/* A number in the range of a value; the rest as in bl23_yaml_number. */
enum bl23_status bl23_value_number(struct bl23_value const *value, struct bl23_yaml const *yaml,
                                   bl23_yaml_node const *node, char const *key, char const *allowed,
                                   struct bl23_dd *number, struct bl23_error *error);

/* A whole number in the range of a value. */
enum bl23_status bl23_value_whole(struct bl23_value const *value, struct bl23_yaml const *yaml,
                                  bl23_yaml_node const *node, uint64_t *number,
                                  struct bl23_error *error);

/* Has the list as many items as the value says? */
bool bl23_value_has_length(struct bl23_value const *value, bl23_yaml_node const *node);

#endif
