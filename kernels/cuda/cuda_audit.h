/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* The audit: the processor judges again what a device has returned, and compares bit for bit.
 * cuda_backend.c calls it on every launch. */
#ifndef BL23_KERNELS_CUDA_AUDIT_H
#define BL23_KERNELS_CUDA_AUDIT_H

#include "kernels/backend.h"

/* One sample as the device sees it. */
struct bl23_audit_claim {
    uint64_t index, digest; /* digest: bl23_record_digest of its record */
    int survives;           /* 1: the device says so; 0: it does not, or does not say */
    int discarded;          /* 1: the screen threw it away */
    int is_extremum;        /* 1: instead of the digest, `value` of `column` counts */
    int column, one_sigma;  /* one_sigma = 1: an extremum among survivors of level 1 */
    double value;
};

/* Claims [first, first + n) into claim[n]; several threads ask at a time. */
typedef void bl23_audit_claims_of(void const *context, size_t first, size_t n,
                                  struct bl23_audit_claim *claim);

/* All claims: n of them, which `claims_of` gives. */
struct bl23_audit_source {
    bl23_audit_claims_of *claims_of;
    void const *context;
    size_t n;
};

/* Judge all claims on some threads. BL23_ERROR_DEVICE names the first sample (lowest index) that
 * differs: another record, a survivor that is none, or one that the screen has discarded. */
enum bl23_status bl23_audit_claims(struct bl23_model const *model,
                                   struct bl23_audit_source const *source, unsigned threads,
                                   struct bl23_error *error);

/* An error that names a sample: "sample 17: why". */
enum bl23_status bl23_audit_fail(uint64_t index, char const *why, struct bl23_error *error);

#endif
