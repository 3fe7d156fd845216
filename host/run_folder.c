/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "host/run_folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host/file_io.h"
#include "host/segment.h"
#include "tables/message.h"

enum { FILE_NAME_SIZE = 64, FULL_PATH_SIZE = BL23_PATH_SIZE + 128, LINE_SIZE = 256 };
static size_t const manifest_bytes_max = (size_t)1 << 32;
static size_t const segment_bytes_max = (size_t)1 << 40;

/* Where a manifest line without a checksum of its own ends. */
#define LINE_FORMAT                                                                                \
    "segment %" PRIu64 " %" PRIu64 " passed %" PRIu64 " bytes %" PRIu64 " xxh3 %016" PRIx64        \
    " config %016" PRIx64

static void full_path(struct bl23_run_folder const *f, char const *name, char out[FULL_PATH_SIZE])
{
    snprintf(out, FULL_PATH_SIZE, "%s/%s", f->path, name);
}

static void segment_name(struct bl23_range range, char out[FILE_NAME_SIZE])
{
    snprintf(out, FILE_NAME_SIZE, "segment-%016" PRIx64 "-%016" PRIx64, range.first, range.count);
}

static enum bl23_status io_failed(char const *step, char const *path, struct bl23_error *error)
{
    return bl23_fail(error, BL23_ERROR_IO, "%s: %s failed (%s)", path, step, strerror(errno));
}

static void note(char const *path, char const *what)
{
    fprintf(stderr, "bl23: %s: %s; its samples are computed again\n", path, what);
}

/* ---- lock ---- */

static enum bl23_status take_lock(struct bl23_run_folder *f, struct bl23_error *error)
{
    char path[FULL_PATH_SIZE];
    full_path(f, "lock", path);
    f->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (f->lock < 0)
        return io_failed("creating", path, error);
    if (flock(f->lock, LOCK_EX | LOCK_NB) != 0)
        return bl23_fail(error, BL23_ERROR_REFUSED,
                         "%s: found the lock of another running bl23, allowed: one run per output "
                         "file at a time",
                         f->path);
    return BL23_OK;
}

/* ---- manifest ---- */

/* One line with its checksum taken off and verified: parse it. */
static bool parse_line(char *line, struct bl23_manifest_entry *e, uint64_t *config_hash)
{
    char *const tail = strstr(line, " line ");
    uint64_t sum;
    int end = 0;
    if (!tail || sscanf(tail, " line %16" SCNx64 "%n", &sum, &end) != 1 || tail[end] != '\0')
        return false;
    *tail = '\0';
    end = 0;
    int const fields = sscanf(line,
                              "segment %" SCNu64 " %" SCNu64 " passed %" SCNu64 " bytes %" SCNu64
                              " xxh3 %16" SCNx64 " config %16" SCNx64 "%n",
                              &e->range.first, &e->range.count, &e->passed, &e->bytes, &e->checksum,
                              config_hash, &end);
    return fields == 6 && line[end] == '\0' && sum == bl23_checksum(line, strlen(line));
}

/* Do the bytes on disk agree with the manifest? Says why not. */
static char const *segment_damage(struct bl23_run_folder const *f,
                                  struct bl23_manifest_entry const *e)
{
    char name[FILE_NAME_SIZE], path[FULL_PATH_SIZE], *bytes;
    size_t size;
    segment_name(e->range, name);
    full_path(f, name, path);
    if (bl23_file_read(path, segment_bytes_max, &bytes, &size, NULL) != BL23_OK)
        return "the segment cannot be read";
    uint64_t const sum = bl23_checksum(bytes, size);
    free(bytes);
    if (size != e->bytes)
        return "the segment has another length than the manifest says";
    return sum == e->checksum ? NULL : "the segment's checksum differs from the manifest's";
}

static int by_first(void const *a, void const *b)
{
    uint64_t const i = ((struct bl23_manifest_entry const *)a)->range.first;
    uint64_t const j = ((struct bl23_manifest_entry const *)b)->range.first;
    return (i > j) - (i < j);
}

