/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "tables/physics/passarino_veltman.h"

/* D is linear in x, so the x integral is elementary and leaves logarithms of
 *   L(y) = D(0, y)   = mW^2 (1 - rho_L y)
 *   E(y) = D(1-y, y) = mi^2 (1 - rho_1 y)(1 - rho_2 y) - i0
 * over G(y) = (L - E)/(1-y) = g0 (1 + eps y), g0 = mW^2 - mi^2, eps = q^2/g0. As |eps| <= 1/32,
 * 1/G is expanded, and what remains are moments of logarithms, Int_0^1 y^k ln(1 - rho y) dy,
 * which are elementary. Derivation: docs/loop-functions.md. */

enum { ORDERS_MAX = 26, MOMENTS = ORDERS_MAX + 4 };
static double const eps_max = 1.0 / 32.0;
static double const eps_power_min = 0x1p-112;   /* where the expansion stops */
static double const amplification_max = 0x1p24; /* of the forward recurrence */

/* Moments of the logarithms, all that the two functions are made of. */
struct moments {
    int orders;
    struct bl23_dd log_l[MOMENTS]; /* Int y^k ln L */
    struct bl23_dd log_e[MOMENTS]; /* Int y^k ln |E| */
    struct bl23_dd gap[MOMENTS];   /* Int y^k over the part of (0, 1) where E < 0 */
    double log_noise; /* size of the largest piece of a log moment, times its amplification */
    double gap_noise; /* amplification of rounding errors in gap[] */
};

/* The polynomials of one loop: E = e[0] + e[1] y + e[2] y^2, L = l[0] + l[1] y,
 * (1-y)(G-L) = n[0] + n[1] y + n[2] y^2. */
struct loop {
    struct bl23_dd q2, g0, eps;
    struct bl23_dd e[3], l[2], n[3];
};

static struct bl23_dd ratio(double numerator, double denominator)
{
    return bl23_dd_div(bl23_dd(numerator), bl23_dd(denominator));
}

/* 1/n for n > 0, which each thread computes once. */
static struct bl23_dd reciprocal(int n)
{
    enum { KEPT = 128 };
    static _Thread_local struct bl23_dd known[KEPT];
    if (n >= KEPT)
        return ratio(1.0, (double)n);
    if (known[n].hi == 0.0)
        known[n] = ratio(1.0, (double)n);
    return known[n];
}

/* The logarithm of the square of a mass: the same few in every loop, so each thread remembers them.
 */
static struct bl23_dd log_of_mass2(struct bl23_dd mass2)
{
    enum { KEPT = 8 };
    static _Thread_local struct {
        struct bl23_dd mass2, log;
    } known[KEPT];
    static _Thread_local unsigned next;
    for (int k = 0; k < KEPT; k++)
        if (known[k].mass2.hi == mass2.hi && known[k].mass2.lo == mass2.lo)
            return known[k].log;
    unsigned const place = next++ % KEPT;
    known[place].mass2 = mass2;
    known[place].log = bl23_dd_log(mass2);
    return known[place].log;
}

static void loop_build(struct bl23_pv_masses const *m, struct loop *loop)
{
    struct bl23_dd const mi2 = bl23_dd_sqr(m->mass_i_gev);
    struct bl23_dd const mj2 = bl23_dd_sqr(m->mass_j_gev);
    struct bl23_dd const mw2 = bl23_dd_sqr(m->mass_w_gev);
    struct bl23_dd const q2 = bl23_dd_sqr(m->q_gev);
    loop->q2 = q2;
    loop->g0 = bl23_dd_sub(mw2, mi2);
    loop->eps = bl23_dd_div(q2, loop->g0);
    loop->e[0] = mi2;
    loop->e[1] = bl23_dd_sub(bl23_dd_sub(mj2, mi2), q2);
    loop->e[2] = q2;
    loop->l[0] = mw2;
    loop->l[1] = bl23_dd_sub(mj2, mw2);
    struct bl23_dd const slope = bl23_dd_sub(q2, loop->l[1]);
    loop->n[0] = bl23_dd_neg(mi2);
    loop->n[1] = bl23_dd_add(slope, mi2);
    loop->n[2] = bl23_dd_neg(slope);
}

