#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
"""bl23 plane: its edges in g against bl23 point and against the independent reference physics, its
three kinds of output against each other, and everything it refuses."""
import csv
import importlib.util
import json
import os
import re
import sys

import numpy as np

import before_pytest as t

W = [0.3, 0.4, 0.5, -0.7, 0.81, 0.2]
MASSES = [0.003, 0.05, 0.118, 0.128, 0.135, 0.2, 0.36, 0.7, 2.9]
CONFIG = """survey:
  mass_gev: {list: %s}
  w: %s
inputs: %s
constraints:
  sets: [%s]
  without: [gm2%s]
  extra: [{name: muon, observable: delta_a_mu, band_1sigma: [1.0e-9, 3.0e-9], band_2sigma: [-1.0e-9, 4.0e-9], cite: "me"}]
"""


def load(bl23, config, *options):
    done = t.run_ok([bl23, "plane", config, "--json", *options])
    return json.loads(done.stdout or "{}")


def write(folder, name, text):
    path = os.path.join(folder, name)
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)
    return path


def check_against_point(bl23, plane, preset, sets):
    """At every finite edge `bl23 point` gives the observable its limit."""
    edges = 0
    for k, mass in enumerate(plane["mass_gev"]):
        for item in plane["constraints"]:
            for sigma in (1, 2):
                for edge, side in (("g_min", "lower"), ("g_max", "upper")):
                    g = item[f"{edge}_{sigma}sigma"][k]
                    if not g or item["name"] == "muon" or not 1e-30 < g <= 10:
                        continue
                    done = t.run_ok([bl23, "point", "--mass", repr(mass), "--g", repr(g), "--w", ",".join(map(str, W)),
                                     "--inputs", preset, "--constraints", sets, "--sigma", sigma, "--json"])
                    there = {c["name"]: c for c in json.loads(done.stdout)["constraints"]}[item["name"]]
                    t.check(there["applies"] and abs(there["value"] / there[side] - 1) < 1e-12,
                            f"{item['name']} at m = {mass}, {sigma} sigma, {edge} = {g}", there)
                    edges += 1
    t.check(edges > 60, "many edges are compared", edges)


def check_inside(plane):
    """What all constraints leave is the intersection, and overlays do not enter."""
    for k, mass in enumerate(plane["mass_gev"]):
        for sigma in (1, 2):
            low = max((c[f"g_min_{sigma}sigma"][k] if c[f"g_min_{sigma}sigma"][k] is not None else np.inf) for c in plane["constraints"])
            high = min((c[f"g_max_{sigma}sigma"][k] if c[f"g_max_{sigma}sigma"][k] is not None else np.inf) for c in plane["constraints"])
            found = [plane["allowed"][f"{edge}_{sigma}sigma"][k] for edge in ("g_min", "g_max")]
            found = [np.inf if x is None else x for x in found]
            t.check(np.allclose(found, [low, high], rtol=1e-14, atol=0), f"all constraints at m = {mass}", found, low, high)


def check_scenario_1(bl23, folder, source):
    """Against reference_physics.py, an independent program with 40 digits."""
    if importlib.util.find_spec("mpmath") is None:
        print("mpmath (python3-mpmath) is not installed: scenario I is not compared")
        return
    sys.path.insert(0, os.path.join(source, "tests", "reference"))
    import reference_physics as rp
    p = rp.resolve_inputs()
    config = write(folder, "one.yaml", CONFIG % ("[0.05, 0.128, 0.3]", "haar", "pdg2018", "paper2020", ", ccfr"))
    plane = load(bl23, config, "--scenario", "1")
    koto = next(c for c in plane["constraints"] if c["name"] == "koto_events")
    muon = next(c for c in plane["constraints"] if c["name"] == "muon")
    for k, mass in enumerate(("0.05", "0.128", "0.3")):
        a_ds = rp.couplings(mass, p)[2][0]
        rate = float(rp.kappa(mass, p)[0] * a_ds.imag**2)
        for name, limit in (("g_min_1sigma", 1.0e-9), ("g_max_1sigma", 4.1e-9), ("g_min_2sigma", 0.4e-9), ("g_max_2sigma", 6.2e-9)):
            t.check(abs(koto[name][k] / (limit / rate) ** 0.5 - 1) < 1e-12, f"KOTO {name} at {mass}", koto[name][k], (limit / rate) ** 0.5)
        per_g2 = float(rp.point(mass, 1, (1, 0, 0, 0, 0, 0), p)[2])
        t.check(abs(muon["g_max_1sigma"][k] / (3e-9 / per_g2) ** 0.5 - 1) < 1e-12, f"muon at {mass}", muon["g_max_1sigma"][k])
        t.check(muon["g_min_2sigma"][k] == 0.0, "a band from below zero has no lower edge", muon["g_min_2sigma"][k])


