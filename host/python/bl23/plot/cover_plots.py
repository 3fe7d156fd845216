# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
"""Draw what a cover proves: where no row W_u survives, where every one does, and what is undecided.

One mass (--mass; by default the one at which most is left), over the simplex of |(W_u)_1i|^2 and
over the phase between the second and the third entry; if there are several masses, the proven
volumes over mass as well. It reads what 'bl23 cover -o' writes, and surveys with draw: cover.

Exit: 0 done, 1 an output cannot be written, 2 not such a file or bad options.
"""
import numpy as np
from matplotlib.colors import LogNorm
from matplotlib.patches import Patch
from matplotlib.ticker import MultipleLocator

from ..cover_data import Cover
from .style import (BLUE, GREEN, GRID, RED, options_of, parser_for, plain_ticks, plt, read_hdf5,
                    save, set_masses, titled, written)

BINS = 7  # 2^7 bins at most on each side
PLAIN = 1e-3  # smaller shares than this are drawn on a logarithmic axis


def frame_of(low, bits):
    """First bin, number of bins and their level (bins of 2^-level), which hold all intervals."""
    begin, end = low.min(), (low + 2.0**-bits).max()
    level = 0
    while level < 40:
        first, last = np.floor(begin * 2.0**(level + 1)), np.ceil(end * 2.0**(level + 1))
        if last - first > 2**BINS:
            break
        level += 1
    first = int(np.floor(begin * 2.0**level))
    return first, int(np.ceil(end * 2.0**level)) - first, level


def steps_of(low, bits, frame):
    """The first bin of each interval, and how many bins it fills (1 if it is smaller)."""
    first, _, level = frame
    return (np.floor(low * 2.0**level).astype(int) - first,
            2**np.maximum(level - bits, 0))


def over_phase(cover):
    """Edges in parts of a turn, and the shares of the bins that are left and that are inside."""
    low, bits = cover.low[:, 3], cover.bits[:, 3]
    frame = (0, 2**BINS, BINS)
    at, fills = steps_of(low, bits, frame)
    shares = np.zeros((2, 2**BINS))
    for number in np.unique(fills):
        some = fills == number
        for step in range(number):
            for row, kept in ((0, some), (1, some & cover.whole)):
                np.add.at(shares[row], at[kept] + step, cover.volume[kept] / number)
    return np.linspace(0, 1, 2**BINS + 1), shares * 2**BINS


def over_simplex(cover):
    """Edges of a and of b, and the shares [a, b] that are left and that are inside."""
    frames = [frame_of(cover.low[:, d], cover.bits[:, d]) for d in (0, 1)]
    level = min(frame[2] for frame in frames)
    frames = [(frame[0] >> (frame[2] - level),
               ((frame[0] + frame[1] - 1) >> (frame[2] - level)) + 1
               - (frame[0] >> (frame[2] - level)), level) for frame in frames]
    at, fills = zip(*(steps_of(cover.low[:, d], cover.bits[:, d], frames[d]) for d in (0, 1)))
    shares = np.zeros((2, frames[0][1], frames[1][1]))
    for numbers in np.unique(np.stack(fills), axis=1).T:
        some = (fills[0] == numbers[0]) & (fills[1] == numbers[1])
        for i in range(numbers[0]):
            for j in range(numbers[1]):
                # of a square on the diagonal only the half a <= b: bins off it count twice
                part = np.where(cover.diagonal, (2.0 if j > i else 1.0 if j == i else 0.0),
                                1.0) / (numbers[0] * numbers[1])
                for row, kept in ((0, some), (1, some & cover.whole)):
                    np.add.at(shares[row], (at[0][kept] + i, at[1][kept] + j),
                              (part * cover.volume)[kept])
    edges = [(frame[0] + np.arange(frame[1] + 1)) * 2.0**-level for frame in frames]
    a, b = np.meshgrid(edges[0][:-1], edges[1][:-1], indexing="ij")
    total = np.where(a == b, 1.0, 2.0) * 4.0**-level
    return edges, np.where(a <= b, shares / total, 0)


