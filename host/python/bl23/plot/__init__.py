# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
"""Figures of files: every function takes what bl23.open gives, or the name of a file, and Axes to
draw into (None: new ones), and returns the Axes.

    ax = bl23.plot.plane("plane.h5")
    ax.figure.savefig("plane.pdf")

title: another title of the axes. style: a style of matplotlib, or several; by default that of bl23.
matplotlib, h5py and PyYAML are needed. The drawing scripts are made of the same functions.
"""
from __future__ import annotations

import contextlib
from typing import Any, Callable, Iterator, Optional

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes

from .. import files
from ..bound_data import Bound
from ..cover_data import Cover
from ..errors import ArgumentError, Error, FileError
from ..fit_data import Fit
from ..model import rows_of_w
from ..plane_data import Plane
from ..reading import MALFORMED, NotDrawn, malformed, name_of
from ..survey_data import NotASurvey, Survey
from . import (answer_plot, bound_plots, cover_plots, fit_plots, map_plots, plane_plot,
               profile_plots, survey_plots)
from .style import STYLE

__all__ = ["acceptance", "allowed_phases", "allowed_rows", "answer", "chi2", "cutflow", "histogram",
           "largest_g", "nearest", "phases", "plane", "planes_of_w", "profile", "pulls", "rows",
           "tension", "volumes"]
ROWS = ("acceptance", "g", "delta_a_mu")


@contextlib.contextmanager
def _drawing(data: Any, kind: type, axes: Any, size: tuple[float, float], style: Any,
             columns: int = 1) -> Iterator[tuple[Any, Any]]:
    """What a file holds, and the axes to draw it into. What the file lacks is a FileError."""
    if kind is Fit and not isinstance(data, Fit):
        raise ArgumentError(f"this figure is made of what bl23.bestfit gives (got {data!r})")
    known = (Survey, Plane, Bound, Cover, Fit)
    opened = data if isinstance(data, known) else files.open_file(data)
    what = f"the {kind.__name__.lower()}" if opened is data else str(data)
    try:
        if not isinstance(opened, kind):
            raise ArgumentError(f"this figure is made of a {kind.__name__}, not of a "
                                f"{type(opened).__name__}")
        _check_axes(axes, columns)
        with _styled(style):
            if axes is None:
                _, axes = plt.subplots(1, columns, figsize=size, constrained_layout=True)
            yield opened, axes
    except NotASurvey as error:
        raise ArgumentError(f"the survey {error}") from error
    except MALFORMED as error:
        if isinstance(error, Error) and not isinstance(error, NotDrawn):
            raise
        raise FileError(f"{what} {malformed(error)}") from error
    finally:
        if opened is not data and isinstance(opened, Survey):
            opened.close()


@contextlib.contextmanager
def _styled(style: Any) -> Iterator[None]:
    """A style of matplotlib, or bl23's."""
    plt.draw_if_interactive()  # the backend begins now: what it sets must outlive the style
    with contextlib.ExitStack() as stack:
        try:
            stack.enter_context(plt.style.context(STYLE if style is None else style))
        except (OSError, TypeError, ValueError, AttributeError) as error:
            raise ArgumentError(f"style must be a style of matplotlib, its file, or a list of "
                                f"these (got {style!r})") from error
        yield


def _check_axes(axes: Any, columns: int) -> None:
    given = [] if axes is None else list(np.ravel(axes))
    if not all(isinstance(axis, Axes) for axis in given) or len(given) not in (0, columns):
        wanted = "ax must be Axes" if columns == 1 else f"axes must be {columns} Axes"
        raise ArgumentError(f"{wanted} of matplotlib (got {axes!r})")


def _named(axes: Any, title: Optional[str], usual: Optional[str] = None) -> Any:
    if title is not None or usual is not None:
        axes.set_title(usual if title is None else title, fontsize=10)
    return axes


def _three(draw: Callable[[Any, Survey, Any], None], survey: Any, axes: Any, height: float,
           star: Any, style: Any) -> Any:
    """Three Axes of survivors side by side; with a title and a legend where the figure is new."""
    with _drawing(survey, Survey, axes, (10.5, height), style, 3) as (data, drawn):
        draw(drawn, data, _row(star))
        if axes is None:
            drawn[0].figure.suptitle(data.title(), fontsize=10)
            survey_plots.figure_legend(drawn[0].figure, drawn)
        return drawn


