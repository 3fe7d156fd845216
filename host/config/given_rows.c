/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "host/config/given_rows.h"

#include <stdlib.h>
#include <string.h>

#include "host/config/points_input.h"
#include "host/io/allotment.h"
#include "host/io/file_io.h"
#include "host/io/notes.h"
#include "kernels/sample/error.h"

/* What is read: the rows so far, and where they go. */
struct reading {
    struct bl23_points_input in;
    struct bl23_point_batch batch;
    char path[2 * BL23_PATH_SIZE];
    bool takes_g;
    uint64_t rows, checksum;
    double *w, *g; /* [limit][6], [limit]; NULL: nowhere */
    uint64_t limit;
};

/* The checksum of what has been read, and of the batch behind it. */
static uint64_t checksum_of(struct reading const *r)
{
    struct bl23_point_batch const *const b = &r->batch;
    uint64_t const parts[3] = {r->checksum, bl23_checksum(b->w, b->n * sizeof b->w[0]),
                               r->takes_g ? bl23_checksum(b->g_bl, b->n * sizeof b->g_bl[0]) : 0};
    return bl23_checksum(parts, sizeof parts);
}

static enum bl23_status check_batch(struct reading const *r, struct bl23_error *error)
{
    struct bl23_point_batch const *const b = &r->batch;
    char place[512];
    for (size_t k = 0; k < b->n; k++) {
        struct bl23_error why = {BL23_OK, ""};
        if (bl23_point_check(NULL, r->takes_g ? &b->g_bl[k] : NULL, b->w[k], &why) == BL23_OK)
            continue;
        bl23_points_input_place(&r->in, b, k, place, sizeof place);
        return bl23_fail(error, BL23_ERROR_CONFIG, "%s: %s", place, why.text);
    }
    return BL23_OK;
}

/* All rows, but no more than `limit` where they go somewhere. */
static enum bl23_status read_rows(struct reading *r, struct bl23_error *error)
{
    struct bl23_point_batch const *const b = &r->batch;
    for (;;) {
        BL23_TRY(bl23_points_input_read(&r->in, &r->batch, error));
        if (b->n == 0)
            return BL23_OK;
        BL23_TRY(check_batch(r, error));
        if (r->w && b->n <= r->limit - r->rows) {
            memcpy(r->w + 6 * r->rows, b->w, b->n * sizeof b->w[0]);
            if (r->takes_g)
                memcpy(r->g + r->rows, b->g_bl, b->n * sizeof b->g_bl[0]);
        } else if (r->w) {
            return BL23_OK; /* there are more: the checksum is another one */
        }
        r->checksum = checksum_of(r);
        r->rows += b->n;
    }
}

/* Where the file is: in the folder of the configuration. That of an output or a run knows the
 * checksum of the rows, so they may also lie where the program runs, or beside the run. */
static void locate(struct bl23_config const *c, char path[2 * BL23_PATH_SIZE])
{
    char beside[2 * BL23_PATH_SIZE], above[BL23_PATH_SIZE + 4];
    bl23_config_locate(c, c->rows_file, path);
    if (c->n_rows == 0 || c->rows_file[0] == '/' || bl23_path_exists(path))
        return;
    snprintf(above, sizeof above, "../%s", c->rows_file);
    bl23_config_locate(c, above, beside);
    if (bl23_path_exists(c->rows_file))
        snprintf(path, sizeof beside, "%s", c->rows_file);
    else if (bl23_path_exists(beside))
        snprintf(path, sizeof beside, "%s", beside);
}

/* `by` needs the rows: the line of a configuration, or an output. */
static enum bl23_status begin(struct bl23_config const *c, char const *by, bool apart,
                              struct reading **reading, struct bl23_error *error)
{
    struct reading *const r = *reading = calloc(1, sizeof *r);
    if (!r)
        return bl23_fail(error, BL23_ERROR_MEMORY, "out of memory for the rows w");
    locate(c, r->path);
    if (!bl23_path_exists(r->path))
        return bl23_fail(
            error, BL23_ERROR_CONFIG,
            "%s: %s, the file of the rows w, does not exist; put it into the folder of "
            "%s%s",
            by, r->path, c->path,
            c->n_rows > 0 ? ", or where bl23 runs" : ", or name it by its whole path");
    return bl23_points_input_open(r->path, apart, &r->in, error);
}

static void end(struct reading *r)
{
    if (r)
        bl23_points_input_close(&r->in);
    free(r);
}

/* ---- what is in it ---- */

