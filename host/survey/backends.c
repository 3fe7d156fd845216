/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "host/survey/backends.h"

#include <stdio.h>
#include <string.h>

#include "kernels/cuda/cuda_diagnostics.h"

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
        fprintf(stderr, "note: no CUDA device (%s); running on the CPU\n", devices);
    return &bl23_backend_cpu;
}
