/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "kernels/cuda/cuda_audit.h"
#include "kernels/lanes/record_rows.h"
#include "kernels/sample/error.h"

#include <pthread.h>
#include <string.h>
#include <unistd.h>

enum {
    THREADS_MAX = 64,
    CLAIMS_PER_THREAD = 4096,
    AT_ONCE = 128 /* records of a batch, which stay in a cache near the core */
};

/* A share of the claims, and the first of them that is wrong. */
struct share {
    struct bl23_model const *model;
    struct bl23_audit_source const *source;
    size_t from, to;
    uint64_t index; /* BL23_NO_INDEX: none */
    char const *why;
};

enum bl23_status bl23_audit_fail(uint64_t index, char const *why, struct bl23_error *error)
{
    char name[32] = "sample ", digits[24];
    size_t n = 0, at = strlen(name);
    do
        digits[n++] = (char)('0' + index % 10);
    while ((index /= 10) > 0);
    while (n > 0)
        name[at++] = digits[--n];
    name[at] = '\0';
    return bl23_fail(error, BL23_ERROR_DEVICE, "%s: %s", name, why);
}

/* Does the record hold the value of an extremum, bit for bit? */
static int is_value(struct bl23_record const *record, struct bl23_audit_claim const *claim)
{
    return memcmp(&record->value[claim->column], &claim->value, sizeof claim->value) == 0 &&
           (!claim->one_sigma || record->level == 1);
}

/* What is wrong with a claim, by the processor's record of its sample; NULL: nothing. */
static char const *verdict_on(struct bl23_audit_claim const *claim,
                              struct bl23_record const *record)
{
    if (claim->is_extremum ? !is_value(record, claim) : claim->digest != bl23_record_digest(record))
        return "the device's record of it differs from the processor's; the device or its memory "
               "is faulty, run with --backend cpu";
    if (claim->survives && !record->survives)
        return "the device keeps it as a survivor, but it is none";
    if (claim->discarded && record->survives)
        return "the device's screen has discarded it, but it survives";
    return NULL;
}

static void judge(struct share *s, size_t from, size_t n)
{
    struct bl23_audit_claim claim[AT_ONCE];
    uint64_t index[AT_ONCE];
    struct bl23_record record[AT_ONCE];
    s->source->claims_of(s->source->context, from, n, claim);
    for (size_t k = 0; k < n; k++)
        index[k] = claim[k].index;
    bl23_records(s->model, index, n, record);
    for (size_t k = 0; k < n; k++) {
        char const *const why = verdict_on(&claim[k], &record[k]);
        if (why && claim[k].index < s->index) {
            s->index = claim[k].index;
            s->why = why;
        }
    }
}

static void *judge_share(void *argument)
{
    struct share *const s = argument;
    for (size_t at = s->from; at < s->to; at += AT_ONCE)
        judge(s, at, s->to - at < AT_ONCE ? s->to - at : AT_ONCE);
    return NULL;
}

/* Threads worth starting for n claims. */
static size_t shares_of(size_t n, unsigned threads)
{
    long const processors = sysconf(_SC_NPROCESSORS_ONLN);
    size_t const most = threads ? threads : processors > 0 ? (size_t)processors : 1;
    size_t const wanted = 1 + n / CLAIMS_PER_THREAD;
    size_t const shares = wanted < most ? wanted : most;
    return shares < THREADS_MAX ? shares : THREADS_MAX;
}

enum bl23_status bl23_audit_claims(struct bl23_model const *model,
                                   struct bl23_audit_source const *source, unsigned threads,
                                   struct bl23_error *error)
{
    size_t const n = source->n, shares = shares_of(n, threads);
    struct share share[THREADS_MAX];
    pthread_t thread[THREADS_MAX];
    int started[THREADS_MAX] = {0};
    for (size_t t = 0; t < shares; t++) {
        share[t] = (struct share){model,         source, n * t / shares, n * (t + 1) / shares,
                                  BL23_NO_INDEX, NULL};
        if (t > 0)
            started[t] = pthread_create(&thread[t], NULL, judge_share, &share[t]) == 0;
    }
    struct share worst = {.index = BL23_NO_INDEX};
    for (size_t t = 0; t < shares; t++) {
        if (started[t])
            pthread_join(thread[t], NULL);
        else
            judge_share(&share[t]);
        if (share[t].index < worst.index)
            worst = share[t];
    }
    return worst.why ? bl23_audit_fail(worst.index, worst.why, error) : BL23_OK;
}
