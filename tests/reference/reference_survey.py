# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
"""A survey in numpy, independent of the C program: survivors, cut-flow, extrema, nearest.

    python3 reference_survey.py CONFIG.yaml [--samples N] [--seed S] [--cache TABLES.npz] -o
    OUT.h5|OUT.npz

Everything after the tables is done in long double and rounded once to double where it is written.
"""
import argparse
import os
import sys

import numpy as np
import yaml
from mpmath import mp

import reference_constraints as rc
import reference_draw as rd
import reference_physics as rp
from reference_draw import REAL

CHUNK = 1 << 17
H_NAMES = ("h_ds_re", "h_ds_im", "h_db_re", "h_db_im", "h_sb_re", "h_sb_im")
TILE_SHIFT = np.uint64(12)
# of the domain of g_B-L: where g is solved for, an upper limit at both levels
G_END = 10
TIE = 1e-12                         # relative; closer tensions may be ordered by rounding


# ---------------------------------------------------------------- configuration
def read_config(path):
    with open(path, encoding="utf-8") as f:
        config = yaml.safe_load(f)
    survey = config["survey"]
    survey["samples"] = int(float(survey["samples"]))
    return config


def mass_knots(spec):
    if "fixed" in spec:
        return [float(spec["fixed"])]
    if "list" in spec:
        return [float(m) for m in spec["list"]]
    a, b = (float(x) for x in spec["uniform"])
    n = int(spec["knots"])
    return [a] if n == 1 else [a + (b - a) * k / (n - 1) for k in range(n)]


def read_inputs(spec):
    if isinstance(spec, str):
        return rp.resolve_inputs(spec)
    override = dict(spec or {})
    return rp.resolve_inputs(override.pop("preset", "pdg2018"), override)


# ---------------------------------------------------------------- tables
def exact(x):
    """mpf to long double without going through a double."""
    return REAL(mp.nstr(x, 25))


class Tables:
    """forms [N,6,9], kappa [N,10], muon [N] and the limits [constraint, N] at both numbers of
    sigma."""

    def __init__(self, masses, inputs, constraints, cache=None):
        self.masses = np.array(masses)
        self.forms, self.kappa, self.muon = self._load_or_compute(masses, inputs, cache)
        m_pi0 = float(inputs["m_pi0"])
        n = len(masses)
        self.lo = {s: np.zeros((len(constraints), n), REAL) for s in (1, 2)}
        self.hi = {s: np.full((len(constraints), n), np.inf, REAL) for s in (1, 2)}
        for s in (1, 2):
            for c, constraint in enumerate(constraints):
                for k, m in enumerate(masses):
                    limits = constraint.limits(m, s, m_pi0)
                    if limits is not None:
                        self.lo[s][c, k], self.hi[s][c, k] = limits

    def _load_or_compute(self, masses, inputs, cache):
        label = repr((masses, sorted((k, mp.nstr(v, 20)) for k, v in inputs.items())))
        if cache and os.path.exists(cache):
            with np.load(cache, allow_pickle=False) as f:
                if str(f["label"]) == label:
                    return f["forms"], f["kappa"], f["muon"]
        rows = [rp.tables_at(m, inputs) for m in masses]
        forms = np.array([[[exact(x) for x in row] for row in t[0]] for t in rows], REAL)
        kappa = np.array([[exact(x) for x in t[1]] for t in rows], REAL)
        muon = np.array([exact(t[2]) for t in rows], REAL)
        if cache:
            np.savez(cache, label=label, forms=forms, kappa=kappa, muon=muon)
        return forms, kappa, muon


