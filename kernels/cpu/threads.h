/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* The same work on several threads, the caller among them.
 * The CPU backend and host/bound/bound_run.c call it.
 * It must not know what the work is. */
#ifndef BL23_KERNELS_THREADS_H
#define BL23_KERNELS_THREADS_H

#include <stddef.h>

/* What the stack of a thread holds, and what the main thread's must be able to hold. */
enum { BL23_STACK_BYTES = 1 << 20 };

/* Run work(argument) on up to `threads` threads and wait for all. Thread t gets the address
 * argument + t * size; the caller is thread 0, and where a thread cannot be started there are
 * fewer, so that the work must be shared by what is left to do, not by t. All of them compute in
 * the default floating-point environment, whatever the caller's is, which it has again
 * afterwards. */
void bl23_threads_run(unsigned threads, void *(*work)(void *), void *argument, size_t size);

#endif
