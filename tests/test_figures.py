#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
"""The figures by their data: what docs/figures keeps is what the program computes now; the maps
against their survey file; what the drawing scripts refuse."""
import csv
import importlib
import importlib.util
import os
import sys

import numpy as np

import survey_tools as t

PLANES = (("fig2_2020", "benchmark", 1), ("fig4_2020", "benchmark", 2),
          ("fig2_2026", "benchmark_current", 1), ("fig4_2026", "benchmark_current", 2))
MAPS = ("open_question_koto", "random_g_limits")


def lines_of(path):
    with open(path, encoding="utf-8") as f:
        return f.read().splitlines()


def check_planes(bl23, source, folder):
    for name, config, scenario in PLANES:
        table = os.path.join(folder, name + ".csv")
        t.run_ok([bl23, "plane", os.path.join(source, "scripts", "surveys", config + ".yaml"), "--scenario", scenario, "--csv", table,
                  "-o", table[:-4] + ".h5"])
        lines = lines_of(table)
        kept = lines_of(os.path.join(source, "docs", "figures", name + ".csv"))
        t.check(len(lines) == 2001 and lines[:1] + lines[1::100] == kept, f"docs/figures/{name}.csv is every hundredth mass of today's plane")


def check_map(bl23, source, folder, name):
    """The kept table is today's, and it is what the survey file holds."""
    h5, prefix = os.path.join(folder, name + ".h5"), os.path.join(folder, name)
    t.run_ok([bl23, "survey", os.path.join(source, "scripts", "surveys", name + ".yaml"), "-o", h5, "--quiet"])
    t.run_ok([sys.executable, os.path.join(source, "scripts", "plot_map.py"), h5, "-o", prefix, "--csv", "--dpi", "40",
              "--plane", os.path.join(folder, "fig4_2020.h5")])
    lines = lines_of(prefix + "_simplex.csv")
    t.check(lines == lines_of(os.path.join(source, "docs", "figures", name + ".csv")), f"docs/figures/{name}.csv is today's map")
    rows = [{key: float(value) for key, value in row.items()} for row in csv.DictReader(lines)]
    with t.h5py.File(h5) as f:
        samples, passed = int(f.attrs["samples"]), int(f.attrs["passed"])
        survivors = {key: np.asarray(f["survivors"][key]) for key in f["survivors"]}
        masses = np.asarray(f["tables/mass_gev"])
    t.check(abs(sum(r["expected"] for r in rows) / samples - 1) < 1e-5, f"{name}: the cells hold all samples")
    for row in rows:  # of 32 x 32 cells those on the edge lie inside by half
        half = 0.5 if row["wu12_abs2"] + row["wu13_abs2"] > 1 - 1 / 64 else 1.0
        t.check(abs(row["expected"] * 512 / samples - half) < 1e-5 * half, f"{name}: expected by the area inside", row)
    t.check(sum(r["passed"] for r in rows) == passed, f"{name}: the cells hold all survivors")
    g = survivors["g_max"] if "g_max" in survivors else survivors["g_bl"]
    x, y = survivors["wu12_abs"] ** 2, survivors["wu13_abs"] ** 2
    for row in rows[::29]:
        inside = (abs(x - row["wu12_abs2"]) < 1 / 64) & (abs(y - row["wu13_abs2"]) < 1 / 64)
        largest = g[inside].max(initial=0.0)
        t.check(abs(row["g_largest"] - largest) <= 1e-5 * largest, f"{name}: the largest g of a cell", row, largest)
    by_mass = list(csv.DictReader(lines_of(prefix + "_mass.csv")))
    t.check(len(by_mass) == len(masses) and sum(int(r["passed"]) for r in by_mass) == passed, f"{name}: all survivors by mass")
    return rows


def check_years(source, folder):
    """The band of (g-2)_mu is named with the year of what it is taken from."""
    sys.path.insert(0, os.path.join(source, "scripts"))
    plot_map = importlib.import_module("plot_map")
    for name, band, year in (("fig4_2020", "gm2", " of 2020"), ("fig4_2026", "gm2_wp2025", " of 2025")):
        with t.h5py.File(os.path.join(folder, name + ".h5")) as file:
            found = plot_map.read_band(file)[3:]
        t.check(found == (band, year), f"{name}: the band and its year", found)
    t.check(plot_map.year_of("me, mine:2x20") == "", "no year in the citation, none in the figure")


