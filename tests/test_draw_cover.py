# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
"""Surveys with draw: cover: the words of every survivor by a second program, the distribution of
survivors beside a uniform survey's, the same bytes in every way, and refusals."""
import glob
import json
import os
import signal
import subprocess
import sys
import time

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
def good(bl23, shared):
    path = os.path.join(shared, "good.h5")
    t.run_ok(t.survey_command(bl23, config(shared, N), "--quiet -o", path))
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


# Of the cases A and C of covers: samples of the cover and of all rows, and the number of survivors
# of each kind that must be there at least.
CASES = {"A": (("tests", "data", "cover_a.yaml"), 150000, 80000000, 15000),
         "C": (("scripts", "surveys", "fig3.yaml"), 500000, 4000000, 150000)}
HISTOGRAMS = [["wu12_abs2", "phase23"], ["wu13_abs2", "phase12"], ["log10_g", "wu11_abs2"]]


@pytest.mark.parametrize("case", ["C"] if t.SHORT else CASES)
def test_distribution(bl23, shared, source, case):
    """Survivors of the cover and of all rows, in every bin: homogeneous by chi^2, |z| below 6."""
    of, drawn, rows, least = CASES[case]
    shipped, found = os.path.join(source, *of), []
    output = {"histograms": HISTOGRAMS, "max_survivors": 1, "nearest": 1}
    for name, survey in (("cover", {"samples": drawn, "draw": "cover", "cover": {"cells": 1e5}}),
                         ("uniform", {"samples": rows, "seed": 12})):
        path = os.path.join(shared, f"{case}-{name}")
        t.with_changes(shipped, path + ".yaml", survey=survey, output=output)
        t.run_ok(t.survey_command(bl23, path + ".yaml", "--quiet -o", path + ".h5"))
        found.append(path + ".h5")
    with t.h5py.File(found[0], "r") as a, t.h5py.File(found[1], "r") as b:
        n, m = int(a.attrs["passed"]), int(b.attrs["passed"])
        assert n > least and m > least, (n, m)
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


N = 200000
PARTS = ((0, 66666), (66666, 66667), (133333, 66667))


def command(bl23, shared, *more):
    return t.survey_command(bl23, config(shared, N), "--quiet", *more)


def parts(bl23, shared, *numbers):
    """Folders of parts of the survey, in that order."""
    made = []
    for k in numbers:
        first, count = PARTS[k]
        made.append(os.path.join(shared, f"part{k}.h5.run"))
        if not os.path.exists(made[-1]):
            t.run_ok(command(bl23, shared, "-o", made[-1][:-4], "--first", first, "--count", count))
    return made


def merged(bl23, shared, path):
    t.run_ok([bl23, "merge", *parts(bl23, shared, 2, 0, 1), "-o", path])


def partly_merged(bl23, shared, path):
    """The samples in the middle are missing at first; what is there is as good as any survey."""
    some = os.path.join(shared, "some.h5")
    t.run_ok([bl23, "merge", "--partial", *parts(bl23, shared, 2, 0), "-o", some])
    t.run_ok([bl23, "replay", some])
    with t.h5py.File(some) as f:
        assert int(f.attrs["samples"]) == N - PARTS[1][1]
    t.run_ok([bl23, "merge", some, *parts(bl23, shared, 1), "-o", path])


def extended(bl23, shared, path):
    t.run_ok(command(bl23, shared, "-o", path, "--samples", 70001))
    t.run_ok(command(bl23, shared, "-o", path, "--extend"))


def pinned(bl23, shared, path):
    t.run_ok(command(bl23, shared, "-o", path, "--model", os.path.join(shared, "good.h5")))


def killed(bl23, shared, path):
    """SIGKILL after every third commit, until the last run comes to its end."""
    kills = 0
    small = [str(x) for x in command(bl23, shared, "-o", path, "--range", 8192, "--commit", 0)]
    while not os.path.exists(path):
        before, process = segments(path), subprocess.Popen(small, stderr=subprocess.PIPE)
        while segments(path) < before + 3 and process.poll() is None:
            time.sleep(0.0005)
        process.kill()
        error = process.communicate()[1]
        assert process.returncode in (0, -signal.SIGKILL), (process.returncode, error)
        kills += process.returncode != 0
        if kills and not os.path.exists(path):
            assert segments(path) >= before, "nothing that was committed is lost"
    assert kills > 1, kills


