/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "host/run/run_folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "host/config/prepared_survey.h"
#include "host/io/file_io.h"
#include "host/io/notes.h"
#include "host/run/run_verify.h"
#include "host/run/segment.h"
#include "kernels/sample/error.h"

struct bl23_run_identity bl23_survey_identity(struct bl23_survey const *s, int rank)
{
    return (struct bl23_run_identity){.output = s->config->output,
                                      .yaml = s->yaml,
                                      .config_hash = s->config_hash,
                                      .samples = s->config->samples,
                                      .rank = rank};
}

/* ---- the manifest of this rank ---- */

static void manifest_path(struct bl23_run_folder const *f, char out[BL23_RUN_FILE_PATH_SIZE])
{
    char name[BL23_RUN_NAME_SIZE];
    bl23_run_manifest_name(f->rank, name);
    bl23_run_folder_path(f, name, out);
}

static enum bl23_status append_to_manifest(struct bl23_run_folder *f, char const *text,
                                           size_t length, struct bl23_error *error)
{
    char path[BL23_RUN_FILE_PATH_SIZE];
    manifest_path(f, path);
    BL23_TRY(bl23_file_append(f->manifest, path, text, length, error));
    f->manifest_bytes += (int64_t)length;
    return BL23_OK;
}

/* Open this rank's manifest for appending; a torn last line is ended first. */
static enum bl23_status open_manifest(struct bl23_run_folder *f, struct bl23_error *error)
{
    char path[BL23_RUN_FILE_PATH_SIZE], last = '\n';
    manifest_path(f, path);
    bool const fresh = !bl23_path_exists(path);
    BL23_TRY(bl23_file_open(path, O_RDWR | O_CREAT | O_APPEND, &f->manifest, error));
    off_t const size = lseek(f->manifest, 0, SEEK_END);
    if (size > 0 && pread(f->manifest, &last, 1, size - 1) != 1)
        return bl23_io_failed("reading", path, error);
    f->manifest_bytes = size;
    if (fresh)
        return bl23_folder_sync(f->path, error);
    return last == '\n' ? BL23_OK : append_to_manifest(f, "\n", 1, error);
}

/* Does the manifest have lines that this process has not written, or has it gone? The lock should
 * prevent that, but there are file systems that give it to everybody. */
static bool is_shared(struct bl23_run_folder const *f)
{
    struct stat info;
    return f->manifest >= 0 && fstat(f->manifest, &info) == 0 &&
           (info.st_size != f->manifest_bytes || info.st_nlink == 0);
}

/* ---- folder ---- */

/* Is the file to go, with everything or as one that no manifest line vouches for? The locks stay
 * until the end. */
static bool is_to_go(struct bl23_run_folder const *f, char const *name, bool everything)
{
    struct bl23_range range;
    struct bl23_manifest_entry const *entry;
    switch (bl23_run_name_of(name, &range)) {
    case BL23_RUN_NAME_SEGMENT:
        entry = bl23_manifest_find(&f->committed, range.first);
        return everything || !entry || entry->range.count != range.count;
    case BL23_RUN_NAME_TEMPORARY:
        return true; /* of a dead writer: the folder is locked */
    case BL23_RUN_NAME_YAML:
    case BL23_RUN_NAME_MANIFEST:
        return everything;
    default:
        return false;
    }
}

static enum bl23_status remove_file(struct bl23_run_folder const *f, int folder, char const *name,
                                    struct bl23_error *error)
{
    char path[BL23_RUN_PATH_SIZE + NAME_MAX + 1];
    if (unlinkat(folder, name, 0) == 0 || errno == ENOENT)
        return BL23_OK;
    snprintf(path, sizeof path, "%s/%s", f->path, name);
    return bl23_io_failed("removing", path, error);
}

/* Remove what bl23 put into the folder: everything, or only what no manifest line vouches for. Of
 * the latter it does no harm what cannot be removed. */
