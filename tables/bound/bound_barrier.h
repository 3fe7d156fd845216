/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* A small convex program over sigma (nine real coordinates), v and a slack a, and Newton's method
 * on its barrier. bound_solver.c fills it in and raises the weight. */
#ifndef BL23_TABLES_BOUND_BARRIER_H
#define BL23_TABLES_BOUND_BARRIER_H

#include <stdbool.h>

enum {
    BL23_BARRIER_V = 9, /* coordinates: tr sigma, then those of bl23_barrier_coordinates */
    BL23_BARRIER_SLACK = 10,
    BL23_BARRIER_SIZE = 11,
    BL23_BARRIER_LINES = 48,
    BL23_BARRIER_DISCS = 32,
    BL23_BARRIER_ROWS = 8 /* of a disc */
};

/* l . x + c v^e + k a > 0: c > 0 and 0 <= e <= 1, or c < 0 and e <= 0, so that it is concave. */
struct bl23_barrier_line {
    long double l[9], c, e, k;
};

/* v^power - sum_r (row_r . x)^2 + k a > 0, power 0 or 1. */
struct bl23_barrier_disc {
    long double row[BL23_BARRIER_ROWS][9], k;
    int rows, power;
};

struct bl23_barrier {
    struct bl23_barrier_line line[BL23_BARRIER_LINES];
    struct bl23_barrier_disc disc[BL23_BARRIER_DISCS];
    int lines, discs;
    bool active[BL23_BARRIER_SIZE];      /* coordinates that may move */
    int objective;                       /* the coordinate that is minimised */
    long double x[BL23_BARRIER_SIZE];    /* strictly inside */
    long double weight;                  /* of the objective against the barrier */
    long double step[BL23_BARRIER_SIZE]; /* the Newton step from x, not yet taken */
};

/* A form's coefficients on the nine coordinates of sigma. */
void bl23_barrier_coordinates(double const form[9], long double scale, long double l[9]);

/* Moments (monomials) of sigma at x. */
void bl23_barrier_moments(long double const x[BL23_BARRIER_SIZE], long double moment[9]);

long double bl23_barrier_line_value(struct bl23_barrier_line const *line,
                                    long double const x[BL23_BARRIER_SIZE]);
long double bl23_barrier_disc_value(struct bl23_barrier_disc const *disc,
                                    long double const x[BL23_BARRIER_SIZE],
                                    long double k[BL23_BARRIER_ROWS]);

/* First-order change of a line's value under the step, relative to the value. */
long double bl23_barrier_line_change(struct bl23_barrier const *barrier, int line);
long double bl23_barrier_disc_change(struct bl23_barrier const *barrier, int disc,
                                     long double dk[BL23_BARRIER_ROWS]);

/* The most by which the objective can still fall: (number of barrier terms) / weight. */
long double bl23_barrier_gap(struct bl23_barrier const *barrier);

/* Newton steps at the present weight until the centre is reached; false if it cannot be reached.
 * With stop_below_zero it ends as soon as the objective is negative. */
bool bl23_barrier_centre(struct bl23_barrier *barrier, bool stop_below_zero);

#endif
