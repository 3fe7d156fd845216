#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
"""The figures by their data.

What docs/figures keeps is what the program computes now; the maps against their survey file; what
the drawing scripts refuse.
"""

import csv
import os
import sys

import numpy as np
import pytest

import survey_tools as t
from figure_tools import boxes, crossings, drawn_by, module_of

PLANES = (
    ("fig2_2020", "benchmark", 1),
    ("fig4_2020", "benchmark", 2),
    ("fig2_2026", "benchmark_current", 1),
    ("fig4_2026", "benchmark_current", 2),
)
MAPS = ("open_question_koto", "random_g_limits")


def lines_of(path):
    with open(path, encoding="utf-8") as f:
        return f.read().splitlines()


@pytest.fixture(scope="module")
def planes(bl23, surveys, shared):
    """The folder of the planes, each as .csv and .h5."""
    for name, config, scenario in PLANES:
        path = os.path.join(shared, name)
        command = [bl23, "plane", os.path.join(surveys, config + ".yaml"), "--scenario", scenario]
        t.run_ok([*command, "--csv", path + ".csv", "-o", path + ".h5"])
    return shared


@pytest.fixture(scope="module")
def maps(bl23, surveys, scripts, planes):
    """The folder of the planes, in which the surveys of MAPS, their maps and tables are now."""
    for name in MAPS:
        path = os.path.join(planes, name)
        survey = os.path.join(surveys, name + ".yaml")
        t.run_ok([bl23, "survey", survey, "-o", path + ".h5", "--quiet"])
        draw = [sys.executable, os.path.join(scripts, "plot_map.py"), path + ".h5", "-o", path]
        plane = ["--plane", os.path.join(planes, "fig4_2020.h5")]
        t.run_ok([*draw, "--csv", "--dpi", "40", *plane])
    return planes


@pytest.fixture(scope="module")
def everything(bl23, surveys, shared):
    """A survey in which every sample survives."""
    config = t.with_changes(
        os.path.join(surveys, "open_question_limits.yaml"),
        os.path.join(shared, "all.yaml"),
        survey={"samples": 4000000, "mass_gev": {"fixed": 0.13}},
        output={"max_survivors": 1000, "cutflow_every": 1},
    )
    h5 = os.path.join(shared, "all.h5")
    t.run_ok([bl23, "survey", config, "-o", h5, "--quiet"])
    return h5


@pytest.fixture(scope="module")
def gaps(bl23, surveys, shared):
    """A survey in which some masses have no sample."""
    config, h5 = os.path.join(surveys, "random_g_limits.yaml"), os.path.join(shared, "gaps.h5")
    t.run_ok([bl23, "survey", config, "-o", h5, "--samples", "4e5", "--quiet"])
    return h5


@pytest.mark.parametrize("name", [plane[0] for plane in PLANES])
def test_plane(planes, source, name):
    """The kept table has every hundredth mass of today's plane."""
    lines = lines_of(os.path.join(planes, name + ".csv"))
    kept = lines_of(os.path.join(source, "docs", "figures", name + ".csv"))
    assert len(lines) == 2001
    assert lines[:1] + lines[1::100] == kept


def rows_of(maps, name):
    lines = lines_of(os.path.join(maps, name + "_simplex.csv"))
    return [{key: float(value) for key, value in row.items()} for row in csv.DictReader(lines)]


@pytest.mark.parametrize("name", MAPS)
def test_kept_map(maps, source, name):
    """The kept table is today's."""
    kept = lines_of(os.path.join(source, "docs", "figures", name + ".csv"))
    assert lines_of(os.path.join(maps, name + "_simplex.csv")) == kept