static enum bl23_status remove_files(struct bl23_run_folder const *f, bool everything,
                                     struct bl23_error *error)
{
    DIR *const folder = opendir(f->path);
    if (!folder)
        return bl23_io_failed("opening the folder", f->path, error);
    struct bl23_error first = {BL23_OK, ""};
    struct dirent const *d;
    for (errno = 0; (d = readdir(folder)); errno = 0)
        if (is_to_go(f, d->d_name, everything))
            remove_file(f, dirfd(folder), d->d_name, &first);
    enum bl23_status status = BL23_OK;
    if (errno != 0)
        status = bl23_io_failed("reading the folder", f->path, error);
    else if (first.status != BL23_OK && everything)
        status = bl23_fail(error, first.status, "%s", first.text);
    else if (first.status != BL23_OK)
        bl23_note("note: %s", first.text);
    closedir(folder);
    return status;
}

/* Make the folder, or find that the one that is there may be used. */
static enum bl23_status make_folder(struct bl23_run_folder *f, struct bl23_error *error)
{
    char parent[BL23_PATH_SIZE];
    bool marked;
    if (mkdir(f->path, 0777) == 0) {
        bl23_path_folder(f->path, parent, sizeof parent);
        return bl23_folder_sync(parent, error);
    }
    if (errno != EEXIST)
        return bl23_io_failed("making the folder", f->path, error);
    struct stat info;
    if (stat(f->path, &info) != 0)
        return bl23_io_failed("looking at", f->path, error);
    if (!S_ISDIR(info.st_mode))
        return bl23_fail(error, BL23_ERROR_REFUSED,
                         "%s exists and is not a folder, and the run needs a folder of this name; "
                         "move it away, or choose another name for the output",
                         f->path);
    return bl23_run_locks_check(f->path, &marked, error);
}

/* The configuration is there from the first commit on, for whoever merges the folder. */
static enum bl23_status keep_yaml(struct bl23_run_folder const *f, struct bl23_error *error)
{
    struct bl23_buffer text = {0};
    enum bl23_status const status = bl23_run_load_yaml(f, &text, error);
    bool const same = status == BL23_OK && strcmp(text.bytes, f->yaml) == 0;
    bl23_buffer_free(&text);
    if (same || (status != BL23_OK && status != BL23_ERROR_FAILED))
        return status;
    return bl23_run_put_yaml(f, error);
}

static struct bl23_run_folder new_folder(struct bl23_run_identity const *id,
                                         enum bl23_run_purpose purpose)
{
    struct bl23_run_folder f = BL23_RUN_FOLDER_CLOSED;
    f.config_hash = id->config_hash;
    f.samples = id->samples;
    f.yaml = id->yaml;
    f.rank = id->rank;
    f.purpose = purpose;
    bl23_run_path(id->output, f.path);
    return f;
}

/* A step in the folder failed. If what it needed has gone, that is the reason: only bl23 removes
 * what is bl23's. */
static enum bl23_status step_failed(struct bl23_run_folder const *f,
                                    struct bl23_error const *failure, int number,
                                    struct bl23_error *error)
{
    if (failure->status != BL23_ERROR_IO || number != ENOENT)
        return bl23_fail(error, failure->status, "%s", failure->text);
    return bl23_fail(error, BL23_ERROR_IO,
                     "%s: files were removed while this run worked in it (%s); another bl23 seems "
                     "to work in the same folder: let it end, then repeat the command",
                     f->path, failure->text);
}

/* The folder is locked: read what is in it, and make it ready for commits. */
static enum bl23_status read_folder(struct bl23_run_folder *f, struct bl23_error *error)
{
    struct bl23_error failure = {BL23_OK, ""};
    enum bl23_status status = bl23_run_read_manifests(f, &failure);
    if (status == BL23_OK)
        status = remove_files(f, false, &failure);
    if (status == BL23_OK)
        status = keep_yaml(f, &failure);
    if (status == BL23_OK)
        status = open_manifest(f, &failure);
    return status == BL23_OK ? BL23_OK : step_failed(f, &failure, errno, error);
}

