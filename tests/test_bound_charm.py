#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
"""bl23 bound with limits on charm and top against an oracle in numpy.

The oracle has the loop tables of reference_physics.py, k_V and k_A by sums over polarisations
(charm_rates.csv), D0 mixing from its formula, and no number of bl23. With R = g_R,12/g, a number in
the disc |R| <= 1/6, and L = g_L,12/g it is F_V = L + R and F_A = R - L: every limit is convex in R
and symmetric about the line of L, so that the largest g lies on the line.
"""

import csv
import json
import os
import sys

import numpy as np
import pytest

import survey_tools as t
from bound_tools import bound

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "reference"))

try:
    import reference_physics
except ImportError as missing:
    t.skip(missing)

MASSES = ("0.01", "0.116", "0.128", "0.14")
KOTO = (0.4e-9, 6.2e-9)  # of BR(K_L -> pi0 Z')
PI, OMEGA, PROTON, KNOWN = 8.0e-6, 1.1e-5, 8.0e-5, 0.1
TIERS = {
    "known": {"br_dp_known": KNOWN},
    "loose": {"br_dp_known": KNOWN, "br_dp_pip": 1.0e-3, "br_d0_omega": 1.0e-3},
    "lc_p": {"br_lc_p": PROTON},
    "searches": {"br_dp_pip": PI, "br_d0_omega": OMEGA, "br_lc_p": PROTON, "br_dp_known": KNOWN},
}
MIXING = {"x12": 0.5e-2, "x12_im": 1.5e-4}
ROWS = 200000
EXACT = 1e-8


def rates_of():
    """(k_V, k_A) by observable and mass."""
    path = os.path.join(reference_physics.HERE, "charm_rates.csv")
    with open(path, encoding="utf-8") as file:
        lines = [line for line in file if not line.startswith("#")]
    rates = {(row["mode"], row["m_gev"]): np.array([float(row["k_v"]), float(row["k_a"])])
             for row in csv.DictReader(lines)}
    for mass in {mass for _, mass in rates}:
        rates["br_dp_known", mass] = rates["br_dp_pip", mass] + rates["br_dp_rhop", mass]
    return rates


def mixing_of(mass):
    """Factors of F_V^2 and F_A^2 in 2 M12/(g^2 Gamma): annihilation, and smeared exchange."""
    m2, c2, d0 = float(mass) ** 2, 0.986**2, 1.86484
    o1, o2, o3, o4, o5 = 0.0805, -0.1561, 0.0464, 0.2747, 0.1035
    s = 0.2120**2 * d0 / (8 * m2)
    exchange = (m2 - c2) / ((m2 - c2) ** 2 + 0.5**4)
    s4, t4 = 9 / 8 * (o4 - o5 / 3), 9 / 8 * (o5 - o4 / 3)
    a = s + exchange * (o1 / 4 + (3 * o3 - o2) / 8 * c2 / m2) / (4 * d0)
    b = -2 * s + exchange * (-2 * s4 / 3 + t4 / 3 * c2 / m2) / (2 * d0)
    return 2 / 1.604e-12 * np.array([a / 2 + b / 4, a / 2 - b / 4])


