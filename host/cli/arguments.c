/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "host/cli/arguments.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kernels/lanes/parallel_for.h"
#include "kernels/sample/error.h"
#include "tables/base/words.h"

enum { OPTIONS_MAX = 32, WORD_SIZE = BL23_WORD_SIZE };

/* An option as messages call it, "-o" or "--name", into text. */
static char const *label(struct bl23_option const *row, char text[WORD_SIZE])
{
    snprintf(text, WORD_SIZE, row->letter ? "-%.1s" : "--%s",
             row->letter ? &row->letter : row->name);
    return text;
}

/* ---- values ---- */

static enum bl23_status refuse(struct bl23_option const *row, char const *text, char const *allowed,
                               struct bl23_error *error)
{
    char name[WORD_SIZE];
    return bl23_fail(error, BL23_ERROR_USAGE, "%s must be %s (got '%.80s')", label(row, name),
                     allowed, text);
}

/* One number, or as many as row->capacity. */
static enum bl23_status read_numbers(struct bl23_option const *row, char const *text,
                                     char const *allowed, struct bl23_dd *values,
                                     struct bl23_error *error)
{
    size_t const capacity = row->count ? row->capacity : 1;
    double const smallest = row->whole ? 1.0 : row->smallest;
    size_t count = 0;
    for (char const *p = text;;) {
        char *end;
        if (count == capacity)
            return refuse(row, text, allowed, error);
        struct bl23_dd const value = bl23_dd_shortest(bl23_dd_parse(p, &end));
        bool const inside = value.hi >= smallest && value.hi <= row->largest && !isinf(value.hi);
        if (end == p || !inside || (*end != '\0' && *end != ','))
            return refuse(row, text, allowed, error);
        values[count++] = value;
        if (*end == '\0')
            break;
        p = end + 1;
    }
    if (row->count)
        *row->count = count;
    return BL23_OK;
}

static enum bl23_status read_whole(struct bl23_option const *row, char const *text, uint64_t *value,
                                   struct bl23_error *error)
{
    struct bl23_option const whole = {.name = row->name, .whole = value, .largest = row->largest};
    struct bl23_dd number = {0.0, 0.0};
    char allowed[64];
    snprintf(allowed, sizeof allowed, "a whole number from 1 to %.0f", row->largest);
    BL23_TRY(read_numbers(&whole, text, allowed, &number, error));
    if (number.hi != floor(number.hi))
        return refuse(row, text, allowed, error);
    *value = (uint64_t)number.hi;
    return BL23_OK;
}

/* Which of row->words text is, the first being 1. */
static enum bl23_status find_word(struct bl23_option const *row, char const *text, int *number,
                                  struct bl23_error *error)
{
    char word[WORD_SIZE], allowed[4 * WORD_SIZE] = "";
    *number = 0;
    for (char const *p = row->words; bl23_next_word(&p, word);) {
        size_t const used = strlen(allowed);
        ++*number;
        if (strcmp(word, text) == 0)
            return BL23_OK;
        snprintf(allowed + used, sizeof allowed - used, "%s%s",
                 used == 0 ? ""
                 : *p      ? ", "
                           : " or ",
                 word);
    }
    return refuse(row, text, allowed, error);
}

enum bl23_status bl23_argument_threads(struct bl23_option const *row, char const *text,
                                       struct bl23_error *error)
{
    struct bl23_option const whole = {.name = row->name, .largest = BL23_THREADS_MAX};
    uint64_t value = 0;
    BL23_TRY(read_whole(&whole, text, &value, error));
    *(unsigned *)row->target = (unsigned)value;
    return BL23_OK;
}

enum bl23_status bl23_argument_sets(struct bl23_option const *row, char const *text,
                                    struct bl23_error *error)
{
    for (char const *p = text;;) {
        size_t const length = strcspn(p, ",");
        char name[BL23_NAME_SIZE];
        if (length == 0 || length >= sizeof name - 8)
            return refuse(row, text, bl23_constraint_sets_shown, error);
        memcpy(name, p, length);
        name[length] = '\0';
        BL23_TRY(bl23_constraints_add_set(row->target, name, error));
        if (p[length] == '\0')
            return BL23_OK;
        p += length + 1;
    }
}

