/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "host/survey_read.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "host/config_difference.h"
#include "host/file_io.h"
#include "host/hdf5_copy.h"
#include "host/hdf5_verify.h"
#include "host/survey_file.h"
#include "tables/message.h"

/* Is it a complete survey of a format this program reads? */
static bool is_survey(hid_t file)
{
    uint64_t complete = 0, version = 0;
    char *const format = bl23_h5_read_text(file, "/", "format");
    bool const fine = format && strcmp(format, BL23_SURVEY_FORMAT) == 0 &&
                      bl23_h5_read_u64(file, "/", "complete", &complete) && complete == 1 &&
                      bl23_h5_read_u64(file, "/", "format_version", &version) &&
                      version == BL23_SURVEY_FORMAT_VERSION;
    free(format);
    return fine;
}

/* What stands at the name of an output that is not it, in words. */
static void describe_other(hid_t file, bool survey, char const *yaml, char *text, size_t size)
{
    char difference[BL23_DIFFERENCE_SIZE] = "which it does not hold";
    char *const found = survey ? bl23_h5_read_text(file, "/config", "yaml") : NULL;
    if (found)
        bl23_config_difference(found, yaml, difference);
    if (survey)
        snprintf(text, size, "the output of another configuration (%s)", difference);
    else
        snprintf(text, size, "a file that is no finished survey");
    free(found);
}

/* A finished output must be what was written, but for the survivors' columns, which only a replay
 * can tell. */
static enum bl23_status probe_finished(hid_t file, char const *path, struct bl23_error *error)
{
    uint64_t checked = 0;
    struct bl23_error found = {BL23_OK, ""};
    if (bl23_h5_verify(file, path, bl23_survey_file_groups, &checked, &found) == BL23_OK)
        return BL23_OK;
    return bl23_fail(error, BL23_ERROR_REFUSED,
                     "%s, allowed: the output as it was written, or --force to compute it again",
                     found.text);
}

enum bl23_status bl23_output_probe(char const *path, uint64_t config_hash, char const *yaml,
                                   enum bl23_output_state *state, struct bl23_error *error)
{
    *state = BL23_OUTPUT_ABSENT;
    if (!bl23_path_exists(path))
        return BL23_OK;
    if (access(path, R_OK) != 0) /* it may be what was asked for */
        return bl23_io_failed("reading", path, error);
    char other[BL23_DIFFERENCE_SIZE + 64];
    hid_t const file = H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT);
    bool const survey = file >= 0 && is_survey(file);
    char *const hash = survey ? bl23_h5_read_text(file, "/", "config_hash") : NULL;
    char wanted[32];
    snprintf(wanted, sizeof wanted, "%016llx", (unsigned long long)config_hash);
    bool const same = hash && strcmp(hash, wanted) == 0;
    free(hash);
    describe_other(file, survey, yaml, other, sizeof other);
    enum bl23_status const status = same ? probe_finished(file, path, error) : BL23_OK;
    if (file >= 0)
        H5Fclose(file);
    if (same) {
        *state = BL23_OUTPUT_FINISHED;
        return status;
    }
    return bl23_fail(error, BL23_ERROR_REFUSED,
                     "%s: found %s, allowed: nothing there, the output of the same configuration, "
                     "or --force to replace it",
                     path, other);
}

bool bl23_output_identify(char const *path, struct bl23_output_identity *identity)
{
    *identity = (struct bl23_output_identity){0};
    hid_t const file = bl23_path_exists(path) ? H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT) : -1;
    bool const survey =
        file >= 0 && is_survey(file) && bl23_h5_read_u64(file, "/", "samples", &identity->samples);
    char *const hash = survey ? bl23_h5_read_text(file, "/", "config_hash") : NULL;
    identity->config_hash = hash ? strtoull(hash, NULL, 16) : 0;
    identity->yaml = hash ? bl23_h5_read_text(file, "/config", "yaml") : NULL;
    free(hash);
    if (file >= 0)
        H5Fclose(file);
    return identity->yaml != NULL;
}

/* The model as it was, checked against its hash. */
static bool read_model(struct bl23_survey_reader *r)
{
    size_t const size = bl23_h5_count(r->file, "/tables/model");
    char *const hash = bl23_h5_read_text(r->file, "/", "model_hash");
    struct bl23_model *model = size > sizeof *model ? malloc(size) : NULL;
    char found[32] = "";
    bool fine =
        model && hash && bl23_h5_read(r->file, "/tables/model", H5T_NATIVE_UINT8, size, model) &&
        model->n_knots > 0 && model->n_knots < size && bl23_model_bytes(model->n_knots) == size;
    if (fine)
        snprintf(found, sizeof found, "%016llx", (unsigned long long)bl23_checksum(model, size));
    fine = fine && strcmp(found, hash) == 0;
    free(hash);
    if (!fine) {
        free(model);
        return false;
    }
    r->model = model;
    return true;
}