/* Discriminant of E: (q2 - (mi+mj)^2)(q2 - (mi-mj)^2), in factors that vanish exactly. */
static struct bl23_dd discriminant(struct bl23_pv_masses const *m)
{
    struct bl23_dd const sum = bl23_dd_add(m->mass_i_gev, m->mass_j_gev);
    struct bl23_dd const difference = bl23_dd_sub(m->mass_i_gev, m->mass_j_gev);
    struct bl23_dd const q = m->q_gev;
    struct bl23_dd const outer = bl23_dd_mul(bl23_dd_sub(q, sum), bl23_dd_add(q, sum));
    struct bl23_dd const inner =
        bl23_dd_mul(bl23_dd_sub(q, difference), bl23_dd_add(q, difference));
    return bl23_dd_mul(outer, inner);
}

/* 1/rho for complex rho. */
static struct bl23_ddc inverse(struct bl23_ddc rho)
{
    struct bl23_dd const norm = bl23_dd_add(bl23_dd_sqr(rho.re), bl23_dd_sqr(rho.im));
    return (struct bl23_ddc){bl23_dd_div(rho.re, norm), bl23_dd_neg(bl23_dd_div(rho.im, norm))};
}

/* Real and imaginary part of ln(1 - rho); for real rho > 1 the principal value. */
static struct bl23_ddc log_one_minus(struct bl23_ddc rho)
{
    struct bl23_dd const re = bl23_dd_sub(bl23_dd(1.0), rho.re);
    if (rho.im.hi == 0.0)
        return (struct bl23_ddc){bl23_dd_log(bl23_dd_abs(re)), bl23_dd(0.0)};
    struct bl23_dd const norm = bl23_dd_add(bl23_dd_sqr(re), bl23_dd_sqr(rho.im));
    return (struct bl23_ddc){bl23_dd_mul_d(bl23_dd_log(norm), 0.5),
                             bl23_dd_atan2(bl23_dd_neg(rho.im), re)};
}

/* P_n = Int_0^1 -rho y^n/(1 - rho y) dy by its power series, |rho| well below 1. */
static struct bl23_ddc series(struct bl23_ddc rho, int n)
{
    struct bl23_ddc power = {bl23_dd_neg(rho.re), bl23_dd_neg(rho.im)};
    struct bl23_ddc sum = {bl23_dd(0.0), bl23_dd(0.0)};
    double const start = hypot(rho.re.hi, rho.im.hi);
    double size = start;
    for (int j = 1; size > 0x1p-112 * start; j++) {
        sum = bl23_ddc_add(sum, bl23_ddc_scale(power, reciprocal(n + j)));
        power = bl23_ddc_mul(power, rho);
        size *= start;
    }
    return sum;
}

/* p[n] = Re P_n, n = 0 .. last. P_n = 1/n + P_(n-1)/rho runs forward while it does not amplify
 * rounding errors too much, else backward from the series. Returns the amplification. */
static double recurrence(struct bl23_ddc rho, int last, struct bl23_dd *p)
{
    double const modulus = sqrt(rho.re.hi * rho.re.hi + rho.im.hi * rho.im.hi);
    struct bl23_ddc term = log_one_minus(rho);
    p[0] = term.re;
    double amplification = 1.0;
    for (int n = 0; n < last && amplification <= amplification_max; n++)
        amplification /= modulus < 1.0 ? modulus : 1.0;
    if (amplification <= amplification_max) {
        struct bl23_ddc const step = inverse(rho);
        for (int n = 1; n <= last; n++) {
            term = bl23_ddc_mul(term, step);
            term.re = bl23_dd_add(term.re, reciprocal(n));
            p[n] = term.re;
        }
        return amplification;
    }
    term = series(rho, last);
    for (int n = last; n >= 1; n--) {
        p[n] = term.re;
        term.re = bl23_dd_sub(term.re, reciprocal(n));
        term = bl23_ddc_mul(term, rho);
    }
    return 1.0;
}

