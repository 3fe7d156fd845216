/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* Exact bounds on planted problems with known answers, and the soundness of certificates. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tables/bound/bound_interval.h"
#include "tables/bound/bound_range.h"
#include "tests/check.h"
#include "tests/random_bits.h"

#define CONVEX 1e-9
static double const infinite = (double)INFINITY;
static struct bl23_bound_goal const goal = {1e-3, 1.0, 1e-9, 0};

static struct bl23_bound_w random_w(void)
{
    struct bl23_bound_w w;
    for (int i = 0; i < 3; i++) {
        w.re[i] = random_between(-1.0, 1.0);
        w.im[i] = random_between(-1.0, 1.0);
    }
    return w;
}

static double form_at(double const form[BL23_MONOMIALS], struct bl23_bound_w const *w)
{
    double m[BL23_MONOMIALS], sum = 0.0;
    bl23_bound_monomials(w, m);
    for (int k = 0; k < BL23_MONOMIALS; k++)
        sum += form[k] * m[k];
    return sum;
}

/* The six rows of H, and limits on the four quantities made of them and on g. */
enum { KINDS = BL23_BOUND_SB + 1 };
struct planted {
    struct bl23_loop_table table;
    struct bl23_bound_limit k2[KINDS];
    double g_lo[BL23_BOUND_POWERS], g_hi[BL23_BOUND_POWERS];
};

/* No limits but g = 1. */
static struct planted empty_problem(void)
{
    struct planted p;
    memset(&p, 0, sizeof p);
    for (int k = 0; k < KINDS; k++)
        p.k2[k] = (struct bl23_bound_limit){0.0, infinite, 1};
    for (int n = 0; n < BL23_BOUND_POWERS; n++)
        p.g_hi[n] = infinite;
    p.g_lo[0] = p.g_hi[0] = 1.0;
    return p;
}

static struct bl23_bound_problem problem_of(struct planted const *planted)
{
    struct bl23_bound_problem p;
    bl23_bound_of_loops(&planted->table, &p);
    for (int k = 0; k < KINDS; k++)
        p.kind[k].k2 = planted->k2[k];
    memcpy(p.g_lo, planted->g_lo, sizeof p.g_lo);
    memcpy(p.g_hi, planted->g_hi, sizeof p.g_hi);
    return p;
}

static struct bl23_bound_answer search_problem(struct bl23_bound_problem const *p)
{
    struct bl23_bound_answer a;
    check_ok(bl23_bound_search(p, goal, &a), NULL, "search");
    check_that(a.lower <= a.upper * (1.0 + 1e-14), "lower %.17g above upper %.17g", a.lower,
               a.upper);
    if (a.lower > 0.0)
        check_that(bl23_bound_verify(p, a.leaf, a.n_leaves, a.lower), "the certificate of %.17g",
                   a.lower);
    return a;
}

static struct bl23_bound_answer search(struct planted const *planted)
{
    struct bl23_bound_problem const p = problem_of(planted);
    return search_problem(&p);
}

/* The smallest v is known; lower and upper must both be it. */
static void check_answer(struct planted const *p, double expected, double tolerance,
                         char const *what)
{
    struct bl23_bound_answer a = search(p);
    check_relative(a.lower, expected, tolerance, "%s: lower", what);
    check_relative(a.upper, expected, tolerance, "%s: upper", what);
    bl23_bound_answer_free(&a);
}

static void test_intervals(void **state)
{
    (void)state;
    random_state = 1;
    for (int k = 0; k < 100000; k++) {
        double const x = random_between(-1.0, 1.0) * pow(10.0, random_between(-8.0, 8.0));
        double const y = random_between(-1.0, 1.0) * pow(10.0, random_between(-8.0, 8.0));
        struct bl23_interval const a = bl23_interval_of(x), b = bl23_interval_of(y);
        long double const u = x, v = y;
        struct {
            struct bl23_interval range;
            long double exact;
        } const cases[] = {{bl23_interval_add(a, b), u + v},
                           {bl23_interval_sub(a, b), u - v},
                           {bl23_interval_mul(a, b), u * v},
                           {bl23_interval_square(a), u * u},
                           {bl23_interval_div(a, bl23_interval_of(fabs(y))), u / fabsl(v)},
                           {bl23_interval_sqrt(bl23_interval_of(fabs(x))), sqrtl(fabsl(u))}};
        for (size_t c = 0; c < sizeof cases / sizeof cases[0]; c++)
            check_that(cases[c].range.lo < cases[c].exact && cases[c].exact < cases[c].range.hi,
                       "operation %zu of %.17g, %.17g: %.17g .. %.17g", c, x, y, cases[c].range.lo,
                       cases[c].range.hi);
    }
}

