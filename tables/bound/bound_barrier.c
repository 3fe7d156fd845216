/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* How the barrier works. The convex program is: minimise one coordinate (v, or the slack a) over
 * sigma, v and a, such that sigma is positive definite, v > 0, and every line and disc is above
 * zero. The barrier function is
 *     weight * objective - log det sigma - log v - sum log(line) - sum log(disc).
 * It is convex, infinite outside, and its minimum, the centre, tends to the solution as the weight
 * grows (Boyd, Vandenberghe 2004, ch. 11). The caller raises the weight and asks for the next
 * centre; Newton's method finds it: gradient and Hessian in closed form, Cholesky on the active
 * coordinates, a step halved until the function falls. 1 / (weight * line) at the centre is the
 * multiplier of a line. Long doubles carry the last digits of the multipliers. Nothing depends on
 * the result being right: wrong multipliers fail the check in bound_certificate.c. */
#include "tables/bound/bound_barrier.h"

#include <math.h>
#include <string.h>

#include "tables/base/monomials.h"

enum { SIGMA = 9, NEWTON_STEPS_MAX = 60, HALVINGS_MAX = 60 };
#define DECREMENT_END 1e-3L
#define ARMIJO 0.1L
#define NEAR_CENTRE 0.1L

/* A Hermitian 3 x 3 matrix: its diagonal, and elements 21, 31, 32. */
struct hermitian {
    long double diagonal[3], re[3], im[3];
};

/* Moments from coordinates: m0 = x0 - x1 - x2, all others are coordinates themselves. */
void bl23_barrier_moments(long double const x[BL23_BARRIER_SIZE], long double moment[9])
{
    memcpy(moment, x, SIGMA * sizeof *moment);
    moment[0] = x[0] - x[1] - x[2];
}

void bl23_barrier_coordinates(double const form[9], long double scale, long double l[9])
{
    for (int k = 0; k < SIGMA; k++)
        l[k] = scale * (long double)form[k];
    l[1] -= l[0];
    l[2] -= l[0];
}

/* sigma_ji = w_j w*_i has the monomials of w*_i w_j as real and imaginary part, i < j. */
static struct hermitian sigma_of(long double const x[BL23_BARRIER_SIZE])
{
    struct hermitian s;
    long double m[SIGMA];
    bl23_barrier_moments(x, m);
    for (int k = 0; k < 3; k++) {
        s.diagonal[k] = m[k];
        s.re[k] = m[3 + 2 * k];
        s.im[k] = m[4 + 2 * k];
    }
    return s;
}

static long double minor2(struct hermitian const *s, int i, int j, int pair)
{
    return s->diagonal[i] * s->diagonal[j] - s->re[pair] * s->re[pair] - s->im[pair] * s->im[pair];
}

/* The adjugate, and the determinant; element names as in struct hermitian. */
static long double adjugate(struct hermitian const *s, struct hermitian *a)
{
    long double const *const d = s->diagonal, *const u = s->re, *const t = s->im;
    a->diagonal[0] = minor2(s, 1, 2, 2);
    a->diagonal[1] = minor2(s, 0, 2, 1);
    a->diagonal[2] = minor2(s, 0, 1, 0);
    /* 21: s31 s23 - s21 s33 with s23 = conj(s32), and so on */
    a->re[0] = u[1] * u[2] + t[1] * t[2] - u[0] * d[2];
    a->im[0] = t[1] * u[2] - u[1] * t[2] - t[0] * d[2];
    /* 31: s21 s32 - s31 s22 */
    a->re[1] = u[0] * u[2] - t[0] * t[2] - u[1] * d[1];
    a->im[1] = u[0] * t[2] + t[0] * u[2] - t[1] * d[1];
    /* 32: s31 s12 - s32 s11 with s12 = conj(s21) */
    a->re[2] = u[1] * u[0] + t[1] * t[0] - u[2] * d[0];
    a->im[2] = t[1] * u[0] - u[1] * t[0] - t[2] * d[0];
    return d[0] * a->diagonal[0] + u[0] * a->re[0] + t[0] * a->im[0] + u[1] * a->re[1] +
           t[1] * a->im[1];
}

