/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* A model and its reduction as one stretch of bytes, for a machine that has only kernels/: this
 * header, then the model, then the reduction, in the byte order of the machine.
 * host/output/model_export.c writes it, bench/gpu_survey.c reads it. */
#ifndef BL23_KERNELS_MODEL_IMAGE_H
#define BL23_KERNELS_MODEL_IMAGE_H

#include "kernels/results/results.h"

#define BL23_MODEL_IMAGE_MAGIC "BL23-M6" /* rises when either struct changes its meaning */
#define BL23_MODEL_IMAGE_SUFFIX ".model"

struct bl23_model_image {
    char magic[8];
    char survey[40]; /* its name, ends with a NUL */
    uint64_t model_bytes, reduction_bytes;
    uint64_t digest; /* of survey, model and reduction, in this order */
};

/* FNV-1a over bytes, going on from `digest`; the first one is BL23_MODEL_IMAGE_DIGEST. */
#define BL23_MODEL_IMAGE_DIGEST 0xcbf29ce484222325u
static inline uint64_t bl23_model_image_digest(uint64_t digest, void const *bytes, size_t size)
{
    unsigned char const *const byte = bytes;
    for (size_t k = 0; k < size; k++)
        digest = (digest ^ byte[k]) * 0x100000001b3u;
    return digest;
}

/* The digest that an image of these parts must have. */
static inline uint64_t bl23_model_image_digest_of(struct bl23_model_image const *image,
                                                  struct bl23_model const *model,
                                                  struct bl23_reduction const *reduction)
{
    uint64_t digest = BL23_MODEL_IMAGE_DIGEST;
    digest = bl23_model_image_digest(digest, image->survey, sizeof image->survey);
    digest = bl23_model_image_digest(digest, model, image->model_bytes);
    return bl23_model_image_digest(digest, reduction, image->reduction_bytes);
}

#endif
