#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
"""plot_bound.py draws the bounds that it is given, and refuses what is no bound."""

import os
import sys

import pytest

import survey_tools as t
from figure_tools import module_of
from bound_tools import bound, changed, named, small, write_version2


@pytest.fixture(scope="module")
def random_g(bl23, surveys, scripts, shared):
    """The path, without its ending, of the bounds of random_g and a survey of it."""
    path = os.path.join(shared, "random_g")
    bound(bl23, small(surveys, shared, "random_g"), path + ".json")
    command = [bl23, "survey", path + ".yaml", "-o", path + ".h5", "--samples", "1e5", "--quiet"]
    t.run_ok(command)
    return path


@pytest.fixture(scope="module")
def plot_bound(scripts):
    return module_of("plot_bound")


@pytest.fixture
def draw(scripts):
    """A function that calls plot_bound.py."""
    script = os.path.join(scripts, "plot_bound.py")
    return lambda *arguments: t.run([sys.executable, script, *arguments])


def test_drawn(draw, random_g):
    done = draw(random_g + ".json", "--survey", random_g + ".h5")
    assert done.returncode == 0, t.told(done)
    for end in ("png", "pdf"):
        assert os.path.getsize(random_g + "_bound." + end) > 10000, end


def test_other_inputs(bl23, folder, draw, random_g):
    """A survey of other inputs is refused."""
    config, other = (os.path.join(folder, "other" + end) for end in (".yaml", ".h5"))
    t.with_changes(random_g + ".yaml", config, inputs="pdg2024")
    t.run_ok([bl23, "survey", config, "-o", other, "--samples", "1e5", "--quiet"])
    done = draw(random_g + ".json", "--survey", other)
    assert done.returncode == 2 and done.stderr.count("\n") == 1, t.told(done)
    assert "another configuration" in done.stderr, t.told(done)


def test_nothing_meets_a_limit(bl23, surveys, folder, draw):
    """One mass at which nothing meets a limit: a figure."""
    settings = t.load_yaml(os.path.join(surveys, "open_question.yaml"))
    settings["survey"]["mass_gev"] = {"list": [4.7]}
    config, out = (os.path.join(folder, "closed" + end) for end in (".yaml", ".json"))
    t.run_ok([bl23, "bound", t.save_yaml(config, settings), "-o", out])
    done = draw(out)
    assert done.returncode == 0, t.told(done)


@pytest.mark.parametrize("name", ("closed_mode", "no_band", "gap"))
def test_odd_bounds(bl23, surveys, folder, draw, name):
    out = os.path.join(folder, name + ".json")
    t.run_ok([bl23, "bound", changed(surveys, folder, name), "-o", out])
    done = draw(out)
    assert done.returncode == 0 and not done.stderr, t.told(done)


def test_survey_refused(draw, random_g):
    """A survey is no bound, and the message says what makes one."""
    done = draw(random_g + ".h5")
    assert done.returncode == 2 and done.stderr.count("\n") == 1, t.told(done)
    assert "'bl23 bound -o FILE.json' wrote" in done.stderr, t.told(done)
    assert "codec" not in done.stderr, t.told(done)


@pytest.mark.parametrize("masses", ([116.0, 152.0], [1e-9, 1e-6, 1.0], [140.0]))
def test_whole_marks(plot_bound, masses):
    """The marks of the first and last mass are whole, on linear and on logarithmic axes."""
    shown, axis = plot_bound.plt.subplots(figsize=(7.4, 4.0))
    (mark,) = axis.plot(masses, masses, "^", markersize=5)
    plot_bound.set_masses(axis, masses)
    shown.draw_without_rendering()
    half = 0.5 * mark.get_markersize() * shown.dpi / 72
    x, box = axis.transData.transform([(m, m) for m in masses])[:, 0], axis.get_window_extent()
    plot_bound.plt.close(shown)
    assert x.min() - half > box.x0 and x.max() + half < box.x1, (x, box)


@pytest.fixture
def shown(bl23, surveys, folder, plot_bound):
    """Two masses, with a limit of the user's among the constraints, as the script reads them."""
    path = os.path.join(folder, "named.json")
    bound(bl23, named(surveys, folder, True), path)
    return plot_bound.Bound(path)


def test_title(plot_bound, shown):
    """The title names the constraints."""
    words = "constraints paper2020, b_invisible_2021 without gm2, na62_pi0, e949 and my_bk"
    assert words in shown.title()
    assert shown.few and "at the 2 masses that are marked" in plot_bound.asked_at(shown)


@pytest.mark.parametrize("few", (True, False))
def test_marks_of_few(plot_bound, shown, few):
    """Few masses are marks and bars, more are lines and areas."""
    p, shown.few = plot_bound, few
    drawn, axes = p.plt.subplots(2, 1)
    p.draw_tension(axes[0], shown, None)
    p.draw_largest_g(axes[1], shown, None)
    lines = [x for axis in axes for x in axis.lines if "below this line" not in x.get_label()]
    assert len(lines) >= 2
    for line in lines:
        assert (line.get_linestyle() == "None" and line.get_marker() in "ov") == few
    for axis in axes:
        assert len(axis.collections) == 1
        bars = p.plt.matplotlib.collections.LineCollection
        assert isinstance(axis.collections[0], bars) == few
    p.plt.close(drawn)


def test_older_file(plot_bound, folder, random_g):
    from bl23 import FileError  # pylint: disable=import-outside-toplevel
    other = write_version2(random_g + ".json", os.path.join(folder, "version2.json"))
    with pytest.raises(FileError) as refused:
        plot_bound.Bound(other)
    assert "has format_version 2, and only 5 is read" in str(refused.value)
