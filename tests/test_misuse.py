#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
"""What a user may get wrong without noticing is refused, and nothing of his is lost by it.

No command writes over a file that it reads, whatever the file's name; names are safe in every file; `check` leaves
nothing behind, however it ends.
"""
import json
import os
import re
import signal
import subprocess
import time

import before_pytest as t

CONFIG = """survey: {samples: 20000, mass_gev: {fixed: 0.14}, g_bl: {fixed: 1.0e-3}, w: {fixed: [0, 0, 1, 0, 1, 0.59]}}
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

    def refused(self, arguments, *patterns):
        """Exit 2, one sentence on stderr that says what is wrong; no file comes, goes or changes."""
        before = {name: t.read(self.path(name)) for name in os.listdir(self.folder) if os.path.isfile(self.path(name))}
        folders = sorted(os.listdir(self.folder))
        done, what = self.run(*arguments), " ".join(map(str, arguments))
        t.check(done.returncode == 2 and done.stderr.startswith("bl23: ") and done.stderr.count("\n") == 1 and not done.stdout,
                f"{what}: exit 2 and one sentence", *t.told(done))
        for pattern in patterns:
            t.check(re.search(pattern, done.stderr), f"{what}: '{pattern}' in the message", *t.told(done))
        after = {name: t.read(self.path(name)) for name in os.listdir(self.folder) if os.path.isfile(self.path(name))}
        t.check(after == before and sorted(os.listdir(self.folder)) == folders, f"{what}: all files are as they were", sorted(after), folders)


def inputs_are_kept(c):
    """A file that a run reads is never its output: by its name, by another spelling, by a link."""
    c.write("mine.csv", CURVE)
    c.write("ov.csv", CURVE)
    c.write("config.yaml", CONFIG)
    c.write("good.yaml", CONFIG.replace("curve: mine.csv", "upper: 1"))
    c.write("itself.yaml", CONFIG.replace("out.h5", "mine.csv"))
    os.symlink("mine.csv", c.path("link.csv"))
    os.link(c.path("mine.csv"), c.path("hard.csv"))
    t.run_ok([c.bl23, "tables", "--mass", "0.14", "-o", c.path("tables.h5")])
    for k in range(2):
        t.run_ok([c.bl23, "survey", "config.yaml", "-o", f"p{k}.h5", "--first", 10000 * k, "--count", 10000, "--quiet"], cwd=c.folder)
    merge = ["merge", "p0.h5", "p1.h5", "--config", "config.yaml", "--force"]
    plane = ["plane", "config.yaml", "--force"]
    for name in ("mine.csv", "./mine.csv", c.path("mine.csv"), "link.csv", "hard.csv", "config.yaml"):
        says = f"output file: '{re.escape(name)}' is an input of this run; choose another name"
        for command in (["survey", "config.yaml", "--force", "-o"], ["survey", "config.yaml", "-o"], [*plane, "-o"], [*plane, "--csv"], [*merge, "-o"]):
            c.refused([*command, name], says)
    says = "^bl23: output file: '.*' is an input of this run; choose another name"
    c.refused(["survey", "itself.yaml", "--force"], says)
    c.refused(["check", "itself.yaml"], says)
    c.refused([*plane, "--overlay", "x=ov.csv", "--csv", "ov.csv"], says)
    c.refused([*plane, "--overlay", "x=ov.csv", "-o", "../" + os.path.basename(c.folder) + "/ov.csv"], says)
    c.refused(["survey", "config.yaml", "--force", "--model", "tables.h5", "-o", "./tables.h5"], says)
    c.refused([*merge, "--model", "tables.h5", "-o", "./tables.h5"], says)
    for command in (["bound", "good.yaml", "-o"], ["plane", "good.yaml", "--csv"], ["replay", "tables.h5", "-o"], ["tables", "--mass", "0.1", "-o"]):
        c.refused([*command, "mine.csv"], "-o: 'mine.csv' exists; choose a name that is free")
    for command in ([*plane, "--overlay", "x=ov.csv", "-o", "new.h5", "--csv", "new.csv"], ["survey", "config.yaml", "--force", "--quiet", "-o", "new.h5"]):
        done = c.run(*command)
        t.check(done.returncode == 0, "other names are written, and with --force written over", *t.told(done))


def names_are_safe(c):
    """A name with every sign that is allowed goes through plane, CSV, survey and the resolved configuration."""
    name = "My_own-limit+2.5"
    c.write("named.yaml", CONFIG.replace("name: mine", f"name: {name}"))
    t.run_ok([c.bl23, "plane", "named.yaml", "-o", "named.h5", "--csv", "named.csv"], cwd=c.folder)
    with t.h5py.File(c.path("named.h5")) as f:
        t.check(name in f["constraints"], "the group of the plane", list(f["constraints"]))
    header = next(line for line in t.read(c.path("named.csv")).decode().split("\n") if not line.startswith("#"))
    t.check(any(column.startswith(name) for column in header.split(",")), "the columns of the table", header)
    done = c.run("survey", "named.yaml", "-o", "named_survey.h5", "--quiet")
    t.check(done.returncode == 0 and name in done.stdout, "its line in the cut-flow", *t.told(done))


def check_leaves_nothing(c, source):
    """Stopped while its trial file is there, `check` takes the file with it."""
    config = os.path.join(source, "scripts", "surveys", "fig3.yaml")
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        before = set(os.listdir(c.folder))
        text = t.read(config).decode().replace("file: ", "file: trial-")
        process = subprocess.Popen([c.bl23, "check", c.write("trial.yaml", text)], cwd=c.folder, text=True,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        while not any(".speed-" in name for name in os.listdir(c.folder)) and process.poll() is None:
            time.sleep(0.001)
        t.check(process.poll() is None, "the trial file was seen")
        process.send_signal(number)
        out, error = process.communicate()
        name = signal.Signals(number).name
        t.check(process.returncode == 3 and not out and "interrupted" in error and error.count("\n") == 1, f"check and {name}", process.returncode, out, error)
        left = set(os.listdir(c.folder)) - before - {"trial.yaml"}
        t.check(not left, f"check and {name}: nothing is left", left)


def output_of_another(c):
    """`check` says in one line what the survey would stop at; the file's name is a default like others."""
    c.write("taken.yaml", CONFIG.replace("curve: mine.csv", "upper: 1").replace("out.h5", "taken.h5"))
    text = lambda: c.run("check", "taken.yaml", "--no-forecast")
    told = lambda: json.loads(c.run("check", "taken.yaml", "--no-forecast", "--json").stdout)
    t.check("warning" not in text().stdout and "output_taken" not in told(), "nothing lies there")
    for seed, there in (("5", True), ("1", False)):
        t.run_ok([c.bl23, "survey", "taken.yaml", "--seed", seed, "--quiet", "--force"], cwd=c.folder)
        done = text()
        lines = [line for line in done.stdout.split("\n") if line.startswith("# warning: the survey would stop: ")]
        t.check(done.returncode == 0 and not done.stderr and len(lines) == there, f"an output of seed {seed}", *t.told(done))
        t.check(("output_taken" in told()) == there, f"an output of seed {seed}: --json", told())
        if there:
            refusal = c.run("survey", "taken.yaml", "--backend", "cpu").stderr
            t.check(lines[0].endswith(refusal[len("bl23: "):-1]) and told()["output_taken"] in refusal, "the words of the survey", lines, refusal)
    resolved = text().stdout
    t.check('\n  file: "taken.h5"\n' in resolved and '\n  file: \"taken.h5\"\n' in told()["yaml"], "output: file is shown", resolved)
    c.write("unnamed.yaml", told()["yaml"].replace('  file: "taken.h5"\n', ""))
    done = c.run("check", "unnamed.yaml", "--no-forecast")
    t.check(done.returncode == 0 and '\n  file: "survey.h5"\n' in done.stdout, "the default of output: file", *t.told(done))


