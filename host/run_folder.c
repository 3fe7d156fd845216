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
#include <sys/stat.h>
#include <unistd.h>

#include "host/config_difference.h"
#include "host/file_io.h"
#include "host/segment.h"
#include "tables/message.h"

enum { FILE_NAME_SIZE = 64, FULL_PATH_SIZE = BL23_PATH_SIZE + 128 };
static size_t const manifest_bytes_max = (size_t)1 << 32;
static size_t const yaml_bytes_max = (size_t)1 << 24;
static char const yaml_name[] = BL23_RUN_FOLDER_YAML;

static void full_path(struct bl23_run_folder const *f, char const *name, char out[FULL_PATH_SIZE])
{
    snprintf(out, FULL_PATH_SIZE, "%s/%s", f->path, name);
}

static void segment_path(struct bl23_run_folder const *f, struct bl23_range range,
                         char out[FULL_PATH_SIZE])
{
    snprintf(out, FULL_PATH_SIZE, "%s/segment-%016" PRIx64 "-%016" PRIx64, f->path, range.first,
             range.count);
}

static void note(struct bl23_run_folder const *f, char const *path, char const *what)
{
    if (!f->looks)
        fprintf(stderr, "bl23: %s: %s; its samples are %s\n", path, what,
                f->parts ? "missing" : "computed again");
}

/* ---- manifests ---- */

/* Do the bytes on disk agree with the manifest? Says why not. Who only looks does not ask. */
static char const *segment_damage(struct bl23_run_folder *f, struct bl23_manifest_entry const *e)
{
    char path[FULL_PATH_SIZE];
    if (f->looks)
        return NULL;
    segment_path(f, e->range, path);
    if (bl23_file_load(path, &f->scratch, NULL) != BL23_OK)
        return "the segment cannot be read";
    if (f->scratch.size != e->bytes)
        return "the segment has another length than the manifest says";
    uint64_t const sum = bl23_checksum(f->scratch.bytes, f->scratch.size);
    return sum == e->checksum ? NULL : "the segment's checksum differs from the manifest's";
}

/* The run in this folder has another hash than ours: which keys differ, where it tells. */
static enum bl23_status refuse_other(struct bl23_run_folder const *f, struct bl23_error *error)
{
    char path[FULL_PATH_SIZE], difference[BL23_DIFFERENCE_SIZE] = "its copy of it is gone", *yaml;
    size_t length;
    if (f->parts)
        return bl23_fail(error, BL23_ERROR_REFUSED,
                         "%s: found a run of another configuration, allowed: parts of one survey, "
                         "made with the tables that --model names",
                         f->path);
    full_path(f, yaml_name, path);
    if (bl23_file_read(path, yaml_bytes_max, &yaml, &length, NULL) == BL23_OK) {
        bl23_config_difference(yaml, f->yaml, difference);
        free(yaml);
    }
    return bl23_fail(error, BL23_ERROR_REFUSED,
                     "%s: found a run of another configuration (%s), allowed: the same "
                     "configuration to resume it, or --force to start over",
                     f->path, difference);
}

static enum bl23_status read_line(struct bl23_run_folder *f, char const *path, int number,
                                  char *line, struct bl23_error *error)
{
    struct bl23_manifest_entry e;
    uint64_t hash;
    char where[FULL_PATH_SIZE + 32];
    snprintf(where, sizeof where, "%s:%d", path, number);
    if (!bl23_manifest_parse(line, &e, &hash)) {
        note(f, where, "the line is torn or damaged");
        return BL23_OK;
    }
    if (hash != f->config_hash)
        return refuse_other(f, error);
    char const *const damage = segment_damage(f, &e);
    if (!damage)
        return bl23_manifest_add(&f->committed, &e, error);
    segment_path(f, e.range, where);
    note(f, where, damage);
    return BL23_OK;
}

static enum bl23_status read_manifest(struct bl23_run_folder *f, char const *name,
                                      struct bl23_error *error)
{
    char path[FULL_PATH_SIZE], *text;
    size_t length;
    full_path(f, name, path);
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
    return status;
}

static int is_manifest(struct dirent const *d)
{
    return strcmp(d->d_name, "manifest") == 0 || strncmp(d->d_name, "manifest.", 9) == 0;
}

