/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* What test_screen.c asks of the screen of one instruction set; screen_check_body.h answers it. */
#ifndef BL23_TESTS_SCREEN_CHECK_H
#define BL23_TESTS_SCREEN_CHECK_H

#include "kernels/screen.h"

/* Largest errors of the pieces over many arguments. */
struct screen_errors {
    double cosine;       /* absolute */
    double root_product; /* relative to 1/2, its largest value */
    double diagonal;     /* of |w_i|^2, absolute */
};

/* What became of a number of tiles. */
struct screen_census {
    uint64_t samples, candidates;
    uint64_t wrongly_discarded; /* survivors, or samples within the tension bound */
    uint64_t example;           /* index of one of them */
};

struct screen_check {
    char const *isa;
    struct screen_errors (*errors)(void);
    struct screen_census (*census)(struct bl23_model const *model, double tension_bound,
                                   uint64_t first_tile, uint64_t tiles);
};

extern struct screen_check const screen_check_generic, screen_check_avx2, screen_check_avx512,
    screen_check_neon;

#endif
