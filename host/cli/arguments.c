/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "host/cli/arguments.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/ranks/ranks.h"
#include "kernels/sample/error.h"

static enum bl23_status refuse(char const *option, char const *text, char const *allowed,
                               struct bl23_error *error)
{
    return bl23_fail(error, BL23_ERROR_USAGE, "%s must be %s (got '%.80s')", option, allowed, text);
}

enum bl23_status bl23_argument_numbers(char const *option, char const *text, size_t capacity,
                                       double smallest, double largest, char const *allowed,
                                       struct bl23_dd *values, size_t *count,
                                       struct bl23_error *error)
{
    *count = 0;
    for (char const *p = text;;) {
        char *end;
        if (*count == capacity)
            return refuse(option, text, allowed, error);
        struct bl23_dd const value = bl23_dd_shortest(bl23_dd_parse(p, &end));
        bool const inside = value.hi >= smallest && value.hi <= largest && !isinf(value.hi);
        if (end == p || !inside || (*end != '\0' && *end != ','))
            return refuse(option, text, allowed, error);
        values[(*count)++] = value;
        if (*end == '\0')
            return BL23_OK;
        p = end + 1;
    }
}

enum bl23_status bl23_argument_number(char const *option, char const *text, double smallest,
                                      double largest, char const *allowed, struct bl23_dd *value,
                                      struct bl23_error *error)
{
    size_t count;
    return bl23_argument_numbers(option, text, 1, smallest, largest, allowed, value, &count, error);
}

enum bl23_status bl23_argument_whole(char const *option, char const *text, double largest,
                                     char const *allowed, uint64_t *value, struct bl23_error *error)
{
    struct bl23_dd number = {0.0, 0.0};
    enum bl23_status const status =
        bl23_argument_number(option, text, 1.0, largest, allowed, &number, error);
    if (status != BL23_OK)
        return status;
    if (number.hi != floor(number.hi))
        return refuse(option, text, allowed, error);
    *value = (uint64_t)number.hi;
    return BL23_OK;
}

enum bl23_status bl23_argument_preset(char const *text, void *inputs, struct bl23_error *error)
{
    return bl23_inputs_preset(text, inputs, error);
}

enum bl23_status bl23_argument_override(char const *text, void *inputs, struct bl23_error *error)
{
    char const *const equals = strchr(text, '=');
    char name[64];
    if (!equals || equals == text || (size_t)(equals - text) >= sizeof name)
        return refuse("--set", text, "NAME=VALUE, names as listed by 'bl23 info'", error);
    memcpy(name, text, (size_t)(equals - text));
    name[equals - text] = '\0';
    enum bl23_status const status = bl23_inputs_set(inputs, name, equals + 1, error);
    return status == BL23_OK ? BL23_OK : BL23_ERROR_USAGE;
}

enum bl23_status bl23_argument_sets(char const *text, void *list, struct bl23_error *error)
{
    for (char const *p = text;;) {
        size_t const length = strcspn(p, ",");
        char name[BL23_NAME_SIZE];
        if (length == 0 || length >= sizeof name - 8)
            return refuse("--constraints", text, bl23_constraint_set_names, error);
        memcpy(name, p, length);
        name[length] = '\0';
        enum bl23_status const status = bl23_constraints_add_set(list, name, error);
        if (status != BL23_OK)
            return status;
        if (p[length] == '\0')
            return BL23_OK;
        p += length + 1;
    }
}

enum bl23_status bl23_argument_threads(char const *text, void *threads, struct bl23_error *error)
{
    char allowed[64];
    uint64_t value = 0;
    snprintf(allowed, sizeof allowed, "a whole number from 1 to %d", (int)BL23_THREADS_MAX);
    enum bl23_status const status =
        bl23_argument_whole("--threads", text, BL23_THREADS_MAX, allowed, &value, error);
    if (status == BL23_OK)
        *(unsigned *)threads = (unsigned)value;
    return status;
}

enum bl23_status bl23_argument_operands(struct bl23_command_line const *line, int count,
                                        char const *allowed, struct bl23_error *error)
{
    if (line->n_operands == count)
        return BL23_OK;
    return bl23_fail(error, BL23_ERROR_USAGE, "bl23 %s takes %s (got %d operand%s)", line->command,
                     allowed, line->n_operands, line->n_operands == 1 ? "" : "s");
}

/* ---- the reader ---- */

/* What getopt_long answers: a letter, HELP, or ROW and the number of the row. */
enum { OPTIONS_MAX = 32, KEYS_MAX = 64, HELP = 256, ROW };

/* What was given so far. */
struct given {
    bool row[OPTIONS_MAX];
    char const *key[KEYS_MAX]; /* values KEY=VALUE of rows with keys */
    int n_keys;
};

/* The rows as getopt_long wants them. */
struct known {
    struct option name[OPTIONS_MAX + 2]; /* help in front, a row of zeros at the end */
    char letters[2 * OPTIONS_MAX + 3];
};

static void list_known(struct bl23_option const *row, struct known *known)
{
    struct option *name = known->name;
    char *letter = known->letters;
    *name++ = (struct option){"help", no_argument, NULL, HELP};
    *letter++ = ':';
    *letter++ = 'h';
    for (int k = 0; row[k].name && k < OPTIONS_MAX; k++) {
        int const value = row[k].flag ? no_argument : required_argument;
        *name++ = (struct option){row[k].name, value, NULL, ROW + k};
        if (row[k].letter) {
            *letter++ = row[k].letter;
            *letter++ = ':';
        }
    }
}

