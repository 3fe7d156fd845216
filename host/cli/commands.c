/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "host/cli/commands.h"

#include <string.h>

#include "kernels/sample/error.h"
#include "tables/base/words.h"

enum { WIDTH = 80, LABEL_SIZE = 128, INDENT_MAX = 26 };

struct bl23_command const *const bl23_commands[] = {
#define ROW(name) &bl23_command_##name,
    BL23_COMMAND_LIST(ROW)
#undef ROW
        NULL};

char const bl23_help_purpose[] = "surveys of the local (B-L)_23 model";
char const bl23_help_description[] =
    "Survey the local (B-L)_23 model (arXiv:2008.09793): one-loop Z' couplings, rare decays, "
    "random mixings, and experimental limits. Results go to stdout, messages to stderr.";
char const bl23_help_exit[] =
    "Exit: 0 done, 1 failed, 2 misuse or bad configuration, 3 interrupted and resumable.";
struct bl23_option const bl23_help_option = {
    .name = "help", .letter = 'h', .help = "show this text"};

enum bl23_status bl23_command_find(char const *name, struct bl23_command const **command,
                                   struct bl23_error *error)
{
#define WORD(name) #name " "
    static char const names[] = BL23_COMMAND_LIST(WORD);
#undef WORD
    char nearest[BL23_WORD_SIZE];
    for (size_t k = 0; bl23_commands[k]; k++)
        if (strcmp(bl23_commands[k]->name, name) == 0) {
            *command = bl23_commands[k];
            return BL23_OK;
        }
    if (bl23_similar_word(name, names, nearest))
        return bl23_fail(error, BL23_ERROR_USAGE,
                         "bl23 has no command '%.80s'; did you mean '%s'? (see 'bl23 --help')",
                         name, nearest);
    return bl23_fail(error, BL23_ERROR_USAGE,
                     "bl23 has no command '%.80s'; its commands are %s(see 'bl23 --help')", name,
                     names);
}

/* Print text from a column on in lines of up to WIDTH columns, later lines indented. */
static void print_wrapped(FILE *out, char const *text, int column, int indent)
{
    bool first = true; /* of its line */
    while (*text) {
        int const length = (int)strcspn(text, " \n");
        if (!first && column + 1 + length > WIDTH) {
            fprintf(out, "\n%*s", indent, "");
            column = indent;
            first = true;
        }
        fprintf(out, "%s%.*s", first ? "" : " ", length, text);
        column += length + !first;
        first = false;
        for (text += length; *text == ' ' || *text == '\n'; text++)
            if (*text == '\n') {
                fprintf(out, "\n%*s", indent, "");
                column = indent;
                first = true;
            }
    }
    fprintf(out, "\n");
}

void bl23_help_label(struct bl23_option const *option, char *text, size_t size)
{
    char const letter[] = {'-', option->letter, ',', ' ', '\0'};
    snprintf(text, size, "%s--%s%s%s", option->letter ? letter : "", option->name,
             option->value ? " " : "", option->value ? option->value : "");
}

void bl23_help_synopsis(struct bl23_command const *command, struct bl23_option const *instead,
                        char *text, size_t size)
{
    struct bl23_operand const *const operand = &command->operand;
    size_t used = (size_t)snprintf(text, size, "%s", command->name);
    if (operand->name && !instead)
        used += (size_t)snprintf(text + used, size - used, operand->optional ? " [%s]" : " %s%s",
                                 operand->name, operand->list ? "..." : "");
    if (operand->second)
        used += (size_t)snprintf(text + used, size - used, " %s", operand->second->name);
    for (struct bl23_option const *row = command->option; row->name; row++)
        if ((row->required || row == instead) && used < size) {
            char const letter[] = {row->letter, '\0'};
            used += (size_t)snprintf(text + used, size - used, " %s%s%s%s",
                                     row->letter ? "-" : "--", row->letter ? letter : row->name,
                                     row->value ? " " : "", row->value ? row->value : "");
        }
    if (used < size)
        snprintf(text + used, size - used, " [options]");
}

static void print_row(FILE *out, char const *label, char const *text, int indent)
{
    int const length = (int)strlen(label);
    fprintf(out, "  %s", label);
    if (length + 4 > indent)
        fprintf(out, "\n%*s", indent, "");
    else
        fprintf(out, "%*s", indent - 2 - length, "");
    print_wrapped(out, text, indent, indent);
}

void bl23_help_print_command(struct bl23_command const *command, FILE *out)
{
    char text[4 * LABEL_SIZE];
    bl23_help_synopsis(command, NULL, text, sizeof text);
    fprintf(out, "usage: bl23 %s\n", text);
    int indent = 4 + (int)strlen("-h, --help");
    for (struct bl23_option const *row = command->option; row->name; row++) {
        bl23_help_label(row, text, sizeof text);
        int const wanted = 4 + (int)strlen(text);
        indent = wanted > indent && wanted <= INDENT_MAX ? wanted : indent;
        if (row->instead) {
            bl23_help_synopsis(command, row, text, sizeof text);
            fprintf(out, "       bl23 %s\n", text);
        }
    }
    fprintf(out, "\n");
    print_wrapped(out, command->description, 0, 0);
    fprintf(out, "\n");
    if (command->operand.name)
        print_row(out, command->operand.name, command->operand.help, indent);
    if (command->operand.second)
        print_row(out, command->operand.second->name, command->operand.second->help, indent);
    for (struct bl23_option const *row = command->option; row->name; row++) {
        bl23_help_label(row, text, sizeof text);
        print_row(out, text, row->help, indent);
    }
    bl23_help_label(&bl23_help_option, text, sizeof text);
    print_row(out, text, bl23_help_option.help, indent);
    if (command->notes) {
        fprintf(out, "\n");
        print_wrapped(out, command->notes, 0, 0);
    }
}

void bl23_help_print(FILE *out)
{
    fprintf(out, "usage: bl23 COMMAND [options]\n\n");
    print_wrapped(out, bl23_help_description, 0, 0);
    fprintf(out, "\n");
    for (size_t k = 0; bl23_commands[k]; k++)
        print_row(out, bl23_commands[k]->name, bl23_commands[k]->summary, 13);
    fprintf(out, "\n'bl23 COMMAND --help' shows the options of a command.\n");
    print_wrapped(out, bl23_help_exit, 0, 0);
}
