#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
"""Limits say what their files say, bit by bit.

Random curves with overlapping windows, at random masses, at rows and at ends, against mpmath and
the decimal texts; ends of windows on a grid.
"""

import importlib
import json
import os
import random
import sys
from decimal import Decimal

import pytest

import survey_tools as t

CONFIGS, CURVES, MASSES = (20, 30, 250) if t.SLOW else (3, 30, 90)
LOW, HIGH, DIGITS = 0.01, 0.4, 5  # of masses [GeV]; few digits make many of them equal


def mass_text(chance):
    return f"{chance.uniform(LOW, HIGH):.{chance.choice((3, DIGITS))}f}"


def random_rows(chance):
    """Windows as (window, mass, limit), in the order of a file.

    They lie anywhere; some have one row, and some begin where an earlier row lies.
    """
    rows = []
    for window in range(chance.randint(1, 5)):
        masses = {mass_text(chance) for _ in range(chance.choice((1, 2, 3, 6)))}
        if rows and chance.random() < 0.6:
            masses.add(chance.choice(rows)[1])
        distinct = {Decimal(mass): mass for mass in masses}
        rows += [
            (str(window), distinct[m], f"{10 ** chance.uniform(-9, 2):.{chance.randint(1, 5)}e}")
            for m in sorted(distinct)
        ]
    return rows


def write_curve(path, rows):
    single = len({row[0] for row in rows}) == 1
    with open(path, "w", encoding="utf-8") as f:
        f.write("m_gev,upper\n" if single else "window,m_gev,upper\n")
        f.writelines(",".join(row[single:]) + "\n" for row in rows)


def largest_g(bl23, folder, masses, items):
    """The largest g that each constraint on g allows [masses], by bl23 plane."""
    config, h5 = os.path.join(folder, "c.yaml"), os.path.join(folder, "c.h5")
    t.save_yaml(
        config,
        {
            "survey": {"samples": 1000, "mass_gev": masses},
            "constraints": {
                "extra": [{"observable": "g_bl", "cl": 0.9, "cite": "x", **item} for item in items]
            },
        },
    )
    t.run_ok([bl23, "plane", config, "--scenario", 1, "-o", h5, "--force"])
    with t.h5py.File(h5) as f:
        return {item["name"]: f[f"constraints/{item['name']}/g_max"][0] for item in items}


@pytest.fixture(scope="module")
def reference(source):
    """The independent reading of curves."""
    pytest.importorskip("mpmath", reason="mpmath (python3-mpmath) is not installed")
    sys.path.insert(0, os.path.join(source, "tests", "reference"))
    return importlib.import_module("reference_constraints")


@pytest.mark.parametrize("number", range(CONFIGS))
def test_curves(bl23, folder, reference, number):
    chance = random.Random(number)
    curves = {f"c{k}": random_rows(chance) for k in range(CURVES)}
    for name, rows in curves.items():
        write_curve(os.path.join(folder, name + ".csv"), rows)
    texts = [row[1] for rows in curves.values() for row in chance.sample(rows, min(2, len(rows)))]
    texts += [mass_text(chance) for _ in range(MASSES - len(texts))]
    masses = list({Decimal(m): m for m in texts}.values())
    found = largest_g(
        bl23,
        folder,
        {"list": [float(m) for m in masses]},
        [{"name": name, "curve": name + ".csv"} for name in curves],
    )
    reference.CURVES = folder
    reference.read_curve.cache_clear()
    overlaps = 0
    for name, rows in curves.items():
        for mass, g in zip(masses, found[name]):
            exact = float(reference.exact_curve_at(rows, mass))
            assert g == exact, t.note(
                f"seed {number}, {name} at {mass}", rows, f"{g!r}, not {exact!r}"
            )
            double = reference.curve_at(name, float(mass)) or float("inf")
            assert double == exact or abs(double / exact - 1) < 1e-12, t.note(
                "the reference in double", rows, mass, double, exact
            )
            windows = [[row for row in rows if row[0] == w] for w in {row[0] for row in rows}]
            overlaps += sum(reference.exact_curve_at(w, mass) < float("inf") for w in windows) > 1
    assert overlaps > 100, t.note(f"seed {number}: windows overlap at masses", overlaps)


