/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* The order of the nine monomials of a row w: |w_1|^2, |w_2|^2, |w_3|^2, then Re and Im of w_i* w_j
 * for the pairs i < j below. Whoever reads or fills a row of coefficients (kernels/sample/model.h,
 * BL23_MONOMIALS) takes it from here. */
#ifndef BL23_MONOMIALS_H
#define BL23_MONOMIALS_H

/* [pair][2]; Re of pair p is the monomial 3 + 2 p, Im the next one. */
static int const bl23_pairs[3][2] = {{0, 1}, {0, 2}, {1, 2}};

#endif
