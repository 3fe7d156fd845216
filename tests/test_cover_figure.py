#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
"""plot_cover.py draws the covers that it is given: volumes are kept, survivors lie in what is left.
"""

import importlib
import os
import re
import shutil
import sys

import h5py
import numpy as np
import pytest

import survey_tools as t
from figure_tools import boxes, drawn_by, module_of

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


@pytest.fixture(scope="module")
def surveys_of_two(bl23, shared):
    """Paths of surveys of two masses: drawn from a cover, and uniformly."""
    paths = {}
    config = {"survey": {"mass_gev": {"list": [0.14, 0.02]}, "samples": 400000},
              "constraints": {"sets": ["paper2020"], "without": ["ccfr", "na62_pi0", "e949"]},
              "output": {"histograms": [["wu12_abs2", "wu13_abs2"]], "max_survivors": 5000}}
    for name, draw in (("cover", {"draw": "cover", "cover": {"cells": 3000}}), ("uniform", {})):
        config["survey"] = {**config["survey"], **draw}
        if name == "uniform":
            del config["survey"]["draw"], config["survey"]["cover"]
        paths[name] = os.path.join(shared, f"two_{name}.h5")
        path = t.save_yaml(os.path.join(shared, f"two_{name}.yaml"), config)
        t.run_ok([bl23, "survey", path, "-o", paths[name], "--quiet"])
    return paths


@pytest.mark.parametrize("name, of_g", (("fig3", ""), ("drawn", " and of $g$")))
def test_share(plot_cover, covers, name, of_g):
    """Colours are shares of g where it is drawn, and only there."""
    figure = drawn_by("plot_cover", "draw", read(plot_cover, covers[name]), "x")
    labels = [axis.get_ylabel() for part in figure.subfigs for axis in part.axes]
    assert f"share of the phases{of_g} left" in labels, labels


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


def test_acceptance_of_all_rows(plot_cover, surveys_of_two):
    """What survives of all rows is the same by samples of a cover and by uniform ones: at each
    mass, and in the cells of the map."""
    maps = {}
    for name, path in surveys_of_two.items():
        with h5py.File(path) as file:
            maps[name] = module_of("plot_map").Map(file)
    cover, uniform = maps["cover"], maps["uniform"]
    error = np.sqrt(uniform.accepted / uniform.mass_drawn + 2.0 / uniform.mass_drawn)
    assert uniform.accepted.max() > 0.01 and (abs(cover.accepted - uniform.accepted)
                                              < 6 * error).all()
    _, expected, passed = cover.cells(8)
    _, expected_of_all, passed_of_all = uniform.cells(8)
    few = expected > 0
    rate = passed[few] / expected[few]
    error = np.sqrt((passed_of_all[few] + 10) / expected_of_all[few] ** 2 +
                    (passed[few] + 10) / expected[few] ** 2)
    assert (abs(rate - passed_of_all[few] / expected_of_all[few]) < 6 * error).all()
    read_cover = read(plot_cover, surveys_of_two["cover"])
    assert np.allclose(read_cover.measured[np.argsort(read_cover.mass)], cover.accepted)
    assert (read_cover.measured <= read_cover.upper).all()


def test_words_of_a_cover(plot_cover, surveys_of_two):
    """Samples of a cover are not all rows: titles, legends and axes say so."""
    plot_survey = module_of("plot_survey")
    for name, path in surveys_of_two.items():
        with h5py.File(path) as file:
            survey = plot_survey.Survey(file)
            assert ("drawn from a cover" in survey.title()) == (name == "cover")
            assert ("of its volume" in survey.title()) == (name == "cover")
            figure = drawn_by("plot_survey", "draw_histograms", survey, "")
            axis = plot_survey.plt.figure().subplots()
            plot_survey.draw_acceptance_by_mass(axis, survey)
            assert ("of all rows" in axis.get_ylabel()) == (name == "cover")
        said = [text.get_text() for text in figure.legends[0].get_texts()]
        assert "all $W_u$, scaled to the same area" in said, said
    plot_survey.plt.close("all")


@pytest.mark.parametrize("name", ("cover", "fig3", "drawn", "open"))
def test_panels(plot_cover, covers, surveys_of_two, name):
    """A colour bar stands beside its axes; the legend has what is drawn, and no more; the figure
    says which mass it maps, and the panel over mass what was measured."""
    cover = read(plot_cover, {**covers, **surveys_of_two}[name])
    figure = drawn_by("plot_cover", "draw", cover, "unused")
    axes = {axis.get_ylabel(): axis for axis in figure.axes}
    if not cover.is_excluded:
        (simplex,) = [axis for label, axis in axes.items() if "is the rest to 1" in label]
        (bar,) = [axis for label, axis in axes.items() if label.startswith("share of the phases")]
        panel, strip = boxes(figure, simplex, bar)
        assert 0 < strip.x0 - panel.x1 < 0.1 * panel.width, (panel, strip)
        ticks = [label.get_text() for label in bar.get_yticklabels()]
        assert not any("times" in tick and "." in tick for tick in ticks), ticks
        (phase,) = [axis for label, axis in axes.items() if "with this phase" in label]
        entries = [text.get_text() for text in phase.get_legend().get_texts()]
        empty = (plot_cover.over_phase(cover)[1][0] == 0).any()
        assert ("proven empty" in entries) == empty, entries
    if len(cover.mass) > 1:
        whole = f"part of all {'pairs of row and $g$' if name == 'drawn' else 'rows'}"
        entries = [text.get_text() for text in axes[whole].get_legend().get_texts()]
        assert ("survives, by the samples of the survey" in entries) == (name == "cover"), entries
        assert ("the mass of the panels above" in entries) == (not cover.is_excluded), entries
        assert ("where most is left" in cover.title()) == (not cover.is_excluded)
    plot_cover.plt.close("all")


