/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* The YAML reader: what it reads, and that every refusal names file, line, key and rule.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tables/base/yaml_reader.h"
#include "tests/check.h"

/* A parsed document whose top mapping is at hand. */
struct document {
    struct bl23_yaml yaml;
    bl23_yaml_node *root;
};

static void open_document(struct document *d, char const *text)
{
    struct bl23_error error = {BL23_OK, ""};
    check_ok(bl23_yaml_parse("a.yaml", text, strlen(text), &d->yaml, &error), &error, "'%s'", text);
    check_ok(bl23_yaml_root(&d->yaml, &d->root, &error), &error, "'%s'", text);
}

/* Parse, take the top mapping and check its keys against "a b". */
static enum bl23_status read_keys(char const *text, size_t length, struct bl23_error *error)
{
    struct bl23_yaml yaml;
    bl23_yaml_node *root;
    *error = (struct bl23_error){BL23_OK, ""};
    enum bl23_status status = bl23_yaml_parse("a.yaml", text, length, &yaml, error);
    if (status != BL23_OK)
        return status;
    status = bl23_yaml_root(&yaml, &root, error);
    if (status == BL23_OK)
        status = bl23_yaml_check_keys(&yaml, root, "top", "alpha a b_long", error);
    bl23_yaml_free(&yaml);
    return status;
}

static void test_keys(void **state)
{
    (void)state;
    static char const *const good[] = {"a: 1",
                                       "{alpha: 1, a: 2, b_long: 3}",
                                       "{}",
                                       "'a': x\n# c\n",
                                       "--- \na: 1\n...\n",
                                       "\xef\xbb\xbf"
                                       "a: 1\n",
                                       "a: 1\r\nalpha: 2\r\n",
                                       "a: 1\ralpha: 2\r",
                                       "a:\t1\t# c\nalpha:\t{b: 2}\t\n",
                                       "%YAML 1.1\n---\na: 1\n",
                                       "%YAML 1.2\n---\na: 1\n...\n# the end\n"};
    static char const *const bad[][3] = {
        {"b: 1", ":1:", "top has no key 'b'; its keys are alpha a b_long"},
        {"a: 1\nalph: 2", ":2:", "top has no key 'alph'; its keys are alpha a b_long"},
        {"a: 1\nlpha: 2", ":2:", "top has no key 'lpha'; its keys are alpha a b_long"},
        {"a: 1\n\nb_lon: 2", ":3:", "top has no key 'b_lon'; its keys are alpha a b_long"},
        {"'alpha a': 1", ":1:", "top has no key 'alpha a'; its keys are alpha a b_long"},
        {"'': 1", ":1:", "top has no key ''; its keys are alpha a b_long"},
        {"A: 1", ":1:", "top has no key 'A'; its keys are alpha a b_long"},
        {"[a]: 1", ":1:", "top has no key '(no text)'; its keys are alpha a b_long"},
        {"{a: 1}: 1", ":1:", "top has no key '(no text)'; its keys are alpha a b_long"},
        {"a: 1\na: 1", ":2:", "top has the key 'a' twice; write it once"},
        {"a: 1\nalpha: 1\n'a': 2", ":3:", "top has the key 'a' twice; write it once"},
        {"\"a\\0b\": 1", ":1:", "top has no key '(no text)'; its keys are alpha a b_long"},
    };
    struct bl23_error error;
    for (size_t k = 0; k < sizeof good / sizeof good[0]; k++) {
        enum bl23_status const status = read_keys(good[k], strlen(good[k]), &error);
        check_ok(status, &error, "'%s'", good[k]);
    }
    for (size_t k = 0; k < sizeof bad / sizeof bad[0]; k++) {
        enum bl23_status const status = read_keys(bad[k][0], strlen(bad[k][0]), &error);
        char const *const words[] = {"a.yaml", bad[k][1], bad[k][2], NULL};
        check_refused(status, &error, bad[k][0], words);
    }
}