# ---------------------------------------------------------------- one chunk of samples
class Survey:
    def __init__(self, config, cache=None):
        survey = config["survey"]
        self.seed = int(survey.get("seed", 1))
        self.samples = survey["samples"]
        w = survey.get("w", "haar")
        self.w_fixed = w["fixed"] if isinstance(w, dict) else None
        self.constraints, self.sigma = rc.resolve(config.get("constraints") or {})
        masses = mass_knots(survey["mass_gev"])
        inputs = read_inputs(config.get("inputs", "pdg2018"))
        # knots that no sample reaches cost nothing
        used = min(len(masses), (self.samples + 4095) >> 12)
        self.knots = len(masses)
        self.tables = Tables(masses[:used], inputs, self.constraints, cache)
        g = survey["g_bl"]
        self.g_mode = g if isinstance(g, str) else next(iter(g))
        self.g_spec = None if isinstance(g, str) else g[self.g_mode]
        self.nearest = int((config.get("output") or {}).get("nearest", 0))
        self.every = int((config.get("output") or {}).get("cutflow_every", 1))

    def amplitudes(self, mono, knot):
        """H [6, n]; tiles share a knot, so the product is done knot by knot."""
        h = np.empty((6, mono.shape[1]), REAL)
        for k in np.unique(knot):
            here = knot == k
            h[:, here] = self.tables.forms[k] @ mono[:, here]
        return h

    def coefficients(self, h, knot):
        """X / g^2 of the ten branching ratios and of Delta a_mu, and 1 for g^2 itself: a dict."""
        s = (h[1] ** 2, h[0] ** 2 + h[1] ** 2, h[2] ** 2 + h[3] ** 2, h[4] ** 2 + h[5] ** 2)
        out = {name: self.tables.kappa[knot, i] * s[rp.S_OF_MODE[i]]
               for i, name in enumerate(rp.BR_NAMES)}
        out["delta_a_mu"] = self.tables.muon[knot]
        out["g_bl"] = np.ones(len(knot), REAL)
        return out

    def intervals(self, per_g2, knot, sigma):
        """Allowed g^2 of every constraint: lower and upper ends [constraint, n]."""
        lower, upper = [], []
        for c, constraint in enumerate(self.constraints):
            lo, hi = self.tables.lo[sigma][c, knot], self.tables.hi[sigma][c, knot]
            if constraint.observable == "g_bl":
                lo, hi = lo**2, hi**2
            x = per_g2[constraint.observable]
            with np.errstate(divide="ignore", invalid="ignore"):
                lower.append(np.where(lo > 0, lo / x, REAL(0)))
                upper.append(np.where(x > 0, hi / x, np.inf))
        n = len(knot)
        return (np.array(lower, REAL).reshape(-1, n), np.array(upper, REAL).reshape(-1, n))

    def drawn_g(self, x5):
        if self.g_mode == "fixed":
            return np.full(len(x5), REAL(float(self.g_spec)))
        a, b = (REAL(float(v)) for v in self.g_spec)
        return a * (b / a) ** ((x5.astype(REAL) + REAL(0.5)) / rd.TWO_32)

    def verdict(self, per_g2, knot, sigma, g):
        """Per constraint passed [c, n], passed in sequence [c, n], tension [n]."""
        lower, upper = self.intervals(per_g2, knot, sigma)
        n = len(knot)
        if self.g_mode == "solve":
            upper = np.minimum(upper, REAL(G_END) ** 2)
            alone = (lower <= upper) & np.isfinite(lower)
            run_lo, run_hi = np.zeros(n, REAL), np.full(n, REAL(G_END) ** 2)
            in_turn = np.empty_like(alone)
            for c in range(len(self.constraints)):
                run_lo, run_hi = np.maximum(run_lo, lower[c]), np.minimum(run_hi, upper[c])
                in_turn[c] = (run_lo <= run_hi) & np.isfinite(run_lo)
            with np.errstate(invalid="ignore", divide="ignore"):
                tension = np.where(np.isfinite(run_lo), np.sqrt(run_lo / run_hi), np.inf)
            return alone, in_turn, tension, run_lo, run_hi
        alone = np.empty(lower.shape, bool)
        tension = np.zeros(n, REAL)
        for c, constraint in enumerate(self.constraints):
            lo, hi = self.tables.lo[sigma][c, knot], self.tables.hi[sigma][c, knot]
            x = g if constraint.observable == "g_bl" else per_g2[constraint.observable] * g**2
            alone[c] = (lo <= x) & (x <= hi)
            with np.errstate(divide="ignore", invalid="ignore"):
                too_small = np.where(lo > 0, lo / x, REAL(0))
            tension = np.maximum(tension, np.maximum(x / hi, too_small))
        return alone, np.logical_and.accumulate(alone, axis=0), tension, None, None

    def chunk(self, first, count):
        """All columns, the verdict and the cut-flow of the samples [first, first + count)."""
        index = np.arange(first, first + count, dtype=np.uint64)
        knot = ((index >> TILE_SHIFT) % np.uint64(self.knots)).astype(np.int64)
        x = rd.words(index, self.seed)
        squared, phases, mono = rd.haar(x) if self.w_fixed is None else rd.fixed_w(self.w_fixed,
                                                                                   count)
        h = self.amplitudes(mono, knot)
        per_g2 = self.coefficients(h, knot)
        g = None if self.g_mode == "solve" else self.drawn_g(x[5])
        alone, in_turn, tension, g2_lo, g2_hi = self.verdict(per_g2, knot, self.sigma, g)
        survives = in_turn[-1] if len(in_turn) else np.ones(count, bool)
        at_one = self.verdict(per_g2, knot, 1, g)[1]
        columns = {"index": index, "mass_gev": self.tables.masses[knot]}
        if self.g_mode == "solve":
            columns["g_min"], columns["g_max"] = np.sqrt(g2_lo), np.sqrt(g2_hi)
            with np.errstate(invalid="ignore"):
                g = np.where(g2_lo > 0, np.sqrt(columns["g_min"] * columns["g_max"]),
                             columns["g_max"])
        columns["g_bl"] = g
        for i in range(3):
            columns[f"wu1{i + 1}_abs"] = np.sqrt(squared[i])
            columns[f"wu1{i + 1}_phase"] = phases[i]
        columns.update(zip(H_NAMES, h))
        # inf * 0 where nothing bounds g from above
        with np.errstate(invalid="ignore"):
            columns.update((name, per_g2[name] * g**2) for name in (*rp.BR_NAMES, "delta_a_mu"))
        columns["tension"] = tension
        columns["level"] = np.where(at_one[-1] if len(at_one) else True, 1, 2) * np.ones(count,
                                                                                         np.int64)
        columns = {k: v if v.dtype.kind in "iu" else v.astype(np.float64)
                   for k, v in columns.items()}
        return columns, survives, alone, in_turn, knot

    # ------------------------------------------------------------ all of them
    def run(self):
        kept, near = [], None
        n_con = len(self.constraints)
        passed, alone_count = np.zeros(n_con, np.int64), np.zeros(n_con, np.int64)
        by_mass = np.zeros((n_con, self.knots), np.int64)
        drawn = 0
        for first in range(0, self.samples, CHUNK):
            columns, survives, alone, in_turn, knot = self.chunk(first,
                                                                 min(CHUNK, self.samples - first))
            kept.append({k: v[survives] for k, v in columns.items()})
            tile = (columns["index"] >> TILE_SHIFT).astype(np.int64)
            counted = tile // self.knots % self.every == 0     # one in so many tiles of each knot
            drawn += int(counted.sum())
            in_turn = in_turn & counted
            passed += in_turn.sum(axis=1)
            alone_count += (alone & counted).sum(axis=1)
            for c in range(n_con):
                by_mass[c] += np.bincount(knot[in_turn[c]], minlength=self.knots)
            near = self.nearest_of(near, columns)
        survivors = {k: np.concatenate([part[k] for part in kept]) for k in kept[0]}
        out = {f"survivors/{k}": v for k, v in survivors.items()}
        if self.nearest:
            out.update((f"nearest/{k}", v[:self.nearest]) for k, v in near.items())
            # these and their ties, in the same order
            out["nearest_tied/index"] = near["index"]
        names = np.array([c.name for c in self.constraints], dtype="S")
        out.update({"cutflow/name": names, "cutflow/passed": passed,
                    "cutflow/passed_alone": alone_count,
                    "cutflow/by_mass": by_mass, "cutflow/drawn": np.int64(drawn)})
        out.update(self.extrema(survivors))
        out.update({"tables/mass_gev": self.tables.masses,
                    "tables/forms": self.tables.forms.astype(float),
                    "tables/kappa": self.tables.kappa.astype(float)})
        return out

    def nearest_of(self, near, columns):
        """The K samples of least tension so far, and after them those tied with the last but for
        rounding."""
        if not self.nearest:
            return None
        if near is not None:
            columns = {k: np.concatenate([near[k], v]) for k, v in columns.items()}
        order = np.lexsort((columns["index"], columns["tension"]))
        tension = columns["tension"][order]
        reach = tension[min(self.nearest, len(order)) - 1] * (1 + TIE)
        best = order[:np.searchsorted(tension, reach, side="right")]
        return {k: v[best] for k, v in columns.items()}

    @staticmethod
    def extrema(survivors):
        """Smallest and largest of each observable with the lowest index."""
        names = (*rp.BR_NAMES, "delta_a_mu", "tension", "g_bl")
        rows = []
        for name in names if len(survivors["index"]) else ():
            values = survivors[name]
            low, high = int(np.argmin(values)), int(np.argmax(values))
            rows.append((name, values[low], survivors["index"][low], values[high],
                         survivors["index"][high]))
        columns = list(zip(*rows)) if rows else [()] * 5
        kinds = ("S", np.float64, np.uint64, np.float64, np.uint64)
        labels = ("name", "min", "min_index", "max", "max_index")
        if not rows:
            return {f"extrema/{k}": np.zeros(0, "S1" if t == "S" else t)
                    for k, t in zip(labels, kinds)}
        return {f"extrema/{k}": np.array(v, dtype=t) for k, v, t in zip(labels, columns, kinds)}


