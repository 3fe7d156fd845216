# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
"""Map a survey over the simplex of |(W_u)_1i|^2 and over mass, as PNG and PDF.

Which rows W survive, how large g_B-L may be for them, and what that leaves of Delta a_mu; where
there is one mass only, the distributions of both in the place of what is drawn over mass. The
survey needs the histogram [wu12_abs2, wu13_abs2] and stored records. With g_bl: solve, g is the
largest that the constraints allow to a sample, or with chi2_max that of its least chi^2; else it is
the largest that was drawn and survived.
--plane adds the band that (g-2)_mu asks for. --csv writes what is drawn as PREFIX_simplex.csv and
PREFIX_mass.csv.

Exit: 0 done, 1 an output cannot be written, 2 not such a survey or bad options.
"""
import contextlib
import io
import re

import numpy as np
from matplotlib.colors import BoundaryNorm
from matplotlib.patches import Polygon
from matplotlib.ticker import MaxNLocator

from ..reading import check_format
from ..survey_data import NotASurvey, Survey, acceptance_of_masses, gaps_text
from ..texts import literal, scientific, text_of, thousands
from .style import (BLUE, GRID, RED, options_of, parser_for, plt, read_hdf5, save, set_masses,
                    titled, whole_file, written)

HISTOGRAM = "histograms/wu12_abs2__wu13_abs2"
BINS = 40  # of the distributions at a single mass
ALIKE = 1.001  # values of a smaller ratio are one bin
GROUPS = (1, 2, 4, 8)  # the same for the map of acceptance
# of colour, as many as the map of acceptance has at least, if larger cells can give them
STEPS = 12
STEP_ERRORS = 7  # statistical errors in a step of colour: noise stays within one
SMOOTH = 64  # from so many steps on colour is continuous
GROUPED = 2  # bins of the histogram to a side of a cell of the maps of g
LEGEND_ROOM = 0.4  # of the axis is what a legend needs between two curves
HEIGHT = np.sqrt(3) / 2


