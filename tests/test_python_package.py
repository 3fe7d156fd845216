# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
"""The package bl23: the numbers of the program, bit for bit, for 1 and 4 threads; bad input."""
import concurrent.futures
import json
import os
import pathlib
import pickle
import subprocess
import sys

import h5py
import numpy as np
import pytest
import survey_tools as t

W = [0.62 + 0.1j, -0.3 - 0.42j, 0.66j]
SETS = ("paper2020", "b_invisible_2021")
FOLDER = pathlib.Path(__file__).parent.parent / "scripts" / "surveys"
SURVEYS = sorted(str(path.relative_to(FOLDER).with_suffix("")) for path in FOLDER.rglob("*.yaml"))
LOOSE = """survey: {samples: 100000, seed: 3, mass_gev: {uniform: [0.11, 0.16], knots: 8}}
constraints: {extra: [{name: loose, observable: g_bl, upper: 9, cl: 0.9, cite: me}]}
output: {columns: all}
"""


def random_points(n, seed=1):
    rng = np.random.default_rng(seed)
    w = rng.normal(size=(n, 3)) + 1j * rng.normal(size=(n, 3))
    return rng.uniform(0.001, 4.7, n), w, 10**rng.uniform(-6, -2, n)


def of_program(bl23, mass, w, g, *options):
    written = ",".join(f"{z.real!r}{z.imag:+.17g}j" for z in w)
    given = ["--g", repr(float(g))] if g is not None else []
    done = t.run_ok([bl23, "point", "--mass", repr(float(mass)), f"--w={written}", "--json",
                     *given, *options])
    return json.loads(done.stdout)


def assert_same(found, expected, what):
    """Equal bits; null of JSON is a number that is not finite."""
    if expected is None:
        assert not np.isfinite(found), what
    else:
        assert np.float64(found).tobytes() == np.float64(expected).tobytes(), (
            what, found, expected)


@pytest.mark.parametrize("sets, sigma, inputs", (
    (SETS, 2, None), ("current,charm_known,charm_mixing", 1, "pdg2024")))
@pytest.mark.parametrize("given", (True, False))
def test_point(package, bl23, sets, sigma, inputs, given):
    """Columns and constraints of `bl23 point --json`; points gives the same for 1 and 4 threads."""
    names = sets if isinstance(sets, str) else ",".join(sets)
    options = ["--constraints", names, "--sigma", str(sigma), "--inputs", inputs or "pdg2018"]
    model = package.Model(constraints=sets, sigma=sigma, inputs=inputs)
    mass, w, g = random_points(8)
    mass[:4], w[1], kinds = (0.128, 0.14, 0.0211, 1e-3), (1, 0, -2j), set()
    couplings = g if given else None
    one, four = (model.points(mass, w, couplings, threads=threads) for threads in (1, 4))
    for k, m in enumerate(mass):
        expected = of_program(bl23, m, w[k], g[k] if given else None, *options)
        point = model.point(m, g[k] if given else None, w=w[k])
        assert set(point.values) == set(one) == set(package.columns())
        for name, value in point.values.items():
            for found in (value, one[name][k], four[name][k]):
                assert_same(found, expected[name], (name, m))
        assert point.survives == expected["survives"] and point.level == expected["level"]
        assert len(point.constraints) == len(expected["constraints"]) > 4
        for limit, found in zip(point.constraints, expected["constraints"]):
            for name in ("name", "observable", "cite", "note"):
                assert getattr(limit, name) == found[name]
            assert_same(limit.value, found["value"], found)
            assert_same(limit.ratio, found["ratio"], found)
            assert_same(limit.upper, found["upper"], found)
            assert (limit.lower, limit.confidence_level, limit.passes) == (
                found["lower"] or 0, found["cl"], found["pass"])
            assert limit.likelihood == found["likelihood"]["kind"]
            assert_same(limit.pull, found["pull"], found)
            for name in ("central", "sigma_down", "sigma_up"):
                assert_same(getattr(limit, name), found["likelihood"][name], found)
            kinds.add(limit.likelihood)
        assert sum(c.pull ** 2 for c in point.constraints) == pytest.approx(point.chi2, rel=1e-12)
    assert kinds == {"none", "split_gauss", "half_gauss", *([] if sets is SETS else ["tabulated"])}
    for name, value in one.items():
        assert value.tobytes() == four[name].tobytes(), name


