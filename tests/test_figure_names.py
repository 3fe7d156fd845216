#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
"""The figures draw every name that a file holds sign by sign, and miss none in a legend."""

import collections
import json
import os
import shutil

import pytest

import survey_tools as t
from figure_tools import NAMES, SCRIPTS, draw, kept_figures, make_files


def rename(paths, folder):
    """Copies of the files in which constraints are called NAMES."""
    copies = {name: os.path.join(folder, "named_" + name) for name in paths}
    for name, path in paths.items():
        shutil.copy(path, copies[name])
    odd = dict(zip([f"n{k}" for k in range(len(NAMES) - 2)] + ["asks", "wide"], NAMES))
    with t.h5py.File(copies["p.h5"], "r+") as f:
        for old, new in odd.items():
            f["constraints"].move(old, new)
        f.attrs["inputs"] = NAMES[0]
    with t.h5py.File(copies["s.h5"], "r+") as f:
        names = [odd.get(name.decode(), name.decode()) for name in f["cutflow/name"]]
        del f["cutflow/name"]
        f["cutflow/name"] = names
        f["histograms/wu12_abs2__wu13_abs2"].attrs["long_name"] = NAMES[0]
    with open(paths["b.json"], encoding="utf-8") as f:
        bound = json.load(f)
    bound["constraints"] = " and ".join(NAMES[:6])
    for k, mass in enumerate(bound["masses"]):
        mass["decided_by"] = NAMES[k % 2]
    with open(paths["bench.json"], encoding="utf-8") as f:
        bench = json.load(f)
    bench["machine"]["cpu"], bench["comparison"][0]["name"] = NAMES[0], NAMES[4]
    for name, content in (("b.json", bound), ("bench.json", bench)):
        with open(copies[name], "w", encoding="utf-8") as f:
            json.dump(content, f)
    return copies


def signs(text):
    """The signs that matplotlib draws for a text, blanks aside."""
    from matplotlib.mathtext import MathTextParser
    from matplotlib.text import Text

    drawn = ""
    for line in text.split("\n"):
        shown, formula = Text()._preprocess_math(line)
        if formula:
            try:
                shown = "".join(
                    chr(glyph[2]) for glyph in MathTextParser("path").parse(shown).glyphs
                )
            except ValueError:  # it is none, and a figure with it cannot be made
                shown = ""
        drawn += shown
    return collections.Counter(c for c in drawn if not c.isspace() and c != "\u200a")


def texts_of(figure):
    from matplotlib.text import Text

    return [text.get_text() for text in figure.findobj(Text) if text.get_text()]


def shown_as(name):
    return collections.Counter(
        c for c in "".join(c if c.isprintable() else "\ufffd" for c in name) if not c.isspace()
    )


ARGUMENTS = {
    "plot_survey": ["s.h5"],
    "plot_map": ["s.h5", "--plane", "p.h5"],
    "plot_plane": ["p.h5"],
    "plot_bound": ["b.json"],
    "plot_bench": ["bench.json"],
}
EXPECTED = {
    "plot_survey": NAMES,
    "plot_map": NAMES[:3],
    "plot_plane": NAMES[:-1],
    "plot_bound": NAMES[:2],
    "plot_bench": (NAMES[0], NAMES[4]),
}


@pytest.fixture(scope="module")
def copies(bl23, scripts, shared):
    return rename(make_files(bl23, shared), shared)


@pytest.mark.parametrize("script", SCRIPTS)
def test_names(copies, folder, script):
    arguments = [copies.get(word, word) for word in ARGUMENTS[script]]
    with kept_figures() as drawn:
        code, said = draw(script, *arguments, "-o", os.path.join(folder, "x"))
        assert code == 0 and drawn, (code, said)
        texts = [text for figure in drawn for text in texts_of(figure)]
    found = [signs(text) for text in texts]
    for name in EXPECTED[script]:
        seen = any(not shown_as(name) - each for each in found)
        assert seen, t.note(f"{script} does not draw the signs of {name!r}", texts)
    if script in ("plot_survey", "plot_plane"):  # as a label of its own: nothing else in it
        for name in NAMES[:-2]:
            short = [text for text in texts if len(text) < 70]
            assert shown_as(name) in found, t.note(f"{script}: no label is {name!r}", short)


def test_legend(copies, folder):
    """The legend has an entry for every limit that the script does not know, _hidden among them."""
    with kept_figures() as drawn:
        draw("plot_plane", copies["p.h5"], "-o", os.path.join(folder, "x"))
        entries = [text.get_text() for text in drawn[0].axes[0].get_legend().get_texts()]
        try:
            drawn[0].draw_without_rendering()
            axis = drawn[0].axes[0]
            panel, legend = axis.get_window_extent(), axis.get_legend().get_window_extent()
            whole = legend.y0 >= 0 and panel.height > 0.4 * 6.7 * drawn[0].dpi
        except ValueError as error:
            whole, panel, legend = False, error, None
    assert whole, t.note("the axes keep their size", panel, legend)
    for name in NAMES[:-2]:
        assert shown_as(name) in [signs(entry) for entry in entries], t.note(
            f"the legend has {name!r}", entries
        )
