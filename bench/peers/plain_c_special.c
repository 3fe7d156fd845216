/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* Peer of the benchmark: the same survey by someone who needs this one survey only. Its two
 * constraints read g and Im H_ds, so nothing else is computed: one real form, in batches that GCC
 * vectorises, with sine and cosine of the C library's vector versions (-Ofast).
 * It cannot take another constraint, mass list or output without being rewritten: it shows what
 * generality costs, and the other peers are the comparison of like with like.
 * Tuned: batch length, whole batch in the first cache, no branch in the vector loops. */
#include "peer_common.h"

#define RAD_PER_WORD (6.283185307179586476925 * 0x1p-32)

enum { BATCH = 512, IM_DS = 1 };

struct batch {
    uint32_t word[4][BATCH];
    double s12[BATCH], c12[BATCH], s13[BATCH], c13[BATCH];
    uint8_t survives[BATCH];
};

static void draw(uint64_t seed, uint64_t first, struct batch *b)
{
    for (uint64_t k = 0; k < BATCH; k++) {
        uint32_t x[4];
        philox(seed, first + k, x);
        for (int n = 0; n < 4; n++)
            b->word[n][k] = x[n];
    }
}

/* Signed words: angles in [-pi, pi), where the vector sine is fastest. */
static void sines(struct batch *b)
{
    for (int k = 0; k < BATCH; k++)
        b->s12[k] = sin(RAD_PER_WORD * (int32_t)b->word[2][k]);
    for (int k = 0; k < BATCH; k++)
        b->c12[k] = cos(RAD_PER_WORD * (int32_t)b->word[2][k]);
    for (int k = 0; k < BATCH; k++)
        b->s13[k] = sin(RAD_PER_WORD * (int32_t)b->word[3][k]);
    for (int k = 0; k < BATCH; k++)
        b->c13[k] = cos(RAD_PER_WORD * (int32_t)b->word[3][k]);
}

/* The limits on g^2 and on g^2 (Im H_ds)^2 overlap where (Im H_ds)^2 is in [low, high]. */
static void judge(double const f[9], double low, double high, struct batch *b)
{
    for (int k = 0; k < BATCH; k++) {
        double r2[3];
        simplex(b->word[0][k], b->word[1][k], r2);
        double const c23 = b->c12[k] * b->c13[k] + b->s12[k] * b->s13[k];
        double const s23 = b->c12[k] * b->s13[k] - b->s12[k] * b->c13[k];
        double const h = f[0] * r2[0] + f[1] * r2[1] + f[2] * r2[2] +
                         sqrt(r2[0] * r2[1]) * (f[3] * b->c12[k] + f[4] * b->s12[k]) +
                         sqrt(r2[0] * r2[2]) * (f[5] * b->c13[k] + f[6] * b->s13[k]) +
                         sqrt(r2[1] * r2[2]) * (f[7] * c23 + f[8] * s23);
        double const h2 = h * h;
        b->survives[k] = (h2 >= low) & (h2 <= high);
    }
}

static void bounds(struct model const *m, double *low, double *high)
{
    struct limit g2 = {0}, ds = {0};
    for (int k = 0; k < m->n_limits; k++)
        *(m->limit[k].quantity == G2 ? &g2 : &ds) = m->limit[k];
    if (m->n_limits != 2 || g2.hi <= 0.0 || ds.quantity != IM_DS2)
        die("this peer knows one survey only");
    *low = ds.lo / g2.hi;
    *high = ds.hi / g2.lo;
}

int main(int argc, char **argv)
{
    uint64_t const samples = read_samples(argc, argv);
    struct model const m = read_model(argv[1]);
    static struct batch batch;
    struct list list = {0};
    double low, high;
    double const start = now();
    bounds(&m, &low, &high);
    for (uint64_t first = 0; first < samples; first += BATCH) {
        draw(m.seed, first, &batch);
        sines(&batch);
        judge(m.forms[IM_DS], low, high, &batch);
        for (uint64_t k = 0; k < BATCH && first + k < samples; k++)
            if (batch.survives[k])
                append(&list, first + k);
    }
    finish(&list, argv[3], start);
    return 0;
}
