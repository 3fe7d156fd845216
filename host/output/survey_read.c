/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "host/output/survey_read.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/io/file_io.h"
#include "host/output/columns_file.h"
#include "host/output/hdf5_content.h"
#include "host/output/hdf5_copy.h"
#include "host/output/outcome_read.h"
#include "host/output/tables_file.h"
#include "kernels/sample/error.h"

bool bl23_survey_find_foreign(struct bl23_survey_reader const *r, char name[64])
{
    H5G_info_t root = {0};
    if (H5Gget_info(r->file, &root) < 0)
        return false;
    for (hsize_t k = 0; k < root.nlinks; k++) {
        struct bl23_h5_sealed const *g = bl23_layout_groups;
        ssize_t const length =
            H5Lget_name_by_idx(r->file, ".", H5_INDEX_NAME, H5_ITER_INC, k, name, 64, H5P_DEFAULT);
        while (length > 0 && g->path && strcmp(g->path + 1, name) != 0)
            g++;
        if (length > 0 && !g->path)
            return true;
    }
    return false;
}

/* Rows that are computed again at a time, and the arrays for them; owned. */
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

static struct bl23_h5_form column_form(int column, size_t rows)
{
    enum bl23_h5_kind const kind = column < BL23_COLUMNS         ? BL23_H5_F64
                                   : column == BL23_COLUMN_LEVEL ? BL23_H5_I64
                                                                 : BL23_H5_U64;
    return bl23_h5_line(kind, rows);
}

static bool is_compared(struct verification const *v, int column)
{
    return bl23_column_written(v->reader->model, column) && (v->all || column == BL23_COLUMN_INDEX);
}

/* The group must have its columns, and nothing else. */
static enum bl23_status check_columns(struct verification const *v, struct bl23_error *error)
{
    size_t columns = 0;
    for (int c = 0; c < BL23_COLUMNS_ALL; c++) {
        char path[64];
        if (!is_compared(v, c))
            continue;
        snprintf(path, sizeof path, "%s/%s", v->group, bl23_column_label(c).path);
        BL23_TRY(bl23_h5_expect(v->reader->file, path, column_form(c, v->rows), error));
        columns++;
    }
    if (bl23_h5_members(v->reader->file, v->group) == columns)
        return BL23_OK;
    if (bl23_h5_machine_failed(v->reader->path, v->group, error))
        return BL23_ERROR_IO;
    return bl23_fail(error, BL23_ERROR_FAILED, "%s: %s must hold its columns and no other dataset",
                     v->reader->path, v->group);
}

static enum bl23_status compare_column(struct verification const *v, int column,
                                       struct bl23_h5_rows some, struct bl23_error *error)
{
    char path[64];
    char const *const file = v->reader->path;
    snprintf(path, sizeof path, "%s/%s", v->group, bl23_column_label(column).path);
    BL23_TRY(bl23_h5_read_rows(v->reader->file, path, column_form(column, v->rows), some, v->stored,
                               error));
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
    if (v->all)
        bl23_columns_compute(v->reader->model, v->index + some.first, some.count, v->rebuilt);
    else
        memcpy(v->rebuilt[BL23_COLUMN_INDEX], v->index + some.first, some.count * sizeof *v->index);
    for (int c = 0; c < BL23_COLUMNS_ALL; c++)
        if (is_compared(v, c)) {
            BL23_TRY(compare_column(v, c, some, error));
            *checked += some.count;
        }
    return BL23_OK;
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
    enum bl23_status status = check_columns(&v, error);
    for (size_t first = 0; status == BL23_OK && first < v.rows; first += VERIFY_ROWS) {
        size_t const left = v.rows - first;
        struct bl23_h5_rows const some = {first, left < VERIFY_ROWS ? left : (size_t)VERIFY_ROWS};
        status = compare_rows(&v, some, checked, error);
    }
    free(v.memory);
    return status;
}

/* Every stored survivor must be one, and the indices must rise. */
static enum bl23_status verify_survivors(struct bl23_survey_reader const *r,
                                         struct bl23_error *error)
{
    for (size_t k = 0; k < r->n_survivors; k++) {
        struct bl23_record record;
        bl23_record_of(r->model, r->index[k], &record);
        bool const rises = k == 0 || r->index[k] > r->index[k - 1];
        if (!record.survives || !rises || !bl23_survey_holds(r, r->index[k]))
            return bl23_fail(error, BL23_ERROR_FAILED,
                             "%s: /survivors/index row %zu holds sample %llu, which %s", r->path, k,
                             (unsigned long long)r->index[k],
                             record.survives ? "is out of order or not in /ranges"
                                             : "does not survive");
    }
    return BL23_OK;
}

