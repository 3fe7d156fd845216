/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* Preloaded into bl23: other arithmetic than the default one, and memory that cannot be had.
 *   BL23_ROUNDING    up, down or zero: rounding of the main thread, as a library may leave it
 *   BL23_MEMORY_AT   the number of the allocation that fails, from 1; 0: none; only those that main
 *                    makes in the program and in some libraries count
 *   BL23_MEMORY_LOG  a file that gets the number of allocations at the end */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fenv.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *memory, size_t size);

static atomic_long calls;
static atomic_bool counts;
static long at;

__attribute__((constructor)) static void begin(void)
{
    char const *const rounding = getenv("BL23_ROUNDING"), *const number = getenv("BL23_MEMORY_AT");
    if (rounding && strcmp(rounding, "up") == 0)
        fesetround(FE_UPWARD);
    else if (rounding && strcmp(rounding, "down") == 0)
        fesetround(FE_DOWNWARD);
    else if (rounding && strcmp(rounding, "zero") == 0)
        fesetround(FE_TOWARDZERO);
    at = number ? strtol(number, NULL, 10) : 0;
}

/* What is linked into the program may allocate before main and after it, and end by a signal. */
typedef int main_type(int, char **, char **);
static main_type *real_main;

static int counting_main(int argc, char **argv, char **environment)
{
    counts = getenv("BL23_MEMORY_AT") != NULL;
    int const code = real_main(argc, argv, environment);
    counts = false;
    return code;
}

typedef int start_type(main_type *, int, char **, void (*)(void), void (*)(void), void (*)(void),
                       void *);
int __libc_start_main(main_type *program, int argc, char **argv, void (*init)(void),
                      void (*fini)(void), void (*rtld_fini)(void), void *stack_end);

int __libc_start_main(main_type *program, int argc, char **argv, void (*init)(void),
                      void (*fini)(void), void (*rtld_fini)(void), void *stack_end)
{
    start_type *next;
    void *const symbol = dlsym(RTLD_NEXT, "__libc_start_main");
    memcpy(&next, &symbol, sizeof next);
    real_main = program;
    return next(counting_main, argc, argv, init, fini, rtld_fini, stack_end);
}

__attribute__((destructor)) static void end(void)
{
    char const *const path = getenv("BL23_MEMORY_LOG");
    counts = false;
    FILE *const f = path ? fopen(path, "w") : NULL;
    if (!f)
        return;
    fprintf(f, "%ld\n", (long)calls);
    fclose(f);
}

#ifndef __SANITIZE_ADDRESS__ /* which has an allocator of its own */
/* Does the call that returns to this address fail? */
static bool fails(void *caller)
{
    Dl_info info;
    if (!counts || dladdr(caller, &info) == 0)
        return false;
    char const *const slash = strrchr(info.dli_fname, '/');
    char const *const name = slash ? slash + 1 : info.dli_fname;
    static char const *const counted[] = {"bl23", "libjansson", "libyaml", "libgsl"};
    bool ours = false;
    for (size_t k = 0; k < sizeof counted / sizeof counted[0]; k++)
        ours = ours || strncmp(name, counted[k], strlen(counted[k])) == 0;
    if (!ours)
        return false;
    bool const now = atomic_fetch_add(&calls, 1) + 1 == at;
    errno = now ? ENOMEM : errno;
    return now;
}

void *malloc(size_t size)
{
    return fails(__builtin_return_address(0)) ? NULL : __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
    return fails(__builtin_return_address(0)) ? NULL : __libc_calloc(count, size);
}

void *realloc(void *memory, size_t size)
{
    return fails(__builtin_return_address(0)) ? NULL : __libc_realloc(memory, size);
}
#endif
