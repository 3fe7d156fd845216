/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "tables/base/dd.h"

#include <ctype.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

struct bl23_dd const bl23_dd_pi = {0x1.921fb54442d18p+1, 0x1.1a62633145c07p-53};
struct bl23_dd const bl23_dd_ln2 = {0x1.62e42fefa39efp-1, 0x1.abc9e3b39803fp-56};

struct bl23_dd bl23_dd_sqrt(struct bl23_dd a)
{
    if (a.hi <= 0.0)
        return bl23_dd(0.0);
    double const x = sqrt(a.hi);
    struct bl23_dd const rest = bl23_dd_sub(a, bl23_dd_two_prod(x, x));
    return bl23_dd_quick_two_sum(x, rest.hi / (2.0 * x));
}

/* sum_n sign^n x^(2n+1) / (2n+1): atanh x for sign = 1, atan x for sign = -1; |x| < 0.25. */
static struct bl23_dd odd_series(struct bl23_dd x, double sign)
{
    struct bl23_dd const x2 = bl23_dd_mul_d(bl23_dd_sqr(x), sign);
    struct bl23_dd power = x;
    struct bl23_dd sum = x;
    for (int n = 3; fabs(power.hi) > 0x1p-112 * fabs(x.hi); n += 2) {
        power = bl23_dd_mul(power, x2);
        sum = bl23_dd_add(sum, bl23_dd_div(power, bl23_dd((double)n)));
    }
    return sum;
}

BL23_FMA_COPY struct bl23_dd bl23_dd_log(struct bl23_dd a)
{
    int exponent;
    double mantissa = frexp(a.hi, &exponent); /* in [1/2, 1) */
    if (mantissa < 0.70710678118654752)       /* centre it on 1, in [0.7, 1.42) */
        exponent -= 1;
    struct bl23_dd const m = {ldexp(a.hi, -exponent), ldexp(a.lo, -exponent)};
    struct bl23_dd const one = bl23_dd(1.0);
    struct bl23_dd const x = bl23_dd_div(bl23_dd_sub(m, one), bl23_dd_add(m, one));
    struct bl23_dd const log_m = bl23_dd_mul_d(odd_series(x, 1.0), 2.0);
    return bl23_dd_add(bl23_dd_mul_d(bl23_dd_ln2, (double)exponent), log_m);
}

BL23_FMA_COPY struct bl23_dd bl23_dd_exp(struct bl23_dd a)
{
    double const k = floor(a.hi / bl23_dd_ln2.hi + 0.5);
    struct bl23_dd const r = bl23_dd_sub(a, bl23_dd_mul_d(bl23_dd_ln2, k));
    struct bl23_dd sum = bl23_dd(1.0);
    struct bl23_dd term = bl23_dd(1.0);
    for (int n = 1; fabs(term.hi) > 0x1p-112; n++) {
        term = bl23_dd_div(bl23_dd_mul(term, r), bl23_dd((double)n));
        sum = bl23_dd_add(sum, term);
    }
    return (struct bl23_dd){ldexp(sum.hi, (int)k), ldexp(sum.lo, (int)k)};
}

BL23_FMA_COPY struct bl23_dd bl23_dd_atan(struct bl23_dd a)
{
    struct bl23_dd const one = bl23_dd(1.0);
    if (fabs(a.hi) > 1.0) { /* atan a = +-pi/2 - atan(1/a) */
        double const half = a.hi > 0.0 ? 0.5 : -0.5;
        return bl23_dd_sub(bl23_dd_mul_d(bl23_dd_pi, half), bl23_dd_atan(bl23_dd_div(one, a)));
    }
    /* Two half angles bring |a| below tan(pi/16) = 0.199. */
    for (int halving = 0; halving < 2; halving++)
        a = bl23_dd_div(a, bl23_dd_add(one, bl23_dd_sqrt(bl23_dd_add(one, bl23_dd_sqr(a)))));
    return bl23_dd_mul_d(odd_series(a, -1.0), 4.0);
}

struct bl23_dd bl23_dd_atan2(struct bl23_dd y, struct bl23_dd x)
{
    if (x.hi == 0.0 && y.hi == 0.0)
        return bl23_dd(0.0);
    if (x.hi == 0.0)
        return bl23_dd_mul_d(bl23_dd_pi, y.hi > 0.0 ? 0.5 : -0.5);
    struct bl23_dd const angle = bl23_dd_atan(bl23_dd_div(y, x));
    if (x.hi > 0.0)
        return angle;
    return y.hi >= 0.0 ? bl23_dd_add(angle, bl23_dd_pi) : bl23_dd_sub(angle, bl23_dd_pi);
}

struct bl23_dd bl23_dd_pow(struct bl23_dd a, unsigned n)
{
    struct bl23_dd power = bl23_dd(1.0);
    for (unsigned k = 0; k < n; k++)
        power = bl23_dd_mul(power, a);
    return power;
}

