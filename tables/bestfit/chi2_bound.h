/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* A lower bound on chi^2 for all rows w and all g at once, from the proofs of tables/bound.
 *
 * If all measurements are met within u sigma, then the largest pull of the limits is at least f(u),
 * which bound_search.h proves, and f falls as u rises. Between two values of u, chi^2 is at least
 * the square of the smaller plus the square of f at the larger; chi^2 is above the square of the
 * last u beyond it. The least of these numbers is the bound. It is the minimum itself where one
 * measurement and one limit decide, and less where several do. */
#ifndef BL23_TABLES_CHI2_BOUND_H
#define BL23_TABLES_CHI2_BOUND_H

#include "tables/bestfit/best_row.h"
#include "tables/physics/loop_tables.h"

/* *proven <= chi^2 of every row and g. `best` is the best row that is known, and becomes a better
 * one where the search finds it. Only BL23_ERROR_MEMORY. */
enum bl23_status bl23_chi2_bound(struct bl23_fit_problem const *problem,
                                 struct bl23_loop_table const *tables, struct bl23_best_row *best,
                                 double *proven);

#endif
