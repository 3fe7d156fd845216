# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
"""Draw the (m_Z', g) plane of a file that 'bl23 plane -o' wrote, as PNG and PDF.

In the manner of Figs. 2 and 4 of arXiv:2008.09793: bands that are asked for at 1 sigma (darker) and
2 sigma (lighter), excluded regions, contours of the decay length, curves for orientation. Grey is
excluded by one limit at least; the edge of each has its colour, on the side that it excludes, and
its name with the confidence level.

Exit: 0 done, 1 a figure cannot be written, 2 not a plane file or bad options.
"""
import matplotlib
import numpy as np
from matplotlib import patheffects
from matplotlib.lines import Line2D
from matplotlib.patches import Patch, Rectangle

from ..limit_names import shown_name
from ..plane_data import NotAPlane, Plane
from ..texts import literal
from .labels import Name, place
from .style import options_of, parser_for, plt, read_hdf5, save, titled, written

G_MIN, G_MAX = 1e-7, 1e-1  # of the axis; charm may reach lower
LEGEND_WIDE = 60  # signs of an entry of which two fit side by side
SIZE = (7.2, 6.7)  # inches
LEGEND_TOP = -0.11  # of the axes' height
LEGEND_ROWS, LEGEND_ROW = 6, 0.19  # the figure has room for so many; inches for each row more
# Colours: the hues are the paper's, in shades that differ in lightness too.
BANDS = {"gm2": "#D62728", "koto_events": "#B5179E"}
BAND_ELSE = "#6A51A3"
REGIONS = {  # name: colour; drawn in this order
    "gm2_wp2025": "#D62728",
    "ccfr": "#1B7837",
    "koto_2018": "#0E7C8B",
    "e949": "#B35900",
    "na62_2025": "#B35900",
    "na62_pi0window": "#D6338A",
    "na62_pi0": "#D6338A",
    "koto_2024_pi0": "#0B5563",
    "d_life": "#525252",
    "dp_pip": "#8C510A",
    "d0_omega": "#5E3C99",
    "lc_p": "#01665E",
}
COLORS_ELSE = ("#525252", "#8C510A", "#5E3C99", "#01665E", "#B2182B")  # of limits of one's own
LINES_ELSE = ("-", "--", "-.", ":", (0, (5, 1, 1, 1, 1, 1)))  # the k-th: both repeat after 25
EXCLUDED = "0.93"  # by one limit at least
FRINGE = 1.35  # so far above its edge a limit has its colour
INSET = (0.05, 0.70, 0.36, 0.26)  # of the axes: the window in which K+ -> pi+ pi0 hides a signal
WINDOW, WINDOW_G = (0.108, 0.160), (2e-6, 4e-3)  # [GeV], and g
B_LIMIT = "#3B4CC0"
# name: colour, line; a light shade where it is a measurement.
OVERLAYS = {
    "na64mu_projection": ("#B58900", "--", 0.0),
    "borexino_lmutau": ("#1F77B4", "-.", 0.06),
    "koto_2018": ("#0E7C8B", ":", 0.10),
}
OVERLAY_ELSE = ("0.2", "--", 0.0)
CHANGES = {"font.size": 11, "axes.labelsize": 13, "axes.axisbelow": "line"}


def g_low(plane):
    """The lower end of the axis of g: charm reaches below that of the other limits."""
    edges = [c["g_max"][1] for c in plane.constraints.values()
             if c["observable"].startswith(("br_d", "br_lc", "x12"))]
    lowest = min((edge.min() for edge in edges), default=np.inf)
    return min(G_MIN, 10 ** np.floor(np.log10(lowest))) if lowest > 0 else G_MIN


def length_text(metres):
    for unit, factor in (("nm", 1e-9), (r"$\mu$m", 1e-6), ("mm", 1e-3)):
        if metres < 999 * factor:
            return f"{metres / factor:g} {unit}"
    return f"{metres:g} m"


def shade(color, amount):
    """The colour mixed with white."""
    rgb = np.array(matplotlib.colors.to_rgb(color))
    return tuple(1 - amount * (1 - rgb))


