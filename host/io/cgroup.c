/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "host/io/cgroup.h"

#include <math.h>

#ifdef __linux__
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/io/file_io.h"

/* How it works. /proc/self/cgroup has a line for each hierarchy, "number:controllers:group"; number
 * 0 without controllers is version 2. /proc/self/mountinfo says which of its groups is mounted
 * where. A limit holds for a group and all below it, so that the folders from the group up to the
 * mount are looked at. */

enum { LINE_SIZE = 2 * BL23_PATH_BYTES_MAX };

/* More bytes than this are how version 1 says that there is no limit. */
static double const no_limit_bytes = 0x1p62;

/* The first two numbers of a file below root, "max" being one; false: there is none. */
static bool read_numbers(char const *root, char const *folder, char const *name, double *first,
                         double *second)
{
    char path[2 * LINE_SIZE], text[128] = "", *end;
    snprintf(path, sizeof path, "%s%s/%s", root, folder, name);
    FILE *const f = fopen(path, "r");
    bool const read = f && fgets(text, sizeof text, f);
    if (f)
        fclose(f);
    if (!read)
        return false;
    bool const unlimited = strncmp(text, "max", 3) == 0;
    *first = unlimited ? (double)INFINITY : strtod(text, &end);
    char const *const blank = strchr(text, ' ');
    *second = blank ? strtod(blank, NULL) : 0.0;
    return unlimited || end != text;
}

/* What one folder of a hierarchy limits. */
static void take_limits(char const *root, char const *folder, struct bl23_cgroup_limits *limits)
{
    double quota, period, unused;
    if (read_numbers(root, folder, "cpu.max", &quota, &period) && period > 0.0 && quota > 0.0)
        limits->processors = fmin(limits->processors, quota / period);
    if (read_numbers(root, folder, "cpu.cfs_quota_us", &quota, &unused) && quota > 0.0 &&
        read_numbers(root, folder, "cpu.cfs_period_us", &period, &unused) && period > 0.0)
        limits->processors = fmin(limits->processors, quota / period);
    double bytes;
    if (read_numbers(root, folder, "memory.max", &bytes, &unused))
        limits->memory_bytes = fmin(limits->memory_bytes, bytes);
    if (read_numbers(root, folder, "memory.limit_in_bytes", &bytes, &unused) &&
        bytes < no_limit_bytes)
        limits->memory_bytes = fmin(limits->memory_bytes, bytes);
}

/* A mounted hierarchy. */
struct mount {
    char group[BL23_PATH_BYTES_MAX];  /* what is mounted */
    char folder[BL23_PATH_BYTES_MAX]; /* where */
};

/* Blanks and the like are written as a backslash and three octal digits. */
static void decode(char *text)
{
    char *to = text;
    for (char const *from = text; *from; to++) {
        unsigned code;
        bool const escaped = *from == '\\' && sscanf(from + 1, "%3o", &code) == 1;
        *to = escaped ? (char)code : *from;
        from += escaped ? 4 : 1;
    }
    *to = '\0';
}

/* Is the word one of those between commas? */
static bool has_word(char const *list, char const *word)
{
    size_t const length = strlen(word);
    for (char const *p = list; p; p = strchr(p, ',') ? strchr(p, ',') + 1 : NULL)
        if (strncmp(p, word, length) == 0 && (p[length] == ',' || p[length] == '\0'))
            return true;
    return false;
}

/* A line of mountinfo; false unless it mounts the hierarchy with this controller, or for NULL that
 * of version 2. */
static bool parse_mount(char *line, char const *controller, struct mount *m)
{
    char kind[64], options[1024];
    char const *const tail = strstr(line, " - ");
    if (!tail || sscanf(tail, " - %63s %*s %1023s", kind, options) != 2 ||
        sscanf(line, "%*s %*s %*s %4095s %4095s", m->group, m->folder) != 2)
        return false;
    decode(m->group);
    decode(m->folder);
    return controller ? strcmp(kind, "cgroup") == 0 && has_word(options, controller)
                      : strcmp(kind, "cgroup2") == 0;
}

static bool find_mount(char const *root, char const *controller, struct mount *m)
{
    char path[LINE_SIZE], line[LINE_SIZE];
    bool found = false;
    snprintf(path, sizeof path, "%s/proc/self/mountinfo", root);
    FILE *const f = fopen(path, "r");
    while (f && !found && fgets(line, sizeof line, f)) {
        line[strcspn(line, "\n")] = '\0';
        found = parse_mount(line, controller, m);
    }
    if (f)
        fclose(f);
    return found;
}

/* The folder of the group and those above it, up to the mount. A group that is not below what is
 * mounted (of a container that sees another part) is at the mount. */
static void walk_up(char const *root, char const *group, struct mount const *m,
                    struct bl23_cgroup_limits *limits)
{
    char folder[2 * BL23_PATH_BYTES_MAX];
    size_t const above = strcmp(m->group, "/") == 0 ? 0 : strlen(m->group);
    bool const below = strncmp(group, m->group, above) == 0 && strncmp(group, "/..", 3) != 0;
    size_t const mount_length = strlen(m->folder);
    snprintf(folder, sizeof folder, "%s%s", m->folder, below ? group + above : "");
    for (size_t length = strlen(folder); length >= mount_length && length > 0;) {
        folder[length] = '\0';
        take_limits(root, folder, limits);
        char const *const slash = strrchr(folder, '/');
        length = slash ? (size_t)(slash - folder) : 0;
    }
}

/* A line of /proc/self/cgroup. */
static void follow_line(char const *root, char *line, struct bl23_cgroup_limits *limits)
{
    static char const *const used[] = {"cpu", "memory"};
    struct mount m;
    char *const controllers = strchr(line, ':');
    char *const group = controllers ? strchr(controllers + 1, ':') : NULL;
    if (!group)
        return;
    *group = '\0';
    if (controllers[1] == '\0' && find_mount(root, NULL, &m))
        walk_up(root, group + 1, &m, limits);
    for (int k = 0; k < 2; k++)
        if (has_word(controllers + 1, used[k]) && find_mount(root, used[k], &m))
            walk_up(root, group + 1, &m, limits);
}

struct bl23_cgroup_limits bl23_cgroup_limits(char const *root)
{
    struct bl23_cgroup_limits limits = {(double)INFINITY, (double)INFINITY};
    char path[LINE_SIZE], line[LINE_SIZE];
    snprintf(path, sizeof path, "%s/proc/self/cgroup", root);
    FILE *const f = fopen(path, "r");
    while (f && fgets(line, sizeof line, f)) {
        line[strcspn(line, "\n")] = '\0';
        follow_line(root, line, &limits);
    }
    if (f)
        fclose(f);
    return limits;
}

#else

struct bl23_cgroup_limits bl23_cgroup_limits(char const *root)
{
    (void)root;
    return (struct bl23_cgroup_limits){(double)INFINITY, (double)INFINITY};
}

#endif
