# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
"""libbl23 against the program: the same numbers, bit for bit, for 1 and 4 threads."""
import concurrent.futures
import json
import locale
import math
import os
import pathlib

import library_tools as lt
import numpy as np
import pytest
import survey_tools as t

W = [0.62 + 0.1j, -0.3 - 0.42j, 0.66j]
SETS = "paper2020,b_invisible_2021"


@pytest.fixture(scope="module", name="library")
def the_library(bl23):
    return lt.load(bl23)


def surveys(folder):
    return sorted(str(path.relative_to(folder).with_suffix("")) for path in
                  pathlib.Path(folder).rglob("*.yaml"))


def written(w):
    return ",".join(f"{z.real!r}{z.imag:+.17g}j" for z in w)


def point(bl23, mass, w, g, *options):
    command = [bl23, "point", "--mass", repr(mass), f"--w={written(w)}", "--json", *options]
    done = t.run(command + (["--g", repr(g)] if g else []))
    return json.loads(done.stdout) if done.returncode == 0 else done.stderr


def random_points(n, seed):
    rng = np.random.default_rng(seed)
    w = rng.normal(size=(n, 3)) + 1j * rng.normal(size=(n, 3))
    return rng.uniform(0.001, 4.7, n), w, 10**rng.uniform(-6, -2, n)


def same(found, expected, what):
    """Equal bits; null of JSON is a number that is not finite."""
    if expected is None:
        assert not math.isfinite(found), what
        return
    expected = float(expected)
    assert found == expected and math.copysign(1, found) == math.copysign(1, expected), (
        f"{what}: {found!r}, not {expected!r}")


@pytest.mark.parametrize("sets, sigma, inputs", (
    (SETS, 2, b"pdg2018"), ("current", 1, b"pdg2024"), ("world_2026,charm_known", 2, None)))
@pytest.mark.parametrize("given", (True, False))
def test_points_are_those_of_the_program(bl23, library, sets, sigma, inputs, given):
    mass, w, g = random_points(12, 3)
    w[0], w[1], w[2] = (1, 0, 0), (0, -1j, 3), (-1, 1j, 1 + 1j)
    mass[3:6] = 0.128
    options = ["--constraints", sets, "--sigma", str(sigma), "--inputs",
               (inputs or b"pdg2018").decode()]
    with lt.Handle(library, sets, sigma=sigma, inputs=inputs) as handle:
        for k in range(len(mass)):
            expected = point(bl23, float(mass[k]), w[k], float(g[k]) if given else None, *options)
            found = []
            for threads in (1, 4):
                try:
                    found.append(handle.points(mass[k:k + 1], w[k:k + 1],
                                               g[k:k + 1] if given else None, threads=threads))
                except lt.Refused as refused:
                    assert refused.code == lt.DOMAIN and refused.row == 0
                    assert "no constraint bounds g from above" in refused.text
                    assert refused.text.split(";")[0] in expected
            for values in found:
                for name, value in values.items():
                    same(value[0], expected[name], (name, mass[k], written(w[k])))
        if given:
            one = handle.points(mass, w, g, threads=1)
            four = handle.points(mass, w, g, threads=4)
            for name, value in one.items():
                assert value.tobytes() == four[name].tobytes(), name


@pytest.mark.parametrize("name", surveys(os.path.join(
    os.path.dirname(os.path.abspath(__file__)), "..", "scripts", "surveys")))
def test_samples_are_those_of_the_survey(bl23, library, folder, name):
    """Columns of /survivors and /nearest, by ranges, and a sample of `replay --index`."""
    output = os.path.join(folder, "x.h5")
    t.run_ok([bl23, "survey", f"@{name}", "--samples", 100000, "-o", output, "--quiet"])
    with t.h5py.File(output) as file, lt.Handle(library, f"@{name}") as handle:
        for group in ("survivors", "nearest"):
            index = file[f"{group}/index"][:]
            names = sorted(set(file[group]) & set(lt.columns(library, True)))
            if len(names) > 10:    # no `store: index`
                compare_samples(handle, file[group], index, names, group == "survivors")
        replayed = json.loads(t.run_ok([bl23, "replay", output, "--index", "4099",
                                        "--json"]).stdout)
        names = [key for key in replayed if key != "index"]
        one, four = (handle.samples(4090, 5000, names, threads) for threads in (1, 4))
        for column in names:
            same(one[column][9], replayed[column], (name, column))
            assert one[column].tobytes() == four[column].tobytes(), column


@pytest.mark.parametrize("name", ("fig3", "charm", "today_charm"))
def test_all_samples_are_those_of_the_survey(bl23, library, source, folder, name):
    """1e5 samples, survivors or not: /nearest holds them all, and `replay --index` some."""
    n, output = 100000, os.path.join(folder, "x.h5")
    config = t.with_changes(os.path.join(source, "scripts", "surveys", f"{name}.yaml"),
                            os.path.join(folder, "x.yaml"), survey={"samples": n},
                            output={"nearest": n})
    t.run_ok([bl23, "survey", config, "-o", output, "--quiet"])
    with t.h5py.File(output) as file, lt.Handle(library, t.read(config), path=config) as handle:
        rows = file["nearest"]
        index, names = rows["index"][:], sorted(set(rows) - {"index"})
        assert len(index) > 0.99 * n    # a tension may be infinite
        values = handle.samples(0, n, names, 2)
        for column in names:
            assert values[column][index].tobytes() == rows[column][:].astype(float).tobytes(), (
                column)
        for k in (0, 31415, n - 1):
            replayed = json.loads(t.run_ok([bl23, "replay", output, "--index", str(k),
                                            "--json"]).stdout)
            for column in names:
                same(values[column][k], replayed[column], (column, k))