def alone(edge):
    """Where an edge is at one mass and at neither neighbour, so that no line shows it."""
    known = np.pad(np.isfinite(edge), 1)
    return known[1:-1] & ~known[:-2] & ~known[2:]


def upright(axis, mass, low, high, where, **style):
    """Lines from low to high at some masses; returned as curves."""
    low, high = (np.broadcast_to(end, mass.shape)[where] for end in (low, high))
    axis.vlines(mass[where], low, high, **style)
    return [((m, m), ends) for m, *ends in zip(mass[where], low, high)]


def draw_alone(axis, mass, low, high, color):
    """Lines upright at masses that have no neighbours."""
    return upright(axis, mass, low, high, alone(low), color=color, linewidth=1.5, zorder=3)


def with_level(name, constraint):
    """The name of a limit and its confidence level."""
    level = constraint["cl"]
    return shown_name(name) + (f" ({100 * level:.3g} %)" if level > 0 else "")


def limits_of(plane):
    """The constraints that are drawn as regions: neither bands nor limits of B decays, of which
    the strongest is a line."""
    bands = plane.bands()
    return {name: c for name, c in plane.constraints.items()
            if name not in bands and not c["observable"].startswith("br_b")}


def draw_excluded(axis, plane):
    """What one limit at least excludes."""
    edges = [c["g_max"][1] for c in limits_of(plane).values()]
    if edges:
        axis.fill_between(plane.mass, np.minimum.reduce(edges), G_MAX * 10, facecolor=EXCLUDED,
                          linewidth=0, zorder=0.4)


def draw_limit(axis, plane, g_max, color, line="-"):
    """The edge of a limit, with its colour on the side that it excludes; its curves, none where
    there is no edge."""
    edge = np.where(np.isfinite(g_max), g_max, np.nan)
    known = np.isfinite(edge)
    if not known.any():
        return []
    axis.fill_between(plane.mass, edge, FRINGE * edge, facecolor=color, alpha=0.3, linewidth=0,
                      zorder=2)
    axis.plot(plane.mass, edge, color=color, linewidth=1.4, linestyle=line, zorder=3)
    ends = known & ~alone(edge) & (~np.roll(known, 1) | ~np.roll(known, -1))
    ends[[0, -1]] = False  # where it begins or ends inside
    return [(plane.mass, edge), *upright(axis, plane.mass, edge, G_MAX * 10, ends, color=color,
                                         linewidth=0.8, zorder=2),
            *draw_alone(axis, plane.mass, edge, G_MAX * 10, color)]


