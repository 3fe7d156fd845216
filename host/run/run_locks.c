/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "host/run/run_locks.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host/io/file_io.h"
#include "host/io/own_file.h"
#include "host/ranks/ranks.h"
#include "host/run/run_names.h"
#include "kernels/sample/error.h"

enum { LOCK_PATH_SIZE = BL23_RUN_PATH_SIZE + BL23_RUN_NAME_SIZE };
static char const mark[] = "bl23 run folder\n"; /* the content of the lock file */
enum { MARK_SIZE = sizeof mark - 1 };

static void lock_path(char const *folder, char const *name, char out[LOCK_PATH_SIZE])
{
    snprintf(out, LOCK_PATH_SIZE, "%s/%s", folder, name);
}

/* ---- the mark ---- */

/* The first name in the folder but for the lock file; "" where there is none. */
static enum bl23_status find_other(char const *folder, char name[NAME_MAX + 1],
                                   struct bl23_error *error)
{
    name[0] = '\0';
    DIR *const stream = opendir(folder);
    if (!stream)
        return bl23_io_failed("opening the folder", folder, error);
    struct dirent const *d;
    for (errno = 0; !name[0] && (d = readdir(stream)); errno = 0)
        if (strcmp(d->d_name, ".") != 0 && strcmp(d->d_name, "..") != 0 &&
            strcmp(d->d_name, BL23_RUN_LOCK) != 0)
            snprintf(name, NAME_MAX + 1, "%s", d->d_name);
    enum bl23_status const status =
        !name[0] && errno != 0 ? bl23_io_failed("reading the folder", folder, error) : BL23_OK;
    closedir(stream);
    return status;
}

enum bl23_status bl23_run_locks_check(char const *folder, bool *marked, struct bl23_error *error)
{
    char path[LOCK_PATH_SIZE], other[NAME_MAX + 1];
    struct bl23_buffer content = {0};
    lock_path(folder, BL23_RUN_LOCK, path);
    *marked = false;
    enum bl23_status status = bl23_file_load(path, MARK_SIZE, &content, error);
    bool const whole = status == BL23_OK && content.size == MARK_SIZE;
    bool const begun = status == BL23_OK && memcmp(content.bytes, mark, content.size) == 0;
    bool const absent = status == BL23_ERROR_FAILED && !bl23_path_exists(path);
    bl23_buffer_free(&content);
    *marked = begun && whole;
    if (*marked || (status != BL23_OK && status != BL23_ERROR_FAILED))
        return status;
    status = find_other(folder, other, error);
    if (status != BL23_OK || ((begun || absent) && !other[0]))
        return status;
    return bl23_fail(error, BL23_ERROR_REFUSED,
                     "%s holds '%s' and is not the folder of a run of this bl23; move it away, or "
                     "choose another name for the output",
                     folder, other[0] ? other : BL23_RUN_LOCK);
}

/* Into the lock file that this process holds. */
static enum bl23_status write_mark(char const *folder, int descriptor, struct bl23_error *error)
{
    char path[LOCK_PATH_SIZE];
    struct stat info;
    lock_path(folder, BL23_RUN_LOCK, path);
    if (fstat(descriptor, &info) != 0)
        return bl23_io_failed("looking at", path, error);
    if (info.st_size == MARK_SIZE)
        return BL23_OK;
    if (ftruncate(descriptor, 0) != 0)
        return bl23_io_failed("writing", path, error);
    return bl23_file_append(descriptor, path, mark, MARK_SIZE, error);
}

/* ---- locks ---- */

/* The lock of a file: BL23_ERROR_REFUSED with `found` (a sentence) when another process has it. */
static enum bl23_status lock_file(char const *folder, char const *name, int mode, char const *found,
                                  int *descriptor, struct bl23_error *error)
{
    char path[LOCK_PATH_SIZE];
    lock_path(folder, name, path);
    BL23_TRY(bl23_file_open(path, O_RDWR | O_CREAT, descriptor, error));
    if (flock(*descriptor, mode | LOCK_NB) == 0)
        return BL23_OK;
    if (errno != EWOULDBLOCK)
        return bl23_io_failed("locking", path, error);
    char const *const strangers = bl23_ranks_strangers();
    return bl23_fail(error, BL23_ERROR_REFUSED,
                     "%s: %s; an output file takes one run at a time%s%s", folder, found,
                     strangers ? "; " : "", strangers ? strangers : "");
}

enum bl23_status bl23_run_locks_take(char const *folder, struct bl23_run_locks *locks,
                                     struct bl23_error *error)
{
    BL23_TRY(lock_file(folder, BL23_RUN_LOCK, LOCK_EX,
                       "another bl23 that is running holds the lock", &locks->job, error));
    BL23_TRY(write_mark(folder, locks->job, error));
    BL23_TRY(lock_file(folder, BL23_RUN_RANKS_LOCK, LOCK_EX,
                       "a rank of another bl23 that is running holds the lock", &locks->ranks,
                       error));
    return flock(locks->ranks, LOCK_SH) == 0 ? BL23_OK : bl23_io_failed("locking", folder, error);
}

enum bl23_status bl23_run_locks_join(char const *folder, struct bl23_run_locks *locks,
                                     struct bl23_error *error)
{
    return lock_file(folder, BL23_RUN_RANKS_LOCK, LOCK_SH,
                     "another bl23 that is running holds the lock", &locks->ranks, error);
}

void bl23_run_locks_release(struct bl23_run_locks *locks)
{
    if (locks->ranks >= 0)
        close(locks->ranks);
    if (locks->job >= 0)
        close(locks->job);
    *locks = BL23_RUN_LOCKS_NONE;
}

enum bl23_status bl23_run_locks_remove(char const *folder, struct bl23_error *error)
{
    char const *const names[] = {BL23_RUN_RANKS_LOCK, BL23_RUN_LOCK};
    char path[LOCK_PATH_SIZE];
    for (int k = 0; k < 2; k++) {
        lock_path(folder, names[k], path);
        if (unlink(path) != 0 && errno != ENOENT)
            return bl23_io_failed("removing", path, error);
    }
    return BL23_OK;
}
