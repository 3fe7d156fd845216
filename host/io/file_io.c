/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "host/io/file_io.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <xxhash.h>

#include "host/io/notes.h"
#include "host/io/system.h"
#include "kernels/sample/error.h"

uint64_t bl23_checksum(void const *bytes, size_t size)
{
    return XXH3_64bits(bytes, size);
}

/* ENOTSUPP, an error of the Linux kernel that has no name outside of it; NFS lets it through. */
enum { KERNEL_NOT_SUPPORTED = 524 };

char const *bl23_errno_text(int number)
{
    return strerror(number == KERNEL_NOT_SUPPORTED ? EOPNOTSUPP : number);
}

enum bl23_status bl23_io_failed(char const *step, char const *path, struct bl23_error *error)
{
    int const saved = errno; /* strerror may open files of its own */
    bl23_fail(error, BL23_ERROR_IO, "%s: %s failed (%s)", path, step, bl23_errno_text(saved));
    errno = saved;
    return BL23_ERROR_IO;
}

/* ---- the files that this run has read ---- */

/* Identifies a file, whatever links and spellings lead to it. */
struct file_identity {
    dev_t device;
    ino_t inode;
};

static struct {
    struct file_identity *file; /* [size], for as long as the process lives */
    size_t size, capacity;
} inputs;

static bool is_input(struct stat const *info)
{
    for (size_t k = 0; k < inputs.size; k++)
        if (inputs.file[k].device == info->st_dev && inputs.file[k].inode == info->st_ino)
            return true;
    return false;
}

static enum bl23_status note_input(struct stat const *info, char const *path,
                                   struct bl23_error *error)
{
    if (is_input(info))
        return BL23_OK;
    if (inputs.size == inputs.capacity) {
        size_t const capacity = 2 * inputs.capacity + 16;
        void *const grown = realloc(inputs.file, capacity * sizeof *inputs.file);
        if (!grown)
            return bl23_fail(error, BL23_ERROR_MEMORY, "%s: out of memory", path);
        inputs.file = grown;
        inputs.capacity = capacity;
    }
    inputs.file[inputs.size++] = (struct file_identity){info->st_dev, info->st_ino};
    return BL23_OK;
}

enum bl23_status bl23_input_note(char const *path, struct bl23_error *error)
{
    struct stat info;
    if (stat(path, &info) != 0) /* whoever reads it says so */
        return BL23_OK;
    return note_input(&info, path, error);
}

enum bl23_status bl23_input_refuse(char const *path, struct bl23_error *error)
{
    struct stat info;
    if (stat(path, &info) != 0 || !is_input(&info))
        return BL23_OK;
    return bl23_fail(error, BL23_ERROR_REFUSED,
                     "output file: '%s' is an input of this run; choose another name", path);
}

/* ---- reading ---- */

static bool is_one_of(int number, int const *numbers, size_t n)
{
    bool found = false;
    for (size_t k = 0; k < n; k++)
        found = found || number == numbers[k];
    return found;
}

bool bl23_errno_is_machine(int number)
{
    static int const machine[] = {EIO, EMFILE, ENFILE, ENOMEM, ESTALE, EINTR};
    return is_one_of(number, machine, sizeof machine / sizeof machine[0]);
}

bool bl23_errno_is_unsupported(int number)
{
    static int const unsupported[] = {ENOSYS,     EINVAL,  ENOTTY,
                                      EOPNOTSUPP, ENOTSUP, KERNEL_NOT_SUPPORTED};
    return is_one_of(number, unsupported, sizeof unsupported / sizeof unsupported[0]);
}

/* BL23_ERROR_CONFIG if another file should have been named, BL23_ERROR_IO if the machine failed. */
static enum bl23_status read_failed(char const *step, char const *path, struct bl23_error *error)
{
    if (bl23_errno_is_machine(errno))
        return bl23_io_failed(step, path, error);
    bool const forbidden = errno == EACCES || errno == EPERM;
    return bl23_fail(error, BL23_ERROR_CONFIG, "%s cannot be read (%s)%s", path, strerror(errno),
                     forbidden ? "; permit it, or name another file" : "");
}