def _row(star: Any) -> Any:
    """A row to mark, complex [3], or None."""
    if star is None:
        return None
    with contextlib.suppress(ArgumentError):
        row = rows_of_w(star)
        if row.shape == (3,):
            return row
    raise ArgumentError(f"star must be three complex numbers (got {star!r})")


def planes_of_w(survey: Any, axes: Any = None, star: Any = None, style: Any = None) -> Any:
    """(W_u)_1i of the survivors in the complex plane, as in Fig. 3 of arXiv:2008.09793: three
    Axes. star: a row to mark, complex [3]."""
    return _three(survey_plots.draw_planes, survey, axes, 3.6, star, style)


def phases(survey: Any, axes: Any = None, star: Any = None, style: Any = None) -> Any:
    """Moduli of (W_u)_1i against their relative phases: three Axes."""
    return _three(survey_plots.draw_relative_phases, survey, axes, 3.9, star, style)


def histogram(survey: Any, name: str, ax: Any = None, title: Optional[str] = None,
              style: Any = None) -> Any:
    """A histogram of all survivors, of one axis such as "log10_g" or of two such as
    "wu12_abs2__wu13_abs2"."""
    with _drawing(survey, Survey, ax, (5.4, 4.2), style) as (data, axis):
        data.histogram(name)  # says whether there is one
        histograms = data.file["histograms"]
        if "__" in name:
            survey_plots.draw_histogram_2d(axis.figure, axis, histograms, name)
        else:
            survey_plots.draw_histogram_1d(axis, data, name, histograms[name])
        return _named(axis, title)


def profile(survey: Any, name: str, ax: Any = None, title: Optional[str] = None,
            style: Any = None) -> Any:
    """The least chi^2 of all samples in each bin above the least of all, of one axis or of two as
    in histogram(), with lines, or steps of colour, at 68.3 and 95 %. The survey needs
    output: {rank: chi2}."""
    with _drawing(survey, Survey, ax, (5.4, 4.2), style) as (data, axis):
        data.histogram(name)  # says whether there is one
        if "__" in name:
            profile_plots.draw_profile_2d(axis.figure, axis, data, name)
        else:
            profile_plots.draw_profile_1d(axis, data, name)
            if axis.get_legend_handles_labels()[0]:
                axis.legend(frameon=True)
        return _named(axis, title)


def cutflow(survey: Any, ax: Any = None, title: Optional[str] = None, style: Any = None) -> Any:
    """What each constraint leaves of the samples."""
    with _drawing(survey, Survey, ax, (8.5, 5.5), style) as (data, axis):
        survey_plots.draw_fractions(axis, data)
        axis.legend(loc="lower right", frameon=True)
        return _named(axis, title, data.mass_text())


def acceptance(survey: Any, ax: Any = None, title: Optional[str] = None, style: Any = None) -> Any:
    """The fraction of the samples that passes (with chi2_max: has such a chi^2), over mass."""
    with _drawing(survey, Survey, ax, (5.4, 4.2), style) as (data, axis):
        survey_plots.draw_acceptance_by_mass(axis, data)
        return _named(axis, title)


def nearest(survey: Any, ax: Any = None, title: Optional[str] = None, style: Any = None) -> Any:
    """The tension of the samples that come nearest to passing, ranked; with rank: chi2 the least
    chi^2."""
    with _drawing(survey, Survey, ax, (5.6, 4.0), style) as (data, axis):
        by_chi2 = data.has("profiles")
        column = "chi2" if by_chi2 else "tension"
        survey_plots.draw_ranked(axis, survey_plots.ranked(data, column), by_chi2)
        return _named(axis, title)


def rows(survey: Any, what: str = "acceptance", ax: Any = None, title: Optional[str] = None,
         style: Any = None) -> Any:
    """A map over the simplex of |(W_u)_1i|^2: "acceptance", "g", the largest g_B-L of a survivor
    (allowed, where g is solved for; with chi2_max that of its least chi^2), or "delta_a_mu" at
    that g_B-L. The survey needs the histogram [wu12_abs2, wu13_abs2] and stored records."""
    if what not in ROWS:
        raise ArgumentError(f"a map of rows is one of {', '.join(ROWS)} (got '{what}')")
    with _drawing(survey, Survey, ax, (5.6, 4.4), style) as (data, axis):
        mapped = map_plots.Map(data.file)
        if what == "acceptance":
            map_plots.draw_acceptance_map(axis.figure, axis, mapped)
        elif what == "g":
            map_plots.draw_largest_map(axis.figure, axis, mapped)
        else:
            map_plots.draw_delta_map(axis.figure, axis, mapped)
        return _named(axis, title)


