# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
"""Makes pv_more.csv, pv_altered.csv (loop functions) and points_more.csv (whole points) beside
itself.

    python3 make_reference_masses.py [pv] [points]

Every input is a double, converted exactly: a program in double arithmetic starts from the same
numbers.
"""
import math
import os
import sys

from mpmath import mp, mpf

from reference_loops import imag_c0_closed, loop_functions

HERE = os.path.dirname(os.path.abspath(__file__))
PAIRS = ("uu", "uc", "ut", "cc", "ct", "tt")

PV_MASSES = {"u": 2.2e-3, "c": 1.275, "t": 173.0, "W": 80.379}
PV_ALTERED = {"u": 2.16e-3, "c": 1.273, "t": 163.0, "W": 80.369}

HEAD = """\
# Passarino-Veltman combinations of Eqs. (4.2)-(4.4): C0 = C0(0,0,q2; mi2,mW2,mj2) [GeV^-2]; S = \
q2 (C0+C1+C2+C12) - 2 C00 (dimensionless, Delta = 0, mu2 = 1 GeV2);
# mu {u!r}, mc {c!r}, mt {t!r}, mW {W!r} GeV. Every mass and every q here is an IEEE double, \
converted exactly to many digits:
# read them as doubles and the inputs are the same. q has at most 26 significant bits, so q*q is \
exact in double arithmetic too (the squared masses are not).
# q = sqrt(q2) [GeV]; tanh-sinh quadrature of a one-dimensional representation \
(reference_loops.py), good to 30 digits, 20 shown; q2 + i0.
q_gev,qi,qj,re_c0,im_c0,re_s,im_s
"""


def round_26(q):
    """The nearest double with 26 significant bits."""
    if q == 0:
        return 0.0
    mantissa, exponent = math.frexp(q)
    return math.ldexp(round(mantissa * 2**26), exponent - 26)


def momenta(masses, distances):
    """The momenta of a table: the ends of the range, ordinary values, both sides of the
    thresholds."""
    out = [0.0, 1e-6, 0.02, 0.128, 0.7, 2.0, 3.7, 4.7, 5.19]
    for a, b in ("uu", "uc", "cc"):
        for d in distances:
            out += [(masses[a] + masses[b]) * (1 - d), (masses[a] + masses[b]) * (1 + d)]
    return sorted(round_26(q) for q in out)


def digits(value):
    return mp.nstr(value, 20, min_fixed=-6, max_fixed=20) if value else "0"


def write_pv(path, masses, distances):
    worst = mpf(0)
    with open(path, "w", encoding="ascii") as out:
        out.write(HEAD.format(**masses))
        for q in momenta(masses, distances):
            for a, b in PAIRS:
                c0, s, *error = loop_functions(q, masses[a], masses[b], masses["W"],
                                               with_error=True)
                closed = imag_c0_closed(q, masses[a], masses[b], masses["W"])
                assert abs(c0.imag - closed) <= mpf(10) ** -28 * abs(closed), (q, a, b)
                worst = max(worst, error[0] / abs(c0), error[1] / abs(s))
                numbers = ",".join(digits(v) for v in (c0.real, c0.imag, s.real, s.imag))
                out.write(f"{q:.17g},{a},{b},{numbers}\n")
    print(f"{os.path.basename(path)}: largest relative error estimate {mp.nstr(worst, 2)}")


def main(wanted):
    mp.dps = 40
    if "pv" in wanted:
        write_pv(os.path.join(HERE, "pv_more.csv"), PV_MASSES, (1e-3, 1e-6))
        write_pv(os.path.join(HERE, "pv_altered.csv"), PV_ALTERED, (1e-2,))
    if "points" in wanted:
        import reference_points
        reference_points.write(os.path.join(HERE, "points_more.csv"))


if __name__ == "__main__":
    main(sys.argv[1:] or ["pv", "points"])