def test_shown(package):
    """A point for a person, as text and as HTML: value, limit, ratio, citation."""
    point = package.Model(constraints=SETS).point(0.128, 1e-3, w=[0, 1, np.exp(0.59j * np.pi)])
    for text in (repr(point), point._repr_html_()):
        for words in ("0.128", "0.001", "excluded", "koto_events", "4e-10 .. 6.2e-09", "1.126e+03"
                      if "1.126e+03" in text else "1.13e+03", "BaBar:2013npw", "FAIL", "PASS",
                      f"chi^2 {point.chi2:.5g} at g_B-L = 0.001"):
            assert words in text, (words, text)
    assert point._repr_html_().count("<tr") == len(point.constraints) + 1
    assert f"{point.constraints[0].pull:+.3g}" in repr(point)
    assert point.br_kl_pi0 == point["br_kl_pi0"] > 0 and "br_kl_pi0" in dir(point)
    with pytest.raises(AttributeError, match="a point has no 'nothing'"):
        point.nothing
    assert pickle.loads(pickle.dumps(point)).values == point.values


def test_shapes(package):
    """Numbers and arrays may be mixed; w is complex or has real and imaginary parts."""
    model, (mass, w, g) = package.Model(constraints=SETS), random_points(5)
    expected = model.points(mass, w, g)
    parts = np.stack([w.real, w.imag], axis=-1)
    for found in (model.points(list(mass), parts.tolist(), g), model.points(mass, w[:, ::1], g),
                  model.points(mass[::1], np.asfortranarray(w), g, threads=3)):
        for name, value in expected.items():
            assert value.tobytes() == found[name].tobytes(), name
    same = model.points(0.128, w, 1e-4, ["tension", "mass_gev"])
    assert list(same) == ["tension", "mass_gev"] and same.rows == 5
    assert (same["mass_gev"] == 0.128).all()
    grid = model.points(mass, W, 1e-4, ["tension"])["tension"]
    assert grid[2] == model.points(mass[2], W, 1e-4, ["tension"])["tension"][0]
    for empty in (model.points([], np.zeros((0, 3))), model.points([], np.zeros((0, 3)), []),
                  model.points([], W)):
        assert empty.rows == 0 and len(empty) == len(package.columns())
    assert model.points(0.128, [1, 0, 0], columns=[]).rows == 0


BAD = {
    "nan mass": (lambda m, w, g: (np.nan, w, g), "DomainError", "a mass must be in [1e-12, 4.7]"),
    "negative mass": (lambda m, w, g: (-m, w, g), "DomainError", "(got -0.128)"),
    "nan g": (lambda m, w, g: (m, w, np.nan), "DomainError", "a coupling must be in [1e-30, 10]"),
    "negative g": (lambda m, w, g: (m, w, -g), "DomainError", "(got -0.001)"),
    "nan w": (lambda m, w, g: (m, w * np.nan, g), "DomainError", "w must have numbers of at most"),
    "zero w": (lambda m, w, g: (m, w * 0, g), "DomainError", "whose norm is at least 1e-6"),
    "two of w": (lambda m, w, g: (m, w[:2], g), "ArgumentError", "(..., 3) of complex numbers"),
    "no array": (lambda m, w, g: (m, 1.0, g), "ArgumentError", "w must have the shape"),
    "lengths": (lambda m, w, g: ([m, m], [w, w, w], g), "ArgumentError", "mass (2,), w (3,)"),
    "a table": (lambda m, w, g: ([[m]], w, g), "ArgumentError", "one number or one row"),
    "text": (lambda m, w, g: ("heavy", w, g), "ArgumentError", "mass must be numbers"),
    "texts": (lambda m, w, g: (m, ["a", "b", "c"], g), "ArgumentError", "w must be numbers"),
    "ragged": (lambda m, w, g: (m, [[1, 2, 3], [1]], g), "ArgumentError", "w must be numbers"),
    "None": (lambda m, w, g: (None, w, g), "DomainError", "a mass must be"),
}


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of numpy, of ragged lists
@pytest.mark.parametrize("case", BAD)
def test_bad_points(package, case):
    change, kind, says = BAD[case]
    model, w = package.Model(constraints=SETS), np.array(W)
    mass, rows, g = change(0.128, w, 1e-3)
    for call in (lambda: model.points(mass, rows, g), lambda: model.point(mass, g, w=rows)):
        with pytest.raises(ValueError) as refused:
            call()
        assert type(refused.value).__name__ == kind and says in str(refused.value), refused.value
        assert refused.value.row == (0 if kind == "DomainError" else None)
    assert model.point(0.128, 1e-3, w=W).survives in (True, False)
    some = np.full(7, 0.128)
    some[4] = np.nan
    with pytest.raises(package.DomainError) as refused:
        model.points(some, W)
    assert refused.value.row == 4 and str(refused.value).startswith("row 4: a mass must be in")
    for row, call in ((2, lambda: model.limits([0.1, 0.2, -1])),
                      (1, lambda: model.points(0.1, [W, [0, 0, 0]]))):
        with pytest.raises(package.DomainError, match=f"^row {row}: ") as refused:
            call()
        assert refused.value.row == row


