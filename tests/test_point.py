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


ROW = {"r": (0.62, 0.42, 0.66), "phase_pi": (0.305, -0.8485, 0.5913)}
POLAR = ",".join(f"{r},{p}" for r, p in zip(ROW["r"], ROW["phase_pi"]))


def told(bl23, *options):
    done = subprocess.run([bl23, "point", "--json", *options], capture_output=True, text=True,
                          check=True)
    return json.loads(done.stdout)


def test_complex_row(bl23):
    """Three complex numbers are the row of six numbers, up to the rounding of the text."""
    entries = [r * complex(math.cos(math.pi * p), math.sin(math.pi * p)) for r, p in
               zip(ROW["r"], ROW["phase_pi"])]
    polar = told(bl23, "--mass", "0.128", "--g", "1e-4", "--w", POLAR)
    written = (",".join(f"{z.real!r}{z.imag:+.17g}j" for z in entries),
               ",".join(str(2 * z) for z in entries))
    for row in written:
        found = told(bl23, "--mass", "0.128", "--g", "1e-4", f"--w={row}")
        for k in (1, 2, 3):
            for part in ("abs", "phase"):
                name = f"wu1{k}_{part}"
                assert found[name] == pytest.approx(polar[name], rel=1e-14), (row, name)
    axis = told(bl23, "--mass", "0.128", "--g", "1e-4", "--w", "0,-1j,(3-0j)")
    assert [axis[f"wu1{k}_abs"] for k in (1, 2, 3)] == pytest.approx([0, 0.1**0.5, 0.9**0.5])
    assert axis["phase_unit"] == "rad" and axis["wu12_phase"] == -math.pi / 2
    assert axis["wu11_phase"] == axis["wu13_phase"] == 0


@pytest.mark.parametrize("row", ("1,2", "1,2,3,4", "1+j,2,3", "1+2,2,3", "(1,2,3", "1)+2j,1,1",
                                 "1,2,nan", "0,0,0", "1j,0,1,0,1,0", "-1,0,1,0,1,0", "1,,2",
                                 "1e7,1,1", "1+1e7j,1,1", "1i,1,1", "1 ,2,3", "1,2,3,"))
def test_bad_row(bl23, row):
    done = subprocess.run([bl23, "point", "--mass", "0.1", f"--w={row}"], capture_output=True,
                          text=True, check=False)
    assert done.returncode == 2 and done.stderr.startswith("bl23: --w must be three complex"), done


@pytest.mark.parametrize("sets", ("paper2020", "current", "paper2020,b_invisible_2021"))
def test_solved_coupling(bl23, sets):
    """Without --g: the coupling of the survey's columns, and the edges of what passes."""
    base = ["--mass", "0.128", "--w", POLAR, "--constraints", sets]
    solved = told(bl23, *base)
    low, high = solved["g_min"], solved["g_max"]
    expected = math.sqrt(low * high) if low > 0 else high
    assert solved["g_bl"] == pytest.approx(expected, rel=1e-15)
    assert solved["tension_g_free"] == pytest.approx(low / high, rel=1e-15)
    assert solved["survives"] == (low <= high)
    if solved["survives"]:
        assert all(item["pass"] for item in solved["constraints"])
    given = told(bl23, *base, "--g", repr(solved["g_bl"]))
    assert given["tension"] == pytest.approx(solved["tension"], rel=1e-12)
    assert given["br_kp_pip"] == pytest.approx(solved["br_kp_pip"], rel=1e-12)
    for g, inside in ((low * 1.0001, True), (high * 0.9999, True), (low * 0.9999, False),
                      (high * 1.0001, False)):
        if g > 0:
            told_there = told(bl23, *base, "--g", repr(g))
            assert told_there["survives"] == (inside and solved["survives"]), (g, low, high)
            assert (told_there["tension"] <= 1) == told_there["survives"]


def test_unbounded_coupling(bl23):
    alone = [bl23, "point", "--mass", "4.5", "--w", POLAR, "--constraints", "charm_known"]
    done = subprocess.run(alone, capture_output=True, text=True, check=False)
    assert done.returncode == 2 and "no constraint bounds g from above at 4.5 GeV" in done.stderr


def test_effective_couplings(bl23):
    """g_eff = -g H/(16 pi^2)."""
    found = told(bl23, "--mass", "0.128", "--g", "3e-4", "--w", POLAR)
    for channel in ("ds", "db", "sb"):
        for part in ("re", "im"):
            assert found[f"g_eff_{channel}_{part}"] == pytest.approx(
                -3e-4 * found[f"h_{channel}_{part}"] / (16 * math.pi**2), rel=1e-14)


def test_configuration(bl23, surveys, folder):
    """--config is the same as its sets; what it fixes need not be given."""
    fig3 = os.path.join(surveys, "fig3.yaml")
    found = told(bl23, "--config", fig3, "--w", POLAR)
    assert found["mass_gev"] == 0.14 and [c["name"] for c in found["constraints"]] == [
        "koto_events", "gm2"]
    assert told(bl23, "--config", fig3, "--w", POLAR, "--mass", "0.1")["mass_gev"] == 0.1
    fixed = os.path.join(folder, "fixed.yaml")
    with open(fixed, "w", encoding="utf-8") as f:
        f.write(f"""survey: {{samples: 1, mass_gev: {{fixed: 0.128}}, g_bl: {{fixed: 2e-4}},
  w: {{fixed: [{POLAR}]}}}}
inputs: {{preset: pdg2024}}
constraints: {{sets: [current], sigma: 1}}
output: {{file: x.h5}}
""")
    options = ["--mass", "0.128", "--g", "2e-4", "--w", POLAR, "--inputs", "pdg2024",
               "--constraints", "current", "--sigma", "1"]
    assert told(bl23, "--config", fixed) == told(bl23, *options)
    done = subprocess.run([bl23, "point", "--config", fig3, "--sigma", "1", "--w", POLAR],
                          capture_output=True, text=True, check=False)
    assert done.returncode == 2 and "--config cannot be combined with --sigma" in done.stderr
