/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "tables/bound/bound_certificate.h"

#include "tables/base/monomials.h"

#define MULTIPLIER_MAX 1e60 /* products of a few of them stay finite */
#define RAISE_FIRST 0x1p-54 /* of the size of M */
#define RAISE_LAST 1.0
enum { RAISE_BISECTIONS = 6 };
#define V_SMALLEST 1e-30
#define V_LARGEST 1e30 /* where the search ends, in its own unit of v */
/* |h_r| changes by at most this times the error of each of its coefficients: the moduli of the
 * diagonal monomials sum to 1, and |Re| + |Im| of the others to at most sqrt(2). */
#define MONOMIALS_SUM 2.4142135623731

int bl23_bound_multiplier_list(struct bl23_bound_problem const *p, struct bl23_bound_multipliers *m,
                               double *list[BL23_BOUND_MULTIPLIERS_MAX], int *n_upper)
{
    int n = 0;
    for (int k = 0; k < p->kinds; k++)
        for (int r = 0; r < p->kind[k].rows; r++)
            list[n++] = &m->upper[k][r];
    *n_upper = n;
    for (int k = 0; k < p->kinds; k++)
        if (p->kind[k].plane != BL23_BOUND_NO_PLANE)
            list[n++] = &m->lower[k];
    for (int k = 0; k < BL23_BOUND_POWERS; k++)
        list[n++] = &m->g_hi[k];
    for (int k = 0; k < BL23_BOUND_POWERS; k++)
        list[n++] = &m->g_lo[k];
    for (int k = 0; k < 2; k++)
        list[n++] = &m->disc[k];
    return n;
}

double bl23_bound_upper_size(struct bl23_bound_kind const *kind,
                             double const upper[BL23_BOUND_ROWS_MAX])
{
    double size = 0.0;
    for (int r = 0; r < kind->rows; r++)
        size = hypot(size, upper[r]);
    return size;
}

/* May the multipliers be used at all: finite, of the right sign, and only where there is a limit?
 */
static bool usable(struct bl23_bound_problem const *p, struct bl23_bound_part const *part,
                   struct bl23_bound_multipliers const *m)
{
    struct bl23_bound_multipliers copy = *m;
    double *list[BL23_BOUND_MULTIPLIERS_MAX];
    int n_upper;
    int const count = bl23_bound_multiplier_list(p, &copy, list, &n_upper);
    for (int k = 0; k < count; k++)
        if (!(fabs(*list[k]) <= MULTIPLIER_MAX) || (k >= n_upper && *list[k] < 0.0))
            return false;
    for (int k = 0; k < p->kinds; k++) {
        double n[BL23_BOUND_ROWS_MAX], cosine;
        bl23_bound_direction(part, p->kind[k].plane, n, &cosine);
        if (m->lower[k] != 0.0 && !(cosine > 0.0))
            return false;
        for (int r = 0; r < p->kind[k].rows; r++)
            if (m->upper[k][r] != 0.0 && isinf(p->kind[k].k2.hi))
                return false;
    }
    for (int n = 0; n < BL23_BOUND_POWERS; n++)
        if (m->g_hi[n] != 0.0 && isinf(p->g_hi[n]))
            return false;
    return true;
}

void bl23_bound_add_form(struct bl23_interval matrix[BL23_MONOMIALS], struct bl23_interval factor,
                         double const form[BL23_MONOMIALS], double error)
{
    for (int k = 0; k < BL23_MONOMIALS; k++)
        matrix[k] =
            bl23_interval_add(matrix[k], bl23_interval_mul(factor, bl23_interval_of(form[k])));
    struct bl23_interval const size = bl23_interval_of(fmax(fabs(factor.lo), fabs(factor.hi)));
    struct bl23_interval const room = bl23_interval_mul(
        bl23_interval_mul(size, bl23_interval_of(error)), bl23_interval_of(MONOMIALS_SUM));
    for (int i = 0; i < 3; i++)
        matrix[i] = bl23_interval_sub(matrix[i], bl23_interval_of(room.hi));
}

