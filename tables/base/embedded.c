/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "tables/base/embedded.h"

#include <string.h>

/* Made by tables/base/embed.cmake: the definitions, then `files`. */
#include "embedded_data.inc"

struct bl23_embedded_file const *bl23_embedded_find(char const *name)
{
    for (size_t k = 0; k < sizeof files / sizeof files[0]; k++)
        if (strcmp(files[k].name, name) == 0)
            return &files[k];
    return NULL;
}
