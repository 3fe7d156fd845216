# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
"""Figures and reports of the package bl23: Axes in and out, and pages that hold all they show."""
import base64
import copy
import html.parser
import os
import re
import shutil

import numpy as np
import pytest
import survey_tools as t
from figure_tools import draw, drawn_by, module_of

pytest.importorskip("matplotlib")
import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt

CONFIG = """survey: {samples: 50000, mass_gev: {list: [0.02, 0.05, 0.14]},
  g_bl: {log_uniform: [1e-6, 1e-3]}}
constraints: {sets: [paper2020], without: [gm2, ccfr, na62_pi0, e949]}
output: {histograms: [[wu12_abs2, wu13_abs2]]}
"""
FIGURES = {  # function: kind of file, further arguments, what its axes say
    "planes_of_w": ("survey", (), "Re $(W_u)_{11}$"), "phases": ("survey", (), "arg"),
    "histogram": ("survey", ("log10_g",), "survivors per bin"),
    "cutflow": ("survey", (), "fraction of the"), "acceptance": ("survey", (), "fraction that"),
    "nearest": ("survey", (), "tension"), "plane": ("plane", (), "g_{B-L}"),
    "tension": ("bound", (), "tension"), "largest_g": ("bound", (), "g_{B-L}"),
    "allowed_rows": ("cover", (), "(W_u)_{11}"), "allowed_phases": ("cover", (), "phase"),
    "profile": ("ranked", ("wu12_abs2__wu13_abs2",), "(W_u)_{13}"),
    "chi2": ("fit", (), "chi^2"), "pulls": ("fit", (0.14,), "pull"),
    "volumes": ("cover", (), "part of all pairs of row and $g$"),
    "rows": ("survey", ("g",), "largest surviving"),
}
THREE = ("planes_of_w", "phases")


@pytest.fixture(scope="module", name="files")
def the_files(package, shared):
    kinds = ("survey", "ranked", "within", "one_row", "plane", "bound", "cover")
    paths = {kind: os.path.join(shared, "x." + kind) for kind in kinds}
    package.survey(CONFIG, paths["survey"]).close()
    package.survey(CONFIG.replace("output: {", "output: {rank: chi2, "), paths["ranked"]).close()
    solved = CONFIG.replace("{log_uniform: [1e-6, 1e-3]}", "solve, chi2_max: 9")
    solved = solved.replace("output: {", "output: {rank: chi2, ")
    solved = re.sub("sets: .*", "sets: [paper2020, charm_known]}", solved)
    package.survey(solved, paths["within"]).close()
    one = solved.replace("chi2_max: 9", "w: {fixed: [0.6, 0, 0.5, 0.3, 0.6, 0.1]}")
    package.survey(one.replace("[0.02, 0.05, 0.14]", "[0.14]"), paths["one_row"]).close()
    package.plane("@benchmark", paths["plane"])
    package.bound(CONFIG, paths["bound"])
    paths["fit"] = package.bestfit(solved, starts=4)
    package.cover(CONFIG, paths["cover"], cells=2000, samples=12288)
    return paths


def texts_of(axes):
    return " ".join([text for axis in np.ravel(axes) for text in (
        axis.get_xlabel(), axis.get_ylabel(), axis.get_title(),
        *(label.get_text() for label in axis.texts))])


def test_all_are_tried(package):
    assert sorted([*FIGURES, "answer"]) == package.plot.__all__


@pytest.mark.parametrize("name", FIGURES)
def test_figure(package, files, name):
    """From the name of a file and from an open one; into new axes and into given ones; the style
    of the caller is as before."""
    kind, arguments, says = FIGURES[name]
    draw, before = getattr(package.plot, name), dict(plt.rcParams)
    new = draw(files[kind], *arguments)
    assert says in texts_of(new) and len(np.ravel(new)) == (3 if name in THREE else 1)
    figure, given = plt.subplots(1, 3 if name in THREE else 1)
    opened = files[kind] if kind == "fit" else package.open(files[kind])
    assert draw(opened, *arguments, given) is given and says in texts_of(given)
    np.ravel(new)[0].figure.canvas.draw()
    figure.canvas.draw()
    if name not in THREE:
        again = draw(opened, *arguments, title="of my own", style="dark_background")
        assert again.get_title() == "of my own"
        assert again.get_facecolor() == (0, 0, 0, 1) or name in ("allowed_rows",)
        assert draw(opened, *arguments, title="").get_title() == ""
    if kind in ("survey", "ranked"):
        assert opened.samples == 50000 and opened.file  # it stays open
        opened.close()
    assert dict(plt.rcParams) == before
    plt.close("all")