/* A diagonal matrix ranges from its least to its greatest element, v v^+ from 0 to |v|^2. */
static void test_range_of_forms(void **state)
{
    (void)state;
    random_state = 2;
    for (int k = 0; k < 200; k++) {
        struct bl23_bound_extreme lo, hi;
        double form[BL23_MONOMIALS] = {random_between(-2.0, 2.0), random_between(-2.0, 2.0),
                                       random_between(-2.0, 2.0)};
        double const least = fmin(form[0], fmin(form[1], form[2]));
        double const most = fmax(form[0], fmax(form[1], form[2]));
        check_ok(bl23_bound_form_range(form, 0.0, &lo, &hi), NULL, "diagonal");
        check_absolute(lo.proven, least, 1e-14, "diagonal %d: least", k);
        check_absolute(hi.proven, most, 1e-14, "diagonal %d: most", k);
        check_that(lo.proven <= least && most <= hi.proven, "diagonal %d: not outward", k);
        check_absolute(form_at(form, &lo.w), least, 1e-14, "diagonal %d: its w", k);
        struct bl23_bound_w const v = random_w();
        double norm2 = 0.0;
        for (int i = 0; i < 3; i++)
            norm2 += v.re[i] * v.re[i] + v.im[i] * v.im[i];
        bl23_bound_monomials(&v, form); /* w^+ v v^+ w / |v|^2 = |v^+ w|^2 */
        for (int i = 3; i < BL23_MONOMIALS; i++)
            form[i] *= 2.0;
        check_ok(bl23_bound_form_range(form, 0.0, &lo, &hi), NULL, "rank one");
        check_absolute(lo.proven, 0.0, 1e-14, "rank one %d: least", k);
        check_absolute(hi.proven, 1.0, 1e-14, "rank one %d: most, |v|^2 %g", k, norm2);
        check_absolute(form_at(form, &hi.w), 1.0, 1e-14, "rank one %d: its w", k);
    }
}

/* H_sb = diag of three complex numbers has their triangle as numerical range. */
static void plant_triangle(double const re[3], double const im[3], struct bl23_loop_table *table)
{
    memset(table, 0, sizeof *table);
    for (int i = 0; i < 3; i++) {
        table->form[4][i] = re[i];
        table->form[5][i] = im[i];
    }
}

static enum bl23_status modulus_range(struct bl23_loop_table const *table, int kind,
                                      struct bl23_bound_extreme *lo, struct bl23_bound_extreme *hi)
{
    struct bl23_bound_problem p;
    bl23_bound_of_loops(table, &p);
    return bl23_bound_modulus_range(&p, kind, lo, hi);
}

static void test_modulus_of_a_triangle(void **state)
{
    (void)state;
    /* The side from (-1, d) to (2, d) passes zero at the distance |d|; the far corner is (0, 3). */
    double const shifts[] = {-0.5, -1e-3, -1e-5, 1e-5, 1e-3, 0.5};
    for (size_t k = 0; k < sizeof shifts / sizeof shifts[0]; k++) {
        struct bl23_loop_table table;
        struct bl23_bound_extreme lo, hi;
        double const d = shifts[k];
        plant_triangle((double const[3]){-1.0, 2.0, 0.0}, (double const[3]){d, d, 3.0}, &table);
        check_ok(modulus_range(&table, BL23_BOUND_SB, &lo, &hi), NULL, "shift %g", d);
        if (d < 0.0) {
            check_exact(lo.proven, 0.0, "zero inside by %g", -d);
            check_that(lo.reached < 1e-5, "zero inside by %g: reached %g", -d, lo.reached);
        } else {
            check_relative(lo.proven, d, CONVEX, "zero outside by %g: proven", d);
            check_relative(lo.reached, d, CONVEX, "zero outside by %g: reached", d);
        }
        check_relative(hi.proven, 3.0, CONVEX, "shift %g: largest proven", d);
        check_relative(hi.reached, 3.0, CONVEX, "shift %g: largest reached", d);
    }
}

