/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* The list of committed ranges and the lines that tell it: order, overlaps, gaps.
 * run_folder.c keeps one in step with its files, survey_job.c asks it what is missing.
 * It must not know where the lines are stored. */
#ifndef BL23_HOST_MANIFEST_H
#define BL23_HOST_MANIFEST_H

#include <stdbool.h>

#include "host/run/sample_range.h"
#include "kernels/sample/model.h"

/* One committed segment as its manifest line tells it. */
struct bl23_manifest_entry {
    struct bl23_range range;
    uint64_t passed, bytes, checksum;
};

/* Entries ordered by range, without overlap after bl23_manifest_drop_overlaps; owned. */
struct bl23_manifest {
    struct bl23_manifest_entry *entry;
    size_t size, capacity;
};

enum { BL23_MANIFEST_LINE_SIZE = 256 };

/* What the samples of a line were drawn by. */
struct bl23_manifest_origin {
    uint64_t config_hash;
    uint64_t sampling; /* BL23_SAMPLING_VERSION of the program */
};

/* The line of an entry with its own checksum and a line end; its length. */
size_t bl23_manifest_line(struct bl23_manifest_entry const *entry,
                          struct bl23_manifest_origin const *origin,
                          char line[BL23_MANIFEST_LINE_SIZE]);

/* Read one line, without its end; false unless bl23_manifest_line writes the very same. What it
 * says may still be impossible: bl23_manifest_fits. */
bool bl23_manifest_parse(char const *line, struct bl23_manifest_entry *entry,
                         struct bl23_manifest_origin *origin);

/* Can the entry be of a survey of so many samples? */
bool bl23_manifest_fits(struct bl23_manifest_entry const *entry, uint64_t samples);

/* Add an entry at the end; BL23_ERROR_MEMORY leaves the list as it was. */
enum bl23_status bl23_manifest_add(struct bl23_manifest *manifest,
                                   struct bl23_manifest_entry const *entry,
                                   struct bl23_error *error);

/* Order the entries by range. */
void bl23_manifest_sort(struct bl23_manifest *manifest);

/* Order the entries and forget those that overlap one before them. */
void bl23_manifest_drop_overlaps(struct bl23_manifest *manifest);

/* The entry that begins at `first`, NULL if there is none; the list must be settled. */
struct bl23_manifest_entry const *bl23_manifest_find(struct bl23_manifest const *manifest,
                                                     uint64_t first);

void bl23_manifest_remove(struct bl23_manifest *manifest, size_t number);

/* The first part of `wanted` that no entry holds; count 0 when all is there. */
struct bl23_range bl23_manifest_gap(struct bl23_manifest const *manifest, struct bl23_range wanted);

/* Samples of `wanted` that entries hold, and the survivors of all entries. */
uint64_t bl23_manifest_done(struct bl23_manifest const *manifest, struct bl23_range wanted);
uint64_t bl23_manifest_passed(struct bl23_manifest const *manifest);

void bl23_manifest_free(struct bl23_manifest *manifest);

#endif
