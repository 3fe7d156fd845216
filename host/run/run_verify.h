/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* What the folder of a run holds: the lines of all its manifests whose segments are as they say.
 * run_folder.c calls it when it opens a folder. */
#ifndef BL23_HOST_RUN_VERIFY_H
#define BL23_HOST_RUN_VERIFY_H

#include "host/run/run_folder.h"

/* The path of a name in the folder, and of the segment of a range. */
void bl23_run_folder_path(struct bl23_run_folder const *folder, char const *name,
                          char out[BL23_RUN_FILE_PATH_SIZE]);
void bl23_run_segment_path(struct bl23_run_folder const *folder, struct bl23_range range,
                           char out[BL23_RUN_FILE_PATH_SIZE]);

/* Tell the user on stderr what is damaged, and what becomes of its samples; nothing where they are
 * only counted. */
void bl23_run_report_damage(struct bl23_run_folder const *folder, char const *path,
                            char const *what);

/* Read the resolved configuration in the folder. BL23_ERROR_FAILED: it is missing or damaged. */
enum bl23_status bl23_run_load_yaml(struct bl23_run_folder const *folder, struct bl23_buffer *text,
                                    struct bl23_error *error);

/* Write folder->yaml there, with a line that says its checksum. */
enum bl23_status bl23_run_put_yaml(struct bl23_run_folder const *folder, struct bl23_error *error);

/* Does any line of any manifest, as they are now, say that the segment of this entry's range has
 * its bytes and checksum? */
bool bl23_run_has_line(struct bl23_run_folder const *folder,
                       struct bl23_manifest_entry const *entry);

/* Read the manifests of all ranks that ever worked in the folder into `committed`, and keep the
 * entries whose segments have the length and the checksum that the line says; where samples are
 * only counted, keep all. Lines and segments that are damaged are reported. BL23_ERROR_REFUSED
 * names file and line of what cannot belong to this run. */
enum bl23_status bl23_run_read_manifests(struct bl23_run_folder *folder, struct bl23_error *error);

#endif
