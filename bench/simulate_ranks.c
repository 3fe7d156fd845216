/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* A survey over many ranks, played through event by event with the program's own shares of work
 * (host/survey/work.c): what the counter costs, how long ranks idle at the end, how many segments
 * there are. docs/scale.md quotes it. It draws no samples; the rates are given, not measured.
 *
 *   cc -O2 -std=c17 -D_POSIX_C_SOURCE=200809L -I. bench/simulate_ranks.c host/survey/work.c
 * kernels/sample/error.c -lm -o simulate_ranks simulate_ranks RANKS SAMPLES_PER_S_PER_RANK SAMPLES
 * UNIT TAKE_US COMMIT_S PROGRESS
 *
 * TAKE_US: one fetch-and-add at an idle counter [microseconds]. COMMIT_S: one commit, write and
 * fsync [s]. PROGRESS: 0 when the network serves the counter by itself, 1 when rank 0 must be
 * inside MPI, which it is between two units. Rates of the ranks differ by up to 5 % from the given
 * one. */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "host/survey/work.h"

/* As in host/survey/survey_loop.c and survey_loop.h. */
static double const commit_min_s = 10.0, commit_part = 0.01, share_of_commit = 0.75;
static double const growth_of_share = 8.0, spread = 0.05;

struct rank {
    double rate, free_at; /* samples/s; when it asks next [s] */
    double wanted, waited;
    uint64_t done;
};

struct job {
    struct rank *rank;
    size_t ranks;
    double samples, unit, take_s, commit_s;
    int progress;
    uint64_t units, next, takes;
    double counter_free; /* when the counter has served those before [s] */
};

/* Numbers in [-1, 1] that are the same everywhere. */
static double jitter(uint64_t k)
{
    k = (k + 1) * UINT64_C(0x9E3779B97F4A7C15);
    k ^= k >> 31;
    k *= UINT64_C(0xBF58476D1CE4E5B9);
    return (double)(k >> 11) * 0x1p-52 - 1.0;
}

/* When the counter answers a request made at `now`. */
static double answered(struct job *j, double now)
{
    if (j->progress) { /* rank 0 looks after each of its units, and serves all that wait */
        double const period = j->unit / j->rank[0].rate;
        now = ceil(now / period) * period;
    }
    j->counter_free = fmax(now, j->counter_free) + j->take_s;
    return j->counter_free;
}

static void take_and_compute(struct job *j, struct rank *r)
{
    double const interval = fmax(commit_min_s, commit_part * r->free_at);
    double const rate = r->done > 0 ? r->rate : 0.0;
    uint64_t const left = j->units > j->next ? j->units - j->next : 0;
    r->wanted =
        fmin(share_of_commit * interval * rate / j->unit, growth_of_share * fmax(r->wanted, 1.0));
    uint64_t const share = bl23_work_share(left, j->ranks, r->wanted);
    double const begin = r == j->rank ? r->free_at + j->take_s : answered(j, r->free_at);
    uint64_t const mine = left < share ? left : share;
    r->waited += begin - r->free_at;
    j->next += share;
    j->takes++;
    r->done += mine;
    r->free_at = begin + (mine ? (double)mine * j->unit / r->rate + j->commit_s : 0.0);
}

static struct rank *earliest(struct job *j)
{
    struct rank *first = j->rank;
    for (size_t k = 1; k < j->ranks; k++)
        if (j->rank[k].free_at < first->free_at)
            first = &j->rank[k];
    return first;
}

static void report(struct job const *j)
{
    double sum = 0.0, end = 0.0, begin = INFINITY, waited = 0.0;
    for (size_t k = 0; k < j->ranks; k++) {
        sum += j->rank[k].rate;
        end = fmax(end, j->rank[k].free_at);
        begin = fmin(begin, j->rank[k].free_at);
        waited += j->rank[k].waited;
    }
    double const ideal = j->samples / sum;
    printf("%zu ranks, %.3g samples: %.6g s, ideal %.6g s, efficiency %.2f %%; waiting for the "
           "counter %.4f %%, first rank idle for the last %.3g s; %llu takes, %.3g /s; at most as "
           "many segments\n",
           j->ranks, j->samples, end, ideal, 100.0 * ideal / end,
           100.0 * waited / (end * (double)j->ranks), end - begin, (unsigned long long)j->takes,
           (double)j->takes / end);
}

int main(int argc, char **argv)
{
    if (argc != 8) {
        fprintf(stderr, "usage: simulate_ranks RANKS SAMPLES_PER_S_PER_RANK SAMPLES UNIT TAKE_US "
                        "COMMIT_S PROGRESS\n");
        return 2;
    }
    struct job j = {.ranks = (size_t)strtoull(argv[1], NULL, 10),
                    .samples = strtod(argv[3], NULL),
                    .unit = strtod(argv[4], NULL),
                    .take_s = 1e-6 * strtod(argv[5], NULL),
                    .commit_s = strtod(argv[6], NULL),
                    .progress = argv[7][0] == '1'};
    double const rate = strtod(argv[2], NULL);
    j.rank = calloc(j.ranks + 1, sizeof *j.rank);
    if (!j.rank || j.ranks == 0 || !(rate > 0.0) || !(j.samples >= 1.0) || !(j.unit >= 1.0)) {
        fprintf(stderr, "simulate_ranks: found a number that is not positive\n");
        free(j.rank);
        return 2;
    }
    for (size_t k = 0; k < j.ranks; k++)
        j.rank[k].rate = rate * (1.0 + spread * jitter(k));
    j.units = (uint64_t)ceil(j.samples / j.unit);
    while (j.next < j.units)
        take_and_compute(&j, earliest(&j));
    report(&j);
    free(j.rank);
    return 0;
}
