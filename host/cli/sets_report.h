/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* The shipped sets of constraints with their values, as JSON and as tables to read. cmd_info.c
 * calls it. */
#ifndef BL23_HOST_SETS_REPORT_H
#define BL23_HOST_SETS_REPORT_H

#include <jansson.h>
#include <stdio.h>

#include "kernels/sample/status.h"

/* One object for each set: "name", "alias" or null, and "constraints". The caller owns *object. */
enum bl23_status bl23_sets_json(json_t **object, struct bl23_error *error);

enum bl23_status bl23_sets_print(FILE *out, struct bl23_error *error);

#endif
