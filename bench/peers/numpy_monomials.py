# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
"""Peer of the benchmark: numpy, six real forms in nine real monomials, one matrix product per
chunk. Tuned: the length of a chunk (from 2^11 to 2^18), products of moduli taken once per pair."""
import numpy as np
from peer_numpy import RAD_PER_WORD, moduli_squared, survey

CHUNK = 1 << 17


def make_amplitudes(model):
    forms = np.ascontiguousarray(model["forms"])

    def amplitudes(x0, x1, x2, x3):
        m = np.empty((9, len(x0)))
        m[0], m[1], m[2] = moduli_squared(x0, x1)
        angle_12, angle_13 = RAD_PER_WORD * x2, RAD_PER_WORD * x3
        angles = (angle_12, angle_13, angle_13 - angle_12)
        for pair, (i, j) in enumerate(((0, 1), (0, 2), (1, 2))):
            modulus = np.sqrt(m[i] * m[j])
            np.multiply(modulus, np.cos(angles[pair]), out=m[3 + 2 * pair])
            np.multiply(modulus, np.sin(angles[pair]), out=m[4 + 2 * pair])
        h = forms @ m
        return h[0::2] + 1j * h[1::2]

    return amplitudes


survey(make_amplitudes, CHUNK)
