# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
"""`bl23 points`: the numbers of `bl23 point --json`, in every form, and what it refuses."""
import json
import os
import signal
import subprocess
import time

import numpy as np
import pytest
import survey_tools as t

W = ("wu11_re", "wu11_im", "wu12_re", "wu12_im", "wu13_re", "wu13_im")
ROW = "0.6,0.1,-0.3,0.4,0,0.7"
HEADER = ",".join(W)


def table(n, seed=1):
    """Columns of random points at few masses."""
    rng = np.random.default_rng(seed)
    columns = {name: rng.normal(size=n) for name in W}
    columns["mass_gev"] = rng.choice([0.05, 0.1, 0.128, 0.3], n)
    columns["g_bl"] = 10**rng.uniform(-6, -3, n)
    return columns


def write_csv(path, columns):
    names = list(columns)
    with open(path, "w", encoding="utf-8") as f:
        f.write(",".join(names) + "\n")
        for row in zip(*(columns[name] for name in names)):
            f.write(",".join(repr(float(x)) for x in row) + "\n")
    return path


def read_csv(text):
    lines = text.splitlines()
    names = lines[0].split(",")
    values = np.array([[float(x) for x in line.split(",")] for line in lines[1:]])
    return {name: values[:, k] for k, name in enumerate(names)}


def points(bl23, *arguments, **options):
    return t.run([bl23, "points", *arguments], **options)


def test_every_form_has_the_numbers_of_point(bl23, folder):
    n = 40
    columns = table(n)
    source = write_csv(os.path.join(folder, "in.csv"), columns)
    with t.h5py.File(os.path.join(folder, "in.h5"), "w") as f:
        for name, values in columns.items():
            f[name] = values
    shown = points(bl23, "@today", source, "-o", "-", "--threads", 1)
    assert shown.returncode == 0 and not shown.stderr, t.told(shown)
    again = points(bl23, "@today", os.path.join(folder, "in.h5"), "-o", "-", "--threads", 4)
    piped = points(bl23, "@today", "-", "-o", "-", stdin=t.read(source).decode())
    assert shown.stdout == again.stdout == piped.stdout
    for name in ("out.csv", "out.jsonl", "out.h5"):
        t.run_ok([bl23, "points", "@today", source, "-o", os.path.join(folder, name)])
    assert t.read(os.path.join(folder, "out.csv")).decode() == shown.stdout
    found = read_csv(shown.stdout)
    with open(os.path.join(folder, "out.jsonl"), encoding="utf-8") as f:
        objects = [json.loads(line) for line in f]
    with t.h5py.File(os.path.join(folder, "out.h5")) as f:
        assert set(f) == set(found) - {"index"}
        for name in f:
            assert f[name][:].astype(float).tobytes() == found[name].tobytes(), name
            assert f[name].attrs["units"] and f[name].attrs["long_name"]
        assert f["level"].dtype == np.int64
        assert b"constraints" in bytes(f.attrs["configuration"])
    assert list(found["index"]) == list(range(n))
    for k in range(n):
        row = ",".join(f"{columns[a][k]!r}{columns[b][k]:+.17g}j" for a, b in
                       zip(W[::2], W[1::2]))
        point = json.loads(t.run_ok([bl23, "point", "--config", "@today", "--mass",
                                     repr(float(columns["mass_gev"][k])), "--g",
                                     repr(float(columns["g_bl"][k])), f"--w={row}",
                                     "--json"]).stdout)
        for name in found:
            if name == "index" or point[name] is None:
                continue
            assert found[name][k] == point[name] == objects[k][name], (name, k)


def test_what_the_configuration_fixes(bl23, folder):
    """Its mass; its coupling if it has one, and else the one that is solved for."""
    source = f"{HEADER}\n# a comment\n\n {ROW} \r\n"
    solved = read_csv(points(bl23, "@fig3", "-", "-o", "-", stdin=source).stdout)
    point = json.loads(t.run_ok([bl23, "point", "--config", "@fig3", "--json",
                                 "--w=0.6+0.1j,-0.3+0.4j,0.7j"]).stdout)
    assert solved["mass_gev"][0] == point["mass_gev"] == 0.14
    assert solved["g_bl"][0] == point["g_bl"]
    fixed = os.path.join(folder, "fixed.yaml")
    with open(fixed, "w", encoding="utf-8") as f:
        f.write("survey: {mass_gev: {fixed: 0.1}, g_bl: {fixed: 2e-4}}\n"
                "constraints: {sets: [paper2020]}\n")
    found = read_csv(points(bl23, fixed, "-", "-o", "-", stdin=source).stdout)
    assert found["g_bl"][0] == 2e-4 and found["mass_gev"][0] == 0.1
    few = points(bl23, "@fig3", "-", "-o", "-", "--columns", "level,tension", stdin=source)
    assert few.stdout.startswith("index,tension,level\n0,")
    many = points(bl23, "@fig3", "-", "-o", "-", "--json", stdin=source)
    assert json.loads(many.stdout)["g_bl"] == point["g_bl"]
    none = points(bl23, "@fig3", "-", "-o", "-", stdin=HEADER + "\n")
    assert none.returncode == 0 and none.stdout.count("\n") == 1
    assert none.stderr == "note: - holds 0 points\n"