class Map:
    """The numbers behind the figure."""

    def __init__(self, file):
        self.survey = survey = Survey(file)
        if HISTOGRAM not in file:
            raise NotASurvey("has no histogram [wu12_abs2, wu13_abs2] (output: histograms)")
        if not survey.has("survivors/wu12_abs") or len(file["survivors/index"]) == 0:
            raise NotASurvey("has no stored survivors to map (store: records); without a survivor "
                             "there is nothing to map")
        self.edges = np.asarray(file[HISTOGRAM].attrs["edges_x"])
        if not all(np.array_equal(file[HISTOGRAM].attrs[key][[0, -1]], (0, 1))
                   for key in ("edges_x", "edges_y")):
            raise NotASurvey("has bins of wu12_abs2 or wu13_abs2 that do not cover 0 to 1 (output: "
                             "bins); the map needs the whole simplex")
        if len({*file[HISTOGRAM].shape}) != 1 or file[HISTOGRAM].shape[0] % GROUPS[-1]:
            raise NotASurvey(f"has other numbers of bins of wu12_abs2 and wu13_abs2 than the map "
                             f"takes (output: bins); they must be equal, and multiples of "
                             f"{GROUPS[-1]}")
        self.passed = np.asarray(file[HISTOGRAM], dtype=float)
        self.volumes = survey.volumes
        self.read_survivors(file)
        self.read_masses(file)

    def read_survivors(self, file):
        rows = file["survivors"]
        # largest: of all survivors, stored or not
        self.solved, self.largest = "g_max" in rows and self.survey.chi2_max is None, np.nan
        if self.survey.has("extrema/max"):
            names = [text_of(name) for name in file["extrema/name"]]
            self.largest = file["extrema/max"][names.index("g_max" if self.solved else "g_bl")]
        g = np.asarray(rows["g_max" if self.solved else "g_bl"])
        self.mass_of, self.g = np.asarray(rows["mass_gev"]), g
        self.delta_a_mu = np.asarray(rows["delta_a_mu"])
        if self.solved:        # it is given at sqrt(g_min g_max), at g_max without a lower edge
            low = np.asarray(rows["g_min"])
            self.delta_a_mu *= np.where(low > 0, g / np.where(low > 0, low, 1), 1)
        self.cell_edges = self.edges[::GROUPED]
        where = [np.clip(np.searchsorted(self.cell_edges, np.asarray(rows[name]) ** 2, "right") - 1,
                         0, len(self.cell_edges) - 2) for name in ("wu12_abs", "wu13_abs")]
        shape = 2 * (len(self.cell_edges) - 1,)
        self.g_cell, self.delta_cell = np.zeros(shape), np.zeros(shape)
        np.maximum.at(self.g_cell, tuple(where), g)
        np.maximum.at(self.delta_cell, tuple(where), self.delta_a_mu)

    def read_masses(self, file):
        self.order = np.argsort(self.survey.masses, kind="stable")
        self.mass = self.survey.masses[self.order]
        self.mass_drawn, self.mass_passed = (
            self.survey.mass_counts(what).sum(axis=0).astype(float)[self.order]
            for what in ("drawn", "passed"))
        self.accepted = self.volumes[self.order] * acceptance_of_masses(self.mass_drawn,
                                                                        self.mass_passed)
        knot = np.searchsorted(self.mass, self.mass_of)
        self.g_by_mass = [quantiles(self.g[knot == k]) for k in range(len(self.mass))]
        self.delta_by_mass = [quantiles(self.delta_a_mu[knot == k]) for k in range(len(self.mass))]

    def per_g2(self):
        """Delta a_mu over g^2 of each survivor, a function of the mass alone."""
        return self.delta_a_mu / self.g**2

    def cells(self, grouped):
        """Edges, and expected samples and survivors of cells of grouped x grouped bins. How many
        samples fell into a cell is not recorded: expected are as many as its share of the
        simplex. Those of a cover stand for as many more as it is smaller than all rows."""
        edges, n = self.edges[::grouped], (len(self.edges) - 1) // grouped
        passed = self.passed.reshape(n, grouped, n, grouped).sum(axis=(1, 3))
        samples = self.survey.samples / self.volumes.mean()
        return edges, samples * share_of_cells(edges), passed

    def acceptance(self):
        """Edges of cells, survivors over expected samples in each, the most common value above 0,
        and the largest statistical error: sqrt(survivors) over expected in half a cell at the edge.
        Cells are as small as leaves STEPS steps of colour that are wider than the noise."""
        for grouped in GROUPS:
            edges, expected, passed = self.cells(grouped)
            value = np.divide(passed, expected, out=np.zeros_like(passed), where=expected > 0)
            whole = expected.max()
            highest = value[expected == whole].max()
            error = np.sqrt(highest / (whole / 2))
            if highest >= STEPS * STEP_ERRORS * error:
                break
        return edges, value, most_common(value[value > 0], whole), error

    def which(self):
        """What g is the largest of."""
        if self.survey.chi2_max is not None and self.survey.setting("g_bl") == "solve":
            return "best-fit"
        return "allowed" if self.solved else "surviving"

    def stored_text(self):
        """How many of the survivors the maps of g are made of."""
        stored, passed = len(self.g), self.survey.passed
        return (f"all {thousands(passed)} survivors" if stored == passed else
                f"{thousands(stored)} stored of {thousands(passed)} survivors")


def quantiles(values):
    """Smallest, median, largest; NaN without any."""
    return np.quantile(values, (0, 0.5, 1)) if len(values) else np.full(3, np.nan)


def share_of_cells(edges):
    """The part of the simplex (|w2|^2, |w3|^2) in each cell of a square grid: w is uniform on
    it."""
    x, y = edges[:-1, None], edges[None, :-1]
    width = np.diff(edges)[:, None]
    room = np.clip(1 - x - y, 0, 2 * width)            # 2 width: the cell lies inside
    area = np.where(room <= width, room**2 / 2, width**2 - (2 * width - room) ** 2 / 2)
    return 2 * area


def corner(x, y):
    """(|w2|^2, |w3|^2) in the triangle whose corners are w1, w2, w3."""
    return x + y / 2, HEIGHT * y


def most_common(values, expected):
    """The value with most others within two of its statistical errors."""
    values = np.sort(values)
    reach = 2 * np.sqrt(values / expected)
    others = (np.searchsorted(values, values + reach, "right")
              - np.searchsorted(values, values - reach, "left"))
    return values[np.argmax(others)]


def steps_of_colour(values, error, centre):
    """Edges of the steps, each STEP_ERRORS errors wide, with the centre in the middle of one; None
    where they are too fine to be seen."""
    step, highest = STEP_ERRORS * error, values.max()
    if highest > SMOOTH * step:
        return None
    first, last = np.floor(0.5 - centre / step), np.ceil((highest - centre) / step - 0.5)
    edges = centre + step * (np.arange(first, max(last, 0) + 1) + 0.5)
    return np.concatenate([[0], edges[edges > 0]])


