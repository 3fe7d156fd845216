/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "host/run_locks.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <unistd.h>

#include "host/config.h"
#include "host/file_io.h"
#include "host/ranks.h"
#include "tables/message.h"

enum { LOCK_PATH_SIZE = BL23_PATH_SIZE + 64 };
static char const job_name[] = "lock", ranks_name[] = "ranks.lock";

static void lock_path(char const *folder, char const *name, char out[LOCK_PATH_SIZE])
{
    snprintf(out, LOCK_PATH_SIZE, "%.4100s/%s", folder, name);
}

/* The lock of a file: BL23_ERROR_REFUSED with `found` when another process has it. */
static enum bl23_status lock_file(char const *folder, char const *name, int mode, char const *found,
                                  int *descriptor, struct bl23_error *error)
{
    char path[LOCK_PATH_SIZE];
    lock_path(folder, name, path);
    *descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (*descriptor < 0)
        return bl23_io_failed("creating", path, error);
    if (flock(*descriptor, mode | LOCK_NB) == 0)
        return BL23_OK;
    if (errno != EWOULDBLOCK)
        return bl23_io_failed("locking", path, error);
    char const *const strangers = bl23_ranks_strangers();
    return bl23_fail(error, BL23_ERROR_REFUSED,
                     "%s: found %s, allowed: one run per output file at a time%s%s", folder, found,
                     strangers ? "; " : "", strangers ? strangers : "");
}

enum bl23_status bl23_run_locks_take(char const *folder, struct bl23_run_locks *locks,
                                     struct bl23_error *error)
{
    enum bl23_status status = lock_file(folder, job_name, LOCK_EX,
                                        "the lock of another running bl23", &locks->job, error);
    if (status == BL23_OK)
        status =
            lock_file(folder, ranks_name, LOCK_EX,
                      "the lock of a rank of another bl23 that still runs", &locks->ranks, error);
    if (status == BL23_OK && flock(locks->ranks, LOCK_SH) != 0)
        status = bl23_io_failed("locking", folder, error);
    return status;
}

enum bl23_status bl23_run_locks_join(char const *folder, struct bl23_run_locks *locks,
                                     struct bl23_error *error)
{
    return lock_file(folder, ranks_name, LOCK_SH, "another running bl23", &locks->ranks, error);
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
    char const *const names[] = {ranks_name, job_name};
    char path[LOCK_PATH_SIZE];
    for (int k = 0; k < 2; k++) {
        lock_path(folder, names[k], path);
        if (unlink(path) != 0 && errno != ENOENT)
            return bl23_io_failed("removing", path, error);
    }
    return BL23_OK;
}