@pytest.mark.parametrize(
    "spacing, low, high, knots, inner",
    (
        ("uniform", "0.1", "0.2", 51, ("0.102", "0.134", "0.198")),
        ("uniform", "0.07", "0.37", 31, ("0.08", "0.12", "0.13", "0.18")),
        ("uniform", "0.012", "0.2", 48, ("0.024", "0.04", "0.056", "0.068")),
        ("log_uniform", "0.001", "1", 4, ("0.01", "0.1")),
    ),
)
def test_grid(bl23, folder, spacing, low, high, knots, inner):
    """A limit, or a window, that ends at a mass of a grid holds there as it does for a list."""
    items = []
    for mass in inner:
        near = [str(Decimal(mass) * (1 + side * Decimal("1e-4"))) for side in (-1, 1)]
        for k, edges in enumerate(((near[0], mass), (mass, near[1]))):
            name = f"c{mass}-{k}"
            write_curve(
                os.path.join(folder, name + ".csv"), [("0", edge, "1e-3") for edge in edges]
            )
            inside = [float(edge) for edge in edges]
            items += [
                {"name": name, "curve": name + ".csv"},
                {"name": f"i{mass}-{k}", "upper": 1e-3, "mass_inside_gev": inside},
                {"name": f"o{mass}-{k}", "upper": 1e-3, "mass_outside_gev": inside},
            ]
    grid = largest_g(bl23, folder, {spacing: [float(low), float(high)], "knots": knots}, items)
    listed = largest_g(bl23, folder, {"list": [float(m) for m in inner]}, items)
    with t.h5py.File(os.path.join(folder, "c.h5")) as f:
        masses = list(f["mass_gev"])
    first, step = Decimal(low), (Decimal(high) - Decimal(low)) / (knots - 1)
    for item in items:
        for k, mass in enumerate(inner):
            at = round((Decimal(mass) - first) / step) if spacing == "uniform" else k + 1
            assert (
                masses[k] == float(mass) and grid[item["name"]][at] == listed[item["name"]][k]
            ), t.note(
                f"{spacing} [{low}, {high}], knots: {knots}: {item['name']} at {mass}",
                grid[item["name"]][at],
                listed[item["name"]][k],
            )


@pytest.mark.parametrize(
    "mass, misses",
    ((0.05, True), (0.1, False), (0.25, False), (0.4, False), (0.5, False), (0.51, True)),
)
def test_warning(bl23, folder, mass, misses):
    """A curve is said to miss all masses by its range, whatever the order of its windows."""
    rows = [("0", "0.1", "1"), ("0", "0.5", "1"), ("1", "0.2", "1"), ("1", "0.3", "1")]
    write_curve(os.path.join(folder, "w.csv"), rows)
    rest = {"observable": "g_bl", "cl": 0.9, "cite": "x"}
    extra = [{"name": "mine", "curve": "w.csv", **rest}, {"name": "any", "upper": 1.0, **rest}]
    survey = {"samples": 1000, "mass_gev": {"fixed": mass}}
    config = os.path.join(folder, "w.yaml")
    t.save_yaml(config, {"survey": survey, "constraints": {"extra": extra}})
    done = t.run_ok([bl23, "check", config, "--no-forecast"])
    said = done.stdout + done.stderr
    assert ("has no effect: its curve covers" in said) == misses, said
    assert not misses or "covers 0.1 to 0.5 GeV" in said, said


FILES = {  # what a digitiser or a spreadsheet writes, and what `check` says of it
    "plain": (b"m_gev,upper\n0.1,1e-5\n0.2,1e-5\n", None),
    "Excel": (b"\xef\xbb\xbfm_gev;upper\r\n0,1;1E-5\r\n0,2;1E-5\r\n", None),
    "no header": (b"0.1, 1e-5\n0.2, 1e-5\n", "mine.csv has no header: its first column is read "
                  "as masses in GeV, its second as the limit of mine"),
    "falling": (b"m_gev,upper\n0.2,1e-5\n0.1,1e-5\n", "the masses of mine.csv fall down the file"),
    "Fortran": (b"m_gev upper\n0.1 1D-5\n0.2 1D-5\n", None),
    "UTF-16": ("m_gev,upper\n".encode("utf-16"), "mine.csv:1: the file is UTF-16; save it"),
    "MeV": (b"m_gev,upper\n100,1e-5\n200,1e-5\n", "mine has no effect: its curve covers 100 to "
            "200 GeV, where this survey has no mass (masses are in GeV)"),
}


