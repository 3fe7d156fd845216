/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* The two-sided screen: single precision that decides both ways where it can. Of each sample it
 * says one of three things:
 *   - it certainly does not survive, and is not among the nearest;
 *   - it is plain: it certainly survives, at a level that is certain, is certainly not among the
 *     nearest, and is certainly no new extremum of any column: only counts and bins change;
 *   - ask: the verdict in double precision decides.
 * sides_plan.c makes the edges of a knot, sides_answer.h compares with them, and the backends
 * count.
 *
 * How it works. Each amplitude is known to an absolute error, out of bounds that test_screen.c
 * measures; so a quantity lies between two numbers, and with g^2 what a limit bounds does. The
 * upper one decides that an upper edge is met, the lower one that it is missed. Every comparison
 * is an edge: a x + b <= 0, or a range: |a x + b| <= 1, with all margins in a and b. Numbers are in
 * units of the knot, so that they are about 1: amplitudes of `form_unit`, g^2 of `g2_unit`. Where g
 * is solved for, max(s/U) and min(s/L) over the limits s <= U and s >= L of quantities s are the
 * inverse of the largest and smallest g^2: no division is needed to compare them. Where nothing
 * asks for g from below, g is as large as a limit allows, and the rate that it bounds is the limit,
 * up to rounding in double precision: this cannot be decided, and all is asked. */
#ifndef BL23_KERNELS_SIDES_H
#define BL23_KERNELS_SIDES_H

#include "kernels/sample/device.h"
#include "kernels/sample/record.h"

/* Bounds that the margins are made of; test_screen.c measures each. */
#define BL23_SIDES_WAVE_ERROR 1.0e-5  /* of a monomial that is no square, in units of 1/2 */
#define BL23_SIDES_FLOAT_ERROR 2.0e-6 /* of a chain of a few roundings, relative */
#define BL23_SIDES_LOG_ERROR 1.0e-6   /* of log2 g^2, in units of 1 + its range */
#define BL23_SIDES_POWER_ERROR 2.0e-6 /* of 2^t, relative */
#define BL23_SIDES_ROOT_ERROR 2.0e-6  /* of an inverse root, relative */

/* The quantities of a survey without charm and top, and their amplitudes: the six of the loops, and
 * two of K+ where it has a long-distance part. */
enum {
    BL23_SIDES_QUANTITIES = 5, /* IM_DS2, ABS_DS2, ABS_DB2, ABS_SB2, KP_DS2 */
    BL23_SIDES_FORMS = 8
};

struct bl23_side_quantity {
    int quantity, first, count; /* amplitudes among those of the sides */
};

BL23_INLINE struct bl23_side_quantity bl23_side_quantity(int q)
{
    struct bl23_side_quantity const of[BL23_SIDES_QUANTITIES] = {
        {BL23_QUANTITY_IM_DS2, BL23_FORM_DS_IM, 1},
        {BL23_QUANTITY_ABS_DS2, BL23_FORM_DS_RE, 2},
        {BL23_QUANTITY_ABS_DB2, BL23_FORM_DB_RE, 2},
        {BL23_QUANTITY_ABS_SB2, BL23_FORM_SB_RE, 2},
        {BL23_QUANTITY_KP_DS2, BL23_LOOP_FORMS, 2}};
    return of[q];
}

struct bl23_edge {
    float a, b;
};

/* The rows whose values have a range: amplitudes that are columns, |w_i|^2, phases in units of pi,
 * and log2 of a drawn g^2. */
enum {
    BL23_RANGE_W2 = BL23_LOOP_FORMS,
    BL23_RANGE_PHASE = BL23_RANGE_W2 + 3,
    BL23_RANGE_LOG = BL23_RANGE_PHASE + 3,
    BL23_SIDES_RANGES
};

/* What no survivor of a set beyond an extremum so far has, by columns or rows that rise with them:
 * lo > hi where everything is new. */
struct bl23_settled {
    struct bl23_interval amplitude[BL23_LOOP_FORMS], w2[3], phase[3];
    struct bl23_interval rate[BL23_SIDES_QUANTITIES]; /* g^2 s */
    struct bl23_interval g2, g2_lo, g2_hi, tension;   /* g2_lo, g2_hi: solve */
};

/* Edges of g^2 s of the quantities, from above and below. */
struct bl23_side_rates {
    struct bl23_edge upper[BL23_SIDES_QUANTITIES], lower[BL23_SIDES_QUANTITIES];
};