/* sum_n (-1)^n x^(2n+first)/(2n+first)!: cos x for first = 0, sin x for first = 1; |x| < 1. */
static struct bl23_dd circular_series(struct bl23_dd x, int first)
{
    struct bl23_dd const x2 = bl23_dd_neg(bl23_dd_sqr(x));
    struct bl23_dd term = first ? x : bl23_dd(1.0);
    struct bl23_dd sum = term;
    for (int n = first + 1; fabs(term.hi) > 0x1p-112; n += 2) {
        term = bl23_dd_div(bl23_dd_mul(term, x2), bl23_dd((double)n * (double)(n + 1)));
        sum = bl23_dd_add(sum, term);
    }
    return sum;
}

void bl23_dd_sincospi(struct bl23_dd x, struct bl23_dd *sine, struct bl23_dd *cosine)
{
    double const quarters = floor(2.0 * x.hi + 0.5);
    struct bl23_dd const rest = bl23_dd_sub(x, bl23_dd(0.5 * quarters));
    struct bl23_dd const angle = bl23_dd_mul(bl23_dd_pi, rest);
    struct bl23_dd const s = circular_series(angle, 1), c = circular_series(angle, 0);
    switch ((int)(quarters - 4.0 * floor(quarters / 4.0))) {
    case 0:
        *sine = s, *cosine = c;
        break;
    case 1:
        *sine = c, *cosine = bl23_dd_neg(s);
        break;
    case 2:
        *sine = bl23_dd_neg(s), *cosine = bl23_dd_neg(c);
        break;
    default:
        *sine = bl23_dd_neg(c), *cosine = s;
    }
}

/* Digits of a decimal number as mantissa * 10^exponent. */
struct decimal {
    struct bl23_dd mantissa;
    long exponent;
};

/* Up to 31 significant digits are exact in a double-double; the rest is below its rounding. */
static char const *read_digits(char const *p, bool fraction, int *significant, struct decimal *d)
{
    for (; isdigit((unsigned char)*p); p++) {
        if (*significant < 31) {
            d->mantissa =
                bl23_dd_add(bl23_dd_mul_d(d->mantissa, 10.0), bl23_dd((double)(*p - '0')));
            *significant += d->mantissa.hi != 0.0;
            d->exponent -= fraction;
        } else {
            d->exponent += !fraction;
        }
    }
    return p;
}

/* Where the digits begin: behind white space and one sign. */
static char const *skip_sign(char const *p)
{
    while (isspace((unsigned char)*p))
        p++;
    return p + (*p == '+' || *p == '-');
}

struct bl23_dd bl23_dd_parse(char const *text, char **end)
{
    char const *p = skip_sign(text);
    char *stop;
    bool const hexadecimal = p[0] == '0' && (p[1] == 'x' || p[1] == 'X');
    double const nearest = hexadecimal ? 0.0 : strtod(text, &stop);
    if (hexadecimal) /* as if the zero were all */
        stop = (char *)(p + 1);
    if (end)
        *end = stop;
    if (!(fabs(nearest) > 1e-200 && fabs(nearest) < 1e200))
        return bl23_dd(nearest); /* zero, infinite, not a number, or beyond any physics here */
    struct decimal d = {{0.0, 0.0}, 0};
    int significant = 0;
    p = read_digits(p, false, &significant, &d);
    if (*p == '.')
        p = read_digits(p + 1, true, &significant, &d);
    if ((*p == 'e' || *p == 'E') && stop > p)
        d.exponent += strtol(p + 1, NULL, 10);
    if (labs(d.exponent) > 280)
        return bl23_dd(nearest);
    struct bl23_dd const scale = bl23_dd_pow(bl23_dd(10.0), (unsigned)labs(d.exponent));
    struct bl23_dd const modulus =
        d.exponent < 0 ? bl23_dd_div(d.mantissa, scale) : bl23_dd_mul(d.mantissa, scale);
    return nearest < 0.0 ? bl23_dd_neg(modulus) : modulus;
}

char const *bl23_dd_print_shortest(struct bl23_dd x, char *buffer, size_t size)
{
    for (int digits = 15; digits <= 17; digits++) {
        snprintf(buffer, size, "%.*g", digits, x.hi);
        if (strtod(buffer, NULL) == x.hi)
            break;
    }
    return buffer;
}

struct bl23_dd bl23_dd_shortest(struct bl23_dd x)
{
    char buffer[32];
    if (!isfinite(x.hi))
        return x;
    return bl23_dd_parse(bl23_dd_print_shortest(x, buffer, sizeof buffer), NULL);
}

struct bl23_dd bl23_dd_literal(char const *literal)
{
    enum { LITERALS = 256 }; /* a power of two; a place that is taken is parsed again and again */
    static _Thread_local struct {
        char const *text;
        struct bl23_dd value;
    } known[LITERALS];
    size_t const place = ((uintptr_t)literal * 0x9e3779b97f4a7c15u) >> 56;
    if (known[place].text != literal) {
        known[place].value = bl23_dd_parse(literal, NULL);
        known[place].text = literal;
    }
    return known[place].value;
}
