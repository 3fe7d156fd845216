# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
"""The constraint sets paper2020, b_invisible_2021, world_2025 and world_2026, written out.

A constraint bounds one observable by lo <= X <= hi: bands depend on the number of sigma, limits do
not. Curves are read from tables/data (columns m_gev, upper and perhaps window): straight lines in
log(limit) against mass, the ends of each window included, nothing outside; where windows overlap
the tightest limit of them counts.
"""
import csv
import os
from dataclasses import dataclass, field, replace
from functools import lru_cache

import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
CURVES = os.environ.get("BL23_CURVES", os.path.join(HERE, "..", "..", "tables", "data"))
PI0_WINDOW_GEV = 3.8e-3
M_MU, M_TAU = 0.1056583745, 1.77693


def rows_of(path):
    """Rows of a curve as texts (window, mass, limit)."""
    with open(path, encoding="utf-8") as f:
        rows = [r for r in csv.reader(f) if r and not r[0].startswith("#")]
    names = ["window", "m_gev", "upper"][3 - len(rows[0]):]
    if not rows[0][0][0].isdigit():
        names, rows = rows[0], rows[1:]
    rows = [{"window": "0", **dict(zip(names, r))} for r in rows]
    return [(r["window"], r["m_gev"], r["upper"]) for r in rows]


@lru_cache(maxsize=None)
def read_curve(name):
    """Windows of a curve: a list of (masses, log limits)."""
    windows = {}
    for window, mass, upper in rows_of(os.path.join(CURVES, name + ".csv")):
        windows.setdefault(window, []).append((float(mass), float(upper)))
    return [(np.array([m for m, _ in w]), np.log([v for _, v in w])) for w in windows.values()]


def curve_at(name, mass):
    """The upper limit at this mass, or None outside every window."""
    limits = [float(np.exp(np.interp(mass, masses, logs))) for masses, logs in read_curve(name)
              if masses[0] <= mass <= masses[-1]]
    return min(limits, default=None)


def exact_curve_at(rows, mass):
    """The same of the decimal texts themselves, as a number of mpmath; inf outside every window."""
    from mpmath import exp, inf, log, mpf, workdps
    with workdps(60):
        mass, windows = mpf(mass), {}
        for window, at, upper in rows:
            windows.setdefault(window, []).append((mpf(at), log(mpf(upper))))
        limits = [inf]
        for points in windows.values():
            limits += [exp(y) for x, y in points if x == mass]
            limits += [exp(y + (mass - x) / (x2 - x) * (y2 - y))
                       for (x, y), (x2, y2) in zip(points, points[1:]) if x < mass < x2]
        return min(limits)


def everywhere(mass, m_pi0):
    return True


def near_pi0(mass, m_pi0):
    return abs(mass - m_pi0) < PI0_WINDOW_GEV


def outside_e949_gap(mass, m_pi0):
    return not 0.116 <= mass <= 0.152


def br_inv(mass):
    """nu nu over nu nu, mu mu and tau tau, each vector-like but for the mass of the lepton."""
    x = [(m / mass) ** 2 for m in (M_MU, M_TAU)]
    return 1 / (1 + sum((1 + 2 * y) * np.sqrt(1 - 4 * y) for y in x if y < 0.25))


@dataclass
class Constraint:
    name: str
    observable: str                     # a br_ name, delta_a_mu or g_bl
    band: dict = field(default_factory=dict)   # {1: (lo, hi), 2: (lo, hi)}
    upper: float = None                 # a limit, the same at every number of sigma
    lower: float = None
    curve: str = None
    where: object = everywhere
    invisible: bool = False             # limits the rate times BR(Z' -> invisible)

    def limits(self, mass, sigma, m_pi0):
        """(lo, hi) at this mass, lo = 0 or hi = inf where there is none; None if it does not
        apply."""
        if not self.where(mass, m_pi0):
            return None
        share = br_inv(mass) if self.invisible else 1.0
        if self.curve:
            upper = curve_at(self.curve, mass)
            return None if upper is None else (0.0, upper / share)
        lo, hi = self.band[sigma] if self.band else (self.lower, self.upper)
        return max(lo or 0.0, 0.0) / share, np.inf if hi is None else hi / share


