# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
"""Profiles of the likelihood: the least chi^2 of the samples in each bin, of surveys with
output: {rank: chi2}."""
import numpy as np
from matplotlib.colors import BoundaryNorm
from matplotlib.ticker import FixedFormatter, FixedLocator

from ..column_labels import AXES
from ..survey_data import NotASurvey
from ..texts import thousands
from .style import BLUE, GRID, note, plt, titled
from . import survey_plots

# chi^2 above its minimum at 68.3 and 95 %, of one parameter and of two.
LEVELS = {1: (1.00, 3.84), 2: (2.30, 5.99)}
NAMES = ("68.3 %", "95 %")
SHOWN = 12.0  # chi^2 above the minimum, where axes and colours end
FLOOR = -0.4  # where the axis begins, so that a curve at 0 is not hidden by it
STYLES = ("-", "--")


def profiles_of(survey):
    if not survey.has("profiles"):
        raise NotASurvey("has no profiles: its configuration lacks output: {rank: chi2}")
    return survey.file["profiles"]


def least_chi2(survey):
    """Of all bins: that of the survey, but for samples outside of the bins."""
    group = profiles_of(survey)
    return min(float(np.min(group[name])) for name in group if name.endswith("_abs2"))


def above_least(survey, name):
    """chi^2 above the least, not finite in bins without a sample."""
    found = np.asarray(profiles_of(survey)[name])
    if not np.isfinite(found).any():
        raise NotASurvey(f"has no sample in the bins of {name}")
    return found - least_chi2(survey)


def at_best_g(survey, name):
    """Is a sample counted at its best g only, so that this is no profile in g?"""
    return "log10_g" in name.split("__") and survey.setting("g_bl") == "solve"


def draw_profile_1d(axis, survey, name):
    edges = np.asarray(survey.file["histograms"][name].attrs["edges"])
    delta = above_least(survey, name)
    filled = np.isfinite(delta)
    axis.stairs(np.where(filled, delta, np.nan), edges, color=BLUE, linewidth=1.2, baseline=None)
    if (np.diff(np.flatnonzero(filled)) > 1).any():  # a single bin between empty ones is short
        axis.plot((edges[1:] + edges[:-1])[filled] / 2, delta[filled], ".", color=BLUE,
                  markersize=4)
    if not at_best_g(survey, name):
        for level, label, line in zip(LEVELS[1], NAMES, STYLES):
            axis.axhline(level, color="black", linestyle=line, linewidth=0.9, label=f"{label} CL")
    axis.set(xlabel=survey_plots.axis_name(name, profiles_of(survey)[name]),
             ylabel=r"$\Delta\chi^2$", ylim=(FLOOR, SHOWN), xlim=(edges[0], edges[-1]))
    if name == "log10_g" and (delta < SHOWN).any():
        axis.set_xlim(survey_plots.occupied(edges, filled & (delta < SHOWN)))
    if name.startswith("phase"):
        survey_plots.set_phase_ticks(axis, "x", edges)
    axis.grid(**GRID)


def draw_profile_2d(figure, axis, survey, name):
    """Colours step at the levels of two parameters; nothing is interpolated between bins."""
    histogram = survey.file["histograms"][name]
    edges = [np.asarray(histogram.attrs[f"edges_{side}"]) for side in "xy"]
    delta = above_least(survey, name)
    filled = np.isfinite(delta)
    shown = np.ma.masked_where(~filled, delta)
    colors, steps = plt.get_cmap("viridis_r"), (0, *LEVELS[2], SHOWN)
    levelled = not at_best_g(survey, name)
    options = ({"norm": BoundaryNorm(steps, colors.N, extend="max")} if levelled else
               {"vmin": 0, "vmax": SHOWN})
    mesh = axis.pcolormesh(*edges, shown.T, cmap=colors, rasterized=True, **options)
    bar = figure.colorbar(mesh, ax=axis, label=r"$\Delta\chi^2$", pad=0.02, extend="max")
    if levelled:
        bar.ax.yaxis.set_major_locator(FixedLocator(steps))
        bar.ax.yaxis.set_major_formatter(FixedFormatter(
            ["0", *(f"{step:.2f} ({of})" for step, of in zip(LEVELS[2], NAMES)), f"{SHOWN:g}"]))
    x, y = name.split("__")
    axis.set(xlabel=survey_plots.axis_name(x, histogram),
             ylabel=survey_plots.axis_name(y, histogram))
    for which, side, edge, other in zip("xy", (x, y), edges, (1, 0)):
        if side.startswith("phase"):
            survey_plots.set_phase_ticks(axis, which, edge)
        if side == "log10_g":
            getattr(axis, f"set_{which}lim")(survey_plots.occupied(edge, filled.any(axis=other)))


def draw_profiles(survey, prefix):
    group = profiles_of(survey)

    def with_bins(names):
        return [n for n in names if n in group and np.isfinite(group[n]).sum() > 1]

    single = with_bins(AXES)
    double = with_bins(n for n in survey.file["histograms"] if "__" in n)
    if not single + double:
        note("no histogram has samples in more than one bin, so the profiles are left out")
        return
    heights = [2.7 * -(-len(names) // 3) for names in (single, double) if names]
    columns = min(3, max(len(single), len(double)))
    figure = plt.figure(figsize=(max(3.5 * columns, 5.2), 0.6 + sum(heights)),
                        constrained_layout={"wspace": 0.08})
    parts = figure.subfigures(len(heights), 1, height_ratios=heights, squeeze=False).ravel()
    handles, names = [], []
    if single:
        axes = survey_plots.axes_grid(parts[0], len(single), columns)
        for axis, name in zip(axes, single):
            draw_profile_1d(axis, survey, name)
        handles, names = axes[0].get_legend_handles_labels()
    if double:
        axes = survey_plots.axes_grid(parts[-1], len(double), columns)
        for axis, name in zip(axes, double):
            draw_profile_2d(parts[-1], axis, survey, name)
    title = (rf"Least $\chi^2$ = {least_chi2(survey):.4g} of {thousands(survey.samples)} samples"
             f"{survey.unfinished_text()}\n{survey.mass_text()}")
    figure.suptitle(titled(title), fontsize=10)
    if handles:
        survey_plots.legend_below(figure, handles, names, 2)
    said = [r"$\Delta\chi^2$: the least $\chi^2$ of all samples in a bin above the least of all"]
    if any(not at_best_g(survey, name) for name in double):
        said.append("In two dimensions the colours step at the levels of two parameters. Bins that "
                    "differ from all around them are noise: few samples fell into them")
    if any(at_best_g(survey, name) for name in single + double):
        said.append(r"A sample counts only at its best $g_{B-L}$: what is over $g_{B-L}$ is no "
                    "profile in it, and has no levels")
    survey_plots.footnote(figure, "\n\n" + "\n".join(said))
    survey_plots.save(figure, prefix, "profiles")
