/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* What test_screen.c asks of the screen of one instruction set; screen_check.c answers it. */
#ifndef BL23_TESTS_SCREEN_CHECK_H
#define BL23_TESTS_SCREEN_CHECK_H

#include "kernels/results/results.h"
#include "kernels/sample/draw.h"
#include "kernels/screen/screen.h"
#include "kernels/screen/sides.h"

/* Largest errors of the pieces over many arguments. */
struct screen_errors {
    double cosine;       /* absolute */
    double root_product; /* relative to 1/2, its largest value */
    double diagonal;     /* of |w_i|^2, absolute */
    /* of the two-sided screen; 0 where there is none */
    double wave;         /* of a monomial that is no square, relative to 1/2 */
    double power;        /* of 2^t, relative */
    double inverse_root; /* relative */
};

/* What the two-sided screen says of a sample. */
enum screen_answer { SCREEN_ASK, SCREEN_NOT, SCREEN_PLAIN, SCREEN_PLAIN_1SIGMA };

struct screen_check {
    char const *isa;
    struct screen_errors (*errors)(void);
    /* kept[k] = 1: the screen leaves sample first + k, of a tile or the front of one; else 0. */
    void (*sieve)(struct bl23_screen const *screen, int n, uint64_t seed, uint64_t first,
                  unsigned count, unsigned char kept[BL23_TILE]);
    /* The answers of the two-sided screen for a tile or the front of one; NULL: there is none. */
    void (*answer)(struct bl23_sides const *sides, uint64_t seed, uint64_t first, unsigned count,
                   unsigned char answer[BL23_TILE]);
    /* Add to *counts the cut-flow of those samples of a tile, or of the front of one, that single
     * precision decides; left[k] = 1 for the others. NULL: there is none. */
    void (*cutflow)(struct bl23_sides const *sides, struct bl23_side_cuts const *cuts,
                    uint64_t seed, uint64_t first, unsigned count, struct bl23_knot_counts *counts,
                    unsigned char left[BL23_TILE]);
};

#ifdef __cplusplus
extern "C" {
#endif
extern struct screen_check const screen_check_generic, screen_check_avx2, screen_check_avx512,
    screen_check_neon, screen_check_cuda;
#ifdef __cplusplus
}
#endif

/* Words whose errors are looked at: random ones and the edges. */
static inline uint32_t screen_probe_word(uint64_t k)
{
    static uint32_t const edges[] = {0,          1,          0x1fffffff, 0x20000000, 0x3fffffff,
                                     0x40000000, 0x7fffffff, 0x80000000, 0x80000001, 0xffffffff};
    return k < 10 ? edges[k] : bl23_sample_words(77, k, 0).x[0];
}

/* Pairs of them, all edges against each other first. */
static inline void screen_probe_pair(uint64_t k, uint32_t word[2])
{
    word[0] = screen_probe_word(k < 1000 ? k % 10 : k % 10 + k);
    word[1] = screen_probe_word(k < 1000 ? k / 10 % 10 : k / 10 % 10 + 2 * k);
}

#endif