static bool inverse_of(long double const x[BL23_BARRIER_SIZE], struct hermitian *inverse,
                       long double *determinant)
{
    struct hermitian const s = sigma_of(x);
    *determinant = adjugate(&s, inverse);
    /* Sylvester: all leading minors above zero */
    if (!(s.diagonal[0] > 0.0L && inverse->diagonal[2] > 0.0L && *determinant > 0.0L))
        return false;
    for (int k = 0; k < 3; k++) {
        inverse->diagonal[k] /= *determinant;
        inverse->re[k] /= *determinant;
        inverse->im[k] /= *determinant;
    }
    return true;
}

long double bl23_barrier_line_value(struct bl23_barrier_line const *line,
                                    long double const x[BL23_BARRIER_SIZE])
{
    long double value = line->k * x[BL23_BARRIER_SLACK];
    for (int k = 0; k < SIGMA; k++)
        value += line->l[k] * x[k];
    return line->c == 0.0L ? value : value + line->c * powl(x[BL23_BARRIER_V], line->e);
}

long double bl23_barrier_disc_value(struct bl23_barrier_disc const *disc,
                                    long double const x[BL23_BARRIER_SIZE],
                                    long double k[BL23_BARRIER_ROWS])
{
    long double value = disc->power ? x[BL23_BARRIER_V] : 1.0L;
    value += disc->k * x[BL23_BARRIER_SLACK];
    for (int r = 0; r < disc->rows; r++) {
        k[r] = 0.0L;
        for (int j = 0; j < SIGMA; j++)
            k[r] += disc->row[r][j] * x[j];
        value -= k[r] * k[r];
    }
    return value;
}

/* The barrier function with the weighted objective; infinity outside. */
static long double function(struct bl23_barrier const *b, long double const x[BL23_BARRIER_SIZE])
{
    struct hermitian p;
    long double determinant, k[BL23_BARRIER_ROWS];
    if (!(x[BL23_BARRIER_V] > 0.0L) || !inverse_of(x, &p, &determinant))
        return (long double)INFINITY;
    long double sum = b->weight * x[b->objective] - logl(determinant) - logl(x[BL23_BARRIER_V]);
    for (int i = 0; i < b->lines + b->discs; i++) {
        long double const value = i < b->lines
                                      ? bl23_barrier_line_value(&b->line[i], x)
                                      : bl23_barrier_disc_value(&b->disc[i - b->lines], x, k);
        if (!(value > 0.0L))
            return (long double)INFINITY;
        sum -= logl(value);
    }
    return sum;
}

/* Gradient and Hessian of the barrier function. */
struct derivatives {
    long double g[BL23_BARRIER_SIZE], h[BL23_BARRIER_SIZE][BL23_BARRIER_SIZE];
};

/* Of -log f with gradient n and f's own curvature already subtracted by the caller. */
static void add_logarithm(struct derivatives *d, long double const n[BL23_BARRIER_SIZE],
                          long double value)
{
    for (int i = 0; i < BL23_BARRIER_SIZE; i++) {
        long double const slope = n[i] / value;
        d->g[i] -= slope;
        for (int j = 0; j <= i; j++)
            d->h[i][j] += slope * (n[j] / value);
    }
}

static void add_line(struct derivatives *d, struct bl23_barrier_line const *line,
                     long double const x[BL23_BARRIER_SIZE])
{
    long double const v = x[BL23_BARRIER_V], value = bl23_barrier_line_value(line, x);
    long double const power = line->c == 0.0L ? 0.0L : line->c * powl(v, line->e);
    long double n[BL23_BARRIER_SIZE];
    memcpy(n, line->l, sizeof line->l);
    n[BL23_BARRIER_V] = line->e * power / v;
    n[BL23_BARRIER_SLACK] = line->k;
    add_logarithm(d, n, value);
    d->h[BL23_BARRIER_V][BL23_BARRIER_V] -= line->e * (line->e - 1.0L) * power / (v * v) / value;
}

