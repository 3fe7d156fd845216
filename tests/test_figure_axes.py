#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
"""What the figures of a survey look like: levels, labels, axes, ticks, and names of files."""

import os
import sys

import numpy as np
import pytest

import survey_tools as t
from figure_tools import boxes, drawn_by, module_of


def survey_figures(bl23, surveys, folder, name, changes, *functions):
    """A survey and what functions of plot_survey.py draw of it."""
    plot_survey = module_of("plot_survey")
    base, options = changes.pop("base"), changes
    config = t.with_changes(
        os.path.join(surveys, base), os.path.join(folder, name + ".yaml"), **options
    )
    h5 = os.path.join(folder, name + ".h5")
    t.run_ok([bl23, "survey", config, "-o", h5, "--quiet"])
    with t.h5py.File(h5) as f:
        survey = plot_survey.Survey(f)
        figures = [
            drawn_by(
                "plot_survey", function, survey, "", *([None] if function == "draw_fig3" else [])
            )
            for function in functions
        ]
        return figures, {
            key: np.asarray(f[key])
            for key in ("nearest/tension", "histograms/log10_g", "survivors/level")
        }


def test_two_levels(bl23, surveys, scripts, folder):
    """Points within 1 sigma and within 2 are both seen; log10 g fills its axis; labels are free."""
    figures, data = survey_figures(
        bl23,
        surveys,
        folder,
        "levels",
        {
            "base": "fig3.yaml",
            "survey": {"samples": 1000000},
            "output": {
                "histograms": [
                    ["wu12_abs2", "wu13_abs2"],
                    ["wu11_abs2", "wu13_abs2"],
                    ["wu13_abs2", "log10_g"],
                ]
            },
        },
        "draw_fig3",
        "draw_histograms",
    )
    fig3, histograms = figures
    fig3.set_dpi(80)
    fig3.canvas.draw()
    pixels = np.asarray(fig3.canvas.buffer_rgba())[..., :3].astype(int)
    for axis in fig3.axes:
        box = axis.get_window_extent()
        part = pixels[
            pixels.shape[0] - int(box.y1) : pixels.shape[0] - int(box.y0), int(box.x0) : int(box.x1)
        ]
        seen = [
            (abs(part - np.array(colour)).max(axis=-1) < 40).sum()
            for colour in ((0x00, 0x9E, 0x73), (0xF5, 0xC7, 0x10))
        ]
        assert min(seen) > 0.2 * sum(seen) > 1000, t.note(
            "both levels are seen", axis.get_xlabel(), seen
        )
    single = [axis for axis in histograms.subfigs[0].axes if "log" in axis.get_xlabel()]
    flat = [axis for axis in histograms.subfigs[1].axes if "log" in axis.get_ylabel()]
    filled = np.flatnonzero(data["histograms/log10_g"])
    with t.h5py.File(os.path.join(folder, "levels.h5")) as f:
        edges = f["histograms/log10_g"].attrs["edges"]
    low, high = edges[filled[0]], edges[filled[-1] + 1]
    assert len(single) == len(flat) == 1 and len(filled) <= 5, t.note(
        "a histogram with few bins filled", len(filled)
    )
    for left, right in (single[0].get_xlim(), flat[0].get_ylim()):
        assert left <= low < high <= right and right - left < 1.5 * (high - low), t.note(
            "the axis is what is filled, with a margin", left, right, low, high
        )
    axes = histograms.subfigs[1].axes
    bars = [axis for axis in axes if axis.get_ylabel() == "survivors per bin"]
    labels = boxes(histograms, *(axis.yaxis.label for axis in bars))
    panels = [
        axis.get_tightbbox(histograms.canvas.get_renderer())
        for axis in axes
        if axis.get_visible() and axis not in bars
    ]
    assert len(labels) == 3 and not any(
        label.padded(14).overlaps(panel) for label in labels for panel in panels
    ), t.note("the label of a colour bar stands free", labels, panels)