def test_lines_are_the_numbers(package, files):
    """The curves are what the files hold."""
    bound = package.open(files["bound"])
    axis = package.plot.largest_g(bound)
    assert any(np.array_equal(line.get_ydata(), bound.g_max) for line in axis.lines)
    plane = package.open(files["plane"])
    axis = package.plot.plane(plane)
    curve = plane.constraints["ccfr"]["g_max"][1]
    assert any(np.array_equal(line.get_ydata(), curve) for line in axis.lines)
    with package.open(files["survey"]) as survey:
        bars = package.plot.cutflow(survey).patches
        cutflow = survey.cutflow()
        shares = {round(float(n) / cutflow.attrs["drawn"], 9) for n in cutflow["passed"]}
        assert shares <= {round(bar.get_x() + bar.get_width(), 9) for bar in bars}
    with package.open(files["ranked"]) as ranked:
        least = min(ranked.file["profiles/phase12"])
        for name in ("wu11_abs2", "phase23", "log10_g"):
            drawn = package.plot.profile(ranked, name).patches[0].get_data().values
            above = np.asarray(ranked.file["profiles"][name]) - least
            assert np.array_equal(drawn, np.where(np.isfinite(above), above, np.nan), True), name
        name = "wu12_abs2__wu13_abs2"
        drawn = package.plot.profile(ranked, name).collections[0].get_array()
        above = np.asarray(ranked.file["profiles"][name]) - least
        assert np.array_equal(np.ravel(drawn.filled(np.inf)), np.ravel(above.T))
    plt.close("all")


def test_levels_of_profiles(package, files):
    """No curve lies on the axis; levels stand where there is a profile, bins are coloured by them;
    with g solved for there are none in g."""
    double = "wu12_abs2__wu13_abs2"
    for kind, in_g in (("ranked", 2), ("within", 0)):
        axis = package.plot.profile(files[kind], "log10_g")
        assert len([line for line in axis.lines if line.get_label().endswith("CL")]) == in_g
        assert axis.get_ylim()[0] < 0 and (axis.get_legend() is not None) == (in_g > 0)
        axis = package.plot.profile(files[kind], double)
        assert len(axis.collections) == 1 and axis.collections[0].norm.boundaries[1] == 2.30
        bar = axis.collections[0].colorbar.ax
        bar.figure.canvas.draw()
        assert "2.30 (68.3 %)" in [label.get_text() for label in bar.get_yticklabels()]
    plt.close("all")


def test_figures_of_a_fit(package, files):
    """The lines are the numbers; a pull beyond the axis is marked."""
    fit = files["fit"]
    axis = package.plot.chi2(fit)
    for values in (fit.chi2, fit.chi2_no_zprime):
        assert any(np.array_equal(line.get_ydata(), values) for line in axis.lines)
    for shift in (0.0, 1e3 * fit.chi2.max()):  # far from 0 the axis does not begin there
        for scale in (1.0, 1e-3):  # and a difference of chi^2 that means nothing does not fill it
            far = copy.deepcopy(fit)
            for values in (far.chi2, far.chi2_no_zprime, far.chi2_proven):
                values[:] = scale * values + shift
            low, high = package.plot.chi2(far).get_ylim()
            assert low <= shift + scale * fit.chi2_proven.min() < high
            assert (low > 0) == (shift > 0) and (shift == 0.0 or high - low >= 1.0)
    flat = copy.deepcopy(fit)
    for values in (flat.chi2, flat.chi2_no_zprime, flat.chi2_proven):
        values[:] = 0.364
    assert package.plot.chi2(flat).get_ylim()[0] <= 0
    bars = [path.vertices[:, 1] for path in axis.collections[0].get_paths()]
    assert np.array_equal(bars, np.column_stack([fit.chi2_proven, fit.chi2]))
    for pull, marked in ((4.0, False), (-400.0, True)):
        found = copy.deepcopy(fit)
        shown = [c for c in found.point()["constraints"] if c["likelihood"]["kind"] != "none"]
        shown[0]["pull"] = pull
        axis = package.plot.pulls(found)
        assert len(axis.patches) == len(shown) < len(found.point()["constraints"])
        assert ("beyond the axis" in axis.get_xlabel()) == marked
        assert any(line.get_marker() == "<" for line in axis.lines) == marked
        assert f"{pull:+.3g}" in " ".join(label.get_text() for label in axis.texts)
    for call in (lambda: package.plot.chi2(files["survey"]), lambda: package.plot.pulls(3)):
        with pytest.raises(package.ArgumentError, match="what bl23.bestfit gives"):
            call()
    with pytest.raises(package.ArgumentError, match="nothing was fitted at 0.5 GeV"):
        package.plot.pulls(fit, 0.5)
    plt.close("all")