/* Make the folder and lock it, again where another bl23 removes it at the same time. */
static enum bl23_status take_folder(struct bl23_run_folder *f, struct bl23_error *error)
{
    enum { TRIES = 5 };
    enum bl23_status status = BL23_ERROR_FAILED;
    for (int k = 0; k < TRIES && status == BL23_ERROR_FAILED; k++) {
        bl23_run_locks_release(&f->locks);
        *error = (struct bl23_error){BL23_OK, ""};
        BL23_TRY(make_folder(f, error));
        status = bl23_run_locks_take(f->path, &f->locks, error);
    }
    return status;
}

static enum bl23_status open_folder(struct bl23_run_folder *f, bool force, struct bl23_error *error)
{
    BL23_TRY(take_folder(f, error));
    enum bl23_status const status = read_folder(f, error);
    if (!force || status != BL23_ERROR_REFUSED)
        return status;
    f->committed.size = 0;
    *error = (struct bl23_error){BL23_OK, ""};
    BL23_TRY(remove_files(f, true, error));
    return read_folder(f, error);
}

static enum bl23_status join_folder(struct bl23_run_folder *f, struct bl23_error *error)
{
    BL23_TRY(bl23_run_locks_join(f->path, &f->locks, error));
    return open_manifest(f, error);
}

/* After a failure a folder is closed. */
static enum bl23_status close_failed(struct bl23_run_folder *f, enum bl23_status status)
{
    if (status != BL23_OK)
        bl23_run_folder_close(f);
    return status;
}

enum bl23_status bl23_run_folder_open(struct bl23_run_identity const *id, bool force,
                                      struct bl23_run_folder *f, struct bl23_error *error)
{
    *f = new_folder(id, BL23_RUN_COMPUTE);
    return close_failed(f, open_folder(f, force, error));
}

enum bl23_status bl23_run_folder_join(struct bl23_run_identity const *id, struct bl23_run_folder *f,
                                      struct bl23_error *error)
{
    *f = new_folder(id, BL23_RUN_COMPUTE);
    return close_failed(f, join_folder(f, error));
}

static void close_manifest(struct bl23_run_folder *f)
{
    if (f->manifest >= 0)
        close(f->manifest);
    f->manifest = -1;
}

void bl23_run_folder_close(struct bl23_run_folder *f)
{
    close_manifest(f);
    bl23_run_locks_release(&f->locks);
    bl23_manifest_free(&f->committed);
    bl23_manifest_free(&f->rejected);
}

enum bl23_status bl23_run_folder_count_samples(struct bl23_run_identity const *id,
                                               uint64_t *samples, struct bl23_error *error)
{
    struct bl23_run_folder f = new_folder(id, BL23_RUN_COUNT);
    bool exists, marked;
    *samples = 0;
    BL23_TRY(bl23_path_look(f.path, &exists, error));
    if (!exists)
        return BL23_OK;
    BL23_TRY(bl23_run_locks_check(f.path, &marked, error));
    enum bl23_status const status = bl23_run_read_manifests(&f, error);
    if (status == BL23_OK)
        *samples = bl23_manifest_done(&f.committed, (struct bl23_range){0, UINT64_MAX});
    bl23_run_folder_close(&f);
    return status;
}

/* Has some rank committed something to the folder? */
static bool has_lines(struct bl23_run_folder const *f)
{
    DIR *const folder = opendir(f->path);
    struct bl23_range range;
    struct stat info;
    bool found = false;
    for (struct dirent const *d; folder && !found && (d = readdir(folder));)
        found = bl23_run_name_of(d->d_name, &range) == BL23_RUN_NAME_MANIFEST &&
                fstatat(dirfd(folder), d->d_name, &info, AT_SYMLINK_NOFOLLOW) == 0 &&
                S_ISREG(info.st_mode) && info.st_size > 0;
    if (folder)
        closedir(folder);
    return found;
}

