/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* The commands of bl23, listed once, and the text of --help, made from their rows.
 * main.c finds a command here and runs it; cmd_help.c makes manual page and completion of all. */
#ifndef BL23_HOST_COMMANDS_H
#define BL23_HOST_COMMANDS_H

#include <stdio.h>

#include "host/cli/arguments.h"

/* In the order of --help. Each is defined at the end of its cmd_*.c. */
#define BL23_COMMAND_LIST(X)                                                                       \
    X(survey)                                                                                      \
    X(merge)                                                                                       \
    X(replay)                                                                                      \
    X(point)                                                                                       \
    X(points)                                                                                      \
    X(plane)                                                                                       \
    X(fit)                                                                                         \
    X(tables)                                                                                      \
    X(bound)                                                                                       \
    X(cover)                                                                                       \
    X(bestfit)                                                                                     \
    X(reproduce)                                                                                   \
    X(check)                                                                                       \
    X(bench)                                                                                       \
    X(cite)                                                                                        \
    X(info)                                                                                        \
    X(help)

#define BL23_COMMAND_DECLARE(name) extern struct bl23_command const bl23_command_##name;
BL23_COMMAND_LIST(BL23_COMMAND_DECLARE)
#undef BL23_COMMAND_DECLARE

extern struct bl23_command const *const bl23_commands[]; /* ended by NULL */

/* BL23_ERROR_USAGE says which commands there are. */
enum bl23_status bl23_command_find(char const *name, struct bl23_command const **command,
                                   struct bl23_error *error);

/* The text of 'bl23 --help', or of one command, in lines of up to 80 columns. */
void bl23_help_print(FILE *out);
void bl23_help_print_command(struct bl23_command const *command, FILE *out);

/* "survey CONFIG [options]", without "bl23"; instead: an option in the place of the operand, or
 * NULL. */
void bl23_help_synopsis(struct bl23_command const *command, struct bl23_option const *instead,
                        char *text, size_t size);

/* "-o, --output FILE.h5" */
void bl23_help_label(struct bl23_option const *option, char *text, size_t size);

/* What bl23 is for, in a phrase and in sentences, and what its exit codes mean. */
extern char const bl23_help_purpose[], bl23_help_description[], bl23_help_exit[];

/* The row of -h, which every command understands. */
extern struct bl23_option const bl23_help_option;

#endif
