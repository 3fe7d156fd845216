/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* Option values that several commands read: numbers, lists, inputs, constraint sets.
 * The commands call it.
 * It must not know which command it serves. */
#ifndef BL23_HOST_ARGUMENTS_H
#define BL23_HOST_ARGUMENTS_H

#include <getopt.h>

#include "tables/constraints.h"

/* One finite decimal number in [smallest, largest]; BL23_ERROR_USAGE names option, what was found
 * and what is allowed. */
enum bl23_status bl23_argument_number(char const *option, char const *text, double smallest,
                                      double largest, char const *allowed, struct bl23_dd *value,
                                      struct bl23_error *error);

/* Numbers separated by commas, at most `capacity`; *count says how many. */
enum bl23_status bl23_argument_numbers(char const *option, char const *text, size_t capacity,
                                       double smallest, double largest, char const *allowed,
                                       struct bl23_dd *values, size_t *count,
                                       struct bl23_error *error);

/* One whole number from 1 to largest (< 2^53), also written like 1e9. */
enum bl23_status bl23_argument_whole(char const *option, char const *text, double largest,
                                     char const *allowed, uint64_t *value,
                                     struct bl23_error *error);

/* "NAME=VALUE" as an override of the inputs. */
enum bl23_status bl23_argument_override(char const *text, struct bl23_inputs *inputs,
                                        struct bl23_error *error);

/* Names of shipped sets separated by commas. */
enum bl23_status bl23_argument_sets(char const *text, struct bl23_constraints *list,
                                    struct bl23_error *error);

/* What getopt_long answered for an option it does not know or whose value is missing. */
enum bl23_status bl23_argument_unknown(char **argv, struct bl23_error *error);

/* The exact number of operands left after the options. */
enum bl23_status bl23_argument_operands(int argc, char **argv, int count, char const *what,
                                        struct bl23_error *error);

/* Help was asked for: print it to stdout. */
void bl23_print_help(char const *usage);

#endif
