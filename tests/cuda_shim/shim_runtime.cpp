/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* The runtime of the shim. Device memory lies in pages of its own that are closed except to kernels
 * and copies, ends at a page that is never open, and starts out as NaN. */
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <sys/mman.h>

#include <cuda_runtime.h>

struct shim_stream {
    int open;
};
struct shim_event {
    int recorded;
};

enum { MEMORY = 16 << 20 };
struct shim_faults shim_faults = {0, cudaSuccess, 0, 1, MEMORY, 1, 0};

namespace
{

enum { PAGE = 4096, ALIGNMENT = 16, POISON = 0xff };

/* Pages of one allocation; the last one is a guard. */
struct block {
    char *pages;
    size_t mapped, bytes;
};
std::map<void *, block> blocks;
std::map<void *, size_t> host_blocks;
size_t in_use, device_in_use;
unsigned long calls, copies, launches, launches_before; /* a profiler began to count */
cudaError_t sticky, last;

/* Faults for a whole program, by environment: SHIM_FAIL_AT=N makes call N and all later ones fail,
 * SHIM_DEVICES=N says how many devices there are, SHIM_FLIP_COPY=N spoils the N-th copy,
 * SHIM_MEMORY=N is the memory of the device in bytes. With
 * SHIM_TELL_PROFILE the launches that a profiler would count are told on stderr. */
void read_environment()
{
    char const *const fail_at = std::getenv("SHIM_FAIL_AT"), *const n = std::getenv("SHIM_DEVICES");
    if (fail_at) {
        shim_faults.fail_at = std::strtoul(fail_at, nullptr, 10);
        shim_faults.error = cudaErrorIllegalAddress;
        shim_faults.sticky = 1;
    }
    if (n)
        shim_faults.devices = std::atoi(n);
    if (char const *const memory = std::getenv("SHIM_MEMORY"))
        shim_faults.memory_bytes = std::strtoul(memory, nullptr, 10);
    if (char const *const flip = std::getenv("SHIM_FLIP_COPY"))
        shim_faults.flip_copy = std::strtoul(flip, nullptr, 10);
}

/* Every call passes here: does it fail? */
cudaError_t call()
{
    static bool const read = (read_environment(), true);
    (void)read;
    calls++;
    if (sticky != cudaSuccess)
        return last = sticky;
    if (calls != shim_faults.fail_at)
        return cudaSuccess;
    if (shim_faults.sticky)
        sticky = shim_faults.error;
    return last = shim_faults.error;
}

/* While one lives, device memory is open. */
struct access {
    access()
    {
        protect(PROT_READ | PROT_WRITE);
    }
    ~access()
    {
        protect(PROT_NONE);
    }
    static void protect(int how)
    {
        for (auto const &entry : blocks)
            mprotect(entry.second.pages, entry.second.mapped - PAGE, how);
    }
};

bool is_device(void const *memory)
{
    auto const after = blocks.upper_bound(const_cast<void *>(memory));
    if (after == blocks.begin())
        return false;
    block const &b = std::prev(after)->second;
    return static_cast<char const *>(memory) < b.pages + b.mapped;
}

} // namespace

bool shim_launch_begins()
{
    if (call() != cudaSuccess)
        return false;
    launches++;
    access::protect(PROT_READ | PROT_WRITE);
    return true;
}

void shim_launch_ends()
{
    access::protect(PROT_NONE);
}

void shim_memory_save(std::vector<char> &image)
{
    access const open;
    image.clear();
    for (auto const &entry : blocks) {
        char const *const memory = static_cast<char const *>(entry.first);
        image.insert(image.end(), memory, memory + entry.second.bytes);
    }
}

void shim_memory_restore(std::vector<char> const &image)
{
    access const open;
    size_t at = 0;
    for (auto const &entry : blocks) {
        std::memcpy(entry.first, image.data() + at, entry.second.bytes);
        at += entry.second.bytes;
    }
}

