/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "kernels/lanes/parallel_for.h"

#include <fenv.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

/* What the workers share. */
struct loop {
    uint64_t n, step;
    bl23_parallel_body *body;
    void *context;
    atomic_uint_fast64_t next; /* the first item that nobody has taken */
    atomic_uint workers;       /* that have begun */
    atomic_int status;         /* the first failure */
};

static void *work(void *argument)
{
    struct loop *const loop = argument;
    unsigned const worker = atomic_fetch_add(&loop->workers, 1);
    while (atomic_load(&loop->status) == BL23_OK) {
        uint64_t const first = atomic_fetch_add(&loop->next, loop->step);
        if (first >= loop->n)
            break;
        uint64_t const left = loop->n - first;
        int none = BL23_OK;
        int const status =
            loop->body(loop->context, worker, first, left < loop->step ? left : loop->step);
        if (status != BL23_OK)
            atomic_compare_exchange_strong(&loop->status, &none, status);
    }
    return NULL;
}

/* A thread's stack has a size of its own: the default follows the limit of the main thread's, which
 * may be tiny, or so large that few threads fit into memory. */
static unsigned start(unsigned threads, struct loop *loop, pthread_t *thread)
{
    pthread_attr_t attributes;
    unsigned started = 0;
    if (pthread_attr_init(&attributes) != 0)
        return 0;
    if (pthread_attr_setstacksize(&attributes, BL23_STACK_BYTES) == 0)
        while (started < threads && pthread_create(&thread[started], &attributes, work, loop) == 0)
            started++;
    pthread_attr_destroy(&attributes);
    return started;
}

enum bl23_status bl23_parallel_for(unsigned workers, uint64_t n, uint64_t step,
                                   bl23_parallel_body *body, void *context)
{
    uint64_t const steps = n / step + (n % step != 0);
    unsigned const useful = steps < workers ? (unsigned)steps : workers;
    struct loop loop = {.n = n, .step = step, .body = body, .context = context};
    fenv_t of_caller;
    atomic_init(&loop.next, 0);
    atomic_init(&loop.workers, 0);
    atomic_init(&loop.status, BL23_OK);
    pthread_t *const thread = useful > 1 ? calloc(useful - 1, sizeof *thread) : NULL;
    fegetenv(&of_caller);
    fesetenv(FE_DFL_ENV); /* threads inherit it */
    unsigned const started = thread ? start(useful - 1, &loop, thread) : 0;
    work(&loop);
    for (unsigned t = 0; t < started; t++)
        pthread_join(thread[t], NULL);
    fesetenv(&of_caller);
    free(thread);
    return (enum bl23_status)atomic_load(&loop.status);
}

unsigned bl23_processors(void)
{
    long const found = sysconf(_SC_NPROCESSORS_ONLN);
    unsigned const most = BL23_THREADS_MAX;
    return found < 1 ? 1 : found < (long)most ? (unsigned)found : most;
}