class Oracle:
    """What rows w have at a mass."""

    rates = rates_of()

    def __init__(self, mass):
        self.mass, self.inputs = mass, reference_physics.resolve_inputs()
        ckm = reference_physics.ckm_matrix(self.inputs)
        self.left = -complex(ckm[0][0] * ckm[1][0].conjugate()) / 3
        forms, kappa, _ = reference_physics.tables_at(mass, self.inputs)
        self.im_ds, self.kappa = np.array([float(x) for x in forms[1]]), float(kappa[0])
        self.mixing = mixing_of(mass)

    def koto_asks(self):
        """The least g that any row needs for KOTO's lower edge."""
        f = self.im_ds
        upper = [(0, 1, f[3], f[4]), (0, 2, f[5], f[6]), (1, 2, f[7], f[8])]
        matrix = np.diag(f[:3]).astype(complex)
        for i, j, re, im in upper:
            matrix[i, j] = (re - 1j * im) / 2
            matrix[j, i] = np.conj(matrix[i, j])
        return np.sqrt(KOTO[0] / self.kappa) / np.abs(np.linalg.eigvalsh(matrix)).max()

    def closed_form(self, pi, omega):
        """No row allows a larger g: |F_V| + |F_A| >= 2 |L|, and k_V of the omega left out."""
        k_v, k_a = self.rates["br_dp_pip", self.mass][0], self.rates["br_d0_omega", self.mass][1]
        return (np.sqrt(pi / k_v) + np.sqrt(omega / k_a)) / (2 * abs(self.left))

    def largest_g(self, limits):
        """The largest g of any row, on the line of L: a convex function of one number, halved."""
        size = abs(self.left)

        def worst(x):
            squares = np.array([(size + x) ** 2, (x - size) ** 2])
            return max(self.rates[name, self.mass] @ squares / limits[name] for name in limits)

        low, high = -1 / 6, 1 / 6
        while high - low > 1e-14:
            a, b = low + (high - low) / 3, high - (high - low) / 3
            low, high = (a, high) if worst(a) > worst(b) else (low, b)
        return 1 / np.sqrt(worst(0.5 * (low + high)))

    def of_rows(self, w, limits, lower=()):
        """Of rows w: the least g that KOTO and lower edges ask for, the largest that is allowed."""
        pairs = [w[:, i].conj() * w[:, j] for i, j in ((0, 1), (0, 2), (1, 2))]
        columns = [*(np.abs(w) ** 2).T, *(x for z in pairs for x in (z.real, z.imag))]
        right = -pairs[0] / 3
        f_v, f_a = self.left + right, right - self.left
        m12 = self.mixing[0] * f_v**2 + self.mixing[1] * f_a**2
        size = {"x12": np.abs(m12), "x12_im": np.abs(m12.imag)}
        for name in [*limits, *lower]:
            if name not in MIXING:
                k_v, k_a = self.rates[name, self.mass]
                size[name] = k_v * np.abs(f_v) ** 2 + k_a * np.abs(f_a) ** 2
        im_ds = self.kappa * (np.array(columns).T @ self.im_ds) ** 2
        allowed = [limits[name] / size[name] for name in limits] + [KOTO[1] / im_ds]
        asked = [KOTO[0] / im_ds, *(edge / size[name] for name, edge in dict(lower).items())]
        return np.sqrt(np.max(asked, axis=0)), np.sqrt(np.min(allowed, axis=0))


@pytest.fixture(scope="module", name="oracles")
def _oracles():
    return {mass: Oracle(mass) for mass in MASSES}


def constraint(observable, **edges):
    return {"name": "my_" + observable, "observable": observable, "cite": "planted", **edges}


def answers(bl23, folder, extra, masses=MASSES, koto=True):
    """The answers by mass, and the text; the certificates hold."""
    if koto:
        extra = [*extra, constraint("br_kl_pi0", band_1sigma=list(KOTO), band_2sigma=list(KOTO))]
    number = len(os.listdir(folder)) // 2
    config, path = (os.path.join(folder, f"{number}{end}") for end in (".yaml", ".json"))
    t.save_yaml(config, {"survey": {"mass_gev": {"list": [float(m) for m in masses]}},
                         "constraints": {"sets": [], "extra": extra}})
    text = t.run_ok([bl23, "bound", config]).stdout
    found = bound(bl23, config, path)["masses"]
    t.run_ok([bl23, "bound", "--verify", path])
    return dict(zip(masses, found)), text


def limits_of(limits):
    return [constraint(name, upper=value, cl=0.9) for name, value in limits.items()]


def row_of(answer):
    return np.array([[answer[f"wu1{i}_abs"] * np.exp(1j * answer[f"wu1{i}_phase"])
                      for i in (1, 2, 3)]])


def close(x, y, tolerance, what):
    assert abs(x / y - 1) <= tolerance, t.note(what, x, y)


@pytest.mark.parametrize("tier", TIERS)
def test_largest_g(bl23, folder, oracles, tier):
    """Proven and reached, they are what the oracle finds."""
    found, text = answers(bl23, folder, limits_of(TIERS[tier]), koto=False)
    assert "leave out" not in text
    for mass, answer in found.items():
        expected = oracles[mass].largest_g(TIERS[tier])
        close(answer["g_max_proven"], expected, EXACT, f"{tier} at {mass}: proven")
        close(answer["g_max_reached"], expected, EXACT, f"{tier} at {mass}: reached")


