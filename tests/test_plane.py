#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
"""bl23 plane: its edges in g, its three kinds of output, and everything it refuses.

The edges are compared with bl23 point and with the independent reference physics, the kinds of
output with each other.
"""

import csv
import importlib
import json
import os
import re
import sys

import numpy as np
import pytest

import survey_tools as t

W = [0.3, 0.4, 0.5, -0.7, 0.81, 0.2]
MASSES = [0.003, 0.05, 0.118, 0.128, 0.135, 0.2, 0.36, 0.7, 2.9]
CONFIG = """survey:
  mass_gev: {list: %s}
  w: %s
inputs: %s
constraints:
  sets: [%s]
  without: [gm2%s]
  extra: [{name: muon, observable: delta_a_mu, band_1sigma: [1.0e-9, 3.0e-9],
           band_2sigma: [-1.0e-9, 4.0e-9], cite: "me"}]
"""


def infinite(edge):
    """JSON has no infinity: null stands for it."""
    return np.inf if edge is None else edge


def load(bl23, config, *options):
    done = t.run_ok([bl23, "plane", config, "--json", *options])
    return json.loads(done.stdout or "{}")


def write(folder, name, text):
    path = os.path.join(folder, name)
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)
    return path


FIXED = "{fixed: %s}" % W
PRESETS = {"pdg2018": ("paper2020, b_invisible_2021", ""), "pdg2024": ("world_2025", "_wp2025")}


def preset_plane(bl23, folder, preset):
    """The plane of the sets that belong to a preset, at a fixed w."""
    sets, without = PRESETS[preset]
    return load(bl23, write(folder, "c.yaml", CONFIG % (MASSES, FIXED, preset, sets, without)))


@pytest.fixture
def config(folder):
    return write(folder, "c.yaml", CONFIG % (MASSES, FIXED, "pdg2018", "paper2020", ""))


@pytest.mark.parametrize("preset", PRESETS)
def test_against_point(bl23, folder, preset):
    """At every finite edge `bl23 point` gives the observable its limit."""
    plane, sets = preset_plane(bl23, folder, preset), PRESETS[preset][0].replace(", ", ",")
    edges = 0
    for k, mass in enumerate(plane["mass_gev"]):
        for item in plane["constraints"]:
            for sigma in (1, 2):
                for edge, side in (("g_min", "lower"), ("g_max", "upper")):
                    g = item[f"{edge}_{sigma}sigma"][k]
                    if not g or item["name"] == "muon" or not 1e-30 < g <= 10:
                        continue
                    point = [bl23, "point", "--mass", repr(mass), "--g", repr(g)]
                    point += ["--w", ",".join(map(str, W)), "--inputs", preset]
                    done = t.run_ok([*point, "--constraints", sets, "--sigma", sigma, "--json"])
                    there = {c["name"]: c for c in json.loads(done.stdout)["constraints"]}[
                        item["name"]
                    ]
                    assert (
                        there["applies"] and abs(there["value"] / there[side] - 1) < 1e-12
                    ), t.note(f"{item['name']} at m = {mass}, {sigma} sigma, {edge} = {g}", there)
                    edges += 1
    assert edges > 60, t.note("many edges are compared", edges)


@pytest.mark.parametrize("preset", PRESETS)
def test_inside(bl23, folder, preset):
    """What all constraints leave is the intersection, and overlays do not enter."""
    plane = preset_plane(bl23, folder, preset)
    for k, mass in enumerate(plane["mass_gev"]):
        for sigma in (1, 2):
            lows, highs = (
                [infinite(c[f"{edge}_{sigma}sigma"][k]) for c in plane["constraints"]]
                for edge in ("g_min", "g_max")
            )
            low, high = max(lows), min(highs)
            allowed = plane["allowed"]
            found = [infinite(allowed[f"{edge}_{sigma}sigma"][k]) for edge in ("g_min", "g_max")]
            assert np.allclose(found, [low, high], rtol=1e-14, atol=0), t.note(
                f"all constraints at m = {mass}", found, low, high
            )