@pytest.mark.parametrize("text, told", FILES.values(), ids=FILES)
def test_files_of_others(bl23, folder, text, told):
    """The same limit from every program that writes such files."""
    with open(os.path.join(folder, "mine.csv"), "wb") as f:
        f.write(text)
    item = {"name": "mine", "observable": "g_bl", "curve": "mine.csv"}
    if told is None or told.startswith(("mine.csv has", "the masses")):
        assert largest_g(bl23, folder, {"fixed": 0.15}, [item]) == {"mine": 1e-5}
    config = os.path.join(folder, "c.yaml")
    t.save_yaml(config, {
        "survey": {"samples": 1000, "mass_gev": {"fixed": 0.15}},
        "constraints": {"sets": ["paper2020"], "extra": [{**item, "cl": 0.9, "cite": "x"}]}})
    done = t.run([bl23, "check", config, "--no-forecast"])
    assert (told or "") in done.stdout + done.stderr, t.told(done)
    assert told is not None or "mine.csv" not in done.stdout.partition("applied")[2], t.told(done)


def test_belle2_light(source):
    """The limit of 90 % CL is the best fit and 1.645 times its upper error, in exact decimals."""

    def rows(*path):
        with open(os.path.join(source, *path), encoding="utf-8") as f:
            lines = [line.strip().split(",") for line in f if not line.startswith("#")]
        return [[Decimal(field) for field in line] for line in lines[1:]]

    fit = rows("tests", "reference", "bp_kp_belle2_light_fit.csv")
    limits = [[mass, best + Decimal("1.645") * (edge - best), best] for mass, best, edge in fit]
    assert limits == rows("tables", "data", "bp_kp_belle2_light_2025.csv") and len(limits) == 45


@pytest.mark.parametrize("other", (False, True))
@pytest.mark.parametrize(
    "masses, free",
    (([4.2, 4.29733], 0), ([0.01, 4.2, 4.2974, 4.5], 2), ([4.2974, 4.7], None)),
)
def test_end_of_curve(bl23, folder, masses, free, other):
    """`check` says where a curve ends, unless something else limits its observable there."""
    config = os.path.join(folder, "end.yaml")
    survey = {"samples": 10000, "mass_gev": {"list": masses}}
    mine = {"name": "mine", "observable": "br_bp_kp", "upper": 1e-4, "cl": 0.9, "cite": "x"}
    constraints = {"sets": ["world_2026"], "extra": [mine] if other else []}
    t.save_yaml(config, {"survey": survey, "constraints": constraints})
    said = t.run_ok([bl23, "check", config, "--no-forecast"]).stdout
    inside = [mass for mass in masses if mass < 4.2974]
    ends = (f"bp_kp_belle2_light limits br_bp_kp at {len(inside)} of the {len(masses)} masses only,"
            f" {' .. '.join(map(str, inside))} GeV; nothing limits it at {free} of the others")
    misses = "bp_kp_belle2_light has no effect: its curve covers 0 to 4.29733 GeV"
    assert (misses in said) == (free is None), said


@pytest.mark.parametrize(
    "mark, choice, muons, hadrons",
    (
        (None, "leptons", 3, 0),
        (False, "leptons", 0, 0),
        (True, "leptons", 0, 2),
        (True, "one", 3, 0),
    ),
)
def test_visible(bl23, folder, mark, choice, muons, hadrons):
    """What is told of a Z' that decays visibly, of four masses: muons at three, hadrons at two."""
    config = os.path.join(folder, "visible.yaml")
    mine = {"name": "mine", "observable": "br_bp_kp", "upper": 1e-5, "cl": 0.9, "cite": "x"}
    if mark is not None:
        mine["invisible"] = mark
    survey = {"samples": 20000, "mass_gev": {"list": [0.2113, 0.2114, 0.28, 1]}}
    t.save_yaml(config, {"survey": survey, "inputs": {"br_inv": choice},
                         "constraints": {"extra": [mine]}})
    said = t.run_ok([bl23, "check", config, "--no-forecast"]).stdout
    for what, masses in (("mu mu is open above 0.2113", muons),
                         ("hadrons is open above 0.2791", hadrons)):
        told = f"Z' -> {what} GeV, at {masses} of the 4 masses: there, "
        assert (told in said if masses else what not in said), said


