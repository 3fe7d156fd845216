/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* Certificates: multipliers that exclude a part of all (w, g) up to some v, and their check in
 * interval arithmetic (docs/bound.md: the argument).
 * The search makes them, `bl23 bound --verify` checks them again. How they were found does not
 * matter: wrong multipliers can only fail. */
#ifndef BL23_TABLES_BOUND_CERTIFICATE_H
#define BL23_TABLES_BOUND_CERTIFICATE_H

#include "tables/bound/bound_interval.h"
#include "tables/bound/bound_part.h"

struct bl23_bound_multipliers {
    double upper[BL23_BOUND_KINDS_MAX][BL23_BOUND_ROWS_MAX]; /* upper edge, by row; any sign */
    double lower[BL23_BOUND_KINDS_MAX];                      /* lower edge; >= 0 as all below */
    double g_hi[BL23_BOUND_POWERS];                          /* g <= g_hi[n] v^(n/2) */
    double g_lo[BL23_BOUND_POWERS];                          /* g >= g_lo[n] v^(-n/2) */
    double disc[2];                                          /* discs around the box of the part */
};
enum {
    BL23_BOUND_MULTIPLIERS_MAX =
        BL23_BOUND_KINDS_MAX * (BL23_BOUND_ROWS_MAX + 1) + 2 * BL23_BOUND_POWERS + 2
};

/* The multipliers that a problem has, in the order of files: `upper` of all kinds, `lower` of those
 * with a plane, then as the struct has them. Returns their number; the first *n_upper may be
 * negative. */
int bl23_bound_multiplier_list(struct bl23_bound_problem const *problem,
                               struct bl23_bound_multipliers *multipliers,
                               double *list[BL23_BOUND_MULTIPLIERS_MAX], int *n_upper);

/* The length of the vector of upper multipliers of a kind. */
double bl23_bound_upper_size(struct bl23_bound_kind const *kind,
                             double const upper[BL23_BOUND_ROWS_MAX]);

/* Is every Hermitian matrix whose form has its coefficients in these intervals positive definite?
 */
bool bl23_bound_positive(struct bl23_interval const form[BL23_MONOMIALS]);

/* matrix += factor * form, widened by what an error of each coefficient of the form can do to
 * w^+ F w. */
void bl23_bound_add_form(struct bl23_interval matrix[BL23_MONOMIALS], struct bl23_interval factor,
                         double const form[BL23_MONOMIALS], double error);

/* Is it proven that no w of the part and no g meets the limits at v or below? The error bounds of
 * the forms and all rounding are inside. */
bool bl23_bound_excludes(struct bl23_bound_problem const *problem,
                         struct bl23_bound_part const *part,
                         struct bl23_bound_multipliers const *multipliers, double v);

/* A v that the multipliers exclude, as large as rounding lets it be, after raising those of g by
 * what rounding asks for and scaling all to a largest term of 1; 0 if there is none. */
double bl23_bound_certify(struct bl23_bound_problem const *problem,
                          struct bl23_bound_part const *part,
                          struct bl23_bound_multipliers *multipliers);

#endif
