/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include <string.h>

#include "host/cli/commands.h"
#include "version.h"

enum { TEXT_SIZE = 512 };

static struct options {
    char const *command, *completion;
    bool man;
} given;

/* ---- the manual page ---- */

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

/* ---- the completion of bash ---- */

/* Options of a command before which a value is completed as `pattern:option | ...`. */
static void print_bash_values(struct bl23_command const *command)
{
    for (struct bl23_option const *row = command->option; row->name; row++) {
        if (!row->value)
            continue;
        printf("    %s:--%s", command->name, row->name);
        if (row->letter)
            printf(" | %s:-%c", command->name, row->letter);
        if (row->words)
            printf(") words='%s' ;;\n", row->words);
        else if (strstr(row->value, "FILE") || strstr(row->value, "CONFIG") ||
                 strstr(row->value, "DIR"))
            printf(") return ;;\n");
        else
            printf(") compopt +o default && return ;;\n");
    }
}

/* Values of options first, then options; other words are names of files. */
static void print_bash(void)
{
    printf("# bash completion of bl23, made by 'bl23 help --completion bash'\n"
           "_bl23()\n{\n"
           "    local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}\n"
           "    local words= command=${COMP_WORDS[1]} commands='");
    for (size_t k = 0; bl23_commands[k]; k++)
        printf("%s%s", k == 0 ? "" : " ", bl23_commands[k]->name);
    printf("'\n"
           "    COMPREPLY=()\n"
           "    ((COMP_CWORD > 1)) || command= previous=\n"
           "    [[ $previous != = ]] || previous=${COMP_WORDS[COMP_CWORD - 2]}\n"
           "    [[ $current != = ]] || current=\n"
           "    case $command:$previous in\n"
           "    :) words=\"$commands --help --version\" ;;\n");
    for (size_t k = 0; bl23_commands[k]; k++)
        print_bash_values(bl23_commands[k]);
    printf("    *:*)\n"
           "        case $command:$current in\n");
    for (size_t k = 0; bl23_commands[k]; k++) {
        printf("        %s:-*) words='", bl23_commands[k]->name);
        for (struct bl23_option const *row = bl23_commands[k]->option; row->name; row++)
            printf("--%s ", row->name);
        printf("--help' ;;\n");
    }
    printf("        help:*) words=$commands ;;\n"
           "        esac\n"
           "        ;;\n"
           "    esac\n"
           "    [[ -z $words ]] || COMPREPLY=($(compgen -W \"$words\" -- \"$current\"))\n"
           "}\n"
           "complete -o default -F _bl23 bl23\n");
}

static enum bl23_status run(struct bl23_error *error)
{
    struct bl23_command const *command;
    if (given.man) {
        print_man();
    } else if (given.completion) {
        print_bash();
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
     .words = "bash",
     .help = "print a script with which this shell completes commands and options; try it with "
             "'source <(bl23 help --completion bash)'",
     .text = &given.completion,
     .instead = true,
     .excludes = "man"},
    {0}};

struct bl23_command const bl23_command_help = {
    .name = "help",
    .summary = "the help of a command, the manual page, completion for bash",
    .description = "Show the help of a command, or the list of all commands.",
    .operand = {.name = "COMMAND",
                .help = "a command of bl23",
                .one = &given.command,
                .optional = true},
    .option = options,
    .run = run};