/* w*_1 w_2 alone: the numerical range of a nilpotent 2 x 2 block is the disc of radius 1/2. */
static void test_modulus_of_a_disc(void **state)
{
    (void)state;
    struct bl23_loop_table table;
    struct bl23_bound_extreme lo, hi;
    memset(&table, 0, sizeof table);
    table.form[2][3] = table.form[3][4] = 1.0;
    check_ok(modulus_range(&table, BL23_BOUND_DB, &lo, &hi), NULL, "disc");
    check_exact(lo.proven, 0.0, "smallest");
    check_relative(hi.proven, 0.5, 2e-4, "largest proven, by polygons of up to 512 sides");
    check_that(hi.proven >= 0.5, "largest proven %.17g", hi.proven);
    check_relative(hi.reached, 0.5, 1e-14, "largest reached");
    for (int i = 0; i < 3; i++) /* shifted: the disc around 1 touches 1/2 and 3/2 */
        table.form[2][i] = 1.0;
    check_ok(modulus_range(&table, BL23_BOUND_DB, &lo, &hi), NULL, "shifted disc");
    check_relative(lo.proven, 0.5, CONVEX, "shifted: smallest proven");
    check_relative(lo.reached, 0.5, CONVEX, "shifted: smallest reached");
    check_relative(hi.proven, 1.5, CONVEX, "shifted: largest proven");
    check_relative(hi.reached, 1.5, CONVEX, "shifted: largest reached");
}

/* g >= G and |g H|^2 <= L with |H| >= d: both loosen as v^(1/2), so v = G d / sqrt(L). */
static void test_tension_of_two_limits(void **state)
{
    (void)state;
    random_state = 3;
    for (int k = 0; k < 50; k++) {
        struct planted p = empty_problem();
        double const d = random_between(0.1, 3.0), g = pow(10.0, random_between(-6.0, 0.0));
        double const limit = pow(10.0, random_between(-12.0, 2.0));
        for (int i = 0; i < 3; i++) {
            p.table.form[5][i] = d;
            p.table.form[4][i] = i == 0 ? -1.0 : random_between(0.0, 2.0);
        }
        p.k2[3].hi = limit;
        p.g_lo[0] = 0.0;
        p.g_hi[0] = 10.0;
        p.g_lo[1] = g;
        check_answer(&p, g * d / sqrt(limit), CONVEX, "g from below, K from above");
        p.g_lo[1] = 0.0;
        p.g_lo[2] = g; /* loosens as v: (G/v) d = sqrt(L v) */
        check_answer(&p, pow(g * d / sqrt(limit), 2.0 / 3.0), CONVEX, "g itself from below");
    }
}

/* Im H_ds = diag(-1, 2, 1/2) at g = 1: the square reaches 4, on the positive side. */
static void test_lower_edge_takes_the_better_sign(void **state)
{
    (void)state;
    struct planted p = empty_problem();
    p.table.form[1][0] = -1.0;
    p.table.form[1][1] = 2.0;
    p.table.form[1][2] = 0.5;
    p.k2[0].lo = 12.0;
    check_answer(&p, 3.0, CONVEX, "positive");
    p.table.form[1][0] = -3.0;
    check_answer(&p, 12.0 / 9.0, CONVEX, "negative");
}

/* |w*_1 w_2| <= 1/2: a lower edge on it needs every direction to be excluded. */
static void test_lower_edge_of_a_modulus(void **state)
{
    (void)state;
    struct planted p = empty_problem();
    p.table.form[4][3] = p.table.form[5][4] = 1.0;
    p.k2[3].lo = 0.5;
    check_answer(&p, 2.0, 1e-3, "the disc of radius 1/2");
}

/* H_ds = |w1|^2 - 1/3 + i (|w2|^2 - 1/3), H_db = w*_1 w_2 + i w*_2 w_3, H_sb = w*_1 w_3 - (1 +
 * i)/9: a sigma near 1/3 makes them small, no w does. The truth comes from random steps over moduli
 * and phases that shrink around the best point, from several starts; it is good to 1e-4. */
