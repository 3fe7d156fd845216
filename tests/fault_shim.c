/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* Preloaded into bl23: counts the calls that change files below one folder, or those that read
 * them, and lets one fail.
 *   BL23_FAULT_UNDER  the folder; calls on other files pass uncounted
 *   BL23_FAULT_READS  1: calls that open, look at and read files are counted instead
 *   BL23_FAULT_FLIP   1: reads alone are counted, and the one returns a wrong bit instead of
 *                     failing
 *   BL23_FAULT_AT     the number of the call that fails, from 1; 0 or absent: none
 *   BL23_FAULT_ERRNO  its errno
 *   BL23_FAULT_SIGNAL a signal that comes with this call, which does not fail then
 *   BL23_FAULT_STAYS  1: every later call that needs space fails too, like a disk that is full; of
 *                     calls that read, every later one
 *   BL23_FAULT_SHORT  1: the failing write writes half of its bytes first
 *   BL23_FAULT_LOG    a file outside the folder that gets one line per counted call */
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { OPEN_MODE = 0666 };

static atomic_long calls;

static long setting(char const *name)
{
    char const *const text = getenv(name);
    return text ? strtol(text, NULL, 10) : 0;
}

static bool below(char const *path)
{
    char const *const folder = getenv("BL23_FAULT_UNDER");
    return folder && path && strncmp(path, folder, strlen(folder)) == 0;
}

/* The path of an open descriptor. */
static bool descriptor_path(int descriptor, char out[PATH_MAX])
{
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
    ssize_t const n = readlink(link, out, PATH_MAX - 1);
    out[n > 0 ? n : 0] = '\0';
    return n > 0;
}

static bool descriptor_below(int descriptor, char path[PATH_MAX])
{
    return descriptor_path(descriptor, path) && below(path);
}

static void log_call(char const *name, char const *path, long number, bool fails)
{
    char const *const log = getenv("BL23_FAULT_LOG");
    FILE *const f = log ? fopen(log, "a") : NULL;
    if (!f)
        return;
    fprintf(f, "%ld %s %s%s\n", number, name, path, fails ? " FAILS" : "");
    fclose(f);
}

/* Count a call; true if it shall fail, with errno set. */
static bool counts(char const *name, char const *path, bool needs_space)
{
    int const saved = errno;
    long const number = atomic_fetch_add(&calls, 1) + 1, at = setting("BL23_FAULT_AT");
    bool const later = at > 0 && number > at && needs_space && setting("BL23_FAULT_STAYS");
    bool const now = number == at || later;
    int const signal_number = (int)setting("BL23_FAULT_SIGNAL");
    log_call(name, path, number, now);
    if (now && signal_number != 0)
        raise(signal_number);
    bool const failing = now && signal_number == 0;
    errno = failing ? (int)setting("BL23_FAULT_ERRNO") : saved;
    return failing;
}

static bool fails(char const *name, char const *path, bool needs_space)
{
    return !setting("BL23_FAULT_READS") && counts(name, path, needs_space);
}

/* The same of a call that reads. */
static bool reading_fails(char const *name, char const *path)
{
    return setting("BL23_FAULT_READS") && !setting("BL23_FAULT_FLIP") && counts(name, path, true);
}

