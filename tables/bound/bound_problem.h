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

enum {
    BL23_BOUND_KINDS_MAX = 2 * BL23_QUANTITIES_OF_FORMS, /* a quantity, and a tangent of it */
    BL23_BOUND_ROWS_MAX = 8,
    BL23_BOUND_OUTSIDES_MAX = 2,
    BL23_BOUND_POWERS = 3 /* of sqrt(v), with which a limit on g may loosen: 0, 1, 2 */
};

/* In which plane a K has a direction (one row: a sign), by which bound_part.h divides. Without one
 * a lower edge proves nothing. */
enum bl23_bound_plane {
    BL23_BOUND_IM_DS,
    BL23_BOUND_DS,
    BL23_BOUND_DB,
    BL23_BOUND_SB,
    BL23_BOUND_FV,
    BL23_BOUND_KP,
    BL23_BOUND_PLANES,
    BL23_BOUND_POSITIVE = BL23_BOUND_PLANES, /* one row, of which only K > 0 counts */
    BL23_BOUND_NO_PLANE
};

/* lo v^-power <= |K|^2 <= hi v^power, power 0 or 1. No limit: lo = 0, hi = infinity. */
struct bl23_bound_limit {
    double lo, hi;
    int power;
};

/* A kind of K, a vector with one component for each row: g times the row's form of w. |K|^2 is a
 * quantity of kernels/sample/model.h. */
struct bl23_bound_kind {
    enum bl23_quantity quantity;
    enum bl23_bound_plane plane;
    int rows;
    double form[BL23_BOUND_ROWS_MAX][BL23_MONOMIALS];
    double error[BL23_BOUND_ROWS_MAX]; /* bound on the error of each coefficient of the row */
    struct bl23_bound_limit k2;
};

/* A quantity of D0 mixing, |m| or |Im m| with m = weight[0] F_V^2 + weight[1] F_A^2. Its upper edge
 * confines K to no convex set. The proof leaves it out; what is reached counts it. */
struct bl23_bound_outside {
    enum bl23_quantity quantity;
    double form[4][BL23_MONOMIALS]; /* Re and Im of F_V, of F_A */
    double weight[2];
    struct bl23_bound_limit k2; /* on g^2 times the quantity */
};

struct bl23_bound_problem {
    int kinds, outsides;
    struct bl23_bound_kind kind[BL23_BOUND_KINDS_MAX];
    struct bl23_bound_outside outside[BL23_BOUND_OUTSIDES_MAX];
    double g_lo[BL23_BOUND_POWERS]; /* g >= g_lo[n] v^(-n/2); 0: none */
    double g_hi[BL23_BOUND_POWERS]; /* g <= g_hi[n] v^(n/2); infinity: none */
};

/* The four kinds of H_ds, H_db, H_sb in the order of their quantities, and no limits. */
void bl23_bound_of_loops(struct bl23_loop_table const *table, struct bl23_bound_problem *problem);

/* The kinds F_V and F_A of the pair u, c, and no limits. */
void bl23_bound_of_currents(struct bl23_knot const *knot, struct bl23_bound_problem *problem);

/* Does the proof leave this limit on a quantity out (bl23_bound_provable)? */
bool bl23_bound_leaves_out(struct bl23_interval limit, int quantity);

/* The number of the kind of a quantity; -1 if there is none. */
int bl23_bound_kind_of(struct bl23_bound_problem const *problem, int quantity);

/* The problem without what no certificate can use: the limits on D0 mixing, and the lower edges of
 * K that have no plane. What it excludes is excluded. True if there is any. */
bool bl23_bound_provable(struct bl23_bound_problem const *problem,
                         struct bl23_bound_problem *provable);

/* The least tension at a knot, for the model's bands and its mode of g (log_uniform: any g in the
 * range). First the kinds of bl23_bound_of_loops, then of other quantities those that are limited.
 * False if a limit can be met by no w and g: a band above zero on a closed mode, an upper
 * edge not above zero. */
bool bl23_bound_of_knot(struct bl23_model const *model, struct bl23_loop_table const *tables,
                        size_t knot, struct bl23_bound_problem *problem);

/* Measurements are met within so many sigma, and a limit is broken by at most v of its sigmas
 * (kernels/sample/chi2.h): the smallest v is the least that the largest pull of the limits can be.
 * Where one quantity has both, its limit is broken by at most `within` too. False if no value of a
 * quantity is that near to its measurements. */
bool bl23_bound_of_pulls(struct bl23_model const *model, struct bl23_loop_table const *tables,
                         size_t knot, struct bl23_chi2 const *chi2, double within,
                         struct bl23_bound_problem *problem);

/* Upper edges on K only, at g = 1: the smallest v is 1/g^2 of the largest g they leave to any w. */
void bl23_bound_of_largest_g(struct bl23_bound_problem const *tension,
                             struct bl23_bound_problem *problem);

/* Lower edges on K only: the smallest v is g^2 of the least g that they ask of any w. */
void bl23_bound_of_smallest_g(struct bl23_bound_problem const *tension,
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