def survey_with(folder, masses, constraints, samples=100000):
    """A configuration with a list of masses, and its output."""
    config, h5 = os.path.join(folder, "own.yaml"), os.path.join(folder, "own.h5")
    t.save_yaml(config, {"survey": {"samples": samples, "mass_gev": {"list": masses}},
                         "constraints": constraints})
    return config, h5


GRID = [0.15, 0.12, 0.13, 0.14]  # any order


@pytest.mark.parametrize(
    "rows, window, limited, text",
    (
        (((0.1, 0.135),), {}, 2, "0.12 .. 0.13 GeV"),
        (((0.1, 0.12), (0.14, 0.2)), {}, 3, "0.12, 0.14 .. 0.15 GeV"),
        (((0.1, 0.2),), {"mass_outside_gev": [0.125, 0.145]}, 2, "0.12, 0.15 GeV"),
        (((0.1, 0.2),), {"mass_near_pi0_gev": 0.006}, 2, "0.13 .. 0.14 GeV"),
        (((0.1, 0.2),), {}, 4, "all masses"),
        (((0.131, 0.139),), {}, 0, "no mass"),
    ),
)
def test_limited_masses(bl23, folder, rows, window, limited, text):
    """`check`, the start of a survey, its summary and `bound` say at which masses a limit acts."""
    write_curve(os.path.join(folder, "mine.csv"),
                [(str(k), str(m), "1e-4") for k, row in enumerate(rows) for m in row])
    mine = {"name": "mine", "observable": "g_bl", "curve": "mine.csv", "cl": 0.9, "cite": "x"}
    config, h5 = survey_with(folder, GRID, {"sets": ["paper2020"], "extra": [{**mine, **window}]})
    check = t.run_ok([bl23, "check", config, "--no-forecast"])
    row = next(line for line in check.stdout.splitlines() if line.startswith("  mine "))
    where = text if limited in (0, 4) else f"{text}, {limited} of 4 masses"
    assert row.endswith(f"[x], limits {where}"), row
    told = (f"mine limits g_bl at {limited} of the 4 masses only, {text}; other limits, or a "
            "closed decay, take its place at the others")
    none = "mine has no effect: "
    command = [bl23, "survey", config, "-o", h5, "--backend", "cpu"]
    quiet = t.run_ok([*command, "--quiet"])  # warns, too
    survey = t.run_ok([*command, "--force"])
    assert quiet.stderr == survey.stderr
    bound = t.run_ok([bl23, "bound", config])
    for said in (check.stdout, survey.stderr):
        assert (told in said) == (0 < limited < 4) and (none in said) == (limited == 0), said
    assert (told in bound.stdout) == (0 < limited < 4), bound.stdout
    cut = next(line for line in survey.stdout.splitlines() if line.startswith("  mine "))
    assert cut.endswith("%" if limited == 4 else f"limits {where}"), cut
    items = json.loads(t.run_ok([bl23, "check", config, "--no-forecast", "--json"]).stdout)
    item = next(c for c in items["constraints"] if c["name"] == "mine")
    acting = [m for m in GRID if any(r[0] <= m <= r[1] for r in rows)
              and not 0.125 <= m <= 0.145 * ("mass_outside_gev" in window)
              and ("mass_near_pi0_gev" not in window or abs(m - 0.134977) < 0.006)]
    assert item["masses"] == limited == len(acting)
    assert item["range_gev"] == ([min(acting), max(acting)] if acting else None)


