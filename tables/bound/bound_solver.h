/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* The convex relaxation of a bound: sigma, a Hermitian matrix >= 0, stands for g w w^+, and the
 * smallest v is found by Newton's method on a barrier (Boyd, Vandenberghe 2004, ch. 11), together
 * with the multipliers that prove it. The search calls it once per part, and trusts nothing that it
 * returns before it is checked. */
#ifndef BL23_TABLES_BOUND_SOLVER_H
#define BL23_TABLES_BOUND_SOLVER_H

#include "tables/bound/bound_certificate.h"
#include "tables/bound/bound_form.h"

/* What a solution holds. */
struct bl23_bound_solution {
    bool found;                    /* false: no start, or the arithmetic gave up */
    bool feasible;                 /* some sigma meets the lower edges of the part */
    double v;                      /* at the last sigma, an upper estimate of the smallest */
    double moment[BL23_MONOMIALS]; /* of sigma / tr sigma, as the monomials of w */
    struct bl23_bound_multipliers multipliers; /* not yet certified */
};

/* Solve the relaxation of a part. Where near is not NULL, sigma must also lie within
 * w0^+ sigma w0 >= (1 - radius) tr sigma of that row: a neighbourhood that shrinks to the row. */
void bl23_bound_solve(struct bl23_bound_problem const *problem, struct bl23_bound_part const *part,
                      struct bl23_bound_w const *near, double radius,
                      struct bl23_bound_solution *solution);

#endif