def compare_samples(handle, rows, index, names, survive):
    """The rows of a group, some in one range of samples, others one by one."""
    first, last = int(min(index, default=0)), 20000
    values = handle.samples(first, last, names + ["survives"], 2)
    chosen = [k for k, sample in enumerate(index) if first <= sample < first + last]
    for column in names:
        found = values[column][[int(index[k]) - first for k in chosen]]
        assert found.tobytes() == rows[column][:][chosen].astype(float).tobytes(), column
    assert not survive or values["survives"].sum() == len(chosen) or len(index) >= 10**6
    for k in range(0, len(index), len(index) // 10 + 1):
        found = handle.samples(int(index[k]), 1, names, 4)
        for column in names:
            same(found[column][0], rows[column][k], column)


def test_samples_of_a_cover(bl23, library, folder):
    """A survey that draws from a cover."""
    config, output = os.path.join(folder, "cover.yaml"), os.path.join(folder, "cover.h5")
    text = """survey: {samples: 40000, mass_gev: {fixed: 0.14}, g_bl: solve, draw: cover,
  cover: {cells: 200}}
constraints: {sets: [paper2020]}
"""
    with open(config, "w", encoding="utf-8") as f:
        f.write(text)
    t.run_ok([bl23, "survey", config, "-o", output, "--quiet"])
    with t.h5py.File(output) as file, lt.Handle(library, text) as handle, \
            lt.Handle(library, text.replace(", draw: cover,\n  cover: {cells: 200}", "")) as plain:
        rows, index = file["nearest"], file["nearest/index"][:]
        names = sorted(set(rows) & set(lt.columns(library, True)))
        assert len(index) and len(names) > 10
        compare_samples(handle, rows, index, names, False)
        drawn, uniform = (h.samples(0, 5000, ["survives"]) for h in (handle, plain))
        assert drawn["survives"].mean() > 2 * uniform["survives"].mean()


def test_texts(bl23, library, source):
    for name in surveys(os.path.join(source, "scripts", "surveys")):
        with lt.Handle(library, f"@{name}") as handle:
            assert handle.text(library.bl23_bibtex) == t.run_ok([bl23, "cite", f"@{name}"]).stdout
            resolved = handle.text(library.bl23_resolved)
        with lt.Handle(library, resolved) as again:
            assert again.text(library.bl23_resolved) == resolved


def test_limits_are_those_of_a_point(bl23, library):
    with lt.Handle(library, "world_2026", sigma=2) as handle:
        for mass in (1e-6, 0.128, 0.14, 1.5, 4.7):
            for sigma in (1, 2):
                shown = point(bl23, mass, W, 1e-4, "--constraints", "world_2026", "--sigma",
                              str(sigma))
                found = handle.limits(mass, sigma)
                assert [f["name"] for f in found] == [c["name"] for c in shown["constraints"]]
                for f, c in zip(found, shown["constraints"]):
                    same(f["upper"], c["upper"], (mass, c["name"]))
                    assert f["lower"] == (c["lower"] or 0.0)
                    assert (f["cite"], f["note"], f["observable"]) == (
                        c["cite"], c["note"], c["observable"])


def test_known_masses_are_forgotten_in_time(library):
    """More masses than a handle keeps: the numbers stay."""
    n = 40000
    mass = np.linspace(0.1, 0.2, n)
    w, g = np.tile(W, (n, 1)), np.full(n, 1e-4)
    chosen = np.arange(0, n, 997)
    with lt.Handle(library, SETS, sigma=2) as handle, lt.Handle(library, SETS, sigma=2) as other:
        names = ["br_kp_pip", "tension", "mass_gev"]
        all_of_them = handle.points(mass, w, g, names, threads=2)
        few = other.points(mass[chosen], w[chosen], g[chosen], names)
        again = handle.points(mass[chosen], w[chosen], g[chosen], names)
        for name in names:
            assert all_of_them[name][chosen].tobytes() == few[name].tobytes() == \
                again[name].tobytes()


@pytest.mark.parametrize("row, change, says", (
    (0, {"mass": math.nan}, "a mass must be in [1e-12, 4.7] GeV (got nan)"),
    (3, {"mass": -0.1}, "a mass must be in [1e-12, 4.7] GeV (got -0.1)"),
    (4, {"mass": 4.8}, "a mass must be"), (4, {"mass": 0.0}, "a mass must be"),
    (1, {"mass": math.inf}, "a mass must be"),
    (2, {"g": math.nan}, "a coupling must be in [1e-30, 10] (got nan)"),
    (2, {"g": -1e-4}, "a coupling must be"), (2, {"g": 0.0}, "a coupling must be"),
    (4, {"w": (math.nan, 1, 1)}, "w must have numbers of at most 1e6"),
    (4, {"w": (1, complex(0, math.inf), 1)}, "w must have numbers"),
    (0, {"w": (0, 0, 0)}, "whose norm is at least 1e-6"), (0, {"w": (1e7, 0, 0)}, "w must have")))
def test_bad_rows(library, row, change, says):
    mass, w, g = np.full(5, 0.128), np.tile(W, (5, 1)), np.full(5, 1e-4)
    for array, value in change.items():
        {"mass": mass, "w": w, "g": g}[array][row] = value
    with lt.Handle(library, SETS, sigma=2) as handle:
        with pytest.raises(lt.Refused) as refused:
            handle.points(mass, w, g)
        assert (refused.value.code, refused.value.row) == (lt.DOMAIN, row)
        assert says in refused.value.text
        fine = handle.points(mass[5:], w[5:], g[5:])    # zero rows; the handle is as before
        assert all(len(value) == 0 for value in fine.values())
        assert handle.points([0.128], [W], [1e-4])["survives"][0] in (0.0, 1.0)


def test_bad_texts(library, folder):
    for text, says in (("", ""), ("survey: [", "config"), ("@nothing", "@nothing"),
                       (b"\x00\xff", ""), ("survey: {mass_gev: {fixed: -1}}", "mass_gev"),
                       ("a" * 5000, "")):
        with pytest.raises(lt.Refused) as refused:
            lt.Handle(library, text)
        assert refused.value.code == lt.CONFIG and says in refused.value.text, refused.value.text
    for sets, says in (("", ""), ("nothing", "nothing"), ("paper2020,paper2020", "paper2020")):
        with pytest.raises(lt.Refused) as refused:
            lt.Handle(library, sets, sigma=2)
        assert says in refused.value.text
    curve = os.path.join(folder, "mine.csv")
    with open(curve, "w", encoding="utf-8") as f:
        f.write("m_gev,upper\n0.01,1e-9\n1,2e-9\n")
    text = """survey: {mass_gev: {fixed: 0.1}}
constraints: {sets: [paper2020], extra: [{name: mine, observable: br_kp_pip, curve: mine.csv,
  cl: 0.9, cite: me}]}
"""
    with lt.Handle(library, text, os.path.join(folder, "x.yaml")) as handle:
        os.remove(curve)
        assert handle.limits(0.1)[-1]["name"] == "mine"
        handle.samples(0, 3, ["tension"])    # the curve is not read again
    with pytest.raises(lt.Refused) as refused:
        lt.Handle(library, text, os.path.join(folder, "x.yaml"))
    assert "mine.csv" in refused.value.text


def test_progress_and_stop(library):
    calls = []

    def note(_, done, total):
        calls.append((done, total))
        return done >= 300000

    with lt.Handle(library, "@fig3") as handle:
        handle.samples(0, 1000, ["tension"], progress=note)
        assert calls == [(1000, 1000)]
        with pytest.raises(lt.Refused) as refused:
            handle.samples(0, 2000000, ["tension"], progress=note)
        assert refused.value.code == lt.STOPPED and calls[-1][0] < 2000000
        with pytest.raises(lt.Refused) as refused:
            handle.samples(2**63 - 1, 2, ["tension"])
        assert refused.value.code == lt.ARGUMENT
        with pytest.raises(lt.Refused) as refused:
            handle.samples(0, 2, ["x12"])
        assert "columns: all" in refused.value.text


def test_handles_in_threads(library):
    """Different handles at the same time, opened, used and closed."""
    mass, w, g = random_points(64, 5)

    def work(k):
        with lt.Handle(library, "@fig3") as handle:
            points = handle.points(mass, w, g, ["tension", "br_kp_pip"], threads=1 + k % 3)
            samples = handle.samples(0, 5000, ["tension"])
            return [v.tobytes() for v in (*points.values(), *samples.values())]

    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        results = list(pool.map(work, range(12)))
    assert all(result == results[0] for result in results)


def test_locale_does_not_count(library):
    """A decimal comma in the locale of the caller."""
    names = [n for n in ("de_DE.UTF-8", "de_DE.utf8", "fr_FR.UTF-8") if has_locale(n)]
    if not names:
        pytest.skip("there is no locale with a decimal comma")
    with lt.Handle(library, "@fig3") as handle:
        expected = handle.text(library.bl23_resolved), handle.points([0.128], [W])["g_max"][0]
    before = locale.setlocale(locale.LC_ALL)
    locale.setlocale(locale.LC_ALL, names[0])
    try:
        with lt.Handle(library, "@fig3") as handle:
            found = handle.text(library.bl23_resolved), handle.points([0.128], [W])["g_max"][0]
    finally:
        locale.setlocale(locale.LC_ALL, before)
    assert found == expected


def has_locale(name):
    before = locale.setlocale(locale.LC_ALL)
    try:
        locale.setlocale(locale.LC_ALL, name)
    except locale.Error:
        return False
    locale.setlocale(locale.LC_ALL, before)
    return True
