/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "host/output/cover_file.h"

#include <stdlib.h>
#include <string.h>

#include "host/io/file_io.h"
#include "host/output/survey_read.h"
#include "kernels/sample/error.h"
#include "tables/cover/cover_flat.h"

#define FORMAT "bl23-cover"
enum { FORMAT_VERSION = 1 };

static struct bl23_h5_sealed const groups[] = {{.path = "/config"}, {.path = "/cover"}, {0}};

/* ---- writing ---- */

/* The rows of all masses and the packed trees into *data; false: out of memory. */
static bool fill(struct bl23_survey_data *data, struct bl23_cover_row *row,
                 struct bl23_cover_tree const *tree)
{
    size_t const n = data->model->n_knots;
    size_t bytes = 0;
    for (size_t k = 0; row && k < n; k++) {
        struct bl23_cover_volumes v;
        bl23_cover_tree_volumes(&tree[k], &v);
        row[k] = (struct bl23_cover_row){.cells = v.cells,
                                         .nodes = tree[k].nodes,
                                         .offset = bytes,
                                         .volume_upper = (double)v.upper * 0x1p-60,
                                         .volume_inside = (double)v.inside * 0x1p-60};
        bytes += bl23_cover_tree_packed_bytes(tree[k].nodes);
    }
    uint8_t *const packed = calloc(bytes + 1, 1);
    for (size_t k = 0; row && packed && k < n; k++)
        bl23_cover_tree_pack(&tree[k], packed + row[k].offset);
    data->cover = row;
    data->trees = packed;
    data->size[-BL23_SIZE_TREES] = bytes;
    return row && packed;
}

void bl23_cover_write(struct bl23_h5 *h5, struct bl23_model const *model,
                      struct bl23_cover_tree const *tree)
{
    struct bl23_survey_data data = {.knots = (struct bl23_knot *)model->knot}; /* only written */
    struct bl23_cover_row *const row = calloc(model->n_knots, sizeof *row);
    bl23_layout_measure(&data, model);
    h5->ok = fill(&data, row, tree) && h5->ok;
    if (h5->ok)
        bl23_layout_write(h5, "/cover", &data);
    free(row);
    free((void *)data.trees);
}

enum bl23_status bl23_cover_file_write(char const *path, char const *yaml,
                                       struct bl23_model const *model,
                                       struct bl23_cover_tree const *tree, struct bl23_error *error)
{
    struct bl23_survey_data const config = {.head.yaml = yaml};
    struct bl23_temporary temporary;
    struct bl23_h5 h5;
    BL23_TRY(bl23_temporary_make(path, &temporary, error));
    bl23_h5_create(&h5, temporary.name);
    bl23_h5_text(&h5, "/", "format", FORMAT);
    bl23_h5_u64(&h5, "/", "format_version", FORMAT_VERSION);
    bl23_layout_write(&h5, "/config", &config);
    bl23_cover_write(&h5, model, tree);
    bl23_h5_seal(&h5, groups);
    enum bl23_status const status = bl23_h5_close(&h5, temporary.name, BL23_OK, error);
    return bl23_temporary_finish(&temporary, status, error);
}

/* ---- reading ---- */

/* A dataset of one number for each mass into new memory. */
static enum bl23_status read_column(hid_t file, char const *path, enum bl23_h5_kind kind, size_t n,
                                    void **values, struct bl23_error *error)
{
    *values = calloc(n + 1, sizeof(uint64_t));
    if (!*values)
        return bl23_fail(error, BL23_ERROR_MEMORY, "out of memory for %s", path);
    return bl23_h5_read(file, path, bl23_h5_line(kind, n), *values, error);
}

/* The trees out of their packed bytes, each where the one before it ends. */
static enum bl23_status unpack(hid_t file, uint64_t const *nodes, uint64_t const *offset,
                               uint8_t const *packed, size_t bytes, struct bl23_cover_stored *s,
                               struct bl23_error *error)
{
    size_t begin = 0;
    for (size_t k = 0; k < s->masses; k++) {
        size_t const size =
            nodes[k] <= 8 * bytes ? bl23_cover_tree_packed_bytes((size_t)nodes[k]) : SIZE_MAX;
        if (offset[k] != begin || size > bytes - begin)
            return bl23_h5_refuse(file, "/cover/offset", "does not fit /cover/nodes", error);
        struct bl23_error found = {BL23_OK, ""};
        enum bl23_status const status =
            bl23_cover_tree_unpack(packed + begin, (size_t)nodes[k], &s->tree[k], &found);
        if (status == BL23_ERROR_FAILED)
            return bl23_h5_refuse(file, "/cover/tree", "holds a tree that is not whole", error);
        if (status != BL23_OK)
            return bl23_fail(error, status, "%s", found.text);
        begin += size;
    }
    return begin == bytes ? BL23_OK
                          : bl23_h5_refuse(file, "/cover/tree", "does not fit /cover/nodes", error);
}

