/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* Peer of the benchmark: the survey in plain C, one loop, `double complex`, the C library's cexp.
 * Tuned: constants hoisted out of the loop, no division by g, -O3 -march=native, no errno, complex
 * products without the rescue of infinities (-fcx-limited-range); the common phase of w is dropped.
 */
#include <complex.h>

#include "peer_common.h"

#define RAD_PER_WORD (6.283185307179586476925 * 0x1p-32)

/* H_X = base - w^dagger right w. */
struct amplitude {
    double complex base, right[3][3];
};

static void prepare(struct model const *m, struct amplitude h[3])
{
    for (int x = 0; x < 3; x++) {
        h[x].base = CMPLX(m->a[x][0], m->a[x][1]);
        for (int i = 0; i < 3; i++)
            for (int j = 0; j < 3; j++)
                h[x].right[i][j] = CMPLX(m->c_right[x][i][j][0], m->c_right[x][i][j][1]) / 3.0;
        for (int i = 0; i < 3; i++)
            h[x].base += h[x].right[i][i];
    }
}

static inline void draw(uint64_t seed, uint64_t index, double complex w[3])
{
    uint32_t x[4];
    double r2[3];
    philox(seed, index, x);
    simplex(x[0], x[1], r2);
    w[0] = sqrt(r2[0]);
    w[1] = sqrt(r2[1]) * cexp(I * (RAD_PER_WORD * x[2]));
    w[2] = sqrt(r2[2]) * cexp(I * (RAD_PER_WORD * x[3]));
}

static inline double complex evaluate(struct amplitude const *a, double complex const w[3])
{
    double complex h = a->base;
    for (int i = 0; i < 3; i++) {
        double complex row = 0.0;
        for (int j = 0; j < 3; j++)
            row += a->right[i][j] * w[j];
        h -= conj(w[i]) * row;
    }
    return h;
}

static inline double norm(double complex h)
{
    return creal(h) * creal(h) + cimag(h) * cimag(h);
}

int main(int argc, char **argv)
{
    uint64_t const samples = read_samples(argc, argv);
    struct model const m = read_model(argv[1]);
    struct amplitude amplitude[3];
    struct list list = {0};
    double const start = now();
    prepare(&m, amplitude);
    for (uint64_t index = 0; index < samples; index++) {
        double complex w[3], h[3];
        draw(m.seed, index, w);
        for (int x = 0; x < 3; x++)
            h[x] = evaluate(&amplitude[x], w);
        double const s[QUANTITIES] = {1.0, cimag(h[0]) * cimag(h[0]), norm(h[0]), norm(h[1]),
                                      norm(h[2])};
        if (survives(&m, s))
            append(&list, index);
    }
    finish(&list, argv[3], start);
    return 0;
}