def test_common_phase(bl23, surveys, scripts, folder):
    """Where the common phase comes from is said as it is; log10 g has bins that show its shape, or
    no panel where g is fixed."""
    rows = os.path.join(folder, "rows.csv")
    w = np.random.default_rng(1).normal(size=(30000, 6))
    names = ",".join(f"wu1{i}_{part}" for i in (1, 2, 3) for part in ("re", "im"))
    np.savetxt(rows, w, delimiter=",", header=names, comments="")
    changes = {"w": {"file": rows}, "samples": 30000}
    for name, survey, says in (("given", changes, "taken from the file of rows"),
                               ("drawn", {"samples": 30000}, "drawn at random"),
                               ("fixed", {"samples": 4096, "g_bl": {"fixed": 1e-3}},
                                "drawn at random")):
        (fig3, histograms), data = survey_figures(
            bl23, surveys, folder, name, {"base": "fig3.yaml", "survey": survey}, "draw_fig3",
            "draw_histograms")
        assert says in fig3.texts[-1].get_text(), fig3.texts[-1]
        panels = [a for a in histograms.subfigs[0].axes if "log" in a.get_xlabel()]
        assert len(panels) == (name != "fixed")
        if panels:
            filled = [np.count_nonzero(patch.get_data().values) for patch in panels[0].patches]
            assert np.count_nonzero(data["histograms/log10_g"]) < 6 and min(filled) > 20, filled
            assert "stored" in panels[0].get_ylabel()


def test_stored_survivors_are_named(bl23, surveys, scripts, folder):
    """Where fewer survivors are stored than survive, the panel of log10 g, which shows these alone,
    has another colour than the others, and the legend says what it shows."""
    for name, most in (("few", 500), ("all", 10**6)):
        changes = {"base": "fig3.yaml", "survey": {"samples": 100000},
                   "output": {"max_survivors": most}}
        (figure,), _ = survey_figures(bl23, surveys, folder, name, changes, "draw_histograms")
        axes = figure.subfigs[0].axes if figure.subfigs else figure.axes
        (panel,) = [a for a in axes if "log" in a.get_xlabel()]
        colours = [a.patches[-1].get_edgecolor() for a in (panel, axes[0])]
        said = [text.get_text() for text in figure.legends[0].get_texts()]
        assert panel.get_ylabel() == "stored survivors per bin"
        assert (colours[0] != colours[1]) == (name == "few"), colours
        assert ("the 500 stored survivors only" in said) == (name == "few"), said
        assert sum(text.startswith("all ") and "survivors" in text for text in said) == 1, said


def test_chosen_bins(bl23, surveys, scripts, folder):
    """Axes go as far as the bins of the file; all samples have the area of the survivors there."""
    bins = {"wu12_abs2": [0.2, 0.4], "phase12": [0.5, 1.5], "log10_g": [-3.1, -3.0]}
    chosen = {**bins, "phase12": {"range": bins["phase12"], "number": 20}, "phase23": {"number": 9}}
    changes = {
        "base": "fig3.yaml",
        "survey": {"samples": 300000},
        "output": {"histograms": [["wu12_abs2", "phase12"]], "bins": chosen},
    }
    figures, _ = survey_figures(bl23, surveys, folder, "bins", changes, "draw_histograms")
    figures[0].canvas.draw()
    labels = {"wu12_abs2": "{12}|^2", "phase12": "arg(W_u)_{12}-", "log10_g": "log"}
    for name, label in labels.items():
        (axis,) = [a for a in figures[0].subfigs[0].axes if label in a.get_xlabel()]
        low, high = bins[name]
        assert low - 1e-9 <= axis.get_xlim()[0] < axis.get_xlim()[1] <= high + 1e-9, name
        inside = [tick for tick in axis.get_xticks() if low <= tick <= high]
        assert len(inside) >= 2, t.note("labelled ticks", name, axis.get_xticks())
        with t.h5py.File(os.path.join(folder, "bins.h5")) as f:
            total = f["histograms"][name][...].sum()
        for line in axis.get_lines():
            assert np.isclose(line.get_ydata().sum(), total), name
    flat = figures[0].subfigs[1].axes[0]
    assert np.allclose((*flat.get_xlim(), *flat.get_ylim()), (*bins["wu12_abs2"], *bins["phase12"]))