/* The limits of a level. Where g is given: beyond these edges a sample certainly fails. Where it is
 * solved for: s/U and s/L of quantities, and 1/U and 1/L of g^2 itself. */
struct bl23_side_limits {
    struct bl23_side_rates fails;
    struct bl23_edge fails_log; /* a range */
    float over[BL23_SIDES_QUANTITIES], under[BL23_SIDES_QUANTITIES], over_g2, under_g2;
    unsigned lower; /* bits of the quantities with a lower edge */
};

/* What a plain sample of a set has: all survivors [0], those of level 1 [1]. */
struct bl23_side_plain {
    struct bl23_edge range[BL23_SIDES_RANGES];
    struct bl23_side_rates rates;
    struct bl23_edge g2_upper, g2_lower;       /* solve: of g^2 */
    struct bl23_edge over_upper, over_lower;   /* of max(s/U) */
    struct bl23_edge under_upper, under_lower; /* of min(s/L) */
    float tension2;                            /* solve: max(s/U) <= tension2 min(s/L) */
};

struct bl23_sides {
    int on;          /* 0: always ask */
    int solve;       /* g */
    int n_forms;     /* 6, or 8 with those of K+ */
    int same_levels; /* all survivors are of level 1 */
    /* Solve: what limits on g^2 itself and the domain leave. Many samples have just these. */
    struct bl23_interval g2_limits;
    double form_unit[BL23_SIDES_QUANTITIES], g2_unit;
    double g2_error; /* of g^2 in units of the knot, relative */
    float form[BL23_SIDES_FORMS][BL23_MONOMIALS], error[BL23_SIDES_FORMS];
    float log_step, log_begin;         /* log2 g^2 = log_step x5 + log_begin */
    struct bl23_side_limits limits[2]; /* [0]: of survivors, [1]: of level 1 */
    struct bl23_side_plain plain[2];
    /* Certainly not among the nearest, nor of the least tension, if one of these edges is missed.
     */
    struct bl23_side_rates far;
    struct bl23_edge far_log[2];
    float far_begin, far_tension2;
};

/* One constraint of the cut-flow, on one quantity of the sides or, where `side` is
 * BL23_SIDES_QUANTITIES, on g alone. */
struct bl23_side_cut {
    int side;
    /* g given: g^2 s (of g alone: its logarithm, as ranges in `upper`) certainly meets, certainly
     * fails these */
    struct bl23_edge upper_meets, upper_fails, lower_meets, lower_fails;
    float over, under; /* solve: s/U and s/L */
    int has_lower;
};

/* The cut-flow at a knot. */
struct bl23_side_cuts {
    struct bl23_knot const *knot;
    int n;
    unsigned sides;    /* bits of the quantities that have a constraint */
    float over, under; /* solve: what the domain of g leaves */
    struct bl23_side_cut cut[BL23_CONSTRAINTS_MAX];
};

/* Can a survey be decided in this way, but for what is asked? */
int bl23_sides_apply(struct bl23_model const *model);

/* Of such a survey, a knot: where g is solved for and nothing asks for a coupling, every sample
 * survives, but with a g that decides on extrema and bins, so that none is certain. */
int bl23_sides_apply_at(struct bl23_model const *model, struct bl23_knot const *knot);

/* What depends on the knot alone. */
void bl23_sides_knot(struct bl23_model const *model, struct bl23_knot const *knot,
                     struct bl23_sides *sides);

/* The cut-flow at a knot that is set up. */
void bl23_sides_cuts(struct bl23_model const *model, struct bl23_knot const *knot,
                     struct bl23_sides const *sides, struct bl23_side_cuts *cuts);

/* The smallest and largest value that each column has among the survivors of a set so far: [inf,
 * -inf] where there is none. */
struct bl23_seen {
    struct bl23_interval column[2][BL23_COLUMNS];
};

/* What is settled at a knot that is set up. */
void bl23_sides_settled(struct bl23_model const *model, struct bl23_knot const *knot,
                        struct bl23_sides const *sides, struct bl23_seen const *seen,
                        struct bl23_settled settled[2]);

/* The edges at a knot that is set up: what is settled of each set, and the tension above which a
 * sample is certainly not among the nearest, below 0 if all are not. */
void bl23_sides_edges(struct bl23_model const *model, struct bl23_knot const *knot,
                      struct bl23_settled const settled[2], double nearest,
                      struct bl23_sides *sides);

#endif
