/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* Functions, decimals and complex numbers of double-double arithmetic (kernels/sample/
 * dd_arithmetic.h). All of tables/ computes with it and rounds once, so that a table is the same
 * doubles under every compiler, optimisation level and C library: it uses + - * / sqrt fma on
 * doubles and nothing else.
 * It must not know any physics, nor call a transcendental function of the C library. */
#ifndef BL23_TABLES_DD_H
#define BL23_TABLES_DD_H

#include <stddef.h>

#include "kernels/sample/dd_arithmetic.h"

/* Before a function that spends its time in double-doubles: a copy for processors with fused
 * multiply-add, chosen when the program begins. fma is exact in both, so that the bits are the
 * same. */
#if defined(__x86_64__) && defined(__GLIBC__) && defined(__GNUC__) && !defined(__clang__) &&       \
    !defined(__FMA__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define BL23_FMA_COPY __attribute__((flatten, target_clones("fma", "default")))
#else
#define BL23_FMA_COPY
#endif

/* A complex number of two double-doubles. */
struct bl23_ddc {
    struct bl23_dd re, im;
};

static inline struct bl23_ddc bl23_ddc_add(struct bl23_ddc a, struct bl23_ddc b)
{
    return (struct bl23_ddc){bl23_dd_add(a.re, b.re), bl23_dd_add(a.im, b.im)};
}

static inline struct bl23_ddc bl23_ddc_sub(struct bl23_ddc a, struct bl23_ddc b)
{
    return (struct bl23_ddc){bl23_dd_sub(a.re, b.re), bl23_dd_sub(a.im, b.im)};
}

static inline struct bl23_ddc bl23_ddc_mul(struct bl23_ddc a, struct bl23_ddc b)
{
    return (struct bl23_ddc){bl23_dd_sub(bl23_dd_mul(a.re, b.re), bl23_dd_mul(a.im, b.im)),
                             bl23_dd_add(bl23_dd_mul(a.re, b.im), bl23_dd_mul(a.im, b.re))};
}

static inline struct bl23_ddc bl23_ddc_scale(struct bl23_ddc a, struct bl23_dd x)
{
    return (struct bl23_ddc){bl23_dd_mul(a.re, x), bl23_dd_mul(a.im, x)};
}

static inline struct bl23_ddc bl23_ddc_conj(struct bl23_ddc a)
{
    return (struct bl23_ddc){a.re, bl23_dd_neg(a.im)};
}

/* Constants to 106 bits (DLMF 3.12.1; OEIS A002162). */
extern struct bl23_dd const bl23_dd_pi;
extern struct bl23_dd const bl23_dd_ln2;

/* Square root, a >= 0. */
struct bl23_dd bl23_dd_sqrt(struct bl23_dd a);

/* Natural logarithm, a > 0 and normal; absolute error below 2^-98 max(1, |log a|). */
struct bl23_dd bl23_dd_log(struct bl23_dd a);

/* Exponential, |a| < 700; relative error below 2^-92. */
struct bl23_dd bl23_dd_exp(struct bl23_dd a);

/* Arc tangent, relative error below 2^-96. */
struct bl23_dd bl23_dd_atan(struct bl23_dd a);

/* Angle of (x, y) in (-pi, pi]; (0, 0) gives 0. */
struct bl23_dd bl23_dd_atan2(struct bl23_dd y, struct bl23_dd x);

/* sin(pi x) and cos(pi x), |x| < 2^40; absolute error below 2^-96. */
void bl23_dd_sincospi(struct bl23_dd x, struct bl23_dd *sine, struct bl23_dd *cosine);

/* The decimal number at the start of text, to 2^-98; *end is set behind it as by strtod, but that
 * 0x10 is a zero and an x. So that 2.2e-3 means 0.0022 and not the double next to it. */
struct bl23_dd bl23_dd_parse(char const *text, char **end);

/* The number of a string literal, which each thread parses once. The text must live as long as the
 * program and never change. */
struct bl23_dd bl23_dd_literal(char const *literal);

/* The shortest decimal that reads back as the double nearest to x, as a double-double: what a
 * user's number means when it is printed and read again. NaN and infinity stay as they are. */
struct bl23_dd bl23_dd_shortest(struct bl23_dd x);

/* Its digits into buffer[size >= 32]. */
char const *bl23_dd_print_shortest(struct bl23_dd x, char *buffer, size_t size);

/* a^n for n >= 0. */
struct bl23_dd bl23_dd_pow(struct bl23_dd a, unsigned n);

#endif
