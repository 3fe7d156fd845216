#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
"""Outputs that are symbolic links, folders that may only be read, and inputs that are no files.

The file to which a link leads is written and replaced, and the link stays. A folder, FIFO, socket
or device in the place of a file is named at once, whatever the command wants of it.
"""

import os
import shutil
import socket
import stat
import subprocess

import pytest

import survey_tools as t

NOBODY = 65534
HANG_S = 30
SAMPLES = 10000
CONFIG = """survey: {samples: 2000, mass_gev: {fixed: 0.14}, g_bl: {fixed: 1.0e-3},
         w: {fixed: [0, 0, 1, 0, 1, 0.59]}}
constraints: {sets: [paper2020], extra: [{name: x, observable: g_bl, curve: NAME, cite: me}]}
"""


class Case:
    def __init__(self, bl23, surveys, folder):
        self.bl23, self.folder = bl23, folder
        self.config = os.path.join(surveys, "fig3.yaml")
        self.plane = os.path.join(surveys, "benchmark.yaml")
        self.reference = self.path("reference.h5")
        t.run_ok(self.survey(self.reference))
        for k in range(2):
            t.run_ok(self.part(k, self.path(f"part{k}.h5")))

    def path(self, *names):
        return os.path.join(self.folder, *names)

    def survey(self, out, *more, samples=SAMPLES):
        return t.survey_command(self.bl23, self.config, "--backend cpu --threads 1 --quiet", "-o",
                                out, "--samples", samples, *more)

    def part(self, k, out):
        half = SAMPLES // 2
        return self.survey(out, "--first", k * half, "--count", half)

    def folders(self):
        """Two empty folders: of the link, and of its target."""
        for name in ("links", "targets"):
            shutil.rmtree(self.path(name), ignore_errors=True)
            os.mkdir(self.path(name))
        return self.path("links"), self.path("targets")


@pytest.fixture(scope="module")
def c(bl23, surveys, shared):
    return Case(bl23, surveys, shared)


def make_link(c, kind):
    """The link and its target, which does not exist."""
    links, targets = c.folders()
    link, target = os.path.join(links, "out.h5"), os.path.join(targets, "real.h5")
    if kind == "absolute":
        os.symlink(target, link)
    elif kind == "relative":
        os.symlink("../targets/real.h5", link)
    else:
        os.symlink(os.path.join("..", "targets", "real.h5"), os.path.join(links, "second"))
        os.symlink("second", link)
    return link, target


LINKS = ("absolute", "relative", "chain")


@pytest.mark.parametrize("kind", LINKS)
def test_survey_through_a_link(c, kind):
    """A survey, the same again, --force, --extend and a merge: the link stays."""
    link, target = make_link(c, kind)
    lead = os.readlink(link)
    commands = (
        c.survey(link),  # the link dangles
        c.survey(link),
        c.survey(link, "--force"),
        [c.bl23, "merge", c.path("part0.h5"), c.path("part1.h5"), "-o", link, "--force"],
    )
    for command in commands:
        done = t.run_ok(command)
        what = f"{kind}: {command[1]} {command[-1]}"
        assert os.readlink(link) == lead and not os.path.islink(target), what
        t.assert_same(c.reference, target, what)
        names = [os.listdir(os.path.dirname(path)) for path in (link, target)]
        assert names[1] == ["real.h5"] and len(names[0]) == (2 if kind == "chain" else 1), t.note(
            what, names, t.told(done))
    t.run_ok(c.survey(link, "--extend", samples=2 * SAMPLES))
    t.run_ok(c.survey(c.path("longer.h5"), "--force", samples=2 * SAMPLES))
    t.assert_same(c.path("longer.h5"), target, f"{kind}: --extend")
    assert os.readlink(link) == lead, f"{kind}: --extend leaves the link"


def test_other_outputs_through_a_link(c):
    """Every other command that writes a file: the target is new, the link stays."""
    commands = {
        "tables": [c.bl23, "tables", "--mass", "0.14", "-o"],
        "bound": [c.bl23, "bound", c.config, "-o"],
        "plane": [c.bl23, "plane", c.plane, "-o"],
        "plane --csv": [c.bl23, "plane", c.plane, "--csv"],
        "replay": [c.bl23, "replay", c.reference, "-o"],
    }
    for name, command in commands.items():
        link, target = make_link(c, "absolute")
        t.run_ok([*command, link])
        assert os.path.islink(link) and os.path.getsize(target) > 0, name
        assert not os.path.islink(target) and len(os.listdir(c.path("links"))) == 1, name
        done = t.run([*command, link])
        assert done.returncode == 2 and "exists; choose" in done.stderr, t.told(done, name)
        if name == "plane --csv":
            t.run_ok([*command, link, "--force"])
            assert os.path.islink(link), f"{name} --force"


def test_run_folder_of_a_link(c):
    """OUT.run lies beside the target: a survey of either name goes on with it, merge finds it."""
    link, target = make_link(c, "relative")
    t.run_ok(c.part(0, link))
    assert os.listdir(c.path("targets")) == ["real.h5.run"], os.listdir(c.path("targets"))
    t.run_ok([c.bl23, "merge", link, c.path("part1.h5"), "-o", c.path("m.h5"), "--force"])
    t.assert_same(c.reference, c.path("m.h5"), "merge of a part that is a link")
    t.run_ok(c.survey(target))
    t.assert_same(c.reference, link, "finished by the other name")
    assert os.listdir(c.path("targets")) == ["real.h5"] and os.path.islink(link)


