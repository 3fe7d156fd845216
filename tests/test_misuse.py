#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
"""What a user may get wrong without noticing is refused, and nothing of his is lost by it.

No command writes over a file that it reads, whatever the file's name; names are safe in every
file; `check` leaves nothing behind, however it ends.
"""

import json
import os
import re
import signal
import subprocess
import time

import pytest

import survey_tools as t

CONFIG = """survey: {samples: 20000, mass_gev: {fixed: 0.14}, g_bl: {fixed: 1.0e-3},
         w: {fixed: [0, 0, 1, 0, 1, 0.59]}}
constraints:
  sets: [paper2020]
  extra: [{name: mine, observable: g_bl, curve: mine.csv, cl: 0.9, cite: "me"}]
output: {file: out.h5}
"""
CURVE = "m_gev,upper\n0.01,1e-2\n1,1e-2\n"


class Case:
    def __init__(self, bl23, folder):
        self.bl23, self.folder = bl23, folder

    def path(self, name):
        return os.path.join(self.folder, name)

    def write(self, name, text):
        with open(self.path(name), "w", encoding="utf-8") as f:
            f.write(text)
        return name

    def run(self, *arguments, **options):
        return t.run([self.bl23, *arguments], cwd=self.folder, **options)

    def files(self):
        """Names of all that is here, with the content of the files."""
        paths = {name: self.path(name) for name in os.listdir(self.folder)}
        return {n: t.read(p) if os.path.isfile(p) else None for n, p in paths.items()}

    def refused(self, arguments, says):
        """Exit 2, one sentence that says what is wrong; no file comes, goes or changes."""
        before = self.files()
        done = self.run(*arguments)
        assert done.returncode == 2 and not done.stdout, t.told(done)
        assert done.stderr.startswith("bl23: ") and done.stderr.count("\n") == 1, t.told(done)
        assert says in done.stderr, t.told(done, f"the message does not say {says!r}")
        after = self.files()
        assert after == before, t.note("files have changed", sorted(before), sorted(after))


@pytest.fixture
def c(bl23, folder):
    return Case(bl23, folder)


@pytest.fixture(scope="module")
def inputs(bl23, shared):
    """A folder with configurations, curves with several names, tables and parts of a survey."""
    c = Case(bl23, shared)
    c.write("mine.csv", CURVE)
    c.write("ov.csv", CURVE)
    c.write("config.yaml", CONFIG)
    c.write("good.yaml", CONFIG.replace("curve: mine.csv", "upper: 1"))
    c.write("itself.yaml", CONFIG.replace("out.h5", "mine.csv"))
    os.symlink("mine.csv", c.path("link.csv"))
    os.link(c.path("mine.csv"), c.path("hard.csv"))
    t.run_ok([c.bl23, "tables", "--mass", "0.14", "-o", c.path("tables.h5")])
    for k in range(2):
        part = ["-o", f"p{k}.h5", "--first", 10000 * k, "--count", 10000, "--quiet"]
        t.run_ok([c.bl23, "survey", "config.yaml", *part], cwd=c.folder)
    return c


SURVEY = ["survey", "config.yaml", "--force"]
PLANE = ["plane", "config.yaml", "--force"]
MERGE = ["merge", "p0.h5", "p1.h5", "--config", "config.yaml", "--force"]
WRITERS = {
    "survey --force": [*SURVEY, "-o"],
    "survey": ["survey", "config.yaml", "-o"],
    "plane -o": [*PLANE, "-o"],
    "plane --csv": [*PLANE, "--csv"],
    "merge": [*MERGE, "-o"],
}
IS_AN_INPUT = "' is an input of this run; choose another name"


@pytest.mark.parametrize("command", WRITERS.values(), ids=WRITERS)
@pytest.mark.parametrize(
    "name", ("mine.csv", "./mine.csv", "FOLDER/mine.csv", "link.csv", "hard.csv", "config.yaml")
)
def test_input_is_kept(inputs, name, command):
    """A file that a run reads is never its output: by its name, another spelling, or a link."""
    name = name.replace("FOLDER", inputs.folder)
    inputs.refused([*command, name], f"bl23: output file: '{name}{IS_AN_INPUT}")


INPUTS = (
    ["survey", "itself.yaml", "--force"],
    ["check", "itself.yaml"],
    [*PLANE, "--overlay", "x=ov.csv", "--csv", "ov.csv"],
    [*PLANE, "--overlay", "x=ov.csv", "-o", "../FOLDER/ov.csv"],
    [*SURVEY, "--model", "tables.h5", "-o", "./tables.h5"],
    [*MERGE, "--model", "tables.h5", "-o", "./tables.h5"],
)