static double worst_square(double const x[4])
{
    double const a = x[0], b = x[1], c = 1.0 - a - b;
    if (a < 0.0 || b < 0.0 || c < 0.0)
        return infinite;
    double const ab = sqrt(a * b), bc = sqrt(b * c), ac = sqrt(a * c), p = x[2], q = x[3];
    double const db_re = ab * cos(p) - bc * sin(q - p), db_im = ab * sin(p) + bc * cos(q - p);
    double const sb_re = ac * cos(q) - 1.0 / 9.0, sb_im = ac * sin(q) - 1.0 / 9.0;
    return fmax(pow(a - 1.0 / 3.0, 2.0) + pow(b - 1.0 / 3.0, 2.0),
                fmax(db_re * db_re + db_im * db_im, sb_re * sb_re + sb_im * sb_im));
}

static double least_worst_square(void)
{
    double least = infinite;
    for (int start = 0; start < 20; start++) {
        double at[4] = {random_between(0.0, 1.0), random_between(0.0, 1.0),
                        6.3 * random_between(0.0, 1.0), 6.3 * random_between(0.0, 1.0)};
        double best = worst_square(at);
        for (double step = 0.3; step > 1e-9; step *= 0.95)
            for (int k = 0; k < 500; k++) {
                double x[4];
                for (int i = 0; i < 4; i++)
                    x[i] = at[i] + step * random_between(-1.0, 1.0);
                if (worst_square(x) < best) {
                    best = worst_square(x);
                    memcpy(at, x, sizeof x);
                }
            }
        least = fmin(least, best);
    }
    return least;
}

/* 3/T <= |K|^2 <= 1 T at g = 1 with |H| = 2: the two edges meet at sqrt(3), and |H|^2 = 4 needs
 * T >= 4; with |H|^2 = sqrt(3) the floor itself is reached. */
static void test_two_edges_of_a_kind(void **state)
{
    (void)state;
    struct planted p = empty_problem();
    p.k2[2].lo = 3.0;
    p.k2[2].hi = 1.0;
    for (int i = 0; i < 3; i++)
        p.table.form[2][i] = 2.0;
    check_answer(&p, 4.0, CONVEX, "above the floor");
    for (int i = 0; i < 3; i++)
        p.table.form[2][i] = pow(3.0, 0.25);
    check_answer(&p, sqrt(3.0), CONVEX, "on the floor");
}

static void test_where_the_range_is_not_convex(void **state)
{
    (void)state;
    struct planted p = empty_problem();
    random_state = 4;
    for (int i = 0; i < 3; i++) {
        p.table.form[0][i] = (i == 0) - 1.0 / 3.0;
        p.table.form[1][i] = (i == 1) - 1.0 / 3.0;
    }
    p.table.form[2][3] = p.table.form[3][4] = 1.0; /* w*_1 w_2 */
    p.table.form[2][8] = -1.0;                     /* i w*_2 w_3 */
    p.table.form[3][7] = 1.0;
    p.table.form[4][5] = p.table.form[5][6] = 1.0;
    for (int i = 0; i < 3; i++)
        p.table.form[4][i] = p.table.form[5][i] = -1.0 / 9.0;
    p.k2[1].hi = p.k2[2].hi = p.k2[3].hi = 1.0;
    struct bl23_bound_answer a = search(&p);
    double const truth = least_worst_square();
    check_that(a.upper <= a.lower * (1.0 + goal.tolerance), "%.9g .. %.9g", a.lower, a.upper);
    check_that(a.lower <= truth && a.upper <= truth * (1.0 + 1e-3) &&
                   a.upper >= truth * (1.0 - 1e-4),
               "%.12g .. %.12g, truth %.12g", a.lower, a.upper, truth);
    check_that(a.n_leaves > 1, "one certificate cannot do it");
    struct bl23_bound_problem const problem = problem_of(&p);
    check_that(!bl23_bound_verify(&problem, a.leaf, a.n_leaves - 1, a.lower), "a part is missing");
    memcpy(a.leaf[0].path, "0", 2);
    check_that(!bl23_bound_verify(&problem, a.leaf, a.n_leaves, a.lower),
               "a step that does not exist");
    bl23_bound_answer_free(&a);
}

static void test_nothing_meets_the_limits(void **state)
{
    (void)state;
    struct planted p = empty_problem();
    p.g_lo[0] = 2.0;
    struct bl23_bound_answer a = search(&p);
    check_that(a.lower >= BL23_BOUND_NEVER && isinf(a.upper), "g in an empty range: %g .. %g",
               a.lower, a.upper);
    bl23_bound_answer_free(&a);
    p = empty_problem(); /* Im H_ds = 1 is above its fixed limit, whatever |H_sb| may be */
    for (int i = 0; i < 3; i++)
        p.table.form[1][i] = p.table.form[4][i] = 1.0;
    p.k2[0] = (struct bl23_bound_limit){0.0, 0.25, 0};
    p.k2[3].hi = 1.0;
    a = search(&p);
    check_that(a.lower >= BL23_BOUND_NEVER, "a fixed limit that is broken: %g", a.lower);
    bl23_bound_answer_free(&a);
    p.k2[0].hi = 1.0 + 1e-6;
    check_answer(&p, 1.0, CONVEX, "a fixed limit just met");
}

