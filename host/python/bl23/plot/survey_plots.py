# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
"""Draw the figures of a survey file, each as PNG and PDF.

PREFIX_fig3        (W_u)_1i of the survivors in the complex plane, as in Fig. 3 of arXiv:2008.09793
PREFIX_phases      the same with what is physical: moduli and relative phases
PREFIX_histograms  distributions of all survivors, also of those that were not stored
PREFIX_cutflow     what each constraint leaves
PREFIX_nearest     the samples that come nearest to passing
PREFIX_profiles    with rank: chi2, instead of it: the least chi^2 of all samples in each bin

Exit: 0 done, 1 a figure cannot be written, 2 not a survey file or bad options.
"""
import argparse
import os
import shlex

import matplotlib
import numpy as np
from matplotlib.colors import LogNorm

from ..column_labels import AXES
from ..errors import Error
from ..limit_names import shown_name
from ..model import Model
from ..command import shipped
from ..reading import NotDrawn, read_yaml
from ..survey_data import NotASurvey, Survey, acceptance_of_masses, gaps_text
from ..texts import literal, percent, scientific, thousands
from . import profile_plots, style
from .style import (BLUE, GREY, GRID, MALFORMED, ORANGE, note, options_of, parser_for, plain_ticks,
                    plt, read_hdf5, set_masses, titled, written)

MARGIN = 0.15  # of the filled range of a histogram, to each side
FEW_BINS, FINER = 12, 40  # log10 g fills fewer bins: those of stored survivors are finer
FEW_RANKS = 10  # fewer samples are ranked on a linear axis
CUTFLOW_LOG_BELOW = 0.01  # smallest fraction that a linear axis still shows
# area: of all points of a level and of a single one at least and at most [pt^2]; those of 1 sigma
# lie on top and are small enough to show the others between them
ONE_SIGMA = {"color": "#009E73", "marker": "s", "zorder": 3}
TWO_SIGMA = {"color": "#F5C710", "marker": "o", "zorder": 2}
AREAS = {1: (5e3, 1.0, 5), 2: (2e4, 3.0, 16)}
STAR = {"color": "#D62728", "marker": "*", "s": 190, "zorder": 5, "edgecolors": "black",
        "linewidths": 0.8}
CHANGES = {"axes.titlesize": 10, "xtick.labelsize": 9, "ytick.labelsize": 9}


def save(figure, prefix, name):
    style.save(figure, f"{prefix}_{name}", bbox_inches="tight")


def footnote(figure, text):
    figure.text(0.5, -0.01, text, ha="center", va="top", fontsize=8.5, color=GREY)


def rows_of_w(survey, rows):
    """(W_u)_1i of some survivors, complex [rows, 3]."""
    if len(rows) == 0:
        return np.zeros((0, 3), dtype=complex)
    last = rows[-1] + 1

    def column(name):
        return survey.file[f"survivors/{name}"][:last][rows]

    return np.stack([column(f"wu1{i}_abs") * np.exp(1j * column(f"wu1{i}_phase"))
                     for i in (1, 2, 3)], axis=1)


def levels_to_draw(survey):
    """Style, legend text and rows of w, the 2-sigma points first. A level alone has the larger
    points."""
    counts = (survey.passed - survey.passed_1sigma, survey.passed_1sigma)
    both = min(counts) > 0
    names = (r"within 2$\sigma$, not 1$\sigma$", r"within 1$\sigma$")
    if survey.chi2_max is not None:
        names = [rf"{survey.chi2_text()}, {some} cuts at 1$\sigma$" for some in ("not all", "all")]
    for level, points, name, count in zip((2, 1), (TWO_SIGMA, ONE_SIGMA), names, counts):
        w = rows_of_w(survey, survey.first_of_level(level))
        if len(w) == 0:
            continue
        shown = "" if len(w) == count else f" ({thousands(len(w))} shown)"
        total, least, most = AREAS[level if both else 2]
        area = float(np.clip(total / len(w), least, most))
        yield {**points, "s": area}, f"{name}: {thousands(count)}{shown}", w


