/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* A command, its operand and its options are rows of data. The reader here, --help, the manual page
 * and the completion of shells (commands.h, cmd_help.c) all come from them.
 * Each cmd_*.c defines its rows, whose targets are the static options of that command; main.c has
 * them read and then calls the command. */
#ifndef BL23_HOST_ARGUMENTS_H
#define BL23_HOST_ARGUMENTS_H

#include <stdbool.h>

#include "tables/limits/constraints.h"

struct bl23_option;

/* Reads the value of an option into row->target; BL23_ERROR_USAGE says what it must be. */
typedef enum bl23_status bl23_argument_reader(struct bl23_option const *row, char const *text,
                                              struct bl23_error *error);

/* One option. Exactly one of flag, text, word, whole, number and read is set: it says what kind of
 * value the option takes, and where that goes. Every option but a flag needs a value. */
struct bl23_option {
    char const *name;  /* without the "--"; NULL in the row that ends a list */
    char letter;       /* of the short form, for an option with a value; 0: none */
    char const *value; /* its name in the help; with FILE, CONFIG or DIR in it: a path */
    char const *words; /* the values there are, separated by spaces, where they are few */
    char const *help;  /* what it does, with the default: no full stop at the end */

    bool *flag;
    char const **text;          /* points into argv; one of words, if there are any */
    int *word;                  /* which of words: the first is 1 */
    uint64_t *whole;            /* from 1 to largest (< 2^53), also written like 1e9 */
    struct bl23_dd *number;     /* finite, decimal, from smallest to largest */
    size_t capacity, *count;    /* of number, where it is a list separated by commas */
    double smallest, largest;   /* of whole and number */
    char const *allowed;        /* what a number must be, in words: "a mass in [..] GeV" */
    bl23_argument_reader *read; /* any other value, into target */
    void *target;

    bool repeats;         /* it may be given more than once, and every value counts */
    bool required;        /* the command needs it */
    bool instead;         /* it stands in the place of the operand */
    char const *excludes; /* names of options that it cannot be combined with, by spaces */
    /* What a text must fulfil, or NULL. */
    enum bl23_status (*check)(char const *text, struct bl23_error *error);
};

/* What stands on a command line beside the options. */
struct bl23_operand {
    char const *name, *help; /* NULL: the command takes no operand */
    char const **one;        /* where the only one goes */
    char ***list;            /* or where one or more go; they end with NULL, as argv does */
    bool optional;
    struct bl23_operand const *second; /* behind one that is not optional; NULL: none */
};

struct bl23_command {
    char const *name;
    char const *summary;     /* one line without a full stop */
    char const *description; /* sentences; an empty line divides paragraphs */
    char const *notes;       /* the same, below the options; NULL: none */
    struct bl23_operand operand;
    struct bl23_option const *option; /* ended by a row without a name; --help is understood */
    /* Called when the options are read. Results go to stdout; on failure *error holds the
     * sentence. */
    enum bl23_status (*run)(struct bl23_error *error);
};

/* Read the options in the order of argv, argv[0] being the command, then the operands. --help ends
 * it with *help: what stands behind is ignored, as in the tools of GNU.
 * BL23_ERROR_USAGE, or what a row's function says, at the first mistake. */
enum bl23_status bl23_arguments_read(struct bl23_command const *command, int argc, char **argv,
                                     bool *help, struct bl23_error *error);

/* ---- frequent rows, and options of several commands ---- */

/* The inputs that a command line asks for. */
enum { BL23_OVERRIDES_MAX = 64 };
struct bl23_input_options {
    char const *preset, *override[BL23_OVERRIDES_MAX]; /* NAME=VALUE, each name once */
    int overrides;
};

/* Apply the preset, if there is one, and then the overrides. */
enum bl23_status bl23_input_options_apply(struct bl23_input_options const *options,
                                          struct bl23_inputs *inputs, struct bl23_error *error);

/* Of the rows below. Names of shipped sets separated by commas, added to a struct bl23_constraints;
 * a number of threads into an unsigned; NAME=VALUE for a struct bl23_input_options. */
bl23_argument_reader bl23_argument_sets, bl23_argument_threads, bl23_argument_override;

/* What a CONFIG is. */
#define BL23_HELP_CONFIG                                                                           \
    "the configuration of a survey: a YAML file, an output (FILE.h5), or a shipped survey such "   \
    "as "                                                                                          \
    "@fig3 ('bl23 info --surveys')"

#define BL23_OPTION_FLAG(called, into, does)                                                       \
    {                                                                                              \
        .name = called, .help = does, .flag = (into)                                               \
    }
#define BL23_OPTION_TEXT(called, takes, into, does)                                                \
    {                                                                                              \
        .name = called, .value = takes, .help = does, .text = (into)                               \
    }
#define BL23_OPTION_OUTPUT(file, into, test, does)                                                 \
    {                                                                                              \
        .name = "output", .letter = 'o', .value = file, .help = does, .text = (into),              \
        .check = (test)                                                                            \
    }
#define BL23_OPTION_JSON(into)                                                                     \
    BL23_OPTION_FLAG("json", into, "print one JSON object instead of text")
#define BL23_OPTION_FORCE(into, does) BL23_OPTION_FLAG("force", into, does)
#define BL23_OPTION_MODEL(into)                                                                    \
    BL23_OPTION_TEXT(                                                                              \
        "model", "FILE.h5", into,                                                                  \
        "read the loop tables from this file, written by 'bl23 tables -o' or by a survey")
#define BL23_OPTION_SAMPLES(into)                                                                  \
    BL23_OPTION_TEXT("samples", "N", into,                                                         \
                     "number of samples, like 1e9, up to 2^63 (default: samples of CONFIG)")
#define BL23_OPTION_THREADS(into)                                                                  \
    {                                                                                              \
        .name = "threads", .value = "T",                                                           \
        .help = "threads of the CPU backend (default: one per processor)",                         \
        .read = bl23_argument_threads, .target = (into)                                            \
    }
#define BL23_OPTIONS_INPUTS(into, standard)                                                        \
    {.name = "inputs",                                                                             \
     .value = "PRESET",                                                                            \
     .words = "pdg2018 pdg2024",                                                                   \
     .help = "the preset of inputs (default: " standard ")",                                       \
     .text = &(into)->preset},                                                                     \
    {                                                                                              \
        .name = "set", .value = "NAME=VALUE",                                                      \
        .help = "override one of the inputs that 'bl23 info' lists; may be repeated",              \
        .read = bl23_argument_override, .target = (into), .repeats = true                          \
    }

#endif
