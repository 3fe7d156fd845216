# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
"""Draw what 'bl23 bestfit CONFIG --json >FILE.json' found, as PNG and PDF: chi^2 against mass, and
the pulls of the best point, or of that of --mass.

Exit: 0 done, 1 the figure cannot be written, 2 not such a file or bad options.
"""
import os

import numpy as np

from ..errors import ArgumentError
from ..fit_data import Fit, NotAFit
from ..limit_names import shown_name
from ..reading import NotDrawn, malformed
from .style import (BLUE, GREY, GRID, MALFORMED, ORANGE, note, options_of, parser_for, plt, save,
                    set_masses, titled, written)

PULLS = 5.0  # where the axis of pulls ends at least
ROOM = 1.25  # of the axis beyond the largest pull, for its number
NARROW = 0.5  # an axis of chi^2 begins at 0 if values are below this part of the largest
FEW = 64  # so many masses have marks
BARS = (6.0, 1.0)  # widths of bars, of one mass and of many: nothing is proven between masses
FAR = 10.0  # no axis of pulls is longer


def draw_chi2(axis, fit):
    """The least chi^2, bars down to what is proven, and chi^2 without a Z'."""
    mass = 1e3 * fit.mass_gev
    marks = {"marker": "o", "markersize": 4} if len(mass) <= FEW else {}
    axis.vlines(mass, fit.chi2_proven, fit.chi2, color=BLUE, alpha=0.35,
                linewidth=BARS[len(mass) > FEW], label="no $W_u$ is below its bar (proven)")
    axis.plot(mass, fit.chi2, color=BLUE, linewidth=1.8, label="least found", **marks)
    without = {"color": GREY, "linestyle": "--", "linewidth": 1.2, "label": "without a $Z'$"}
    if len(mass) > 1:
        axis.plot(mass, fit.chi2_no_zprime, **without)
    else:
        axis.axhline(fit.chi2_no_zprime[0], **without)
    low_end = fit.chi2_proven.min()
    high_end = max(fit.chi2.max(), fit.chi2_no_zprime.max())
    if fit.chi2_band is not None:
        low, _, high = fit.chi2_band.T
        if len(mass) > 1:
            axis.fill_between(mass, low, high, color=ORANGE, alpha=0.4, linewidth=0,
                              label="68 % of the draws of inputs")
        else:
            axis.errorbar(mass, low / 2 + high / 2, yerr=(high - low) / 2, color=ORANGE, capsize=4,
                          linestyle="none", label="68 % of the draws of inputs")
        low_end, high_end = min(low_end, low.min()), max(high_end, high.max())
    low_end = min(low_end, high_end - 1.0)  # less than 1 means nothing
    if low_end < NARROW * high_end:
        low_end = 0.0
    room = high_end - low_end or 1.0
    axis.set(xlabel=r"$m_{Z'}$ [MeV]", ylabel=r"$\chi^2$",
             ylim=(low_end - 0.02 * room, high_end + 0.08 * room))
    set_masses(axis, mass)
    axis.grid(**GRID)
    axis.legend(loc="upper center", bbox_to_anchor=(0.5, -0.16),
                ncols=3 if fit.chi2_band is None else 2, frameon=False)


def draw_pulls(axis, fit, mass=None):
    """Those of the constraints with a likelihood; a pull beyond the axis has an arrow."""
    k = fit.number_of(mass)
    if fit.point(mass) is None:
        raise ArgumentError(f"chi^2 is least without a Z' at {fit.mass_gev[k]:.6g} GeV, so that "
                            "there is no best point")
    shown = [c for c in fit.point(mass)["constraints"] if c["likelihood"]["kind"] != "none"]
    pulls = np.array([c["pull"] for c in shown], dtype=float)
    end = float(np.clip(ROOM * np.abs(pulls).max(initial=0), PULLS, FAR))
    y = np.arange(len(pulls))
    axis.barh(y, np.clip(pulls, -end, end), height=0.55,
              color=np.where(abs(pulls) > end, ORANGE, BLUE))
    for at, pull in zip(y, pulls):
        beyond, side = abs(pull) > end, 1 if pull >= 0 else -1
        axis.annotate(f"{pull:+.2f}" if abs(pull) < 100 else f"{pull:+.3g}",
                      (np.clip(pull, -end, end), at), textcoords="offset points",
                      xytext=(-10 * side if beyond else 4 * side, 0), va="center", fontsize=8.5,
                      ha="right" if (side > 0) == beyond else "left")
        if beyond:
            axis.plot(side * end, at, marker=">" if side > 0 else "<", color="black",
                      clip_on=False, markersize=7, linestyle="none")
    axis.axvline(0, color="black", linewidth=1)
    axis.set(xlim=(-end, end), ylim=(len(y) - 0.45, -0.55),
             xlabel="pull: (prediction − centre) / sigma" + (
                 ", an arrow: beyond the axis" if (abs(pulls) > end).any() else ""))
    axis.set_yticks(y)
    axis.set_yticklabels([shown_name(c["name"]) for c in shown])
    axis.grid(axis="x", **GRID)
    axis.set_axisbelow(True)
    axis.set_title(rf"$m_{{Z'}}$ = {1e3 * fit.mass_gev[k]:.6g} MeV, $g_{{B-L}}$ = "
                   rf"{fit.chi2_g[k]:.4g}: $\chi^2$ = {fit.chi2[k]:.4g}", fontsize=10)


def draw(fit, prefix, mass):
    has_point = fit.point(mass) is not None
    figure, axes = plt.subplots(1 + has_point, 1, figsize=(7.4, 4.2 * (1 + has_point)),
                                squeeze=False, constrained_layout=True)
    draw_chi2(axes[0, 0], fit)
    if has_point:
        draw_pulls(axes[1, 0], fit, mass)
    figure.suptitle(titled(rf"least $\chi^2$ = {fit.chi2[fit.best]:.5g}, at "
                           f"{1e3 * fit.mass_gev[fit.best]:.6g} MeV"), fontsize=10)
    save(figure, prefix)


def read(path):
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return Fit(file.read())
    except OSError as error:
        raise NotAFit(f"cannot be read: {os.strerror(error.errno or 0)}") from error


def main():
    parser = parser_for(__doc__, "FILE.json", "bl23 bestfit --json")
    parser.add_argument("--mass", type=float, metavar="M",
                        help="the mass of the pulls in GeV (default: the best one)")
    options = options_of(parser)
    try:
        fit = read(options.file)
        fit.number_of(options.mass)
    except ArgumentError as error:
        parser.error(f"argument --mass: {error}")
    except (NotDrawn, *MALFORMED) as error:
        note(f"{options.file} {malformed(error)}")
        return 2
    return written(options.file, draw, fit, options.prefix, options.mass)
