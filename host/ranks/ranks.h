/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* The processes that share one survey: who they are, what they agree on, the counter of work.
 * ranks_mpi.c does it by MPI, ranks_single.c where there is one process only, ranks_launched.c
 * knows launchers. Functions that are "collective" must be called by every rank in the same order:
 * only main.c and host/survey/survey_job.c call them, and tests/house.py holds that. */
#ifndef BL23_HOST_RANKS_H
#define BL23_HOST_RANKS_H

#include <stdbool.h>

#include "kernels/sample/model.h"

/* Samples computed and survivors among them, of all ranks together, as far as they have told. */
struct bl23_ranks_totals {
    uint64_t done, passed;
};

/* Collective: begin; where it has begun nothing happens. Whatever fails in MPI itself ends the job
 * with MPI's message. */
enum bl23_status bl23_ranks_start(struct bl23_error *error);

/* The last call of every process, collective where ranks were started; main.c's. */
void bl23_ranks_stop(void);

/* This process and their number; 0 of 1 before the start. */
int bl23_ranks_rank(void);
int bl23_ranks_size(void);

/* Number of this process among those of its node, and of nodes. */
int bl23_ranks_local_rank(void);
int bl23_ranks_nodes(void);

/* Threads this process may use without taking those of another; 0: there is one process only. */
unsigned bl23_ranks_threads(void);

/* Did a launcher (mpirun, or srun for a step) start several processes together? Its environment
 * says so, also without MPI; false for a launcher that is not known here. */
bool bl23_ranks_launched(void);

/* A sentence for the user when a launcher started several processes but this MPI sees one, else
 * NULL: each of them then takes itself for the only one. */
char const *bl23_ranks_strangers(void);

/* A sentence for the user when the launcher leaves processors of the node unused, else NULL. */
char const *bl23_ranks_advice(void);

/* Collective: the first rank's failure for all, an interruption only where nothing failed. *error
 * becomes that rank's, with its name. A rank that failed and waits in vain for the others ends the
 * job with its message. */
enum bl23_status bl23_ranks_agree(enum bl23_status mine, struct bl23_error *error);

/* Collective: rank 0's bytes for all. */
void bl23_ranks_broadcast(void *bytes, size_t size);

/* Collective: the bytes of all ranks, in their order, at rank 0, which frees *all; *all_size is
 * their number. BL23_ERROR_MEMORY at rank 0 only. */
enum bl23_status bl23_ranks_gather(void const *bytes, size_t size, void **all, size_t *all_size,
                                   struct bl23_error *error);

/* Collective: the sum over all ranks. */
uint64_t bl23_ranks_sum(uint64_t mine);

/* Collective: the counter and the totals begin at these. */
void bl23_ranks_reset(struct bl23_ranks_totals begin);

/* Take `units` units of work: the number of the first. `since` tells the others what this rank has
 * done since its last call. */
uint64_t bl23_ranks_take(uint64_t units, struct bl23_ranks_totals since);

/* Stop handing out work; has any rank asked for that? It asks the others at most once a second. */
void bl23_ranks_halt(void);
bool bl23_ranks_halted(void);

/* The totals of all ranks, at rank 0. */
struct bl23_ranks_totals bl23_ranks_progress(void);

#endif