def test_bad_texts(package, folder):
    empty = os.path.join(folder, "empty.h5")
    h5py.File(empty, "w").close()
    for source, says in (("survey: [\n", "not valid YAML"), ("@nothing", "@nothing"), ("", ""),
                         (os.path.join(folder, "none.yaml"), "cannot be read (No such file"),
                         ({"survey": {"mass_gev": {"fixed": -1}}}, "mass_gev"),
                         (os.path.join(folder, "none.h5"), "none.h5 cannot be read (No such file "
                          "or directory); give a file, the text of"),
                         (folder, "(Is a directory); give a file"),
                         (b"@nothing", "@nothing"), (empty, "holds no configuration")):
        with pytest.raises(package.ConfigError) as refused:
            package.Model(source)
        assert says in str(refused.value) and "errno" not in str(refused.value)
    for options, says in (({"constraints": "nothing"}, "nothing"), ({"constraints": []}, ""),
                          ({"constraints": "paper2020", "sigma": 3}, "sigma must be 1 or 2"),
                          ({"constraints": "paper2020", "inputs": "pdg1900"}, "pdg1900")):
        with pytest.raises(ValueError) as refused:
            package.Model(**options)
        assert says in str(refused.value)
    for options in ({}, {"source": "@fig3", "constraints": "paper2020"},
                    {"source": "@fig3", "sigma": 1}):
        with pytest.raises(TypeError):
            package.Model(**options)


OF_NO_USE = {    # what is given; the sentence that comes
    "a number": (lambda b, m: b.Model(5), "a configuration must be a text, the name of a file"),
    "a list": (lambda b, m: b.Model([1]), "or a shipped survey such as '@fig3' (got [1])"),
    "cite": (lambda b, m: b.cite(5), "a configuration must be a text"),
    "survey": (lambda b, m: b.survey(5, "x.h5"), "a configuration must be a text"),
    "out": (lambda b, m: b.survey("@fig3", 5), "out must be the name of a file (got 5)"),
    "no out": (lambda b, m: b.survey("@fig3", None), "out must be the name of a file (got None)"),
    "bound": (lambda b, m: b.bound("@fig3", 5), "out must be the name of a file (got 5)"),
    "open": (lambda b, m: b.open(5), "a file must be given by its name"),
    "report": (lambda b, m: b.report(5), "a file must be given by its name"),
    "sets": (lambda b, m: b.Model(constraints=5), "constraints must be names of sets"),
    "number of set": (lambda b, m: b.Model(constraints=[5]), "constraints must be names of sets"),
    "sigma": (lambda b, m: b.Model(constraints="paper2020", sigma=1.5),
              "sigma must be 1 or 2 (got 1.5)"),
    "no sigma": (lambda b, m: m.limits(0.1, sigma=1.5), "sigma must be 1 or 2 (got 1.5)"),
    "no text": (lambda b, m: m.limits(0.1, sigma="one"), "sigma must be 1 or 2 (got 'one')"),
    "inputs": (lambda b, m: b.Model(constraints="paper2020", inputs=5), "inputs must be 'pdg2018'"),
    "threads": (lambda b, m: m.points(0.1, W, threads=1.5), "threads must be a whole number"),
    "no threads": (lambda b, m: m.points(0.1, W, threads="a"), "threads must be a whole number"),
    "None threads": (lambda b, m: m.samples(0, 1, threads=None), "threads must be a whole number"),
    "columns": (lambda b, m: m.points(0.1, W, columns=5), "must be a list of names (got 5)"),
    "column": (lambda b, m: m.points(0.1, W, columns=[5]), "must be a list of names (got [5]"),
    "a name": (lambda b, m: m.samples(0, 1, "tension"), "a list of names (got 'tension')"),
    "names": (lambda b, m: m.survey(9, columns="tension"), "a list of names (got 'tension')"),
}


