/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/config/config_difference.h"
#include "host/io/file_io.h"
#include "host/output/hdf5_read.h"
#include "host/output/hdf5_verify.h"
#include "host/output/survey_file.h"
#include "host/output/survey_read.h"
#include "kernels/results/model_check.h"
#include "kernels/sample/error.h"

/* Is it a complete survey of a format this program reads? */
static bool is_survey(hid_t file)
{
    uint64_t complete = 0, version = 0;
    char *format = NULL;
    bool const fine = bl23_h5_read_text(file, "/", "format", &format, NULL) == BL23_OK &&
                      strcmp(format, BL23_SURVEY_FORMAT) == 0 &&
                      bl23_h5_read_u64(file, "/", "complete", &complete, NULL) == BL23_OK &&
                      complete == 1 &&
                      bl23_h5_read_u64(file, "/", "format_version", &version, NULL) == BL23_OK &&
                      version == BL23_SURVEY_FORMAT_VERSION;
    free(format);
    return fine;
}

/* What stands at the name of an output that is not it, in words. */
static void describe_other(hid_t file, bool survey, char const *yaml, char *text, size_t size)
{
    char difference[BL23_DIFFERENCE_SIZE] = "which it does not hold";
    char *found = NULL;
    if (survey && bl23_h5_read_text(file, "/config", "yaml", &found, NULL) == BL23_OK)
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
    enum bl23_status const status =
        bl23_h5_verify(file, path, bl23_survey_file_groups, &checked, &found);
    if (status == BL23_OK)
        return BL23_OK;
    if (status != BL23_ERROR_FAILED)
        return bl23_fail(error, status, "%s", found.text);
    return bl23_fail(error, BL23_ERROR_REFUSED,
                     "%s, allowed: the output as it was written, or --force to compute it again",
                     found.text);
}

/* The hash that names the configuration of a survey: 16 hexadecimal digits. */
static bool read_config_hash(hid_t file, uint64_t *config_hash)
{
    char *text = NULL;
    bool const fine = bl23_h5_read_text(file, "/", "config_hash", &text, NULL) == BL23_OK &&
                      strlen(text) == 16 && strspn(text, "0123456789abcdef") == 16;
    *config_hash = fine ? strtoull(text, NULL, 16) : 0;
    free(text);
    return fine;
}

enum bl23_status bl23_output_probe(char const *path, uint64_t config_hash, char const *yaml,
                                   enum bl23_output_state *state, struct bl23_error *error)
{
    char other[BL23_DIFFERENCE_SIZE + 64];
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
    bool const survey = file >= 0 && is_survey(file);
    bool const same = survey && read_config_hash(file, &found) && found == config_hash;
    describe_other(file, survey, yaml, other, sizeof other);
    bool const failed = !same && bl23_h5_machine_failed(path, "/", error);
    status = same ? probe_finished(file, path, error) : BL23_OK;
    if (file >= 0)
        H5Fclose(file);
    if (same) {
        *state = BL23_OUTPUT_FINISHED;
        return status;
    }
    if (failed)
        return BL23_ERROR_IO;
    return bl23_fail(error, BL23_ERROR_REFUSED,
                     "%s: found %s, allowed: nothing there, the output of the same configuration, "
                     "or --force to replace it",
                     path, other);
}

enum bl23_status bl23_output_identify(char const *path, struct bl23_output_identity *identity,
                                      struct bl23_error *error)
{
    hid_t file;
    struct bl23_error why = {BL23_OK, ""};
    *identity = (struct bl23_output_identity){0};
    enum bl23_status const status = bl23_h5_open(path, &file, &why);
    if (status == BL23_ERROR_FAILED)
        return BL23_OK;
    if (status != BL23_OK)
        return bl23_fail(error, status, "%s", why.text);
    bool const survey =
        is_survey(file) &&
        bl23_h5_read_u64(file, "/", "samples", &identity->samples, NULL) == BL23_OK &&
        identity->samples > 0 && identity->samples <= BL23_SAMPLES_MAX &&
        read_config_hash(file, &identity->config_hash) &&
        bl23_h5_read_text(file, "/config", "yaml", &identity->yaml, NULL) == BL23_OK;
    bool const failed = !survey && bl23_h5_machine_failed(path, "/", error);
    H5Fclose(file);
    return failed ? BL23_ERROR_IO : BL23_OK;
}

