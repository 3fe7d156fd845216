/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* Preloaded into bl23: what other file systems do to all files below one folder.
 *   BL23_FS_UNDER   the folder
 *   BL23_FS_FLOCK   errno of every flock; 0: it succeeds and locks nothing
 *   BL23_FS_FOLDER  errno of every fsync of a folder
 *   BL23_FS_SILLY   1: an open file that is removed is called .nfs... until it is closed (NFS)
 *                   2: the same, and it stays, as if another process had it open
 *   BL23_FS_INODES  1: a file that nobody has open has another number each time
 *   BL23_FS_REPLY   1: a rename is done and says ENOENT, as when NFS loses an answer */
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { KEPT_MAX = 64 };

/* Files that were removed while they were open. */
static struct {
    dev_t device;
    ino_t inode;
    char path[PATH_MAX];
} kept[KEPT_MAX];

/* dlsym returns an object pointer; POSIX lets it be copied into a function pointer. */
#define NEXT(type, name)                                                                           \
    type *name##_next;                                                                             \
    void *const name##_symbol = dlsym(RTLD_NEXT, #name);                                           \
    memcpy(&name##_next, &name##_symbol, sizeof name##_next)

typedef int descriptor_type(int);
typedef int flock_type(int, int);
typedef int path_type(char const *);
typedef int pair_type(char const *, char const *);
typedef int stat_type(char const *, struct stat *);
typedef int unlinkat_type(int, char const *, int);

int flock(int descriptor, int operation);

static char const *setting(char const *name)
{
    char const *const text = getenv(name);
    return text && *text ? text : NULL;
}

static void descriptor_path(int descriptor, char out[PATH_MAX])
{
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
    ssize_t const n = readlink(link, out, PATH_MAX - 1);
    out[n > 0 ? n : 0] = '\0';
}

static bool below(char const *path)
{
    char const *const folder = setting("BL23_FS_UNDER");
    return folder && strncmp(path, folder, strlen(folder)) == 0;
}

static bool descriptor_below(int descriptor)
{
    char path[PATH_MAX];
    descriptor_path(descriptor, path);
    return below(path);
}

int flock(int descriptor, int operation)
{
    NEXT(flock_type, flock);
    char const *const number = setting("BL23_FS_FLOCK");
    if (!number || !descriptor_below(descriptor))
        return flock_next(descriptor, operation);
    errno = atoi(number);
    return errno == 0 ? 0 : -1;
}

int fsync(int descriptor)
{
    NEXT(descriptor_type, fsync);
    char const *const number = setting("BL23_FS_FOLDER");
    struct stat info;
    if (!number || fstat(descriptor, &info) != 0 || !S_ISDIR(info.st_mode) ||
        !descriptor_below(descriptor))
        return fsync_next(descriptor);
    errno = atoi(number);
    return -1;
}

/* Has this process the file open? */
static bool is_open(dev_t device, ino_t inode)
{
    DIR *const folder = opendir("/proc/self/fd");
    bool found = false;
    struct stat info;
    for (struct dirent const *d; folder && (d = readdir(folder));)
        found = found || (d->d_name[0] != '.' && fstat(atoi(d->d_name), &info) == 0 &&
                          info.st_dev == device && info.st_ino == inode);
    if (folder)
        closedir(folder);
    return found;
}

/* Give the file another name if it is open; false if it may be removed. */
static bool keep(char const *path)
{
    NEXT(pair_type, rename);
    static unsigned number;
    struct stat info;
    char folder[PATH_MAX];
    snprintf(folder, sizeof folder, "%s", path);
    char *const slash = strrchr(folder, '/');
    if (!setting("BL23_FS_SILLY") || !below(path) || !slash || lstat(path, &info) != 0 ||
        !S_ISREG(info.st_mode) || !is_open(info.st_dev, info.st_ino))
        return false;
    *slash = '\0';
    for (size_t k = 0; k < KEPT_MAX; k++) {
        if (kept[k].path[0])
            continue;
        kept[k].device = info.st_dev;
        kept[k].inode = info.st_ino;
        int const length = snprintf(kept[k].path, PATH_MAX, "%.3000s/.nfs%016lx%08x", folder,
                                    (unsigned long)info.st_ino, number++);
        return length > 0 && rename_next(path, kept[k].path) == 0;
    }
    return false;
}

int unlink(char const *path)
{
    NEXT(path_type, unlink);
    return keep(path) ? 0 : unlink_next(path);
}

int unlinkat(int folder, char const *name, int flags)
{
    NEXT(unlinkat_type, unlinkat);
    char path[PATH_MAX], whole[2 * PATH_MAX];
    descriptor_path(folder, path);
    snprintf(whole, sizeof whole, "%s/%s", path, name);
    return flags == 0 && keep(whole) ? 0 : unlinkat_next(folder, name, flags);
}

int rename(char const *from, char const *to)
{
    NEXT(pair_type, rename);
    keep(to);
    int const code = rename_next(from, to);
    if (code != 0 || !setting("BL23_FS_REPLY") || !below(to))
        return code;
    errno = ENOENT;
    return -1;
}

int lstat(char const *path, struct stat *info)
{
    NEXT(stat_type, lstat);
    static ino_t number = 1;
    int const code = lstat_next(path, info);
    if (code == 0 && setting("BL23_FS_INODES") && below(path) && S_ISREG(info->st_mode) &&
        !is_open(info->st_dev, info->st_ino))
        info->st_ino = number++;
    return code;
}

int close(int descriptor)
{
    NEXT(descriptor_type, close);
    NEXT(path_type, unlink);
    char const *const silly = setting("BL23_FS_SILLY");
    int const closed = close_next(descriptor), saved = errno;
    for (size_t k = 0; silly && strcmp(silly, "1") == 0 && k < KEPT_MAX; k++)
        if (kept[k].path[0] && !is_open(kept[k].device, kept[k].inode)) {
            unlink_next(kept[k].path);
            kept[k].path[0] = '\0';
        }
    errno = saved;
    return closed;
}