/* Append an entry; order and overlaps are settled by settle(). */
static enum bl23_status append_entry(struct bl23_run_folder *f, struct bl23_manifest_entry const *e,
                                     struct bl23_error *error)
{
    if ((f->n_entries & (f->n_entries + 1)) == 0) { /* grow when full at 2^k - 1 */
        void *const grown = realloc(f->entry, 2 * (f->n_entries + 1) * sizeof *f->entry);
        if (!grown)
            return bl23_fail(error, BL23_ERROR_MEMORY, "out of memory for the manifest");
        f->entry = grown;
    }
    f->entry[f->n_entries++] = *e;
    return BL23_OK;
}

/* Order the entries by range and forget those that overlap one before them. */
static void settle(struct bl23_run_folder *f)
{
    if (f->n_entries < 2)
        return;
    qsort(f->entry, f->n_entries, sizeof *f->entry, by_first);
    size_t kept = 1;
    for (size_t k = 1; k < f->n_entries; k++) {
        struct bl23_range const last = f->entry[kept - 1].range;
        if (f->entry[k].range.first >= last.first + last.count)
            f->entry[kept++] = f->entry[k];
    }
    f->n_entries = kept;
}

static enum bl23_status read_line(struct bl23_run_folder *f, char const *path, int number,
                                  char *line, struct bl23_error *error)
{
    struct bl23_manifest_entry e;
    uint64_t hash;
    char where[FULL_PATH_SIZE + 32], name[FILE_NAME_SIZE];
    snprintf(where, sizeof where, "%s:%d", path, number);
    if (!parse_line(line, &e, &hash)) {
        note(where, "the line is torn or damaged");
        return BL23_OK;
    }
    if (hash != f->config_hash)
        return bl23_fail(
            error, BL23_ERROR_REFUSED,
            "%s: found a run of another configuration, allowed: the same configuration "
            "to resume it, or --force to start over",
            f->path);
    char const *const damage = segment_damage(f, &e);
    if (!damage)
        return append_entry(f, &e, error);
    segment_name(e.range, name);
    snprintf(where, sizeof where, "%s/%s", f->path, name);
    note(where, damage);
    return BL23_OK;
}

static enum bl23_status read_manifest(struct bl23_run_folder *f, struct bl23_error *error)
{
    char path[FULL_PATH_SIZE], *text;
    size_t length;
    full_path(f, "manifest", path);
    if (!bl23_path_exists(path))
        return BL23_OK;
    enum bl23_status status = bl23_file_read(path, manifest_bytes_max, &text, &length, error);
    if (status != BL23_OK)
        return status;
    int number = 0;
    for (char *line = text; status == BL23_OK && line < text + length;) {
        char *const stop = memchr(line, '\n', (size_t)(text + length - line));
        if (stop)
            *stop = '\0';
        number++;
        if (*line)
            status = read_line(f, path, number, line, error);
        line = stop ? stop + 1 : text + length;
    }
    free(text);
    settle(f);
    return status;
}

/* Open the manifest for appending; a torn last line is ended first. */
static enum bl23_status open_manifest(struct bl23_run_folder *f, struct bl23_error *error)
{
    char path[FULL_PATH_SIZE], last = '\n';
    full_path(f, "manifest", path);
    bool const fresh = !bl23_path_exists(path);
    f->manifest = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
    if (f->manifest < 0)
        return io_failed("opening", path, error);
    off_t const size = lseek(f->manifest, 0, SEEK_END);
    if (size > 0 && pread(f->manifest, &last, 1, size - 1) != 1)
        return io_failed("reading", path, error);
    if (fresh)
        return bl23_folder_sync(f->path, error);
    return last == '\n' ? BL23_OK : bl23_file_append(f->manifest, path, "\n", 1, error);
}

/* ---- folder ---- */