@pytest.mark.parametrize("case", OF_NO_USE)
def test_what_is_of_no_use(package, case, folder, monkeypatch):
    """A value of another kind is refused by a sentence, not by Python's own error."""
    monkeypatch.chdir(folder)
    call, says = OF_NO_USE[case]
    with pytest.raises(package.ArgumentError) as refused:
        call(package, package.Model("@fig3"))
    assert says in str(refused.value) and not os.listdir(folder), refused.value


def test_columns(package):
    """What a column is; nobody else's list changes with one's own."""
    columns = package.columns()
    assert columns["mass_gev"] == ("mass_gev", "GeV", "mass of the Z'", True, True)
    assert columns["tension_g_free"].of_points and not columns["tension_g_free"].of_samples
    columns.clear()
    assert len(package.columns()) > 40


def test_bad_samples(package):
    model, sets = package.Model("@fig3"), package.Model(constraints=SETS)
    for call, says in ((lambda: model.samples(-1, 3), "first must be a whole number"),
                       (lambda: model.samples(0, np.nan), "count must be a whole number"),
                       (lambda: model.samples(0, 1.5), "count must be a whole number"),
                       (lambda: model.samples(2**63 - 1, 2, ["x"]), "has 100000000 samples, as"),
                       (lambda: model.samples(10**8 - 1, 2, ["tension"]), "2 from 99999999 on"),
                       (lambda: model.survey(9, first=10**8), "says (survey: samples)"),
                       (lambda: model.samples(0, 2, ["nothing"]), "no column 'nothing'"),
                       (lambda: model.samples(0, 2, ["x12"]), "columns: all"),
                       (lambda: model.samples(0, 2, threads=-1), "threads must be"),
                       (lambda: sets.samples(0, 2), "has no survey"),
                       (lambda: sets.survey(10), "has no survey"),
                       (lambda: sets.resolved, "no configuration")):
        with pytest.raises(package.ArgumentError) as refused:
            call()
        assert says in str(refused.value)
    assert model.samples(5, 0).rows == 0 and model.survey(0)["index"].shape == (0,)


@pytest.mark.parametrize("name", SURVEYS)
def test_samples(package, folder, name):
    """/survivors and /nearest of every shipped survey, for 1 and 4 threads."""
    output, count = os.path.join(folder, "x.h5"), 20000
    model = package.Model("@" + name)
    with package.survey("@" + name, output, samples=count) as survey:
        one, four = (model.samples(0, count, threads=threads) for threads in (1, 4))
        for column, value in one.items():
            assert value.tobytes() == four[column].tobytes(), column
        survivors, nearest = survey.survivors(), survey.nearest()
        found = model.survey(count)
        assert found.attrs["passed"] == survey.passed
        if survivors.rows == survey.passed:
            assert np.array_equal(found["index"], survivors["index"])
        for table in (survivors, nearest):
            rows = table["index"].astype(int)
            for column in set(table) - {"index"}:
                assert one[column][rows].tobytes() == table[column].astype(float).tobytes(), column
            assert table.rows == 0 or len(table) > (1 if table is survivors else 10)


def test_samples_are_rebuilt(package, bl23, folder):
    """1e5 samples, each of them a survivor of a file that `bl23 replay` rebuilds."""
    config, output = os.path.join(folder, "loose.yaml"), os.path.join(folder, "loose.h5")
    with open(config, "w", encoding="utf-8") as file:
        file.write(LOOSE)
    model = package.Model(LOOSE)
    with package.survey(config, output, threads=2) as survey:
        stored = survey.survivors()
    assert "100000 survivors rebuilt" in t.run_ok([bl23, "replay", output]).stdout
    samples = model.samples(0, 1e5, threads=4)
    assert set(samples) == set(stored) | {"survives"} and len(samples) > 40
    for name, value in stored.items():
        assert value.astype(samples[name].dtype).tobytes() == samples[name].tobytes(), name
    for index in (0, 4095, 99999):
        shown = json.loads(t.run_ok([bl23, "replay", output, "--index", str(index), "--json"])
                           .stdout)
        for name in set(samples) & set(shown):
            assert_same(samples[name][index], shown[name], (index, name))


