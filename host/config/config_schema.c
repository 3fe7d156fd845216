/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "host/config/config_schema.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/config/config.h"
#include "host/config/config_values.h"
#include "tables/base/words.h"

/* ---- values ---- */

static json_t *word_json(char const *text, size_t length)
{
    if (length == 4 && memcmp(text, "true", 4) == 0)
        return json_true();
    if (length == 5 && memcmp(text, "false", 5) == 0)
        return json_false();
    return json_stringn(text, length);
}

/* Words that blanks separate, as a list; those of `without` are left out. */
static json_t *words_json(char const *words, char const *without)
{
    char word[BL23_WORD_SIZE];
    json_t *const list = json_array();
    for (char const *p = words; bl23_next_word(&p, word);)
        if (bl23_find_word(without, word) < 0)
            json_array_append_new(list, word_json(word, strlen(word)));
    return list;
}

static json_t *bound_json(double x, bool whole)
{
    return whole && fabs(x) < 0x1p53 ? json_integer((json_int_t)x) : json_real(x);
}

/* The ends of a range that are ends of something. */
static void set_range(json_t *object, struct bl23_value const *value)
{
    double const endless = 1e300;
    bool const whole = value->kind == BL23_VALUE_WHOLE;
    json_object_set_new(object, "type", json_string(whole ? "integer" : "number"));
    if (value->smallest > -endless)
        json_object_set_new(object, "minimum", bound_json(value->smallest, whole));
    if (value->largest < endless)
        json_object_set_new(object, "maximum", bound_json(value->largest, whole));
}

static json_t *value_json(struct bl23_value const *value);
static json_t *part_json(struct bl23_value const *value);

static void set_text(json_t *object, struct bl23_value const *value)
{
    json_object_set_new(object, "type", json_string("string"));
    json_object_set_new(object, "minLength", bound_json(value->smallest, true));
    json_object_set_new(object, "maxLength", bound_json(value->largest, true));
    if (value->pattern)
        json_object_set_new(object, "pattern", json_string(value->pattern));
}

static void set_list(json_t *object, struct bl23_value const *value)
{
    json_object_set_new(object, "type", json_string("array"));
    json_object_set_new(object, "items", value_json(value->part));
    json_object_set_new(object, "minItems", bound_json(value->smallest, true));
    json_object_set_new(object, "maxItems", bound_json(value->largest, true));
    if (value->distinct)
        json_object_set_new(object, "uniqueItems", json_true());
}

static void set_mapping(json_t *object, struct bl23_value const *value)
{
    json_t *const properties = json_object(), *const required = json_array();
    for (size_t k = 0; k < value->parts; k++) {
        json_object_set_new(properties, value->part[k].key, part_json(&value->part[k]));
        if (value->part[k].required)
            json_array_append_new(required, json_string(value->part[k].key));
    }
    json_object_set_new(object, "type", json_string("object"));
    json_object_set_new(object, "properties", properties);
    json_object_set_new(object, "additionalProperties", json_false());
    json_object_set_new(object, "required", required);
}

static json_t *value_json(struct bl23_value const *value)
{
    json_t *const object = json_object(), *const forms = json_array();
    if (value->text)
        json_object_set_new(object, "description", json_string(value->text));
    switch (value->kind) {
    case BL23_VALUE_WHOLE:
    case BL23_VALUE_NUMBER:
        set_range(object, value);
        break;
    case BL23_VALUE_WORD:
        json_object_set_new(object, "enum", words_json(value->words, ""));
        break;
    case BL23_VALUE_TEXT:
        set_text(object, value);
        break;
    case BL23_VALUE_LIST:
        set_list(object, value);
        break;
    case BL23_VALUE_MAPPING:
        set_mapping(object, value);
        break;
    case BL23_VALUE_FORMS:
    default:
        for (size_t f = 0; f < value->parts; f++)
            json_array_append_new(forms, value_json(&value->part[f]));
        json_object_set(object, "oneOf", forms);
    }
    json_decref(forms);
    return object;
}

/* Where the key may stand without a value, there may be null. */
static json_t *part_json(struct bl23_value const *value)
{
    json_t *const object = value_json(value);
    if (!bl23_value_may_be_empty(value))
        return object;
    json_t *const forms = json_object_get(object, "oneOf");
    if (forms)
        json_array_append_new(forms, json_pack("{s:s}", "type", "null"));
    else
        json_object_set_new(object, "type",
                            json_pack("[O, s]", json_object_get(object, "type"), "null"));
    return object;
}

/* ---- what concerns several keys ---- */

/* The member at the end of a path of keys; an item of a list by its number. */
static json_t *member(json_t *object, char const *const path[])
{
    for (; *path && object; path++)
        object = json_is_array(object) ? json_array_get(object, (size_t)atoi(*path))
                                       : json_object_get(object, *path);
    return object;
}