static enum bl23_status read_trees(hid_t file, struct bl23_cover_stored *s,
                                   struct bl23_error *error)
{
    void *nodes = NULL, *offset = NULL;
    uint8_t *packed = NULL;
    size_t bytes = 0;
    enum bl23_status status =
        read_column(file, "/cover/nodes", BL23_H5_U64, s->masses, &nodes, error);
    if (status == BL23_OK)
        status = read_column(file, "/cover/offset", BL23_H5_U64, s->masses, &offset, error);
    if (status == BL23_OK)
        status = bl23_h5_read_count(file, "/cover/tree", BL23_H5_U8, &bytes, error);
    if (status == BL23_OK) {
        packed = malloc(bytes + 1);
        status = packed ? bl23_h5_read(file, "/cover/tree", bl23_h5_line(BL23_H5_U8, bytes), packed,
                                       error)
                        : bl23_fail(error, BL23_ERROR_MEMORY, "out of memory for /cover/tree");
    }
    if (status == BL23_OK)
        status = unpack(file, nodes, offset, packed, bytes, s, error);
    free(nodes);
    free(offset);
    free(packed);
    return status;
}

/* What the file says of the trees must be so. */
static enum bl23_status check_volumes(hid_t file, struct bl23_cover_stored const *s,
                                      struct bl23_error *error)
{
    for (size_t k = 0; k < s->masses; k++) {
        struct bl23_cover_volumes v;
        bl23_cover_tree_volumes(&s->tree[k], &v);
        if (s->cells[k] != v.cells)
            return bl23_h5_refuse(file, "/cover/cells", "does not fit /cover/tree", error);
        if (s->volume_inside[k] != (double)v.inside * 0x1p-60)
            return bl23_h5_refuse(file, "/cover/volume_inside", "does not fit /cover/tree", error);
    }
    return BL23_OK;
}

/* The same of the cells with their strips. */
static enum bl23_status check_upper(hid_t file, struct bl23_cover_stored const *s,
                                    struct bl23_model const *model, struct bl23_error *error)
{
    struct bl23_cover_knot const *const knot = bl23_model_cover(model)->knot;
    for (size_t k = 0; k < s->masses; k++)
        if (s->volume_upper[k] != (double)bl23_cover_knot_volume(&knot[k]) * 0x1p-60)
            return bl23_h5_refuse(file, "/cover/volume_upper", "does not fit /cover/tree", error);
    return BL23_OK;
}

enum bl23_status bl23_cover_read(hid_t file, struct bl23_cover_stored *s, struct bl23_error *error)
{
    size_t n = 0;
    BL23_TRY(bl23_h5_read_count(file, "/cover/mass_gev", BL23_H5_F64, &n, error));
    s->tree = calloc(n + 1, sizeof *s->tree);
    if (!s->tree)
        return bl23_fail(error, BL23_ERROR_MEMORY, "out of memory for %zu masses", n);
    s->masses = n;
    BL23_TRY(read_column(file, "/cover/mass_gev", BL23_H5_F64, n, (void **)&s->mass_gev, error));
    BL23_TRY(read_column(file, "/cover/cells", BL23_H5_U64, n, (void **)&s->cells, error));
    BL23_TRY(
        read_column(file, "/cover/volume_upper", BL23_H5_F64, n, (void **)&s->volume_upper, error));
    BL23_TRY(read_column(file, "/cover/volume_inside", BL23_H5_F64, n, (void **)&s->volume_inside,
                         error));
    return read_trees(file, s, error);
}