def test_survey_in_memory(package):
    """By blocks, from any sample on, with a progress function."""
    model, calls = package.Model("@fig3"), []
    whole = model.survey(6e5, columns=["tension"], progress=lambda done, n: calls.append((done, n)))
    assert list(whole) == ["index", "tension"] and whole.rows > 10000
    assert calls[-1] == (600000, 600000) and len(calls) == 3
    part = model.survey(100, first=int(whole["index"][7000]), columns=["tension", "survives"])
    assert part["index"][0] == whole["index"][7000] and (part["survives"] == 1).all()
    assert part["tension"][0] == whole["tension"][7000]
    assert model.sample_count == 10**8 and model.resolved.startswith("survey:")
    again = package.Model(model.resolved)
    assert again.resolved == model.resolved and "@misc{bl23" in again.bibtex


def test_interruptions(package):
    """What a progress function raises comes out, KeyboardInterrupt too; the model works on."""
    model = package.Model("@fig3")
    for error in (KeyboardInterrupt, ZeroDivisionError):
        def fail(*_, error=error):
            raise error

        with pytest.raises(error):
            model.samples(0, 10**6, ["tension"], progress=fail)
    with pytest.raises(RuntimeError, match="its own progress function"):
        model.samples(0, 10, ["tension"], progress=lambda *_: model.samples(0, 1, ["tension"]))
    assert model.samples(0, 10, ["tension"]).rows == 10


def test_one_model_in_threads(package):
    model = package.Model("@fig3")
    mass, w, g = random_points(300)
    expected = model.points(mass, w, g, ["tension"])["tension"].tobytes()
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: model.points(mass, w, g, ["tension"])["tension"].tobytes(),
                              range(12)))
    assert set(found) == {expected}
    copied = pickle.loads(pickle.dumps(model))
    assert copied.points(mass, w, g, ["tension"])["tension"].tobytes() == expected


def test_limits(package, bl23):
    model = package.Model(constraints="world_2026")
    limits = model.limits([0.128, 0.14], sigma=1)
    assert limits.lower.shape == limits.upper.shape == (2, len(limits))
    for k, mass in enumerate((0.128, 0.14)):
        shown = of_program(bl23, mass, W, 1e-4, "--constraints", "world_2026", "--sigma", "1")
        for i, found in enumerate(shown["constraints"]):
            assert limits.names[i] == found["name"] and limits.cites[i] == found["cite"]
            assert_same(limits.upper[k, i], found["upper"], found)
            assert limits.lower[k, i] == (found["lower"] or 0)
    assert model.limits(0.128).upper.shape == (len(limits),)
    assert model.limits(np.full((3, 2), 0.128)).upper.shape == (3, 2, len(limits))
    assert len(limits.to_pandas()) == 2 * len(limits) and limits.names[0] in repr(limits)
    with pytest.raises(package.DomainError) as refused:
        model.limits([0.1, -1])
    assert refused.value.row == 1 and "a mass must be" in str(refused.value)


def test_tables(package):
    pandas, xarray = pytest.importorskip("pandas"), pytest.importorskip("xarray")
    found = package.Model("@fig3").survey(1e5)
    frame, data = found.to_pandas(), found.to_xarray()
    assert isinstance(frame, pandas.DataFrame) and isinstance(data, xarray.Dataset)
    assert frame.index.name == "index" and np.array_equal(frame.index, found["index"])
    assert data.mass_gev.attrs["units"] == "GeV" and data.sizes["survivor"] == found.rows
    array = found.to_numpy()
    for name in set(found) - {"index"}:
        assert np.array_equal(frame[name], found[name]), name
        assert np.array_equal(data[name], found[name]) and np.array_equal(array[name], found[name])
    assert f"{found.rows} rows" in repr(found) and "mass_gev [GeV]" in found._repr_html_()


