/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "host/run/run_verify.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "host/config/config_difference.h"
#include "host/io/file_io.h"
#include "host/io/notes.h"
#include "host/io/stop.h"
#include "kernels/sample/error.h"

static size_t const manifest_bytes_max = (size_t)1 << 30;
enum { TRIES = 5 }; /* to read the folder of a run that goes on in one state */

void bl23_run_folder_path(struct bl23_run_folder const *f, char const *name,
                          char out[BL23_RUN_FILE_PATH_SIZE])
{
    snprintf(out, BL23_RUN_FILE_PATH_SIZE, "%s/%s", f->path, name);
}

void bl23_run_segment_path(struct bl23_run_folder const *f, struct bl23_range range,
                           char out[BL23_RUN_FILE_PATH_SIZE])
{
    char name[BL23_RUN_NAME_SIZE];
    bl23_run_segment_name(range, name);
    bl23_run_folder_path(f, name, out);
}

void bl23_run_report_damage(struct bl23_run_folder const *f, char const *path, char const *what)
{
    if (f->purpose != BL23_RUN_COUNT)
        bl23_note("bl23: %s: %s; its samples are %s", path, what,
                  f->purpose == BL23_RUN_COMPUTE ? "computed again" : "missing");
}

/* Is it there to be merged? */
static bool is_part(struct bl23_run_folder const *f)
{
    return f->purpose == BL23_RUN_MERGE || f->purpose == BL23_RUN_PARTIAL;
}

/* ---- configuration ---- */

/* The last line of the file, a comment: curves that are gone elsewhere may stand in it. */
#define SEAL "# XXH3 of the lines above: "
enum { SEAL_BYTES = sizeof SEAL - 1 + 16 + 1 };

static void print_seal(char const *yaml, size_t length, char line[SEAL_BYTES + 1])
{
    snprintf(line, SEAL_BYTES + 1, SEAL "%016llx\n",
             (unsigned long long)bl23_checksum(yaml, length));
}

enum bl23_status bl23_run_load_yaml(struct bl23_run_folder const *f, struct bl23_buffer *text,
                                    struct bl23_error *error)
{
    char path[BL23_RUN_FILE_PATH_SIZE], line[SEAL_BYTES + 1];
    bl23_run_folder_path(f, BL23_RUN_YAML, path);
    BL23_TRY(bl23_file_load(path, BL23_CONFIG_BYTES_MAX, text, error));
    if (text->size >= SEAL_BYTES) {
        size_t const length = text->size - SEAL_BYTES;
        print_seal(text->bytes, length, line);
        if (memcmp(text->bytes + length, line, SEAL_BYTES) == 0) {
            text->bytes[length] = '\0';
            text->size = length;
            return BL23_OK;
        }
    }
    return bl23_fail(error, BL23_ERROR_FAILED, "%s: it is damaged", path);
}

enum bl23_status bl23_run_put_yaml(struct bl23_run_folder const *f, struct bl23_error *error)
{
    char path[BL23_RUN_FILE_PATH_SIZE];
    size_t const length = strlen(f->yaml);
    char *const text = malloc(length + SEAL_BYTES + 1);
    if (!text)
        return bl23_fail(error, BL23_ERROR_MEMORY, "out of memory for the configuration");
    memcpy(text, f->yaml, length);
    print_seal(f->yaml, length, text + length);
    bl23_run_folder_path(f, BL23_RUN_YAML, path);
    enum bl23_status const status = bl23_file_put(path, text, length + SEAL_BYTES, error);
    free(text);
    return status;
}

/* ---- lines ---- */

/* A line of another configuration: which keys differ, where it can be told. */
static enum bl23_status refuse_other(struct bl23_run_folder const *f, char const *where,
                                     struct bl23_error *error)
{
    char difference[BL23_DIFFERENCE_SIZE] = "";
    struct bl23_buffer yaml = {0};
    bool rows = false;
    if (is_part(f))
        return bl23_fail(error, BL23_ERROR_REFUSED,
                         "%s: these samples were judged by other tables than those of this call; "
                         "give the --model that the part was computed with",
                         where);
    if (bl23_run_load_yaml(f, &yaml, NULL) == BL23_OK)
        rows = bl23_config_difference(yaml.bytes, f->yaml, difference);
    else
        snprintf(difference, sizeof difference, "the copy of its configuration cannot be read");
    bl23_buffer_free(&yaml);
    return bl23_fail(error, BL23_ERROR_REFUSED,
                     "%s: this line is of another configuration (%s); %s, or use --force to start "
                     "over",
                     where, difference,
                     rows ? "put the old file back, choose another name for the output"
                          : "resume the run with its own configuration");
}

/* A line of another version of the sampling. */
static enum bl23_status refuse_sampling(struct bl23_run_folder const *f, char const *where,
                                        uint64_t sampling, struct bl23_error *error)
{
    return bl23_fail(error, BL23_ERROR_REFUSED,
                     "%s: these samples were drawn by version %llu of the sampling, and this bl23 "
                     "draws by version %d; samples of two versions are not mixed: %s",
                     where, (unsigned long long)sampling, BL23_SAMPLING_VERSION,
                     is_part(f) ? "use the bl23 that made this part"
                                : "finish the run with the bl23 that began it, or use --force to "
                                  "start over");
}

