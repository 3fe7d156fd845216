/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "host/model_export.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "host/file_io.h"
#include "kernels/model_image.h"
#include "tables/message.h"

/* The image in memory, malloc'ed; its size. */
static char *image_of(char const *name, struct bl23_survey const *s, size_t *size)
{
    struct bl23_model_image image = {.magic = BL23_MODEL_IMAGE_MAGIC,
                                     .model_bytes = bl23_model_bytes(s->model->n_knots),
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

enum bl23_status bl23_model_export(char const *folder, char const *name,
                                   struct bl23_survey const *survey, struct bl23_error *error)
{
    char path[4096];
    size_t size = 0;
    if (mkdir(folder, 0777) != 0 && errno != EEXIST)
        return bl23_fail(error, BL23_ERROR_IO, "%s: cannot make the folder: %s", folder,
                         strerror(errno));
    int const length = snprintf(path, sizeof path, "%s/%.*s" BL23_MODEL_IMAGE_SUFFIX, folder,
                                (int)strcspn(name, "."), name);
    if (length < 0 || (size_t)length >= sizeof path)
        return bl23_fail(error, BL23_ERROR_IO, "%s: the name of the folder is too long", folder);
    char *const bytes = image_of(name, survey, &size);
    if (!bytes)
        return bl23_fail(error, BL23_ERROR_MEMORY, "out of memory");
    enum bl23_status const status = bl23_file_replace(path, bytes, size, error);
    free(bytes);
    return status;
}