/* dlsym returns an object pointer; POSIX lets it be copied into a function pointer. */
#define NEXT(type, name)                                                                           \
    type *name##_next;                                                                             \
    void *const name##_symbol = dlsym(RTLD_NEXT, #name);                                           \
    memcpy(&name##_next, &name##_symbol, sizeof name##_next)

typedef ssize_t write_type(int, void const *, size_t);
typedef ssize_t pwrite_type(int, void const *, size_t, off_t);
typedef int descriptor_type(int);
typedef int path_type(char const *);
typedef int mode_type(char const *, mode_t);
typedef int pair_type(char const *, char const *);
typedef int open_type(char const *, int, ...);
typedef int at_type(int, char const *, int, ...);
typedef int unlinkat_type(int, char const *, int);
typedef int truncate_type(int, off_t);
typedef ssize_t read_type(int, void *, size_t);
typedef ssize_t pread_type(int, void *, size_t, off_t);
typedef int stat_type(char const *, struct stat *);
typedef int fstat_type(int, struct stat *);
typedef DIR *opendir_type(char const *);
typedef struct dirent *readdir_type(DIR *);
typedef int filter_type(struct dirent const *);
typedef int order_type(struct dirent const **, struct dirent const **);
typedef int scandir_type(char const *, struct dirent ***, filter_type *, order_type *);

ssize_t write(int descriptor, void const *data, size_t size)
{
    NEXT(write_type, write);
    char path[PATH_MAX];
    if (descriptor_below(descriptor, path) && fails("write", path, true)) {
        int const saved = errno;
        if (setting("BL23_FAULT_SHORT") && size > 1)
            (void)!write_next(descriptor, data, size / 2);
        errno = saved;
        return -1;
    }
    return write_next(descriptor, data, size);
}

ssize_t pwrite(int descriptor, void const *data, size_t size, off_t offset)
{
    NEXT(pwrite_type, pwrite);
    char path[PATH_MAX];
    if (descriptor_below(descriptor, path) && fails("pwrite", path, true))
        return -1;
    return pwrite_next(descriptor, data, size, offset);
}

ssize_t pwrite64(int descriptor, void const *data, size_t size, off_t offset)
{
    return pwrite(descriptor, data, size, offset);
}

int fsync(int descriptor)
{
    NEXT(descriptor_type, fsync);
    char path[PATH_MAX];
    if (descriptor_below(descriptor, path) && fails("fsync", path, false))
        return -1;
    return fsync_next(descriptor);
}

int close(int descriptor)
{
    NEXT(descriptor_type, close);
    char path[PATH_MAX];
    bool const failing = descriptor_below(descriptor, path) && fails("close", path, false);
    int const saved = errno, closed = close_next(descriptor); /* as Linux does, even if it fails */
    if (!failing)
        return closed;
    errno = saved;
    return -1;
}

int rename(char const *from, char const *to)
{
    NEXT(pair_type, rename);
    return below(to) && fails("rename", to, true) ? -1 : rename_next(from, to);
}

int mkdir(char const *path, mode_t mode)
{
    NEXT(mode_type, mkdir);
    return below(path) && fails("mkdir", path, true) ? -1 : mkdir_next(path, mode);
}

int unlink(char const *path)
{
    NEXT(path_type, unlink);
    return below(path) && fails("unlink", path, false) ? -1 : unlink_next(path);
}

int rmdir(char const *path)
{
    NEXT(path_type, rmdir);
    return below(path) && fails("rmdir", path, false) ? -1 : rmdir_next(path);
}

int unlinkat(int folder, char const *name, int flags)
{
    NEXT(unlinkat_type, unlinkat);
    char path[PATH_MAX];
    if (descriptor_below(folder, path) && fails("unlinkat", path, false))
        return -1;
    return unlinkat_next(folder, name, flags);
}

int ftruncate(int descriptor, off_t length)
{
    NEXT(truncate_type, ftruncate);
    char path[PATH_MAX];
    if (descriptor_below(descriptor, path) && fails("ftruncate", path, true))
        return -1;
    return ftruncate_next(descriptor, length);
}

int ftruncate64(int descriptor, off_t length)
{
    return ftruncate(descriptor, length);
}

/* Opening a file to read it changes nothing. A folder is opened to be synced. */
static bool changes(int flags)
{
    return (flags & O_ACCMODE) != O_RDONLY || (flags & (O_CREAT | O_DIRECTORY)) != 0;
}

static bool open_fails(char const *name, char const *path, int flags)
{
    if (!below(path))
        return false;
    return changes(flags) ? fails(name, path, (flags & O_CREAT) != 0) : reading_fails(name, path);
}

/* The third argument of open is there only when a file may be made. */
#define OPEN_ARGUMENTS(flags, mode)                                                                \
    mode_t mode = OPEN_MODE;                                                                       \
    if ((flags)&O_CREAT) {                                                                         \
        va_list arguments;                                                                         \
        va_start(arguments, flags);                                                                \
        mode = (mode_t)va_arg(arguments, int);                                                     \
        va_end(arguments);                                                                         \
    }

int open(char const *path, int flags, ...)
{
    NEXT(open_type, open);
    OPEN_ARGUMENTS(flags, mode)
    return open_fails("open", path, flags) ? -1 : open_next(path, flags, mode);
}

int open64(char const *path, int flags, ...)
{
    NEXT(open_type, open64);
    OPEN_ARGUMENTS(flags, mode)
    return open_fails("open", path, flags) ? -1 : open64_next(path, flags, mode);
}

int openat(int folder, char const *path, int flags, ...)
{
    NEXT(at_type, openat);
    OPEN_ARGUMENTS(flags, mode)
    return open_fails("openat", path, flags) ? -1 : openat_next(folder, path, flags, mode);
}

/* ---- calls that read ---- */

/* A call that reads: does it fail? *flips: it shall return a wrong bit. */
static bool read_fails(char const *name, int descriptor, bool *flips)
{
    char path[PATH_MAX];
    *flips = false;
    if (!setting("BL23_FAULT_READS") || !descriptor_below(descriptor, path) ||
        !counts(name, path, true))
        return false;
    *flips = setting("BL23_FAULT_FLIP") != 0;
    return !*flips;
}

static ssize_t flipped(bool flips, void *data, ssize_t n)
{
    if (flips && n > 0)
        ((unsigned char *)data)[n / 2] ^= 1;
    return n;
}

ssize_t read(int descriptor, void *data, size_t size)
{
    NEXT(read_type, read);
    bool flips;
    return read_fails("read", descriptor, &flips)
               ? -1
               : flipped(flips, data, read_next(descriptor, data, size));
}

ssize_t pread(int descriptor, void *data, size_t size, off_t offset)
{
    NEXT(pread_type, pread);
    bool flips;
    return read_fails("pread", descriptor, &flips)
               ? -1
               : flipped(flips, data, pread_next(descriptor, data, size, offset));
}

ssize_t pread64(int descriptor, void *data, size_t size, off_t offset)
{
    return pread(descriptor, data, size, offset);
}

int lstat(char const *path, struct stat *info)
{
    NEXT(stat_type, lstat);
    return below(path) && reading_fails("lstat", path) ? -1 : lstat_next(path, info);
}

int stat(char const *path, struct stat *info)
{
    NEXT(stat_type, stat);
    return below(path) && reading_fails("stat", path) ? -1 : stat_next(path, info);
}

int fstat(int descriptor, struct stat *info)
{
    NEXT(fstat_type, fstat);
    char path[PATH_MAX];
    bool const failing = descriptor_below(descriptor, path) && reading_fails("fstat", path);
    return failing ? -1 : fstat_next(descriptor, info);
}

DIR *opendir(char const *path)
{
    NEXT(opendir_type, opendir);
    return below(path) && reading_fails("opendir", path) ? NULL : opendir_next(path);
}

struct dirent *readdir(DIR *folder)
{
    NEXT(readdir_type, readdir);
    char path[PATH_MAX];
    bool const failing = descriptor_below(dirfd(folder), path) && reading_fails("readdir", path);
    return failing ? NULL : readdir_next(folder);
}

int scandir(char const *path, struct dirent ***names, filter_type *filter, order_type *order)
{
    NEXT(scandir_type, scandir);
    bool const failing = below(path) && reading_fails("scandir", path);
    return failing ? -1 : scandir_next(path, names, filter, order);
}