/* Texts that are no document of ours: no YAML, no mapping, nothing. */
static void test_no_document(void **state)
{
    (void)state;
    static char const not_yaml[] = "this is not valid YAML, at ",
                      empty[] = "a mapping of keys (it is";
    static char const list[] = "a mapping of keys (got a list)";
    static char const word[] = "a mapping of keys (got a text)";
    static char const second[] = "a second YAML document begins here; a file must hold one";
    static char const *const texts[][2] = {{"", empty},
                                           {"\n\n", empty},
                                           {"# comment only\n", empty},
                                           {"---\n", word},
                                           {"- a\n- b\n", list},
                                           {"word", word},
                                           {"42", word},
                                           {"~", word},
                                           {"a: [1, 2", not_yaml},
                                           {"a: {b: 1", not_yaml},
                                           {"a: \"open", not_yaml},
                                           {"a: b: c", not_yaml},
                                           {"\ta: 1", not_yaml},
                                           {"a:\n\tb: 1", not_yaml},
                                           {"a: *nosuch", not_yaml},
                                           {"&x", word},
                                           {"a: @b", not_yaml},
                                           {"%YAML 9.9\na: 1", not_yaml},
                                           {"{a: 1}}", not_yaml},
                                           {"a: 1\n---\na: 2\n", second},
                                           {"a: 1\n...\n]", not_yaml},
                                           {"a: 1\n b: 2", not_yaml},
                                           {"]", not_yaml},
                                           {"? ? ?", "(no text)"},
                                           {"a: `b`", not_yaml},
                                           {"!!binary ab\nx", word}};
    struct bl23_error error;
    for (size_t k = 0; k < sizeof texts / sizeof texts[0]; k++) {
        enum bl23_status const status = read_keys(texts[k][0], strlen(texts[k][0]), &error);
        char const *const words[] = {"a.yaml:", texts[k][1], NULL};
        check_refused(status, &error, texts[k][0], words);
    }
}

/* Bytes that are no text: NUL, broken UTF-8, every byte value, a UTF-16 mark; deep nesting. */
static void test_binary_garbage(void **state)
{
    (void)state;
    struct bl23_error error;
    char bytes[256];
    for (int k = 0; k < 256; k++)
        bytes[k] = (char)(unsigned char)k;
    static char const *const words[] = {"a.yaml:1: this is not valid YAML, at ", NULL};
    check_refused(read_keys(bytes, 256, &error), &error, "all bytes", words);
    check_refused(read_keys("\0", 1, &error), &error, "NUL", words);
    check_refused(read_keys("a: \xff\xfe", 5, &error), &error, "broken UTF-8", words);
    static char const *const utf16[] = {"a.yaml:1: the file is UTF-16; save it as UTF-8", NULL};
    check_refused(read_keys("\xff\xfe\x30", 3, &error), &error, "half of a character", utf16);
    check_refused(read_keys("a\0:\0 \0b\0", 8, &error), &error, "UTF-16, no mark", utf16);
    static struct {
        char const *text, *says;
    } const bytes_of_others[] = {
        {"# caf\xe9\na: 1\n",
         "a.yaml:1: this is not valid YAML, at byte 6 of the line: 0xe9 is not "
         "UTF-8; save the file as UTF-8"},
        {"a: 1\nb: \xf0\x9f\x98\n",
         ":2: this is not valid YAML, at byte 4 of the line: 0xf0 is not"},
        {"a: 1\n\n \x80", ":3: this is not valid YAML, at byte 2 of the line: 0x80 is not UTF-8"},
        {"a: 1\n\xc2\x80: 1",
         ":2: this is not valid YAML, at byte 1 of the line: U+0080 is a control"},
        {"a:\n\tb: 1", ":2: this is not valid YAML, at column 1 (found character that cannot start "
                       "any token); lines are indented with blanks, not with tabs"}};
    for (size_t k = 0; k < sizeof bytes_of_others / sizeof *bytes_of_others; k++) {
        char const *const text = bytes_of_others[k].text;
        char const *const says[] = {bytes_of_others[k].says, NULL};
        check_refused(read_keys(text, strlen(text), &error), &error, text, says);
    }
    check_refused(read_keys("a: 1\0b: 2", 9, &error), &error, "NUL inside", words);
}

static void test_deep_nesting(void **state)
{
    (void)state;
    struct bl23_error error;
    enum { DEPTH = 5000 };
    char *const text = calloc(2 * DEPTH + 8, 1);
    memcpy(text, "a: ", 3);
    memset(text + 3, '[', DEPTH);
    check_that(read_keys(text, 3 + DEPTH, &error) == BL23_ERROR_CONFIG, "%d open brackets: '%s'",
               DEPTH, error.text);
    memset(text + 3 + DEPTH, ']', DEPTH);
    enum bl23_status const status = read_keys(text, 3 + 2 * DEPTH, &error);
    check_that(status == BL23_OK || status == BL23_ERROR_CONFIG, "%d lists in each other: %d, '%s'",
               DEPTH, (int)status, error.text);
    free(text);
}

/* An alias stands for its anchor; an alias to itself must not hang what walks the document. */
static void test_aliases(void **state)
{
    (void)state;
    struct document d;
    open_document(&d, "a: &x [1, 2]\nb: *x\n");
    bl23_yaml_node *const b = bl23_yaml_find(&d.yaml, d.root, "b");
    assert_int_equal(bl23_yaml_length(b), 2);
    assert_string_equal(bl23_yaml_text(bl23_yaml_item(&d.yaml, b, 1)), "2");
    bl23_yaml_free(&d.yaml);
    struct bl23_error error;
    static char const self[] = "a: &x [*x, *x]\n";
    enum bl23_status const status = read_keys(self, sizeof self - 1, &error);
    check_that(status == BL23_OK || status == BL23_ERROR_CONFIG, "'%s': status %d", self,
               (int)status);
    static char const keys[] = "&x a: 1\n*x : 2\n";
    char const *const words[] = {"a.yaml:1: top has the key 'a' twice; write it once", NULL};
    check_refused(read_keys(keys, sizeof keys - 1, &error), &error, keys, words);
}

