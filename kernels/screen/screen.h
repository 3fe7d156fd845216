/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* The screen: necessary conditions on a sample in single precision, which may only discard what the
 * verdict would certainly reject, and what certainly is not among the nearest samples either.
 * screen_plan.c makes the conditions of a knot, screen_lanes.h evaluates them, vectorised.
 * It must not decide that a sample survives; sides.h, for what it leaves, does. */
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

/* A quantity divided by g^2 is never above this, whatever the row w. Terms of D0 mixing may cancel;
 * the bound does not count on that. */
double bl23_quantity_largest(struct bl23_knot const *knot, int quantity);

/* It is never below this. */
double bl23_quantity_least(struct bl23_knot const *knot, int quantity);

/* An upper edge that a condition can be made of, and the weights of its quantity in units of those
 * of the pilot: they fall together. */
struct bl23_screen_edge {
    int quantity;
    double edge, ratio;
};

/* What the conditions of one knot are made of: the amplitudes of its limits, its upper edges, what
 * lower edges of quantities ask of g^2, and what upper edges leave of a drawn g^2. */
struct bl23_screen_knot {
    struct bl23_screen_form form[BL23_FORMS];
    struct bl23_screen_edge upper[BL23_QUANTITIES_OF_FORMS];
    int n_upper;
    double g2_floor, g2_ceiling;
};

enum { BL23_SCREEN_PAIRS = 3, BL23_SCREEN_FORMS = 8 };

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
    int quantity; /* enum bl23_quantity of the condition */
    int n_terms;  /* 1, 2, 4 or 8, the first ones with the largest weights; 0: no condition */
    int pair;     /* the pair that contributes most to the first two terms; 2 for one term */
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
    double weight[BL23_WEIGHTS];                  /* those of the pilot: not 0 if at some mass */
};

/* The pilot of a model from samples of its first knot, with the weights of the first mass at which
 * a decay is open, and a knot to be screened at the level of the model. */
void bl23_screen_pilot_build(struct bl23_model const *model, struct bl23_screen_pilot *pilot);
void bl23_screen_knot_build(struct bl23_model const *model, struct bl23_knot const *knot,
                            struct bl23_screen_pilot const *pilot, struct bl23_screen_knot *out);

/* The conditions at a knot that every sample of tension <= max(1, tension_bound) meets: one for all
 * samples, and one of another quantity for those that it leaves. Returns how many of them reject
 * enough to pay. */
enum { BL23_SCREENS = 2 };
int bl23_screen_build(struct bl23_model const *model, struct bl23_knot const *knot,
                      struct bl23_screen_knot const *forms, struct bl23_screen_pilot const *pilot,
                      double tension_bound, struct bl23_screen screen[BL23_SCREENS]);

#endif