static bool read_indices(struct bl23_survey_reader *r)
{
    uint64_t stored;
    if (!bl23_h5_read_u64(r->file, "/", "stored", &stored) ||
        !bl23_h5_read_u64(r->file, "/", "samples", &r->samples))
        return false;
    size_t const n = bl23_h5_count(r->file, "/survivors/index");
    if (n != stored)
        return false;
    r->n_survivors = n;
    r->index = calloc(r->n_survivors + 1, sizeof *r->index);
    return r->index &&
           (r->n_survivors == 0 ||
            bl23_h5_read(r->file, "/survivors/index", H5T_NATIVE_UINT64, r->n_survivors, r->index));
}

enum bl23_status bl23_survey_open(char const *path, struct bl23_survey_reader *r,
                                  struct bl23_error *error)
{
    *r = (struct bl23_survey_reader){.path = path};
    r->file = H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT);
    char const *why = NULL;
    if (r->file < 0)
        why = bl23_path_exists(path) ? "is truncated or no HDF5 file" : "does not exist";
    else if (!is_survey(r->file))
        why = "is no finished survey of this format";
    else if (!read_model(r))
        why = "has a damaged or missing /tables/model";
    else if (!read_indices(r))
        why = "has a damaged or missing /survivors/index";
    if (!why)
        return BL23_OK;
    bool const short_of_memory = r->n_survivors > 0 && !r->index;
    bl23_survey_close(r);
    if (short_of_memory)
        return bl23_fail(error, BL23_ERROR_MEMORY, "%s: out of memory for its %zu survivors", path,
                         r->n_survivors);
    return bl23_fail(error, BL23_ERROR_CONFIG, "%s: %s, allowed: a file finished by 'bl23 survey'",
                     path, why);
}

void bl23_survey_close(struct bl23_survey_reader *r)
{
    if (r->file >= 0)
        H5Fclose(r->file);
    free(r->model);
    free(r->index);
    r->file = H5I_INVALID_HID;
    r->model = NULL;
    r->index = NULL;
}

bool bl23_survey_find_foreign(struct bl23_survey_reader const *r, char name[64])
{
    H5G_info_t root = {0};
    if (H5Gget_info(r->file, &root) < 0)
        return false;
    for (hsize_t k = 0; k < root.nlinks; k++) {
        struct bl23_h5_sealed const *g = bl23_survey_file_groups;
        ssize_t const length =
            H5Lget_name_by_idx(r->file, ".", H5_INDEX_NAME, H5_ITER_INC, k, name, 64, H5P_DEFAULT);
        while (length > 0 && g->path && strcmp(g->path + 1, name) != 0)
            g++;
        if (length > 0 && !g->path)
            return true;
    }
    return false;
}

/* Rows that are computed again at once, and the arrays for them; owned. */
enum { VERIFY_ROWS = 1 << 14 };
struct verification {
    struct bl23_survey_reader const *reader;
    char const *group;
    bool all; /* columns, or the index only */
    uint64_t const *index;
    size_t rows; /* of the group */
    uint64_t *memory, *stored;
    uint64_t *rebuilt[BL23_COLUMNS_ALL];
};

static enum bl23_status compare_column(struct verification const *v, int column,
                                       struct bl23_h5_rows some, struct bl23_error *error)
{
    char path[64];
    char const *const file = v->reader->path;
    snprintf(path, sizeof path, "%s/%s", v->group, bl23_column_label(column).path);
    hid_t const type = column < BL23_COLUMNS         ? H5T_NATIVE_DOUBLE
                       : column == BL23_COLUMN_LEVEL ? H5T_NATIVE_INT64
                                                     : H5T_NATIVE_UINT64;
    if (!bl23_h5_read_rows(v->reader->file, path, type, v->rows, some, v->stored))
        return bl23_fail(error, BL23_ERROR_FAILED, "%s: %s has another length than the index", file,
                         path);
    for (size_t k = 0; k < some.count; k++)
        if (v->stored[k] != v->rebuilt[column][k])
            return bl23_fail(error, BL23_ERROR_FAILED,
                             "%s: %s of sample %llu (row %zu) differs from the rebuilt value", file,
                             path, (unsigned long long)v->index[some.first + k], some.first + k);
    return BL23_OK;
}

static enum bl23_status compare_rows(struct verification const *v, struct bl23_h5_rows some,
                                     uint64_t *checked, struct bl23_error *error)
{
    enum bl23_status status = BL23_OK;
    if (v->all)
        bl23_columns_compute(v->reader->model, v->index + some.first, some.count, v->rebuilt);
    else
        memcpy(v->rebuilt[BL23_COLUMN_INDEX], v->index + some.first, some.count * sizeof *v->index);
    for (int c = 0; status == BL23_OK && c < BL23_COLUMNS_ALL; c++)
        if (bl23_column_written(v->reader->model, c) && (v->all || c == BL23_COLUMN_INDEX)) {
            status = compare_column(v, c, some, error);
            *checked += some.count;
        }
    return status;
}

