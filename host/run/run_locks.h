/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* Who may work in the folder of a run: one job at a time, all its ranks; and whose folder it is:
 * the content of the file `lock` is bl23's mark. run_folder.c takes and releases them. */
#ifndef BL23_HOST_RUN_LOCKS_H
#define BL23_HOST_RUN_LOCKS_H

#include <stdbool.h>

#include "kernels/sample/status.h"

/* Descriptors, -1 while not held. The job's lock is rank 0's; every rank shares the other while it
 * lives, so that no rank left over from a job that lost its rank 0 works beside a new job. */
struct bl23_run_locks {
    int job, ranks;
};

#define BL23_RUN_LOCKS_NONE ((struct bl23_run_locks){-1, -1})

/* May bl23 use this folder? It must be empty but for a lock file that was just made, or carry
 * bl23's mark: BL23_ERROR_REFUSED says what is there instead. *marked: it carries the mark. Nothing
 * is changed. */
enum bl23_status bl23_run_locks_check(char const *folder, bool *marked, struct bl23_error *error);

/* Rank 0 takes both and leaves the mark, another rank of its job joins. BL23_ERROR_REFUSED when
 * another process has one, BL23_ERROR_FAILED when another process has just removed the folder;
 * release takes what was got. Where the file system has no locks, a warning says so. */
enum bl23_status bl23_run_locks_take(char const *folder, struct bl23_run_locks *locks,
                                     struct bl23_error *error);
enum bl23_status bl23_run_locks_join(char const *folder, struct bl23_run_locks *locks,
                                     struct bl23_error *error);
void bl23_run_locks_release(struct bl23_run_locks *locks);

/* BL23_ERROR_REFUSED when a process has one of them now. Nothing stays open, and the folder may be
 * read-only. */
enum bl23_status bl23_run_locks_test(char const *folder, struct bl23_error *error);

/* Remove their files and release them. The job's lock is held until its file has gone: nobody can
 * take it and then lose it. */
enum bl23_status bl23_run_locks_remove(char const *folder, struct bl23_run_locks *locks,
                                       struct bl23_error *error);

#endif
