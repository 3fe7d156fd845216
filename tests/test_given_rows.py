# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
"""Surveys of rows w out of a file: the numbers of `bl23 points`, whatever interrupts them, and what
is refused."""
import os
import shutil
import subprocess
import time

import forge_formats as forge
import library_tools as lt
import numpy as np
import pytest
import survey_tools as t

W = ("wu11_re", "wu11_im", "wu12_re", "wu12_im", "wu13_re", "wu13_im")
ROWS = 9000    # two tiles and a part of one


def table(n, seed=1, g=False):
    rng = np.random.default_rng(seed)
    columns = {name: rng.normal(size=n) * 10**rng.uniform(-3, 3, n) for name in W}
    for name in W:    # elements that are 0, and phases at the ends of their range
        columns[name][rng.integers(0, n, n // 50)] = rng.choice([0.0, -0.0])
    columns["wu11_re"][:3], columns["wu11_im"][:3] = (-1, -1, 1e-300), (0.0, -0.0, 0.0)
    if g:
        columns["g_bl"] = 10**rng.uniform(-6, -3, n)
    return columns


def write(path, columns):
    """A file of columns, HDF5 or CSV by its name."""
    if path.endswith(".h5"):
        with t.h5py.File(path, "w") as f:
            for name, values in columns.items():
                f[name] = values
        return path
    with open(path, "w", encoding="utf-8") as f:
        f.write(",".join(columns) + "\n")
        for row in zip(*columns.values()):
            f.write(",".join(repr(float(x)) for x in row) + "\n")
    return path


def configure(folder, name="rows.yaml", file="rows.h5", sets="paper2020", **survey):
    survey = {"mass_gev": {"fixed": 0.14}, "w": {"file": file}, **survey}
    return t.save_yaml(os.path.join(folder, name), {
        "survey": survey, "constraints": {"sets": sets.split(",")},
        "output": {"columns": "all", "nearest": 50, "histograms": [["wu12_abs2", "phase13"]]}})


def survey(bl23, config, output, *options, **more):
    return t.run([bl23, "survey", config, "-o", output, "--quiet", *map(str, options)], **more)


CASES = {    # constraint sets, keys of the survey, has the file couplings
    "solve": ("paper2020", {}, False),
    "rows": ("world_2026", {}, True),
    "drawn": ("world_2026", {"g_bl": {"log_uniform": [1e-6, 1e-3]},
                             "mass_gev": {"list": [0.1, 0.14, 0.3]}}, False)}


@pytest.mark.parametrize("name", CASES)
def test_values_are_those_of_points(bl23, folder, name):
    """Which survive, the columns of survivors and nearest, extrema and histograms."""
    sets, keys, has_g = CASES[name]
    given = table(ROWS, g=has_g)
    write(os.path.join(folder, "rows.h5"), given)
    config, output = configure(folder, sets=sets, **keys), os.path.join(folder, "s.h5")
    t.run_ok([bl23, "survey", config, "-o", output, "--threads", "2"])
    for options in ("--threads 1", "--range 1000 --threads 3"):
        again = os.path.join(folder, "again.h5")
        t.run_ok([bl23, "survey", config, "-o", again, "--force", *options.split()],
                 env={**os.environ, "BL23_ISA": "generic"})
        t.assert_same(output, again, f"{name} with {options}")
    t.run_ok([bl23, "replay", output])
    with t.h5py.File(output) as f:
        points = points_of(bl23, folder, config, given, f, name)
        passed = f["survivors/index"][:]
        assert 50 < len(passed) == f.attrs["passed"] < ROWS
        if name != "drawn":
            assert list(np.flatnonzero(points["survives"])) == list(passed)
        for group in ("survivors", "nearest"):
            index = f[f"{group}/index"][:]
            assert len(set(f[group]) - {"index"}) > 40
            for column in sorted(set(f[group]) - {"index"}):
                expected = points[column][index]
                assert f[group][column][:].astype(float).tobytes() == expected.tobytes(), (
                    group, column)
        check_reductions(f, {column: values[passed] for column, values in points.items()})


def points_of(bl23, folder, config, given, f, name):
    """What `bl23 points` says of all rows, each at the mass of its tile and at the coupling of the
    survey, where that is known."""
    source, target = (os.path.join(folder, x) for x in ("points_in.h5", "points.h5"))
    masses = f["cutflow/mass_gev"][:]
    columns = {**given, "mass_gev": masses[np.arange(ROWS) // 4096 % len(masses)]}
    if name == "drawn":
        columns["g_bl"] = np.full(ROWS, 1e-6)
        for group in ("survivors", "nearest"):
            columns["g_bl"][f[f"{group}/index"][:]] = f[f"{group}/g_bl"][:]
    write(source, columns)
    t.run_ok([bl23, "points", config, source, "-o", target])
    with t.h5py.File(target) as points:
        found = {column: points[column][:].astype(float) for column in points}
    if name == "solve":
        found["tension"] = found["tension_g_free"]
    return found


def check_reductions(f, survivors):
    """Extrema and histograms of the survivors."""
    for k, column in enumerate(f["extrema/name"][:]):
        values = survivors[column.decode()]
        assert f["extrema/min"][k] == values.min() and f["extrema/max"][k] == values.max(), column
    phase = {}
    for axis in ("phase12", "phase13", "phase23"):
        turn = survivors[f"wu1{axis[-1]}_phase"] - survivors[f"wu1{axis[-2]}_phase"]
        phase[axis] = np.where(turn > np.pi, turn - 2 * np.pi,
                               np.where(turn <= -np.pi, turn + 2 * np.pi, turn))
    for axis in f["histograms"]:
        counts = f["histograms"][axis]
        if "mid" in axis or "__" in axis:
            continue
        values = (np.log10(survivors["g_bl"]) if axis == "log10_g" else
                  phase[axis] if axis in phase else survivors[axis.replace("abs2", "abs")]**2)
        expected = np.histogram(values, counts.attrs["edges"])[0]
        assert list(counts[:]) == list(expected), axis


def test_text_and_hdf5_are_the_same(bl23, folder):
    """The rows count, not their form or other columns; an output may lie elsewhere."""
    given = table(300)
    write(os.path.join(folder, "rows.h5"), given)
    os.mkdir(os.path.join(folder, "out"))
    config = configure(folder)
    done = survey(bl23, config, "out/a.h5", cwd=folder)
    assert done.returncode == 0, t.told(done)
    write(os.path.join(folder, "rows.csv"), {"weight": np.ones(300), **given})
    os.rename(os.path.join(folder, "rows.csv"), os.path.join(folder, "rows.h5"))
    again = survey(bl23, config, "b.h5", cwd=folder)
    assert again.returncode == 0 and "the column 'weight' is not used" in again.stderr
    t.assert_same(os.path.join(folder, "out/a.h5"), os.path.join(folder, "b.h5"), "CSV")
    done = survey(bl23, "out/a.h5", "c.h5", cwd=folder)
    assert done.returncode == 0, t.told(done)
    t.assert_same(os.path.join(folder, "out/a.h5"), os.path.join(folder, "c.h5"),
                  "an output as CONFIG")


def test_parts_extension_and_check(bl23, folder):
    """Parts merge to the whole; --extend goes on up to the last row."""
    write(os.path.join(folder, "rows.h5"), table(ROWS))
    config = configure(folder)
    whole, merged, longer = (os.path.join(folder, x) for x in ("whole.h5", "m.h5", "longer.h5"))
    assert survey(bl23, config, whole).returncode == 0
    parts = [os.path.join(folder, x) for x in ("p.h5", "q.h5")]
    for part, first, samples in zip(parts, (0, 5000), (5000, 4000)):
        t.run_ok([bl23, "survey", config, "-o", part, "--quiet", "--first", str(first),
                  "--count", str(samples)])
    t.run_ok([bl23, "merge", *(part + ".run" for part in parts), "-o", merged])
    t.assert_same(whole, merged, "merged parts")
    assert survey(bl23, config, longer, "--samples", 5000).returncode == 0
    beyond = survey(bl23, config, longer, "--samples", ROWS + 1, "--extend")
    assert beyond.returncode == 2 and f"samples must be at most {ROWS}" in beyond.stderr
    done = survey(bl23, config, longer, "--extend")
    assert done.returncode == 0, t.told(done)
    t.assert_same(whole, longer, "an extended survey")
    check = t.run_ok([bl23, "check", config, "--json"])
    assert f'"samples": {ROWS}' in check.stdout


def test_killed_and_repeated(bl23, folder):
    n = 400000
    write(os.path.join(folder, "rows.h5"), table(n, g=True))
    config = configure(folder, sets="world_2026")
    output, whole = os.path.join(folder, "s.h5"), os.path.join(folder, "whole.h5")
    options = ["--range", "4096", "--commit", "0", "--threads", "1", "--quiet"]
    t.run_ok([bl23, "survey", config, "-o", whole, "--quiet"])
    killed = 0
    for _ in range(20):
        with subprocess.Popen([bl23, "survey", config, "-o", output, *options],
                              stderr=subprocess.DEVNULL) as process:
            lines = count_lines(output)
            while process.poll() is None and count_lines(output) < lines + 3:
                time.sleep(0.002)
            process.kill()
        killed += process.returncode != 0
        if process.returncode == 0 or killed == 3:
            break
    assert killed > 0
    done = survey(bl23, config, output)
    assert done.returncode == 0, t.told(done)
    t.assert_same(whole, output, "a survey that was killed")


def count_lines(output):
    manifest = os.path.join(output + ".run", "manifest")
    return t.read(manifest).count(b"\n") if os.path.exists(manifest) else 0


CHANGES = {
    "another row": lambda c: c["wu12_im"].__setitem__(7777, 3.0),
    "fewer": lambda c: c.update({name: c[name][:-1] for name in c}),
    "more": lambda c: c.update({name: np.append(c[name], 1.0) for name in c}),
    "a sign of 0": lambda c: c["wu11_im"].__setitem__(0, -0.0),
}


@pytest.mark.parametrize("name", CHANGES)
def test_changed_rows_are_refused(bl23, folder, name):
    """An unfinished run, its merge, a finished output, its replay and its repetition."""
    path, given = os.path.join(folder, "rows.h5"), table(ROWS)
    write(path, given)
    config, output = configure(folder), os.path.join(folder, "s.h5")
    part = os.path.join(folder, "p.h5")
    assert survey(bl23, config, output).returncode == 0
    assert survey(bl23, config, part, "--first", 0, "--count", 4096).returncode == 0
    CHANGES[name](given)
    write(path, given)
    for says, *command in (
            ("is the output of another configuration (", "survey", config, "-o", output),
            ("is of another configuration (", "survey", config, "-o", part),
            (part, "merge", "--partial", part + ".run", "-o", os.path.join(folder, "m.h5")),
            (output, "replay", output), (output, "survey", output, "-o", "again.h5")):
        done = t.run([bl23, *command], cwd=folder)
        assert done.returncode == 2 and says in done.stderr and "xxh3" not in done.stderr
        for part_of_sentence in ("rows.h5 have changed since the survey began", "; put the old "
                                 "file back, ", "another "):
            assert part_of_sentence in done.stderr, t.told(done, part_of_sentence)
    os.remove(path)
    done = t.run([bl23, "replay", output])
    assert done.returncode == 2 and "the file of the rows w, does not exist; put it into the " \
        "folder of " in done.stderr, t.told(done)


GOOD = "wu11_re,wu11_im,wu12_re,wu12_im,wu13_re,wu13_im\n1,2,3,4,5,6\n"


@pytest.mark.parametrize("text, keys, says", (
    (GOOD + "0,0,0,0,0,0\n", {}, "rows.csv:3: w must have numbers of at most 1e6"),
    (GOOD + "\n1,2,3,4,5,nan\n", {}, "rows.csv:4: wu13_im must be a decimal number (got 'nan')"),
    (GOOD + "1,2,3,4,5,1e7\n", {}, "rows.csv:3: w must have"),
    (GOOD.splitlines()[0] + "\n", {}, "rows.csv has no rows"),
    (GOOD.replace("\n", ",mass_gev\n", 1).replace("6", "6,0.1"), {}, "the column mass_gev"),
    (GOOD.replace("\n", ",g_bl\n", 1).replace("6", "6,11"), {}, "rows.csv:2: a coupling must be"),
    (GOOD, {"g_bl": "rows"}, "rows.csv must have the column g_bl"),
    (GOOD, {"samples": 2},
     "rows.yaml:6: samples must be at most 1, the number of rows in rows.csv (got 2)"),
    (GOOD, {"draw": "cover"}, "draw: cover needs rows w that are drawn"),
    (GOOD, {"w": {"file": ""}}, "w must be {file: name} with the name of a file"),
    (GOOD, {"w": {"file": "none.csv"}}, "none.csv, the file of the rows w, does not exist; put it"),
    (GOOD, {"w": {"file": "."}}, "cannot be read (it is a folder)"),
    (GOOD, {"w": {"rows": 3}}, "w must be haar, {file: name} or"),
    (GOOD, {"w": "haar", "g_bl": "rows"}, "g_bl: rows needs rows; add 'w: {file: name}'"),
    (GOOD, {"w": {"file": "rows.csv", "rows": 1, "xxh3": "0" * 16}}, "the rows of "),
    (GOOD, {"w": {"file": "rows.csv", "rows": 1, "xxh3": "x"}}, "16 digits from 0 to f")))
def test_what_is_refused(bl23, folder, text, keys, says):
    with open(os.path.join(folder, "rows.csv"), "w", encoding="utf-8") as f:
        f.write(text)
    config = configure(folder, file="rows.csv", **keys)
    done = survey(bl23, config, os.path.join(folder, "s.h5"))
    assert done.returncode == 2 and says in done.stderr, t.told(done, says)
    assert sorted(os.listdir(folder)) == ["rows.csv", "rows.yaml"]


def test_wrong_rows_of_hdf5(bl23, folder):
    path, output = os.path.join(folder, "rows.h5"), os.path.join(folder, "s.h5")
    config = configure(folder)
    for value, says in ((np.nan, "wu12_re must be a finite number (got nan)"),
                        (np.inf, "wu12_re must be a finite number (got inf)"),
                        (1e7, "w must have")):
        given = table(ROWS)
        given["wu12_re"][8123] = value
        write(path, given)
        done = survey(bl23, config, output)
        assert done.returncode == 2 and "rows.h5: row 8123: " + says in done.stderr
    for kind, says in (("<f4", "little-endian 32-bit floating-point"), (">f8", "big-endian 64-bit"),
                       ("<i8", "64-bit whole numbers"), ("S3", "text"),
                       ("<c16", "values of another kind")):
        write(path, {**table(10), "wu12_im": np.ones(10).astype(kind)})
        done = survey(bl23, config, output)
        assert done.returncode == 2, t.told(done)
        assert "wu12_im must be doubles in one dimension: " in done.stderr, t.told(done)
        assert f"(got {says}" in done.stderr, t.told(done)
    write(path, {**table(10), "wu12_im": np.ones((10, 1))})
    assert "(got doubles of 2 dimensions)" in survey(bl23, config, output).stderr
    for name in ("wu13_im", "wu11_re"):
        given = table(ROWS)
        given[name] = given[name][1:]
        write(path, given)
        done = survey(bl23, config, output)
        assert done.returncode == 2 and "its columns must have one length" in done.stderr
    for command in ("bound", "cover"):
        write(path, table(10))
        done = t.run([bl23, command, config])
        assert done.returncode == 2 and "got a file of rows" in done.stderr, t.told(done)


def test_masses_without_a_row(bl23, folder):
    """More rows are advised only where the file has them."""
    write(os.path.join(folder, "rows.h5"), table(ROWS))
    for keys, says in (
            ({"knots": 5}, f"and rows.h5 has {ROWS} rows; use at most 3 of the masses, or 'bl23 "
             "points', where each row has its own mass\n"),
            ({"knots": 3, "samples": 5000}, "so draw 8193 or more to reach all masses\n"),
            ({"knots": 3}, "")):
        masses = {"uniform": [0.12, 0.15], "knots": keys.pop("knots")}
        done = survey(bl23, configure(folder, mass_gev=masses, **keys),
                      os.path.join(folder, "s.h5"), "--force")
        warned = [line for line in done.stderr.splitlines(True) if "get no sample" in line]
        assert done.returncode == 0 and len(warned) == bool(says), t.told(done, says)
        assert not says or warned[0].endswith(says), t.told(done, says)
    done = survey(bl23, configure(folder), os.path.join(folder, "s.h5"), "--samples", ROWS + 1)
    assert f"--samples must be at most {ROWS}, the number of rows in rows.h5" in done.stderr


def test_an_unused_coupling_is_named(bl23, folder):
    write(os.path.join(folder, "rows.h5"), table(10, g=True))
    done = survey(bl23, configure(folder, g_bl="solve"), os.path.join(folder, "s.h5"))
    assert done.returncode == 0 and "the column g_bl is not used" in done.stderr
    done = survey(bl23, configure(folder, g_bl="rows"), os.path.join(folder, "r.h5"))
    assert done.returncode == 0 and not done.stderr, t.told(done)


@pytest.mark.parametrize("word, value", (("w_mode", 0), ("w_mode", 1), ("g_mode", 2),
                                         ("n_rows", 0), ("n_rows", ROWS - 1), ("n_rows", 2**60)))
def test_forged_models_are_refused(bl23, folder, word, value):
    write(os.path.join(folder, "rows.h5"), table(ROWS, g=True))
    config, output = configure(folder, sets="world_2026"), os.path.join(folder, "s.h5")
    assert survey(bl23, config, output).returncode == 0
    t.alter_table(output, "model",
                  lambda data: data.view("<u8").__setitem__(forge.MODEL_WORDS[word], value), True)
    forge.seal_h5(output)
    done = t.run([bl23, "replay", output])
    assert done.returncode in (1, 2) and output in done.stderr, t.told(done)


def test_index_beyond_the_rows(bl23, folder):
    """A survivor that is no row, in a file with fitting seals."""
    write(os.path.join(folder, "rows.h5"), table(ROWS))
    config, output = configure(folder), os.path.join(folder, "s.h5")
    assert survey(bl23, config, output).returncode == 0
    for index in (ROWS, 2**50):
        altered = shutil.copy(output, os.path.join(folder, "altered.h5"))
        with t.h5py.File(altered, "r+") as f:
            f["survivors/index"][-1] = index
            f["nearest/index"][-1] = index
        forge.seal_h5(altered)
        done = t.run([bl23, "replay", altered])
        assert done.returncode in (1, 2), t.told(done)


def test_the_library_has_the_same_samples(bl23, folder):
    library, given = lt.load(bl23), table(ROWS)
    write(os.path.join(folder, "rows.csv"), given)
    write(os.path.join(folder, "rows.h5"), given)
    config, output = configure(folder, file="rows.csv"), os.path.join(folder, "s.h5")
    assert survey(bl23, config, output).returncode == 0
    with open(config, encoding="utf-8") as f:
        text = f.read()
    with lt.Handle(library, text, path=config) as handle, t.h5py.File(output) as f:
        names = sorted(set(f["survivors"]) - {"index"})
        one, four = (handle.samples(0, ROWS, names + ["survives"], threads) for threads in (1, 4))
        index = f["survivors/index"][:]
        assert list(np.flatnonzero(one["survives"])) == list(index)
        for name in names:
            assert one[name].tobytes() == four[name].tobytes()
            assert one[name][index].tobytes() == f["survivors"][name][:].astype(float).tobytes()
        with pytest.raises(lt.Refused, match=f"has {ROWS} samples, one for each row of its file"):
            handle.samples(ROWS - 1, 2, names)
    with pytest.raises(lt.Refused, match="rows.h5 is HDF5, which the library does not read"):
        lt.Handle(library, text.replace("rows.csv", "rows.h5"), path=config)


def test_the_cuda_backend_refuses_rows(bl23, on_shim, folder):
    """By the name of the backend that takes them; without --backend the CPU is used."""
    write(os.path.join(folder, "rows.h5"), table(ROWS))
    config, output = configure(folder), os.path.join(folder, "s.h5")
    done = survey(on_shim, config, output, "--backend", "cuda")
    assert done.returncode == 2 and "use --backend cpu" in done.stderr, t.told(done)
    done = survey(on_shim, config, output)
    assert done.returncode == 0 and "running on the CPU" in done.stderr, t.told(done)
    assert survey(bl23, config, os.path.join(folder, "cpu.h5")).returncode == 0
    t.assert_same(output, os.path.join(folder, "cpu.h5"), "the CPU in the place of the device")