static enum bl23_status read_stream(FILE *stream, char const *path, size_t max_bytes, char **text,
                                    size_t *length, struct bl23_error *error)
{
    size_t capacity = 4096, size = 0;
    char *buffer = NULL, *grown;
    enum bl23_status status = BL23_OK;
    while ((grown = realloc(buffer, capacity + 1))) {
        buffer = grown;
        size += fread(buffer + size, 1, capacity - size, stream);
        if (size < capacity || size > max_bytes)
            break;
        capacity *= 2;
    }
    if (!grown) {
        free(buffer);
        return bl23_fail(error, BL23_ERROR_MEMORY, "%s: out of memory", path);
    }
    if (size > max_bytes)
        status = bl23_fail(error, BL23_ERROR_CONFIG,
                           "%s has more than %zu bytes, the maximum size of such a file", path,
                           max_bytes);
    else if (ferror(stream))
        status = read_failed("reading", path, error);
    if (status != BL23_OK) {
        free(buffer);
        return status;
    }
    buffer[size] = '\0';
    *text = buffer;
    *length = size;
    return BL23_OK;
}

char const *bl23_file_kind(mode_t mode)
{
    return S_ISREG(mode)    ? NULL
           : S_ISLNK(mode)  ? "a symbolic link"
           : S_ISDIR(mode)  ? "a folder"
           : S_ISFIFO(mode) ? "a FIFO"
           : S_ISSOCK(mode) ? "a socket"
                            : "a device";
}

/* A pipe that this process was given, such as <(...) in a shell: somebody is writing it. */
static bool is_own_pipe(char const *path, mode_t mode)
{
    return S_ISFIFO(mode) && (strncmp(path, "/dev/", 5) == 0 || bl23_system_is_own(path));
}

/* Open what can be read to its end: nothing that waits for somebody, and no folder. */
static enum bl23_status open_stream(char const *path, FILE **stream, struct stat *info,
                                    struct bl23_error *error)
{
    int const descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (descriptor < 0)
        return read_failed("opening", path, error);
    enum bl23_status status = BL23_OK;
    if (fstat(descriptor, info) != 0)
        status = read_failed("looking at it", path, error);
    else if (bl23_file_kind(info->st_mode) && !is_own_pipe(path, info->st_mode))
        status = bl23_fail(error, BL23_ERROR_CONFIG, "%s cannot be read (it is %s)", path,
                           bl23_file_kind(info->st_mode));
    else if (fcntl(descriptor, F_SETFL, 0) != 0 || !(*stream = fdopen(descriptor, "rb")))
        status = read_failed("opening", path, error);
    if (status != BL23_OK)
        close(descriptor);
    return status;
}

static enum bl23_status read_file(char const *path, size_t max_bytes, bool noted, char **text,
                                  size_t *length, struct bl23_error *error)
{
    if (path[0] == '\0')
        return bl23_fail(error, BL23_ERROR_CONFIG, "the name of a file must not be empty");
    FILE *stream = NULL;
    struct stat info;
    BL23_TRY(open_stream(path, &stream, &info, error));
    enum bl23_status status = noted ? note_input(&info, path, error) : BL23_OK;
    if (status == BL23_OK)
        status = read_stream(stream, path, max_bytes, text, length, error);
    fclose(stream);
    return status;
}

enum bl23_status bl23_file_read(char const *path, size_t max_bytes, char **text, size_t *length,
                                struct bl23_error *error)
{
    return read_file(path, max_bytes, true, text, length, error);
}

enum bl23_status bl23_file_read_apart(char const *path, size_t max_bytes, char **text,
                                      size_t *length, struct bl23_error *error)
{
    return read_file(path, max_bytes, false, text, length, error);
}

/* ---- writing ---- */

bool bl23_file_write(int descriptor, void const *data, size_t size, off_t offset)
{
    for (char const *p = data; size > 0;) {
        ssize_t const written =
            offset < 0 ? write(descriptor, p, size) : pwrite(descriptor, p, size, offset);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return false;
        p += written;
        size -= (size_t)written;
        offset += offset < 0 ? 0 : written;
    }
    return true;
}

static enum bl23_status write_all(int descriptor, char const *path, void const *data, size_t size,
                                  struct bl23_error *error)
{
    return bl23_file_write(descriptor, data, size, BL23_BEHIND)
               ? BL23_OK
               : bl23_io_failed("writing", path, error);
}