/* Is this the name of a segment that a manifest line vouches for? */
static bool vouched(struct bl23_run_folder const *f, char const *name)
{
    struct bl23_manifest_entry key = {.passed = 0};
    char wanted[FILE_NAME_SIZE];
    if (sscanf(name, "segment-%16" SCNx64 "-%16" SCNx64, &key.range.first, &key.range.count) != 2)
        return false;
    struct bl23_manifest_entry const *const e =
        f->n_entries ? bsearch(&key, f->entry, f->n_entries, sizeof *f->entry, by_first) : NULL;
    if (!e)
        return false;
    segment_name(e->range, wanted);
    return strcmp(name, wanted) == 0;
}

/* Remove what bl23 put into the folder: everything, or only what no manifest line vouches for. */
static enum bl23_status sweep(struct bl23_run_folder const *f, bool everything,
                              struct bl23_error *error)
{
    DIR *const folder = opendir(f->path);
    if (!folder)
        return io_failed("opening the folder", f->path, error);
    enum bl23_status status = BL23_OK;
    for (struct dirent const *d; status == BL23_OK && (d = readdir(folder));) {
        bool const segment = strncmp(d->d_name, "segment-", 8) == 0;
        bool const manifest = strncmp(d->d_name, "manifest", 8) == 0;
        bool const remove =
            (manifest && everything) || (segment && (everything || !vouched(f, d->d_name)));
        if (remove && unlinkat(dirfd(folder), d->d_name, 0) != 0 && errno != ENOENT)
            status = io_failed("removing a file in the folder", f->path, error);
    }
    closedir(folder);
    return status;
}

static enum bl23_status make_folder(struct bl23_run_folder *f, char const *output,
                                    struct bl23_error *error)
{
    char parent[BL23_PATH_SIZE];
    snprintf(f->path, sizeof f->path, "%.4090s.run", output);
    if (mkdir(f->path, 0777) != 0) {
        struct stat info;
        if (errno != EEXIST)
            return io_failed("making the folder", f->path, error);
        if (stat(f->path, &info) != 0 || !S_ISDIR(info.st_mode))
            return bl23_fail(error, BL23_ERROR_REFUSED, "%s: found something that is no folder",
                             f->path);
        return BL23_OK;
    }
    bl23_path_folder(f->path, parent, sizeof parent);
    return bl23_folder_sync(parent, error);
}

enum bl23_status bl23_run_folder_open(char const *output, uint64_t config_hash, bool force,
                                      struct bl23_run_folder *f, struct bl23_error *error)
{
    *f = (struct bl23_run_folder){.config_hash = config_hash, .lock = -1, .manifest = -1};
    struct bl23_error foreign = {BL23_OK, ""};
    enum bl23_status status = make_folder(f, output, error);
    bool locked = false;
    if (status == BL23_OK) {
        status = take_lock(f, error);
        locked = status == BL23_OK;
    }
    if (status == BL23_OK)
        status = read_manifest(f, force ? &foreign : error);
    if (locked && force && status == BL23_ERROR_REFUSED) { /* another configuration gives way */
        f->n_entries = 0;
        status = sweep(f, true, error);
    } else if (locked && force && status != BL23_OK) {
        bl23_fail(error, status, "%s", foreign.text);
    }
    if (status == BL23_OK)
        status = sweep(f, false, error);
    if (status == BL23_OK)
        status = open_manifest(f, error);
    if (status != BL23_OK)
        bl23_run_folder_close(f);
    return status;
}

void bl23_run_folder_close(struct bl23_run_folder *f)
{
    if (f->manifest >= 0)
        close(f->manifest);
    if (f->lock >= 0)
        close(f->lock);
    free(f->entry);
    f->manifest = f->lock = -1;
    f->entry = NULL;
    f->n_entries = 0;
}

