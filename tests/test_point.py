#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
"""`bl23 point` on charm, top, D0 mixing and the widths: every line of points_charm.csv.

The table was computed independently, with 34 digits. Left out are gamma_had, a model of hadrons,
and br_inv above two pion masses, which holds it.
"""
import csv
import json
import math
import os
import subprocess

import pytest

REFERENCE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "reference",
                         "points_charm.csv")
COUPLINGS = ("f_v_re", "f_v_im", "f_a_re", "f_a_im")
LEFT = 0.0728829    # |L| of the pair (u, c)
TWO_PIONS = 0.27914


def points():
    with open(REFERENCE, encoding="utf-8") as f:
        return list(csv.DictReader(line for line in f if not line.startswith("#")))


def arguments(point):
    row = ",".join(f"{point[f'r1{k}']},{point[f'phase1{k}_pi']}" for k in (1, 2, 3))
    return ["point", "--mass", point["m_gev"], "--g", point["g_bl"], "--w", row]


def tolerance(name, found, expected):
    """Couplings to 1e-13 of |L|; parts of M12 to its modulus; all others relative."""
    if name in COUPLINGS:
        return 1e-13 * LEFT
    if name.startswith("m12"):
        return 1e-9 * math.hypot(found["m12_re"], found["m12_im"])
    if name == "x12_im":
        return 1e-9 * found["x12"]
    return 1e-9 * abs(expected)


@pytest.mark.parametrize("point", points(), ids=lambda p: f"{p['m_gev']} GeV")
def test_point_of_charm(bl23, point):
    done = subprocess.run([bl23, *arguments(point), "--json"], capture_output=True, text=True,
                          check=True)
    found = json.loads(done.stdout)
    for name in list(point)[8:]:
        if name == "gamma_had" or (name == "br_inv" and float(point["m_gev"]) > TWO_PIONS):
            continue
        expected = float(point[name])
        assert abs(found[name] - expected) <= tolerance(name, found, expected), (
            f"{name} at {point['m_gev']} GeV: {found[name]!r}, not {expected!r}")
    assert found["br_dp_known"] == pytest.approx(found["br_dp_pip"] + found["br_dp_rhop"], 1e-12)
    assert found["br_t_q"] == pytest.approx(found["br_t_u"] + found["br_t_c"], 1e-12)


def test_text_shows_every_name(bl23):
    point = points()[3]
    text = subprocess.run([bl23, *arguments(point)], capture_output=True, text=True,
                          check=True).stdout
    missing = [name for name in list(point)[8:]
               if name != "gamma_had" and f"\n  {name} " not in text]
    assert not missing, text


def test_overrides_reach_charm(bl23):
    """Every input of charm changes what it is for: a rate is inverse to the width of its parent."""
    base = arguments(points()[3])

    def value(name, *options):
        done = subprocess.run([bl23, *base, "--json", *options], capture_output=True, text=True,
                              check=True)
        return json.loads(done.stdout)[name]

    for width, name in (("gamma_dp", "br_dp_pip"), ("gamma_d0", "br_d0_omega"),
                        ("gamma_ds", "br_ds_kp"), ("gamma_lc", "br_lc_p"), ("gamma_t", "br_t_u"),
                        ("gamma_d0", "x12")):
        doubled = {"gamma_dp": "1.274e-12", "gamma_d0": "3.208e-12", "gamma_ds": "2.626e-12",
                   "gamma_lc": "6.496e-12", "gamma_t": "2.84"}[width]
        ratio = value(name, "--set", f"{width}={doubled}") / value(name)
        assert ratio == pytest.approx(0.5, rel=1e-12), (width, name)
