/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* What a backend owes: open on a model, run ranges of samples, close.
 * host/survey/survey_run.c drives one; every backend gives the same results, bit for bit.
 * It must not know of files, ranks or progress. */
#ifndef BL23_KERNELS_BACKEND_H
#define BL23_KERNELS_BACKEND_H

#include "kernels/results/results.h"

/* How a backend may use the machine. */
struct bl23_backend_options {
    unsigned threads; /* cpu: 0 means one per processor */
    char const *isa;  /* cpu: "generic", "avx2", "avx512", "neon", NULL for the best there is */
    int no_screen;    /* send every sample through the verdict */
    unsigned device;  /* cuda: modulo the number of devices; ranks of a node count through */
    int no_audit;     /* cuda: do not judge what the device returns again */
    int one_launch;   /* cuda: one launch at a time, so that the time of a kernel is its own */
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

/* bl23_backend_cuda is always there; a build without CUDA has one whose open says so. */
extern struct bl23_backend const bl23_backend_cpu, bl23_backend_cuda;

/* Was it built with CUDA? And how many devices answer: *text names them, or says why there are
 * none. Valid until the next call. */
int bl23_cuda_built(void);
unsigned bl23_cuda_devices(char const **text);

/* What a speed of light is computed from; all 0 for a device that does not answer. Versions are
 * 1000 major + 10 minor, clock_khz is the highest. */
struct bl23_cuda_device {
    int processors, clock_khz, capability_major, capability_minor;
    int driver_version, runtime_version;
};
void bl23_cuda_device_read(unsigned device, struct bl23_cuda_device *out);

/* The kernels of a launch, in their order, and the seconds that each has taken on an open state of
 * bl23_backend_cuda so far, by the device's clock. */
enum bl23_cuda_kernel {
    BL23_CUDA_SORT,
    BL23_CUDA_SCREEN,
    BL23_CUDA_FULL,
    BL23_CUDA_CUTFLOW,
    BL23_CUDA_COLLECT,
    BL23_CUDA_KERNELS
};
void bl23_cuda_seconds(struct bl23_backend_state const *state, double seconds[BL23_CUDA_KERNELS]);

/* A profiler that waits to be told (ncu --profile-from-start off) counts from on = 1 to on = 0. */
void bl23_cuda_profile(int on);

/* The best instruction set of this processor that this build has: generic, avx2, avx512 or neon. */
char const *bl23_cpu_isa(void);

/* The records of the samples index[n] into record[n], by the best instruction set: the numbers of
 * bl23_record_of, faster. */
void bl23_cpu_records(struct bl23_model const *model, uint64_t const *index, size_t n,
                      struct bl23_record *record);

/* Products of 32-bit words on one core with an instruction set of this processor, 16 vectors in
 * each of `rounds`; returns how many products those were, 0 for an instruction set that is not
 * here. */
uint64_t bl23_cpu_multiply(char const *isa, uint64_t rounds);

#endif
