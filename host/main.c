/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include <gsl/gsl_errno.h>
#include <hdf5.h>
#include <stdio.h>
#include <string.h>

#include "host/commands.h"
#include "host/ranks.h"
#include "tables/message.h"
#include "version.h"

static struct {
    char const *name, *text;
    enum bl23_status (*run)(int argc, char **argv, struct bl23_error *error);
} const commands[] = {
#define ROW(name, text) {#name, text, bl23_cmd_##name},
    BL23_COMMAND_LIST(ROW)
#undef ROW
};
enum { COMMANDS = sizeof commands / sizeof commands[0] };

static void print_usage(FILE *out)
{
    fprintf(out, "usage: bl23 COMMAND [options]\n\n"
                 "Surveys the local (B-L)_23 model: one-loop Z' couplings, rare decays, random\n"
                 "mixings, and the limits on them (arXiv:2008.09793).\n\n");
    for (int k = 0; k < COMMANDS; k++)
        fprintf(out, "  %-10s %s\n", commands[k].name, commands[k].text);
    fprintf(out, "\n'bl23 COMMAND --help' tells more. Results go to stdout, messages to stderr.\n"
                 "Exit: 0 done, 1 failed, 2 misuse or bad configuration, 3 interrupted and "
                 "resumable.\n");
}

static int misuse(char const *found)
{
    fprintf(stderr, "bl23: found the command '%s', allowed:", found);
    for (int k = 0; k < COMMANDS; k++)
        fprintf(stderr, " %s", commands[k].name);
    fprintf(stderr, " (see 'bl23 --help')\n");
    return bl23_status_exit_code(BL23_ERROR_USAGE);
}

static int finish(enum bl23_status status, struct bl23_error const *error)
{
    if (fflush(stdout) != 0 && status == BL23_OK) {
        fprintf(stderr, "bl23: writing the result to stdout failed\n");
        return bl23_status_exit_code(BL23_ERROR_IO);
    }
    if (status != BL23_OK && bl23_ranks_rank() == 0) /* one voice for all ranks */
        fprintf(stderr, "bl23: %s\n", error->text[0] ? error->text : bl23_status_text(status));
    return bl23_status_exit_code(status);
}

int main(int argc, char **argv)
{
    gsl_set_error_handler_off();
    H5dont_atexit(); /* after a failed write the library's own clean-up would crash */
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
    struct bl23_error const none = {BL23_OK, ""};
    char const *const name = argc > 1 ? argv[1] : "";
    if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0 || strcmp(name, "help") == 0) {
        print_usage(stdout);
        return finish(BL23_OK, &none);
    }
    if (strcmp(name, "--version") == 0) {
        printf("bl23 %s\n", BL23_VERSION);
        return finish(BL23_OK, &none);
    }
    for (int k = 0; k < COMMANDS; k++) {
        if (strcmp(name, commands[k].name) != 0)
            continue;
        struct bl23_error error = {BL23_OK, ""};
        int const code = finish(commands[k].run(argc - 1, argv + 1, &error), &error);
        bl23_ranks_stop(); /* after the message: a launcher that stops a job may not wait longer */
        return code;
    }
    return misuse(name);
}