/* All kinds of limits at once, with sizes over many decades. */
static struct bl23_bound_problem random_problem(void)
{
    struct planted p = empty_problem();
    for (int r = 0; r < BL23_LOOP_FORMS; r++)
        for (int k = 0; k < BL23_MONOMIALS; k++)
            p.table.form[r][k] = random_between(-1.0, 1.0);
    for (int k = 0; k < KINDS; k++) {
        if (random_between(0.0, 1.0) < 0.7)
            p.k2[k].hi = pow(10.0, random_between(-3.0, 1.0));
        if (random_between(0.0, 1.0) < (k == 0 ? 0.5 : 0.1))
            p.k2[k].lo = pow(10.0, random_between(-3.0, 0.0));
    }
    p.g_lo[0] = 0.0;
    p.g_hi[0] = 10.0;
    p.g_lo[1] = pow(10.0, random_between(-2.0, 1.0));
    p.g_hi[2] = pow(10.0, random_between(-2.0, 2.0));
    return problem_of(&p);
}

static void test_random_problems_are_bracketed(void **state)
{
    (void)state;
    for (int k = 0; k < 12; k++) {
        random_state = 1000 + (uint64_t)k;
        struct bl23_bound_problem const p = random_problem();
        struct bl23_bound_answer a = search_problem(&p);
        check_that(a.upper <= a.lower * 1.01 || a.upper <= goal.enough, "problem %d: %.9g .. %.9g",
                   k, a.lower, a.upper);
        double nearest = infinite, g;
        for (int s = 0; s < 20000; s++) {
            struct bl23_bound_w const w = random_w();
            double m[BL23_MONOMIALS];
            bl23_bound_monomials(&w, m);
            nearest = fmin(nearest, bl23_bound_value(&p, m, &g));
        }
        check_that(nearest >= a.lower, "problem %d: a random row has %.12g, proven %.12g", k,
                   nearest, a.lower);
        bl23_bound_answer_free(&a);
    }
}

/* Multipliers that are not those of the proof may only fail, never claim too much. */
static void test_altered_multipliers_stay_sound(void **state)
{
    (void)state;
    int refused = 0;
    for (int k = 0; k < 12; k++) {
        random_state = 1000 + (uint64_t)k;
        struct bl23_bound_problem const p = random_problem();
        struct bl23_bound_answer a = search_problem(&p);
        for (size_t l = 0; l < a.n_leaves; l++) {
            struct bl23_bound_leaf leaf = a.leaf[l];
            check_that(!bl23_bound_verify(&p, a.leaf, a.n_leaves, a.upper * (1.0 + 1e-12)),
                       "problem %d: more than the witness allows is proven", k);
            for (int t = 0; t < 40; t++) {
                struct bl23_bound_leaf altered = leaf;
                double *list[BL23_BOUND_MULTIPLIERS_MAX];
                int n_upper;
                int const count =
                    bl23_bound_multiplier_list(&p, &altered.multipliers, list, &n_upper);
                double *const m = list[(int)(random_between(0.0, 1.0) * count)];
                *m = random_between(0.0, 1.0) < 0.5 ? *m * random_between(0.0, 2.0)
                                                    : random_between(-1.0, 1.0);
                a.leaf[l] = altered;
                refused += !bl23_bound_verify(&p, a.leaf, a.n_leaves, a.lower);
                check_that(!bl23_bound_verify(&p, a.leaf, a.n_leaves, a.upper * (1.0 + 1e-12)),
                           "problem %d: altered multipliers prove too much", k);
            }
            a.leaf[l] = leaf;
            if (l > 3)
                break;
        }
        bl23_bound_answer_free(&a);
    }
    check_that(refused > 200, "%d of the altered certificates were refused", refused);
}

