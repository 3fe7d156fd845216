/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include <string.h>

#include "host/cli/commands.h"
#include "host/cli/completion.h"
#include "version.h"

enum { TEXT_SIZE = 512 };

static struct options {
    char const *command, *completion;
    bool man;
} given;

/* Text as roff: no line of it is taken for a request, and an empty line divides paragraphs. */
static void print_roff(char const *text)
{
    bool begins = true; /* a line */
    for (; *text; text++) {
        if (*text == '\n') {
            printf(begins ? ".PP\n" : "\n");
            begins = true;
            continue;
        }
        if (begins && (*text == '.' || *text == '\''))
            printf("\\&");
        if (*text == '\\' || *text == '-')
            printf(*text == '-' ? "\\-" : "\\e");
        else if (*text == '\'')
            printf("\\(aq");
        else
            putchar(*text);
        begins = false;
    }
    putchar('\n');
}

static void print_roff_row(char const *label, char const *text)
{
    printf(".TP\n.B ");
    print_roff(label);
    print_roff(text);
}

static void print_roff_command(struct bl23_command const *command)
{
    char text[TEXT_SIZE];
    bl23_help_synopsis(command, NULL, text, sizeof text);
    printf(".SS bl23 ");
    print_roff(text);
    for (struct bl23_option const *row = command->option; row->name; row++)
        if (row->instead) {
            bl23_help_synopsis(command, row, text, sizeof text);
            printf("or\n.B bl23 ");
            print_roff(text);
            printf(".PP\n");
        }
    print_roff(command->description);
    if (command->operand.name)
        print_roff_row(command->operand.name, command->operand.help);
    if (command->operand.second)
        print_roff_row(command->operand.second->name, command->operand.second->help);
    for (struct bl23_option const *row = command->option; row->name; row++) {
        bl23_help_label(row, text, sizeof text);
        print_roff_row(text, row->help);
    }
    if (command->notes) {
        printf(".PP\n");
        print_roff(command->notes);
    }
}

static void print_man(void)
{
    char text[TEXT_SIZE];
    printf(".TH BL23 1 \"\" \"bl23 %s\" \"User Commands\"\n.SH NAME\nbl23 \\- ", BL23_VERSION);
    print_roff(bl23_help_purpose);
    printf(".SH SYNOPSIS\n.B bl23\n.I COMMAND\n[options]\n.SH DESCRIPTION\n");
    print_roff(bl23_help_description);
    printf(".SH COMMANDS\nEvery command also understands\n");
    bl23_help_label(&bl23_help_option, text, sizeof text);
    print_roff_row(text, bl23_help_option.help);
    for (size_t k = 0; bl23_commands[k]; k++)
        print_roff_command(bl23_commands[k]);
    printf(".SH EXIT STATUS\n");
    print_roff(bl23_help_exit);
    printf(".SH SEE ALSO\nhttps://arxiv.org/abs/2008.09793\n");
}

static enum bl23_status run(struct bl23_error *error)
{
    struct bl23_command const *command;
    if (given.man) {
        print_man();
    } else if (given.completion) {
        bl23_completion_print(given.completion);
    } else if (given.command) {
        BL23_TRY(bl23_command_find(given.command, &command, error));
        bl23_help_print_command(command, stdout);
    } else {
        bl23_help_print(stdout);
    }
    return BL23_OK;
}

static struct bl23_option const options[] = {
    {.name = "man",
     .help = "print the manual page of bl23 and all its commands, for man(1)",
     .flag = &given.man,
     .instead = true},
    {.name = "completion",
     .value = "SHELL",
     .words = BL23_COMPLETION_SHELLS,
     .help =
         "print a script with which this shell completes commands and options; try it with "
         "'source <(bl23 help --completion bash)' (fish: 'bl23 help --completion fish | source')",
     .text = &given.completion,
     .instead = true,
     .excludes = "man"},
    {0}};

struct bl23_command const bl23_command_help = {
    .name = "help",
    .summary = "the help of a command, the manual page, completion for shells",
    .description = "Show the help of a command, or the list of all commands.",
    .operand = {.name = "COMMAND",
                .help = "a command of bl23",
                .one = &given.command,
                .optional = true},
    .option = options,
    .run = run};
