#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
"""What the end of a command needs is tried at its beginning; an answer without a file is printed.

An output whose name, folder or old file would stop the command in the end is refused before
anything is computed. Where the file cannot be written all the same, the answer is on stdout, and
the exit code is 1.
"""

import os
import shutil
import subprocess
import time

import pytest

import survey_tools as t

ENDING = len(".ffffffff-2147483647-99.tmp")  # of the longest temporary file beside an output
SEGMENT = len(".run/segment-" + "f" * 16 + "-" + "f" * 16)
NOBODY = 65534


class Case:
    def __init__(self, bl23, surveys, folder, shim):
        self.bl23, self.folder, self.shim = bl23, folder, shim
        self.config = os.path.join(surveys, "fig3.yaml")
        self.plane = os.path.join(surveys, "benchmark.yaml")
        self.reference = self.path("reference.h5")
        t.run_ok(self.survey(self.reference))
        for first in (0, 5000):
            t.run_ok(self.part(self.path(f"part{first}.h5"), first))

    def path(self, *names):
        return os.path.join(self.folder, *names)

    def empty(self, name):
        shutil.rmtree(self.path(name), ignore_errors=True)
        os.mkdir(self.path(name))
        return self.path(name)

    def survey(self, out, *more):
        command = [self.bl23, "survey", self.config, "-o", out, "--samples", "10000"]
        return [*command, "--threads", "1", "--backend", "cpu", "--quiet", *more]

    def part(self, out, first=0):
        return self.survey(out, "--first", str(first), "--count", "5000")

    def commands(self, out):
        """Every command that writes a file."""
        return (
            self.survey(out),
            [self.bl23, "bound", self.config, "-o", out],
            [self.bl23, "plane", self.plane, "-o", out],
            [self.bl23, "plane", self.plane, "--force", "--csv", out],
            [self.bl23, "tables", "--mass", "0.14", "-o", out],
            [self.bl23, "merge", self.path("part0.h5"), self.path("part5000.h5"), "-o", out],
            [self.bl23, "replay", self.reference, "-o", out],
        )


@pytest.fixture(scope="module")
def c(bl23, surveys, shared, shim):
    return Case(bl23, surveys, shared, shim)


@pytest.mark.parametrize("more", (0, 1, 13, ENDING))
def test_long_names(c, more):
    """The longest name that will be made decides, wherever it is made."""
    folder = c.empty("names")
    longest = os.pathconf(folder, "PC_NAME_MAX") - ENDING
    length = longest + more
    for command in c.commands(os.path.join(folder, "n" * (length - 3) + ".h5")):
        done, what = t.run(command), f"{command[1]}, a name of {length} bytes"
        if length == longest:
            assert done.returncode == 0 and len(os.listdir(folder)) == 1, t.note(
                what, os.listdir(folder), t.told(done)
            )
        else:
            assert (
                done.returncode == 2
                and not done.stdout
                and "shorter name" in done.stderr
                and done.stderr.count("\n") == 1
            ), t.told(done, f"{what}: refused")
            assert not os.listdir(folder), t.note(f"{what}: nothing is left", os.listdir(folder))
        folder = c.empty("names")


def deep_folder(c, length):
    """A folder whose path has so many bytes."""
    path = c.empty("deep")
    here = os.open(path, os.O_RDONLY)
    while len(path) < length:
        name = "d" * min(200, length - len(path) - 1)
        if length - len(path) - 1 - len(name) == 1:  # what is left must fit a slash and a letter
            name = name[:-1]
        os.mkdir(name, dir_fd=here)
        inner = os.open(name, os.O_RDONLY, dir_fd=here)
        os.close(here)
        here, path = inner, os.path.join(path, name)
    os.close(here)
    return path


@pytest.mark.parametrize("more", (0, 1, 40))
def test_long_paths(c, more):
    """A path to which nothing can be added is refused, not cut."""
    longest = os.pathconf("/", "PC_PATH_MAX") - 1 - SEGMENT - ENDING
    length = longest + more
    folder = deep_folder(c, length - len("/o.h5"))
    out = os.path.join(folder, "o.h5")
    done, what = (
        t.run(c.survey(out, "--commit", "0", "--range", "2000")),
        f"survey, a path of {length} bytes",
    )
    if length == longest:
        assert done.returncode == 0 and os.path.exists(out), t.told(done, what)
    else:
        assert done.returncode == 2 and "shorter path" in done.stderr, t.told(
            done, f"{what}: refused"
        )
        assert not os.listdir(folder), t.note(f"{what}: nothing is left", os.listdir(folder))