def test_overlays(bl23, config):
    """The shipped overlays."""
    names = [c["name"] for c in load(bl23, config)["overlays"]]
    assert names == ["na64mu_projection", "borexino_lmutau", "koto_2018"]


def test_scenario_1(bl23, folder, source):
    """Against reference_physics.py, an independent program with 40 digits."""
    pytest.importorskip("mpmath", reason="mpmath (python3-mpmath) is not installed")
    sys.path.insert(0, os.path.join(source, "tests", "reference"))
    rp = importlib.import_module("reference_physics")
    p = rp.resolve_inputs()
    config = write(
        folder,
        "one.yaml",
        CONFIG % ("[0.05, 0.128, 0.3]", "haar", "pdg2018", "paper2020", ", ccfr"),
    )
    plane = load(bl23, config, "--scenario", "1")
    koto = next(c for c in plane["constraints"] if c["name"] == "koto_events")
    muon = next(c for c in plane["constraints"] if c["name"] == "muon")
    for k, mass in enumerate(("0.05", "0.128", "0.3")):
        a_ds = rp.couplings(mass, p)[2][0]
        rate = float(rp.kappa(mass, p)[0] * a_ds.imag**2)
        for name, limit in (
            ("g_min_1sigma", 1.0e-9),
            ("g_max_1sigma", 4.1e-9),
            ("g_min_2sigma", 0.4e-9),
            ("g_max_2sigma", 6.2e-9),
        ):
            assert abs(koto[name][k] / (limit / rate) ** 0.5 - 1) < 1e-12, t.note(
                f"KOTO {name} at {mass}", koto[name][k], (limit / rate) ** 0.5
            )
        per_g2 = float(rp.point(mass, 1, (1, 0, 0, 0, 0, 0), p)[2])
        assert abs(muon["g_max_1sigma"][k] / (3e-9 / per_g2) ** 0.5 - 1) < 1e-12, t.note(
            f"muon at {mass}", muon["g_max_1sigma"][k]
        )
        assert muon["g_min_2sigma"][k] == 0.0, t.note(
            "a band from below zero has no lower edge", muon["g_min_2sigma"][k]
        )


def test_outputs(bl23, folder, config):
    """HDF5, CSV and JSON hold the same numbers; the same command gives the same bytes."""
    plane = load(bl23, config)
    h5, table = os.path.join(folder, "p.h5"), os.path.join(folder, "p.csv")
    overlay = write(folder, "mine.csv", "m_gev,upper\n0.01,1e-7\n1,1e-7\n")
    t.run_ok([bl23, "plane", config, "-o", h5, "--csv", table, "--overlay", f"mine={overlay}"])
    first = t.read(h5)
    t.run_ok(
        [bl23, "plane", config, "-o", h5, "--csv", table, "--overlay", f"mine={overlay}", "--force"]
    )
    assert t.read(h5) == first, "the same command writes the same bytes"
    with open(table, encoding="utf-8") as f:
        rows = list(csv.DictReader(f))
    with t.h5py.File(h5) as f:
        assert f.attrs["format"] == b"bl23-plane" and len(rows) == len(MASSES), t.note(
            "format and rows", dict(f.attrs)
        )
        for item in plane["constraints"] + plane["overlays"]:
            group = f["constraints" if item in plane["constraints"] else "overlays"][item["name"]]
            for level in (0, 1):
                for edge in ("g_min", "g_max"):
                    wanted = [np.inf if x is None else x for x in item[f"{edge}_{level + 1}sigma"]]
                    assert np.array_equal(group[edge][level], wanted), t.note(
                        f"HDF5 of {item['name']} {edge}", group[edge][level], wanted
                    )
                    column = f"{item['name']}_{edge}" + (
                        f"_{level + 1}sigma" if item["kind"] == "band" else ""
                    )
                    if column in rows[0]:
                        assert [float(r[column]) for r in rows] == list(wanted), f"CSV of {column}"
        mine = f["overlays/mine"]["g_max"][1]
        assert (
            np.allclose(mine[1:8], 1e-7, rtol=1e-12) and np.isinf(mine[0]) and np.isinf(mine[8])
        ), t.note("the user's overlay", mine)
        for column in f["contours"].values():
            ctau, g = column.attrs["ctau_m"], np.asarray(column)
            # hbar c 24 pi/(g^2 m^2) = c tau, CODATA 2018
            assert np.allclose(
                1.973269804e-16 * 24 * np.pi / (g**2 * np.array(MASSES)), ctau, rtol=1e-12
            ), t.note(f"c tau = {ctau}", g)
    with t.h5py.File(h5) as f:
        allowed = np.asarray(f["allowed/g_max"])
    for level in (0, 1):
        wanted = [np.inf if x is None else x for x in plane["allowed"][f"g_max_{level + 1}sigma"]]
        assert np.array_equal(allowed[level], wanted), t.note(
            "an overlay does not cut", allowed[level], wanted
        )


