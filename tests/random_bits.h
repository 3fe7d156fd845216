/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* A generator of the tests' own: splitmix64 (Steele, Lea, Flood 2014).
 * It must not be Philox, by which samples are drawn. */
#ifndef BL23_TESTS_RANDOM_BITS_H
#define BL23_TESTS_RANDOM_BITS_H

#include <stdint.h>

static uint64_t random_state; /* set it, and the numbers are the same again */

static inline uint64_t random_bits(void)
{
    uint64_t z = (random_state += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

static inline double random_between(double lo, double hi)
{
    return lo + (hi - lo) * ((double)(random_bits() >> 11) * 0x1p-53);
}

#endif
