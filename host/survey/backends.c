/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "host/survey/backends.h"

#include <stdio.h>
#include <string.h>

#include "kernels/cuda/cuda_diagnostics.h"
#include "kernels/sample/error.h"

enum bl23_status bl23_backend_check_name(char const *name, struct bl23_error *error)
{
    if (strcmp(name, "auto") == 0 || strcmp(name, "cpu") == 0 || strcmp(name, "cuda") == 0)
        return BL23_OK;
    return bl23_fail(error, BL23_ERROR_USAGE, "--backend must be auto, cpu or cuda (got '%.80s')",
                     name);
}

struct bl23_backend const *bl23_backend_choose(char const *name, bool quiet)
{
    char const *devices;
    if (name && strcmp(name, "cpu") == 0)
        return &bl23_backend_cpu;
    if (name && strcmp(name, "cuda") == 0)
        return &bl23_backend_cuda;
    if (bl23_cuda_devices(&devices) > 0)
        return &bl23_backend_cuda;
    if (bl23_cuda_built() && !quiet)
        fprintf(stderr, "no CUDA device (%s): running on the CPU\n", devices);
    return &bl23_backend_cpu;
}
