/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* The row w is Haar-distributed: its moments over 1e8 samples through bl23_draw_monomials. */
#include <math.h>
#include <pthread.h>
#include <unistd.h>

#include "kernels/sample/draw.h"
#include "tests/check.h"

enum { MOMENTS = 15, THREADS_MAX = 16, SEED = 20080997 };
static uint64_t const samples = 100000000;
static double const sigmas = 5.0;

/* |w_i|^2, |w_i|^4, |w_i|^2 |w_j|^2, Re and Im of w_i* w_j. */
static char const *const names[MOMENTS] = {
    "|w1|^2",    "|w2|^2",        "|w3|^2",        "|w1|^4",        "|w2|^4",
    "|w3|^4",    "|w1|^2 |w2|^2", "|w1|^2 |w3|^2", "|w2|^2 |w3|^2", "Re w1* w2",
    "Im w1* w2", "Re w1* w3",     "Im w1* w3",     "Re w2* w3",     "Im w2* w3"};
static double const expected[MOMENTS] = {1 / 3.0, 1 / 3.0,  1 / 3.0,  1 / 6.0, 1 / 6.0,
                                         1 / 6.0, 1 / 12.0, 1 / 12.0, 1 / 12.0};

/* A range of samples and the sums over it. */
struct part {
    uint64_t first, count;
    double sum[MOMENTS], square[MOMENTS];
};

static void *work(void *argument)
{
    struct part *const p = argument;
    for (uint64_t i = p->first; i < p->first + p->count;) {
        double sum[MOMENTS] = {0}, square[MOMENTS] = {0}; /* short sums lose nothing */
        for (uint64_t stop = i + 4096; i < stop && i < p->first + p->count; i++) {
            double m[BL23_MONOMIALS];
            bl23_draw_monomials(bl23_sample_words(SEED, i, 0), m);
            double const x[MOMENTS] = {m[0],        m[1],        m[2],        m[0] * m[0],
                                       m[1] * m[1], m[2] * m[2], m[0] * m[1], m[0] * m[2],
                                       m[1] * m[2], m[3],        m[4],        m[5],
                                       m[6],        m[7],        m[8]};
            for (int k = 0; k < MOMENTS; k++) {
                sum[k] += x[k];
                square[k] += x[k] * x[k];
            }
        }
        for (int k = 0; k < MOMENTS; k++) {
            p->sum[k] += sum[k];
            p->square[k] += square[k];
        }
    }
    return NULL;
}

static void test_moments(void **state)
{
    (void)state;
    long const processors = sysconf(_SC_NPROCESSORS_ONLN);
    uint64_t const threads = processors < 1             ? 1
                             : processors > THREADS_MAX ? THREADS_MAX
                                                        : (uint64_t)processors;
    static struct part part[THREADS_MAX];
    pthread_t thread[THREADS_MAX];
    for (uint64_t t = 0; t < threads; t++) {
        part[t].first = t * samples / threads;
        part[t].count = (t + 1) * samples / threads - part[t].first;
        assert_int_equal(pthread_create(&thread[t], NULL, work, &part[t]), 0);
    }
    double const n = (double)samples;
    for (uint64_t t = 0; t < threads; t++)
        pthread_join(thread[t], NULL);
    for (int k = 0; k < MOMENTS; k++) {
        double sum = 0.0, square = 0.0;
        for (uint64_t t = 0; t < threads; t++) {
            sum += part[t].sum[k];
            square += part[t].square[k];
        }
        double const mean = sum / n, error = sqrt((square / n - mean * mean) / n);
        double const off = (mean - expected[k]) / error;
        print_message("[  INFO    ] %-14s %.9f expected %.9f, %+.2f standard errors\n", names[k],
                      mean, expected[k], off);
        check_that(error > 0.0 && error < 1e-4 && fabs(off) <= sigmas,
                   "mean of %s over %g samples of seed %d: %.9f, expected %.9f, off by %+.2f "
                   "standard errors of %.2g",
                   names[k], n, SEED, mean, expected[k], off, error);
    }
}

int main(void)
{
    struct CMUnitTest const tests[] = {cmocka_unit_test(test_moments)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