/* Add Int y^k ln|1 - rho y| = (ln|1 - rho| - P_(k+1))/(k+1) to moment[k], k = 0 .. count-1. */
static double add_log_moments(struct bl23_ddc rho, int count, struct bl23_dd *moment)
{
    if (rho.re.hi == 0.0 && rho.im.hi == 0.0)
        return 0.0;
    struct bl23_dd p[MOMENTS + 1];
    double const amplification = recurrence(rho, count, p);
    for (int k = 0; k < count; k++)
        moment[k] = bl23_dd_add(moment[k],
                                bl23_dd_div(bl23_dd_sub(p[0], p[k + 1]), bl23_dd((double)(k + 1))));
    return amplification * (1.0 + fabs(p[0].hi));
}

/* Int y^k ln c; returns the size of the logarithm. */
static double set_constant_moments(struct bl23_dd c, int count, struct bl23_dd *moment)
{
    struct bl23_dd const log_constant = log_of_mass2(c);
    for (int k = 0; k < count; k++)
        moment[k] = bl23_dd_div(log_constant, bl23_dd((double)(k + 1)));
    return 1.0 + fabs(log_constant.hi);
}

/* The inverse roots rho of E = mi^2 (1 - rho_1 y)(1 - rho_2 y). */
static void inverse_roots(struct loop const *loop, struct bl23_dd disc, struct bl23_ddc rho[2])
{
    struct bl23_dd const zero = bl23_dd(0.0);
    struct bl23_dd const root = bl23_dd_sqrt(bl23_dd_abs(disc));
    struct bl23_dd const c2 = bl23_dd_mul_d(loop->e[0], 2.0);
    if (disc.hi < 0.0) {
        struct bl23_dd const re = bl23_dd_neg(bl23_dd_div(loop->e[1], c2));
        struct bl23_dd const im = bl23_dd_div(root, c2);
        rho[0] = (struct bl23_ddc){re, im};
        rho[1] = (struct bl23_ddc){re, bl23_dd_neg(im)};
        return;
    }
    struct bl23_dd const sum = loop->e[1].hi > 0.0 ? bl23_dd_neg(bl23_dd_add(loop->e[1], root))
                                                   : bl23_dd_sub(root, loop->e[1]);
    rho[0] = (struct bl23_ddc){bl23_dd_div(sum, c2), zero};
    rho[1] = rho[0];
    if (sum.hi != 0.0) /* the other root from the product, without cancellation */
        rho[1].re = bl23_dd_div(bl23_dd_mul_d(loop->e[2], 2.0), sum);
}

/* Int y^k over (r1, r2) = (r2 - r1) sum_a r1^a r2^(k-a) / (k+1): no digit is lost near threshold.
 */
static void gap_moments(struct loop const *loop, struct bl23_dd disc, struct bl23_ddc const rho[2],
                        int count, struct bl23_dd *gap)
{
    struct bl23_dd const width = bl23_dd_div(bl23_dd_sqrt(disc), loop->q2);
    struct bl23_dd const r1 = inverse(rho[0]).re;
    struct bl23_dd const r2 = inverse(rho[1]).re;
    struct bl23_dd sum = bl23_dd(1.0), power = bl23_dd(1.0);
    for (int k = 0; k < count; k++) {
        gap[k] = bl23_dd_div(bl23_dd_mul(width, sum), bl23_dd((double)(k + 1)));
        power = bl23_dd_mul(power, r1);
        sum = bl23_dd_add(bl23_dd_mul(sum, r2), power);
    }
}

