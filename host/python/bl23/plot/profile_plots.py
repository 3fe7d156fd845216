# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
"""Profiles of the likelihood: the least chi^2 of the samples in each bin, of surveys with
output: {rank: chi2}."""
import numpy as np

from ..survey_data import NotASurvey
from ..texts import thousands
from .style import BLUE, GRID, plt, titled
from . import survey_plots

# chi^2 above its minimum at 68.3 and 95 %, of one parameter and of two.
LEVELS = {1: (1.00, 3.84), 2: (2.30, 5.99)}
NAMES = ("68.3 %", "95 %")
SHOWN = 12.0  # chi^2 above the minimum, where axes and colours end
STYLES = ("-", "--")


def profiles_of(survey):
    if not survey.has("profiles"):
        raise NotASurvey("has no profiles: its configuration lacks output: {rank: chi2}")
    return survey.file["profiles"]


def least_chi2(survey):
    """Of all bins: that of the survey, but for samples outside of the bins."""
    group = profiles_of(survey)
    return min(float(np.min(group[name])) for name in group if name.endswith("_abs2"))


def draw_profile_1d(axis, survey, name):
    group, edges = profiles_of(survey), np.asarray(survey.file["histograms"][name].attrs["edges"])
    delta = np.asarray(group[name]) - least_chi2(survey)
    filled = np.isfinite(delta)
    if not filled.any():
        raise NotASurvey(f"has no sample in the bins of {name}")
    axis.stairs(np.where(filled, delta, np.nan), edges, color=BLUE, linewidth=1.2, baseline=None)
    for level, label, line in zip(LEVELS[1], NAMES, STYLES):
        axis.axhline(level, color="black", linestyle=line, linewidth=0.9, label=f"{label} CL")
    axis.set(xlabel=survey_plots.axis_name(name, group[name]), ylabel=r"$\Delta\chi^2$",
             ylim=(0, SHOWN), xlim=(edges[0], edges[-1]))
    if name == "log10_g":
        axis.set_xlim(survey_plots.occupied(edges, filled & (delta < SHOWN))
                      if (delta < SHOWN).any() else (edges[0], edges[-1]))
    if name.startswith("phase"):
        survey_plots.set_phase_ticks(axis, "x", edges)
    axis.grid(**GRID)


def draw_profile_2d(figure, axis, survey, name):
    group, histogram = profiles_of(survey), survey.file["histograms"][name]
    edges = [np.asarray(histogram.attrs[f"edges_{side}"]) for side in "xy"]
    delta = np.asarray(group[name]) - least_chi2(survey)
    shown = np.ma.masked_where(~np.isfinite(delta), delta)
    mesh = axis.pcolormesh(*edges, shown.T, cmap="viridis_r", vmin=0, vmax=SHOWN, rasterized=True)
    figure.colorbar(mesh, ax=axis, label=r"$\Delta\chi^2$", pad=0.02, extend="max")
    middles = [(e[1:] + e[:-1]) / 2 for e in edges]
    far = np.where(np.isfinite(delta), delta, 2 * SHOWN).T
    for level, line in zip(LEVELS[2], STYLES):
        if far.min() < level < far.max() and min(far.shape) > 1:
            axis.contour(*middles, far, levels=[level], colors="black", linestyles=line,
                         linewidths=1.2)
    x, y = name.split("__")
    axis.set(xlabel=survey_plots.axis_name(x, histogram),
             ylabel=survey_plots.axis_name(y, histogram))
    for which, side, edge in zip("xy", (x, y), edges):
        if side.startswith("phase"):
            survey_plots.set_phase_ticks(axis, which, edge)


def draw_profiles(survey, prefix):
    group = profiles_of(survey)
    single = [n for n in survey_plots.LABELS if n in group and np.isfinite(group[n]).any()]
    double = [n for n in survey.file["histograms"] if "__" in n and np.isfinite(group[n]).any()]
    heights = [2.7 * -(-len(names) // 3) for names in (single, double) if names]
    figure = plt.figure(figsize=(10.5, 0.6 + sum(heights)), constrained_layout={"wspace": 0.08})
    parts = figure.subfigures(len(heights), 1, height_ratios=heights, squeeze=False).ravel()
    axes = survey_plots.axes_grid(parts[0], len(single))
    for axis, name in zip(axes, single):
        draw_profile_1d(axis, survey, name)
    if double:
        for axis, name in zip(survey_plots.axes_grid(parts[-1], len(double)), double):
            draw_profile_2d(parts[-1], axis, survey, name)
    title = (rf"Least $\chi^2$ = {least_chi2(survey):.4g} of {thousands(survey.samples)} samples"
             f"\n{survey.mass_text()}")
    figure.suptitle(titled(title), fontsize=10)
    handles, names = axes[0].get_legend_handles_labels()
    survey_plots.legend_below(figure, handles, names, 2)
    survey_plots.footnote(figure, "\n\n" r"$\Delta\chi^2$: the least $\chi^2$ of all samples in a "
                          "bin above the least of all"
                          + ("; contours for two parameters" if double else ""))
    survey_plots.save(figure, prefix, "profiles")
