/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* The command line: one reader for all commands, which list their options as rows, and the values
 * that several of them read: numbers, lists, inputs, constraint sets.
 * The commands call it.
 * It must not know which command it serves. */
#ifndef BL23_HOST_ARGUMENTS_H
#define BL23_HOST_ARGUMENTS_H

#include <stdbool.h>

#include "tables/limits/constraints.h"

/* Reads the value of one option into *target; its message names option, what was found and what is
 * allowed. */
typedef enum bl23_status bl23_argument_reader(char const *text, void *target,
                                              struct bl23_error *error);

/* One option. Exactly one of flag, text, whole, number and read is set: it says what kind of value
 * the option takes, and where that goes. All but a flag need a value, which is given once. */
struct bl23_option {
    char const *name; /* without the "--"; NULL in the row that ends a list */
    char letter;      /* of the short form, for an option with a value; 0: none */
    bool *flag;
    char const **text;          /* points into argv */
    uint64_t *whole;            /* from 1 to largest, as bl23_argument_whole */
    struct bl23_dd *number;     /* from smallest to largest, as bl23_argument_number */
    double smallest, largest;   /* of whole and number */
    char const *allowed;        /* the same in words */
    bl23_argument_reader *read; /* any other value, into target */
    void *target;
    bool repeats; /* it may be given more than once, and every value counts */
    bool keyed;   /* its values are KEY=VALUE, each key once; at most one such row */
    /* What a text must fulfil, or NULL. */
    enum bl23_status (*check)(char const *text, struct bl23_error *error);
};

/* What a command takes, and what bl23_arguments_read found beside the options. */
struct bl23_command_line {
    char const *usage;                /* the text of --help, an option that no row lists */
    struct bl23_option const *option; /* rows, ended by one without a name */
    char const **operand_into;        /* where the only operand goes; NULL: none is wanted */
    char const *allowed;              /* the same in words; NULL: the command counts them itself */
    char const *command;              /* argv[0] */
    bool help;                        /* --help was given, and answered on stdout */
    int n_operands;
    char **operand; /* [n_operands], ended by NULL as argv is */
};

/* A command that takes --json and nothing else; *help: it was asked for, and nothing is wanted. */
enum bl23_status bl23_arguments_read_json(int argc, char **argv, char const *usage, bool *json,
                                          bool *help, struct bl23_error *error);

/* Read the command line of the command argv[0] in the order of argv, then count its operands.
 * --help ends it: what stands behind is not looked at, as in the tools of GNU.
 * BL23_ERROR_USAGE, or what a row's function says, at the first mistake. */
enum bl23_status bl23_arguments_read(int argc, char **argv, struct bl23_command_line *line,
                                     struct bl23_error *error);

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

/* Readers for rows. The name of a preset, into a struct bl23_inputs. */
bl23_argument_reader bl23_argument_preset;

/* "NAME=VALUE" as an override of a struct bl23_inputs. */
bl23_argument_reader bl23_argument_override;

/* Names of shipped sets separated by commas, added to a struct bl23_constraints. */
bl23_argument_reader bl23_argument_sets;

/* A number of threads from 1 to BL23_THREADS_MAX, into an unsigned. */
enum { BL23_THREADS_MAX = 1024 };
bl23_argument_reader bl23_argument_threads;

/* The exact number of operands, for a command where it depends on the options. */
enum bl23_status bl23_argument_operands(struct bl23_command_line const *line, int count,
                                        char const *allowed, struct bl23_error *error);

#endif