def test_nearest(bl23, surveys, scripts, folder):
    """Equal tensions are not drawn; one sample is one; ranks are whole numbers."""
    limits = {
        "base": "open_question_limits.yaml",
        "survey": {"samples": 20000},
        "output": {"nearest": 50},
    }
    (figure, cutflow), data = survey_figures(
        bl23, surveys, folder, "equal", limits, "draw_nearest", "draw_cutflow"
    )
    tension = data["nearest/tension"]
    assert len(tension) == 50 and np.ptp(tension) == 0 and figure is None and cutflow
    one = {"base": "fig3.yaml", "survey": {"samples": 20000}, "output": {"nearest": 1}}
    (figure,), data = survey_figures(bl23, surveys, folder, "one", one, "draw_nearest")
    figure.draw_without_rendering()
    axis = figure.axes[0]
    ticks = [
        label.get_text() for minor in (False, True) for label in axis.get_xticklabels(minor=minor)
    ]
    assert len(data["nearest/tension"]) == 1 and figure._suptitle.get_text().startswith(
        "The sample of"
    ), t.note("one sample is one", figure._suptitle.get_text())
    assert "1" in ticks and all(text in ("", "0", "1", "2") for text in ticks), t.note(
        "ranks are whole numbers", ticks
    )
    two = {"base": "open_question.yaml", "survey": {"samples": 100000}, "output": {"nearest": 50}}
    (figure,), data = survey_figures(bl23, surveys, folder, "ranked", two, "draw_nearest")
    line = figure.axes[0].lines[0]
    assert np.ptp(data["nearest/tension"]) > 0 and np.array_equal(
        line.get_ydata(), np.sort(data["nearest/tension"])
    ), "unequal tensions: a curve"
    few = {
        "base": "random_g_limits.yaml",
        "survey": {"samples": 100000},
        "constraints": {
            "sets": ["paper2020"],
            "without": ["koto_events", "gm2", "na62_pi0", "e949"],
        },
        "output": {"nearest": 9},
    }
    (cutflow,), _ = survey_figures(bl23, surveys, folder, "few", few, "draw_cutflow")
    for axis in cutflow.axes:
        label, panel = boxes(cutflow, axis.yaxis.label, axis)
        assert label.height < 0.7 * panel.height, t.note(
            "the label is shorter than its axis", axis.get_ylabel(), label, panel
        )
    assert len(cutflow.axes) == 2, t.note("a panel over mass", len(cutflow.axes))


@pytest.mark.parametrize(
    "name, masses, scale", (("wide", [0.012, 0.2], "log"), ("narrow", [0.116, 0.152], "linear"))
)
def test_mass_axes(bl23, surveys, scripts, folder, name, masses, scale):
    """Masses over more than a factor of ten have a logarithmic axis, and all are on it."""
    survey = {
        "base": "open_question.yaml",
        "survey": {"samples": 100000, "mass_gev": {"log_uniform": masses, "knots": 16}},
        "constraints": {"sets": ["paper2020"], "without": ["koto_events", "na62_pi0"]},
        "output": {"nearest": 50},
    }
    figures, data = survey_figures(
        bl23, surveys, folder, name, survey, "draw_nearest", "draw_cutflow"
    )
    drawn = [figure for figure in figures if figure]
    axes = [axis for figure in drawn for axis in figure.axes if "m_{Z'}" in axis.get_xlabel()]
    assert axes, f"{name}: an axis of masses"
    for axis in axes:
        low, high = axis.get_xlim()
        assert (
            axis.get_xscale() == scale and low < 1e3 * masses[0] and high > 1e3 * masses[1]
        ), t.note(f"{name}: the axis of masses", axis.get_xscale(), low, high)


@pytest.mark.parametrize("low, high", ((1.0, 1.9), (0.3, 8.0), (11.0, 15.0), (0.02, 1.5)))
def test_ticks(scripts, low, high):
    """A logarithmic axis of less than two decades has numbers, not powers of ten."""
    style = module_of("plot_style")
    figure, axis = style.plt.subplots()
    axis.set_yscale("log")
    axis.set_ylim(low, high)
    style.plain_ticks(axis.yaxis, low, high)
    figure.draw_without_rendering()
    inside = [
        label.get_text()
        for minor in (False, True)
        for label in axis.get_yticklabels(minor=minor)
        if low <= label.get_position()[1] <= high and label.get_text()
    ]
    assert len(inside) >= 2 and all(low <= float(text) <= high for text in inside), t.note(
        "plain numbers", low, high, inside
    )
    style.plt.close(figure)


@pytest.mark.parametrize(
    "name, figure",
    (
        ("bound", "bound"),
        ("mine", "mine_bound"),
        ("rebound", "rebound_bound"),
        ("a_bound", "a_bound"),
    ),
)
def test_bound_name(bl23, surveys, scripts, folder, name, figure):
    """The figure of bound.json is bound.png, that of any other file has _bound at its end."""
    today, config = os.path.join(surveys, "today.yaml"), os.path.join(folder, "today.yaml")
    t.with_changes(today, config, survey={"mass_gev": {"fixed": 0.14}})
    made = os.path.join(folder, "made")
    os.mkdir(made)
    t.run_ok([bl23, "bound", config, "-o", os.path.join(made, name + ".json")])
    draw = [sys.executable, os.path.join(scripts, "plot_bound.py"), name + ".json", "--dpi", "40"]
    done = t.run_ok(draw, cwd=made)
    figures = [figure + ".png", figure + ".pdf"]
    assert sorted(os.listdir(made)) == sorted([name + ".json", *figures])
    assert done.stdout.split() == figures
