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
#include "host/io/notes.h"
#include "host/io/own_file.h"
#include "host/ranks/ranks.h"
#include "host/run/run_names.h"
#include "kernels/sample/error.h"

enum { LOCK_PATH_SIZE = BL23_RUN_PATH_SIZE + BL23_RUN_NAME_SIZE };
static char const mark[] = "bl23 run folder\n"; /* the content of the lock file */
enum { MARK_SIZE = sizeof mark - 1, CHECKS = 3 };

static void lock_path(char const *folder, char const *name, char out[LOCK_PATH_SIZE])
{
    snprintf(out, LOCK_PATH_SIZE, "%s/%s", folder, name);
}

/* ---- the mark ---- */

/* The first name in the folder but for the lock file and what the file system keeps for itself; ""
 * where there is none. */
static enum bl23_status find_other(char const *folder, char name[NAME_MAX + 1],
                                   struct bl23_error *error)
{
    name[0] = '\0';
    DIR *const stream = opendir(folder);
    if (!stream)
        return bl23_io_failed("opening the folder", folder, error);
    struct dirent const *d;
    struct bl23_range range;
    for (errno = 0; !name[0] && (d = readdir(stream)); errno = 0)
        if (strcmp(d->d_name, ".") != 0 && strcmp(d->d_name, "..") != 0 &&
            strcmp(d->d_name, BL23_RUN_LOCK) != 0 &&
            bl23_run_name_of(d->d_name, &range) != BL23_RUN_NAME_LEFTOVER)
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
    enum bl23_status status = BL23_ERROR_FAILED;
    bool absent = false;
    for (int k = 0; k < CHECKS && status == BL23_ERROR_FAILED && !absent; k++) {
        status = bl23_file_load(path, MARK_SIZE, &content, error); /* it may be made just now */
        absent = status == BL23_ERROR_FAILED && !bl23_path_exists(path);
    }
    bool const whole = status == BL23_OK && content.size == MARK_SIZE;
    bool const begun = status == BL23_OK && memcmp(content.bytes, mark, content.size) == 0;
    bl23_buffer_free(&content);
    *marked = begun && whole;
    if (*marked || (status != BL23_OK && status != BL23_ERROR_FAILED))
        return status;
    status = find_other(folder, other, error);
    if (status != BL23_OK || ((begun || absent) && !other[0]))
        return status;
    if (absent && bl23_path_exists(path)) /* another bl23 has made it since */
        return bl23_run_locks_check(folder, marked, error);
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

/* Lock an open file; BL23_ERROR_REFUSED with `found` (a sentence) when another process has it.
 * Where the file system has no locks, there is one warning, and the run goes on without. */
static enum bl23_status lock_descriptor(char const *folder, int descriptor, int mode,
                                        char const *found, struct bl23_error *error)
{
    static bool noted;
    if (flock(descriptor, mode | LOCK_NB) == 0)
        return BL23_OK;
    if (errno == EWOULDBLOCK) {
        char const *const strangers = bl23_ranks_strangers();
        return bl23_fail(error, BL23_ERROR_REFUSED,
                         "%s: %s; an output file takes one run at a time%s%s", folder, found,
                         strangers ? "; " : "", strangers ? strangers : "");
    }
    if (errno != ENOLCK && !bl23_errno_is_unsupported(errno))
        return bl23_io_failed("locking", folder, error);
    if (bl23_note_is_first(&noted))
        bl23_note("warning: %s: locking failed (%s), so nothing keeps a second bl23 from working "
                  "on the same output; run only one at a time",
                  folder, bl23_errno_text(errno));
    return BL23_OK;
}

static bool lies_at(char const *path, int descriptor)
{
    struct stat there, held;
    return lstat(path, &there) == 0 && fstat(descriptor, &held) == 0 &&
           there.st_dev == held.st_dev && there.st_ino == held.st_ino;
}

/* Make and lock a file of the folder. BL23_ERROR_FAILED: another bl23 has removed it meanwhile. */
static enum bl23_status lock_file(char const *folder, char const *name, int mode, char const *found,
                                  int *descriptor, struct bl23_error *error)
{
    char path[LOCK_PATH_SIZE];
    struct bl23_error opening = {BL23_OK, ""};
    lock_path(folder, name, path);
    enum bl23_status status = bl23_file_open(path, O_RDWR | O_CREAT, descriptor, &opening);
    if (status == BL23_ERROR_IO && errno == ENOENT)
        status = BL23_ERROR_FAILED;
    else if (status != BL23_OK)
        return bl23_fail(error, status, "%s", opening.text);
    else
        BL23_TRY(lock_descriptor(folder, *descriptor, mode, found, error));
    if (status == BL23_OK && lies_at(path, *descriptor))
        return BL23_OK;
    return bl23_fail(error, BL23_ERROR_FAILED,
                     "%s was removed while it was opened; another bl23 seems to work in the same "
                     "folder: let it end, then repeat the command",
                     path);
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
    return lock_descriptor(folder, locks->ranks, LOCK_SH, "another bl23 took the lock", error);
}

enum bl23_status bl23_run_locks_join(char const *folder, struct bl23_run_locks *locks,
                                     struct bl23_error *error)
{
    return lock_file(folder, BL23_RUN_RANKS_LOCK, LOCK_SH,
                     "another bl23 that is running holds the lock", &locks->ranks, error);
}

enum bl23_status bl23_run_locks_test(char const *folder, struct bl23_error *error)
{
    char const *const names[] = {BL23_RUN_LOCK, BL23_RUN_RANKS_LOCK};
    int const modes[] = {LOCK_SH, LOCK_EX}; /* NFS has no exclusive lock of what is only read */
    char path[LOCK_PATH_SIZE];
    for (int k = 0; k < 2; k++) {
        int descriptor;
        lock_path(folder, names[k], path);
        enum bl23_status const status = bl23_file_open(path, O_RDONLY, &descriptor, error);
        if (status == BL23_ERROR_FAILED)
            continue; /* it is not there */
        BL23_TRY(status);
        bool const held = flock(descriptor, modes[k] | LOCK_NB) != 0 && errno == EWOULDBLOCK;
        close(descriptor);
        if (held)
            return bl23_fail(error, BL23_ERROR_REFUSED,
                             "%s: another bl23 that is running holds the lock; wait until it has "
                             "ended, or merge what it has with --partial",
                             folder);
    }
    return BL23_OK;
}

void bl23_run_locks_release(struct bl23_run_locks *locks)
{
    if (locks->ranks >= 0)
        close(locks->ranks);
    if (locks->job >= 0)
        close(locks->job);
    *locks = BL23_RUN_LOCKS_NONE;
}

static enum bl23_status remove_lock(char const *folder, char const *name, struct bl23_error *error)
{
    char path[LOCK_PATH_SIZE];
    lock_path(folder, name, path);
    return unlink(path) == 0 || errno == ENOENT ? BL23_OK : bl23_io_failed("removing", path, error);
}

enum bl23_status bl23_run_locks_remove(char const *folder, struct bl23_run_locks *locks,
                                       struct bl23_error *error)
{
    if (locks->ranks >= 0)
        close(locks->ranks);
    locks->ranks = -1;
    enum bl23_status status = remove_lock(folder, BL23_RUN_RANKS_LOCK, error);
    if (status == BL23_OK)
        status = remove_lock(folder, BL23_RUN_LOCK, error);
    bl23_run_locks_release(locks);
    return status;
}
