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


# ---- chains ----

FIT = """survey: {samples: 60000, mass_gev: {list: [0.13, 0.14]}, chi2_max: 40,
  g_bl: {log_uniform: [1e-5, 1e-3]}}
constraints: {sets: [world_2026], without: [gm2_wp2025]}
output: {rank: chi2}
"""
SOLVED = """survey: {samples: 20000, mass_gev: {list: [0.14, 0.5]}, chi2_max: 1000}
constraints: {sets: [paper2020]}
output: {rank: chi2}
"""  # at 0.5 GeV no g meets the cuts: K_L -> pi0 Z' is closed


@pytest.fixture(scope="module", name="fits")
def the_fits(package, shared):
    """Surveys that rank by chi^2: g drawn, and g solved for."""
    paths = {name: os.path.join(shared, name + ".h5") for name in ("drawn", "solved")}
    package.survey(FIT, paths["drawn"]).close()
    package.survey(SOLVED, paths["solved"]).close()
    return paths


def test_getdist(package, fits, files, source):
    """Means and variances are those of numpy; likelihoods, labels and ranges arrive."""
    sys.path.append(os.path.join(source, "build", "python"))
    pytest.importorskip("getdist", reason="getdist is not installed (pip)")
    with package.open(fits["drawn"]) as survey:
        table, samples = survey.survivors(), survey.getdist()
        equal = survey.getdist(["g_bl", "level"], weights="equal")
        for call, kind, says in (
                (lambda: survey.getdist(weights="no"), package.ArgumentError, "'likelihood' or"),
                (lambda: survey.getdist(["no"]), package.ArgumentError, "no column 'no'")):
            with pytest.raises(kind, match=says):
                call()
    like = table["LogLike"]
    weights = np.exp(like - like.max())
    assert samples.numrows == table.rows > 1000 and weights.sum() < 0.9 * table.rows
    names = samples.paramNames.list()
    assert {"mass_gev", "g_bl", "wu12_abs", "br_bp_kp", "chi2"} < set(names)
    assert not {"index", "level", "LogLike"} & set(names)
    for name in names:
        mean = np.average(table[name], weights=weights)
        variance = np.average((table[name] - mean) ** 2, weights=weights)
        assert samples.mean(name) == pytest.approx(mean, rel=1e-9, abs=1e-9 * variance ** 0.5)
        assert samples.var(name) == pytest.approx(variance, rel=1e-9), name
    assert np.allclose(samples.loglikes, -like, rtol=1e-14, atol=0)
    assert np.allclose(samples.weights, weights, rtol=1e-12, atol=0)
    assert samples.parLabel("g_bl") == "g_{B-L}"
    for name, low, high in (("g_bl", 1e-5, 1e-3), ("mass_gev", 0.13, 0.14), ("chi2", 0, 40),
                            ("wu11_phase", -np.pi, np.pi), ("br_bp_kp", 0, None)):
        assert (samples.ranges.getLower(name), samples.ranges.getUpper(name)) == (low, high), name
    assert samples.ranges.periodic == {f"wu1{i}_phase" for i in (1, 2, 3)}
    assert equal.paramNames.list() == ["g_bl", "level"] and (equal.weights == 1).all()
    assert equal.mean("g_bl") == pytest.approx(table["g_bl"].mean(), rel=1e-12)
    with package.open(fits["solved"]) as survey:
        assert "g_min" not in survey.getdist().paramNames.list()
        with pytest.raises(package.ArgumentError, match="g_min is not finite for"):
            survey.getdist(["wu11_abs", "g_min"])
    with package.open(files["survey.h5"]) as survey:
        cuts = survey.getdist(["g_bl"])
        assert (cuts.weights == 1).all() and cuts.loglikes is None
        with pytest.raises(package.FileError, match="has no LogLike: .*rank: chi2"):
            survey.getdist(weights="likelihood")


def test_without_getdist(package, fits, monkeypatch):
    monkeypatch.setitem(sys.modules, "getdist", None)
    with package.open(fits["drawn"]) as survey:
        with pytest.raises(package.LibraryNotFound, match="pip install getdist"):
            survey.getdist()


def test_to_gambit(package, fits, files, tmp_path):
    """What pippi and GAMBIT's reader ask for: columns of one length in a group, each with NAME and
    NAME_isvalid, pointID and MPIrank, which tell points apart, and their types."""
    out = str(tmp_path / "fit.hdf5")
    with package.open(fits["solved"]) as survey:
        survey.to_gambit(out)
        table = survey.survivors()
        for path, kind, says in ((out, package.FileError, "exists; choose another name"),
                                 (out[:-2], package.ArgumentError, "must end in .hdf5"),
                                 (str(tmp_path / "no" / "x.hdf5"), package.ReadError, "written")):
            with pytest.raises(kind, match=says):
                survey.to_gambit(path)
    with h5py.File(out) as file:
        group = file["data"]
        names = [name for name in group if not name.endswith("_isvalid")]
        assert set(group) == {*names, *(f"{name}_isvalid" for name in names)}
        assert set(names) == {"pointID", "MPIrank", *table} - {"index"} and "LogLike" in names
        assert {group[name].shape for name in group} == {(table.rows,)}
        columns = [name for name in names if name not in ("MPIrank", "pointID")]
        assert columns[0] == "LogLike"  # so that pippi numbers it 2, after these two
        assert group["pointID"].dtype == np.uint64 and group["MPIrank"].dtype == np.int32
        assert (group["MPIrank"][:] == 0).all()
        assert np.array_equal(group["pointID"][:], table["index"])
        for name in names:
            valid = group[f"{name}_isvalid"]
            values = table[{"pointID": "index"}.get(name, name)] if name != "MPIrank" else 0
            assert valid.dtype == np.int32
            assert np.array_equal(group[name][:], np.broadcast_to(values, table.rows))
            assert np.array_equal(valid[:], np.isfinite(group[name][:])), name
        valid = group["g_min_isvalid"][:]
        assert 0 < valid.sum() < len(valid) == table.rows and group["LogLike_isvalid"][:].all()
    with package.open(fits["solved"]) as survey:
        survey.to_gambit(out, ["g_bl"], force=True)
    with h5py.File(out) as file:
        assert {n for n in file["data"] if not n.endswith("_isvalid")} == {
            "LogLike", "MPIrank", "g_bl", "pointID"}
    with package.open(files["survey.h5"]) as survey, pytest.raises(package.FileError,
                                                                   match="rank: chi2"):
        survey.to_gambit(str(tmp_path / "cuts.hdf5"))
    short = FIT.replace("60000", "4096")
    for text in (short.replace("rank: chi2", "rank: chi2, store: index"),
                 short.replace("chi2_max: 40", "chi2_max: 0")):
        with package.survey(text, str(tmp_path / "x.h5"), force=True) as survey, pytest.raises(
                package.FileError, match="holds no survivors with their columns"):
            survey.to_gambit(out, force=True)


def test_labels(package, fits):
    """Every column of a survey has a label, a formula that matplotlib knows."""
    mathtext = pytest.importorskip("matplotlib.mathtext").MathTextParser("path")
    from bl23.column_labels import AXES, COLUMNS  # pylint: disable=import-outside-toplevel
    with package.open(fits["solved"]) as survey:
        needed = {*survey.survivors(), *package.columns()}
    assert needed - set(COLUMNS) == {"index", "survives", "tension_g_free"}
    for label in (*COLUMNS.values(), *AXES.values()):
        mathtext.parse(f"${label}$")
