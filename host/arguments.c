/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "host/arguments.h"

#include <stdio.h>
#include <string.h>

#include "tables/message.h"

static enum bl23_status refuse(char const *option, char const *text, char const *allowed,
                               struct bl23_error *error)
{
    return bl23_fail(error, BL23_ERROR_USAGE, "option %s: found '%.80s', allowed: %s", option, text,
                     allowed);
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

enum bl23_status bl23_argument_override(char const *text, struct bl23_inputs *inputs,
                                        struct bl23_error *error)
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

enum bl23_status bl23_argument_sets(char const *text, struct bl23_constraints *list,
                                    struct bl23_error *error)
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

enum bl23_status bl23_argument_unknown(char **argv, struct bl23_error *error)
{
    return bl23_fail(error, BL23_ERROR_USAGE,
                     "found the argument '%s', which is no option of 'bl23 %s' or lacks its value, "
                     "allowed: those that 'bl23 %s --help' lists",
                     argv[optind - 1], argv[0], argv[0]);
}

enum bl23_status bl23_argument_operands(int argc, char **argv, int count, char const *what,
                                        struct bl23_error *error)
{
    if (argc - optind == count)
        return BL23_OK;
    return bl23_fail(error, BL23_ERROR_USAGE, "bl23 %s: found %d operands, allowed: %s", argv[0],
                     argc - optind, what);
}

void bl23_print_help(char const *usage)
{
    fputs(usage, stdout);
}
