/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "kernels/backend.h"

#include <string.h>

enum bl23_status bl23_backend_fail(struct bl23_error *error, enum bl23_status status,
                                   char const *what, char const *why)
{
    if (!error || error->status != BL23_OK)
        return status;
    size_t const room = sizeof error->text - 1;
    error->status = status;
    error->text[0] = '\0';
    strncat(error->text, what, room);
    if (why) {
        strncat(error->text, ": ", room - strlen(error->text));
        strncat(error->text, why, room - strlen(error->text));
    }
    return status;
}
