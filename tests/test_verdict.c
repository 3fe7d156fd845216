/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* The verdict on hand-made knots, and against brute force over all constraints (PHYSICS 6). */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "kernels/sample/verdict.h"
#include "tests/check.h"

static double const infinite = (double)INFINITY;
static struct bl23_interval const anything = {0.0, (double)INFINITY};

/* A knot without limits at both levels. */
static struct bl23_knot free_knot(void)
{
    struct bl23_knot knot;
    memset(&knot, 0, sizeof knot);
    for (int level = 0; level < BL23_LEVELS; level++) {
        for (int q = 0; q < BL23_QUANTITIES; q++)
            knot.allowed[level][q] = anything;
        for (int c = 0; c < BL23_CONSTRAINTS_MAX; c++)
            knot.limit[level][c] = anything;
    }
    return knot;
}

static void set_both(struct bl23_knot *knot, int q, double lo, double hi)
{
    knot->allowed[0][q] = knot->allowed[1][q] = (struct bl23_interval){lo, hi};
}

static void check_verdict(struct bl23_verdict v, int survives, int level, double tension,
                          char const *what)
{
    check_that(v.survives == survives && v.level == level,
               "%s: survives %d level %d, expected %d and %d (g^2 %g .. %g, tension %g)", what,
               v.survives, v.level, survives, level, v.g2_lo, v.g2_hi, v.tension);
    check_relative(v.tension, tension, 1e-15, "%s: tension", what);
}

/* Quantities s: 1, Im^2, |ds|^2, |db|^2, |sb|^2. */
static double const s_plain[BL23_QUANTITIES] = {1.0, 0.25, 4.0, 16.0, 0.0625, 1.0};

static void test_given(void **state)
{
    (void)state;
    struct bl23_knot knot = free_knot();
    check_verdict(bl23_judge(&knot, 1, 0, s_plain, 2.0), 1, 1, 0.0, "no limit");
    set_both(&knot, BL23_QUANTITY_ABS_DS2, 0.0, 16.0); /* g^2 s = 16 at g = 2 */
    check_verdict(bl23_judge(&knot, 1, 0, s_plain, 2.0), 1, 1, 1.0, "on the upper edge");
    check_verdict(bl23_judge(&knot, 1, 0, s_plain, nextafter(2.0, 3.0)), 0, 2, 1.0, "above it");
    check_verdict(bl23_judge(&knot, 1, 0, s_plain, 1.0), 1, 1, 0.25, "below it");
    set_both(&knot, BL23_QUANTITY_ABS_DS2, 16.0, infinite);
    check_verdict(bl23_judge(&knot, 1, 0, s_plain, 2.0), 1, 1, 1.0, "on the lower edge");
    check_verdict(bl23_judge(&knot, 1, 0, s_plain, nextafter(2.0, 1.0)), 0, 2, 1.0, "below it");
    check_verdict(bl23_judge(&knot, 1, 0, s_plain, 4.0), 1, 1, 0.25, "above it");
    set_both(&knot, BL23_QUANTITY_ABS_DS2, 16.0, 16.0);
    check_verdict(bl23_judge(&knot, 1, 0, s_plain, 2.0), 1, 1, 1.0, "an interval of one point");
    set_both(&knot, BL23_QUANTITY_ABS_DS2, infinite, infinite);
    check_verdict(bl23_judge(&knot, 1, 0, s_plain, 2.0), 0, 2, infinite, "a closed mode asked for");
    set_both(&knot, BL23_QUANTITY_ABS_DS2, 0.0, -1.0);
    check_verdict(bl23_judge(&knot, 1, 0, s_plain, 2.0), 0, 2, infinite, "a negative upper edge");
    struct bl23_verdict const v = bl23_judge(&knot, 1, 0, s_plain, 3.0);
    check_exact(v.g2_lo, 9.0, "g^2 is given");
    check_exact(v.g2_hi, 9.0, "g^2 is given");
}