REFUSED = (  # what stands for the paths of files, and a pattern that the message must have
    ("HAAR", r"haar.yaml: w must be \{fixed: .* for a plane \(got haar\).*--scenario 1"),
    ("OVERLAYS", "there is no constraint set 'overlays'; the sets are paper2020"),
    ("", r"bl23 plane takes one CONFIG \(got 0 operands"),
    ("CONFIG CONFIG", r"bl23 plane takes one CONFIG \(got 2 operands"),
    ("CONFIG --scenario 3", r"--scenario must be 1 or 2 \(got '3'"),
    ("CONFIG --scenario=", r"--scenario must be 1 or 2 \(got ''"),
    ("CONFIG --scenario", "--scenario needs a value"),
    ("CONFIG -o TAKEN", "'TAKEN' exists; choose a name that is free"),
    ("CONFIG --csv TAKEN", "'TAKEN' exists; choose a name that is free"),
    ("CONFIG -o none/x.h5", "'none/x.h5' is in a folder that does not exist; choose"),
    ("CONFIG -o CONFIG --force", "'CONFIG' is an input of this run; choose"),
    ("CONFIG -o x --csv x", r"-o and --csv must name two .* \(got 'x' for"),
    ("CONFIG --overlay x", r"--overlay must be NAME=FILE.csv, .* \(got 'x'\)"),
    ("CONFIG --overlay =f.csv", r"--overlay must be NAME=FILE.csv, .* \(got '=f"),
    ("CONFIG --overlay a=none.csv", "none.csv cannot be read"),
    (
        "CONFIG --overlay a/b=GOOD",
        r"with a NAME of 1 to 63 letters.*\(not dots alone\) \(got 'a/b=",
    ),
    ("CONFIG --overlay ..=GOOD", r"with a NAME of .*\(not dots alone\) \(got '.."),
    ("CONFIG --overlay a=BAD", "bad.csv:4: masses must rise down the file"),
    ("CONFIG --overlay ccfr=GOOD", "the overlay 'ccfr' has the name of a constraint"),
    (
        "CONFIG --overlay a=GOOD --overlay a=GOOD",
        "the overlay 'a' has the name of a constraint or of another overlay",
    ),
    ("absent.yaml", "absent.yaml cannot be read"),
    ("CONFIG --nonsense", "unknown option --nonsense for 'bl23 plane'"),
)


@pytest.mark.parametrize("arguments, says", REFUSED, ids=[row[0] for row in REFUSED])
def test_refused(bl23, folder, config, arguments, says):
    haar, overlays = (
        CONFIG % (MASSES, "haar", "pdg2018", x, "") for x in ("paper2020", "overlays")
    )
    paths = {
        "CONFIG": config,
        "HAAR": write(folder, "haar.yaml", haar),
        "OVERLAYS": write(folder, "overlays.yaml", overlays),
        "BAD": write(folder, "bad.csv", "m_gev,upper\n0.1,1\n0.3,1\n0.2,1\n"),
        "GOOD": write(folder, "good.csv", "m_gev,upper\n0.1,1\n"),
        "TAKEN": write(folder, "taken.h5", "something"),
    }
    before = sorted(os.listdir(folder))
    words = []
    for word in arguments.split():
        name, equals, value = word.rpartition("=")
        words.append(name + equals + paths.get(value, value))
    for name in ("CONFIG", "TAKEN"):
        says = says.replace(f"'{name}'", f"'{paths[name]}'")
    done = t.run([bl23, "plane", *words], cwd=folder)
    assert done.returncode == 2 and not done.stdout, t.told(done)
    assert done.stderr.startswith("bl23: ") and done.stderr.count("\n") == 1, t.told(done)
    assert re.search(says, done.stderr), t.told(done, f"the message is not {says!r}")
    assert sorted(os.listdir(folder)) == before, "something was written"


