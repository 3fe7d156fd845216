/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* The contract of a backend: open it on a model, run ranges of samples, close it. All backends give
 * the same results, bit for bit. host/survey/survey_loop.c drives one. */
#ifndef BL23_KERNELS_BACKEND_H
#define BL23_KERNELS_BACKEND_H

#include "kernels/results/results.h"

#ifdef __cplusplus
extern "C" {
#endif

/* How a backend may use the machine. */
struct bl23_backend_options {
    unsigned threads; /* cpu: 0 means one per processor of the machine */
    int no_screen;    /* judge every sample in double precision */
    unsigned device;  /* cuda: modulo the number of devices; ranks of a node count through */
    int no_audit;     /* cuda: do not check on the CPU what the device returns */
    int one_launch;   /* cuda: one launch at a time, so that kernels can be timed one by one */
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
    /* Add the samples [first, first + count) to *results. first + count <= 2^63 + 1. After a
     * failure other than BL23_ERROR_MEMORY *results is what it was before the call. */
    enum bl23_status (*run)(struct bl23_backend_state *state, uint64_t first, uint64_t count,
                            struct bl23_results *results, struct bl23_error *error);
    /* One line for the provenance: instruction set or device. Valid until close. */
    char const *(*describe)(struct bl23_backend_state const *state);
    void (*close)(struct bl23_backend_state *state);
};

extern struct bl23_backend const bl23_backend_cpu;

/* Always there: in a build without CUDA its open says what is missing. */
extern struct bl23_backend const bl23_backend_cuda;

#ifdef __cplusplus
}
#endif

#endif
