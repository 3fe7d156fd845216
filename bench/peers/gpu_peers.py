#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
"""gpu_peers.py LIBRARY MODEL SURVIVORS: the survey fig3 on a GPU by CuPy, JAX or PyTorch, as a user
of that library would write it: whole arrays, compiled by the library (cupy.fuse, jax.jit,
torch.compile), doubles.

LIBRARY: cupy, cupy_kernel (the same arithmetic written in C inside cupy.ElementwiseKernel), jax,
torch. MODEL is written by export_model.py, SURVIVORS by `gpu_check survivors` (of its first
samples): a library that does not find these survivors one by one is not timed. Two rows for each
library: survivors counted on the device, and their indices brought to the host. Batches: the faster
of two sizes. The time begins with the first sample: start, import and compilation are not counted.
Exit 77: the library or a GPU is absent, or the library breaks, with a sentence why; 3: it finds
other survivors.
"""
import argparse
import os
import statistics
import sys
import time
import traceback

import numpy as np
import peer_numpy
from peer_numpy import RAD_PER_WORD, W0, W1, read_model

M0, M1 = int(peer_numpy.M0), int(peer_numpy.M1)  # torch.compile knows no scalars of numpy
MASK = 0xFFFFFFFF
SKIP, DIFFERENT = 77, 3
BATCHES = (1 << 24, 1 << 26)
SAMPLES_MAX = 1 << 34
REPEATS = 5
SHARE_MAX = 8  # room for survivors: one in so many samples
GRAINS = 32  # sizes of lists that JAX brings to the host


# ---- the survey, in the operations that all these libraries have ----

def philox(seed, index):
    """Words of block 0 as 64-bit whole numbers; a signed 64-bit product has the same bits."""
    k0, k1 = seed & MASK, seed >> 32
    a = b = index & 0
    c, d = index & MASK, (index >> 32) & MASK
    for _ in range(10):
        p, q = a * M0, c * M1
        a, c = ((q >> 32) & MASK) ^ b ^ k0, ((p >> 32) & MASK) ^ d ^ k1
        b, d = q & MASK, p & MASK
        k0, k1 = (k0 + W0) & MASK, (k1 + W1) & MASK
    return a, b, c, d


def survives(xp, model, words):
    """words: four arrays of doubles."""
    x0, x1, x2, x3 = words
    low, high = xp.minimum(x0, x1), xp.maximum(x0, x1)
    m = [low * 2.0**-32, (high - low) * 2.0**-32, (2.0**32 - high) * 2.0**-32]
    angle_12, angle_13 = x2 * RAD_PER_WORD, x3 * RAD_PER_WORD
    for i, j, angle in ((0, 1, angle_12), (0, 2, angle_13), (1, 2, angle_13 - angle_12)):
        modulus = xp.sqrt(m[i] * m[j])
        m += [modulus * xp.cos(angle), modulus * xp.sin(angle)]
    h = {}

    def form(row):  # only those that a limit asks for
        if row not in h:
            h[row] = sum(k * x for k, x in zip(model["forms"][row], m))
        return h[row]

    lo, hi = 0.0 * m[0], 0.0 * m[0] + np.inf
    for quantity, least, most in model["limits"]:
        if quantity == 0:
            lo, hi = xp.maximum(lo, 0.0 * m[0] + least), xp.minimum(hi, 0.0 * m[0] + most)
            continue
        rows = {1: (1,), 2: (0, 1), 3: (2, 3), 4: (4, 5)}[quantity]
        inverse = 1.0 / sum(form(row) * form(row) for row in rows)
        lo, hi = xp.maximum(lo, least * inverse), xp.minimum(hi, most * inverse)
    return lo <= hi


# ---- the libraries: device, and two functions of (first, batch) ----

