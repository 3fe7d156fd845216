/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* From a sigma of rank above one to a row w with the same K, where there is one: the proof of
 * convexity made into steps (Barvinok 1995; Pataki 1998).
 * The search calls it on what the relaxation found. */
#ifndef BL23_TABLES_BOUND_RANK_H
#define BL23_TABLES_BOUND_RANK_H

#include "tables/bound/bound_form.h"

/* Lower the rank of sigma (its moments, trace 1) as far as tr sigma and tr(F sigma) of n forms can
 * be kept: to one for up to two forms. The columns of the last sigma are rows w, the longest first;
 * returns how many, 0 if the eigensolver failed. */
int bl23_bound_lower_rank(double const moment[BL23_MONOMIALS], double (*form)[BL23_MONOMIALS],
                          int n, struct bl23_bound_w row[3]);

#endif