static void test_walk(void **state)
{
    (void)state;
    struct document d;
    open_document(&d, "a: {x: 1}\nlist: [p, [q], {r: s}]\ntext: word\nnone:\n");
    bl23_yaml_node *const list = bl23_yaml_find(&d.yaml, d.root, "list");
    bl23_yaml_node *const text = bl23_yaml_find(&d.yaml, d.root, "text");
    assert_true(bl23_yaml_is_mapping(bl23_yaml_find(&d.yaml, d.root, "a")));
    assert_true(bl23_yaml_is_sequence(list));
    assert_false(bl23_yaml_is_sequence(text));
    assert_false(bl23_yaml_is_mapping(list));
    assert_false(bl23_yaml_is_mapping(NULL));
    assert_false(bl23_yaml_is_sequence(NULL));
    assert_int_equal(bl23_yaml_length(list), 3);
    assert_int_equal(bl23_yaml_length(text), 0);
    assert_null(bl23_yaml_item(&d.yaml, list, 3));
    assert_null(bl23_yaml_item(&d.yaml, text, 0));
    assert_null(bl23_yaml_find(&d.yaml, list, "p"));
    assert_null(bl23_yaml_find(&d.yaml, d.root, "nosuch"));
    assert_null(bl23_yaml_text(list));
    assert_null(bl23_yaml_text(NULL));
    assert_string_equal(bl23_yaml_text(bl23_yaml_find(&d.yaml, d.root, "none")), "");
    bl23_yaml_free(&d.yaml);
}

/* One scalar read as a number in [-10, 10]. */
static enum bl23_status read_number(char const *text, struct bl23_dd *value,
                                    struct bl23_error *error)
{
    struct document d;
    *error = (struct bl23_error){BL23_OK, ""};
    open_document(&d, text);
    enum bl23_status const status =
        bl23_yaml_number(&d.yaml, bl23_yaml_find(&d.yaml, d.root, "x"), "x", -10.0, 10.0,
                         "a number from -10 to 10", value, error);
    bl23_yaml_free(&d.yaml);
    return status;
}

static void test_numbers(void **state)
{
    (void)state;
    static char const *const good[] = {"x: 0.1", "x: -10", "x: 10", "x: 1e-3", "x: '2.5'", "x: +3"};
    static double const values[] = {0.1, -10.0, 10.0, 1e-3, 2.5, 3.0};
    static char const *const bad[] = {"x: nan",  "x: .nan",  "x: NaN",     "x: inf",    "x: -inf",
                                      "x: .inf", "x: 1e999", "x: 10.0001", "x: -11",    "x: 1,5",
                                      "x: 1 2",  "x: 1.5x",  "x: ''",      "x:",        "x: ~",
                                      "x: true", "x: word",  "x: [1]",     "x: {a: 1}", "y: 1",
                                      "x: '1 '", "x: 0x"};
    struct bl23_error error;
    struct bl23_dd value;
    for (size_t k = 0; k < sizeof good / sizeof good[0]; k++) {
        check_ok(read_number(good[k], &value, &error), &error, "'%s'", good[k]);
        check_exact(value.hi, values[k], "'%s'", good[k]);
    }
    for (size_t k = 0; k < sizeof bad / sizeof bad[0]; k++) {
        char const *const says = bad[k][0] == 'x'
                                     ? "a.yaml:1: x must be a number from -10 to 10 (got "
                                     : "a.yaml:1: x is missing; it must be a number";
        char const *const words[] = {says, NULL};
        check_refused(read_number(bad[k], &value, &error), &error, bad[k], words);
    }
}

static enum bl23_status read_whole(char const *text, uint64_t *value, struct bl23_error *error)
{
    struct document d;
    *error = (struct bl23_error){BL23_OK, ""};
    open_document(&d, text);
    enum bl23_status const status =
        bl23_yaml_whole(&d.yaml, bl23_yaml_find(&d.yaml, d.root, "n"), "n", 1, UINT64_C(1) << 63,
                        "a whole number from 1 to 2^63", value, error);
    bl23_yaml_free(&d.yaml);
    return status;
}

