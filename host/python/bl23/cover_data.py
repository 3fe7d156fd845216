# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
"""A cover, of 'bl23 cover -o' or of a survey with draw: cover: its cells and their volumes."""
import numpy as np

from .reading import NotDrawn, check_format, draws_g, settings_of
from .survey_data import acceptance_of_masses
from .texts import masses_text, scientific, text_of, wholes_text

DISCARDED, INSIDE = 5, 7
BITS_MAX = 31


class NoTree(NotDrawn):
    """The codes of a cover are no tree."""


def leaves_of(codes):
    """Arrays of the leaves that are not discarded: low words and bits [leaves, words], inside."""
    low, bits, inside = [], [], []
    waiting = [((0,) * 5, (0,) * 5)]
    for code in codes.tolist():
        if not waiting:
            raise NoTree("holds a tree with nodes behind its end")
        words, depth = waiting.pop()
        if code >= DISCARDED:
            if code > DISCARDED:
                low.append(words)
                bits.append(depth)
                inside.append(code == INSIDE)
            continue
        if depth[code] >= BITS_MAX:
            raise NoTree("holds a tree that splits a word which has no bit left")
        mark = 1 << (31 - depth[code])
        deeper = depth[:code] + (depth[code] + 1,) + depth[code + 1:]
        high = words[:code] + (words[code] + mark,) + words[code + 1:]
        if code == 0 and words[0] == words[1] and depth[0] == depth[1]:
            deeper = (depth[0] + 1,) * 2 + depth[2:]
            middle = (words[0], words[1] + mark) + words[2:]
            both = (words[0] + mark, words[1] + mark) + words[2:]
            waiting += [(both, deeper), (middle, deeper), (words, deeper)]
        else:
            waiting += [(high, deeper), (words, deeper)]
    if waiting:
        raise NoTree("holds a tree that ends before its last leaf")
    return (np.array(low, dtype=np.int64).reshape(-1, 5),
            np.array(bits, dtype=np.int64).reshape(-1, 5), np.array(inside, dtype=bool))


class Cover:
    """A cover: mass [MeV], upper and inside, the proven volumes, and measured, that by the samples
    of a survey (NaN where there is none), each [masses]; and the cells of one mass, that number
    `shown` (by default the one at which most is left): low, the words from which they begin, in
    units of 2^32, and bits, how many are fixed, each [cells, 5]; volume and whole (does everything
    survive) [cells]; config: the resolved configuration, as YAML."""

    def __init__(self, file, mass=None):
        if text_of(file.attrs.get("format", "")) == "bl23-survey":
            check_format(file.attrs, "bl23-survey", "bl23 survey", NotDrawn)
        elif "cover/tree" in file:
            check_format(file.attrs, "bl23-cover", "bl23 cover -o", NotDrawn)
        if "cover/tree" not in file:
            raise NotDrawn("holds no cover; name a file of 'bl23 cover -o', or a survey with "
                           "draw: cover")
        self.config = text_of(file["config"].attrs["yaml"])
        self.g_drawn = draws_g(settings_of(self.config))  # cells are of g, too
        self.mass = 1e3 * np.asarray(file["cover/mass_gev"], dtype=float)
        self.upper = np.asarray(file["cover/volume_upper"], dtype=float)
        self.inside = np.asarray(file["cover/volume_inside"], dtype=float)
        if not len(self.mass) or len(self.mass) != len(self.upper):
            raise NotDrawn("holds no whole cover")
        self.measured = np.full(len(self.mass), np.nan)
        if "cutflow/mass_drawn" in file:
            self.measured = self.upper * acceptance_of_masses(
                *(np.asarray(file[f"cutflow/mass_{name}"], float) for name in ("drawn", "passed")))
        at = int(np.argmax(self.upper)) if mass is None else int(
            np.argmin(abs(self.mass - 1e3 * mass)))
        self.shown, self.is_excluded = at, self.upper[at] == 0
        nodes, first = int(file["cover/nodes"][at]), int(file["cover/offset"][at])
        packed = file["cover/tree"][first:first + (3 * nodes + 7) // 8]
        codes = np.unpackbits(packed, bitorder="little")[:3 * nodes].reshape(-1, 3) @ (1, 2, 4)
        self.sheared = nodes > 0 and codes[0] == 1  # whole cells are shown, not their strips
        low, self.bits, self.whole = leaves_of(codes[1:] if self.sheared else codes)
        self.low = low / 2.0**32
        diagonal = (self.low[:, 0] == self.low[:, 1]) & (self.bits[:, 0] == self.bits[:, 1])
        self.diagonal = diagonal
        self.volume = np.ldexp(np.where(diagonal, 1.0, 2.0), -self.bits.sum(axis=1))

    def wholes(self, g="$g$"):
        """What a volume is a part of, in the plural; g as a figure writes it, or another text."""
        return wholes_text(self.g_drawn, g)

    def __repr__(self):
        excluded = int(np.sum(self.upper == 0))
        return (f"<bl23 cover: {masses_text(self.mass / 1e3)}: {excluded} excluded by proof; at "
                f"most {self.upper.max():.4g} of all {self.wholes('g')} is allowed at any of "
                "them>")

    def measured_text(self):
        """A line of the title: the allowed part by the samples of a survey, at the mass shown."""
        part = self.measured[self.shown]
        return f"\nby the samples of the survey {scientific(part, 4)}" if part >= 0 else ""

    def title(self):
        excluded = int(np.sum(self.upper == 0))
        most = len(self.mass) > excluded + 1 and self.upper[self.shown] == self.upper.max()
        text = (rf"$m_{{Z'}}$ = {self.mass[self.shown]:.6g} MeV"
                f"{', where most is left' if most else ''}: ")
        if self.is_excluded:
            text += (r"excluded for every $W_u$"
                     f"{' and every $g_{B-L}$ of its range' if self.g_drawn else ''}, by proof")
        else:
            text += (f"allowed part of all {self.wholes()} at most "
                     f"{scientific(self.upper[self.shown])}, at least "
                     f"{scientific(self.inside[self.shown])}, by proof{self.measured_text()}")
        if len(self.mass) > 1:
            text += f"\nexcluded by proof at {excluded} of {len(self.mass)} masses"
        return text
