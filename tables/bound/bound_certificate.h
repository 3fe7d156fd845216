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

enum {
    BL23_BOUND_UPPER = 0, /* [7]: upper edges of Im K_ds; of Re, Im of K_ds, K_db, K_sb; any sign */
    BL23_BOUND_LOWER = 7, /* [4]: lower edges of the kinds; this and all below >= 0 */
    BL23_BOUND_G_HI = 11, /* [3]: g <= g_hi[n] v^(n/2) */
    BL23_BOUND_G_LO = 14, /* [3]: g >= g_lo[n] v^(-n/2) */
    BL23_BOUND_DISC = 17, /* [2]: discs around the box of the part */
    BL23_BOUND_MULTIPLIERS = 19
};

/* The multipliers of a kind's upper edge start here, one for each of its rows. */
int bl23_bound_upper_index(int kind);

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
                         double const multiplier[BL23_BOUND_MULTIPLIERS], double v);

/* A v that the multipliers exclude, as large as rounding lets it be, after raising those of g by
 * what rounding asks for and scaling all to a largest term of 1; 0 if there is none. */
double bl23_bound_certify(struct bl23_bound_problem const *problem,
                          struct bl23_bound_part const *part,
                          double multiplier[BL23_BOUND_MULTIPLIERS]);

#endif
