/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* CUDA C++ as far as the kernels of kernels/cuda/cuda_*.cu speak it, for a host compiler: threads
 * are fibers, and warp functions and barriers wait for all their threads. A thread that misses one,
 * or calls another one than its warp, ends the program. The shim tests put it before the toolkit's
 * header of this name. It must not know of surveys. */
#ifndef BL23_TESTS_CUDA_RUNTIME_H
#define BL23_TESTS_CUDA_RUNTIME_H

#include <math.h>
#include <stdint.h>
#include <string.h>
#include <vector>

#include <cuda_runtime_api.h>

#define __global__ static
#define __device__
#define __host__
#define __forceinline__ inline
#define __launch_bounds__(...)

struct uint2 {
    unsigned x, y;
};
struct uint4 {
    unsigned x, y, z, w;
};
static inline struct uint2 make_uint2(unsigned x, unsigned y)
{
    return {x, y};
}
static inline struct uint4 make_uint4(unsigned x, unsigned y, unsigned z, unsigned w)
{
    return {x, y, z, w};
}

/* Where a thread is. */
struct shim_place {
    unsigned x;
};
extern struct shim_place threadIdx, blockIdx, gridDim;

/* ---- launches and shared memory ---- */

/* Run body(argument) on every thread of every block. */
void shim_launch(unsigned blocks, unsigned threads, void (*body)(void const *),
                 void const *argument);

/* Device memory is open in between; a launch that is to fail does not begin. */
bool shim_launch_begins();
void shim_launch_ends();

/* All device memory as it is now; the same put back. */
void shim_memory_save(std::vector<char> &image);
void shim_memory_restore(std::vector<char> const &image);

template <class Argument> struct shim_call {
    void (*kernel)(Argument);
    Argument argument;
    static void body(void const *self)
    {
        shim_call const *const call = static_cast<shim_call const *>(self);
        call->kernel(call->argument);
    }
};
template <class Argument, class Kernel>
void shim_run(Kernel kernel, unsigned blocks, unsigned threads, Argument const &argument)
{
    shim_call<Argument> const call = {kernel, argument};
    shim_launch(blocks, threads, shim_call<Argument>::body, &call);
}
#define BL23_LAUNCH(kernel, blocks, threads, stream, argument)                                     \
    ((void)(stream), shim_run(kernel, blocks, threads, argument))

/* The shared memory of the running block, the same for all its threads; holds no value yet. */
void *shim_shared(size_t bytes);
#define BL23_SHARED(type, name, dimension)                                                         \
    type(&name) dimension = *static_cast<type(*) dimension>(shim_shared(sizeof(type dimension)))

template <class Kernel>
cudaError_t cudaOccupancyMaxActiveBlocksPerMultiprocessor(int *blocks, Kernel, int, size_t)
{
    *blocks = 2;
    return cudaSuccess;
}

/* ---- warps and blocks ---- */

/* Every thread of the warp hands in a value; all get the 32 of them. */
uint64_t const *shim_exchange(int operation, uint64_t value);
enum { SHIM_SYNCWARP, SHIM_BALLOT, SHIM_SHUFFLE };

void __syncthreads();
static inline void __syncwarp()
{
    shim_exchange(SHIM_SYNCWARP, 0);
}
static inline unsigned __ballot_sync(unsigned, bool set)
{
    uint64_t const *const values = shim_exchange(SHIM_BALLOT, set);
    unsigned mask = 0;
    for (int lane = 0; lane < 32; lane++)
        mask |= (unsigned)(values[lane] != 0) << lane;
    return mask;
}
static inline unsigned __shfl_sync(unsigned, unsigned value, int lane)
{
    return (unsigned)shim_exchange(SHIM_SHUFFLE, value)[lane];
}
static inline unsigned __shfl_up_sync(unsigned, unsigned value, unsigned delta)
{
    unsigned const lane = threadIdx.x % 32;
    uint64_t const *const values = shim_exchange(SHIM_SHUFFLE, value);
    return lane >= delta ? (unsigned)values[lane - delta] : value;
}

/* ---- arithmetic ---- */

/* Fibers of one host thread: nothing comes between. */
template <class Number> static inline Number atomicAdd(Number *counter, Number n)
{
    Number const before = *counter;
    *counter += n;
    return before;
}
template <class Number> static inline Number atomicMin(Number *least, Number n)
{
    Number const before = *least;
    *least = n < before ? n : before;
    return before;
}
static inline int __popc(unsigned x)
{
    return __builtin_popcount(x);
}
static inline int __ffs(int x)
{
    return __builtin_ffs(x);
}
static inline float __uint_as_float(unsigned x)
{
    float f;
    memcpy(&f, &x, sizeof f);
    return f;
}

/* Up or down, by a bit of the argument's mantissa. */
static inline float shim_error(float x, float size)
{
    uint32_t bits;
    memcpy(&bits, &x, sizeof bits);
    return (bits * 0x9e3779b9u) >> 31 ? size : -size;
}

/* As wrong as cuda_device.h says that the device's may be. */
static inline float bl23_fast_cos(float x)
{
    return cosf(x) + shim_error(x, 3.7e-5f);
}
static inline float bl23_fast_sqrt(float x)
{
    return sqrtf(x) * (1.0f + shim_error(x, 2.3e-7f));
}
static inline float bl23_fast_rsqrt(float x)
{
    return (1.0f + shim_error(x, 1.8e-7f)) / sqrtf(x);
}
static inline float bl23_fast_log2(float x)
{
    return log2f(x) + shim_error(x, 2e-6f);
}

#endif