def write(path, data, survey):
    if path.endswith(".npz"):
        np.savez(path, **data)
        return
    import h5py
    with h5py.File(path, "w") as f:
        f.attrs["format"] = "bl23-reference"
        f.attrs["seed"], f.attrs["samples"] = survey.seed, survey.samples
        for key, value in data.items():
            if key == "cutflow/drawn":
                f.require_group("cutflow").attrs["drawn"] = value
            else:
                f.create_dataset(key, data=value)


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("config")
    parser.add_argument("--samples", type=lambda t: int(float(t)))
    parser.add_argument("--seed", type=int)
    parser.add_argument("--cache", help="keep the tables of the masses here and use them again")
    parser.add_argument("-o", "--output", required=True)
    args = parser.parse_args()
    rd.check_philox()
    config = read_config(args.config)
    for key in ("samples", "seed"):
        if getattr(args, key) is not None:
            config["survey"][key] = getattr(args, key)
    survey = Survey(config, args.cache)
    data = survey.run()
    write(args.output, data, survey)
    print(f"{survey.samples} samples, {len(data['survivors/index'])} survivors -> {args.output}")
    for name, a, b in zip(data["cutflow/name"], data["cutflow/passed"],
                          data["cutflow/passed_alone"]):
        print(f"  {name.decode():24s} {a:12d} {b:12d}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
