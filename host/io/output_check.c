/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "host/io/output_check.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host/io/file_io.h"
#include "kernels/sample/error.h"

/* Is the path short enough for the longest names of files beside the output and in its run folder?
 * These are made late, so the check comes first. */
static enum bl23_status check_length(char const *path, char const *folder, struct bl23_error *error)
{
    static char const in_folder[] = ".ffffffff-2147483647-99.tmp";
    static char const below[] = ".run/segment-ffffffffffffffff-ffffffffffffffff";
    char const *const slash = strrchr(path, '/');
    size_t const name = strlen(slash ? slash + 1 : path), all = strlen(path);
    size_t const more = sizeof in_folder - 1, more_below = more + sizeof below - 1;
    long const name_max = pathconf(folder, _PC_NAME_MAX);
    if (name_max >= 0 && name + more > (size_t)name_max)
        return bl23_fail(
            error, BL23_ERROR_CONFIG,
            "output file: the name %s has %zu bytes; its folder takes names of %ld bytes, and "
            "temporary files beside it need %zu more: choose a shorter name",
            path, name, name_max, more);
    if (all + more_below < BL23_PATH_BYTES_MAX)
        return BL23_OK;
    return bl23_fail(error, BL23_ERROR_CONFIG,
                     "output file: the path %.80s... has %zu bytes and must have at most %zu, "
                     "because files beside it have longer ones: choose a shorter path",
                     path, all, BL23_PATH_BYTES_MAX - 1 - more_below);
}

/* Why no file can be at path, where no link lies, and the way out; NULL if no reason is known. */
static char const *why_not(char const *path, char const *folder)
{
    static char const absent[] = "is in a folder that does not exist; choose another folder";
    static char const closed[] = "is in a folder that cannot be read; choose another folder";
    struct stat info;
    if (path[0] == '\0' || path[strlen(path) - 1] == '/')
        return "is not the name of a file; choose another name";
    if (stat(folder, &info) != 0)
        return errno == ENOENT ? absent : closed;
    if (!S_ISDIR(info.st_mode))
        return absent;
    if (access(folder, X_OK) != 0)
        return closed;
    if (stat(path, &info) == 0 && !S_ISREG(info.st_mode))
        return "exists and is not a regular file; choose another name";
    return NULL;
}

static enum bl23_status refuse_name(char const *path, char const *target, char const *why,
                                    struct bl23_error *error)
{
    if (strcmp(path, target) == 0)
        return bl23_fail(error, BL23_ERROR_CONFIG, "output file: '%s' %s", path, why);
    return bl23_fail(error, BL23_ERROR_CONFIG, "output file: '%s' is a link to '%s', which %s",
                     path, target, why);
}

enum bl23_status bl23_path_check_name(char const *path, struct bl23_error *error)
{
    char target[BL23_PATH_BYTES_MAX], folder[BL23_PATH_BYTES_MAX];
    if (strlen(path) >= sizeof target)
        return check_length(path, ".", error);
    if (!bl23_path_target(path, target))
        return refuse_name(
            path, path, "is a link that leads in a circle, or too far; choose another name", error);
    bl23_path_folder(target, folder, sizeof folder);
    errno = 0;
    char const *const why = why_not(target, folder);
    if (bl23_errno_is_machine(errno))
        return bl23_io_failed("looking at its folder", target, error);
    if (why)
        return refuse_name(path, target, why, error);
    BL23_TRY(check_length(target, folder, error));
    return bl23_input_refuse(path, error);
}

enum bl23_status bl23_path_check_writable(char const *path, struct bl23_error *error)
{
    char target[BL23_PATH_BYTES_MAX], folder[BL23_PATH_BYTES_MAX];
    BL23_TRY(bl23_path_check_name(path, error));
    bl23_path_target(path, target);
    bl23_path_folder(target, folder, sizeof folder);
    if (access(folder, W_OK | X_OK) == 0)
        return BL23_OK;
    if (bl23_errno_is_machine(errno))
        return bl23_io_failed("looking at its folder", target, error);
    return refuse_name(path, target, "is in a folder that cannot be written; choose another folder",
                       error);
}

/* Open a file by its name, as the HDF5 library does, and write to it. */
static enum bl23_status write_by_name(char const *name, struct bl23_error *error)
{
    static char const block[4096];
    int const descriptor = open(name, O_RDWR | O_CLOEXEC);
    if (descriptor < 0)
        return bl23_io_failed("opening", name, error);
    enum bl23_status const status = bl23_file_append(descriptor, name, block, sizeof block, error);
    if (close(descriptor) != 0 && status == BL23_OK)
        return bl23_io_failed("closing", name, error);
    return status;
}

/* May the file at path be replaced? A sticky folder or an immutable file forbids it. rmdir needs
 * the same permission as rename, and never removes a file: if it is permitted, it fails with
 * ENOTDIR. */
static enum bl23_status try_replacing(char const *path, struct bl23_error *error)
{
    bool exists;
    enum bl23_status const status = bl23_path_look(path, &exists, error);
    if (status != BL23_OK || !exists || rmdir(path) == 0 || errno == ENOTDIR || errno == ENOENT)
        return status;
    return bl23_io_failed("replacing", path, error);
}

/* Replace one temporary file by another, with the same steps as for the output. */
enum bl23_status bl23_output_try(char const *path, struct bl23_error *error)
{
    struct bl23_temporary old, new;
    char target[BL23_PATH_BYTES_MAX];
    bl23_output_remember(path);
    bl23_path_target(path, target);
    BL23_TRY(try_replacing(target, error));
    BL23_TRY(bl23_temporary_make(path, &old, error));
    enum bl23_status status = BL23_OK;
    if (close(old.descriptor) != 0) /* some file systems keep what is open and replaced */
        status = bl23_io_failed("closing", old.name, error);
    if (status == BL23_OK)
        status = bl23_temporary_make(path, &new, error);
    if (status == BL23_OK) {
        memcpy(new.path, old.name, sizeof new.path);
        status = bl23_temporary_finish(&new, write_by_name(new.name, error), error);
    }
    if (unlink(old.name) != 0 && errno != ENOENT && status == BL23_OK)
        status = bl23_io_failed("removing", old.name, error);
    return status;
}

enum bl23_status bl23_path_check_free(char const *path, struct bl23_error *error)
{
    bool exists;
    BL23_TRY(bl23_path_check_writable(path, error));
    BL23_TRY(bl23_path_look(path, &exists, error));
    if (!exists)
        return bl23_output_try(path, error);
    return bl23_fail(error, BL23_ERROR_REFUSED, "'%s' exists; choose a name that is free", path);
}
