/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "tables/base/yaml_reader.h"

#include <stdio.h>
#include <string.h>

#include "kernels/sample/error.h"
#include "kernels/sample/plain_text.h"

enum { DEPTH_MAX = 100, FOUND_SIZE = 128 };

/* A byte that YAML does not allow; libyaml gives its offset, or that of a byte after it that does
 * not continue its character, and no line. */
static enum bl23_status refuse_byte(char const *name, char const *text, yaml_parser_t const *parser,
                                    struct bl23_error *error)
{
    size_t line = 1, column = 1, offset = parser->problem_offset;
    for (size_t back = 1; back <= 3 && back <= offset; back++)
        if ((unsigned char)text[offset - back] >= 0xc0 && strstr(parser->problem, "trailing"))
            offset -= back;
    for (size_t k = 0; k < offset; k++) {
        line += text[k] == '\n';
        column = text[k] == '\n' ? 1 : column + 1;
    }
    if (strstr(parser->problem, "control"))
        return bl23_fail(error, BL23_ERROR_CONFIG,
                         "%s:%zu: this is not valid YAML, at byte %zu of the line: U+%04X is a "
                         "control character",
                         name, line, column, (unsigned)parser->problem_value);
    return bl23_fail(error, BL23_ERROR_CONFIG,
                     "%s:%zu: this is not valid YAML, at byte %zu of the line: 0x%02x is not "
                     "UTF-8; save the file as UTF-8",
                     name, line, column, (unsigned)(unsigned char)text[offset]);
}

static enum bl23_status no_yaml(char const *name, char const *text, size_t length,
                                yaml_parser_t const *parser, struct bl23_error *error)
{
    if (parser->error == YAML_MEMORY_ERROR)
        return bl23_fail(error, BL23_ERROR_MEMORY, "%s: out of memory", name);
    if (bl23_text_is_utf16(text, length))
        return bl23_fail(error, BL23_ERROR_CONFIG, "%s:1: the file is UTF-16; save it as UTF-8",
                         name);
    if (parser->error == YAML_READER_ERROR && parser->problem_offset < length && parser->problem)
        return refuse_byte(name, text, parser, error);
    size_t const at = parser->mark.index;
    bool const tab = parser->error == YAML_SCANNER_ERROR && at < length && text[at] == '\t';
    return bl23_fail(error, BL23_ERROR_CONFIG,
                     "%s:%zu: this is not valid YAML, at column %zu (%s)%s", name,
                     parser->problem_mark.line + 1, parser->problem_mark.column + 1,
                     parser->problem ? parser->problem : "out of memory",
                     tab ? "; lines are indented with blanks, not with tabs" : "");
}

/* Refuse brackets that are nested too deep: libyaml's time grows with the square of their depth.
 * What else is wrong is said when the text is parsed. */
static enum bl23_status check_depth(char const *name, char const *text, size_t length,
                                    struct bl23_error *error)
{
    yaml_parser_t parser;
    yaml_token_t token;
    int depth = 0;
    if (!yaml_parser_initialize(&parser))
        return bl23_fail(error, BL23_ERROR_MEMORY, "%s: out of memory", name);
    yaml_parser_set_input_string(&parser, (unsigned char const *)text, length);
    for (bool more = true; more && depth <= DEPTH_MAX && yaml_parser_scan(&parser, &token);) {
        depth += token.type == YAML_FLOW_SEQUENCE_START_TOKEN ||
                 token.type == YAML_FLOW_MAPPING_START_TOKEN;
        depth -=
            token.type == YAML_FLOW_SEQUENCE_END_TOKEN || token.type == YAML_FLOW_MAPPING_END_TOKEN;
        more = token.type != YAML_STREAM_END_TOKEN && token.type != YAML_NO_TOKEN;
        yaml_token_delete(&token);
    }
    size_t const line = parser.mark.line + 1;
    yaml_parser_delete(&parser);
    if (depth <= DEPTH_MAX)
        return BL23_OK;
    return bl23_fail(error, BL23_ERROR_CONFIG, "%s:%zu: brackets must not be nested deeper than %d",
                     name, line, DEPTH_MAX);
}

