# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
"""A report: one page on a file of bl23, with its figures in it."""
from __future__ import annotations

import base64
import html
import io
import os
from typing import Any, Callable, Iterator, NamedTuple, Optional, Sequence

import numpy as np

from . import files
from .bound_data import Bound
from .cover_data import Cover
from .model import Model, allowed_text
from .plane_data import Plane
from .command import Path
from .survey_data import Survey
from .table import html_table
from .texts import percent_text, text_of

BEST = 10  # points of least tension or chi^2 in a report
MASSES = 40  # rows of a table of masses
STYLE = """body { font: 16px/1.5 sans-serif; color: #222; background: #fff; max-width: 62rem;
  margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.6rem; } h2 { font-size: 1.2rem; margin-top: 2.2rem; }
img { max-width: 100%; } pre { background: #f4f4f4; padding: .8rem; overflow-x: auto; }
div.wide { overflow-x: auto; } table { border-collapse: collapse; font-size: .85rem; }
th, td { padding: .25rem .7rem .25rem 0; text-align: left; vertical-align: top;
  border-bottom: 1px solid #ddd; }
.verdict { font-size: 1.15rem; font-weight: bold; }"""


Section = tuple[str, list[str], list[list[str]]]  # heading, columns, rows of a table


class Content(NamedTuple):
    """What a report says of a kind of file: sentences, (text, drawing function) of its figures,
    (heading, columns, rows) of its tables, the command that makes or checks it again, and what is
    to be noted beside the verdict."""

    question: str
    verdict: str
    figures: list[tuple[str, Callable[[Any], Any]]]
    tables: list[Section]
    command: str
    masses: np.ndarray  # [GeV]
    notes: Sequence[str] = ()


def report(file: Any, out: Optional[Path] = None, title: Optional[str] = None) -> str:
    """One page in HTML on a survey, plane, bound or cover (or the name of its file), with nothing
    outside of it: question, verdict, figures, tables such as the cut-flow and the best points,
    limits, command, configuration, citations. It is written to `out`, if that is given, and
    returned. Needs libbl23, matplotlib, PyYAML and, but for bounds, h5py."""
    opened = file if isinstance(file, (Survey, Plane, Bound, Cover)) else files.open_file(file)
    try:
        name = _name_of(file, opened)
        page = _page(opened, name, title or f"{type(opened).__name__} {name}".strip())
    finally:
        if opened is not file and isinstance(opened, Survey):
            opened.close()
    if out is not None:
        with open(out, "w", encoding="utf-8") as written:
            written.write(page)
    return page


def _name_of(file: Any, opened: Any) -> str:
    if isinstance(file, (str, os.PathLike)):
        return os.path.basename(os.fspath(file))
    return os.path.basename(opened.file.filename) if isinstance(opened, Survey) else ""


def _page(opened: Any, name: str, title: str) -> str:
    content, model = CONTENTS[type(opened)](opened, name or "FILE"), Model(opened.config)
    parts = [f"<p>{html.escape(content.question)}</p>",
             f"<p class='verdict'>{html.escape(content.verdict)}</p>",
             *(f"<p>{html.escape(note)}</p>" for note in content.notes)]
    for text, draw in content.figures:
        parts += [_heading(text), f"<img alt='{html.escape(text)}' src='{_picture(draw, opened)}'>"]
    for text, head, rows in [*content.tables, *_limits(model, content.masses)]:
        parts += [_heading(text), f"<div class='wide'>{html_table(head, rows)}</div>"]
    for text, said in (("Command", content.command), ("Configuration", opened.config),
                       ("Citations", model.bibtex)):
        parts += [_heading(text), f"<pre>{html.escape(said)}</pre>"]
    body = "\n".join(parts)
    return (f"<!DOCTYPE html>\n<html lang='en'><head><meta charset='utf-8'>\n"
            f"<title>{html.escape(title)}</title>\n<style>{STYLE}</style></head>\n<body>\n"
            f"<h1>{html.escape(title)}</h1>\n{body}\n</body></html>\n")


def _heading(text: str) -> str:
    return f"<h2>{html.escape(text)}</h2>"


def _picture(draw: Callable[[Any], Any], opened: Any) -> str:
    """A figure as an address that holds it."""
    import matplotlib.pyplot as plt

    axes = draw(opened)
    figure, data = np.ravel(axes)[0].figure, io.BytesIO()
    figure.savefig(data, format="png", dpi=120, bbox_inches="tight", metadata={"Software": None})
    plt.close(figure)
    return "data:image/png;base64," + base64.b64encode(data.getvalue()).decode()


def _limits(model: Model, masses: np.ndarray) -> Iterator[Section]:
    """The table of all constraints, at the lowest and the highest mass, and what they rest on."""
    ends = np.unique([masses.min(), masses.max()])
    limits = model.limits(ends)
    rows = [[name, limits.observables[k],
             *(allowed_text(limits.lower[m, k], limits.upper[m, k]) for m in range(len(ends))),
             f"{limits.confidence_levels[k]:g}" if limits.confidence_levels[k] else "not stated",
             limits.cites[k]] for k, name in enumerate(limits.names)]
    yield ("Limits", ["constraint", "observable", *(f"at {mass:.6g} GeV" for mass in ends), "CL",
                      "cited"], rows)
    notes = [[name, note] for name, note in zip(limits.names, limits.notes) if note]
    if notes:
        yield "What the limits rest on", ["constraint", "note"], notes


