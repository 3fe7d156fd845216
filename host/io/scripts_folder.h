/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* Where the scripts are that were installed with this program. `bl23 info --scripts` prints it. */
#ifndef BL23_HOST_SCRIPTS_FOLDER_H
#define BL23_HOST_SCRIPTS_FOLDER_H

#include "kernels/sample/status.h"

/* The absolute path, which the caller frees. It is found from the program's own place, so that an
 * installation can be moved; the build tree has a link there. BL23_ERROR_FAILED names the folder
 * that is not there, or says that the system does not tell the program its place. */
enum bl23_status bl23_scripts_folder(char **path, struct bl23_error *error);

#endif