/* M = sum y F - sum beta (n . F) + (alpha_hi - alpha_lo) 1 + sum mu B. */
static void matrix_of(struct bl23_bound_problem const *p, struct bl23_bound_part const *part,
                      struct bl23_bound_multipliers const *m,
                      struct bl23_interval matrix[BL23_MONOMIALS])
{
    for (int k = 0; k < BL23_MONOMIALS; k++)
        matrix[k] = bl23_interval_of(0.0);
    for (int k = 0; k < p->kinds; k++) {
        struct bl23_bound_kind const *const kind = &p->kind[k];
        double n[BL23_BOUND_ROWS_MAX], cosine;
        bl23_bound_direction(part, kind->plane, n, &cosine);
        for (int r = 0; r < kind->rows; r++) {
            struct bl23_interval const lower =
                bl23_interval_mul(bl23_interval_of(m->lower[k]), bl23_interval_of(n[r]));
            struct bl23_interval const upper = bl23_interval_of(m->upper[k][r]);
            bl23_bound_add_form(matrix, bl23_interval_sub(upper, lower), kind->form[r],
                                kind->error[r]);
        }
    }
    for (int disc = 0; part->chart >= 0 && disc < 2; disc++) {
        double form[BL23_MONOMIALS];
        bl23_bound_disc(part, disc, form);
        bl23_bound_add_form(matrix, bl23_interval_of(m->disc[disc]), form, 0.0);
    }
    for (int n = 0; n < BL23_BOUND_POWERS; n++)
        for (int i = 0; i < 3; i++)
            matrix[i] =
                bl23_interval_add(matrix[i], bl23_interval_sub(bl23_interval_of(m->g_hi[n]),
                                                               bl23_interval_of(m->g_lo[n])));
}

struct complex_range {
    struct bl23_interval re, im;
};

/* a - conj(b) c / d for the elements of a Hermitian matrix. */
static struct complex_range eliminated(struct complex_range a, struct complex_range b,
                                       struct complex_range c, struct bl23_interval d)
{
    struct bl23_interval const re =
        bl23_interval_add(bl23_interval_mul(b.re, c.re), bl23_interval_mul(b.im, c.im));
    struct bl23_interval const im =
        bl23_interval_sub(bl23_interval_mul(b.re, c.im), bl23_interval_mul(b.im, c.re));
    return (struct complex_range){bl23_interval_sub(a.re, bl23_interval_div(re, d)),
                                  bl23_interval_sub(a.im, bl23_interval_div(im, d))};
}

static struct complex_range conjugate(struct complex_range z)
{
    return (struct complex_range){z.re, bl23_interval_sub(bl23_interval_of(0.0), z.im)};
}

/* Largest diagonal element first: the elimination then loses least. */
static void order_diagonal(struct bl23_interval const diagonal[3], int order[3])
{
    for (int k = 0; k < 3; k++)
        order[k] = k;
    for (int pass = 0; pass < 2; pass++)
        for (int k = 0; k < 2; k++)
            if (diagonal[order[k]].lo < diagonal[order[k + 1]].lo) {
                int const swap = order[k];
                order[k] = order[k + 1];
                order[k + 1] = swap;
            }
}

