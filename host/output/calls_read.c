/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include <stdlib.h>
#include <string.h>

#include "host/output/survey_read.h"
#include "kernels/sample/error.h"

/* A column of texts into a member of every row. */
static enum bl23_status read_texts(hid_t file, char const *path, struct bl23_calls *c,
                                   size_t offset, size_t room, struct bl23_error *error)
{
    struct bl23_h5_found found;
    void *values = NULL;
    hid_t const set = bl23_h5_has(file, path) ? H5Dopen2(file, path, H5P_DEFAULT) : H5I_INVALID_HID;
    if (set < 0)
        return bl23_h5_refuse(file, path, "is missing", error);
    enum bl23_status status = bl23_h5_load(set, &found, &values);
    H5Dclose(set);
    if (status == BL23_ERROR_MEMORY)
        bl23_fail(error, status, "out of memory for %s", path);
    else if (status != BL23_OK || found.form.kind != BL23_H5_TEXT || found.form.rank != 1 ||
             found.count != c->size || found.width >= room)
        status = bl23_h5_refuse(file, path, "does not hold the texts that bl23 writes", error);
    for (size_t k = 0; status == BL23_OK && k < c->size; k++)
        memcpy((char *)&c->call[k] + offset, (char *)values + k * found.width, found.width);
    free(values);
    return status;
}

static enum bl23_status read_counts(hid_t file, char const *path, struct bl23_calls *c,
                                    size_t offset, struct bl23_error *error)
{
    uint64_t *const value = calloc(c->size + 1, sizeof *value);
    if (!value)
        return bl23_fail(error, BL23_ERROR_MEMORY, "out of memory for %s", path);
    enum bl23_status const status =
        bl23_h5_read(file, path, bl23_h5_line(BL23_H5_U64, c->size), value, error);
    for (size_t k = 0; status == BL23_OK && k < c->size; k++)
        memcpy((char *)&c->call[k] + offset, &value[k], sizeof *value);
    free(value);
    return status;
}

#define TEXT_OF(field) offsetof(struct bl23_call, field), sizeof(((struct bl23_call *)NULL)->field)

/* The rows of a file, which are all new. */
static enum bl23_status read_rows(struct bl23_survey_reader const *r, struct bl23_calls *c,
                                  struct bl23_error *error)
{
    static struct {
        char const *path;
        size_t offset, room; /* room: of a text */
    } const columns[] = {
        {"/provenance/version", TEXT_OF(version)},
        {"/provenance/git_revision", TEXT_OF(git_revision)},
        {"/provenance/host", TEXT_OF(host)},
        {"/provenance/backend", TEXT_OF(backend)},
        {"/provenance/device", TEXT_OF(device)},
        {"/provenance/start", TEXT_OF(start)},
        {"/provenance/end", TEXT_OF(end)},
        {"/provenance/threads", offsetof(struct bl23_call, threads), 0},
        {"/provenance/ranks", offsetof(struct bl23_call, ranks), 0},
        {"/provenance/samples", offsetof(struct bl23_call, samples), 0},
    };
    BL23_TRY(bl23_h5_read_count(r->file, "/provenance/samples", BL23_H5_U64, &c->size, error));
    c->call = calloc(c->size + 1, sizeof *c->call);
    if (!c->call)
        return bl23_fail(error, BL23_ERROR_MEMORY, "%s: out of memory for its calls", r->path);
    for (size_t k = 0; k < sizeof columns / sizeof columns[0]; k++)
        BL23_TRY(
            columns[k].room
                ? read_texts(r->file, columns[k].path, c, columns[k].offset, columns[k].room, error)
                : read_counts(r->file, columns[k].path, c, columns[k].offset, error));
    if (bl23_calls_agree(c, r->head.samples))
        return BL23_OK;
    return bl23_fail(error, BL23_ERROR_FAILED,
                     "%s: the calls of /provenance contradict the number of samples", r->path);
}

enum bl23_status bl23_survey_calls(struct bl23_survey_reader const *r, struct bl23_calls *calls,
                                   struct bl23_error *error)
{
    struct bl23_calls mine = {0};
    enum bl23_status status = read_rows(r, &mine, error);
    for (size_t k = 0; status == BL23_OK && k < mine.size; k++)
        status = bl23_calls_add(calls, &mine.call[k], error);
    bl23_calls_free(&mine);
    return status;
}