char *bl23_run_folder_stored_yaml(char const *output, char path[BL23_RUN_FILE_PATH_SIZE])
{
    struct bl23_run_folder f = BL23_RUN_FOLDER_CLOSED;
    struct bl23_buffer text = {0};
    bool marked = false;
    bl23_run_path(output, f.path);
    bl23_run_folder_path(&f, BL23_RUN_YAML, path);
    if (bl23_path_exists(path) && bl23_run_locks_check(f.path, &marked, NULL) == BL23_OK &&
        marked && has_lines(&f) && bl23_run_load_yaml(&f, &text, NULL) == BL23_OK)
        return text.bytes;
    bl23_buffer_free(&text);
    return NULL;
}

/* ---- parts ---- */

enum bl23_status bl23_run_folder_find(char const *part, char path[BL23_RUN_PATH_SIZE],
                                      struct bl23_error *error)
{
    struct bl23_run_folder f = BL23_RUN_FOLDER_CLOSED;
    char yaml[BL23_RUN_FILE_PATH_SIZE];
    bool exists, marked;
    if (strlen(part) >= BL23_PATH_SIZE)
        return bl23_fail(error, BL23_ERROR_REFUSED,
                         "the name of a part must have at most %d bytes (got %zu bytes)",
                         BL23_PATH_SIZE - 1, strlen(part));
    for (int k = 0; k < 2; k++) {
        if (k == 1)
            bl23_run_path(part, f.path);
        else
            memcpy(f.path, part, strlen(part) + 1);
        memcpy(path, f.path, sizeof f.path);
        bl23_run_folder_path(&f, BL23_RUN_YAML, yaml);
        BL23_TRY(bl23_path_look(yaml, &exists, error));
        if (!exists)
            continue;
        BL23_TRY(bl23_run_locks_check(f.path, &marked, error));
        if (marked)
            return BL23_OK;
    }
    path[0] = '\0';
    return BL23_OK;
}

/* Its configuration was there a moment ago. */
static enum bl23_status refuse_gone(char const *path, struct bl23_error *error)
{
    return bl23_fail(error, BL23_ERROR_REFUSED,
                     "%s is gone: its run has ended while it was read; look for its output", path);
}

static enum bl23_status open_part(struct bl23_run_folder *f, struct bl23_error *error)
{
    if (f->purpose != BL23_RUN_PARTIAL)
        BL23_TRY(bl23_run_locks_test(f->path, error));
    enum bl23_status const status = bl23_run_read_manifests(f, error);
    if (status == BL23_OK || f->purpose != BL23_RUN_PARTIAL || bl23_path_exists(f->path))
        return status;
    return refuse_gone(f->path, error);
}

enum bl23_status bl23_run_folder_open_part(char const *path, struct bl23_run_identity const *id,
                                           enum bl23_run_purpose purpose, struct bl23_run_folder *f,
                                           struct bl23_error *error)
{
    *f = new_folder(id, purpose);
    snprintf(f->path, sizeof f->path, "%s", path);
    return close_failed(f, open_part(f, error));
}

enum bl23_status bl23_run_folder_yaml(char const *path, char file[BL23_RUN_FILE_PATH_SIZE],
                                      char **yaml, size_t *length, struct bl23_error *error)
{
    struct bl23_buffer text = {0};
    struct bl23_run_folder f = BL23_RUN_FOLDER_CLOSED;
    snprintf(f.path, sizeof f.path, "%s", path);
    bl23_run_folder_path(&f, BL23_RUN_YAML, file);
    enum bl23_status status = bl23_run_load_yaml(&f, &text, error);
    if (status == BL23_ERROR_FAILED && !bl23_path_exists(file))
        status = refuse_gone(path, error);
    else if (status == BL23_ERROR_FAILED)
        bl23_fail(error, status,
                  "%s: the configuration of the run is damaged; the command that made the part "
                  "writes it again",
                  file);
    if (status == BL23_OK) /* no output takes its place */
        status = bl23_input_note(file, error);
    if (status != BL23_OK) {
        bl23_buffer_free(&text);
        return status;
    }
    *yaml = text.bytes;
    *length = text.size;
    return BL23_OK;
}