/* Block by block, so that the memory does not grow with the survivors. */
static enum bl23_status verify_group(struct verification v, uint64_t *checked,
                                     struct bl23_error *error)
{
    v.memory = calloc((size_t)VERIFY_ROWS * (BL23_COLUMNS_ALL + 1), sizeof *v.memory);
    if (!v.memory)
        return bl23_fail(error, BL23_ERROR_MEMORY, "%s: out of memory", v.reader->path);
    v.stored = v.memory + (size_t)VERIFY_ROWS * BL23_COLUMNS_ALL;
    for (int c = 0; c < BL23_COLUMNS_ALL; c++)
        v.rebuilt[c] = v.memory + (size_t)VERIFY_ROWS * (size_t)c;
    enum bl23_status status = BL23_OK;
    for (size_t first = 0; status == BL23_OK && first < v.rows; first += VERIFY_ROWS) {
        size_t const left = v.rows - first;
        struct bl23_h5_rows const some = {first, left < VERIFY_ROWS ? left : (size_t)VERIFY_ROWS};
        status = compare_rows(&v, some, checked, error);
    }
    free(v.memory);
    return status;
}

/* Every survivor must survive, and the indices must rise. */
static enum bl23_status verify_survivors(struct bl23_survey_reader const *r,
                                         struct bl23_error *error)
{
    for (size_t k = 0; k < r->n_survivors; k++) {
        struct bl23_record record;
        bl23_record_of(r->model, r->index[k], &record);
        bool const rises = k == 0 || r->index[k] > r->index[k - 1];
        if (!record.survives || !rises || r->index[k] >= r->samples)
            return bl23_fail(error, BL23_ERROR_FAILED,
                             "%s: /survivors/index row %zu holds sample %llu, which %s", r->path, k,
                             (unsigned long long)r->index[k],
                             record.survives ? "is out of order or beyond the survey"
                                             : "does not survive");
    }
    return BL23_OK;
}

enum bl23_status bl23_survey_verify(struct bl23_survey_reader const *r, uint64_t *checked,
                                    struct bl23_error *error)
{
    *checked = 0;
    enum bl23_status status =
        bl23_h5_verify(r->file, r->path, bl23_survey_file_groups, checked, error);
    if (status == BL23_OK)
        status = verify_survivors(r, error);
    char *const store = bl23_h5_read_text(r->file, "/", "store");
    bool const records = !store || strcmp(store, "index") != 0;
    free(store);
    if (status == BL23_OK)
        status = verify_group((struct verification){.reader = r,
                                                    .group = "/survivors",
                                                    .all = records,
                                                    .index = r->index,
                                                    .rows = r->n_survivors},
                              checked, error);
    uint64_t n = 0;
    bool const counted = bl23_h5_read_u64(r->file, "/", "nearest", &n) && n < SIZE_MAX / 1024;
    uint64_t *const nearest = calloc(counted ? n + 1 : 1, sizeof *nearest);
    if (status == BL23_OK &&
        (!counted || !nearest ||
         (n > 0 && !bl23_h5_read(r->file, "/nearest/index", H5T_NATIVE_UINT64, n, nearest))))
        status = bl23_fail(error, BL23_ERROR_FAILED,
                           "%s: /nearest/index is missing or has another length than the file says",
                           r->path);
    if (status == BL23_OK)
        status = verify_group(
            (struct verification){
                .reader = r, .group = "/nearest", .all = true, .index = nearest, .rows = n},
            checked, error);
    free(nearest);
    return status;
}

/* Everything but /survivors, as it is; what is stored becomes records. */
static void copy_groups(struct bl23_survey_reader const *r, struct bl23_h5 *to)
{
    bl23_h5_copy_attributes(r->file, "/", to);
    to->ok = to->ok && H5Adelete(to->file, "store") >= 0;
    bl23_h5_text(to, "/", "store", "records");
    for (struct bl23_h5_sealed const *g = bl23_survey_file_groups; g->path; g++)
        if (strcmp(g->path, "/survivors") != 0)
            bl23_h5_copy_group(r->file, g->path, to);
}

enum bl23_status bl23_survey_expand(struct bl23_survey_reader const *r, char const *path,
                                    struct bl23_error *error)
{
    struct bl23_temporary temporary;
    struct bl23_h5 h5;
    struct bl23_column_space space;
    enum bl23_status status = bl23_temporary_make(path, &temporary, error);
    if (status != BL23_OK)
        return status;
    bl23_h5_create(&h5, temporary.name);
    copy_groups(r, &h5);
    bl23_columns_create(&h5, "/survivors", r->model, true, r->n_survivors, &space);
    bl23_h5_seal(&h5, bl23_survey_file_groups);
    status = bl23_h5_close(&h5, temporary.name, BL23_OK, error);
    if (status == BL23_OK)
        status = bl23_columns_fill(temporary.name, &space, r->model, r->index, error);
    return bl23_temporary_finish(&temporary, status, error);
}