@pytest.fixture(scope="module")
def surveys_of_one(bl23, shared):
    """Paths of surveys of one mass that draw from a cover, and what they print."""
    made = {}
    for name, g in (("solved", "solve"), ("drawn", {"log_uniform": [1e-4, 2e-3]})):
        config = {"survey": {"mass_gev": {"fixed": 0.14}, "samples": 100000, "g_bl": g,
                             "draw": "cover", "cover": {"cells": 1000}},
                  "constraints": {"sets": ["paper2020"], "without": ["ccfr", "na62_pi0", "e949"]},
                  "output": {"histograms": [["wu12_abs2", "wu13_abs2"]]}}
        path = os.path.join(shared, f"one_{name}.h5")
        config = t.save_yaml(os.path.join(shared, f"one_{name}.yaml"), config)
        made[name] = path, t.run_ok([bl23, "survey", config, "-o", path]).stdout
    return made


@pytest.mark.parametrize("name", ("solved", "drawn"))
def test_measured_of_one_mass(plot_cover, surveys_of_one, name):
    """With one mass the title has the allowed part as the survey prints it."""
    path, printed = surveys_of_one[name]
    (value,) = re.findall(r"Allowed part of the Haar measure[^:]*: (\S+)", printed)
    title = read(plot_cover, path).title()
    assert f"by the samples of the survey {value}" in title, (value, title)


@pytest.mark.parametrize("name, whole", (("solved", "rows"), ("drawn", "pairs of row and $g$")))
def test_parts_in_surveys(surveys_of_one, name, whole):
    """The panel of the acceptance and its map say what it is a part of."""
    plot_survey, plot_map = module_of("plot_survey"), module_of("plot_map")
    with h5py.File(surveys_of_one[name][0]) as file:
        axis = plot_survey.plt.figure().subplots()
        plot_survey.draw_acceptance_by_mass(axis, plot_survey.Survey(file))
        assert axis.get_ylabel().startswith(f"part of all {whole} that"), axis.get_ylabel()
        figure = plot_survey.plt.figure()
        plot_map.draw_acceptance_map(figure, figure.subplots(), plot_map.Map(file))
        labels = [axis.get_ylabel() for axis in figure.axes]
        assert any(label.startswith(f"part of all {whole}\n") for label in labels), labels
    plot_survey.plt.close("all")


def test_no_measure_of_a_cover(plot_cover, covers):
    assert "samples" not in read(plot_cover, covers["fig3"]).title()


@pytest.mark.parametrize("name", ("fig3", "drawn", "solved", "one drawn"))
def test_parts_of_rows_and_g(plot_cover, covers, surveys_of_one, name):
    """Where g is drawn a volume is a part of all pairs of row and g, and all of the figure says so;
    no label is longer than the axes that it belongs to."""
    path = covers[name] if name in covers else surveys_of_one[name.split()[-1]][0]
    cover = read(plot_cover, path)
    figure = drawn_by("plot_cover", "draw", cover, "unused")
    figure.draw_without_rendering()
    texts = [cover.title(), repr(cover)]
    for axis in figure.axes:
        entries = axis.get_legend().get_texts() if axis.get_legend() else ()
        texts += [axis.get_xlabel(), axis.get_ylabel(), *(text.get_text() for text in entries)]
        if "share" in axis.get_ylabel():
            label, box = boxes(figure, axis.yaxis.label, axis)
            assert label.height <= box.height, axis.get_ylabel()
    said = [" ".join(text.split()) for text in texts if "row" in text]
    assert len(said) >= 3 and all(("pairs of row and" in text) == ("drawn" in name)
                                  for text in said if "every row" not in text), said
    assert all(("at every $g$" in text) == ("drawn" in name)
               for text in said if "every row" in text), said
    plot_cover.plt.close("all")


@pytest.mark.parametrize("changes, says", (
    ({"format_version": 4}, "has format_version 4, and only {known} is read: make the file again "
     "with '{maker}', or use the bl23 that made it"),
    ({"format": "bl23-plane"}, "is not a bl23 cover file, as 'bl23 cover -o' makes it (format)")))
@pytest.mark.parametrize("kind", ("survey", "cover"))
def test_version(draw, covers, surveys_of_one, folder, kind, changes, says):
    """Another version is refused, of a survey with the sentence of plot_survey.py."""
    path = os.path.join(folder, "other.h5")
    shutil.copy(surveys_of_one["solved"][0] if kind == "survey" else covers["fig3"], path)
    with h5py.File(path, "r+") as file:
        for key, value in changes.items():
            file.attrs[key] = value
    maker, known = ("bl23 survey", 6) if kind == "survey" else ("bl23 cover -o", 1)
    done = draw(path)
    assert done.returncode == 2, t.told(done)
    assert done.stderr == f"plot_cover.py: {path} {says.format(maker=maker, known=known)}\n"
    assert os.listdir(folder) == ["other.h5"]


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