enum bl23_status bl23_survey_totals_read(hid_t file, char const *path, struct bl23_survey_totals *t,
                                         struct bl23_error *error)
{
    struct {
        char const *name;
        uint64_t *value;
    } const counts[] = {{"samples", &t->samples},
                        {"passed", &t->passed},
                        {"passed_1sigma", &t->passed_1sigma},
                        {"stored", &t->stored},
                        {"nearest", &t->nearest}};
    enum bl23_status status = BL23_OK;
    for (size_t k = 0; status == BL23_OK && k < sizeof counts / sizeof counts[0]; k++)
        status = bl23_h5_read_u64(file, "/", counts[k].name, counts[k].value, error);
    if (status != BL23_OK ||
        (t->samples > 0 && t->samples <= BL23_SAMPLES_MAX && t->passed <= t->samples &&
         t->passed_1sigma <= t->passed && t->stored <= t->passed && t->nearest <= t->samples))
        return status;
    return bl23_fail(
        error, BL23_ERROR_FAILED,
        "%s: its totals contradict each other: %llu samples, %llu passed, %llu of them "
        "at 1 sigma, %llu stored, %llu nearest",
        path, (unsigned long long)t->samples, (unsigned long long)t->passed,
        (unsigned long long)t->passed_1sigma, (unsigned long long)t->stored,
        (unsigned long long)t->nearest);
}

/* A hash at the root of the file must be this one. */
static enum bl23_status require_hash(struct bl23_survey_reader const *r, char const *name,
                                     uint64_t hash, struct bl23_error *error)
{
    char *text = NULL, wanted[32];
    snprintf(wanted, sizeof wanted, "%016llx", (unsigned long long)hash);
    enum bl23_status status = bl23_h5_read_text(r->file, "/", name, &text, error);
    if (status == BL23_OK && strcmp(text, wanted) != 0)
        status = bl23_fail(error, BL23_ERROR_FAILED, "%s: its %s is not that of what it holds",
                           r->path, name);
    free(text);
    return status;
}

/* Seed and bands at the root must be the model's. */
static enum bl23_status compare_model(struct bl23_survey_reader const *r, struct bl23_error *error)
{
    uint64_t seed = 0, sigma = 0;
    enum bl23_status status = bl23_h5_read_u64(r->file, "/", "seed", &seed, error);
    if (status == BL23_OK)
        status = bl23_h5_read_u64(r->file, "/", "sigma", &sigma, error);
    if (status != BL23_OK || (seed == r->model->seed && sigma == r->model->level + 1))
        return status;
    return bl23_fail(error, BL23_ERROR_FAILED,
                     "%s: its seed or sigma is not that of its /tables/model", r->path);
}

/* The model as it was, checked against its hash, and that it can be used. */
static enum bl23_status read_model(struct bl23_survey_reader *r, uint64_t *model_hash,
                                   struct bl23_error *error)
{
    char const *const path = "/tables/model";
    size_t size;
    enum bl23_status status = bl23_h5_read_count(r->file, path, BL23_H5_U8, &size, error);
    if (status != BL23_OK)
        return status;
    r->model = calloc(1, size + sizeof *r->model);
    if (!r->model)
        return bl23_fail(error, BL23_ERROR_MEMORY, "%s: out of memory for its model", r->path);
    status = bl23_h5_read(r->file, path, bl23_h5_line(BL23_H5_U8, size), r->model, error);
    *model_hash = bl23_checksum(r->model, size);
    if (status == BL23_OK)
        status = require_hash(r, "model_hash", *model_hash, error);
    char const *const fault = bl23_model_fault(r->model, size);
    if (status == BL23_OK && fault)
        status =
            bl23_fail(error, BL23_ERROR_FAILED, "%s: %s cannot be used: %s", r->path, path, fault);
    return status == BL23_OK ? compare_model(r, error) : status;
}