def as_nobody(c, command, umask=-1):
    """The finished process, of a user who may do less than root."""
    return subprocess.run(
        [c.path("bl23"), *command[1:]],
        user=NOBODY,
        group=NOBODY,
        extra_groups=[],
        umask=umask,
        capture_output=True,
        text=True,
        timeout=t.TIMEOUT_S,
        check=False,
    )


def test_rights(c):
    """Rights that only the last step asks for are asked for at the first."""
    if os.geteuid() != 0:
        pytest.skip("what another user may do needs root")
    os.chmod(c.folder, 0o755)
    shutil.copy(c.bl23, c.path("bl23"))
    c.config = shutil.copy(c.config, c.path("fig3.yaml"))
    folder = c.empty("sticky")
    os.chmod(folder, 0o1777)
    out = os.path.join(folder, "out.h5")
    shutil.copy(c.reference, out)
    before = t.read(out)
    done = as_nobody(c, c.survey(out, "--force", "--seed", "7"))
    assert (
        done.returncode == 1
        and "replacing failed" in done.stderr
        and os.listdir(folder) == ["out.h5"]
    ), t.note("another user's file in a sticky folder", os.listdir(folder), t.told(done))
    assert t.read(out) == before, "another user's file is as it was"
    done = as_nobody(c, c.survey(out))
    assert done.returncode == 0 and "is finished" in done.stdout, t.told(
        done, "another user's finished survey is shown"
    )
    out = os.path.join(folder, "part.h5")
    assert as_nobody(c, c.part(out)).returncode == 0, "a part of this user's"
    before = {name: t.read(os.path.join(out + ".run", name)) for name in os.listdir(out + ".run")}
    done = as_nobody(c, c.survey(out), umask=0o777)
    assert done.returncode == 1 and "Permission denied" in done.stderr, t.told(
        done, "a umask that locks the user out"
    )
    assert {
        name: t.read(os.path.join(out + ".run", name)) for name in os.listdir(out + ".run")
    } == before, t.note("nothing was computed", os.listdir(out + ".run"))
    done = as_nobody(c, c.survey(out))
    assert done.returncode == 0 and not t.h5_differences(out, c.reference), t.told(
        done, "the same survey with another umask"
    )


def failing(c, command, out, call="rename", which=-1):
    """The process whose last (or other) call of a kind fails."""
    env = {
        "LD_PRELOAD": c.shim,
        "BL23_FAULT_UNDER": os.path.dirname(out),
        "BL23_FAULT_LOG": c.path("log"),
        "BL23_FAULT_ERRNO": "28",
        "ASAN_OPTIONS": "verify_asan_link_order=0",
    }
    if os.path.exists(c.path("log")):
        os.remove(c.path("log"))
    t.run_ok(command, env=env)
    with open(c.path("log"), encoding="utf-8") as f:
        at = [line.split(" ")[0] for line in f if line.split(" ")[1] == call][which]
    c.empty("late")
    return t.run(command, env=dict(env, BL23_FAULT_AT=at))


