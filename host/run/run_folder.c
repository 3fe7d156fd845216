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
#include <unistd.h>

#include "host/config/prepared_survey.h"
#include "host/io/file_io.h"
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
    if (fresh)
        return bl23_folder_sync(f->path, error);
    return last == '\n' ? BL23_OK : bl23_file_append(f->manifest, path, "\n", 1, error);
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

/* Remove what bl23 put into the folder: everything, or only what no manifest line vouches for. */
static enum bl23_status remove_files(struct bl23_run_folder const *f, bool everything,
                                     struct bl23_error *error)
{
    DIR *const folder = opendir(f->path);
    if (!folder)
        return bl23_io_failed("opening the folder", f->path, error);
    enum bl23_status status = BL23_OK;
    struct dirent const *d;
    for (errno = 0; status == BL23_OK && (d = readdir(folder)); errno = 0)
        if (is_to_go(f, d->d_name, everything) && unlinkat(dirfd(folder), d->d_name, 0) != 0 &&
            errno != ENOENT) {
            char path[BL23_RUN_PATH_SIZE + NAME_MAX + 1];
            snprintf(path, sizeof path, "%s/%s", f->path, d->d_name);
            status = bl23_io_failed("removing", path, error);
        }
    if (status == BL23_OK && errno != 0)
        status = bl23_io_failed("reading the folder", f->path, error);
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
    char path[BL23_RUN_FILE_PATH_SIZE];
    struct bl23_buffer text = {0};
    bl23_run_folder_path(f, BL23_RUN_YAML, path);
    enum bl23_status const status = bl23_file_load(path, BL23_RUN_YAML_BYTES_MAX, &text, error);
    bool const same = status == BL23_OK && strcmp(text.bytes, f->yaml) == 0;
    bl23_buffer_free(&text);
    if (same || (status != BL23_OK && status != BL23_ERROR_FAILED))
        return status;
    return bl23_file_put(path, f->yaml, strlen(f->yaml), error);
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

/* The folder is locked: read what is in it, and make it ready for commits. */
static enum bl23_status read_folder(struct bl23_run_folder *f, struct bl23_error *error)
{
    BL23_TRY(bl23_run_read_manifests(f, error));
    BL23_TRY(remove_files(f, false, error));
    BL23_TRY(keep_yaml(f, error));
    return open_manifest(f, error);
}

static enum bl23_status open_folder(struct bl23_run_folder *f, bool force, struct bl23_error *error)
{
    BL23_TRY(make_folder(f, error));
    BL23_TRY(bl23_run_locks_take(f->path, &f->locks, error));
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

void bl23_run_folder_close(struct bl23_run_folder *f)
{
    if (f->manifest >= 0)
        close(f->manifest);
    bl23_run_locks_release(&f->locks);
    bl23_manifest_free(&f->committed);
    bl23_manifest_free(&f->rejected);
    f->manifest = -1;
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

/* ---- parts ---- */

/* PART, or PART.run, whichever holds a run. */
static enum bl23_status find_part(char const *part, struct bl23_run_folder *f,
                                  struct bl23_error *error)
{
    char path[BL23_RUN_FILE_PATH_SIZE];
    bool exists, marked;
    if (strlen(part) >= BL23_PATH_SIZE)
        return bl23_fail(error, BL23_ERROR_REFUSED,
                         "the name of a part must have at most %d bytes (got %zu bytes)",
                         BL23_PATH_SIZE - 1, strlen(part));
    for (int k = 0; k < 2; k++) {
        if (k == 1)
            bl23_run_path(part, f->path);
        else
            memcpy(f->path, part, strlen(part) + 1);
        bl23_run_folder_path(f, BL23_RUN_YAML, path);
        BL23_TRY(bl23_path_look(path, &exists, error));
        if (!exists)
            continue;
        BL23_TRY(bl23_run_locks_check(f->path, &marked, error));
        if (marked)
            return BL23_OK;
    }
    return bl23_fail(error, BL23_ERROR_REFUSED,
                     "%s: there is no run here; give the name used with -o in 'bl23 survey "
                     "--first', or its folder, which ends in .run",
                     part);
}

static enum bl23_status open_part(char const *part, struct bl23_run_folder *f,
                                  struct bl23_error *error)
{
    BL23_TRY(find_part(part, f, error));
    BL23_TRY(bl23_run_locks_take(f->path, &f->locks, error));
    return bl23_run_read_manifests(f, error);
}

enum bl23_status bl23_run_folder_open_part(char const *part, struct bl23_run_identity const *id,
                                           struct bl23_run_folder *f, struct bl23_error *error)
{
    *f = new_folder(id, BL23_RUN_MERGE);
    return close_failed(f, open_part(part, f, error));
}

enum bl23_status bl23_run_folder_yaml(char const *part, char path[BL23_RUN_FILE_PATH_SIZE],
                                      char **yaml, size_t *length, struct bl23_error *error)
{
    struct bl23_run_folder f = BL23_RUN_FOLDER_CLOSED;
    struct bl23_buffer text = {0};
    BL23_TRY(find_part(part, &f, error));
    bl23_run_folder_path(&f, BL23_RUN_YAML, path);
    enum bl23_status status = bl23_file_load(path, BL23_RUN_YAML_BYTES_MAX, &text, error);
    if (status == BL23_ERROR_FAILED)
        bl23_fail(error, status, "%s: the configuration of the run is missing, or too large", path);
    if (status == BL23_OK) /* no output takes its place */
        status = bl23_input_note(path, error);
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
                                        struct bl23_error *error)
{
    char segment[BL23_RUN_FILE_PATH_SIZE], manifest[BL23_RUN_FILE_PATH_SIZE];
    char line[BL23_MANIFEST_LINE_SIZE];
    void *bytes;
    size_t size;
    BL23_TRY(bl23_segment_encode(results, f->config_hash, range.first, range.count, &bytes, &size,
                                 error));
    struct bl23_manifest_entry const e = {.range = range,
                                          .passed = results->tallies.passed,
                                          .bytes = size,
                                          .checksum = bl23_checksum(bytes, size)};
    bl23_run_segment_path(f, range, segment);
    enum bl23_status const status = bl23_file_put(segment, bytes, size, error);
    free(bytes);
    BL23_TRY(status);
    size_t const length = bl23_manifest_line(&e, f->config_hash, line);
    manifest_path(f, manifest);
    BL23_TRY(bl23_file_append(f->manifest, manifest, line, length, error));
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
                         "%s: %s, although these samples were computed again in this run; check "
                         "this machine's disk and memory, then repeat the command",
                         path, why);
    BL23_TRY(bl23_manifest_add(&f->rejected, e, error));
    bl23_run_report_damage(f, path, why);
    bl23_manifest_remove(&f->committed, (size_t)(e - f->committed.entry));
    return bl23_fail(error, BL23_ERROR_FAILED, "%s: %s", path, why);
}

enum bl23_status bl23_run_folder_load(struct bl23_run_folder *f, struct bl23_range range,
                                      struct bl23_results const *like, struct bl23_buffer *buffer,
                                      struct bl23_results *view, struct bl23_error *error)
{
    char path[BL23_RUN_FILE_PATH_SIZE];
    struct bl23_manifest_entry const *const e = bl23_manifest_find(&f->committed, range.first);
    struct bl23_segment_claim const claim = {f->config_hash, range.first, range.count, e->passed};
    bl23_run_segment_path(f, range, path);
    enum bl23_status status = bl23_file_load(path, e->bytes, buffer, error);
    if (status == BL23_OK && bl23_checksum(buffer->bytes, buffer->size) != e->checksum)
        status = BL23_ERROR_FAILED;
    if (status == BL23_OK)
        status = bl23_segment_view(buffer->bytes, buffer->size, claim, like, view);
    if (status != BL23_ERROR_FAILED)
        return status;
    return bl23_run_folder_reject(f, range,
                                  bl23_path_exists(path)
                                      ? "the segment was damaged since it was written"
                                      : "the segment is missing",
                                  error);
}

static int is_foreign(struct dirent const *d)
{
    struct bl23_range range;
    return strcmp(d->d_name, ".") != 0 && strcmp(d->d_name, "..") != 0 &&
           bl23_run_name_of(d->d_name, &range) == BL23_RUN_NAME_FOREIGN;
}

/* The first thing in the folder that bl23 did not put there; false where there is none. */
static bool find_foreign(struct bl23_run_folder const *f, char name[NAME_MAX + 1])
{
    struct dirent **names = NULL;
    int const n = scandir(f->path, &names, is_foreign, alphasort);
    if (n > 0)
        snprintf(name, NAME_MAX + 1, "%s", names[0]->d_name);
    for (int k = 0; k < n; k++)
        free(names[k]);
    free(names);
    return n > 0;
}

void bl23_run_folder_remove(struct bl23_run_folder *f)
{
    struct bl23_error error = {BL23_OK, ""};
    char name[NAME_MAX + 1];
    enum bl23_status status = remove_files(f, true, &error);
    if (status == BL23_OK)
        status = bl23_run_locks_remove(f->path, &error);
    if (status == BL23_OK && rmdir(f->path) != 0)
        status = bl23_io_failed("removing the folder", f->path, &error);
    if (status == BL23_OK)
        return;
    if (find_foreign(f, name))
        fprintf(stderr,
                "note: %s was not removed, because it holds '%s', which bl23 did not make\n",
                f->path, name);
    else
        fprintf(stderr, "note: %s is no longer needed but was not removed: %s\n", f->path,
                error.text);
}