def _mass_text(masses: np.ndarray) -> str:
    low, high = masses.min(), masses.max()
    return (f"m_Z' = {low:.6g} GeV" if len(masses) == 1 else
            f"{len(masses)} masses from {low:.6g} to {high:.6g} GeV")


def _some(rows: list[Any]) -> list[Any]:
    """As many of the rows as a table shows, evenly spaced."""
    return rows[::-(-len(rows) // MASSES)] if rows else rows


# ---- surveys ----

def _survey(survey: Survey, name: str) -> Content:
    whole = survey.samples == survey.survey_samples
    part = "" if whole else (f" The survey is unfinished: {survey.samples} of "
                             f"{survey.survey_samples} samples are in the file.")
    by_cuts = survey.chi2_max is None
    within = "" if by_cuts else f"chi^2 up to {survey.chi2_max:g}"
    if survey.passed:
        share = percent_text(survey.passed / survey.samples)
        verdict = (f"{survey.passed} of {survey.samples} samples "
                   f"{'pass' if by_cuts else f'have {within}'} ({share}); {survey.passed_1sigma} "
                   f"of them {'pass' if by_cuts else 'pass all cuts'} at 1 sigma.")
    else:
        verdict = (f"None of {survey.samples} samples "
                   f"{'passes' if by_cuts else f'has {within}'}.")
    solved = survey.setting("g_bl") == "solve"
    return Content(
        question="Which rows (W_u)_1i of the right-handed up-quark mixing "
        f"{'meet all constraints' if by_cuts else f'have {within}'}"
        f"{' for some coupling g_B-L' if solved else ''}? {_mass_text(survey.masses)}; seed "
        f"{survey.seed}; {len(survey.constraints)} constraints.{part}",
        verdict=verdict, figures=list(_survey_figures(survey)),
        tables=[t for t in (_cutflow(survey), _best(survey)) if t],
        command=f"bl23 survey {name} -o again.h5      # the same survey again\n"
        f"bl23 replay {name}                  # every stored number, rebuilt",
        masses=survey.masses, notes=list(_chi2_notes(survey)))


def _chi2_notes(survey: Survey) -> Iterator[str]:
    """Of a survey that ranks by chi^2: what chi^2 does not count, and best points that are
    impossible."""
    if not survey.has("profiles"):
        return
    names, kinds = (survey.file[f"constraints/{key}"] for key in ("name", "likelihood"))
    without = [text_of(name) for name, kind in zip(names, kinds) if text_of(kind) == "none"]
    if without:
        yield (f"{', '.join(without)} {'has' if len(without) == 1 else 'have'} no likelihood, so "
               f"chi^2 does not count {'it' if len(without) == 1 else 'them'}.")
    best = survey.nearest().take(slice(BEST))
    rates = [best[name] for name in best if name.startswith("br_")]
    above = np.max(rates, axis=0) > 1
    above &= best["g_bl"] == best["chi2_g"]  # elsewhere rates are at another g than chi^2
    if above.any():
        yield (f"A branching ratio above 1 makes {int(above.sum())} of the {best.rows} best points "
               "below impossible, whatever their chi^2 is.")


def _survey_figures(survey: Survey) -> Iterator[tuple[str, Callable[[Any], Any]]]:
    from . import plot

    if survey.has("survivors/level", "survivors/wu11_abs") and len(survey.file["survivors/level"]):
        yield "Survivors: (W_u)_1i in the complex plane", plot.planes_of_w
        yield "Survivors: moduli and relative phases", plot.phases
    for key in ("log10_g", "wu12_abs2__wu13_abs2"):
        if survey.passed and survey.has(f"histograms/{key}") and survey.histogram(key)[0].any():
            yield (f"Distribution of all survivors: {key.replace('__', ' and ')}",
                   lambda data, key=key: plot.histogram(data, key))  # type: ignore[misc]
    if survey.constraints and survey.has_cutflow:
        yield "What each constraint leaves", plot.cutflow
    if len(survey.masses) > 1 and survey.passed and survey.has("cutflow/mass_drawn"):
        yield "Acceptance by mass", plot.acceptance
    if survey.has("profiles"):
        for key in ("wu12_abs2__wu13_abs2", "wu12_abs2", "wu13_abs2"):
            if survey.has(f"profiles/{key}") and \
                    np.isfinite(survey.file[f"profiles/{key}"]).sum() > 1:
                yield (f"Least chi^2 of all samples: {key.replace('__', ' and ')}",
                       lambda data, key=key: plot.profile(data, key))  # type: ignore[misc]
    elif survey.has("nearest/tension") and len(set(survey.file["nearest/tension"][...])) > 1:
        yield "The samples of least tension", plot.nearest


def _cutflow(survey: Survey) -> Optional[Section]:
    if not survey.has_cutflow:
        return None
    cutflow, solved = survey.cutflow(), survey.setting("g_bl") == "solve"
    drawn = max(cutflow.attrs["drawn"], 1)
    rows = [[survey.constraints[k], str(after), percent_text(after / drawn),
             *([] if solved else [str(alone)])]  # with g solved for, nearly any is met alone
            for k, (after, alone) in enumerate(zip(cutflow["passed"], cutflow["passed_alone"]))]
    return (f"Cut-flow ({cutflow.attrs['drawn']} samples were counted)",
            ["constraint", "passed this and all above", "share",
             *([] if solved else ["passed it alone"])], rows)


def _best(survey: Survey) -> Optional[Section]:
    table = survey.nearest()
    wanted = ("chi2", "chi2_g", "mass_gev", "g_bl", "g_min", "g_max", "tension", "wu11_abs",
              "wu11_phase", "wu12_abs", "wu12_phase", "wu13_abs", "wu13_phase")
    names = [name for name in wanted if name in table]
    if not table.rows or not names:
        return None
    rows = [[str(int(table["index"][k])), *(f"{table[name][k]:.6g}" for name in names)]
            for k in range(min(BEST, table.rows))]
    least = "chi^2" if survey.has("profiles") else "tension"
    return f"Best points: the samples of least {least}", ["sample", *names], rows


# ---- bounds, planes, covers ----

def _bound(bound: Bound, name: str) -> Content:
    from . import plot

    states = ", ".join(f"{bound.states.count(state)} {state}" for state in
                       ("excluded", "open", "undecided") if state in bound.states)
    every = set(bound.states) == {"excluded"}
    rows = [[f"{bound.mass[k] / 1e3:.6g}", f"{bound.lower[k]:.8g}", f"{bound.upper[k]:.8g}",
             f"{bound.g_max[k]:.6g}", f"{bound.g_reached[k]:.6g}", f"{bound.g_asked[k]:.6g}"]
            for k in _some(list(range(len(bound.mass))))]
    figures: list[tuple[str, Callable[[Any], Any]]] = [("Least tension of any W_u", plot.tension)]
    if bound.possible.any():
        figures.append(("Largest g_B-L of any W_u", plot.largest_g))
    return Content(
        question=f"Does any W_u meet all constraints? {_mass_text(bound.mass / 1e3)}; constraints "
        f"{bound.constraints}.",
        verdict="Excluded for every W_u, by proof, at all masses." if every else
        f"Of {bound.count} masses: {states}.", figures=figures,
        tables=[("What is proven at each mass", [
            "mass [GeV]", "least tension, proven", "and reached", "largest g, proven",
            "and reached", "g that is asked for"], rows)],
        command=f"bl23 bound --verify {name}      # the proofs, from scratch",
        masses=bound.mass / 1e3)


def _plane(plane: Plane, name: str) -> Content:
    from . import plot

    return Content(
        question=f"Which couplings are allowed? {_mass_text(plane.mass)}; scenario "
        f"{plane.scenario}, " + ("right-handed couplings dropped." if plane.scenario == 1 else
                                 "with the fixed W_u of the configuration."),
        verdict="The regions that each constraint excludes or asks for are in the figure.",
        figures=[("The (m_Z', g_B-L) plane", plot.plane)], tables=[],
        command=f"bl23 plane config.yaml --scenario {plane.scenario} -o {name}      # with the "
        "configuration below", masses=plane.mass)


def _cover(cover: Cover, name: str) -> Content:
    from . import plot

    excluded = int((cover.upper == 0).sum())
    order = np.argsort(cover.mass, kind="stable")
    rows = [[f"{cover.mass[k] / 1e3:.6g}", f"{cover.upper[k]:.6g}", f"{cover.inside[k]:.6g}"]
            for k in _some(list(order))]
    figures: list[tuple[str, Callable[[Any], Any]]] = []
    if not cover.is_excluded:
        figures = [("Allowed rows W_u, where most is left", plot.allowed_rows),
                   ("Allowed phases", plot.allowed_phases)]
    if len(cover.mass) > 1:
        figures.append(("Proven volumes by mass", plot.volumes))
    return Content(
        question=f"How much of all W_u is allowed? {_mass_text(cover.mass / 1e3)}.",
        verdict=f"Allowed part of the Haar measure of W_u: at most {cover.upper.max():.4g} at each "
        f"mass. Excluded for every W_u, by proof, at {excluded} of {len(cover.mass)} masses.",
        figures=figures, tables=[("What is proven at each mass", [
            "mass [GeV]", f"allowed part of all {cover.wholes('g')}: at most", "at least"], rows)],
        command=f"bl23 cover --verify {name}      # the proofs, from scratch",
        masses=cover.mass / 1e3)


CONTENTS: dict[type, Callable[[Any, str], Content]] = {
    Survey: _survey, Bound: _bound, Plane: _plane, Cover: _cover}