/* Refuse anything after the document: it would be ignored. */
static enum bl23_status check_end(char const *name, char const *text, size_t length,
                                  yaml_parser_t *parser, struct bl23_error *error)
{
    yaml_document_t second;
    if (!yaml_parser_load(parser, &second))
        return no_yaml(name, text, length, parser, error);
    yaml_node_t const *const root = yaml_document_get_root_node(&second);
    size_t const line = root ? root->start_mark.line + 1 : 0;
    yaml_document_delete(&second);
    if (line == 0)
        return BL23_OK;
    return bl23_fail(error, BL23_ERROR_CONFIG,
                     "%s:%zu: a second YAML document begins here; a file must hold one", name,
                     line);
}

enum bl23_status bl23_yaml_parse(char const *name, char const *text, size_t length,
                                 struct bl23_yaml *yaml, struct bl23_error *error)
{
    yaml_parser_t parser;
    snprintf(yaml->name, sizeof yaml->name, "%s", name);
    BL23_TRY(check_depth(name, text, length, error));
    if (!yaml_parser_initialize(&parser))
        return bl23_fail(error, BL23_ERROR_MEMORY, "%s: out of memory", name);
    yaml_parser_set_input_string(&parser, (unsigned char const *)text, length);
    enum bl23_status status = BL23_OK;
    if (!yaml_parser_load(&parser, &yaml->document)) {
        status = no_yaml(name, text, length, &parser, error);
    } else if (yaml_document_get_root_node(&yaml->document)) {
        status = check_end(name, text, length, &parser, error);
        if (status != BL23_OK)
            yaml_document_delete(&yaml->document);
    }
    yaml_parser_delete(&parser);
    return status;
}

void bl23_yaml_free(struct bl23_yaml *yaml)
{
    yaml_document_delete(&yaml->document);
}

enum bl23_status bl23_yaml_root(struct bl23_yaml *yaml, bl23_yaml_node **root,
                                struct bl23_error *error)
{
    *root = yaml_document_get_root_node(&yaml->document);
    if (*root && (*root)->type == YAML_MAPPING_NODE)
        return BL23_OK;
    return bl23_fail(error, BL23_ERROR_CONFIG, "%s:1: the file must be a mapping of keys (%s)",
                     yaml->name,
                     !*root                                ? "it is empty"
                     : (*root)->type == YAML_SEQUENCE_NODE ? "got a list"
                                                           : "got a text");
}

/* A node that is not a text, in words: "the list [0.2, 0.1]" if it is short and plain, else its
 * kind.
 */
static void describe(struct bl23_yaml const *yaml, bl23_yaml_node const *node, char *out,
                     size_t size)
{
    size_t const n = bl23_yaml_length(node);
    size_t used = (size_t)snprintf(out, size, "the list [");
    bool plain = n > 0;
    for (size_t k = 0; plain && k < n; k++) {
        int const item = node->data.sequence.items.start[k];
        char const *const text = bl23_yaml_text(&yaml->document.nodes.start[item - 1]);
        plain = text && used + strlen(text) + 4 < size;
        if (plain)
            used += (size_t)snprintf(out + used, size - used, "%s%s", k ? ", " : "", text);
    }
    if (plain)
        snprintf(out + used, size - used, "]");
    else
        snprintf(out, size, "%s",
                 node->type == YAML_MAPPING_NODE    ? "a mapping"
                 : node->type == YAML_SEQUENCE_NODE ? "a list"
                                                    : "text with a NUL byte");
}

