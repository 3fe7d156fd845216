/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/io/file_io.h"
#include "host/output/survey_read.h"
#include "kernels/results/model_check.h"
#include "kernels/sample/error.h"

/* Is it a complete survey of a format this program reads? */
static bool is_survey(struct bl23_survey_head const *head)
{
    return head->format && strcmp(head->format, BL23_SURVEY_FORMAT) == 0 && head->complete == 1 &&
           head->format_version == BL23_SURVEY_FORMAT_VERSION;
}

/* The hash that names the configuration of a survey: 16 hexadecimal digits. */
static bool read_config_hash(struct bl23_survey_head const *head, uint64_t *config_hash)
{
    char const *const text = head->config_hash;
    bool const fine = text && strlen(text) == 16 && strspn(text, "0123456789abcdef") == 16;
    *config_hash = fine ? strtoull(text, NULL, 16) : 0;
    return fine;
}

static enum bl23_status read_head(hid_t file, struct bl23_survey_head *head,
                                  struct bl23_error *error)
{
    *head = (struct bl23_survey_head){.format = NULL};
    enum bl23_status const status = bl23_layout_read_head(file, "/", head, error);
    enum bl23_status const config = bl23_layout_read_head(file, "/config", head, error);
    return status == BL23_OK ? config : status;
}

/* Open what lies at path, and read its head; *lacking says what could not be read of that. *file is
 * invalid where it is not a finished survey of this format, and *why says what it is: "does not
 * exist" or another verb. The caller frees the head, also on failure. */
static enum bl23_status open_survey(char const *path, hid_t *file, struct bl23_survey_head *head,
                                    struct bl23_error *lacking, bool *exists, char const **why,
                                    struct bl23_error *error)
{
    struct bl23_error found = {BL23_OK, ""};
    *file = H5I_INVALID_HID;
    *lacking = found;
    *head = (struct bl23_survey_head){.format = NULL};
    *why = "does not exist";
    BL23_TRY(bl23_path_look(path, exists, error));
    if (!*exists)
        return BL23_OK;
    enum bl23_status const status = bl23_h5_open(path, file, &found);
    *why = "is truncated or is not an HDF5 file";
    if (status == BL23_ERROR_FAILED)
        return BL23_OK;
    if (status != BL23_OK)
        return bl23_fail(error, status, "%s", found.text);
    read_head(*file, head, lacking);
    *why = "is not a finished survey of this format";
    if (is_survey(head))
        return BL23_OK;
    bool const failed = bl23_h5_machine_failed(path, "/", error);
    H5Fclose(*file);
    *file = H5I_INVALID_HID;
    return failed ? BL23_ERROR_IO : BL23_OK;
}

static enum bl23_status identify(hid_t file, char const *path, uint64_t config_hash,
                                 struct bl23_survey_head const *head,
                                 struct bl23_output_identity *id, struct bl23_error *error)
{
    uint64_t checked = 0;
    if (head->samples == 0 || head->samples > BL23_SAMPLES_MAX || !head->yaml ||
        !read_config_hash(head, &id->config_hash))
        return bl23_h5_machine_failed(path, "/", error) ? BL23_ERROR_IO : BL23_OK;
    id->samples = head->samples;
    id->yaml = strdup(head->yaml);
    if (!id->yaml)
        return bl23_fail(error, BL23_ERROR_MEMORY, "%s: out of memory", path);
    if (id->config_hash != config_hash)
        return BL23_OK;
    return bl23_h5_verify(file, path, bl23_layout_groups, &checked, error);
}

enum bl23_status bl23_output_identify(char const *path, uint64_t config_hash,
                                      struct bl23_output_identity *id, struct bl23_error *error)
{
    hid_t file;
    char const *why;
    struct bl23_survey_head head;
    struct bl23_error lacking;
    *id = (struct bl23_output_identity){0};
    enum bl23_status status = open_survey(path, &file, &head, &lacking, &id->exists, &why, error);
    if (file >= 0) {
        status = identify(file, path, config_hash, &head, id, error);
        H5Fclose(file);
    }
    bl23_layout_free_head(&head);
    return status;
}

static enum bl23_status check_totals(char const *path, struct bl23_survey_head const *t,
                                     struct bl23_error *error)
{
    if (t->samples > 0 && t->samples <= BL23_SAMPLES_MAX && t->passed <= t->samples &&
        t->passed_1sigma <= t->passed && t->stored <= t->passed && t->nearest <= t->samples)
        return BL23_OK;
    return bl23_fail(
        error, BL23_ERROR_FAILED,
        "%s: its totals contradict each other: %llu samples, %llu passed, %llu of them "
        "at 1 sigma, %llu stored, %llu nearest",
        path, (unsigned long long)t->samples, (unsigned long long)t->passed,
        (unsigned long long)t->passed_1sigma, (unsigned long long)t->stored,
        (unsigned long long)t->nearest);
}

enum bl23_status bl23_survey_head_read(hid_t file, char const *path, struct bl23_survey_head *head,
                                       struct bl23_error *error)
{
    BL23_TRY(read_head(file, head, error));
    return check_totals(path, head, error);
}