/* All pivots of Gauss are above zero. */
bool bl23_bound_positive(struct bl23_interval const form[BL23_MONOMIALS])
{
    struct bl23_interval const half = bl23_interval_of(0.5), none = bl23_interval_of(0.0);
    struct complex_range a[3][3];
    int order[3];
    for (int i = 0; i < 3; i++)
        a[i][i] = (struct complex_range){form[i], none};
    for (int k = 0; k < 3; k++) {
        int const i = bl23_pairs[k][0], j = bl23_pairs[k][1];
        a[j][i] = (struct complex_range){bl23_interval_mul(half, form[3 + 2 * k]),
                                         bl23_interval_mul(half, form[4 + 2 * k])};
        a[i][j] = conjugate(a[j][i]);
    }
    order_diagonal(form, order);
    int const p = order[0];
    if (!(a[p][p].re.lo > 0.0))
        return false;
    int const q_first = a[order[1]][order[1]].re.lo > 0.0 ? 1 : 2;
    int const q = order[q_first], r = order[3 - q_first];
    struct bl23_interval const d = a[p][p].re;
    struct complex_range const qq = eliminated(a[q][q], a[p][q], a[p][q], d);
    struct complex_range const qr = eliminated(a[q][r], a[p][q], a[p][r], d);
    struct complex_range const rr = eliminated(a[r][r], a[p][r], a[p][r], d);
    if (!(qq.re.lo > 0.0))
        return false;
    return eliminated(rr, qr, qr, qq.re).re.lo > 0.0;
}

static struct bl23_interval root_of(double x)
{
    return bl23_interval_sqrt(bl23_interval_of(x));
}

/* The most that the multipliers times the limits can give at v: what tr(M sigma) would have to stay
 * below. */
static double support(struct bl23_bound_problem const *p, struct bl23_bound_part const *part,
                      struct bl23_bound_multipliers const *m, double v)
{
    struct bl23_interval const one = bl23_interval_of(1.0);
    struct bl23_interval const power[BL23_BOUND_POWERS] = {one, root_of(v), bl23_interval_of(v)};
    struct bl23_interval sum = bl23_interval_of(0.0);
    for (int k = 0; k < p->kinds; k++) {
        struct bl23_bound_kind const *const kind = &p->kind[k];
        double n[BL23_BOUND_ROWS_MAX], cosine;
        bl23_bound_direction(part, kind->plane, n, &cosine);
        struct bl23_interval size = bl23_interval_square(bl23_interval_of(m->upper[k][0]));
        for (int r = 1; r < kind->rows; r++)
            size = bl23_interval_add(size, bl23_interval_square(bl23_interval_of(m->upper[k][r])));
        struct bl23_interval const scale = power[kind->k2.power];
        if (size.hi > 0.0 && !isinf(kind->k2.hi))
            sum = bl23_interval_add(
                sum, bl23_interval_mul(bl23_interval_sqrt(size),
                                       bl23_interval_mul(root_of(kind->k2.hi), scale)));
        struct bl23_interval const lower =
            bl23_interval_div(bl23_interval_mul(bl23_interval_mul(bl23_interval_of(m->lower[k]),
                                                                  bl23_interval_of(cosine)),
                                                root_of(kind->k2.lo)),
                              scale);
        sum = bl23_interval_sub(sum, lower);
    }
    for (int n = 0; n < BL23_BOUND_POWERS; n++) {
        if (m->g_hi[n] > 0.0)
            sum = bl23_interval_add(
                sum, bl23_interval_mul(bl23_interval_of(m->g_hi[n]),
                                       bl23_interval_mul(bl23_interval_of(p->g_hi[n]), power[n])));
        sum = bl23_interval_sub(sum,
                                bl23_interval_div(bl23_interval_mul(bl23_interval_of(m->g_lo[n]),
                                                                    bl23_interval_of(p->g_lo[n])),
                                                  power[n]));
    }
    return sum.hi;
}

static bool matrix_holds(struct bl23_bound_problem const *p, struct bl23_bound_part const *part,
                         struct bl23_bound_multipliers const *m)
{
    struct bl23_interval matrix[BL23_MONOMIALS];
    matrix_of(p, part, m, matrix);
    return bl23_bound_positive(matrix);
}

bool bl23_bound_excludes(struct bl23_bound_problem const *p, struct bl23_bound_part const *part,
                         struct bl23_bound_multipliers const *m, double v)
{
    if (bl23_bound_is_empty(part))
        return true;
    return v > 0.0 && v < HUGE_VAL && usable(p, part, m) && support(p, part, m, v) < 0.0 &&
           matrix_holds(p, part, m);
}

