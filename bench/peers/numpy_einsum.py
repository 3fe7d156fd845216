# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
"""Peer of the benchmark: numpy, the formula as it stands in the paper, H = A + tr(C_R)/3 -
w^dagger C_R w / 3, by einsum over complex w. Tuned: the length of a chunk (from 2^11 to 2^18); two
einsums with the first through BLAS (optimize), which is faster than one over three operands."""
import numpy as np
from peer_numpy import RAD_PER_WORD, moduli_squared, survey

CHUNK = 1 << 17


def make_amplitudes(model):
    right = model["c_right"] / 3.0
    base = (model["a"] + np.trace(right, axis1=1, axis2=2))[:, None]

    def amplitudes(x0, x1, x2, x3):
        w = np.empty((3, len(x0)), complex)
        r2 = moduli_squared(x0, x1)
        w[0] = np.sqrt(r2[0])
        for i, word in ((1, x2), (2, x3)):
            angle = RAD_PER_WORD * word
            modulus = np.sqrt(r2[i])
            w[i].real = modulus * np.cos(angle)
            w[i].imag = modulus * np.sin(angle)
        right_w = np.einsum("xij,jn->xin", right, w, optimize=True)
        return base - np.einsum("in,xin->xn", w.conj(), right_w)

    return amplitudes


survey(make_amplitudes, CHUNK)
