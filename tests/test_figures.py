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
    t.check(abs(sum(r["drawn"] for r in rows) / samples - 1) < 1e-5, f"{name}: the cells hold all samples")
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
    """With g drawn from one distribution and every sample counted, drawn follows the simplex."""
    t.check(all(0 <= r["passed"] <= r["drawn"] + 6 * r["drawn"] ** 0.5 for r in rows), "no cell holds more survivors than samples")


def check_all_pass(bl23, source, folder):
    """Where everything passes, the histogram over the share of a cell is 1 within the statistics."""
    config = t.with_changes(os.path.join(source, "scripts", "surveys", "open_question_limits.yaml"), os.path.join(folder, "all.yaml"),
                            survey={"samples": 4000000, "mass_gev": {"fixed": 0.13}}, output={"max_survivors": 1000, "cutflow_every": 1})
    h5 = os.path.join(folder, "all.h5")
    t.run_ok([bl23, "survey", config, "-o", h5, "--quiet"])
    t.run_ok([sys.executable, os.path.join(source, "scripts", "plot_map.py"), h5, "-o", os.path.join(folder, "all"), "--csv", "--dpi", "40"])
    rows = list(csv.DictReader(lines_of(os.path.join(folder, "all_simplex.csv"))))
    pulls = [(float(r["passed"]) - float(r["drawn"])) / float(r["drawn"]) ** 0.5 for r in rows]
    chi2 = sum(p * p for p in pulls)
    # 5 sigma of a chi^2 with as many degrees of freedom
    t.check(abs(chi2 - len(rows)) < 5 * (2 * len(rows)) ** 0.5 and max(map(abs, pulls)) < 6, "w is uniform on the simplex", chi2, len(rows))


def drawn_by(script, function, *arguments):
    """The figure that a function of a script draws, caught before it is saved."""
    module, figures = importlib.import_module(script), []
    module.save = lambda figure, *_, **__: figures.append(figure)
    getattr(module, function)(*arguments)
    return figures[0]


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
            labels = [text.get_text() for text in axis.get_legend().get_texts()]
            t.check(labels[:2] == ["median", "largest"] and (labels[-1].startswith("asked for") if shown else len(labels) == 2), "one mass: legend", labels)
    low, high = plot_map.band_edges(data.mass, band, None)
    left, right = panels[0].patches[-1].get_xy()[:, 0].min(), panels[0].patches[-1].get_xy()[:, 0].max()
    t.check(abs(left / low[0] - 1) < 1e-12 and abs(right / high[0] - 1) < 1e-12, "one mass: the band lies where (g-2)_mu asks for g", left, right, low, high)


def check_legend(folder):
    """Every shade of an overlay is in the legend, with its colour."""
    plot_plane = importlib.import_module("plot_plane")
    plane = plot_plane.read_hdf5(os.path.join(folder, "fig2_2020.h5"), plot_plane.Plane, plot_plane.NotAPlane)
    axis = drawn_by("plot_plane", "draw", plane, "").axes[0]
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
            ("plot_map.py", [survey, "--plane", survey], 2, "lacks"), ("plot_map.py", [survey, "--plane", "none.h5"], 2, "does not exist"),
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
    check_one_mass(folder)
    check_legend(folder)
    check_refused(source, folder)
    t.finish()


if __name__ == "__main__":
    main()
