/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/config/config_difference.h"
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

/* In words, what lies at the name of the output instead of it. */
static void describe_other(struct bl23_survey_head const *head, char const *yaml, char *text,
                           size_t size)
{
    char difference[BL23_DIFFERENCE_SIZE] = "which it does not hold";
    if (head->yaml)
        bl23_config_difference(head->yaml, yaml, difference);
    if (is_survey(head))
        snprintf(text, size, "is the output of another configuration (%s)", difference);
    else
        snprintf(text, size, "exists and is not a finished survey");
}

/* A finished output must be what was written. Only a replay can verify the columns of survivors. */
static enum bl23_status probe_finished(hid_t file, char const *path, struct bl23_error *error)
{
    uint64_t checked = 0;
    struct bl23_error found = {BL23_OK, ""};
    enum bl23_status const status =
        bl23_h5_verify(file, path, bl23_layout_groups, &checked, &found);
    if (status == BL23_OK)
        return BL23_OK;
    if (status != BL23_ERROR_FAILED)
        return bl23_fail(error, status, "%s", found.text);
    return bl23_fail(
        error, BL23_ERROR_REFUSED,
        "%s; put the output back as it was written, or use --force to compute it again",
        found.text);
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

enum bl23_status bl23_output_probe(char const *path, uint64_t config_hash, char const *yaml,
                                   enum bl23_output_state *state, struct bl23_error *error)
{
    char other[BL23_DIFFERENCE_SIZE + 64];
    struct bl23_survey_head head = {.format = NULL};
    uint64_t found = 0;
    hid_t file;
    bool exists;
    *state = BL23_OUTPUT_ABSENT;
    enum bl23_status status = bl23_path_look(path, &exists, error);
    if (status != BL23_OK || !exists)
        return status;
    struct bl23_error why = {BL23_OK, ""};
    status = bl23_h5_open(path, &file, &why);
    if (status != BL23_OK && status != BL23_ERROR_FAILED) /* it may be what was asked for */
        return bl23_fail(error, status, "%s", why.text);
    if (file >= 0)
        read_head(file, &head, NULL);
    bool const same = is_survey(&head) && read_config_hash(&head, &found) && found == config_hash;
    describe_other(&head, yaml, other, sizeof other);
    bool const failed = !same && bl23_h5_machine_failed(path, "/", error);
    status = same ? probe_finished(file, path, error) : BL23_OK;
    if (file >= 0)
        H5Fclose(file);
    bl23_layout_free_head(&head);
    if (same) {
        *state = BL23_OUTPUT_FINISHED;
        return status;
    }
    if (failed)
        return BL23_ERROR_IO;
    return bl23_fail(error, BL23_ERROR_REFUSED,
                     "%s %s; choose another name, or use --force to replace it", path, other);
}

enum bl23_status bl23_output_identify(char const *path, struct bl23_output_identity *identity,
                                      struct bl23_error *error)
{
    hid_t file;
    struct bl23_survey_head head;
    struct bl23_error why = {BL23_OK, ""};
    *identity = (struct bl23_output_identity){0};
    enum bl23_status const status = bl23_h5_open(path, &file, &why);
    if (status == BL23_ERROR_FAILED)
        return BL23_OK;
    if (status != BL23_OK)
        return bl23_fail(error, status, "%s", why.text);
    read_head(file, &head, NULL);
    bool const survey = is_survey(&head) && head.samples > 0 && head.samples <= BL23_SAMPLES_MAX &&
                        read_config_hash(&head, &identity->config_hash) && head.yaml;
    bool const failed = !survey && bl23_h5_machine_failed(path, "/", error);
    identity->samples = head.samples;
    identity->yaml = survey ? strdup(head.yaml) : NULL;
    bl23_layout_free_head(&head);
    H5Fclose(file);
    return failed ? BL23_ERROR_IO : BL23_OK;
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
    char const *why = NULL;
    bool exists;
    struct bl23_error found = {BL23_OK, ""}, lacking = {BL23_OK, ""};
    enum bl23_status status = bl23_path_look(path, &exists, &found);
    if (status == BL23_OK)
        status = exists ? bl23_h5_open(path, &r->file, &found) : BL23_ERROR_FAILED;
    if (status != BL23_OK && status != BL23_ERROR_FAILED)
        return bl23_fail(error, status, "%s", found.text);
    if (status == BL23_OK)
        read_head(r->file, &r->head, &lacking);
    if (status != BL23_OK)
        why = exists ? "is truncated or is not an HDF5 file" : "does not exist";
    else if (!is_survey(&r->head))
        why = "is not a finished survey of this format";
    if (why && r->file >= 0 && bl23_h5_machine_failed(path, "/", error)) {
        bl23_survey_close(r);
        return BL23_ERROR_IO;
    }
    status = why ? bl23_fail(error, BL23_ERROR_CONFIG,
                             "%s %s; name a file that 'bl23 survey' finished", path, why)
                 : read_rest(r, &lacking, error);
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
