/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "kernels/cuda/cuda_slot.h"

#include <stdlib.h>
#include <string.h>

enum { ARRAYS = 16 };

/* One array of a slot: on the device, on the host, or on both. */
struct array {
    void **device, **host;
    size_t bytes;
};

static size_t sides_bytes(struct bl23_cuda_shape const *shape)
{
    return (shape->d_cuts ? shape->n_knots : 0) * sizeof(struct bl23_sides);
}

static size_t profile_bytes(struct bl23_cuda_shape const *shape)
{
    return shape->places * sizeof(struct bl23_extremum);
}

/* Every array of a slot, once: opening and closing walk this list. */
static void arrays_of(struct bl23_cuda_shape const *shape, struct bl23_cuda_slot *s,
                      struct array array[ARRAYS])
{
    struct bl23_cuda_capacity const *const c = &shape->capacity;
    struct bl23_cuda_launch *const d = &s->launch;
    struct bl23_cuda_host *const h = &s->host;
    struct array const list[ARRAYS] = {
        {(void **)&d->screen, (void **)&h->screen, shape->n_knots * sizeof *d->screen},
        {(void **)&d->sides, (void **)&h->sides, sides_bytes(shape) + 1},
        {(void **)&d->extrema, (void **)&h->extrema, BL23_CUDA_EXTREMA * sizeof *d->extrema},
        {(void **)&d->profile_known, (void **)&h->profile_known, profile_bytes(shape) + 1},
        {(void **)&d->profile, (void **)&h->profile, profile_bytes(shape) + 1},
        {(void **)&d->counts, (void **)&h->counts, sizeof *d->counts},
        {(void **)&d->knot, (void **)&h->knot, shape->n_knots * sizeof *d->knot},
        {(void **)&d->histogram_2d, (void **)&h->histogram_2d,
         (shape->cells + 1) * sizeof *d->histogram_2d},
        {(void **)&d->nearest, (void **)&h->nearest, c->nearest * sizeof *d->nearest},
        {(void **)&d->kept, (void **)&h->kept, c->kept * sizeof *d->kept},
        {(void **)&d->audited, (void **)&h->audited, c->audited * sizeof *d->audited},
        {(void **)&d->new_extrema, (void **)&h->new_extrema, c->extrema * sizeof *d->new_extrema},
        {(void **)&d->screened_tiles, NULL, shape->tiles * sizeof *d->screened_tiles},
        {(void **)&d->full_tiles, NULL, shape->tiles * sizeof *d->full_tiles},
        {(void **)&d->counting_tiles, NULL, shape->tiles * sizeof *d->counting_tiles},
        {(void **)&d->candidates, NULL, c->candidates * sizeof *d->candidates}};
    memcpy(array, list, sizeof list);
}

cudaError_t bl23_cuda_grid_of(int device, struct bl23_cuda_grid *grid)
{
    int processors = 1;
    cudaError_t error = cudaDeviceGetAttribute(&processors, cudaDevAttrMultiProcessorCount, device);
    if (error == cudaSuccess)
        error = bl23_cuda_screen_blocks(processors, &grid->screen);
    if (error == cudaSuccess)
        error = bl23_cuda_sided_blocks(processors, &grid->sided);
    if (error == cudaSuccess)
        error = bl23_cuda_full_blocks(processors, &grid->full);
    if (error == cudaSuccess)
        error = bl23_cuda_cutflow_blocks(processors, &grid->cutflow);
    if (error == cudaSuccess)
        error = bl23_cuda_collect_blocks(processors, &grid->collect);
    return error;
}