def check_haar(rows):
    """With g drawn from one distribution and every sample counted, the samples follow the simplex."""
    t.check(all(0 <= r["passed"] <= r["expected"] + 6 * r["expected"] ** 0.5 for r in rows), "no cell holds more survivors than samples")


def check_all_pass(bl23, source, folder):
    """Where everything passes, the histogram over the share of a cell is 1 within the statistics."""
    config = t.with_changes(os.path.join(source, "scripts", "surveys", "open_question_limits.yaml"), os.path.join(folder, "all.yaml"),
                            survey={"samples": 4000000, "mass_gev": {"fixed": 0.13}}, output={"max_survivors": 1000, "cutflow_every": 1})
    h5 = os.path.join(folder, "all.h5")
    t.run_ok([bl23, "survey", config, "-o", h5, "--quiet"])
    t.run_ok([sys.executable, os.path.join(source, "scripts", "plot_map.py"), h5, "-o", os.path.join(folder, "all"), "--csv", "--dpi", "40"])
    rows = list(csv.DictReader(lines_of(os.path.join(folder, "all_simplex.csv"))))
    pulls = [(float(r["passed"]) - float(r["expected"])) / float(r["expected"]) ** 0.5 for r in rows]
    chi2 = sum(p * p for p in pulls)
    # 5 sigma of a chi^2 with as many degrees of freedom
    t.check(abs(chi2 - len(rows)) < 5 * (2 * len(rows)) ** 0.5 and max(map(abs, pulls)) < 6, "w is uniform on the simplex", chi2, len(rows))


def drawn_by(script, function, *arguments):
    """The figure that a function of a script draws, caught before it is saved."""
    module, figures = importlib.import_module(script), []
    saves, module.save = module.save, lambda figure, *_, **__: figures.append(figure)
    getattr(module, function)(*arguments)
    module.save = saves
    return figures[0]


def colours(data):
    """The acceptance map of a survey: values of its cells and the colours they are drawn in; its axes."""
    axes = drawn_by("plot_map", "draw", data, "", None).subfigs[0].axes
    mesh = axes[0].collections[0]
    cells = np.ma.masked_invalid(mesh.get_array()).compressed()
    return cells, np.unique(mesh.to_rgba(cells), axis=0), axes


def check_noise(folder):
    """Noise is drawn in one colour, structure in several; the axis says what it is, and how much is noise."""
    plot_map = importlib.import_module("plot_map")
    data = plot_map.read_hdf5(os.path.join(folder, "all.h5"), plot_map.Map, plot_map.NotASurvey)
    cells, shown, axes = colours(data)
    t.check(len(np.unique(cells)) > 20 and cells.max() > 1 > cells.min(), "every sample survives, expected ones are an average", cells)
    t.check(len(shown) == 1, "what is noise only is one colour", shown)
    labels = [axis.get_ylabel() for axis in axes]
    t.check(any("expected" in label and "error" in label for label in labels), "the axis says expected, and the error", labels)
    for share in (0.3, 0.04):  # a flat acceptance below 1 is one colour, too
        thinned = np.random.default_rng(1).binomial(data.passed.astype(int), share).astype(float)
        flat = dict(vars(data), passed=thinned)
        cells, shown, _ = colours(with_values(plot_map, flat))
        t.check(len(shown) <= 2 and abs(cells.mean() - share) < 0.1 * share, "a flat acceptance", share, shown)
    x = np.arange(64)[:, None] / 64
    tilted = np.random.default_rng(1).binomial(data.passed.astype(int), x + 0 * x.T).astype(float)
    cells, shown, _ = colours(with_values(plot_map, dict(vars(data), passed=tilted)))
    t.check(len(shown) >= plot_map.STEPS - 1, "a slope is seen", shown)
    koto = plot_map.read_hdf5(os.path.join(folder, "open_question_koto.h5"), plot_map.Map, plot_map.NotASurvey)
    edges, value, common, error = koto.acceptance()
    steps = plot_map.steps_of_colour(value, error, common)
    plateau = value[abs(value - 1) < 4 * error]
    t.check(len(plateau) > 100 and np.ptp(np.searchsorted(steps, plateau[abs(plateau - common) < 3 * error])) == 0 and abs(common - 1) < error,
            "a plateau lies within one step", common, error, steps)


def with_values(plot_map, values):
    data = plot_map.Map.__new__(plot_map.Map)
    vars(data).update(values)
    return data


