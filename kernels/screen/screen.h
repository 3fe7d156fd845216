/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* The screen: necessary conditions on a sample in single precision, which may only discard what the
 * verdict would certainly reject, and what certainly is not among the nearest samples either.
 * screen_plan.c makes the conditions of a knot, screen_lanes.h evaluates them, vectorised.
 * It must not decide that a sample survives. */
#ifndef BL23_KERNELS_SCREEN_H
#define BL23_KERNELS_SCREEN_H

#include "kernels/sample/device.h"
#include "kernels/sample/model.h"

/* One amplitude as diagonal . |w|^2 + sum over pairs of modulus sqrt(|wi|^2 |wj|^2)
 * cos(2 pi (u - phase)/2^32), u = x2, x3, x3 - x2 for the pairs 12, 13, 23. */
struct bl23_screen_form {
    double diagonal[3], modulus[3];
    uint32_t phase[3];
};

/* What the conditions of one knot are made of. */
struct bl23_screen_knot {
    struct bl23_screen_form form[BL23_FORMS];
};

enum { BL23_SCREEN_PAIRS = 3, BL23_SCREEN_FORMS = 2 };

/* One amplitude of a condition in single precision. */
struct bl23_screen_term {
    BL23_ALIGN_16 float diagonal[3];
    float margin;
    float modulus[BL23_SCREEN_PAIRS];
    uint32_t pairs; /* bits of those that are computed; the others are bounded by the margin */
    uint32_t phase[BL23_SCREEN_PAIRS];
    uint32_t unused;
};

BL23_INLINE int bl23_term_has_pair(struct bl23_screen_term const *term, int pair)
{
    return (term->pairs >> pair & 1u) != 0;
}

/* sum over terms of max(|amplitude| - margin, 0)^2 <= limit, and in log-uniform mode
 * x5_low <= x5 <= x5_high. */
struct bl23_screen {
    int n_terms; /* 0: no condition on the amplitudes */
    struct bl23_screen_term term[BL23_SCREEN_FORMS];
    float limit;
    int has_x5;
    uint32_t x5_low, x5_high;
};

/* Bounds that the margins are made of; test_screen.c measures each. */
#define BL23_SCREEN_COS_ERROR 1.0e-4   /* of the cosine polynomial, absolute */
#define BL23_SCREEN_ROOT_ERROR 1.0e-3  /* of a product of two approximate square roots, relative */
#define BL23_SCREEN_FLOAT_ERROR 1.0e-6 /* of all other roundings, relative to the moduli */

/* The pilot: how |amplitudes| are distributed, to choose the condition that rejects most. */
enum { BL23_PILOT = 1024 };
struct bl23_screen_pilot {
    double quantity[BL23_QUANTITIES][BL23_PILOT]; /* divided by g^2; each sorted */
};

/* Prepare a knot, and the pilot of a model from samples of its first knot. */
void bl23_screen_knot_build(struct bl23_knot const *knot, struct bl23_screen_knot *out);
void bl23_screen_pilot_build(struct bl23_model const *model, struct bl23_screen_pilot *pilot);

/* The conditions at a knot that every sample of tension <= max(1, tension_bound) meets. Returns 0
 * when there is none that rejects enough to pay. */
int bl23_screen_build(struct bl23_model const *model, struct bl23_knot const *knot,
                      struct bl23_screen_knot const *forms, struct bl23_screen_pilot const *pilot,
                      double tension_bound, struct bl23_screen *screen);

#endif
