/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* The part of CUDA's runtime that bl23 calls, for a host that has no device: device memory is host
 * memory that only kernels and copies may touch, a launch runs at once, and calls fail on request.
 * kernels/cuda/cuda_*.c and .cu are built against it by the shim tests.
 * It must not know of surveys. */
#ifndef BL23_TESTS_CUDA_RUNTIME_API_H
#define BL23_TESTS_CUDA_RUNTIME_API_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum cudaError {
    cudaSuccess = 0,
    cudaErrorInvalidValue = 1,
    cudaErrorMemoryAllocation = 2,
    cudaErrorInsufficientDriver = 35,
    cudaErrorNoDevice = 100,
    cudaErrorIllegalAddress = 700,
    cudaErrorLaunchFailure = 719
} cudaError_t;

typedef struct shim_stream *cudaStream_t;
typedef struct shim_event *cudaEvent_t;
enum cudaMemcpyKind { cudaMemcpyHostToDevice = 1, cudaMemcpyDeviceToHost = 2 };
enum cudaDeviceAttr {
    cudaDevAttrClockRate = 13,
    cudaDevAttrMultiProcessorCount = 16,
    cudaDevAttrComputeCapabilityMajor = 75,
    cudaDevAttrComputeCapabilityMinor = 76
};
enum { cudaStreamNonBlocking = 1 };
struct cudaDeviceProp {
    char name[256];
};

char const *cudaGetErrorString(cudaError_t error);
cudaError_t cudaGetLastError(void);
cudaError_t cudaGetDeviceCount(int *count);
cudaError_t cudaGetDeviceProperties(struct cudaDeviceProp *properties, int device);
cudaError_t cudaDeviceGetAttribute(int *value, enum cudaDeviceAttr attribute, int device);
cudaError_t cudaSetDevice(int device);
cudaError_t cudaDriverGetVersion(int *version);
cudaError_t cudaRuntimeGetVersion(int *version);
cudaError_t cudaMalloc(void **memory, size_t bytes);
cudaError_t cudaMallocHost(void **memory, size_t bytes);
cudaError_t cudaFree(void *memory);
cudaError_t cudaFreeHost(void *memory);
cudaError_t cudaMemcpy(void *to, void const *from, size_t bytes, enum cudaMemcpyKind kind);
cudaError_t cudaMemcpyAsync(void *to, void const *from, size_t bytes, enum cudaMemcpyKind kind,
                            cudaStream_t stream);
cudaError_t cudaMemsetAsync(void *memory, int value, size_t bytes, cudaStream_t stream);
cudaError_t cudaStreamCreateWithFlags(cudaStream_t *stream, unsigned flags);
cudaError_t cudaStreamSynchronize(cudaStream_t stream);
cudaError_t cudaStreamDestroy(cudaStream_t stream);
cudaError_t cudaEventCreate(cudaEvent_t *event);
cudaError_t cudaEventRecord(cudaEvent_t event, cudaStream_t stream);
cudaError_t cudaEventElapsedTime(float *milliseconds, cudaEvent_t start, cudaEvent_t stop);
cudaError_t cudaEventDestroy(cudaEvent_t event);
cudaError_t cudaProfilerStart(void);
cudaError_t cudaProfilerStop(void);

/* ---- what tests ask of the shim ---- */

/* Calls counted from 1 since the last reset: the one that fails, and how. A sticky error is what
 * every later call returns too. fail_at = 0: none. */
struct shim_faults {
    unsigned long fail_at;
    cudaError_t error;
    int sticky;
    int devices;         /* how many there are */
    size_t memory_bytes; /* of the device */
    unsigned order_seed; /* order in which blocks and threads get their turn */
    unsigned long
        flip_copy; /* the copy from the device whose last byte comes back wrong; 0: none */
};
extern struct shim_faults shim_faults;
unsigned long shim_calls(void);  /* since the last reset */
unsigned long shim_copies(void); /* from the device, likewise */
void shim_reset(void);           /* no faults, one device with 16 MiB */
size_t shim_memory_in_use(void); /* device and page-locked memory, bytes */

#ifdef __cplusplus
}
#endif

#endif