static void test_solve(void **state)
{
    (void)state;
    struct bl23_knot knot = free_knot();
    set_both(&knot, BL23_QUANTITY_G2, 0.0, 4.0);
    struct bl23_verdict v = bl23_judge(&knot, 1, 1, s_plain, 0.0);
    check_verdict(v, 1, 1, 0.0, "an upper edge only");
    check_exact(v.g2_hi, 4.0, "upper edge of g^2");
    check_exact(bl23_reference_g2(v), 4.0, "g^2 of the observables without a lower edge");
    set_both(&knot, BL23_QUANTITY_IM_DS2, 0.25, 9.0); /* g^2 in 1 .. 36 */
    v = bl23_judge(&knot, 1, 1, s_plain, 0.0);
    check_verdict(v, 1, 1, 0.5, "1 <= g^2 <= 4");
    check_exact(v.g2_lo, 1.0, "lower edge of g^2");
    check_exact(bl23_reference_g2(v), 2.0, "g^2 of the observables");
    set_both(&knot, BL23_QUANTITY_ABS_DB2, 0.0, 16.0); /* g^2 <= 1 */
    v = bl23_judge(&knot, 1, 1, s_plain, 0.0);
    check_verdict(v, 1, 1, 1.0, "edges that touch");
    check_exact(bl23_reference_g2(v), 1.0, "g^2 where edges touch");
    set_both(&knot, BL23_QUANTITY_ABS_DB2, 0.0, 4.0); /* g^2 <= 1/4 */
    check_verdict(bl23_judge(&knot, 1, 1, s_plain, 0.0), 0, 2, 2.0, "a factor 2 in g apart");
    set_both(&knot, BL23_QUANTITY_ABS_SB2, infinite, infinite);
    check_verdict(bl23_judge(&knot, 1, 1, s_plain, 0.0), 0, 2, infinite, "a closed mode asked for");
}

/* g ends at 10, as by one more upper limit at both levels. */
static void test_domain(void **state)
{
    (void)state;
    struct bl23_knot knot = free_knot();
    struct bl23_verdict v = bl23_judge(&knot, 1, 1, s_plain, 0.0);
    check_verdict(v, 1, 1, 0.0, "no limit");
    check_exact(bl23_reference_g2(v), 100.0, "the end of the domain");
    set_both(&knot, BL23_QUANTITY_G, 10.0, 20.0);
    check_verdict(bl23_judge(&knot, 1, 1, s_plain, 0.0), 1, 1, 1.0, "asked for: the end itself");
    set_both(&knot, BL23_QUANTITY_G, nextafter(10.0, 20.0), 20.0);
    check_verdict(bl23_judge(&knot, 1, 1, s_plain, 0.0), 0, 2, 1.0, "asked for: a little more");
    set_both(&knot, BL23_QUANTITY_G, 16.0, 24.0);
    check_verdict(bl23_judge(&knot, 1, 1, s_plain, 0.0), 0, 2, 1.6, "asked for: 16");
    set_both(&knot, BL23_QUANTITY_G, 0.0, infinite);
    set_both(&knot, BL23_QUANTITY_ABS_DS2, 1600.0, 3600.0); /* g^2 in 400 .. 900 */
    check_verdict(bl23_judge(&knot, 1, 1, s_plain, 0.0), 0, 2, 2.0, "asked for by a rate");
    set_both(&knot, BL23_QUANTITY_G2, 0.0, 64.0);
    check_verdict(bl23_judge(&knot, 1, 1, s_plain, 0.0), 0, 2, 2.5, "a limit below the end");
    knot = free_knot();
    knot.allowed[0][BL23_QUANTITY_G] = (struct bl23_interval){11.0, 12.0};
    knot.allowed[1][BL23_QUANTITY_G] = (struct bl23_interval){9.0, 14.0};
    check_verdict(bl23_judge(&knot, 1, 1, s_plain, 0.0), 1, 2, 0.9, "1 sigma beyond the end");
}

/* 1-sigma and 2-sigma bands apart. */
static void test_level(void **state)
{
    (void)state;
    struct bl23_knot knot = free_knot();
    knot.allowed[0][BL23_QUANTITY_G2] = (struct bl23_interval){2.0, 3.0};
    knot.allowed[1][BL23_QUANTITY_G2] = (struct bl23_interval){1.0, 4.0};
    static double const g[] = {1.0, 1.5, 2.0}; /* g^2 = 1, 2.25, 4 */
    static int const level[] = {2, 1, 2};
    for (int k = 0; k < 3; k++) {
        struct bl23_verdict const two = bl23_judge(&knot, 1, 0, s_plain, g[k]);
        struct bl23_verdict const one = bl23_judge(&knot, 0, 0, s_plain, g[k]);
        check_that(two.survives && two.level == level[k], "g = %g at 2 sigma: survives %d level %d",
                   g[k], two.survives, two.level);
        check_that(one.survives == (level[k] == 1), "g = %g at 1 sigma: survives %d", g[k],
                   one.survives);
    }
    check_verdict(bl23_judge(&knot, 1, 1, s_plain, 0.0), 1, 1, 0.5, "solve, both levels");
    set_both(&knot, BL23_QUANTITY_IM_DS2, 0.0, 0.375); /* g^2 <= 1.5: the 1-sigma band is missed */
    check_verdict(bl23_judge(&knot, 1, 1, s_plain, 0.0), 1, 2, sqrt(1.0 / 1.5), "solve, level 2");
    check_verdict(bl23_judge(&knot, 0, 1, s_plain, 0.0), 0, 2, sqrt(2.0 / 1.5), "solve at 1 sigma");
}

