# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
"""Draw what 'bl23 bound -o FILE.json' proved, as PNG and PDF: the least tension and the largest g
against mass, and with --survey the best samples of a survey on the same axes. The figure of
random_g.json is random_g_bound, that of bound.json is bound.

Exit: 0 done, 1 the figure cannot be written, 2 not a file of bounds or bad options.
"""
import re

import numpy as np

from ..bound_data import Bound, asked
from ..reading import NotDrawn
from ..survey_data import NotASurvey, Survey
from ..texts import thousands
from .style import (BLUE, GREEN, GRID, MALFORMED, malformed, note, options_of, parser_for,
                    plain_ticks, plt, read_hdf5, save, set_masses, titled, written)

RED = "#B22222"
SAMPLES = {"color": "black", "s": 9, "linewidths": 0, "zorder": 4}
TINY = 1e-9  # a least tension below it is as good as zero
APART = 1e-3  # proven and reached closer than that are one line


def check_same(bound, survey):
    """Samples of another configuration may lie below the bound, and the figure would mean
    nothing."""
    one, other = asked(bound.settings), asked(survey.settings)
    for key in [*one, *other]:
        if one.get(key) != other.get(key):
            here, there = (str(found.get(key, "absent")).replace("'", "") for found in (other, one))
            raise NotASurvey("is a survey of another configuration than the bound: "
                             f"{key} is {here}, and {there} in the bound")


def best_samples(file, bound):
    """What they are; per mass [MeV] the least tension; per mass the largest g, and of what
    samples."""
    def per_mass(table, column, pick, start):
        mass, row = np.unique(table["mass_gev"][...], return_inverse=True)
        best = np.full(len(mass), start)
        pick.at(best, row, table[column][...])
        return 1e3 * mass, best

    survey = Survey(file)
    check_same(bound, survey)
    if survey.draws > 1:
        raise NotASurvey("has samples of other inputs than the central ones, of which the bound is")
    group = "survivors" if len(file["survivors/mass_gev"]) else "nearest"
    column = "g_max" if "g_max" in file[group] else "g_bl"
    label = {"survivors": r"largest $g_{B-L}$ among the stored survivors",
             "nearest": r"$g_{B-L}$ left to the nearest samples"}[group]
    if survey.chi2_max is not None:  # the cuts may allow a survivor less
        raise NotASurvey("has the samples of chi^2 up to a number as survivors (chi2_max), to which"
                         " the bound does not apply")
    least = r"of least $\chi^2$ among" if survey.has("profiles") else "nearest of"
    drawn = f"{least} {thousands(survey.samples)} random samples{survey.unfinished_text()}"
    return (drawn, per_mass(file["nearest"], "tension", np.minimum, np.inf),
            (*per_mass(file[group], column, np.maximum, -np.inf), label))


def curve(axis, bound, values, marker, linestyle, **style):
    """A line; of few masses the marks alone, for nothing was asked between them."""
    line = {"linestyle": linestyle}
    if bound.few:
        line = {"marker": marker, "markersize": 4, "linestyle": "none"}
    axis.plot(bound.mass, values, **line, **style)


def shade(axis, bound, low, high, color, label):
    """What is proven to be impossible: an area; of few masses a bar at each."""
    known = np.isfinite(low + high)
    if bound.few:
        low, high = (np.broadcast_to(edge, known.shape)[known] for edge in (low, high))
        axis.vlines(bound.mass[known], low, high, color=color, alpha=0.25, linewidth=3, label=label)
    else:
        axis.fill_between(bound.mass, low, high, color=color, alpha=0.12, linewidth=0, label=label)


def draw_tension(axis, bound, samples):
    known = bound.lower > TINY
    if known.any():
        shade(axis, bound, axis_floor(bound, samples), np.where(known, bound.lower, np.nan), RED,
              r"no $W_u$ and no $g_{B-L}$ reaches this (proven)")
        curve(axis, bound, np.where(known, bound.upper, np.nan), "o", "-", color=RED, linewidth=1.8,
              label=r"least tension, reached by a known $W_u$")
    elif bound.possible.any():
        axis.text(0.5, 0.25, f"least tension below {TINY:g}: practically zero",
                  transform=axis.transAxes, ha="center")
    if samples is not None and len(samples[1][0]):
        axis.scatter(*samples[1], label=samples[0], **SAMPLES)
    axis.axhline(1, color=GREEN, linewidth=1.4, linestyle="--",
                 label="all constraints are met below this line")
    axis.set_yscale("log")
    floor = axis_floor(bound, samples)
    axis.set_ylim(floor, max([2.0, 20 * floor, *(2 * bound.upper[np.isfinite(bound.upper)])]))
    plain_ticks(axis.yaxis, *axis.get_ylim())
    if len(bound.impossible):
        axis.plot(bound.impossible, np.full(len(bound.impossible), 0.97), "^", color=RED,
                  markersize=5, linewidth=0,
                  transform=axis.get_xaxis_transform(), label=r"infinite $T$: nothing can meet one "
                  r"of the limits")
    axis.set_ylabel(r"tension $T$ (factor in $g_{B-L}$)" if bound.solve
                    else r"tension $T$ (factor in a rate)")


