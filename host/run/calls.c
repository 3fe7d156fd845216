/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "host/run/calls.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "kernels/sample/error.h"
#include "version.h"

void bl23_time_stamp(char out[32])
{
    struct timespec now = {0};
    struct tm utc;
    clock_gettime(CLOCK_REALTIME, &now);
    gmtime_r(&now.tv_sec, &utc);
    memset(out, 0, 32);
    size_t const length = strftime(out, 32, "%Y-%m-%dT%H:%M:%S", &utc);
    snprintf(out + length, 32 - length, ".%06ldZ", now.tv_nsec / 1000);
}

struct bl23_call bl23_call_of(char const *backend, char const *device, char const *start)
{
    struct bl23_call call = {.ranks = 1};
    snprintf(call.version, sizeof call.version, "%s", BL23_VERSION);
    snprintf(call.git_revision, sizeof call.git_revision, "%s", BL23_GIT_REVISION);
    gethostname(call.host, sizeof call.host - 1);
    snprintf(call.backend, sizeof call.backend, "%s", backend);
    snprintf(call.device, sizeof call.device, "%s", device);
    snprintf(call.start, sizeof call.start, "%s", start);
    bl23_time_stamp(call.end);
    return call;
}

/* A text, and nothing behind it. */
static bool is_text(char const *text, size_t size)
{
    size_t const length = strnlen(text, size);
    for (size_t k = length; k < size; k++)
        if (text[k])
            return false;
    return length < size;
}

static bool fits(struct bl23_call const *c)
{
    return is_text(c->version, sizeof c->version) &&
           is_text(c->git_revision, sizeof c->git_revision) && is_text(c->host, sizeof c->host) &&
           is_text(c->backend, sizeof c->backend) && is_text(c->device, sizeof c->device) &&
           is_text(c->start, sizeof c->start) && is_text(c->end, sizeof c->end) && c->samples > 0;
}

/* The order of rows; 0: of the same call on the same machine. */
static int compare(void const *x, void const *y)
{
    struct bl23_call const *const a = x, *const b = y;
    char const *const pairs[][2] = {{a->start, b->start},     {a->host, b->host},
                                    {a->backend, b->backend}, {a->device, b->device},
                                    {a->version, b->version}, {a->git_revision, b->git_revision}};
    int order = 0;
    for (size_t k = 0; order == 0 && k < sizeof pairs / sizeof pairs[0]; k++)
        order = strcmp(pairs[k][0], pairs[k][1]);
    if (order == 0)
        order = (a->ranks > b->ranks) - (a->ranks < b->ranks);
    return order == 0 ? (a->threads > b->threads) - (a->threads < b->threads) : order;
}

enum bl23_status bl23_calls_add(struct bl23_calls *c, struct bl23_call const *call,
                                struct bl23_error *error)
{
    for (size_t k = c->size; k-- > 0;) { /* usually of the last call */
        struct bl23_call *const known = &c->call[k];
        if (compare(known, call) != 0)
            continue;
        known->samples += call->samples;
        if (strcmp(call->end, known->end) > 0)
            memcpy(known->end, call->end, sizeof known->end);
        return BL23_OK;
    }
    if (c->size == c->capacity) {
        size_t const capacity = 2 * c->capacity + 4;
        void *const grown = realloc(c->call, capacity * sizeof *c->call);
        if (!grown)
            return bl23_fail(error, BL23_ERROR_MEMORY, "out of memory for the list of calls");
        c->call = grown;
        c->capacity = capacity;
    }
    c->call[c->size++] = *call;
    return BL23_OK;
}

void bl23_calls_sort(struct bl23_calls *c)
{
    if (c->size > 1)
        qsort(c->call, c->size, sizeof *c->call, compare);
}

bool bl23_calls_agree(struct bl23_calls const *c, uint64_t samples)
{
    uint64_t left = samples;
    for (size_t k = 0; k < c->size; k++) {
        if (!fits(&c->call[k]) || c->call[k].samples > left)
            return false;
        left -= c->call[k].samples;
    }
    return left == 0;
}

void bl23_calls_free(struct bl23_calls *c)
{
    free(c->call);
    *c = (struct bl23_calls){0};
}