/* An option of one value a second time: whoever wrote it may mean the first. */
static enum bl23_status refuse_repeat(struct bl23_option const *row, char const *text,
                                      struct bl23_error *error)
{
    char option[64] = "";
    if (row->letter)
        snprintf(option, sizeof option, "-%c or ", row->letter);
    return bl23_fail(error, BL23_ERROR_USAGE,
                     "%s--%s is given twice, the second time with '%.80s'; give it once", option,
                     row->name, text);
}

/* A value KEY=... whose key had another one before. */
static enum bl23_status note_key(struct bl23_option const *row, char const *text,
                                 struct given *given, struct bl23_error *error)
{
    int const length = (int)strcspn(text, "=");
    for (int k = 0; k < given->n_keys; k++)
        if (strncmp(given->key[k], text, (size_t)length + 1) == 0)
            return bl23_fail(error, BL23_ERROR_USAGE,
                             "--%s sets '%.*s' twice, the second time with '%.80s'; set it once",
                             row->name, length, text, text);
    if (given->n_keys == KEYS_MAX)
        return bl23_fail(error, BL23_ERROR_USAGE, "--%s must not be given more than %d times",
                         row->name, (int)KEYS_MAX);
    given->key[given->n_keys++] = text;
    return BL23_OK;
}

static enum bl23_status read_value(struct bl23_option const *row, char const *text,
                                   struct bl23_error *error)
{
    char option[64];
    snprintf(option, sizeof option, "--%s", row->name);
    if (row->whole)
        return bl23_argument_whole(option, text, row->largest, row->allowed, row->whole, error);
    if (row->number)
        return bl23_argument_number(option, text, row->smallest, row->largest, row->allowed,
                                    row->number, error);
    if (row->read)
        return row->read(text, row->target, error);
    *row->text = text;
    return row->check ? row->check(text, error) : BL23_OK;
}

/* What getopt_long could not read: an argument it has passed, or letters after one dash, of which
 * it passes the last one only. */
static char const *refused_argument(char **argv)
{
    char const *const passed = argv[optind - 1], *const next = argv[optind];
    bool const letters = optopt > 0 && optopt < HELP && next && next[0] == '-' && next[1] != '-';
    size_t const length = strlen(passed);
    bool const last = passed[0] == '-' && length > 1 && passed[length - 1] == optopt;
    return letters && !last ? next : passed;
}

/* One answer of getopt_long, and which rows had one; the one for an unknown option or a missing
 * value fits no row. */
static enum bl23_status take(int found, char **argv, struct bl23_command_line *line,
                             struct given *given, struct bl23_error *error)
{
    if (found == HELP || found == 'h') {
        line->help = true;
        return BL23_OK;
    }
    for (int k = 0; line->option[k].name; k++) {
        struct bl23_option const *const row = &line->option[k];
        if (found != ROW + k && found != row->letter)
            continue;
        if (row->flag) {
            *row->flag = true;
            return BL23_OK;
        }
        bool const again = given->row[k] && !row->repeats;
        given->row[k] = true;
        if (again)
            return refuse_repeat(row, optarg, error);
        enum bl23_status const status = row->keyed ? note_key(row, optarg, given, error) : BL23_OK;
        return status == BL23_OK ? read_value(row, optarg, error) : status;
    }
    return bl23_fail(
        error, BL23_ERROR_USAGE,
        "'%s' is not an option of 'bl23 %s', or its value is missing; see 'bl23 %s --help'",
        refused_argument(argv), argv[0], argv[0]);
}

enum bl23_status bl23_arguments_read(int argc, char **argv, struct bl23_command_line *line,
                                     struct bl23_error *error)
{
    struct known known = {.letters = ""};
    struct given given = {.n_keys = 0};
    list_known(line->option, &known);
    unsetenv("POSIXLY_CORRECT"); /* options after an operand would be taken for operands */
    enum bl23_status status = BL23_OK;
    while (status == BL23_OK && !line->help) {
        int const found = getopt_long(argc, argv, known.letters, known.name, NULL);
        if (found == -1)
            break;
        status = take(found, argv, line, &given, error);
    }
    if (status != BL23_OK)
        return status;
    line->command = argv[0];
    line->operand = argv + optind;
    line->n_operands = argc - optind;
    if (line->help && bl23_ranks_rank() == 0) /* one voice for all ranks */
        fputs(line->usage, stdout);
    if (!line->help && line->allowed)
        status = bl23_argument_operands(line, line->operand_into != NULL, line->allowed, error);
    if (status != BL23_OK || line->help)
        return status;
    for (int k = 0; k < line->n_operands; k++)
        if (line->operand[k][0] == '\0')
            return bl23_fail(error, BL23_ERROR_USAGE,
                             "bl23 %s: the name of a file must not be empty", line->command);
    if (line->operand_into)
        *line->operand_into = line->operand[0];
    return BL23_OK;
}

enum bl23_status bl23_arguments_read_json(int argc, char **argv, char const *usage, bool *json,
                                          bool *help, struct bl23_error *error)
{
    bool given = false;
    struct bl23_option const options[] = {{.name = "json", .flag = &given}, {0}};
    struct bl23_command_line line = {.usage = usage, .option = options, .allowed = "options only"};
    enum bl23_status const status = bl23_arguments_read(argc, argv, &line, error);
    *help = line.help;
    *json = given;
    return status;
}