def test_link_to_nowhere(c):
    """A link in a circle, into a folder that is not there, to a folder: one error before all."""
    links, targets = c.folders()
    for name, lead, says in (("circle.h5", "circle.h5", "leads in a circle"),
                             ("none.h5", "none/x.h5", "is in a folder that does not exist"),
                             ("folder.h5", targets, "exists and is not a regular file")):
        link = os.path.join(links, name)
        os.symlink(lead, link)
        for command in (c.survey(link), [c.bl23, "tables", "--mass", "0.14", "-o", link]):
            done = t.run(command)
            assert done.returncode == 2 and says in done.stderr and link in done.stderr, t.told(
                done, name)
            assert done.stderr.count("\n") == 1 and os.readlink(link) == lead, t.told(done, name)
    assert not os.listdir(targets), "nothing was written"


def as_nobody(c, *arguments):
    if os.geteuid() != 0:
        pytest.skip("what another user may do needs root")
    os.chmod(c.folder, 0o755)
    shutil.copy(c.bl23, c.path("bl23"))
    config = shutil.copy(c.config, c.path("fig3.yaml"))
    command = [str(config if x == c.config else x) for x in (c.path("bl23"), *arguments)]
    return subprocess.run(command, user=NOBODY, group=NOBODY, extra_groups=[], cwd=c.folder,
                          capture_output=True, text=True, timeout=t.TIMEOUT_S, check=False)


def test_link_into_a_closed_folder(c):
    """A target that cannot be replaced is named, and nothing is computed."""
    link, target = make_link(c, "absolute")
    shutil.copy(c.reference, target)
    before = t.read(target)
    os.chmod(c.path("links"), 0o777)
    done = as_nobody(c, *c.survey(link, "--force")[1:])
    assert done.returncode == 2 and "is in a folder that cannot be written" in done.stderr, t.told(
        done)
    assert f"'{link}' is a link to '{target}'" in done.stderr, t.told(done)
    done = as_nobody(c, *c.survey(link)[1:])
    assert done.returncode == 0 and "is finished" in done.stdout, t.told(done, "it is only read")
    assert t.read(target) == before and os.path.islink(link)


def test_check_where_one_may_only_read(c):
    """`check` answers about the configuration, and warns that the survey could not write there."""
    c.folders()
    done = as_nobody(c, "check", c.config, "--no-forecast")
    assert done.returncode == 0 and not done.stderr, t.told(done)
    lines = [x for x in done.stdout.split("\n") if "would stop: " in x]
    assert len(lines) == 1 and "is in a folder that cannot be written" in lines[0], t.told(done)
    done = as_nobody(c, "survey", c.config, "--samples", "1000")
    assert done.returncode == 2 and lines[0].split("stop: ")[1] in done.stderr, t.told(done)


# ---- inputs that are no files ----


def put(kind, path):
    if kind == "a FIFO":
        os.mkfifo(path)
    elif kind == "a folder":
        os.mkdir(path)
    elif kind == "a socket":
        here = os.getcwd()
        os.chdir(os.path.dirname(path))  # the name of a socket may not be long
        with socket.socket(socket.AF_UNIX) as s:
            s.bind(os.path.basename(path))
        os.chdir(here)
    else:
        os.mknod(path, 0o666 | stat.S_IFCHR, os.makedev(1, 5))  # /dev/zero
    return path


@pytest.mark.parametrize("kind", ("a FIFO", "a folder", "a device", "a socket"))
def test_no_file(c, kind):
    """Whatever a command wants to read."""
    links, _ = c.folders()
    try:
        path = put(kind, os.path.join(links, "input"))
    except PermissionError:
        pytest.skip("this needs more rights")
    curve = c.path("curve.yaml")
    with open(curve, "w", encoding="utf-8") as f:
        f.write(CONFIG.replace("NAME", path))
    tables = ["tables", "--mass", "0.14", "-o", c.path("none.h5")]
    commands = [["survey", path], ["check", path], ["bound", path], ["plane", path],
                ["check", curve], ["survey", curve], ["bound", "--verify", path],
                ["replay", path], ["merge", path, "-o", c.path("none.h5")],
                ["merge", c.path("part0.h5"), c.path("part1.h5"), "--config", path, "-o",
                 c.path("none.h5")],
                ["survey", c.config, "-o", c.path("none.h5"), "--model", path],
                ["plane", c.plane, "--overlay", f"x={path}"],
                ["fit", c.reference, "--targets", path]]
    for command in (*commands, [*tables[:-1], path], c.survey(path)[1:]):
        done = t.run([c.bl23, *command], timeout=HANG_S)
        assert done.returncode in (1, 2) and done.stderr.count("\n") == 1, t.told(done, kind)
        assert path in done.stderr and "truncated" not in done.stderr, t.told(done, kind)
        socket_or_said = kind == "a socket" or kind in done.stderr
        fine = ("exists", "no run here", "not a regular file")
        assert socket_or_said or any(x in done.stderr for x in fine), t.told(done, kind)
        assert not os.path.exists(c.path("none.h5")) and not os.path.exists(c.path("none.h5.run"))


def test_own_pipe(c):
    """A pipe that the shell makes is read."""
    command = f"'{c.bl23}' check --no-forecast <(cat '{c.config}')"
    done = t.run(["bash", "-c", command], cwd=c.folder, timeout=HANG_S)
    assert done.returncode == 0, t.told(done)