def axis_floor(bound, samples):
    """A decade's worth below the smallest number shown, and below 1."""
    known = bound.lower[bound.lower > TINY]
    return 0.6 * min([1.0 if known.size else 0.2, *known,
                      *(samples[1][1] if samples is not None else [])])


def draw_largest_g(axis, bound, samples):
    if not bound.possible.any():
        axis.text(0.5, 0.5, r"no $g_{B-L}$ meets all limits", transform=axis.transAxes, ha="center")
        axis.set_yticks([])
        axis.set_ylabel(r"$g_{B-L}$")
        return
    top = 3 * max(np.nanmax(bound.g_max), np.nanmax(bound.g_asked))
    apart = bound.g_reached < bound.g_max * (1 - APART)
    shade(axis, bound, bound.g_max, top, BLUE, r"upper limits exclude it for every $W_u$ (proven)")
    curve(axis, bound, bound.g_max, "o", "-", color=BLUE, linewidth=1.8,
          label=r"no $W_u$ allows more (proven)" if apart.any()
          else r"largest $g_{B-L}$ of any $W_u$")
    if apart.any():
        curve(axis, bound, np.where(bound.g_reached > 0, bound.g_reached, np.nan), "^", ":",
              color=BLUE, linewidth=1.4, label=r"largest $g_{B-L}$ of a known $W_u$")
    if (bound.g_asked > 0).any():
        curve(axis, bound, np.where(bound.g_asked > 0, bound.g_asked, np.nan), "v", "--", color=RED,
              linewidth=1.4, label=r"$g_{B-L}$ that is asked for at least")
    if samples is not None and len(samples[2][0]):
        axis.scatter(*samples[2][:2], label=samples[2][2], **SAMPLES)
    axis.set_yscale("log")
    axis.set_ylim(None, top)
    axis.set_ylabel(r"$g_{B-L}$")


def asked_at(bound):
    """Nothing is proven between the masses, and the axis says where they are."""
    if bound.count == 1:
        return ""
    return f"; proven at the {bound.count} masses " + ("that are marked" if bound.few
                                                       else "of the curves")


def name_of(prefix):
    """PREFIX_bound; of a prefix that ends so itself, such as that of bound.json, the prefix."""
    return prefix if re.search(r"(^|[^A-Za-z0-9])bound$", prefix) else f"{prefix}_bound"


def finish(axis, bound):
    """Grid, legend and the axis of masses."""
    axis.grid(which="both", **GRID)
    if axis.get_legend_handles_labels()[0]:
        axis.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=2, frameon=False)
    set_masses(axis, bound.mass)
    axis.set_xlabel(r"$m_{Z'}$ [MeV]" + asked_at(bound))


def draw(bound, samples, prefix):
    figure, axes = plt.subplots(2, 1, figsize=(7.4, 8.0), sharex=True, constrained_layout=True)
    draw_tension(axes[0], bound, samples)
    draw_largest_g(axes[1], bound, samples)
    for axis in axes:
        finish(axis, bound)
    axes[0].set_xlabel("")
    figure.suptitle(titled(bound.title()), fontsize=10)
    save(figure, name_of(prefix))


def main():
    parser = parser_for(__doc__, "FILE.json", "bl23 bound -o")
    parser.add_argument("--survey", metavar="FILE.h5", help="a survey of the same configuration")
    options = options_of(parser)
    try:
        bound = Bound(options.file)
    except (NotDrawn, *MALFORMED) as error:
        note(f"{options.file} {malformed(error)}")
        return 2
    samples = None
    if options.survey:
        samples = read_hdf5(options.survey, lambda file: best_samples(file, bound))
        if samples is None:
            return 2
    return written(options.file, draw, bound, samples, options.prefix)
