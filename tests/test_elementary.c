/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* Sine and cosine of a word, 2^v, and the simplex, against long double. */
#include <float.h>
#include <math.h>

#include "kernels/sample/draw.h"
#include "tests/check.h"

#if LDBL_MANT_DIG >= 64
enum { HAVE_LONG_DOUBLE = 1 };
#else
enum { HAVE_LONG_DOUBLE = 0 };
#endif

/* The bounds stated in kernels/sample/elementary.h, in units in the last place. */
static double const sincos_ulp = 2.0, exp2_ulp = 4.0;
enum { WORDS = 2000003, EXPONENTS = 1000003 };

static double ulp(double x)
{
    double const a = fabs(x);
    return a < DBL_MIN ? 0x1p-1074 : nextafter(a, (double)INFINITY) - a;
}

static void skip_without_long_double(void)
{
    if (!HAVE_LONG_DOUBLE) {
        print_message("skipped: long double is no wider than double here\n");
        skip();
    }
}

/* Octants by integers, so that the reference loses nothing for large angles. */
static long double exact_sine(uint32_t x)
{
    long double const rad = 6.283185307179586476925286766559005768L / 4294967296.0L;
    uint32_t const quarter = x >> 30, rest = x & 0x3fffffffu;
    long double const near = (long double)rest * rad, far = (long double)(0x40000000u - rest) * rad;
    bool const upper = rest > 0x20000000u;
    long double const sine = upper ? cosl(far) : sinl(near),
                      cosine = upper ? sinl(far) : cosl(near);
    long double const side = (quarter & 1u) ? cosine : sine;
    return (quarter & 2u) ? -side : side;
}

static double largest_sincos;

static void check_word(uint32_t x)
{
    double sine, cosine;
    bl23_sincos_word(x, &sine, &cosine);
    long double const s = exact_sine(x), c = exact_sine(x + 0x40000000u);
    double const off_s = (double)fabsl(sine - s) / ulp((double)s);
    double const off_c = (double)fabsl(cosine - c) / ulp((double)c);
    largest_sincos = fmax(largest_sincos, fmax(off_s, off_c));
    check_that(off_s <= sincos_ulp && off_c <= sincos_ulp,
               "word %#x: sine %.17g is off by %g ulp, cosine %.17g by %g", (unsigned)x, sine,
               off_s, cosine, off_c);
}

static void test_sincos(void **state)
{
    (void)state;
    skip_without_long_double();
    for (uint32_t octant = 0; octant < 8; octant++)
        for (uint32_t k = 0; k < 4000; k++) { /* both sides of every edge, 0 and 2^32 - 1 too */
            uint32_t const edge = octant << 29;
            check_word(edge + k);
            check_word(edge - k);
            check_word(edge + 16807u * k * (k & 31u));
        }
    for (uint32_t k = 0; k < WORDS; k++)
        check_word(k * 2654435769u);
    print_message("[  INFO    ] sine and cosine: off by at most %.3f ulp\n", largest_sincos);
}

/* What must be exact. */
static void test_sincos_exact(void **state)
{
    (void)state;
    static struct {
        uint32_t x;
        double sine, cosine;
    } const at[] = {
        {0, 0.0, 1.0}, {0x40000000u, 1.0, 0.0}, {0x80000000u, 0.0, -1.0}, {0xc0000000u, -1.0, 0.0}};
    for (size_t k = 0; k < sizeof at / sizeof at[0]; k++) {
        double sine, cosine;
        bl23_sincos_word(at[k].x, &sine, &cosine);
        check_exact(sine, at[k].sine, "sine of %#x", (unsigned)at[k].x);
        check_exact(cosine, at[k].cosine, "cosine of %#x", (unsigned)at[k].x);
    }
    for (uint32_t k = 1; k < 100000; k++) { /* symmetries hold to the bit */
        uint32_t const x = k * 2654435769u;
        double s, c, s_minus, c_minus, s_turned, c_turned;
        bl23_sincos_word(x, &s, &c);
        bl23_sincos_word(0u - x, &s_minus, &c_minus);
        bl23_sincos_word(x + 0x80000000u, &s_turned, &c_turned);
        check_that(s == -s_minus && c == c_minus, "word %#x and its negative", (unsigned)x);
        check_that(s == -s_turned && c == -c_turned, "word %#x and half a turn on", (unsigned)x);
        check_relative(s * s + c * c, 1.0, 4 * DBL_EPSILON, "sin^2 + cos^2 of %#x", (unsigned)x);
    }
}