@pytest.mark.parametrize("name", MAPS)
def test_map(maps, name):
    """The table of a map is what the survey file holds."""
    rows = rows_of(maps, name)
    with t.h5py.File(os.path.join(maps, name + ".h5")) as f:
        samples, passed = int(f.attrs["samples"]), int(f.attrs["passed"])
        survivors = {key: np.asarray(f["survivors"][key]) for key in f["survivors"]}
        masses = np.asarray(f["tables/mass_gev"])
    # The cells hold all samples: of 32 x 32 cells those on the edge lie inside by half.
    assert abs(sum(r["expected"] for r in rows) / samples - 1) < 1e-5
    for row in rows:
        half = 0.5 if row["wu12_abs2"] + row["wu13_abs2"] > 1 - 1 / 64 else 1.0
        assert abs(row["expected"] * 512 / samples - half) < 1e-5 * half, row
    assert sum(r["passed"] for r in rows) == passed
    g = survivors["g_max"] if "g_max" in survivors else survivors["g_bl"]
    x, y = survivors["wu12_abs"] ** 2, survivors["wu13_abs"] ** 2
    for row in rows[::29]:
        inside = (abs(x - row["wu12_abs2"]) < 1 / 64) & (abs(y - row["wu13_abs2"]) < 1 / 64)
        largest = g[inside].max(initial=0.0)
        assert abs(row["g_largest"] - largest) <= 1e-5 * largest, (row, largest)
    by_mass = list(csv.DictReader(lines_of(os.path.join(maps, name + "_mass.csv"))))
    assert len(by_mass) == len(masses)
    assert sum(int(r["passed"]) for r in by_mass) == passed


@pytest.mark.parametrize("name", MAPS)
def test_haar(maps, name):
    """With g drawn from one distribution and every sample counted, samples follow the simplex."""
    for r in rows_of(maps, name):
        assert 0 <= r["passed"] <= r["expected"] + 6 * r["expected"] ** 0.5, r


@pytest.mark.parametrize(
    "name, band, year",
    (("fig4_2020", "gm2", " of 2020"), ("fig4_2026", "gm2_wp2025", " of 2025")),
    ids=("2020", "2025"),
)
def test_year(planes, scripts, name, band, year):
    """The band of (g-2)_mu is named with the year of what it is taken from."""
    plot_map = module_of("plot_map")
    with t.h5py.File(os.path.join(planes, name + ".h5")) as file:
        assert plot_map.read_band(file)[3:] == (band, year)


def test_no_year(scripts):
    """No year in the citation, none in the figure."""
    assert module_of("plot_map").year_of("me, mine:2x20") == ""


def test_all_pass(everything, scripts, folder):
    """Where everything passes, the histogram over the share of a cell is 1 within statistics."""
    prefix = os.path.join(folder, "all")
    draw = [sys.executable, os.path.join(scripts, "plot_map.py"), everything, "-o", prefix]
    t.run_ok([*draw, "--csv", "--dpi", "40"])
    rows = list(csv.DictReader(lines_of(prefix + "_simplex.csv")))
    pulls = [
        (float(r["passed"]) - float(r["expected"])) / float(r["expected"]) ** 0.5 for r in rows
    ]
    chi2 = sum(p * p for p in pulls)
    # 5 sigma of a chi^2 with as many degrees of freedom
    assert abs(chi2 - len(rows)) < 5 * (2 * len(rows)) ** 0.5 and max(map(abs, pulls)) < 6, t.note(
        "w is uniform on the simplex", chi2, len(rows)
    )


def colours(data):
    """The acceptance map: values of its cells, the colours they are drawn in, and its axes."""
    axes = drawn_by("plot_map", "draw", data, "", None).subfigs[0].axes
    mesh = axes[0].collections[0]
    cells = np.ma.masked_invalid(mesh.get_array()).compressed()
    return cells, np.unique(mesh.to_rgba(cells), axis=0), axes