def check_stored(folder):
    """A figure of some of the survivors says so, and has the exact largest g of all; one of all does not."""
    plot_map = importlib.import_module("plot_map")
    for name, some in (("open_question_koto", True), ("gaps", False)):
        with t.h5py.File(os.path.join(folder, name + ".h5")) as f:
            stored, passed = len(f["survivors/index"]), int(f.attrs["passed"])
            columns = [text.decode() for text in f["extrema/name"]]
            largest = f["extrema/max"][columns.index("g_max" if "g_max" in columns else "g_bl")]
        data = plot_map.read_hdf5(os.path.join(folder, name + ".h5"), plot_map.Map, plot_map.NotASurvey)
        figure = drawn_by("plot_map", "draw", data, "", None)
        axis, title = figure.subfigs[1].axes[1], figure._suptitle.get_text()
        says = f"{plot_map.thousands(stored)} stored of {plot_map.thousands(passed)} survivors"
        labels = [text.get_text() for text in axis.get_legend().get_texts()]
        t.check((stored < passed) == some == (says in title) == (says in labels), f"{name}: what part is drawn", title, labels)
        exact = [line.get_ydata()[0] for line in axis.lines if "exact" in line.get_label()]
        t.check(exact == ([largest] if some else []) and largest >= data.g.max(), f"{name}: the exact largest g", exact, largest)


def check_gaps(bl23, source, folder):
    """A mass without a sample is a gap in the curve, not an acceptance of 0, and both figures count these masses."""
    plot_survey, plot_map = (importlib.import_module(name) for name in ("plot_survey", "plot_map"))
    h5 = os.path.join(folder, "gaps.h5")
    t.run_ok([bl23, "survey", os.path.join(source, "scripts", "surveys", "random_g_limits.yaml"), "-o", h5, "--samples", "4e5", "--quiet"])
    with t.h5py.File(h5) as f:
        mass, drawn, passed = (np.asarray(f[name]) for name in ("tables/mass_gev", "cutflow/mass_drawn", "cutflow/mass_passed"))
        survey_figure = drawn_by("plot_survey", "draw_cutflow", plot_survey.Survey(f), "")
    order = np.argsort(mass)
    drawn, passed = drawn[order], passed[order]
    none = drawn == 0
    t.check(0 < none.sum() < len(none) and passed.any(), "some masses have no sample", drawn)
    map_figure = drawn_by("plot_map", "draw", plot_map.read_hdf5(h5, plot_map.Map, plot_map.NotASurvey), "", None)
    for axis in (survey_figure.axes[1], map_figure.subfigs[1].axes[0]):
        line = axis.lines[0]
        x, y = (np.ma.filled(np.ma.asarray(values, dtype=float), np.nan) for values in (line.get_xdata(), line.get_ydata()))
        t.check(np.array_equal(np.isnan(y), none) and np.allclose(y[~none] * drawn[~none], passed[~none]) and np.allclose(x, 1e3 * mass[order]),
                "0 of 0 is a gap", y, drawn)
        t.check(axis.get_xlim()[0] < 1e3 * mass.min() and axis.get_xlim()[1] > 1e3 * mass.max(), "the axis has all masses", axis.get_xlim())
        t.check(line.get_marker() not in (None, "None"), "a mass between two gaps is a mark", line.get_marker())
        t.check(f"gaps: {none.sum()} of {len(drawn)} masses have no sample" in axis.get_title(), "the figure counts the gaps", axis.get_title())


def check_one_mass(folder):
    """A survey with one mass has no panel over mass: its survivors are shown instead, with what (g-2)_mu asks for."""
    plot_map = importlib.import_module("plot_map")
    data = plot_map.read_hdf5(os.path.join(folder, "all.h5"), plot_map.Map, plot_map.NotASurvey)
    band = plot_map.read_hdf5(os.path.join(folder, "fig4_2020.h5"), plot_map.read_band, plot_map.NotASurvey)
    for shown in (None, band):
        panels = drawn_by("plot_map", "draw", data, "", shown).subfigs[1].axes
        t.check(len(panels) == 2, "one mass: two panels", len(panels))
        for axis in panels:
            bars = [p.get_height() for c in axis.containers for p in c]
            t.check(len(bars) > 20 and sum(bars) == len(data.g) > 0, "one mass: a panel shows every stored survivor", axis.get_title(), sum(bars))
            labels = [text.get_text() for text in axis.get_legend().get_texts() if "(exact)" not in text.get_text()]
            t.check(labels[:2] == ["median", "largest"] and (labels[-1].startswith("asked for") if shown else len(labels) == 2), "one mass: legend", labels)
    low, high = plot_map.band_edges(data.mass, band, None)
    left, right = panels[0].patches[-1].get_xy()[:, 0].min(), panels[0].patches[-1].get_xy()[:, 0].max()
    t.check(abs(left / low[0] - 1) < 1e-12 and abs(right / high[0] - 1) < 1e-12, "one mass: the band lies where (g-2)_mu asks for g", left, right, low, high)


