/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* Whole files: read at once, and written so that a crash leaves the old one or the new one.
 * Configuration, commands and the store call it.
 * It must not know what is in a file. */
#ifndef BL23_HOST_FILE_IO_H
#define BL23_HOST_FILE_IO_H

#include <stdbool.h>

#include "kernels/sample/model.h"

/* A path, and its end; the name of a temporary file beside it. */
enum { BL23_PATH_BYTES_MAX = 4096, BL23_TEMPORARY_SIZE = BL23_PATH_BYTES_MAX + 64 };

/* The whole file, up to max_bytes, with a NUL behind it; the caller frees *text. A file that is
 * missing, too large or may not be read is BL23_ERROR_CONFIG, a read that the machine fails
 * BL23_ERROR_IO. It is an input of this run from here on. */
enum bl23_status bl23_file_read(char const *path, size_t max_bytes, char **text, size_t *length,
                                struct bl23_error *error);

/* The file at path, if there is one, is an input of this run that others read: no output takes its
 * place, by whatever name. */
enum bl23_status bl23_input_note(char const *path, struct bl23_error *error);

/* BL23_ERROR_REFUSED where an input of this run lies at path. */
enum bl23_status bl23_input_refuse(char const *path, struct bl23_error *error);

/* XXH3 of any bytes. */
uint64_t bl23_checksum(void const *bytes, size_t size);

/* A file that becomes `path`: written beside it, under a name that no other writer has. */
struct bl23_temporary {
    char const *path;
    char name[BL23_TEMPORARY_SIZE];
    int descriptor; /* open while the file is written, by whatever means */
};

/* Make an empty one. Those that writers of the same path on this host left, and died, are removed.
 * BL23_ERROR_REFUSED where an input of this run lies at path. */
enum bl23_status bl23_temporary_make(char const *path, struct bl23_temporary *temporary,
                                     struct bl23_error *error);

/* Remember what lies at path now, or that nothing does: bl23_temporary_finish replaces nothing else
 * there, be it with --force or not. */
void bl23_output_remember(char const *path);

/* With BL23_OK the file is complete: fsync, rename to its path, fsync the folder.
 * BL23_ERROR_REFUSED where something else lies at a path that was remembered. With another status,
 * or if a step fails, it is removed and the path is what it was. Returns the status of all;
 * BL23_ERROR_IO names the step and the file. */
enum bl23_status bl23_temporary_finish(struct bl23_temporary *temporary, enum bl23_status status,
                                       struct bl23_error *error);

/* A whole file by way of a temporary one. */
enum bl23_status bl23_file_replace(char const *path, void const *data, size_t size,
                                   struct bl23_error *error);

/* Is this the ending that a temporary file adds to the name of its file? */
bool bl23_temporary_is_ending(char const *ending);

/* The same in a folder of many files, whose owner removes what dead writers leave. */
enum bl23_status bl23_file_put(char const *path, void const *data, size_t size,
                               struct bl23_error *error);

/* BL23_ERROR_IO: a step failed for the file or folder at path, with errno as it is. */
enum bl23_status bl23_io_failed(char const *step, char const *path, struct bl23_error *error);

/* Does errno speak of the machine (an I/O error, no descriptor, no memory, ...), not of the file?
 */
bool bl23_errno_is_machine(int number);

/* Let the disk begin with what has been written, so that the final fsync finds little left to do.
 * Advice only: where it is not to be had, nothing is lost. */
void bl23_file_send(int descriptor);

/* Append `size` bytes to an open descriptor and fsync it. */
enum bl23_status bl23_file_append(int descriptor, char const *path, void const *data, size_t size,
                                  struct bl23_error *error);

/* fsync a folder, so that the names in it survive a crash. */
enum bl23_status bl23_folder_sync(char const *folder, struct bl23_error *error);

/* The folder part of a path ("." where there is none) into out. */
void bl23_path_folder(char const *path, char *out, size_t size);

bool bl23_path_exists(char const *path);

/* Does something lie at path? BL23_ERROR_IO where that cannot be told. */
enum bl23_status bl23_path_look(char const *path, bool *exists, struct bl23_error *error);

/* Do both names lead to the same existing file? */
bool bl23_path_same(char const *a, char const *b);

#endif
