/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "kernels/sample/plain_text.h"

#include <string.h>

int bl23_utf8_length(char const *text)
{
    unsigned char const *const p = (unsigned char const *)text;
    int const length = p[0] < 0x80 ? 1 : p[0] < 0xc2 ? 0 : p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;
    if (length == 0 || p[0] > 0xf4)
        return 0;
    for (int k = 1; k < length; k++) /* stops at the end of the text */
        if ((p[k] & 0xc0) != 0x80)
            return 0;
    bool const overlong = (p[0] == 0xe0 && p[1] < 0xa0) || (p[0] == 0xf0 && p[1] < 0x90);
    bool const surrogate = p[0] == 0xed && p[1] > 0x9f, beyond = p[0] == 0xf4 && p[1] > 0x8f;
    return overlong || surrogate || beyond ? 0 : length;
}

bool bl23_utf8_is_valid(char const *text)
{
    for (int length; *text; text += length)
        if ((length = bl23_utf8_length(text)) == 0)
            return false;
    return true;
}

bool bl23_utf8_is_control(char const *text)
{
    unsigned char const *const p = (unsigned char const *)text;
    return p[0] < 0x20 || p[0] == 0x7f || (p[0] == 0xc2 && p[1] < 0xa0);
}

char *bl23_text_make_printable(char *text)
{
    char *to = text;
    for (char const *p = text; *p;) {
        int const length = bl23_utf8_length(p);
        if (length == 0 || bl23_utf8_is_control(p)) {
            *to++ = '?';
        } else {
            memmove(to, p, (size_t)length);
            to += length;
        }
        p += length > 0 ? length : 1;
    }
    *to = '\0';
    return text;
}

char const *bl23_text_shown(char const *text, char *copy, size_t size)
{
    size_t const length = strlen(text), room = size - 1;
    size_t const n = length < room ? length : room;
    memcpy(copy, text, n);
    copy[n] = '\0';
    return bl23_text_make_printable(copy);
}

bool bl23_text_is_utf16(char const *text, size_t length)
{
    if (length < 2)
        return false;
    bool const marked = memcmp(text, "\xff\xfe", 2) == 0 || memcmp(text, "\xfe\xff", 2) == 0;
    return marked ||
           (length >= 4 && !text[0] != !text[1] && !text[0] == !text[2] && !text[1] == !text[3]);
}
