/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* Exact smallest and largest values over all w: of a form by its eigenvalues, of |H_X| by the
 * numerical range of its complex matrix (Horn, Johnson 1991, ch. 1). `bl23 bound --ranges` reports
 * them. */
#ifndef BL23_TABLES_BOUND_RANGE_H
#define BL23_TABLES_BOUND_RANGE_H

#include "tables/bound/bound_search.h"

/* An extreme value over all w: no w goes beyond `proven`; the row w has the value `reached`. */
struct bl23_bound_extreme {
    double proven, reached;
    struct bl23_bound_w w;
};

/* Does the proven range enclose the reached one? */
bool bl23_bound_extremes_in_order(struct bl23_bound_extreme const *smallest,
                                  struct bl23_bound_extreme const *largest);

/* Smallest and largest value of a form whose coefficients have errors up to `error`. */
enum bl23_status bl23_bound_form_range(double const form[BL23_MONOMIALS], double error,
                                       struct bl23_bound_extreme *smallest,
                                       struct bl23_bound_extreme *largest);

/* Smallest and largest |K|/g over all w of one kind, of two rows, of a problem without limits. */
enum bl23_status bl23_bound_modulus_range(struct bl23_bound_problem const *free, int kind,
                                          struct bl23_bound_extreme *smallest,
                                          struct bl23_bound_extreme *largest);

#endif