def answer(folder: Any, ax: Any = None, title: Optional[str] = None, style: Any = None) -> Any:
    """The largest g_B-L that each tier of limits leaves to any W_u, and what KOTO's events and
    (g-2)_mu ask for: the first figure of README. folder: of the bounds of the configurations in
    scripts/surveys/answer."""
    _check_axes(ax, 1)
    name = name_of(folder, "folder must be the name of a folder of bounds")
    with _styled(style):
        if ax is None:
            _, ax = plt.subplots(figsize=(8.0, 7.6), constrained_layout=True)
        try:
            answer_plot.draw_answer(ax, answer_plot.Answer(name), title)
        except MALFORMED as error:
            raise FileError(f"{folder} {malformed(error)}") from error
        return ax


def plane(plane: Any, ax: Any = None,  # pylint: disable=redefined-outer-name
          title: Optional[str] = None, style: Any = None) -> Any:
    """The (m_Z', g_B-L) plane, in the manner of Figs. 2 and 4 of arXiv:2008.09793."""
    with _drawing(plane, Plane, ax, plane_plot.SIZE, style) as (data, axis):
        with plt.rc_context(plane_plot.CHANGES if style is None else {}):
            rows_of_legend, place_names = plane_plot.draw_plane(axis, data)
            if ax is None:
                plane_plot.make_room(axis, rows_of_legend)
            _named(axis, title)
            place_names()
        return axis


def tension(bound: Any, ax: Any = None, title: Optional[str] = None, style: Any = None) -> Any:
    """The least tension of any W_u, over mass: proven, and reached by a known row."""
    with _drawing(bound, Bound, ax, (7.4, 4.4), style) as (data, axis):
        bound_plots.draw_tension(axis, data, None)
        bound_plots.finish(axis, data)
        return _named(axis, title)


def largest_g(bound: Any, ax: Any = None, title: Optional[str] = None, style: Any = None) -> Any:
    """The largest g_B-L of any W_u, over mass: proven, and reached by a known row."""
    with _drawing(bound, Bound, ax, (7.4, 4.4), style) as (data, axis):
        bound_plots.draw_largest_g(axis, data, None)
        bound_plots.finish(axis, data)
        return _named(axis, title)


def chi2(fit: Any, ax: Any = None, title: Optional[str] = None, style: Any = None) -> Any:
    """The least chi^2 over mass, down to the number that no W_u is below, by proof, and chi^2
    without a Z'. fit: what bl23.bestfit gives."""
    with _drawing(fit, Fit, ax, (7.4, 4.4), style) as (data, axis):
        fit_plots.draw_chi2(axis, data)
        return _named(axis, title)


def pulls(fit: Any, mass: Optional[float] = None, ax: Any = None, title: Optional[str] = None,
          style: Any = None) -> Any:
    """The pulls of the best point at a mass [GeV] (None: the best one): how many sigma the
    prediction of each constraint is from its centre. fit: what bl23.bestfit gives."""
    with _drawing(fit, Fit, ax, (6.4, 4.4), style) as (data, axis):
        fit_plots.draw_pulls(axis, data, mass)
        return _named(axis, title)


def allowed_rows(cover: Any, ax: Any = None, title: Optional[str] = None, style: Any = None) -> Any:
    """What a cover leaves of the simplex of |(W_u)_1i|^2, at the mass that it shows."""
    with _drawing(cover, Cover, ax, (5.4, 4.8), style) as (data, axis):
        _check_shown(data)
        cover_plots.draw_simplex(axis.figure, axis, data)
        return _named(axis, title)


def allowed_phases(cover: Any, ax: Any = None, title: Optional[str] = None,
                   style: Any = None) -> Any:
    """What a cover leaves of the phase between the second and the third entry."""
    with _drawing(cover, Cover, ax, (5.4, 4.4), style) as (data, axis):
        _check_shown(data)
        cover_plots.draw_phase(axis, data)
        return _named(axis, title)


def volumes(cover: Any, ax: Any = None, title: Optional[str] = None, style: Any = None) -> Any:
    """The proven volumes of a cover over mass."""
    with _drawing(cover, Cover, ax, (7.4, 4.4), style) as (data, axis):
        cover_plots.draw_masses(axis, data)
        return _named(axis, title)


def _check_shown(cover: Cover) -> None:
    if cover.is_excluded:
        raise ArgumentError("nothing is left at this mass: every W_u is excluded, by proof")
