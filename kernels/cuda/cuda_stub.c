/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* The CUDA backend of a build without CUDA: it explains itself. */
#include "kernels/cuda/cuda_diagnostics.h"
#include "kernels/sample/error.h"

static char const missing[] = "this bl23 was built without the CUDA toolkit (-DBL23_CUDA=ON)";

static enum bl23_status stub_open(struct bl23_model const *model,
                                  struct bl23_reduction const *reduction,
                                  struct bl23_backend_options const *options,
                                  struct bl23_backend_state **state, struct bl23_error *error)
{
    (void)reduction;
    (void)options;
    *state = NULL;
    BL23_TRY(bl23_cuda_takes(model, error));
    return bl23_fail(error, BL23_ERROR_DEVICE, "no CUDA: %s", missing);
}

/* The rest is never reached: nothing is ever open. */
struct bl23_backend const bl23_backend_cuda = {.name = "cuda", .open = stub_open};

unsigned bl23_cuda_devices(char const **text)
{
    *text = missing;
    return 0;
}

int bl23_cuda_built(void)
{
    return 0;
}

void bl23_cuda_device_read(unsigned device, struct bl23_cuda_device *out)
{
    (void)device;
    *out = (struct bl23_cuda_device){0};
}

void bl23_cuda_seconds(struct bl23_backend_state const *state, double seconds[BL23_CUDA_KERNELS])
{
    (void)state;
    for (int k = 0; k < BL23_CUDA_KERNELS; k++)
        seconds[k] = 0.0;
}

uint64_t bl23_cuda_candidates(struct bl23_backend_state const *state)
{
    (void)state;
    return 0;
}

void bl23_cuda_profile(int on)
{
    (void)on;
}
