/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* What is not instructions: launches, and the end of a program that asks for what a device would
 * not do. */
#include <cstdio>
#include <cstdlib>

#include "tests/ptx/ptx_machine.h"

namespace ptx
{

void die(place where, char const *what, uint64_t value)
{
    if (where.line == 0)
        std::fprintf(stderr, "ptx: %s: %s (0x%llx)\n", where.kernel, what,
                     (unsigned long long)value);
    else
        std::fprintf(stderr, "ptx: %s, line %d of its PTX, block %u thread %u: %s (0x%llx)\n",
                     where.kernel, where.line, blockIdx.x, threadIdx.x, what,
                     (unsigned long long)value);
    std::abort();
}

void launch(kernel const &k, unsigned blocks, unsigned threads, void const *argument, size_t bytes)
{
    if (bytes != k.parameter_bytes)
        die({k.name, 0}, "a launch with an argument of another size", bytes);
    if (k.threads_max != 0 && threads > k.threads_max)
        die({k.name, 0}, "a launch of more threads than the kernel declares", threads);
    shim_launch(blocks, threads, k.body, argument);
}

void check_memory(kernel const &k, std::vector<char> const &expected,
                  std::vector<char> const &found)
{
    if (expected == found)
        return;
    size_t at = 0;
    while (expected[at] == found[at])
        at++;
    die({k.name, 0}, "another byte of the device's memory than by the host compiler", at);
}

} // namespace ptx