def test_plot_bestfit(package, files, folder):
    """The script draws what the program prints, and says what is amiss."""
    path = os.path.join(folder, "fit.json")
    with open(path, "w", encoding="utf-8") as file, package.command.config_file(CONFIG) as config:
        file.write(package.command.run("bestfit", config, "--json", "--starts", "2"))
    assert draw("plot_bestfit", path, "--formats", "png", "--mass", "0.02") == (0, "")
    assert os.path.getsize(os.path.join(folder, "fit.png")) > 5000
    for arguments, says in (((path, "--mass", "1"), "nothing was fitted at 1.0 GeV; the fit has 3"),
                            ((path + ".none",), "cannot be read: No such file"),
                            ((files["survey"],), "is not what 'bl23 bestfit --json' prints"),
                            ((files["bound"],), "lacks a part of such a file: chi2")):
        code, said = draw("plot_bestfit", *arguments)
        assert code == 2 and says in said and said.count("\n") < 5, said


def all_texts(figure):
    """All that a figure says."""
    figure.draw_without_rendering()
    return " ".join(text.get_text() for text in figure.findobj(matplotlib.text.Text))


def test_profiles_of_a_survey(package, files, folder, capsys, monkeypatch):
    """What the footnote says of g; how much of the survey is there; nothing of a single row."""
    survey_plots = module_of("plot_survey")
    part = shutil.copy(files["within"], os.path.join(folder, "part.h5"))
    with t.h5py.File(part, "r+") as file:
        file.attrs["survey_samples"] *= 2
    drawn = {}
    for path in (files["ranked"], files["within"], part, files["one_row"]):
        with package.open(path) as survey:
            saved = []
            monkeypatch.setattr(survey_plots, "save", lambda figure, *_, saved=saved:
                                saved.append(all_texts(figure)))
            survey_plots.profile_plots.draw_profiles(survey, "x")
            drawn[path] = saved[0] if saved else None
    assert "only at its best" not in drawn[files["ranked"]]
    assert "only at its best" in drawn[files["within"]]
    assert "unfinished" not in drawn[files["within"]] and "(unfinished: 50 %" in drawn[part]
    assert drawn[files["one_row"]] is None and "are left out" in capsys.readouterr().err


def test_survivors_by_chi2(package, files):
    """With chi2_max survivors are not those of the cuts, and figures and reports say so."""
    with package.open(files["within"]) as survey:
        assert survey.passed > 0 and survey.cutflow()["passed"][-1] == 0
        texts = [survey.title(), repr(survey), package.report(survey)]
        for name in ("draw_cutflow", "draw_histograms"):
            texts.append(all_texts(drawn_by("plot_survey", name, survey, "x")))
        texts.append(all_texts(drawn_by("plot_survey", "draw_fig3", survey, "x", None)))
        texts.append(all_texts(package.plot.rows(survey, "g").figure))
        best = survey.survivors(["g_bl"])["g_bl"].max()
        mesh = plt.gcf().axes[0].collections[0]
        assert abs(1e5 * best - mesh.get_array().max()) < 1e-9 * mesh.get_array().max()
    for text in texts[:-1]:
        assert not re.search(r"within [12]|survives?\b|samples pass|geometric|least tension|"
                             "meet all|passes\nall", text), text
        assert re.search(r"chi\^2(\\leq\$ 9| up to 9)", text), text
    assert "best-fit" in texts[-1]
    for words in ("samples of least chi^2", "Least chi^2 of all samples", "<th>chi2</th>"):
        assert words in texts[2], words
    plt.close("all")