/* A limit and the same limit moved by the error of the forms: the proof must give way by it. */
static void test_errors_of_the_forms_enter(void **state)
{
    (void)state;
    struct planted p = empty_problem();
    for (int i = 0; i < 3; i++)
        p.table.form[4][i] = 1.0;
    p.k2[3].hi = 1.0;
    p.table.form_error[4] = 1e-4;
    struct bl23_bound_answer a = search(&p);
    check_that(a.lower < pow(1.0 - 1e-4, 2.0) && a.lower > pow(1.0 - 3e-4, 2.0),
               "proven %.9g with an error of 1e-4", a.lower);
    bl23_bound_answer_free(&a);
}

/* |H_sb| >= 0.3, the rest of it random: at g = 1 the least v is 0.09/hi, however small hi is, and
 * beside a limit on H_db = |w1|^2 - |w2|^2 + 0.7 |w3|^2 that few rows come near. */
static void test_limits_of_any_size(void **state)
{
    (void)state;
    struct planted p = empty_problem();
    random_state = 5;
    for (int i = 0; i < 3; i++) {
        p.table.form[5][i] = 0.3;
        p.table.form[4][i] = i == 0 ? -1.0 : random_between(0.0, 2.0);
    }
    for (int decade = -200; decade <= 200; decade += 25) {
        p.k2[3].hi = pow(10.0, decade);
        check_answer(&p, 0.09 / p.k2[3].hi, CONVEX, "a limit of any size");
    }
    p.table.form[2][0] = 1.0;
    p.table.form[2][1] = -1.0;
    p.table.form[2][2] = 0.7;
    memset(p.table.form[4], 0, sizeof p.table.form[4]);
    for (int decade = -200; decade <= 200; decade += 25) {
        p.k2[3].hi = pow(10.0, decade);
        p.k2[2].hi = 1e-14 * p.k2[3].hi;
        check_answer(&p, 0.09 / p.k2[3].hi, CONVEX, "beside one of another size");
    }
}

/* Nothing bounds g from below: any row is a witness, at the largest g that its limit leaves. */
static void test_no_g_is_asked_for(void **state)
{
    (void)state;
    struct planted p = empty_problem();
    for (int i = 0; i < 3; i++)
        p.table.form[4][i] = 3.0;
    p.g_lo[0] = 0.0;
    p.g_hi[0] = 10.0;
    for (int decade = -200; decade <= 0; decade += 25) {
        p.k2[3].hi = pow(10.0, decade);
        struct bl23_bound_answer a = search(&p);
        check_exact(a.lower, 0.0, "decade %d: lower", decade);
        check_exact(a.upper, 0.0, "decade %d: upper", decade);
        check_relative(a.g, sqrt(p.k2[3].hi) / 3.0, 1e-14, "decade %d: g", decade);
        bl23_bound_answer_free(&a);
    }
}

/* One mass with random rows of H and of F_V and F_A of u and c, and no limits; g is solved for. */
static struct bl23_model *planted_model(struct bl23_loop_table *table)
{
    struct bl23_model *const model = calloc(1, bl23_model_bytes(1));
    check_that(model != NULL, "out of memory");
    memset(table, 0, sizeof *table);
    model->n_knots = 1;
    model->g_mode = BL23_G_SOLVE;
    struct bl23_knot *const knot = &model->knot[0];
    for (int q = 0; q < BL23_QUANTITIES; q++)
        for (int level = 0; level < BL23_LEVELS; level++)
            knot->allowed[level][q].hi = infinite;
    for (int r = 0; r < BL23_FORMS; r++)
        for (int k = 0; k < BL23_MONOMIALS; k++)
            knot->form[r][k] = random_between(-1.0, 1.0);
    memcpy(table->form, knot->form, sizeof table->form);
    return model;
}

/* The rows of a weighted sum are those of the amplitudes times the root of the weight: the error
 * covers its rounding and that of the amplitudes to doubles. A weight of 0 has no rows. */