def scatter(axis, x, y, points, label):
    return axis.scatter(x, y, linewidths=0, rasterized=True, label=label, **points)


def legend_below(figure, handles, names, columns):
    return figure.legend(handles, names, loc="upper center", bbox_to_anchor=(0.5, 0.0),
                         ncol=columns, frameon=False)


def entries_of(axes):
    """What some axes name in a legend, {name: handle}, each name once."""
    entries = {}
    for axis in axes:
        for handle, name in zip(*axis.get_legend_handles_labels()):
            entries.setdefault(name, handle)
    return entries


def figure_legend(figure, axes):
    entries = entries_of(axes)
    legend = legend_below(figure, entries.values(), entries.keys(), len(entries))
    # its name changed in matplotlib 3.7
    for handle in getattr(legend, "legend_handles", None) or legend.legendHandles:
        handle.set_sizes([min(90, max(40, handle.get_sizes()[0]))])


def draw_planes(axes, survey, star):
    """(W_u)_1i of the survivors in the complex plane, one of the axes for each i."""
    circle = np.exp(1j * np.linspace(0, 2 * np.pi, 361))
    for points, label, w in levels_to_draw(survey):
        for i, axis in enumerate(axes):
            scatter(axis, w[:, i].real, w[:, i].imag, points, label)
    for i, axis in enumerate(axes):
        axis.plot(circle.real, circle.imag, color="black", linewidth=1, zorder=4)
        if star is not None:
            axis.scatter(star[i].real, star[i].imag, label="benchmark", **STAR)
        axis.set(aspect="equal", xlim=(-1.08, 1.08), ylim=(-1.08, 1.08),
                 xlabel=rf"Re $(W_u)_{{1{i + 1}}}$")
        axis.text(-1.02, 0.93, rf"$(W_u)_{{1{i + 1}}}$", fontsize=12)
        axis.set_xticks([-1, -0.5, 0, 0.5, 1])
        axis.set_yticks([-1, -0.5, 0, 0.5, 1])
        axis.grid(**GRID)
        axis.tick_params(labelleft=True)
        axis.set_ylabel(rf"Im $(W_u)_{{1{i + 1}}}$")


def phase_from(survey):
    """Where the common phase of a row is from."""
    given = survey.setting("w")
    if not isinstance(given, dict):
        return "drawn at random"
    return "taken from the file of rows" if "file" in given else "that of the fixed row"


def draw_fig3(survey, prefix, star):
    height = 3.45 + 0.18 * survey.title().count("\n")
    figure, axes = plt.subplots(1, 3, figsize=(10.5, height), sharey=True, constrained_layout=True)
    draw_planes(axes, survey, star)
    figure.suptitle(titled(survey.title()), fontsize=10)
    figure_legend(figure, axes)
    figure.text(0.5, -0.095, "Black: the unit circle. The common phase of the three elements is "
                f"unphysical and {phase_from(survey)}; their relative phases are in the figure "
                "'phases'.", ha="center", va="top", fontsize=8.5, color=GREY)
    save(figure, prefix, "fig3")


def relative_phase(w, i, j):
    """arg w_j - arg w_i in units of pi, in (-1, 1]."""
    return np.angle(w[..., j] * np.conj(w[..., i])) / np.pi


def draw_relative_phases(axes, survey, star):
    """Moduli against relative phases of the survivors, in three axes."""
    panels = ((0, 1, 1), (0, 2, 2), (1, 2, 2))  # phase from i to j against modulus of k
    for points, label, w in levels_to_draw(survey):
        for axis, (i, j, k) in zip(axes, panels):
            scatter(axis, relative_phase(w, i, j), np.abs(w[:, k]), points, label)
    for axis, (i, j, k) in zip(axes, panels):
        if star is not None and star[i] != 0 and star[j] != 0:
            axis.scatter(relative_phase(star, i, j), abs(star[k]), label="benchmark", **STAR)
        axis.set(xlim=(-1, 1), ylim=(0, 1), ylabel=rf"$|(W_u)_{{1{k + 1}}}|$",
                 xlabel=rf"$\arg(W_u)_{{1{j + 1}}}-\arg(W_u)_{{1{i + 1}}}$  [$\pi$]")
        axis.set_xticks([-1, -0.5, 0, 0.5, 1])
        axis.tick_params(labelleft=True)
        axis.grid(**GRID)


