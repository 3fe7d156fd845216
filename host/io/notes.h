/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* Lines on stderr that say what does not work here as it should, although the command goes on.
 * Every room of host/ calls it. */
#ifndef BL23_HOST_NOTES_H
#define BL23_HOST_NOTES_H

#include <stdbool.h>

/* Print one line on stderr. What a path may hold does not steer the terminal. */
void bl23_note(char const *format, ...) __attribute__((format(printf, 1, 2)));

/* The first call with this flag, which the caller keeps, returns true, every other one false. */
bool bl23_note_is_first(bool *noted);

/* This process is one of several that would all note the same: it is to be silent. */
void bl23_notes_silence(void);

#endif