/* The upper limit on g that is cheapest to lean on; -1 if there is none. */
static int cheapest_g(struct bl23_bound_problem const *p, double v)
{
    int best = -1;
    double cost = (double)INFINITY;
    for (int n = 0; n < BL23_BOUND_POWERS; n++)
        if (p->g_hi[n] * pow(v, 0.5 * n) < cost) {
            cost = p->g_hi[n] * pow(v, 0.5 * n);
            best = n;
        }
    return best;
}

/* The largest v with support < 0, which rises with v. */
static double largest_v(struct bl23_bound_problem const *p, struct bl23_bound_part const *part,
                        struct bl23_bound_multipliers const *m)
{
    double lo = V_SMALLEST, hi = V_LARGEST;
    if (!(support(p, part, m, lo) < 0.0))
        return 0.0;
    if (support(p, part, m, hi) < 0.0)
        return hi;
    while (hi > lo * (1.0 + 0x1p-50)) {
        double const middle = sqrt(lo) * sqrt(hi);
        if (middle <= lo || middle >= hi)
            break;
        if (support(p, part, m, middle) < 0.0)
            lo = middle;
        else
            hi = middle;
    }
    return lo;
}

static double form_size(double const form[BL23_MONOMIALS])
{
    double size = 0.0;
    for (int k = 0; k < BL23_MONOMIALS; k++)
        size += fabs(form[k]);
    return size;
}

/* What the elements of M can be at most, before anything cancels. */
static double matrix_size(struct bl23_bound_problem const *p,
                          struct bl23_bound_multipliers const *m)
{
    double size = m->disc[0] + m->disc[1];
    for (int k = 0; k < p->kinds; k++)
        for (int r = 0; r < p->kind[k].rows; r++)
            size += (fabs(m->upper[k][r]) + m->lower[k]) * form_size(p->kind[k].form[r]);
    for (int n = 0; n < BL23_BOUND_POWERS; n++)
        size += m->g_hi[n] + m->g_lo[n];
    return size;
}

/* Raise a multiplier of g by as little as makes M positive definite. */
static bool raise_g(struct bl23_bound_problem const *p, struct bl23_bound_part const *part,
                    struct bl23_bound_multipliers *m, int g)
{
    double *const x = &m->g_hi[g];
    double const start = *x, size = matrix_size(p, m);
    double fails = 0.0, holds = RAISE_FIRST * size;
    if (matrix_holds(p, part, m))
        return true;
    for (*x = start + holds; !matrix_holds(p, part, m); *x = start + holds) {
        fails = holds;
        holds *= 2.0;
        if (!(holds < RAISE_LAST * size))
            return false;
    }
    for (int k = 0; k < RAISE_BISECTIONS; k++) {
        double const middle = 0.5 * (fails + holds);
        *x = start + middle;
        if (matrix_holds(p, part, m))
            holds = middle;
        else
            fails = middle;
    }
    *x = start + holds;
    return true;
}

double bl23_bound_certify(struct bl23_bound_problem const *p, struct bl23_bound_part const *part,
                          struct bl23_bound_multipliers *m)
{
    double *list[BL23_BOUND_MULTIPLIERS_MAX], scale = 0.0;
    int n_upper;
    int const count = bl23_bound_multiplier_list(p, m, list, &n_upper);
    for (int k = 0; k < count; k++)
        scale = fmax(scale, fabs(*list[k]));
    if (!(scale > 0.0) || isinf(scale))
        return 0.0;
    for (int k = 0; k < count; k++)
        *list[k] /= scale;
    double const v = usable(p, part, m) ? largest_v(p, part, m) : 0.0;
    int const g = cheapest_g(p, v);
    if (!(v > 0.0) || g < 0)
        return 0.0;
    if (!raise_g(p, part, m, g))
        return 0.0;
    return largest_v(p, part, m);
}