def test_loglike(package):
    model, (mass, w, g) = package.Model("@fig3"), random_points(2000)
    mass = np.random.default_rng(2).uniform(0.12, 0.15, 2000)
    g[:1500] = np.random.default_rng(2).uniform(7e-4, 1.5e-3, 1500)
    theta = np.column_stack([mass, g, np.stack([w.real, w.imag], -1).reshape(-1, 6)])
    survives = model.points(mass, w, g, ["survives"])["survives"] == 1
    assert 5 < survives.sum() < 1900
    assert np.array_equal(model.loglike(theta), np.where(survives, 0, -np.inf))
    theta[::7, 0], theta[3::7, 1], theta[5::7, 2:] = -1, np.nan, 0
    outside = np.zeros(len(theta), bool)
    outside[::7] = outside[3::7] = outside[5::7] = True
    found = model.loglike(theta)
    assert np.array_equal(found, np.where(survives & ~outside, 0, -np.inf))
    for k in (0, 3, 8, int(np.flatnonzero(survives & ~outside)[0])):
        assert model.loglike(theta[k]) == found[k] and isinstance(model.loglike(theta[k]), float)
    for bad in (np.zeros(7), np.zeros((2, 9)), 1.0, "x", np.zeros((1, 1, 8)), [[1.0], [1.0, 2.0]]):
        with pytest.raises(package.ArgumentError):
            model.loglike(bad)
    for imaginary in (theta[0] + 0j, list(theta[0] + 1j)):
        with pytest.raises(package.ArgumentError, match="theta must be numbers .real ones, not"):
            model.loglike(imaginary)
    expected = model.points(mass[~outside], w[~outside], g[~outside], ["LogLike"])["LogLike"]
    found = model.loglike(theta, by="chi2")
    assert np.array_equal(found[~outside], expected) and np.all(found[outside] == -np.inf)
    with pytest.raises(package.ArgumentError):
        model.loglike(theta, by="chi")


def test_emcee(package):
    """A sampler of others finds survivors only."""
    emcee = pytest.importorskip("emcee", reason="emcee is not installed")
    model = package.Model("@fig3")
    rows = model.survey(3e4).to_pandas().iloc[:20]
    phases = [rows[f"wu1{i}_abs"] * np.exp(1j * rows[f"wu1{i}_phase"]) for i in (1, 2, 3)]
    start = np.column_stack([rows.mass_gev, rows.g_bl,
                             *(part for w in phases for part in (w.to_numpy().real,
                                                                 w.to_numpy().imag))])
    start += 1e-6 * start * np.random.default_rng(1).normal(size=start.shape)
    sampler = emcee.EnsembleSampler(20, 8, model.loglike, vectorize=True)
    sampler.run_mcmc(start[np.isfinite(model.loglike(start))][:20], 50)
    chain = sampler.get_chain(flat=True)
    assert np.ptp(chain[:, 1]) > 0 and (model.loglike(chain) == 0).all()


ALONE = """
import sys
{block}
import bl23
model = bl23.Model("@fig3")
print(model.point(0.14, 1e-3, w=[1, 1j, 0.5]).tension.hex())
table = model.survey(50000)
repr(table), table._repr_html_(), model.limits(0.1)._repr_html_()
assert table.rows > 1000 and bl23.__version__.count(".") == 2
{then}
"""
BLOCK = """
class Blocked:
    def find_spec(self, name, *_):
        if name.split(".")[0] in ("pandas", "xarray", "h5py", "matplotlib", "yaml"):
            raise ImportError("blocked: " + name)
sys.meta_path.insert(0, Blocked())
"""
REFUSES = """
for call in (table.to_pandas, table.to_xarray, lambda: bl23.plot, lambda: bl23.open({path!r})):
    try:
        call()
    except ImportError as error:
        assert "blocked" in str(error)
    else:
        raise AssertionError(call)
"""
READ = "import h5py; assert h5py.File({path!r})['survivors/tension'][0] > 0\n"


def run_alone(source, block, then):
    environment = dict(os.environ, PYTHONPATH=os.path.join(source, "host", "python"))
    done = subprocess.run([sys.executable, "-B", "-c", ALONE.format(block=block, then=then)],
                          env=environment, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_numpy_is_enough(package, bl23, source, folder):
    """Nothing else is imported before it is used; h5py may come before and after."""
    path = os.path.join(folder, "x.h5")
    t.run_ok([bl23, "survey", "@fig3", "--samples", "50000", "-o", path, "--quiet"])
    read = READ.format(path=path)
    expected = package.Model("@fig3").point(0.14, 1e-3, w=[1, 1j, 0.5]).tension.hex() + "\n"
    assert run_alone(source, BLOCK, REFUSES.format(path=path)) == expected
    assert run_alone(source, read, read) == expected
    assert run_alone(source, "", read) == expected


def test_library_not_found(source, folder):
    environment = dict(os.environ, PYTHONPATH=os.path.join(source, "host", "python"),
                       BL23_LIBRARY=os.path.join(folder, "libbl23.so"))
    done = subprocess.run([sys.executable, "-B", "-c", "import bl23; bl23.Model('@fig3')"],
                          env=environment, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 1 and "BL23_LIBRARY" in done.stderr.splitlines()[-1]