static void test_whole_numbers(void **state)
{
    (void)state;
    static struct {
        char const *text;
        uint64_t value;
    } const good[] = {
        {"n: 1", 1},
        {"n: 1e9", 1000000000},
        {"n: 1.5e1", 15},
        {"n: 1000.0", 1000},
        {"n: 9007199254740993", UINT64_C(9007199254740993)},
        {"n: 9223372036854775807", UINT64_C(9223372036854775807)},
        {"n: 9223372036854775808", UINT64_C(9223372036854775808)},
        {"n: 4611686018427387905", UINT64_C(4611686018427387905)},
        {"n: 1e18", UINT64_C(1000000000000000000)},
        {"n: 123456789012345678", UINT64_C(123456789012345678)},
    };
    static char const *const bad[] = {"n: 1.5",
                                      "n: 0",
                                      "n: -1",
                                      "n: 9223372036854775809",
                                      "n: 18446744073709551616",
                                      "n: 1e19",
                                      "n: nan",
                                      "n: inf",
                                      "n: 1e400",
                                      "n: 1000.0000000000001",
                                      "n: many",
                                      "n: [1]",
                                      "n:",
                                      "m: 1",
                                      "n: 1_000",
                                      "n: 9007199254740992.5",
                                      "n: 0.99999999999999999999999"};
    struct bl23_error error;
    uint64_t value;
    for (size_t k = 0; k < sizeof good / sizeof good[0]; k++) {
        check_ok(read_whole(good[k].text, &value, &error), &error, "'%s'", good[k].text);
        check_that(value == good[k].value, "'%s' is read as %llu", good[k].text,
                   (unsigned long long)value);
    }
    for (size_t k = 0; k < sizeof bad / sizeof bad[0]; k++) {
        char const *const says =
            bad[k][0] == 'n' ? "a.yaml:1: n must be a whole number from 1 to 2^63 (got "
                             : "a.yaml:1: n is missing; it must be a whole number from 1 to";
        char const *const words[] = {says, NULL};
        check_refused(read_whole(bad[k], &value, &error), &error, bad[k], words);
    }
}

static void test_lists_of_numbers(void **state)
{
    (void)state;
    static char const *const bad[] = {"x: [1]",      "x: [1, 2, 3]", "x: [1, b]",
                                      "x: [1, nan]", "x: [1, [2]]",  "x: 1",
                                      "x: {a: 1}",   "x: []",        "x: [1, inf]"};
    for (size_t k = 0; k <= sizeof bad / sizeof bad[0]; k++) {
        char const *const text = k == 0 ? "x: [1, -2.5]" : bad[k - 1];
        struct document d;
        struct bl23_error error = {BL23_OK, ""};
        struct bl23_dd values[2];
        open_document(&d, text);
        enum bl23_status const status = bl23_yaml_numbers(
            &d.yaml, bl23_yaml_find(&d.yaml, d.root, "x"), "x", 2, "[low, high]", values, &error);
        bl23_yaml_free(&d.yaml);
        char const *const words[] = {"a.yaml:1: x must be [low, high] (got ", NULL};
        if (k > 0) {
            check_refused(status, &error, text, words);
            continue;
        }
        check_ok(status, &error, "'%s'", text);
        check_exact(values[1].hi, -2.5, "'%s'", text);
    }
}

/* What a key is missing from, and a message longer than its buffer. */
static void test_messages(void **state)
{
    (void)state;
    struct document d;
    struct bl23_error error = {BL23_OK, ""};
    open_document(&d, "a:\n  b: 1\n");
    bl23_yaml_node *const b = bl23_yaml_find(&d.yaml, bl23_yaml_find(&d.yaml, d.root, "a"), "b");
    char const *const words[] = {"a.yaml:2: b must be nothing (got '1')", NULL};
    check_refused(bl23_yaml_refuse(&d.yaml, b, "b", "nothing", &error), &error, "b", words);
    error = (struct bl23_error){BL23_OK, ""};
    char const *const missing[] = {"a.yaml:1: c is missing; it must be all", NULL};
    check_refused(bl23_yaml_refuse(&d.yaml, NULL, "c", "all", &error), &error, "c", missing);
    error = (struct bl23_error){BL23_OK, ""};
    char *const huge = calloc(1, 5000);
    memset(huge, 'k', 4999);
    bl23_yaml_refuse(&d.yaml, b, huge, "all", &error);
    check_that(strlen(error.text) < sizeof error.text, "the message has %zu bytes",
               strlen(error.text));
    free(huge);
    bl23_yaml_free(&d.yaml);
}

int main(void)
{
    struct CMUnitTest const tests[] = {
        cmocka_unit_test(test_keys),
        cmocka_unit_test(test_no_document),
        cmocka_unit_test(test_binary_garbage),
        cmocka_unit_test(test_deep_nesting),
        cmocka_unit_test(test_aliases),
        cmocka_unit_test(test_walk),
        cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_whole_numbers),
        cmocka_unit_test(test_lists_of_numbers),
        cmocka_unit_test(test_messages),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
