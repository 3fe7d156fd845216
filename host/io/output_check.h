/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* Can the output be written in the end? Every command that writes a file asks before it computes.
 */
#ifndef BL23_HOST_OUTPUT_CHECK_H
#define BL23_HOST_OUTPUT_CHECK_H

#include "kernels/sample/status.h"

/* Can a file be at path, and are the names that are made of it short enough? BL23_ERROR_CONFIG says
 * why not, BL23_ERROR_REFUSED that an input of this run lies there: ask when all inputs are read.
 * Where a link leads decides. Nothing is touched. */
enum bl23_status bl23_path_check_name(char const *path, struct bl23_error *error);

/* The same, and may it be made or replaced? */
enum bl23_status bl23_path_check_writable(char const *path, struct bl23_error *error);

/* Try every step of putting a file at path: a file beside it is made, opened by its name, written,
 * synced, renamed and removed. What lies at path is remembered (bl23_output_remember). Call it
 * after bl23_path_check_writable and before the command computes. BL23_ERROR_IO says what failed.
 */
enum bl23_status bl23_output_try(char const *path, struct bl23_error *error);

/* Both checks for a new file: BL23_ERROR_REFUSED, which names option -o, if something lies at path.
 */
enum bl23_status bl23_path_check_free(char const *path, struct bl23_error *error);

#endif
