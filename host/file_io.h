/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* Whole files: read at once, and written so that a crash leaves the old one or the new one.
 * Configuration, commands and the store call it.
 * It must not know what is in a file. */
#ifndef BL23_HOST_FILE_IO_H
#define BL23_HOST_FILE_IO_H

#include <stdbool.h>

#include "kernels/model.h"

/* The whole file, up to max_bytes, with a NUL behind it; the caller frees *text. A missing or too
 * large file is BL23_ERROR_CONFIG. */
enum bl23_status bl23_file_read(char const *path, size_t max_bytes, char **text, size_t *length,
                                struct bl23_error *error);

/* XXH3 of any bytes. */
uint64_t bl23_checksum(void const *bytes, size_t size);

/* Bytes that are read again and again into the same memory; owned. */
struct bl23_buffer {
    char *bytes; /* [capacity], aligned as malloc does */
    size_t size, capacity;
};

/* The whole file into the buffer, which grows as it must. */
enum bl23_status bl23_file_load(char const *path, struct bl23_buffer *buffer,
                                struct bl23_error *error);
void bl23_buffer_free(struct bl23_buffer *buffer);

/* Write PATH.tmp, fsync, rename to PATH, fsync the folder; every step is checked, and on failure
 * PATH is what it was. BL23_ERROR_IO names the step and the file. */
enum bl23_status bl23_file_replace(char const *path, void const *data, size_t size,
                                   struct bl23_error *error);

/* Put a complete file in place: fsync it, rename it to PATH, fsync the folder. */
enum bl23_status bl23_file_publish(char const *temporary, char const *path,
                                   struct bl23_error *error);

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

/* Can a file be made or replaced at path? BL23_ERROR_CONFIG says why not. */
enum bl23_status bl23_path_check_writable(char const *path, struct bl23_error *error);

bool bl23_path_exists(char const *path);

/* The same, and nothing is there yet: BL23_ERROR_REFUSED names option -o. */
enum bl23_status bl23_path_check_free(char const *path, struct bl23_error *error);

/* Do both names lead to the same existing file? */
bool bl23_path_same(char const *a, char const *b);

#endif
