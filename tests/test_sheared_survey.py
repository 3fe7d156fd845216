# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
"""Surveys with draw: cover whose cells are sheared: the same bytes in every way, and strips that
are proven."""
import json
import os

import pytest

import survey_tools as t

N = 60000
CONFIG = ("survey: {samples: %d, seed: 5, mass_gev: {list: [0.14, 0.1]}, g_bl: {fixed: 1}, "
          "draw: cover, cover: {cells: 2000}}\n"
          "constraints: {extra: [{name: ds, observable: br_kp_pip, upper: 1e-6, cl: 0.9, cite: x}"
          "]}\n"
          "output: {max_survivors: 3000, nearest: 9, histograms: [[wu12_abs2, phase23]]}\n")


@pytest.fixture(scope="module")
def command(bl23, shared):
    yaml = os.path.join(shared, "tuned.yaml")
    with open(yaml, "w", encoding="utf-8") as f:
        f.write(CONFIG % N)
    return t.survey_command(bl23, yaml, "--quiet")


@pytest.fixture(scope="module")
def good(command, shared):
    path = os.path.join(shared, "good.h5")
    t.run_ok([*command, "-o", path])
    return path


def test_strips(bl23, command, good, shared):
    """All masses have strips, the file says so, and they are proven."""
    with t.h5py.File(good) as file:
        first = file["cover/tree"][:][file["cover/offset"][:].astype(int)] & 7
    assert (first == 1).all(), first  # the code of a tree whose cells are sheared
    t.run_ok([bl23, "cover", "--verify", good])
    t.run_ok([bl23, "replay", good])
    yaml = os.path.join(shared, "tuned.yaml")
    for mass in json.loads(t.run_ok([bl23, "cover", yaml, "--json"]).stdout)["masses"]:
        assert mass["acceptance"] > 0.05, mass


@pytest.mark.parametrize("way", (["--threads", 1], ["--range", 5000], ["BL23_ISA=generic"],
                                 ["BL23_ISA=avx2"], ["BL23_NO_SCREEN=1"]))
def test_same(command, good, shared, way):
    path = os.path.join(shared, str(way[0]).strip("-") + ".h5")
    options = [] if "=" in way[0] else way
    done = t.run([*command, "-o", path, *options],
                 env=dict([way[0].split("=")]) if not options else None)
    if done.returncode == 2 and "BL23_ISA" in done.stderr:
        t.skip("this processor lacks " + way[0])
    assert done.returncode == 0, t.told(done)
    t.assert_same(good, path, str(way))


def test_parts(bl23, command, good, shared):
    runs = []
    for k in range(3):
        path = os.path.join(shared, f"part{k}.h5")
        t.run_ok([*command, "-o", path, "--first", k * N // 3, "--count", N // 3])
        runs.append(path + ".run")
    merged = os.path.join(shared, "merged.h5")
    t.run_ok([bl23, "merge", *runs, "-o", merged])
    t.assert_same(good, merged, "merged parts")


def test_extended(command, good, shared):
    path = os.path.join(shared, "extended.h5")
    t.run_ok([*command, "-o", path, "--samples", 20001])
    t.run_ok([*command, "-o", path, "--extend"])
    t.assert_same(good, path, "extended")
