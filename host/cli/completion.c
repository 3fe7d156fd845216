/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "host/cli/completion.h"

#include <stdio.h>
#include <string.h>

#include "host/cli/commands.h"
#include "host/config/shipped_surveys.h"

static bool is_path(char const *value)
{
    return strstr(value, "FILE") || strstr(value, "CONFIG") || strstr(value, "DIR");
}

static bool is_config(char const *value)
{
    return value && strstr(value, "CONFIG");
}

/* The names of all commands, or of all shipped surveys, with spaces between. */
static void print_commands(void)
{
    for (size_t k = 0; bl23_commands[k]; k++)
        printf("%s%s", k == 0 ? "" : " ", bl23_commands[k]->name);
}

static void print_surveys(void)
{
    for (struct bl23_embedded_file const *s = bl23_shipped_surveys; s->name; s++) {
        char name[BL23_WORD_SIZE];
        bl23_shipped_survey_name(s, name);
        printf("%s%s", s == bl23_shipped_surveys ? "" : " ", name);
    }
}

/* The first sentence or clause of a help, outside of parentheses, with a backslash before each of
 * some letters, and single quotes as this shell writes them between single quotes. */
static void print_help(char const *help, char const *escaped, char const *quote)
{
    for (int depth = 0; *help && *help != '\n'; help++) {
        depth += (*help == '(') - (*help == ')');
        if (depth == 0 && (*help == ';' || strncmp(help, ". ", 2) == 0))
            return;
        if (strchr(escaped, *help))
            putchar('\\');
        if (*help == '\'')
            printf("%s", quote);
        else
            putchar(*help);
    }
}

/* ---- bash ---- */

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
        else if (is_path(row->value))
            printf(") return ;;\n");
        else
            printf(") compopt +o default && return ;;\n");
    }
}

static void print_bash_surveys(void)
{
    printf("    *:@*)\n        case $command in\n");
    for (size_t k = 0; bl23_commands[k]; k++) {
        bool wanted = is_config(bl23_commands[k]->operand.name);
        for (struct bl23_option const *row = bl23_commands[k]->option; row->name; row++)
            wanted = wanted || is_config(row->value);
        if (wanted)
            printf("        %s) words=$surveys ;;\n", bl23_commands[k]->name);
    }
    printf("        esac\n        ;;\n");
}

/* Values of options first, then options; other words are names of files, or behind a '@', which
 * bash may make a word of its own, of shipped surveys. */