/* How far q lies above the threshold mi + mj; negative below it. */
static struct bl23_dd above_threshold(struct bl23_pv_masses const *m)
{
    return bl23_dd_sub(m->q_gev, bl23_dd_add(m->mass_i_gev, m->mass_j_gev));
}

static void moments_build(struct bl23_pv_masses const *m, struct loop const *loop,
                          struct moments *mom)
{
    mom->orders = 1;
    for (double power = 1.0; power > eps_power_min && mom->orders < ORDERS_MAX; mom->orders++)
        power *= fabs(loop->eps.hi);
    int const count = mom->orders + 2;

    struct bl23_ddc const rho_l = {bl23_dd_neg(bl23_dd_div(loop->l[1], loop->l[0])), bl23_dd(0.0)};
    double noise = set_constant_moments(loop->l[0], count, mom->log_l);
    noise += add_log_moments(rho_l, count, mom->log_l);

    struct bl23_dd const disc = discriminant(m);
    struct bl23_ddc rho[2];
    inverse_roots(loop, disc, rho);
    noise += set_constant_moments(loop->e[0], count, mom->log_e);
    for (int r = 0; r < 2; r++)
        noise += add_log_moments(rho[r], count, mom->log_e);
    mom->log_noise = noise;

    for (int k = 0; k < count; k++)
        mom->gap[k] = bl23_dd(0.0);
    struct bl23_dd const excess = above_threshold(m);
    mom->gap_noise = 1.0;
    if (excess.hi > 0.0) {
        gap_moments(loop, disc, rho, count, mom->gap);
        mom->gap_noise += m->q_gev.hi / excess.hi;
    }
}

/* A sum of factor * moment that also keeps the sum of |factor|, the scale of its rounding error
 * when a moment is made of pieces of size one. */
struct tally {
    struct bl23_dd sum;
    double scale;
};

static void tally_add(struct tally *t, struct bl23_dd factor, struct bl23_dd moment)
{
    t->sum = bl23_dd_add(t->sum, bl23_dd_mul(factor, moment));
    t->scale += fabs(factor.hi);
}

static double error_bound(struct tally const *t, double noise)
{
    double const operations = 64.0; /* roundings along the longest chain of one term, rounded up */
    return operations * BL23_DD_EPSILON * noise * t->scale;
}

/* The imaginary parts are sums over the gap, whose moments are at most its width. */
static double gap_error_bound(struct tally const *t, struct moments const *mom)
{
    return error_bound(t, mom->gap_noise) * bl23_dd_pi.hi * mom->gap[0].hi;
}

/* c0 = Int (ln E - ln L)/G, and Im ln E = -pi where E < 0. */
static void c0_sum(struct loop const *loop, struct moments const *mom, struct bl23_pv *out)
{
    struct tally re = {{0.0, 0.0}, 0.0}, im = re;
    struct bl23_dd factor = bl23_dd_div(bl23_dd(1.0), loop->g0); /* (-eps)^k / g0 */
    for (int k = 0; k < mom->orders; k++) {
        tally_add(&re, factor, mom->log_e[k]);
        tally_add(&re, bl23_dd_neg(factor), mom->log_l[k]);
        tally_add(&im, bl23_dd_neg(factor), bl23_dd_mul(bl23_dd_pi, mom->gap[k]));
        factor = bl23_dd_neg(bl23_dd_mul(factor, loop->eps));
    }
    out->c0 = (struct bl23_ddc){re.sum, im.sum};
    out->c0_re_error = error_bound(&re, mom->log_noise);
    out->c0_im_error = gap_error_bound(&im, mom);
}

/* One order k of s = Int { [L ln L - E ln E]/G - (1-y) - q2 (1-y)^2/G
 *                          - q2 (1-y)(G-L)(ln L - ln E)/G^2 }. */
