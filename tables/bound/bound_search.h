/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* The smallest v of a problem: from below by certificates over parts that cover all (w, g), from
 * above by a row w. The method is best-first branch and bound on the relaxation (Land, Doig 1960).
 * `bl23 bound` calls it for each question at each mass. */
#ifndef BL23_TABLES_BOUND_SEARCH_H
#define BL23_TABLES_BOUND_SEARCH_H

#include "tables/bound/bound_certificate.h"
#include "tables/bound/bound_form.h"

enum { BL23_BOUND_PARTS_MAX = 4000 }; /* a search ends there, decided or not */

/* A part, by the steps that lead to it, and the multipliers that exclude it up to v. */
struct bl23_bound_leaf {
    char path[BL23_BOUND_PATH_SIZE];
    double v;
    struct bl23_bound_multipliers multipliers;
};

/* lower <= smallest v <= upper. The leaves are owned: bl23_bound_answer_free. */
struct bl23_bound_answer {
    double lower; /* proven: the least v of the leaves, which cover all (w, g), or the floor */
    double upper; /* of the row w at g; infinity if none was found */
    double modulus[3], phase[3]; /* of that row, as it is written and read back [rad] */
    double g;
    struct bl23_bound_leaf *leaf;
    size_t n_leaves, capacity;
    size_t solves;
};

/* When a search may end. */
struct bl23_bound_goal {
    double tolerance; /* relative gap once there are several parts; the first try aims at 1e-9 */
    double decide;    /* v of interest: it goes on while lower < decide < upper */
    double enough;    /* upper below this is as good as zero: lower may stay 0 */
    size_t parts;     /* at most so many; 0: BL23_BOUND_PARTS_MAX */
};

/* No row is known and `lower` is at least this: nothing meets the limits at any v. */
#define BL23_BOUND_NEVER 1e25
bool bl23_bound_is_never(struct bl23_bound_answer const *answer);

/* Only BL23_ERROR_MEMORY. */
enum bl23_status bl23_bound_search(struct bl23_bound_problem const *problem,
                                   struct bl23_bound_goal goal, struct bl23_bound_answer *answer);

/* The rounding error of the value that a row reaches, relative to the size of its terms. */
#define BL23_BOUND_ROUNDING 1e-12

/* Can both be true: no row has less than `lower`, and a known row has `upper`, a sum of terms of
 * that size? Every pair of a proven and a reached number is checked with this before it is used.
 * False for NaN. */
bool bl23_bound_in_order(double lower, double upper, double size);

void bl23_bound_answer_free(struct bl23_bound_answer *answer);

/* Check from scratch: do the leaves cover all (w, g), is each of them needed, and does each exclude
 * its part up to v? */
bool bl23_bound_verify(struct bl23_bound_problem const *problem, struct bl23_bound_leaf const *leaf,
                       size_t n_leaves, double v);

#endif
