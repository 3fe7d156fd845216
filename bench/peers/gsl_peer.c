/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* Peer of the benchmark: the survey with GSL: its random generator interface (Philox as a
 * gsl_rng_type), gsl_complex, its vectors, matrices and BLAS.
 * Tuned: GSL's inline functions (HAVE_INLINE), range checks off, the three C_R stacked in one 9 x 3
 * matrix so that a sample is one zgemv and three zdotc. Written out with gsl_complex_mul and _add
 * it is several times slower: those are never inlined, and distributed builds stall in them. */
#define HAVE_INLINE
#define GSL_RANGE_CHECK_OFF
#include <gsl/gsl_blas.h>
#include <gsl/gsl_complex.h>
#include <gsl/gsl_complex_math.h>
#include <gsl/gsl_rng.h>

#include "peer_common.h"

#define RAD_PER_WORD (6.283185307179586476925 * 0x1p-32)

/* ---- Philox4x32-10 as a generator of GSL: four words per sample ---- */

struct philox_state {
    uint64_t seed, index;
    uint32_t x[4];
    int used;
};

static void philox_set(void *state, unsigned long seed)
{
    struct philox_state const fresh = {.seed = seed, .used = 4};
    *(struct philox_state *)state = fresh;
}

static unsigned long philox_get(void *state)
{
    struct philox_state *const p = state;
    if (p->used == 4) {
        philox(p->seed, p->index++, p->x);
        p->used = 0;
    }
    return p->x[p->used++];
}

static double philox_get_double(void *state)
{
    return (double)philox_get(state) * 0x1p-32;
}

static gsl_rng_type const philox_type = {
    "philox4x32-10", 0xffffffffu,       0, sizeof(struct philox_state), philox_set,
    philox_get,      philox_get_double,
};

/* ---- the survey ---- */

/* H_X = base - w^dagger right w; right is [3 channels of 3 rows, 3]. */
struct amplitudes {
    gsl_complex base[3];
    gsl_matrix_complex *right;
};

static void prepare(struct model const *m, struct amplitudes *h)
{
    h->right = gsl_matrix_complex_alloc(9, 3);
    for (int x = 0; x < 3; x++) {
        h->base[x] = gsl_complex_rect(m->a[x][0], m->a[x][1]);
        for (int i = 0; i < 3; i++) {
            for (int j = 0; j < 3; j++) {
                gsl_complex const right =
                    gsl_complex_rect(m->c_right[x][i][j][0], m->c_right[x][i][j][1]);
                gsl_matrix_complex_set(h->right, (size_t)(3 * x + i), (size_t)j,
                                       gsl_complex_div_real(right, 3.0));
            }
            h->base[x] = gsl_complex_add(
                h->base[x], gsl_matrix_complex_get(h->right, (size_t)(3 * x + i), (size_t)i));
        }
    }
}

static void draw(gsl_rng *rng, gsl_vector_complex *w)
{
    uint32_t const x0 = (uint32_t)gsl_rng_get(rng), x1 = (uint32_t)gsl_rng_get(rng);
    double r2[3];
    simplex(x0, x1, r2);
    gsl_vector_complex_set(w, 0, gsl_complex_rect(sqrt(r2[0]), 0.0));
    for (size_t i = 1; i < 3; i++) {
        double const angle = RAD_PER_WORD * (double)gsl_rng_get(rng);
        gsl_vector_complex_set(w, i, gsl_complex_polar(sqrt(r2[i]), angle));
    }
}

static void evaluate(struct amplitudes const *a, gsl_vector_complex const *w,
                     gsl_vector_complex *right_w, gsl_complex h[3])
{
    gsl_blas_zgemv(CblasNoTrans, GSL_COMPLEX_ONE, a->right, w, GSL_COMPLEX_ZERO, right_w);
    for (size_t x = 0; x < 3; x++) {
        gsl_vector_complex_const_view const part =
            gsl_vector_complex_const_subvector(right_w, 3 * x, 3);
        gsl_blas_zdotc(w, &part.vector, &h[x]);
        h[x] = gsl_complex_sub(a->base[x], h[x]);
    }
}

int main(int argc, char **argv)
{
    uint64_t const samples = read_samples(argc, argv);
    struct model const m = read_model(argv[1]);
    gsl_rng *const rng = gsl_rng_alloc(&philox_type);
    gsl_vector_complex *const w = gsl_vector_complex_alloc(3);
    gsl_vector_complex *const right_w = gsl_vector_complex_alloc(9);
    struct amplitudes amplitudes;
    struct list list = {0};
    double const start = now();
    gsl_rng_set(rng, m.seed);
    prepare(&m, &amplitudes);
    for (uint64_t index = 0; index < samples; index++) {
        gsl_complex h[3];
        draw(rng, w);
        evaluate(&amplitudes, w, right_w, h);
        double const im_ds = GSL_IMAG(h[0]);
        double const s[QUANTITIES] = {1.0, im_ds * im_ds, gsl_complex_abs2(h[0]),
                                      gsl_complex_abs2(h[1]), gsl_complex_abs2(h[2])};
        if (survives(&m, s))
            append(&list, index);
    }
    finish(&list, argv[3], start);
    gsl_matrix_complex_free(amplitudes.right);
    gsl_vector_complex_free(right_w);
    gsl_vector_complex_free(w);
    gsl_rng_free(rng);
    return 0;
}