class Jax:
    def __init__(self, model, cpu):
        import jax
        jax.config.update("jax_enable_x64", True)
        import jax.numpy as jnp
        device = jax.devices()[0]
        if not cpu and device.platform != "gpu":
            raise OSError("JAX sees no GPU")
        self.name, self.device = f"JAX {jax.__version__}, jit", device.device_kind

        def mask(first, batch):
            words = philox(model["seed"], first + jnp.arange(batch, dtype=jnp.uint64))
            return survives(jnp, model, [x.astype(jnp.float64) for x in words])

        def indices(first, batch):
            passed = mask(first, batch)
            found = jnp.flatnonzero(passed, size=batch // SHARE_MAX, fill_value=0)
            return first + found.astype(jnp.uint64), passed.sum()

        self.jit_count = jax.jit(lambda first, batch: mask(first, batch).sum(), static_argnums=1)
        self.jit_indices = jax.jit(indices, static_argnums=1)
        self.first = jnp.uint64
        self.head = jax.jit(lambda found, size: found[:size], static_argnums=1)

    def count(self, first, batch):
        return self.jit_count(self.first(first), batch)

    def indices(self, first, batch):
        return self.jit_indices(self.first(first), batch)

    def to_host(self, found):
        """Cut on the device to a few more than were found: each size is compiled, so they are
        round."""
        room, n = found[0].size, int(found[1])
        if n > room:
            raise OverflowError(f"{n} survivors in a batch, room for {room}")
        grain = max(1, room // GRAINS)
        return np.asarray(self.head(found[0], -(-n // grain) * grain))[:n]


class Torch:
    def __init__(self, model, cpu):
        import torch
        if not cpu and not torch.cuda.is_available():
            raise OSError("PyTorch sees no GPU")
        device = "cpu" if cpu else "cuda"
        self.name = f"PyTorch {torch.__version__}, compile"
        self.device = "cpu" if cpu else torch.cuda.get_device_name()

        def mask(first, offsets):
            words = philox(model["seed"], first + offsets)
            return survives(torch, model, [x.to(torch.float64) for x in words])

        self.mask = torch.compile(mask, dynamic=False, fullgraph=True)
        self.count_of = torch.compile(lambda first, offsets: mask(first, offsets).sum(),
                                      dynamic=False, fullgraph=True)
        self.make = lambda batch: torch.arange(batch, dtype=torch.int64, device=device)
        self.number = lambda first: torch.tensor(first, dtype=torch.int64, device=device)
        self.offsets = None

    def of_batch(self, batch):
        if self.offsets is None or len(self.offsets) != batch:
            self.offsets = self.make(batch)
        return self.offsets

    def count(self, first, batch):
        return self.count_of(self.number(first), self.of_batch(batch))

    def indices(self, first, batch):
        return self.mask(self.number(first), self.of_batch(batch)).nonzero()[:, 0] + first

    @staticmethod
    def to_host(found):
        return found.cpu().numpy().astype(np.uint64)


class Cupy:
    def __init__(self, model, cpu):
        import cupy
        if cpu or cupy.cuda.runtime.getDeviceCount() == 0:
            raise OSError("CuPy sees no GPU")
        properties = cupy.cuda.runtime.getDeviceProperties(0)
        self.cupy, self.device = cupy, properties["name"].decode()
        self.name = f"CuPy {cupy.__version__}, " + ("ElementwiseKernel in C" if self.in_c
                                                    else "fuse")
        self.mask = self.compile(cupy, model)

    in_c = False

    @staticmethod
    def compile(cupy, model):
        @cupy.fuse()
        def mask(index):
            words = philox(model["seed"], index)
            return survives(cupy, model, [x.astype(np.float64) for x in words])

        return mask

    def mask_of(self, first, batch):
        return self.mask(self.cupy.arange(first, first + batch, dtype=np.uint64))

    def count(self, first, batch):
        return self.mask_of(first, batch).sum()

    def indices(self, first, batch):
        return self.cupy.flatnonzero(self.mask_of(first, batch)) + first

    @staticmethod
    def to_host(found):
        return found.get().astype(np.uint64)


class CupyKernel(Cupy):
    in_c = True

    @staticmethod
    def compile(cupy, model):
        kernel = cupy.ElementwiseKernel("uint64 first", "bool passed", kernel_in_c(model),
                                        "bl23_peer")
        return lambda first, out: kernel(np.uint64(first), out)

    def mask_of(self, first, batch):
        passed = self.cupy.empty(batch, dtype=bool)
        self.mask(first, passed)
        return passed


def kernel_in_c(model):
    """The body of the kernel; i is the place in the batch. Only the forms that a limit asks for."""
    rows = {1: (1,), 2: (0, 1), 3: (2, 3), 4: (4, 5)}
    wanted = sorted({row for quantity, *_ in model["limits"] if quantity for row in rows[quantity]})
    lines = ["const unsigned long long index = first + i;",
             f"unsigned k0 = {model['seed'] & MASK}u, k1 = {model['seed'] >> 32}u;",
             "unsigned a = 0, b = 0, c = (unsigned)index, d = (unsigned)(index >> 32);",
             "for (int round = 0; round < 10; round++) {",
             f"  const unsigned long long p = {M0}ull * a, q = {M1}ull * c;",
             "  a = (unsigned)(q >> 32) ^ b ^ k0; c = (unsigned)(p >> 32) ^ d ^ k1;",
             f"  b = (unsigned)q; d = (unsigned)p; k0 += {W0}u; k1 += {W1}u;",
             "}",
             "const unsigned low = a < b ? a : b, high = a < b ? b : a;",
             "double m[9] = {low * 0x1p-32, (high - low) * 0x1p-32, (4294967296.0 - high) * "
             "0x1p-32};",
             "const double r[3] = {sqrt(m[0] * m[1]), sqrt(m[0] * m[2]), sqrt(m[1] * m[2])};",
             "const unsigned x[3] = {c, d, d - c};",
             "for (int k = 0; k < 3; k++) {",
             "  double s, t; sincospi(x[k] * 0x1p-31, &s, &t); m[3 + 2 * k] = r[k] * t; m[4 + 2 * "
             "k] = r[k] * s;", "}",
             "double lo = 0.0, hi = 1.0 / 0.0;"]
    for row in wanted:
        terms = " + ".join(f"{k!r} * m[{n}]" for n, k in enumerate(model["forms"][row]))
        lines.append(f"const double h{row} = {terms};")
    for quantity, least, most in model["limits"]:
        s = " + ".join(f"h{row} * h{row}" for row in rows[quantity]) if quantity else "1.0"
        lines.append(f"{{ const double inverse = 1.0 / ({s}); lo = fmax(lo, {least!r} * inverse); "
                     f"hi = fmin(hi, {most!r} * inverse); }}")
    return "\n".join([*lines, "passed = lo <= hi;"])


LIBRARIES = {"cupy": Cupy, "cupy_kernel": CupyKernel, "jax": Jax, "torch": Torch}


# ---- checking and timing ----

def check(library, survivors, samples, batch):
    found = np.concatenate([library.to_host(library.indices(first, batch))
                            for first in range(0, samples, batch)])
    counted = sum(int(library.count(first, batch)) for first in range(0, samples, batch))
    if not np.array_equal(found, survivors) or counted != len(survivors):
        different = np.setxor1d(found, survivors)
        print(f"gpu_peers: {library.name} finds {len(found)} survivors among {samples} samples "
              f"(count: {counted}), bl23 "
              f"{len(survivors)}; first difference at "
              f"{different[0] if len(different) else 'none'}. Nothing is timed.", file=sys.stderr)
        sys.exit(DIFFERENT)


def timed(run, finish, batch, batches):
    """Seconds for so many batches: all are asked for, then all are waited for."""
    start = time.perf_counter()
    for found in [run(k * batch, batch) for k in range(batches)]:
        finish(found)
    return time.perf_counter() - start


def measure(run, finish, options):
    """(batch, samples, seconds of the repeats) with the fastest batch."""
    rates = {}
    for batch in options.batches:
        timed(run, finish, batch, 1)  # compiles
        rates[batch] = batch / min(timed(run, finish, batch, 2) / 2 for _ in range(2))
    batch = max(rates, key=rates.get)
    batches = max(1, min(int(rates[batch] * options.fill / batch), SAMPLES_MAX // batch))
    return batch, batch * batches, [timed(run, finish, batch, batches) for _ in range(REPEATS)]


def report(options, library, what, batch, samples, seconds):
    middle = statistics.median(seconds)
    spread = (max(seconds) - min(seconds)) / middle
    fields = ["peer", "fig3", f"{library.name}: {what}", "done", samples, f"{middle:.9g}",
              f"{spread:.4g}", f"{samples / middle:.6g}", f"batches of {batch} on {library.device}"]
    print("  ".join(str(x) for x in fields), flush=True)
    if options.rows:
        with open(options.rows, "a", encoding="utf-8") as f:
            f.write("\t".join(str(x) for x in fields) + "\n")


def skipped(why):
    """Says why, as the last line; the exit code."""
    print(f"gpu_peers: {why}", file=sys.stderr)
    return SKIP


def first_line(failure):
    lines = str(failure).split("\n")
    return f"{type(failure).__name__}: {lines[0]}".replace("\t", " ")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("library", choices=LIBRARIES)
    parser.add_argument("model")
    parser.add_argument("survivors")
    parser.add_argument("--samples", type=int, default=BATCHES[0],
                        help="samples that SURVIVORS covers")
    parser.add_argument("--batches", type=int, nargs="+", default=BATCHES,
                        help="samples of a batch: the fastest is taken")
    parser.add_argument("--fill", type=float, default=1.0, help="seconds of a timed run")
    parser.add_argument("--rows", help="append rows there, tab-separated")
    parser.add_argument("--cpu", action="store_true",
                        help="allow the library's CPU, to try this program")
    options = parser.parse_args()
    if options.samples % options.batches[0]:
        parser.error("the samples of SURVIVORS must be whole batches of the first size")
    model = read_model(options.model)
    model["forms"] = model["forms"].tolist()
    try:
        library = LIBRARIES[options.library](model, options.cpu)
    except ImportError as missing:
        sys.exit(skipped(missing))
    # pylint: disable=broad-except  # each library has its own kind of "no GPU"
    except Exception as failure:
        sys.exit(skipped(f"it does not start here: {first_line(failure)}"))
    try:
        check(library, np.fromfile(options.survivors, np.uint64), options.samples,
              options.batches[0])
        report(options, library, "survivors counted", *measure(library.count, int, options))
        report(options, library, "indices to the host",
               *measure(library.indices, library.to_host, options))
    except Exception as failure:  # pylint: disable=broad-except  # and of breaking
        traceback.print_exc()
        sys.exit(skipped(f"{library.name} breaks: {first_line(failure)}"))


if __name__ == "__main__":
    sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
    main()
