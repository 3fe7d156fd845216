# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
"""Draw the largest g that each tier of limits leaves to any W_u, and what KOTO's events and
(g-2)_mu ask for, as PNG and PDF.

FOLDER holds what 'bl23 bound scripts/surveys/answer/NAME.yaml -o FOLDER/NAME.json' wrote, for each
NAME there. The figure is FOLDER.png and FOLDER.pdf.

Exit: 0 done, 1 the figure cannot be written, 2 a file is missing or no such file, or bad options.
"""
import os

import numpy as np
from matplotlib import patheffects
from matplotlib.ticker import FixedLocator, FuncFormatter, NullFormatter

from ..bound_data import Bound, asked
from ..reading import NotDrawn, check_data
from ..texts import literal
from .bound_plots import APART
from .labels import Name, place
from .style import (BLUE, MALFORMED, malformed, note, options_of, parser_for, plt, save, titled,
                    written)

G_LOW, G_HIGH = 2e-10, 5e-2
NAMES = ("known", "mixing", "loose", "searches", "world", "all", "koto", "gm2", "gm2_2025")
KOTO, MUON, LEFT = "#B5179E", "#B22222", "#009E73"
TIERS = {  # name: colour, width; its text
    "world": ("#B35900", 1.8, "K, B and muon limits of 2026"),
    "known": ("black", 2.4, r"known decays and lifetime of the $D^+$: no search"),
    "loose": ("0.4", 1.8, r"$D\to\pi Z'$ and $D\to\omega Z'$ below $10^{-3}$"),
    "searches": (BLUE, 2.4, r"searches for $D,\ \Lambda_c\to$ massless $X$"),
}


class Answer:
    """The bounds of all tiers, at the same masses and inputs."""

    def __init__(self, folder):
        self.bound = {}
        for name in NAMES:
            path = os.path.join(folder, name + ".json")
            try:
                self.bound[name] = Bound(path)
            except (NotDrawn, *MALFORMED) as error:
                raise NotDrawn(f"cannot be drawn: {name}.json {malformed(error)}") from error
        self.mass = self.bound["all"].mass
        settings = self.settings_of("all")
        for name in NAMES:
            check_data(np.array_equal(self.bound[name].mass, self.mass),
                       f"{name}.json has other masses than all.json")
            check_data(self.settings_of(name) == settings,
                       f"{name}.json has another range of g or other inputs than all.json")
        self.end = float(self.bound["all"].settings["survey"]["g_bl"]["log_uniform"][1])

    def settings_of(self, name):
        """What the configurations have in common: all but the constraints."""
        return {key: value for key, value in asked(self.bound[name].settings).items()
                if not key.startswith("constraints")}

    def largest(self, name, reached=False):
        """The largest g; NaN where nothing limits it."""
        bound = self.bound[name]
        g = bound.g_reached if reached else bound.g_max
        return np.where(g < self.end * (1 - APART), g, np.nan)

    def with_mixing(self):
        """What known rows reach with D0 mixing, where it adds to what the D+ leaves. (Where charm
        limits no row rows can be tuned, and a known one says little.)"""
        g = self.largest("mixing", True)
        return np.where(g < self.largest("known") * (1 - APART), g, np.nan)

    def least(self, name):
        """The g that is asked for at least; NaN where none can be enough."""
        g = self.bound[name].g_asked
        return np.where(g > 0, g, np.nan)


def draw_asked(axis, answer):
    """What KOTO's events and (g-2)_mu ask for."""
    koto, low, high = answer.least("koto"), answer.least("gm2"), answer.largest("gm2")
    axis.fill_between(answer.mass, low, high, facecolor=MUON, alpha=0.25, linewidth=0, zorder=2)
    axis.plot(answer.mass, answer.largest("gm2_2025"), color=MUON, linestyle=":", linewidth=1.6,
              zorder=3)
    known = np.isfinite(koto)
    ticks = patheffects.withTickedStroke(spacing=7, angle=90, length=0.7, linewidth=1.0)
    axis.plot(answer.mass[known], koto[known], color=KOTO, linewidth=2.4, zorder=6,
              path_effects=[patheffects.Normal(), ticks])


