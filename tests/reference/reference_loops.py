# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
"""Loop functions C0_ij and S_ij by quadrature, in mpmath.

Derivation. With D = (1-x-y) W + x a + y b - x y q2 - i0 (W, a, b = mW^2, mi^2, mj^2), D is linear
in y: D = A + B y, A = (1-x) W + x a, B = b - W - x q2, and at y = 1-x it is the two-mass kernel
E = x a + (1-x) b - x (1-x) q2 - i0. The y integrals are elementary, with L = ln(E/A):
    Int dy 1/D       = L / B
    Int dy (1-y)/D   = (1 + A/B) L / B - (1-x) / B
    Int dy ln D      = (E ln E - A ln A) / B - (1-x)
The x integral is done numerically (tanh-sinh), split at the real roots of E, where the logarithm is
singular, or at their real part where they are complex. A > 0 always and B does not vanish as long
as q2 < mW^2 and mj != mW. Between two real roots E < 0, so ln E = ln|E| - i pi.
"""
from functools import lru_cache

from mpmath import mp, mpf, mpc

WORK_DPS = 45       # digits carried; the results are good to 30 or more
GOAL = mpf(10) ** -34
MAX_LEVEL = 11


@lru_cache(maxsize=None)
def _nodes(level, dps):
    """New tanh-sinh nodes of this level: (distance to the nearer end of [0,1], weight) for t >
    0."""
    step = mpf(1) / 2 ** level
    out, k = [], 0 if level == 0 else 1
    stride = 1 if level == 0 else 2
    while True:
        t = k * step
        u = mp.pi / 2 * mp.sinh(t)
        near = 1 / (1 + mp.exp(2 * u))                    # distance to the end, no cancellation
        weight = mp.pi * mp.cosh(t) * near * (1 - near)   # d x / d t on [0,1]
        if weight < mpf(10) ** (-dps - 8):
            return out
        out.append((near, weight, k == 0))
        k += stride


def _tanh_sinh(f, lo, hi):
    """Integral over [lo, hi] of f, a function returning a tuple; returns (values, error
    estimates)."""
    width = hi - lo
    total, last, error = None, None, None
    for level in range(MAX_LEVEL + 1):
        for near, weight, middle in _nodes(level, mp.dps):
            points = [lo + width * near] if middle else [lo + width * near, hi - width * near]
            for x in points:
                if not lo < x < hi:
                    continue                              # fell on the end within rounding
                terms = [weight * v for v in f(x)]
                total = terms if total is None else [a + b for a, b in zip(total, terms)]
        now = [width * v / 2 ** level for v in total]
        if last is not None and level >= 3:
            error = [abs(a - b) for a, b in zip(now, last)]
            if all(e <= GOAL * abs(v) for e, v in zip(error, now)):
                return now, error
        last = now
    raise ArithmeticError(f"tanh-sinh did not converge on [{lo}, {hi}]: {now} +- {error}")


def _cuts(q2, a, b):
    """Split points of [0,1] and the real roots of E inside it."""
    if q2 == 0:
        return [mpf(0), mpf(1)], None
    half = (q2 + b - a) / (2 * q2)
    disc = (q2 - a - b) ** 2 - 4 * a * b                  # lambda(q2, a, b)
    if disc < 0 or q2 < a + b:                            # no pair of real roots inside (0,1)
        inner = [half] if 0 < half < 1 else []
        return [mpf(0)] + inner + [mpf(1)], None
    root = mp.sqrt(disc) / (2 * q2)
    hi = half + root
    lo = b / (q2 * hi) if hi != 0 else half - root        # product of the roots is b/q2
    if lo == hi:
        return [mpf(0), lo, mpf(1)], (lo, hi)             # exactly at threshold: a double root
    return [mpf(0), lo, hi, mpf(1)], (lo, hi)


def loop_functions(q, mi, mj, mw, mu2=1, with_error=False):
    """(C0 [GeV^-2], S) at q = sqrt(q2) for internal masses mi, mj and mw, Delta = 0."""
    with mp.workdps(WORK_DPS):
        q2, a, b, w = (mpf(v) ** 2 for v in (q, mi, mj, mw))
        cuts, cut_roots = _cuts(q2, a, b)

        def integrand(x, negative):
            y_max = 1 - x
            big_a = y_max * w + x * a
            big_b = b - w - x * q2
            # exact sign and small relative error at the roots
            if cut_roots:
                big_e = q2 * (x - cut_roots[0]) * (x - cut_roots[1])
            else:
                big_e = x * a + y_max * b - x * y_max * q2
            ln_e, ln_a = mp.log(abs(big_e)), mp.log(big_a)
            ln_ratio = ln_e - ln_a
            inverse = 1 / big_b
            frac = 1 + big_a * inverse
            c0 = -ln_ratio * inverse
            s_log = (big_e * ln_e - big_a * ln_a) * inverse - y_max
            s_pole = -q2 * y_max * (frac * ln_ratio * inverse - y_max * inverse)
            if not negative:
                return c0, s_log + s_pole
            # ln E -> ln|E| - i pi
            im_c0 = mp.pi * inverse
            im_s = -mp.pi * inverse * (big_e - q2 * y_max * frac)
            return c0, s_log + s_pole, im_c0, im_s

        re_c0 = re_s = im_c0 = im_s = err_c0 = err_s = mpf(0)
        for lo, hi in zip(cuts[:-1], cuts[1:]):
            negative = cut_roots is not None and (lo, hi) == cut_roots
            values, error = _tanh_sinh(lambda x: integrand(x, negative), lo, hi)
            re_c0 += values[0]
            re_s += values[1]
            err_c0 += error[0]
            err_s += error[1]
            if negative:
                im_c0, im_s = values[2], values[3]
        re_s -= mp.log(mpf(mu2)) / 2                      # Int over the triangle of ln(1/mu2)
        c0, s = mpc(re_c0, im_c0), mpc(re_s, im_s)
    return (c0, s, err_c0, err_s) if with_error else (c0, s)


def imag_c0_closed(q, mi, mj, mw):
    """Im C0 in closed form (one logarithm), an independent check above threshold."""
    with mp.workdps(WORK_DPS):
        q2, a, b, w = (mpf(v) ** 2 for v in (q, mi, mj, mw))
        cut_roots = _cuts(q2, a, b)[1]
        if cut_roots is None:
            return mpf(0)
        lo, hi = cut_roots
        return mp.pi / q2 * mp.log((b - w - lo * q2) / (b - w - hi * q2))