/* The manifests of all ranks that ever worked here. */
static enum bl23_status read_manifests(struct bl23_run_folder *f, struct bl23_error *error)
{
    struct dirent **names;
    int const n = scandir(f->path, &names, is_manifest, alphasort);
    if (n < 0)
        return bl23_io_failed("opening the folder", f->path, error);
    enum bl23_status status = BL23_OK;
    for (int k = 0; k < n; k++) {
        if (status == BL23_OK)
            status = read_manifest(f, names[k]->d_name, error);
        free(names[k]);
    }
    free(names);
    bl23_buffer_free(&f->scratch);
    bl23_manifest_settle(&f->committed);
    return status;
}

static void manifest_path(struct bl23_run_folder const *f, char out[FULL_PATH_SIZE])
{
    if (f->rank == 0)
        full_path(f, "manifest", out);
    else
        snprintf(out, FULL_PATH_SIZE, "%s/manifest.%05d", f->path, f->rank);
}

/* Open this rank's manifest for appending; a torn last line is ended first. */
static enum bl23_status open_manifest(struct bl23_run_folder *f, struct bl23_error *error)
{
    char path[FULL_PATH_SIZE], last = '\n';
    manifest_path(f, path);
    bool const fresh = !bl23_path_exists(path);
    f->manifest = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
    if (f->manifest < 0)
        return bl23_io_failed("opening", path, error);
    off_t const size = lseek(f->manifest, 0, SEEK_END);
    if (size > 0 && pread(f->manifest, &last, 1, size - 1) != 1)
        return bl23_io_failed("reading", path, error);
    if (fresh)
        return bl23_folder_sync(f->path, error);
    return last == '\n' ? BL23_OK : bl23_file_append(f->manifest, path, "\n", 1, error);
}

/* ---- folder ---- */

/* Is this the name of a segment that a manifest line vouches for? */
static bool vouched(struct bl23_run_folder const *f, char const *name)
{
    struct bl23_range range;
    char wanted[FULL_PATH_SIZE];
    if (sscanf(name, "segment-%16" SCNx64 "-%16" SCNx64, &range.first, &range.count) != 2)
        return false;
    struct bl23_manifest_entry const *const e = bl23_manifest_find(&f->committed, range.first);
    if (!e)
        return false;
    segment_path(f, e->range, wanted);
    return strcmp(name, wanted + strlen(f->path) + 1) == 0;
}

/* Remove what bl23 put into the folder: everything, or only what no manifest line vouches for. */
static enum bl23_status sweep(struct bl23_run_folder const *f, bool everything,
                              struct bl23_error *error)
{
    DIR *const folder = opendir(f->path);
    if (!folder)
        return bl23_io_failed("opening the folder", f->path, error);
    enum bl23_status status = BL23_OK;
    for (struct dirent const *d; status == BL23_OK && (d = readdir(folder));) {
        bool const segment = strncmp(d->d_name, "segment-", 8) == 0;
        bool const other =
            is_manifest(d) || strncmp(d->d_name, yaml_name, sizeof yaml_name - 1) == 0;
        bool const remove =
            (other && everything) || (segment && (everything || !vouched(f, d->d_name)));
        if (remove && unlinkat(dirfd(folder), d->d_name, 0) != 0 && errno != ENOENT)
            status = bl23_io_failed("removing a file in the folder", f->path, error);
    }
    closedir(folder);
    return status;
}

static enum bl23_status make_folder(struct bl23_run_folder *f, struct bl23_error *error)
{
    char parent[BL23_PATH_SIZE];
    if (mkdir(f->path, 0777) != 0) {
        struct stat info;
        if (errno != EEXIST)
            return bl23_io_failed("making the folder", f->path, error);
        if (stat(f->path, &info) != 0 || !S_ISDIR(info.st_mode))
            return bl23_fail(error, BL23_ERROR_REFUSED, "%s: found something that is no folder",
                             f->path);
        return BL23_OK;
    }
    bl23_path_folder(f->path, parent, sizeof parent);
    return bl23_folder_sync(parent, error);
}

/* The configuration is there from the first commit on, for whoever merges the folder. */
static enum bl23_status keep_yaml(struct bl23_run_folder const *f, char const *yaml,
                                  struct bl23_error *error)
{
    char path[FULL_PATH_SIZE], *text;
    size_t length;
    full_path(f, yaml_name, path);
    if (bl23_path_exists(path) &&
        bl23_file_read(path, yaml_bytes_max, &text, &length, NULL) == BL23_OK) {
        bool const same = strcmp(text, yaml) == 0;
        free(text);
        if (same)
            return BL23_OK;
    }
    return bl23_file_put(path, yaml, strlen(yaml), error);
}

