/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* Who computed which number of samples: one row for each call of bl23, on each of its machines. A
 * segment carries the rows of its samples, merge.c adds them up, /provenance of the output holds
 * the sum. */
#ifndef BL23_HOST_CALLS_H
#define BL23_HOST_CALLS_H

#include <stdbool.h>
#include <stddef.h>

#include "kernels/sample/model.h"

/* Texts end with a NUL, and are NUL up to their end; times are ISO 8601, UTC. */
struct bl23_call {
    char version[24], git_revision[48];
    char host[72], backend[8], device[160];
    char start[32], end[32]; /* of the call; of the last samples that it committed */
    uint64_t threads, ranks; /* of each process, of the whole job */
    uint64_t samples;        /* that it computed, of those in question */
};

/* Rows, each of another call or machine; owned. */
struct bl23_calls {
    struct bl23_call *call; /* [size] */
    size_t size, capacity;
};

/* The time now; to the microsecond, which tells one call from another. */
void bl23_time_stamp(char out[32]);

/* This program on this machine, which began at `start`; the end is now, samples are 0. */
struct bl23_call bl23_call_of(char const *backend, char const *device, char const *start);

/* Can these be rows that bl23 wrote, of so many samples in all? */
bool bl23_calls_agree(struct bl23_calls const *calls, uint64_t samples);

/* Add the samples of a row to those of the same call, or add the row; a later end counts. */
enum bl23_status bl23_calls_add(struct bl23_calls *calls, struct bl23_call const *call,
                                struct bl23_error *error);

/* Order the rows by start, then by their other texts. */
void bl23_calls_sort(struct bl23_calls *calls);

void bl23_calls_free(struct bl23_calls *calls);

#endif