def draw_acceptance_map(figure, axis, data):
    """Without structure where there is noise only."""
    edges, value, common, error = data.acceptance()
    steps = steps_of_colour(value, error, common)
    options = ({"vmin": 0, "vmax": value.max()} if steps is None else
               {"norm": BoundaryNorm(steps, plt.get_cmap("viridis").N)})
    what = (f"part of all {data.survey.wholes()}" if data.survey.in_cover else
            "survivors / expected samples")
    draw_simplex(figure, axis, edges, value, f"{what}\n(error up to {scientific(error, 2)})",
                 "acceptance (white: none survives)", **options)


def draw_largest_map(figure, axis, data):
    draw_simplex(figure, axis, data.cell_edges, 1e5 * data.g_cell, r"$10^5\,g_{B-L}$",
                 f"largest {data.which()} $g_{{B-L}}$")


def draw_delta_map(figure, axis, data):
    draw_simplex(figure, axis, data.cell_edges, 1e12 * data.delta_cell,
                 r"$10^{12}\,\Delta a_\mu$", r"$\Delta a_\mu$ at that $g_{B-L}$")


def draw_simplex(figure, axis, edges, values, label, title, **options):
    x, y = np.meshgrid(edges, edges, indexing="ij")
    shown = np.ma.masked_where(share_of_cells(edges) * (values > 0) == 0, values)
    mesh = axis.pcolormesh(*corner(x, y), shown, cmap="viridis", rasterized=True, **options)
    triangle = Polygon([(0, 0), (1, 0), (0.5, HEIGHT)], closed=True, facecolor="none",
                       edgecolor="black", linewidth=1.1, zorder=5)
    mesh.set_clip_path(triangle.get_path(), axis.transData)
    axis.add_patch(triangle)
    figure.colorbar(mesh, ax=axis, label=label, shrink=0.85, pad=0.02, spacing="proportional",
                    ticks=MaxNLocator(7)).minorticks_off()
    for part in (0.25, 0.5, 0.75):
        for ends in (((part, 0), (part, 1 - part)), ((0, part), (1 - part, part)),
                     ((part, 0), (0, part))):
            axis.plot(*zip(*(corner(*end) for end in ends)), color="white", linewidth=0.5,
                      alpha=0.6, zorder=4)
    for (px, py), name, side, line in (((-0.02, -0.02), 1, "center", "top"),
                                       ((1.02, -0.02), 2, "center", "top"),
                                       ((0.5, HEIGHT + 0.02), 3, "center", "bottom")):
        axis.text(px, py, rf"$|(W_u)_{{1{name}}}|^2=1$", ha=side, va=line, fontsize=10)
    axis.set(xlim=(-0.14, 1.14), ylim=(-0.12, 1.0), aspect="equal")
    axis.set_title(title)
    axis.axis("off")


def year_of(citations):
    """" of YEAR" by the latest year of keys such as Aoyama:2020ynm; nothing without one."""
    years = re.findall(r":((?:19|20)\d\d)", citations)
    return f" of {max(years)}" if years else ""


def read_band(file):
    """Mass, and at 2 sigma the g that (g-2)_mu asks for, from a plane file; the band's name,
    year."""
    check_format(file.attrs, "bl23-plane", "bl23 plane -o", NotASurvey)
    bands = [name for name, group in file["constraints"].items()
             if text_of(group.attrs["observable"]) == "delta_a_mu"]
    if not bands:
        raise KeyError("a constraint on delta_a_mu")
    group = file["constraints"][bands[0]]
    mass = np.asarray(file["mass_gev"])
    order = np.argsort(mass)
    edges = (np.asarray(group[name])[1][order] for name in ("g_min", "g_max"))
    return mass[order], *edges, bands[0], year_of(text_of(group.attrs["cite"]))


def band_edges(mass, band, factor):
    """What (g-2)_mu asks for at the masses; factor [masses] turns g^2 into what the axis shows,
    None for g."""
    edges = [np.interp(mass, band[0], edge) for edge in band[1:3]]
    return edges if factor is None else [factor * edge**2 for edge in edges]


def band_name(band, low):
    way = "asked for" if low > 0 else "allowed"           # an upper limit has no lower edge
    return rf"{way} by $(g-2)_\mu${band[4]} ({literal(band[3])}), 2$\sigma$"