static enum bl23_status refuse_line(struct bl23_run_folder const *f, char const *where,
                                    struct bl23_manifest_entry const *e, struct bl23_error *error)
{
    return bl23_fail(error, BL23_ERROR_REFUSED,
                     "%s: this line cannot be of a survey of %llu samples: %llu samples from %llu "
                     "on, %llu of them passed%s",
                     where, (unsigned long long)f->samples, (unsigned long long)e->range.count,
                     (unsigned long long)e->range.first, (unsigned long long)e->passed,
                     is_part(f) ? "" : "; use --force to start over");
}

/* What a line says goes to the end of `committed`, not verified yet. */
static enum bl23_status read_line(struct bl23_run_folder *f, char const *where, char *line,
                                  size_t length, bool ends, struct bl23_error *error)
{
    struct bl23_manifest_entry e;
    struct bl23_manifest_origin origin;
    if (strlen(line) != length || !bl23_manifest_parse(line, &e, &origin)) {
        if (ends || f->purpose != BL23_RUN_PARTIAL) /* else it is being written */
            bl23_run_report_damage(f, where, "the line is torn, damaged or none of bl23's");
        return BL23_OK;
    }
    if (origin.config_hash != f->config_hash)
        return refuse_other(f, where, error);
    if (origin.sampling != BL23_SAMPLING_VERSION)
        return refuse_sampling(f, where, origin.sampling, error);
    if (!bl23_manifest_fits(&e, f->samples))
        return refuse_line(f, where, &e, error);
    return bl23_manifest_add(&f->committed, &e, error);
}

static enum bl23_status read_manifest(struct bl23_run_folder *f, char const *name,
                                      struct bl23_error *error)
{
    char path[BL23_RUN_FILE_PATH_SIZE], where[BL23_RUN_FILE_PATH_SIZE + 32];
    struct bl23_buffer text = {0};
    bl23_run_folder_path(f, name, path);
    enum bl23_status status = bl23_file_load(path, manifest_bytes_max, &text, error);
    if (status == BL23_ERROR_FAILED)
        bl23_fail(error, status,
                  "%s: the manifest is too large, or was shortened while it was read", path);
    if (status == BL23_OK)
        f->lines ^= bl23_checksum(text.bytes, text.size);
    char *line = text.bytes, *const end = text.bytes + text.size;
    for (int number = 1; status == BL23_OK && line < end; number++) {
        char *const newline = memchr(line, '\n', (size_t)(end - line));
        char *const stop = newline ? newline : end;
        *stop = '\0';
        snprintf(where, sizeof where, "%s:%d", path, number);
        if (stop > line)
            status = read_line(f, where, line, (size_t)(stop - line), newline != NULL, error);
        line = stop + 1;
    }
    bl23_buffer_free(&text);
    return status;
}

/* ---- segments ---- */

/* A range whose segment is not as any line says. */
struct lost_range {
    struct bl23_range range;
    char const *why;
};

/* The lines entry[n] are of one range. *confirmed: the one that agrees with the bytes on disk; NULL
 * with the reason in *why. The file is read once, and not if it is longer than any line says. */
static enum bl23_status verify_segment(struct bl23_run_folder const *f,
                                       struct bl23_manifest_entry const *entry, size_t n,
                                       struct bl23_buffer *scratch,
                                       struct bl23_manifest_entry const **confirmed,
                                       char const **why, struct bl23_error *error)
{
    char path[BL23_RUN_FILE_PATH_SIZE];
    size_t most = 0;
    *confirmed = NULL;
    for (size_t k = 0; k < n; k++)
        most = entry[k].bytes > most ? entry[k].bytes : most;
    bl23_run_segment_path(f, entry->range, path);
    enum bl23_status const status = bl23_file_load(path, most, scratch, error);
    *why = bl23_path_exists(path) ? "the segment has another length than the manifest says"
                                  : "the segment is missing";
    if (status != BL23_OK)
        return status == BL23_ERROR_FAILED ? BL23_OK : status;
    uint64_t const sum = bl23_checksum(scratch->bytes, scratch->size);
    for (size_t k = 0; k < n && !*confirmed; k++) {
        if (entry[k].bytes != scratch->size)
            continue;
        *why = "the segment's checksum differs from the manifest's";
        *confirmed = entry[k].checksum == sum ? &entry[k] : NULL;
    }
    return BL23_OK;
}

/* Keep the entries of `committed` that the segments confirm; the other ranges go into lost[], which
 * has room for all. */
