# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
"""Names of curves, each placed where neither a curve nor another name crosses it.

Positions are tried along the curve of a name, along its slope and level, then all over the axes
with a line to the curve. Each has a price: curves and other names below the text, edges of areas,
other curves nearby, the length of the line. Names are placed one after the other, and again until
none finds a cheaper place. Everything is counted on a raster of pixels of the axes.
"""
import dataclasses

import numpy as np
from matplotlib import patheffects
from matplotlib.path import Path

HALO = [patheffects.withStroke(linewidth=2.5, foreground="white")]
PAD = 2  # pixels around a text that are free
SAMPLE = 1.8  # pixels between points of a text that are looked at
NEAR = 7  # other curves that are so near could be meant
GAPS = (4, 16)  # from the curve to the text; beyond the coloured side of a limit
SPACING = 9  # between positions along a curve
GRID = (36, 30)  # positions with a line to the curve
STEPS = 120  # of a line to the curve that are looked at
ROUNDS = 4
# prices of a pixel below the text
CROSSED, COVERED, EDGE, BREAK, AMBIGUOUS = 10.0, 30.0, 0.15, 0.05, 0.8
MISTAKEN = 20.0  # the most that other curves nearby cost
BETWEEN, BELOW_LINE = 12.0, 2.0  # of other curves between the text and its own; with a line there
LINE, LINE_PIXEL = 25.0, 0.15  # of a line to the curve, and of its length
FAR = 6.0  # of the other end of the curve than where the name is wanted
STEEP = 4.0  # of a radian


@dataclasses.dataclass
class Name:
    """A text and the curves [(x, y), ...] that it names. on: it may lie on them; at: where it
    should be, from the first (0) to the last point (1) of them."""
    text: str
    curves: list
    color: object
    on: bool = False
    at: float = 0.5
    font: dict = dataclasses.field(default_factory=dict)


def traced(path, transform, box):
    """Points of a path inside a box, less than a pixel apart [n, 2]."""
    clean = transform.transform_path(path).cleaned(
        remove_nans=True, clip=(box.x0 - 1, box.y0 - 1, box.x1 + 1, box.y1 + 1))
    ends = np.flatnonzero(clean.codes[1:] == Path.LINETO)
    start, step = clean.vertices[ends], clean.vertices[ends + 1] - clean.vertices[ends]
    count = np.ceil(1.5 * np.hypot(*step.T)).astype(int) + 1
    part = np.concatenate([np.arange(n) / n for n in count]) if len(count) else np.zeros(0)
    return np.repeat(start, count, axis=0) + part[:, None] * np.repeat(step, count, axis=0)


class Raster:
    """What is drawn in axes, in pixels: lines that must not be crossed, edges of areas, lines that
    a text may interrupt, and panels and texts that are there already."""

    def __init__(self, axis, breakable):
        self.axis, self.box = axis, axis.get_window_extent()
        self.shape = (int(self.box.width) + 2, int(self.box.height) + 2)
        self.lines, self.edges, self.broken, self.panels = (self.layer() for _ in range(4))
        for line in axis.lines:
            self.paint(self.broken if line in breakable else self.lines,
                       traced(line.get_path(), line.get_transform(), self.box))
        for patch in axis.patches:
            self.paint(self.lines, traced(patch.get_path(), patch.get_transform(), self.box))
        for collection in axis.collections:
            areas = len(collection.get_facecolor()) > 0
            for path in collection.get_paths():
                self.paint(self.edges if areas else self.lines,
                           traced(path, collection.get_transform(), self.box))
        renderer = axis.figure.figure.canvas.get_renderer()
        for child in axis.child_axes + axis.texts:
            inside = child.get_tightbbox(renderer)
            x, y = (np.arange(low, high) for low, high in zip(inside.min, inside.max))
            self.paint(self.panels, np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2))
        self.lines += self.panels

    def pixels(self, points):
        """The pixels of points [..., 2] in a flat layer; of those outside, on the margin."""
        x, y = np.moveaxis(np.floor(points - self.box.min).astype(np.int32), -1, 0)
        return (np.clip(x, 0, self.shape[0] - 1) * np.int32(self.shape[1])
                + np.clip(y, 0, self.shape[1] - 1))

    def layer(self):
        return np.zeros(self.shape, np.int16)

    def paint(self, layer, points):
        """One more in the pixels of points and beside them, so that no sampled text misses them."""
        asides = np.array([(0, 0), (1, 0), (-1, 0), (0, 1), (0, -1)])
        layer.flat[np.unique(self.pixels(points + asides[:, None]))] += 1