def draw_band(axis, mass, band, factor):
    """What (g-2)_mu asks for, named inside, and its least value."""
    low, high = band_edges(mass, band, factor)
    axis.fill_between(1e3 * mass, low, high, color=RED, alpha=0.3, linewidth=0)
    middle = len(mass) // 2
    lowest = max(low[middle], axis.get_ylim()[0])
    axis.text(1e3 * mass[middle], np.sqrt(lowest * high[middle]), band_name(band, low[middle]),
              color=RED, ha="center", va="center", fontsize=8.5)
    return low.min()


def draw_legend(axis, low, high):
    """Between low and high, where there is room for it, else above all, on a longer axis."""
    bottom, top = np.log(axis.get_ylim())
    if high > low and np.log(high / low) > LEGEND_ROOM * (top - bottom):
        middle = (np.log(low * high) / 2 - bottom) / (top - bottom)
        axis.legend(fontsize=8.5, loc="center right", bbox_to_anchor=(1, middle))
        return
    axis.set_ylim(np.exp(bottom), np.exp(top + (top - bottom) * LEGEND_ROOM / (1 - LEGEND_ROOM)))
    axis.legend(fontsize=8.5, loc="upper right")


def draw_largest(draw_line, data):
    """The exact largest g of all survivors, where not all of them are stored."""
    if len(data.g) < data.survey.passed and np.isfinite(data.largest):
        draw_line(data.largest, color="black", linestyle=":", linewidth=1.2,
                  label=f"largest of all {thousands(data.survey.passed)} (exact)")


def draw_by_mass(axis, data, mass, label, title, of_what):
    smallest, median, largest = np.array(data).T
    marker = "." if np.isnan(largest).any() else None  # a mass between two gaps is no line
    axis.fill_between(1e3 * mass, smallest, largest, color=BLUE, alpha=0.25, linewidth=0,
                      label=of_what)
    axis.plot(1e3 * mass, median, color=BLUE, linestyle="--", linewidth=1.2, label="median")
    axis.plot(1e3 * mass, largest, color=BLUE, linewidth=1.5, marker=marker, label="largest")
    axis.set(yscale="log", ylabel=label, xlabel="$m_{Z'}$ [MeV]")
    axis.set_title(title)
    axis.grid(**GRID)


def draw_acceptance(axis, data):
    gaps = gaps_text(data.mass_drawn)
    axis.plot(1e3 * data.mass, data.accepted, color=BLUE, linewidth=1.5,
              marker="." if gaps else None)
    axis.set(xlabel="$m_{Z'}$ [MeV]", ylabel="acceptance", ylim=(0, 1.1 * np.nanmax(data.accepted)))
    axis.set_title("\n".join(["acceptance by mass", *([gaps] if gaps else [])]))
    axis.grid(**GRID)


def draw_masses(axes, data, band, which):
    """Over mass, all that the survey has: acceptance, g, Delta a_mu."""
    for axis in axes:
        set_masses(axis, 1e3 * data.mass)
    draw_acceptance(axes[0], data)
    draw_by_mass(axes[1], data.g_by_mass, data.mass, "$g_{B-L}$", f"{which} $g_{{B-L}}$ by mass",
                 data.stored_text())
    draw_largest(axes[1].axhline, data)
    draw_by_mass(axes[2], data.delta_by_mass, data.mass, r"$\Delta a_\mu$",
                 r"$\Delta a_\mu$ by mass", data.stored_text())
    if band is None:
        draw_legend(axes[1], 1, 1)
        return
    masses, first = np.unique(data.mass_of, return_index=True)
    edge = draw_band(axes[1], data.mass, band, None)
    draw_legend(axes[1], np.nanmax([data.g.max(), data.largest]), edge)
    draw_band(axes[2], data.mass, band, np.interp(data.mass, masses, data.per_g2()[first]))


def draw_distribution(axis, values, band, label, title):
    """Of a value above 0 among the stored survivors; band: low, high and its name, or None."""
    low, high = values.min(), values.max()
    edges = np.geomspace(low, high, BINS + 1) if high > low * ALIKE else [low / ALIKE, high * ALIKE]
    axis.hist(values, bins=edges, color=BLUE, alpha=0.35)
    axis.axvline(np.median(values), color=BLUE, linestyle="--", linewidth=1.2, label="median")
    axis.axvline(high, color=BLUE, linewidth=1.5, label="largest")
    if band is not None:
        axis.axvspan(max(band[0], low / 10), band[1], color=RED, alpha=0.3, linewidth=0,
                     label=band[2])
    axis.set(xscale="log", xlabel=label, ylabel="stored survivors")
    axis.set_title(title)
    axis.grid(**GRID)
    axis.legend(fontsize=8.5)


