/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* Lists of words that spaces separate, and which word somebody may have meant. The readers of
 * command lines and configurations use it. */
#ifndef BL23_TABLES_WORDS_H
#define BL23_TABLES_WORDS_H

#include <stdbool.h>

enum { BL23_WORD_SIZE = 48 };

/* The next of the words into word; false: there is none. */
bool bl23_next_word(char const **words, char word[BL23_WORD_SIZE]);

/* Which of the words text is, the first being 0; -1: none. */
int bl23_find_word(char const *words, char const *text);

/* Letters to be put in, taken out or changed (Levenshtein), up to BL23_WORD_SIZE letters each. */
int bl23_count_changes(char const *a, char const *b);

/* The word of a list that is nearest to text, up to two letters away; false: none is. */
bool bl23_similar_word(char const *text, char const *words, char nearest[BL23_WORD_SIZE]);

#endif