static struct bl23_run_folder identified(struct bl23_run_identity const *id)
{
    struct bl23_run_folder f = {.config_hash = id->config_hash,
                                .yaml = id->yaml,
                                .rank = id->rank,
                                .locks = BL23_RUN_LOCKS_NONE,
                                .manifest = -1};
    snprintf(f.path, sizeof f.path, "%.4090s.run", id->output);
    return f;
}

enum bl23_status bl23_run_folder_open(struct bl23_run_identity const *id, bool force,
                                      struct bl23_run_folder *f, struct bl23_error *error)
{
    *f = identified(id);
    struct bl23_error foreign = {BL23_OK, ""};
    enum bl23_status status = make_folder(f, error);
    bool locked = false;
    if (status == BL23_OK) {
        status = bl23_run_locks_take(f->path, &f->locks, error);
        locked = status == BL23_OK;
    }
    if (status == BL23_OK)
        status = read_manifests(f, force ? &foreign : error);
    if (locked && force && status == BL23_ERROR_REFUSED) { /* another configuration gives way */
        f->committed.size = 0;
        status = sweep(f, true, error);
    } else if (locked && force && status != BL23_OK) {
        bl23_fail(error, status, "%s", foreign.text);
    }
    if (status == BL23_OK)
        status = sweep(f, false, error);
    if (status == BL23_OK)
        status = keep_yaml(f, id->yaml, error);
    if (status == BL23_OK)
        status = open_manifest(f, error);
    if (status != BL23_OK)
        bl23_run_folder_close(f);
    return status;
}

enum bl23_status bl23_run_folder_join(struct bl23_run_identity const *id, struct bl23_run_folder *f,
                                      struct bl23_error *error)
{
    *f = identified(id);
    enum bl23_status status = bl23_run_locks_join(f->path, &f->locks, error);
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
    bl23_run_locks_release(&f->locks);
    bl23_manifest_free(&f->committed);
    f->manifest = -1;
}

enum bl23_status bl23_run_folder_look(struct bl23_run_identity const *id, uint64_t *done,
                                      struct bl23_error *error)
{
    struct bl23_run_folder f = identified(id);
    f.looks = true;
    *done = 0;
    if (!bl23_path_exists(f.path))
        return BL23_OK;
    enum bl23_status const status = read_manifests(&f, error);
    if (status == BL23_OK)
        *done = bl23_manifest_done(&f.committed, (struct bl23_range){0, UINT64_MAX});
    bl23_run_folder_close(&f);
    return status;
}

/* ---- parts ---- */

/* PART, or PART.run, whichever holds a run. */
static enum bl23_status find_part(char const *part, struct bl23_run_folder *f,
                                  struct bl23_error *error)
{
    static char const *const endings[] = {"", ".run"};
    char path[FULL_PATH_SIZE];
    for (int k = 0; k < 2; k++) {
        snprintf(f->path, sizeof f->path, "%.4090s%s", part, endings[k]);
        full_path(f, yaml_name, path);
        if (bl23_path_exists(path))
            return BL23_OK;
    }
    return bl23_fail(error, BL23_ERROR_REFUSED,
                     "%s: found no run there, allowed: the name given with -o to 'bl23 survey "
                     "--first', or its folder, which ends in .run",
                     part);
}

enum bl23_status bl23_run_folder_open_part(char const *part, uint64_t config_hash,
                                           struct bl23_run_folder *f, struct bl23_error *error)
{
    *f = (struct bl23_run_folder){
        .config_hash = config_hash, .parts = true, .locks = BL23_RUN_LOCKS_NONE, .manifest = -1};
    enum bl23_status status = find_part(part, f, error);
    if (status == BL23_OK)
        status = bl23_run_locks_take(f->path, &f->locks, error);
    if (status == BL23_OK)
        status = read_manifests(f, error);
    if (status != BL23_OK)
        bl23_run_folder_close(f);
    return status;
}

