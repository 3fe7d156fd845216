/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include <stdio.h>
#include <stdlib.h>

#include "host/cli/commands.h"
#include "host/cli/config_source.h"
#include "host/config/citations.h"
#include "kernels/sample/error.h"

static char const *path;

static enum bl23_status run(struct bl23_error *error)
{
    struct bl23_config *config = NULL;
    char *text = NULL;
    enum bl23_status status = bl23_config_source_read(path, NULL, false, &config, error);
    if (status == BL23_OK)
        status = bl23_citations_collect(config, &text, error);
    if (status == BL23_OK)
        fputs(text, stdout);
    free(text);
    bl23_config_free(config);
    return status;
}

static struct bl23_option const options[] = {{0}};

struct bl23_command const bl23_command_cite = {
    .name = "cite",
    .summary = "print BibTeX of all that a survey rests on",
    .description = "Print BibTeX of all that a survey rests on: the model, its inputs, form "
                   "factors and limits, and the random numbers, and bl23 itself.",
    .operand = {.name = "CONFIG", .help = BL23_HELP_CONFIG, .one = &path},
    .option = options,
    .run = run};