def segments(path):
    return len(glob.glob(glob.escape(path) + ".run/segment-*"))


def instruction_set(isa):
    def make(bl23, shared, path):
        done = t.run(command(bl23, shared, "-o", path), env={"BL23_ISA": isa})
        if isa != "generic" and done.returncode == 2 and "BL23_ISA" in done.stderr:
            t.skip(f"this processor lacks {isa}")
        assert done.returncode == 0, t.told(done)
    return make


def threads(n):
    return lambda bl23, shared, path: t.run_ok(
        command(bl23, shared, "-o", path, "--threads", n, "--range", 5000))


WAYS = {"merged": merged, "merged in two steps": partly_merged, "extended": extended,
        "pinned": pinned, "killed": killed, "1 thread": threads(1), "3 threads": threads(3),
        **{isa: instruction_set(isa) for isa in ("generic", "avx2", "avx512", "neon")}}


@pytest.mark.parametrize("way", WAYS)
def test_same(bl23, shared, good, way):
    """The same file in every way that a survey can be made."""
    path = os.path.join(shared, way.replace(" ", "-") + ".h5")
    WAYS[way](bl23, shared, path)
    t.assert_same(good, path, way)
    t.run_ok([bl23, "replay", path])


def test_summary(bl23, shared):
    """The allowed part by the counts of each mass, and no cut-flow."""
    done = t.run_ok(t.survey_command(bl23, config(shared, 50000), "--quiet --json -o",
                                     os.path.join(shared, "s.h5")))
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
    (", draw: cover, cover: {accept: 1.5}",
     "accept must be a number from 1e-6 to 0.99 (got '1.5')"),
    (", draw: half", "uniform or cover"),
))
def test_refused(bl23, shared, drawn, words):
    done = t.run(t.survey_command(bl23, config(shared, 1000, drawn, "bad.yaml"), "-o",
                                  os.path.join(shared, "bad.h5")))
    assert done.returncode == 2 and words in done.stderr, t.told(done)


def test_nothing_left(bl23, shared):
    path = config(shared, 1000, name="none.yaml")
    t.with_changes(path, path, constraints={
        "sets": ["paper2020", "b_invisible_2021"], "without": ["na62_pi0", "e949"], "sigma": 2})
    done = t.run(t.survey_command(bl23, path, "-o", os.path.join(shared, "none.h5")))
    assert done.returncode == 2 and "proves that nothing survives" in done.stderr, t.told(done)


@pytest.mark.parametrize("masses, where", (
    ([0.14], "No sample"), ([0.14, 0.12], "At some masses no sample")))
def test_none_of_few_survives(bl23, shared, masses, where):
    """Where nothing was proven the summary speaks of the samples only."""
    path = config(shared, 1, ", draw: cover, cover: {cells: 1}", name="few.yaml")
    t.with_changes(path, path, survey={"mass_gev": {"list": masses}})
    done = t.run_ok(t.survey_command(bl23, path, "--quiet --force -o",
                                     os.path.join(shared, "few.h5")))
    assert f"\n{where} of the cover survives, and it is not proven that none can" in done.stdout
    assert "\nNo sample survives.\n" in done.stdout, t.told(done)
    assert "Nothing survives" not in done.stdout, t.told(done)


RECOMMENDED = "none of these samples survives: 'bl23 cover {}' says how much can survive at all"


@pytest.mark.parametrize("changes, recommended", (
    ({}, True),
    ({"draw": "cover", "cover": {"cells": 300}}, False),
    ({"w": {"fixed": [1, 0, 0, 0, 0, 0]}}, False),
    ({"samples": 20000, "loose": True}, False),
), ids=("nothing found", "a cover", "one row", "survivors"))
def test_recommended(bl23, shared, source, changes, recommended):
    """check names the cover where its forecast finds nothing and a cover can be."""
    name = "cover_a" if changes.pop("loose", False) else "cover_b"
    path = t.with_changes(os.path.join(source, "tests", "data", name + ".yaml"),
                          os.path.join(shared, "check.yaml"), survey={"samples": 50000, **changes})
    done = t.run_ok([bl23, "check", path])
    assert (RECOMMENDED.format(path) in done.stdout) == recommended, t.told(done)
    assert ("draw: cover finds it" in done.stdout) == recommended, t.told(done)