/* A key that is missing from the mapping that begins at `line`. */
static enum bl23_status refuse_missing(struct bl23_yaml const *yaml, size_t line, char const *key,
                                       char const *allowed, struct bl23_error *error)
{
    return bl23_fail(error, BL23_ERROR_CONFIG, "%s:%zu: %s is missing; it must be %s", yaml->name,
                     line, key, allowed);
}

enum bl23_status bl23_yaml_refuse(struct bl23_yaml const *yaml, bl23_yaml_node const *node,
                                  char const *key, char const *allowed, struct bl23_error *error)
{
    if (!node)
        return refuse_missing(yaml, 1, key, allowed, error);
    char const *const text = bl23_yaml_text(node);
    char found[FOUND_SIZE];
    if (text)
        snprintf(found, sizeof found, "'%.80s'", text);
    else
        describe(yaml, node, found, sizeof found);
    return bl23_fail(error, BL23_ERROR_CONFIG, "%s:%zu: %s must be %s (got %s)", yaml->name,
                     node->start_mark.line + 1, key, allowed, found);
}

enum bl23_status bl23_yaml_refuse_key(struct bl23_yaml *yaml, bl23_yaml_node *mapping,
                                      char const *key, char const *allowed,
                                      struct bl23_error *error)
{
    bl23_yaml_node const *const node = bl23_yaml_find(yaml, mapping, key);
    return node ? bl23_yaml_refuse(yaml, node, key, allowed, error)
                : refuse_missing(yaml, mapping->start_mark.line + 1, key, allowed, error);
}

/* Is the name one of a blank-separated list? */
static bool listed(char const *name, char const *list)
{
    size_t const length = strlen(name);
    for (char const *p = list; length > 0 && (p = strstr(p, name)); p += length) {
        bool const starts = p == list || p[-1] == ' ';
        if (starts && (p[length] == ' ' || p[length] == '\0') && !strchr(name, ' '))
            return true;
    }
    return false;
}

static bl23_yaml_node *node_at(struct bl23_yaml *yaml, int index)
{
    return yaml_document_get_node(&yaml->document, index);
}

enum bl23_status bl23_yaml_check_keys(struct bl23_yaml *yaml, bl23_yaml_node *node,
                                      char const *where, char const *keys, struct bl23_error *error)
{
    if (!bl23_yaml_is_mapping(node)) {
        char allowed[512];
        snprintf(allowed, sizeof allowed, "a mapping with the keys %s", keys);
        return bl23_yaml_refuse(yaml, node, where, allowed, error);
    }
    yaml_node_pair_t const *const start = node->data.mapping.pairs.start;
    for (yaml_node_pair_t const *p = start; p < node->data.mapping.pairs.top; p++) {
        bl23_yaml_node const *const key = node_at(yaml, p->key);
        char const *const text = bl23_yaml_text(key);
        if (!text || !listed(text, keys))
            return bl23_fail(error, BL23_ERROR_CONFIG,
                             "%s:%zu: %s has no key '%.80s'; its keys are %s", yaml->name,
                             key->start_mark.line + 1, where, text ? text : "(no text)", keys);
        for (yaml_node_pair_t const *q = start; q < p; q++)
            if (strcmp(text, bl23_yaml_text(node_at(yaml, q->key))) == 0)
                return bl23_fail(error, BL23_ERROR_CONFIG,
                                 "%s:%zu: %s has the key '%s' twice; write it once", yaml->name,
                                 key->start_mark.line + 1, where, text);
    }
    return BL23_OK;
}

bl23_yaml_node *bl23_yaml_find(struct bl23_yaml *yaml, bl23_yaml_node *mapping, char const *key)
{
    if (!bl23_yaml_is_mapping(mapping))
        return NULL;
    for (yaml_node_pair_t const *p = mapping->data.mapping.pairs.start;
         p < mapping->data.mapping.pairs.top; p++) {
        char const *const text = bl23_yaml_text(node_at(yaml, p->key));
        if (text && strcmp(text, key) == 0)
            return node_at(yaml, p->value);
    }
    return NULL;
}

