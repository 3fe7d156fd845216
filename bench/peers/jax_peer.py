# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
"""Peer of the benchmark: JAX on the CPU, one jitted function from sample numbers to a mask, doubles
(x64). Tuned: the six forms written as sums so that XLA fuses everything into one vectorised loop,
the length of a chunk (from 2^11 to 2^18); compilation and first chunk are outside the time. One
thread: the driver pins the process."""
import json
import sys
import time

import jax
import numpy as np
from peer_numpy import M0, M1, RAD_PER_WORD, W0, W1, read_model

jax.config.update("jax_platforms", "cpu")
jax.config.update("jax_enable_x64", True)
import jax.numpy as jnp  # noqa: E402  (after the configuration)

CHUNK = 1 << 16


def philox(seed, index):
    k0, k1 = seed & 0xFFFFFFFF, seed >> 32
    a = b = jnp.zeros(index.shape, jnp.uint32)
    c, d = index.astype(jnp.uint32), (index >> 32).astype(jnp.uint32)
    for _ in range(10):
        p, q = jnp.uint64(M0) * a.astype(jnp.uint64), jnp.uint64(M1) * c.astype(jnp.uint64)
        a, c = ((q >> 32).astype(jnp.uint32) ^ b ^ jnp.uint32(k0),
                (p >> 32).astype(jnp.uint32) ^ d ^ jnp.uint32(k1))
        b, d = q.astype(jnp.uint32), p.astype(jnp.uint32)
        k0, k1 = (k0 + W0) & 0xFFFFFFFF, (k1 + W1) & 0xFFFFFFFF
    return a, b, c, d


def monomials(x0, x1, x2, x3):
    low, high = jnp.minimum(x0, x1), jnp.maximum(x0, x1)
    r2 = [low * 2.0**-32, (high - low) * 2.0**-32, (2.0**32 - high) * 2.0**-32]
    angle_12, angle_13 = RAD_PER_WORD * x2, RAD_PER_WORD * x3
    m = list(r2)
    for i, j, angle in ((0, 1, angle_12), (0, 2, angle_13), (1, 2, angle_13 - angle_12)):
        modulus = jnp.sqrt(r2[i] * r2[j])
        m += [modulus * jnp.cos(angle), modulus * jnp.sin(angle)]
    return m


def make_mask(model):
    def mask(first):
        index = first + jnp.arange(CHUNK, dtype=jnp.uint64)
        m = monomials(*(x.astype(jnp.float64) for x in philox(model["seed"], index)))
        h = [sum(row[k] * m[k] for k in range(9)) for row in model["forms"]]
        quantities = [1.0, h[1]**2, h[0]**2 + h[1]**2, h[2]**2 + h[3]**2, h[4]**2 + h[5]**2]
        lo, hi = 0.0, jnp.inf
        for quantity, low, high in model["limits"]:
            inverse = 1.0 / quantities[quantity]
            lo = jnp.maximum(lo, low * inverse)
            hi = jnp.minimum(hi, high * inverse)
        return lo <= hi

    return jax.jit(mask)


def main():
    if len(sys.argv) != 4:
        sys.exit("usage: jax_peer.py MODEL SAMPLES OUT")
    model, samples = read_model(sys.argv[1]), int(sys.argv[2])
    mask = make_mask(model)
    mask(jnp.uint64(0)).block_until_ready()
    start = time.perf_counter()
    found = [first + np.flatnonzero(mask(jnp.uint64(first))) for first in range(0, samples, CHUNK)]
    index = np.concatenate(found).astype(np.uint64)
    index = index[index < samples]
    index.tofile(sys.argv[3])
    print(json.dumps({"survivors": len(index), "seconds": time.perf_counter() - start}))


main()
