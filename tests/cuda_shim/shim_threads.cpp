/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* The threads of the shim: fibers that take turns in an order of the seed's choosing, block after
 * block; in some blocks all of them, in others a warp as long as it can go on. */
#include <csetjmp>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ucontext.h>
#include <vector>

#include <cuda_runtime.h>

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/common_interface_defs.h>
#endif

namespace
{

enum { WARP = 32, THREADS_MAX = 1024, STACK_BYTES = 256 * 1024, SHARED_POISON = 0xff };

/* A meeting point: of a warp or of a block. */
struct meeting {
    unsigned members, arrived, phase;
    int operation;
    uint64_t value[2][THREADS_MAX];
};

struct stack_place {
    ucontext_t context;
    jmp_buf jump;
    bool entered; /* jump is where it was left */
};

struct fiber {
    stack_place place;
    std::vector<char> stack;
    bool ended;
    meeting const *waits_for; /* until its phase is another one */
    unsigned phase;
};

stack_place scheduler;
std::vector<fiber> fibers;
std::vector<meeting> meetings; /* one per warp, then that of the block */
unsigned running;              /* thread of the block */
void (*kernel_body)(void const *);
void const *kernel_argument;
void *shared_memory;
size_t shared_bytes;
uint32_t random_state;

unsigned random_below(unsigned n)
{
    random_state = random_state * 1664525u + 1013904223u;
    return (unsigned)((uint64_t)random_state * n >> 32);
}

[[noreturn]] void die(char const *why)
{
    std::fprintf(stderr, "shim: block %u thread %u: %s\n", blockIdx.x, running, why);
    std::abort();
}

/* Switch stacks. swapcontext costs system calls, so it only enters a fiber for the first time; a
 * sanitizer wants to be told and knows nothing else. */
#if defined(__SANITIZE_ADDRESS__)
void switch_to(stack_place *from, stack_place *to, void const *bottom, size_t bytes, bool last)
{
    void *fake = nullptr;
    __sanitizer_start_switch_fiber(last ? nullptr : &fake, bottom, bytes);
    swapcontext(&from->context, &to->context);
    __sanitizer_finish_switch_fiber(fake, nullptr, nullptr);
}
#else
void switch_to(stack_place *from, stack_place *to, void const *, size_t, bool)
{
    from->entered = true;
    if (_setjmp(from->jump) != 0)
        return;
    if (to->entered)
        _longjmp(to->jump, 1);
    swapcontext(&from->context, &to->context);
}
#endif

void const *scheduler_bottom;
size_t scheduler_bytes;

void yield(bool last)
{
    unsigned const self = running;
    switch_to(&fibers[self].place, &scheduler, scheduler_bottom, scheduler_bytes, last);
    running = self;
    threadIdx.x = self;
}

void enter()
{
#if defined(__SANITIZE_ADDRESS__)
    __sanitizer_finish_switch_fiber(nullptr, &scheduler_bottom, &scheduler_bytes);
#endif
    kernel_body(kernel_argument);
    fibers[running].ended = true;
    yield(true);
}

bool ready(fiber const &f)
{
    return !f.ended && (!f.waits_for || f.waits_for->phase != f.phase);
}

void resume(unsigned thread)
{
    running = thread;
    threadIdx.x = thread;
    fiber &f = fibers[thread];
    f.waits_for = nullptr;
    switch_to(&scheduler, &f.place, f.stack.data(), f.stack.size(), false);
}

void start(unsigned thread)
{
    fiber &f = fibers[thread];
    f.stack.resize(STACK_BYTES);
    f.ended = false;
    f.waits_for = nullptr;
    f.place.entered = false;
    ucontext_t &context = f.place.context;
    getcontext(&context);
    context.uc_stack.ss_sp = f.stack.data();
    context.uc_stack.ss_size = f.stack.size();
    context.uc_link = nullptr;
    makecontext(&context, enter, 0);
}

/* A turn for each thread that is ready, of `count` from `first`; was there one? */
bool take_turns(unsigned first, unsigned count)
{
    unsigned const shift = random_below(count);
    bool progress = false;
    for (unsigned k = 0; k < count; k++)
        if (unsigned const t = first + (k + shift) % count; ready(fibers[t])) {
            resume(t);
            progress = true;
        }
    return progress;
}

/* Each warp goes as far as it can before the next one begins; did one get anywhere? */
bool take_turns_by_warps(unsigned warps)
{
    unsigned const shift = random_below(warps);
    bool progress = false;
    for (unsigned k = 0; k < warps; k++)
        while (take_turns((k + shift) % warps * WARP, WARP))
            progress = true;
    return progress;
}

void run_block(unsigned threads)
{
    unsigned const warps = threads / WARP;
    meetings.resize(warps + 1);
    for (unsigned k = 0; k <= warps; k++) {
        meetings[k].members = k < warps ? (unsigned)WARP : threads;
        meetings[k].arrived = meetings[k].phase = 0;
    }
    shared_memory = nullptr;
    for (unsigned t = 0; t < threads; t++)
        start(t);
    bool const by_warps = random_below(2) != 0;
    while (by_warps ? take_turns_by_warps(warps) : take_turns(0, threads))
        continue;
    for (unsigned t = 0; t < threads; t++)
        if (!fibers[t].ended)
            die("a thread waits for others that never come");
    std::free(shared_memory);
}

uint64_t const *meet(meeting &m, unsigned member, int operation, uint64_t value)
{
    unsigned const phase = m.phase;
    if (m.arrived == 0)
        m.operation = operation;
    if (m.operation != operation)
        die("the threads of a warp have gone different ways");
    m.value[phase & 1u][member] = value;
    if (++m.arrived == m.members) {
        m.arrived = 0;
        m.phase++;
    } else {
        fiber &f = fibers[running];
        f.waits_for = &m;
        f.phase = phase;
        yield(false);
    }
    return m.value[phase & 1u];
}

} // namespace

struct shim_place threadIdx, blockIdx, gridDim;

void shim_launch(unsigned blocks, unsigned threads, void (*body)(void const *),
                 void const *argument)
{
    if (!shim_launch_begins())
        return;
    fibers.resize(threads);
    kernel_body = body;
    kernel_argument = argument;
    gridDim.x = blocks;
    random_state = shim_faults.order_seed;
    unsigned const shift = random_below(blocks);
    for (unsigned k = 0; k < blocks; k++) {
        blockIdx.x = (k + shift) % blocks;
        run_block(threads);
    }
    shim_launch_ends();
}

void *shim_shared(size_t bytes)
{
    if (!shared_memory) {
        shared_memory = std::malloc(bytes);
        shared_bytes = bytes;
        std::memset(shared_memory, SHARED_POISON, bytes);
    }
    if (bytes != shared_bytes)
        die("a kernel has more than one block of shared memory");
    return shared_memory;
}

uint64_t const *shim_exchange(int operation, uint64_t value)
{
    return meet(meetings[running / WARP], running % WARP, operation, value);
}

void __syncthreads()
{
    meet(meetings[meetings.size() - 1], running, 0, 0);
}