static void test_weighted_rows(void **state)
{
    (void)state;
    random_state = 6;
    for (int n = 0; n < 200; n++) {
        struct bl23_loop_table table;
        struct bl23_bound_problem p;
        struct bl23_model *const model = planted_model(&table);
        struct bl23_knot *const knot = &model->knot[0];
        double const weight[2] = {n % 4 == 0 ? 0.0 : pow(10.0, random_between(-20.0, 20.0)),
                                  n % 4 == 1 ? 0.0 : pow(10.0, random_between(-20.0, 20.0))};
        memcpy(&knot->weight[BL23_WEIGHT_LC_P], weight, sizeof weight);
        knot->allowed[0][BL23_QUANTITY_LC_P].hi = 1.0;
        check_that(bl23_bound_of_knot(model, &table, 0, &p), "problem %d", n);
        struct bl23_bound_kind const *const kind =
            &p.kind[bl23_bound_kind_of(&p, BL23_QUANTITY_LC_P)];
        int row = 0;
        for (int r = 0; r < 4; r++) {
            long double const root = sqrtl(weight[r / 2]);
            for (int k = 0; k < BL23_MONOMIALS && root > 0.0L; k++) {
                double const form = knot->form[BL23_FORM_UC + r][k];
                long double const off = fabsl(kind->form[row][k] - root * form);
                check_that(off + root * fabs(form) * 0x1p-53L * (1.0L + 0x1p-53L) <=
                               kind->error[row],
                           "case %d, row %d: off by %Lg, error %g", n, r, off, kind->error[row]);
            }
            row += root > 0.0L;
        }
        check_that(kind->rows == row, "case %d: %d rows", n, kind->rows);
        free(model);
    }
}

/* m = F_V^2 makes |m| the quantity |F_V|^2, and a limit on it one that the proof can use: what is
 * reached without it must be what is proven with it. */
static void test_mixing_is_met(void **state)
{
    (void)state;
    for (int n = 0; n < 4; n++) {
        struct bl23_loop_table table;
        struct bl23_bound_problem outside, inside;
        struct bl23_bound_answer reached, proven;
        random_state = 2000 + (uint64_t)n;
        struct bl23_model *const model = planted_model(&table);
        struct bl23_knot *const knot = &model->knot[0];
        struct bl23_interval(*const allowed)[BL23_QUANTITIES] = knot->allowed;
        allowed[0][BL23_QUANTITY_IM_DS2].lo = 1.0;
        allowed[0][BL23_QUANTITY_ABS_DB2].hi = 0.1;
        knot->weight[BL23_WEIGHT_MIXING] = 1.0;
        allowed[0][BL23_QUANTITY_X12].hi = 0.1;
        check_that(bl23_bound_of_knot(model, &table, 0, &outside), "problem %d", n);
        allowed[0][BL23_QUANTITY_X12].hi = infinite;
        allowed[0][BL23_QUANTITY_ABS_FV2].hi = 0.1;
        check_that(bl23_bound_of_knot(model, &table, 0, &inside), "problem %d", n);
        reached = search_problem(&outside);
        proven = search_problem(&inside);
        check_that(outside.outsides == 1 && inside.outsides == 0, "problem %d: what is left out",
                   n);
        check_that(reached.lower <= proven.lower * (1.0 + CONVEX), "problem %d: %g proven, %g", n,
                   reached.lower, proven.lower);
        check_that(reached.upper >= proven.lower && reached.upper <= proven.upper * (1.0 + 1e-3),
                   "problem %d: reached %.9g, possible %.9g .. %.9g", n, reached.upper,
                   proven.lower, proven.upper);
        bl23_bound_answer_free(&reached);
        bl23_bound_answer_free(&proven);
        free(model);
    }
}

int main(void)
{
    struct CMUnitTest const tests[] = {
        cmocka_unit_test(test_intervals),
        cmocka_unit_test(test_range_of_forms),
        cmocka_unit_test(test_modulus_of_a_triangle),
        cmocka_unit_test(test_modulus_of_a_disc),
        cmocka_unit_test(test_tension_of_two_limits),
        cmocka_unit_test(test_lower_edge_takes_the_better_sign),
        cmocka_unit_test(test_lower_edge_of_a_modulus),
        cmocka_unit_test(test_two_edges_of_a_kind),
        cmocka_unit_test(test_where_the_range_is_not_convex),
        cmocka_unit_test(test_nothing_meets_the_limits),
        cmocka_unit_test(test_random_problems_are_bracketed),
        cmocka_unit_test(test_altered_multipliers_stay_sound),
        cmocka_unit_test(test_errors_of_the_forms_enter),
        cmocka_unit_test(test_limits_of_any_size),
        cmocka_unit_test(test_no_g_is_asked_for),
        cmocka_unit_test(test_weighted_rows),
        cmocka_unit_test(test_mixing_is_met),
    };
    return cmocka_run_group_tests_name("bound", tests, NULL, NULL);
}
