/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* The one-loop tables C_L, C_R, A_X at a mass, and the six quadratic forms in w that follow from
 * them. model_build and `bl23 tables` call it, once per mass. */
#ifndef BL23_TABLES_LOOP_TABLES_H
#define BL23_TABLES_LOOP_TABLES_H

#include "tables/physics/ckm.h"

/* What the tables of one input set share. */
struct bl23_loop_context {
    struct bl23_dd mass_gev[3]; /* u, c, t */
    struct bl23_dd mass_w_gev;
    struct bl23_ddc vertex[BL23_CHANNELS][3][3]; /* - g2^2 V*_ia V_jb, the printed sign */
    struct bl23_ddc left[3][3];                  /* g_L,ij / g = [delta_ij - V_id V*_jd]/3 */
    struct bl23_dd log_mu2;                      /* ln(mu^2 / GeV^2) of the loop functions */
};

/* Tables at q^2 = m^2, dimensionless; rows i, j = u, c, t, last index re, im; channels ds, db, sb.
 * arXiv:2008.09793, Eqs. (4.4), (4.5), (5.1); H_X = sum_ij (C_L g_L + C_R g_R)_ij / g. */
struct bl23_loop_table {
    double mass_gev;
    double c_left[BL23_CHANNELS][3][3][2];
    double c_right[BL23_CHANNELS][3][3][2];
    double a[BL23_CHANNELS][2];                   /* A_X = sum_ij C_L,ij g_L,ij / g */
    double left_diagonal[BL23_CHANNELS][2];       /* sum_i C_L,ii */
    double right_diagonal[BL23_CHANNELS][2];      /* sum_i C_R,ii */
    double form[BL23_LOOP_FORMS][BL23_MONOMIALS]; /* layout: kernels/sample/model.h */
    double form_error[BL23_LOOP_FORMS]; /* bound on the error of each coefficient of the row */
};

/* mu2_gev2 > 0 is the renormalisation scale; 1 is the convention of the paper. */
void bl23_loop_context_build(struct bl23_inputs const *inputs, double mu2_gev2,
                             struct bl23_loop_context *context);

/* 0 <= mass_gev <= sqrt(27). BL23_ERROR_DOMAIN outside. */
enum bl23_status bl23_loop_table_compute(struct bl23_loop_context const *context,
                                         struct bl23_dd mass_gev, struct bl23_loop_table *table);

#endif
