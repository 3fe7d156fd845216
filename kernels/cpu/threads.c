/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "kernels/cpu/threads.h"

#include <fenv.h>
#include <pthread.h>
#include <stdlib.h>

/* A thread's stack has a size of its own: the default follows the limit of the main thread's, which
 * may be tiny, or so large that few threads fit into memory. */
static unsigned start(unsigned threads, void *(*work)(void *), char *argument, size_t size,
                      pthread_t *thread)
{
    pthread_attr_t attributes;
    unsigned started = 0;
    if (pthread_attr_init(&attributes) != 0)
        return 0;
    if (pthread_attr_setstacksize(&attributes, BL23_STACK_BYTES) == 0)
        while (started + 1 < threads && pthread_create(&thread[started], &attributes, work,
                                                       argument + (started + 1) * size) == 0)
            started++;
    pthread_attr_destroy(&attributes);
    return started;
}

void bl23_threads_run(unsigned threads, void *(*work)(void *), void *argument, size_t size)
{
    pthread_t *const thread = calloc(threads, sizeof *thread);
    fenv_t of_caller;
    fegetenv(&of_caller);
    fesetenv(FE_DFL_ENV); /* threads start with that of their maker */
    unsigned const started = thread ? start(threads, work, argument, size, thread) : 0;
    work(argument);
    for (unsigned t = 0; t < started; t++)
        pthread_join(thread[t], NULL);
    fesetenv(&of_caller);
    free(thread);
}
