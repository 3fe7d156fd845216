# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
"""What the numpy peers of the benchmark share: the exported model, vectorised Philox4x32-10, the
loop over chunks. numpy's own Philox is the 4x64 one, so the rounds are written out on 64-bit
arrays, in place. numpy_einsum.py and numpy_monomials.py differ in the amplitudes only."""
import json
import sys
import time

import numpy as np

MASK = np.uint64(0xFFFFFFFF)
SHIFT = np.uint64(32)
M0, M1 = np.uint64(0xD2511F53), np.uint64(0xCD9E8D57)
W0, W1 = 0x9E3779B9, 0xBB67AE85
RAD_PER_WORD = 2.0 * np.pi / 2.0**32


def read_model(path):
    """seed, a [3], c_right [3, 3, 3], forms [6, 9], limits [(quantity, lo, hi)]."""
    with open(path, encoding="utf-8") as f:
        lines = [line.split() for line in f]
    rows = {line[0]: line[1:] for line in lines[:5]}
    pairs = np.array(rows["c_right"], dtype=float).reshape(3, 3, 3, 2)
    a = np.array(rows["a"], dtype=float).reshape(3, 2)
    limits = [(int(q), float(lo), float(hi)) for q, lo, hi in lines[5:]]
    return {"seed": int(rows["seed"][0]), "a": a[:, 0] + 1j * a[:, 1],
            "c_right": pairs[..., 0] + 1j * pairs[..., 1],
            "forms": np.array(rows["forms"], dtype=float).reshape(6, 9), "limits": limits}


def philox(seed, first, count):
    """The four words of block 0 of samples first .. first + count - 1, as 64-bit arrays."""
    k0, k1 = seed & 0xFFFFFFFF, seed >> 32
    index = np.arange(first, first + count, dtype=np.uint64)
    a, b = np.zeros(count, np.uint64), np.zeros(count, np.uint64)
    c, d = index & MASK, index >> SHIFT
    for _ in range(10):
        np.multiply(a, M0, out=a)  # a and c become the 64-bit products
        np.multiply(c, M1, out=c)
        b ^= np.uint64(k0)
        b ^= c >> SHIFT
        d ^= np.uint64(k1)
        d ^= a >> SHIFT
        c &= MASK
        a &= MASK
        a, b, c, d = b, c, d, a
        k0, k1 = (k0 + W0) & 0xFFFFFFFF, (k1 + W1) & 0xFFFFFFFF
    return a, b, c, d


def moduli_squared(x0, x1):
    low, high = np.minimum(x0, x1), np.maximum(x0, x1)
    return low * 2.0**-32, (high - low) * 2.0**-32, (2.0**32 - high) * 2.0**-32


def survivors_of_chunk(limits, h):
    """Positions where some g meets all limits; h is complex [3, n]."""
    norm = h.real**2 + h.imag**2
    quantities = [1.0, h[0].imag**2, norm[0], norm[1], norm[2]]
    lo, hi = 0.0, np.inf
    for quantity, low, high in limits:
        inverse = 1.0 / quantities[quantity]
        lo = np.maximum(lo, low * inverse)
        hi = np.minimum(hi, high * inverse)
    return np.flatnonzero(lo <= hi)


def survey(make_amplitudes, chunk):
    """The whole peer. make_amplitudes(model) gives a function of four arrays of words."""
    if len(sys.argv) != 4:
        sys.exit("usage: PEER MODEL SAMPLES OUT")
    model, samples = read_model(sys.argv[1]), int(sys.argv[2])
    start = time.perf_counter()
    amplitudes = make_amplitudes(model)
    found = []
    for first in range(0, samples, chunk):
        words = philox(model["seed"], first, min(chunk, samples - first))
        found.append(first + survivors_of_chunk(model["limits"], amplitudes(*words)))
    index = np.concatenate(found).astype(np.uint64)
    index.tofile(sys.argv[3])
    print(json.dumps({"survivors": len(index), "seconds": time.perf_counter() - start}))
