# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
"""Philox4x32-10 in numpy and the draw of a sample: w, the common phase and u for the coupling.

Philox after Salmon et al., "Parallel random numbers: as easy as 1, 2, 3" (SC11), with its known
answers.
"""
import numpy as np

MASK = np.uint64(0xFFFFFFFF)
SHIFT = np.uint64(32)
MULTIPLIERS = np.uint64(0xD2511F53), np.uint64(0xCD9E8D57)
WEYL = 0x9E3779B9, 0xBB67AE85
# 64-bit mantissa on x86, so that the reference's own rounding is out of sight
REAL = np.longdouble
TWO_32 = REAL(2) ** 32
PI = REAL("3.14159265358979323846264338327950288")

KNOWN_ANSWERS = (
    ((0, 0, 0, 0), (0, 0), (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8)),
    ((0xFFFFFFFF,) * 4, (0xFFFFFFFF,) * 2, (0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD)),
    ((0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344), (0xA4093822, 0x299F31D0),
     (0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1)))


def philox4x32(counter, key):
    """Ten rounds; counter: four arrays of uint64 holding 32-bit words, key: two integers."""
    c = [np.asarray(w, dtype=np.uint64) for w in counter]
    k = list(key)
    for _ in range(10):
        first, second = c[0] * MULTIPLIERS[0], c[2] * MULTIPLIERS[1]
        c = [(second >> SHIFT) ^ c[1] ^ np.uint64(k[0]), second & MASK,
             (first >> SHIFT) ^ c[3] ^ np.uint64(k[1]), first & MASK]
        k = [(word + weyl) & 0xFFFFFFFF for word, weyl in zip(k, WEYL)]
    return c


def check_philox():
    for counter, key, answer in KNOWN_ANSWERS:
        got = tuple(int(w) for w in philox4x32(counter, key))
        assert got == answer, (counter, key, [hex(w) for w in got])


def words(index, seed):
    """x0..x7 of the samples."""
    low, high = index & MASK, index >> SHIFT
    zero = np.zeros_like(index)
    key = seed & 0xFFFFFFFF, seed >> 32
    return [w for block in (0, 1) for w in philox4x32((zero + np.uint64(block), zero, low, high),
                                                      key)]


def wrapped(turns):
    """2 pi turns/2^32 in (-pi, pi], from integers modulo 2^32."""
    t = (turns & MASK).astype(np.int64)
    t = np.where(t > 2**31, t - 2**32, t)
    return 2 * PI * t.astype(REAL) / TWO_32


def haar(x):
    """|w_i|^2 [3, n], phases [3, n] and the nine monomials [9, n] of the random words."""
    a, b = np.minimum(x[0], x[1]), np.maximum(x[0], x[1])
    squared = np.stack([a, b - a, np.uint64(2**32) - b]).astype(REAL) / TWO_32
    phases = np.stack([wrapped(x[4]), wrapped(x[4] + x[2]), wrapped(x[4] + x[3])])
    # of w1* w2, w1* w3, w2* w3
    angles = wrapped(x[2]), wrapped(x[3]), wrapped(x[3] + np.uint64(2**32) - x[2])
    return squared, phases, monomials(squared, angles)


def monomials(squared, angles):
    rows = list(squared)
    for (i, j), angle in zip(((0, 1), (0, 2), (1, 2)), angles):
        modulus = np.sqrt(squared[i] * squared[j])
        rows += [modulus * np.cos(angle), modulus * np.sin(angle)]
    return np.stack(rows)


def fixed_w(polar, n):
    """The same as haar() for a given w: r11, ph11, ... with phases in units of pi."""
    r = np.array([REAL(repr(float(v))) for v in polar[0::2]])
    turns = np.array([REAL(repr(float(v))) for v in polar[1::2]])
    squared = r**2 / np.sum(r**2)
    phases = PI * (turns - 2 * np.ceil((turns - 1) / 2))       # into (-pi, pi]
    angles = phases[1] - phases[0], phases[2] - phases[0], phases[2] - phases[1]
    spread = np.ones((1, n), dtype=REAL)
    return squared[:, None] * spread, phases[:, None] * spread, monomials(squared,
                                                                          angles)[:, None] * spread