def draw_tiers(axis, answer):
    """The curves, and the region that all of them leave to a known row."""
    for name, (color, width, _) in TIERS.items():
        axis.plot(answer.mass, answer.largest(name), color=color, linewidth=width, zorder=5)
    axis.plot(answer.mass, answer.with_mixing(), color="black", linestyle=(0, (4, 2)),
              linewidth=1.2, zorder=5)
    left = answer.bound["all"].g_reached
    axis.fill_between(answer.mass, G_LOW, left, facecolor=LEFT, alpha=0.18, linewidth=0, zorder=1)


def name_all(axis, answer):
    """Each curve and region by its name."""
    axis.text(0.62, 0.24, "left to some $W_u$", color="#00694C", fontsize=13, ha="center",
              transform=axis.transAxes, weight="bold")
    if not answer.largest("mixing", True)[-1] < answer.largest("world")[-1]:
        axis.text(0.985, 0.5, "$D\\to\\pi Z'$ and\n$D^0$ mixing\ncan be tuned\naway: only\n"
                  "B limits are left", color="#00694C", ha="right", va="center", fontsize=9,
                  transform=axis.transAxes)
    small, large = {"fontsize": 9}, {"fontsize": 12, "weight": "bold"}
    names = [(answer.largest(name), text, color, small)
             for name, (color, _, text) in TIERS.items()]
    names += [(answer.with_mixing(), r"with $D^0$ mixing too (reached, not proven)", "black",
               small),
              (answer.largest("gm2"), r"$(g-2)_\mu$ of 2020 asks for this band", MUON, {}),
              (answer.largest("gm2_2025"), "of 2025: at most the dotted line", MUON, small),
              (answer.least("koto"), "KOTO's events ask for\nthis much, whatever $W_u$", KOTO,
               large)]
    place(axis, [Name(text, [(answer.mass, g)], color, at=0.3, font=font)
                 for g, text, color, font in names])


def headline(answer):
    """What the curves say of KOTO's events, to two digits."""
    short = answer.least("koto") / answer.largest("known")
    searched = answer.least("koto") / answer.largest("searches")
    if not np.nanmin(short) > 1:
        return "Largest coupling that limits leave to any $W_u$"
    end = answer.mass[np.isfinite(searched)].max()
    return (f"No $W_u$ explains KOTO's events: $g_{{B-L}}$ falls short by a factor of about\n"
            f"{np.nanmin(short):.2g} without any search, and {np.nanmin(searched):.2g} with the "
            f"searches, up to {float(f'{end:.2g}'):g} MeV")


def set_axes(axis, answer):
    axis.set(xscale="log", yscale="log", xlim=(answer.mass[0], answer.mass[-1]),
             ylim=(G_LOW, G_HIGH),
             ylabel=r"$g_{B-L}$; limits: largest of any $W_u$ (solid: proven)",
             xlabel=r"$m_{Z'}$   (inputs "
             + literal(answer.bound["all"].settings["inputs"]["preset"]) + ")")
    axis.xaxis.set_major_locator(FixedLocator([1, 10, 100, 1000]))
    axis.xaxis.set_major_formatter(
        FuncFormatter(lambda m, _: f"{m:g} MeV" if m < 1000 else f"{m / 1e3:g} GeV"))
    axis.xaxis.set_minor_formatter(NullFormatter())
    axis.tick_params(which="both", direction="in", top=True, right=True)


def draw_answer(axis, answer, title):
    """All of the figure; without a title, with what the curves say as one."""
    set_axes(axis, answer)
    axis.set_title(headline(answer) if title is None else title)
    draw_asked(axis, answer)
    draw_tiers(axis, answer)
    name_all(axis, answer)


def draw(answer, prefix):
    figure, axis = plt.subplots(figsize=(8.0, 7.6), constrained_layout=True)
    draw_answer(axis, answer, titled(None))
    save(figure, prefix)


def main():
    options = options_of(parser_for(__doc__, "FOLDER", "bl23 bound -o"))
    try:
        answer = Answer(options.file)
    except (NotDrawn, *MALFORMED) as error:
        note(f"{options.file} {malformed(error)}")
        return 2
    return written(options.file, draw, answer, options.prefix)