def run_of_another(c):
    """`check` tells how far an unfinished run is, or that it is one of another configuration."""
    c.write("begun.yaml", CONFIG.replace("curve: mine.csv", "upper: 1").replace("out.h5", "begun.h5"))
    t.run_ok([c.bl23, "survey", "begun.yaml", "--first", "0", "--count", "900", "--quiet"], cwd=c.folder)
    before = sorted((name, t.read(os.path.join(c.folder, "begun.h5.run", name))) for name in os.listdir(os.path.join(c.folder, "begun.h5.run")))
    told = json.loads(c.run("check", "begun.yaml", "--no-forecast", "--json").stdout)
    t.check(told["samples_done"] == 900 and "output_taken" not in told, "900 samples are there", told)
    done = c.run("check", "begun.yaml", "--no-forecast")
    t.check("\n# 900 of these samples are done: the survey goes on from there\n" in done.stdout, "900 samples are there", *t.told(done))
    done = c.run("check", "begun.yaml", "--no-forecast", "--samples", "77777")
    refusal = c.run("survey", "begun.yaml", "--samples", "77777", "--backend", "cpu")
    lines = [line for line in done.stdout.split("\n") if line.startswith("# warning: the survey would stop: begun.h5.run/manifest:1: ")]
    t.check(len(lines) == 1 and refusal.returncode == 2 and lines[0].endswith(refusal.stderr[len("bl23: "):-1]), "a run of other samples", *t.told(done), *t.told(refusal))
    after = sorted((name, t.read(os.path.join(c.folder, "begun.h5.run", name))) for name in os.listdir(os.path.join(c.folder, "begun.h5.run")))
    t.check(before == after, "looking changes nothing", [name for name, _ in after])


def bound_of_one_band(c):
    """The two edges of one band decide together: its name stands once."""
    c.write("band.yaml", """survey: {mass_gev: {fixed: 0.14}}
constraints:
  extra: [{name: mine, observable: delta_a_mu, central: 2.5e-9, sigma: 6e-10, cite: "me"}]
""")
    done = c.run("bound", "band.yaml")
    t.check(done.returncode == 0 and "\n  decided by    mine\n" in done.stdout and "against" not in done.stdout, "bound of one band", *t.told(done))


def main():
    bl23, source = t.arguments()
    c = Case(bl23, t.work_folder())
    inputs_are_kept(c)
    names_are_safe(c)
    check_leaves_nothing(c, source)
    output_of_another(c)
    run_of_another(c)
    bound_of_one_band(c)
    t.finish()


if __name__ == "__main__":
    main()