def unit(angle):
    return np.stack([np.cos(angle), np.sin(angle)], axis=-1)


def inside(size, pad, apart=SAMPLE):
    """Points of a level text around its centre, so many pixels apart at most."""
    x, y = (np.linspace(-side / 2 - pad, side / 2 + pad, int((side + 2 * pad) / apart) + 2)
            for side in size)
    return np.stack(np.meshgrid(x, y, indexing="ij"), axis=-1).reshape(-1, 2)


def turned(points, angle):
    """Points [n, 2] turned by angles [m] -> [m, n, 2]."""
    along = unit(angle)[:, None, :]
    across = np.stack([-along[..., 1], along[..., 0]], axis=-1)
    return points[:, :1] * along + points[:, 1:] * across


class Places:
    """Where the name of a curve can be: centres, angles, points of the curve; with a line to it
    or without; their price but for the other names."""

    def __init__(self, raster, name, size):
        self.size = size
        self.curves = [traced(Path(np.column_stack(curve)), raster.axis.transData, raster.box)
                       for curve in name.curves]
        self.curve = np.concatenate([np.zeros((0, 2)), *self.curves])
        parts = [self.along(curve, name.on) for curve in self.curves if len(curve) > 1]
        if parts:
            parts.append(self.anywhere(raster))
        self.centre, self.angle, self.point, self.line = (
            np.concatenate(column) for column in zip(*parts)) if parts else 4 * (np.zeros(0),)
        if parts:
            self.set_price(raster, name)

    def along(self, curve, on):
        """Beside the curve, and with `on` on it, along its slope and level."""
        length = np.concatenate([[0], np.cumsum(np.hypot(*np.diff(curve, axis=0).T))])
        k = np.unique(np.searchsorted(length, np.arange(0, length[-1], SPACING)))
        ends = [curve[np.clip(np.searchsorted(length, length[k] + sign * self.size[0] / 2), 0,
                              len(curve) - 1)] for sign in (-1, 1)]
        slope = np.arctan2(*(ends[1] - ends[0]).T[::-1])
        slope = np.pi / 2 - (np.pi / 2 - slope) % np.pi  # no text upside down
        across = unit(slope + np.pi / 2)
        half = np.array(self.size) / 2
        found = [(curve[k] + side * (half[1] + gap) * across, slope) for side in (1, -1)
                 for gap in GAPS]
        for aside in ((1, 0), (-1, 0), (0, 1), (0, -1)):
            found += [(curve[k] + np.array(aside) * (half + gap), 0 * slope) for gap in GAPS]
        if on:
            found += [(curve[k], slope), (curve[k], 0 * slope)]
        centre, angle = (np.concatenate(part) for part in zip(*found))
        return centre, angle, np.tile(curve[k], (len(found), 1)), np.zeros(len(centre), bool)

    def anywhere(self, raster):
        """Over the axes, level, with a line to the next point of the curve."""
        places = [np.linspace(low, high, count + 2)[1:-1] for low, high, count in
                  zip(raster.box.min, raster.box.max, GRID)]
        centre = np.stack(np.meshgrid(*places), axis=-1).reshape(-1, 2)
        curve = self.curve[::4]
        away = np.maximum(abs(curve - centre[:, None]) - np.array(self.size) / 2, 0)
        point = curve[np.argmin(np.hypot(*away.T).T, axis=1)]
        return centre, np.zeros(len(centre)), point, np.ones(len(centre), bool)

    def below(self, raster, pad):
        """The pixels below the texts [m, n]."""
        return raster.pixels(self.centre[:, None] + turned(inside(self.size, pad), self.angle))

    def lines_to_curve(self):
        """Points of each line from the text to the curve [m, STEPS, 2]."""
        start = self.centre + np.clip(self.point - self.centre, *(
            sign * np.array(self.size) / 2 for sign in (-1, 1)))
        return start[:, None] + np.linspace(0, 1, STEPS)[:, None] * (self.point - start)[:, None]

    def set_price(self, raster, name):
        corners = self.centre[:, None] + turned(
            (np.array(self.size) / 2 + PAD) * [(1, 1), (1, -1), (-1, 1), (-1, -1)], self.angle)
        fits = ((corners >= raster.box.min) & (corners <= raster.box.max)).all(axis=(1, 2))
        self.centre, self.angle, self.point, self.line = (
            column[fits] for column in (self.centre, self.angle, self.point, self.line))
        own = raster.layer()
        for curve in self.curves:
            raster.paint(own, curve)
        layer = (CROSSED * (raster.lines > 0) + EDGE * (raster.edges > 0)
                 + BREAK * (raster.broken > 0))
        others = raster.lines - own > 0
        lines = self.lines_to_curve()
        self.text, self.to_curve = self.below(raster, PAD), raster.pixels(lines)
        length = np.hypot(*(lines[:, -1] - lines[:, 0]).T)
        wanted = self.curve[round(name.at * (len(self.curve) - 1))]
        between = others.flat[self.to_curve].mean(axis=1) * length
        near = AMBIGUOUS * others.flat[self.below(raster, NEAR)].sum(axis=1)
        self.price = (layer.flat[self.text].sum(axis=1) + np.minimum(near, MISTAKEN)
                      + np.where(self.line, BELOW_LINE, BETWEEN) * between
                      + np.where(self.line, LINE + LINE_PIXEL * length, 0)
                      + FAR * np.hypot(*(self.point - wanted).T) / raster.box.width
                      + STEEP * abs(self.angle))

    def taken(self, k):
        """The pixels of the text at a place, and of its line."""
        text = self.centre[k] + turned(inside(self.size, PAD, 1), self.angle[k:k + 1])[0]
        return np.concatenate([text, self.lines_to_curve()[k]] if self.line[k] else [text])

    def best(self, layer):
        """The cheapest place where other names have taken a layer."""
        covered = layer.flat[self.text].sum(axis=1)
        covered += self.line * layer.flat[self.to_curve].sum(axis=1)
        return int(np.argmin(self.price + COVERED * covered))


