# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
"""The package bl23 and files: what it lets the program write, and what it opens."""
import json
import os
import signal
import subprocess
import sys
import time

import h5py
import numpy as np
import pytest
import survey_tools as t

SMALL = """survey: {samples: 20000, mass_gev: {list: [0.02, 0.14]},
  g_bl: {log_uniform: [1e-6, 1e-3]}}
constraints: {sets: [paper2020], without: [gm2, ccfr, na62_pi0, e949]}
output: {histograms: [[wu12_abs2, wu13_abs2]]}
"""


@pytest.fixture(scope="module", name="files")
def the_files(package, shared):
    """A survey, a plane, bounds and a cover, by the functions of the package."""
    paths = {kind: os.path.join(shared, "x." + kind) for kind in
             ("survey.h5", "plane.h5", "bound.json", "cover.h5")}
    package.survey(SMALL, paths["survey.h5"]).close()
    package.plane("@benchmark", paths["plane.h5"])
    package.bound(SMALL, paths["bound.json"])
    package.cover(SMALL, paths["cover.h5"], cells=2000, samples=8192)
    return paths


def test_survey(package, files):
    with package.open(files["survey.h5"]) as survey, h5py.File(files["survey.h5"]) as file:
        assert isinstance(survey, package.Survey) and survey.samples == 20000
        assert survey.passed == file.attrs["passed"] > 0
        table = survey.survivors(["tension", "g_bl"])
        assert list(table) == ["index", "tension", "g_bl"] and table.units["g_bl"] == "1"
        assert np.array_equal(table["tension"], file["survivors/tension"][:])
        assert survey.nearest().rows == len(file["nearest/index"])
        cutflow = survey.cutflow()
        assert list(cutflow["name"]) == [n.decode() for n in file["cutflow/name"]]
        assert "koto_events" in cutflow._repr_html_() and cutflow.to_pandas().shape[1] == 3
        counts, x, y = survey.histogram("wu12_abs2__wu13_abs2")
        assert counts.sum() == survey.passed and len(x) == counts.shape[0] + 1 == len(y)
        assert package.Model(survey.config).resolved == survey.config
        assert survey.bibtex == package.cite(files["survey.h5"]) == package.Model(SMALL).bibtex
        for call in (lambda: survey.survivors(["nothing"]), lambda: survey.histogram("nothing")):
            with pytest.raises(package.ArgumentError, match="nothing"):
                call()
        assert "20000 samples" in repr(survey)
    assert "(closed): " in repr(survey)
    for call in (survey.survivors, survey.cutflow, lambda: survey.config):
        with pytest.raises(package.ArgumentError, match="is closed; open its file again"):
            call()
    model = package.Model(files["survey.h5"])
    assert model.samples(0, 3, ["tension"]).rows == 3


@pytest.mark.parametrize("kind, says", (
    ("survey.h5", ("of 20000 samples pass", "2 masses from 0.02 to 0.14 GeV", "koto_events")),
    ("plane.h5", ("2000 masses from", "scenario 2", "koto_events")),
    ("bound.json", ("2 masses from 0.02 to 0.14 GeV", "2 open", "least tension", "paper2020")),
    ("cover.h5", ("2 masses from 0.02 to 0.14 GeV", "excluded by proof", "is allowed"))))
def test_shown(package, files, kind, says):
    """What a file is and says, in one line."""
    opened = package.open(files[kind])
    shown = repr(opened)
    assert shown.startswith("<bl23 ") and "\n" not in shown, shown
    for part in says:
        assert part in shown, (part, shown)


def test_plane(package, files):
    plane = package.open(files["plane.h5"])
    again = package.plane("@benchmark")
    with h5py.File(files["plane.h5"]) as file:
        order = np.argsort(file["mass_gev"])
        assert np.array_equal(plane.mass, file["mass_gev"][:][order])
        for name, constraint in plane.constraints.items():
            expected = file[f"constraints/{name}/g_max"][:][:, order]
            assert np.array_equal(constraint["g_max"], expected)
            assert np.array_equal(again.constraints[name]["g_max"], expected)
    assert plane.scenario == 2 and package.plane("@benchmark", scenario=1).scenario == 1