def test_smallest_g(bl23, folder, oracles):
    """What KOTO's lower edge asks of any row is what the oracle finds, whatever limits charm."""
    found, text = answers(bl23, folder, limits_of(TIERS["searches"]))
    for mass, answer in found.items():
        expected, smallest = oracles[mass].koto_asks(), answer["smallest_g"]
        close(answer["g_min_asked"], expected, EXACT, f"at {mass}: proven")
        close(smallest["upper"], expected**2, EXACT, f"at {mass}: reached")
        asked, _ = oracles[mass].of_rows(row_of(smallest), TIERS["searches"])
        close(asked[0], expected, EXACT, f"at {mass}: the row by the oracle")
    assert f"the constraints require g >= {found[MASSES[0]]['g_min_asked']:.6g}" in text


def test_smallest_g_of_two(bl23, folder, oracles):
    """Of a lower edge on g and one on K the larger is asked; without one on K there is no such
    answer."""
    oracle, muon = oracles["0.128"], {"name": "muon", "observable": "g_bl", "cite": "planted"}
    for factor, koto in ((0.5, True), (2.0, True), (1.0, False)):
        edge = float(factor * oracle.koto_asks())
        band = {**muon, "band_1sigma": [edge, 1], "band_2sigma": [edge, 1]}
        found, _ = answers(bl23, folder, [band], ("0.128",), koto=koto)
        assert ("smallest_g" in found["0.128"]) == koto
        expected = max(edge, oracle.koto_asks()) if koto else edge
        close(found["0.128"]["g_min_asked"], expected, EXACT, f"{factor} of what KOTO asks")


def test_closed_form(bl23, folder, oracles):
    """The searches: T lies between that of the closed form and a known row's (an independent
    computation), and the largest g below the closed form."""
    reached = {"0.01": 96.9, "0.116": 106.6, "0.128": 109.0, "0.14": 111.7}
    found, _ = answers(bl23, folder, limits_of(TIERS["searches"]))
    for mass, answer in found.items():
        g_max = oracles[mass].closed_form(PI, OMEGA)
        least = oracles[mass].koto_asks() / g_max
        tension = answer["tension"]
        assert least <= tension["lower"] <= tension["upper"] <= reached[mass], t.note(
            f"least tension at {mass}", least, tension)
        assert answer["state"] == "excluded"
        assert 0.99 * g_max <= answer["g_max_proven"] <= g_max, t.note(f"g at {mass}", g_max)


# The least tension at 0.128 GeV by an independent computation, to the digits that it gives.
TENSIONS = {"known": (2.67, 0.005), "loose": (11.0, 0.05), "lc_p": (53.9, 0.05),
            "searches": (108.9, 0.05)}


@pytest.mark.parametrize("tier", TIERS)
def test_tension(bl23, folder, oracles, tier):
    """No random row is better, and the row that reaches it does so by the oracle."""
    found, _ = answers(bl23, folder, limits_of(TIERS[tier]), ("0.128",))
    answer, oracle = found["0.128"], oracles["0.128"]
    tension, (expected, half) = answer["tension"], TENSIONS[tier]
    assert abs(tension["lower"] - expected) < half, tension
    close(tension["lower"], tension["upper"], EXACT, "proven and reached")
    asked, allowed = oracle.of_rows(row_of(tension), TIERS[tier])
    close(tension["upper"], (asked / allowed)[0], EXACT, "the row by the oracle")
    draw = np.random.default_rng(1)
    w = draw.normal(size=(ROWS, 3)) + 1j * draw.normal(size=(ROWS, 3))
    w /= np.linalg.norm(w, axis=1)[:, None]
    asked, allowed = oracle.of_rows(w, TIERS[tier])
    assert (asked / allowed).min() >= tension["lower"]
    assert allowed.max() <= answer["g_max_proven"]