/* ---- segments ---- */

enum bl23_status bl23_run_folder_commit(struct bl23_run_folder *f, struct bl23_range range,
                                        struct bl23_results const *results,
                                        struct bl23_calls const *calls, struct bl23_error *error)
{
    char segment[BL23_RUN_FILE_PATH_SIZE];
    char line[BL23_MANIFEST_LINE_SIZE];
    void *bytes;
    size_t size;
    BL23_TRY(bl23_segment_encode(results, calls, f->config_hash, range, &bytes, &size, error));
    struct bl23_manifest_entry const e = {.range = range,
                                          .passed = results->tallies.passed,
                                          .bytes = size,
                                          .checksum = bl23_checksum(bytes, size)};
    struct bl23_error failure = {BL23_OK, ""};
    bl23_run_segment_path(f, range, segment);
    enum bl23_status status = bl23_file_put(segment, bytes, size, &failure);
    if (status == BL23_ERROR_IO && errno == ENOENT) { /* another bl23 removed it when it began */
        failure = (struct bl23_error){BL23_OK, ""};
        status = bl23_file_put(segment, bytes, size, &failure);
    }
    int const number = errno;
    free(bytes);
    if (status != BL23_OK)
        return step_failed(f, &failure, number, error);
    struct bl23_manifest_origin const origin = {f->config_hash, BL23_SAMPLING_VERSION};
    size_t const length = bl23_manifest_line(&e, &origin, line);
    BL23_TRY(append_to_manifest(f, line, length, error));
    BL23_TRY(bl23_manifest_add(&f->committed, &e, error));
    bl23_manifest_drop_overlaps(&f->committed);
    return BL23_OK;
}

enum bl23_status bl23_run_folder_reject(struct bl23_run_folder *f, struct bl23_range range,
                                        char const *why, struct bl23_error *error)
{
    char path[BL23_RUN_FILE_PATH_SIZE];
    struct bl23_manifest_entry const *const e = bl23_manifest_find(&f->committed, range.first);
    bl23_run_segment_path(f, range, path);
    if (bl23_manifest_done(&f->rejected, range) > 0)
        return bl23_fail(error, BL23_ERROR_IO,
                         "%s: %s, although these samples were computed again in this run; %s, then "
                         "repeat the command",
                         path, why,
                         is_shared(f) ? "another bl23 seems to work in the same folder: let it end"
                                      : "check this machine's disk and memory");
    BL23_TRY(bl23_manifest_add(&f->rejected, e, error));
    if (f->purpose != BL23_RUN_PARTIAL) /* it is read again, and named if it is damaged then */
        bl23_run_report_damage(f, path, why);
    bl23_manifest_remove(&f->committed, (size_t)(e - f->committed.entry));
    return bl23_fail(error, BL23_ERROR_FAILED, "%s: %s", path, why);
}

/* Where another bl23 works in the same folder, it may have written the segment of the same samples.
 * Its results are as good, once a line vouches for them, which comes after the segment. */
static bool load_of_another(struct bl23_run_folder const *f, char const *path,
                            struct bl23_manifest_entry *e, struct bl23_buffer *buffer)
{
    enum { TRIES = 20 };
    struct timespec const pause = {.tv_nsec = 50000000};
    size_t const most = 4 * e->bytes + ((size_t)1 << 27);
    for (int k = 0; k < TRIES && is_shared(f); k++) {
        struct bl23_manifest_entry there = *e;
        if (bl23_file_load(path, most, buffer, NULL) != BL23_OK)
            return false;
        there.bytes = buffer->size;
        there.checksum = bl23_checksum(buffer->bytes, buffer->size);
        if (bl23_run_has_line(f, &there)) {
            *e = there;
            return true;
        }
        nanosleep(&pause, NULL);
    }
    return false;
}