static void s_order(struct loop const *loop, struct moments const *mom, int k,
                    struct bl23_dd factor, struct tally *re, struct tally *im)
{
    struct bl23_dd const square =
        bl23_dd_div(bl23_dd_mul_d(bl23_dd_mul(loop->q2, factor), (double)(k + 1)), loop->g0);
    for (int p = 0; p < 3; p++) {
        struct bl23_dd const log_e = mom->log_e[k + p];
        struct bl23_dd const weight_e = bl23_dd_mul(factor, loop->e[p]);
        struct bl23_dd const weight_n = bl23_dd_mul(square, loop->n[p]);
        struct bl23_dd const weight = bl23_dd_sub(weight_n, weight_e);
        tally_add(re, weight, log_e);
        tally_add(re, bl23_dd_neg(weight_n), mom->log_l[k + p]);
        if (p < 2)
            tally_add(re, bl23_dd_mul(factor, loop->l[p]), mom->log_l[k + p]);
        struct bl23_dd const gap = bl23_dd_mul(bl23_dd_pi, mom->gap[k + p]);
        tally_add(im, weight_e, gap);
        tally_add(im, bl23_dd_neg(weight_n), gap);
    }
    double const beta = (double)(k + 1) * (double)(k + 2) * (double)(k + 3);
    tally_add(re, bl23_dd_neg(bl23_dd_mul(factor, loop->q2)), ratio(2.0, beta));
}

static void s_sum(struct loop const *loop, struct moments const *mom, struct bl23_pv *out)
{
    struct tally re = {{-0.5, 0.0}, 0.5}, im = {{0.0, 0.0}, 0.0};
    struct bl23_dd factor = bl23_dd_div(bl23_dd(1.0), loop->g0);
    for (int k = 0; k < mom->orders; k++) {
        s_order(loop, mom, k, factor, &re, &im);
        factor = bl23_dd_neg(bl23_dd_mul(factor, loop->eps));
    }
    out->s = (struct bl23_ddc){re.sum, im.sum};
    out->s_re_error = error_bound(&re, mom->log_noise);
    out->s_im_error = gap_error_bound(&im, mom);
}

/* The integrand may be linearised in either quark: take the one farther from the W. */
static struct bl23_pv_masses oriented(struct bl23_pv_masses const *m)
{
    double const w2 = m->mass_w_gev.hi * m->mass_w_gev.hi;
    double const gap_i = fabs(w2 - m->mass_i_gev.hi * m->mass_i_gev.hi);
    double const gap_j = fabs(w2 - m->mass_j_gev.hi * m->mass_j_gev.hi);
    bool const swap =
        gap_j > gap_i || (gap_j == gap_i && bl23_dd_less(m->mass_i_gev, m->mass_j_gev));
    return swap ? (struct bl23_pv_masses){m->mass_j_gev, m->mass_i_gev, m->mass_w_gev, m->q_gev}
                : *m;
}

static bool in_domain(struct bl23_pv_masses const *m)
{
    return m->mass_i_gev.hi > 0.0 && m->mass_j_gev.hi > 0.0 && m->mass_w_gev.hi > 0.0 &&
           m->q_gev.hi >= 0.0 && m->q_gev.hi * m->q_gev.hi <= BL23_Q2_MAX_GEV2;
}

BL23_FMA_COPY enum bl23_status bl23_pv_compute(struct bl23_pv_masses const *masses,
                                               struct bl23_pv *out)
{
    if (!in_domain(masses))
        return BL23_ERROR_DOMAIN;
    struct bl23_pv_masses const m = oriented(masses);
    struct loop loop;
    loop_build(&m, &loop);
    if (!(fabs(loop.eps.hi) <= eps_max))
        return BL23_ERROR_DOMAIN;
    struct moments mom;
    moments_build(&m, &loop, &mom);
    c0_sum(&loop, &mom, out);
    s_sum(&loop, &mom, out);
    return BL23_OK;
}