static void test_exp2(void **state)
{
    (void)state;
    skip_without_long_double();
    double largest = 0.0;
    for (int k = 0; k <= EXPONENTS; k++) {
        double const v = -60.0 + 120.0 * k / (double)EXPONENTS;
        long double const exact = exp2l((long double)v);
        double const found = bl23_exp2(v), off = (double)fabsl(found - exact) / ulp((double)exact);
        largest = fmax(largest, off);
        check_that(off <= exp2_ulp, "2^%.17g = %.17g is off by %g ulp", v, found, off);
    }
    for (int k = -60; k <= 60; k++)
        check_exact(bl23_exp2(k), ldexp(1.0, k), "2^%d", k);
    print_message("[  INFO    ] 2^v: off by at most %.3f ulp\n", largest);
}

static void check_simplex(uint32_t x0, uint32_t x1)
{
    double w2[3], swapped[3];
    bl23_draw_simplex(x0, x1, w2);
    bl23_draw_simplex(x1, x0, swapped);
    check_that(w2[0] + w2[1] + w2[2] == 1.0 && w2[2] + w2[1] + w2[0] == 1.0,
               "words %#x %#x: %.17g + %.17g + %.17g is not 1", (unsigned)x0, (unsigned)x1, w2[0],
               w2[1], w2[2]);
    for (int k = 0; k < 3; k++)
        check_that(w2[k] >= 0.0 && w2[k] <= 1.0 && w2[k] == swapped[k],
                   "words %#x %#x: |w_%d|^2 = %.17g", (unsigned)x0, (unsigned)x1, k + 1, w2[k]);
    double const low = fmin(x0, x1) * 0x1p-32, high = fmax(x0, x1) * 0x1p-32;
    check_that(w2[0] == low && w2[1] == high - low && w2[2] == 1.0 - high,
               "words %#x %#x: spacings", (unsigned)x0, (unsigned)x1);
}

static void test_simplex(void **state)
{
    (void)state;
    static uint32_t const edge[] = {0, 1, 2, 0x7fffffffu, 0x80000000u, 0xfffffffeu, 0xffffffffu};
    enum { EDGES = sizeof edge / sizeof edge[0] };
    for (size_t i = 0; i < EDGES; i++)
        for (size_t j = 0; j < EDGES; j++)
            check_simplex(edge[i], edge[j]);
    for (uint32_t k = 0; k < WORDS; k++)
        check_simplex(k * 2654435769u, k * k * 2246822519u + 1u);
}

/* g: both ends are approached and never left; the middle is the geometric mean. */
static void test_log_uniform(void **state)
{
    (void)state;
    double const low = 1e-6, high = 3e-3, ratio = log2(high / low);
    check_relative(bl23_draw_log_uniform_g(0, low, ratio), low, 1e-8, "the lowest g");
    check_relative(bl23_draw_log_uniform_g(0xffffffffu, low, ratio), high, 1e-8, "the highest g");
    check_relative(bl23_draw_log_uniform_g(0x80000000u, low, ratio), sqrt(low * high), 1e-8,
                   "middle");
    for (uint32_t k = 0; k < 100000; k++) {
        double const g = bl23_draw_log_uniform_g(k * 42949u, low, ratio);
        double const next = bl23_draw_log_uniform_g(k * 42949u + 1000u, low, ratio);
        check_that(g >= low && next <= high && g < next, "word %u: g = %.17g, then %.17g",
                   k * 42949u, g, next);
    }
}

/* w_i* w_j from the monomials: |w_i* w_j|^2 = |w_i|^2 |w_j|^2, and the phases add up. */
static void test_monomials(void **state)
{
    (void)state;
    for (uint64_t i = 0; i < 100000; i++) {
        double m[BL23_MONOMIALS];
        bl23_draw_monomials(bl23_sample_words(7, i, 0), m);
        for (int p = 0; p < 3; p++) {
            int const a = p < 2 ? 0 : 1, b = p < 1 ? 1 : 2;
            double const modulus2 = m[3 + 2 * p] * m[3 + 2 * p] + m[4 + 2 * p] * m[4 + 2 * p];
            check_absolute(modulus2, m[a] * m[b], 1e-15, "sample %d: |w_%d* w_%d|^2", (int)i, a + 1,
                           b + 1);
        }
        /* (w1* w2)(w2* w3) = |w2|^2 (w1* w3) */
        double const re = m[3] * m[7] - m[4] * m[8], im = m[3] * m[8] + m[4] * m[7];
        check_absolute(re, m[1] * m[5], 1e-15, "sample %d: real part of the product", (int)i);
        check_absolute(im, m[1] * m[6], 1e-15, "sample %d: imaginary part of the product", (int)i);
    }
}

int main(void)
{
    struct CMUnitTest const tests[] = {
        cmocka_unit_test(test_sincos),      cmocka_unit_test(test_sincos_exact),
        cmocka_unit_test(test_exp2),        cmocka_unit_test(test_simplex),
        cmocka_unit_test(test_log_uniform), cmocka_unit_test(test_monomials)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
