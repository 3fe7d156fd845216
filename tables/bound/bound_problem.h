/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* Limits on K = g H and on g that loosen as a number v grows. The question is the smallest v at
 * which some w and g meet them all: a least tension, a largest g, a least rate (docs/bound.md).
 * `bl23 bound` builds problems from the model; the solver and the search answer them. */
#ifndef BL23_TABLES_BOUND_PROBLEM_H
#define BL23_TABLES_BOUND_PROBLEM_H

#include <stdbool.h>

#include "kernels/sample/verdict.h"
#include "tables/physics/loop_tables.h"

/* The quantities |K|^2 in the order of enum bl23_quantity: (Im K_ds)^2, |K_ds|^2, |K_db|^2,
 * |K_sb|^2; and the powers of sqrt(v) with which a limit on g may loosen: 0, 1, 2. */
enum { BL23_BOUND_KINDS = BL23_QUANTITIES_OF_FORMS, BL23_BOUND_POWERS = 3 };

/* lo v^-power <= |K|^2 <= hi v^power, power 0 or 1. No limit: lo = 0, hi = infinity. */
struct bl23_bound_limit {
    double lo, hi;
    int power;
};

struct bl23_bound_problem {
    double form[BL23_FORMS][BL23_MONOMIALS];
    double form_error[BL23_FORMS]; /* bound on the error of each coefficient of the row */
    struct bl23_bound_limit k2[BL23_BOUND_KINDS];
    double g_lo[BL23_BOUND_POWERS]; /* g >= g_lo[n] v^(-n/2); 0: none */
    double g_hi[BL23_BOUND_POWERS]; /* g <= g_hi[n] v^(n/2); infinity: none */
};

/* The rows of H behind a kind. */
struct bl23_form_range bl23_bound_rows(int kind);

/* The least tension at a knot, for the model's bands and its mode of g (log_uniform: any g in the
 * range). False if a limit can be met by no w and g: a band above zero on a closed mode, an upper
 * edge not above zero. */
bool bl23_bound_of_knot(struct bl23_model const *model, struct bl23_loop_table const *tables,
                        size_t knot, struct bl23_bound_problem *problem);

/* Upper edges on K only, at g = 1: the smallest v is 1/g^2 of the largest g they leave to any w. */
void bl23_bound_of_largest_g(struct bl23_bound_problem const *tension,
                             struct bl23_bound_problem *problem);

/* |K|^2 of one kind is at most v unit. Its own limits are dropped, all others stay as they are at
 * tension 1: the smallest v is the least g^2 s. */
void bl23_bound_of_quantity(struct bl23_bound_problem const *tension, int kind, double unit,
                            struct bl23_bound_problem *problem);

/* A v below which the two edges of one kind contradict each other, whatever w and g are; 0 if none.
 */
double bl23_bound_floor(struct bl23_bound_problem const *problem);

/* The same limits with v = unit v'. unit is a power of 4, so that only exponents change. */
void bl23_bound_in_units(struct bl23_bound_problem const *problem, double unit,
                         struct bl23_bound_problem *scaled);

/* The power of 4 next to v; 1 where v is zero or infinite. */
double bl23_bound_unit(double v);

/* The smallest v that a row reaches over all g, and that g; infinity if no g meets the limits.
 * Where v is zero because nothing bounds g from below, *g is the largest g that passes (v = 1). */
double bl23_bound_value(struct bl23_bound_problem const *problem,
                        double const monomial[BL23_MONOMIALS], double *g);

/* The smallest v at which a row and a g pass; infinity if there is none. */
double bl23_bound_value_at(struct bl23_bound_problem const *problem,
                           double const monomial[BL23_MONOMIALS], double g);

#endif