def check_outputs(bl23, folder, config, plane):
    """HDF5, CSV and JSON hold the same numbers; the same command gives the same bytes."""
    h5, table = os.path.join(folder, "p.h5"), os.path.join(folder, "p.csv")
    overlay = write(folder, "mine.csv", "m_gev,upper\n0.01,1e-7\n1,1e-7\n")
    t.run_ok([bl23, "plane", config, "-o", h5, "--csv", table, "--overlay", f"mine={overlay}"])
    first = t.read(h5)
    t.run_ok([bl23, "plane", config, "-o", h5, "--csv", table, "--overlay", f"mine={overlay}", "--force"])
    t.check(t.read(h5) == first, "the same command writes the same bytes")
    with open(table, encoding="utf-8") as f:
        rows = list(csv.DictReader(f))
    with t.h5py.File(h5) as f:
        t.check(f.attrs["format"] == b"bl23-plane" and len(rows) == len(MASSES), "format and rows", dict(f.attrs))
        for item in plane["constraints"] + plane["overlays"]:
            group = f["constraints" if item in plane["constraints"] else "overlays"][item["name"]]
            for level in (0, 1):
                for edge in ("g_min", "g_max"):
                    wanted = [np.inf if x is None else x for x in item[f"{edge}_{level + 1}sigma"]]
                    t.check(np.array_equal(group[edge][level], wanted), f"HDF5 of {item['name']} {edge}", group[edge][level], wanted)
                    column = f"{item['name']}_{edge}" + (f"_{level + 1}sigma" if item["kind"] == "band" else "")
                    if column in rows[0]:
                        t.check([float(r[column]) for r in rows] == list(wanted), f"CSV of {column}")
        mine = f["overlays/mine"]["g_max"][1]
        t.check(np.allclose(mine[1:8], 1e-7, rtol=1e-12) and np.isinf(mine[0]) and np.isinf(mine[8]), "the user's overlay", mine)
        for column in f["contours"].values():
            ctau, g = column.attrs["ctau_m"], np.asarray(column)
            # hbar c 24 pi/(g^2 m^2) = c tau, CODATA 2018
            t.check(np.allclose(1.973269804e-16 * 24 * np.pi / (g**2 * np.array(MASSES)), ctau, rtol=1e-12), f"c tau = {ctau}", g)
    with t.h5py.File(h5) as f:
        allowed = np.asarray(f["allowed/g_max"])
    for level in (0, 1):
        wanted = [np.inf if x is None else x for x in plane["allowed"][f"g_max_{level + 1}sigma"]]
        t.check(np.array_equal(allowed[level], wanted), "an overlay does not cut", allowed[level], wanted)


def check_refused(bl23, folder, config):
    haar = write(folder, "haar.yaml", CONFIG % (MASSES, "haar", "pdg2018", "paper2020", ""))
    overlays = write(folder, "overlays.yaml", CONFIG % (MASSES, "haar", "pdg2018", "overlays", ""))
    bad = write(folder, "bad.csv", "m_gev,upper\n0.2,1\n0.1,1\n")
    good = write(folder, "good.csv", "m_gev,upper\n0.1,1\n")
    taken = write(folder, "taken.h5", "something")
    before = sorted(os.listdir(folder))
    for arguments, says in (
            ([haar], r"haar.yaml: w must be \{fixed: .* for a plane \(got haar\).*--scenario 1"),
            ([overlays], "there is no constraint set 'overlays'; the sets are paper2020"),
            ([], r"bl23 plane takes one CONFIG \(got 0 operands"),
            ([config, config], r"bl23 plane takes one CONFIG \(got 2 operands"),
            ([config, "--scenario", "3"], r"--scenario must be 1 or 2 \(got '3'"),
            ([config, "--scenario", ""], r"--scenario must be 1 or 2 \(got ''"),
            ([config, "--scenario"], "--scenario needs a value"),
            ([config, "-o", taken], f"-o: '{taken}' exists; choose a name that is free"),
            ([config, "--csv", taken], f"-o: '{taken}' exists; choose a name that is free"),
            ([config, "-o", "none/x.h5"], "'none/x.h5' is in a folder that does not exist; choose"),
            ([config, "-o", config, "--force"], f"'{config}' is an input of this run; choose"),
            ([config, "-o", "x", "--csv", "x"], r"-o and --csv must name two .* \(got 'x' for"),
            ([config, "--overlay", "x"], r"--overlay must be NAME=FILE.csv, .* \(got 'x'\)"),
            ([config, "--overlay", "=f.csv"], r"--overlay must be NAME=FILE.csv, .* \(got '=f"),
            ([config, "--overlay", "a=none.csv"], "none.csv cannot be read"),
            ([config, "--overlay", f"a/b={good}"],
             r"with a NAME of 1 to 63 letters.*\(not dots alone\) \(got 'a/b="),
            ([config, "--overlay", f"..={good}"], r"with a NAME of .*\(not dots alone\) \(got '.."),
            ([config, "--overlay", f"a={bad}"], "bad.csv:3: masses must rise within a window"),
            ([config, "--overlay", f"ccfr={good}"], "the overlay 'ccfr' must have a name that no"),
            ([config, "--overlay", f"a={good}", "--overlay", f"a={good}"],
             "the overlay 'a' must have a name that no constraint and no other overlay has"),
            ([os.path.join(folder, "absent.yaml")], "absent.yaml cannot be read"),
            ([config, "--nonsense"], "unknown option --nonsense for 'bl23 plane'")):
        done = t.run([bl23, "plane", *arguments], cwd=folder)
        one_line = done.stderr.startswith("bl23: ") and done.stderr.count("\n") == 1
        t.check(done.returncode == 2 and one_line and not done.stdout and
                re.search(says, done.stderr), f"plane {arguments}", *t.told(done))
    t.check(sorted(os.listdir(folder)) == before, "nothing is written", os.listdir(folder))