def test_refused(package, files, folder):
    """All is bl23.Error, in a sentence."""
    lacking = shutil.copy(files["ranked"], os.path.join(folder, "lacking.h5"))
    with t.h5py.File(lacking, "r+") as file:
        del file["profiles/phase12"], file["cutflow/passed_alone"]
    for call in (lambda p: p.profile(lacking, "phase12"), lambda p: p.cutflow(lacking)):
        with pytest.raises(package.FileError, match="lacking.h5 lacks a part of such a file"):
            call(package.plot)
    ranked = files["ranked"]
    for name in (None, 3, ["phase12"], ("phase12",), b"phase12", "wu12_abs2_mid"):
        with pytest.raises(package.ArgumentError, match="it has log10_g, phase12.*wu13_abs2$"):
            package.plot.profile(ranked, name)
    for call, says in ((lambda p: p.profile(ranked, "phase12", style="nope"), "must be a style"),
                       (lambda p: p.answer(files["plane"], style="nope"), "must be a style"),
                       (lambda p: p.plane(files["plane"], style=3), "must be a style"),
                       (lambda p: p.profile(ranked, "phase12", ax=3), "ax must be Axes"),
                       (lambda p: p.answer(files["plane"], ax=3), "ax must be Axes"),
                       (lambda p: p.answer(3), "folder must be"),
                       (lambda p: p.phases(ranked, axes=[3]), "axes must be 3 Axes"),
                       (lambda p: p.phases(ranked, star="x"), "star must be three"),
                       (lambda p: p.profile(ranked, "wu13_abs2__wu12_abs2"),
                        "it has wu12_abs2__wu13_abs2$"),
                       (lambda p: p.plane(files["cover"]), "is made of a Plane"),
                       (lambda p: p.cutflow(files["bound"]), "is made of a Survey, not of a Bound"),
                       (lambda p: p.histogram(files["survey"], "nothing"), "no histogram"),
                       (lambda p: p.profile(files["survey"], "phase12"), "has no profiles"),
                       (lambda p: p.rows(files["survey"], "nothing"), "a map of rows is one of")):
        with pytest.raises(package.ArgumentError, match=says):
            call(package.plot)
    with pytest.raises(FileNotFoundError):
        package.plot.plane(files["plane"] + ".none")