def boxes(figure, *artists):
    """Where they are drawn, in pixels."""
    figure.draw_without_rendering()
    return [artist.get_window_extent() for artist in artists]


def survey_figures(bl23, source, folder, name, changes, *functions):
    """A survey and what functions of plot_survey.py draw of it."""
    plot_survey = importlib.import_module("plot_survey")
    base, options = changes.pop("base"), changes
    config = t.with_changes(os.path.join(source, "scripts", "surveys", base), os.path.join(folder, name + ".yaml"), **options)
    h5 = os.path.join(folder, name + ".h5")
    t.run_ok([bl23, "survey", config, "-o", h5, "--quiet"])
    with t.h5py.File(h5) as f:
        survey = plot_survey.Survey(f)
        figures = [drawn_by("plot_survey", function, survey, "", *([None] if function == "draw_fig3" else [])) for function in functions]
        return figures, {key: np.asarray(f[key]) for key in ("nearest/tension", "histograms/log10_g", "survivors/level")}


def check_two_levels(bl23, source, folder):
    """Points within 1 sigma and those within 2 are both seen; log10 g fills its axis; nothing touches."""
    figures, data = survey_figures(bl23, source, folder, "levels", {
        "base": "fig3.yaml", "survey": {"samples": 1000000}, "output": {"histograms": [["wu12_abs2", "wu13_abs2"], ["wu11_abs2", "wu13_abs2"], ["wu13_abs2", "log10_g"]]}},
        "draw_fig3", "draw_histograms")
    fig3, histograms = figures
    fig3.set_dpi(80)
    fig3.canvas.draw()
    pixels = np.asarray(fig3.canvas.buffer_rgba())[..., :3].astype(int)
    for axis in fig3.axes:
        box = axis.get_window_extent()
        part = pixels[pixels.shape[0] - int(box.y1):pixels.shape[0] - int(box.y0), int(box.x0):int(box.x1)]
        seen = [(abs(part - np.array(colour)).max(axis=-1) < 40).sum() for colour in ((0x00, 0x9E, 0x73), (0xF5, 0xC7, 0x10))]
        t.check(min(seen) > 0.2 * sum(seen) > 1000, "both levels are seen", axis.get_xlabel(), seen)
    single = [axis for axis in histograms.subfigs[0].axes if "log" in axis.get_xlabel()]
    flat = [axis for axis in histograms.subfigs[1].axes if "log" in axis.get_ylabel()]
    filled = np.flatnonzero(data["histograms/log10_g"])
    with t.h5py.File(os.path.join(folder, "levels.h5")) as f:
        edges = f["histograms/log10_g"].attrs["edges"]
    low, high = edges[filled[0]], edges[filled[-1] + 1]
    t.check(len(single) == len(flat) == 1 and len(filled) <= 5, "a histogram with few bins filled", len(filled))
    for left, right in (single[0].get_xlim(), flat[0].get_ylim()):
        t.check(left <= low < high <= right and right - left < 1.5 * (high - low), "the axis is what is filled, with a margin", left, right, low, high)
    axes = histograms.subfigs[1].axes
    bars = [axis for axis in axes if axis.get_ylabel() == "survivors per bin"]
    labels = boxes(histograms, *(axis.yaxis.label for axis in bars))
    panels = [axis.get_tightbbox(histograms.canvas.get_renderer()) for axis in axes if axis.get_visible() and axis not in bars]
    t.check(len(labels) == 3 and not any(label.padded(14).overlaps(panel) for label in labels for panel in panels), "the label of a colour bar stands free", labels, panels)


