/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "host/survey/stored_config.h"

#include <stdio.h>

#include "host/output/survey_read.h"
#include "host/run/run_folder.h"

/* The run comes first: where both are there, it goes on from the output. */
char *bl23_stored_config_find(struct bl23_config_store *store, char const *output,
                              char from[BL23_STORE_NAME_SIZE])
{
    char path[BL23_RUN_FILE_PATH_SIZE];
    char *const of_run = bl23_run_folder_stored_yaml(output, path);
    snprintf(from, BL23_STORE_NAME_SIZE, "%.255s", of_run ? path : output);
    store->prefers_files = store->prefers_files || (!of_run && !store->extends);
    return of_run ? of_run : bl23_output_stored_yaml(output);
}
