/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* How a failure is put into words: status and one formatted sentence in a struct bl23_error.
 * Every fallible function calls it; nothing here prints. */
#ifndef BL23_KERNELS_ERROR_H
#define BL23_KERNELS_ERROR_H

#include "kernels/sample/status.h"

/* Record the failure (unless an earlier one is recorded already) and return its status, so that
 * `return bl23_fail(error, ...)` ends a function. error may be NULL. */
enum bl23_status bl23_fail(struct bl23_error *error, enum bl23_status status, char const *format,
                           ...) __attribute__((format(printf, 3, 4)));

/* Name, meaning and process exit code of a status. */
char const *bl23_status_name(enum bl23_status status);
char const *bl23_status_text(enum bl23_status status);
int bl23_status_exit_code(enum bl23_status status);

#endif
