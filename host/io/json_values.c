/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "host/io/json_values.h"

#include <math.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kernels/sample/error.h"
#include "kernels/sample/plain_text.h"

json_t *bl23_json_text(char const *text)
{
    char *const valid = malloc(4 * strlen(text) + 1);
    char *to = valid;
    for (char const *p = text; valid && *p;) {
        int const length = bl23_utf8_length(p);
        memcpy(to, p, (size_t)length);
        to += length > 0 ? length : sprintf(to, "\\x%02x", (unsigned)(unsigned char)*p);
        p += length > 0 ? length : 1;
    }
    if (valid)
        *to = '\0';
    json_t *const string = valid ? json_string(valid) : NULL;
    free(valid);
    return string;
}

json_t *bl23_json_number(double value)
{
    return isfinite(value) ? json_real(value) : json_null();
}

json_t *bl23_json_count(uint64_t value)
{
    return value <= INT64_MAX ? json_integer((json_int_t)value) : json_real((double)value);
}

/* Once an allocation has failed, some object may be incomplete. From then on every allocation of
 * the library fails, so that it cannot print any object. */
static atomic_bool json_short;

static void *json_allocate(size_t size)
{
    void *const memory = json_short ? NULL : malloc(size);
    if (!memory)
        json_short = true;
    return memory;
}

void bl23_json_prepare(void)
{
    json_set_alloc_funcs(json_allocate, free);
}

enum bl23_status bl23_json_print(json_t *object, struct bl23_error *error)
{
    bool const written = object &&
                         json_dumpf(object, stdout, JSON_INDENT(2) | JSON_ENSURE_ASCII) == 0 &&
                         fputc('\n', stdout) != EOF && fflush(stdout) == 0;
    json_decref(object);
    if (json_short)
        return bl23_fail(error, BL23_ERROR_MEMORY, "out of memory for the result as JSON");
    return written ? BL23_OK
                   : bl23_fail(error, BL23_ERROR_IO, "writing the result to stdout failed");
}