def check_summary(bl23, folder):
    """The summary knows the order of masses, and shows no more columns than there are masses."""
    for masses, columns, says in (("[0.3, 0.1, 0.12, 1.0e-12, 0.11]", 2, "1e-09 to 300 MeV"), ("[0.14]", 1, "  140 MeV: g between"), ("[0.14, 0.01, 0.128]", 3, "10 to 140 MeV")):
        config = write(folder, "s.yaml", "survey: {mass_gev: {list: %s}, w: {fixed: [1, 0, 0, 0, 0, 0]}}\nconstraints: {sets: [current]}\n" % masses)
        text = t.run_ok([bl23, "plane", config]).stdout
        head = next(line for line in text.splitlines() if line.startswith("g_B-L allowed"))
        t.check(head.count("MeV") == columns and says in text, f"the summary for masses {masses}", text)


def check_log_uniform(bl23, folder):
    config = write(folder, "log.yaml", "survey: {mass_gev: {log_uniform: [1.0e-3, 1], knots: 7}, w: {fixed: [1, 0, 0, 0, 0, 0]}}\nconstraints: {sets: [paper2020]}\n")
    masses = load(bl23, config)["mass_gev"]
    t.check(np.allclose(masses, 10.0 ** np.array([-3, -2.5, -2, -1.5, -1, -0.5, 0]), rtol=1e-15) and masses[0] == 1e-3 and masses[6] == 1,
            "seven masses of equal ratios", masses)
    edges = r"log_uniform must be \[low, high\] with low < high, two masses in \[1e-12, 4.7\] GeV"
    mass = r"mass_gev must be \{fixed: m\}, .* with masses in \[1e-12, 4.7\] GeV \("
    for changes, says in (("[1, 0.1], knots: 7", edges), ("[0.1], knots: 7", edges),
                          ("[0, 1], knots: 7", mass), ("[0.1, 9], knots: 7", mass),
                          ("[0.1, 1], knots: 1", "knots must be a whole number from 2 to 65536")):
        bad = write(folder, "log-bad.yaml", f"survey: {{mass_gev: {{log_uniform: {changes}}}}}\n"
                    "constraints: {sets: [paper2020]}\n")
        done = t.run([bl23, "check", bad])
        t.check(done.returncode == 2 and re.search(":1: " + says, done.stderr),
                f"log_uniform: {changes}", *t.told(done))


def main():
    bl23, source = t.arguments()
    folder = t.work_folder()
    w = "{fixed: %s}" % W
    for preset, sets in (("pdg2018", "paper2020, b_invisible_2021"), ("pdg2024", "current")):
        without = "" if preset == "pdg2018" else "_wp2025"
        config = write(folder, "c.yaml", CONFIG % (MASSES, w, preset, sets, without))
        plane = load(bl23, config)
        check_against_point(bl23, plane, preset, sets.replace(", ", ","))
        check_inside(plane)
    config = write(folder, "c.yaml", CONFIG % (MASSES, w, "pdg2018", "paper2020", ""))
    plane = load(bl23, config)
    names = [c["name"] for c in plane["overlays"]]
    t.check(names == ["na64mu_projection", "borexino_lmutau", "koto_2018"], "the shipped overlays", names)
    check_outputs(bl23, folder, config, plane)
    check_scenario_1(bl23, folder, source)
    check_summary(bl23, folder)
    check_log_uniform(bl23, folder)
    check_refused(bl23, folder, config)
    t.finish()


if __name__ == "__main__":
    main()
