/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "host/ranks/ranks.h"

#include <limits.h>
#include <math.h>
#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "host/io/cgroup.h"
#include "host/io/clock.h"
#include "host/io/system.h"
#include "kernels/sample/error.h"

/* Added to the counter, it is beyond all work. */
static uint64_t const halt_units = UINT64_C(1) << 62;
static double const halt_poll_s = 1.0;
/* How long a rank that failed waits for the others to finish their unit and come. */
static double const grace_s = 60.0;
static double const no_deadline = 0.0;
enum { PIECE = 1 << 30 }; /* bytes in one call */

/* Words of the window, which lies in rank 0. */
enum { NEXT, DONE, PASSED, WORDS };

static struct {
    bool started;
    int rank, size, local_rank, nodes;
    unsigned threads;
    MPI_Win window;
    uint64_t *word; /* [WORDS] at rank 0 */
    double polled;
    bool halted;
    char advice[256];
} job = {.size = 1, .nodes = 1};

/* ---- who is there ---- */

/* This process's share of the processors that the processes of its node may use. A quota of their
 * control group is taken to be one for all of them. */
static void share_processors(MPI_Comm node, int local_size)
{
    struct bl23_processor_set mine, all;
    long const there = sysconf(_SC_NPROCESSORS_ONLN);
    bool const bound = bl23_system_bound_to(&mine);
    MPI_Allreduce(&mine, &all, sizeof all, MPI_BYTE, MPI_BOR, node);
    unsigned const usable = bound ? bl23_processor_set_count(&all) : (unsigned)there;
    double const quota = ceil(bl23_cgroup_limits("").processors / local_size);
    double const share = usable / (unsigned)local_size;
    double const own = bound ? bl23_processor_set_count(&mine) : share;
    job.threads = (unsigned)fmax(1.0, fmin(own, fmin(share, quota)));
    if (usable < (unsigned long)there)
        snprintf(job.advice, sizeof job.advice,
                 "the %d ranks on this node may use %u of its %ld processors (mpirun --bind-to "
                 "none lets them use all processors of the job)",
                 local_size, usable, there);
}

static void find_neighbours(void)
{
    MPI_Comm node;
    int local_size;
    MPI_Comm_split_type(MPI_COMM_WORLD, MPI_COMM_TYPE_SHARED, job.rank, MPI_INFO_NULL, &node);
    MPI_Comm_rank(node, &job.local_rank);
    MPI_Comm_size(node, &local_size);
    int const first = job.local_rank == 0;
    MPI_Allreduce(&first, &job.nodes, 1, MPI_INT, MPI_SUM, MPI_COMM_WORLD);
    share_processors(node, local_size);
    MPI_Comm_free(&node);
}

enum bl23_status bl23_ranks_start(struct bl23_error *error)
{
    int provided;
    if (job.started)
        return BL23_OK;
    if (MPI_Init_thread(NULL, NULL, MPI_THREAD_FUNNELED, &provided) != MPI_SUCCESS)
        return bl23_fail(error, BL23_ERROR_FAILED, "MPI_Init_thread failed");
    job.started = true;
    MPI_Comm_rank(MPI_COMM_WORLD, &job.rank);
    MPI_Comm_size(MPI_COMM_WORLD, &job.size);
    find_neighbours();
    MPI_Aint const bytes = job.rank == 0 ? WORDS * (MPI_Aint)sizeof *job.word : 0;
    MPI_Win_allocate(bytes, sizeof *job.word, MPI_INFO_NULL, MPI_COMM_WORLD, &job.word,
                     &job.window);
    MPI_Win_lock_all(MPI_MODE_NOCHECK, job.window);
    bl23_ranks_reset((struct bl23_ranks_totals){0, 0});
    return BL23_OK;
}

void bl23_ranks_stop(void)
{
    if (!job.started)
        return;
    MPI_Win_unlock_all(job.window);
    MPI_Win_free(&job.window);
    MPI_Finalize();
    job.started = false;
}

int bl23_ranks_rank(void)
{
    return job.rank;
}

int bl23_ranks_size(void)
{
    return job.size;
}

int bl23_ranks_local_rank(void)
{
    return job.local_rank;
}