/* A quantity that vanishes meets every upper limit and no lower one, whatever g is. */
static void test_zero(void **state)
{
    (void)state;
    static double const zero[BL23_QUANTITIES] = {1.0, 0.0, 0.0, 0.0, 0.0, 1.0};
    for (int other = 0; other < 2; other++) { /* with and without another limit on g */
        struct bl23_knot knot = free_knot();
        if (other)
            set_both(&knot, BL23_QUANTITY_G2, 0.0, 1.0);
        set_both(&knot, BL23_QUANTITY_ABS_DS2, 0.0, 1e-9);
        check_verdict(bl23_judge(&knot, 1, 0, zero, 0.5), 1, 1, other ? 0.25 : 0.0, "upper limit");
        check_verdict(bl23_judge(&knot, 1, 1, zero, 0.0), 1, 1, 0.0, "upper limit, solve");
        set_both(&knot, BL23_QUANTITY_ABS_DS2, 1e-10, 1e-9);
        check_verdict(bl23_judge(&knot, 1, 0, zero, 0.5), 0, 2, infinite, "band");
        check_verdict(bl23_judge(&knot, 1, 1, zero, 0.0), 0, 2, infinite,
                      other ? "band and another limit, solve" : "band alone, solve");
    }
}

static uint64_t random_state = 20080997;

static double uniform(void)
{
    random_state = random_state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (double)(random_state >> 11) * 0x1p-53;
}

static double log_uniform(double decades)
{
    return pow(10.0, decades * (uniform() - 0.5));
}

/* A list of constraints with its intersections. */
struct list {
    int n, quantity[BL23_CONSTRAINTS_MAX];
    struct bl23_knot knot;
};

static void random_list(struct list *list)
{
    list->knot = free_knot();
    list->n = 1 + (int)(uniform() * 12);
    for (int c = 0; c < list->n; c++) {
        int const q = list->quantity[c] = (int)(uniform() * BL23_QUANTITIES);
        double const middle = log_uniform(2), kind = uniform();
        for (int level = 0; level < BL23_LEVELS; level++) {
            double const width = level ? 10.0 : 3.0;
            struct bl23_interval const limit = {kind < 0.4 ? 0.0 : middle / width,
                                                kind > 0.8 ? infinite : middle * width};
            struct bl23_interval *const all = &list->knot.allowed[level][q];
            list->knot.limit[level][c] = limit;
            all->lo = fmax(all->lo, limit.lo);
            all->hi = fmin(all->hi, limit.hi);
        }
    }
}

static void brute_given(struct list const *list, int level, double const *s, double g,
                        struct bl23_verdict *v)
{
    v->tension = 0.0;
    v->survives = 1;
    for (int c = 0; c < list->n; c++) {
        struct bl23_interval const limit = list->knot.limit[level][c];
        double const x = list->quantity[c] == BL23_QUANTITY_G ? g : (g * g) * s[list->quantity[c]];
        v->tension = fmax(v->tension, fmax(x / limit.hi, limit.lo / x));
        v->survives = v->survives && limit.lo <= x && x <= limit.hi;
    }
}

static void brute_solve(struct list const *list, int level, double const *s, struct bl23_verdict *v)
{
    v->g2_lo = 0.0;
    v->g2_hi = 100.0; /* the domain of g ends at 10 */
    for (int c = 0; c < list->n; c++) {
        struct bl23_interval const limit = list->knot.limit[level][c];
        bool const on_g = list->quantity[c] == BL23_QUANTITY_G;
        double const q = s[list->quantity[c]];
        v->g2_lo = fmax(v->g2_lo, on_g ? limit.lo * limit.lo : limit.lo / q);
        v->g2_hi = fmin(v->g2_hi, on_g ? limit.hi * limit.hi : limit.hi / q);
    }
    v->tension = sqrt(v->g2_lo / v->g2_hi);
    v->survives = v->g2_lo <= v->g2_hi;
}

