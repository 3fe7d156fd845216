/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* The entries of a BibTeX text: those that are shipped and the user's own. constraints.c reads with
 * it, host/config/citations.c prints with it. */
#ifndef BL23_TABLES_BIBTEX_H
#define BL23_TABLES_BIBTEX_H

#include <stdbool.h>
#include <stddef.h>

/* A part of a text. */
struct bl23_slice {
    char const *text;
    size_t length;
};

/* "@type{key, ...}" and its key; both point into the text that is read. */
struct bl23_bibtex_entry {
    struct bl23_slice whole, key;
};

/* Find the first entry from *text on, and move *text behind it; false if there is none before
 * `end`. Text between entries, and @comment, @string and @preamble, are passed over. */
bool bl23_bibtex_next(char const **text, char const *end, struct bl23_bibtex_entry *entry);

/* Is the key one of a list of keys that commas separate? */
bool bl23_bibtex_listed(struct bl23_slice key, char const *list);

/* The first key of such a list, of length 0 at its end; moves *list behind it. */
struct bl23_slice bl23_bibtex_key(char const **list);

/* Does bl23 ship an entry with this key? */
bool bl23_bibtex_shipped(struct bl23_slice key);

#endif