int bl23_ranks_nodes(void)
{
    return job.nodes;
}

unsigned bl23_ranks_threads(void)
{
    return job.size > 1 ? job.threads : 0;
}

char const *bl23_ranks_strangers(void)
{
    return job.size == 1 && bl23_ranks_launched()
               ? "a launcher started several processes, but the MPI library of bl23 sees only one "
                 "process: use the mpirun of the MPI library that bl23 was built with"
               : NULL;
}

char const *bl23_ranks_advice(void)
{
    return job.size > 1 && job.advice[0] ? job.advice : NULL;
}

/* ---- what they agree on ---- */

/* Wait without taking a processor from those who still compute; false after the deadline. */
static bool wait_for(MPI_Request *request, double deadline_s)
{
    double const begin = bl23_seconds();
    long pause_ns = 1000;
    for (;;) {
        int arrived;
        MPI_Test(request, &arrived, MPI_STATUS_IGNORE);
        if (arrived)
            return true;
        if (deadline_s > 0.0 && bl23_seconds() - begin > deadline_s)
            return false;
        nanosleep(&(struct timespec){.tv_nsec = pause_ns}, NULL);
        pause_ns = pause_ns < 2000000 ? 2 * pause_ns : pause_ns;
    }
}

static void broadcast_from(int root, void *bytes, size_t size)
{
    for (size_t at = 0; at < size; at += PIECE) {
        MPI_Request request;
        int const piece = (int)(size - at < PIECE ? size - at : PIECE);
        MPI_Ibcast((char *)bytes + at, piece, MPI_BYTE, root, MPI_COMM_WORLD, &request);
        wait_for(&request, no_deadline);
    }
}

void bl23_ranks_broadcast(void *bytes, size_t size)
{
    if (job.size > 1)
        broadcast_from(0, bytes, size);
}

static void name_rank(struct bl23_error *e)
{
    char host[MPI_MAX_PROCESSOR_NAME], text[BL23_ERROR_TEXT_SIZE];
    int length;
    MPI_Get_processor_name(host, &length);
    snprintf(text, sizeof text, "rank %d of %d on %s: %.700s", job.rank, job.size, host,
             e->text[0] ? e->text : bl23_status_text(e->status));
    memcpy(e->text, text, sizeof text);
}

static _Noreturn void abandon(struct bl23_error const *e)
{
    fprintf(stderr, "bl23: %s (and the other ranks do not answer)\n", e->text);
    MPI_Abort(MPI_COMM_WORLD, bl23_status_exit_code(e->status));
    exit(bl23_status_exit_code(e->status));
}

enum bl23_status bl23_ranks_agree(enum bl23_status mine, struct bl23_error *error)
{
    if (job.size == 1)
        return mine;
    bool const failed = mine != BL23_OK && mine != BL23_INTERRUPTED;
    int const key = failed ? job.rank : mine == BL23_INTERRUPTED ? job.size + job.rank : INT_MAX;
    int least;
    struct bl23_error told = *error;
    MPI_Request request;
    told.status = mine;
    if (failed && job.rank > 0)
        name_rank(&told);
    MPI_Iallreduce(&key, &least, 1, MPI_INT, MPI_MIN, MPI_COMM_WORLD, &request);
    if (!wait_for(&request, failed ? grace_s : no_deadline))
        abandon(&told);
    if (least == INT_MAX)
        return BL23_OK;
    broadcast_from(least % job.size, &told, sizeof told);
    if (told.status != BL23_INTERRUPTED) /* the caller puts that into words */
        *error = told;
    return told.status;
}

/* Room at rank 0 for the bytes of all, and where each rank's begin; false for all ranks if there is
 * none. */
static bool make_room(int const *size, int *at, void **all, size_t *all_size)
{
    int fine = 1;
    if (job.rank == 0) {
        *all_size = 0;
        for (int k = 0; k < job.size; k++) {
            at[k] = (int)*all_size;
            *all_size += (size_t)size[k];
            fine = fine && *all_size < INT_MAX;
        }
        *all = fine ? malloc(*all_size + 1) : NULL;
        fine = *all != NULL;
    }
    broadcast_from(0, &fine, sizeof fine);
    return fine;
}