def legend_above(axis, **options):
    """In rows that are no wider than the axes: the layout would keep room for wider ones."""
    axis.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=2, frameon=False, **options)


def draw_simplex(figure, axis, cover):
    (a, b), (left, inside) = over_simplex(cover)
    known = np.where(left > 0, left, np.nan).T[::-1]  # over |w1|^2 = a and |w3|^2 = 1 - b
    norm = LogNorm(min(np.nanmin(known), 0.5 * np.nanmax(known)), np.nanmax(known))
    image = axis.pcolormesh(a, 1 - b[::-1], known, norm=norm, cmap="Blues", rasterized=True)
    whole = np.where(inside > 1 - 1e-9, 1.0, np.nan).T[::-1]
    axis.pcolormesh(a, 1 - b[::-1], whole, cmap=plt.matplotlib.colors.ListedColormap([GREEN]),
                    rasterized=True)
    axis.fill([0, 1, 1], [1, 0, 1], color="white", zorder=2)  # there are no rows
    axis.plot([0, 1], [1, 0], color="0.3", linewidth=0.8, zorder=3)
    room = 0.03 * max(np.ptp(a), np.ptp(b))
    axis.set_xlim(max(a[0] - room, 0), min(a[-1] + room, 1))
    axis.set_ylim(max(1 - b[-1] - room, 0), min(1 - b[0] + room, 1))
    axis.set_facecolor("#f3dcdc")
    axis.ticklabel_format(useOffset=False)
    axis.tick_params(axis="x", rotation=30)
    axis.set_xlabel(r"$|(W_u)_{11}|^2$")
    axis.set_ylabel(r"$|(W_u)_{13}|^2$   ($|(W_u)_{12}|^2$ is the rest to 1)")
    bar = figure.colorbar(image, ax=axis, pad=0.02,
                          label="share of the phases"
                          f"{' and of $g$' if cover.g_drawn else ''} left")
    plain_ticks(bar.ax.yaxis, norm.vmin, norm.vmax)
    whole_simplex = a[0] == 1 - b[-1] == 0 and a[-1] == b[-1] == 1
    marks = []
    if not whole_simplex or ((left == 0) & (a[:-1, None] < b[1:])).any():
        marks.append(Patch(color="#f3dcdc", label="proven empty" + (
            "" if a[-1] - a[0] > 0.5 else ", as all that is outside")))
    if (np.isfinite(known) & ~np.isfinite(whole)).any():
        marks.append(Patch(color=plt.get_cmap("Blues")(0.6), label="left"))
    if np.isfinite(whole).any():
        marks.append(Patch(color=GREEN, label="every row survives"
                           f"{' at every $g$' if cover.g_drawn else ''}"))
    legend_above(axis, handles=marks)