cudaError_t bl23_cuda_slot_open(struct bl23_cuda_shape const *shape, struct bl23_cuda_slot *slot)
{
    struct array array[ARRAYS];
    memset(slot, 0, sizeof *slot);
    arrays_of(shape, slot, array);
    cudaError_t error = cudaStreamCreateWithFlags(&slot->stream, cudaStreamNonBlocking);
    for (int k = 0; error == cudaSuccess && k <= BL23_CUDA_KERNELS; k++)
        error = cudaEventCreate(&slot->event[k]);
    for (int k = 0; error == cudaSuccess && k < ARRAYS; k++) {
        error = cudaMalloc(array[k].device, array[k].bytes);
        if (error == cudaSuccess && array[k].host)
            error = cudaMallocHost(array[k].host, array[k].bytes);
    }
    slot->host.news = calloc(shape->places + 1, sizeof *slot->host.news);
    if (error == cudaSuccess && !slot->host.news)
        error = cudaErrorMemoryAllocation;
    if (error != cudaSuccess) {
        bl23_cuda_slot_close(slot);
        return error;
    }
    slot->launch.capacity = shape->capacity;
    slot->launch.words_decide = shape->words_decide;
    slot->launch.limited = shape->limited;
    slot->launch.groups = shape->groups;
    slot->launch.cover = shape->cover;
    slot->launch.solve = shape->solve;
    slot->launch.model = shape->d_model;
    slot->launch.reduction = shape->d_reduction;
    slot->launch.cuts = shape->d_cuts;
    return cudaSuccess;
}

/* Errors are of no use here: after a sticky one every call returns it. */
void bl23_cuda_slot_close(struct bl23_cuda_slot *slot)
{
    struct bl23_cuda_shape const none = {0};
    struct array array[ARRAYS];
    arrays_of(&none, slot, array);
    if (slot->stream)
        cudaStreamSynchronize(slot->stream);
    for (int k = 0; k < ARRAYS; k++) {
        cudaFree(*array[k].device);
        if (array[k].host)
            cudaFreeHost(*array[k].host);
    }
    for (int k = 0; k <= BL23_CUDA_KERNELS; k++)
        if (slot->event[k])
            cudaEventDestroy(slot->event[k]);
    if (slot->stream)
        cudaStreamDestroy(slot->stream);
    free(slot->host.news);
    memset(slot, 0, sizeof *slot);
}

static size_t knot_bytes(struct bl23_cuda_shape const *shape)
{
    return shape->n_knots * sizeof(struct bl23_knot_counts);
}

static size_t plane_bytes(struct bl23_cuda_shape const *shape)
{
    return shape->cells * sizeof(uint64_t);
}

/* What the kernels start from. */
static cudaError_t prepare(struct bl23_cuda_shape const *shape, struct bl23_cuda_slot *slot)
{
    struct bl23_cuda_launch const *const d = &slot->launch;
    struct bl23_cuda_host const *const h = &slot->host;
    cudaError_t error =
        cudaMemcpyAsync((void *)d->screen, h->screen, shape->n_knots * sizeof *d->screen,
                        cudaMemcpyHostToDevice, slot->stream);
    if (error == cudaSuccess && d->cuts)
        error = cudaMemcpyAsync((void *)d->sides, h->sides, sides_bytes(shape),
                                cudaMemcpyHostToDevice, slot->stream);
    if (error == cudaSuccess)
        error =
            cudaMemcpyAsync((void *)d->extrema, h->extrema, BL23_CUDA_EXTREMA * sizeof *d->extrema,
                            cudaMemcpyHostToDevice, slot->stream);
    if (error == cudaSuccess && shape->places > 0)
        error = cudaMemcpyAsync((void *)d->profile_known, h->profile_known, profile_bytes(shape),
                                cudaMemcpyHostToDevice, slot->stream);
    if (error == cudaSuccess && shape->places > 0) /* no index, and bits above those of a number */
        error = cudaMemsetAsync(d->profile, 0xff, profile_bytes(shape), slot->stream);
    if (error == cudaSuccess)
        error = cudaMemsetAsync(d->counts, 0, sizeof *d->counts, slot->stream);
    if (error == cudaSuccess)
        error = cudaMemsetAsync(d->knot, 0, knot_bytes(shape), slot->stream);
    if (error == cudaSuccess && shape->cells > 0)
        error = cudaMemsetAsync(d->histogram_2d, 0, plane_bytes(shape), slot->stream);
    return error;
}

static cudaError_t run_kernel(struct bl23_cuda_slot const *slot, struct bl23_cuda_grid const *grid,
                              enum bl23_cuda_kernel kernel)
{
    switch (kernel) {
    case BL23_CUDA_SORT:
        return bl23_cuda_sort_tiles(&slot->launch, slot->stream);
    case BL23_CUDA_SCREEN:
        return bl23_cuda_screen(&slot->launch, slot->launch.sided ? grid->sided : grid->screen,
                                slot->stream);
    case BL23_CUDA_FULL:
        return bl23_cuda_full(&slot->launch, grid->full, slot->stream);
    case BL23_CUDA_CUTFLOW:
        return bl23_cuda_cutflow(&slot->launch, grid->cutflow, slot->stream);
    default:
        return bl23_cuda_collect(&slot->launch, grid->collect, slot->stream);
    }
}