def size_of(axis, name):
    """Width and height of the level text, in pixels."""
    text = axis.text(0.5, 0.5, name.text, transform=axis.transAxes, **name.font)
    size = text.get_window_extent().size
    text.remove()
    return size


def place(axis, names, breakable=()):
    """Write the names into axes in which all else is drawn and whose size is final; interrupt the
    lines in breakable where a name lies."""
    axis.figure.figure.draw_without_rendering()  # layout, so that pixels are what they will be
    raster = Raster(axis, breakable)
    found = [(name, Places(raster, name, size_of(axis, name))) for name in names]
    found = [(name, places) for name, places in found if len(places.centre)]
    chosen = [None] * len(found)
    for _ in range(ROUNDS):
        before = list(chosen)
        for i, (_, places) in enumerate(found):
            layer = raster.layer()
            for k, (_, other) in zip(chosen[:i] + [None] + chosen[i + 1:], found):
                if k is not None:
                    raster.paint(layer, other.taken(k))
            chosen[i] = places.best(layer)
        if chosen == before:
            break
    back = axis.transData.inverted().transform
    layer = raster.panels.copy()
    for (name, places), k in zip(found, chosen):
        raster.paint(layer, places.taken(k))
        line = {"arrowstyle": "-", "color": name.color, "linewidth": 0.8, "shrinkA": 0,
                "shrinkB": 0, "zorder": 8.5} if places.line[k] else None
        axis.annotate(name.text, back(places.point[k]), back(places.centre[k]), color=name.color,
                      rotation=np.degrees(places.angle[k]), rotation_mode="anchor", ha="center",
                      va="center", path_effects=HALO, zorder=9, arrowprops=line, **name.font)
    for line in breakable:
        x, y = line.get_data()
        at = raster.pixels(axis.transData.transform(np.column_stack([x, y])))
        line.set_ydata(np.where(layer.flat[at] > 0, np.nan, y))