static enum bl23_status scan(struct bl23_config *c, bool apart, bool g_mode_is_given,
                             struct reading *r, struct bl23_error *error)
{
    bool const has_g = r->in.has[BL23_POINT_g_bl];
    if (r->in.has[BL23_POINT_mass_gev])
        return bl23_fail(error, BL23_ERROR_CONFIG,
                         "%s: the column mass_gev cannot be used, because the rows of a survey are "
                         "at the masses of its configuration; remove the column, or use 'bl23 "
                         "points'",
                         r->path);
    if (!g_mode_is_given && has_g)
        c->g_mode = BL23_G_ROWS;
    r->takes_g = c->g_mode == BL23_G_ROWS;
    if (r->takes_g && !has_g)
        return bl23_fail(error, BL23_ERROR_CONFIG,
                         "%s must have the column g_bl, because %s has g_bl: rows; add the column, "
                         "or choose another g_bl",
                         r->path, c->path);
    if (has_g && !r->takes_g && !apart)
        bl23_note("note: %s: the column g_bl is not used, because %s has a g_bl", r->path, c->path);
    BL23_TRY(read_rows(r, error));
    c->n_rows = r->rows;
    c->rows_checksum = r->checksum;
    return r->rows > 0 ? BL23_OK : bl23_fail(error, BL23_ERROR_CONFIG, "%s has no rows", r->path);
}

enum bl23_status bl23_given_rows_scan(struct bl23_config *c, char const *by, bool apart,
                                      bool g_mode_is_given, struct bl23_error *error)
{
    struct reading *r;
    enum bl23_status status = begin(c, by, apart, &r, error);
    if (status == BL23_OK)
        status = scan(c, apart, g_mode_is_given, r, error);
    end(r);
    return status;
}

enum bl23_status bl23_given_rows_check_samples(struct bl23_config const *c, char const *name,
                                               struct bl23_error *error)
{
    if (c->w_mode != BL23_W_ROWS || c->samples <= c->n_rows)
        return BL23_OK;
    return bl23_fail(error, BL23_ERROR_CONFIG,
                     "%s must be at most %llu, the number of rows in %s (got %llu)", name,
                     (unsigned long long)c->n_rows, c->rows_file, (unsigned long long)c->samples);
}

/* ---- into the model ---- */

static enum bl23_status make_room(struct bl23_config const *c, struct bl23_model **model,
                                  struct bl23_error *error)
{
    struct bl23_allotment const a = bl23_allotment();
    size_t const before = bl23_model_size(*model), one = bl23_row_bytes(c->g_mode);
    if ((double)c->n_rows * (double)one > a.memory_bytes)
        return bl23_fail(error, BL23_ERROR_CONFIG,
                         "%s: %llu rows w need %.3g MB of memory, but bl23 may use only %.3g MB "
                         "(%s); divide the file",
                         c->path, (unsigned long long)c->n_rows,
                         (double)c->n_rows * (double)one / 1e6, a.memory_bytes / 1e6, a.memory_by);
    struct bl23_model *const grown = realloc(*model, before + (size_t)c->n_rows * one);
    if (!grown)
        return bl23_fail(error, BL23_ERROR_MEMORY, "%s: out of memory for %llu rows w", c->path,
                         (unsigned long long)c->n_rows);
    grown->n_rows = c->n_rows;
    *model = grown;
    return BL23_OK;
}

static enum bl23_status fill(struct bl23_config const *c, struct bl23_model *model,
                             struct reading *r, struct bl23_error *error)
{
    r->takes_g = c->g_mode == BL23_G_ROWS;
    r->limit = c->n_rows;
    r->w = (double *)((char *)model + bl23_ranked_bytes(model->n_knots, model->groups));
    r->g = r->w + 6 * c->n_rows;
    if (!r->takes_g || r->in.has[BL23_POINT_g_bl])
        BL23_TRY(read_rows(r, error));
    if (r->rows == c->n_rows && r->checksum == c->rows_checksum)
        return BL23_OK;
    return bl23_fail(error, BL23_ERROR_REFUSED,
                     "%s: the rows of %s have changed since the survey began; put the old file "
                     "back, or survey the new rows into another output",
                     c->path, r->path);
}

enum bl23_status bl23_given_rows_attach(struct bl23_config const *c, struct bl23_model **model,
                                        struct bl23_error *error)
{
    struct reading *r = NULL;
    BL23_TRY(bl23_given_rows_check_samples(c, "samples", error));
    BL23_TRY(make_room(c, model, error));
    enum bl23_status status = begin(c, c->path, true, &r, error);
    if (status == BL23_OK)
        status = fill(c, *model, r, error);
    end(r);
    return status;
}
