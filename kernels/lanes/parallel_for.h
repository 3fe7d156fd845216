/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* A loop over independent items, shared by several threads. The CPU backend, the audit of a device
 * and `bl23 bound` run on it. */
#ifndef BL23_KERNELS_PARALLEL_FOR_H
#define BL23_KERNELS_PARALLEL_FOR_H

#include <stdint.h>

#include "kernels/sample/status.h"

enum {
    BL23_STACK_BYTES = 1 << 20, /* of a thread; the main thread's stack must hold as much */
    BL23_THREADS_MAX = 1024
};

/* The work on items [first, first + count) by worker 0 .. workers - 1. */
typedef enum bl23_status bl23_parallel_body(void *context, unsigned worker, uint64_t first,
                                            uint64_t count);

/* Run body on all of n items, `step` at a time, on up to `workers` threads, and wait for all.
 * n + workers * step < 2^64. The caller is one of them; if a thread cannot be started, fewer
 * workers share the work. A failure stops the loop and is returned. Workers compute in the default
 * floating-point environment; the caller has its own again afterwards. */
enum bl23_status bl23_parallel_for(unsigned workers, uint64_t n, uint64_t step,
                                   bl23_parallel_body *body, void *context);

/* The processors of the machine that are online, at least 1 and at most BL23_THREADS_MAX. How many
 * of them a process may use is the matter of host/io/allotment.h. */
unsigned bl23_processors(void);

#endif