static void add_disc(struct derivatives *d, struct bl23_barrier_disc const *disc,
                     long double const x[BL23_BARRIER_SIZE])
{
    long double k[BL23_BARRIER_ROWS], n[BL23_BARRIER_SIZE] = {0.0L};
    long double const value = bl23_barrier_disc_value(disc, x, k);
    n[BL23_BARRIER_V] = disc->power ? 1.0L : 0.0L;
    n[BL23_BARRIER_SLACK] = disc->k;
    for (int r = 0; r < disc->rows; r++)
        for (int i = 0; i < SIGMA; i++) {
            n[i] -= 2.0L * k[r] * disc->row[r][i];
            for (int j = 0; j <= i; j++)
                d->h[i][j] += 2.0L * disc->row[r][i] * disc->row[r][j] / value;
        }
    add_logarithm(d, n, value);
}

/* P E for a coordinate direction E of sigma, complex 3 x 3 as [row][column]. */
struct product {
    long double re[3][3], im[3][3];
};

static void element(struct hermitian const *p, int i, int j, long double z[2])
{
    static int const pair[3][3] = {{0, 0, 1}, {0, 0, 2}, {1, 2, 0}};
    if (i == j) {
        z[0] = p->diagonal[i];
        z[1] = 0.0L;
        return;
    }
    z[0] = p->re[pair[i][j]];
    z[1] = i > j ? p->im[pair[i][j]] : -p->im[pair[i][j]];
}

/* Column `to` of P E gains factor times column `from` of P. */
static void add_column(struct product *q, struct hermitian const *p, int from, int to,
                       long double re, long double im)
{
    for (int i = 0; i < 3; i++) {
        long double z[2];
        element(p, i, from, z);
        q->re[i][to] += re * z[0] - im * z[1];
        q->im[i][to] += re * z[1] + im * z[0];
    }
}

static struct product product_of(struct hermitian const *p, int coordinate)
{
    struct product q;
    memset(&q, 0, sizeof q);
    if (coordinate < 3) {
        add_column(&q, p, coordinate, coordinate, 1.0L, 0.0L);
        if (coordinate > 0)
            add_column(&q, p, 0, 0, -1.0L, 0.0L);
        return q;
    }
    int const low = bl23_pairs[(coordinate - 3) / 2][0], high = bl23_pairs[(coordinate - 3) / 2][1];
    bool const real = (coordinate - 3) % 2 == 0; /* E_high,low = 1 or i, and its conjugate */
    add_column(&q, p, high, low, real ? 1.0L : 0.0L, real ? 0.0L : 1.0L);
    add_column(&q, p, low, high, real ? 1.0L : 0.0L, real ? 0.0L : -1.0L);
    return q;
}

/* tr(A B), real for the products here. */
static long double trace_of_product(struct product const *a, struct product const *b)
{
    long double sum = 0.0L;
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++)
            sum += a->re[i][j] * b->re[j][i] - a->im[i][j] * b->im[j][i];
    return sum;
}

static void add_determinant(struct derivatives *d, struct hermitian const *p)
{
    struct product q[SIGMA];
    for (int k = 0; k < SIGMA; k++) {
        q[k] = product_of(p, k);
        d->g[k] -= q[k].re[0][0] + q[k].re[1][1] + q[k].re[2][2];
        for (int j = 0; j <= k; j++)
            d->h[k][j] += trace_of_product(&q[k], &q[j]);
    }
}

static bool derive(struct bl23_barrier const *b, struct derivatives *d)
{
    struct hermitian p;
    long double determinant;
    long double const v = b->x[BL23_BARRIER_V];
    memset(d, 0, sizeof *d);
    if (!inverse_of(b->x, &p, &determinant))
        return false;
    add_determinant(d, &p);
    for (int i = 0; i < b->lines; i++)
        add_line(d, &b->line[i], b->x);
    for (int i = 0; i < b->discs; i++)
        add_disc(d, &b->disc[i], b->x);
    d->g[b->objective] += b->weight;
    d->g[BL23_BARRIER_V] -= 1.0L / v;
    d->h[BL23_BARRIER_V][BL23_BARRIER_V] += 1.0L / (v * v);
    return true;
}

/* Cholesky on the active coordinates; step = - h^-1 g. Returns g . h^-1 g, negative if h is not
 * positive. */
