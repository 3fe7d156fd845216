/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "host/run/run_names.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/io/file_io.h"

void bl23_run_path(char const *output, char path[BL23_RUN_PATH_SIZE])
{
    static char const ending[] = ".run";
    char target[BL23_PATH_BYTES_MAX];
    bl23_path_target(output, target);
    size_t const length = strlen(target), most = BL23_RUN_PATH_SIZE - sizeof ending;
    size_t const kept = length < most ? length : most; /* an output is shorter than that */
    memcpy(path, target, kept);
    memcpy(path + kept, ending, sizeof ending);
}

void bl23_run_manifest_name(int rank, char name[BL23_RUN_NAME_SIZE])
{
    if (rank == 0)
        snprintf(name, BL23_RUN_NAME_SIZE, "manifest");
    else
        snprintf(name, BL23_RUN_NAME_SIZE, "manifest.%05d", rank);
}

void bl23_run_segment_name(struct bl23_range range, char name[BL23_RUN_NAME_SIZE])
{
    snprintf(name, BL23_RUN_NAME_SIZE, "segment-%016" PRIx64 "-%016" PRIx64, range.first,
             range.count);
}

static bool is_manifest(char const *name)
{
    static char const stem[] = "manifest";
    size_t const length = sizeof stem - 1;
    char again[BL23_RUN_NAME_SIZE];
    if (strncmp(name, stem, length) != 0)
        return false;
    long const rank = name[length] == '.' ? strtol(name + length + 1, NULL, 10) : 0;
    if (rank < 0 || rank > INT32_MAX)
        return false;
    bl23_run_manifest_name((int)rank, again);
    return strcmp(name, again) == 0;
}

static bool is_segment(char const *name, struct bl23_range *range)
{
    char again[BL23_RUN_NAME_SIZE];
    if (sscanf(name, "segment-%16" SCNx64 "-%16" SCNx64, &range->first, &range->count) != 2)
        return false;
    bl23_run_segment_name(*range, again);
    return strcmp(name, again) == 0;
}

/* NFS, FUSE and AFS keep a file that is removed while it is open under such a name, and remove it
 * when it is closed. */
static bool is_leftover(char const *name)
{
    static char const *const stems[] = {".nfs", ".fuse_hidden", ".__afs"};
    for (size_t k = 0; k < sizeof stems / sizeof stems[0]; k++) {
        size_t const length = strlen(stems[k]);
        if (strncmp(name, stems[k], length) == 0 && name[length] &&
            strspn(name + length, "0123456789abcdefABCDEF") == strlen(name + length))
            return true;
    }
    return false;
}

/* The name without the ending of a temporary file; false where it has none. */
static bool cut_temporary(char const *name, char base[BL23_RUN_NAME_SIZE])
{
    char const *dot = strchr(name, '.');
    for (; dot && !bl23_temporary_is_ending(dot); dot = strchr(dot + 1, '.'))
        continue;
    size_t const length = dot ? (size_t)(dot - name) : 0;
    if (!dot || length >= BL23_RUN_NAME_SIZE)
        return false;
    memcpy(base, name, length);
    base[length] = '\0';
    return true;
}

enum bl23_run_name bl23_run_name_of(char const *name, struct bl23_range *range)
{
    char base[BL23_RUN_NAME_SIZE];
    if (strcmp(name, BL23_RUN_LOCK) == 0 || strcmp(name, BL23_RUN_RANKS_LOCK) == 0)
        return BL23_RUN_NAME_LOCK;
    if (strcmp(name, BL23_RUN_YAML) == 0)
        return BL23_RUN_NAME_YAML;
    if (is_manifest(name))
        return BL23_RUN_NAME_MANIFEST;
    if (is_segment(name, range))
        return BL23_RUN_NAME_SEGMENT;
    if (cut_temporary(name, base) && (strcmp(base, BL23_RUN_YAML) == 0 || is_segment(base, range)))
        return BL23_RUN_NAME_TEMPORARY;
    if (is_leftover(name))
        return BL23_RUN_NAME_LEFTOVER;
    return BL23_RUN_NAME_FOREIGN;
}