static enum bl23_status enter(struct bl23_run_folder *f, struct bl23_manifest_entry const *e,
                              struct bl23_error *error)
{
    char line[LINE_SIZE], path[FULL_PATH_SIZE];
    int length = snprintf(line, sizeof line, LINE_FORMAT, e->range.first, e->range.count, e->passed,
                          e->bytes, e->checksum, f->config_hash);
    uint64_t const sum = bl23_checksum(line, (size_t)length);
    length += snprintf(line + length, sizeof line - (size_t)length, " line %016" PRIx64 "\n", sum);
    full_path(f, "manifest", path);
    enum bl23_status status = bl23_file_append(f->manifest, path, line, (size_t)length, error);
    if (status == BL23_OK)
        status = append_entry(f, e, error);
    settle(f);
    return status;
}

enum bl23_status bl23_run_folder_commit(struct bl23_run_folder *f, struct bl23_range range,
                                        struct bl23_results const *results,
                                        struct bl23_error *error)
{
    char name[FILE_NAME_SIZE], path[FULL_PATH_SIZE];
    void *bytes;
    size_t size;
    segment_name(range, name);
    full_path(f, name, path);
    enum bl23_status status = bl23_segment_encode(results, f->config_hash, range.first, range.count,
                                                  &bytes, &size, error);
    if (status != BL23_OK)
        return status;
    struct bl23_manifest_entry const e = {.range = range,
                                          .passed = results->tallies.passed,
                                          .bytes = size,
                                          .checksum = bl23_checksum(bytes, size)};
    status = bl23_file_replace(path, bytes, size, error);
    free(bytes);
    return status == BL23_OK ? enter(f, &e, error) : status;
}

static enum bl23_status merge_entry(struct bl23_run_folder const *f,
                                    struct bl23_manifest_entry const *e,
                                    struct bl23_results *results)
{
    char name[FILE_NAME_SIZE], path[FULL_PATH_SIZE], *bytes;
    size_t size;
    segment_name(e->range, name);
    full_path(f, name, path);
    if (bl23_file_read(path, segment_bytes_max, &bytes, &size, NULL) != BL23_OK)
        return BL23_ERROR_FAILED;
    enum bl23_status const status =
        bl23_segment_merge(bytes, size, f->config_hash, e->range.first, e->range.count, results);
    free(bytes);
    return status;
}

enum bl23_status bl23_run_folder_merge(struct bl23_run_folder *f, struct bl23_results *results,
                                       struct bl23_error *error)
{
    for (size_t k = 0; k < f->n_entries; k++) {
        enum bl23_status const status = merge_entry(f, &f->entry[k], results);
        if (status == BL23_ERROR_MEMORY)
            return bl23_fail(error, status, "out of memory while merging the segments");
        if (status == BL23_OK)
            continue;
        char name[FILE_NAME_SIZE], path[FULL_PATH_SIZE];
        segment_name(f->entry[k].range, name);
        full_path(f, name, path);
        note(path, "the segment was damaged since it was written");
        memmove(&f->entry[k], &f->entry[k + 1], (f->n_entries - k - 1) * sizeof *f->entry);
        f->n_entries--;
        return BL23_INTERRUPTED;
    }
    return BL23_OK;
}

struct bl23_range bl23_run_folder_next(struct bl23_run_folder const *f, uint64_t samples)
{
    uint64_t at = 0;
    for (size_t k = 0; k < f->n_entries; k++) {
        struct bl23_range const r = f->entry[k].range;
        if (r.first > at)
            return (struct bl23_range){at, r.first - at};
        at = r.first + r.count;
    }
    return (struct bl23_range){at, at < samples ? samples - at : 0};
}

uint64_t bl23_run_folder_done(struct bl23_run_folder const *f)
{
    uint64_t done = 0;
    for (size_t k = 0; k < f->n_entries; k++)
        done += f->entry[k].range.count;
    return done;
}

enum bl23_status bl23_run_folder_remove(struct bl23_run_folder *f, struct bl23_error *error)
{
    char path[FULL_PATH_SIZE];
    enum bl23_status const status = sweep(f, true, error);
    if (status != BL23_OK)
        return status;
    full_path(f, "lock", path);
    if ((unlink(path) != 0 && errno != ENOENT) || rmdir(f->path) != 0)
        return io_failed("removing the folder", f->path, error);
    return BL23_OK;
}