def draw_one_mass(axes, data, band, which):
    """How g and Delta a_mu spread over the survivors, where there is nothing to draw over mass."""
    for axis, values, factor, label, title in (
            (axes[0], data.g, None, "$g_{B-L}$", f"{which} $g_{{B-L}}$ of each survivor"),
            (axes[1], data.delta_a_mu, data.per_g2()[:1], r"$\Delta a_\mu$",
             r"$\Delta a_\mu$ at that $g_{B-L}$")):
        shown = None
        if band is not None:
            low, high = (edge[0] for edge in band_edges(data.mass, band, factor))
            shown = low, high, band_name(band, low)
        draw_distribution(axis, values, shown, label, title)
    draw_largest(axes[0].axvline, data)
    axes[0].legend(fontsize=8.5)


def draw(data, prefix, band):
    figure = plt.figure(figsize=(13.5, 7.6), constrained_layout=True)
    top, bottom = figure.subfigures(2, 1, height_ratios=(1.12, 1))
    simplex = top.subplots(1, 3)
    which = data.which()
    draw_acceptance_map(top, simplex[0], data)
    draw_largest_map(top, simplex[1], data)
    draw_delta_map(top, simplex[2], data)
    if len(data.mass) == 1:
        draw_one_mass(bottom.subplots(1, 2), data, band,
                      f"largest {which}" if data.solved else which)
    else:
        draw_masses(bottom.subplots(1, 3), data, band, which)
    few = len(data.g) < data.survey.passed
    figure.suptitle(titled(data.survey.title(150) + few * (
        f"\n$g_{{B-L}}$ and $\\Delta a_\\mu$: {data.stored_text()}, a random choice; of all, the "
        "largest in a cell or at a mass is at least as large")), fontsize=10)
    save(figure, f"{prefix}_map", bbox_inches="tight")


@contextlib.contextmanager
def csv_file(name):
    with whole_file(name) as file, io.TextIOWrapper(file, encoding="utf-8") as text:
        yield text


def write_csv(data, prefix):
    edges, expected, passed = data.cells(GROUPED)
    middle = (edges[1:] + edges[:-1]) / 2
    n = len(middle)
    with csv_file(f"{prefix}_simplex.csv") as f:
        f.write("wu12_abs2,wu13_abs2,expected,passed,g_largest,delta_a_mu_largest\n")
        for i in range(n):
            for j in range(n):
                if expected[i, j] > 0:
                    f.write(f"{middle[i]:.6g},{middle[j]:.6g},{expected[i, j]:.6g},"
                            f"{passed[i, j]:.0f},{data.g_cell[i, j]:.6g},"
                            f"{data.delta_cell[i, j]:.6g}\n")
    with csv_file(f"{prefix}_mass.csv") as f:
        f.write("mass_gev,drawn,passed,g_smallest,g_median,g_largest,delta_a_mu_largest\n")
        for mass, drawn_m, passed_m, g, delta in zip(data.mass, data.mass_drawn, data.mass_passed,
                                                      data.g_by_mass, data.delta_by_mass):
            f.write(f"{mass:.9g},{drawn_m:.0f},{passed_m:.0f},{g[0]:.6g},{g[1]:.6g},{g[2]:.6g},"
                    f"{delta[2]:.6g}\n")
    print(f"{prefix}_simplex.csv\n{prefix}_mass.csv")


def main():
    parser = parser_for(__doc__, "FILE.h5", "bl23 survey")
    parser.add_argument("--plane", metavar="PLANE.h5",
                        help="take the (g-2)_mu band from this plane")
    parser.add_argument("--csv", action="store_true", help="write what is drawn as CSV, too")
    options = options_of(parser)
    data = read_hdf5(options.file, Map, NotASurvey)
    band = read_hdf5(options.plane, read_band, NotASurvey) if data and options.plane else None
    if data is None or (options.plane and band is None):
        return 2
    code = written(options.file, draw, data, options.prefix, band)
    if options.csv and code == 0:
        code = written(options.file, write_csv, data, options.prefix)
    return code
