/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* The two combinations of one-loop integrals that the W loop needs, in closed form to 30 digits.
 * tables/physics/loop_tables.c calls it; docs/loop-functions.md derives it.
 * It knows masses and q^2 only: no CKM, couplings or channels. */
#ifndef BL23_TABLES_PASSARINO_VELTMAN_H
#define BL23_TABLES_PASSARINO_VELTMAN_H

#include "kernels/sample/model.h"
#include "tables/base/dd.h"

/* Largest q^2 [GeV^2] the closed form is made for. */
#define BL23_Q2_MAX_GEV2 27.0

/* Conventions of LoopTools (Delta = 0), D = (1-x-y) mW^2 + x mi^2 + y mj^2 - x y q^2 - i0:
 *   c0 = C0(0, 0, q2; mi2, mW2, mj2) = - Int dx dy 1/D                            [GeV^-2]
 *   s  = q2 (C0 + C1 + C2 + C12) - 2 C00
 *      = - q2 Int (1-x)(1-y)/D + Int ln(D/mu2),  mu2 = 1 GeV^2                     []
 * (arXiv:2008.09793, Eqs. (4.2)-(4.4)). */
struct bl23_pv {
    struct bl23_ddc c0, s;
    double c0_re_error, c0_im_error; /* absolute bounds on truncation and rounding */
    double s_re_error, s_im_error;
};

/* Masses of the loop: mass_i_gev, mass_j_gev > 0 of the quarks, mass_w_gev of the W, and
 * q_gev >= 0, the square root of q^2. */
struct bl23_pv_masses {
    struct bl23_dd mass_i_gev, mass_j_gev, mass_w_gev, q_gev;
};

/* Both functions at q^2 + i0; symmetric in i and j, imaginary parts exactly 0 up to the threshold
 * q = mi + mj. BL23_ERROR_DOMAIN where q^2 > 27 GeV^2, or where both quarks lie so near the W
 * (|mW^2 - m^2| < 32 q^2) that the expansion in q^2/(mW^2 - m^2) would not converge. */
enum bl23_status bl23_pv_compute(struct bl23_pv_masses const *masses, struct bl23_pv *out);

#endif