bl23_yaml_node *bl23_yaml_item(struct bl23_yaml *yaml, bl23_yaml_node *sequence, size_t index)
{
    if (index >= bl23_yaml_length(sequence))
        return NULL;
    return node_at(yaml, sequence->data.sequence.items.start[index]);
}

size_t bl23_yaml_length(bl23_yaml_node const *sequence)
{
    if (!bl23_yaml_is_sequence(sequence))
        return 0;
    return (size_t)(sequence->data.sequence.items.top - sequence->data.sequence.items.start);
}

bool bl23_yaml_is_mapping(bl23_yaml_node const *node)
{
    return node && node->type == YAML_MAPPING_NODE;
}

bool bl23_yaml_is_sequence(bl23_yaml_node const *node)
{
    return node && node->type == YAML_SEQUENCE_NODE;
}

bool bl23_yaml_is_null(bl23_yaml_node const *node)
{
    char const *const text = bl23_yaml_text(node);
    return text && node->data.scalar.style == YAML_PLAIN_SCALAR_STYLE &&
           (text[0] == '\0' || strcmp(text, "~") == 0 || strcmp(text, "null") == 0);
}

char const *bl23_yaml_text(bl23_yaml_node const *node)
{
    if (!node || node->type != YAML_SCALAR_NODE)
        return NULL;
    char const *const text = (char const *)node->data.scalar.value;
    return strlen(text) == node->data.scalar.length ? text : NULL;
}

enum bl23_status bl23_yaml_number(struct bl23_yaml const *yaml, bl23_yaml_node const *node,
                                  char const *key, double smallest, double largest,
                                  char const *allowed, struct bl23_dd *value,
                                  struct bl23_error *error)
{
    char const *const text = bl23_yaml_text(node);
    char *end;
    *value = text ? bl23_dd_parse(text, &end) : bl23_dd(0.0);
    bool const inside = value->hi >= smallest && value->hi <= largest; /* false for NaN */
    if (!text || end == text || *end != '\0' || !inside || isinf(value->hi))
        return bl23_yaml_refuse(yaml, node, key, allowed, error);
    *value = bl23_dd_shortest(*value);
    return BL23_OK;
}

enum bl23_status bl23_yaml_numbers(struct bl23_yaml *yaml, bl23_yaml_node *node, char const *key,
                                   size_t count, char const *allowed, struct bl23_dd *values,
                                   struct bl23_error *error)
{
    if (bl23_yaml_length(node) != count)
        return bl23_yaml_refuse(yaml, node, key, allowed, error);
    for (size_t k = 0; k < count; k++)
        BL23_TRY(bl23_yaml_number(yaml, bl23_yaml_item(yaml, node, k), key, -DBL_MAX, DBL_MAX,
                                  allowed, &values[k], error));
    return BL23_OK;
}

bool bl23_text_whole(char const *text, uint64_t *value)
{
    char *end;
    struct bl23_dd const x = bl23_dd_parse(text, &end);
    if (end == text || *end != '\0' || x.hi != floor(x.hi) || x.lo != floor(x.lo) || x.hi < 0.0 ||
        x.hi > 0x1p63 || (x.hi == 0x1p63 && x.lo > 0.0))
        return false;
    *value = (uint64_t)x.hi + (x.lo < 0.0 ? 0u - (uint64_t)-x.lo : (uint64_t)x.lo);
    return true;
}

enum bl23_status bl23_yaml_whole(struct bl23_yaml const *yaml, bl23_yaml_node const *node,
                                 char const *key, uint64_t smallest, uint64_t largest,
                                 char const *allowed, uint64_t *value, struct bl23_error *error)
{
    char const *const text = bl23_yaml_text(node);
    if (text && bl23_text_whole(text, value) && *value >= smallest && *value <= largest)
        return BL23_OK;
    return bl23_yaml_refuse(yaml, node, key, allowed, error);
}