class Page(html.parser.HTMLParser):
    """What a page says, whether its tags are closed, and what it takes from elsewhere."""

    EMPTY = ("meta", "img", "br")

    def __init__(self, text):
        super().__init__()
        self.open, self.images, self.said, self.outside = [], [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        if tag not in self.EMPTY:
            self.open.append(tag)
        for key, value in attrs:
            if key in ("src", "href") and not value.startswith("data:"):
                self.outside.append(value)
            elif key == "src":
                self.images.append(base64.b64decode(value.split(",")[1]))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.said.append(data)


@pytest.mark.parametrize("kind, images, says", (
    ("survey", 7, ("of 50000 samples pass", "Cut-flow", "Best points", "bl23 replay x.survey")),
    ("plane", 1, ("scenario 2", "bl23 plane")),
    ("bound", 2, ("Of 3 masses", "bl23 bound --verify x.bound")),
    ("cover", 3, ("Haar measure", "bl23 cover --verify x.cover"))))
def test_report(package, files, folder, kind, images, says):
    """Question, verdict, figures, tables, limits, citations, command; nothing from elsewhere."""
    path = os.path.join(folder, "x.html")
    text = package.report(files[kind], path, title="<A & B>")
    assert t.read(path).decode() == text and package.report(files[kind], title="<A & B>") == text
    page = Page(text)
    before_bibtex = re.sub(r"@\w+{.*", "", text, flags=re.S)
    assert not page.open and not page.outside and "http" not in before_bibtex
    assert len(page.images) == images and all(i.startswith(b"\x89PNG") for i in page.images)
    said = " ".join(page.said)
    for words in (*says, "<A & B>", "Limits", "koto_events", "Kang:2020", "not stated", "paper2020",
                  "Configuration", "@misc{bl23"):
        assert words in said, words
    model = package.Model(package.open(files[kind]).config)
    assert all(name in said for name in model.limits(0.1).names)


def test_report_without_survivors(package, folder):
    path = os.path.join(folder, "none.h5")
    with package.survey("@open_question", path, samples=50000) as survey:
        text = package.report(survey)
        assert survey.file  # it stays open
    page = Page(text)
    assert "None of 50000 samples passes." in page.said and "b0_k0_inv" in text
    assert len(page.images) == 2 and "Survey none.h5" in page.said


@pytest.mark.parametrize("more, sets, notes", (
    ({"chi2_max": 20}, ["paper2020", "charm_known"], (
        "d_life has no likelihood, so chi^2 does not count it.",
        "A branching ratio above 1 makes 10 of the 10 best points below impossible, whatever their "
        "chi^2 is.")),
    ({}, ["paper2020", "charm_known"], ("d_life has no likelihood, so chi^2 does not count it.",)),
    ({"chi2_max": 20}, ["paper2020"], ())))
def test_notes_of_chi2(package, folder, more, sets, notes):
    """As the summary of the program: what chi^2 does not count, and what is impossible."""
    survey = {"samples": 8192, "mass_gev": {"fixed": 0.128}, **more}
    config = {"survey": survey, "constraints": {"sets": sets}, "output": {"rank": "chi2"}}
    with package.survey(config, os.path.join(folder, "x.h5")) as opened:
        said = Page(package.report(opened)).said
        best = opened.nearest().take(slice(10))
    rates = np.array([best[name] for name in best if name.startswith("br_")])
    assert len(notes) < 2 or (rates.max(axis=0) > 1).all()
    assert tuple(s for s in said if "likelihood, so" in s or "impossible" in s) == notes


def test_hostile_names(package, folder):
    """What a file names is text of a page, not a part of it."""
    path = os.path.join(folder, "x.h5")
    package.survey("@fig3", path, samples=4096).close()
    with t.h5py.File(path, "r+") as file:
        names = file["cutflow/name"]
        names[0] = b"<script>&$x"[:names.dtype.itemsize or None]
    page = Page(package.report(path))
    assert not page.open and any("<script>&$x" in said for said in page.said)


def test_names_of_limits(package, source):
    """Every shipped limit has a name of its own, which matplotlib can draw."""
    names = __import__("bl23.limit_names", fromlist=["NAMES"])
    listed = set()
    for path in sorted(os.listdir(os.path.join(source, "tables", "data"))):
        if path.endswith(".yaml"):
            listed |= set(re.findall(r"^ *-? *\{?name: *(\w+)", t.read(
                os.path.join(source, "tables", "data", path)).decode(), flags=re.M))
    assert len(listed) > 25 and listed <= set(names.NAMES), listed - set(names.NAMES)
    figure = plt.figure()
    for name in names.NAMES:
        figure.text(0.5, 0.5, names.shown_name(name))
    figure.canvas.draw()
    assert names.shown_name("mine_$x") == r"mine_\$x"
    plt.close(figure)


def test_excluded_side(package, files):
    """The colour of a limit is on the side that it excludes, and no region is hatched."""
    plane = package.open(files["plane"])
    axis = package.plot.plane(plane)
    assert not any(c.get_hatch() for c in axis.collections)
    ccfr = plane.constraints["ccfr"]["g_max"][1]
    fringes = [c.get_paths()[0].vertices for c in axis.collections if c.get_zorder() == 2
               and len(c.get_paths()) == 1 and len(c.get_paths()[0].vertices) > 3]
    below = [np.isin(np.round(v[:, 1], 12), np.round(ccfr, 12)).sum() for v in fringes]
    fringe = fringes[int(np.argmax(below))]
    assert max(below) > 1000 and fringe[:, 1].min() >= ccfr.min() * (1 - 1e-12)
    assert fringe[:, 1].max() > ccfr.max()
    assert len(axis.child_axes) == 1 and axis.child_axes[0].get_xlim() == (0.108, 0.160)
    plt.close("all")
