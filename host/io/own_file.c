/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "host/io/own_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host/io/file_io.h"
#include "kernels/sample/error.h"

static enum bl23_status refuse_other_kind(char const *path, mode_t mode, struct bl23_error *error)
{
    return bl23_fail(error, BL23_ERROR_REFUSED,
                     "%s is %s where bl23 keeps a file of its own, and was not opened; move it "
                     "away",
                     path, bl23_file_kind(mode));
}

enum bl23_status bl23_file_open(char const *path, int flags, int *descriptor,
                                struct bl23_error *error)
{
    struct stat info;
    *descriptor = -1;
    if (lstat(path, &info) == 0 && !S_ISREG(info.st_mode))
        return refuse_other_kind(path, info.st_mode, error);
    do
        *descriptor = open(path, flags | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, 0666);
    while (*descriptor < 0 && errno == EINTR);
    if (*descriptor < 0)
        return errno == ENOENT && !(flags & O_CREAT) ? BL23_ERROR_FAILED
                                                     : bl23_io_failed("opening", path, error);
    enum bl23_status status = BL23_OK;
    if (fstat(*descriptor, &info) != 0)
        status = bl23_io_failed("looking at", path, error);
    else if (!S_ISREG(info.st_mode))
        status = refuse_other_kind(path, info.st_mode, error);
    if (status == BL23_OK)
        return BL23_OK;
    close(*descriptor);
    *descriptor = -1;
    return status;
}

static enum bl23_status make_room(struct bl23_buffer *b, size_t size, char const *path,
                                  struct bl23_error *error)
{
    if (size < b->capacity)
        return BL23_OK;
    free(b->bytes);
    b->bytes = malloc(size + 1);
    b->capacity = b->bytes ? size + 1 : 0;
    return b->bytes ? BL23_OK
                    : bl23_fail(error, BL23_ERROR_MEMORY, "%s: out of memory for its %zu bytes",
                                path, size);
}

/* All bytes of an open file. */
static enum bl23_status read_whole(int descriptor, char const *path, size_t max_bytes,
                                   struct bl23_buffer *b, struct bl23_error *error)
{
    struct stat info;
    if (fstat(descriptor, &info) != 0)
        return bl23_io_failed("looking at", path, error);
    if (info.st_size < 0 || (uintmax_t)info.st_size > max_bytes)
        return BL23_ERROR_FAILED;
    size_t const size = (size_t)info.st_size;
    BL23_TRY(make_room(b, size, path, error));
    for (b->size = 0; b->size < size;) {
        ssize_t const n = read(descriptor, b->bytes + b->size, size - b->size);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return bl23_io_failed("reading", path, error);
        if (n == 0)
            return BL23_ERROR_FAILED;
        b->size += (size_t)n;
    }
    b->bytes[size] = '\0';
    return BL23_OK;
}

enum bl23_status bl23_file_load(char const *path, size_t max_bytes, struct bl23_buffer *buffer,
                                struct bl23_error *error)
{
    int descriptor;
    buffer->size = 0;
    BL23_TRY(bl23_file_open(path, O_RDONLY, &descriptor, error));
    enum bl23_status const status = read_whole(descriptor, path, max_bytes, buffer, error);
    close(descriptor);
    return status;
}

void bl23_buffer_free(struct bl23_buffer *buffer)
{
    free(buffer->bytes);
    *buffer = (struct bl23_buffer){NULL, 0, 0};
}
