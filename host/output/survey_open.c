/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/config/given_rows.h"
#include "host/io/file_io.h"
#include "host/output/cover_file.h"
#include "host/output/hdf5_content.h"
#include "host/output/survey_read.h"
#include "kernels/results/model_check.h"
#include "kernels/sample/error.h"

/* Is it a survey of the format that this program reads? */
static bool is_format(struct bl23_survey_head const *head)
{
    return head->format && strcmp(head->format, BL23_SURVEY_FORMAT) == 0 && head->complete <= 1 &&
           head->format_version == BL23_SURVEY_FORMAT_VERSION;
}

static bool is_survey(struct bl23_survey_head const *head)
{
    return is_format(head) && head->sampling == BL23_SAMPLING_VERSION;
}

/* Is it one that another version of the sampling made? */
static bool is_other_sampling(struct bl23_survey_head const *head)
{
    return is_format(head) && head->sampling > 0 && head->sampling != BL23_SAMPLING_VERSION;
}

/* Is it a survey of an earlier version of the format? */
static bool is_older(struct bl23_survey_head const *head)
{
    return head->format && strcmp(head->format, BL23_SURVEY_FORMAT) == 0 &&
           head->format_version > 0 && head->format_version < BL23_SURVEY_FORMAT_VERSION;
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

#define NAME_ANOTHER "; name a file that 'bl23 survey' finished"

/* Open what lies at path, and read its head; *lacking says what could not be read of that. *file is
 * invalid where it is not a finished survey of this format, and *why, to follow the path, says what
 * it is and what to do. The caller frees the head, also on failure. */
static enum bl23_status open_survey(char const *path, hid_t *file, struct bl23_survey_head *head,
                                    struct bl23_error *lacking, bool *exists, char const **why,
                                    struct bl23_error *error)
{
    struct bl23_error found = {BL23_OK, ""};
    *file = H5I_INVALID_HID;
    *lacking = found;
    *head = (struct bl23_survey_head){.format = NULL};
    *why = "does not exist" NAME_ANOTHER;
    BL23_TRY(bl23_path_look(path, exists, error));
    if (!*exists)
        return BL23_OK;
    enum bl23_status const status = bl23_h5_open(path, file, &found);
    *why = "is truncated or is not an HDF5 file" NAME_ANOTHER;
    if (status == BL23_ERROR_FAILED)
        return BL23_OK;
    if (status != BL23_OK)
        return bl23_fail(error, status, "%s", found.text);
    read_head(*file, head, lacking);
    *why = is_older(head) ? "was made by an earlier build of bl23, in another format; compute the "
                            "survey anew"
           : is_other_sampling(head)
               ? "was made by a bl23 with another version of the sampling (its attribute "
                 "'sampling'), which gives its samples other results; use the bl23 that made it"
               : "is not a finished survey of this format" NAME_ANOTHER;
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
    if (head->survey_samples == 0 || head->survey_samples > BL23_SAMPLES_MAX || !head->yaml ||
        !read_config_hash(head, &id->config_hash))
        return bl23_h5_machine_failed(path, "/", error) ? BL23_ERROR_IO : BL23_OK;
    id->samples = head->survey_samples;
    id->drawn = head->samples;
    id->partial = head->complete == 0;
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
    id->older = is_older(&head);
    id->sampling = is_other_sampling(&head);
    bl23_layout_free_head(&head);
    return status;
}

char *bl23_output_stored_yaml(char const *path)
{
    hid_t file;
    char const *why;
    struct bl23_survey_head head;
    struct bl23_error lacking;
    bool exists;
    uint64_t config_hash;
    char *yaml = NULL;
    if (open_survey(path, &file, &head, &lacking, &exists, &why, NULL) == BL23_OK && file >= 0 &&
        head.yaml && head.model_hash && read_config_hash(&head, &config_hash) &&
        bl23_survey_hash(head.yaml, strtoull(head.model_hash, NULL, 16)) == config_hash)
        yaml = strdup(head.yaml);
    if (file >= 0)
        H5Fclose(file);
    bl23_layout_free_head(&head);
    return yaml;
}

enum bl23_status bl23_output_content_hash(char const *path, char **hash, struct bl23_error *error)
{
    hid_t file;
    *hash = NULL;
    BL23_TRY(bl23_h5_open(path, &file, error));
    enum bl23_status const status = bl23_h5_read_text(file, "/", BL23_CONTENT_HASH, hash, error);
    H5Fclose(file);
    return status;
}

static enum bl23_status check_totals(char const *path, struct bl23_survey_head const *t,
                                     struct bl23_error *error)
{
    if (t->samples > 0 && t->samples <= t->survey_samples &&
        t->survey_samples <= BL23_SAMPLES_MAX &&
        (t->complete == 1) == (t->samples == t->survey_samples) && t->passed <= t->samples &&
        t->passed_1sigma <= t->passed && t->stored <= t->passed && t->nearest <= t->samples)
        return BL23_OK;
    return bl23_fail(
        error, BL23_ERROR_FAILED,
        "%s: its totals contradict each other: %llu of %llu samples, %llu passed, %llu of them "
        "at 1 sigma, %llu stored, %llu nearest",
        path, (unsigned long long)t->samples, (unsigned long long)t->survey_samples,
        (unsigned long long)t->passed, (unsigned long long)t->passed_1sigma,
        (unsigned long long)t->stored, (unsigned long long)t->nearest);
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

static enum bl23_status check_model(struct bl23_survey_reader const *r, char const *path,
                                    size_t size, struct bl23_error *error)
{
    char const *const fault = bl23_model_fault(r->model, size);
    if (!fault)
        return BL23_OK;
    return bl23_fail(error, BL23_ERROR_FAILED, "%s: %s cannot be used: %s", r->path, path, fault);
}

/* The cells that the samples were drawn from, behind the model of that size, which grows. */
static enum bl23_status read_cover(struct bl23_survey_reader *r, size_t *size,
                                   struct bl23_error *error)
{
    r->model->cover_bytes = 0; /* until it is there */
    BL23_TRY(check_model(r, "/tables/model", *size, error));
    if (!bl23_h5_has(r->file, "/cover"))
        return bl23_h5_refuse(r->file, "/cover", "is missing, although /tables/model draws from it",
                              error);
    BL23_TRY(bl23_cover_read_into_model(r->file, &r->model, error));
    *size = bl23_model_size(r->model);
    return check_model(r, "/cover", *size, error);
}

/* The rows that the user gave, behind the model of that size, which grows. The file has their
 * number and checksum, in its configuration. */
static enum bl23_status read_rows(struct bl23_survey_reader *r, size_t *size,
                                  struct bl23_error *error)
{
    struct bl23_model const stored = *r->model;
    struct bl23_config *config;
    r->model->w_mode = BL23_W_HAAR; /* until they are there */
    r->model->g_mode = BL23_G_SOLVE;
    r->model->n_rows = 0;
    BL23_TRY(check_model(r, "/tables/model", *size, error));
    BL23_TRY(bl23_config_parse(r->path, r->head.yaml, strlen(r->head.yaml), &config, error));
    enum bl23_status status = BL23_OK;
    if (config->w_mode != BL23_W_ROWS || config->n_rows != stored.n_rows ||
        config->g_mode != stored.g_mode)
        status = bl23_fail(error, BL23_ERROR_FAILED,
                           "%s: the rows w of its configuration are not those of /tables/model",
                           r->path);
    else
        status = bl23_given_rows_attach(config, &r->model, error);
    bl23_config_free(config);
    r->model->w_mode = stored.w_mode;
    r->model->g_mode = stored.g_mode;
    *size = bl23_model_size(r->model);
    return status;
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
    if (size >= sizeof *r->model && r->model->cover_bytes > 0)
        BL23_TRY(read_cover(r, &size, error));
    else if (size >= sizeof *r->model && r->model->w_mode == BL23_W_ROWS)
        BL23_TRY(read_rows(r, &size, error));
    *model_hash = bl23_checksum(r->model, size);
    BL23_TRY(require_hash(r, "model_hash", r->head.model_hash, *model_hash, error));
    BL23_TRY(check_model(r, path, size, error));
    if (r->head.seed == r->model->seed && r->head.sigma == r->model->level + 1)
        return BL23_OK;
    return bl23_fail(error, BL23_ERROR_FAILED, "%s: its seed or sigma differs from that of its %s",
                     r->path, path);
}

/* Ranges must rise, not touch, and hold as many samples as the head says. */
static bool ranges_agree(struct bl23_survey_reader const *r)
{
    uint64_t at = 0, samples = 0;
    for (size_t k = 0; k < r->n_ranges; k++) {
        struct bl23_range const s = r->range[k];
        if (s.first < at + (k > 0) || s.first >= r->head.survey_samples || s.count == 0 ||
            s.count > r->head.survey_samples - s.first)
            return false;
        at = s.first + s.count;
        samples += s.count;
    }
    return samples == r->head.samples;
}

static enum bl23_status read_ranges(struct bl23_survey_reader *r, struct bl23_error *error)
{
    char const *const path[] = {"/ranges/first", "/ranges/count"};
    size_t n;
    BL23_TRY(bl23_h5_read_count(r->file, path[0], BL23_H5_U64, &n, error));
    uint64_t *const value = calloc(n + 1, sizeof *value);
    r->range = calloc(n + 1, sizeof *r->range);
    r->n_ranges = n;
    enum bl23_status status = BL23_OK;
    if (!value || !r->range) {
        status = BL23_ERROR_MEMORY;
        bl23_fail(error, status, "%s: out of memory for its ranges", r->path);
    }
    for (int side = 0; status == BL23_OK && side < 2; side++) {
        status = bl23_h5_read(r->file, path[side], bl23_h5_line(BL23_H5_U64, n), value, error);
        for (size_t k = 0; status == BL23_OK && k < n; k++)
            *(side ? &r->range[k].count : &r->range[k].first) = value[k];
    }
    free(value);
    if (status == BL23_OK && !ranges_agree(r))
        status = bl23_fail(error, BL23_ERROR_FAILED,
                           "%s: /ranges contradicts itself or the number of samples", r->path);
    return status;
}

bool bl23_survey_holds(struct bl23_survey_reader const *r, uint64_t index)
{
    size_t low = 0, high = r->n_ranges;
    while (low < high) { /* the first range that ends behind it */
        size_t const middle = low + (high - low) / 2;
        if (index < r->range[middle].first + r->range[middle].count)
            high = middle;
        else
            low = middle + 1;
    }
    return low < r->n_ranges && index >= r->range[low].first;
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
    BL23_TRY(read_ranges(r, error));
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
        status = bl23_fail(error,
                           is_older(&r->head) || is_other_sampling(&r->head) ? BL23_ERROR_REFUSED
                                                                             : BL23_ERROR_CONFIG,
                           "%s %s", path, why);
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
    free(r->range);
    r->range = NULL;
    r->file = H5I_INVALID_HID;
    r->model = NULL;
    r->index = NULL;
}
