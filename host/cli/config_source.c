/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "host/cli/config_source.h"

#include <stdio.h>
#include <string.h>

#include "host/io/file_io.h"
#include "host/output/survey_read.h"
#include "kernels/sample/error.h"

static enum bl23_status read_output(char const *path, struct bl23_config **config,
                                    struct bl23_error *error)
{
    struct bl23_survey_reader reader;
    BL23_TRY(bl23_input_note(path, error));
    BL23_TRY(bl23_survey_open(path, &reader, error));
    enum bl23_status const status =
        bl23_config_parse(path, reader.head.yaml, strlen(reader.head.yaml), config, error);
    bl23_survey_close(&reader);
    return status;
}

static void print_notes(char const *notes)
{
    for (char const *line = notes; line && *line; line += strcspn(line, "\n") + 1)
        fprintf(stderr, "warning: %.*s\n", (int)strcspn(line, "\n"), line);
}

enum bl23_status bl23_config_source_read(char const *path, struct bl23_config_store *store,
                                         bool silent, struct bl23_config **config,
                                         struct bl23_error *error)
{
    enum bl23_status const status = bl23_file_is_hdf5(path)
                                        ? read_output(path, config, error)
                                        : bl23_config_load_stored(path, store, config, error);
    if (status == BL23_OK && !silent)
        print_notes((*config)->notes);
    return status;
}