def check_nearest(bl23, source, folder):
    """Equal tensions are said, not drawn; one sample is one; ranks are whole numbers."""
    limits = {"base": "open_question_limits.yaml", "survey": {"samples": 20000}, "output": {"nearest": 50}}
    (figure, cutflow), data = survey_figures(bl23, source, folder, "equal", limits, "draw_nearest", "draw_cutflow")
    tension = data["nearest/tension"]
    words = [text.get_text() for axis in figure.axes for text in axis.texts]
    t.check(len(tension) == 50 and np.ptp(tension) == 0 and sum(len(a.lines) + len(a.collections) for a in figure.axes) == 0
            and any("same tension" in text for text in words), "equal tensions: words and no curve", words)
    one = {"base": "fig3.yaml", "survey": {"samples": 20000}, "output": {"nearest": 1}}
    (figure,), data = survey_figures(bl23, source, folder, "one", one, "draw_nearest")
    figure.draw_without_rendering()
    axis = figure.axes[0]
    ticks = [label.get_text() for minor in (False, True) for label in axis.get_xticklabels(minor=minor)]
    t.check(len(data["nearest/tension"]) == 1 and figure._suptitle.get_text().startswith("The sample of"), "one sample is one", figure._suptitle.get_text())
    t.check("1" in ticks and all(text in ("", "0", "1", "2") for text in ticks), "ranks are whole numbers", ticks)
    two = {"base": "open_question.yaml", "survey": {"samples": 100000}, "output": {"nearest": 50}}
    (figure,), data = survey_figures(bl23, source, folder, "ranked", two, "draw_nearest")
    line = figure.axes[0].lines[0]
    t.check(np.ptp(data["nearest/tension"]) > 0 and np.array_equal(line.get_ydata(), np.sort(data["nearest/tension"])), "unequal tensions: a curve")
    few = {"base": "random_g_limits.yaml", "survey": {"samples": 100000},
           "constraints": {"sets": ["paper2020"], "without": ["koto_events", "gm2", "na62_pi0", "e949"]}, "output": {"nearest": 9}}
    (cutflow,), _ = survey_figures(bl23, source, folder, "few", few, "draw_cutflow")
    for axis in cutflow.axes:
        label, panel = boxes(cutflow, axis.yaxis.label, axis)
        t.check(label.height < 0.7 * panel.height, "the label is shorter than its axis", axis.get_ylabel(), label, panel)
    t.check(len(cutflow.axes) == 2, "a panel over mass", len(cutflow.axes))


def check_mass_axes(bl23, source, folder):
    """Masses over more than a factor of ten are drawn against their logarithm, with all of them on the axis."""
    for name, masses, scale in (("wide", [0.012, 0.2], "log"), ("narrow", [0.116, 0.152], "linear")):
        survey = {"base": "open_question.yaml", "survey": {"samples": 100000, "mass_gev": {"log_uniform": masses, "knots": 16}},
                  "constraints": {"sets": ["paper2020"], "without": ["koto_events", "na62_pi0"]}, "output": {"nearest": 50}}
        figures, data = survey_figures(bl23, source, folder, name, survey, "draw_nearest", "draw_cutflow")
        axes = [axis for figure in figures for axis in figure.axes if "m_{Z'}" in axis.get_xlabel()]
        t.check(axes, f"{name}: an axis of masses", [figure._suptitle.get_text() for figure in figures])
        for axis in axes:
            low, high = axis.get_xlim()
            t.check(axis.get_xscale() == scale and low < 1e3 * masses[0] and high > 1e3 * masses[1], f"{name}: the axis of masses", axis.get_xscale(), low, high)


def check_ticks(source):
    """A logarithmic axis of less than two decades has numbers, not powers of ten."""
    style = importlib.import_module("plot_style")
    for low, high in ((1.0, 1.9), (0.3, 8.0), (11.0, 15.0), (0.02, 1.5)):
        figure, axis = style.plt.subplots()
        axis.set_yscale("log")
        axis.set_ylim(low, high)
        style.plain_ticks(axis.yaxis, low, high)
        figure.draw_without_rendering()
        inside = [label.get_text() for minor in (False, True) for label in axis.get_yticklabels(minor=minor)
                  if low <= label.get_position()[1] <= high and label.get_text()]
        t.check(len(inside) >= 2 and all(low <= float(text) <= high for text in inside), "plain numbers", low, high, inside)
        style.plt.close(figure)


