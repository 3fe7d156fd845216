/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* What is known of CUDA devices beside their results: which ones there are, their properties, the
 * time of each kernel. `bl23 info`, the choice of a backend and bench/gpu_check call it. */
#ifndef BL23_KERNELS_CUDA_DIAGNOSTICS_H
#define BL23_KERNELS_CUDA_DIAGNOSTICS_H

#include "kernels/backend.h"
#include "kernels/sample/error.h"

/* BL23_ERROR_CONFIG for a model that no device computes. `bl23 check` asks without a device. */
static inline enum bl23_status bl23_cuda_takes(struct bl23_model const *model,
                                               struct bl23_error *error)
{
    if (model->w_mode == BL23_W_ROWS)
        return bl23_fail(error, BL23_ERROR_CONFIG,
                         "rows w from a file are computed on the CPU only; use --backend cpu");
    return BL23_OK;
}

/* Is this a build with CUDA? */
int bl23_cuda_built(void);

/* How many devices answer; *text names them, or says why there are none. Valid until the next
 * call. */
unsigned bl23_cuda_devices(char const **text);

/* Properties from which the speed limit of a device is computed; all 0 for one that does not
 * answer. Versions are 1000 major + 10 minor, clock_khz is the highest. */
struct bl23_cuda_device {
    int processors, clock_khz, capability_major, capability_minor;
    int driver_version, runtime_version;
};
void bl23_cuda_device_read(unsigned device, struct bl23_cuda_device *out);

/* The kernels of a launch, in their order. */
enum bl23_cuda_kernel {
    BL23_CUDA_SORT,
    BL23_CUDA_SCREEN,
    BL23_CUDA_FULL,
    BL23_CUDA_CUTFLOW,
    BL23_CUDA_COLLECT,
    BL23_CUDA_KERNELS
};

/* Seconds that each kernel has taken on an open state of bl23_backend_cuda so far, by the device's
 * clock. */
void bl23_cuda_seconds(struct bl23_backend_state const *state, double seconds[BL23_CUDA_KERNELS]);

/* Samples whose records the device has computed in double precision so far: candidates that nothing
 * before has settled. */
uint64_t bl23_cuda_candidates(struct bl23_backend_state const *state);

/* Let a profiler that waits for it (ncu --profile-from-start off) start with on = 1, and stop with
 * on = 0. */
void bl23_cuda_profile(int on);

#endif