def draw_phases(survey, prefix, star):
    figure, axes = plt.subplots(1, 3, figsize=(10.5, 3.9), sharey=True, constrained_layout=True)
    draw_relative_phases(axes, survey, star)
    figure.suptitle(titled(survey.title()), fontsize=10)
    figure_legend(figure, axes)
    save(figure, prefix, "phases")


def drawn_density(survey, name):
    """Density of an axis among all rows, or None where it is not known."""
    if survey.setting("w") == "haar" and name.endswith("_abs2"):
        return lambda x: 2 * (1 - x)
    if survey.setting("w") == "haar" and name.startswith("phase"):
        return lambda x: np.full_like(x, 1 / (2 * np.pi))
    return None


def set_phase_ticks(axis, which, edges):
    """Ticks at multiples of pi/2, where the edges of the bins go from -pi to pi."""
    ticks = np.pi * np.array([-1, -0.5, 0, 0.5, 1])
    if edges[0] > ticks[0] or edges[-1] < ticks[-1]:
        return
    names = [r"$-\pi$", r"$-\pi/2$", "0", r"$\pi/2$", r"$\pi$"]
    getattr(axis, f"set_{which}ticks")(ticks)
    getattr(axis, f"set_{which}ticklabels")(names)


def axis_name(name, dataset):
    return f"${AXES[name]}$" if name in AXES else literal(dataset.attrs.get("long_name", name))


def draw_histogram_1d(axis, survey, name, dataset):
    edges, counts = np.asarray(dataset.attrs["edges"]), np.asarray(dataset, dtype=float)
    label, color, whose = "survivors per bin", BLUE, f"all {thousands(survey.passed)} survivors"
    if name == "log10_g":
        axis.set_xlim(occupied(edges, counts))
        axis.xaxis.set_major_locator(matplotlib.ticker.MaxNLocator(5))
        if np.count_nonzero(counts) < FEW_BINS and survey.has("survivors/g_bl"):
            stored = np.log10(survey.file["survivors/g_bl"])
            stored = stored[(edges[0] <= stored) & (stored < edges[-1])]
            if len(stored) and np.ptp(stored) > 0:
                counts, edges = np.histogram(stored, FINER)
                label = f"stored {label}"
                count = len(survey.file["survivors/g_bl"])
                if count < survey.passed:  # another colour, and an entry of its own
                    color, whose = ORANGE, f"the {thousands(count)} stored survivors only"
    axis.stairs(counts, edges, fill=True, color=color, alpha=0.35)
    axis.stairs(counts, edges, color=color, linewidth=1.2, label=whose)
    density = drawn_density(survey, name)
    if density is not None:
        middle, width = (edges[1:] + edges[:-1]) / 2, np.diff(edges)
        drawn = density(middle) * width
        axis.plot(middle, drawn / drawn.sum() * counts.sum(), color="black", linestyle="--",
                  linewidth=1.2, label="all $W_u$, scaled to the same area")
    outside = int(dataset.attrs["underflow"]) + int(dataset.attrs["overflow"])
    if outside:
        axis.text(0.97, 0.93, f"{thousands(outside)} outside", transform=axis.transAxes,
                  ha="right", fontsize=8.5)
    axis.set(ylim=(0, None), xlabel=axis_name(name, dataset), ylabel=label)
    axis.ticklabel_format(axis="y", style="sci", scilimits=(0, 4), useMathText=True)
    if name != "log10_g":
        axis.set_xlim(edges[0], edges[-1])
    if name.startswith("phase"):
        set_phase_ticks(axis, "x", edges)


def occupied(edges, counts):
    """Limits around the bins that are not empty, with a margin."""
    filled = np.flatnonzero(counts)
    low, high = edges[filled[0]], edges[filled[-1] + 1]
    margin = MARGIN * (high - low)
    return max(low - margin, edges[0]), min(high + margin, edges[-1])


