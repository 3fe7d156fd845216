/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* What a backend owes: open on a model, run ranges of samples, close.
 * host/survey.c drives one; every backend gives the same results, bit for bit.
 * It must not know of files, ranks or progress. */
#ifndef BL23_KERNELS_BACKEND_H
#define BL23_KERNELS_BACKEND_H

#include "kernels/results.h"

/* How a backend may use the machine. */
struct bl23_backend_options {
    unsigned threads; /* cpu: 0 means one per processor */
    char const *isa;  /* cpu: "generic", "avx2", "avx512", NULL for the best there is */
    int no_screen;    /* cpu: send every sample through the verdict */
    unsigned device;  /* cuda: taken modulo the number of devices; ranks of a node count through */
};

/* Opaque state of an open backend. */
struct bl23_backend_state;

struct bl23_backend {
    char const *name;
    /* The model and the reduction stay with the caller and must outlive the state. On failure
     * *error is filled and *state is NULL. */
    enum bl23_status (*open)(struct bl23_model const *model, struct bl23_reduction const *reduction,
                             struct bl23_backend_options const *options,
                             struct bl23_backend_state **state, struct bl23_error *error);
    /* Add the samples [first, first + count) to *results. first + count <= 2^63 + 1. */
    enum bl23_status (*run)(struct bl23_backend_state *state, uint64_t first, uint64_t count,
                            struct bl23_results *results, struct bl23_error *error);
    /* One line for the provenance: instruction set or device. Valid until close. */
    char const *(*describe)(struct bl23_backend_state const *state);
    void (*close)(struct bl23_backend_state *state);
};

extern struct bl23_backend const bl23_backend_cpu;

/* The best instruction set of this processor that this build has: generic, avx2 or avx512. */
char const *bl23_cpu_isa(void);

#endif
