/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* Values as JSON, and a JSON object on stdout, for every command that has --json. */
#ifndef BL23_HOST_JSON_VALUES_H
#define BL23_HOST_JSON_VALUES_H

#include <jansson.h>
#include <stdint.h>

#include "kernels/sample/status.h"

/* A text as JSON. Each byte that is not UTF-8, as in the name of a file, becomes the four
 * characters \xNN with its two hexadecimal digits. */
json_t *bl23_json_text(char const *text);

/* A real number as JSON; null where it is not finite. */
json_t *bl23_json_number(double value);

/* A count as JSON, exact: 2^63, which no integer of the library holds, as a real number. */
json_t *bl23_json_count(uint64_t value);

/* Make sure that no incomplete object is printed after memory was short. main() calls it before the
 * first object is made. */
void bl23_json_prepare(void);

/* Print a JSON object with a line end; BL23_ERROR_IO if stdout fails, BL23_ERROR_MEMORY if memory
 * was short for this object or one before. Takes ownership. */
enum bl23_status bl23_json_print(json_t *object, struct bl23_error *error);

#endif