@pytest.mark.parametrize(
    "item, told",
    (
        ({"observable": "br_bp_kp", "upper": 11}, "mine allows br_bp_kp up to 11 at 4 of the 4 "
         "masses, but a branching ratio is at most 1"),
        ({"observable": "br_bp_kp", "upper": 0.99}, None),
        ({"observable": "br_bp_kp", "curve": "mine.csv"}, "mine allows br_bp_kp up to 3 at 1 of "
         "the 4 masses, but a branching ratio is at most 1"),
        ({"observable": "g_bl", "upper": 10}, "mine allows g_bl up to 10 at 4 of the 4 masses, but "
         "no survey has a g_B-L above 10"),
        ({"observable": "g_bl", "upper": 9}, None),
        ({"observable": "delta_a_mu", "upper": 11}, None),
        ({"observable": "br_bp_kp", "central": 1e-9, "sigma": 1e-9}, "mine acts as an upper limit: "
         "its lower edge, -1e-09, is below 0, and no observable is negative"),
        ({"observable": "br_bp_kp", "central": 3e-9, "sigma": 1e-9}, None),
        ({"observable": "br_bp_kp", "band_1sigma": [-1, 2], "band_2sigma": [-2, 3]}, "mine allows "
         "br_bp_kp up to 3 at 4 of the 4 masses, but a branching ratio is at most 1"),
    ),
)
def test_weak_limits(bl23, folder, item, told):
    """A limit that no value can exceed is told."""
    write_curve(os.path.join(folder, "mine.csv"),
                [("0", m, u) for m, u in (("0.1", "0.1"), ("0.145", "0.1"), ("0.15", "3"))])
    level = {} if {"central", "band_1sigma"} & set(item) else {"cl": 0.9}
    mine = {"name": "mine", "cite": "x", **level, **item}
    config, _ = survey_with(folder, GRID, {"sets": ["paper2020"], "extra": [mine]})
    said = t.run_ok([bl23, "check", config, "--no-forecast"]).stdout
    assert told in said if told else "warning: mine" not in said, said


def test_sets_without_effect(bl23, folder):
    """Told of a set that acts at no mass, or of which nothing is left."""
    inert = "the set charm_searches_2026 has no effect: it limits nothing at any mass"
    for masses, told in (([0.16, 1.0], True), ([0.15, 1.0], False)):
        config, _ = survey_with(folder, masses, {"sets": ["b_invisible_2021", "charm_searches"]})
        said = t.run_ok([bl23, "check", config, "--no-forecast"]).stdout
        assert (inert in said) == told, said
    names = ["dp_pip", "d0_omega", "lc_p"]
    config, _ = survey_with(folder, [0.1], {"sets": ["paper2020", "charm_searches"],
                                            "without": names})
    said = t.run_ok([bl23, "check", config, "--no-forecast"]).stdout
    assert "the set charm_searches_2026 has no effect: 'without' removes all of it" in said, said
    config, _ = survey_with(folder, [0.1], {"sets": ["charm_searches"], "without": names})
    done = t.run([bl23, "check", config])
    assert done.returncode == 2 and "without removes every constraint of the chosen" in done.stderr


@pytest.mark.parametrize("upper", (2.0, 0.5))
def test_rates_above_one(bl23, folder, upper):
    """The summary says that survivors have branching ratios above 1, and which."""
    mine = {"name": "mine", "observable": "br_bp_kp", "upper": upper, "cl": 0.9, "cite": "x"}
    config, h5 = survey_with(folder, [0.1], {"extra": [mine]})
    t.with_changes(config, config, survey={"g_bl": {"log_uniform": [1e-3, 0.02]}})
    said = t.run_ok([bl23, "survey", config, "-o", h5]).stdout
    with t.h5py.File(h5) as f:
        large = [name for name in f["survivors"] if name.startswith("br_")
                 and f[f"survivors/{name}"][...].max() > 1]
        assert ("br_bp_kp" in large) == (upper > 1)
    note = said.partition("Note: survivors have branching ratios above 1, which no constraint")[2]
    note = note.partition("\n")[0]
    assert sorted(word for word in note.replace(":", " ").split() if word.startswith("br_")
                  ) == sorted(large), said


NOWHERE = """survey: {samples: 20000, mass_gev: {fixed: 0.14}}
constraints:
  sets: [paper2020]
  extra:
    - {name: mine, observable: br_kp_pip, upper: 1.0e-10, cl: 0.9, cite: M, mass_inside_gev: %s}
"""


@pytest.mark.parametrize("window, told", (("[110, 150]", True), ("[0.11, 0.15]", False)))
def test_applies_nowhere(bl23, folder, window, told):
    """A limit of one's own that holds at no mass is told, as with MeV for GeV."""
    config = os.path.join(folder, "nowhere.yaml")
    with open(config, "w", encoding="utf-8") as f:
        f.write(NOWHERE % window)
    done = t.run_ok([bl23, "check", config, "--no-forecast"])
    says = "mine has no effect: it limits nothing at any mass"
    assert (says in done.stdout) == told, t.told(done)