static enum bl23_status verify_nearest(struct bl23_survey_reader const *r, uint64_t *checked,
                                       struct bl23_error *error)
{
    uint64_t *index;
    enum bl23_status status =
        bl23_survey_indices(r, "/nearest/index", r->head.nearest, &index, error);
    for (size_t k = 0; status == BL23_OK && k < r->head.nearest; k++)
        if (!bl23_survey_holds(r, index[k]))
            status = bl23_fail(error, BL23_ERROR_FAILED,
                               "%s: /nearest/index row %zu holds sample %llu, not in /ranges",
                               r->path, k, (unsigned long long)index[k]);
    if (status == BL23_OK)
        status = verify_group((struct verification){.reader = r,
                                                    .group = "/nearest",
                                                    .all = true,
                                                    .index = index,
                                                    .rows = r->head.nearest},
                              checked, error);
    free(index);
    return status;
}

/* What the seals and the rebuilt values leave open: a hash that is not of this file. */
static enum bl23_status verify_content(struct bl23_survey_reader const *r, struct bl23_error *error)
{
    char hash[BL23_CONTENT_HASH_TEXT];
    BL23_TRY(bl23_h5_content_hash(r->file, bl23_layout_groups, hash, error));
    if (strcmp(hash, r->head.content_hash) == 0)
        return BL23_OK;
    return bl23_fail(error, BL23_ERROR_FAILED, "%s: its content_hash is not that of its content",
                     r->path);
}

enum bl23_status bl23_survey_verify(struct bl23_survey_reader const *r, uint64_t *checked,
                                    struct bl23_error *error)
{
    *checked = r->checked;
    struct verification const survivors = {.reader = r,
                                           .group = "/survivors",
                                           .all = r->records,
                                           .index = r->index,
                                           .rows = r->n_survivors};
    BL23_TRY(verify_survivors(r, error));
    BL23_TRY(verify_group(survivors, checked, error));
    BL23_TRY(verify_nearest(r, checked, error));
    BL23_TRY(bl23_tables_verify(r->file, r->path, r->model, error));
    BL23_TRY(bl23_outcome_verify(r, error));
    return verify_content(r, error);
}

/* Copy everything but /survivors; the attribute store becomes "records". */
static void copy_groups(struct bl23_survey_reader const *r, struct bl23_reduction const *reduction,
                        struct bl23_h5 *to)
{
    struct bl23_survey_data data = {.reduction = reduction};
    bl23_layout_measure(&data, r->model);
    bl23_h5_copy_attributes(r->file, "/", to);
    to->ok = to->ok && H5Adelete(to->file, "store") >= 0;
    bl23_h5_text(to, "/", "store", "records");
    for (struct bl23_h5_sealed const *g = bl23_layout_groups; g->path; g++)
        if (strcmp(g->path, "/survivors") != 0 && !bl23_h5_is_left_out(r->file, g)) {
            bl23_h5_copy_group(r->file, g->path, to);
            if (bl23_layout_has_group(g, r->model)) /* another one is not of our rows */
                bl23_layout_attach(to, g->path, &data);
        }
    bl23_columns_attach(to, "/nearest", r->model, true);
}

enum bl23_status bl23_survey_expand(struct bl23_survey_reader const *r, char const *path,
                                    struct bl23_error *error)
{
    struct bl23_temporary temporary;
    struct bl23_h5 h5;
    struct bl23_column_space space;
    struct bl23_reduction reduction;
    BL23_TRY(bl23_outcome_reduction(r, &reduction, error));
    BL23_TRY(bl23_temporary_make(path, &temporary, error));
    bl23_h5_create(&h5, temporary.name);
    copy_groups(r, &reduction, &h5);
    bl23_columns_create(&h5, "/survivors", r->model, true, r->n_survivors, &space);
    bl23_h5_seal(&h5, bl23_layout_groups);
    enum bl23_status status = bl23_h5_close(&h5, temporary.name, BL23_OK, error);
    if (status == BL23_OK)
        status = bl23_columns_fill(temporary.name, &space, r->model, r->index, error);
    if (status == BL23_OK)
        status = bl23_h5_content_seal(temporary.name, bl23_layout_groups, error);
    return bl23_temporary_finish(&temporary, status, error);
}
