/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "host/output/model_export.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "host/io/file_io.h"
#include "host/io/output_check.h"
#include "kernels/results/model_image.h"
#include "kernels/sample/error.h"

/* The bytes of the file, which the caller frees, and their number. */
static char *image_of(char const *name, struct bl23_survey const *s, size_t *size)
{
    struct bl23_model_image image = {.magic = BL23_MODEL_IMAGE_MAGIC,
                                     .model_bytes = bl23_model_size(s->model),
                                     .reduction_bytes = sizeof s->reduction};
    size_t const stem = strcspn(name, ".");
    memcpy(image.survey, name, stem < sizeof image.survey ? stem : sizeof image.survey - 1);
    image.digest = bl23_model_image_digest_of(&image, s->model, &s->reduction);
    *size = sizeof image + image.model_bytes + image.reduction_bytes;
    char *const bytes = malloc(*size);
    if (!bytes)
        return NULL;
    memcpy(bytes, &image, sizeof image);
    memcpy(bytes + sizeof image, s->model, image.model_bytes);
    memcpy(bytes + sizeof image + image.model_bytes, &s->reduction, image.reduction_bytes);
    return bytes;
}

static enum bl23_status path_of(char const *folder, char const *name, char path[BL23_PATH_SIZE],
                                struct bl23_error *error)
{
    int const length = snprintf(path, BL23_PATH_SIZE, "%s/%.*s" BL23_MODEL_IMAGE_SUFFIX, folder,
                                (int)strcspn(name, "."), name);
    if (length >= 0 && length < BL23_PATH_SIZE)
        return BL23_OK;
    return bl23_fail(error, BL23_ERROR_CONFIG,
                     "--export must be a name of at most %d bytes (got %zu bytes)",
                     BL23_PATH_SIZE - 64, strlen(folder));
}

/* Does the file begin like a model, of any version of the format? */
static bool is_model(char const *path)
{
    char magic[sizeof BL23_MODEL_IMAGE_MAGIC] = "";
    size_t const family = sizeof magic - 2; /* without the version and the NUL */
    FILE *const f = fopen(path, "rb");
    bool const read = f && fread(magic, sizeof magic, 1, f) == 1;
    if (f)
        fclose(f);
    return read && memcmp(magic, BL23_MODEL_IMAGE_MAGIC, family) == 0;
}

enum bl23_status bl23_model_export_check(char const *folder, char const *name,
                                         struct bl23_error *error)
{
    char path[BL23_PATH_SIZE];
    if (mkdir(folder, 0777) != 0 && errno != EEXIST)
        return bl23_fail(error, BL23_ERROR_CONFIG,
                         "--export: the folder '%.80s' cannot be made (%s)", folder,
                         strerror(errno));
    BL23_TRY(path_of(folder, name, path, error));
    BL23_TRY(bl23_path_check_writable(path, error));
    if (!bl23_path_exists(path) || is_model(path))
        return bl23_output_try(path, error);
    return bl23_fail(error, BL23_ERROR_REFUSED,
                     "--export: %s exists and is not a model of bl23; choose another folder", path);
}

enum bl23_status bl23_model_export(char const *folder, char const *name,
                                   struct bl23_survey const *survey, struct bl23_error *error)
{
    char path[BL23_PATH_SIZE];
    size_t size = 0;
    BL23_TRY(path_of(folder, name, path, error));
    char *const bytes = image_of(name, survey, &size);
    if (!bytes)
        return bl23_fail(error, BL23_ERROR_MEMORY, "out of memory");
    enum bl23_status const status = bl23_file_replace(path, bytes, size, error);
    free(bytes);
    return status;
}