def test_noise(everything, maps):
    """Noise is drawn in one colour, structure in several; the axis says how much is noise."""
    plot_map = module_of("plot_map")
    data = plot_map.read_hdf5(everything, plot_map.Map, plot_map.NotASurvey)
    cells, shown, axes = colours(data)
    assert len(np.unique(cells)) > 20 and cells.max() > 1 > cells.min(), t.note(
        "every sample survives, expected ones are an average", cells
    )
    assert len(shown) == 1, t.note("what is noise only is one colour", shown)
    labels = [axis.get_ylabel() for axis in axes]
    assert any("expected" in label and "error" in label for label in labels), t.note(
        "the axis says expected, and the error", labels
    )
    for share in (0.3, 0.04):  # a flat acceptance below 1 is one colour, too
        thinned = np.random.default_rng(1).binomial(data.passed.astype(int), share).astype(float)
        flat = dict(vars(data), passed=thinned)
        cells, shown, _ = colours(with_values(plot_map, flat))
        assert len(shown) <= 2 and abs(cells.mean() - share) < 0.1 * share, t.note(
            "a flat acceptance", share, shown
        )
    x = np.arange(64)[:, None] / 64
    tilted = np.random.default_rng(1).binomial(data.passed.astype(int), x + 0 * x.T).astype(float)
    cells, shown, _ = colours(with_values(plot_map, dict(vars(data), passed=tilted)))
    assert len(shown) >= plot_map.STEPS - 1, t.note("a slope is seen", shown)
    koto = plot_map.read_hdf5(
        os.path.join(maps, "open_question_koto.h5"), plot_map.Map, plot_map.NotASurvey
    )
    edges, value, common, error = koto.acceptance()
    steps = plot_map.steps_of_colour(value, error, common)
    plateau = value[abs(value - 1) < 4 * error]
    assert (
        len(plateau) > 100
        and np.ptp(np.searchsorted(steps, plateau[abs(plateau - common) < 3 * error])) == 0
        and abs(common - 1) < error
    ), t.note("a plateau lies within one step", common, error, steps)


def with_values(plot_map, values):
    data = plot_map.Map.__new__(plot_map.Map)
    vars(data).update(values)
    return data


def test_stored(maps, gaps):
    """A figure of some of the survivors says so, and has the exact largest g of all of them."""
    plot_map = module_of("plot_map")
    koto = os.path.join(maps, "open_question_koto.h5")
    for name, some in ((koto, True), (gaps, False)):
        with t.h5py.File(name) as f:
            stored, passed = len(f["survivors/index"]), int(f.attrs["passed"])
            columns = [text.decode() for text in f["extrema/name"]]
            largest = f["extrema/max"][columns.index("g_max" if "g_max" in columns else "g_bl")]
        data = plot_map.read_hdf5(name, plot_map.Map, plot_map.NotASurvey)
        figure = drawn_by("plot_map", "draw", data, "", None)
        axis, title = figure.subfigs[1].axes[1], figure._suptitle.get_text()
        says = f"{plot_map.thousands(stored)} stored of {plot_map.thousands(passed)} survivors"
        labels = [text.get_text() for text in axis.get_legend().get_texts()]
        assert (stored < passed) == some == (says in title) == (says in labels), t.note(
            f"{name}: what part is drawn", title, labels
        )
        exact = [line.get_ydata()[0] for line in axis.lines if "exact" in line.get_label()]
        assert exact == ([largest] if some else []) and largest >= data.g.max(), t.note(
            f"{name}: the exact largest g", exact, largest
        )


def test_gaps(gaps, scripts):
    """A mass without a sample is a gap in the curve, and both figures count these masses."""
    plot_survey, plot_map = (module_of(name) for name in ("plot_survey", "plot_map"))
    with t.h5py.File(gaps) as f:
        mass, drawn, passed = (
            np.asarray(f[name])
            for name in ("tables/mass_gev", "cutflow/mass_drawn", "cutflow/mass_passed")
        )
        survey_figure = drawn_by("plot_survey", "draw_cutflow", plot_survey.Survey(f), "")
    order = np.argsort(mass)
    drawn, passed = drawn[order], passed[order]
    none = drawn == 0
    assert 0 < none.sum() < len(none) and passed.any(), t.note("some masses have no sample", drawn)
    map_figure = drawn_by(
        "plot_map", "draw", plot_map.read_hdf5(gaps, plot_map.Map, plot_map.NotASurvey), "", None
    )
    for axis in (survey_figure.axes[1], map_figure.subfigs[1].axes[0]):
        line = axis.lines[0]
        x, y = (
            np.ma.filled(np.ma.asarray(values, dtype=float), np.nan)
            for values in (line.get_xdata(), line.get_ydata())
        )
        assert (
            np.array_equal(np.isnan(y), none)
            and np.allclose(y[~none] * drawn[~none], passed[~none])
            and np.allclose(x, 1e3 * mass[order])
        ), t.note("0 of 0 is a gap", y, drawn)
        assert (
            axis.get_xlim()[0] < 1e3 * mass.min() and axis.get_xlim()[1] > 1e3 * mass.max()
        ), t.note("the axis has all masses", axis.get_xlim())
        assert line.get_marker() not in (None, "None"), t.note(
            "a mass between two gaps is a mark", line.get_marker()
        )
        assert (
            f"gaps: {none.sum()} of {len(drawn)} masses have no sample" in axis.get_title()
        ), t.note("the figure counts the gaps", axis.get_title())