static void test_brute_force(void **state)
{
    (void)state;
    int survivors = 0, level_1 = 0;
    enum { LISTS = 200000 };
    for (int k = 0; k < LISTS; k++) {
        struct list list;
        struct bl23_verdict want, want_1;
        double s[BL23_QUANTITIES] = {1.0};
        random_list(&list);
        for (int q = 1; q < BL23_QUANTITIES; q++)
            s[q] = log_uniform(2);
        double const g = log_uniform(1);
        int const level = k % 2;
        unsigned const limited = k % 3 ? BL23_ALL_QUANTITIES : bl23_limited_of(&list.knot);
        struct bl23_verdict v = bl23_judge_limited(&list.knot, level, 0, limited, s, g);
        brute_given(&list, level, s, g, &want);
        brute_given(&list, 0, s, g, &want_1);
        check_that(v.survives == want.survives && v.level == (want_1.survives ? 1 : 2),
                   "list %d, g = %.17g: survives %d, level %d", k, g, v.survives, v.level);
        check_exact(v.tension, want.tension, "list %d, g = %.17g: tension", k, g);
        survivors += v.survives;
        v = bl23_judge_limited(&list.knot, level, 1, limited, s, 0.0);
        brute_solve(&list, level, s, &want);
        brute_solve(&list, 0, s, &want_1);
        check_that(v.survives == want.survives && v.level == (want_1.survives ? 1 : 2),
                   "list %d, solve: survives %d, level %d", k, v.survives, v.level);
        check_exact(v.g2_lo, want.g2_lo, "list %d: lower edge", k);
        check_exact(v.g2_hi, want.g2_hi, "list %d: upper edge", k);
        check_exact(v.tension, want.tension, "list %d, solve: tension", k);
        check_that(!v.survives == (v.tension > 1.0) || fabs(v.tension - 1.0) < 1e-15,
                   "list %d: tension %.17g of a sample that survives %d", k, v.tension, v.survives);
        survivors += v.survives;
        level_1 += v.level == 1;
    }
    check_that(survivors > LISTS / 10 && survivors < 2 * LISTS && level_1 > LISTS / 100,
               "%d survivors and %d of level 1 make a poor test", survivors, level_1);
}

/* Amplitudes are the forms times the monomials. */
static void test_amplitudes(void **state)
{
    (void)state;
    struct bl23_knot knot = free_knot();
    double m[BL23_MONOMIALS], h[BL23_FORMS], s[BL23_QUANTITIES];
    for (int k = 0; k < BL23_MONOMIALS; k++)
        m[k] = k + 1.0;
    for (int r = 0; r < BL23_FORMS; r++)
        for (int k = 0; k < BL23_MONOMIALS; k++)
            knot.form[r][k] = (r + 1.0) * (k % 2 ? -1.0 : 1.0);
    for (int k = 0; k < BL23_WEIGHTS; k++)
        knot.weight[k] = k + 1.0;
    bl23_amplitudes(&knot, BL23_ALL_FORMS, m, h);
    for (int r = 0; r < BL23_FORMS; r++)
        check_exact(h[r], 5.0 * (r + 1), "amplitude %d", r); /* 1 - 2 + 3 - ... + 9 = 5 */
    bl23_quantities(&knot, BL23_ALL_QUANTITIES, h, s);
    double const re = 15.0 * (1225.0 - 1600.0) + 16.0 * (2025.0 - 2500.0), im = 114000.0;
    double const expected[BL23_QUANTITIES] = {
        1.0,     100.0,    125.0,    625.0,    1525.0,  2825.0,
        11875.0, 26575.0,  41275.0,  55975.0,  70675.0, sqrt(re * re + im * im),
        im,      182375.0, 370875.0, 553250.0, 19025.0, 1.0};
    for (int q = 0; q < BL23_QUANTITIES; q++)
        check_exact(s[q], expected[q], "quantity %d", q);
    for (int q = 0; q < BL23_QUANTITIES; q++) { /* what is not asked for is 0 */
        unsigned const forms = bl23_forms_of(1u << q);
        bl23_amplitudes(&knot, forms, m, h);
        bl23_quantities(&knot, 1u << q, h, s);
        for (int other = 0; other < BL23_QUANTITIES; other++)
            check_exact(s[other], other == q ? expected[q] : 0.0, "quantity %d alone, %d", q,
                        other);
        for (int r = 0; r < BL23_FORMS; r++)
            check_that((h[r] != 0.0) == (forms >> r & 1u), "amplitude %d of quantity %d", r, q);
    }
}

int main(void)
{
    struct CMUnitTest const tests[] = {
        cmocka_unit_test(test_given),     cmocka_unit_test(test_solve),
        cmocka_unit_test(test_domain),    cmocka_unit_test(test_level),
        cmocka_unit_test(test_zero),      cmocka_unit_test(test_brute_force),
        cmocka_unit_test(test_amplitudes)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