@pytest.mark.parametrize(
    "masses, told",
    (
        ([0.3, 0.353], None),
        ([0.1, 0.36, 1], "mine can exclude nothing at 2 of the 3 masses, 0.36 to 1 GeV, where "
         "br_kp_pip is closed"),
        ([0.355, 0.36], "constraint 'mine' can exclude nothing: at all masses that it covers, "
         "0.355 to 0.36 GeV, br_kp_pip is closed; remove it, or choose other masses"),
    ),
)
@pytest.mark.parametrize("kind", ("upper", "curve", "band"))
def test_closed(bl23, folder, masses, told, kind):
    """A limit above the threshold of its decay, K+ -> pi+ at 0.3541 GeV."""
    write_curve(os.path.join(folder, "mine.csv"), [("0", "0", "1e-9"), ("0", "2", "1e-9")])
    mine = {"upper": {"upper": 1e-9, "cl": 0.9}, "curve": {"curve": "mine.csv", "cl": 0.9},
            "band": {"central": 1e-9, "sigma": 1e-9}}[kind]
    config = os.path.join(folder, "closed.yaml")
    extra = [{"name": "mine", "observable": "br_kp_pip", "cite": "x", **mine}]
    survey = {"samples": 20000, "mass_gev": {"list": masses}}
    t.save_yaml(config, {"survey": survey, "constraints": {"sets": ["b_invisible_2021"],
                                                           "extra": extra}})
    done = t.run([bl23, "check", config, "--no-forecast"])
    refused = told is not None and told.startswith("constraint")
    said = done.stderr if refused else done.stdout
    assert done.returncode == (2 if refused else 0), t.told(done)
    assert told in said if told else "exclude nothing" not in said, t.told(done)


MIXING = "D0 mixing is known to a factor of 2 to 3 only"


@pytest.mark.parametrize("observable", ("x12", "x12_im"))
@pytest.mark.parametrize(
    "window, told",
    (
        ({}, f"mine can exclude nothing at 2 of the 4 masses, 0.4 to 2 GeV, where {MIXING}"),
        ({"mass_outside_gev": [0.4, 2]}, None),
        ({"mass_inside_gev": [0.3, 1]}, "mine can exclude nothing at 1 of the 4 masses, 0.4 GeV, "
         f"where {MIXING}"),
        ({"mass_inside_gev": [0.4, 2]}, "constraint 'mine' can exclude nothing: at all masses that "
         f"it covers, 0.4 to 2 GeV, {MIXING}; remove it, or choose other masses"),
    ),
)
def test_mixing(bl23, folder, observable, window, told):
    """A limit on D0 mixing acts outside 0.4 to 2 GeV only."""
    config = os.path.join(folder, "mixing.yaml")
    mine = {"name": "mine", "observable": observable, "upper": 1e-3, "cl": 0.9, "cite": "x"}
    survey = {"samples": 40000, "mass_gev": {"list": [0.39, 0.4, 2, 2.1]}}
    t.save_yaml(config, {"survey": survey, "constraints": {"sets": ["b_invisible_2021"],
                                                           "extra": [{**mine, **window}]}})
    done = t.run([bl23, "check", config, "--no-forecast"])
    refused = told is not None and told.startswith("constraint")
    said = done.stderr if refused else done.stdout
    assert done.returncode == (2 if refused else 0), t.told(done)
    assert told in said if told else "exclude nothing" not in said, t.told(done)


def test_modulus(bl23, folder):
    """A limit on x12_im acts on its modulus: survivors of both signs come up to it, none beyond."""
    config, h5 = os.path.join(folder, "modulus.yaml"), os.path.join(folder, "modulus.h5")
    mine = {"name": "mine", "observable": "x12_im", "upper": 1e-4, "cl": 0.9, "cite": "x"}
    survey = {"samples": 100000, "mass_gev": {"fixed": 0.1}, "g_bl": {"fixed": 3e-7}}
    t.save_yaml(config, {"survey": survey, "constraints": {"extra": [mine]}})
    t.run_ok([bl23, "survey", config, "-o", h5, "--quiet"])
    with t.h5py.File(h5) as f:
        x12_im, tension = f["survivors/x12_im"][...], f["survivors/tension"][...]
        assert 1000 < f.attrs["passed"] == len(x12_im) < 99000
    assert -1e-4 <= x12_im.min() < -0.99e-4 and 0.99e-4 < x12_im.max() <= 1e-4, x12_im
    assert abs(tension * 1e-4 - abs(x12_im)).max() < 1e-18
