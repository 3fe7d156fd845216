#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
"""plot_answer.py draws what each tier of limits leaves to any W_u, and refuses odd files."""

import importlib
import json
import os
import shutil

import numpy as np
import pytest

import survey_tools as t
from figure_tools import boxes, crossings, draw, drawn_by, module_of

MASSES = [0.001, 0.0016, 0.0026, 0.0052, 0.01, 0.024, 0.048, 0.116, 0.128, 0.14, 0.3, 0.9, 1.5, 3.0,
          4.5]
CHARM = ("known", "loose", "searches")
# An independent computation, at 10, 116, 128 and 140 MeV: the least g that KOTO's events ask of any
# W_u, and a largest g by D+ -> pi+ and D0 -> omega that no W_u exceeds.
KOTO = {10: 6.37e-7, 116: 8.08e-6, 128: 9.10e-6, 140: 1.019e-5}
SEARCHES = {10: 6.64e-9, 116: 7.65e-8, 128: 8.43e-8, 140: 9.21e-8}


@pytest.fixture(scope="module", name="answer_folder")
def _answer_folder(bl23, surveys, scripts, shared):
    """The folder of the bounds of all configurations at a few masses."""
    folder = os.path.join(shared, "answer")
    os.mkdir(folder)
    for name in sorted(os.listdir(os.path.join(surveys, "answer"))):
        config = t.with_changes(os.path.join(surveys, "answer", name), os.path.join(shared, name),
                                survey={"mass_gev": {"list": MASSES}})
        t.run_ok([bl23, "bound", config, "-o", os.path.join(folder, name[:-5] + ".json")])
    return folder


@pytest.fixture(scope="module", name="answer")
def _answer(answer_folder):
    return module_of("plot_answer").Answer(answer_folder)


def test_drawn(answer_folder):
    code, said = draw("plot_answer", answer_folder + "/")
    assert code == 0 and not said, said
    for end in ("png", "pdf"):
        assert os.path.getsize(f"{answer_folder}.{end}") > 10000, end


def test_function(answer, answer_folder):
    """The function of the package draws the same into axes that it is given."""
    plt, plot = module_of("plot_style").plt, importlib.import_module("bl23.plot")
    _, axis = plt.subplots(figsize=(8, 7.6))
    assert plot.answer(answer_folder, axis) is axis
    assert len(axis.lines) == len(drawn_by("plot_answer", "draw", answer, "unused").axes[0].lines)
    with pytest.raises(importlib.import_module("bl23").FileError, match="known.json"):
        plot.answer(answer_folder + "/none")
    plt.close("all")


def test_numbers(answer):
    """What is drawn at four masses is what was computed independently, and at every mass charm
    leaves KOTO's events nothing."""
    at = {round(mass): k for k, mass in enumerate(answer.mass)}
    koto, searches = answer.least("koto"), answer.largest("searches")
    for mass in KOTO:
        assert abs(koto[at[mass]] / KOTO[mass] - 1) < 1e-3, (mass, koto[at[mass]])
        assert 0.99 < searches[at[mass]] / SEARCHES[mass] < 1.001, (mass, searches[at[mass]])
    open_kaon = answer.mass < 360
    assert np.isfinite(koto).tolist() == open_kaon.tolist()
    for name in CHARM:
        largest = answer.largest(name)[open_kaon]
        assert (largest < koto[open_kaon])[np.isfinite(largest)].all(), name
    assert np.isfinite(answer.largest("searches")).tolist() == (answer.mass < 150).tolist()


def test_open_region(answer):
    """All limits leave no more than each of them."""
    left = answer.largest("all")
    for name in (*CHARM, "world", "gm2_2025"):
        largest = answer.largest(name)
        assert (left <= largest * (1 + 1e-9))[np.isfinite(largest)].all(), name
    assert (answer.bound["all"].g_reached <= left * (1 + 1e-9)).all()


def test_named(answer):
    """Every curve and region has its name, inside the axes, and the title says what they mean."""
    figure = drawn_by("plot_answer", "draw", answer, "unused")
    axis, texts = figure.axes[0], figure.axes[0].texts
    said = " ".join(text.get_text() for text in texts)
    for words in ("KOTO's events", "muon limits", "known decays", "below $10^{-3}$", "searches",
                  "2020", "2025", "not proven", "left to some", "only"):
        assert words in said, words
    assert axis.get_title().startswith("No $W_u$ explains KOTO's events")
    assert axis.get_title().endswith(" up to 140 MeV")  # to two digits
    whole = axis.get_window_extent()
    for text, box in zip(texts, boxes(figure, *texts)):
        assert box.x0 >= whole.x0 and box.x1 <= whole.x1, text.get_text()
        assert box.y0 >= whole.y0 and box.y1 <= whole.y1, text.get_text()
    assert crossings(axis) == []


def test_title_follows_the_data(answer):
    """Where limits leave what the events ask for, the title does not deny it."""
    module, koto = module_of("plot_answer"), answer.bound["koto"]
    asked, koto.g_asked = koto.g_asked, 0.1 * koto.g_asked
    title = module.headline(answer)
    koto.g_asked = asked
    assert "explains" not in title and "explains" in module.headline(answer)


def altered(path, change):
    content = json.loads(t.read(path))
    change(content)
    with open(path, "w", encoding="utf-8") as file:
        json.dump(content, file)


REFUSED = {
    "missing": (os.remove, "known.json cannot be read"),
    "other masses": (lambda path: altered(path, lambda c: c["masses"].pop()), "other masses"),
    "other inputs": (
        lambda path: altered(
            path, lambda c: c.update(config=c["config"].replace("pdg2018", "pdg2024"))
        ),
        "other inputs",
    ),
    "older": (lambda path: altered(path, lambda c: c.update(format_version=4)), "format_version 4"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refused(folder, answer_folder, case):
    change, words = REFUSED[case]
    other = os.path.join(folder, "other")
    shutil.copytree(answer_folder, other)
    change(os.path.join(other, "known.json"))
    code, said = draw("plot_answer", other)
    assert code == 2 and said.count("\n") == 1 and words in said, said
