/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* The loop functions a second time, by GSL's adaptive quadrature of the Feynman-parameter integral:
 * slower and less precise than passarino_veltman.h, and independent of its closed form.
 * `bl23 tables --verify` and the tests call it. */
#ifndef BL23_TABLES_PV_QUADRATURE_H
#define BL23_TABLES_PV_QUADRATURE_H

#include "kernels/sample/model.h"

/* The real and imaginary parts of C0 [GeV^-2] and S [] (conventions: passarino_veltman.h) with the
 * absolute errors that GSL reports. GSL's error handler must return, which its default one does
 * not.
 */
struct bl23_pv_quadrature {
    double c0_re, c0_im, s_re, s_im;
    double c0_re_error, c0_im_error, s_re_error, s_im_error;
};

/* Masses in GeV, q_gev >= 0. BL23_ERROR_FAILED when the quadrature does not converge. */
enum bl23_status bl23_pv_quadrature_compute(double mass_i_gev, double mass_j_gev, double mass_w_gev,
                                            double q_gev, struct bl23_pv_quadrature *out);

#endif