def test_bound(package, files):
    bound = package.open(files["bound.json"])
    with open(files["bound.json"], encoding="utf-8") as file:
        rows = json.load(file)["masses"]
    assert np.allclose(bound.mass, [1e3 * row["mass_gev"] for row in rows], rtol=1e-15)
    assert np.array_equal(bound.g_max, [row["g_max_proven"] for row in rows])
    assert bound.states == [row["state"] for row in rows]


def test_bestfit(package):
    """Arrays, points and texts are what the program prints, and the library agrees."""
    config = SMALL.replace(", without: [gm2, ccfr, na62_pi0, e949]", "")
    fit = package.bestfit(config, starts=4)
    with package.command.config_file(config) as path:
        rows = json.loads(package.command.run("bestfit", path, "--json", "--starts", 4))["masses"]
    for name in ("mass_gev", "chi2", "chi2_proven", "chi2_no_zprime", "chi2_g"):
        assert np.array_equal(getattr(fit, name), [row[name] for row in rows]), name
    assert np.array_equal(fit.p_value, [row["p_value"] or np.nan for row in rows], True)
    assert fit.w.shape == (2, 3) and fit.w[1, 2] == complex(*rows[1]["w"][2])
    assert (fit.chi2_proven <= fit.chi2).all() and (fit.chi2 < fit.chi2_no_zprime).all()
    table = package.Model(config).points(fit.mass_gev, fit.w, fit.chi2_g, ["chi2"])
    assert np.allclose(table["chi2"], fit.chi2, rtol=1e-12)
    assert fit.point() == fit.point(fit.mass_gev[fit.best]) and fit.chi2[fit.best] == min(fit.chi2)
    assert fit.point(0.02) == rows[0]["point"]
    assert sum(c["pull"]**2 for c in fit.point()["constraints"]) == pytest.approx(min(fit.chi2))
    for mass in (0.05, "x", [0.02]):
        with pytest.raises(package.ArgumentError, match="nothing was fitted at"):
            fit.point(mass)
    assert "2 masses from 0.02 to 0.14 GeV" in repr(fit) and "without" in fit._repr_html_()
    for text in ("x", "[]", "{}", '{"masses": [3]}'):
        with pytest.raises(package.FileError, match="is not what 'bl23 bestfit --json' prints"):
            package.Fit(text)


def test_cover(package, files):
    cover = package.open(files["cover.h5"])
    with h5py.File(files["cover.h5"]) as file:
        assert np.array_equal(cover.upper, file["cover/volume_upper"])
    assert (cover.inside <= cover.upper).all() and cover.volume.sum() <= 1