enum bl23_status bl23_argument_override(struct bl23_option const *row, char const *text,
                                        struct bl23_error *error)
{
    struct bl23_input_options *const o = row->target;
    size_t const length = strcspn(text, "=");
    if (length == 0 || length >= WORD_SIZE || text[length] != '=')
        return refuse(row, text, "NAME=VALUE, names as listed by 'bl23 info'", error);
    for (int k = 0; k < o->overrides; k++)
        if (strncmp(o->override[k], text, length + 1) == 0)
            return bl23_fail(error, BL23_ERROR_USAGE,
                             "--%s sets '%.*s' twice, the second time with '%.80s'; set it once",
                             row->name, (int)length, text, text);
    if (o->overrides == BL23_OVERRIDES_MAX)
        return bl23_fail(error, BL23_ERROR_USAGE, "--%s must not be given more than %d times",
                         row->name, (int)BL23_OVERRIDES_MAX);
    o->override[o->overrides++] = text;
    return BL23_OK;
}

enum bl23_status bl23_input_options_apply(struct bl23_input_options const *options,
                                          struct bl23_inputs *inputs, struct bl23_error *error)
{
    if (options->preset)
        BL23_TRY(bl23_inputs_preset(options->preset, inputs, error));
    for (int k = 0; k < options->overrides; k++) {
        char name[WORD_SIZE];
        char const *const equals = strchr(options->override[k], '=');
        snprintf(name, sizeof name, "%.*s", (int)(equals - options->override[k]),
                 options->override[k]);
        BL23_TRY(bl23_inputs_set(inputs, name, equals + 1, error));
    }
    return BL23_OK;
}

static enum bl23_status read_value(struct bl23_option const *row, char const *text,
                                   struct bl23_error *error)
{
    int number;
    if (row->whole)
        return read_whole(row, text, row->whole, error);
    if (row->number)
        BL23_TRY(read_numbers(row, text, row->allowed, row->number, error));
    if (row->read)
        return row->read(row, text, error);
    if (row->words)
        BL23_TRY(find_word(row, text, row->word ? row->word : &number, error));
    if (row->text)
        *row->text = text;
    return row->check ? row->check(text, error) : BL23_OK;
}

/* ---- what is given ---- */

/* What getopt_long could not read: "--name", of which the value is cut off, or one of several
 * letters. */
static enum bl23_status refuse_unknown(struct bl23_command const *command, char const *argument,
                                       struct bl23_error *error)
{
    char words[OPTIONS_MAX * WORD_SIZE] = "help", unknown[96], nearest[WORD_SIZE];
    if (optopt > 0)
        snprintf(unknown, sizeof unknown, "-%c", optopt);
    else
        snprintf(unknown, sizeof unknown, "%.*s", (int)strcspn(argument, "="), argument);
    for (struct bl23_option const *row = command->option; row->name; row++) {
        size_t const used = strlen(words);
        snprintf(words + used, sizeof words - used, " %s", row->name);
    }
    bool const similar = optopt == 0 && bl23_similar_word(unknown + 2, words, nearest);
    return bl23_fail(error, BL23_ERROR_USAGE,
                     "unknown option %s for 'bl23 %s'%s%s%s (see 'bl23 %s --help')", unknown,
                     command->name, similar ? "; did you mean --" : "", similar ? nearest : "",
                     similar ? "?" : "", command->name);
}

static enum bl23_status take(struct bl23_option const *row, bool *given, struct bl23_error *error)
{
    bool const again = *given && !row->repeats;
    *given = true;
    if (row->flag) {
        *row->flag = true;
        return BL23_OK;
    }
    if (again) /* who wrote it may mean the first */
        return bl23_fail(error, BL23_ERROR_USAGE,
                         "%s--%s is given twice, the second time with '%.80s'; give it once",
                         row->letter ? (char const[]){'-', row->letter, ' ', 'o', 'r', ' ', 0} : "",
                         row->name, optarg);
    return read_value(row, optarg, error);
}

