# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
"""Surveys with draw: cover: the words of every survivor by a second program, the distribution of
survivors beside a uniform survey's, the same bytes in every way, and refusals."""
import json
import os
import sys

import pytest

import survey_tools as t

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "reference"))
import reference_draw as draw  # noqa: E402

np = t.np
SETS = "constraints: {sets: [paper2020], without: [ccfr, na62_pi0, e949], sigma: 1}\n"
CONFIG = ("survey: {samples: %d, seed: 11, mass_gev: {list: [0.14, 0.12, 0.13]}%s}\n" + SETS +
          "output: {max_survivors: 3000, nearest: 9, histograms: "
          "[[wu12_abs2, phase23], [wu13_abs2, phase12]]}\n")
COVER = ", draw: cover, cover: {cells: 600}"


def config(folder, n, drawn=COVER, name="c.yaml"):
    path = os.path.join(folder, name)
    with open(path, "w", encoding="utf-8") as f:
        f.write(CONFIG % (n, drawn))
    return path


@pytest.fixture(scope="module")
def place():
    with t.temporary_folder() as folder:
        yield folder


@pytest.fixture(scope="module")
def good(bl23, place):
    path = os.path.join(place, "good.h5")
    t.run_ok(t.survey_command(bl23, config(place, 200000), "--quiet -o", path))
    return path


def leaves(packed, nodes):
    """Prefixes (value, bits) of the cells that are left, by rising depth, in preorder."""
    bits = np.unpackbits(packed, bitorder="little")[:3 * nodes].reshape(-1, 3)
    codes = iter((bits * [1, 2, 4]).sum(axis=1).tolist())
    found = []

    def depth(cell):
        return sum(n for _, n in cell) - (cell[0] != cell[1])

    def visit(cell):
        code = next(codes)
        if code >= 5:
            if code > 5:
                found.append((depth(cell), cell))
            return
        half = lambda k: (2 * cell[code][0] + k, cell[code][1] + 1)
        if code == 0 and cell[0] == cell[1]:
            for a, b in ((0, 0), (0, 1), (1, 1)):
                visit((half(a), half(b), *cell[2:]))
        else:
            for k in (0, 1):
                visit((*cell[:code], half(k), *cell[code + 1:]))

    visit(((0, 0),) * 5)
    assert next(codes, None) is None
    return sorted(found, key=lambda x: x[0])


def words_of(file, index):
    """Number of the mass and words of a sample, in Python's integers."""
    cover = {name: data[...] for name, data in file["cover"].items()}
    seed = int(file.attrs["seed"])
    bits = lambda pair: int(pair[0]) << 32 | int(pair[1])
    tile = np.array([index >> 12], dtype=np.uint64)
    zero = np.zeros_like(tile)
    choice = draw.philox4x32((zero + np.uint64(3), zero, tile & draw.MASK, tile >> draw.SHIFT),
                             (seed & 0xFFFFFFFF, seed >> 32))
    cells = [leaves(cover["tree"][int(o):], int(n))
             for o, n in zip(cover["offset"], cover["nodes"])]
    total = sum(2**(60 - d) for mass in cells for d, _ in mass)
    at, mass = bits([w[0] for w in choice[:2]]), 0
    below = sum(2**(60 - d) for d, _ in cells[0])
    while at >= below * 2**64 // total:
        mass += 1
        below += sum(2**(60 - d) for d, _ in cells[mass])
    x = [int(w[0]) for w in draw.words(np.array([index], dtype=np.uint64), seed)]
    smallest = max(d for d, _ in cells[mass])
    volume = sum(2**(smallest - d) for d, _ in cells[mass])
    place = bits(x[6:8]) * volume >> 64
    for d, cell in cells[mass]:
        if place < 2**(smallest - d):
            break
        place -= 2**(smallest - d)
    put = lambda word, prefix: (prefix[0] << (32 - prefix[1])) + (word >> prefix[1])
    x[0:3] = [put(w, p) for w, p in zip(x, cell[:3])]
    x[3] = (x[2] + put(x[3], cell[3])) % 2**32
    return mass, [np.array([w], dtype=np.uint64) for w in x]


def test_words(good):
    """Mass and row of survivors, computed anew from the stored trees."""
    with t.h5py.File(good, "r") as f:
        rows = t.columns(good)
        for k in range(0, len(rows["index"]), 100):
            mass, x = words_of(f, int(rows["index"][k]))
            squared, phases, _ = draw.haar(x)
            said = f"sample {rows['index'][k]}"
            assert rows["mass_gev"][k] == f["cover/mass_gev"][mass], said
            for i in range(3):
                assert abs(rows[f"wu1{i + 1}_abs"][k] - np.sqrt(squared[i][0])) < 1e-15, said
                assert abs(rows[f"wu1{i + 1}_phase"][k] - phases[i][0]) < 1e-14, said


