/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "tables/bound/bound_rank.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "tables/base/monomials.h"

enum { KEPT_MAX = 9 };
#define RANK_TOLERANCE 1e-7 /* of the trace: smaller eigenvalues count as zero */
#define NULL_TOLERANCE 1e-9 /* a shorter direction lies in the span of the forms */

/* sigma = sum of b_k b_k^+ over its columns. */
struct columns {
    struct bl23_bound_w b[3];
    int rank;
};

/* A moment vector as the form whose matrix it is. */
static enum bl23_status moment_eigen(double const moment[BL23_MONOMIALS],
                                     struct bl23_bound_eigen *eigen)
{
    double form[BL23_MONOMIALS];
    for (int k = 0; k < BL23_MONOMIALS; k++)
        form[k] = k < 3 ? moment[k] : 2.0 * moment[k];
    return bl23_bound_eigen(form, eigen);
}

static void scale(struct bl23_bound_w *w, double factor)
{
    for (int i = 0; i < 3; i++) {
        w->re[i] *= factor;
        w->im[i] *= factor;
    }
}

static bool split(double const moment[BL23_MONOMIALS], struct columns *c)
{
    struct bl23_bound_eigen eigen;
    c->rank = 0;
    if (moment_eigen(moment, &eigen) != BL23_OK)
        return false;
    for (int k = 2; k >= 0; k--)
        if (eigen.value[k] > RANK_TOLERANCE) {
            c->b[c->rank] = eigen.vector[k];
            scale(&c->b[c->rank++], sqrt(eigen.value[k]));
        }
    return c->rank > 0;
}

/* a^+ F b */
static void product(double f[3][3][2], struct bl23_bound_w const *a, struct bl23_bound_w const *b,
                    double z[2])
{
    z[0] = z[1] = 0.0;
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++) {
            double const re = a->re[i] * b->re[j] + a->im[i] * b->im[j];
            double const im = a->re[i] * b->im[j] - a->im[i] * b->re[j];
            z[0] += f[i][j][0] * re - f[i][j][1] * im;
            z[1] += f[i][j][0] * im + f[i][j][1] * re;
        }
}

/* B^+ F B as a form on the columns; coefficients of columns that are not there are zero. */
static void restrict_form(struct columns const *c, double const form[BL23_MONOMIALS],
                          double out[BL23_MONOMIALS])
{
    double f[3][3][2], z[2];
    bl23_bound_matrix(form, f);
    memset(out, 0, BL23_MONOMIALS * sizeof *out);
    for (int k = 0; k < c->rank; k++) {
        product(f, &c->b[k], &c->b[k], z);
        out[k] = z[0];
    }
    for (int p = 0; p < 3; p++) {
        if (bl23_pairs[p][1] >= c->rank)
            continue;
        product(f, &c->b[bl23_pairs[p][0]], &c->b[bl23_pairs[p][1]], z);
        out[3 + 2 * p] = 2.0 * z[0];
        out[4 + 2 * p] = -2.0 * z[1];
    }
}

static double dot(double const a[BL23_MONOMIALS], double const b[BL23_MONOMIALS])
{
    double sum = 0.0;
    for (int k = 0; k < BL23_MONOMIALS; k++)
        sum += a[k] * b[k];
    return sum;
}

/* Subtract from a vector its projections on orthonormal directions, twice against rounding. */
static void project(double (*unit)[BL23_MONOMIALS], int n, double v[BL23_MONOMIALS])
{
    for (int pass = 0; pass < 2; pass++)
        for (int u = 0; u < n; u++) {
            double const part = dot(unit[u], v);
            for (int k = 0; k < BL23_MONOMIALS; k++)
                v[k] -= part * unit[u][k];
        }
}

static bool normalise(double v[BL23_MONOMIALS], double least)
{
    double const norm = sqrt(dot(v, v));
    if (!(norm > least))
        return false;
    for (int k = 0; k < BL23_MONOMIALS; k++)
        v[k] /= norm;
    return true;
}

/* Does E have this coordinate at this rank? Diagonal k < rank; pairs among the first two, or all.
 */
static bool coordinate_exists(int k, int rank)
{
    return k < 3 ? k < rank : rank == 3 || (rank == 2 && k < 5);
}

/* A direction E with tr(G E) = 0 for the trace and all n forms: of the coordinate axes the one with
 * the longest component outside their span, and that component. */
static bool free_direction(struct columns const *c, double (*form)[BL23_MONOMIALS], int n,
                           double direction[BL23_MONOMIALS])
{
    static double one[BL23_MONOMIALS] = {1.0, 1.0, 1.0};
    double unit[KEPT_MAX][BL23_MONOMIALS], longest = NULL_TOLERANCE;
    int units = 0;
    for (int f = -1; f < n && units < KEPT_MAX; f++) {
        restrict_form(c, f < 0 ? one : form[f], unit[units]);
        if (!normalise(unit[units], 0.0))
            continue;
        project(unit, units, unit[units]);
        units += normalise(unit[units], NULL_TOLERANCE);
    }
    for (int k = 0; k < BL23_MONOMIALS; k++) {
        double axis[BL23_MONOMIALS] = {0.0};
        if (!coordinate_exists(k, c->rank))
            continue;
        axis[k] = 1.0;
        project(unit, units, axis);
        if (dot(axis, axis) > longest * longest) {
            longest = sqrt(dot(axis, axis));
            memcpy(direction, axis, sizeof axis);
        }
    }
    return longest > NULL_TOLERANCE;
}

/* sigma + t B E B^+ with the t at which it loses rank: its columns are B times those of 1 + t E. */
static bool move(struct columns *c, double const direction[BL23_MONOMIALS])
{
    struct bl23_bound_eigen eigen;
    if (moment_eigen(direction, &eigen) != BL23_OK)
        return false;
    bool const down = -eigen.value[0] > eigen.value[2];
    double const t = -1.0 / (down ? eigen.value[0] : eigen.value[2]);
    struct columns next = {.rank = 0};
    for (int k = 0; k < 3; k++) {
        double const value = 1.0 + t * eigen.value[k];
        struct bl23_bound_w b = {{0.0}, {0.0}};
        double norm2 = 0.0;
        for (int a = 0; a < c->rank; a++)
            for (int i = 0; i < 3; i++) {
                double const re = eigen.vector[k].re[a], im = eigen.vector[k].im[a];
                b.re[i] += c->b[a].re[i] * re - c->b[a].im[i] * im;
                b.im[i] += c->b[a].re[i] * im + c->b[a].im[i] * re;
            }
        scale(&b, sqrt(fmax(value, 0.0)));
        for (int i = 0; i < 3; i++)
            norm2 += b.re[i] * b.re[i] + b.im[i] * b.im[i];
        if (value > 1e-12 && norm2 > 1e-12)
            next.b[next.rank++] = b;
    }
    bool const lower = next.rank > 0 && next.rank < c->rank;
    if (lower)
        *c = next;
    return lower;
}

int bl23_bound_lower_rank(double const moment[BL23_MONOMIALS], double (*form)[BL23_MONOMIALS],
                          int n, struct bl23_bound_w row[3])
{
    struct columns c;
    double direction[BL23_MONOMIALS] = {0.0};
    if (!split(moment, &c))
        return 0;
    while (c.rank > 1 && free_direction(&c, form, n, direction) && move(&c, direction))
        ;
    memcpy(row, c.b, sizeof c.b);
    return c.rank;
}