static cudaError_t run_kernels(struct bl23_cuda_shape const *shape, struct bl23_cuda_slot *slot)
{
    cudaError_t error = cudaEventRecord(slot->event[0], slot->stream);
    for (int k = 0; error == cudaSuccess && k < BL23_CUDA_KERNELS; k++) {
        error = run_kernel(slot, &shape->grid, (enum bl23_cuda_kernel)k);
        if (error == cudaSuccess)
            error = cudaEventRecord(slot->event[k + 1], slot->stream);
    }
    return error;
}

static cudaError_t fetch(void *host, void const *device, size_t bytes, cudaStream_t stream)
{
    return bytes ? cudaMemcpyAsync(host, device, bytes, cudaMemcpyDeviceToHost, stream)
                 : cudaSuccess;
}

cudaError_t bl23_cuda_slot_submit(struct bl23_cuda_shape const *shape, struct bl23_cuda_slot *slot,
                                  struct bl23_cuda_range const *range)
{
    struct bl23_cuda_launch const *const d = &slot->launch;
    struct bl23_cuda_host const *const h = &slot->host;
    slot->launch.range = *range;
    cudaError_t error = prepare(shape, slot);
    if (error == cudaSuccess)
        error = run_kernels(shape, slot);
    if (error == cudaSuccess)
        error = fetch(h->counts, d->counts, sizeof *d->counts, slot->stream);
    if (error == cudaSuccess)
        error = fetch(h->knot, d->knot, knot_bytes(shape), slot->stream);
    if (error == cudaSuccess)
        error = fetch(h->histogram_2d, d->histogram_2d, plane_bytes(shape), slot->stream);
    return error;
}

cudaError_t bl23_cuda_slot_wait(struct bl23_cuda_slot *slot, float milliseconds[BL23_CUDA_KERNELS])
{
    cudaError_t error = cudaStreamSynchronize(slot->stream);
    for (int k = 0; error == cudaSuccess && k < BL23_CUDA_KERNELS; k++)
        error = cudaEventElapsedTime(&milliseconds[k], slot->event[k], slot->event[k + 1]);
    return error;
}

int bl23_cuda_slot_overflowed(struct bl23_cuda_slot const *slot)
{
    struct bl23_cuda_counts const *const n = slot->host.counts;
    struct bl23_cuda_capacity const *const c = &slot->launch.capacity;
    return n->candidates > c->candidates || n->nearest > c->nearest || n->kept > c->kept ||
           n->audited > c->audited || n->extrema > c->extrema;
}

cudaError_t bl23_cuda_slot_fetch(struct bl23_cuda_shape const *shape, struct bl23_cuda_slot *slot)
{
    struct bl23_cuda_launch const *const d = &slot->launch;
    struct bl23_cuda_host *const h = &slot->host;
    struct bl23_cuda_counts const *const n = h->counts;
    cudaStream_t const stream = slot->stream;
    cudaError_t error = fetch(h->nearest, d->nearest, n->nearest * sizeof *d->nearest, stream);
    if (error == cudaSuccess)
        error = fetch(h->kept, d->kept, n->kept * sizeof *d->kept, stream);
    if (error == cudaSuccess)
        error = fetch(h->audited, d->audited, n->audited * sizeof *d->audited, stream);
    if (error == cudaSuccess)
        error = fetch(h->new_extrema, d->new_extrema, n->extrema * sizeof *d->new_extrema, stream);
    if (error == cudaSuccess)
        error = fetch(h->profile, d->profile, profile_bytes(shape), stream);
    if (error == cudaSuccess)
        error = cudaStreamSynchronize(stream);
    h->n_news = 0;
    for (uint64_t place = 0; error == cudaSuccess && place < shape->places; place++)
        if (h->profile[place].index != BL23_NO_INDEX)
            h->news[h->n_news++] = place;
    return error;
}
