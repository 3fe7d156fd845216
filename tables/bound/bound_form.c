/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "tables/bound/bound_form.h"

#include <gsl/gsl_eigen.h>
#include <math.h>

#include "tables/base/monomials.h"

/* The pairs i < j behind monomials 3, 5, 7. */

static long double norm2_of(struct bl23_bound_w const *w)
{
    long double norm2 = 0.0L;
    for (int i = 0; i < 3; i++)
        norm2 += (long double)w->re[i] * w->re[i] + (long double)w->im[i] * w->im[i];
    return norm2;
}

void bl23_bound_monomials(struct bl23_bound_w const *w, double monomial[BL23_MONOMIALS])
{
    long double const norm2 = norm2_of(w);
    for (int i = 0; i < 3; i++)
        monomial[i] =
            (double)(((long double)w->re[i] * w->re[i] + (long double)w->im[i] * w->im[i]) / norm2);
    for (int p = 0; p < 3; p++) { /* w*_i w_j */
        long double const a = w->re[bl23_pairs[p][0]], b = w->im[bl23_pairs[p][0]];
        long double const c = w->re[bl23_pairs[p][1]], d = w->im[bl23_pairs[p][1]];
        monomial[3 + 2 * p] = (double)((a * c + b * d) / norm2);
        monomial[4 + 2 * p] = (double)((a * d - b * c) / norm2);
    }
}

/* 2 Re (F_ij z) = f Re z + f' Im z with z = w*_i w_j gives F_ij = (f - i f')/2. */
void bl23_bound_matrix(double const form[BL23_MONOMIALS], double matrix[3][3][2])
{
    for (int i = 0; i < 3; i++) {
        matrix[i][i][0] = form[i];
        matrix[i][i][1] = 0.0;
    }
    for (int p = 0; p < 3; p++) {
        int const i = bl23_pairs[p][0], j = bl23_pairs[p][1];
        matrix[i][j][0] = matrix[j][i][0] = 0.5 * form[3 + 2 * p];
        matrix[i][j][1] = -0.5 * form[4 + 2 * p];
        matrix[j][i][1] = 0.5 * form[4 + 2 * p];
    }
}

enum bl23_status bl23_bound_eigen(double const form[BL23_MONOMIALS], struct bl23_bound_eigen *eigen)
{
    double element[3][3][2], value[3], vector[3][3][2];
    bl23_bound_matrix(form, element);
    gsl_matrix_complex_view matrix = gsl_matrix_complex_view_array(&element[0][0][0], 3, 3);
    gsl_matrix_complex_view vectors = gsl_matrix_complex_view_array(&vector[0][0][0], 3, 3);
    gsl_vector_view values = gsl_vector_view_array(value, 3);
    gsl_eigen_hermv_workspace *const work = gsl_eigen_hermv_alloc(3);
    if (!work)
        return BL23_ERROR_MEMORY;
    int const failed =
        gsl_eigen_hermv(&matrix.matrix, &values.vector, &vectors.matrix, work) ||
        gsl_eigen_hermv_sort(&values.vector, &vectors.matrix, GSL_EIGEN_SORT_VAL_ASC);
    gsl_eigen_hermv_free(work);
    if (failed)
        return BL23_ERROR_FAILED;
    for (int k = 0; k < 3; k++) {
        eigen->value[k] = value[k];
        for (int i = 0; i < 3; i++) {
            eigen->vector[k].re[i] = vector[i][k][0];
            eigen->vector[k].im[i] = vector[i][k][1];
        }
    }
    return BL23_OK;
}

void bl23_bound_polar(struct bl23_bound_w const *w, double modulus[3], double phase[3])
{
    long double const norm = sqrtl(norm2_of(w));
    double const pi = acos(-1.0);
    double const first = atan2(w->im[0], w->re[0]);
    for (int i = 0; i < 3; i++) {
        modulus[i] = (double)(hypotl(w->re[i], w->im[i]) / norm);
        double const angle = i == 0 ? 0.0 : atan2(w->im[i], w->re[i]) - first;
        phase[i] = angle > pi ? angle - 2.0 * pi : angle <= -pi ? angle + 2.0 * pi : angle;
    }
}

struct bl23_bound_w bl23_bound_row(double const modulus[3], double const phase[3])
{
    struct bl23_bound_w w;
    for (int i = 0; i < 3; i++) {
        w.re[i] = modulus[i] * cos(phase[i]);
        w.im[i] = modulus[i] * sin(phase[i]);
    }
    return w;
}
