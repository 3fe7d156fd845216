#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
"""plot_cover.py draws the covers that it is given: volumes are kept, survivors lie in what is left.
"""

import importlib
import os
import sys

import h5py
import numpy as np
import pytest

import survey_tools as t
from figure_tools import module_of

DRAWN = {
    "survey": {"mass_gev": {"list": [0.14, 0.02, 0.4]}, "g_bl": {"log_uniform": [1e-6, 1e-3]}},
    "constraints": {"sets": ["paper2020", "b_invisible_2021"],
                    "without": ["gm2", "ccfr", "na62_pi0", "e949"]},
}


@pytest.fixture(scope="module")
def plot_cover(scripts):
    return module_of("plot_cover")


@pytest.fixture
def draw(scripts):
    script = os.path.join(scripts, "plot_cover.py")
    return lambda *arguments: t.run([sys.executable, script, *arguments])


@pytest.fixture(scope="module")
def covers(bl23, shared):
    """Paths of covers: of fig3; with g drawn, at three masses; of the open question."""
    paths = {}
    drawn = t.save_yaml(os.path.join(shared, "drawn.yaml"), DRAWN)
    for name, config in (("fig3", "@fig3"), ("drawn", drawn), ("open", "@open_question")):
        paths[name] = os.path.join(shared, name + ".h5")
        t.run_ok([bl23, "cover", config, "--cells", "3000", "-o", paths[name]])
    return paths


def read(plot_cover, path, mass=None):
    with h5py.File(path) as file:
        return plot_cover.Cover(file, mass)


@pytest.mark.parametrize("name", ("fig3", "drawn", "open"))
def test_drawn(draw, covers, name):
    done = draw(covers[name])
    assert done.returncode == 0 and not done.stderr, t.told(done)
    for end in ("png", "pdf"):
        assert os.path.getsize(covers[name][:-3] + "_cover." + end) > 5000, end


@pytest.mark.parametrize("name,mass", [("fig3", None), ("drawn", 0.14), ("drawn", 0.02)])
def test_volumes(plot_cover, covers, name, mass):
    """The shares of the bins sum to the volumes that are proven."""
    cover = read(plot_cover, covers[name], mass)
    upper, inside = cover.upper[cover.shown], cover.inside[cover.shown]
    assert abs(cover.volume.sum() / upper - 1) < 1e-12
    assert abs(cover.volume[cover.whole].sum() - inside) < 1e-12 * upper
    _, shares = plot_cover.over_phase(cover)
    assert np.allclose(shares.mean(axis=1), (upper, inside), rtol=1e-12)
    edges, shares = plot_cover.over_simplex(cover)
    a, b = np.meshgrid(*(edge[:-1] for edge in edges), indexing="ij")
    area = np.where(a == b, 1, 2) * np.diff(edges[0])[0] * np.diff(edges[1])[0]
    assert np.allclose([(share * area).sum() for share in shares], (upper, inside), rtol=1e-12)
    assert shares.max() <= 1 + 1e-12 and (shares[1] <= shares[0] + 1e-12).all()


def test_survivors_lie_in_what_is_left(bl23, plot_cover, covers, folder):
    out = os.path.join(folder, "survey.h5")
    t.run_ok([bl23, "survey", "@fig3", "--samples", "1e6", "-o", out, "--quiet"])
    rows = t.columns(out)
    cover = read(plot_cover, covers["fig3"])
    edges, (left, _) = plot_cover.over_simplex(cover)
    first, third = rows["wu11_abs"] ** 2, rows["wu13_abs"] ** 2
    at = [np.searchsorted(edges[0], first, "right") - 1,
          np.searchsorted(edges[1], 1 - third, "right") - 1]
    edge = np.minimum(abs(edges[0][:, None] - first).min(axis=0),
                      abs(edges[1][:, None] - 1 + third).min(axis=0)) < 1e-9
    assert len(first) > 10000 and ((left[at[0], at[1]] > 0) | edge).all()
    turn = (rows["wu13_phase"] - rows["wu12_phase"]) / (2 * np.pi) % 1
    edges, (left, _) = plot_cover.over_phase(cover)
    at = np.searchsorted(edges, turn, "right") - 1
    edge = abs(edges[:, None] - turn).min(axis=0) < 1e-9
    assert ((left[at % len(left)] > 0) | edge).all()


def test_title(plot_cover, covers):
    title = read(plot_cover, covers["open"]).title()
    assert "excluded for every $W_u$, by proof" in title and "256 of 256 masses" in title
    assert "allowed part of all rows at most 0." in read(plot_cover, covers["fig3"]).title()
    assert read(plot_cover, covers["drawn"], 0.03).title().startswith(r"$m_{Z'}$ = 20 MeV")


@pytest.mark.parametrize("codes", ([0, 5, 5], [5, 5], [3] * 40))
def test_no_tree(plot_cover, codes):
    with pytest.raises(importlib.import_module("bl23").FileError):
        importlib.import_module("bl23.cover_data").leaves_of(np.array(codes))


def test_refused(bl23, draw, folder):
    survey, other = (os.path.join(folder, name) for name in ("uniform.h5", "no.h5"))
    t.run_ok([bl23, "survey", "@fig3", "--samples", "4096", "-o", survey, "--quiet"])
    with open(other, "w", encoding="utf-8") as f:
        f.write("no HDF5")
    for path, says in ((survey, "holds no cover"), (other, "is not an HDF5 file"),
                       (os.path.join(folder, "nothing.h5"), "does not exist")):
        done = draw(path)
        assert done.returncode == 2 and says in done.stderr, t.told(done)
        assert done.stderr.count("\n") == 1, t.told(done)
