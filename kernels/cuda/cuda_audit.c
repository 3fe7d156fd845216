/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "kernels/cuda/cuda_audit.h"

#include <string.h>

#include "kernels/lanes/parallel_for.h"
#include "kernels/lanes/record_rows.h"
#include "kernels/sample/error.h"

enum {
    THREADS_MAX = 64,
    CLAIMS_AT_LEAST = 4096, /* for a thread, to be worth starting */
    AT_ONCE = 128           /* records of a batch, which stay in a cache near the core */
};

/* The first claim that a worker has found wrong. */
struct fault {
    uint64_t index; /* BL23_NO_INDEX: none */
    uint64_t claim; /* its number */
    char const *why;
};

/* What the workers share. */
struct audit {
    struct bl23_model const *model;
    struct bl23_audit_source const *source;
    struct fault fault[THREADS_MAX];
};

enum bl23_status bl23_audit_fail(uint64_t index, char const *why, struct bl23_error *error)
{
    return bl23_fail(error, BL23_ERROR_DEVICE, "sample %llu: %s", (unsigned long long)index, why);
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
        return "its record on the device differs from the record of the CPU; the device or its "
               "memory is faulty; use --backend cpu";
    if (claim->survives && !record->survives)
        return "the device keeps it as a survivor, but it does not survive";
    if (claim->discarded && record->survives)
        return "the device's screen has discarded it, but it survives";
    return NULL;
}

static enum bl23_status judge(void *context, unsigned worker, uint64_t from, uint64_t n)
{
    struct audit *const audit = context;
    struct fault *const fault = &audit->fault[worker];
    struct bl23_audit_claim claim[AT_ONCE];
    uint64_t index[AT_ONCE];
    struct bl23_record record[AT_ONCE];
    audit->source->claims_of(audit->source->context, from, n, claim);
    for (size_t k = 0; k < n; k++)
        index[k] = claim[k].index;
    bl23_records(audit->model, index, n, record);
    for (size_t k = 0; k < n; k++) {
        char const *const why = verdict_on(&claim[k], &record[k]);
        if (why && claim[k].index < fault->index)
            *fault = (struct fault){claim[k].index, from + k, why};
    }
    return BL23_OK;
}

enum bl23_status bl23_audit_claims(struct bl23_model const *model,
                                   struct bl23_audit_source const *source, unsigned threads,
                                   struct bl23_error *error)
{
    size_t const useful = 1 + source->n / CLAIMS_AT_LEAST;
    size_t const most = threads ? threads : bl23_processors();
    size_t const workers = useful < most ? useful : most;
    struct audit audit = {.model = model, .source = source};
    for (int t = 0; t < THREADS_MAX; t++)
        audit.fault[t].index = BL23_NO_INDEX;
    bl23_parallel_for(workers < THREADS_MAX ? (unsigned)workers : THREADS_MAX, source->n, AT_ONCE,
                      judge, &audit);
    struct fault first = audit.fault[0];
    for (int t = 1; t < THREADS_MAX; t++)
        if (audit.fault[t].index < first.index ||
            (audit.fault[t].index == first.index && audit.fault[t].claim < first.claim))
            first = audit.fault[t];
    return first.why ? bl23_audit_fail(first.index, first.why, error) : BL23_OK;
}