enum bl23_status bl23_ranks_gather(void const *bytes, size_t size, void **all, size_t *all_size,
                                   struct bl23_error *error)
{
    int const mine = (int)size;
    int *const sizes = calloc(2 * (size_t)job.size, sizeof *sizes);
    MPI_Request request;
    *all = NULL;
    *all_size = 0;
    if (!sizes) { /* some hundred bytes: nothing can be done here */
        struct bl23_error none = {BL23_ERROR_MEMORY, "out of memory for the ranks' segments"};
        name_rank(&none);
        abandon(&none);
    }
    int *const at = sizes + job.size;
    MPI_Igather(&mine, 1, MPI_INT, sizes, 1, MPI_INT, 0, MPI_COMM_WORLD, &request);
    wait_for(&request, no_deadline);
    bool const fine = make_room(sizes, at, all, all_size);
    if (fine) {
        MPI_Igatherv(bytes, mine, MPI_BYTE, *all, sizes, at, MPI_BYTE, 0, MPI_COMM_WORLD, &request);
        wait_for(&request, no_deadline);
    }
    free(sizes);
    if (fine || job.rank > 0)
        return BL23_OK;
    return bl23_fail(error, BL23_ERROR_MEMORY, "out of memory for the ranks' segments");
}

uint64_t bl23_ranks_sum(uint64_t mine)
{
    uint64_t sum = mine;
    MPI_Request request;
    if (job.size == 1)
        return mine;
    MPI_Iallreduce(&mine, &sum, 1, MPI_UINT64_T, MPI_SUM, MPI_COMM_WORLD, &request);
    wait_for(&request, no_deadline);
    return sum;
}

/* ---- the counter ---- */

static void add(int word, uint64_t amount)
{
    if (amount > 0)
        MPI_Accumulate(&amount, 1, MPI_UINT64_T, 0, word, 1, MPI_UINT64_T, MPI_SUM, job.window);
}

static uint64_t fetch(int word, uint64_t amount)
{
    uint64_t before = 0;
    MPI_Fetch_and_op(&amount, &before, MPI_UINT64_T, 0, word, amount > 0 ? MPI_SUM : MPI_NO_OP,
                     job.window);
    MPI_Win_flush(0, job.window);
    return before;
}

void bl23_ranks_reset(struct bl23_ranks_totals begin)
{
    uint64_t const words[WORDS] = {[NEXT] = 0, [DONE] = begin.done, [PASSED] = begin.passed};
    job.halted = false;
    job.polled = bl23_seconds();
    MPI_Barrier(MPI_COMM_WORLD); /* nobody still reads the last round's */
    if (job.rank == 0) {
        MPI_Accumulate(words, WORDS, MPI_UINT64_T, 0, 0, WORDS, MPI_UINT64_T, MPI_REPLACE,
                       job.window);
        MPI_Win_flush(0, job.window);
    }
    MPI_Barrier(MPI_COMM_WORLD);
}

uint64_t bl23_ranks_take(uint64_t units, struct bl23_ranks_totals since)
{
    add(DONE, since.done);
    add(PASSED, since.passed);
    uint64_t const first = fetch(NEXT, units);
    job.halted = job.halted || first >= halt_units;
    return first;
}

void bl23_ranks_halt(void)
{
    if (job.size > 1 && !job.halted)
        fetch(NEXT, halt_units);
    job.halted = true;
}

bool bl23_ranks_halted(void)
{
    if (job.size == 1 || job.halted)
        return job.halted;
    double const now = bl23_seconds();
    int flag;
    if (job.rank == 0) /* MPI serves the others' requests only while rank 0 is inside a call */
        MPI_Iprobe(MPI_ANY_SOURCE, MPI_ANY_TAG, MPI_COMM_WORLD, &flag, MPI_STATUS_IGNORE);
    if (now - job.polled < halt_poll_s)
        return false;
    job.polled = now;
    job.halted = fetch(NEXT, 0) >= halt_units;
    return job.halted;
}

struct bl23_ranks_totals bl23_ranks_progress(void)
{
    return (struct bl23_ranks_totals){fetch(DONE, 0), fetch(PASSED, 0)};
}
