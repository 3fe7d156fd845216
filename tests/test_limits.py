#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
"""Limits say what their files say, bit by bit.

Random curves with overlapping windows, at random masses, at rows and at ends, against mpmath and
the decimal texts; ends of windows on a grid.
"""

import importlib
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