def test_mixing_is_left_out(bl23, folder, oracles):
    """It changes nothing that is proven; what is reached counts it, and the answers say so."""
    without, _ = answers(bl23, folder, limits_of(TIERS["known"]), ("0.128",))
    limits = {**TIERS["known"], **MIXING}
    found, text = answers(bl23, folder, limits_of(limits), ("0.128",))
    answer, oracle = found["0.128"], oracles["0.128"]
    assert answer["left_out"] == ["my_x12", "my_x12_im"] and "left_out" not in without["0.128"]
    assert "The proofs leave out my_x12, my_x12_im; the reached numbers count them" in text
    assert "my_x12" not in answer["decided_by"]
    for key in ("tension", "largest_g"):
        proven = answer[key]["lower"]
        assert proven == without["0.128"][key]["lower"], t.note(key, proven)
        asked, allowed = oracle.of_rows(row_of(answer[key]), limits)
        v = asked / allowed if key == "tension" else 1 / allowed**2
        close(answer[key]["upper"], v[0], EXACT, f"{key}: the row by the oracle")
    # A known row has 3.04.
    assert 2.66 < answer["tension"]["lower"] < answer["tension"]["upper"] < 3.05


def test_only_what_is_left_out(bl23, folder):
    """Limits on mixing alone prove nothing: the mass is open or undecided, and g is free."""
    found, _ = answers(bl23, folder, limits_of(MIXING), ("0.128",), koto=False)
    answer = found["0.128"]
    assert answer["g_max_proven"] == 10 and answer["state"] == "open"
    assert 0 < answer["g_max_reached"] < 1e-2


def test_lower_edges(bl23, folder, oracles):
    """Of |F_V|^2, whose K has a plane, it is proven; of a sum with F_A it is left out."""
    limits = {"br_d0_omega": OMEGA}
    band = {"band_1sigma": [1e-5, 2e-5], "band_2sigma": [1e-5, 2e-5]}
    found, text = answers(bl23, folder, [*limits_of(limits), constraint("br_dp_pip", **band)],
                          ("0.128",), koto=False)
    tension = found["0.128"]["tension"]
    assert "leave out" not in text
    assert 0 < tension["lower"] <= tension["upper"] <= 1.001 * tension["lower"], tension
    edge = constraint("br_lc_p", **band)
    found, text = answers(bl23, folder, [*limits_of({"br_dp_pip": 1e-9, **limits}), edge],
                          ("0.128",))
    tension = found["0.128"]["tension"]
    assert found["0.128"]["left_out"] == ["my_br_lc_p"]
    asked, allowed = oracles["0.128"].of_rows(
        row_of(tension), {"br_dp_pip": 1e-9, "br_lc_p": 2e-5, **limits}, {"br_lc_p": 1e-5})
    close(tension["upper"], (asked / allowed)[0], EXACT, "the row by the oracle")


def test_top(bl23, folder, oracles):
    """|L|^2 + |R|^2 is least at R = 0, up to m_q/m_t: t -> u, c alone."""
    ckm = reference_physics.ckm_matrix(oracles["0.128"].inputs)
    found, _ = answers(bl23, folder, limits_of({"br_t_q": 0.2}), ("0.128",), koto=False)
    rate = 0.0
    for q, mode in ((0, "br_t_u"), (1, "br_t_c")):
        left2 = float(abs(ckm[q][0] * ckm[2][0].conjugate())) ** 2 / 9
        rate += Oracle.rates[mode, "0.128"].sum() * left2
    close(found["0.128"]["g_max_proven"], np.sqrt(0.2 / rate), 1e-6, "proven")
    close(found["0.128"]["g_max_reached"], np.sqrt(0.2 / rate), 1e-6, "reached")


def test_closed_decay(bl23, folder):
    """Where D+ -> rho+ is closed F_A is not in br_dp_known: it has two rows, and lc_p four."""
    oracle, limits = Oracle("1.3"), {"br_dp_known": KNOWN, "br_lc_p": PROTON}
    assert oracle.rates["br_dp_known", "1.3"][1] == 0
    found, _ = answers(bl23, folder, limits_of(limits), ("1.3",), koto=False)
    close(found["1.3"]["g_max_proven"], oracle.largest_g(limits), EXACT, "proven")
    certificates = t.read(os.path.join(folder, "0.json")).decode()
    leaf = json.loads(certificates)["masses"][0]["largest_g"]["certificate"][0]
    assert len(leaf["multipliers"]) == 19 + 2 + 4