extern "C" {

unsigned long shim_calls(void)
{
    return calls;
}

unsigned long shim_copies(void)
{
    return copies;
}

void shim_reset(void)
{
    shim_faults = {0, cudaSuccess, 0, 1, MEMORY, 1, 0};
    calls = copies = 0;
    sticky = last = cudaSuccess;
}

size_t shim_memory_in_use(void)
{
    return in_use;
}

char const *cudaGetErrorString(cudaError_t error)
{
    switch (error) {
    case cudaSuccess:
        return "no error";
    case cudaErrorMemoryAllocation:
        return "out of memory";
    case cudaErrorIllegalAddress:
        return "an illegal memory access was encountered";
    case cudaErrorNoDevice:
        return "no CUDA-capable device is detected";
    default:
        return "an error of the shim";
    }
}

cudaError_t cudaGetLastError(void)
{
    cudaError_t const error = sticky != cudaSuccess ? sticky : last;
    last = cudaSuccess;
    return error;
}

cudaError_t cudaGetDeviceCount(int *count)
{
    cudaError_t const error = call();
    *count = shim_faults.devices;
    return error == cudaSuccess && *count == 0 ? cudaErrorNoDevice : error;
}

cudaError_t cudaGetDeviceProperties(struct cudaDeviceProp *properties, int)
{
    std::strcpy(properties->name, "shim");
    return call();
}

cudaError_t cudaDeviceGetAttribute(int *value, enum cudaDeviceAttr, int)
{
    *value = 3;
    return call();
}

cudaError_t cudaDriverGetVersion(int *version)
{
    *version = 0;
    return call();
}

cudaError_t cudaRuntimeGetVersion(int *version)
{
    *version = 0;
    return call();
}

cudaError_t cudaSetDevice(int device)
{
    cudaError_t const error = call();
    return error == cudaSuccess && device >= shim_faults.devices ? cudaErrorInvalidValue : error;
}

cudaError_t cudaMalloc(void **memory, size_t bytes)
{
    cudaError_t const error = call();
    if (error != cudaSuccess)
        return error;
    if (device_in_use + bytes > shim_faults.memory_bytes)
        return last = cudaErrorMemoryAllocation;
    size_t const room = (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    size_t const mapped = (room + PAGE - 1) / PAGE * PAGE + PAGE;
    char *const pages = static_cast<char *>(
        mmap(nullptr, mapped, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    if (pages == MAP_FAILED)
        return last = cudaErrorMemoryAllocation;
    std::memset(pages, POISON, mapped - PAGE);
    mprotect(pages, mapped, PROT_NONE);
    *memory = pages + mapped - PAGE - room;
    blocks[*memory] = {pages, mapped, bytes};
    in_use += bytes;
    device_in_use += bytes;
    return cudaSuccess;
}

cudaError_t cudaMallocHost(void **memory, size_t bytes)
{
    cudaError_t const error = call();
    if (error != cudaSuccess)
        return error;
    *memory = std::malloc(bytes ? bytes : 1);
    std::memset(*memory, POISON, bytes);
    host_blocks[*memory] = bytes;
    in_use += bytes;
    return cudaSuccess;
}

cudaError_t cudaFree(void *memory)
{
    auto const found = blocks.find(memory);
    if (memory && found == blocks.end())
        std::abort();
    if (memory) {
        in_use -= found->second.bytes;
        device_in_use -= found->second.bytes;
        munmap(found->second.pages, found->second.mapped);
        blocks.erase(found);
    }
    return call();
}

cudaError_t cudaFreeHost(void *memory)
{
    auto const found = host_blocks.find(memory);
    if (memory && found == host_blocks.end())
        std::abort();
    if (memory) {
        in_use -= found->second;
        std::free(memory);
        host_blocks.erase(found);
    }
    return call();
}

cudaError_t cudaMemcpy(void *to, void const *from, size_t bytes, enum cudaMemcpyKind kind)
{
    cudaError_t const error = call();
    if (error != cudaSuccess)
        return error;
    if (is_device(to) != (kind == cudaMemcpyHostToDevice) ||
        is_device(from) != (kind == cudaMemcpyDeviceToHost))
        std::abort();
    access const open;
    std::memcpy(to, from, bytes);
    if (kind == cudaMemcpyDeviceToHost && ++copies == shim_faults.flip_copy)
        static_cast<char *>(to)[bytes - 1] ^= 1;
    return cudaSuccess;
}

cudaError_t cudaMemcpyAsync(void *to, void const *from, size_t bytes, enum cudaMemcpyKind kind,
                            cudaStream_t)
{
    return cudaMemcpy(to, from, bytes, kind);
}

cudaError_t cudaMemsetAsync(void *memory, int value, size_t bytes, cudaStream_t)
{
    cudaError_t const error = call();
    if (error != cudaSuccess)
        return error;
    access const open;
    std::memset(memory, value, bytes);
    return cudaSuccess;
}

cudaError_t cudaStreamCreateWithFlags(cudaStream_t *stream, unsigned)
{
    cudaError_t const error = call();
    *stream = error == cudaSuccess ? new shim_stream() : nullptr;
    return error;
}

cudaError_t cudaStreamSynchronize(cudaStream_t)
{
    return call();
}

cudaError_t cudaStreamDestroy(cudaStream_t stream)
{
    delete stream;
    return call();
}

cudaError_t cudaEventCreate(cudaEvent_t *event)
{
    cudaError_t const error = call();
    *event = error == cudaSuccess ? new shim_event() : nullptr;
    return error;
}

cudaError_t cudaEventRecord(cudaEvent_t, cudaStream_t)
{
    return call();
}

cudaError_t cudaEventElapsedTime(float *milliseconds, cudaEvent_t, cudaEvent_t)
{
    *milliseconds = 1.0f;
    return call();
}

cudaError_t cudaProfilerStart(void)
{
    launches_before = launches;
    return call();
}

cudaError_t cudaProfilerStop(void)
{
    if (std::getenv("SHIM_TELL_PROFILE"))
        std::fprintf(stderr, "shim: %lu launches, %lu of them profiled\n", launches,
                     launches - launches_before);
    return call();
}

cudaError_t cudaEventDestroy(cudaEvent_t event)
{
    delete event;
    return call();
}
}