enum bl23_status bl23_file_append(int descriptor, char const *path, void const *data, size_t size,
                                  struct bl23_error *error)
{
    BL23_TRY(write_all(descriptor, path, data, size, error));
    return fsync(descriptor) == 0 ? BL23_OK : bl23_io_failed("fsync", path, error);
}

/* Many file systems cannot sync a folder, and one that may not be read cannot be opened for it: the
 * files in it are as safe as this system makes them. */
static enum bl23_status sync_failed(char const *step, char const *folder, bool unsupported,
                                    struct bl23_error *error)
{
    static bool noted;
    int const number = errno;
    if (!unsupported)
        return bl23_io_failed(step, folder, error);
    if (bl23_note_is_first(&noted))
        bl23_note("note: %s: %s failed (%s); should this machine crash, the newest files may be "
                  "missing there",
                  folder, step, bl23_errno_text(number));
    return BL23_OK;
}

enum bl23_status bl23_folder_sync(char const *folder, struct bl23_error *error)
{
    int const descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0)
        return sync_failed("opening the folder", folder,
                           errno == EACCES || bl23_errno_is_unsupported(errno), error);
    int const synced = fsync(descriptor);
    int const saved = errno;
    if (close(descriptor) != 0 && synced == 0)
        return bl23_io_failed("closing the folder", folder, error);
    errno = saved;
    return synced == 0 ? BL23_OK
                       : sync_failed("fsync of the folder", folder,
                                     bl23_errno_is_unsupported(saved), error);
}

/* ---- temporary files ---- */

enum { ENDING_SIZE = 64 };

/* Host and process namespace, in which a process number is unique. */
static unsigned this_host(void)
{
    char name[512] = "";
    gethostname(name, 255);
    size_t const length = strlen(name);
    size_t const more = bl23_system_process_space(name + length, sizeof name - length);
    return (unsigned)bl23_checksum(name, length + more);
}

/* Who made a temporary file. */
struct maker {
    unsigned host, number;
    long process;
};

static void format_ending(struct maker m, char ending[ENDING_SIZE])
{
    snprintf(ending, ENDING_SIZE, ".%08x-%ld-%u.tmp", m.host, m.process, m.number);
}

static bool parse_ending(char const *ending, struct maker *m)
{
    char again[ENDING_SIZE];
    if (sscanf(ending, ".%8x-%ld-%u.tmp", &m->host, &m->process, &m->number) != 3)
        return false;
    format_ending(*m, again);
    return strcmp(ending, again) == 0;
}

bool bl23_temporary_is_ending(char const *ending)
{
    struct maker m;
    return parse_ending(ending, &m);
}

/* Is it a temporary file of `base`, of a process that has ended on this host? */
static bool is_orphan(int folder, char const *name, char const *base, unsigned host)
{
    size_t const length = strlen(base);
    struct maker m;
    struct stat info;
    if (strncmp(name, base, length) != 0 || !parse_ending(name + length, &m) || m.host != host ||
        m.process <= 0)
        return false;
    if (kill((pid_t)m.process, 0) != 0)
        return errno == ESRCH;
    return m.process != (long)getpid() && fstatat(folder, name, &info, AT_SYMLINK_NOFOLLOW) == 0 &&
           bl23_system_has_ended(m.process, info.st_mtime);
}

static void remove_orphans(char const *path)
{
    char const *const slash = strrchr(path, '/'), *const base = slash ? slash + 1 : path;
    char folder_path[BL23_TEMPORARY_SIZE];
    bl23_path_folder(path, folder_path, sizeof folder_path);
    DIR *const folder = opendir(folder_path);
    unsigned const host = this_host();
    for (struct dirent const *d; folder && (d = readdir(folder));)
        if (is_orphan(dirfd(folder), d->d_name, base, host))
            unlinkat(dirfd(folder), d->d_name, 0);
    if (folder)
        closedir(folder);
}