static void print_bash(void)
{
    printf("# bash completion of bl23, made by 'bl23 help --completion bash'\n"
           "_bl23()\n{\n"
           "    local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}\n"
           "    local words= command=${COMP_WORDS[1]} commands='");
    print_commands();
    printf("'\n    local surveys='");
    print_surveys();
    printf("'\n"
           "    COMPREPLY=()\n"
           "    ((COMP_CWORD > 1)) || command= previous=\n"
           "    [[ $previous != = ]] || previous=${COMP_WORDS[COMP_CWORD - 2]}\n"
           "    [[ $current != = ]] || current=\n"
           "    [[ $previous != @ ]] || current=@$current\n"
           "    [[ $current != @* ]] || previous=$current\n"
           "    case $command:$previous in\n"
           "    :) words=\"$commands --help --version\" ;;\n");
    print_bash_surveys();
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

/* ---- zsh ---- */

/* What completes a value. */
static void print_zsh_action(char const *value, char const *words)
{
    if (words)
        printf(":(%s)", words);
    else if (is_config(value))
        printf(":_bl23_config");
    else
        printf(is_path(value) ? ":_files" : ": ");
}

static void print_zsh_option(struct bl23_option const *row)
{
    printf(" \\\n        ");
    if (row->repeats)
        printf("'*'");
    else if (row->letter)
        printf("'(-%c --%s)'", row->letter, row->name);
    if (row->letter)
        printf("{-%c+,--%s=}", row->letter, row->name);
    else
        printf("--%s%s", row->name, row->value ? "=" : "");
    printf("'[");
    print_help(row->help, "[]:\\", "'\\''");
    printf("]");
    if (row->value) {
        printf(":%s", row->value);
        print_zsh_action(row->value, row->words);
    }
    printf("'");
}

static void print_zsh_command(struct bl23_command const *command)
{
    struct bl23_operand const *const operand = &command->operand;
    bool const file = operand->name && strcmp(operand->name, "COMMAND") != 0;
    printf("    %s)\n        _arguments", command->name);
    for (struct bl23_option const *row = command->option; row->name; row++)
        print_zsh_option(row);
    printf(" \\\n        '(-h --help)'{-h,--help}'[");
    print_help(bl23_help_option.help, "[]:\\", "'\\''");
    printf("]'");
    if (file)
        printf(" \\\n        '%s:%s:%s'", operand->list ? "*" : "1", operand->name,
               is_config(operand->name) ? "_bl23_config" : "_files");
    if (operand->second)
        printf(" \\\n        '2:%s:_files'", operand->second->name);
    if (operand->name && !file) {
        printf(" \\\n        '1:%s:(", operand->name);
        print_commands();
        printf(")'");
    }
    printf("\n        ;;\n");
}

static void print_zsh(void)
{
    printf("#compdef bl23\n# zsh completion of bl23, made by 'bl23 help --completion zsh'\n"
           "_bl23_config()\n{\n    local -a surveys=(");
    print_surveys();
    printf(")\n    compadd -- $surveys\n    _files\n}\n\n"
           "_bl23()\n{\n    local -a commands=(\n");
    for (size_t k = 0; bl23_commands[k]; k++) {
        printf("        '%s:", bl23_commands[k]->name);
        print_help(bl23_commands[k]->summary, "\\", "'\\''");
        printf("'\n");
    }
    printf("    )\n"
           "    if ((CURRENT == 2)); then\n"
           "        _describe command commands\n"
           "        compadd -- --help --version\n"
           "        return\n"
           "    fi\n"
           "    local command=$words[2]\n"
           "    shift words\n"
           "    ((CURRENT--))\n"
           "    case $command in\n");
    for (size_t k = 0; bl23_commands[k]; k++)
        print_zsh_command(bl23_commands[k]);
    printf("    esac\n}\n\n"
           "if [[ $funcstack[1] = _bl23 ]]; then\n    _bl23 \"$@\"\nelse\n"
           "    compdef _bl23 bl23\nfi\n");
}

/* ---- fish ---- */

static void print_fish_option(struct bl23_command const *command, struct bl23_option const *row)
{
    printf("complete -c bl23 -n '__fish_seen_subcommand_from %s' -l %s", command->name, row->name);
    if (row->letter)
        printf(" -s %c", row->letter);
    if (row->words)
        printf(" -x -a '%s'", row->words);
    else if (row->value && is_path(row->value))
        printf(" -r -F");
    else if (row->value)
        printf(" -x");
    if (is_config(row->value)) {
        printf(" -a '");
        print_surveys();
        printf("'");
    }
    printf(" -d '");
    print_help(row->help, "\\", "\\'");
    printf("'\n");
}

static void print_fish_command(struct bl23_command const *command)
{
    char const *const operand = command->operand.name;
    printf("complete -c bl23 -n __fish_use_subcommand -f -a %s -d '", command->name);
    print_help(command->summary, "\\", "\\'");
    printf("'\n");
    for (struct bl23_option const *row = command->option; row->name; row++)
        print_fish_option(command, row);
    print_fish_option(command, &bl23_help_option);
    if (is_config(operand) || (operand && strcmp(operand, "COMMAND") == 0)) {
        printf("complete -c bl23 -n '__fish_seen_subcommand_from %s' -a '", command->name);
        if (is_config(operand))
            print_surveys();
        else
            print_commands();
        printf("'\n");
    }
}

static void print_fish(void)
{
    printf("# fish completion of bl23, made by 'bl23 help --completion fish'\n"
           "complete -c bl23 -n __fish_use_subcommand -l help -s h -d '");
    print_help(bl23_help_option.help, "\\", "\\'");
    printf("'\ncomplete -c bl23 -n __fish_use_subcommand -l version\n");
    for (size_t k = 0; bl23_commands[k]; k++)
        print_fish_command(bl23_commands[k]);
}

void bl23_completion_print(char const *shell)
{
    if (strcmp(shell, "zsh") == 0)
        print_zsh();
    else if (strcmp(shell, "fish") == 0)
        print_fish();
    else
        print_bash();
}