@pytest.mark.parametrize(
    "masses, columns, says",
    (
        ("[0.3, 0.1, 0.12, 1.0e-12, 0.11]", 2, "1e-09 to 300 MeV"),
        ("[0.14]", 1, "  140 MeV: g between"),
        ("[0.14, 0.01, 0.128]", 3, "10 to 140 MeV"),
    ),
)
def test_summary(bl23, folder, masses, columns, says):
    """The summary knows the order of masses, and has no more columns than there are masses."""
    survey = f"survey: {{mass_gev: {{list: {masses}}}, w: {{fixed: [1, 0, 0, 0, 0, 0]}}}}\n"
    config = write(folder, "s.yaml", survey + "constraints: {sets: [world_2025]}\n")
    text = t.run_ok([bl23, "plane", config]).stdout
    head = next(line for line in text.splitlines() if line.startswith("g_B-L allowed"))
    assert head.count("MeV") == columns and says in text, text


LOG = "survey: {mass_gev: {log_uniform: %s}, w: {fixed: [1, 0, 0, 0, 0, 0]}}\n"
PAPER = "constraints: {sets: [paper2020]}\n"


def test_log_uniform(bl23, folder):
    """Seven masses of equal ratios."""
    config = write(folder, "log.yaml", LOG % "[1.0e-3, 1], knots: 7" + PAPER)
    masses = load(bl23, config)["mass_gev"]
    equal = 10.0 ** np.array([-3, -2.5, -2, -1.5, -1, -0.5, 0])
    assert np.allclose(masses, equal, rtol=1e-15) and masses[0] == 1e-3 and masses[6] == 1, masses


EDGES = r"log_uniform must be \[low, high\] with low < high, two masses in \[1e-12, 4.7\] GeV"
MASS = r"mass_gev must be \{fixed: m\}, .* with masses in \[1e-12, 4.7\] GeV \("


@pytest.mark.parametrize(
    "masses, says",
    (
        ("[1, 0.1], knots: 7", EDGES),
        ("[0.1], knots: 7", EDGES),
        ("[0, 1], knots: 7", MASS),
        ("[0.1, 9], knots: 7", MASS),
        ("[0.1, 1], knots: 1", "knots must be a whole number from 2 to 65536"),
    ),
)
def test_bad_log_uniform(bl23, folder, masses, says):
    bad = write(folder, "bad.yaml", f"survey: {{mass_gev: {{log_uniform: {masses}}}}}\n" + PAPER)
    done = t.run([bl23, "check", bad])
    assert done.returncode == 2 and re.search(":1: " + says, done.stderr), t.told(done)


def test_overlay_without_header(bl23, config, folder):
    """Two columns without names, with masses that fall, are read as they are meant, and told."""
    named = write(folder, "named.csv", "m_gev,upper\n0.01,1e-7\n1,1e-6\n")
    bare = write(folder, "bare.csv", "1;1e-6\n0,01;1D-7\n")
    values = []
    for path in (named, bare):
        h5 = os.path.join(folder, "overlay.h5")
        done = t.run_ok([bl23, "plane", config, "-o", h5, "--force", "--overlay", f"mine={path}"])
        assert ("bare.csv has no header" in done.stderr) == (path == bare), t.told(done)
        assert ("the masses of" in done.stderr) == (path == bare), t.told(done)
        with t.h5py.File(h5) as f:
            values.append(f["overlays/mine/g_max"][...].tolist())
    assert values[0] == values[1]