static enum bl23_status make_temporary(char const *path, struct bl23_temporary *t,
                                       struct bl23_error *error)
{
    enum { TRIES = 100 };
    struct maker m = {.host = this_host(), .process = (long)getpid()};
    *t = (struct bl23_temporary){.descriptor = -1};
    snprintf(t->path, sizeof t->path, "%s", path);
    for (; m.number < TRIES && t->descriptor < 0; m.number++) {
        char ending[ENDING_SIZE];
        format_ending(m, ending);
        int const length = snprintf(t->name, sizeof t->name, "%s%s", path, ending);
        if ((size_t)length >= sizeof t->name) {
            errno = ENAMETOOLONG;
            return bl23_io_failed("creating a file beside it", path, error);
        }
        t->descriptor = open(t->name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        if (t->descriptor < 0 && errno != EEXIST)
            break;
    }
    return t->descriptor >= 0 ? BL23_OK : bl23_io_failed("creating", t->name, error);
}

/* What lay at the paths of the outputs when the command began; `plane` has two. */
static struct remembered {
    char path[BL23_PATH_BYTES_MAX], target[BL23_PATH_BYTES_MAX];
    bool exists;
    struct stat info;
} outputs[2];
enum { OUTPUTS = sizeof outputs / sizeof outputs[0] };

void bl23_output_remember(char const *path)
{
    int k = 0;
    while (k < OUTPUTS - 1 && outputs[k].path[0] && strcmp(outputs[k].path, path) != 0)
        k++;
    if (strlen(path) >= sizeof outputs[k].path)
        return;
    memcpy(outputs[k].path, path, strlen(path) + 1);
    bl23_path_target(path, outputs[k].target);
    outputs[k].exists = lstat(outputs[k].target, &outputs[k].info) == 0;
}

/* Where an output goes: as when the command began, also if the link leads elsewhere now. */
static void find_target(char const *path, char target[BL23_PATH_BYTES_MAX])
{
    bl23_path_target(path, target);
    for (int k = 0; k < OUTPUTS; k++)
        if (strcmp(path, outputs[k].path) == 0)
            memcpy(target, outputs[k].target, BL23_PATH_BYTES_MAX);
}

enum bl23_status bl23_temporary_make(char const *path, struct bl23_temporary *t,
                                     struct bl23_error *error)
{
    char target[BL23_PATH_BYTES_MAX];
    BL23_TRY(bl23_input_refuse(path, error));
    find_target(path, target);
    remove_orphans(target);
    return make_temporary(target, t, error);
}

static bool is_same_time(struct timespec a, struct timespec b)
{
    return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
}

/* Some file systems of a network give the same file another number later, but not other times. */
static bool is_same_file(struct stat const *a, struct stat const *b)
{
    bool const numbered = a->st_dev == b->st_dev && a->st_ino == b->st_ino;
    return a->st_size == b->st_size && is_same_time(a->st_mtim, b->st_mtim) &&
           (numbered || is_same_time(a->st_ctim, b->st_ctim));
}

/* Refuse to replace anything but what lay there when the command began. A file that was written
 * since is another one. If the old file has gone, nothing can be lost. */
static enum bl23_status refuse_another(char const *path, struct bl23_error *error)
{
    struct stat now;
    int k = 0;
    while (k < OUTPUTS && strcmp(path, outputs[k].target) != 0)
        k++;
    if (k == OUTPUTS)
        return BL23_OK;
    if (lstat(path, &now) != 0)
        return errno == ENOENT ? BL23_OK : bl23_io_failed("looking at", path, error);
    if (outputs[k].exists && is_same_file(&now, &outputs[k].info))
        return BL23_OK;
    return bl23_fail(error, BL23_ERROR_REFUSED,
                     "%s has appeared or changed since this command began, and was not replaced; "
                     "move it away, or choose another name",
                     path);
}

/* After a failure, whose errno stays. */
static void remove_quietly(char const *name)
{
    int const saved = errno;
    unlink(name);
    errno = saved;
}

/* rename, also where NFS has done it, lost its answer, and asked again for what was done. */
static bool rename_file(char const *from, char const *to)
{
    struct stat before, after;
    bool const looked = lstat(from, &before) == 0;
    if (rename(from, to) == 0)
        return true;
    int const saved = errno;
    bool const done = saved == ENOENT && looked && lstat(to, &after) == 0 &&
                      before.st_dev == after.st_dev && before.st_ino == after.st_ino;
    errno = saved;
    return done;
}

/* Rename, and make the new name survive a crash. */
static enum bl23_status put_in_place(struct bl23_temporary const *t, struct bl23_error *error)
{
    char folder[BL23_TEMPORARY_SIZE];
    enum bl23_status status = refuse_another(t->path, error);
    if (status == BL23_OK && !rename_file(t->name, t->path))
        status = bl23_io_failed("renaming to its final name", t->name, error);
    if (status != BL23_OK) {
        remove_quietly(t->name);
        return status;
    }
    bl23_path_folder(t->path, folder, sizeof folder);
    return bl23_folder_sync(folder, error);
}

enum bl23_status bl23_temporary_finish(struct bl23_temporary *t, enum bl23_status status,
                                       struct bl23_error *error)
{
    if (status == BL23_OK && fsync(t->descriptor) != 0)
        status = bl23_io_failed("fsync", t->name, error);
    if (close(t->descriptor) != 0 && status == BL23_OK)
        status = bl23_io_failed("closing", t->name, error);
    t->descriptor = -1;
    if (status == BL23_OK)
        return put_in_place(t, error);
    remove_quietly(t->name);
    return status;
}

enum bl23_status bl23_file_put(char const *path, void const *data, size_t size,
                               struct bl23_error *error)
{
    struct bl23_temporary t;
    BL23_TRY(make_temporary(path, &t, error));
    return bl23_temporary_finish(&t, write_all(t.descriptor, t.name, data, size, error), error);
}

enum bl23_status bl23_file_replace(char const *path, void const *data, size_t size,
                                   struct bl23_error *error)
{
    struct bl23_temporary t;
    BL23_TRY(bl23_temporary_make(path, &t, error));
    return bl23_temporary_finish(&t, write_all(t.descriptor, t.name, data, size, error), error);
}

/* ---- paths ---- */

void bl23_path_folder(char const *path, char *out, size_t size)
{
    char const *const slash = strrchr(path, '/');
    if (!slash)
        snprintf(out, size, ".");
    else if (slash == path)
        snprintf(out, size, "/");
    else
        snprintf(out, size, "%.*s", (int)(slash - path), path);
}

bool bl23_path_target(char const *path, char out[BL23_PATH_BYTES_MAX])
{
    enum { LINKS_MAX = 40 };
    char link[BL23_PATH_BYTES_MAX], folder[BL23_PATH_BYTES_MAX];
    snprintf(out, BL23_PATH_BYTES_MAX, "%s", path);
    for (int k = 0; k < LINKS_MAX; k++) {
        ssize_t const length = readlink(out, link, sizeof link - 1);
        if (length < 0) /* no link: the end of the way */
            return true;
        link[length] = '\0';
        bl23_path_folder(out, folder, sizeof folder);
        bool const absolute = link[0] == '/' || strcmp(folder, ".") == 0;
        int const size = absolute ? snprintf(out, BL23_PATH_BYTES_MAX, "%s", link)
                                  : snprintf(out, BL23_PATH_BYTES_MAX, "%s/%s", folder, link);
        if (size >= BL23_PATH_BYTES_MAX)
            break;
    }
    snprintf(out, BL23_PATH_BYTES_MAX, "%s", path);
    return false;
}

bool bl23_path_exists(char const *path)
{
    struct stat info;
    return lstat(path, &info) == 0;
}

bool bl23_file_is_hdf5(char const *path)
{
    static char const signature[8] = "\x89HDF\r\n\x1a\n";
    char bytes[sizeof signature];
    struct stat info; /* a pipe can be read only once */
    if (stat(path, &info) != 0 || !S_ISREG(info.st_mode))
        return false;
    int const descriptor = open(path, O_RDONLY | O_CLOEXEC);
    bool const is = descriptor >= 0 && read(descriptor, bytes, sizeof bytes) == sizeof bytes &&
                    memcmp(bytes, signature, sizeof bytes) == 0;
    if (descriptor >= 0)
        close(descriptor);
    return is;
}

enum bl23_status bl23_path_look(char const *path, bool *exists, struct bl23_error *error)
{
    struct stat info;
    *exists = stat(path, &info) == 0;
    if (*exists || errno == ENOENT || errno == ENOTDIR)
        return BL23_OK;
    return bl23_io_failed("looking at", path, error);
}

bool bl23_path_same(char const *a, char const *b)
{
    struct stat x, y;
    return stat(a, &x) == 0 && stat(b, &y) == 0 && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}
