/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* Hermitian 3 x 3 matrices as quadratic forms in w: nine coefficients in the order of the model's
 * forms, so that w^+ F w = sum_k f[k] monomial[k]. The exact bounds (bound_*.c) call it. */
#ifndef BL23_TABLES_BOUND_FORM_H
#define BL23_TABLES_BOUND_FORM_H

#include "kernels/sample/model.h"

/* A row w, any norm above 0. */
struct bl23_bound_w {
    double re[3], im[3];
};

/* Eigenvalues in rising order and their unit eigenvectors. */
struct bl23_bound_eigen {
    double value[3];
    struct bl23_bound_w vector[3];
};

/* The nine monomials of w / |w|, rounded to the nearest doubles up to 4 units in the last place. */
void bl23_bound_monomials(struct bl23_bound_w const *w, double monomial[BL23_MONOMIALS]);

/* Minimum, maximum and stationary points of f over unit w, by GSL's Hermitian eigensolver.
 * BL23_ERROR_MEMORY or BL23_ERROR_FAILED. */
enum bl23_status bl23_bound_eigen(double const form[BL23_MONOMIALS],
                                  struct bl23_bound_eigen *eigen);

/* The matrix F of a form: element i, j as re, im. */
void bl23_bound_matrix(double const form[BL23_MONOMIALS], double matrix[3][3][2]);

/* Moduli and phases [rad] of w / |w|, (W_u)_11 real. */
void bl23_bound_polar(struct bl23_bound_w const *w, double modulus[3], double phase[3]);

/* The row of given moduli and phases [rad]. */
struct bl23_bound_w bl23_bound_row(double const modulus[3], double const phase[3]);

#endif