REFUSED = {
    "misuse": (lambda b, f: b.survey(SMALL, f, samples=-1), "ConfigError", "--samples"),
    "no option": (lambda b, f: b.survey(SMALL, f, speed=9), "ConfigError", "--speed"),
    "no file": (lambda b, f: b.bound("none.yaml"), "ConfigError", "none.yaml cannot be read"),
    "no survey": (lambda b, f: b.cover("@nothing"), "ConfigError", "@nothing"),
    "no scenario": (lambda b, f: b.plane("@fig3", scenario=7), "ConfigError", "scenario"),
    "no folder": (lambda b, f: b.survey(SMALL, f + "/no/x.h5"), "ConfigError", "x.h5"),
    "exists": (lambda b, f: b.bound(SMALL, __file__), "Error", "test_python_files.py"),
    "no key": (lambda b, f: b.survey({"survey": {"speed": 1}}, f), "ConfigError", "speed"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refused(package, folder, case):
    """The program's sentence becomes an exception; nothing is written."""
    call, kind, says = REFUSED[case]
    with pytest.raises(getattr(package, kind)) as refused:
        call(package, os.path.join(folder, "x.h5"))
    assert says in str(refused.value) and not str(refused.value).startswith("bl23:")
    assert not os.listdir(folder)


def test_options(package, bl23, folder):
    """Options are words; a survey that is there is shown again, or made longer."""
    path = os.path.join(folder, "x.h5")
    package.survey(SMALL, path, samples=5000, threads=1).close()
    with package.survey(SMALL, path, samples=9000.0, extend=True, force=False) as survey:
        assert survey.samples == 9000
    with package.survey({"survey": {"samples": 4096, "mass_gev": {"fixed": 0.14}},
                         "constraints": {"sets": ["paper2020"]}}, path, force=True) as survey:
        assert survey.samples == 4096
    with package.survey(package.Model("@fig3"), path, samples=4096, force=True) as survey:
        assert survey.settings["survey"]["samples"] == "4096"
    assert package.program() == bl23


def test_not_found(package, folder, monkeypatch):
    monkeypatch.delenv("BL23_PROGRAM")
    monkeypatch.setenv("PATH", folder)
    with pytest.raises(package.LibraryNotFound, match="BL23_PROGRAM"):
        package.survey(SMALL, os.path.join(folder, "x.h5"))


@pytest.mark.parametrize("content, says", (
    (b"", "neither HDF5"), (b"text", "neither HDF5"), (b"{", "JSON"), (b"{}", "bl23 bound file"),
    (b"\x89HDF\r\n\x1a\n" + bytes(100), ""), (None, "is not a survey")))
def test_no_such_file(package, folder, content, says):
    path = os.path.join(folder, "x")
    if content is None:
        h5py.File(path, "w").close()
    else:
        with open(path, "wb") as file:
            file.write(content)
    with pytest.raises(package.FileError) as refused:
        package.open(path)
    assert says in str(refused.value) and path in str(refused.value)
    for call in (package.open, package.report):
        with pytest.raises(package.MissingFile) as refused:
            call(path + ".none")
        assert isinstance(refused.value, FileNotFoundError)
        assert (f"{path}.none cannot be read (No such file or directory); name a file that bl23 "
                in str(refused.value))
    with pytest.raises(package.ReadError, match=r"\(Is a directory\); name a file"):
        package.open(folder)


def test_damaged(package, files, folder):
    path = os.path.join(folder, "x.h5")
    for damage, says in ((lambda f: f.attrs.modify("passed", 10**9), "counts"),
                         (lambda f: f.attrs.modify("format_version", 3), "format_version 3"),
                         (lambda f: f.__delitem__("tables"), "lacks a part")):
        with open(path, "wb") as file:
            file.write(t.read(files["survey.h5"]))
        with h5py.File(path, "r+") as file:
            damage(file)
        with pytest.raises(package.FileError, match=says) as refused:
            package.open(path)
        with h5py.File(path, "r+"):  # it is not kept open, though the exception has its frames
            assert refused.traceback


INTERRUPTED = """
import bl23
try:
    bl23.survey("@open_question", {path!r}, samples=1e15, commit=600)
except KeyboardInterrupt:
    print("interrupted")
"""


def test_interrupted(package, bl23, source, folder):
    """An interruption of Python stops the program, which keeps its work."""
    path = os.path.join(folder, "x.h5")
    environment = dict(os.environ, PYTHONPATH=os.path.join(source, "host", "python"))
    with subprocess.Popen([sys.executable, "-B", "-c", INTERRUPTED.format(path=path)],
                          env=environment, stdout=subprocess.PIPE, text=True) as process:
        until = time.monotonic() + 60
        while not os.path.isdir(path + ".run") and time.monotonic() < until:
            time.sleep(0.05)
        time.sleep(1.5)
        process.send_signal(signal.SIGINT)
        assert process.communicate(timeout=60)[0] == "interrupted\n"
    partial = os.path.join(folder, "partial.h5")
    t.run_ok([bl23, "merge", "--partial", path, "-o", partial])
    with package.open(partial) as survey:
        assert 0 < survey.samples < survey.survey_samples


def test_no_cutflow_of_a_cover(package, bl23, surveys, tmp_path):
    """Where samples are drawn from a cover none is counted: there is nothing to draw."""
    out = str(tmp_path / "cover.h5")
    command = [bl23, "survey", os.path.join(surveys, "charm_allowed.yaml"), "-o", out, "--quiet"]
    t.run_ok([*command, "--samples", "1e4"])
    with package.open(out) as survey:
        assert not survey.has_cutflow and len(survey.survivors()["g_bl"]) > 0
        with pytest.raises(package.FileError, match="has no cut-flow"):
            survey.cutflow()
