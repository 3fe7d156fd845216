/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "host/ranks/ranks.h"

#include <stdlib.h>
#include <string.h>

#include "kernels/sample/error.h"

static uint64_t next_unit;
static struct bl23_ranks_totals totals;

enum bl23_status bl23_ranks_start(struct bl23_error *error)
{
    (void)error;
    return BL23_OK;
}

void bl23_ranks_stop(void)
{
}

int bl23_ranks_rank(void)
{
    return 0;
}

int bl23_ranks_size(void)
{
    return 1;
}

int bl23_ranks_local_rank(void)
{
    return 0;
}

int bl23_ranks_nodes(void)
{
    return 1;
}

unsigned bl23_ranks_threads(void)
{
    return 0;
}

char const *bl23_ranks_strangers(void)
{
    return bl23_ranks_launched() ? "a launcher started several processes, but this bl23 was built "
                                   "without MPI: build it with -DBL23_MPI=ON, or start one process"
                                 : NULL;
}

char const *bl23_ranks_advice(void)
{
    return NULL;
}

enum bl23_status bl23_ranks_agree(enum bl23_status mine, struct bl23_error *error)
{
    (void)error;
    return mine;
}

void bl23_ranks_broadcast(void *bytes, size_t size)
{
    (void)bytes;
    (void)size;
}

enum bl23_status bl23_ranks_gather(void const *bytes, size_t size, void **all, size_t *all_size,
                                   struct bl23_error *error)
{
    *all_size = size;
    *all = malloc(size + 1);
    if (!*all)
        return bl23_fail(error, BL23_ERROR_MEMORY, "out of memory for the ranks' segments");
    if (size > 0)
        memcpy(*all, bytes, size);
    return BL23_OK;
}

uint64_t bl23_ranks_sum(uint64_t mine)
{
    return mine;
}

void bl23_ranks_reset(struct bl23_ranks_totals begin)
{
    next_unit = 0;
    totals = begin;
}

uint64_t bl23_ranks_take(uint64_t units, struct bl23_ranks_totals since)
{
    uint64_t const first = next_unit;
    next_unit += units;
    totals.done += since.done;
    totals.passed += since.passed;
    return first;
}

void bl23_ranks_halt(void)
{
}

bool bl23_ranks_halted(void)
{
    return false;
}

struct bl23_ranks_totals bl23_ranks_progress(void)
{
    return totals;
}
