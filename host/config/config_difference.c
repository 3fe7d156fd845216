/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "host/config/config_difference.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* Keys that are told; characters of a value; how much of what is equal stands before a difference
 * deep in a long line. */
enum { TOLD = 3, VALUE = 44, BEFORE = 20 };

/* A stretch of a text. */
struct span {
    char const *begin, *end;
};

/* A key of a section with its value, which may go on over deeper lines. */
struct entry {
    struct span section, key, value;
};

static size_t length(struct span s)
{
    return (size_t)(s.end - s.begin);
}

static bool same(struct span a, struct span b)
{
    return length(a) == length(b) && memcmp(a.begin, b.begin, length(a)) == 0;
}

static char const *after_line(char const *p)
{
    p += strcspn(p, "\n");
    return *p ? p + 1 : p;
}

/* The next key after *at, which is moved behind it; e->section is the last one met. */
static bool next_entry(char const **at, struct entry *e)
{
    char const *p = *at;
    for (; *p && strspn(p, " ") != 2; p = after_line(p))
        if (*p != ' ')
            e->section = (struct span){p, p + strcspn(p, ":\n")};
    if (!*p)
        return false;
    e->key = (struct span){p + 2, p + strcspn(p, ":\n")};
    e->value.begin = e->key.end + (*e->key.end == ':');
    p = after_line(p);
    while (strspn(p, " ") > 2)
        p = after_line(p);
    e->value.end = *at = p;
    return true;
}

/* The entry of that section and key. */
static bool find(char const *text, struct entry const *like, struct entry *e)
{
    *e = (struct entry){.section = {text, text}};
    while (next_entry(&text, e))
        if (same(e->section, like->section) && same(e->key, like->key))
            return true;
    return false;
}

static size_t equal_characters(struct span a, struct span b)
{
    size_t n = 0;
    while (n < length(a) && n < length(b) && a.begin[n] == b.begin[n])
        n++;
    return n;
}

/* The line of a value in which it begins to differ, or what is left of it. */
static void print_value(struct span value, size_t equal, char out[VALUE + 8])
{
    char const *line = value.begin + equal;
    while (line > value.begin && line[-1] != '\n')
        line--;
    while (line < value.end && strchr(" \n", *line))
        line++;
    bool const deep = value.begin + equal > line + VALUE / 2;
    char const *const from = deep ? value.begin + equal - BEFORE : line;
    size_t const rest = from < value.end ? strcspn(from, "\n") : 0;
    size_t const shown = rest < VALUE ? rest : VALUE;
    if (rest == 0)
        snprintf(out, VALUE + 8, "nothing");
    else
        snprintf(out, VALUE + 8, "%s%.*s%s", deep ? "..." : "", (int)shown, from,
                 rest > VALUE ? "..." : "");
}

/* What is said so far. */
struct account {
    char *text;
    size_t used;
    int keys;
};

static void tell(struct account *a, struct entry const *e, struct span found, struct span wanted)
{
    char values[2][VALUE + 8];
    size_t const room = BL23_DIFFERENCE_SIZE - a->used;
    if (++a->keys > TOLD)
        return;
    size_t const equal = equal_characters(found, wanted);
    print_value(found, equal, values[0]);
    print_value(wanted, equal, values[1]);
    int const n = snprintf(a->text + a->used, room, "%s%.*s.%.*s is %s, not %s",
                           a->keys > 1 ? "; " : "", (int)length(e->section), e->section.begin,
                           (int)length(e->key), e->key.begin, values[0], values[1]);
    a->used += (size_t)n < room ? (size_t)n : room - 1;
}

void bl23_config_difference(char const *found, char const *wanted, char text[BL23_DIFFERENCE_SIZE])
{
    static char const nothing[] = "";
    struct span const absent = {nothing, nothing};
    struct account a = {.text = text};
    struct entry e = {.section = {found, found}}, other;
    text[0] = '\0';
    for (char const *at = found; next_entry(&at, &e);) {
        bool const there = find(wanted, &e, &other);
        if (!there || !same(e.value, other.value))
            tell(&a, &e, e.value, there ? other.value : absent);
    }
    e.section = (struct span){wanted, wanted};
    for (char const *at = wanted; next_entry(&at, &e);)
        if (!find(found, &e, &other))
            tell(&a, &e, absent, e.value);
    if (a.keys > TOLD)
        snprintf(text + a.used, BL23_DIFFERENCE_SIZE - a.used, "; and %d more key%s", a.keys - TOLD,
                 a.keys - TOLD == 1 ? "" : "s");
    if (a.keys == 0)
        snprintf(text, BL23_DIFFERENCE_SIZE, "%s",
                 strcmp(found, wanted) == 0 ? "the same keys, other tables"
                                            : "its text differs beside the keys");
}
