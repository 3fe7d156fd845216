/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* The launchers of the kernels, with the kernels out of nvcc's PTX. BL23_PTX_TWINS=1 in the
 * environment: each launch is done twice, by the kernel as the host compiler reads it, too, and
 * both must leave the same bytes in all of the device's memory. */
#include <cstdlib>

#include "tests/ptx/ptx_machine.h"

template <class Argument>
static void launch_ptx(ptx::kernel const &kernel, void (*twin)(Argument), unsigned blocks,
                       unsigned threads, Argument const &argument)
{
    static std::vector<char> before, expected, found;
    bool const twins = std::getenv("BL23_PTX_TWINS") != nullptr;
    if (twins) {
        shim_memory_save(before);
        shim_run(twin, blocks, threads, argument);
        shim_memory_save(expected);
        shim_memory_restore(before);
    }
    ptx::launch(kernel, blocks, threads, &argument, sizeof argument);
    if (twins) {
        shim_memory_save(found);
        ptx::check_memory(kernel, expected, found);
    }
}

#undef BL23_LAUNCH
#define BL23_LAUNCH(kernel, blocks, threads, stream, argument)                                     \
    ((void)(stream), launch_ptx(ptx_##kernel, kernel, blocks, threads, argument))

extern ptx::kernel const ptx_collect_kernel, ptx_cutflow_kernel, ptx_full_kernel, ptx_screen_kernel,
    ptx_sort_tiles_kernel, ptx_collect_groups_kernel, ptx_cutflow_groups_kernel,
    ptx_full_groups_kernel, ptx_screen_groups_kernel, ptx_screen_given_kernel,
    ptx_screen_solve_kernel, ptx_cutflow_given_kernel, ptx_cutflow_solve_kernel,
    ptx_collect_cover_kernel, ptx_full_cover_kernel, ptx_collect_ranked_kernel,
    ptx_full_ranked_kernel;

#include "kernels/cuda/cuda_collect.cu"
#include "kernels/cuda/cuda_cutflow.cu"
#include "kernels/cuda/cuda_full.cu"
#include "kernels/cuda/cuda_screen.cu"