static enum bl23_status check_config(struct bl23_survey_reader const *r, uint64_t model_hash,
                                     struct bl23_error *error)
{
    char *yaml = NULL;
    enum bl23_status status = bl23_h5_read_text(r->file, "/config", "yaml", &yaml, error);
    if (status == BL23_OK)
        status = require_hash(r, "config_hash", bl23_survey_hash(yaml, model_hash), error);
    free(yaml);
    return status;
}

/* Which columns /survivors has. */
static enum bl23_status read_store(struct bl23_survey_reader *r, struct bl23_error *error)
{
    char *store = NULL;
    bool known = false;
    enum bl23_status const status = bl23_h5_read_text(r->file, "/", "store", &store, error);
    for (int k = BL23_STORE_RECORDS; status == BL23_OK && k <= BL23_STORE_NONE; k++)
        known = known || strcmp(store, bl23_store_name((enum bl23_store)k)) == 0;
    r->records = known && strcmp(store, bl23_store_name(BL23_STORE_RECORDS)) == 0;
    free(store);
    if (status != BL23_OK || known)
        return status;
    return bl23_fail(error, BL23_ERROR_FAILED, "%s: attribute store of / is not a known one",
                     r->path);
}

enum bl23_status bl23_survey_indices(struct bl23_survey_reader const *r, char const *path,
                                     uint64_t expected, uint64_t **index, struct bl23_error *error)
{
    size_t n;
    *index = NULL;
    enum bl23_status const status = bl23_h5_read_count(r->file, path, BL23_H5_U64, &n, error);
    if (status != BL23_OK)
        return status;
    if (n != expected)
        return bl23_fail(error, BL23_ERROR_FAILED,
                         "%s: %s has %zu rows, not the %llu that the file says", r->path, path, n,
                         (unsigned long long)expected);
    *index = calloc(n + 1, sizeof **index);
    if (!*index)
        return bl23_fail(error, BL23_ERROR_MEMORY, "%s: out of memory for %zu indices", r->path, n);
    return bl23_h5_read(r->file, path, bl23_h5_line(BL23_H5_U64, n), *index, error);
}

static enum bl23_status read_all(struct bl23_survey_reader *r, struct bl23_error *error)
{
    uint64_t model_hash = 0;
    enum bl23_status status =
        bl23_h5_verify(r->file, r->path, bl23_survey_file_groups, &r->checked, error);
    if (status == BL23_OK)
        status = bl23_survey_totals_read(r->file, r->path, &r->totals, error);
    if (status == BL23_OK)
        status = read_store(r, error);
    if (status == BL23_OK)
        status = read_model(r, &model_hash, error);
    if (status == BL23_OK)
        status = check_config(r, model_hash, error);
    if (status == BL23_OK)
        status = bl23_survey_indices(r, "/survivors/index", r->totals.stored, &r->index, error);
    r->n_survivors = r->totals.stored;
    return status;
}

enum bl23_status bl23_survey_open(char const *path, struct bl23_survey_reader *r,
                                  struct bl23_error *error)
{
    *r = (struct bl23_survey_reader){.path = path, .file = H5I_INVALID_HID};
    char const *why = NULL;
    bool exists;
    struct bl23_error found = {BL23_OK, ""};
    enum bl23_status status = bl23_path_look(path, &exists, &found);
    if (status == BL23_OK)
        status = exists ? bl23_h5_open(path, &r->file, &found) : BL23_ERROR_FAILED;
    if (status != BL23_OK && status != BL23_ERROR_FAILED)
        return bl23_fail(error, status, "%s", found.text);
    if (status != BL23_OK)
        why = exists ? "is truncated or no HDF5 file" : "does not exist";
    else if (!is_survey(r->file))
        why = "is no finished survey of this format";
    if (why && r->file >= 0 && bl23_h5_machine_failed(path, "/", error)) {
        bl23_survey_close(r);
        return BL23_ERROR_IO;
    }
    status = why ? bl23_fail(error, BL23_ERROR_CONFIG,
                             "%s: %s, allowed: a file finished by 'bl23 survey'", path, why)
                 : read_all(r, error);
    if (status != BL23_OK)
        bl23_survey_close(r);
    return status;
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
