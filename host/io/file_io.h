/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* Whole files: read at once, and written so that a crash leaves the old one or the new one. Every
 * room of host/ reads and writes by it. */
#ifndef BL23_HOST_FILE_IO_H
#define BL23_HOST_FILE_IO_H

#include <stdbool.h>
#include <sys/types.h>

#include "kernels/sample/model.h"

/* A path, and its end; the name of a temporary file beside it. */
enum { BL23_PATH_BYTES_MAX = 4096, BL23_TEMPORARY_SIZE = BL23_PATH_BYTES_MAX + 64 };

/* Read the whole file, up to max_bytes, and add a NUL; the caller frees *text. BL23_ERROR_CONFIG
 * for a file that is missing, too large, not readable, or no file but a folder, FIFO or device
 * (a pipe that the process was given is read), BL23_ERROR_IO if the machine failed. The
 * file is registered as an input: no output may overwrite it. */
enum bl23_status bl23_file_read(char const *path, size_t max_bytes, char **text, size_t *length,
                                struct bl23_error *error);

/* The same for a caller that writes no outputs: nothing is registered, and threads may call it at
 * the same time. */
enum bl23_status bl23_file_read_apart(char const *path, size_t max_bytes, char **text,
                                      size_t *length, struct bl23_error *error);

/* "a folder", "a FIFO", ...; NULL for a regular file. */
char const *bl23_file_kind(mode_t mode);

/* Register the file at path, if there is one, as an input that other code reads: no output may
 * overwrite it, under any name. */
enum bl23_status bl23_input_note(char const *path, struct bl23_error *error);

/* BL23_ERROR_REFUSED if an input of this run lies at path. */
enum bl23_status bl23_input_refuse(char const *path, struct bl23_error *error);

/* XXH3 of any bytes. */
uint64_t bl23_checksum(void const *bytes, size_t size);

/* A file that will become `path`: it is written beside it, under a name no other writer uses. An
 * output that is a symbolic link stays one: its target is what is written and replaced. */
struct bl23_temporary {
    char path[BL23_TEMPORARY_SIZE];
    char name[BL23_TEMPORARY_SIZE];
    int descriptor; /* open while the file is written, by whatever means */
};

/* Make an empty one, and remove those that dead processes of this host left for the same path.
 * BL23_ERROR_REFUSED if an input of this run lies at path. */
enum bl23_status bl23_temporary_make(char const *path, struct bl23_temporary *temporary,
                                     struct bl23_error *error);

/* Remember where path leads, and what lies there now, or that nothing does. bl23_temporary_finish
 * will replace nothing else, not even with --force. */
void bl23_output_remember(char const *path);

/* If `status` is BL23_OK the file is complete: fsync it, rename it to its path, fsync the folder.
 * With another status, or if a step fails, it is removed and the path stays as it was. Returns the
 * first failure: `status`, BL23_ERROR_REFUSED if the path no longer has what was remembered,
 * BL23_ERROR_IO with step and file. */
enum bl23_status bl23_temporary_finish(struct bl23_temporary *temporary, enum bl23_status status,
                                       struct bl23_error *error);

/* Write a whole output by way of a temporary one. */
enum bl23_status bl23_file_replace(char const *path, void const *data, size_t size,
                                   struct bl23_error *error);

/* Is this the ending of a temporary file's name, behind the name of its file? */
bool bl23_temporary_is_ending(char const *ending);

/* The same of a file of bl23's own, in a folder of many, whose owner removes what dead processes
 * left; a link is replaced. */
enum bl23_status bl23_file_put(char const *path, void const *data, size_t size,
                               struct bl23_error *error);

/* BL23_ERROR_IO: a step failed at path, for the reason in errno. */
enum bl23_status bl23_io_failed(char const *step, char const *path, struct bl23_error *error);

/* strerror, also for a number that only the Linux kernel knows. */
char const *bl23_errno_text(int number);

/* Does errno say that the file system does not have this call? */
bool bl23_errno_is_unsupported(int number);

/* Is errno a failure of the machine (an I/O error, no descriptor, no memory, ...), not of the file?
 */
bool bl23_errno_is_machine(int number);

/* Write all bytes at an offset of the file, or behind what was written before. After a failure
 * errno has the reason. */
enum { BL23_BEHIND = -1 };
bool bl23_file_write(int descriptor, void const *data, size_t size, off_t offset);

/* Append `size` bytes to an open descriptor and fsync it. */
enum bl23_status bl23_file_append(int descriptor, char const *path, void const *data, size_t size,
                                  struct bl23_error *error);

/* fsync a folder, so that the names in it survive a crash. Where that does not exist, or the folder
 * may not be opened, there is one note and no failure. */
enum bl23_status bl23_folder_sync(char const *folder, struct bl23_error *error);

/* The folder part of a path ("." where there is none) into out. */
void bl23_path_folder(char const *path, char *out, size_t size);

/* Where the symbolic links at path lead, or path itself, into out. What lies there need not exist.
 * false: in a circle, or to a path that is too long; out is path. */
bool bl23_path_target(char const *path, char out[BL23_PATH_BYTES_MAX]);

bool bl23_path_exists(char const *path);

/* Is the file at path HDF5, by its first bytes? */
bool bl23_file_is_hdf5(char const *path);

/* Does something lie where path leads? BL23_ERROR_IO if that cannot be found out. */
enum bl23_status bl23_path_look(char const *path, bool *exists, struct bl23_error *error);

/* Do both names lead to the same existing file? */
bool bl23_path_same(char const *a, char const *b);

#endif
