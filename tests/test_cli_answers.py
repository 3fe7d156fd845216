#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
"""What commands answer and write: summaries, samples, exports, resolved configurations."""

import glob
import json
import os
import re
import subprocess

import pytest

import survey_tools as t
from cli_cases import GOOD
from cli_tools import Cli


@pytest.fixture
def c(bl23, folder):
    return Cli(bl23, folder)


def test_disk_space(c):
    """A warning where the output may be larger than the disk; the survey runs all the same."""
    size = os.statvfs(c.folder)
    told = json.loads(c.run("check", c.good, "--json", "--no-forecast").stdout)
    assert 0 < told["output_bytes_free"] <= size.f_blocks * size.f_frsize, t.note(
        "output_bytes_free", told["output_bytes_free"], size
    )
    vast = c.write(
        "vast.yaml",
        GOOD.replace("samples: 5000", "samples: 1e18").replace(
            "max_survivors: 1000,", "max_survivors: 1e18,"
        ),
    )
    says = (
        r"warning: the output may take up to ([0-9.e+]+) MB, "
        r"but its disk has only [0-9.e+]+ MB free"
    )
    done = c.run("check", vast, "--no-forecast")
    found = re.search("^" + says, done.stdout, flags=re.M)
    assert done.returncode == 0 and found and 2e14 < float(found[1]) < 4e14, t.told(
        done, "check of a survey for no disk"
    )  # 8 bytes in 25 to 50 columns
    for path in (
        c.good,
        c.write(
            "none.yaml",
            open(vast, encoding="utf-8").read().replace("store: records", "store: none"),
        ),
    ):
        done = c.run("check", path, "--no-forecast")
        assert done.returncode == 0 and "warning" not in done.stdout, t.told(
            done, f"check {os.path.basename(path)}: it fits"
        )
    process = subprocess.Popen(
        [c.bl23, "survey", vast, "--backend", "cpu"],
        cwd=c.folder,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    line = process.stderr.readline()
    process.terminate()
    process.communicate()
    assert process.returncode == 3 and re.match(says, line), t.note(
        "survey for no disk", process.returncode, line
    )
    t.run_ok(["rm", "-rf", c.out + ".run"])


@pytest.fixture
def models(c):
    """The folder of exported models, and the paths of the models."""
    folder = c.path("models")
    t.run_ok([c.bl23, "bench", "--export", folder])
    return folder, [os.path.join(folder, name + ".model") for name in t.SURVEYS]


def test_export_again(c, models):
    """bl23 bench --export replaces models, also those of an older version with another length."""
    folder, names = models
    before = [t.read(name) for name in names]
    with open(names[1], "r+b") as f:
        f.seek(6)
        f.write(b"0")
        f.truncate(100)
    t.run_ok([c.bl23, "bench", "--export", folder])
    assert [t.read(name) for name in names] == before


@pytest.mark.parametrize("content", (b"precious", b""), ids=("a file", "an empty file"))
def test_export_over(c, models, content):
    """What is no model is not replaced, and nothing is exported beside it."""
    folder, names = models
    with open(names[2], "wb") as f:
        f.write(content)
    os.remove(names[0])
    says = f"--export: {names[2]} exists and is not a model of bl23; choose another folder"
    c.refused("bench", "--export", folder, says=says)
    assert t.read(names[2]) == content
    assert not os.path.exists(names[0]), os.listdir(folder)


@pytest.mark.parametrize(
    "bad, says",
    (
        ("good.yaml", "output file: '{path}/"),
        ("no/folder", "--export: the folder '{path}"),
        ("x" * 5000, "cannot be made (File name too long)"),
        ("", "--export: the folder '' cannot be made (No such file or directory)"),
    ),
    ids=("a file", "no folder", "a long name", "no name"),
)
def test_bad_export(c, bad, says):
    path = c.path(bad) if len(bad) in range(1, 100) else bad
    c.refused("bench", "--export", path, says=says.format(path=path)[:80])


@pytest.mark.parametrize("name", ("tables", "replay"))
def test_writers_at_once(c, name):
    """Any number of writers of one output: each completes it, or finds that one is there."""
    survey, out = c.path("source.h5"), c.path("shared.h5")
    t.run_ok([c.bl23, "survey", c.good, "-o", survey, "--quiet", "--backend", "cpu"])
    mine = c.write("shared.h5.tmp", "precious")
    masses = ",".join(f"0.{k}" for k in range(101, 160))
    command = {"tables": ["tables", "--mass", masses], "replay": ["replay", survey]}[name]
    codes, before, several = [], set(os.listdir(c.folder)), 0
    for _ in range(8):
        writers = [
            subprocess.Popen(
                [c.bl23, *command, "-o", out],
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                text=True,
            )
            for _ in range(6)
        ]
        for writer, told in [(w, w.communicate()[1]) for w in writers]:
            codes.append(writer.returncode)
            late = writer.returncode == 2 and "has appeared" in told
            taken = writer.returncode == 2 and "exists; choose a name that is free" in told
            assert writer.returncode == 0 or late or taken, (writer.returncode, told)
            several += late
        assert set(os.listdir(c.folder)) == before | {"shared.h5"}
        with t.h5py.File(out) as f:
            assert "tables/forms" in f and f["tables/forms"].size, "the output is not whole"
        os.remove(out)
    assert codes.count(0) >= 8 and several > 0, "several must get as far as writing at once"
    assert t.read(mine) == b"precious", "a file of the user's that ends in .tmp was changed"


def test_shipped(c, surveys):
    """Every shipped configuration is valid."""
    for path in sorted(glob.glob(os.path.join(surveys, "**", "*.yaml"), recursive=True)):
        done = c.run("check", path)
        assert done.returncode == 0 and "is valid" in done.stdout, t.told(done)


def config_hash(path):
    with t.h5py.File(path) as f:
        return f.attrs["config_hash"], f["config"].attrs["yaml"].decode()


WILD = {  # of GOOD
    "{fixed: 0.140}": "{list: [0.1, 0.12345678901234567, 0.3]}",
    "g_bl: solve": "g_bl: {log_uniform: [1.1e-6, 0.1]}",
    "w: haar": "w: {fixed: [0.3, 1.7, 0.2, 0.1, 1e-3, -5]}",
    "upper: 1.0e-5": "curve: good.csv",
    '"me"': '"a \\"quoted\\" \\\\ text: # \\u00e9"',
}


BANDS = {"upper: 1.0e-5, cl: 0.9": "central: 3.3e-6, sigma: 1.1e-6, mass_outside_gev: [0.2, 0.3], "
         "invisible: true"}


BINS = {"nearest: 10": "bins: {log10_g: [-12.1, 1e-3], phase12: [-3.141592653589793, 0.1], "
        "phase23: {number: 10}, wu11_abs2: {range: [0, 0.5], number: 254}}"}


CHOICES = {"m_t: 163.0": "m_t: 163.0, width: two_neutrinos, br_inv: one, long_distance: true"}


CHANGED = {"good": {}, "wild": WILD, "bands": BANDS, "bins": BINS, "choices": CHOICES}


@pytest.mark.parametrize("name", (*t.SURVEYS, *t.CHARM_SURVEYS, *CHANGED))
def test_resolved(c, surveys, name):
    """What `check` shows is read again and means the same; so does what the file carries."""
    path, text = os.path.join(surveys, name + ".yaml"), GOOD
    if name in CHANGED:
        for old, new in CHANGED[name].items():
            assert old in text
            text = text.replace(old, new)
        path = c.write(name + ".yaml", text)
    done = c.run("check", path, "--json")
    assert done.returncode == 0, t.told(done)
    text = json.loads(done.stdout)["yaml"]
    chosen = re.findall(r"^  (?:width|br_inv|long_distance): .*$", text, flags=re.M)
    assert chosen == ([f"  {line}" for line in CHOICES["m_t: 163.0"].split(", ")[1:]]
                      if name == "choices" else []), text
    shown = c.run("check", path, "--show", "--no-forecast").stdout
    again = c.write(name + "-resolved.yaml", shown)
    assert json.loads(c.run("check", again, "--json").stdout)["yaml"] == text
    plain = c.run("check", path, "--show")
    assert plain.returncode == 0 and text in plain.stdout, t.told(plain)
    hashes, out = [], c.path("hash.h5")
    for config in (path, again):
        options = ["-o", out, "--force", "--quiet", "--samples", 5000]
        t.run_ok([c.bl23, "survey", config, *options], cwd=c.folder)
        hashes.append(config_hash(out))
    assert hashes[0] == hashes[1]


def test_default_bins(c):
    """Bins of the default range are not shown: they leave the configuration what it is."""
    pi = "3.141592653589793"
    usual = (f"bins: {{wu12_abs2: [0, 1], phase13: {{range: [-{pi}, {pi}]}}, "
             "phase23: {number: 64}, log10_g: [-8.0, 0]}")
    texts = [GOOD.replace("nearest: 10", more) for more in ("cutflow_every: 1", usual)]
    shown = [
        json.loads(c.run("check", c.write("usual.yaml", text), "--json").stdout)["yaml"]
        for text in texts
    ]
    assert shown[0] == shown[1] and "bins" not in shown[0], shown


@pytest.mark.parametrize(
    "bins, missed", (("[-30, -20]", True), ("[0, 1]", True), ("[-30, 1]", False))
)
def test_bins_missed(c, surveys, bins, missed):
    """check and the summary say that no survivor lies in the bins of log10_g."""
    says = "arning: the bins of log10_g, from {:g} to {:g}, contain none of the survivors; choose "
    says = says.format(*json.loads(bins)) + "a range that does by output.bins.log10_g\n"
    output = {"bins": {"log10_g": json.loads(bins)}}
    config = t.with_changes(os.path.join(surveys, "fig3.yaml"), c.path("b.yaml"), output=output)
    for command in ("check", "survey", "survey"):
        done = c.run(command, config, "--samples", 20000)
        assert done.returncode == 0, t.told(done)
        assert done.stdout.count(says) == done.stdout.count("log10_g, from") == missed, done.stdout


def finished(c):
    """The summary of --json of a survey that is made now."""
    done = c.run("survey", c.good, "--json", "--backend", "cpu")
    assert done.returncode == 0, t.told(done)
    return json.loads(done.stdout)


def test_summary(c):
    """--json, and the file it is about."""
    summary = finished(c)
    assert summary["drawn"] == 5000 and summary["output"] == c.out, summary
    with t.h5py.File(c.out) as f:
        assert int(f.attrs["passed"]) == summary["passed"] and int(f.attrs["seed"]) == 7
    again = c.run("survey", c.good, "--json", "--backend", "cpu")
    recalled = dict(json.loads(again.stdout), samples_per_s=summary["samples_per_s"])
    assert again.returncode == 0, t.told(again)
    assert recalled == dict(summary, finished=True), "a finished survey has the same summary"


def test_earlier_format(c):
    """A file in an earlier format is named as such; the file stays unless --force is given."""
    finished(c)
    with t.h5py.File(c.out, "r+") as f:
        assert f.attrs["format_version"] == 6
        f.attrs.modify("format_version", t.np.uint64(3))
    before, says = t.read(c.out), f"{c.out} was made by an earlier build of bl23, in another format"
    c.refused("replay", c.out, says=f"{says}; compute the survey anew")
    for options in ((), ("--extend",)):
        advice = "choose another name, or use --force to compute the survey anew in its place"
        c.refused("survey", c.good, *options, says=f"{says}; {advice}")
    assert t.read(c.out) == before
    assert c.run("survey", c.good, "--force").returncode == 0
    t.run_ok([c.bl23, "replay", c.out])


def test_summary_as_text(c):
    """The summary of a finished survey is that of the run, but for its speed."""
    done = t.run_ok([c.bl23, "survey", c.good, "--backend", "cpu"], cwd=c.folder)
    assert not done.stderr, "a short survey says nothing on stderr"
    text = done.stdout.split("\nWritten:")[0]
    first = [line for line in text.splitlines() if not line.startswith("speed")]
    again = c.run("survey", c.good, "--backend", "cpu").stdout
    second, found, _ = again.partition(f"\n{c.out} is finished: 5000 samples")
    assert found and len(first) > 10
    assert first == second.splitlines()


@pytest.mark.parametrize(
    "option, text, value",
    (("samples", "123", 123), ("seed", "9223372036854775808", 2**63), ("samples", "1e4", 10000)),
)
def test_number(c, option, text, value):
    t.run_ok([c.bl23, "survey", c.good, "--force", f"--{option}", text], cwd=c.folder)
    with t.h5py.File(c.out) as f:
        assert int(f.attrs[option]) == value


@pytest.fixture(scope="module")
def ten_thousand(bl23, shared):
    """A Cli whose survey of 10000 samples is finished."""
    c = Cli(bl23, shared)
    t.run_ok([c.bl23, "survey", c.good, "--samples", "1e4", "--quiet"], cwd=c.folder)
    return c


def test_index_with_output(ten_thousand):
    c, says = ten_thousand, "--index cannot be combined with -o"
    c.refused("replay", c.out, "--index", "5", "-o", "one.h5", says=says)


@pytest.mark.parametrize("index", ("-1", "x", "1.5", "0x10", "nan", "inf", ""))
def test_bad_index(ten_thousand, index):
    says = f"--index must be a whole number from 0, like 1e5 (got '{index}')"
    ten_thousand.refused("replay", ten_thousand.out, "--index", index, says=says)


@pytest.mark.parametrize(
    "index", ("99999999", "10000", "1e4", "1e30", "9223372036854775808", "18446744073709551616")
)
def test_index_beyond(ten_thousand, index):
    says = f"--index must be a sample of the survey, from 0 to 9999 (got '{index}')"
    ten_thousand.refused("replay", ten_thousand.out, "--index", index, says=says)


def test_index(ten_thousand):
    """A sample as text: units where there are some."""
    c = ten_thousand
    one, same = (c.run("replay", c.out, "--index", index) for index in ("5000", "5e3"))
    assert one.returncode == 0 and one.stdout == same.stdout, t.told(one)
    assert one.stdout.startswith("index          5000\n"), t.told(one)
    assert re.search(r"^mass_gev +\S+ GeV$", one.stdout, flags=re.M), t.told(one)
    assert re.search(r"^g_min +\S+$", one.stdout, flags=re.M), t.told(one)
    assert not re.search(" 1$", one.stdout, flags=re.M), t.told(one)


@pytest.mark.parametrize("name", ("none/full.h5", "out.h5"), ids=("no folder", "itself"))
def test_replay_output(ten_thousand, name):
    """replay -o into nowhere, and onto the file itself."""
    c = ten_thousand
    before = t.read(c.out)
    done = c.run("replay", c.out, "-o", name)
    assert done.returncode == 2 and name in done.stderr, t.told(done)
    assert t.read(c.out) == before


def test_solved_cutflow(c):
    """With g free some g meets nearly any constraint alone: the cut-flow leaves that out."""
    fixed = c.write("fixed.yaml", GOOD.replace("g_bl: solve", "g_bl: {fixed: 1.0e-3}"))
    for config, there in ((c.good, False), (fixed, True)):
        done = t.run_ok([c.bl23, "survey", config, "--force", "--quiet", "--backend", "cpu"])
        head, rows = re.search(r"^(Cut-flow .*)\n((?:  .*\n)+)", done.stdout, flags=re.M).groups()
        assert ("alone" in head) == there, done.stdout
        assert {row.count(" %") for row in rows.splitlines()} == {1 + there}, done.stdout


def test_largest_survey(c):
    """2^63 samples: readers of JSON take every number of the summary of a part as it is."""
    part = os.path.join(c.folder, "part.h5")
    done = t.run_ok(
        [
            c.bl23,
            "survey",
            c.good,
            "-o",
            part,
            "--samples",
            2**63,
            "--first",
            2**63 - 4096,
            "--count",
            4096,
            "--json",
            "--quiet",
            "--backend",
            "cpu",
        ]
    )
    told = json.loads(done.stdout or "{}")
    assert (told.get("samples"), told.get("first"), told.get("count"), told.get("held")) == (
        2**63,
        2**63 - 4096,
        4096,
        4096,
    ), t.told(done, "--json of a part of 2^63 samples")
