/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "host/io/scripts_folder.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/io/file_io.h"
#include "host/io/system.h"
#include "kernels/sample/error.h"
#include "version.h"

enum bl23_status bl23_scripts_folder(char **path, struct bl23_error *error)
{
    char folder[BL23_PATH_BYTES_MAX], scripts[BL23_PATH_BYTES_MAX + sizeof BL23_DATA_FOLDER + 16];
    char *const program = bl23_system_program();
    if (!program)
        return bl23_fail(error, BL23_ERROR_FAILED, "cannot find where bl23 is installed (%s)",
                         strerror(errno));
    bl23_path_folder(program, folder, sizeof folder);
    free(program);
    snprintf(scripts, sizeof scripts, "%s/" BL23_DATA_FOLDER "/scripts", folder);
    *path = realpath(scripts, NULL);
    return *path ? BL23_OK
                 : bl23_fail(error, BL23_ERROR_FAILED,
                             "the scripts of bl23 are not installed beside it: %s: %s", scripts,
                             strerror(errno));
}