@pytest.mark.parametrize("command", INPUTS, ids=" ".join)
def test_other_inputs_are_kept(inputs, command):
    here = os.path.basename(inputs.folder)
    command = [word.replace("FOLDER", here) for word in command]
    out = command[-1] if command[-1].endswith((".csv", ".h5")) else "mine.csv"
    inputs.refused(command, f"bl23: output file: '{out}{IS_AN_INPUT}")


@pytest.mark.parametrize(
    "command",
    ("bound good.yaml -o", "plane good.yaml --csv", "replay tables.h5 -o", "tables --mass 0.1 -o"),
)
def test_file_is_kept(inputs, command):
    says = "'mine.csv' exists; choose a name that is free"
    inputs.refused([*command.split(), "mine.csv"], says)


@pytest.mark.parametrize("times", (1, 2), ids=("free", "taken"))
def test_other_names(inputs, times):
    """Other names are written, and with --force written over."""
    overlay = ["--overlay", "x=ov.csv", "-o", f"new{times}.h5", "--csv", f"new{times}.csv"]
    for command in [[*PLANE, *overlay], [*SURVEY, "--quiet", "-o", f"survey{times}.h5"]] * times:
        done = inputs.run(*command)
        assert done.returncode == 0, t.told(done)


def test_names_are_safe(c):
    """A name with every sign that is allowed goes through plane, table, survey and `check`."""
    name = "My_own-limit+2.5"
    c.write("mine.csv", CURVE)
    c.write("named.yaml", CONFIG.replace("name: mine", f"name: {name}"))
    t.run_ok([c.bl23, "plane", "named.yaml", "-o", "named.h5", "--csv", "named.csv"], cwd=c.folder)
    with t.h5py.File(c.path("named.h5")) as f:
        assert name in f["constraints"], t.note("the group of the plane", list(f["constraints"]))
    header = next(
        line
        for line in t.read(c.path("named.csv")).decode().split("\n")
        if not line.startswith("#")
    )
    assert any(column.startswith(name) for column in header.split(",")), t.note(
        "the columns of the table", header
    )
    done = c.run("survey", "named.yaml", "-o", "named_survey.h5", "--quiet")
    assert done.returncode == 0 and name in done.stdout, t.told(done, "its line in the cut-flow")


def catches(process, number):
    """Whether a process has a handler of its own for a signal, as the kernel says."""
    with open(f"/proc/{process.pid}/status", encoding="ascii") as f:
        caught = next(line for line in f if line.startswith("SigCgt:"))
    return int(caught.split()[1], 16) >> (number - 1) & 1