def draw_histogram_2d(figure, axis, histograms, name):
    dataset, (x, y) = histograms[name], name.split("__")
    edges_x, edges_y = dataset.attrs["edges_x"], dataset.attrs["edges_y"]
    counts = np.ma.masked_equal(np.asarray(dataset), 0)
    norm = LogNorm(counts.min(), counts.max()) if counts.max() > 1 else None
    mesh = axis.pcolormesh(edges_x, edges_y, counts.T, cmap="viridis", norm=norm, rasterized=True)
    bar = figure.colorbar(mesh, ax=axis, label="survivors per bin", pad=0.02)
    if norm:
        plain_ticks(bar.ax.yaxis, norm.vmin, norm.vmax)
    axis.set(xlabel=axis_name(x, dataset), ylabel=axis_name(y, dataset))
    for which, side, edges in (("x", x, edges_x), ("y", y, edges_y)):
        if side.startswith("phase"):
            set_phase_ticks(axis, which, edges)
    if x == "log10_g":
        axis.set_xlim(occupied(edges_x, counts.sum(axis=1).filled(0)))
    if y == "log10_g":
        axis.set_ylim(occupied(edges_y, counts.sum(axis=0).filled(0)))


def axes_grid(figure, count, columns=3):
    """`count` axes in rows."""
    rows = -(-count // columns)
    axes = figure.subplots(rows, columns, squeeze=False).ravel()
    for axis in axes[count:]:
        axis.set_visible(False)
    return axes[:count]


def draw_histograms(survey, prefix):
    histograms = survey.file["histograms"]
    fixed = isinstance(survey.setting("g_bl"), dict) and "fixed" in survey.setting("g_bl")
    single = [n for n in AXES if n in histograms and np.asarray(histograms[n]).any()
              and not (n == "log10_g" and fixed)]
    double = [n for n in histograms if "__" in n and np.asarray(histograms[n]).any()]
    if not single:
        return
    heights = [2.7 * -(-len(names) // 3) for names in (single, double) if names]
    figure = plt.figure(figsize=(10.5, 0.6 + sum(heights)), constrained_layout={"wspace": 0.08})
    parts = figure.subfigures(len(heights), 1, height_ratios=heights, squeeze=False).ravel()
    axes = axes_grid(parts[0], len(single))
    for axis, name in zip(axes, single):
        draw_histogram_1d(axis, survey, name, histograms[name])
    if double:
        for axis, name in zip(axes_grid(parts[1], len(double)), double):
            draw_histogram_2d(parts[1], axis, histograms, name)
    figure.suptitle(titled(survey.title()), fontsize=10)
    entries = entries_of(axes)
    legend_below(figure, entries.values(), entries.keys(), 3)
    if survey.setting("g_bl") == "solve":
        footnote(figure, "\n\n$g_{B-L}$ of a survivor: " + (
            "the geometric mean of the smallest and the largest value that all constraints allow"
            if survey.chi2_max is None else r"that of its least $\chi^2$"))
    save(figure, prefix, "histograms")


def draw_cutflow_bars(axis, survey, after, alone):
    """Bars for each constraint; logarithmic when some would be too short to see. Where g is solved
    for, some g meets nearly any constraint alone, and there is no bar for that."""
    bars = [(after, 0.19, BLUE, None, "passes this and all above it")]
    if survey.setting("g_bl") == "solve":
        bars = [(after, 0.0, *bars[0][2:])]
    else:
        bars.insert(0, (alone, -0.19, ORANGE, "///", "passes this constraint alone"))
    positive = np.concatenate([*(values[values > 0] for values, *_ in bars), [1.0]])
    log = positive.min() < CUTFLOW_LOG_BELOW
    low = 10.0 ** np.floor(np.log10(positive.min()) - 0.3) if log else 0.0
    y = np.arange(len(after))
    for values, offset, color, hatch, name in bars:
        axis.barh(y + offset, np.maximum(values - low, 0), left=low, height=0.36, color=color,
                  hatch=hatch, edgecolor="white", linewidth=0, label=name)
        for k, value in enumerate(values):
            axis.annotate(percent(value), (max(value, low), k + offset), xytext=(3, 0),
                          textcoords="offset points", va="center", fontsize=8.5)
    axis.set_xscale("log" if log else "linear")
    axis.set_xlim(low, 10 ** (-0.16 * np.log10(low)) if log else 1.13)
    axis.set_yticks(y)
    axis.set_yticklabels([shown_name(name) for name in survey.constraints])
    axis.set_ylim(len(y) - 0.45, -0.55)
    axis.grid(axis="x", color="0.9", linewidth=0.6)
    axis.xaxis.set_major_formatter(
        matplotlib.ticker.FuncFormatter(lambda v, _: percent(v) if v <= 1 else ""))
    for side in ("top", "right"):
        axis.spines[side].set_visible(False)


def band_of_draws(survey):
    """The acceptance at each mass over the draws of the inputs: 16, 50 and 84 %."""
    accepted = acceptance_of_masses(*(survey.mass_counts(what).astype(float)
                                      for what in ("drawn", "passed")))
    return np.nanpercentile(accepted, (16, 50, 84), axis=0)


def draw_acceptance_by_mass(axis, survey):
    """Of the central inputs, and the band of the draws where some vary."""
    drawn, passed = (survey.mass_counts(what)[0].astype(float) for what in ("drawn", "passed"))
    order = np.argsort(survey.masses, kind="stable")
    fraction = (survey.volumes * acceptance_of_masses(drawn, passed))[order]
    gaps = gaps_text(drawn)
    axis.plot(1e3 * survey.masses[order], fraction, color=BLUE, linewidth=1.2,
              marker="o" if gaps or len(order) <= 60 else None, markersize=4,
              label="central inputs" if survey.draws > 1 else None)
    if survey.draws > 1:
        low, middle, high = band_of_draws(survey)[:, order]
        drawn_from = int(np.count_nonzero(survey.mass_counts("drawn").any(axis=1)))
        label = f"16 to 84 % of {drawn_from} draws"
        if len(order) > 1:
            axis.fill_between(1e3 * survey.masses[order], low, high, color=ORANGE, alpha=0.4,
                              linewidth=0, label=label)
            axis.plot(1e3 * survey.masses[order], middle, color=ORANGE, linewidth=1,
                      label="median")
        else:
            axis.errorbar(1e3 * survey.masses, middle, yerr=[middle - low, high - middle],
                          color=ORANGE, capsize=4, marker="_", linestyle="none",
                          label=f"median, {label}")
        axis.legend(fontsize=8, loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=3,
                    frameon=False)
        fraction = np.append(fraction, high)
    part = f"part of all {survey.wholes()}" if survey.in_cover else "fraction"
    what = "passes\nall constraints" if survey.chi2_max is None else f"has\n{survey.chi2_text()}"
    axis.set(xlabel="$m_{Z'}$ [MeV]", ylim=(0, 1.1 * np.nanmax(fraction) or 0.01),
             ylabel=f"{part} that {what}")
    set_masses(axis, 1e3 * survey.masses)
    axis.set_title(gaps, fontsize=9)
    axis.yaxis.set_major_formatter(matplotlib.ticker.FuncFormatter(lambda v, _: percent(v)))
    axis.grid(**GRID)


def draw_fractions(axis, survey):
    """What each constraint leaves."""
    if not survey.has_cutflow:
        raise NotASurvey("has no cut-flow: its samples were drawn from a cover")
    group = survey.file["cutflow"]
    drawn = int(group.attrs["drawn"])
    after, alone = (np.asarray(group[name], dtype=float) / max(drawn, 1)
                    for name in ("passed", "passed_alone"))
    draw_cutflow_bars(axis, survey, after, alone)
    axis.set_xlabel("fraction of the samples" if drawn == survey.samples else
                    f"fraction of the {thousands(drawn)} samples that were counted")


def draw_cutflow(survey, prefix):
    by_mass = (len(survey.masses) > 1 and survey.passed > 0
               and survey.has("cutflow/mass_drawn", "cutflow/mass_passed"))
    height = max(1.5 + 0.52 * len(survey.constraints), 3.4 if by_mass else 0)
    widths = (8.5, 4.5) if by_mass else (8.5,)
    figure, axes = plt.subplots(1, len(widths), figsize=(sum(widths), height), squeeze=False,
                                gridspec_kw={"width_ratios": widths}, constrained_layout=True)
    axis = axes[0, 0]
    draw_fractions(axis, survey)
    if by_mass:
        draw_acceptance_by_mass(axes[0, 1], survey)
    figure.suptitle(titled(f"{survey.mass_text()}\n{survey.acceptance_text()}"), fontsize=10)
    handles, names = axis.get_legend_handles_labels()
    legend_below(figure, handles, names, 2)
    said = [r"The bars are those of the cuts, whatever $\chi^2$ is"] * (survey.chi2_max is not None)
    if survey.setting("g_bl") == "solve":
        said.append("$g_{B-L}$ is free: a sample passes if some $g_{B-L}$ meets all the "
                    "constraints in question at once")
    footnote(figure, "\n".join(["", "", *said]))
    save(figure, prefix, "cutflow")


def set_tension_scale(axis, tension):
    """From the tensions to the line T = 1; logarithmic when that is far."""
    low, high = min(tension.min(), 1), max(tension.max(), 1)
    if low <= 0 or high / low <= 3:
        axis.set_ylim(0, 1.1 * high)
        return
    axis.set_yscale("log")
    axis.set_ylim(low / 1.2, high * (high / low) ** 0.12)
    plain_ticks(axis.yaxis, *axis.get_ylim())


def draw_nearest_by_mass(axis, survey, mass, tension):
    axis.scatter(1e3 * mass, tension, color=BLUE, marker="o", s=12, linewidths=0, rasterized=True)
    axis.set(xlabel="$m_{Z'}$ [MeV]", ylabel="tension $T$")
    set_masses(axis, 1e3 * survey.masses)
    axis.set_title("the same samples by mass (zoomed in $T$)")


def draw_ranked(axis, ranked, by_chi2=False):
    """By tension; or by chi^2, which has no line below which a sample passes."""
    name = r"$\chi^2$" if by_chi2 else "tension"
    axis.plot(np.arange(1, len(ranked) + 1), ranked, color=BLUE, linewidth=1.8,
              marker="o" if len(ranked) <= 60 else None, markersize=4)
    axis.set(xlabel=f"rank (1 has the least {name})", xscale="log",
             ylabel=name if by_chi2 else f"{name} $T$")
    axis.set_xlim(0.9, 1.15 * len(ranked) + 1)
    if len(ranked) < FEW_RANKS:
        axis.set(xscale="linear", xlim=(0.5, len(ranked) + 0.5))
        axis.xaxis.set_major_locator(matplotlib.ticker.MultipleLocator(1))
    axis.xaxis.set_major_formatter(matplotlib.ticker.FuncFormatter(lambda v, _: f"{v:g}"))
    axis.xaxis.set_minor_formatter(matplotlib.ticker.NullFormatter())
    if by_chi2:
        return
    set_tension_scale(axis, ranked)
    axis.axhline(1, color="black", linestyle="--", linewidth=1,
                 label="$T = 1$: on and below this line a sample passes")
    axis.legend(fontsize=8.5)


def ranked(survey, column):
    """The tension or chi^2 of the nearest samples, from the least on."""
    values = np.asarray(survey.file["nearest"][column])
    return np.sort(values[np.isfinite(values)])


def draw_nearest(survey, prefix):
    tension = np.asarray(survey.file["nearest/tension"])
    mass = np.asarray(survey.file["nearest/mass_gev"])
    mass, tension = mass[np.isfinite(tension)], tension[np.isfinite(tension)]
    least = ranked(survey, "tension")
    if len(tension) == 0:
        note("no nearest samples are stored, so their figure is left out")
        return
    if len(least) > 1 and least[0] == least[-1]:
        note(f"the samples of least tension all have T = {least[0]:g}, so none is nearer than "
             "another and their figure is left out")
        return
    panels = 2 if len(survey.masses) > 1 else 1
    figure, axes = plt.subplots(1, panels, figsize=(5.6 * panels, 4.0), squeeze=False,
                                constrained_layout=True)
    draw_ranked(axes[0, 0], least)
    if panels == 2:
        draw_nearest_by_mass(axes[0, 1], survey, mass, tension)
    for axis in axes[0]:
        axis.grid(**GRID)
    which = f"The {thousands(len(least))} samples" if len(least) > 1 else "The sample"
    figure.suptitle(titled(f"{which} of least tension; least $T$ = {scientific(least[0])}\n"
                           f"{survey.title(40 * panels + 25)}"), fontsize=10)
    footnote(figure, "$T$: the smallest $g_{B-L}$ that is asked for over the largest that is "
             "allowed, for each sample" if survey.setting("g_bl") == "solve" else
             "$T$: the factor by which the worst constraint is missed")
    save(figure, prefix, "nearest")


def draw_survivors(survey, prefix, star):
    stored = len(survey.file["survivors/index"]) if survey.has("survivors/index") else 0
    if survey.passed == 0:
        return
    if stored == 0:
        note("the survey stored no survivors, so only their histograms are drawn")
    elif not survey.has("survivors/level", "survivors/wu11_abs"):
        note("the file holds the indices of the survivors only; run "
             f"'bl23 replay {shlex.quote(survey.file.filename)} -o FULL.h5' and draw FULL.h5 to "
             "see them one by one")
    else:
        draw_fig3(survey, prefix, star)
        draw_phases(survey, prefix, star)
    draw_histograms(survey, prefix)


def draw(survey, prefix, star):
    draw_survivors(survey, prefix, star)
    if survey.constraints and survey.has_cutflow:
        draw_cutflow(survey, prefix)
    if survey.has("profiles"):
        profile_plots.draw_profiles(survey, prefix)
    elif survey.has("nearest/tension"):
        draw_nearest(survey, prefix)


def row_of_config(name):
    """w: {fixed: [...]} of a configuration, which may be a shipped one (@benchmark)."""
    if name.startswith("@"):
        place = shipped(name[1:] if name.endswith(".yaml") else f"{name[1:]}.yaml")
        if place is None:
            return read_yaml(Model(name).resolved)["survey"]["w"]["fixed"]
        name = place
    with open(name, encoding="utf-8") as file:
        return read_yaml(file.read())["survey"]["w"]["fixed"]


def read_star(text):
    """r11,ph11,r12,ph12,r13,ph13 with phases in units of pi, or a configuration with such a row
    under w: fixed, also of a shipped survey (@benchmark) -> normalised complex [3]."""
    try:
        named = text.startswith("@") or os.path.isfile(text)
        row = row_of_config(text) if named else text.split(",")
        numbers = [float(part) for part in row]
    except (NotDrawn, Error, *MALFORMED):
        numbers = []
    norm = np.hypot.reduce(numbers[::2]) if len(numbers) == 6 else 0.0
    if not (0.0 < norm < np.inf and np.isfinite(numbers).all()):
        raise argparse.ArgumentTypeError(
            f"must be six numbers r11,ph11,r12,ph12,r13,ph13, phases in units of pi and not all r "
            f"zero, or a configuration with w: {{fixed: [...]}} (got '{text}')")
    return np.array(numbers[::2]) / norm * np.exp(1j * np.pi * np.array(numbers[1::2]))


def main():
    parser = parser_for(__doc__, "FILE.h5", "bl23 survey")
    parser.add_argument("--star", type=read_star, metavar="W",
                        help="a benchmark row to mark: r11,ph11,r12,ph12,r13,ph13 with phases in "
                        "units of pi, or a configuration with w: {fixed: [...]}, like @benchmark")
    options = options_of(parser, CHANGES)

    def draw_file(file):
        return written(options.file, draw, Survey(file), options.prefix, options.star)

    code = read_hdf5(options.file, draw_file, NotASurvey)
    return 2 if code is None else code