def draw_phase(axis, cover):
    edges, (left, inside) = over_phase(cover)
    turn = 2 * edges - 1  # phases in (-pi, pi]
    left, inside = (np.roll(share, len(share) // 2) for share in (left, inside))
    top = left.max()
    logarithmic = top < PLAIN or left[left > 0].min() < PLAIN * top
    floor = 0.3 * min(left[left > 0].min(), *(inside[inside > 0] if inside.any() else [1])) \
        if logarithmic else 0
    if (left == 0).any():
        axis.stairs(np.where(left == 0, 1.0, np.nan), turn, fill=True, color=RED, alpha=0.12,
                    linewidth=0, transform=axis.get_xaxis_transform(), label="proven empty")
    axis.stairs(left, turn, baseline=floor, fill=True, color=BLUE, alpha=0.35,
                label="left (at most)")
    if inside.any():
        axis.stairs(inside, turn, baseline=floor, fill=True, color=GREEN, alpha=0.8,
                    label="inside (at least)")
    if logarithmic:
        axis.set_yscale("log")
        axis.set_ylim(floor, 3 * top)
        plain_ticks(axis.yaxis, floor, 3 * top)
    else:
        axis.set_ylim(0, 1.05 * top)
    axis.set_xlim(-1, 1)
    axis.xaxis.set_major_locator(MultipleLocator(0.5))
    axis.set_xlabel(r"phase of $(W_u)_{13}/(W_u)_{12}$, in $\pi$")
    axis.set_ylabel("surviving share of the"
                    + ("\n" if cover.g_drawn else " ") + f"{cover.wholes()} with this phase")
    axis.grid(which="both", **GRID)
    legend_above(axis)


def draw_masses(axis, cover):
    """The proven volumes over mass, and the measured one where the samples of a survey tell."""
    order = np.argsort(cover.mass)
    mass, upper, inside, measured = (
        x[order] for x in (cover.mass, cover.upper, cover.inside, cover.measured))
    known = upper > 0
    if known.any():
        axis.plot(mass[known], upper[known], "v", color=BLUE, markersize=4,
                  label="no more survives (proven)")
        axis.set_yscale("log")
    if (inside > 0).any():
        axis.plot(mass[inside > 0], inside[inside > 0], "^", color=GREEN, markersize=4,
                  label="no less survives (proven)")
    if (measured > 0).any():
        axis.plot(mass, np.where(measured > 0, measured, np.nan), "o", color="black", markersize=3,
                  label="survives, by the samples of the survey")
    if not known.all():
        axis.plot(mass[~known], np.full(np.sum(~known), 0.04), "x", color=RED, markersize=4,
                  transform=axis.get_xaxis_transform(), label="excluded by proof")
    set_masses(axis, mass)
    if known.any():
        plain_ticks(axis.yaxis, *axis.get_ylim())
    else:
        axis.set_yticks([])
    axis.set_xlabel(r"$m_{Z'}$ [MeV]")
    axis.set_ylabel(f"part of all {cover.wholes()}")
    axis.grid(which="both", **GRID)
    legend_above(axis)


def draw(cover, prefix):
    several = len(cover.mass) > 1
    rows = (not cover.is_excluded) + several
    figure = plt.figure(figsize=(9.6, 0.6 + 4.4 * max(rows, 0.4)),
                        constrained_layout={"wspace": 0.12})
    parts = figure.subfigures(max(rows, 1), 1, squeeze=False).ravel()
    if not cover.is_excluded:
        axes = parts[0].subplots(1, 2)
        draw_simplex(parts[0], axes[0], cover)
        draw_phase(axes[1], cover)
    elif not several:
        axis = parts[0].subplots()
        axis.text(0.5, 0.5, "no cell is left: no $W_u$ and no $g_{B-L}$"
                  f"{' of its range' if cover.g_drawn else ''} meets all constraints", ha="center",
                  transform=axis.transAxes)
        axis.set_axis_off()
    if several:
        axis = parts[-1].subplots()
        draw_masses(axis, cover)
        if not cover.is_excluded:
            axis.axvline(cover.mass[cover.shown], color="0.5", linestyle=":", linewidth=1.2,
                         label="the mass of the panels above")
            legend_above(axis)
    figure.suptitle(titled(cover.title()), fontsize=10)
    if cover.sheared and not cover.is_excluded:
        figure.supxlabel("Cells are drawn whole; what is left are strips in them, whose volumes "
                         "are above" + (" and over mass" if several else ""), fontsize=8.5)
    save(figure, prefix if prefix.endswith("cover") else f"{prefix}_cover")


def main():
    parser = parser_for(__doc__, "FILE.h5", "bl23 cover -o")
    parser.add_argument("--mass", type=float, metavar="M",
                        help="the mass that is drawn, or the next one, in GeV (default: the one at "
                        "which most is left)")
    options = options_of(parser)
    cover = read_hdf5(options.file, lambda file: Cover(file, options.mass))
    if cover is None:
        return 2
    return written(options.file, draw, cover, options.prefix)
