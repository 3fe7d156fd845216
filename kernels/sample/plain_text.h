/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* Texts that somebody else wrote: names of files, titles, what stands in a data file. Their bytes
 * may be anything. Everything that prints such a text or reads such a file calls it. */
#ifndef BL23_KERNELS_PLAIN_TEXT_H
#define BL23_KERNELS_PLAIN_TEXT_H

#include <stdbool.h>
#include <stddef.h>

/* Bytes of the character that begins at *text, 1 to 4; 0 if it is not UTF-8 (RFC 3629). */
int bl23_utf8_length(char const *text);

/* Is all of it UTF-8? */
bool bl23_utf8_is_valid(char const *text);

/* Is the character at *text, of bl23_utf8_length bytes, a control character (C0, DEL or C1)? */
bool bl23_utf8_is_control(char const *text);

/* In place: a question mark for each control character and for each byte that is not UTF-8, so
 * that a text cannot steer the terminal. Returns text. */
char *bl23_text_make_printable(char *text);

/* The same in a copy of at most `size` bytes, for a printf; BL23_SHOWN makes room in the block. */
char const *bl23_text_shown(char const *text, char *copy, size_t size);
#define BL23_SHOWN(text) bl23_text_shown(text, (char[BL23_SHOWN_SIZE]){0}, BL23_SHOWN_SIZE)
enum { BL23_SHOWN_SIZE = 4200 }; /* any path */

/* Is it UTF-16, by its byte-order mark or by zeros in every other one of the first four bytes? */
bool bl23_text_is_utf16(char const *text, size_t length);

#endif