/* Are the options there that the command needs, and none beside one that excludes it? */
static enum bl23_status check_given(struct bl23_command const *command, bool const *given,
                                    struct bl23_error *error)
{
    struct bl23_option const *const row = command->option;
    char first[WORD_SIZE], second[WORD_SIZE], word[WORD_SIZE];
    for (int k = 0; row[k].name; k++) {
        if (row[k].required && !given[k])
            return bl23_fail(error, BL23_ERROR_USAGE, "bl23 %s needs %s %s (see 'bl23 %s --help')",
                             command->name, label(&row[k], first), row[k].value, command->name);
        char const *excludes = given[k] && row[k].excludes ? row[k].excludes : "";
        while (bl23_next_word(&excludes, word))
            for (int j = 0; row[j].name; j++)
                if (given[j] && strcmp(row[j].name, word) == 0)
                    return bl23_fail(error, BL23_ERROR_USAGE, "%s cannot be combined with %s",
                                     label(&row[k], first), label(&row[j], second));
    }
    return BL23_OK;
}

/* instead: the option that was given in the place of the operand, or NULL. */
static enum bl23_status take_operands(struct bl23_command const *command,
                                      struct bl23_option const *instead, int argc, char **argv,
                                      struct bl23_error *error)
{
    struct bl23_operand const *const operand = &command->operand;
    bool const wanted = operand->name && !instead;
    int const both = operand->second ? 2 : 1, least = wanted && !operand->optional ? both : 0;
    int const most = !wanted ? 0 : operand->list ? argc : both;
    if (argc < least || argc > most) {
        char takes[2 * WORD_SIZE], name[WORD_SIZE];
        if (instead)
            snprintf(takes, sizeof takes, "no %s beside %s", operand->name, label(instead, name));
        else if (operand->second)
            snprintf(takes, sizeof takes, "%s and %s", operand->name, operand->second->name);
        else
            snprintf(takes, sizeof takes, "one %s%s", operand->name ? operand->name : "",
                     operand->list ? " or more" : "");
        return bl23_fail(error, BL23_ERROR_USAGE, "bl23 %s takes %s (got %d operand%s)",
                         command->name, operand->name ? takes : "options only", argc,
                         argc == 1 ? "" : "s");
    }
    for (int k = 0; k < argc; k++)
        if (argv[k][0] == '\0')
            return bl23_fail(error, BL23_ERROR_USAGE,
                             "bl23 %s: the name of a file must not be empty", command->name);
    if (operand->list)
        *operand->list = argv;
    else if (argc > 0)
        *operand->one = argv[0];
    if (operand->second && argc > 1)
        *operand->second->one = argv[1];
    return BL23_OK;
}

enum bl23_status bl23_arguments_read(struct bl23_command const *command, int argc, char **argv,
                                     bool *help, struct bl23_error *error)
{
    enum { HELP = 'h', ROW = 256 }; /* answers of getopt_long: a letter, or ROW + number of row */
    struct option name[OPTIONS_MAX + 2] = {{"help", no_argument, NULL, HELP}};
    char letters[2 * OPTIONS_MAX + 3] = ":h";
    bool given[OPTIONS_MAX] = {false};
    struct bl23_option const *const row = command->option, *instead = NULL;
    for (int k = 0; row[k].name && k < OPTIONS_MAX; k++) {
        size_t const used = strlen(letters);
        int const value = row[k].flag ? no_argument : required_argument;
        name[k + 1] = (struct option){row[k].name, value, NULL, ROW + k};
        if (row[k].letter)
            snprintf(letters + used, sizeof letters - used, "%c:", row[k].letter);
    }
    unsetenv("POSIXLY_CORRECT"); /* options after an operand would be taken for operands */
    for (int found; (found = getopt_long(argc, argv, letters, name, NULL)) != -1;) {
        *help = found == HELP;
        if (*help)
            return BL23_OK;
        if (found == '?' && (optopt >= ROW || optopt == HELP))
            return bl23_fail(error, BL23_ERROR_USAGE, "--%s takes no value",
                             optopt == HELP ? "help" : row[optopt - ROW].name);
        if (found == '?')
            return refuse_unknown(command, argv[optind - 1], error);
        int const option = found == ':' ? optopt : found; /* ':' says that its value is missing */
        int k = option - ROW;
        for (int j = 0; k < 0 && row[j].name; j++)
            k = row[j].letter == option ? j : k;
        if (found == ':')
            return bl23_fail(error, BL23_ERROR_USAGE, "--%s needs a value (see 'bl23 %s --help')",
                             row[k].name, command->name);
        BL23_TRY(take(&row[k], &given[k], error));
        instead = row[k].instead ? &row[k] : instead;
    }
    BL23_TRY(check_given(command, given, error));
    return take_operands(command, instead, argc - optind, argv + optind, error);
}
