/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* A row (W_u)_1i that is given as three complex numbers: normalised, with its monomials, moduli and
 * phases. `bl23 point`, `bl23 points`, the library and surveys of given rows take rows by it, so
 * that a row means the same bits everywhere. Everything is computed in double-double and rounded
 * once. */
#ifndef BL23_KERNELS_ROW_H
#define BL23_KERNELS_ROW_H

#include "kernels/sample/dd_arithmetic.h"
#include "kernels/sample/device.h"
#include "kernels/sample/model.h"

/* Real and imaginary parts are finite and at most this; the norm is at least its inverse. */
#define BL23_ROW_LARGEST 1e6
#define BL23_ROW_ALLOWED "numbers of at most 1e6, whose norm is at least 1e-6"

/* Re and Im of the three elements. */
BL23_INLINE int bl23_row_is_allowed(double const w[6])
{
    double norm2 = 0.0;
    for (int k = 0; k < 6; k++) {
        if (!(fabs(w[k]) <= BL23_ROW_LARGEST)) /* also NaN */
            return 0;
        norm2 = fma(w[k], w[k], norm2);
    }
    return norm2 >= 1.0 / (BL23_ROW_LARGEST * BL23_ROW_LARGEST);
}

/* Angle of (x, y) in (-pi, pi], within 0.51 units in the last place; 0 for (0, 0). With q, the
 * smaller modulus over the larger, and c = k/8 next to it, atan q = atan c + atan u, where
 * u = (q - c)/(1 + c q) is at most 1/16, so that its series is short. */
BL23_INLINE double bl23_row_angle(double y, double x)
{
    static double const pi[2] = {3.141592653589793, 1.2246467991473532e-16};
    static double const table[9][2] = {/* atan(k/8): tests/test_row.c compares it */
                                       {0.0, 0.0},
                                       {0.12435499454676144, -3.1253241424539383e-18},
                                       {0.24497866312686414, 1.0698755618734451e-17},
                                       {0.35877067027057225, -2.4623815582638635e-17},
                                       {0.4636476090008061, 2.2698777452961687e-17},
                                       {0.5585993153435624, -5.4556305485916264e-18},
                                       {0.6435011087932844, 1.5834785051444286e-17},
                                       {0.7188299996216245, -2.1478388444456983e-17},
                                       {0.7853981633974483, 3.061616997868383e-17}};
    double const ax = fabs(x), ay = fabs(y);
    double const large = ax > ay ? ax : ay, small = ax > ay ? ay : ax;
    if (large == 0.0)
        return 0.0;
    int const k = (int)(8.0 * (small / large) + 0.5);
    double const c = (double)k;
    struct bl23_dd const over = bl23_dd_sub(bl23_dd(8.0 * small), bl23_dd_two_prod(c, large));
    struct bl23_dd const under = bl23_dd_add(bl23_dd(8.0 * large), bl23_dd_two_prod(c, small));
    double const u = over.hi / under.hi;
    double const rest = bl23_dd_sub(over, bl23_dd_mul_d(under, u)).hi / under.hi;
    double const u2 = u * u;
    double p = -1.0 / 15.0;
    p = fma(p, u2, 1.0 / 13.0);
    p = fma(p, u2, -1.0 / 11.0);
    p = fma(p, u2, 1.0 / 9.0);
    p = fma(p, u2, -1.0 / 7.0);
    p = fma(p, u2, 1.0 / 5.0);
    p = fma(p, u2, -1.0 / 3.0);
    struct bl23_dd angle = bl23_dd_two_sum(table[k][0], u);
    angle.lo += fma(p * u2, u, rest) + table[k][1];
    if (ay > ax) { /* pi/2 - angle */
        struct bl23_dd const turned = bl23_dd_two_sum(0.5 * pi[0], -angle.hi);
        angle = (struct bl23_dd){turned.hi, turned.lo + (0.5 * pi[1] - angle.lo)};
    }
    if (x < 0.0) { /* pi - angle */
        struct bl23_dd const turned = bl23_dd_two_sum(pi[0], -angle.hi);
        angle = (struct bl23_dd){turned.hi, turned.lo + (pi[1] - angle.lo)};
    }
    double const modulus = angle.hi + angle.lo;
    return y < 0.0 ? -modulus : modulus;
}

/* a b + c d, and the square root, rounded once. */
BL23_INLINE struct bl23_dd bl23_row_products(double a, double b, double c, double d)
{
    return bl23_dd_add(bl23_dd_two_prod(a, b), bl23_dd_two_prod(c, d));
}

BL23_INLINE double bl23_row_root(struct bl23_dd a)
{
    double const x = sqrt(a.hi);
    struct bl23_dd const rest = bl23_dd_sub(a, bl23_dd_two_prod(x, x));
    return x > 0.0 ? x + rest.hi / (2.0 * x) : 0.0;
}

/* The row of numbers that bl23_row_is_allowed. */
BL23_INLINE void bl23_row_of_complex(double const w[6], struct bl23_row *row)
{
    struct bl23_dd square[3];
    for (int i = 0; i < 3; i++) {
        double const re = w[2 * i], im = w[2 * i + 1];
        square[i] = bl23_row_products(re, re, im, im);
        row->phase[i] = bl23_row_angle(im, re);
    }
    struct bl23_dd const norm2 = bl23_dd_add(bl23_dd_add(square[0], square[1]), square[2]);
    struct bl23_dd const inverse = bl23_dd_div(bl23_dd(1.0), norm2);
    for (int i = 0; i < 3; i++) {
        struct bl23_dd const part = bl23_dd_mul(square[i], inverse);
        row->monomial[i] = bl23_dd_round(part);
        row->abs[i] = bl23_row_root(part);
    }
    for (int p = 0; p < 3; p++) { /* w_i* w_j */
        double const *const a = w + (p == 2 ? 2 : 0), *const b = w + (p == 0 ? 2 : 4);
        struct bl23_dd const re = bl23_row_products(a[0], b[0], a[1], b[1]);
        struct bl23_dd const im = bl23_row_products(a[0], b[1], -a[1], b[0]);
        row->monomial[3 + 2 * p] = bl23_dd_round(bl23_dd_mul(re, inverse));
        row->monomial[4 + 2 * p] = bl23_dd_round(bl23_dd_mul(im, inverse));
    }
}

/* ---- the rows of a model (BL23_W_ROWS): [n_rows][6] behind its knots, then g [n_rows] ---- */

BL23_INLINE double const *bl23_given_rows(struct bl23_model const *model)
{
    return (double const *)((char const *)model + bl23_ranked_bytes(model->n_knots, model->groups));
}

/* A model has as many rows as samples; the index of an altered file may be beyond them. */
BL23_INLINE uint64_t bl23_given_place(struct bl23_model const *model, uint64_t index)
{
    return index < model->n_rows ? index : model->n_rows - 1;
}

BL23_INLINE double const *bl23_given_w(struct bl23_model const *model, uint64_t index)
{
    return bl23_given_rows(model) + 6 * bl23_given_place(model, index);
}

/* The row of a sample. Not inlined: rows that are drawn are not to pay for it. */
__attribute__((noinline, unused)) static void
bl23_given_row_of(struct bl23_model const *model, uint64_t index, struct bl23_row *row)
{
    bl23_row_of_complex(bl23_given_w(model, index), row);
}

BL23_INLINE double bl23_given_g(struct bl23_model const *model, uint64_t index)
{
    return bl23_given_rows(model)[6 * model->n_rows + bl23_given_place(model, index)];
}

#endif