@pytest.mark.parametrize("text, says", (
    (f"{HEADER}\n{ROW}\n1,2,3\n", "-:3: a line must have 6 fields, as the header has (got 3)"),
    (f"{HEADER}\n#\n{ROW}\n1,2,x,4,5,6\n", "-:4: wu12_re must be a decimal number (got 'x')"),
    (f"{HEADER}\n1,2,nan,4,5,6\n", "-:2: wu12_re must be a decimal number (got 'nan')"),
    (f"{HEADER}\n1,2,0x1p3,4,5,6\n", "must be a decimal number"),
    (f"{HEADER}\n1,2,,4,5,6\n", "must be a decimal number (got '')"),
    (f"{HEADER}\n{ROW}\n0,0,0,0,0,0\n", "-:3: w must have numbers of at most 1e6"),
    (f"{HEADER},mass_gev\n{ROW},-1\n", "-:2: a mass must be in [1e-12, 4.7] GeV (got -1)"),
    (f"{HEADER},g_bl\n{ROW},11\n", "-:2: a coupling must be in [1e-30, 10] (got 11)"),
    (f"{HEADER},wu11_re\n", "the column wu11_re is there twice"),
    ("wu11_re,wu11_im\n", "- must have the column wu12_re"),
    ("", "- is empty; its first line must name"),
    (HEADER.replace(",", ";") + "\n", "-:1: the first line must name the columns, separated by "
     "commas: wu11_re,wu11_im,"), ("survey: 1\n", "(got 'survey: 1')"), ("1,2\n", "(got '1,2')"),
    (f"{HEADER}\n1,2,3\x00,4,5,6\n", "NUL byte")))
def test_broken_input(bl23, folder, text, says):
    output = os.path.join(folder, "out.csv")
    done = points(bl23, "@fig3", "-", "-o", output, stdin=text)
    assert done.returncode == 2 and says in done.stderr, t.told(done)
    assert not os.listdir(folder)


def test_broken_requests(bl23, folder):
    source = os.path.join(folder, "in.csv")
    with open(source, "w", encoding="utf-8") as f:
        f.write(f"{HEADER}\n{ROW}\n")
    output = os.path.join(folder, "out.csv")
    for arguments, code, says in (
            (["@fig3", "-o", "-"], 2, "takes CONFIG and IN"),
            (["@fig3", source], 2, "needs -o FILE"),
            (["@fig3", source, "-o", "-", "--columns", "bogus"], 2,
             "there is no column 'bogus'; docs/points.md lists them"),
            (["@fig3", source, "-o", "-", "--columns", "level,x y,g"], 2, "no column 'x y'"),
            (["@fig3", source, "-o", "-", "--columns", "level,"], 2, "no column ''"),
            (["@fig3", os.path.join(folder, "none"), "-o", "-"], 2, "cannot be read"),
            (["@fig3", folder, "-o", "-"], 2, "it is a folder"),
            (["@fig3", source, "-o", source], 2, "exists"),
            (["@nothing", source, "-o", "-"], 2, "@nothing"),
            (["@above_charm", source, "-o", "-"], 2, "must have the column mass_gev")):
        done = points(bl23, *arguments)
        assert done.returncode == code and says in done.stderr, t.told(done)
    with t.h5py.File(os.path.join(folder, "bad.h5"), "w") as f:
        for name in W:
            f[name] = np.ones(3)
        f["mass_gev"] = np.ones(4)
    done = points(bl23, "@fig3", os.path.join(folder, "bad.h5"), "-o", output)
    assert done.returncode == 2 and "must have one length" in done.stderr, t.told(done)


def test_page_lists_the_columns(bl23, source):
    """The messages send to this list."""
    done = points(bl23, "@fig3", "-", "-o", "-", stdin=f"{HEADER}\n{ROW}\n")
    page = t.read(os.path.join(source, "docs", "points.md")).decode().split("## Columns")[1]
    listed = [word.strip("`") for word in page.split("\n\n")[2].split()]
    assert listed == done.stdout.splitlines()[0].split(",")[1:], t.told(done)


def test_killed_and_repeated(bl23, folder):
    """No output and no loss: the same command computes the same file."""
    source = write_csv(os.path.join(folder, "in.csv"), table(20000))
    expected, output = os.path.join(folder, "expected.csv"), os.path.join(folder, "out.csv")
    t.run_ok([bl23, "points", "@fig3", source, "-o", expected])
    with subprocess.Popen([bl23, "points", "@fig3", source, "-o", output]) as process:
        while len(os.listdir(folder)) == 2 and process.poll() is None:
            time.sleep(0.001)
        process.send_signal(signal.SIGKILL)
    assert not os.path.exists(output)
    t.run_ok([bl23, "points", "@fig3", source, "-o", output])
    assert t.read(output) == t.read(expected)
    assert sorted(os.listdir(folder)) == ["expected.csv", "in.csv", "out.csv"]


@pytest.mark.skipif(t.SHORT, reason="sanitizers take memory of their own")
def test_memory_does_not_grow(bl23, folder):
    """10^5 and 10^7 lines (10^6 in the short form) in about the same memory."""
    peaks = []
    for lines in (10**5, 10**7 if t.SLOW else 10**6):
        code = ("import sys\nprint('%s')\nfor k in range(%d // 1000): "
                "sys.stdout.write('%s\\n' * 1000)" % (HEADER, lines, ROW))
        with open(os.path.join(folder, "out"), "wb") as out:
            with subprocess.Popen(["python3", "-c", code], stdout=subprocess.PIPE) as source:
                done = subprocess.run(
                    ["python3", "-c", "import resource, subprocess, sys\n"
                     "code = subprocess.call(sys.argv[1:])\n"
                     "print(code, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss,"
                     " file=sys.stderr)", bl23, "points", "@fig3", "-", "-o", "-", "--columns",
                     "tension"], stdin=source.stdout, stdout=out, stderr=subprocess.PIPE,
                    text=True, check=True)
        code, peak = map(int, done.stderr.split())
        assert code == 0
        peaks.append(peak)
    assert os.path.getsize(os.path.join(folder, "out")) > 10 * lines
    assert peaks[1] < 1.1 * peaks[0] + 1000, peaks
