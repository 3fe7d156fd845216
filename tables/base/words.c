/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "tables/base/words.h"

#include <stdio.h>
#include <string.h>

bool bl23_next_word(char const **words, char word[BL23_WORD_SIZE])
{
    *words += strspn(*words, " ");
    size_t const length = strcspn(*words, " ");
    snprintf(word, BL23_WORD_SIZE, "%.*s", (int)length, *words);
    *words += length;
    return length > 0;
}

int bl23_find_word(char const *words, char const *text)
{
    size_t const length = strlen(text);
    int number = 0;
    for (char const *p = words + strspn(words, " "); *p; number++) {
        size_t const word = strcspn(p, " ");
        if (word == length && memcmp(p, text, length) == 0)
            return number;
        p += word + strspn(p + word, " ");
    }
    return -1;
}

int bl23_count_changes(char const *a, char const *b)
{
    int cost[BL23_WORD_SIZE + 1];
    int const n = (int)strnlen(a, BL23_WORD_SIZE);
    for (int i = 0; i <= n; i++)
        cost[i] = i;
    for (; *b; b++) {
        int diagonal = cost[0]++;
        for (int i = 1; i <= n; i++) {
            int best = diagonal + (a[i - 1] != *b);
            diagonal = cost[i];
            best = cost[i] + 1 < best ? cost[i] + 1 : best;
            cost[i] = cost[i - 1] + 1 < best ? cost[i - 1] + 1 : best;
        }
    }
    return cost[n];
}

bool bl23_similar_word(char const *text, char const *words, char nearest[BL23_WORD_SIZE])
{
    int least = 3;
    char word[BL23_WORD_SIZE];
    while (bl23_next_word(&words, word)) {
        int const changes = bl23_count_changes(text, word);
        if (changes < least && changes < (int)strlen(word)) {
            least = changes;
            snprintf(nearest, BL23_WORD_SIZE, "%s", word);
        }
    }
    return least < 3;
}