enum bl23_status bl23_run_folder_load(struct bl23_run_folder *f, struct bl23_range range,
                                      struct bl23_results const *like, struct bl23_buffer *buffer,
                                      struct bl23_results *view, struct bl23_calls *calls,
                                      struct bl23_error *error)
{
    char path[BL23_RUN_FILE_PATH_SIZE];
    struct bl23_manifest_entry const *const found = bl23_manifest_find(&f->committed, range.first);
    struct bl23_manifest_entry *const e = &f->committed.entry[found - f->committed.entry];
    struct bl23_segment_claim const claim = {f->config_hash, range.first, range.count, e->passed};
    bl23_run_segment_path(f, range, path);
    enum bl23_status status = bl23_file_load(path, e->bytes, buffer, error);
    if (status == BL23_OK && bl23_checksum(buffer->bytes, buffer->size) != e->checksum)
        status = BL23_ERROR_FAILED;
    if (status == BL23_ERROR_FAILED && load_of_another(f, path, e, buffer))
        status = BL23_OK;
    if (status == BL23_OK)
        status = bl23_segment_view(buffer->bytes, buffer->size, claim, like, view, calls);
    if (status != BL23_ERROR_FAILED)
        return status;
    return bl23_run_folder_reject(f, range,
                                  !bl23_path_exists(path) ? "the segment is missing"
                                  : is_shared(f) ? "the segment was written by another bl23"
                                                 : "the segment was damaged since it was "
                                                   "written",
                                  error);
}

static int is_foreign(struct dirent const *d)
{
    struct bl23_range range;
    return strcmp(d->d_name, ".") != 0 && strcmp(d->d_name, "..") != 0 &&
           bl23_run_name_of(d->d_name, &range) == BL23_RUN_NAME_FOREIGN;
}

static int is_leftover(struct dirent const *d)
{
    struct bl23_range range;
    return bl23_run_name_of(d->d_name, &range) == BL23_RUN_NAME_LEFTOVER;
}

/* The first name of this kind in the folder; false where there is none. */
static bool find_name(struct bl23_run_folder const *f, int (*is_kind)(struct dirent const *),
                      char name[NAME_MAX + 1])
{
    struct dirent **names = NULL;
    int const n = scandir(f->path, &names, is_kind, alphasort);
    if (n > 0)
        snprintf(name, NAME_MAX + 1, "%s", names[0]->d_name);
    for (int k = 0; k < n; k++)
        free(names[k]);
    free(names);
    return n > 0;
}

/* Remove the empty folder. What a file system kept of files that were open goes when they are
 * closed, but some take a moment for it. */
static enum bl23_status remove_folder(struct bl23_run_folder const *f, struct bl23_error *error)
{
    enum { TRIES = 10 };
    struct timespec const pause = {.tv_nsec = 20000000};
    char name[NAME_MAX + 1];
    int tries = 0;
    while (rmdir(f->path) != 0 && errno != ENOENT) {
        int const saved = errno;
        bool const waits = tries++ < TRIES && find_name(f, is_leftover, name);
        errno = saved;
        if (!waits)
            return bl23_io_failed("removing the folder", f->path, error);
        nanosleep(&pause, NULL);
    }
    return BL23_OK;
}

void bl23_run_folder_remove(struct bl23_run_folder *f)
{
    struct bl23_error error = {BL23_OK, ""};
    char name[NAME_MAX + 1];
    close_manifest(f); /* some file systems keep what is removed while it is open */
    enum bl23_status status = remove_files(f, true, &error);
    if (status == BL23_OK)
        status = bl23_run_locks_remove(f->path, &f->locks, &error);
    if (status == BL23_OK)
        status = remove_folder(f, &error);
    if (status == BL23_OK || !bl23_path_exists(f->path))
        return;
    if (find_name(f, is_foreign, name))
        bl23_note("note: %s was not removed, because it holds '%s', which bl23 did not make",
                  f->path, name);
    else if (find_name(f, is_leftover, name))
        bl23_note("note: %s is empty but for '%s', which the file system keeps while some process "
                  "has the file open and then removes; the folder may be removed after that",
                  f->path, name);
    else
        bl23_note("note: %s is no longer needed but was not removed: %s", f->path, error.text);
}
