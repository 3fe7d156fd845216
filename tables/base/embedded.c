/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "tables/base/embedded.h"

#include <stdlib.h>
#include <string.h>

#include "kernels/sample/error.h"

/* Made by tables/base/embed.cmake: the definitions, then `files`. */
#include "embedded_data.inc"

struct bl23_embedded_file const *bl23_embedded_find(char const *name)
{
    for (size_t k = 0; files[k].name; k++)
        if (strcmp(files[k].name, name) == 0)
            return &files[k];
    return NULL;
}

enum bl23_status bl23_embedded_read(char const *name, char **text, size_t *length,
                                    struct bl23_error *error)
{
    struct bl23_embedded_file const *const file = bl23_embedded_find(name);
    if (!file)
        return bl23_fail(error, BL23_ERROR_CONFIG, "%s: no such file is built in", name);
    *text = malloc(file->size + 1);
    if (!*text)
        return bl23_fail(error, BL23_ERROR_MEMORY, "%s: out of memory", name);
    memcpy(*text, file->data, file->size);
    (*text)[file->size] = '\0';
    *length = file->size;
    return BL23_OK;
}