enum bl23_status bl23_cover_read_into_model(hid_t file, struct bl23_model **model,
                                            struct bl23_error *error)
{
    struct bl23_cover_stored s = {0};
    enum bl23_status status = bl23_cover_read(file, &s, error);
    if (status == BL23_OK)
        status = check_volumes(file, &s, error);
    if (status == BL23_OK && s.masses != (*model)->n_knots)
        status = bl23_h5_refuse(file, "/cover/mass_gev", "does not have the masses of the survey",
                                error);
    for (size_t k = 0; status == BL23_OK && k < s.masses; k++)
        if (s.mass_gev[k] != (*model)->knot[k].mass_gev)
            status = bl23_h5_refuse(file, "/cover/mass_gev",
                                    "does not have the masses of the survey", error);
    if (status == BL23_OK) {
        struct bl23_error found = {BL23_OK, ""};
        status = bl23_cover_attach(model, s.tree, &found);
        if (status == BL23_ERROR_FAILED)
            status = bl23_h5_refuse(file, "/cover/tree", "has no cells to draw from", error);
        else if (status != BL23_OK)
            bl23_fail(error, status, "%s", found.text);
        else
            status = check_upper(file, &s, *model, error);
    }
    bl23_cover_stored_free(&s);
    return status;
}

/* The cover of a survey, with the model from which it was drawn. */
static enum bl23_status read_survey(char const *path, struct bl23_cover_stored *s,
                                    struct bl23_error *error)
{
    struct bl23_survey_reader reader;
    BL23_TRY(bl23_survey_open(path, &reader, error));
    enum bl23_status status = BL23_OK;
    if (!bl23_h5_has(reader.file, "/cover"))
        status = bl23_fail(error, BL23_ERROR_CONFIG,
                           "%s is a survey without a cover, as draw: uniform makes it; name a file "
                           "of 'bl23 cover -o', or a survey with draw: cover",
                           path);
    if (status == BL23_OK)
        status = bl23_cover_read(reader.file, s, error);
    s->yaml = reader.head.yaml ? strdup(reader.head.yaml) : NULL;
    s->model = reader.model;
    reader.model = NULL;
    bl23_survey_close(&reader);
    return status;
}

static enum bl23_status read_own(hid_t file, char const *path, struct bl23_cover_stored *s,
                                 struct bl23_error *error)
{
    uint64_t version = 0, checked = 0;
    BL23_TRY(bl23_h5_read_u64(file, "/", "format_version", &version, error));
    if (version != FORMAT_VERSION)
        return bl23_fail(error, BL23_ERROR_REFUSED,
                         "%s has format_version %llu, and this program reads %d; make it again "
                         "with 'bl23 cover -o'",
                         path, (unsigned long long)version, FORMAT_VERSION);
    BL23_TRY(bl23_h5_verify(file, path, groups, &checked, error));
    BL23_TRY(bl23_h5_read_text(file, "/config", "yaml", &s->yaml, error));
    return bl23_cover_read(file, s, error);
}

enum bl23_status bl23_cover_file_read(char const *path, struct bl23_cover_stored *s,
                                      struct bl23_error *error)
{
    hid_t file;
    char *format = NULL;
    struct bl23_error found = {BL23_OK, ""};
    *s = (struct bl23_cover_stored){0};
    enum bl23_status status = bl23_h5_open(path, &file, &found);
    if (status == BL23_ERROR_FAILED)
        return bl23_fail(error, BL23_ERROR_CONFIG,
                         "%s; name a file of 'bl23 cover -o', or a survey with draw: cover",
                         found.text);
    if (status != BL23_OK)
        return bl23_fail(error, status, "%s", found.text);
    status = bl23_h5_read_text(file, "/", "format", &format, NULL);
    bool const own = status == BL23_OK && strcmp(format, FORMAT) == 0;
    bool const survey = status == BL23_OK && strcmp(format, BL23_SURVEY_FORMAT) == 0;
    free(format);
    if (own)
        status = read_own(file, path, s, error);
    H5Fclose(file);
    if (survey)
        return read_survey(path, s, error);
    return own ? status
               : bl23_fail(error, BL23_ERROR_CONFIG,
                           "%s holds no cover; name a file of 'bl23 cover -o', or a survey with "
                           "draw: cover",
                           path);
}

void bl23_cover_stored_free(struct bl23_cover_stored *s)
{
    for (size_t k = 0; k < s->masses; k++)
        bl23_cover_tree_free(&s->tree[k]);
    free(s->yaml);
    free(s->model);
    free(s->mass_gev);
    free(s->tree);
    free(s->cells);
    free(s->volume_upper);
    free(s->volume_inside);
    *s = (struct bl23_cover_stored){0};
}
