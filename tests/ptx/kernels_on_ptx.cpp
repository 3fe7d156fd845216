/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* The launchers of the kernels, with the kernels out of nvcc's PTX: those that the host compiler
 * reads here are never called. */
#include "tests/ptx/ptx_machine.h"

#undef BL23_LAUNCH
#define BL23_LAUNCH(kernel, blocks, threads, stream, argument)                                     \
    ((void)(stream), (void)(kernel),                                                               \
     ptx::launch(ptx_##kernel, blocks, threads, &(argument), sizeof(argument)))

extern ptx::kernel const ptx_collect_kernel, ptx_cutflow_kernel, ptx_full_kernel, ptx_screen_kernel,
    ptx_sort_tiles_kernel;

#include "kernels/cuda_collect.cu"
#include "kernels/cuda_cutflow.cu"
#include "kernels/cuda_full.cu"
#include "kernels/cuda_screen.cu"