@pytest.mark.parametrize("name", ("SIGINT", "SIGTERM", "SIGHUP"))
def test_check_leaves_nothing(c, surveys, name):
    """`check` that is stopped while it runs samples leaves no file."""
    config, number = os.path.join(surveys, "fig3.yaml"), signal.Signals[name]
    before = set(os.listdir(c.folder))
    text = t.read(config).decode().replace("file: ", "file: trial-")
    process = subprocess.Popen(
        [c.bl23, "check", c.write("trial.yaml", text)],
        cwd=c.folder,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    while process.poll() is None and not catches(process, number):
        time.sleep(0.001)
    assert process.poll() is None, "check catches the signal"
    process.send_signal(number)
    out, error = process.communicate()
    assert (
        process.returncode == 3 and not out and "interrupted" in error and error.count("\n") == 1
    ), t.note(f"check and {name}", process.returncode, out, error)
    left = set(os.listdir(c.folder)) - before - {"trial.yaml"}
    assert not left, t.note(f"check and {name}: nothing is left", left)


def test_output_of_another(c):
    """`check` says in one line what the survey would stop at, and shows the name of the file."""
    c.write(
        "taken.yaml", CONFIG.replace("curve: mine.csv", "upper: 1").replace("out.h5", "taken.h5")
    )
    text = lambda: c.run("check", "taken.yaml", "--no-forecast")
    told = lambda: json.loads(c.run("check", "taken.yaml", "--no-forecast", "--json").stdout)
    assert "warning" not in text().stdout and "output_taken" not in told(), "nothing lies there"
    for seed, there in (("5", True), ("1", False)):
        t.run_ok(
            [c.bl23, "survey", "taken.yaml", "--seed", seed, "--quiet", "--force"], cwd=c.folder
        )
        done = text()
        lines = [
            line
            for line in done.stdout.split("\n")
            if line.startswith("warning: the survey would stop: ")
        ]
        assert done.returncode == 0 and not done.stderr and len(lines) == there, t.told(
            done, f"an output of seed {seed}"
        )
        assert ("output_taken" in told()) == there, t.note(
            f"an output of seed {seed}: --json", told()
        )
        if there:
            refusal = c.run("survey", "taken.yaml", "--backend", "cpu").stderr
            assert (
                lines[0].endswith(refusal[len("bl23: ") : -1]) and told()["output_taken"] in refusal
            ), t.note("the words of the survey", lines, refusal)
    resolved = c.run("check", "taken.yaml", "--no-forecast", "--show").stdout
    assert (
        '\n  file: "taken.h5"\n' in resolved and '\n  file: "taken.h5"\n' in told()["yaml"]
    ), t.note("output: file is shown", resolved)
    c.write("unnamed.yaml", told()["yaml"].replace('  file: "taken.h5"\n', ""))
    done = c.run("check", "unnamed.yaml", "--no-forecast", "--show")
    assert done.returncode == 0 and '\n  file: "survey.h5"\n' in done.stdout, t.told(
        done, "the default of output: file"
    )


def test_run_of_another(c):
    """`check` tells how far an unfinished run is, or that it is one of another configuration."""
    c.write(
        "begun.yaml", CONFIG.replace("curve: mine.csv", "upper: 1").replace("out.h5", "begun.h5")
    )
    t.run_ok(
        [c.bl23, "survey", "begun.yaml", "--first", "0", "--count", "900", "--quiet"], cwd=c.folder
    )
    before = sorted(
        (name, t.read(os.path.join(c.folder, "begun.h5.run", name)))
        for name in os.listdir(os.path.join(c.folder, "begun.h5.run"))
    )
    told = json.loads(c.run("check", "begun.yaml", "--no-forecast", "--json").stdout)
    assert told["samples_done"] == 900 and "output_taken" not in told, t.note(
        "900 samples are there", told
    )
    done = c.run("check", "begun.yaml", "--no-forecast")
    assert (
        "\n900 of these samples are done: the survey continues from there\n" in done.stdout
    ), t.told(done, "900 samples are there")
    done = c.run("check", "begun.yaml", "--no-forecast", "--samples", "77777")
    refusal = c.run("survey", "begun.yaml", "--samples", "77777", "--backend", "cpu")
    lines = [
        line
        for line in done.stdout.split("\n")
        if line.startswith("warning: the survey would stop: begun.h5.run/manifest:1: ")
    ]
    assert (
        len(lines) == 1
        and refusal.returncode == 2
        and lines[0].endswith(refusal.stderr[len("bl23: ") : -1])
    ), t.note("a run of other samples", t.told(done), t.told(refusal))
    after = sorted(
        (name, t.read(os.path.join(c.folder, "begun.h5.run", name)))
        for name in os.listdir(os.path.join(c.folder, "begun.h5.run"))
    )
    assert before == after, t.note("looking changes nothing", [name for name, _ in after])


@pytest.mark.parametrize("command", ("survey -o x.h5", "check", "bound", "cover", "plane -o x.h5",
                                     "points rows.csv -o -", "cite"))
def test_bounds_are_no_configuration(inputs, command):
    """A file of certificates is YAML, too: what it is is said, not which key it has too many."""
    if not os.path.exists(inputs.path("bounds.json")):
        t.run_ok([inputs.bl23, "bound", "@fig3", "-o", "bounds.json"], cwd=inputs.folder)
    verb, *rest = command.split()
    inputs.refused([verb, "bounds.json", *rest],
                   "bounds.json is a file of bounds, not a configuration; name the configuration")


def test_tables_say_how_many_masses_they_show(c):
    """Of many masses the tables of bound and cover show some, and say so."""
    for masses, says in ((9, None), (10, "\n9 of the 10 masses (--json shows all):\n  m")):
        c.write("m.yaml", f"survey: {{mass_gev: {{uniform: [0.12, 0.15], knots: {masses}}}}}\n"
                          "constraints: {sets: [paper2020]}\n")
        for command in (["bound"], ["cover", "--cells", "10"]):
            shown = t.run_ok([c.bl23, command[0], "m.yaml", *command[1:]], cwd=c.folder).stdout
            assert says in shown if says else " of the 9 masses (" not in shown, shown
            whole = json.loads(t.run_ok([c.bl23, command[0], "m.yaml", *command[1:], "--json"],
                                        cwd=c.folder).stdout)
            assert len(whole["masses"]) == masses


def test_bound_of_one_band(c):
    """The two edges of one band decide together: its name stands once."""
    c.write(
        "band.yaml",
        """survey: {mass_gev: {fixed: 0.14}}
constraints:
  extra: [{name: mine, observable: delta_a_mu, central: 2.5e-9, sigma: 6e-10, cite: "me"}]
""",
    )
    done = c.run("bound", "band.yaml")
    assert (
        done.returncode == 0
        and "\n  decided by    mine\n" in done.stdout
        and "against" not in done.stdout
    ), t.told(done, "bound of one band")