/* The measured numbers and the choices, which have rows of their own. */
static void add_inputs(json_t *schema)
{
    char const *const path[] = {"properties", "inputs", "oneOf", "1", "properties", NULL};
    json_t *const properties = member(schema, path);
    for (size_t row = 0; row < bl23_n_input_rows; row++) {
        struct bl23_input_row const *const input = &bl23_input_rows[row];
        struct bl23_value const value = {.kind = BL23_VALUE_NUMBER,
                                         .smallest = bl23_dd_parse(input->smallest, NULL).hi,
                                         .largest = bl23_dd_parse(input->largest, NULL).hi,
                                         .text = input->text};
        json_t *const object = value_json(&value);
        if (strcmp(input->unit, "1") != 0)
            json_object_set_new(object, "description",
                                json_sprintf("%s [%s]", input->text, input->unit));
        json_object_set_new(properties, input->name, object);
    }
    for (size_t row = 0; row < bl23_n_choice_rows; row++) {
        struct bl23_choice_row const *const choice = &bl23_choice_rows[row];
        json_t *const words = json_array();
        for (int k = 0; k < 2; k++)
            json_array_append_new(words, word_json(choice->value[k], strlen(choice->value[k])));
        json_object_set_new(properties, choice->name,
                            json_pack("{s:s, s:o}", "description", choice->text, "enum", words));
    }
}

/* None of the keys. */
static json_t *without_json(json_t *keys)
{
    json_t *const any = json_array(), *key;
    size_t k;
    json_array_foreach(keys, k, key)
        json_array_append_new(any, json_pack("{s:[O]}", "required", key));
    json_decref(keys);
    return json_pack("{s:{s:o}}", "not", "anyOf", any);
}

/* The keys of one form and none of another; a limit needs a level, unless it has no likelihood. */
static json_t *form_json(struct bl23_constraint_form const *form)
{
    json_t *const others = json_array();
    for (struct bl23_constraint_form const *other = bl23_constraint_forms; other->keys; other++) {
        json_t *const words = other == form ? json_array() : words_json(other->keys, form->also);
        json_array_extend(others, words);
        json_decref(words);
    }
    if (!form->limit)
        json_array_append_new(others, json_string("cl"));
    json_t *const all = json_array(), *const any = json_array();
    json_t *const keys = words_json(form->keys, "");
    size_t k;
    json_t *key;
    json_array_foreach(keys, k, key)
        json_array_append_new(any, json_pack("{s:[O]}", "required", key));
    json_array_append_new(all, form->any ? json_pack("{s:o}", "anyOf", any)
                                         : json_pack("{s:O}", "required", keys));
    if (!form->any)
        json_decref(any);
    json_decref(keys);
    json_array_append_new(all, without_json(others));
    json_array_append_new(
        all, json_pack("{s:{s:{s:[s, s]}}}", "properties", "likelihood", "enum", "none",
                       bl23_likelihood_name(form->limit ? BL23_LIKELIHOOD_HALF_GAUSS
                                                        : BL23_LIKELIHOOD_SPLIT_GAUSS)));
    if (form->limit)
        json_array_append_new(all, json_pack("{s:[{s:[s]}, {s:[s], s:{s:{s:s}}}]}", "anyOf",
                                             "required", "cl", "required", "likelihood",
                                             "properties", "likelihood", "const", "none"));
    return json_pack("{s:o}", "allOf", all);
}

/* What an observable or a key requires of the others. */
static json_t *rules_json(void)
{
    json_t *const rules = json_array(), *const rates = json_array();
    for (char const *const *a = bl23_constraint_windows; *a; a++)
        for (char const *const *b = a + 1; *b; b++)
            json_array_append_new(rules, json_pack("{s:{s:[s, s]}}", "not", "required", *a, *b));
    for (int k = 0; k < BL23_OBSERVABLES; k++)
        if (bl23_observable_is_rate(k))
            json_array_append_new(rates, json_string(bl23_observable_name(k)));
    json_array_append_new(rules,
                          json_pack("{s:{s:[s]}, s:{s:{s:{s:o}}}}", "if", "required", "invisible",
                                    "then", "properties", "observable", "enum", rates));
    json_array_append_new(rules,
                          json_pack("{s:{s:{s:{s:s}}}, s:o}", "if", "properties", "observable",
                                    "const", bl23_observable_name(BL23_MODE_x12_im), "then",
                                    without_json(words_json("band_1sigma central", ""))));
    json_array_append_new(rules, json_pack("{s:{s:{s:{s:s}}}, s:{s:{s:{s:[s, s]}}}}", "if",
                                           "properties", "observable", "const",
                                           bl23_observable_name(BL23_OBSERVABLE_G_BL), "then",
                                           "properties", "likelihood", "enum", "none",
                                           bl23_likelihood_name(BL23_LIKELIHOOD_HALF_GAUSS)));
    return rules;
}

static void add_rules(json_t *constraint)
{
    json_t *const forms = json_array();
    for (struct bl23_constraint_form const *form = bl23_constraint_forms; form->keys; form++)
        json_array_append_new(forms, form_json(form));
    json_object_set_new(constraint, "oneOf", forms);
    json_object_set_new(constraint, "allOf", rules_json());
}

json_t *bl23_config_schema(void)
{
    json_t *const schema = value_json(&bl23_config_value);
    char const *const constraints[] = {"properties", "constraints", NULL};
    char const *const extra[] = {"properties", "constraints", "properties", "extra", "items", NULL};
    json_t *const some =
        json_pack("[{s:[s], s:{s:{s:i}}}, {s:[s], s:{s:{s:i}}}]", "required", "sets", "properties",
                  "sets", "minItems", 1, "required", "extra", "properties", "extra", "minItems", 1);
    add_inputs(schema);
    add_rules(member(schema, extra));
    json_object_set_new(member(schema, constraints), "anyOf", some);
    json_object_set_new(schema, "$schema",
                        json_string("https://json-schema.org/draft/2020-12/schema"));
    json_object_set_new(schema, "title", json_string("Survey of the local (B-L)_23 model (bl23)"));
    return schema;
}
