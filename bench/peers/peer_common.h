/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* What the C peers of the benchmark share: the exported model, Philox4x32-10, the list of
 * survivors, the clock. plain_c.c, plain_c_special.c and gsl_peer.c include it.
 * It must not use anything of bl23: the peers are an independent check as well. */
#ifndef BL23_BENCH_PEER_COMMON_H
#define BL23_BENCH_PEER_COMMON_H

#include <inttypes.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { G2, IM_DS2, ABS_DS2, ABS_DB2, ABS_SB2, QUANTITIES, LIMITS_MAX = 8 };

struct limit {
    int quantity;
    double lo, hi; /* lo <= g^2 quantity <= hi */
};

/* The file that export_model.py writes; channels ds, db, sb; last index re, im. */
struct model {
    uint64_t seed;
    double a[3][2], c_right[3][3][3][2], forms[6][9];
    int n_limits;
    struct limit limit[LIMITS_MAX];
};

static inline void die(char const *what)
{
    fprintf(stderr, "peer: %s\n", what);
    exit(1);
}

static inline void read_numbers(FILE *f, char const *name, double *out, int count)
{
    char found[32];
    if (fscanf(f, "%31s", found) != 1)
        die(name);
    for (int k = 0; k < count; k++)
        if (fscanf(f, "%lf", &out[k]) != 1)
            die(name);
}

static inline struct model read_model(char const *path)
{
    struct model m;
    FILE *const f = fopen(path, "r");
    if (!f || fscanf(f, "seed %" SCNu64, &m.seed) != 1)
        die("cannot read the model");
    read_numbers(f, "a", &m.a[0][0], 6);
    read_numbers(f, "c_right", &m.c_right[0][0][0][0], 54);
    read_numbers(f, "forms", &m.forms[0][0], 54);
    if (fscanf(f, " limits %d", &m.n_limits) != 1 || m.n_limits > LIMITS_MAX)
        die("limits");
    for (int k = 0; k < m.n_limits; k++)
        if (fscanf(f, "%d %lf %lf", &m.limit[k].quantity, &m.limit[k].lo, &m.limit[k].hi) != 3)
            die("limits");
    fclose(f);
    return m;
}

/* Ten rounds of Philox on counter (0, 0, low, high 32 bits of index): block 0 of a sample. */
static inline void philox(uint64_t seed, uint64_t index, uint32_t x[4])
{
    uint32_t k0 = (uint32_t)seed, k1 = (uint32_t)(seed >> 32);
    uint32_t a = 0, b = 0, c = (uint32_t)index, d = (uint32_t)(index >> 32);
    for (int round = 0; round < 10; round++) {
        uint64_t const p = UINT64_C(0xD2511F53) * a, q = UINT64_C(0xCD9E8D57) * c;
        a = (uint32_t)(q >> 32) ^ b ^ k0;
        c = (uint32_t)(p >> 32) ^ d ^ k1;
        b = (uint32_t)q;
        d = (uint32_t)p;
        k0 += 0x9E3779B9u;
        k1 += 0xBB67AE85u;
    }
    x[0] = a, x[1] = b, x[2] = c, x[3] = d;
}

/* |w_i|^2 from two words: the spacings of two uniform numbers. */
static inline void simplex(uint32_t x0, uint32_t x1, double r2[3])
{
    double const low = x0 < x1 ? x0 : x1, high = x0 < x1 ? x1 : x0;
    r2[0] = low * 0x1p-32;
    r2[1] = (high - low) * 0x1p-32;
    r2[2] = (0x1p32 - high) * 0x1p-32;
}

/* Is there a g that meets all limits, given s = quantities / g^2? */
static inline int survives(struct model const *m, double const s[QUANTITIES])
{
    double lo = 0.0, hi = (double)INFINITY;
    for (int k = 0; k < m->n_limits; k++) {
        double const inverse = 1.0 / s[m->limit[k].quantity];
        double const low = m->limit[k].lo * inverse, high = m->limit[k].hi * inverse;
        lo = low > lo ? low : lo; /* fmax and fmin would be calls */
        hi = high < hi ? high : hi;
    }
    return lo <= hi;
}

/* A growing list of survivors. */
struct list {
    uint64_t *index;
    size_t size, capacity;
};

static inline void append(struct list *list, uint64_t index)
{
    if (list->size == list->capacity) {
        list->capacity = list->capacity ? 2 * list->capacity : 1 << 20;
        list->index = realloc(list->index, list->capacity * sizeof *list->index);
        if (!list->index)
            die("out of memory");
    }
    list->index[list->size++] = index;
}

static inline double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* Writes the list as 64-bit integers and reports the time since `start`. */
static inline void finish(struct list *list, char const *path, double start)
{
    FILE *const f = fopen(path, "wb");
    if (!f || fwrite(list->index, sizeof *list->index, list->size, f) != list->size || fclose(f))
        die("cannot write the survivors");
    printf("{\"survivors\": %zu, \"seconds\": %.6f}\n", list->size, now() - start);
    free(list->index);
}

/* Arguments of every peer: MODEL SAMPLES OUT. */
static inline uint64_t read_samples(int argc, char **argv)
{
    if (argc != 4)
        die("usage: PEER MODEL SAMPLES OUT");
    return strtoull(argv[2], NULL, 10);
}

#endif