static enum bl23_status verify_segments(struct bl23_run_folder *f, struct lost_range *lost,
                                        size_t *n_lost, struct bl23_error *error)
{
    struct bl23_manifest *const m = &f->committed;
    struct bl23_buffer scratch = {0};
    enum bl23_status status = BL23_OK;
    size_t kept = 0;
    bl23_manifest_sort(m);
    for (size_t k = 0, n; status == BL23_OK && k < m->size; k += n) {
        struct bl23_range const range = m->entry[k].range;
        struct bl23_manifest_entry const *found;
        char const *why;
        for (n = 1; k + n < m->size && m->entry[k + n].range.first == range.first &&
                    m->entry[k + n].range.count == range.count;)
            n++;
        status = verify_segment(f, &m->entry[k], n, &scratch, &found, &why, error);
        if (status == BL23_OK && found)
            m->entry[kept++] = *found;
        else if (status == BL23_OK)
            lost[(*n_lost)++] = (struct lost_range){range, why};
    }
    m->size = kept;
    bl23_buffer_free(&scratch);
    return status;
}

/* A range that other segments hold is not lost: it was computed again by an earlier run. */
static void report_lost(struct bl23_run_folder const *f, struct lost_range const *lost, size_t n)
{
    char path[BL23_RUN_FILE_PATH_SIZE];
    for (size_t k = 0; k < n; k++)
        if (bl23_manifest_gap(&f->committed, lost[k].range).count > 0) {
            bl23_run_segment_path(f, lost[k].range, path);
            bl23_run_report_damage(f, path, lost[k].why);
        }
}

/* ---- all of it ---- */

static int is_manifest(struct dirent const *d)
{
    struct bl23_range range;
    return bl23_run_name_of(d->d_name, &range) == BL23_RUN_NAME_MANIFEST;
}

/* The lines of all manifests into `committed`. */
static enum bl23_status read_lines(struct bl23_run_folder *f, struct bl23_error *error)
{
    struct dirent **names;
    int const n = scandir(f->path, &names, is_manifest, alphasort);
    if (n < 0)
        return bl23_io_failed("reading the folder", f->path, error);
    enum bl23_status status = BL23_OK;
    f->committed.size = 0;
    f->lines = 0;
    for (int k = 0; k < n; k++) {
        if (status == BL23_OK)
            status = read_manifest(f, names[k]->d_name, error);
        free(names[k]);
    }
    free(names);
    return status;
}

bool bl23_run_has_line(struct bl23_run_folder const *f, struct bl23_manifest_entry const *entry)
{
    struct bl23_run_folder now = *f;
    bool found = false;
    now.committed = (struct bl23_manifest){0};
    now.purpose = BL23_RUN_COUNT;
    if (read_lines(&now, NULL) == BL23_OK)
        for (size_t k = 0; k < now.committed.size; k++) {
            struct bl23_manifest_entry const *const e = &now.committed.entry[k];
            found = found || (e->range.first == entry->range.first &&
                              e->range.count == entry->range.count && e->bytes == entry->bytes &&
                              e->checksum == entry->checksum && e->passed == entry->passed);
        }
    bl23_manifest_free(&now.committed);
    return found;
}

/* Of a run that may go on: have its manifests changed since they were read, or do they soon? Then
 * what was lost may have been replaced or removed. */
static bool goes_on(struct bl23_run_folder const *f)
{
    struct timespec const moment = {.tv_nsec = 100000000};
    struct bl23_run_folder now = *f;
    now.committed = (struct bl23_manifest){0};
    now.purpose = BL23_RUN_COUNT;
    nanosleep(&moment, NULL);
    bool const same = read_lines(&now, NULL) == BL23_OK && now.lines == f->lines;
    bl23_manifest_free(&now.committed);
    return !same;
}

/* *again: something is lost, but the run went on meanwhile, and it may be read `once_more`. */
static enum bl23_status verify_folder(struct bl23_run_folder *f, bool once_more, bool *again,
                                      struct bl23_error *error)
{
    size_t n = 0;
    struct lost_range *const lost = calloc(f->committed.size + 1, sizeof *lost);
    if (!lost)
        return bl23_fail(error, BL23_ERROR_MEMORY, "%s: out of memory for its segments", f->path);
    enum bl23_status const status = verify_segments(f, lost, &n, error);
    bl23_manifest_drop_overlaps(&f->committed);
    *again =
        status == BL23_OK && n > 0 && once_more && f->purpose == BL23_RUN_PARTIAL && goes_on(f);
    if (status == BL23_OK && !*again)
        report_lost(f, lost, n);
    free(lost);
    return status;
}

enum bl23_status bl23_run_read_manifests(struct bl23_run_folder *f, struct bl23_error *error)
{
    bool again = false;
    for (int left = TRIES; left > 0; left--) {
        BL23_TRY(read_lines(f, error));
        if (f->purpose == BL23_RUN_COUNT) {
            bl23_manifest_drop_overlaps(&f->committed);
            return BL23_OK;
        }
        BL23_TRY(verify_folder(f, left > 1, &again, error));
        if (!again || bl23_stop_requested())
            break;
    }
    return again ? BL23_INTERRUPTED : BL23_OK;
}