def test_distribution(bl23, place):
    """Survivors of the cover and of all rows, in every bin: homogeneous by chi^2, |z| below 6."""
    cover, uniform = (os.path.join(place, name) for name in ("cover.h5", "uniform.h5"))
    fixed = lambda path: t.with_changes(path, path, survey={"mass_gev": {"fixed": 0.14}})
    t.run_ok(t.survey_command(bl23, fixed(config(place, 2000000, name="d.yaml")), "--quiet -o",
                              cover))
    t.run_ok(t.survey_command(bl23, fixed(config(place, 20000000, "", "u.yaml")), "--quiet -o",
                              uniform))
    with t.h5py.File(cover, "r") as a, t.h5py.File(uniform, "r") as b:
        n, m = int(a.attrs["passed"]), int(b.attrs["passed"])
        assert n > 10000 and m > 10000, (n, m)
        for name in a["histograms"]:
            if name.endswith("_mid"):
                continue
            x, y = (h["histograms"][name][...].ravel().astype(float) for h in (a, b))
            used = x + y > (0 if "__" not in name else 20)
            x, y = x[used], y[used]
            z = (x / n - y / m) / np.sqrt((x + y) / (n + m) * (1 / n + 1 / m))
            assert np.abs(z).max() < 6, (name, np.abs(z).max())
            # Wilson and Hilferty: the cube root of chi^2/k is nearly normal; 4.75 is p = 1e-6
            k = len(z) - 1
            sigmas = ((np.sum(z**2) / k)**(1 / 3) - 1 + 2 / (9 * k)) / np.sqrt(2 / (9 * k))
            assert sigmas < 4.75, (name, k, np.sum(z**2), sigmas)
        volume = float(a["cover/volume_upper"][0]) * n / int(a.attrs["samples"])
        other = m / int(b.attrs["samples"])
        error = other * np.sqrt(1 / n + 1 / m)
        assert abs(volume - other) < 5 * error, (volume, other, error)


WAYS = ({"BL23_ISA": "generic"}, {"threads": 1}, {"parts": 3}, {"extend": 1})


@pytest.mark.parametrize("way", WAYS)
def test_same(bl23, place, good, way):
    """The same file by another instruction set, one thread, merged parts, or a shorter survey."""
    path, n = os.path.join(place, "-".join(way) + ".h5"), 200000
    command = t.survey_command(bl23, config(place, n), "--quiet")
    if "parts" in way:
        runs = []
        for k in range(3):
            part = os.path.join(place, f"part{k}.h5")
            t.run_ok([*command, "-o", part, "--first", k * n // 3, "--count",
                      (k + 1) * n // 3 - k * n // 3])
            runs.append(part + ".run")
        t.run_ok([bl23, "merge", *runs, "-o", path])
    elif "extend" in way:
        t.run_ok([*command, "-o", path, "--samples", 70001])
        t.run_ok([*command, "-o", path, "--extend"])
    else:
        more = ["--threads", way["threads"]] if "threads" in way else []
        t.run_ok([*command, "-o", path, *more], env={k: v for k, v in way.items() if k.isupper()})
    t.assert_same(good, path, str(way))
    t.run_ok([bl23, "replay", path])


def test_summary(bl23, place):
    """The allowed part by the counts of each mass, and no cut-flow."""
    done = t.run_ok(t.survey_command(bl23, config(place, 50000), "--quiet --json -o",
                                     os.path.join(place, "s.h5")))
    said = json.loads(done.stdout)
    assert "cutflow" not in said and len(said["cover"]["masses"]) == 3
    for mass in said["cover"]["masses"]:
        assert mass["volume_inside"] <= mass["volume_low"] <= mass["volume"], mass
        assert mass["volume"] <= mass["volume_high"] <= mass["volume_upper"], mass
        assert abs(mass["volume"] - mass["acceptance"] * mass["volume_upper"]) < 1e-12, mass


@pytest.mark.parametrize("drawn, words", (
    (", draw: cover, w: {fixed: [1, 0, 1, 0, 1, 0]}", "needs rows w that are drawn"),
    (", cover: {cells: 10}", "only used with draw: cover"),
    (", draw: cover, cover: {cells: 0}", "cells must be a whole number from 1"),
    (", draw: cover, cover: {accept: 1.5}", "accept"),
    (", draw: half", "uniform or cover"),
))
def test_refused(bl23, place, drawn, words):
    done = t.run(t.survey_command(bl23, config(place, 1000, drawn, "bad.yaml"), "-o",
                                  os.path.join(place, "bad.h5")))
    assert done.returncode == 2 and words in done.stderr, t.told(done)


def test_nothing_left(bl23, place):
    path = config(place, 1000, name="none.yaml")
    t.with_changes(path, path, constraints={
        "sets": ["paper2020", "b_invisible_2021"], "without": ["na62_pi0", "e949"], "sigma": 2})
    done = t.run(t.survey_command(bl23, path, "-o", os.path.join(place, "none.h5")))
    assert done.returncode == 2 and "proves that nothing survives" in done.stderr, t.told(done)