/* A hash in the head must be that of what the file holds. */
static enum bl23_status require_hash(struct bl23_survey_reader const *r, char const *name,
                                     char const *found, uint64_t hash, struct bl23_error *error)
{
    char wanted[32];
    snprintf(wanted, sizeof wanted, "%016llx", (unsigned long long)hash);
    if (strcmp(found, wanted) == 0)
        return BL23_OK;
    return bl23_fail(error, BL23_ERROR_FAILED, "%s: its %s does not match what it holds", r->path,
                     name);
}

/* Read the model and check it: its hash, that it can be used, and that seed and bands of the head
 * are its own. */
static enum bl23_status read_model(struct bl23_survey_reader *r, uint64_t *model_hash,
                                   struct bl23_error *error)
{
    char const *const path = bl23_layout_find("/tables/model")->path;
    size_t size;
    BL23_TRY(bl23_h5_read_count(r->file, path, BL23_H5_U8, &size, error));
    r->model = calloc(1, size + sizeof *r->model);
    if (!r->model)
        return bl23_fail(error, BL23_ERROR_MEMORY, "%s: out of memory for its model", r->path);
    BL23_TRY(bl23_h5_read(r->file, path, bl23_h5_line(BL23_H5_U8, size), r->model, error));
    *model_hash = bl23_checksum(r->model, size);
    BL23_TRY(require_hash(r, "model_hash", r->head.model_hash, *model_hash, error));
    char const *const fault = bl23_model_fault(r->model, size);
    if (fault)
        return bl23_fail(error, BL23_ERROR_FAILED, "%s: %s cannot be used: %s", r->path, path,
                         fault);
    if (r->head.seed == r->model->seed && r->head.sigma == r->model->level + 1)
        return BL23_OK;
    return bl23_fail(error, BL23_ERROR_FAILED, "%s: its seed or sigma differs from that of its %s",
                     r->path, path);
}

/* Which columns /survivors has. */
static enum bl23_status read_store(struct bl23_survey_reader *r, struct bl23_error *error)
{
    for (int k = BL23_STORE_RECORDS; k <= BL23_STORE_NONE; k++)
        if (strcmp(r->head.store, bl23_store_name((enum bl23_store)k)) == 0) {
            r->records = k == BL23_STORE_RECORDS;
            return BL23_OK;
        }
    return bl23_fail(error, BL23_ERROR_FAILED, "%s: attribute store of / is not a known one",
                     r->path);
}

enum bl23_status bl23_survey_indices(struct bl23_survey_reader const *r, char const *path,
                                     uint64_t expected, uint64_t **index, struct bl23_error *error)
{
    size_t n;
    *index = NULL;
    BL23_TRY(bl23_h5_read_count(r->file, path, BL23_H5_U64, &n, error));
    if (n != expected)
        return bl23_fail(error, BL23_ERROR_FAILED,
                         "%s: %s has %zu rows, not the %llu that the file says", r->path, path, n,
                         (unsigned long long)expected);
    *index = calloc(n + 1, sizeof **index);
    if (!*index)
        return bl23_fail(error, BL23_ERROR_MEMORY, "%s: out of memory for %zu indices", r->path, n);
    return bl23_h5_read(r->file, path, bl23_h5_line(BL23_H5_U64, n), *index, error);
}

/* Read what a replay needs beside the head. `lacking` is the failure of reading the head. */
static enum bl23_status read_rest(struct bl23_survey_reader *r, struct bl23_error const *lacking,
                                  struct bl23_error *error)
{
    uint64_t model_hash = 0;
    BL23_TRY(bl23_h5_verify(r->file, r->path, bl23_layout_groups, &r->checked, error));
    if (lacking->status != BL23_OK)
        return bl23_fail(error, lacking->status, "%s", lacking->text);
    BL23_TRY(check_totals(r->path, &r->head, error));
    BL23_TRY(read_store(r, error));
    BL23_TRY(read_model(r, &model_hash, error));
    BL23_TRY(require_hash(r, "config_hash", r->head.config_hash,
                          bl23_survey_hash(r->head.yaml, model_hash), error));
    r->n_survivors = r->head.stored;
    return bl23_survey_indices(r, "/survivors/index", r->head.stored, &r->index, error);
}

enum bl23_status bl23_survey_open(char const *path, struct bl23_survey_reader *r,
                                  struct bl23_error *error)
{
    *r = (struct bl23_survey_reader){.path = path, .file = H5I_INVALID_HID};
    char const *why;
    bool exists;
    struct bl23_error lacking;
    enum bl23_status status = open_survey(path, &r->file, &r->head, &lacking, &exists, &why, error);
    if (status == BL23_OK && r->file < 0)
        status = bl23_fail(error, BL23_ERROR_CONFIG,
                           "%s %s; name a file that 'bl23 survey' finished", path, why);
    else if (status == BL23_OK)
        status = read_rest(r, &lacking, error);
    if (status != BL23_OK)
        bl23_survey_close(r);
    return status;
}

void bl23_survey_close(struct bl23_survey_reader *r)
{
    if (r->file >= 0)
        H5Fclose(r->file);
    bl23_layout_free_head(&r->head);
    free(r->model);
    free(r->index);
    r->file = H5I_INVALID_HID;
    r->model = NULL;
    r->index = NULL;
}