def gaussian(value, error):
    return {n: (value - n * error, value + n * error) for n in (1, 2)}


# 90 % CL, three-body kinematics assumed by the experiments
B_LIMITS = (("b0_pi0", 0.9e-5), ("bp_pip", 1.4e-5), ("b0_rho0", 4.0e-5), ("bp_rhop", 3.0e-5),
            ("b0_k0", 2.6e-5), ("bp_kp", 1.6e-5), ("b0_kst0", 1.8e-5), ("bp_kstp", 4.0e-5))
BELLE2_BP_KP = 7.2e-6


def b_limits(bp_kp=None):
    """The eight limits; bp_kp, if given, replaces the one on B+ -> K+."""
    limits = [Constraint(mode + "_inv", "br_" + mode, upper=value) for mode, value in B_LIMITS]
    if bp_kp:
        limits[5] = bp_kp
    return limits


def ccfr():
    return Constraint("ccfr", "g_bl", curve="g_ccfr_trident")


def world(bp_kp):
    return [
        Constraint("gm2_wp2025", "delta_a_mu", band=gaussian(38e-11, 63e-11)),
        ccfr(),
        Constraint("na62_2025", "br_kp_pip", curve="kp_pip_na62_2025"),
        Constraint("na62_pi0window", "br_kp_pip", curve="kp_pip_na62_pi0window"),
        Constraint("koto_2018", "br_kl_pi0", curve="kl_pi0_koto_2018"),
        Constraint("koto_2024_pi0", "br_kl_pi0", upper=1.6e-9, where=near_pi0),
        *b_limits(bp_kp)]


def searches(limits):
    """The same limits, on the rates times BR(Z' -> invisible)."""
    return [replace(c, invisible=c.observable.startswith("br_")) for c in limits]


SETS = {
    "paper2020": [
        Constraint("koto_events", "br_kl_pi0", band={1: (1.0e-9, 4.1e-9), 2: (0.4e-9, 6.2e-9)}),
        Constraint("gm2", "delta_a_mu", band=gaussian(279e-11, 76e-11)),
        ccfr(),
        Constraint("na62_pi0", "br_kp_pip", upper=0.9e-9, where=near_pi0),
        Constraint("e949", "br_kp_pip", curve="kp_pip_e949", where=outside_e949_gap)],
    "b_invisible_2021": b_limits(),
    "world_2025": world(Constraint("bp_kp_belle2_recast", "br_bp_kp", upper=BELLE2_BP_KP)),
    "world_2026": searches(world(Constraint("bp_kp_belle2_light", "br_bp_kp",
                                            curve="bp_kp_belle2_light_2025"))),
}


def resolve(config):
    """The list of constraints of a configuration, in the declared order, and the number of
    sigma."""
    chosen = [c for name in config.get("sets", []) for c in SETS[name]]
    for e in config.get("extra") or []:
        number = {k: float(e[k]) for k in ("upper", "lower") if k in e}
        band = {n: tuple(float(x) for x in e[f"band_{n}sigma"]) for n in (1, 2)
                if f"band_{n}sigma" in e}
        chosen.append(Constraint(e["name"], e["observable"], band=band, **number))
    names = [c.name for c in chosen]
    twice = {n for n in names if names.count(n) > 1}
    if twice:
        raise ValueError(f"constraints declared twice: {sorted(twice)}")
    without = config.get("without") or []
    for name in without:
        if name not in names:
            raise ValueError(f"without: no constraint is called {name}; there are {names}")
    sigma = int(config.get("sigma", 2))
    if sigma not in (1, 2):
        raise ValueError(f"sigma is {sigma}; 1 and 2 are allowed")
    return [c for c in chosen if c.name not in without], sigma