static long double newton_step(struct bl23_barrier const *b, struct derivatives const *d,
                               long double step[BL23_BARRIER_SIZE])
{
    int index[BL23_BARRIER_SIZE], n = 0;
    long double l[BL23_BARRIER_SIZE][BL23_BARRIER_SIZE], y[BL23_BARRIER_SIZE], decrement = 0.0L;
    for (int k = 0; k < BL23_BARRIER_SIZE; k++) {
        step[k] = 0.0L;
        if (b->active[k])
            index[n++] = k;
    }
    for (int i = 0; i < n; i++) {
        y[i] = d->g[index[i]];
        for (int j = 0; j <= i; j++) {
            l[i][j] = d->h[index[i]][index[j]];
            for (int k = 0; k < j; k++)
                l[i][j] -= l[i][k] * l[j][k];
            if (j < i) {
                l[i][j] /= l[j][j];
                y[i] -= l[i][j] * y[j];
            }
        }
        if (!(l[i][i] > 0.0L))
            return -1.0L;
        l[i][i] = sqrtl(l[i][i]);
        y[i] /= l[i][i];
        decrement += y[i] * y[i];
    }
    for (int i = n - 1; i >= 0; i--) {
        for (int k = i + 1; k < n; k++)
            y[i] -= l[k][i] * y[k];
        y[i] /= l[i][i];
        step[index[i]] = -y[i];
    }
    return decrement;
}

/* The longest of 1, 1/2, 1/4 ... of the step that lowers the function enough. */
static bool walk(struct bl23_barrier *b, long double const step[BL23_BARRIER_SIZE],
                 long double decrement)
{
    long double const before = function(b, b->x);
    long double length = 1.0L;
    for (int halving = 0; halving < HALVINGS_MAX; halving++, length *= 0.5L) {
        long double x[BL23_BARRIER_SIZE];
        for (int k = 0; k < BL23_BARRIER_SIZE; k++)
            x[k] = b->x[k] + length * step[k];
        long double const after = function(b, x);
        bool const near =
            decrement < NEAR_CENTRE && !isinf(after); /* where rounding hides descent */
        if (near || after <= before - ARMIJO * length * decrement) {
            memcpy(b->x, x, sizeof x);
            return true;
        }
    }
    return false;
}

bool bl23_barrier_centre(struct bl23_barrier *b, bool stop_below_zero)
{
    for (int k = 0; k < NEWTON_STEPS_MAX; k++) {
        struct derivatives d;
        if (!derive(b, &d))
            return false;
        long double const decrement = newton_step(b, &d, b->step);
        if (!(decrement >= 0.0L))
            return false;
        if (decrement < DECREMENT_END)
            return true;
        if (!walk(b, b->step, decrement))
            return decrement < 1.0L;
        if (stop_below_zero && b->x[b->objective] < 0.0L)
            return true;
    }
    return false;
}

long double bl23_barrier_gap(struct bl23_barrier const *b)
{
    return (long double)(3 + 1 + b->lines + b->discs) / b->weight;
}

long double bl23_barrier_line_change(struct bl23_barrier const *b, int line)
{
    struct bl23_barrier_line const *const f = &b->line[line];
    long double const v = b->x[BL23_BARRIER_V];
    long double change = f->k * b->step[BL23_BARRIER_SLACK];
    for (int k = 0; k < SIGMA; k++)
        change += f->l[k] * b->step[k];
    if (f->c != 0.0L)
        change += f->e * f->c * powl(v, f->e) / v * b->step[BL23_BARRIER_V];
    return change / bl23_barrier_line_value(f, b->x);
}

long double bl23_barrier_disc_change(struct bl23_barrier const *b, int disc,
                                     long double dk[BL23_BARRIER_ROWS])
{
    struct bl23_barrier_disc const *const f = &b->disc[disc];
    long double k[BL23_BARRIER_ROWS], change = f->power ? b->step[BL23_BARRIER_V] : 0.0L;
    change += f->k * b->step[BL23_BARRIER_SLACK];
    long double const value = bl23_barrier_disc_value(f, b->x, k);
    for (int r = 0; r < f->rows; r++) {
        dk[r] = 0.0L;
        for (int i = 0; i < SIGMA; i++)
            dk[r] += f->row[r][i] * b->step[i];
        change -= 2.0L * k[r] * dk[r];
    }
    return change / value;
}
