/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* The names of the files that bl23 puts into the folder of a run. Whatever has another name is
 * somebody else's: it is never read, written or removed.
 * run_folder.c and run_locks.c call it. */
#ifndef BL23_HOST_RUN_NAMES_H
#define BL23_HOST_RUN_NAMES_H

#include <stdbool.h>

#include "host/config/config.h"
#include "host/run/sample_range.h"

#define BL23_RUN_LOCK "lock"
#define BL23_RUN_RANKS_LOCK "ranks.lock"
#define BL23_RUN_YAML "config.yaml" /* the resolved configuration */

enum {
    BL23_RUN_NAME_SIZE = 64,
    BL23_RUN_PATH_SIZE = BL23_PATH_SIZE + 8,                          /* of the folder */
    BL23_RUN_FILE_PATH_SIZE = BL23_RUN_PATH_SIZE + BL23_RUN_NAME_SIZE /* of a file in it */
};

/* What a name in the folder stands for. */
enum bl23_run_name {
    BL23_RUN_NAME_FOREIGN,
    BL23_RUN_NAME_LOCK, /* or ranks.lock */
    BL23_RUN_NAME_YAML,
    BL23_RUN_NAME_MANIFEST,
    BL23_RUN_NAME_SEGMENT,
    BL23_RUN_NAME_TEMPORARY, /* of a configuration or segment that was being written */
    BL23_RUN_NAME_LEFTOVER   /* the file system's, of a file that was removed while it was open */
};

/* OUTPUT.run; beside the file to which OUTPUT leads, where it is a link. */
void bl23_run_path(char const *output, char path[BL23_RUN_PATH_SIZE]);

/* The manifest of a rank, and the segment of a range. */
void bl23_run_manifest_name(int rank, char name[BL23_RUN_NAME_SIZE]);
void bl23_run_segment_name(struct bl23_range range, char name[BL23_RUN_NAME_SIZE]);

/* Only exactly the names that these give and those above are bl23's. A segment's range goes into
 * *range. */
enum bl23_run_name bl23_run_name_of(char const *name, struct bl23_range *range);

#endif
