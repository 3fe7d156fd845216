/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "kernels/sample/error.h"

#include <stdarg.h>
#include <stdio.h>

#include "kernels/sample/plain_text.h"

static struct {
    char const *name, *text;
    int exit_code;
} const statuses[] = {
#define ROW(name, exit_code, text) {"BL23_" #name, text, exit_code},
    BL23_STATUS_LIST(ROW)
#undef ROW
};

enum bl23_status bl23_fail(struct bl23_error *error, enum bl23_status status, char const *format,
                           ...)
{
    if (!error || error->status != BL23_OK)
        return status;
    error->status = status;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(error->text, sizeof error->text, format, arguments);
    va_end(arguments);
    bl23_text_make_printable(error->text);
    return status;
}

char const *bl23_status_name(enum bl23_status status)
{
    return statuses[status].name;
}

char const *bl23_status_text(enum bl23_status status)
{
    return statuses[status].text;
}

int bl23_status_exit_code(enum bl23_status status)
{
    return statuses[status].exit_code;
}