def test_answers_without_file(c):
    """The file fails in the end: the answer is on stdout all the same, and the reason on stderr."""
    out = os.path.join(c.empty("late"), "out.h5")
    for json in ([], ["--json"]):
        for command in (
            ["bound", c.config],
            ["plane", c.plane],
            ["tables", "--mass", "0.14"],
            ["replay", c.reference],
        ):
            answer = t.run_ok([c.bl23, *command, *json]).stdout
            done, what = (
                failing(c, [c.bl23, *command, *json, "-o", out], out),
                f"{command[0]} {' '.join(json)}",
            )
            assert (
                done.returncode == 1
                and "No space left" in done.stderr
                and done.stderr.count("\n") == 1
            ), t.told(done, f"{what}: exit 1 and the reason")
            assert done.stdout == answer, t.note(
                f"{what}: the answer is printed", done.stdout, answer
            )
            assert not os.listdir(c.path("late")), t.note(
                f"{what}: no file", os.listdir(c.path("late"))
            )
    csv = os.path.join(c.path("late"), "out.csv")
    t.run_ok([c.bl23, "plane", c.plane, "--csv", csv])
    table = t.read(csv)
    c.empty("late")
    done = failing(c, [c.bl23, "plane", c.plane, "-o", out, "--csv", csv], out, which=-2)
    assert (
        done.returncode == 1 and os.listdir(c.path("late")) == ["out.csv"] and t.read(csv) == table
    ), t.note("the table comes without the other file", os.listdir(c.path("late")), t.told(done))
    done = failing(c, c.survey(out, "--json"), out, "rmdir")
    assert (
        done.returncode == 0
        and '"passed"' in done.stdout
        and done.stderr.startswith("note: ")
        and out + ".run" in done.stderr
    ), t.told(done, "a folder that cannot be removed: the summary, and a note")
    t.assert_same(c.reference, out, "a folder that cannot be removed")


@pytest.mark.parametrize("force", ((), ("--force",)), ids=("plain", "force"))
def test_appeared(c, force):
    """A file that appears at the name of the output meanwhile is not replaced; samples are kept."""
    out = os.path.join(c.empty("meanwhile"), "out.h5")
    if force:
        shutil.copy(c.reference, out)
    command = [
        c.bl23,
        "survey",
        c.config,
        "-o",
        out,
        "--samples",
        4 * 10**7,
        "--threads",
        1,
        "--quiet",
        *force,
    ]
    survey = subprocess.Popen(
        [str(x) for x in command], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    while survey.poll() is None and not os.path.exists(
        out + ".run/lock"
    ):  # it has looked at the name
        time.sleep(0.001)
    with open(out, "w", encoding="utf-8") as f:
        f.write("precious")
    told = survey.communicate()[1]
    assert survey.returncode == 2 and out in told and "was not replaced" in told, t.note(
        f"a file that appears {force}", survey.returncode, told
    )
    assert t.read(out) == b"precious" and os.listdir(
        out + ".run"
    ), f"a file that appears {force}: it stays, and the samples too"
    os.remove(out)
    t.run_ok(command)


def test_left_behind(c):
    """What a writer that died has left is removed, also where another process has its number, or
    nobody has waited for it (in a container often nobody does)."""
    out = os.path.join(c.path("left"), "out.h5")
    os.makedirs(os.path.dirname(out), exist_ok=True)
    writer = subprocess.Popen(
        [str(x) for x in c.survey(out)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    name = None
    while not name and writer.poll() is None:  # the temporary file of the trial or of the output
        name = next((n for n in os.listdir(os.path.dirname(out)) if n.endswith(".tmp")), None)
    writer.communicate()
    assert name, "no temporary file was seen"
    host = name.split(".h5.")[1].split("-")[0]
    other = subprocess.Popen(["sleep", "300"])
    old, young = (f"{out}.{host}-{other.pid}-{k}.tmp" for k in range(2))
    for path in (old, young):
        with open(path, "w", encoding="utf-8") as f:
            f.write("half an output")
    os.utime(old, (time.time() - 3600,) * 2)
    t.run_ok(c.survey(out, "--force"))
    assert not os.path.exists(old) and os.path.exists(young), t.note(
        "older than its process: removed; else kept", os.listdir(os.path.dirname(out))
    )
    other.kill()
    os.waitid(os.P_PID, other.pid, os.WEXITED | os.WNOWAIT)  # ended, and not waited for
    t.run_ok(c.survey(out, "--force"))
    assert not os.path.exists(young), t.note(
        "its process has ended: removed", os.listdir(os.path.dirname(out))
    )
    with open(young, "w", encoding="utf-8") as f:
        f.write("half an output")
    other.wait()
    t.run_ok(c.survey(out, "--force"))
    assert not os.path.exists(young), t.note(
        "its process has gone: removed", os.listdir(os.path.dirname(out))
    )