def test_one_mass(everything, planes, scripts):
    """A survey with one mass shows its survivors instead of a panel over mass.

    What (g-2)_mu asks for is shown with them.
    """
    plot_map = module_of("plot_map")
    data = plot_map.read_hdf5(everything, plot_map.Map, plot_map.NotASurvey)
    band = plot_map.read_hdf5(
        os.path.join(planes, "fig4_2020.h5"), plot_map.read_band, plot_map.NotASurvey
    )
    for shown in (None, band):
        panels = drawn_by("plot_map", "draw", data, "", shown).subfigs[1].axes
        assert len(panels) == 2, t.note("one mass: two panels", len(panels))
        for axis in panels:
            bars = [p.get_height() for c in axis.containers for p in c]
            assert len(bars) > 20 and sum(bars) == len(data.g) > 0, t.note(
                "one mass: a panel shows every stored survivor", axis.get_title(), sum(bars)
            )
            labels = [
                text.get_text()
                for text in axis.get_legend().get_texts()
                if "(exact)" not in text.get_text()
            ]
            assert labels[:2] == ["median", "largest"] and (
                labels[-1].startswith("asked for") if shown else len(labels) == 2
            ), t.note("one mass: legend", labels)
    low, high = plot_map.band_edges(data.mass, band, None)
    left, right = (
        panels[0].patches[-1].get_xy()[:, 0].min(),
        panels[0].patches[-1].get_xy()[:, 0].max(),
    )
    assert abs(left / low[0] - 1) < 1e-12 and abs(right / high[0] - 1) < 1e-12, t.note(
        "one mass: the band lies where (g-2)_mu asks for g", left, right, low, high
    )


def test_charm_plane(bl23, surveys, planes, scripts):
    """The axis of g reaches down to every limit of charm, which are named, and else to 1e-7."""
    plot_plane = module_of("plot_plane")
    h5 = os.path.join(planes, "scenario1.h5")
    config = os.path.join(surveys, "scenario1.yaml")
    t.run_ok([bl23, "plane", config, "--scenario", 1, "-o", h5])
    for path, charm in ((h5, True), (os.path.join(planes, "fig2_2020.h5"), False)):
        plane = plot_plane.read_hdf5(path, plot_plane.Plane, plot_plane.NotAPlane)
        axis = drawn_by("plot_plane", "draw", plane, "").axes[0]
        edges = [c["g_max"][1].min() for name, c in plane.constraints.items()
                 if name in ("d_life", "dp_pip", "d0_omega", "lc_p")]
        low = axis.get_ylim()[0]
        assert len(edges) == 4 * charm and (low < min(edges) < 10 * low if charm else low == 1e-7)
        texts = [text.get_text() for text in axis.texts]
        assert (r"$D^+$ lifetime (90 %)" in texts) == charm, texts
        assert crossings(axis) == []


@pytest.mark.parametrize("name", [plane[0] for plane in PLANES])
def test_names_stand_free(planes, scripts, name):
    """Every known limit, band and contour has its name, and nothing crosses one; grey is in the
    legend."""
    plot_plane = module_of("plot_plane")
    plane = plot_plane.read_hdf5(
        os.path.join(planes, name + ".h5"), plot_plane.Plane, plot_plane.NotAPlane
    )
    axis = drawn_by("plot_plane", "draw", plane, "").axes[0]
    named = [text.get_text() for text in axis.texts]
    known = [plot_plane.with_level(name, limit) for name, limit in
             plot_plane.limits_of(plane).items() if name in plot_plane.REGIONS]
    known += [plot_plane.shown_name(name) for name in plane.bands()]
    assert sorted(known + [r"$c\tau$"] * len(plane.contours)) == sorted(
        text.split(" =")[0] for text in named
    )
    assert crossings(axis) == []
    entries = [text.get_text() for text in axis.get_legend().get_texts()]
    assert any(text.startswith("excluded by some limit") for text in entries), entries
    axis.text(*axis.texts[0].xy, "on its curve")  # what stands on a curve is found
    assert "on its curve" in dict(crossings(axis))


