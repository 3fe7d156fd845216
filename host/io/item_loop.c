/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "host/io/item_loop.h"

#include <stdatomic.h>
#include <stdio.h>
#include <unistd.h>

#include "host/io/allotment.h"
#include "host/io/clock.h"
#include "kernels/sample/error.h"

/* Seconds until the line appears, and between two of them. */
static double const first_s = 1.0, interval_s = 0.2;

struct items {
    char const *what;
    uint64_t n;
    bl23_parallel_body *body;
    void *context;
    double begin_s;
    atomic_uint_fast64_t done, lines; /* lines: told so far */
};

/* One of the threads that are late enough for the next line tells it. */
static void tell(struct items *items, uint64_t done)
{
    double const elapsed = bl23_seconds() - items->begin_s;
    uint64_t lines = atomic_load(&items->lines);
    if (elapsed < first_s + (double)lines * interval_s)
        return;
    uint64_t const due = (uint64_t)((elapsed - first_s) / interval_s) + 1;
    if (atomic_compare_exchange_strong(&items->lines, &lines, due))
        fprintf(stderr, "\r%llu of %llu %s (%.1f %%), %.0f s left   ", (unsigned long long)done,
                (unsigned long long)items->n, items->what, 100.0 * (double)done / (double)items->n,
                elapsed * (double)(items->n - done) / (double)done);
}

static enum bl23_status work(void *context, unsigned worker, uint64_t first, uint64_t count)
{
    struct items *const items = context;
    BL23_TRY(items->body(items->context, worker, first, count));
    tell(items, atomic_fetch_add(&items->done, count) + count);
    return BL23_OK;
}

enum bl23_status bl23_for_items(char const *items, uint64_t n, bl23_parallel_body *body,
                                void *context)
{
    unsigned const threads = bl23_allotment().threads;
    struct items told = {items, n, body, context, bl23_seconds(), 0, 0};
    if (!isatty(STDERR_FILENO))
        return bl23_parallel_for(threads, n, 1, body, context);
    enum bl23_status const status = bl23_parallel_for(threads, n, 1, work, &told);
    if (atomic_load(&told.lines) > 0)
        fprintf(stderr, "\r%70s\r", "");
    return status;
}