def draw_other_limits(axis, plane):
    """Limits that this figure does not know, named as in the file; what the legend shows of
    each."""
    others = [name for name in limits_of(plane) if name not in REGIONS]
    handles, names = [], []
    for k, name in enumerate(others):
        color, line = COLORS_ELSE[k % len(COLORS_ELSE)], LINES_ELSE[k // 5 % len(LINES_ELSE)]
        if draw_limit(axis, plane, plane.constraints[name]["g_max"][1], color, line):
            handles.append((Patch(facecolor=color, alpha=0.3),
                            Line2D([], [], color=color, linestyle=line)))
            names.append(shown_name(name))
    return handles, names


def draw_known_limits(axis, plane):
    """The shipped limits; their names."""
    limits = limits_of(plane)
    return [Name(with_level(name, limits[name]),
                 draw_limit(axis, plane, limits[name]["g_max"][1], color), color,
                 font={"fontsize": 9})
            for name, color in REGIONS.items() if name in limits]


def draw_band(axis, plane, name, band, outlined):
    """A band; its name."""
    color = BANDS.get(name, BAND_ELSE)
    for level, amount, style in ((1, 0.35, "--"), (0, 0.75, "-")):
        low, high = band["g_min"][level], band["g_max"][level]
        inside = np.isfinite(low) & np.isfinite(high) & (low <= high)
        axis.fill_between(plane.mass, low, high, where=inside, linewidth=0, zorder=4 + (level == 0),
                          facecolor=shade(color, amount), alpha=0.8 if not outlined else 0.45)
        for edge in (low, high) if outlined else ():
            axis.plot(plane.mass, np.where(inside, edge, np.nan), color=color, linestyle=style,
                      linewidth=1.3, zorder=6)
        draw_alone(axis, plane.mass, np.where(inside, low, np.nan), high, color)
    known = np.where(inside & (band["g_min"][1] > 0), band["g_min"][1], np.nan)
    middle = np.exp(np.log(known * band["g_max"][1]) / 2)
    return Name(shown_name(name), [(plane.mass, middle)], shade(color, 1.0), on=True, at=0.1,
                font={"fontsize": 11, "weight": "bold"})


def draw_contours(axis, plane):
    """Lines of one decay length, which their names may interrupt: (lines, names)."""
    style = {"color": "0.35", "linestyle": ":", "linewidth": 0.9, "zorder": 7}
    lines = [axis.plot(plane.mass, g, **style)[0] for _, g in plane.contours]
    return lines, [Name(rf"$c\tau$ = {length_text(ctau)}", [(plane.mass, g)], "0.25", on=True,
                        at=0.9, font={"fontsize": 8}) for ctau, g in plane.contours]


def draw_b_limit(axis, plane):
    """The strongest limit of the B decays, a line with ticks on the side that it excludes,
    larger g."""
    mass, g_max = plane.mass, plane.b_limit()
    if g_max is None:
        return
    levels = {c["cl"] for c in plane.constraints.values() if c["observable"].startswith("br_b")}
    ends = [f"{100 * level:.3g}" for level in (min(levels), max(levels))]
    level = f", {' to '.join(dict.fromkeys(ends))} % CL" if min(levels) > 0 else ""
    ticks = patheffects.withTickedStroke(spacing=8, angle=90, length=0.8, linewidth=0.9)
    axis.plot(mass, g_max, color=B_LIMIT, linewidth=2.2, zorder=8,
              path_effects=[patheffects.Normal(), ticks],
              label=rf"$B\to M$ inv.{level} (ticks: excluded)")
    axis.plot(mass[alone(g_max)], g_max[alone(g_max)], "^", color=B_LIMIT, markersize=6, zorder=8)


def band_legend(outlined):
    """What the two shades of a band and, where it has them, its edges mean."""
    styles = ("-", "--") if outlined else ("", "")
    return [(Patch(facecolor=str(1 - 0.6 * amount)), Line2D([], [], color="0.2", linestyle=style))
            for amount, style in zip((0.75, 0.35), styles)], [
                rf"asked for at {sigma}$\sigma$" for sigma in (1, 2)]


def draw_overlays(axis, plane):
    """Returns what the legend shows of each, its line on its shade, and their names."""
    handles, names = [], []
    for name, curve in plane.overlays.items():
        text = "KOTO before the events" if name == "koto_2018" else shown_name(name)
        color, style, amount = OVERLAYS.get(name, OVERLAY_ELSE)
        g = np.where(np.isfinite(curve["g_max"][1]), curve["g_max"][1], np.nan)
        if not np.isfinite(g).any():
            continue
        line, = axis.plot(plane.mass, g, color=color, linestyle=style, linewidth=1.7, zorder=8)
        axis.plot(plane.mass[alone(g)], g[alone(g)], "v", color=color, markersize=4, zorder=8)
        handles.append(line)
        names.append(text + (" (shade: excluded)" if amount else ""))
        if amount:
            shown = {"facecolor": color, "alpha": amount, "linewidth": 0}
            axis.fill_between(plane.mass, g, G_MAX * 10, zorder=0.5, **shown)
            handles[-1] = (Patch(**shown), line)
    return handles, names


def draw_contents(axis, plane):
    """Regions, bands and curves: the names of those that have one in the axes, and what the legend
    shows of the others: (handles, names) of limits, of the B decays, of overlays."""
    draw_excluded(axis, plane)
    others = draw_other_limits(axis, plane)
    names = draw_known_limits(axis, plane)
    names += [draw_band(axis, plane, name, band, plane.scenario == 2)
              for name, band in plane.bands().items()]
    draw_b_limit(axis, plane)
    overlays = draw_overlays(axis, plane)
    return names, (others, axis.get_legend_handles_labels(), overlays)


def draw_inset(axis, plane):
    """The window around the mass of the pion, larger, in a corner that is excluded: nothing where
    the plane has little of it, or more around it than it is worth."""
    inside = (plane.mass > WINDOW[0]) & (plane.mass < WINDOW[1])
    limits = limits_of(plane)
    corner = plane.mass < plane.mass[0] * (plane.mass[-1] / plane.mass[0]) ** (INSET[0] + INSET[2])
    low = G_MAX * (g_low(plane) / G_MAX) ** (1 - INSET[1])
    free = [c["g_max"][1][corner].max() < low for c in limits.values()]
    if np.count_nonzero(inside) < 10 or plane.mass[-1] < 2 * WINDOW[1] or not any(free):
        return
    inset = axis.inset_axes(INSET, zorder=20)
    draw_contents(inset, plane)
    inset.set(yscale="log", xlim=WINDOW, ylim=WINDOW_G, xticks=(0.11, 0.13, 0.15),
              xticklabels=("110", "130", "150 MeV"))
    inset.tick_params(which="both", direction="in", labelsize=8)
    inset.set_title("in the box", fontsize=8, pad=2)
    axis.add_patch(Rectangle((WINDOW[0], WINDOW_G[0]), np.ptp(WINDOW), np.ptp(WINDOW_G),
                             facecolor="none", edgecolor="0.2", linewidth=0.9, zorder=4.99))


def draw_plane(axis, plane):
    """All of the figure but the names; the number of rows that its legend needs below the axes,
    and what places the names once the axes have their size."""
    bands = plane.bands()
    names, parts = draw_contents(axis, plane)
    contours, lengths = draw_contours(axis, plane)
    axis.set(xscale="log", yscale="log", ylim=(g_low(plane), G_MAX), xlabel=r"$m_{Z'}$ [GeV]",
             ylabel=r"$g_{B-L}$")
    edge = 1.0 if plane.mass[0] < plane.mass[-1] else 1.1  # a single mass needs some room
    axis.set_xlim(plane.mass[0] / edge, plane.mass[-1] * edge)
    axis.tick_params(which="both", direction="in", top=True, right=True)
    title = "Scenario I: $g_R^u$ dropped"
    if plane.scenario == 2:
        row = ", ".join(f"{x:.3f}" for x in plane.w_abs)
        title = f"Scenario II: $|(W_u)_{{1i}}|$ = {row}"
    axis.set_title(titled(f"{title}   (inputs {literal(plane.inputs)})"), fontsize=11)
    draw_inset(axis, plane)
    handles, labels = (a + b + c for a, b, c in zip(*parts))
    if limits_of(plane):
        handles.append(Patch(facecolor=EXCLUDED, edgecolor="0.6", linewidth=0.6))
        labels.append("excluded by some limit" + (
            " ($B$ aside)" if plane.b_limit() is not None else ""))
    if bands:
        shades, meanings = band_legend(plane.scenario == 2)
        handles, labels = handles + shades, labels + meanings
    columns = 2 if max(map(len, labels), default=0) <= LEGEND_WIDE else 1
    if handles:  # outside, for every corner has a curve in some plane
        axis.legend(handles, labels, loc="upper center", bbox_to_anchor=(0.5, LEGEND_TOP),
                    ncol=columns, frameon=False)
    return -(-len(labels) // columns), lambda: place(axis, names + lengths, contours)


def make_room(axis, rows):
    """A longer figure where the legend is long."""
    figure = axis.figure
    width, height = figure.get_size_inches()
    longer = height + LEGEND_ROW * max(rows - LEGEND_ROWS, 0)
    figure.set_size_inches(width, longer)
    if axis.get_legend():
        axis.get_legend().set_bbox_to_anchor((0.5, LEGEND_TOP * height / longer), axis.transAxes)


def draw(plane, prefix):
    figure, axis = plt.subplots(figsize=SIZE, constrained_layout=True)
    rows, place_names = draw_plane(axis, plane)
    make_room(axis, rows)
    place_names()
    save(figure, prefix)


def main():
    options = options_of(parser_for(__doc__, "FILE.h5", "bl23 plane -o"), CHANGES)
    plane = read_hdf5(options.file, Plane, NotAPlane)
    return 2 if plane is None else written(options.file, draw, plane, options.prefix)