enum bl23_status bl23_run_folder_yaml(char const *part, char path[BL23_PATH_SIZE], char **yaml,
                                      size_t *length, struct bl23_error *error)
{
    struct bl23_run_folder f = {.parts = true};
    enum bl23_status const status = find_part(part, &f, error);
    if (status != BL23_OK)
        return status;
    snprintf(path, BL23_PATH_SIZE, "%.4080s/%s", f.path, yaml_name);
    return bl23_file_read(path, yaml_bytes_max, yaml, length, error);
}

/* ---- segments ---- */

static enum bl23_status enter(struct bl23_run_folder *f, struct bl23_manifest_entry const *e,
                              struct bl23_error *error)
{
    char line[BL23_MANIFEST_LINE_SIZE], path[FULL_PATH_SIZE];
    size_t const length = bl23_manifest_line(e, f->config_hash, line);
    manifest_path(f, path);
    enum bl23_status status = bl23_file_append(f->manifest, path, line, length, error);
    if (status == BL23_OK)
        status = bl23_manifest_add(&f->committed, e, error);
    bl23_manifest_settle(&f->committed);
    return status;
}

enum bl23_status bl23_run_folder_commit(struct bl23_run_folder *f, struct bl23_range range,
                                        struct bl23_results const *results,
                                        struct bl23_error *error)
{
    char path[FULL_PATH_SIZE];
    void *bytes;
    size_t size;
    segment_path(f, range, path);
    enum bl23_status status = bl23_segment_encode(results, f->config_hash, range.first, range.count,
                                                  &bytes, &size, error);
    if (status != BL23_OK)
        return status;
    struct bl23_manifest_entry const e = {.range = range,
                                          .passed = results->tallies.passed,
                                          .bytes = size,
                                          .checksum = bl23_checksum(bytes, size)};
    status = bl23_file_put(path, bytes, size, error);
    free(bytes);
    return status == BL23_OK ? enter(f, &e, error) : status;
}

/* Forget a segment whose bytes are bad. */
static void strike(struct bl23_run_folder *f, struct bl23_range range)
{
    for (size_t k = 0; k < f->committed.size; k++)
        if (f->committed.entry[k].range.first == range.first) {
            bl23_manifest_strike(&f->committed, k);
            return;
        }
}

enum bl23_status bl23_run_folder_load(struct bl23_run_folder *f, struct bl23_range range,
                                      struct bl23_results const *like, struct bl23_buffer *buffer,
                                      struct bl23_results *view, struct bl23_error *error)
{
    char path[FULL_PATH_SIZE];
    segment_path(f, range, path);
    enum bl23_status status = bl23_file_load(path, buffer, NULL);
    if (status == BL23_OK)
        status = bl23_segment_view(buffer->bytes, buffer->size, f->config_hash, range.first,
                                   range.count, like, view);
    if (status == BL23_OK)
        return BL23_OK;
    if (status == BL23_ERROR_MEMORY)
        return bl23_fail(error, status, "%s: out of memory for this segment", path);
    note(f, path, "the segment was damaged since it was written");
    strike(f, range);
    return bl23_fail(error, BL23_ERROR_FAILED, "%s: the segment was damaged since it was written",
                     path);
}

static int is_entry(struct dirent const *d)
{
    return strcmp(d->d_name, ".") != 0 && strcmp(d->d_name, "..") != 0;
}

/* Why the folder cannot be removed: something is in it that bl23 did not put there, or errno. */
static enum bl23_status refuse_folder(struct bl23_run_folder const *f, struct bl23_error *error)
{
    struct dirent **names = NULL;
    char why[BL23_ERROR_TEXT_SIZE];
    snprintf(why, sizeof why, "removing the folder failed (%s)", strerror(errno));
    int const n = scandir(f->path, &names, is_entry, alphasort);
    if (n > 0)
        snprintf(why, sizeof why,
                 "found '%s' in it, which is not bl23's, allowed: nothing else, "
                 "so that the folder can go; the output is complete",
                 names[0]->d_name);
    for (int k = 0; k < n; k++)
        free(names[k]);
    free(names);
    return bl23_fail(error, BL23_ERROR_IO, "%s: %s", f->path, why);
}

enum bl23_status bl23_run_folder_remove(struct bl23_run_folder *f, struct bl23_error *error)
{
    enum bl23_status status = sweep(f, true, error);
    if (status == BL23_OK)
        status = bl23_run_locks_remove(f->path, error);
    if (status != BL23_OK)
        return status;
    return rmdir(f->path) == 0 ? BL23_OK : refuse_folder(f, error);
}
