/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* Opens and reads files that only bl23 writes, and keeps two questions apart: is the content right,
 * and did the machine work? run_folder.c and run_locks.c call it. */
#ifndef BL23_HOST_OWN_FILE_H
#define BL23_HOST_OWN_FILE_H

#include <stdbool.h>
#include <stddef.h>

#include "kernels/sample/status.h"

/* Open a regular file of bl23's own with these flags of open(2). Nothing else that lies there is
 * opened or followed: a link, folder, FIFO, socket or device is BL23_ERROR_REFUSED, which says what
 * it is. BL23_ERROR_FAILED, without a sentence: nothing lies there, and flags do not make it.
 * BL23_ERROR_IO is another failure, with errno as it is. */
enum bl23_status bl23_file_open(char const *path, int flags, int *descriptor,
                                struct bl23_error *error);

/* Bytes that are read again and again into the same memory; owned. */
struct bl23_buffer {
    char *bytes; /* [capacity], aligned as malloc does */
    size_t size, capacity;
};

/* The whole of a regular file of bl23's own, and a NUL behind it, into the buffer, which grows as
 * it must. BL23_ERROR_FAILED: it is missing, has more than max_bytes, or became shorter while it
 * was read, so that its content is not what it should be. BL23_ERROR_IO: the machine failed, and
 * the file may be fine. BL23_ERROR_REFUSED as above. */
enum bl23_status bl23_file_load(char const *path, size_t max_bytes, struct bl23_buffer *buffer,
                                struct bl23_error *error);
void bl23_buffer_free(struct bl23_buffer *buffer);

#endif
