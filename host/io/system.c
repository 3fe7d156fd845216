/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#ifdef __linux__
#define _GNU_SOURCE /* sync_file_range, sched_getaffinity */
#endif
#include "host/io/system.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#ifdef __linux__
#include <sched.h>

enum { CLOCK_SLACK_S = 600 }; /* the clock of a file server may be another one */

void bl23_system_send(int descriptor)
{
    (void)sync_file_range(descriptor, 0, 0, SYNC_FILE_RANGE_WRITE);
}

size_t bl23_system_process_space(char *text, size_t size)
{
    ssize_t const length = readlink("/proc/self/ns/pid", text, size);
    return length > 0 ? (size_t)length : 0;
}

/* The state of a process and when it began, in ticks after the start of the system. */
static bool read_process(long process, char *state, unsigned long long *began)
{
    char path[64], text[1024];
    snprintf(path, sizeof path, "/proc/%ld/stat", process);
    FILE *const f = fopen(path, "r");
    size_t const length = f ? fread(text, 1, sizeof text - 1, f) : 0;
    if (f)
        fclose(f);
    text[length] = '\0';
    char *field = strrchr(text, ')'); /* behind it: the fields from the third on */
    bool const told = field && sscanf(field, ") %c", state) == 1;
    for (int k = 3; field && k <= 22; k++)
        field = strchr(field + 1, ' ');
    return told && field && sscanf(field, " %llu", began) == 1;
}

bool bl23_system_has_ended(long process, time_t when)
{
    char state;
    double uptime = 0.0;
    unsigned long long began;
    if (!read_process(process, &state, &began))
        return false;
    if (state == 'Z' || state == 'X')
        return true;
    FILE *const f = fopen("/proc/uptime", "r");
    bool const told = f && fscanf(f, "%lf", &uptime) == 1;
    if (f)
        fclose(f);
    double const ago = uptime - (double)began / (double)sysconf(_SC_CLK_TCK);
    return told && difftime(time(NULL), when) > ago + CLOCK_SLACK_S;
}

char *bl23_system_program(void)
{
    return realpath("/proc/self/exe", NULL);
}

bool bl23_system_is_own(char const *path)
{
    return strncmp(path, "/proc/self/fd/", 14) == 0;
}

/* The first "model name" of the processors; the others have the same. */
void bl23_system_processor_name(char *name, size_t size)
{
    char line[256];
    FILE *const f = fopen("/proc/cpuinfo", "r");
    snprintf(name, size, "unknown");
    while (f && fgets(line, sizeof line, f))
        if (strncmp(line, "model name", 10) == 0 && strchr(line, ':')) {
            snprintf(name, size, "%.120s", strchr(line, ':') + 2);
            name[strcspn(name, "\n")] = '\0';
            break;
        }
    if (f)
        fclose(f);
}

bool bl23_system_bound_to(struct bl23_processor_set *set)
{
    memset(set, 0, sizeof *set);
    return sched_getaffinity(0, sizeof set->bits, (cpu_set_t *)(void *)set->bits) == 0;
}

#else

void bl23_system_send(int descriptor)
{
    (void)descriptor;
}

size_t bl23_system_process_space(char *text, size_t size)
{
    (void)text, (void)size;
    return 0;
}

bool bl23_system_has_ended(long process, time_t when)
{
    (void)process, (void)when;
    return false;
}

char *bl23_system_program(void)
{
    errno = ENOSYS;
    return NULL;
}

bool bl23_system_is_own(char const *path)
{
    (void)path;
    return false;
}

void bl23_system_processor_name(char *name, size_t size)
{
    snprintf(name, size, "unknown");
}

bool bl23_system_bound_to(struct bl23_processor_set *set)
{
    memset(set, 0, sizeof *set);
    return false;
}

#endif

unsigned bl23_processor_set_count(struct bl23_processor_set const *set)
{
    unsigned count = 0;
    for (size_t k = 0; k < sizeof set->bits; k++)
        for (unsigned bits = set->bits[k]; bits; bits &= bits - 1)
            count++;
    return count;
}
