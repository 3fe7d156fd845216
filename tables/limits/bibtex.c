/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "tables/limits/bibtex.h"

#include <ctype.h>
#include <string.h>

#include "tables/base/embedded.h"

/* The end of the braces that open at `open`, NULL if they do not close. */
static char const *closing(char const *open, char const *end)
{
    int depth = 0;
    for (char const *p = open; p < end; p++) {
        depth += *p == '{';
        depth -= *p == '}';
        if (depth == 0)
            return p;
    }
    return NULL;
}

static bool is_entry_type(char const *type, size_t length)
{
    static char const *const others[] = {"comment", "string", "preamble"};
    for (size_t k = 0; k < sizeof others / sizeof *others; k++) {
        size_t same = 0;
        while (same < length && tolower((unsigned char)type[same]) == others[k][same])
            same++;
        if (same == length && others[k][same] == '\0')
            return false;
    }
    return length > 0;
}

bool bl23_bibtex_next(char const **text, char const *end, struct bl23_bibtex_entry *entry)
{
    for (char const *at; (at = memchr(*text, '@', (size_t)(end - *text)));) {
        char const *p = at + 1;
        while (p < end && isalpha((unsigned char)*p))
            p++;
        size_t const type = (size_t)(p - at - 1);
        while (p < end && isspace((unsigned char)*p))
            p++;
        bool const opens = p < end && *p == '{';
        char const *const stop = opens ? closing(p, end) : at;
        if (!stop) /* nothing behind it can be told */
            break;
        *text = stop + 1;
        if (!opens || !is_entry_type(at + 1, type))
            continue;
        for (p++; p < stop && isspace((unsigned char)*p);)
            p++;
        char const *last = p;
        while (last < stop && *last != ',' && !isspace((unsigned char)*last))
            last++;
        if (last == p)
            continue;
        *entry = (struct bl23_bibtex_entry){{at, (size_t)(stop + 1 - at)}, {p, (size_t)(last - p)}};
        return true;
    }
    *text = end;
    return false;
}

struct bl23_slice bl23_bibtex_key(char const **list)
{
    *list += strspn(*list, ", ");
    struct bl23_slice key = {*list, strcspn(*list, ",")};
    *list += key.length;
    while (key.length > 0 && key.text[key.length - 1] == ' ')
        key.length--;
    return key;
}

bool bl23_bibtex_listed(struct bl23_slice key, char const *list)
{
    for (struct bl23_slice k; (k = bl23_bibtex_key(&list)).length > 0;)
        if (k.length == key.length && memcmp(k.text, key.text, key.length) == 0)
            return true;
    return false;
}

bool bl23_bibtex_shipped(struct bl23_slice key)
{
    struct bl23_embedded_file const *const file = bl23_embedded_find("citations.bib");
    char const *text = file ? (char const *)file->data : NULL;
    char const *const end = file ? text + file->size : NULL;
    for (struct bl23_bibtex_entry entry; file && bl23_bibtex_next(&text, end, &entry);)
        if (entry.key.length == key.length && memcmp(entry.key.text, key.text, key.length) == 0)
            return true;
    return false;
}