def test_legend(planes, scripts):
    """The legend of a plane covers nothing, and has every shade of an overlay with its colour."""
    plot_plane = module_of("plot_plane")
    plane = plot_plane.read_hdf5(
        os.path.join(planes, "fig2_2020.h5"), plot_plane.Plane, plot_plane.NotAPlane
    )
    axis = drawn_by("plot_plane", "draw", plane, "").axes[0]
    legend, panel = boxes(axis.figure, axis.get_legend(), axis)
    assert not legend.overlaps(panel) and legend.x0 > 0 and legend.x1 < axis.figure.bbox.x1, t.note(
        "the legend is outside of the axes", legend, panel
    )
    shaded = {tuple(c.get_facecolor()[0]) for c in axis.collections if c.get_zorder() == 0.5}
    in_legend = {tuple(p.get_facecolor()) for p in axis.get_legend().get_patches()}
    texts = [text.get_text() for text in axis.get_legend().get_texts()]
    assert len(shaded) == 2 and shaded <= in_legend, t.note(
        "the shades of overlays are in the legend", shaded, in_legend
    )
    assert "KOTO before the events (shade: excluded)" in texts, t.note("they are named", texts)


REFUSED = (
    ("plot_plane.py", ["none.h5"], 2, "does not exist"),
    ("plot_plane.py", ["TEXT"], 2, "not an HDF5 file"),
    ("plot_plane.py", ["SURVEY"], 2, "not a bl23 plane"),
    ("plot_plane.py", [], 2, "FILE.h5"),
    ("plot_plane.py", ["PLANE", "--dpi", "0"], 2, "--dpi"),
    ("plot_plane.py", ["PLANE", "-o", "none/x"], 1, "cannot be written"),
    ("plot_map.py", ["none.h5"], 2, "does not exist"),
    ("plot_map.py", ["TEXT"], 2, "not an HDF5 file"),
    ("plot_map.py", ["PLANE"], 2, "not a bl23 survey"),
    ("plot_map.py", ["SURVEY", "--plane", "SURVEY"], 2, "not a bl23 plane"),
    ("plot_map.py", ["SURVEY", "--plane", "none.h5"], 2, "does not exist"),
    ("plot_survey.py", ["SURVEY", "--star", "FIG3"], 2, "w: {fixed"),
    ("plot_survey.py", ["SURVEY", "--star", "1,2"], 2, "six numbers"),
    ("plot_survey.py", ["SURVEY", "--star", "@fig3"], 2, "w: {fixed"),
    ("plot_survey.py", ["SURVEY", "--star", "@fig4"], 2, "six numbers"),
)


@pytest.mark.parametrize(
    "script, arguments, code, says", REFUSED, ids=[" ".join([r[0], *r[1]]) for r in REFUSED]
)
def test_refused(maps, surveys, scripts, folder, script, arguments, code, says):
    paths = {
        "TEXT": os.path.join(folder, "text.h5"),
        "PLANE": os.path.join(maps, "fig2_2020.h5"),
        "SURVEY": os.path.join(maps, "open_question_koto.h5"),
        "FIG3": os.path.join(surveys, "fig3.yaml"),
    }
    with open(paths["TEXT"], "w", encoding="utf-8") as f:
        f.write("no HDF5")
    arguments = [paths.get(argument, argument) for argument in arguments]
    done = t.run([sys.executable, os.path.join(scripts, script), *arguments], cwd=folder)
    assert done.returncode == code and says in done.stderr, t.told(done)
    assert "Traceback" not in done.stderr, t.told(done)