def check_bound_name(bl23, source, folder):
    """The figure of bound.json is bound.png, that of any other file has _bound at its end."""
    config = t.with_changes(os.path.join(source, "scripts", "surveys", "today.yaml"), os.path.join(folder, "today.yaml"), survey={"mass_gev": {"fixed": 0.14}})
    for name, figure in (("bound", "bound"), ("mine", "mine_bound"), ("rebound", "rebound_bound"), ("a_bound", "a_bound")):
        made = os.path.join(folder, "names_" + name)
        os.mkdir(made)
        t.run_ok([bl23, "bound", config, "-o", os.path.join(made, name + ".json")])
        done = t.run_ok([sys.executable, os.path.join(source, "scripts", "plot_bound.py"), name + ".json", "--dpi", "40"], cwd=made)
        t.check(sorted(os.listdir(made)) == sorted([name + ".json", figure + ".png", figure + ".pdf"]) and done.stdout.split() == [figure + ".png", figure + ".pdf"],
                f"the figure of {name}.json", os.listdir(made), done.stdout)


def check_legend(folder):
    """The legend of a plane covers nothing. Every shade of an overlay is in the legend, with its colour."""
    plot_plane = importlib.import_module("plot_plane")
    plane = plot_plane.read_hdf5(os.path.join(folder, "fig2_2020.h5"), plot_plane.Plane, plot_plane.NotAPlane)
    axis = drawn_by("plot_plane", "draw", plane, "").axes[0]
    legend, panel = boxes(axis.figure, axis.get_legend(), axis)
    t.check(not legend.overlaps(panel) and legend.x0 > 0 and legend.x1 < axis.figure.bbox.x1, "the legend is outside of the axes", legend, panel)
    shaded = {tuple(c.get_facecolor()[0]) for c in axis.collections if c.get_zorder() == 0.5}
    in_legend = {tuple(p.get_facecolor()) for p in axis.get_legend().get_patches()}
    texts = [text.get_text() for text in axis.get_legend().get_texts()]
    t.check(len(shaded) == 2 and shaded <= in_legend, "the shades of overlays are in the legend", shaded, in_legend)
    t.check("KOTO before the events (shade: excluded)" in texts, "they are named", texts)


def check_refused(source, folder):
    scripts = os.path.join(source, "scripts")
    text = os.path.join(folder, "text.h5")
    with open(text, "w", encoding="utf-8") as f:
        f.write("no HDF5")
    plane, survey = os.path.join(folder, "fig2_2020.h5"), os.path.join(folder, "open_question_koto.h5")
    for script, arguments, code, says in (
            ("plot_plane.py", ["none.h5"], 2, "does not exist"), ("plot_plane.py", [text], 2, "not an HDF5 file"), ("plot_plane.py", [survey], 2, "not a bl23 plane"),
            ("plot_plane.py", [], 2, "FILE.h5"), ("plot_plane.py", [plane, "--dpi", "0"], 2, "--dpi"), ("plot_plane.py", [plane, "-o", "none/x"], 1, "cannot be written"),
            ("plot_map.py", ["none.h5"], 2, "does not exist"), ("plot_map.py", [text], 2, "not an HDF5 file"), ("plot_map.py", [plane], 2, "not a bl23 survey"),
            ("plot_map.py", [survey, "--plane", survey], 2, "not a bl23 plane"), ("plot_map.py", [survey, "--plane", "none.h5"], 2, "does not exist"),
            ("plot_survey.py", [survey, "--star", os.path.join(scripts, "surveys", "fig3.yaml")], 2, "w: {fixed"), ("plot_survey.py", [survey, "--star", "1,2"], 2, "six numbers")):
        done = t.run([sys.executable, os.path.join(scripts, script), *arguments], cwd=folder)
        t.check(done.returncode == code and says in done.stderr and "Traceback" not in done.stderr, f"{script} {arguments}", *t.told(done))


def main():
    bl23, source = t.arguments()
    if importlib.util.find_spec("matplotlib") is None:
        t.skip("matplotlib (python3-matplotlib) is not installed")
    folder = t.work_folder()
    check_planes(bl23, source, folder)
    check_years(source, folder)
    for name in MAPS:
        check_haar(check_map(bl23, source, folder, name))
    check_all_pass(bl23, source, folder)
    check_noise(folder)
    check_gaps(bl23, source, folder)
    check_stored(folder)
    check_one_mass(folder)
    check_legend(folder)
    check_two_levels(bl23, source, folder)
    check_nearest(bl23, source, folder)
    check_mass_axes(bl23, source, folder)
    check_ticks(source)
    check_bound_name(bl23, source, folder)
    check_refused(source, folder)
    t.finish()


if __name__ == "__main__":
    main()
