/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "host/io/notes.h"

#include <stdarg.h>
#include <stdio.h>

#include "kernels/sample/plain_text.h"

enum { NOTE_SIZE = 1024 };

static bool silent;

void bl23_note(char const *format, ...)
{
    char text[NOTE_SIZE];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    if (!silent)
        fprintf(stderr, "%s\n", bl23_text_make_printable(text));
}

bool bl23_note_is_first(bool *noted)
{
    bool const first = !*noted;
    *noted = true;
    return first;
}

void bl23_notes_silence(void)
{
    silent = true;
}
